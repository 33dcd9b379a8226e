/** The control loop of apps/firmware: settled within what it states, and safe when it cannot keep its periods. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, type Grain, type Machine, type MachineOptions, type System } from "../../hal/host/index.js";
import { firmwareOf } from "../firmware.js";

const test = suite("control");

const GRAINS: Grain[] = ["loop", "access"];
const SEEDS: MachineOptions[] = [{}, ...Array.from({ length: 50 }, (_, i) => ({ seed: i + 1 }))];
/** Ticks of the first step, of the last period, and from one step to the next; ticks within which each is settled, to 5 percent of the set point. */
const FIRST = 10;
const LAST = 2000;
const STAGE = 500;
const SETTLED = 200;
const BAND = 0.05;
const PLAN = [1000, 2000, 2000, -1000];

function machine(options: MachineOptions = {}, grain: Grain = "loop"): Machine {
  return boot(firmwareOf("control", grain), options);
}

/** Runs to the end, and follows the true speed, tick by tick: it is within the band wherever it has to be settled. */
function follow(m: Machine): void {
  for (const [stage, target] of PLAN.entries()) {
    const begin = FIRST + stage * STAGE;
    for (let tick = begin + SETTLED; tick < Math.min(begin + STAGE, LAST); tick++) {
      assert.is(m.runUntil(tick), "until");
      const error = Math.abs(m.motor.speed - target);
      assert.ok(error <= Math.abs(target) * BAND, `tick ${tick}: ${m.motor.speed} instead of ${target}`);
    }
  }
  assert.is(m.run(), "finished");
}

/** What the log says of every step: ticks until it was settled. */
function settled(output: string): number[] {
  return [...output.matchAll(/^(?:with the load )?at (-?\d+) turns a minute after (\d+) ms$/gm)].map(([, , ticks]) => Number(ticks));
}

test("the true speed is settled 200 ms after every step and after the load, and stays so, at both grains", () => {
  for (const grain of GRAINS) {
    const m = machine({}, grain);
    follow(m);
    assert.is(m.motor.loadTorque, 0.04);
    assert.is(m.motor.duty, 0);
    assert.match(m.output, /^200 periods done, 0 late, 0 edges missed$/m);
  }
});

test("the load needs a third more power: that is what it does to a motor which is not controlled", () => {
  const m = machine();
  m.runUntil(1000);
  const before = m.motor.duty;
  m.runUntil(1500);
  assert.ok(m.motor.duty - before > 150, `${before}, then ${m.motor.duty}`);
});

test("it logs set point, speed and duty every 50 ms, and how long each step took", () => {
  const m = machine();
  m.run();
  const lines = [...m.output.matchAll(/^(\d+) ms: set point (-?\d+), speed (-?\d+), duty (-?\d+)$/gm)].map((line) =>
    line.slice(1).map(Number),
  );
  assert.is(lines.length, 40);
  for (const [i, line] of lines.entries()) {
    const [tick, target, , duty] = line as [number, number, number, number];
    assert.is(tick, (i + 1) * 50);
    assert.is(target, PLAN[Math.floor(i / 10)]);
    assert.ok(Math.abs(duty) <= 1000);
  }
  const times = settled(m.output);
  assert.is(times.length, 4);
  assert.ok(
    times.every((ticks) => ticks > 0 && ticks <= SETTLED),
    times.join(),
  );
});

test("under fifty seeds every step settles, no period is late, and the log is the same to the letter", () => {
  const first = machine();
  first.run();
  for (const options of SEEDS) {
    const m = machine(options);
    assert.is(m.run(), "finished", JSON.stringify(options));
    assert.is(m.output, first.output, JSON.stringify(options));
  }
  const times = settled(first.output);
  assert.ok(times.length === 4 && times.every((ticks) => ticks <= SETTLED), times.join());
  assert.match(first.output, /^200 periods done, 0 late, 0 edges missed$/m);
});

