// Generated from kernel/abi/table.ts by `npm run abi`. Do not edit.
/** The face of the kernel: every system call as one export. No policy here: check, call, trace, answer. */
import { Call, Errno, Mode } from "./abi/constants";
import { Callback, Endpoint, Letter, PollItem, Sender, SigAction, Spawn } from "./abi/records";
import { SMALL } from "./config";
import { none } from "./lib/list";
import { mayUse } from "./object/object";
import { compute, enter, late, leave, mayWait, more } from "./serve";
import { reaches, reachesName } from "./reach";
import { cpu, kernel, trace } from "./state";
import { taskAlarm } from "./alarm";
import { taskPriority, taskResume, taskSelf, taskSleep, taskSleepUntil, taskSlice, taskSuspend, taskThreshold, taskYield, waitAbort } from "./control";
import { objectEnumerate, objectInfo } from "./inspect";
import { interruptLock, interruptUnlock, irqAttach, irqDetach, irqRaise, schedulerLock, schedulerUnlock } from "./irq";
import { objectClose, objectDelete, objectGrant, objectOpen, objectUnlink, taskDetach, taskExit, taskJoin, taskSpawn, taskTerminate } from "./life";
import { barrierAt, barrierCreate, barrierWait } from "./object/barrier";
import { condAt, condBroadcast, condCreate, condSignal, condWait } from "./object/condition";
import { eventAt, eventClear, eventCreate, eventSet, eventWait } from "./object/event";
import { flagsClear, flagsSet, flagsWait, notifySend, notifyWait } from "./object/flags";
import { mailboxAt, mailboxBroadcast, mailboxCreate, mailboxNotify, mailboxReceive, mailboxSend, mailboxSendSync } from "./object/mailbox";
import { memoryAlloc, memoryFree } from "./object/memory";
import { mutexAt, mutexConsistent, mutexCreate, mutexLock, mutexUnlock } from "./object/mutex";
import { pipeAt, pipeCreate, pipeRead, pipeReset, pipeTrigger, pipeWrite } from "./object/pipe";
import { objectPoll } from "./object/poll";
import { poolAlloc, poolAt, poolCreate, poolFree } from "./object/pool";
import { queueAt, queueCreate, queueNotify, queueOverwrite, queuePeek, queueReceive, queueReset, queueSend } from "./object/queue";
import { regionAddress, regionAt, regionCreate, wordAdd, wordCompareExchange, wordExchange, wordWait, wordWake } from "./object/region";
import { rwlockAt, rwlockCreate, rwlockRead, rwlockUnlock, rwlockWrite } from "./object/rwlock";
import { semAt, semCreate, semGive, semReset, semTake } from "./object/semaphore";
import { socketAccept, socketAt, socketBind, socketConnect, socketCreate, socketListen, socketReceive, socketSend, socketShutdown } from "./object/socket";
import { timerAt, timerCount, timerCreate, timerOverruns, timerService, timerStart, timerStop } from "./object/timer";
import { signalAction, signalMask, signalPending, signalSend, signalSuspend, signalWait } from "./signal";
import { taskAt } from "./task";

export { device_begin, device_end, dispatch, dropped, idle, irq_return, line_raise, overdue, packet_arrive, power_on, reach, signal_raise, signal_return, system_done, task_fault, task_trap, trace_drain } from "./port";

function taskSpawnCall(parameters: usize): i32 {
  if (!reaches(parameters, offsetof<Spawn>(), false)) return Errno.EFAULT;
  return taskSpawn(parameters);
}

/** Makes a task that is ready to run and returns its handle. The stack is `stack_size` bytes at `stack`, or from the arena when `stack` is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
export function task_spawn(parameters: usize): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(240, 43) : (cpu.left -= 240) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskSpawnCall(parameters);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_SPAWN, 0, 0, result);
}

/** Ends the calling task. Everything it held is released in a fixed order and everyone who waits on it is told. */
export function task_exit(status: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(160, 27) : (cpu.left -= 160) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskExit(status);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_EXIT, 0, status, result);
}

function taskJoinCall(task: i32, status: usize, timeout: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  if (status != 0 && !reaches(status, 4, true)) return Errno.EFAULT;
  return taskJoin(at_task, status, timeout);
}

/** Waits until the task has ended and stores its exit status; the first joiner gets it. Errors: ECHILD EDEADLK EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function task_join(task: i32, status: usize, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xfffffff0 ? enter(60, 47) : (cpu.left -= 60) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : taskJoinCall(task, status, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_JOIN, task, 0, result);
}

function taskDetachCall(task: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskDetach(at_task);
}

/** Nobody will join the task: it leaves no zombie. Joiners that wait already are still served. Errors: ECHILD. */
export function task_detach(task: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(40, 43) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskDetachCall(task);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_DETACH, task, 0, result);
}

function taskTerminateCall(task: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskTerminate(at_task);
}

/** Ends a task, in whatever state it is, with status -1. */
export function task_terminate(task: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(180, 43) : (cpu.left -= 180) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskTerminateCall(task);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_TERMINATE, task, 0, result);
}

/** The handle of the calling task. */
export function task_self(): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(12, 27) : (cpu.left -= 12) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskSelf();
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_SELF, 0, 0, result);
}

/** Lets the ready tasks of the same priority run first. */
export function task_yield(): i32 {
  const gate = SMALL || kernel.context & 0xfffffffc ? enter(30, 3) : (cpu.left -= 30) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskYield();
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_YIELD, 0, 0, result);
}

/** Waits n ticks: until the start of tick now + n. 0 returns at once. Errors: EINVAL EINTR ECANCELED. */
export function task_sleep(ticks: u32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(50, 11) : (cpu.left -= 50) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskSleep(ticks);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_SLEEP, 0, ticks, result);
}

/** Waits for the start of a tick. Returns 0, or 1 at once when that tick is past. Errors: EINTR ECANCELED. */
export function task_sleep_until(tick: u32): i32 {
  const gate = SMALL || kernel.context & 0xfffffffc ? enter(50, 3) : (cpu.left -= 50) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskSleepUntil(tick);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_SLEEP_UNTIL, 0, tick, result);
}

function taskSuspendCall(task: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskSuspend(at_task);
}

/** Keeps the task from running until task_resume. What it waits for goes on. Suspending twice is suspending once. Errors: EPERM. */
export function task_suspend(task: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff0 ? enter(50, 47) : (cpu.left -= 50) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskSuspendCall(task);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_SUSPEND, task, 0, result);
}

function taskResumeCall(task: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskResume(at_task);
}

/** Lets a suspended task run again. */
export function task_resume(task: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff0 ? enter(50, 47) : (cpu.left -= 50) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskResumeCall(task);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_RESUME, task, 0, result);
}

function taskPriorityCall(task: i32, priority: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskPriority(at_task, priority);
}

/** Changes the base priority (0..63, 63 is the most urgent) and returns the old one. Errors: EINVAL. */
export function task_priority(task: i32, priority: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(60, 59) : (cpu.left -= 60) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskPriorityCall(task, priority);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_PRIORITY, task, priority, result);
}

function taskSliceCall(task: i32, ticks: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskSlice(at_task, ticks);
}

/** Changes the time slice (0 = none, at most 65535) from its next refill on and returns the old one. Errors: EINVAL. */
export function task_slice(task: i32, ticks: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(30, 59) : (cpu.left -= 30) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskSliceCall(task, ticks);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_SLICE, task, ticks, result);
}

function taskThresholdCall(task: i32, threshold: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return taskThreshold(at_task, threshold);
}

