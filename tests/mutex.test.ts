import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  EAGAIN,
  ECANCELED,
  EIDRM,
  ENOTRECOVERABLE,
  EOVERFLOW,
  EOWNERDEAD,
  ETIMEDOUT,
  type Mutex,
  type System,
  type Task,
} from "../hal/host/index.js";
import { EDEADLK, EPERM, Kind, layout, MutexFlag, Order, SWITCH } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { misuse, ORACLES, playFailing, playOut, urgency } from "./support.js";

const test = suite("mutex");

/** The default oracle and twenty random ones. */

/** A task that locks at a tick, notes its name with what it got, and unlocks if it can. */
function locker(system: System, mutex: Mutex, log: unknown[], name: string, priority: number, at: number, timeout = -1) {
  return system.task(name, { priority }, function* (self) {
    yield* self.sleepUntil(at);
    const got = yield* mutex.lock(timeout);
    log.push(name, got);
    if (got === 0 || got === EOWNERDEAD) yield* mutex.unlock();
  });
}

/** A task that holds mutexes, locked one after another, until a tick, and then unlocks them in the same order. */
function holder(system: System, mutexes: Mutex[], name: string, priority: number, until: number) {
  return system.task(name, { priority }, function* (self) {
    for (const mutex of mutexes) yield* mutex.lock();
    yield* self.sleepUntil(until);
    for (const mutex of mutexes) yield* mutex.unlock();
  });
}

/** Two tasks: one of priority 1 that holds a mutex until tick 8, one of priority 2 that holds `wanted` and waits for the first's. */
function chain(system: System, wanted: Mutex): Task[] {
  const mutex = system.mutex();
  const low = holder(system, [mutex], "low", 1, 8);
  const middle = system.task("middle", { priority: 2 }, function* (self) {
    yield* wanted.lock();
    yield* self.sleep(1);
    yield* mutex.lock();
    yield* mutex.unlock();
    yield* wanted.unlock();
  });
  return [low, middle];
}

function orders<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, i) => orders(items.toSpliced(i, 1)).map((rest) => [item, ...rest]));
}

test("a free mutex is locked at once, a locked one is EAGAIN with timeout 0", () => {
  playOut((system) => {
    const mutex = system.mutex();
    holder(system, [mutex], "owner", 5, 2);
    system.task("other", { priority: 4 }, function* (self) {
      assert.is(mutex.owner, "owner");
      assert.is(yield* mutex.lock(0), EAGAIN);
      yield* self.sleepUntil(3);
      assert.is(mutex.owner, undefined);
      assert.is(yield* mutex.lock(0), 0);
      assert.is(mutex.owner, "other");
    });
  });
});

test("an unlock hands the mutex to the first waiter, most urgent first, first come first served among equals", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const mutex = system.mutex();
      holder(system, [mutex], "owner", 1, 6);
      locker(system, mutex, log, "low first", 3, 1);
      locker(system, mutex, log, "high first", 5, 2);
      locker(system, mutex, log, "low second", 3, 3);
      locker(system, mutex, log, "high second", 5, 4);
    }, oracle);
    assert.equal(log, ["high first", 0, "high second", 0, "low first", 0, "low second", 0]);
  }
});

test("a mutex that was handed on belongs to the waiter before it has run", () => {
  playOut((system) => {
    const mutex = system.mutex();
    locker(system, mutex, [], "waiter", 3, 1);
    system.task("owner", { priority: 9 }, function* (self) {
      yield* mutex.lock();
      yield* self.sleep(2);
      yield* mutex.unlock();
      assert.is(mutex.owner, "waiter");
      assert.is(yield* mutex.lock(0), EAGAIN);
    });
  });
});

test("between lock and unlock nobody else gets in, under any schedule", () => {
  for (const oracle of ORACLES) {
    let inside = 0;
    let rounds = 0;
    let counted = 0;
    playOut((system) => {
      const mutex = system.mutex();
      for (let i = 0; i < 5; i++) {
        system.task(`worker ${i}`, { priority: 4 + (i % 2) }, function* (self) {
          for (let n = 0; n < 12; n++) {
            if ((yield* mutex.lock(1 + i)) !== 0) continue;
            assert.is(++inside, 1);
            const seen = counted;
            yield* self.compute(3000 + 2000 * i);
            counted = seen + 1;
            rounds++;
            inside--;
            yield* mutex.unlock();
            if (n % 4 === i) yield* self.sleep(1);
          }
        });
      }
    }, oracle);
    assert.ok(rounds > 20);
    assert.is(counted, rounds);
  }
});

