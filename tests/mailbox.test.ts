import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Block,
  boot,
  EAGAIN,
  ECANCELED,
  EIDRM,
  EOWNERDEAD,
  EPIPE,
  ESRCH,
  ETIMEDOUT,
  type Mailbox,
  type Parked,
  type Pool,
  type Self,
  type System,
  type Task,
} from "../hal/host/index.js";
import { Stream } from "../hal/host/oracle.js";
import { EBADF, EFAULT, EINVAL, EPERM, Info, Kind, layout, Mode, Order, SWITCH } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { block, info, raw } from "./probe.js";
import { misuse, ORACLES, play, playFailing, playOut } from "./support.js";

const test = suite("mailbox");

type Steps = Generator<Parked, unknown, unknown>;

/** A block with this text in it. */
function* filled(pool: Pool, text: string) {
  const mine = yield* block(pool.alloc());
  mine.view.copy(text);
  return mine;
}

/** Receives a letter, frees it, and answers its text; or the outcome. Every letter of these tests is one character long. */
function* opened(box: Mailbox, from?: Task, timeout = -1) {
  const got = yield* box.receive(from, timeout);
  if (!(got instanceof Block)) return got;
  const text = got.view.text(1);
  yield* got.free();
  return text;
}

interface Coming {
  priority?: number;
  /** The tick at which it comes. */
  at?: number;
  /** How many it receives. */
  count?: number;
  timeout?: number;
  from?: () => Task;
}

/** A task that comes at a tick, receives once or more, and notes its name, what it got, and when. It stays until tick 50. */
function receiver(system: System, box: Mailbox, log: unknown[], name: string, coming: Coming = {}): Task {
  return system.task(name, { priority: coming.priority ?? 5, reads: [box] }, function* (self) {
    yield* self.sleepUntil(coming.at ?? 0);
    for (let i = 0; i < (coming.count ?? 1); i++) {
      log.push(name, yield* opened(box, coming.from?.(), coming.timeout), self.tick);
    }
    yield* self.sleepUntil(50);
  });
}

/** A task that has the mailbox open to send until tick 50, and does `body` first. */
function sender(system: System, box: Mailbox, body: (self: Self) => Steps, priority = 4, name = "sender"): Task {
  return system.task(name, { priority, writes: [box], storage: 512 }, function* (self) {
    yield* body(self);
    yield* self.sleepUntil(50);
  });
}

/** Ends a task in one of the ways in which tasks end; "fails" needs playFailing. */
const ENDINGS = ["returns", "exits", "is ended", "fails"] as const;
type Ending = (typeof ENDINGS)[number];
const playing = (how: Ending) => (how === "fails" ? playFailing : playOut);

/** At the end of a task's body: it ends in that way at tick 5, where somebody ends it if it does not itself. */
function* ending(self: Self, how: Ending) {
  yield* self.sleepUntil(how === "is ended" ? 40 : 5);
  if (how === "exits") yield* self.exit(1);
  if (how === "fails") throw new Error("on purpose");
}

/** Ends the task at tick 5, if it does not end itself then. */
function ender(system: System, task: Task, how: Ending): void {
  system.task("ender", { priority: 60 }, function* (self) {
    yield* self.sleepUntil(5);
    if (how === "is ended") yield* task.terminate();
  });
}

// Opening, pools

test("MBX-01a a task sends and receives in the direction it has open, else it is EPERM, also after a close", () => {
  playOut((system) => {
    const pool = system.pool({ count: 2, size: 8 });
    const box = system.mailbox();
    const log: unknown[] = [];
    receiver(system, box, log, "receiver", { priority: 9 });
    system.task("other", { priority: 8 }, function* () {
      const mine = yield* block(pool.alloc());
      assert.is(yield* misuse(() => box.send(mine)), "EPERM");
      assert.is(yield* misuse(() => box.sendSync(mine)), "EPERM");
      assert.is(yield* misuse(() => box.broadcast(mine)), "EPERM");
      assert.is(yield* misuse(() => box.receive()), "EPERM");
      assert.is(yield* misuse(() => box.notify(10)), "EPERM");
      assert.is(yield* misuse(() => box.close()), "EPERM");
      assert.ok(mine.held);
    });
    sender(system, box, function* () {
      assert.is(yield* misuse(() => box.receive()), "EPERM");
      assert.is(yield* box.send(yield* filled(pool, "a")), 0);
      assert.equal(log, ["receiver", "a", 0]);
      yield* box.close("write");
      const mine = yield* filled(pool, "b");
      assert.is(yield* misuse(() => box.send(mine)), "EPERM");
      assert.ok(mine.held);
    });
  });
});

test("MBX-01b two mailboxes share a pool, and each carries blocks of two pools", () => {
  playOut((system) => {
    const pools = [system.pool({ count: 2, size: 8 }), system.pool({ count: 2, size: 80 })] as const;
    const boxes = [system.mailbox(), system.mailbox()] as const;
    const log: unknown[] = [];
    boxes.forEach((box, i) => {
      receiver(system, box, log, `receiver ${i}`, { count: 2 });
      sender(
        system,
        box,
        function* () {
          for (const pool of pools) yield* box.send(yield* filled(pool, String(pool.size === 8 ? 1 : 2)));
        },
        9,
        `sender ${i}`,
      );
    });
    system.task("last", { priority: 1 }, function* (self) {
      yield* self.sleep(1);
      assert.equal(log, ["receiver 0", "1", 0, "receiver 0", "2", 0, "receiver 1", "1", 0, "receiver 1", "2", 0]);
      assert.equal([pools[0].free, pools[1].free], [2, 2]);
    });
  });
});

test("MBX-01d an asynchronous send never waits, whether nobody receives or the mailbox holds every block there is", () => {
  playOut((system) => {
    const pool = system.pool({ count: 96, size: 8 });
    const box = system.mailbox();
    receiver(system, box, [], "receiver", { at: 20 });
    sender(system, box, function* (self) {
      for (let i = 0; i < 96; i++) assert.is(yield* box.send(yield* filled(pool, "x")), 0);
      assert.equal([box.letters, pool.free, self.tick], [96, 0, 0]);
      assert.is(yield* info(self.machine, box.handle, Info.COUNT), 96);
    });
  });
});

// The address travels

test("MBX-02a the receiver gets the very address, and not a byte of RAM has changed between send and receive", () => {
  for (const size of [64, 4096]) {
    playOut((system) => {
      const pool = system.pool({ count: 2, size });
      const box = system.mailbox();
      let sent = 0;
      let before = new Uint8Array();
      const ram = ({ machine }: Self) => machine.u8.slice(machine.u32[(64 + layout.Cpu.scratch) >> 2]);
      system.task("receiver", { priority: 3, reads: [box] }, function* (self) {
        const got = yield* block(box.receive());
        assert.is(got.address, sent);
        assert.equal(ram(self), before);
        for (let i = 0; i < size; i++) assert.is(got.view.get(i), i % 251);
        assert.is(got.view.length, size);
      });
      system.task("sender", { priority: 4, writes: [box] }, function* (self) {
        const mine = yield* block(pool.alloc());
        for (let i = 0; i < size; i++) mine.view.set(i, i % 251);
        sent = mine.address;
        before = ram(self);
        yield* box.send(mine);
      });
    });
  }
});

test("MBX-02b 64 bytes and 4 KiB cost the same cycles, sent, broadcast and received", () => {
  const spent = (size: number) => {
    const { machine } = playOut((system) => {
      const pool = system.pool({ count: 3, size });
      const box = system.mailbox();
      receiver(system, box, [], "receiver", { count: 3, at: 1 });
      sender(system, box, function* () {
        yield* box.send(yield* filled(pool, "a"));
        yield* box.broadcast(yield* filled(pool, "b"));
        yield* box.sendSync(yield* filled(pool, "c"));
      });
    });
    return [machine.cycles, ...machine.tasks.map(({ cycles }) => cycles)];
  };
  assert.equal(spent(64), spent(4096));
});

