import { layout, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, type Parked, spec } from "../call.js";
import { wholeNumber } from "./check.js";
import type { EventFlags } from "./event.js";
import { KernelObject } from "./object.js";
import type { Semaphore } from "./semaphore.js";
import type { Self, Task } from "./task.js";

/** What a timer does at each expiry: exactly one of these. */
export type TimerAction =
  | { give: Semaphore }
  | { set: EventFlags; bits: number }
  | { signal: number; to: Task }
  | { flags: number; to: Task }
  | { call: (service: Self) => Generator<Parked, unknown, unknown> | undefined | undefined };

export type TimerOptions = { name?: string } & TimerAction;

const timerStart = spec("timer.start", (k, handle, first, period) => k.timer_start(handle, first, period));
const timerStop = spec("timer.stop", (k, handle) => k.timer_stop(handle));
const timerCount = spec("timer.expiries", (k, handle) => k.timer_count(handle));
const timerOverruns = spec("timer.overruns", (k, handle) => k.timer_overruns(handle));

/** A one-shot or periodic timer. */
export class Timer extends KernelObject {
  /** First expiry after `first` ticks (at least 1), then every `period` ticks; without a period only once. */
  start(first: number, period = 0): Call<0> {
    wholeNumber("timer.start: its first number of ticks", first);
    wholeNumber("timer.start: its period", period);
    const p = this.machine.enter();
    const r = this.machine.kernel.timer_start(this.handle, first, period);
    return r === SWITCH ? p.block(timerStart, this.handle, first, period) : p.settle(r, timerStart);
  }

  /** It does not expire any more. Answers 1 if it was running. */
  stop(): Call<0 | 1> {
    const p = this.machine.enter();
    const r = this.machine.kernel.timer_stop(this.handle);
    return r === SWITCH ? p.block(timerStop, this.handle) : p.settle(r, timerStop);
  }

  /** Expiries since the last query. */
  expiries(): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.timer_count(this.handle);
    return r === SWITCH ? p.block(timerCount, this.handle) : p.settle(r, timerCount);
  }

  /** Expiries since the last query whose action could not be done: the callback before had not begun, the semaphore was full. */
  overruns(): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.timer_overruns(this.handle);
    return r === SWITCH ? p.block(timerOverruns, this.handle) : p.settle(r, timerOverruns);
  }

  /** Whether it runs now. For reports and tests. */
  get running(): boolean {
    return this.machine.u8[this.record + layout.Timer.running] === 1;
  }
}
