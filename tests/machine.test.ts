import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type App,
  AppError,
  boot,
  ETIMEDOUT,
  GpioRegister,
  type Machine,
  MachineError,
  type MachineOptions,
  type Semaphore,
  type System,
} from "../hal/host/index.js";
import { play } from "./support.js";

const test = suite("machine");

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
const SCHEDULES: MachineOptions[] = [{}, ...SEEDS.map((seed) => ({ seed }))];

/** Something of everything: equals with slices, a pipe, a mutex, a timer, conditions, interrupts, the console, chance. */
function busy(system: System): void {
  const console = system.console({ baud: 1_000_000 });
  const gpio = system.gpio();
  const pipe = system.pipe({ name: "pipe", capacity: 16 });
  const lock = system.mutex({ name: "lock" });
  const full = system.condition({ name: "full" });
  const tick = system.semaphore({ name: "tick" });
  const timer = system.timer({ give: tick });
  let items = 0;
  for (let i = 1; i < 10; i++) gpio.drive(i, true, 7000 * i, 900);
  system.interrupt(25, {}, function* () {
    yield* gpio.write(4, yield* gpio.read(4));
    yield* tick.give();
  });
  system.task("writer", { writes: [pipe], priority: 5 }, function* (self) {
    yield* gpio.write(2, -1);
    for (let i = 0; i < 24; i++) {
      yield* pipe.write("0123456789".slice(Math.floor(Math.random() * 10)));
      yield* self.compute(1000, 9000);
      if (i % 6 === 5) yield* self.sleep(2);
    }
  });
  system.task("reader", { reads: [pipe], priority: 5 }, function* (self) {
    const view = self.buffer(8);
    for (let n = yield* pipe.read(view); n > 0; n = yield* pipe.read(view)) {
      yield* lock.lock();
      items += n;
      yield* full.signal();
      yield* lock.unlock();
      yield* console.write(view.slice(0, n));
    }
  });
  system.task("waiter", { priority: 6 }, function* (self) {
    yield* lock.lock();
    while (items < 20) yield* full.wait(lock, 3);
    yield* lock.unlock();
    yield* timer.start(1, 2);
    for (let i = 0; i < 6; i++) yield* tick.take(4);
    yield* timer.stop();
    yield* self.sleep(1);
  });
}

function ended(app: App, options: MachineOptions = {}): Machine {
  const m = boot(app, options);
  m.run();
  return m;
}

/** A message as its sender wrote it. */
function says(type: typeof AppError | typeof MachineError, part: string) {
  return (error: unknown) => error instanceof type && error.message.includes(part);
}

/** The line of this file that calls this. */
function line(): number {
  return Number(/machine\.test\.ts:(\d+)/.exec(new Error("here").stack?.split("\n")[2] ?? "")?.[1]);
}

const noop: App = (system) => {
  system.task("t", {}, function* (self) {
    yield* self.yield();
  });
};

// Boot

test("boot refuses what is no app", () => {
  assert.throws(() => boot({} as App), says(AppError, "default export"));
  assert.throws(() => boot((async () => {}) as unknown as App), says(AppError, "async"));
  assert.throws(
    () =>
      boot((system) => {
        system.task("t", {}, undefined as never);
      }),
    says(AppError, 'task "t" has no body'),
  );
});

test("what the system description throws comes out of boot", () => {
  const error = new Error("mine");
  try {
    boot(() => {
      throw error;
    });
    assert.unreachable();
  } catch (caught) {
    assert.is(caught, error);
  }
});

test("memory is any whole number of pages up to 1024 in which the kernel has room, and part of the run's identity", () => {
  for (const memory of [2, 3, 5, 1024]) {
    const m = ended(noop, { memory });
    assert.is(m.over, "finished");
    assert.is(m.u8.length, memory * 65536);
  }
  assert.is.not(ended(noop, { memory: 2 }).hash, ended(noop, { memory: 3 }).hash);
  assert.throws(() => boot(noop, { memory: 1 }), says(MachineError, "does not power on with 1 pages of memory"));
  assert.is(ended(noop, { memory: 1, kernel: "small" }).over, "finished");
  for (const memory of [0, -1, 1.5, 1025, Number.NaN, Number.POSITIVE_INFINITY, "4" as unknown as number]) {
    assert.throws(() => boot(noop, { memory }), says(MachineError, `memory is ${memory} pages`));
  }
});

