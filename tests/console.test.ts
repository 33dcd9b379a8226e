import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type App,
  AppError,
  boot,
  type ConsoleOptions,
  EAGAIN,
  ETIMEDOUT,
  type Machine,
  MachineError,
  type MachineOptions,
  type System,
} from "../hal/host/index.js";
import { play } from "./support.js";

const test = suite("console");

const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
/** The default rules, and 20 seeds. */
const SCHEDULES: MachineOptions[] = [{}, ...SEEDS.map((seed) => ({ seed }))];
const decoder = new TextDecoder();

/** Bytes that repeat only after 251, so that a lost or doubled one shows. */
function pattern(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => (i * 7) % 251);
}

/** Runs to the end; without the checks of play(), for the many schedules of one claim. */
function run(app: App, options: MachineOptions): Machine {
  const m = boot(app, options);
  m.run();
  return m;
}

/** What left the machine, as bytes. */
function sentBy(m: Machine): () => Uint8Array {
  const sent: number[] = [];
  m.onOutput = (bytes) => sent.push(...bytes);
  return () => Uint8Array.from(sent);
}

/** A task that writes back what it reads, `size` bytes at a time. */
function echo(options: ConsoleOptions, size = 16): (system: System) => void {
  return (system) => {
    const console = system.console(options);
    system.task("echo", {}, function* (self) {
      const view = self.buffer(size);
      for (let n = yield* console.read(view); n > 0; n = yield* console.read(view)) yield* console.write(view.slice(0, n));
    });
  };
}

// Reading

test("a read waits for a first byte, answers what has come, and 0 again and again when the input has ended", () => {
  const got: string[] = [];
  play(
    (system) => {
      const console = system.console();
      system.task("t", {}, function* (self) {
        const view = self.buffer(64);
        for (let n = yield* console.read(view); n > 0; n = yield* console.read(view)) got.push(view.text(n));
        assert.is(yield* console.read(view), 0);
        assert.is(yield* console.read(view, 0), 0);
        assert.is(yield* console.read(view, 5), 0);
      });
    },
    { input: "hello" },
  );
  assert.equal(got, ["hello"]);
});

test("an input that is empty has ended at once", () => {
  const m = play((system) => {
    const console = system.console();
    system.task("t", {}, function* (self) {
      assert.is(yield* console.read(self.buffer(8)), 0);
    });
  }).machine;
  assert.is(m.tick, 0);
});

test("a read that finds nothing answers EAGAIN with timeout 0, ETIMEDOUT after its ticks", () => {
  play(
    (system) => {
      const console = system.console({ baud: 300 });
      system.task("t", {}, function* (self) {
        const view = self.buffer(8);
        assert.is(yield* console.read(view, 0), EAGAIN);
        assert.is(yield* console.read(view, 3), ETIMEDOUT);
        assert.is(self.tick, 3);
        assert.is(yield* console.read(view), 1);
      });
    },
    { input: "x" },
  );
});

test("several readers get every byte once", () => {
  for (const schedule of SCHEDULES) {
    const input = pattern(1000);
    const got: number[] = [];
    const reader = (system: System, name: string, priority: number, size: number) => {
      const console = system.console({ baud: 500_000 });
      system.task(name, { priority }, function* (self) {
        const view = self.buffer(size);
        for (let n = yield* console.read(view); n > 0; n = yield* console.read(view)) {
          got.push(...view.bytes(n));
          yield* self.compute(100, 3000);
        }
      });
    };
    run(
      (system) => {
        reader(system, "a", 5, 7);
        reader(system, "b", 5, 30);
        reader(system, "c", 6, 1);
      },
      { input, ...schedule },
    );
    assert.equal(got.sort(), [...input].sort());
  }
});

