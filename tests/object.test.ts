import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, EAGAIN, EIDRM, type Parked, type Self, type Task } from "../hal/host/index.js";
import {
  Cause,
  EBADF,
  EINVAL,
  ENOENT,
  EPERM,
  Happening,
  type KernelExports,
  Kind,
  layout,
  Mode,
  Option,
  Order,
  SWITCH,
} from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { block, priorityOf, raw, waits } from "./probe.js";
import { misuse, play, playOut } from "./support.js";

const test = suite("object");

/** How many objects of a kind are alive, as a task counts them. */
function* count(self: Self, kind: number): Generator<Parked, number, unknown> {
  let n = 0;
  let handle = yield* raw(self.machine, "object_enumerate", kind, 0);
  for (; handle > 0; n++) handle = yield* raw(self.machine, "object_enumerate", kind, handle);
  return n;
}

test("ERR-11a an unnamed pipe goes at its last close, of whichever direction", () => {
  play((system) => {
    const other = system.task("other", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      assert.is(yield* raw(self.machine, "object_close", pipe, Mode.WRITE), 0);
      yield* self.sleep(5);
    });
    let pipe = 0;
    system.task("maker", { priority: 10 }, function* (self) {
      const { machine } = self;
      const made = yield* self.create.pipe({ capacity: 8 });
      pipe = made.handle;
      yield* made.grant(other, "write");
      yield* made.close("write");
      assert.is(yield* raw(machine, "object_close", pipe, Mode.WRITE), EPERM, "it is closed");
      yield* made.close("read");
      assert.is(yield* count(self, Kind.PIPE), 1, "the other still writes");
      yield* self.sleep(2);
      assert.is(yield* count(self, Kind.PIPE), 0);
      assert.is(yield* raw(machine, "object_close", pipe, Mode.READ), EBADF);
    });
  });
});

test("ERR-11a an unnamed pipe goes when the last task that has it open ends, however it ends", () => {
  play((system) => {
    system.task("watcher", { priority: 5 }, function* (self) {
      const maker = (name: string) =>
        self.create.task(name, { priority: 9 }, function* (me) {
          yield* me.create.pipe({ capacity: 8 });
          if (name === "exits") yield* me.exit(1);
          if (name === "ended") yield* me.sleep(100);
        });
      for (const name of ["returns", "exits", "ended"]) {
        const task = yield* maker(name);
        assert.is(yield* count(self, Kind.PIPE), name === "ended" ? 1 : 0, name);
        if (name === "ended") yield* task.terminate();
        assert.is(yield* count(self, Kind.PIPE), 0, name);
        yield* task.join();
      }
    });
  });
});

test("ERR-11l an unnamed queue or mailbox goes at its last close, or with the last task that has it open, and its letters with it", () => {
  for (const how of ["closes", "exits", "is ended", "fails"] as const) {
    const log: number[] = [];
    const machine = boot(
      (system) => {
        const pool = system.pool({ count: 2, size: 8 });
        const maker = system.task("maker", { priority: 9 }, function* (self) {
          const queue = yield* self.create.queue();
          const box = yield* self.create.mailbox();
          yield* queue.grant(last, "write");
          yield* box.grant(last, "write");
          yield* self.setFlags(1);
          yield* self.sleepUntil(2);
          log.push(yield* count(self, Kind.QUEUE), yield* count(self, Kind.MAILBOX), box.letters, queue.used);
          yield* last.setFlags(2);
          yield* queue.close();
          // Nobody can receive it any more: the letter goes back.
          yield* box.close();
          log.push(yield* count(self, Kind.QUEUE), yield* count(self, Kind.MAILBOX), pool.free);
          yield* self.sleepUntil(4);
          if (how === "is ended") yield* last.terminate();
          log.push(yield* count(self, Kind.QUEUE), yield* count(self, Kind.MAILBOX), queue.record, box.record, pool.free);
        });
        const last = system.task("last", { priority: 5 }, function* (self) {
          const machine = self.machine;
          const [queue] = machine.recordsOf(Kind.QUEUE).map((at) => machine.i32[(at + layout.Obj.handle) >> 2] as number);
          const [box] = machine.recordsOf(Kind.MAILBOX).map((at) => machine.i32[(at + layout.Obj.handle) >> 2] as number);
          const text = self.buffer(4).address;
          yield* raw(machine, "queue_send", queue as number, text, 4, 0, 0);
          yield* raw(machine, "mailbox_send", box as number, maker.handle, (yield* block(pool.alloc())).address);
          yield* self.sleepUntil(3);
          if (how === "closes") {
            yield* raw(machine, "object_close", queue as number, Mode.WRITE);
            yield* raw(machine, "object_close", box as number, Mode.WRITE);
          }
          if (how === "exits") yield* self.exit(1);
          if (how === "fails") throw new Error("on purpose");
          yield* self.sleepUntil(9);
        });
      },
      { kernel: "debug", onFailure: "report" },
    );
    while (machine.advance({ dispatches: 1 }) === "budget") assert.is(machine.check(), 0);
    assert.is(machine.check(), 0);
    assert.is(machine.failures.length, how === "fails" ? 1 : 0);
    assert.equal(log, [...[1, 1, 1, 1], ...[1, 1, 2], ...[0, 0, -1, -1, 2]], how);
  }
});

