/**
 * The one way into and out of BLOCKED. A waiter stands in its object's queue by current priority, first come first served
 * among equals, and with its deadline among the others; whoever ends the wait (the object, a timeout, a deletion, an abort)
 * takes it off both and leaves it its result. The object of a queue that lost a waiter or changed its head goes on the
 * to-do sets, because this file must not know it: serve.ts lets it serve its queue again.
 */
import { Call, Cause, Errno, Happening, State, SWITCH } from "./abi/constants";
import { Queue, Task } from "./abi/records";
import { deadlineStart, deadlineStop } from "./clock";
import { TASKS } from "./config";
import { only } from "./lib/bits";
import { linked, listInsert, listRemove, none } from "./lib/list";
import { applyPriority, makeReady } from "./sched";
import { cpu, kernel, NO_TASK } from "./state";
import { deadlineOf, taskOf, taskOfLink } from "./task";
import { emitFor } from "./trace";

/** How a wait that ended otherwise than by its object is settled by it. */
export const enum Settle {
  /** Not at all: the result stands. */
  PLAIN = 0,
  /** A transfer: what was moved already is the result. */
  PARTIAL = 1,
  /** Its object decides (serve.ts): a pipe reader takes what is there, a condition's waiter gets its mutex back. */
  OBJECT = 2,
  /** A sleep: its deadline is its success. */
  SLEEP = 3,
}

export const NO_QUEUE: Queue = changetype<Queue>(0);

/** Objects with something to do, a bit each, by kind. */
const changed: usize = memory.data(16 * 4, 8);

/** The objects of a kind that must serve their queues, and the set is empty again. */
export function takeChanged(kind: u32): u32 {
  const set = load<u32>(changed + (kind << 2));
  store<u32>(changed + (kind << 2), 0);
  kernel.changed &= ~(1 << kind);
  return set;
}

/** The queue's object must serve it before the export ends. */
export function queueChanged(queue: Queue): void {
  const kind: u32 = queue.id >> 8;
  const slot = changed + (kind << 2);
  // Kinds with more objects than bits do not exist (config.ts); tasks as objects serve nothing.
  store<u32>(slot, load<u32>(slot) | (1 << (queue.id & 31)));
  kernel.changed |= 1 << kind;
  kernel.todo = 1;
  kernel.look = 1;
}

/** Whether the task waits in this call, and nothing has ended that wait. */
export function waitsIn(task: Task, call: u32): bool {
  return task.state == State.BLOCKED && task.call == call && (kernel.settling & only(task.index)) == 0;
}

/** Something changed that the task may poll for: it looks again before the export ends. */
export function pollAgain(task: Task): void {
  if (task.call != Call.OBJECT_POLL) return;
  kernel.polled |= only(task.index);
  kernel.look = 1;
  kernel.todo = 1;
}

/** The object may have become ready: those who poll it look again. Each is told once, and puts itself back. */
export function polledAgain(pollers: u64): void {
  kernel.polled |= pollers;
  kernel.look = 1;
  kernel.todo = 1;
}

/** The first waiter, none if nobody waits. */
export function firstWaiter(queue: Queue): Task {
  return linked(queue) ? taskOfLink(queue.next) : NO_TASK;
}

/** Whether somebody waits who is at least as urgent as the caller: an interrupt is more urgent than everybody. */
export function outranked(queue: Queue): bool {
  if (!linked(queue)) return false;
  const caller = kernel.current;
  if (kernel.depth > 0 || none(caller)) return false;
  return taskOfLink(queue.next).priority >= caller.priority;
}

/** Whether a waiter is served before another one: the more urgent, first come first served among equals. */
export function precedes(task: Task, other: Task): bool {
  if (task.priority != other.priority) return task.priority > other.priority;
  return <i32>(task.arrival - other.arrival) < 0;
}

function enqueue(task: Task, queue: Queue): void {
  let place = queue.next;
  while (place !== queue && !precedes(task, taskOfLink(place))) place = place.next;
  listInsert(task, place);
  task.queue = queue;
}

/**
 * The current task waits in the queue (or only for its deadline, with no queue) for `timeout` ticks, -1 for ever.
 * The caller has stored in the wait record what the object needs. SWITCH; or ETIMEDOUT for a wait that goes on after a signal's
 * handler and whose deadline has passed meanwhile.
 */
export function block(queue: Queue, timeout: i32, call: u32, settle: u32): i32 {
  const task = kernel.current;
  if (kernel.restarting && timeout > 0) {
    timeout = <i32>(task.until - cpu.tick);
    if (timeout <= 0) return Errno.ETIMEDOUT;
  }
  kernel.look = 1;
  task.state = State.BLOCKED;
  task.call = <u8>call;
  task.settle = <u8>settle;
  task.cause = 0;
  task.timeout = timeout;
  task.arrival = kernel.arrivals++;
  if (timeout > 0) deadlineStart(deadlineOf(task), timeout);
  const object: u32 = none(queue) ? (settle == Settle.SLEEP ? 0 : call) : queue.id;
  emitFor(Happening.BLOCK, task.index, object, timeout > 0 ? cpu.tick + timeout : 0, timeout);
  if (!none(queue)) enqueue(task, queue);
  return SWITCH;
}

