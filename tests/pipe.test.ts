import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type CallError,
  EAGAIN,
  ECANCELED,
  EIDRM,
  ENOENT,
  EPIPE,
  ESRCH,
  ETIMEDOUT,
  type Pipe,
  type Self,
  SIGPIPE,
  type System,
  type Task,
} from "../hal/host/index.js";
import { Kind, layout, Mode, Order } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { misuse, ORACLES, playFailing, playOut } from "./support.js";

const test = suite("pipe");

/** The default oracle and twenty random ones. */
const [EPERM, EBADF, EFAULT, EINVAL] = [-1, -9, -14, -22];

/** Reads once: the text, or the outcome. */
function* readText(self: Self, pipe: Pipe, length: number, timeout = -1) {
  const view = self.buffer(length);
  const got = yield* pipe.read(view, timeout);
  return got < 0 ? got : view.text(got);
}

interface End {
  priority?: number;
  /** The tick at which it comes. */
  at?: number;
  timeout?: number;
}

/** A task that comes at a tick, reads once, and notes its name, what it got and when. It stays until tick 50. */
function reader(system: System, pipe: Pipe, log: unknown[], name: string, length: number, end: End = {}) {
  return system.task(name, { priority: end.priority ?? 5, reads: [pipe] }, function* (self) {
    yield* self.sleepUntil(end.at ?? 0);
    log.push(name, yield* readText(self, pipe, length, end.timeout), self.tick);
    yield* self.sleepUntil(50);
  });
}

/** A task that comes at a tick, writes once, and notes its name, what it got and when. It stays until tick 50. */
function writer(system: System, pipe: Pipe, log: unknown[], name: string, text: string, end: End = {}) {
  return system.task(name, { priority: end.priority ?? 5, writes: [pipe], storage: 512 }, function* (self) {
    yield* self.signals.ignore(SIGPIPE);
    yield* self.sleepUntil(end.at ?? 0);
    log.push(name, yield* pipe.write(text, end.timeout), self.tick);
    yield* self.sleepUntil(50);
  });
}

/** The bytes in the pipe, in order. */
function contents(pipe: Pipe): string {
  const { u8, u32 } = pipe.machine;
  const field = (offset: number) => u32[(pipe.record + offset) >> 2] as number;
  const [buffer, capacity, head] = [field(layout.Pipe.buffer), field(layout.Pipe.capacity), field(layout.Pipe.head)];
  return Array.from({ length: pipe.used }, (_, i) => String.fromCharCode(u8[buffer + ((head + i) % capacity)] as number)).join("");
}

/** A stream of numbers 0 .. bound - 1 that depends on the seed alone. */
function dice(seed: number): (bound: number) => number {
  let state = seed * 2654435761 + 1;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * bound);
  };
}

// The stream

test("PIP-01a bytes come out in the order they went in while the ring wraps at every offset", () => {
  for (const capacity of [1, 7, 64, 100]) {
    for (const oracle of ORACLES.slice(0, 4)) {
      const total = 2000;
      const seen: number[] = [];
      playOut((system) => {
        const pipe = system.pipe({ capacity });
        const roll = dice(capacity);
        system.task("writer", { priority: 5, writes: [pipe], storage: 512 }, function* (self) {
          const view = self.buffer(160);
          for (let sent = 0; sent < total; ) {
            const length = Math.min(1 + roll(150), total - sent);
            for (let i = 0; i < length; i++) view.set(i, (sent + i) % 251);
            assert.is(yield* pipe.write(view.slice(0, length)), length);
            sent += length;
          }
        });
        system.task("reader", { priority: 5, reads: [pipe] }, function* (self) {
          const view = self.buffer(130);
          for (;;) {
            const got = yield* pipe.read(view.slice(0, 1 + roll(130)));
            if (got === 0) return;
            seen.push(...view.bytes(got));
          }
        });
      }, oracle);
      assert.equal(
        seen,
        Array.from({ length: total }, (_, i) => i % 251),
      );
    }
  }
});

test("PIP-02a writes of 3 and 4 bytes are read as 7, and one of 7 as 3 and 4", () => {
  playOut((system) => {
    const pipe = system.pipe({ capacity: 16 });
    system.task("only", { reads: [pipe], writes: [pipe] }, function* (self) {
      yield* pipe.write("abc");
      yield* pipe.write("defg");
      assert.is(yield* readText(self, pipe, 16), "abcdefg");
      yield* pipe.write("hijklmn");
      assert.is(yield* readText(self, pipe, 3), "hij");
      assert.is(yield* readText(self, pipe, 16), "klmn");
    });
  });
});

test("PIP-03a a pipe of capacity K takes K bytes without a reader, in one write or byte by byte, from any offset of its ring", () => {
  for (const capacity of [1, 7, 64, 100]) {
    for (let offset = 0; offset < capacity; offset += 3) {
      playOut((system) => {
        const pipe = system.pipe({ capacity });
        const log: unknown[] = [];
        reader(system, pipe, log, "late", 1, { priority: 1, at: 9 });
        system.task("writer", { priority: 5, writes: [pipe], reads: [pipe], storage: 512 }, function* (self) {
          if (offset > 0) {
            yield* pipe.write("x".repeat(offset));
            yield* readText(self, pipe, offset);
          }
          if (offset % 2 === 0) assert.is(yield* pipe.write("y".repeat(capacity)), capacity);
          else for (let i = 0; i < capacity; i++) assert.is(yield* pipe.write("y"), 1);
          assert.is(pipe.used, capacity);
          assert.is(self.tick, 0);
        });
      });
    }
  }
});

test("PIP-03b byte K+1 blocks until a byte is read, and is EAGAIN with timeout 0", () => {
  for (const capacity of [1, 7, 64, 100]) {
    const log: unknown[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity });
      system.task("writer", { priority: 5, writes: [pipe], storage: 512 }, function* (self) {
        yield* pipe.write("x".repeat(capacity));
        assert.is(yield* pipe.write("y", 0), EAGAIN);
        log.push(yield* pipe.write("y"), self.tick);
      });
      reader(system, pipe, log, "reader", 1, { priority: 4, at: 3 });
    });
    assert.equal(log, [1, 3, "reader", "x", 3]);
  }
});

test("PIP-04a a read answers with what is there, at most what it asks for, from one byte on", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 16 });
    reader(system, pipe, log, "first", 4);
    reader(system, pipe, log, "second", 4, { at: 2 });
    reader(system, pipe, log, "third", 4, { at: 3 });
    writer(system, pipe, log, "one", "a", { at: 1 });
    writer(system, pipe, log, "six", "bcdefg", { at: 1, priority: 4 });
  });
  assert.equal(log, ["one", 1, 1, "first", "a", 1, "six", 6, 1, "second", "bcde", 2, "third", "fg", 3]);
});

test("PIP-04b a read of an empty pipe is EAGAIN with timeout 0, ETIMEDOUT after its ticks, and else blocks until a byte comes", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 16 });
    reader(system, pipe, log, "asker", 4, { timeout: 0 });
    reader(system, pipe, log, "hasty", 4, { timeout: 3 });
    reader(system, pipe, log, "patient", 4, { priority: 4 });
    writer(system, pipe, log, "writer", "abc", { at: 5, priority: 3 });
  });
  assert.equal(log, ["asker", EAGAIN, 0, "hasty", ETIMEDOUT, 3, "patient", "abc", 5, "writer", 3, 5]);
});

test("PIP-04c a read of 0 bytes is 0 at once and takes nothing, a write of 0 bytes is 0 at once", () => {
  playOut((system) => {
    const pipe = system.pipe({ capacity: 2 });
    system.task("only", { reads: [pipe], writes: [pipe] }, function* (self) {
      const nothing = self.buffer(0);
      assert.is(yield* pipe.read(nothing), 0);
      yield* pipe.write("ab");
      assert.is(yield* pipe.write(""), 0);
      assert.is(yield* pipe.read(nothing), 0);
      assert.is(contents(pipe), "ab");
    });
  });
});

// Small writes and large ones

