/** Options that would be taken silently and mean something else, or nothing: each is refused, in a sentence that says what to give. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AppError, boot, bootNetwork, network, type System, TaleaError } from "../hal/host/index.js";

const test = suite("option");

const task = (system: System) => system.task("t", {}, function* () {});

/** The sentence with which a description is refused. */
function refused(describe: (system: System) => unknown): string {
  try {
    boot((system) => {
      describe(system);
      task(system);
    });
  } catch (error) {
    assert.instance(error, TaleaError);
    return (error as Error).message;
  }
  return "";
}

/** Any value of any type, where only numbers fit. */
// biome-ignore lint/suspicious/noExplicitAny: apps run without being type-checked
const any = (value: unknown): any => value;

/** Where a negative number means something. */
const ANY = ['task "x": argument'];

const makers: Record<string, (system: System, value: ReturnType<typeof any>) => unknown> = {
  "a pipe: capacity": (system, capacity) => system.pipe({ capacity }),
  "a queue: count": (system, count) => system.queue({ count }),
  "a queue: size": (system, size) => system.queue({ size }),
  "a pool: count": (system, count) => system.pool({ count, size: 8 }),
  "a pool: size": (system, size) => system.pool({ count: 1, size }),
  "a region: size": (system, size) => system.region({ size }),
  "a socket: receive": (system, receive) => system.socket({ receive }),
  "a socket: transmit": (system, transmit) => system.socket({ transmit }),
  "a semaphore: initial": (system, initial) => system.semaphore({ initial }),
  "a semaphore: maximum": (system, maximum) => system.semaphore({ maximum }),
  "a mutex: ceiling": (system, ceiling) => system.mutex({ ceiling }),
  "an event: bits": (system, bits) => system.event({ bits }),
  "a barrier: count": (system, count) => system.barrier(count),
  "a timer: bits": (system, bits) => system.timer({ set: system.event(), bits }),
  "a timer: signal": (system, signal) => system.timer({ signal, to: task(system) }),
  "a timer: flags": (system, flags) => system.timer({ flags, to: task(system) }),
  'task "x": storage': (system, storage) => system.task("x", { storage }, function* () {}),
  'task "x": argument': (system, argument) => system.task("x", { argument }, function* () {}),
  "an interrupt's line": (system, line) => system.interrupt(line, {}, function* () {}),
  "interrupt 3: priority": (system, priority) => system.interrupt(3, { priority }, function* () {}),
  "the number of bytes": (system, bytes) => system.alloc(bytes),
};

