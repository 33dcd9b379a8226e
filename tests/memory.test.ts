import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deadlockSentences } from "../apps/cli/reason.js";
import {
  boot,
  EAGAIN,
  ECANCELED,
  ENOMEM,
  ETIMEDOUT,
  type MachineOptions,
  type Parked,
  type Self,
  type System,
  TaleaError,
  View,
} from "../hal/host/index.js";
import { EINVAL, EPERM, Info, Kind, layout, Mode, Owner } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { noting, pieces, raw, room } from "./probe.js";
import { misuse, ORACLES, play, playOut } from "./support.js";

const test = suite("memory");

/** The view that a call for RAM answers; fails the test when it answers an outcome. */
function* get(self: Self, bytes: number, timeout = -1): Generator<Parked, View, unknown> {
  const view = yield* self.alloc(bytes, timeout);
  if (view instanceof View) return view;
  throw new Error(`${self.name} got ${view} instead of ${bytes} bytes`);
}

/** Takes RAM until exactly `left` bytes are free in one piece. */
function* takeAllBut(self: Self, left: number): Generator<Parked, View, unknown> {
  return yield* get(self, room(self.machine) - left, 0);
}

interface Asking {
  priority?: number;
  /** The tick at which it comes. */
  at?: number;
  timeout?: number;
}

/** A task that comes at a tick, asks for RAM once, notes its name, "got" or the outcome, and when, and keeps it until tick 50. */
function asker(system: System, log: unknown[], name: string, bytes: number, o: Asking = {}) {
  return system.task(name, { priority: o.priority ?? 5, storage: 64 }, function* (self) {
    yield* self.sleepUntil(o.at ?? 0);
    const got = yield* self.alloc(bytes, o.timeout);
    log.push(name, got instanceof View ? "got" : got, self.tick);
    yield* self.sleepUntil(50);
  });
}

/** A system in which "keeper" has all RAM but 64 bytes, before anybody else runs, and does with it what the body does. */
function full(
  log: unknown[],
  others: (system: System) => void,
  body: (self: Self, all: View) => Generator<Parked, void, unknown>,
  o?: MachineOptions,
) {
  return playOut((system) => {
    system.task("keeper", { priority: 40 }, function* (self) {
      const all = yield* takeAllBut(self, 64);
      yield* body(self, all);
      log.push("keeper");
    });
    others(system);
  }, o);
}

function refused(act: () => unknown): void {
  assert.throws(act, (error: unknown) => error instanceof TaleaError && error.message.includes("revoked"));
}

test("RAM is 8-aligned, of the size that was asked for, nobody else's, and the task's own", () => {
  playOut((system) => {
    system.task("only", {}, function* (self) {
      const { machine } = self;
      const before = pieces(machine);
      const views: View[] = [];
      for (const bytes of [1, 7, 8, 9, 1000]) views.push(yield* get(self, bytes));
      for (const [i, view] of views.entries()) {
        assert.is(view.address % 8, 0);
        view.copy(new Uint8Array(view.length).fill(i + 1));
      }
      for (const [i, view] of views.entries()) assert.ok(view.bytes().every((byte) => byte === i + 1));
      assert.throws(() => views[1]?.set(7, 0), /outside this view of 7 bytes/);
      const own = pieces(machine).filter(({ used }) => used === Owner.TASKS + (self.handle & 0xff));
      assert.equal(
        own.map(({ address }) => address),
        views.map(({ address }) => address),
      );
      for (const view of [2, 0, 4, 1, 3].map((i) => views[i] as View)) {
        const part = view.slice(0, 1);
        assert.is(yield* self.free(view), 0);
        refused(() => view.get(0));
        refused(() => part.set(0, 1));
      }
      assert.equal(pieces(machine), before);
    });
  });
});

test("a size below 1 byte or above 16 MiB is EINVAL", () => {
  playOut((system) => {
    system.task("only", {}, function* (self) {
      for (const bytes of [0, -1, (1 << 24) + 1, 0x7fffffff]) assert.is(yield* misuse(() => self.alloc(bytes)), "EINVAL");
    });
  });
});

test("SHM-07d more RAM than is free is EAGAIN with timeout 0, ETIMEDOUT after its ticks, and else waits until it is there", () => {
  const log: unknown[] = [];
  full(
    log,
    (system) => {
      asker(system, log, "asker", 65, { timeout: 0 });
      asker(system, log, "hasty", 65, { timeout: 3 });
      asker(system, log, "patient", 65);
      asker(system, log, "fits", 64, { at: 4, timeout: 0, priority: 9 });
    },
    function* (self, all) {
      yield* self.sleep(6);
      yield* self.free(all);
    },
  );
  assert.equal(log, ["asker", EAGAIN, 0, "hasty", ETIMEDOUT, 3, "fits", "got", 4, "keeper", "patient", "got", 6]);
});

