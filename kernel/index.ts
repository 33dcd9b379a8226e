// Generated from kernel/abi/table.ts by `npm run abi`. Do not edit.
/** The face of the kernel: every system call as one export. No policy here: check, call, trace, answer. */
import { Call, Errno, Mode } from "./abi/constants";
import { Callback, Spawn } from "./abi/records";
import { none } from "./lib/list";
import { mayUse } from "./object/object";
import { compute, enter, enterWait, leave, more, refused } from "./serve";
import { inRam } from "./state";
import { taskPriority, taskResume, taskSelf, taskSleep, taskSleepUntil, taskSlice, taskSuspend, taskThreshold, taskYield, waitAbort } from "./control";
import { objectEnumerate, objectInfo } from "./inspect";
import { interruptLock, interruptUnlock, irqAttach, irqDetach, irqRaise, schedulerLock, schedulerUnlock } from "./irq";
import { objectClose, objectDelete, objectGrant, objectOpen, objectUnlink, taskDetach, taskExit, taskJoin, taskSpawn, taskTerminate } from "./life";
import { barrierAt, barrierCreate, barrierWait } from "./object/barrier";
import { condAt, condBroadcast, condCreate, condSignal, condWait } from "./object/condition";
import { eventAt, eventClear, eventCreate, eventSet, eventWait } from "./object/event";
import { mutexAt, mutexConsistent, mutexCreate, mutexLock, mutexUnlock } from "./object/mutex";
import { pipeAt, pipeCreate, pipeRead, pipeReset, pipeTrigger, pipeWrite } from "./object/pipe";
import { rwlockAt, rwlockCreate, rwlockRead, rwlockUnlock, rwlockWrite } from "./object/rwlock";
import { semAt, semCreate, semGive, semReset, semTake } from "./object/semaphore";
import { timerAt, timerCount, timerCreate, timerOverruns, timerService, timerStart, timerStop } from "./object/timer";
import { taskAt } from "./task";

export { device_begin, device_end, dispatch, dropped, idle, irq_return, line_raise, power_on, system_done, task_trap, trace_drain } from "./port";

function taskSpawnCall(parameters: usize): i32 {
  if (!inRam(parameters, offsetof<Spawn>())) return Errno.EFAULT;
  return taskSpawn(parameters);
}

/** Makes a task that is ready to run and returns its handle. The stack is `stack_size` bytes at `stack`, or from the arena when `stack` is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
export function task_spawn(parameters: usize): i32 {
  const gate = enter(240, 43);
  if (gate != 0) return refused(Call.TASK_SPAWN, 0, 0, gate);
  return leave(Call.TASK_SPAWN, 0, 0, taskSpawnCall(parameters));
}

/** Ends the calling task. Everything it held is released in a fixed order and everyone who waits on it is told. */
export function task_exit(status: i32): i32 {
  const gate = enter(160, 27);
  if (gate != 0) return refused(Call.TASK_EXIT, 0, status, gate);
  return leave(Call.TASK_EXIT, 0, status, taskExit(status));
}

function taskJoinCall(task: i32, status: usize, timeout: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  if (status != 0 && !inRam(status, 4)) return Errno.EFAULT;
  return taskJoin(at_task, status, timeout);
}

/** Waits until the task has ended and stores its exit status; the first joiner gets it. Errors: ECHILD EDEADLK EAGAIN ETIMEDOUT EINTR ECANCELED. */
export function task_join(task: i32, status: usize, timeout: i32): i32 {
  const gate = enterWait(60, 47, 3, timeout);
  if (gate != 0) return refused(Call.TASK_JOIN, task, 0, gate);
  return leave(Call.TASK_JOIN, task, 0, taskJoinCall(task, status, timeout));
}

function taskDetachCall(task: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskDetach(at_task);
}

/** Nobody will join the task: it leaves no zombie. Joiners that wait already are still served. Errors: ECHILD. */
export function task_detach(task: i32): i32 {
  const gate = enter(40, 43);
  if (gate != 0) return refused(Call.TASK_DETACH, task, 0, gate);
  return leave(Call.TASK_DETACH, task, 0, taskDetachCall(task));
}

function taskTerminateCall(task: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskTerminate(at_task);
}

