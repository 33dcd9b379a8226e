/** Ticks as calls count them: 32 bits that wrap. */
import { cpu } from "./slot";

/** The current tick. */
export function ticks(): u32 {
  return cpu.tick;
}

/** What is left of a timeout that began at tick `start`; 0 and "for ever" stay what they are. */
export function remaining(timeout: i32, start: u32): i32 {
  if (timeout <= 0) return timeout;
  return max(0, timeout - <i32>(ticks() - start));
}
