/**
 * Plays a recording back: stops each machine, and the network, at the points at which something came from outside, and lets it come
 * again. Whoever drives the run asks for limits, advances, and lets come what is due, until it is done.
 */
import type { Entrance } from "./entrance.js";
import type { Network, NetworkLimits } from "./network/network.js";
import type { Entry, Recording } from "./recording.js";

/** A cycle that is never reached, yet a limit: with one, time passes while nobody types. */
const NEVER = Number.MAX_SAFE_INTEGER - 1;

type Point = Extract<Entry, { step: number }>;
type Visit = Extract<Entry, { cycle: number }>;

export class Playback {
  readonly #network: Network;
  readonly #entrance: Entrance;
  readonly #close: Recording["close"];
  /** What comes to each machine, and to the network; the next one last. */
  readonly #points = new Map<string, Point[]>();
  readonly #visits: Visit[];
  #astray = false;

  constructor(network: Network, entrance: Entrance, { entries, close }: Recording) {
    this.#network = network;
    this.#entrance = entrance;
    this.#close = close;
    const reversed = [...entries].reverse();
    this.#visits = reversed.filter((entry) => "cycle" in entry);
    for (const name of network.names) {
      this.#points.set(
        name,
        reversed.filter((entry) => "step" in entry && entry.machine === name).map((entry) => entry as Point),
      );
    }
    this.feed();
  }

  /** How far the network may go. */
  get limits(): NetworkLimits {
    const next = this.#visits.at(-1);
    const { cycles } = this.#close;
    if (this.#network.alone && cycles === undefined) return { cycle: NEVER };
    // A look at the very cycle at which it was cut.
    if (this.#network.alone) return { cycle: NEVER, cycles: Math.max(1, (cycles ?? 0) - this.#network.cycles) };
    return next ? { rest: next.cycle - 1 } : {};
  }

  /** The run passed a point at which something was to come: it is another run. */
  get astray(): boolean {
    return this.#astray;
  }

  /**
   * Everything came, and every machine made as many steps as in the recording. That may have been cut amid the last one: then it says
   * at which cycle.
   */
  get done(): boolean {
    const { names, amid, over } = this.#network;
    const { steps, cycles = NEVER } = this.#close;
    if (this.#left > 0 || !names.every((name) => this.#network.machine(name).steps === steps[name])) return false;
    return over !== undefined || !amid || this.#network.cycles >= cycles;
  }

  get #left(): number {
    return [...this.#points.values()].reduce((sum, points) => sum + points.length, this.#visits.length);
  }

  /** Lets come what is due; whether anything was. */
  feed(): boolean {
    const before = this.#left;
    for (let next = this.#visits.at(-1); next && next.cycle <= this.#network.window; next = this.#visits.at(-1)) {
      this.#visits.pop();
      if (next.cycle < this.#network.window) this.#astray = true;
      else this.#entrance.again(next);
    }
    for (const [name, points] of this.#points) this.#feedMachine(name, points);
    return this.#left < before;
  }

  #feedMachine(name: string, points: Point[]): void {
    const machine = this.#network.machine(name);
    // It has begun a step and not made it: what comes behind it comes later.
    if (machine.amid) return;
    for (let next = points.at(-1); next && next.step <= machine.steps; next = points.at(-1)) {
      points.pop();
      if (next.step < machine.steps) this.#astray = true;
      else this.#entrance.again(next);
    }
    machine.breaks = points.length > 0 ? "point" : "held";
    machine.breakpoint = points.at(-1)?.step ?? this.#close.steps[name] ?? 0;
  }
}
