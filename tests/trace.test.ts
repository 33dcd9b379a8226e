import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  boot,
  EAGAIN,
  ETIMEDOUT,
  firstDifference,
  type Machine,
  type MachineOptions,
  type Oracle,
  type System,
  TraceReader,
  type TraceRecord,
} from "../hal/host/index.js";
import { Cause, EIDRM, ESRCH, Happening, Kind, layout, Mode, Option, Order, SocketType, State, SWITCH } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { cpuWord, noting, priorityOf, raw } from "./probe.js";
import { play } from "./support.js";

const test = suite("trace");
const TICK = 16000;

/** An app in which everything happens: equals and slices, every object, timers, interrupts, windows, tasks that come and go. */
function busy(system: System): void {
  const sem = system.semaphore({ maximum: 3 });
  const lock = system.mutex();
  const condition = system.condition();
  const event = system.event();
  const pipe = system.pipe({ capacity: 8 });
  const shared = system.rwlock();
  const hardware = system.hardwareTimer({ jitter: 900 });
  const ticker = system.timer({ give: sem });
  const flagger = system.timer({ set: event, bits: 1 });
  const caller = system.timer({
    *call(service) {
      yield* service.compute(50);
      yield* sem.give();
    },
  });
  let ready = 0;
  system.interrupt(hardware.line, { priority: 3 }, function* (irq) {
    yield* irq.compute(10, 60);
    yield* event.set(2);
    yield* irq.raise(1);
  });
  system.interrupt(1, { priority: 1 }, function* () {
    yield* sem.give();
  });
  system.task("starter", { priority: 9 }, function* (self) {
    yield* ticker.start(1, 2);
    yield* flagger.start(2, 3);
    yield* caller.start(1, 4);
    yield* hardware.write(0, 5003);
    yield* hardware.write(1, 1);
    yield* self.sleep(30);
    yield* hardware.write(1, 0);
    for (const timer of [ticker, flagger, caller]) yield* timer.stop();
  });
  for (let i = 0; i < 3; i++) {
    system.task(`equal ${i}`, { priority: 5, slice: i }, function* (self) {
      for (let n = 0; n < 8; n++) {
        yield* self.compute(1000, 9000);
        yield* lock.lock();
        ready++;
        yield* condition.signal();
        yield* self.compute(300, 900);
        yield* lock.unlock();
        if (n % 3 === i) yield* shared.write(2);
        else yield* shared.read();
        yield* self.sleep(1 + Math.floor(Math.random() * 2));
        if ((yield* raw(self.machine, "rwlock_unlock", shared.handle)) < 0) yield* self.yield();
      }
    });
  }
  system.task("consumer", { priority: 7 }, function* () {
    for (let n = 0; n < 16; n++) {
      yield* lock.lock();
      while (ready === 0) yield* condition.wait(lock, 9);
      ready--;
      yield* lock.unlock();
    }
  });
  system.task("writer", { priority: 4, writes: [pipe] }, function* (self) {
    for (let n = 0; n < 12; n++) {
      yield* sem.take(3);
      yield* pipe.write("0123456789".slice(0, 1 + (n % 10)));
      const child = yield* self.create.task("child", { priority: 3 + n }, function* (me) {
        yield* me.compute(200, 2000);
      });
      if (n % 4 === 0) yield* child.terminate();
      yield* child.join();
    }
  });
  system.task("reader", { priority: 6, reads: [pipe] }, function* (self) {
    const view = self.buffer(5);
    while ((yield* pipe.read(view)) > 0) yield* event.wait(3, { clear: true }, 2);
  });
}

function run(options: MachineOptions = {}, app: (system: System) => void = busy): Machine {
  const machine = boot(app, options);
  assert.is(machine.run(), "finished");
  return machine;
}

/** What happened and when, but for what only the trace itself adds. */
function schedule(machine: Machine): string {
  const tasks = machine.tasks.map(({ name, state, status, cycles, switches, latency }) => [name, state, status, cycles, switches, latency]);
  const { cycles, tick, idle, kernel, interrupts } = machine.report();
  return JSON.stringify([tasks, cycles, tick, idle, kernel, interrupts]);
}