test("a receiver is told the sender, the size as it was asked for, and whether others share it", () => {
  playOut((system) => {
    const pool = system.pool({ count: 3, size: 13 });
    const box = system.mailbox();
    const from = sender(
      system,
      box,
      function* (self) {
        yield* box.send(yield* filled(pool, "a"));
        yield* box.broadcast(yield* filled(pool, "b"));
        yield* self.raise(3);
      },
      9,
    );
    system.interrupt(3, {}, function* () {
      yield* box.send(yield* block(pool.alloc(0)));
    });
    system.task("receiver", { reads: [box] }, function* (self) {
      const letter = self.buffer(layout.Letter.bytes);
      const fields = () => [layout.Letter.sender, layout.Letter.size, layout.Letter.shared].map((at) => letter.word(at));
      const seen: unknown[] = [];
      for (let i = 0; i < 3; i++) {
        assert.ok((yield* raw(self.machine, "mailbox_receive", box.handle, 0, letter.address, -1)) > 0);
        seen.push(fields());
      }
      assert.equal(seen, [
        [from.handle, 13, 0],
        [from.handle, 13, 1],
        [0, 13, 0],
      ]);
    });
  });
});

test("a waiting receiver is told the same when its letter comes, and its block names the sender", () => {
  playOut((system) => {
    const pool = system.pool({ count: 3, size: 13 });
    const box = system.mailbox();
    system.task("raw", { priority: 9, reads: [box] }, function* (self) {
      const letter = self.buffer(layout.Letter.bytes);
      const got = yield* raw(self.machine, "mailbox_receive", box.handle, 0, letter.address, -1);
      assert.ok(got > 0);
      assert.equal([letter.word(layout.Letter.sender), letter.word(layout.Letter.size)], [from.handle, 13]);
      const next = yield* block(box.receive());
      assert.equal([next.sender?.name, next.sender?.handle, next.shared], ["sender", from.handle, false]);
      assert.is(yield* next.free(), 0);
      assert.is(next.sender, undefined);
    });
    const from = sender(system, box, function* () {
      yield* box.send(yield* filled(pool, "a"));
      yield* box.send(yield* filled(pool, "b"));
      assert.is((yield* block(pool.alloc())).sender, undefined, "nobody sent it yet");
    });
  });
});

// Whose it is

test("MBX-03a after a send the old owner can neither free, send nor broadcast the block, in the box or received", () => {
  playOut((system) => {
    const pool = system.pool({ count: 3, size: 8 });
    const box = system.mailbox();
    const log: unknown[] = [];
    system.task("receiver", { priority: 9, reads: [box] }, function* (self) {
      yield* self.sleepUntil(1);
      log.push((yield* block(box.receive())).address);
      yield* self.sleepUntil(50);
    });
    sender(system, box, function* (self) {
      const mine = yield* block(pool.alloc());
      yield* box.send(mine);
      for (const tick of [0, 1]) {
        yield* self.sleepUntil(tick);
        assert.is(log.length, tick);
        assert.is(yield* misuse(() => mine.free()), "EPERM");
        assert.is(yield* misuse(() => box.send(mine)), "EPERM");
        assert.is(yield* misuse(() => box.sendSync(mine)), "EPERM");
        assert.is(yield* misuse(() => box.broadcast(mine)), "EPERM");
      }
      assert.equal(log, [mine.address]);
    });
  });
});

test("MBX-03b after a send the old owner's view throws, slices too, and is good again when the block comes back to it", () => {
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const there = system.mailbox();
    const back = system.mailbox();
    system.task("echo", { priority: 9, reads: [there], writes: [back] }, function* (self) {
      const got = yield* block(there.receive());
      yield* self.sleep(1);
      got.view.set(0, 66);
      yield* back.send(got);
      assert.throws(() => got.view.get(0), "revoked");
    });
    system.task("owner", { writes: [there], reads: [back] }, function* () {
      const mine = yield* filled(pool, "ABC");
      const part = mine.view.slice(0, 2);
      yield* there.send(mine);
      for (const view of [mine.view, part]) {
        assert.throws(() => view.get(0), "revoked");
        assert.throws(() => view.set(0, 1), "revoked");
        assert.throws(() => view.word(0), "revoked");
        assert.throws(() => view.setWord(0, 1), "revoked");
        assert.throws(() => view.copy("x"), "revoked");
        assert.throws(() => view.bytes(), "revoked");
      }
      const got = yield* block(back.receive());
      assert.is(got, mine);
      assert.is(part.text(), "BB");
    });
  });
});

test("sending what is no block is EINVAL, another's EPERM, and the pools and the box are intact", () => {
  playOut((system) => {
    const pool = system.pool({ count: 3, size: 8 });
    const box = system.mailbox();
    system.task("owner", { priority: 9, reads: [box] }, function* (self) {
      yield* block(pool.alloc());
      yield* self.sleep(5);
    });
    sender(system, box, function* (self) {
      const { machine } = self;
      const mine = yield* block(pool.alloc());
      const send = function* (address: number, expected: number) {
        assert.is(yield* raw(machine, "mailbox_send", box.handle, 0, address), expected);
        assert.is(yield* raw(machine, "mailbox_send_sync", box.handle, 0, address, 3), expected);
        assert.is(yield* raw(machine, "mailbox_broadcast", box.handle, address), expected);
      };
      for (const odd of [0, -1, mine.address + 1, mine.address + 8, mine.address + 16, self.buffer(8).address]) yield* send(odd, EINVAL);
      yield* send(mine.address - 8, EPERM);
      yield* mine.free();
      yield* send(mine.address, EINVAL);
      assert.equal([box.letters, pool.free], [0, 2]);
    });
  });
});

test("MBX-04b a block travels from task to task to task, and only the last can free it", () => {
  for (const oracle of ORACLES) {
    playOut((system) => {
      const pool = system.pool({ count: 1, size: 8 });
      const boxes = [system.mailbox(), system.mailbox(), system.mailbox()] as const;
      const addresses: number[] = [];
      const courier = (name: string, from: Mailbox | undefined, to: Mailbox | undefined) =>
        system.task(name, { reads: from ? [from] : [], writes: to ? [to] : [] }, function* (self) {
          const mine = yield* block(from ? from.receive() : pool.alloc());
          addresses.push(mine.address);
          mine.view.set(0, addresses.length);
          if (!to) {
            assert.is(mine.view.get(0), 4);
            yield* mine.free();
            return;
          }
          yield* to.send(mine);
          assert.is(yield* misuse(() => mine.free()), "EPERM");
          yield* self.sleep(5);
        });
      courier("d", boxes[2], undefined);
      courier("b", boxes[0], boxes[1]);
      courier("c", boxes[1], boxes[2]);
      courier("a", undefined, boxes[0]);
      system.task("last", { priority: 1 }, function* (self) {
        yield* self.sleep(3);
        assert.equal(addresses, new Array(4).fill(addresses[0]));
        assert.is(pool.free, 1);
      });
    }, oracle);
  }
});

// Arrival

test("MBX-05a a more urgent receiver runs inside the send that wakes it, a less urgent one when the sender waits", () => {
  for (const [priority, expected] of [
    [9, ["got", "sent"]],
    [3, ["sent", "got"]],
  ] as const) {
    const log: string[] = [];
    playOut((system) => {
      const pool = system.pool({ count: 1, size: 8 });
      const box = system.mailbox();
      system.task("receiver", { priority, reads: [box] }, function* () {
        yield* block(box.receive());
        log.push("got");
      });
      sender(system, box, function* (self) {
        yield* self.sleep(1);
        assert.is(yield* box.send(yield* block(pool.alloc())), 0);
        log.push("sent");
      });
    });
    assert.equal(log, expected);
  }
});

test("MBX-05c what has arrived is fetched later, in the order of its arrival, by whoever was woken by something else", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const pool = system.pool({ count: 3, size: 8 });
      const box = system.mailbox();
      receiver(system, box, log, "receiver", { at: 3, count: 3 });
      for (const [i, text] of ["a", "b", "c"].entries()) {
        sender(
          system,
          box,
          function* (self) {
            yield* self.sleepUntil(i);
            yield* box.send(yield* filled(pool, text));
          },
          9 - i,
          `sender ${i}`,
        );
      }
    }, oracle);
    assert.equal(log, ["receiver", "a", 3, "receiver", "b", 3, "receiver", "c", 3]);
  }
});

