/** What two kinds of objects must do at once: notifications, handlers in the middle of waits, deletions under both. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Block,
  ECANCELED,
  EIDRM,
  EINTR,
  ENOMEM,
  EOWNERDEAD,
  EPIPE,
  ESRCH,
  ETIMEDOUT,
  type MachineOptions,
  type Mailbox,
  type Parked,
  type Pool,
  type Self,
  SIGCONT,
  SIGKILL,
  SIGSTOP,
  SIGTERM,
  SIGUSR1,
  SIGUSR2,
  type SignalBody,
  type System,
  type SystemTaskOptions,
  type Task,
  type View,
} from "../hal/host/index.js";
import { EINVAL, Mode } from "../kernel/abi/host.js";
import { block, doing, raw, room } from "./probe.js";
import { ORACLES, playOut } from "./support.js";

const test = suite("together");

/** Schedules enough for what is tried with every kind. */
const FEW = ORACLES.slice(0, 7);

type Steps = Generator<Parked, unknown, unknown>;

/** Plays the app under every oracle: each time the tasks note the same. */
function always(describe: (system: System, log: unknown[]) => void, expected: unknown[], schedules: MachineOptions[] = ORACLES): void {
  for (const options of schedules) {
    const log: unknown[] = [];
    playOut((system) => describe(system, log), options);
    assert.equal(log, expected, JSON.stringify(options));
  }
}

/** A block with this text in it. */
function* filled(pool: Pool, text: string): Generator<Parked, Block, unknown> {
  const mine = yield* block(pool.alloc());
  mine.view.copy(text);
  return mine;
}

/** Receives a letter of one character without waiting, frees it and answers it; or the outcome. */
function* opened(box: Mailbox): Generator<Parked, string | number, unknown> {
  const got = yield* box.receive(undefined, 0);
  if (!(got instanceof Block)) return got;
  const text = got.view.text(1);
  yield* got.free();
  return text;
}

/** Fetches everything that is in the box for the caller. */
function* drained(box: Mailbox): Generator<Parked, string, unknown> {
  let texts = "";
  for (;;) {
    const text = yield* opened(box);
    if (typeof text === "number") return texts;
    texts += text;
  }
}

// Notification

test("MSG-10a SIG-17d who is registered gets its signal once, from the queue, when a message comes into the empty one", () => {
  always(
    (system, log) => {
      const queue = system.queue({ count: 4 });
      system.interrupt(1, {}, function* (irq) {
        yield* queue.send(irq.buffer(1), {}, 0);
      });
      system.task("owner", { priority: 20, reads: [queue] }, function* (self) {
        yield* self.signals.handle(
          SIGUSR1,
          doing((_self, signal, from) => log.push("news", signal, from === queue.handle)),
        );
        const view = self.buffer(32);
        for (const wakes of [EINTR, EINTR]) {
          yield* queue.notify(SIGUSR1);
          assert.is(yield* self.sleep(100), wakes);
          log.push(self.tick);
          while ((yield* queue.receive(view, 0)) >= 0) log.push("message");
        }
        log.push(yield* self.sleep(3));
      });
      system.task("sender", { priority: 10, reads: [queue], writes: [queue] }, function* (self) {
        yield* self.sleepUntil(1);
        // Its handler runs inside the send, being more urgent; the message is there for it.
        yield* queue.send("one");
        log.push("sent");
        yield* self.sleepUntil(2);
        yield* self.raise(1);
        log.push("raised");
        yield* queue.send("nobody is registered");
      });
    },
    ["news", SIGUSR1, true, 1, "message", "sent", "news", SIGUSR1, true, 2, "message", "raised", 0],
  );
});

test("MSG-10a a notification that does nothing to its task is used up, one that it masks stays pending, and one may be fatal", () => {
  const ends: Record<string, [how: (self: Self) => Steps, state: string, pending: number]> = {
    "is masked": [(self) => self.signals.mask(SIGUSR1) as Steps, "exited", SIGUSR1],
    "is ignored": [(self) => self.signals.ignore(SIGUSR1) as Steps, "exited", 0],
    "is fatal": [function* () {}, "signalled", 0],
  };
  for (const [name, [how, state, pending]] of Object.entries(ends)) {
    const { machine } = playOut((system) => {
      const queue = system.queue();
      system.task("owner", { priority: 20, reads: [queue] }, function* (self) {
        yield* how(self);
        yield* queue.notify(SIGUSR1);
        yield* self.sleep(5);
        assert.is((yield* self.signals.pending()) === 0, pending === 0, name);
        assert.is(yield* queue.receive(self.buffer(32), 0), 4);
      });
      system.task("sender", { priority: 10, writes: [queue] }, function* (self) {
        yield* self.sleepUntil(1);
        assert.is(yield* queue.send("news"), 0);
        assert.is(queue.used, 1);
      });
    });
    assert.is(machine.task("owner").state, state, name);
  }
});

/** Somebody who has asked the box for SIGUSR1, does something else until tick 9, and notes what every signal found to fetch. */
function notified(system: System, box: Mailbox, log: unknown[], name: string, priority: number): Task {
  return system.task(name, { priority, reads: [box], storage: 512 }, function* (self) {
    yield* self.signals.handle(
      SIGUSR1,
      function* (_me, _signal, from) {
        log.push(name, from === box.handle, yield* drained(box));
      },
      { restart: true },
    );
    yield* box.notify(SIGUSR1);
    while (self.tick < 9) yield* self.sleep(9 - self.tick);
  });
}

