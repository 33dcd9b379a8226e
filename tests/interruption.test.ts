/** What becomes of what a task was doing when a signal comes: waits, computations, locks, and the frames that keep them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  EAGAIN,
  ECANCELED,
  EIDRM,
  EINTR,
  ETIMEDOUT,
  type MachineOptions,
  type Mutex,
  type Parked,
  type Self,
  SIGCONT,
  SIGHUP,
  SIGKILL,
  SIGSTOP,
  SIGTERM,
  SIGTSTP,
  SIGTTOU,
  SIGUSR1,
  SIGUSR2,
  type Task,
} from "../hal/host/index.js";
import { layout } from "../kernel/abi/host.js";
import { noting, pair, raw, type Wait, waits, word } from "./probe.js";
import { always, misuse, ORACLES, playOut, urgency } from "./support.js";

const test = suite("interruption");

/** Frames and handlers of the whole system (kernel/config.ts). */
const FRAMES = 32;
const HANDLERS = 64;
/** Schedules enough for runs with many tasks. */
const FEW = ORACLES.slice(0, 5);
const NUMBERS = Array.from({ length: 31 }, (_, i) => i + 1);
const UNCATCHABLE = [SIGKILL, SIGSTOP];
const CATCHABLE = NUMBERS.filter((signal) => !UNCATCHABLE.includes(signal));

type Steps = Generator<Parked, unknown, unknown>;

// What becomes of a wait

/** Waits that a caught signal ends with EINTR even with RESTART, and those that always go on. */
const NEVER_RESTART = ["sleep", "signal", "poll", "condition"];
const ALWAYS_RESTART = ["mutex", "rwlock read", "rwlock write"];

/** A task waits for 10 ticks; at tick 2 it gets a signal whose handler returns at tick `until`. What the wait answers, and when. */
function interrupted(kind: string, restart: boolean, until: number, options: MachineOptions = {}): [result: number, tick: number] {
  let answer: [number, number] = [0, 0];
  playOut((system) => {
    const wait = (waits[kind] as (typeof waits)[string])(system);
    pair(
      system,
      function* (self) {
        yield* self.signals.handle(
          SIGUSR1,
          function* (me) {
            if (wait.object) assert.is(wait.object.waiters, 0);
            yield* me.sleepUntil(until);
          },
          { restart },
        );
        answer = [yield* wait.wait(self, 10), self.tick];
        assert.is(word(self, layout.Task.queue), 0);
        // No deadline is left: nothing but its own ends the next wait.
        assert.is(yield* self.sleep(20), 0);
      },
      function* (task, self) {
        yield* self.sleepUntil(2);
        yield* task.signal(SIGUSR1);
      },
    );
  }, options);
  return answer;
}

/** The schedules under which nothing wakes for no reason. */
const schedules = (kind: string) => (kind === "condition" ? [{}] : ORACLES);

test("ERR-01c SIG-08a TSK-11e ERR-04c SIG-20a a caught signal ends a wait with EINTR when its handler has run, and nothing of the wait is left", () => {
  for (const kind of Object.keys(waits)) {
    for (const options of schedules(kind)) {
      const expected = ALWAYS_RESTART.includes(kind) ? [ETIMEDOUT, 10] : [EINTR, 5];
      assert.equal(interrupted(kind, false, 5, options), expected, `${kind} ${JSON.stringify(options)}`);
    }
  }
});

test("SIG-08b SIG-20d SIG-20h with RESTART it goes on to the same deadline, but not what ends with a signal by its nature", () => {
  for (const kind of Object.keys(waits)) {
    for (const options of schedules(kind)) {
      const expected = NEVER_RESTART.includes(kind) ? [EINTR, 5] : [ETIMEDOUT, 10];
      assert.equal(interrupted(kind, true, 5, options), expected, `${kind} ${JSON.stringify(options)}`);
    }
  }
});

