/**
 * `npm run bench`: what the kernel costs on this host, each figure beside the bare generator round robin of the same run,
 * because machines are noisy and ratios are not.
 */
import { execFileSync } from "node:child_process";
import { Bench } from "tinybench";
import {
  type App,
  type Block,
  boot,
  type Machine,
  type MachineOptions,
  type Semaphore,
  SIGUSR1,
  type Task,
  type View,
} from "../../hal/host/index.js";
import type { Case } from "./case.js";
import { networkCases } from "./network.js";
import { printTax } from "./tax.js";
import { threadMetricCases } from "./threadmetric.js";

const OPS = 100_000;
const quiet: MachineOptions = { trace: false, hash: false, keep: 0 };
const traced: MachineOptions = { trace: true, hash: false, keep: 0 };
const hashed: MachineOptions = { trace: true, hash: true, keep: 0 };

/** The floor: generators resumed in turn, nothing else. */
function roundRobin(tasks: number): () => void {
  return () => {
    let count = 0;
    function* spin() {
      for (;;) {
        count++;
        yield;
      }
    }
    const all = Array.from({ length: tasks }, spin);
    for (let i = 0; count < OPS; i = i + 1 === tasks ? 0 : i + 1) (all[i] as Generator).next();
  };
}

/** A machine that is powered on anew for every run, outside the timed part as far as the library lets us. */
function machine(app: App, options: MachineOptions): () => void {
  let m: Machine | undefined;
  return () => {
    if (m) m.powerOn();
    else m = boot(app, options);
    m.run();
  };
}

/** `tasks` tasks that yield to one another. */
const yielding =
  (tasks: number): App =>
  (system) => {
    for (let t = 0; t < tasks; t++) {
      system.task(`t${t}`, { slice: 0 }, function* (self) {
        for (let i = 0; i < OPS / tasks; i++) yield* self.yield();
      });
    }
  };

/** Two tasks that hand a unit to and fro: OPS switches. */
const pingPong: App = (system) => {
  const ping = system.semaphore();
  const pong = system.semaphore();
  system.task("ping", { slice: 0 }, function* () {
    for (let i = 0; i < OPS / 2; i++) {
      yield* ping.give();
      yield* pong.take();
    }
  });
  system.task("pong", { slice: 0 }, function* () {
    for (let i = 0; i < OPS / 2; i++) {
      yield* ping.take();
      yield* pong.give();
    }
  });
};

/** One task, calls that never block: OPS calls. */
const giveTake: App = (system) => {
  const sem = system.semaphore();
  system.task("alone", { slice: 0 }, function* () {
    for (let i = 0; i < OPS / 2; i++) {
      yield* sem.give();
      yield* sem.take();
    }
  });
};

const pipeOf =
  (bytes: number, writes: number): App =>
  (system) => {
    const pipe = system.pipe({ capacity: 4096 });
    system.task("writer", { slice: 0, writes: [pipe], storage: bytes + 8 }, function* (self) {
      const buffer = self.buffer(bytes);
      for (let i = 0; i < writes; i++) yield* pipe.write(buffer);
    });
    system.task("reader", { slice: 0, reads: [pipe], storage: 4104 }, function* (self) {
      const buffer = self.buffer(4096);
      while ((yield* pipe.read(buffer)) > 0);
    });
  };

/** One task that sends a message and receives it: OPS / 2 of each. */
const messageAlone: App = (system) => {
  const queue = system.queue({ count: 8, size: 32, public: "both" });
  system.task("alone", { slice: 0 }, function* (self) {
    const message = self.buffer(32);
    for (let i = 0; i < OPS / 2; i++) {
      yield* queue.send(message);
      yield* queue.receive(message);
    }
  });
};

/** Two tasks that send a message to and fro: OPS / 2 of them. */
const messagePingPong: App = (system) => {
  const ping = system.queue({ count: 1, size: 32, public: "both" });
  const pong = system.queue({ count: 1, size: 32, public: "both" });
  system.task("ping", { slice: 0 }, function* (self) {
    const message = self.buffer(32);
    for (let i = 0; i < OPS / 4; i++) {
      yield* ping.send(message);
      yield* pong.receive(message);
    }
  });
  system.task("pong", { slice: 0 }, function* (self) {
    const message = self.buffer(32);
    for (let i = 0; i < OPS / 4; i++) {
      yield* ping.receive(message);
      yield* pong.send(message);
    }
  });
};

const SIGNALS = 20_000;
const signalSelf: App = (system) => {
  system.task("alone", { slice: 0 }, function* (self) {
    yield* self.signals.handle(SIGUSR1, function* () {});
    for (let i = 0; i < SIGNALS; i++) yield* self.signal(SIGUSR1);
  });
};

/** One task that adds to a word of a region. */
const wordAdd: App = (system) => {
  const region = system.region({ size: 8 });
  system.task("alone", { slice: 0, writes: [region] }, function* () {
    for (let i = 0; i < OPS; i++) yield* region.add(0, 1);
  });
};

