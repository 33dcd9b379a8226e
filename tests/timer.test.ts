import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EAGAIN, ETIMEDOUT, type Machine, type Self, SIGUSR1, type Timer } from "../hal/host/index.js";
import { Action, EBADF, EBUSY, EINVAL, EPERM, ESRCH, layout, Order } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { noting, raw } from "./probe.js";
import { play } from "./support.js";

const test = suite("timer");
const TICK = 16000;

/** The ticks at which timers expired, as "name@tick", in order. */
function expiries(machine: Machine, timers: Record<string, Timer>): string[] {
  const names = new Map(Object.entries(timers).map(([name, timer]) => [timer.handle & 0x1fff, name]));
  let tick = 0;
  return machine.trace.flatMap((record) => {
    if (record.event === "TICK") tick = record.first;
    return record.event === "EXPIRE" ? [`${names.get(record.object)}@${tick}`] : [];
  });
}

test("CLK-01a a one-shot timer expires once, after as many ticks as were asked for", () => {
  let timer: Timer | undefined;
  const { machine } = play((system) => {
    const sem = system.semaphore();
    timer = system.timer({ give: sem });
    system.task("user", {}, function* (self) {
      yield* self.compute(9000);
      yield* (timer as Timer).start(3);
      assert.is((timer as Timer).running, true);
      yield* self.sleep(10);
      assert.is((timer as Timer).running, false);
      assert.is(sem.count, 1);
    });
  });
  assert.equal(expiries(machine, { t: timer as Timer }), ["t@3"]);
});

test("CLK-01b a periodic timer expires first after `first` ticks, then every `period` ticks", () => {
  let timer: Timer | undefined;
  const { machine } = play((system) => {
    const made = system.timer({ give: system.semaphore() });
    timer = made;
    system.task("user", {}, function* (self) {
      yield* made.start(2, 5);
      yield* self.sleep(20);
      assert.is(yield* made.stop(), 1);
    });
  });
  assert.equal(expiries(machine, { t: timer as Timer }), ["t@2", "t@7", "t@12", "t@17"]);
});

test("CLK-01c a periodic timer does not drift, though ticks are held up and its work takes longer than the period", () => {
  let timer: Timer | undefined;
  const { machine } = play((system) => {
    const made = system.timer({
      *call(service) {
        yield* service.compute(TICK + 500);
      },
    });
    timer = made;
    system.task("user", { priority: 9 }, function* (self) {
      yield* made.start(1, 3);
      yield* self.lockInterrupts();
      yield* self.compute(5 * TICK);
      yield* self.unlockInterrupts();
      yield* self.sleepUntil(15);
      yield* made.stop();
    });
  });
  assert.equal(expiries(machine, { t: timer as Timer }), ["t@1", "t@4", "t@7", "t@10", "t@13"]);
});

test("CLK-01d timers due on one tick expire in the order in which they were made, whenever they were started", () => {
  const timers: Record<string, Timer> = {};
  const { machine } = play((system) => {
    const sem = system.semaphore();
    for (const name of ["a", "b", "c", "d"]) timers[name] = system.timer({ give: sem });
    const { a, b, c, d } = timers as Record<"a" | "b" | "c" | "d", Timer>;
    system.task("user", {}, function* (self) {
      yield* d.start(4);
      yield* b.start(2, 2);
      yield* self.sleep(1);
      yield* c.start(3);
      yield* self.sleep(1);
      yield* a.start(2);
      yield* self.sleep(3);
      yield* b.stop();
    });
  });
  assert.equal(expiries(machine, timers), ["b@2", "a@4", "b@4", "c@4", "d@4"]);
});

test("CLK-02a CLK-02b CLK-02c from its callback a timer is stopped, restarted, and given another period", () => {
  let timer: Timer | undefined;
  const log: string[] = [];
  const { machine } = play((system) => {
    const made: Timer = system.timer({
      *call(service) {
        log.push(`callback at ${service.tick}`);
        if (service.tick === 3) yield* made.start(1, 4);
        if (service.tick === 8) yield* made.start(2);
        if (service.tick === 10) yield* made.start(1, 1);
        if (service.tick === 12) assert.is(yield* made.stop(), 1);
      },
    });
    timer = made;
    system.task("user", {}, function* (self) {
      yield* made.start(1, 2);
      yield* self.sleep(20);
    });
  });
  const ticks = [1, 3, 4, 8, 10, 11, 12];
  assert.equal(
    expiries(machine, { t: timer as Timer }),
    ticks.map((tick) => `t@${tick}`),
  );
  assert.equal(
    log,
    ticks.map((tick) => `callback at ${tick}`),
  );
});

