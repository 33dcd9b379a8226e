/** A task by its handle, and how tasks are made. */
import {
  flags_clear,
  flags_set,
  notify_send,
  object_grant,
  signal_send,
  task_detach,
  task_join,
  task_priority,
  task_resume,
  task_slice,
  task_spawn,
  task_suspend,
  task_terminate,
  task_threshold,
  wait_abort,
} from "./calls";
import { Mode, Notify, TaskFlag } from "./constants";
import { Channel, FOREVER, KernelObject, made } from "./object";
import { Partial } from "./partial";
import { SpawnRecord } from "./records";
import { Slot, slot } from "./slot";
import { dropName, stageName } from "./text";

/** What a task runs. A function expression may leave the argument out. */
export type TaskBody = (argument: i32) => void;

/** How a task is made. */
export class TaskOptions {
  /** 0..63, 63 is the most urgent. */
  priority: i32 = 8;
  /** Ticks it runs before an equal does, 0 for no limit. */
  slice: i32 = 1;
  /** Only tasks above this priority preempt it; its own priority unless it is said. */
  threshold: i32 = -1;
  /** Nobody will join it. */
  detached: bool = false;
  /** The run does not wait for its end, and its waiting is no deadlock. */
  daemon: bool = false;
  /** Bytes of its stack, on which it is put aside when it is preempted. */
  stack: i32 = 1024;
  /** Handed to its body. */
  argument: i32 = 0;
  /** What it may read, receive or accept from; regions to which it is attached read-only. */
  reads: Channel[] | null = null;
  /** What it may write or send to; regions to which it is attached to read and write. */
  writes: Channel[] | null = null;
}

/** Any task, by its handle. */
@unmanaged
export class Task extends KernelObject {
  /** Waits until it has ended, and then answers 0, and `status` is known. ECHILD: nothing to join, or somebody else got it. */
  join(timeout: i32 = FOREVER): i32 {
    const own = slot();
    const result = task_join(this.handle, changetype<usize>(own) + offsetof<Slot>("status"), timeout);
    if (result == 0) own.joined = this.handle;
    return result;
  }

  /** The exit status of the task that the caller joined last, which is to be this one. */
  get status(): i32 {
    const own = slot();
    if (own.joined != this.handle) abort("only join() tells the status of a task, until the next join()");
    return own.status;
  }

  /** Nobody will join it. */
  detach(): i32 {
    return task_detach(this.handle);
  }

  /** Ends it, in whatever state it is, with status -1. */
  terminate(): i32 {
    return task_terminate(this.handle);
  }

  /** Keeps it from running until resume(). What it waits for goes on. */
  suspend(): i32 {
    return task_suspend(this.handle);
  }

  /** Lets it run again. */
  resume(): i32 {
    return task_resume(this.handle);
  }

  /** Changes its own priority; answers the old one. */
  setPriority(priority: i32): i32 {
    return task_priority(this.handle, priority);
  }

  /** Changes its time slice from the next refill on; answers the old one. */
  setSlice(ticks: i32): i32 {
    return task_slice(this.handle, ticks);
  }

  /** Only tasks above this priority preempt it from now on; answers the old threshold. */
  setThreshold(threshold: i32): i32 {
    return task_threshold(this.handle, threshold);
  }

  /** Sends it a signal (1..31); 0 only asks whether it exists. ESRCH: it has ended. */
  signal(signal: i32): i32 {
    return signal_send(this.handle, signal);
  }

  /** Sets thread flags (bits 0..30) of it; answers its flags. */
  setFlags(bits: i32): i32 {
    return flags_set(this.handle, bits);
  }

  /** Clears thread flags of it; answers them as they were before. */
  clearFlags(bits: i32): i32 {
    return flags_clear(this.handle, bits);
  }

  /** Writes its notification value as Notify says: over an unread one, not then (EAGAIN), or adds to it. */
  notify(value: u32 = 1, how: i32 = Notify.OVERWRITE): i32 {
    return notify_send(this.handle, how, value);
  }

  /** Makes what it waits for return ECANCELED; EINVAL when it does not wait. */
  abort(): i32 {
    return wait_abort(this.handle);
  }
}

/** Makes a task. One of the description begins when the description is complete; a running task is the parent of what it makes. */
export function task(name: string, options: Partial<TaskOptions>, body: TaskBody): Task {
  const o = options as TaskOptions;
  const own = slot();
  const at = own.take(offsetof<SpawnRecord>());
  const staged = stageName(own, name);
  const spawn = changetype<SpawnRecord>(at);
  spawn.name = <u32>staged;
  spawn.entry = body.index;
  spawn.argument = o.argument;
  spawn.priority = o.priority;
  spawn.threshold = o.threshold;
  spawn.slice = o.slice;
  spawn.flags = (o.detached ? TaskFlag.DETACHED : 0) | (o.daemon ? TaskFlag.DAEMON : 0);
  spawn.stack = 0;
  spawn.stackSize = o.stack;
  const handle = task_spawn(at);
  dropName(own, staged);
  own.give(at);
  made("task", name, handle);
  grantAll(name, handle, o.reads, Mode.READ);
  grantAll(name, handle, o.writes, Mode.WRITE);
  return changetype<Task>(handle);
}

function grantAll(name: string, task: i32, channels: Channel[] | null, mode: i32): void {
  if (channels === null || task < 0) return;
  for (let i = 0; i < channels.length; i++) made("channel of task", name, object_grant(channels[i].handle, task, mode));
}
