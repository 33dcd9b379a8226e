import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Call,
  CallError,
  EAGAIN,
  ECANCELED,
  EIDRM,
  ETIMEDOUT,
  type Machine,
  type Parked,
  type Pipe,
  type Self,
  type System,
  type Task,
} from "../hal/host/index.js";
import {
  EBADF,
  EEXIST,
  EFAULT,
  EINVAL,
  ENAMETOOLONG,
  ENOENT,
  ENOTCONN,
  EPERM,
  ESRCH,
  errors,
  Kind,
  layout,
  Mode,
} from "../kernel/abi/host.js";
import { calls } from "../kernel/abi/table.js";
import { type CallName, cpuWord, noting, raw, type Wait, waits } from "./probe.js";
import { play } from "./support.js";

const test = suite("error");

/** The kinds of wait that can end as asked for. */
function kindsWith(able: (wait: Wait) => boolean): string[] {
  return Object.entries(waits).flatMap(([kind, make]) => {
    let found = false;
    play((system) => {
      found = able(make(system));
      system.task("t", {}, noting([], 0));
    });
    return found ? [kind] : [];
  });
}

const deletable = () => kindsWith((wait) => wait.object !== undefined);
const resettable = () => kindsWith((wait) => wait.reset !== undefined);

type Ender = (self: Self, wait: Wait, waiter: Task) => Call<unknown> | undefined;

/** The result of a wait for ever (or for `ticks`) that a less urgent task ends. */
function ended(kind: string, end: Ender, ticks = -1): number {
  let result = 1;
  play((system) => {
    const wait = (waits[kind] as (typeof waits)[string])(system);
    const waiter = system.task("waiter", { priority: 9 }, function* (self) {
      result = yield* wait.wait(self, kind === "sleep" && ticks < 0 ? 1000 : ticks);
    });
    system.task("ender", { priority: 3 }, function* (self) {
      yield* self.sleep(1);
      const call = end(self, wait, waiter);
      if (call) yield* call;
      yield* waiter.join();
    });
  });
  return result;
}

test("ERR-01a a wait with timeout 0 is EAGAIN, a sleep of 0 is over at once", () => {
  for (const kind of Object.keys(waits))
    assert.is(
      ended(kind, () => undefined, 0),
      kind === "sleep" ? 0 : EAGAIN,
      kind,
    );
});

test("ERR-01b a wait whose timeout expires is ETIMEDOUT", () => {
  for (const kind of Object.keys(waits))
    assert.is(
      ended(kind, () => undefined, 3),
      kind === "sleep" ? 0 : ETIMEDOUT,
      kind,
    );
});

test("ERR-01d a wait whose object is deleted is EIDRM", () => {
  assert.ok(deletable().length >= 12);
  for (const kind of deletable())
    assert.is(
      ended(kind, (_self, wait) => wait.object?.delete()),
      EIDRM,
      kind,
    );
});

test("ERR-01e a wait whose object is reset is ECANCELED", () => {
  assert.equal(resettable(), ["semaphore", "pipe read", "pipe write", "queue send"]);
  for (const kind of resettable())
    assert.is(
      ended(kind, (_self, wait) => wait.reset?.()),
      ECANCELED,
      kind,
    );
});

test("ERR-01f ERR-10a a wait that is aborted is ECANCELED, whatever it is for", () => {
  for (const kind of Object.keys(waits))
    assert.is(
      ended(kind, (_self, _wait, waiter) => waiter.abort()),
      ECANCELED,
      kind,
    );
});

test("ERR-01g every error has a number of its own", () => {
  const numbers = Object.values(errors).map((error) => error.errno);
  assert.is(new Set(numbers).size, numbers.length);
  assert.ok(numbers.every((errno) => errno < 0));
});

/** Ways to end a wait, and what then must not be left behind. */
const enders: Record<string, { end: Ender; kinds: () => string[]; ticks: number }> = {
  timeout: { end: () => undefined, kinds: () => Object.keys(waits), ticks: 3 },
  abort: { end: (_self, _wait, waiter) => waiter.abort(), kinds: () => Object.keys(waits), ticks: 8 },
  deletion: { end: (_self, wait) => wait.object?.delete(), kinds: deletable, ticks: 8 },
  reset: { end: (_self, wait) => wait.reset?.(), kinds: resettable, ticks: 8 },
};

test("ERR-04a ERR-04b after a wait the task is on no queue and no deadline list: only the next wait's own end ends it", () => {
  for (const [how, { end, kinds, ticks }] of Object.entries(enders)) {
    for (const kind of kinds()) {
      const { machine } = play((system) => {
        const wait = (waits[kind] as (typeof waits)[string])(system);
        const next = system.semaphore();
        const waiter = system.task("waiter", { priority: 9 }, function* (self) {
          yield* wait.wait(self, ticks);
          assert.is(yield* next.take(20), 0, `${how} of ${kind}`);
        });
        system.task("ender", { priority: 3 }, function* (self) {
          const { machine } = self;
          yield* self.sleep(1);
          const call = end(self, wait, waiter);
          if (call) yield* call;
          yield* self.sleep(4);
          assert.is(machine.waitersAt(next.record), 1);
          if (wait.object && how !== "deletion") assert.is(wait.object.waiters, 0);
          assert.is(machine.deadlineOf(waiter.handle & 0xff), (how === "timeout" ? 3 : 1) + 20);
          yield* self.sleep(8);
          assert.is(machine.waitersAt(next.record), 1);
          yield* next.give();
        });
      });
      assert.is(machine.task("waiter").state, "exited");
    }
  }
});

