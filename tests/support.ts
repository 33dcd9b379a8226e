/** What the tests share: a run under the debug kernel that asks for every invariant after every step. */
import * as assert from "uvu/assert";
import {
  type App,
  boot,
  type Call,
  CallError,
  type Firmware,
  type Machine,
  type MachineOptions,
  type Reason,
  type System,
  type Task,
} from "../hal/host/index.js";
import { layout } from "../kernel/abi/host.js";

/** A clause of a behaviour row, in a few words; `opens` says what must exist before it can be proven. */
export type Clause = string | { claim: string; opens: string };
export type Clauses = Record<string, Clause>;

/** A finished run and what the tasks noted, in order. */
export interface Played {
  machine: Machine;
  reason: Reason;
}

/**
 * Boots the app on the debug kernel and runs it to its end, checking every invariant after every step. A failing task fails the
 * test, and so does an end other than `ends`: or else a task that waits for ever would skip its claims unnoticed.
 */
export function play(app: App | Firmware, options: MachineOptions = {}, ends: Reason = "finished"): Played {
  const machine = boot(app, { kernel: "debug", ...options });
  const reason = finish(machine);
  if (reason !== ends) throw new Error(`the run ended with "${reason}" instead of "${ends}" at cycle ${machine.cycles}`);
  return { machine, reason };
}

/** Runs a machine on to its end, checking every invariant after every step. */
export function finish(machine: Machine): Reason {
  for (;;) {
    const reason = machine.advance({ dispatches: 1 });
    const broken = machine.check();
    if (broken !== 0) throw new Error(`invariant ${broken >> 8} is broken (at ${broken & 255}) at cycle ${machine.cycles}`);
    const failure = machine.failures[0];
    if (failure) throw failure.error;
    if (reason !== "budget") return reason;
  }
}

/** The default rules, and twenty seeds of the oracle. */
export const ORACLES: MachineOptions[] = [{}, ...Array.from({ length: 20 }, (_, i) => ({ seed: i + 1 }))];

/** The same until every task has ended: one that waits for ever fails the test. */
export function playOut(app: App, options?: MachineOptions): Played {
  const played = play(app, options);
  assert.is(played.reason, "finished");
  return played;
}

/** Plays the app to its end under every schedule: each time its tasks note the same. `run` is what plays it. */
export function always(
  describe: (system: System, log: unknown[]) => void,
  expected: unknown[],
  schedules: readonly MachineOptions[] = ORACLES,
  run: (app: App, options: MachineOptions) => unknown = playOut,
): void {
  for (const options of schedules) {
    const log: unknown[] = [];
    run((system) => describe(system, log), options);
    assert.equal(log, expected, JSON.stringify(options));
  }
}

/** The same for an app in which one task fails: the others go on. */
export function playFailing(app: App): void {
  const machine = boot(app, { kernel: "debug", onFailure: "report" });
  assert.is(machine.run(), "finished");
  assert.is(machine.failures.length, 1);
  assert.is(machine.check(), 0);
}

/** The code of the misuse that a call throws. */
export function* misuse(call: () => Call<unknown>) {
  try {
    yield* call();
  } catch (error) {
    if (error instanceof CallError) return error.code;
    throw error;
  }
  return "none";
}

/** The priority at which the task runs now, its own or a higher one that it has for a while. */
export function urgency({ machine, handle }: Task): number {
  return machine.u8[machine.taskRecord(handle & 0xff) + layout.Task.priority] as number;
}