/** Changes the preemption threshold: only tasks above it preempt this one. Returns the old one. Errors: EINVAL. */
export function task_threshold(task: i32, threshold: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(40, 59) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskThresholdCall(task, threshold);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_THRESHOLD, task, threshold, result);
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
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(50, 63) : (cpu.left -= 50) > 0 ? 0 : late();
  const result = gate != 0 ? gate : waitAbortCall(task);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.WAIT_ABORT, task, 0, result);
}

/** No other task runs until as many unlocks. Returns the depth. Interrupts and ticks go on. Errors: EOVERFLOW. */
export function scheduler_lock(): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(12, 11) : (cpu.left -= 12) > 0 ? 0 : late();
  const result = gate != 0 ? gate : schedulerLock();
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SCHEDULER_LOCK, 0, 0, result);
}

/** Undoes one lock and returns the depth; at 0 a more urgent task runs. Errors: EPERM. */
export function scheduler_unlock(): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(16, 11) : (cpu.left -= 16) > 0 ? 0 : late();
  const result = gate != 0 ? gate : schedulerUnlock();
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SCHEDULER_UNLOCK, 0, 0, result);
}

/** Delays interrupts, ticks and switches until as many unlocks. Returns the depth. Errors: EOVERFLOW. */
export function interrupt_lock(): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(12, 11) : (cpu.left -= 12) > 0 ? 0 : late();
  const result = gate != 0 ? gate : interruptLock();
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.INTERRUPT_LOCK, 0, 0, result);
}

/** Undoes one lock and returns the depth; at 0 what came meanwhile is served. Errors: EPERM. */
export function interrupt_unlock(): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(16, 11) : (cpu.left -= 16) > 0 ? 0 : late();
  const result = gate != 0 ? gate : interruptUnlock();
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.INTERRUPT_UNLOCK, 0, 0, result);
}

/** The handler `entry` serves the line from now on. Priority 0..255, 255 is the most urgent; a more urgent line interrupts a handler. Errors: EINVAL EBUSY. */
export function irq_attach(line: i32, entry: u32, priority: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(40, 43) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : irqAttach(line, entry, priority);
  if (gate == 0) more(entry, priority);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.IRQ_ATTACH, 0, line, result);
}

/** Nobody serves the line; what is pending on it is forgotten. Errors: EINVAL. */
export function irq_detach(line: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(40, 43) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : irqDetach(line);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.IRQ_DETACH, 0, line, result);
}

/** Makes the line pending. Raised twice before its handler starts is raised once. Errors: EINVAL. */
export function irq_raise(line: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(20, 63) : (cpu.left -= 20) > 0 ? 0 : late();
  const result = gate != 0 ? gate : irqRaise(line);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.IRQ_RAISE, 0, line, result);
}

function objectOpenCall(kind: i32, name: usize, mode: i32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return objectOpen(kind, name, mode);
}

/** The handle of the object of this kind and name, opened for the caller to READ, WRITE or both; mode 0 where nothing is to be opened: tasks, synchronisation objects, timers. Errors: ENOENT EINVAL ENAMETOOLONG EFAULT EPERM. */
export function object_open(kind: i32, name: usize, mode: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(80, 59) : (cpu.left -= 80) > 0 ? 0 : late();
  const result = gate != 0 ? gate : objectOpenCall(kind, name, mode);
  if (gate == 0) more(mode, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.OBJECT_OPEN, 0, kind, result);
}

/** The caller no longer reads, writes, or either. The last close of an unnamed or unlinked object ends it. Errors: EBADF EINVAL EPERM. */
export function object_close(object: i32, mode: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff0 ? enter(80, 47) : (cpu.left -= 80) > 0 ? 0 : late();
  const result = gate != 0 ? gate : objectClose(object, mode);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.OBJECT_CLOSE, object, mode, result);
}

function objectGrantCall(object: i32, task: i32, mode: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return objectGrant(object, at_task, mode);
}

/** Whoever has the object open, in any direction, opens it for another task. Errors: EBADF EINVAL EPERM. */
export function object_grant(object: i32, task: i32, mode: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(60, 43) : (cpu.left -= 60) > 0 ? 0 : late();
  const result = gate != 0 ? gate : objectGrantCall(object, task, mode);
  if (gate == 0) more(mode, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.OBJECT_GRANT, object, task, result);
}

/** Takes the object's name away at once; the object goes at its last close. Errors: EBADF EINVAL EPERM. */
export function object_unlink(object: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(60, 43) : (cpu.left -= 60) > 0 ? 0 : late();
  const result = gate != 0 ? gate : objectUnlink(object);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.OBJECT_UNLINK, object, 0, result);
}

/** Ends the object at once: waiters get EIDRM, later calls EBADF. Errors: EBADF EINVAL EPERM. */
export function object_delete(object: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(120, 43) : (cpu.left -= 120) > 0 ? 0 : late();
  const result = gate != 0 ? gate : objectDelete(object);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.OBJECT_DELETE, object, 0, result);
}

function objectInfoCall(object: i32, field: i32, out: usize): i32 {
  if (!reaches(out, 8, true)) return Errno.EFAULT;
  return objectInfo(object, field, out);
}

/** Stores one fact about the object (Info) as 64 bits; of the system where `object` is 0: RAM, RAM_FREE, RAM_LARGEST, IDLE, DATA_END. Errors: EBADF EINVAL. */
export function object_info(object: i32, field: i32, out: usize): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(40, 63) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : objectInfoCall(object, field, out);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.OBJECT_INFO, object, field, result);
}

/** The handle of the first live object of this kind behind `previous` (0 = from the start), 0 at the end. Errors: EINVAL. */
export function object_enumerate(kind: i32, previous: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(40, 63) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : objectEnumerate(kind, previous);
  if (gate == 0) more(previous, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.OBJECT_ENUMERATE, 0, kind, result);
}

function semCreateCall(name: usize, initial: i32, maximum: i32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return semCreate(name, initial, maximum);
}

/** A counting semaphore. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function sem_create(name: usize, initial: i32, maximum: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(100, 43) : (cpu.left -= 100) > 0 ? 0 : late();
  const result = gate != 0 ? gate : semCreateCall(name, initial, maximum);
  if (gate == 0) more(maximum, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SEM_CREATE, 0, initial, result);
}

function semTakeCall(sem: i32, timeout: i32): i32 {
  const at_sem = semAt(sem);
  if (none(at_sem)) return Errno.EBADF;
  return semTake(at_sem, timeout);
}

/** Takes one unit, waits for it if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function sem_take(sem: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe0 ? enter(40, 63) : (cpu.left -= 40) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : semTakeCall(sem, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SEM_TAKE, sem, 0, result);
}

function semGiveCall(sem: i32): i32 {
  const at_sem = semAt(sem);
  if (none(at_sem)) return Errno.EBADF;
  return semGive(at_sem);
}

/** Hands one unit to the first waiter, or counts it. Errors: EOVERFLOW. */
export function sem_give(sem: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(40, 63) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : semGiveCall(sem);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SEM_GIVE, sem, 0, result);
}

function semResetCall(sem: i32, count: i32): i32 {
  const at_sem = semAt(sem);
  if (none(at_sem)) return Errno.EBADF;
  return semReset(at_sem, count);
}

/** Waiters get ECANCELED, then the count is set. Errors: EINVAL. */
export function sem_reset(sem: i32, count: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 63) : (cpu.left -= 60) > 0 ? 0 : late();
  const result = gate != 0 ? gate : semResetCall(sem, count);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SEM_RESET, sem, count, result);
}

