import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Block, boot, EAGAIN, ECANCELED, EIDRM, ETIMEDOUT, type Pool, type System, type Task } from "../hal/host/index.js";
import { EBADF, EEXIST, EFAULT, EINVAL, ENFILE, ENOMEM, EPERM, Info, Kind, Mode, Order, SWITCH } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { addressed, block, info, raw } from "./probe.js";
import { misuse, ORACLES, playFailing, playOut } from "./support.js";

const test = suite("pool");

interface Taking {
  priority?: number;
  /** The tick at which it comes. */
  at?: number;
  timeout?: number;
  /** Ticks it holds its block. */
  holds?: number;
}

/** A task that comes at a tick, takes a block, notes its name, whether it got one or which outcome, and when, and frees it again. */
function taker(system: System, pool: Pool, log: unknown[], name: string, taking: Taking = {}): Task {
  return system.task(name, { priority: taking.priority ?? 5 }, function* (self) {
    yield* self.sleepUntil(taking.at ?? 0);
    const got = yield* addressed(pool.alloc(taking.timeout));
    log.push(name, got > 0 ? "block" : got, self.tick);
    if (got < 0) return;
    yield* self.sleep(taking.holds ?? 1);
    assert.is(yield* raw(self.machine, "pool_free", got), 0);
  });
}

test("a pool hands out each block once, side by side and 8-aligned, the one freed longest ago first", () => {
  playOut((system) => {
    const pool = system.pool({ count: 4, size: 13 });
    system.task("only", {}, function* (self) {
      assert.equal([pool.free, pool.capacity, pool.size], [4, 4, 13]);
      const all: Block[] = [];
      for (let i = 0; i < 4; i++) all.push(yield* block(pool.alloc(0)));
      const [a, b, c, d] = all as [Block, Block, Block, Block];
      assert.is(a.address % 8, 0);
      assert.equal([b.address - a.address, c.address - b.address, d.address - c.address], [16, 16, 16]);
      assert.is(d.view.length, 13);
      assert.is(yield* pool.alloc(0), EAGAIN);
      for (const each of [c, a, d]) yield* each.free();
      assert.is(yield* info(self.machine, pool.handle, Info.COUNT), 3);
      assert.is(yield* info(self.machine, pool.handle, Info.CAPACITY), 4);
      assert.is(yield* info(self.machine, pool.handle, Info.SIZE), 13);
      for (const each of [c, a, d]) assert.is((yield* block(pool.alloc(0))).address, each.address);
    });
  });
});

test("SHM-07a who waits gets a block most urgent first, first come first served among equals", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const pool = system.pool({ count: 1, size: 8 });
      taker(system, pool, log, "holder", { holds: 5 });
      taker(system, pool, log, "first", { at: 1 });
      taker(system, pool, log, "second", { at: 2 });
      taker(system, pool, log, "urgent", { at: 3, priority: 6 });
      taker(system, pool, log, "last", { at: 1, priority: 4 });
    }, oracle);
    assert.equal(log, ["holder", "block", 0, "urgent", "block", 5, "first", "block", 6, "second", "block", 7, "last", "block", 8]);
  }
});

test("SHM-07a a waiter that is made more urgent gets the next block", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    taker(system, pool, log, "holder", { holds: 5 });
    taker(system, pool, log, "first", { at: 1 });
    const second = taker(system, pool, log, "second", { at: 2, priority: 4 });
    system.task("raiser", { priority: 9 }, function* (self) {
      yield* self.sleep(3);
      yield* second.setPriority(7);
    });
  });
  assert.equal(log, ["holder", "block", 0, "second", "block", 5, "first", "block", 6]);
});

test("SHM-07b a freed block is the first waiter's at once, though a more urgent task asks before the waiter has run", () => {
  for (const oracle of ORACLES) {
    playOut((system) => {
      const pool = system.pool({ count: 1, size: 8 });
      const log: unknown[] = [];
      taker(system, pool, log, "waiter", { at: 1, priority: 4 });
      system.task("owner", { priority: 9 }, function* (self) {
        const mine = yield* block(pool.alloc());
        yield* self.sleep(2);
        assert.is(pool.waiters, 1);
        yield* mine.free();
        assert.is(pool.waiters, 0);
        assert.is(pool.free, 0);
        assert.is(yield* pool.alloc(0), EAGAIN);
        assert.is(yield* raw(self.machine, "pool_free", mine.address), EPERM, "it is the waiter's, who has not run yet");
        assert.equal(log, []);
        assert.is((yield* block(pool.alloc())).address, mine.address);
        assert.equal(log, ["waiter", "block", 2]);
      });
    }, oracle);
  }
});