test("MBX-05d a notification is a signal of 1 to 31, 0 for none, asked for by a receiver; it ends with its close", () => {
  playOut((system) => {
    const box = system.mailbox({ name: "box" });
    system.task("receiver", { priority: 9, reads: [box] }, function* (self) {
      for (const signal of [-1, 32, 0x100, 0x7fffffff]) assert.is(yield* misuse(() => box.notify(signal)), "EINVAL");
      for (const signal of [1, 0, 31]) assert.is(yield* box.notify(signal), 0);
      // That the registration is gone with it is an invariant, and asked for after every step.
      yield* box.close("read");
      assert.is(yield* misuse(() => box.notify(31)), "EPERM");
      yield* self.sleep(1);
    });
  });
});

test("a mailbox in the slot of a deleted one knows none of its notifications", () => {
  playOut((system) => {
    system.task("old", { priority: 9 }, function* (self) {
      const old = yield* self.create.mailbox();
      yield* old.notify(10);
      yield* old.delete();
      yield* self.sleep(5);
    });
    system.task("new", {}, function* (self) {
      const old = Kind.MAILBOX << 8;
      let made = 0;
      // The slot freed longest ago is used first. That nobody is notified who may not receive is an invariant.
      do made = (yield* self.create.mailbox()).handle;
      while ((made & 0x1fff) !== old);
      yield* self.sleep(1);
    });
  });
});

// For whom, from whom

test("MBX-06a what is addressed to a task waits for it, whoever else asks, and others get what lies behind it", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const pool = system.pool({ count: 4, size: 8 });
      const box = system.mailbox();
      const named = receiver(system, box, log, "named", { at: 6 });
      receiver(system, box, log, "first", { at: 2, priority: 9 });
      receiver(system, box, log, "second", { at: 3, priority: 9, timeout: 2 });
      sender(system, box, function* () {
        assert.is(yield* box.send(yield* filled(pool, "n"), named), 0);
        assert.is(yield* box.send(yield* filled(pool, "x")), 0);
      });
    }, oracle);
    assert.equal(log, ["first", "x", 2, "second", ETIMEDOUT, 5, "named", "n", 6]);
  }
});

test("MBX-06a what is addressed to a task that waits passes a more urgent one that waits before it", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 4, size: 8 });
    const box = system.mailbox();
    receiver(system, box, log, "urgent", { priority: 9 });
    const named = receiver(system, box, log, "named");
    sender(system, box, function* (self) {
      yield* box.send(yield* filled(pool, "n"), named);
      yield* self.sleep(1);
      yield* box.send(yield* filled(pool, "x"));
    });
  });
  assert.equal(log, ["named", "n", 0, "urgent", "x", 1]);
});

test("MBX-06b what is for anyone goes to the most urgent who waits, first come first served among equals", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const pool = system.pool({ count: 4, size: 8 });
      const box = system.mailbox();
      receiver(system, box, log, "first", { at: 1 });
      receiver(system, box, log, "second", { at: 2 });
      receiver(system, box, log, "urgent", { at: 3, priority: 6 });
      receiver(system, box, log, "last", { at: 1, priority: 4 });
      sender(system, box, function* (self) {
        for (const [i, text] of ["a", "b", "c", "d"].entries()) {
          yield* self.sleepUntil(5 + i);
          yield* box.send(yield* filled(pool, text));
        }
      });
    }, oracle);
    assert.equal(log, ["urgent", "a", 5, "first", "b", 6, "second", "c", 7, "last", "d", 8]);
  }
});

test("MBX-06c receive from a task skips what others sent, before and after it waits; receive from anyone takes the first", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const pool = system.pool({ count: 6, size: 8 });
      const box = system.mailbox();
      const says = (name: string, ...texts: [at: number, text: string][]) =>
        sender(
          system,
          box,
          function* (self) {
            for (const [at, text] of texts) {
              yield* self.sleepUntil(at);
              yield* box.send(yield* filled(pool, text));
            }
          },
          9,
          name,
        );
      says("a", [0, "1"], [4, "3"]);
      const b = says("b", [1, "2"], [5, "4"]);
      const from = () => b;
      receiver(system, box, log, "one", { at: 2, from });
      receiver(system, box, log, "two", { at: 3, from, priority: 8 });
      receiver(system, box, log, "any", { at: 6, count: 2 });
    }, oracle);
    assert.equal(log, ["one", "2", 2, "two", "4", 5, "any", "1", 6, "any", "3", 6]);
  }
});

test("MBX-06d a letter that a waiter does not match goes to a less urgent one that comes later and does", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 2, size: 8 });
    const box = system.mailbox();
    const quiet = sender(system, box, function* () {}, 3, "quiet");
    receiver(system, box, log, "picky", { priority: 9, from: () => quiet, timeout: 8 });
    sender(system, box, function* () {
      yield* box.send(yield* filled(pool, "x"));
    });
    receiver(system, box, log, "asker", { at: 2, priority: 2, timeout: 0 });
    receiver(system, box, log, "late", { at: 3, priority: 2, timeout: 0 });
  });
  assert.equal(log, ["asker", "x", 2, "late", EAGAIN, 3, "picky", ETIMEDOUT, 8]);
});

test("MBX-06e receive from a task that has ended is what it left, then ESRCH; who waits for it is told", () => {
  for (const how of ENDINGS) {
    const log: unknown[] = [];
    playing(how)((system) => {
      const pool = system.pool({ count: 2, size: 8 });
      const box = system.mailbox();
      const gone = system.task("gone", { priority: 9, writes: [box] }, function* (self) {
        yield* box.send(yield* filled(pool, "x"));
        yield* ending(self, how);
      });
      sender(system, box, function* () {}, 3, "other");
      ender(system, gone, how);
      const from = () => gone;
      receiver(system, box, log, "waits", { at: 1, from, count: 3 });
    });
    assert.equal(log, ["waits", "x", 1, "waits", ESRCH, 5, "waits", ESRCH, 5], how);
  }
});

test("MBX-06e a receiver is told that its source has ended though the source never had the box open; a forged source is ESRCH", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const box = system.mailbox();
    sender(system, box, function* () {});
    const never = system.task("never", {}, function* (self) {
      yield* self.sleep(3);
    });
    receiver(system, box, log, "waits", { from: () => never });
    system.task("asker", { reads: [box] }, function* (self) {
      for (const source of [-1, box.handle, self.handle + 0x2000]) {
        assert.is(yield* raw(self.machine, "mailbox_receive", box.handle, source, 0, -1), ESRCH);
      }
    });
  });
  assert.equal(log, ["waits", ESRCH, 3]);
});

// Broadcast

/** A task that receives a broadcast at a tick, notes what it reads, and releases it at a later one. */
function display(system: System, box: Mailbox, log: unknown[], name: string, at: number, until: number): Task {
  return system.task(name, { priority: 5, reads: [box] }, function* (self) {
    yield* self.sleepUntil(at);
    const got = yield* block(box.receive());
    log.push(name, got.address, got.view.text(5), got.shared);
    assert.throws(() => got.view.set(0, 1), "read-only");
    assert.throws(() => got.view.setWord(0, 1), "read-only");
    assert.throws(() => got.view.copy("x"), "read-only");
    assert.throws(() => got.view.slice(1).set(0, 1), "read-only");
    yield* self.sleepUntil(until);
    assert.is(got.view.text(5), "hello");
    yield* got.free();
    assert.throws(() => got.view.get(0), "revoked");
    yield* self.sleepUntil(50);
  });
}

test("MBX-07a MBX-07b every receiver, waiting or not, gets the same address, to read; the pool is short of one block", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    let sent = 0;
    playOut((system) => {
      const pool = system.pool({ count: 2, size: 8 });
      const box = system.mailbox();
      display(system, box, log, "waits", 0, 6);
      display(system, box, log, "later", 3, 7);
      display(system, box, log, "last", 4, 5);
      sender(system, box, function* (self) {
        yield* self.sleepUntil(1);
        const mine = yield* filled(pool, "hello");
        sent = mine.address;
        assert.is(yield* box.broadcast(mine), 3);
        assert.throws(() => mine.view.get(0), "revoked");
        for (const tick of [1, 2, 3, 4, 5, 6]) {
          yield* self.sleepUntil(tick);
          assert.is(pool.free, 1);
        }
        yield* self.sleepUntil(8);
        assert.is(pool.free, 2);
      });
    }, oracle);
    const got = ["hello", true];
    assert.equal(log, ["waits", sent, ...got, "later", sent, ...got, "last", sent, ...got]);
  }
});

