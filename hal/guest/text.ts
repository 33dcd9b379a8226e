/** Text as the outside has it: UTF-8, made from AssemblyScript's UTF-16 without the heap. */
import { LONGEST, Slot, slot } from "./slot";

const REPLACEMENT: u32 = 0xfffd;

/** The code point at `index`; half a pair is U+FFFD. */
export function codeAt(text: string, index: i32): u32 {
  const unit: u32 = text.charCodeAt(index);
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  if (unit > 0xdbff || index + 1 >= text.length) return REPLACEMENT;
  const low: u32 = text.charCodeAt(index + 1);
  if (low < 0xdc00 || low > 0xdfff) return REPLACEMENT;
  return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
}

/** How many of a text's units the code point takes. */
export function unitsOf(code: u32): i32 {
  return code > 0xffff ? 2 : 1;
}

/** How many bytes the code point takes. */
export function bytesOf(code: u32): i32 {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

/** The n-th of the code point's bytes. */
export function byteOf(code: u32, n: i32): u32 {
  const last = bytesOf(code) - 1;
  if (last == 0) return code;
  if (n > 0) return 0x80 | ((code >> (6 * (last - n))) & 0x3f);
  const mark: u32 = last == 1 ? 0xc0 : last == 2 ? 0xe0 : 0xf0;
  return mark | (code >> (6 * last));
}

/** Bytes of the whole text. */
export function byteLength(text: string): i32 {
  let bytes = 0;
  for (let i = 0; i < text.length; ) {
    const code = codeAt(text, i);
    bytes += bytesOf(code);
    i += unitsOf(code);
  }
  return bytes;
}

/** Stores what fits of the text, from `index` on, into `room` bytes; no code point is cut. Where it ends << 32, and the bytes. */
export function encode(text: string, index: i32, address: usize, room: i32): u64 {
  let bytes = 0;
  while (index < text.length) {
    const code = codeAt(text, index);
    const size = bytesOf(code);
    if (bytes + size > room) break;
    for (let n = 0; n < size; n++) store<u8>(address + bytes + n, <u8>byteOf(code, n));
    bytes += size;
    index += unitsOf(code);
  }
  return ((<u64>index) << 32) | <u64>bytes;
}

/** Whether `length` bytes at the address are this text. */
export function textIs(text: string, address: usize, length: i32): bool {
  let bytes = 0;
  for (let i = 0; i < text.length; ) {
    const code = codeAt(text, i);
    const size = bytesOf(code);
    if (bytes + size > length) return false;
    for (let n = 0; n < size; n++) {
      if (load<u8>(address + bytes + n) != byteOf(code, n)) return false;
    }
    bytes += size;
    i += unitsOf(code);
  }
  return bytes == length;
}

/** Bytes of a name and its end. */
const NAME: i32 = 16;
const MARK: u8 = 63;

/** A name as calls take it, in a frame of the caller's; 0 for none. One that is too long has no end, for the call to find. */
export function stageName(own: Slot, name: string): usize {
  if (name.length == 0) return 0;
  const at = own.take(NAME);
  memory.fill(at, MARK, NAME);
  const bytes = byteLength(name);
  encode(name, 0, at, NAME);
  if (bytes < NAME) store<u8>(at + bytes, 0);
  return at;
}

/** The call with the name is done. */
export function dropName(own: Slot, at: usize): void {
  if (at != 0) own.give(at);
}

/** Stores the text at `index` behind the address; how many bytes. Ends the task when they are more than `room`. */
export function copyText(text: string, address: usize, room: i32): i32 {
  const bytes = byteLength(text);
  if (bytes > room) abort(`the text has ${bytes} bytes, and there is room for ${room}`);
  encode(text, 0, address, bytes);
  return bytes;
}

/** A whole message as bytes in a frame of the caller's; its length is the text's. 0: it is longer than a frame can be. */
export function stageText(text: string): usize {
  const bytes = byteLength(text);
  if (bytes > LONGEST) return 0;
  const at = slot().take(bytes);
  encode(text, 0, at, bytes);
  return at;
}
