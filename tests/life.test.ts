/** The end of tasks: at every step of a run, in every kind of wait, by every way to end one. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Block,
  boot,
  EPIPE,
  type Machine,
  type Parked,
  type Self,
  SIGCHLD,
  SIGCONT,
  SIGHUP,
  SIGKILL,
  SIGPIPE,
  SIGSTOP,
  SIGTERM,
  SIGUSR1,
  SIGUSR2,
  Socket,
  type System,
  signalSet,
  type Task,
  View,
} from "../hal/host/index.js";
import { Kind, Mode } from "../kernel/abi/host.js";
import { noting, raw, room } from "./probe.js";
import { ORACLES, play, playOut } from "./support.js";

const test = suite("life");

type Steps = Generator<Parked, unknown, unknown>;

/** Ticks after which a wait of the search gives up: whoever could have ended it is dead. */
const PATIENCE = 3;
/** The line whose handler has the victim terminated. */
const REAPER = 1;

/** Two halves of a use of each kind of object: the first needs the second, or the other way round. */
const games: Record<string, (system: System) => [first: (self: Self) => Steps, second: (self: Self) => Steps]> = {
  semaphore: (system) => {
    const sem = system.semaphore();
    return [
      function* () {
        yield* sem.take(PATIENCE);
      },
      function* () {
        yield* sem.give();
      },
    ];
  },
  "two mutexes": (system) => {
    const outer = system.mutex();
    const inner = system.mutex({ robust: true });
    function* both(self: Self) {
      if ((yield* outer.lock(PATIENCE)) < 0) return;
      const got = yield* inner.lock(PATIENCE);
      if (got === -130) yield* inner.consistent();
      yield* self.sleep(1);
      if (got === 0 || got === -130) yield* inner.unlock();
      yield* outer.unlock();
    }
    return [both, both];
  },
  condition: (system) => {
    const lock = system.mutex();
    const cond = system.condition();
    return [
      function* () {
        if ((yield* lock.lock(PATIENCE)) < 0) return;
        yield* cond.wait(lock, PATIENCE);
        yield* lock.unlock();
      },
      function* (self) {
        if ((yield* lock.lock(PATIENCE)) < 0) return;
        yield* cond.signal();
        yield* self.sleep(1);
        yield* lock.unlock();
      },
    ];
  },
  "events and a barrier": (system) => {
    const event = system.event();
    const barrier = system.barrier(2);
    return [
      function* () {
        yield* event.wait(3, { all: true, clear: true }, PATIENCE);
        yield* barrier.wait(PATIENCE);
      },
      function* () {
        yield* event.set(3);
        yield* barrier.wait(PATIENCE);
      },
    ];
  },
  "a readers-writer lock": (system) => {
    const lock = system.rwlock();
    return [
      function* (self) {
        if ((yield* lock.read(PATIENCE)) < 0) return;
        yield* self.sleep(1);
        yield* lock.unlock();
      },
      function* (self) {
        if ((yield* lock.write(PATIENCE)) < 0) return;
        yield* self.sleep(1);
        yield* lock.unlock();
      },
    ];
  },
  pipes: (system) => {
    const there = system.pipe({ capacity: 3, public: "both" });
    const back = system.pipe({ capacity: 0, public: "both" });
    return [
      function* (self) {
        yield* there.write("abcdef", PATIENCE);
        yield* back.read(self.buffer(2), PATIENCE);
      },
      function* (self) {
        yield* there.read(self.buffer(4), PATIENCE);
        yield* back.write("xy", PATIENCE);
      },
    ];
  },
  signals: (system) => {
    let first: Self | undefined;
    const sem = system.semaphore();
    return [
      function* (self) {
        first = self;
        yield* self.signals.handle(SIGUSR1, function* (me) {
          yield* me.signal(SIGUSR2);
          yield* sem.take(1);
        });
        yield* self.signals.handle(SIGUSR2, function* (me) {
          yield* me.sleep(1);
        });
        yield* self.alarm(100);
        yield* self.signals.wait(signalSet(SIGTERM), PATIENCE);
        yield* self.signals.restore(SIGUSR1);
      },
      function* () {
        if (first) yield* first.signal(SIGUSR1);
        yield* sem.give();
        if (first) yield* first.signal(SIGTERM);
      },
    ];
  },
  queues: (system) => {
    const queue = system.queue({ count: 1, size: 4, public: "both" });
    const other = system.queue({ count: 1, size: 4, discipline: "priority", public: "both" });
    return [
      function* (self) {
        for (const text of ["a", "b", "c"]) yield* queue.send(text, {}, PATIENCE);
        yield* other.notify(SIGHUP);
        yield* other.peek(self.buffer(4), PATIENCE);
        yield* other.receive(self.buffer(4), PATIENCE);
      },
      function* (self) {
        const view = self.buffer(4);
        for (let i = 0; i < 2; i++) yield* queue.receive(view, PATIENCE);
        yield* other.send("d", { priority: 3 }, PATIENCE);
        yield* other.send("e", { priority: 5 }, PATIENCE);
      },
    ];
  },
  "mailboxes and a pool": (system) => {
    const pool = system.pool({ count: 2, size: 8 });
    const [there, back] = [system.mailbox({ name: "there" }), system.mailbox({ name: "back" })];
    function* opens({ machine }: Self, reads: string, writes: string) {
      yield* raw(machine, "object_open", Kind.MAILBOX, machine.stageName(reads), Mode.READ);
      yield* raw(machine, "object_open", Kind.MAILBOX, machine.stageName(writes), Mode.WRITE);
    }
    return [
      function* (self) {
        yield* opens(self, "back", "there");
        for (const way of ["send", "sendSync", "broadcast"] as const) {
          const mine = yield* pool.alloc(PATIENCE);
          if (mine instanceof Block) yield* way === "sendSync" ? there.sendSync(mine, undefined, PATIENCE) : there[way](mine);
        }
        yield* self.sleep(1);
        const got = yield* back.receive(undefined, PATIENCE);
        if (got instanceof Block) yield* got.free();
      },
      function* (self) {
        yield* opens(self, "there", "back");
        yield* there.notify(SIGHUP);
        for (let i = 0; i < 3; i++) {
          const got = yield* there.receive(undefined, PATIENCE);
          if (!(got instanceof Block)) continue;
          yield* self.sleep(1);
          if (got.shared || i !== 1) yield* got.free();
          else yield* back.sendSync(got, undefined, PATIENCE);
        }
      },
    ];
  },
  "a region and its words": (system) => {
    const region = system.region({ name: "region", size: 8 });
    function* attach({ machine }: Self) {
      yield* raw(machine, "object_open", Kind.REGION, machine.stageName("region"), Mode.WRITE);
    }
    return [
      function* (self) {
        yield* attach(self);
        yield* region.wait(4, 0, PATIENCE);
        yield* region.add(0, 1);
        yield* region.wake(0);
      },
      function* (self) {
        yield* attach(self);
        yield* region.exchange(4, 1);
        yield* region.wakeAll(4);
        yield* region.wait(0, 0, PATIENCE);
        yield* region.close("write");
        yield* region.close("read");
      },
    ];
  },
  streams: () => [
    function* (self) {
      const listener = yield* self.create.socket({ receive: 3 });
      if ((yield* listener.bind(80)) < 0) return;
      yield* listener.listen(2);
      const view = self.buffer(4);
      for (let i = 0; i < 2; i++) {
        const end = yield* listener.accept(PATIENCE);
        if (!(end instanceof Socket)) continue;
        yield* end.receive(view, PATIENCE);
        yield* end.send("answer", PATIENCE);
        if (i === 0) yield* end.shutdown("both");
        yield* end.close();
      }
    },
    function* (self) {
      const view = self.buffer(4);
      const ends: Socket[] = [];
      for (let i = 0; i < 2; i++) {
        const end = yield* self.create.socket({ receive: 2 });
        ends.push(end);
        if ((yield* end.connect("127.0.0.1", 80, PATIENCE)) < 0) yield* self.sleep(1);
        else yield* end.send("question", PATIENCE);
      }
      for (const end of ends) {
        yield* end.receive(view, PATIENCE);
        yield* end.shutdown("write");
      }
    },
  ],
  "a stream that two tasks have": (system) => {
    const [listener, end] = [system.socket({ name: "door" }), system.socket({ name: "end", receive: 2 })];
    const { machine } = end;
    machine.kernel.socket_bind(listener.handle, 0, 80);
    machine.kernel.socket_listen(listener.handle, 1);
    function* opens(name: string) {
      yield* raw(machine, "object_open", Kind.SOCKET, machine.stageName(name), Mode.READ | Mode.WRITE);
    }
    return [
      function* (self) {
        yield* opens("end");
        yield* end.connect("127.0.0.1", 80, PATIENCE);
        yield* end.send("abc", PATIENCE);
        yield* end.receive(self.buffer(1), PATIENCE);
      },
      function* (self) {
        yield* opens("door");
        yield* opens("end");
        const other = yield* listener.accept(PATIENCE);
        if (!(other instanceof Socket)) return;
        yield* end.receive(self.buffer(1), 1);
        yield* other.send("defghi", PATIENCE);
        if (end.state === "connected") yield* end.close("write");
        yield* other.receive(self.buffer(2), PATIENCE);
      },
    ];
  },
  datagrams: (system) => {
    const place = system.socket({ type: "datagram", name: "place", receive: 20 });
    const { machine } = place;
    machine.kernel.socket_bind(place.handle, 0, 80);
    return [
      function* (self) {
        yield* raw(machine, "object_open", Kind.SOCKET, machine.stageName("place"), Mode.READ);
        const from = self.sender();
        for (let i = 0; i < 2; i++) yield* place.receive(self.buffer(4), PATIENCE, from);
      },
      function* (self) {
        const own = yield* self.create.socket({ type: "datagram" });
        const to = self.endpoint("127.0.0.1", 80);
        for (let i = 0; i < 4; i++) yield* own.sendTo("question", to, PATIENCE);
      },
    ];
  },
  RAM: (system) => {
    const { machine } = system.semaphore();
    const most = Math.floor(room(machine) / 2) + 8;
    function* takes(self: Self) {
      const view = yield* self.alloc(most, PATIENCE);
      yield* self.sleep(1);
      if (view instanceof View) yield* self.free(view);
      yield* self.alloc(64, PATIENCE);
    }
    return [takes, takes];
  },
  "a poll of everything": (system) => {
    const pool = system.pool({ count: 1, size: 8 });
    const queue = system.queue({ count: 1, size: 4, public: "both" });
    const box = system.mailbox({ name: "box" });
    return [
      function* (self) {
        const { machine } = self;
        yield* raw(machine, "object_open", Kind.MAILBOX, machine.stageName("box"), Mode.READ);
        const set = self.pollSet([{ read: queue }, { write: queue }, { read: box }, { read: pool }, { signals: signalSet(SIGTERM) }]);
        yield* queue.send("a", {}, 0);
        yield* pool.alloc(0);
        for (let i = 0; i < 3; i++) {
          if ((yield* set.wait(PATIENCE)) <= 0) continue;
          if (set.ready(0)) yield* queue.receive(self.buffer(4), 0);
          const got = set.ready(2) && box.record >= 0 ? yield* box.receive(undefined, 0) : 0;
          if (got instanceof Block) yield* got.free();
        }
      },
      function* (self) {
        const { machine } = self;
        yield* raw(machine, "object_open", Kind.MAILBOX, machine.stageName("box"), Mode.WRITE);
        yield* queue.receive(self.buffer(4), PATIENCE);
        const mine = yield* pool.alloc(PATIENCE);
        if (mine instanceof Block) yield* box.send(mine);
        yield* queue.send("b", {}, PATIENCE);
      },
    ];
  },
  "flags, notification and poll": () => {
    let first: Self | undefined;
    return [
      function* (self) {
        first = self;
        yield* self.waitFlags(1, { clear: true }, PATIENCE);
        yield* self.waitNotification(PATIENCE);
        yield* self.pollSet([{ flags: 2 }, { notification: true }]).wait(PATIENCE);
      },
      function* (self) {
        if (first) yield* first.setFlags(1);
        if (first) yield* first.notify(4);
        yield* self.sleep(1);
        if (first) yield* first.setFlags(2);
      },
    ];
  },
  "a child": (system) => {
    const sem = system.semaphore();
    return [
      function* (self) {
        const child = yield* self.create.task(`${self.name} child`, { priority: 12 }, function* (me) {
          yield* me.sleep(1);
          yield* sem.take(PATIENCE);
        });
        yield* child.join(PATIENCE);
      },
      function* () {
        yield* sem.give();
      },
    ];
  },
};