test("ERR-11b a named pipe outlives its last close, and goes after unlink and last close, in either order", () => {
  play((system) => {
    system.task("maker", {}, function* (self) {
      const { machine } = self;
      const pipe = yield* self.create.pipe({ name: "p", capacity: 8 });
      yield* pipe.close();
      assert.is(yield* count(self, Kind.PIPE), 1);
      assert.is(yield* raw(machine, "object_open", Kind.PIPE, machine.stageName("p"), Mode.READ), pipe.handle);
      yield* pipe.unlink();
      assert.is(yield* raw(machine, "object_open", Kind.PIPE, machine.stageName("p"), Mode.READ), ENOENT, "the name goes at once");
      assert.is(yield* raw(machine, "object_unlink", pipe.handle), EINVAL, "it has no name any more");
      assert.is(yield* count(self, Kind.PIPE), 1);
      yield* pipe.close("read");
      assert.is(yield* count(self, Kind.PIPE), 0);
      assert.is(yield* raw(machine, "object_unlink", pipe.handle), EBADF);

      const again = yield* self.create.pipe({ name: "p", capacity: 8 });
      assert.is.not(again.handle, pipe.handle);
    });
  });
});

test("ERR-11d synchronisation objects and timers outlive their maker and go at delete", () => {
  play((system) => {
    const kinds = [Kind.SEM, Kind.MUTEX, Kind.COND, Kind.EVENT, Kind.BARRIER, Kind.RWLOCK, Kind.TIMER];
    system.task("deleter", { priority: 3, storage: 512 }, function* (self) {
      const { machine } = self;
      const maker = yield* self.create.task("maker", { priority: 9 }, function* (me) {
        const sem = yield* me.create.semaphore();
        yield* me.create.mutex();
        yield* me.create.condition();
        yield* me.create.event();
        yield* me.create.barrier(2);
        yield* me.create.rwlock();
        yield* me.create.timer({ give: sem });
      });
      yield* maker.join();
      for (const kind of kinds) {
        assert.is(yield* count(self, kind), 1, `kind ${kind}`);
        const handle = yield* raw(machine, "object_enumerate", kind, 0);
        assert.is(yield* raw(machine, "object_delete", handle), 0);
        assert.is(yield* count(self, kind), 0, `kind ${kind}`);
        assert.is(yield* raw(machine, "object_delete", handle), EBADF);
      }
    });
  });
});

test("ERR-11e what the system description made lives to the end, though everybody closes it", () => {
  play((system) => {
    const pipe = system.pipe({ capacity: 8 });
    const user = (name: string) =>
      system.task(name, { reads: [pipe], writes: [pipe] }, function* () {
        yield* pipe.close();
      });
    user("first");
    user("second");
    system.task("watcher", { priority: 1 }, function* (self) {
      assert.is(yield* count(self, Kind.PIPE), 1);
      assert.ok(pipe.record > 0);
    });
  });
});

