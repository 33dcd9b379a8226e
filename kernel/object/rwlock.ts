/**
 * Readers-writer lock: many readers or one writer. The queue is strict: a waiting writer keeps back every reader that is not
 * more urgent than it. No inheritance.
 */
import { Call, Cause, Errno, Kind, Mode } from "../abi/constants";
import { Rwlock, Task } from "../abi/records";
import { RWLOCKS } from "../config";
import { only } from "../lib/bits";
import { linked, none } from "../lib/list";
import { kernel, NO_TASK } from "../state";
import { block, firstWaiter, outranked, Settle, wake, wakeAll } from "../wait";
import { objectNew, objectsInit, slotAt } from "./object";

const table: usize = memory.data(RWLOCKS * offsetof<Rwlock>(), 8);
export function rwlocksInit(): void {
  objectsInit(Kind.RWLOCK, table, offsetof<Rwlock>(), RWLOCKS);
}

export function rwlockAt(handle: i32): Rwlock {
  return changetype<Rwlock>(slotAt(table, offsetof<Rwlock>(), RWLOCKS, handle));
}

export function rwlockCreate(name: usize): i32 {
  const slot = objectNew(Kind.RWLOCK, name);
  return slot < 0 ? slot : changetype<Rwlock>(slot).handle;
}

/** Whether the task holds the lock in any way. */
export function rwlockHeldBy(lock: Rwlock, task: Task): bool {
  return lock.writer === task || (lock.readers & only(task.index)) != 0;
}

function mayEnter(lock: Rwlock, mode: u32): bool {
  return none(lock.writer) && (mode == Mode.READ || lock.readers == 0);
}

function enter(lock: Rwlock, task: Task, mode: u32): void {
  if (mode == Mode.READ) lock.readers |= only(task.index);
  else lock.writer = task;
}

function lockFor(lock: Rwlock, mode: u32, timeout: i32, call: u32): i32 {
  const task = kernel.current;
  if (rwlockHeldBy(lock, task)) return Errno.EDEADLK;
  if (mayEnter(lock, mode) && !outranked(lock)) {
    enter(lock, task, mode);
    return 0;
  }
  if (timeout == 0) return Errno.EAGAIN;
  task.length = mode;
  return block(lock, timeout, call, Settle.PLAIN);
}

export function rwlockRead(lock: Rwlock, timeout: i32): i32 {
  return lockFor(lock, Mode.READ, timeout, Call.RWLOCK_READ);
}

export function rwlockWrite(lock: Rwlock, timeout: i32): i32 {
  return lockFor(lock, Mode.WRITE, timeout, Call.RWLOCK_WRITE);
}

/** Takes the task's lock from it and lets in whom that makes room for. */
export function rwlockRelease(lock: Rwlock, task: Task): void {
  if (lock.writer === task) lock.writer = NO_TASK;
  lock.readers &= ~only(task.index);
  rwlockServe(lock);
}

export function rwlockUnlock(lock: Rwlock): i32 {
  if (!rwlockHeldBy(lock, kernel.current)) return Errno.EPERM;
  rwlockRelease(lock, kernel.current);
  return 0;
}

/** Lets waiters in from the head of the queue up to the first that must wait on. */
export function rwlockServe(lock: Rwlock): void {
  while (linked(lock)) {
    const task = firstWaiter(lock);
    const mode = task.length;
    if (!mayEnter(lock, mode)) return;
    enter(lock, task, mode);
    wake(task, 0, Cause.HANDOFF);
  }
}

export function rwlockEnd(lock: Rwlock): void {
  wakeAll(lock, Errno.EIDRM, Cause.DELETED);
}

/** Never readers and a writer; nobody waits who may enter. */
export function rwlockHolds(lock: Rwlock): bool {
  if (!none(lock.writer) && lock.readers != 0) return false;
  return !linked(lock) || !mayEnter(lock, firstWaiter(lock).length);
}