function mutexCreateCall(name: usize, flags: i32, ceiling: i32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return mutexCreate(name, flags, ceiling);
}

/** A mutex with priority inheritance; MutexFlag: RECURSIVE, ROBUST, CEILING (raises the owner to `ceiling` at once), PLAIN (no inheritance), CHECKED (a lock that could never be had is EDEADLK). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function mutex_create(name: usize, flags: i32, ceiling: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(100, 43) : (cpu.left -= 100) > 0 ? 0 : late();
  const result = gate != 0 ? gate : mutexCreateCall(name, flags, ceiling);
  if (gate == 0) more(ceiling, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MUTEX_CREATE, 0, flags, result);
}

function mutexLockCall(mutex: i32, timeout: i32): i32 {
  const at_mutex = mutexAt(mutex);
  if (none(at_mutex)) return Errno.EBADF;
  return mutexLock(at_mutex, timeout);
}

/** Locks the mutex, waits for it if another task owns it. EOWNERDEAD: locked, and what it protects may be half done. Errors: EAGAIN ETIMEDOUT EIDRM ECANCELED EDEADLK EINVAL EOVERFLOW EOWNERDEAD ENOTRECOVERABLE. */
export function mutex_lock(mutex: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xfffffff4 ? enter(50, 11) : (cpu.left -= 50) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : mutexLockCall(mutex, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MUTEX_LOCK, mutex, 0, result);
}

function mutexUnlockCall(mutex: i32): i32 {
  const at_mutex = mutexAt(mutex);
  if (none(at_mutex)) return Errno.EBADF;
  return mutexUnlock(at_mutex);
}

/** Undoes one lock; the last hands the mutex to the first waiter. Errors: EPERM. */
export function mutex_unlock(mutex: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(50, 11) : (cpu.left -= 50) > 0 ? 0 : late();
  const result = gate != 0 ? gate : mutexUnlockCall(mutex);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MUTEX_UNLOCK, mutex, 0, result);
}

function mutexConsistentCall(mutex: i32): i32 {
  const at_mutex = mutexAt(mutex);
  if (none(at_mutex)) return Errno.EBADF;
  return mutexConsistent(at_mutex);
}

/** After EOWNERDEAD: what the mutex protects is whole again. Errors: EPERM EINVAL. */
export function mutex_consistent(mutex: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(30, 11) : (cpu.left -= 30) > 0 ? 0 : late();
  const result = gate != 0 ? gate : mutexConsistentCall(mutex);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MUTEX_CONSISTENT, mutex, 0, result);
}

function condCreateCall(name: usize): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return condCreate(name);
}

/** A condition variable. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function cond_create(name: usize): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(100, 43) : (cpu.left -= 100) > 0 ? 0 : late();
  const result = gate != 0 ? gate : condCreateCall(name);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.COND_CREATE, 0, 0, result);
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
  let gate = SMALL || kernel.context & 0xfffffffc ? enter(70, 3) : (cpu.left -= 70) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : condWaitCall(cond, mutex, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.COND_WAIT, cond, mutex, result);
}

function condSignalCall(cond: i32): i32 {
  const at_cond = condAt(cond);
  if (none(at_cond)) return Errno.EBADF;
  return condSignal(at_cond);
}

/** Wakes the first waiter; without one it is lost. */
export function cond_signal(cond: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(50, 27) : (cpu.left -= 50) > 0 ? 0 : late();
  const result = gate != 0 ? gate : condSignalCall(cond);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.COND_SIGNAL, cond, 0, result);
}

function condBroadcastCall(cond: i32): i32 {
  const at_cond = condAt(cond);
  if (none(at_cond)) return Errno.EBADF;
  return condBroadcast(at_cond);
}

/** Wakes every waiter, in order. */
export function cond_broadcast(cond: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(60, 27) : (cpu.left -= 60) > 0 ? 0 : late();
  const result = gate != 0 ? gate : condBroadcastCall(cond);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.COND_BROADCAST, cond, 0, result);
}

function eventCreateCall(name: usize, bits: i32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return eventCreate(name, bits);
}

/** 31 event flags (bits 0..30). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function event_create(name: usize, bits: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(100, 43) : (cpu.left -= 100) > 0 ? 0 : late();
  const result = gate != 0 ? gate : eventCreateCall(name, bits);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.EVENT_CREATE, 0, bits, result);
}

function eventWaitCall(event: i32, bits: i32, how: i32, timeout: i32): i32 {
  const at_event = eventAt(event);
  if (none(at_event)) return Errno.EBADF;
  return eventWait(at_event, bits, how, timeout);
}

/** Waits for ANY or ALL of the bits and returns the flags as they were then; CLEAR takes the bits waited for. Errors: EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function event_wait(event: i32, bits: i32, how: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe0 ? enter(50, 63) : (cpu.left -= 50) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : eventWaitCall(event, bits, how, timeout);
  if (gate == 0) more(how, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.EVENT_WAIT, event, bits, result);
}

function eventSetCall(event: i32, bits: i32): i32 {
  const at_event = eventAt(event);
  if (none(at_event)) return Errno.EBADF;
  return eventSet(at_event, bits);
}

/** Sets bits; every waiter is tested against the same flags, then what the satisfied ones clear is cleared. Returns the flags left. Errors: EINVAL. */
export function event_set(event: i32, bits: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(50, 63) : (cpu.left -= 50) > 0 ? 0 : late();
  const result = gate != 0 ? gate : eventSetCall(event, bits);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.EVENT_SET, event, bits, result);
}

function eventClearCall(event: i32, bits: i32): i32 {
  const at_event = eventAt(event);
  if (none(at_event)) return Errno.EBADF;
  return eventClear(at_event, bits);
}

/** Clears bits and returns the flags as they were before. Errors: EINVAL. */
export function event_clear(event: i32, bits: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(30, 63) : (cpu.left -= 30) > 0 ? 0 : late();
  const result = gate != 0 ? gate : eventClearCall(event, bits);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.EVENT_CLEAR, event, bits, result);
}

function barrierCreateCall(name: usize, count: i32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return barrierCreate(name, count);
}

