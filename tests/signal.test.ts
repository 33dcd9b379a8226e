import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  boot,
  EAGAIN,
  ECANCELED,
  EINTR,
  ESRCH,
  ETIMEDOUT,
  type MachineOptions,
  type Parked,
  type Self,
  SIGALRM,
  SIGCHLD,
  SIGCONT,
  SIGHUP,
  SIGINT,
  SIGKILL,
  SIGSTOP,
  SIGTERM,
  SIGTSTP,
  SIGTTIN,
  SIGTTOU,
  SIGUSR1,
  SIGUSR2,
  type SignalBody,
  signalSet,
  type Task,
} from "../hal/host/index.js";
import { Disposition, EINVAL, layout, MaskHow, Order, SigFlag, SWITCH } from "../kernel/abi/host.js";
import { signals } from "../kernel/abi/table.js";
import { Bare } from "./bare.js";
import { doing, noting, pair, raw, word } from "./probe.js";
import { always, misuse, ORACLES, play, playOut, urgency } from "./support.js";

const test = suite("signal");

const NUMBERS = Array.from({ length: 31 }, (_, i) => i + 1);
const UNCATCHABLE = [SIGKILL, SIGSTOP];
const CATCHABLE = NUMBERS.filter((signal) => !UNCATCHABLE.includes(signal));

type Steps = Generator<Parked, unknown, unknown>;

// Sending

test("SIG-01a each of the 31 signals has a bit of its own in the vector of pending ones", () => {
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        yield* self.signals.setMask(0xffffffff);
        for (const signal of CATCHABLE) {
          yield* self.signal(signal);
          const pending = yield* self.signals.pending();
          log.push(pending);
          assert.is(pending, word(self, layout.Task.pending));
          assert.is(yield* self.signals.wait(1 << signal, 0), signal);
        }
      });
    },
    CATCHABLE.map((signal) => (1 << signal) >>> 0),
  );
});

test("SIG-01b SIG-01c sent again before its delivery a signal is delivered once, and says who sent it first", () => {
  always(
    (system, log) => {
      const a = system.task("a", { priority: 5 }, function* (self) {
        yield* self.signals.handle(
          SIGUSR1,
          doing((_me, signal, from) => {
            log.push(signal, from === first.handle ? "first" : from);
          }),
        );
        yield* self.signals.mask(SIGUSR1);
        yield* self.sleep(2);
        yield* self.signals.unmask(SIGUSR1);
        log.push("on");
      });
      const first = system.task("first", { priority: 4 }, function* () {
        yield* a.signal(SIGUSR1);
      });
      system.task("second", { priority: 3 }, function* () {
        yield* a.signal(SIGUSR1);
        yield* a.signal(SIGUSR1);
      });
    },
    [SIGUSR1, "first", "on"],
  );
});

test("SIG-02a a signal that is sent while its own handler runs is seen: the handler runs again", () => {
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        let rounds = 0;
        yield* self.signals.handle(SIGUSR1, function* (me) {
          log.push("begin", (yield* me.signals.pending()) & (1 << SIGUSR1));
          if (rounds++ < 2) yield* me.signal(SIGUSR1);
          log.push("end");
        });
        yield* self.signal(SIGUSR1);
        log.push("on");
      });
    },
    ["begin", 0, "end", "begin", 0, "end", "begin", 0, "end", "on"],
  );
});

// What a signal does

/** What a signal does to a task that says nothing about it: its state one tick later, and the status with which it ends. */
function byDefault(signal: number, options: MachineOptions): [state: string, status: number] {
  let state = "";
  const { machine } = playOut((system) => {
    const target = system.task("target", { priority: 5 }, function* (self) {
      for (let i = 0; i < 4; i++) yield* self.sleep(1);
    });
    system.task("sender", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      assert.is(yield* target.signal(signal), 0);
      yield* self.sleep(8);
      state = self.machine.task("target").state;
      yield* target.signal(SIGCONT);
    });
  }, options);
  return [state, machine.task("target").status as number];
}

test("SIG-03a by default each signal does what the table says: it ends the task, stops it, or nothing", () => {
  for (const [name, [signal, does]] of Object.entries(signals)) {
    for (const options of ORACLES.slice(0, 4)) {
      const expected = does === "ends the task" ? ["signalled", 128 + signal] : does === "stops the task" ? ["stopped", 0] : ["exited", 0];
      assert.equal(byDefault(signal, options), expected, name);
    }
  }
});

test("SIG-03b SIG-03c each signal can be handled, ignored and given back its default, and what it did before is told", () => {
  always((system, log) => {
    system.task("a", {}, function* (self) {
      for (const signal of CATCHABLE) {
        const body: SignalBody = noting(log, signal);
        const options = { mask: [SIGHUP], restart: true, nodefer: false, resethand: false, nocldstop: false, nocldwait: false };
        assert.is(yield* self.signals.handle(signal, body, options), "default");
        yield* self.signal(signal);
        assert.equal(yield* self.signals.ignore(signal), { body, options });
        yield* self.signal(signal);
        assert.is(yield* self.signals.restore(signal), "ignore");
        assert.is(yield* self.signals.ignore(signal), "default");
        yield* self.signal(signal);
      }
    });
  }, CATCHABLE);
});

test("SIG-03d what is pending of a signal that does nothing from now on is forgotten, masked or not", () => {
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        yield* self.signals.handle(SIGUSR1, noting(log, "handled"));
        yield* self.signals.handle(SIGCHLD, noting(log, "handled"));
        yield* self.signals.mask(SIGUSR1, SIGCHLD);
        yield* self.signal(SIGUSR1);
        yield* self.signal(SIGCHLD);
        yield* self.signals.ignore(SIGUSR1);
        yield* self.signals.restore(SIGCHLD);
        log.push(yield* self.signals.pending());
        yield* self.signals.handle(SIGUSR1, noting(log, "handled"));
        yield* self.signals.unmask(SIGUSR1, SIGCHLD);
      });
    },
    [0],
  );
});

