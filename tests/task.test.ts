import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  boot,
  type Call,
  CallError,
  EAGAIN,
  ECANCELED,
  ECHILD,
  ETIMEDOUT,
  Info,
  type Machine,
  type Pipe,
  type Self,
  type System,
  type Task,
} from "../hal/host/index.js";
import { EBADF, EDEADLK, EINVAL, EPERM, ESRCH, Kind, layout, State } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { info, kernelCycles, noting, raw } from "./probe.js";
import { play } from "./support.js";

const test = suite("task");
const TICK = 16000;

test("TSK-07a sleep(n) that begins in tick t ends at the start of tick t + n", () => {
  const log: string[] = [];
  play((system) => {
    system.task("sleeper", {}, function* (self) {
      for (const ticks of [1, 3, 10]) {
        yield* self.compute(9000);
        assert.is(yield* self.sleep(ticks), 0);
        log.push(`tick ${self.tick}, ${self.cycles % TICK < 200}`);
      }
    });
  });
  assert.equal(log, ["tick 1, true", "tick 4, true", "tick 14, true"]);
});

test("TSK-07b sleep(0) returns at once and lets nobody run", () => {
  const log: string[] = [];
  play((system) => {
    system.task("sleeper", { slice: 0 }, function* (self) {
      const before = self.cycles;
      assert.is(yield* self.sleep(0), 0);
      assert.is(self.cycles - before, 50);
      log.push("sleeper");
    });
    system.task("equal", { slice: 0 }, noting(log, "equal"));
  });
  assert.equal(log, ["sleeper", "equal"]);
});

test("TSK-07c sleepUntil gives a period free of drift, whatever the work in between takes", () => {
  const ticks: number[] = [];
  play((system) => {
    system.task("periodic", {}, function* (self) {
      let next = self.tick;
      for (const work of [100, 20000, 7, 31000, 16000, 5]) {
        next += 3;
        yield* self.compute(work);
        assert.is(yield* self.sleepUntil(next), 0);
        ticks.push(self.tick);
      }
    });
  });
  assert.equal(ticks, [3, 6, 9, 12, 15, 18]);
});

test("TSK-07d TSK-07e TSK-07f sleepUntil answers 1 at once for a past tick, 0 at once for this one, else 0 when it comes", () => {
  play((system) => {
    system.task("sleeper", {}, function* (self) {
      yield* self.sleep(5);
      const before = self.cycles;
      assert.is(yield* self.sleepUntil(4), 1);
      assert.is(yield* self.sleepUntil(0), 1);
      assert.is(yield* self.sleepUntil(5), 0);
      assert.is(self.cycles - before, 150);
      assert.is(yield* self.sleepUntil(6), 0);
      assert.is(self.tick, 6);
    });
  });
});

test("TSK-08a scheduler locks nest: nobody else runs before the outermost unlock", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    system.task("urgent", { priority: 9 }, function* () {
      yield* sem.take();
      log.push("urgent");
    });
    system.task("locker", { priority: 3 }, function* (self) {
      assert.is(yield* self.lockScheduler(), 1);
      assert.is(yield* self.lockScheduler(), 2);
      yield* sem.give();
      assert.is(yield* self.unlockScheduler(), 1);
      log.push("still locked");
      assert.is(yield* self.unlockScheduler(), 0);
      log.push("unlocked");
    });
  });
  assert.equal(log, ["still locked", "urgent", "unlocked"]);
});

test("TSK-08a no slice ends under the lock", () => {
  const log: string[] = [];
  play((system) => {
    system.task("locker", { priority: 5, slice: 1 }, function* (self) {
      yield* self.lockScheduler();
      yield* self.compute(3 * TICK);
      log.push("locker");
      yield* self.unlockScheduler();
    });
    system.task("equal", { priority: 5, slice: 1 }, noting(log, "equal"));
  });
  assert.equal(log, ["locker", "equal"]);
});

test("TSK-08b the lock belongs to its task and is released at its end, however it ends", () => {
  for (const end of ["returns", "exits", "throws", "terminates itself"] as const) {
    const log: string[] = [];
    const machine = boot(
      (system) => {
        system.task("locker", { priority: 9 }, function* (self) {
          yield* self.lockScheduler();
          yield* self.lockScheduler();
          if (end === "exits") yield* self.exit(1);
          if (end === "throws") throw new Error("on purpose");
          if (end === "terminates itself") yield* self.terminate();
        });
        system.task("other", { priority: 5 }, function* (self) {
          assert.is(yield* raw(self.machine, "scheduler_unlock"), EPERM);
          yield* self.create.task("child", { priority: 6 }, noting(log, "child"));
          log.push("other");
        });
      },
      { kernel: "debug", onFailure: "report" },
    );
    let reason = machine.step();
    for (; reason === "budget"; reason = machine.step()) assert.is(machine.check(), 0, end);
    assert.equal(log, ["child", "other"], end);
  }
});

