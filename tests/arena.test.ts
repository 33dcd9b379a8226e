import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CallError, type Machine, type Parked, type Self } from "../hal/host/index.js";
import { ENFILE, ENOMEM, Kind, layout, Mode, SocketType } from "../kernel/abi/host.js";
import { type CallName, noting, raw } from "./probe.js";
import { play } from "./support.js";

const test = suite("arena");

/** How each kind is made without a name: the call and its arguments. */
const creations: [kind: number, slots: number, call: CallName, ...args: number[]][] = [
  [Kind.SEM, 32, "sem_create", 0, 0, 1],
  [Kind.MUTEX, 32, "mutex_create", 0, 0, 0],
  [Kind.COND, 32, "cond_create", 0],
  [Kind.EVENT, 32, "event_create", 0, 0],
  [Kind.BARRIER, 32, "barrier_create", 0, 2],
  [Kind.RWLOCK, 32, "rwlock_create", 0],
  [Kind.TIMER, 32, "timer_create", 0, 0, 0, 0],
  [Kind.PIPE, 32, "pipe_create", 0, 16, Mode.READ, 0],
  [Kind.REGION, 32, "region_create", 0, 16, Mode.READ, 0],
  [Kind.SOCKET, 32, "socket_create", 0, SocketType.DATAGRAM, 16, 16, Mode.READ, 0],
];

/** Slots of a kind that are in use. */
function live(machine: Machine, kind: number): number {
  if (kind !== Kind.TASK) return machine.recordsOf(kind).length;
  const handles = Array.from({ length: machine.taskCount }, (_, i) => machine.i32[(machine.taskRecord(i) + layout.Task.handle) >> 2]);
  return handles.filter((handle) => handle !== 0).length;
}

/** Runs a body in one task with plenty of storage. */
function alone(body: (self: Self) => Generator<Parked, void, unknown>): void {
  play((system) => {
    system.task("entry 0", { priority: 63, storage: 0 }, noting([], 0));
    system.task("caller", { priority: 9, storage: 2048 }, body);
  });
}

/** Spawn's parameters for a task that just ends, less urgent than its maker. */
function spawnRecord(self: Self, stackSize: number, flags = 0): number {
  const record = self.buffer(layout.Spawn.bytes);
  record.setWord(layout.Spawn.priority, 1);
  record.setWord(layout.Spawn.threshold, -1);
  record.setWord(layout.Spawn.flags, flags);
  record.setWord(layout.Spawn.stackSize, stackSize);
  return record.address;
}

/** The most bytes that the arena can give in one piece. */
function* biggest(self: Self): Generator<Parked, number, unknown> {
  const { machine } = self;
  let fits = 0;
  let tooMuch = machine.image.bytes;
  while (tooMuch - fits > 1) {
    const middle = (fits + tooMuch) >> 1;
    const pipe = yield* raw(machine, "pipe_create", 0, middle, Mode.READ, 0);
    if (pipe < 0) {
      assert.is(pipe, ENOMEM);
      tooMuch = middle;
    } else {
      fits = middle;
      yield* raw(machine, "object_delete", pipe);
    }
  }
  return fits;
}

test("ERR-06a a full table is ENFILE", () => {
  alone(function* (self) {
    for (const [kind, slots, call, ...args] of creations) {
      for (let i = 0; i < slots; i++) assert.ok((yield* raw(self.machine, call, ...args)) > 0, `${call} ${i}`);
      assert.is(yield* raw(self.machine, call, ...args), ENFILE, call);
      assert.is(live(self.machine, kind), slots);
    }
  });
});

test("ERR-06a a full table of tasks is ENFILE", () => {
  alone(function* (self) {
    const record = spawnRecord(self, 0);
    const { machine } = self;
    let tasks = 1;
    while (tasks < 64 && (yield* raw(machine, "task_spawn", record)) > 0) tasks++;
    // The zombie of "entry 0" has the last slot: nobody has joined it.
    assert.is(tasks, 63);
    assert.is(yield* raw(machine, "task_spawn", record), ENFILE);
  });
});

