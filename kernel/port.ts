/**
 * What the port calls: power-on, dispatch, the end of a handler, device registers, a trapped task. None of it is charged as a
 * call or may be made by a task. `dispatch` serves what is due and leaves one order in the CPU page:
 *
 *     IDLE       nobody can run; `idle()` lets time jump to the next event
 *     START      task `current` begins: `entry`, `argument`
 *     RESUME     whoever is innermost goes on, `result` is what its call returns
 *     SIGNAL     handler `entry` of signal `argument` goes on top of task `current`, until signal_return()
 *     INTERRUPT  handler `entry` of line `argument` goes on top of whatever runs, until irq_return()
 *     DEVICE     a device event is due: fire it, write the next one's cycle to `device`, dispatch again
 *     PACKET     a packet stands at `packet`: carry it away, dispatch again
 *     CHOOSE     the schedule oracle is asked: write 0 .. choices-1 to `choice`, dispatch again
 *
 * DEVICE and CHOOSE are answers instead of imports because the kernel calls nobody.
 */
import { Choice, Context, End, Errno, Happening, Option, Order, State, SWITCH } from "./abi/constants";
import { alarmsInit } from "./alarm";
import { arenaInit, pieces } from "./arena";
import { ask } from "./choice";
import { accounted, arm, charge, clockInit, eventDue, NEVER, now, passUntilEvent } from "./clock";
import { LINES, SIGNAL_COST, SWITCH_COST, TASKS, TICK_COST } from "./config";
import { signalDeliver, signalDue, signalLast, signalPutOff, signalResume, signalReturn } from "./delivery";
import { framesInit } from "./frame";
import { irqCharged, irqEnter, irqInit, irqLeave, raise, runningLine, urgentLine } from "./irq";
import { lowest, only } from "./lib/bits";
import { none } from "./lib/list";
import { endTask } from "./life";
import { barriersInit } from "./object/barrier";
import { condsInit } from "./object/condition";
import { eventsInit } from "./object/event";
import { mailboxesInit } from "./object/mailbox";
import { memoryInit } from "./object/memory";
import { mutexesInit } from "./object/mutex";
import { poolOf } from "./object/object";
import { pipesInit } from "./object/pipe";
import { blockOf, poolsInit } from "./object/pool";
import { queuesInit } from "./object/queue";
import { regionsInit } from "./object/region";
import { rwlocksInit } from "./object/rwlock";
import { semsInit } from "./object/semaphore";
import { socketsInit } from "./object/socket";
import { RUNS, timersInit } from "./object/timer";
import { equalReady, mustSwitch, readyFirst, schedInit, takeTop, topLevel } from "./sched";
import { packetArrived, packetNext, segmentsInit } from "./segment";
import { enter, postpone, SIGNALLED, settleAll, yieldOr } from "./serve";
import { signalRaise, signalsInit } from "./signal";
import { ABSENT, cpu, kernel, kernelEnd, LINE_ACTOR, lineAt, lineAtDepth, NOBODY, REPEAT, trace, unreach } from "./state";
import { deadlineOf, taskAt, taskOf, tasksInit } from "./task";
import { Phase, phaseServed, sliced, tickServe, wakeSpuriously } from "./tick";
import { emit, emitFor, traceDrain, traceInit } from "./trace";

const EVERYWHERE: u32 = 63;
/** Why compiled code ends: its cycles since the last charge are not known. */
const TRAP: i32 = 2;

export { reach } from "./reach";

export function power_on(): i32 {
  const start = <u32>kernelEnd();
  const port = cpu.scratch;
  const reserved = cpu.scratch + cpu.statics;
  if (cpu.data != 0 && (cpu.data < start + port || cpu.data > start + reserved || cpu.data & 3)) return Errno.EINVAL;
  if (kernel.booted != 0 || cpu.period <= <u32>TICK_COST || cpu.period > 0x10000000) return Errno.EINVAL;
  if (cpu.memory > (<u32>memory.size()) << 16 || cpu.memory < start) return Errno.EINVAL;
  if (reserved < cpu.scratch || reserved > cpu.memory - start) return Errno.EINVAL;
  cpu.scratch = start;
  kernel.portEnd = start + port;
  kernel.dataStart = cpu.data != 0 ? cpu.data : start + port;
  kernel.dataEnd = start + reserved;
  kernel.booted = 1;
  kernel.context = Context.SYSTEM;
  kernel.actor = NOBODY;
  kernel.spurious = -1;
  cpu.current = -1;
  schedInit();
  clockInit();
  traceInit(cpu.options);
  tasksInit();
  framesInit();
  signalsInit();
  alarmsInit();
  irqInit();
  arenaInit(start + reserved, cpu.memory);
  semsInit();
  mutexesInit();
  condsInit();
  eventsInit();
  barriersInit();
  rwlocksInit();
  timersInit();
  pipesInit();
  queuesInit();
  mailboxesInit();
  regionsInit();
  poolsInit();
  memoryInit();
  socketsInit();
  segmentsInit();
  cpu.kernel = <u32>changetype<usize>(kernel);
  cpu.trace = <u32>changetype<usize>(trace);
  cpu.tasks = <u32>changetype<usize>(taskOf(0));
  cpu.slots = TASKS;
  cpu.deadlines = <u32>changetype<usize>(deadlineOf(taskOf(0)));
  cpu.pools = <u32>changetype<usize>(poolOf(0));
  cpu.lines = <u32>changetype<usize>(lineAt(0));
  cpu.blocks = <u32>changetype<usize>(blockOf(0));
  cpu.cycle = -1;
  cpu.pieces = <u32>changetype<usize>(pieces);
  emit(Happening.POWER, 0, cpu.memory, cpu.period);
  return 0;
}