test("TSK-08c unlock without a lock is EPERM", () => {
  play((system) => {
    system.task("t", {}, function* (self) {
      assert.is(yield* raw(self.machine, "scheduler_unlock"), EPERM);
      yield* self.lockScheduler();
      assert.is(yield* raw(self.machine, "interrupt_unlock"), EPERM);
      yield* self.unlockScheduler();
      assert.is(yield* raw(self.machine, "scheduler_unlock"), EPERM);
    });
  });
});

test("TSK-08d interrupts and ticks go on under the lock", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    const timer = system.timer({ give: sem });
    system.interrupt(1, {}, noting(log, "handler"));
    system.task("locker", {}, function* (self) {
      yield* timer.start(1, 1);
      yield* self.lockScheduler();
      yield* self.compute(3 * TICK);
      assert.is(self.tick, 3);
      assert.is(sem.count, 3);
      yield* self.raise(1);
      log.push("locker");
      yield* self.unlockScheduler();
    });
  });
  assert.equal(log, ["handler", "locker"]);
});

test("TSK-08e who became ready under the lock runs at the unlock, the most urgent first", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    for (const priority of [4, 9, 6]) {
      system.task(`t${priority}`, { priority }, function* () {
        yield* sem.take();
        log.push(`t${priority}`);
      });
    }
    system.task("slept", { priority: 7 }, function* (self) {
      yield* self.sleep(1);
      log.push("slept");
    });
    system.task("locker", { priority: 3 }, function* (self) {
      yield* self.lockScheduler();
      for (let i = 0; i < 3; i++) yield* sem.give();
      yield* self.compute(2 * TICK);
      yield* self.unlockScheduler();
      log.push("locker");
    });
  });
  assert.equal(log, ["t9", "slept", "t6", "t4", "locker"]);
});

test("TSK-08f TSK-08g to block or to suspend oneself under the lock is EPERM", () => {
  play((system) => {
    const sem = system.semaphore({ initial: 1 });
    const lock = system.mutex();
    const other = system.task("other", { priority: 1 }, noting([], 0));
    system.task("locker", { priority: 9 }, function* (self) {
      const { machine } = self;
      yield* self.lockScheduler();
      yield* self.compute(2 * TICK);
      assert.is(yield* raw(machine, "sem_take", sem.handle, -1), EPERM, "though a unit is there, and ticks came in between");
      assert.is(yield* raw(machine, "sem_take", sem.handle, 0), 0);
      assert.is(yield* raw(machine, "mutex_lock", lock.handle, 5), EPERM);
      assert.is(yield* raw(machine, "task_join", other.handle, 0, -1), EPERM);
      assert.is(yield* raw(machine, "task_sleep", 2), EPERM);
      assert.is(yield* raw(machine, "task_sleep_until", 2), EPERM);
      assert.is(yield* raw(machine, "task_yield"), EPERM);
      assert.is(yield* raw(machine, "task_suspend", self.handle), EPERM);
      assert.is(yield* raw(machine, "task_suspend", other.handle), 0, "another may be suspended");
      assert.is(yield* raw(machine, "task_resume", other.handle), 0);
      yield* self.unlockScheduler();
    });
  });
});

test("TSK-08g a handler may suspend the task that has the lock; it stops at its unlock", () => {
  const log: string[] = [];
  play((system) => {
    const locker = system.task("locker", { priority: 9 }, function* (self) {
      yield* self.lockScheduler();
      yield* self.raise(1);
      log.push("still running");
      yield* self.unlockScheduler();
      log.push("resumed");
    });
    system.interrupt(1, {}, function* () {
      assert.is(yield* raw(locker.machine, "task_suspend", locker.handle), 0);
    });
    system.task("other", { priority: 1 }, function* () {
      log.push("other");
      yield* locker.resume();
    });
  });
  assert.equal(log, ["still running", "other", "resumed"]);
});

