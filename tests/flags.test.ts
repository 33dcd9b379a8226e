import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EAGAIN, ECANCELED, ESRCH, ETIMEDOUT, type Self, type Task } from "../hal/host/index.js";
import { CPU_PAGE } from "../hal/map.js";
import { Order, SWITCH } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { noting } from "./probe.js";
import { always, misuse } from "./support.js";

const test = suite("flags");

const BITS = Array.from({ length: 31 }, (_, bit) => bit);
const ALL = 0x7fffffff;

test("TFL-01a a task has 31 flags of its own, set and cleared by anybody", () => {
  always(
    (system, log) => {
      const other = system.task("other", { priority: 5 }, function* (self) {
        yield* self.sleep(1);
        log.push(yield* self.clearFlags(0));
      });
      system.task("a", { priority: 9 }, function* (self) {
        for (const bit of BITS) {
          assert.is(yield* self.setFlags(1 << bit), 1 << bit);
          assert.is(yield* self.clearFlags(1 << bit), 1 << bit);
        }
        log.push(yield* other.setFlags(6), yield* other.setFlags(9), yield* other.clearFlags(3), yield* self.setFlags(ALL));
        for (const bits of [-1, -0x80000000]) {
          assert.is(yield* misuse(() => self.setFlags(bits)), "EINVAL");
          assert.is(yield* misuse(() => self.clearFlags(bits)), "EINVAL");
        }
      });
    },
    [6, 15, 15, ALL, 12],
  );
});

test("TFL-01b a wait is for any or for all of the flags it names, and takes them or leaves them", () => {
  for (const [all, clear] of [
    [false, false],
    [false, true],
    [true, false],
    [true, true],
  ] as const) {
    always(
      (system, log) => {
        const a = system.task("a", { priority: 20 }, function* (self) {
          // What is there already.
          yield* self.setFlags(5);
          log.push(yield* self.waitFlags(6, { all, clear }, 0), yield* self.waitFlags(5, { all, clear }, 0), yield* self.clearFlags(15));
          // What comes.
          log.push(yield* self.waitFlags(6, { all, clear }), self.tick, yield* self.clearFlags(15));
        });
        system.task("b", { priority: 10 }, function* (self) {
          for (const bit of [8, 4, 2]) {
            yield* self.sleep(1);
            yield* a.setFlags(bit);
          }
        });
      },
      all ? [EAGAIN, 5, clear ? 0 : 5, 14, 3, clear ? 8 : 14] : clear ? [5, 1, 0, 12, 2, 8] : [5, 5, 5, 12, 2, 12],
    );
  }
});

test("TFL-01c a wait times out, answers EAGAIN with timeout 0, is aborted, and names at least one flag", () => {
  always(
    (system, log) => {
      const a = system.task("a", { priority: 20 }, function* (self) {
        yield* self.setFlags(4);
        log.push(yield* self.waitFlags(3, {}, 0), yield* self.waitFlags(5, { all: true }, 2), self.tick);
        log.push(yield* self.waitFlags(3), self.tick, yield* self.clearFlags(0));
        for (const bits of [0, -1]) assert.is(yield* misuse(() => self.waitFlags(bits)), "EINVAL");
        assert.is(yield* misuse(() => self.waitFlags(1, {}, -2)), "EINVAL");
      });
      system.task("b", { priority: 10 }, function* (self) {
        yield* self.sleep(4);
        yield* a.abort();
      });
    },
    [EAGAIN, ETIMEDOUT, 2, ECANCELED, 4, 4],
  );
});

test("TFL-01d interrupts set and clear them, and who is more urgent runs when the handler is over", () => {
  always(
    (system, log) => {
      const a = system.task("a", { priority: 20 }, function* (self) {
        log.push(yield* self.waitFlags(2, { clear: true }));
        log.push(yield* self.waitFlags(1, {}, 0));
      });
      system.interrupt(1, {}, function* (irq) {
        log.push(yield* a.setFlags(1), yield* a.clearFlags(1), yield* a.setFlags(6));
        yield* irq.compute(100);
        log.push("handler ends");
      });
      system.task("b", { priority: 10 }, function* (self) {
        yield* self.raise(1);
        log.push("b");
      });
    },
    [1, 1, 4, "handler ends", 6, EAGAIN, "b"],
  );
});

test("TFL-01e a flag that is set while the task is held, or does something else, is there when it looks", () => {
  always(
    (system, log) => {
      const a = system.task("a", { priority: 20 }, function* (self) {
        log.push(yield* self.waitFlags(1, { clear: true }, 3), self.tick);
        yield* self.sleep(2);
        log.push(yield* self.waitFlags(2, { clear: true }), self.tick);
      });
      system.task("b", { priority: 10 }, function* (self) {
        yield* self.sleep(1);
        yield* a.suspend();
        yield* a.setFlags(1);
        yield* self.sleep(5);
        yield* a.resume();
        yield* a.setFlags(2);
      });
    },
    [1, 6, 2, 8],
  );
});

