/** A recording as a file: written while the run goes on, read before it is played back. */
import { closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { type Close, type Entry, type Recording, RecordingWriter, readRecording, type Setting } from "../../hal/host/index.js";
import { UsageError } from "./status.js";
import { same } from "./tracefile.js";

/** Bytes that are written at once. */
const PIECE = 65536;

export class Recorder {
  readonly #name: string;
  readonly #file: number;
  readonly #writer = new RecordingWriter();
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #problem: NodeJS.ErrnoException | undefined;

  /** `app` is the app's file, which is not to be overwritten. Throws UsageError when the file cannot be written. */
  constructor(name: string, app: string, setting: Setting) {
    this.#name = name;
    if (same(name, app)) throw new UsageError(`the recording ${name} is the app itself`);
    try {
      this.#file = openSync(name, "w");
    } catch (error) {
      throw new UsageError(`the recording ${name} cannot be written: ${(error as Error).message}`);
    }
    this.#put(this.#writer.setting(setting));
  }

  /** Why it could not be written any further, in a sentence. */
  get problem(): string | undefined {
    return this.#problem && `the recording ${this.#name} cannot be written: ${this.#problem.message}`;
  }

  entry(entry: Entry): void {
    this.#put(this.#writer.entry(entry));
  }

  /** What is known so far is in the file, whatever becomes of the process. */
  settle(): void {
    if (this.#bytes > 0) this.#flush();
  }

  /** The run is over. */
  close(close: Close): void {
    this.#put(this.#writer.close(close));
    this.#flush();
    closeSync(this.#file);
  }

  #put(line: Uint8Array): void {
    if (this.#problem) return;
    this.#waiting.push(line);
    this.#bytes += line.length;
    if (this.#bytes >= PIECE) this.#flush();
  }

  #flush(): void {
    let bytes: Uint8Array = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#bytes = 0;
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.#file, bytes));
    } catch (error) {
      this.#problem = error as NodeJS.ErrnoException;
    }
  }
}

/** Reads a recording. Throws UsageError for whatever keeps it from being one. */
export function loadRecording(name: string): Recording {
  let file: Uint8Array;
  try {
    file = readFileSync(name);
  } catch (error) {
    throw new UsageError(`the recording ${name} cannot be read: ${(error as Error).message}`);
  }
  try {
    return readRecording(file);
  } catch (error) {
    throw new UsageError(`the recording ${name} ${(error as Error).message}`);
  }
}