test("SYN-02a who does not own the mutex may not unlock it: EPERM, and it stays locked", () => {
  playOut((system) => {
    const mutex = system.mutex();
    system.task("stranger", { priority: 4 }, function* (self) {
      assert.is(yield* misuse(() => mutex.unlock()), "EPERM");
      yield* self.sleep(1);
      assert.is(mutex.owner, "owner");
      assert.is(yield* misuse(() => mutex.unlock()), "EPERM");
      assert.is(mutex.owner, "owner");
    });
    system.task("owner", { priority: 3 }, function* (self) {
      yield* mutex.lock();
      yield* self.sleep(2);
      yield* mutex.unlock();
      assert.is(yield* misuse(() => mutex.unlock()), "EPERM");
    });
  });
});

test("SYN-02b locking a plain mutex again is EDEADLK, with any timeout, and one unlock frees it", () => {
  playOut((system) => {
    const mutex = system.mutex();
    system.task("owner", {}, function* () {
      yield* mutex.lock();
      for (const timeout of [-1, 0, 5]) assert.is(yield* misuse(() => mutex.lock(timeout)), "EDEADLK");
      yield* mutex.unlock();
      assert.is(mutex.owner, undefined);
    });
  });
});

test("SYN-02c a recursive mutex is handed on at the last of as many unlocks as locks", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex({ recursive: true });
    locker(system, mutex, log, "waiter", 9, 1);
    system.task("owner", { priority: 3 }, function* (self) {
      for (let i = 0; i < 4; i++) assert.is(yield* mutex.lock(), 0);
      yield* self.sleep(2);
      for (let i = 0; i < 3; i++) {
        yield* mutex.unlock();
        assert.is(mutex.owner, "owner");
      }
      assert.equal(log, []);
      yield* mutex.unlock();
      assert.equal(log, ["waiter", 0]);
      assert.is(yield* misuse(() => mutex.unlock()), "EPERM");
    });
  });
});

test("SYN-02c the count of a recursive mutex overflows at 65535 locks with EOVERFLOW", () => {
  playOut((system) => {
    const mutex = system.mutex({ recursive: true });
    system.task("owner", { slice: 0 }, function* () {
      for (let i = 0; i < 65535; i++) yield* mutex.lock();
      assert.is(yield* mutex.lock(), EOVERFLOW);
      for (let i = 0; i < 65535; i++) yield* mutex.unlock();
      assert.is(mutex.owner, undefined);
    });
  });
});

test("SYN-02d an interrupt handler can neither lock, unlock nor mend a mutex", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex({ robust: true });
    system.interrupt(3, {}, function* () {
      for (const timeout of [0, 1, -1]) log.push(yield* misuse(() => mutex.lock(timeout)));
      log.push(yield* misuse(() => mutex.unlock()), yield* misuse(() => mutex.consistent()));
    });
    system.task("owner", {}, function* (self) {
      yield* self.raise(3);
      assert.is(mutex.owner, undefined);
      yield* mutex.lock();
      yield* self.raise(3);
      assert.is(mutex.owner, "owner");
    });
  });
  assert.equal(log, new Array(10).fill("EPERM"));
});

test("SYN-03a the owner runs at the waiter's priority from when the waiter sleeps, so nobody in between delays it", () => {
  for (const oracle of ORACLES) {
    const log: string[] = [];
    const { machine } = playOut((system) => {
      const mutex = system.mutex();
      system.task("low", { priority: 2 }, function* (self) {
        yield* mutex.lock();
        yield* self.compute(50_000);
        log.push("low is done");
        yield* mutex.unlock();
        log.push("low goes on");
      });
      system.task("middle", { priority: 5 }, function* (self) {
        yield* self.sleep(1);
        yield* self.compute(50_000);
        log.push("middle is done");
      });
      system.task("high", { priority: 8 }, function* (self) {
        yield* self.sleep(1);
        yield* mutex.lock();
        log.push("high has it");
        yield* mutex.unlock();
      });
    }, oracle);
    assert.equal(log, ["low is done", "high has it", "middle is done", "low goes on"]);
    const events = machine.trace;
    const raised = events.findIndex((e) => e.event === "PRIORITY" && e.first === 8);
    const next = events.slice(raised).find((e) => e.event === "SWITCH");
    assert.is(events[raised]?.second, 2);
    assert.is(machine.nameOf((Kind.TASK << 8) | (next?.task ?? -1)), "low");
  }
});

test("without inheritance the task in between delays the waiter", () => {
  const log: string[] = [];
  playOut((system) => {
    const mutex = system.mutex({ inherit: false });
    system.task("low", { priority: 2 }, function* (self) {
      yield* mutex.lock();
      yield* self.compute(50_000);
      yield* mutex.unlock();
    });
    system.task("middle", { priority: 5 }, function* (self) {
      yield* self.sleep(1);
      yield* self.compute(50_000);
      log.push("middle");
    });
    locker(system, mutex, log, "high", 8, 1);
  });
  assert.equal(log, ["middle", "high", 0]);
});