test("a slow reader makes the sender wait, and nothing is lost", () => {
  const input = pattern(1200);
  for (const [size, inCapacity] of [
    [1, 256],
    [64, 256],
    [5, 16],
    [3, 1],
  ] as const) {
    const got: number[] = [];
    const m = play(
      (system) => {
        const console = system.console({ baud: 3_000_000, inCapacity });
        system.task("t", {}, function* (self) {
          const view = self.buffer(size);
          let reads = 0;
          for (let n = yield* console.read(view); n > 0; n = yield* console.read(view)) {
            got.push(...view.bytes(n));
            if (++reads % 10 === 0) yield* self.sleep(1);
          }
          assert.is(console.uart.overruns, 0);
        });
      },
      { input },
    ).machine;
    assert.equal(Uint8Array.from(got), input);
    assert.ok(m.tick > 1);
  }
});

test('with flow "none" the bytes that got lost and those that were read are all that came', () => {
  for (const schedule of SCHEDULES) {
    const input = pattern(5000);
    const got: number[] = [];
    let overruns = 0;
    run(
      (system) => {
        const console = system.console({ baud: 1_000_000, flow: "none" });
        system.task("t", {}, function* (self) {
          const view = self.buffer(64);
          for (let n = yield* console.read(view); n > 0; n = yield* console.read(view)) {
            got.push(...view.bytes(n));
            yield* self.sleep(2);
          }
          overruns = console.uart.overruns;
        });
      },
      { input, ...schedule },
    );
    assert.ok(overruns > 0);
    assert.is(got.length + overruns, input.length);
    // What was read is the input with gaps.
    let at = 0;
    for (const byte of got) at = input.indexOf(byte, at) + 1;
    assert.ok(at > 0);
  }
});

// Writing

test("text, bytes and views come out in order, at any capacity and baud rate", () => {
  for (const outCapacity of [1, 7, 63, 64, 65, 256]) {
    for (const baud of [300_000, 16_000_000]) {
      const bytes = pattern(200);
      const m = boot((system) => {
        const console = system.console({ outCapacity, baud });
        system.task("t", {}, function* (self) {
          assert.is(yield* console.write("grüße\n"), 8);
          assert.is(yield* console.write(bytes), bytes.length);
          const view = self.buffer(100);
          view.copy(bytes.subarray(0, 100));
          assert.is(yield* console.write(view), 100);
          assert.is(yield* console.write(""), 0);
        });
      });
      const sent = sentBy(m);
      m.run();
      assert.equal(sent(), Uint8Array.of(...new TextEncoder().encode("grüße\n"), ...bytes, ...bytes.subarray(0, 100)));
    }
  }
});

test("lines of up to 64 bytes of several tasks are never mixed", () => {
  for (const schedule of SCHEDULES) {
    const m = run((system) => {
      const console = system.console({ baud: 2_000_000 });
      for (const [i, name] of ["a", "b", "c", "d"].entries()) {
        system.task(name, { priority: 5 + (i >> 1) }, function* (self) {
          for (let line = 0; line < 20; line++) {
            const length = 1 + Math.floor(Math.random() * 60);
            yield* console.write(`${name.repeat(length)}${line % 10}\n`);
            yield* self.compute(0, 5000);
          }
        });
      }
    }, schedule);
    const lines = m.output.trimEnd().split("\n");
    for (const name of ["a", "b", "c", "d"]) {
      const own = lines.filter((line) => new RegExp(`^${name}+\\d$`).test(line));
      assert.equal(
        own.map((line) => line.at(-1)),
        Array.from({ length: 20 }, (_, i) => String(i % 10)),
      );
    }
    assert.is(lines.length, 80);
  }
});

test("a writer waits while console.out is full, and gives up at its timeout with what went in", () => {
  play((system) => {
    const console = system.console({ baud: 9600, outCapacity: 64 });
    system.task("t", {}, function* (self) {
      assert.is(yield* console.write("x".repeat(64), 0), 64);
      // 32 bytes go on into the FIFO, and as many again.
      assert.is(yield* console.write("y".repeat(500), 2), 64);
      assert.is(self.tick, 2);
      assert.is(yield* console.write("z", 0), EAGAIN);
      assert.is(yield* console.write("z", 3), ETIMEDOUT);
      assert.is(self.tick, 5);
      assert.is(yield* console.write("end"), 3);
      assert.ok(self.tick > 5);
    });
  });
});

