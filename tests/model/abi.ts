/** What a caller of the kernel can know of it: numbers of errors, kinds and constants, what each call costs and where it is legal. */
import { type ArgumentType, calls, constants, contexts, errors, kinds, records } from "../../kernel/abi/table.js";

export type CallName = keyof typeof calls;
export type Kind = Exclude<keyof typeof kinds, "TASK" | "LINE">;

/** Errors as calls answer them: negative. */
export const E = Object.fromEntries(Object.entries(errors).map(([name, [number]]) => [name, -number])) as Record<
  keyof typeof errors,
  number
>;
export const KINDS = kinds;
export const C = constants;

/** The answer of a call after which the caller does not go on at once. */
export const SWITCH = -0x80000000;
/** What a caller gets whose call did nothing yet: it makes it again. */
export const AGAIN = -0x7fffffff;

/** Cycles of what no call pays for. */
export const TICK_COST = 60;
export const SWITCH_COST = 80;
export const INTERRUPT_COST = 30;
export const SIGNAL_COST = 60;
/** Writes to a pipe of at most so many bytes are never interleaved. */
export const ATOMIC = 64;
/** What RAM is measured in. */
export const GRAIN = 8;

/** How many there can be of everything, in the two profiles. */
export interface Limits {
  tasks: number;
  objects: number;
  blocks: number;
  handlers: number;
  frames: number;
  pieces: number;
}
export const FULL: Limits = { tasks: 64, objects: 32, blocks: 96, handlers: 64, frames: 32, pieces: 160 };
export const SMALL: Limits = { tasks: 16, objects: 8, blocks: 24, handlers: 16, frames: 8, pieces: 40 };

export interface CallEntry {
  cost: number;
  /** Contexts in which it is legal, and those in which it may wait, as sets of the bits in `contexts`. */
  legal: number;
  waits: number;
  args: readonly (readonly [name: string, type: ArgumentType])[];
}

export const T = contexts.TASK[0];
export const H = contexts.HANDLER[0];
export const I = contexts.INTERRUPT[0];
export const L = contexts.LOCKED[0];
export const CALLBACK = contexts.CALLBACK[0];
export const S = contexts.SYSTEM[0];

function entryOf({ cost, in: letters, args }: (typeof calls)[CallName]): CallEntry {
  let legal = 0;
  let waits = 0;
  for (const [bit, letter] of Object.values(contexts)) {
    if (letters.includes(letter)) legal |= bit;
    if (letters.includes(letter)) waits |= bit;
    if (letters.includes(letter.toLowerCase())) legal |= bit;
  }
  return { cost, legal, waits, args };
}

export const CALLS = Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, entryOf(call)])) as Record<CallName, CallEntry>;

/** Bytes of the records that calls read and write; all their fields are words. */
export function bytesOf(record: "Spawn" | "Callback" | "SigAction" | "Letter" | "PollItem" | "Endpoint" | "Sender"): number {
  return (records[record].fields as readonly unknown[]).length * 4;
}
