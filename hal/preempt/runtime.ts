/**
 * What the build step links into every firmware: the loop dispatch, resume, run, suspend for compiled tasks, and the hooks that
 * instrumented code calls. It is AssemblyScript and part of the firmware's own module, so a switch from one compiled task to
 * another passes through no JavaScript and no second module but the kernel.
 *
 *     run -> start or resume copy of a context -> ... -> hook -> dispatch: the same goes on      back into the code
 *                                                             -> a line's handler: called here   on the interrupted frames
 *                                                             -> anything else: `unwinding`      frames to memory, back to run
 *
 * A context (a task's own flow, a signal handler on top of it, a line's handler) is a segment of a stack; its frames follow it:
 *
 *     stack of a task    [ segment of the task | frames ][ segment of its signal handler | frames ]
 *     stack of the lines [ segment of a handler | frames ] ...
 *
 * Nothing here decides anything: the kernel says who runs.
 */
import { Order } from "../../kernel/abi/constants";
import { Cpu, Kernel, Line, Task } from "../../kernel/abi/records";

@external("kernel", "dispatch")
declare function dispatch(): i32;
@external("kernel", "overdue")
declare function overdue(): i32;
@external("kernel", "irq_return")
declare function irq_return(): i32;
@external("kernel", "signal_return")
declare function signal_return(): i32;
@external("kernel", "task_exit")
declare function task_exit(status: i32): i32;
@external("kernel", "reach")
declare function reach(address: u32, length: u32, write: i32): i32;

/** Where the start functions are in the table, and how many entries there are. */
@external("firmware", "starts")
declare const STARTS: i32;
@external("firmware", "entries")
declare const ENTRIES: i32;
/** Address of the stacks' table, and of the lines' stack and its size. */
@external("firmware", "stacks")
declare const STACKS: u32;
@external("firmware", "lines")
declare const LINES: u32;
@external("firmware", "lines_size")
declare const LINES_SIZE: u32;
/** The system description: what the firmware's start does. */
@external("firmware", "describe")
declare function described(): void;
/** Where a C stack of its own begins: the register itself; unused where a firmware has none. */
@external("firmware", "c_stack")
declare function cStack(): u32;
@external("firmware", "set_c_stack")
declare function setCStack(address: u32): void;

/** Whether there is a C stack. */
@external("firmware", "has_c_stack")
declare const HAS_C_STACK: i32;

/** In an entry: it is the board's own, scripted. */
const SCRIPTED: u32 = 0x80000000;
/** Besides the kernel's orders: the port is to dispatch itself; the run was only looked at. */
const NONE: i32 = 100;
const OBSERVED: i32 = 101;
/** More than a dispatch takes by itself. */
const DISPATCH_CYCLES: u64 = 256;
/** Cycles that a description is given at a time, and how often: a minute of a CPU of 16 MHz in all, and a second of most hosts. */
const PLENTY: i32 = 1 << 16;
const PATIENCE: i32 = 1 << 14;
/** Bytes below a C stack that a function which calls nobody may use unseen: whoever comes on top of it leaves them alone. */
const RED_ZONE: u32 = 128;
const NOBODY: i32 = -1;
const LINE_ACTOR: u32 = 128;

/** What went wrong where it was no instruction of the firmware's own. */
enum Fault {
  NONE = 0,
  OVERFLOW = 1,
  ENDLESS = 2,
  ENTRY = 3,
  LOAD = 4,
  STORE = 5,
}

enum Phase {
  FRESH = 0,
  SUSPENDED = 1,
  RETURNED = 2,
}

@unmanaged
class Stack {
  start: u32;
  /** Bytes that may be claimed. */
  limit: u32;
  /** The innermost segment, and where its frames end. */
  base: u32;
  top: u32;
  depth: u32;
  high: u32;
  /** Cycles that were charged and have not passed where the innermost context was suspended. */
  owed: i32;
  /** There was no room for its innermost context. */
  failed: u32;
}

@unmanaged
class Segment {
  entry: u32;
  below: u32;
  /** Depth of the stack below it. */
  depth: u32;
  argument: i32;
  origin: i32;
  phase: u32;
  c: u32;
  owed: i32;
}

