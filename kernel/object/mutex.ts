/**
 * Mutex: one owner, handed on at unlock. The owner runs at least as urgently as everyone who waits for what it owns
 * (priority inheritance, transitive along a chain of owners), or at the ceiling. A task's current priority is always
 * recomputed from its base and all the mutexes it holds, never adjusted by a difference.
 *
 * Sha, Rajkumar, Lehoczky: Priority Inheritance Protocols (1990). Robust: POSIX pthread_mutexattr_setrobust.
 */
import { Call, Cause, Errno, Happening, Kind, MutexFlag, State } from "../abi/constants";
import { Link, Mutex, Task } from "../abi/records";
import { MUTEXES, PRIORITIES, TASKS } from "../config";
import { linked, listInit, listInsert, listRemove, none } from "../lib/list";
import { kernel, NO_TASK } from "../state";
import { alive, taskId, taskOf } from "../task";
import { emitFor } from "../trace";
import { block, changePriority, firstWaiter, moveWaiter, Settle, wake, wakeAll } from "../wait";
import { objectId, objectNew, objectsInit, slotAt, touched } from "./object";

const table: usize = memory.data(MUTEXES * offsetof<Mutex>(), 8);
/** A mutex's place among those its owner holds, in order of locking; a task's list of them. */
const heldLinks: usize = memory.data(MUTEXES * offsetof<Link>(), 8);
const heldLists: usize = memory.data(TASKS * offsetof<Link>(), 8);

const NOT_RECOVERABLE: u8 = 2;
const INCONSISTENT: u8 = 1;

export function mutexesInit(): void {
  objectsInit(Kind.MUTEX, table, offsetof<Mutex>(), MUTEXES);
  for (let i = 0; i < MUTEXES; i++) listInit(changetype<Link>(heldLinks + i * offsetof<Link>()));
  for (let i = 0; i < TASKS; i++) listInit(changetype<Link>(heldLists + i * offsetof<Link>()));
}

export function mutexAt(handle: i32): Mutex {
  return changetype<Mutex>(slotAt(table, offsetof<Mutex>(), MUTEXES, handle));
}

function heldLink(mutex: Mutex): Link {
  return changetype<Link>(heldLinks + <usize>mutex.index * offsetof<Link>());
}

/** The mutexes that the task holds, in order of locking. */
export function heldList(task: Task): Link {
  return changetype<Link>(heldLists + <usize>task.index * offsetof<Link>());
}

/** The mutex whose place among the held this is. */
export function mutexOfLink(link: Link): Mutex {
  const index = (changetype<usize>(link) - heldLinks) / offsetof<Link>();
  return changetype<Mutex>(table + index * offsetof<Mutex>());
}

export function mutexCreate(name: usize, flags: i32, ceiling: i32): i32 {
  const known = MutexFlag.RECURSIVE | MutexFlag.ROBUST | MutexFlag.CEILING | MutexFlag.PLAIN | MutexFlag.CHECKED;
  if (flags & ~known) return Errno.EINVAL;
  if (flags & MutexFlag.CEILING && (ceiling < 0 || ceiling >= PRIORITIES)) return Errno.EINVAL;
  const slot = objectNew(Kind.MUTEX, name);
  if (slot < 0) return slot;
  const mutex = changetype<Mutex>(slot);
  mutex.flags = <u16>flags;
  mutex.ceiling = <u8>ceiling;
  listInit(heldLink(mutex));
  return mutex.handle;
}

/** The priority that the task's base and all it holds give it. */
export function dueBy(task: Task): u8 {
  let priority = task.base;
  const list = heldList(task);
  for (let link = list.next; link !== list; link = link.next) {
    const mutex = mutexOfLink(link);
    if (mutex.flags & MutexFlag.CEILING) priority = max(priority, mutex.ceiling);
    else if (!(mutex.flags & MutexFlag.PLAIN) && linked(mutex)) priority = max(priority, firstWaiter(mutex).priority);
  }
  return priority;
}

/**
 * Recomputes the task's priority and, while that changes something, that of the owner it waits for, and so on. A cycle of
 * owners ends too: priorities in it only rise, to the highest among them.
 */
export function inherit(task: Task): void {
  while (!none(task) && alive(task)) {
    const priority = dueBy(task);
    if (priority == task.priority) return;
    changePriority(task, priority);
    if (task.state != State.BLOCKED || none(task.queue) || task.queue.id >> 8 != Kind.MUTEX) return;
    task = changetype<Mutex>(task.queue).owner;
  }
}

function own(mutex: Mutex, task: Task): i32 {
  mutex.owner = task;
  mutex.count = 1;
  listInsert(heldLink(mutex), heldList(task));
  inherit(task);
  if (mutex.broken == INCONSISTENT) return Errno.EOWNERDEAD;
  return 0;
}