test("RAM is what the kernel leaves of the memory: a task's storage that does not fit is refused", () => {
  const hungry: App = (system) => {
    system.task("t", { storage: 65_000 }, function* (self) {
      yield* self.yield();
    });
  };
  assert.throws(() => boot(hungry, { memory: 2 }), /ENOMEM/);
  assert.is(ended(hungry, { memory: 3 }).over, "finished");
});

test("a tick of a senseless length is refused", () => {
  for (const tickCycles of [0, -1, 0x10000001, Number.NaN]) {
    assert.throws(() => boot(noop, { tickCycles }), says(MachineError, "does not power on"));
  }
});

test("options that make no sense are refused by name, not rounded or ignored", () => {
  const senseless: [name: string, options: MachineOptions][] = [
    ...[1.5, Number.NaN, 2 ** 32, -(2 ** 31) - 1].map((seed) => ["seed", { seed }] as [string, MachineOptions]),
    ...[-1, 0.5, Number.NaN].map((keep) => ["keep", { keep }] as [string, MachineOptions]),
    ...[0.5, 2 ** 32].map((firstTick) => ["firstTick", { firstTick }] as [string, MachineOptions]),
    ["tickCycles", { tickCycles: 16_000.5 }],
    ["input", { input: 5 as unknown as string }],
    ["onFailure", { onFailure: "ignore" as "throw" }],
    ["kernel", { kernel: "tiny" as "small" }],
  ];
  for (const [name, options] of senseless) assert.throws(() => boot(noop, options), says(MachineError, `${name} is `));
  for (const seed of [0, -1, 2 ** 32 - 1]) assert.is(ended(noop, { seed }).over, "finished");
});

test("an app is handed what stands in args", () => {
  const seen: string[] = [];
  const app: App = (system) => {
    seen.push(...system.args);
    noop(system);
  };
  boot(app);
  assert.equal(seen, []);
  boot(app, { args: ["--ordered", "3"] });
  assert.equal(seen, ["--ordered", "3"]);
});

// Running

test("run ends when every task that is no daemon has ended, and says the same again", () => {
  const m = boot((system) => {
    system.task("daemon", { daemon: true }, function* (self) {
      for (;;) yield* self.sleep(1);
    });
    system.task("t", {}, function* (self) {
      yield* self.sleep(3);
    });
  });
  assert.is(m.over, undefined);
  assert.is(m.run(), "finished");
  assert.is(m.tick, 3);
  assert.is(m.over, "finished");
  assert.is(m.run(), "finished");
  assert.is(m.step(), "finished");
  assert.is(m.runUntil(99), "finished");
  assert.is(m.tick, 3);
});

test("a system without tasks has finished", () => {
  assert.is(ended(() => {}).over, "finished");
});

test("runUntil stops when the tick was served and before the tasks that it woke run", () => {
  const woken: number[] = [];
  const m = boot((system) => {
    system.task("t", {}, function* (self) {
      for (let i = 0; i < 6; i++) {
        yield* self.sleep(1);
        woken.push(self.tick);
      }
    });
  });
  assert.is(m.runUntil(3), "until");
  assert.is(m.tick, 3);
  assert.equal(woken, [1, 2]);
  assert.is(m.runUntil(3), "until");
  assert.is(m.runUntil(1), "until");
  assert.is(m.tick, 3);
  assert.is(m.runUntil(100), "finished");
  assert.equal(woken, [1, 2, 3, 4, 5, 6]);
});

test("runUntil knows the order of ticks across the wrap of their counter", () => {
  const m = boot(
    (system) => {
      system.task("t", {}, function* (self) {
        yield* self.sleep(9);
      });
    },
    { firstTick: -3 },
  );
  assert.is(m.runUntil(2), "until");
  assert.is(m.tick, 2);
});