test("MBX-01c alloc of an exhausted pool is EAGAIN with timeout 0, ETIMEDOUT after its ticks, and else waits for a free", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 2, size: 8 });
    taker(system, pool, log, "one", { holds: 5 });
    taker(system, pool, log, "two", { holds: 9 });
    taker(system, pool, log, "asker", { at: 1, timeout: 0 });
    taker(system, pool, log, "hasty", { at: 1, timeout: 3, priority: 8 });
    taker(system, pool, log, "patient", { at: 1 });
  });
  assert.equal(log, ["one", "block", 0, "two", "block", 0, "asker", EAGAIN, 1, "hasty", ETIMEDOUT, 4, "patient", "block", 5]);
});

test("a waiter that is aborted, ended or suspended: only the suspended one still gets a block", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    taker(system, pool, log, "holder", { holds: 5 });
    const aborted = taker(system, pool, log, "aborted", { at: 1, priority: 8 });
    const killed = taker(system, pool, log, "killed", { at: 1, priority: 7 });
    const held = taker(system, pool, log, "held", { at: 1, priority: 6 });
    taker(system, pool, log, "last", { at: 1 });
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(2);
      yield* aborted.abort();
      yield* killed.terminate();
      yield* held.suspend();
      yield* self.sleep(5);
      assert.is(pool.waiters, 1, "the block is the suspended one's");
      yield* held.resume();
    });
  });
  assert.equal(log, ["holder", "block", 0, "aborted", ECANCELED, 2, "held", "block", 7, "last", "block", 8]);
});

test("SHM-07c MBX-04a a double free, a foreign, an interior and a stale address are EINVAL, another's block EPERM, and nothing changes", () => {
  playOut((system) => {
    const pool = system.pool({ count: 3, size: 24 });
    const other = system.pool({ count: 1, size: 24 });
    system.task("owner", { priority: 6 }, function* (self) {
      const mine = yield* block(pool.alloc());
      yield* self.sleep(2);
      assert.ok(mine.held);
    });
    system.task("rogue", { priority: 5 }, function* (self) {
      const { machine } = self;
      const mine = yield* block(pool.alloc());
      const free = (address: number) => raw(machine, "pool_free", address);
      const theirs = mine.address - 24;
      assert.is(yield* free(theirs), EPERM, "another task's");
      for (const odd of [mine.address + 1, mine.address + 8, mine.address - 8, self.buffer(8).address, theirs - 24, mine.address + 48]) {
        // Behind the last block the other pool begins, whose block is free.
        assert.is(yield* free(odd), EINVAL);
      }
      for (const wild of [0, -1, 8, 0x7fffffff, -0x80000000, pool.handle, pool.record]) assert.is(yield* free(wild), EINVAL);
      assert.equal([pool.free, other.free], [1, 1]);
      yield* mine.free();
      assert.is(yield* misuse(() => mine.free()), "EINVAL");
      assert.is(pool.free, 2);
      const again = [yield* block(pool.alloc(0)), yield* block(pool.alloc(0))];
      assert.is.not(again[0]?.address, again[1]?.address);
      assert.is(yield* pool.alloc(0), EAGAIN);
      yield* other.delete();
      assert.is(yield* free(mine.address + 48), EINVAL, "of a pool that is gone");
    });
  });
});

test("the view of a block is its owner's: after free it throws, and of another task's block too", () => {
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    let theirs: Block | undefined;
    system.task("first", { priority: 6 }, function* (self) {
      const mine = yield* block(pool.alloc());
      theirs = mine;
      const part = mine.view.slice(2, 4);
      mine.view.copy("abcdefgh");
      assert.is(part.text(), "cdef");
      yield* mine.free();
      for (const view of [mine.view, part]) {
        assert.throws(() => view.get(0), "revoked");
        assert.throws(() => view.set(0, 1), "revoked");
        assert.throws(() => view.text(), "revoked");
      }
      assert.not(mine.held);
      yield* self.sleep(2);
      const again = yield* block(pool.alloc());
      assert.is(part.text(), "cdef", "the block is its own again, as it was left");
      again.view.revoke();
      assert.throws(() => again.view.get(0), "revoked");
    });
    system.task("second", { priority: 5 }, function* (self) {
      const mine = yield* block(pool.alloc());
      assert.is(mine.view.text(), "abcdefgh", "a block is not cleared");
      assert.throws(() => theirs?.view.get(0), "revoked");
      yield* self.sleep(1);
      yield* mine.free();
    });
  });
});