/** Plays both halves, one of them more urgent, and a third task that comes to the same objects later. */
function game(name: string, urgent: "first" | "second"): (system: System) => void {
  return (system) => {
    const [first, second] = (games[name] as (typeof games)[string])(system);
    const tasks: Task[] = [];
    const player = (who: string, priority: number, part: (self: Self) => Steps) =>
      tasks.push(
        system.task(who, { priority }, function* (self) {
          yield* self.signals.ignore(SIGPIPE);
          // Whoever ended may have been sent this before.
          yield* self.signals.mask(SIGTERM);
          yield* self.signals.handle(
            SIGHUP,
            function* (me) {
              yield* me.sleep(1);
              yield* me.compute(50);
            },
            { restart: who !== "second" },
          );
          yield* part(self);
          yield* self.compute(100);
        }),
      );
    player("first", urgent === "first" ? 20 : 10, first);
    player("second", urgent === "first" ? 10 : 20, second);
    player("third", 5, first);
    system.task("bystander", { priority: 1 }, function* (self) {
      yield* self.sleep(30);
      for (const task of tasks) yield* task.signal(SIGCONT);
    });
    const reaper = system.task("reaper", { priority: 63, daemon: true }, function* (self) {
      yield* self.waitFlags(1);
      yield* tasks[doomed]?.terminate() ?? self.exit(1);
    });
    system.interrupt(REAPER, {}, function* () {
      yield* reaper.setFlags(1);
    });
  };
}
/** The victim: an index of players. */
let doomed = 0;
const players = ["first", "second", "third"];