test("runUntil stops where a predicate holds", () => {
  let sem: Semaphore | undefined;
  const m = boot((system) => {
    const counted = system.semaphore();
    sem = counted;
    system.task("t", {}, function* (self) {
      for (let i = 0; i < 10; i++) {
        yield* counted.give();
        yield* self.sleep(1);
      }
    });
  });
  assert.is(
    m.runUntil(() => sem?.count === 4),
    "until",
  );
  assert.is(m.tick, 3);
  assert.is(
    m.runUntil(() => false),
    "finished",
  );
});

test("runUntil gives a predicate time up to a tick: late says that it did not hold, though nobody can run any more", () => {
  const app = (system: System) => {
    const never = system.semaphore();
    system.task("sleeper", {}, function* (self) {
      yield* self.sleep(10);
      yield* never.take();
    });
  };
  const blocked = (m: Machine) => m.task("sleeper").state === "blocked" && m.tick >= 10;
  const m = boot(app);
  assert.is(m.runUntil(blocked, 9), "late");
  assert.is(m.tick, 9);
  assert.is(m.runUntil(blocked, 20), "until");
  assert.is(m.tick, 10);
  assert.is(
    m.runUntil(() => false, 500),
    "late",
  );
  assert.is(m.tick, 500);
  assert.is(m.run(), "deadlock");
  assert.is(
    m.runUntil(() => false, 600),
    "deadlock",
  );
});

test("a handler that leaves no time for ticks does not keep runUntil from its end", () => {
  const m = boot((system) => {
    system.interrupt(3, {}, function* (irq) {
      yield* irq.raise(3);
    });
    system.task("starts", {}, function* (self) {
      yield* self.sleep(2);
      yield* self.raise(3);
    });
  });
  assert.is(
    m.runUntil(() => false, 10),
    "late",
  );
  assert.is(m.tick, 2);
});

test("runUntilOutput waits for text or a match, also for what leaves at the very end, and sees what is there already", () => {
  const app = (system: System) => {
    const console = system.console({ baud: 9600 });
    system.task("talker", {}, function* (self) {
      for (const word of ["one ", "two ", "three"]) {
        yield* console.write(word);
        yield* self.sleep(10);
      }
    });
  };
  for (const options of SCHEDULES) {
    const m = boot(app, options);
    assert.is(m.runUntilOutput("two"), "until");
    assert.is(m.output.slice(0, 7), "one two");
    assert.is(m.runUntilOutput("one"), "until");
    assert.is(m.runUntilOutput(/thr/g, 11), "late");
    assert.is(m.runUntilOutput(/t\w+ee$/g), "until");
    assert.is(m.runUntilOutput("four"), "finished");
  }
});

/** Turns pin 2 on for a moment at tick 5, for good at tick 9, and says how long pin 1 is driven high. */
function pins(system: System): void {
  const gpio = system.gpio();
  const console = system.console();
  const edge = system.semaphore();
  system.interrupt(25, {}, function* () {
    yield* gpio.write(GpioRegister.PENDING, 2);
    yield* edge.give();
  });
  system.task("lamp", { priority: 5 }, function* (self) {
    yield* self.sleepUntil(5);
    yield* gpio.write(GpioRegister.OUT, 4);
    yield* gpio.write(GpioRegister.OUT, 0);
    yield* self.sleepUntil(9);
    yield* gpio.write(GpioRegister.OUT, 0x80000004);
  });
  system.task("reader", { priority: 6 }, function* (self) {
    yield* gpio.write(GpioRegister.RISE, 2);
    yield* gpio.write(GpioRegister.FALL, 2);
    yield* edge.take();
    const from = self.cycles;
    yield* edge.take();
    yield* console.write(`${Math.round((self.cycles - from) / 160)}\n`);
  });
}