/** Two tasks that wait for a word in turn, and wake each other: OPS / 2 changes of the word. */
const wordPingPong: App = (system) => {
  const region = system.region({ size: 8 });
  for (const turn of [0, 1]) {
    system.task(`turn ${turn}`, { slice: 0, writes: [region] }, function* () {
      const words = yield* region.view();
      for (let i = 0; i < OPS / 4; i++) {
        while (words.word(0) !== turn) yield* region.wait(0, 1 - turn);
        words.setWord(0, 1 - turn);
        yield* region.wake(0);
      }
    });
  }
};

/** One task that asks for RAM and gives it back. */
const allocFree: App = (system) => {
  system.task("alone", { slice: 0 }, function* (self) {
    for (let i = 0; i < SIGNALS; i++) yield* self.free((yield* self.alloc(128)) as View);
  });
};

/** Two tasks that set each other's thread flags: OPS / 2 times. */
const flagsPingPong: App = (system) => {
  const tasks: Task[] = [];
  for (const own of [0, 1]) {
    tasks.push(
      system.task(`t${own}`, { slice: 0 }, function* (self) {
        for (let i = 0; i < OPS / 4; i++) {
          yield* (tasks[1 - own] as Task).setFlags(1);
          yield* self.waitFlags(1, CLEAR);
        }
      }),
    );
  }
};
const CLEAR = { clear: true };

const LETTERS = 40_000;
/** A block goes from one task to another and back to its pool. */
const mailboxOf =
  (bytes: number): App =>
  (system) => {
    const pool = system.pool({ count: 2, size: bytes });
    const box = system.mailbox();
    system.task("receiver", { slice: 0, priority: 9, reads: [box] }, function* () {
      for (let i = 0; i < LETTERS; i++) yield* ((yield* box.receive()) as Block).free();
    });
    system.task("sender", { slice: 0, priority: 8, writes: [box] }, function* () {
      for (let i = 0; i < LETTERS; i++) yield* box.send((yield* pool.alloc()) as Block);
    });
  };

const BROADCASTS = 4_000;
/** One copy for `receivers` tasks, each of which frees it. */
const broadcastTo =
  (receivers: number): App =>
  (system) => {
    const pool = system.pool({ count: 2, size: 64 });
    const box = system.mailbox();
    for (let t = 0; t < receivers; t++) {
      system.task(`r${t}`, { slice: 0, priority: 9, reads: [box] }, function* () {
        for (let i = 0; i < BROADCASTS; i++) yield* ((yield* box.receive()) as Block).free();
      });
    }
    system.task("sender", { slice: 0, priority: 8, writes: [box] }, function* () {
      for (let i = 0; i < BROADCASTS; i++) yield* box.broadcast((yield* pool.alloc()) as Block);
    });
  };

const POLLS = 20_000;
/** A poll of `count` semaphores of which the last becomes ready; what it finds is taken. */
const pollOf =
  (count: number): App =>
  (system) => {
    const sems = Array.from({ length: count }, () => system.semaphore());
    const last = sems[count - 1] as Semaphore;
    system.task("poller", { slice: 0, priority: 9, storage: 1024 }, function* (self) {
      const set = self.pollSet(sems.map((read) => ({ read })));
      for (let i = 0; i < POLLS; i++) {
        yield* set.wait();
        yield* last.take();
      }
    });
    system.task("giver", { slice: 0, priority: 8 }, function* () {
      for (let i = 0; i < POLLS; i++) yield* last.give();
    });
  };

const SLEEPER_TICKS = 10_000;
const sleepers: App = (system) => {
  for (let t = 0; t < 60; t++) {
    system.task(`s${t}`, { storage: 0 }, function* (self) {
      for (let i = 0; i < SLEEPER_TICKS / (t + 1); i++) yield* self.sleep(t + 1);
    });
  }
};

const nothing: App = (system) => {
  system.task("nothing", {}, function* () {});
};

function powerOns(): () => void {
  const m = boot(nothing, quiet);
  return () => {
    for (let i = 0; i < 100; i++) m.powerOn();
  };
}