test("SHM-07d what the whole arena could never give is ENOMEM at once, with any timeout", () => {
  playOut((system) => {
    system.task("only", {}, function* (self) {
      const all = pieces(self.machine).reduce((sum, { size }) => sum + size, 0);
      for (const timeout of [0, 5, -1]) {
        assert.is(yield* self.alloc(all + 1, timeout), ENOMEM);
        assert.is(yield* self.alloc(1 << 24, timeout), ENOMEM);
      }
      assert.is(yield* self.alloc(all, 0), EAGAIN, "the stack of this task is in it, but it might go");
      assert.is(self.tick, 0);
    });
  });
});

test("SHM-07d a wait for RAM is aborted with ECANCELED, and left by a task that ends", () => {
  const log: unknown[] = [];
  full(
    log,
    (system) => {
      const aborted = asker(system, log, "aborted", 100, { priority: 9 });
      const ended = asker(system, log, "ended", 100, { priority: 8 });
      const held = asker(system, log, "held", 100, { priority: 7 });
      system.task("boss", { priority: 60 }, function* (self) {
        yield* self.sleep(1);
        yield* aborted.abort();
        yield* ended.terminate();
        yield* held.suspend();
        yield* self.sleep(3);
        yield* held.resume();
      });
    },
    function* (self, all) {
      yield* self.sleep(2);
      yield* self.free(all);
    },
  );
  assert.equal(log, ["aborted", ECANCELED, 1, "keeper", "held", "got", 4]);
});

test("SHM-07e waiters are served most urgent first, first come first served among equals, and nobody past the first that cannot be", () => {
  const log: unknown[] = [];
  full(
    log,
    (system) => {
      asker(system, log, "low", 8, { priority: 4 });
      asker(system, log, "second", 100, { priority: 6, at: 1 });
      asker(system, log, "first", 300, { priority: 6 });
      asker(system, log, "high", 1000, { priority: 8, at: 2 });
    },
    function* (self, all) {
      yield* self.free(all);
      // Pieces that are given back one by one, from the top, so that they join.
      const parts: View[] = [];
      for (let i = 0; i < 20; i++) parts.push(yield* get(self, 104, 0));
      const rest = yield* takeAllBut(self, 0);
      for (let tick = 3; parts.length > 0; tick++) {
        yield* self.sleepUntil(tick);
        yield* self.free(parts.pop() as View);
      }
      yield* self.free(rest);
    },
  );
  // 10 pieces of 104 bytes for 1000; 3 for 300, of which 12 remained; then one each.
  assert.equal(log.slice(0, 12), ["high", "got", 12, "first", "got", 15, "second", "got", 16, "low", "got", 16]);
});

test("ERR-12a SHM-07e when the first waiter gives up, is ended, or loses its place, the next is served in that tick or call", () => {
  for (const how of ["timeout", "terminate", "abort", "priority"]) {
    const log: unknown[] = [];
    full(
      log,
      (system) => {
        const big = asker(system, log, "big", 1000, { priority: 9, timeout: how === "timeout" ? 3 : -1 });
        asker(system, log, "small", 40, { priority: 8 });
        system.task("boss", { priority: 7 }, function* (self) {
          yield* self.sleepUntil(3);
          if (how === "terminate") yield* big.terminate();
          if (how === "abort") yield* big.abort();
          if (how === "priority") yield* big.setPriority(5);
        });
      },
      function* (self, all) {
        yield* self.sleepUntil(10);
        yield* self.free(all);
      },
    );
    const at = log.indexOf("small");
    assert.equal(log.slice(at, at + 3), ["small", "got", 3], how);
  }
});

test("ERR-13a a newcomer takes nothing past a waiter at least as urgent; a more urgent one does", () => {
  const log: unknown[] = [];
  full(
    log,
    (system) => {
      asker(system, log, "big", 1000, { priority: 6 });
      asker(system, log, "equal", 16, { priority: 6, at: 1, timeout: 0 });
      asker(system, log, "less", 16, { priority: 5, at: 1, timeout: 2 });
      asker(system, log, "more", 16, { priority: 7, at: 1, timeout: 0 });
    },
    function* (self, all) {
      yield* self.sleepUntil(5);
      yield* self.free(all);
    },
  );
  assert.equal(log, ["more", "got", 1, "equal", EAGAIN, 1, "less", ETIMEDOUT, 3, "keeper", "big", "got", 5]);
});

