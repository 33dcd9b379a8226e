/** The trace as a file: a line of text for each record, or a JSON object when the file's name ends in .jsonl. */
import { closeSync, openSync, realpathSync, writeSync } from "node:fs";
import { callTable, eventTable, Kind, recordText, TraceReader, type TraceRecord } from "../../hal/host/index.js";
import { UsageError } from "./status.js";

/** Bytes that are written at once. */
const PIECE = 65536;
/** The result of a call that has none yet. */
const WAITS = -2147483648;

export class TraceFile {
  readonly #name: string;
  readonly #file: number;
  readonly #nameOf: (id: number) => string;
  readonly #line: (record: TraceRecord, nameOf: (id: number) => string) => string;
  readonly #reader = new TraceReader();
  #text = "";
  #problem: NodeJS.ErrnoException | undefined;

  /** `app` is the app's file, which is not to be overwritten. Throws UsageError when the file cannot be written. */
  constructor(name: string, app: string, nameOf: (id: number) => string) {
    this.#name = name;
    this.#nameOf = nameOf;
    this.#line = name.endsWith(".jsonl") ? recordJson : recordText;
    if (same(name, app)) throw new UsageError(`the trace file ${name} is the app itself`);
    try {
      this.#file = openSync(name, "w");
    } catch (error) {
      throw new UsageError(`the trace file ${name} cannot be written: ${(error as Error).message}`);
    }
  }

  /** Why it could not be written any further, in a sentence. */
  get problem(): string | undefined {
    return this.#problem && `the trace file ${this.#name} cannot be written: ${this.#problem.message}`;
  }

  /** Takes a trace record's words. */
  record(cycles: number, what: number, first: number, second: number): void {
    const record = this.#reader.read(cycles, what, first, second);
    if (record === undefined || this.#problem) return;
    this.#text += `${this.#line(record, this.#nameOf)}\n`;
    if (this.#text.length >= PIECE) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #flush(): void {
    let bytes: Uint8Array = Buffer.from(this.#text);
    this.#text = "";
    try {
      while (bytes.length > 0) bytes = bytes.subarray(writeSync(this.#file, bytes));
    } catch (error) {
      this.#problem = error as NodeJS.ErrnoException;
    }
  }
}

function same(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}

/** A record with names for its words: `{"cycles":..,"event":..,"task":..,"object":..}`, then the arguments and the result (null: it waits), or the words. */
function recordJson(record: TraceRecord, nameOf: (id: number) => string): string {
  const { cycles, event, task, line, object, first, second, more } = record;
  const head: Record<string, unknown> = { cycles, event };
  if (line >= 0) head.line = line;
  else if (task >= 0) head.task = nameOf((Kind.TASK << 8) | task);
  if (object !== 0) head.object = nameOf(object);
  const call = callTable[record.number];
  if (call) {
    const words = [first, ...more];
    const named = Object.fromEntries(call.words.map((name, i) => [name, words[i]]));
    return JSON.stringify({ ...head, arguments: named, result: second === WAITS ? null : second });
  }
  const row = eventTable[record.number];
  if (row && row.first !== "unused") head[row.first] = first;
  if (row && row.second !== "unused") head[row.second] = second;
  return JSON.stringify(head);
}
