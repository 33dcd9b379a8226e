import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import counter from "../../apps/scripted/counter.js";
import type { MachineOptions } from "../../hal/host/index.js";
import { play } from "../support.js";

const test = suite("counter");

const SEEDS = Array.from({ length: 200 }, (_, i) => i + 1);
/** The seed that the head of the app promises. */
const PROMISED = Number(
  /counter\.ts --seed (\d+)/.exec(readFileSync(new URL("../../apps/scripted/counter.ts", import.meta.url), "utf8"))?.[1],
);

/** What the rounds counted. */
function counted(options: MachineOptions): number[] {
  const rows = [...play(counter, options).machine.output.matchAll(/^(.*?) +expected 100, got (\d+)$/gm)];
  assert.equal(
    rows.map(([, name]) => name),
    ["no lock", "mutex", "one step"],
  );
  return rows.map(([, , got]) => Number(got));
}

const bySeed = new Map(SEEDS.map((seed) => [seed, counted({ seed })]));

test("by the default rules nothing is lost, with or without a lock", () => {
  assert.equal(counted({}), [100, 100, 100]);
});

test("SHM-04a without a lock updates are lost under some schedules, the promised one among them, and under it each time", () => {
  const losing = SEEDS.filter((seed) => (bySeed.get(seed)?.[0] as number) < 100);
  assert.ok(losing.length > 0 && losing.length < SEEDS.length, `${losing.length} schedules lose updates`);
  assert.ok(losing.includes(PROMISED), `seed ${PROMISED} loses nothing; ${losing.slice(0, 5)} do`);
  for (const seed of losing.slice(0, 5)) assert.equal(counted({ seed }), bySeed.get(seed));
});

test("SHM-04b with a mutex, or in one step, no schedule loses any", () => {
  for (const [seed, [, locked, inOneStep]] of bySeed) assert.equal([locked, inOneStep], [100, 100], `seed ${seed}`);
});

test.run();
