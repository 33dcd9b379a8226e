/** The sampler of apps/firmware: what comes from the interrupt arrives, up to a rate, and above it every loss is counted. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, type Grain, type Machine, type MachineOptions } from "../../hal/host/index.js";
import { firmwareOf } from "../firmware.js";
import { play } from "../support.js";

const test = suite("sampler");

const GRAINS: Grain[] = ["loop", "access"];
const SEEDS: MachineOptions[] = [{}, ...Array.from({ length: 30 }, (_, i) => ({ seed: i + 1 }))];
/** Samples a second that it states never to lose one of. */
const STATED = 20_000;

interface Sums {
  made: number;
  taken: number;
  lost: number;
  full: number;
  merged: number;
}

/** What it says in the end. */
function sums({ output }: Machine): Sums {
  const line = /^(\d+) made, (\d+) taken, (\d+) lost: the queue was full for (\d+), (\d+) came too quickly$/m.exec(output);
  assert.ok(line, output);
  const [made, taken, lost, full, merged] = (line as RegExpExecArray).slice(1).map(Number) as [number, number, number, number, number];
  return { made, taken, lost, full, merged };
}

/** A run of so many samples at a rate, whose own sums agree: the consumer looked for every number. */
function sampled(rate: number, count: number, options: MachineOptions = {}, grain: Grain = "loop"): Sums {
  const machine = boot(firmwareOf("sampler", grain), { ...options, args: [String(rate), String(count)], trace: false });
  assert.is(machine.run(), "finished");
  const found = sums(machine);
  assert.is(found.made, count);
  assert.is(found.taken + found.lost, found.made);
  assert.is(found.full + found.merged, found.lost);
  return found;
}

test("at the stated rate, and below, no sample is lost, under every seed and at both grains", () => {
  for (const grain of GRAINS) {
    for (const options of SEEDS) {
      for (const rate of [5_000, STATED])
        assert.is(sampled(rate, 4_000, options, grain).lost, 0, `${rate}, ${grain}, ${JSON.stringify(options)}`);
    }
  }
});

test("nor over a long time", () => {
  assert.is(sampled(STATED, 300_000).lost, 0);
});

test("above it some are lost, and counted to the last one, under every seed and at both grains", () => {
  for (const grain of GRAINS) {
    for (const options of SEEDS) {
      const { taken, full, merged } = sampled(30_000, 4_000, options, grain);
      assert.ok(full > 0 && merged === 0 && taken > 2_000, JSON.stringify({ taken, full, merged }));
    }
  }
});

test("the more come the fewer are taken, once the handler leaves nobody any time", () => {
  const { taken, full, merged } = sampled(100_000, 4_000);
  assert.ok(taken < 200 && full > 0 && merged > 1_000, JSON.stringify({ taken, full, merged }));
});

test("every invariant holds on the way, also where samples are lost, and nothing of it is left", () => {
  for (const rate of ["15000", "40000"]) {
    const { machine } = play(firmwareOf("sampler"), { args: [rate, "600"] });
    const { taken, lost } = sums(machine);
    assert.is(taken + lost, 600);
    assert.is(machine.objects.pool("blocks").free, machine.objects.pool("blocks").capacity);
    assert.is(machine.objects.queue("samples").used, 0);
  }
});

test("odd numbers, few samples and slow rates come to an end, too", () => {
  for (const [rate, count] of [
    [1, 3],
    [999, 1],
    [10_000, 33],
    [10_000, 64],
  ] as const) {
    assert.is(sampled(rate, count).taken, count);
  }
});

test("a rate or a number that makes no sense is refused in a sentence", () => {
  const described =
    (...args: string[]) =>
    () =>
      boot(firmwareOf("sampler"), { args });
  assert.throws(described("0"), /the rate is 0: give 1 to 160000 samples a second/);
  assert.throws(described("160001"), /the rate is 160001: give 1 to 160000/);
  assert.throws(described("-5"), /the rate is -5/);
  assert.throws(described("5000", "0"), /the samples are 0: give 1 to 2147483647/);
  assert.throws(described("5000", "-1"), /the samples are -1/);
});

test("the queue holds what comes while the worker is kept from working, and not more", () => {
  const machine = boot(
    (system) => {
      system.task("hog", { priority: 60 }, function* (self) {
        yield* self.sleep(20);
        yield* self.lockScheduler();
        // At 10000 a second a queue of 64 is full after 6.4 ms.
        yield* self.compute(10 * 16_000);
        yield* self.unlockScheduler();
      });
    },
    { firmware: firmwareOf("sampler"), args: ["10000", "1000"] },
  );
  assert.is(
    machine.runUntil(() => machine.objects.queue("samples").used === 64, 40),
    "until",
  );
  assert.is(machine.run(), "finished");
  const { lost, full } = sums(machine);
  assert.is(lost, full);
  assert.ok(lost > 36 && lost < 100, String(lost));
});

test.run();