test("SYN-03b inheritance is transitive along a chain of owners", () => {
  playOut((system) => {
    const [a, b, c] = [system.mutex(), system.mutex(), system.mutex()];
    const chain = [
      system.task("first", { priority: 1 }, function* (self) {
        yield* a.lock();
        yield* self.sleep(4);
        yield* a.unlock();
        assert.is(urgency(self), 1);
      }),
      system.task("second", { priority: 2 }, function* (self) {
        yield* b.lock();
        yield* self.sleep(1);
        yield* a.lock();
        assert.is(urgency(self), 9);
        yield* a.unlock();
        yield* b.unlock();
        assert.is(urgency(self), 2);
      }),
      system.task("third", { priority: 3 }, function* (self) {
        yield* c.lock();
        yield* self.sleep(2);
        yield* b.lock();
        assert.is(urgency(self), 9);
        yield* c.unlock();
        assert.is(urgency(self), 3);
        yield* b.unlock();
      }),
    ];
    system.task("last", { priority: 9 }, function* (self) {
      yield* self.sleep(3);
      assert.equal(chain.map(urgency), [3, 3, 3]);
      yield* c.lock();
      yield* c.unlock();
    });
    system.task("observer", { priority: 20 }, function* (self) {
      yield* self.sleep(2);
      assert.equal(chain.map(urgency), [2, 2, 3]);
      yield* self.sleep(2);
      assert.equal(chain.map(urgency), [9, 9, 9]);
    });
  });
});

test("SYN-03b a boost is passed on to an owner that itself waits in a queue, and moves it there", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const [inner, outer] = [system.mutex(), system.mutex()];
    holder(system, [inner], "owner", 1, 4);
    system.task("boosted", { priority: 2 }, function* (self) {
      yield* outer.lock();
      yield* self.sleep(1);
      yield* inner.lock();
      log.push("boosted", urgency(self));
      yield* inner.unlock();
      yield* outer.unlock();
    });
    locker(system, inner, log, "rival", 5, 2);
    locker(system, outer, log, "urgent", 7, 3);
  });
  assert.equal(log, ["boosted", 7, "urgent", 0, "rival", 0]);
});

test("SYN-03c in every order of unlocking, the priority is what the mutexes still held ask for", () => {
  for (const order of orders([0, 1, 2])) {
    playOut((system) => {
      const mutexes = [system.mutex(), system.mutex(), system.mutex()];
      const asked = [5, 6, 7];
      mutexes.forEach((mutex, i) => {
        locker(system, mutex, [], `waiter ${i}`, asked[i] as number, 1);
      });
      system.task("owner", { priority: 2 }, function* (self) {
        for (const mutex of mutexes) yield* mutex.lock();
        yield* self.sleep(2);
        const held = new Set([0, 1, 2]);
        assert.is(urgency(self), 7);
        for (const i of order) {
          yield* (mutexes[i] as Mutex).unlock();
          held.delete(i);
          assert.is(urgency(self), Math.max(2, ...[...held].map((h) => asked[h] as number)));
        }
      });
    });
  }
});

test("SYN-03c an owner boosted while it is ready goes back behind those that it had overtaken", () => {
  const log: string[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    system.task("owner", { priority: 2 }, function* (self) {
      yield* mutex.lock();
      yield* self.compute(40_000);
      yield* mutex.unlock();
      log.push("owner");
    });
    system.task("middle", { priority: 5 }, function* (self) {
      yield* self.sleep(1);
      yield* self.compute(1000);
      log.push("middle");
    });
    system.task("high", { priority: 8 }, function* (self) {
      yield* self.sleep(1);
      yield* mutex.lock();
      log.push("high");
    });
  });
  assert.equal(log, ["high", "middle", "owner"]);
});

test("SYN-03d when a waiter times out, the owner and the chain behind it fall back to the next waiter's priority", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const mutex = system.mutex();
      const owners = chain(system, mutex);
      locker(system, mutex, log, "patient", 4, 2);
      locker(system, mutex, log, "urgent", 9, 2, 2);
      system.task("observer", { priority: 20 }, function* (self) {
        yield* self.sleep(3);
        assert.equal(owners.map(urgency), [9, 9]);
        yield* self.sleep(2);
        assert.equal(log, ["urgent", ETIMEDOUT]);
        assert.equal(owners.map(urgency), [4, 4]);
      });
    }, oracle);
    assert.equal(log, ["urgent", ETIMEDOUT, "patient", 0]);
  }
});

test("SYN-03e when a waiter is killed, or its wait aborted, owners fall back to the next waiter's priority", () => {
  for (const end of ["terminate", "abort"] as const) {
    playOut((system) => {
      const mutex = system.mutex();
      const owners = chain(system, mutex);
      locker(system, mutex, [], "patient", 4, 2);
      const urgent = locker(system, mutex, [], "urgent", 9, 2);
      system.task("killer", { priority: 20 }, function* (self) {
        yield* self.sleep(3);
        assert.equal(owners.map(urgency), [9, 9]);
        yield* urgent[end]();
        assert.equal(owners.map(urgency), [4, 4]);
      });
    });
  }
});