test("PIP-05a a write of up to 64 bytes, or the capacity, is never interleaved with another writer's, under any schedule", () => {
  for (const capacity of [5, 64, 100]) {
    const most = Math.min(64, capacity);
    for (const oracle of ORACLES) {
      let text = "";
      playOut((system) => {
        const pipe = system.pipe({ capacity });
        for (let i = 0; i < 4; i++) {
          const roll = dice(capacity + i);
          const letter = String.fromCharCode(97 + i);
          system.task(`writer ${letter}`, { priority: 4 + (i % 2), writes: [pipe] }, function* (self) {
            for (let n = 0; n < 8; n++) {
              const length = n === 0 ? most : 2 + roll(most - 1);
              const record = letter.toUpperCase() + letter.repeat(length - 2) + String.fromCharCode(48 + i);
              const got = yield* pipe.write(record, roll(4) - 1);
              assert.ok(got === length || got === EAGAIN || got === ETIMEDOUT);
              yield* self.compute(1 + roll(9000));
            }
          });
        }
        system.task("reader", { priority: 5, reads: [pipe] }, function* (self) {
          const view = self.buffer(40);
          const roll = dice(capacity);
          for (;;) {
            const got = yield* pipe.read(view.slice(0, 1 + roll(40)));
            if (got === 0) return;
            text += view.text(got);
            yield* self.compute(1 + roll(9000));
          }
        });
      }, oracle);
      assert.match(text, /^(Aa*0|Bb*1|Cc*2|Dd*3)+$/);
    }
  }
});

test("PIP-05b a write of up to 64 bytes with timeout 0 puts in all of it or is EAGAIN", () => {
  for (const [capacity, length] of [
    [10, 10],
    [10, 9],
    [100, 64],
  ] as const) {
    playOut((system) => {
      const pipe = system.pipe({ capacity });
      reader(system, pipe, [], "late", 1, { priority: 1, at: 9 });
      system.task("writer", { priority: 5, writes: [pipe], storage: 512 }, function* () {
        const rest = "x".repeat(capacity - length + 1);
        assert.is(yield* pipe.write(rest), rest.length);
        assert.is(yield* pipe.write("y".repeat(length), 0), EAGAIN);
        assert.is(contents(pipe), rest);
        assert.is(yield* pipe.write("y".repeat(length - 1), 0), length - 1);
        assert.is(pipe.used, capacity);
      });
    });
  }
});

test("PIP-05c a write of up to 64 bytes that times out leaves none of its bytes, and a shorter one behind it goes in", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 10 });
    writer(system, pipe, log, "full", "12345678");
    writer(system, pipe, log, "big", "bigger", { at: 1, timeout: 3 });
    writer(system, pipe, log, "small", "ab", { at: 2 });
    reader(system, pipe, log, "reader", 16, { at: 6 });
  });
  assert.equal(log, ["full", 8, 0, "big", ETIMEDOUT, 4, "small", 2, 4, "reader", "12345678ab", 6]);
});

test("PIP-05d a write of up to 64 bytes whose task is killed or aborted leaves none of its bytes, and the next one goes in", () => {
  for (const how of ["terminate", "abort"] as const) {
    const log: unknown[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity: 10 });
      writer(system, pipe, log, "full", "12345678");
      const big = writer(system, pipe, log, "big", "bigger", { at: 1, timeout: 30 });
      writer(system, pipe, log, "small", "ab", { at: 2 });
      reader(system, pipe, log, "reader", 16, { at: 6 });
      system.task("boss", { priority: 9 }, function* (self) {
        yield* self.sleep(4);
        yield* big[how]();
        assert.is(contents(pipe), "12345678ab");
      });
    });
    const left = how === "abort" ? ["big", ECANCELED, 4] : [];
    assert.equal(log, ["full", 8, 0, ...left, "small", 2, 4, "reader", "12345678ab", 6]);
  }
});

test("PIP-06a a write of more than the capacity, or more than 64 bytes, goes in by pieces and answers its length", () => {
  for (const [capacity, length] of [
    [1, 5],
    [7, 100],
    [100, 90],
  ] as const) {
    let text = "";
    const log: unknown[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity });
      system.task("writer", { priority: 4, writes: [pipe], storage: 512 }, function* () {
        yield* pipe.write("x".repeat(Math.min(capacity, 20)));
        log.push(yield* pipe.write("y".repeat(length)));
      });
      system.task("reader", { priority: 3, reads: [pipe] }, function* (self) {
        assert.is(pipe.used, capacity);
        assert.equal(log, []);
        const view = self.buffer(3);
        for (let got = 1; got > 0; ) {
          got = yield* pipe.read(view);
          text += view.text(got);
        }
      });
    });
    assert.equal(log, [length]);
    assert.is(text, "x".repeat(Math.min(capacity, 20)) + "y".repeat(length));
  }
});

test("PIP-06b a larger write with timeout 0 puts in what fits, from one byte on, or is EAGAIN", () => {
  playOut((system) => {
    const pipe = system.pipe({ capacity: 10 });
    reader(system, pipe, [], "late", 1, { priority: 1, at: 9 });
    system.task("writer", { priority: 5, writes: [pipe], reads: [pipe] }, function* (self) {
      assert.is(yield* pipe.write("abcdefghijklmn", 0), 10);
      assert.is(yield* pipe.write("abcdefghijklmn", 0), EAGAIN);
      assert.is(yield* readText(self, pipe, 1), "a");
      assert.is(yield* pipe.write("ABCDEFGHIJKLMN", 0), 1);
      assert.is(contents(pipe), "bcdefghijA");
    });
  });
});

test("PIP-06d a larger write that times out answers the bytes that are in, ETIMEDOUT if there are none", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 4 });
    writer(system, pipe, log, "first", "abcdefgh", { timeout: 4 });
    writer(system, pipe, log, "second", "ABCDEFGH", { at: 1, timeout: 4 });
    reader(system, pipe, log, "reader", 3, { at: 2 });
    reader(system, pipe, log, "late", 16, { at: 7 });
  });
  assert.equal(log, ["reader", "abc", 2, "first", 7, 4, "second", ETIMEDOUT, 5, "late", "defg", 7]);
});

test("PIP-06e a larger write whose task is killed leaves the bytes that are in, and the next writer goes on behind them", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 4 });
    const victim = writer(system, pipe, log, "victim", "abcdefgh");
    writer(system, pipe, log, "next", "XY", { at: 1 });
    reader(system, pipe, log, "reader", 2, { at: 2 });
    system.task("killer", { priority: 9 }, function* (self) {
      yield* self.sleep(3);
      assert.is(contents(pipe), "cdef");
      yield* victim.terminate();
      assert.is(contents(pipe), "cdef");
    });
    reader(system, pipe, log, "late", 4, { at: 5 });
    reader(system, pipe, log, "last", 4, { at: 6 });
  });
  assert.equal(log, ["reader", "ab", 2, "late", "cdef", 5, "next", 2, 5, "last", "XY", 6]);
});

test("an aborted larger write answers the bytes that are in, ECANCELED if there are none", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 4 });
    const first = writer(system, pipe, log, "first", "abcdefgh");
    const second = writer(system, pipe, log, "second", "ABCDEFGH", { at: 1 });
    reader(system, pipe, [], "late", 1, { priority: 1, at: 9 });
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(2);
      yield* second.abort();
      yield* first.abort();
    });
  });
  assert.equal(log, ["second", ECANCELED, 2, "first", 4, 2]);
});

// Ends

test("PIP-07a without a writer a drained pipe reads 0, again and again, with any timeout", () => {
  playOut((system) => {
    const pipe = system.pipe();
    system.task("writer", { priority: 5, writes: [pipe] }, function* () {
      yield* pipe.write("ab");
    });
    system.task("reader", { priority: 4, reads: [pipe] }, function* (self) {
      assert.is(yield* readText(self, pipe, 8), "ab");
      for (const timeout of [-1, 0, 3, -1]) assert.is(yield* readText(self, pipe, 8, timeout), "");
    });
  });
});

test("PIP-07b what was written before the last writer closed is still read, in pieces too", () => {
  playOut((system) => {
    const pipe = system.pipe();
    const writer = system.task("writer", { priority: 5, writes: [pipe] }, function* (self) {
      yield* pipe.write("abcdefg");
      yield* pipe.close("write");
      assert.is(yield* misuse(() => pipe.write("h")), "EPERM");
      yield* self.sleep(5);
    });
    system.task("reader", { priority: 4, reads: [pipe] }, function* (self) {
      assert.is(yield* readText(self, pipe, 3), "abc");
      yield* writer.terminate();
      assert.is(yield* readText(self, pipe, 3), "def");
      assert.is(yield* readText(self, pipe, 3), "g");
      assert.is(yield* readText(self, pipe, 3), "");
    });
  });
});

test("PIP-07c the last writer's close, exit or death wakes every reader with 0, an earlier writer's none", () => {
  for (const how of ["closes", "exits", "is killed", "fails"] as const) {
    const log: unknown[] = [];
    const dies = how === "fails" ? playFailing : playOut;
    dies((system) => {
      const pipe = system.pipe();
      reader(system, pipe, log, "low", 4, { priority: 3 });
      reader(system, pipe, log, "high", 4, { priority: 5, timeout: 40 });
      system.task("early", { priority: 6, writes: [pipe] }, function* (self) {
        yield* self.sleep(1);
      });
      const last = system.task("last", { priority: 6, writes: [pipe] }, function* (self) {
        yield* self.sleep(2);
        assert.is(pipe.waiters, 2);
        if (how === "fails") throw new Error("the writer fails");
        if (how === "closes") yield* pipe.close("write");
        if (how !== "exits") yield* self.sleep(30);
      });
      system.task("killer", { priority: 9 }, function* (self) {
        yield* self.sleep(3);
        if (how === "is killed") yield* last.terminate();
      });
    });
    const at = how === "is killed" ? 3 : 2;
    assert.equal(log, ["high", "", at, "low", "", at]);
  }
});