test("ERR-04a ERR-04b what a task waited for does not know it any more when it was handed over or the task was ended", () => {
  play((system) => {
    const sem = system.semaphore();
    const other = system.semaphore();
    const waiter = (name: string) =>
      system.task(name, { priority: 9 }, function* () {
        assert.is(yield* sem.take(4), 0);
        assert.is(yield* other.take(20), 0);
      });
    waiter("handed");
    const ending = waiter("ended");
    system.task("controller", { priority: 3 }, function* (self) {
      yield* sem.give();
      yield* ending.terminate();
      yield* sem.give();
      assert.is(sem.count, 1);
      yield* self.sleep(8);
      yield* other.give();
      assert.is(other.count, 0);
    });
  });
});

type Arg = readonly [name: string, type: string];
const HANDLES: Record<string, number> = {
  sem: Kind.SEM,
  mutex: Kind.MUTEX,
  cond: Kind.COND,
  event: Kind.EVENT,
  barrier: Kind.BARRIER,
  rwlock: Kind.RWLOCK,
  timer: Kind.TIMER,
  pipe: Kind.PIPE,
  queue: Kind.QUEUE,
  region: Kind.REGION,
  socket: Kind.SOCKET,
  task: Kind.TASK,
};
const kindOf = (type: string) => HANDLES[type.split(":")[0] as string];

/** Calls each call that takes a handle with a bad one in each place, everything else being right. */
function* withBad(self: Self, good: Record<number, number>, bad: (kind: number, any: boolean) => number): Generator<Parked, void, unknown> {
  const ram = self.buffer(64).address;
  for (const [name, call] of Object.entries(calls)) {
    const args = call.args as readonly Arg[];
    for (const [place, [, type]] of args.entries()) {
      if (kindOf(type) === undefined && type !== "handle") continue;
      const values = args.flatMap(([, other], i) => {
        const kind = kindOf(other) ?? Kind.SEM;
        if (i === place) return [bad(type === "handle" ? Kind.PIPE : kind, type === "handle")];
        if (kindOf(other) !== undefined || other === "handle") return [good[kind] as number];
        if (other === "bytes") return [ram, 1];
        return [other === "timeout" ? 0 : other.startsWith("out") ? ram : 1];
      });
      const result = yield* raw(self.machine, name as CallName, ...values);
      assert.is(result, type === "task" ? ESRCH : EBADF, `${name}(${values}), argument ${place}`);
    }
  }
}

/** A task that has one object of each kind at hand, by kind. */
function withObjects(body: (self: Self, good: Record<number, number>, system: System) => Generator<Parked, void, unknown>): void {
  play((system) => {
    const sem = system.semaphore();
    const region = system.region({ size: 64 });
    const socket = system.socket({ type: "datagram" });
    const good: Record<number, number> = {
      [Kind.SEM]: sem.handle,
      [Kind.MUTEX]: system.mutex().handle,
      [Kind.COND]: system.condition().handle,
      [Kind.EVENT]: system.event().handle,
      [Kind.BARRIER]: system.barrier(3).handle,
      [Kind.RWLOCK]: system.rwlock().handle,
      [Kind.TIMER]: system.timer({ give: sem }).handle,
      [Kind.PIPE]: system.pipe({ public: "both" }).handle,
      [Kind.QUEUE]: system.queue({ public: "both" }).handle,
      [Kind.REGION]: region.handle,
      [Kind.SOCKET]: socket.handle,
      [Kind.TASK]: system.task("idle", { priority: 1 }, noting([], 0)).handle,
    };
    system.task("caller", { priority: 9, storage: 4096, reads: [socket], writes: [region, socket] }, (self) => body(self, good, system));
  });
}

test("ERR-05a 0 is no handle", () => {
  withObjects((self, good) => withBad(self, good, () => 0));
});

test("ERR-05b a forged handle is none, whatever bits are wrong", () => {
  withObjects(function* (self, good) {
    for (const flip of [1 << 13, 1 << 30, 1 << 31, 0xff, 0x20, 1 << 12]) {
      yield* withBad(self, good, (kind) => (good[kind] as number) ^ flip);
    }
    for (const forged of [-1, 0x7fffffff, -0x80000000, 1]) yield* withBad(self, good, () => forged);
  });
});

test("ERR-05d a handle of another kind is none", () => {
  withObjects(function* (self, good) {
    const { machine } = self;
    const wrong = (kind: number) => good[kind === Kind.SEM ? Kind.MUTEX : Kind.SEM] as number;
    const noKind = (good[Kind.SEM] as number) | (Kind.LINE << 8);
    yield* withBad(self, good, (kind, any) => (any ? noKind : wrong(kind)));
    for (const kind of [Kind.MUTEX, Kind.EVENT, Kind.TIMER, Kind.PIPE, Kind.REGION, Kind.TASK]) {
      assert.is(yield* raw(machine, "sem_give", good[kind] as number), EBADF);
      if (kind !== Kind.TASK) assert.is(yield* raw(machine, "task_suspend", good[kind] as number), ESRCH);
    }
  });
});