test("MBX-05b SIG-17d a task that does something else gets its signal at every arrival for it alone, and fetches", () => {
  always(
    (system, log) => {
      const pool = system.pool({ count: 4, size: 8 });
      const box = system.mailbox();
      const near = notified(system, box, log, "near", 20);
      const far = notified(system, box, log, "far", 19);
      system.task("sender", { priority: 10, writes: [box] }, function* (self) {
        yield* self.sleepUntil(1);
        yield* box.send(yield* filled(pool, "a"), near);
        log.push("sent");
        yield* box.send(yield* filled(pool, "b"), near);
        log.push("sent");
        yield* box.send(yield* filled(pool, "c"), far);
        log.push("sent", yield* box.sendSync(yield* filled(pool, "d"), near));
      });
    },
    ["near", true, "a", "sent", "near", true, "b", "sent", "far", true, "c", "near", true, "d", "sent", 0],
  );
});

test("MBX-05b arrivals before its handler runs are one signal, which finds them all: whoever is notified drains the box", () => {
  always(
    (system, log) => {
      const pool = system.pool({ count: 4, size: 8 });
      const box = system.mailbox();
      const slow = notified(system, box, log, "slow", 5);
      system.interrupt(1, {}, function* () {
        const mine = yield* pool.alloc(0);
        if (mine instanceof Block) {
          mine.view.copy("i");
          yield* box.send(mine, slow);
        }
      });
      system.task("sender", { priority: 10, writes: [box] }, function* (self) {
        yield* self.sleepUntil(1);
        for (const text of "abc") yield* box.send(yield* filled(pool, text), slow);
        yield* self.raise(1);
        log.push("sent", box.letters);
        yield* self.sleepUntil(3);
        yield* box.send(yield* filled(pool, "d"), slow);
      });
    },
    ["sent", 4, "slow", true, "abci", "slow", true, "d"],
  );
});

test("MBX-05b no signal for what wakes its task in receive, nor to others then; a letter it does not wait for is announced", () => {
  always(
    (system, log) => {
      const pool = system.pool({ count: 4, size: 8 });
      const box = system.mailbox();
      const nobody = system.task("nobody", { priority: 1, writes: [box] }, function* (self) {
        yield* self.sleep(20);
      });
      system.task("waiter", { priority: 20, reads: [box] }, function* (self) {
        yield* self.signals.handle(
          SIGUSR1,
          doing(() => log.push("signal")),
        );
        yield* box.notify(SIGUSR1);
        const got = yield* block(box.receive());
        log.push(got.view.text(1), self.tick);
        yield* got.free();
        // Another's letter ends this wait, as any signal would.
        log.push(yield* box.receive(nobody), self.tick, yield* drained(box));
      });
      notified(system, box, log, "other", 19);
      system.task("sender", { priority: 10, writes: [box] }, function* (self) {
        yield* self.sleepUntil(1);
        yield* box.send(yield* filled(pool, "a"));
        log.push("sent");
        yield* self.sleepUntil(2);
        yield* box.send(yield* filled(pool, "b"));
        log.push("sent");
      });
    },
    ["a", 1, "sent", "signal", EINTR, 2, "b", "other", true, "", "sent"],
  );
});

test("MBX-05b a letter for ANY that nobody waits for is announced to every registered receiver, a broadcast to each addressee", () => {
  always(
    (system, log) => {
      const pool = system.pool({ count: 4, size: 8 });
      const box = system.mailbox();
      notified(system, box, log, "x", 20);
      notified(system, box, log, "y", 19);
      system.task("unregistered", { priority: 18, reads: [box] }, function* (self) {
        yield* self.sleepUntil(5);
        log.push("unregistered", yield* drained(box));
        yield* self.sleepUntil(9);
      });
      system.task("waiter", { priority: 17, reads: [box] }, function* (self) {
        yield* self.sleepUntil(2);
        yield* self.signals.handle(
          SIGUSR1,
          doing(() => log.push("never")),
        );
        yield* box.notify(SIGUSR1);
        const got = yield* block(box.receive());
        log.push("waiter", got.view.text(1), got.shared);
        yield* got.free();
        yield* self.sleepUntil(9);
      });
      system.task("sender", { priority: 10, writes: [box] }, function* (self) {
        yield* self.sleepUntil(1);
        yield* box.send(yield* filled(pool, "a"));
        log.push("sent");
        yield* self.sleepUntil(3);
        log.push("reached", yield* box.broadcast(yield* filled(pool, "b")));
        yield* self.sleepUntil(6);
        assert.is(pool.free, 4);
      });
    },
    [
      // The first has fetched it before the second looks.
      ...["x", true, "a", "y", true, "", "sent"],
      ...["x", true, "b", "y", true, "b", "waiter", "b", true, "reached", 4],
      ...["unregistered", "b"],
    ],
  );
});

// Synchronous sends and signals

interface Exchange {
  pool: Pool;
  box: Mailbox;
  /** Where the receiver may forward to. */
  on: Mailbox;
  asker: Task;
  taker: Task;
}

/** What a handler does, given what the exchange is made of; `name` is the signal's. */
type Handling = (self: Self, exchange: Exchange) => Steps;

/**
 * An asker that sends synchronously at tick 0 and is sent SIGUSR1 at tick 3; its handler lasts until tick 6 at least. A taker that
 * takes the block at tick `takes` and does `act` with it from tick 1 on. Notes what the asker got, when, and whether it owns the
 * block then.
 */
