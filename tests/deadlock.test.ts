/** Rings of tasks that wait for one another: found when they close, reported whole, refused where that was asked for. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type App,
  boot,
  ECANCELED,
  type Machine,
  type Mutex,
  type Ring,
  SIGSTOP,
  SIGTERM,
  SIGUSR1,
  SIGUSR2,
  Socket,
  signalSet,
} from "../hal/host/index.js";
import { Happening } from "../kernel/abi/host.js";
import { finish, misuse, ORACLES, play, playOut } from "./support.js";

const test = suite("deadlock");

/** "task: call object" of each task in a ring, in order. */
function text({ tasks }: Ring): string[] {
  return tasks.map(({ task, call, object }) => `${task}: ${call} ${object}`);
}

function deadlocked(app: App, options = {}): Machine {
  return play(app, options, "deadlock").machine;
}

/** A ring of `length` tasks, each of which has locked its own mutex and wants the next one's. */
function circle(length: number): App {
  return (system) => {
    const locks = Array.from({ length }, (_, i) => system.mutex({ name: `m${i}` }));
    for (let i = 0; i < length; i++) {
      system.task(`t${i}`, {}, function* (self) {
        yield* (locks[i] as Mutex).lock();
        yield* self.sleep(1 + i);
        yield* (locks[(i + 1) % length] as Mutex).lock();
      });
    }
  };
}

test("SYN-10a a ring of any length is found when it closes, and reported with tasks, objects and places", () => {
  for (const length of [2, 3, 7]) {
    const { rings } = deadlocked(circle(length)).report();
    assert.is(rings.length, 1);
    const [ring] = rings as [Ring];
    assert.is(ring.tick, length);
    assert.is(ring.tasks.length, length);
    const last = length - 1;
    assert.equal(text(ring).slice(0, 2), [`t${last}: mutex_lock m0`, "t0: mutex_lock m1"]);
    for (const { site } of ring.tasks) assert.match(site?.file ?? "", /deadlock\.test\.ts$/);
  }
});

test("SYN-10a a ring over a mutex, a join and a readers-writer lock is one", () => {
  const machine = deadlocked((system) => {
    const mutex = system.mutex({ name: "m" });
    const lock = system.rwlock({ name: "rw" });
    system.task("joiner", { priority: 3 }, function* (self) {
      yield* mutex.lock();
      yield* self.sleep(2);
      yield* writer.join();
    });
    const writer = system.task("writer", { priority: 4 }, function* (self) {
      yield* self.sleep(3);
      yield* lock.write();
    });
    system.task("reader", { priority: 5 }, function* (self) {
      yield* lock.read();
      yield* self.sleep(4);
      yield* mutex.lock();
    });
  });
  const [ring] = machine.report().rings as [Ring];
  assert.is(ring.tick, 4);
  assert.equal(text(ring), ["reader: mutex_lock m", "joiner: task_join writer", "writer: rwlock_write rw"]);
});

test("SYN-10a a ring over pipes is one: each is the only writer of what the other reads", () => {
  const machine = deadlocked((system) => {
    const there = system.pipe({ name: "there" });
    const back = system.pipe({ name: "back" });
    system.task("asker", { reads: [back], writes: [there] }, function* (self) {
      yield* back.read(self.buffer(1));
    });
    system.task("answerer", { reads: [there], writes: [back] }, function* (self) {
      yield* self.sleep(1);
      yield* there.read(self.buffer(1));
    });
  });
  const [ring] = machine.report().rings as [Ring];
  assert.equal(text(ring), ["answerer: pipe_read there", "asker: pipe_read back"]);
  assert.equal(machine.report().cycle, ["asker", "answerer"]);
});

/** The line of this file in which a text first stands. */
function lineOf(text: string): number {
  return (
    readFileSync(fileURLToPath(import.meta.url), "utf8")
      .split("\n")
      .findIndex((line) => line.includes(text)) + 1
  );
}

test("SYN-10a a ring over sockets is one: each end waits to receive from the other's only task", () => {
  for (const options of ORACLES) {
    const machine = deadlocked((system) => {
      system.task("server", { priority: 9, storage: 512 }, function* (self) {
        const listener = yield* self.create.socket();
        yield* listener.bind(80);
        yield* listener.listen();
        const socket = yield* listener.accept();
        assert.instance(socket, Socket);
        yield* (socket as Socket).receive(self.buffer(1));
      });
      system.task("client", { storage: 512 }, function* (self) {
        const socket = yield* self.create.socket();
        yield* socket.connect("127.0.0.1", 80);
        yield* socket.receive(self.buffer(1));
      });
    }, options);
    const rings = machine.report().rings.map(({ tasks }) => tasks.map(({ task, call }) => `${task}: ${call}`));
    assert.equal(rings, [["client: socket_receive", "server: socket_receive"]]);
  }
});

