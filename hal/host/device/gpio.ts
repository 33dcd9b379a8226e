/**
 * A port of 32 pins, of which each has an input and an output. Outside drives inputs (the bench, at a cycle of its choice, or a part
 * of the board to which they are wired); a task drives outputs; an edge that is enabled raises the line and stays pending until it
 * is cleared. Every change of an output is kept for the bench, which tasks cannot see.
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

/** An output took another level. */
export interface PinChange {
  pin: number;
  level: boolean;
  cycle: number;
  tick: number;
}

/**
 * A part of the board that drives inputs. While the port watches for none of its edges, nobody tells it of them: it is asked for
 * levels when somebody looks.
 */
export interface PinDriver {
  readonly name: string;
  /** Its pins, a bit each. */
  readonly pins: number;
  /** Their levels now. Asking changes nothing. */
  levels(): number;
  /** Which edges the port watches for has changed. */
  watched(): void;
}

const LINE = 25;
const PINS = 32;
/** Changes of outputs that are kept at least. */
const CHANGES = 65536;

export class Gpio extends Device {
  protected override readonly reads = [R.IN, R.OUT, R.RISE, R.FALL, R.PENDING];
  protected override readonly writes = [R.OUT, R.RISE, R.FALL, R.PENDING];
  #in = 0;
  #out = 0;
  #rise = 0;
  #fall = 0;
  #pending = 0;
  #edges: Edge[] = [];
  #drivers: PinDriver[] = [];
  #changes: PinChange[] = [];
  /** How often each output changed. */
  readonly #counts = new Uint32Array(PINS);

  constructor(machine: Machine, options: GpioOptions) {
    super(machine, "gpio", options.line ?? LINE);
  }

  /**
   * Drives an input pin from outside at a cycle (default: now), or at one of the `window` cycles from then on, which the
   * oracle chooses. For the bench and for system descriptions.
   */
  drive(pin: number, level: boolean, cycle = this.machine.cycles, window = 0): void {
    checkPin(pin);
    const driver = this.#drivers.find(({ pins }) => (pins >>> pin) & 1);
    if (driver) throw new AppError(`pin ${pin} is driven by the ${driver.name}: drive another one`);
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
    checkPin(pin);
    return ((this.#out >>> pin) & 1) === 1;
  }

  /** The last changes of outputs, at least 65536, in order. For the bench. */
  get changes(): readonly PinChange[] {
    return this.#changes;
  }

  /** How often an output changed so far. */
  changeCount(pin: number): number {
    checkPin(pin);
    return this.#counts[pin] as number;
  }

  // What is wired to pins

  /** A part of the board drives pins from now on. Throws AppError when one of them is taken. */
  connect(driver: PinDriver): void {
    const other = this.#drivers.find(({ pins }) => pins & driver.pins);
    if (other) throw new AppError(`the ${driver.name} and the ${other.name} share a pin: give them different ones`);
    this.#drivers.push(driver);
    this.#in = this.#levels();
  }

  /** Whether an edge of one of these pins would raise the line. */
  watches(pins: number): boolean {
    return ((this.#rise | this.#fall) & pins) !== 0;
  }

  /** A driver's pin has this level now. */
  take(pin: number, level: boolean): void {
    this.#set(pin, level);
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
        return this.#levels();
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
    if (register === GpioRegister.OUT) this.#put(value | 0);
    else if (register === GpioRegister.RISE) this.#watch(value | 0, this.#fall);
    else if (register === GpioRegister.FALL) this.#watch(this.#rise, value | 0);
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

  /** Inputs as they are now, those of drivers too. */
  #levels(): number {
    return this.#drivers.reduce((levels, driver) => (levels & ~driver.pins) | (driver.levels() & driver.pins), this.#in);
  }

  /** Which edges raise the line from now on; one that was before does not. */
  #watch(rise: number, fall: number): void {
    this.#in = this.#levels();
    this.#rise = rise;
    this.#fall = fall;
    for (const driver of this.#drivers) driver.watched();
  }

  #put(out: number): void {
    const changed = this.#out ^ out;
    this.#out = out;
    const { cycles, tick } = this.machine;
    for (let pin = 0; pin < PINS; pin++) {
      if (((changed >>> pin) & 1) === 0) continue;
      this.#counts[pin] = this.changeCount(pin) + 1;
      this.#changes.push({ pin, level: this.level(pin), cycle: cycles, tick });
    }
    if (this.#changes.length > 2 * CHANGES) this.#changes.splice(0, this.#changes.length - CHANGES);
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

/** Throws AppError for a pin that there is not. */
export function checkPin(pin: number): void {
  if (!Number.isInteger(pin) || pin < 0 || pin >= PINS) throw new AppError(`pin is ${pin}: give 0 to ${PINS - 1}`);
}
