/** Signals, alarms, thread flags, the notification value. POSIX 2017, sections 2.4 and sigaction(). */
import * as A from "./abi.js";
import { C, E } from "./abi.js";
import type { Model, Turn } from "./model.js";
import type { Frame, Sequel, Task, Wait } from "./task.js";

const SIG = { KILL: 9, ALRM: 14, CHLD: 17, CONT: 18, STOP: 19, TSTP: 20, TTIN: 21, TTOU: 22, URG: 23, WINCH: 28 };
const bit = (signal: number) => 1 << signal;
const all = (...list: number[]) => list.reduce((set, signal) => set | bit(signal), 0);
const STOPS = all(SIG.STOP, SIG.TSTP, SIG.TTIN, SIG.TTOU);
/** What by default does nothing to a task that is not stopped. */
const QUIET = all(SIG.CHLD, SIG.CONT, SIG.URG, SIG.WINCH);
/** Cannot be masked; bit 0 is no signal. */
const UNMASKABLE = all(SIG.KILL, SIG.STOP) | 1;
const { SigFlag, MaskHow, Disposition, Notify, EventWait } = C;

export function lowest(set: number): number {
  return 31 - Math.clz32(set & -set);
}

function harmless(task: Task): number {
  return (task.ignored | QUIET) & ~task.caught;
}

// Sending

/** A signal is sent to a task, by a task or an object (0: by neither). */
export function signalRaise(m: Model, task: Task, signal: number, origin: number): void {
  if (!task.alive) return;
  if (signal === SIG.CONT) {
    task.pending &= ~STOPS;
    if (task.stopped) {
      m.hold(task, task.suspended, false);
      tellParent(m, task);
    }
  }
  if (STOPS & bit(signal)) task.pending &= ~bit(SIG.CONT);
  if (!(task.pending & bit(signal)) && !handed(m, task, signal, origin) && !(bit(signal) & harmless(task) & ~task.mask)) {
    task.pending |= bit(signal);
    task.origins.set(signal, origin);
    repoll(m, task);
  }
  signalAct(m, task);
}

/** What it polls of its own may have become ready. */
function repoll(m: Model, task: Task): void {
  if (task.state === "blocked" && task.wait?.call === "object_poll") m.polled.add(task);
}

function handed(m: Model, task: Task, signal: number, origin: number): boolean {
  const data = task.wait?.data;
  if (!m.waitsIn(task, "signal_wait") || !((data?.bits as number) & bit(signal))) return false;
  if (data?.pointer) m.setWord(data.pointer, origin);
  m.wake(task, signal);
  return true;
}

function tellParent(m: Model, task: Task): void {
  const parent = task.parent;
  if (parent?.alive && !(parent.childFlags & SigFlag.NOCLDSTOP)) signalRaise(m, parent, SIG.CHLD, task.handle);
}

/** What is pending and not masked does what it does: ends the task, stops it, interrupts its wait. */
export function signalAct(m: Model, task: Task): void {
  const quiet = task.pending & ~task.mask & harmless(task);
  task.pending &= ~quiet;
  const due = task.pending & ~task.mask;
  const fatal = due & ~task.caught & ~STOPS & (task.stopped ? bit(SIG.KILL) : -1);
  if (fatal !== 0) {
    if (task.fatal === 0) task.fatal = lowest(fatal);
    m.killed.add(task);
    return;
  }
  const stops = due & STOPS & ~task.caught;
  task.pending &= ~stops;
  if (stops !== 0 && !task.stopped) {
    m.hold(task, task.suspended, true);
    tellParent(m, task);
  }
  const waits = task.state === "blocked" && !task.isHeld && !m.settling.has(task);
  if (due & task.caught && waits) interrupt(m, task);
}

/** A wait that a caught signal interrupts, if a frame can be had for the handler. */
function interrupt(m: Model, task: Task): void {
  if (!task.spare) {
    if (m.frames === m.options.limits.frames) {
      m.starved.add(task);
      return;
    }
    m.frames++;
    task.spare = true;
  }
  const wait = task.wait as Wait;
  const sequel = sequelOf(wait);
  let result = E.EINTR;
  // Behind its mutex a condition's waiter has its result already.
  if (sequel === "mutex" && wait.settling === "plain") result = wait.outcome;
  if (sequel === "mutex" || sequel === "taken" || sequel === "mask") wait.settling = "plain";
  task.sequel = sequel;
  task.repeats = false;
  task.until = wait.deadline ?? 0;
  m.endWait(task, result, "signal");
}