test("SIG-04a SIGKILL and SIGSTOP can neither be caught nor ignored", () => {
  playOut((system) => {
    system.task("a", {}, function* ({ signals }) {
      for (const signal of [...UNCATCHABLE, 0, 32, -1]) {
        assert.is(yield* misuse(() => signals.handle(signal, noting([], 0))), "EINVAL");
        assert.is(yield* misuse(() => signals.ignore(signal)), "EINVAL");
        assert.is(yield* misuse(() => signals.restore(signal)), "EINVAL");
      }
    });
  });
});

test("SIG-04b they are silently left out of every mask: of the task's, of a handler's, of sigsuspend's", () => {
  const catchable = signalSet(...CATCHABLE);
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        yield* self.signals.setMask(0xffffffff);
        log.push(yield* self.signals.setMask(0));
        yield* self.signals.handle(
          SIGUSR1,
          function* (me) {
            log.push(yield* me.signals.setMask(0xffffffff));
            log.push(yield* me.signals.setMask(0));
          },
          { mask: NUMBERS },
        );
        yield* self.signal(SIGUSR1);
        const before = yield* self.signals.ignore(SIGUSR1);
        assert.ok(typeof before === "object");
        log.push(signalSet(...(before.options.mask ?? [])));
      });
      for (const signal of UNCATCHABLE) {
        const masked = system.task(`masked ${signal}`, { priority: 20 }, function* (self) {
          yield* self.signals.setMask(0xffffffff);
          yield* self.signals.suspend(0xffffffff);
        });
        system.task(`sender ${signal}`, { priority: signal === SIGKILL ? 6 : 5 }, function* (self) {
          yield* masked.signal(signal);
          yield* self.sleep(1);
          const held = masked.machine.u8[masked.machine.taskRecord(masked.handle & 0xff) + layout.Task.held];
          log.push(held === 0 ? masked.machine.task(masked.name).state : "stopped");
          yield* masked.signal(SIGKILL);
        });
      }
    },
    [catchable, catchable, catchable, catchable, "signalled", "stopped"],
  );
});

// Handlers

test("SIG-05a a handler runs before its task goes on, in the middle of a computation, too, and the task goes on where it was", () => {
  always(
    (system, log) => {
      const a = system.task("a", {}, function* (self) {
        yield* self.signals.handle(SIGUSR1, function* (me) {
          log.push("begin", me.tick);
          yield* me.compute(8_000);
          log.push("end");
        });
        yield* timer.start(2);
        const before = self.cycles;
        yield* self.compute(64_000);
        const used = self.cycles - before;
        assert.ok(used >= 72_000 && used < 74_000, `${used} cycles`);
        log.push("computed");
      });
      const timer = system.timer({ signal: SIGUSR1, to: a });
    },
    ["begin", 2, "end", "computed"],
  );
});

test("SIG-05b a handler runs as its task: with its handle, its name and its priority", () => {
  always(
    (system, log) => {
      const a = system.task("a", { priority: 5 }, function* (self) {
        yield* self.signals.handle(SIGUSR1, function* (me) {
          log.push(me.handle === self.handle, me.name, urgency(me));
          yield* me.compute(100);
          log.push("handled");
        });
        yield* self.sleep(10);
      });
      system.task("more urgent", { priority: 6 }, function* (self) {
        yield* self.sleep(1);
        yield* a.signal(SIGUSR1);
        log.push("sent");
      });
    },
    ["sent", true, "a", 5, "handled"],
  );
});

test("SIG-06a SIG-06b while a handler runs the mask is the old one, the handler's and its signal; then it is the old one again", () => {
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        const mask = (me: Self) => word(me, layout.Task.mask);
        yield* self.signals.handle(
          SIGUSR1,
          function* (me) {
            log.push(mask(me));
            yield* me.signals.mask(SIGINT);
            yield* me.signal(SIGUSR2);
            log.push(mask(me));
          },
          { mask: [SIGHUP] },
        );
        yield* self.signals.handle(
          SIGUSR2,
          doing((me) => {
            log.push(mask(me));
          }),
          { nodefer: true },
        );
        yield* self.signals.mask(SIGTERM);
        yield* self.signal(SIGUSR1);
        log.push(mask(self));
      });
    },
    [
      signalSet(SIGTERM, SIGHUP, SIGUSR1),
      signalSet(SIGTERM, SIGHUP, SIGUSR1, SIGINT),
      signalSet(SIGTERM, SIGHUP, SIGUSR1, SIGINT),
      signalSet(SIGTERM),
    ],
  );
});

test("SIG-06c what the restored mask lets in is delivered before the interrupted code goes on", () => {
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        yield* self.signals.handle(
          SIGUSR1,
          function* (me) {
            yield* me.signal(SIGUSR2);
            log.push("first ends");
          },
          { mask: [SIGUSR2] },
        );
        yield* self.signals.handle(SIGUSR2, noting(log, "second"));
        yield* self.signal(SIGUSR1);
        log.push("on");
      });
    },
    ["first ends", "second", "on"],
  );
});

test("SIG-06c a signal that ends or stops the task does so when the restored mask lets it in", () => {
  for (const signal of [SIGTERM, SIGTSTP]) {
    always(
      (system, log) => {
        const a = system.task("a", { priority: 9 }, function* (self) {
          yield* self.signals.handle(
            SIGUSR1,
            function* (me) {
              yield* me.signal(signal);
              log.push("handled");
            },
            { mask: [signal] },
          );
          yield* self.signal(SIGUSR1);
          log.push("goes on", self.tick);
        });
        system.task("b", {}, function* (self) {
          yield* self.sleep(3);
          yield* a.signal(SIGCONT);
          log.push(yield* a.join(), a.status);
        });
      },
      signal === SIGTERM ? ["handled", 0, 128 + SIGTERM] : ["handled", "goes on", 3, 0, 0],
    );
  }
});

test("SIG-07a SIG-07b what is pending at one point of delivery runs lowest first, each handler to its end", () => {
  const sent = [SIGUSR2, SIGHUP, SIGTERM, SIGUSR1];
  always(
    (system, log) => {
      const a = system.task("a", { priority: 5 }, function* (self) {
        for (const signal of sent) {
          yield* self.signals.handle(signal, function* (me) {
            log.push(signal);
            // None of the others nests, however long it takes.
            yield* me.sleep(2);
            yield* me.compute(20_000);
            log.push(-signal);
          });
        }
        log.push(yield* self.sleep(100));
      });
      system.task("b", { priority: 10 }, function* (self) {
        yield* self.sleep(1);
        for (const signal of sent) yield* a.signal(signal);
      });
    },
    [SIGHUP, -SIGHUP, SIGUSR1, -SIGUSR1, SIGUSR2, -SIGUSR2, SIGTERM, -SIGTERM, EINTR],
  );
});

