/**
 * The CPU page and the kernel's own state: records at fixed addresses, because a run starts as a copy of the memory and
 * a mutable global of the module would not be in it.
 */

import { Context } from "./abi/constants";
import { Cpu, Kernel, Line, Task, Trace } from "./abi/records";
import { LINES, SMALL } from "./config";

/** What the trace names when nobody in particular acts. */
export const NOBODY: u32 = 255;
/** What the trace names for line n: LINE_ACTOR + n. */
export const LINE_ACTOR: u32 = 128;
/** In `context`: the caller repeats a call that was charged already. */
export const REPEAT: u32 = 64;
/** In `context`: nobody may call, because nobody runs until the next dispatch. Before power-on the whole context is 0. */
export const ABSENT: u32 = 128;
export const NO_TASK: Task = changetype<Task>(0);

/** The CPU's registers; below them is the null guard. Low addresses make short instructions. */
export const cpu: Cpu = changetype<Cpu>(64);
export const kernel: Kernel = changetype<Kernel>(304);
export const trace: Trace = changetype<Trace>(576);

const lines: usize = memory.data(LINES * offsetof<Line>(), 8);
/** The line's record; the caller has checked the number. */
export function lineAt(line: u32): Line {
  return changetype<Line>(lines + <usize>line * offsetof<Line>());
}

const stack: usize = memory.data(LINES);
/** The line whose handler runs at this depth (0 = outermost). */
export function lineAtDepth(depth: u32): u32 {
  return load<u8>(stack + depth);
}
export function pushLine(line: u32): void {
  store<u8>(stack + kernel.depth, <u8>line);
  kernel.depth++;
  cpu.depth = kernel.depth;
}

/** Where the kernel's own data end and RAM may begin. */
export function kernelEnd(): usize {
  return (__heap_base + 63) & ~63;
}

/** Whether `length` bytes at `address` are RAM; no overflow, any length. */
export function inRam(address: usize, length: u32): bool {
  const start = <usize>cpu.scratch;
  const end = <usize>cpu.memory;
  return address >= start && address <= end && length <= <u32>(end - address);
}

/** Where an object keeps what it holds: in the caller's storage, or in RAM of the kernel's (0), always where tasks must not reach it. */
export function kept(storage: u32): u32 {
  return !SMALL && cpu.guarded != 0 ? 0 : storage;
}

/** Memory is somebody else's now: what the port was told of it may not hold any more. */
export function unreach(): void {
  if (!SMALL) cpu.reachEnd = 0;
}

/** Whether the call comes from an interrupt handler. */
export function inInterrupt(): bool {
  return (kernel.context & Context.INTERRUPT) != 0;
}

/** Whether a task calls: the system description and handlers are not in any task's set. */
export function inTask(): bool {
  return (kernel.context & (Context.INTERRUPT | Context.SYSTEM)) == 0;
}