test("MBX-07c a broadcast is free when the last has freed it, closed or ended, whether it had received it or not", () => {
  for (const received of [true, false]) {
    for (const how of ["frees", "closes", ...ENDINGS] as const) {
      const ends = how === "frees" || how === "closes" ? "returns" : how;
      if (how === "frees" && !received) continue;
      playing(ends)((system) => {
        const pool = system.pool({ count: 1, size: 8 });
        const box = system.mailbox();
        const last = system.task("last", { priority: 9, reads: [box] }, function* (self) {
          yield* self.sleepUntil(3);
          const got = received ? yield* block(box.receive()) : undefined;
          if (how !== "frees" && how !== "closes") {
            yield* ending(self, how);
            return;
          }
          yield* self.sleepUntil(5);
          if (how === "frees") yield* (got as Block).free();
          else yield* box.close("read");
          if (got) assert.throws(() => got.view.get(0), "revoked");
          yield* self.sleepUntil(10);
        });
        receiver(system, box, [], "other", { at: 2 });
        ender(system, last, ends);
        sender(system, box, function* (self) {
          assert.is(yield* box.broadcast(yield* filled(pool, "x")), 2);
          yield* self.sleepUntil(4);
          assert.equal([pool.free, box.letters], [0, received ? 0 : 1]);
          yield* self.sleepUntil(6);
          assert.equal([pool.free, box.letters], [1, 0], `${how}, received: ${received}`);
        });
      });
    }
  }
});

test("MBX-07d who opens it later gets nothing of a broadcast, and does not hold it up", () => {
  playOut((system) => {
    const pool = system.pool({ count: 2, size: 8 });
    const box = system.mailbox({ name: "box" });
    const log: unknown[] = [];
    const first = receiver(system, box, log, "first", { at: 3 });
    sender(
      system,
      box,
      function* (self) {
        assert.is(yield* box.broadcast(yield* filled(pool, "x")), 1);
        const late = yield* self.create.task("late", { priority: 9 }, function* (me) {
          assert.is(yield* raw(me.machine, "object_open", Kind.MAILBOX, me.machine.stageName("box"), Mode.READ), box.handle);
          assert.is(yield* box.receive(undefined, 0), EAGAIN);
          yield* me.sleepUntil(50);
        });
        assert.is(yield* box.broadcast(yield* filled(pool, "y")), 2);
        yield* self.sleepUntil(4);
        assert.is(pool.free, 1);
        yield* late.terminate();
        assert.is(pool.free, 1, "the first has not received the second one yet");
        yield* first.terminate();
        assert.is(pool.free, 2);
      },
      8,
    );
  });
});

test("MBX-07e a broadcast answers how many it reached; at 0 the sender keeps the block, interrupts do not count", () => {
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const box = system.mailbox({ interrupts: "read" });
    sender(system, box, function* () {
      const mine = yield* filled(pool, "x");
      assert.is(yield* box.broadcast(mine), 0);
      assert.is(mine.view.text(1), "x");
      assert.equal([mine.held, mine.shared, box.letters], [true, false, 0]);
    });
  });
});

test("MBX-07f who holds a broadcast may not send it on nor release it twice, and the others still read it", () => {
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const box = system.mailbox();
    const on = system.mailbox();
    display(system, box, [], "display", 0, 5);
    receiver(system, on, [], "next", { timeout: 9 });
    system.task("holder", { priority: 5, reads: [box], writes: [on] }, function* (self) {
      const got = yield* block(box.receive());
      assert.is(yield* misuse(() => on.send(got)), "EPERM");
      assert.is(yield* misuse(() => on.sendSync(got)), "EPERM");
      assert.is(yield* misuse(() => on.broadcast(got)), "EPERM");
      assert.is(got.view.text(5), "hello");
      yield* got.free();
      assert.is(yield* misuse(() => got.free()), "EPERM");
      yield* self.sleepUntil(6);
      assert.is(yield* misuse(() => got.free()), "EINVAL", "it is free");
    });
    sender(system, box, function* () {
      const mine = yield* filled(pool, "hello");
      assert.is(yield* box.broadcast(mine), 2);
      assert.is(yield* misuse(() => mine.free()), "EPERM");
    });
  });
});

// Nobody there

test("MBX-08a a destination that has not opened it to receive, or has ended, is ESRCH, and the sender keeps the block", () => {
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const box = system.mailbox();
    receiver(system, box, [], "other", { timeout: 9 });
    const closed = system.task("closed", { priority: 9, reads: [box] }, function* (self) {
      yield* box.close("read");
      yield* self.sleepUntil(20);
    });
    const ended = system.task("ended", { priority: 9, reads: [box] }, function* (self) {
      yield* self.sleepUntil(0);
    });
    const stranger = system.task("stranger", {}, function* (self) {
      yield* self.sleepUntil(20);
    });
    const also: Task = sender(
      system,
      box,
      function* (self) {
        yield* self.sleepUntil(30);
      },
      4,
      "also",
    );
    sender(system, box, function* (self) {
      const { machine } = self;
      const mine = yield* filled(pool, "x");
      for (const task of [closed, ended, stranger, also, self]) {
        assert.is(yield* box.send(mine, task), ESRCH, task.name);
        assert.is(yield* box.sendSync(mine, task, 5), ESRCH, task.name);
      }
      for (const forged of [-1, 77, box.handle, closed.handle + 0x2000]) {
        assert.is(yield* raw(machine, "mailbox_send", box.handle, forged, mine.address), ESRCH);
      }
      assert.is(mine.view.text(1), "x");
      assert.equal([self.tick, box.letters, box.senders], [0, 0, 0]);
    });
  });
});

test("MBX-08b ANY while nobody has it open to receive is ESRCH, and goes as soon as interrupts alone have", () => {
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const box = system.mailbox();
    const watched = system.mailbox({ interrupts: "read" });
    system.task("sender", { writes: [box, watched] }, function* () {
      const mine = yield* filled(pool, "x");
      assert.is(yield* box.send(mine), ESRCH);
      assert.is(yield* box.sendSync(mine, undefined, 5), ESRCH);
      assert.is(mine.view.text(1), "x");
      assert.is(yield* watched.send(mine), 0);
      assert.not(mine.held);
    });
  });
});

// Closing

test("MBX-09a what is undelivered for a task goes back to its pool when it closes, exits or is ended; the rest stays", () => {
  for (const how of ["closes", ...ENDINGS] as const) {
    const ends = how === "closes" ? "returns" : how;
    const log: unknown[] = [];
    playing(ends)((system) => {
      const pool = system.pool({ count: 4, size: 8 });
      const box = system.mailbox();
      const leaver = system.task("leaver", { priority: 9, reads: [box] }, function* (self) {
        if (how !== "closes") {
          yield* ending(self, how);
          return;
        }
        yield* self.sleepUntil(5);
        yield* box.close("read");
        yield* self.sleepUntil(20);
      });
      const stays = receiver(system, box, log, "stays", { at: 8, count: 2 });
      ender(system, leaver, ends);
      sender(system, box, function* (self) {
        for (const [text, to] of [
          ["a", leaver],
          ["b", stays],
          ["c", leaver],
          ["d", undefined],
        ] as const) {
          assert.is(yield* box.send(yield* filled(pool, text), to), 0);
        }
        yield* self.sleepUntil(4);
        assert.equal([box.letters, pool.free], [4, 0]);
        yield* self.sleepUntil(6);
        assert.equal([box.letters, pool.free], [2, 2], how);
      });
    });
    assert.equal(log, ["stays", "b", 8, "stays", "d", 8], how);
  }
});

test("MBX-09b what is for ANY goes back when the last receiver closes or ends, not before, and not while interrupts may receive", () => {
  for (const interrupts of [true, false]) {
    playOut((system) => {
      const pool = system.pool({ count: 2, size: 8 });
      const box = system.mailbox(interrupts ? { interrupts: "read" } : {});
      const leaver = (name: string, at: number) =>
        system.task(name, { priority: 9, reads: [box] }, function* (self) {
          yield* self.sleepUntil(at);
          if (at < 3) yield* box.close();
        });
      leaver("closes", 2);
      leaver("ends", 4);
      sender(system, box, function* (self) {
        for (const text of ["a", "b"]) yield* box.send(yield* filled(pool, text));
        yield* self.sleepUntil(3);
        assert.equal([box.letters, pool.free], [2, 0]);
        yield* self.sleepUntil(5);
        assert.equal([box.letters, pool.free], interrupts ? [2, 0] : [0, 2]);
      });
    });
  }
});

