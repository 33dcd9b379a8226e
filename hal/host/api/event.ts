import { EventWait, layout, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, spec } from "../call.js";
import { KernelObject } from "./object.js";
import { FOREVER } from "./results.js";

export interface EventFlagsOptions {
  name?: string;
  /** Flags at the start (bits 0..30), default none. */
  bits?: number;
}

export interface EventWaitOptions {
  /** Wait for all of the bits instead of any of them. */
  all?: boolean;
  /** Clear the bits waited for. */
  clear?: boolean;
}

const eventWait = spec("event.wait", (k, handle, bits, how, timeout) => k.event_wait(handle, bits, how, timeout));
const eventSet = spec("event.set", (k, handle, bits) => k.event_set(handle, bits));
const eventClear = spec("event.clear", (k, handle, bits) => k.event_clear(handle, bits));

/** 31 event flags. */
export class EventFlags extends KernelObject {
  /** Waits for any (or all) of `bits`; answers the flags as they were then, or a negative outcome. */
  wait(bits: number, options: EventWaitOptions = {}, timeout = FOREVER): Call<number> {
    const p = this.machine.enter();
    const how = (options.all ? EventWait.ALL : EventWait.ANY) | (options.clear ? EventWait.CLEAR : 0);
    const r = this.machine.kernel.event_wait(this.handle, bits, how, timeout);
    return r === SWITCH ? p.block(eventWait, this.handle, bits, how, timeout) : p.settle(r, eventWait);
  }

  /** Sets bits, wakes who is satisfied, answers the flags left. */
  set(bits: number): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.event_set(this.handle, bits);
    return r === SWITCH ? p.block(eventSet, this.handle, bits) : p.settle(r, eventSet);
  }

  /** Clears bits, answers the flags as they were before. */
  clear(bits: number): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.event_clear(this.handle, bits);
    return r === SWITCH ? p.block(eventClear, this.handle, bits) : p.settle(r, eventClear);
  }

  /** The flags now. For reports and tests. */
  get bits(): number {
    return this.u32(layout.Event.bits);
  }
}
