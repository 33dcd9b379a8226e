import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Barrier, EAGAIN, ECANCELED, EIDRM, ETIMEDOUT, type System } from "../hal/host/index.js";
import { misuse, ORACLES, playOut } from "./support.js";

const test = suite("barrier");

/** The default oracle and twenty random ones. */

/** A task that arrives at a tick and notes its name with what it got. */
function arrival(system: System, barrier: Barrier, log: unknown[], name: string, priority: number, at: number, timeout = -1) {
  return system.task(name, { priority }, function* (self) {
    yield* self.sleepUntil(at);
    log.push(name, yield* barrier.wait(timeout));
  });
}

test("nobody goes on before all are here, and then all do, most urgent first", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const barrier = system.barrier(4);
      arrival(system, barrier, log, "low first", 3, 1);
      arrival(system, barrier, log, "low second", 3, 2);
      arrival(system, barrier, log, "high", 5, 3);
      system.task("last", { priority: 1 }, function* (self) {
        yield* self.sleep(4);
        assert.equal(log, []);
        assert.is(barrier.waiters, 3);
        assert.is(yield* barrier.wait(), 1);
      });
    }, oracle);
    assert.equal(log, ["high", 0, "low first", 0, "low second", 0]);
  }
});

test("SYN-07a the last arrival does not block, whatever its timeout, and is the only one that is told so", () => {
  for (const timeout of [-1, 0, 3]) {
    const log: unknown[] = [];
    playOut((system) => {
      const barrier = system.barrier(3);
      arrival(system, barrier, log, "first", 3, 0);
      arrival(system, barrier, log, "second", 4, 0);
      arrival(system, barrier, log, "last", 5, 1, timeout);
    });
    assert.equal(log, ["last", 1, "second", 0, "first", 0]);
  }
});

test("SYN-07a a barrier for one never blocks", () => {
  playOut((system) => {
    const barrier = system.barrier(1);
    system.task("only", {}, function* () {
      assert.is(yield* barrier.wait(), 1);
      assert.is(yield* barrier.wait(0), 1);
    });
  });
});

test("SYN-07b who times out, is killed or aborted no longer counts: as many others must come", () => {
  for (const how of ["timeout", "terminate", "abort"] as const) {
    const log: unknown[] = [];
    playOut((system) => {
      const barrier = system.barrier(3);
      const leaver = arrival(system, barrier, log, "leaver", 4, 0, how === "timeout" ? 2 : 9);
      arrival(system, barrier, log, "stayer", 3, 0);
      system.task("boss", { priority: 9 }, function* (self) {
        yield* self.sleep(2);
        if (how !== "timeout") yield* leaver[how]();
        assert.is(barrier.waiters, 1);
        yield* self.sleep(1);
        log.push("boss");
      });
      arrival(system, barrier, log, "third", 5, 4);
      arrival(system, barrier, log, "last", 5, 5);
    });
    const left = { timeout: ["leaver", ETIMEDOUT], terminate: [], abort: ["leaver", ECANCELED] }[how];
    assert.equal(log, [...left, "boss", "last", 1, "third", 0, "stayer", 0]);
  }
});

test("SYN-07b one that asked with timeout 0 was never counted", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const barrier = system.barrier(2);
    arrival(system, barrier, log, "asker", 5, 0, 0);
    arrival(system, barrier, log, "first", 4, 1);
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(2);
      assert.is(barrier.waiters, 1);
    });
    arrival(system, barrier, log, "last", 3, 3);
  });
  assert.equal(log, ["asker", EAGAIN, "first", 0, "last", 1]);
});

test("SYN-07b a waiter whose priority changes is still counted once", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const barrier = system.barrier(3);
    const first = arrival(system, barrier, log, "first", 3, 0);
    arrival(system, barrier, log, "second", 4, 0);
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* first.setPriority(6);
      yield* self.sleep(1);
      log.push("boss", yield* barrier.wait(0));
    });
  });
  assert.equal(log, ["boss", 1, "first", 0, "second", 0]);
});

test("SYN-07c the barrier works again at once: a task that was let through may be the first of the next round", () => {
  for (const oracle of ORACLES) {
    const rounds = [0, 0, 0, 0];
    let last = 0;
    playOut((system) => {
      const barrier = system.barrier(4);
      rounds.forEach((_, i) => {
        system.task(`worker ${i}`, { priority: 3 + (i % 3) }, function* (self) {
          for (let round = 0; round < 15; round++) {
            yield* self.compute(100 + 5000 * ((i + round) % 3));
            if ((yield* barrier.wait()) === 1) last++;
            (rounds[i] as number)++;
            assert.ok(Math.max(...rounds) - Math.min(...rounds) <= 1);
          }
        });
      });
    }, oracle);
    assert.equal(rounds, [15, 15, 15, 15]);
    assert.is(last, 15);
  }
});

test("deleting it wakes the waiters in order with EIDRM, and later calls are EBADF", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const barrier = system.barrier(3);
    arrival(system, barrier, log, "low", 3, 0);
    arrival(system, barrier, log, "high", 5, 0, 9);
    system.task("deleter", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* barrier.delete();
      log.push(yield* misuse(() => barrier.wait(0)));
    });
  });
  assert.equal(log, ["EBADF", "high", EIDRM, "low", EIDRM]);
});

test("a suspended waiter is let through with the others and runs when it is resumed", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const barrier = system.barrier(3);
    const held = arrival(system, barrier, log, "held", 5, 0);
    arrival(system, barrier, log, "other", 4, 0);
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* held.suspend();
      yield* barrier.wait();
      yield* self.sleep(1);
      yield* held.resume();
    });
  });
  assert.equal(log, ["other", 0, "held", 0]);
});

test("misuse: a count that no number of tasks can reach and a bad timeout are EINVAL, what is no barrier is EBADF, a handler's wait EPERM", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const barrier = system.barrier(1);
    const sem = system.semaphore();
    system.interrupt(3, {}, function* () {
      for (const timeout of [0, -1]) log.push(yield* misuse(() => barrier.wait(timeout)));
    });
    system.task("misuser", {}, function* (self) {
      yield* self.raise(3);
      for (const count of [0, -1, 65]) assert.is(yield* misuse(() => self.create.barrier(count)), "EINVAL");
      assert.is(yield* misuse(() => barrier.wait(-2)), "EINVAL");
      yield* self.create.barrier(64);
      yield* self.lockScheduler();
      assert.is(yield* misuse(() => barrier.wait()), "EPERM");
      yield* self.unlockScheduler();
      const { kernel } = self.machine;
      for (const handle of [0, -1, sem.handle, self.handle, barrier.handle + (1 << 13), barrier.handle | 0xff]) {
        assert.is(kernel.barrier_wait(handle, 0), -9);
      }
    });
  });
  assert.equal(log, ["EPERM", "EPERM"]);
});

test.run();
