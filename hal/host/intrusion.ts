/** Whose memory it is that compiled code has touched without leave, in words for the report. */
import { BlockState, Kind, layout, Owner, State } from "../../kernel/abi/host.js";
import type { Machine } from "./machine.js";
import { register } from "./readout.js";

const OWN_END = register(layout.Cpu.ownEnd);
const OWN_START = register(layout.Cpu.ownStart);
const SCRATCH = register(layout.Cpu.scratch);
/** Addresses that come of a null pointer to a record, or to an array near its beginning. */
const NULL_PAGE = 4096;

export interface Access {
  address: number;
  bytes: number;
  write: boolean;
}

/** "SIGSEGV: it stored 4 bytes at 0x00012345, in region "shared", which it has only to read". */
export function sentenceOf(m: Machine, access: Access, caller: number, dataStart: number): string {
  const { address, bytes, write } = access;
  const what = bytes === 1 ? "a byte" : `${bytes} bytes`;
  return `SIGSEGV: it ${write ? "stored" : "loaded"} ${what} at ${hex(address)}, ${whose(m, access, caller, dataStart)}`;
}

function hex(address: number): string {
  return `0x${address.toString(16).padStart(8, "0").toUpperCase()}`;
}

function whose(m: Machine, access: Access, caller: number, dataStart: number): string {
  const { address, bytes } = access;
  if (address < NULL_PAGE) return "a null pointer";
  if (address >= m.u8.length) return "behind the end of memory";
  if (address < (m.u32[SCRATCH] as number)) return "in the kernel's memory";
  if (address < dataStart) return "in the board's memory, in front of the program's data";
  const stack = stackAt(m, address, caller);
  if (stack) return stack;
  const piece = pieceAt(m, address);
  if (piece === undefined) return address + bytes > m.u8.length ? "across the end of memory" : "across the end of the program's memory";
  if (piece.owner === Owner.NOBODY) return "in RAM that is nobody's";
  if (piece.owner !== Owner.KERNEL) return ramOf(m, piece, access);
  return regionAt(m, access) ?? blockAt(m, address, caller) ?? "in RAM of a kernel object";
}

function ramOf(m: Machine, { owner, end }: Piece, { address, bytes }: Access): string {
  const task = owner - Owner.TASKS;
  if (address + bytes > end) return "across the end of RAM that was allocated";
  return `in RAM that task "${m.nameOf((Kind.TASK << 8) | task)}" has allocated`;
}

function stackAt(m: Machine, address: number, caller: number): string | undefined {
  const T = layout.Task;
  for (let index = 0; index < m.taskCount; index++) {
    const task = m.taskRecord(index);
    const state = m.i32[(task + T.state) >> 2] as number;
    const start = m.u32[(task + T.stack) >> 2] as number;
    const size = m.u32[(task + T.stackSize) >> 2] as number;
    if (state === State.FREE || state === State.ZOMBIE || address < start || address >= start + size) continue;
    if (index !== caller) return `in the stack of task "${m.nameOf((Kind.TASK << 8) | index)}"`;
    const kept = address < (m.u32[OWN_START] as number) && (m.u32[OWN_END] as number) > 0;
    return kept ? `in its own stack, which is full: it has ${size} bytes` : `in its own stack of ${size} bytes, where its calls are kept`;
  }
  return undefined;
}

interface Piece {
  owner: number;
  end: number;
}

function pieceAt(m: Machine, address: number): Piece | undefined {
  const E = layout.Extent;
  const word = (at: number) => m.u32[at >> 2] as number;
  for (let piece = word(m.arenaAt); piece !== m.arenaAt; piece = word(piece)) {
    const start = word(piece + E.address);
    const end = start + word(piece + E.size);
    if (address >= start && address < end) return { owner: word(piece + E.used), end };
  }
  return undefined;
}

function regionAt(m: Machine, { address, bytes, write }: Access): string | undefined {
  const R = layout.Region;
  for (const { record, id } of m.objectsOf(Kind.REGION)) {
    const start = m.u32[(record + R.address) >> 2] as number;
    const end = start + (m.u32[(record + R.size) >> 2] as number);
    if (address < start || address >= end) continue;
    const name = named(m, id, "region");
    if (address + bytes > end) return `across the end of ${name}`;
    const task = m.i32[register(layout.Cpu.current)] as number;
    const word = m.u32[(record + R.readers + (task < 32 ? 0 : 4)) >> 2] as number;
    const reads = ((word >>> (task & 31)) & 1) === 1;
    return write && reads ? `in ${name}, which it has attached only to read` : `in ${name}, which it has not attached`;
  }
  return undefined;
}

function blockAt(m: Machine, address: number, caller: number): string | undefined {
  const P = layout.MemPool;
  const B = layout.Block;
  const word = (at: number) => m.u32[at >> 2] as number;
  for (const { record, id } of m.objectsOf(Kind.POOL)) {
    const start = word(record + P.buffer);
    const size = word(record + P.size);
    if (address < start || address >= start + size * word(record + P.count)) continue;
    const number = Math.floor((address - start) / size);
    const block = m.blockRecord(word(record + P.first) + number);
    const of = `in block ${number} of ${named(m, id, "pool")}`;
    const state = m.u8[block + B.state] as number;
    if (state === BlockState.FREE) return `${of}, which is free`;
    if (state === BlockState.LETTER) return `${of}, which has been sent and not been received`;
    if (state === BlockState.BROADCAST) return `${of}, a broadcast, which is read-only`;
    const owner = word(block + B.owner);
    if (owner === 0) return `${of}, which no task has`;
    const index = m.u8[owner + layout.Task.index] as number;
    return index === caller
      ? `across the end of block ${number} of ${named(m, id, "pool")}`
      : `${of}, which task "${m.nameOf((Kind.TASK << 8) | index)}" has`;
  }
  return undefined;
}

/** `region "shared"`, or "region 0" for one without a name. */
function named(m: Machine, id: number, kind: string): string {
  const name = m.nameOf(id);
  return name === `${kind} ${id & 0xff}` ? name : `${kind} "${name}"`;
}
