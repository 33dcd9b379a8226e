/**
 * Signals: a vector of pending bits and a mask in the PCB, and what each signal does to the task.
 *
 *     sent -> pending -- not masked --> ends or stops the task, does nothing, or its handler begins (delivery.ts)
 *
 * A wait that a caught signal interrupts ends when the signal is sent, if there is a frame for the handler; else it goes on and
 * the signal stays pending until a frame is free again.
 * POSIX 2017, sections 2.4 and sigaction(). Ending a task is for life.ts: it goes on a to-do set.
 */
import { Call, Cause, Disposition, Errno, Happening, Held, MaskHow, SigFlag, Signal, State, SWITCH } from "./abi/constants";
import { Handler, Pool, SigAction, Task } from "./abi/records";
import { HANDLERS, TASKS } from "./config";
import { framesDropped, frameTake, Restart } from "./frame";
import { only } from "./lib/bits";
import { none } from "./lib/list";
import { poolGive, poolInit, poolTake } from "./lib/pool";
import { hold } from "./sched";
import { inTask, kernel } from "./state";
import { alive, deadlineOf, taskAt, taskId, taskOf } from "./task";
import { emitFor } from "./trace";
import { block, endWait, NO_QUEUE, pollAgain, Settle, waitsIn, wake } from "./wait";

export const UNMASKABLE: u32 = (1 << Signal.KILL) | (1 << Signal.STOP) | 1;
const STOPS: u32 = (1 << Signal.STOP) | (1 << Signal.TSTP) | (1 << Signal.TTIN) | (1 << Signal.TTOU);
const CONT: u32 = 1 << Signal.CONT;
/** Those that by default do nothing to a task that is not stopped. */
const HARMLESS: u32 = (1 << Signal.CHLD) | CONT | (1 << Signal.URG) | (1 << Signal.WINCH);
const FLAGS: u32 = SigFlag.NOCLDSTOP | SigFlag.NOCLDWAIT | SigFlag.NODEFER | SigFlag.RESETHAND | SigFlag.RESTART;

const handlerPool: Pool = changetype<Pool>(memory.data(offsetof<Pool>(), 8));
const handlers: usize = memory.data(HANDLERS * offsetof<Handler>(), 8);
/** Who sent what is pending: a handle for each task and signal. */
const origins: usize = memory.data(TASKS * 32 * 4, 8);

export function signalsInit(): void {
  poolInit(handlerPool, handlers, offsetof<Handler>(), HANDLERS);
}

function originAt(task: Task, signal: u32): usize {
  return origins + ((((<usize>task.index) << 5) | signal) << 2);
}

/** The task's handler for the signal, none if it has none. */
export function handlerOf(task: Task, signal: u32): Handler {
  let handler = task.handlers;
  while (!none(handler) && handler.signal != signal) handler = handler.after;
  return handler;
}

/** Signals that would do nothing to the task. */
function harmless(task: Task): u32 {
  return (task.ignored | HARMLESS) & ~task.caught;
}

/** Who sent the signal that is or was pending last. */
export function originOf(task: Task, signal: u32): i32 {
  return load<i32>(originAt(task, signal));
}

// Sending

/** Sends a signal (1..31) to a task on behalf of a task or an object: its handle, 0 for neither. Nothing to one that has ended. */
export function signalRaise(task: Task, signal: u32, origin: i32): void {
  if (!alive(task)) return;
  const bit: u32 = 1 << signal;
  emitFor(Happening.SIGNAL, task.index, taskId(task), signal, origin);
  if (bit & CONT) {
    task.pending &= ~STOPS;
    goOn(task);
  }
  if (bit & STOPS) task.pending &= ~CONT;
  if ((task.pending & bit) == 0 && !handed(task, signal, origin) && (bit & harmless(task) & ~task.mask) == 0) {
    task.pending |= bit;
    store<i32>(originAt(task, signal), origin);
    pollAgain(task);
  }
  signalAct(task);
}

