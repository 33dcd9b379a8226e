/** Colours where they are wanted: on a terminal, unless NO_COLOR says no; elsewhere only if FORCE_COLOR says so. */
import picocolors from "picocolors";
import type { Sink } from "./world.js";

export type Colors = ReturnType<typeof picocolors.createColors>;

export function colorsFor(sink: Pick<Sink, "terminal">, environment: NodeJS.ProcessEnv): Colors {
  const terminal = sink.terminal !== undefined && environment.TERM !== "dumb";
  return picocolors.createColors(!environment.NO_COLOR && (terminal || !!environment.FORCE_COLOR));
}
