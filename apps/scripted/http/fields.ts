/** Field lines up to the empty line: the head's, and the trailers behind a body in chunks. */
import { BAD_REQUEST, COLON, CR, DONE, FIELDS_TOO_LARGE, isToken, isValue, LF, MORE, SPACE, TAB, type Verdict } from "./syntax.js";

/** Bytes that are kept of a name, and of a value that is asked for. */
const NAME_KEPT = 24;
const VALUE_KEPT = 256;

export interface FieldLimits {
  /** Bytes of all lines together. */
  bytes: number;
  /** How many lines. */
  count: number;
}

/** Told of each field that is wanted; what it answers is a verdict too. */
export type Taker = (name: string, value: string) => Verdict;

/**
 * Takes a byte at a time and keeps the line under way alone, and of that only what somebody wants. Refuses what lets two parsers
 * see two messages: a bare CR or LF, a folded line, a space before the colon.
 */
export class FieldParser {
  readonly #limits: FieldLimits;
  readonly #wanted: ReadonlySet<string>;
  readonly #take: Taker;
  #next = this.#start;
  #bytes = 0;
  #count = 0;
  #name = "";
  #value = "";
  #keeps = false;

  /** `take` is told of the fields with these names, in lower case. */
  constructor(limits: FieldLimits, wanted: readonly string[], take: Taker) {
    this.#limits = limits;
    this.#wanted = new Set(wanted);
    this.#take = take;
  }

  /** Ready for the lines of another message. */
  reset(): void {
    this.#next = this.#start;
    this.#bytes = 0;
    this.#count = 0;
  }

  push(byte: number): Verdict {
    if (++this.#bytes > this.#limits.bytes) return FIELDS_TOO_LARGE;
    return this.#next(byte);
  }

  #start(byte: number): Verdict {
    if (byte === CR) return this.#to(this.#lastLine);
    if (!isToken(byte)) return BAD_REQUEST;
    if (++this.#count > this.#limits.count) return FIELDS_TOO_LARGE;
    this.#name = "";
    this.#next = this.#inName;
    return this.#inName(byte);
  }

  #inName(byte: number): Verdict {
    if (byte === COLON) {
      this.#keeps = this.#wanted.has(this.#name);
      this.#value = "";
      return this.#to(this.#beforeValue);
    }
    if (!isToken(byte)) return BAD_REQUEST;
    if (this.#name.length < NAME_KEPT) this.#name += String.fromCharCode(byte).toLowerCase();
    return MORE;
  }

  #beforeValue(byte: number): Verdict {
    if (byte === SPACE || byte === TAB) return MORE;
    this.#next = this.#inValue;
    return this.#inValue(byte);
  }

  #inValue(byte: number): Verdict {
    if (byte === CR) return this.#to(this.#endOfLine);
    if (!isValue(byte)) return BAD_REQUEST;
    if (!this.#keeps) return MORE;
    if (this.#value.length === VALUE_KEPT) return FIELDS_TOO_LARGE;
    this.#value += String.fromCharCode(byte);
    return MORE;
  }

  #endOfLine(byte: number): Verdict {
    if (byte !== LF) return BAD_REQUEST;
    this.#next = this.#start;
    return this.#keeps ? this.#take(this.#name, this.#value.replace(/[ \t]+$/, "")) : MORE;
  }

  #lastLine(byte: number): Verdict {
    return byte === LF ? DONE : BAD_REQUEST;
  }

  #to(next: (byte: number) => Verdict): Verdict {
    this.#next = next;
    return MORE;
  }
}
