/** Small slips that a change of the kernel could make, each of which no other test would notice. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  boot,
  type Machine,
  type MachineOptions,
  type Oracle,
  type Parked,
  Question,
  type Ring,
  type Self,
  SIGUSR1,
  type System,
} from "../hal/host/index.js";
import {
  Action,
  Cause,
  Connection,
  EAGAIN,
  ECANCELED,
  ECONNREFUSED,
  EFAULT,
  EIDRM,
  ESRCH,
  ETIMEDOUT,
  Held,
  Info,
  layout,
  Mode,
  Place,
  Poll,
} from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { doing, info, raw } from "./probe.js";
import { finish, play, playOut } from "./support.js";
import { found, type Town } from "./town.js";
import { ACK, FAR, REFUSED, RST, Wire } from "./wire.js";

const test = suite("slip");
const FOREVER = -1;
const RW = Mode.READ | Mode.WRITE;
/** Open to whoever there is. */
const ALL = RW | (RW << 2);

/** A kernel on which a task runs, and its handle. */
function running(settings: ConstructorParameters<typeof Bare>[0] = {}): Bare {
  const m = new Bare(settings);
  m.task(9);
  m.start();
  return m;
}

// Words

test("compare-and-exchange stores what it is told where it finds what it expects, and else nothing; the old word is told each time", () => {
  const m = running();
  const [at, old] = [m.bytes(8), m.bytes(8)];
  m.u32[at >> 2] = 5;
  assert.is(m.kernel.word_compare_exchange(at, 6, 7, old), 0);
  assert.equal([m.u32[at >> 2], m.u32[old >> 2]], [5, 5]);
  assert.is(m.kernel.word_compare_exchange(at, 5, 7, old), 1);
  assert.equal([m.u32[at >> 2], m.u32[old >> 2]], [7, 5]);
});

test("the last whole word of the data is one, wherever they end", () => {
  for (const statics of [4096, 4100, 4104, 4102, 4103]) {
    const m = running({ statics });
    const last = (dataEnd(m) & ~3) - 4;
    assert.is(m.kernel.word_add(last, 1, 0), 0, `${statics}`);
    assert.is(m.kernel.word_add(last + 4, 1, 0), EFAULT, `${statics}`);
  }
});

function dataEnd(m: Bare): number {
  const out = m.bytes(16);
  assert.is(m.kernel.object_info(0, Info.DATA_END, out), 0);
  return m.u32[out >> 2] as number;
}

// Reach

test("what a port may touch for a caller is asked by address, length and direction, and nothing before power-on", () => {
  const m = new Bare({ guarded: 1 });
  m.task(9);
  const others = m.storageOf(m.task(5));
  m.start();
  const own = m.kernel.memory_alloc(64, 0);
  const reach = (address: number, length: number, write = 1) => m.kernel.reach(address, length, write);
  assert.equal([reach(own, 64), reach(own, 64, 0), reach(own + 60, 4), reach(own, 72), reach(others, 4)], [1, 1, 1, 0, 0]);
  assert.is(reach(own, -1), 0);
  assert.is(new Bare({ period: 0 }).kernel.reach(own, 4, 0), 0);
});

test("a region that is gone stands in nobody's way to the one that has its memory now", () => {
  const m = new Bare({ guarded: 1 });
  m.task(9);
  m.start();
  const regions = [256, 64].map((size) => m.kernel.region_create(0, size, RW, 0));
  const [first = 0, second = 0] = regions.map((region) => m.kernel.region_address(region));
  assert.ok(first > 0 && second > 0 && first !== second);
  assert.is(m.kernel.object_delete(regions[0] as number), 0);
  assert.equal([m.kernel.reach(first, 4, 1), m.kernel.reach(second, 64, 1)], [0, 1]);
  const wide = m.kernel.region_create(0, 64, RW, 0);
  const again = m.kernel.region_address(wide);
  assert.equal([m.kernel.reach(again, 64, 1), m.kernel.reach(second, 64, 1), m.kernel.reach(again + 64, 4, 1)], [1, 1, 0]);
});

// Polls

