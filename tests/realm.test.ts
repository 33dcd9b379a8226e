import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type App, AppError, boot, type Machine, type MachineOptions, type TaskBody } from "../hal/host/index.js";

const test = suite("realm");

const HOST = { random: Math.random, Date, Promise, setTimeout };
const EPOCH = Date.UTC(2000, 0, 1);

/** Every global that a run may replace, as it is now. */
function world(): unknown[] {
  const places: [object, string][] = [
    [Math, "random"],
    [performance, "now"],
    [crypto, "getRandomValues"],
    [crypto, "randomUUID"],
    ...["Date", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "Promise", "fetch"].map(
      (name) => [globalThis, name] as [object, string],
    ),
  ];
  return places.map(([target, name]) => Object.getOwnPropertyDescriptor(target, name));
}

const BEFORE = world();

function restored(): void {
  assert.equal(world(), BEFORE);
  assert.is(Date, HOST.Date);
  assert.is(Promise, HOST.Promise);
  assert.is(Math.random, HOST.random);
  assert.is(setTimeout, HOST.setTimeout);
}

/** A system of one task. */
function one(body: TaskBody): App {
  return (system) => {
    system.task("only", {}, body);
  };
}

function ended(app: App, options: MachineOptions = {}): Machine {
  const m = boot(app, options);
  m.run();
  return m;
}

// Chance

test("Math.random of tasks is the run's: the same for the same seed, after power-on too", () => {
  const numbers: number[] = [];
  const app = one(function* (self) {
    for (let i = 0; i < 20; i++) {
      numbers.push(Math.random());
      yield* self.yield();
    }
  });
  const drawn = (seed?: number) => {
    numbers.length = 0;
    ended(app, seed === undefined ? {} : { seed });
    return [...numbers];
  };
  assert.ok(drawn().every((x) => x >= 0 && x < 1));
  assert.is(new Set(drawn()).size, 20);
  assert.equal(drawn(), drawn());
  assert.equal(drawn(7), drawn(7));
  assert.is.not(drawn(7)[0], drawn(8)[0]);
  const first = drawn(7);
  numbers.length = 0;
  const m = boot(app, { seed: 7 });
  m.run();
  m.powerOn();
  m.run();
  assert.equal(numbers, [...first, ...first]);
});

test("chance in the system description and in handlers is the run's, too", () => {
  const app = (seen: number[]): App => {
    return (system) => {
      seen.push(Math.random());
      system.interrupt(1, {}, function* (irq) {
        seen.push(Math.random());
        yield* irq.compute(1);
      });
      system.task("t", {}, function* (self) {
        yield* self.raise(1);
      });
    };
  };
  const [a, b]: [number[], number[]] = [[], []];
  ended(app(a), { seed: 3 });
  ended(app(b), { seed: 3 });
  assert.equal(a, b);
  assert.is(a.length, 2);
});

// Time

test("Date and performance.now are the virtual clock: a millisecond is 16000 cycles", () => {
  ended(
    one(function* (self) {
      assert.is(Date.now(), EPOCH);
      yield* self.sleep(5);
      assert.is(Date.now(), EPOCH + 5);
      assert.is(new Date().toISOString(), "2000-01-01T00:00:00.005Z");
      assert.is(Date(), new Date(EPOCH + 5).toString());
      assert.is(performance.now(), self.cycles / 16_000);
      yield* self.compute(8000);
      assert.is(performance.now(), self.cycles / 16_000);
      assert.is(Date.now(), EPOCH + 5);
    }),
  );
});

test("a Date that is given its time is the host's", () => {
  ended(
    one(function* (self) {
      assert.is(new Date(2024, 1, 29).getDate(), 29);
      assert.is(new Date("2024-02-29T00:00:00Z").getTime(), Date.UTC(2024, 1, 29));
      assert.is(Date.parse("1970-01-01T00:00:01Z"), 1000);
      assert.ok(new Date() instanceof Date);
      yield* self.yield();
    }),
  );
});

