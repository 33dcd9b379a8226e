import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, type Call, ETIMEDOUT, GpioRegister, type Machine, type MachineOptions, type Self, type System } from "../hal/host/index.js";
import { layout } from "../kernel/abi/host.js";
import { noting, waits } from "./probe.js";
import { finish, play } from "./support.js";

const test = suite("clock");
const TICK = 16000;
const TICK_COST = 60;
const SWITCH_COST = 80;
const PERIOD = 0;
const CONTROL = 1;
const ONCE = 3;

/** A wait of `ticks` that begins somewhere in tick `from`: its result, the tick it ended in, and how far into that tick. */
function timeout(kind: string, from: number, into: number, ticks: number, options: MachineOptions = {}): [number, number, number] {
  let ended: [number, number, number] = [0, 0, 0];
  play((system) => {
    const { wait } = (waits[kind] as (typeof waits)[string])(system);
    system.task("waiter", { priority: 9, storage: 512 }, function* (self) {
      yield* self.sleep(from);
      yield* self.compute(into);
      const result: number = yield* wait(self, ticks);
      ended = [result, self.tick, self.cycles % TICK];
    });
  }, options);
  return ended;
}

test("ERR-02a a wait of n ticks that begins anywhere in tick t ends at the start of tick t + n", () => {
  for (const kind of Object.keys(waits)) {
    for (const into of [0, 7000, 15000]) {
      for (const ticks of [1, 2, 5]) {
        const [result, tick, late] = timeout(kind, 3, into, ticks);
        const what = `${kind}, ${into} cycles into tick 3, ${ticks} ticks`;
        assert.is(result, kind === "sleep" ? 0 : ETIMEDOUT, what);
        assert.is(tick, 3 + ticks, what);
        assert.ok(late < 1000, `${what}: ${late} cycles late`);
      }
    }
  }
});

test("ERR-02b the clock may wrap during the wait", () => {
  for (const kind of Object.keys(waits)) {
    const [result, tick, late] = timeout(kind, 1, 100, 5, { firstTick: 0xfffffffc });
    assert.is(result, kind === "sleep" ? 0 : ETIMEDOUT, kind);
    assert.is(tick, 2, kind);
    assert.ok(late < 1000, kind);
  }
});

/** What a giver hands over, how the waiter takes it, and how much of it is left when it was not taken. */
interface Thing {
  cost: number;
  take(self: Self, ticks: number): Call<number>;
  give(view: { copy(from: string): number }): Call<number>;
  left(): number;
}

const things: Record<string, (system: System) => Thing> = {
  unit: (system) => {
    const sem = system.semaphore();
    return { cost: 40, take: (_self, ticks) => sem.take(ticks), give: () => sem.give(), left: () => sem.count };
  },
  flag: (system) => {
    const event = system.event();
    const take = (_self: Self, ticks: number) => event.wait(1, { clear: true }, ticks);
    return { cost: 50, take, give: () => event.set(1), left: () => event.bits };
  },
  byte: (system) => {
    const pipe = system.pipe({ public: "both" });
    return { cost: 60, take: (self, ticks) => pipe.read(self.buffer(1), ticks), give: () => pipe.write("x", 0), left: () => pipe.used };
  },
  message: (system) => {
    const queue = system.queue({ count: 1, size: 1, public: "both" });
    const take = (self: Self, ticks: number) => queue.receive(self.buffer(1), ticks);
    return { cost: 60, take, give: () => queue.send("x", {}, 0), left: () => queue.used };
  },
  "thread flag": () => {
    const waiter = new Waiter();
    const take = (self: Self, ticks: number) => waiter.is(self).waitFlags(1, { clear: true }, ticks);
    return { cost: 40, take, give: () => waiter.self.setFlags(1), left: () => waiter.word(layout.Task.threadFlags) };
  },
  notification: () => {
    const waiter = new Waiter();
    const take = (self: Self, ticks: number) => waiter.is(self).waitNotification(ticks);
    return { cost: 40, take, give: () => waiter.self.notify(1), left: () => waiter.word(layout.Task.note) };
  },
};