/** A waiter goes on waiting, in another queue and without a deadline: a condition's waiter that must get its mutex back. */
export function moveWaiter(task: Task, queue: Queue): void {
  leaveQueue(task);
  deadlineStop(deadlineOf(task));
  task.arrival = kernel.arrivals++;
  emitFor(Happening.BLOCK, task.index, queue.id, 0, -1);
  enqueue(task, queue);
}

function leaveQueue(task: Task): void {
  if (none(task.queue)) return;
  listRemove(task);
  task.queue = NO_QUEUE;
}

/** The waker hands the waiter its result: it is off every list and ready. */
export function wake(task: Task, result: i32, cause: u32): void {
  emitFor(Happening.WAKE, task.index, none(task.queue) ? 0 : task.queue.id, cause, result);
  leaveQueue(task);
  deadlineStop(deadlineOf(task));
  task.call = 0;
  task.settle = Settle.PLAIN;
  task.result = result;
  makeReady(task);
}

/** Ends a wait from outside: timeout, abort, reset, deletion. Its object may still have a word in the result. */
export function endWait(task: Task, result: i32, cause: u32): void {
  if (!none(task.queue)) queueChanged(task.queue);
  if (task.settle != Settle.OBJECT) {
    wake(task, task.settle == Settle.PARTIAL && task.progress > 0 ? <i32>task.progress : result, cause);
    return;
  }
  leaveQueue(task);
  deadlineStop(deadlineOf(task));
  task.outcome = result;
  task.cause = <u8>cause;
  kernel.settling |= only(task.index);
  kernel.todo = 1;
  kernel.look = 1;
}

/** Takes a task that is ending off whatever it waits for, without a result. */
export function forgetWait(task: Task): void {
  if (!none(task.queue)) queueChanged(task.queue);
  leaveQueue(task);
  deadlineStop(deadlineOf(task));
  kernel.settling &= ~only(task.index);
  task.call = 0;
}

/** Every waiter of the queue gets this result, in order. */
export function wakeAll(queue: Queue, result: i32, cause: u32): void {
  while (linked(queue)) endWait(taskOfLink(queue.next), result, cause);
}

/** Every waiter of the queue gets exactly this result, whatever it moved or had to settle: reset and deletion. */
export function dismissAll(queue: Queue, result: i32, cause: u32): void {
  while (linked(queue)) {
    const task = taskOfLink(queue.next);
    task.settle = Settle.PLAIN;
    endWait(task, result, cause);
  }
}

/** Whoever waits to be given bytes in this memory, or to have them taken from there, gets EIDRM: it is gone. */
export function dismissInto(start: u32, bytes: u32): void {
  for (let i = 0; i < TASKS; i++) {
    const task = taskOf(i);
    if (task.state != State.BLOCKED || kernel.settling & only(i)) continue;
    if (!names(task, start, bytes)) continue;
    task.settle = Settle.PLAIN;
    endWait(task, Errno.EIDRM, Cause.DELETED);
  }
}

/** Whether one of the two addresses in the task's wait record lies there. */
function names(task: Task, start: u32, bytes: u32): bool {
  const inside = task.pointer - start < bytes;
  switch (<u32>task.call) {
    case Call.QUEUE_RECEIVE:
    case Call.QUEUE_PEEK:
    case Call.SOCKET_SEND:
    case Call.SOCKET_RECEIVE:
      return inside || task.aside - start < bytes;
    case Call.TASK_JOIN:
    case Call.TIMER_SERVICE:
    case Call.PIPE_READ:
    case Call.PIPE_WRITE:
    case Call.SIGNAL_WAIT:
    case Call.NOTIFY_WAIT:
    case Call.QUEUE_SEND:
    case Call.MAILBOX_RECEIVE:
    case Call.OBJECT_POLL:
    case Call.SOCKET_ACCEPT:
      return inside;
  }
  return false;
}

/** Gives a task a current priority that it has not, and puts it in order wherever it stands. */
export function changePriority(task: Task, priority: u8): void {
  applyPriority(task, priority);
  if (task.state != State.BLOCKED || none(task.queue)) return;
  const queue = task.queue;
  listRemove(task);
  enqueue(task, queue);
  queueChanged(queue);
}

/** Answers a call that found nothing: EAGAIN with timeout 0, else it waits. */
export function waitOr(queue: Queue, timeout: i32, call: u32): i32 {
  return timeout == 0 ? Errno.EAGAIN : block(queue, timeout, call, Settle.PLAIN);
}