test("SIG-20e when the deadline passed in the handler there is one try, and then ETIMEDOUT", () => {
  for (const kind of Object.keys(waits)) {
    for (const until of [10, 13]) {
      const expected = NEVER_RESTART.includes(kind) ? EINTR : ETIMEDOUT;
      assert.equal(interrupted(kind, true, until), [expected, until], `${kind} until ${until}`);
    }
  }
  always(
    (system, log) => {
      const sem = system.semaphore();
      pair(
        system,
        function* (self) {
          yield* self.signals.handle(
            SIGUSR1,
            function* (me) {
              yield* me.sleepUntil(15);
            },
            { restart: true },
          );
          log.push(yield* sem.take(5), self.tick);
          log.push(yield* sem.take(5), self.tick);
        },
        function* (task, self) {
          yield* task.signal(SIGUSR1);
          yield* self.sleepUntil(12);
          yield* sem.give();
        },
      );
    },
    [0, 15, ETIMEDOUT, 20],
  );
});

test("SIG-08c the wait ends when the signal is sent: what is given before the task has run is another's", () => {
  always(
    (system, log) => {
      const sem = system.semaphore();
      const a = system.task("a", { priority: 5 }, function* (self) {
        yield* self.signals.handle(SIGUSR1, noting(log, "handler"));
        log.push("a", yield* sem.take());
      });
      system.task("b", { priority: 4 }, function* () {
        log.push("b", yield* sem.take());
      });
      system.task("c", { priority: 9 }, function* (self) {
        yield* self.sleep(1);
        yield* a.signal(SIGUSR1);
        yield* sem.give();
      });
    },
    ["handler", "a", EINTR, "b", 0],
  );
});

test("SIG-08d a wait is interrupted by the unmasking of what is pending already", () => {
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        yield* self.signals.handle(SIGUSR1, noting(log, "handler"));
        yield* self.signals.mask(SIGUSR1);
        yield* self.signal(SIGUSR1);
        log.push(yield* self.sleep(2), self.tick);
        log.push(yield* self.signals.suspend(0), self.tick);
      });
    },
    [0, 2, "handler", EINTR, 2],
  );
});

test("SIG-08f SIG-08g a held task's wait goes on until its last hold goes: it may be handed things and time out", () => {
  const cases = { hold: [1, 1, "handler", EINTR, 4], give: [1, 0, "handler", 0, 4], timeout: [1, 0, "handler", ETIMEDOUT, 12] };
  for (const [ends, expected] of Object.entries(cases)) {
    always((system, log) => {
      const sem = system.semaphore();
      pair(
        system,
        function* (self) {
          yield* self.signals.handle(SIGUSR1, noting(log, "handler"));
          log.push(yield* sem.take(10), self.tick);
        },
        function* (task, self) {
          yield* task.suspend();
          yield* task.signal(SIGSTOP);
          yield* task.signal(SIGUSR1);
          log.push(sem.waiters);
          yield* self.sleep(1);
          if (ends === "give") yield* sem.give();
          yield* self.sleepUntil(ends === "timeout" ? 12 : 4);
          yield* task.signal(SIGCONT);
          log.push(sem.waiters);
          yield* task.resume();
        },
      );
    }, expected);
  }
});

test("SIG-08h PIP-06c a transfer that moved k bytes answers k, also with RESTART; one that moved none goes on or is EINTR", () => {
  for (const restart of [false, true]) {
    always(
      (system, log) => {
        const pipe = system.pipe({ capacity: 40, public: "both" });
        pair(
          system,
          function* (self) {
            yield* self.signals.handle(SIGUSR1, noting(log, "handler"), { restart });
            const bytes = self.buffer(100);
            log.push(yield* pipe.write(bytes), pipe.used);
            log.push(yield* pipe.write(bytes.slice(0, 10), 10), self.tick);
          },
          function* (task, self) {
            yield* task.signal(SIGUSR1);
            yield* self.sleep(1);
            yield* task.signal(SIGUSR1);
          },
        );
      },
      ["handler", 40, 40, "handler", ...(restart ? [ETIMEDOUT, 11] : [EINTR, 2])],
    );
  }
});