test("CLK-02d a stopped timer does not fire, and stop says whether it ran", () => {
  play((system) => {
    const sem = system.semaphore();
    const timer = system.timer({ give: sem });
    system.task("user", {}, function* (self) {
      assert.is(yield* timer.stop(), 0);
      yield* timer.start(3, 3);
      yield* self.sleep(2);
      assert.is(yield* timer.stop(), 1);
      assert.is(yield* timer.stop(), 0);
      yield* self.sleep(9);
      assert.is(sem.count, 0);
    });
  });
});

test("CLK-02d a timer that was deleted does not fire, nor does its callback", () => {
  let ran = 0;
  play((system) => {
    const sem = system.semaphore();
    const giver = system.timer({ give: sem });
    const caller = system.timer({
      call: () => {
        ran++;
        return undefined;
      },
    });
    system.task("user", { priority: 8 }, function* (self) {
      yield* giver.start(1, 1);
      yield* caller.start(2);
      yield* self.lockScheduler();
      yield* self.compute(2 * TICK + 100);
      yield* giver.delete();
      yield* caller.delete();
      yield* self.unlockScheduler();
      yield* self.sleep(5);
      assert.is(sem.count, 2);
      assert.is(yield* raw(self.machine, "timer_stop", giver.handle), EBADF);
    });
  });
  assert.is(ran, 0);
});

test("CLK-02e CLK-02f stop and restart withdraw a callback that has not begun", () => {
  for (const withdraw of ["stop", "start"] as const) {
    const log: string[] = [];
    play((system) => {
      const timer = system.timer({
        *call(service) {
          log.push(`callback at ${service.tick}`);
          yield* service.compute(1);
        },
      });
      system.task("user", { priority: 9 }, function* (self) {
        yield* timer.start(1);
        yield* self.lockScheduler();
        yield* self.compute(2 * TICK);
        if (withdraw === "stop") assert.is(yield* timer.stop(), 0);
        else yield* timer.start(3);
        yield* self.unlockScheduler();
        log.push("unlocked");
        yield* self.sleep(5);
      });
    });
    assert.equal(log, withdraw === "stop" ? ["unlocked"] : ["unlocked", "callback at 5"], withdraw);
  }
});

test("CLK-03a the expiries since the last query are counted", () => {
  play((system) => {
    const timer = system.timer({ give: system.semaphore() });
    system.task("user", {}, function* (self) {
      yield* timer.start(1, 1);
      yield* self.sleep(4);
      assert.is(yield* timer.expiries(), 4);
      assert.is(yield* timer.expiries(), 0);
      yield* self.sleep(2);
      assert.is(yield* timer.expiries(), 2);
      yield* timer.stop();
      yield* self.sleep(2);
      assert.is(yield* timer.expiries(), 0);
    });
  });
});

test("CLK-03b overruns are the expiries whose action could not be done", () => {
  play((system) => {
    const sem = system.semaphore({ maximum: 2 });
    const full = system.timer({ give: sem });
    const gone = system.semaphore();
    const orphan = system.timer({ give: gone });
    system.task("user", {}, function* (self) {
      yield* full.start(1, 1);
      yield* orphan.start(1, 2);
      yield* gone.delete();
      yield* self.sleep(5);
      assert.is(sem.count, 2);
      assert.is(yield* full.overruns(), 3);
      assert.is(yield* full.overruns(), 0);
      assert.is(yield* full.expiries(), 5);
      assert.is(yield* orphan.overruns(), 3);
      yield* full.stop();
      yield* orphan.stop();
    });
  });
});

test("CLK-06a an expiry gives its semaphore, to the first waiter if there is one", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    const timer = system.timer({ give: sem });
    for (const priority of [3, 9]) {
      system.task(`t${priority}`, { priority }, function* (self) {
        yield* sem.take();
        log.push(`t${priority} at ${self.tick}`);
      });
    }
    system.task("starter", { priority: 20 }, function* () {
      yield* timer.start(1, 2);
    });
    system.task("stopper", { priority: 1 }, function* (self) {
      yield* self.sleep(4);
      yield* timer.stop();
    });
  });
  assert.equal(log, ["t9 at 1", "t3 at 3"]);
});