/** Goes on to the end, asking for every invariant after every step. */
function conclude(machine: Machine, what: string): void {
  for (;;) {
    const reason = machine.advance({ dispatches: 1 });
    assert.is(machine.check(), 0, what);
    assert.equal(machine.failures, [], what);
    if (reason === "budget") continue;
    assert.is(reason, "finished", what);
    return;
  }
}

test("TSK-12a ending any task at any step of a run, in any wait, leaves every object consistent, and the others finish", () => {
  let ends = 0;
  for (const name of Object.keys(games)) {
    for (const urgent of ["first", "second"] as const) {
      for (const options of ORACLES.slice(0, 4)) {
        const machine = boot(game(name, urgent), { kernel: "debug", trace: false, hash: false, ...options });
        for (const victim of players) {
          doomed = players.indexOf(victim);
          for (let step = 0; ; step++) {
            const way = (["kill", "terminate"] as const)[step % 2];
            machine.powerOn();
            for (let i = 0; i < step >> 1; i++) machine.advance({ dispatches: 1 });
            if (machine.over || machine.task(victim).status !== undefined) break;
            if (way === "kill") machine.sendSignal(victim, SIGKILL);
            else machine.raise(REAPER);
            conclude(machine, `${name}, ${urgent} urgent, ${way} ${victim} at step ${step >> 1}, ${JSON.stringify(options)}`);
            for (const other of players) {
              if (other !== victim)
                assert.is(machine.task(other).state, "exited", `${other}: ${name}, ${way} ${victim} at step ${step >> 1}`);
            }
            ends++;
          }
        }
      }
    }
  }
  assert.ok(ends > 1000, `${ends} ends`);
});