/** Hands the signal to its task if that waits for it in signal_wait. */
function handed(task: Task, signal: u32, origin: i32): bool {
  if (!waitsIn(task, Call.SIGNAL_WAIT) || !((task.length >> signal) & 1)) return false;
  if (task.pointer != 0) store<i32>(task.pointer, origin);
  wake(task, signal, Cause.HANDOFF);
  return true;
}

/** Does what the pending signals that are not masked do: end the task, stop it, interrupt what it waits for. */
export function signalAct(task: Task): void {
  let due = task.pending & ~task.mask;
  if (due == 0) return;
  const dropped = due & harmless(task);
  task.pending &= ~dropped;
  due &= ~dropped;
  const fatal = due & ~(task.caught | STOPS) & (task.held & Held.STOPPED ? 1 << Signal.KILL : -1);
  if (fatal != 0) {
    signalFatal(task, ctz(fatal));
    return;
  }
  const stops = due & STOPS & ~task.caught;
  task.pending &= ~stops;
  if (stops != 0) stop(task);
  if ((due & task.caught) == 0) return;
  if (waits(task)) interrupt(task);
  else if (task === kernel.current) kernel.look = 1;
}

/** The signal ends the task before the export ends. */
export function signalFatal(task: Task, signal: u32): void {
  if (task.fatal == 0) task.fatal = <u8>signal;
  kernel.killed |= only(task.index);
  kernel.todo = 1;
  kernel.look = 1;
}

/** Whether the task waits, and nothing has ended or holds up its wait. */
function waits(task: Task): bool {
  return task.state == State.BLOCKED && task.held == 0 && (kernel.settling & only(task.index)) == 0;
}

function stop(task: Task): void {
  if (task.held & Held.STOPPED) return;
  hold(task, task.held | Held.STOPPED);
  tellParent(task);
}

function goOn(task: Task): void {
  if (!(task.held & Held.STOPPED)) return;
  hold(task, task.held & ~Held.STOPPED);
  tellParent(task);
}

/** The parent hears that its child stopped or goes on. */
function tellParent(task: Task): void {
  const parent = taskAt(task.parent);
  if (none(parent) || parent.childFlags & SigFlag.NOCLDSTOP) return;
  signalRaise(parent, Signal.CHLD, task.handle);
}

/** Whether nobody will ask how the children of this task ended. */
export function childless(parent: Task): bool {
  return (parent.childFlags & SigFlag.NOCLDWAIT) != 0 || (parent.ignored & (1 << Signal.CHLD)) != 0;
}

export function signalSend(target: i32, signal: i32): i32 {
  if (signal < 0 || signal > 31) return Errno.EINVAL;
  if (target == 0) return sendToChildren(signal);
  const task = taskAt(target);
  if (signal == 0) return 0;
  if (task === kernel.current && inTask() && stopsLocked(task, 1 << signal)) return Errno.EPERM;
  signalRaise(task, signal, sender());
  return 0;
}

/** Who sends: the task that calls, or nobody's handle. */
function sender(): i32 {
  return inTask() ? kernel.current.handle : 0;
}

/** Whether the signal would stop a task that keeps all others from running. */
function stopsLocked(task: Task, bit: u32): bool {
  return (task.schedulerLocks | task.interruptLocks) != 0 && (bit & STOPS & ~(task.caught | task.ignored | task.mask)) != 0;
}

function sendToChildren(signal: i32): i32 {
  if (!inTask()) return Errno.ESRCH;
  const parent = sender();
  let result: i32 = Errno.ESRCH;
  for (let i = 0; i < TASKS; i++) {
    const task = taskOf(i);
    if (task.handle == 0 || task.parent != parent) continue;
    if (signal != 0) signalRaise(task, signal, parent);
    result = 0;
  }
  return result;
}

// Waits