test("CLK-06b an expiry sets its event flags", () => {
  play((system) => {
    const event = system.event();
    const timer = system.timer({ set: event, bits: 6 });
    system.task("user", {}, function* (self) {
      yield* timer.start(2);
      assert.is(yield* event.wait(2, { clear: true }), 6);
      assert.is(self.tick, 2);
      assert.is(event.bits, 4);
    });
  });
});

test("CLK-06c callbacks run one after another, in the order of expiry", () => {
  const log: string[] = [];
  play((system) => {
    const timer = (name: string) =>
      system.timer({
        *call(service) {
          log.push(`${name} begins at ${service.tick}`);
          yield* service.compute(TICK);
          log.push(`${name} ends at ${service.tick}`);
        },
      });
    const [a, b, c] = [timer("a"), timer("b"), timer("c")];
    system.task("user", {}, function* (self) {
      yield* c.start(1);
      yield* b.start(2);
      yield* a.start(2);
      yield* self.sleep(6);
    });
  });
  assert.equal(log, ["c begins at 1", "c ends at 2", "a begins at 2", "a ends at 3", "b begins at 3", "b ends at 4"]);
});

test("CLK-06d CLK-06h the timer service is a daemon of priority 63", () => {
  const { machine, reason } = play((system) => {
    const timer = system.timer({ call: noting([], 0) });
    system.task("user", { priority: 62 }, function* (self) {
      yield* timer.start(1, 1);
      yield* self.sleep(3);
    });
  });
  const service = machine.task("timer service");
  assert.is(service.priority, 63);
  assert.is(service.daemon, true);
  assert.is(reason, "finished");
  assert.is(service.state, "blocked");
});

test("a signal or an abort that ends the timer service's wait runs no callback again", () => {
  const log: unknown[] = [];
  let service: Self | undefined;
  play((system) => {
    const timer = system.timer({
      *call(self) {
        service = self;
        log.push("callback");
        yield* self.signals.handle(SIGUSR1, noting(log, "handler"));
      },
    });
    system.task("user", {}, function* (self) {
      yield* timer.start(1);
      yield* self.sleep(2);
      yield* (service as Self).abort();
      yield* (service as Self).signal(SIGUSR1);
      yield* self.sleep(2);
      log.push("again");
      yield* timer.start(1);
      yield* self.sleep(2);
    });
  });
  assert.equal(log, ["callback", "handler", "again", "callback"]);
});

test("CLK-06e CLK-06f a callback may touch timers and may not block: waiting is EPERM, with timeout 0 it answers", () => {
  const results: Record<string, number> = {};
  play((system) => {
    const sem = system.semaphore();
    const other = system.timer({ give: sem });
    const lock = system.mutex();
    const timer = system.timer({
      *call(service) {
        const { machine } = service;
        // A tick comes in between: it is a callback all the same.
        yield* service.compute(TICK);
        results.start = yield* raw(machine, "timer_start", other.handle, 1, 0);
        results.stop = yield* raw(machine, "timer_stop", other.handle);
        results.create = (yield* raw(machine, "timer_create", 0, 1, sem.handle, 0)) > 0 ? 0 : -1;
        results.give = yield* raw(machine, "sem_give", sem.handle);
        results.take = yield* raw(machine, "sem_take", sem.handle, 0);
        results.empty = yield* raw(machine, "sem_take", sem.handle, 0);
        results.wait = yield* raw(machine, "sem_take", sem.handle, 1);
        results.forever = yield* raw(machine, "sem_take", sem.handle, -1);
        results.sleep = yield* raw(machine, "task_sleep", 1);
        results.lock = yield* raw(machine, "mutex_lock", lock.handle, 0);
        results.yield = yield* raw(machine, "task_yield");
      },
    });
    system.task("user", {}, function* (self) {
      yield* timer.start(1);
      yield* self.sleep(3);
      assert.is(yield* raw(self.machine, "sem_take", sem.handle, 1), ETIMEDOUT, "a task may wait as ever");
    });
  });
  assert.equal(results, {
    start: 0,
    stop: 1,
    create: 0,
    give: 0,
    take: 0,
    empty: EAGAIN,
    wait: EPERM,
    forever: EPERM,
    sleep: EPERM,
    lock: EPERM,
    yield: EPERM,
  });
});

