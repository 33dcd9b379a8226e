import { Discipline, layout, SendHow, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, spec } from "../call.js";
import { View } from "../view.js";
import { sendable } from "./check.js";
import { Channel } from "./object.js";
import { type Count, FOREVER, type Registered, type Sent } from "./results.js";

export interface QueueOptions {
  name?: string;
  /** Messages it holds, 1 to 65535; default 8. */
  count?: number;
  /** Bytes of the longest message, 0 to 1 MiB; default 32. */
  size?: number;
  /** In which order messages come out: as they went in (the default), the last one first, or the highest priority first. */
  discipline?: "fifo" | "lifo" | "priority";
  /** Everybody has it open in these directions. */
  public?: "read" | "write" | "both";
  /** In a system description: the directions in which interrupt handlers have it open. */
  interrupts?: "read" | "write" | "both";
  /** In a task: the directions in which the creator has it open, default both. */
  open?: "read" | "write" | "both";
}

export interface SendOptions {
  /** Ahead of all others; in a queue by priority, ahead of its equals. */
  front?: boolean;
  /** 0..255, 255 comes out first; default 0. The receiver is told it, whatever the queue's discipline. */
  priority?: number;
}

const PLAIN: SendOptions = {};
const PRIORITIES = 256;
/** What the kernel refuses, for a priority that would pass for another one. */
const SENSELESS = -1;

const queueSend = spec("queue.send", (k, handle, address, length, how, timeout) => k.queue_send(handle, address, length, how, timeout));
const queueReceive = spec("queue.receive", (k, handle, address, length, out, timeout) =>
  k.queue_receive(handle, address, length, out, timeout),
);
const queuePeek = spec("queue.peek", (k, handle, address, length, out, timeout) => k.queue_peek(handle, address, length, out, timeout));
const queueOverwrite = spec("queue.overwrite", (k, handle, address, length) => k.queue_overwrite(handle, address, length));
const queueReset = spec("queue.reset", (k, handle) => k.queue_reset(handle));
const queueNotify = spec("queue.notify", (k, handle, signal) => k.queue_notify(handle, signal));

/** Messages with their boundaries, a fixed number of them, of a fixed maximum size. */
export class Queue extends Channel {
  /**
   * Copies a message in and waits while the queue is full; the memory is the caller's again at once. Answers 0, EMSGSIZE when it
   * is longer than the queue's size, or how the wait ended.
   */
  send(data: View | string | Uint8Array, options = PLAIN, timeout = FOREVER): Call<Sent> {
    const p = this.machine.enter();
    if (!(data instanceof View)) sendable("queue.send", data);
    const { source: address, length } = data instanceof View ? data : this.machine.stage(data);
    const how = howOf(options);
    const r = this.machine.kernel.queue_send(this.handle, address, length, how, timeout);
    return r === SWITCH ? p.block(queueSend, this.handle, address, length, how, timeout) : p.settle(r, queueSend);
  }

  /**
   * Takes the first message out into `view` and waits while there is none. Answers its length, EMSGSIZE when the view is too
   * small for it (then it stays), or how the wait ended. `priority` is a word of the caller's that its priority is put into:
   *
   *     const level = self.buffer(4);
   *     const length = yield* queue.receive(view, FOREVER, level);   // level.word(0) is the message's priority
   */
  receive(view: View, timeout = FOREVER, priority?: View): Call<Count> {
    const p = this.machine.enter();
    const { target: address, length } = view;
    const out = wordAt(priority);
    const r = this.machine.kernel.queue_receive(this.handle, address, length, out, timeout);
    return r === SWITCH ? p.block(queueReceive, this.handle, address, length, out, timeout) : p.settle(r, queueReceive);
  }

  /** The same, and leaves the message where it is. */
  peek(view: View, timeout = FOREVER, priority?: View): Call<Count> {
    const p = this.machine.enter();
    const { target: address, length } = view;
    const out = wordAt(priority);
    const r = this.machine.kernel.queue_peek(this.handle, address, length, out, timeout);
    return r === SWITCH ? p.block(queuePeek, this.handle, address, length, out, timeout) : p.settle(r, queuePeek);
  }

  /** Puts a message into a queue of one, in place of the one that is there; never waits. On another queue it throws EINVAL. */
  overwrite(data: View | string | Uint8Array): Call<Sent> {
    const p = this.machine.enter();
    if (!(data instanceof View)) sendable("queue.overwrite", data);
    const { source: address, length } = data instanceof View ? data : this.machine.stage(data);
    const r = this.machine.kernel.queue_overwrite(this.handle, address, length);
    return r === SWITCH ? p.block(queueOverwrite, this.handle, address, length) : p.settle(r, queueOverwrite);
  }

  /** Drops the messages; blocked senders get ECANCELED, receivers wait on. */
  reset(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.queue_reset(this.handle);
    return r === SWITCH ? p.block(queueReset, this.handle) : p.settle(r, queueReset);
  }

  /**
   * The caller gets this signal (1..31), once, when a message comes into the empty queue and nobody waits to receive it; 0
   * withdraws. Answers EBUSY while another task is to get one.
   */
  notify(signal: number): Call<Registered> {
    const p = this.machine.enter();
    const r = this.machine.kernel.queue_notify(this.handle, signal);
    return r === SWITCH ? p.block(queueNotify, this.handle, signal) : p.settle(r, queueNotify);
  }

  /** Messages in it now. For reports and tests, as the rest below. */
  get used(): number {
    return this.u32(layout.MsgQueue.used);
  }

  /** Messages it holds. */
  get capacity(): number {
    return this.u32(layout.MsgQueue.capacity);
  }

  /** Bytes of the longest message. */
  get size(): number {
    return this.u32(layout.MsgQueue.size);
  }

  /** How many tasks wait to send; `waiters` are those that wait to receive. */
  get senders(): number {
    return this.machine.secondWaiters(this.handle);
  }
}

/** The kernel's number for a discipline. */
export function disciplineOf({ discipline = "fifo" }: QueueOptions): number {
  return { fifo: Discipline.FIFO, lifo: Discipline.LIFO, priority: Discipline.PRIORITY }[discipline];
}

function howOf({ front = false, priority = 0 }: SendOptions): number {
  if (!Number.isInteger(priority) || priority < 0 || priority >= PRIORITIES) return SENSELESS;
  return front ? priority | SendHow.FRONT : priority;
}

/** The address of the word that is to be told something, 0 for none; throws when it is no word. */
function wordAt(view: View | undefined): number {
  if (view === undefined) return 0;
  view.word(0);
  return view.target;
}