/** A barrier for `count` tasks. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function barrier_create(name: usize, count: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(100, 43) : (cpu.left -= 100) > 0 ? 0 : late();
  const result = gate != 0 ? gate : barrierCreateCall(name, count);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.BARRIER_CREATE, 0, count, result);
}

function barrierWaitCall(barrier: i32, timeout: i32): i32 {
  const at_barrier = barrierAt(barrier);
  if (none(at_barrier)) return Errno.EBADF;
  return barrierWait(at_barrier, timeout);
}

/** Waits until `count` tasks are here. Returns 1 to the last arrival, 0 to the others. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function barrier_wait(barrier: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xfffffffc ? enter(50, 3) : (cpu.left -= 50) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : barrierWaitCall(barrier, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.BARRIER_WAIT, barrier, 0, result);
}

function rwlockCreateCall(name: usize): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return rwlockCreate(name);
}

/** A lock for many readers or one writer. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function rwlock_create(name: usize): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(100, 43) : (cpu.left -= 100) > 0 ? 0 : late();
  const result = gate != 0 ? gate : rwlockCreateCall(name);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.RWLOCK_CREATE, 0, 0, result);
}

function rwlockReadCall(rwlock: i32, timeout: i32): i32 {
  const at_rwlock = rwlockAt(rwlock);
  if (none(at_rwlock)) return Errno.EBADF;
  return rwlockRead(at_rwlock, timeout);
}

/** Locks for reading; a waiting writer that is at least as urgent goes first. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
export function rwlock_read(rwlock: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xfffffff4 ? enter(50, 11) : (cpu.left -= 50) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : rwlockReadCall(rwlock, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.RWLOCK_READ, rwlock, 0, result);
}

function rwlockWriteCall(rwlock: i32, timeout: i32): i32 {
  const at_rwlock = rwlockAt(rwlock);
  if (none(at_rwlock)) return Errno.EBADF;
  return rwlockWrite(at_rwlock, timeout);
}

/** Locks for writing. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
export function rwlock_write(rwlock: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xfffffff4 ? enter(50, 11) : (cpu.left -= 50) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : rwlockWriteCall(rwlock, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.RWLOCK_WRITE, rwlock, 0, result);
}

function rwlockUnlockCall(rwlock: i32): i32 {
  const at_rwlock = rwlockAt(rwlock);
  if (none(at_rwlock)) return Errno.EBADF;
  return rwlockUnlock(at_rwlock);
}

/** Gives up the caller's read or write lock. Errors: EPERM. */
export function rwlock_unlock(rwlock: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(50, 11) : (cpu.left -= 50) > 0 ? 0 : late();
  const result = gate != 0 ? gate : rwlockUnlockCall(rwlock);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.RWLOCK_UNLOCK, rwlock, 0, result);
}

function timerCreateCall(name: usize, action: i32, target: i32, value: i32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return timerCreate(name, action, target, value);
}

/** A stopped timer. At each expiry: CALLBACK runs entry `target` with argument `value` in the timer service, SEM_GIVE gives `target`, EVENT_SET sets the bits `value` of `target`. Errors: EINVAL EBADF ESRCH ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function timer_create(name: usize, action: i32, target: i32, value: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(100, 59) : (cpu.left -= 100) > 0 ? 0 : late();
  const result = gate != 0 ? gate : timerCreateCall(name, action, target, value);
  if (gate == 0) more(target, value);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TIMER_CREATE, 0, action, result);
}

function timerStartCall(timer: i32, first: i32, period: i32): i32 {
  const at_timer = timerAt(timer);
  if (none(at_timer)) return Errno.EBADF;
  return timerStart(at_timer, first, period);
}

/** First expiry after `first` ticks (at least 1), then every `period` ticks; period 0: once. A running timer starts anew. Errors: EINVAL. */
export function timer_start(timer: i32, first: i32, period: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 63) : (cpu.left -= 60) > 0 ? 0 : late();
  const result = gate != 0 ? gate : timerStartCall(timer, first, period);
  if (gate == 0) more(period, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TIMER_START, timer, first, result);
}

function timerStopCall(timer: i32): i32 {
  const at_timer = timerAt(timer);
  if (none(at_timer)) return Errno.EBADF;
  return timerStop(at_timer);
}

/** The timer does not expire any more; a callback that has not begun is withdrawn. Returns 1 if it was running, else 0. */
export function timer_stop(timer: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(40, 63) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : timerStopCall(timer);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TIMER_STOP, timer, 0, result);
}

function timerCountCall(timer: i32): i32 {
  const at_timer = timerAt(timer);
  if (none(at_timer)) return Errno.EBADF;
  return timerCount(at_timer);
}

/** Expiries since the last query. */
export function timer_count(timer: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(30, 63) : (cpu.left -= 30) > 0 ? 0 : late();
  const result = gate != 0 ? gate : timerCountCall(timer);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TIMER_COUNT, timer, 0, result);
}

function timerOverrunsCall(timer: i32): i32 {
  const at_timer = timerAt(timer);
  if (none(at_timer)) return Errno.EBADF;
  return timerOverruns(at_timer);
}

/** Expiries since the last query whose callback found the one before not begun. */
export function timer_overruns(timer: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(30, 63) : (cpu.left -= 30) > 0 ? 0 : late();
  const result = gate != 0 ? gate : timerOverrunsCall(timer);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TIMER_OVERRUNS, timer, 0, result);
}

function timerServiceCall(out: usize, timeout: i32): i32 {
  if (!reaches(out, offsetof<Callback>(), true)) return Errno.EFAULT;
  return timerService(out, timeout);
}

/** For the timer service: ends the callback that ran, waits for the next and stores it. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EBUSY. */
export function timer_service(out: usize, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffec ? enter(40, 19) : (cpu.left -= 40) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(19, timeout);
  const result = gate != 0 ? gate : timerServiceCall(out, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TIMER_SERVICE, 0, 0, result);
}

function pipeCreateCall(name: usize, capacity: i32, mode: i32, storage: u32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return pipeCreate(name, capacity, mode, storage);
}

/** A byte stream of fixed capacity (0 = rendezvous), opened for the creator by `mode`. Its buffer is at `storage`, or from the arena when that is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
export function pipe_create(name: usize, capacity: i32, mode: i32, storage: u32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(140, 43) : (cpu.left -= 140) > 0 ? 0 : late();
  const result = gate != 0 ? gate : pipeCreateCall(name, capacity, mode, storage);
  if (gate == 0) more(mode, storage);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.PIPE_CREATE, 0, capacity, result);
}

function pipeReadCall(pipe: i32, buffer: usize, length: i32, timeout: i32): i32 {
  const at_pipe = pipeAt(pipe);
  if (none(at_pipe)) return Errno.EBADF;
  if (!mayUse(at_pipe, Mode.READ)) return Errno.EPERM;
  if (length < 0) return Errno.EINVAL;
  if (!reaches(buffer, length, true)) return Errno.EFAULT;
  return pipeRead(at_pipe, buffer, length, timeout);
}

/** Takes what is there, at most the length; waits for a first byte. 0: no writer is left and the pipe is drained. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EDEADLK EPERM EFAULT. */
export function pipe_read(pipe: i32, buffer: usize, length: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 63) : (cpu.left -= 60) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : pipeReadCall(pipe, buffer, length, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.PIPE_READ, pipe, length, result);
}

function pipeWriteCall(pipe: i32, buffer: usize, length: i32, timeout: i32): i32 {
  const at_pipe = pipeAt(pipe);
  if (none(at_pipe)) return Errno.EBADF;
  if (!mayUse(at_pipe, Mode.WRITE)) return Errno.EPERM;
  if (length < 0) return Errno.EINVAL;
  if (!reaches(buffer, length, false)) return Errno.EFAULT;
  return pipeWrite(at_pipe, buffer, length, timeout);
}

/** Puts bytes in. Up to 64 (or the capacity) go in whole or not at all; more go in pieces as room appears. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE EDEADLK EPERM EFAULT. */
export function pipe_write(pipe: i32, buffer: usize, length: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 63) : (cpu.left -= 60) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : pipeWriteCall(pipe, buffer, length, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.PIPE_WRITE, pipe, length, result);
}

function pipeResetCall(pipe: i32): i32 {
  const at_pipe = pipeAt(pipe);
  if (none(at_pipe)) return Errno.EBADF;
  return pipeReset(at_pipe);
}

/** Forgets the bytes; blocked callers get ECANCELED. Errors: EPERM. */
export function pipe_reset(pipe: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(80, 63) : (cpu.left -= 80) > 0 ? 0 : late();
  const result = gate != 0 ? gate : pipeResetCall(pipe);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.PIPE_RESET, pipe, 0, result);
}

