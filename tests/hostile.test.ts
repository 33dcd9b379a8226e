/**
 * What the kernel answers to callers that mean it no good: every call of the table where it is legal and where it is not, spawned tasks
 * with senseless parameters, and a riot of tasks, handlers and a callback. What odd arguments do, call by call, is in edges.test.ts.
 */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  boot,
  EINTR,
  type Machine,
  type Parked,
  type Reason,
  type Self,
  SIGALRM,
  SIGCHLD,
  SIGCONT,
  SIGHUP,
  SIGINT,
  SIGKILL,
  SIGPIPE,
  SIGSTOP,
  SIGTERM,
  SIGTSTP,
  SIGUSR1,
  SIGUSR2,
  type System,
} from "../hal/host/index.js";
import { Stream } from "../hal/host/oracle.js";
import { EPERM, layout } from "../kernel/abi/host.js";
import { type Call, calls } from "../kernel/abi/table.js";
import { type Armoury, arm, legality, MAX, MIN, mayAnswer, odd, parameters, table, waits } from "./armoury.js";
import { type CallName, noting, raw } from "./probe.js";
import { seeds } from "./seed.js";
import { play } from "./support.js";

const test = suite("hostile");
/** Connections to 10.0.0.2 go nowhere, and are given up soon. */
const NETWORK = { address: "10.0.0.1", giveUp: 20, ephemeralPorts: [1000, 1050] as const };
/** task_exit answers nobody; its legality has a test of its own. */
const answering = table.filter(([name]) => name !== "task_exit");

/** Arguments that are refused wherever the call is legal, but not with EPERM; `ticks` is how long it would wait. */
function refusedArguments(name: CallName, call: Call, ticks: number): number[] {
  if (name === "task_sleep") return [ticks];
  if (name === "signal_suspend") return [0];
  const refused: Record<string, number> = { i32: -1, u32: -1, place: -1, port: -1, timeout: ticks, name: 3, "out32?": 3 };
  for (const name of ["address", "block", "storage"]) refused[name] = -1;
  return parameters(call).map((type) => refused[type] ?? 0);
}

/** Holds an answer against the table. */
function judge(name: CallName, call: Call, letters: string, ticks: number, result: number): void {
  const legal = legality(call, letters);
  const refused = legal === "never" || (legal === "without waiting" && ticks !== 0);
  const what = `${name} in context ${letters}${waits(name, call) ? ` for ${ticks} ticks` : ""} answers ${result}`;
  if (refused) assert.is(result, EPERM, what);
  else assert.is.not(result, EPERM, what);
}

/** Makes every call of the table in the context that the caller is in. */
function* everyCall(machine: Machine, letters: string): Generator<Parked, void, unknown> {
  for (const [name, call] of answering) {
    for (const ticks of waits(name, call) ? [0, 1, -1] : [0]) {
      // Where a sleep is legal it would be one: -1 is no number of ticks.
      if (name === "task_sleep" && ticks < 0) continue;
      // Nothing but a signal ends it.
      if (name === "signal_suspend" && legality(call, letters) === "always") yield* raw(machine, "task_alarm", 1);
      judge(name, call, letters, ticks, yield* raw(machine, name, ...refusedArguments(name, call, ticks)));
    }
  }
}

test("ERR-08a IRQ-04a in an interrupt handler every call is legal exactly where the table says", () => {
  let done = false;
  play((system) => {
    const { machine } = system.semaphore();
    system.interrupt(1, {}, function* () {
      yield* everyCall(machine, "I");
      assert.is(yield* raw(machine, "task_exit", 0), EPERM);
      done = true;
    });
    system.task("raiser", {}, function* (self) {
      yield* self.raise(1);
    });
  });
  assert.ok(done);
});

test("ERR-08b IRQ-04b under a scheduler lock every call is legal exactly where the table says", () => {
  play((system) => {
    system.task("locker", {}, function* (self) {
      yield* self.lockScheduler();
      yield* everyCall(self.machine, "TL");
      assert.is(yield* self.unlockScheduler(), 0);
    });
  });
});

