/**
 * Signals: a vector of pending bits and a mask in the PCB, what each signal does to the task, and the frames that keep what the
 * task was doing while a handler runs.
 *
 *     sent -> pending -- not masked --> ends or stops the task, or its handler begins:
 *
 *     frames:  [ what it was doing ] <- [ what the handler was doing ] <- ...      innermost last
 *
 * A handler begins when its task gets the CPU (port.ts). A wait that a caught signal interrupts ends when the signal is sent, if
 * there is a frame for the handler; else it goes on and the signal stays pending until a frame is free again.
 * POSIX 2017, sections 2.4 and sigaction(). Ending a task is for life.ts: it goes on a to-do set.
 */
import { AGAIN, Call, Cause, Disposition, Errno, Happening, Held, MaskHow, SigFlag, Signal, State, SWITCH } from "./abi/constants";
import { Deadline, Frame, Handler, Pool, SigAction, Task } from "./abi/records";
import { alarmDue, alarmStart, deadlineStop } from "./clock";
import { FRAMES, HANDLERS, TASKS } from "./config";
import { lowest, only } from "./lib/bits";
import { linked, listInit, none } from "./lib/list";
import { poolGive, poolInit, poolTake } from "./lib/pool";
import { hold } from "./sched";
import { cpu, inTask, kernel } from "./state";
import { alive, deadlineOf, taskAt, taskId, taskOf } from "./task";
import { emitFor } from "./trace";
import { block, endWait, NO_QUEUE, pollAgain, precedes, Settle, waitsIn, wake } from "./wait";

/** What becomes of a wait that a signal interrupted, when the last handler has returned. */
const enum Restart {
  NONE = 0,
  /** Its result stands: EINTR, or what it had moved. */
  NEVER = 1,
  /** It goes on if every handler had RESTART, else EINTR. */
  MAYBE = 2,
  /** It goes on. */
  ALWAYS = 3,
  /** The condition's mutex is still to be locked again. */
  LOCK = 4,
  /** The block is taken; the send returns when the receiver is done with it. */
  TAKEN = 5,
  /** signal_suspend: when nothing more is due under its mask, EINTR, and the mask before it is back. */
  SUSPEND = 6,
}
/** In Task.restart besides: the caller was told to repeat its call. */
const REPEATED: u32 = 8;

const UNMASKABLE: u32 = (1 << Signal.KILL) | (1 << Signal.STOP) | 1;
const STOPS: u32 = (1 << Signal.STOP) | (1 << Signal.TSTP) | (1 << Signal.TTIN) | (1 << Signal.TTOU);
const CONT: u32 = 1 << Signal.CONT;
/** Those that by default do nothing to a task that is not stopped. */
const HARMLESS: u32 = (1 << Signal.CHLD) | CONT | (1 << Signal.URG) | (1 << Signal.WINCH);
const FLAGS: u32 = SigFlag.NOCLDSTOP | SigFlag.NOCLDWAIT | SigFlag.NODEFER | SigFlag.RESETHAND | SigFlag.RESTART;

const handlerPool: Pool = changetype<Pool>(memory.data(offsetof<Pool>(), 8));
const handlers: usize = memory.data(HANDLERS * offsetof<Handler>(), 8);
const framePool: Pool = changetype<Pool>(memory.data(offsetof<Pool>(), 8));
const frames: usize = memory.data(FRAMES * offsetof<Frame>(), 8);
const alarms: usize = memory.data(TASKS * offsetof<Deadline>(), 8);
/** Who sent what is pending: a handle for each task and signal. */
const origins: usize = memory.data(TASKS * 32 * 4, 8);

const NO_FRAME: Frame = changetype<Frame>(0);

export function signalsInit(): void {
  poolInit(handlerPool, handlers, offsetof<Handler>(), HANDLERS);
  poolInit(framePool, frames, offsetof<Frame>(), FRAMES);
  for (let i = 0; i < TASKS; i++) {
    const alarm = changetype<Deadline>(alarms + i * offsetof<Deadline>());
    listInit(alarm);
    alarm.owner = taskOf(i);
  }
}

function alarmOf(task: Task): Deadline {
  return changetype<Deadline>(alarms + <usize>task.index * offsetof<Deadline>());
}

function originAt(task: Task, signal: u32): usize {
  return origins + ((((<usize>task.index) << 5) | signal) << 2);
}

function handlerOf(task: Task, signal: u32): Handler {
  let handler = task.handlers;
  while (!none(handler) && handler.signal != signal) handler = handler.after;
  return handler;
}

