/**
 * A DC motor with a brake on its shaft and an encoder whose two channels are pins of the GPIO port.
 *
 *     DUTY -> winding -> torque - friction - LOAD -> speed -> position -> channels A and B
 *                           ^------ back-EMF ----------'
 *
 * The model goes in steps of 0.1 ms, the speed constant within each, with + - * / only, so that it is the same on every host. A
 * step begins where DUTY or LOAD was written, and where the one before ended; nothing else moves it: who looks, or waits for edges,
 * sees one and the same movement. Steps are made when somebody looks, and ahead to the next edge while the port watches for edges.
 */
import { CPU_HZ, NEVER } from "../../map.js";
import { AppError } from "../errors.js";
import type { Machine } from "../machine.js";
import { Device } from "./device.js";
import type { Gpio, PinDriver } from "./gpio.js";

/** DUTY: thousandths of the supply, -1000 to 1000, further ones count as these; LOAD: the brake's torque, in micronewton metres. */
export const MotorRegister = { DUTY: 0, LOAD: 1 } as const;
const R = MotorRegister;

export interface MotorOptions {
  /** Pins of channels A and B, default [16, 17]. Forwards, A comes first. */
  pins?: readonly [a: number, b: number];
  /** Lines of the encoder, default 128; each makes four edges a turn. */
  lines?: number;
  /** The supply, in volts, default 12. */
  supply?: number;
  /** The winding, in ohms, default 2. */
  resistance?: number;
  /** Newton metres an ampere, which is also volts a radian a second, default 0.04. */
  constant?: number;
  /** Of rotor and load, in kilogram square metres, default 0.000048. */
  inertia?: number;
  /** Friction that grows with the speed, in newton metre seconds, default 0.00001. */
  damping?: number;
  /** Friction that does not, in newton metres, default 0.002. */
  friction?: number;
}

/** Cycles of a step of the model. */
const STEP = 1600;
const SECONDS = STEP / CPU_HZ;
/** Steps that are looked ahead for an edge at once. */
const AHEAD = 5000;
/** Radians a turn. */
const TURN = 2 * Math.PI;
const FULL = 1000;
const MICRO = 1_000_000;
const EDGES = 4;
/** The fastest change of speed that steps follow: this part of it happens in one. */
const FASTEST = 0.1;
/** The largest load, in newton metres: that of the register. */
const HEAVIEST = 4294;
const PINS = 32;
/** It raises no line: the port of its pins does. */
const NO_LINE = -1;

type Numbers = Required<Omit<MotorOptions, "pins">>;

const DEFAULTS: Numbers = {
  lines: 128,
  supply: 12,
  resistance: 2,
  constant: 0.04,
  inertia: 0.000048,
  damping: 0.00001,
  friction: 0.002,
};
export const MOTOR_OPTIONS: readonly string[] = ["pins", ...Object.keys(DEFAULTS)];
/** What may be none at all. */
const LOSSES: readonly string[] = ["damping", "friction"];

/** The movement from the beginning of a step on. */
interface Knot {
  cycle: number;
  /** Edges from where the shaft was at power-on. */
  position: number;
  /** Radians a second. */
  speed: number;
}

interface Saved extends Knot {
  duty: number;
  load: number;
  told: number;
  next: number;
}

export class Motor extends Device implements PinDriver {
  protected override readonly reads = [R.DUTY, R.LOAD];
  protected override readonly writes = [R.DUTY, R.LOAD];
  readonly pins: number;
  readonly #channels: readonly [number, number];
  readonly #gpio: Gpio;
  readonly #numbers: Numbers;
  /** Edges a cycle at one radian a second. */
  readonly #rate: number;
  #duty = 0;
  /** In micronewton metres. */
  #load = 0;
  #knot: Knot;
  /** The position that the port was told of last, in whole edges. */
  #told = 0;