export let unwinding: i32 = 0;
export let sp: u32 = 0;
export let depth: u32 = 0;
export let high: u32 = 0;
/** What went wrong last; where, and with how many bytes, if that was an access to memory. */
export let fault: i32 = 0;
export let fault_address: u32 = 0;
export let fault_bytes: u32 = 0;
let limit: u32 = 0;
/** The order with which the code was left. */
let pending: i32 = 0;
/** The task whose code runs, NOBODY for a line's handler. */
let running: i32 = -1;
let level: u32 = 0;
let owed: i32 = 0;
let describing: i32 = 0;

const cpu = changetype<Cpu>(64);

function kernel(): Kernel {
  return changetype<Kernel>(cpu.kernel);
}
function taskAt(index: i32): Task {
  return changetype<Task>(cpu.tasks + index * offsetof<Task>());
}
function stackOf(index: i32): Stack {
  return changetype<Stack>(STACKS + (index + 1) * offsetof<Stack>());
}
function lines(): Stack {
  return changetype<Stack>(STACKS);
}

/** A stack without a context. */
function clear(stack: Stack, start: u32, size: u32): void {
  stack.start = start;
  // A C stack begins at a multiple of 16.
  const rest = HAS_C_STACK ? ((start + size) & 15) + RED_ZONE : 0;
  stack.limit = size > rest ? size - rest : 0;
  stack.base = 0;
  stack.top = start;
  stack.depth = 0;
  stack.high = 0;
  stack.owed = 0;
  stack.failed = 0;
}

/** Where a C stack begins. */
function end(stack: Stack): u32 {
  return stack.start + stack.limit + (HAS_C_STACK ? RED_ZONE : 0);
}

/** A context that has not begun goes on top of a stack. */
function push(stack: Stack, entry: u32, argument: i32, origin: i32): void {
  // The one below keeps its red zone, and what is lost of its C stack so that this one's begins at a multiple of 16.
  const spared = HAS_C_STACK && stack.base != 0 ? RED_ZONE + (changetype<Segment>(stack.base).c & 15) : 0;
  if (stack.depth + offsetof<Segment>() + spared > stack.limit) {
    stack.failed = 1;
    return;
  }
  const segment = changetype<Segment>(stack.top);
  segment.entry = entry;
  segment.below = stack.base;
  segment.depth = stack.depth;
  segment.argument = argument;
  segment.origin = origin;
  segment.phase = Phase.FRESH;
  segment.owed = stack.owed;
  stack.owed = 0;
  segment.c = cStack();
  stack.base = stack.top;
  stack.top += offsetof<Segment>();
  stack.depth += offsetof<Segment>() + spared;
}

/** The innermost context is over. */
function pop(stack: Stack): void {
  const segment = changetype<Segment>(stack.base);
  stack.top = stack.base;
  stack.base = segment.below;
  stack.depth = segment.depth;
  stack.owed = segment.owed;
  stack.failed = 0;
}

/** Where the code that runs has data on its stack: on its C stack, if it has one at all. */
function own(stack: Stack): void {
  if (!HAS_C_STACK) return;
  cpu.ownStart = cStack() - RED_ZONE;
  cpu.ownEnd = end(stack);
}

// What the port calls

/** Before the description: no line's handler runs. */
export function power(): void {
  unwinding = 0;
  fault = 0;
  owed = 0;
  running = NOBODY;
  clear(lines(), LINES, LINES_SIZE);
  cpu.ownStart = 0;
  cpu.ownEnd = 0;
  cpu.describing = 0;
}

/** The running task's frames are gone: all that it still does are handlers. */
export function abandon(): void {
  const stack = stackOf(cpu.current);
  const highest = high;
  clear(stack, stack.start, taskAt(cpu.current).stackSize);
  stack.high = highest;
  push(stack, 0, 0, 0);
  const segment = changetype<Segment>(stack.base);
  segment.phase = Phase.RETURNED;
  segment.c = end(stack);
}

/** Runs the system description. No time passes in it. */
export function describe(): void {
  const due = cpu.due;
  const left = cpu.left;
  describing = 1;
  cpu.describing = 1;
  running = NOBODY;
  level = 0;
  depth = 0;
  high = 0;
  limit = lines().limit;
  sp = LINES;
  setCStack(end(lines()));
  own(lines());
  described();
  describing = 0;
  cpu.describing = 0;
  cpu.due = due;
  cpu.left = left;
}