test("SIG-18d SIG-12i a caught signal, or a stop for a while, at any step of a run, in any wait, leaves every object consistent, and all finish", () => {
  let sent = 0;
  for (const name of Object.keys(games)) {
    for (const options of ORACLES.slice(0, 3)) {
      const machine = boot(game(name, "first"), { kernel: "debug", trace: false, hash: false, ...options });
      for (const victim of players) {
        for (let step = 0; ; step++) {
          const what = `${name}, ${victim} at step ${step}, ${JSON.stringify(options)}`;
          machine.powerOn();
          for (let i = 0; i < step; i++) machine.advance({ dispatches: 1 });
          if (machine.over || machine.task(victim).status !== undefined) break;
          if (step % 2 === 0) machine.sendSignal(victim, SIGSTOP);
          machine.sendSignal(victim, SIGHUP);
          conclude(machine, what);
          // Before it had a handler the signal ends it.
          const states = players.map((player) => machine.task(player).state);
          assert.ok(
            states.every((state, i) => state === "exited" || (state === "signalled" && players[i] === victim)),
            `${what}: ${states}`,
          );
          sent++;
        }
      }
    }
  }
  assert.ok(sent > 500, `${sent} signals`);
});

test("TSK-12b finally blocks run on exit and on return, innermost context first, and not when the task is ended", () => {
  const ways: Record<string, [how: (self: Self) => Steps, runs: unknown[]]> = {
    returns: [function* () {}, ["task"]],
    exits: [
      function* (self) {
        yield* self.exit(3);
      },
      ["task"],
    ],
    "exits in a handler": [
      function* (self) {
        yield* self.signals.handle(SIGUSR1, function* (me) {
          try {
            yield* me.exit(4);
          } finally {
            log.push("handler");
          }
        });
        yield* self.signal(SIGUSR1);
      },
      ["handler", "task"],
    ],
    "terminates itself": [
      function* (self) {
        yield* self.terminate();
      },
      [],
    ],
    "is signalled": [
      function* (self) {
        yield* self.signal(SIGTERM);
      },
      [],
    ],
    "is signalled in a handler": [
      function* (self) {
        yield* self.signals.handle(SIGUSR1, function* (me) {
          try {
            yield* me.signal(SIGKILL);
          } finally {
            log.push("handler");
          }
        });
        yield* self.signal(SIGUSR1);
      },
      [],
    ],
    "is terminated": [
      function* (self) {
        yield* self.sleep(5);
      },
      [],
    ],
  };
  let log: unknown[] = [];
  for (const [name, [how, runs]] of Object.entries(ways)) {
    for (const options of ORACLES) {
      log = [];
      playOut((system) => {
        const a = system.task("a", {}, function* (self) {
          try {
            yield* how(self);
          } finally {
            log.push("task");
          }
        });
        system.task("b", { priority: 3 }, function* (self) {
          yield* self.sleep(1);
          yield* a.terminate();
        });
      }, options);
      assert.equal(log, runs, name);
    }
  }
});