test("ERR-06b RAM that is used up is ENOMEM", () => {
  alone(function* (self) {
    const { machine } = self;
    const most = yield* biggest(self);
    assert.is(yield* raw(machine, "pipe_create", 0, most + 1, Mode.READ, 0), ENOMEM);
    assert.is(yield* raw(machine, "pipe_create", 0, 0x7fffffff, Mode.READ, 0), ENOMEM);
    for (const size of [most + 8, 0x7fffffff, -1, -8])
      assert.is(yield* raw(machine, "task_spawn", spawnRecord(self, size)), ENOMEM, `${size}`);
    const all = yield* raw(machine, "pipe_create", 0, most, Mode.READ, 0);
    assert.ok(all > 0);
    assert.is(yield* raw(machine, "pipe_create", 0, 8, Mode.READ, 0), ENOMEM);
    assert.is(yield* raw(machine, "task_spawn", spawnRecord(self, 8)), ENOMEM);
    assert.ok((yield* raw(machine, "pipe_create", 0, 0, Mode.READ, 0)) > 0, "a rendezvous needs no RAM");
  });
});

test("ERR-06c what was refused for want of a slot or of RAM left nothing behind", () => {
  alone(function* (self) {
    const { machine } = self;
    const most = yield* biggest(self);
    const pipes = live(machine, Kind.PIPE);
    const tasks = live(machine, Kind.TASK);
    assert.is(tasks, 2);
    const tooBig = spawnRecord(self, most + 8);
    for (let i = 0; i < 100; i++) {
      assert.is(yield* raw(machine, "pipe_create", machine.stageName("half"), most + 1, Mode.READ, 0), ENOMEM);
      assert.is(yield* raw(machine, "task_spawn", tooBig), ENOMEM);
    }
    assert.is(live(machine, Kind.PIPE), pipes);
    assert.is(live(machine, Kind.TASK), tasks);
    assert.is(yield* biggest(self), most);
    assert.ok((yield* raw(machine, "pipe_create", machine.stageName("half"), 8, Mode.READ, 0)) > 0, "its name is free");
  });
});

test("ERR-06c a spawn without a free slot gives the stack's RAM back", () => {
  alone(function* (self) {
    const { machine } = self;
    const most = yield* biggest(self);
    const small = spawnRecord(self, 0);
    while ((yield* raw(machine, "task_spawn", small)) > 0);
    const big = spawnRecord(self, 4096);
    for (let i = 0; i < 100; i++) assert.is(yield* raw(machine, "task_spawn", big), ENFILE);
    assert.is(yield* biggest(self), most);
  });
});

test("ERR-06d after deleting, a slot is usable again, ten thousand times over", () => {
  alone(function* (self) {
    const { machine } = self;
    for (const [kind, slots, call, ...args] of creations) {
      for (let i = 0; i < slots - 1; i++) yield* raw(machine, call, ...args);
      for (let i = 0; i < 1250; i++) {
        const handle = yield* raw(machine, call, ...args);
        assert.ok(handle > 0, `${call}, round ${i}: ${handle}`);
        assert.is(yield* raw(machine, "object_delete", handle), 0);
      }
      assert.is(live(machine, kind), slots - 1);
    }
  });
});

test("ERR-06d ERR-06e ten thousand tasks one after another find slot and stack", () => {
  let ran = 0;
  play(
    (system) => {
      system.task("maker", { priority: 5 }, function* (self) {
        for (let i = 0; i < 10000; i++) {
          const child = yield* self.create.task("child", { priority: 9, storage: 4096 }, function* (me) {
            ran++;
            yield* me.exit(i);
          });
          assert.is(yield* child.join(), 0);
          assert.is(child.status, i);
        }
      });
    },
    { keep: 16 },
  );
  assert.is(ran, 10000);
});