test("SYN-03g a waiter's new priority reaches the owner and the chain behind it, up and down", () => {
  playOut((system) => {
    const mutex = system.mutex();
    const owners = chain(system, mutex);
    const waiter = locker(system, mutex, [], "waiter", 4, 2);
    system.task("boss", { priority: 20 }, function* (self) {
      yield* self.sleep(3);
      for (const priority of [9, 3, 1, 7]) {
        yield* waiter.setPriority(priority);
        assert.equal(owners.map(urgency), [Math.max(priority, 2), Math.max(priority, 2)]);
      }
      assert.is(urgency(waiter), 7);
    });
  });
});

test("a new priority of a boosted owner changes what it falls back to", () => {
  playOut((system) => {
    const mutex = system.mutex();
    locker(system, mutex, [], "waiter", 9, 1);
    system.task("owner", { priority: 2 }, function* (self) {
      yield* mutex.lock();
      yield* self.sleep(2);
      assert.is(yield* self.setPriority(5), 2);
      assert.is(urgency(self), 9);
      yield* mutex.unlock();
      assert.is(urgency(self), 5);
    });
  });
});

test("a ring of owners that wait with timeouts does not hang the kernel, and ends as the timeouts say", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const [a, b] = [system.mutex(), system.mutex()];
      for (const [name, priority, first, second, timeout] of [
        ["one", 3, a, b, 3],
        ["two", 5, b, a, 9],
      ] as const) {
        system.task(name, { priority }, function* (self) {
          yield* first.lock();
          yield* self.sleep(1);
          log.push(name, yield* second.lock(timeout), urgency(self));
          yield* first.unlock();
          assert.is(urgency(self), priority);
        });
      }
      locker(system, a, log, "three", 9, 2, 1);
    }, oracle);
    assert.equal(log, ["three", ETIMEDOUT, "one", ETIMEDOUT, 5, "two", 0, 5]);
  }
});

test("SYN-04a a mutex with a ceiling raises its owner at lock and lets it fall at unlock", () => {
  playOut((system) => {
    const mutex = system.mutex({ ceiling: 7 });
    system.task("owner", { priority: 2 }, function* (self) {
      yield* mutex.lock();
      assert.is(urgency(self), 7);
      yield* mutex.unlock();
      assert.is(urgency(self), 2);
    });
  });
});

test("SYN-04a ceilings nest: in every order of locking and unlocking the owner keeps the highest that is left", () => {
  const ceilings = [4, 6, 8];
  for (const [locking, order] of orders([0, 1, 2]).flatMap((first) => orders([0, 1, 2]).map((second) => [first, second] as const))) {
    playOut((system) => {
      const mutexes = ceilings.map((ceiling) => system.mutex({ ceiling }));
      system.task("owner", { priority: 3 }, function* (self) {
        for (const mutex of locking.map((i) => mutexes[i] as Mutex)) yield* mutex.lock();
        const held = new Set([0, 1, 2]);
        for (const i of order) {
          yield* (mutexes[i] as Mutex).unlock();
          held.delete(i);
          assert.is(urgency(self), Math.max(3, ...[...held].map((h) => ceilings[h] as number)));
        }
      });
    });
  }
});

test("SYN-04a an owner whose own priority is raised above the ceiling keeps its own", () => {
  playOut((system) => {
    const mutex = system.mutex({ ceiling: 5 });
    system.task("owner", { priority: 2 }, function* (self) {
      yield* mutex.lock();
      yield* self.setPriority(9);
      assert.is(urgency(self), 9);
      yield* self.setPriority(3);
      assert.is(urgency(self), 5);
    });
  });
});

test("SYN-04a a task at the ceiling is not preempted by those who share the mutex, and the next owner is raised too", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex({ ceiling: 7 });
    system.task("owner", { priority: 2, slice: 0 }, function* (self) {
      yield* mutex.lock();
      yield* self.compute(40_000);
      log.push("owner");
      yield* mutex.unlock();
    });
    system.task("sharer", { priority: 6 }, function* (self) {
      yield* self.sleep(1);
      log.push("sharer", yield* mutex.lock(), urgency(self));
    });
  });
  assert.equal(log, ["owner", "sharer", 0, 7]);
});

test("SYN-04a a waiter is raised to the ceiling when the mutex is handed to it", () => {
  playOut((system) => {
    const mutex = system.mutex({ ceiling: 7 });
    holder(system, [mutex], "owner", 2, 2);
    const waiter = system.task("waiter", { priority: 3 }, function* (self) {
      yield* self.sleep(1);
      yield* mutex.lock();
      yield* self.sleep(2);
      yield* mutex.unlock();
    });
    system.task("observer", { priority: 20 }, function* (self) {
      yield* self.sleep(1);
      assert.is(urgency(waiter), 3);
      yield* self.sleep(2);
      assert.is(mutex.owner, "waiter");
      assert.is(urgency(waiter), 7);
    });
  });
});

