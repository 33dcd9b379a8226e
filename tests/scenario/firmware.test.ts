/** The firmware of apps/firmware, and what it has in common with its scripted sisters. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import scriptedPhilosophers from "../../apps/scripted/philosophers.js";
import scriptedPriorities from "../../apps/scripted/priorities.js";
import { boot, type Grain, type MachineOptions } from "../../hal/host/index.js";
import { firmwareOf } from "../firmware.js";
import { play } from "../support.js";

const test = suite("firmware apps");

const SEEDS: MachineOptions[] = [{}, ...Array.from({ length: 6 }, (_, i) => ({ seed: i + 1 }))];

/** What an app prints. */
function output(app: string, options: MachineOptions = {}): string {
  return play(firmwareOf(app), options).machine.output;
}

/** What the rounds of the counter counted, as the app is built with this grain. */
function counted(grain: Grain, options: MachineOptions): number[] {
  const machine = boot(firmwareOf("counter", grain), options);
  assert.is(machine.run(), "finished");
  const rows = [...machine.output.matchAll(/^(.*?) +expected 40000, got (\d+)$/gm)];
  assert.equal(
    rows.map(([, name]) => name),
    ["no lock", "mutex", "one step"],
  );
  return rows.map(([, , got]) => Number(got));
}

test("the producers' samples and remarks all arrive", () => {
  for (const options of SEEDS) {
    const lines = output("producer", options).split("\n");
    assert.ok(lines.includes("sensor: 6 samples sent, at most 2 waited"), lines.join("|"));
    assert.ok(lines.includes("consumer: the mean is 27.5"), lines.join("|"));
    assert.ok(lines.includes("clerk: 28 bytes of remarks, and nobody is left to write"), lines.join("|"));
  }
});

test("preempted at loops the counter loses nothing; before every access it does without a lock, the same each time", () => {
  for (const options of SEEDS.slice(0, 5)) {
    assert.equal(counted("loop", options), [40000, 40000, 40000]);
    const [unlocked, ...guarded] = counted("access", options);
    assert.ok((unlocked as number) < 40000, JSON.stringify(options));
    assert.equal(guarded, [40000, 40000]);
    assert.is(counted("access", options)[0], unlocked);
  }
});

test("the philosophers end in the deadlock of their scripted sisters, and with order in none", () => {
  const compiled = play(firmwareOf("philosophers"), {}, "deadlock").machine.report();
  const scripted = play(scriptedPhilosophers, {}, "deadlock").machine.report();
  assert.equal(compiled.cycle, scripted.cycle);
  assert.is(compiled.cycle.length, 5);
  const eaten = output("philosophers", { args: ["--ordered"] });
  assert.equal(eaten.trimEnd().split("\n").sort(), [0, 1, 2, 3, 4].map((seat) => `philosopher ${seat} has eaten`).sort());
});

test("the inversion takes as long as in the scripted app, and inheritance cures it", () => {
  assert.is(output("priorities"), play(scriptedPriorities).machine.output);
});

test("a run of the finer grain prints the same where nothing races", () => {
  const fine = play(firmwareOf("priorities", "access")).machine.output;
  assert.is(fine, output("priorities"));
});

test.run();