test("SIG-07c a handler that unmasks one of those that wait behind it has it delivered at once", () => {
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        yield* self.signals.handle(SIGHUP, function* (me) {
          log.push("first");
          yield* me.signals.unmask(SIGUSR2);
          log.push("first ends");
        });
        for (const signal of [SIGUSR1, SIGUSR2]) yield* self.signals.handle(signal, noting(log, signal));
        yield* self.signals.mask(SIGHUP, SIGUSR1, SIGUSR2);
        for (const signal of [SIGHUP, SIGUSR1, SIGUSR2]) yield* self.signal(signal);
        yield* self.signals.unmask(SIGHUP, SIGUSR1, SIGUSR2);
        log.push("on");
      });
    },
    ["first", SIGUSR2, "first ends", SIGUSR1, "on"],
  );
});

test("SIG-07d a signal that is sent after a handler began nests in it: at a call, and in the middle of its computing", () => {
  always(
    (system, log) => {
      const a = system.task("a", {}, function* (self) {
        yield* self.signals.handle(SIGUSR2, function* (me) {
          log.push("outer");
          yield* me.signal(SIGHUP);
          yield* timer.start(1);
          yield* me.compute(64_000);
          log.push("outer ends");
        });
        yield* self.signals.handle(SIGHUP, noting(log, "at a call"));
        yield* self.signals.handle(SIGINT, function* (me) {
          log.push("in a computation");
          yield* me.compute(1000);
        });
        yield* self.signal(SIGUSR2);
      });
      const timer = system.timer({ signal: SIGINT, to: a });
    },
    ["outer", "at a call", "in a computation", "outer ends"],
  );
});

test("SIG-07e the same signal nests only with NODEFER", () => {
  for (const nodefer of [false, true]) {
    always(
      (system, log) => {
        system.task("a", {}, function* (self) {
          let depth = 0;
          yield* self.signals.handle(
            SIGUSR1,
            function* (me) {
              const level = ++depth;
              log.push(level);
              if (level < 3) yield* me.signal(SIGUSR1);
              log.push(-level);
            },
            { nodefer },
          );
          yield* self.signal(SIGUSR1);
        });
      },
      nodefer ? [1, 2, 3, -3, -2, -1] : [1, -1, 2, -2, 3, -3],
    );
  }
});

test("SIG-07f RESETHAND has the default back before the handler's first step", () => {
  always(
    (system, log) => {
      const a = system.task("a", { priority: 5 }, function* (self) {
        yield* self.signals.handle(
          SIGUSR1,
          function* (me) {
            const options = { resethand: true, nodefer: true };
            log.push(yield* me.signals.handle(SIGUSR2, noting(log, "again"), options));
            yield* me.signal(SIGUSR2);
            yield* me.signal(SIGUSR1);
            log.push("never");
          },
          { resethand: true, nodefer: true },
        );
        yield* self.signal(SIGUSR1);
      });
      system.task("b", { priority: 4 }, function* () {
        yield* a.join();
        log.push((a.status as number) - 128);
      });
    },
    ["default", "again", SIGUSR1],
  );
});

test("SIG-07g a handler that ends its task ends it under all its handlers", () => {
  always(
    (system, log) => {
      const a = system.task("a", {}, function* (self) {
        yield* self.signals.handle(SIGUSR1, function* (me) {
          yield* me.signal(SIGUSR2);
          log.push("never");
        });
        yield* self.signals.handle(SIGUSR2, function* (me) {
          yield* me.exit(7);
        });
        yield* self.signal(SIGUSR1);
        log.push("never");
      });
      system.task("b", {}, function* () {
        log.push(yield* a.join(), a.status);
      });
    },
    [0, 7],
  );
});

// The mask, and waiting for a signal

test("SIG-09a SIG-09b a masked signal stays pending, and unmasking delivers it before the call returns", () => {
  always((system, log) => {
    system.task("a", {}, function* (self) {
      yield* self.signals.handle(SIGUSR1, noting(log, "handler"));
      for (const unmask of [() => self.signals.unmask(SIGUSR1), () => self.signals.setMask(0)]) {
        yield* self.signals.mask(SIGUSR1);
        yield* self.signal(SIGUSR1);
        yield* self.sleep(1);
        log.push((yield* self.signals.pending()) === 1 << SIGUSR1, "unmask");
        const before = yield* unmask();
        log.push(before === 0 || before === 1 << SIGUSR1);
      }
    });
  }, Array.from({ length: 2 }, () => [true, "unmask", "handler", true]).flat());
});

test("SIG-09c unmasking delivers the default, too", () => {
  always(
    (system, log) => {
      const a = system.task("a", { priority: 5 }, function* (self) {
        yield* self.signals.mask(SIGTERM);
        yield* self.signal(SIGTERM);
        log.push("lives");
        yield* self.signals.unmask(SIGTERM);
        log.push("never");
      });
      system.task("b", { priority: 4 }, function* () {
        log.push(yield* a.join(), a.status);
      });
    },
    ["lives", 0, 128 + SIGTERM],
  );
});

test("SIG-10a sigwait takes the lowest pending signal of its set, and no handler runs for it", () => {
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        const all = [SIGUSR2, SIGHUP, SIGUSR1];
        for (const signal of all) yield* self.signals.handle(signal, noting(log, "handler"));
        yield* self.signals.mask(...all);
        for (const signal of all) yield* self.signal(signal);
        const set = signalSet(SIGUSR2, SIGUSR1);
        log.push(yield* self.signals.wait(set), self.signals.from === self.handle);
        log.push(yield* self.signals.wait(set, 0), yield* self.signals.wait(set, 0));
        yield* self.signals.unmask(...all);
      });
    },
    [SIGUSR1, true, SIGUSR2, EAGAIN, "handler"],
  );
});

