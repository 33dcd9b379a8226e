/** Random programs about one field of the kernel each, and what their traces were when they were recorded. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { type Course, lockstep } from "../model/lockstep.js";
import type { Program } from "../model/program.js";
import { anyProgram, FIELD_NAMES, programAbout } from "../model/random.js";

export const FIELDS_FILE = fileURLToPath(new URL("fields.json", import.meta.url));
/** So many rounds of so many programs for each field. */
const ROUNDS = 4;
const COUNT = 10;
/** Steps between two looks at the whole state: results and turns are compared at each. */
const EVERY = 16;

/** A round of programs, about one field or about any two. */
export interface Round {
  name: string;
  field: string | undefined;
  seed: number;
}

/** Digests of the programs of a round, and of the hashes of their traces. */
export interface Traced {
  programs: string;
  traces: string;
}

export const rounds: readonly Round[] = [...FIELD_NAMES, undefined].flatMap((field) =>
  Array.from({ length: ROUNDS }, (_, i) => ({ name: `${field ?? "anything"} ${i + 1}`, field, seed: i + 1 })),
);

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16).toUpperCase();
}

function programsOf({ field, seed }: Round): Program[] {
  const drawn = field === undefined ? anyProgram : fc.noBias(programAbout([field]));
  return fc.sample(drawn, { seed, numRuns: COUNT }).map((program) => ({ ...program, small: false }));
}

/** Runs the programs of a round on kernel and model, every other one without a trace: the ways through the kernel differ. */
export function playRound(round: Round): Traced {
  const programs = programsOf(round);
  const hashes = programs.map((program, i) => {
    const course: Course = { steps: 0, calls: 0, results: new Map() };
    lockstep(program, { every: EVERY, hash: i % 2 === 0, course });
    return course.hash ?? "";
  });
  return { programs: digest(JSON.stringify(programs)), traces: digest(hashes.join()) };
}

export function recordedRounds(): Record<string, Traced> {
  return existsSync(FIELDS_FILE) ? (JSON.parse(readFileSync(FIELDS_FILE, "utf8")) as Record<string, Traced>) : {};
}