/** Order.START: the task's context; nothing of it runs yet. */
export function create(): void {
  const index = cpu.current;
  const task = taskAt(index);
  const stack = stackOf(index);
  clear(stack, task.stack, task.stackSize);
  push(stack, cpu.entry, cpu.argument, 0);
}

/** Order.SIGNAL: a handler on top of what its task was doing. */
export function signal(): void {
  push(stackOf(cpu.current), cpu.entry, cpu.argument, cpu.origin);
}

/** Order.INTERRUPT: a handler on top of whatever runs. */
export function interrupt(): void {
  push(lines(), cpu.entry, cpu.argument, 0);
}

/**
 * Lets the innermost context go on, and whoever is next, until something is the port's to do: answers that order, not carried
 * out; NONE: dispatch; OBSERVED: no event has come, but a cycle at which the port may want to look.
 */
export function run(): i32 {
  while (true) {
    let order = enter();
    if (order == NONE) {
      if (near()) return NONE;
      order = dispatch();
    }
    if (order > Order.INTERRUPT || order == Order.IDLE || cpu.attention != 0 || cpu.quota == 0) return order;
    if (!ours(order)) return order;
    cpu.quota--;
    if (order == Order.START) create();
    else if (order == Order.SIGNAL) signal();
    else if (order == Order.INTERRUPT) interrupt();
  }
}

/** A device's event is near: the port looks at it before every dispatch. */
function near(): bool {
  return cpu.device < cpu.due - <u64>(<i64>cpu.left) + DISPATCH_CYCLES;
}

/** Whether what the order names is compiled. */
function ours(order: i32): bool {
  if (order == Order.START || order == Order.INTERRUPT) return (cpu.entry & SCRIPTED) == 0;
  if (kernel().depth == 0) return (taskAt(cpu.current).entry & SCRIPTED) == 0;
  const line = changetype<Line>(cpu.lines + (kernel().actor - LINE_ACTOR) * offsetof<Line>());
  return (line.entry & SCRIPTED) == 0;
}

/** The innermost context goes on until it gives up the CPU; what is to be done then. */
function enter(): i32 {
  const inLine = kernel().depth > 0;
  running = inLine ? NOBODY : cpu.current;
  level = kernel().depth;
  const stack = inLine ? lines() : stackOf(running);
  const segment = changetype<Segment>(stack.base);
  if (segment.phase == Phase.RETURNED && stack.failed == 0) return leave(segment, stack);
  begin(stack);
  if (segment.phase == Phase.FRESH) {
    segment.phase = Phase.SUSPENDED;
    // Below the C stack of what it interrupts, if that is on the same.
    setCStack(segment.below != 0 ? (changetype<Segment>(segment.below).c - RED_ZONE) & ~15 : end(stack));
    own(stack);
    start(stack.base, segment.entry, segment.argument, segment.origin);
  } else {
    sp = stack.top;
    setCStack(segment.c);
    own(stack);
    cpu.left -= stack.owed;
    stack.owed = 0;
    call_indirect<void>(STARTS + ENTRIES + segment.entry);
  }
  if (unwinding == 0) return leave(segment, stack);
  if (unwinding == 1) suspend(stack);
  unwinding = 0;
  return pending;
}

function begin(stack: Stack): void {
  if (stack.failed != 0) overflow();
  depth = stack.depth;
  high = stack.high;
  limit = stack.limit;
}

function start(base: u32, entry: u32, argument: i32, origin: i32): void {
  sp = base + offsetof<Segment>();
  if (entry >= <u32>ENTRIES) {
    fault = Fault.ENTRY;
    unreachable();
  }
  call_indirect<void>(STARTS + entry, argument, origin);
}

/** What was running is in memory now. */
function suspend(stack: Stack): void {
  stack.top = sp;
  stack.depth = depth;
  stack.high = high;
  stack.owed = owed;
  owed = 0;
  changetype<Segment>(stack.base).c = cStack();
}

/** A context has returned. A task's exit may be put off for an event, and is made again then. */
function leave(segment: Segment, stack: Stack): i32 {
  stack.high = high;
  if (running == NOBODY) {
    pop(stack);
    irq_return();
  } else if (segment.below != 0) {
    pop(stack);
    signal_return();
  } else {
    segment.phase = Phase.RETURNED;
    task_exit(0);
  }
  return NONE;
}

