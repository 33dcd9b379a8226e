import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EAGAIN, ECANCELED, EIDRM, ETIMEDOUT, type EventFlags, type EventWaitOptions, type System } from "../hal/host/index.js";
import { misuse, ORACLES, playOut } from "./support.js";

const test = suite("event");

/** The default oracle and twenty random ones. */

interface Wish extends EventWaitOptions {
  bits: number;
  priority?: number;
  timeout?: number;
}

/** A task that waits once and notes its name with what it got. */
function waiter(system: System, event: EventFlags, log: unknown[], name: string, { bits, priority, timeout, ...how }: Wish) {
  return system.task(name, { priority: priority ?? 5 }, function* () {
    log.push(name, yield* event.wait(bits, how, timeout));
  });
}

test("a wait for flags that are set answers all flags at once, one for flags that are not is EAGAIN with timeout 0", () => {
  playOut((system) => {
    const event = system.event({ bits: 0b0110 });
    system.task("only", {}, function* () {
      assert.is(yield* event.wait(0b0010), 0b0110);
      assert.is(yield* event.wait(0b1001, {}, 0), EAGAIN);
      assert.is(yield* event.clear(0b0011), 0b0110);
      assert.is(event.bits, 0b0100);
      assert.is(yield* event.set(0b1001), 0b1101);
    });
  });
});

test("a wait blocks until its flags are set and answers the flags of that moment", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const event = system.event();
    system.task("waiter", { priority: 5 }, function* (self) {
      log.push(yield* event.wait(0b100), self.tick);
    });
    system.task("setter", { priority: 4 }, function* (self) {
      yield* event.set(0b011);
      assert.is(event.waiters, 1);
      yield* self.sleep(3);
      yield* event.set(0b100);
      yield* event.set(0b1000);
    });
  });
  assert.equal(log, [0b111, 3]);
});

test("SYN-06a any of the flags wakes one waiter, only all of them the other", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const event = system.event();
      waiter(system, event, log, "any", { bits: 0b101 });
      waiter(system, event, log, "all", { bits: 0b101, all: true });
      system.task("setter", { priority: 3 }, function* () {
        yield* event.set(0b010);
        assert.equal(log, []);
        yield* event.set(0b100);
        assert.equal(log, ["any", 0b110]);
        yield* event.set(0b001);
      });
    }, oracle);
    assert.equal(log, ["any", 0b110, "all", 0b111]);
  }
});

test("SYN-06a there are flags 0 to 30, each on its own, and no flag 31", () => {
  playOut((system) => {
    const event = system.event();
    system.task("only", {}, function* (self) {
      for (let bit = 0; bit < 31; bit++) {
        yield* event.set(1 << bit);
        assert.is(yield* event.wait(1 << bit, { clear: true }, 0), 1 << bit);
        assert.is(event.bits, 0);
      }
      assert.is(yield* event.set(0x7fffffff), 0x7fffffff);
      assert.is(yield* event.wait(0x7fffffff, { all: true }, 0), 0x7fffffff);
      assert.is(yield* misuse(() => event.set(1 << 31)), "EINVAL");
      assert.is(yield* misuse(() => event.clear(1 << 31)), "EINVAL");
      assert.is(yield* misuse(() => event.wait(1 << 31)), "EINVAL");
      assert.is(yield* misuse(() => self.create.event({ bits: 1 << 31 })), "EINVAL");
      assert.is(event.bits, 0x7fffffff);
    });
  });
});

test("SYN-06b a wait with clear takes exactly the flags it names, one without leaves them", () => {
  playOut((system) => {
    const event = system.event({ bits: 0b1111 });
    system.task("only", {}, function* () {
      assert.is(yield* event.wait(0b0011), 0b1111);
      assert.is(event.bits, 0b1111);
      assert.is(yield* event.wait(0b0011, { clear: true, all: true }), 0b1111);
      assert.is(event.bits, 0b1100);
      assert.is(yield* event.wait(0b0110, { clear: true }), 0b1100);
      assert.is(event.bits, 0b1000);
      assert.is(yield* event.wait(0b0110, { clear: true }, 0), EAGAIN);
      assert.is(event.bits, 0b1000);
    });
  });
});

test("SYN-06b a blocked wait with clear takes its flags when it is woken, one without leaves them to the next comer", () => {
  for (const clear of [true, false]) {
    const log: unknown[] = [];
    playOut((system) => {
      const event = system.event();
      waiter(system, event, log, "waiter", { bits: 0b011, clear });
      system.task("setter", { priority: 3 }, function* () {
        assert.is(yield* event.set(0b110), clear ? 0b100 : 0b110);
        assert.is(yield* event.wait(0b010, {}, 0), clear ? EAGAIN : 0b110);
      });
    });
    assert.equal(log, ["waiter", 0b110]);
  }
});

test("SYN-06c one set wakes every waiter that its flags satisfy, most urgent first, past those that they do not", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const event = system.event();
      waiter(system, event, log, "other", { bits: 0b1000, priority: 8 });
      waiter(system, event, log, "low", { bits: 0b0001, priority: 4 });
      waiter(system, event, log, "high", { bits: 0b0011, priority: 7, all: true });
      waiter(system, event, log, "middle", { bits: 0b0110, priority: 6 });
      system.task("setter", { priority: 9 }, function* (self) {
        yield* self.sleep(1);
        yield* event.set(0b0011);
        assert.is(event.waiters, 1);
        yield* self.sleep(1);
        yield* event.set(0b1000);
      });
    }, oracle);
    assert.equal(log, ["high", 0b0011, "middle", 0b0011, "low", 0b0011, "other", 0b1011]);
  }
});