test("a rendezvous pipe is ready to be written while somebody reads, to be read while somebody writes, and else not", () => {
  const seen: number[][] = [];
  playOut((system) => {
    const pipe = system.pipe({ name: "p", capacity: 0 });
    const look = function* (machine: Machine, view: number) {
      machine.u32.set([pipe.handle, Poll.READ | Poll.WRITE, 0, 0], view >> 2);
      const count = yield* raw(machine, "object_poll", view, 1, 0);
      seen.push([count, machine.u32[(view + layout.PollItem.ready) >> 2] as number]);
    };
    const both = { reads: [pipe], writes: [pipe] };
    system.task("reader", { ...both, priority: 9 }, function* (self) {
      yield* self.sleep(2);
      yield* pipe.read(self.buffer(4), 2);
    });
    system.task("writer", { ...both, priority: 8 }, function* (self) {
      yield* self.sleep(6);
      yield* pipe.write("x", 2);
    });
    system.task("poller", { ...both, priority: 5 }, function* (self) {
      const view = self.buffer(16).address;
      for (let i = 0; i < 3; i++) {
        yield* look(self.machine, view);
        yield* self.sleep(i === 0 ? 3 : 4);
      }
    });
  });
  assert.equal(
    seen.map(([, ready]) => (ready as number) & (Poll.READ | Poll.WRITE)),
    [0, Poll.WRITE, Poll.READ],
  );
});

test("whoever polls for room in a pipe is told by the read that makes it, and goes on at once", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ name: "p", capacity: 4 });
    system.task("poller", { writes: [pipe], priority: 9 }, function* (self) {
      yield* pipe.write("full");
      const view = self.buffer(16).address;
      self.machine.u32.set([pipe.handle, Poll.WRITE, 0, 0], view >> 2);
      log.push(yield* raw(self.machine, "object_poll", view, 1, 50), self.tick);
    });
    system.task("reader", { reads: [pipe], priority: 5 }, function* (self) {
      yield* self.sleep(2);
      yield* pipe.read(self.buffer(1));
      log.push("read");
      yield* self.sleep(10);
    });
  });
  assert.equal(log, [1, 2, "read"]);
});

test("whoever polls for room in a queue is told by a reset", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const queue = system.queue({ name: "q", count: 1, size: 4 });
    system.task("poller", { writes: [queue], priority: 9 }, function* (self) {
      yield* queue.send("full");
      const view = self.buffer(16).address;
      self.machine.u32.set([queue.handle, Poll.WRITE, 0, 0], view >> 2);
      log.push(yield* raw(self.machine, "object_poll", view, 1, 50), self.tick);
    });
    system.task("resets", { reads: [queue], writes: [queue], priority: 5 }, function* (self) {
      yield* self.sleep(2);
      yield* raw(self.machine, "queue_reset", queue.handle);
      log.push("reset");
      yield* self.sleep(10);
    });
  });
  assert.equal(log, [1, 2, "reset"]);
});

test("a writer at a rendezvous serves those who get something, and nobody with nothing", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const pipe = system.pipe({ name: "p", capacity: 0 });
    for (const priority of [9, 8]) {
      system.task(`reader ${priority}`, { reads: [pipe], priority }, function* (self) {
        log.push(priority, yield* pipe.read(self.buffer(4), 5), self.tick);
      });
    }
    system.task("writer", { writes: [pipe] }, function* (self) {
      log.push(yield* pipe.write("four"));
      yield* self.sleep(10);
    });
  });
  assert.equal(log, [9, 4, 0, 4, 8, ETIMEDOUT, 5]);
});

test("a queue keeps to the memory that it was given, however its messages come round", () => {
  const m = running();
  const [count, size] = [3, 8];
  const [message, storage] = [m.bytes(size), m.bytes(8 + count * (8 + size))];
  const behind = m.bytes(64);
  const before = m.bytes(0) - 64;
  m.u8.fill(0xa5, before, before + 64);
  assert.is(before, behind);
  const queue = m.kernel.queue_create(0, count, size, 0, RW, storage);
  assert.ok(queue > 0, `${queue}`);
  for (let i = 0; i < 10; i++) {
    for (const n of [0, 1, 2].slice(0, 1 + (i % 3))) {
      m.u8.fill(16 * i + n, message, message + size);
      assert.is(m.kernel.queue_send(queue, message, size, 0, 0), 0);
    }
    for (const n of [0, 1, 2].slice(0, 1 + (i % 3))) {
      assert.is(m.kernel.queue_receive(queue, message, size, 0, 0), size);
      assert.is(m.u8[message], 16 * i + n);
    }
  }
  assert.ok(m.u8.subarray(behind, behind + 64).every((byte) => byte === 0xa5));
});

