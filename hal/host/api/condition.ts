import { SWITCH } from "../../../kernel/abi/host.js";
import { type Call, spec } from "../call.js";
import type { Mutex } from "./mutex.js";
import { KernelObject } from "./object.js";
import { FOREVER, type Locked } from "./results.js";

const condWait = spec("condition.wait", (k, handle, mutex, timeout) => k.cond_wait(handle, mutex, timeout));
const condSignal = spec("condition.signal", (k, handle) => k.cond_signal(handle));
const condBroadcast = spec("condition.broadcast", (k, handle) => k.cond_broadcast(handle));

/** A condition variable. A wait may end for no reason: wait in a loop that tests what is waited for. */
export class Condition extends KernelObject {
  /** Releases the mutex and waits, in one step; owns the mutex again afterwards, whatever the result. */
  wait(mutex: Mutex, timeout = FOREVER): Call<Locked> {
    const p = this.machine.enter();
    const r = this.machine.kernel.cond_wait(this.handle, mutex.handle, timeout);
    return r === SWITCH ? p.block(condWait, this.handle, mutex.handle, timeout) : p.settle(r, condWait);
  }

  /** Wakes the first waiter; without one it is lost. */
  signal(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.cond_signal(this.handle);
    return r === SWITCH ? p.block(condSignal, this.handle) : p.settle(r, condSignal);
  }

  /** Wakes all waiters, in order. */
  broadcast(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.cond_broadcast(this.handle);
    return r === SWITCH ? p.block(condBroadcast, this.handle) : p.settle(r, condBroadcast);
  }
}
