/**
 * The Thread-Metric suite measured: each of its apps counts what it does for a period of virtual time, and says `counter <n>`. The
 * apps are compiled when they are needed, from the sources in this package.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { boot, type Firmware, type Machine } from "../../hal/host/index.js";
import { compiledApp } from "./firmware.js";
import { processWorld, type World } from "./world.js";

/** The suite's tests, in its order; each is an app of this name. */
export const metrics = [
  "basic",
  "cooperative",
  "preemptive",
  "interrupt",
  "interrupt-preemption",
  "message",
  "synchronization",
  "memory",
] as const;
export type Metric = (typeof metrics)[number];

/** What is kept while it runs. */
export interface Keeping {
  trace: boolean;
  hash: boolean;
}

export interface Measured {
  /** Counts a second of host time, the median of the runs. */
  perSecond: number;
  /** Counts a million virtual cycles, the same in every run. */
  perMillion: number;
}

/** What the app said is wrong. */
export class MetricError extends Error {
  override name = "MetricError";
}

/** Cycles of a tick. */
const TICK = 16_000;
/** Ticks of the first try; so long a run, in milliseconds, says how many a measurement takes. */
const FIRST = 20;
const KNOWN = 20;
/** Runs, and milliseconds that one takes; the first warms up. */
const RUNS = 5;
const LONG = 200;

const FOLDER = threadmetricFolder();

/** Compiles a test. */
export function compileMetric(name: Metric, world: World = processWorld()): Promise<Firmware> {
  return compiledApp(join(FOLDER, `${name}.ts`), {}, world);
}

/** The machine of a test for so many ticks, to be powered on for every run. */
export function metricMachine(app: Firmware, ticks: number, { trace, hash }: Keeping): Machine {
  return boot(app, { trace, hash, keep: 0, args: [String(ticks)] });
}

/** Runs a test and answers what it counted. Throws MetricError with what it says is wrong. */
export function countOf(machine: Machine): number {
  const reason = machine.run();
  const { output } = machine;
  const error = /^error: (.*)$/m.exec(output)?.[1];
  if (error !== undefined) throw new MetricError(error);
  const counter = /^counter (\d+)$/m.exec(output)?.[1];
  if (counter === undefined) throw new MetricError(`it ended with "${reason}" and told no counter`);
  return Number(counter);
}

/** Measures a test: for about a second, or with `ticks` in one run of so many. */
export function measureMetric(app: Firmware, keeping: Keeping, ticks?: number): Measured {
  const period = ticks ?? ticksFor(app, keeping);
  const machine = metricMachine(app, period, keeping);
  const times: number[] = [];
  let count = 0;
  for (let run = 0; run < (ticks === undefined ? RUNS : 1); run++) {
    if (run > 0) machine.powerOn();
    const start = performance.now();
    count = countOf(machine);
    times.push(performance.now() - start);
  }
  const sorted = times.slice(ticks === undefined ? 1 : 0).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1] as number;
  return { perSecond: (count * 1000) / median, perMillion: (count * 1e6) / (period * TICK) };
}

/** Ticks that a run of LONG takes, by runs that get longer until their time says something. */
function ticksFor(app: Firmware, keeping: Keeping): number {
  for (let ticks = FIRST; ; ticks *= 4) {
    const machine = metricMachine(app, ticks, keeping);
    const start = performance.now();
    countOf(machine);
    const took = performance.now() - start;
    if (took > KNOWN) return Math.max(1, Math.round((ticks * LONG) / took));
  }
}

/** apps/firmware/threadmetric, which the compiled command has beside dist/. */
function threadmetricFolder(): string {
  const candidates = ["../firmware/threadmetric/", "../../../apps/firmware/threadmetric/"];
  const folders = candidates.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return folders.find((folder) => existsSync(join(folder, "tm.ts"))) ?? (folders[0] as string);
}