interface Story {
  restart?: boolean;
  timeout?: number;
  takes: number;
  /** Of the taker, when it has the block. */
  act?: (self: Self, got: Block, exchange: Exchange) => Steps;
  /** Of a bystander, more urgent than both. */
  boss?: (self: Self, exchange: Exchange) => Steps;
  /** In the handler. */
  handling?: Handling;
}

function exchange(system: System, log: unknown[], story: Story): void {
  const pool = system.pool({ count: 2, size: 8 });
  const [box, on] = [system.mailbox(), system.mailbox()];
  const handling: Handling = story.handling ?? ((self) => self.sleepUntil(6) as Steps);
  const parts = { pool, box, on } as Exchange;
  parts.asker = system.task("asker", { priority: 20, writes: [box, on], storage: 512 }, function* (self) {
    yield* self.signals.handle(
      SIGUSR1,
      function* (me) {
        log.push("handler", me.tick);
        yield* handling(me, parts);
        log.push("handled", me.tick);
      },
      { restart: story.restart ?? false },
    );
    const mine = yield* filled(pool, "m");
    const result = yield* box.sendSync(mine, undefined, story.timeout);
    log.push(result, self.tick, mine.held);
    if (mine.held) yield* mine.free();
    // Nothing is left of it: another send of another block has a result of its own.
    if (box.record < 0 || pool.record < 0) return;
    yield* self.sleepUntil(20);
  });
  parts.taker = system.task("taker", { priority: 10, reads: [box], writes: [on], storage: 512 }, function* (self) {
    yield* self.sleepUntil(story.takes);
    if (box.record < 0) return;
    const got = yield* box.receive(undefined, 5);
    if (!(got instanceof Block)) return;
    if (story.act) yield* story.act(self, got, parts);
    if (got.held) yield* self.sleepUntil(40);
  });
  system.task("third", { priority: 5, reads: [on] }, function* (self) {
    yield* self.sleepUntil(12);
    yield* drained(on);
    yield* self.sleepUntil(30);
  });
  system.task("boss", { priority: 30, writes: [box] }, function* (self) {
    yield* self.sleepUntil(3);
    yield* parts.asker.signal(SIGUSR1);
    if (story.boss) yield* story.boss(self, parts);
    yield* self.sleepUntil(40);
    // Whoever had it at its end, no block is lost.
    if (pool.record >= 0) assert.equal([yield* parts.asker.join(), yield* parts.taker.join(), pool.free], [0, 0, 2]);
  });
}

test("MBX-11c before it is taken a caught signal withdraws the block: EINTR, and the sender owns it, in the handler already", () => {
  always(
    (system, log) =>
      exchange(system, log, {
        takes: 4,
        *handling(me, { box }) {
          assert.equal([box.letters, box.senders], [0, 0]);
          yield* me.sleepUntil(11);
        },
      }),
    ["handler", 3, "handled", 11, EINTR, 11, true],
  );
});

test("MBX-11c with RESTART it is sent again, and may be taken then; with a timeout it has the deadline that it had", () => {
  const later = (timeout: number, takes: number, expected: unknown[], until = 6) =>
    always(
      (system, log) =>
        exchange(system, log, {
          restart: true,
          timeout,
          takes,
          *act(self, got) {
            yield* self.sleepUntil(9);
            yield* got.free();
          },
          *handling(me) {
            yield* me.sleepUntil(until);
          },
        }),
      ["handler", 3, "handled", until, ...expected],
    );
  later(-1, 8, [0, 9, false]);
  // Sent again, it is there for who waits since the handler ran.
  later(-1, 4, [0, 9, false]);
  later(8, 7, [0, 9, false]);
  later(7, 30, [ETIMEDOUT, 7, true]);
  // The deadline passes while the handler runs, at its end, and just after.
  later(5, 30, [ETIMEDOUT, 6, true]);
  later(6, 30, [ETIMEDOUT, 6, true]);
  later(5, 5, [ETIMEDOUT, 9, true], 9);
});

test("MBX-11c with RESTART the receiver may have gone meanwhile: ESRCH; the mailbox or the pool too: EIDRM", () => {
  const gone: Record<string, [boss: (self: Self, parts: Exchange) => Steps, expected: unknown[]]> = {
    "the receiver": [(_self, { taker }) => taker.terminate() as Steps, [ESRCH, 6, true]],
    "the mailbox": [(_self, { box }) => box.delete() as Steps, [EIDRM, 6, true]],
    "the pool": [(_self, { pool }) => pool.delete() as Steps, [EIDRM, 6, false]],
  };
  for (const [boss, expected] of Object.values(gone)) {
    always(
      (system, log) =>
        exchange(system, log, {
          restart: true,
          takes: 30,
          *boss(self, parts) {
            yield* self.sleepUntil(4);
            yield* boss(self, parts);
          },
        }),
      ["handler", 3, "handled", 6, ...expected],
    );
  }
});

