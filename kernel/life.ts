/**
 * The beginning and end of tasks and objects: the one file that knows every kind. When a task ends, however it ends, all it
 * held is released in one order (handlers, waits, mutexes in order of locking, locks and opened objects in handle order),
 * everyone who waits on it is told, and at most one switch follows.
 */
import { Call, Cause, Context, End, Errno, Happening, Kind, Mode, Signal, State, SWITCH, TaskFlag } from "./abi/constants";
import {
  Barrier,
  Channel,
  Cond,
  Event,
  Mailbox,
  MemPool,
  MsgQueue,
  Mutex,
  Obj,
  Pipe,
  Region,
  Rwlock,
  Socket,
  Spawn,
  Task,
  Timer,
} from "./abi/records";
import { alarmDropped } from "./alarm";
import { arenaGive, arenaTake } from "./arena";
import { accounted, arm } from "./clock";
import { PRIORITIES, TASKS } from "./config";
import { isForged } from "./irq";
import { only } from "./lib/bits";
import { linked, none } from "./lib/list";
import { poolSlot } from "./lib/pool";
import { barrierEnd } from "./object/barrier";
import { condEnd, condMutexGone } from "./object/condition";
import { eventEnd } from "./object/event";
import { mailboxClosed, mailboxEnd, mailboxForgets } from "./object/mailbox";
import { memoryReleased } from "./object/memory";
import { heldList, mutexEnd, mutexOfLink, ownerEnded } from "./object/mutex";
import {
  bothWays,
  isChannel,
  kindOf,
  mayUseAny,
  nameField,
  nameLength,
  nameStore,
  objectAt,
  objectFree,
  objectNamed,
  openFor,
  openModes,
  openToAny,
  poolOf,
  taskNamed,
} from "./object/object";
import { pipeEnd, pipeServe } from "./object/pipe";
import { blocksReleased, poolEnd } from "./object/pool";
import { queueEnd, queueForgets } from "./object/queue";
import { regionEnd } from "./object/region";
import { rwlockEnd, rwlockHeldBy, rwlockRelease } from "./object/rwlock";
import { socketClosed, socketEnd } from "./object/socket";
import { timerEnd, timerServiceEnded } from "./object/timer";
import { reachesName } from "./reach";
import { makeReady, unready } from "./sched";
import { childless, signalRaise, signalsDropped } from "./signal";
import { cpu, inRam, inTask, kept, kernel, NO_TASK, unreach } from "./state";
import { alive, joinersOf, taskAt, taskFree, taskId, taskNew, taskOf, taskPool } from "./task";
import { emitFor } from "./trace";
import { block, dismissAll, firstWaiter, forgetWait, polledAgain, Settle, wake } from "./wait";

// Tasks

export function taskSpawn(parameters: usize): i32 {
  const p = changetype<Spawn>(parameters);
  if (<u32>p.priority >= <u32>PRIORITIES || <u32>p.slice > u16.MAX_VALUE) return Errno.EINVAL;
  const threshold = p.threshold < 0 ? p.priority : p.threshold;
  if (threshold < p.priority || threshold >= PRIORITIES) return Errno.EINVAL;
  if (p.flags & ~(TaskFlag.DETACHED | TaskFlag.DAEMON) || isForged(p.entry)) return Errno.EINVAL;
  if ((p.stack != 0 && !inRam(p.stack, p.stackSize)) || !reachesName(p.name)) return Errno.EFAULT;
  const stack = kept(p.stack);
  const length = nameLength(p.name);
  if (length < 0) return length;
  if (length > 0 && !none(taskNamed(p.name, length))) return Errno.EEXIST;
  if (!linked(taskPool)) return Errno.ENFILE;
  let storage: i32 = 0;
  if (stack == 0 && p.stackSize > 0) {
    storage = arenaTake(p.stackSize);
    if (storage < 0) return storage;
  }
  const task = taskNew();
  if (length > 0) nameStore(changetype<usize>(task) + offsetof<Task>("name0"), p.name, length);
  task.base = <u8>p.priority;
  task.priority = <u8>p.priority;
  task.threshold = <u8>threshold;
  task.slice = <u16>p.slice;
  task.flags = <u8>p.flags;
  task.entry = p.entry;
  task.argument = p.argument;
  task.storage = storage;
  task.stack = stack != 0 ? stack : storage;
  task.stackSize = p.stackSize;
  task.parent = inTask() ? kernel.current.handle : 0;
  if (!(task.flags & TaskFlag.DAEMON)) cpu.busy++;
  emitFor(Happening.SPAWN, task.index, taskId(task), task.entry, task.priority);
  makeReady(task);
  return task.handle;
}