test("the timeout of a long write holds across the wrap of the tick counter", () => {
  play(
    (system) => {
      const console = system.console({ baud: 9600 });
      system.task("t", {}, function* (self) {
        const start = self.tick;
        assert.ok((yield* console.write("x".repeat(1000), 8)) < 1000);
        assert.is((self.tick - start) | 0, 8);
      });
    },
    { firstTick: -4 },
  );
});

test("an interrupt handler writes with timeout 0", () => {
  const m = play((system) => {
    const console = system.console();
    system.interrupt(3, {}, function* () {
      assert.is(yield* console.write("from the handler\n", 0), 17);
    });
    system.task("t", {}, function* (self) {
      yield* console.write("before\n");
      yield* self.raise(3);
      yield* console.write("after\n");
    });
  }).machine;
  assert.is(m.output, "before\nfrom the handler\nafter\n");
});

test("reading and writing at once never gets stuck, wherever an interrupt cuts a driver's decision from its access", () => {
  const input = pattern(400);
  for (let offset = 0; offset < 100; offset++) {
    const m = boot(
      (system) => {
        const console = system.console({ baud: 2_000_000, outCapacity: 64 });
        system.task("echo", { priority: 9 }, function* (self) {
          const view = self.buffer(16);
          for (let n = yield* console.read(view); n > 0; n = yield* console.read(view)) {
            yield* self.compute(offset);
            yield* console.write(view.slice(0, n));
          }
        });
        system.task("writer", { priority: 8 }, function* (self) {
          for (let i = 0; i < 50; i++) {
            yield* console.write(Uint8Array.of(255, 255, 255));
            yield* self.compute(offset * 2 + 77);
          }
        });
      },
      { input },
    );
    const sent = sentBy(m);
    assert.is(m.run(), "finished");
    assert.equal(
      sent().filter((byte) => byte !== 255),
      input,
    );
    assert.is(sent().length, input.length + 150);
  }
});

test("a writer or a reader that is terminated, wherever it is, leaves a console that works", () => {
  const input = pattern(200);
  for (let cycle = 0; cycle < 6000; cycle += 37) {
    const got: number[] = [];
    const m = boot(
      (system) => {
        const console = system.console({ baud: 4_000_000, inCapacity: 16, outCapacity: 64 });
        const victims = [
          system.task("writer", { priority: 9 }, function* () {
            for (;;) yield* console.write("victim ");
          }),
          system.task("reader", { priority: 9 }, function* (self) {
            const view = self.buffer(8);
            for (let n = yield* console.read(view); n > 0; n = yield* console.read(view)) got.push(...view.bytes(n));
          }),
        ];
        system.task("killer", { priority: 10 }, function* (self) {
          for (const victim of victims) {
            yield* self.compute(cycle);
            yield* victim.terminate();
          }
          const view = self.buffer(8);
          for (let n = yield* console.read(view); n > 0; n = yield* console.read(view)) got.push(...view.bytes(n));
          for (let i = 0; i < 30; i++) yield* console.write("survivor ");
        });
      },
      { input },
    );
    assert.is(m.run(), "finished");
    assert.ok(m.output.endsWith("survivor ".repeat(30)));
    assert.equal(Uint8Array.from(got.slice(-50)), input.subarray(-50));
  }
});

// The end of the run