/** Ends a task, in whatever state it is, with status -1. */
export function task_terminate(task: i32): i32 {
  const gate = enter(180, 43);
  if (gate != 0) return refused(Call.TASK_TERMINATE, task, 0, gate);
  return leave(Call.TASK_TERMINATE, task, 0, taskTerminateCall(task));
}

/** The handle of the calling task. */
export function task_self(): i32 {
  const gate = enter(12, 27);
  if (gate != 0) return refused(Call.TASK_SELF, 0, 0, gate);
  return leave(Call.TASK_SELF, 0, 0, taskSelf());
}

/** Lets the ready tasks of the same priority run first. */
export function task_yield(): i32 {
  const gate = enter(30, 3);
  if (gate != 0) return refused(Call.TASK_YIELD, 0, 0, gate);
  return leave(Call.TASK_YIELD, 0, 0, taskYield());
}

/** Waits n ticks: until the start of tick now + n. 0 returns at once. Errors: EINVAL EINTR ECANCELED. */
export function task_sleep(ticks: u32): i32 {
  const gate = enter(50, 11);
  if (gate != 0) return refused(Call.TASK_SLEEP, 0, ticks, gate);
  return leave(Call.TASK_SLEEP, 0, ticks, taskSleep(ticks));
}

/** Waits for the start of a tick. Returns 0, or 1 at once when that tick is past. Errors: EINTR ECANCELED. */
export function task_sleep_until(tick: u32): i32 {
  const gate = enter(50, 3);
  if (gate != 0) return refused(Call.TASK_SLEEP_UNTIL, 0, tick, gate);
  return leave(Call.TASK_SLEEP_UNTIL, 0, tick, taskSleepUntil(tick));
}

function taskSuspendCall(task: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskSuspend(at_task);
}

/** Keeps the task from running until task_resume. What it waits for goes on. Suspending twice is suspending once. */
export function task_suspend(task: i32): i32 {
  const gate = enter(50, 47);
  if (gate != 0) return refused(Call.TASK_SUSPEND, task, 0, gate);
  return leave(Call.TASK_SUSPEND, task, 0, taskSuspendCall(task));
}

function taskResumeCall(task: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskResume(at_task);
}

/** Lets a suspended task run again. */
export function task_resume(task: i32): i32 {
  const gate = enter(50, 47);
  if (gate != 0) return refused(Call.TASK_RESUME, task, 0, gate);
  return leave(Call.TASK_RESUME, task, 0, taskResumeCall(task));
}

function taskPriorityCall(task: i32, priority: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskPriority(at_task, priority);
}

/** Changes the base priority (0..63, 63 is the most urgent) and returns the old one. Errors: EINVAL. */
export function task_priority(task: i32, priority: i32): i32 {
  const gate = enter(60, 59);
  if (gate != 0) return refused(Call.TASK_PRIORITY, task, priority, gate);
  return leave(Call.TASK_PRIORITY, task, priority, taskPriorityCall(task, priority));
}

function taskSliceCall(task: i32, ticks: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskSlice(at_task, ticks);
}

/** Changes the time slice (0 = none, at most 65535) from its next refill on and returns the old one. Errors: EINVAL. */
export function task_slice(task: i32, ticks: i32): i32 {
  const gate = enter(30, 59);
  if (gate != 0) return refused(Call.TASK_SLICE, task, ticks, gate);
  return leave(Call.TASK_SLICE, task, ticks, taskSliceCall(task, ticks));
}

function taskThresholdCall(task: i32, threshold: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskThreshold(at_task, threshold);
}

/** Changes the preemption threshold: only tasks above it preempt this one. Returns the old one. Errors: EINVAL. */
export function task_threshold(task: i32, threshold: i32): i32 {
  const gate = enter(40, 59);
  if (gate != 0) return refused(Call.TASK_THRESHOLD, task, threshold, gate);
  return leave(Call.TASK_THRESHOLD, task, threshold, taskThresholdCall(task, threshold));
}

/** Uses the CPU for a number of cycles; interrupts, ticks and more urgent tasks cut it anywhere. Errors: EINVAL. */
export function task_compute(cycles: u32): i32 {
  return compute(cycles, 31);
}

function waitAbortCall(task: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return waitAbort(at_task);
}

