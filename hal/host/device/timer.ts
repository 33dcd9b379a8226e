/**
 * A timer device: raises its line every so many cycles, finer than the tick. With `jitter`, each expiry falls somewhere in a
 * window behind its time, which the oracle chooses; the times themselves do not drift.
 */
import { NEVER } from "../../map.js";
import { AppError } from "../errors.js";
import type { Machine } from "../machine.js";
import { Question } from "../oracle.js";
import { Device } from "./device.js";

/** PERIOD in cycles; CONTROL 1 runs, 3 runs once, 0 stops; COUNT of expiries, written to reset. */
export const TimerRegister = { PERIOD: 0, CONTROL: 1, COUNT: 2 } as const;
const R = TimerRegister;

export interface HardwareTimerOptions {
  /** Interrupt line, default 26. */
  line?: number;
  /** Cycles by which an expiry may be late. */
  jitter?: number;
}

const LINE = 26;
const RUNS = 1;
const ONCE = 2;

export class HardwareTimer extends Device {
  protected override readonly reads = [R.PERIOD, R.CONTROL, R.COUNT];
  protected override readonly writes = [R.PERIOD, R.CONTROL, R.COUNT];
  readonly #jitter: number;
  #period = 0;
  #control = 0;
  #count = 0;
  /** When the next expiry is due, jitter left out. */
  #due = NEVER;

  constructor(machine: Machine, options: HardwareTimerOptions) {
    super(machine, "timer", options.line ?? LINE);
    this.#jitter = options.jitter ?? 0;
    if (!Number.isInteger(this.#jitter) || this.#jitter < 0) {
      throw new AppError(`jitter is ${this.#jitter} cycles: give a whole number, 0 or more`);
    }
  }

  override fire(): void {
    this.#count++;
    if (this.#control & ONCE) this.#stop();
    else this.#plan(this.#due + this.#period);
    this.raise();
  }

  protected override load(register: number): number {
    if (register === TimerRegister.PERIOD) return this.#period;
    if (register === TimerRegister.CONTROL) return this.#control;
    if (register === TimerRegister.COUNT) return this.#count;
    throw new AppError(`the timer has no register ${register}`);
  }

  protected override store(register: number, value: number): void {
    if (register === TimerRegister.PERIOD) this.#period = checked(value);
    else if (register === TimerRegister.COUNT) this.#count = value;
    else if (register === TimerRegister.CONTROL) this.#command(value);
    else throw new AppError(`the timer has no register ${register}`);
  }

  override save(): unknown {
    return { period: this.#period, control: this.#control, count: this.#count, due: this.#due, next: this.next };
  }

  override restore(state: unknown): void {
    const s = state as { period: number; control: number; count: number; due: number; next: number };
    this.#period = s.period;
    this.#control = s.control;
    this.#count = s.count;
    this.#due = s.due;
    this.schedule(s.next);
  }

  #command(value: number): void {
    this.#control = value;
    if (!(value & RUNS)) {
      this.#stop();
      return;
    }
    checked(this.#period);
    this.#plan(this.machine.cycles + this.#period);
  }

  #plan(due: number): void {
    this.#due = due;
    this.schedule(due + (this.#jitter > 0 ? this.machine.oracle.choose(Question.WINDOW, this.#jitter + 1) : 0));
  }

  #stop(): void {
    this.#control = 0;
    this.#due = NEVER;
    this.schedule(NEVER);
  }
}

function checked(period: number): number {
  if (period === 0) throw new AppError("the timer's PERIOD is 0: write the cycles from one expiry to the next before CONTROL");
  return period;
}