test("TRC-01a a call leaves one record with its object, its arguments and its result", () => {
  const { machine } = play((system) => {
    const sem = system.semaphore({ initial: 1 });
    const event = system.event();
    const pipe = system.pipe({ public: "both" });
    const timer = system.timer({ give: sem });
    system.task("t", { priority: 8 }, function* (self) {
      yield* sem.take();
      yield* sem.take(0);
      yield* event.set(5);
      yield* event.wait(4, { clear: true }, 0);
      yield* self.setPriority(9);
      yield* self.compute(123);
      yield* pipe.write("abc");
      yield* timer.start(7, 3);
      yield* timer.stop();
      yield* raw(self.machine, "sem_give", 77);
      yield* self.create.semaphore({ initial: 2, maximum: 6 });
      yield* self.exit(4);
    });
  });
  const id = (kind: number, index = 0) => (kind << 8) | index;
  const calls = machine.trace.filter((record) => record.number >= 32 && record.task === 0);
  assert.equal(
    calls.map(({ event, object, first, more, second }) => [event, object, first, ...more, second]),
    [
      ["sem_take", id(Kind.SEM), 0, 0],
      ["sem_take", id(Kind.SEM), 0, EAGAIN],
      ["event_set", id(Kind.EVENT), 5, 5],
      ["event_wait", id(Kind.EVENT), 4, 2, 0, 5],
      ["task_priority", id(Kind.TASK), 9, 8],
      ["task_compute", 0, 123, 0],
      ["pipe_write", id(Kind.PIPE), 3, 3],
      ["timer_start", id(Kind.TIMER), 7, 3, 0, 0],
      ["timer_stop", id(Kind.TIMER), 0, 1],
      ["sem_give", 77, 0, -9],
      ["sem_create", 0, 2, 6, 0, machine.i32[(machine.recordOfId(id(Kind.SEM, 1)) + layout.Obj.handle) >> 2]],
      ["task_exit", 0, 4, SWITCH],
    ],
  );
});

test("TRC-01a a call that an event cut short and that was made again leaves one record", () => {
  const calls = 3000;
  const { machine } = play((system) => {
    const sem = system.semaphore();
    const timer = system.hardwareTimer();
    system.interrupt(timer.line, {}, function* (irq) {
      yield* irq.compute(5);
    });
    system.task("giver", {}, function* (self) {
      yield* timer.write(0, 97);
      yield* timer.write(1, 1);
      for (let i = 0; i < calls / 2; i++) {
        yield* sem.give();
        yield* self.compute(33);
      }
      yield* timer.write(1, 0);
      assert.is(sem.count, calls / 2);
    });
  });
  const count = (event: string) => machine.trace.filter((record) => record.event === event && record.task === 0).length;
  assert.is(count("sem_give"), calls / 2);
  assert.is(count("task_compute"), calls / 2);
  assert.ok(machine.trace.filter((record) => record.event === "INTERRUPT").length > 500);
});

test("TRC-01b a wait leaves a record of what is waited for and until when", () => {
  const { machine } = play((system) => {
    const sem = system.semaphore();
    system.task("t", {}, function* (self) {
      yield* self.sleep(2);
      yield* sem.take(5);
    });
    system.task("forever", { daemon: true }, function* () {
      yield* sem.take();
    });
  });
  const blocks = machine.trace.filter((record) => record.event === "BLOCK");
  assert.equal(
    blocks.map(({ task, object, first, second }) => [task, object, first, second]),
    [
      [0, 0, 2, 2],
      [1, Kind.SEM << 8, 0, -1],
      [0, Kind.SEM << 8, 7, 5],
    ],
  );
});

