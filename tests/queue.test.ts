import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  boot,
  EAGAIN,
  EBUSY,
  ECANCELED,
  EIDRM,
  EMSGSIZE,
  ETIMEDOUT,
  Info,
  type MachineOptions,
  type Parked,
  type Queue,
  type QueueOptions,
  type Self,
  type SendOptions,
  type System,
  type Task,
} from "../hal/host/index.js";
import { Stream } from "../hal/host/oracle.js";
import { EBADF, EFAULT, EINVAL, ENOMEM, Kind, layout, Mode } from "../kernel/abi/host.js";
import { info, raw } from "./probe.js";
import { misuse, ORACLES, play, playOut } from "./support.js";

const test = suite("queue");

/** A signal that does nothing to a task which does not care. */
const URG = 23;
const MOST = 0x7fffffff;

/** Receives or peeks once: the text, or the outcome. */
function* take(self: Self, queue: Queue, how: "receive" | "peek" = "receive", timeout = -1, length = 32) {
  const view = self.buffer(length);
  const got = yield* queue[how](view, timeout);
  return got < 0 ? got : view.text(got);
}

interface Comer {
  priority?: number;
  /** The tick at which it comes. */
  at?: number;
  timeout?: number;
}

/** A task that comes at a tick, receives or peeks once, and notes its name, what it got and when. */
function receiver(system: System, queue: Queue, log: unknown[], name: string, comer: Comer & { peek?: boolean; length?: number } = {}) {
  return system.task(name, { priority: comer.priority ?? 5, reads: [queue] }, function* (self) {
    yield* self.sleepUntil(comer.at ?? 0);
    log.push(name, yield* take(self, queue, comer.peek ? "peek" : "receive", comer.timeout, comer.length), self.tick);
  });
}

/** A task that comes at a tick, sends once, and notes its name, the outcome and when. */
function sender(system: System, queue: Queue, log: unknown[], name: string, comer: Comer & SendOptions & { text?: string } = {}) {
  const { front = false } = comer;
  return system.task(name, { priority: comer.priority ?? 5, writes: [queue] }, function* (self) {
    yield* self.sleepUntil(comer.at ?? 0);
    log.push(name, yield* queue.send(comer.text ?? name, { front }, comer.timeout), self.tick);
  });
}

/** A task that has the queue open both ways and does something. */
function only(queue: (system: System) => Queue, body: (self: Self, queue: Queue) => Generator<Parked, void, unknown>): void {
  playOut((system) => {
    const made = queue(system);
    system.task("only", { storage: 4096, reads: [made], writes: [made] }, (self) => body(self, made));
  });
}

/** A message as the queue's storage has it. */
interface Message {
  text: string;
  priority: number;
}

/** The messages in order, read from the storage; every slot must be named exactly once by the ring. */
function messages(queue: Queue): Message[] {
  const { u8, u32 } = queue.machine;
  const M = layout.MsgQueue;
  const field = (offset: number) => u32[(queue.record + offset) >> 2] as number;
  const [buffer, slots, stride, head] = [field(M.buffer), field(M.slots), field(M.stride), field(M.head)];
  const entry = (place: number) => buffer + 2 * ((head + place) % queue.capacity);
  const order = Array.from({ length: queue.capacity }, (_, i) => (u8[entry(i)] as number) | ((u8[entry(i) + 1] as number) << 8));
  assert.is(new Set(order).size, queue.capacity);
  assert.ok(order.every((slot) => slot < queue.capacity));
  return order.slice(0, queue.used).map((number) => {
    const slot = slots + number * stride;
    const bytes = u8.subarray(slot + 8, slot + 8 + (u32[slot >> 2] as number));
    return { text: String.fromCharCode(...bytes), priority: u32[(slot + 4) >> 2] as number };
  });
}

function texts(queue: Queue): string[] {
  return messages(queue).map(({ text }) => text);
}

// Messages

test("MSG-01a a receive answers one message, whole, with its boundaries, however much room there is", () => {
  only(
    (system) => system.queue(),
    function* (self, queue) {
      for (const text of ["one", "seven..", "x"]) assert.is(yield* queue.send(text), 0);
      const view = self.buffer(100);
      for (const text of ["one", "seven..", "x"]) {
        assert.is(yield* queue.receive(view), text.length);
        assert.is(view.text(text.length), text);
      }
      assert.is(yield* queue.receive(view, 0), EAGAIN);
    },
  );
});

test("MSG-01a MSG-01e messages of every length from 0 to the size come out as they went in, and touch nothing behind them", () => {
  for (const size of [0, 1, 3, 4, 5, 8, 31, 64]) {
    only(
      (system) => system.queue({ count: 3, size }),
      function* (self, queue) {
        const out = self.buffer(size + 1);
        const into = self.buffer(size + 1);
        for (let length = 0; length <= size; length++) {
          for (let i = 0; i < length; i++) out.set(i, 1 + ((length + i) % 255));
          for (let n = 0; n < 3; n++) assert.is(yield* queue.send(out.slice(0, length)), 0);
          for (let n = 0; n < 3; n++) {
            into.copy(new Uint8Array(size + 1).fill(0xee));
            assert.is(yield* queue.receive(into), length);
            assert.equal(into.bytes(length), out.bytes(length));
            assert.equal(into.bytes().slice(length), new Uint8Array(size + 1 - length).fill(0xee));
          }
        }
      },
    );
  }
});

test("MSG-01b MSG-01c a message is copied in and copied out: both sides may use their memory again at once", () => {
  for (const oracle of ORACLES) {
    const log: string[] = [];
    playOut((system) => {
      const queue = system.queue({ count: 2 });
      system.task("sender", { priority: 5, writes: [queue] }, function* (self) {
        const view = self.buffer(2);
        for (let i = 0; i < 6; i++) {
          view.copy(`m${i}`);
          yield* queue.send(view);
          view.copy("??");
        }
      });
      system.task("receiver", { priority: 5, reads: [queue] }, function* (self) {
        const [first, view] = [self.buffer(4), self.buffer(4)];
        yield* queue.receive(first);
        for (let i = 1; i < 6; i++) log.push(view.text(yield* queue.receive(view)));
        log.push(first.text(2));
      });
    }, oracle);
    assert.equal(log, ["m1", "m2", "m3", "m4", "m5", "m0"]);
  }
});

test("MSG-01b the message of a blocked sender is taken from its memory when its turn comes", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const queue = system.queue({ count: 1 });
    system.task("sender", { priority: 5, writes: [queue] }, function* (self) {
      const view = self.buffer(3);
      for (const text of ["one", "two"]) {
        view.copy(text);
        yield* queue.send(view);
        view.copy("---");
      }
    });
    receiver(system, queue, log, "first", { at: 1 });
    receiver(system, queue, log, "second", { at: 2 });
  });
  assert.equal(log, ["first", "one", 1, "second", "two", 2]);
});

test("MSG-01d a queue of N takes N messages without a receiver, the next send is EAGAIN or waits; from any place of its ring", () => {
  for (const count of [1, 2, 3, 8]) {
    for (let turned = 0; turned < count; turned++) {
      const log: unknown[] = [];
      playOut((system) => {
        const queue = system.queue({ count });
        system.task("sender", { priority: 5, storage: 1024, reads: [queue], writes: [queue] }, function* (self) {
          for (let i = 0; i < turned; i++) {
            yield* queue.send("x");
            yield* take(self, queue);
          }
          for (let i = 0; i < count; i++) assert.is(yield* queue.send(`m${i}`), 0);
          assert.is(queue.used, count);
          assert.is(yield* queue.send("late", {}, 0), EAGAIN);
          assert.is(self.tick, 0);
          log.push(yield* queue.send("late"), self.tick);
          assert.equal(texts(queue), [...Array.from({ length: count - 1 }, (_, i) => `m${i + 1}`), "late"]);
        });
        receiver(system, queue, log, "receiver", { at: 3, priority: 4 });
      });
      assert.equal(log, [0, 3, "receiver", "m0", 3]);
    }
  }
});