  constructor(machine: Machine, gpio: Gpio, { pins = [16, 17], ...given }: MotorOptions) {
    super(machine, "motor", NO_LINE);
    this.#numbers = { ...DEFAULTS, ...given };
    check(pins, this.#numbers);
    this.#channels = [pins[0], pins[1]];
    this.pins = (1 << pins[0]) | (1 << pins[1]);
    this.#rate = this.edges / TURN / CPU_HZ;
    this.#knot = { cycle: machine.cycles, position: 0, speed: 0 };
    this.#gpio = gpio;
    gpio.connect(this);
  }

  // For the bench

  /** Edges of both channels a turn. */
  get edges(): number {
    return this.#numbers.lines * EDGES;
  }

  /** The true speed now, in turns a minute. */
  get speed(): number {
    const now = this.machine.cycles;
    return (this.#speedAt(this.#knotAt(now), now) * 60) / TURN;
  }

  /** The true position now, in turns from where it was at power-on. */
  get turns(): number {
    const now = this.machine.cycles;
    return this.#positionAt(this.#knotAt(now), now) / this.edges;
  }

  /** What DUTY holds, -1000 to 1000. */
  get duty(): number {
    return this.#duty;
  }

  /** The load: what a brake holds against the movement, or against what would begin one, in newton metres. */
  get loadTorque(): number {
    return this.#load / MICRO;
  }

  /** It has this load from now on. */
  set loadTorque(torque: number) {
    if (!(torque >= 0 && torque <= HEAVIEST)) throw new AppError(`loadTorque is ${torque}: give newton metres from 0 to ${HEAVIEST}`);
    this.#begin();
    this.#load = torque * MICRO;
    this.#plan();
  }

  // What drives pins

  levels(): number {
    return this.#levelsOf(this.#edgeAt(this.machine.cycles));
  }

  watched(): void {
    this.#told = this.#edgeAt(this.machine.cycles);
    this.#plan();
  }

  // The device

  override fire(): void {
    const now = this.machine.cycles;
    let at = this.next;
    for (; at <= now; at = this.#nextEdge(at)) this.#tell(this.#edgeAt(at));
    this.schedule(at);
  }

  protected override load(register: number): number {
    if (register === R.DUTY) return this.#duty;
    if (register === R.LOAD) return Math.floor(this.#load);
    throw new AppError(`the motor has no register ${register}`);
  }

  protected override store(register: number, value: number): void {
    if (!this.writable(register)) throw new AppError(`the motor has no register ${register}`);
    this.#begin();
    if (register === R.DUTY) this.#duty = Math.max(-FULL, Math.min(FULL, value | 0));
    else this.#load = value >>> 0;
    this.#plan();
  }

  override save(): Saved {
    return { ...this.#knot, duty: this.#duty, load: this.#load, told: this.#told, next: this.next };
  }

  override restore(state: unknown): void {
    const { duty, load, told, next, ...knot } = state as Saved;
    this.#knot = knot;
    this.#duty = duty;
    this.#load = load;
    this.#told = told;
    this.schedule(next);
  }

  // Edges

  /** A step begins now: what drives the motor changes. */
  #begin(): void {
    const now = this.machine.cycles;
    if (this.next <= now) this.fire();
    const knot = this.#knotAt(now);
    this.#knot = { cycle: now, position: this.#positionAt(knot, now), speed: this.#speedAt(knot, now) };
  }

  /** The next edge is told at its cycle, if the port watches for edges. */
  #plan(): void {
    this.schedule(this.#gpio.watches(this.pins) ? this.#nextEdge(this.machine.cycles) : NEVER);
  }

  /** The shaft is at this edge now. */
  #tell(edge: number): void {
    const changed = this.#levelsOf(edge) ^ this.#levelsOf(this.#told);
    this.#told = edge;
    for (const pin of this.#channels) {
      if ((changed >>> pin) & 1) this.#gpio.take(pin, ((this.#levelsOf(edge) >>> pin) & 1) === 1);
    }
  }

  #levelsOf(edge: number): number {
    const [a, b] = this.#channels;
    const quarter = edge - Math.floor(edge / EDGES) * EDGES;
    return (quarter === 1 || quarter === 2 ? 1 << a : 0) | (quarter >= 2 ? 1 << b : 0);
  }

  /** The cycle, behind `from`, at which the shaft is at another edge; if that is far off, one up to which it is at none. */
  #nextEdge(from: number): number {
    let knot = this.#knotAt(from);
    const edge = Math.floor(this.#positionAt(knot, from));
    for (let step = 0; step < AHEAD; step++) {
      if (this.#rests(knot)) return NEVER;
      const end = knot.cycle + STEP;
      if (Math.floor(this.#positionAt(knot, end)) !== edge) return this.#crossing(knot, edge, from);
      knot = this.#after(knot);
    }
    return knot.cycle;
  }

  /** The first cycle of a step, behind `from`, at which the shaft is no longer at this edge. */
  #crossing(knot: Knot, edge: number, from: number): number {
    const left = (cycle: number) => Math.floor(this.#positionAt(knot, cycle)) !== edge;
    const way = (knot.speed > 0 ? edge + 1 : edge) - knot.position;
    const first = Math.max(from, knot.cycle) + 1;
    let cycle = Math.max(first, knot.cycle + Math.ceil(way / (knot.speed * this.#rate)));
    while (cycle > first && left(cycle - 1)) cycle--;
    while (!left(cycle)) cycle++;
    return cycle;
  }

  #edgeAt(cycle: number): number {
    return Math.floor(this.#positionAt(this.#knotAt(cycle), cycle));
  }

  // The model

  /** The step that this cycle, which is not past, belongs to. What was not told yet is not forgotten. */
  #knotAt(cycle: number): Knot {
    let knot = this.#knot;
    while (cycle - knot.cycle >= STEP) {
      const steps = this.#rests(knot) ? Math.floor((cycle - knot.cycle) / STEP) : 0;
      knot = steps > 0 ? { ...knot, cycle: knot.cycle + steps * STEP } : this.#after(knot);
    }
    if (cycle <= this.next) this.#knot = knot;
    return knot;
  }

  #after(knot: Knot): Knot {
    const end = knot.cycle + STEP;
    return { cycle: end, position: this.#positionAt(knot, end), speed: this.#pushed(knot.speed) };
  }

  #positionAt({ cycle, position, speed }: Knot, at: number): number {
    return position + speed * this.#rate * (at - cycle);
  }

  #speedAt({ cycle, speed }: Knot, at: number): number {
    return speed + ((this.#pushed(speed) - speed) * (at - cycle)) / STEP;
  }

  #rests({ speed }: Knot): boolean {
    return speed === 0 && this.#pushed(0) === 0;
  }

  /** The speed after a step that began with this one. Friction and load stop the shaft and do not turn it. */
  #pushed(speed: number): number {
    const { supply, resistance, constant, inertia, damping, friction } = this.#numbers;
    const volts = (supply * this.#duty) / FULL - constant * speed;
    const push = (constant * volts) / resistance - damping * speed;
    const held = friction + this.#load / MICRO;
    if (speed === 0 && Math.abs(push) <= held) return 0;
    const forwards = speed === 0 ? push > 0 : speed > 0;
    const next = speed + ((push - (forwards ? held : -held)) * SECONDS) / inertia;
    return next * speed < 0 ? 0 : next;
  }
}

function check(pins: readonly number[], numbers: Numbers): void {
  const [a, b] = pins;
  const fit = pins.length === 2 && a !== b && pins.every((pin) => Number.isInteger(pin) && pin >= 0 && pin < PINS);
  if (!fit) throw new AppError(`the motor's pins are ${pins.join(" and ")}: give two different ones from 0 to ${PINS - 1}`);
  for (const [name, value] of Object.entries(numbers)) {
    const least = LOSSES.includes(name) ? 0 : Number.MIN_VALUE;
    if (typeof value !== "number" || !(value >= least && value < Number.POSITIVE_INFINITY)) {
      throw new AppError(`the motor's ${name} is ${value}: give a number, ${least === 0 ? "0 or more" : "more than 0"}`);
    }
  }
  const { resistance, constant, inertia, damping, lines } = numbers;
  if (!Number.isInteger(lines)) throw new AppError(`the motor's lines are ${lines}: give a whole number`);
  const change = (((constant * constant) / resistance + damping) * SECONDS) / inertia;
  if (change > FASTEST)
    throw new AppError(`the motor changes its speed within ${SECONDS / change} s, too quickly to be followed: give it more inertia`);
}
