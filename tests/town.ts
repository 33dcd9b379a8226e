/** A system in which every kind of object is in use at once, by tasks that hold, wait, lend, inherit and are interrupted, and that all end. */
import { type Machine, type Parked, type Self, SIGALRM, SIGPIPE, SIGTERM, SIGUSR1, type System, type Task } from "../hal/host/index.js";
import { EOWNERDEAD, Kind, layout, Mode, Poll } from "../kernel/abi/host.js";
import { type CallName, raw } from "./probe.js";

type Steps = Generator<Parked, unknown, unknown>;
type Calls = (call: CallName, ...args: number[]) => Generator<Parked, number, unknown>;

/** Ticks after which a wait gives up: whoever could have ended it may be gone. */
const PATIENCE = 3;
const ROUNDS = 2;
/** The line whose handler has a task terminated. */
export const REAPER = 9;
/** How a task opens what the description made: nothing is open to it for its description's sake but what it opens itself. */
const RW = Mode.READ | Mode.WRITE;

/** Who lives there, the least urgent first. */
export interface Town {
  people: string[];
  /** Whom the handler of line REAPER has terminated: an index of people. */
  doomed: number;
}

/** Describes the town; `town.doomed` may be set before the line is raised. */
export function found(system: System, town: Town): void {
  const sem = system.semaphore({ maximum: 3 });
  const { machine } = sem;
  const plain = system.mutex({ name: "plain" });
  const robust = system.mutex({ name: "robust", robust: true });
  const ceiling = system.mutex({ name: "ceiling", ceiling: 40 });
  const [lock, cond, barrier] = [system.mutex(), system.condition(), system.barrier(2)];
  const [event, rwlock] = [system.event(), system.rwlock()];
  const pipe = system.pipe({ name: "pipe", capacity: 4 });
  const queue = system.queue({ name: "queue", count: 2, size: 8, discipline: "priority" });
  const pool = system.pool({ count: 3, size: 16 });
  const box = system.mailbox({ name: "box" });
  system.region({ name: "region", size: 16 });
  const tick = system.timer({ give: sem });
  system.timer({ name: "call", *call() {} });
  const called = system.timer({
    *call(service) {
      yield* raw(service.machine, "event_set", event.handle, 4);
    },
  });
  const tasks: Task[] = [];
  const open = (call: Calls, kind: number, name: string, mode: number) => call("object_open", kind, machine.stageName(name), mode);
  const lives = (
    name: string,
    priority: number,
    round: (self: Self, call: Calls, view: number) => Steps,
    first?: (self: Self, call: Calls) => Steps,
  ) => {
    town.people.push(name);
    tasks.push(
      system.task(name, { priority, storage: 1024, slice: 1 }, function* (self) {
        const call: Calls = (name, ...args) => raw(machine, name, ...args);
        yield* self.signals.ignore(SIGPIPE);
        const view = self.buffer(64).address;
        if (first) yield* first(self, call);
        for (let i = 0; i < ROUNDS; i++) yield* round(self, call, view);
        yield* self.compute(100);
      }),
    );
  };
  function* owned(call: Calls, mutex: number, inside: () => Steps): Steps {
    const got = yield* call("mutex_lock", mutex, PATIENCE);
    if (got === EOWNERDEAD) yield* call("mutex_consistent", mutex);
    if (got < 0 && got !== EOWNERDEAD) return;
    yield* inside();
    yield* call("mutex_unlock", mutex);
  }
  lives("owner", 5, function* (self, call) {
    yield* owned(call, plain.handle, () =>
      owned(call, robust.handle, function* () {
        yield* self.sleep(1);
        yield* self.compute(20_000);
      }),
    );
  });
  lives("climber", 10, function* (self, call) {
    yield* owned(call, ceiling.handle, () => owned(call, robust.handle, () => self.sleep(1) as unknown as Steps));
    yield* call("sem_take", sem.handle, PATIENCE);
  });
  lives("peak", 30, function* (self, call) {
    yield* self.sleep(1);
    yield* owned(call, plain.handle, () => self.compute(2000) as unknown as Steps);
  });
  lives("waiter", 12, function* (self, call) {
    yield* owned(call, lock.handle, () => call("cond_wait", cond.handle, lock.handle, PATIENCE));
    yield* call("barrier_wait", barrier.handle, PATIENCE);
    yield* call("event_wait", event.handle, 3, 3, PATIENCE);
    void self;
  });
  lives("waker", 22, function* (self, call) {
    yield* self.sleep(1);
    yield* owned(call, lock.handle, function* () {
      yield* call("cond_broadcast", cond.handle);
      yield* self.compute(3000);
    });
    yield* call("barrier_wait", barrier.handle, PATIENCE);
    yield* call("event_set", event.handle, 3);
  });
  for (const [name, priority] of [
    ["reader", 11],
    ["reader 2", 21],
  ] as const) {
    lives(
      name,
      priority,
      function* (self, call, view) {
        if ((yield* call("rwlock_read", rwlock.handle, PATIENCE)) === 0) {
          yield* self.sleep(1);
          yield* call("rwlock_unlock", rwlock.handle);
        }
        yield* call("queue_notify", queue.handle, SIGUSR1);
        yield* call("queue_receive", queue.handle, view, 8, 0, PATIENCE);
        yield* call("pipe_read", pipe.handle, view, 7, PATIENCE);
      },
      function* (self, call) {
        yield* self.signals.ignore(SIGUSR1);
        yield* open(call, Kind.QUEUE, "queue", Mode.READ);
        yield* open(call, Kind.PIPE, "pipe", Mode.READ);
      },
    );
  }
  lives(
    "writer",
    16,
    function* (self, call, view) {
      if ((yield* call("rwlock_write", rwlock.handle, PATIENCE)) === 0) {
        yield* self.sleep(1);
        yield* call("rwlock_unlock", rwlock.handle);
      }
      for (let i = 0; i < 4; i++) yield* call("queue_send", queue.handle, view, 3, i, PATIENCE);
      yield* call("pipe_write", pipe.handle, view, 10, PATIENCE);
    },
    function* (_self, call) {
      yield* open(call, Kind.QUEUE, "queue", Mode.WRITE);
      yield* open(call, Kind.PIPE, "pipe", Mode.WRITE);
    },
  );
  lives(
    "sender",
    9,
    function* (_self, call) {
      for (const how of ["mailbox_send", "mailbox_broadcast", "mailbox_send_sync"] as const) {
        const block = yield* call("pool_alloc", pool.handle, PATIENCE);
        if (block < 0) continue;
        if (how === "mailbox_broadcast") yield* call(how, box.handle, block);
        else if (how === "mailbox_send") yield* call(how, box.handle, 0, block);
        else yield* call(how, box.handle, 0, block, PATIENCE);
        // What did not go is still its own.
        yield* call("pool_free", block);
      }
    },
    (_self, call) => open(call, Kind.MAILBOX, "box", Mode.WRITE),
  );
  for (const [name, priority] of [
    ["taker", 8],
    ["taker 2", 19],
  ] as const) {
    lives(
      name,
      priority,
      function* (self, call) {
        for (let i = 0; i < 3; i++) {
          const block = yield* call("mailbox_receive", box.handle, 0, 0, PATIENCE);
          yield* self.sleep(1);
          if (block > 0 && i !== 1) yield* call("pool_free", block);
        }
      },
      (_self, call) => open(call, Kind.MAILBOX, "box", Mode.READ),
    );
  }
  lives("server", 15, function* (_self, call, view) {
    const listener = yield* call("socket_create", 0, 1, 8, 8, RW, 0);
    if (listener < 0) return;
    yield* call("socket_bind", listener, 0, 80);
    yield* call("socket_listen", listener, 2);
    const socket = yield* call("socket_accept", listener, 0, PATIENCE);
    if (socket > 0) {
      yield* call("socket_receive", socket, view, 20, 0, PATIENCE);
      yield* call("socket_send", socket, view, 20, 0, PATIENCE);
      yield* call("object_close", socket, RW);
    }
    yield* call("object_close", listener, RW);
  });
  lives("client", 14, function* (self, call, view) {
    yield* self.sleep(1);
    const socket = yield* call("socket_create", 0, 1, 8, 8, RW, 0);
    if (socket < 0) return;
    yield* call("socket_connect", socket, 0x7f000001, 80, PATIENCE);
    yield* call("socket_send", socket, view, 20, 0, PATIENCE);
    yield* call("socket_receive", socket, view, 20, 0, PATIENCE);
    yield* call("object_close", socket, RW);
  });
  lives("landlord", 13, function* (self, call) {
    const word = yield* call("region_address", yield* open(call, Kind.REGION, "region", Mode.WRITE));
    const big = yield* call("memory_alloc", 20_000, PATIENCE);
    const more = yield* call("memory_alloc", 20_000, PATIENCE);
    yield* call("word_wait", word, 0, PATIENCE);
    if (big > 0) yield* call("memory_free", big);
    yield* self.sleep(1);
    if (more > 0) yield* call("memory_free", more);
  });
  lives("tenant", 23, function* (self, call) {
    const word = yield* call("region_address", yield* open(call, Kind.REGION, "region", Mode.WRITE));
    const big = yield* call("memory_alloc", 20_000, PATIENCE);
    yield* call("word_wake", word, 1);
    yield* self.sleep(2);
    if (big > 0) yield* call("memory_free", big);
  });
  lives(
    "nervous",
    18,
    function* (self, call, view) {
      yield* call("task_alarm", 2);
      const P = layout.PollItem;
      for (const [i, handle] of [sem.handle, event.handle].entries()) {
        machine.u32.set([handle, Poll.READ, 4, 0], (view + i * P.bytes) >> 2);
      }
      yield* call("object_poll", view, 2, PATIENCE);
      yield* call("timer_start", tick.handle, 1, 2);
      yield* call("timer_start", called.handle, 1, 1);
      yield* call("flags_wait", 1, 0, PATIENCE);
      yield* call("notify_wait", 0, PATIENCE);
      const child = yield* self.create.task(`child ${self.name}`, { priority: 17 }, function* (me) {
        yield* me.sleep(1);
        yield* raw(machine, "sem_take", sem.handle, PATIENCE);
      });
      yield* child.join(PATIENCE);
      yield* call("timer_stop", called.handle);
      yield* call("timer_stop", tick.handle);
    },
    function* (self) {
      yield* self.signals.handle(SIGALRM, function* (me) {
        yield* me.sleep(1);
        yield* raw(machine, "mutex_lock", lock.handle, PATIENCE);
        yield* me.signal(SIGTERM);
        yield* raw(machine, "mutex_unlock", lock.handle);
      });
      yield* self.signals.handle(SIGTERM, function* (me) {
        yield* raw(machine, "sem_take", sem.handle, 1);
        yield* me.compute(500);
      });
    },
  );
  const reaper = system.task("reaper", { priority: 62, daemon: true }, function* (self) {
    yield* self.waitFlags(1);
    yield* (tasks[town.doomed] as Task).terminate();
  });
  system.interrupt(REAPER, {}, function* () {
    yield* reaper.setFlags(1);
  });
}

/** The handle that a task of the town has, or had. */
export function handleOf(machine: Machine, name: string): number {
  return machine.task(name).handle;
}