test("SYN-10a a receive that times out, or whose other end two tasks have, closes no ring", () => {
  for (const way of ["timeout", "granted"]) {
    const machine = play(
      (system) => {
        const idle = system.task("idle", { daemon: true, priority: 1 }, function* (self) {
          yield* self.sleep(5);
        });
        system.task("server", { priority: 9, storage: 512 }, function* (self) {
          const listener = yield* self.create.socket();
          yield* listener.bind(80);
          yield* listener.listen();
          const socket = (yield* listener.accept()) as Socket;
          if (way === "granted") yield* socket.grant(idle, "write");
          yield* socket.receive(self.buffer(1), way === "timeout" ? 5 : -1);
        });
        system.task("client", { storage: 512 }, function* (self) {
          const socket = yield* self.create.socket();
          yield* socket.connect("127.0.0.1", 80);
          yield* socket.receive(self.buffer(1));
        });
      },
      {},
      way === "timeout" ? "finished" : "deadlock",
    ).machine;
    assert.equal(machine.report().rings, []);
  }
});

test("SYN-10a TRC-05c a ring over a mutex, a pipe and a mailbox is reported with the names, calls and lines of its tasks", () => {
  const machine = deadlocked((system) => {
    const bus = system.mutex({ name: "bus" });
    const bytes = system.pipe({ name: "bytes" });
    const box = system.mailbox({ name: "box" });
    system.task("keeper", { priority: 9, reads: [bytes] }, function* (self) {
      yield* bus.lock();
      yield* bytes.read(self.buffer(8)); // the keeper waits here
    });
    system.task("writer", { priority: 8, writes: [bytes], reads: [box] }, function* () {
      yield* box.receive(); // the writer waits here
      yield* bytes.write("never");
    });
    system.task("sender", { priority: 7, writes: [box] }, function* (self) {
      yield* self.sleep(3);
      yield* bus.lock(); // the sender waits here
    });
  });
  const report = machine.report();
  const rows = report.blocked.map(({ task, call, object, holders, site }) => [task, call, object, holders, site?.line]);
  assert.equal(rows, [
    ["keeper", "pipe_read", "bytes", ["writer"], lineOf("// the keeper waits here")],
    ["writer", "mailbox_receive", "box", ["sender"], lineOf("// the writer waits here")],
    ["sender", "mutex_lock", "bus", ["keeper"], lineOf("// the sender waits here")],
  ]);
  assert.equal(report.cycle, ["keeper", "writer", "sender"]);
  const [ring] = report.rings as [Ring];
  assert.is(ring.tick, 3);
  assert.equal(text(ring), ["sender: mutex_lock bus", "keeper: pipe_read bytes", "writer: mailbox_receive box"]);
  assert.equal(
    ring.tasks.map(({ site }) => site?.line),
    ["sender", "keeper", "writer"].map((task) => lineOf(`// the ${task} waits here`)),
  );
});

test("TRC-05d the report names what each task waits for where nobody in particular could end it", () => {
  const machine = deadlocked((system) => {
    const event = system.event({ name: "door" });
    const queue = system.queue({ name: "mail" });
    const pool = system.pool({ name: "film", count: 1, size: 8 });
    system.task("signals", {}, function* (self) {
      yield* self.signals.wait(signalSet(SIGUSR1, SIGTERM));
    });
    system.task("suspended", {}, function* (self) {
      yield* self.signals.suspend(0);
    });
    system.task("flags", {}, function* (self) {
      yield* self.waitFlags(6);
    });
    system.task("note", {}, function* (self) {
      yield* self.waitNotification();
    });
    system.task("door", {}, function* () {
      yield* event.wait(5, { all: true });
    });
    system.task("poll", { reads: [queue] }, function* (self) {
      yield* self.pollSet([{ read: queue }, { event, bits: 8 }, { flags: 1 }, { signals: signalSet(SIGUSR2) }]).wait();
    });
    system.task("stopped", {}, function* (self) {
      yield* self.signal(SIGSTOP);
    });
    system.task("first", {}, function* (self) {
      yield* pool.alloc();
      yield* self.waitNotification();
    });
    system.task("second", {}, function* () {
      yield* pool.alloc();
    });
  });
  const rows = machine.report().blocked.map(({ task, call, object, wanted, holders }) => [task, call, object, wanted, holders.join()]);
  assert.equal(rows, [
    ["signals", "signal_wait", "", "SIGUSR1 or SIGTERM", ""],
    ["suspended", "signal_suspend", "", "", ""],
    ["flags", "flags_wait", "", "bits 0x6", ""],
    ["note", "notify_wait", "", "", ""],
    ["door", "event_wait", "door", "bits 0x5", ""],
    ["poll", "object_poll", "", "mail or door or flags 0x1 or SIGUSR2", ""],
    ["stopped", "stopped", "", "", ""],
    ["first", "notify_wait", "", "", ""],
    ["second", "pool_alloc", "film", "", "first"],
  ]);
});

test("SYN-10a the kernel traces the ring at the instant of the wait that closes it, and only once", () => {
  const machine = deadlocked(circle(3));
  const found = machine.trace.filter(({ number }) => number === Happening.CYCLE);
  assert.is(found.length, 1);
  assert.is(found[0]?.first, 3);
  assert.is(machine.nameOf(found[0]?.object ?? 0), "m0");
});