/** Signals that would do nothing to the task. */
function harmless(task: Task): u32 {
  return (task.ignored | HARMLESS) & ~task.caught;
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
    if (task.fatal == 0) task.fatal = <u8>ctz(fatal);
    kernel.killed |= only(task.index);
    kernel.todo = 1;
    kernel.look = 1;
    return;
  }
  const stops = due & STOPS & ~task.caught;
  task.pending &= ~stops;
  if (stops != 0) stop(task);
  if ((due & task.caught) == 0) return;
  if (waits(task)) interrupt(task);
  else if (task === kernel.current) kernel.look = 1;
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

// Frames

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

function frameTake(task: Task): Frame {
  const slot = poolTake(framePool);
  if (slot == 0) kernel.starved |= only(task.index);
  return changetype<Frame>(slot);
}

function frameGive(frame: Frame): void {
  poolGive(framePool, frame);
  if (kernel.starved == 0) return;
  kernel.todo = 1;
  kernel.look = 1;
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

/** Frames are free again: those who went without one, the most urgent first, try once more. */
export function starvedServe(): void {
  while (kernel.starved != 0 && linked(framePool)) {
    let first = taskOf(lowest(kernel.starved));
    for (let set = kernel.starved & (kernel.starved - 1); set != 0; set &= set - 1) {
      const task = taskOf(lowest(set));
      if (precedes(task, first)) first = task;
    }
    kernel.starved &= ~only(first.index);
    if (alive(first)) signalAct(first);
  }
}

/** Whether somebody went without a frame and there is one now. */
export function starvedDue(): bool {
  return kernel.starved != 0 && linked(framePool);
}

/**
 * Whether a handler of the task is to begin before it goes on. Without a frame it does not, and the task is looked at again when
 * there is one: it may be waiting by then.
 */
export function signalDue(task: Task): bool {
  if ((task.pending & ~task.mask & task.caught) == 0) return false;
  if (!none(task.spare) || linked(framePool)) return true;
  kernel.starved |= only(task.index);
  return false;
}

/**
 * The task leaves what it was doing for the handler of its lowest signal that is due: entry, number and origin are in the CPU
 * page. The others that are due count as masked until this handler returns, so they run one after another.
 */
export function signalDeliver(task: Task): void {
  const due = task.pending & ~task.mask & task.caught;
  const signal = ctz(due);
  const bit: u32 = 1 << signal;
  const handler = handlerOf(task, signal);
  const frame = none(task.spare) ? frameTake(task) : task.spare;
  const flags: u32 = handler.flags;
  task.spare = NO_FRAME;
  task.pending &= ~bit;
  frameSave(task, frame, flags);
  frame.signal = signal;
  task.mask = (task.mask | handler.mask | (due & ~bit) | (flags & SigFlag.NODEFER ? 0 : bit)) & ~UNMASKABLE;
  cpu.entry = handler.entry;
  cpu.argument = signal;
  cpu.origin = load<i32>(originAt(task, signal));
  if (flags & SigFlag.RESETHAND) forget(task, bit);
  emitFor(Happening.DELIVER, task.index, taskId(task), signal, cpu.origin);
}

function frameSave(task: Task, frame: Frame, flags: u32): void {
  let restart = <u32>task.restart & ~REPEATED;
  frame.mask = task.mask;
  if (restart == Restart.MAYBE && !(flags & SigFlag.RESTART)) {
    restart = Restart.NEVER;
    task.result = Errno.EINTR;
    task.repeat = 0;
  }
  frame.restart = <u8>restart;
  frame.result = task.result;
  frame.repeat = task.repeat;
  frame.until = task.until;
  frame.timeout = task.timeout;
  frame.ticket = task.ticket;
  frame.remaining = task.remaining;
  frame.pointer = task.pointer;
  frame.aside = task.aside;
  frame.progress = task.progress;
  frame.outcome = task.outcome;
  frame.below = task.frames;
  task.frames = frame;
  task.restart = <u8>Restart.NONE;
  task.repeat = 0;
}

/** The innermost handler of the task has returned: the task is where it was, with the mask it had. */
export function signalReturn(task: Task): void {
  const frame = task.frames;
  task.frames = frame.below;
  task.mask = frame.mask;
  task.restart = frame.restart;
  task.result = frame.result;
  task.repeat = frame.repeat;
  task.until = frame.until;
  task.timeout = frame.timeout;
  task.ticket = frame.ticket;
  task.remaining = frame.remaining;
  task.pointer = frame.pointer;
  task.aside = frame.aside;
  task.progress = frame.progress;
  task.outcome = frame.outcome;
  emitFor(Happening.SIGRETURN, task.index, taskId(task), frame.signal, none(task.frames) ? 0 : 1);
  frameGive(frame);
  signalAct(task);
  kernel.look = 1;
}

/** Whether the task must still be told what becomes of the wait that a signal interrupted. */
export function signalPutOff(task: Task): bool {
  return task.restart != 0 && !(task.restart & REPEATED);
}

/** No handler is left to run: the interrupted wait ends, or goes on. The task may be blocked again then. */
export function signalResume(task: Task): void {
  const restart: u32 = task.restart;
  task.restart = <u8>Restart.NONE;
  if (!none(task.spare)) {
    frameGive(task.spare);
    task.spare = NO_FRAME;
  }
  if (restart == Restart.MAYBE || restart == Restart.ALWAYS) {
    task.restart = <u8>(restart | REPEATED);
    task.result = AGAIN;
    task.repeat = 1;
  } else if (restart == Restart.LOCK || restart == Restart.TAKEN) {
    waitOn(task, restart == Restart.LOCK ? Call.COND_WAIT : Call.MAILBOX_SEND_SYNC);
  } else if (restart == Restart.SUSPEND) {
    task.mask = task.aside;
    signalAct(task);
  }
}

/** Its object says how the wait goes on: as if it had just ended with the result that was put off. */
function waitOn(task: Task, call: u32): void {
  task.outcome = task.result;
  task.state = State.BLOCKED;
  task.call = <u8>call;
  task.settle = Settle.OBJECT;
  task.cause = <u8>Cause.SIGNAL;
  kernel.settling |= only(task.index);
  kernel.todo = 1;
  kernel.look = 1;
}

/** The caller repeats the call whose wait a signal interrupted: it goes on to the same deadline. */
export function signalRepeats(task: Task): bool {
  if (!(task.restart & REPEATED)) return false;
  task.restart = <u8>Restart.NONE;
  return true;
}

/** The synchronous send with this ticket, which a handler of the task has put off, has its result. */
export function ticketDone(task: Task, ticket: u32, result: i32): void {
  if (task.restart == Restart.TAKEN && task.ticket == ticket) {
    task.restart = <u8>Restart.NEVER;
    task.result = result;
  }
  for (let frame = task.frames; !none(frame); frame = frame.below) {
    if (frame.restart != Restart.TAKEN || frame.ticket != ticket) continue;
    frame.restart = <u8>Restart.NEVER;
    frame.result = result;
  }
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
    forget(task, bit);
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
function forget(task: Task, bit: u32): void {
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
    if (origin != 0) store<i32>(origin, load<i32>(originAt(task, signal)));
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

// The alarm

export function taskAlarm(ticks: u32): i32 {
  if (<i32>ticks < 0) return Errno.EINVAL;
  const alarm = alarmOf(kernel.current);
  const left = linked(alarm) ? alarm.when - cpu.tick : 0;
  deadlineStop(alarm);
  if (ticks > 0) alarmStart(alarm, ticks);
  return <i32>left;
}

/** Every alarm whose tick has come sends its signal. */
export function alarmsExpire(): void {
  for (let alarm = alarmDue(cpu.tick); !none(alarm); alarm = alarmDue(cpu.tick)) {
    deadlineStop(alarm);
    signalRaise(alarm.owner, Signal.ALRM, 0);
  }
}

// The end of a task

/** A task ends: it has no handlers, frames and signals any more. */
export function signalsDropped(task: Task): void {
  deadlineStop(alarmOf(task));
  while (!none(task.handlers)) forget(task, 1 << task.handlers.signal);
  while (!none(task.frames)) {
    const frame = task.frames;
    task.frames = frame.below;
    frameGive(frame);
  }
  if (!none(task.spare)) frameGive(task.spare);
  task.spare = NO_FRAME;
  task.restart = <u8>Restart.NONE;
  task.pending = 0;
  kernel.killed &= ~only(task.index);
  kernel.starved &= ~only(task.index);
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
  return none(task.spare) || task.restart != 0;
}

/**
 * Every frame is free, or on the stack of one live task, or reserved for one; every handler is free or one task's; who went
 * without a frame does so because there is none.
 */
export function framesHold(): bool {
  let used: u32 = 0;
  let handling: u32 = 0;
  for (let i = 0; i < TASKS; i++) {
    const task = taskOf(i);
    if (task.handle == 0) continue;
    if (!alive(task) && (!none(task.frames) || !none(task.spare) || !none(task.handlers) || linked(alarmOf(task)))) return false;
    if (!none(task.spare)) used++;
    for (let frame = task.frames; !none(frame); frame = frame.below) used++;
    for (let handler = task.handlers; !none(handler); handler = handler.after) handling++;
  }
  return used == framePool.live && handling == handlerPool.live && !starvedDue();
}