test("MBX-11e once it was taken the handler runs and the wait goes on: freed or forwarded before, during and after the handler", () => {
  const ways: Record<string, (got: Block, parts: Exchange) => Steps> = {
    free: (got) => got.free() as Steps,
    send: (got, { on }) => on.send(got) as Steps,
    sendSync: (got, { on }) => on.sendSync(got) as Steps,
    broadcast: (got, { on }) => on.broadcast(got) as Steps,
  };
  for (const [name, way] of Object.entries(ways)) {
    for (const restart of [false, true]) {
      for (const [at, expected] of [
        [2, [0, 2, false]],
        [3, ["handler", 3, "handled", 6, 0, 6, false]],
        [5, ["handler", 3, "handled", 6, 0, 6, false]],
        [6, ["handler", 3, "handled", 6, 0, 6, false]],
        [8, ["handler", 3, "handled", 6, 0, 8, false]],
      ] as const) {
        // Whoever is done before the signal comes hears it at its next wait.
        const log: unknown[] = [];
        for (const options of ORACLES) {
          log.length = 0;
          playOut(
            (system) =>
              exchange(system, log, {
                restart,
                timeout: 4,
                takes: 1,
                *act(self, got, parts) {
                  yield* self.sleepUntil(at);
                  yield* way(got, parts);
                },
              }),
            options,
          );
          const until = expected.length;
          assert.equal(log.slice(0, until), expected, `${name} at ${at}, ${JSON.stringify(options)}`);
        }
      }
    }
  }
});

test("MBX-11e once it was taken, the receiver that ends before, during or after the handler leaves the block to the sender", () => {
  for (const how of ["exits", "is ended"] as const) {
    for (const [at, expected] of [
      [2, [EOWNERDEAD, 2, true]],
      [3, ["handler", 3, "handled", 6, EOWNERDEAD, 6, true]],
      [5, ["handler", 3, "handled", 6, EOWNERDEAD, 6, true]],
      [9, ["handler", 3, "handled", 6, EOWNERDEAD, 9, true]],
    ] as const) {
      for (const options of ORACLES) {
        const log: unknown[] = [];
        playOut(
          (system) =>
            exchange(system, log, {
              takes: 1,
              *act(self) {
                yield* self.sleepUntil(at);
                yield* how === "exits" ? self.exit(1) : self.terminate();
              },
            }),
          options,
        );
        assert.equal(log.slice(0, expected.length), expected, `${how} at ${at}, ${JSON.stringify(options)}`);
      }
    }
  }
});

test("MBX-11e once it was taken, deleting the mailbox or the pool during the handler is EIDRM when it has returned", () => {
  for (const [what, held] of [
    ["box", false],
    ["pool", false],
  ] as const) {
    always(
      (system, log) =>
        exchange(system, log, {
          restart: true,
          takes: 1,
          *boss(self, parts) {
            yield* self.sleepUntil(4);
            yield* parts[what].delete();
          },
        }),
      ["handler", 3, "handled", 6, EIDRM, 6, held],
    );
  }
});

test("MBX-11e an abort during the handler ends what the handler waits for; after it, the send that goes on", () => {
  for (const [at, expected] of [
    [5, ["handler", 3, "slept", ECANCELED, "handled", 5, 0, 9, false]],
    [8, ["handler", 3, "slept", 0, "handled", 6, ECANCELED, 8, false]],
  ] as const) {
    always(
      (system, log) =>
        exchange(system, log, {
          takes: 1,
          *act(self, got) {
            yield* self.sleepUntil(9);
            yield* got.free();
          },
          *handling(me) {
            log.push("slept", yield* me.sleepUntil(6));
          },
          *boss(self, { asker }) {
            yield* self.sleepUntil(at);
            yield* asker.abort();
          },
        }),
      [...expected],
    );
  }
});

test("MBX-11e two handlers that nest, and a handler that computes: the wait goes on when the last has returned", () => {
  for (const [freed, end] of [
    [4, 8],
    [7, 8],
    [11, 11],
  ] as const) {
    always(
      (system, log) =>
        exchange(system, log, {
          takes: 1,
          *act(self, got) {
            yield* self.sleepUntil(freed);
            yield* got.free();
          },
          *handling(me) {
            yield* me.signals.handle(SIGUSR2, function* (inner) {
              log.push("inner", inner.tick);
              yield* inner.sleepUntil(6);
              yield* inner.compute(10);
            });
            yield* me.signal(SIGUSR2);
            log.push("outer", me.tick);
            yield* me.sleepUntil(8);
          },
        }),
      ["handler", 3, "inner", 3, "outer", 6, "handled", 8, 0, end, false],
    );
  }
});

test("MBX-11e a handler that sends synchronously itself has a result of its own, and leaves the outer one alone", () => {
  for (const [freed, expected] of [
    // The inner block is received at tick 12; the outer one is freed before, while and after the inner send waits.
    [3, [0, 12]],
    [10, [0, 12]],
    [15, [0, 15]],
  ] as const) {
    always(
      (system, log) =>
        exchange(system, log, {
          takes: 1,
          *act(self, got) {
            yield* self.sleepUntil(freed);
            yield* got.free();
          },
          *handling(_me, { pool, on }) {
            const mine = yield* filled(pool, "i");
            log.push("inner", yield* on.sendSync(mine, undefined, 20), mine.held);
          },
        }),
      ["handler", 3, "inner", 0, false, "handled", 12, ...expected, false],
    );
  }
  // Both are taken by the same task, and it ends with both.
  always(
    (system, log) =>
      exchange(system, log, {
        takes: 1,
        *act(self, _got, { box }) {
          assert.ok((yield* box.receive()) instanceof Block);
          yield* self.sleepUntil(7);
          yield* self.exit(0);
        },
        *handling(_me, { pool, box }) {
          const mine = yield* filled(pool, "i");
          log.push("inner", yield* box.sendSync(mine), mine.held);
          yield* mine.free();
        },
      }),
    ["handler", 3, "inner", EOWNERDEAD, true, "handled", 7, EOWNERDEAD, 7, true],
  );
});