test("drive puts a level on a pin now, at a tick or at a cycle, and a task reads it", () => {
  const ways: ((m: Machine) => void)[] = [
    (m) => {
      m.drive(1, true, { tick: 20 });
      m.drive(1, false, { tick: 25 });
    },
    (m) => {
      m.drive(1, false, { cycle: 25 * 16_000 });
      m.drive(1, true, { cycle: 20 * 16_000 });
    },
    (m) => {
      m.runUntil(20);
      m.drive(1, true);
      m.runUntil(25);
      m.drive(1, false);
    },
  ];
  for (const way of ways) {
    for (const options of [{}, { firstTick: 0xfffffff8 }]) {
      const m = boot(pins, options);
      if (options.firstTick === undefined) way(m);
      else {
        m.drive(1, true, { tick: 12 });
        m.drive(1, false, { tick: 17 });
      }
      m.run();
      assert.is(m.output, "500\n");
    }
  }
  const windows = SEEDS.map((seed) => {
    const m = boot(pins, { seed });
    m.drive(1, true, { tick: 20, window: 1000 });
    m.drive(1, false, { tick: 25, window: 1000 });
    m.run();
    return Number(m.output);
  });
  assert.ok(new Set(windows).size > 3 && windows.every((width) => Math.abs(width - 500) <= 7), windows.join());
});

test("runUntilLevel waits for an output, also for one that was there for a moment only; changes has them all", () => {
  for (const options of SCHEDULES) {
    const m = boot(pins, options);
    assert.is(m.level(2), false);
    assert.is(m.runUntilLevel(2, true, 4), "late");
    assert.is(m.runUntilLevel(2, true, 50), "until");
    assert.is(m.tick, 5);
    assert.is(m.runUntilLevel(31, true, 50), "until");
    assert.is(m.tick, 9);
    assert.is(m.level(2), true);
    assert.is(m.runUntilLevel(2, true), "until");
    assert.is(m.runUntilLevel(2, false, 60), "late");
    assert.equal(
      m.changes(2).map(({ level, tick }) => [level, tick]),
      [
        [true, 5],
        [false, 5],
        [true, 9],
      ],
    );
    assert.is(m.changes().length, 4);
    const [on, off] = m.changes(2).map(({ cycle }) => cycle) as [number, number];
    assert.ok(on >= 5 * 16_000 && off > on && off < on + 1000);
  }
});

test("looking at pins changes nothing, also before anybody else does; who asks for a device first does not matter", () => {
  const plain = boot(pins);
  plain.drive(1, true, { tick: 20 });
  plain.drive(1, false, { tick: 25 });
  plain.run();
  const timed = (first: "timer" | "gpio") => (system: System) => {
    if (first === "timer") system.hardwareTimer();
    pins(system);
    system.hardwareTimer();
  };
  for (const app of [pins, timed("timer"), timed("gpio")]) {
    const m = boot(app);
    void [m.motor.speed, m.level(7), m.changes()];
    m.drive(1, true, { tick: 20 });
    m.drive(1, false, { tick: 25 });
    while (m.advance({ dispatches: 1 }) === "budget") void [m.level(2), m.changes(), m.motor.turns];
    assert.is(m.hash, plain.hash);
  }
  const bare = boot((system) => {
    system.task("t", {}, function* (self) {
      yield* self.sleep(3);
    });
  });
  assert.is(bare.level(3), false);
  assert.is(bare.runUntilLevel(3, true, 2), "late");
  assert.equal(bare.changes(3), []);
  assert.is(bare.devices.length, 0);
});

test("a pin or a time that there is not is refused, and so is one after the end", () => {
  const m = boot(pins);
  for (const pin of [-1, 32, 0.5]) {
    assert.throws(() => m.drive(pin, true), /pin is .*: give 0 to 31/);
    assert.throws(() => m.level(pin), /pin is .*: give 0 to 31/);
    assert.throws(() => m.runUntilLevel(pin, true, 5), /pin is .*: give 0 to 31/);
  }
  assert.throws(() => m.drive(1, true, { tick: 1, cycle: 2 }), /takes a tick or a cycle, and not both/);
  assert.throws(() => m.drive(1, true, { tick: 1.5 }), /tick is 1.5: give a whole number/);
  m.run();
  assert.throws(() => m.drive(1, true), /the run is over \(deadlock\)/);
});