export function taskExit(status: i32): i32 {
  endTask(kernel.current, End.EXIT, status);
  return SWITCH;
}

export function taskTerminate(task: Task): i32 {
  if (!alive(task)) return 0;
  const self = task === kernel.current;
  endTask(task, End.TERMINATED, -1);
  return self ? SWITCH : 0;
}

/** Ends a live task; see the head of this file for the order. */
export function endTask(task: Task, how: u32, status: i32): void {
  alarmDropped(task);
  signalsDropped(task);
  if (task.state == State.BLOCKED) forgetWait(task);
  else if (task.state == State.READY) unready(task);
  task.state = State.ZOMBIE;
  task.held = 0;
  task.schedulerLocks = 0;
  task.interruptLocks = 0;
  task.status = status;
  task.how = <u8>how;
  emitFor(Happening.END, task.index, taskId(task), how, status);
  const mutexes = heldList(task);
  while (linked(mutexes)) ownerEnded(mutexOfLink(mutexes.next));
  releaseObjects(task);
  if (kernel.service === task) timerServiceEnded();
  if (kernel.spurious == <i32>task.index) kernel.spurious = -1;
  if (task.storage != 0) arenaGive(task.storage);
  task.storage = 0;
  task.stack = 0;
  orphan(task);
  if (!(task.flags & TaskFlag.DAEMON)) cpu.busy--;
  kernel.dropped |= only(task.index);
  cpu.drops++;
  cpu.attention = 1;
  leaveCpu(task);
  const parent = taskAt(task.parent);
  const handle = task.handle;
  polledAgain(task.pollers);
  tellJoiners(task, !none(parent) && childless(parent));
  if (!none(parent)) signalRaise(parent, Signal.CHLD, handle);
}

/** The CPU is nobody's until the next dispatch. */
function leaveCpu(task: Task): void {
  if (kernel.current !== task) return;
  if (kernel.depth == 0) {
    // The trace still names it as the one who acts; no cycle passes before the next dispatch. What ends it in a tick is the kernel's time.
    if (kernel.actor == task.index) task.cycles += accounted();
    kernel.context = Context.SYSTEM;
  }
  kernel.current = NO_TASK;
  kernel.look = 1;
  cpu.current = -1;
  arm();
}

/** Readers-writer locks and opened objects, in handle order: by kind, then by slot. */
function releaseObjects(task: Task): void {
  const locks = poolOf(Kind.RWLOCK);
  for (let i: u32 = 0; i < locks.count && locks.live > 0; i++) {
    const lock = changetype<Rwlock>(poolSlot(locks, i));
    if (lock.handle != 0 && rwlockHeldBy(lock, task)) rwlockRelease(lock, task);
  }
  for (let kind: u32 = Kind.PIPE; kind < 16; kind++) {
    if (!isChannel(kind)) continue;
    const pool = poolOf(kind);
    for (let i: u32 = 0; i < pool.count && pool.live > 0; i++) {
      const channel = changetype<Channel>(poolSlot(pool, i));
      if (channel.handle == 0) continue;
      if (kind == Kind.QUEUE) queueForgets(changetype<MsgQueue>(channel), task);
      const open = openModes(channel, task);
      if (open != 0) closeFor(channel, task, open);
      if (kind == Kind.MAILBOX && channel.handle != 0) mailboxForgets(changetype<Mailbox>(channel), task);
    }
  }
  blocksReleased(task);
  memoryReleased(task);
}

/** Children of a task that ended are nobody's to join. */
function orphan(parent: Task): void {
  for (let i = 0; i < TASKS; i++) {
    const child = taskOf(i);
    if (child.handle == 0 || child.parent != parent.handle) continue;
    child.parent = 0;
    detach(child);
  }
}