// The hooks

/** A call answered SWITCH: returns when the caller may go on; `unwinding` is set when it must be suspended first. */
export function park(): void {
  while (true) {
    if (near()) return away(NONE);
    const order = dispatch();
    if (cpu.attention != 0) return away(order);
    const same = order == Order.RESUME && cpu.current == running && kernel().depth == level;
    const handler = order == Order.INTERRUPT && level == 0 && running != NOBODY && (cpu.entry & SCRIPTED) == 0;
    if ((!same && !handler) || cpu.quota == 0) return away(order);
    cpu.quota--;
    if (same || !serve()) return;
  }
}

/** The code is left: with this order. A task that has ended leaves no frames. */
function away(order: i32): void {
  pending = order;
  unwinding = gone() ? 2 : 1;
}

function gone(): bool {
  return running != NOBODY && ((kernel().dropped >> running) & 1) != 0;
}

/** A line's handler on the frames of the task that it interrupts; whether it came to its end. */
function serve(): bool {
  const stack = lines();
  const before = running;
  const frames = sp;
  const deep = depth;
  const highest = high;
  const most = limit;
  const debt = owed;
  const c = cStack();
  push(stack, cpu.entry, cpu.argument, 0);
  running = NOBODY;
  level = 1;
  owed = 0;
  begin(stack);
  changetype<Segment>(stack.base).phase = Phase.SUSPENDED;
  setCStack(end(stack));
  own(stack);
  start(stack.base, cpu.entry, cpu.argument, 0);
  const whole = unwinding == 0;
  if (whole) {
    stack.high = high;
    pop(stack);
  } else suspend(stack);
  running = before;
  level = 0;
  sp = frames;
  depth = deep;
  high = highest;
  limit = most;
  owed = debt;
  setCStack(c);
  own(stackOf(before));
  if (whole) irq_return();
  else if (gone()) unwinding = 2;
  return whole;
}

/** The cycles are spent at a point where the code may be preempted; `lag` of those that were charged have not passed yet. */
export function spent(lag: i32): void {
  if (describing != 0) return endless();
  cpu.left += lag;
  owed = lag;
  if (overdue() != 0) park();
  else away(OBSERVED);
  if (unwinding != 0) return;
  cpu.left -= lag;
  owed = 0;
}

function endless(): void {
  if (++describing > PATIENCE) {
    fault = Fault.ENDLESS;
    unreachable();
  }
  cpu.left = PLENTY;
}

/** The stack was never so deep. */
export function deeper(): void {
  if (depth > limit) overflow();
  high = depth;
  if (running != NOBODY) taskAt(running).stackUsed = high;
}

/** A C stack's register is set: what lies above it is taken of the stack, as frames are. */
export function lower(address: u32): void {
  if (address > cpu.ownEnd) overflow();
  depth += cStack() - address;
  setCStack(address);
  cpu.ownStart = address - RED_ZONE;
  if (depth > high) deeper();
}

/**
 * Before an access that is not known to be in the firmware's data: ends the task whose memory it is not. `what` are its bytes, with
 * the top bit set for a store.
 */
export function guard(address: u32, offset: u32, what: u32): void {
  const bytes = what & 0x7fffffff;
  const first = <u64>address + offset;
  const end = first + bytes;
  if (first >= cpu.ownStart && end <= cpu.ownEnd) return;
  const write = what >> 31;
  if (first >= cpu.reachStart && end <= cpu.reachEnd && (write == 0 || cpu.reachWrite != 0)) return;
  if (bytes == 0 || (end <= 0xffffffff && reach(<u32>first, bytes, write) != 0)) return;
  fault = write != 0 ? Fault.STORE : Fault.LOAD;
  fault_address = <u32>min<u64>(first, u32.MAX_VALUE);
  fault_bytes = bytes;
  unreachable();
}

/** The same for a copy or fill of any length. */
export function guard_range(address: u32, length: u32, write: i32): void {
  if (length <= 0x7fffffff) return guard(address, 0, length | (write << 31));
  fault = write != 0 ? Fault.STORE : Fault.LOAD;
  fault_address = address;
  fault_bytes = length;
  unreachable();
}

function overflow(): void {
  fault = Fault.OVERFLOW;
  unreachable();
}
