/**
 * Protection: which memory the code that runs may touch. It is asked by the face of the kernel for whatever a call names, and by the
 * port for what compiled code loads and stores by itself:
 *
 *     the firmware's data      every task, handlers, the system description
 *     the stack in use         whose code runs: the port says which part of it holds data
 *     regions                  those who are attached, in that direction
 *     blocks of pools          their owner; a broadcast's holders, to read
 *     RAM from memory_alloc    its owner; what the system description took, everybody
 *
 * All else is the kernel's, the port's or another task's. On a machine whose memory is not protected all of RAM is everybody's.
 */
import { BlockState, Kind, Mode, Owner } from "./abi/constants";
import { Extent, MemPool, Region } from "./abi/records";
import { pieces } from "./arena";
import { SMALL } from "./config";
import { portCalls } from "./irq";
import { only } from "./lib/bits";
import { none } from "./lib/list";
import { poolSlot } from "./lib/pool";
import { mayUse, poolOf } from "./object/object";
import { acting, blockOf } from "./object/pool";
import { cpu, inRam, inTask, kernel } from "./state";

const NAME_BYTES: u32 = 16;

/** Whether `length` bytes at `address` are RAM that the caller may read, or `write`. */
export function reaches(address: usize, length: u32, write: bool): bool {
  if (!inRam(address, length)) return false;
  return SMALL || cpu.guarded == 0 || length == 0 || permitted(<u32>address, length, write);
}

/** Whether the caller may read the name at `address`, up to its end or to where it is too long. 0 is no name. */
export function reachesName(address: usize): bool {
  if (SMALL || cpu.guarded == 0 || address == 0) return true;
  for (let i: u32 = 0; i < NAME_BYTES; i++) {
    if (!reaches(address + i, 1, false)) return false;
    if (load<u8>(address + i) == 0) return true;
  }
  return true;
}

/** The port's question. */
export function reach(address: u32, length: u32, write: i32): i32 {
  if (SMALL || kernel.booted == 0 || address + length < address || !find(address)) return 0;
  return address + length <= cpu.reachEnd && (write == 0 || cpu.reachWrite != 0) ? 1 : 0;
}

function permitted(address: u32, length: u32, write: bool): bool {
  const end = address + length;
  if (address >= cpu.ownStart && end <= cpu.ownEnd) return true;
  if (portCalls()) return true;
  if (!(address >= cpu.reachStart && end <= cpu.reachEnd) && !find(address)) return false;
  return end <= cpu.reachEnd && (!write || cpu.reachWrite != 0);
}

/** Finds what the address lies in, if the caller may touch it at all. */
function find(address: u32): bool {
  if (address >= kernel.dataStart && address < kernel.dataEnd) return found(kernel.dataStart, kernel.dataEnd, true);
  const piece = pieceOver(address);
  if (none(piece)) return false;
  if (piece.used == Owner.SYSTEM || (inTask() && piece.used == Owner.TASKS + <u32>kernel.current.index)) {
    return found(piece.address, piece.address + piece.size, true);
  }
  return piece.used == Owner.KERNEL && (findRegion(address) || findBlock(address));
}

function found(start: u32, end: u32, write: bool): bool {
  cpu.reachStart = start;
  cpu.reachEnd = end;
  cpu.reachWrite = write ? 1 : 0;
  return true;
}

function pieceOver(address: u32): Extent {
  for (let link = pieces.next; link !== pieces; link = link.next) {
    const piece = changetype<Extent>(link);
    if (address - piece.address < piece.size) return piece;
  }
  return changetype<Extent>(0);
}

function findRegion(address: u32): bool {
  const pool = poolOf(Kind.REGION);
  for (let i: u32 = 0; i < pool.count; i++) {
    const region = changetype<Region>(poolSlot(pool, i));
    if (region.handle == 0 || address - region.address >= region.size) continue;
    return mayUse(region, Mode.READ) && found(region.address, region.address + region.size, mayUse(region, Mode.WRITE));
  }
  return false;
}

function findBlock(address: u32): bool {
  const pools = poolOf(Kind.POOL);
  for (let i: u32 = 0; i < pools.count; i++) {
    const pool = changetype<MemPool>(poolSlot(pools, i));
    const offset = address - pool.buffer;
    if (pool.handle == 0 || offset >= pool.count * pool.size) continue;
    const number = offset / pool.size;
    const start = pool.buffer + number * pool.size;
    const block = blockOf(pool.first + number);
    if (block.state == BlockState.OWNED) return block.owner === acting() && found(start, start + pool.size, true);
    if (block.state != BlockState.BROADCAST || !inTask() || !(block.holders & only(kernel.current.index))) return false;
    return found(start, start + pool.size, false);
  }
  return false;
}

/** What the port may take for granted is so. */
export function reachHolds(): bool {
  if (SMALL || cpu.guarded == 0 || cpu.reachEnd == 0 || (none(kernel.current) && kernel.depth == 0)) return true;
  const start = cpu.reachStart;
  const end = cpu.reachEnd;
  const write = cpu.reachWrite;
  return find(start) && cpu.reachStart == start && cpu.reachEnd == end && cpu.reachWrite == write;
}
