/** What a task does to its own turn on the CPU, and what one task does to another's: yield, sleep, hold, priority, slice. */
import { Call, Cause, Context, Errno, Held, Kind, State, SWITCH } from "./abi/constants";
import { Task } from "./abi/records";
import { before } from "./clock";
import { PRIORITIES } from "./config";
import { none } from "./lib/list";
import { inherit } from "./object/mutex";
import { applyThreshold, hold, stepBack, topLevel } from "./sched";
import { signalAct } from "./signal";
import { cpu, inTask, kernel } from "./state";
import { alive } from "./task";
import { block, endWait, NO_QUEUE, Settle } from "./wait";

export function taskSelf(): i32 {
  return kernel.current.handle;
}

/** Nothing to yield to leaves everything as it is, the threshold too. */
export function taskYield(): i32 {
  const task = kernel.current;
  if (topLevel() < <i32>task.priority) return 0;
  task.result = 0;
  stepBack(task);
  return SWITCH;
}

export function taskSleep(ticks: u32): i32 {
  if (ticks == 0) return 0;
  if (kernel.context & Context.LOCKED) return Errno.EPERM;
  if (<i32>ticks < 0) return Errno.EINVAL;
  return sleepFor(ticks, Call.TASK_SLEEP);
}

export function taskSleepUntil(tick: u32): i32 {
  if (tick == cpu.tick) return 0;
  if (before(tick, cpu.tick)) return 1;
  return sleepFor(tick - cpu.tick, Call.TASK_SLEEP_UNTIL);
}

/** A sleep is a wait that only its deadline ends, and whose end is a success. */
function sleepFor(ticks: u32, call: u32): i32 {
  return block(NO_QUEUE, <i32>ticks, call, Settle.SLEEP);
}

export function taskSuspend(task: Task): i32 {
  if (!alive(task)) return Errno.ESRCH;
  if (task.held & Held.SUSPENDED) return 0;
  if (task === kernel.current && inTask() && (task.schedulerLocks | task.interruptLocks) > 0) return Errno.EPERM;
  hold(task, task.held | Held.SUSPENDED);
  return 0;
}

export function taskResume(task: Task): i32 {
  if (!alive(task)) return Errno.ESRCH;
  if (!(task.held & Held.SUSPENDED)) return 0;
  hold(task, task.held & ~Held.SUSPENDED);
  signalAct(task);
  return 0;
}

export function taskPriority(task: Task, priority: i32): i32 {
  if (!alive(task)) return Errno.ESRCH;
  if (priority < 0 || priority >= PRIORITIES) return Errno.EINVAL;
  const base = task.base;
  task.base = <u8>priority;
  task.threshold = task.threshold == base ? <u8>priority : max(task.threshold, <u8>priority);
  inherit(task);
  return base;
}

export function taskSlice(task: Task, ticks: i32): i32 {
  if (!alive(task)) return Errno.ESRCH;
  if (ticks < 0 || ticks > 0xffff) return Errno.EINVAL;
  const slice = task.slice;
  task.slice = <u16>ticks;
  if (slice == 0) task.sliceLeft = <u16>ticks;
  return slice;
}

export function taskThreshold(task: Task, threshold: i32): i32 {
  if (!alive(task)) return Errno.ESRCH;
  if (threshold < <i32>task.base || threshold >= PRIORITIES) return Errno.EINVAL;
  const old = task.threshold;
  task.threshold = <u8>threshold;
  applyThreshold(task);
  return old;
}

export function waitAbort(task: Task): i32 {
  if (task.state != State.BLOCKED) return Errno.EINVAL;
  // A condition's waiter that is already after its mutex gets the mutex all the same.
  if (task.call == Call.COND_WAIT && !none(task.queue) && task.queue.id >> 8 == Kind.MUTEX) task.outcome = Errno.ECANCELED;
  else endWait(task, Errno.ECANCELED, Cause.CANCELED);
  return 0;
}
