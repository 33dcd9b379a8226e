/** Thread flags and the notification value: what every task has of its own to be told by. */
import { Call, Cause, Errno, EventWait, Notify } from "../abi/constants";
import { Task } from "../abi/records";
import { kernel } from "../state";
import { alive } from "../task";
import { block, NO_QUEUE, pollAgain, Settle, waitsIn, wake } from "../wait";

function satisfies(flags: u32, wanted: u32, how: u32): bool {
  return how & EventWait.ALL ? (flags & wanted) == wanted : (flags & wanted) != 0;
}

export function flagsSet(task: Task, bits: i32): i32 {
  if (bits < 0) return Errno.EINVAL;
  if (!alive(task)) return Errno.ESRCH;
  task.threadFlags |= bits;
  const flags = task.threadFlags;
  if (waitsIn(task, Call.FLAGS_WAIT) && satisfies(flags, task.length, task.aside)) {
    if (task.aside & EventWait.CLEAR) task.threadFlags &= ~task.length;
    wake(task, <i32>flags, Cause.HANDOFF);
  } else {
    pollAgain(task);
  }
  return <i32>task.threadFlags;
}

export function flagsClear(task: Task, bits: i32): i32 {
  if (bits < 0) return Errno.EINVAL;
  if (!alive(task)) return Errno.ESRCH;
  const flags = task.threadFlags;
  task.threadFlags &= ~(<u32>bits);
  return <i32>flags;
}

export function flagsWait(bits: i32, how: i32, timeout: i32): i32 {
  if (bits <= 0 || how & ~(EventWait.ALL | EventWait.CLEAR)) return Errno.EINVAL;
  const task = kernel.current;
  const flags = task.threadFlags;
  if (satisfies(flags, bits, how)) {
    if (how & EventWait.CLEAR) task.threadFlags &= ~(<u32>bits);
    return <i32>flags;
  }
  if (timeout == 0) return Errno.EAGAIN;
  task.length = bits;
  task.aside = how;
  return block(NO_QUEUE, timeout, Call.FLAGS_WAIT, Settle.PLAIN);
}

export function notifySend(task: Task, how: i32, value: u32): i32 {
  if (how < Notify.OVERWRITE || how > Notify.INCREMENT) return Errno.EINVAL;
  if (!alive(task)) return Errno.ESRCH;
  if (how == Notify.KEEP && task.noted) return Errno.EAGAIN;
  task.note = how == Notify.INCREMENT ? task.note + value : value;
  task.noted = 1;
  if (waitsIn(task, Call.NOTIFY_WAIT)) {
    read(task, task.pointer);
    wake(task, 0, Cause.HANDOFF);
  } else {
    pollAgain(task);
  }
  return 0;
}

/** Nobody waits for flags or a notification that are there. */
export function flagsHold(task: Task): bool {
  if (task.threadFlags >> 31 || (task.note != 0 && !task.noted)) return false;
  if (waitsIn(task, Call.FLAGS_WAIT)) return !satisfies(task.threadFlags, task.length, task.aside);
  return !waitsIn(task, Call.NOTIFY_WAIT) || !task.noted;
}

/** Hands the value over; the next one counts from 0. */
function read(task: Task, out: usize): void {
  if (out != 0) store<u32>(out, task.note);
  task.note = 0;
  task.noted = 0;
}

export function notifyWait(out: usize, timeout: i32): i32 {
  const task = kernel.current;
  if (task.noted) {
    read(task, out);
    return 0;
  }
  if (timeout == 0) return Errno.EAGAIN;
  task.pointer = <u32>out;
  return block(NO_QUEUE, timeout, Call.NOTIFY_WAIT, Settle.PLAIN);
}
