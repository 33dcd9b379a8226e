/** The timer service: a task of priority 63 that runs the callbacks of timers, in order of expiry. */
import { layout } from "../../../kernel/abi/host.js";
import { AppError } from "../errors.js";
import type { Machine } from "../machine.js";
import { System } from "./system.js";
import type { Self } from "./task.js";
import type { TimerAction } from "./timer.js";

export type Callback = Extract<TimerAction, { call: unknown }>["call"];

const PRIORITY = 63;

export class TimerService {
  readonly #machine: Machine;
  readonly #callbacks: Callback[] = [];

  constructor(machine: Machine) {
    this.#machine = machine;
    if (!machine.describing) {
      throw new AppError("the first timer with a callback must be made in the system description: it brings the timer service");
    }
    const service = this;
    new System(machine, []).task("timer service", { priority: PRIORITY, slice: 0, daemon: true }, function* (self) {
      yield* service.#serve(self);
    });
  }

  /** The callback's number, as the kernel knows it. */
  add(callback: Callback): number {
    return this.#callbacks.push(callback) - 1;
  }

  *#serve(self: Self) {
    const { bytes, entry } = layout.Callback;
    const out = self.buffer(bytes);
    for (;;) {
      const called = yield* this.#machine.enter().make(
        "timer service",
        (k) => k.timer_service(out.address, -1),
        (r) => r,
      );
      // A handler that a callback installed has run, or somebody aborted the wait.
      if (called < 0) continue;
      const steps = this.#callbacks[out.word(entry)]?.(self);
      if (steps) yield* steps;
    }
  }
}
