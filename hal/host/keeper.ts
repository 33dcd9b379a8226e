/** Empties the kernel's trace ring, tells a listener, and keeps the last records as words. */
import { layout } from "../../kernel/abi/host.js";
import type { Image } from "./image.js";
import { TraceReader, type TraceRecord } from "./trace.js";

const T = layout.Trace;
const WORDS = 4;
/** Room for so many records at first: most runs are short. It doubles until it holds all that are to be kept. */
const FIRST = 512;

/** Told of the four words of every record; TraceReader puts them together. */
export type Listener = (cycles: number, what: number, first: number, second: number) => void;

export class Keeper {
  readonly #image: Image;
  readonly #keep: number;
  #words = new Uint32Array(0);
  #count = 0;

  /** Keeps the last `keep` records. */
  constructor(image: Image, keep: number) {
    this.#image = image;
    this.#keep = keep;
  }

  /** Takes what is in the ring at `at`. */
  drain(at: number, listener: Listener | undefined): void {
    const { u32, kernel } = this.#image;
    const tail = u32[(at + T.tail) >> 2] as number;
    const ring = (u32[(at + T.ring) >> 2] as number) >> 2;
    const mask = (u32[(at + T.capacity) >> 2] as number) - 1;
    const count = kernel.trace_drain();
    const keep = this.#keep;
    if (count === 0 || (keep === 0 && !listener)) return;
    const words = this.#roomFor(Math.min(keep, this.#count + count));
    for (let i = 0; i < count; i++) {
      const from = ring + ((tail + i) & mask) * WORDS;
      if (listener) listener(u32[from] as number, u32[from + 1] as number, u32[from + 2] as number, u32[from + 3] as number);
      if (keep === 0) continue;
      const to = (this.#count++ % keep) * WORDS;
      words[to] = u32[from] as number;
      words[to + 1] = u32[from + 1] as number;
      words[to + 2] = u32[from + 2] as number;
      words[to + 3] = u32[from + 3] as number;
    }
  }

  /** The words of the records, with room for so many. */
  #roomFor(records: number): Uint32Array {
    if (this.#words.length >= records * WORDS) return this.#words;
    const grown = new Uint32Array(Math.min(this.#keep, Math.max(FIRST, 2 ** Math.ceil(Math.log2(records)))) * WORDS);
    grown.set(this.#words);
    this.#words = grown;
    return grown;
  }

  /** The records that are kept, oldest first. */
  records(): TraceRecord[] {
    const reader = new TraceReader();
    const records: TraceRecord[] = [];
    for (let i = Math.max(0, this.#count - this.#keep); i < this.#count; i++) {
      const at = (i % this.#keep) * WORDS;
      const word = (offset: number) => this.#words[at + offset] as number;
      const record = reader.read(word(0), word(1), word(2), word(3));
      if (record) records.push(record);
    }
    return records;
  }
}
