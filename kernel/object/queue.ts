/**
 * Message queue: messages with their boundaries, first in first out, last in first out, or by priority.
 *
 *     senders' queue -> [ ring of slot numbers ] -> receivers' queue
 *
 *     storage:  order: u16 x capacity, rounded up to 8 | slots: (length u32, priority u32, bytes) x capacity
 *
 * `order` holds every slot number once: the `used` entries from `head` on are the messages in their order, the others the free
 * slots. So a message never moves, and one that overtakes others costs two bytes for each of them.
 *
 * Who waits to receive finds the queue empty, who waits to send finds it full; which of them stands first makes no difference to
 * that, so a queue that lost a waiter has nobody to serve. A blocked sender's message stays in the sender's memory until its turn.
 *
 * The storage is RAM, and a stray task may have written there: lengths and slot numbers are brought into range whenever they are
 * read, so a spoilt queue answers nonsense but touches nothing outside itself.
 */
import { Call, Cause, Discipline, Errno, Kind, Mode, Poll, SendHow } from "../abi/constants";
import { MsgQueue, Queue, Task } from "../abi/records";
import { arenaGive } from "../arena";
import { QUEUES } from "../config";
import { copyBytes } from "../lib/copy";
import { linked, none } from "../lib/list";
import { signalRaise } from "../signal";
import { inRam, kept, kernel } from "../state";
import { alive, taskOf, taskOfLink } from "../task";
import { block, dismissAll, firstWaiter, Settle, wake } from "../wait";
import { mayUseAny, modeRefused, objectNew, objectRam, objectsInit, openForCreator, secondQueue, slotAt, touched } from "./object";

const MOST_MESSAGES: i32 = 65535;
const MOST_BYTES: u32 = 1 << 20;
const SIGNALS: u32 = 32;
/** Where in a slot its priority and its bytes are; the length is at 0. */
const PRIORITY: u32 = 4;
const BYTES: u32 = 8;
/** The bits of a priority in `how`. */
const LEVELS: u32 = 0xff;

const table: usize = memory.data(QUEUES * offsetof<MsgQueue>(), 8);
const senderQueues: usize = memory.data(QUEUES * offsetof<Queue>(), 8);

export function queuesInit(): void {
  objectsInit(Kind.QUEUE, table, offsetof<MsgQueue>(), QUEUES);
}

export function queueAt(handle: i32): MsgQueue {
  return changetype<MsgQueue>(slotAt(table, offsetof<MsgQueue>(), QUEUES, handle));
}

/** Those who wait to send; the queue itself is the receivers' wait queue. */
export function sendersOf(queue: MsgQueue): Queue {
  return changetype<Queue>(senderQueues + <usize>queue.index * offsetof<Queue>());
}

/** Bytes of the ring of slot numbers. */
function ringBytes(count: u32): u32 {
  return (count * 2 + 7) & ~7;
}

/** Bytes of a slot. */
function strideOf(size: u32): u32 {
  return BYTES + ((size + 3) & ~3);
}

export function queueCreate(name: usize, count: i32, size: i32, discipline: i32, mode: i32, storage: u32): i32 {
  if (count < 1 || count > MOST_MESSAGES || <u32>size > MOST_BYTES || <u32>discipline > <u32>Discipline.PRIORITY) return Errno.EINVAL;
  if (modeRefused(mode, Mode.READ | Mode.WRITE | Mode.PUBLIC, name)) return Errno.EINVAL;
  const stride = strideOf(size);
  // More than any memory has becomes one number that no memory has.
  const bytes = <u32>min<u64>(<u64>ringBytes(count) + <u64>count * stride, u32.MAX_VALUE);
  if (storage != 0 && !inRam(storage, bytes)) return Errno.EFAULT;
  storage = kept(storage);
  const slot = objectNew(Kind.QUEUE, name);
  if (slot < 0) return slot;
  const queue = changetype<MsgQueue>(slot);
  if (storage == 0) {
    const ram = objectRam(queue, bytes);
    if (ram < 0) return ram;
    queue.storage = ram;
  }
  queue.buffer = storage != 0 ? storage : queue.storage;
  queue.slots = queue.buffer + ringBytes(count);
  queue.capacity = count;
  queue.size = size;
  queue.stride = stride;
  queue.discipline = <u8>discipline;
  for (let i = 0; i < count; i++) store<u16>(queue.buffer + i * 2, <u16>i);
  secondQueue(sendersOf(queue), queue);
  openForCreator(queue, mode);
  return queue.handle;
}

// The ring

