import { barrier_create, barrier_wait } from "./calls";
import { Named } from "./condition";
import { FOREVER, KernelObject, made } from "./object";
import { Partial } from "./partial";
import { slot } from "./slot";
import { dropName, stageName } from "./text";

/** A meeting point for a fixed number of tasks. */
@unmanaged
export class Barrier extends KernelObject {
  /** Waits until all are here. Answers 1 to the last arrival, 0 to the others. */
  wait(timeout: i32 = FOREVER): i32 {
    return barrier_wait(this.handle, timeout);
  }
}

/** Makes a meeting point for `count` tasks. */
export function barrier(count: i32, options: Partial<Named> = {}): Barrier {
  const o = options as Named;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = barrier_create(name, count);
  dropName(own, name);
  return changetype<Barrier>(made("barrier", o.name, handle));
}
