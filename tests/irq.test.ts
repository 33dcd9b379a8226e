import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  boot,
  CallError,
  Device,
  EAGAIN,
  type Gpio,
  GpioRegister,
  type HardwareTimer,
  type Machine,
  type Semaphore,
  type System,
  type TraceRecord,
} from "../hal/host/index.js";
import { EINVAL, EPERM, layout } from "../kernel/abi/host.js";
import { cpuWord, kernelCycles, noting, raw } from "./probe.js";
import { finish, play } from "./support.js";

const test = suite("irq");
const TICK = 16000;
const PERIOD = 0;
const CONTROL = 1;
const ONCE = 3;

const refused = (code: string) => (error: unknown) => error instanceof CallError && error.code === code;

/** Events of a run as short text, for those that are asked for. */
function events(machine: Machine, text: Record<string, (record: TraceRecord) => string>): string[] {
  return machine.trace.flatMap((record) => text[record.event]?.(record) ?? []);
}

test("IRQ-01a the attached handler runs when its line is raised, and is told the line", () => {
  const log: unknown[] = [];
  play((system) => {
    system.interrupt(7, {}, function* (irq, line) {
      log.push(line);
      yield* irq.compute(10);
    });
    system.task("raiser", {}, function* (self) {
      yield* self.raise(7);
      log.push("goes on");
    });
  });
  assert.equal(log, [7, "goes on"]);
});

test("IRQ-01a a line has one handler, until it is detached", () => {
  let runs = 0;
  play((system) => {
    system.interrupt(7, {}, function* (irq) {
      runs++;
      yield* irq.compute(1);
    });
    assert.throws(() => system.interrupt(7, {}, function* () {}), refused("EBUSY"));
    assert.throws(() => system.interrupt(32, {}, function* () {}), refused("EINVAL"));
    assert.throws(() => system.interrupt(8, { priority: 256 }, function* () {}), refused("EINVAL"));
    system.task("owner", {}, function* (self) {
      const { machine } = self;
      assert.is(yield* raw(machine, "irq_detach", 7), 0);
      assert.is(yield* raw(machine, "irq_detach", 7), EINVAL);
      yield* self.raise(7);
      assert.is(runs, 0);
      // What was raised while nobody served the line is served as soon as somebody does.
      assert.is(yield* raw(machine, "irq_attach", 7, 7, 1), 0);
      assert.is(runs, 1);
    });
  });
  assert.is(runs, 1);
});

test("IRQ-01a detaching forgets what is pending", () => {
  let runs = 0;
  play((system) => {
    system.interrupt(7, {}, function* (irq) {
      runs++;
      yield* irq.compute(1);
    });
    system.task("owner", {}, function* (self) {
      yield* self.lockInterrupts();
      yield* self.raise(7);
      assert.is(yield* raw(self.machine, "irq_detach", 7), 0);
      assert.is(yield* raw(self.machine, "irq_attach", 7, 7, 1), 0);
      yield* self.unlockInterrupts();
    });
  });
  assert.is(runs, 0);
});

test("IRQ-01b a device raises its line at its own cycle", () => {
  let served = 0;
  play((system) => {
    const timer = system.hardwareTimer();
    let armed = 0;
    system.interrupt(timer.line, {}, function* (irq) {
      served = irq.cycles - armed;
      yield* irq.compute(0);
    });
    system.task("user", {}, function* (self) {
      yield* timer.write(PERIOD, 5000);
      yield* timer.write(CONTROL, ONCE);
      armed = self.cycles;
      yield* self.compute(9000);
    });
  });
  assert.is(served, 5030);
});

/** A device whose event is due as soon as it is written to. */
class Prompt extends Device {
  protected override load(): number {
    return 0;
  }
  protected override store(): void {
    this.schedule(this.machine.cycles);
  }
  override fire(): void {
    this.schedule(Number.MAX_SAFE_INTEGER);
    this.raise();
  }
  override save(): unknown {
    return undefined;
  }
  override restore(): void {}
}

test("IRQ-01b a device's event that is due at once is served before the access returns", () => {
  const log: string[] = [];
  play((system) => {
    const device = new Prompt(system.semaphore().machine, "prompt", 9);
    system.interrupt(9, {}, noting(log, "handler"));
    system.task("user", {}, function* () {
      yield* device.write(0, 1);
      log.push("written");
    });
  });
  assert.equal(log, ["handler", "written"]);
});

