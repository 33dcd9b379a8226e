import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CallError, ETIMEDOUT, Info, type Machine, type System } from "../hal/host/index.js";
import { info, noting, priorityOf } from "./probe.js";
import { play } from "./support.js";

const test = suite("sched");
const TICK = 16000;

/** Who had the CPU when each tick came: one letter a tick. */
function ticksOf(machine: Machine): string {
  const names = new Map(machine.tasks.map((task) => [task.index, task.name]));
  let running = "";
  let ticks = "";
  for (const record of machine.trace) {
    if (record.event === "SWITCH") running = names.get(record.task) as string;
    else if (record.event === "IDLE") running = "-";
    else if (record.event === "TICK") ticks += running;
  }
  return ticks;
}

/** A task that only computes, for a number of ticks. */
function burner(system: System, name: string, priority: number, ticks: number, slice: number): void {
  system.task(name, { priority, slice }, function* (self) {
    yield* self.compute(ticks * TICK);
  });
}

test("TSK-01a the most urgent ready task runs first, whatever the order of birth", () => {
  const log: number[] = [];
  play((system) => {
    for (const priority of [3, 63, 0, 5]) {
      system.task(`t${priority}`, { priority }, noting(log, priority));
    }
  });
  assert.equal(log, [63, 5, 3, 0]);
});

test("TSK-01b a task that becomes more urgent preempts inside the call that made it so", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    system.task("waiter", { priority: 9 }, function* () {
      yield* sem.take();
      log.push("given");
    });
    const raised = system.task("raised", { priority: 1 }, noting(log, "raised"));
    const held = system.task("held", { priority: 9 }, noting(log, "resumed"));
    system.task("low", { priority: 5 }, function* (self) {
      yield* sem.give();
      log.push("after give");
      yield* raised.setPriority(7);
      log.push("after raise");
      yield* held.resume();
      log.push("after resume");
      yield* self.create.task("child", { priority: 6 }, noting(log, "spawned"));
      log.push("after spawn");
      yield* self.create.task("child2", { priority: 4 }, noting(log, "equal then more urgent"));
      yield* self.setPriority(3);
      log.push("after lowering itself");
    });
    system.task("setup", { priority: 63 }, function* () {
      yield* held.suspend();
    });
  });
  assert.equal(log, [
    "given",
    "after give",
    "raised",
    "after raise",
    "resumed",
    "after resume",
    "spawned",
    "after spawn",
    "equal then more urgent",
    "after lowering itself",
  ]);
});

test("TSK-01c a task that becomes ready at a tick preempts a less urgent one at that tick", () => {
  let woke = 0;
  let done = 0;
  play((system) => {
    system.task("high", { priority: 9 }, function* (self) {
      yield* self.sleep(2);
      woke = self.cycles;
    });
    system.task("low", { priority: 3 }, function* (self) {
      yield* self.compute(5 * TICK);
      done = self.cycles;
    });
  });
  assert.ok(woke > 2 * TICK && woke < 2 * TICK + 200, `${woke}`);
  assert.ok(done > 5 * TICK);
});

test("TSK-02a equals without a slice run until they block or yield", () => {
  const { machine } = play((system) => {
    burner(system, "A", 5, 3, 0);
    burner(system, "B", 5, 2, 0);
  });
  assert.is(ticksOf(machine), "AAABB");
  assert.is(machine.task("A").switches, 1);

  const log: string[] = [];
  play((system) => {
    for (const name of ["A", "B"]) {
      system.task(name, { priority: 5, slice: 0 }, function* (self) {
        log.push(`${name}1`);
        yield* self.yield();
        log.push(`${name}2`);
        yield* self.sleep(1);
        log.push(`${name}3`);
      });
    }
  });
  assert.equal(log, ["A1", "B1", "A2", "B2", "A3", "B3"]);
});