test("TSK-09a TSK-09b suspending twice is suspending once, and so is resuming", () => {
  const log: string[] = [];
  play((system) => {
    const held = system.task("held", { priority: 9 }, function* (self) {
      log.push("first");
      yield* self.suspend();
      log.push("second");
      yield* self.sleep(1);
    });
    system.task("controller", { priority: 3 }, function* () {
      yield* held.suspend();
      yield* held.suspend();
      yield* held.resume();
      log.push("resumed");
      assert.is(yield* raw(held.machine, "task_resume", held.handle), 0);
    });
    system.task("before", { priority: 10 }, function* () {
      yield* held.resume();
    });
  });
  assert.equal(log, ["first", "second", "resumed"]);
});

test("TSK-09c TSK-09e a suspended task's wait is served, and it runs only after resume", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    const waiter = system.task("waiter", { priority: 9 }, function* () {
      log.push(`waiter ${yield* sem.take(5)}`);
    });
    system.task("second", { priority: 8 }, function* () {
      log.push(`second ${yield* sem.take(6)}`);
    });
    system.task("controller", { priority: 3 }, function* (self) {
      yield* waiter.suspend();
      yield* sem.give();
      assert.is(sem.count, 0);
      assert.is(sem.waiters, 1);
      log.push("given");
      yield* self.sleep(3);
      log.push("resuming");
      yield* waiter.resume();
    });
  });
  assert.equal(log, ["given", "resuming", "waiter 0", `second ${ETIMEDOUT}`]);
});

test("TSK-09d a suspended task's wait times out on time, though it learns of it only after resume", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    const waiter = system.task("waiter", { priority: 9 }, function* (self) {
      log.push(`${yield* sem.take(2)} at ${self.tick}`);
    });
    system.task("controller", { priority: 3 }, function* (self) {
      yield* waiter.suspend();
      yield* self.sleep(2);
      assert.is(sem.waiters, 0);
      yield* sem.give();
      assert.is(sem.count, 1, "the unit came too late");
      yield* self.sleep(4);
      yield* waiter.resume();
    });
  });
  assert.equal(log, [`${ETIMEDOUT} at 6`]);
});

test("TSK-09e a ready task that is suspended does not run, nor one that is boosted or raised meanwhile", () => {
  const log: string[] = [];
  play((system) => {
    const held = system.task("held", { priority: 5 }, noting(log, "held"));
    system.task("controller", { priority: 9 }, function* (self) {
      yield* held.suspend();
      yield* held.setPriority(20);
      yield* self.sleep(3);
      log.push("controller");
      yield* held.resume();
      log.push("controller again");
    });
  });
  assert.equal(log, ["controller", "held", "controller again"]);
});

test("TSK-09e suspending a task that has ended is ESRCH", () => {
  play((system) => {
    system.task("controller", { priority: 9 }, function* (self) {
      const gone = yield* self.create.task("gone", { priority: 10 }, noting([], 0));
      assert.is(yield* gone.suspend(), ESRCH);
      assert.is(yield* gone.resume(), ESRCH);
      yield* gone.join();
      assert.is(yield* gone.suspend(), ESRCH);
    });
  });
});

test("TSK-10a returning from the entry function is exit(0)", () => {
  const { machine } = play((system) => {
    system.task("parent", {}, function* (self) {
      const returns = yield* self.create.task("returns", {}, noting([], 0));
      const exits = yield* self.create.task("exits", {}, function* (me) {
        yield* me.exit(-7);
      });
      yield* returns.join();
      yield* exits.join();
      assert.is(returns.status, 0);
      assert.is(exits.status, -7);
    });
  });
  assert.is(machine.task("returns").state, "exited");
  assert.is(machine.task("exits").status, -7);
});

/** What a run's trace says from a task's end on, until somebody else runs. */
function ending(machine: Machine, name: string): string[] {
  const { index } = machine.task(name);
  const { trace } = machine;
  const from = trace.findIndex((record) => record.event === "END" && record.task === index);
  const upTo = trace.findIndex((record, i) => i > from && record.event === "SWITCH");
  return trace.slice(from, upTo).map((record) => {
    const who = machine.tasks.find((task) => task.index === record.task)?.name;
    return record.event === "WAKE" ? `wake ${who}` : `${record.event} ${who}`;
  });
}