test("MBX-09c the blocks that a task has received go back when it ends, and a letter that came for it while it was ready too", () => {
  for (const how of ENDINGS) {
    playing(how)((system) => {
      const pool = system.pool({ count: 3, size: 8 });
      const box = system.mailbox();
      const owner = system.task("owner", { priority: 9, reads: [box] }, function* (self) {
        yield* block(box.receive());
        yield* block(box.receive());
        yield* block(pool.alloc());
        yield* ending(self, how);
      });
      ender(system, owner, how);
      sender(system, box, function* (self) {
        for (const text of ["a", "b"]) yield* box.send(yield* filled(pool, text));
        yield* self.sleepUntil(4);
        assert.is(pool.free, 0);
        yield* self.sleepUntil(6);
        assert.is(pool.free, 3, how);
      });
    });
  }
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const box = system.mailbox();
    const slow = system.task("slow", { priority: 3, reads: [box] }, function* () {
      yield* block(box.receive());
    });
    sender(system, box, function* (self) {
      yield* self.sleep(1);
      yield* box.send(yield* filled(pool, "x"));
      assert.equal([box.letters, pool.free], [0, 0], "it was handed over");
      yield* slow.terminate();
      assert.is(pool.free, 1);
    });
  });
});

test("MBX-09d MBX-09e a receiver waits while nobody yet sends, and gets EPIPE when the last sender closed and nothing is for it", () => {
  for (const how of ["closes", ...ENDINGS] as const) {
    const ends = how === "closes" ? "returns" : how;
    const log: unknown[] = [];
    playing(ends)((system) => {
      const pool = system.pool({ count: 3, size: 8 });
      const box = system.mailbox({ name: "box" });
      receiver(system, box, log, "receiver", { count: 3 });
      const named = receiver(system, box, log, "named", { at: 9, count: 2 });
      system.task("opener", { priority: 7 }, function* (self) {
        yield* self.sleepUntil(2);
        assert.is(box.waiters, 1);
        const late = yield* self.create.task("late", { priority: 8 }, function* (me) {
          yield* raw(me.machine, "object_open", Kind.MAILBOX, me.machine.stageName("box"), Mode.WRITE);
          yield* box.send(yield* filled(pool, "a"));
          yield* box.send(yield* filled(pool, "n"), named);
          if (how !== "closes") {
            yield* ending(me, how);
            return;
          }
          yield* me.sleepUntil(5);
          yield* box.close("write");
        });
        yield* self.sleepUntil(5);
        if (how === "is ended") yield* late.terminate();
      });
    });
    assert.equal(log, ["receiver", "a", 2, "receiver", EPIPE, 5, "receiver", EPIPE, 5, "named", "n", 9, "named", EPIPE, 9], how);
  }
});

test("EPIPE comes with any timeout and any source, and not while interrupts may send", () => {
  playOut((system) => {
    const [box, watched] = [system.mailbox(), system.mailbox({ interrupts: "write" })];
    const gone = system.task("gone", { priority: 9, writes: [box, watched] }, function* (self) {
      yield* self.sleep(1);
    });
    system.task("receiver", { reads: [box, watched] }, function* (self) {
      yield* self.sleep(2);
      for (const from of [undefined, gone]) {
        for (const timeout of [0, 5, -1]) assert.is(yield* box.receive(from, timeout), EPIPE);
      }
      assert.is(yield* watched.receive(undefined, 3), ETIMEDOUT);
    });
  });
});

// One way

test("MBX-10a MBX-10b creating, opening or granting both directions is EINVAL, and so is a public mailbox or one for nobody", () => {
  playOut((system) => {
    const box = system.mailbox({ name: "box" });
    const receives = receiver(system, box, [], "receives", { priority: 3, timeout: 20 });
    system.task("sends", { writes: [box] }, function* (self) {
      const { machine } = self;
      for (const mode of [0, 3, 4, 8, 5, 10, 15, 16, -1]) {
        assert.is(yield* raw(machine, "mailbox_create", 0, mode), EINVAL, `mode ${mode}`);
      }
      assert.is(yield* raw(machine, "mailbox_create", machine.stageName("named"), 3), EINVAL);
      assert.ok((yield* raw(machine, "mailbox_create", machine.stageName("named"), 0)) > 0);
      const open = (mode: number) => raw(machine, "object_open", Kind.MAILBOX, machine.stageName("box"), mode);
      assert.is(yield* open(Mode.READ), EINVAL);
      assert.is(yield* open(Mode.READ | Mode.WRITE), EINVAL);
      assert.is(yield* open(Mode.WRITE), box.handle);
      assert.is(yield* misuse(() => box.grant(receives, "write")), "EINVAL");
      assert.is(yield* misuse(() => box.grant(receives, "both")), "EINVAL");
      assert.is(yield* box.grant(receives, "read"), 0);
      const own = yield* self.create.mailbox({ open: "write" });
      assert.is(yield* misuse(() => own.receive()), "EPERM");
      assert.is(yield* own.grant(receives, "read"), 0);
      yield* own.close("write");
      assert.is(yield* raw(self.machine, "mailbox_send", own.handle, 0, 0), EPERM);
    });
  });
  const both = (system: System) => {
    const box = system.mailbox();
    system.task("both", { reads: [box], writes: [box] }, function* () {});
  };
  assert.throws(() => boot(both), "EINVAL");
});

test("MBX-10c a duplex is a mailbox each way, and each task has one end", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    const { machine } = playOut((system) => {
      const pool = system.pool({ count: 1, size: 8 });
      const client: Task = system.task("client", {}, function* (self) {
        const { out, in: replies } = pair.a;
        assert.is(yield* misuse(() => out.receive()), "EPERM");
        let mine = yield* block(pool.alloc());
        for (let i = 1; i < 4; i++) {
          mine.view.setWord(0, i);
          yield* out.send(mine, server);
          mine = yield* block(replies.receive(server));
          log.push(mine.view.word(0));
        }
        yield* mine.free();
        yield* self.sleep(1);
      });
      const server: Task = system.task("server", {}, function* () {
        const { out, in: requests } = pair.b;
        assert.is(yield* misuse(() => out.receive()), "EPERM");
        for (let i = 0; i < 3; i++) {
          const asked = yield* block(requests.receive());
          asked.view.setWord(0, asked.view.word(0) * 10);
          assert.is(yield* out.send(asked, asked.sender), 0);
        }
      });
      const pair = system.duplex(client, server, { name: "talk" });
      assert.is(pair.a.out, pair.b.in);
      assert.is(pair.b.out, pair.a.in);
    }, oracle);
    assert.equal(log, [10, 20, 30]);
    assert.equal(
      [0, 1].map((slot) => machine.nameOf((Kind.MAILBOX << 8) + slot)),
      ["talk.ab", "talk.ba"],
    );
  }
});

// Synchronous

/** A task that sends synchronously at a tick, and notes its name, the result, when, and whether the block is its own again. */
function asker(
  system: System,
  pool: Pool,
  box: Mailbox,
  log: unknown[],
  how: { to?: () => Task; at?: number; timeout?: number; name?: string } = {},
) {
  const name = how.name ?? "asker";
  return system.task(name, { priority: 6, writes: [box] }, function* (self) {
    const mine = yield* filled(pool, "x");
    yield* self.sleepUntil(how.at ?? 0);
    log.push(name, yield* box.sendSync(mine, how.to?.(), how.timeout), self.tick, mine.held);
    yield* self.sleepUntil(50);
  });
}

/** A task that takes a letter at a tick and does something with it. */
function taker(system: System, box: Mailbox, at: number, body: (self: Self, got: Block) => Steps, writes: Mailbox[] = []): Task {
  return system.task("taker", { priority: 5, reads: [box], writes }, function* (self) {
    yield* self.sleepUntil(at);
    yield* body(self, yield* block(box.receive()));
    yield* self.sleepUntil(50);
  });
}