test("IRQ-01c a task and another handler raise a line", () => {
  const log: number[] = [];
  play((system) => {
    system.interrupt(3, { priority: 9 }, function* (irq) {
      log.push(3);
      yield* irq.raise(4);
      log.push(33);
    });
    system.interrupt(4, { priority: 2 }, noting(log, 4));
    system.task("raiser", {}, function* (self) {
      yield* self.raise(3);
      log.push(0);
    });
  });
  assert.equal(log, [3, 33, 4, 0]);
});

test("IRQ-01d the bench raises a line, between two steps of a task or while nobody runs", () => {
  const log: string[] = [];
  const machine = boot(
    (system) => {
      system.interrupt(2, {}, function* (irq) {
        log.push(`line at tick ${irq.tick}`);
        yield* irq.compute(0);
      });
      system.task("busy", {}, function* (self) {
        yield* self.compute(2 * TICK);
        yield* self.sleep(5);
        log.push("end");
      });
    },
    { kernel: "debug" },
  );
  machine.step();
  machine.raise(2);
  machine.runUntil(3);
  machine.raise(2);
  assert.is(finish(machine), "finished");
  assert.equal(log, ["line at tick 1", "line at tick 3", "end"]);
  assert.throws(() => machine.raise(32), /no interrupt line 32/);
});

test("IRQ-01b a pin that the bench drives between two steps raises its line at the cycle that the bench named", () => {
  const served: number[] = [];
  const machine = boot(
    (system) => {
      const gpio = system.gpio();
      system.interrupt(gpio.line, {}, function* (irq) {
        served.push(irq.cycles);
        yield* gpio.write(GpioRegister.PENDING, 3);
      });
      system.task("user", {}, function* (self) {
        yield* gpio.write(GpioRegister.RISE, 3);
        yield* self.raise(0);
        yield* self.sleep(3);
      });
      system.interrupt(0, {}, noting([], 0));
    },
    { kernel: "debug" },
  );
  const gpio = machine.devices[0] as Gpio;
  machine.step();
  gpio.drive(0, true, 1000);
  machine.runUntil(1);
  gpio.drive(1, true, TICK + 5000);
  assert.is(finish(machine), "finished");
  assert.equal(served, [1030, TICK + 5030]);
});

test("IRQ-01e raised twice while pending is raised once", () => {
  let runs = 0;
  play((system) => {
    system.interrupt(5, {}, function* (irq) {
      runs++;
      yield* irq.compute(1);
    });
    system.task("raiser", {}, function* (self) {
      yield* self.lockInterrupts();
      yield* self.raise(5);
      yield* self.raise(5);
      yield* self.unlockInterrupts();
      assert.is(runs, 1);
      yield* self.raise(5);
    });
  });
  assert.is(runs, 2);
});

test("IRQ-01e raised by its own handler it runs once more, after the handler's end", () => {
  const log: string[] = [];
  play((system) => {
    let runs = 0;
    system.interrupt(5, {}, function* (irq) {
      const run = runs++;
      log.push(`begin ${run}`);
      if (run === 0) {
        yield* irq.raise(5);
        yield* irq.raise(5);
      }
      log.push(`end ${run}`);
    });
    system.task("raiser", {}, function* (self) {
      yield* self.raise(5);
    });
  });
  assert.equal(log, ["begin 0", "end 0", "begin 1", "end 1"]);
});

test("IRQ-02a a handler runs to its end before whom it made ready", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    system.interrupt(1, {}, function* (irq) {
      yield* sem.give();
      yield* irq.compute(3 * TICK);
      log.push("handler");
    });
    system.task("urgent", { priority: 63 }, function* () {
      yield* sem.take();
      log.push("urgent");
    });
    system.task("low", { priority: 1 }, function* (self) {
      yield* self.raise(1);
      log.push("low");
    });
  });
  assert.equal(log, ["handler", "urgent", "low"]);
});

test("IRQ-02b a handler cannot block: waiting is EPERM, with timeout 0 the call answers", () => {
  const results: unknown[] = [];
  let machine: Machine;
  play((system) => {
    const sem = system.semaphore();
    machine = sem.machine;
    system.interrupt(1, {}, function* () {
      for (const timeout of [-1, 1, 0]) results.push(yield* raw(machine, "sem_take", sem.handle, timeout));
      for (const call of ["task_yield", "task_sleep", "task_sleep_until"] as const) results.push(yield* raw(machine, call, 5));
      results.push(yield* raw(machine, "mutex_lock", 0, 0));
    });
    system.task("low", { priority: 1 }, function* (self) {
      yield* self.raise(1);
    });
  });
  assert.equal(results, [EPERM, EPERM, EAGAIN, EPERM, EPERM, EPERM, EPERM]);
});

