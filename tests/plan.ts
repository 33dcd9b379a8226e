/** Which test files tests/run.ts runs, in which processes, and what its command line asks for besides. */
import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./built.js";

/** Files share a process for as many seconds of a CPU. */
const SHARE = 20;

export const USAGE = `usage: npm run test:only -- [--jobs N] [--limit SECONDS] [--share SECONDS] [--slowest N] [--in FOLDER] [PATTERN...]
A file runs when its name below tests/ matches a pattern: pipe, scenario/, "^cli". Without one all do; where TALEA_TESTED is set, those
do not that only try the package. --slowest tells which files took longest. --limit is the seconds in which some test of a process must
end, else 300. --share is the seconds of a CPU for which files share a process, else ${SHARE}.`;

/** Seconds of a CPU that files take, with what they start, of those that take more than SHORT. */
// biome-ignore format: many to a line
const LENGTHS: Record<string, number> = {
  cli: 13, c: 11, package: 9, protect: 8, "preempt-bad": 6, same: 6, edges: 5, watchdog: 4, forward: 4, "firmware-cli": 4, playback: 4,
  "scenario/control": 4, life: 4, network: 4, compiled: 3, browser: 3, cover: 3, watch: 3, "scenario/terminal": 3, model: 3, field: 3,
  run: 3, "preempt-random": 3, damaged: 2, "scenario/sampler": 2, mutate: 2, "scenario/wordcount": 2, packet: 2, preempt: 2, together: 2,
  soak: 2, house: 2, "scenario/clients": 2, "scenario/tour": 1.9, ended: 1.6, wat: 1.4, console: 1.3, hostile: 1.3, interruption: 1.3,
  "scenario/shell": 1.2, machine: 1.1, signal: 1.1, clock: 1.1, queue: 1.1, trace: 1, "scenario/http": 0.9, between: 0.9, mesh: 0.9,
  "scenario/http-firmware": 0.8, condition: 0.8,
};
const SHORT = 0.2;
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
  const groups = groupsIn(folder, positionals.map(patternOf), tested, whole(values.share ?? String(SHARE), "--share"));
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
function groupsIn(folder: string, patterns: RegExp[], tested: boolean, share: number): string[][] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".test.ts") && (patterns.length === 0 || patterns.some((pattern) => pattern.test(file))))
    .filter((file) => !tested || !PACKED.includes(file))
    .sort();
  return spread(files, share).sort((a, b) => lengthOf(...b) - lengthOf(...a));
}

/** Files in as many groups as have so many seconds, and as equal as may be: the longest first, each to those that have least. */
function spread(files: readonly string[], share: number): string[][] {
  const groups: string[][] = Array.from({ length: Math.ceil(lengthOf(...files) / share) }, () => []);
  for (const file of files.toSorted((a, b) => lengthOf(b) - lengthOf(a))) {
    const lengths = groups.map((group) => lengthOf(...group));
    groups[lengths.indexOf(Math.min(...lengths))]?.push(file);
  }
  return groups.filter((group) => group.length > 0).map((group) => group.sort());
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
  const options = { jobs: text, limit: text, share: text, slowest: text, in: text, help: { type: "boolean", short: "h" } } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new Refusal((error as Error).message);
  }
}
