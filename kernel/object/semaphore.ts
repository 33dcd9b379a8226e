/** Counting semaphore. A unit is handed to the first waiter, so while anyone waits the count is 0. */
import { Call, Cause, Errno, Kind } from "../abi/constants";
import { Sem } from "../abi/records";
import { SEMS } from "../config";
import { linked, none } from "../lib/list";
import { firstWaiter, waitOr, wake, wakeAll } from "../wait";
import { objectNew, objectsInit, slotAt, touched } from "./object";

const table: usize = memory.data(SEMS * offsetof<Sem>(), 8);
export function semsInit(): void {
  objectsInit(Kind.SEM, table, offsetof<Sem>(), SEMS);
}

/** The semaphore that the handle names, none if it is stale. */
export function semAt(handle: i32): Sem {
  return changetype<Sem>(slotAt(table, offsetof<Sem>(), SEMS, handle));
}

export function semCreate(name: usize, initial: i32, maximum: i32): i32 {
  if (maximum < 1 || initial < 0 || initial > maximum) return Errno.EINVAL;
  const slot = objectNew(Kind.SEM, name);
  if (slot < 0) return slot;
  const sem = changetype<Sem>(slot);
  sem.count = initial;
  sem.maximum = maximum;
  return sem.handle;
}

export function semTake(sem: Sem, timeout: i32): i32 {
  if (sem.count > 0) {
    sem.count--;
    return 0;
  }
  return waitOr(sem, timeout, Call.SEM_TAKE);
}

export function semGive(sem: Sem): i32 {
  const waiter = firstWaiter(sem);
  if (!none(waiter)) {
    wake(waiter, 0, Cause.HANDOFF);
    return 0;
  }
  if (sem.count == sem.maximum) return Errno.EOVERFLOW;
  sem.count++;
  touched(sem);
  return 0;
}

export function semReset(sem: Sem, count: i32): i32 {
  if (count < 0 || <u32>count > sem.maximum) return Errno.EINVAL;
  wakeAll(sem, Errno.ECANCELED, Cause.CANCELED);
  sem.count = count;
  touched(sem);
  return 0;
}

/** No waiter while there are units. */
export function semHolds(sem: Sem): bool {
  return sem.count <= sem.maximum && (sem.count == 0 || !linked(sem));
}