test("stop ends a run at the next step, and it can go on", () => {
  const m = boot(busy);
  m.onOutput = () => m.stop();
  assert.is(m.run(), "stopped");
  const { cycles } = m;
  m.onOutput = undefined;
  assert.is(m.run(), "finished");
  assert.ok(m.cycles > cycles);
  assert.is(m.hash, ended(busy).hash);
});

test("TRC-03b TRC-03c stepped, stopped, watched or not: the same run under every schedule", () => {
  for (const schedule of SCHEDULES) {
    const whole = ended(busy, schedule);
    const stepped = boot(busy, schedule);
    let steps = 0;
    while (stepped.step() === "budget") steps++;
    assert.ok(steps > 80);
    const watched = boot(busy, schedule);
    for (let tick = 0; watched.runUntil(tick) === "until"; tick++) {
      watched.report();
      for (let i = 0; i < 64; i++) watched.siteOfTask(i);
      assert.ok(watched.trace.length > 0);
    }
    for (const m of [stepped, watched]) {
      assert.is(m.hash, whole.hash);
      assert.is(m.cycles, whole.cycles);
      assert.is(m.output, whole.output);
      assert.equal(m.trace, whole.trace);
    }
  }
});

test("TRC-03a TRC-02c with or without trace and hash, release or debug kernel: the same schedule", () => {
  for (const schedule of SCHEDULES) {
    const whole = ended(busy, schedule);
    for (const options of [{ trace: false }, { hash: false }, { trace: false, hash: false }, { keep: 5 }, { kernel: "debug" as const }]) {
      const m = ended(busy, { ...schedule, ...options });
      assert.is(m.cycles, whole.cycles);
      assert.is(m.output, whole.output);
      assert.equal(
        m.tasks.map((task) => task.switches),
        whole.tasks.map((task) => task.switches),
      );
      if (m.hash !== undefined && options.trace !== false) assert.is(m.hash, whole.hash);
    }
  }
});

test("TRC-02b machines that run in turns in one process do not disturb each other", () => {
  const machines = SCHEDULES.map((schedule) => boot(busy, schedule));
  const running = new Set(machines);
  while (running.size > 0) {
    for (const m of running) if (m.step() !== "budget") running.delete(m);
  }
  for (const [i, m] of machines.entries()) assert.is(m.hash, ended(busy, SCHEDULES[i]).hash);
});

// Trace

test("a run without a hash says so, and without a trace has no records", () => {
  assert.is(ended(busy, { hash: false }).hash, undefined);
  assert.equal(ended(busy, { trace: false }).trace, []);
  assert.match(ended(busy).hash as string, /^[0-9A-F]{16}$/);
});

test("the trace answers the last records that are to be kept, and a listener is told of all", () => {
  const whole = ended(busy);
  const all = whole.trace;
  const m = boot(busy, { keep: 7 });
  let told = 0;
  m.onRecord = () => {
    told++;
  };
  m.run();
  assert.equal(m.trace, all.slice(-m.trace.length));
  assert.ok(m.trace.length > 0 && m.trace.length <= 7);
  assert.is(told, m.events);
  assert.is(m.events, whole.events);
  assert.ok(m.events >= all.length);
});

// Outside

test("raise serves a line now, before the tasks go on", () => {
  const log: string[] = [];
  const m = boot((system) => {
    system.interrupt(4, {}, function* (irq) {
      log.push(`handler at ${irq.tick}`);
      yield* irq.compute(10);
    });
    system.task("t", {}, function* (self) {
      yield* self.sleep(5);
      log.push("task");
    });
  });
  m.raise(4);
  m.runUntil(5);
  m.raise(4);
  m.raise(4);
  m.run();
  assert.equal(log, ["handler at 0", "handler at 5", "task"]);
});