test("SIG-14a a fatal signal ends a task that waits in any call, and who is behind it is served", () => {
  for (const kind of [...Object.keys(waits), "suspend"]) {
    for (const signal of [SIGTERM, SIGKILL]) {
      const { machine } = playOut((system) => {
        const wait: Wait = waits[kind]?.(system) ?? { wait: (self) => self.signals.suspend(0) };
        pair(
          system,
          function* (self) {
            yield* wait.wait(self, 1000);
            assert.unreachable();
          },
          function* (task, self) {
            yield* task.signal(signal);
            if (wait.object) assert.is(wait.object.waiters, 0);
            assert.is(yield* task.join(), 0);
            assert.is(task.status, 128 + signal);
            // The same wait of another is none the worse.
            if (kind !== "suspend") yield* wait.wait(self, 3);
          },
        );
      });
      assert.is(machine.task("a").state, "signalled");
      assert.is(machine.task("a").signal, signal);
    }
  }
});

test("SIG-14b a fatal signal from an interrupt ends who runs: computing, in a handler, under a lock", () => {
  const bodies: ((self: Self) => Steps)[] = [
    function* (self) {
      yield* self.compute(100_000);
    },
    function* (self) {
      yield* self.signals.handle(SIGUSR1, function* (me) {
        yield* me.compute(100_000);
      });
      yield* self.signal(SIGUSR1);
    },
    function* (self) {
      yield* self.lockScheduler();
      yield* self.compute(100_000);
    },
  ];
  for (const body of bodies) {
    always(
      (system, log) => {
        const timer = system.hardwareTimer({ line: 1 });
        const a = system.task("a", { priority: 5 }, function* (self) {
          yield* timer.write(0, 20_000);
          yield* timer.write(1, 1);
          yield* body(self);
          log.push("never");
        });
        system.interrupt(1, {}, function* () {
          yield* a.signal(SIGTERM);
          yield* timer.write(1, 0);
        });
        system.task("b", { priority: 4 }, function* () {
          log.push(yield* a.join(), a.status);
        });
      },
      [0, 128 + SIGTERM],
    );
  }
});

test("SIG-18a SIG-18b a handler that waits, fails and nests changes neither the result nor the rest of what it interrupted", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const wanted = system.semaphore();
    const other = system.semaphore();
    const lock = system.mutex();
    const cond = system.condition();
    const pipe = system.pipe({ capacity: 4, public: "both" });
    const short = system.task("short", { priority: 30 }, function* (self) {
      yield* self.exit(9);
    });
    const long = system.task("long", { priority: 30 }, function* (self) {
      yield* self.sleep(9);
      yield* self.exit(5);
    });
    pair(
      system,
      function* (self) {
        yield* self.signals.handle(
          SIGUSR1,
          function* (me) {
            yield* me.signal(SIGUSR2);
            log.push(yield* other.take(1), yield* misuse(() => lock.unlock()));
            yield* lock.lock();
            log.push(yield* cond.wait(lock, 1));
            yield* lock.unlock();
            log.push(yield* short.join(), short.status, yield* pipe.write("abcde", 0), yield* me.waitFlags(1, {}, 0), me.tick);
          },
          { restart: true },
        );
        yield* self.signals.handle(
          SIGUSR2,
          function* (me) {
            yield* me.sleep(1);
            log.push(yield* pipe.read(me.buffer(1), 1));
          },
          { restart: true },
        );
        log.push(yield* long.join(), long.status, self.tick);
        log.push(yield* wanted.take(11), self.tick);
      },
      function* (task, self) {
        yield* task.signal(SIGUSR1);
        yield* self.sleepUntil(11);
        yield* pipe.reset();
        yield* task.signal(SIGUSR2);
      },
    );
  });
  assert.equal(log, [ETIMEDOUT, ETIMEDOUT, "EPERM", ETIMEDOUT, 0, 9, 4, EAGAIN, 5, 0, 5, 9, ETIMEDOUT, ETIMEDOUT, 20]);
});

