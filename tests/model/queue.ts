/** Message queues. The model holds the messages in an array, in the order in which they come out. */
import { C, E } from "./abi.js";
import { modeRefused, openForCreator } from "./life.js";
import type { Model } from "./model.js";
import { signalRaise } from "./signal.js";
import type { Task, Wait } from "./task.js";
import { Channel } from "./thing.js";

const { Mode, Discipline, SendHow, Poll } = C;
const LEVELS = 0xff;
const MOST_MESSAGES = 65535;
const MOST_BYTES = 1 << 20;

export interface Message {
  bytes: Uint8Array;
  priority: number;
}

export class MessageQueue extends Channel {
  messages: Message[] = [];
  capacity = 0;
  size = 0;
  discipline = 0;
  storage = 0;
  registrant: Task | undefined;
  signal = 0;

  get full(): boolean {
    return this.messages.length === this.capacity;
  }
}

const queueAt = (m: Model, handle: number) => m.thingAt("QUEUE", handle) as MessageQueue;

export function queueCreate(m: Model, [name = 0, count = 0, size = 0, discipline = 0, mode = 0, storage = 0]: number[]): number {
  if (count < 1 || count > MOST_MESSAGES || size < 0 || size > MOST_BYTES || discipline < 0 || discipline > Discipline.PRIORITY)
    return E.EINVAL;
  if (modeRefused(m, mode, Mode.READ | Mode.WRITE | Mode.PUBLIC, name)) return E.EINVAL;
  const bytes = Math.ceil((2 * count) / 8) * 8 + count * (8 + Math.ceil(size / 4) * 4);
  if (storage !== 0 && !m.inRam(storage >>> 0, bytes)) return E.EFAULT;
  const queue = m.create("QUEUE", name, (...base) => new MessageQueue(...base));
  if (typeof queue === "number") return queue;
  if (storage === 0) {
    const taken = m.arena.take(bytes, "kernel");
    if (taken === undefined) {
      m.undo(queue);
      return E.ENOMEM;
    }
    queue.storage = taken;
  }
  Object.assign(queue, { capacity: count, size, discipline });
  openForCreator(m, queue, mode);
  return queue.handle;
}

/** Puts a message where the queue's discipline wants it. */
function put(queue: MessageQueue, message: Message, how: number): void {
  const front = (how & SendHow.FRONT) !== 0;
  const { messages, discipline } = queue;
  if (discipline === Discipline.LIFO || (discipline === Discipline.FIFO && front)) messages.unshift(message);
  else if (discipline === Discipline.FIFO) messages.push(message);
  else {
    // Behind those that are more urgent, and behind its equals unless it goes before them.
    const at = messages.findIndex(({ priority }) => (front ? priority <= message.priority : priority < message.priority));
    messages.splice(at < 0 ? messages.length : at, 0, message);
  }
}

/** Copies a message out, if it fits. */
function deliver(m: Model, { bytes, priority }: Message, buffer: number, room: number, tell: number): number {
  if (bytes.length > room) return E.EMSGSIZE;
  m.setBytes(buffer, bytes);
  if (tell !== 0) m.setWord(tell, priority);
  return bytes.length;
}

/** Shows it to those who wait, in order, until a receiver takes it; whether one did. */
function handOut(m: Model, queue: MessageQueue, message: Message): boolean {
  for (const task of queue.waiters.inOrder) {
    const { call, data } = task.wait as Wait;
    const result = deliver(m, message, data.pointer as number, data.length as number, data.tell as number);
    m.wake(task, result);
    if (call === "queue_receive" && result >= 0) return true;
  }
  return false;
}

function arrive(m: Model, queue: MessageQueue, message: Message, how: number): void {
  const { registrant, signal } = queue;
  const first = queue.messages.length === 0;
  put(queue, message, how);
  if (first && registrant) {
    queue.registrant = undefined;
    signalRaise(m, registrant, signal, queue.handle);
  }
  m.touched(queue);
}

export function queueSend(m: Model, [handle = 0, buffer = 0, length = 0, how = 0, timeout = 0]: number[]): number {
  const queue = queueAt(m, handle);
  if (how & ~(SendHow.FRONT | LEVELS)) return E.EINVAL;
  if (length > queue.size) return E.EMSGSIZE;
  const message = { bytes: m.bytes(buffer, length), priority: how & LEVELS };
  if (handOut(m, queue, message)) return 0;
  if (queue.full) return m.blockOr("queue_send", queue.senders, timeout, "plain", { pointer: buffer, length, how });
  arrive(m, queue, message, how);
  return 0;
}

export function queueOverwrite(m: Model, [handle = 0, buffer = 0, length = 0]: number[]): number {
  const queue = queueAt(m, handle);
  if (queue.capacity !== 1) return E.EINVAL;
  if (length > queue.size) return E.EMSGSIZE;
  const message = { bytes: m.bytes(buffer, length), priority: 0 };
  if (queue.messages.length > 0) queue.messages = [message];
  else if (!handOut(m, queue, message)) arrive(m, queue, message, 0);
  return 0;
}

export function queueReceive(
  m: Model,
  [handle = 0, buffer = 0, length = 0, tell = 0, timeout = 0]: number[],
  call: "queue_receive" | "queue_peek",
): number {
  const queue = queueAt(m, handle);
  const [message] = queue.messages;
  if (!message) return m.blockOr(call, queue.waiters, timeout, "plain", { pointer: buffer, length, tell });
  const result = deliver(m, message, buffer, length, tell);
  if (result >= 0 && call === "queue_receive") drop(m, queue);
  return result;
}

/** The first message is gone; the first who waits to send has its own in at once. */
function drop(m: Model, queue: MessageQueue): void {
  queue.messages.shift();
  const sender = queue.senders.first;
  if (!sender) {
    m.touched(queue);
    return;
  }
  const { pointer = 0, length = 0, how = 0 } = (sender.wait as Wait).data;
  put(queue, { bytes: m.bytes(pointer, length), priority: how & LEVELS }, how);
  m.wake(sender, 0);
}

export function queueReset(m: Model, [handle = 0]: number[]): number {
  const queue = queueAt(m, handle);
  if (!m.mayUseAny(queue)) return E.EPERM;
  queue.messages = [];
  m.dismiss(queue.senders, E.ECANCELED, "canceled");
  m.touched(queue);
  return 0;
}

export function queueNotify(m: Model, [handle = 0, signal = 0]: number[]): number {
  const queue = queueAt(m, handle);
  const task = m.current as Task;
  if (signal < 0 || signal > 31) return E.EINVAL;
  if (signal === 0) {
    queueForgets(queue, task);
    return 0;
  }
  if (queue.registrant && queue.registrant !== task) return E.EBUSY;
  queue.registrant = task;
  queue.signal = signal;
  return 0;
}

export function queueForgets(queue: MessageQueue, task: Task): void {
  if (queue.registrant === task) queue.registrant = undefined;
}

export function queueEnd(m: Model, queue: MessageQueue): void {
  m.dismiss(queue.waiters, E.EIDRM, "deleted");
  m.dismiss(queue.senders, E.EIDRM, "deleted");
  if (queue.storage !== 0) m.freeRam(() => m.arena.give(queue.storage));
}

export function queueReady(queue: MessageQueue): number {
  return (queue.messages.length > 0 ? Poll.READ : 0) | (queue.full ? 0 : Poll.WRITE);
}