test("SYN-04b a locker more urgent than the ceiling gets EINVAL, whether the mutex is free or not; one at the ceiling does not", () => {
  playOut((system) => {
    const mutex = system.mutex({ ceiling: 7 });
    holder(system, [mutex], "owner", 2, 3);
    system.task("above", { priority: 8 }, function* (self) {
      assert.is(mutex.owner, undefined);
      assert.is(yield* misuse(() => mutex.lock()), "EINVAL");
      yield* self.sleep(1);
      assert.is(mutex.owner, "owner");
      assert.is(yield* misuse(() => mutex.lock()), "EINVAL");
      assert.is(mutex.waiters, 0);
      yield* self.setPriority(7);
      assert.is(yield* mutex.lock(), 0);
    });
  });
});

/** An owner that ends while it holds the mutex, one that waits for it, and one that locks it later. */
function ownerDies(mutex: Mutex, how: "exits" | "is killed" | "fails", log: unknown[], system: System) {
  const owner = system.task("owner", { priority: 2 }, function* (self) {
    yield* mutex.lock();
    yield* self.sleep(2);
    if (how === "fails") throw new Error("the owner fails");
    if (how === "is killed") yield* self.sleep(9);
  });
  system.task("killer", { priority: 20 }, function* (self) {
    yield* self.sleep(3);
    yield* owner.terminate();
  });
  system.task("waiter", { priority: 3 }, function* (self) {
    yield* self.sleep(1);
    log.push(yield* mutex.lock(), mutex.owner);
    if (log[0] === EOWNERDEAD) yield* mutex.consistent();
    yield* mutex.unlock();
  });
  locker(system, mutex, log, "later", 1, 4);
}

test("SYN-09a the next locker of a robust mutex gets it with EOWNERDEAD, as a result and not as a throw", () => {
  for (const how of ["exits", "is killed", "fails"] as const) {
    const log: unknown[] = [];
    const dies = how === "fails" ? playFailing : playOut;
    dies((system) => ownerDies(system.mutex({ robust: true }), how, log, system));
    assert.equal(log, [EOWNERDEAD, "waiter", "later", 0]);
  }
});

test("SYN-09a a robust mutex that nobody waited for tells the next locker, even with timeout 0", () => {
  playOut((system) => {
    const mutex = system.mutex({ robust: true, recursive: true });
    const owner = system.task("owner", { priority: 5 }, function* () {
      yield* mutex.lock();
      yield* mutex.lock();
    });
    system.task("next", { priority: 4 }, function* () {
      assert.is(mutex.owner, undefined);
      assert.is(yield* mutex.lock(0), EOWNERDEAD);
      assert.is(yield* mutex.lock(0), 0);
      yield* mutex.consistent();
      yield* mutex.unlock();
      yield* mutex.unlock();
      assert.is(mutex.owner, undefined);
      assert.is(yield* mutex.lock(0), 0);
      yield* owner.join();
    });
  });
});

test("SYN-09a a second owner that dies without mending it leaves EOWNERDEAD to the third", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex({ robust: true });
    for (const name of ["first", "second", "third"]) {
      system.task(name, { priority: 5 }, function* () {
        log.push(name, yield* mutex.lock());
      });
    }
  });
  assert.equal(log, ["first", 0, "second", EOWNERDEAD, "third", EOWNERDEAD]);
});

test("SYN-09b unlocked without being made consistent it is ENOTRECOVERABLE: for who waits, and for who comes", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex({ robust: true });
    system.task("owner", { priority: 9 }, function* (self) {
      yield* mutex.lock();
      yield* self.sleep(1);
    });
    system.task("careless", { priority: 8 }, function* (self) {
      log.push(yield* mutex.lock());
      yield* self.sleep(1);
      yield* mutex.unlock();
      assert.is(mutex.owner, undefined);
      for (const timeout of [0, 5, -1]) log.push(yield* mutex.lock(timeout));
    });
    locker(system, mutex, log, "waiter", 7, 0);
  });
  assert.equal(log, [EOWNERDEAD, ENOTRECOVERABLE, ENOTRECOVERABLE, ENOTRECOVERABLE, "waiter", ENOTRECOVERABLE]);
});