test("raising a line that nobody serves does nothing, one that there is not is refused", () => {
  const m = boot(noop);
  m.raise(31);
  assert.is(m.run(), "finished");
  for (const number of [-1, 32, 1000]) assert.throws(() => m.raise(number), says(MachineError, `no interrupt line ${number}`));
});

test("calls are refused where nobody runs", () => {
  let sem: Semaphore | undefined;
  const m = boot((system) => {
    sem = system.semaphore();
    noop(system);
  });
  assert.throws(() => sem?.give(), says(AppError, "nobody runs"));
  m.run();
  assert.throws(() => sem?.give(), says(AppError, "nobody runs"));
});

test("a handler's buffer is not overwritten by what it writes", () => {
  play((system) => {
    const pipe = system.pipe({ name: "p", capacity: 64, public: "both" });
    system.interrupt(4, {}, function* (irq) {
      const own = irq.buffer(8);
      own.copy("keep me!");
      yield* pipe.write("something else", 0);
      assert.is(own.text(), "keep me!");
    });
    system.task("t", {}, function* (self) {
      yield* self.raise(4);
      yield* self.raise(4);
    });
  });
});

// Tasks

test("task(name) tells how a task fares, through all its life", () => {
  const m = boot((system) => {
    const sem = system.semaphore({ name: "sem" });
    const victim = system.task("victim", { priority: 3 }, function* () {
      yield* sem.take();
    });
    const held = system.task("held", { priority: 2, daemon: true }, function* (self) {
      yield* self.yield();
    });
    system.task("t", { priority: 4 }, function* (self) {
      yield* held.suspend();
      yield* self.sleep(2);
      yield* victim.terminate();
      yield* self.exit(7);
    });
  });
  assert.is(m.task("t").state, "ready");
  m.step();
  m.runUntil(1);
  assert.is(m.task("t").state, "blocked");
  assert.is(m.task("victim").state, "blocked");
  assert.is(m.task("held").state, "suspended");
  m.run();
  assert.equal(
    m.tasks.map(({ name, state, status, priority, daemon }) => ({ name, state, status, priority, daemon })),
    [
      { name: "victim", state: "terminated", status: -1, priority: 3, daemon: false },
      { name: "held", state: "suspended", status: undefined, priority: 2, daemon: true },
      { name: "t", state: "exited", status: 7, priority: 4, daemon: false },
    ],
  );
  assert.ok(m.task("t").cycles > 0);
  assert.is(m.task("t").switches, 2);
});

test("of several tasks with one name, task(name) means the last; an unknown name is refused with those that there are", () => {
  const m = ended((system) => {
    system.task("parent", {}, function* (self) {
      for (const status of [1, 2]) {
        const child = yield* self.create.task("child", {}, function* (own) {
          yield* own.exit(status);
        });
        yield* child.join();
      }
    });
  });
  assert.is(m.task("child").status, 2);
  assert.is(m.tasks.length, 3);
  assert.throws(() => m.task("nobody"), says(MachineError, "parent, child, child"));
});

// Failures

test("a task that throws ends alone; run throws that error when all is over", () => {
  const error = new Error("mine");
  const log: string[] = [];
  const app: App = (system) => {
    system.task("bad", { priority: 9 }, function* (self) {
      yield* self.yield();
      throw error;
    });
    system.task("good", {}, function* (self) {
      yield* self.sleep(2);
      log.push("good");
    });
  };
  const m = boot(app);
  try {
    m.run();
    assert.unreachable();
  } catch (caught) {
    assert.is(caught, error);
  }
  assert.equal(log, ["good"]);
  assert.is(m.over, "finished");
  assert.is(m.task("bad").state, "failed");
});

