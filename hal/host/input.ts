/**
 * What comes in from outside, in order: bytes that the host knows of, and whether there may be more. Device time decides when a
 * byte arrives; here is only what arrives.
 */
const encoder = new TextEncoder();

export class Input {
  #chunks: Uint8Array[] = [];
  /** Which chunk the next byte is in, and where in it. */
  #chunk = 0;
  #at = 0;
  #available = 0;
  #open = false;
  /** Told when bytes or the end became known. */
  onArrival: (() => void) | undefined;
  /** Told when a task first listens. */
  onListen: (() => void) | undefined;
  #listening = false;

  /** Starts anew with what is known before the run; "open": there may be more, else nothing means none. */
  start(input: string | Uint8Array | undefined): void {
    this.#chunks = [];
    this.#chunk = 0;
    this.#at = 0;
    this.#available = 0;
    this.#open = input === "open";
    this.#listening = false;
    this.onArrival = undefined;
    if (input !== undefined && input !== "open") this.feed(typeof input === "string" ? encoder.encode(input) : input);
  }

  /** Bytes that are known and not taken. */
  get available(): number {
    return this.#available;
  }

  /** There may be more than what is known. */
  get open(): boolean {
    return this.#open;
  }

  /** The host's clock paces the run: what has not come yet comes later, and virtual time need not wait for it. */
  paced = false;

  /** Virtual time may not pass the arrival of a byte that the host does not know of yet. */
  get awaited(): boolean {
    return this.#open && !this.paced;
  }

  /** All is taken and nothing more comes. */
  get drained(): boolean {
    return !this.#open && this.#available === 0;
  }

  /** A task reads the console, or has. */
  get listening(): boolean {
    return this.#listening;
  }

  listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    this.onListen?.();
  }

  /** The next bytes; the array is kept, and must not change any more. */
  feed(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#available += bytes.length;
    this.onArrival?.();
  }

  /** Nothing more comes. */
  end(): void {
    this.#open = false;
    this.onArrival?.();
  }

  /** The next byte; there must be one. */
  take(): number {
    const chunk = this.#chunks[this.#chunk] as Uint8Array;
    const byte = chunk[this.#at++] as number;
    this.#available--;
    if (this.#at === chunk.length) this.#nextChunk();
    return byte;
  }

  #nextChunk(): void {
    this.#at = 0;
    this.#chunk++;
    if (this.#chunk < this.#chunks.length) return;
    this.#chunks = [];
    this.#chunk = 0;
  }
}
