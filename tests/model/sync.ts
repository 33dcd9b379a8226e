/** Semaphores, mutexes, conditions, event flags, barriers, readers-writer locks. */
import * as A from "./abi.js";
import { C, E } from "./abi.js";
import type { Model } from "./model.js";
import { satisfied } from "./signal.js";
import { Task, type Wait } from "./task.js";
import { Thing } from "./thing.js";

const { MutexFlag, EventWait } = C;

// Semaphore

export class Semaphore extends Thing {
  count = 0;
  maximum = 0;
}

export function semCreate(m: Model, [name = 0, initial = 0, maximum = 0]: number[]): number {
  if (maximum < 1 || initial < 0 || initial > maximum) return E.EINVAL;
  const sem = m.create("SEM", name, (...base) => new Semaphore(...base));
  if (typeof sem === "number") return sem;
  sem.count = initial;
  sem.maximum = maximum;
  return sem.handle;
}

const semAt = (m: Model, handle: number) => m.thingAt("SEM", handle) as Semaphore;

export function semTake(m: Model, [handle = 0, timeout = 0]: number[]): number {
  const sem = semAt(m, handle);
  if (sem.count === 0) return m.blockOr("sem_take", sem.waiters, timeout, "plain");
  sem.count--;
  return 0;
}

export function give(m: Model, sem: Semaphore): number {
  const waiter = sem.waiters.first;
  if (waiter) {
    m.wake(waiter, 0);
    return 0;
  }
  if (sem.count === sem.maximum) return E.EOVERFLOW;
  sem.count++;
  m.touched(sem);
  return 0;
}

export const semGive = (m: Model, [handle = 0]: number[]) => give(m, semAt(m, handle));

export function semReset(m: Model, [handle = 0, count = 0]: number[]): number {
  const sem = semAt(m, handle);
  if (count < 0 || count > sem.maximum) return E.EINVAL;
  for (const task of sem.waiters.inOrder) m.endWait(task, E.ECANCELED, "canceled");
  sem.count = count;
  m.touched(sem);
  return 0;
}

// Mutex

export class Mutex extends Thing {
  owner: Task | undefined;
  count = 0;
  flags = 0;
  ceiling = 0;
  /** What a robust one protects: whole, perhaps half done since its owner died, or given up. */
  state: "whole" | "inconsistent" | "lost" = "whole";

  has(flag: keyof typeof MutexFlag): boolean {
    return (this.flags & MutexFlag[flag]) !== 0;
  }
}

const mutexAt = (m: Model, handle: number) => m.thingAt("MUTEX", handle) as Mutex;

export function mutexCreate(m: Model, [name = 0, flags = 0, ceiling = 0]: number[]): number {
  const known = Object.values(MutexFlag).reduce((set, flag) => set | flag, 0);
  if (flags & ~known) return E.EINVAL;
  if (flags & MutexFlag.CEILING && (ceiling < 0 || ceiling > 63)) return E.EINVAL;
  const mutex = m.create("MUTEX", name, (...base) => new Mutex(...base));
  if (typeof mutex === "number") return mutex;
  mutex.flags = flags;
  mutex.ceiling = ceiling & 0xff;
  return mutex.handle;
}

/** The priority that what a task holds gives it. */
function dueTo(task: Task): number {
  let priority = task.base;
  for (const mutex of task.held as Mutex[]) {
    if (mutex.has("CEILING")) priority = Math.max(priority, mutex.ceiling);
    else if (!mutex.has("PLAIN")) priority = Math.max(priority, mutex.waiters.first?.priority ?? 0);
  }
  return priority;
}

/** Gives every task the priority that it is due, along chains of owners, until nothing changes. */
export function settleMutexes(m: Model): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const task of m.living()) {
      const priority = dueTo(task);
      if (priority === task.priority) continue;
      m.setPriority(task, priority);
      changed = true;
    }
  }
}

