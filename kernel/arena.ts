/**
 * The RAM from which buffers are carved: first fit over pieces in order of address. The pieces are described in the kernel's
 * own memory, so nothing that a task writes into its buffers can harm them; a freed piece joins its free neighbours.
 */
import { Errno } from "./abi/constants";
import { Extent, Link, Pool } from "./abi/records";
import { EXTENTS } from "./config";
import { listInit, listInsert, listRemove } from "./lib/list";
import { poolGive, poolInit, poolTake } from "./lib/pool";

const GRAIN: u32 = 8;

const extentPool: Pool = changetype<Pool>(memory.data(offsetof<Pool>(), 8));
const extents: usize = memory.data(EXTENTS * offsetof<Extent>(), 8);
/** The sentinel of all pieces, in order of address. */
export const pieces: Link = changetype<Link>(memory.data(offsetof<Link>(), 8));

/** Makes [start, end) one free piece. */
export function arenaInit(start: u32, end: u32): void {
  poolInit(extentPool, extents, offsetof<Extent>(), EXTENTS);
  listInit(pieces);
  start = (start + GRAIN - 1) & ~(GRAIN - 1);
  end &= ~(GRAIN - 1);
  if (end <= start) return;
  const all = changetype<Extent>(poolTake(extentPool));
  listInit(all);
  all.address = start;
  all.size = end - start;
  all.used = 0;
  listInsert(all, pieces);
}

/** The address of `bytes` of RAM (8-aligned), or ENOMEM. 0 bytes are a piece too: their address is nobody else's. */
export function arenaTake(bytes: u32): i32 {
  const size = bytes == 0 ? GRAIN : (bytes + GRAIN - 1) & ~(GRAIN - 1);
  if (size < bytes) return Errno.ENOMEM;
  for (let link = pieces.next; link !== pieces; link = link.next) {
    const piece = changetype<Extent>(link);
    if (piece.used || piece.size < size) continue;
    if (piece.size > size && !split(piece, size)) return Errno.ENOMEM;
    piece.used = 1;
    return piece.address;
  }
  return Errno.ENOMEM;
}

function split(piece: Extent, size: u32): bool {
  const slot = poolTake(extentPool);
  if (slot == 0) return false;
  const rest = changetype<Extent>(slot);
  listInit(rest);
  rest.address = piece.address + size;
  rest.size = piece.size - size;
  rest.used = 0;
  piece.size = size;
  listInsert(rest, piece.next);
  return true;
}

/** Gives a piece back: EINVAL if nobody has one at this address. */
export function arenaGive(address: u32): i32 {
  for (let link = pieces.next; link !== pieces; link = link.next) {
    const piece = changetype<Extent>(link);
    if (piece.address != address || !piece.used) continue;
    piece.used = 0;
    absorbNext(piece);
    const before = changetype<Extent>(piece.prev);
    if (before !== changetype<Extent>(pieces) && !before.used) absorbNext(before);
    return 0;
  }
  return Errno.EINVAL;
}

function absorbNext(piece: Extent): void {
  const next = changetype<Extent>(piece.next);
  if (next === changetype<Extent>(pieces) || next.used) return;
  piece.size += next.size;
  listRemove(next);
  poolGive(extentPool, next);
}
