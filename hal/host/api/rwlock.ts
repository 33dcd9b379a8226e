import { SWITCH } from "../../../kernel/abi/host.js";
import { type Call, spec } from "../call.js";
import { KernelObject } from "./object.js";
import { FOREVER, type Waited } from "./results.js";

const rwlockRead = spec("rwlock.read", (k, handle, timeout) => k.rwlock_read(handle, timeout));
const rwlockWrite = spec("rwlock.write", (k, handle, timeout) => k.rwlock_write(handle, timeout));
const rwlockUnlock = spec("rwlock.unlock", (k, handle) => k.rwlock_unlock(handle));

/** A lock for many readers or one writer. */
export class RwLock extends KernelObject {
  /** Locks for reading, beside other readers. A holder that locks again throws EDEADLK. */
  read(timeout = FOREVER): Call<Waited> {
    const p = this.machine.enter();
    const r = this.machine.kernel.rwlock_read(this.handle, timeout);
    return r === SWITCH ? p.block(rwlockRead, this.handle, timeout) : p.settle(r, rwlockRead);
  }

  /** Locks for writing, alone. */
  write(timeout = FOREVER): Call<Waited> {
    const p = this.machine.enter();
    const r = this.machine.kernel.rwlock_write(this.handle, timeout);
    return r === SWITCH ? p.block(rwlockWrite, this.handle, timeout) : p.settle(r, rwlockWrite);
  }

  /** Gives up the caller's lock. */
  unlock(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.rwlock_unlock(this.handle);
    return r === SWITCH ? p.block(rwlockUnlock, this.handle) : p.settle(r, rwlockUnlock);
  }
}
