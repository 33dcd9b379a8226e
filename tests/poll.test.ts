import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type App,
  type Block,
  boot,
  EAGAIN,
  ECANCELED,
  EINTR,
  ETIMEDOUT,
  type MachineOptions,
  type Mailbox,
  type Parked,
  type Self,
  SIGCHLD,
  SIGTERM,
  SIGUSR1,
  SIGUSR2,
  Socket,
  type System,
  type SystemTaskOptions,
  signalSet,
  type Task,
  type Watched,
} from "../hal/host/index.js";
import { Kind, layout, Mode, Order, Poll, SWITCH } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { block, noting, raw } from "./probe.js";
import { misuse, ORACLES, always as underEverySchedule } from "./support.js";

const test = suite("poll");

type Steps = Generator<Parked, unknown, unknown>;

/** Runs the app to its end, and asks after every step for every invariant, and whether nobody polls for what is ready. */
function playOut(app: App, options: MachineOptions = {}): void {
  const machine = boot(app, { kernel: "debug", ...options });
  for (;;) {
    const reason = machine.advance({ dispatches: 1 });
    assert.is(machine.check(), 0);
    assert.is(machine.image.debug?.polls_hold(), 1, `at cycle ${machine.cycles}`);
    if (machine.failures[0]) throw machine.failures[0].error;
    if (reason === "budget") continue;
    assert.is(reason, "finished");
    return;
  }
}

const always = (describe: (system: System, log: unknown[]) => void, expected: unknown[]) =>
  underEverySchedule(describe, expected, ORACLES, playOut);

/** Something to poll, what makes it ready, and what shows that the poll left it as it was. */
interface Case {
  /** Of the poller, before it polls. */
  prepare?: (self: Self) => Steps;
  watched: (self: Self) => Watched;
  ready: (poller: Task, self: Self) => Steps;
  untouched: (self: Self) => Steps;
}

/** Notes that the poller may still take what it was told of, at once. */
function* taken(call: Iterable<unknown>, result: unknown): Generator<Parked, void, unknown> {
  assert.is(yield* call as Steps, result);
}

/** A poll of a mailbox that the poller opens itself, and whose sender puts a letter in when it is told to. */
function letter(system: System, put: (box: Mailbox, mine: Block, poller: Task) => Steps): Case {
  const pool = system.pool({ count: 2, size: 8 });
  const box = system.mailbox({ name: "polled" });
  let poller: Self | undefined;
  const sender = system.task("sender", { priority: 60, writes: [box] }, function* (self) {
    yield* self.waitFlags(1);
    if (poller) yield* put(box, yield* block(pool.alloc()), poller);
  });
  return {
    *prepare(self) {
      poller = self;
      yield* raw(self.machine, "object_open", Kind.MAILBOX, self.machine.stageName("polled"), Mode.READ);
    },
    watched: () => ({ read: box }),
    ready: () => sender.setFlags(1) as Steps,
    *untouched() {
      yield* (yield* block(box.receive(undefined, 0))).free();
      assert.is(pool.free, 2);
    },
  };
}