function pipeTriggerCall(pipe: i32, level: i32): i32 {
  const at_pipe = pipeAt(pipe);
  if (none(at_pipe)) return Errno.EBADF;
  return pipeTrigger(at_pipe, level);
}

/** A blocked reader wakes only when this many bytes are there (1..capacity). Returns the old level. Errors: EINVAL EPERM. */
export function pipe_trigger(pipe: i32, level: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(40, 63) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : pipeTriggerCall(pipe, level);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.PIPE_TRIGGER, pipe, level, result);
}

function signalSendCall(task: i32, signal: i32): i32 {
  if (task != 0 && none(taskAt(task))) return Errno.ESRCH;
  return signalSend(task, signal);
}

/** Sends a signal (1..31) to a task, or with task 0 to every child of the caller. Signal 0 only tells whether the task exists. Errors: ESRCH EINVAL EPERM. */
export function signal_send(task: i32, signal: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(50, 63) : (cpu.left -= 50) > 0 ? 0 : late();
  const result = gate != 0 ? gate : signalSendCall(task, signal);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SIGNAL_SEND, task, signal, result);
}

function signalActionCall(signal: i32, action: usize, old: usize): i32 {
  if (action != 0 && !reaches(action, offsetof<SigAction>(), false)) return Errno.EFAULT;
  if (old != 0 && !reaches(old, offsetof<SigAction>(), true)) return Errno.EFAULT;
  return signalAction(signal, action, old);
}

/** Says what the signal does to the caller: the default, nothing, or a handler; stores what it did before. Errors: EINVAL EFAULT ENFILE. */
export function signal_action(signal: i32, action: usize, old: usize): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(40, 27) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : signalActionCall(signal, action, old);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SIGNAL_ACTION, 0, signal, result);
}

function signalMaskCall(how: i32, set: u32, old: usize): i32 {
  if (old != 0 && !reaches(old, 4, true)) return Errno.EFAULT;
  return signalMask(how, set, old);
}

/** Masks signals (MaskHow): they stay pending. What gets unmasked is delivered before the call returns. Errors: EINVAL EFAULT. */
export function signal_mask(how: i32, set: u32, old: usize): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(30, 27) : (cpu.left -= 30) > 0 ? 0 : late();
  const result = gate != 0 ? gate : signalMaskCall(how, set, old);
  if (gate == 0) more(set, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SIGNAL_MASK, 0, how, result);
}

function signalWaitCall(set: u32, origin: usize, timeout: i32): i32 {
  if (origin != 0 && !reaches(origin, 4, true)) return Errno.EFAULT;
  return signalWait(set, origin, timeout);
}

/** Takes the lowest pending signal of the set, waits for one if there is none, and returns its number; no handler runs for it. Errors: EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function signal_wait(set: u32, origin: usize, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe4 ? enter(50, 27) : (cpu.left -= 50) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : signalWaitCall(set, origin, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SIGNAL_WAIT, 0, set, result);
}

/** Waits with this mask until a handler has run, then the old mask is back. Returns EINTR. Errors: EINTR ECANCELED. */
export function signal_suspend(mask: u32): i32 {
  const gate = SMALL || kernel.context & 0xfffffffc ? enter(50, 3) : (cpu.left -= 50) > 0 ? 0 : late();
  const result = gate != 0 ? gate : signalSuspend(mask);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SIGNAL_SUSPEND, 0, mask, result);
}

function signalPendingCall(set: usize): i32 {
  if (!reaches(set, 4, true)) return Errno.EFAULT;
  return signalPending(set);
}

/** Stores the set of signals that are pending for the caller. Errors: EFAULT. */
export function signal_pending(set: usize): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(20, 27) : (cpu.left -= 20) > 0 ? 0 : late();
  const result = gate != 0 ? gate : signalPendingCall(set);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SIGNAL_PENDING, 0, 0, result);
}

/** SIGALRM after so many ticks (0 = none) instead of the alarm before; returns the ticks that were left of that one. Errors: EINVAL. */
export function task_alarm(ticks: u32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(40, 27) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : taskAlarm(ticks);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.TASK_ALARM, 0, ticks, result);
}

function flagsSetCall(task: i32, bits: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return flagsSet(at_task, bits);
}

/** Sets thread flags (bits 0..30) of the task and returns its flags; a task that waits for them wakes. Errors: EINVAL. */
export function flags_set(task: i32, bits: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(40, 63) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : flagsSetCall(task, bits);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.FLAGS_SET, task, bits, result);
}

function flagsClearCall(task: i32, bits: i32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return flagsClear(at_task, bits);
}

/** Clears thread flags of the task and returns them as they were before. Errors: EINVAL. */
export function flags_clear(task: i32, bits: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(30, 63) : (cpu.left -= 30) > 0 ? 0 : late();
  const result = gate != 0 ? gate : flagsClearCall(task, bits);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.FLAGS_CLEAR, task, bits, result);
}

/** Waits for ANY or ALL of its own thread flags and returns them as they were then; CLEAR takes the bits waited for. Errors: EINVAL EAGAIN ETIMEDOUT EINTR ECANCELED. */
export function flags_wait(bits: i32, how: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe4 ? enter(40, 27) : (cpu.left -= 40) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : flagsWait(bits, how, timeout);
  if (gate == 0) more(how, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.FLAGS_WAIT, 0, bits, result);
}

function notifySendCall(task: i32, how: i32, value: u32): i32 {
  const at_task = taskAt(task);
  if (none(at_task)) return Errno.ESRCH;
  return notifySend(at_task, how, value);
}

/** Writes the task's notification value: OVERWRITE, KEEP (EAGAIN while one is unread), INCREMENT by the value. Errors: EINVAL EAGAIN. */
export function notify_send(task: i32, how: i32, value: u32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(40, 63) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : notifySendCall(task, how, value);
  if (gate == 0) more(value, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.NOTIFY_SEND, task, how, result);
}

function notifyWaitCall(value: usize, timeout: i32): i32 {
  if (value != 0 && !reaches(value, 4, true)) return Errno.EFAULT;
  return notifyWait(value, timeout);
}

/** Waits for its notification, stores the value and sets it to 0. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EFAULT. */
export function notify_wait(value: usize, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe4 ? enter(40, 27) : (cpu.left -= 40) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : notifyWaitCall(value, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.NOTIFY_WAIT, 0, 0, result);
}

function queueCreateCall(name: usize, count: i32, size: i32, discipline: i32, mode: i32, storage: u32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return queueCreate(name, count, size, discipline, mode, storage);
}