// Disciplines

test("MSG-02a messages come out in the order they went in, across every turn of the ring", () => {
  for (const count of [1, 2, 3, 7]) {
    for (const oracle of ORACLES) {
      const log: unknown[] = [];
      playOut((system) => {
        const queue = system.queue({ count, size: 4 });
        system.task("sender", { writes: [queue] }, function* () {
          for (let i = 0; i < 30; i++) yield* queue.send(String(i));
        });
        system.task("receiver", { storage: 1024, reads: [queue] }, function* (self) {
          for (let i = 0; i < 30; i++) log.push(yield* take(self, queue, "receive", -1, 4));
        });
      }, oracle);
      assert.equal(
        log,
        Array.from({ length: 30 }, (_, i) => String(i)),
      );
    }
  }
});

test("MSG-02b n sends to the front come out in reverse, before all others", () => {
  only(
    (system) => system.queue({ count: 6 }),
    function* (self, queue) {
      for (const text of ["a", "b"]) yield* queue.send(text);
      for (const text of ["1", "2", "3"]) yield* queue.send(text, { front: true });
      yield* queue.send("c");
      let out = "";
      while (queue.used > 0) out += yield* take(self, queue);
      assert.is(out, "321abc");
    },
  );
});

test("MSG-02c in a queue that is last in first out every send goes to the front, asked for or not", () => {
  only(
    (system) => system.queue({ count: 4, discipline: "lifo" }),
    function* (self, queue) {
      for (const text of ["a", "b"]) yield* queue.send(text);
      yield* queue.send("c", { front: true });
      assert.is(yield* take(self, queue), "c");
      yield* queue.send("d");
      for (const text of ["d", "b", "a"]) assert.is(yield* take(self, queue), text);
    },
  );
});

test("MSG-03a MSG-03b by priority the highest comes out first, equals in their order, a send to the front before its equals", () => {
  only(
    (system) => system.queue({ count: 8, discipline: "priority" }),
    function* (self, queue) {
      const sends: [text: string, priority: number, front?: boolean][] = [
        ["5a", 5],
        ["0a", 0],
        ["9a", 9],
        ["5b", 5],
        ["255", 255],
        ["5f", 5, true],
        ["0f", 0, true],
        ["9f", 9, true],
      ];
      for (const [text, priority, front = false] of sends) assert.is(yield* queue.send(text, { priority, front }), 0);
      for (const text of ["255", "9f", "9a", "5f", "5a", "5b", "0f", "0a"]) assert.is(yield* take(self, queue), text);
    },
  );
});

test("MSG-03c receive and peek tell the priority, in every discipline, from the queue and from a waiting receiver's sender", () => {
  for (const discipline of ["fifo", "lifo", "priority"] as const) {
    const log: unknown[] = [];
    playOut((system) => {
      const queue = system.queue({ discipline });
      for (const name of ["early", "late"]) {
        system.task(name, { priority: name === "early" ? 9 : 4, reads: [queue] }, function* (self) {
          const [view, level] = [self.buffer(8), self.buffer(4)];
          level.setWord(0, -1);
          log.push(name, yield* queue.peek(view, -1, level), level.word(0));
          log.push(name, yield* queue.receive(view, -1, level), level.word(0));
        });
      }
      system.task("sender", { priority: 5, writes: [queue] }, function* () {
        for (const [text, priority] of [
          ["a", 7],
          ["bb", 200],
        ] as const) {
          yield* queue.send(text, { priority });
        }
      });
    });
    // The early one peeks from the sender's memory; then the message is in the queue.
    assert.equal(log, ["early", 1, 7, "early", 1, 7, "late", 2, 200, "late", 2, 200], discipline);
  }
});

test("two tasks that receive at once are told the priority of their own message each", () => {
  for (const oracle of ORACLES) {
    const seen: [string, number][] = [];
    playOut((system) => {
      const queue = system.queue({ count: 2 });
      for (const name of ["left", "right"]) {
        system.task(name, { reads: [queue] }, function* (self) {
          const [view, level] = [self.buffer(8), self.buffer(4)];
          for (let i = 0; i < 8; i++) {
            const text = view.text(yield* queue.receive(view, -1, level));
            yield* self.compute(1, 20_000);
            seen.push([text, level.word(0)]);
          }
        });
      }
      system.task("sender", { writes: [queue] }, function* () {
        for (let i = 0; i < 16; i++) yield* queue.send(`m${i * 3}`, { priority: i * 3 });
      });
    }, oracle);
    assert.is(seen.length, 16);
    for (const [text, level] of seen) assert.is(text, `m${level}`);
  }
});

test("send, receive, peek and reset agree with a plain list, in every discipline, and the ring keeps every slot", () => {
  for (const discipline of ["fifo", "lifo", "priority"] as const) {
    for (let seed = 0; seed < 12; seed++) {
      const stream = new Stream(seed, 7);
      const count = 1 + stream.below(9);
      only(
        (system) => system.queue({ count, size: 6, discipline }),
        function* (self, queue) {
          const model: Message[] = [];
          const [view, level] = [self.buffer(6), self.buffer(4)];
          for (let i = 0; i < 300; i++) {
            const draw = stream.below(20);
            if (draw === 0) {
              yield* queue.reset();
              model.length = 0;
            } else if (draw < 12) {
              const message = { text: String(i), priority: stream.below(4) };
              const front = stream.below(3) === 0;
              assert.is(yield* queue.send(message.text, { front, priority: message.priority }, 0), model.length < count ? 0 : EAGAIN);
              if (model.length < count) insert(model, message, front, discipline);
            } else {
              const peeks = draw < 15;
              const got = yield* queue[peeks ? "peek" : "receive"](view, 0, level);
              const first = peeks ? model[0] : model.shift();
              assert.is(got, first?.text.length ?? EAGAIN);
              if (first) assert.equal({ text: view.text(got), priority: level.word(0) }, first);
            }
            assert.equal(messages(queue), model);
          }
        },
      );
    }
  }
});

/** Where a message belongs in a plain list. */
function insert(model: Message[], message: Message, front: boolean, discipline: string): void {
  const { priority } = message;
  const behind = (other: Message) => (front ? other.priority <= priority : other.priority < priority);
  const found = model.findIndex(behind);
  const byPriority = found < 0 ? model.length : found;
  const place = discipline === "priority" ? byPriority : front || discipline === "lifo" ? 0 : model.length;
  model.splice(place, 0, message);
}

// Waiting

test("MSG-04a MSG-04b a full queue lets the sender wait, an empty one the receiver: EAGAIN, ETIMEDOUT, or until it is its turn", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const queue = system.queue({ count: 1 });
      receiver(system, queue, log, "asker", { timeout: 0, priority: 9 });
      receiver(system, queue, log, "hasty", { timeout: 2, priority: 6 });
      receiver(system, queue, log, "patient", { priority: 4 });
      sender(system, queue, log, "to patient", { at: 3, priority: 3 });
      sender(system, queue, log, "fills", { at: 4 });
      sender(system, queue, log, "no room", { at: 5, timeout: 0 });
      sender(system, queue, log, "gives up", { at: 5, timeout: 2, priority: 4 });
      sender(system, queue, log, "waits", { at: 6, priority: 3 });
      receiver(system, queue, log, "last", { at: 9, priority: 2 });
    }, oracle);
    const expected = ["asker", EAGAIN, 0, "hasty", ETIMEDOUT, 2, "patient", "to patient", 3, "to patient", 0, 3, "fills", 0, 4];
    assert.equal(log, [...expected, "no room", EAGAIN, 5, "gives up", ETIMEDOUT, 7, "waits", 0, 9, "last", "fills", 9]);
  }
});