test("ERR-13f create and spawn are not refused because somebody waits for RAM", () => {
  const log: unknown[] = [];
  full(
    log,
    (system) => {
      asker(system, log, "waiter", 1000, { priority: 63, at: 1 });
    },
    function* (self, all) {
      const { machine } = self;
      yield* self.sleepUntil(1);
      const pipe = yield* self.create.pipe({ capacity: 16 });
      const region = yield* self.create.region({ size: 16 });
      const child = yield* self.create.task("child", { priority: 62, storage: 16 }, noting(log, "child"));
      assert.is(machine.recordsOf(Kind.PIPE).length + machine.recordsOf(Kind.REGION).length, 2);
      yield* child.join();
      yield* pipe.delete();
      yield* region.delete();
      yield* self.free(all);
    },
  );
  assert.equal(log, ["child", "waiter", "got", 1, "keeper"]);
});

/** What gives RAM back, made while there is some; `end` then ends it. */
const givers: Record<string, (self: Self) => Generator<Parked, () => Generator<Parked, unknown, unknown>, unknown>> = {
  memory_free: function* (self) {
    const view = yield* get(self, 400, 0);
    return function* () {
      yield* self.free(view);
    };
  },
  "a pipe's deletion": function* (self) {
    const pipe = yield* self.create.pipe({ capacity: 400 });
    return function* () {
      yield* pipe.delete();
    };
  },
  "a region's last detach": function* (self) {
    const region = yield* self.create.region({ size: 400 });
    return function* () {
      yield* region.close();
    };
  },
  "a task's stack and RAM": function* (self) {
    const child = yield* self.create.task("child", { priority: 50, storage: 200 }, function* (me) {
      yield* get(me, 200, 0);
      yield* me.sleep(100);
    });
    return function* () {
      yield* child.terminate();
    };
  },
};

test("SHM-07f RAM that comes back, from whatever, goes straight to the first waiter, which runs at once if it is more urgent", () => {
  for (const [what, make] of Object.entries(givers)) {
    const log: unknown[] = [];
    playOut((system) => {
      system.task("giver", { priority: 30 }, function* (self) {
        const end = yield* make(self);
        yield* takeAllBut(self, 0);
        yield* self.sleepUntil(2);
        yield* end();
        log.push("giver");
        assert.is(yield* self.alloc(8, 0), EAGAIN, "nobody can take it on its way");
      });
      asker(system, log, "urgent", 400, { priority: 31, at: 1 });
    });
    assert.equal(log, ["urgent", "got", 2, "giver"], what);
  }
});

test("SHM-07f RAM on its way to a waiter that has not run yet is not free any more", () => {
  const log: unknown[] = [];
  full(
    log,
    (system) => {
      asker(system, log, "waiter", 100_000, { priority: 5 });
    },
    function* (self, all) {
      yield* self.sleepUntil(1);
      yield* self.free(all);
      assert.is(yield* self.alloc(all.length, 0), EAGAIN);
    },
  );
  assert.equal(log, ["keeper", "waiter", "got", 1]);
});

test("SHM-07g a double free, an address inside a piece, none, and a buffer of an object or a stack is EINVAL, and nothing changes", () => {
  playOut((system) => {
    const region = system.region({ size: 64 });
    const pipe = system.pipe({ capacity: 64 });
    const kept = system.alloc(64);
    system.task("misuser", { reads: [region, pipe], writes: [region] }, function* (self) {
      const { machine } = self;
      const free = (address: number) => raw(machine, "memory_free", address);
      const view = yield* get(self, 64);
      const before = pieces(machine);
      const buffer = machine.u32[(pipe.record + layout.Pipe.buffer) >> 2] as number;
      const stack = machine.u32[(machine.taskRecord(self.handle & 0xff) + layout.Task.stack) >> 2] as number;
      const inside = [view.address + 8, view.address + 1, view.address - 1, view.address + 64];
      const foreign = [(yield* region.view()).address, buffer, stack];
      for (const address of [...inside, ...foreign, 0, 8, machine.image.bytes, machine.image.bytes - 8, -8, -1]) {
        assert.is(yield* free(address), EINVAL, `${address}`);
      }
      assert.is(yield* free(kept.address), EPERM, "the system description's");
      assert.is(yield* misuse(() => self.free(view.slice(8, 8))), "EINVAL");
      view.set(0, 9);
      assert.is(view.get(0), 9, "and the view lives on");
      assert.equal(pieces(machine), before);
      yield* self.free(view);
      assert.is(yield* free(view.address), EINVAL);
      assert.is(yield* misuse(() => self.free(view)), "EINVAL");
    });
  });
});

