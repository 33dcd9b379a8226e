/** The motor: its model against the formulas, its encoder, and that nobody who looks changes anything. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AppError,
  boot,
  GpioRegister,
  type Machine,
  type MachineOptions,
  type Motor,
  type MotorOptions,
  MotorRegister,
  type Self,
  type System,
} from "../hal/host/index.js";
import { firmwareFrom } from "./firmware.js";
import { play } from "./support.js";

const test = suite("motor");

const { DUTY, LOAD } = MotorRegister;
const { IN, RISE, FALL, PENDING } = GpioRegister;
/** Channels A and B. */
const A = 1 << 16;
const B = 1 << 17;
const HZ = 16_000_000;

// The default motor: its speed at full duty without a load, in turns a minute, and how long it takes, in seconds.
const SLOPE = (0.04 * 0.04) / 2 + 0.00001;
const TAU = 0.000048 / SLOPE;
const rpm = (radians: number) => (radians * 30) / Math.PI;
/** The speed at which a duty, from 0 to 1, and a load in newton metres end. */
const steady = (duty: number, load = 0) => rpm(((0.04 * 12 * duty) / 2 - 0.002 - load) / SLOPE);

function near(value: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(value - expected) <= tolerance, `${value} is not within ${tolerance} of ${expected}`);
}

/** Runs a task beside a motor, without ticks, and checks the kernel after every step. */
function alone(body: (self: Self, motor: Motor) => Generator, options: MotorOptions = {}, machine: MachineOptions = {}): Machine {
  const app = (system: System) => {
    const motor = system.motor(options);
    system.task("driver", {}, (self) => body(self, motor) as ReturnType<typeof idle>);
  };
  return play(app, { tickCycles: 0x10000000, ...machine }).machine;
}

function* idle(self: Self) {
  yield* self.yield();
}

function* seconds(self: Self, count: number) {
  yield* self.compute(Math.round(count * HZ));
}

// The model

test("from rest the speed follows the exponential of its time constant, and ends where torque and friction are equal", () => {
  alone(function* (self, motor) {
    assert.is(motor.speed, 0);
    yield* motor.write(DUTY, 500);
    for (let n = 1; n <= 5; n++) {
      yield* seconds(self, TAU);
      near(motor.speed, steady(0.5) * (1 - Math.exp(-n)), 2);
    }
    yield* seconds(self, 20 * TAU);
    near(motor.speed, steady(0.5), 0.01);
  });
});

test("a load brakes it either way round, and none turns it", () => {
  alone(function* (self, motor) {
    for (const sign of [1, -1]) {
      yield* motor.write(DUTY, sign * 800);
      yield* motor.write(LOAD, 0);
      yield* seconds(self, 1);
      near(motor.speed, sign * steady(0.8), 0.01);
      yield* motor.write(LOAD, 50_000);
      assert.is(motor.loadTorque, 0.05);
      yield* seconds(self, 1);
      near(motor.speed, sign * steady(0.8, 0.05), 0.01);
    }
    yield* motor.write(LOAD, 4_000_000);
    yield* seconds(self, 1);
    assert.is(motor.speed, 0);
    const { turns } = motor;
    yield* motor.write(DUTY, 0);
    yield* seconds(self, 1);
    assert.is(motor.turns, turns);
  });
});

test("what is less than friction does not move it, and without power it comes to rest", () => {
  alone(function* (self, motor) {
    // 0.24 Nm at full duty, 0.002 of friction.
    yield* motor.write(DUTY, 8);
    yield* seconds(self, 1);
    assert.is(motor.turns, 0);
    yield* motor.write(DUTY, 9);
    yield* seconds(self, 1);
    assert.ok(motor.turns > 0);
    yield* motor.write(DUTY, 1000);
    yield* seconds(self, 0.5);
    assert.ok(motor.speed > 2000);
    yield* motor.write(DUTY, 0);
    yield* seconds(self, 1);
    assert.is(motor.speed, 0);
    const { turns } = motor;
    yield* seconds(self, 1);
    assert.is(motor.turns, turns);
  });
});