test("IRQ-02c the switch follows the return of the outermost handler", () => {
  const log: string[] = [];
  const { machine } = play((system) => {
    const sem = system.semaphore();
    system.interrupt(1, { priority: 1 }, function* (irq) {
      yield* irq.raise(2);
      log.push("outer ends");
    });
    system.interrupt(2, { priority: 2 }, function* () {
      yield* sem.give();
      log.push("inner ends");
    });
    system.task("urgent", { priority: 63 }, function* () {
      yield* sem.take();
      log.push("urgent");
    });
    system.task("low", { priority: 1 }, function* (self) {
      yield* self.raise(1);
      log.push("low");
    });
  });
  assert.equal(log, ["inner ends", "outer ends", "urgent", "low"]);
  assert.is(machine.task("low").switches, 2);
});

test("IRQ-02c a handler that suspends or raises a task changes who runs only after its return", () => {
  const log: string[] = [];
  play((system) => {
    let machine: Machine;
    const low = system.task("low", { priority: 1 }, function* (self) {
      yield* self.raise(1);
      log.push("low goes on");
    });
    machine = low.machine;
    system.interrupt(1, {}, function* () {
      assert.is(yield* raw(machine, "task_suspend", low.handle), 0);
      log.push("handler");
    });
    system.task("lower", { priority: 0 }, function* () {
      log.push("lower");
      yield* low.resume();
    });
  });
  assert.equal(log, ["handler", "lower", "low goes on"]);
});

test("IRQ-03a a more urgent line interrupts a handler at its call", () => {
  const log: string[] = [];
  play((system) => {
    system.interrupt(1, { priority: 10 }, function* (irq) {
      log.push("outer");
      yield* irq.raise(2);
      log.push("outer again");
      yield* irq.raise(3);
      log.push("outer ends");
    });
    system.interrupt(2, { priority: 11 }, noting(log, "inner"));
    system.interrupt(3, { priority: 10 }, noting(log, "equal"));
    system.task("raiser", {}, function* (self) {
      yield* self.raise(1);
    });
  });
  assert.equal(log, ["outer", "inner", "outer again", "outer ends", "equal"]);
});

test("IRQ-03b a more urgent line interrupts a handler in the middle of its computing, at the device's cycle", () => {
  const log: [string, number][] = [];
  play((system) => {
    const timer = system.hardwareTimer();
    let start = 0;
    system.interrupt(1, { priority: 1 }, function* (irq) {
      yield* irq.compute(5000);
      log.push(["outer ends", irq.cycles - start]);
    });
    system.interrupt(timer.line, { priority: 2 }, function* (irq) {
      log.push(["inner", irq.cycles - start]);
      yield* irq.compute(100);
    });
    system.task("raiser", {}, function* (self) {
      yield* timer.write(PERIOD, 2000);
      yield* timer.write(CONTROL, ONCE);
      start = self.cycles;
      yield* self.raise(1);
    });
  });
  const [inner, outer] = log as [[string, number], [string, number]];
  assert.equal(inner, ["inner", 2030]);
  assert.is(outer[0], "outer ends");
  assert.is(outer[1], 20 + 30 + 5000 + 30 + 100 + 30);
});

test("IRQ-03a a more urgent line that is raised while a handler is being entered goes first", () => {
  const log: string[] = [];
  play((system) => {
    const timer = system.hardwareTimer();
    system.interrupt(1, { priority: 1 }, noting(log, "less urgent"));
    system.interrupt(timer.line, { priority: 2 }, noting(log, "more urgent"));
    system.task("raiser", {}, function* (self) {
      yield* timer.write(PERIOD, 20 + 15);
      yield* timer.write(CONTROL, ONCE);
      yield* self.raise(1);
    });
  });
  assert.equal(log, ["more urgent", "less urgent"]);
});