// Errors

test("of several things that are wrong the handle is told first", () => {
  const m = running();
  assert.equal(
    [m.kernel.flags_clear(0x7fff0001, -1), m.kernel.flags_set(0x7fff0001, -1), m.kernel.task_slice(0x7fff0001, -1)],
    [ESRCH, ESRCH, ESRCH],
  );
});

// Traces

test("what is traced and what is hashed does not depend on whether the other is, nor on either what the tasks do", () => {
  const played = (options: MachineOptions) => {
    const town: Town = { people: [], doomed: 2 };
    const machine = boot((system) => found(system, town), { kernel: "debug", seed: 5, onFailure: "report", ...options });
    return { machine, reason: machine.advance({ tick: 400 }) };
  };
  const [both, traced, hashed, neither] = [{}, { hash: false }, { trace: false }, { hash: false, trace: false }].map(played);
  assert.ok(both && both.machine.trace.length > 300);
  assert.equal(traced?.machine.trace, both?.machine.trace);
  assert.is(hashed?.machine.hash, both?.machine.hash);
  for (const each of [traced, hashed, neither]) assert.equal([each?.reason, each?.machine.cycles], [both?.reason, both?.machine.cycles]);
});

// Waits and what ends them

/** The causes with which a task was woken, in their order. */
function causes({ trace }: Machine, task: number): number[] {
  return trace.filter((record) => record.event === "WAKE" && record.task === task).map(({ first }) => first);
}

test("flags that are set hand themselves over", () => {
  const { machine } = play((system) => {
    const event = system.event();
    system.task("waiter", { priority: 9 }, function* () {
      assert.is(yield* event.wait(2), 3);
    });
    system.task("setter", {}, function* () {
      yield* event.set(3);
    });
  });
  assert.equal(causes(machine, 0), [Cause.HANDOFF]);
});

test("a synchronous sender whose letter is passed on has handed it over", () => {
  const { machine } = play((system) => {
    const pool = system.pool({ name: "blocks", count: 2, size: 16 });
    const [box, next] = [system.mailbox({ name: "box" }), system.mailbox({ name: "next" })];
    system.task("sender", { priority: 5, writes: [box] }, function* (self) {
      const block = yield* raw(self.machine, "pool_alloc", pool.handle, 0);
      assert.is(yield* raw(self.machine, "mailbox_send_sync", box.handle, 0, block, FOREVER), 0);
    });
    system.task("clerk", { priority: 9, reads: [box], writes: [next] }, function* (self) {
      const block = yield* raw(self.machine, "mailbox_receive", box.handle, 0, 0, FOREVER);
      assert.is(yield* raw(self.machine, "mailbox_send", next.handle, 0, block), 0);
    });
    system.task("last", { priority: 3, reads: [next] }, function* (self) {
      const block = yield* raw(self.machine, "mailbox_receive", next.handle, 0, 0, FOREVER);
      yield* raw(self.machine, "pool_free", block);
    });
  });
  assert.equal(causes(machine, 0), [Cause.HANDOFF]);
});

test("the trace tells that a suspended wait for signals was aborted, and what a task is held by", () => {
  const { machine } = play((system) => {
    const waiter = system.task("waiter", { priority: 9 }, function* ({ machine }) {
      assert.is(yield* raw(machine, "signal_suspend", 0), ECANCELED);
    });
    system.task("user", {}, function* ({ machine }) {
      yield* raw(machine, "wait_abort", waiter.handle);
    });
  });
  assert.equal(causes(machine, 0), [Cause.CANCELED]);
  const held = play((system) => {
    const sleeper = system.task("sleeper", { priority: 9 }, function* (self) {
      yield* self.sleep(2);
    });
    system.task("user", {}, function* ({ machine }) {
      yield* raw(machine, "task_suspend", sleeper.handle);
      yield* raw(machine, "task_resume", sleeper.handle);
    });
  }).machine;
  const holds = held.trace.filter(({ event }) => event === "HOLD").map(({ first, second }) => [first, second]);
  assert.equal(holds, [
    [Held.SUSPENDED, 0],
    [0, Held.SUSPENDED],
  ]);
});