test("TSK-12b a call in a finally block of a task that has ended is refused, and the outer blocks run all the same", () => {
  const log: unknown[] = [];
  const sem: { count: number }[] = [];
  const machine = boot(
    (system) => {
      const given = system.semaphore();
      sem.push(given);
      system.task("a", {}, function* (self) {
        yield* self.signals.handle(SIGUSR1, function* (me) {
          try {
            yield* me.exit(0);
          } finally {
            log.push("handler");
            yield* given.give();
          }
        });
        try {
          yield* self.signal(SIGUSR1);
        } finally {
          log.push("task");
        }
      });
    },
    { kernel: "debug", onFailure: "report" },
  );
  assert.is(machine.run(), "finished");
  assert.equal(log, ["handler", "task"]);
  assert.match(machine.failures[0]?.message ?? "", /the task has ended: a finally block makes no calls/);
  assert.is(sem[0]?.count, 0);
});

test("TSK-12b an exit that was put off, and overtaken by what ends the task, runs no finally blocks", () => {
  // The exit's charge ends on the cycle of every event in turn; the event ends the task.
  const states = new Set<string>();
  for (let delay = 0; delay < 400; delay += 10) {
    let finallies = 0;
    const { machine } = play((system) => {
      const timer = system.hardwareTimer({ line: 1 });
      const a = system.task("a", {}, function* (self) {
        try {
          yield* timer.write(0, 100 + delay);
          yield* timer.write(1, 1);
          yield* self.compute(100);
          yield* self.exit(0);
        } finally {
          finallies++;
        }
      });
      system.interrupt(1, {}, function* () {
        yield* timer.write(1, 0);
        yield* a.signal(SIGKILL);
      });
    });
    const { state } = machine.task("a");
    states.add(state);
    assert.is(finallies, state === "exited" ? 1 : 0, `${delay}: ${state}`);
  }
  assert.equal([...states].sort(), ["exited", "signalled"]);
});

test("TSK-10g what it had for signals goes first: a task that ends hears of nothing that its own end brings about; SIGCHLD comes last", () => {
  const log: unknown[] = [];
  const { machine } = playOut((system) => {
    const lock = system.mutex();
    const pipe = system.pipe({ capacity: 1 });
    system.task("parent", { priority: 9, reads: [pipe] }, function* (self) {
      yield* self.signals.handle(SIGCHLD, noting(log, "child ended"), { restart: true });
      const child = yield* self.create.task("child", { priority: 12 }, function* (me) {
        yield* me.signals.handle(SIGUSR1, noting(log, "never"));
        yield* me.signals.handle(SIGPIPE, noting(log, "never"));
        yield* lock.lock();
        yield* me.sleep(3);
        yield* me.signals.mask(SIGUSR1);
        yield* me.signal(SIGUSR1);
        yield* me.exit(0);
      });
      yield* pipe.grant(child, "read");
      yield* pipe.close("read");
      yield* child.join();
    });
    system.task("locker", { priority: 8 }, function* () {
      yield* lock.lock();
    });
    system.task("writer", { priority: 7, writes: [pipe] }, function* (self) {
      yield* self.signals.ignore(SIGPIPE);
      assert.is(yield* pipe.write("a"), 1);
      assert.is(yield* pipe.write("b"), EPIPE);
    });
  });
  const { trace } = machine;
  const end = trace.findIndex(({ event, object }) => event === "END" && (object & 0xff) === machine.task("child").index);
  const after = trace.slice(end + 1).filter(({ event }) => event === "WAKE" || event === "SIGNAL");
  const name = (index: number) => machine.tasks.find((task) => task.index === index)?.name;
  assert.equal(
    after.slice(0, 5).map(({ event, task }) => `${event} ${name(task)}`),
    ["WAKE locker", "WAKE writer", "SIGNAL writer", "WAKE parent", "SIGNAL parent"],
  );
  assert.equal(log, ["child ended"]);
});

test.run();