test("ERR-05c ERR-05e a stale handle names nothing, though its slot is used again", () => {
  play((system) => {
    system.task("caller", { priority: 9 }, function* (self) {
      const { machine } = self;
      const old = yield* self.create.semaphore({ initial: 0 });
      yield* old.delete();
      let again = yield* self.create.semaphore({ initial: 5 });
      while ((again.handle & 0xff) !== (old.handle & 0xff)) {
        yield* again.delete();
        again = yield* self.create.semaphore({ initial: 5 });
      }
      assert.is.not(again.handle, old.handle);
      assert.is(yield* raw(machine, "sem_take", old.handle, 0), EBADF);
      assert.is(yield* raw(machine, "sem_give", old.handle), EBADF);
      assert.is(yield* raw(machine, "object_delete", old.handle), EBADF);
      assert.is(again.count, 5);

      const gone = yield* self.create.task("gone", { priority: 10 }, noting([], 0));
      assert.is(yield* gone.join(), 0);
      let next = yield* self.create.task("next", { priority: 1 }, noting([], 0));
      while ((next.handle & 0xff) !== (gone.handle & 0xff)) {
        yield* next.terminate();
        yield* next.join();
        next = yield* self.create.task("next", { priority: 1 }, noting([], 0));
      }
      for (const call of ["task_suspend", "task_terminate", "task_resume", "wait_abort", "task_detach"] as const) {
        assert.is(yield* raw(machine, call, gone.handle), ESRCH, call);
      }
      assert.is(yield* raw(machine, "task_priority", gone.handle, 5), ESRCH);
      assert.is(machine.task("next").state, "ready");
    });
  });
});

test("ERR-05f what is not open to the task in this direction is EPERM, and stays as it was", () => {
  play((system) => {
    const pipe = system.pipe({ name: "p", capacity: 8 });
    const other = system.task("other", { priority: 1 }, function* () {});
    const results = function* (self: Self) {
      const { machine } = self;
      const { address } = self.buffer(4);
      const all: number[] = [];
      all.push(yield* raw(machine, "pipe_read", pipe.handle, address, 1, 0));
      all.push(yield* raw(machine, "pipe_write", pipe.handle, address, 1, 0));
      all.push(yield* raw(machine, "pipe_trigger", pipe.handle, 1));
      all.push(yield* raw(machine, "pipe_reset", pipe.handle));
      all.push(yield* raw(machine, "object_grant", pipe.handle, other.handle, Mode.READ));
      return all;
    };
    system.task("stranger", { priority: 9 }, function* (self) {
      const { machine } = self;
      assert.equal(yield* results(self), [EPERM, EPERM, EPERM, EPERM, EPERM]);
      for (const mode of [Mode.READ, Mode.WRITE, Mode.READ | Mode.WRITE]) {
        assert.is(yield* raw(machine, "object_close", pipe.handle, mode), EPERM);
      }
      assert.is(yield* raw(machine, "object_unlink", pipe.handle), EPERM);
      assert.is(yield* raw(machine, "object_delete", pipe.handle), EPERM);
    });
    system.task("writer", { priority: 8, writes: [pipe] }, function* (self) {
      assert.equal(yield* results(self), [EPERM, 1, 1, 0, 0]);
      assert.is(yield* raw(self.machine, "pipe_read", pipe.handle, self.buffer(1).address, 1, 0), EPERM);
    });
    system.task("reader", { priority: 7, reads: [pipe] }, function* (self) {
      const [read, write, ...rest] = yield* results(self);
      assert.is(read, 0, "the writer has ended");
      assert.is(write, EPERM);
      assert.equal(rest, [1, 0, 0]);
    });
  });
});

test("ERR-05f a socket that is not open to the task in this direction is EPERM", () => {
  play((system) => {
    const socket = system.socket();
    const other = system.task("other", { priority: 1 }, noting([], 0));
    const results = function* (self: Self) {
      const { machine } = self;
      const { address } = self.buffer(4);
      const all: number[] = [];
      all.push(yield* raw(machine, "socket_receive", socket.handle, address, 1, 0, 0));
      all.push(yield* raw(machine, "socket_accept", socket.handle, 0, 0));
      all.push(yield* raw(machine, "socket_send", socket.handle, address, 1, 0, 0));
      all.push(yield* raw(machine, "socket_bind", socket.handle, 0, 65536));
      all.push(yield* raw(machine, "socket_listen", socket.handle, 1));
      all.push(yield* raw(machine, "socket_connect", socket.handle, 0x7f000001, 0, 0));
      all.push(yield* raw(machine, "socket_shutdown", socket.handle, 0));
      all.push(yield* raw(machine, "object_grant", socket.handle, other.handle, Mode.READ));
      return all;
    };
    system.task("stranger", { priority: 9 }, function* (self) {
      assert.equal(yield* results(self), Array(8).fill(EPERM));
      assert.is(yield* raw(self.machine, "object_delete", socket.handle), EPERM);
    });
    system.task("sender", { priority: 8, writes: [socket] }, function* (self) {
      assert.equal(yield* results(self), [EPERM, EPERM, ENOTCONN, EINVAL, EINVAL, EINVAL, EINVAL, 0]);
    });
    system.task("receiver", { priority: 7, reads: [socket] }, function* (self) {
      assert.equal(yield* results(self), [ENOTCONN, EINVAL, EPERM, EINVAL, EINVAL, EINVAL, EINVAL, 0]);
    });
  });
});

