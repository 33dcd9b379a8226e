import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Condition,
  EAGAIN,
  ECANCELED,
  EIDRM,
  ENOTRECOVERABLE,
  EOWNERDEAD,
  ETIMEDOUT,
  type MachineOptions,
  type Mutex,
  type System,
} from "../hal/host/index.js";
import { Choice, Disposition, layout, Option, Order, SWITCH } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { misuse, ORACLES, playOut, urgency } from "./support.js";

const test = suite("condition");

/** The default oracle and twenty random ones. */

/** A task that waits once from a tick on, and notes its name, what it got, and whether it owned the mutex then. */
function waiter(system: System, cond: Condition, mutex: Mutex, log: unknown[], name: string, priority: number, at: number, timeout = -1) {
  return system.task(name, { priority }, function* (self) {
    yield* self.sleepUntil(at);
    yield* mutex.lock();
    const got = yield* cond.wait(mutex, timeout);
    const owned = mutex.record >= 0 && mutex.owner === name;
    log.push(name, got, owned);
    if (owned) yield* mutex.unlock();
  });
}

test("a wait ends with the signal, owning the mutex", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    waiter(system, cond, mutex, log, "waiter", 3, 0);
    system.task("signaller", { priority: 2 }, function* (self) {
      yield* self.sleep(3);
      assert.is(cond.waiters, 1);
      assert.is(mutex.owner, undefined);
      yield* cond.signal();
      assert.is(cond.waiters, 0);
    });
  });
  assert.equal(log, ["waiter", 0, true]);
});

test("a signal wakes the first waiter, most urgent first, first come first served among equals", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    waiter(system, cond, mutex, log, "low first", 3, 1);
    waiter(system, cond, mutex, log, "high first", 5, 2);
    waiter(system, cond, mutex, log, "low second", 3, 3);
    waiter(system, cond, mutex, log, "high second", 5, 4);
    system.task("signaller", { priority: 1 }, function* (self) {
      yield* self.sleep(5);
      for (let i = 0; i < 4; i++) yield* cond.signal();
    });
  });
  assert.equal(
    log.filter((_, i) => i % 3 === 0),
    ["high first", "high second", "low first", "low second"],
  );
});

test("SYN-05a whoever gets the mutex because of a wait finds the waiter waiting: its signal is not lost", () => {
  for (const oracle of ORACLES) {
    let rounds = 0;
    playOut((system) => {
      const mutex = system.mutex();
      const cond = system.condition();
      let full = false;
      system.task("consumer", { priority: 3 }, function* () {
        while (rounds < 20) {
          yield* mutex.lock();
          while (!full) {
            assert.is(yield* cond.wait(mutex), 0);
            assert.is(mutex.owner, "consumer");
          }
          full = false;
          rounds++;
          yield* cond.signal();
          yield* mutex.unlock();
        }
      });
      system.task("producer", { priority: 7 }, function* () {
        for (let i = 0; i < 20; i++) {
          yield* mutex.lock();
          while (full) yield* cond.wait(mutex);
          full = true;
          yield* cond.signal();
          yield* mutex.unlock();
        }
      });
    }, oracle);
    assert.is(rounds, 20);
  }
});

test("SYN-05a the wait hands the mutex to who waits for it in the same call", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    system.task("waiter", { priority: 3 }, function* (self) {
      yield* mutex.lock();
      yield* self.sleep(2);
      log.push("waits");
      log.push(yield* cond.wait(mutex), mutex.owner);
    });
    system.task("urgent", { priority: 7 }, function* (self) {
      yield* self.sleep(1);
      yield* mutex.lock();
      log.push("urgent", cond.waiters);
      yield* cond.signal();
      log.push(cond.waiters, mutex.waiters);
      yield* mutex.unlock();
    });
  });
  assert.equal(log, ["waits", "urgent", 1, 0, 1, 0, "waiter"]);
});

