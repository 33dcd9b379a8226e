/**
 * Every export of the kernel with arguments from the edges, in every context that the kernel knows, in both profiles. Each call is made
 * in the same state, which a copy of the memory brings back. Where the kernel checks itself, it does so after each that did something.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, type Machine, type MachineOptions, type Parked, type Self, SIGUSR1, SIGUSR2, type System } from "../hal/host/index.js";
import { CPU_PAGE } from "../hal/map.js";
import { EAGAIN, EINVAL, ENOMEM, EPERM, Kind, layout, Mode, SWITCH } from "../kernel/abi/host.js";
import { type Call, portCalls } from "../kernel/abi/table.js";
import {
  type Armoury,
  type Arms,
  arm,
  armCaller,
  HAPPENED,
  legality,
  MAX,
  MIN,
  mayAnswer,
  nameOf,
  odd,
  pairwise,
  parameters,
  product,
  REPEAT,
  Snapshot,
  table,
  waits,
} from "./armoury.js";
import { type CallName, cpuWord, noting } from "./probe.js";

const test = suite("edges");

const C = layout.Cpu;
const K = layout.Kernel;
/** So many combinations of arguments a call are tried, if there is time. */
const MANY = 8000;

/** Every argument with every other one; with HOSTILE_RUNS all with all, where that is not too much. */
function combine(lists: number[][]): number[][] {
  const all = lists.reduce((count, list) => count * list.length, 1);
  return process.env.HOSTILE_RUNS !== undefined && all <= MANY ? product(lists) : pairwise(lists);
}

/** Makes the calls; the letters are those of the table's contexts, none where nobody runs. */
type Attack = (letters: string) => Steps;
type Steps = Generator<Parked, void, unknown>;
/** Brings about a context in which there is an attack. */
type Scene = (system: System, arms: Arms, attack: Attack) => void;
type Body = (self: Self, attack: () => Steps) => Steps;

/** The task "caller" does this, with all that it may have. */
function caller(letters: string, body: Body): Scene {
  return (system, { armoury, machine, open }, attack) => {
    system.task("caller", { priority: 30, slice: 1, ...open }, function* (self) {
      armCaller(machine, armoury);
      armoury.handles.task?.push(self.handle);
      yield* body(self, () => attack(letters));
    });
  };
}

/** An attack that makes its calls past the machine. */
function raiding(raid: (letters: string) => void): Attack {
  // biome-ignore lint/correctness/useYield: it makes no call of the machine's
  return function* (letters) {
    raid(letters);
  };
}

function poke({ u32 }: Machine, address: number, value: number): void {
  u32[address >> 2] = value;
}

