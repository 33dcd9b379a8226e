import { suite } from "uvu";
import * as assert from "uvu/assert";
import priorities from "../../apps/scripted/priorities.js";
import type { Machine, MachineOptions } from "../../hal/host/index.js";
import { play } from "../support.js";

const test = suite("priorities");

const SCHEDULES: MachineOptions[] = [{}, ...Array.from({ length: 20 }, (_, i) => ({ seed: i + 1 }))];

/** Who got the CPU while "high" waited for each of the two mutexes. */
function ranMeanwhile(m: Machine): string[][] {
  const names = m.tasks.map((task) => task.name);
  const high = m.task("high").index;
  const rounds: string[][] = [];
  let waiting = false;
  for (const { event, task, object } of m.trace) {
    if (event === "BLOCK" && task === high && object >> 8 === 3) {
      waiting = true;
      rounds.push([]);
    }
    if (event === "WAKE" && task === high) waiting = false;
    if (event === "SWITCH" && waiting) rounds.at(-1)?.push(names[task] as string);
  }
  return rounds;
}

test("high waits for medium, too, with a plain mutex, and for low alone with inheritance", () => {
  for (const schedule of SCHEDULES) {
    const { machine, reason } = play(priorities, schedule);
    assert.is(reason, "finished");
    const waited = [...machine.output.matchAll(/^(.*): high waited (\d+) ticks for the bus$/gm)];
    assert.equal(
      waited.map(([, name]) => name),
      ["plain mutex", "inheritance"],
    );
    const [plain, inheriting] = waited.map(([, , ticks]) => Number(ticks)) as [number, number];
    assert.ok(plain >= 20, `${plain} ticks`);
    assert.ok(inheriting <= 5, `${inheriting} ticks`);
  }
});

test("the timeline shows it: medium runs while high waits, only with the plain mutex", () => {
  for (const schedule of SCHEDULES) {
    const [plain, inheriting] = ranMeanwhile(play(priorities, schedule).machine) as [string[], string[]];
    assert.ok(plain.includes("medium"));
    assert.ok(inheriting.includes("low"));
    assert.not(inheriting.includes("medium"));
  }
});

test("low is raised to high's priority and back, once, by the second mutex", () => {
  const { machine } = play(priorities);
  const low = machine.task("low").index;
  const changes = machine.trace.filter((r) => r.event === "PRIORITY");
  assert.ok(changes.every((r) => r.task === low));
  assert.equal(
    changes.map((r) => [r.second, r.first]),
    [
      [10, 30],
      [30, 10],
    ],
  );
});

test.run();