test("SYN-05b waiting with a mutex that is free or another's is EPERM", () => {
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    system.task("stranger", { priority: 5 }, function* (self) {
      assert.is(yield* misuse(() => cond.wait(mutex)), "EPERM");
      yield* self.sleep(1);
      assert.is(mutex.owner, "owner");
      for (const timeout of [-1, 0, 3]) assert.is(yield* misuse(() => cond.wait(mutex, timeout)), "EPERM");
      assert.is(cond.waiters, 0);
    });
    system.task("owner", { priority: 4 }, function* (self) {
      yield* mutex.lock();
      yield* self.sleep(2);
    });
  });
});

test("SYN-05c a second mutex while somebody waits with the first is EINVAL; afterwards it may be used", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const [first, second] = [system.mutex(), system.mutex()];
    const cond = system.condition();
    waiter(system, cond, first, log, "waiter", 5, 0);
    system.task("other", { priority: 4 }, function* () {
      yield* second.lock();
      assert.is(yield* misuse(() => cond.wait(second, 3)), "EINVAL");
      assert.is(second.owner, "other");
      yield* cond.signal();
      log.push("other", yield* cond.wait(second, 3));
    });
  });
  assert.equal(log, ["waiter", 0, true, "other", ETIMEDOUT]);
});

test("SYN-05d a recursive mutex is released whole while its owner waits and has its count again afterwards", () => {
  for (const end of ["signal", "timeout"] as const) {
    playOut((system) => {
      const mutex = system.mutex({ recursive: true });
      const cond = system.condition();
      system.task("waiter", { priority: 5 }, function* () {
        for (let i = 0; i < 3; i++) yield* mutex.lock();
        assert.is(yield* cond.wait(mutex, 3), end === "signal" ? 0 : ETIMEDOUT);
        for (let i = 0; i < 3; i++) {
          assert.is(mutex.owner, "waiter");
          yield* mutex.unlock();
        }
        assert.is(mutex.owner, undefined);
      });
      system.task("other", { priority: 4 }, function* (self) {
        assert.is(yield* mutex.lock(0), 0);
        if (end === "signal") yield* cond.signal();
        yield* self.sleep(4);
        assert.is(mutex.waiters, 1);
        yield* mutex.unlock();
      });
    });
  }
});

test("SYN-05e a signal or broadcast without a waiter is lost", () => {
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    system.task("only", {}, function* () {
      yield* cond.signal();
      yield* cond.broadcast();
      yield* mutex.lock();
      assert.is(yield* cond.wait(mutex, 2), ETIMEDOUT);
    });
  });
});

test("SYN-05f a woken waiter stands in the mutex's queue by its priority, and the mutex's owner inherits from it", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    waiter(system, cond, mutex, log, "waiter", 8, 0);
    system.task("signaller", { priority: 2 }, function* (self) {
      yield* mutex.lock();
      yield* self.sleep(2);
      assert.is(urgency(self), 6);
      yield* cond.signal();
      assert.equal([cond.waiters, mutex.waiters, urgency(self)], [0, 2, 8]);
      yield* mutex.unlock();
      assert.is(urgency(self), 2);
    });
    system.task("rival", { priority: 6 }, function* (self) {
      yield* self.sleep(1);
      yield* mutex.lock();
      log.push("rival");
    });
  });
  assert.equal(log, ["waiter", 0, true, "rival"]);
});

test("SYN-05f a woken waiter stands behind its equals that wait for the mutex already", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    waiter(system, cond, mutex, log, "woken", 5, 0);
    system.task("owner", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* mutex.lock();
      yield* self.sleep(2);
      yield* cond.signal();
      yield* mutex.unlock();
    });
    system.task("equal", { priority: 5 }, function* (self) {
      yield* self.sleep(2);
      yield* mutex.lock();
      log.push("equal");
      yield* mutex.unlock();
    });
  });
  assert.equal(log, ["equal", "woken", 0, true]);
});