test("SIG-10b sigwait waits, for a masked or an unmasked signal, is told the sender, times out, and is EINTR for another signal", () => {
  always(
    (system, log) => {
      pair(
        system,
        function* (self) {
          yield* self.signals.handle(SIGUSR1, noting(log, "handler"), { restart: true });
          yield* self.signals.mask(SIGUSR2);
          const set = signalSet(SIGUSR2, SIGTERM);
          for (let i = 0; i < 4; i++) log.push(yield* self.signals.wait(set, 4), self.tick);
          assert.is(yield* misuse(() => self.signals.wait(signalSet(...UNCATCHABLE))), "EINVAL");
        },
        function* (task, self) {
          yield* task.signal(SIGUSR2);
          yield* self.sleep(1);
          yield* task.signal(SIGTERM);
          yield* self.sleep(1);
          yield* task.signal(SIGUSR1);
        },
      );
    },
    [SIGUSR2, 1, SIGTERM, 2, "handler", EINTR, 3, ETIMEDOUT, 7],
  );
});

test("SIG-10c SIG-10d sigsuspend swaps the mask in one step: a signal from before is not lost, and the old mask is back", () => {
  for (const early of [true, false]) {
    always(
      (system, log) => {
        pair(
          system,
          function* (self) {
            yield* self.signals.handle(
              SIGUSR1,
              doing((me) => {
                log.push("handler", word(me, layout.Task.mask));
              }),
            );
            yield* self.signals.mask(SIGUSR1, SIGHUP);
            // Sent before or after the test that a program makes: it never sleeps through it.
            if (early) yield* self.sleep(3);
            log.push(yield* self.signals.suspend(signalSet(SIGTERM)), word(self, layout.Task.mask));
          },
          function* (task) {
            yield* task.signal(SIGUSR1);
          },
        );
      },
      ["handler", signalSet(SIGTERM, SIGUSR1), EINTR, signalSet(SIGUSR1, SIGHUP)],
    );
  }
});

test("SIG-10c however late a signal comes between the test and sigsuspend, it is not slept through", () => {
  for (let delay = 20; delay < 800; delay += 10) {
    playOut((system) => {
      const timer = system.hardwareTimer({ line: 1 });
      let ready = false;
      const a = system.task("a", {}, function* (self) {
        yield* self.signals.handle(
          SIGUSR1,
          doing(() => {
            ready = true;
          }),
        );
        yield* timer.write(0, delay);
        yield* timer.write(1, 1);
        yield* self.signals.mask(SIGUSR1);
        while (!ready) {
          // What a program does between its test and its wait.
          yield* self.compute(100);
          yield* self.signals.suspend(0);
        }
      });
      system.interrupt(1, {}, function* () {
        yield* timer.write(1, 0);
        yield* a.signal(SIGUSR1);
      });
    });
  }
});

test("SIG-10e everything that is due under sigsuspend's mask is handled before it returns", () => {
  always(
    (system, log) => {
      pair(
        system,
        function* (self) {
          yield* self.signals.handle(
            SIGUSR1,
            function* (me) {
              yield* me.sleep(1);
              yield* me.signal(SIGINT);
              log.push(SIGUSR1);
            },
            { mask: [SIGINT] },
          );
          for (const signal of [SIGUSR2, SIGINT, SIGHUP]) yield* self.signals.handle(signal, noting(log, signal));
          yield* self.signals.setMask(0xffffffff);
          yield* self.sleep(2);
          log.push(yield* self.signals.suspend(signalSet(SIGHUP)), yield* self.signals.pending());
        },
        function* (task) {
          for (const signal of [SIGUSR2, SIGUSR1, SIGHUP]) yield* task.signal(signal);
        },
      );
    },
    [SIGUSR1, SIGINT, SIGUSR2, EINTR, 1 << SIGHUP],
  );
});

test("SIG-10f sigsuspend sleeps on through a signal that does nothing, and an abort brings the old mask back", () => {
  always(
    (system, log) => {
      pair(
        system,
        function* (self) {
          yield* self.signals.mask(SIGUSR1);
          log.push(yield* self.signals.suspend(0), self.tick, word(self, layout.Task.mask));
        },
        function* (task, self) {
          yield* task.signal(SIGCHLD);
          yield* self.sleep(1);
          yield* task.abort();
        },
      );
    },
    [ECANCELED, 2, 1 << SIGUSR1],
  );
});

// Whom it reaches

test("SIG-11a SIG-11b signal 0 only asks whether the task is there, and a number that is no signal is EINVAL", () => {
  always(
    (system, log) => {
      const gone = system.task("gone", { priority: 20, detached: true }, noting([], 0));
      pair(
        system,
        function* (self) {
          yield* self.sleep(2);
          log.push(yield* gone.signal(0), yield* gone.signal(SIGTERM));
          for (const number of [32, -1, 0x7fffffff, -0x80000000]) assert.is(yield* misuse(() => self.signal(number)), "EINVAL");
        },
        function* (task) {
          log.push(yield* task.signal(0), word(task, layout.Task.pending));
        },
      );
    },
    [0, 0, ESRCH, ESRCH],
  );
});

test("SIG-11c a signal to a zombie is a success without effect", () => {
  always(
    (system, log) => {
      const zombie = system.task("zombie", { priority: 20 }, function* (self) {
        yield* self.exit(3);
      });
      system.task("a", {}, function* () {
        for (const signal of [0, SIGTERM, SIGKILL, SIGSTOP, SIGCONT]) log.push(yield* zombie.signal(signal));
        log.push(yield* zombie.join(), zombie.status, word(zombie, layout.Task.pending));
      });
    },
    [0, 0, 0, 0, 0, 0, 3, 0],
  );
});

test("SIG-11d to all children: each gets it, the living and the zombies, and nobody else; without children it is ESRCH", () => {
  always(
    (system, log) => {
      const bystander = system.task("bystander", { priority: 3 }, function* (self) {
        yield* self.sleep(5);
        log.push("bystander");
      });
      system.task("parent", { priority: 9 }, function* (self) {
        log.push(yield* self.signalChildren(SIGTERM));
        const children: Task[] = [];
        for (const name of ["c1", "c2", "c3"]) {
          children.push(
            yield* self.create.task(name, { priority: 5 }, function* (me) {
              yield* me.signals.handle(
                SIGUSR1,
                doing((_me, _signal, from) => {
                  log.push(name, from === self.handle);
                }),
              );
              if (name === "c3") yield* me.exit(0);
              yield* me.sleep(5);
            }),
          );
        }
        yield* self.sleep(1);
        log.push(yield* self.signalChildren(0), yield* self.signalChildren(SIGUSR1));
        yield* self.sleep(1);
        assert.is(yield* misuse(() => self.signalChildren(32)), "EINVAL");
        for (const child of children) log.push(yield* child.join());
        log.push(yield* self.signalChildren(0), yield* bystander.join());
      });
    },
    [ESRCH, 0, 0, "c1", true, "c2", true, 0, 0, 0, "bystander", ESRCH, 0],
  );
});