test("MSG-04c both queues are visible: by getters, by calls, and in the report with who could end the wait", () => {
  const { machine } = play(
    (system) => {
      const [full, empty] = [system.queue({ name: "full", count: 1 }), system.queue({ name: "empty" })];
      for (const name of ["one", "two"]) {
        system.task(name, { priority: 4, writes: [full] }, function* () {
          yield* full.send(name);
        });
      }
      system.task("third", { priority: 3, reads: [full, empty] }, function* (self) {
        yield* empty.receive(self.buffer(32));
      });
      system.task("looker", { priority: 2, writes: [full, empty] }, function* (self) {
        assert.equal([full.senders, full.waiters, full.used], [1, 0, 1]);
        assert.equal([empty.senders, empty.waiters, empty.used], [0, 1, 0]);
        assert.is(yield* info(self.machine, full.handle, Info.WAITERS), 1);
        assert.is(yield* info(self.machine, empty.handle, Info.WAITERS), 1);
        assert.is(yield* info(self.machine, full.handle, Info.COUNT), 1);
        assert.is(yield* info(self.machine, full.handle, Info.CAPACITY), 1);
        assert.is(yield* info(self.machine, full.handle, Info.SIZE), 32);
        yield* full.send("three");
      });
    },
    {},
    "deadlock",
  );
  const { blocked, left } = machine.report();
  assert.equal(
    blocked.map(({ task, call, object, holders }) => [task, call, object, holders]),
    [
      ["two", "queue_send", "full", ["third"]],
      ["third", "queue_receive", "empty", ["looker"]],
      ["looker", "queue_send", "full", ["third"]],
    ],
  );
  assert.equal(left, ["full is open by third, two, looker", "empty is open by third, looker"]);
});

test("MSG-05a a receive from a full queue lets the first waiting sender's message in, in the same operation", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const queue = system.queue({ count: 2 });
      for (const name of ["a", "b"]) sender(system, queue, [], name, { priority: name === "a" ? 8 : 7 });
      sender(system, queue, log, "less", { at: 1, priority: 3 });
      sender(system, queue, log, "more", { at: 2, priority: 6 });
      system.task("receiver", { priority: 9, reads: [queue] }, function* (self) {
        yield* self.sleepUntil(3);
        assert.is(queue.senders, 2);
        assert.is(yield* take(self, queue), "a");
        assert.equal(texts(queue), ["b", "more"]);
        assert.equal(log, []);
        assert.is(yield* take(self, queue, "receive", 0), "b");
        assert.equal(texts(queue), ["more", "less"]);
        assert.is(queue.senders, 0);
      });
    }, oracle);
    assert.equal(log, ["more", 0, 3, "less", 0, 3]);
  }
});

test("MSG-05b a send with a receiver waiting goes straight to it and takes no slot; a more urgent receiver runs inside the send", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const queue = system.queue({ count: 1 });
    receiver(system, queue, log, "high", { priority: 9 });
    receiver(system, queue, log, "low", { priority: 2 });
    system.task("sender", { priority: 5, writes: [queue] }, function* (self) {
      yield* self.sleepUntil(1);
      yield* queue.send("one");
      log.push("sent one");
      yield* queue.send("two", { front: true });
      assert.is(queue.used, 0);
      log.push("sent two");
      yield* queue.send("three");
      assert.is(queue.used, 1);
    });
  });
  assert.equal(log, ["high", "one", 1, "sent one", "sent two", "low", "two", 1]);
});

test("MSG-06a MSG-06b a waiting sender to the front is served in its turn, like any waiter, and enters at the front", () => {
  for (const oracle of ORACLES) {
    const out: unknown[] = [];
    playOut((system) => {
      const queue = system.queue({ count: 2 });
      sender(system, queue, [], "a", { priority: 8 });
      sender(system, queue, [], "b", { priority: 7 });
      sender(system, queue, [], "back", { at: 1 });
      sender(system, queue, [], "front", { at: 2, front: true });
      sender(system, queue, [], "urgent front", { at: 3, front: true, priority: 6 });
      system.task("receiver", { priority: 9, reads: [queue] }, function* (self) {
        yield* self.sleepUntil(4);
        for (let i = 0; i < 5; i++) out.push(yield* take(self, queue, "receive", 0));
      });
    }, oracle);
    assert.equal(out, ["a", "urgent front", "b", "front", "back"]);
  }
});

test("a waiting sender's message takes its place by priority, and in a queue that is last in first out the front", () => {
  for (const [discipline, expected] of [
    ["priority", ["5", "7", "4", "1"]],
    ["lifo", ["4", "7", "1", "5"]],
  ] as const) {
    const out: unknown[] = [];
    playOut((system) => {
      const queue = system.queue({ count: 2, discipline });
      for (const [i, priority] of [5, 4, 7, 1].entries()) {
        system.task(`sender ${i}`, { priority: 8 - i, writes: [queue] }, function* () {
          yield* queue.send(String(priority), { priority });
        });
      }
      system.task("receiver", { priority: 2, reads: [queue] }, function* (self) {
        for (let i = 0; i < 4; i++) out.push(yield* take(self, queue, "receive", 0));
      });
    });
    assert.equal(out, expected, discipline);
  }
});

test("receivers are served most urgent first, first come first served among equals, and so are senders", () => {
  for (const oracle of ORACLES) {
    const [got, sent]: [unknown[], unknown[]] = [[], []];
    playOut((system) => {
      const [empty, full] = [system.queue(), system.queue({ count: 1 })];
      for (const [i, [name, priority]] of (
        [
          ["low 1", 3],
          ["high 1", 5],
          ["low 2", 3],
          ["high 2", 5],
        ] as const
      ).entries()) {
        receiver(system, empty, got, name, { priority, at: 1 + i });
        sender(system, full, sent, `${name}'`, { priority, at: 1 + i });
      }
      system.task("boss", { priority: 9, reads: [full], writes: [empty, full] }, function* (self) {
        yield* full.send("full");
        yield* self.sleepUntil(6);
        for (const text of ["a", "b", "c", "d"]) yield* empty.send(text, {}, 0);
        const out: unknown[] = [];
        for (let i = 0; i < 5; i++) out.push(yield* take(self, full, "receive", 0));
        assert.equal(out, ["full", "high 1'", "high 2'", "low 1'", "low 2'"]);
      });
    }, oracle);
    assert.equal(got, ["high 1", "a", 6, "high 2", "b", 6, "low 1", "c", 6, "low 2", "d", 6]);
    assert.equal(
      sent.filter((_, i) => i % 3 === 0),
      ["high 1'", "high 2'", "low 1'", "low 2'"],
    );
  }
});

test("a waiter whose task becomes more urgent goes to its new place, in both queues", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const [empty, full] = [system.queue(), system.queue({ count: 1 })];
    receiver(system, empty, log, "first");
    const waiting = receiver(system, empty, log, "second", { priority: 4 });
    sender(system, full, [], "third", { at: 1 });
    const sending = sender(system, full, [], "fourth", { at: 1, priority: 4 });
    system.task("boss", { priority: 9, reads: [full], writes: [empty, full] }, function* (self) {
      yield* full.send("full");
      yield* self.sleepUntil(2);
      yield* waiting.setPriority(6);
      yield* sending.setPriority(6);
      yield* empty.send("a");
      yield* empty.send("b");
      assert.is(yield* take(self, full), "full");
      assert.is(yield* take(self, full), "fourth");
      assert.is(yield* take(self, full), "third");
    });
  });
  assert.equal(log, ["second", "a", 2, "first", "b", 2]);
});

// Lengths