/** A queue of at most `count` messages of at most `size` bytes (Discipline), opened for the creator by `mode`. Storage: 2 * count rounded up to 8, and count * (8 + size rounded up to 4) bytes. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
export function queue_create(name: usize, count: i32, size: i32, discipline: i32, mode: i32, storage: u32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(140, 43) : (cpu.left -= 140) > 0 ? 0 : late();
  const result = gate != 0 ? gate : queueCreateCall(name, count, size, discipline, mode, storage);
  if (gate == 0) more(size, discipline);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.QUEUE_CREATE, 0, count, result);
}

function queueSendCall(queue: i32, message: usize, length: i32, how: i32, timeout: i32): i32 {
  const at_queue = queueAt(queue);
  if (none(at_queue)) return Errno.EBADF;
  if (!mayUse(at_queue, Mode.WRITE)) return Errno.EPERM;
  if (length < 0) return Errno.EINVAL;
  if (!reaches(message, length, false)) return Errno.EFAULT;
  return queueSend(at_queue, message, length, how, timeout);
}

/** Copies a message in, waits while the queue is full. `how`: the priority (0..255), plus FRONT for ahead of its equals. Errors: EMSGSIZE EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
export function queue_send(queue: i32, message: usize, length: i32, how: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 63) : (cpu.left -= 60) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : queueSendCall(queue, message, length, how, timeout);
  if (gate == 0) more(how, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.QUEUE_SEND, queue, length, result);
}

function queueReceiveCall(queue: i32, buffer: usize, length: i32, priority: usize, timeout: i32): i32 {
  const at_queue = queueAt(queue);
  if (none(at_queue)) return Errno.EBADF;
  if (!mayUse(at_queue, Mode.READ)) return Errno.EPERM;
  if (length < 0) return Errno.EINVAL;
  if (!reaches(buffer, length, true)) return Errno.EFAULT;
  if (priority != 0 && !reaches(priority, 4, true)) return Errno.EFAULT;
  return queueReceive(at_queue, buffer, length, priority, timeout);
}

/** Copies the first message out and returns its length, waits while the queue is empty. A buffer too small leaves the message. Errors: EMSGSIZE EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
export function queue_receive(queue: i32, buffer: usize, length: i32, priority: usize, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 63) : (cpu.left -= 60) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : queueReceiveCall(queue, buffer, length, priority, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.QUEUE_RECEIVE, queue, length, result);
}

function queuePeekCall(queue: i32, buffer: usize, length: i32, priority: usize, timeout: i32): i32 {
  const at_queue = queueAt(queue);
  if (none(at_queue)) return Errno.EBADF;
  if (!mayUse(at_queue, Mode.READ)) return Errno.EPERM;
  if (length < 0) return Errno.EINVAL;
  if (!reaches(buffer, length, true)) return Errno.EFAULT;
  if (priority != 0 && !reaches(priority, 4, true)) return Errno.EFAULT;
  return queuePeek(at_queue, buffer, length, priority, timeout);
}

/** The same, and the message stays. Errors: EMSGSIZE EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
export function queue_peek(queue: i32, buffer: usize, length: i32, priority: usize, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 63) : (cpu.left -= 60) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : queuePeekCall(queue, buffer, length, priority, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.QUEUE_PEEK, queue, length, result);
}

function queueOverwriteCall(queue: i32, message: usize, length: i32): i32 {
  const at_queue = queueAt(queue);
  if (none(at_queue)) return Errno.EBADF;
  if (!mayUse(at_queue, Mode.WRITE)) return Errno.EPERM;
  if (length < 0) return Errno.EINVAL;
  if (!reaches(message, length, false)) return Errno.EFAULT;
  return queueOverwrite(at_queue, message, length);
}

/** Replaces the message of a queue of one, or puts it in; never waits. Errors: EINVAL EMSGSIZE EPERM EFAULT. */
export function queue_overwrite(queue: i32, message: usize, length: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 63) : (cpu.left -= 60) > 0 ? 0 : late();
  const result = gate != 0 ? gate : queueOverwriteCall(queue, message, length);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.QUEUE_OVERWRITE, queue, length, result);
}

function queueResetCall(queue: i32): i32 {
  const at_queue = queueAt(queue);
  if (none(at_queue)) return Errno.EBADF;
  return queueReset(at_queue);
}

/** Drops the messages; blocked senders get ECANCELED, receivers wait on. Errors: EPERM. */
export function queue_reset(queue: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(80, 63) : (cpu.left -= 80) > 0 ? 0 : late();
  const result = gate != 0 ? gate : queueResetCall(queue);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.QUEUE_RESET, queue, 0, result);
}

function queueNotifyCall(queue: i32, signal: i32): i32 {
  const at_queue = queueAt(queue);
  if (none(at_queue)) return Errno.EBADF;
  if (!mayUse(at_queue, Mode.READ)) return Errno.EPERM;
  return queueNotify(at_queue, signal);
}

/** Sends the caller this signal, once, when a message comes into the empty queue and nobody waits for it; 0 withdraws. Errors: EINVAL EBUSY EPERM. */
export function queue_notify(queue: i32, signal: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(40, 11) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : queueNotifyCall(queue, signal);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.QUEUE_NOTIFY, queue, signal, result);
}

function poolCreateCall(name: usize, count: i32, size: i32, storage: u32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return poolCreate(name, count, size, storage);
}

/** A pool of `count` blocks of `size` bytes (rounded up to 8), at `storage` or from the arena. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
export function pool_create(name: usize, count: i32, size: i32, storage: u32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(140, 43) : (cpu.left -= 140) > 0 ? 0 : late();
  const result = gate != 0 ? gate : poolCreateCall(name, count, size, storage);
  if (gate == 0) more(size, storage);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.POOL_CREATE, 0, count, result);
}

function poolAllocCall(pool: i32, timeout: i32): i32 {
  const at_pool = poolAt(pool);
  if (none(at_pool)) return Errno.EBADF;
  return poolAlloc(at_pool, timeout);
}

/** The address of a free block, which is the caller's from now on; waits for one if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function pool_alloc(pool: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe0 ? enter(40, 63) : (cpu.left -= 40) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : poolAllocCall(pool, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.POOL_ALLOC, pool, 0, result);
}

/** Gives the block back to its pool, or to the first task that waits for one. A broadcast block is free when its last holder freed it. Errors: EINVAL EPERM. */
export function pool_free(block: u32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(40, 63) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : poolFree(block);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.POOL_FREE, 0, block, result);
}

/** The address of RAM of the caller's own (8-aligned), from the arena; waits for it if there is not enough. It goes back when the task ends. Errors: EINVAL EAGAIN ETIMEDOUT EINTR ECANCELED ENOMEM. */
export function memory_alloc(bytes: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xfffffff4 ? enter(80, 43) : (cpu.left -= 80) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : memoryAlloc(bytes, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MEMORY_ALLOC, 0, bytes, result);
}

/** Gives it back; who waits for RAM gets it in order. Errors: EINVAL EPERM. */
export function memory_free(address: u32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(80, 43) : (cpu.left -= 80) > 0 ? 0 : late();
  const result = gate != 0 ? gate : memoryFree(address);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MEMORY_FREE, 0, address, result);
}

function mailboxCreateCall(name: usize, mode: i32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return mailboxCreate(name, mode);
}

/** A mailbox, opened for the creator to send (WRITE) or to receive (READ), not both. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
export function mailbox_create(name: usize, mode: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(120, 43) : (cpu.left -= 120) > 0 ? 0 : late();
  const result = gate != 0 ? gate : mailboxCreateCall(name, mode);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MAILBOX_CREATE, 0, mode, result);
}

function mailboxSendCall(mailbox: i32, destination: i32, block: u32): i32 {
  const at_mailbox = mailboxAt(mailbox);
  if (none(at_mailbox)) return Errno.EBADF;
  if (!mayUse(at_mailbox, Mode.WRITE)) return Errno.EPERM;
  return mailboxSend(at_mailbox, destination, block);
}

/** The block goes to the destination (a task, 0 = whoever receives first) and is no longer the caller's. No byte is copied. Errors: ESRCH EINVAL EPERM. */
export function mailbox_send(mailbox: i32, destination: i32, block: u32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 63) : (cpu.left -= 60) > 0 ? 0 : late();
  const result = gate != 0 ? gate : mailboxSendCall(mailbox, destination, block);
  if (gate == 0) more(block, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MAILBOX_SEND, mailbox, destination, result);
}