/** Where the ring has the slot number of the message at this place in the order; behind the last one are the free slots. */
function entryAt(queue: MsgQueue, place: u32): usize {
  const at = queue.head + place;
  return <usize>queue.buffer + (at < queue.capacity ? at : at - queue.capacity) * 2;
}

/** The slot of the message at this place in the order. */
function slotOf(queue: MsgQueue, place: u32): usize {
  const number: u32 = load<u16>(entryAt(queue, place));
  return <usize>queue.slots + (number < queue.capacity ? number : number % queue.capacity) * queue.stride;
}

/** The place in the order of a message that is sent now. */
function placeFor(queue: MsgQueue, how: u32): u32 {
  const front = (how & SendHow.FRONT) != 0;
  if (queue.discipline == <u8>Discipline.FIFO) return front ? 0 : queue.used;
  if (queue.discipline == <u8>Discipline.LIFO) return 0;
  const priority = (how & LEVELS) + (front ? 1 : 0);
  let place = queue.used;
  while (place > 0 && load<u32>(slotOf(queue, place - 1) + PRIORITY) < priority) place--;
  return place;
}

/** Makes a free slot the one at this place in the order, moving those behind it back by one. */
function slotInsert(queue: MsgQueue, place: u32): usize {
  const last = queue.used++;
  if (place == 0) {
    queue.head = (queue.head == 0 ? queue.capacity : queue.head) - 1;
  } else {
    const free = load<u16>(entryAt(queue, last));
    for (let i = last; i > place; i--) store<u16>(entryAt(queue, i), load<u16>(entryAt(queue, i - 1)));
    store<u16>(entryAt(queue, place), free);
  }
  return slotOf(queue, place);
}

function slotFill(slot: usize, message: usize, length: u32, priority: u32): void {
  store<u32>(slot, length);
  store<u32>(slot + PRIORITY, priority);
  copyBytes(slot + BYTES, message, length);
}

/** Puts a message in; there is room. */
function put(queue: MsgQueue, message: usize, length: u32, how: u32): void {
  slotFill(slotInsert(queue, placeFor(queue, how)), message, length, how & LEVELS);
}

// Sending

/** Copies a message to a buffer, and its priority to a word if one is given; EMSGSIZE if the buffer is too small. */
function deliver(message: usize, length: u32, priority: u32, buffer: usize, room: u32, tell: usize): i32 {
  if (length > room) return Errno.EMSGSIZE;
  copyBytes(buffer, message, length);
  if (tell != 0) store<u32>(tell, priority);
  return <i32>length;
}

/** Shows a message to those who wait, in order, until a receiver takes it; whether one did. A buffer too small ends its wait. */
function handOut(queue: MsgQueue, message: usize, length: u32, priority: u32): bool {
  while (linked(queue)) {
    const task = firstWaiter(queue);
    const takes = task.call == <u8>Call.QUEUE_RECEIVE;
    const result = deliver(message, length, priority, task.pointer, task.length, task.aside);
    wake(task, result, Cause.HANDOFF);
    if (takes && result >= 0) return true;
  }
  return false;
}

/** A message that nobody waited for comes in; the registrant is told once that the queue is no longer empty. */
function arrive(queue: MsgQueue, message: usize, length: u32, how: u32): void {
  const registrant = queue.registrant;
  const wasEmpty = queue.used == 0;
  put(queue, message, length, how);
  if (wasEmpty && registrant != 0) {
    queue.registrant = 0;
    signalRaise(taskOf(registrant & 0xff), queue.signal, queue.handle);
  }
  touched(queue);
}

export function queueSend(queue: MsgQueue, message: usize, length: i32, how: i32, timeout: i32): i32 {
  if (<u32>how & ~(SendHow.FRONT | LEVELS)) return Errno.EINVAL;
  if (<u32>length > queue.size) return Errno.EMSGSIZE;
  if (linked(queue) && handOut(queue, message, length, how & LEVELS)) return 0;
  if (queue.used < queue.capacity) {
    arrive(queue, message, length, how);
    return 0;
  }
  if (timeout == 0) return Errno.EAGAIN;
  return blockWith(sendersOf(queue), message, length, how, timeout, Call.QUEUE_SEND);
}

function blockWith(waiters: Queue, pointer: usize, length: u32, aside: u32, timeout: i32, call: u32): i32 {
  const task = kernel.current;
  task.pointer = <u32>pointer;
  task.length = length;
  task.aside = aside;
  return block(waiters, timeout, call, Settle.PLAIN);
}

export function queueOverwrite(queue: MsgQueue, message: usize, length: i32): i32 {
  if (queue.capacity != 1) return Errno.EINVAL;
  if (<u32>length > queue.size) return Errno.EMSGSIZE;
  if (queue.used != 0) slotFill(slotOf(queue, 0), message, length, 0);
  else if (!handOut(queue, message, length, 0)) arrive(queue, message, length, 0);
  return 0;
}

