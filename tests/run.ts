/**
 * Runs the test files in several processes at once, one more than there are cores, as some wait for others: those whose names match one
 * of the patterns that it is given, or all. Each process has several files, always the same ones (plan.ts): to start one takes longer
 * than most tests. What they print is shown whole, always in the same order, and the end is what uvu says at its end, over all files. A
 * file also fails that has no test, ends its process, or hangs. Firmware is compiled by one more process for all of them (compile.ts),
 * once the first of them asks.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import pc from "picocolors";
import { cache, ensureBuilt, root } from "./built.js";
import type { Outcome } from "./files.js";
import { type Plan, planned, Refusal, USAGE } from "./plan.js";
import { SEED } from "./seed.js";

/** The cores are busy with tests: threads of its own for the collection of garbage only get in their way. */
const FLAGS = ["--single-threaded-gc", "--max-semi-space-size=64", ...patience()];
/** Milliseconds between two looks for firmware to be compiled. */
const LOOK = 20;

/** What the files of one process came to, and what it printed. */
interface Result {
  printed: string;
  outcomes: Outcome[];
  /** What has failed, and why. */
  problems: string[];
}

const running = new Set<ChildProcess>();

/** Most code runs not for long: where V8 can be told to, it waits three times as long as it would before it optimises any. */
function patience(): string[] {
  const options = execFileSync(process.execPath, ["--v8-options"], { encoding: "utf8" });
  return /^ +--interrupt-budget /m.test(options) ? ["--interrupt-budget=400000"] : [];
}

/** Kills a process and those that it started. */
function end(child: ChildProcess): void {
  try {
    process.kill(process.platform === "win32" ? (child.pid as number) : -(child.pid as number), "SIGKILL");
  } catch {
    // It has just ended.
  }
}

/** Starts one of the scripts beside this one. */
function script(name: string, args: string[], output: number | "inherit", compiler: string): ChildProcess {
  const child = spawn(process.execPath, [...FLAGS, ...process.execArgv, join(root, "tests", name), ...args], {
    cwd: root,
    env: { ...process.env, ...(pc.isColorSupported ? { FORCE_COLOR: "1" } : {}), TALEA_COMPILER: compiler },
    stdio: ["ignore", output, output, "ipc"],
    detached: true,
  });
  running.add(child);
  child.on("exit", () => running.delete(child));
  return child;
}

/** Starts the process that compiles when somebody asks it, in its folder. Stops looking when that is over. */
function compileIn(folder: string): { stop(): void } {
  mkdirSync(folder);
  let compiler: ChildProcess | undefined;
  const timer = setInterval(() => {
    if (readdirSync(folder).length === 0) return;
    clearInterval(timer);
    compiler = script("compile.ts", ["--serve", folder], "inherit", folder);
    compiler.on("exit", () => existsSync(folder) && writeFileSync(join(folder, "over"), ""));
  }, LOOK);
  const stop = () => {
    clearInterval(timer);
    compiler?.disconnect();
  };
  return { stop };
}

/** Runs files in a process. Its output goes to a file: whole, in order, and also what is written last. */
function start(files: string[], { folder, limit }: Plan, place: string, compiler: string): Promise<Result> {
  const [output, report] = [`${place}.txt`, `${place}.jsonl`];
  writeFileSync(report, "");
  const fd = openSync(output, "a");
  const child = script("files.ts", [folder, report, ...files], fd, compiler);
  let hangs = false;
  let [size, silent] = [0, 0];
  const timer = setInterval(() => {
    // Whenever a test ends there is a mark more. How long all of them take says nothing: the computer may be busy.
    const now = fstatSync(fd).size;
    silent = now === size ? silent + 1 : 0;
    size = now;
    hangs = silent >= limit;
    if (hangs) end(child);
  }, 1000);
  return new Promise((settle, fail) => {
    child.on("error", fail);
    child.on("exit", (code, signal) => {
      clearInterval(timer);
      closeSync(fd);
      const how = hangs ? `no test of it ended within ${limit} seconds` : signal ? `was ended by ${signal}` : `ended with status ${code}`;
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
    outcomes.push({ file, total: 1, passed: 0, skipped: 0, seconds: 0, cpu: 0 });
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
  const compiler = join(place, "compiler");
  const compiling = compileIn(compiler);
  const results: Result[] = [];
  let next = 0;
  let shown = 0;
  const worker = async () => {
    while (next < plan.groups.length) {
      const index = next++;
      results[index] = await start(plan.groups[index] as string[], plan, join(place, String(index)), compiler);
      for (; results[shown]; shown++) process.stdout.write(`${results[shown]?.printed}\n\n`);
    }
  };
  await Promise.all(Array.from({ length: plan.jobs }, worker));
  compiling.stop();
  return results;
}

/** Names what has failed, then uvu's lines; whether all is well. */
function summarise(results: Result[], { slowest }: Plan, started: number): boolean {
  const outcomes = results.flatMap((result) => result.outcomes);
  for (const { file, seconds, cpu } of outcomes.toSorted((a, b) => b.seconds - a.seconds).slice(0, slowest))
    console.log(`  ${seconds.toFixed(1).padStart(6)} s ${cpu.toFixed(1).padStart(6)} s CPU  ${file}`);
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

/** The plan of the command line, unless it ends here. */
function asked(): Plan {
  const tested = process.env.TALEA_TESTED !== undefined;
  try {
    const plan = planned(process.argv.slice(2), tested);
    if (tested) console.log("TALEA_TESTED: the tests of the package have passed, and are left out\n");
    if (plan !== "help") return plan;
    console.log(USAGE);
    return process.exit(0);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    console.error(`${error.message}\n${USAGE}`);
    return process.exit(2);
  }
}

const started = Date.now();
const plan = asked();
if (process.env.TALEA_SEED !== undefined)
  console.log(`TALEA_SEED=${SEED}: what fails with it fails again by TALEA_SEED=${SEED} npm run test:only -- NAME\n`);
for (const [signal, number] of Object.entries({ SIGINT: 2, SIGTERM: 15, SIGHUP: 1 }))
  process.on(signal, () => {
    console.error(`\nended by ${signal}: the tests under way came to no end`);
    process.exit(128 + number);
  });
// Not by several of them at once.
ensureBuilt();
process.exitCode = summarise(await runAll(plan), plan, started) ? 0 : 1;
