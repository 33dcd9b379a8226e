import { cond_broadcast, cond_create, cond_signal, cond_wait } from "./calls";
import { Mutex } from "./mutex";
import { FOREVER, KernelObject, made } from "./object";
import { Partial } from "./partial";
import { slot } from "./slot";
import { dropName, stageName } from "./text";

/** A name alone, for kinds that have no other options. */
export class Named {
  name: string = "";
}

/** A condition variable. A wait may end for no reason: wait in a loop that tests what is waited for. */
@unmanaged
export class Condition extends KernelObject {
  /** Releases the mutex and waits, in one step; owns the mutex again afterwards, whatever the result. */
  wait(mutex: Mutex, timeout: i32 = FOREVER): i32 {
    return cond_wait(this.handle, mutex.handle, timeout);
  }

  /** Wakes the first waiter; without one it is lost. */
  signal(): i32 {
    return cond_signal(this.handle);
  }

  /** Wakes all waiters, in order. */
  broadcast(): i32 {
    return cond_broadcast(this.handle);
  }
}

/** Makes a condition variable. */
export function condition(options: Partial<Named> = {}): Condition {
  const o = options as Named;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = cond_create(name);
  dropName(own, name);
  return changetype<Condition>(made("condition", o.name, handle));
}
