import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deadlockSentences } from "../apps/cli/reason.js";
import {
  boot,
  CallError,
  EAGAIN,
  ECANCELED,
  EIDRM,
  ETIMEDOUT,
  type Machine,
  type MachineOptions,
  type Parked,
  type Region,
  type Self,
  type System,
  TaleaError,
  type Task,
  type View,
} from "../hal/host/index.js";
import { SCRATCH_BYTES } from "../hal/map.js";
import { EBADF, EFAULT, EINVAL, ENOMEM, EPERM, Kind, layout, Mode, Order, SWITCH } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { type CallName, info, raw } from "./probe.js";
import { misuse, ORACLES, play, playOut } from "./support.js";

const test = suite("region");

const SIZE = 22;

/** Where the region is, as its record says. */
function addressOf(region: Region): number {
  return region.machine.u32[(region.record + layout.Region.address) >> 2] as number;
}

/** The word at byte `index` of the region, for a test that looks from outside. */
function wordAt(region: Region, index = 0): number {
  return region.machine.i32[(addressOf(region) + index) >> 2] as number;
}

/** Regions that exist. */
function regions(machine: Machine): number {
  return machine.recordsOf(Kind.REGION).length;
}

function refused(act: () => unknown, part: string): void {
  assert.throws(act, (error: unknown) => error instanceof TaleaError && error.message.includes(part));
}

/** A task that comes at a tick, waits once for the word at `index` to be woken, and notes its name, the outcome and when. */
function waiter(
  system: System,
  region: Region,
  log: unknown[],
  name: string,
  at: { index?: number; priority?: number; tick?: number; timeout?: number } = {},
) {
  return system.task(name, { priority: at.priority ?? 5, reads: [region] }, function* (self) {
    yield* self.sleepUntil(at.tick ?? 0);
    log.push(name, yield* region.wait(at.index ?? 0, 0, at.timeout), self.tick);
  });
}

/** Runs a body in one task that is attached to a region to write. */
function alone(body: (self: Self, region: Region) => Generator<Parked, void, unknown>): void {
  playOut((system) => {
    const region = system.region({ name: "shared", size: SIZE });
    system.task("only", { writes: [region], storage: 512 }, (self) => body(self, region));
  });
}

// Memory

test("SHM-01a SHM-01d a task finds the region that another made by its name, with its size, at the same address", () => {
  const seen: number[] = [];
  playOut((system) => {
    system.task("maker", { priority: 9 }, function* (self) {
      const region = yield* self.create.region({ name: "board", size: SIZE });
      assert.is(region.size, SIZE);
      const view = yield* region.view();
      assert.is(view.length, SIZE);
      seen.push(view.address);
      view.set(SIZE - 1, 7);
      refused(() => view.set(SIZE, 1), "outside");
      yield* self.sleep(3);
    });
    for (const direction of ["read", "write"] as const) {
      system.task(`${direction}r`, { priority: 5 }, function* (self) {
        assert.is(yield* misuse(() => self.open.region("bored", direction)), "ENOENT");
        const view = yield* (yield* self.open.region("board", direction)).view();
        assert.is(view.get(SIZE - 1), 7);
        seen.push(view.address);
      });
    }
  });
  assert.is(seen.length, 3);
  assert.is(new Set(seen).size, 1);
  assert.is((seen[0] as number) % 8, 0);
});

test("SHM-01a a size is 1 byte to 16 MiB, else EINVAL; more than there is is ENOMEM, and takes no slot", () => {
  alone(function* (self) {
    const { machine } = self;
    for (const bytes of [0, -1, (1 << 24) + 1, 0x7fffffff]) assert.is(yield* raw(machine, "region_create", 0, bytes, Mode.READ, 0), EINVAL);
    for (let i = 0; i < 40; i++) assert.is(yield* raw(machine, "region_create", 0, 1 << 24, Mode.READ, 0), ENOMEM);
    assert.is(regions(machine), 1);
    assert.is(yield* misuse(() => self.create.region({ size: 1 << 24 })), "ENOMEM");
    for (const mode of [4, 8, 12, 16, -1]) assert.is(yield* raw(machine, "region_create", 0, 8, mode, 0), EINVAL, `mode ${mode}`);
    assert.is(yield* raw(machine, "region_create", 0, 8, 0, 0), EINVAL, "nobody could ever attach to it");
    const small = yield* self.create.region({ size: 1 });
    assert.is(small.size, 1);
    assert.is(yield* info(machine, small.handle, 22), 1);
  });
});

test("SHM-01b a region is zeroed though its RAM was another's before", () => {
  alone(function* (self) {
    const addresses: number[] = [];
    for (let round = 0; round < 3; round++) {
      const region = yield* self.create.region({ size: 40 });
      const view = yield* region.view();
      assert.ok(view.bytes().every((byte) => byte === 0));
      addresses.push(view.address);
      view.copy("x".repeat(40));
      yield* region.close();
    }
    assert.is(new Set(addresses).size, 1);
  });
});