test("ERR-11f deleting a locked mutex wakes its waiters with EIDRM and takes it off its owner, boost and all", () => {
  const log: string[] = [];
  play((system) => {
    const lock = system.mutex();
    const other = system.mutex();
    const owner = system.task("owner", { priority: 2 }, function* (self) {
      yield* lock.lock();
      yield* other.lock();
      yield* self.sleep(3);
      assert.is(yield* raw(self.machine, "mutex_unlock", lock.handle), EBADF);
      assert.is(other.owner, "owner", "the other lock is still held");
      log.push("owner ends");
    });
    for (const priority of [8, 9]) {
      system.task(`waiter ${priority}`, { priority }, function* (self) {
        yield* self.sleep(1);
        log.push(`${priority}: ${yield* lock.lock()}`);
      });
    }
    system.task("deleter", { priority: 7 }, function* (self) {
      yield* self.sleep(2);
      assert.is(priorityOf(self.machine, owner.handle), 9);
      yield* lock.delete();
      assert.is(priorityOf(self.machine, owner.handle), 2);
    });
    system.task("heir", { priority: 1 }, function* (self) {
      yield* self.sleep(4);
      assert.is(yield* other.lock(0), 0);
    });
  });
  assert.equal(log, [`9: ${EIDRM}`, `8: ${EIDRM}`, "owner ends"]);
});

test("ERR-11f deleting a mutex sends those away, too, who wait at a condition that released it", () => {
  play((system) => {
    const lock = system.mutex();
    const condition = system.condition();
    system.task("waiter", { priority: 9 }, function* (self) {
      yield* lock.lock();
      assert.is(yield* condition.wait(lock), EIDRM);
      assert.is(yield* raw(self.machine, "mutex_unlock", lock.handle), EBADF);
    });
    system.task("deleter", { priority: 3 }, function* () {
      yield* lock.delete();
      assert.is(condition.waiters, 0);
    });
  });
});

test("ERR-11g deleting a condition wakes its waiters with EIDRM, and they own their mutex", () => {
  const log: string[] = [];
  play((system) => {
    const lock = system.mutex();
    const condition = system.condition();
    for (const name of ["a", "b"]) {
      system.task(name, { priority: 9 }, function* () {
        yield* lock.lock();
        log.push(`${name}: ${yield* condition.wait(lock)}, owned by ${lock.owner}`);
        yield* lock.unlock();
      });
    }
    system.task("deleter", { priority: 3 }, function* (self) {
      yield* condition.delete();
      assert.is(yield* raw(self.machine, "cond_signal", condition.handle), EBADF);
    });
  });
  assert.equal(log, [`a: ${EIDRM}, owned by a`, `b: ${EIDRM}, owned by b`]);
});

test("ERR-11h TRC-05b the report names what is still locked or open", () => {
  const { machine, reason } = play(
    (system) => {
      const lock = system.mutex({ name: "bus" });
      const free = system.mutex({ name: "free" });
      const pipe = system.pipe({ name: "data", capacity: 4 });
      const shared = system.rwlock({ name: "table" });
      system.task("owner", { reads: [pipe] }, function* (self) {
        yield* lock.lock();
        yield* free.lock();
        yield* free.unlock();
        yield* shared.read();
        yield* pipe.read(self.buffer(4));
      });
      system.task("done", { reads: [pipe], writes: [pipe] }, function* (self) {
        yield* self.sleep(1);
      });
      system.task("keeper", { writes: [pipe] }, function* (self) {
        yield* self.lockScheduler();
        yield* self.unlockScheduler();
        yield* lock.lock();
      });
    },
    {},
    "deadlock",
  );
  assert.is(reason, "deadlock");
  assert.equal(machine.report().left, ["bus is locked by owner", "table is held by owner", "data is open by owner, keeper"]);
});

test("ERR-11i a public pipe stays when the last task closes it, and goes at delete", () => {
  play((system) => {
    system.task("maker", {}, function* (self) {
      const pipe = yield* self.create.pipe({ capacity: 8, public: "both" });
      yield* pipe.close();
      assert.is(yield* count(self, Kind.PIPE), 1);
      yield* pipe.write("x");
      yield* pipe.delete();
      assert.is(yield* count(self, Kind.PIPE), 0);
    });
  });
});