function mailboxSendSyncCall(mailbox: i32, destination: i32, block: u32, timeout: i32): i32 {
  const at_mailbox = mailboxAt(mailbox);
  if (none(at_mailbox)) return Errno.EBADF;
  if (!mayUse(at_mailbox, Mode.WRITE)) return Errno.EPERM;
  return mailboxSendSync(at_mailbox, destination, block, timeout);
}

/** The same, and returns when the receiver has freed or forwarded the block. The timeout is for its being taken. Errors: ESRCH EINVAL EPERM EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EOWNERDEAD. */
export function mailbox_send_sync(mailbox: i32, destination: i32, block: u32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xfffffffc ? enter(70, 3) : (cpu.left -= 70) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : mailboxSendSyncCall(mailbox, destination, block, timeout);
  if (gate == 0) more(block, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MAILBOX_SEND_SYNC, mailbox, destination, result);
}

function mailboxBroadcastCall(mailbox: i32, block: u32): i32 {
  const at_mailbox = mailboxAt(mailbox);
  if (none(at_mailbox)) return Errno.EBADF;
  if (!mayUse(at_mailbox, Mode.WRITE)) return Errno.EPERM;
  return mailboxBroadcast(at_mailbox, block);
}

/** Every task that has the mailbox open to receive gets the same block, read-only. Returns how many; 0: the caller keeps it. Errors: EINVAL EPERM. */
export function mailbox_broadcast(mailbox: i32, block: u32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(80, 63) : (cpu.left -= 80) > 0 ? 0 : late();
  const result = gate != 0 ? gate : mailboxBroadcastCall(mailbox, block);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MAILBOX_BROADCAST, mailbox, block, result);
}

function mailboxReceiveCall(mailbox: i32, source: i32, letter: usize, timeout: i32): i32 {
  const at_mailbox = mailboxAt(mailbox);
  if (none(at_mailbox)) return Errno.EBADF;
  if (!mayUse(at_mailbox, Mode.READ)) return Errno.EPERM;
  if (letter != 0 && !reaches(letter, offsetof<Letter>(), true)) return Errno.EFAULT;
  return mailboxReceive(at_mailbox, source, letter, timeout);
}

/** The address of the first block from the source (a task, 0 = anyone) for the caller, waits for one if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE ESRCH EPERM EFAULT. */
export function mailbox_receive(mailbox: i32, source: i32, letter: usize, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 63) : (cpu.left -= 60) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : mailboxReceiveCall(mailbox, source, letter, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MAILBOX_RECEIVE, mailbox, source, result);
}

function mailboxNotifyCall(mailbox: i32, signal: i32): i32 {
  const at_mailbox = mailboxAt(mailbox);
  if (none(at_mailbox)) return Errno.EBADF;
  if (!mayUse(at_mailbox, Mode.READ)) return Errno.EPERM;
  return mailboxNotify(at_mailbox, signal);
}

/** Sends the caller this signal at every arrival for it that it does not wait for; 0 = none. Errors: EINVAL EPERM. */
export function mailbox_notify(mailbox: i32, signal: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(40, 11) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : mailboxNotifyCall(mailbox, signal);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.MAILBOX_NOTIFY, mailbox, signal, result);
}

function regionCreateCall(name: usize, bytes: i32, mode: i32, storage: u32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return regionCreate(name, bytes, mode, storage);
}

/** A shared region, zeroed, attached for the creator by `mode`: READ, or WRITE, which includes it. Its memory is at `storage` (8-aligned), or from the arena when that is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT EPERM. */
export function region_create(name: usize, bytes: i32, mode: i32, storage: u32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(140, 43) : (cpu.left -= 140) > 0 ? 0 : late();
  const result = gate != 0 ? gate : regionCreateCall(name, bytes, mode, storage);
  if (gate == 0) more(mode, storage);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.REGION_CREATE, 0, bytes, result);
}

function regionAddressCall(region: i32): i32 {
  const at_region = regionAt(region);
  if (none(at_region)) return Errno.EBADF;
  if (!mayUse(at_region, Mode.READ)) return Errno.EPERM;
  return regionAddress(at_region);
}

/** Where the region is: the same address for every task that has it attached. Errors: EPERM. */
export function region_address(region: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(12, 63) : (cpu.left -= 12) > 0 ? 0 : late();
  const result = gate != 0 ? gate : regionAddressCall(region);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.REGION_ADDRESS, region, 0, result);
}

/** Waits for word_wake of this word if it holds the expected value, in one step; else EAGAIN at once. Errors: EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function word_wait(address: u32, expected: u32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe4 ? enter(40, 27) : (cpu.left -= 40) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : wordWait(address, expected, timeout);
  if (gate == 0) more(expected, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.WORD_WAIT, 0, address, result);
}

/** Wakes at most `count` of the tasks that wait for this word; returns how many. Errors: EINVAL EFAULT. */
export function word_wake(address: u32, count: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(40, 63) : (cpu.left -= 40) > 0 ? 0 : late();
  const result = gate != 0 ? gate : wordWake(address, count);
  if (gate == 0) more(count, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.WORD_WAKE, 0, address, result);
}

function wordAddCall(address: u32, value: u32, old: usize): i32 {
  if (old != 0 && !reaches(old, 4, true)) return Errno.EFAULT;
  return wordAdd(address, value, old);
}

/** Adds to the word in one step and stores what it was. Errors: EINVAL EFAULT. */
export function word_add(address: u32, value: u32, old: usize): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(12, 63) : (cpu.left -= 12) > 0 ? 0 : late();
  const result = gate != 0 ? gate : wordAddCall(address, value, old);
  if (gate == 0) more(value, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.WORD_ADD, 0, address, result);
}

function wordExchangeCall(address: u32, value: u32, old: usize): i32 {
  if (old != 0 && !reaches(old, 4, true)) return Errno.EFAULT;
  return wordExchange(address, value, old);
}

/** Sets the word in one step and stores what it was. Errors: EINVAL EFAULT. */
export function word_exchange(address: u32, value: u32, old: usize): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(12, 63) : (cpu.left -= 12) > 0 ? 0 : late();
  const result = gate != 0 ? gate : wordExchangeCall(address, value, old);
  if (gate == 0) more(value, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.WORD_EXCHANGE, 0, address, result);
}

function wordCompareExchangeCall(address: u32, expected: u32, value: u32, old: usize): i32 {
  if (old != 0 && !reaches(old, 4, true)) return Errno.EFAULT;
  return wordCompareExchange(address, expected, value, old);
}

/** Sets the word if it holds the expected value, in one step, and stores what it was. Returns 1 if it was set, else 0. Errors: EINVAL EFAULT. */
export function word_compare_exchange(address: u32, expected: u32, value: u32, old: usize): i32 {
  const gate = SMALL || kernel.context & 0xffffffe0 ? enter(12, 63) : (cpu.left -= 12) > 0 ? 0 : late();
  const result = gate != 0 ? gate : wordCompareExchangeCall(address, expected, value, old);
  if (gate == 0) more(expected, value);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.WORD_COMPARE_EXCHANGE, 0, address, result);
}

function objectPollCall(items: usize, count: i32, timeout: i32): i32 {
  if (count < 1 || count > 64) return Errno.EINVAL;
  if (!reaches(items, count * offsetof<PollItem>(), true)) return Errno.EFAULT;
  return objectPoll(items, count, timeout);
}