/** Work more urgent than the controller, up to 3 ms at a time, as the seed has it. */
function nuisance(system: System): void {
  system.task("nuisance", { priority: 40, daemon: true }, function* (self) {
    for (;;) {
      yield* self.sleep(1 + Math.floor(Math.random() * 20));
      yield* self.compute(1_000, 48_000);
    }
  });
}

test("work above the controller that is short enough makes no period late, and the true speed settles all the same, under twenty seeds", () => {
  const logs = new Set<string>();
  for (const options of SEEDS.slice(1, 21)) {
    const m = boot(nuisance, { ...options, firmware: firmwareOf("control") });
    follow(m);
    assert.match(m.output, /^200 periods done, 0 late, 0 edges missed$/m);
    logs.add(m.output);
  }
  assert.ok(logs.size > 15);
});

test("the same seed is the same run, to the last turn of the motor", () => {
  for (const seed of [7, 8]) {
    const [one, other] = [machine({ seed }), machine({ seed })];
    one.run();
    other.run();
    assert.is(one.hash, other.hash);
    assert.is(one.motor.turns, other.motor.turns);
  }
});

test("a load that the bench puts on is held against, too, up to what the motor can do", () => {
  const m = machine();
  m.runUntil(700);
  m.motor.loadTorque = 0.03;
  m.runUntil(900);
  assert.ok(Math.abs(m.motor.speed - 2000) < 100, String(m.motor.speed));
  m.runUntil(1200);
  m.motor.loadTorque = 0.2;
  m.runUntil(1400);
  assert.ok(m.motor.speed < 500, String(m.motor.speed));
  assert.is(m.motor.duty, 1000);
});

test("a task that takes the CPU from the controller makes the watch put the motor off, under every seed and at both grains", () => {
  const runs = [
    ...SEEDS.slice(0, 11).map((options) => machine({ ...options, args: ["--disturb"] })),
    machine({ args: ["--disturb"] }, "access"),
  ];
  for (const m of runs) {
    assert.is(m.runUntilOutput("705 ms: period 70 is late, 1 in a row\n"), "until");
    assert.is(m.run(), "finished");
    assert.match(
      m.output,
      /^715 ms: period 71 is late, 2 in a row\n725 ms: period 72 is late, 3 in a row\n725 ms: 3 late in a row, the motor is off\n/m,
    );
    assert.match(m.output, /^69 periods done, 3 late, 0 edges missed\n$/m);
  }
});

test("once it tripped the motor stays off and comes to rest", () => {
  const m = machine({ args: ["--disturb"] });
  m.runUntil(724);
  assert.ok(m.motor.duty > 0);
  m.runUntil(726);
  assert.is(m.motor.duty, 0);
  const speed = m.motor.speed;
  assert.ok(speed > 1500);
  while (m.runUntil(m.tick + 1) === "until") assert.is(m.motor.duty, 0);
  assert.is(m.over, "finished");
  assert.ok(m.motor.speed < speed / 2, String(m.motor.speed));
});

test("however long it is disturbed, the trip is at the same tick, and nothing is said of periods that were not done", () => {
  const m = machine({ args: ["--disturb", "500"] });
  assert.is(m.run(), "finished");
  assert.match(m.output, /^725 ms: 3 late in a row, the motor is off\n69 periods done, 3 late, 0 edges missed\n$/m);
  assert.is(settled(m.output).length, 1);
  assert.throws(() => machine({ args: ["--disturb", "-3"] }), /--disturb -3: give 0 to 100000 milliseconds/);
});

test("fewer late periods are counted and told, and it settles again", () => {
  const m = machine({ args: ["--disturb", "15"] });
  assert.is(m.run(), "finished");
  const late = [...m.output.matchAll(/period \d+ is late, (\d) in a row$/gm)].map(([, row]) => Number(row));
  assert.ok(late.length > 0 && late.every((row) => row < 3), late.join());
  assert.not.match(m.output, /the motor is off/);
  assert.match(m.output, new RegExp(`^${200 - late.length} periods done, ${late.length} late, 0 edges missed$`, "m"));
  const times = settled(m.output);
  assert.is(times.length, 4);
  assert.ok((times.at(-1) as number) <= SETTLED, times.join());
});

test.run();