test("SHM-01c only who is attached is told the address: EPERM for others, until they open it or are granted it", () => {
  playOut((system) => {
    const region = system.region({ name: "r", size: 8 });
    const stranger = system.task("stranger", { priority: 5 }, function* (self) {
      assert.is(yield* misuse(() => region.view()), "EPERM");
      yield* self.sleep(2);
      (yield* region.view()).get(0);
      yield* region.close();
      assert.is(yield* misuse(() => region.view()), "EPERM");
      yield* self.open.region("r", "read");
      (yield* region.view()).get(0);
    });
    system.task("friend", { priority: 5, reads: [region] }, function* (self) {
      yield* self.sleep(1);
      yield* region.grant(stranger, "read");
      (yield* region.view()).get(0);
    });
  });
});

test("SHM-01e giving up to write leaves it read-only, giving up to read detaches from both", () => {
  alone(function* (self, region) {
    const view = yield* region.view();
    view.setWord(0, 5);
    yield* region.close("write");
    assert.is(view.word(0), 5);
    refused(() => view.setWord(0, 6), "read-only");
    assert.is(yield* misuse(() => region.close("write")), "EPERM");
    yield* self.open.region("shared", "write");
    view.setWord(0, 7);
    yield* region.close("read");
    refused(() => view.word(0), "revoked");
    assert.is(yield* misuse(() => region.add(0, 1)), "EFAULT");
    assert.is(wordAt(region), 7);
    yield* self.open.region("shared", "read");
    refused(() => view.setWord(0, 8), "read-only");
  });
});

test("SHM-01b storage of the caller's own is zeroed and used, and stays the caller's", () => {
  alone(function* (self) {
    const { machine } = self;
    const own = self.buffer(40);
    const create = (bytes: number, storage: number) => raw(machine, "region_create", 0, bytes, Mode.WRITE, storage);
    for (let round = 0; round < 2; round++) {
      own.copy("x".repeat(40));
      const handle = yield* create(24, own.address);
      assert.is(yield* raw(machine, "region_address", handle), own.address);
      assert.is(own.text(), "\0".repeat(24) + "x".repeat(16));
      assert.is(yield* create(8, own.address), EINVAL, "no two regions share a byte");
      assert.is(yield* create(8, own.address + 16), EINVAL);
      const beside = yield* create(16, own.address + 24);
      assert.ok(beside > 0);
      for (const each of [handle, beside]) assert.is(yield* raw(machine, "object_close", each, Mode.WRITE | Mode.READ), 0);
    }
    assert.is(yield* create(8, own.address + 4), EINVAL, "not aligned");
    for (const storage of [8, machine.image.bytes - 8, machine.image.bytes]) assert.is(yield* create(16, storage), EFAULT);
  });
});

// Lifetime

test("SHM-02a unlink takes the name at once; who is attached stays, nobody new comes, and the name may be taken again", () => {
  playOut((system) => {
    system.task("maker", { priority: 9 }, function* (self) {
      const region = yield* self.create.region({ name: "r", size: 8 });
      const view = yield* region.view();
      yield* self.sleep(1);
      yield* region.unlink();
      assert.is(yield* misuse(() => self.open.region("r", "read")), "ENOENT");
      view.set(0, 9);
      const second = yield* self.create.region({ name: "r", size: 8 });
      assert.is((yield* second.view()).get(0), 0);
      yield* self.sleep(2);
      yield* second.delete();
    });
    system.task("other", { priority: 5 }, function* (self) {
      const view = yield* (yield* self.open.region("r", "read")).view();
      yield* self.sleep(2);
      assert.is(view.get(0), 9);
    });
  });
});

test("ERR-11c SHM-02b a named region goes after unlink and last detach, in either order; an unnamed one at its last detach", () => {
  alone(function* (self) {
    const { machine } = self;
    const left = function* () {
      const first = yield* self.create.region({ name: "closed first", size: 8 });
      yield* first.close();
      assert.is(regions(machine), 2, "its name keeps it");
      const again = yield* self.open.region("closed first", "read");
      yield* again.unlink();
      assert.is(regions(machine), 2, "its task keeps it");
      yield* again.close();
      const unnamed = yield* self.create.region({ size: 8, open: "read" });
      assert.is(regions(machine), 2);
      yield* unnamed.close("read");
      return unnamed;
    };
    const gone = yield* left();
    assert.is(regions(machine), 1);
    assert.is(yield* misuse(() => gone.view()), "EBADF");
    // Its RAM is there again.
    const all = new Set<number>();
    for (let i = 0; i < 500; i++) {
      const big = yield* self.create.region({ size: 100_000 });
      all.add(addressOf(big));
      yield* big.close();
    }
    assert.is(all.size, 1);
  });
});