test("MSG-07a a message longer than the queue's size is EMSGSIZE, whoever waits and however full it is, and changes nothing", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const queue = system.queue({ count: 1, size: 4 });
    receiver(system, queue, log, "receiver");
    system.task("sender", { priority: 3, writes: [queue] }, function* () {
      for (const timeout of [-1, 0, 3]) assert.is(yield* queue.send("12345", {}, timeout), EMSGSIZE);
      assert.is(yield* queue.overwrite("12345"), EMSGSIZE);
      assert.is(queue.waiters, 1);
      yield* queue.send("1234");
      yield* queue.send("full");
      assert.is(yield* queue.send("12345"), EMSGSIZE);
      assert.is(yield* queue.overwrite("12345"), EMSGSIZE);
      assert.equal(texts(queue), ["full"]);
    });
  });
  assert.equal(log, ["receiver", "1234", 0]);
});

test("MSG-07b a buffer smaller than the first message is EMSGSIZE, the message stays, and a word for its priority is left alone", () => {
  only(
    (system) => system.queue({ count: 2 }),
    function* (self, queue) {
      yield* queue.send("four", { priority: 9 });
      yield* queue.send("x");
      const [small, level] = [self.buffer(3), self.buffer(4)];
      small.copy("abc");
      level.setWord(0, 77);
      for (const timeout of [-1, 0]) {
        assert.is(yield* queue.receive(small, timeout, level), EMSGSIZE);
        assert.is(yield* queue.peek(small, timeout, level), EMSGSIZE);
      }
      assert.equal([small.text(), level.word(0)], ["abc", 77]);
      assert.equal(texts(queue), ["four", "x"]);
      assert.is(yield* take(self, queue, "receive", 0, 4), "four");
    },
  );
});

test("MSG-07b a waiting receiver whose buffer is too small gets EMSGSIZE, and the message goes to the next one, or stays", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const queue = system.queue();
      receiver(system, queue, log, "small", { length: 2, priority: 7 });
      receiver(system, queue, log, "peeker", { peek: true, length: 1, priority: 6 });
      receiver(system, queue, log, "large");
      receiver(system, queue, log, "tiny", { length: 0, priority: 4 });
      system.task("sender", { priority: 3, writes: [queue] }, function* () {
        yield* queue.send("one");
        assert.is(queue.used, 0);
        yield* queue.send("two");
        assert.equal(texts(queue), ["two"]);
      });
    }, oracle);
    assert.equal(log, ["small", EMSGSIZE, 0, "peeker", EMSGSIZE, 0, "large", "one", 0, "tiny", EMSGSIZE, 0]);
  }
});

test("MSG-07c empty messages are messages: they are counted, wait, wake and keep their order", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const queue = system.queue({ count: 2, size: 0 });
    system.task("sender", { priority: 5, writes: [queue] }, function* (self) {
      for (let i = 0; i < 3; i++) log.push(yield* queue.send("", {}, i < 2 ? -1 : 0));
      log.push(yield* queue.send("x", {}, 0), queue.used);
      log.push(yield* queue.send(""), self.tick);
    });
    receiver(system, queue, log, "receiver", { at: 2, length: 0 });
  });
  assert.equal(log, [0, 0, EAGAIN, EMSGSIZE, 2, "receiver", "", 2, 0, 2]);
});

// Peek and overwrite

test("MSG-08a a peek of an empty queue waits in the receive queue; what it sees stays in the queue", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const queue = system.queue();
      receiver(system, queue, log, "asker", { peek: true, timeout: 0, priority: 9 });
      receiver(system, queue, log, "hasty", { peek: true, timeout: 2, priority: 8 });
      receiver(system, queue, log, "peeker", { peek: true, priority: 6 });
      system.task("sender", { priority: 5, writes: [queue] }, function* (self) {
        yield* self.sleepUntil(3);
        assert.is(queue.waiters, 1);
        yield* queue.send("news");
        assert.equal(texts(queue), ["news"]);
      });
      receiver(system, queue, log, "later", { peek: true, at: 4 });
      receiver(system, queue, log, "receiver", { at: 5 });
    }, oracle);
    const expected = ["asker", EAGAIN, 0, "hasty", ETIMEDOUT, 2, "peeker", "news", 3];
    assert.equal(log, [...expected, "later", "news", 4, "receiver", "news", 5]);
  }
});

test("MSG-08b a send copies to each peeker ahead of the first receiver, then to the receiver; peekers behind it wait on", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const queue = system.queue();
      receiver(system, queue, log, "peeker 1", { peek: true, priority: 8 });
      receiver(system, queue, log, "peeker 2", { peek: true, priority: 7 });
      receiver(system, queue, log, "receiver", { priority: 6 });
      receiver(system, queue, log, "peeker 3", { peek: true });
      system.task("sender", { priority: 3, writes: [queue] }, function* (self) {
        yield* queue.send("one");
        assert.equal([queue.used, queue.waiters], [0, 1]);
        yield* self.sleep(1);
        yield* queue.send("two");
        assert.equal([queue.used, queue.waiters], [1, 0]);
      });
    }, oracle);
    assert.equal(log, ["peeker 1", "one", 0, "peeker 2", "one", 0, "receiver", "one", 0, "peeker 3", "two", 1]);
  }
});

test("MSG-08c overwrite on a queue of one never blocks: it fills it, replaces its message, or serves who waits, as a send does", () => {
  for (const discipline of ["fifo", "lifo", "priority"] as const) {
    const log: unknown[] = [];
    playOut((system) => {
      const queue = system.queue({ count: 1, discipline });
      receiver(system, queue, log, "peeker", { peek: true, priority: 7 });
      receiver(system, queue, log, "receiver", { priority: 6 });
      system.task("writer", { priority: 4, writes: [queue], reads: [queue] }, function* (self) {
        assert.is(yield* queue.overwrite("straight"), 0);
        assert.is(queue.used, 0);
        for (const text of ["first", "", "the last one"]) {
          assert.is(yield* queue.overwrite(text), 0);
          assert.equal(messages(queue), [{ text, priority: 0 }]);
        }
        yield* queue.reset();
        yield* queue.send("high", { priority: 200 });
        yield* queue.overwrite("new");
        assert.equal(messages(queue), [{ text: "new", priority: 0 }]);
        assert.is(self.tick, 0);
      });
      sender(system, queue, log, "waiting", { at: 1, priority: 3 });
      system.task("again", { priority: 4, writes: [queue], reads: [queue] }, function* (self) {
        yield* self.sleepUntil(2);
        assert.is(queue.senders, 1);
        assert.is(yield* queue.overwrite("newer"), 0);
        assert.is(queue.senders, 1);
        assert.is(yield* take(self, queue, "receive", 0), "newer");
        assert.is(yield* take(self, queue, "receive", 0), "waiting");
      });
    });
    assert.equal(log, ["peeker", "straight", 0, "receiver", "straight", 0, "waiting", 0, 2]);
  }
});

test("MSG-08d overwrite on a queue of another length is EINVAL, whatever the message and whoever waits", () => {
  only(
    (system) => system.queue({ count: 2, size: 4 }),
    function* (_self, queue) {
      for (const text of ["a", "much too long"]) assert.is(yield* misuse(() => queue.overwrite(text)), "EINVAL");
      assert.is(queue.used, 0);
    },
  );
});

// Reset, deletion, ends

