/** The trace as the host reads it: records of 16 bytes (kernel/abi/table.ts) with names put to their numbers. */
import { callTable, errors, eventTable, Happening, Kind, SWITCH, signalNames } from "../../kernel/abi/host.js";
import { errorName } from "./errors.js";
import { placeNames } from "./readout.js";

/** One event. `task` is -1 for the kernel, `line` >= 0 in an interrupt handler. */
export interface TraceRecord {
  /** Cycles since power-on. */
  cycles: number;
  /** Name of the event or of the call, for example "SWITCH" or "sem_take". */
  event: string;
  /** Number of the event or call (Happening, Call). */
  number: number;
  /** Index of the task's slot, -1 for none. */
  task: number;
  /** The interrupt line whose handler acted, -1 for none. */
  line: number;
  /** kind << 8 | index of the object, 0 for none. */
  object: number;
  first: number;
  second: number;
  /** Further arguments of a call. */
  more: readonly number[];
}

const kindNames = Object.fromEntries(Object.entries(Kind).map(([name, n]) => [n, name.toLowerCase()])) as Record<number, string>;

/** "pipe 3" for 0x0903; "" for 0. */
export function objectText(object: number): string {
  return object === 0 ? "" : (placeNames[object] ?? `${kindNames[object >> 8] ?? "object"} ${object & 0xff}`);
}

/** Puts the words of the ring together into records: carries into cycles, MORE into the call behind it. */
export class TraceReader {
  #high = 0;
  #more: readonly number[] = [];

  /** The record in these four words; undefined for one that only belongs to another. */
  read(cycles: number, what: number, first: number, second: number): TraceRecord | undefined {
    const number = what & 0xff;
    const actor = (what >>> 8) & 0xff;
    if (number === Happening.CARRY) {
      this.#high = first;
      return undefined;
    }
    if (number === Happening.MORE) {
      this.#more = [first | 0, second | 0];
      return undefined;
    }
    const more = this.#more;
    this.#more = [];
    return {
      cycles: this.#high * 4294967296 + cycles,
      event: eventTable[number]?.name ?? callTable[number]?.name ?? `event ${number}`,
      number,
      task: actor < 128 ? actor : -1,
      line: actor >= 128 && actor !== 255 ? actor - 128 : -1,
      object: what >>> 16,
      first: first | 0,
      second: second | 0,
      more,
    };
  }
}

/** The place of the first record in which two traces differ, -1 where they do not: for `machine.trace` of two runs. */
export function firstDifference(one: readonly TraceRecord[], other: readonly TraceRecord[]): number {
  const differs = (i: number) => JSON.stringify(one[i]) !== JSON.stringify(other[i]);
  for (let i = 0; i < Math.max(one.length, other.length); i++) if (differs(i)) return i;
  return -1;
}

/** A call's result as text: a count, an error's name, or "..." while it waits. */
export function resultText(result: number): string {
  if (result === SWITCH) return "...";
  if (result < 0 && Object.values(errors).some((e) => e.errno === result)) return errorName(result);
  return String(result);
}

/** One line of text for a record; `nameOf` names tasks and objects. */
export function recordText(r: TraceRecord, nameOf: (object: number) => string): string {
  const who = r.line >= 0 ? `line ${r.line}` : r.task >= 0 ? nameOf((Kind.TASK << 8) | r.task) : "kernel";
  const object = r.object === 0 ? "" : ` ${nameOf(r.object)}`;
  const call = callTable[r.number];
  if (call) {
    const words = [r.first, ...r.more].slice(0, call.words.length);
    const args = call.words.map((name, i) => ` ${wordText(name, words[i] as number)}`).join("");
    return `${r.cycles} ${who} ${r.event}${object}${args} -> ${resultText(r.second)}`;
  }
  const row = eventTable[r.number];
  const words = [
    [row?.first, r.first],
    [row?.second, r.second],
  ].filter(([name]) => name !== "unused");
  return `${r.cycles} ${who} ${r.event}${object}${words.map(([name, value]) => ` ${wordText(name as string, value as number)}`).join("")}`;
}

/** A word of a record; a signal by its name. */
function wordText(name: string, value: number): string {
  return `${name}=${name === "signal" ? (signalNames[value] ?? value) : value}`;
}