/** The first joiner gets the status, the others ECHILD; with a joiner, detached, or when nobody will ask, no zombie stays. */
function tellJoiners(task: Task, unasked: bool): void {
  const queue = joinersOf(task);
  const joined = linked(queue);
  if (joined) {
    const joiner = firstWaiter(queue);
    if (joiner.pointer != 0) store<i32>(joiner.pointer, task.status);
    wake(joiner, 0, Cause.ENDED);
    dismissAll(queue, Errno.ECHILD, Cause.ENDED);
  }
  if (joined || unasked || task.flags & TaskFlag.DETACHED) bury(task);
}

function bury(task: Task): void {
  kernel.endedCycles += task.cycles;
  taskFree(task);
}

function detach(task: Task): void {
  task.flags |= TaskFlag.DETACHED;
  if (task.state == State.ZOMBIE) bury(task);
}

/** Whether `task` waits, through a chain of joins, for the end of `target`. */
function awaits(task: Task, target: Task): bool {
  let next = task;
  for (let i = 0; i < TASKS; i++) {
    if (next === target) return true;
    if (next.state != State.BLOCKED || none(next.queue) || next.queue.id >> 8 != Kind.TASK) return false;
    next = taskOf(next.queue.id & 0xff);
  }
  return false;
}

export function taskJoin(task: Task, status: usize, timeout: i32): i32 {
  if (inTask() && awaits(task, kernel.current)) return Errno.EDEADLK;
  if (task.flags & TaskFlag.DETACHED) return Errno.ECHILD;
  if (task.state == State.ZOMBIE) {
    if (status != 0) store<i32>(status, task.status);
    bury(task);
    return 0;
  }
  if (timeout == 0) return Errno.EAGAIN;
  kernel.current.pointer = <u32>status;
  return block(joinersOf(task), timeout, Call.TASK_JOIN, Settle.PLAIN);
}

export function taskDetach(task: Task): i32 {
  if (task.flags & TaskFlag.DETACHED) return Errno.ECHILD;
  detach(task);
  return 0;
}

// Objects of every kind

/** The live object that the handle names, of whatever kind but a task. */
function anyAt(handle: i32): Obj {
  return objectAt(kindOf(handle), handle);
}

/** Ends an object: waiters are told, what it holds goes back, its handle is stale. */
export function endObject(object: Obj): void {
  const kind: u32 = object.id >> 8;
  let lives: bool = false;
  switch (kind) {
    case Kind.SEM:
      dismissAll(object, Errno.EIDRM, Cause.DELETED);
      break;
    case Kind.MUTEX:
      condMutexGone(changetype<Mutex>(object));
      mutexEnd(changetype<Mutex>(object));
      break;
    case Kind.COND:
      condEnd(changetype<Cond>(object));
      break;
    case Kind.EVENT:
      eventEnd(changetype<Event>(object));
      break;
    case Kind.BARRIER:
      barrierEnd(changetype<Barrier>(object));
      break;
    case Kind.RWLOCK:
      rwlockEnd(changetype<Rwlock>(object));
      break;
    case Kind.TIMER:
      timerEnd(changetype<Timer>(object));
      break;
    case Kind.PIPE:
      pipeEnd(changetype<Pipe>(object));
      break;
    case Kind.QUEUE:
      queueEnd(changetype<MsgQueue>(object));
      break;
    case Kind.MAILBOX:
      mailboxEnd(changetype<Mailbox>(object));
      break;
    case Kind.REGION:
      regionEnd(changetype<Region>(object));
      break;
    case Kind.POOL:
      poolEnd(changetype<MemPool>(object));
      break;
    default:
      lives = socketEnd(changetype<Socket>(object));
  }
  polledAgain(object.pollers);
  object.pollers = 0;
  if (!lives) objectFree(object);
}

/** A task no longer has the channel open in these directions; who waits at the other end is told, the last close ends it. */
function closeFor(channel: Channel, task: Task, mode: u32): void {
  unreach();
  if (mode & Mode.READ) channel.readers &= ~only(task.index);
  if (mode & Mode.READ && channel.id >> 8 == Kind.QUEUE) queueForgets(changetype<MsgQueue>(channel), task);
  if (mode & Mode.WRITE) channel.writers &= ~only(task.index);
  closed(channel, task, mode);
}

