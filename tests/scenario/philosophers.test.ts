import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import philosophers from "../../apps/scripted/philosophers.js";
import type { MachineOptions } from "../../hal/host/index.js";
import { play } from "../support.js";

const test = suite("philosophers");

const SCHEDULES: MachineOptions[] = [{}, ...Array.from({ length: 20 }, (_, i) => ({ seed: i + 1 }))];
const SEATS = [0, 1, 2, 3, 4];
const APP = new URL("../../apps/scripted/philosophers.ts", import.meta.url);

/** Where the app takes its second fork. */
function secondLock(): number {
  const lines = readFileSync(APP, "utf8").split("\n");
  return lines.findIndex((line) => line.includes("second.lock()")) + 1;
}

test("five who take the left fork first end in a deadlock, explained with who waits for whom, and where", () => {
  for (const schedule of SCHEDULES) {
    const { machine, reason } = play(philosophers, schedule, "deadlock");
    assert.is(reason, "deadlock");
    assert.is(machine.output, "");
    const { blocked, cycle, left } = machine.report();
    assert.equal(
      blocked.map(({ task, call, object, holders, deadline }) => ({ task, call, object, holders, deadline })),
      SEATS.map((seat) => ({
        task: `philosopher ${seat}`,
        call: "mutex_lock",
        object: `fork ${(seat + 1) % 5}`,
        holders: [`philosopher ${(seat + 1) % 5}`],
        deadline: undefined,
      })),
    );
    for (const { site } of blocked) {
      assert.is(site?.file.replace("file://", ""), fileURLToPath(APP));
      assert.is(site?.line, secondLock());
    }
    assert.is(cycle.length, 5);
    for (const [i, task] of cycle.entries()) {
      const next = cycle[(i + 1) % 5];
      assert.is(blocked.find((b) => b.task === task)?.holders[0], next);
    }
    assert.equal(
      left,
      SEATS.map((seat) => `fork ${seat} is locked by philosopher ${seat}`),
    );
  }
});

test("with --ordered all eat and leave, under every schedule", () => {
  for (const schedule of SCHEDULES) {
    const { machine, reason } = play(philosophers, { args: ["--ordered"], ...schedule });
    assert.is(reason, "finished");
    assert.equal(
      machine.output.trimEnd().split("\n").sort(),
      SEATS.map((seat) => `philosopher ${seat} has eaten`),
    );
    assert.equal(machine.report().left, []);
  }
});

test.run();