/** Waits until at least one of up to 64 items (PollItem) is ready, marks which, and returns how many. Nothing is acquired. Errors: EBADF EPERM EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function object_poll(items: usize, count: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe4 ? enter(40, 27) : (cpu.left -= 40) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : objectPollCall(items, count, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.OBJECT_POLL, 0, count, result);
}

function socketCreateCall(name: usize, type: i32, receive: i32, transmit: i32, mode: i32, storage: u32): i32 {
  if (!reachesName(name)) return Errno.EFAULT;
  return socketCreate(name, type, receive, transmit, mode, storage);
}

/** An endpoint (SocketType), opened for the creator by `mode`. Its two buffers, of `receive` and `transmit` bytes, are at `storage`, or come from the arena when that is 0: a stream's when it is connected. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
export function socket_create(name: usize, type: i32, receive: i32, transmit: i32, mode: i32, storage: u32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(140, 43) : (cpu.left -= 140) > 0 ? 0 : late();
  const result = gate != 0 ? gate : socketCreateCall(name, type, receive, transmit, mode, storage);
  if (gate == 0) more(receive, transmit);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SOCKET_CREATE, 0, type, result);
}

function socketBindCall(socket: i32, address: u32, port: i32): i32 {
  const at_socket = socketAt(socket);
  if (none(at_socket)) return Errno.EBADF;
  return socketBind(at_socket, address, port);
}

/** Gives the socket its own address (0 = all of this machine's) and port (0 = the next free one of the machine's range). Returns the port. Errors: EPERM EINVAL EADDRINUSE EADDRNOTAVAIL. */
export function socket_bind(socket: i32, address: u32, port: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(60, 43) : (cpu.left -= 60) > 0 ? 0 : late();
  const result = gate != 0 ? gate : socketBindCall(socket, address, port);
  if (gate == 0) more(port, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SOCKET_BIND, socket, address, result);
}

function socketListenCall(socket: i32, backlog: i32): i32 {
  const at_socket = socketAt(socket);
  if (none(at_socket)) return Errno.EBADF;
  return socketListen(at_socket, backlog);
}

/** Streams may connect to the bound socket; so many wait to be accepted (1..32), the next is refused. Errors: EPERM EINVAL EOPNOTSUPP EISCONN. */
export function socket_listen(socket: i32, backlog: i32): i32 {
  const gate = SMALL || kernel.context & 0xfffffff4 ? enter(60, 43) : (cpu.left -= 60) > 0 ? 0 : late();
  const result = gate != 0 ? gate : socketListenCall(socket, backlog);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SOCKET_LISTEN, socket, backlog, result);
}

function socketAcceptCall(socket: i32, peer: usize, timeout: i32): i32 {
  const at_socket = socketAt(socket);
  if (none(at_socket)) return Errno.EBADF;
  if (!mayUse(at_socket, Mode.READ)) return Errno.EPERM;
  if (peer != 0 && !reaches(peer, offsetof<Endpoint>(), true)) return Errno.EFAULT;
  return socketAccept(at_socket, peer, timeout);
}

/** The oldest waiting connection as a socket of its own, opened for the caller both ways; stores the other end's address. Waits for one if there is none. Errors: EPERM EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function socket_accept(socket: i32, peer: usize, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xfffffff4 ? enter(100, 11) : (cpu.left -= 100) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : socketAcceptCall(socket, peer, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SOCKET_ACCEPT, socket, 0, result);
}

function socketConnectCall(socket: i32, address: u32, port: i32, timeout: i32): i32 {
  const at_socket = socketAt(socket);
  if (none(at_socket)) return Errno.EBADF;
  return socketConnect(at_socket, address, port, timeout);
}

/** Connects a stream and waits until that is done; timeout 0 only begins it. A timeout or a signal ends the wait, not the attempt. An unbound socket gets a port, and keeps it whatever comes of the attempt. A datagram socket gets the one end that it talks to from now on. Errors: EPERM EINVAL EISCONN EALREADY EINPROGRESS ECONNREFUSED ENETUNREACH EADDRNOTAVAIL ENOMEM ETIMEDOUT EINTR EIDRM ECANCELED. */
export function socket_connect(socket: i32, address: u32, port: i32, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe4 ? enter(120, 27) : (cpu.left -= 120) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : socketConnectCall(socket, address, port, timeout);
  if (gate == 0) more(port, 0);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SOCKET_CONNECT, socket, address, result);
}

function socketSendCall(socket: i32, buffer: usize, length: i32, to: usize, timeout: i32): i32 {
  const at_socket = socketAt(socket);
  if (none(at_socket)) return Errno.EBADF;
  if (!mayUse(at_socket, Mode.WRITE)) return Errno.EPERM;
  if (length < 0) return Errno.EINVAL;
  if (!reaches(buffer, length, false)) return Errno.EFAULT;
  if (to != 0 && !reaches(to, offsetof<Endpoint>(), false)) return Errno.EFAULT;
  return socketSend(at_socket, buffer, length, to, timeout);
}

/** Stream: puts bytes in as the other end makes room, and returns how many. Datagram: one message to `to`, or to the connected end. Errors: EPERM EFAULT ENOTCONN EISCONN EMSGSIZE EPIPE ECONNRESET ECONNREFUSED ENETUNREACH EADDRNOTAVAIL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function socket_send(socket: i32, buffer: usize, length: i32, to: usize, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 31) : (cpu.left -= 60) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : socketSendCall(socket, buffer, length, to, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SOCKET_SEND, socket, length, result);
}

function socketReceiveCall(socket: i32, buffer: usize, length: i32, from: usize, timeout: i32): i32 {
  const at_socket = socketAt(socket);
  if (none(at_socket)) return Errno.EBADF;
  if (!mayUse(at_socket, Mode.READ)) return Errno.EPERM;
  if (length < 0) return Errno.EINVAL;
  if (!reaches(buffer, length, true)) return Errno.EFAULT;
  if (from != 0 && !reaches(from, offsetof<Sender>(), true)) return Errno.EFAULT;
  return socketReceive(at_socket, buffer, length, from, timeout);
}

/** Stream: takes what is there, waits for a first byte; 0: the other end sends no more. Datagram: takes one; what does not fit is cut off, `from` tells who sent it and how long it was. Errors: EPERM EFAULT ENOTCONN ECONNRESET ECONNREFUSED EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
export function socket_receive(socket: i32, buffer: usize, length: i32, from: usize, timeout: i32): i32 {
  let gate = SMALL || kernel.context & 0xffffffe0 ? enter(60, 31) : (cpu.left -= 60) > 0 ? 0 : late();
  if (gate == 0 && timeout != 0) gate = mayWait(3, timeout);
  const result = gate != 0 ? gate : socketReceiveCall(socket, buffer, length, from, timeout);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SOCKET_RECEIVE, socket, length, result);
}

function socketShutdownCall(socket: i32, how: i32): i32 {
  const at_socket = socketAt(socket);
  if (none(at_socket)) return Errno.EBADF;
  return socketShutdown(at_socket, how);
}

/** Ends a direction of a connection for everybody here (Mode): WRITE: the other end reads what was sent, then 0; READ: later receives answer 0. Errors: EPERM EINVAL EOPNOTSUPP ENOTCONN. */
export function socket_shutdown(socket: i32, how: i32): i32 {
  const gate = SMALL || kernel.context & 0xffffffe4 ? enter(60, 27) : (cpu.left -= 60) > 0 ? 0 : late();
  const result = gate != 0 ? gate : socketShutdownCall(socket, how);
  return !SMALL && (kernel.look | trace.on) == 0 ? result : leave(Call.SOCKET_SHUTDOWN, socket, how, result);
}
