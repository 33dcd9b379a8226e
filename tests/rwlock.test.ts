import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EAGAIN, ECANCELED, EIDRM, ETIMEDOUT, type RwLock, type System } from "../hal/host/index.js";
import { misuse, ORACLES, playFailing, playOut, urgency } from "./support.js";

const test = suite("rwlock");

/** The default oracle and twenty random ones. */

interface Visit {
  mode: "read" | "write";
  priority?: number;
  /** The tick at which it comes. */
  at?: number;
  timeout?: number;
  /** How many ticks it stays. */
  stays?: number;
}

/** A task that locks once, notes its name with what it got and when, and unlocks after a while if it got in. */
function visitor(system: System, lock: RwLock, log: unknown[], name: string, visit: Visit) {
  return system.task(name, { priority: visit.priority ?? 5 }, function* (self) {
    yield* self.sleepUntil(visit.at ?? 0);
    const got = yield* lock[visit.mode](visit.timeout);
    log.push(name, got, self.tick);
    if (got !== 0) return;
    yield* self.sleep(visit.stays ?? 0);
    yield* lock.unlock();
  });
}

test("SYN-08a readers share the lock and a writer waits for all of them", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const lock = system.rwlock();
    visitor(system, lock, log, "one", { mode: "read", stays: 4 });
    visitor(system, lock, log, "two", { mode: "read", at: 1, stays: 1 });
    visitor(system, lock, log, "writer", { mode: "write", at: 2, stays: 3 });
    visitor(system, lock, log, "three", { mode: "read", at: 5 });
    visitor(system, lock, log, "second writer", { mode: "write", at: 6 });
  });
  assert.equal(log, ["one", 0, 0, "two", 0, 1, "writer", 0, 4, "three", 0, 7, "second writer", 0, 7]);
});

test("SYN-08a there are never a writer and anybody else inside, under any schedule", () => {
  for (const oracle of ORACLES) {
    let readers = 0;
    let writers = 0;
    let together = 0;
    playOut((system) => {
      const lock = system.rwlock();
      for (let i = 0; i < 4; i++) {
        system.task(`reader ${i}`, { priority: 3 + (i % 2) }, function* (self) {
          for (let n = 0; n < 10; n++) {
            if ((yield* lock.read(n % 3 === 0 ? 1 : -1)) !== 0) continue;
            readers++;
            assert.is(writers, 0);
            together = Math.max(together, readers);
            yield* self.compute(4000 + 3000 * i);
            assert.is(writers, 0);
            readers--;
            yield* lock.unlock();
            yield* self.sleep(n % 2);
          }
        });
      }
      for (let i = 0; i < 2; i++) {
        system.task(`writer ${i}`, { priority: 3 + i }, function* (self) {
          for (let n = 0; n < 10; n++) {
            if ((yield* lock.write(n % 4 === 0 ? 2 : -1)) !== 0) continue;
            assert.equal([readers, ++writers], [0, 1]);
            yield* self.compute(2500);
            assert.equal([readers, writers--], [0, 1]);
            yield* lock.unlock();
            yield* self.sleep(1 + i);
          }
        });
      }
    }, oracle);
    assert.ok(together > 1);
  }
});

test("SYN-08b a waiting writer keeps out readers less and equally urgent, and lets a more urgent one in", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const lock = system.rwlock();
      visitor(system, lock, log, "inside", { mode: "read", stays: 6 });
      visitor(system, lock, log, "writer", { mode: "write", at: 1, stays: 2 });
      visitor(system, lock, log, "less", { mode: "read", at: 2, priority: 4 });
      visitor(system, lock, log, "equal", { mode: "read", at: 3 });
      visitor(system, lock, log, "impatient", { mode: "read", at: 4, timeout: 0 });
      visitor(system, lock, log, "more", { mode: "read", at: 5, priority: 6 });
    }, oracle);
    const expected = ["inside", 0, 0, "impatient", EAGAIN, 4, "more", 0, 5, "writer", 0, 6, "equal", 0, 8, "less", 0, 8];
    assert.equal(log, expected);
  }
});

test("SYN-08b a writer made less urgent than the readers behind it lets them in", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const lock = system.rwlock();
    visitor(system, lock, log, "inside", { mode: "read", stays: 6 });
    const writer = visitor(system, lock, log, "writer", { mode: "write", at: 1 });
    visitor(system, lock, log, "reader", { mode: "read", at: 2, priority: 4 });
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(3);
      yield* writer.setPriority(3);
    });
  });
  assert.equal(log, ["inside", 0, 0, "reader", 0, 3, "writer", 0, 6]);
});