test("TSK-10b TSK-10c TSK-10d TSK-10e TSK-10f at a task's end its wait is undone, then its mutexes, locks, opened objects and joiners, before one switch", () => {
  const { machine } = play((system) => {
    const [early, late] = [system.rwlock(), system.rwlock()];
    const [first, second] = [system.mutex({ name: "first" }), system.mutex({ name: "second" })];
    const pipes: [Pipe, Pipe] = [system.pipe({ capacity: 4 }), system.pipe({ capacity: 4 })];
    const nothing = system.semaphore();
    const ended = system.task("ended", { priority: 20, writes: pipes }, function* () {
      yield* late.write();
      yield* early.write();
      yield* second.lock();
      yield* first.lock();
      yield* nothing.take();
    });
    const waiter = (name: string, wait: (self: Self) => Call<number>) =>
      system.task(name, { priority: 10, reads: pipes }, function* (self) {
        yield* wait(self);
      });
    waiter("for join", () => ended.join());
    waiter("for pipe 1", (self) => pipes[1].read(self.buffer(1)));
    waiter("for pipe 0", (self) => pipes[0].read(self.buffer(1)));
    waiter("for late", () => late.read());
    waiter("for early", () => early.read());
    waiter("for first", () => first.lock());
    waiter("for second", () => second.lock());
    system.task("ender", { priority: 1 }, function* () {
      yield* ended.terminate();
    });
  });
  const story = ending(machine, "ended");
  assert.equal(
    story.filter((line) => /^(END|wake)/.test(line)),
    [
      "END ended",
      "wake for second",
      "wake for first",
      "wake for early",
      "wake for late",
      "wake for pipe 0",
      "wake for pipe 1",
      "wake for join",
    ],
  );
});

test("TSK-11a the first joiner gets the status, the others ECHILD", () => {
  const log: string[] = [];
  play((system) => {
    const target = system.task("target", { priority: 1 }, function* (self) {
      yield* self.sleep(2);
      yield* self.exit(42);
    });
    for (const [name, priority] of [
      ["early", 5],
      ["urgent", 9],
      ["late", 5],
    ] as const) {
      system.task(name, { priority }, function* (self) {
        const out = self.buffer(4);
        const result = yield* raw(self.machine, "task_join", target.handle, out.address, -1);
        log.push(`${name} ${result} ${out.word(0)}`);
      });
    }
    system.task("after", { priority: 1 }, function* (self) {
      yield* self.sleep(4);
      log.push(`after ${yield* target.join()}`);
    });
  });
  assert.equal(log, ["urgent 0 42", `early ${ECHILD} 0`, `late ${ECHILD} 0`, `after ${ESRCH}`]);
});

test("TSK-11a a zombie waits for its joiner, and is gone after the first join", () => {
  play((system) => {
    system.task("parent", { priority: 3 }, function* (self) {
      const child = yield* self.create.task("child", { priority: 9 }, function* (me) {
        yield* me.exit(5);
      });
      yield* self.sleep(3);
      assert.is(yield* child.join(0), 0);
      assert.is(child.status, 5);
      assert.is(yield* raw(self.machine, "task_join", child.handle, 0, 0), ESRCH);
    });
  });
});

test("TSK-11b TSK-11c joining oneself, or in a ring, is EDEADLK", () => {
  play((system) => {
    const tasks: Task[] = [];
    const join = (from: string, to: number, ticks: number) =>
      system.task(from, { priority: 9 }, function* (self) {
        yield* self.sleep(1);
        const result = yield* raw(self.machine, "task_join", (tasks[to] as Task).handle, 0, ticks);
        if (from === "c") assert.is(result, EDEADLK);
        else assert.is(result, 0, from);
      });
    tasks.push(join("a", 1, -1), join("b", 2, 7), join("c", 0, 3));
    system.task("alone", {}, function* (self) {
      assert.is(yield* raw(self.machine, "task_join", self.handle, 0, -1), EDEADLK);
      assert.is(yield* raw(self.machine, "task_join", self.handle, 0, 0), EDEADLK);
    });
  });
});

test("TSK-11d a join times out, and the task can be joined later", () => {
  play((system) => {
    const target = system.task("target", { priority: 1 }, function* (self) {
      yield* self.sleep(5);
      yield* self.exit(9);
    });
    system.task("joiner", {}, function* (self) {
      assert.is(yield* target.join(0), EAGAIN);
      assert.is(yield* target.join(2), ETIMEDOUT);
      assert.is(self.tick, 2);
      assert.is(target.status, undefined);
      assert.is(yield* target.join(), 0);
      assert.is(target.status, 9);
    });
    system.task("aborted", { priority: 9 }, function* () {
      assert.is(yield* target.join(), ECANCELED);
    });
    system.task("aborter", { priority: 3 }, function* (self) {
      yield* self.sleep(1);
      const { machine } = self;
      const aborted = machine.task("aborted").handle;
      assert.is(yield* raw(machine, "wait_abort", aborted), 0);
    });
  });
});