test("MBX-11a a synchronous send returns when the receiver has freed the block, not when it took it", () => {
  for (const oracle of ORACLES) {
    for (const waits of [true, false]) {
      const log: unknown[] = [];
      playOut((system) => {
        const pool = system.pool({ count: 1, size: 8 });
        const box = system.mailbox();
        asker(system, pool, box, log, { at: 1 });
        taker(system, box, waits ? 0 : 3, function* (self, got) {
          assert.is(box.senders, 1);
          assert.is(got.view.text(1), "x");
          yield* self.sleepUntil(6);
          assert.equal([log.length, box.senders], [0, 1]);
          yield* got.free();
        });
      }, oracle);
      assert.equal(log, ["asker", 0, 6, false]);
    }
  }
});

test("MBX-11a it returns when the receiver forwards the block by send, synchronous send or broadcast", () => {
  for (const how of ["send", "sendSync", "broadcast"] as const) {
    const log: unknown[] = [];
    playOut((system) => {
      const pool = system.pool({ count: 1, size: 8 });
      const [box, on] = [system.mailbox(), system.mailbox()];
      asker(system, pool, box, log);
      const forward = function* (self: Self, got: Block) {
        yield* self.sleepUntil(4);
        yield* on[how](got);
        log.push("forwarded", self.tick);
      };
      taker(system, box, 2, forward, [on]);
      receiver(system, on, log, "third", { at: 7 });
    });
    const third = ["third", "x", 7];
    const end = how === "sendSync" ? [...third, "forwarded", 7] : ["forwarded", 4, ...third];
    assert.equal(log, ["asker", 0, 4, false, ...end], how);
  }
});

test("MBX-11b before it is taken a timeout or an abort withdraws it, the sender owns it, and the receiver never sees it", () => {
  for (const oracle of ORACLES) {
    for (const how of ["timeout", "abort"] as const) {
      const log: unknown[] = [];
      playOut((system) => {
        const pool = system.pool({ count: 1, size: 8 });
        const box = system.mailbox();
        const sends = asker(system, pool, box, log, how === "timeout" ? { timeout: 3 } : {});
        receiver(system, box, log, "late", { at: 5, timeout: 0 });
        system.task("boss", { priority: 9 }, function* (self) {
          yield* self.sleep(2);
          assert.equal([box.letters, box.senders], [1, 1]);
          if (how === "abort") yield* sends.abort();
          yield* self.sleepUntil(4);
          assert.equal([box.letters, box.senders], [0, 0]);
        });
      }, oracle);
      const end = how === "timeout" ? [ETIMEDOUT, 3] : [ECANCELED, 2];
      assert.equal(log, ["asker", ...end, true, "late", EAGAIN, 5]);
    }
  }
});

test("MBX-11d a timeout that would come after the block was taken does not come, and the report names no deadline", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const box = system.mailbox();
    asker(system, pool, box, log, { timeout: 4 });
    taker(system, box, 3, function* (self, got) {
      yield* self.sleepUntil(9);
      const [waiting] = self.machine.report().blocked.filter(({ task }) => task === "asker");
      assert.equal([waiting?.call, waiting?.holders, waiting?.deadline], ["mailbox_send_sync", ["taker"], undefined]);
      yield* got.free();
    });
  });
  assert.equal(log, ["asker", 0, 9, false]);
});

test("MBX-11f a receiver that ends holding the block is EOWNERDEAD, and the sender owns it, whoever waits for a free one", () => {
  for (const how of ENDINGS) {
    const log: unknown[] = [];
    playing(how)((system) => {
      const pool = system.pool({ count: 1, size: 8 });
      const box = system.mailbox();
      asker(system, pool, box, log);
      const holder = system.task("holder", { reads: [box] }, function* (self) {
        yield* block(box.receive());
        yield* ending(self, how);
      });
      ender(system, holder, how);
      system.task("waiter", { priority: 9 }, function* (self) {
        yield* self.sleep(1);
        assert.is(yield* pool.alloc(10), ETIMEDOUT);
      });
    });
    assert.equal(log, ["asker", EOWNERDEAD, 5, true], how);
  }
});

test("MBX-11f a third task that got the block by forwarding may end with it: it goes to the pool, the first sender is done", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const [box, on] = [system.mailbox(), system.mailbox()];
    asker(system, pool, box, log);
    taker(
      system,
      box,
      1,
      function* (self, got) {
        log.push("taker", yield* on.sendSync(got), self.tick, got.held);
      },
      [on],
    );
    system.task("third", { reads: [on] }, function* (self) {
      yield* block(on.receive());
      yield* self.sleepUntil(4);
    });
  });
  assert.equal(log, ["asker", 0, 1, false, "taker", EOWNERDEAD, 4, true]);
});

test("MBX-11g when the sender ends the delivery stands: taken, the receiver owns it; not taken, it is received later", () => {
  for (const at of [2, 8]) {
    playOut((system) => {
      const pool = system.pool({ count: 1, size: 8 });
      const box = system.mailbox();
      ender(system, asker(system, pool, box, []), "is ended");
      taker(system, box, at, function* (self, got) {
        yield* self.sleepUntil(9);
        assert.is(got.view.text(1), "x");
        yield* got.free();
        assert.is(pool.free, 1);
        assert.is(yield* box.receive(), EPIPE);
      });
    });
  }
});

test("MBX-11g a receiver that ends after its sender has ended gives the block back to the pool", () => {
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const box = system.mailbox();
    const sends = asker(system, pool, box, []);
    const takes = taker(system, box, 1, function* () {});
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(2);
      yield* sends.terminate();
      assert.is(pool.free, 0);
      yield* takes.terminate();
      assert.is(pool.free, 1);
    });
  });
});

test("MBX-11h two tasks that send to each other first are a deadlock, and the report shows the ring", () => {
  for (const named of [true, false]) {
    const app = (system: System) => {
      const pool = system.pool({ count: 2, size: 8 });
      const one: Task = system.task("one", {}, function* () {
        yield* pair.a.out.sendSync(yield* filled(pool, "x"), named ? two : undefined);
      });
      const two: Task = system.task("two", {}, function* () {
        yield* pair.b.out.sendSync(yield* filled(pool, "y"), named ? one : undefined);
      });
      const pair = system.duplex(one, two, { name: "pair" });
    };
    const { machine } = play(app, {}, "deadlock");
    const { blocked, cycle, left } = machine.report();
    assert.equal(
      blocked.map(({ task, call, object, holders }) => [task, call, object, holders]),
      [
        ["one", "mailbox_send_sync", "pair.ab", ["two"]],
        ["two", "mailbox_send_sync", "pair.ba", ["one"]],
      ],
    );
    assert.equal([...cycle].sort(), ["one", "two"]);
    assert.equal(left, ["pair.ab is open by two, one", "pair.ba is open by one, two"]);
  }
});

test("two tasks that wait for each other's letter are a deadlock, and a receiver is held up by its source alone", () => {
  const { machine } = play(
    (system) => {
      const one: Task = system.task("one", {}, function* () {
        yield* pair.a.in.receive(two);
      });
      const two: Task = system.task("two", {}, function* () {
        yield* pair.b.in.receive();
      });
      const pair = system.duplex(one, two);
    },
    {},
    "deadlock",
  );
  assert.equal(
    machine.report().blocked.map(({ task, call, holders }) => [task, call, holders]),
    [
      ["one", "mailbox_receive", ["two"]],
      ["two", "mailbox_receive", ["one"]],
    ],
  );
});

test("MBX-11i an abort once it was taken is ECANCELED, and what the receiver does with the block is no longer the sender's affair", () => {
  for (const then of ["frees", "ends"] as const) {
    const log: unknown[] = [];
    playOut((system) => {
      const pool = system.pool({ count: 1, size: 8 });
      const box = system.mailbox();
      const sends = asker(system, pool, box, log);
      const takes = taker(system, box, 2, function* (self, got) {
        yield* self.sleepUntil(7);
        assert.ok(got.held);
        if (then === "frees") yield* got.free();
        else yield* self.exit(0);
      });
      system.task("boss", { priority: 9 }, function* (self) {
        yield* self.sleep(4);
        yield* sends.abort();
        yield* self.sleepUntil(6);
        assert.is(pool.free, 0);
        yield* self.sleepUntil(8);
        assert.is(pool.free, 1);
        yield* takes.terminate();
      });
    });
    assert.equal(log, ["asker", ECANCELED, 4, false]);
  }
});