test("ERR-08c IRQ-04c under an interrupt lock every call is legal exactly where the table says", () => {
  play((system) => {
    system.task("locker", {}, function* (self) {
      yield* self.lockInterrupts();
      yield* everyCall(self.machine, "TL");
      assert.is(yield* self.unlockInterrupts(), 0);
    });
  });
});

test("ERR-08d IRQ-04d in a timer's callback every call is legal exactly where the table says", () => {
  let done = false;
  play((system) => {
    const timer = system.timer({
      *call(service) {
        for (const [name, call] of answering) {
          // It would end this callback.
          if (name === "timer_service") continue;
          for (const ticks of waits(name, call) ? [0, 1, -1] : [0]) {
            judge(name, call, "TC", ticks, yield* raw(service.machine, name, ...refusedArguments(name, call, ticks)));
          }
        }
        done = true;
      },
    });
    system.task("starter", {}, function* (self) {
      yield* timer.start(1);
      yield* self.sleep(2);
    });
  });
  assert.ok(done);
});

test("ERR-08e IRQ-04e in the system description every call is legal exactly where the table says", () => {
  play((system) => {
    const { machine } = system.semaphore();
    for (const [name, call] of table) {
      for (const ticks of waits(name, call) ? [0, 1, -1] : [0]) {
        const make = machine.kernel[name] as (...args: number[]) => number;
        judge(name, call, "S", ticks, make(...refusedArguments(name, call, ticks)));
      }
    }
    system.task("t", {}, noting([], 0));
  });
});

test("ERR-08f IRQ-04f in a task every call is legal exactly where the table says", () => {
  play((system) => {
    system.task("t", {}, function* (self) {
      yield* self.signals.handle(SIGALRM, noting([], 0));
      yield* everyCall(self.machine, "T");
    });
  });
});

test("ERR-08g IRQ-04g in a signal handler every call is legal exactly where the table says", () => {
  let done = false;
  const { machine } = play((system) => {
    system.task("t", {}, function* (self) {
      yield* self.signals.handle(SIGALRM, noting([], 0));
      yield* self.signals.handle(SIGUSR1, function* (me) {
        yield* everyCall(me.machine, "TH");
        yield* me.signals.handle(SIGUSR2, noting([], 0));
        yield* me.signals.mask(SIGUSR2);
        yield* me.signal(SIGUSR2);
        assert.is(yield* me.signals.suspend(0), EINTR);
        yield* me.lockScheduler();
        yield* everyCall(me.machine, "THL");
        yield* me.unlockScheduler();
        done = true;
        yield* raw(me.machine, "task_exit", 5);
      });
      yield* self.signal(SIGUSR1);
    });
  });
  assert.ok(done);
  assert.is(machine.task("t").status, 5);
});

test("ERR-08d task_exit is legal in a task, under both locks and in a callback, and ends it there", () => {
  assert.is(calls.task_exit.in, "THLC");
  for (const where of ["task", "scheduler", "interrupts", "callback"] as const) {
    const { machine } = play((system) => {
      const timer = system.timer({
        *call(service) {
          yield* raw(service.machine, "task_exit", 5);
        },
      });
      system.task("t", {}, function* (self) {
        if (where === "scheduler") yield* self.lockScheduler();
        if (where === "interrupts") yield* self.lockInterrupts();
        if (where !== "callback") yield* raw(self.machine, "task_exit", 5);
        yield* timer.start(1);
        yield* self.sleep(3);
      });
    });
    assert.is(machine.task(where === "callback" ? "timer service" : "t").status, 5, where);
  }
});

/** Lets callers go on whatever they did to themselves, for as long as they live. */
function rescuer(system: System, callers: readonly { handle: number }[]): void {
  system.task("rescuer", { priority: 0, daemon: true }, function* ({ machine }) {
    for (;;) {
      for (const { handle } of callers) {
        yield* raw(machine, "wait_abort", handle);
        yield* raw(machine, "task_resume", handle);
        yield* raw(machine, "signal_send", handle, SIGCONT);
        yield* raw(machine, "task_priority", handle, 30);
      }
      yield* raw(machine, "task_compute", 10);
      yield* raw(machine, "task_yield");
    }
  });
}