/** What a task waits for, and what it waits on: both are made by the task that waits. */
const WAITS: Record<string, (self: Self) => Generator<Parked, [handle: number, wait: () => Generator<Parked, number, unknown>], unknown>> =
  {
    *semaphore({ machine }) {
      const handle = yield* raw(machine, "sem_create", 0, 0, 1);
      return [handle, () => raw(machine, "sem_take", handle, FOREVER)];
    },
    *event({ machine }) {
      const handle = yield* raw(machine, "event_create", 0, 0);
      return [handle, () => raw(machine, "event_wait", handle, 1, 0, FOREVER)];
    },
    *barrier({ machine }) {
      const handle = yield* raw(machine, "barrier_create", 0, 2);
      return [handle, () => raw(machine, "barrier_wait", handle, FOREVER)];
    },
    *"pipe reader"(self) {
      const handle = yield* raw(self.machine, "pipe_create", 0, 4, ALL, 0);
      return [handle, () => raw(self.machine, "pipe_read", handle, self.buffer(4).address, 4, 50)];
    },
    *"pipe writer"(self) {
      const handle = yield* raw(self.machine, "pipe_create", 0, 4, ALL, 0);
      return [handle, () => raw(self.machine, "pipe_write", handle, self.buffer(8).address, 8, 50)];
    },
    *"queue receiver"(self) {
      const handle = yield* raw(self.machine, "queue_create", 0, 1, 4, 0, ALL, 0);
      return [handle, () => raw(self.machine, "queue_receive", handle, self.buffer(4).address, 4, 0, 50)];
    },
    *pool({ machine }) {
      const handle = yield* raw(machine, "pool_create", 0, 1, 8, 0);
      yield* raw(machine, "pool_alloc", handle, 0);
      return [handle, () => raw(machine, "pool_alloc", handle, 50)];
    },
  };

for (const [what, make] of Object.entries(WAITS)) {
  test(`the trace tells that what was waited for was deleted: ${what}`, () => {
    const log: number[] = [];
    const { machine } = play((system) => {
      let handle = 0;
      system.task("waiter", { priority: 9, storage: 512 }, function* (self) {
        const [made, wait] = yield* make(self);
        handle = made;
        log.push(yield* wait());
      });
      system.task("deletes", {}, function* ({ machine }) {
        log.push(yield* raw(machine, "object_delete", handle));
      });
    });
    assert.equal(log, [EIDRM, 0]);
    assert.equal(causes(machine, 0), [Cause.DELETED]);
  });
}

test("the trace tells that a mailbox was deleted under its receivers", () => {
  const log: number[] = [];
  const { machine } = play((system) => {
    const box = system.mailbox({ name: "box" });
    system.task("waiter", { priority: 9, reads: [box] }, function* ({ machine }) {
      log.push(yield* raw(machine, "mailbox_receive", box.handle, 0, 0, 50));
    });
    system.task("deletes", { reads: [box] }, function* ({ machine }) {
      log.push(yield* raw(machine, "object_delete", box.handle));
    });
  });
  assert.equal(log, [EIDRM, 0]);
  assert.equal(causes(machine, 0), [Cause.DELETED]);
});

test("the upper half of the time is traced once, whenever it changes", () => {
  const events = (ticks: number, yields: number): number => {
    const app = (system: System) => {
      system.task("only", {}, function* (self) {
        yield* self.sleep(ticks);
        for (let i = 0; i < yields; i++) yield* self.yield();
      });
    };
    return play(app, { tickCycles: 0x10000000 }).machine.events;
  };
  // Sixteen ticks are 2^32 cycles.
  assert.is(events(18, 9) - events(18, 4), events(2, 9) - events(2, 4));
});