/** RAM's first and last bytes, in a task. */
function edges(machine: Machine): { start: number; end: number } {
  return { start: cpuWord(machine, layout.Cpu.scratch), end: machine.image.bytes };
}

const POINTERS: Record<string, number> = {
  out32: 4,
  "out32?": 4,
  out64: 8,
  spawn: layout.Spawn.bytes,
  callback: layout.Callback.bytes,
  "endpoint?": layout.Endpoint.bytes,
  "sender?": layout.Sender.bytes,
};

test("ERR-07a ERR-07b a pointer outside RAM is EFAULT, also where its end overflows", () => {
  withObjects(function* (self, good) {
    const { machine } = self;
    const { start, end } = edges(machine);
    const good1 = self.buffer(8).address;
    for (const [name, call] of Object.entries(calls)) {
      const args = call.args as readonly Arg[];
      for (const [place, [, type]] of args.entries()) {
        const size = POINTERS[type];
        if (size === undefined) continue;
        const outside = [start - 1, 4, end - size + 1, end, end + 1, -1, -size, 0x7fffffff, -0x80000000];
        if (!type.endsWith("?")) outside.push(0);
        for (const pointer of outside) {
          const values = args.flatMap(([, other], i) => {
            if (i === place) return [pointer];
            if (other === "bytes") return [good1, 8];
            return [other === "timeout" ? 0 : (good[kindOf(other) ?? Kind.SEM] as number)];
          });
          assert.is(yield* raw(machine, name as CallName, ...values), EFAULT, `${name}(${values})`);
        }
      }
    }
    const pipe = good[Kind.PIPE] as number;
    for (const call of ["pipe_read", "pipe_write"] as const) {
      for (const [pointer, length] of [
        [start - 1, 1],
        [0, 1],
        [end, 1],
        [end - 8, 9],
        [start, end - start + 1],
        [good1, 0x7fffffff],
        [-1, 1],
        [-1, 2],
        [-8, 16],
        [-0x80000000, 0x7fffffff],
        [end + 1, 0],
      ] as const) {
        assert.is(yield* raw(machine, call, pipe, pointer, length, 0), EFAULT, `${call} of ${length} at ${pointer}`);
      }
      assert.is(yield* raw(machine, call, pipe, end, 0, 0), 0, "nothing, at RAM's very end");
    }
    const socket = good[Kind.SOCKET] as number;
    for (const call of ["socket_send", "socket_receive"] as const) {
      for (const [pointer, length] of [
        [start - 1, 1],
        [0, 1],
        [end, 1],
        [end - 8, 9],
        [good1, 0x7fffffff],
        [-1, 2],
        [-0x80000000, 0x7fffffff],
        [end + 1, 0],
      ] as const) {
        assert.is(yield* raw(machine, call, socket, pointer, length, 0, 0), EFAULT, `${call} of ${length} at ${pointer}`);
      }
    }
    for (const name of [start - 1, end, 3, -1, -0x80000000]) {
      assert.is(yield* raw(machine, "sem_create", name, 0, 1), EFAULT, `name at ${name}`);
      assert.is(yield* raw(machine, "object_open", Kind.SEM, name, 0), EFAULT, `name at ${name}`);
    }
    machine.u8.fill(0x61, end - 4, end);
    assert.is(yield* raw(machine, "sem_create", end - 4, 0, 1), EFAULT, "a name that runs out of RAM");
    assert.is(yield* raw(machine, "pipe_create", 0, 16, Mode.PUBLIC, end - 8), EFAULT, "storage that does not fit");
    assert.is(yield* raw(machine, "pipe_create", 0, 16, Mode.PUBLIC, start - 1), EFAULT, "storage in front of RAM");
    for (const storage of [end - 31, start - 1, -8]) assert.is(yield* raw(machine, "socket_create", 0, 1, 16, 16, 3, storage), EFAULT);
  });
});

test("ERR-07a ERR-07b a stack outside RAM is EFAULT, also where its end overflows", () => {
  play((system) => {
    system.task("caller", { storage: 256 }, function* (self) {
      const { machine } = self;
      const record = self.buffer(layout.Spawn.bytes);
      const { start, end } = edges(machine);
      for (const [stack, size] of [
        [start - 8, 64],
        [end - 32, 64],
        [end, 1],
        [-32, 64],
        [start, 0x7fffffff],
        [start + 64, -1],
        [start + 64, -64],
      ] as const) {
        record.setWord(layout.Spawn.priority, 1);
        record.setWord(layout.Spawn.threshold, -1);
        record.setWord(layout.Spawn.stack, stack);
        record.setWord(layout.Spawn.stackSize, size);
        assert.is(yield* raw(machine, "task_spawn", record.address), EFAULT, `${size} bytes at ${stack}`);
      }
    });
  });
});