test("SHM-02c the end of a task detaches it, by exit, termination or failure, and the last one's end frees the region", () => {
  for (const how of ["exit", "terminate", "throw"]) {
    const machine = boot(
      (system) => {
        system.task("boss", { priority: 5 }, function* (self) {
          const child = yield* self.create.task("child", { priority: 9 }, function* (me) {
            yield* me.create.region({ size: 64 });
            if (how === "exit") yield* me.exit(1);
            if (how === "throw") throw new Error("on purpose");
            yield* me.sleep(1000);
          });
          assert.is(regions(self.machine), how === "terminate" ? 1 : 0);
          yield* child.terminate();
          assert.is(regions(self.machine), 0);
        });
      },
      { kernel: "debug", onFailure: "report" },
    );
    assert.is(machine.run(), "finished");
    assert.is(machine.failures.length, how === "throw" ? 1 : 0);
    assert.is(machine.check(), 0);
  }
});

test("what the system description made stays when nobody is attached any more", () => {
  playOut((system) => {
    const region = system.region({ size: 8 });
    system.task("first", { priority: 9, writes: [region] }, function* () {
      (yield* region.view()).set(0, 3);
      yield* region.close();
    });
    system.task("second", { priority: 5, reads: [region] }, function* (self) {
      yield* self.sleep(1);
      assert.is((yield* region.view()).get(0), 3);
    });
  });
});

test("ERR-11c the report names regions that are attached at the end", () => {
  const { machine } = play(
    (system) => {
      const region = system.region({ name: "shared", size: 8 });
      waiter(system, region, [], "forgotten");
      system.task("other", { reads: [region] }, function* (self) {
        yield* region.wait(4, 0);
        yield* self.sleep(1);
      });
    },
    {},
    "deadlock",
  );
  const { left, blocked } = machine.report();
  assert.equal(left, ["shared is open by forgotten, other"]);
  assert.equal(
    blocked.map(({ task, call, object, holders }) => [task, call, object, holders]),
    [
      ["forgotten", "word_wait", "shared", ["other"]],
      ["other", "word_wait", "shared", ["forgotten"]],
    ],
  );
  assert.match(
    deadlockSentences(machine.report())[1] as string,
    /^ {2}task "forgotten" waits in word_wait on "shared" for the word at byte \d+ at .*: it could be woken by "other"$/,
  );
});

// Contents

test("SHM-03a what one task stores the next that runs sees, under any schedule", () => {
  for (const oracle of ORACLES) {
    playOut((system) => {
      const region = system.region({ size: 64 });
      const turn = system.semaphore();
      system.task("writer", { writes: [region] }, function* (self) {
        const view = yield* region.view();
        for (let i = 1; i <= 5; i++) {
          view.setWord(4 * i, i * 1000);
          yield* self.compute(7000);
          view.setWord(0, i);
          yield* turn.give();
        }
      });
      system.task("reader", { reads: [region] }, function* () {
        const view = yield* region.view();
        for (let i = 1; i <= 5; i++) {
          yield* turn.take();
          assert.ok(view.word(0) >= i);
          assert.is(view.word(4 * i), i * 1000);
        }
      });
    }, oracle);
  }
});

test("SHM-03b the contents survive the end of the task that stored them, however it ended", () => {
  playOut((system) => {
    const region = system.region({ size: 16 });
    const doomed = system.task("doomed", { priority: 9, writes: [region] }, function* (self) {
      (yield* region.view()).copy("last words");
      yield* self.sleep(100);
    });
    system.task("heir", { priority: 5, reads: [region] }, function* () {
      yield* doomed.terminate();
      assert.is((yield* region.view()).text(10), "last words");
    });
  });
});

// Views

test("SHM-05b a view throws once its task has detached, and lives again with a new attachment", () => {
  alone(function* (self, region) {
    const view = yield* region.view();
    const part = view.slice(8, 4);
    part.set(0, 1);
    yield* region.close();
    for (const use of [() => view.get(0), () => view.set(0, 1), () => part.word(0), () => part.setWord(0, 1), () => view.text()]) {
      refused(use, "revoked");
    }
    yield* self.open.region("shared", "read");
    assert.is(part.get(0), 1);
    view.revoke();
    refused(() => part.get(0), "revoked");
  });
});

test("SHM-05b a view throws once its task has ended, for whoever has got hold of it, though others are attached", () => {
  let leaked: View | undefined;
  playOut((system) => {
    const region = system.region({ size: 8 });
    const ends = system.task("ends", { priority: 9, writes: [region], detached: true }, function* () {
      leaked = yield* region.view();
      leaked.set(0, 1);
    });
    system.task("stays", { priority: 5, writes: [region] }, function* (self) {
      assert.is((yield* region.view()).get(0), 1);
      refused(() => (leaked as View).get(0), "revoked");
      // A task in the same slot is another task.
      let next: Task | undefined;
      for (let i = 0; (next?.handle ?? -1) % 256 !== ends.handle % 256; i++) {
        next = yield* self.create.task(`next ${i}`, { priority: 9, detached: true, storage: 0 }, function* (me) {
          yield* me.sleep(1);
        });
      }
      yield* region.grant(next as Task, "write");
      refused(() => (leaked as View).get(0), "revoked");
    });
  });
});