test("TSK-11f a detached task leaves no zombie and cannot be joined", () => {
  play((system) => {
    system.task("parent", { priority: 3 }, function* (self) {
      const { machine } = self;
      const alive = yield* self.create.task("alive", { priority: 1, detached: true }, noting([], 0));
      assert.is(yield* raw(machine, "task_join", alive.handle, 0, 0), ECHILD);
      assert.is(yield* raw(machine, "task_detach", alive.handle), ECHILD);
      const gone = yield* self.create.task("gone", { priority: 9, detached: true }, noting([], 0));
      assert.is(yield* raw(machine, "task_join", gone.handle, 0, 0), ESRCH);
      assert.is(yield* info(machine, gone.handle, Info.STATE), EBADF);
    });
  });
});

test("TSK-11g detaching a task later removes its zombie, or lets it leave none", () => {
  play((system) => {
    system.task("parent", { priority: 3 }, function* (self) {
      const { machine } = self;
      const zombie = yield* self.create.task("zombie", { priority: 9 }, noting([], 0));
      assert.is(yield* info(machine, zombie.handle, Info.STATE), State.ZOMBIE);
      assert.is(yield* zombie.detach(), 0);
      assert.is(yield* info(machine, zombie.handle, Info.STATE), EBADF);
      const alive = yield* self.create.task("alive", { priority: 1 }, noting([], 0));
      assert.is(yield* alive.detach(), 0);
      yield* self.sleep(1);
      assert.is(yield* info(machine, alive.handle, Info.STATE), EBADF);
    });
  });
});

test("TSK-11h the children of a task that ended become detached, dead or alive", () => {
  play((system) => {
    let children: Task[] = [];
    const parent = system.task("parent", { priority: 5 }, function* (self) {
      const dead = yield* self.create.task("dead", { priority: 9 }, noting([], 0));
      const alive = yield* self.create.task("alive", { priority: 1 }, function* (me) {
        yield* me.sleep(5);
      });
      children = [dead, alive];
      yield* self.sleep(1);
    });
    system.task("watcher", { priority: 3 }, function* (self) {
      const { machine } = self;
      const [dead, alive] = children as [Task, Task];
      assert.is(yield* info(machine, dead.handle, Info.STATE), State.ZOMBIE);
      yield* parent.join();
      assert.is(yield* info(machine, dead.handle, Info.STATE), EBADF);
      assert.is(yield* alive.join(0), ECHILD);
      yield* self.sleep(6);
      assert.is(yield* info(machine, alive.handle, Info.STATE), EBADF);
    });
  });
});

test("TSK-11i a zombie keeps only its slot: stack, name, locks and ends of pipes are free", () => {
  play((system) => {
    const pipe = system.pipe({ capacity: 4 });
    const lock = system.mutex();
    system.task("reader", { priority: 3, reads: [pipe] }, function* (self) {
      const zombie = self.machine.task("zombie");
      yield* self.sleep(1);
      assert.is(yield* info(self.machine, zombie.handle, Info.STATE), State.ZOMBIE);
      const record = self.machine.taskRecord(zombie.index);
      assert.is(self.machine.u32[(record + layout.Task.storage) >> 2], 0);
      assert.is(yield* pipe.read(self.buffer(1)), 0, "nobody writes any more");
      assert.is(yield* lock.lock(0), 0);
      yield* self.create.task("zombie", { priority: 1 }, noting([], 0));
    });
    system.task("zombie", { priority: 9, storage: 8192, writes: [pipe] }, function* () {
      yield* lock.lock();
    });
  });
});

test("TSK-11j who joined before the task was detached is still served, the first with the status", () => {
  const log: string[] = [];
  play((system) => {
    const target = system.task("target", { priority: 1 }, function* (self) {
      yield* self.sleep(3);
      yield* self.exit(8);
    });
    for (const name of ["first", "second"]) {
      system.task(name, { priority: 9 }, function* (self) {
        const out = self.buffer(4);
        const result = yield* raw(self.machine, "task_join", target.handle, out.address, -1);
        log.push(`${name} ${result} ${out.word(0)}`);
      });
    }
    system.task("detacher", { priority: 3 }, function* () {
      yield* target.detach();
      assert.is(yield* target.join(0), ECHILD);
    });
  });
  assert.equal(log, ["first 0 8", `second ${ECHILD} 0`]);
});

