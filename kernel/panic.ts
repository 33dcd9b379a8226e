/** The kernel's own bugs: the machine stops with a code. A task's mistake never comes here. */
import { cpu } from "./state";

export const enum Panic {
  /** A wait queue belongs to a kind that has no way to serve it. */
  UNSERVED = 1,
  /** The to-do sets do not run empty. */
  RESTLESS = 2,
}

/** Stops the machine: dispatch answers IDLE from now on, and the port reports the code. */
export function panic(code: u32): void {
  if (cpu.panic == 0) cpu.panic = code;
}