test("SHM-05b the view of an interrupt handler throws once the region is deleted", () => {
  playOut((system) => {
    const region = system.region({ size: 8 });
    let view: View | undefined;
    system.interrupt(3, {}, function* () {
      view = yield* region.view();
      view.set(0, 4);
    });
    system.task("raiser", { reads: [region] }, function* (self) {
      yield* self.raise(3);
      assert.is((view as View).get(0), 4);
      yield* region.delete();
      refused(() => (view as View).get(0), "revoked");
      refused(() => (view as View).set(0, 5), "revoked");
    });
  });
});

test("SHM-05b a view throws once the region is deleted, though another has its slot and its RAM", () => {
  alone(function* (self) {
    const first = yield* self.create.region({ size: 8 });
    const view = yield* first.view();
    yield* first.delete();
    for (let i = 0; i < 40; i++) yield* (yield* self.create.region({ size: 8 })).delete();
    const next = yield* self.create.region({ size: 8 });
    assert.is(addressOf(next), view.address);
    refused(() => view.set(0, 1), "revoked");
    assert.is(yield* misuse(() => first.view()), "EBADF");
    for (const use of [() => first.wait(0, 0), () => first.wake(0), () => first.add(0, 1), () => first.exchange(0, 1)]) {
      assert.is(yield* misuse(use), "EBADF");
    }
  });
});

test("SHM-05c a store through the view of a read-only attachment throws, and stores nothing", () => {
  playOut((system) => {
    const region = system.region({ size: 8 });
    system.task("reader", { reads: [region] }, function* () {
      const view = yield* region.view();
      for (const store of [() => view.set(0, 1), () => view.setWord(0, 1), () => view.copy("x"), () => view.slice(4, 4).set(0, 1)]) {
        refused(store, "read-only");
      }
      assert.equal([...view.bytes()], new Array(8).fill(0));
      for (const call of [() => region.add(0, 1), () => region.exchange(0, 1), () => region.compareExchange(0, 0, 1)]) {
        assert.is(yield* misuse(call), "EFAULT");
      }
      assert.is(wordAt(region), 0);
    });
  });
});

test("SHM-05d only the task that stores where it may not fails, and the others go on", () => {
  const machine = boot(
    (system) => {
      const region = system.region({ size: 8 });
      system.task("offender", { priority: 9, reads: [region] }, function* () {
        (yield* region.view()).set(0, 1);
      });
      system.task("other", { priority: 5, writes: [region] }, function* (self) {
        yield* self.sleep(1);
        (yield* region.view()).set(0, 2);
      });
    },
    { kernel: "debug", onFailure: "report" },
  );
  assert.is(machine.run(), "finished");
  assert.equal(
    machine.failures.map(({ task, site }) => [task, site?.file.endsWith("region.test.ts")]),
    [["offender", true]],
  );
  assert.is(machine.task("other").state, "exited");
});

// Words

test("SHM-06a a wait for a word that differs is EAGAIN at once, with any timeout, and with timeout 0 also if it does not", () => {
  alone(function* (self, region) {
    const view = yield* region.view();
    view.setWord(4, -3);
    for (const timeout of [0, 5, -1]) assert.is(yield* region.wait(4, 0, timeout), EAGAIN);
    assert.is(yield* region.wait(4, -3, 0), EAGAIN);
    assert.is(self.tick, 0);
    assert.is(yield* region.wait(4, 0xfffffffd, 2), ETIMEDOUT);
    assert.is(self.tick, 2);
  });
});

test("SHM-06b ERR-12g a wake tries each waiter in order and ends the waits for this word alone, at most as many as asked", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const region = system.region({ size: 16 });
    waiter(system, region, log, "low", { priority: 4 });
    waiter(system, region, log, "first", { priority: 6 });
    waiter(system, region, log, "other", { priority: 9, index: 4 });
    waiter(system, region, log, "second", { priority: 6, tick: 1 });
    waiter(system, region, log, "high", { priority: 8, tick: 2 });
    system.task("waker", { priority: 20, reads: [region] }, function* (self) {
      yield* self.sleep(3);
      assert.is(region.waiters, 5);
      assert.is(yield* region.wake(0, 0), 0);
      assert.is(yield* region.wake(8, 9), 0);
      assert.is(yield* region.wake(0, 2), 2);
      yield* self.sleep(1);
      assert.is(yield* region.wakeAll(0), 2);
      yield* self.sleep(1);
      assert.is(yield* region.wake(4), 1);
      assert.is(yield* region.wake(4), 0);
    });
  });
  assert.equal(log, ["high", 0, 3, "first", 0, 3, "second", 0, 4, "low", 0, 4, "other", 0, 5]);
});