test("PIP-08b a write that nobody can read any more is EPIPE with any timeout, whether there is room or not", () => {
  playOut((system) => {
    const pipe = system.pipe({ capacity: 4 });
    system.task("reader", { priority: 6, reads: [pipe] }, function* (self) {
      yield* self.sleep(1);
    });
    system.task("writer", { priority: 5, writes: [pipe] }, function* (self) {
      yield* pipe.write("ab");
      yield* self.sleep(2);
      for (const timeout of [-1, 0, 3]) {
        assert.is(yield* pipe.write("c", timeout), EPIPE);
        assert.is(yield* pipe.write("much too long", timeout), EPIPE);
      }
      assert.is(contents(pipe), "ab");
    });
  });
});

test("PIP-08c a larger write answers the bytes that were taken before the last reader left", () => {
  for (const capacity of [4, 0]) {
    const log: unknown[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity });
      writer(system, pipe, log, "writer", "abcdefghijkl");
      system.task("reader", { priority: 4, reads: [pipe] }, function* (self) {
        yield* self.sleep(1);
        assert.is(yield* readText(self, pipe, 3), "abc");
      });
    });
    assert.equal(log, ["writer", 3 + capacity, 1]);
  }
});

test("PIP-08d the last reader's close, exit or death wakes every writer, an earlier reader's none", () => {
  for (const how of ["closes", "exits", "is killed"] as const) {
    const log: unknown[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity: 4 });
      writer(system, pipe, log, "part", "abcdefgh", { priority: 5 });
      writer(system, pipe, log, "none", "xyz", { priority: 4, timeout: 40 });
      writer(system, pipe, log, "large", "xyzxyz", { priority: 3 });
      system.task("early", { priority: 6, reads: [pipe] }, function* (self) {
        yield* self.sleep(1);
      });
      const last = system.task("last", { priority: 6, reads: [pipe] }, function* (self) {
        yield* self.sleep(2);
        assert.equal(log, []);
        if (how === "closes") yield* pipe.close("read");
        if (how !== "exits") yield* self.sleep(30);
      });
      system.task("killer", { priority: 9 }, function* (self) {
        yield* self.sleep(3);
        if (how === "is killed") yield* last.terminate();
      });
    });
    const at = how === "is killed" ? 3 : 2;
    assert.equal(log, ["part", 4, at, "none", EPIPE, at, "large", EPIPE, at]);
  }
});

test("a write stays EPIPE and a read stays 0 after both ends closed, until the end is opened again", () => {
  playOut((system) => {
    const pipe = system.pipe({ name: "p", capacity: 8 });
    const other = system.task("other", { priority: 3, reads: [pipe], writes: [pipe] }, function* (self) {
      yield* pipe.close("read");
      yield* pipe.close("write");
      yield* self.sleep(1);
      assert.is(yield* readText(self, pipe, 8), "again");
    });
    system.task("writer", { priority: 2, writes: [pipe] }, function* (self) {
      yield* self.signals.ignore(SIGPIPE);
      assert.is(yield* pipe.write("gone"), EPIPE);
      yield* pipe.grant(other, "read");
      assert.is(yield* pipe.write("again"), 5);
    });
  });
});

test("PIP-08a a write that nobody can read any more raises SIGPIPE, whether it comes too late or waits; one that moved bytes does not", () => {
  for (const options of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity: 4 });
      const writer = (name: string, priority: number, text: string) =>
        system.task(name, { priority, writes: [pipe] }, function* (self) {
          yield* self.signals.handle(SIGPIPE, function* (me, _signal, from) {
            yield* me.sleep(1);
            log.push(name, from === pipe.handle);
          });
          const result = yield* pipe.write(text);
          log.push(name, result);
          if (name === "part") return;
          log.push(name, yield* pipe.write("x", 0));
        });
      writer("part", 5, "abcdefgh");
      writer("waits", 4, "xyz");
      const careless = system.task("careless", { priority: 3, writes: [pipe] }, function* () {
        yield* pipe.write("xyz");
        log.push("never");
      });
      system.task("reader", { priority: 6, reads: [pipe] }, function* (self) {
        yield* self.sleep(2);
      });
      system.task("joiner", { priority: 1 }, function* () {
        yield* careless.join();
        log.push(careless.status);
      });
    }, options);
    assert.equal(log, ["part", 4, 128 + SIGPIPE, "waits", true, "waits", EPIPE, "waits", true, "waits", EPIPE]);
  }
});

// Many at once

test("PIP-09a among several readers and writers every byte is read exactly once and each writer's in its order", () => {
  for (const capacity of [0, 1, 7, 64, 100]) {
    for (const oracle of ORACLES) {
      const taken: number[][] = [];
      playOut((system) => {
        const pipe = system.pipe({ capacity });
        crowd(system, pipe, capacity, { writers: 4, each: 60, readers: 3 }, taken);
      }, oracle);
      const all = taken.flat().sort((a, b) => a - b);
      assert.equal(
        all,
        Array.from({ length: 240 }, (_, i) => i),
      );
      for (const mine of taken) {
        for (let w = 0; w < 4; w++) {
          const ofOne = mine.filter((byte) => Math.floor(byte / 60) === w);
          assert.equal(
            ofOne,
            [...ofOne].sort((a, b) => a - b),
          );
        }
      }
    }
  }
});

test("PIP-09a one reader of several writers sees each writer's whole stream in its order, over many turns of the ring", () => {
  for (const capacity of [0, 1, 7, 64, 100]) {
    for (const oracle of ORACLES.slice(0, 6)) {
      const streams: number[][] = [[], [], []];
      playOut((system) => {
        const pipe = system.pipe({ capacity });
        const each = 700;
        for (let w = 0; w < 3; w++) {
          const roll = dice(100 * capacity + w);
          system.task(`writer ${w}`, { priority: 4 + (w % 2), writes: [pipe] }, function* (self) {
            const view = self.buffer(150);
            for (let sent = 0; sent < each; ) {
              const length = Math.min(1 + roll(150), each - sent);
              for (let i = 0; i < length; i++) view.set(i, w * 80 + ((sent + i) % 79));
              const got = yield* pipe.write(view.slice(0, length), roll(5) - 1);
              if (got > 0) sent += got;
              else yield* self.compute(1 + roll(3000));
            }
          });
        }
        system.task("reader", { priority: 4, reads: [pipe] }, function* (self) {
          const roll = dice(capacity);
          const view = self.buffer(120);
          for (;;) {
            const got = yield* pipe.read(view.slice(0, 1 + roll(120)));
            if (got === 0) return;
            for (const byte of view.bytes(got)) streams[Math.floor(byte / 80)]?.push(byte % 80);
          }
        });
      }, oracle);
      for (const stream of streams) {
        assert.equal(
          stream,
          Array.from({ length: 700 }, (_, i) => i % 79),
        );
      }
    }
  }
});

/**
 * Writers that each send `each` bytes of their own (writer w: w * each and on) in chunks of chance, now and then giving up, and
 * readers that take chunks of chance and note them. Now and then somebody changes the trigger level or somebody's priority.
 */
function crowd(system: System, pipe: Pipe, seed: number, size: { writers: number; each: number; readers: number }, taken: number[][]) {
  for (let w = 0; w < size.writers; w++) {
    const roll = dice(1000 + 10 * seed + w);
    system.task(`writer ${w}`, { priority: 3 + (w % 3), writes: [pipe] }, function* (self) {
      const view = self.buffer(size.each);
      for (let i = 0; i < size.each; i++) view.set(i, w * size.each + i);
      for (let sent = 0; sent < size.each; ) {
        const length = Math.min(1 + roll(40), size.each - sent);
        const got = yield* pipe.write(view.slice(sent, length), roll(5) - 1);
        if (got > 0) sent += got;
        else assert.ok(got === EAGAIN || got === ETIMEDOUT);
        yield* self.compute(1 + roll(4000));
        if (roll(8) === 0) yield* self.setPriority(2 + roll(4));
      }
    });
  }
  for (let r = 0; r < size.readers; r++) {
    const roll = dice(2000 + 10 * seed + r);
    const mine: number[] = [];
    taken.push(mine);
    system.task(`reader ${r}`, { priority: 3 + (r % 3), reads: [pipe] }, function* (self) {
      const view = self.buffer(50);
      for (;;) {
        const got = yield* pipe.read(view.slice(0, 1 + roll(50)), roll(5) - 1);
        if (got === 0) return;
        if (got > 0) mine.push(...view.bytes(got));
        else assert.ok(got === EAGAIN || got === ETIMEDOUT);
        yield* self.compute(1 + roll(4000));
        if (roll(8) === 0) yield* self.setPriority(2 + roll(4));
        if (pipe.capacity > 0 && roll(6) === 0) yield* pipe.trigger(1 + roll(pipe.capacity));
      }
    });
  }
}