test("TRC-01c a wake leaves a record of why, and of what the wait answers", () => {
  const causes = (app: (system: System) => void, options: MachineOptions = {}) =>
    play(app, options)
      .machine.trace.filter((record) => record.event === "WAKE")
      .map(({ first, second }) => [first, second]);
  const ended = (how: "give" | "reset" | "delete") =>
    causes((system) => {
      const sem = system.semaphore();
      system.task("waiter", { priority: 9 }, function* () {
        yield* sem.take();
      });
      system.task("other", { priority: 1 }, function* () {
        yield* sem[how]();
      });
    });
  assert.equal(ended("give"), [[Cause.HANDOFF, 0]]);
  assert.equal(ended("reset"), [[Cause.CANCELED, -125]]);
  assert.equal(ended("delete"), [[Cause.DELETED, -43]]);
  const others = causes((system) => {
    const sem = system.semaphore();
    const pipe = system.pipe({ capacity: 4 });
    const waiter = system.task("waiter", { priority: 9, reads: [pipe] }, function* (self) {
      yield* sem.take(1);
      yield* sem.take();
      yield* pipe.read(self.buffer(1));
    });
    system.task("joiner", { priority: 8 }, function* () {
      yield* waiter.join();
    });
    system.task("other", { priority: 1, writes: [pipe] }, function* (self) {
      yield* self.sleep(2);
      yield* waiter.abort();
    });
  });
  assert.equal(others, [
    [Cause.TIMEOUT, ETIMEDOUT],
    [Cause.TIMEOUT, 0],
    [Cause.CANCELED, -125],
    [Cause.CLOSED, 0],
    [Cause.ENDED, 0],
  ]);
});

/** The states and priorities that a trace alone tells, by slot. */
class Replay {
  readonly #tasks = new Map<number, { state: string; held: boolean; priority: number }>();
  #running = -1;

  take({ event, task, first, second }: TraceRecord): void {
    if (event === "SPAWN") this.#tasks.set(task, { state: "ready", held: false, priority: second });
    if (event === "SWITCH" || event === "IDLE") {
      const before = this.#tasks.get(this.#running);
      if (before?.state === "running") before.state = "ready";
      this.#running = event === "IDLE" ? -1 : task;
    }
    const known = this.#tasks.get(task);
    if (known === undefined) return;
    if (event === "SWITCH") known.state = "running";
    else if (event === "BLOCK") known.state = "blocked";
    else if (event === "WAKE") known.state = "ready";
    else if (event === "HOLD") known.held = first !== 0;
    else if (event === "PRIORITY") known.priority = first;
    else if (event === "END") this.#tasks.delete(task);
  }

  get text(): string[] {
    const lines = [...this.#tasks].map(([task, { state, held, priority }]) => {
      return `${task} ${state === "ready" && held ? "suspended" : state} ${priority}`;
    });
    return lines.sort();
  }
}

/** The same from the records of all tasks that are alive. */
function statesOf(machine: Machine): string[] {
  const { state, held } = layout.Task;
  const names: Record<number, string> = { [State.BLOCKED]: "blocked", [State.READY]: "ready", [State.RUNNING]: "running" };
  const lines: string[] = [];
  for (let index = 0; index < machine.taskCount; index++) {
    const record = machine.taskRecord(index);
    const now = machine.i32[(record + state) >> 2] as number;
    if (names[now] === undefined) continue;
    const suspended = now === State.READY && machine.u8[record + held] !== 0;
    lines.push(`${index} ${suspended ? "suspended" : names[now]} ${priorityOf(machine, index)}`);
  }
  return lines.sort();
}

test("TRC-01h every change of a task's state leaves a record: the trace alone tells state and priority of all tasks at every step", () => {
  for (const options of [{}, { seed: 3 }, { seed: 4 }]) {
    const machine = boot((system) => {
      busy(system);
      const held = system.task("held", { priority: 5 }, function* (self) {
        for (let i = 0; i < 10; i++) {
          yield* self.compute(3000);
          yield* self.suspend();
        }
      });
      system.task("resumer", { priority: 8 }, function* (self) {
        for (let i = 0; i < 12; i++) {
          yield* self.sleep(2);
          yield* held.resume();
        }
      });
    }, options);
    const replay = new Replay();
    const reader = new TraceReader();
    machine.onRecord = (...words) => {
      const record = reader.read(...words);
      if (record) replay.take(record);
    };
    let steps = 0;
    for (let reason = machine.step(); reason === "budget"; reason = machine.step()) {
      assert.equal(replay.text, statesOf(machine), `at cycle ${machine.cycles}`);
      steps++;
    }
    assert.ok(steps > 200);
  }
});

