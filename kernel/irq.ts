/**
 * Interrupt lines, nesting, and the two locks. A line's handler runs on whatever was running, to its end; a more urgent line
 * goes on top of it at its next call. The switch that a handler caused follows the outermost return.
 * The kernel runs no handler: dispatch orders the port to, irq_return() says that it ended.
 */
import { Context, Errno, Happening, Kind } from "./abi/constants";
import { Line } from "./abi/records";
import { accounted, arm, charge, now } from "./clock";
import { INTERRUPT_COST, LINES, SMALL } from "./config";
import { none } from "./lib/list";
import { cpu, kernel, LINE_ACTOR, lineAt, lineAtDepth, NOBODY, pushLine } from "./state";
import { emit } from "./trace";

export function irqInit(): void {
  kernel.level = -1;
}

function lineId(line: u32): u32 {
  return (Kind.LINE << 8) | line;
}

/** The line whose handler is innermost. */
export function runningLine(): Line {
  return lineAt(lineAtDepth(kernel.depth - 1));
}

/** The most urgent pending line that may be served now, -1 if there is none: equals in line order. */
export function urgentLine(): i32 {
  if (kernel.pending == 0) return -1;
  const task = kernel.current;
  if (kernel.depth == 0 && !none(task) && task.interruptLocks > 0) return -1;
  let best = -1;
  let level = kernel.level;
  for (let set = kernel.pending; set != 0; set &= set - 1) {
    const index = ctz(set);
    const line = lineAt(index);
    if (!line.attached || <i32>line.priority <= level) continue;
    best = index;
    level = line.priority;
  }
  return best;
}

/** Whether a line is to be served before the caller goes on. */
export function irqPending(): bool {
  return kernel.pending != 0 && urgentLine() >= 0;
}

/** Makes a line pending: by a call, a device, the bench. */
export function raise(line: u32): void {
  const bit: u32 = 1 << line;
  if (kernel.pending & bit) return;
  kernel.pending |= bit;
  kernel.look = 1;
  lineAt(line).raisedAt = now();
}

/**
 * Charges the entry of a handler, once; true when an event's time came meanwhile. A device's is served first, because it may
 * raise a more urgent line; so no cycle passes between the choice of a line and the order to run its handler.
 */
export function irqCharged(): bool {
  if (kernel.entering) return false;
  kernel.entering = 1;
  return charge(INTERRUPT_COST);
}

/** The handler of this line starts on top of whatever runs; its entry was charged. */
export function irqEnter(index: u32): void {
  const line = lineAt(index);
  kernel.pending &= ~(1 << index);
  kernel.entering = 0;
  const latency = <u32>min<u64>(now() - line.raisedAt, u32.MAX_VALUE);
  line.worst = max(line.worst, latency);
  line.served++;
  line.started = 1;
  line.repeat = 0;
  line.result = 0;
  pushLine(index);
  kernel.level = line.priority;
  kernel.actor = LINE_ACTOR + index;
  kernel.context = Context.INTERRUPT;
  emit(Happening.INTERRUPT, lineId(index), latency, kernel.depth);
  cpu.entry = line.entry;
  cpu.argument = index;
  arm();
}

/** The innermost handler has returned. Whose turn it is now, dispatch says. */
export function irqLeave(): bool {
  if (kernel.depth == 0) return false;
  const index = lineAtDepth(kernel.depth - 1);
  const line = lineAt(index);
  emit(Happening.RETURN, lineId(index), kernel.depth, 0);
  const cycles = accounted();
  line.cycles += cycles;
  kernel.lineCycles += cycles;
  line.started = 0;
  kernel.depth--;
  cpu.depth = kernel.depth;
  kernel.level = kernel.depth > 0 ? <i32>runningLine().priority : -1;
  kernel.actor = NOBODY;
  charge(INTERRUPT_COST);
  arm();
  return true;
}

/** Whether the port's own code calls, where some is. */
export function portCalls(): bool {
  if (kernel.context & Context.SYSTEM) return cpu.describing == 0;
  const entry = kernel.context & Context.INTERRUPT ? runningLine().entry : kernel.current.entry;
  return (entry & cpu.mark) != 0;
}

/** Whether the caller names an entry that is the port's own, which only the port's own code may. */
export function isForged(entry: u32): bool {
  return !SMALL && (entry & cpu.mark) != 0 && !portCalls();
}

export function irqAttach(line: i32, entry: u32, priority: i32): i32 {
  if (line < 0 || line >= LINES || priority < 0 || priority > 255 || isForged(entry)) return Errno.EINVAL;
  const record = lineAt(line);
  if (record.attached) return Errno.EBUSY;
  record.attached = 1;
  kernel.look = 1;
  record.entry = entry;
  record.priority = <u8>priority;
  return 0;
}

export function irqDetach(line: i32): i32 {
  if (line < 0 || line >= LINES || !lineAt(line).attached) return Errno.EINVAL;
  lineAt(line).attached = 0;
  kernel.pending &= ~(1 << line);
  return 0;
}

export function irqRaise(line: i32): i32 {
  if (line < 0 || line >= LINES) return Errno.EINVAL;
  raise(line);
  return 0;
}

export function schedulerLock(): i32 {
  const task = kernel.current;
  if (task.schedulerLocks == u16.MAX_VALUE) return Errno.EOVERFLOW;
  kernel.context |= Context.LOCKED;
  return ++task.schedulerLocks;
}

export function schedulerUnlock(): i32 {
  const task = kernel.current;
  if (task.schedulerLocks == 0) return Errno.EPERM;
  task.schedulerLocks--;
  kernel.look = 1;
  if ((task.schedulerLocks | task.interruptLocks) == 0) kernel.context &= ~Context.LOCKED;
  return task.schedulerLocks;
}

export function interruptLock(): i32 {
  const task = kernel.current;
  if (task.interruptLocks == u16.MAX_VALUE) return Errno.EOVERFLOW;
  kernel.context |= Context.LOCKED;
  task.interruptLocks++;
  arm();
  return task.interruptLocks;
}

export function interruptUnlock(): i32 {
  const task = kernel.current;
  if (task.interruptLocks == 0) return Errno.EPERM;
  task.interruptLocks--;
  kernel.look = 1;
  if ((task.schedulerLocks | task.interruptLocks) == 0) kernel.context &= ~Context.LOCKED;
  arm();
  return task.interruptLocks;
}
