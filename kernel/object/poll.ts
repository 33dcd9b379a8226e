/**
 * Waiting for several objects at once. A poller is in the set of everything it looks at; what may have become ready takes the
 * whole set out and lets each look again, behind those who wait directly. Nothing is acquired.
 */
import { Call, Cause, Errno, Kind, Mode, Poll, State } from "../abi/constants";
import { Channel, Event, Mailbox, MemPool, MsgQueue, Mutex, Pipe, PollItem, Sem, Socket, Task, Timer } from "../abi/records";
import { only } from "../lib/bits";
import { none } from "../lib/list";
import { kernel } from "../state";
import { taskAt } from "../task";
import { block, NO_QUEUE, Settle, waitsIn, wake } from "../wait";
import { mailboxReady } from "./mailbox";
import { isChannel, kindOf, mayUse, objectAt } from "./object";
import { pipeReady } from "./pipe";
import { poolReady } from "./pool";
import { queueReady } from "./queue";
import { socketReady } from "./socket";

/** Not an answer but: there is no such object. */
const GONE: u32 = u32.MAX_VALUE;

function itemAt(items: usize, index: u32): PollItem {
  return changetype<PollItem>(items + <usize>index * offsetof<PollItem>());
}

export function objectPoll(items: usize, count: i32, timeout: i32): i32 {
  const task = kernel.current;
  for (let i = 0; i < count; i++) {
    const refusal = misused(task, itemAt(items, i));
    if (refusal != 0) return refusal;
  }
  const ready = look(task, items, count);
  if (ready > 0) return ready;
  if (timeout == 0) return Errno.EAGAIN;
  join(task, items, count);
  task.pointer = <u32>items;
  task.length = count;
  return block(NO_QUEUE, timeout, Call.OBJECT_POLL, Settle.PLAIN);
}

/** Something that the task polls may have become ready. */
export function pollServe(task: Task): void {
  if (!waitsIn(task, Call.OBJECT_POLL)) return;
  const ready = look(task, task.pointer, task.length);
  if (ready > 0) wake(task, ready, Cause.HANDOFF);
  else join(task, task.pointer, task.length);
}

/** What of this kind can ever be ready. */
function events(kind: u32, own: bool): u32 {
  if (own) return Poll.SIGNAL | Poll.FLAGS | Poll.NOTE;
  return kind == Kind.PIPE || kind == Kind.QUEUE || kind == Kind.SOCKET ? Poll.READ | Poll.WRITE : Poll.READ;
}

/** Why the task may not poll this, 0 if it may. */
function misused(task: Task, item: PollItem): i32 {
  const kind = kindOf(item.handle);
  if (item.events & ~events(kind, item.handle == task.handle)) return Errno.EINVAL;
  if (kind == Kind.TASK) return none(taskAt(item.handle)) ? Errno.EBADF : 0;
  const object = objectAt(kind, item.handle);
  if (none(object)) return Errno.EBADF;
  if (readiness(task, item) == GONE) return Errno.EINVAL;
  if (!isChannel(kind)) return 0;
  const channel = changetype<Channel>(object);
  if (item.events & Poll.READ && !mayUse(channel, Mode.READ)) return Errno.EPERM;
  return item.events & Poll.WRITE && !mayUse(channel, Mode.WRITE) ? Errno.EPERM : 0;
}

/** Marks what is ready; how many are. What is gone is ready: whoever uses it next hears so at once. */
function look(task: Task, items: usize, count: u32): i32 {
  let found = 0;
  for (let i: u32 = 0; i < count; i++) {
    const item = itemAt(items, i);
    const state = readiness(task, item);
    item.ready = state == GONE ? Poll.CLOSED : state & (item.events | Poll.CLOSED);
    if (item.ready != 0) found++;
  }
  return found;
}

/** The task is told when one of these changes. */
function join(task: Task, items: usize, count: u32): void {
  const set = only(task.index);
  for (let i: u32 = 0; i < count; i++) {
    const handle = itemAt(items, i).handle;
    if (kindOf(handle) == Kind.TASK) taskAt(handle).pollers |= set;
    else objectAt(kindOf(handle), handle).pollers |= set;
  }
}

function readiness(task: Task, item: PollItem): u32 {
  const handle = item.handle;
  const kind = kindOf(handle);
  if (kind == Kind.TASK) return taskReadiness(task, taskAt(handle), item.bits);
  const object = objectAt(kind, handle);
  if (none(object)) return GONE;
  switch (kind) {
    case Kind.SEM:
      return changetype<Sem>(object).count > 0 ? Poll.READ : 0;
    case Kind.MUTEX:
      return none(changetype<Mutex>(object).owner) ? Poll.READ : 0;
    case Kind.EVENT:
      return changetype<Event>(object).bits & item.bits ? Poll.READ : 0;
    case Kind.TIMER:
      return changetype<Timer>(object).expiries > 0 ? Poll.READ : 0;
    case Kind.PIPE:
      return pipeReady(changetype<Pipe>(object));
    case Kind.QUEUE:
      return queueReady(changetype<MsgQueue>(object));
    case Kind.MAILBOX:
      return mailboxReady(changetype<Mailbox>(object), task);
    case Kind.POOL:
      return poolReady(changetype<MemPool>(object));
    case Kind.SOCKET:
      return socketReady(changetype<Socket>(object));
  }
  return GONE;
}

/** Nothing that the task polls is ready, and all of it will tell the task. */
export function pollHolds(task: Task): bool {
  if (!waitsIn(task, Call.OBJECT_POLL)) return true;
  for (let i: u32 = 0; i < task.length; i++) {
    const item = itemAt(task.pointer, i);
    const handle = item.handle;
    const state = readiness(task, item);
    if (state == GONE || state & (item.events | Poll.CLOSED)) return false;
    const kind = kindOf(handle);
    const pollers = kind == Kind.TASK ? taskAt(handle).pollers : objectAt(kind, handle).pollers;
    if (!(pollers & only(task.index))) return false;
  }
  return true;
}

/** Another task is ready when it has ended; the caller itself by its signals, thread flags, notification. */
function taskReadiness(task: Task, other: Task, bits: u32): u32 {
  if (none(other)) return GONE;
  if (other !== task) return other.state == State.ZOMBIE ? Poll.READ : 0;
  let ready: u32 = task.noted ? Poll.NOTE : 0;
  if (task.pending & bits) ready |= Poll.SIGNAL;
  if (task.threadFlags & bits) ready |= Poll.FLAGS;
  return ready;
}