test("SYN-05g a broadcast wakes all in order, whether the mutex is free or locked by who broadcasts", () => {
  for (const free of [true, false]) {
    const log: unknown[] = [];
    playOut((system) => {
      const mutex = system.mutex();
      const cond = system.condition();
      waiter(system, cond, mutex, log, "low third", 3, 3);
      waiter(system, cond, mutex, log, "low first", 3, 1);
      waiter(system, cond, mutex, log, "low second", 3, 2);
      waiter(system, cond, mutex, log, "high second", 5, 5);
      waiter(system, cond, mutex, log, "high first", 5, 4);
      system.task("broadcaster", { priority: 9 }, function* (self) {
        yield* self.sleep(6);
        if (!free) yield* mutex.lock();
        yield* cond.broadcast();
        assert.equal([cond.waiters, mutex.waiters], [0, free ? 4 : 5]);
        if (!free) yield* mutex.unlock();
      });
    });
    const expected = ["high first", "high second", "low first", "low second", "low third"];
    assert.equal(
      log,
      expected.flatMap((name) => [name, 0, true]),
    );
  }
});

test("SYN-05g a broadcast under any schedule lets every task on that waits for what it announces", () => {
  for (const oracle of ORACLES) {
    let gone = 0;
    playOut((system) => {
      const mutex = system.mutex();
      const cond = system.condition();
      let open = false;
      for (let i = 0; i < 6; i++) {
        system.task(`waiter ${i}`, { priority: 3 + (i % 3) }, function* (self) {
          yield* self.compute(1 + 4000 * i);
          yield* mutex.lock();
          while (!open) yield* cond.wait(mutex);
          gone++;
          yield* mutex.unlock();
        });
      }
      system.task("opener", { priority: 4 }, function* (self) {
        yield* self.sleep(2);
        yield* mutex.lock();
        open = true;
        yield* mutex.unlock();
        yield* cond.broadcast();
      });
    }, oracle);
    assert.is(gone, 6);
  }
});

test("SYN-05h a wait that times out ends at its tick when the mutex is free, and owns it", () => {
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    system.task("waiter", {}, function* (self) {
      yield* mutex.lock();
      assert.is(yield* cond.wait(mutex, 3), ETIMEDOUT);
      assert.is(self.tick, 3);
      assert.is(mutex.owner, "waiter");
    });
  });
});

test("SYN-05h a wait that times out while the mutex is locked ends when it gets the mutex, a signal in between is not its own", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    waiter(system, cond, mutex, log, "hasty", 5, 0, 3);
    waiter(system, cond, mutex, log, "patient", 4, 0);
    system.task("owner", { priority: 3 }, function* (self) {
      yield* mutex.lock();
      yield* self.sleep(4);
      assert.equal([cond.waiters, mutex.waiters, urgency(self)], [1, 1, 5]);
      yield* cond.signal();
      yield* self.sleep(1);
      yield* mutex.unlock();
    });
  });
  assert.equal(log, ["hasty", ETIMEDOUT, true, "patient", 0, true]);
});

test("waits that time out on one tick get the mutex back most urgent first, first come first served among equals", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    waiter(system, cond, mutex, log, "low second", 3, 2, 4);
    waiter(system, cond, mutex, log, "low first", 3, 1, 5);
    waiter(system, cond, mutex, log, "high", 5, 3, 3);
  });
  assert.equal(
    log,
    ["high", "low first", "low second"].flatMap((name) => [name, ETIMEDOUT, true]),
  );
});

test("a wait with timeout 0 is EAGAIN and keeps the mutex", () => {
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    system.task("only", {}, function* () {
      yield* mutex.lock();
      assert.is(yield* cond.wait(mutex, 0), EAGAIN);
      assert.is(mutex.owner, "only");
      assert.is(cond.waiters, 0);
    });
  });
});

test("a wait ends for no reason under some oracle, before its timeout and owning the mutex, and never under the default one", () => {
  const spurious = (oracle: MachineOptions) => {
    let woken = 0;
    playOut((system) => {
      const mutex = system.mutex();
      const cond = system.condition();
      system.task("waiter", {}, function* (self) {
        yield* mutex.lock();
        for (let i = 0; i < 20; i++) {
          const began = self.tick;
          const got = yield* cond.wait(mutex, 5);
          assert.is(mutex.owner, "waiter");
          if (got === 0) woken++;
          else assert.is(got, ETIMEDOUT);
          assert.ok(got === 0 ? self.tick < began + 5 : self.tick === began + 5);
        }
      });
    }, oracle);
    return woken;
  };
  const [without = -1, ...seeded] = ORACLES.map(spurious);
  assert.is(without, 0);
  assert.ok(seeded.some((woken) => woken > 0));
  assert.ok(seeded.some((woken) => woken < 20));
});

