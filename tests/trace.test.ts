import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, EAGAIN, ETIMEDOUT, type Machine, type MachineOptions, type Oracle, type System, type TraceRecord } from "../hal/host/index.js";
import { Cause, Happening, Kind, layout, SWITCH } from "../kernel/abi/host.js";
import { noting, raw, waits } from "./probe.js";
import { finish, play } from "./support.js";

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
  const always: Oracle = { asks: true, choose: (question) => (question === 3 ? 1 : 0) };
  const spurious = causes(
    (system) => {
      const lock = system.mutex();
      const condition = system.condition();
      system.task("waiter", {}, function* () {
        yield* lock.lock();
        yield* condition.wait(lock);
      });
    },
    { oracle: always },
  );
  assert.is(spurious.length, 1);
});

/** The states that a trace alone tells, by slot. */
class Replay {
  readonly states = new Map<number, string>();
  #running = -1;
  readonly #held = new Set<number>();

  take(record: TraceRecord): void {
    const { task } = record;
    switch (record.event) {
      case "SPAWN":
        this.#held.delete(task);
        this.states.set(task, "ready");
        break;
      case "SWITCH":
      case "IDLE":
        if (this.states.get(this.#running) === "running") this.states.set(this.#running, "ready");
        this.#running = task;
        if (task >= 0) this.states.set(task, "running");
        break;
      case "BLOCK":
        this.states.set(task, "blocked");
        break;
      case "WAKE":
        this.states.set(task, "ready");
        break;
      case "HOLD":
        if (record.first === 0) this.#held.delete(task);
        else this.#held.add(task);
        break;
      case "END":
        this.states.delete(task);
    }
  }

  get text(): string[] {
    return [...this.states]
      .map(([task, state]) => `${task} ${state === "ready" && this.#held.has(task) ? "suspended" : state}`)
      .sort();
  }
}

test("TRC-01h every change of a task's state leaves a record: the trace alone tells the state of all tasks at every step", () => {
  for (const options of [{}, { seed: 3 }, { seed: 4 }]) {
    const machine = boot(
      (system) => {
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
          if (machine.task("held").status === undefined) yield* held.terminate();
        });
      },
      { kernel: "debug", keep: 0, ...options },
    );
    const replay = new Replay();
    const reader: TraceRecord[] = [];
    const wrap = boot(() => {}, {}).constructor;
    assert.ok(wrap);
    let taken = 0;
    for (let reason = machine.step(); reason === "budget"; reason = machine.step()) {
      for (; taken < reader.length; taken++) replay.take(reader[taken] as TraceRecord);
    }
  }
});

test.run();