test("MBX-11e a sender that is ended in its handler leaves the block to its receiver, and nobody waits for it any more", () => {
  for (const restart of [false, true]) {
    const { machine } = playOut((system) =>
      exchange(system, [], {
        restart,
        takes: 1,
        *act(self, got, { box }) {
          yield* self.sleepUntil(5);
          assert.equal([got.held, got.view.text(1), box.senders], [true, "m", 0]);
          yield* got.free();
        },
        *boss(self, { asker }) {
          yield* self.sleepUntil(4);
          yield* asker.terminate();
        },
      }),
    );
    assert.is(machine.task("asker").state, "terminated");
  }
});

test("MBX-11e a stopped or suspended sender whose block is done with hears of it when it goes on, and its handler runs first", () => {
  for (const [stop, go] of [
    [(task: Task) => task.suspend(), (task: Task) => task.resume()],
    [(task: Task) => task.signal(SIGSTOP), (task: Task) => task.signal(SIGCONT)],
  ] as const) {
    always(
      (system, log) =>
        exchange(system, log, {
          takes: 1,
          *act(self, got) {
            yield* self.sleepUntil(8);
            yield* got.free();
          },
          *boss(self, { asker }) {
            yield* self.sleepUntil(7);
            yield* stop(asker);
            yield* asker.signal(SIGUSR1);
            yield* self.sleepUntil(10);
            yield* go(asker);
          },
        }),
      ["handler", 3, "handled", 6, "handler", 10, "handled", 10, 0, 10, false],
    );
  }
});

// Waits of every kind

test("SIG-20j SHM-06g a region or mailbox that is deleted while its waiter's handler runs is EIDRM, also when another has its RAM or slot", () => {
  for (const kind of ["region", "box"] as const) {
    for (const again of [false, true]) {
      always(
        (system, log) => {
          const parts = { region: system.region({ size: 8 }), box: system.mailbox() };
          const waiter = system.task("waiter", { priority: 20, reads: [parts.region, parts.box] }, function* (self) {
            yield* self.signals.handle(
              SIGUSR1,
              function* (me) {
                yield* me.sleepUntil(4);
              },
              { restart: true },
            );
            yield* self.sleepUntil(1);
            log.push(yield* kind === "region" ? parts.region.wait(0, 0) : something(parts.box.receive()), self.tick);
          });
          system.task("deleter", { priority: 10, writes: [parts.region, parts.box] }, function* (self) {
            yield* self.sleepUntil(2);
            yield* waiter.signal(SIGUSR1);
            yield* parts[kind].delete();
            if (again) yield* self.create.region({ size: 8 });
            if (again) yield* self.create.mailbox();
            yield* self.sleepUntil(9);
          });
        },
        [EIDRM, 4],
      );
    }
  }
});

/** A use of a kind of object for which several wait, and each act of another serves exactly one of them. */
interface Service {
  /** What the waiters and the giver have open. */
  waiting?: SystemTaskOptions;
  giving?: SystemTaskOptions;
  /** Makes the giver have what is waited for, before anybody waits. */
  prepare?: (self: Self) => Steps;
  /** Answers what it got. */
  wait(self: Self, ticks: number): Steps;
  give(self: Self): Steps;
  /** What a waiter got who was served. */
  got: unknown;
}

const MOST_GIFTS = 4;

/** Something that is got, or the outcome. */
function* something(call: Iterable<unknown>): Steps {
  const got = yield* call as Steps;
  return typeof got === "object" ? "something" : got;
}

const services: Record<string, (system: System) => Service> = {
  semaphore: (system) => {
    const sem = system.semaphore();
    return { wait: (_self, ticks) => sem.take(ticks) as Steps, give: () => sem.give() as Steps, got: 0 };
  },
  "queue receive": (system) => {
    const queue = system.queue();
    return {
      waiting: { reads: [queue] },
      giving: { writes: [queue] },
      wait: (self, ticks) => queue.receive(self.buffer(32), ticks) as Steps,
      give: () => queue.send("xyz") as Steps,
      got: 3,
    };
  },
  "queue send": (system) => {
    const queue = system.queue({ count: 1 });
    return {
      waiting: { writes: [queue] },
      giving: { reads: [queue], writes: [queue] },
      prepare: () => queue.send("x") as Steps,
      wait: (_self, ticks) => queue.send("y", {}, ticks) as Steps,
      give: (self) => queue.receive(self.buffer(32), 0) as Steps,
      got: 0,
    };
  },
  "pool alloc": (system) => {
    const pool = system.pool({ count: MOST_GIFTS, size: 8 });
    const mine: Block[] = [];
    return {
      *prepare() {
        while (pool.free > 0) mine.push(yield* block(pool.alloc()));
      },
      wait: (_self, ticks) => something(pool.alloc(ticks)),
      give: () => (mine.pop() as Block).free() as Steps,
      got: "something",
    };
  },
  "memory alloc": (system) => {
    const { machine } = system.semaphore();
    const mine: View[] = [];
    let each = 0;
    return {
      *prepare(self) {
        each = (Math.floor(room(machine) / MOST_GIFTS) - 8) & ~7;
        for (let i = 0; i < MOST_GIFTS; i++) mine.push((yield* self.alloc(each, 0)) as View);
      },
      wait: (self, ticks) => something(self.alloc(each, ticks)),
      give: (self) => self.free(mine.pop() as View) as Steps,
      got: "something",
    };
  },
  word: (system) => {
    const region = system.region({ size: 8 });
    return {
      waiting: { reads: [region] },
      giving: { writes: [region] },
      wait: (_self, ticks) => region.wait(4, 0, ticks) as Steps,
      give: () => region.wake(4) as Steps,
      got: 0,
    };
  },
  "word of the data": (system) => {
    const { machine } = system.semaphore();
    const { address } = machine.staticBuffer(4);
    return {
      wait: (_self, ticks) => raw(machine, "word_wait", address, 0, ticks),
      give: () => raw(machine, "word_wake", address, 1),
      got: 0,
    };
  },
  "mailbox receive": (system) => {
    const pool = system.pool({ count: MOST_GIFTS, size: 8 });
    const box = system.mailbox();
    return {
      waiting: { reads: [box] },
      giving: { writes: [box] },
      wait: (_self, ticks) => something(box.receive(undefined, ticks)),
      *give() {
        yield* box.send(yield* filled(pool, "x"));
      },
      got: "something",
    };
  },
  "mailbox sync send": (system) => {
    const pool = system.pool({ count: MOST_GIFTS, size: 8 });
    const box = system.mailbox();
    return {
      waiting: { writes: [box] },
      giving: { reads: [box] },
      *wait(_self, ticks) {
        const mine = yield* block(pool.alloc(0));
        const result = yield* box.sendSync(mine, undefined, ticks);
        if (mine.held) yield* mine.free();
        return result;
      },
      *give() {
        yield* (yield* block(box.receive())).free();
      },
      got: 0,
    };
  },
};