function own(m: Model, mutex: Mutex, task: Task, count = 1): void {
  mutex.owner = task;
  mutex.count = count;
  task.held.push(mutex);
  if (task.state !== "blocked") m.inherit();
}

function disown(m: Model, mutex: Mutex): void {
  const held = (mutex.owner as Task).held;
  held.splice(held.indexOf(mutex), 1);
  mutex.owner = undefined;
  mutex.count = 0;
  m.inherit();
}

/** It is nobody's: the first who waits gets it. */
function passOn(m: Model, mutex: Mutex): void {
  const waiter = mutex.waiters.first;
  if (!waiter) {
    m.touched(mutex);
    return;
  }
  const wait = waiter.wait as Wait;
  const behind = wait.call === "cond_wait";
  own(m, mutex, waiter, behind ? (wait.data.length as number) : 1);
  m.wake(waiter, mutex.state === "inconsistent" ? E.EOWNERDEAD : behind ? wait.outcome : 0);
  m.inherit();
}

/** Lets go of it, whatever its count. */
function release(m: Model, mutex: Mutex): void {
  if (mutex.state !== "inconsistent") {
    disown(m, mutex);
    passOn(m, mutex);
    return;
  }
  mutex.state = "lost";
  disown(m, mutex);
  for (const task of mutex.waiters.inOrder) m.endWait(task, E.ENOTRECOVERABLE, "ended");
  m.touched(mutex);
}

/** Whether a chain of tasks, each of which waits for ever for a mutex of the next or its end, leads from one to the other. */
function leadsTo(from: Task | undefined, to: Task): boolean {
  const seen = new Set<Task>();
  for (let task = from; task && !seen.has(task); ) {
    if (task === to) return true;
    seen.add(task);
    if (task.state !== "blocked" || (task.wait?.timeout ?? 0) > 0) return false;
    const thing: Thing | Task | undefined = task.wait?.queue?.thing;
    if (thing instanceof Task) task = thing;
    else if (thing instanceof Mutex) task = thing.owner;
    else return false;
  }
  return false;
}

export function mutexLock(m: Model, [handle = 0, timeout = 0]: number[]): number {
  const mutex = mutexAt(m, handle);
  const task = m.current as Task;
  if (mutex.owner === task) {
    if (!mutex.has("RECURSIVE")) return E.EDEADLK;
    if (mutex.count === 0xffff) return E.EOVERFLOW;
    mutex.count++;
    return 0;
  }
  if (mutex.has("CEILING") && task.base > mutex.ceiling) return E.EINVAL;
  if (mutex.state === "lost") return E.ENOTRECOVERABLE;
  if (!mutex.owner) {
    own(m, mutex, task);
    return mutex.state === "inconsistent" ? E.EOWNERDEAD : 0;
  }
  if (timeout === 0) return E.EAGAIN;
  if (m.context & A.L) return E.EPERM;
  if (mutex.has("CHECKED") && timeout < 0 && leadsTo(mutex.owner, task)) return E.EDEADLK;
  const answer = m.block("mutex_lock", mutex.waiters, timeout, "plain");
  m.inherit();
  return answer;
}

export function mutexUnlock(m: Model, [handle = 0]: number[]): number {
  const mutex = mutexAt(m, handle);
  if (mutex.owner !== m.current) return E.EPERM;
  if (--mutex.count === 0) release(m, mutex);
  return 0;
}

export function mutexConsistent(m: Model, [handle = 0]: number[]): number {
  const mutex = mutexAt(m, handle);
  if (mutex.owner !== m.current) return E.EPERM;
  if (mutex.state !== "inconsistent") return E.EINVAL;
  mutex.state = "whole";
  return 0;
}

/** Its owner ends. */
export function ownerEnded(m: Model, thing: Thing): void {
  const mutex = thing as Mutex;
  if (mutex.has("ROBUST")) mutex.state = "inconsistent";
  disown(m, mutex);
  passOn(m, mutex);
}

