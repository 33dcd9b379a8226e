/** Two trace files side by side: the first event in which the runs differ, with the last ones that they share. */
import { closeSync, openSync, readSync } from "node:fs";
import { UsageError } from "./status.js";

const PIECE = 65536;
/** Events in common that are shown before the first difference. */
const BEFORE = 3;

/** The lines of a file, one after another; the file may be longer than memory. */
function* linesOf(name: string): Generator<string> {
  const file = opened(name);
  const piece = Buffer.alloc(PIECE);
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (let count = read(name, file, piece); count > 0; count = read(name, file, piece)) {
      const lines = (rest + decoder.decode(piece.subarray(0, count), { stream: true })).split("\n");
      rest = lines.pop() as string;
      yield* lines;
    }
  } finally {
    closeSync(file);
  }
  if (rest !== "") yield rest;
}

function opened(name: string): number {
  try {
    return openSync(name, "r");
  } catch (error) {
    throw new UsageError(`the trace file ${name} cannot be read: ${(error as Error).message}`);
  }
}

function read(name: string, file: number, piece: Buffer): number {
  try {
    return readSync(file, piece);
  } catch (error) {
    throw new UsageError(`the trace file ${name} cannot be read: ${(error as Error).message}`);
  }
}

/** What is to be printed of two trace files, and whether they are the same. Throws UsageError for a file that cannot be read. */
export function compareTraces(one: string, other: string): { same: boolean; text: string } {
  const [left, right] = [linesOf(one), linesOf(other)];
  const shared: string[] = [];
  for (let count = 1; ; count++) {
    const [a, b] = [left.next(), right.next()];
    if (a.done && b.done) return { same: true, text: `the same ${count - 1} events\n` };
    if (!a.done && !b.done && a.value === b.value) {
      shared.push(a.value);
      if (shared.length > BEFORE) shared.shift();
      continue;
    }
    left.return(undefined);
    right.return(undefined);
    const rows = [...shared.map((line) => `  ${line}`), `< ${a.done ? "(the end)" : a.value}`, `> ${b.done ? "(the end)" : b.value}`];
    return { same: false, text: `event ${count} is the first that differs (< ${one}, > ${other}):\n${rows.join("\n")}\n` };
  }
}