/** The task that waits, once it is known. */
class Waiter {
  #self: Self | undefined;

  is(self: Self): Self {
    this.#self = self;
    return self;
  }

  get self(): Self {
    return this.#self as Self;
  }

  /** A word of its record. */
  word(offset: number): number {
    const { machine, handle } = this.self;
    return machine.u32[(machine.taskRecord(handle & 0xff) + offset) >> 2] as number;
  }
}

/** Who gives, so that the gift happens at (task) or is set off at (device) this very cycle. */
const givers: Record<string, (system: System, thing: Thing, cycle: number) => void> = {
  "a task": (system, thing, cycle) => {
    system.task("giver", { priority: 5 }, function* (self) {
      yield* self.sleep(3);
      yield* self.compute(cycle - thing.cost - self.cycles);
      yield* thing.give(self.buffer(1));
    });
  },
  "a hardware timer's handler": (system, thing, cycle) => {
    const timer = system.hardwareTimer();
    system.interrupt(timer.line, {}, function* (irq) {
      yield* thing.give(irq.buffer(1));
    });
    system.task("setup", { priority: 5 }, function* (self) {
      yield* timer.write(PERIOD, cycle - (self.cycles + 16));
      yield* timer.write(CONTROL, ONCE);
    });
  },
  "a pin's handler": (system, thing, cycle) => {
    const gpio = system.gpio();
    gpio.drive(3, true, cycle);
    system.interrupt(gpio.line, {}, function* (irq) {
      yield* thing.give(irq.buffer(1));
    });
    system.task("setup", { priority: 5 }, function* () {
      yield* gpio.write(GpioRegister.RISE, 8);
    });
  },
};

/** The gift and the timeout of a waiter meet: "taken" when the waiter got it, "left" when it timed out and the gift is still there. */
function meeting(thing: string, giver: string, delta: number, options: MachineOptions = {}): string {
  let outcome = "nothing";
  play((system) => {
    const made = (things[thing] as (system: System) => Thing)(system);
    let result = 0;
    system.task("waiter", { priority: 9 }, function* (self) {
      result = yield* made.take(self, 4);
      yield* self.sleepUntil(20);
    });
    (givers[giver] as (system: System, thing: Thing, cycle: number) => void)(system, made, 4 * TICK + delta);
    system.task("judge", { priority: 1 }, function* (self) {
      yield* self.sleep(8);
      const left = made.left();
      if (result >= 0 && left === 0) outcome = "taken";
      else if (result === ETIMEDOUT && left === 1) outcome = "left";
      else outcome = `result ${result}, ${left} left`;
    });
  }, options);
  return outcome;
}

/** The outcomes one cycle before, at, and one cycle after the instant of the timeout. */
function meetings(giver: string): string[] {
  return Object.keys(things).flatMap((thing) => [-1, 0, 1].map((delta) => meeting(thing, giver, delta)));
}

test("ERR-03e what a device's handler gives at the instant of expiry, or before, is taken", () => {
  const each = ["taken", "taken", "left"];
  const all = Object.keys(things).flatMap(() => each);
  assert.equal(meetings("a hardware timer's handler"), all);
  assert.equal(meetings("a pin's handler"), all);
});

test("ERR-03f ERR-03g what a task gives at the instant of expiry, or anyone later, finds the waiter gone", () => {
  const each = ["taken", "left", "left"];
  assert.equal(
    meetings("a task"),
    Object.keys(things).flatMap(() => each),
  );
});

test("ERR-03h under every oracle a gift is either taken or left, never lost or doubled, and both happen", () => {
  for (const giver of Object.keys(givers)) {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      for (const thing of Object.keys(things)) seen.add(meeting(thing, giver, 0, { seed }));
    }
    const expected = giver === "a task" ? ["left"] : ["left", "taken"];
    assert.equal([...seen].sort(), expected, giver);
  }
});