test("ERR-11j ERR-11k a delete ends an object at once: waiters get EIDRM, everybody EBADF from then on", () => {
  for (const [kind, make] of Object.entries(waits)) {
    const results: number[] = [];
    let deletable = false;
    play((system) => {
      const wait = make(system);
      const { object } = wait;
      deletable = object !== undefined;
      const waiter = (name: string) =>
        system.task(name, { priority: 9, daemon: true }, function* (self) {
          results.push(yield* wait.wait(self, 100));
        });
      waiter("first");
      if (kind !== "barrier") waiter("second");
      system.task("deleter", { priority: 3 }, function* (self) {
        const { machine } = self;
        results.length = 0;
        if (!object) return;
        yield* object.delete();
        assert.is(object.record, -1);
        assert.is(yield* raw(machine, "object_delete", object.handle), EBADF);
        assert.is(yield* raw(machine, "object_unlink", object.handle), EBADF);
      });
    });
    if (!deletable) assert.equal(results, [], kind);
    else assert.equal(results, kind === "barrier" ? [EIDRM] : [EIDRM, EIDRM], kind);
  }
});

test("ERR-11j a delete of a pipe that the task has not open is EPERM", () => {
  play((system) => {
    const pipe = system.pipe({ capacity: 8 });
    system.task("stranger", {}, function* (self) {
      assert.is(yield* raw(self.machine, "object_delete", pipe.handle), EPERM);
      assert.ok(pipe.record > 0);
    });
    system.task("reader", { reads: [pipe] }, function* (self) {
      assert.is(yield* raw(self.machine, "object_delete", pipe.handle), 0);
      assert.is(pipe.record, -1);
    });
  });
});

test("a grant opens for the other and leaves the giver's own", () => {
  play((system) => {
    const pipe = system.pipe({ capacity: 8 });
    let peer: Task | undefined;
    system.task("giver", { priority: 9, reads: [pipe] }, function* (self) {
      const { machine } = self;
      assert.is(yield* raw(machine, "object_grant", pipe.handle, peer?.handle as number, Mode.WRITE), 0);
      yield* self.sleep(1);
      assert.is(pipe.used, 2);
      assert.is(yield* pipe.read(self.buffer(4)), 2);
      assert.is(yield* raw(machine, "pipe_write", pipe.handle, self.buffer(1).address, 1, 0), EPERM);
    });
    peer = system.task("peer", { priority: 8 }, function* () {
      assert.is(yield* pipe.write("ab"), 2);
    });
  });
});

test("ERR-05c the slot freed longest ago is used first, so that a stale handle stays stale as long as can be", () => {
  play((system) => {
    system.task("maker", {}, function* (self) {
      const slots: number[] = [];
      for (let i = 0; i < 96; i++) {
        const event = yield* self.create.event();
        slots.push(event.handle & 0xff);
        yield* event.delete();
      }
      assert.equal(
        slots,
        Array.from({ length: 96 }, (_, i) => i % 32),
      );
    });
  });
});

test("a handle survives as many generations as its bits have, and is never that of the object before", () => {
  play((system) => {
    system.task("maker", {}, function* (self) {
      const { machine } = self;
      const first = yield* self.create.event();
      const { record } = first;
      const at = (record + layout.Obj.generation) >> 2;
      yield* first.delete();
      machine.u32[at] = 0x3ffff;
      let last = yield* self.create.event();
      while (last.record !== record) {
        yield* last.delete();
        last = yield* self.create.event();
      }
      assert.ok(last.handle > 0);
      yield* last.delete();
      const seen = new Set<number>();
      for (let i = 0; i < 64; i++) {
        const event = yield* self.create.event();
        assert.ok(event.handle > 0 && !seen.has(event.handle));
        seen.add(event.handle);
        yield* event.delete();
      }
    });
  });
});

