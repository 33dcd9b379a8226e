/** What a firmware sees of the whole system, without the heap: names, the RAM that is left. Facts by number are `info()`. */
import { interrupt_lock, interrupt_unlock } from "./calls";
import { Kind, State } from "./constants";
import { ExtentRecord, KernelRecord, ObjRecord, PoolRecord, TaskRecord } from "./records";
import { cpu } from "./slot";

/** Bytes of a name, and where its first is. */
const NAME: i32 = 16;
/** A pool's record ends here, and the next one begins. */
const POOL_STRIDE: usize = offsetof<PoolRecord>();
const SLOT: i32 = 0xff;
const KINDS: i32 = 0x1f;

/**
 * Stores the name of an object, by its handle, or of what a task waits for, by Info.WAITING_FOR: at most 15 bytes. Answers how many; 0
 * where there is none.
 */
export function nameOf(id: i32, address: usize): i32 {
  const at = nameAt((id >> 8) & KINDS, id & SLOT);
  if (at == 0) return 0;
  let length = 0;
  while (length < NAME && load<u8>(at + length) != 0) length++;
  memory.copy(address, at, length);
  return length;
}

function nameAt(kind: i32, index: i32): usize {
  if (kind == Kind.TASK) return <u32>index < cpu.slots ? recordOfTask(index) + offsetof<TaskRecord>("name0") : 0;
  if (kind < Kind.TASK || kind >= Kind.LINE) return 0;
  const pool = changetype<PoolRecord>(<usize>cpu.pools + <usize>kind * POOL_STRIDE);
  if (<u32>index >= pool.count) return 0;
  return <usize>pool.base + <usize>index * <usize>pool.size + offsetof<ObjRecord>("name0");
}

function recordOfTask(index: i32): usize {
  return <usize>cpu.tasks + <usize>index * offsetof<TaskRecord>();
}

/** The number of the call in which a task waits, as docs/abi.md has it; 0 when it waits in none. */
export function waitsIn(task: i32): i32 {
  const record = changetype<TaskRecord>(recordOfTask(task & SLOT));
  return record.handle == task && record.state == State.BLOCKED ? record.call : 0;
}

/** Cycles in which nobody could run. */
export function idleCycles(): u64 {
  return changetype<KernelRecord>(<usize>cpu.kernel).idleCycles;
}

/** Bytes that the heap has at most. */
export function heapSize(): usize {
  return <usize>changetype<KernelRecord>(<usize>cpu.kernel).dataEnd - __heap_base;
}

/** Bytes of the heap that are taken, and stay so. */
export function heapUsed(): usize {
  // A block that is given back before another one is taken leaves no trace.
  interrupt_lock();
  const top = heap.alloc(0);
  heap.free(top);
  interrupt_unlock();
  return top - __heap_base;
}

/** The arena, from which stacks, buffers and RAM on request come. */
export namespace ram {
  /** Bytes there are. */
  export function size(): u32 {
    return counted(true, true);
  }

  /** Bytes that nobody has. */
  export function free(): u32 {
    return counted(true, false);
  }

  /** Bytes of the largest piece that nobody has. */
  export function largest(): u32 {
    interrupt_lock();
    let most: u32 = 0;
    for (let piece = after(cpu.pieces); changetype<u32>(piece) != cpu.pieces; piece = after(changetype<u32>(piece))) {
      if (piece.used == 0) most = max(most, piece.size);
    }
    interrupt_unlock();
    return most;
  }
}

function counted(free: bool, taken: bool): u32 {
  interrupt_lock();
  let bytes: u32 = 0;
  for (let piece = after(cpu.pieces); changetype<u32>(piece) != cpu.pieces; piece = after(changetype<u32>(piece))) {
    if (piece.used == 0 ? free : taken) bytes += piece.size;
  }
  interrupt_unlock();
  return bytes;
}

function after(piece: u32): ExtentRecord {
  return changetype<ExtentRecord>(<usize>changetype<ExtentRecord>(<usize>piece).next);
}
