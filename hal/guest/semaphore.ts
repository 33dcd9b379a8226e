import { sem_create, sem_give, sem_reset, sem_take } from "./calls";
import { Info } from "./constants";
import { FOREVER, KernelObject, made } from "./object";
import { Partial } from "./partial";
import { slot } from "./slot";
import { dropName, stageName } from "./text";

/** How a semaphore is made. */
export class SemaphoreOptions {
  name: string = "";
  /** Units at the start. */
  initial: i32 = 0;
  /** Most units it counts. */
  maximum: i32 = i32.MAX_VALUE;
}

/** A counting semaphore. */
@unmanaged
export class Semaphore extends KernelObject {
  /** Takes one unit; waits `timeout` ticks for it (0: EAGAIN at once, default: for ever). */
  take(timeout: i32 = FOREVER): i32 {
    return sem_take(this.handle, timeout);
  }

  /** Hands one unit to the first waiter, or counts it. */
  give(): i32 {
    return sem_give(this.handle);
  }

  /** Waiters get ECANCELED, then the count is `count`. */
  reset(count: i32 = 0): i32 {
    return sem_reset(this.handle, count);
  }

  /** Units there now. */
  get count(): i32 {
    return <i32>this.info(Info.COUNT);
  }
}

/** Makes a semaphore. */
export function semaphore(options: Partial<SemaphoreOptions> = {}): Semaphore {
  const o = options as SemaphoreOptions;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = sem_create(name, o.initial, o.maximum);
  dropName(own, name);
  return changetype<Semaphore>(made("semaphore", o.name, handle));
}
