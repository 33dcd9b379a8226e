/**
 * A network of machines that run: what a bench does with it and asks of it. How they share one virtual time is in windows.ts, what
 * is between them in wire.ts. A plain app is a network of one machine, which runs as it does alone.
 */
import { CPU_HZ, NEVER, TICK_CYCLES } from "../../map.js";
import { MachineError } from "../errors.js";
import type { Machine } from "../machine.js";
import type { Failure, Limits, Reason } from "../options.js";
import { type Inhabitant, inhabit } from "../realm.js";
import type { TraceRecord } from "../trace.js";
import { combinedHash } from "./hash.js";
import type { NetworkNode } from "./node.js";
import { isPacket, sourceOf } from "./packet.js";
import type { NetworkReport } from "./report.js";
import { cycleAt, type Moment } from "./scenario.js";
import type { Seat } from "./seat.js";
import { Windows } from "./windows.js";
import type { Wire } from "./wire.js";

/** Limits of one advance(), as a machine has them. */
export interface NetworkLimits extends Omit<Limits, "until"> {
  until?: (network: Network) => boolean;
  /** On a network: behind this cycle, time passes only while something happens, a task runs or a packet is on its way. */
  rest?: number;
  /** On a network: so many cycles behind `rest`, it does not pass at all. Default 0. */
  lead?: number;
}

/** A trace record, the machine it is of, and the network's cycle. */
export type NetworkRecord = TraceRecord & { machine: string };

export class Network {
  readonly #seats: readonly Seat[];
  readonly #wire: Wire;
  readonly #windows: Windows;
  readonly #console: Seat;
  /** It has one machine, with a plain app. */
  readonly plain: boolean;
  /** That has no address either: it runs by itself. */
  readonly #alone: boolean;
  readonly #world: Inhabitant;

