/** What tests look through: kernel calls as they are, facts about objects, tasks that only note that they ran. */

import {
  Block,
  type Call,
  CallError,
  type KernelObject,
  type Machine,
  type Parked,
  type Self,
  SIGUSR2,
  type SignalBody,
  type Socket,
  type System,
  signalSet,
  type Task,
} from "../hal/host/index.js";
import { CPU_PAGE } from "../hal/map.js";
import { type Call as Calls, type KernelExports, Kind, layout, Mode, Owner } from "../kernel/abi/host.js";

export type CallName = Lowercase<keyof typeof Calls>;

/** Makes a call of whoever runs, with whatever arguments, and answers what the kernel answers; errors come back as numbers. */
export function* raw(machine: Machine, call: CallName, ...args: number[]): Generator<Parked, number, unknown> {
  const make = (kernel: KernelExports) => (kernel[call] as (...args: number[]) => number)(...args);
  try {
    return yield* machine.enter().make(call, make, (result) => result);
  } catch (error) {
    if (error instanceof CallError) return error.errno;
    throw error;
  }
}

/** One fact (Info) about an object or a task, by the call that a shell would use, or the error. */
export function* info(machine: Machine, handle: number, field: number): Generator<Parked, number, unknown> {
  const out = (machine.stageBytes(16) + 7) & ~7;
  const result = yield* raw(machine, "object_info", handle, field, out);
  return result < 0 ? result : (machine.u32[out >> 2] as number) + (machine.u32[(out >> 2) + 1] as number) * 4294967296;
}

/** The block that a call answers; that it answers none fails the test. */
export function* block(call: Call<Block | number>): Generator<Parked, Block, unknown> {
  const got = yield* call;
  if (got instanceof Block) return got;
  throw new Error(`no block came, but ${got}`);
}

/** A block, or the outcome, as a number: what does not want the block itself asks so. */
export function* addressed(call: Call<Block | number>): Generator<Parked, number, unknown> {
  const got = yield* call;
  return got instanceof Block ? got.address : got;
}

/** The body of a task or handler that notes that it ran, and ends. */
export function noting<T>(log: T[], note: T): () => Generator<Parked, void, unknown> {
  // biome-ignore lint/correctness/useYield: it makes no call
  return function* () {
    log.push(note);
  };
}

/** The handler of a signal that only does this. */
export function doing(act: (self: Self, signal: number, from: number) => void): SignalBody {
  // biome-ignore lint/correctness/useYield: it makes no call
  return function* (self, signal, from) {
    act(self, signal, from);
  };
}

/** The current priority of a task: its own, or what it was raised to. */
export function priorityOf(machine: Machine, handle: number): number {
  return machine.u8[machine.taskRecord(handle & 0xff) + layout.Task.priority] as number;
}

/** A register of the CPU page. */
export function cpuWord(machine: Machine, offset: number): number {
  return machine.u32[(CPU_PAGE + offset) >> 2] as number;
}

/** A number in the kernel's own state. */
export function kernelCycles(machine: Machine, offset: number): number {
  return machine.kernelWord(offset) + machine.kernelWord(offset + 4) * 4294967296;
}

/** A piece of the arena; `used` is its Owner. */
export interface Piece {
  address: number;
  size: number;
  used: number;
}

/** The pieces of the arena, in order of address. */
export function pieces(machine: Machine): Piece[] {
  const { u32, arenaAt } = machine;
  const found: Piece[] = [];
  const at = (link: number, offset: number) => u32[(link + offset) >> 2] as number;
  const E = layout.Extent;
  for (let link = at(arenaAt, layout.Link.next); link !== arenaAt; link = at(link, layout.Link.next)) {
    found.push({ address: at(link, E.address), size: at(link, E.size), used: at(link, E.used) });
  }
  return found;
}

/** Bytes of the largest free piece of the arena. */
export function room(machine: Machine): number {
  return Math.max(0, ...pieces(machine).map(({ size, used }) => (used === Owner.NOBODY ? size : 0)));
}

type Steps = Generator<Parked, unknown, unknown>;

