import { layout, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, spec } from "../call.js";
import { KernelObject } from "./object.js";
import { FOREVER, type Given, type Waited } from "./results.js";

export interface SemaphoreOptions {
  name?: string;
  /** Units at the start, default 0. */
  initial?: number;
  /** Most units it counts, default 2^31 - 1. */
  maximum?: number;
}

const semTake = spec("semaphore.take", (k, handle, timeout) => k.sem_take(handle, timeout));
const semGive = spec("semaphore.give", (k, handle) => k.sem_give(handle));
const semReset = spec("semaphore.reset", (k, handle, count) => k.sem_reset(handle, count));

/** A counting semaphore. */
export class Semaphore extends KernelObject {
  /** Takes one unit; waits `timeout` ticks for it (0: EAGAIN at once, default: for ever). */
  take(timeout = FOREVER): Call<Waited> {
    const p = this.machine.enter();
    const r = this.machine.kernel.sem_take(this.handle, timeout);
    return r === SWITCH ? p.block(semTake, this.handle, timeout) : p.settle(r, semTake);
  }

  /** Hands one unit to the first waiter, or counts it. */
  give(): Call<Given> {
    const p = this.machine.enter();
    const r = this.machine.kernel.sem_give(this.handle);
    return r === SWITCH ? p.block(semGive, this.handle) : p.settle(r, semGive);
  }

  /** Waiters get ECANCELED, then the count is `count`. */
  reset(count = 0): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.sem_reset(this.handle, count);
    return r === SWITCH ? p.block(semReset, this.handle, count) : p.settle(r, semReset);
  }

  /** Units there now. For reports and tests. */
  get count(): number {
    return this.u32(layout.Sem.count);
  }
}