// Stop and go on

const stoppable: Record<string, (self: Self) => Steps> = {
  *computing(self) {
    yield* self.compute(64_000);
  },
  *sleeping(self) {
    yield* self.sleep(4);
  },
  *"waiting for a signal"(self) {
    assert.is(yield* self.signals.wait(1 << SIGUSR1, 4), ETIMEDOUT);
  },
  *"in a handler"(self) {
    yield* self.signals.handle(SIGUSR1, function* (me) {
      yield* me.sleep(4);
    });
    yield* self.signal(SIGUSR1);
  },
  *suspended(self) {
    yield* self.suspend();
    yield* self.sleep(2);
  },
};

test("SIG-12a SIG-12b SIGSTOP stops a task in any state, and only SIGCONT or SIGKILL moves it on", () => {
  for (const [state, body] of Object.entries(stoppable)) {
    for (const stop of [SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU]) {
      for (const end of [SIGCONT, SIGKILL]) {
        const options = ORACLES[(stop + end) % ORACLES.length] as MachineOptions;
        let state1 = "";
        let ended = 0;
        playOut((system) => {
          const a = system.task("a", { priority: 5 }, function* (self) {
            yield* body(self);
            ended = self.tick;
          });
          system.task("b", { priority: 9 }, function* (self) {
            yield* self.sleep(1);
            yield* a.signal(stop);
            yield* a.resume();
            yield* a.signal(SIGTERM);
            yield* a.signal(SIGUSR2);
            yield* self.sleep(30);
            state1 = a.machine.task("a").state;
            yield* a.signal(end);
            yield* a.join();
            // The fatal ones that were sent meanwhile end it now.
            assert.is(a.status, 128 + (end === SIGKILL ? SIGKILL : SIGUSR2));
          });
        }, options);
        assert.is(state1, "stopped", state);
        assert.is(ended, 0);
      }
    }
  }
});

test("SIG-12c SIGCONT discards the stops that are pending, and lets a task go on that has masked, ignored or handled it", () => {
  always(
    (system, log) => {
      pair(
        system,
        function* (self) {
          yield* self.signals.mask(SIGTSTP, SIGTTIN, SIGCONT);
          yield* self.sleep(2);
          // The stops of tick 1 are gone.
          log.push((yield* self.signals.pending()) === 1 << SIGCONT);
          yield* self.signals.unmask(SIGTSTP, SIGTTIN);
          for (const how of ["masked", "ignored", "handled"]) {
            if (how === "ignored") yield* self.signals.ignore(SIGCONT);
            if (how === "handled") yield* self.signals.handle(SIGCONT, noting(log, "handler"));
            if (how === "handled") yield* self.signals.unmask(SIGCONT);
            yield* self.signal(SIGSTOP);
            log.push(how, self.tick);
          }
        },
        function* (task, self) {
          for (const signal of [SIGTSTP, SIGTTIN, SIGCONT]) yield* task.signal(signal);
          for (let i = 0; i < 3; i++) {
            yield* self.sleep(3);
            yield* task.signal(SIGCONT);
          }
        },
      );
    },
    [true, "masked", 4, "ignored", 7, "handler", "handler", "handled", 10],
  );
});

test("SIG-12d a stop discards a pending SIGCONT", () => {
  for (const stop of [SIGSTOP, SIGTSTP]) {
    always(
      (system, log) => {
        pair(
          system,
          function* (self) {
            yield* self.signals.handle(SIGCONT, noting(log, "handler"));
            yield* self.signals.mask(SIGCONT, SIGTSTP);
            yield* self.sleep(2);
            log.push((yield* self.signals.pending()) & (1 << SIGCONT));
          },
          function* (task, self) {
            yield* task.signal(SIGCONT);
            yield* task.signal(stop);
            log.push(word(task, layout.Task.pending) & (1 << SIGCONT));
            yield* self.sleep(3);
            yield* task.signal(SIGCONT);
          },
        );
      },
      stop === SIGSTOP ? [0, 1 << SIGCONT] : [0, 0],
    );
  }
});

test("SIG-12e SIG-12f neither ends a wait: a stopped task is handed things and times out, and hears of it when it goes on", () => {
  always(
    (system, log) => {
      const sem = system.semaphore();
      pair(
        system,
        function* (self) {
          log.push(yield* sem.take(5), self.tick);
          log.push(yield* sem.take(5), self.tick);
          log.push(yield* sem.take(20), self.tick);
          log.push(yield* self.signals.wait(1 << SIGUSR1), self.tick);
        },
        function* (task, self) {
          // Handed something at tick 2.
          yield* task.signal(SIGSTOP);
          yield* self.sleepUntil(2);
          yield* sem.give();
          yield* self.sleepUntil(4);
          yield* task.signal(SIGCONT);
          // Timed out at tick 9.
          yield* task.signal(SIGSTOP);
          yield* self.sleepUntil(12);
          yield* task.signal(SIGCONT);
          // Neither: it waits on.
          yield* task.signal(SIGSTOP);
          yield* self.sleepUntil(14);
          yield* task.signal(SIGCONT);
          yield* self.sleepUntil(15);
          yield* sem.give();
          // In sigwait.
          yield* task.signal(SIGSTOP);
          yield* task.signal(SIGUSR1);
          yield* self.sleepUntil(18);
          yield* task.signal(SIGCONT);
        },
      );
    },
    [0, 4, ETIMEDOUT, 12, 0, 15, SIGUSR1, 18],
  );
});