/** A wait that a caught signal interrupts ends here, with a frame for the handler; without one it goes on. */
function interrupt(task: Task): void {
  if (none(task.spare)) {
    const frame = frameTake(task);
    if (none(frame)) return;
    task.spare = frame;
  }
  const restart = restartOf(task);
  let result: i32 = Errno.EINTR;
  if (restart >= <u32>Restart.LOCK) {
    // A condition's waiter that is after its mutex already has its result.
    if (restart == Restart.LOCK && task.settle == Settle.PLAIN) result = task.outcome;
    task.settle = Settle.PLAIN;
  }
  task.restart = <u8>restart;
  task.until = deadlineOf(task).when;
  endWait(task, result, Cause.SIGNAL);
}

function restartOf(task: Task): u32 {
  switch (<u32>task.call) {
    case Call.TASK_SLEEP:
    case Call.TASK_SLEEP_UNTIL:
    case Call.SIGNAL_WAIT:
    case Call.OBJECT_POLL:
      return Restart.NEVER;
    case Call.SIGNAL_SUSPEND:
      return Restart.SUSPEND;
    case Call.COND_WAIT:
      return Restart.LOCK;
    case Call.MUTEX_LOCK:
    case Call.RWLOCK_READ:
    case Call.RWLOCK_WRITE:
      return Restart.ALWAYS;
    case Call.MAILBOX_SEND_SYNC:
      return task.progress != 0 ? Restart.TAKEN : Restart.MAYBE;
  }
  return task.settle == Settle.PARTIAL && task.progress > 0 ? Restart.NEVER : Restart.MAYBE;
}

// What a task says about its signals

export function signalAction(signal: i32, action: usize, old: usize): i32 {
  if (signal < 1 || signal > 31) return Errno.EINVAL;
  const task = kernel.current;
  const bit: u32 = 1 << signal;
  const asked = changetype<SigAction>(action);
  const was = handlerOf(task, signal);
  let disposition: u32 = 0;
  let entry: u32 = 0;
  let mask: u32 = 0;
  let flags: u32 = 0;
  let handler = was;
  if (action != 0) {
    disposition = asked.disposition;
    entry = asked.entry;
    mask = asked.mask;
    flags = asked.flags;
    if (bit & UNMASKABLE || disposition > <u32>Disposition.HANDLER || flags & ~FLAGS) return Errno.EINVAL;
    if (disposition == Disposition.HANDLER && none(was)) {
      handler = changetype<Handler>(poolTake(handlerPool));
      if (none(handler)) return Errno.ENFILE;
    }
  }
  if (old != 0) tell(task, bit, was, changetype<SigAction>(old));
  if (action == 0) return 0;
  if (signal == Signal.CHLD) task.childFlags = <u8>(flags & (SigFlag.NOCLDSTOP | SigFlag.NOCLDWAIT));
  if (disposition != Disposition.HANDLER) {
    signalDefault(task, bit);
    if (disposition == Disposition.IGNORE) task.ignored |= bit;
    task.pending &= ~(bit & harmless(task));
    signalAct(task);
    return 0;
  }
  if (none(was)) {
    handler.after = task.handlers;
    handler.signal = <u8>signal;
    task.handlers = handler;
  }
  handler.entry = entry;
  handler.mask = mask & ~UNMASKABLE;
  handler.flags = <u8>flags;
  task.ignored &= ~bit;
  task.caught |= bit;
  return 0;
}

function tell(task: Task, bit: u32, handler: Handler, old: SigAction): void {
  const caught = !none(handler);
  old.disposition = caught ? Disposition.HANDLER : task.ignored & bit ? Disposition.IGNORE : Disposition.DEFAULT;
  old.entry = caught ? handler.entry : 0;
  old.mask = caught ? handler.mask : 0;
  old.flags = caught ? <u32>handler.flags : bit == 1 << Signal.CHLD ? <u32>task.childFlags : 0;
}