test("SYN-09b mending is the owner's alone, and only what is broken can be mended", () => {
  playOut((system) => {
    const mutex = system.mutex({ robust: true });
    system.task("owner", { priority: 9 }, function* (self) {
      assert.is(yield* misuse(() => mutex.consistent()), "EPERM");
      yield* mutex.lock();
      assert.is(yield* misuse(() => mutex.consistent()), "EINVAL");
      yield* self.sleep(1);
    });
    system.task("heir", { priority: 8 }, function* (self) {
      assert.is(yield* mutex.lock(), EOWNERDEAD);
      yield* self.sleep(1);
      yield* mutex.consistent();
      assert.is(yield* misuse(() => mutex.consistent()), "EINVAL");
    });
    system.task("stranger", { priority: 7 }, function* (self) {
      yield* self.sleep(1);
      assert.is(mutex.owner, "heir");
      assert.is(yield* misuse(() => mutex.consistent()), "EPERM");
    });
  });
});

test("SYN-09c a mutex that is not robust goes to the next waiter when its owner ends, as if it had been unlocked", () => {
  for (const how of ["exits", "is killed", "fails"] as const) {
    const log: unknown[] = [];
    const dies = how === "fails" ? playFailing : playOut;
    dies((system) => ownerDies(system.mutex(), how, log, system));
    assert.equal(log, [0, "waiter", "later", 0]);
  }
});

test("SYN-09d the trace tells that a mutex went on from a dead owner, and whether somebody got it", () => {
  const passed = (app: (system: System, mutex: Mutex) => void, robust: boolean) => {
    const { machine } = playOut((system) => app(system, system.mutex({ name: "lock", robust })));
    return machine.trace.filter((e) => e.event === "PASS").map((e) => [machine.nameOf(e.object), machine.nameOf(e.first), e.second]);
  };
  const alone = (system: System, mutex: Mutex) => {
    system.task("owner", {}, function* () {
      yield* mutex.lock();
    });
  };
  const wanted = (system: System, mutex: Mutex) => ownerDies(mutex, "exits", [], system);
  assert.equal(passed(alone, false), [["lock", "owner", 0]]);
  assert.equal(passed(wanted, false), [["lock", "owner", 1]]);
  assert.equal(passed(wanted, true), []);
});

test("all that an ended task held goes on in the order in which it got it, by locking or by being handed it", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutexes = [system.mutex(), system.mutex(), system.mutex()];
    holder(system, mutexes.slice(0, 1), "first owner", 4, 1);
    system.task("owner", { priority: 3 }, function* (self) {
      for (const i of [2, 0, 1]) yield* (mutexes[i] as Mutex).lock();
      yield* self.sleepUntil(3);
    });
    mutexes.forEach((mutex, i) => {
      locker(system, mutex, log, `waiter ${i}`, 5, 2);
    });
  });
  assert.equal(log, ["waiter 2", 0, "waiter 0", 0, "waiter 1", 0]);
});

test("a lock of n ticks is ETIMEDOUT at the start of tick n and the mutex goes to the next waiter", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    holder(system, [mutex], "owner", 2, 6);
    system.task("hasty", { priority: 5 }, function* (self) {
      yield* self.sleep(1);
      log.push(yield* mutex.lock(3), self.tick);
    });
    locker(system, mutex, log, "patient", 4, 1);
  });
  assert.equal(log, [ETIMEDOUT, 4, "patient", 0]);
});

test("deleting a locked mutex wakes the waiters in order with EIDRM and takes its boost from the owner", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const owner = system.task("owner", { priority: 2 }, function* (self) {
      yield* mutex.lock();
      yield* self.sleep(4);
      log.push(yield* misuse(() => mutex.unlock()));
    });
    locker(system, mutex, log, "low", 3, 1);
    locker(system, mutex, log, "high", 5, 1);
    system.task("deleter", { priority: 9 }, function* (self) {
      yield* self.sleep(2);
      assert.is(urgency(owner), 5);
      yield* mutex.delete();
      assert.is(urgency(owner), 2);
      log.push(yield* misuse(() => mutex.lock(0)));
    });
  });
  assert.equal(log, ["EBADF", "high", EIDRM, "low", EIDRM, "EBADF"]);
});

test("deleting a mutex with a ceiling takes the ceiling from its owner", () => {
  playOut((system) => {
    const mutex = system.mutex({ ceiling: 9 });
    system.task("owner", { priority: 2 }, function* (self) {
      yield* mutex.lock();
      yield* mutex.delete();
      assert.is(urgency(self), 2);
    });
  });
});

test("a waiter that is killed never owns the mutex: it goes to the next one", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const mutex = system.mutex();
      holder(system, [mutex], "owner", 2, 4);
      const victim = locker(system, mutex, log, "victim", 5, 1, 9);
      locker(system, mutex, log, "next", 3, 1);
      system.task("killer", { priority: 9 }, function* (self) {
        yield* self.sleep(2);
        yield* victim.terminate();
      });
    }, oracle);
    assert.equal(log, ["next", 0]);
  }
});