/** A task "a" of priority 20, and "b" of priority 10 that acts on it from tick 1 on. */
export function pair(system: System, body: (self: Self) => Steps, act: (task: Task, self: Self) => Steps): void {
  const task = system.task("a", { priority: 20 }, body);
  system.task("b", { priority: 10 }, function* (self) {
    yield* self.sleepUntil(1);
    yield* act(task, self);
  });
}

/** A word of the task's PCB. */
export function word({ machine, handle }: Task, offset: number): number {
  return machine.u32[(machine.taskRecord(handle & 0xff) + offset) >> 2] as number;
}

/** A way to wait, in a system where nothing ends the wait by itself. */
export interface Wait {
  /** Waits in the running task; what holds the wait up is there already. */
  wait(self: Self, ticks: number): Call<number> | Generator<Parked, number, unknown>;
  /** What is waited for, where it can be deleted. */
  object?: KernelObject;
  /** Its reset, where it has one. */
  reset?: () => Call<number>;
}

/** A task that gets something first and holds it for the whole run. */
function holder(system: System, get: () => Call<number>): void {
  system.task("holder", { priority: 60, daemon: true }, function* (self) {
    yield* get();
    yield* self.sleep(1000);
  });
}

/** Makes the description's socket listen. */
function listens({ machine, handle }: Socket, port: number): void {
  machine.kernel.socket_bind(handle, 0, port);
  machine.kernel.socket_listen(handle, 1);
}

/** A socket "end" whose other end reads nothing, has room for two bytes, and got these. */
function conversing(system: System, sent: string): Socket {
  const object = system.socket({ name: "end" });
  const listener = system.socket({ receive: 2 });
  listens(listener, 80);
  system.task("holder", { priority: 60, daemon: true, reads: [listener], writes: [object] }, function* (self) {
    yield* object.connect("127.0.0.1", 80);
    yield* listener.accept();
    if (sent !== "") yield* object.send(sent);
    yield* self.sleep(1000);
  });
  return object;
}

