/**
 * The consoles of several machines on one stdout: every line with its machine's name in front. A line is shown when it is
 * complete, or when whoever looks may have to answer it.
 *
 *     alice | hello
 *     bob   | hello, alice
 */
const NEWLINE = 10;

export class Lines {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #width: number;
  /** What came of each machine's line that is not complete. */
  readonly #parts = new Map<string, number[]>();
  /** The machine whose line stands there without an end, "" for none. */
  #open = "";

  /** `write` takes what is to be shown, `names` are the machines'. */
  constructor(names: readonly string[], write: (bytes: Uint8Array) => void) {
    this.#write = write;
    this.#width = Math.max(...names.map((name) => name.length));
    for (const name of names) this.#parts.set(name, []);
  }

  /** A machine's console sent these bytes. */
  take(name: string, bytes: Uint8Array): void {
    const part = this.#parts.get(name) as number[];
    for (const byte of bytes) {
      part.push(byte);
      if (byte === NEWLINE) this.#show(name);
    }
  }

  /** Shows what there is of all lines. */
  flush(): void {
    for (const name of this.#parts.keys()) this.#show(name);
  }

  #show(name: string): void {
    const part = this.#parts.get(name) as number[];
    if (part.length === 0) return;
    const head = this.#open === name ? "" : `${this.#open === "" ? "" : "\n"}${name.padEnd(this.#width)} | `;
    this.#write(Buffer.concat([Buffer.from(head), Uint8Array.from(part)]));
    this.#open = part[part.length - 1] === NEWLINE ? "" : name;
    part.length = 0;
  }
}
