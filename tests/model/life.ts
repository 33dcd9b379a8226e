/** Tasks begin, are held, and end; what one does to another's turn on the CPU; objects of every kind are opened, granted, deleted. */
import * as A from "./abi.js";
import { C, E, KINDS, type Kind } from "./abi.js";
import { dismissPool, mailboxClosed, mailboxEnd, mailboxForgets } from "./block.js";
import type { Model } from "./model.js";
import { type Pipe, pipeEnd, pipeServe } from "./pipe.js";
import { type MessageQueue, queueEnd, queueForgets } from "./queue.js";
import { regionEnd } from "./region.js";
import { signalAct, signalRaise, signalsDropped } from "./signal.js";
import { type Socket, socketClosed, socketEnd } from "./socket.js";
import { conditionEnd, mutexEnd, ownerEnded, type Rwlock, rwlockRelease } from "./sync.js";
import { Task } from "./task.js";
import { Channel, type Thing } from "./thing.js";
import { type Timer, timerEnd } from "./timer.js";
import { kindOf } from "./world.js";

const SIGCHLD = 17;
const { Mode, TaskFlag, SigFlag } = C;
const PRIORITIES = 64;
const CHANNELS: Kind[] = ["PIPE", "QUEUE", "MAILBOX", "REGION", "SOCKET"];

// Tasks

export function spawn(m: Model, [at = 0]: number[]): number {
  const [nameAt, entry, argument, priority, thresholdAsked, slice, flags, stack, stackSize] = Array.from({ length: 9 }, (_, i) =>
    m.word(at + 4 * i),
  ) as [number, number, number, number, number, number, number, number, number];
  if (priority >>> 0 >= PRIORITIES || slice >>> 0 > 0xffff) return E.EINVAL;
  const threshold = thresholdAsked < 0 ? priority : thresholdAsked;
  if (threshold < priority || threshold >= PRIORITIES) return E.EINVAL;
  if (flags & ~(TaskFlag.DETACHED | TaskFlag.DAEMON)) return E.EINVAL;
  if (stack !== 0 && !m.inRam(stack >>> 0, stackSize >>> 0)) return E.EFAULT;
  const name = m.name(nameAt);
  if (typeof name === "number") return name;
  if (name !== "" && m.living().some((task) => task.name === name)) return E.EEXIST;
  if (m.slots.free.length === 0) return E.ENFILE;
  let storage = 0;
  if (stack === 0 && stackSize !== 0) {
    const taken = m.arena.take(stackSize >>> 0, "kernel");
    if (taken === undefined) return E.ENOMEM;
    storage = taken;
  }
  const index = m.slots.free.shift() as number;
  const handle = m.slots.handle(KINDS.TASK, index);
  const { DETACHED, DAEMON } = TaskFlag;
  const task = new Task(
    index,
    handle,
    name,
    priority,
    threshold,
    slice,
    (flags & DETACHED) !== 0,
    (flags & DAEMON) !== 0,
    m.caller,
    entry,
    argument,
    storage,
  );
  m.seat(index, task);
  m.ready(task);
  return handle;
}

/** A task ends, however that comes: all it held is given on in one order, and everyone who waits on it is told. */
export function endTask(m: Model, task: Task, status: number): void {
  task.alarm = undefined;
  signalsDropped(m, task);
  if (task.state === "blocked") {
    if (task.wait?.queue) m.changed.add(task.wait.queue);
    m.leaveQueue(task);
    m.settling.delete(task);
    if (task.wait) task.wait.deadline = undefined;
  }
  task.state = "zombie";
  task.suspended = false;
  task.stopped = false;
  task.schedulerLocks = 0;
  task.interruptLocks = 0;
  task.status = status;
  while (task.held.length > 0) ownerEnded(m, task.held[0] as Thing);
  for (const lock of m.thingsOf("RWLOCK") as Rwlock[]) if (lock.heldBy(task)) rwlockRelease(m, lock, task);
  for (const kind of CHANNELS) {
    for (const channel of m.thingsOf(kind) as Channel[]) {
      // A connection within the machine can go with its other end.
      if (channel.gone) continue;
      if (kind === "QUEUE") queueForgets(channel as MessageQueue, task);
      if (channel.readers.has(task) || channel.writers.has(task))
        closeFor(m, channel, task, channel.readers.has(task), channel.writers.has(task));
      if (kind === "MAILBOX" && !channel.gone) mailboxForgets(m, channel, task);
    }
  }
  m.release(task);
  if (m.service === task) m.service = undefined;
  if (m.spurious === task) m.spurious = undefined;
  if (task.stack !== 0) m.freeRam(() => m.arena.give(task.stack));
  task.stack = 0;
  for (const child of m.present) {
    if (child.parent !== task) continue;
    child.parent = undefined;
    detachTask(m, child);
  }
  if (m.current === task) m.current = undefined;
  m.touched(task);
  const parent = task.parent?.alive ? task.parent : undefined;
  const unasked = parent !== undefined && ((parent.childFlags & SigFlag.NOCLDWAIT) !== 0 || (parent.ignored & (1 << SIGCHLD)) !== 0);
  const joiner = task.joiners.first;
  if (joiner) {
    const out = joiner.wait?.data.pointer ?? 0;
    if (out !== 0) m.setWord(out, status);
    m.wake(joiner, 0);
    m.dismiss(task.joiners, E.ECHILD, "ended");
  }
  if (joiner || unasked || task.detached) bury(m, task);
  if (parent) signalRaise(m, parent, SIGCHLD, task.handle);
}