const cases: Record<string, (system: System) => Case> = {
  "a semaphore": (system) => {
    const sem = system.semaphore();
    return { watched: () => ({ read: sem }), ready: () => sem.give() as Steps, untouched: () => taken(sem.take(0), 0) };
  },
  "a mutex": (system) => {
    const lock = system.mutex();
    const owner = system.task("owner", { priority: 60 }, function* (self) {
      yield* lock.lock();
      yield* self.waitFlags(1);
      yield* lock.unlock();
    });
    return { watched: () => ({ read: lock }), ready: () => owner.setFlags(1) as Steps, untouched: () => taken(lock.lock(0), 0) };
  },
  "a robust mutex whose owner ends": (system) => {
    const lock = system.mutex({ robust: true });
    const owner = system.task("owner", { priority: 60 }, function* (self) {
      yield* lock.lock();
      yield* self.sleep(1000);
    });
    return { watched: () => ({ read: lock }), ready: () => owner.terminate() as Steps, untouched: () => taken(lock.lock(0), -130) };
  },
  "a mutex that is given up for good": (system) => {
    const lock = system.mutex({ robust: true });
    system.task("first", { priority: 61 }, function* () {
      yield* lock.lock();
    });
    const second = system.task("second", { priority: 60 }, function* (self) {
      yield* lock.lock();
      yield* self.waitFlags(1);
      yield* lock.unlock();
    });
    return { watched: () => ({ read: lock }), ready: () => second.setFlags(1) as Steps, untouched: () => taken(lock.lock(0), -131) };
  },
  "event flags": (system) => {
    const event = system.event({ bits: 1 });
    return {
      watched: () => ({ event, bits: 6 }),
      *ready() {
        yield* event.set(8);
        yield* event.set(2);
      },
      untouched: () => taken(event.wait(2, {}, 0), 11),
    };
  },
  "a timer": (system) => {
    const timer = system.timer({ give: system.semaphore() });
    return {
      watched: () => ({ read: timer }),
      *ready(_poller, self) {
        yield* timer.start(1);
        yield* self.sleep(1);
      },
      untouched: () => taken(timer.expiries(), 1),
    };
  },
  "bytes in a pipe": (system) => {
    const pipe = system.pipe({ capacity: 4, public: "both" });
    return {
      watched: () => ({ read: pipe }),
      ready: () => pipe.write("ab") as Steps,
      untouched: (self) => taken(pipe.read(self.buffer(4), 0), 2),
    };
  },
  "room in a pipe": (system) => {
    const pipe = system.pipe({ capacity: 2, public: "both" });
    system.task("filler", { priority: 60 }, function* () {
      yield* pipe.write("ab");
    });
    return {
      watched: () => ({ write: pipe }),
      ready: (_poller, self) => pipe.read(self.buffer(1)) as Steps,
      untouched: () => taken(pipe.write("c", 0), 1),
    };
  },
  "room in a pipe that is reset": (system) => {
    const pipe = system.pipe({ capacity: 2, public: "both" });
    system.task("filler", { priority: 60 }, function* () {
      yield* pipe.write("ab");
    });
    return { watched: () => ({ write: pipe }), ready: () => pipe.reset() as Steps, untouched: () => taken(pipe.write("cd", 0), 2) };
  },
  "a writer at a rendezvous": (system) => {
    const pipe = system.pipe({ capacity: 0, public: "both" });
    const writer = system.task("writer", { priority: 60 }, function* (self) {
      yield* self.waitFlags(1);
      yield* pipe.write("ab");
    });
    return {
      watched: () => ({ read: pipe }),
      ready: () => writer.setFlags(1) as Steps,
      untouched: (self) => taken(pipe.read(self.buffer(4), 0), 2),
    };
  },
  "a reader at a rendezvous": (system) => {
    const pipe = system.pipe({ capacity: 0, public: "both" });
    const reader = system.task("reader", { priority: 60 }, function* (self) {
      yield* self.waitFlags(1);
      yield* pipe.read(self.buffer(2));
    });
    return { watched: () => ({ write: pipe }), ready: () => reader.setFlags(1) as Steps, untouched: () => taken(pipe.write("ab", 0), 2) };
  },
  "a message in a queue": (system) => {
    const queue = system.queue({ public: "both" });
    return {
      watched: () => ({ read: queue }),
      ready: () => queue.send("abc") as Steps,
      untouched: (self) => taken(queue.receive(self.buffer(8), 0), 3),
    };
  },
  "a message that an overwrite puts in": (system) => {
    const queue = system.queue({ count: 1, public: "both" });
    return {
      watched: () => ({ read: queue }),
      ready: () => queue.overwrite("abc") as Steps,
      untouched: (self) => taken(queue.receive(self.buffer(8), 0), 3),
    };
  },
  "room in a queue": (system) => {
    const queue = system.queue({ count: 2, public: "both" });
    system.task("filler", { priority: 60 }, function* () {
      for (const text of "ab") yield* queue.send(text);
    });
    return {
      watched: () => ({ write: queue }),
      ready: (_poller, self) => queue.receive(self.buffer(8)) as Steps,
      untouched: () => taken(queue.send("c", {}, 0), 0),
    };
  },
  "room in a queue whose waiting sender is served first": (system) => {
    const queue = system.queue({ count: 1, public: "both" });
    system.task("filler", { priority: 60 }, function* () {
      for (const text of "ab") yield* queue.send(text);
    });
    return {
      watched: () => ({ write: queue }),
      *ready(_poller, self) {
        const view = self.buffer(8);
        // The sender's message takes the first one's place: no room yet.
        yield* queue.receive(view);
        assert.is(queue.used, 1);
        yield* queue.receive(view);
      },
      untouched: () => taken(queue.send("c", {}, 0), 0),
    };
  },
  "room in a queue that is reset": (system) => {
    const queue = system.queue({ count: 1, public: "both" });
    system.task("filler", { priority: 60 }, function* () {
      yield* queue.send("a");
    });
    return { watched: () => ({ write: queue }), ready: () => queue.reset() as Steps, untouched: () => taken(queue.send("c", {}, 0), 0) };
  },
  "a letter in a mailbox": (system) => letter(system, (box, mine, poller) => box.send(mine, poller) as Steps),
  "a letter for anyone": (system) => letter(system, (box, mine) => box.send(mine) as Steps),
  "a broadcast": (system) => letter(system, (box, mine) => box.broadcast(mine) as Steps),
  "a letter that somebody waits to have received": (system) =>
    letter(system, function* (box, mine, poller) {
      yield* box.sendSync(mine, poller);
    }),
  "a block in a pool": (system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const owner = system.task("owner", { priority: 60 }, function* (self) {
      const mine = yield* block(pool.alloc());
      yield* self.waitFlags(1);
      yield* mine.free();
    });
    return {
      watched: () => ({ read: pool }),
      ready: () => owner.setFlags(1) as Steps,
      *untouched() {
        yield* (yield* block(pool.alloc(0))).free();
      },
    };
  },
  "the end of a task": (system) => {
    const other = system.task("other", { priority: 60 }, function* (self) {
      yield* self.waitFlags(1);
    });
    return { watched: () => ({ ended: other }), ready: () => other.setFlags(1) as Steps, untouched: () => taken(other.join(0), 0) };
  },
  "a masked signal": () => ({
    watched: () => ({ signals: signalSet(SIGUSR1, SIGTERM) }),
    *ready(poller) {
      yield* poller.signal(SIGUSR2);
      yield* poller.signal(SIGTERM);
    },
    untouched: (self) => taken(self.signals.wait(signalSet(SIGTERM), 0), SIGTERM),
  }),
  "thread flags": () => ({
    watched: () => ({ flags: 6 }),
    *ready(poller) {
      yield* poller.setFlags(1);
      yield* poller.setFlags(4);
    },
    untouched: (self) => taken(self.waitFlags(4, {}, 0), 5),
  }),
  "a notification": () => ({
    watched: () => ({ notification: true }),
    ready: (poller) => poller.notify(0) as Steps,
    untouched: (self) => taken(self.waitNotification(0), 0),
  }),
};