const scenes: Record<string, Scene> = {
  "a task": caller("T", function* (_self, attack) {
    yield* attack();
  }),
  "a signal handler": caller("TH", function* (self, attack) {
    yield* self.signals.handle(SIGUSR1, function* () {
      yield* attack();
    });
    yield* self.signal(SIGUSR1);
  }),
  "a handler on top of a handler": caller("TH", function* (self, attack) {
    yield* self.signals.handle(SIGUSR2, function* () {
      yield* attack();
    });
    yield* self.signals.handle(SIGUSR1, function* (me) {
      yield* me.signal(SIGUSR2);
    });
    yield* self.signal(SIGUSR1);
  }),
  "a task that locks the scheduler": caller("TL", function* (self, attack) {
    yield* self.lockScheduler();
    yield* attack();
  }),
  "a task that locks the interrupts": caller("TL", function* (self, attack) {
    yield* self.lockInterrupts();
    yield* attack();
  }),
  "a handler that locks": caller("THL", function* (self, attack) {
    yield* self.signals.handle(SIGUSR1, function* (me) {
      yield* me.lockScheduler();
      yield* attack();
    });
    yield* self.signal(SIGUSR1);
  }),
  "a task that holds what there is": caller("T", function* ({ machine }, attack) {
    const { kernel } = machine;
    for (const [kind, take] of Object.entries({ mutex: "mutex_lock", rwlock: "rwlock_write", sem: "sem_take" } as const)) {
      for (
        let handle = kernel.object_enumerate(KindOf[kind] as number, 0);
        handle > 0;
        handle = kernel.object_enumerate(KindOf[kind] as number, handle)
      )
        assert.is(kernel[take](handle, 0), 0);
    }
    yield* attack();
  }),
  "an interrupt handler on a task": (system, arms, attack) => {
    system.interrupt(5, { priority: 9 }, function* () {
      yield* attack("I");
    });
    caller("T", function* (self) {
      yield* self.raise(5);
    })(system, arms, attack);
  },
  "an interrupt handler on a handler": (system, arms, attack) => {
    system.interrupt(6, { priority: 99 }, function* () {
      yield* attack("I");
    });
    system.interrupt(5, { priority: 9 }, function* (line) {
      yield* line.raise(6);
    });
    caller("T", function* (self) {
      yield* self.raise(5);
    })(system, arms, attack);
  },
  "an interrupt handler on nobody": (system, _arms, attack) => {
    system.interrupt(5, { priority: 9 }, function* () {
      yield* attack("I");
    });
    const timer = system.hardwareTimer({ line: 5 });
    system.task("starter", { priority: 3 }, function* (self) {
      yield* timer.write(0, 7001);
      yield* timer.write(1, 1);
      yield* self.sleep(1);
    });
  },
  "a timer's callback": (system, _arms, attack) => {
    const timer = system.timer({
      *call() {
        yield* attack("TC");
      },
    });
    system.task("starter", {}, function* (self) {
      yield* timer.start(1);
      yield* self.sleep(2);
    });
  },
  "a task with an event due": caller("T", function* ({ machine }, attack) {
    dueNow(machine);
    yield* attack();
  }),
  "an interrupt handler with an event due": (system, { machine }, attack) => {
    system.interrupt(5, { priority: 9 }, function* () {
      dueNow(machine);
      yield* attack("I");
    });
    system.task("raiser", {}, function* (self) {
      yield* self.raise(5);
    });
  },
  "a task that is to repeat its call": caller("T", function* ({ machine }, attack) {
    const context = cpuWord(machine, C.kernel) + K.context;
    poke(machine, context, (machine.u32[context >> 2] as number) | REPEAT);
    yield* attack();
  }),
};

const KindOf: Record<string, number> = { sem: 2, mutex: 3, rwlock: 7 };

/** A device's event comes with the next cycle. */
function dueNow(machine: Machine): void {
  const next = machine.cycles + 1;
  for (const word of [C.due, C.device]) {
    poke(machine, CPU_PAGE + word, next >>> 0);
    poke(machine, CPU_PAGE + word + 4, Math.floor(next / 4294967296));
  }
  poke(machine, CPU_PAGE + C.left, 1);
}

/** Refusals that leave something: whoever asks for callbacks is the timer service; a slot that was taken in vain is another one's bytes. */
function partly(name: CallName, result: number): boolean {
  return (name === "timer_service" && result === EAGAIN) || (name.endsWith("_create") && result === ENOMEM);
}

/** What is wrong with an answer, "" for nothing. */
function wrong(
  machine: Machine,
  name: CallName,
  call: Call,
  letters: string,
  args: readonly number[],
  result: number,
  same: boolean,
): string {
  const legal = legality(call, letters);
  // An event comes first; the call is judged when it is made again.
  if (letters !== "" && result === SWITCH && (cpuWord(machine, C.left) | 0) <= 0) return "";
  if (legal === "never") return result !== EPERM ? "illegal here" : same ? "" : "refused, and changes something";
  // Whatever may wait has its timeout last.
  const ticks = waits(name, call) ? args.at(-1) : 0;
  if (legal === "without waiting" && ticks !== 0)
    return result !== EPERM && result !== SWITCH ? "may not wait here" : result === SWITCH || same ? "" : "refused, and changes something";
  if (result === SWITCH + 1) return "AGAIN is nobody's to see";
  if (result < 0 && result !== SWITCH) {
    if (!mayAnswer(call).has(result)) return "not in its row";
    if (!same && !HAPPENED.has(result) && !partly(name, result)) return "refused, and changes something";
  }
  if (!same && machine.image.debug && machine.check() !== 0) return `breaks invariant ${machine.check() >> 8} at ${machine.check() & 255}`;
  if (cpuWord(machine, C.panic) !== 0) return "panics";
  return "";
}