test("ERR-07c arguments that make no sense are EINVAL", () => {
  withObjects(function* (self, good) {
    const { machine } = self;
    const at = self.buffer(8).address;
    const of = (kind: number) => good[kind] as number;
    const pipe = of(Kind.PIPE);
    const socket = of(Kind.SOCKET);
    const senseless: [CallName, ...number[]][] = [
      ["sem_create", 0, -1, 1],
      ["sem_create", 0, 2, 1],
      ["sem_create", 0, 0, 0],
      ["sem_reset", of(Kind.SEM), -1],
      ["mutex_create", 0, 32, 0],
      ["mutex_create", 0, -1, 0],
      ["mutex_create", 0, 4, 64],
      ["mutex_create", 0, 4, -1],
      ["event_create", 0, -1],
      ["event_wait", of(Kind.EVENT), 0, 0, 0],
      ["event_wait", of(Kind.EVENT), -1, 0, 0],
      ["event_wait", of(Kind.EVENT), 1, 4, 0],
      ["event_set", of(Kind.EVENT), -1],
      ["event_clear", of(Kind.EVENT), -1],
      ["barrier_create", 0, 0],
      ["barrier_create", 0, -1],
      ["barrier_create", 0, 65],
      ["timer_create", 0, 5, of(Kind.SEM), 0],
      ["timer_create", 0, -1, of(Kind.SEM), 0],
      ["timer_create", 0, 2, of(Kind.EVENT), -1],
      ["timer_start", of(Kind.TIMER), 0, 1],
      ["timer_start", of(Kind.TIMER), -1, 1],
      ["timer_start", of(Kind.TIMER), 1, -1],
      ["pipe_create", 0, -1, Mode.PUBLIC, 0],
      ["pipe_create", 0, 8, 16, 0],
      ["pipe_create", 0, 8, 0, 0],
      ["pipe_read", pipe, at, -1, 0],
      ["pipe_write", pipe, at, -0x80000000, 0],
      ["pipe_trigger", pipe, 0],
      ["pipe_trigger", pipe, 65],
      ["pipe_trigger", pipe, -1],
      ["socket_create", 0, 0, 16, 16, 3, 0],
      ["socket_create", 0, 3, 16, 16, 3, 0],
      ["socket_create", 0, 1, 0, 16, 3, 0],
      ["socket_create", 0, 1, 16, 0, 3, 0],
      ["socket_create", 0, 1, -1, 16, 3, 0],
      ["socket_create", 0, 1, 16, (1 << 20) + 1, 3, 0],
      ["socket_create", 0, 2, 8, 16, 3, 0],
      ["socket_create", 0, 1, 16, 16, 0, 0],
      ["socket_create", 0, 1, 16, 16, Mode.PUBLIC, 0],
      ["socket_bind", socket, 0, -1],
      ["socket_bind", socket, 0, 65536],
      ["socket_connect", socket, 0x7f000001, 0, 0],
      ["socket_connect", socket, 0x7f000001, 65536, 0],
      ["socket_connect", socket, 0, 80, 0],
      ["socket_connect", socket, 0x7f000001, 80, -2],
      ["socket_send", socket, at, -1, 0, 0],
      ["socket_receive", socket, at, -0x80000000, 0, 0],
      ["socket_accept", socket, 0, 0],
      ["socket_shutdown", socket, 0],
      ["socket_shutdown", socket, 4],
      ["sem_take", of(Kind.SEM), -2],
      ["pipe_read", pipe, at, 1, -0x80000000],
      ["task_join", of(Kind.TASK), 0, -2],
      ["task_sleep", -1],
      ["task_slice", of(Kind.TASK), -1],
      ["task_slice", of(Kind.TASK), 65536],
      ["task_compute", -1],
      ["irq_attach", -1, 0, 1],
      ["irq_attach", 32, 0, 1],
      ["irq_attach", 1, 0, -1],
      ["irq_attach", 1, 0, 256],
      ["irq_detach", 32],
      ["irq_raise", 32],
      ["irq_raise", -1],
      ["object_open", 99, machine.stageName("x"), 0],
      ["object_open", 0, machine.stageName("x"), 0],
      ["object_open", Kind.SEM, machine.stageName("x"), 4],
      ["object_open", Kind.SEM, 0, 0],
      ["object_close", of(Kind.SEM), 1],
      ["object_close", pipe, 0],
      ["object_close", pipe, 4],
      ["object_grant", of(Kind.SEM), of(Kind.TASK), 1],
      ["object_grant", pipe, of(Kind.TASK), 0],
      ["object_unlink", of(Kind.SEM)],
      ["object_info", of(Kind.SEM), 0, at],
      ["object_info", of(Kind.SEM), 99, at],
      ["object_enumerate", 0, 0],
      ["object_enumerate", 16, 0],
      ["object_enumerate", Kind.SEM, of(Kind.MUTEX)],
    ];
    for (const [call, ...args] of senseless) assert.is(yield* raw(machine, call, ...args), EINVAL, `${call}(${args})`);
  });
});