/** A task polls what the case watches, beside something that never gets ready, and one makes it ready. */
function poll(system: System, log: unknown[], { prepare, watched, ready, untouched }: Case): void {
  const never = system.semaphore();
  const poller = system.task("poller", { priority: 20 }, function* (self) {
    yield* self.signals.mask(SIGUSR1, SIGUSR2, SIGTERM);
    if (prepare) yield* prepare(self);
    const set = self.pollSet([{ read: never }, watched(self)]);
    log.push(yield* set.wait(0), yield* set.wait(1), self.tick);
    log.push(yield* set.wait(), set.ready(0), set.ready(1), set.closed(1));
    // It is ready as long as nobody takes it.
    log.push(yield* set.wait(0));
    yield* untouched(self);
    log.push("taken");
  });
  system.task("giver", { priority: 10 }, function* (self) {
    yield* self.sleepUntil(2);
    yield* ready(poller, self);
    log.push("made ready");
  });
}

test("MSG-13a MSG-13c MSG-13d MSG-13e MSG-13f MSG-13g MSG-13h MSG-13i MSG-13p MSG-13q a poll waits until something is ready, tells what, and takes nothing", () => {
  for (const [name, describe] of Object.entries(cases)) {
    for (const options of ORACLES) {
      const log: unknown[] = [];
      playOut((system) => poll(system, log, describe(system)), options);
      const made = log.indexOf("made ready");
      assert.ok(made >= 0, name);
      log.splice(made, 1);
      assert.equal(log, [EAGAIN, ETIMEDOUT, 1, 1, false, true, false, 1, "taken"], `${name} ${JSON.stringify(options)}`);
    }
  }
});

