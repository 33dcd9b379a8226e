/** Interrupt lines: 0 to 31, of which the board's devices have some from 24 on. */
import { irq_attach, irq_detach } from "./calls";
import { made } from "./object";
import { Partial } from "./partial";

/** What an interrupt line runs, on top of whatever runs. It waits for nothing: calls have timeout 0. */
export type HandlerBody = (line: i32) => void;

/** How a line is served. */
export class InterruptOptions {
  /** 0..255, 255 is the most urgent. The tick is less urgent than every line. */
  priority: i32 = 1;
}

/** From now on the handler serves the line. */
export function interrupt(line: i32, options: Partial<InterruptOptions>, body: HandlerBody): i32 {
  const o = options as InterruptOptions;
  return made("handler of the line", `${line}`, irq_attach(line, body.index, o.priority));
}

/** Nobody serves the line; what is pending on it is forgotten. */
export function release(line: i32): i32 {
  return irq_detach(line);
}