test("SYN-08c a waiting writer that times out, is killed or aborted lets the readers behind it in, up to the next writer", () => {
  for (const how of ["timeout", "terminate", "abort"] as const) {
    const log: unknown[] = [];
    playOut((system) => {
      const lock = system.rwlock();
      visitor(system, lock, log, "inside", { mode: "read", stays: 9 });
      const writer = visitor(system, lock, log, "writer", { mode: "write", at: 1, timeout: how === "timeout" ? 4 : -1 });
      visitor(system, lock, log, "one", { mode: "read", at: 2 });
      visitor(system, lock, log, "two", { mode: "read", at: 3 });
      visitor(system, lock, log, "next writer", { mode: "write", at: 3, priority: 4 });
      visitor(system, lock, log, "three", { mode: "read", at: 4, priority: 3 });
      system.task("boss", { priority: 9 }, function* (self) {
        yield* self.sleep(5);
        if (how !== "timeout") yield* writer[how]();
      });
    });
    const left = { timeout: ["writer", ETIMEDOUT, 5], terminate: [], abort: ["writer", ECANCELED, 5] }[how];
    const readers = ["one", 0, 5, "two", 0, 5];
    assert.equal(log, ["inside", 0, 0, ...left, ...readers, "next writer", 0, 9, "three", 0, 9]);
  }
});

test("SYN-08d a reader that asks for the write lock gets EDEADLK with any timeout and stays a reader", () => {
  playOut((system) => {
    const lock = system.rwlock();
    system.task("reader", {}, function* () {
      yield* lock.read();
      for (const timeout of [-1, 0, 3]) assert.is(yield* misuse(() => lock.write(timeout)), "EDEADLK");
      yield* lock.unlock();
      assert.is(yield* lock.write(0), 0);
    });
  });
});

test("SYN-08e a reader or writer that locks again gets EDEADLK, and one unlock frees the lock", () => {
  for (const mode of ["read", "write"] as const) {
    playOut((system) => {
      const lock = system.rwlock();
      system.task("holder", {}, function* () {
        yield* lock[mode]();
        for (const timeout of [-1, 0, 3]) assert.is(yield* misuse(() => lock.read(timeout)), "EDEADLK");
        if (mode === "write") assert.is(yield* misuse(() => lock.write()), "EDEADLK");
        yield* lock.unlock();
        assert.is(yield* misuse(() => lock.unlock()), "EPERM");
      });
    });
  }
});

test("SYN-08f a holder that exits, fails or is killed releases the lock, and the next ones get in", () => {
  for (const mode of ["read", "write"] as const) {
    for (const how of ["exits", "is killed", "fails"] as const) {
      const log: unknown[] = [];
      const dies = how === "fails" ? playFailing : playOut;
      dies((system) => {
        const lock = system.rwlock();
        const holder = system.task("holder", { priority: 3 }, function* (self) {
          yield* lock[mode]();
          yield* self.sleep(2);
          if (how === "fails") throw new Error("the holder fails");
          if (how === "is killed") yield* self.sleep(9);
        });
        system.task("killer", { priority: 9 }, function* (self) {
          yield* self.sleep(3);
          yield* holder.terminate();
        });
        visitor(system, lock, log, "writer", { mode: "write", at: 1, priority: 6, stays: 1 });
        visitor(system, lock, log, "reader", { mode: "read", at: 1 });
      });
      const at = how === "is killed" ? 3 : 2;
      assert.equal(log, ["writer", 0, at, "reader", 0, at + 1]);
    }
  }
});

test("SYN-08g a holder keeps its own priority however urgent those are who wait", () => {
  for (const mode of ["read", "write"] as const) {
    playOut((system) => {
      const lock = system.rwlock();
      const holder = visitor(system, lock, [], "holder", { mode, priority: 2, stays: 3 });
      visitor(system, lock, [], "urgent", { mode: "write", priority: 9, at: 1 });
      system.task("observer", { priority: 20 }, function* (self) {
        yield* self.sleep(2);
        assert.is(lock.waiters, 1);
        assert.is(urgency(holder), 2);
      });
    });
  }
});