test("MBX-11j deleting the mailbox is EIDRM: the block not taken is the sender's again, the taken one stays the receiver's", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 4, size: 8 });
    const box = system.mailbox();
    asker(system, pool, box, log, { name: "first", at: 0 });
    asker(system, pool, box, log, { name: "second", at: 1 });
    const broadcasts = sender(system, box, function* (self) {
      yield* self.sleepUntil(2);
      yield* box.broadcast(yield* filled(pool, "b"));
      yield* box.send(yield* filled(pool, "c"));
    });
    taker(system, box, 3, function* (self, got) {
      yield* self.sleepUntil(6);
      assert.is(got.view.text(1), "x");
      yield* got.free();
      assert.is(yield* misuse(() => box.receive()), "EBADF");
      // The other asker has one still; the letter and the broadcast that nobody received went back.
      assert.is(pool.free, 3);
    });
    receiver(system, box, log, "waits", { at: 0, from: () => broadcasts });
    system.task("deleter", { priority: 9, writes: [box] }, function* (self) {
      yield* self.sleepUntil(1);
      assert.is(box.waiters, 1);
      yield* self.sleepUntil(4);
      assert.equal([box.letters, box.senders], [3, 2]);
      yield* box.delete();
    });
  });
  assert.equal(log, ["waits", "b", 2, "first", EIDRM, 4, false, "second", EIDRM, 4, true]);
});

test("deleting a mailbox wakes its receivers with EIDRM, and leaves a broadcast with those who have received it", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const box = system.mailbox();
    const quiet = sender(system, box, function* () {}, 4, "quiet");
    sender(system, box, function* () {
      assert.is(yield* box.broadcast(yield* filled(pool, "x")), 2);
    });
    receiver(system, box, log, "waits", { from: () => quiet });
    system.task("holder", { reads: [box] }, function* (self) {
      const got = yield* block(box.receive());
      yield* self.sleepUntil(1);
      yield* box.delete();
      assert.is(got.view.text(1), "x");
      assert.throws(() => got.view.set(0, 1), "read-only");
      assert.is(pool.free, 0);
    });
    system.task("last", { priority: 1 }, function* (self) {
      yield* self.sleepUntil(2);
      assert.is(pool.free, 1, "its holder has ended");
    });
  });
  assert.equal(log, ["waits", EIDRM, 1]);
});

test("MBX-11k a synchronous send with timeout 0 is EAGAIN and sends nothing, though somebody waits for it", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const box = system.mailbox();
    receiver(system, box, log, "waits", { priority: 9, timeout: 5 });
    asker(system, pool, box, log, { timeout: 0 });
  });
  assert.equal(log, ["asker", EAGAIN, 0, true, "waits", ETIMEDOUT, 5]);
});

test("MBX-11l when the receiver closes or ends instead of taking it, it is ESRCH, and the sender owns the block", () => {
  for (const to of ["named", "any"]) {
    for (const how of ["closes", ...ENDINGS] as const) {
      const ends = how === "closes" ? "returns" : how;
      const log: unknown[] = [];
      playing(ends)((system) => {
        const pool = system.pool({ count: 1, size: 8 });
        const box = system.mailbox();
        const leaver = system.task("leaver", { priority: 9, reads: [box] }, function* (self) {
          if (how !== "closes") {
            yield* ending(self, how);
            return;
          }
          yield* self.sleepUntil(5);
          yield* box.close("read");
          yield* self.sleepUntil(20);
        });
        ender(system, leaver, ends);
        asker(system, pool, box, log, to === "named" ? { to: () => leaver } : {});
      });
      assert.equal(log, ["asker", ESRCH, 5, true], `${to} ${how}`);
    }
  }
});

test("deleting the pool takes its letters out of their mailboxes; synchronous senders get EIDRM, taken or not, others just lose them", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 4, size: 8 });
    const other = system.pool({ count: 1, size: 8 });
    const box = system.mailbox();
    asker(system, pool, box, log, { name: "first" });
    asker(system, pool, box, log, { name: "second", at: 1 });
    sender(system, box, function* (self) {
      yield* self.sleepUntil(2);
      yield* box.send(yield* filled(other, "o"));
      yield* box.broadcast(yield* filled(pool, "b"));
      yield* box.send(yield* filled(pool, "c"));
      yield* self.sleepUntil(5);
      yield* pool.delete();
      assert.is(box.letters, 1);
    });
    taker(system, box, 3, function* (self, got) {
      yield* self.sleepUntil(6);
      assert.throws(() => got.view.get(0), "revoked");
      assert.is(yield* misuse(() => got.free()), "EINVAL");
      log.push(yield* opened(box));
      assert.is(yield* box.receive(undefined, 0), EAGAIN);
    });
  });
  assert.equal(log, ["first", EIDRM, 5, false, "second", EIDRM, 5, false, "o"]);
});

// Interrupts, waits that end, misuse

test("interrupt handlers send and receive without waiting: what is for anyone, from the senders that they name", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 4, size: 8 });
    const box = system.mailbox({ interrupts: "read" });
    const up = system.mailbox({ interrupts: "write" });
    const named = receiver(system, box, log, "named", { at: 9 });
    system.interrupt(3, {}, function* (irq) {
      void irq;
      for (let i = 0; i < 2; i++) log.push("irq", yield* opened(box, undefined, 0));
      log.push(yield* misuse(() => box.receive(undefined, 3)));
      const mine = yield* block(pool.alloc(0));
      mine.view.copy("u");
      log.push(yield* misuse(() => up.sendSync(mine)), yield* up.send(mine));
    });
    receiver(system, up, log, "up", { priority: 9 });
    sender(system, box, function* (self) {
      yield* box.send(yield* filled(pool, "n"), named);
      yield* box.send(yield* filled(pool, "x"));
      assert.is(yield* box.broadcast(yield* filled(pool, "b")), 1);
      yield* self.raise(3);
      assert.equal(log, ["irq", "x", "irq", EAGAIN, "EPERM", "EPERM", 0, "up", "u", 0]);
    });
  });
  assert.equal(log.slice(-3), ["named", "n", 9]);
});

test("when a handler closes what interrupts had open, letters for ANY go back, and who waits for theirs gets EPIPE", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pool = system.pool({ count: 3, size: 8 });
    const [down, up] = [system.mailbox({ interrupts: "read" }), system.mailbox({ interrupts: "write" })];
    system.interrupt(3, {}, function* (irq) {
      void irq;
      yield* down.close("read");
      yield* up.close("write");
    });
    receiver(system, up, log, "waits");
    sender(system, down, function* (self) {
      for (const text of ["a", "b"]) yield* down.send(yield* filled(pool, text));
      assert.equal([down.letters, pool.free, up.waiters], [2, 1, 1]);
      yield* self.raise(3);
      assert.equal([down.letters, pool.free, up.waiters], [0, 3, 0]);
      assert.is(yield* down.send(yield* filled(pool, "c")), ESRCH);
    });
  });
  assert.equal(log, ["waits", EPIPE, 0]);
});

test("receive is EAGAIN with timeout 0, ETIMEDOUT after its ticks, ECANCELED at an abort, and an ended receiver takes nothing", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const pool = system.pool({ count: 1, size: 8 });
      const box = system.mailbox();
      receiver(system, box, log, "asker", { priority: 9, timeout: 0 });
      receiver(system, box, log, "hasty", { priority: 8, timeout: 3 });
      const aborted = receiver(system, box, log, "aborted", { priority: 9, at: 1 });
      const killed = receiver(system, box, log, "killed", { priority: 9, at: 1 });
      receiver(system, box, log, "patient", { priority: 2 });
      sender(
        system,
        box,
        function* (self) {
          yield* self.sleep(4);
          yield* aborted.abort();
          yield* killed.terminate();
          yield* box.send(yield* filled(pool, "x"));
        },
        10,
      );
    }, oracle);
    assert.equal(log, ["asker", EAGAIN, 0, "hasty", ETIMEDOUT, 3, "aborted", ECANCELED, 4, "patient", "x", 4]);
  }
});

