/**
 * Runs the test files in several processes at once, as many as there are cores: those whose names match one of the patterns that it is
 * given, or all. Files that take long have a process of their own, the others one for every few of them, always the same few: to start
 * one takes longer than most tests. What they print is shown whole, in an order that depends on nothing but names, and the end is what
 * uvu says at its end, over all files. A file also fails that has no test, ends its process, or hangs.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import pc from "picocolors";
import { cache, ensureBuilt, root } from "./built.js";
import type { Outcome } from "./files.js";

const USAGE = `usage: npm run test:only -- [--jobs N] [--limit SECONDS] [--in FOLDER] [PATTERN...]
A file runs when its name below tests/ matches a pattern: pipe, scenario/, "^cli". Without one all do; where TALEA_TESTED is set, those
do not that only start the built command.`;

/** Those that take longest, which begin first so that no core waits for the last of them. */
const LONG = "cli firmware-cli forward preempt-bad package hostile preempt-random preempt compiled watch run together mutate cover".split(
  " ",
);
/** Those whose tests start the built command, which says nothing about the coverage of its sources. */
const COMMAND = "c cli firmware-cli forward package rust wat scenario/clients scenario/terminal".split(" ");
/** So many others share a process. */
const SHARE = 8;

/** What the files of one process came to, and what it printed. */
interface Result {
  printed: string;
  outcomes: Outcome[];
  /** What has failed, and why. */
  problems: string[];
}

interface Plan {
  folder: string;
  /** The files of each process, in the order in which they begin. */
  groups: string[][];
  jobs: number;
  /** Seconds that a process may take: it is for those that hang, and far from what any takes. */
  limit: number;
}

const running = new Set<ChildProcess>();

/** Kills a process and those that it started. */
function end(child: ChildProcess): void {
  try {
    process.kill(process.platform === "win32" ? (child.pid as number) : -(child.pid as number), "SIGKILL");
  } catch {
    // It has just ended.
  }
}

/** Runs files in a process. Its output goes to a file: whole, in order, and also what is written last. */
function start(files: string[], { folder, limit }: Plan, place: string): Promise<Result> {
  const [output, report] = [`${place}.txt`, `${place}.jsonl`];
  writeFileSync(report, "");
  const fd = openSync(output, "a");
  const child = spawn(process.execPath, [...process.execArgv, join(root, "tests/files.ts"), folder, report, ...files], {
    cwd: root,
    env: { ...process.env, ...(pc.isColorSupported ? { FORCE_COLOR: "1" } : {}) },
    stdio: ["ignore", fd, fd, "ipc"],
    detached: true,
  });
  closeSync(fd);
  running.add(child);
  let hangs = false;
  const timer = setTimeout(() => {
    hangs = true;
    end(child);
  }, limit * 1000);
  return new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      running.delete(child);
      const how = hangs ? `did not end within ${limit} seconds` : signal ? `was ended by ${signal}` : `ended with status ${code}`;
      settle(resultOf(files, readFileSync(report, "utf8"), readFileSync(output, "utf8"), code === 0 ? "" : how));
    });
  });
}

/** A file that is broken counts as a test that fails, and so do those behind it in its process, which never began. */
function resultOf(files: string[], report: string, printed: string, how: string): Result {
  const lines = report.split("\n").filter((line) => line !== "");
  const begun = lines.map((line) => JSON.parse(line) as string | Outcome);
  const outcomes = begun.filter((line) => typeof line === "object");
  const problems = outcomes
    .filter(({ total, passed }) => passed < total)
    .map(({ file, total, passed }) => `${file}: ${total - passed} of ${total} failed`);
  const broken = (file: string, why: string) => {
    problems.push(`${file}: ${why}`);
    outcomes.push({ file, total: 1, passed: 0, skipped: 0 });
  };
  for (const { file, total, skipped } of [...outcomes]) if (total + skipped === 0) broken(file, "has no tests");
  const [last, ...others] = files.slice(begun.filter((line) => typeof line === "object").length);
  if (last !== undefined) broken(last, how === "" || how === "ended with status 13" ? "ended before its tests did" : how);
  else if (how !== "") broken(files.join(", "), how);
  for (const other of others) broken(other, `did not run: ${last} comes before it in one process`);
  return { printed: printed.trimEnd(), outcomes, problems };
}