const cases: Case[] = [
  { name: "bare generators, 2", ops: OPS, run: roundRobin(2) },
  { name: "bare generators, 64", ops: OPS, run: roundRobin(64) },
  ...[2, 8, 64].map((n) => ({ name: `yield switch, ${n} tasks`, ops: OPS, run: machine(yielding(n), quiet), app: yielding(n) })),
  { name: "yield switch, 2 tasks, trace", ops: OPS, run: machine(yielding(2), traced) },
  { name: "yield switch, 2 tasks, trace + hash", ops: OPS, run: machine(yielding(2), hashed) },
  { name: "semaphore ping-pong switch", ops: OPS, run: machine(pingPong, quiet), app: pingPong },
  { name: "semaphore ping-pong switch, trace + hash", ops: OPS, run: machine(pingPong, hashed) },
  { name: "call that does not block", ops: OPS, run: machine(giveTake, quiet), app: giveTake },
  { name: "call that does not block, trace", ops: OPS, run: machine(giveTake, traced) },
  { name: "call that does not block, trace + hash", ops: OPS, run: machine(giveTake, hashed) },
  { name: "pipe write of 1 byte, with its read", ops: 40_000, run: machine(pipeOf(1, 40_000), quiet) },
  { name: "pipe write of 64 bytes, with its read", ops: 20_000, run: machine(pipeOf(64, 20_000), quiet) },
  { name: "pipe write of 4096 bytes, with its read", ops: 5_000, run: machine(pipeOf(4096, 5_000), quiet) },
  { name: "message of 32 bytes, send + receive", ops: OPS / 2, run: machine(messageAlone, quiet), app: messageAlone },
  { name: "message of 32 bytes, ping-pong", ops: OPS / 2, run: machine(messagePingPong, quiet), app: messagePingPong },
  { name: "signal to self with a handler", ops: SIGNALS, run: machine(signalSelf, quiet), app: signalSelf },
  { name: "thread flags ping-pong", ops: OPS / 2, run: machine(flagsPingPong, quiet), app: flagsPingPong },
  { name: "shared region: add to a word", ops: OPS, run: machine(wordAdd, quiet), app: wordAdd },
  { name: "shared region: a word handed to and fro, with wakes", ops: OPS / 2, run: machine(wordPingPong, quiet), app: wordPingPong },
  { name: "RAM, alloc + free of 128 bytes", ops: SIGNALS, run: machine(allocFree, quiet), app: allocFree },
  ...[64, 4096].map((n) => ({
    name: `mailbox, block of ${n} bytes: alloc, send, receive, free`,
    ops: LETTERS,
    run: machine(mailboxOf(n), quiet),
    app: mailboxOf(n),
  })),
  ...[1, 8, 32].map((n) => ({ name: `broadcast to ${n}, each frees it`, ops: BROADCASTS, run: machine(broadcastTo(n), quiet) })),
  ...[1, 8, 32].map((n) => ({
    name: `poll of ${n} objects, blocked and woken`,
    ops: POLLS,
    run: machine(pollOf(n), quiet),
    app: pollOf(n),
  })),
  { name: "tick with 60 sleepers", ops: SLEEPER_TICKS, run: machine(sleepers, quiet) },
  { name: "power-on", ops: 100, run: powerOns() },
  ...networkCases,
  ...threadMetricCases,
];

/** Nanoseconds an operation, by the library's median over runs. */
async function measure(chosen: readonly Case[]): Promise<number[]> {
  const bench = new Bench({ time: Number(process.env.BENCH_MS ?? 400), warmupTime: 200 });
  for (const [i, { name, run }] of chosen.entries()) bench.add(`${i} ${name}`, run);
  await bench.run();
  return bench.tasks.map(({ result }, i) => {
    if (!("latency" in result)) throw new Error(`${chosen[i]?.name} did not run`);
    return (result.latency.p50 * 1e6) / (chosen[i] as Case).ops;
  });
}

/** Bytes of the host's heap that one operation of a warm machine takes: 0 but for noise. */
function bytesPerOperation(app: App, ops: number): number {
  const m = boot(app, quiet);
  m.run();
  m.powerOn();
  m.advance({ dispatches: 1000 });
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  m.run();
  return (process.memoryUsage().heapUsed - before) / ops;
}

function perSecond(rate: number): string {
  return rate > 1e6 ? `${(rate / 1e6).toFixed(1)} M/s` : `${(rate / 1e3).toFixed(1)} k/s`;
}

/** One case beside the floor, in a process of its own: the machines of other cases would make the same code slower. */
async function child(index: number): Promise<void> {
  const chosen = cases[index] as Case;
  const [floor, ns] = (await measure([cases[0] as Case, chosen])) as [number, number];
  const rate = 1e9 / ns;
  const unit = chosen.bytes ? `${((chosen.bytes * rate) / 1e6).toFixed(0)} MB/s` : perSecond(rate);
  const heap = chosen.app ? `${bytesPerOperation(chosen.app, chosen.ops).toFixed(2)} B heap` : "";
  const row = [
    chosen.name.padEnd(54),
    `${ns.toFixed(1).padStart(9)} ns`,
    unit.padStart(11),
    `${(ns / floor).toFixed(2).padStart(8)} x floor`,
    heap,
  ];
  console.log(row.join(" ").trimEnd());
}

const [, script, only, index] = process.argv;
if (only === "--case") {
  await child(Number(index));
} else if (only === "--tax") {
  await printTax();
} else {
  console.log("floor: two bare generators, resumed in turn; heap: bytes of the host's heap an operation takes");
  cases.forEach(({ name }, i) => {
    if (only && !name.includes(only)) return;
    execFileSync(process.execPath, [...process.execArgv, script as string, "--case", String(i)], { stdio: "inherit" });
  });
  if (!only || "preemption tax".includes(only)) {
    execFileSync(process.execPath, [...process.execArgv, script as string, "--tax"], { stdio: "inherit" });
  }
}