test("MSG-09a MSG-09b MSG-09c a reset drops the messages and sends blocked senders away, receivers wait on; then it is as new", () => {
  for (const oracle of ORACLES) {
    const log: unknown[] = [];
    playOut((system) => {
      const [full, empty] = [system.queue({ count: 2 }), system.queue()];
      sender(system, full, log, "low", { at: 1, priority: 3 });
      sender(system, full, log, "high", { at: 1, priority: 6, timeout: 40, front: true });
      receiver(system, empty, log, "receiver");
      receiver(system, empty, log, "peeker", { peek: true, priority: 4 });
      system.task("resetter", { priority: 9, reads: [full], writes: [full, empty] }, function* (self) {
        yield* full.send("a");
        yield* full.send("b");
        yield* self.sleepUntil(2);
        assert.is(yield* full.reset(), 0);
        assert.equal([full.used, full.senders], [0, 0]);
        yield* empty.reset();
        assert.is(empty.waiters, 2);
        assert.is(yield* take(self, full, "receive", 0), EAGAIN);
        for (const text of ["c", "d"]) assert.is(yield* full.send(text, {}, 0), 0);
        assert.is(yield* full.send("e", {}, 0), EAGAIN);
        assert.equal(texts(full), ["c", "d"]);
        yield* empty.send("one");
        yield* empty.send("two");
      });
    }, oracle);
    assert.equal(log, ["high", ECANCELED, 2, "receiver", "one", 2, "peeker", "two", 2, "low", ECANCELED, 2]);
  }
});

test("MSG-09d MSG-09e a deletion ends every wait with EIDRM, later use is EBADF, and the RAM is free again", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const [full, empty] = [system.queue({ count: 1 }), system.queue()];
    sender(system, full, log, "sender", { at: 1 });
    sender(system, full, log, "less", { at: 1, priority: 4, timeout: 40 });
    receiver(system, empty, log, "receiver");
    receiver(system, empty, log, "peeker", { peek: true, priority: 4 });
    system.task("deleter", { priority: 9, reads: [full], writes: [full, empty] }, function* (self) {
      yield* full.send("full");
      yield* self.sleepUntil(2);
      yield* full.delete();
      yield* empty.delete();
      assert.is(yield* misuse(() => full.send("x")), "EBADF");
      assert.is(yield* misuse(() => full.receive(self.buffer(4))), "EBADF");
      assert.is(yield* misuse(() => full.peek(self.buffer(4))), "EBADF");
      assert.is(yield* misuse(() => full.overwrite("x")), "EBADF");
      assert.is(yield* misuse(() => full.reset()), "EBADF");
      assert.is(yield* misuse(() => full.notify(0)), "EBADF");
      assert.is(full.waiters + full.senders, 0);
    });
  });
  assert.equal(log, ["sender", EIDRM, 2, "receiver", EIDRM, 2, "less", EIDRM, 2, "peeker", EIDRM, 2]);
});

test("a deleted queue gives all its RAM back, an unnamed one at its last close, one that failed to be made at once", () => {
  playOut((system) => {
    system.task("maker", { storage: 512 }, function* (self) {
      const { machine } = self;
      const make = (count: number, size: number) => raw(machine, "queue_create", 0, count, size, 0, Mode.READ | Mode.WRITE, 0);
      // The largest queue of messages of 1000 bytes that fits once must fit again and again.
      let most = 1;
      for (let handle = yield* make(most, 1000); handle > 0; handle = yield* make(most, 1000)) {
        yield* raw(machine, "object_delete", handle);
        most++;
      }
      assert.ok(most > 20);
      for (let i = 0; i < 5; i++) {
        assert.is(yield* make(most, 1000), ENOMEM);
        const handle = yield* make(most - 1, 1000);
        assert.ok(handle > 0);
        if (i % 2 === 0) yield* raw(machine, "object_delete", handle);
        else assert.is(yield* raw(machine, "object_close", handle, Mode.READ | Mode.WRITE), 0);
        assert.is(yield* raw(machine, "queue_reset", handle), EBADF);
      }
    });
  });
});

test("when every sender has closed or ended, receivers wait on: a queue has no end", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const queue = system.queue({ name: "q" });
    const late = system.task("late", { priority: 3 }, function* (self) {
      yield* self.sleepUntil(4);
      yield* queue.send("still");
    });
    receiver(system, queue, log, "hasty", { timeout: 3, priority: 6 });
    receiver(system, queue, log, "patient");
    system.task("closer", { priority: 9, reads: [queue], writes: [queue] }, function* (self) {
      yield* queue.close("write");
      yield* self.sleepUntil(4);
      assert.is(yield* queue.grant(late, "write"), 0);
    });
  });
  assert.equal(log, ["hasty", ETIMEDOUT, 3, "patient", "still", 4]);
});

// Notification

/** Whether a notification is still due: a second task cannot register. */
function* registered(queue: Queue): Generator<Parked, boolean, unknown> {
  const result = yield* queue.notify(URG);
  if (result === 0) yield* queue.notify(0);
  return result === EBUSY;
}

test("MSG-10b the notification is due once, when a message comes into the empty queue, and then the registration is gone", () => {
  playOut((system) => {
    const queue = system.queue({ count: 4 });
    const owner = system.task("owner", { priority: 3, reads: [queue] }, function* (self) {
      assert.is(yield* queue.notify(URG), 0);
      yield* self.sleepUntil(5);
    });
    system.task("other", { priority: 2, reads: [queue], writes: [queue] }, function* (self) {
      assert.ok(yield* registered(queue));
      yield* queue.send("first");
      assert.not(yield* registered(queue));
      // What comes into a queue that is not empty is no news.
      assert.is(yield* queue.notify(URG), 0);
      yield* queue.send("second");
      yield* queue.send("front", { front: true });
      assert.is(word(queue, layout.MsgQueue.registrant), self.handle);
      for (let i = 0; i < 3; i++) yield* take(self, queue);
      assert.is(word(queue, layout.MsgQueue.registrant), self.handle);
      yield* queue.send("third", { front: true });
      assert.is(word(queue, layout.MsgQueue.registrant), 0);
      yield* owner.join();
    });
  });
});

/** A word of the queue's record. */
function word(queue: Queue, offset: number): number {
  return queue.machine.u32[(queue.record + offset) >> 2] as number;
}

test("MSG-10b an overwrite of an empty queue is news, of a full one none; nor is what takes the place of a received message", () => {
  playOut((system) => {
    const queue = system.queue({ count: 1 });
    system.task("owner", { priority: 6, reads: [queue] }, function* (self) {
      yield* queue.notify(URG);
      yield* self.sleepUntil(1);
      assert.is(word(queue, layout.MsgQueue.registrant), 0);
      yield* queue.notify(URG);
      yield* self.sleepUntil(3);
      assert.is(yield* take(self, queue), "newer");
      assert.equal(texts(queue), ["waiting"]);
      assert.is(word(queue, layout.MsgQueue.registrant), self.handle);
    });
    system.task("writer", { priority: 5, writes: [queue] }, function* (self) {
      yield* queue.overwrite("new");
      yield* self.sleepUntil(2);
      yield* queue.overwrite("newer");
      yield* queue.send("waiting");
    });
  });
});

test("MSG-10c no notification when a receiver was waiting; one that only peeks, or whose buffer was too small, waited for another", () => {
  for (const [waiter, due] of [
    [{}, true],
    [{ peek: true }, false],
    [{ length: 2 }, false],
  ] as const) {
    playOut((system) => {
      const queue = system.queue();
      receiver(system, queue, [], "waiter", waiter);
      const owner = system.task("owner", { priority: 4, reads: [queue] }, function* (self) {
        yield* queue.notify(URG);
        yield* self.sleepUntil(5);
      });
      system.task("sender", { priority: 3, reads: [queue], writes: [queue] }, function* () {
        yield* queue.send("news");
        assert.is(yield* registered(queue), due);
        yield* owner.join();
      });
    });
  }
});