/** Calls that answer a new handle. */
const created = /_create$|_accept$/;

/** The errors of a call, illegal in its context or not. */
function allErrors(call: Call): Set<number> {
  return new Set([...mayAnswer(call), EPERM]);
}

/** Runs a machine whose tasks may fail as long as those that are named do not (mortals may be ended, though), and asks for every invariant after every step. */
const ENDS = ["exited", "signalled"];

function survive(machine: Machine, names: readonly string[], mortals: readonly string[] = []): void {
  let reason: Reason;
  do {
    reason = machine.advance({ dispatches: 1 });
    assert.is(machine.check(), 0);
    const failure = machine.failures.find(({ task, error }) => {
      return names.includes(task) || mortals.includes(task) || error instanceof WebAssembly.RuntimeError;
    });
    if (failure) throw failure.error;
    // Tasks that these spawned may wait for ever.
  } while (reason === "budget" && names.some((name) => !ENDS.includes(machine.task(name).state)));
  // Whoever draws a timer or an alarm may draw the signal that ends one of the others.
  for (const name of names)
    assert.ok(mortals.length > 0 ? ENDS.includes(machine.task(name).state) : machine.task(name).state === "exited", name);
}

test("a task can be spawned with any parameters, and at worst fails itself", () => {
  const fields = Object.entries(layout.Spawn).filter(([field]) => field !== "bytes");
  const machine = boot(
    (system) => {
      system.task("entry 0", { priority: 63 }, noting([], 0));
      const { armoury } = arm(system);
      const values = [...armoury.pointers, 2, 3, 63, 64, 65535, 65536];
      system.task("caller", { priority: 30 }, function* (self) {
        const record = self.buffer(layout.Spawn.bytes);
        for (const [field] of fields) {
          for (const value of values) {
            for (const [other, at] of fields) record.setWord(at, other === field ? value : other === "threshold" ? -1 : 0);
            const result = yield* raw(self.machine, "task_spawn", record.address);
            assert.is(self.machine.check(), 0, `${field} ${value}`);
            assert.ok(result > 0 || allErrors(calls.task_spawn).has(result), `${field} ${value}: ${result}`);
            if (result > 0) assert.is(yield* raw(self.machine, "task_terminate", result), 0);
            if (result > 0 && (value & 1) === 0) yield* raw(self.machine, "task_detach", result);
            else if (result > 0) yield* raw(self.machine, "task_join", result, 0, 0);
          }
        }
      });
    },
    { kernel: "debug", onFailure: "report" },
  );
  survive(machine, ["caller"]);
});

/** Calls that wait or end waits; half of all draws are among them. */
const lively = table.filter(([name, call]) => waits(name, call) || /_(give|set|signal|broadcast|unlock|write|yield)$/.test(name));
const unlocks: Partial<Record<CallName, CallName>> = { scheduler_lock: "scheduler_unlock", interrupt_lock: "interrupt_unlock" };

/** Odd numbers none of which is a signal that ends a task. */
const NUMBERS = [0, 1, 2, 63, 64, -1, MAX, MIN];
/** Signals that rioters send, and those of them that end a task whatever it does. */
const SENT = [0, SIGUSR1, SIGUSR1, SIGUSR2, SIGCHLD, SIGSTOP, SIGTSTP, SIGCONT, SIGCONT, SIGKILL];
const ENDING = [SIGKILL];

/** Rioters that are signalled riot in their handlers, too. */
function* riotInHandlers(self: Self, riots: Riot): Generator<Parked, void, unknown> {
  for (const signal of [SIGHUP, SIGINT, SIGALRM, SIGPIPE]) yield* self.signals.ignore(signal);
  yield* self.signals.handle(SIGUSR1, () => riot(riots, 4), { restart: true });
  yield* self.signals.handle(SIGUSR2, () => riot(riots, 4), { mask: [SIGUSR1] });
}

/** What rioters share: the stream they draw from, and tasks that may not be ended. */
interface Riot extends Armoury {
  machine: Machine;
  stream: Stream;
  protected: Set<number>;
}