test("IRQ-03c a line that is not more urgent waits for the handler's end, however late", () => {
  const log: string[] = [];
  play((system) => {
    for (const [line, priority] of [
      [1, 5],
      [2, 5],
      [3, 4],
      [4, 6],
    ] as const) {
      system.interrupt(line, { priority }, function* (irq) {
        log.push(`+${line}`);
        if (line === 1) for (const other of [3, 2, 4]) yield* irq.raise(other);
        yield* irq.compute(10);
        log.push(`-${line}`);
      });
    }
    system.task("raiser", {}, function* (self) {
      yield* self.raise(1);
    });
  });
  assert.equal(log, ["+1", "+4", "-4", "-1", "+2", "-2", "+3", "-3"]);
});

test("IRQ-03d pending lines are served by priority, equals in line order", () => {
  const log: number[] = [];
  play((system) => {
    for (const line of [31, 9, 0, 5]) system.interrupt(line, { priority: 7 }, noting(log, line));
    system.interrupt(20, { priority: 255 }, noting(log, 20));
    system.interrupt(2, { priority: 0 }, noting(log, 2));
    system.task("raiser", {}, function* (self) {
      yield* self.lockInterrupts();
      for (const line of [2, 5, 31, 9, 20, 0]) yield* self.raise(line);
      yield* self.unlockInterrupts();
    });
  });
  assert.equal(log, [20, 0, 5, 9, 31, 2]);
});

test("IRQ-05a a handler uses a pipe that no task granted it", () => {
  const read: string[] = [];
  play((system) => {
    const pipe = system.pipe({ capacity: 8 });
    system.interrupt(1, {}, function* (irq) {
      const view = irq.buffer(4);
      view.copy("ping");
      assert.is(yield* pipe.write(view, 0), 4);
    });
    system.task("reader", { reads: [pipe] }, function* (self) {
      yield* self.raise(1);
      const view = self.buffer(8);
      read.push(view.text(yield* pipe.read(view, 0)));
    });
  });
  assert.equal(read, ["ping"]);
});

test("IRQ-05b the trace names the line, never the task that was interrupted", () => {
  const { machine } = play((system) => {
    const sem = system.semaphore();
    system.interrupt(6, {}, function* (irq) {
      yield* sem.give();
      yield* irq.compute(10);
    });
    system.task("raiser", {}, function* (self) {
      yield* self.raise(6);
    });
  });
  const handler = machine.trace.filter((record) => record.line === 6);
  assert.equal(
    handler.map((record) => record.event),
    ["INTERRUPT", "sem_give", "task_compute", "RETURN"],
  );
  assert.ok(handler.every((record) => record.task === -1));
});

test("IRQ-05c a handler's cycles are its line's, not the interrupted task's", () => {
  const { machine } = play((system) => {
    system.interrupt(1, { priority: 1 }, function* (irq) {
      yield* irq.compute(5000);
      yield* irq.raise(2);
    });
    system.interrupt(2, { priority: 2 }, function* (irq) {
      yield* irq.compute(700);
    });
    system.task("raiser", {}, function* (self) {
      yield* self.raise(1);
      yield* self.compute(1000);
    });
  });
  const raise = 20;
  const exit = 160;
  assert.is(machine.task("raiser").cycles, raise + 1000 + exit);
  assert.is(machine.report().interrupts, 5000 + raise + 700);
  const cyclesOf = (line: number) => machine.u64(cpuWord(machine, layout.Cpu.lines) + line * layout.Line.bytes + layout.Line.cycles);
  assert.is(cyclesOf(1), 5000 + raise);
  assert.is(cyclesOf(2), 700);
  assert.is(kernelCycles(machine, layout.Kernel.lineCycles), 5720);
});

test("IRQ-05c a handler that is interrupted time and again pays for each call once", () => {
  const { machine } = play((system) => {
    const sem = system.semaphore();
    const timer = system.hardwareTimer();
    system.interrupt(timer.line, { priority: 9 }, function* (irq) {
      yield* irq.compute(1);
    });
    system.interrupt(2, { priority: 5 }, noting([], 0));
    system.interrupt(1, { priority: 1 }, function* (irq) {
      yield* irq.compute(2000);
      yield* irq.raise(2);
      for (let i = 0; i < 10; i++) yield* sem.give();
    });
    system.task("raiser", {}, function* (self) {
      yield* timer.write(PERIOD, 171);
      yield* timer.write(CONTROL, 1);
      yield* self.raise(1);
      yield* timer.write(CONTROL, 0);
    });
  });
  const line = cpuWord(machine, layout.Cpu.lines) + layout.Line.bytes;
  assert.is(machine.u64(line + layout.Line.cycles), 2000 + 20 + 10 * 40);
  assert.ok((machine.u32[(cpuWord(machine, layout.Cpu.lines) + 26 * layout.Line.bytes + layout.Line.served) >> 2] as number) > 10);
});