test("SIG-18b a handler's own wait, interrupted and gone on with, leaves the deadline of the wait below alone", () => {
  always(
    (system, log) => {
      const [sem, other] = [system.semaphore(), system.semaphore()];
      pair(
        system,
        function* (self) {
          yield* self.signals.handle(
            SIGUSR1,
            function* (me) {
              log.push("outer", yield* other.take(6), me.tick);
            },
            { restart: true },
          );
          yield* self.signals.handle(
            SIGUSR2,
            function* (me) {
              log.push("inner", yield* me.sleep(2));
            },
            { restart: true },
          );
          log.push(yield* sem.take(12), self.tick);
        },
        function* (task, self) {
          yield* task.signal(SIGUSR1);
          yield* self.sleep(2);
          yield* task.signal(SIGUSR2);
        },
      );
    },
    ["inner", 0, "outer", ETIMEDOUT, 7, ETIMEDOUT, 12],
  );
});

test("SIG-18a SIG-20f a handler may wait for a condition, at a pipe and for flags itself: the condition below gets its own mutex back, as often", () => {
  const log: unknown[] = [];
  playOut((system) => {
    const lock = system.mutex({ recursive: true });
    const cond = system.condition();
    const [otherLock, otherCond] = [system.mutex({ recursive: true }), system.condition()];
    const event = system.event();
    const pipe = system.pipe({ capacity: 1, public: "both" });
    pair(
      system,
      function* (self) {
        yield* self.signals.handle(SIGUSR1, function* (me) {
          yield* otherLock.lock();
          log.push(yield* otherCond.wait(otherLock, 1));
          yield* otherLock.unlock();
          log.push(yield* pipe.write("abc", 1), yield* event.wait(1, { clear: true }, 1), yield* me.waitFlags(1, { all: true }, 1));
        });
        for (let i = 0; i < 3; i++) yield* lock.lock();
        log.push(yield* cond.wait(lock));
        for (let i = 0; i < 3; i++) yield* lock.unlock();
        log.push(yield* misuse(() => lock.unlock()), yield* misuse(() => otherLock.unlock()));
      },
      function* (task, self) {
        yield* lock.lock();
        yield* cond.signal();
        yield* task.signal(SIGUSR1);
        yield* self.sleep(8);
        yield* lock.unlock();
      },
    );
  });
  assert.equal(log, [ETIMEDOUT, 1, ETIMEDOUT, ETIMEDOUT, 0, "EPERM", "EPERM"]);
});

test("SIG-18c the rest of a computation is what it was, however deep handlers nest in it", () => {
  always(
    (system, log) => {
      const timer = system.hardwareTimer({ line: 1 });
      let sent = 0;
      const set = [SIGUSR1, SIGUSR2, SIGHUP];
      const a = system.task("a", {}, function* (self) {
        for (const signal of set) {
          yield* self.signals.handle(signal, function* (me) {
            log.push(signal);
            yield* me.compute(20_000);
            log.push(-signal);
          });
        }
        yield* timer.write(0, 5000);
        yield* timer.write(1, 1);
        const before = self.cycles;
        yield* self.compute(30_000);
        const used = self.cycles - before;
        assert.ok(used >= 90_000 && used < 95_000, `${used} cycles`);
      });
      system.interrupt(1, {}, function* () {
        yield* a.signal(set[sent++] as number);
        if (sent === set.length) yield* timer.write(1, 0);
      });
    },
    [SIGUSR1, SIGUSR2, SIGHUP, -SIGHUP, -SIGUSR2, -SIGUSR1],
  );
});

// The fixed tables

test("SIG-19a SIG-08e without a frame the wait goes on and the signal stays pending, until a handler returns: the most urgent first", () => {
  always(
    (system, log) => {
      const gate = system.semaphore();
      const sem = system.semaphore();
      const tasks = Array.from({ length: FRAMES + 3 }, (_, i) =>
        system.task(`t${i}`, { priority: i < FRAMES ? 20 : 10 + i - FRAMES }, function* (self) {
          const late = i - FRAMES;
          yield* self.signals.handle(SIGUSR1, function* () {
            if (late >= 0) log.push("handler", late);
            yield* gate.take();
          });
          const result = yield* sem.take();
          if (late >= 0) log.push(late, result);
        }),
      );
      system.task("controller", { priority: 5 }, function* (self) {
        yield* self.sleep(1);
        for (const task of tasks) yield* task.signal(SIGUSR1);
        assert.is(sem.waiters, 3);
        for (const task of tasks.slice(FRAMES)) assert.is(word(task, layout.Task.pending), 1 << SIGUSR1);
        log.push("give");
        yield* sem.give();
        for (let i = 0; i < 2; i++) {
          log.push("return");
          yield* gate.give();
        }
        for (let i = 0; i < FRAMES; i++) yield* gate.give();
      });
      // The most urgent is handed the unit, and ends without ever having got a frame.
    },
    ["give", 2, 0, "return", "handler", 1, "return", "handler", 0, 1, EINTR, 0, EINTR],
    FEW,
  );
});