/** Makes the wait of a task return ECANCELED. Errors: EINVAL. */
export function wait_abort(task: i32): i32 {
  const gate = enter(50, 63);
  if (gate != 0) return refused(Call.WAIT_ABORT, task, 0, gate);
  return leave(Call.WAIT_ABORT, task, 0, waitAbortCall(task));
}

/** No other task runs until as many unlocks. Returns the depth. Interrupts and ticks go on. Errors: EOVERFLOW. */
export function scheduler_lock(): i32 {
  const gate = enter(12, 11);
  if (gate != 0) return refused(Call.SCHEDULER_LOCK, 0, 0, gate);
  return leave(Call.SCHEDULER_LOCK, 0, 0, schedulerLock());
}

/** Undoes one lock and returns the depth; at 0 a more urgent task runs. Errors: EPERM. */
export function scheduler_unlock(): i32 {
  const gate = enter(16, 11);
  if (gate != 0) return refused(Call.SCHEDULER_UNLOCK, 0, 0, gate);
  return leave(Call.SCHEDULER_UNLOCK, 0, 0, schedulerUnlock());
}

/** Delays interrupts, ticks and switches until as many unlocks. Returns the depth. Errors: EOVERFLOW. */
export function interrupt_lock(): i32 {
  const gate = enter(12, 11);
  if (gate != 0) return refused(Call.INTERRUPT_LOCK, 0, 0, gate);
  return leave(Call.INTERRUPT_LOCK, 0, 0, interruptLock());
}

/** Undoes one lock and returns the depth; at 0 what came meanwhile is served. Errors: EPERM. */
export function interrupt_unlock(): i32 {
  const gate = enter(16, 11);
  if (gate != 0) return refused(Call.INTERRUPT_UNLOCK, 0, 0, gate);
  return leave(Call.INTERRUPT_UNLOCK, 0, 0, interruptUnlock());
}

/** The handler `entry` serves the line from now on. Priority 0..255, 255 is the most urgent; a more urgent line interrupts a handler. Errors: EINVAL EBUSY. */
export function irq_attach(line: i32, entry: u32, priority: i32): i32 {
  const gate = enter(40, 43);
  if (gate != 0) return refused(Call.IRQ_ATTACH, 0, line, gate);
  const result = irqAttach(line, entry, priority);
  more(entry, priority);
  return leave(Call.IRQ_ATTACH, 0, line, result);
}

/** Nobody serves the line; what is pending on it is forgotten. Errors: EINVAL. */
export function irq_detach(line: i32): i32 {
  const gate = enter(40, 43);
  if (gate != 0) return refused(Call.IRQ_DETACH, 0, line, gate);
  return leave(Call.IRQ_DETACH, 0, line, irqDetach(line));
}

/** Makes the line pending. Raised twice before its handler starts is raised once. Errors: EINVAL. */
export function irq_raise(line: i32): i32 {
  const gate = enter(20, 63);
  if (gate != 0) return refused(Call.IRQ_RAISE, 0, line, gate);
  return leave(Call.IRQ_RAISE, 0, line, irqRaise(line));
}

/** The handle of the object of this kind and name, opened for the caller to READ, WRITE or both; mode 0 where nothing is to be opened: tasks, synchronisation objects, timers. Errors: ENOENT EINVAL ENAMETOOLONG EFAULT EPERM. */
export function object_open(kind: i32, name: usize, mode: i32): i32 {
  const gate = enter(80, 59);
  if (gate != 0) return refused(Call.OBJECT_OPEN, 0, kind, gate);
  const result = objectOpen(kind, name, mode);
  more(mode, 0);
  return leave(Call.OBJECT_OPEN, 0, kind, result);
}

/** The caller no longer reads, writes, or either. The last close of an unnamed or unlinked object ends it. Errors: EBADF EINVAL EPERM. */
export function object_close(object: i32, mode: i32): i32 {
  const gate = enter(80, 47);
  if (gate != 0) return refused(Call.OBJECT_CLOSE, object, mode, gate);
  return leave(Call.OBJECT_CLOSE, object, mode, objectClose(object, mode));
}

function objectGrantCall(object: i32, task: i32, mode: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return objectGrant(object, at_task, mode);
}