test("IRQ-05d the time from raise to handler is accounted, the worst is kept", () => {
  const { machine } = play((system) => {
    system.interrupt(1, {}, function* (irq) {
      yield* irq.compute(1);
    });
    system.task("raiser", {}, function* (self) {
      yield* self.raise(1);
      yield* self.lockInterrupts();
      yield* self.raise(1);
      yield* self.compute(3000);
      yield* self.raise(1);
      yield* self.compute(980);
      yield* self.unlockInterrupts();
      yield* self.raise(1);
    });
  });
  const latencies = machine.trace.filter((record) => record.event === "INTERRUPT").map((record) => record.first);
  assert.equal(latencies, [30, 3000 + 20 + 980 + 16 + 30, 30], "from the first raise");
  const line = cpuWord(machine, layout.Cpu.lines) + layout.Line.bytes;
  assert.is(machine.u32[(line + layout.Line.worst) >> 2], 4046);
  assert.is(machine.u32[(line + layout.Line.served) >> 2], 3);
});

test("IRQ-06a interrupt locks nest, and unlocking what is not locked is EPERM", () => {
  play((system) => {
    system.task("locker", {}, function* (self) {
      assert.is(yield* self.lockInterrupts(), 1);
      assert.is(yield* self.lockInterrupts(), 2);
      assert.is(yield* self.unlockInterrupts(), 1);
      assert.is(yield* self.unlockInterrupts(), 0);
      assert.is(yield* raw(self.machine, "interrupt_unlock"), EPERM);
    });
  });
});

test("IRQ-06b interrupts wait for the outermost unlock", () => {
  const log: string[] = [];
  play((system) => {
    system.interrupt(1, {}, noting(log, "handler"));
    system.task("locker", {}, function* (self) {
      yield* self.lockInterrupts();
      yield* self.lockInterrupts();
      yield* self.raise(1);
      yield* self.compute(100);
      yield* self.unlockInterrupts();
      log.push("inner unlock");
      yield* self.unlockInterrupts();
      log.push("outer unlock");
    });
  });
  assert.equal(log, ["inner unlock", "handler", "outer unlock"]);
});

test("IRQ-06c ticks wait for the unlock", () => {
  play((system) => {
    system.task("locker", {}, function* (self) {
      yield* self.lockInterrupts();
      yield* self.compute(2 * TICK + 5);
      assert.is(self.tick, 0);
      yield* self.unlockInterrupts();
      assert.is(self.tick, 2);
    });
  });
});

test("IRQ-06d blocking under an interrupt lock is EPERM, with timeout 0 it answers", () => {
  play((system) => {
    const sem = system.semaphore();
    const lock = system.mutex();
    system.hardwareTimer();
    system.task("locker", {}, function* (self) {
      const { machine } = self;
      const timer = machine.devices[0] as HardwareTimer;
      yield* timer.write(PERIOD, 100);
      yield* timer.write(CONTROL, ONCE);
      yield* self.lockInterrupts();
      // The device's event comes in between, though its handler waits.
      yield* self.compute(500);
      assert.is(yield* raw(machine, "sem_take", sem.handle, -1), EPERM);
      assert.is(yield* raw(machine, "sem_take", sem.handle, 3), EPERM);
      assert.is(yield* raw(machine, "sem_take", sem.handle, 0), EAGAIN);
      assert.is(yield* raw(machine, "mutex_lock", lock.handle, 0), 0);
      assert.is(yield* raw(machine, "task_sleep", 1), EPERM);
      assert.is(yield* raw(machine, "task_sleep", 0), 0);
      assert.is(yield* raw(machine, "task_yield"), EPERM);
      assert.is(yield* raw(machine, "task_suspend", self.handle), EPERM);
      yield* self.lockScheduler();
      yield* self.unlockScheduler();
      assert.is(yield* raw(machine, "sem_take", sem.handle, 3), EPERM, "one of two locks is still held");
      yield* self.unlockInterrupts();
      assert.is(yield* raw(machine, "task_sleep", 1), 0);
    });
  });
});