test("SIG-19c who runs without a frame and then waits is interrupted when there is one", () => {
  always(
    (system, log) => {
      const gate = system.semaphore();
      const hogs = Array.from({ length: FRAMES }, (_, i) =>
        system.task(`hog ${i}`, { priority: 20 }, function* (self) {
          yield* self.signals.handle(SIGUSR1, function* () {
            yield* gate.take();
          });
          yield* self.sleep(1000);
        }),
      );
      system.task("a", { priority: 10 }, function* (self) {
        yield* self.signals.handle(SIGUSR1, noting(log, "handler"));
        for (const hog of hogs) yield* hog.signal(SIGUSR1);
        yield* self.signal(SIGUSR1);
        yield* self.compute(20_000);
        log.push("waits");
        log.push(yield* self.sleep(100), self.tick);
      });
      system.task("b", { priority: 5 }, function* (self) {
        yield* self.sleepUntil(4);
        for (const _ of hogs) yield* gate.give();
      });
    },
    ["waits", "handler", EINTR, 4],
    FEW,
  );
});

test("SIG-19d handlers nest as deep as there are frames, and the next begins when the innermost has returned", () => {
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        let depth = 0;
        let deepest = 0;
        let runs = 0;
        yield* self.signals.handle(
          SIGUSR1,
          function* (me) {
            deepest = Math.max(deepest, ++depth);
            if (runs++ < FRAMES) yield* me.signal(SIGUSR1);
            depth--;
          },
          { nodefer: true },
        );
        yield* self.signal(SIGUSR1);
        log.push(runs, deepest);
      });
    },
    [FRAMES + 1, FRAMES],
    FEW,
  );
});

test("SIG-19e a task that ends gives back the frames that it had, and the one that waited for its handler", () => {
  always(
    (system, log) => {
      system.task("parent", { priority: 10 }, function* (self) {
        for (let round = 0; round < 3; round++) {
          const children: Task[] = [];
          for (let i = 0; i < FRAMES; i++) {
            const child = yield* self.create.task(`c${i}`, { priority: 30 }, function* (me) {
              yield* me.signals.handle(SIGUSR1, function* (h) {
                log.push(round);
                yield* h.sleep(1000);
              });
              yield* me.sleep(1000);
            });
            children.push(child);
          }
          // The last ones have a frame reserved and never get to run their handlers.
          yield* self.lockScheduler();
          for (const child of children) yield* child.signal(SIGUSR1);
          for (const child of children.slice(2)) yield* child.signal(SIGKILL);
          yield* self.unlockScheduler();
          for (const child of children) yield* child.signal(SIGKILL);
          for (const child of children) yield* child.join();
        }
      });
    },
    [0, 0, 1, 1, 2, 2],
    FEW,
  );
});

test("SIG-19b a handler that finds the table full is ENFILE, and one that is taken away or whose task ends makes room", () => {
  always(
    (system, log) => {
      let count = 0;
      for (let i = 0; i < 3; i++) {
        system.task(`t${i}`, { priority: 10 - i }, function* (self) {
          for (const signal of CATCHABLE) {
            if (count === HANDLERS) break;
            yield* self.signals.handle(signal, noting([], 0));
            count++;
          }
          if (count === HANDLERS) {
            const own = CATCHABLE[0] as number;
            log.push(yield* misuse(() => self.signals.handle(SIGTTOU, noting([], 0))));
            // To put another in its place takes no room.
            yield* self.signals.handle(own, noting(log, "replaced"));
            yield* self.signal(own);
            yield* self.signals.restore(own);
            yield* self.signals.handle(SIGTTOU, noting(log, "there is room"));
            yield* self.signal(SIGTTOU);
          }
          yield* self.sleep(2);
        });
      }
      system.task("later", { priority: 3 }, function* (self) {
        yield* self.sleep(5);
        for (const signal of CATCHABLE) yield* self.signals.handle(signal, noting([], 0));
        log.push("all back");
      });
    },
    ["ENFILE", "replaced", "there is room", "all back"],
    FEW,
  );
});