/** Whoever has the object open, in any direction, opens it for another task. Errors: EBADF EINVAL EPERM. */
export function object_grant(object: i32, task: i32, mode: i32): i32 {
  const gate = enter(60, 43);
  if (gate != 0) return refused(Call.OBJECT_GRANT, object, task, gate);
  const result = objectGrantCall(object, task, mode);
  more(mode, 0);
  return leave(Call.OBJECT_GRANT, object, task, result);
}

/** Takes the object's name away at once; the object goes at its last close. Errors: EBADF EINVAL EPERM. */
export function object_unlink(object: i32): i32 {
  const gate = enter(60, 43);
  if (gate != 0) return refused(Call.OBJECT_UNLINK, object, 0, gate);
  return leave(Call.OBJECT_UNLINK, object, 0, objectUnlink(object));
}

/** Ends the object at once: waiters get EIDRM, later calls EBADF. Errors: EBADF EINVAL EPERM. */
export function object_delete(object: i32): i32 {
  const gate = enter(120, 43);
  if (gate != 0) return refused(Call.OBJECT_DELETE, object, 0, gate);
  return leave(Call.OBJECT_DELETE, object, 0, objectDelete(object));
}

function objectInfoCall(object: i32, field: i32, out: usize): i32 {
  if (!inRam(out, 8)) return Errno.EFAULT;
  return objectInfo(object, field, out);
}

/** Stores one fact about the object (Info) as 64 bits. Errors: EBADF EINVAL. */
export function object_info(object: i32, field: i32, out: usize): i32 {
  const gate = enter(40, 63);
  if (gate != 0) return refused(Call.OBJECT_INFO, object, field, gate);
  return leave(Call.OBJECT_INFO, object, field, objectInfoCall(object, field, out));
}

/** The handle of the first live object of this kind behind `previous` (0 = from the start), 0 at the end. Errors: EINVAL. */
export function object_enumerate(kind: i32, previous: i32): i32 {
  const gate = enter(40, 63);
  if (gate != 0) return refused(Call.OBJECT_ENUMERATE, 0, kind, gate);
  const result = objectEnumerate(kind, previous);
  more(previous, 0);
  return leave(Call.OBJECT_ENUMERATE, 0, kind, result);
}

/** A counting semaphore. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function sem_create(name: usize, initial: i32, maximum: i32): i32 {
  const gate = enter(100, 43);
  if (gate != 0) return refused(Call.SEM_CREATE, 0, initial, gate);
  const result = semCreate(name, initial, maximum);
  more(maximum, 0);
  return leave(Call.SEM_CREATE, 0, initial, result);
}

function semTakeCall(sem: i32, timeout: i32): i32 {
  const at_sem = semAt(sem);
  if (none(at_sem)) return Errno.EBADF;
  return semTake(at_sem, timeout);
}

/** Takes one unit, waits for it if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function sem_take(sem: i32, timeout: i32): i32 {
  const gate = enterWait(40, 63, 3, timeout);
  if (gate != 0) return refused(Call.SEM_TAKE, sem, 0, gate);
  return leave(Call.SEM_TAKE, sem, 0, semTakeCall(sem, timeout));
}

function semGiveCall(sem: i32): i32 {
  const at_sem = semAt(sem);
  if (none(at_sem)) return Errno.EBADF;
  return semGive(at_sem);
}

/** Hands one unit to the first waiter, or counts it. Errors: EOVERFLOW. */
export function sem_give(sem: i32): i32 {
  const gate = enter(40, 63);
  if (gate != 0) return refused(Call.SEM_GIVE, sem, 0, gate);
  return leave(Call.SEM_GIVE, sem, 0, semGiveCall(sem));
}

function semResetCall(sem: i32, count: i32): i32 {
  const at_sem = semAt(sem);
  if (none(at_sem)) return Errno.EBADF;
  return semReset(at_sem, count);
}

/** Waiters get ECANCELED, then the count is set. Errors: EINVAL. */
export function sem_reset(sem: i32, count: i32): i32 {
  const gate = enter(60, 63);
  if (gate != 0) return refused(Call.SEM_RESET, sem, count, gate);
  return leave(Call.SEM_RESET, sem, count, semResetCall(sem, count));
}

