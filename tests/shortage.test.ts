/**
 * Every allocation made to fail: each call whose row has ENOMEM or ENFILE, with any amount of RAM left that is too little for it, with its
 * table full, with no piece of RAM to describe. It answers the error of its row, and everything is as it was, down to the handle that the
 * next one gets. And a whole system with any amount of RAM, in which whatever is not to be had is not missed at the end.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, type Machine, type MachineOptions, type Self, SIGKILL, SIGSTOP } from "../hal/host/index.js";
import { EAGAIN, ENFILE, ENOMEM, Kind, layout, Mode, SWITCH } from "../kernel/abi/host.js";
import { nameOf, Snapshot, table } from "./armoury.js";
import { type CallName, cpuWord, noting, pieces, raw, room } from "./probe.js";
import { takeDown } from "./remains.js";
import { found, type Town } from "./town.js";

const test = suite("shortage");

const OPTIONS: MachineOptions = { kernel: "debug", trace: false, hash: false, memory: 2, tickCycles: 0x10000000 };
const RW = Mode.READ | Mode.WRITE;
/** The sides of what is asked for, none of which is a multiple of another, so that pieces cannot be mistaken. */
const SIZE = 72;

/** A call that would succeed if there were room: its arguments, and bytes of RAM that it takes. */
interface Recipe {
  args: (self: Self, at: Place) => number[];
  bytes?: number;
  /** What it would do besides is done before. */
  prepare?: (machine: Machine, at: Place) => void;
}

/** Where a recipe finds what it needs. */
interface Place {
  spawn: number;
  action: number;
  socket: number;
  out: number;
}

const recipes: Partial<Record<CallName, Recipe>> = {
  task_spawn: { args: (_self, { spawn }) => [spawn], bytes: SIZE },
  sem_create: { args: () => [0, 0, 1] },
  mutex_create: { args: () => [0, 0, 0] },
  cond_create: { args: () => [0] },
  event_create: { args: () => [0, 0] },
  barrier_create: { args: () => [0, 2] },
  rwlock_create: { args: () => [0] },
  timer_create: { args: () => [0, 0, 0, 0] },
  pipe_create: { args: () => [0, SIZE, RW, 0], bytes: SIZE },
  queue_create: { args: () => [0, 4, 8, 0, RW, 0], bytes: 72 },
  pool_create: { args: () => [0, 3, 24, 0], bytes: SIZE },
  mailbox_create: { args: () => [0, Mode.READ] },
  region_create: { args: () => [0, SIZE, Mode.WRITE, 0], bytes: SIZE },
  memory_alloc: { args: () => [SIZE, 0], bytes: SIZE },
  socket_create: { args: () => [0, 2, 40, 32, RW, 0], bytes: SIZE },
  socket_connect: {
    args: (_self, { socket }) => [socket, 0x0a000002, 80, 0],
    bytes: SIZE,
    prepare: ({ kernel }, { socket }) => void kernel.socket_bind(socket, 0, 0),
  },
  signal_action: { args: (_self, { action }) => [10, action, 0] },
};

/** Calls that wait for RAM where there is too little: without time to wait it is EAGAIN, or ENOMEM for more than there ever was. */
const WAITING: CallName[] = ["memory_alloc"];

const short = table.filter(([, call]) => /\b(ENOMEM|ENFILE)\b/.test(call.errors)).map(([name]) => name);

test("there is a recipe for every call whose row speaks of a shortage", () => {
  assert.equal(
    short.filter((name) => !recipes[name]),
    [],
  );
});

/** A lone task that does this, with what recipes need. */
function alone(body: (self: Self, at: Place) => void, options: MachineOptions = {}): void {
  const machine = boot(
    (system) => {
      system.task("entry 0", { priority: 63, detached: true }, noting([], 0));
      system.task("alone", { priority: 30, storage: 1024 }, function* (self) {
        const { machine } = self;
        const spawn = self.buffer(layout.Spawn.bytes);
        spawn.setWord(layout.Spawn.threshold, -1);
        spawn.setWord(layout.Spawn.stackSize, SIZE);
        const action = self.buffer(layout.SigAction.bytes);
        action.setWord(layout.SigAction.disposition, 2);
        const socket = yield* raw(machine, "socket_create", 0, 1, 40, 32, RW, 0);
        body(self, { spawn: spawn.address, action: action.address, socket, out: self.buffer(8).address });
      });
    },
    { ...OPTIONS, address: "10.0.0.1", ...options },
  );
  machine.advance({ dispatches: 50 });
  if (machine.failures[0]) throw machine.failures[0].error;
  assert.ok(
    machine.tasks.some(({ name, status }) => name === "alone" && status === 0),
    "it did not come to its end",
  );
}

/** Makes the call that must fail, and holds that everything is as it was: the memory, and the answer that the same call gets with room. */
function fails(machine: Machine, name: CallName, args: readonly number[], errors: readonly number[], what: string): void {
  const snapshot = new Snapshot(machine);
  const make = machine.kernel[name] as (...args: number[]) => number;
  const result = make(...args);
  assert.ok(errors.includes(result), `${what}: ${name}(${args}) answers ${nameOf(result)}`);
  if (machine.image.debug) assert.is(machine.check(), 0, what);
  const changed = snapshot.same ? [] : snapshot.changed().filter((at) => !inFreeSlot(machine, at));
  assert.equal(changed, [], `${what}: ${name}(${args}) answers ${nameOf(result)} and leaves something`);
}