function bury(m: Model, task: Task): void {
  m.seat(task.index, undefined);
  m.slots.give(task.index);
}

function detachTask(m: Model, task: Task): void {
  task.detached = true;
  if (!task.alive) bury(m, task);
}

export function exit(m: Model, [status = 0]: number[]): number {
  endTask(m, m.current as Task, status);
  return A.SWITCH;
}

export function terminate(m: Model, [handle = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  if (!task.alive) return 0;
  const self = task === m.current;
  endTask(m, task, -1);
  return self ? A.SWITCH : 0;
}

export function join(m: Model, [handle = 0, out = 0, timeout = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  for (let next: Task | undefined = task; m.caller && next; ) {
    if (next === m.caller) return E.EDEADLK;
    const awaited: Thing | Task | undefined = next.state === "blocked" ? next.wait?.queue?.thing : undefined;
    next = awaited instanceof Task ? awaited : undefined;
  }
  if (task.detached) return E.ECHILD;
  if (!task.alive) {
    if (out !== 0) m.setWord(out, task.status);
    bury(m, task);
    return 0;
  }
  return m.blockOr("task_join", task.joiners, timeout, "plain", { pointer: out });
}

export function detach(m: Model, [handle = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  if (task.detached) return E.ECHILD;
  detachTask(m, task);
  return 0;
}

export function yieldCpu(m: Model): number {
  const task = m.current as Task;
  const next = m.candidates()[0];
  if (!next || next.level < task.priority) return 0;
  task.result = 0;
  m.ready(task);
  return A.SWITCH;
}

export function sleep(m: Model, [ticks = 0]: number[]): number {
  if (ticks === 0) return 0;
  if (m.context & A.L) return E.EPERM;
  if (ticks < 0) return E.EINVAL;
  return m.block("task_sleep", undefined, ticks, "sleep");
}

export function sleepUntil(m: Model, [tick = 0]: number[]): number {
  const ticks = (tick - m.tick) | 0;
  if (ticks === 0) return 0;
  return ticks < 0 ? 1 : m.block("task_sleep_until", undefined, ticks, "sleep");
}

export function suspend(m: Model, [handle = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  if (!task.alive) return E.ESRCH;
  if (task.suspended) return 0;
  if (task === m.caller && task.locked) return E.EPERM;
  m.hold(task, true, task.stopped);
  return 0;
}

export function resume(m: Model, [handle = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  if (!task.alive) return E.ESRCH;
  if (!task.suspended) return 0;
  m.hold(task, false, task.stopped);
  signalAct(m, task);
  return 0;
}

export function priority(m: Model, [handle = 0, asked = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  if (!task.alive) return E.ESRCH;
  if (asked < 0 || asked >= PRIORITIES) return E.EINVAL;
  const before = task.base;
  task.base = asked;
  task.threshold = task.threshold === before ? asked : Math.max(task.threshold, asked);
  m.inherit();
  return before;
}

export function slice(m: Model, [handle = 0, ticks = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  if (!task.alive) return E.ESRCH;
  if (ticks < 0 || ticks > 0xffff) return E.EINVAL;
  const before = task.slice;
  task.slice = ticks;
  if (before === 0) task.sliceLeft = ticks;
  return before;
}

export function threshold(m: Model, [handle = 0, asked = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  if (!task.alive) return E.ESRCH;
  if (asked < task.base || asked >= PRIORITIES) return E.EINVAL;
  const before = task.threshold;
  task.threshold = asked;
  if (task.kept && task.state !== "blocked") {
    task.level = Math.max(task.priority, asked);
    if (task.state === "ready" && !task.isHeld) m.first(task);
  }
  return before;
}

export function abort(m: Model, [handle = 0]: number[]): number {
  const task = m.taskAt(handle) as Task;
  if (task.state !== "blocked") return E.EINVAL;
  const thing = task.wait?.queue?.thing;
  // The lock is obtained all the same: only the condition's result changes.
  if (task.wait?.call === "cond_wait" && !(thing instanceof Task) && thing?.kind === "MUTEX") task.wait.outcome = E.ECANCELED;
  else m.endWait(task, E.ECANCELED, "canceled");
  return 0;
}

// Objects of every kind

export function endThing(m: Model, thing: Thing): void {
  switch (thing.kind) {
    case "MUTEX":
      mutexEnd(m, thing);
      break;
    case "COND":
      conditionEnd(m, thing);
      break;
    case "TIMER":
      timerEnd(m, thing as Timer);
      break;
    case "PIPE":
      pipeEnd(m, thing as Pipe);
      break;
    case "QUEUE":
      queueEnd(m, thing as MessageQueue);
      break;
    case "MAILBOX":
      mailboxEnd(m, thing as Channel);
      break;
    case "REGION":
      regionEnd(m, thing);
      break;
    case "POOL":
      dismissPool(m, thing);
      break;
    case "SOCKET":
      socketEnd(m, thing as Socket);
      break;
    default:
      for (const task of thing.waiters.inOrder) m.endWait(task, E.EIDRM, "deleted");
  }
  m.touched(thing);
  m.discard(thing);
}

export function openFor(channel: Channel, task: Task, read: boolean, write: boolean): void {
  // Who writes to a region reads it.
  const reads = read || (write && channel.kind === "REGION");
  if (reads) channel.readers.add(task);
  if (write) channel.writers.add(task);
  channel.hadRead ||= reads;
  channel.hadWrite ||= write;
}

/** What a channel that is made is opened for: its creator, or the system description and the interrupts, or everybody. */
export function openForCreator(m: Model, channel: Channel, mode: number): void {
  channel.publicRead = (mode & Mode.PUBLIC_READ) !== 0;
  channel.publicWrite = (mode & Mode.PUBLIC_WRITE) !== 0;
  const read = (mode & Mode.READ) !== 0;
  const write = (mode & Mode.WRITE) !== 0;
  if (m.caller) {
    openFor(channel, m.caller, read, write);
    return;
  }
  channel.ownRead = read;
  channel.ownWrite = write;
  channel.hadRead = read;
  channel.hadWrite = write;
}

/** Whether nothing can be made with this mode: more than its kind allows, or for nobody at all. */
export function modeRefused(m: Model, mode: number, allowed: number, nameAt: number): boolean {
  const name = m.name(nameAt);
  return (mode & ~allowed) !== 0 || (mode === 0 && name === "" && m.caller !== undefined);
}

function closeFor(m: Model, channel: Channel, task: Task, read: boolean, write: boolean): void {
  if (read) channel.readers.delete(task);
  if (read && channel.kind === "QUEUE") queueForgets(channel as MessageQueue, task);
  if (write) channel.writers.delete(task);
  closed(m, channel, task, read);
}

/** A task (none: the system and the interrupts) has closed it; the last close ends what has no name. */
function closed(m: Model, channel: Channel, task: Task | undefined, read: boolean): void {
  if (channel.kind === "PIPE") pipeServe(m, channel as Pipe);
  if (channel.kind === "MAILBOX") mailboxClosed(m, channel, task, read);
  const stays = channel.name !== "" || channel.system || channel.openTo("read") || channel.openTo("write");
  if (!stays) endThing(m, channel);
  else if (channel.kind === "SOCKET") socketClosed(m, channel as Socket);
}

const READ_WRITE = Mode.READ | Mode.WRITE;

/** A mailbox is opened to send or to receive, not both. */
function bothWays(channel: Channel, task: Task, read: boolean, write: boolean): boolean {
  return channel.kind === "MAILBOX" && (read || channel.readers.has(task)) && (write || channel.writers.has(task));
}

export function open(m: Model, [kindNumber = 0, nameAt = 0, mode = 0]: number[]): number {
  const name = m.name(nameAt);
  if (typeof name === "number") return name;
  if (name === "" || mode & ~READ_WRITE) return E.EINVAL;
  if (kindNumber === KINDS.TASK) {
    const task = m.living().find((each) => each.name === name);
    return !task ? E.ENOENT : mode === 0 ? task.handle : E.EINVAL;
  }
  const kind = kindOf(kindNumber << 8);
  if (kindNumber < 0 || kindNumber > 15 || !kind) return E.EINVAL;
  const thing = m.thingsOf(kind).find((each) => each.name === name);
  if (!thing) return E.ENOENT;
  if (!(thing instanceof Channel)) return mode === 0 ? thing.handle : E.EINVAL;
  if (mode === 0) return E.EINVAL;
  const read = (mode & Mode.READ) !== 0;
  const write = (mode & Mode.WRITE) !== 0;
  if (m.caller) {
    if (bothWays(thing, m.caller, read, write)) return E.EINVAL;
    openFor(thing, m.caller, read, write);
  } else {
    thing.ownRead ||= read;
    thing.ownWrite ||= write;
    thing.hadRead ||= read;
    thing.hadWrite ||= write;
  }
  return thing.handle;
}

export function close(m: Model, [handle = 0, mode = 0]: number[]): number {
  const thing = m.anyAt(handle);
  if (!thing) return E.EBADF;
  if (!(thing instanceof Channel) || mode === 0 || mode & ~READ_WRITE) return E.EINVAL;
  let read = (mode & Mode.READ) !== 0;
  // Without reading it, a region is detached.
  let write = (mode & Mode.WRITE) !== 0 || (thing.kind === "REGION" && read);
  const task = m.caller;
  read &&= task ? thing.readers.has(task) : thing.ownRead;
  write &&= task ? thing.writers.has(task) : thing.ownWrite;
  if (!read && !write) return E.EPERM;
  if (task) closeFor(m, thing, task, read, write);
  else {
    const all = (mode & Mode.READ) !== 0;
    if (all) thing.ownRead = false;
    if (write) thing.ownWrite = false;
    closed(m, thing, undefined, all);
  }
  return 0;
}

export function grant(m: Model, [handle = 0, to = 0, mode = 0]: number[]): number {
  const thing = m.anyAt(handle);
  if (!thing) return E.EBADF;
  if (!(thing instanceof Channel) || mode === 0 || mode & ~READ_WRITE) return E.EINVAL;
  if (!m.mayUseAny(thing)) return E.EPERM;
  const task = m.taskAt(to) as Task;
  if (!task.alive) return E.ESRCH;
  if (task === m.caller) return E.EINVAL;
  const read = (mode & Mode.READ) !== 0;
  const write = (mode & Mode.WRITE) !== 0;
  if (bothWays(thing, task, read, write)) return E.EINVAL;
  openFor(thing, task, read, write);
  return 0;
}

export function unlink(m: Model, [handle = 0]: number[]): number {
  const thing = m.anyAt(handle);
  if (!thing) return E.EBADF;
  if (thing.name === "") return E.EINVAL;
  if (thing instanceof Channel && !m.mayUseAny(thing)) return E.EPERM;
  thing.name = "";
  if (thing instanceof Channel) closed(m, thing, undefined, false);
  return 0;
}

export function remove(m: Model, [handle = 0]: number[]): number {
  const thing = m.anyAt(handle);
  if (!thing) return E.EBADF;
  if (thing instanceof Channel && !m.mayUseAny(thing)) return E.EPERM;
  endThing(m, thing);
  return 0;
}

export function enumerate(m: Model, [kindNumber = 0, previous = 0]: number[]): number {
  if (kindNumber < 0 || kindNumber > 15) return E.EINVAL;
  if (previous !== 0 && ((previous >> 8) & 31) !== kindNumber) return E.EINVAL;
  const start = previous === 0 ? 0 : (previous & 0xff) + 1;
  if (kindNumber === KINDS.TASK) return m.tasks.find((task) => task && task.index >= start)?.handle ?? 0;
  const kind = kindOf(kindNumber << 8);
  return kind ? (m.thingsOf(kind).find(({ index }) => index >= start)?.handle ?? 0) : E.EINVAL;
}