test("SHM-06b a raised waiter is woken first; a more urgent one runs inside the wake", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const region = system.region({ size: 16 });
    waiter(system, region, log, "first");
    const raised = waiter(system, region, log, "raised", { tick: 1 });
    system.task("waker", { priority: 7, reads: [region] }, function* (self) {
      yield* self.sleep(2);
      yield* raised.setPriority(9);
      assert.is(yield* region.wake(0), 1);
      log.push("waker");
      yield* region.wake(0);
    });
  });
  assert.equal(log, ["raised", 0, 2, "waker", "first", 0, 2]);
});

test("SHM-06b waits time out, are aborted, and are left by tasks that end, and who remains is woken", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const region = system.region({ size: 16 });
    waiter(system, region, log, "late", { priority: 9, timeout: 2 });
    const aborted = waiter(system, region, log, "aborted", { priority: 8 });
    const ended = waiter(system, region, log, "ended", { priority: 7 });
    const held = waiter(system, region, log, "held", { priority: 6 });
    waiter(system, region, log, "last");
    system.task("boss", { priority: 20, reads: [region] }, function* (self) {
      yield* self.sleep(1);
      yield* aborted.abort();
      yield* ended.terminate();
      yield* held.suspend();
      yield* self.sleep(2);
      assert.is(region.waiters, 2);
      assert.is(yield* region.wake(0, 1), 1);
      assert.is(yield* region.wake(0, 9), 1);
      yield* self.sleep(1);
      yield* held.resume();
    });
  });
  assert.equal(log, ["aborted", ECANCELED, 1, "late", ETIMEDOUT, 2, "last", 0, 3, "held", 0, 4]);
});

/** A lock made of one word, 0 free, 1 taken, 2 taken and wanted: it stands or falls with compare-exchange, wait and wake. */
function* lock(region: Region) {
  if ((yield* region.compareExchange(0, 0, 1)) === 0) return;
  while ((yield* region.exchange(0, 2)) !== 0) yield* region.wait(0, 2);
}

function* unlock(region: Region) {
  if ((yield* region.exchange(0, 0)) === 2) yield* region.wake(0);
}

test("SHM-06c SHM-06h a lock made of a word lets one task in at a time and forgets none that waits, under any schedule", () => {
  for (const oracle of ORACLES) {
    let region: Region | undefined;
    const { machine } = playOut((system) => {
      const shared = system.region({ size: 16 });
      region = shared;
      for (const [i, priority] of [5, 5, 5, 6].entries()) {
        system.task(`t${i}`, { priority, writes: [shared] }, function* (self) {
          const view = yield* shared.view();
          for (let round = 0; round < 10; round++) {
            yield* lock(shared);
            assert.is(view.word(4), 0);
            view.setWord(4, 1);
            const count = view.word(8);
            yield* self.compute(3000);
            view.setWord(8, count + 1);
            view.setWord(4, 0);
            yield* unlock(shared);
            if (priority === 6) yield* self.sleep(1);
          }
        });
      }
    }, oracle);
    assert.is(wordAt(region as unknown as Region, 8), 40);
    assert.ok(machine.trace.some(({ event, object }) => event === "BLOCK" && object >> 8 === Kind.REGION));
  }
});

test("SHM-06c a change of the word before the wait is seen by it, whenever the waker comes", () => {
  for (let late = 0; late < 300; late += 5) {
    playOut((system) => {
      const region = system.region({ size: 8 });
      system.task("sleeper", { priority: 5, reads: [region] }, function* (self) {
        const view = yield* region.view();
        yield* self.compute(1000);
        while (view.word(0) === 0) {
          const result = yield* region.wait(0, 0, 50);
          assert.ok(result === 0 || result === EAGAIN, `${result}`);
        }
        assert.is(self.tick, 0);
      });
      system.interrupt(3, {}, function* () {
        assert.is(yield* region.add(0, 1), 0);
        yield* region.wake(0);
      });
      const timer = system.hardwareTimer({ line: 3 });
      system.task("starter", { priority: 9 }, function* () {
        yield* timer.write(0, 1200 + late);
        yield* timer.write(1, 3);
      });
    });
  }
});