/** Every call with every pair of odd values; what is wrong, call by call, once for each. */
function assault({ machine, armoury }: Arms, letters: string): string[] {
  const faults = new Map<string, string>();
  const snapshot = new Snapshot(machine);
  for (const [name, call] of table) {
    const make = machine.kernel[name] as (...args: number[]) => number;
    for (const args of combine(parameters(call).map((type) => odd(type, armoury)))) {
      let fault = "";
      let result = 0;
      try {
        result = make(...args);
        const same = snapshot.same;
        fault = wrong(machine, name, call, letters, args, result, same);
        if (fault.includes("changes") && !faults.has(`${name}: ${fault}`))
          faults.set(`${name}: ${fault}`, `${name}(${args}) answers ${nameOf(result)}: ${fault} (${snapshot.changed().slice(0, 8)})`);
        if (!same) snapshot.restore();
      } catch (error) {
        fault = `traps: ${error}`;
        snapshot.restore();
      }
      const key = `${name}: ${fault}`;
      if (fault !== "" && !faults.has(key))
        faults.set(key, `${name}(${args}) answers ${result === SWITCH ? "SWITCH" : nameOf(result)}: ${fault}`);
    }
  }
  return [...faults.values()];
}

/** With little memory: all of it is compared after every call. */
const OPTIONS: MachineOptions = {
  address: "10.0.0.1",
  giveUp: 20,
  ephemeralPorts: [1000, 1050],
  trace: false,
  hash: false,
  tickCycles: 0x10000000,
};
const PAGES = { debug: 2, small: 1 };

function sleeper(system: System): void {
  system.task("sleeper", { priority: 2 }, function* (self) {
    yield* self.sleep(5);
  });
}

/** Contexts that are between two steps of the machine, in which nobody may call. */
const outside: Record<string, (machine: Machine) => void> = {
  "before power-on": (machine) => machine.image.restore(),
  "behind the description": () => {},
  "behind a call that blocks": (machine) => {
    machine.advance({ dispatches: 2 });
  },
  "while nobody can run": (machine) => {
    machine.advance({ dispatches: 3 });
    machine.kernel.dispatch();
    assert.is(cpuWord(machine, C.current) | 0, -1);
  },
};

for (const kernel of ["debug", "small"] as const) {
  for (const [when, go] of Object.entries(outside)) {
    test(`${kernel}: ${when} every call is refused, and changes nothing`, () => {
      let arms: Arms | undefined;
      const machine = boot(
        (system) => {
          arms = arm(system);
          sleeper(system);
        },
        { ...OPTIONS, kernel, memory: PAGES[kernel] },
      );
      go(machine);
      assert.equal(assault(arms as Arms, ""), []);
    });
  }
}

for (const kernel of ["debug", "small"] as const) {
  for (const [where, scene] of Object.entries(scenes)) {
    test(`${kernel}: in ${where} every call answers as its row says, and a refusal changes nothing`, () => {
      let faults: string[] | undefined;
      const machine = boot(
        (system) => {
          const arms = arm(system);
          system.interrupt(4, {}, noting([], 0));
          const raid = (letters: string) => {
            faults ??= assault(arms, letters);
            arms.machine.stop();
          };
          scene(system, arms, raiding(raid));
        },
        { ...OPTIONS, kernel, memory: PAGES[kernel] },
      );
      machine.advance({ dispatches: 200 });
      if (machine.failures[0]) throw machine.failures[0].error;
      if (!faults) throw new Error("nobody attacked");
      assert.equal(faults, []);
    });
  }
}

