/** Memory through methods, with the names that scripted tasks know. */

import { memory_alloc } from "./calls";
import { errorText } from "./constants";
import { describing, slot } from "./slot";
import { copyText, textIs } from "./text";

/** Bytes from an address on, which is the reference itself. Who uses them knows how many they are: nothing is checked. */
@unmanaged
export class Bytes {
  /** Where they are. */
  get address(): usize {
    return changetype<usize>(this);
  }

  /** 0, or why a running task did not get them. */
  get error(): i32 {
    return min(changetype<i32>(this), 0);
  }

  /** The byte at `index`. */
  get(index: i32): i32 {
    return load<u8>(this.address + index);
  }

  /** Stores a byte (the lower 8 bits of `value`). */
  set(index: i32, value: i32): void {
    store<u8>(this.address + index, <u8>value);
  }

  /** The 32-bit word at byte `index`. */
  word(index: i32): i32 {
    return load<i32>(this.address + index);
  }

  /** Stores a 32-bit word at byte `index`. */
  setWord(index: i32, value: i32): void {
    store<i32>(this.address + index, value);
  }

  /** Whether the first `count` bytes are this text. */
  equals(text: string, count: i32): bool {
    return textIs(text, this.address, count);
  }

  /** Stores text, in UTF-8, at `index`; answers how many bytes. */
  copy(text: string, index: i32 = 0): i32 {
    return copyText(text, this.address + index, i32.MAX_VALUE);
  }
}

/** An address and a length. An access outside ends the task. */
@unmanaged
export class Buffer {
  /** Where its bytes are. */
  address: usize;
  /** How many they are. */
  length: i32;

  /** 0, or why a running task did not get it. */
  get error(): i32 {
    return min(changetype<i32>(this), 0);
  }

  /** The byte at `index`. */
  get(index: i32): i32 {
    return load<u8>(this.at(index, 1));
  }

  /** Stores a byte (the lower 8 bits of `value`). */
  set(index: i32, value: i32): void {
    store<u8>(this.at(index, 1), <u8>value);
  }

  /** The 32-bit word at byte `index`. */
  word(index: i32): i32 {
    return load<i32>(this.at(index, 4));
  }

  /** Stores a 32-bit word at byte `index`. */
  setWord(index: i32, value: i32): void {
    store<i32>(this.at(index, 4), value);
  }

  /** Whether the first `count` bytes, by default all, are this text. */
  equals(text: string, count: i32 = this.length): bool {
    return textIs(text, this.at(0, count), count);
  }

  /** Stores text, in UTF-8, at `index`; answers how many bytes. */
  copy(text: string, index: i32 = 0): i32 {
    return copyText(text, this.at(index, 0), this.length - index);
  }

  /** Stores the bytes of another one at `index`; answers how many. */
  copyFrom(from: Buffer, index: i32 = 0): i32 {
    memory.copy(this.at(index, from.length), from.address, from.length);
    return from.length;
  }

  /** The part from `start` on, of `length` bytes. Good until the caller's second slice from then on. */
  slice(start: i32, length: i32 = this.length - start): Buffer {
    const part = changetype<Buffer>(slot().slice());
    part.address = this.at(start, length);
    part.length = length;
    return part;
  }

  private at(index: i32, bytes: i32): usize {
    if (index < 0 || bytes < 0 || index + bytes > this.length) abort("an access outside of its buffer");
    return this.address + index;
  }
}

/** `bytes` of memory, zeroed: of the description for good, of a running task as long as it lives. */
export function buffer(bytes: i32): Buffer {
  return bufferIn(reserve(bytes + <i32>offsetof<Buffer>()), bytes);
}

/** A buffer over memory that is there: `bufferAt(memory.data(64), 64)`. */
export function bufferAt(address: usize, bytes: i32): Buffer {
  const made = changetype<Buffer>(reserve(offsetof<Buffer>()));
  made.address = address;
  made.length = bytes;
  return made;
}

/** Makes the buffer whose record and bytes are here, one behind the other. */
export function bufferIn(address: usize, bytes: i32): Buffer {
  const made = changetype<Buffer>(address);
  made.address = address + offsetof<Buffer>();
  made.length = bytes;
  return made;
}

/** Memory for good, or as long as the running task lives, zeroed. Ends the caller when there is none. */
export function reserve(bytes: i32): usize {
  let address: usize = 0;
  if (describing()) {
    address = heap.alloc(bytes);
  } else {
    const result = memory_alloc(bytes, 0);
    if (result < 0) abort(`no RAM for ${bytes} bytes: ${errorText(result)}`);
    address = result;
  }
  memory.fill(address, 0, bytes);
  return address;
}