test("TRC-01d a switch leaves a record of who runs, who ran before, and for how long it was ready", () => {
  const { machine } = play((system) => {
    const sem = system.semaphore();
    system.task("waiter", { priority: 9 }, function* () {
      yield* sem.take();
    });
    system.task("giver", { priority: 3 }, function* (self) {
      yield* self.lockScheduler();
      yield* sem.give();
      yield* self.compute(1000);
      yield* self.unlockScheduler();
    });
  });
  const switches = machine.trace.filter((record) => record.event === "SWITCH");
  assert.equal(
    switches.map(({ task, first, second }) => [task, first, second]),
    [
      [0, -1, 80],
      [1, 0, 80 + 40 + 80],
      [0, 1, 1000 + 16 + 80],
      [1, -1, 160 + 80],
    ],
  );
});

test("TRC-01e every tick leaves one record, in order", () => {
  const { machine } = play((system) => {
    system.task("t", {}, function* (self) {
      yield* self.compute(3 * TICK);
      yield* self.lockInterrupts();
      yield* self.compute(3 * TICK);
      yield* self.unlockInterrupts();
      yield* self.sleep(3);
    });
  });
  const ticks = machine.trace.filter((record) => record.event === "TICK").map((record) => record.first);
  assert.equal(
    ticks,
    Array.from({ length: 9 }, (_, i) => i + 1),
  );
});

test("TRC-01f every handler leaves a record of its start and one of its return, with the depth", () => {
  const { machine } = play((system) => {
    system.interrupt(1, { priority: 1 }, function* (irq) {
      yield* irq.raise(2);
    });
    system.interrupt(2, { priority: 2 }, noting([], 0));
    system.task("t", {}, function* (self) {
      yield* self.raise(1);
    });
  });
  const records = machine.trace.filter(({ event }) => event === "INTERRUPT" || event === "RETURN");
  assert.equal(
    records.map(({ event, line, object, first, second }) => [event, line, object & 0xff, event === "RETURN" ? first : second]),
    [
      ["INTERRUPT", 1, 1, 1],
      ["INTERRUPT", 2, 2, 2],
      ["RETURN", 2, 2, 2],
      ["RETURN", 1, 1, 1],
    ],
  );
});

test("TRC-02a TRC-02b the same program, inputs and seed give the same hash, in a second machine and in a second run of one", () => {
  for (const options of [{}, { seed: 7 }, { seed: 8, firstTick: 0xfffffff0 }, { memory: 6 }]) {
    const first = run(options);
    const { hash, events } = first;
    assert.is(run(options).hash, hash);
    first.powerOn();
    assert.is(first.run(), "finished");
    assert.is(first.hash, hash);
    assert.is(first.events, events);
  }
});

test("TRC-02a another program, another seed, another memory give another hash", () => {
  const hashes = [{}, { seed: 7 }, { seed: 8 }, { memory: 6 }, { tickCycles: 15999 }, { firstTick: 1 }].map((options) => run(options).hash);
  assert.is(new Set(hashes).size, hashes.length);
  const small = (bits: number) => (system: System) => {
    const event = system.event();
    system.task("t", {}, function* () {
      yield* event.set(bits);
    });
  };
  assert.is.not(run({}, small(1)).hash, run({}, small(2)).hash);
});

test("TRC-02c the release and the debug kernel give the same hash", () => {
  for (const seed of [undefined, 1, 2, 3]) {
    const options = seed === undefined ? {} : { seed };
    assert.is(run({ ...options, kernel: "debug" }).hash, run(options).hash, `seed ${seed}`);
  }
});