test("SYN-06d several waiters that clear the same flag are all woken by one set of it, and then it is clear", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const event = system.event();
      waiter(system, event, log, "first", { bits: 0b001, priority: 7, clear: true });
      waiter(system, event, log, "second", { bits: 0b011, priority: 6, clear: true, all: true });
      waiter(system, event, log, "third", { bits: 0b001, priority: 5 });
      system.task("setter", { priority: 9 }, function* (self) {
        yield* self.sleep(1);
        assert.is(yield* event.set(0b111), 0b100);
        assert.is(event.bits, 0b100);
        assert.is(event.waiters, 0);
      });
    }, oracle);
    assert.equal(log, ["first", 0b111, "second", 0b111, "third", 0b111]);
  }
});

test("a flag that somebody clears before the rest is set does not count for who waits for all", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const event = system.event();
    waiter(system, event, log, "all", { bits: 0b11, all: true });
    system.task("setter", { priority: 3 }, function* () {
      yield* event.set(0b01);
      yield* event.wait(0b01, { clear: true });
      yield* event.set(0b10);
      assert.is(event.waiters, 1);
      yield* event.set(0b01);
    });
  });
  assert.equal(log, ["all", 0b11]);
});

test("a wait of n ticks is ETIMEDOUT at the start of tick n, and a set that comes later finds nobody to clear for", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const event = system.event();
    system.task("waiter", {}, function* (self) {
      log.push(yield* event.wait(1, { clear: true }, 3), self.tick);
    });
    system.task("setter", { priority: 3 }, function* (self) {
      yield* self.sleep(4);
      assert.is(yield* event.set(1), 1);
    });
  });
  assert.equal(log, [ETIMEDOUT, 3]);
});

test("deleting it wakes the waiters in order with EIDRM, and later calls are EBADF", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const event = system.event();
    waiter(system, event, log, "low", { bits: 1, priority: 3 });
    waiter(system, event, log, "high", { bits: 2, priority: 5, timeout: 9 });
    system.task("deleter", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* event.delete();
      for (const call of [() => event.wait(1, {}, 0), () => event.set(1), () => event.clear(1)]) log.push(yield* misuse(call));
    });
  });
  assert.equal(log, ["EBADF", "EBADF", "EBADF", "high", EIDRM, "low", EIDRM]);
});

test("a waiter that is killed clears nothing", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const event = system.event();
    const victim = waiter(system, event, log, "victim", { bits: 1, clear: true, timeout: 9 });
    waiter(system, event, log, "next", { bits: 1 });
    system.task("killer", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* victim.terminate();
      assert.is(yield* event.set(1), 1);
    });
  });
  assert.equal(log, ["next", 1]);
});

test("an aborted wait is ECANCELED, a suspended waiter is woken and runs when it is resumed", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const event = system.event();
    const aborted = waiter(system, event, log, "aborted", { bits: 1 });
    const held = waiter(system, event, log, "held", { bits: 1 });
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* held.suspend();
      yield* aborted.abort();
      yield* event.set(1);
      assert.is(event.waiters, 0);
      yield* self.sleep(1);
      assert.equal(log, ["aborted", ECANCELED]);
      yield* held.resume();
    });
  });
  assert.equal(log, ["aborted", ECANCELED, "held", 1]);
});

test("an interrupt sets, clears and waits with timeout 0, and may not block", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const event = system.event();
    system.interrupt(3, {}, function* () {
      log.push(yield* event.wait(1, {}, 0), yield* misuse(() => event.wait(1, {}, 1)), yield* event.set(3), yield* event.clear(2));
    });
    waiter(system, event, log, "waiter", { bits: 1, clear: true, priority: 5 });
    system.task("raiser", { priority: 3 }, function* (self) {
      yield* self.raise(3);
    });
  });
  assert.equal(log, [EAGAIN, "EPERM", 2, 2, "waiter", 3]);
});

test("misuse: no flags, unknown ways of waiting and bad timeouts are EINVAL, what is no event is EBADF", () => {
  playOut((system) => {
    const event = system.event({ bits: 1 });
    const sem = system.semaphore();
    system.task("misuser", {}, function* (self) {
      assert.is(yield* misuse(() => event.wait(0)), "EINVAL");
      assert.is(yield* misuse(() => event.wait(1, {}, -2)), "EINVAL");
      const { kernel } = self.machine;
      const [EBADF, EINVAL] = [-9, -22];
      for (const how of [4, 7, -1]) assert.is(kernel.event_wait(event.handle, 1, how, 0), EINVAL);
      for (const handle of [0, -1, sem.handle, self.handle, event.handle + (1 << 13), event.handle | 0xff]) {
        assert.is(kernel.event_wait(handle, 1, 0, 0), EBADF);
        assert.is(kernel.event_set(handle, 2), EBADF);
        assert.is(kernel.event_clear(handle, 1), EBADF);
      }
      assert.is(event.bits, 1);
    });
  });
});

test.run();