test("ERR-03a device events and all their handlers come before the timers of the same instant", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    const timer = system.timer({ give: sem });
    const gpio = system.gpio();
    gpio.drive(0, true, 2 * TICK);
    const look = (where: string, tick: number) => log.push(`${where}: tick ${tick}, ${sem.count} units`);
    system.interrupt(gpio.line, { priority: 9 }, function* (irq) {
      look("outer", irq.tick);
      yield* irq.raise(1);
      yield* irq.raise(2);
      look("outer ends", irq.tick);
    });
    system.interrupt(1, { priority: 10 }, function* (irq) {
      look("inner", irq.tick);
      yield* irq.compute(500);
    });
    system.interrupt(2, { priority: 1 }, function* (irq) {
      look("later", irq.tick);
      yield* irq.compute(500);
    });
    system.task("user", { priority: 9 }, function* (self) {
      yield* gpio.write(GpioRegister.RISE, 1);
      yield* timer.start(2);
      yield* self.sleep(2);
      look("task", self.tick);
    });
  });
  assert.equal(log, [
    "outer: tick 1, 0 units",
    "inner: tick 1, 0 units",
    "outer ends: tick 1, 0 units",
    "later: tick 1, 0 units",
    "task: tick 2, 1 units",
  ]);
});

test("ERR-03b timers come before the waits that expire at the same instant", () => {
  let result = 1;
  play((system) => {
    const sem = system.semaphore();
    const timer = system.timer({ give: sem });
    system.task("waiter", {}, function* () {
      yield* timer.start(3);
      result = yield* sem.take(3);
      assert.is(sem.count, 0);
    });
  });
  assert.is(result, 0);
});

test("ERR-03c waits expire before the slice ends at the same instant: the woken equal gets the CPU", () => {
  const order: string[] = [];
  const { machine } = play((system) => {
    system.task("woken", { priority: 5, slice: 0 }, function* (self) {
      yield* self.sleep(2);
      order.push(`woken at ${self.cycles}`);
    });
    system.task("running", { priority: 5, slice: 1 }, function* (self) {
      yield* self.compute(4 * TICK);
      order.push("running");
    });
  });
  assert.equal(order, [`woken at ${2 * TICK + TICK_COST + SWITCH_COST}`, "running"]);
  assert.is(machine.task("running").switches, 2);
});

test("ERR-03d the slice ends before a task's call of the same instant takes effect", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    system.task("caller", { priority: 5, slice: 1 }, function* (self) {
      yield* self.compute(TICK - 40 - self.cycles);
      yield* sem.give();
      log.push(`given at ${self.tick}`);
    });
    system.task("equal", { priority: 5, slice: 1 }, function* (self) {
      log.push(`equal at ${self.tick} sees ${sem.count}`);
      yield* self.compute(10);
    });
  });
  assert.equal(log, ["equal at 1 sees 0", "given at 1"]);
});

test("ERR-03d a call that ends one cycle before the tick takes effect before it", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    system.task("caller", { priority: 5, slice: 1 }, function* (self) {
      yield* self.compute(TICK - 41 - self.cycles);
      yield* sem.give();
      log.push(`given at ${self.tick}, cycle ${self.cycles}`);
      yield* self.compute(10);
    });
    system.task("equal", { priority: 5, slice: 1 }, noting(log, "equal"));
  });
  assert.equal(log, [`given at 0, cycle ${TICK - 1}`, "equal"]);
});

/** The events of a run without the numbers of its ticks. */
function shape(machine: Machine): string[] {
  return machine.trace.map((record) => `${record.cycles} ${record.event} ${record.task} ${record.object}`);
}

/** Boots the app with the counter at 0 and 16 ticks before its wrap, and asks for the same run. */
function acrossTheWrap(app: (system: System) => void): Machine {
  const plain = play(app);
  const wrapped = play(app, { firstTick: 0xfffffff0 });
  assert.is(plain.reason, "finished");
  assert.is(wrapped.reason, "finished");
  assert.equal(shape(wrapped.machine), shape(plain.machine));
  assert.is(wrapped.machine.tick, (plain.machine.tick + 0xfffffff0) >>> 0);
  assert.ok(plain.machine.tick > 20, "the run crosses the wrap");
  return wrapped.machine;
}