test("deleting the condition wakes its waiters in order with EIDRM, owning the mutex", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    waiter(system, cond, mutex, log, "low", 3, 0);
    waiter(system, cond, mutex, log, "high", 5, 0, 9);
    system.task("deleter", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* cond.delete();
      yield* mutex.lock();
      for (const call of [() => cond.signal(), () => cond.broadcast(), () => cond.wait(mutex)]) {
        log.push(yield* misuse(call));
      }
      yield* mutex.unlock();
    });
  });
  assert.equal(log, ["high", EIDRM, true, "EBADF", "EBADF", "EBADF", "low", EIDRM, true]);
});

test("deleting the mutex wakes who waits with it with EIDRM, in the condition and in the queue, and nobody owns it", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    waiter(system, cond, mutex, log, "woken", 5, 0);
    waiter(system, cond, mutex, log, "waiting", 4, 0, 9);
    system.task("deleter", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* mutex.lock();
      yield* cond.signal();
      yield* mutex.delete();
      assert.is(cond.waiters, 0);
    });
    system.task("next", { priority: 1 }, function* (self) {
      yield* self.sleep(2);
      const other = yield* self.create.mutex();
      yield* other.lock();
      log.push(yield* cond.wait(other, 1));
    });
  });
  assert.equal(log, ["woken", EIDRM, false, "waiting", EIDRM, false, ETIMEDOUT]);
});

test("a waiter that is killed takes no signal: the next one gets it", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    const victim = waiter(system, cond, mutex, log, "victim", 5, 0, 9);
    waiter(system, cond, mutex, log, "next", 3, 0);
    system.task("killer", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* victim.terminate();
      assert.is(cond.waiters, 1);
      yield* cond.signal();
    });
  });
  assert.equal(log, ["next", 0, true]);
});

test("a woken waiter that is killed in the mutex's queue takes its boost with it and leaves the mutex to the next", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    const victim = waiter(system, cond, mutex, log, "victim", 8, 0);
    waiter(system, cond, mutex, log, "next", 4, 0);
    system.task("owner", { priority: 2 }, function* (self) {
      yield* mutex.lock();
      yield* cond.broadcast();
      assert.is(urgency(self), 8);
      yield* victim.terminate();
      assert.is(urgency(self), 4);
      yield* mutex.unlock();
    });
  });
  assert.equal(log, ["next", 0, true]);
});

test("an aborted wait is ECANCELED and owns the mutex, also when it was woken already and waits for the mutex", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    const first = waiter(system, cond, mutex, log, "first", 5, 0);
    const second = waiter(system, cond, mutex, log, "second", 4, 0);
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* mutex.lock();
      yield* cond.signal();
      yield* first.abort();
      yield* second.abort();
      assert.equal([cond.waiters, mutex.waiters], [0, 2]);
      yield* self.sleep(1);
      assert.equal(log, []);
      yield* mutex.unlock();
    });
  });
  assert.equal(log, ["first", ECANCELED, true, "second", ECANCELED, true]);
});

test("a suspended waiter is given the mutex by a signal and goes on when it is resumed", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    const held = waiter(system, cond, mutex, log, "held", 5, 0);
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* held.suspend();
      yield* cond.signal();
      yield* self.sleep(1);
      assert.is(mutex.owner, "held");
      assert.equal(log, []);
      yield* held.resume();
    });
  });
  assert.equal(log, ["held", 0, true]);
});