/** Makes a number of calls, each drawn with its arguments, and judges what can be judged. New objects become targets in turn. */
function* riot(
  { machine, stream, handles, pointers, blocks, items, protected: immortal }: Riot,
  count: number,
): Generator<Parked, void, unknown> {
  for (let i = 0; i < count; i++) {
    const from = stream.below(2) === 0 ? table : lively;
    let [name, call] = from[stream.below(from.length)] as [CallName, Call];
    const unlock = unlocks[name];
    if (unlock && stream.below(8) > 0) [name, call] = [unlock, calls[unlock]];
    if (name === "task_exit") continue;
    const args = parameters(call).map((type) => {
      const values = type === "i32" || type === "u32" ? NUMBERS : odd(type, { handles, pointers, blocks, items });
      // Three of four draws are the first value, a live handle or good memory; or else most calls would be refused.
      const first = type !== "timeout" && type !== "task" && stream.below(4) > 0;
      return (first ? values[0] : values[stream.below(values.length)]) as number;
    });
    if (name === "task_compute") args[0] = stream.below(20000);
    if (name === "signal_send") args[1] = SENT[stream.below(SENT.length)] as number;
    const spares = name === "task_terminate" || (name === "signal_send" && ENDING.includes(args[1] as number));
    if (spares && (args[0] === 0 || immortal.has(args[0] as number))) continue;
    // Only a signal that nobody sends changes what it does: the callers must not be ended.
    if (name === "signal_action") args[0] = SIGTERM;
    const result = yield* raw(machine, name, ...args);
    assert.is(machine.check(), 0, `${name}(${args}) answers ${result} and breaks an invariant`);
    if (result < 0) assert.ok(allErrors(call).has(result), `${name}(${args}) answers ${result}, which is not in its row`);
    const targets = handles[name.split("_")[0] as string];
    if (result <= 0 || !created.test(name) || targets === undefined) continue;
    const old = targets[0] as number;
    targets[0] = result;
    yield* raw(machine, "object_delete", old);
  }
}

test("tasks, handlers and a callback that call at random, and end one another, never break the kernel, under any oracle", () => {
  let exited = 0;
  for (const seed of seeds(12)) {
    const names = ["first", "second", "third"];
    const mortals = Array.from({ length: 8 }, (_, i) => `mortal ${i}`);
    const machine = boot(
      (system) => {
        system.task("entry 0", { priority: 63, daemon: true }, noting([], 0));
        const { machine, armoury, open } = arm(system);
        const all: Riot = { ...armoury, machine, stream: new Stream(seed, 9), protected: new Set() };
        for (let line = 3; line < 6; line++) system.interrupt(line, { priority: line }, () => riot(all, 5));
        const timer = system.timer({ call: () => riot(all, 5) });
        const hardware = system.hardwareTimer({ line: 4, jitter: 500 });
        const callers = names.map((name, i) =>
          system.task(name, { priority: 10 + 10 * i, slice: 1, ...open }, function* (self) {
            yield* riotInHandlers(self, all);
            if (i === 0) {
              yield* timer.start(1, 3);
              yield* hardware.write(0, 7001);
              yield* hardware.write(1, 1);
            }
            yield* riot(all, 600);
          }),
        );
        const ended = mortals.map((name, i) =>
          system.task(name, { priority: 8 + 7 * i, daemon: true, ...open }, function* (self) {
            yield* riotInHandlers(self, all);
            yield* riot(all, 400);
          }),
        );
        all.protected = new Set(callers.map((caller) => caller.handle));
        (all.handles.task as number[]).unshift(...ended.map((task) => task.handle));
        (all.handles.task as number[]).push(...all.protected);
        (all.handles.timer as number[]).push(timer.handle);
        rescuer(system, [...callers, ...ended]);
      },
      { ...NETWORK, kernel: "debug", onFailure: "report", keep: 16, ...(seed % 3 === 0 ? {} : { seed }) },
    );
    survive(machine, names, mortals);
    for (const name of names) {
      if (machine.task(name).state !== "exited") continue;
      exited++;
      assert.ok(machine.task(name).switches > 10, `${name} got the CPU ${machine.task(name).switches} times`);
    }
  }
  assert.ok(exited >= 24, `${exited} of 36 made all their calls`);
});

test.run();
