/** What the tests share: a run under the debug kernel that asks for every invariant after every step. */
import type { App, MachineOptions, Reason } from "../hal/host/index.js";
import { boot, type Machine } from "../hal/host/index.js";

/** A clause of a behaviour row, in a few words; `opens` says what must exist before it can be proven. */
export type Clause = string | { claim: string; opens: string };
export type Clauses = Record<string, Clause>;

/** A finished run and what the tasks noted, in order. */
export interface Played {
  machine: Machine;
  reason: Reason;
}

/** Boots the app on the debug kernel and runs it to its end, checking every invariant after every step. A failing task fails the test. */
export function play(app: App, options: MachineOptions = {}): Played {
  const machine = boot(app, { kernel: "debug", ...options });
  return { machine, reason: finish(machine) };
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