test("a stale mailbox is EBADF, a letter outside RAM EFAULT, and neither takes or moves a block", () => {
  playOut((system) => {
    const pool = system.pool({ count: 2, size: 8 });
    const box = system.mailbox();
    receiver(system, box, [], "receiver", { at: 2 });
    sender(system, box, function* (self) {
      yield* box.send(yield* filled(pool, "x"));
      const gone = yield* self.create.mailbox();
      yield* gone.close("read");
      const mine = yield* block(pool.alloc());
      for (const handle of [gone.handle, 0, -1, pool.handle, self.handle]) {
        assert.is(yield* raw(self.machine, "mailbox_send", handle, 0, mine.address), EBADF);
        assert.is(yield* raw(self.machine, "mailbox_receive", handle, 0, 0, -1), EBADF);
      }
      assert.ok(mine.held);
    });
    system.task("wild", { priority: 3, reads: [box] }, function* (self) {
      for (const letter of [8, -1, 0x7ffffff0]) {
        assert.is(yield* raw(self.machine, "mailbox_receive", box.handle, 0, letter, -1), EFAULT);
      }
      assert.is(box.letters, 1);
      yield* self.sleepUntil(5);
    });
  });
});

test("a broadcast and letters that many tasks send, forward, share, drop and die with: no block is lost, under any schedule", () => {
  for (const oracle of ORACLES) {
    for (let round = 0; round < 2; round++) {
      let pool: Pool | undefined;
      playOut((system) => {
        const blocks = system.pool({ count: 7, size: 16 });
        pool = blocks;
        const boxes = [system.mailbox(), system.mailbox(), system.mailbox()] as const;
        const workers: Task[] = [];
        for (let n = 0; n < 6; n++) {
          const [own, next] = [boxes[n % 3] as Mailbox, boxes[(n + 1) % 3] as Mailbox];
          const chance = new Stream(round * 6 + n, 3);
          const body = function* (self: Self) {
            for (let i = 0; i < 12; i++) {
              const got = chance.unit() < 0.5 ? yield* own.receive(undefined, 2) : yield* blocks.alloc(2);
              yield* self.compute(100, 20_000);
              if (!(got instanceof Block)) continue;
              const way = chance.unit();
              if (got.shared || way < 0.2) yield* got.free();
              else if (way < 0.5) yield* next.send(got, workers[Math.floor(chance.unit() * 6)]);
              else if (way < 0.7) yield* next.sendSync(got, undefined, 3);
              else if (way < 0.9) yield* next.broadcast(got);
              else if (way < 0.95) yield* self.exit(1);
            }
          };
          workers.push(system.task(`worker ${n}`, { priority: 4 + (n % 2), reads: [own], writes: [next], storage: 512 }, body));
        }
        system.task("reaper", { priority: 9 }, function* (self) {
          for (const victim of [1, 4]) {
            yield* self.sleep(3 + round);
            yield* (workers[victim] as Task).terminate();
            // It may not wait just now.
            yield* misuse(() => (workers[victim - 1] as Task).abort());
          }
        });
      }, oracle);
      assert.is(pool?.free, 7);
    }
  }
});

test("the invariants of blocks and mailboxes see every fault that is planted in a block, a pool or a mailbox", () => {
  const B = layout.Block;
  playOut((system) => {
    const pool = system.pool({ count: 5, size: 8 });
    const box = system.mailbox();
    asker(system, pool, box, []);
    const takes = taker(system, box, 1, function* () {});
    sender(system, box, function* (self) {
      yield* self.sleepUntil(2);
      assert.is(yield* box.broadcast(yield* filled(pool, "b")), 1);
      yield* box.send(yield* filled(pool, "c"));
      const mine = yield* filled(pool, "o");
      const { machine } = self;
      const state = (number: number) => machine.u32[(machine.blockRecord(number) + B.state) >> 2];
      assert.equal([0, 1, 2, 3, 4].map(state), [2, 4, 3, 2, 1]);
      const [taken, broadcast, letter, own, free] = [0, 1, 2, 3, 4].map((number) => machine.blockRecord(number)) as number[];
      const faults: [what: string, at: number, value: number][] = [
        ["a free block less", pool.record + layout.MemPool.free, 0],
        ["a free block that has an owner", (free as number) + B.owner, machine.taskRecord(0)],
        ["a free block that is owned and yet linked", (free as number) + B.state, 2],
        ["a block of no pool", (own as number) + B.state, 0],
        ["a block of another pool", (own as number) + B.pool, 1],
        ["an owner that has ended", (own as number) + B.owner, machine.taskRecord(40)],
        ["an owned block in a mailbox", (own as number) + B.box, box.record],
        ["an owned block that is shared", (own as number) + B.holders, 1],
        ["a ticket without a task", (taken as number) + B.waiter, 0],
        ["a ticket that its task does not know", (taken as number) + B.ticket, 77],
        ["a synchronous block that is in no mailbox's care", (taken as number) + B.box, 0],
        ["a letter less", box.record + layout.Mailbox.letters, 1],
        ["a letter for a task that cannot receive it", (letter as number) + B.to, self.handle],
        ["a letter that has an owner", (letter as number) + B.owner, machine.taskRecord(0)],
        ["a letter of another mailbox", (letter as number) + B.box, 0],
        ["a broadcast that nobody is due", (broadcast as number) + B.due, 0],
        ["a broadcast for a sender", (broadcast as number) + B.due, 1 << (self.handle & 0xff)],
        ["a broadcast that a task has and is due", (broadcast as number) + B.holders, 1 << (takes.handle & 0xff)],
        ["a task that sends and receives", box.record + layout.Channel.readers, (1 << (self.handle & 0xff)) | (1 << (takes.handle & 0xff))],
      ];
      assert.is(machine.check(), 0);
      for (const [what, at, value] of faults) {
        const before = machine.u32[at >> 2] as number;
        assert.is.not(before, value, what);
        machine.u32[at >> 2] = value;
        assert.is.not(machine.check(), 0, what);
        machine.u32[at >> 2] = before;
        assert.is(machine.check(), 0, what);
      }
      yield* mine.free();
    });
  });
});

test("MBX-11a synchronous sends are told apart also when their numbers begin anew", () => {
  const m = new Bare();
  const sender = m.task(9);
  const receiver = m.task(5);
  const box = m.kernel.mailbox_create(0, Mode.READ);
  assert.is(m.kernel.object_grant(box, sender, Mode.WRITE), 0);
  assert.is(m.kernel.object_grant(box, receiver, Mode.READ), 0);
  m.u32[(m.get("kernel") + layout.Kernel.tickets) >> 2] = 0xffffffff;
  m.start();
  const block = m.kernel.pool_alloc(m.kernel.pool_create(0, 1, 8, 0), 0);
  assert.is(m.kernel.mailbox_send_sync(box, 0, block, -1), SWITCH);
  m.next(Order.START);
  assert.is(m.kernel.mailbox_receive(box, 0, 0, 0), block);
  assert.is(m.kernel.check(), 0);
  assert.is(m.kernel.pool_free(block), SWITCH);
  m.next(Order.RESUME);
  assert.is(m.get("result") | 0, 0);
});

test("the system closes a mailbox of which a task is told: the task is told as before", () => {
  const m = new Bare();
  const first = m.task(9);
  const sender = m.task(5);
  const box = m.kernel.mailbox_create(0, Mode.READ);
  assert.ok(box > 0);
  assert.is(m.kernel.object_grant(box, first, Mode.READ), 0);
  assert.is(m.kernel.object_grant(box, sender, Mode.WRITE), 0);
  m.kernel.irq_attach(3, 1, 1);
  m.start();
  assert.is(m.kernel.task_self(), first);
  assert.is(m.kernel.mailbox_notify(box, 10), 0);
  assert.is(m.kernel.signal_mask(0, 1 << 10, 0), 0);
  m.kernel.line_raise(3);
  m.next(Order.INTERRUPT);
  assert.is(m.kernel.object_close(box, Mode.READ), 0);
  m.kernel.irq_return();
  m.next(Order.RESUME);
  assert.is(m.kernel.task_sleep(5), SWITCH);
  m.next(Order.START);
  const sent = m.kernel.pool_alloc(m.kernel.pool_create(0, 1, 8, 0), 0);
  assert.is(m.kernel.mailbox_send(box, 0, sent), 0);
  m.kernel.task_exit(0);
  m.resume();
  assert.is(m.kernel.task_self(), first);
  const set = m.bytes(4);
  assert.is(m.kernel.signal_pending(set), 0);
  assert.is(m.u32[set >> 2], 1 << 10);
});

test.run();