test("readers are served most urgent first, first come first served among equals", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity: 8 });
      reader(system, pipe, log, "low first", 2, { priority: 3, at: 1 });
      reader(system, pipe, log, "high first", 2, { priority: 5, at: 2 });
      reader(system, pipe, log, "low second", 2, { priority: 3, at: 3 });
      reader(system, pipe, log, "high second", 2, { priority: 5, at: 4 });
      writer(system, pipe, [], "writer", "aabbccdd", { priority: 9, at: 5 });
    }, oracle);
    assert.equal(log, ["high first", "aa", 5, "high second", "bb", 5, "low first", "cc", 5, "low second", "dd", 5]);
  }
});

test("writers are served most urgent first, first come first served among equals", () => {
  for (const oracle of ORACLES) {
    let text = "";
    playOut((system) => {
      const pipe = system.pipe({ capacity: 2 });
      writer(system, pipe, [], "full", "..");
      writer(system, pipe, [], "low first", "cc", { priority: 3, at: 1 });
      writer(system, pipe, [], "high first", "aa", { priority: 5, at: 2 });
      writer(system, pipe, [], "low second", "dd", { priority: 3, at: 3 });
      writer(system, pipe, [], "high second", "bb", { priority: 5, at: 4 });
      system.task("reader", { priority: 9, reads: [pipe] }, function* (self) {
        yield* self.sleep(5);
        for (let i = 0; i < 5; i++) text += yield* readText(self, pipe, 2, 0);
      });
    }, oracle);
    assert.is(text, "..aabbccdd");
  }
});

test("a newcomer never overtakes a writer at least as urgent that waits for room, though there is room for the newcomer", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 10 });
    writer(system, pipe, log, "full", "12345678");
    writer(system, pipe, log, "big", "bigger", { at: 1 });
    writer(system, pipe, log, "asker", "ab", { at: 2, timeout: 0 });
    writer(system, pipe, log, "less", "cd", { at: 2, priority: 4, timeout: 3 });
    writer(system, pipe, log, "more", "e", { at: 3, priority: 6 });
    reader(system, pipe, log, "reader", 16, { at: 6, priority: 2 });
    reader(system, pipe, log, "late", 16, { at: 7, priority: 2 });
  });
  const expected = ["full", 8, 0, "asker", EAGAIN, 2, "more", 1, 3, "less", ETIMEDOUT, 5];
  assert.equal(log, [...expected, "big", 6, 6, "reader", "12345678e", 6, "late", "bigger", 7]);
});

test("a newcomer never overtakes a reader at least as urgent that waits for its trigger level", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 10 });
    reader(system, pipe, log, "waiter", 8);
    system.task("writer", { priority: 6, writes: [pipe], reads: [pipe] }, function* (self) {
      yield* pipe.trigger(4);
      yield* self.sleep(1);
      yield* pipe.write("abc");
      yield* self.sleep(3);
      yield* pipe.write("defg");
    });
    reader(system, pipe, log, "asker", 8, { at: 2, timeout: 0 });
    reader(system, pipe, log, "less", 8, { at: 2, priority: 4, timeout: 40 });
    reader(system, pipe, log, "more", 2, { at: 3, priority: 7 });
  });
  assert.equal(log, ["asker", EAGAIN, 2, "more", "ab", 3, "waiter", "cdefg", 4, "less", "", 4]);
});

test("when the first reader's priority falls behind the second's, the pipe serves the second at once", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 16 });
    const big = reader(system, pipe, log, "big", 8);
    reader(system, pipe, log, "small", 2, { at: 1, priority: 4 });
    system.task("boss", { priority: 9, writes: [pipe] }, function* (self) {
      yield* pipe.trigger(6);
      yield* self.sleep(2);
      yield* pipe.write("abc");
      yield* big.setPriority(3);
      yield* self.sleep(1);
      yield* big.terminate();
      yield* pipe.close("write");
    });
  });
  assert.equal(log, ["small", "ab", 2]);
});

test("when a shorter write comes to the front because its task is made more urgent, it goes in at once", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 10 });
    writer(system, pipe, log, "full", "12345678");
    writer(system, pipe, log, "big", "bigger", { at: 1 });
    const small = writer(system, pipe, log, "small", "ab", { at: 2, priority: 4 });
    reader(system, pipe, log, "reader", 16, { at: 9, priority: 2 });
    system.task("boss", { priority: 9 }, function* (self) {
      yield* self.sleep(3);
      yield* small.setPriority(6);
      assert.is(contents(pipe), "12345678ab");
    });
  });
  assert.equal(log, ["full", 8, 0, "small", 2, 3, "big", 6, 9, "reader", "12345678ab", 9]);
});

test("readers that leave, by timeout, abort or death, take no bytes with them: the next one gets them", () => {
  for (const how of ["timeout", "abort", "terminate"] as const) {
    const log: unknown[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity: 16 });
      const leaver = reader(system, pipe, log, "leaver", 8, { priority: 6, timeout: how === "timeout" ? 3 : -1 });
      reader(system, pipe, log, "next", 3, { at: 1 });
      system.task("boss", { priority: 9, writes: [pipe] }, function* (self) {
        yield* self.sleep(3);
        if (how !== "timeout") yield* leaver[how]();
        yield* pipe.write("abc");
        yield* self.sleep(1);
      });
    });
    const left = { timeout: ["leaver", ETIMEDOUT, 3], abort: ["leaver", ECANCELED, 3], terminate: [] }[how];
    assert.equal(log, [...left, "next", "abc", 3]);
  }
});

test("when the first reader leaves, by abort or death, what did not reach its level serves the next reader", () => {
  for (const how of ["abort", "terminate"] as const) {
    const log: unknown[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity: 16 });
      const leaver = reader(system, pipe, log, "leaver", 8, { priority: 6 });
      reader(system, pipe, log, "next", 3, { at: 1 });
      system.task("boss", { priority: 9, writes: [pipe] }, function* (self) {
        yield* pipe.trigger(8);
        yield* self.sleep(3);
        yield* pipe.write("abcd");
        yield* leaver[how]();
        assert.is(contents(pipe), "d");
        yield* self.sleep(1);
      });
    });
    assert.equal(log, [...(how === "abort" ? ["leaver", ECANCELED, 3] : []), "next", "abc", 3]);
  }
});

// Reset, rendezvous, trigger levels

test("PIP-10a a reset forgets the bytes", () => {
  playOut((system) => {
    const pipe = system.pipe({ capacity: 8 });
    system.task("only", { reads: [pipe], writes: [pipe] }, function* (self) {
      yield* pipe.write("abcdef");
      yield* readText(self, pipe, 2);
      yield* pipe.reset();
      assert.is(pipe.used, 0);
      assert.is(yield* readText(self, pipe, 8, 0), EAGAIN);
    });
  });
});

test("PIP-10b a reset leaves the ends as they are: open ones open, closed ones closed", () => {
  playOut((system) => {
    const [left, kept] = [system.pipe({ name: "left" }), system.pipe({ name: "kept" })];
    system.task("gone", { priority: 6, writes: [left] }, function* () {
      yield* left.write("lost");
    });
    system.task("reader", { priority: 4, reads: [left, kept] }, function* (self) {
      yield* left.reset();
      yield* kept.reset();
      assert.is(yield* readText(self, left, 8), "");
      assert.is(yield* readText(self, kept, 8, 2), ETIMEDOUT);
      assert.is(yield* misuse(() => kept.write("x")), "EPERM");
    });
    system.task("writer", { priority: 5, writes: [kept] }, function* (self) {
      yield* self.sleep(5);
    });
  });
});

test("PIP-10c a reset sends every blocked caller away with ECANCELED, also one that had moved bytes", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const [full, empty] = [system.pipe({ capacity: 4 }), system.pipe()];
    writer(system, full, log, "part", "abcdefgh", { priority: 6 });
    writer(system, full, log, "none", "ab");
    reader(system, empty, log, "low", 4, { priority: 3 });
    reader(system, empty, log, "high", 4, { priority: 4, timeout: 40 });
    system.task("resetter", { priority: 9, reads: [full], writes: [empty] }, function* (self) {
      yield* self.sleep(1);
      yield* full.reset();
      yield* empty.reset();
      assert.is(full.used, 0);
      assert.is(empty.waiters, 0);
    });
  });
  assert.equal(log, ["part", ECANCELED, 1, "none", ECANCELED, 1, "high", ECANCELED, 1, "low", ECANCELED, 1]);
});

