/**
 * The RAM from which buffers are carved: first fit over pieces in order of address. The pieces are described in the kernel's
 * own memory, so nothing that a task writes into its buffers can harm them; a freed piece joins its free neighbours. Whatever
 * comes back, from whomever, lets those who wait for RAM be served.
 */
import { Errno, Owner } from "./abi/constants";
import { Extent, Link, Pool, Queue } from "./abi/records";
import { EXTENTS } from "./config";
import { linked, listInit, listInsert, listRemove, none } from "./lib/list";
import { poolGive, poolInit, poolTake } from "./lib/pool";
import { unreach } from "./state";
import { queueChanged } from "./wait";

const GRAIN: u32 = 8;

const extentPool: Pool = changetype<Pool>(memory.data(offsetof<Pool>(), 8));
const extents: usize = memory.data(EXTENTS * offsetof<Extent>(), 8);
/** The sentinel of all pieces, in order of address. */
export const pieces: Link = changetype<Link>(memory.data(offsetof<Link>(), 8));
/** Those who wait for RAM (object/memory.ts); it belongs to no object. */
export const ramWaiters: Queue = changetype<Queue>(memory.data(offsetof<Queue>(), 8));

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
  all.used = Owner.NOBODY;
  listInsert(all, pieces);
}

/** The address of `bytes` of RAM for the kernel (8-aligned), or ENOMEM. 0 bytes are a piece too: their address is nobody else's. */
export function arenaTake(bytes: u32): i32 {
  return arenaTakeFor(bytes, Owner.KERNEL);
}

/** The same for this owner. */
export function arenaTakeFor(bytes: u32, owner: u32): i32 {
  const size = roundedUp(bytes);
  const piece = firstFit(size);
  if (size < bytes || none(piece)) return Errno.ENOMEM;
  if (piece.size > size) split(piece, size);
  piece.used = owner;
  return piece.address;
}

/** Whether it would be given. */
export function arenaHas(bytes: u32): bool {
  return !none(firstFit(roundedUp(bytes)));
}

function roundedUp(bytes: u32): u32 {
  return bytes == 0 ? GRAIN : (bytes + GRAIN - 1) & ~(GRAIN - 1);
}

/** The first free piece of this size, or of more where what is left of it can be described; none if there is none. */
function firstFit(size: u32): Extent {
  const more = linked(extentPool);
  for (let link = pieces.next; link !== pieces; link = link.next) {
    const piece = changetype<Extent>(link);
    if (!piece.used && (piece.size == size || (piece.size > size && more))) return piece;
  }
  return changetype<Extent>(0);
}

/** Makes a piece of what is behind the first `size` bytes; there is a record for it. */
function split(piece: Extent, size: u32): void {
  const rest = changetype<Extent>(poolTake(extentPool));
  listInit(rest);
  rest.address = piece.address + size;
  rest.size = piece.size - size;
  rest.used = Owner.NOBODY;
  piece.size = size;
  listInsert(rest, piece.next);
}

/** Bytes of the whole arena, in use or not. */
export function arenaSize(): u32 {
  if (!linked(pieces)) return 0;
  const last = changetype<Extent>(pieces.prev);
  return last.address + last.size - changetype<Extent>(pieces.next).address;
}

/** Bytes that nobody has, or those of the largest piece of them. */
export function arenaFree(largest: bool): u32 {
  let bytes: u32 = 0;
  for (let link = pieces.next; link !== pieces; link = link.next) {
    const piece = changetype<Extent>(link);
    if (piece.used) continue;
    bytes = largest ? max(bytes, piece.size) : bytes + piece.size;
  }
  return bytes;
}

/** The piece that begins at this address; none inside one. */
function pieceAt(address: u32): Extent {
  for (let link = pieces.next; link !== pieces; link = link.next) {
    if (changetype<Extent>(link).address == address) return changetype<Extent>(link);
  }
  return changetype<Extent>(0);
}

/** Whose the piece that begins at this address is; nobody's where none begins. */
export function arenaOwner(address: u32): u32 {
  const piece = pieceAt(address);
  return none(piece) ? Owner.NOBODY : piece.used;
}

/** Gives a piece back: EINVAL if nobody has one at this address. */
export function arenaGive(address: u32): i32 {
  const piece = pieceAt(address);
  if (none(piece) || !piece.used) return Errno.EINVAL;
  release(piece);
  return 0;
}

/** Gives back all that this owner has. */
export function arenaGiveAll(owner: u32): void {
  for (let link = pieces.next; link !== pieces; link = link.next) {
    if (changetype<Extent>(link).used == owner) link = release(changetype<Extent>(link));
  }
}

/** Makes a piece free; answers the free piece that it has become, or become part of. */
function release(piece: Extent): Extent {
  unreach();
  piece.used = Owner.NOBODY;
  if (linked(ramWaiters)) queueChanged(ramWaiters);
  absorbNext(piece);
  const before = changetype<Extent>(piece.prev);
  if (before === changetype<Extent>(pieces) || before.used) return piece;
  absorbNext(before);
  return before;
}

function absorbNext(piece: Extent): void {
  const next = changetype<Extent>(piece.next);
  if (next === changetype<Extent>(pieces) || next.used) return;
  piece.size += next.size;
  listRemove(next);
  poolGive(extentPool, next);
}