export function mutexEnd(m: Model, thing: Thing): void {
  const mutex = thing as Mutex;
  for (const condition of m.thingsOf("COND") as Condition[])
    if (condition.mutex === mutex) m.dismiss(condition.waiters, E.EIDRM, "deleted");
  for (const task of mutex.waiters.inOrder) m.endWait(task, E.EIDRM, "deleted");
  if (mutex.owner) disown(m, mutex);
}

// Condition

export class Condition extends Thing {
  /** The mutex that all its waiters released. */
  get mutex(): Mutex | undefined {
    return this.waiters.first?.wait?.data.thing as Mutex | undefined;
  }
}

const condAt = (m: Model, handle: number) => m.thingAt("COND", handle) as Condition;

export function condCreate(m: Model, [name = 0]: number[]): number {
  const condition = m.create("COND", name, (...base) => new Condition(...base));
  return typeof condition === "number" ? condition : condition.handle;
}

export function condWait(m: Model, [handle = 0, mutexHandle = 0, timeout = 0]: number[]): number {
  const condition = condAt(m, handle);
  const mutex = mutexAt(m, mutexHandle);
  if (mutex.owner !== m.current) return E.EPERM;
  if (condition.mutex && condition.mutex !== mutex) return E.EINVAL;
  if (timeout === 0) return E.EAGAIN;
  const answer = m.block("cond_wait", condition.waiters, timeout, "object", { thing: mutex, length: mutex.count });
  release(m, mutex);
  if (m.options.choose) m.spurious = m.current;
  return answer;
}

/** The wait in the condition is over: now for the mutex. */
export function condSettle(m: Model, task: Task): void {
  const wait = task.wait as Wait;
  const mutex = wait.data.thing as Mutex;
  if (mutex.gone) {
    m.wake(task, E.EIDRM);
    return;
  }
  if (mutex.state === "lost") {
    m.wake(task, E.ENOTRECOVERABLE);
    return;
  }
  wait.settling = "plain";
  wait.deadline = undefined;
  m.leaveQueue(task);
  task.arrival = m.arrivals++;
  m.enqueue(task, mutex.waiters);
  if (mutex.owner) m.inherit();
  else passOn(m, mutex);
}

export function condSignal(m: Model, [handle = 0]: number[]): number {
  const task = condAt(m, handle).waiters.first;
  if (task) m.endWait(task, 0, "handed");
  return 0;
}

export function condBroadcast(m: Model, [handle = 0]: number[]): number {
  for (const task of condAt(m, handle).waiters.inOrder) m.endWait(task, 0, "handed");
  return 0;
}

export function conditionEnd(m: Model, thing: Thing): void {
  for (const task of thing.waiters.inOrder) m.endWait(task, E.EIDRM, "deleted");
}

// Event flags

export class Events extends Thing {
  bits = 0;
}

const eventAt = (m: Model, handle: number) => m.thingAt("EVENT", handle) as Events;

export function eventCreate(m: Model, [name = 0, bits = 0]: number[]): number {
  if (bits < 0) return E.EINVAL;
  const event = m.create("EVENT", name, (...base) => new Events(...base));
  if (typeof event === "number") return event;
  event.bits = bits;
  return event.handle;
}

export function eventWait(m: Model, [handle = 0, bits = 0, how = 0, timeout = 0]: number[]): number {
  const event = eventAt(m, handle);
  if (bits <= 0 || how & ~(EventWait.ALL | EventWait.CLEAR)) return E.EINVAL;
  if (!satisfied(event.bits, bits, how)) return m.blockOr("event_wait", event.waiters, timeout, "plain", { bits, how });
  const before = event.bits;
  if (how & EventWait.CLEAR) event.bits &= ~bits;
  return before;
}