test("PIP-10d after a reset the pipe takes as many bytes as before, from any offset of its ring, and keeps its trigger level", () => {
  for (let offset = 0; offset < 8; offset++) {
    playOut((system) => {
      const pipe = system.pipe({ capacity: 8 });
      reader(system, pipe, [], "late", 1, { priority: 1, at: 9 });
      system.task("only", { reads: [pipe], writes: [pipe] }, function* (self) {
        yield* pipe.trigger(3);
        yield* pipe.write("x".repeat(offset));
        if (offset > 0) yield* readText(self, pipe, offset);
        yield* pipe.write("yyy");
        yield* pipe.reset();
        assert.is(yield* pipe.write("abcdefgh"), 8);
        assert.is(yield* pipe.write("i", 0), EAGAIN);
        assert.is(yield* readText(self, pipe, 16), "abcdefgh");
        assert.is(yield* pipe.trigger(1), 3);
      });
    });
  }
});

test("PIP-10e with capacity 0 a write waits until a reader has taken all of it, and a read until a writer comes", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 0 });
    writer(system, pipe, log, "writer", "abcde");
    reader(system, pipe, log, "two", 2, { at: 1 });
    reader(system, pipe, log, "asker", 2, { at: 2, timeout: 0 });
    reader(system, pipe, log, "rest", 8, { at: 3 });
    reader(system, pipe, log, "early", 8, { at: 4 });
    writer(system, pipe, log, "later", "fgh", { at: 6, priority: 4 });
  });
  const expected = ["two", "ab", 1, "asker", "cd", 2, "rest", "e", 3, "writer", 5, 3];
  assert.equal(log, [...expected, "early", "fgh", 6, "later", 3, 6]);
});

test("PIP-10e a rendezvous gathers from several writers and scatters to several readers, in order", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 0 });
    writer(system, pipe, log, "low", "abc", { priority: 3 });
    writer(system, pipe, log, "high", "def", { priority: 4 });
    reader(system, pipe, log, "gatherer", 5, { at: 1, priority: 9 });
    reader(system, pipe, log, "rest", 5, { at: 1, priority: 2 });
    reader(system, pipe, log, "one", 2, { at: 2, priority: 6 });
    reader(system, pipe, log, "two", 2, { at: 2, priority: 5 });
    reader(system, pipe, log, "three", 9, { at: 2, priority: 4 });
    writer(system, pipe, log, "scatterer", "123456", { at: 3, priority: 9 });
  });
  const expected = ["gatherer", "defab", 1, "high", 3, 1, "low", 3, 1, "rest", "c", 1];
  assert.equal(log, [...expected, "scatterer", 6, 3, "one", "12", 3, "two", "34", 3, "three", "56", 3]);
});

test("PIP-10e a rendezvous with timeout 0 moves what the other side waits for, and a timeout keeps what was moved", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 0 });
    writer(system, pipe, log, "alone", "ab", { timeout: 0 });
    reader(system, pipe, log, "alone too", 2, { timeout: 0 });
    reader(system, pipe, log, "waiting", 3, { at: 1 });
    writer(system, pipe, log, "passer", "abcde", { at: 2, timeout: 0 });
    writer(system, pipe, log, "hasty", "fghij", { at: 3, timeout: 3 });
    reader(system, pipe, log, "last", 2, { at: 4 });
    writer(system, pipe, log, "nobody's", "klm", { at: 7, timeout: 1 });
  });
  const expected = ["alone", EAGAIN, 0, "alone too", EAGAIN, 0, "passer", 3, 2, "waiting", "abc", 2, "last", "fg", 4];
  assert.equal(log, [...expected, "hasty", 2, 6, "nobody's", ETIMEDOUT, 8]);
});

test("PIP-11a a trigger level is 1 to the capacity, else EINVAL and the old one stays", () => {
  playOut((system) => {
    const [pipe, rendezvous] = [system.pipe({ capacity: 8 }), system.pipe({ capacity: 0 })];
    system.task("only", { reads: [pipe, rendezvous] }, function* () {
      assert.is(yield* pipe.trigger(8), 1);
      for (const level of [0, -1, 9]) assert.is(yield* misuse(() => pipe.trigger(level)), "EINVAL");
      assert.is(yield* pipe.trigger(1), 8);
      for (const level of [0, 1]) assert.is(yield* misuse(() => rendezvous.trigger(level)), "EINVAL");
    });
  });
});

test("PIP-11b a blocked reader wakes at its level, or at what it asks for if that is less; one that comes later need not wait", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 8 });
    reader(system, pipe, log, "first", 8);
    reader(system, pipe, log, "second", 2, { priority: 4 });
    system.task("writer", { priority: 9, writes: [pipe] }, function* (self) {
      yield* pipe.trigger(4);
      for (let i = 0; i < 8; i++) {
        yield* self.sleep(1);
        yield* pipe.write(String(i + 1));
      }
    });
    reader(system, pipe, log, "third", 8, { at: 7 });
  });
  assert.equal(log, ["first", "1234", 4, "second", "56", 6, "third", "7", 7]);
});

test("PIP-11b a lower level wakes the readers that it satisfies, a higher one lets them wait on", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 8 });
    reader(system, pipe, log, "reader", 8);
    system.task("writer", { priority: 9, writes: [pipe] }, function* (self) {
      yield* self.sleep(1);
      yield* pipe.trigger(6);
      yield* pipe.write("ab");
      yield* pipe.trigger(3);
      yield* self.sleep(1);
      assert.equal(log, []);
      yield* pipe.trigger(2);
      yield* self.sleep(1);
    });
  });
  assert.equal(log, ["reader", "ab", 2]);
});

test("PIP-11c the last writer's end wakes a reader below its level with what is there, and the next with 0", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 8 });
    reader(system, pipe, log, "first", 8);
    reader(system, pipe, log, "second", 8, { priority: 4 });
    system.task("writer", { priority: 9, writes: [pipe] }, function* (self) {
      yield* pipe.trigger(4);
      yield* self.sleep(1);
      yield* pipe.write("abc");
      yield* self.sleep(1);
    });
  });
  assert.equal(log, ["first", "abc", 2, "second", "", 2]);
});

test("PIP-11d a full ring wakes a reader that asks for more than the ring can hold", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 4 });
    reader(system, pipe, log, "reader", 100);
    system.task("writer", { priority: 9, writes: [pipe] }, function* (self) {
      yield* pipe.trigger(4);
      for (const text of ["ab", "c", "d"]) {
        yield* self.sleep(1);
        yield* pipe.write(text);
      }
      yield* self.sleep(1);
    });
  });
  assert.equal(log, ["reader", "abcd", 3]);
});

test("PIP-11e a writer that has to wait for room wakes a reader below its level, and goes on in the same call", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 8 });
    reader(system, pipe, log, "reader", 16);
    system.task("writer", { priority: 9, writes: [pipe] }, function* (self) {
      yield* pipe.trigger(8);
      yield* self.sleep(1);
      yield* pipe.write("abcde");
      assert.is(yield* pipe.write("fghi"), 4);
      assert.is(self.tick, 1);
      assert.is(contents(pipe), "fghi");
      yield* self.sleep(1);
    });
  });
  assert.equal(log, ["reader", "abcde", 1]);
});

test("PIP-11e a write with timeout 0 that would have to wait goes in where the readers it wakes make room", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 8 });
    reader(system, pipe, log, "reader", 16);
    system.task("writer", { priority: 9, writes: [pipe] }, function* (self) {
      yield* pipe.trigger(8);
      yield* self.sleep(1);
      yield* pipe.write("abcde");
      assert.is(yield* pipe.write("fghi", 0), 4);
      assert.is(contents(pipe), "fghi");
      yield* self.sleep(1);
    });
  });
  assert.equal(log, ["reader", "abcde", 1]);
});

test("PIP-11f at its timeout a reader below its level gets what is there, also when the level was set while it waited", () => {
  for (const early of [true, false]) {
    const log: unknown[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity: 16 });
      system.task("writer", { priority: early ? 9 : 3, writes: [pipe] }, function* (self) {
        yield* pipe.trigger(8);
        yield* self.sleep(1);
        yield* pipe.write("abc");
        yield* self.sleep(8);
      });
      reader(system, pipe, log, "reader", 8, { timeout: 5 });
    });
    assert.equal(log, ["reader", "abc", 5]);
  }
});