/** A mutex with priority inheritance; MutexFlag: RECURSIVE, ROBUST, CEILING (raises the owner to `ceiling` at once), PLAIN (no inheritance). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function mutex_create(name: usize, flags: i32, ceiling: i32): i32 {
  const gate = enter(100, 43);
  if (gate != 0) return refused(Call.MUTEX_CREATE, 0, flags, gate);
  const result = mutexCreate(name, flags, ceiling);
  more(ceiling, 0);
  return leave(Call.MUTEX_CREATE, 0, flags, result);
}

function mutexLockCall(mutex: i32, timeout: i32): i32 {
  const at_mutex = mutexAt(mutex);
  if (none(at_mutex)) return Errno.EBADF;
  return mutexLock(at_mutex, timeout);
}

/** Locks the mutex, waits for it if another task owns it. EOWNERDEAD: locked, and what it protects may be half done. Errors: EAGAIN ETIMEDOUT EIDRM ECANCELED EDEADLK EINVAL EOVERFLOW EOWNERDEAD ENOTRECOVERABLE. */
export function mutex_lock(mutex: i32, timeout: i32): i32 {
  const gate = enterWait(50, 11, 3, timeout);
  if (gate != 0) return refused(Call.MUTEX_LOCK, mutex, 0, gate);
  return leave(Call.MUTEX_LOCK, mutex, 0, mutexLockCall(mutex, timeout));
}

function mutexUnlockCall(mutex: i32): i32 {
  const at_mutex = mutexAt(mutex);
  if (none(at_mutex)) return Errno.EBADF;
  return mutexUnlock(at_mutex);
}

/** Undoes one lock; the last hands the mutex to the first waiter. Errors: EPERM. */
export function mutex_unlock(mutex: i32): i32 {
  const gate = enter(50, 11);
  if (gate != 0) return refused(Call.MUTEX_UNLOCK, mutex, 0, gate);
  return leave(Call.MUTEX_UNLOCK, mutex, 0, mutexUnlockCall(mutex));
}

function mutexConsistentCall(mutex: i32): i32 {
  const at_mutex = mutexAt(mutex);
  if (none(at_mutex)) return Errno.EBADF;
  return mutexConsistent(at_mutex);
}

/** After EOWNERDEAD: what the mutex protects is whole again. Errors: EPERM EINVAL. */
export function mutex_consistent(mutex: i32): i32 {
  const gate = enter(30, 11);
  if (gate != 0) return refused(Call.MUTEX_CONSISTENT, mutex, 0, gate);
  return leave(Call.MUTEX_CONSISTENT, mutex, 0, mutexConsistentCall(mutex));
}

/** A condition variable. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function cond_create(name: usize): i32 {
  const gate = enter(100, 43);
  if (gate != 0) return refused(Call.COND_CREATE, 0, 0, gate);
  return leave(Call.COND_CREATE, 0, 0, condCreate(name));
}

function condWaitCall(cond: i32, mutex: i32, timeout: i32): i32 {
  const at_cond = condAt(cond);
  if (none(at_cond)) return Errno.EBADF;
  const at_mutex = mutexAt(mutex);
  if (none(at_mutex)) return Errno.EBADF;
  return condWait(at_cond, at_mutex, timeout);
}

/** Releases the mutex and waits in one step; owns the mutex again when it returns, with whatever result. May wake for no reason. Errors: EPERM EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EOWNERDEAD ENOTRECOVERABLE. */
export function cond_wait(cond: i32, mutex: i32, timeout: i32): i32 {
  const gate = enterWait(70, 3, 3, timeout);
  if (gate != 0) return refused(Call.COND_WAIT, cond, mutex, gate);
  return leave(Call.COND_WAIT, cond, mutex, condWaitCall(cond, mutex, timeout));
}

function condSignalCall(cond: i32): i32 {
  const at_cond = condAt(cond);
  if (none(at_cond)) return Errno.EBADF;
  return condSignal(at_cond);
}

/** Wakes the first waiter; without one it is lost. */
export function cond_signal(cond: i32): i32 {
  const gate = enter(50, 27);
  if (gate != 0) return refused(Call.COND_SIGNAL, cond, 0, gate);
  return leave(Call.COND_SIGNAL, cond, 0, condSignalCall(cond));
}

function condBroadcastCall(cond: i32): i32 {
  const at_cond = condAt(cond);
  if (none(at_cond)) return Errno.EBADF;
  return condBroadcast(at_cond);
}

