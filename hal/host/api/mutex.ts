import { layout, MutexFlag, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, spec } from "../call.js";
import { KernelObject } from "./object.js";
import { FOREVER, type Locked } from "./results.js";

export interface MutexOptions {
  name?: string;
  /** Its owner may lock it again, as often as it unlocks it. */
  recursive?: boolean;
  /** When its owner ends, the next one is told (EOWNERDEAD). */
  robust?: boolean;
  /** Raises its owner to this priority at once, instead of inheritance. */
  ceiling?: number;
  /** Priority inheritance, on unless false. */
  inherit?: boolean;
  /** A lock that could never be had, because its owner waits for the caller, throws EDEADLK instead of waiting. */
  checked?: boolean;
}

/** The kernel's MutexFlag bits of the options. */
export function mutexFlags(options: MutexOptions): number {
  return (
    (options.recursive ? MutexFlag.RECURSIVE : 0) |
    (options.robust ? MutexFlag.ROBUST : 0) |
    (options.ceiling === undefined ? 0 : MutexFlag.CEILING) |
    (options.inherit === false ? MutexFlag.PLAIN : 0) |
    (options.checked ? MutexFlag.CHECKED : 0)
  );
}

const mutexLock = spec("mutex.lock", (k, handle, timeout) => k.mutex_lock(handle, timeout));
const mutexUnlock = spec("mutex.unlock", (k, handle) => k.mutex_unlock(handle));
const mutexConsistent = spec("mutex.consistent", (k, handle) => k.mutex_consistent(handle));

/** A lock with one owner. */
export class Mutex extends KernelObject {
  /** Locks it. EOWNERDEAD means locked too, but its last owner ended while holding it. Locking twice throws EDEADLK. */
  lock(timeout = FOREVER): Call<Locked> {
    const p = this.machine.enter();
    const r = this.machine.kernel.mutex_lock(this.handle, timeout);
    return r === SWITCH ? p.block(mutexLock, this.handle, timeout) : p.settle(r, mutexLock);
  }

  /** Undoes one lock; only its owner may (EPERM). */
  unlock(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.mutex_unlock(this.handle);
    return r === SWITCH ? p.block(mutexUnlock, this.handle) : p.settle(r, mutexUnlock);
  }

  /** After EOWNERDEAD: what it protects is whole again. */
  consistent(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.mutex_consistent(this.handle);
    return r === SWITCH ? p.block(mutexConsistent, this.handle) : p.settle(r, mutexConsistent);
  }

  /** Its owner's name, undefined while it is free. For reports and tests. */
  get owner(): string | undefined {
    const task = this.u32(layout.Mutex.owner);
    return task === 0 ? undefined : this.machine.taskNameAt(task);
  }
}