test("MSG-13b several things that are ready are all told, and counted", () => {
  always(
    (system, log) => {
      const [one, two, three] = [system.semaphore({ initial: 1 }), system.semaphore(), system.event()];
      system.task("a", {}, function* (self) {
        yield* self.notify(1);
        const set = self.pollSet([{ read: one }, { read: two }, { event: three, bits: 1 }, { notification: true }, { flags: 1 }]);
        log.push(yield* set.wait());
        yield* three.set(3);
        log.push(yield* set.wait());
        for (let i = 0; i < 5; i++) log.push(set.ready(i));
      });
    },
    [2, 3, true, false, true, true, false],
  );
});

test("MSG-13j a unit that goes to who waits for it wakes no poller", () => {
  always(
    (system, log) => {
      const sem = system.semaphore();
      const pipe = system.pipe({ capacity: 4, public: "both" });
      const event = system.event();
      system.task("direct", { priority: 5 }, function* (self) {
        log.push("direct", yield* sem.take());
        log.push("direct", yield* pipe.read(self.buffer(4)));
        log.push("direct", yield* event.wait(1, { clear: true }));
      });
      const poller = system.task("poller", { priority: 20 }, function* (self) {
        log.push("poller", yield* self.pollSet([{ read: sem }, { read: pipe }, { event, bits: 1 }]).wait(), self.tick);
      });
      system.task("giver", { priority: 2 }, function* (self) {
        yield* self.sleep(1);
        const { switches } = self.machine.task("poller");
        yield* sem.give();
        yield* pipe.write("abc");
        yield* event.set(1);
        assert.is(self.machine.task("poller").switches, switches);
        assert.is(poller.machine.task("poller").state, "blocked");
        yield* self.sleep(3);
        yield* pipe.write("abc");
      });
    },
    ["direct", 0, "direct", 3, "direct", 1, "poller", 1, 4],
  );
});

test("MSG-13k an end that is gone, and an object that is deleted, are told as closed", () => {
  always(
    (system, log) => {
      const pipe = system.pipe({ capacity: 2 });
      const sem = system.semaphore();
      const watcher = (name: string, what: Watched, pipes: object) =>
        system.task(name, { priority: 20, ...pipes }, function* (self) {
          yield* self.sleep(1);
          const set = self.pollSet([what]);
          log.push(yield* set.wait(), name, set.ready(0), set.closed(0), self.tick);
        });
      watcher("reader", { read: pipe }, { reads: [pipe] });
      system.task("writer", { writes: [pipe] }, function* (self) {
        yield* self.sleep(2);
      });
      watcher("taker", { read: sem }, {});
      system.task("deleter", {}, function* (self) {
        yield* self.sleep(3);
        yield* sem.delete();
      });
    },
    [1, "reader", true, true, 2, 1, "taker", true, true, 3],
  );
});

test("MSG-13p MSG-13q MSG-13k a queue and a pool that are deleted, a mailbox that is, or that nobody sends to any more, are told as closed", () => {
  always(
    (system, log) => {
      const [queue, box, left] = [system.queue(), system.mailbox(), system.mailbox()];
      const pool = system.pool({ count: 1, size: 8 });
      const watched: [name: string, what: Watched, opens: SystemTaskOptions][] = [
        ["receiver", { read: queue }, { reads: [queue] }],
        ["sender", { write: queue }, { writes: [queue] }],
        ["box", { read: box }, { reads: [box] }],
        ["left", { read: left }, { reads: [left] }],
        ["pool", { read: pool }, {}],
      ];
      for (const [i, [name, what, opens]] of watched.entries()) {
        system.task(name, { priority: 20 - i, ...opens }, function* (self) {
          yield* self.sleep(1);
          const set = self.pollSet([what]);
          log.push(name, yield* set.wait(), set.closed(0), self.tick);
        });
      }
      system.task("deleter", { writes: [queue, box, left], reads: [queue] }, function* (self) {
        yield* block(pool.alloc());
        yield* queue.send("only");
        yield* queue.receive(self.buffer(8));
        yield* self.sleepUntil(2);
        yield* left.close("write");
        yield* self.sleepUntil(3);
        yield* box.delete();
        yield* self.sleepUntil(4);
        yield* pool.delete();
        yield* self.sleepUntil(5);
        yield* queue.delete();
      });
    },
    [...["sender", 1, false, 1], ...["left", 1, true, 2], ...["box", 1, true, 3], ...["pool", 1, true, 4], ...["receiver", 1, true, 5]],
  );
});