/** Wakes every waiter, in order. */
export function cond_broadcast(cond: i32): i32 {
  const gate = enter(60, 27);
  if (gate != 0) return refused(Call.COND_BROADCAST, cond, 0, gate);
  return leave(Call.COND_BROADCAST, cond, 0, condBroadcastCall(cond));
}

/** 31 event flags (bits 0..30). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function event_create(name: usize, bits: i32): i32 {
  const gate = enter(100, 43);
  if (gate != 0) return refused(Call.EVENT_CREATE, 0, bits, gate);
  return leave(Call.EVENT_CREATE, 0, bits, eventCreate(name, bits));
}

function eventWaitCall(event: i32, bits: i32, how: i32, timeout: i32): i32 {
  const at_event = eventAt(event);
  if (none(at_event)) return Errno.EBADF;
  return eventWait(at_event, bits, how, timeout);
}

/** Waits for ANY or ALL of the bits and returns the flags as they were then; CLEAR takes the bits waited for. Errors: EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function event_wait(event: i32, bits: i32, how: i32, timeout: i32): i32 {
  const gate = enterWait(50, 63, 3, timeout);
  if (gate != 0) return refused(Call.EVENT_WAIT, event, bits, gate);
  const result = eventWaitCall(event, bits, how, timeout);
  more(how, 0);
  return leave(Call.EVENT_WAIT, event, bits, result);
}

function eventSetCall(event: i32, bits: i32): i32 {
  const at_event = eventAt(event);
  if (none(at_event)) return Errno.EBADF;
  return eventSet(at_event, bits);
}

/** Sets bits; every waiter is tested against the same flags, then what the satisfied ones clear is cleared. Returns the flags left. Errors: EINVAL. */
export function event_set(event: i32, bits: i32): i32 {
  const gate = enter(50, 63);
  if (gate != 0) return refused(Call.EVENT_SET, event, bits, gate);
  return leave(Call.EVENT_SET, event, bits, eventSetCall(event, bits));
}

function eventClearCall(event: i32, bits: i32): i32 {
  const at_event = eventAt(event);
  if (none(at_event)) return Errno.EBADF;
  return eventClear(at_event, bits);
}

/** Clears bits and returns the flags as they were before. Errors: EINVAL. */
export function event_clear(event: i32, bits: i32): i32 {
  const gate = enter(30, 63);
  if (gate != 0) return refused(Call.EVENT_CLEAR, event, bits, gate);
  return leave(Call.EVENT_CLEAR, event, bits, eventClearCall(event, bits));
}

/** A barrier for `count` tasks. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function barrier_create(name: usize, count: i32): i32 {
  const gate = enter(100, 43);
  if (gate != 0) return refused(Call.BARRIER_CREATE, 0, count, gate);
  return leave(Call.BARRIER_CREATE, 0, count, barrierCreate(name, count));
}

function barrierWaitCall(barrier: i32, timeout: i32): i32 {
  const at_barrier = barrierAt(barrier);
  if (none(at_barrier)) return Errno.EBADF;
  return barrierWait(at_barrier, timeout);
}

/** Waits until `count` tasks are here. Returns 1 to the last arrival, 0 to the others. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function barrier_wait(barrier: i32, timeout: i32): i32 {
  const gate = enterWait(50, 3, 3, timeout);
  if (gate != 0) return refused(Call.BARRIER_WAIT, barrier, 0, gate);
  return leave(Call.BARRIER_WAIT, barrier, 0, barrierWaitCall(barrier, timeout));
}

/** A lock for many readers or one writer. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function rwlock_create(name: usize): i32 {
  const gate = enter(100, 43);
  if (gate != 0) return refused(Call.RWLOCK_CREATE, 0, 0, gate);
  return leave(Call.RWLOCK_CREATE, 0, 0, rwlockCreate(name));
}

function rwlockReadCall(rwlock: i32, timeout: i32): i32 {
  const at_rwlock = rwlockAt(rwlock);
  if (none(at_rwlock)) return Errno.EBADF;
  return rwlockRead(at_rwlock, timeout);
}

/** Locks for reading; a waiting writer that is at least as urgent goes first. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
export function rwlock_read(rwlock: i32, timeout: i32): i32 {
  const gate = enterWait(50, 11, 3, timeout);
  if (gate != 0) return refused(Call.RWLOCK_READ, rwlock, 0, gate);
  return leave(Call.RWLOCK_READ, rwlock, 0, rwlockReadCall(rwlock, timeout));
}

function rwlockWriteCall(rwlock: i32, timeout: i32): i32 {
  const at_rwlock = rwlockAt(rwlock);
  if (none(at_rwlock)) return Errno.EBADF;
  return rwlockWrite(at_rwlock, timeout);
}

/** Locks for writing. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
export function rwlock_write(rwlock: i32, timeout: i32): i32 {
  const gate = enterWait(50, 11, 3, timeout);
  if (gate != 0) return refused(Call.RWLOCK_WRITE, rwlock, 0, gate);
  return leave(Call.RWLOCK_WRITE, rwlock, 0, rwlockWriteCall(rwlock, timeout));
}

function rwlockUnlockCall(rwlock: i32): i32 {
  const at_rwlock = rwlockAt(rwlock);
  if (none(at_rwlock)) return Errno.EBADF;
  return rwlockUnlock(at_rwlock);
}

/** Gives up the caller's read or write lock. Errors: EPERM. */
export function rwlock_unlock(rwlock: i32): i32 {
  const gate = enter(50, 11);
  if (gate != 0) return refused(Call.RWLOCK_UNLOCK, rwlock, 0, gate);
  return leave(Call.RWLOCK_UNLOCK, rwlock, 0, rwlockUnlockCall(rwlock));
}