test("under protection no call stores a byte where its caller may not, nor reads from there", () => {
  let faults: string[] | undefined;
  const secret = 0x5a;
  const machine = boot(
    (system) => {
      const { machine, armoury, open } = arm(system);
      const { kernel, u8 } = machine;
      const zones: [start: number, bytes: number][] = [];
      system.task("victim 2", { priority: 40, daemon: true, storage: 64 }, function* (self) {
        const region = kernel.region_create(0, 64, Mode.WRITE, 0);
        const pool = kernel.pool_create(0, 2, 64, 0);
        zones.push([kernel.region_address(region), 64], [kernel.memory_alloc(64, 0), 64], [kernel.pool_alloc(pool, 0), 64]);
        zones.push([machine.u32[(machine.taskRecord(self.handle & 0xff) + layout.Task.stack) >> 2] as number, 64]);
        yield* self.sleep(1000);
      });
      const shown = system.region({ name: "shown", size: 64 });
      const attackers = caller("T", function* (_self, attack) {
        kernel.object_open(Kind.REGION, machine.stageName("shown"), Mode.READ);
        zones.push([kernel.region_address(shown.handle), 64]);
        for (const [start, bytes] of zones) u8.fill(secret, start, start + bytes);
        poke(machine, CPU_PAGE + C.guarded, 1);
        armoury.pointers.splice(0, armoury.pointers.length, armoury.pointers[0] as number);
        for (const [start] of zones) armoury.pointers.push(start, start - 4, start + 60, start + 63);
        armoury.blocks.push(...zones.map(([start]) => start));
        yield* attack();
        poke(machine, CPU_PAGE + C.guarded, 0);
      });
      const raid = () => {
        const snapshot = new Snapshot(machine);
        const found = new Set<string>();
        for (const [name, call] of table) {
          const make = kernel[name] as (...args: number[]) => number;
          for (const args of pairwise(parameters(call).map((type) => odd(type, armoury)))) {
            const result = make(...args);
            if (result < 0 && result !== SWITCH && !mayAnswer(call).has(result))
              found.add(`${name}(${args}) answers ${nameOf(result)}, which is not in its row`);
            if (snapshot.same) continue;
            const kept = zones.every(([start, bytes]) => u8.subarray(start, start + bytes).every((byte) => byte === secret));
            if (!kept) found.add(`${name}(${args}) answers ${result} and stores where it may not`);
            if (machine.check() !== 0) found.add(`${name}(${args}) answers ${result} and breaks ${machine.check()}`);
            snapshot.restore();
          }
        }
        faults = [...found].slice(0, 20);
        machine.stop();
      };
      attackers(system, { machine, armoury, open }, raiding(raid));
    },
    { ...OPTIONS, kernel: "debug", memory: PAGES.debug },
  );
  machine.advance({ dispatches: 200 });
  if (machine.failures[0]) throw machine.failures[0].error;
  assert.equal(faults, []);
});

// What the port calls

/** Numbers that a port might hand over by mistake. */
const WORDS = [0, 1, 2, 9, 31, 32, 255, 256, 0x0f00, 0xffff, MAX, MIN, -1, -2];