test("ERR-07d what is refused leaves the contents as they were", () => {
  play((system) => {
    const pipe = system.pipe({ capacity: 8, public: "both" });
    const sem = system.semaphore({ initial: 2, maximum: 3 });
    const event = system.event({ bits: 5 });
    system.task("caller", { priority: 9 }, function* (self) {
      const { machine } = self;
      const { end } = edges(machine);
      const view = self.buffer(8);
      yield* pipe.write("abc");
      view.copy("--------");
      machine.u8.fill(0x2d, end - 8, end);
      assert.is(yield* raw(machine, "pipe_read", pipe.handle, end - 2, 3, 0), EFAULT);
      assert.is(yield* raw(machine, "pipe_read", pipe.handle, view.address, -1, 0), EINVAL);
      assert.is(yield* raw(machine, "pipe_write", pipe.handle, end - 2, 3, 0), EFAULT);
      assert.is(yield* raw(machine, "sem_reset", sem.handle, 4), EINVAL);
      assert.is(yield* raw(machine, "event_set", event.handle, -8), EINVAL);
      assert.is(yield* raw(machine, "object_info", sem.handle, 99, view.address), EINVAL);
      assert.is(pipe.used, 3);
      assert.is(sem.count, 2);
      assert.is(event.bits, 5);
      assert.is(view.text(), "--------");
      assert.ok(machine.u8.subarray(end - 8, end).every((byte) => byte === 0x2d));
      assert.is(view.text(yield* pipe.read(view)), "abc");
    });
  });
});

/** Creates something of each kind with this name (an address), and answers the results by kind. */
function* createEach(self: Self, name: number): Generator<Parked, Record<string, number>, unknown> {
  const { machine } = self;
  const record = self.buffer(layout.Spawn.bytes);
  record.setWord(layout.Spawn.name, name);
  record.setWord(layout.Spawn.priority, 1);
  record.setWord(layout.Spawn.threshold, -1);
  const sem = yield* raw(machine, "sem_create", name, 0, 1);
  return {
    sem,
    mutex: yield* raw(machine, "mutex_create", name, 0, 0),
    cond: yield* raw(machine, "cond_create", name),
    event: yield* raw(machine, "event_create", name, 0),
    barrier: yield* raw(machine, "barrier_create", name, 2),
    rwlock: yield* raw(machine, "rwlock_create", name),
    timer: yield* raw(machine, "timer_create", name, 0, 0, 0),
    pipe: yield* raw(machine, "pipe_create", name, 8, Mode.PUBLIC, 0),
    task: yield* raw(machine, "task_spawn", record.address),
  };
}

/** Runs a body in a task whose children, made with entry 0, are tasks that just end. */
function withEntry(body: (self: Self) => Generator<Parked, void, unknown>): void {
  play((system) => {
    system.task("entry 0", { priority: 63 }, noting([], 0));
    system.task("caller", { priority: 9, storage: 1024 }, body);
  });
}

test("ERR-09a a name of 16 bytes is ENAMETOOLONG, one of 15 is none too long", () => {
  withEntry(function* (self) {
    const long = yield* createEach(self, self.machine.stageName("0123456789abcdef"));
    for (const [kind, result] of Object.entries(long)) assert.is(result, ENAMETOOLONG, kind);
    assert.is(yield* raw(self.machine, "object_open", Kind.SEM, self.machine.stageName("0123456789abcdef"), 0), ENAMETOOLONG);
    const short = yield* createEach(self, self.machine.stageName("0123456789abcde"));
    for (const [kind, result] of Object.entries(short)) assert.ok(result > 0, `${kind}: ${result}`);
  });
});

test("ERR-09b a name that an object of this kind has is EEXIST, until that object is gone", () => {
  withEntry(function* (self) {
    const { machine } = self;
    const name = machine.stageName("same");
    const first = yield* createEach(self, name);
    for (const [kind, result] of Object.entries(first)) assert.ok(result > 0, `${kind}: ${result}, though other kinds have the name`);
    for (const [kind, result] of Object.entries(yield* createEach(self, name))) assert.is(result, EEXIST, kind);
    for (const [kind, handle] of Object.entries(first)) {
      assert.is(yield* raw(machine, kind === "task" ? "task_terminate" : "object_delete", handle), 0, kind);
    }
    for (const [kind, result] of Object.entries(yield* createEach(self, name))) assert.ok(result > 0, kind);
  });
});

test("ERR-09c a name that nothing of this kind has is ENOENT", () => {
  withEntry(function* (self) {
    const { machine } = self;
    yield* self.create.mutex({ name: "known" });
    const name = machine.stageName("known");
    for (const [kind, number] of Object.entries(Kind)) {
      if (kind === "LINE") continue;
      const result = yield* raw(machine, "object_open", number, name, kind === "PIPE" ? Mode.READ : 0);
      if (kind === "MUTEX") assert.ok(result > 0);
      else assert.is(result, ENOENT, kind);
    }
    assert.is(yield* raw(machine, "object_open", Kind.MUTEX, machine.stageName("know"), 0), ENOENT);
    assert.is(yield* raw(machine, "object_open", Kind.MUTEX, machine.stageName("known "), 0), ENOENT);
  });
});