test("an owner that is killed after the mutex was handed to it and before it ran passes it on", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    const heir = locker(system, mutex, log, "heir", 5, 1);
    locker(system, mutex, log, "next", 3, 1);
    system.task("owner", { priority: 9 }, function* (self) {
      yield* mutex.lock();
      yield* self.sleep(2);
      yield* mutex.unlock();
      assert.is(mutex.owner, "heir");
      yield* heir.terminate();
      assert.is(mutex.owner, "next");
    });
  });
  assert.equal(log, ["next", 0]);
});

test("an aborted wait is ECANCELED", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const mutex = system.mutex();
    holder(system, [mutex], "owner", 2, 4);
    const waiter = locker(system, mutex, log, "waiter", 5, 1);
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(2);
      yield* waiter.abort();
    });
  });
  assert.equal(log, ["waiter", ECANCELED]);
});

test("while the scheduler is locked a mutex is locked with timeout 0 only", () => {
  playOut((system) => {
    const mutex = system.mutex();
    system.task("locker", {}, function* (self) {
      yield* self.lockScheduler();
      assert.is(yield* misuse(() => mutex.lock()), "EPERM");
      assert.is(yield* misuse(() => mutex.lock(3)), "EPERM");
      assert.is(mutex.owner, undefined);
      assert.is(yield* mutex.lock(0), 0);
      yield* mutex.unlock();
      yield* self.unlockScheduler();
    });
  });
});

test("misuse: unknown flags and ceilings are EINVAL, what is no mutex is EBADF", () => {
  playOut((system) => {
    const mutex = system.mutex();
    const sem = system.semaphore();
    system.task("misuser", {}, function* (self) {
      assert.is(yield* misuse(() => mutex.lock(-2)), "EINVAL");
      assert.is(yield* misuse(() => self.create.mutex({ ceiling: 64 })), "EINVAL");
      assert.is(yield* misuse(() => self.create.mutex({ ceiling: -1 })), "EINVAL");
      const { kernel } = self.machine;
      const [EBADF, EINVAL] = [-9, -22];
      assert.is(kernel.mutex_create(0, 32, 0), EINVAL);
      assert.is(kernel.mutex_create(0, -1, 0), EINVAL);
      for (const handle of [0, -1, sem.handle, self.handle, mutex.handle + (1 << 13), mutex.handle | 0xff]) {
        assert.is(kernel.mutex_lock(handle, 0), EBADF);
        assert.is(kernel.mutex_unlock(handle), EBADF);
        assert.is(kernel.mutex_consistent(handle), EBADF);
      }
      assert.is(mutex.owner, undefined);
    });
  });
});

test("TSK-08f a lock that is taken is EPERM for who keeps all others from running, with any timeout but 0", () => {
  const m = new Bare();
  m.task(9);
  m.task(5);
  m.start();
  const mutex = m.kernel.mutex_create(0, 0, 0);
  const rwlock = m.kernel.rwlock_create(0);
  assert.is(m.kernel.mutex_lock(mutex, 0), 0);
  assert.is(m.kernel.rwlock_write(rwlock, 0), 0);
  assert.is(m.kernel.task_sleep(9), SWITCH);
  m.next(Order.START);
  m.kernel.scheduler_lock();
  for (const timeout of [5, -1]) {
    assert.is(m.kernel.mutex_lock(mutex, timeout), EPERM);
    assert.is(m.kernel.rwlock_read(rwlock, timeout), EPERM);
  }
  assert.is(m.kernel.mutex_lock(mutex, 0), EAGAIN);
  assert.is(m.kernel.check(), 0);
});

/** Three tasks, the most urgent first, each of which does what it does and then waits. */
function three(first: (m: Bare) => number, second: (m: Bare) => number, third: (m: Bare) => number): number {
  const m = new Bare();
  for (const priority of [9, 7, 5]) m.task(priority);
  m.start();
  assert.is(first(m), SWITCH);
  m.next(Order.START);
  assert.is(second(m), SWITCH);
  m.next(Order.START);
  const answer = third(m);
  assert.is(m.kernel.check(), 0);
  return answer;
}

