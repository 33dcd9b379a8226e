/**
 * A sink that is written at once or, while its reader is slow, later; never blocking, and always knowing what is still
 * to be written. So nothing is lost when the process must end in the middle of a task, and a slow reader slows the run.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Sink } from "./world.js";

/** Milliseconds between two looks at a reader that is slow. */
export const RETRY = 2;
/** Bytes handed over at once. */
const PIECE = 65536;

export class Output {
  readonly #sink: Sink;
  #waiting: Uint8Array[] = [];
  #problem: NodeJS.ErrnoException | undefined;

  constructor(sink: Sink) {
    this.#sink = sink;
    sink.on("error", (error) => this.#fail(error));
  }

  /** Why it cannot be written any more: EPIPE when its reader has gone. */
  get problem(): NodeJS.ErrnoException | undefined {
    return this.#problem;
  }

  write(data: Uint8Array | string): void {
    if (this.#problem === undefined && data.length > 0) this.#waiting.push(typeof data === "string" ? Buffer.from(data) : data);
  }

  /** Writes what the reader takes now; false when something is left. */
  flush(): boolean {
    while (this.#waiting.length > 0) {
      const bytes = this.#next();
      const count = this.#put(bytes);
      if (count < bytes.length) {
        this.#waiting.unshift(bytes.subarray(count));
        return this.#problem !== undefined;
      }
    }
    return true;
  }

  /** Until everything is written, or cannot be. */
  async drain(): Promise<void> {
    while (!this.flush()) await sleep(RETRY);
  }

  /** Writes everything, for as long as the reader takes something within `patience` milliseconds. */
  flushNow(patience: number): void {
    const clock = new Int32Array(new SharedArrayBuffer(4));
    let before = -1;
    for (let waited = 0; !this.flush() && waited < patience; waited += RETRY) {
      const left = this.#waiting.reduce((sum, bytes) => sum + bytes.length, 0);
      if (left !== before) waited = 0;
      before = left;
      Atomics.wait(clock, 0, 0, RETRY);
    }
  }

  /** The first of what waits, small pieces put together. */
  #next(): Uint8Array {
    let size = 0;
    let count = 0;
    while (count < this.#waiting.length && size < PIECE) size += (this.#waiting[count++] as Uint8Array).length;
    const pieces = this.#waiting.splice(0, count);
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : Buffer.concat(pieces);
  }

  /** How many of the bytes were taken. */
  #put(bytes: Uint8Array): number {
    try {
      return this.#sink.put(bytes);
    } catch (error) {
      this.#fail(error as NodeJS.ErrnoException);
      return 0;
    }
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#problem ??= error;
    this.#waiting = [];
  }
}
