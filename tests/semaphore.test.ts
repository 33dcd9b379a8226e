import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EAGAIN, ECANCELED, EIDRM, EOVERFLOW, ETIMEDOUT, type Semaphore, type System } from "../hal/host/index.js";
import { misuse, ORACLES, playOut } from "./support.js";

const test = suite("semaphore");

/** The default oracle and twenty random ones. */

/** A task that comes at a tick, takes once, and notes its name with what it got. */
function taker(system: System, sem: Semaphore, log: unknown[], name: string, priority: number, at: number, timeout = -1) {
  return system.task(name, { priority }, function* (self) {
    yield* self.sleepUntil(at);
    log.push(name, yield* sem.take(timeout));
  });
}

test("units that are there are taken without blocking, and then there are none", () => {
  playOut((system) => {
    const sem = system.semaphore({ initial: 2 });
    system.task("only", {}, function* () {
      assert.is(yield* sem.take(0), 0);
      assert.is(yield* sem.take(), 0);
      assert.is(sem.count, 0);
      assert.is(yield* sem.take(0), EAGAIN);
    });
  });
});

test("a take blocks until the give, and not longer", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const sem = system.semaphore();
    system.task("taker", { priority: 3 }, function* (self) {
      log.push(yield* sem.take(), self.tick);
    });
    system.task("giver", { priority: 2 }, function* (self) {
      assert.is(sem.waiters, 1);
      yield* self.sleep(4);
      yield* sem.give();
      assert.is(sem.waiters, 0);
    });
  });
  assert.equal(log, [0, 4]);
});

test("SYN-01a a give hands the unit to the first waiter without raising the count", () => {
  for (const oracle of ORACLES) {
    const log: string[] = [];
    playOut((system) => {
      const sem = system.semaphore();
      system.task("low", { priority: 3 }, function* () {
        yield* sem.take();
        log.push("low");
      });
      system.task("high", { priority: 5 }, function* () {
        yield* sem.take();
        log.push("high");
      });
      system.task("giver", { priority: 1 }, function* () {
        yield* sem.give();
        assert.is(sem.count, 0);
        assert.is(yield* sem.take(0), EAGAIN);
        yield* sem.give();
      });
    }, oracle);
    assert.equal(log, ["high", "low"]);
  }
});

test("SYN-01a a unit that was handed over cannot be stolen by a more urgent task before its owner has run", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const sem = system.semaphore();
    taker(system, sem, log, "waiter", 3, 0);
    system.task("giver", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* sem.give();
      log.push("thief", yield* sem.take(0), sem.count);
    });
  });
  assert.equal(log, ["thief", EAGAIN, 0, "waiter", 0]);
});

test("SYN-01b a give above the maximum is EOVERFLOW and leaves the count at the maximum", () => {
  playOut((system) => {
    const sem = system.semaphore({ initial: 1, maximum: 2 });
    system.task("giver", {}, function* () {
      assert.is(yield* sem.give(), 0);
      assert.is(yield* sem.give(), EOVERFLOW);
      assert.is(sem.count, 2);
      yield* sem.take();
      assert.is(yield* sem.give(), 0);
    });
  });
});

test("SYN-01c a reset sends the waiters away in order with ECANCELED and then sets the count", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const sem = system.semaphore();
    taker(system, sem, log, "low", 3, 0);
    taker(system, sem, log, "high", 5, 0);
    system.task("resetter", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* sem.reset(2);
      assert.is(sem.waiters, 0);
      assert.is(sem.count, 2);
    });
    taker(system, sem, log, "later", 1, 2);
  });
  assert.equal(log, ["high", ECANCELED, "low", ECANCELED, "later", 0]);
});

test("waiters are served most urgent first, first come first served among equals", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const sem = system.semaphore();
      taker(system, sem, log, "low first", 3, 1);
      taker(system, sem, log, "high first", 5, 2);
      taker(system, sem, log, "low second", 3, 3);
      taker(system, sem, log, "high second", 5, 4);
      system.task("giver", { priority: 1 }, function* (self) {
        yield* self.sleep(5);
        for (let i = 0; i < 4; i++) yield* sem.give();
      });
    }, oracle);
    assert.equal(log, ["high first", 0, "high second", 0, "low first", 0, "low second", 0]);
  }
});

test("a waiter that is made more urgent is served first", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const sem = system.semaphore();
    const first = taker(system, sem, log, "first", 5, 0);
    const second = taker(system, sem, log, "second", 4, 0);
    system.task("giver", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* second.setPriority(6);
      yield* sem.give();
      yield* self.sleep(1);
      yield* second.setPriority(1);
      yield* first.setPriority(1);
      yield* sem.give();
    });
  });
  assert.equal(log, ["second", 0, "first", 0]);
});

test("a take of n ticks is ETIMEDOUT at the start of tick n and takes no later unit with it", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const sem = system.semaphore();
    system.task("taker", { priority: 3 }, function* (self) {
      log.push(yield* sem.take(3), self.tick);
    });
    taker(system, sem, log, "patient", 2, 0);
    system.task("giver", { priority: 1 }, function* (self) {
      yield* self.sleep(4);
      assert.is(sem.waiters, 1);
      yield* sem.give();
      yield* sem.give();
      assert.is(sem.count, 1);
    });
  });
  assert.equal(log, [ETIMEDOUT, 3, "patient", 0]);
});

test("deleting it wakes the waiters in order with EIDRM, and later calls are EBADF", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const sem = system.semaphore();
    taker(system, sem, log, "low", 3, 0);
    taker(system, sem, log, "high", 5, 0, 9);
    system.task("deleter", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* sem.delete();
      for (const call of [() => sem.take(0), () => sem.give(), () => sem.reset(), () => sem.delete()]) {
        log.push(yield* misuse(call));
      }
    });
  });
  assert.equal(log, ["EBADF", "EBADF", "EBADF", "EBADF", "high", EIDRM, "low", EIDRM]);
});