test("a wait comes back with EOWNERDEAD from a robust mutex whose owner died, and with ENOTRECOVERABLE if it was not mended", () => {
  for (const mend of [true, false]) {
    const log: unknown[] = [];
    playOut((system) => {
      const mutex = system.mutex({ robust: true });
      const cond = system.condition();
      waiter(system, cond, mutex, log, "waiter", 5, 0);
      system.task("dying", { priority: 4 }, function* (self) {
        yield* mutex.lock();
        if (mend) yield* cond.signal();
        yield* self.sleep(1);
      });
      system.task("careless", { priority: 3 }, function* (self) {
        yield* self.sleep(2);
        if (mend) return;
        assert.is(yield* mutex.lock(), EOWNERDEAD);
        yield* mutex.unlock();
        yield* cond.signal();
      });
    });
    assert.equal(log, ["waiter", mend ? EOWNERDEAD : ENOTRECOVERABLE, mend]);
  }
});

test("signals and broadcasts are not for interrupts, waits not for tasks that lock the scheduler", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    system.interrupt(3, {}, function* () {
      for (const call of [() => cond.signal(), () => cond.broadcast(), () => cond.wait(mutex, 0)]) log.push(yield* misuse(call));
    });
    system.task("only", {}, function* (self) {
      yield* self.raise(3);
      yield* mutex.lock();
      yield* self.lockScheduler();
      for (const timeout of [-1, 0, 3]) log.push(yield* misuse(() => cond.wait(mutex, timeout)));
      assert.is(mutex.owner, "only");
    });
  });
  assert.equal(log, new Array(6).fill("EPERM"));
});

test("misuse: what is no condition or no mutex is EBADF, a timeout below -1 is EINVAL, and the mutex stays owned", () => {
  playOut((system) => {
    const mutex = system.mutex();
    const cond = system.condition();
    system.task("misuser", {}, function* (self) {
      yield* mutex.lock();
      assert.is(yield* misuse(() => cond.wait(mutex, -2)), "EINVAL");
      const { kernel } = self.machine;
      const EBADF = -9;
      for (const handle of [0, -1, mutex.handle, self.handle, cond.handle + (1 << 13), cond.handle | 0xff]) {
        assert.is(kernel.cond_wait(handle, mutex.handle, -1), EBADF);
        assert.is(kernel.cond_signal(handle), EBADF);
        assert.is(kernel.cond_broadcast(handle), EBADF);
      }
      for (const handle of [0, -1, cond.handle, self.handle, mutex.handle + (1 << 13)]) {
        assert.is(kernel.cond_wait(cond.handle, handle, -1), EBADF);
      }
      assert.is(mutex.owner, "misuser");
      assert.is(cond.waiters, 0);
    });
  });
});

/** A task that has begun to wait for a condition on a machine that asks its oracle, with a handler for signal 10. */
function begun(): { m: Bare; task: number } {
  const m = new Bare({ options: Option.ORACLE });
  const task = m.task(9);
  m.start();
  const action = m.bytes(layout.SigAction.bytes);
  m.u32[(action + layout.SigAction.disposition) >> 2] = Disposition.HANDLER;
  m.u32[(action + layout.SigAction.entry) >> 2] = 7;
  assert.is(m.kernel.signal_action(10, action, 0), 0);
  const mutex = m.kernel.mutex_create(0, 0, 0);
  assert.is(m.kernel.mutex_lock(mutex, 0), 0);
  assert.is(m.kernel.cond_wait(m.kernel.cond_create(0), mutex, -1), SWITCH);
  return { m, task };
}

test("whether a wait ends for no reason is asked once it has begun, and not any more when its task has ended", () => {
  const asked = begun();
  asked.m.next(Order.CHOOSE);
  assert.is(asked.m.get("choice"), Choice.SPURIOUS);
  const { m, task } = begun();
  assert.is(m.kernel.signal_raise(task, 9), 0);
  assert.is(m.kernel.dispatch(), Order.IDLE);
  assert.is(m.kernel.check(), 0);
});

test("a wait that a signal has ended before the oracle chose ends no second time", () => {
  for (const choice of [0, 1, 8]) {
    const { m, task } = begun();
    assert.is(m.kernel.signal_raise(task, 10), 0);
    m.next(Order.CHOOSE);
    m.set("choice", choice);
    m.next(Order.SIGNAL);
    assert.is(m.kernel.signal_return(), 1);
    m.next(Order.RESUME);
    assert.is(m.get("result") | 0, -4, `${choice}`);
    assert.is(m.kernel.check(), 0);
  }
});

test.run();