/** The task (none: the system and the interrupts) has closed the channel in these directions. */
function closed(channel: Channel, task: Task, mode: u32): void {
  if (channel.id >> 8 == Kind.PIPE) pipeServe(changetype<Pipe>(channel));
  if (channel.id >> 8 == Kind.MAILBOX) mailboxClosed(changetype<Mailbox>(channel), task, mode);
  const kept = channel.name0 != 0 || channel.system == 1;
  if (!kept && !openToAny(channel, Mode.READ) && !openToAny(channel, Mode.WRITE)) endObject(channel);
  else if (channel.id >> 8 == Kind.SOCKET) socketClosed(changetype<Socket>(channel));
}

export function objectOpen(kind: i32, name: usize, mode: i32): i32 {
  const length = nameLength(name);
  if (length < 0) return length;
  if (length == 0 || mode & ~(Mode.READ | Mode.WRITE)) return Errno.EINVAL;
  if (kind == Kind.TASK) {
    const task = taskNamed(name, length);
    if (none(task)) return Errno.ENOENT;
    return mode == 0 ? task.handle : Errno.EINVAL;
  }
  if (<u32>kind > 15 || poolOf(kind).count == 0) return Errno.EINVAL;
  const object = objectNamed(kind, name, length);
  if (none(object)) return Errno.ENOENT;
  if (!isChannel(kind)) return mode == 0 ? object.handle : Errno.EINVAL;
  if (mode == 0) return Errno.EINVAL;
  const channel = changetype<Channel>(object);
  if (inTask()) {
    if (bothWays(channel, kernel.current, mode)) return Errno.EINVAL;
    openFor(channel, kernel.current, mode);
  } else {
    channel.own |= <u8>mode;
    channel.had |= <u8>mode;
  }
  return object.handle;
}

export function objectClose(handle: i32, mode: i32): i32 {
  const object = anyAt(handle);
  if (none(object)) return Errno.EBADF;
  if (!isChannel(object.id >> 8) || mode == 0 || mode & ~(Mode.READ | Mode.WRITE)) return Errno.EINVAL;
  const channel = changetype<Channel>(object);
  // Who writes to a region reads it: without reading it is detached.
  if (channel.id >> 8 == Kind.REGION && mode & Mode.READ) mode |= Mode.WRITE;
  if (inTask()) {
    const open = <u32>mode & openModes(channel, kernel.current);
    if (open == 0) return Errno.EPERM;
    closeFor(channel, kernel.current, open);
    return 0;
  }
  if ((<u32>mode & channel.own) == 0) return Errno.EPERM;
  channel.own &= ~(<u8>mode);
  closed(channel, NO_TASK, mode);
  return 0;
}

export function objectGrant(handle: i32, task: Task, mode: i32): i32 {
  const object = anyAt(handle);
  if (none(object)) return Errno.EBADF;
  if (!isChannel(object.id >> 8) || mode == 0 || mode & ~(Mode.READ | Mode.WRITE)) return Errno.EINVAL;
  const channel = changetype<Channel>(object);
  if (!mayUseAny(channel)) return Errno.EPERM;
  if (!alive(task)) return Errno.ESRCH;
  if (inTask() && task === kernel.current) return Errno.EINVAL;
  if (bothWays(channel, task, mode)) return Errno.EINVAL;
  openFor(channel, task, mode);
  return 0;
}

export function objectUnlink(handle: i32): i32 {
  const object = anyAt(handle);
  if (none(object)) return Errno.EBADF;
  if (object.name0 == 0) return Errno.EINVAL;
  const channel = isChannel(object.id >> 8);
  if (channel && !mayUseAny(changetype<Channel>(object))) return Errno.EPERM;
  nameStore(nameField(object), 0, 0);
  if (channel) closed(changetype<Channel>(object), NO_TASK, 0);
  return 0;
}

export function objectDelete(handle: i32): i32 {
  const object = anyAt(handle);
  if (none(object)) return Errno.EBADF;
  if (isChannel(object.id >> 8) && !mayUseAny(changetype<Channel>(object))) return Errno.EPERM;
  endObject(object);
  return 0;
}