test("a fraction, a number given as text, and one that 32 bits do not hold are refused by name, wherever a whole number is meant", () => {
  const values: [value: unknown, said: string][] = [
    [8.5, "8.5"],
    ["8", '"8"'],
    [2 ** 32 + 8, "4294967304"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [null, "null"],
    [true, "true"],
    [8n, "8"],
  ];
  for (const [what, make] of Object.entries(makers)) {
    for (const [value, said] of values) {
      assert.is(
        refused((system) => make(system, any(value))),
        `${what} is ${said}: give a whole number of 32 bits`,
      );
    }
    // A number that is one, but too small, is refused as what it means.
    assert.ok(refused((system) => make(system, any(-1))) !== "" || ANY.includes(what), what);
  }
});

test("a line that there is not is refused by devices, too", () => {
  for (const [line, said] of [
    [-1, "-1"],
    [32, "32"],
    [2.5, "2.5"],
    ["3", '"3"'],
  ]) {
    const says = `line is ${said}: give a line from 0 to 31`;
    assert.is(
      refused((system) => system.gpio({ line: any(line) })),
      `the GPIO port: ${says}`,
    );
    assert.is(
      refused((system) => system.hardwareTimer({ line: any(line) })),
      `the hardware timer: ${says}`,
    );
  }
});

test("what is not there and must be is refused by name", () => {
  assert.is(
    refused((system) => system.barrier(any(undefined))),
    "a barrier: count is undefined: give a whole number of 32 bits",
  );
  assert.is(
    refused((system) => system.region(any({}))),
    "a region: size is undefined: give a whole number of 32 bits",
  );
  assert.is(
    refused((system) => system.pool(any({ count: 2 }))),
    "a pool: size is undefined: give a whole number of 32 bits",
  );
});

test("a switch is true or false, and a name is text", () => {
  assert.is(
    refused((system) => system.mutex({ recursive: any("no") })),
    'a mutex: recursive is "no": give true or false',
  );
  assert.is(
    refused((system) => system.mutex({ robust: any(0) })),
    "a mutex: robust is 0: give true or false",
  );
  assert.is(
    refused((system) => system.task("x", { daemon: any("false") }, function* () {})),
    'task "x": daemon is "false": give true or false',
  );
  const name = "give text of up to 15 bytes without a zero byte";
  assert.is(
    refused((system) => system.semaphore({ name: any(7) })),
    `a semaphore: its name is 7: ${name}`,
  );
  assert.is(
    refused((system) => system.pipe({ name: "a\0b" })),
    `a pipe: its name is "a\\u0000b": ${name}`,
  );
  assert.is(
    refused((system) => system.task(any(7), {}, function* () {})),
    `a task: its name is 7: ${name}`,
  );
});

test("an option that there is not is refused by name, of devices, too", () => {
  assert.match(
    refused((system) => system.gpio(any({ lines: 3 }))),
    /^the GPIO port has no option "lines": there are line$/,
  );
  assert.match(
    refused((system) => system.hardwareTimer(any({ period: 3 }))),
    /^the hardware timer has no option "period"/,
  );
  assert.match(
    refused((system) => system.console(any({ capacity: 3 }))),
    /has no option "capacity"/,
  );
});

/** The sentence with which a task fails that does this. */
function failed(body: (self: import("../hal/host/index.js").Self, system: System) => Iterable<unknown>): string {
  const machine = boot(
    (system) => {
      system.task("t", {}, function* (self) {
        yield* body(self, system) as Generator<never, void>;
      });
    },
    { onFailure: "report" },
  );
  machine.runUntil(5);
  const error = machine.failures[0]?.error;
  return error instanceof Error ? error.message : "";
}

test("ticks and cycles of a running task are whole numbers, and not negative", () => {
  const whole = "give a whole number of 32 bits";
  assert.is(
    failed((self) => self.sleep(2.5)),
    `sleep: its number of ticks is 2.5: ${whole}`,
  );
  assert.is(
    failed((self) => self.sleep(any("5"))),
    `sleep: its number of ticks is "5": ${whole}`,
  );
  assert.is(
    failed((self) => self.sleepUntil(any(undefined))),
    `sleepUntil: its tick is undefined: ${whole}`,
  );
  assert.is(
    failed((self) => self.alarm(0.1)),
    `alarm: its number of ticks is 0.1: ${whole}`,
  );
  assert.is(
    failed((self) => self.compute(0.5)),
    `compute: its number of cycles is 0.5: ${whole}`,
  );
  assert.match(
    failed((self) => self.sleep(-1)),
    /EINVAL/,
  );
  assert.match(
    failed((self) => self.compute(-1)),
    /EINVAL/,
  );
});

test("a tick to run until is a whole number from 0 on", () => {
  const machine = boot(task);
  for (const [tick, said] of [
    [-5, "-5"],
    [2.5, "2.5"],
    ["9", '"9"'],
    [2 ** 32, "4294967296"],
  ]) {
    const sentence = `the tick is ${said}: give a whole number from 0 to 4294967295`;
    assert.throws(
      () => machine.runUntil(any(tick)),
      (error: Error) => error instanceof TaleaError && error.message === sentence,
    );
    assert.throws(
      () => machine.runUntil(() => false, any(tick)),
      (error: Error) => error.message === sentence,
    );
  }
  assert.is(machine.runUntil(5), "finished");
});

test("a partition without from begins with the run, and one without until never ends; what is no time is refused", () => {
  const machines = { a: { address: "10.0.0.1", app: task }, b: { address: "10.0.0.2", app: task } };
  for (const partition of [{}, { from: 0 }, { until: 5 }]) network({ machines, partitions: [{ between: ["a", "b"], ...partition }] });
  for (const [partition, says] of [
    [{ from: "0" }, /partitions\[0\]: from is 0: give virtual milliseconds/],
    [{ from: null }, /partitions\[0\]: from is null/],
    [{ until: 0 }, /ends at 0 ms, before it begins at 0 ms/],
    [{ at: 5 }, /has no option "at"/],
  ] as const) {
    assert.throws(
      () => network({ machines, partitions: [any({ between: ["a", "b"], ...partition })] }),
      (error: Error) => error instanceof AppError && says.test(error.message),
    );
  }
});

test("a machine's own seed within a network is its schedule's, whatever the network's is", () => {
  const draws = (own: number | undefined, seed: number | undefined) => {
    const app = (system: System) => {
      const out = system.console();
      system.task("t", {}, function* () {
        yield* out.write(`${Math.floor(Math.random() * 1e9)}\n`);
      });
    };
    const machines = { a: { address: "10.0.0.1", app, ...(own === undefined ? {} : { seed: own }) }, b: { address: "10.0.0.2", app } };
    const net = bootNetwork(network({ machines }), seed === undefined ? {} : { seed });
    net.run();
    return net.output("a");
  };
  assert.is(draws(7, 1), draws(7, 2));
  assert.is.not(draws(7, 1), draws(8, 1));
  assert.is.not(draws(undefined, 1), draws(undefined, 2));
});

test.run();