/** Every kind of wait. */
export const waits: Record<string, (system: System) => Wait> = {
  sleep: () => ({ wait: (self, ticks) => self.sleep(ticks) }),
  semaphore: (system) => {
    const object = system.semaphore();
    return { object, wait: (_self, ticks) => object.take(ticks), reset: () => object.reset() };
  },
  event: (system) => {
    const object = system.event({ bits: 2 });
    return { object, wait: (_self, ticks) => object.wait(1, {}, ticks) };
  },
  barrier: (system) => {
    const object = system.barrier(2);
    return { object, wait: (_self, ticks) => object.wait(ticks) };
  },
  mutex: (system) => {
    const object = system.mutex();
    holder(system, () => object.lock());
    return { object, wait: (_self, ticks) => object.lock(ticks) };
  },
  "rwlock read": (system) => {
    const object = system.rwlock();
    holder(system, () => object.write());
    return { object, wait: (_self, ticks) => object.read(ticks) };
  },
  "rwlock write": (system) => {
    const object = system.rwlock();
    holder(system, () => object.read());
    return { object, wait: (_self, ticks) => object.write(ticks) };
  },
  condition: (system) => {
    const lock = system.mutex();
    const object = system.condition();
    function* wait(_self: Self, ticks: number) {
      yield* lock.lock();
      const result = yield* object.wait(lock, ticks);
      yield* lock.unlock();
      return result;
    }
    return { object, wait };
  },
  "pipe read": (system) => {
    const object = system.pipe({ public: "both" });
    return { object, wait: (self, ticks) => object.read(self.buffer(1), ticks), reset: () => object.reset() };
  },
  "pipe write": (system) => {
    const object = system.pipe({ capacity: 2, public: "both" });
    holder(system, () => object.write("ab"));
    return { object, wait: (_self, ticks) => object.write("cd", ticks), reset: () => object.reset() };
  },
  "queue receive": (system) => {
    const object = system.queue({ public: "both" });
    return { object, wait: (self, ticks) => object.receive(self.buffer(32), ticks) };
  },
  "queue peek": (system) => {
    const object = system.queue({ public: "both" });
    return { object, wait: (self, ticks) => object.peek(self.buffer(32), ticks) };
  },
  "queue send": (system) => {
    const object = system.queue({ count: 1, public: "both" });
    holder(system, () => object.send("ab"));
    return { object, wait: (_self, ticks) => object.send("cd", {}, ticks), reset: () => object.reset() };
  },
  "pool alloc": (system) => {
    const object = system.pool({ count: 1, size: 8 });
    system.task("holder", { priority: 60, daemon: true }, function* (self) {
      yield* block(object.alloc());
      yield* self.sleep(1000);
    });
    return { object, wait: (_self, ticks) => addressed(object.alloc(ticks)) };
  },
  // The waiter opens mailboxes and regions itself, because nobody is given one in both directions or to all.
  "mailbox receive": (system) => {
    const box = system.mailbox({ name: "in" });
    return {
      *wait({ machine }, ticks) {
        yield* raw(machine, "object_open", Kind.MAILBOX, machine.stageName("in"), Mode.READ);
        return yield* addressed(box.receive(undefined, ticks));
      },
    };
  },
  "mailbox sync send": (system) => {
    const pool = system.pool({ count: 8, size: 8 });
    const box = system.mailbox({ name: "out", interrupts: "read" });
    return {
      *wait({ machine }, ticks) {
        yield* raw(machine, "object_open", Kind.MAILBOX, machine.stageName("out"), Mode.WRITE);
        const mine = yield* block(pool.alloc(0));
        return yield* box.sendSync(mine, undefined, ticks);
      },
    };
  },
  "socket accept": (system) => {
    const object = system.socket({ name: "door" });
    listens(object, 80);
    return {
      *wait({ machine }, ticks) {
        yield* raw(machine, "object_open", Kind.SOCKET, machine.stageName("door"), Mode.READ);
        return yield* raw(machine, "socket_accept", object.handle, 0, ticks);
      },
    };
  },
  "socket receive": (system) => {
    const object = conversing(system, "");
    return {
      *wait(self, ticks) {
        const { machine } = self;
        yield* raw(machine, "object_open", Kind.SOCKET, machine.stageName("end"), Mode.READ);
        return yield* object.receive(self.buffer(4), ticks);
      },
    };
  },
  "socket send": (system) => {
    const object = conversing(system, "ab");
    return {
      *wait({ machine }, ticks) {
        yield* raw(machine, "object_open", Kind.SOCKET, machine.stageName("end"), Mode.WRITE);
        return yield* object.send("cd", ticks);
      },
    };
  },
  "datagram receive": (system) => {
    const object = system.socket({ name: "datagrams", type: "datagram" });
    return {
      *wait(self, ticks) {
        const { machine } = self;
        yield* raw(machine, "object_open", Kind.SOCKET, machine.stageName("datagrams"), Mode.READ);
        return yield* object.receive(self.buffer(4), ticks);
      },
    };
  },
  word: (system) => {
    const { machine } = system.semaphore();
    const { address } = machine.staticBuffer(4);
    return { wait: (_self, ticks) => raw(machine, "word_wait", address, 0, ticks) };
  },
  "word of a region": (system) => {
    const region = system.region({ name: "region", size: 8 });
    return {
      *wait({ machine }, ticks) {
        yield* raw(machine, "object_open", Kind.REGION, machine.stageName("region"), Mode.READ);
        return yield* region.wait(4, 0, ticks);
      },
    };
  },
  memory: (system) => {
    const { machine } = system.semaphore();
    const most = system.alloc(Math.floor(room(machine) * 0.6)).length;
    return { wait: (_self, ticks) => raw(machine, "memory_alloc", most, ticks) };
  },
  signal: () => ({ wait: (self, ticks) => self.signals.wait(signalSet(SIGUSR2), ticks) }),
  flags: () => ({ wait: (self, ticks) => self.waitFlags(1, {}, ticks) }),
  notification: () => ({ wait: (self, ticks) => self.waitNotification(ticks) }),
  poll: (system) => {
    const object = system.semaphore();
    return { wait: (self, ticks) => self.pollSet([{ read: object }, { flags: 1 }]).wait(ticks) };
  },
  join: (system) => {
    const other = system.task("other", { daemon: true, priority: 60 }, function* (self) {
      yield* self.sleep(1000);
    });
    return { wait: (_self, ticks) => other.join(ticks) };
  },
};