test("ERR-09d a priority outside 0..63 is EINVAL", () => {
  const inval = (error: unknown) => error instanceof CallError && error.code === "EINVAL";
  play((system) => {
    for (const priority of [-1, 64, 0x7fffffff, -0x80000000]) {
      assert.throws(() => system.task("no", { priority }, noting([], 0)), inval);
      assert.throws(() => system.mutex({ ceiling: priority }), inval);
    }
    system.task("caller", {}, function* (self) {
      for (const priority of [-1, 64, 0x7fffffff, -0x80000000]) {
        assert.is(yield* raw(self.machine, "task_priority", self.handle, priority), EINVAL);
      }
      assert.is(yield* self.setPriority(63), 8);
      assert.is(yield* self.setPriority(0), 63);
    });
  });
});

test("ERR-10b aborting a task that does not wait is EINVAL", () => {
  play((system) => {
    const ready = system.task("ready", { priority: 1 }, noting([], 0));
    const held = system.task("held", { priority: 20 }, noting([], 0));
    system.task("caller", { priority: 30 }, function* (self) {
      const { machine } = self;
      yield* held.suspend();
      const zombie = yield* self.create.task("zombie", { priority: 40 }, noting([], 0));
      for (const task of [ready, held, zombie, self]) assert.is(yield* raw(machine, "wait_abort", task.handle), EINVAL, task.name);
      yield* held.resume();
    });
  });
});

/** Notes what each of a few tasks got, and when. */
type Note = (name: string, result: number) => void;

/** A full pipe of 60 bytes with waiting writers, and a reader that makes room for 20. */
function crowded(
  script: (system: System, pipe: Pipe, writer: (name: string, bytes: number, priority: number, ticks?: number) => Task, note: Note) => void,
): string[] {
  const log: string[] = [];
  play((system) => {
    const pipe = system.pipe({ capacity: 60, public: "both" });
    const note: Note = (name, result) => log.push(`${name} ${result}`);
    system.task("filler", { priority: 50 }, function* () {
      yield* pipe.write("x".repeat(60));
    });
    const writer = (name: string, bytes: number, priority: number, ticks = -1) =>
      system.task(name, { priority }, function* (self) {
        const result = yield* pipe.write("y".repeat(bytes), ticks);
        note(`${self.tick}: ${name}`, result);
      });
    script(system, pipe, writer, note);
  });
  return log;
}

/** The filler's first 20 bytes are read in tick 1. */
function reader(system: System, pipe: Pipe, then: (self: Self) => Generator<Parked, void, unknown>): void {
  system.task("reader", { priority: 3 }, function* (self) {
    const view = self.buffer(20);
    yield* self.sleep(1);
    yield* pipe.read(view);
    yield* then(self);
  });
}

test("ERR-12a a big request that times out lets the small one behind it through at that tick", () => {
  const log = crowded((system, pipe, writer) => {
    writer("big", 50, 9, 4);
    writer("small", 10, 9);
    reader(system, pipe, function* (self) {
      yield* self.sleep(5);
    });
  });
  assert.equal(log, [`4: big ${ETIMEDOUT}`, "4: small 10"]);
});

test("ERR-12b a big request that is aborted lets the small one behind it through in that call", () => {
  const log = crowded((system, pipe, writer, note) => {
    const big = writer("big", 50, 9);
    writer("small", 10, 9);
    reader(system, pipe, function* (self) {
      yield* big.abort();
      note(`${self.tick}: reader`, 0);
    });
  });
  assert.equal(log, [`1: big ${ECANCELED}`, "1: small 10", "1: reader 0"]);
});

test("ERR-12c a big request whose task is ended lets the small one behind it through in that call", () => {
  const log = crowded((system, pipe, writer, note) => {
    const big = writer("big", 50, 9);
    writer("small", 10, 9);
    reader(system, pipe, function* (self) {
      yield* big.terminate();
      note(`${self.tick}: reader`, 0);
    });
  });
  assert.equal(log, ["1: small 10", "1: reader 0"]);
});

test("ERR-12d a small request that becomes the head by a change of priority is served in that call", () => {
  const log = crowded((system, pipe, writer, note) => {
    const big = writer("big", 50, 9, 4);
    writer("small", 10, 8);
    reader(system, pipe, function* (self) {
      yield* big.setPriority(7);
      note(`${self.tick}: reader`, 0);
      yield* self.sleep(5);
    });
  });
  assert.equal(log, ["1: small 10", "1: reader 0", `4: big ${ETIMEDOUT}`]);
});

test("ERR-12e strict order stops at the first that cannot be served, though one behind it could be", () => {
  const log = crowded((system, pipe, writer, note) => {
    writer("first", 15, 9);
    writer("big", 50, 9, 3);
    writer("small", 3, 9);
    reader(system, pipe, function* (self) {
      note(`${self.tick}: reader sees`, pipe.used);
      yield* self.sleep(5);
    });
  });
  assert.equal(log, ["1: first 15", "1: reader sees 55", `3: big ${ETIMEDOUT}`, "3: small 3"]);
});

