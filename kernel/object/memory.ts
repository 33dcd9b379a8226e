/**
 * RAM of a task's own, from the arena, and those who wait for it: served in strict order, whenever RAM comes back from
 * anywhere. Objects and stacks take theirs past this queue: they are never refused because somebody waits.
 */
import { Call, Cause, Errno, Owner, Place } from "../abi/constants";
import { Extent, Task } from "../abi/records";
import { arenaGive, arenaGiveAll, arenaHas, arenaOwner, arenaSize, arenaTakeFor, pieces, ramWaiters } from "../arena";
import { linked, listInit } from "../lib/list";
import { inTask, kernel } from "../state";
import { alive, taskOf } from "../task";
import { block, firstWaiter, outranked, Settle, wake } from "../wait";

const MOST: i32 = 1 << 24;

export function memoryInit(): void {
  listInit(ramWaiters);
  ramWaiters.id = <u16>Place.RAM;
}

function ownerOf(task: Task): u32 {
  return Owner.TASKS + <u32>task.index;
}

/** Whose the RAM is that the caller asks for or gives back. */
function callers(): u32 {
  return inTask() ? ownerOf(kernel.current) : Owner.SYSTEM;
}

export function memoryAlloc(bytes: i32, timeout: i32): i32 {
  if (bytes < 1 || bytes > MOST) return Errno.EINVAL;
  if (<u32>bytes > arenaSize()) return Errno.ENOMEM;
  if (!outranked(ramWaiters)) {
    const address = arenaTakeFor(bytes, callers());
    if (address > 0) return address;
  }
  if (timeout == 0) return Errno.EAGAIN;
  kernel.current.length = bytes;
  return block(ramWaiters, timeout, Call.MEMORY_ALLOC, Settle.PLAIN);
}

export function memoryFree(address: u32): i32 {
  const owner = arenaOwner(address);
  if (owner < <u32>Owner.SYSTEM) return Errno.EINVAL;
  return owner == callers() ? arenaGive(address) : Errno.EPERM;
}

/** RAM came back, or the first waiter left: it is handed out in order. */
export function memoryServe(): void {
  while (linked(ramWaiters)) {
    const task = firstWaiter(ramWaiters);
    const address = arenaTakeFor(task.length, ownerOf(task));
    if (address < 0) return;
    wake(task, address, Cause.HANDOFF);
  }
}

/** The RAM of a task that ends goes back. */
export function memoryReleased(task: Task): void {
  arenaGiveAll(ownerOf(task));
}

/** Nobody waits for RAM that is there, and no task that has ended has any. */
export function memoryHolds(): bool {
  if (linked(ramWaiters) && arenaHas(firstWaiter(ramWaiters).length)) return false;
  for (let link = pieces.next; link !== pieces; link = link.next) {
    const owner = changetype<Extent>(link).used;
    if (owner >= <u32>Owner.TASKS && !alive(taskOf(owner - Owner.TASKS))) return false;
  }
  return true;
}