// The host's order

test("what would let the host decide an order is an error that names it, its task and its line", () => {
  const forbidden: [name: string, use: () => unknown][] = [
    ["setTimeout", () => setTimeout(() => {}, 0)],
    ["setInterval", () => setInterval(() => {}, 0)],
    ["setImmediate", () => setImmediate(() => {})],
    ["queueMicrotask", () => queueMicrotask(() => {})],
    ["Promise", () => new Promise(() => {})],
    ["Promise", () => Promise.resolve(1)],
    ["Promise", () => Promise.all([])],
    ["fetch", () => fetch("http://localhost/")],
    ["crypto.getRandomValues", () => crypto.getRandomValues(new Uint8Array(4))],
    ["crypto.randomUUID", () => crypto.randomUUID()],
  ];
  for (const [name, use] of forbidden) {
    const m = boot(
      one(function* (self) {
        yield* self.yield();
        use();
      }),
      { onFailure: "report" },
    );
    m.run();
    const [failure] = m.failures;
    assert.is(failure?.task, "only");
    assert.ok(failure?.error instanceof AppError);
    assert.ok(failure.message.startsWith(`${name} `), failure.message);
    assert.match(failure.site?.file as string, /realm\.test\.ts$/);
    restored();
    // The same in the system description.
    assert.throws(
      () => boot(() => void use()),
      (error: unknown) => error instanceof AppError && error.message.startsWith(`${name} `),
    );
    restored();
  }
});

test("an async task, a task that yields a promise, and one that yields anything else are told what to write", () => {
  const message = (body: unknown) => {
    const m = boot(one(body as TaskBody), { onFailure: "report" });
    m.run();
    assert.ok(m.failures[0]?.error instanceof AppError);
    return m.failures[0].message;
  };
  assert.match(
    message(async () => {}),
    /task "only" is async/,
  );
  assert.match(
    message(async function* () {}),
    /task "only" is async/,
  );
  assert.match(
    message(() => {}),
    /task "only" is no generator: write function\*/,
  );
  assert.match(
    message(function* () {
      yield (async () => {})();
    }),
    /yielded a promise/,
  );
  assert.match(
    message(function* () {
      yield 5;
    }),
    /write yield\* \(with the star\)/,
  );
});

// The host gets its world back

test("outside of a run the world is the host's: between steps, after the end, after any error", () => {
  const m = boot(
    one(function* (self) {
      yield* self.sleep(1);
      yield* self.sleep(1);
    }),
  );
  restored();
  m.step();
  restored();
  m.runUntil(1);
  restored();
  m.run();
  restored();
  m.powerOn();
  restored();
  const throwing = boot(
    one(function* (self) {
      yield* self.yield();
      throw new Error("mine");
    }),
  );
  assert.throws(() => throwing.run(), /mine/);
  restored();
  assert.throws(
    () =>
      boot(() => {
        throw new Error("mine");
      }),
    /mine/,
  );
  restored();
  const watched = boot(
    one(function* (self) {
      yield* self.sleep(1);
    }),
  );
  assert.throws(
    () =>
      watched.runUntil(() => {
        throw new Error("the bench's own");
      }),
    /the bench's own/,
  );
  restored();
  assert.is(watched.run(), "finished");
  restored();
});

test("a machine that runs inside another's run leaves that one's world as it was", () => {
  const seen: number[] = [];
  const inner = one(function* (self) {
    yield* self.sleep(50);
    seen.push(Date.now());
  });
  const outer = boot(
    one(function* (self) {
      yield* self.sleep(3);
      ended(inner);
      seen.push(Date.now());
      yield* self.sleep(1);
      seen.push(Date.now());
    }),
  );
  assert.is(outer.run(), "finished");
  assert.equal(seen, [EPOCH + 50, EPOCH + 3, EPOCH + 4]);
  restored();
});

test.run();
