/** A hardware FIFO of bytes: the first in is the first out, and what does not fit is not taken. */
export class Fifo {
  readonly #bytes: Uint8Array;
  #head = 0;
  #length = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  get room(): number {
    return this.#bytes.length - this.#length;
  }

  /** Puts a byte in; false when there is no room for it. */
  put(byte: number): boolean {
    if (this.room === 0) return false;
    this.#bytes[(this.#head + this.#length++) % this.#bytes.length] = byte;
    return true;
  }

  /** Takes the first `count` bytes out, or as many as there are. */
  take(count: number): Uint8Array {
    const taken = this.#first(Math.min(count, this.#length));
    this.#head = (this.#head + taken.length) % this.#bytes.length;
    this.#length -= taken.length;
    return taken;
  }

  /** Its contents as plain data. */
  save(): number[] {
    return [...this.#first(this.#length)];
  }

  restore(bytes: readonly number[]): void {
    this.#head = 0;
    this.#length = bytes.length;
    this.#bytes.set(bytes);
  }

  #first(count: number): Uint8Array {
    const bytes = new Uint8Array(count);
    for (let i = 0; i < count; i++) bytes[i] = this.#bytes[(this.#head + i) % this.#bytes.length] as number;
    return bytes;
  }
}