test("CLK-06g expiries before the callback begins are one callback, the others are overruns", () => {
  let ran = 0;
  play((system) => {
    const timer = system.timer({
      *call(service) {
        ran++;
        yield* service.compute(1);
      },
    });
    system.task("user", { priority: 9 }, function* (self) {
      yield* timer.start(1, 1);
      yield* self.lockScheduler();
      yield* self.compute(4 * TICK);
      yield* self.unlockScheduler();
      assert.is(ran, 1);
      assert.is(yield* timer.expiries(), 4);
      assert.is(yield* timer.overruns(), 3);
      yield* self.sleep(1);
      assert.is(ran, 2);
      assert.is(yield* timer.overruns(), 0);
      yield* timer.stop();
    });
  });
});

test("CLK-06g an expiry while the callback runs is a callback of its own", () => {
  const log: string[] = [];
  play((system) => {
    const timer: Timer = system.timer({
      *call(service) {
        log.push(`callback at ${service.tick}`);
        yield* service.compute(TICK + TICK / 2);
        if (log.length === 2) yield* timer.stop();
      },
    });
    system.task("user", { priority: 9 }, function* (self) {
      yield* timer.start(1, 2);
      yield* self.sleep(8);
      assert.is(yield* timer.expiries(), 2);
      assert.is(yield* timer.overruns(), 0);
    });
  });
  assert.equal(log, ["callback at 1", "callback at 3"]);

  const busy: string[] = [];
  play((system) => {
    const timer: Timer = system.timer({
      *call(service) {
        busy.push(`callback at ${service.tick}`);
        if (busy.length === 2) yield* timer.stop();
        yield* service.compute(TICK + TICK / 2);
      },
    });
    system.task("user", { priority: 9 }, function* (self) {
      yield* timer.start(1, 1);
      yield* self.sleep(8);
      assert.is(yield* timer.expiries(), 2);
      assert.is(yield* timer.overruns(), 0);
    });
  });
  assert.equal(busy, ["callback at 1", "callback at 2"]);
});

test("CLK-02e a service whose callback was withdrawn waits on until the tick it had in mind", () => {
  const log: string[] = [];
  play((system) => {
    let timer = 0;
    system.task("service", { priority: 5 }, function* (self) {
      const out = self.buffer(layout.Callback.bytes);
      timer = yield* raw(self.machine, "timer_create", 0, 0, 0, 0);
      for (const ticks of [6, 2, -1]) {
        const result = yield* raw(self.machine, "timer_service", out.address, ticks);
        log.push(`${result} at ${self.tick}`);
      }
    });
    system.task("user", { priority: 9 }, function* (self) {
      const { machine } = self;
      const startAndStop = function* (ticks: number) {
        yield* raw(machine, "timer_start", timer, 1, 0);
        yield* self.lockScheduler();
        yield* self.compute(ticks * TICK);
        assert.is(yield* raw(machine, "timer_stop", timer), 0);
        yield* self.unlockScheduler();
      };
      yield* self.sleep(1);
      yield* startAndStop(2);
      yield* self.sleepUntil(7);
      yield* startAndStop(2);
      yield* self.sleep(1);
      yield* startAndStop(1);
      yield* raw(machine, "timer_start", timer, 3, 0);
    });
  });
  assert.equal(log, [`${ETIMEDOUT} at 6`, `${ETIMEDOUT} at 9`, "0 at 14"]);
});

test("a timer's times are checked, and there is one timer service", () => {
  play((system) => {
    const timer = system.timer({ call: noting([], 0) });
    system.task("user", {}, function* (self) {
      const { machine } = self;
      for (const [first, period] of [
        [0, 0],
        [-1, 5],
        [1, -1],
        [0, 5],
      ] as const) {
        assert.is(yield* raw(machine, "timer_start", timer.handle, first, period), EINVAL);
      }
      assert.is(timer.running, false);
      const out = self.buffer(layout.Callback.bytes);
      assert.is(yield* raw(machine, "timer_service", out.address, 0), EBUSY);
    });
  });
});