/** Runs the groups in their order, as many at a time as there are jobs, and shows each as soon as those before it were shown. */
async function runAll(plan: Plan): Promise<Result[]> {
  mkdirSync(cache, { recursive: true });
  const place = mkdtempSync(join(cache, "run-"));
  process.on("exit", () => {
    for (const child of running) end(child);
    rmSync(place, { recursive: true, force: true });
  });
  const results: Result[] = [];
  let next = 0;
  let shown = 0;
  const worker = async () => {
    while (next < plan.groups.length) {
      const index = next++;
      results[index] = await start(plan.groups[index] as string[], plan, join(place, String(index)));
      for (; results[shown]; shown++) process.stdout.write(`${results[shown]?.printed}\n\n`);
    }
  };
  await Promise.all(Array.from({ length: plan.jobs }, worker));
  return results;
}

/** The test files of a folder that match, by the processes in which they run; `tested`: but those of the command. */
function groupsIn(folder: string, patterns: RegExp[], tested: boolean): string[][] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((file) => file.replaceAll("\\", "/"))
    .filter((file) => file.endsWith(".test.ts") && (patterns.length === 0 || patterns.some((pattern) => pattern.test(file))))
    .filter((file) => !tested || !COMMAND.some((name) => file === `${name}.test.ts`))
    .sort();
  const long = LONG.map((name) => `${name}.test.ts`).filter((file) => files.includes(file));
  const others = files.filter((file) => !long.includes(file));
  const shared = Array.from({ length: Math.ceil(others.length / SHARE) }, (_, i) => others.slice(i * SHARE, (i + 1) * SHARE));
  return [...long.map((file) => [file]), ...shared];
}

/** Names what has failed, then uvu's lines; whether all is well. */
function summarise(results: Result[], started: number): boolean {
  const outcomes = results.flatMap((result) => result.outcomes);
  const problems = results.flatMap((result) => result.problems);
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((all, outcome) => all + of(outcome), 0);
  for (const problem of problems) console.log(pc.red(`  ${problem}`));
  const well = problems.length === 0;
  const paint = well ? pc.green : pc.red;
  console.log(`\n  Total:     ${sum(({ total }) => total)}`);
  console.log(paint(`  Passed:    ${sum(({ passed }) => passed)}`));
  console.log(`  Skipped:   ${sum(({ skipped }) => skipped)}`);
  console.log(`  Duration:  ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
  return well;
}

function refuse(sentence: string): never {
  console.error(`${sentence}\n${USAGE}`);
  process.exit(2);
}

function patternOf(text: string): RegExp {
  try {
    return new RegExp(text, "i");
  } catch (error) {
    return refuse((error as Error).message);
  }
}

function whole(text: string, option: string): number {
  return /^[1-9]\d{0,5}$/.test(text) ? Number(text) : refuse(`${option} is a whole number from 1, not ${text}`);
}

function parsed(args: string[]) {
  const text = { type: "string" } as const;
  const options = { jobs: text, limit: text, in: text, help: { type: "boolean", short: "h" } } as const;
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** What the command line asks for. */
function planned(args: string[]): Plan {
  const { values, positionals } = parsed(args);
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const folder = resolve(values.in ?? join(root, "tests"));
  const tested = process.env.TALEA_TESTED !== undefined;
  if (tested) console.log("TALEA_TESTED: the tests of the built command have passed, and are left out\n");
  const groups = groupsIn(folder, positionals.map(patternOf), tested);
  if (groups.length === 0) refuse(`no test file matches ${positionals.join(", ") || folder}`);
  const jobs = whole(values.jobs ?? String(availableParallelism()), "--jobs");
  return { folder, groups, jobs, limit: whole(values.limit ?? "300", "--limit") };
}

const started = Date.now();
const plan = planned(process.argv.slice(2));
for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 })) process.on(signal, () => process.exit(128 + number));
// Not by several of them at once.
ensureBuilt();
process.exitCode = summarise(await runAll(plan), started) ? 0 : 1;