test("TSK-15a there is idle time only while nobody can run", () => {
  const { machine } = play((system) => {
    system.task("busy", {}, function* (self) {
      yield* self.compute(5 * TICK);
    });
  });
  assert.is(machine.report().idle, 0);

  const other = play((system) => {
    system.task("sleeper", {}, function* (self) {
      yield* self.sleep(3);
    });
  }).machine;
  const { cycles, report } = { cycles: other.task("sleeper").cycles, report: other.report() };
  assert.is(report.idle, other.cycles - cycles - report.kernel);
  assert.ok(report.idle > 2.9 * TICK);
});

test("TSK-15b idle time jumps to the next event: a tick, or a device's cycle", () => {
  const machine = boot(
    (system) => {
      const timer = system.hardwareTimer();
      const sem = system.semaphore();
      system.interrupt(timer.line, {}, function* () {
        yield* sem.give();
      });
      system.task("t", {}, function* (self) {
        yield* timer.write(0, 20000);
        yield* timer.write(1, 3);
        yield* sem.take();
        yield* self.sleep(1);
      });
    },
    { kernel: "debug" },
  );
  const stops: number[] = [];
  while (machine.step() === "budget") stops.push(machine.cycles);
  const fired = machine.trace.find((record) => record.event === "RAISE")?.cycles as number;
  assert.is(fired, 80 + 8 + 8 + 20000);
  assert.ok(stops.length < 12, `${stops.length} steps for ${machine.cycles} cycles`);
});

test("TSK-15c TSK-15d TSK-15e the run ends when every task but the daemons has ended, and a waiting daemon is no deadlock", () => {
  const { machine, reason } = play((system) => {
    const sem = system.semaphore();
    system.task("waiting", { daemon: true }, function* () {
      yield* sem.take();
    });
    system.task("running", { daemon: true, priority: 1 }, function* (self) {
      for (;;) yield* self.sleep(1);
    });
    system.task("worker", {}, function* (self) {
      yield* self.sleep(2);
    });
  });
  assert.is(reason, "finished");
  assert.is(machine.tick, 2);
  assert.is(
    play((system) => {
      system.task("daemon", { daemon: true }, noting([], 0));
    }).reason,
    "finished",
  );
});

test("TSK-15f a run stops at the tick that was asked for, and goes on from there", () => {
  const machine = boot((system) => {
    system.task("t", {}, function* (self) {
      yield* self.sleep(10);
    });
  });
  assert.is(machine.runUntil(4), "until");
  assert.is(machine.tick, 4);
  assert.is(
    machine.runUntil((m) => m.tick === 7),
    "until",
  );
  assert.is(machine.tick, 7);
  assert.is(machine.run(), "finished");
  assert.is(machine.tick, 10);
});

test("TSK-15g when nobody can ever run again the run ends in deadlock, not before", () => {
  const { machine } = play(
    (system) => {
      const sem = system.semaphore();
      system.task("waits", {}, function* () {
        assert.is(yield* sem.take(5), ETIMEDOUT);
        yield* sem.take();
      });
    },
    {},
    "deadlock",
  );
  assert.is(machine.tick, 5);
  const suspended = (system: System) => {
    const held = system.task("held", {}, noting([], 0));
    system.task("holder", { priority: 20 }, function* () {
      yield* held.suspend();
    });
  };
  play(suspended, {}, "deadlock");
});

test("TSK-16a the cycles of tasks, interrupts, kernel and idle sum to the time elapsed", () => {
  const machine = boot(
    (system) => {
      const sem = system.semaphore();
      const timer = system.hardwareTimer();
      const ticker = system.timer({ give: sem });
      system.interrupt(timer.line, {}, function* (irq) {
        yield* irq.compute(333);
      });
      system.task("maker", { priority: 5 }, function* (self) {
        yield* ticker.start(1, 2);
        yield* timer.write(0, 7001);
        yield* timer.write(1, 1);
        for (let i = 0; i < 12; i++) {
          yield* sem.take();
          const child = yield* self.create.task("child", { priority: i, detached: i % 2 === 0 }, function* (me) {
            yield* me.compute(900 * i);
          });
          if (i % 3 === 0) yield* child.terminate();
        }
      });
      system.task("equal", { priority: 5 }, function* (self) {
        for (let i = 0; i < 10; i++) {
          yield* self.compute(5000);
          yield* self.sleep(1);
        }
      });
    },
    { kernel: "debug" },
  );
  for (let reason = machine.step(); reason === "budget"; reason = machine.step()) {
    assert.is(machine.check(), 0);
    const { idle, kernel, interrupts } = machine.report();
    const tasks = machine.tasks.reduce((sum, task) => sum + task.cycles, 0);
    assert.is(tasks + idle + kernel + interrupts, kernelCycles(machine, layout.Kernel.nowCharged));
  }
  const { idle, kernel, interrupts, cycles } = machine.report();
  assert.is(machine.tasks.reduce((sum, task) => sum + task.cycles, 0) + idle + kernel + interrupts, cycles);
  assert.ok(idle > 0 && kernel > 0 && interrupts > 0);
});