test("ERR-12a readers that stood behind a writer enter when it gives up", () => {
  const log: string[] = [];
  play((system) => {
    const lock = system.rwlock();
    system.task("holder", { priority: 20 }, function* (self) {
      yield* lock.read();
      yield* self.sleep(8);
      log.push(`${self.tick}: holder unlocks`);
    });
    system.task("writer", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      assert.is(yield* lock.write(2), ETIMEDOUT);
    });
    system.task("reader", { priority: 5 }, function* (self) {
      yield* self.sleep(2);
      assert.is(yield* lock.read(), 0);
      log.push(`${self.tick}: reader`);
    });
  });
  assert.equal(log, ["3: reader", "8: holder unlocks"]);
});

test("ERR-12f waiters for different flags are each tried, in order", () => {
  const log: string[] = [];
  play((system) => {
    const event = system.event();
    for (const [name, bits] of [
      ["a", 1],
      ["b", 2],
      ["c", 4],
    ] as const) {
      system.task(name, { priority: 9 }, function* () {
        log.push(`${name} ${yield* event.wait(bits)}`);
      });
    }
    system.task("setter", { priority: 3 }, function* () {
      yield* event.set(6);
      yield* event.set(1);
    });
  });
  assert.equal(log, ["b 6", "c 6", "a 7"]);
});

test("ERR-13a ERR-13b a newcomer that is not more urgent than a waiter gets nothing past it: EAGAIN though there is room", () => {
  const log = crowded((system, pipe, writer, note) => {
    writer("big", 50, 9, 6);
    reader(system, pipe, function* (self) {
      note("room", pipe.capacity - pipe.used);
      yield* self.sleep(1);
    });
    for (const priority of [9, 8]) {
      system.task(`newcomer ${priority}`, { priority }, function* (self) {
        yield* self.sleep(2);
        note(`${self.name}`, yield* pipe.write("z", 0));
        note(`${self.name} waited`, yield* pipe.write("z", 2));
      });
    }
  });
  assert.equal(log, [
    "room 20",
    `newcomer 9 ${EAGAIN}`,
    `newcomer 8 ${EAGAIN}`,
    `newcomer 9 waited ${ETIMEDOUT}`,
    `newcomer 8 waited ${ETIMEDOUT}`,
    `6: big ${ETIMEDOUT}`,
  ]);
});

test("ERR-13a a unit on its way to a waiter cannot be taken, though the waiter has not run yet", () => {
  play((system) => {
    const sem = system.semaphore();
    system.task("waiter", { priority: 5 }, function* () {
      assert.is(yield* sem.take(), 0);
    });
    system.task("thief", { priority: 9 }, function* (self) {
      yield* self.sleep(1);
      yield* sem.give();
      assert.is(yield* sem.take(0), EAGAIN);
    });
  });
});

test("ERR-13a a reader does not overtake a waiting writer that is at least as urgent, a more urgent one does", () => {
  play((system) => {
    const lock = system.rwlock();
    system.task("holder", { priority: 20 }, function* (self) {
      yield* lock.read();
      yield* self.sleep(5);
    });
    system.task("writer", { priority: 9 }, function* () {
      assert.is(yield* lock.write(), 0);
    });
    for (const [priority, result] of [
      [8, EAGAIN],
      [9, EAGAIN],
      [10, 0],
    ] as const) {
      system.task(`reader ${priority}`, { priority }, function* (self) {
        yield* self.sleep(1);
        assert.is(yield* lock.read(0), result, `${priority}`);
        if (result === 0) yield* lock.unlock();
      });
    }
  });
});

test("ERR-13c a waiter whose request does not match is not in the way", () => {
  play((system) => {
    const event = system.event({ bits: 2 });
    system.task("waiter", { priority: 9 }, function* () {
      assert.is(yield* event.wait(1), 3);
    });
    system.task("newcomer", { priority: 3 }, function* () {
      assert.is(yield* event.wait(2, { clear: false }, 0), 2);
      yield* event.set(1);
    });
  });
});

test("ERR-13d a newcomer that is more urgent than every waiter takes what is there", () => {
  const log = crowded((system, pipe, writer, note) => {
    writer("big", 50, 9, 4);
    reader(system, pipe, function* (self) {
      yield* self.sleep(1);
    });
    system.task("urgent", { priority: 10 }, function* (self) {
      yield* self.sleep(2);
      note("urgent", yield* pipe.write("z", 0));
    });
  });
  assert.equal(log, ["urgent 1", `4: big ${ETIMEDOUT}`]);
});

test("ERR-13e an interrupt is more urgent than every waiter", () => {
  const log = crowded((system, pipe, writer, note) => {
    writer("big", 50, 49, 4);
    system.interrupt(1, {}, function* (irq) {
      note("handler", yield* pipe.write(irq.buffer(3), 0));
    });
    reader(system, pipe, function* (self) {
      yield* self.raise(1);
    });
  });
  assert.equal(log, ["handler 3", `4: big ${ETIMEDOUT}`]);
});

test.run();