test('with onFailure "report" run does not throw; what failed is told with message, file and line', () => {
  let at = 0;
  const m = boot(
    (system) => {
      system.task("bad", { priority: 9 }, function* (self) {
        yield* self.yield();
        at = line() + 1;
        throw new TypeError("mine");
      });
      system.task("worse", {}, function* (self) {
        yield* self.yield();
        throw "a string";
      });
    },
    { onFailure: "report" },
  );
  assert.is(m.run(), "finished");
  const [bad, worse] = m.report().failures;
  assert.is(bad?.task, "bad");
  assert.is(bad?.message, "mine");
  assert.ok(bad?.error instanceof TypeError);
  assert.match(bad?.site?.file as string, /machine\.test\.ts$/);
  assert.is(bad?.site?.line, at);
  assert.is(worse?.task, "worse");
  assert.is(worse?.message, "a string");
  assert.is(m.failures.length, 2);
});

test("an interrupt handler that throws ends the run, with its line", () => {
  const app: App = (system) => {
    system.interrupt(6, {}, function* (irq) {
      yield* irq.compute(1);
      throw new Error("in the handler");
    });
    system.task("t", {}, function* (self) {
      yield* self.raise(6);
      yield* self.sleep(100);
    });
  };
  assert.throws(() => boot(app).run(), /in the handler/);
  const m = boot(app, { onFailure: "report" });
  assert.is(m.run(), "failed");
  assert.is(m.failures[0]?.task, "the handler of line 6");
  assert.match(m.failures[0]?.site?.file as string, /machine\.test\.ts$/);
  assert.is(m.tick, 0);
});

test("a forgotten yield* is an error that names the call", () => {
  const app = (forget: (sem: Semaphore) => void): App => {
    return (system) => {
      const sem = system.semaphore();
      system.task("t", {}, function* (self) {
        forget(sem);
        yield* self.yield();
      });
    };
  };
  assert.throws(() => boot(app((sem) => void sem.give())).run(), says(AppError, "semaphore.give() was never taken"));
  assert.throws(
    () =>
      boot((system) => {
        const sem = system.semaphore();
        system.task("t", {}, function* () {
          yield* sem.give();
          sem.give();
        });
      }).run(),
    says(AppError, "semaphore.give() was never taken"),
  );
});

// Report

test("TSK-16a the cycles of tasks, handlers, kernel and idle time are all the cycles there were", () => {
  for (const schedule of SCHEDULES) {
    const report = ended(busy, schedule).report();
    const tasks = report.tasks.reduce((sum, task) => sum + task.cycles, 0);
    assert.is(tasks + report.interrupts + report.kernel + report.idle, report.cycles);
    assert.ok(report.idle > 0 && report.interrupts > 0 && report.kernel > 0);
  }
});

test("a deadlock is explained: who waits, in which call, for what, who could end it, and where", () => {
  const lines: Record<string, number> = {};
  const { machine, reason } = play(
    (system) => {
      const a = system.mutex({ name: "a" });
      const b = system.mutex({ name: "b" });
      const pipe = system.pipe({ name: "pipe" });
      const lock = system.rwlock({ name: "lock" });
      const sem = system.semaphore({ name: "sem" });
      const first = system.task("first", { priority: 5, reads: [pipe] }, function* (self) {
        yield* a.lock();
        yield* self.sleep(1);
        lines.first = line() + 1;
        yield* b.lock();
      });
      system.task("second", { priority: 5, writes: [pipe] }, function* (self) {
        yield* b.lock();
        yield* lock.read();
        yield* self.sleep(1);
        lines.second = line() + 1;
        yield* a.lock();
      });
      system.task("joins", { priority: 4 }, function* () {
        lines.joins = line() + 1;
        yield* first.join();
      });
      system.task("reads", { priority: 4, reads: [pipe] }, function* (self) {
        lines.reads = line() + 1;
        yield* pipe.read(self.buffer(4));
      });
      system.task("takes", { priority: 4 }, function* () {
        lines.takes = line() + 1;
        yield* sem.take();
      });
      system.task("writes", { priority: 4 }, function* () {
        lines.writes = line() + 1;
        yield* lock.write();
      });
      system.task("daemon", { priority: 4, daemon: true }, function* () {
        lines.daemon = line() + 1;
        yield* sem.take();
      });
    },
    {},
    "deadlock",
  );
  assert.is(reason, "deadlock");
  const { blocked, cycle, left } = machine.report();
  assert.equal(
    blocked.map(({ task, call, object, holders, daemon }) => [task, call, object, holders.join(), daemon]),
    [
      ["first", "mutex_lock", "b", "second", false],
      ["second", "mutex_lock", "a", "first", false],
      ["joins", "task_join", "first", "first", false],
      ["reads", "pipe_read", "pipe", "second", false],
      ["takes", "sem_take", "sem", "", false],
      ["writes", "rwlock_write", "lock", "second", false],
      ["daemon", "sem_take", "sem", "", true],
    ],
  );
  for (const { task, site } of blocked) {
    assert.match(site?.file as string, /machine\.test\.ts$/);
    assert.is(site?.line, lines[task]);
  }
  assert.equal(cycle, ["first", "second"]);
  assert.equal(left.sort(), [
    "a is locked by first",
    "b is locked by second",
    "lock is held by second",
    "pipe is open by first, reads, second",
  ]);
});

