/**
 * Random firmwares: whatever the build step makes of a module, and wherever it is cut, its tasks find out what the plain module's
 * find out. PREEMPT_RUNS=10000 tries as many, TALEA_SEED says with which seed they begin; a seed that fails is named.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Grain, MachineOptions } from "../hal/host/index.js";
import { Stream } from "../hal/host/oracle.js";
import { type Generated, generate } from "./preempt/generate.js";
import { type Budget, built, found, guarded, outcome, plain, type Ran, run } from "./preempt/runs.js";
import { seeds } from "./seed.js";

const RUNS = Number(process.env.PREEMPT_RUNS ?? 6);
/** Cycles a tick: preempted all the time, sometimes, never. */
const OFTEN = 200;
const SOMETIMES = 1000;
const NEVER = 1_000_000;
const TICKS = [OFTEN, SOMETIMES, NEVER];
/** Of more firmwares than these each is tried with one of them. */
const FEW = 1000;
const GRAINS: Grain[] = ["loop", "access"];
/** Bytes of the data that have a short question: all, none, some. */
const NEAR = [16384, 0, 700, 1100, 1600];
/** Runs of more cycles than these are not cut after every cycle, or every seventh. */
const SHORT = 3000;
const LONG = 50_000;

function budgets(seed: number, { cycles }: Ran, tickCycles?: number): Budget[] {
  if (tickCycles === OFTEN) return [200, new Stream(seed, 5)];
  if (tickCycles === SOMETIMES && cycles < LONG) return [7, new Stream(seed, 6)];
  return [cycles < SHORT ? 1 : new Stream(seed, 7)];
}

/** One length of a tick: the plain module's results, and one hash for every budget. */
function trial(made: Generated, grain: Grain, options: MachineOptions, expected: string, where: string): Ran {
  const app = built(made.bytes, grain);
  const whole = run(app, "unlimited", options);
  assert.is(whole.reason, "finished", where);
  assert.equal(whole.failures, [], where);
  const agree = (ran: Ran) => made.shape.shared || found(ran, made.shape.tasks) === expected;
  assert.ok(agree(whole), `${where}: not what the plain module finds out`);
  for (const budget of budgets(made.seed, whole, options.tickCycles)) {
    const each = `${where}, budget ${typeof budget === "number" ? budget : "random"}`;
    const cut = run(app, budget, { ...options, kernel: "release" });
    assert.is(outcome(cut), outcome(whole), each);
    assert.ok(agree(cut), `${each}: not what the plain module finds out`);
  }
  // All that they touch is theirs, wherever it is asked for: nobody can tell.
  const protectedly = run(guarded(made.bytes, grain, NEAR[made.seed % NEAR.length] as number), new Stream(made.seed, 8), options);
  assert.is(outcome(protectedly), outcome(whole), `${where}, protected`);
  return whole;
}

function compare(seed: number, made: Generated): void {
  const expected = plain(made);
  const chance = seed % 4 === 0 ? { seed } : {};
  const ticks = RUNS > FEW ? [TICKS[seed % TICKS.length]] : TICKS;
  const cycles = GRAINS.map((grain) => {
    const tried = ticks.map((tickCycles) =>
      trial(made, grain, { tickCycles, ...chance }, expected, `seed ${seed}, grain ${grain}, ${tickCycles} cycles a tick`),
    );
    return ticks.at(-1) === NEVER ? tried.at(-1)?.cycles : undefined;
  });
  if (made.shape.tasks === 1 && !made.shape.kernel && !made.shape.events)
    assert.is(cycles[0], cycles[1], `seed ${seed}: cycles of the grains`);
}

test(`${RUNS} random firmwares find out what their plain modules do, wherever they are cut`, () => {
  for (const seed of seeds(RUNS)) compare(seed, generate(seed));
});

test("what a program is charged is the same for both grains", () => {
  for (const seed of seeds(Math.min(RUNS / 4, FEW))) {
    const made = generate(seed, { tasks: 1, kernel: false, events: false, shared: false });
    const [loop, access] = GRAINS.map((grain) => run(built(made.bytes, grain), "unlimited", { tickCycles: NEVER }).cycles);
    assert.is(loop, access, `seed ${seed}`);
  }
});

test("two builds of the same bytes are the same bytes", () => {
  for (const seed of seeds(Math.min(RUNS, 100))) {
    const { bytes } = generate(seed);
    for (const grain of GRAINS) assert.equal(built(bytes, grain).bytes, built(bytes, grain).bytes, `seed ${seed}`);
  }
});

test.run();