test("a waiter that is killed takes no unit: the next give goes to the next waiter", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const sem = system.semaphore();
      const victim = taker(system, sem, log, "victim", 5, 0, 8);
      taker(system, sem, log, "next", 3, 0);
      system.task("killer", { priority: 9 }, function* (self) {
        yield* self.sleep(1);
        yield* victim.terminate();
        yield* sem.give();
        yield* self.sleep(1);
        yield* sem.give();
        assert.is(sem.count, 1);
      });
    }, oracle);
    assert.equal(log, ["next", 0]);
  }
});

test("a unit handed to a task that is killed before it runs is gone with it", () => {
  playOut((system) => {
    const sem = system.semaphore();
    const victim = taker(system, sem, [], "victim", 3, 0);
    system.task("killer", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* sem.give();
      yield* victim.terminate();
      assert.is(sem.count, 0);
      assert.is(yield* sem.take(0), EAGAIN);
    });
  });
});

test("a suspended waiter keeps its place and is handed the unit", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const sem = system.semaphore();
    const held = taker(system, sem, log, "held", 5, 0);
    taker(system, sem, log, "next", 3, 0);
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* held.suspend();
      yield* sem.give();
      yield* sem.give();
      yield* self.sleep(1);
      yield* held.resume();
    });
  });
  assert.equal(log, ["next", 0, "held", 0]);
});

test("an aborted wait is ECANCELED and leaves the other waiters where they are", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const sem = system.semaphore();
    const first = taker(system, sem, log, "first", 5, 0);
    taker(system, sem, log, "second", 4, 0);
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* first.abort();
      assert.is(sem.waiters, 1);
      yield* sem.give();
    });
  });
  assert.equal(log, ["first", ECANCELED, "second", 0]);
});

test("an interrupt gives and takes with timeout 0, and may not wait", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const sem = system.semaphore({ initial: 1 });
    system.interrupt(3, {}, function* () {
      log.push("handler", yield* sem.take(0), yield* sem.take(0), yield* misuse(() => sem.take(1)), yield* sem.give());
    });
    system.task("raiser", { priority: 3 }, function* (self) {
      yield* self.raise(3);
      log.push("task", yield* sem.take(0));
      yield* self.sleep(1);
      yield* self.raise(3);
    });
    taker(system, sem, log, "waiter", 5, 1);
  });
  assert.equal(log, ["handler", 0, EAGAIN, "EPERM", 0, "task", 0, "handler", EAGAIN, EAGAIN, "EPERM", 0, "waiter", 0]);
});

test("as many units come out as go in, whoever gives, takes, gives up, or is killed", () => {
  for (const oracle of ORACLES) {
    const given = 60;
    let taken = 0;
    let left = -1;
    playOut((system) => {
      const sem = system.semaphore();
      for (let i = 0; i < 5; i++) {
        system.task(`taker ${i}`, { priority: 3 + (i % 3), daemon: true }, function* (self) {
          for (;;) {
            if ((yield* sem.take(1 + i)) === 0) taken++;
            yield* self.compute(500 + 900 * i);
          }
        });
      }
      for (let i = 0; i < 3; i++) {
        system.task(`giver ${i}`, { priority: 2 + i }, function* (self) {
          for (let n = 0; n < given / 3; n++) {
            yield* sem.give();
            yield* self.compute(2000 + 3000 * i);
            if (n % 5 === i) yield* self.sleep(2);
          }
        });
      }
      system.task("bookkeeper", { priority: 0 }, function* (self) {
        yield* self.sleep(200);
        left = sem.count;
      });
    }, oracle);
    assert.is(taken + left, given);
  }
});

test("misuse: what cannot be is EINVAL, what is no semaphore is EBADF, and nothing is changed by it", () => {
  playOut((system) => {
    const sem = system.semaphore({ initial: 1, maximum: 3 });
    const mutex = system.mutex();
    system.task("misuser", {}, function* (self) {
      assert.is(yield* misuse(() => sem.take(-2)), "EINVAL");
      assert.is(yield* misuse(() => sem.reset(4)), "EINVAL");
      assert.is(yield* misuse(() => sem.reset(-1)), "EINVAL");
      assert.is(sem.count, 1);
      assert.is(yield* misuse(() => self.create.semaphore({ initial: 2, maximum: 1 })), "EINVAL");
      assert.is(yield* misuse(() => self.create.semaphore({ initial: -1 })), "EINVAL");
      assert.is(yield* misuse(() => self.create.semaphore({ maximum: 0 })), "EINVAL");
      const { kernel } = self.machine;
      const EBADF = -9;
      for (const handle of [0, -1, mutex.handle, self.handle, sem.handle + (1 << 13), sem.handle | 0xff]) {
        assert.is(kernel.sem_take(handle, 0), EBADF);
        assert.is(kernel.sem_give(handle), EBADF);
        assert.is(kernel.sem_reset(handle, 0), EBADF);
      }
      assert.is(sem.count, 1);
    });
  });
});

test("a reset that is refused leaves the waiters waiting", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const sem = system.semaphore({ maximum: 1 });
    taker(system, sem, log, "waiter", 3, 0);
    system.task("resetter", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      log.push(yield* misuse(() => sem.reset(2)));
      assert.is(sem.waiters, 1);
      yield* sem.give();
    });
  });
  assert.equal(log, ["EINVAL", "waiter", 0]);
});

test.run();