test("a wait that times out is no deadlock, and the report tells until when it lasts", () => {
  const m = boot((system) => {
    const sem = system.semaphore({ name: "sem" });
    system.task("t", {}, function* () {
      assert.is(yield* sem.take(10), ETIMEDOUT);
    });
    system.task("sleeps", {}, function* (self) {
      yield* self.sleep(20);
    });
  });
  m.runUntil(4);
  const waits = m.report().blocked;
  assert.equal(
    waits.map(({ task, call, object, deadline }) => [task, call, object, deadline]),
    [
      ["t", "sem_take", "sem", 10],
      ["sleeps", "task_sleep", "", 20],
    ],
  );
  assert.equal(m.report().cycle, []);
  assert.is(m.report().reason, undefined);
  assert.is(m.run(), "finished");
});

// Power-on

test("power-on restores everything: memory, time, output, failures, names, and the run that follows is the same", () => {
  const failing: App = (system) => {
    busy(system);
    system.task("bad", {}, function* (self) {
      yield* self.sleep(2);
      throw new Error("mine");
    });
  };
  for (const schedule of SCHEDULES) {
    const options: MachineOptions = { ...schedule, onFailure: "report", input: "some input" };
    const fresh = boot(failing, options);
    const m = boot(failing, options);
    for (const stop of [0, 3, 1000]) {
      m.runUntil(stop);
      m.powerOn();
      assert.is(m.over, undefined);
      assert.is(m.cycles, 0);
      assert.is(m.output, "");
      assert.equal(m.failures, []);
      assert.equal(
        m.tasks.map(({ name, state }) => [name, state]),
        fresh.tasks.map(({ name, state }) => [name, state]),
      );
      assert.is(Buffer.compare(m.u8, fresh.u8), 0);
    }
    m.run();
    fresh.run();
    assert.is(m.hash, fresh.hash);
    assert.is(m.output, fresh.output);
    assert.equal(m.trace, fresh.trace);
  }
});

test("an app's state is inside its function, so that power-on makes it anew", () => {
  let described = 0;
  const m = boot((system) => {
    described++;
    const console = system.console();
    let count = 0;
    system.task("t", {}, function* () {
      count++;
      yield* console.write(`${count}`);
    });
  });
  m.run();
  m.powerOn();
  m.run();
  assert.is(m.output, "1");
  assert.is(described, 2);
});

test("after a failed power-on in the description the machine can be powered on again", () => {
  let broken = false;
  const m = boot((system) => {
    noop(system);
    if (broken) throw new Error("broken description");
  });
  broken = true;
  assert.throws(() => m.powerOn(), /broken description/);
  broken = false;
  m.powerOn();
  assert.is(m.run(), "finished");
  assert.is(m.hash, ended(noop).hash);
});

test("check asks the debug kernel, and says so to others", () => {
  assert.throws(() => boot(noop).check(), says(MachineError, 'kernel: "debug"'));
  const m = boot(noop, { kernel: "debug" });
  assert.is(m.check(), 0);
  m.run();
  assert.is(m.check(), 0);
});

test.run();
