/** What stands behind the app's name on the command line. */
import { argument } from "./calls";
import { slot } from "./slot";
import { textIs } from "./text";

/** Bytes of a word that are looked at. */
const WORD: i32 = 112;
const ZERO: i32 = 48;
const MINUS: i32 = 45;

/** The words of the command line. */
export namespace args {
  /** How many there are. */
  export function length(): i32 {
    let count = 0;
    while (argument(count, 0, 0) >= 0) count++;
    return count;
  }

  /** Whether one of them is this text, of at most 111 bytes. */
  export function includes(text: string): bool {
    const own = slot();
    const word = own.take(WORD);
    let bytes = argument(0, word, WORD);
    for (let i = 1; bytes >= 0 && !textIs(text, word, bytes); i++) bytes = argument(i, word, WORD);
    own.give(word);
    return bytes >= 0;
  }

  /** The index-th as a whole number; `otherwise` where there is none, or it is none. */
  export function number(index: i32, otherwise: i32): i32 {
    const own = slot();
    const word = own.take(WORD);
    const bytes = argument(index, word, WORD);
    const value = parsed(word, bytes, otherwise);
    own.give(word);
    return value;
  }

  /** The index-th as text, "" where there is none. On the heap: for the description. */
  export function text(index: i32): string {
    const own = slot();
    const word = own.take(WORD);
    const bytes = argument(index, word, WORD);
    const result = bytes > 0 ? String.UTF8.decodeUnsafe(word, bytes) : "";
    own.give(word);
    return result;
  }
}

function parsed(address: usize, bytes: i32, otherwise: i32): i32 {
  const negative = bytes > 0 && load<u8>(address) == MINUS;
  let value = 0;
  for (let i = negative ? 1 : 0; i < bytes; i++) {
    const digit = <i32>load<u8>(address + i) - ZERO;
    if (digit < 0 || digit > 9) return otherwise;
    value = value * 10 + digit;
  }
  if (bytes <= (negative ? 1 : 0)) return otherwise;
  return negative ? -value : value;
}