/** All waiters are tested against the same bits; then what the satisfied ones clear is cleared. */
export function set(m: Model, event: Events, bits: number): number {
  event.bits |= bits;
  const snapshot = event.bits;
  for (const task of event.waiters.inOrder) {
    const { bits: wanted = 0, how = 0 } = task.wait?.data ?? {};
    if (!satisfied(snapshot, wanted, how)) continue;
    if (how & EventWait.CLEAR) event.bits &= ~wanted;
    m.wake(task, snapshot);
  }
  m.touched(event);
  return event.bits;
}

export function eventSet(m: Model, [handle = 0, bits = 0]: number[]): number {
  return bits < 0 ? E.EINVAL : set(m, eventAt(m, handle), bits);
}

export function eventClear(m: Model, [handle = 0, bits = 0]: number[]): number {
  if (bits < 0) return E.EINVAL;
  const event = eventAt(m, handle);
  const before = event.bits;
  event.bits &= ~bits;
  return before;
}

// Barrier

export class Barrier extends Thing {
  count = 0;
}

export function barrierCreate(m: Model, [name = 0, count = 0]: number[]): number {
  if (count < 1 || count > m.options.limits.tasks) return E.EINVAL;
  const barrier = m.create("BARRIER", name, (...base) => new Barrier(...base));
  if (typeof barrier === "number") return barrier;
  barrier.count = count;
  return barrier.handle;
}

export function barrierWait(m: Model, [handle = 0, timeout = 0]: number[]): number {
  const barrier = m.thingAt("BARRIER", handle) as Barrier;
  if (barrier.waiters.members.size + 1 < barrier.count) return m.blockOr("barrier_wait", barrier.waiters, timeout, "plain");
  for (const task of barrier.waiters.inOrder) m.endWait(task, 0, "handed");
  return 1;
}

// Readers-writer lock

export class Rwlock extends Thing {
  readonly readers = new Set<Task>();
  writer: Task | undefined;

  heldBy(task: Task): boolean {
    return this.writer === task || this.readers.has(task);
  }

  admits(how: "read" | "write"): boolean {
    return !this.writer && (how === "read" || this.readers.size === 0);
  }

  enter(task: Task, how: "read" | "write"): void {
    if (how === "read") this.readers.add(task);
    else this.writer = task;
  }
}

const rwlockAt = (m: Model, handle: number) => m.thingAt("RWLOCK", handle) as Rwlock;

export function rwlockCreate(m: Model, [name = 0]: number[]): number {
  const lock = m.create("RWLOCK", name, (...base) => new Rwlock(...base));
  return typeof lock === "number" ? lock : lock.handle;
}

export function rwlockLock(m: Model, [handle = 0, timeout = 0]: number[], how: "read" | "write"): number {
  const lock = rwlockAt(m, handle);
  const task = m.current as Task;
  if (lock.heldBy(task)) return E.EDEADLK;
  if (lock.admits(how) && !m.outranked(lock.waiters)) {
    lock.enter(task, how);
    return 0;
  }
  if (timeout === 0) return E.EAGAIN;
  if (m.context & A.L) return E.EPERM;
  return m.block(`rwlock_${how}`, lock.waiters, timeout, "plain");
}

export function rwlockRelease(m: Model, lock: Rwlock, task: Task): void {
  if (lock.writer === task) lock.writer = undefined;
  lock.readers.delete(task);
  rwlockServe(m, lock);
}

export function rwlockUnlock(m: Model, [handle = 0]: number[]): number {
  const lock = rwlockAt(m, handle);
  const task = m.current as Task;
  if (!lock.heldBy(task)) return E.EPERM;
  rwlockRelease(m, lock, task);
  return 0;
}

/** From the head of the queue up to the first who must wait on. */
export function rwlockServe(m: Model, lock: Rwlock): void {
  for (const task of lock.waiters.inOrder) {
    const how = task.wait?.call === "rwlock_read" ? "read" : "write";
    if (!lock.admits(how)) return;
    lock.enter(task, how);
    m.wake(task, 0);
  }
}
