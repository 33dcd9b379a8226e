/** Which test files tests/run.ts runs, in which processes, and what its command line asks for besides. */
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./built.js";

export const USAGE = `usage: npm run test:only -- [--jobs N] [--limit SECONDS] [--slowest N] [--in FOLDER] [PATTERN...]
A file runs when its name below tests/ matches a pattern: pipe, scenario/, "^cli". Without one all do; where TALEA_TESTED is set, those
do not that only try the package. --slowest tells which files took longest. --limit is the seconds in which some test of a process must
end, else 300.`;

/** Seconds of a CPU that files take, with what they start, of those that take more than SHORT. */
// biome-ignore format: many to a line
const LENGTHS: Record<string, number> = {
  cli: 15, c: 11, package: 9, "preempt-bad": 7, run: 6, "firmware-cli": 5, forward: 5, protect: 5, preempt: 5, playback: 5, edges: 5,
  watchdog: 5, cover: 4, compiled: 4, life: 4, "scenario/control": 4, network: 4, watch: 3, mutate: 3, model: 3, browser: 3, field: 3,
  same: 3, firmware: 3, "scenario/terminal": 3, "preempt-random": 3, together: 3, "scenario/clients": 3, soak: 3, damaged: 3, packet: 3,
  "scenario/wordcount": 2, "scenario/tour": 2, house: 2, "scenario/sampler": 1.9, console: 1.9, "scenario/shell": 1.8, interruption: 1.6,
  ended: 1.6, rust: 1.4, wat: 1.4, hostile: 1.4, "scenario/http": 1.2, clock: 1.1, mailbox: 1.1, signal: 1.1, queue: 1, between: 1,
  trace: 1, machine: 1, motor: 0.9, "scenario/http-firmware": 0.9, "scenario/firmware": 0.9, course: 0.9, poll: 0.8, "scenario/chat": 0.8,
  cache: 0.7, condition: 0.7, arena: 0.7, shortage: 0.7, "scenario/counter": 0.6, socket: 0.6, timeout: 0.6, flags: 0.6, pipe: 0.5,
  hangup: 0.5,
};
const SHORT = 0.2;
/** Files share a process for as many seconds. */
const SHARE = 16;
/** Those that try what is packed, which says nothing about the coverage of the sources. */
const PACKED = ["package.test.ts"];

export interface Plan {
  folder: string;
  /** The files of each process, in the order in which they begin. */
  groups: string[][];
  jobs: number;
  /** Seconds in which some test of a process must end, and far from what any takes: it is for those that hang. */
  limit: number;
  /** So many of the files that took longest are named at the end. */
  slowest: number;
}

/** What is wrong with a command line, in a sentence. */
export class Refusal extends Error {}

/** What a command line asks for; "help" for just that. Throws Refusal where it makes no sense. */
export function planned(args: string[], tested: boolean): Plan | "help" {
  const { values, positionals } = parsed(args);
  if (values.help) return "help";
  const folder = resolve(values.in ?? join(root, "tests"));
  const groups = groupsIn(folder, positionals.map(patternOf), tested);
  if (groups.length === 0) throw new Refusal(`no test file matches ${positionals.join(", ") || folder}`);
  const jobs = whole(values.jobs ?? String(availableParallelism() + 1), "--jobs");
  return {
    folder,
    groups,
    jobs,
    limit: whole(values.limit ?? "300", "--limit"),
    slowest: values.slowest === undefined ? 0 : whole(values.slowest, "--slowest"),
  };
}

/** The test files of a folder that match, by the processes in which they run; `tested`: but those of the package. */
function groupsIn(folder: string, patterns: RegExp[], tested: boolean): string[][] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".test.ts") && (patterns.length === 0 || patterns.some((pattern) => pattern.test(file))))
    .filter((file) => !tested || !PACKED.includes(file))
    .sort();
  const groups: string[][] = [];
  for (const file of files) {
    const last = groups.at(-1);
    if (last && lengthOf(...last, file) <= SHARE) last.push(file);
    else groups.push([file]);
  }
  return groups.sort((a, b) => lengthOf(...b) - lengthOf(...a));
}

/** Seconds that files are known to take. */
function lengthOf(...files: string[]): number {
  return files.reduce((sum, file) => sum + (LENGTHS[file.replace(/\.test\.ts$/, "")] ?? SHORT), 0);
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, "i");
  } catch (error) {
    throw new Refusal((error as Error).message);
  }
}

function whole(text: string, option: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Refusal(`${option} is a whole number from 1, not ${text}`);
}

function parsed(args: string[]) {
  const text = { type: "string" } as const;
  const options = { jobs: text, limit: text, slowest: text, in: text, help: { type: "boolean", short: "h" } } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Refusal((error as Error).message);
  }
}