for (const kernel of ["debug", "small"] as const) {
  test(`${kernel}: a port that calls whatever it likes, wherever, does not trap the kernel, nor make it panic`, () => {
    const faults: string[] = [];
    let calls = 0;
    const mistake = (machine: Machine, where: string, armoury?: Armoury) => {
      const snapshot = new Snapshot(machine);
      for (const [name, { args, returns }] of Object.entries(portCalls)) {
        const make = machine.kernel[name as keyof typeof portCalls] as (...args: number[]) => number;
        const lists = args.map((arg) =>
          arg === "task" ? [...(armoury?.handles.task ?? []), ...WORDS] : arg === "address" && armoury ? armoury.pointers : WORDS,
        );
        for (const row of combine(lists)) {
          // The cost of a device is the port's own constant.
          if (name === "device_begin" && (row[0] as number) < 0) continue;
          calls++;
          try {
            const result = make(...row);
            const broken = machine.image.debug && where !== "before power-on" ? machine.check() : 0;
            if (broken !== 0) faults.push(`${where}: ${name}(${row}) breaks invariant ${broken >> 8} at ${broken & 255}`);
            if (returns === "i32" && typeof result !== "number") faults.push(`${where}: ${name}(${row}) answers ${result}`);
            if (cpuWord(machine, C.panic) !== 0) faults.push(`${where}: ${name}(${row}) panics`);
          } catch (error) {
            faults.push(`${where}: ${name}(${row}) traps: ${error}`);
          }
          snapshot.restore();
        }
      }
    };
    for (const [where, scene] of Object.entries(scenes)) {
      const machine = boot(
        (system) => {
          const arms = arm(system);
          const raid = () => mistake(arms.machine, where, arms.armoury);
          scene(system, arms, raiding(raid));
        },
        { ...OPTIONS, kernel, memory: PAGES[kernel] },
      );
      machine.advance({ dispatches: 200 });
    }
    for (const [where, go] of Object.entries(outside)) {
      const machine = boot(sleeper, { ...OPTIONS, kernel, memory: PAGES[kernel] });
      go(machine);
      mistake(machine, where);
    }
    assert.equal(faults, []);
    assert.ok(calls > 4000, `${calls} calls`);
  });

  test(`${kernel}: power-on with any number in any of its fields is refused, or a machine that runs`, () => {
    const fields = Object.entries({
      memory: C.memory,
      scratch: C.scratch,
      statics: C.statics,
      period: C.period,
      first: C.first,
      options: C.options,
    });
    const more = { guarded: C.guarded, mark: C.mark, data: C.data, address: C.address, netmask: C.netmask, giveUp: C.giveUp };
    const ports = { portFirst: C.portFirst, portCount: C.portCount, lives: C.lives };
    const machine = boot(sleeper, { ...OPTIONS, kernel, memory: PAGES[kernel] });
    const good = Object.fromEntries(
      [...fields, ...Object.entries({ ...more, ...ports })].map(([name, at]) => [name, cpuWord(machine, at)]),
    );
    const ends = [
      machine.image.bytes,
      machine.image.bytes + 1,
      machine.image.bytes - 1,
      good.scratch as number,
      (good.scratch as number) + 64,
      60,
      61,
      65536,
    ];
    let on = 0;
    for (const [name, at] of [...fields, ...Object.entries({ ...more, ...ports })]) {
      for (const value of [...WORDS, ...ends]) {
        machine.image.restore();
        for (const [other, offset] of [...fields, ...Object.entries({ ...more, ...ports })]) {
          poke(machine, CPU_PAGE + offset, other === "scratch" ? 128 : other === "statics" ? 4096 : (good[other] as number));
        }
        poke(machine, CPU_PAGE + at, value);
        const result = machine.kernel.power_on();
        assert.ok(result === 0 || result === EINVAL, `${name} ${value}: ${result}`);
        if (result !== 0) continue;
        on++;
        machine.kernel.system_done();
        assert.is(machine.image.debug?.check() ?? 0, 0, `${name} ${value}`);
        for (let i = 0; i < 3; i++) {
          machine.kernel.dispatch();
          machine.kernel.idle();
        }
        assert.is(cpuWord(machine, C.panic), 0, `${name} ${value}`);
      }
    }
    assert.ok(on > 100, `${on} powered on`);
  });
}

test.run();