test("TSK-16a what info says of two tasks is all the time that they and the kernel took", () => {
  play((system) => {
    const busy = system.task("busy", { priority: 9 }, function* (self) {
      yield* self.compute(12345);
      yield* self.suspend();
    });
    system.task("asker", { priority: 3 }, function* (self) {
      const { machine } = self;
      const theirs = yield* info(machine, busy.handle, Info.CYCLES);
      assert.is(theirs, 12345 + 50);
      const before = machine.cycles;
      const mine = yield* info(machine, self.handle, Info.CYCLES);
      const kernel = kernelCycles(machine, layout.Kernel.kernelCycles);
      assert.is(mine + theirs + kernel, before + 40, "up to the very call");
      yield* busy.resume();
    });
  });
});

test("TSK-16b how often a task got the CPU is queryable", () => {
  play((system) => {
    const task = system.task("sleeper", { priority: 9 }, function* (self) {
      for (let i = 0; i < 4; i++) yield* self.sleep(1);
      yield* self.suspend();
    });
    system.task("asker", { priority: 3 }, function* (self) {
      yield* self.sleep(8);
      assert.is(yield* info(self.machine, task.handle, Info.SWITCHES), 5);
      assert.is(self.machine.task("sleeper").switches, 5);
      yield* task.resume();
    });
  });
});

test("TSK-16c the worst time from ready to running is queryable", () => {
  play((system) => {
    const sem = system.semaphore();
    const task = system.task("waiter", { priority: 5 }, function* (self) {
      yield* sem.take();
      assert.is(yield* info(self.machine, self.handle, Info.LATENCY), 4000 + 160 + 80);
      yield* sem.take();
      assert.is(yield* info(self.machine, self.handle, Info.LATENCY), 4000 + 160 + 80, "the worst is kept");
    });
    system.task("giver", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* sem.give();
      yield* self.compute(4000);
    });
    system.task("second", { priority: 9 }, function* (self) {
      yield* self.sleep(2);
      yield* sem.give();
      assert.is(self.machine.task("waiter").handle, task.handle);
    });
  });
});

test("TSK-16c time spent suspended is no latency: it counts from the resume", () => {
  play((system) => {
    const task = system.task("held", { priority: 5 }, function* (self) {
      yield* self.suspend();
      assert.ok((yield* info(self.machine, self.handle, Info.LATENCY)) < TICK);
    });
    system.task("resumer", { priority: 3 }, function* (self) {
      yield* self.sleep(9);
      yield* task.resume();
    });
  });
});

test("TSK-16c after a yield it counts from the yield", () => {
  play((system) => {
    system.task("yielder", { priority: 5, slice: 0 }, function* (self) {
      yield* self.compute(9000);
      yield* self.yield();
      assert.is(yield* info(self.machine, self.handle, Info.LATENCY), 80 + 3000 + 160 + 80);
    });
    system.task("equal", { priority: 5, slice: 0 }, function* (self) {
      yield* self.compute(3000);
    });
  });
});

test("TSK-16d the stack's size and its most used part are queryable", () => {
  play((system) => {
    const task = system.task("t", { priority: 1, storage: 640 }, noting([], 0));
    system.task("asker", { priority: 3 }, function* (self) {
      assert.is(yield* info(self.machine, task.handle, Info.STACK_SIZE), 640);
      assert.is(yield* info(self.machine, task.handle, Info.STACK_USED), 0, "a scripted task's frames are not in RAM");
    });
  });
});