/** A handler that lasts until a tick. */
function lasting(until: number): SignalBody {
  return function* (self) {
    yield* self.sleepUntil(until);
  };
}

type Name = keyof typeof services;
const KINDS = Object.keys(services) as Name[];
/** Served as they came, not by priority. */
const IN_TURN: Name[] = ["mailbox sync send"];
/** What is given while nobody waits is lost. */
const LOST: Name[] = ["word", "word of the data"];

interface Waiter {
  priority: number;
  timeout?: number;
  /** With a handler for SIGUSR1, which lasts until this tick. */
  until?: number;
  restart?: boolean;
}

/**
 * Waiters that come one tick after another, in this order, and stay to the end; and a giver, less urgent than all, that acts from
 * tick 10 on. They note what they got, and when.
 */
function serving(
  kind: Name,
  log: unknown[],
  waiters: Record<string, Waiter>,
  act: (tasks: Record<string, Task>, give: () => Steps, giver: Self) => Steps,
): (system: System) => void {
  return (system) => {
    const service = (services[kind] as (system: System) => Service)(system);
    const tasks: Record<string, Task> = {};
    for (const [i, [who, { priority, timeout = -1, until = 0, restart = false }]] of Object.entries(waiters).entries()) {
      tasks[who] = system.task(who, { priority, storage: 512, ...service.waiting }, function* (self) {
        yield* self.signals.handle(SIGUSR1, lasting(until), { restart });
        yield* self.sleepUntil(i + 1);
        const got = yield* service.wait(self, timeout);
        log.push(who, got === service.got ? "served" : got, self.tick);
        yield* self.sleepUntil(60);
      });
    }
    system.task("giver", { priority: 60, storage: 512, ...service.giving }, function* (self) {
      if (service.prepare) yield* service.prepare(self);
      yield* self.setPriority(5);
      yield* self.sleepUntil(10);
      yield* act(tasks, () => service.give(self), self);
      yield* self.sleepUntil(60);
    });
  };
}

/** Plays it for every kind under some schedules. */
function eachServes(
  waiters: Record<string, Waiter>,
  act: (tasks: Record<string, Task>, give: () => Steps, giver: Self) => Steps,
  expected: unknown[] | ((kind: Name) => unknown[]),
  kinds = KINDS,
): void {
  for (const kind of kinds) {
    for (const options of FEW) {
      const log: unknown[] = [];
      playOut(serving(kind, log, waiters, act), options);
      assert.equal(log, typeof expected === "function" ? expected(kind) : expected, `${kind} ${JSON.stringify(options)}`);
    }
  }
}

test("SIG-08b a wait without a deadline that RESTART lets go on is served as if it had never been interrupted", () => {
  eachServes(
    { a: { priority: 20, until: 13, restart: true } },
    function* ({ a }, give, self) {
      for (let i = 0; i < 2; i++) yield* (a as Task).signal(SIGUSR1);
      yield* self.sleepUntil(15);
      yield* give();
    },
    ["a", "served", 15],
  );
});

test("SIG-20d what comes while the handler runs is found by the wait that goes on; what is lost with nobody waiting is lost", () => {
  eachServes(
    { a: { priority: 20, timeout: 14, until: 13, restart: true } },
    function* ({ a }, give, self) {
      yield* (a as Task).signal(SIGUSR1);
      yield* self.sleepUntil(12);
      yield* give();
    },
    (kind) => (LOST.includes(kind) ? ["a", ETIMEDOUT, 15] : ["a", "served", 13]),
  );
});

test("SIG-08a ERR-12h who is behind a waiter that a caught signal interrupts gets what comes while the handler runs", () => {
  for (const restart of [false, true]) {
    eachServes(
      { a: { priority: 20, until: 14, restart }, b: { priority: 19 } },
      function* ({ a }, give, self) {
        yield* (a as Task).signal(SIGUSR1);
        yield* give();
        yield* self.sleepUntil(16);
        if (restart) yield* give();
      },
      ["b", "served", 10, ...(restart ? ["a", "served", 16] : ["a", EINTR, 14])],
    );
  }
});