test("what was written and not yet sent goes out when the run ends, in whatever way", () => {
  const text = "0123456789".repeat(30);
  const ends: [name: string, body: (system: System) => void][] = [
    ["finished", () => {}],
    [
      "deadlock",
      (system) => {
        const never = system.semaphore();
        system.task("waits", {}, function* () {
          yield* never.take();
        });
      },
    ],
    [
      "failed",
      (system) => {
        system.interrupt(2, {}, function* (irq) {
          yield* irq.compute(1);
          throw new Error("handler");
        });
        system.task("raises", { priority: 1 }, function* (self) {
          yield* self.raise(2);
        });
      },
    ],
  ];
  for (const [reason, more] of ends) {
    const m = boot(
      (system) => {
        const console = system.console({ outCapacity: 400 });
        system.task("t", {}, function* () {
          yield* console.write(text);
        });
        more(system);
      },
      { onFailure: "report" },
    );
    assert.is(m.run(), reason);
    assert.is(m.output, text);
  }
});

// An open input

test('an open input stops the run with "input" where the next byte could arrive, and goes on with what is typed', () => {
  const m = boot(echo({}), { input: "open" });
  assert.is(m.run(), "input");
  assert.is(m.run(), "input");
  m.type("ab");
  assert.is(m.run(), "input");
  m.type(Uint8Array.of(99));
  m.endInput();
  assert.is(m.run(), "finished");
  assert.is(m.output, "abc");
  assert.throws(
    () => m.type("d"),
    (error: unknown) => error instanceof MachineError && error.message.includes("has ended"),
  );
});

test("bytes may be typed before anybody reads, and before the run", () => {
  const m = boot(
    (system) => {
      const console = system.console();
      system.task("t", {}, function* (self) {
        yield* self.sleep(10);
        const view = self.buffer(8);
        const n = yield* console.read(view);
        yield* console.write(view.slice(0, n));
      });
    },
    { input: "open" },
  );
  m.type("a");
  assert.is(m.runUntil(5), "until");
  m.type("b");
  m.endInput();
  m.run();
  assert.is(m.output, "ab");
});

test("a run that ends before the next byte could arrive does not wait for an input that is still open", () => {
  for (let cycles = 0; cycles < 500; cycles += 25) {
    const m = boot(
      (system) => {
        const console = system.console();
        system.task("t", {}, function* (self) {
          const view = self.buffer(8);
          yield* console.read(view);
          yield* self.compute(cycles);
        });
      },
      { input: "open" },
    );
    m.type("x".repeat(32));
    assert.is(m.run(), "finished");
  }
});

test("tasks that wait for each other are in deadlock though the input is open; one that waits for input is not", () => {
  const dead = boot(
    (system) => {
      const never = system.semaphore();
      system.console();
      system.task("t", {}, function* () {
        yield* never.take();
      });
    },
    { input: "open" },
  );
  assert.is(dead.run(), "deadlock");
  const paced = boot(echo({}), { input: "open" });
  paced.input.paced = true;
  assert.is(paced.run(), "input");
  paced.type("x");
  assert.is(paced.run(), "input");
  paced.endInput();
  assert.is(paced.run(), "finished");
  assert.is(paced.output, "x");
});

/** A console with a slow reader, a task that polls the UART, and others that make every tick eventful. */
function crowd(system: System): void {
  const console = system.console({ baud: 1_000_000, inCapacity: 32 });
  const sem = system.semaphore();
  const timer = system.timer({ give: sem });
  system.task("reader", { priority: 5 }, function* (self) {
    const view = self.buffer(16);
    yield* timer.start(1, 1);
    for (let n = yield* console.read(view, 3); n !== 0; n = yield* console.read(view, 3)) {
      if (n > 0) {
        yield* self.compute(100, 900);
        yield* console.write(view.slice(0, n));
      }
      if (Math.random() < 0.1) yield* self.sleep(1);
    }
    yield* timer.stop();
  });
  system.task("ticking", { priority: 5 }, function* (self) {
    for (let i = 0; i < 20; i++) {
      yield* sem.take(2);
      yield* self.compute(3000, 20000);
    }
  });
  system.task("polling", { priority: 2 }, function* (self) {
    for (let i = 0; i < 40; i++) {
      yield* console.uart.read(4);
      yield* console.uart.read(1);
      yield* self.compute(5000);
    }
  });
}