test("it comes through rest to the other way round", () => {
  alone(function* (self, motor) {
    yield* motor.write(DUTY, 1000);
    yield* seconds(self, 1);
    near(motor.speed, steady(1), 0.01);
    yield* motor.write(DUTY, -1000);
    yield* seconds(self, 1);
    near(motor.speed, -steady(1), 0.01);
  });
});

test("another motor obeys its own numbers", () => {
  const options = { supply: 24, resistance: 1, constant: 0.1, inertia: 0.001, damping: 0, friction: 0, lines: 10 };
  alone(function* (self, motor) {
    assert.is(motor.edges, 40);
    yield* motor.write(DUTY, 1000);
    yield* seconds(self, 0.1);
    near(motor.speed, rpm(240) * (1 - Math.exp(-1)), 2);
    yield* seconds(self, 3);
    near(motor.speed, rpm(240), 0.01);
  }, options);
});

test("DUTY has a sign and stops at full; LOAD is what was written, or the bench set", () => {
  alone(function* (_, motor) {
    assert.is(yield* motor.read(DUTY), 0);
    for (const [written, read] of [
      [-300, 0xffffffff - 299],
      [1001, 1000],
      [-5000, 0xffffffff - 999],
      [0x7fffffff, 1000],
    ] as const) {
      yield* motor.write(DUTY, written);
      assert.is(yield* motor.read(DUTY), read);
    }
    assert.is(motor.duty, 1000);
    yield* motor.write(LOAD, 0xffffffff);
    assert.is(yield* motor.read(LOAD), 0xffffffff);
    motor.loadTorque = 0.0123456;
    assert.is(yield* motor.read(LOAD), 12345);
  });
});

// The encoder

/** Counts edges as a handler does. */
function counting(system: System, motor: Motor): { count: number; wrong: number } {
  const state = { count: 0, wrong: 0 };
  const gpio = system.gpio();
  let quarter = 0;
  system.interrupt(25, {}, function* () {
    yield* gpio.write(PENDING, A | B);
    const channels = ((yield* gpio.read(IN)) >>> 16) & 3;
    const now = channels ^ (channels >> 1);
    const move = (now - quarter) & 3;
    quarter = now;
    if (move === 2) state.wrong++;
    state.count += move === 3 ? -1 : move;
    assert.is(state.count, Math.floor(motor.turns * motor.edges));
  });
  return state;
}

test("edges raise the line, four a line, forwards and back: whoever counts them knows the position", () => {
  let state = { count: 0, wrong: 0 };
  play((system) => {
    const motor = system.motor();
    const gpio = system.gpio();
    state = counting(system, motor);
    system.task("driver", {}, function* (self) {
      yield* gpio.write(RISE, A | B);
      yield* gpio.write(FALL, A | B);
      for (const duty of [700, -900, -900, 300, 0]) {
        yield* motor.write(DUTY, duty);
        yield* self.sleep(150);
        near(state.count, motor.turns * 512, 1);
      }
    });
  });
  assert.is(state.wrong, 0);
  assert.ok(state.count < 0);
});

test("an edge comes at the very cycle at which a look finds the other level", () => {
  const m = alone(
    function* (self, motor) {
      const { gpio } = motor.machine;
      yield* gpio.write(RISE, A);
      yield* motor.write(DUTY, 1000);
      yield* self.compute(3_000_000);
      yield* motor.write(DUTY, -1000);
      yield* self.compute(3_000_000);
    },
    {},
    { keep: 100000 },
  );
  const rises = m.trace.filter(({ event }) => event === "RAISE").map(({ cycles }) => cycles);
  assert.ok(rises.length > 100);
  for (const cycle of [rises[0], rises[1], rises.at(-1)] as number[]) {
    const levels = [cycle - 1, cycle].map((at) => levelAt(at));
    assert.equal(levels, [0, A], `cycle ${cycle}`);
  }
});

