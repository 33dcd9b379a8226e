/**
 * A task ended at each of its blocking and preemption points in turn, in a system in which every kind of object is in use: nothing
 * that lives names it any more, the others end, and when everything is deleted the RAM is one free piece again.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, type Machine, type MachineOptions, SIGKILL, SIGTERM } from "../hal/host/index.js";
import { layout } from "../kernel/abi/host.js";
import { firmwareFrom } from "./firmware.js";
import { remainsOf, takeDown } from "./remains.js";
import { found, REAPER, type Town } from "./town.js";

const test = suite("ended");

const T = layout.Task;
const OPTIONS: MachineOptions = { kernel: "debug", trace: false, hash: false, memory: 3, onFailure: "report" };
/** Steps behind the end that are looked at one by one. */
const CLOSELY = 12;
/** Every how many of a victim's points are tried; HOSTILE_RUNS tries all, under more schedules. */
const RUNS = Number(process.env.HOSTILE_RUNS ?? 0);
const SCHEDULES: MachineOptions[] = RUNS > 0 ? [{}, ...Array.from({ length: RUNS }, (_, i) => ({ seed: i + 1 }))] : [{}, { seed: 4 }];

/** The steps of a run behind which the task has begun to wait, was preempted, or has gone on. */
function pointsOf(machine: Machine, name: string): number[] {
  machine.powerOn();
  const record = machine.taskRecord(machine.task(name).handle & 0xff);
  const points: number[] = [];
  let before = "";
  for (let step = 0; ; step++) {
    if (machine.task(name).status !== undefined || machine.over) return points;
    const now = [T.state, T.switches, T.arrival].map((field) => machine.u32[(record + field) >> 2]).join();
    if (now !== before) points.push(step);
    before = now;
    machine.advance({ dispatches: 1 });
  }
}

function holds(machine: Machine, handle: number, what: string): void {
  assert.is(machine.check(), 0, what);
  assert.equal(remainsOf(machine, handle), [], what);
}

/** Ends the task behind so many steps, one way or another, and lets the others go on to their end. */
function endedAt(machine: Machine, town: Town, victim: string, step: number, way: number): void {
  const what = `${victim} ended behind step ${step}, way ${way}`;
  town.people.length = 0;
  machine.powerOn();
  if (step > 0) machine.advance({ dispatches: step });
  const { handle } = machine.task(victim);
  if (way === 0) machine.sendSignal(victim, SIGKILL);
  else if (way === 1) machine.sendSignal(victim, SIGTERM);
  else machine.raise(REAPER);
  for (let i = 0; i < CLOSELY && !machine.over; i++) {
    machine.advance({ dispatches: 1 });
    assert.is(machine.check(), 0, what);
    if (machine.task(victim).status !== undefined) holds(machine, handle, what);
  }
  const reason = machine.over ?? machine.advance({});
  assert.is(reason, "finished", what);
  assert.equal(machine.failures, [], what);
  assert.ok(machine.task(victim).status !== undefined, what);
  holds(machine, handle, what);
  assert.equal(takeDown(machine), [], what);
}

test("TSK-12a a task ended at each of its points leaves nothing of itself, and the RAM is whole again", () => {
  let ends = 0;
  for (const schedule of SCHEDULES) {
    const town: Town = { people: [], doomed: 0 };
    const machine = boot((system) => found(system, town), { ...OPTIONS, ...schedule });
    const people = [...town.people];
    for (const [at, victim] of people.entries()) {
      town.doomed = at;
      for (const [i, step] of pointsOf(machine, victim).entries()) {
        endedAt(machine, town, victim, step, (i + at) % 3);
        ends++;
      }
    }
  }
  assert.ok(ends > 200, `${ends} ends`);
});

test("nobody ended: the town's people all end, and when it is taken down nothing is left", () => {
  for (let seed = 0; seed < 10; seed++) {
    const machine = boot((system) => found(system, { people: [], doomed: 0 }), { ...OPTIONS, seed });
    assert.is(machine.run(), "finished");
    assert.equal(machine.failures, []);
    assert.equal(takeDown(machine), [], `seed ${seed}`);
  }
});

const WORK = `
import { mutex, self, task } from "talea/firmware";

const lock = mutex({ name: "lock", robust: true });
let shared = 0;
function deeper(depth: i32): i32 {
  if (depth === 0) {
    lock.lock(2);
    lock.consistent();
    shared++;
    lock.unlock();
    return shared;
  }
  return deeper(depth - 1) + 1;
}
const names = ["low", "middle", "high"];
for (let i = 0; i < 3; i++) {
  task(names[i], { priority: 5 + i, argument: i }, (n) => {
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 40; j++) shared += j;
      deeper(3);
      self.sleep(1);
    }
  });
}
`;

test("TSK-12a a compiled task ended anywhere in its code leaves nothing of itself", () => {
  for (const grain of ["loop", "access"] as const) {
    const machine = boot(firmwareFrom("work", WORK, grain), { ...OPTIONS, memory: 4, tickCycles: 997 });
    let ends = 0;
    for (let cycles = 1; ; cycles += RUNS > 0 ? 7 : 211) {
      const what = `${grain}, at cycle ${cycles}`;
      machine.powerOn();
      machine.advance({ cycles });
      const worker = machine.tasks.find(({ status }) => status === undefined);
      if (machine.over || !worker) break;
      assert.is(machine.kernel.signal_raise(worker.handle, SIGKILL), 0, what);
      machine.advance({ dispatches: 1 });
      holds(machine, worker.handle, what);
      assert.is(machine.over ?? machine.advance({}), "finished", what);
      assert.equal(takeDown(machine), [], what);
      ends++;
    }
    assert.ok(ends > 20, `${ends} ends`);
  }
});

test.run();