test("TSK-02b a spent slice rotates only when another equal is ready", () => {
  const { machine } = play((system) => {
    burner(system, "A", 5, 3, 1);
    burner(system, "l", 4, 1, 1);
  });
  assert.is(machine.task("A").switches, 1);
  assert.is(ticksOf(machine).slice(0, 3), "AAA");

  const both = play((system) => {
    burner(system, "A", 5, 3, 1);
    burner(system, "B", 5, 3, 1);
  });
  assert.is(ticksOf(both.machine).slice(0, 6), "ABABAB");
});

test("TSK-02b a slice that ends with no equal ready begins anew", () => {
  const { machine } = play((system) => {
    system.task("B", { priority: 5, slice: 1 }, function* (self) {
      yield* self.sleep(4);
      yield* self.compute(TICK);
    });
    burner(system, "A", 5, 8, 3);
  });
  assert.is(ticksOf(machine).slice(0, 8), "AAAAAABA");
});

test("TSK-02c the slice is each task's own", () => {
  const { machine } = play((system) => {
    burner(system, "A", 5, 4, 1);
    burner(system, "B", 5, 6, 3);
  });
  assert.is(ticksOf(machine).slice(0, 8), "ABBBABBB");
});

test("TSK-02c a task that gets a slice while it runs has all of it", () => {
  const { machine } = play((system) => {
    system.task("A", { priority: 5, slice: 0 }, function* (self) {
      assert.is(yield* self.setSlice(3), 0);
      yield* self.compute(5 * TICK);
    });
    burner(system, "B", 5, 2, 1);
  });
  assert.is(ticksOf(machine).slice(0, 6), "AAABAA");
});

test("TSK-03a a preempted task goes back to the head of its list with what is left of its slice", () => {
  const { machine } = play((system) => {
    burner(system, "A", 5, 5, 3);
    burner(system, "B", 5, 3, 3);
    const timer = system.hardwareTimer();
    const sem = system.semaphore();
    system.interrupt(timer.line, {}, function* () {
      yield* sem.give();
    });
    system.task("H", { priority: 9 }, function* (self) {
      yield* timer.write(0, TICK + TICK / 2);
      yield* timer.write(1, 3);
      yield* sem.take();
      yield* self.compute(100);
    });
  });
  assert.is(machine.task("H").switches, 2);
  assert.is(ticksOf(machine).slice(0, 7), "AAABBBA");
});

test("TSK-03b a task that unblocks goes to the end of its list, with a full slice", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    system.task("B", { priority: 5 }, function* () {
      yield* sem.take();
      log.push("B");
    });
    system.task("A", { priority: 5, slice: 0 }, function* (self) {
      yield* self.create.task("C", { priority: 5 }, noting(log, "C"));
      yield* sem.give();
      log.push("A");
      yield* self.yield();
      log.push("A again");
    });
  });
  assert.equal(log, ["A", "C", "B", "A again"]);
});

test("TSK-03c a task whose slice is spent goes to the end of its list", () => {
  const { machine } = play((system) => {
    for (const name of ["A", "B", "C"]) burner(system, name, 5, 4, 2);
  });
  assert.is(ticksOf(machine).slice(0, 12), "AABBCCAABBCC");
});

test("TSK-03d a task that yields goes to the end of its list", () => {
  const log: string[] = [];
  play((system) => {
    for (const name of ["A", "B", "C"]) {
      system.task(name, { priority: 5, slice: 0 }, function* (self) {
        log.push(name);
        yield* self.yield();
        log.push(name);
      });
    }
  });
  assert.is(log.join(""), "ABCABC");
});

test("TSK-03e a tick counts against the slice of who ran when it came, though it readies somebody more urgent", () => {
  const { machine } = play((system) => {
    burner(system, "A", 5, 5, 2);
    burner(system, "B", 5, 3, 2);
    system.task("H", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* self.compute(100);
    });
  });
  assert.is(ticksOf(machine).slice(0, 5), "AABBA");
});

