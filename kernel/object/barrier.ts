/** Barrier. The last arrival does not block and wakes the others; one that leaves is no longer counted; reusable at once. */
import { Call, Cause, Errno, Kind, SWITCH } from "../abi/constants";
import { Barrier } from "../abi/records";
import { BARRIERS, TASKS } from "../config";
import { listLength } from "../lib/list";
import { waitOr, wakeAll } from "../wait";
import { objectNew, objectsInit, slotAt } from "./object";

const table: usize = memory.data(BARRIERS * offsetof<Barrier>(), 8);
export function barriersInit(): void {
  objectsInit(Kind.BARRIER, table, offsetof<Barrier>(), BARRIERS);
}

export function barrierAt(handle: i32): Barrier {
  return changetype<Barrier>(slotAt(table, offsetof<Barrier>(), BARRIERS, handle));
}

export function barrierCreate(name: usize, count: i32): i32 {
  if (count < 1 || count > TASKS) return Errno.EINVAL;
  const slot = objectNew(Kind.BARRIER, name);
  if (slot < 0) return slot;
  const barrier = changetype<Barrier>(slot);
  barrier.count = count;
  return barrier.handle;
}

export function barrierWait(barrier: Barrier, timeout: i32): i32 {
  if (barrier.waiting + 1 < barrier.count) {
    const answer = waitOr(barrier, timeout, Call.BARRIER_WAIT);
    if (answer == SWITCH) barrier.waiting++;
    return answer;
  }
  barrier.waiting = 0;
  wakeAll(barrier, 0, Cause.HANDOFF);
  return 1;
}

/** A waiter left. */
export function barrierServe(barrier: Barrier): void {
  barrier.waiting = listLength(barrier, TASKS);
}

export function barrierEnd(barrier: Barrier): void {
  wakeAll(barrier, Errno.EIDRM, Cause.DELETED);
}

/** Fewer tasks wait than open it, and their number is right. */
export function barrierHolds(barrier: Barrier): bool {
  return barrier.waiting == listLength(barrier, TASKS) && barrier.waiting < barrier.count;
}