test("MSG-13q a letter for another is none for who polls, nor one that somebody waited for", () => {
  always(
    (system, log) => {
      const pool = system.pool({ count: 2, size: 8 });
      const box = system.mailbox();
      system.task("poller", { priority: 20, reads: [box] }, function* (self) {
        yield* self.sleep(1);
        const set = self.pollSet([{ read: box }]);
        log.push(yield* set.wait(6), self.tick);
        log.push(yield* set.wait(0), box.letters);
      });
      const other = system.task("other", { priority: 30, reads: [box] }, function* (self) {
        yield* (yield* block(box.receive())).free();
        yield* self.sleepUntil(20);
      });
      system.task("sender", { writes: [box] }, function* (self) {
        yield* self.sleepUntil(2);
        yield* box.send(yield* block(pool.alloc()));
        yield* box.send(yield* block(pool.alloc()), other);
        yield* self.sleepUntil(20);
      });
    },
    [ETIMEDOUT, 7, EAGAIN, 1],
  );
});

test("MSG-13l a poll ends with EINTR, ECANCELED and ETIMEDOUT as any wait, and nothing wakes it afterwards", () => {
  always(
    (system, log) => {
      const sem = system.semaphore();
      const a = system.task("a", { priority: 20 }, function* (self) {
        yield* self.signals.handle(SIGUSR1, noting(log, "handler"), { restart: true });
        const set = self.pollSet([{ read: sem }, { signals: signalSet(SIGUSR1) }]);
        log.push(yield* set.wait(), self.tick);
        log.push(yield* set.wait(), self.tick);
        log.push(yield* set.wait(1), self.tick);
        log.push(yield* self.sleep(4), self.tick);
        log.push(yield* sem.take(0));
      });
      system.task("b", { priority: 10 }, function* (self) {
        yield* self.sleep(1);
        yield* a.signal(SIGUSR1);
        yield* self.sleep(1);
        yield* a.abort();
        yield* self.sleep(3);
        yield* sem.give();
      });
    },
    ["handler", EINTR, 1, ECANCELED, 2, ETIMEDOUT, 3, 0, 7, 0],
  );
});

test("MSG-13m of several pollers all are told, the most urgent runs first, and one that is ended is forgotten", () => {
  always(
    (system, log) => {
      const sem = system.semaphore();
      const tasks = ["p1", "p2", "p3"].map((name, i) =>
        system.task(name, { priority: 20 + i }, function* (self) {
          log.push(name, yield* self.pollSet([{ read: sem }]).wait());
          if (name === "p3") log.push(yield* sem.take(0));
        }),
      );
      system.task("giver", {}, function* (self) {
        yield* self.sleep(1);
        yield* (tasks[1] as Task).terminate();
        yield* sem.give();
        // Woken at the gift, p1 finds out by itself that the unit is gone.
        log.push(yield* sem.take(0));
      });
    },
    ["p3", 1, 0, "p1", 1, EAGAIN],
  );
});

test("MSG-13n a stopped or suspended poller is told, and hears of it when it goes on", () => {
  always(
    (system, log) => {
      const sem = system.semaphore();
      const a = system.task("a", { priority: 20 }, function* (self) {
        log.push(yield* self.pollSet([{ read: sem }]).wait(3), self.tick);
      });
      system.task("b", {}, function* (self) {
        yield* a.suspend();
        yield* sem.give();
        yield* self.sleep(5);
        yield* a.resume();
      });
    },
    [1, 5],
  );
});

test("MSG-13o what cannot be polled is refused: no such handle, a direction that is not open, a kind that is never ready", () => {
  playOut((system) => {
    const sem = system.semaphore();
    const kinds = [system.rwlock(), system.barrier(2), system.condition()];
    const pipe = system.pipe({ capacity: 2, name: "p" });
    system.task("holder", { priority: 1, reads: [pipe], writes: [pipe] }, noting([], 0));
    system.task("a", { storage: 1024 }, function* (self) {
      const refusal = (watched: Watched) => misuse(() => self.pollSet([{ read: sem }, watched]).wait(0));
      for (const object of kinds) assert.is(yield* refusal({ read: object }), "EINVAL");
      assert.is(yield* refusal({ read: pipe }), "EPERM");
      assert.is(yield* refusal({ write: pipe }), "EPERM");
      const gone = yield* self.create.semaphore();
      yield* gone.delete();
      assert.is(yield* refusal({ read: gone }), "EBADF");
      const I = layout.PollItem.bytes;
      const room = self.buffer(4 * I);
      for (const [at, count] of [
        [room.address, -1],
        [room.address, 65],
        [room.address, 0x10000000],
      ] as const) {
        assert.is.not(yield* raw(self.machine, "object_poll", at, count, 0), EAGAIN);
      }
      assert.is(yield* misuse(() => self.pollSet([{ read: sem }]).wait(-2)), "EINVAL");
    });
  });
});

