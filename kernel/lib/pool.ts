/**
 * Tables of records with free lists. The slot freed longest ago is used first, so a stale handle stays stale as long as possible.
 * Every record begins with a Link, which holds its place among the free slots while it is one of them.
 */
import { Link, Pool } from "../abi/records";
import { linked, listInit, listInsert, listRemove } from "./list";

/** Makes `count` slots of `size` bytes at `base` free, in order. */
export function poolInit(pool: Pool, base: usize, size: u32, count: u32): void {
  listInit(pool);
  pool.base = <u32>base;
  pool.size = size;
  pool.count = count;
  pool.live = 0;
  for (let i: u32 = 0; i < count; i++) listInsert(changetype<Link>(base + i * size), pool);
}

/** Takes the slot freed longest ago: its address, 0 when there is none. */
export function poolTake(pool: Pool): usize {
  if (!linked(pool)) return 0;
  const slot = pool.next;
  listRemove(slot);
  pool.live++;
  return changetype<usize>(slot);
}

/** Gives a slot back. */
export function poolGive(pool: Pool, slot: Link): void {
  listInsert(slot, pool);
  pool.live--;
}

/** The address of a slot by its number; 0 when there is no such slot. */
export function poolSlot(pool: Pool, index: u32): usize {
  return index < pool.count ? <usize>pool.base + index * pool.size : 0;
}

/** The number of a slot. */
export function poolIndex(pool: Pool, slot: usize): u32 {
  return (slot - pool.base) / pool.size;
}