test("PIP-11f of readers whose timeouts end on one tick the first gets what is there: most urgent, then first come", () => {
  for (const rival of [4, 3]) {
    const log: unknown[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity: 16 });
      reader(system, pipe, log, "second", 20, { priority: 3, at: 2, timeout: 4 });
      reader(system, pipe, log, "rival", 20, { priority: rival, at: 3, timeout: 3 });
      reader(system, pipe, log, "first", 20, { priority: 3, at: 1, timeout: 5 });
      system.task("writer", { priority: 9, writes: [pipe] }, function* (self) {
        yield* pipe.trigger(16);
        yield* self.sleep(5);
        yield* pipe.write("abc");
        yield* self.sleep(8);
      });
    });
    const got = Object.fromEntries([0, 3, 6].map((i) => [log[i], log[i + 1]]));
    assert.equal(got, { first: ETIMEDOUT, second: ETIMEDOUT, rival: ETIMEDOUT, [rival === 4 ? "rival" : "first"]: "abc" });
  }
});

test("PIP-11g at its timeout a reader gets ETIMEDOUT if nothing is there", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 16 });
    reader(system, pipe, log, "reader", 8, { at: 1, timeout: 3 });
    system.task("writer", { priority: 9, writes: [pipe] }, function* (self) {
      yield* pipe.trigger(8);
      yield* self.sleep(9);
    });
  });
  assert.equal(log, ["reader", ETIMEDOUT, 4]);
});

test("PIP-12a a more urgent reader runs inside the write that woke it, a less urgent one after it", () => {
  for (const oracle of ORACLES) {
    const log: string[] = [];
    playOut((system) => {
      const pipe = system.pipe({ capacity: 8 });
      for (const [name, priority] of [
        ["urgent", 6],
        ["patient", 3],
      ] as const) {
        system.task(name, { priority, reads: [pipe] }, function* (self) {
          yield* self.sleepUntil(1);
          yield* readText(self, pipe, 2);
          log.push(`${name} has read`);
        });
      }
      system.task("writer", { priority: 5, writes: [pipe] }, function* (self) {
        yield* self.sleepUntil(2);
        log.push("writes");
        assert.is(yield* pipe.write("abcd"), 4);
        log.push("has written");
      });
    }, oracle);
    assert.equal(log, ["writes", "urgent has read", "has written", "patient has read"]);
  }
});

// Who has it open

test("PIP-13a a reader of a pipe that never had a writer waits, and gets what the first writer writes", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ name: "p" });
    reader(system, pipe, log, "forever", 1);
    reader(system, pipe, log, "hasty", 8, { priority: 4, timeout: 3 });
    const late = system.task("late", { priority: 4 }, function* (self) {
      yield* self.sleep(7);
      yield* pipe.write("hello");
    });
    system.task("opener", { priority: 3, reads: [pipe] }, function* (self) {
      yield* self.sleep(5);
      assert.equal(log, ["hasty", ETIMEDOUT, 3]);
      yield* pipe.grant(late, "write");
    });
  });
  assert.equal(log, ["hasty", ETIMEDOUT, 3, "forever", "h", 7]);
});

test("PIP-13b a writer of a pipe that never had a reader waits once the ring is full, and goes on with the first reader", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ name: "p", capacity: 4 });
    writer(system, pipe, log, "writer", "abcdef");
    const late = system.task("late", { priority: 4 }, function* (self) {
      yield* self.sleep(3);
      log.push(yield* readText(self, pipe, 8), yield* readText(self, pipe, 8));
    });
    system.task("opener", { priority: 3, writes: [pipe] }, function* (self) {
      yield* self.sleep(2);
      assert.is(contents(pipe), "abcd");
      assert.equal(log, []);
      yield* pipe.grant(late, "read");
    });
  });
  assert.equal(log, ["writer", 6, 3, "abcd", "ef"]);
});

test("PIP-14a the caller's own other end keeps the pipe open: no end of file, no broken pipe", () => {
  playOut((system) => {
    const pipe = system.pipe({ capacity: 4 });
    system.task("other", { priority: 6, reads: [pipe], writes: [pipe] }, function* () {
      yield* pipe.write("x");
    });
    system.task("both", { priority: 5, reads: [pipe], writes: [pipe] }, function* (self) {
      assert.is(yield* readText(self, pipe, 4), "x");
      assert.is(yield* readText(self, pipe, 4, 0), EAGAIN);
      assert.is(yield* pipe.write("abcd"), 4);
      assert.is(yield* pipe.write("e", 0), EAGAIN);
      assert.is(yield* readText(self, pipe, 4), "abcd");
      yield* pipe.close("write");
      assert.is(yield* readText(self, pipe, 4), "");
    });
  });
});

test("PIP-14b on an unnamed pipe a wait for ever for an end that nobody else has is EDEADLK, and moves nothing", () => {
  for (const capacity of [0, 4]) {
    playOut((system) => {
      system.task("only", { storage: 512 }, function* (self) {
        const pipe = yield* self.create.pipe({ capacity });
        const view = self.buffer(8);
        assert.is(yield* misuse(() => pipe.read(view)), "EDEADLK");
        yield* pipe.write("abcd", 0);
        assert.is(yield* misuse(() => pipe.write("e")), "EDEADLK");
        assert.is(pipe.used, capacity);
        yield* pipe.close("read");
        assert.is(yield* pipe.write("e"), EPIPE);
      });
    });
  }
});

test("PIP-14b a larger write answers what fitted before its wait would be for ever", () => {
  playOut((system) => {
    system.task("only", {}, function* (self) {
      const pipe = yield* self.create.pipe({ capacity: 4 });
      assert.is(yield* pipe.write("abcdef"), 4);
      assert.is(yield* misuse(() => pipe.write("ef")), "EDEADLK");
    });
  });
});

test("PIP-14b it is no deadlock while another task has that end, and is one again when it has closed it", () => {
  playOut((system) => {
    const pipe = system.pipe({ capacity: 4 });
    system.task("other", { priority: 4, writes: [pipe], reads: [pipe] }, function* (self) {
      yield* self.sleep(1);
      yield* pipe.write("x");
    });
    system.task("both", { priority: 5, reads: [pipe], writes: [pipe] }, function* (self) {
      assert.is(yield* readText(self, pipe, 4), "x");
      yield* self.sleep(1);
      assert.is(yield* misuse(() => pipe.read(self.buffer(4))), "EDEADLK");
    });
  });
});

test("PIP-14c with a timeout, such a wait waits", () => {
  playOut((system) => {
    system.task("only", {}, function* (self) {
      const pipe = yield* self.create.pipe({ capacity: 4 });
      assert.is(yield* readText(self, pipe, 4, 2), ETIMEDOUT);
      assert.is(self.tick, 2);
      yield* pipe.write("abcd");
      assert.is(yield* pipe.write("e", 3), ETIMEDOUT);
      assert.is(self.tick, 5);
    });
  });
});

test("PIP-14d on a named pipe such a wait waits, because somebody may open the other end", () => {
  const log: unknown[] = [];
  playOut((system) => {
    let pipe: Pipe;
    system.task("only", { priority: 5 }, function* (self) {
      pipe = yield* self.create.pipe({ name: "p", capacity: 4 });
      log.push(yield* readText(self, pipe, 4));
      yield* pipe.unlink();
      yield* self.sleep(1);
      log.push(yield* misuse(() => pipe.read(self.buffer(4))));
    });
    system.task("opener", { priority: 4 }, function* (self) {
      yield* self.sleep(2);
      assert.equal(log, []);
      const name = self.buffer(8);
      name.copy("p");
      assert.is(self.machine.kernel.object_open(Kind.PIPE, name.address, Mode.WRITE), pipe.handle);
      yield* pipe.write("hi");
    });
  });
  assert.equal(log, ["hi", "EDEADLK"]);
});

test("a direction that is not open to the caller is EPERM, whatever the other arguments", () => {
  playOut((system) => {
    const pipe = system.pipe({ name: "p" });
    system.task("reader", { priority: 5, reads: [pipe] }, function* (self) {
      const { kernel } = self.machine;
      assert.is(yield* misuse(() => pipe.write("x", 0)), "EPERM");
      assert.is(kernel.pipe_write(pipe.handle, 0, -1, 0), EPERM);
      assert.is(yield* misuse(() => pipe.close("write")), "EPERM");
      assert.is(yield* readText(self, pipe, 1, 0), EAGAIN);
      yield* self.sleep(1);
    });
    system.task("writer", { priority: 4, writes: [pipe] }, function* (self) {
      assert.is(yield* misuse(() => pipe.read(self.buffer(1), 0)), "EPERM");
      assert.is(yield* pipe.write("x"), 1);
    });
    system.task("stranger", { priority: 3 }, function* (self) {
      const calls = [
        () => pipe.read(self.buffer(1)),
        () => pipe.write("x"),
        () => pipe.reset(),
        () => pipe.trigger(1),
        () => pipe.close(),
        () => pipe.grant(self, "both"),
        () => pipe.unlink(),
        () => pipe.delete(),
      ];
      for (const call of calls) assert.is(yield* misuse(call), "EPERM");
      assert.is(contents(pipe), "x");
    });
  });
});