test("SHM-07h another task's RAM is EPERM, and stays its own", () => {
  playOut((system) => {
    let address = 0;
    const owner = system.task("owner", { priority: 9 }, function* (self) {
      const view = yield* get(self, 64);
      address = view.address;
      yield* self.sleep(2);
      view.set(0, 1);
      yield* self.free(view);
    });
    system.task("thief", { priority: 5 }, function* ({ machine }) {
      assert.is(yield* raw(machine, "memory_free", address), EPERM);
      yield* owner.join();
      assert.is(yield* raw(machine, "memory_free", address), EINVAL);
    });
  });
});

test("SHM-07i the RAM of a task goes back when it ends, by exit, termination or failure, and a view that got out throws", () => {
  for (const how of ["exit", "terminate", "throw"]) {
    const machine = boot(
      (system) => {
        system.task("boss", { priority: 5 }, function* (self) {
          const before = pieces(self.machine);
          let leaked: View | undefined;
          const child = yield* self.create.task("child", { priority: 9 }, function* (me) {
            for (let i = 0; i < 5; i++) {
              leaked = yield* get(me, 100 + i);
              yield* me.create.pipe({ capacity: 40 });
            }
            if (how === "throw") throw new Error("on purpose");
            if (how === "terminate") yield* me.sleep(100);
          });
          if (how === "terminate") yield* child.terminate();
          assert.equal(pieces(self.machine), before);
          refused(() => (leaked as View).get(0));
        });
      },
      { kernel: "debug", onFailure: "report" },
    );
    assert.is(machine.run(), "finished");
    assert.equal(
      machine.failures.map(({ task }) => task),
      how === "throw" ? ["child"] : [],
    );
    assert.is(machine.check(), 0);
  }
});

test("SHM-07i a task that is handed RAM and ended before it runs leaves none behind", () => {
  const log: unknown[] = [];
  full(
    log,
    (system) => {
      const handed = asker(system, log, "handed", 1000, { priority: 5 });
      asker(system, log, "next", 1000, { priority: 4 });
      system.task("boss", { priority: 50 }, function* (self) {
        yield* self.sleepUntil(3);
        yield* handed.terminate();
      });
    },
    function* (self, all) {
      yield* self.sleepUntil(2);
      yield* self.free(all);
      const rest = room(self.machine);
      const hold = yield* get(self, rest, 0);
      yield* self.compute(20_000);
      yield* self.free(hold);
    },
  );
  assert.equal(log, ["keeper", "next", "got", 3]);
});

test("a system's own RAM is for good, and cannot be more than there is", () => {
  playOut((system) => {
    const view = system.alloc(32);
    assert.throws(() => system.alloc(1 << 23), /alloc: ENOMEM/);
    assert.throws(() => system.alloc(0), /alloc: EINVAL/);
    system.interrupt(3, {}, function* (irq) {
      view.set(0, 5);
      yield* irq.compute(1);
    });
    system.task("t", {}, function* (self) {
      yield* self.raise(3);
      assert.is(view.get(0), 5);
    });
  });
});

test("an interrupt and a callback may neither ask for RAM nor give it back; under a lock one may not wait for it", () => {
  playOut((system) => {
    const { machine } = system.semaphore();
    const refuses = function* () {
      assert.is(yield* raw(machine, "memory_alloc", 8, 0), EPERM);
      assert.is(yield* raw(machine, "memory_free", 8), EPERM);
    };
    system.interrupt(3, {}, refuses);
    const timer = system.timer({ call: refuses });
    system.task("t", {}, function* (self) {
      yield* self.raise(3);
      yield* timer.start(1);
      yield* self.sleep(2);
      yield* self.lockScheduler();
      assert.is(yield* misuse(() => self.alloc(8)), "EPERM");
      yield* self.free(yield* get(self, 8, 0));
      yield* self.unlockScheduler();
    });
  });
});