test("TRC-02a a hundred seeds give at least ninety schedules, the default oracle one", () => {
  const hashes = new Set(Array.from({ length: 100 }, (_, seed) => run({ seed, keep: 0 }).hash));
  assert.ok(hashes.size >= 90, `${hashes.size}`);
  const defaults = new Set(Array.from({ length: 5 }, () => run({ keep: 0 }).hash));
  assert.is(defaults.size, 1);
});

test("TRC-02a an oracle that is asked and always says 0 gives the default schedule", () => {
  const zero: Oracle = { asks: true, choose: () => 0 };
  assert.is(schedule(run({ oracle: zero })), schedule(run()));
});

test("TRC-03a tracing on or off, hashing on or off: the same schedule, and the same hash where there is one", () => {
  for (const seed of [undefined, 5, 6]) {
    const options = seed === undefined ? {} : { seed };
    const whole = run(options);
    const unkept = run({ ...options, trace: false });
    const unhashed = run({ ...options, hash: false });
    const neither = run({ ...options, trace: false, hash: false });
    assert.is(unkept.hash, whole.hash);
    assert.is(unhashed.hash, undefined);
    assert.is(neither.events, 0);
    for (const other of [unkept, unhashed, neither]) assert.is(schedule(other), schedule(whole), `seed ${seed}`);
  }
});

test("TRC-03b inspected at every step or not: the same schedule", () => {
  for (const seed of [undefined, 5]) {
    const options = seed === undefined ? {} : { seed };
    const machine = boot(busy, { ...options, kernel: "debug" });
    for (let reason = machine.step(); reason === "budget"; reason = machine.step()) {
      machine.check();
      machine.report();
      for (const task of machine.tasks) machine.siteOfTask(task.index);
      assert.ok(machine.trace.length > 0);
    }
    assert.is(machine.hash, run(options).hash);
  }
});

test("TRC-03c stepped, stopped and run in pieces, or in one go: the same schedule", () => {
  for (const seed of [undefined, 5]) {
    const options = seed === undefined ? {} : { seed };
    const whole = run(options);
    const stepped = boot(busy, options);
    while (stepped.step() === "budget");
    const pieces = boot(busy, options);
    for (let tick = 1; pieces.over === undefined; tick++) pieces.runUntil(tick);
    const bitten = boot(busy, options);
    for (let cycle = 0; bitten.over === undefined; cycle += 777) bitten.advance({ cycle });
    const stopped = boot(busy, options);
    while (stopped.over === undefined) {
      stopped.stop();
      stopped.run();
      stopped.step();
    }
    for (const other of [stepped, pieces, bitten, stopped]) assert.is(other.hash, whole.hash, `seed ${seed}`);
  }
});

const MASK = 0xffffffff;

/** The rolling hash over words, as kernel/trace.ts has it, with arithmetic of its own. */
function hashOf(records: readonly (readonly number[])[]): string {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (const record of records) {
    for (const word of record) {
      low = Math.imul(low ^ word, 0x01000193) >>> 0;
      const turned = ((high << 13) | (high >>> 19)) >>> 0;
      high = Math.imul((turned + word) & MASK, 0x85ebca6b) >>> 0;
    }
  }
  return [high, low]
    .map((lane) => lane.toString(16).padStart(8, "0"))
    .join("")
    .toUpperCase();
}

/** The words of every record of a run. */
function wordsOf(machine: Machine): number[][] {
  const words: number[][] = [];
  machine.onRecord = (...record) => words.push(record);
  assert.is(machine.run(), "finished");
  return words;
}

test("TRC-04b the hash covers every word of every record, in order", () => {
  for (const options of [{}, { seed: 11 }]) {
    const machine = boot(busy, options);
    const words = wordsOf(machine);
    assert.ok(words.length > 1000);
    assert.is(machine.events, words.length);
    assert.is(hashOf(words), machine.hash);
  }
});