test("SYN-10b a checked lock follows the chain of those who wait for one another for ever, and no other", () => {
  let [checked, plain, sem] = [0, 0, 0];
  const make = (m: Bare) => {
    checked = m.kernel.mutex_create(0, MutexFlag.CHECKED, 0);
    plain = m.kernel.mutex_create(0, 0, 0);
    sem = m.kernel.sem_create(0, 0, 1);
    assert.is(m.kernel.mutex_lock(checked, 0), 0);
  };
  const sleeps = (m: Bare) => m.kernel.task_sleep(9);
  const owner = (waits: (m: Bare) => number) => (m: Bare) => {
    make(m);
    return waits(m);
  };
  // The owner sleeps, or waits for something that is no lock.
  assert.is(
    three(owner(sleeps), sleeps, (m) => m.kernel.mutex_lock(checked, -1)),
    SWITCH,
  );
  assert.is(
    three(
      owner((m) => m.kernel.sem_take(sem, -1)),
      sleeps,
      (m) => m.kernel.mutex_lock(checked, -1),
    ),
    SWITCH,
  );
  // It will wait for a lock of the third: a ring, unless one of them gives up.
  for (const timeout of [-1, 50]) {
    const m = new Bare();
    m.task(9);
    m.task(5);
    m.start();
    make(m);
    assert.is(m.kernel.task_sleep(1), SWITCH);
    m.next(Order.START);
    assert.is(m.kernel.mutex_lock(plain, 0), 0);
    assert.is(m.kernel.task_sleep(2), SWITCH);
    m.resume();
    assert.is(m.kernel.mutex_lock(plain, timeout), SWITCH);
    m.resume();
    assert.is(m.kernel.mutex_lock(checked, 9), SWITCH, "a wait with a timeout ends");
    m.resume();
    assert.is(m.kernel.mutex_lock(checked, -1), timeout < 0 ? EDEADLK : SWITCH, `${timeout}`);
    assert.is(m.kernel.check(), 0);
  }
});

test("SYN-10b who waits for somebody in a ring is in none itself, and a checked lock is no misuse then", () => {
  const m = new Bare();
  for (const priority of [9, 7, 5]) m.task(priority);
  m.start();
  const [one, two] = [m.kernel.mutex_create(0, 0, 0), m.kernel.mutex_create(0, 0, 0)];
  const checked = m.kernel.mutex_create(0, MutexFlag.CHECKED, 0);
  for (const mutex of [one, checked]) assert.is(m.kernel.mutex_lock(mutex, 0), 0);
  assert.is(m.kernel.task_sleep(1), SWITCH);
  m.next(Order.START);
  assert.is(m.kernel.mutex_lock(two, 0), 0);
  assert.is(m.kernel.mutex_lock(one, -1), SWITCH);
  m.next(Order.START);
  assert.is(m.kernel.task_sleep(2), SWITCH);
  m.resume();
  assert.is(m.kernel.mutex_lock(two, -1), SWITCH);
  assert.is(m.get("cycle") | 0, 0, "the first task's wait closed the ring");
  m.set("cycle", -1);
  m.resume();
  assert.is(m.kernel.mutex_lock(checked, -1), SWITCH);
  assert.is(m.get("cycle") | 0, -1);
  assert.is(m.kernel.check(), 0);
});

test("SYN-10b a checked lock whose owner could run is waited for", () => {
  const m = new Bare();
  for (const priority of [9, 5]) m.task(priority);
  m.start();
  const checked = m.kernel.mutex_create(0, MutexFlag.CHECKED, 0);
  assert.is(m.kernel.task_sleep(1), SWITCH);
  m.next(Order.START);
  assert.is(m.kernel.mutex_lock(checked, 0), 0);
  m.set("left", 1);
  assert.is(m.kernel.task_yield(), SWITCH);
  m.resume();
  assert.is(m.get("current"), 0);
  assert.is(m.kernel.mutex_lock(checked, -1), SWITCH);
  m.resume();
  assert.is(m.get("current"), 1);
});

test("SYN-03b urgency goes along a chain of owners, and leaves all of them when its lock is given up", () => {
  const m = new Bare();
  const [high, middle, low] = [9, 7, 5].map((priority) => m.task(priority)) as [number, number, number];
  const urgency = (task: number) => m.u8[m.get("tasks") + (task & 0xff) * layout.Task.bytes + layout.Task.priority];
  m.start();
  const [one, two] = [m.kernel.mutex_create(0, 0, 0), m.kernel.mutex_create(0, 0, 0)];
  assert.is(m.kernel.task_sleep(2), SWITCH);
  m.next(Order.START);
  assert.is(m.kernel.mutex_lock(one, 0), 0);
  assert.is(m.kernel.task_sleep(1), SWITCH);
  m.next(Order.START);
  assert.is(m.kernel.mutex_lock(two, 0), 0);
  m.set("left", 1);
  assert.is(m.kernel.task_yield(), SWITCH);
  m.resume();
  assert.is(m.kernel.mutex_lock(two, -1), SWITCH);
  assert.equal([high, middle, low].map(urgency), [9, 7, 7]);
  m.resume();
  assert.is(m.kernel.task_sleep(5), SWITCH);
  m.resume();
  assert.is(m.kernel.mutex_lock(one, 50), SWITCH);
  assert.equal([high, middle, low].map(urgency), [9, 9, 9]);
  m.resume();
  assert.is(m.kernel.mutex_unlock(two), SWITCH);
  assert.equal([high, middle, low].map(urgency), [9, 9, 5]);
  assert.is(m.kernel.check(), 0);
});

test.run();