test("MSG-10d one registrant at a time: another one is EBUSY, the same one may change its signal", () => {
  playOut((system) => {
    const queue = system.queue();
    system.task("owner", { priority: 6, reads: [queue] }, function* (self) {
      assert.is(yield* queue.notify(28), 0);
      assert.is(yield* queue.notify(URG), 0);
      yield* self.sleepUntil(1);
      assert.is(word(queue, layout.MsgQueue.registrant), self.handle);
      assert.is(queue.machine.u8[queue.record + layout.MsgQueue.signal], URG);
    });
    system.task("other", { priority: 5, reads: [queue] }, function* () {
      assert.is(yield* queue.notify(URG), EBUSY);
      // It has nothing to withdraw, and withdraws nobody else's.
      assert.is(yield* queue.notify(0), 0);
      assert.is(yield* queue.notify(1), EBUSY);
    });
  });
});

test("MSG-10e the registration goes when its task withdraws it, closes its end to receive, or ends", () => {
  for (const how of ["withdraws", "closes", "ends", "is killed", "keeps it"] as const) {
    for (const everyone of [false, true]) {
      // What everybody has open nobody closes.
      if (everyone && how === "closes") continue;
      playOut((system) => {
        const queue = system.queue(everyone ? { public: "both" } : {});
        const owner = system.task("owner", { priority: 6, reads: [queue], writes: [queue] }, function* (self) {
          yield* queue.notify(URG);
          yield* self.sleepUntil(1);
          if (how === "withdraws") yield* queue.notify(0);
          if (how === "closes") yield* queue.close("read");
          if (how === "keeps it" && !everyone) yield* queue.close("write");
          if (how !== "ends") yield* self.sleepUntil(5);
        });
        system.task("other", { priority: 5, reads: [queue] }, function* (self) {
          yield* self.sleepUntil(2);
          if (how === "is killed") yield* owner.terminate();
          assert.is(yield* registered(queue), how === "keeps it", how);
        });
      });
    }
  }
});

test("a signal for the notification is 1 to 31, else EINVAL", () => {
  only(
    (system) => system.queue(),
    function* (_self, queue) {
      for (const signal of [-1, 32, 64, MOST]) assert.is(yield* misuse(() => queue.notify(signal)), "EINVAL");
      for (const signal of [1, 31, 0]) assert.is(yield* queue.notify(signal), 0);
    },
  );
});

// Waiters that leave

test("MSG-11a a waiting sender that times out, is aborted or killed takes no slot and nobody's message with it", () => {
  for (const how of ["timeout", "abort", "terminate"] as const) {
    for (const oracle of ORACLES) {
      const log: unknown[] = [];
      playOut((system) => {
        const queue = system.queue({ count: 2 });
        sender(system, queue, log, "a", { priority: 8 });
        sender(system, queue, log, "b", { priority: 7 });
        const leaver = sender(system, queue, log, "leaver", { at: 1, priority: 6, front: true, timeout: how === "timeout" ? 2 : -1 });
        sender(system, queue, log, "next", { at: 2 });
        system.task("boss", { priority: 9, reads: [queue] }, function* (self) {
          yield* self.sleepUntil(3);
          if (how !== "timeout") yield* leaver[how]();
          yield* self.sleepUntil(4);
          assert.equal([queue.senders, queue.used], [1, 2]);
          const out: unknown[] = [];
          for (let i = 0; i < 4; i++) out.push(yield* take(self, queue, "receive", 0));
          assert.equal(out, ["a", "b", "next", EAGAIN]);
          assert.equal(messages(queue), []);
        });
      }, oracle);
      const left = { timeout: ["leaver", ETIMEDOUT, 3], abort: ["leaver", ECANCELED, 3], terminate: [] }[how];
      assert.equal(log, ["a", 0, 0, "b", 0, 0, ...left, "next", 0, 4]);
    }
  }
});

test("MSG-11b a waiting receiver or peeker that times out, is aborted or killed takes no message with it", () => {
  for (const peek of [false, true]) {
    for (const how of ["timeout", "abort", "terminate"] as const) {
      for (const oracle of ORACLES) {
        const log: unknown[] = [];
        playOut((system) => {
          const queue = system.queue({ count: 2 });
          const leaver = receiver(system, queue, log, "leaver", { priority: 6, peek, timeout: how === "timeout" ? 3 : -1 });
          receiver(system, queue, log, "next", { at: 1 });
          system.task("boss", { priority: 9, writes: [queue] }, function* (self) {
            yield* self.sleepUntil(3);
            if (how !== "timeout") yield* leaver[how]();
            yield* self.sleepUntil(4);
            for (const text of ["1", "2", "3"]) assert.is(yield* queue.send(text, {}, 0), 0);
            assert.equal(texts(queue), ["2", "3"]);
          });
        }, oracle);
        const left = { timeout: ["leaver", ETIMEDOUT, 3], abort: ["leaver", ECANCELED, 3], terminate: [] }[how];
        assert.equal(log, [...left, "next", "1", 4]);
      }
    }
  }
});

test("MSG-11a MSG-11b in a crowd that gives up, changes priority and is killed, every message sent is received exactly once", () => {
  for (const [count, discipline] of [
    [1, "fifo"],
    [3, "fifo"],
    [3, "priority"],
    [5, "lifo"],
  ] as const) {
    for (const oracle of ORACLES) {
      const tally: Tally = { sent: [], open: [], taken: [] };
      playOut((system) => {
        crowd(system, system.queue({ count, size: 8, discipline }), count, tally);
      }, oracle);
      const got = tally.taken.flat();
      assert.is(new Set(got).size, got.length);
      assert.equal(got.filter((text) => !tally.open.includes(text)).sort(), tally.sent.sort());
      if (discipline !== "fifo") continue;
      for (const mine of tally.taken) {
        for (const letter of "abcd") {
          const ofOne = mine.filter((text) => text.startsWith(letter));
          assert.equal(ofOne, [...ofOne].sort());
        }
      }
    }
  }
});

/** What a crowd notes. */
interface Tally {
  /** Messages whose send succeeded. */
  sent: string[];
  /** Messages whose sender was killed inside the send. */
  open: string[];
  /** What each receiver took, in its order. */
  taken: string[][];
}

/** Senders and receivers that now and then give up, peek, change their priority; one is killed; at the end one drains the queue. */
function crowd(system: System, queue: Queue, seed: number, { sent, open, taken }: Tally): void {
  const senders = [..."abcd"].map((letter, n) => {
    const stream = new Stream(seed, 10 + n);
    return system.task(`sender ${letter}`, { priority: 3 + (n % 3), writes: [queue] }, function* (self) {
      for (let i = 0; i < 20; i++) {
        const text = letter + String(i).padStart(2, "0");
        open.push(text);
        const result = yield* queue.send(text, { priority: n }, stream.below(5) - 1);
        open.splice(open.indexOf(text), 1);
        if (result === 0) sent.push(text);
        else assert.ok(result === EAGAIN || result === ETIMEDOUT);
        yield* self.compute(1, 9000);
        if (stream.below(8) === 0) yield* self.setPriority(2 + stream.below(4));
      }
    });
  });
  const receivers = [0, 1, 2].map((n) => {
    const stream = new Stream(seed, 20 + n);
    const mine: string[] = [];
    taken.push(mine);
    return system.task(`receiver ${n}`, { priority: 3 + n, daemon: true, reads: [queue] }, function* (self) {
      const view = self.buffer(8);
      for (;;) {
        const peeks = stream.below(6) === 0;
        const length = yield* queue[peeks ? "peek" : "receive"](view, stream.below(5) - 1);
        if (length > 0 && !peeks) mine.push(view.text(length));
        yield* self.compute(1, 9000);
        if (stream.below(8) === 0) yield* self.setPriority(2 + stream.below(4));
      }
    });
  });
  system.task("killer", { priority: 9, reads: [queue] }, function* (self) {
    const [first, ...others] = senders;
    yield* self.sleep(6);
    yield* (first as Task).terminate();
    messages(queue);
    for (const task of others) yield* task.join();
    // Receivers that were handed a message get the time to note it.
    yield* self.sleep(50);
    for (const task of receivers) yield* task.terminate();
    const rest: string[] = [];
    const view = self.buffer(8);
    for (let length = yield* queue.receive(view, 0); length >= 0; length = yield* queue.receive(view, 0)) rest.push(view.text(length));
    taken.push(rest);
  });
}