test("SHM-06d SHM-06e where a word may be: aligned, whole, in a region that is attached for this", () => {
  playOut((system) => {
    const mine = system.region({ name: "mine", size: SIZE });
    const readable = system.region({ size: 8 });
    const foreign = system.region({ size: 8 });
    system.task("t", { writes: [mine], reads: [readable], storage: 512 }, function* (self) {
      const { machine } = self;
      const old = self.buffer(4).address;
      const reading: [CallName, ...number[]][] = [
        ["word_wait", 0, 0],
        ["word_wake", 1],
      ];
      const writing: [CallName, ...number[]][] = [
        ["word_add", 1, old],
        ["word_exchange", 1, old],
        ["word_compare_exchange", 0, 1, old],
      ];
      const at = (region: Region, index = 0) => addressOf(region) + index;
      for (const [call, ...rest] of [...reading, ...writing]) {
        const ask = (address: number) => raw(machine, call, address, ...rest);
        for (const odd of [1, 2, 3]) assert.is(yield* ask(at(mine, odd)), EINVAL, call);
        const outside = [0, 64, at(mine, 20), at(foreign), machine.image.bytes, -4, self.buffer(8).address];
        for (const address of outside) assert.is(yield* ask(address), EFAULT, `${call} ${address}`);
        assert.ok((yield* ask(at(mine, 16))) !== EFAULT, call);
      }
      for (const [call, ...rest] of reading) assert.ok((yield* raw(machine, call, at(readable), ...rest)) !== EFAULT, call);
      for (const [call, ...rest] of writing) {
        assert.is(yield* raw(machine, call, at(readable), ...rest), EFAULT, call);
        // Where the old value goes is checked, too.
        const bad = [...rest.slice(0, -1), machine.image.bytes];
        assert.is(yield* raw(machine, call, at(mine), ...bad), EFAULT, call);
        assert.is(wordAt(mine), 0);
      }
      assert.is(yield* raw(machine, "word_wake", at(mine), -1), EINVAL);
      for (const index of [-4, 20, 22, 0.5, Number.NaN]) refused(() => mine.add(index, 1), "outside this region of 22 bytes");
      assert.is(yield* misuse(() => mine.add(2, 1)), "EINVAL");
      assert.is(wordAt(foreign) + wordAt(readable), 0);
    });
  });
});

test("SHM-06f words of the firmware's data are everybody's, and their waiters are told apart", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const { machine } = system.semaphore();
    const address = machine.staticBuffer(16).address;
    for (const [i, word] of [0, 4, 0].entries()) {
      system.task(`w${i}`, { priority: 9 - i }, function* (self) {
        const result = yield* raw(machine, "word_wait", address + word, 0, i === 2 ? 3 : -1);
        log.push(i, result, self.tick);
      });
    }
    system.task("waker", { priority: 5 }, function* (self) {
      yield* self.sleep(1);
      assert.is(yield* raw(machine, "word_wake", address + 8, 9), 0);
      assert.is(yield* raw(machine, "word_wake", address + 4, 9), 1);
      assert.is(yield* raw(machine, "word_add", address, 5, 0), 0);
      assert.is(yield* raw(machine, "word_wake", address, 1), 1);
      assert.is(yield* raw(machine, "word_wait", address, 0, -1), EAGAIN);
    });
  });
  assert.equal(log, [1, 0, 1, 0, 0, 1, 2, ETIMEDOUT, 3]);
});

test("SHM-06f a task that waits for a word of the firmware's data is named so in the report", () => {
  const { machine } = play(
    (system) => {
      const { machine } = system.semaphore();
      const { address } = machine.staticBuffer(8);
      system.task("waits", {}, () => raw(machine, "word_wait", address, 0, -1));
    },
    {},
    "deadlock",
  );
  assert.equal(
    machine.report().blocked.map(({ call, object }) => [call, object]),
    [["word_wait", "a word"]],
  );
});

test("SHM-06g deleting the region is EIDRM for every waiter, in order, and EBADF afterwards", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const region = system.region({ size: 16 });
    waiter(system, region, log, "low", { priority: 4 });
    waiter(system, region, log, "high", { priority: 8, index: 4 });
    system.task("boss", { priority: 20, reads: [region] }, function* (self) {
      yield* self.sleep(1);
      yield* region.delete();
      assert.is(yield* raw(self.machine, "region_address", region.handle), EBADF);
    });
  });
  assert.equal(log, ["high", EIDRM, 1, "low", EIDRM, 1]);
});

test("SHM-06g a task that is not attached cannot delete it", () => {
  playOut((system) => {
    const region = system.region({ size: 16 });
    system.task("stranger", {}, function* () {
      assert.is(yield* misuse(() => region.delete()), "EPERM");
    });
  });
});

test("SHM-06h add, exchange and compare-exchange answer the old value, signed, and change what they say", () => {
  alone(function* (self, region) {
    assert.is(yield* region.add(4, 5), 0);
    assert.is(yield* region.add(4, -7), 5);
    assert.is(yield* region.add(4, 0), -2);
    assert.is(yield* region.exchange(4, 0x7fffffff), -2);
    assert.is(yield* region.add(4, 1), 0x7fffffff);
    assert.is(yield* region.compareExchange(4, 3, 9), -0x80000000);
    assert.is(wordAt(region, 4), -0x80000000);
    assert.is(yield* region.compareExchange(4, -0x80000000, 9), -0x80000000);
    assert.is(wordAt(region, 4), 9);
    assert.equal([wordAt(region, 0), wordAt(region, 8)], [0, 0]);
    // -22 is a value here, not an error.
    yield* region.exchange(4, EINVAL);
    assert.is(yield* region.exchange(4, 1), EINVAL);
    const { machine } = self;
    const address = addressOf(region) + 4;
    assert.is(yield* raw(machine, "word_compare_exchange", address, 1, 2, 0), 1);
    assert.is(yield* raw(machine, "word_compare_exchange", address, 1, 3, 0), 0);
    assert.is(wordAt(region, 4), 2);
  });
});

