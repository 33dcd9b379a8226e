/**
 * A port of 32 pins. Outside drives inputs (the bench, at a cycle of its choice); a task drives outputs; an edge that is enabled
 * raises the line and stays pending until it is cleared.
 */
import { NEVER } from "../../map.js";
import { AppError } from "../errors.js";
import type { Machine } from "../machine.js";
import { Question } from "../oracle.js";
import { Device } from "./device.js";

/** IN: levels; OUT: outputs; RISE, FALL: edges that raise the line; PENDING: edges seen, written 1 to clear. */
export const GpioRegister = { IN: 0, OUT: 1, RISE: 2, FALL: 3, PENDING: 4 } as const;
const R = GpioRegister;

export interface GpioOptions {
  /** Interrupt line, default 25. */
  line?: number;
}

interface Edge {
  cycle: number;
  pin: number;
  level: boolean;
}

const LINE = 25;

export class Gpio extends Device {
  protected override readonly reads = [R.IN, R.OUT, R.RISE, R.FALL, R.PENDING];
  protected override readonly writes = [R.OUT, R.RISE, R.FALL, R.PENDING];
  #in = 0;
  #out = 0;
  #rise = 0;
  #fall = 0;
  #pending = 0;
  #edges: Edge[] = [];

  constructor(machine: Machine, options: GpioOptions) {
    super(machine, "gpio", options.line ?? LINE);
  }

  /**
   * Drives an input pin from outside at a cycle (default: now), or at one of the `window` cycles from then on, which the
   * oracle chooses. For the bench and for system descriptions.
   */
  drive(pin: number, level: boolean, cycle = this.machine.cycles, window = 0): void {
    if (!Number.isInteger(pin) || pin < 0 || pin > 31) throw new AppError(`pin is ${pin}: give 0 to 31`);
    if (!Number.isSafeInteger(cycle) || cycle < 0) throw new AppError(`cycle is ${cycle}: give a whole number, 0 or more`);
    if (!Number.isInteger(window) || window < 0) throw new AppError(`window is ${window}: give a whole number of cycles, 0 or more`);
    const at = cycle + (window > 0 ? this.machine.oracle.choose(Question.WINDOW, window + 1) : 0);
    if (at <= this.machine.cycles) {
      this.#set(pin, level);
      return;
    }
    this.#edges.push({ cycle: at, pin, level });
    this.#edges.sort((a, b) => a.cycle - b.cycle);
    this.schedule((this.#edges[0] as Edge).cycle);
  }

  /** The level of an output pin, as seen from outside. */
  level(pin: number): boolean {
    return ((this.#out >>> pin) & 1) === 1;
  }

  override fire(): void {
    while (this.#edges.length > 0 && (this.#edges[0] as Edge).cycle <= this.machine.cycles) {
      const { pin, level } = this.#edges.shift() as Edge;
      this.#set(pin, level);
    }
    this.schedule(this.#edges[0]?.cycle ?? NEVER);
  }

  protected override load(register: number): number {
    switch (register) {
      case GpioRegister.IN:
        return this.#in;
      case GpioRegister.OUT:
        return this.#out;
      case GpioRegister.RISE:
        return this.#rise;
      case GpioRegister.FALL:
        return this.#fall;
      case GpioRegister.PENDING:
        return this.#pending;
    }
    throw new AppError(`the GPIO port has no register ${register}`);
  }

  protected override store(register: number, value: number): void {
    if (register === GpioRegister.OUT) this.#out = value | 0;
    else if (register === GpioRegister.RISE) this.#rise = value | 0;
    else if (register === GpioRegister.FALL) this.#fall = value | 0;
    else if (register === GpioRegister.PENDING) this.#pending &= ~value;
    else throw new AppError(`the GPIO port's register ${register} cannot be written`);
  }

  override save(): unknown {
    return {
      in: this.#in,
      out: this.#out,
      rise: this.#rise,
      fall: this.#fall,
      pending: this.#pending,
      edges: this.#edges.map((edge) => ({ ...edge })),
    };
  }

  override restore(state: unknown): void {
    const s = state as { in: number; out: number; rise: number; fall: number; pending: number; edges: Edge[] };
    this.#in = s.in;
    this.#out = s.out;
    this.#rise = s.rise;
    this.#fall = s.fall;
    this.#pending = s.pending;
    this.#edges = s.edges.map((edge) => ({ ...edge }));
    this.schedule(this.#edges[0]?.cycle ?? NEVER);
  }

  #set(pin: number, level: boolean): void {
    const bit = 1 << pin;
    const was = (this.#in & bit) !== 0;
    this.#in = level ? this.#in | bit : this.#in & ~bit;
    const enabled = level ? this.#rise : this.#fall;
    if (was === level || (enabled & bit) === 0) return;
    this.#pending |= bit;
    this.raise();
  }
}