test("SIG-14a ERR-12c a waiter that a fatal signal ends takes nothing from who is behind it", () => {
  for (const signal of [SIGTERM, SIGKILL]) {
    eachServes(
      { a: { priority: 20 }, b: { priority: 19 } },
      function* ({ a }, give) {
        yield* (a as Task).signal(signal);
        yield* give();
      },
      ["b", "served", 10],
      // What was sent stays sent.
      KINDS.filter((kind) => kind !== "mailbox sync send"),
    );
  }
});

test("TSK-05f waiters of every kind are served by their priority of now, first come first served among equals", () => {
  eachServes(
    { a: { priority: 11 }, b: { priority: 12 }, c: { priority: 10 }, d: { priority: 12 } },
    function* ({ c, b }, give) {
      yield* (c as Task).setPriority(20);
      // Away and back: it keeps its place among its equals, having come first.
      yield* (b as Task).setPriority(9);
      yield* (b as Task).setPriority(12);
      for (let i = 0; i < 4; i++) yield* give();
    },
    (kind) => [...(IN_TURN.includes(kind) ? "abcd" : "cbda")].flatMap((who) => [who, "served", 10]),
  );
});

test("TSK-09c SIG-12f a waiter that is suspended or stopped keeps its place, is handed things, and hears of it when it goes on", () => {
  for (const [stop, go] of [
    [(task: Task) => task.suspend(), (task: Task) => task.resume()],
    [(task: Task) => task.signal(SIGSTOP), (task: Task) => task.signal(SIGCONT)],
  ] as const) {
    eachServes(
      { a: { priority: 20 }, b: { priority: 19 }, c: { priority: 18, timeout: 12 } },
      function* ({ a, c }, give, self) {
        yield* stop(a as Task);
        yield* stop(c as Task);
        yield* give();
        assert.is(self.tick, 10);
        yield* give();
        yield* self.sleepUntil(20);
        yield* go(c as Task);
        yield* go(a as Task);
      },
      ["b", "served", 10, "c", ETIMEDOUT, 20, "a", "served", 20],
    );
  }
});

test("SIG-08f a held waiter's caught signal waits, too: what it is handed meanwhile is its result, after the handler", () => {
  eachServes(
    { a: { priority: 20, until: 23 }, b: { priority: 19 } },
    function* ({ a }, give, self) {
      yield* (a as Task).suspend();
      yield* (a as Task).signal(SIGUSR1);
      yield* give();
      yield* give();
      yield* self.sleepUntil(20);
      yield* (a as Task).resume();
    },
    ["b", "served", 10, "a", "served", 23],
  );
});

test("ERR-12h who stands behind a big request for RAM is served in the call that interrupts, ends or aborts that", () => {
  const ways: Record<string, (big: Task) => Steps> = {
    "a caught signal": (big) => big.signal(SIGUSR1) as Steps,
    "a fatal signal": (big) => big.signal(SIGTERM) as Steps,
    "its end": (big) => big.terminate() as Steps,
    "an abort": (big) => big.abort() as Steps,
  };
  for (const way of Object.values(ways)) {
    for (const restart of [false, true]) {
      always(
        (system, log) => {
          const big = system.task("big", { priority: 20 }, function* (self) {
            yield* self.signals.handle(SIGUSR1, lasting(5), { restart });
            yield* self.sleepUntil(1);
            yield* self.alloc(room(self.machine) + 8, 20);
            yield* self.sleepUntil(30);
          });
          system.task("small", { priority: 15 }, function* (self) {
            yield* self.sleepUntil(2);
            log.push(yield* something(self.alloc(64)), self.tick);
            yield* self.sleepUntil(30);
          });
          system.task("keeper", { priority: 10 }, function* (self) {
            yield* self.alloc(1024);
            yield* self.sleepUntil(4);
            yield* way(big);
            yield* self.sleepUntil(30);
          });
        },
        ["something", 4],
      );
    }
  }
});

// Memory under two objects

test("RAM that was given to a region or a pool and then given back is no other region's or pool's before the first is gone", () => {
  const creates: Record<string, (self: Self, storage: number) => Steps> = {
    region: ({ machine }, storage) => raw(machine, "region_create", 0, 64, Mode.READ | Mode.WRITE, storage),
    pool: ({ machine }, storage) => raw(machine, "pool_create", 0, 8, 8, storage),
  };
  for (const [kind, create] of Object.entries(creates)) {
    playOut((system) => {
      system.task("only", { storage: 512 }, function* (self) {
        const { machine } = self;
        const ram = (yield* self.alloc(64)) as View;
        const first = (yield* create(self, ram.address)) as number;
        assert.ok(first > 0, kind);
        yield* self.free(ram);
        assert.is(yield* create(self, 0), ENOMEM, kind);
        assert.is(yield* create(self, ram.address), EINVAL, kind);
        // Others of its kind, and RAM, are there as before.
        assert.is(((yield* self.alloc(64)) as View).address, ram.address, kind);
        assert.ok(((yield* create(self, 0)) as number) > 0, kind);
        assert.is(yield* raw(machine, "object_delete", first), 0);
      });
    });
  }
});

// Ends in the middle