/** Restores the default: the handler's record is free again. */
export function signalDefault(task: Task, bit: u32): void {
  task.ignored &= ~bit;
  if (!(task.caught & bit)) return;
  task.caught &= ~bit;
  const handler = handlerOf(task, ctz(bit));
  if (task.handlers === handler) {
    task.handlers = handler.after;
  } else {
    let before = task.handlers;
    while (before.after !== handler) before = before.after;
    before.after = handler.after;
  }
  poolGive(handlerPool, handler);
}

export function signalMask(how: i32, set: u32, old: usize): i32 {
  if (how < MaskHow.BLOCK || how > MaskHow.SET) return Errno.EINVAL;
  const task = kernel.current;
  const mask = task.mask;
  if (old != 0) store<u32>(old, mask);
  task.mask = (how == MaskHow.SET ? set : how == MaskHow.BLOCK ? mask | set : mask & ~set) & ~UNMASKABLE;
  signalAct(task);
  return 0;
}

export function signalWait(set: u32, origin: usize, timeout: i32): i32 {
  set &= ~UNMASKABLE;
  if (set == 0) return Errno.EINVAL;
  const task = kernel.current;
  const due = task.pending & set;
  if (due != 0) {
    const signal = ctz(due);
    task.pending &= ~(1 << signal);
    if (origin != 0) store<i32>(origin, originOf(task, signal));
    return signal;
  }
  if (timeout == 0) return Errno.EAGAIN;
  task.length = set;
  task.pointer = <u32>origin;
  return block(NO_QUEUE, timeout, Call.SIGNAL_WAIT, Settle.PLAIN);
}

export function signalSuspend(mask: u32): i32 {
  const task = kernel.current;
  task.aside = task.mask;
  task.mask = mask & ~UNMASKABLE;
  block(NO_QUEUE, -1, Call.SIGNAL_SUSPEND, Settle.OBJECT);
  signalAct(task);
  return SWITCH;
}

/** signal_suspend ended otherwise than by a handler. */
export function suspendSettle(task: Task): void {
  task.mask = task.aside;
  wake(task, task.outcome, task.cause);
  signalAct(task);
}

export function signalPending(out: usize): i32 {
  store<u32>(out, kernel.current.pending);
  return 0;
}

// The end of a task

/** A task ends: it has no handlers, frames and signals any more. */
export function signalsDropped(task: Task): void {
  while (!none(task.handlers)) signalDefault(task, 1 << task.handlers.signal);
  framesDropped(task);
  task.pending = 0;
  kernel.killed &= ~only(task.index);
}

// Invariants

/**
 * The signals caught are those with a handler; what is due to end, stop or interrupt the task has done so, or waits for a frame;
 * a frame waits only for a handler; no wait is put off while the task is in another; nobody waits for a signal that is there.
 */
export function signalsHold(task: Task): bool {
  let caught: u32 = 0;
  for (let handler = task.handlers; !none(handler); handler = handler.after) caught |= 1 << handler.signal;
  if (caught != task.caught || task.caught & task.ignored || (task.mask | task.caught | task.ignored | task.pending) & UNMASKABLE)
    return false;
  if (task.fatal != 0) return false;
  const due = task.pending & ~task.mask;
  if (due & harmless(task) || due & STOPS & ~task.caught) return false;
  if (due & ~task.caught && !(task.held & Held.STOPPED)) return false;
  if (task.state == State.BLOCKED && task.restart != 0) return false;
  if ((due & task.caught) != 0 && waits(task) && !(kernel.starved & only(task.index))) return false;
  if (waitsIn(task, Call.SIGNAL_WAIT) && task.pending & task.length) return false;
  return none(task.spare) || task.restart != 0 || task.dying != 0;
}

/** Every handler is free or one live task's. */
export function handlersHold(): bool {
  let used: u32 = 0;
  for (let i = 0; i < TASKS; i++) {
    const task = taskOf(i);
    if (task.handle == 0) continue;
    if (!alive(task) && !none(task.handlers)) return false;
    for (let handler = task.handlers; !none(handler); handler = handler.after) used++;
  }
  return used == handlerPool.live;
}
