/**
 * Bytes in and out of a ring buffer: `used` bytes from `head` on, around the end of `capacity`.
 *
 *     base                    head            head+used
 *      |.......................#################......|
 */
import { copyBytes } from "./copy";

/** Copies `count` bytes from `from` behind the `used` bytes of the ring. The caller has checked that they fit. */
export function ringPut(base: usize, capacity: u32, head: u32, used: u32, from: usize, count: u32): void {
  let tail = head + used;
  if (tail >= capacity) tail -= capacity;
  const straight = min(count, capacity - tail);
  copyBytes(base + tail, from, straight);
  if (straight < count) copyBytes(base, from + straight, count - straight);
}

/** Copies the first `count` bytes of the ring to `to`. The caller has checked that they are there. */
export function ringTake(base: usize, capacity: u32, head: u32, to: usize, count: u32): void {
  const straight = min(count, capacity - head);
  copyBytes(to, base + head, straight);
  if (straight < count) copyBytes(to + straight, base, count - straight);
}

/** Where the ring's first byte is after `count` were taken. */
export function ringAdvance(capacity: u32, head: u32, count: u32): u32 {
  const next = head + count;
  return next >= capacity ? next - capacity : next;
}
