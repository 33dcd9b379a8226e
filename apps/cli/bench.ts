/** `talea bench`: how fast the kernel is on this host, by the Thread-Metric suite. */
import { Output } from "./output.js";
import { Status } from "./status.js";
import { columns } from "./table.js";
import { compileMetric, type Keeping, type Measured, MetricError, measureMetric, metrics } from "./threadmetric.js";
import type { World } from "./world.js";

export interface BenchOptions {
  json?: boolean;
  withTrace?: boolean;
  withHash?: boolean;
  /** Virtual ticks of one run each, instead of about a second of host time. */
  ticks?: number;
}

const PATIENCE = 10_000;
const HEAD = ["test", "counts a second", "counts a million cycles"];

/** Measures and prints; the exit status. */
export async function bench({ json = false, withTrace = false, withHash = false, ticks }: BenchOptions, world: World): Promise<Status> {
  const found: [string, Measured][] = [];
  const failed: string[] = [];
  for (const name of metrics) {
    try {
      found.push([name, measureMetric(await compileMetric(name, world), keeping(withTrace, withHash), ticks)]);
    } catch (error) {
      if (!(error instanceof MetricError)) throw error;
      failed.push(`talea: ${name}: ${error.message}\n`);
    }
  }
  const [stdout, stderr] = [new Output(world.stdout), new Output(world.stderr)];
  stdout.write(json ? jsonText(found) : tableText(found));
  stderr.write(failed.join(""));
  stdout.flushNow(PATIENCE);
  stderr.flushNow(PATIENCE);
  return failed.length > 0 ? Status.FAILED : Status.FINISHED;
}

function keeping(trace: boolean, hash: boolean): Keeping {
  return { trace, hash };
}

/** Counts a second of host time by the tests' names. */
function jsonText(found: readonly [string, Measured][]): string {
  const counts = Object.fromEntries(found.map(([name, { perSecond }]) => [name, Math.round(perSecond)]));
  return `${JSON.stringify({ "thread-metric": counts })}\n`;
}

/** A line for each test, as people read them. */
export function tableText(found: readonly [string, Measured][]): string {
  const rows = found.map(([name, { perSecond, perMillion }]) => [name, Math.round(perSecond).toLocaleString("en"), perMillion.toFixed(1)]);
  return columns([HEAD, ...rows], ["left", "right", "right"])
    .map((line) => `${line}\n`)
    .join("");
}