test("who has ended is not told of messages of a public queue, and neither is who has its place: another may be", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const queue = system.queue({ name: "q", count: 2, size: 4, public: "read" });
    system.task("main", { priority: 5, storage: 1024, reads: [queue], writes: [queue] }, function* (self) {
      const first = yield* self.create.task("first", { priority: 9, detached: true }, function* ({ machine }) {
        assert.is(yield* raw(machine, "queue_notify", queue.handle, SIGUSR1), 0);
      });
      const place = first.handle & 0xff;
      for (let i = 0; i < 70; i++) {
        const next = yield* self.create.task(`next ${i}`, { priority: 9, detached: true }, function* (me) {
          yield* me.signals.handle(
            SIGUSR1,
            doing(() => log.push("told")),
          );
          yield* me.sleep(3);
        });
        if ((next.handle & 0xff) === place) break;
        yield* next.terminate();
        assert.ok(i < 69);
      }
      assert.is(yield* queue.send("m"), 0);
      yield* self.sleep(5);
      assert.is(yield* raw(self.machine, "queue_notify", queue.handle, SIGUSR1), 0);
    });
  });
  assert.equal(log, []);
});

test("a handler that its own signal may interrupt blocks no signal", () => {
  const log: unknown[] = [];
  playOut((system) => {
    system.task("only", {}, function* (self) {
      const masks = function* (me: Self) {
        log.push(yield* info(me.machine, me.handle, Info.MASK));
      };
      yield* self.signals.handle(SIGUSR1, masks, { nodefer: true });
      yield* self.signal(SIGUSR1);
      yield* self.signals.handle(SIGUSR1, masks);
      yield* self.signal(SIGUSR1);
    });
  });
  assert.equal(log, [0, 2 ** SIGUSR1]);
});

/** Answers one question as it is told, and takes the first choice else; remembers how often it was asked what. */
class Scripted implements Oracle {
  readonly asks = true;
  readonly asked = new Map<Question, number>();
  readonly #answers: Partial<Record<Question, number>>;

  constructor(answers: Partial<Record<Question, number>> = {}) {
    this.#answers = answers;
  }