test("TSK-03f a slice that is spent at the tick that readies somebody more urgent costs the task its place", () => {
  const order: string[] = [];
  const { machine } = play((system) => {
    burner(system, "A", 5, 3, 1);
    burner(system, "B", 5, 3, 1);
    system.task("H", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* self.compute(100);
      order.push("H");
    });
  });
  assert.equal(order, ["H"]);
  assert.is(ticksOf(machine).slice(0, 4), "ABAB");
});

test("TSK-04a yield lets every ready equal run first", () => {
  const log: string[] = [];
  play((system) => {
    system.task("A", { priority: 5, slice: 0 }, function* (self) {
      assert.is(yield* self.yield(), 0);
      log.push("A");
    });
    for (const name of ["B", "C"]) {
      system.task(name, { priority: 5, slice: 0 }, noting(log, name));
    }
  });
  assert.equal(log, ["B", "C", "A"]);
});

test("TSK-04b yield never lets the less urgent run", () => {
  const log: string[] = [];
  const { machine } = play((system) => {
    system.task("A", { priority: 5 }, function* (self) {
      for (let i = 0; i < 3; i++) yield* self.yield();
      log.push("A");
    });
    system.task("low", { priority: 4 }, noting(log, "low"));
  });
  assert.equal(log, ["A", "low"]);
  assert.is(machine.task("A").switches, 1);
});

/** Three ready tasks and a controller that changes the priority of one; answers the order in which they then run. */
function orderAfter(change: [name: string, priority: number], priorities: Record<string, number>): string {
  const log: string[] = [];
  play((system) => {
    for (const [name, priority] of Object.entries(priorities)) {
      const task = system.task(name, { priority }, noting(log, name));
      if (name !== change[0]) continue;
      system.task("controller", { priority: 63 }, function* () {
        assert.is(yield* task.setPriority(change[1]), priority);
      });
    }
  });
  return log.join("");
}

test("TSK-05a raising a ready task's priority puts it at the end of its new list", () => {
  assert.is(orderAfter(["y", 6], { y: 5, x: 6, z: 6 }), "xzy");
});

test("TSK-05b lowering a ready task's priority puts it at the head of its new list", () => {
  assert.is(orderAfter(["y", 6], { x: 6, z: 6, y: 7 }), "yxz");
});

test("TSK-05c a boost is a raise: the boosted owner goes behind its new equals", () => {
  const log: string[] = [];
  play((system) => {
    const lock = system.mutex();
    const [w, x, go] = [system.semaphore(), system.semaphore(), system.semaphore()];
    system.task("L", { priority: 2 }, function* () {
      yield* lock.lock();
      yield* go.give();
      log.push("L");
      yield* lock.unlock();
    });
    system.task("W", { priority: 5, slice: 0 }, function* () {
      yield* w.take();
      log.push("W");
      yield* lock.lock();
      yield* lock.unlock();
    });
    system.task("X", { priority: 5, slice: 0 }, function* () {
      yield* x.take();
      log.push("X");
    });
    system.task("H", { priority: 9 }, function* () {
      yield* go.take();
      yield* w.give();
      yield* x.give();
    });
  });
  assert.equal(log, ["W", "X", "L"]);
});

test("TSK-05d the end of a boost is a lowering: a ready owner goes before its old equals", () => {
  const log: string[] = [];
  play((system) => {
    const lock = system.mutex();
    system.task("L", { priority: 3, slice: 0 }, function* (self) {
      yield* lock.lock();
      yield* self.compute(4 * TICK);
      log.push("L");
    });
    system.task("Z", { priority: 3, slice: 0 }, noting(log, "Z"));
    system.task("W", { priority: 8 }, function* (self) {
      yield* self.sleep(1);
      assert.is(yield* lock.lock(2), ETIMEDOUT);
      log.push("W");
    });
    system.task("H", { priority: 9 }, function* (self) {
      yield* self.sleep(2);
      yield* self.compute(2 * TICK);
      log.push("H");
    });
  });
  assert.equal(log, ["H", "W", "L", "Z"]);
});