test("waiters get in most urgent first, first come first served among equals, readers together", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const lock = system.rwlock();
      visitor(system, lock, log, "holder", { mode: "write", stays: 7 });
      visitor(system, lock, log, "reader low", { mode: "read", at: 1, priority: 3 });
      visitor(system, lock, log, "writer low", { mode: "write", at: 2, priority: 3, stays: 1 });
      visitor(system, lock, log, "reader last", { mode: "read", at: 3, priority: 3 });
      visitor(system, lock, log, "reader high", { mode: "read", at: 4, priority: 6, stays: 1 });
      visitor(system, lock, log, "reader equal", { mode: "read", at: 5, priority: 6, stays: 1 });
      visitor(system, lock, log, "writer middle", { mode: "write", at: 6, priority: 4, stays: 1 });
    }, oracle);
    const names = [
      "holder",
      0,
      "reader high",
      7,
      "reader equal",
      7,
      "writer middle",
      8,
      "reader low",
      9,
      "writer low",
      9,
      "reader last",
      10,
    ];
    assert.equal(
      log.filter((_, i) => i % 3 !== 1),
      names,
    );
  }
});

test("a lock of n ticks is ETIMEDOUT at the start of tick n, for a reader and for a writer", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const lock = system.rwlock();
    visitor(system, lock, log, "holder", { mode: "write", stays: 9 });
    visitor(system, lock, log, "reader", { mode: "read", at: 1, timeout: 3 });
    visitor(system, lock, log, "writer", { mode: "write", at: 1, timeout: 4 });
    visitor(system, lock, log, "asker", { mode: "write", at: 1, timeout: 0 });
  });
  assert.equal(log, ["holder", 0, 0, "asker", EAGAIN, 1, "reader", ETIMEDOUT, 4, "writer", ETIMEDOUT, 5]);
});

test("deleting it wakes the waiters in order with EIDRM, and later calls are EBADF, the holder's too", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const lock = system.rwlock();
    visitor(system, lock, log, "low", { mode: "read", at: 1, priority: 3 });
    visitor(system, lock, log, "high", { mode: "write", at: 1, priority: 5, timeout: 9 });
    system.task("deleter", { priority: 9 }, function* (self) {
      yield* lock.write();
      yield* self.sleep(2);
      yield* lock.delete();
      for (const call of [() => lock.unlock(), () => lock.read(0), () => lock.write(0)]) log.push(yield* misuse(call));
    });
  });
  assert.equal(log, ["EBADF", "EBADF", "EBADF", "high", EIDRM, 2, "low", EIDRM, 2]);
});

test("a suspended waiter gets the lock in its turn and keeps it", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const lock = system.rwlock();
    visitor(system, lock, log, "holder", { mode: "read", stays: 2 });
    const held = visitor(system, lock, log, "held", { mode: "write", at: 1 });
    visitor(system, lock, log, "next", { mode: "read", at: 1, priority: 4 });
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(2);
      yield* held.suspend();
      yield* self.sleep(3);
      yield* held.resume();
    });
  });
  assert.equal(log, ["holder", 0, 0, "held", 0, 5, "next", 0, 5]);
});

test("misuse: unlocking what one does not hold is EPERM, what is no lock is EBADF, a handler or a locked scheduler EPERM", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const lock = system.rwlock();
    const sem = system.semaphore();
    system.interrupt(3, {}, function* () {
      for (const call of [() => lock.read(0), () => lock.write(0), () => lock.unlock()]) log.push(yield* misuse(call));
    });
    visitor(system, lock, [], "holder", { mode: "read", priority: 9, stays: 9 });
    system.task("misuser", {}, function* (self) {
      yield* self.raise(3);
      assert.is(yield* misuse(() => lock.unlock()), "EPERM");
      assert.is(yield* misuse(() => lock.read(-2)), "EINVAL");
      yield* self.lockScheduler();
      assert.is(yield* misuse(() => lock.read()), "EPERM");
      assert.is(yield* misuse(() => lock.write(3)), "EPERM");
      assert.is(yield* lock.write(0), EAGAIN);
      assert.is(yield* lock.read(0), 0);
      yield* lock.unlock();
      yield* self.unlockScheduler();
      const { kernel } = self.machine;
      for (const handle of [0, -1, sem.handle, self.handle, lock.handle + (1 << 13), lock.handle | 0xff]) {
        assert.is(kernel.rwlock_read(handle, 0), -9);
        assert.is(kernel.rwlock_write(handle, 0), -9);
        assert.is(kernel.rwlock_unlock(handle), -9);
      }
    });
  });
  assert.equal(log, ["EPERM", "EPERM", "EPERM"]);
});

test.run();