function sequelOf(wait: Wait): Sequel {
  switch (wait.call) {
    case "task_sleep":
    case "task_sleep_until":
    case "signal_wait":
    case "object_poll":
      return "stands";
    case "signal_suspend":
      return "mask";
    case "cond_wait":
      return "mutex";
    case "mutex_lock":
    case "rwlock_read":
    case "rwlock_write":
      return "goes on";
    case "mailbox_send_sync":
      return wait.moved > 0 ? "taken" : "may go on";
  }
  return wait.settling === "partial" && wait.moved > 0 ? "stands" : "may go on";
}

// Handlers

function due(task: Task): number {
  return task.pending & ~task.mask & task.caught;
}

/** Whether a handler is to begin before the task goes on; without a frame for it, it is not, and the task is remembered. */
export function handlerDue(m: Model, task: Task): boolean {
  if (due(task) === 0) return false;
  if (task.spare || m.frames < m.options.limits.frames) return true;
  m.starved.add(task);
  return false;
}

/** The lowest of the signals that are due: the others count as masked until its handler returns. */
export function deliver(m: Model, task: Task): Turn {
  const signal = lowest(due(task));
  const others = due(task) & ~bit(signal);
  const { entry, mask, flags } = task.handlers.get(signal) as { entry: number; mask: number; flags: number };
  if (!task.spare) m.frames++;
  task.spare = false;
  task.pending &= ~bit(signal);
  let { result, again, sequel } = task;
  if (sequel === "may go on" && !(flags & SigFlag.RESTART)) {
    sequel = "stands";
    result = E.EINTR;
    again = false;
  }
  task.frames.push({ signal, mask: task.mask, result, again, sequel, until: task.until, wait: task.wait, remaining: task.remaining });
  task.sequel = undefined;
  task.repeats = false;
  task.again = false;
  task.mask = (task.mask | mask | others | (flags & SigFlag.NODEFER ? 0 : bit(signal))) & ~UNMASKABLE;
  if (flags & SigFlag.RESETHAND) dropHandler(m, task, signal);
  task.started = true;
  return { kind: "signal", who: task.index, signal, entry, origin: task.origins.get(signal) ?? 0 };
}

/** The innermost handler has returned: the task is where it was. */
export function restore(m: Model, task: Task): void {
  const frame = task.frames.pop() as Frame;
  m.frames--;
  const { mask, result, again, sequel, until, wait, remaining } = frame;
  Object.assign(task, { mask, result, again, sequel, until, wait, remaining, repeats: false });
}

/** No handler is left to run: what becomes of the wait that was interrupted. */
export function goOn(m: Model, task: Task): void {
  const sequel = task.sequel;
  task.sequel = undefined;
  if (task.spare) m.frames--;
  task.spare = false;
  switch (sequel) {
    case "may go on":
    case "goes on":
      task.sequel = sequel;
      task.repeats = true;
      task.result = A.AGAIN;
      task.again = true;
      break;
    case "mutex":
    case "taken": {
      const wait = task.wait as Wait;
      wait.outcome = task.result;
      wait.settling = "object";
      wait.cause = "signal";
      task.state = "blocked";
      m.settling.add(task);
      break;
    }
    case "mask":
      task.mask = task.wait?.data.mask as number;
      signalAct(m, task);
      break;
  }
}

/** The synchronous send with this ticket, which a handler of the task put off, has its result. */
export function ticketDone(task: Task, ticket: number, result: number): void {
  for (const place of [task as { sequel: Sequel | undefined; wait: Wait | undefined; result: number }, ...task.frames]) {
    if (place.sequel !== "taken" || place.wait?.ticket !== ticket) continue;
    place.sequel = "stands";
    place.result = result;
  }
}

