/** The body of a request, which no page here wants: counted, checked and let go. */
import { FieldParser } from "./fields.js";
import { BAD_REQUEST, CR, DONE, hexDigit, isValue, LF, MORE, PAYLOAD_TOO_LARGE, SEMICOLON, type Verdict } from "./syntax.js";

/** Bytes and lines of trailers. */
const TRAILERS = { bytes: 1024, count: 16 };
/** Bytes that a body in chunks may have on the wire for each of its own: short chunks cost more than they bring. */
const OVERHEAD = 8;

/** Takes a byte at a time. The limit holds for the bytes of a body, and in proportion for what its chunks add. */
export class BodyParser {
  readonly #limit: number;
  readonly #trailers = new FieldParser(TRAILERS, [], () => MORE);
  #next: (byte: number) => Verdict = this.#sized;
  #left = 0;
  #digits = 0;
  #bytes = 0;
  #taken = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A body of so many bytes, at least one. Answers a verdict on its size. */
  beginSized(length: number): Verdict {
    this.#next = this.#sized;
    this.#left = length;
    return length > this.#limit ? PAYLOAD_TOO_LARGE : MORE;
  }

  /** A body in chunks. */
  beginChunked(): Verdict {
    this.#bytes = 0;
    this.#taken = 0;
    this.#trailers.reset();
    return this.#beginChunk();
  }

  push(byte: number): Verdict {
    return this.#next(byte);
  }

  #sized(): Verdict {
    return --this.#left === 0 ? DONE : MORE;
  }

  #beginChunk(): Verdict {
    this.#left = 0;
    this.#digits = 0;
    return this.#to(this.#size);
  }

  #size(byte: number): Verdict {
    const digit = hexDigit(byte);
    if (digit < 0) {
      if (this.#digits === 0) return BAD_REQUEST;
      this.#next = this.#extension;
      return byte === CR || byte === SEMICOLON ? this.#extension(byte) : BAD_REQUEST;
    }
    this.#digits++;
    this.#left = this.#left * 16 + digit;
    return this.#bytes + this.#left > this.#limit ? PAYLOAD_TOO_LARGE : this.#overhead();
  }

  #extension(byte: number): Verdict {
    if (byte === CR) return this.#to(this.#sizeEnd);
    return isValue(byte) ? this.#overhead() : BAD_REQUEST;
  }

  #sizeEnd(byte: number): Verdict {
    if (byte !== LF) return BAD_REQUEST;
    this.#bytes += this.#left;
    return this.#to(this.#left === 0 ? this.#trailer : this.#inChunk);
  }

  #inChunk(): Verdict {
    return --this.#left === 0 ? this.#to(this.#chunkEnd) : MORE;
  }

  #chunkEnd(byte: number): Verdict {
    return byte === CR ? this.#to(this.#chunkLine) : BAD_REQUEST;
  }

  #chunkLine(byte: number): Verdict {
    return byte === LF ? this.#beginChunk() : BAD_REQUEST;
  }

  #trailer(byte: number): Verdict {
    return this.#trailers.push(byte);
  }

  /** A byte that is none of the body's. */
  #overhead(): Verdict {
    return ++this.#taken > OVERHEAD * this.#limit ? PAYLOAD_TOO_LARGE : MORE;
  }

  #to(next: (byte: number) => Verdict): Verdict {
    this.#next = next;
    return MORE;
  }
}
