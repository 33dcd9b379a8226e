import { rwlock_create, rwlock_read, rwlock_unlock, rwlock_write } from "./calls";
import { Named } from "./condition";
import { FOREVER, KernelObject, made } from "./object";
import { Partial } from "./partial";
import { slot } from "./slot";
import { dropName, stageName } from "./text";

/** A lock for many readers or one writer. */
@unmanaged
export class RwLock extends KernelObject {
  /** Locks for reading, beside other readers. For a holder that locks again it is EDEADLK. */
  read(timeout: i32 = FOREVER): i32 {
    return rwlock_read(this.handle, timeout);
  }

  /** Locks for writing, alone. */
  write(timeout: i32 = FOREVER): i32 {
    return rwlock_write(this.handle, timeout);
  }

  /** Gives up the caller's lock. */
  unlock(): i32 {
    return rwlock_unlock(this.handle);
  }
}

/** Makes a readers-writer lock. */
export function rwlock(options: Partial<Named> = {}): RwLock {
  const o = options as Named;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = rwlock_create(name);
  dropName(own, name);
  return changetype<RwLock>(made("readers-writer lock", o.name, handle));
}