/** A stopped timer. At each expiry: CALLBACK runs entry `target` with argument `value` in the timer service, SEM_GIVE gives `target`, EVENT_SET sets the bits `value` of `target`. Errors: EINVAL EBADF ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function timer_create(name: usize, action: i32, target: i32, value: i32): i32 {
  const gate = enter(100, 59);
  if (gate != 0) return refused(Call.TIMER_CREATE, 0, action, gate);
  const result = timerCreate(name, action, target, value);
  more(target, value);
  return leave(Call.TIMER_CREATE, 0, action, result);
}

function timerStartCall(timer: i32, first: i32, period: i32): i32 {
  const at_timer = timerAt(timer);
  if (none(at_timer)) return Errno.EBADF;
  return timerStart(at_timer, first, period);
}

/** First expiry after `first` ticks (at least 1), then every `period` ticks; period 0: once. A running timer starts anew. Errors: EINVAL. */
export function timer_start(timer: i32, first: i32, period: i32): i32 {
  const gate = enter(60, 63);
  if (gate != 0) return refused(Call.TIMER_START, timer, first, gate);
  const result = timerStartCall(timer, first, period);
  more(period, 0);
  return leave(Call.TIMER_START, timer, first, result);
}

function timerStopCall(timer: i32): i32 {
  const at_timer = timerAt(timer);
  if (none(at_timer)) return Errno.EBADF;
  return timerStop(at_timer);
}

/** The timer does not expire any more; a callback that has not begun is withdrawn. Returns 1 if it was running, else 0. */
export function timer_stop(timer: i32): i32 {
  const gate = enter(40, 63);
  if (gate != 0) return refused(Call.TIMER_STOP, timer, 0, gate);
  return leave(Call.TIMER_STOP, timer, 0, timerStopCall(timer));
}

function timerCountCall(timer: i32): i32 {
  const at_timer = timerAt(timer);
  if (none(at_timer)) return Errno.EBADF;
  return timerCount(at_timer);
}

/** Expiries since the last query. */
export function timer_count(timer: i32): i32 {
  const gate = enter(30, 63);
  if (gate != 0) return refused(Call.TIMER_COUNT, timer, 0, gate);
  return leave(Call.TIMER_COUNT, timer, 0, timerCountCall(timer));
}

function timerOverrunsCall(timer: i32): i32 {
  const at_timer = timerAt(timer);
  if (none(at_timer)) return Errno.EBADF;
  return timerOverruns(at_timer);
}

/** Expiries since the last query whose callback found the one before not begun. */
export function timer_overruns(timer: i32): i32 {
  const gate = enter(30, 63);
  if (gate != 0) return refused(Call.TIMER_OVERRUNS, timer, 0, gate);
  return leave(Call.TIMER_OVERRUNS, timer, 0, timerOverrunsCall(timer));
}

function timerServiceCall(out: usize, timeout: i32): i32 {
  if (!inRam(out, offsetof<Callback>())) return Errno.EFAULT;
  return timerService(out, timeout);
}