test("TSK-16e info answers every field of a task, and EINVAL for a field that its kind has not", () => {
  play((system) => {
    const sem = system.semaphore({ initial: 2, maximum: 7 });
    const lock = system.mutex();
    const event = system.event({ bits: 9 });
    const barrier = system.barrier(3);
    const shared = system.rwlock();
    const timer = system.timer({ give: sem });
    const pipe = system.pipe({ capacity: 12, public: "read" });
    const task = system.task("t", { priority: 4, threshold: 6, slice: 3, detached: true }, function* () {
      yield* lock.lock();
      yield* shared.write();
      yield* barrier.wait();
    });
    system.task("joiner", { priority: 5 }, function* (self) {
      yield* raw(self.machine, "task_join", self.machine.task("asker").handle, 0, -1);
    });
    system.task("asker", { priority: 3, writes: [pipe] }, function* (self) {
      const { machine } = self;
      const ask = function* (of: { handle: number }, ...fields: number[]) {
        const answers: number[] = [];
        for (const field of fields) answers.push(yield* info(machine, of.handle, field));
        return answers;
      };
      yield* pipe.write("abc");
      yield* timer.start(1, 1);
      yield* self.sleep(2);
      const { STATE, PRIORITY, BASE, THRESHOLD, SLICE, HELD, WAITING_FOR, WAITERS, COUNT, OWNER, CAPACITY, READERS, WRITERS, FLAGS } = Info;
      assert.equal(yield* ask(task, STATE, PRIORITY, BASE, THRESHOLD, SLICE, HELD, FLAGS), [State.BLOCKED, 4, 4, 6, 3, 0, 1]);
      assert.equal(yield* ask(task, WAITING_FOR), [barrier.handle & 0x1fff]);
      assert.equal(yield* ask(self, STATE, WAITERS, WAITING_FOR), [State.RUNNING, 1, 0]);
      assert.equal(yield* ask(sem, COUNT, CAPACITY, WAITERS), [4, 7, 0]);
      assert.equal(yield* ask(lock, COUNT, OWNER, WAITERS, FLAGS), [1, task.handle, 0, 0]);
      assert.equal(yield* ask(event, COUNT, WAITERS), [9, 0]);
      assert.equal(yield* ask(barrier, COUNT, CAPACITY, WAITERS), [1, 3, 1]);
      assert.equal(yield* ask(shared, READERS, OWNER), [0, task.handle]);
      assert.equal(yield* ask(timer, STATE, COUNT), [1, 2]);
      assert.equal(yield* ask(pipe, COUNT, CAPACITY, READERS, WRITERS), [3, 12, 0, 2 ** (self.handle & 0xff)]);
      assert.equal(yield* ask(sem, OWNER), [EINVAL]);
      assert.equal(yield* ask(lock, CAPACITY), [EINVAL]);
      assert.equal(yield* ask(pipe, OWNER), [EINVAL]);
      assert.equal(yield* ask(task, OWNER), [EINVAL]);
      yield* task.terminate();
      yield* timer.stop();
    });
  });
});

test("TSK-16f enumerate goes through all live objects of a kind, each once, and ends with 0", () => {
  play((system) => {
    const made = Array.from({ length: 5 }, () => system.event().handle);
    system.task("other", { priority: 1 }, noting([], 0));
    system.task("asker", { priority: 3 }, function* (self) {
      const { machine } = self;
      const all = function* (kind: number) {
        const found: number[] = [];
        for (let h = yield* raw(machine, "object_enumerate", kind, 0); h > 0; h = yield* raw(machine, "object_enumerate", kind, h))
          found.push(h);
        return found;
      };
      assert.equal(yield* all(Kind.EVENT), made);
      assert.is(yield* raw(machine, "object_delete", made[2] as number), 0);
      assert.equal(
        yield* all(Kind.EVENT),
        made.filter((_, i) => i !== 2),
      );
      assert.equal(
        yield* all(Kind.TASK),
        machine.tasks.map((task) => task.handle),
      );
      assert.equal(yield* all(Kind.PIPE), []);
    });
  });
});

test("a call that the API refuses as a misuse is a CallError that names call and error", () => {
  let caught: unknown;
  play((system) => {
    system.task("t", {}, function* (self) {
      try {
        yield* self.unlockScheduler();
      } catch (error) {
        caught = error;
      }
    });
  });
  assert.instance(caught, CallError);
  assert.is((caught as CallError).code, "EPERM");
  assert.is((caught as CallError).call, "unlockScheduler");
});

test("TSK-18g a task is not made with a threshold below its priority or above all", () => {
  const m = new Bare();
  assert.throws(() => m.task(5, 64, 4), /there is no task: -22/);
  assert.throws(() => m.task(5, 64, 64), /there is no task: -22/);
  assert.ok(m.task(5, 64, 5) > 0);
  assert.ok(m.task(5, 64, 63) > 0);
});

test.run();