test("TSK-05e a running task never moves behind an equal by a change of its priority", () => {
  const log: string[] = [];
  play((system) => {
    system.task("A", { priority: 7, slice: 0 }, function* (self) {
      yield* self.setPriority(5);
      log.push("A lowered");
      yield* self.setPriority(3);
      yield* self.setPriority(5);
      log.push("A raised");
      yield* self.compute(2 * TICK);
      log.push("A after preemption");
    });
    system.task("B", { priority: 5, slice: 0 }, noting(log, "B"));
    system.task("H", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      log.push("H");
    });
  });
  assert.equal(log, ["A lowered", "B", "A raised", "H", "A after preemption"]);
});

test("TSK-05f a wait queue is ordered by current priority, then by arrival, whatever happened between", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    const waiter = (name: string) =>
      system.task(name, { priority: 5, slice: 0 }, function* () {
        yield* sem.take();
        log.push(name);
      });
    waiter("a");
    const [b, c, d] = [waiter("b"), waiter("c"), waiter("d")];
    system.task("controller", { priority: 1 }, function* () {
      yield* b.setPriority(9);
      yield* b.setPriority(5);
      yield* c.setPriority(6);
      yield* d.setPriority(4);
      yield* d.setPriority(5);
      for (let i = 0; i < 4; i++) yield* sem.give();
    });
  });
  assert.is(log.join(""), "cabd");
});

test("TSK-05f a waiter that comes back later stands behind those who stayed", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    system.task("a", { priority: 5 }, function* () {
      assert.is(yield* sem.take(1), ETIMEDOUT);
      yield* sem.take();
      log.push("a");
    });
    system.task("b", { priority: 5 }, function* () {
      yield* sem.take();
      log.push("b");
    });
    system.task("giver", { priority: 1 }, function* (self) {
      yield* self.sleep(2);
      yield* sem.give();
      yield* sem.give();
    });
  });
  assert.is(log.join(""), "ba");
});

test("TSK-05g setting the priority of a boosted task changes only its base", () => {
  play((system) => {
    const lock = system.mutex();
    const low = system.task("low", { priority: 2 }, function* (self) {
      yield* lock.lock();
      yield* self.sleep(2);
      assert.is(priorityOf(self.machine, self.handle), 9);
      yield* lock.unlock();
      assert.is(priorityOf(self.machine, self.handle), 4);
    });
    system.task("waiter", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      assert.is(yield* lock.lock(3), 0);
      assert.is(priorityOf(self.machine, low.handle), 4);
      yield* lock.unlock();
    });
    system.task("controller", { priority: 20 }, function* (self) {
      const { machine } = self;
      yield* self.sleep(1);
      yield* self.compute(100);
      yield* self.setPriority(1);
      assert.is(yield* low.setPriority(4), 2);
      assert.is(yield* info(machine, low.handle, Info.PRIORITY), 9);
      assert.is(yield* info(machine, low.handle, Info.BASE), 4);
    });
  });
});

test("TSK-06a tasks due on one tick run in priority order", () => {
  const log: string[] = [];
  play((system) => {
    for (const priority of [4, 8, 2, 6]) {
      system.task(`t${priority}`, { priority }, function* (self) {
        yield* self.sleepUntil(5);
        log.push(`${priority}@${self.tick}`);
      });
    }
  });
  assert.equal(log, ["8@5", "6@5", "4@5", "2@5"]);
});

test("TSK-06b equals due on one tick run in the order in which they went to sleep", () => {
  const log: string[] = [];
  play((system) => {
    const sleeper = (name: string, from: number) =>
      system.task(name, { priority: 5 }, function* (self) {
        yield* self.sleep(from);
        yield* self.sleep(6 - from);
        log.push(`${name}@${self.tick}`);
      });
    sleeper("c", 3);
    sleeper("a", 1);
    sleeper("b", 2);
    sleeper("d", 3);
  });
  assert.equal(log, ["a@6", "b@6", "c@6", "d@6"]);
});