test("whoever has one end grants another task any end, and keeps its own", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 8 });
    const source = system.task("source", { priority: 3 }, function* (self) {
      log.push(yield* pipe.write("from source"), yield* misuse(() => pipe.read(self.buffer(1))));
    });
    const sink = system.task("sink", { priority: 3 }, function* (self) {
      log.push(yield* readText(self, pipe, 8), yield* misuse(() => pipe.write("x")));
    });
    system.task("reader", { priority: 5, reads: [pipe] }, function* (self) {
      yield* pipe.grant(source, "write");
      yield* pipe.grant(sink, "read");
      assert.is(yield* misuse(() => pipe.write("x")), "EPERM");
      yield* self.sleep(1);
      log.push(yield* readText(self, pipe, 8));
    });
  });
  assert.equal(log, ["from sou", "EPERM", 11, "EPERM", "rce"]);
});

test("a grant to a task that has ended is ESRCH, and one of no direction or an unknown one EINVAL", () => {
  playOut((system) => {
    const pipe = system.pipe({ capacity: 8 });
    const zombie = system.task("zombie", { priority: 6 }, function* (self) {
      yield* self.sleep(0);
    });
    const gone = system.task("gone", { priority: 6, detached: true }, function* (self) {
      yield* self.sleep(0);
    });
    system.task("owner", { priority: 5, reads: [pipe], writes: [pipe] }, function* (self) {
      assert.is(yield* pipe.grant(zombie, "read"), ESRCH);
      assert.is(yield* pipe.grant(gone, "read"), ESRCH);
      const { kernel } = self.machine;
      for (const mode of [0, 4, 16, -1]) {
        assert.is(kernel.object_grant(pipe.handle, self.handle, mode), EINVAL);
        assert.is(kernel.object_close(pipe.handle, mode), EINVAL);
      }
      assert.is(yield* pipe.write("still open", 0), 8);
    });
  });
});

test("an unnamed pipe that a task made goes at its last close, whoever closes, and its RAM is there again", () => {
  playOut((system) => {
    const capacity = 150_000;
    system.task("owner", { priority: 5 }, function* (self) {
      const pipe = yield* self.create.pipe({ capacity });
      const other = yield* self.create.task("other", { priority: 4 }, function* (me) {
        yield* me.sleep(2);
      });
      yield* pipe.grant(other, "read");
      yield* pipe.close("read");
      yield* pipe.write("still there");
      yield* pipe.close("write");
      assert.is(yield* misuse(() => pipe.close()), "EPERM");
      assert.is(yield* misuse(() => self.create.pipe({ capacity })), "ENOMEM");
      yield* other.join();
      assert.is(yield* misuse(() => pipe.close()), "EBADF");
      for (let i = 0; i < 3; i++) {
        const next = yield* self.create.pipe({ capacity });
        yield* next.close();
        assert.is(yield* misuse(() => next.write("x")), "EBADF");
      }
    });
  });
});

test("a named pipe outlives its last close and is opened by its name, until it is unlinked and closed", () => {
  const open = (self: Self, text: string, mode: number) => {
    const name = self.buffer(8);
    name.copy(text);
    return self.machine.kernel.object_open(Kind.PIPE, name.address, mode);
  };
  playOut((system) => {
    system.task("maker", { priority: 6 }, function* (self) {
      const pipe = yield* self.create.pipe({ name: "p", capacity: 8 });
      yield* pipe.write("kept");
    });
    system.task("finder", { priority: 5, storage: 512 }, function* (self) {
      const handle = open(self, "p", Mode.READ);
      const [pipe] = self.machine.recordsOf(Kind.PIPE).map((record) => self.machine.u32[(record + layout.Obj.handle) >> 2]);
      assert.is(handle, pipe);
      const { kernel } = self.machine;
      const view = self.buffer(8);
      assert.is(kernel.pipe_write(handle, view.address, 1, 0), EPERM);
      assert.is(kernel.pipe_read(handle, view.address, 8, 0), 4);
      assert.is(view.text(4), "kept");
      assert.is(open(self, "p", 0), EINVAL);
      assert.is(open(self, "q", Mode.READ), ENOENT);
      assert.is(kernel.object_unlink(handle), 0);
      assert.is(open(self, "p", Mode.WRITE), ENOENT);
      assert.is(kernel.object_unlink(handle), EINVAL);
      assert.is(kernel.pipe_read(handle, view.address, 8, 0), 0);
      const twin = yield* self.create.pipe({ name: "p" });
      assert.is.not(twin.handle, handle);
      assert.is(kernel.object_close(handle, Mode.READ), 0);
      assert.is(kernel.pipe_read(handle, view.address, 8, 0), EBADF);
    });
  });
});

test("a pipe of the system description lives to the end of the run, though nobody has it open", () => {
  const { machine } = playOut((system) => {
    const pipe = system.pipe({ capacity: 8 });
    const user = system.task("user", { priority: 5, reads: [pipe], writes: [pipe] }, function* () {
      yield* pipe.write("abc");
      yield* pipe.close();
    });
    system.task("other", { priority: 4 }, function* () {
      yield* user.join();
      assert.is(contents(pipe), "abc");
    });
  });
  assert.is(machine.recordsOf(Kind.PIPE).length, 1);
});

test("a public pipe is open to everybody, knows no end of file and no broken pipe, and goes at delete", () => {
  playOut((system) => {
    const pipe = system.pipe({ capacity: 4, public: "both" });
    system.task("writer", { priority: 6 }, function* () {
      assert.is(yield* pipe.write("abcd"), 4);
      assert.is(yield* misuse(() => pipe.close("write")), "EPERM");
    });
    system.task("reader", { priority: 5 }, function* (self) {
      assert.is(yield* readText(self, pipe, 4), "abcd");
      assert.is(yield* readText(self, pipe, 4, 2), ETIMEDOUT);
      assert.is(yield* pipe.write("efgh"), 4);
      assert.is(yield* pipe.write("i", 2), ETIMEDOUT);
      yield* pipe.reset();
      yield* pipe.delete();
      assert.is(yield* misuse(() => pipe.write("x", 0)), "EBADF");
    });
  });
});

test("a public pipe outlives the tasks that opened it besides, and is none the worse for their end", () => {
  playOut((system) => {
    system.task("maker", { priority: 5 }, function* (self) {
      const pipe = yield* self.create.pipe({ capacity: 4, public: "both" });
      const user = yield* self.create.task("user", { priority: 6 }, function* (me) {
        yield* me.sleep(1);
        yield* pipe.write("ab");
      });
      yield* pipe.grant(user, "both");
      yield* pipe.close();
      yield* user.join();
      assert.is(yield* readText(self, pipe, 4), "ab");
      assert.is(yield* readText(self, pipe, 4, 0), EAGAIN);
      assert.is(yield* pipe.write("cdef"), 4);
      assert.is(yield* pipe.write("g", 0), EAGAIN);
      yield* pipe.delete();
    });
  });
});

test("a pipe that is public to read has an end of file of its own writers, and never breaks", () => {
  playOut((system) => {
    const pipe = system.pipe({ capacity: 4, public: "read" });
    system.task("writer", { priority: 6, writes: [pipe] }, function* () {
      assert.is(yield* pipe.write("abcd"), 4);
      assert.is(yield* pipe.write("e", 1), ETIMEDOUT);
    });
    system.task("reader", { priority: 5 }, function* (self) {
      assert.is(yield* misuse(() => pipe.write("x")), "EPERM");
      yield* self.sleep(2);
      assert.is(yield* readText(self, pipe, 8), "abcd");
      assert.is(yield* readText(self, pipe, 8), "");
    });
  });
});

test("deleting it wakes readers and writers in order with EIDRM, whatever they had moved, and later calls are EBADF", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const [full, empty] = [system.pipe({ capacity: 4 }), system.pipe({ capacity: 16 })];
    writer(system, full, log, "part", "abcdefgh", { priority: 6 });
    writer(system, full, log, "none", "ab", { timeout: 30 });
    reader(system, empty, log, "low", 16, { priority: 3 });
    reader(system, empty, log, "high", 16, { priority: 4, timeout: 30 });
    system.task("deleter", { priority: 9, reads: [full], writes: [empty] }, function* (self) {
      yield* empty.trigger(16);
      yield* self.sleep(1);
      yield* empty.write("abc");
      yield* full.delete();
      yield* empty.delete();
      for (const pipe of [full, empty]) {
        for (const call of [() => pipe.read(self.buffer(1), 0), () => pipe.write("x", 0), () => pipe.reset(), () => pipe.close()]) {
          log.push(yield* misuse(call));
        }
      }
    });
  });
  const expected = ["part", EIDRM, 1, "none", EIDRM, 1, "high", EIDRM, 1, "low", EIDRM, 1];
  assert.equal(log, [...new Array(8).fill("EBADF"), ...expected]);
});