test("MSG-13r a poll tells of a connection to accept, of bytes and room, of the end and of a closed other end, and takes nothing", () => {
  always(
    (system, log) => {
      system.task("server", { priority: 9, storage: 1024 }, function* (self) {
        const listener = yield* self.create.socket({ receive: 4 });
        yield* listener.bind(80);
        yield* listener.listen();
        const door = self.pollSet([{ read: listener }, { write: listener }]);
        log.push(yield* door.wait(0), yield* door.wait(), self.tick, door.ready(0), door.ready(1), yield* door.wait(0));
        const end = yield* listener.accept(0);
        assert.instance(end, Socket);
        const socket = end as Socket;
        log.push(yield* door.wait(0));
        const input = self.pollSet([{ read: socket }]);
        const view = self.buffer(8);
        log.push(yield* input.wait(0), yield* input.wait(), self.tick, input.closed(0), yield* socket.receive(view));
        yield* self.sleepUntil(6);
        log.push(yield* input.wait(0), yield* socket.receive(view));
        log.push(yield* input.wait(), self.tick, input.closed(0), yield* socket.receive(view), yield* input.wait(0));
        yield* self.sleepUntil(9);
        yield* socket.close();
      });
      system.task("client", { storage: 1024 }, function* (self) {
        yield* self.sleepUntil(2);
        const socket = yield* self.create.socket();
        const both = self.pollSet([{ read: socket }, { write: socket }]);
        log.push(yield* both.wait(0));
        yield* socket.connect("127.0.0.1", 80);
        log.push(yield* both.wait(0), both.ready(1));
        yield* self.sleepUntil(4);
        yield* socket.send("ab");
        yield* socket.send("full");
        log.push(yield* both.wait(0), yield* both.wait(), self.tick, both.ready(1));
        yield* self.sleepUntil(8);
        yield* socket.shutdown("write");
        log.push(yield* both.wait(0), both.ready(1), both.closed(1), both.ready(0));
        yield* self.sleepUntil(10);
        log.push(yield* both.wait(0), both.closed(0), both.closed(1));
      });
    },
    [
      ...[EAGAIN, EAGAIN, 1, 2, true, false, 1, EAGAIN, 1, true],
      ...[EAGAIN, 1, 4, false, 2],
      ...[1, 4, EAGAIN, 1, 6, true],
      ...[1, 8, false, 0, 1, 1, true, false, false],
      ...[2, true, true],
    ],
  );
});

test("MSG-13r a poll tells of datagrams, and of room to send them", () => {
  always(
    (system, log) => {
      system.task("t", { storage: 1024 }, function* (self) {
        const socket = yield* self.create.socket({ type: "datagram" });
        yield* socket.bind(80);
        const both = self.pollSet([{ read: socket }, { write: socket }]);
        log.push(yield* both.wait(0), both.ready(0), both.ready(1));
        yield* socket.sendTo("", self.endpoint("127.0.0.1", 80));
        log.push(yield* both.wait(0), both.ready(0), both.closed(0), yield* socket.receive(self.buffer(1)), yield* both.wait(0));
        yield* socket.close();
        log.push(yield* misuse(() => both.wait(0)));
      });
    },
    [1, false, true, 2, true, false, 0, 1, "EBADF"],
  );
});