test("TSK-18a tasks up to the threshold do not preempt, those above do", () => {
  const log: string[] = [];
  play((system) => {
    system.task("guarded", { priority: 5, threshold: 10 }, function* (self) {
      yield* self.create.task("between", { priority: 7 }, noting(log, "between"));
      yield* self.create.task("at", { priority: 10 }, noting(log, "at"));
      log.push("guarded");
      yield* self.create.task("above", { priority: 11 }, noting(log, "above"));
      log.push("guarded again");
    });
  });
  assert.equal(log, ["guarded", "above", "guarded again", "at", "between"]);
});

test("TSK-18b the threshold still holds when the task resumes after a preemption from above", () => {
  const log: string[] = [];
  play((system) => {
    system.task("guarded", { priority: 5, threshold: 10 }, function* (self) {
      yield* self.compute(3 * TICK);
      log.push("guarded");
    });
    system.task("between", { priority: 8 }, function* (self) {
      yield* self.sleep(1);
      log.push("between");
    });
    system.task("above", { priority: 20 }, function* (self) {
      yield* self.sleep(1);
      yield* self.compute(100);
      log.push("above");
    });
  });
  assert.equal(log, ["above", "guarded", "between"]);
});

test("TSK-18b a preempted task whose boost ends keeps its threshold", () => {
  const log: string[] = [];
  play((system) => {
    const lock = system.mutex();
    system.task("guarded", { priority: 5, threshold: 10 }, function* (self) {
      yield* lock.lock();
      yield* self.compute(5 * TICK);
      log.push("guarded");
    });
    system.task("locker", { priority: 20 }, function* (self) {
      yield* self.sleep(1);
      assert.is(yield* lock.lock(2), ETIMEDOUT);
      log.push("locker");
    });
    system.task("between", { priority: 8 }, function* (self) {
      yield* self.sleep(1);
      log.push("between");
    });
    system.task("top", { priority: 30 }, function* (self) {
      yield* self.sleep(2);
      yield* self.compute(2 * TICK);
      log.push("top");
    });
  });
  assert.equal(log, ["top", "locker", "guarded", "between"]);
});

test("TSK-18b a threshold changed while its task is preempted holds from then on", () => {
  const log: string[] = [];
  play((system) => {
    const guarded = system.task("guarded", { priority: 5 }, function* (self) {
      yield* self.compute(3 * TICK);
      log.push("guarded");
    });
    system.task("between", { priority: 8 }, function* (self) {
      yield* self.sleep(1);
      log.push("between");
    });
    system.task("above", { priority: 20 }, function* (self) {
      yield* self.sleep(1);
      assert.is(yield* guarded.setThreshold(10), 5);
      log.push("above");
    });
  });
  assert.equal(log, ["above", "guarded", "between"]);
});

test("TSK-18c blocking gives the threshold up", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    system.task("guarded", { priority: 5, threshold: 10 }, function* () {
      yield* sem.take();
      log.push("guarded");
    });
    system.task("giver", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* sem.give();
      yield* self.create.task("six", { priority: 6 }, noting(log, "six"));
      log.push("giver");
    });
  });
  assert.equal(log, ["giver", "six", "guarded"]);
});

test("TSK-18c TSK-18d what gave its threshold up does not get it back by a change of its priority", () => {
  for (const how of ["block", "yield"] as const) {
    const log: string[] = [];
    play((system) => {
      const sem = system.semaphore();
      const guarded = system.task("guarded", { priority: 5, threshold: 10, slice: 0 }, function* (self) {
        if (how === "block") yield* sem.take();
        else yield* self.yield();
        log.push("guarded");
      });
      system.task("changer", { priority: 5, slice: 0 }, function* (self) {
        yield* self.setPriority(20);
        yield* sem.give();
        yield* guarded.setPriority(6);
        yield* self.create.task("between", { priority: 8 }, noting(log, "between"));
      });
    });
    assert.equal(log, ["between", "guarded"], how);
  }
});