// Interrupts

test("MSG-12a MSG-12b a handler sends and receives with timeout 0: a full queue is EAGAIN, an empty one too, waiting is EPERM", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const queue = system.queue({ count: 2 });
    receiver(system, queue, log, "receiver", { priority: 3 });
    system.interrupt(1, {}, function* (irq) {
      const view = irq.buffer(4);
      for (const timeout of [-1, 1]) {
        assert.is(yield* misuse(() => queue.send("x", {}, timeout)), "EPERM");
        assert.is(yield* misuse(() => queue.receive(view, timeout)), "EPERM");
        assert.is(yield* misuse(() => queue.peek(view, timeout)), "EPERM");
      }
      assert.is(yield* queue.receive(view, 0), EAGAIN);
      for (const text of ["1", "2", "3"]) assert.is(yield* queue.send(text, {}, 0), 0);
      assert.is(yield* queue.send("4", { front: true }, 0), EAGAIN);
      assert.is(yield* queue.peek(view, 0), 1);
      assert.is(view.text(1), "2");
      assert.is(yield* misuse(() => queue.notify(URG)), "EPERM");
      log.push("handled");
    });
    system.task("raiser", { priority: 2 }, function* (self) {
      yield* self.raise(1);
      log.push("raised");
      assert.equal(texts(queue), ["2", "3"]);
    });
  });
  assert.equal(log, ["handled", "receiver", "1", 0, "raised"]);
});

test("MSG-12a a handler that receives from a full queue lets a waiting sender's message in; it overwrites and resets, too", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const [queue, one] = [system.queue({ count: 1 }), system.queue({ count: 1 })];
    sender(system, queue, log, "first", { priority: 8 });
    sender(system, queue, log, "second", { priority: 7 });
    sender(system, one, log, "old", { priority: 6 });
    sender(system, one, log, "canceled", { priority: 5 });
    system.interrupt(1, {}, function* (irq) {
      const view = irq.buffer(8);
      log.push(view.text(yield* queue.receive(view, 0)));
      assert.equal(texts(queue), ["second"]);
      assert.is(yield* one.overwrite("new"), 0);
      assert.equal(texts(one), ["new"]);
      assert.is(yield* one.reset(), 0);
    });
    system.task("raiser", { priority: 2 }, function* (self) {
      yield* self.raise(1);
    });
  });
  assert.equal(log, ["first", 0, 0, "old", 0, 0, "first", "second", 0, 0, "canceled", ECANCELED, 0]);
});

// Misuse

test("a direction that is not open is EPERM, a handle of another kind EBADF, and a granted direction works", () => {
  playOut((system) => {
    const queue = system.queue();
    const other = system.task("other", { priority: 3 }, function* (self) {
      const view = self.buffer(8);
      const attempts = [() => queue.send("x"), () => queue.receive(view), () => queue.peek(view), () => queue.overwrite("x")];
      for (const call of [...attempts, () => queue.reset(), () => queue.notify(1)]) assert.is(yield* misuse(call), "EPERM");
      yield* self.sleepUntil(2);
      assert.is(yield* queue.send("x", {}, 0), 0);
      assert.is(yield* misuse(() => queue.receive(view)), "EPERM");
      assert.is(yield* misuse(() => queue.notify(1)), "EPERM");
      assert.is(yield* queue.reset(), 0);
    });
    system.task("owner", { priority: 4, reads: [queue] }, function* (self) {
      const { machine } = self;
      const pipe = (yield* self.create.pipe()).handle;
      for (const handle of [pipe, 0, -1, queue.handle ^ (1 << 13)]) assert.is(yield* raw(machine, "queue_reset", handle), EBADF);
      yield* self.sleepUntil(1);
      assert.is(yield* misuse(() => queue.send("x")), "EPERM");
      yield* queue.grant(other, "write");
    });
  });
});

test("a public queue is everybody's in its directions", () => {
  playOut((system) => {
    const queue = system.queue({ public: "write" });
    system.task("anyone", { priority: 5 }, function* (self) {
      assert.is(yield* queue.send("x"), 0);
      assert.is(yield* misuse(() => queue.receive(self.buffer(4))), "EPERM");
    });
    system.task("receiver", { reads: [queue] }, function* (self) {
      assert.is(yield* take(self, queue), "x");
    });
  });
});

test("how a message is sent is a priority of 0 to 255, or that and to the front, else EINVAL; nothing else passes for it", () => {
  only(
    (system) => system.queue({ count: 8, discipline: "priority" }),
    function* ({ machine }, queue) {
      for (const priority of [-1, 256, 300, 0.5, Number.NaN]) assert.is(yield* misuse(() => queue.send("x", { priority })), "EINVAL");
      const at = machine.stageBytes(4);
      for (const how of [512, 513, -1, MOST, -0x80000000]) {
        assert.is(yield* raw(machine, "queue_send", queue.handle, at, 1, how, 0), EINVAL);
      }
      for (const how of [0, 255, 256, 511]) assert.is(yield* raw(machine, "queue_send", queue.handle, at, 1, how, 0), 0);
      assert.equal(
        messages(queue).map(({ priority }) => priority),
        [255, 255, 0, 0],
      );
    },
  );
});

test("ERR-07a ERR-07b memory outside RAM is EFAULT for a message, a buffer and the word for the priority, and nothing is taken", () => {
  only(
    (system) => system.queue({ count: 1 }),
    function* (self, queue) {
      const { machine } = self;
      const end = machine.image.bytes;
      const good = self.buffer(32).address;
      yield* queue.send("there");
      for (const [at, length, error] of [
        [0, 1, EFAULT],
        [end, 1, EFAULT],
        [end - 8, 9, EFAULT],
        [good, MOST, EFAULT],
        [-1, 2, EFAULT],
        [good, -1, EINVAL],
      ] as const) {
        assert.is(yield* raw(machine, "queue_send", queue.handle, at, length, 0, 0), error);
        assert.is(yield* raw(machine, "queue_overwrite", queue.handle, at, length), error);
        assert.is(yield* raw(machine, "queue_receive", queue.handle, at, length, 0, 0), error);
        assert.is(yield* raw(machine, "queue_peek", queue.handle, at, length, 0, 0), error);
      }
      for (const out of [1, end, end - 3, -1, -4]) {
        assert.is(yield* raw(machine, "queue_receive", queue.handle, good, 32, out, 0), EFAULT);
        assert.is(yield* raw(machine, "queue_peek", queue.handle, good, 32, out, 0), EFAULT);
      }
      assert.throws(() => queue.receive(self.buffer(8), 0, self.buffer(3)), /4 bytes from 0 on are outside this view of 3 bytes/);
      assert.equal(texts(queue), ["there"]);
    },
  );
});

