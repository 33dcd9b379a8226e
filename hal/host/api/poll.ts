/** Waiting for several things at once. */
import { layout, Poll, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, spec } from "../call.js";
import { AppError } from "../errors.js";
import type { Machine } from "../machine.js";
import type { View } from "../view.js";
import type { EventFlags } from "./event.js";
import type { KernelObject } from "./object.js";
import { FOREVER } from "./results.js";
import type { SignalSet } from "./signal.js";
import type { Task } from "./task.js";

/** One thing to wait for. */
export type Watched =
  | { read: KernelObject } // a unit, a message, a letter, bytes, a block, a free mutex, an expired timer, a connection
  | { write: KernelObject } // room, also of a socket whose connection is made
  | { event: EventFlags; bits: number } // any of these flags
  | { ended: Task }
  | { signals: SignalSet } // any of these, pending for the caller
  | { flags: number } // any of these thread flags of the caller
  | { notification: true };

const I = layout.PollItem;
const objectPoll = spec("poll", (k, items, count, timeout) => k.object_poll(items, count, timeout));

/** What a task waits for at once, up to 64 things; it is kept in the task's own RAM and can be waited for again and again. */
export class PollSet {
  readonly #machine: Machine;
  readonly #items: View;
  readonly #count: number;

  /** `items` is RAM of the task `self` for one PollItem each. */
  constructor(machine: Machine, self: number, items: View, watched: readonly Watched[]) {
    this.#machine = machine;
    this.#items = items;
    this.#count = watched.length;
    for (const [i, one] of watched.entries()) this.#put(i, one, self);
  }

  /** Waits until something is ready; answers how many things are, or a negative outcome. Nothing is taken. */
  wait(timeout = FOREVER): Call<number> {
    const p = this.#machine.enter();
    const { address } = this.#items;
    const r = this.#machine.kernel.object_poll(address, this.#count, timeout);
    return r === SWITCH ? p.block(objectPoll, address, this.#count, timeout) : p.settle(r, objectPoll);
  }

  /** Whether the n-th thing was ready, also because its other end is gone. */
  ready(index: number): boolean {
    this.#checked(index);
    return this.#items.word(index * I.bytes + I.ready) !== 0;
  }

  /** Whether nothing can come to it any more: the other end is gone, or the object is. */
  closed(index: number): boolean {
    this.#checked(index);
    return (this.#items.word(index * I.bytes + I.ready) & Poll.CLOSED) !== 0;
  }

  #checked(index: number): void {
    if (index >>> 0 === index && index < this.#count) return;
    throw new AppError(`this poll watches ${this.#count} things: there is no number ${index}`);
  }

  #put(index: number, one: Watched, self: number): void {
    const [handle, events, bits] = itemOf(one, self);
    const at = index * I.bytes;
    this.#items.setWord(at + I.handle, handle);
    this.#items.setWord(at + I.events, events);
    this.#items.setWord(at + I.bits, bits);
    this.#items.setWord(at + I.ready, 0);
  }
}

function itemOf(one: Watched, self: number): [handle: number, events: number, bits: number] {
  if ("read" in one) return [one.read.handle, Poll.READ, 0];
  if ("write" in one) return [one.write.handle, Poll.WRITE, 0];
  if ("event" in one) return [one.event.handle, Poll.READ, one.bits];
  if ("ended" in one) return [one.ended.handle, Poll.READ, 0];
  if ("signals" in one) return [self, Poll.SIGNAL, one.signals];
  if ("flags" in one) return [self, Poll.FLAGS, one.flags];
  if ("notification" in one) return [self, Poll.NOTE, 0];
  throw new AppError("a poll watches { read }, { write }, { event, bits }, { ended }, { signals }, { flags } or { notification: true }");
}
