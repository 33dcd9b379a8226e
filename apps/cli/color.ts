/** Colours where they are wanted: on a terminal, unless NO_COLOR says no; elsewhere only if FORCE_COLOR says so. */
import picocolors from "picocolors";

export type Colors = ReturnType<typeof picocolors.createColors>;

export function colorsFor(stream: { isTTY?: boolean }, environment: NodeJS.ProcessEnv): Colors {
  const terminal = stream.isTTY === true && environment.TERM !== "dumb";
  return picocolors.createColors(!environment.NO_COLOR && (terminal || !!environment.FORCE_COLOR));
}