test("the blocks of a task that ends go back, however it ends, straight to who waits", () => {
  for (const how of ["returns", "exits", "is ended", "fails"]) {
    const log: unknown[] = [];
    (how === "fails" ? playFailing : playOut)((system) => {
      const pool = system.pool({ count: 3, size: 8 });
      const owner = system.task("owner", { priority: 6 }, function* (self) {
        for (let i = 0; i < 3; i++) yield* block(pool.alloc());
        yield* self.sleep(2);
        if (how === "exits") yield* self.exit(3);
        if (how === "fails") throw new Error("on purpose");
        if (how === "is ended") yield* self.sleep(50);
      });
      taker(system, pool, log, "waiter");
      taker(system, pool, log, "other", { priority: 4 });
      system.task("boss", { priority: 9 }, function* (self) {
        yield* self.sleep(3);
        yield* owner.terminate();
        yield* self.sleep(3);
        assert.is(pool.free, 3, how);
      });
    });
    const tick = how === "is ended" ? 3 : 2;
    assert.equal(log, ["waiter", "block", tick, "other", "block", tick], how);
  }
});

test("deleting a pool wakes who waits with EIDRM, takes its blocks from their owners, and gives RAM and records back", () => {
  playOut(
    (system) => {
      system.task("boss", { priority: 4 }, function* (self) {
        // All records and more than half of the RAM: the second pool needs what the first one had.
        for (let round = 0; round < 2; round++) {
          const pool = yield* self.create.pool({ name: "p", count: 96, size: 6000 });
          const waiter = yield* self.create.task("waiter", { priority: 9 }, function* (me) {
            const mine: Block[] = [];
            for (let i = 0; i < 96; i++) mine.push(yield* block(pool.alloc()));
            assert.is(yield* pool.alloc(), EIDRM);
            for (const each of mine) {
              assert.throws(() => each.view.get(0), "revoked");
              assert.is(yield* raw(me.machine, "pool_free", each.address), EINVAL);
            }
            assert.is(yield* misuse(() => pool.alloc()), "EBADF");
          });
          assert.is(pool.waiters, 1);
          yield* pool.delete();
          yield* waiter.join();
          assert.is(yield* raw(self.machine, "pool_alloc", pool.handle, 0), EBADF);
        }
      });
    },
    { memory: 16 },
  );
});

test("creating one is refused with its reason, and then there is none", () => {
  playOut((system) => {
    system.task("only", { storage: 1024 }, function* (self) {
      const { machine } = self;
      const create = (count: number, size: number, storage = 0) => raw(machine, "pool_create", 0, count, size, storage);
      for (const [count, size] of [
        [0, 8],
        [-1, 8],
        [97, 8],
        [1, 0],
        [1, -8],
        [1, (1 << 20) + 1],
        [0x7fffffff, 0x7fffffff],
      ] as const) {
        assert.is(yield* create(count, size), EINVAL, `${count} of ${size}`);
      }
      assert.is(yield* create(96, 1 << 20), ENOMEM);
      assert.is(yield* create(2, 8, 0x7ffffff8), EFAULT);
      assert.is(yield* create(2, 8, 8), EFAULT, "below RAM");
      assert.is(yield* create(2, 8, self.buffer(16).address + 4), EINVAL, "not 8-aligned");
      assert.is(machine.recordsOf(Kind.POOL).length, 0);
      const named = yield* self.create.pool({ name: "p", count: 60, size: 8 });
      assert.is(yield* raw(machine, "pool_create", machine.stageName("p"), 1, 8, 0), EEXIST);
      assert.is(yield* create(37, 8), ENFILE, "36 records are left");
      const rest = yield* create(36, 8);
      assert.ok(rest > 0);
      assert.is(yield* create(1, 8), ENFILE);
      yield* named.delete();
      assert.is(yield* create(61, 8), ENFILE, "60 in a row");
      assert.ok((yield* create(60, 8)) > 0);
    });
  });
});