test("SYN-10a a wait with a timeout closes no ring, nor does one that somebody else can end", () => {
  const machine = boot((system) => {
    const a = system.mutex({ name: "a" });
    const b = system.mutex({ name: "b" });
    const pipe = system.pipe({ name: "p" });
    system.task("one", { writes: [pipe] }, function* (self) {
      yield* a.lock();
      yield* self.sleep(1);
      yield* b.lock(5);
      yield* a.unlock();
      yield* pipe.write("x");
    });
    system.task("two", {}, function* (self) {
      yield* b.lock();
      yield* self.sleep(2);
      yield* a.lock();
      yield* a.unlock();
      yield* b.unlock();
    });
    system.task("three", { reads: [pipe] }, function* (self) {
      yield* pipe.read(self.buffer(1));
    });
    system.task("four", { writes: [pipe] }, function* (self) {
      yield* self.sleep(3);
    });
  });
  assert.is(finish(boot(machine.app, { kernel: "debug" })), "finished");
  machine.run();
  assert.equal(machine.report().rings, []);
});

test("SYN-10a a ring that is broken again was still found, and the run goes on", () => {
  for (const oracle of ORACLES) {
    const { machine } = playOut((system) => {
      const a = system.mutex({ name: "a" });
      const b = system.mutex({ name: "b" });
      const one = system.task("one", { priority: 5 }, function* (self) {
        yield* a.lock();
        yield* self.sleep(1);
        assert.is(yield* b.lock(), ECANCELED);
        yield* a.unlock();
      });
      system.task("two", { priority: 5 }, function* (self) {
        yield* b.lock();
        yield* self.sleep(1);
        yield* a.lock();
        yield* a.unlock();
        yield* b.unlock();
      });
      system.task("breaker", { priority: 6 }, function* (self) {
        yield* self.sleep(5);
        yield* one.abort();
      });
    }, oracle);
    assert.is(machine.report().rings.length, 1);
    assert.equal(machine.report().cycle, []);
  }
});

test("SYN-10b EDEADLK for a checked mutex: the lock is refused, changes nothing, and others go on", () => {
  const log: unknown[] = [];
  const { machine } = playOut((system) => {
    const a = system.mutex({ name: "a", checked: true });
    const b = system.mutex({ name: "b", checked: true });
    system.task("one", { priority: 5 }, function* (self) {
      yield* a.lock();
      yield* self.sleep(2);
      log.push(yield* misuse(() => b.lock()));
      yield* a.unlock();
    });
    system.task("two", { priority: 5 }, function* (self) {
      yield* b.lock();
      yield* self.sleep(1);
      log.push(yield* a.lock());
      yield* a.unlock();
      yield* b.unlock();
    });
  });
  assert.equal(log, ["EDEADLK", 0]);
  assert.equal(machine.report().rings, []);
});

test("SYN-10b a checked mutex looks through joins, and not at waits that time out", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const a = system.mutex({ checked: true });
    system.task("owner", { priority: 5 }, function* (self) {
      yield* a.lock();
      yield* self.sleep(1);
      log.push(yield* other.join(20));
      yield* a.unlock();
    });
    const other = system.task("other", { priority: 5 }, function* (self) {
      yield* self.sleep(2);
      log.push(yield* a.lock(3), self.tick);
    });
    const joined = system.task("joined", { priority: 4 }, function* (self) {
      yield* self.sleep(31);
      log.push(yield* misuse(() => a.lock()));
    });
    system.task("joiner", { priority: 4 }, function* (self) {
      yield* self.sleepUntil(30);
      yield* a.lock();
      yield* joined.join();
      yield* a.unlock();
    });
  });
  assert.equal(log, [-110, 5, 0, "EDEADLK"]);
});

test("TRC-05a the report tells how each task ended: by itself, from outside, by a signal, by an exception, or not at all", () => {
  const machine = boot(
    (system) => {
      system.task("exits", {}, function* (self) {
        yield* self.exit(7);
      });
      const other = system.task("other", { daemon: true }, function* (self) {
        yield* self.sleep(100);
      });
      const asked = system.task("asked", { daemon: true }, function* (self) {
        yield* self.sleep(100);
      });
      system.task("stays", { daemon: true }, function* (self) {
        yield* self.sleep(100);
      });
      system.task("throws", {}, function* (self) {
        yield* self.sleep(1);
        throw new Error("mine");
      });
      system.task("ender", {}, function* (self) {
        yield* self.sleep(2);
        yield* other.terminate();
        yield* asked.signal(SIGTERM);
      });
    },
    { onFailure: "report" },
  );
  assert.is(machine.run(), "finished");
  const { tasks, failures } = machine.report();
  assert.equal(
    tasks.map(({ name, state, status, signal }) => [name, state, status, signal]),
    [
      ["exits", "exited", 7, 0],
      ["other", "terminated", -1, 0],
      ["asked", "signalled", 143, SIGTERM],
      ["stays", "blocked", undefined, 0],
      ["throws", "failed", 1, 0],
      ["ender", "exited", 0, 0],
    ],
  );
  assert.equal(
    failures.map(({ task, message, site }) => [task, message, site?.line]),
    [["throws", "mine", lineOf('new Error("mine")')]],
  );
});

test.run();