test("TRC-04c TRC-04d changing any field of any record, or swapping two, changes the hash", () => {
  const machine = boot((system) => {
    const sem = system.semaphore();
    const event = system.event();
    system.task("a", { priority: 5 }, function* (self) {
      for (let i = 0; i < 3; i++) yield* sem.take(2);
      yield* event.set(3);
      yield* self.sleep(1);
    });
    system.task("b", { priority: 5 }, function* (self) {
      yield* self.compute(2 * TICK);
      yield* sem.give();
    });
  });
  const words = wordsOf(machine);
  const { hash } = machine;
  assert.is(hashOf(words), hash);
  // A field is bits of a word: the cycles; event, task and object; the first word; the second.
  const fields: [word: number, bits: number][] = [
    [0, 0x1],
    [0, 0x80000000],
    [1, 0x1],
    [1, 0x100],
    [1, 0x10000],
    [1, 0x1000000],
    [2, 0x1],
    [2, 0x80000000],
    [3, 0x1],
    [3, 0x80000000],
  ];
  for (const [i, record] of words.entries()) {
    for (const [word, bits] of fields) {
      const changed = record.map((value, at) => (at === word ? (value ^ bits) >>> 0 : value));
      assert.is.not(hashOf([...words.slice(0, i), changed, ...words.slice(i + 1)]), hash, `record ${i}, word ${word}`);
    }
    for (let j = i + 1; j < words.length; j++) {
      const other = words[j] as number[];
      if (other.join() === record.join()) continue;
      const swapped = [...words];
      swapped[i] = other;
      swapped[j] = record;
      assert.is.not(hashOf(swapped), hash, `records ${i} and ${j}`);
    }
    assert.is.not(hashOf([...words.slice(0, i), ...words.slice(i + 1)]), hash, `without record ${i}`);
    assert.is.not(hashOf([...words.slice(0, i), record, ...words.slice(i)]), hash, `record ${i} twice`);
  }
});

test("TRC-04a TRC-04b a full ring counts what it dropped, and the hash covers that, too", () => {
  const calls = 3000;
  // Before them: power-on, and the semaphore's creation, which takes two.
  const records = calls + 3;
  const traceWord = (machine: Machine, offset: number) => machine.u32[(cpuWord(machine, layout.Cpu.trace) + offset) >> 2] as number;
  const words: number[][] = [];
  const app = (drain: boolean) => (system: System) => {
    const sem = system.semaphore();
    const { machine, handle } = sem;
    const take = () => {
      const ring = traceWord(machine, layout.Trace.ring) >> 2;
      const mask = traceWord(machine, layout.Trace.capacity) - 1;
      const tail = traceWord(machine, layout.Trace.tail);
      const count = machine.kernel.trace_drain();
      for (let i = 0; i < count; i++)
        words.push([...machine.u32.subarray(ring + ((tail + i) & mask) * 4, ring + ((tail + i) & mask) * 4 + 4)]);
    };
    for (let i = 0; i < calls; i++) {
      assert.is(machine.kernel.sem_give(handle), 0);
      if (drain && i % 500 === 0) take();
    }
    if (drain) take();
  };
  const full = boot(app(false));
  const drained = boot(app(true));
  const capacity = traceWord(full, layout.Trace.capacity);
  assert.is(traceWord(drained, layout.Trace.dropped), 0);
  assert.is(traceWord(full, layout.Trace.dropped), records - capacity);
  assert.is(full.events, records);
  assert.is(words.length, records);
  assert.is(full.hash, drained.hash);
  assert.is(full.hash, hashOf(words));
  assert.is(full.trace.length, capacity - 1, "what was kept is the beginning; the two records of the creation are one");
  assert.is(full.trace[0]?.event, "POWER");
});

test("the cycle counter of the trace goes on beyond 32 bits", () => {
  const machine = run({ tickCycles: 0x10000000 }, (system) => {
    system.task("t", {}, function* (self) {
      yield* self.sleep(40);
    });
  });
  const ticks = machine.trace.filter((record) => record.event === "TICK");
  assert.equal(
    ticks.map((record) => record.cycles - 60),
    Array.from({ length: 40 }, (_, i) => (i + 1) * 0x10000000),
  );
  assert.ok(machine.cycles > 2 ** 33);
});