test("a task of the application can be the timer service", () => {
  const log: string[] = [];
  play((system) => {
    system.task("service", { priority: 20 }, function* (self) {
      const { machine } = self;
      const out = self.buffer(layout.Callback.bytes);
      const timer = yield* raw(machine, "timer_create", 0, 0, 77, 88);
      assert.is(yield* raw(machine, "timer_service", out.address, 0), EAGAIN);
      assert.is(yield* raw(machine, "timer_service", out.address, 2), ETIMEDOUT);
      yield* raw(machine, "timer_start", timer, 2, 0);
      assert.is(yield* raw(machine, "timer_service", out.address, 5), 0);
      const { entry, argument, timer: which } = layout.Callback;
      log.push(`${out.word(which) === timer} ${out.word(entry)} ${out.word(argument)} at ${self.tick}`);
      assert.is(yield* raw(machine, "task_sleep", 1), EPERM, "it is in a callback");
      assert.is(yield* raw(machine, "timer_service", out.address, 0), EAGAIN);
      assert.is(yield* raw(machine, "task_sleep", 1), 0, "and now it is not");
    });
  });
  assert.equal(log, ["true 77 88 at 4"]);
});

test("when the timer service ends another task takes its place, and finds the callbacks that are due", () => {
  const log: string[] = [];
  play((system) => {
    const service = (name: string) =>
      system.task(name, { priority: 20 }, function* (self) {
        const { machine } = self;
        const out = self.buffer(layout.Callback.bytes);
        if (name === "second") yield* self.sleep(4);
        else yield* raw(machine, "timer_start", yield* raw(machine, "timer_create", 0, 0, 7, 0), 1, 2);
        const result = yield* raw(machine, "timer_service", out.address, 5);
        log.push(`${name} ${result} at ${self.tick}`);
      });
    service("first");
    service("second");
  });
  assert.equal(log, ["first 0 at 1", "second 0 at 4"]);
});

test("a timer for a task that is none, or for a number that is no signal, is refused", () => {
  const m = new Bare();
  const task = m.task(5);
  m.start();
  const create = (action: number, target: number, value: number) => m.kernel.timer_create(0, action, target, value);
  for (const action of [Action.SIGNAL, Action.FLAGS_SET]) assert.is(create(action, task ^ 0x100, 1), ESRCH);
  for (const signal of [0, -1, 32]) assert.is(create(Action.SIGNAL, task, signal), EINVAL);
  for (const signal of [1, 31]) assert.ok(create(Action.SIGNAL, task, signal) > 0);
});

test("CLK-03b an expiry for what is no more is an overrun: an event that was deleted, a task that has ended", () => {
  const m = new Bare({ period: 1000 });
  m.task(5);
  const other = m.task(9);
  m.start();
  m.kernel.task_exit(0);
  m.next(Order.START);
  const event = m.kernel.event_create(0, 0);
  const timers = [
    m.kernel.timer_create(0, Action.EVENT_SET, event, 1),
    m.kernel.timer_create(0, Action.SIGNAL, other, 10),
    m.kernel.timer_create(0, Action.FLAGS_SET, other, 1),
  ];
  assert.is(m.kernel.object_delete(event), 0);
  for (const timer of timers)
    assert.is(
      m.call(() => m.kernel.timer_start(timer, 1, 0)),
      0,
    );
  assert.is(
    m.call(() => m.kernel.task_sleep(3)),
    0,
  );
  for (const timer of timers) {
    assert.is(
      m.call(() => m.kernel.timer_overruns(timer)),
      1,
    );
    assert.is(
      m.call(() => m.kernel.timer_count(timer)),
      1,
    );
  }
  assert.is(m.kernel.check(), 0);
});

test("the port knows how many deadlines there are: of timers that run, and of tasks that wait for a while", () => {
  const m = new Bare();
  m.task(9);
  m.start();
  const [once, again] = [m.kernel.timer_create(0, Action.CALLBACK, 1, 0), m.kernel.timer_create(0, Action.CALLBACK, 1, 0)];
  const waiting = () => m.get("waiting");
  assert.is(waiting(), 0);
  assert.is(m.kernel.timer_start(once, 1, 0), 0);
  assert.is(m.kernel.timer_start(again, 5, 5), 0);
  assert.is(waiting(), 2);
  assert.is(m.kernel.timer_start(again, 6, 5), 0);
  assert.is(waiting(), 2);
  assert.is(
    m.call(() => m.kernel.task_sleep(3)),
    0,
  );
  assert.is(waiting(), 1, "one has expired, and nobody sleeps");
  m.kernel.timer_stop(again);
  assert.is(waiting(), 0);
  m.kernel.timer_stop(again);
  assert.is(waiting(), 0);
  m.kernel.timer_start(again, 6, 5);
  m.kernel.object_delete(again);
  assert.is(waiting(), 0);
});

test.run();