test("a pool uses the caller's own memory when it is given some, unless another pool's blocks are there", () => {
  playOut((system) => {
    system.task("owner", { storage: 1024 }, function* (self) {
      const { machine } = self;
      const storage = self.buffer(64);
      const pool = yield* raw(machine, "pool_create", 0, 4, 15, storage.address);
      for (const at of [0, 8, 56]) {
        assert.is(yield* raw(machine, "pool_create", 0, 1, 8, storage.address + at), EINVAL, `${at} bytes into it`);
      }
      assert.is(yield* raw(machine, "pool_create", 0, 1, 16, storage.address - 8), EINVAL);
      const got: number[] = [];
      for (let i = 0; i < 4; i++) got.push((yield* raw(machine, "pool_alloc", pool, 0)) - storage.address);
      assert.equal(got, [0, 16, 32, 48]);
      storage.set(0, 77);
      assert.is(yield* raw(machine, "object_delete", pool), 0);
      yield* self.create.pool({ count: 4, size: 16 });
      assert.is(storage.get(0), 77);
      assert.ok((yield* raw(machine, "pool_create", 0, 1, 64, storage.address)) > 0);
    });
  });
});

test("interrupt handlers alloc without waiting, and a block that one took another may free, but no task", () => {
  playOut((system) => {
    const pool = system.pool({ count: 2, size: 8 });
    const taken: Block[] = [];
    const results: unknown[] = [];
    system.interrupt(3, {}, function* () {
      const got = yield* block(pool.alloc(0));
      got.view.copy("from irq");
      taken.push(got);
      results.push(yield* misuse(() => pool.alloc(5)));
      results.push(typeof (yield* pool.alloc(0)));
    });
    system.interrupt(4, {}, function* (irq) {
      void irq;
      yield* (taken[0] as Block).free();
    });
    system.task("task", {}, function* (self) {
      const mine = yield* block(pool.alloc());
      yield* self.raise(3);
      assert.equal(results, ["EPERM", "number"], "it may not wait, and the pool is exhausted");
      assert.is(yield* raw(self.machine, "pool_free", (taken[0] as Block).address), EPERM);
      assert.ok((taken[0] as Block).held);
      yield* self.raise(4);
      assert.is(pool.free, 1);
      assert.not((taken[0] as Block).held);
      assert.ok(mine.held);
    });
  });
});

test("a pool that a run leaves blocks of, and who owns them, stand in its report; so does who a waiter waits for", () => {
  const machine = boot((system) => {
    const pool = system.pool({ name: "frames", count: 1, size: 8 });
    const gate = system.semaphore({ name: "gate" });
    system.task("owner", { priority: 6 }, function* () {
      yield* block(pool.alloc());
      yield* gate.take();
    });
    system.task("waiter", { priority: 5 }, function* () {
      yield* pool.alloc();
    });
  });
  assert.is(machine.run(), "deadlock");
  const { blocked, left } = machine.report();
  assert.equal(left, ["blocks of frames are owned by owner"]);
  assert.equal(
    blocked.filter(({ object }) => object === "frames").map(({ task, call, holders }) => [task, call, holders]),
    [["waiter", "pool_alloc", ["owner"]]],
  );
});

test("handing blocks around makes no new objects: a task that gets a block again has the same Block", () => {
  const seen = new Set<Block>();
  playOut((system) => {
    const pool = system.pool({ count: 2, size: 8 });
    for (const name of ["one", "two"]) {
      system.task(name, {}, function* (self) {
        for (let i = 0; i < 20; i++) {
          const mine = yield* block(pool.alloc());
          seen.add(mine);
          yield* self.compute(9000);
          yield* mine.free();
        }
      });
    }
  });
  assert.ok(seen.size <= 4, "two blocks, as each of two tasks has them");
});

test("a block that was broadcast is freed by those who got it, each once, and by nobody else", () => {
  const m = new Bare();
  m.task(9);
  const [reader, other] = [m.task(7), m.task(5)];
  m.start();
  const box = m.kernel.mailbox_create(0, Mode.WRITE);
  assert.is(m.kernel.object_grant(box, reader, Mode.READ), 0);
  const block = m.kernel.pool_alloc(m.kernel.pool_create(0, 1, 8, 0), 0);
  assert.is(m.kernel.mailbox_broadcast(box, block), 1);
  assert.is(m.kernel.pool_free(block), -1, "it is its sender's no more");
  assert.is(m.kernel.task_sleep(9), SWITCH);
  m.next(Order.START);
  assert.is(m.kernel.mailbox_receive(box, 0, 0, 0), block);
  assert.is(m.kernel.task_priority(other, 8), SWITCH);
  m.next(Order.START);
  assert.is(m.kernel.pool_free(block), -1);
  assert.is(m.kernel.task_exit(0), SWITCH);
  m.next(Order.RESUME);
  assert.is(m.kernel.pool_free(block), 0);
  assert.is(m.kernel.pool_free(block), -22);
  assert.is(m.kernel.check(), 0);
});

test.run();
