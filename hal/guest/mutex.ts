import { mutex_consistent, mutex_create, mutex_lock, mutex_unlock } from "./calls";
import { Info, MutexFlag } from "./constants";
import { FOREVER, KernelObject, made } from "./object";
import { Partial } from "./partial";
import { slot } from "./slot";
import { dropName, stageName } from "./text";

/** How a mutex is made. */
export class MutexOptions {
  name: string = "";
  /** Its owner may lock it again, as often as it unlocks it. */
  recursive: bool = false;
  /** When its owner ends, the next one is told (EOWNERDEAD). */
  robust: bool = false;
  /** Raises its owner to this priority at once, instead of inheritance. */
  ceiling: i32 = -1;
  /** Priority inheritance, on unless false. */
  inherit: bool = true;
  /** A lock that could never be had, because its owner waits for the caller, is EDEADLK. */
  checked: bool = false;
}

/** A lock with one owner. */
@unmanaged
export class Mutex extends KernelObject {
  /** Locks it. EOWNERDEAD means locked too, but its last owner ended while holding it. Locking twice is EDEADLK. */
  lock(timeout: i32 = FOREVER): i32 {
    return mutex_lock(this.handle, timeout);
  }

  /** Undoes one lock; only its owner may (EPERM). */
  unlock(): i32 {
    return mutex_unlock(this.handle);
  }

  /** After EOWNERDEAD: what it protects is whole again. */
  consistent(): i32 {
    return mutex_consistent(this.handle);
  }

  /** Its owner's handle, 0 while it is free. */
  get owner(): i32 {
    return <i32>this.info(Info.OWNER);
  }
}

/** Makes a mutex. */
export function mutex(options: Partial<MutexOptions> = {}): Mutex {
  const o = options as MutexOptions;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = mutex_create(name, flagsOf(o), max(o.ceiling, 0));
  dropName(own, name);
  return changetype<Mutex>(made("mutex", o.name, handle));
}

function flagsOf(o: MutexOptions): i32 {
  return (
    (o.recursive ? MutexFlag.RECURSIVE : 0) |
    (o.robust ? MutexFlag.ROBUST : 0) |
    (o.ceiling >= 0 ? MutexFlag.CEILING : 0) |
    (o.inherit ? 0 : MutexFlag.PLAIN) |
    (o.checked ? MutexFlag.CHECKED : 0)
  );
}