test("CLK-04a no delay and no timeout notices the wrap of the tick counter", () => {
  acrossTheWrap((system) => {
    const sem = system.semaphore();
    for (const [i, step] of [3, 5, 7, 24].entries()) {
      system.task(`sleeper ${step}`, { priority: i }, function* (self) {
        for (let slept = 0; slept < 24; slept += step) yield* self.sleep(step);
      });
    }
    system.task("waiter", {}, function* () {
      for (let i = 0; i < 4; i++) assert.is(yield* sem.take(6), ETIMEDOUT);
    });
  });
});

test("CLK-04a sleepUntil knows the past from the future across the wrap", () => {
  play(
    (system) => {
      system.task("periodic", {}, function* (self) {
        let next = self.tick;
        for (let i = 0; i < 6; i++) {
          next = (next + 5) >>> 0;
          assert.is(yield* self.sleepUntil(next), 0);
          assert.is(self.tick, next);
        }
        assert.is(self.tick, 14);
        assert.is(yield* self.sleepUntil(0xffffffff), 1);
        assert.is(yield* self.sleepUntil(13), 1);
        assert.is(yield* self.sleepUntil(14), 0);
        assert.is(self.tick, 14);
      });
    },
    { firstTick: 0xfffffff0 },
  );
});

test("CLK-04b no timer notices the wrap", () => {
  let expiries = 0;
  const machine = acrossTheWrap((system) => {
    const sem = system.semaphore();
    const periodic = system.timer({ give: sem });
    const once = system.timer({ give: sem });
    system.task("user", {}, function* (self) {
      yield* periodic.start(2, 3);
      yield* once.start(20);
      yield* self.sleep(22);
      expiries = sem.count;
      yield* periodic.stop();
    });
  });
  assert.is(expiries, 8);
  const at = machine.trace.filter((record) => record.event === "EXPIRE").map((record) => Math.round(record.cycles / TICK));
  assert.equal(at, [2, 5, 8, 11, 14, 17, 20, 20]);
});

test("CLK-04c no slice notices the wrap", () => {
  const machine = acrossTheWrap((system) => {
    for (const [name, slice] of [
      ["A", 1],
      ["B", 3],
    ] as const) {
      system.task(name, { priority: 5, slice }, function* (self) {
        yield* self.compute(12 * TICK);
      });
    }
  });
  assert.ok(machine.task("A").switches > 5);
});

test("the longest wait is not over after a while, and the tick half the counter's range away is past", () => {
  const machine = boot(
    (system) => {
      const sem = system.semaphore();
      system.task("patient", {}, function* () {
        yield* sem.take(0x7fffffff);
      });
      system.task("late", {}, function* (self) {
        yield* self.sleepUntil(0x7fffffff);
      });
      system.task("past", {}, function* (self) {
        assert.is(yield* self.sleepUntil(0x80000000), 1);
      });
    },
    { kernel: "debug" },
  );
  machine.runUntil(300);
  assert.is(machine.check(), 0);
  assert.is(machine.failures.length, 0);
  assert.equal(
    machine.tasks.map((task) => task.state),
    ["blocked", "blocked", "exited"],
  );
});

test("a tick must be longer than serving one costs, else the machine does not power on", () => {
  const app = (system: System) => {
    system.task("t", {}, function* (self) {
      yield* self.sleep(3);
    });
  };
  for (const tickCycles of [0, 1, TICK_COST, 0x10000001, -1]) assert.throws(() => boot(app, { tickCycles }), /does not power on/);
  assert.is(finish(boot(app, { tickCycles: TICK_COST + 1, kernel: "debug" })), "finished");
  assert.is(finish(boot(app, { tickCycles: 0x10000000, kernel: "debug" })), "finished");
});

test("a run that ends at a tick stops when that tick was served, whatever the counter's start", () => {
  for (const firstTick of [0, 0xfffffffd]) {
    const machine = boot(
      (system) => {
        system.task("t", {}, function* (self) {
          yield* self.sleep(100);
        });
      },
      { firstTick },
    );
    assert.is(machine.runUntil((firstTick + 7) >>> 0), "until");
    assert.is(machine.tick, (firstTick + 7) >>> 0);
    assert.is(machine.cycles, 7 * TICK + TICK_COST);
  }
});

test.run();