// While a handler runs

test("SYN-03f SIG-20b SIG-20f a waiter for a mutex takes its boost away while its handler runs, and brings it back", () => {
  always(
    (system, log) => {
      const lock = system.mutex();
      const owner = system.task("owner", { priority: 5 }, function* (self) {
        yield* lock.lock();
        yield* self.sleep(8);
        yield* lock.unlock();
      });
      const a = system.task("a", { priority: 20 }, function* (self) {
        yield* self.signals.handle(SIGUSR1, function* (me) {
          log.push("handler", urgency(owner));
          yield* me.sleep(2);
        });
        yield* self.sleep(1);
        log.push(yield* lock.lock(), self.tick);
        yield* lock.unlock();
      });
      system.task("b", { priority: 30 }, function* (self) {
        yield* self.sleep(2);
        log.push(urgency(owner));
        yield* a.signal(SIGUSR1);
        log.push(urgency(owner));
        yield* self.sleep(4);
        log.push(urgency(owner));
      });
    },
    [20, 5, "handler", 5, 20, 0, 8],
  );
});

test("SIG-20c RESTART comes back at the tail of its equals", () => {
  always(
    (system, log) => {
      const sem = system.semaphore();
      const tasks = ["first", "second", "third"].map((name) =>
        system.task(name, { priority: 20, slice: 0 }, function* (self) {
          yield* self.signals.handle(
            SIGUSR1,
            function* (me) {
              yield* me.sleep(1);
            },
            { restart: true },
          );
          const result = yield* sem.take();
          log.push(name, result);
        }),
      );
      system.task("b", { priority: 5 }, function* (self) {
        yield* self.sleep(1);
        yield* (tasks[0] as Task).signal(SIGUSR1);
        assert.is(sem.waiters, 2);
        yield* self.sleep(2);
        assert.is(sem.waiters, 3);
        for (let i = 0; i < 3; i++) yield* sem.give();
      });
    },
    ["second", 0, "third", 0, "first", 0],
  );
});

test("SIG-20f SIG-20g a condition's wait is EINTR with the mutex owned again, recursion and all, when its owner lets it go", () => {
  for (const restart of [false, true]) {
    const log: unknown[] = [];
    playOut((system) => {
      const lock = system.mutex({ recursive: true });
      const cond = system.condition();
      pair(
        system,
        function* (self) {
          yield* self.signals.handle(SIGUSR1, noting(log, "handler"), { restart });
          yield* lock.lock();
          yield* lock.lock();
          log.push(yield* cond.wait(lock), self.tick);
          yield* lock.unlock();
          yield* lock.unlock();
          log.push(yield* misuse(() => lock.unlock()));
        },
        function* (task, self) {
          yield* lock.lock();
          yield* task.signal(SIGUSR1);
          log.push("owner", lock.waiters, cond.waiters, urgency(self));
          yield* self.sleep(2);
          yield* lock.unlock();
        },
      );
    });
    assert.equal(log, ["handler", "owner", 1, 0, 20, EINTR, 3, "EPERM"]);
  }
});

type Moment = "waiting" | "in the handler" | "waiting again";

/** A condition's waiter that was signalled, cannot have the mutex yet, and has a handler run meanwhile; `act` acts at each moment. */
function reacquiring(act: (moment: Moment, task: Task, lock: Mutex) => Steps): unknown[] {
  const log: unknown[] = [];
  playOut((system) => {
    const lock = system.mutex();
    const cond = system.condition();
    pair(
      system,
      function* (self) {
        yield* self.signals.handle(SIGUSR1, function* (me) {
          yield* me.sleep(2);
        });
        yield* lock.lock();
        log.push(yield* cond.wait(lock), self.tick, yield* misuse(() => lock.unlock()));
      },
      function* (task, self) {
        yield* lock.lock();
        yield* cond.signal();
        log.push(lock.waiters, urgency(self));
        yield* act("waiting", task, lock);
        yield* task.signal(SIGUSR1);
        log.push(lock.waiters, urgency(self));
        yield* act("in the handler", task, lock);
        yield* self.sleep(4);
        log.push(lock.waiters, urgency(self));
        yield* act("waiting again", task, lock);
        yield* misuse(() => lock.unlock());
      },
    );
  });
  return log;
}

