import { type KernelExports, SWITCH } from "../../../kernel/abi/host.js";
import type { Call } from "../call.js";
import type { Mutex } from "./mutex.js";
import { KernelObject } from "./object.js";
import { FOREVER, type Locked } from "./results.js";

const condWait = (k: KernelExports, handle: number, mutex: number, timeout: number) => k.cond_wait(handle, mutex, timeout);
const condSignal = (k: KernelExports, handle: number) => k.cond_signal(handle);
const condBroadcast = (k: KernelExports, handle: number) => k.cond_broadcast(handle);

/** A condition variable. A wait may end for no reason: wait in a loop that tests what is waited for. */
export class Condition extends KernelObject {
  /** Releases the mutex and waits, in one step; owns the mutex again afterwards, whatever the result. */
  wait(mutex: Mutex, timeout = FOREVER): Call<Locked> {
    const p = this.machine.enter();
    const r = this.machine.kernel.cond_wait(this.handle, mutex.handle, timeout);
    return r === SWITCH ? p.block("condition.wait", condWait, this.handle, mutex.handle, timeout) : p.settle(r, "condition.wait");
  }

  /** Wakes the first waiter; without one it is lost. */
  signal(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.cond_signal(this.handle);
    return r === SWITCH ? p.block("condition.signal", condSignal, this.handle) : p.settle(r, "condition.signal");
  }

  /** Wakes all waiters, in order. */
  broadcast(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.cond_broadcast(this.handle);
    return r === SWITCH ? p.block("condition.broadcast", condBroadcast, this.handle) : p.settle(r, "condition.broadcast");
  }
}