test("IRQ-06e the lock ends with the task that holds it, however it ends", () => {
  for (const end of ["returns", "exits", "throws"] as const) {
    const log: string[] = [];
    const machine = boot(
      (system) => {
        system.interrupt(1, {}, noting(log, "handler"));
        system.task("locker", { priority: 9 }, function* (self) {
          yield* self.lockInterrupts();
          yield* self.raise(1);
          yield* self.compute(TICK + 10);
          if (end === "exits") yield* self.exit(3);
          if (end === "throws") throw new Error("on purpose");
        });
        system.task("other", { priority: 5 }, function* (self) {
          log.push(`other at ${self.tick}`);
          yield* self.sleep(1);
          log.push(`other at ${self.tick}`);
        });
      },
      { kernel: "debug", onFailure: "report" },
    );
    let reason = machine.step();
    for (; reason === "budget"; reason = machine.step()) assert.is(machine.check(), 0, end);
    assert.is(reason, "finished");
    assert.equal(log, ["handler", "other at 1", "other at 2"], end);
  }
});

test("IRQ-06f who became ready under the lock runs at the unlock", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    system.task("given", { priority: 9 }, function* () {
      yield* sem.take();
      log.push("given");
    });
    system.task("slept", { priority: 8 }, function* (self) {
      yield* self.sleep(1);
      log.push("slept");
    });
    system.task("locker", { priority: 5 }, function* (self) {
      yield* self.lockInterrupts();
      yield* sem.give();
      yield* self.compute(TICK);
      log.push("still locked");
      yield* self.unlockInterrupts();
      log.push("unlocked");
    });
  });
  assert.equal(log, ["still locked", "given", "slept", "unlocked"]);
});

/** Sleepers that are due on ticks 1, 2 and 3, a timer that expires on each, and something that holds those ticks up. */
function heldUp(system: System, hold: (system: System, sem: Semaphore) => void): void {
  const sem = system.semaphore();
  const timer = system.timer({ give: sem });
  for (const ticks of [3, 1, 2]) {
    system.task(`sleeper ${ticks}`, { priority: 9 }, function* (self) {
      if (ticks === 1) yield* timer.start(1, 1);
      yield* self.sleep(ticks);
      if (ticks === 3) yield* timer.stop();
    });
  }
  hold(system, sem);
}

const ONE_BY_ONE = [
  ["tick 1", "expire", "wake sleeper 1"],
  ["tick 2", "expire", "wake sleeper 2"],
  ["tick 3", "expire", "wake sleeper 3"],
].flat();

/** The ticks of a run, with what expired and who was woken at each; and who ran after the first. */
function story(machine: Machine): string[] {
  return events(machine, {
    TICK: (record) => `tick ${record.first}`,
    EXPIRE: () => "expire",
    WAKE: (record) => `wake ${machine.tasks.find((task) => task.index === record.task)?.name}`,
  });
}

test("IRQ-06g ticks that a lock held up are served one by one, each with its timers and waits", () => {
  const { machine } = play((system) =>
    heldUp(system, () => {
      system.task("locker", { priority: 1 }, function* (self) {
        yield* self.lockInterrupts();
        yield* self.compute(3 * TICK);
        yield* self.unlockInterrupts();
        assert.is(self.tick, 3);
      });
    }),
  );
  assert.equal(story(machine), ONE_BY_ONE);
  const ticks = machine.trace.filter((record) => record.event === "TICK").map((record) => record.cycles);
  assert.ok((ticks[0] as number) >= 3 * TICK, "all late");
  const switches = machine.trace.filter((record) => record.event === "SWITCH" && record.cycles > 3 * TICK);
  assert.ok((switches[0]?.cycles as number) > (ticks[2] as number), "nobody runs between held-up ticks");
});

test("IRQ-06h ticks behind a long handler are served one by one after it", () => {
  for (const seed of [undefined, 1, 2, 3, 4, 5]) {
    const { machine } = play(
      (system) =>
        heldUp(system, () => {
          system.interrupt(1, {}, function* (irq) {
            yield* irq.compute(3 * TICK);
            assert.is(irq.tick, 0);
          });
          system.task("raiser", { priority: 1 }, function* (self) {
            yield* self.raise(1);
            assert.is(self.tick, 3);
          });
        }),
      seed === undefined ? {} : { seed },
    );
    if (seed === undefined) assert.equal(story(machine), ONE_BY_ONE);
    else assert.equal([...story(machine)].sort(), [...ONE_BY_ONE].sort(), `seed ${seed}`);
  }
});

test.run();
