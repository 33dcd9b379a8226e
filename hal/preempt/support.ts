/**
 * Copies and fills of any length in place of the instructions, in pieces, so that they take time by their length and can be
 * preempted. They are instrumented like the firmware's own code.
 */
const PIECE: u32 = 256;

function outside(address: u32, length: u32): bool {
  return <u64>address + length > (<u64>memory.size()) << 16;
}

export function copy(to: u32, from: u32, length: u32): void {
  // What is out of bounds traps before a byte is moved, as the instruction does.
  if (outside(to, length) || outside(from, length)) unreachable();
  if (to <= from) {
    for (let done: u32 = 0; done < length; done += PIECE) memory.copy(to + done, from + done, min(PIECE, length - done));
    return;
  }
  for (let left = length; left > 0; ) {
    const piece = min(PIECE, left);
    left -= piece;
    memory.copy(to + left, from + left, piece);
  }
}

export function fill(to: u32, value: i32, length: u32): void {
  if (outside(to, length)) unreachable();
  for (let done: u32 = 0; done < length; done += PIECE) memory.fill(to + done, <u8>value, min(PIECE, length - done));
}