/** Whether the byte is in the slot of an object that is none: behind the link to the next one and how often it was used, which must stay. */
function inFreeSlot(machine: Machine, at: number): boolean {
  for (let kind: number = Kind.SEM; kind < Kind.LINE; kind++) {
    const pool = cpuWord(machine, layout.Cpu.pools) + kind * layout.Pool.bytes;
    const [base, size, count] = [layout.Pool.base, layout.Pool.size, layout.Pool.count].map(
      (field) => machine.u32[(pool + field) >> 2] as number,
    );
    const offset = at - (base as number);
    if (offset < 0 || offset >= (size as number) * (count as number)) continue;
    const slot = (base as number) + Math.floor(offset / (size as number)) * (size as number);
    const inner = at - slot;
    const generation = layout.Obj.generation;
    return machine.u32[(slot + layout.Obj.handle) >> 2] === 0 && inner >= 8 && !(inner >= generation && inner < generation + 4);
  }
  return false;
}

/** Takes RAM until the largest piece has so many bytes, in pieces of the description's. */
function starve(machine: Machine, bytes: number): void {
  const { kernel } = machine;
  for (let most = room(machine); most > bytes; most = room(machine)) {
    const free = pieces(machine).find(({ size, used }) => used === 0 && size === most);
    if (!free || kernel.memory_alloc(most - bytes, 0) < 0) throw new Error(`no ${most - bytes} bytes`);
  }
}

test("ERR-06b ERR-06c a call that finds too little RAM, by any number of bytes, answers so and leaves everything as it was", () => {
  let failed = 0;
  alone((self, at) => {
    const { machine } = self;
    const whole = new Snapshot(machine);
    for (const name of short) {
      const { args, bytes, prepare } = recipes[name] as Recipe;
      if (bytes === undefined) continue;
      for (let left = 0; left < bytes; left += 8) {
        prepare?.(machine, at);
        starve(machine, left);
        fails(machine, name, args(self, at), WAITING.includes(name) ? [EAGAIN] : [ENOMEM], `${left} bytes are left`);
        failed++;
        whole.restore();
      }
      starve(machine, bytes);
      const result = (machine.kernel[name] as (...args: number[]) => number)(...args(self, at));
      assert.ok(
        result >= 0 || result === SWITCH || nameOf(result) === "EINPROGRESS",
        `${name} with ${bytes} bytes answers ${nameOf(result)}`,
      );
      whole.restore();
    }
  });
  assert.ok(failed > 50, `${failed} calls`);
});

/** All signals that a handler can be for. */
const CATCHABLE = Array.from({ length: 31 }, (_, i) => i + 1).filter((signal) => signal !== SIGKILL && signal !== SIGSTOP);

test("ERR-06a ERR-06c a call that finds its table full answers ENFILE and leaves everything as it was", () => {
  for (const kernel of ["debug", "small"] as const) {
    const body = (self: Self, at: Place) => {
      const { machine } = self;
      const whole = new Snapshot(machine);
      for (const [name, call] of table) {
        if (!/\bENFILE\b/.test(call.errors)) continue;
        // One task has fewer signals than the large kernel has handlers.
        if (name === "signal_action" && kernel === "debug") continue;
        const make = machine.kernel[name] as (...args: number[]) => number;
        const args = (recipes[name] as Recipe).args(self, at);
        const nth = (made: number) => (name === "signal_action" ? [CATCHABLE[made] as number, ...args.slice(1)] : args);
        let made = 0;
        for (; made < 100; made++) {
          const before = new Snapshot(machine);
          const result = make(...nth(made));
          if (result < 0 && result !== SWITCH) {
            before.restore();
            fails(machine, name, nth(made), [ENFILE], `${kernel}, with ${made} of them`);
            break;
          }
        }
        assert.ok(made > 6 && made < 100, `${kernel}: ${name} was made ${made} times`);
        whole.restore();
      }
    };
    alone(body, { kernel });
  }
});

test("ERR-06c a call that would need one more piece of RAM than can be described answers ENOMEM and leaves everything as it was", () => {
  alone((self, at) => {
    const { machine } = self;
    const { kernel } = machine;
    const whole = new Snapshot(machine);
    while (kernel.memory_alloc(8, 0) > 0);
    assert.ok(room(machine) > 4096, "RAM is left, but nothing to describe its pieces with");
    for (const name of short) {
      const { args, bytes, prepare } = recipes[name] as Recipe;
      prepare?.(machine, at);
      if (bytes !== undefined) fails(machine, name, args(self, at), [WAITING.includes(name) ? EAGAIN : ENOMEM], "no piece is left");
    }
    whole.restore();
  });
});

test("ERR-06c a system with any amount of RAM runs to its end, whatever it does not get, and is taken down whole", () => {
  const runs = Number(process.env.HOSTILE_RUNS ?? 0);
  const ends = new Set<string>();
  for (let less = 0; less < 90_000; less += runs > 0 ? 64 : 1504) {
    const town: Town = { people: [], doomed: 0 };
    const machine = boot(
      (system) => {
        found(system, town);
        // It is gone before anybody runs.
        if (less > 0 && less < room(system.semaphore().machine)) system.alloc(less);
      },
      { kernel: "debug", trace: false, hash: false, memory: 3, onFailure: "report" },
    );
    ends.add(machine.advance({}));
    assert.is(machine.check(), 0);
    assert.equal(takeDown(machine), [], `${less} bytes less`);
  }
  assert.equal([...ends], ["finished"]);
});

test.run();