test("a parent waits for the end of whichever child comes first, and for a signal that would do nothing never", () => {
  always(
    (system, log) => {
      system.task("parent", { priority: 20 }, function* (self) {
        const children: Task[] = [];
        for (const ticks of [5, 2, 8]) {
          children.push(
            yield* self.create.task(`${ticks}`, {}, function* (me) {
              yield* me.sleep(ticks);
            }),
          );
        }
        const set = self.pollSet([...children.map((ended) => ({ ended })), { signals: signalSet(SIGCHLD) }]);
        log.push(yield* set.wait(), self.tick);
        log.push(
          children.map((_, i) => set.ready(i)),
          set.ready(3),
        );
        for (const child of children) yield* child.join();
      });
    },
    [1, 2, [false, true, false], false],
  );
});

/** Polls for one thing, with this timeout. */
function pollFor(m: Bare, handle: number, events: number, timeout: number): number {
  const at = m.get("scratch") + 64;
  m.i32.set([handle, events, -1, 0], at >> 2);
  return m.kernel.object_poll(at, 1, timeout);
}

test("a poll for a task that is none is EBADF, and so is one whose task goes while it waits", () => {
  const m = new Bare();
  m.task(9);
  const other = m.task(5);
  m.start();
  for (const bit of [8, 20, 30]) assert.is(pollFor(m, other ^ (1 << bit), Poll.READ, 0) < 0, true);
  assert.is(pollFor(m, other + (1 << 13), Poll.READ, 0), -9);
  assert.is(m.kernel.task_detach(other), 0);
  assert.is(pollFor(m, other, Poll.READ, -1), SWITCH);
  m.next(Order.START);
  assert.is(m.kernel.task_exit(0), SWITCH);
  m.next(Order.RESUME);
  assert.is(m.get("result") | 0, 1);
  assert.is(m.kernel.check(), 0);
});

test("a pipe that nobody reads any more can be written, and says that its other end is gone", () => {
  const m = new Bare();
  m.task(9);
  m.start();
  const pipe = m.kernel.pipe_create(0, 4, Mode.READ | Mode.WRITE, 0);
  assert.is(m.kernel.pipe_write(pipe, m.get("scratch"), 4, 0), 4);
  assert.is(pollFor(m, pipe, Poll.WRITE, 0), -11);
  assert.is(m.kernel.object_close(pipe, Mode.READ), 0);
  assert.is(pollFor(m, pipe, Poll.WRITE, 0), 1);
  assert.is(m.u32[(m.get("scratch") + 64 + 12) >> 2], Poll.WRITE | Poll.CLOSED);
});

test("a pool with one free block is ready, and one without is not", () => {
  const m = new Bare();
  m.task(9);
  m.start();
  const pool = m.kernel.pool_create(0, 2, 8, 0);
  for (const ready of [1, 1, -11]) {
    assert.is(pollFor(m, pool, Poll.READ, 0), ready);
    m.kernel.pool_alloc(pool, 0);
  }
});

test("a poll for the caller's own flags or signals ends when they come, and not for others", () => {
  for (const [events, other] of [
    [Poll.FLAGS, 2],
    [Poll.SIGNAL, 1 << 12],
  ] as const) {
    const m = new Bare();
    const task = m.task(9);
    m.task(5);
    m.start();
    m.kernel.signal_mask(0, (1 << 10) | (1 << 12), 0);
    const at = m.get("scratch") + 64;
    const bits = events === Poll.FLAGS ? 1 : 1 << 10;
    m.i32.set([task, events, bits, 0], at >> 2);
    assert.is(m.kernel.object_poll(at, 1, -1), SWITCH);
    m.next(Order.START);
    const send = (which: number) =>
      events === Poll.FLAGS ? m.kernel.flags_set(task, which) : m.kernel.signal_send(task, Math.log2(which));
    assert.ok(send(other) !== SWITCH);
    assert.is(send(bits), SWITCH);
    m.next(Order.RESUME);
    assert.is(m.get("result"), 1);
    assert.is(m.u32[(at + 12) >> 2], events);
  }
});

test("a socket that is not connected, and one without room for a datagram, are not ready", () => {
  for (const [type, transmit, events, ready] of [
    [1, 16, Poll.READ, -11],
    [2, 7, Poll.WRITE, -11],
    [2, 8, Poll.WRITE, 1],
  ] as const) {
    const m = new Bare({ address: 0x0a000001 });
    m.task(9);
    m.start();
    const socket = m.kernel.socket_create(0, type, 16, transmit, Mode.READ | Mode.WRITE, 0);
    if (socket > 0) assert.is(pollFor(m, socket, events, 0), ready, `${type} ${transmit}`);
  }
});

test.run();