// Receiving

/** Copies the first message out if it fits. What a stray write made of its length is cut to what a slot holds. */
function first(queue: MsgQueue, buffer: usize, length: u32, priority: usize): i32 {
  const slot = slotOf(queue, 0);
  return deliver(slot + BYTES, min(load<u32>(slot), queue.size), load<u32>(slot + PRIORITY), buffer, length, priority);
}

export function queuePeek(queue: MsgQueue, buffer: usize, length: i32, priority: usize, timeout: i32): i32 {
  if (queue.used > 0) return first(queue, buffer, length, priority);
  if (timeout == 0) return Errno.EAGAIN;
  return blockWith(queue, buffer, length, <u32>priority, timeout, Call.QUEUE_PEEK);
}

export function queueReceive(queue: MsgQueue, buffer: usize, length: i32, priority: usize, timeout: i32): i32 {
  if (queue.used > 0) {
    const result = first(queue, buffer, length, priority);
    if (result >= 0) drop(queue);
    return result;
  }
  if (timeout == 0) return Errno.EAGAIN;
  return blockWith(queue, buffer, length, <u32>priority, timeout, Call.QUEUE_RECEIVE);
}

/** Frees the slot of the first message; the first waiting sender's message takes it at once, and the queue was never empty. */
function drop(queue: MsgQueue): void {
  queue.head = queue.head + 1 < queue.capacity ? queue.head + 1 : 0;
  queue.used--;
  const sender = firstWaiter(sendersOf(queue));
  if (none(sender)) {
    touched(queue);
    return;
  }
  put(queue, sender.pointer, sender.length, sender.aside);
  wake(sender, 0, Cause.HANDOFF);
}

// The rest

export function queueReset(queue: MsgQueue): i32 {
  if (!mayUseAny(queue)) return Errno.EPERM;
  queue.used = 0;
  dismissAll(sendersOf(queue), Errno.ECANCELED, Cause.CANCELED);
  touched(queue);
  return 0;
}

export function queueNotify(queue: MsgQueue, signal: i32): i32 {
  if (<u32>signal >= SIGNALS) return Errno.EINVAL;
  const task = kernel.current;
  if (signal == 0) {
    queueForgets(queue, task);
    return 0;
  }
  if (queue.registrant != 0 && queue.registrant != task.handle) return Errno.EBUSY;
  queue.registrant = task.handle;
  queue.signal = <u8>signal;
  return 0;
}

/** The task is not the registrant any more: it ended, closed its end or withdrew. */
export function queueForgets(queue: MsgQueue, task: Task): void {
  if (queue.registrant == task.handle) queue.registrant = 0;
}

/** Waiters get EIDRM, the buffer goes back. */
export function queueEnd(queue: MsgQueue): void {
  dismissAll(queue, Errno.EIDRM, Cause.DELETED);
  dismissAll(sendersOf(queue), Errno.EIDRM, Cause.DELETED);
  if (queue.storage != 0) arenaGive(queue.storage);
}

/** Poll.READ while a message is there, Poll.WRITE while there is room. */
export function queueReady(queue: MsgQueue): u32 {
  return (queue.used > 0 ? Poll.READ : 0) | (queue.used < queue.capacity ? Poll.WRITE : 0);
}

/** Ring and storage are in bounds; nobody waits for a message that is there or for room that is there; the registrant lives. */
export function queueHolds(queue: MsgQueue): bool {
  if (queue.head >= queue.capacity || queue.used > queue.capacity) return false;
  if (queue.stride != strideOf(queue.size) || queue.slots != queue.buffer + ringBytes(queue.capacity)) return false;
  if (!inRam(queue.buffer, ringBytes(queue.capacity) + queue.capacity * queue.stride)) return false;
  if (linked(queue) && queue.used > 0) return false;
  const senders = sendersOf(queue);
  if (linked(senders) && queue.used < queue.capacity) return false;
  for (let link = senders.next; link !== senders; link = link.next) {
    if (taskOfLink(link).length > queue.size || taskOfLink(link).call != <u8>Call.QUEUE_SEND) return false;
  }
  for (let link = queue.next; link !== changetype<Queue>(queue); link = link.next) {
    const call: u32 = taskOfLink(link).call;
    if (call != Call.QUEUE_RECEIVE && call != Call.QUEUE_PEEK) return false;
  }
  if (queue.registrant == 0) return true;
  const registrant = taskOf(queue.registrant & 0xff);
  return registrant.handle == queue.registrant && alive(registrant) && queue.signal > 0;
}