function dropHandler(m: Model, task: Task, signal: number): void {
  if (task.handlers.delete(signal)) m.handlers--;
}

/** The end of a task: it has no handlers, frames and signals any more. */
export function signalsDropped(m: Model, task: Task): void {
  m.handlers -= task.handlers.size;
  task.handlers.clear();
  m.frames -= task.frames.length + (task.spare ? 1 : 0);
  task.frames = [];
  task.spare = false;
  task.sequel = undefined;
  task.repeats = false;
  task.pending = 0;
  m.starved.delete(task);
  m.killed.delete(task);
}

// Calls

export function signalSend(m: Model, [target = 0, signal = 0]: number[]): number {
  if (signal < 0 || signal > 31) return E.EINVAL;
  const caller = m.caller;
  if (target === 0) {
    const children = m.tasks.filter((task) => caller && task?.parent === caller) as Task[];
    if (signal !== 0) for (const child of children) signalRaise(m, child, signal, caller?.handle ?? 0);
    return children.length > 0 ? 0 : E.ESRCH;
  }
  const task = m.taskAt(target) as Task;
  if (signal === 0) return 0;
  const stops = bit(signal) & STOPS & ~(task.caught | task.ignored | task.mask);
  if (task === caller && task.locked && stops) return E.EPERM;
  signalRaise(m, task, signal, caller?.handle ?? 0);
  return 0;
}

export function signalAction(m: Model, [signal = 0, action = 0, old = 0]: number[]): number {
  if (signal < 1 || signal > 31) return E.EINVAL;
  const task = m.current as Task;
  const was = task.handlers.get(signal);
  const [disposition = 0, entry = 0, mask = 0, flags = 0] = action === 0 ? [] : [0, 4, 8, 12].map((at) => m.word(action + at));
  if (action !== 0) {
    const known = Object.values(SigFlag).reduce((set, flag) => set | flag, 0);
    if (bit(signal) & UNMASKABLE || disposition >>> 0 > Disposition.HANDLER || flags & ~known) return E.EINVAL;
    if (disposition === Disposition.HANDLER && !was && m.handlers === m.options.limits.handlers) return E.ENFILE;
  }
  if (old !== 0) {
    const ignored = task.ignored & bit(signal) ? Disposition.IGNORE : Disposition.DEFAULT;
    m.setWord(old, was ? Disposition.HANDLER : ignored);
    m.setWord(old + 4, was?.entry ?? 0);
    m.setWord(old + 8, was?.mask ?? 0);
    m.setWord(old + 12, was?.flags ?? (signal === SIG.CHLD ? task.childFlags : 0));
  }
  if (action === 0) return 0;
  if (signal === SIG.CHLD) task.childFlags = flags & (SigFlag.NOCLDSTOP | SigFlag.NOCLDWAIT);
  task.ignored &= ~bit(signal);
  if (disposition === Disposition.HANDLER) {
    if (!was) m.handlers++;
    task.handlers.set(signal, { entry, mask: mask & ~UNMASKABLE, flags });
    return 0;
  }
  dropHandler(m, task, signal);
  if (disposition === Disposition.IGNORE) task.ignored |= bit(signal);
  task.pending &= ~(bit(signal) & harmless(task));
  signalAct(m, task);
  return 0;
}

export function signalMask(m: Model, [how = 0, set = 0, old = 0]: number[]): number {
  if (how < MaskHow.BLOCK || how > MaskHow.SET) return E.EINVAL;
  const task = m.current as Task;
  const before = task.mask;
  if (old !== 0) m.setWord(old, before);
  const after = how === MaskHow.SET ? set : how === MaskHow.BLOCK ? before | set : before & ~set;
  task.mask = after & ~UNMASKABLE;
  signalAct(m, task);
  return 0;
}

export function signalWait(m: Model, [asked = 0, origin = 0, timeout = 0]: number[]): number {
  const set = asked & ~UNMASKABLE;
  if (set === 0) return E.EINVAL;
  const task = m.current as Task;
  const there = task.pending & set;
  if (there === 0) return m.blockOr("signal_wait", undefined, timeout, "plain", { bits: set, pointer: origin });
  const signal = lowest(there);
  task.pending &= ~bit(signal);
  if (origin !== 0) m.setWord(origin, task.origins.get(signal) ?? 0);
  return signal;
}