test("SIG-12g TSK-09f suspension and SIGSTOP do not touch each other: both must be gone", () => {
  for (const [first, second] of [
    ["resume", "continue"],
    ["continue", "resume"],
  ]) {
    always(
      (system, log) => {
        pair(
          system,
          function* (self) {
            yield* self.signals.handle(SIGUSR1, noting(log, "handler"));
            log.push(yield* self.sleep(100), self.tick);
          },
          function* (task, self) {
            yield* task.suspend();
            yield* task.signal(SIGSTOP);
            yield* task.signal(SIGUSR1);
            for (const step of [first, second]) {
              yield* self.sleep(2);
              log.push(step);
              if (step === "resume") yield* task.resume();
              else yield* task.signal(SIGCONT);
            }
          },
        );
      },
      [first, second, "handler", EINTR, 5],
    );
  }
});

test("SIG-12h who keeps all others from running cannot stop itself, and is stopped by an interrupt when it lets them", () => {
  always(
    (system, log) => {
      const a = system.task("a", { priority: 5 }, function* (self) {
        for (const [lock, unlock] of [
          [() => self.lockScheduler(), () => self.unlockScheduler()],
          [() => self.lockInterrupts(), () => self.unlockInterrupts()],
        ] as const) {
          yield* lock();
          assert.is(yield* misuse(() => self.signal(SIGSTOP)), "EPERM");
          assert.is(yield* misuse(() => self.signal(SIGTSTP)), "EPERM");
          yield* self.raise(1);
          yield* self.compute(1000);
          log.push("locked");
          yield* unlock();
          log.push("on", self.tick);
        }
      });
      system.interrupt(1, {}, function* () {
        yield* a.signal(SIGSTOP);
      });
      system.task("b", { priority: 4 }, function* (self) {
        for (let i = 0; i < 2; i++) {
          yield* self.sleep(3);
          yield* a.signal(SIGCONT);
        }
      });
    },
    ["locked", "on", 3, "locked", "on", 6],
  );
});

// Children

test("SIG-13a a parent gets SIGCHLD when a child ends, stops or goes on, and is told which", () => {
  always(
    (system, log) => {
      system.task("parent", { priority: 9 }, function* (self) {
        let child: Task | undefined;
        yield* self.signals.handle(
          SIGCHLD,
          doing((_me, _signal, from) => {
            log.push(from === child?.handle);
          }),
          { restart: true },
        );
        child = yield* self.create.task("child", { priority: 5 }, function* (me) {
          yield* me.sleep(20);
        });
        const acts: [string, number][] = [
          ["stop", SIGSTOP],
          ["stop again", SIGSTOP],
          ["continue", SIGCONT],
          ["continue again", SIGCONT],
          ["end", SIGTERM],
        ];
        for (const [what, signal] of acts) {
          log.push(what);
          yield* child.signal(signal);
          yield* self.sleep(1);
        }
        log.push(yield* child.join(), child.status);
      });
    },
    ["stop", true, "stop again", "continue", true, "continue again", "end", true, 0, 128 + SIGTERM],
  );
});

test("SIG-13b with NOCLDSTOP not when it stops or goes on", () => {
  always(
    (system, log) => {
      system.task("parent", { priority: 9 }, function* (self) {
        yield* self.signals.handle(SIGCHLD, noting(log, "child"), { nocldstop: true, restart: true });
        const child = yield* self.create.task("child", { priority: 5 }, function* (me) {
          yield* me.sleep(20);
        });
        for (const signal of [SIGSTOP, SIGCONT, SIGTERM]) {
          log.push(signal);
          yield* child.signal(signal);
          yield* self.sleep(1);
        }
        yield* child.join();
      });
    },
    [SIGSTOP, SIGCONT, SIGTERM, "child"],
  );
});

test("SIG-13c with NOCLDWAIT, or with SIGCHLD ignored, children leave no zombies", () => {
  const ways: ((self: Self, log: unknown[]) => Steps)[] = [
    (self, log) => self.signals.handle(SIGCHLD, noting(log, "child"), { nocldwait: true }) as Steps,
    (self) => self.signals.ignore(SIGCHLD) as Steps,
    (self) => self.signals.restore(SIGCHLD, { nocldwait: true }) as Steps,
  ];
  ways.forEach((way, i) => {
    always(
      (system, log) => {
        system.task("parent", { priority: 9 }, function* (self) {
          yield* way(self, log);
          const child = yield* self.create.task("child", { priority: 10 }, noting(log, "runs"));
          log.push(yield* child.join(), yield* child.signal(0));
          // Back to zombies.
          yield* self.signals.restore(SIGCHLD);
          const other = yield* self.create.task("other", { priority: 10 }, noting(log, "runs"));
          log.push(yield* other.signal(0), yield* other.join());
        });
      },
      ["runs", ...(i === 0 ? ["child"] : []), ESRCH, ESRCH, "runs", 0, 0],
    );
  });
});

// From where

test("SIG-15a who is more urgent and wakes by a signal runs inside the call that sent it", () => {
  const wakes: ((self: Self) => Steps)[] = [
    (self) => self.sleep(20) as Steps,
    (self) => self.signals.wait(1 << SIGUSR2) as Steps,
    (self) => self.signals.suspend(0) as Steps,
  ];
  for (const wait of wakes) {
    always(
      (system, log) => {
        pair(
          system,
          function* (self) {
            yield* self.signals.handle(SIGUSR1, noting(log, "handler"));
            yield* wait(self);
            log.push("awake");
          },
          function* (task) {
            yield* task.signal(wait === wakes[1] ? SIGUSR2 : SIGUSR1);
            log.push("sent");
          },
        );
      },
      [...(wait === wakes[1] ? [] : ["handler"]), "awake", "sent"],
    );
  }
});

test("SIG-17a an interrupt sends signals: a caught one to whom it interrupted, a fatal one, one that nobody sent", () => {
  always(
    (system, log) => {
      const a = system.task("a", { priority: 5 }, function* (self) {
        yield* self.signals.handle(SIGUSR1, function* (me, _signal, from) {
          log.push("handler", from, me.tick);
          yield* me.raise(2);
          yield* me.compute(1000);
          log.push("never");
        });
        yield* timer.write(0, 20_000);
        yield* timer.write(1, 1);
        yield* self.compute(160_000);
        log.push("never");
      });
      const timer = system.hardwareTimer({ line: 1 });
      system.interrupt(1, {}, function* () {
        log.push("line 1", yield* a.signal(SIGUSR1));
      });
      system.interrupt(2, {}, function* () {
        log.push("line 2", yield* a.signal(SIGTERM));
      });
      system.task("b", { priority: 4 }, function* () {
        log.push(yield* a.join(), a.status);
      });
    },
    ["line 1", 0, "handler", 0, 1, "line 2", 0, 0, 128 + SIGTERM],
  );
});