test("a run is the same whether its input is known at once or becomes known piece by piece", () => {
  let state = 1;
  const below = (bound: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 8) % bound;
  };
  for (const schedule of SCHEDULES) {
    const input = pattern(below(800));
    const whole = boot(crowd, { input, ...schedule });
    whole.run();
    for (const most of [1, 40, 2000]) {
      const m = boot(crowd, { input: "open", ...schedule });
      for (let at = 0; m.run() === "input"; ) {
        const end = Math.min(input.length, at + 1 + below(most));
        m.type(input.subarray(at, end));
        at = end;
        if (at === input.length) m.endInput();
      }
      assert.is(m.over, "finished");
      assert.is(m.hash, whole.hash);
      assert.is(m.output, whole.output);
    }
  }
});

test("the same input has the same hash, and one other byte another", () => {
  const hashOf = (input: Uint8Array) => {
    const m = boot(echo({}), { input });
    m.run();
    return m.hash;
  };
  const input = pattern(500);
  assert.is(hashOf(input), hashOf(input.slice()));
  for (const at of [0, 31, 250, 499]) {
    const other = input.slice();
    other[at] = (other[at] as number) ^ 1;
    assert.is.not(hashOf(input), hashOf(other));
  }
});

// Options

test("a console refuses capacities and rates that there are not", () => {
  for (const inCapacity of [0, -1, 1.5, Number.NaN]) {
    assert.throws(
      () => boot((system) => void system.console({ inCapacity })),
      (error: unknown) => error instanceof AppError && error.message.includes(`inCapacity is ${inCapacity}`),
    );
  }
  assert.throws(() => boot((system) => void system.console({ outCapacity: 0 })), /outCapacity is 0/);
  assert.throws(() => boot((system) => void system.console({ baud: 0 })), /baud is 0/);
});

test("there is one console: the first options count", () => {
  play((system) => {
    const console = system.console({ inCapacity: 17 });
    assert.is(system.console({ inCapacity: 99 }), console);
    assert.is(console.in.capacity, 17);
    system.task("t", {}, function* (self) {
      yield* self.yield();
    });
  });
});

test("output is text in UTF-8 as soon as its bytes are sent", () => {
  const m = boot((system) => {
    const console = system.console({ baud: 160_000 });
    system.task("t", {}, function* (self) {
      yield* console.write("é");
      yield* self.sleep(1);
      yield* console.write("!");
      yield* self.sleep(1);
    });
  });
  m.runUntil(1);
  assert.is(m.output, "é");
  const sent = sentBy(m);
  m.run();
  assert.is(m.output, "é!");
  assert.is(decoder.decode(sent()), "!");
});

test("a prompt of any length is shown before the run waits for the answer, once, and the hash does not notice", () => {
  for (const length of [1, 31, 33, 64, 65, 100, 300]) {
    const prompt = "p".repeat(length);
    const app: App = (system) => {
      const console = system.console();
      system.task("asker", { storage: 512 }, function* (self) {
        yield* console.write(prompt);
        const view = self.buffer(8);
        const count = yield* console.read(view);
        yield* console.write(view.slice(0, count));
      });
    };
    const asked = boot(app, { input: "open" });
    let shown = "";
    asked.onOutput = (bytes) => {
      shown += new TextDecoder().decode(bytes);
    };
    assert.is(asked.run(), "input");
    assert.is(shown, prompt);
    asked.type("yes");
    asked.endInput();
    assert.is(asked.run(), "finished");
    assert.is(shown, `${prompt}yes`);
    assert.is(asked.output, shown);
    const known = boot(app, { input: "yes" });
    known.run();
    assert.is(known.hash, asked.hash);
  }
});

test.run();
