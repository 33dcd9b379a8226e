/**
 * The trace as a file: a line of text for each record, or a JSON object when the file's name ends in .jsonl. The records of several
 * machines stand in order of time, equal ones in order of the machines, and each with its machine's name.
 */
import { closeSync, openSync, statSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { callTable, eventTable, Kind, recordText, TraceReader, type TraceRecord } from "../../hal/host/index.js";
import { UsageError } from "./status.js";

/** Bytes that are written at once. */
const PIECE = 65536;
/** The result of a call that has none yet. */
const WAITS = -2147483648;

/** A line, and where it belongs. */
interface Line {
  cycles: number;
  /** The number of its machine. */
  source: number;
  text: string;
}

export class TraceFile {
  readonly #name: string;
  readonly #file: number;
  readonly #json: boolean;
  /** Lines of several machines that are still to be put in order. */
  #lines: Line[] = [];
  #sources = 0;
  #text = "";
  #problem: NodeJS.ErrnoException | undefined;

  /** `app` is the app's file, which is not to be overwritten. Throws UsageError when the file cannot be written. */
  constructor(name: string, app: string) {
    this.#name = name;
    this.#json = name.endsWith(".jsonl");
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

  /** Where a machine's records come in; its name stands in front of each, unless it is "". */
  source(machine: string, nameOf: (id: number) => string): TraceSource {
    const source = this.#sources++;
    const take = (cycles: number, text: string) => {
      if (this.#problem) return;
      if (machine === "") this.#write(text);
      else this.#lines.push({ cycles, source, text });
    };
    return new TraceSource(machine, nameOf, this.#json, take);
  }

  /** Every machine has told all that happened before this cycle. */
  settle(before: number): void {
    if (this.#lines.length === 0) return;
    const known = this.#lines.filter(({ cycles }) => cycles < before).sort((a, b) => a.cycles - b.cycles || a.source - b.source);
    this.#lines = this.#lines.filter(({ cycles }) => cycles >= before);
    for (const { text } of known) this.#write(text);
  }

  close(): void {
    this.settle(Number.POSITIVE_INFINITY);
    this.#flush();
    closeSync(this.#file);
  }

  #write(line: string): void {
    this.#text += `${line}\n`;
    if (this.#text.length >= PIECE) this.#flush();
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

/** Makes lines of a machine's records. */
export class TraceSource {
  readonly #machine: string;
  readonly #nameOf: (id: number) => string;
  readonly #json: boolean;
  readonly #take: (cycles: number, text: string) => void;
  #reader = new TraceReader();
  #origin = 0;

  constructor(machine: string, nameOf: (id: number) => string, json: boolean, take: (cycles: number, text: string) => void) {
    this.#machine = machine;
    this.#nameOf = nameOf;
    this.#json = json;
    this.#take = take;
  }

  /** The machine is powered on anew at this cycle: its records count from there. */
  begin(origin: number): void {
    this.#reader = new TraceReader();
    this.#origin = origin;
  }

  /** Takes a trace record's words. */
  record(cycles: number, what: number, first: number, second: number): void {
    const record = this.#reader.read(cycles, what, first, second);
    if (record === undefined) return;
    record.cycles += this.#origin;
    this.#take(record.cycles, this.#line(record));
  }

  #line(record: TraceRecord): string {
    if (this.#json) return recordJson(record, this.#nameOf, this.#machine);
    const text = recordText(record, this.#nameOf);
    return this.#machine === "" ? text : `${this.#machine} | ${text}`;
  }
}

/** Whether two names are of one file. */
export function same(a: string, b: string): boolean {
  if (resolve(a) === resolve(b)) return true;
  try {
    const [one, other] = [statSync(a), statSync(b)];
    return one.dev === other.dev && one.ino === other.ino && one.isFile();
  } catch {
    return false;
  }
}

/** A record with names for its words: `{"cycles":..,"event":..,"task":..,"object":..}`, then the arguments and the result (null: it waits), or the words. */
function recordJson(record: TraceRecord, nameOf: (id: number) => string, machine: string): string {
  const { cycles, event, task, line, object, first, second, more } = record;
  const head: Record<string, unknown> = machine === "" ? { cycles, event } : { machine, cycles, event };
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