test("SIG-20f the wait for the mutex goes on after the handler, and the condition's result stays what it was", () => {
  assert.equal(
    reacquiring(function* () {}),
    [1, 20, 0, 10, 1, 20, 0, 5, "none"],
  );
});

test("SIG-20i an abort while it waits for the mutex becomes the condition's result, before and after a handler; the lock is obtained", () => {
  for (const chosen of ["waiting", "waiting again"]) {
    const log = reacquiring(function* (moment, task) {
      if (moment === chosen) yield* task.abort();
    });
    assert.equal(log, [1, 20, 0, 10, 1, 20, ECANCELED, 5, "none"], chosen);
  }
});

test("SIG-20j a condition's mutex that is deleted while the handler runs is EIDRM, also when its slot is another's already", () => {
  for (const again of [false, true]) {
    const log = reacquiring(function* (moment, task, lock) {
      if (moment !== "in the handler") return;
      yield* lock.delete();
      // A mutex's slot comes round again after all the others.
      const { machine } = task;
      for (let i = 0; again && i < 64; i++) yield* raw(machine, "object_delete", yield* raw(machine, "mutex_create", 0, 0, 0));
    });
    assert.equal(log, [1, 20, 0, 10, EIDRM, 3, "EBADF", 0, 10]);
  }
});

test("SIG-20j every object that is deleted while a handler runs and whose wait would go on is EIDRM", () => {
  for (const [kind, describe] of Object.entries(waits)) {
    if (NEVER_RESTART.includes(kind)) continue;
    playOut((system) => {
      const { object, wait } = describe(system);
      pair(
        system,
        function* (self) {
          if (!object) return;
          yield* self.signals.handle(
            SIGUSR1,
            function* (me) {
              yield* me.sleep(2);
            },
            { restart: true },
          );
          assert.is(yield* wait(self, -1), EIDRM, kind);
          assert.is(self.tick, 3, kind);
          assert.is(yield* misuse(() => object.delete()), "EBADF");
        },
        function* (task) {
          yield* task.signal(SIGUSR1);
          if (object) yield* object.delete();
        },
      );
    });
  }
});

test("SIG-20k a wait goes on only if every handler that ran for it had RESTART", () => {
  for (const [first, second] of [
    [true, true],
    [true, false],
    [false, true],
  ] as const) {
    always(
      (system, log) => {
        const sem = system.semaphore();
        pair(
          system,
          function* (self) {
            yield* self.signals.handle(SIGUSR1, noting(log, 1), { restart: first });
            yield* self.signals.handle(SIGUSR2, noting(log, 2), { restart: second });
            log.push(yield* sem.take(5));
          },
          function* (task, self) {
            yield* self.lockScheduler();
            yield* task.signal(SIGUSR2);
            yield* task.signal(SIGUSR1);
            yield* self.unlockScheduler();
          },
        );
      },
      [1, 2, first && second ? ETIMEDOUT : EINTR],
    );
  }
});

test("SIG-20l a stop that is caught and then discarded, before its handler began, leaves the wait as if nothing had been sent", () => {
  always(
    (system, log) => {
      const sem = system.semaphore();
      pair(
        system,
        function* (self) {
          yield* self.signals.handle(SIGTSTP, noting(log, "handler"));
          log.push(yield* sem.take(5), self.tick);
        },
        function* (task, self) {
          yield* self.lockScheduler();
          yield* task.signal(SIGTSTP);
          yield* task.signal(SIGCONT);
          yield* self.unlockScheduler();
          log.push(sem.waiters);
        },
      );
    },
    [1, ETIMEDOUT, 5],
  );
});

test.run();