/** Channel A at a cycle of the same movement, of which nobody waits for edges. */
function levelAt(cycle: number): number {
  let level = -1;
  alone(function* (self, motor) {
    const { gpio } = motor.machine;
    yield* gpio.write(RISE, 0);
    yield* motor.write(DUTY, 1000);
    const back = self.cycles + 3_000_000;
    if (cycle > back) {
      yield* self.compute(3_000_000);
      yield* motor.write(DUTY, -1000);
    }
    yield* self.compute(cycle - self.cycles - 8);
    level = (yield* gpio.read(IN)) & A;
    assert.is(self.cycles, cycle);
  });
  return level;
}

test("the movement is the same, to the bit, however often the bench looks and whichever edges are waited for", () => {
  const app = (watch: number) => (system: System) => {
    const motor = system.motor();
    system.task("driver", {}, function* (self) {
      yield* system.gpio().write(RISE, watch);
      for (const duty of [900, 905, -300, 0]) {
        yield* motor.write(DUTY, duty);
        yield* self.sleep(40);
      }
    });
  };
  const movement = (watch: number, look: number) => {
    const turns: number[] = [];
    const m = boot(app(watch));
    for (let tick = look; tick < 160; tick += look) {
      m.runUntil(tick);
      void m.motor.speed;
      if (tick % 10 === 0) turns.push(m.motor.turns);
    }
    m.run();
    return { turns, hash: m.hash };
  };
  const seldom = movement(0, 10);
  assert.is(seldom.turns.length, 15);
  assert.equal(movement(0, 1), seldom);
  const watched = movement(A | B, 10);
  assert.equal(watched.turns, seldom.turns);
  assert.is.not(watched.hash, seldom.hash);
  assert.equal(movement(A | B, 1), watched);
});

test("nobody pays for a motor that nobody looks at: without watched edges it has no events", () => {
  const m = boot((system) => {
    const motor = system.motor();
    system.task("driver", {}, function* (self) {
      yield* motor.write(DUTY, 1000);
      yield* self.sleep(100_000);
      near(motor.speed, steady(1), 0.01);
    });
  });
  m.runUntil(10);
  assert.is(m.motor.next, Number.MAX_SAFE_INTEGER);
  const { steps } = m;
  assert.is(m.run(), "finished");
  assert.ok(m.steps - steps < 100_100);
});

test("a motor at rest has no events either, also while edges are watched", () => {
  alone(function* (self, motor) {
    yield* motor.machine.gpio.write(RISE, A | B);
    yield* motor.write(DUTY, 5);
    assert.is(motor.next, Number.MAX_SAFE_INTEGER);
    yield* motor.write(DUTY, 300);
    assert.ok(motor.next < self.cycles + HZ / 100);
    yield* seconds(self, 0.2);
    yield* motor.write(DUTY, 0);
    yield* seconds(self, 1);
    assert.is(motor.next, Number.MAX_SAFE_INTEGER);
  });
});

test("its pins are its own: they may be others, and nobody else drives them", () => {
  const m = boot((system) => {
    const motor = system.motor({ pins: [3, 0] });
    system.task("driver", {}, function* (self) {
      yield* motor.write(DUTY, 600);
      const seen = new Set<number>();
      for (let i = 0; i < 2000; i++) {
        yield* self.compute(300);
        seen.add(yield* system.gpio().read(IN));
      }
      assert.equal([...seen].sort(), [0, 1, 8, 9]);
    });
  });
  assert.throws(() => m.drive(3, true), /pin 3 is driven by the motor/);
  m.drive(4, false);
  assert.is(m.run(), "finished");
});