test("a suspended reader is given its bytes and a suspended writer gives them, and they run when they are resumed", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ capacity: 0 });
    const held = reader(system, pipe, log, "held", 2);
    const giver = writer(system, pipe, log, "giver", "abcd", { at: 1, priority: 4 });
    system.task("boss", { priority: 9, reads: [pipe] }, function* (self) {
      yield* held.suspend();
      yield* self.sleep(1);
      yield* held.resume();
      yield* self.sleep(1);
      yield* giver.suspend();
      assert.is(yield* readText(self, pipe, 8), "cd");
      yield* self.sleep(1);
      yield* giver.resume();
    });
  });
  assert.equal(log, ["held", "ab", 1, "giver", 4, 3]);
});

test("an interrupt reads and writes with timeout 0 whatever is open, ahead of those who wait, and may not block", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ name: "p", capacity: 10 });
    system.interrupt(3, {}, function* (irq) {
      const view = irq.buffer(4);
      log.push(yield* misuse(() => pipe.read(view, -1)), yield* misuse(() => pipe.write("x", 1)));
      log.push(yield* pipe.write("xy", 0), yield* pipe.write("z", 0));
      log.push(yield* pipe.read(view, 0), view.text(4));
    });
    writer(system, pipe, log, "full", "12345678", { priority: 5 });
    writer(system, pipe, log, "waiting", "bigger", { priority: 5, at: 1 });
    system.task("raiser", { priority: 4, reads: [pipe] }, function* (self) {
      yield* self.sleep(2);
      yield* self.raise(3);
      assert.is(contents(pipe), "5678xy");
      assert.is(yield* readText(self, pipe, 2), "56");
      yield* self.sleep(1);
      assert.is(contents(pipe), "78xybigger");
    });
  });
  const expected = ["full", 8, 0, "EPERM", "EPERM", 2, EAGAIN, 4, "1234"];
  assert.equal(log, [...expected, "waiting", 6, 2]);
});

test("a task woken by an interrupt's write runs when the handler has returned", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ name: "p" });
    system.interrupt(3, {}, function* () {
      yield* pipe.write("go", 0);
      log.push("handler");
    });
    reader(system, pipe, log, "reader", 4, { priority: 6 });
    system.task("raiser", { priority: 3 }, function* (self) {
      yield* self.sleep(1);
      yield* self.raise(3);
      log.push("raiser");
    });
  });
  assert.equal(log, ["handler", "reader", "go", 1, "raiser"]);
});

test("misuse: memory outside RAM is EFAULT, a negative length or bad timeout EINVAL, what is no pipe EBADF, and the bytes stay", () => {
  playOut((system) => {
    const pipe = system.pipe({ capacity: 8 });
    const sem = system.semaphore();
    system.task("misuser", { reads: [pipe], writes: [pipe] }, function* (self) {
      yield* pipe.write("abc");
      const { kernel, image } = self.machine;
      const view = self.buffer(8);
      for (const call of [kernel.pipe_read, kernel.pipe_write]) {
        for (const [address, length] of [
          [0, 1],
          [64, 8],
          [image.bytes, 1],
          [image.bytes - 4, 5],
          [-1, 2],
          [-4, 8],
          [view.address, 0x7fffffff],
        ] as const) {
          assert.is(call(pipe.handle, address, length, 0), EFAULT);
        }
        assert.is(call(pipe.handle, view.address, -1, 0), EINVAL);
        assert.is(call(pipe.handle, view.address, -0x80000000, 0), EINVAL);
        assert.is(call(pipe.handle, view.address, 1, -2), EINVAL);
        for (const handle of [0, -1, sem.handle, self.handle, pipe.handle + (1 << 13), pipe.handle | 0xff]) {
          assert.is(call(handle, view.address, 1, 0), EBADF);
        }
      }
      for (const handle of [0, sem.handle]) {
        assert.is(kernel.pipe_reset(handle), EBADF);
        assert.is(kernel.pipe_trigger(handle, 1), EBADF);
      }
      assert.is(contents(pipe), "abc");
    });
  });
});

test("misuse: a pipe that nobody could ever use, or whose buffer is not in RAM, is not made, and takes nothing with it", () => {
  playOut((system) => {
    system.task("misuser", {}, function* (self) {
      const { kernel, image } = self.machine;
      const empty = self.buffer(8);
      assert.is(kernel.pipe_create(0, 8, 0, 0), EINVAL);
      assert.is(kernel.pipe_create(empty.address, 8, 0, 0), EINVAL);
      assert.is(kernel.pipe_create(0, -1, Mode.READ, 0), EINVAL);
      assert.is(kernel.pipe_create(0, 8, 16, 0), EINVAL);
      assert.is(kernel.pipe_create(0, 8, Mode.READ, 64), EFAULT);
      assert.is(kernel.pipe_create(0, 8, Mode.READ, image.bytes - 4), EFAULT);
      for (let i = 0; i < 40; i++) assert.is(yield* misuse(() => self.create.pipe({ capacity: 0x7fffffff })), "ENOMEM");
      assert.is(self.machine.recordsOf(Kind.PIPE).length, 0);
      yield* self.create.pipe({ name: "p" });
      assert.is(yield* misuse(() => self.create.pipe({ name: "p" })), "EEXIST");
      assert.is(yield* misuse(() => self.create.pipe({ name: "sixteen letters!" })), "ENAMETOOLONG");
      assert.is(self.machine.recordsOf(Kind.PIPE).length, 1);
    });
  });
});

test("a pipe uses the caller's own memory when it is given some, and leaves it to the caller at its end", () => {
  playOut((system) => {
    system.task("owner", { storage: 512 }, function* (self) {
      const { kernel } = self.machine;
      const [storage, view] = [self.buffer(8), self.buffer(8)];
      for (let round = 0; round < 2; round++) {
        const handle = kernel.pipe_create(0, 8, Mode.READ | Mode.WRITE, storage.address);
        assert.ok(handle > 0);
        view.copy("ABCDEFGH");
        assert.is(kernel.pipe_write(handle, view.address, 8, 0), 8);
        assert.is(storage.text(), "ABCDEFGH");
        assert.is(kernel.object_close(handle, Mode.READ | Mode.WRITE), 0);
        const other = yield* self.create.pipe({ capacity: 8 });
        yield* other.write("zzzzzzzz");
        assert.is(storage.text(), "ABCDEFGH");
        yield* other.close();
      }
    });
  });
});

test("a reader cannot grant itself the other end", () => {
  let code = "";
  playOut((system) => {
    const pipe = system.pipe({ name: "p", capacity: 8 });
    const tasks: Task[] = [];
    tasks.push(
      system.task("reader", { reads: [pipe] }, function* () {
        try {
          yield* pipe.grant(tasks[0] as Task, "write");
        } catch (error) {
          code = (error as CallError).code;
        }
      }),
    );
  });
  assert.is(code, "EINVAL");
});

test("a pipe that handlers write has no end and no hopeless reader while they may", () => {
  let text = "";
  const { reason } = playOut((system) => {
    const pipe = system.pipe({ capacity: 8, interrupts: "write" });
    system.interrupt(3, {}, function* () {
      yield* pipe.write("tick", 0);
    });
    system.task("reader", { priority: 5, reads: [pipe] }, function* (self) {
      const view = self.buffer(8);
      text = view.text(yield* pipe.read(view));
    });
    system.task("raiser", { priority: 4 }, function* (self) {
      yield* self.raise(3);
    });
  });
  assert.is(reason, "finished");
  assert.is(text, "tick");
});

test("PIP-08b a handler that writes where nobody reads is told EPIPE, and the task below it gets no SIGPIPE", () => {
  const m = new Bare();
  m.task(5);
  m.kernel.irq_attach(3, 1, 1);
  m.start();
  const pipe = m.kernel.pipe_create(0, 8, Mode.WRITE | Mode.READ, 0);
  assert.is(m.kernel.object_close(pipe, Mode.READ), 0);
  m.kernel.line_raise(3);
  m.next(Order.INTERRUPT);
  assert.is(m.kernel.pipe_write(pipe, m.get("scratch"), 4, 0), EPIPE);
  assert.is(m.kernel.irq_return(), 1);
  m.next(Order.RESUME);
  assert.is(m.kernel.check(), 0);
});

test.run();
