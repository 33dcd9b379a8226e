/**
 * A piece of the machine's RAM, as a task may use it. Methods instead of a typed array, so that it can be taken away again:
 * after `revoke()` every access throws, also through slices. Out of bounds throws too and names the index. A view may be read-only.
 */
import { TaleaError } from "./errors.js";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** What a view and its slices share: the memory, until it is revoked, and whether it may be changed. */
export interface Lease {
  memory: Uint8Array | undefined;
  readonly writable: boolean;
}

export class View {
  readonly address: number;
  readonly length: number;
  readonly #lease: Lease;

  constructor(memory: Uint8Array | Lease, address: number, length: number, readOnly = false) {
    this.#lease = memory instanceof Uint8Array ? { memory, writable: !readOnly } : memory;
    this.address = address;
    this.length = length;
  }

  /** Its address for a call that reads from it. Throws where an access would. */
  get source(): number {
    this.#at(0, 0);
    return this.address;
  }

  /** Its address for a call that stores into it. Throws where a store would. */
  get target(): number {
    this.#into(0, 0);
    return this.address;
  }

  /** The byte at `index`. */
  get(index: number): number {
    return this.#at(index, 1)[this.address + index] as number;
  }

  /** Stores a byte (the lower 8 bits of `value`). */
  set(index: number, value: number): void {
    this.#into(index, 1)[this.address + index] = value;
  }

  /** The little-endian 32-bit word at byte `index`, signed. */
  word(index: number): number {
    const m = this.#at(index, 4);
    const a = this.address + index;
    return (m[a] as number) | ((m[a + 1] as number) << 8) | ((m[a + 2] as number) << 16) | ((m[a + 3] as number) << 24);
  }

  /** Stores a little-endian 32-bit word at byte `index`. */
  setWord(index: number, value: number): void {
    const m = this.#into(index, 4);
    const a = this.address + index;
    m[a] = value;
    m[a + 1] = value >> 8;
    m[a + 2] = value >> 16;
    m[a + 3] = value >> 24;
  }

  /** Copies bytes or UTF-8 text to `index`; returns how many bytes. Throws when they do not fit. */
  copy(from: Uint8Array | View | string, index = 0): number {
    const bytes = typeof from === "string" ? encoder.encode(from) : from instanceof View ? from.bytes() : from;
    this.#into(index, bytes.length).set(bytes, this.address + index);
    return bytes.length;
  }

  /** A copy of the first `count` bytes. */
  bytes(count = this.length): Uint8Array {
    return this.#at(0, count).slice(this.address, this.address + count);
  }

  /** The first `count` bytes as UTF-8 text. */
  text(count = this.length): string {
    return decoder.decode(this.#at(0, count).subarray(this.address, this.address + count));
  }

  /** The part from `start` on, `length` bytes long. */
  slice(start: number, length = this.length - start): View {
    this.#at(start, length);
    return new View(this.#lease, this.address + start, length);
  }

  /** From now on every access throws, through this view and all slices that belong together: the memory is somebody else's. */
  revoke(): void {
    this.#lease.memory = undefined;
  }

  /** The memory, to be changed there. */
  #into(index: number, bytes: number): Uint8Array {
    const memory = this.#at(index, bytes);
    if (!this.#lease.writable) throw new TaleaError("this memory is read-only for this task");
    return memory;
  }

  /** The memory, to be read there. */
  #at(index: number, bytes: number): Uint8Array {
    const { memory } = this.#lease;
    if (memory === undefined) throw new TaleaError("this view was revoked: the memory is no longer this task's");
    // `>>> 0` changes what is negative, no whole number, or none at all.
    if (index >>> 0 !== index || bytes >>> 0 !== bytes || index + bytes > this.length) {
      throw new TaleaError(`${bytes} bytes from ${index} on are outside this view of ${this.length} bytes`);
    }
    return memory;
  }
}