test("ERR-12g receivers that want another's letter are passed over, in order, though they are more urgent and came first", () => {
  always(
    (system, log) => {
      const pool = system.pool({ count: 4, size: 8 });
      const box = system.mailbox();
      const absent = system.task("absent", { priority: 1, writes: [box] }, function* (self) {
        yield* self.sleepUntil(6);
        yield* box.send(yield* block(pool.alloc()));
      });
      for (const [name, priority, from] of [
        ["choosy", 20, absent],
        ["first", 19, undefined],
        ["second", 18, undefined],
      ] as const) {
        system.task(name, { priority, reads: [box] }, function* (self) {
          const got = yield* block(box.receive(from));
          log.push(name, self.tick);
          yield* got.free();
          yield* self.sleepUntil(9);
        });
      }
      system.task("sender", { priority: 10, writes: [box] }, function* (self) {
        for (const tick of [2, 3]) {
          yield* self.sleepUntil(tick);
          yield* box.send(yield* block(pool.alloc()));
        }
        yield* self.sleepUntil(9);
      });
    },
    ["first", 2, "second", 3, "choosy", 6],
  );
});

test("a pool that is deleted while the receiver of its letters is in a handler: the letters are gone, and the wait goes on for others", () => {
  always(
    (system, log) => {
      const [old, fresh] = [system.pool({ count: 3, size: 8 }), system.pool({ count: 1, size: 8 })];
      const box = system.mailbox();
      const receiver = system.task("receiver", { priority: 20, reads: [box] }, function* (self) {
        yield* self.signals.handle(SIGUSR1, lasting(5), { restart: true });
        const got = yield* block(box.receive());
        log.push(self.tick, got.view.text(1), box.letters);
      });
      system.task("sender", { priority: 10, writes: [box] }, function* (self) {
        yield* self.sleepUntil(2);
        yield* receiver.signal(SIGUSR1);
        yield* box.send(yield* filled(old, "a"));
        yield* box.send(yield* filled(old, "b"), receiver);
        yield* box.broadcast(yield* filled(old, "c"));
        assert.is(box.letters, 3);
        yield* old.delete();
        assert.is(box.letters, 0);
        yield* self.sleepUntil(7);
        yield* box.send(yield* filled(fresh, "d"));
      });
    },
    [7, "d", 0],
  );
});

test("what ends a holder of a broadcast, its addressee that did not look yet, or its sender, gives the block back exactly once", () => {
  for (const order of [
    ["sender", "holder", "late"],
    ["late", "sender", "holder"],
    ["holder", "late", "sender"],
  ]) {
    for (const signal of [SIGKILL, SIGTERM]) {
      playOut((system) => {
        const pool = system.pool({ count: 1, size: 8 });
        const box = system.mailbox();
        const tasks: Record<string, Task> = {};
        tasks.holder = system.task("holder", { priority: 20, reads: [box] }, function* (self) {
          assert.ok((yield* block(box.receive())).shared);
          yield* self.sleep(50);
        });
        tasks.late = system.task("late", { priority: 19, reads: [box] }, function* (self) {
          yield* self.signals.handle(SIGUSR1, lasting(50));
          yield* box.notify(SIGUSR1);
          yield* self.sleep(50);
        });
        tasks.sender = system.task("sender", { priority: 10, writes: [box] }, function* (self) {
          assert.is(yield* box.broadcast(yield* filled(pool, "x")), 2);
          yield* self.sleep(50);
        });
        system.task("boss", { priority: 30 }, function* (self) {
          yield* self.sleepUntil(2);
          for (const [i, name] of order.entries()) {
            yield* (tasks[name] as Task).signal(signal);
            const last = Math.max(order.indexOf("holder"), order.indexOf("late"));
            assert.is(pool.free, i < last ? 0 : 1, `${name} of ${order}`);
          }
        });
      });
    }
  }
});

test("a poller that is stopped is told of the first deletion when it goes on, and not of what took the place of what was deleted", () => {
  always(
    (system, log) => {
      const [queue, pool] = [system.queue({ public: "both" }), system.pool({ count: 1, size: 8 })];
      const poller = system.task("poller", { priority: 20 }, function* (self) {
        const mine = yield* block(pool.alloc());
        const set = self.pollSet([{ read: queue }, { read: pool }, { flags: 1 }]);
        log.push(yield* set.wait(), set.closed(0), set.closed(1), self.tick);
        assert.not(mine.held);
      });
      system.task("deleter", { priority: 10 }, function* (self) {
        yield* self.sleepUntil(2);
        yield* poller.signal(SIGSTOP);
        yield* pool.delete();
        yield* queue.delete();
        const again = yield* self.create.queue();
        yield* again.send("for nobody");
        yield* self.sleepUntil(5);
        yield* poller.signal(SIGCONT);
      });
    },
    [1, false, true, 5],
  );
});

test("a mailbox that its last sender closes while a receiver's handler runs ends the wait that goes on; one who was granted it keeps it", () => {
  for (const granted of [false, true]) {
    always(
      (system, log) => {
        const box = system.mailbox();
        const receiver = system.task("receiver", { priority: 20, reads: [box] }, function* (self) {
          yield* self.signals.handle(SIGUSR1, lasting(4), { restart: true });
          log.push(yield* something(box.receive(undefined, 8)), self.tick);
        });
        const heir = system.task("heir", { priority: 9 }, function* (self) {
          yield* self.sleepUntil(20);
        });
        system.task("sender", { priority: 10, writes: [box] }, function* (self) {
          yield* self.sleepUntil(2);
          yield* receiver.signal(SIGUSR1);
          if (granted) yield* box.grant(heir, "write");
          yield* box.close("write");
          yield* self.sleepUntil(20);
        });
      },
      granted ? [ETIMEDOUT, 8] : [EPIPE, 4],
    );
  }
});

test.run();