test("what no motor is, is refused in a sentence", () => {
  const refused = (options: object, sentence: RegExp) => {
    assert.throws(
      () => boot((system) => void system.motor(options)),
      (error: unknown) => error instanceof AppError && sentence.test(error.message),
    );
  };
  refused({ pins: [1, 1] }, /^the motor's pins are 1 and 1: give two different ones from 0 to 31$/);
  refused({ pins: [1, 32] }, /pins are 1 and 32/);
  refused({ resistance: 0 }, /^the motor's resistance is 0: give a number, more than 0$/);
  refused({ friction: -1 }, /^the motor's friction is -1: give a number, 0 or more$/);
  refused({ supply: Number.NaN }, /supply is NaN/);
  refused({ lines: 1.5 }, /lines are 1.5: give a whole number/);
  refused({ inertia: 1e-7 }, /too quickly to be followed: give it more inertia/);
  refused({ power: 3 }, /^motor has no option "power": there are pins, lines, supply/);
  const m = boot((system) => void system.motor());
  for (const load of [-1, Number.NaN, Number.POSITIVE_INFINITY, 5000]) {
    assert.throws(() => {
      m.motor.loadTorque = load;
    }, /loadTorque is .*: give newton metres from 0 to 4294/);
  }
});

test("a register that there is not fails the task", () => {
  for (const touch of [(motor: Motor) => motor.read(2), (motor: Motor) => motor.write(7, 1)]) {
    const m = boot((system) => {
      const motor = system.motor();
      system.task("t", {}, function* () {
        yield* touch(motor);
      });
    });
    assert.throws(() => m.run(), /the motor has no register/);
  }
});

// State

test("its state is plain data: saved, put through JSON and restored at every step, the run is the same", () => {
  const ends = ({ hash, motor }: Machine) => [hash, motor.turns, motor.speed];
  const undisturbed = boot(quarterless);
  undisturbed.run();
  const m = boot(quarterless);
  let steps = 0;
  while (m.advance({ dispatches: 1 }) === "budget") {
    steps++;
    // In either order.
    for (const device of steps % 2 ? m.devices : [...m.devices].reverse()) {
      const saved = device.save();
      device.restore(JSON.parse(JSON.stringify(saved)));
      assert.equal(device.save(), saved);
    }
  }
  assert.equal(m.failures, []);
  assert.ok(steps > 300);
  assert.equal(ends(m), ends(undisturbed));
});

/** As busy, without a count that would need every edge. */
function quarterless(system: System): void {
  const motor = system.motor();
  const gpio = system.gpio();
  let served = 0;
  system.interrupt(25, {}, function* () {
    yield* gpio.write(PENDING, A | B);
    served++;
  });
  system.task("driver", {}, function* (self) {
    yield* gpio.write(RISE, A | B);
    yield* gpio.write(FALL, B);
    for (const duty of [800, 300, -700]) {
      yield* motor.write(DUTY, duty);
      yield* self.sleep(30);
    }
    assert.ok(served > 100);
  });
}

test("the same seed is the same run, with the motor as without", () => {
  for (const seed of [1, 2, 3]) {
    const [one, other] = [boot(quarterless, { seed }), boot(quarterless, { seed })];
    one.run();
    other.run();
    assert.is(one.hash, other.hash);
    assert.is(one.motor.turns, other.motor.turns);
  }
});

// Firmware

test("a firmware has the same motor, and the bench sets its load and reads its true speed", () => {
  const app = firmwareFrom(
    "motor",
    `import { GpioRegister, gpio, MotorPin, MotorRegister, motor, print, self, task } from "talea/firmware";
task("driver", {}, () => {
  motor.write(MotorRegister.DUTY, -500);
  print("{}\\n", <i32>motor.read(MotorRegister.DUTY));
  self.sleep(1000);
  print("{} {}\\n", motor.write(7, 1), motor.read(MotorRegister.LOAD));
  let changes = 0;
  let before = gpio.read(GpioRegister.IN) & (1 << MotorPin.A);
  for (const end = self.tick + 100; self.tick < end; ) {
    const now = gpio.read(GpioRegister.IN) & (1 << MotorPin.A);
    if (now != before) changes++;
    before = now;
  }
  print("{}\\n", changes);
});
`,
  );
  const m = boot(app);
  assert.is(m.motor.speed, 0);
  m.runUntil(500);
  near(m.motor.speed, -steady(0.5), 1);
  m.motor.loadTorque = 0.03;
  m.runUntil(1000);
  near(m.motor.speed, -steady(0.5, 0.03), 1);
  assert.is(m.run(), "finished");
  const [duty, second, changes] = m.output.trimEnd().split("\n") as [string, string, string];
  assert.is(duty, "-500");
  assert.is(second, "-22 30000");
  near(Number(changes), (steady(0.5, 0.03) / 600) * 256, 2);
});

test.run();
