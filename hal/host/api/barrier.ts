import { SWITCH } from "../../../kernel/abi/host.js";
import { type Call, spec } from "../call.js";
import { KernelObject } from "./object.js";
import { FOREVER, type Waited } from "./results.js";

const barrierWait = spec("barrier.wait", (k, handle, timeout) => k.barrier_wait(handle, timeout));

/** A meeting point for a fixed number of tasks. */
export class Barrier extends KernelObject {
  /** Waits until all are here. Answers 1 to the last arrival, 0 to the others. */
  wait(timeout = FOREVER): Call<Waited | 1> {
    const p = this.machine.enter();
    const r = this.machine.kernel.barrier_wait(this.handle, timeout);
    return r === SWITCH ? p.block(barrierWait, this.handle, timeout) : p.settle(r, barrierWait);
  }
}