test("SHM-06h the old value is right though the call was put off for an event that came first, and though its task was preempted", () => {
  for (const oracle of ORACLES) {
    const seen: number[] = [];
    const options: MachineOptions = { tickCycles: 97, ...oracle };
    playOut((system) => {
      const region = system.region({ size: 8 });
      for (const name of ["a", "b", "c"]) {
        system.task(name, { priority: 5, writes: [region] }, function* () {
          for (let i = 0; i < 60; i++) seen.push(yield* region.add(4, 1));
        });
      }
    }, options);
    assert.equal(
      seen.sort((a, b) => a - b),
      Array.from({ length: 180 }, (_, i) => i),
    );
  }
});

// Elsewhere

test("an interrupt may use any region, and wakes who waits, but may not wait", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const region = system.region({ size: 8 });
    system.interrupt(3, {}, function* () {
      const view = yield* region.view();
      view.setWord(4, 8);
      assert.is(yield* region.add(0, 3), 0);
      for (const timeout of [0, 1, -1]) assert.is(yield* misuse(() => region.wait(0, 3, timeout)), "EPERM");
      log.push(yield* region.wakeAll(0), "handler");
    });
    waiter(system, region, log, "waiter", { priority: 9 });
    system.task("raiser", { priority: 3, reads: [region] }, function* (self) {
      yield* self.sleep(1);
      yield* self.raise(3);
      assert.is((yield* region.view()).word(4), 8);
    });
  });
  assert.equal(log, [1, "handler", "waiter", 0, 1]);
});

test("under a lock of the scheduler a word is compared, but not waited for", () => {
  alone(function* (self, region) {
    yield* self.lockScheduler();
    assert.is(yield* misuse(() => region.wait(0, 0)), "EPERM");
    assert.is(yield* region.wait(0, 1, 0), EAGAIN);
    yield* self.unlockScheduler();
  });
});

test("what is no region is EBADF, and a region has neither bytes nor two ends: what else misuses it is refused", () => {
  playOut((system) => {
    const region = system.region({ name: "r", size: 8 });
    const sem = system.semaphore();
    const tasks: Task[] = [];
    const body = function* (self: Self) {
      const { machine } = self;
      for (const handle of [0, -1, sem.handle, self.handle, region.handle + (1 << 13), region.handle | 0xff]) {
        assert.is(yield* raw(machine, "region_address", handle), EBADF);
      }
      assert.is(yield* raw(machine, "pipe_read", region.handle, self.buffer(8).address, 8, 0), EBADF);
      assert.is(yield* raw(machine, "object_close", region.handle, 0), EINVAL);
      assert.is(yield* misuse(() => region.grant(tasks[0] as Task, "write")), "EINVAL");
      assert.is(yield* misuse(() => self.create.region({ name: "r", size: 8 })), "EEXIST");
      assert.is(yield* misuse(() => self.open.region("sixteen letters!", "read")), "ENAMETOOLONG");
    };
    tasks.push(system.task("misuser", { reads: [region], storage: 512 }, body));
  });
});

test("self.open finds each kind by its name, opened as asked, and a task that may not gets what the kernel says", () => {
  playOut((system) => {
    const sem = system.semaphore({ name: "x", initial: 1 });
    const made = {
      mutex: system.mutex({ name: "x" }),
      condition: system.condition({ name: "x" }),
      event: system.event({ name: "x" }),
      barrier: system.barrier(2, { name: "x" }),
      rwlock: system.rwlock({ name: "x" }),
      timer: system.timer({ name: "x", give: sem }),
    };
    const pipe = system.pipe({ name: "x", capacity: 8 });
    system.task("x", { priority: 3 }, function* (self) {
      yield* self.sleep(1);
    });
    system.task("opener", {}, function* (self) {
      const found = yield* self.open.semaphore("x");
      assert.is(found.handle, sem.handle);
      assert.is(yield* found.take(0), 0);
      for (const kind of Object.keys(made) as (keyof typeof made)[]) {
        assert.is((yield* self.open[kind]("x")).handle, made[kind].handle, kind);
        assert.is(yield* misuse(() => self.open[kind]("y")), "ENOENT", kind);
      }
      const stream = yield* self.open.pipe("x", "write");
      assert.is(stream.handle, pipe.handle);
      assert.is(yield* stream.write("ab"), 2);
      assert.is(yield* misuse(() => stream.read(self.buffer(2), 0)), "EPERM");
      const both = yield* self.open.pipe("x", "both");
      assert.is(yield* both.read(self.buffer(2), 0), 2);
      const task = yield* self.open.task("x");
      assert.is(yield* task.join(), 0);
      let error: unknown;
      try {
        yield* self.open.task("x");
      } catch (thrown) {
        error = thrown;
      }
      assert.ok(error instanceof CallError && error.code === "ENOENT" && error.call === "open.task");
      assert.is(yield* raw(self.machine, "object_open", Kind.REGION, self.machine.stageName("x"), Mode.READ), -2);
    });
  });
});