test("TFL-01f a task that has ended has none: ESRCH, and a new one in its place begins without", () => {
  always(
    (system, log) => {
      const zombie = system.task("zombie", { priority: 20 }, function* (self) {
        yield* self.setFlags(1);
        yield* self.notify(5);
      });
      system.task("a", {}, function* (self) {
        log.push(yield* zombie.setFlags(1), yield* zombie.clearFlags(1), yield* zombie.notify());
        yield* zombie.join();
        log.push(yield* zombie.setFlags(1));
        // Slots come round.
        for (let i = 0; i < 64; i++) {
          const next = yield* self.create.task(`n${i}`, { priority: 30 }, function* (me) {
            assert.is(yield* me.clearFlags(0), 0);
            assert.is(yield* me.waitNotification(0), EAGAIN);
          });
          yield* next.join();
        }
      });
    },
    [ESRCH, ESRCH, ESRCH, ESRCH],
  );
});

test("CLK-06j an expiry sets thread flags", () => {
  always(
    (system, log) => {
      const a = system.task("a", {}, function* (self) {
        yield* timer.start(2, 3);
        for (let i = 0; i < 3; i++) log.push(yield* self.waitFlags(8, { clear: true }), self.tick);
        yield* timer.stop();
      });
      const timer = system.timer({ flags: 8, to: a });
    },
    [8, 2, 8, 5, 8, 8],
  );
});

const values = [1, 0, 0x7fffffff, 0x80000000, 0xffffffff];

test("TFL-02a a notification is a value that its task takes once: it waits for it, or finds it", () => {
  always(
    (system, log) => {
      const a = system.task("a", { priority: 20 }, function* (self) {
        for (const _ of values) log.push(yield* self.waitNotification());
        log.push(yield* self.waitNotification(0), yield* self.waitNotification(2), self.tick);
        log.push(yield* self.waitNotification(), yield* self.waitNotification(0), self.tick);
      });
      system.task("b", { priority: 10 }, function* (self) {
        for (const value of values) yield* a.notify(value);
        yield* self.sleep(3);
        yield* a.suspend();
        yield* a.notify(77);
        yield* self.sleep(1);
        yield* a.resume();
      });
    },
    [...values, EAGAIN, ETIMEDOUT, 2, 77, EAGAIN, 4],
  );
});

test("TFL-02b it is written over, kept with EAGAIN while it is unread, or added to from 0", () => {
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        const take = () => self.waitNotification(0);
        log.push(yield* self.notify(3), yield* self.notify(4), yield* take());
        log.push(
          yield* self.notify(3, "keep"),
          yield* self.notify(4, "keep"),
          yield* take(),
          yield* self.notify(0, "keep"),
          yield* self.notify(9, "keep"),
          yield* take(),
        );
        log.push(yield* self.notify(2, "increment"), yield* self.notify(5, "increment"), yield* take());
        log.push(yield* self.notify(0xffffffff), yield* self.notify(2, "increment"), yield* take(), yield* take());
      });
    },
    [0, 0, 4, 0, EAGAIN, 3, 0, EAGAIN, 0, 0, 0, 7, 0, 0, 1, EAGAIN],
  );
});

test("TFL-02c interrupts notify, and an aborted wait leaves the value alone", () => {
  always(
    (system, log) => {
      const a = system.task("a", { priority: 20 }, function* (self) {
        log.push(yield* self.waitNotification(), yield* self.waitNotification());
      });
      system.interrupt(1, {}, function* () {
        yield* a.notify(6);
      });
      system.task("b", { priority: 10 }, function* (self) {
        yield* self.raise(1);
        yield* a.abort();
        yield* a.join();
      });
    },
    [6, ECANCELED],
  );
});

test("the most urgent of several tasks whose flags one call after another sets runs at once", () => {
  always(
    (system, log) => {
      const waiter = (name: string, priority: number): Task =>
        system.task(name, { priority }, function* (self: Self) {
          yield* self.waitFlags(1);
          log.push(name);
        });
      const low = waiter("low", 5);
      const high = waiter("high", 20);
      system.task("a", { priority: 10 }, function* (self) {
        yield* self.sleep(1);
        yield* low.setFlags(1);
        yield* high.setFlags(1);
        log.push("a");
      });
      system.task("last", { priority: 1 }, noting(log, "last"));
    },
    ["last", "high", "a", "low"],
  );
});

test("who wants no value and no origin told gets none: nothing is stored at address 0", () => {
  const m = new Bare();
  const [waiter, sender] = [m.task(9), m.task(5)];
  m.start();
  const guard = () => m.u8.subarray(0, CPU_PAGE).every((byte) => byte === 0);
  assert.is(m.kernel.notify_send(waiter, 1, 77), 0);
  assert.is(m.kernel.notify_wait(0, 0), 0);
  assert.ok(guard());
  const out = m.bytes(4);
  for (const at of [0, out]) {
    assert.is(m.kernel.notify_wait(at, 100), SWITCH);
    m.next(Order[at === 0 ? "START" : "RESUME"]);
    assert.is(m.kernel.notify_send(waiter, 1, 78), SWITCH);
    m.next(Order.RESUME);
    assert.ok(guard(), "a value");
  }
  assert.is(m.u32[out >> 2], 78);
  for (const at of [0, out]) {
    assert.is(m.kernel.signal_mask(0, 1 << 10, 0), 0);
    assert.is(m.kernel.signal_wait(1 << 10, at, 100), SWITCH);
    m.next(Order.RESUME);
    assert.is(m.kernel.signal_send(waiter, 10), SWITCH);
    m.next(Order.RESUME);
    assert.is(m.get("result"), 10);
    assert.ok(guard(), "an origin");
  }
  assert.is(m.u32[out >> 2], sender);
});

test.run();
