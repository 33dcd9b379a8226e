/**
 * Text made of parts, for the console, without the heap: it is collected in the caller's slot and goes out in pieces.
 *
 *     print("high waited {} ticks\n", ticks);
 *     out().text(name).text(" got ").int(n).end();
 *
 * An interrupt handler and the description do not wait: what console.out has no room for is lost there.
 */
import { Buffer } from "./bytes";
import { writePiece } from "./console";
import { FOREVER, NO_WAIT } from "./object";
import { Slot, slot, waiting } from "./slot";
import { byteOf, bytesOf, codeAt, unitsOf } from "./text";

/** Numbers that a format takes. */
const GIVEN: i32 = 6;
const OPEN: u32 = 123;
const CLOSE: u32 = 125;
const MINUS: u32 = 45;
const POINT: u32 = 46;
const ZERO: u32 = 48;
const LETTERS: u32 = 87;
const TEN: u64 = 10;
/** Past this a number with decimals is no longer exact, nor are its digits worth having. */
const TOO_LARGE: f64 = 1e15;

/** A line on its way to the console. It is the caller's slot, and its text the innermost frame. */
@unmanaged
export class Out {
  /** Adds text. */
  text(text: string): this {
    for (let i = 0; i < text.length; ) {
      const code = codeAt(text, i);
      character(changetype<Slot>(this), code);
      i += unitsOf(code);
    }
    return this;
  }

  /** Adds `length` bytes of a buffer, by default all. */
  bytes(buffer: Buffer, length: i32 = buffer.length): this {
    const part = min(length, buffer.length);
    for (let i = 0; i < part; i++) byte(changetype<Slot>(this), load<u8>(buffer.address + i));
    return this;
  }

  /** Adds a whole number, signed. */
  int(value: i64): this {
    if (value < 0) byte(changetype<Slot>(this), MINUS);
    digits(changetype<Slot>(this), value < 0 ? 0 - <u64>value : <u64>value, TEN, 1);
    return this;
  }

  /** Adds a number in hexadecimal, with zeros in front up to `least` digits. */
  hex(value: u64, least: i32 = 1): this {
    digits(changetype<Slot>(this), value, 16, least);
    return this;
  }

  /** Adds a number with so many decimals, 0 to 9. */
  decimal(value: f64, places: i32 = 2): this {
    const own = changetype<Slot>(this);
    if (F64.isNaN(value)) return this.text("NaN");
    if (value < 0) byte(own, MINUS);
    const size = abs(value);
    if (size >= TOO_LARGE) return this.text(F64.isFinite(size) ? "1e15 or more" : "infinity");
    let scale: u64 = 1;
    for (let i = 0; i < places; i++) scale *= TEN;
    let whole = <u64>size;
    let part = <u64>nearest((size - <f64>whole) * <f64>scale);
    if (part == scale) {
      whole++;
      part = 0;
    }
    digits(own, whole, TEN, 1);
    if (places == 0) return this;
    byte(own, POINT);
    digits(own, part, TEN, places);
    return this;
  }

  /** Sends what is left of the text; the chain is over. */
  end(): void {
    const own = changetype<Slot>(this);
    send(own);
    own.give(own.frame);
  }
}

/** Begins a text; `end()` ends it. */
export function out(): Out {
  const own = slot();
  own.take(0);
  return changetype<Out>(changetype<usize>(own));
}

/** Writes text to the console, with whole numbers in place of the first six {}. */
export function print(format: string, a: i64 = 0, b: i64 = 0, c: i64 = 0, d: i64 = 0, e: i64 = 0, f: i64 = 0): void {
  const line = out();
  let given = 0;
  for (let i = 0; i < format.length; ) {
    const code = codeAt(format, i);
    i += unitsOf(code);
    if (code == OPEN && given < GIVEN && i < format.length && codeAt(format, i) == CLOSE) {
      line.int(given == 0 ? a : given == 1 ? b : given == 2 ? c : given == 3 ? d : given == 4 ? e : f);
      given++;
      i++;
    } else {
      character(changetype<Slot>(changetype<usize>(line)), code);
    }
  }
  line.end();
}

function character(own: Slot, code: u32): void {
  const size = bytesOf(code);
  for (let n = 0; n < size; n++) byte(own, byteOf(code, n));
}

function byte(own: Slot, value: u32): void {
  if (own.full) send(own);
  own.put(value);
}

function send(own: Slot): void {
  if (own.length > 0) writePiece(own.frame, own.length, waiting() ? FOREVER : NO_WAIT);
  own.empty();
}

/** The digits of a number, at least so many, from the first on. */
function digits(own: Slot, value: u64, base: u64, least: i32): void {
  let unit: u64 = 1;
  let count = 1;
  while (value / unit >= base || count < least) {
    unit *= base;
    count++;
  }
  for (; unit > 0; unit /= base) {
    const digit = <u32>((value / unit) % base);
    byte(own, digit < 10 ? ZERO + digit : LETTERS + digit);
  }
}