test("SIG-17b the bench sends one at any step, as a console or a device would", () => {
  const machine = play((system) => {
    system.task("a", {}, function* (self) {
      yield* self.signals.handle(SIGINT, noting([], 0));
      yield* self.exit((yield* self.sleep(100)) === EINTR ? 1 : 2);
    });
  }).machine;
  for (let step = 1; step < 6; step++) {
    machine.powerOn();
    for (let i = 0; i < step; i++) machine.step();
    machine.sendSignal("a", SIGINT);
    while (machine.advance({ dispatches: 1 }) === "budget") assert.is(machine.check(), 0);
    assert.ok([1, 2, 128 + SIGINT].includes(machine.task("a").status as number), `step ${step}`);
  }
  assert.is(machine.task("a").status, 1);
});

test("SIG-17c CLK-06i a timer's expiry sends a signal, and every expiry of a periodic one does", () => {
  always(
    (system, log) => {
      const a = system.task("a", {}, function* (self) {
        yield* self.signals.handle(
          SIGUSR1,
          doing((me, _signal, from) => {
            log.push(me.tick, from === timer.handle);
          }),
        );
        yield* timer.start(2, 3);
        for (let i = 0; i < 3; i++) log.push(yield* self.sleep(100));
        yield* timer.stop();
      });
      const timer = system.timer({ signal: SIGUSR1, to: a });
    },
    [2, true, EINTR, 5, true, EINTR, 8, true, EINTR],
  );
});

test("CLK-05a alarm(n) sends SIGALRM after n ticks, takes the place of the one before, and answers what that had left", () => {
  always(
    (system, log) => {
      system.task("a", {}, function* (self) {
        yield* self.signals.handle(
          SIGALRM,
          doing((me, _signal, from) => {
            log.push("alarm", me.tick, from);
          }),
        );
        log.push(yield* self.alarm(10));
        yield* self.sleep(3);
        log.push(yield* self.alarm(4), yield* self.sleep(20));
        log.push(yield* self.alarm(0), yield* misuse(() => self.alarm(-1)));
      });
    },
    [0, "alarm", 7, 0, 7, EINTR, 0, "EINVAL"],
  );
});

test("CLK-05c an alarm that nobody handles ends its task, computing, waiting or in a handler", () => {
  const bodies: ((self: Self) => Steps)[] = [
    function* (self) {
      yield* self.compute(100_000);
    },
    function* (self) {
      yield* self.sleep(100);
    },
    function* (self) {
      yield* self.signals.handle(SIGUSR1, function* (me) {
        yield* me.compute(100_000);
      });
      yield* self.signal(SIGUSR1);
    },
  ];
  for (const body of bodies) {
    always(
      (system, log) => {
        const a = system.task("a", { priority: 9 }, function* (self) {
          yield* self.alarm(2);
          yield* body(self);
          log.push("never");
        });
        system.task("b", {}, function* (self) {
          log.push(yield* a.join(), a.status, self.tick);
        });
      },
      [0, 128 + SIGALRM, 2],
    );
  }
});

test("CLK-05b alarm(0) cancels, an alarm across the wrap of the tick counter comes in time, and one ends with its task", () => {
  for (const options of ORACLES) {
    const log: unknown[] = [];
    playOut(
      (system) => {
        system.task("a", {}, function* (self) {
          yield* self.signals.handle(SIGALRM, noting(log, "alarm"));
          yield* self.alarm(3);
          yield* self.sleep(1);
          log.push(yield* self.alarm(0), yield* self.sleep(5));
          const before = self.tick;
          yield* self.alarm(4);
          log.push(yield* self.sleep(9), (self.tick - before) >>> 0);
          yield* self.alarm(1000);
        });
      },
      { ...options, firstTick: 0xfffffff8 },
    );
    assert.equal(log, [2, 0, "alarm", EINTR, 4]);
  }
});

test("TRC-01g a record when a signal is sent, when its handler begins and when it has returned", () => {
  let handles: number[] = [];
  const { machine } = playOut((system) => {
    pair(
      system,
      function* (self) {
        yield* self.signals.handle(SIGUSR1, function* (me) {
          yield* me.signal(SIGUSR2);
        });
        yield* self.signals.handle(SIGUSR2, noting([], 0));
        yield* self.sleep(5);
      },
      function* (task, self) {
        handles = [task.handle, self.handle];
        yield* task.signal(SIGUSR1);
      },
    );
  });
  const [a, b] = handles;
  const found = machine.trace.filter(({ event }) => ["SIGNAL", "DELIVER", "SIGRETURN"].includes(event));
  const facts = found.map(({ event, first, second, object }) => [event, object & 0xff, first, second]);
  assert.equal(facts, [
    ["SIGNAL", 0, SIGUSR1, b],
    ["DELIVER", 0, SIGUSR1, b],
    ["SIGNAL", 0, SIGUSR2, a],
    ["DELIVER", 0, SIGUSR2, a],
    ["SIGRETURN", 0, SIGUSR2, 1],
    ["SIGRETURN", 0, SIGUSR1, 0],
  ]);
});

test("SIG-03e an action or a way to mask that makes no sense is EINVAL and changes nothing", () => {
  playOut((system) => {
    system.task("a", {}, function* (self) {
      const { machine } = self;
      const S = layout.SigAction;
      const record = self.buffer(S.bytes);
      for (const [disposition, flags] of [
        [3, 0],
        [-1, 0],
        [0, 32],
        [2, -1],
        [1, 1 << 31],
      ] as const) {
        record.setWord(S.disposition, disposition);
        record.setWord(S.flags, flags);
        assert.is(yield* raw(machine, "signal_action", SIGUSR1, record.address, 0), EINVAL);
        assert.is(word(self, layout.Task.caught) | word(self, layout.Task.ignored), 0);
      }
      for (const how of [-1, 3]) assert.is(yield* raw(machine, "signal_mask", how, 2, 0), EINVAL);
      assert.is(word(self, layout.Task.mask), 0);
    });
  });
});