/** For the timer service: ends the callback that ran, waits for the next and stores it. Errors: EAGAIN ETIMEDOUT EINTR ECANCELED EBUSY. */
export function timer_service(out: usize, timeout: i32): i32 {
  const gate = enterWait(40, 19, 19, timeout);
  if (gate != 0) return refused(Call.TIMER_SERVICE, 0, 0, gate);
  return leave(Call.TIMER_SERVICE, 0, 0, timerServiceCall(out, timeout));
}

/** A byte stream of fixed capacity (0 = rendezvous), opened for the creator by `mode`. Its buffer is at `storage`, or from the arena when that is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
export function pipe_create(name: usize, capacity: i32, mode: i32, storage: u32): i32 {
  const gate = enter(140, 43);
  if (gate != 0) return refused(Call.PIPE_CREATE, 0, capacity, gate);
  const result = pipeCreate(name, capacity, mode, storage);
  more(mode, storage);
  return leave(Call.PIPE_CREATE, 0, capacity, result);
}

function pipeReadCall(pipe: i32, buffer: usize, length: i32, timeout: i32): i32 {
  const at_pipe = pipeAt(pipe);
  if (none(at_pipe)) return Errno.EBADF;
  if (!mayUse(at_pipe, Mode.READ)) return Errno.EPERM;
  if (length < 0) return Errno.EINVAL;
  if (!inRam(buffer, length)) return Errno.EFAULT;
  return pipeRead(at_pipe, buffer, length, timeout);
}

/** Takes what is there, at most the length; waits for a first byte. 0: no writer is left and the pipe is drained. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EDEADLK EPERM EFAULT. */
export function pipe_read(pipe: i32, buffer: usize, length: i32, timeout: i32): i32 {
  const gate = enterWait(60, 63, 3, timeout);
  if (gate != 0) return refused(Call.PIPE_READ, pipe, length, gate);
  return leave(Call.PIPE_READ, pipe, length, pipeReadCall(pipe, buffer, length, timeout));
}

function pipeWriteCall(pipe: i32, buffer: usize, length: i32, timeout: i32): i32 {
  const at_pipe = pipeAt(pipe);
  if (none(at_pipe)) return Errno.EBADF;
  if (!mayUse(at_pipe, Mode.WRITE)) return Errno.EPERM;
  if (length < 0) return Errno.EINVAL;
  if (!inRam(buffer, length)) return Errno.EFAULT;
  return pipeWrite(at_pipe, buffer, length, timeout);
}

/** Puts bytes in. Up to 64 (or the capacity) go in whole or not at all; more go in pieces as room appears. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE EDEADLK EPERM EFAULT. */
export function pipe_write(pipe: i32, buffer: usize, length: i32, timeout: i32): i32 {
  const gate = enterWait(60, 63, 3, timeout);
  if (gate != 0) return refused(Call.PIPE_WRITE, pipe, length, gate);
  return leave(Call.PIPE_WRITE, pipe, length, pipeWriteCall(pipe, buffer, length, timeout));
}

function pipeResetCall(pipe: i32): i32 {
  const at_pipe = pipeAt(pipe);
  if (none(at_pipe)) return Errno.EBADF;
  return pipeReset(at_pipe);
}

/** Forgets the bytes; blocked callers get ECANCELED. Errors: EPERM. */
export function pipe_reset(pipe: i32): i32 {
  const gate = enter(80, 63);
  if (gate != 0) return refused(Call.PIPE_RESET, pipe, 0, gate);
  return leave(Call.PIPE_RESET, pipe, 0, pipeResetCall(pipe));
}

function pipeTriggerCall(pipe: i32, level: i32): i32 {
  const at_pipe = pipeAt(pipe);
  if (none(at_pipe)) return Errno.EBADF;
  return pipeTrigger(at_pipe, level);
}

/** A blocked reader wakes only when this many bytes are there (1..capacity). Returns the old level. Errors: EINVAL EPERM. */
export function pipe_trigger(pipe: i32, level: i32): i32 {
  const gate = enter(40, 63);
  if (gate != 0) return refused(Call.PIPE_TRIGGER, pipe, level, gate);
  return leave(Call.PIPE_TRIGGER, pipe, level, pipeTriggerCall(pipe, level));
}