test("queues, mailboxes and pools are opened by name as everything else is", () => {
  playOut((system) => {
    const queue = system.queue({ name: "orders" });
    const box = system.mailbox({ name: "parcels" });
    const pool = system.pool({ name: "film", count: 1, size: 8 });
    system.task("opener", {}, function* (self) {
      const orders = yield* self.open.queue("orders", "both");
      assert.is(orders.handle, queue.handle);
      assert.is(yield* orders.send("x"), 0);
      assert.is(yield* orders.receive(self.buffer(4)), 1);
      const parcels = yield* self.open.mailbox("parcels", "read");
      assert.is(parcels.handle, box.handle);
      assert.is(yield* parcels.receive(undefined, 0), EAGAIN);
      assert.is((yield* self.open.pool("film")).handle, pool.handle);
      assert.is(yield* misuse(() => self.open.queue("nothing", "read")), "ENOENT");
    });
  });
});

test("what is opened by name and has no directions takes none, and loses its name alone", () => {
  const m = new Bare();
  const task = m.task(5);
  m.start();
  const name = m.text("s");
  const sem = m.kernel.sem_create(name, 0, 1);
  assert.is(m.kernel.object_open(Kind.SEM, name, 0), sem);
  for (const mode of [Mode.READ, Mode.WRITE]) assert.is(m.kernel.object_open(Kind.SEM, name, mode), EINVAL);
  assert.is(m.kernel.object_unlink(sem), 0);
  assert.is(m.kernel.object_open(Kind.SEM, name, 0), ENOENT);
  assert.is(m.kernel.object_unlink(sem), EINVAL);
  assert.is(m.kernel.sem_give(sem), 0);
  assert.ok(m.kernel.sem_create(name, 0, 1) > 0);
  assert.is(m.kernel.object_open(Kind.TASK, name, 0), ENOENT);
  assert.is(m.kernel.object_info(task, 1, m.get("scratch")), 0);
  assert.is(m.kernel.check(), 0);
});

test("TRC-01c the record of a wake-up says why: a deletion, an abort, a timeout", () => {
  const kinds: Record<string, (k: KernelExports) => [object: number, wait: () => number]> = {
    sem: (k) => {
      const sem = k.sem_create(0, 0, 1);
      return [sem, () => k.sem_take(sem, 5)];
    },
    event: (k) => {
      const event = k.event_create(0, 0);
      return [event, () => k.event_wait(event, 1, 0, 5)];
    },
    barrier: (k) => {
      const barrier = k.barrier_create(0, 2);
      return [barrier, () => k.barrier_wait(barrier, 5)];
    },
    rwlock: (k) => {
      const rwlock = k.rwlock_create(0);
      return [rwlock, () => k.rwlock_write(rwlock, 5)];
    },
  };
  const ends: [end: (m: Bare, object: number, waiter: number) => number, cause: number, result: number][] = [
    [(m, object) => m.kernel.object_delete(object), Cause.DELETED, -43],
    [(m, _, waiter) => m.kernel.wait_abort(waiter), Cause.CANCELED, -125],
    [(m) => m.kernel.task_sleep(9), Cause.TIMEOUT, -110],
  ];
  for (const [kind, make] of Object.entries(kinds)) {
    for (const [end, cause, result] of ends) {
      const m = new Bare({ options: Option.TRACE });
      const waiter = m.task(9);
      m.task(5);
      const [object, wait] = make(m.kernel);
      const owner = m.task(63);
      m.start();
      // A readers-writer lock is waited for where somebody has it.
      m.kernel.rwlock_read(object, 0);
      assert.is(m.kernel.task_priority(owner, 1), SWITCH);
      m.next(Order.START);
      assert.is(wait(), SWITCH, kind);
      m.next(Order.START);
      m.records();
      assert.is(end(m, object, waiter), SWITCH, kind);
      m.resume();
      if (m.get("current") === (owner & 0xff)) {
        assert.is(m.kernel.task_sleep(50), SWITCH);
        m.resume();
      }
      assert.is(m.get("result") | 0, result, kind);
      const [woken] = m.records().filter(({ event, object: of }) => event === Happening.WAKE && of === (object & 0x1fff));
      assert.equal([woken?.object, woken?.first, (woken?.second ?? 0) | 0], [object & 0x1fff, cause, result], `${kind} ${cause}`);
    }
  }
});

test.run();