export function system_done(): void {
  settleAll();
  kernel.booted = 2;
  kernel.context |= ABSENT;
}

export function dispatch(): i32 {
  unreach();
  if (kernel.context & REPEAT) postpone();
  charged();
  if (cpu.device < cpu.due) arm();
  if (cpu.panic != 0) return Order.IDLE;
  let paid = false;
  let entered = false;
  for (;;) {
    const order = calm() ? Order.RESUME : serveDue();
    if (order != Order.RESUME) return ordered(order);
    if ((kernel.sending | kernel.replies) != 0 && !paid && !entered && packetOut()) return ordered(Order.PACKET);
    if (kernel.depth > 0) return resumeLine();
    const current = kernel.current;
    if (none(current) || current.state != State.RUNNING || mustSwitch()) {
      if (!paid && topLevel() >= 0) {
        paid = true;
        if (charge(SWITCH_COST)) continue;
      }
      switchTask();
      if (none(kernel.current)) return ordered(Order.IDLE);
    }
    if (kernel.undecided && !sliceChosen()) return ordered(Order.CHOOSE);
    const task = kernel.current;
    if ((task.pending | <u32>task.restart) != 0) {
      if (signalDue(task)) {
        if (!entered) {
          entered = true;
          if (charge(SIGNAL_COST)) continue;
        }
        signalDeliver(task);
        return resumeTask(Order.SIGNAL);
      }
      if (signalPutOff(task)) {
        signalResume(task);
        settleAll();
        continue;
      }
    }
    return resumeTask(Order.RESUME);
  }
}

/** Whether there is a packet for the port; who waited for room to send it goes on. */
function packetOut(): bool {
  const made = packetNext();
  settleAll();
  return made;
}

/** Nothing is due and nothing waits to be served: the common case, known without looking at each. */
function calm(): bool {
  return cpu.left > 0 && (kernel.phase | kernel.pending | kernel.changed) == 0 && kernel.settling == 0 && kernel.spurious < 0;
}

/** Adds what passed since the last accounting to whoever had the CPU; from here on it is the kernel's. */
function charged(): void {
  const cycles = accounted();
  const actor = kernel.actor;
  kernel.actor = NOBODY;
  if (actor == NOBODY || (actor < LINE_ACTOR && none(kernel.current))) {
    kernel.kernelCycles += cycles;
    return;
  }
  if (actor < LINE_ACTOR) {
    taskOf(actor).cycles += cycles;
    return;
  }
  lineAt(actor - LINE_ACTOR).cycles += cycles;
  kernel.lineCycles += cycles;
}

function ordered(order: i32): i32 {
  kernel.kernelCycles += accounted();
  if (order != Order.INTERRUPT) kernel.context |= ABSENT;
  return order;
}

/** Serves everything whose time has come, up to an order that the port must carry out first; RESUME when there is none. */
function serveDue(): i32 {
  for (;;) {
    const phase = kernel.entering ? Phase.DEVICES : tickServe();
    if (phase == Phase.ASK) return Order.CHOOSE;
    if (phase == Phase.SERVED) {
      settleAll();
      continue;
    }
    if (cpu.device <= now()) return Order.DEVICE;
    const line = urgentLine();
    if (line >= 0) {
      if (irqCharged()) continue;
      irqEnter(line);
      return Order.INTERRUPT;
    }
    if (kernel.depth > 0) return Order.RESUME;
    if (phase == Phase.DEVICES) {
      phaseServed();
      continue;
    }
    if (kernel.spurious >= 0 && !wakeChosen()) return Order.CHOOSE;
    settleAll();
    // Whatever `due` was set for was put off.
    if (cpu.left <= 0) arm();
    return Order.RESUME;
  }
}

/** The current task leaves the CPU to the first of the ready, or to nobody. */
function switchTask(): void {
  const before = kernel.current;
  if (!none(before) && before.state == State.RUNNING) {
    before.state = State.READY;
    before.readyAt = now();
    readyFirst(before);
  }
  const next = takeTop();
  const previous = cpu.current;
  kernel.current = next;
  if (kernel.cut != NEVER) {
    kernel.cut = NEVER;
    arm();
  }
  if (none(next)) {
    cpu.current = -1;
    if (!kernel.idling) emit(Happening.IDLE, 0, previous, 0);
    kernel.idling = 1;
    return;
  }
  kernel.idling = 0;
  next.switches++;
  const latency = <u32>min<u64>(now() - next.readyAt, u32.MAX_VALUE);
  if (latency > next.worst) next.worst = latency;
  cpu.current = next.index;
  cpu.self = next.handle;
  if (trace.on != 0) emitFor(Happening.SWITCH, next.index, 0, previous, latency);
  kernel.undecided = cpu.options & Option.ORACLE;
}