test("an exception in a handler ends its task with all its contexts, is reported as the task's, and the others go on", () => {
  const log: unknown[] = [];
  const machine = boot(
    (system) => {
      const lock = system.mutex();
      system.task("a", { priority: 9 }, function* (self) {
        yield* self.signals.handle(
          SIGUSR1,
          doing(() => {
            throw new Error("mine");
          }),
        );
        yield* lock.lock();
        yield* self.signal(SIGUSR1);
        log.push("never");
      });
      system.task("b", {}, function* () {
        log.push(yield* lock.lock());
      });
    },
    { kernel: "debug", onFailure: "report" },
  );
  assert.is(machine.run(), "finished");
  assert.is(machine.check(), 0);
  assert.equal(
    machine.failures.map(({ task, message }) => [task, message]),
    [["a", "mine"]],
  );
  assert.is(machine.task("a").state, "failed");
  assert.equal(log, [0]);
});

test("what is no signal, and what is no handler, is refused with a sentence", () => {
  for (const wrong of [0, 32, -1, 1.5, Number.NaN]) assert.throws(() => signalSet(SIGUSR1, wrong), `there is no signal ${wrong}`);
  const body = (async () => {}) as unknown as SignalBody;
  const machine = boot(
    (system) => {
      system.task("a", {}, function* (self) {
        assert.throws(() => self.signals.handle(SIGUSR1, undefined as unknown as SignalBody), /the handler of signal 10 has no body/);
        yield* self.signals.handle(SIGUSR1, body);
        yield* self.signal(SIGUSR1);
      });
    },
    { kernel: "debug", onFailure: "report" },
  );
  machine.run();
  assert.match(machine.failures[0]?.message ?? "", /the handler of SIGUSR1 in task "a" is async/);
});

test("a handler takes buffers of its own self, and what it stages does not touch what the interrupted call staged", () => {
  always(
    (system, log) => {
      const pipe = system.pipe({ capacity: 4, public: "both" });
      pair(
        system,
        function* (self) {
          yield* self.signals.handle(
            SIGUSR1,
            function* (me) {
              me.buffer(16).setWord(0, 0x01020304);
              log.push(yield* me.signals.pending());
              log.push(yield* pipe.write("xy"));
              assert.throws(() => self.buffer(1), /a signal's handler takes buffers of its own self/);
            },
            { restart: true },
          );
          log.push(yield* pipe.write("abcd"));
          log.push(yield* pipe.write("efgh"));
        },
        function* (task, self) {
          const got = self.buffer(16);
          let text = "";
          yield* task.signal(SIGUSR1);
          for (let n = yield* pipe.read(got, 3); n > 0; n = yield* pipe.read(got, 3)) text += got.slice(0, n).text();
          log.push(text);
        },
      );
    },
    [4, 0, 2, 4, "abcdxyefgh"],
  );
});

test("SIG-11d a handler of a line has no children", () => {
  const m = new Bare();
  m.task(9);
  m.kernel.irq_attach(3, 1, 1);
  m.start();
  m.kernel.line_raise(3);
  m.next(Order.INTERRUPT);
  assert.is(m.kernel.signal_send(0, 10), -3);
  m.kernel.irq_return();
  m.next(Order.RESUME);
  assert.is(m.kernel.signal_send(0, 10), -3, "and this task none either");
});

test("SIG-10a signal_wait takes what is pending also where nobody asks who sent it", () => {
  const m = new Bare();
  const task = m.task(9);
  m.start();
  m.kernel.signal_mask(MaskHow.BLOCK, (1 << 10) | (1 << 12), 0);
  for (const signal of [12, 10]) assert.is(m.kernel.signal_send(task, signal), 0);
  assert.is(m.kernel.signal_wait((1 << 10) | (1 << 12), 0, 0), 10);
  const origin = m.get("scratch");
  assert.is(m.kernel.signal_wait((1 << 10) | (1 << 12), origin, 0), 12);
  assert.is(m.i32[origin >> 2], task);
  assert.is(m.kernel.signal_wait((1 << 10) | (1 << 12), 0, 0), -11);
});

test("SIG-03a of two signals that end a task, the first one does", () => {
  const m = new Bare();
  const task = m.task(9);
  m.start();
  m.kernel.signal_mask(MaskHow.BLOCK, (1 << 1) | (1 << 15), 0);
  for (const signal of [15, 1]) m.kernel.signal_send(task, signal);
  assert.is(m.kernel.signal_mask(MaskHow.UNBLOCK, (1 << 1) | (1 << 15), 0), SWITCH);
  assert.is(m.kernel.dispatch(), Order.IDLE);
  assert.is(m.i32[(m.get("tasks") + (task & 0xff) * layout.Task.bytes + layout.Task.status) >> 2], 128 + 1);
});

test("a task's alarm ends with it", () => {
  const m = new Bare();
  m.task(9);
  m.task(5);
  m.start();
  assert.is(m.kernel.task_alarm(5), 0);
  assert.is(m.get("waiting"), 1);
  assert.is(m.kernel.task_exit(0), SWITCH);
  assert.is(m.get("waiting"), 0);
  m.next(Order.START);
  assert.is(m.kernel.check(), 0);
});

test("what a signal did before is told: its entry, its mask and its flags", () => {
  const m = new Bare();
  m.task(9);
  m.start();
  const [action, old] = [m.bytes(layout.SigAction.bytes) >> 2, m.bytes(layout.SigAction.bytes) >> 2];
  const given = [Disposition.HANDLER, 7, 1 << 12, SigFlag.RESTART];
  m.u32.set(given, action);
  m.u32.fill(99, old, old + 4);
  assert.is(m.kernel.signal_action(10, action << 2, old << 2), 0);
  assert.equal([...m.u32.subarray(old, old + 4)], [Disposition.DEFAULT, 0, 0, 0]);
  assert.is(m.kernel.signal_action(10, 0, old << 2), 0);
  assert.equal([...m.u32.subarray(old, old + 4)], given);
});

test.run();