  choose(question: Question, choices: number): number {
    this.asked.set(question, (this.asked.get(question) ?? 0) + 1);
    return Math.min(this.#answers[question] ?? 0, choices - 1);
  }
}

test("a condition's waiter wakes for no reason at once or at the tick that was chosen", () => {
  for (const ticks of [1, 2, 3]) {
    const log: number[] = [];
    play(
      (system) => {
        const [mutex, cond] = [system.mutex(), system.condition()];
        system.task("waiter", {}, function* (self) {
          yield* mutex.lock();
          log.push(yield* cond.wait(mutex, 50), self.tick);
          yield* mutex.unlock();
        });
      },
      { oracle: new Scripted({ [Question.SPURIOUS]: ticks }) },
    );
    assert.equal(log, [0, ticks - 1], `${ticks}`);
  }
});

test("the oracle orders what comes at one tick: a slice counts only where it ends with another ready", () => {
  const ordersOf = (others: number): number => {
    const oracle = new Scripted();
    playOut(
      (system) => {
        const sem = system.semaphore({ maximum: 100 });
        const timer = system.timer({ give: sem });
        for (let i = 0; i <= others; i++) {
          system.task(`t${i}`, { priority: 5, slice: 1 }, function* (self) {
            if (i === 0) yield* timer.start(1, 1);
            yield* self.compute(64_000);
            if (i === 0) yield* timer.stop();
          });
        }
      },
      { oracle },
    );
    return oracle.asked.get(Question.ORDER) ?? 0;
  };
  assert.is(ordersOf(0), 0);
  assert.ok(ordersOf(1) > 2);
});

test("a timer whose task has ended counts what it could not do", () => {
  play((system) => {
    const gone = [true, false].map((detached) =>
      system.task(`gone ${detached}`, { priority: 9, detached }, function* (self) {
        yield* self.sleep(1);
      }),
    );
    const timers = [Action.SIGNAL, Action.FLAGS_SET].flatMap((action) => gone.map((task) => ({ action, task, handle: 0 })));
    system.task("user", {}, function* (self) {
      for (const timer of timers) {
        const value = timer.action === Action.SIGNAL ? SIGUSR1 : 1;
        timer.handle = yield* raw(self.machine, "timer_create", 0, timer.action, timer.task.handle, value);
        assert.ok(timer.handle > 0, `${timer.handle}`);
      }
      yield* self.sleep(2);
      for (const { handle } of timers) yield* raw(self.machine, "timer_start", handle, 1, 1);
      yield* self.sleep(3);
      for (const { handle } of timers) {
        assert.is(yield* raw(self.machine, "timer_overruns", handle), 3);
        yield* raw(self.machine, "timer_stop", handle);
      }
    });
  });
});

test("the timer service that was called for nothing waits on to the tick that it had in mind, a tick long, too", () => {
  const log: number[] = [];
  playOut((system) => {
    let timer = 0;
    system.task("service", { priority: 9, storage: 512 }, function* (self) {
      const out = self.buffer(layout.Callback.bytes).address;
      log.push(yield* raw(self.machine, "timer_service", out, 4), self.tick);
    });
    // It runs when the service was called, before it: the callback that it withdraws is due at tick 3.
    system.task("hasty", { priority: 20 }, function* (self) {
      timer = yield* raw(self.machine, "timer_create", 0, Action.CALLBACK, 7, 0);
      yield* self.sleep(1);
      yield* raw(self.machine, "timer_start", timer, 2, 0);
      yield* self.sleep(2);
      yield* raw(self.machine, "timer_stop", timer);
    });
  });
  assert.equal(log, [ETIMEDOUT, 4]);
});

test("who waits for RAM is said to wait in that place", () => {
  playOut((system) => {
    const waiter = system.task("waiter", { priority: 9 }, function* (self) {
      const free = yield* info(self.machine, 0, Info.RAM_LARGEST);
      const most = yield* raw(self.machine, "memory_alloc", free, 0);
      assert.ok(most > 0);
      assert.is(yield* raw(self.machine, "memory_alloc", free, 3), ETIMEDOUT);
    });
    system.task("asker", {}, function* ({ machine }) {
      assert.is(yield* info(machine, waiter.handle, Info.WAITING_FOR), Place.RAM);
    });
  });
});

// Rings of waiters

test("a ring over a pipe is one only where nobody else may write: that others may read it is no way out", () => {
  const machine = play(
    (system: System) => {
      const lock = system.mutex({ name: "lock" });
      const pipe = system.pipe({ name: "pipe", public: "read" });
      system.task("reader", { reads: [pipe] }, function* (self) {
        yield* lock.lock();
        yield* self.sleep(1);
        yield* pipe.read(self.buffer(1));
      });
      system.task("writer", { writes: [pipe] }, function* (self) {
        yield* self.sleep(2);
        yield* lock.lock();
        yield* pipe.write("x");
      });
    },
    {},
    "deadlock",
  ).machine;
  const [ring] = machine.report().rings as [Ring];
  assert.equal(
    ring.tasks.map(({ task }) => task),
    ["writer", "reader"],
  );
});

// Interrupts

test("the record of a line says whether its handler is under way", () => {
  const seen: number[] = [];
  const machine = boot(
    (system) => {
      const record = () => (machineWord(machine, layout.Cpu.lines) + 3 * layout.Line.bytes + layout.Line.started) >>> 0;
      // biome-ignore lint/correctness/useYield: it makes no call
      system.interrupt(3, {}, function* () {
        seen.push(machine.u8[record()] as number);
      });
      system.task("only", {}, function* (self) {
        seen.push(machine.u8[record()] as number);
        yield* self.sleep(3);
        seen.push(machine.u8[record()] as number);
      });
    },
    { kernel: "debug" },
  );
  machine.advance({ tick: 1 });
  machine.raise(3);
  finish(machine);
  assert.equal(seen, [0, 1, 0]);
});

function machineWord(machine: Machine, register: number): number {
  return machine.u32[(64 + register) >> 2] as number;
}

// Sockets

test("a stream keeps what it gets in the memory that it was given", () => {
  playOut((system) => {
    system.task("both", { storage: 1024 }, function* (self) {
      const { machine } = self;
      const [view, room] = [self.buffer(16), self.buffer(64)];
      const listener = yield* raw(machine, "socket_create", 0, 1, 8, 8, RW, 0);
      assert.is(yield* raw(machine, "socket_bind", listener, 0, 80), 80);
      assert.is(yield* raw(machine, "socket_listen", listener, 1), 0);
      const socket = yield* raw(machine, "socket_create", 0, 1, 32, 32, RW, room.address);
      assert.is(yield* raw(machine, "socket_connect", socket, 0x7f000001, 80, 5), 0);
      const other = yield* raw(machine, "socket_accept", listener, 0, 5);
      view.copy("here it is");
      assert.is(yield* raw(machine, "socket_send", other, view.address, 10, 0, 5), 10);
      assert.is(room.text(10), "here it is");
    });
  });
});

test("an attempt to connect that failed leaves no end, no port of another's, and nothing to read", () => {
  playOut((system) => {
    system.task("only", { storage: 512 }, function* (self) {
      const { machine } = self;
      const socket = yield* raw(machine, "socket_create", 0, 1, 8, 8, RW, 0);
      assert.is(yield* raw(machine, "socket_connect", socket, 0x7f000001, 81, 5), ECONNREFUSED);
      assert.is(yield* info(machine, socket, Info.STATE), Connection.NONE);
      assert.is(yield* info(machine, socket, Info.PEER), 0);
      const view = self.buffer(16).address;
      machine.u32.set([socket, Poll.READ | Poll.WRITE, 0, 0], view >> 2);
      assert.is(yield* raw(machine, "object_poll", view, 1, 0), EAGAIN);
    });
  });
});

test("an attempt that fails behind its caller's back is there to be read, written, and over", () => {
  const log: number[] = [];
  const wire = new Wire((system) => {
    system.task("only", { storage: 512 }, function* (self) {
      const { machine } = self;
      const socket = yield* raw(machine, "socket_create", 0, 1, 8, 8, RW, 0);
      log.push(yield* raw(machine, "socket_connect", socket, FAR, 80, 1));
      yield* self.sleep(3);
      const view = self.buffer(16).address;
      machine.u32.set([socket, Poll.READ | Poll.WRITE, 0, 0], view >> 2);
      yield* raw(machine, "object_poll", view, 1, 0);
      log.push(machine.u32[(view + layout.PollItem.ready) >> 2] as number, yield* info(machine, socket, Info.PEER));
    });
  });
  wire.pass();
  const syn = wire.one();
  wire.pass(2);
  const flags = RST | ACK | REFUSED;
  wire.hand({ sourcePort: 80, destinationPort: syn.sourcePort, flags, acknowledged: syn.sequence + 1 });
  wire.finish();
  assert.equal(log, [ETIMEDOUT, Poll.READ | Poll.WRITE | Poll.CLOSED, 0]);
});

test("a datagram is for a datagram socket alone, bound and not yet closed, whatever else has the port's number", () => {
  playOut((system) => {
    system.task("only", { storage: 1024 }, function* (self) {
      const { machine } = self;
      const create = (type: number) => raw(machine, "socket_create", 0, type, 40, 40, RW, 0);
      const stream = yield* create(1);
      const gone = yield* create(2);
      const sender = yield* create(2);
      const unbound = yield* create(2);
      assert.is(yield* raw(machine, "socket_bind", stream, 0, 90), 90);
      assert.is(yield* raw(machine, "socket_bind", gone, 0, 90), 90);
      assert.is(yield* raw(machine, "object_close", gone, RW), 0);
      const to = self.endpoint();
      to.set("127.0.0.1", 90);
      yield* raw(machine, "socket_send", sender, self.buffer(8).address, 4, to.source, 0);
      const late = yield* create(2);
      assert.is(yield* raw(machine, "socket_bind", late, 0, 90), 90);
      for (const socket of [late, unbound, sender]) assert.is(yield* info(machine, socket, Info.COUNT), 0);
      yield* raw(machine, "socket_send", sender, self.buffer(8).address, 4, to.source, 0);
      assert.is.not(yield* info(machine, late, Info.COUNT), 0);
      for (const socket of [unbound, sender]) assert.is(yield* info(machine, socket, Info.COUNT), 0);
    });
  });
});

test.run();
