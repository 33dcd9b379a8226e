import { type KernelExports, SWITCH } from "../../../kernel/abi/host.js";
import type { Call } from "../call.js";
import { KernelObject } from "./object.js";
import { FOREVER, type Waited } from "./results.js";

const rwlockRead = (k: KernelExports, handle: number, timeout: number) => k.rwlock_read(handle, timeout);
const rwlockWrite = (k: KernelExports, handle: number, timeout: number) => k.rwlock_write(handle, timeout);
const rwlockUnlock = (k: KernelExports, handle: number) => k.rwlock_unlock(handle);

/** A lock for many readers or one writer. */
export class RwLock extends KernelObject {
  /** Locks for reading, beside other readers. A holder that locks again throws EDEADLK. */
  read(timeout = FOREVER): Call<Waited> {
    const p = this.machine.enter();
    const r = this.machine.kernel.rwlock_read(this.handle, timeout);
    return r === SWITCH ? p.block("rwlock.read", rwlockRead, this.handle, timeout) : p.settle(r, "rwlock.read");
  }

  /** Locks for writing, alone. */
  write(timeout = FOREVER): Call<Waited> {
    const p = this.machine.enter();
    const r = this.machine.kernel.rwlock_write(this.handle, timeout);
    return r === SWITCH ? p.block("rwlock.write", rwlockWrite, this.handle, timeout) : p.settle(r, "rwlock.write");
  }

  /** Gives up the caller's lock. */
  unlock(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.rwlock_unlock(this.handle);
    return r === SWITCH ? p.block("rwlock.unlock", rwlockUnlock, this.handle) : p.settle(r, "rwlock.unlock");
  }
}