/** Asks how long the slice of the current task lasts, when that matters; false: the port must be asked. */
function sliceChosen(): bool {
  const task = kernel.current;
  if (!equalReady(task) || !sliced(task)) return true;
  const left = <u64>max<i32>(<i32>task.sliceLeft - 1, 0) * cpu.period + (kernel.nextTick - now());
  const choice = ask(Choice.SLICE, <u32>min<u64>(left, i32.MAX_VALUE));
  if (choice < 0) return false;
  kernel.undecided = 0;
  kernel.cut = choice == 0 ? NEVER : now() + choice;
  arm();
  return true;
}

/** Asks whether a task that began to wait for a condition wakes for no reason; false: the port must be asked. */
function wakeChosen(): bool {
  const task = taskOf(kernel.spurious);
  const choice = ask(Choice.SPURIOUS, 9);
  if (choice < 0) return false;
  kernel.spurious = -1;
  if (choice > 0) wakeSpuriously(task, choice - 1);
  return true;
}

/** The current task goes on, or its signal's handler begins. */
function resumeTask(order: i32): i32 {
  const task = kernel.current;
  kernel.context = none(task.frames) ? Context.TASK : Context.TASK | Context.HANDLER;
  if (task.schedulerLocks | task.interruptLocks) kernel.context |= Context.LOCKED;
  if (task.callback == RUNS) kernel.context |= Context.CALLBACK;
  kernel.kernelCycles += accounted();
  kernel.actor = task.index;
  if (!task.started) {
    task.started = 1;
    kernel.look = 0;
    cpu.entry = task.entry;
    cpu.argument = task.argument;
    return Order.START;
  }
  kernel.look = 0;
  if (order == Order.SIGNAL) return order;
  cpu.result = task.result;
  if (task.repeat) kernel.context |= REPEAT;
  task.repeat = 0;
  return order;
}

function resumeLine(): i32 {
  const line = runningLine();
  kernel.kernelCycles += accounted();
  kernel.actor = LINE_ACTOR + lineAtDepth(kernel.depth - 1);
  kernel.context = Context.INTERRUPT;
  cpu.result = line.result;
  if (line.repeat) kernel.context |= REPEAT;
  line.repeat = 0;
  kernel.look = 0;
  return Order.RESUME;
}

export function idle(): void {
  // Nobody's code is there to be looked at.
  if (cpu.observe != NEVER) {
    cpu.observe = NEVER;
    arm();
  }
  cpu.left = 0;
  kernel.idleCycles += accounted();
}

export function irq_return(): i32 {
  return irqLeave() ? 1 : 0;
}

export function signal_raise(handle: i32, signal: i32): i32 {
  const task = taskAt(handle);
  if (none(task)) return Errno.ESRCH;
  if (signal < 1 || signal > 31) return Errno.EINVAL;
  signalRaise(task, signal, 0);
  settleAll();
  return 0;
}

export function signal_return(): i32 {
  const task = kernel.current;
  if (none(task) || kernel.depth > 0 || none(task.frames)) return 0;
  signalReturn(task);
  charge(SIGNAL_COST);
  settleAll();
  return 1;
}

export function packet_arrive(): i32 {
  const result = packetArrived();
  settleAll();
  return result;
}

export function line_raise(line: i32): i32 {
  if (line < 0 || line >= LINES) return Errno.EINVAL;
  raise(line);
  emit(Happening.RAISE, 0x0f00 | line, kernel.pending, 0);
  return 0;
}

export function device_begin(cost: i32): i32 {
  return enter(cost, EVERYWHERE) == 0 ? 0 : SWITCH;
}

export function device_end(device: i32, register: i32, value: i32): i32 {
  emit(Happening.DEVICE, device, register, value);
  if (cpu.device < cpu.due) arm();
  return yieldOr(0);
}

export function overdue(): i32 {
  return cpu.left <= 0 && eventDue() ? 1 : 0;
}

export function task_trap(cause: i32): void {
  if (none(kernel.current) || kernel.depth > 0) return;
  if (cause == TRAP) passUntilEvent();
  endTask(kernel.current, End.FAULT, cause);
  settleAll();
  kernel.context |= ABSENT;
}

export function task_fault(signal: i32): i32 {
  const task = kernel.current;
  if (none(task) || kernel.depth > 0 || signal < 1 || signal > 31) return 0;
  passUntilEvent();
  const speaks = signalLast(task, signal);
  if (!speaks) {
    task.fatal = <u8>signal;
    endTask(task, End.SIGNAL, SIGNALLED + signal);
  }
  settleAll();
  kernel.context |= ABSENT;
  return speaks ? 1 : 0;
}

export function dropped(): i32 {
  if (kernel.dropped == 0) return -1;
  const index = lowest(kernel.dropped);
  kernel.dropped &= ~only(index);
  cpu.drops--;
  return index;
}

export function trace_drain(): i32 {
  return traceDrain();
}