export function mutexLock(mutex: Mutex, timeout: i32): i32 {
  const task = kernel.current;
  if (mutex.owner === task) {
    if (!(mutex.flags & MutexFlag.RECURSIVE)) return Errno.EDEADLK;
    if (mutex.count == u16.MAX_VALUE) return Errno.EOVERFLOW;
    mutex.count++;
    return 0;
  }
  if (mutex.flags & MutexFlag.CEILING && task.base > mutex.ceiling) return Errno.EINVAL;
  if (mutex.broken == NOT_RECOVERABLE) return Errno.ENOTRECOVERABLE;
  if (none(mutex.owner)) return own(mutex, task);
  if (timeout == 0) return Errno.EAGAIN;
  if (mutex.flags & MutexFlag.CHECKED && timeout < 0 && reaches(mutex.owner, task)) return Errno.EDEADLK;
  const answer = block(mutex, timeout, Call.MUTEX_LOCK, Settle.PLAIN);
  inherit(mutex.owner);
  return answer;
}

/** Whether a chain of owners and joiners, each waiting without a timeout, leads from one task to the other. */
function reaches(from: Task, to: Task): bool {
  for (let i = 0; i < TASKS && !none(from); i++) {
    if (from === to) return true;
    if (from.state != State.BLOCKED || from.timeout > 0 || none(from.queue)) return false;
    const kind: u32 = from.queue.id >> 8;
    if (kind == Kind.TASK) from = taskOf(from.queue.id & 0xff);
    else if (kind == Kind.MUTEX) from = changetype<Mutex>(from.queue).owner;
    else return false;
  }
  return false;
}

/** The mutex is nobody's: hands it to the first waiter, or leaves it free. */
function passOn(mutex: Mutex): void {
  const waiter = firstWaiter(mutex);
  if (none(waiter)) {
    touched(mutex);
    return;
  }
  const result = ownWaiting(mutex, waiter);
  wake(waiter, result, Cause.HANDOFF);
  inherit(waiter);
}

function ownWaiting(mutex: Mutex, waiter: Task): i32 {
  mutex.owner = waiter;
  // A condition's waiter gets its recursion count back.
  const recursion = waiter.call == Call.COND_WAIT ? <u16>waiter.progress : 1;
  mutex.count = recursion;
  listInsert(heldLink(mutex), heldList(waiter));
  if (mutex.broken == INCONSISTENT) return Errno.EOWNERDEAD;
  return waiter.call == Call.COND_WAIT ? waiter.outcome : 0;
}

/** Takes the mutex from its owner whole, whatever the count; the owner's priority is recomputed. */
export function disown(mutex: Mutex): void {
  const owner = mutex.owner;
  mutex.owner = NO_TASK;
  mutex.count = 0;
  listRemove(heldLink(mutex));
  inherit(owner);
}

/** Everything an unlock does once the count is 0; also how a condition lets go of its mutex. */
export function release(mutex: Mutex): void {
  if (mutex.broken == INCONSISTENT) {
    mutex.broken = NOT_RECOVERABLE;
    disown(mutex);
    wakeAll(mutex, Errno.ENOTRECOVERABLE, Cause.ENDED);
    touched(mutex);
    return;
  }
  disown(mutex);
  passOn(mutex);
}

export function mutexUnlock(mutex: Mutex): i32 {
  if (mutex.owner !== kernel.current) return Errno.EPERM;
  if (--mutex.count > 0) return 0;
  release(mutex);
  return 0;
}

export function mutexConsistent(mutex: Mutex): i32 {
  if (mutex.owner !== kernel.current) return Errno.EPERM;
  if (mutex.broken != INCONSISTENT) return Errno.EINVAL;
  mutex.broken = 0;
  return 0;
}

/** A task that must own this mutex again before its wait in a condition returns `outcome`: at once, or in the queue. */
export function reacquire(mutex: Mutex, task: Task): void {
  if (mutex.broken == NOT_RECOVERABLE) {
    wake(task, Errno.ENOTRECOVERABLE, Cause.ENDED);
    return;
  }
  task.settle = Settle.PLAIN;
  moveWaiter(task, mutex);
  if (none(mutex.owner)) passOn(mutex);
  else inherit(mutex.owner);
}

/** The owner ends: the mutex goes on to the next in line, told so if it is robust. */
export function ownerEnded(mutex: Mutex): void {
  const owner = mutex.owner;
  if (mutex.flags & MutexFlag.ROBUST) mutex.broken = INCONSISTENT;
  else emitFor(Happening.PASS, owner.index, objectId(mutex), taskId(owner), linked(mutex) ? 1 : 0);
  disown(mutex);
  passOn(mutex);
}

/** A waiter left or changed its priority: its owner may be due less. */
export function mutexServe(mutex: Mutex): void {
  inherit(mutex.owner);
}

/** Waiters get EIDRM; the owner holds it no longer. */
export function mutexEnd(mutex: Mutex): void {
  wakeAll(mutex, Errno.EIDRM, Cause.DELETED);
  if (!none(mutex.owner)) disown(mutex);
}

/** A free mutex has no waiters, and its owner's list names it. */
export function mutexHolds(mutex: Mutex): bool {
  if (none(mutex.owner)) return !linked(mutex) && !linked(heldLink(mutex)) && mutex.count == 0;
  return linked(heldLink(mutex)) && mutex.count > 0;
}