test("TRC-02e the first record in which two traces differ is found", () => {
  const traced = (cycles: number) => {
    const machine = boot((system) => {
      system.task("t", {}, function* (self) {
        yield* self.sleep(1);
        yield* self.compute(cycles);
      });
    });
    machine.run();
    return machine.trace;
  };
  const [one, same, other] = [traced(100), traced(100), traced(101)];
  assert.is(firstDifference(one, same), -1);
  const at = firstDifference(one, other);
  assert.is(one[at]?.event, "task_compute");
  assert.equal(one.slice(0, at), other.slice(0, at));
  assert.is(firstDifference(one, one.slice(0, 5)), 5);
});

/** A task that runs and one that is to run when that waits; and the causes and results of the wakes since the trace was read. */
function two() {
  const m = new Bare({ options: Option.TRACE });
  const [waiter, other, third] = [m.task(9), m.task(5), m.task(3)];
  m.start();
  const woken = () =>
    m
      .records()
      .filter(({ event }) => event === Happening.WAKE)
      .map(({ first, second }) => [first, second | 0]);
  return { m, waiter, other, third, woken };
}

test("the trace tells why a wait ended: its object was deleted", () => {
  const BOTH = Mode.READ | Mode.WRITE;
  const waits: Record<string, [make: (m: Bare) => number, wait: (m: Bare, handle: number, buffer: number) => number]> = {
    sem: [(m) => m.kernel.sem_create(0, 0, 1), (m, sem) => m.kernel.sem_take(sem, 100)],
    event: [(m) => m.kernel.event_create(0, 0), (m, event) => m.kernel.event_wait(event, 1, 0, 100)],
    barrier: [(m) => m.kernel.barrier_create(0, 2), (m, barrier) => m.kernel.barrier_wait(barrier, 100)],
    pipe: [(m) => m.kernel.pipe_create(0, 8, 7, 0), (m, pipe, buffer) => m.kernel.pipe_read(pipe, buffer, 8, 100)],
    queue: [(m) => m.kernel.queue_create(0, 1, 8, 0, 7, 0), (m, queue, buffer) => m.kernel.queue_receive(queue, buffer, 8, 0, 100)],
    pool: [
      (m) => m.kernel.pool_create(0, 1, 8, 0),
      (m, pool) => {
        assert.ok(m.kernel.pool_alloc(pool, 0) > 0);
        return m.kernel.pool_alloc(pool, 100);
      },
    ],
    socket: [
      (m) => m.kernel.socket_create(0, SocketType.DATAGRAM, 64, 64, BOTH, 0),
      (m, socket, buffer) => {
        assert.ok(m.kernel.socket_bind(socket, 0, 80) >= 0);
        return m.kernel.socket_receive(socket, buffer, 8, 0, 100);
      },
    ],
  };
  for (const [kind, [make, wait]] of Object.entries(waits)) {
    const { m, waiter, other, woken } = two();
    const handle = make(m);
    assert.ok(handle > 0, kind);
    if (kind === "socket") assert.is(m.kernel.object_grant(handle, other, BOTH), 0);
    assert.is(wait(m, handle, m.bytes(16)), SWITCH, kind);
    m.next(Order.START);
    m.records();
    assert.is(m.kernel.object_delete(handle), SWITCH, kind);
    assert.equal(woken(), [[Cause.DELETED, EIDRM]], kind);
    m.next(Order.RESUME);
    assert.is(m.kernel.task_self(), waiter, kind);
  }
});

test("the trace tells why a wait ended: who was to send has ended", () => {
  const { m, other, third, woken } = two();
  const box = m.kernel.mailbox_create(0, Mode.READ);
  for (const task of [other, third]) assert.is(m.kernel.object_grant(box, task, Mode.WRITE), 0);
  assert.is(m.kernel.mailbox_receive(box, other, 0, 100), SWITCH);
  m.next(Order.START);
  m.records();
  assert.is(m.kernel.task_exit(0), SWITCH);
  assert.equal(woken().at(0), [Cause.ENDED, ESRCH]);
});

test.run();