export function signalSuspend(m: Model, [mask = 0]: number[]): number {
  const task = m.current as Task;
  const before = task.mask;
  task.mask = mask & ~UNMASKABLE;
  m.block("signal_suspend", undefined, -1, "object", { mask: before });
  signalAct(m, task);
  return A.SWITCH;
}

/** signal_suspend ended otherwise than by a handler. */
export function suspendSettle(m: Model, task: Task): void {
  const wait = task.wait as Wait;
  task.mask = wait.data.mask as number;
  m.wake(task, wait.outcome);
}

export function signalPending(m: Model, [out = 0]: number[]): number {
  m.setWord(out, (m.current as Task).pending);
  return 0;
}

// Alarms

export function alarm(m: Model, [ticks = 0]: number[]): number {
  if (ticks < 0) return E.EINVAL;
  const task = m.current as Task;
  const left = task.alarm === undefined ? 0 : task.alarm - m.tick;
  task.alarm = ticks === 0 ? undefined : m.tick + ticks;
  task.alarmSerial = m.serials++;
  return left;
}

export function alarmsExpire(m: Model): void {
  const due = m.living().filter(({ alarm }) => alarm !== undefined && alarm <= m.tick);
  due.sort((a, b) => (a.alarm as number) - (b.alarm as number) || a.alarmSerial - b.alarmSerial);
  for (const task of due) {
    task.alarm = undefined;
    signalRaise(m, task, SIG.ALRM, 0);
  }
}

// Thread flags and the notification value

export function satisfied(have: number, wanted: number, how: number): boolean {
  return how & EventWait.ALL ? (have & wanted) === wanted : (have & wanted) !== 0;
}

export function flagsSet(m: Model, [handle = 0, bits = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  if (bits < 0) return E.EINVAL;
  if (!task.alive) return E.ESRCH;
  task.flags |= bits;
  const { bits: wanted = 0, how = 0 } = task.wait?.data ?? {};
  if (m.waitsIn(task, "flags_wait") && satisfied(task.flags, wanted, how)) {
    m.wake(task, task.flags);
    if (how & EventWait.CLEAR) task.flags &= ~wanted;
  } else repoll(m, task);
  return task.flags;
}

export function flagsClear(m: Model, [handle = 0, bits = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  if (bits < 0) return E.EINVAL;
  if (!task.alive) return E.ESRCH;
  const before = task.flags;
  task.flags &= ~bits;
  return before;
}

export function flagsWait(m: Model, [bits = 0, how = 0, timeout = 0]: number[]): number {
  if (bits <= 0 || how & ~(EventWait.ALL | EventWait.CLEAR)) return E.EINVAL;
  const task = m.current as Task;
  if (!satisfied(task.flags, bits, how)) return m.blockOr("flags_wait", undefined, timeout, "plain", { bits, how });
  const before = task.flags;
  if (how & EventWait.CLEAR) task.flags &= ~bits;
  return before;
}

function readNote(m: Model, task: Task, out: number): void {
  if (out !== 0) m.setWord(out, task.note ?? 0);
  task.note = undefined;
}

export function notifySend(m: Model, [handle = 0, how = 0, value = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  if (how < Notify.OVERWRITE || how > Notify.INCREMENT) return E.EINVAL;
  if (!task.alive) return E.ESRCH;
  if (how === Notify.KEEP && task.note !== undefined) return E.EAGAIN;
  task.note = how === Notify.INCREMENT ? ((task.note ?? 0) + value) | 0 : value;
  if (m.waitsIn(task, "notify_wait")) {
    readNote(m, task, task.wait?.data.pointer ?? 0);
    m.wake(task, 0);
  } else repoll(m, task);
  return 0;
}

export function notifyWait(m: Model, [out = 0, timeout = 0]: number[]): number {
  const task = m.current as Task;
  if (task.note === undefined) return m.blockOr("notify_wait", undefined, timeout, "plain", { pointer: out });
  readNote(m, task, out);
  return 0;
}