test("a task that is not attached is told EPERM, whatever it wants of the region", () => {
  playOut((system) => {
    const region = system.region({ name: "r", size: 8 });
    system.task("stranger", {}, function* (self) {
      const { machine, handle } = self;
      assert.is(yield* raw(machine, "region_address", region.handle), EPERM);
      assert.is(yield* raw(machine, "object_close", region.handle, Mode.READ), EPERM);
      assert.is(yield* raw(machine, "object_unlink", region.handle), EPERM);
      assert.is(yield* raw(machine, "object_grant", region.handle, handle, Mode.READ), EPERM);
    });
  });
});

test("a wait that was to write into a region, or to read from it, is EIDRM when the region goes", () => {
  const waits: Record<string, (m: Bare, at: number, other: number) => number> = {
    join: (m, at, other) => m.kernel.task_join(other, at, 100),
    "pipe write": (m, at) => m.kernel.pipe_write(m.kernel.pipe_create(0, 4, Mode.READ | Mode.WRITE, 0), at, 5, 100),
    "pipe read": (m, at) => m.kernel.pipe_read(m.kernel.pipe_create(0, 4, Mode.READ | Mode.WRITE, 0), at, 4, 100),
    "queue send": (m, at) => {
      const queue = m.kernel.queue_create(0, 1, 4, 0, Mode.READ | Mode.WRITE, 0);
      assert.is(m.kernel.queue_send(queue, at, 4, 0, 0), 0);
      return m.kernel.queue_send(queue, at, 4, 0, 100);
    },
    "letter's record": (m, at) => m.kernel.mailbox_receive(m.kernel.mailbox_create(0, Mode.READ), 0, at, 100),
    "peer's record": (m, at) => {
      const listener = m.kernel.socket_create(0, 1, 16, 16, Mode.READ | Mode.WRITE, 0);
      assert.is(m.kernel.socket_bind(listener, 0, 80), 80);
      assert.is(m.kernel.socket_listen(listener, 1), 0);
      return m.kernel.socket_accept(listener, at, 100);
    },
    "signal's origin": (m, at) => m.kernel.signal_wait(1 << 10, at, 100),
  };
  for (const [how, wait] of Object.entries(waits)) {
    for (const inside of [true, false]) {
      const m = new Bare();
      m.task(9);
      const other = m.task(5);
      const name = m.text("r");
      const region = m.kernel.region_create(name, 64, Mode.READ, 0);
      m.start();
      assert.is(m.kernel.object_open(Kind.REGION, name, Mode.READ | Mode.WRITE), region);
      const at = inside ? m.kernel.region_address(region) : m.bytes(64);
      assert.ok(at > 0, how);
      assert.is(wait(m, at, other), SWITCH, how);
      m.next(Order.START);
      assert.is(m.kernel.object_open(Kind.REGION, name, Mode.READ), region);
      assert.is(m.kernel.object_delete(region), inside ? SWITCH : 0, how);
      if (!inside) continue;
      m.next(Order.RESUME);
      assert.is(m.get("result") | 0, -43, how);
      assert.is(m.kernel.check(), 0);
    }
  }
});

test("where memory is protected a region has RAM of its own: none that is the program's", () => {
  for (const guarded of [0, 1]) {
    const m = new Bare({ guarded });
    m.task(9);
    const storage = m.bytes(64);
    const made = m.kernel.region_create(m.text("r"), 64, Mode.READ, storage);
    assert.is(guarded ? made : Math.sign(made), guarded ? -1 : 1);
  }
});

test("the last whole word of the firmware's data can be changed in one step, and what is behind it cannot", () => {
  for (const statics of [4096, 4100, 4103]) {
    const m = new Bare({ statics });
    m.task(9);
    m.start();
    const end = (m.get("scratch") + 128 + statics) & ~3;
    assert.is(m.kernel.word_add(end - 4, 1, 0), 0, `${statics}`);
    assert.is(m.u32[(end - 4) >> 2], 1);
    assert.ok(m.kernel.word_add(end, 1, 0) < 0, `${statics}`);
  }
});

test("the last word of the firmware's data is the last one that lies in them whole", () => {
  for (let odd = 0; odd < 8; odd++) {
    const m = new Bare({ statics: 4096 + odd });
    m.task(9);
    m.start();
    const last = m.get("scratch") + SCRATCH_BYTES + 4096 + (odd & 4) - 4;
    assert.is(m.kernel.word_add(last, 1, 0), 0, `${odd} bytes more`);
    assert.is(m.kernel.word_add(last + 4, 1, 0), EFAULT, `${odd} bytes more`);
  }
});

test.run();