test("RAM is there again without fragmentation: tasks that take, keep and give at random end as they began, under any schedule", () => {
  for (const oracle of ORACLES) {
    const { machine } = playOut((system) => {
      system.region({ size: 64 });
      for (let t = 0; t < 4; t++) {
        system.task(`t${t}`, { priority: 5 + (t >> 1), storage: 0 }, function* (self) {
          const kept: View[] = [];
          for (let i = 0; i < 30; i++) {
            const bytes = 1 + Math.floor(Math.random() * 60_000);
            const view = yield* self.alloc(bytes, 3);
            if (view instanceof View) kept.push(view);
            else assert.is(view, ETIMEDOUT);
            yield* self.compute(1000);
            if (kept.length > 2 || !(view instanceof View)) for (const old of kept.splice(0, 2)) yield* self.free(old);
          }
        });
      }
    }, oracle);
    assert.equal(
      pieces(machine).map(({ used }) => used),
      [Owner.KERNEL, Owner.NOBODY],
    );
  }
});

test("in a deadlock over RAM the report names who waits for it, who has it, and how much is left", () => {
  let bytes = 0;
  const { machine } = play(
    (system) => {
      const { machine } = system.semaphore();
      // Twice this is there, three times is not.
      bytes = (room(machine) * 0.4) & ~7;
      for (const name of ["one", "two"]) {
        system.task(name, { storage: 0 }, function* (self) {
          yield* get(self, bytes);
          yield* self.sleep(1);
          yield* self.alloc(bytes);
        });
      }
    },
    {},
    "deadlock",
  );
  const { blocked, left, cycle } = machine.report();
  assert.equal(
    blocked.map(({ task, call, object, holders }) => [task, call, object, holders]),
    [
      ["one", "memory_alloc", "RAM", ["two"]],
      ["two", "memory_alloc", "RAM", ["one"]],
    ],
  );
  assert.equal(
    left,
    ["one", "two"].map((name) => `${bytes} bytes of RAM are kept by ${name}`),
  );
  assert.equal(cycle, ["one", "two"]);
  assert.match(
    deadlockSentences(machine.report())[1] as string,
    /^ {2}task "one" waits in memory_alloc on "RAM" for \d+ bytes at .*: RAM is held by "two"$/,
  );
});

test("the report says so when a task waits for RAM and nobody else has any", () => {
  const { machine } = play(
    (system) => {
      const most = system.alloc(Math.floor(room(system.semaphore().machine) * 0.6)).length;
      system.task("alone", {}, function* (self) {
        yield* self.alloc(most);
      });
    },
    {},
    "deadlock",
  );
  assert.match(deadlockSentences(machine.report())[1] as string, /: nobody else has any to give back$/);
});

test("a pipe that a task made with RAM of its own is the task's to give back, not the pipe's", () => {
  playOut((system) => {
    system.task("only", {}, function* (self) {
      const { machine } = self;
      const view = yield* get(self, 16);
      const pipe = yield* raw(machine, "pipe_create", 0, 16, Mode.READ | Mode.WRITE, view.address);
      assert.is(yield* raw(machine, "object_delete", pipe), 0);
      view.set(0, 1);
      assert.is(yield* self.free(view), 0);
    });
  });
});

test("RAM of the system's is no task's to give back, and RAM of nobody's nobody's", () => {
  const m = new Bare();
  m.task(9);
  const systems = m.kernel.memory_alloc(64, 0);
  m.start();
  assert.is(m.kernel.memory_free(systems), EPERM);
  assert.is(m.kernel.memory_free(systems + 8), EINVAL);
  const own = m.kernel.memory_alloc(64, 0);
  assert.is(m.kernel.memory_free(own), 0);
  assert.is(m.kernel.memory_free(own), EINVAL);
  for (const bytes of [0, -1, (1 << 24) + 1]) assert.is(m.kernel.memory_alloc(bytes, 0), EINVAL, `${bytes}`);
});

test("the free RAM is the sum of all free pieces, and the largest is one of them", () => {
  const m = new Bare();
  m.task(9);
  m.start();
  const out = m.bytes(8);
  const fact = (field: number) => {
    assert.is(m.kernel.object_info(0, field, out), 0);
    return m.u32[out >> 2] as number;
  };
  const all = fact(Info.RAM_FREE);
  assert.is(fact(Info.RAM_LARGEST), all);
  const [first, second] = [m.kernel.memory_alloc(64, 0), m.kernel.memory_alloc(64, 0)];
  assert.is(m.kernel.memory_free(first), 0);
  assert.is(fact(Info.RAM_FREE), all - 64);
  assert.is(fact(Info.RAM_LARGEST), all - 128);
  assert.is(m.kernel.memory_free(second), 0);
  assert.is(fact(Info.RAM_FREE), all);
});

test.run();