  /** Made by bootNetwork(). */
  constructor(seats: readonly Seat[], wire: Wire, moments: readonly Moment[], console: Seat, plain: boolean) {
    this.plain = plain;
    this.#seats = seats;
    this.#wire = wire;
    this.#windows = new Windows(seats, wire, moments);
    this.#console = console;
    this.#alone = !console.machine.networked;
    const running = () => this.running;
    this.#world = {
      random: () => running().random(),
      get milliseconds() {
        return running().milliseconds;
      },
    };
  }

  // The run

  /** Runs to the end. Throws the first task failure when the run is over, unless `onFailure` is "report". */
  run(): Reason {
    return this.#conclude(this.advance({}));
  }

  /** Runs until so many virtual milliseconds have passed or a predicate holds, or to the end. Time passes also when nobody can run. */
  runUntil(until: number | ((network: Network) => boolean)): Reason {
    if (typeof until === "function") return this.#conclude(this.advance({ until }));
    if (typeof until !== "number" || Number.isNaN(until)) {
      throw new MachineError(`runUntil takes virtual milliseconds or a predicate, and not ${String(until)}`);
    }
    const reason = this.#conclude(this.advance({ cycle: cycleAt(until), patient: true }));
    return reason === "pace" ? "until" : reason;
  }

  /** One step of one machine: a task or handler runs until it gives up the CPU, or time jumps to the next event. */
  step(): Reason {
    return this.#conclude(this.advance({ dispatches: 1 }));
  }

  /** Stops at the next step; the network can go on. */
  stop(): void {
    if (this.#alone) this.#console.machine.stop();
    else this.#windows.stop();
  }

  /** Ends the run here, for a bench that goes no further: what is on its way out goes out. */
  end(): void {
    if (!this.over) this.#windows.finish("stopped");
  }

  /** Runs within limits and says why it stopped; stopping never changes a run. Never throws what a task threw. */
  advance(limits: NetworkLimits): Reason {
    if (this.over) return this.over;
    if (this.#alone) return this.#advanceAlone(limits);
    const leave = inhabit(this.#world);
    try {
      return this.#advance(limits);
    } finally {
      for (const { machine } of this.#seats) machine.drain();
      leave();
    }
  }

  #advance(limits: NetworkLimits): Reason {
    const last = limits.tick === undefined ? NEVER : limits.tick * TICK_CYCLES;
    const cycle = Math.min(last, limits.cycle ?? NEVER);
    const { rest = NEVER, lead = 0, patient = false } = limits;
    const reason = this.#windows.go({ cycle, rest, lead }, this.#steps(limits), patient);
    return reason === "pace" && cycle === last && this.cycles >= last ? "until" : reason;
  }

  /** Says before every step why it is not made, if it is not. */
  #steps({ dispatches, until }: NetworkLimits): (() => Reason | undefined) | undefined {
    if (dispatches === undefined && until === undefined) return undefined;
    let left = dispatches ?? Number.POSITIVE_INFINITY;
    return () => {
      if (left-- <= 0) return "budget";
      return until?.(this) ? "until" : undefined;
    };
  }

  #advanceAlone(limits: NetworkLimits): Reason {
    const { until, rest: _, lead: __, ...others } = limits;
    return this.#console.machine.advance(until === undefined ? others : { ...others, until: () => until(this) });
  }

  #conclude(reason: Reason): Reason {
    const failed = this.#seats.find(({ machine }) => machine.failures.length > 0 && machine.options.onFailure !== "report");
    const failure = failed?.machine.failures[0];
    if (this.over && failure) throw failure.error instanceof Error ? failure.error : new MachineError(failure.message);
    return reason;
  }

  // What the bench asks

  /** Why the run is over, undefined while it can go on. */
  get over(): Reason | undefined {
    return this.#alone ? this.#console.machine.over : this.#windows.over;
  }

  /** It is a machine without an address: nothing can talk to it. */
  get alone(): boolean {
    return this.#alone;
  }

  /** Names of the machines, in order. */
  get names(): readonly string[] {
    return this.#seats.map(({ name }) => name);
  }

  /** The machine of this name. It cannot be run by itself; all else can be asked of it. */
  machine(name: string): Machine {
    return this.#seat(name).machine;
  }

  #seat(name: string): Seat {
    const found = this.#seats.find((seat) => seat.name === name);
    if (found) return found;
    throw new MachineError(`no machine is named "${name}": there are ${this.names.join(", ")}`);
  }

  /** The machine whose console has the input. */
  get console(): Machine {
    return this.#console.machine;
  }

  /** The machine that runs, or ran last. */
  get running(): Machine {
    return this.#alone ? this.#console.machine : this.#windows.running;
  }

  /** Up to which cycle everything is known: all machines have got there. */
  get cycles(): number {
    return this.#alone ? this.#console.machine.cycles : this.#windows.known;
  }

  /** Cycle at which the window under way began: packets of nodes may leave from there on. */
  get window(): number {
    return this.#alone ? this.#console.machine.cycles : this.#windows.from;
  }

  /** Cycles a virtual second. */
  readonly hz = CPU_HZ;

  /** The same in virtual milliseconds. */
  get milliseconds(): number {
    return (this.cycles * 1000) / this.hz;
  }

  /** Ticks of a plain app's machine; else virtual milliseconds, whole ones. */
  get tick(): number {
    return this.plain ? this.#console.machine.tick : Math.floor(this.milliseconds);
  }

  /** Steps of each machine, by name. */
  get steps(): Record<string, number> {
    return Object.fromEntries(this.#seats.map(({ name, machine }) => [name, machine.steps]));
  }

  /** Trace records made so far by all machines. */
  get events(): number {
    return this.#seats.reduce((sum, seat) => sum + seat.events, 0);
  }

  /** The rolling hashes of all machines, in order, as one: 16 hexadecimal digits; undefined when the run keeps none. */
  get hash(): string | undefined {
    return this.plain ? this.#console.machine.hash : combinedHash(this.#seats.flatMap((seat) => seat.hashes));
  }

  /** The last records of all machines, in order of time, equal ones in order of the machines. */
  get trace(): readonly NetworkRecord[] {
    return this.#seats.flatMap((seat) => seat.trace).sort((a, b) => a.cycles - b.cycles);
  }

  /** What a machine's console sent so far, in all its lives. */
  output(name: string): string {
    return this.#seat(name).output;
  }

  /** Cycle at which a machine was last powered on: its own clock begins there. */
  origin(name: string): number {
    return this.#seat(name).origin;
  }

  /** Whether a machine is on. */
  isUp(name: string): boolean {
    return this.#seat(name).up;
  }

  /** Failures so far, of all machines. */
  get failures(): readonly Failure[] {
    return this.#seats.flatMap(({ machine }) => machine.failures);
  }

  /** A signal for the foreground task, SIGINT as Ctrl-C sends it: that of the console's machine, else the first there is; false for none. */
  interruptForeground(signal?: number): boolean {
    const others = this.#seats.filter((seat) => seat !== this.#console);
    return [this.#console, ...others].some(({ up, machine }) => up && machine.interruptForeground(signal));
  }

  /** A machine was left amid a step; with one dispatch more it is between two. */
  get amid(): boolean {
    return this.#seats.some(({ up, machine }) => up && machine.amid);
  }

  /** What is known of the whole run, for people and for graders. */
  report(): NetworkReport {
    return {
      reason: this.over,
      cycles: this.cycles,
      milliseconds: this.milliseconds,
      events: this.events,
      hash: this.hash,
      machines: this.#seats.map(({ name, up, crashes, machine }) => ({ name, up, crashes, report: machine.report() })),
      packets: this.#wire.counts,
    };
  }

  // Nodes that are no machines

  /** Something else joins the network, before it runs. Throws AppError when one of its addresses is taken. */
  attach(node: NetworkNode): void {
    if (this.#alone) throw new MachineError('the machine has no address, so nothing can talk to it: boot it with address: "10.0.0.1"');
    if (this.#windows.begun) throw new MachineError("the network runs already: attach nodes before its first step");
    this.#wire.attach(node);
  }

  /**
   * A packet leaves the attached node that has its source's address, at a cycle from `cycles` on, or when it was told of a packet,
   * from then on. Takes the array as its own. When
   * the host says so does not matter as long as the cycle is the same.
   */
  transmit(packet: Uint8Array, cycle: number): void {
    if (!isPacket(packet)) throw new MachineError("these bytes are no packet: give a head of 32 bytes and the bytes that it announces");
    if (!Number.isInteger(cycle)) throw new MachineError(`cycle ${cycle} is none: give a whole number`);
    const { from } = this.#windows;
    if (cycle < from) throw new MachineError(`cycle ${cycle} is past: give one from ${from} on`);
    this.#wire.transmit(packet, cycle, sourceOf(packet));
  }
}
