/** Copies of a few bytes. No kernel state. */

/** Up to here a loop is quicker than the instruction, which hosts carry out by a call of their own. */
const FEW: u32 = 64;

/** Copies bytes between places that do not overlap; where they do, as if they were copied in some order. */
export function copyBytes(to: usize, from: usize, length: u32): void {
  if (length > FEW) {
    memory.copy(to, from, length);
    return;
  }
  let at: u32 = 0;
  for (; at + 8 <= length; at += 8) store<u64>(to + at, load<u64>(from + at));
  for (; at < length; at++) store<u8>(to + at, load<u8>(from + at));
}