test("TSK-18d yielding gives the threshold up", () => {
  const log: string[] = [];
  play((system) => {
    system.task("guarded", { priority: 5, threshold: 10 }, function* (self) {
      yield* self.create.task("between", { priority: 7 }, noting(log, "between"));
      log.push("guarded");
      yield* self.yield();
      log.push("guarded again");
    });
  });
  assert.equal(log, ["guarded", "between", "guarded again"]);
});

test("TSK-18e a threshold above the priority switches the slice off", () => {
  const { machine } = play((system) => {
    system.task("A", { priority: 5, threshold: 6, slice: 1 }, function* (self) {
      yield* self.compute(3 * TICK);
    });
    burner(system, "B", 5, 2, 1);
  });
  assert.is(ticksOf(machine).slice(0, 5), "AAABB");
});

test("TSK-18e a task at the threshold does not get the CPU at the end of the slice", () => {
  const { machine } = play((system) => {
    system.task("A", { priority: 5, threshold: 6, slice: 1 }, function* (self) {
      yield* self.compute(3 * TICK);
    });
    system.task("C", { priority: 6, slice: 1 }, function* (self) {
      yield* self.sleep(1);
      yield* self.compute(TICK);
    });
  });
  assert.is(ticksOf(machine).slice(0, 4), "AAAC");
});

test("TSK-18a a task that lowers its threshold is preempted in that call", () => {
  const log: string[] = [];
  play((system) => {
    system.task("guarded", { priority: 5, threshold: 10 }, function* (self) {
      yield* self.create.task("between", { priority: 7 }, noting(log, "between"));
      log.push("guarded");
      assert.is(yield* self.setThreshold(5), 10);
      log.push("guarded again");
    });
  });
  assert.equal(log, ["guarded", "between", "guarded again"]);
});

test("TSK-18g a priority set above the threshold takes the threshold along", () => {
  play((system) => {
    const task = system.task("t", { priority: 5, threshold: 10 }, noting([], 0));
    system.task("controller", { priority: 20 }, function* (self) {
      const threshold = () => info(self.machine, task.handle, Info.THRESHOLD);
      assert.is(yield* task.setPriority(8), 5);
      assert.is(yield* threshold(), 10);
      assert.is(yield* task.setPriority(12), 8);
      assert.is(yield* threshold(), 12);
      assert.is(yield* task.setPriority(3), 12);
      assert.is(yield* threshold(), 3, "a threshold that is the priority stays the priority");
    });
  });
});

test("TSK-18f a boost above the threshold raises it", () => {
  const log: string[] = [];
  play((system) => {
    const lock = system.mutex();
    system.task("guarded", { priority: 5, threshold: 10 }, function* (self) {
      yield* lock.lock();
      yield* self.compute(3 * TICK);
      log.push("guarded");
      yield* lock.unlock();
    });
    system.task("locker", { priority: 20 }, function* (self) {
      yield* self.sleep(1);
      yield* lock.lock();
      log.push("locker");
      yield* lock.unlock();
    });
    system.task("fifteen", { priority: 15 }, function* (self) {
      yield* self.sleep(2);
      log.push("fifteen");
    });
  });
  assert.equal(log, ["guarded", "locker", "fifteen"]);
});

test("TSK-18g a threshold below the priority, or no priority at all, is EINVAL", () => {
  const code = (error: unknown) => error instanceof CallError && error.code === "EINVAL";
  let refused = 0;
  const { machine } = play((system) => {
    assert.throws(() => system.task("never", { priority: 5, threshold: 4 }, noting([], "")), code);
    assert.throws(() => system.task("never", { priority: 5, threshold: 64 }, noting([], "")), code);
    system.task("self", { priority: 5, threshold: 7 }, function* (self) {
      for (const threshold of [4, 64]) {
        try {
          yield* self.setThreshold(threshold);
        } catch (error) {
          if (code(error)) refused++;
        }
      }
      assert.is(yield* self.setThreshold(5), 7);
    });
  });
  assert.is(refused, 2);
  assert.equal(
    machine.tasks.map((task) => task.name),
    ["self"],
  );
});

test.run();
