/** What a firmware sees of the whole system, without the heap: names, the RAM that is left. Facts of one object are `info()`. */
import { interrupt_lock, interrupt_unlock, object_info } from "./calls";
import { Info } from "./constants";
import { slot } from "./slot";

/** Bytes of a name. */
const NAME: i32 = 16;

/** One fact about an object, or about the system where the handle is 0; 0 where there is none. */
function fact(handle: i32, field: i32): u64 {
  const own = slot();
  const out = own.take(8);
  const value = object_info(handle, field, out) < 0 ? 0 : load<u64>(out);
  own.give(out);
  return value;
}

/** Stores the name of an object, by its handle: at most 15 bytes. Answers how many; 0 where there is none. */
export function nameOf(handle: i32, address: usize): i32 {
  let length = 0;
  for (let word = 0; word < 2; word++) {
    for (let bytes = fact(handle, Info.NAME0 + word); (bytes & 0xff) != 0 && length < NAME - 1; bytes >>= 8) {
      store<u8>(address + length, <u8>bytes);
      length++;
    }
    if (length < 8) break;
  }
  return length;
}

/** The number of the call in which a task waits, as docs/abi.md has it; 0 when it waits in none. */
export function waitsIn(task: i32): i32 {
  return <i32>fact(task, Info.WAITING_IN);
}

/** The handle of the object that a task waits for, 0 where that is none. */
export function waitsFor(task: i32): i32 {
  return <i32>fact(task, Info.WAITING_ON);
}

/** Cycles in which nobody could run. */
export function idleCycles(): u64 {
  return fact(0, Info.IDLE);
}

/** Bytes that the heap has at most. */
export function heapSize(): usize {
  return <usize>fact(0, Info.DATA_END) - __heap_base;
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
    return <u32>fact(0, Info.RAM);
  }

  /** Bytes that nobody has. */
  export function free(): u32 {
    return <u32>fact(0, Info.RAM_FREE);
  }

  /** Bytes of the largest piece that nobody has. */
  export function largest(): u32 {
    return <u32>fact(0, Info.RAM_LARGEST);
  }
}
