/**
 * Runs test files in this process, one after another, as uvu would, for tests/run.ts: `files.ts FOLDER REPORT FILE...`. Into the report
 * it writes a line for each file, first its name, and what it came to when its tests have run.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import pc from "picocolors";

/** What one file came to. */
export interface Outcome {
  file: string;
  total: number;
  passed: number;
  skipped: number;
  /** Seconds of the host that it took, and those of the CPU, with what it started where the system tells that. */
  seconds: number;
  cpu: number;
}

/** A suite, as uvu queues it: errors as text, how many tests passed, were skipped, and are there. */
type Suite = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>;

const [folder, report, ...files] = process.argv.slice(2) as [string, string, ...string[]];

/** Seconds of the CPU that this process has used and, on Linux, those that it started and that have ended. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  const own = (user + system) / 1e6;
  if (process.platform !== "linux") return own;
  // Behind a name in brackets: the 16th and 17th number, in hundredths of a second.
  const numbers = readFileSync("/proc/self/stat", "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  return own + (Number(numbers[13]) + Number(numbers[14])) / 100;
}

/** What uvu's own command tells uvu: not to run suites by itself, and where to queue them. */
function queueFor(file: string): Suite[] {
  const queue: Suite[] = [];
  Object.assign(globalThis, { UVU_DEFER: 1, UVU_INDEX: 0, UVU_QUEUE: [queue] });
  appendFileSync(report, `${JSON.stringify(file)}\n`);
  return queue;
}

// It does not outlive the one who started it.
process.on("disconnect", () => process.exit(1));
process.channel?.unref();

for (const file of files) {
  const began = performance.now();
  const before = cpuTime();
  const queue = queueFor(file);
  process.stdout.write(`${pc.bold(pc.underline(file))}\n`);
  await import(pathToFileURL(join(folder, file)).href);
  const outcome: Outcome = { file, total: 0, passed: 0, skipped: 0, seconds: 0, cpu: 0 };
  for (const suite of queue) {
    const [errors, passed, skipped, total] = await suite();
    outcome.total += total;
    outcome.passed += passed;
    outcome.skipped += skipped;
    if (errors !== true) process.stdout.write(`\n${errors}\n`);
  }
  process.stdout.write("\n");
  outcome.seconds = (performance.now() - began) / 1000;
  outcome.cpu = cpuTime() - before;
  appendFileSync(report, `${JSON.stringify(outcome)}\n`);
}