test("ERR-06d a slot that a task left is usable in the very next call, and both tasks are told apart", () => {
  const { machine } = play((system) => {
    system.task("maker", { priority: 9 }, function* (self) {
      let last = yield* self.create.task("first", { priority: 1, detached: true, storage: 0 }, noting([], 0));
      const slots = 64 - 2;
      for (let i = 0; i < slots; i++) last = yield* self.create.task(`t${i}`, { priority: 1, detached: true, storage: 0 }, noting([], 0));
      assert.throws(
        () => self.create.task("one too many", { priority: 1 }, noting([], 0)),
        (error: unknown) => error instanceof CallError && error.code === "ENFILE",
      );
      yield* last.terminate();
      const next = yield* self.create.task("next", { priority: 1, detached: true, storage: 0 }, noting([], 0));
      assert.is(next.handle & 0xff, last.handle & 0xff);
      assert.is(self.machine.task(last.name).state, "terminated");
      assert.is(self.machine.task("next").state, "ready");
    });
  });
  assert.is(machine.task("t61").state, "terminated");
  assert.is(machine.task("t61").status, -1);
  assert.is(machine.task("next").state, "exited");
  assert.is(machine.task("next").status, 0);
});

test("ERR-06e blocks of one size fill the RAM again after any of them were deleted, in any order", () => {
  alone(function* (self) {
    const { machine } = self;
    const most = yield* biggest(self);
    const size = Math.floor(most / 20) & ~7;
    const make = () => raw(machine, "pipe_create", 0, size, Mode.READ, 0);
    const pipes: number[] = [];
    for (let pipe = yield* make(); pipe > 0; pipe = yield* make()) pipes.push(pipe);
    assert.is(yield* make(), ENOMEM);
    assert.is(pipes.length, 20);
    // Three orders of deletion; 7 and 20 have no common factor.
    for (const order of [(i: number) => 2 * i, (i: number) => 19 - i, (i: number) => (7 * i) % 20]) {
      const gone = Array.from({ length: 10 }, (_, i) => order(i));
      for (const i of gone) assert.is(yield* raw(machine, "object_delete", pipes[i] as number), 0);
      for (const i of gone) {
        pipes[i] = yield* make();
        assert.ok((pipes[i] as number) > 0, `block ${i}`);
      }
      assert.is(yield* make(), ENOMEM);
    }
    for (const pipe of pipes) yield* raw(machine, "object_delete", pipe);
    assert.is(yield* biggest(self), most, "free pieces join");
  });
});

test("ERR-06e freed pieces of any size join into one again", () => {
  alone(function* (self) {
    const { machine } = self;
    const most = yield* biggest(self);
    for (let round = 1; round <= 8; round++) {
      const pipes: number[] = [];
      for (let i = 0; i < 30; i++) pipes.push(yield* raw(machine, "pipe_create", 0, (i * 37 * round) % 1000, Mode.READ, 0));
      for (let i = 0; i < 30; i++) yield* raw(machine, "object_delete", pipes[(i * 11) % 30] as number);
      assert.is(yield* biggest(self), most, `round ${round}`);
    }
  });
});

test("two objects never share a byte of the arena", () => {
  alone(function* (self) {
    const { machine } = self;
    const spans: [number, number][] = [];
    for (let i = 0; i < 20; i++) {
      const handle = yield* raw(machine, "pipe_create", 0, 1 + i * 13, Mode.READ, 0);
      const start = machine.u32[(machine.recordOf(handle) + layout.Pipe.buffer) >> 2] as number;
      assert.is(start % 8, 0);
      for (const [from, to] of spans) assert.ok(start >= to || start + 1 + i * 13 <= from);
      spans.push([start, start + 1 + i * 13]);
      if (i % 3 === 0) {
        yield* raw(machine, "object_delete", handle);
        spans.pop();
      }
    }
  });
});

test.run();