test("what cannot be a queue is EINVAL, EFAULT or ENOMEM, also where its size overflows, and leaves nothing behind", () => {
  playOut((system) => {
    system.task("maker", {}, function* (self) {
      const { machine } = self;
      const start = self.buffer(8).address;
      const make = (count: number, size: number, discipline = 0, mode: number = Mode.PUBLIC, storage = 0) =>
        raw(machine, "queue_create", 0, count, size, discipline, mode, storage);
      for (const count of [0, -1, 65536, MOST]) assert.is(yield* make(count, 4), EINVAL);
      for (const size of [-1, (1 << 20) + 1, MOST]) assert.is(yield* make(4, size), EINVAL);
      for (const discipline of [3, -1]) assert.is(yield* make(4, 4, discipline), EINVAL);
      for (const mode of [16, -1, 0]) assert.is(yield* make(4, 4, 0, mode), EINVAL);
      // 65535 * (8 + 65528) is 2^32 less 65536: the sum with the ring is beyond it.
      for (const [count, size] of [
        [65535, 65528],
        [65535, 1 << 20],
        [4096, (1 << 20) - 8],
        [2, 1 << 20],
      ] as const) {
        assert.is(yield* make(count, size), ENOMEM, `${count} of ${size}`);
        assert.is(yield* make(count, size, 0, Mode.PUBLIC, start), EFAULT, `${count} of ${size} at ${start}`);
      }
      const end = machine.image.bytes;
      assert.is(yield* make(1, 8, 0, Mode.PUBLIC, end - 23), EFAULT);
      assert.is(yield* make(1, 8, 0, Mode.PUBLIC, 8), EFAULT);
      assert.equal(machine.recordsOf(Kind.QUEUE), []);
      const handle = yield* make(1, 8, 0, Mode.PUBLIC, end - 24);
      assert.ok(handle > 0);
      assert.is(yield* raw(machine, "queue_send", handle, start, 8, 0, 0), 0);
    });
  });
});

test("a queue at storage of the caller's takes exactly what the ABI says, and not a byte beside it", () => {
  for (const [count, size] of [
    [1, 0],
    [3, 5],
    [4, 8],
    [5, 1],
  ] as const) {
    playOut((system) => {
      system.task("maker", { storage: 1024 }, function* (self) {
        const { machine } = self;
        const bytes = ((2 * count + 7) & ~7) + count * (8 + ((size + 3) & ~3));
        const all = self.buffer(bytes + 16);
        all.copy(new Uint8Array(bytes + 16).fill(0xa5));
        const handle = yield* raw(machine, "queue_create", 0, count, size, 0, Mode.PUBLIC, all.address + 8);
        const message = self.buffer(size);
        for (let i = 0; i < size; i++) message.set(i, 0xff);
        for (let i = 0; i < 3 * count; i++) {
          for (let n = 0; n < count; n++) assert.is(yield* raw(machine, "queue_send", handle, message.address, size, 0, 0), 0);
          for (let n = 0; n < count - (i % 2); n++) yield* raw(machine, "queue_receive", handle, message.address, size, 0, 0);
          yield* raw(machine, "queue_reset", handle);
        }
        assert.equal(all.bytes(8), new Uint8Array(8).fill(0xa5));
        assert.equal(all.slice(bytes + 8).bytes(), new Uint8Array(8).fill(0xa5));
        assert.is(yield* raw(machine, "object_delete", handle), 0);
      });
    });
  }
});

test("whatever a stray task writes into a queue's storage, the kernel stays inside it and goes on", () => {
  for (let seed = 0; seed < 30; seed++) {
    const stream = new Stream(seed, 3);
    const options: QueueOptions = {
      count: 1 + stream.below(5),
      size: stream.below(12),
      discipline: (["fifo", "lifo", "priority"] as const)[seed % 3] as "fifo",
    };
    only(
      (system) => system.queue(options),
      function* (self, queue) {
        const { machine } = self;
        const before = self.buffer(64);
        before.copy(new Uint8Array(64).fill(0x5a));
        const view = self.buffer(queue.size);
        const large = self.buffer(512);
        const behind = self.buffer(64);
        behind.copy(new Uint8Array(64).fill(0x5a));
        const start = word(queue, layout.MsgQueue.buffer);
        const bytes = word(queue, layout.MsgQueue.slots) - start + queue.capacity * word(queue, layout.MsgQueue.stride);
        const neighbour = machine.u8[start + bytes];
        for (let i = 0; i < 200; i++) {
          for (let n = 0; n < 4; n++) machine.u8[start + stream.below(bytes)] = stream.below(2) === 0 ? 0xff : stream.below(256);
          const draw = stream.below(4);
          if (draw === 0) yield* queue.send(view, { front: stream.below(2) === 0, priority: stream.below(256) }, 0);
          else if (draw === 1) assert.ok((yield* queue.peek(large, 0)) <= queue.size);
          else if (draw === 2) assert.ok((yield* queue.receive(large, 0)) <= queue.size);
          else if (queue.capacity === 1) yield* queue.overwrite(view);
          assert.is(machine.check(), 0);
        }
        assert.equal([before.bytes(), behind.bytes()], [new Uint8Array(64).fill(0x5a), new Uint8Array(64).fill(0x5a)]);
        assert.is(machine.u8[start + bytes], neighbour);
      },
    );
  }
});

test("a task makes a queue of its own, with a name, opened as it asks", () => {
  playOut((system) => {
    system.task("maker", { priority: 5, storage: 512 }, function* (self) {
      const queue = yield* self.create.queue({ name: "mine", count: 3, size: 5, discipline: "priority", open: "write" });
      assert.equal([queue.capacity, queue.size, queue.used], [3, 5, 0]);
      assert.is(yield* queue.send("12345", { priority: 4 }), 0);
      assert.is(yield* misuse(() => queue.receive(self.buffer(8))), "EPERM");
      const child = yield* self.create.task("child", { priority: 4 }, function* (child) {
        assert.is(yield* take(child, queue), "12345");
      });
      yield* queue.grant(child, "read");
      yield* child.join();
      assert.is(yield* misuse(() => self.create.queue({ count: 0 })), "EINVAL");
      assert.is(yield* misuse(() => self.create.queue({ name: "a name of sixteen" })), "ENAMETOOLONG");
    });
  });
});

test("a run with queues is the same twice, traced or not", () => {
  const app = (system: System) => crowd(system, system.queue({ count: 2 }), 5, { sent: [], open: [], taken: [] });
  const run = (options: MachineOptions) => {
    const machine = boot(app, options);
    machine.run();
    return machine;
  };
  for (const oracle of ORACLES.slice(0, 4)) {
    const first = run(oracle);
    assert.is(run(oracle).hash, first.hash);
    assert.is(run({ ...oracle, trace: false, hash: false }).cycles, first.cycles);
  }
});

test("a receiver that becomes ready by a message is not served again by the next one, also while it is suspended", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const queue = system.queue();
    const held = receiver(system, queue, log, "held", { priority: 6 });
    system.task("boss", { priority: 9, reads: [queue], writes: [queue] }, function* (self) {
      yield* self.sleepUntil(1);
      yield* held.suspend();
      yield* queue.send("one");
      yield* queue.send("two");
      assert.equal(texts(queue), ["two"]);
      assert.is(yield* misuse(() => held.abort()), "EINVAL");
      yield* self.sleepUntil(3);
      yield* held.resume();
    });
  });
  assert.equal(log, ["held", "one", 3]);
});

test("more urgent newcomers find the same queue: full is full, empty is empty, for everybody", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const queue = system.queue({ count: 1 });
    sender(system, queue, [], "full", { priority: 8 });
    sender(system, queue, log, "waits", { at: 1, priority: 3 });
    sender(system, queue, log, "urgent", { at: 2, priority: 9, timeout: 0 });
    receiver(system, queue, log, "receiver", { at: 3, priority: 2 });
    receiver(system, queue, log, "second", { at: 4, priority: 2 });
    receiver(system, queue, log, "third", { at: 5, priority: 2, timeout: 2 });
    receiver(system, queue, log, "fourth", { at: 6, priority: 9, timeout: 0 });
  });
  const expected = ["urgent", EAGAIN, 2, "waits", 0, 3, "receiver", "full", 3, "second", "waits", 4];
  assert.equal(log, [...expected, "fourth", EAGAIN, 6, "third", ETIMEDOUT, 7]);
});

test.run();
