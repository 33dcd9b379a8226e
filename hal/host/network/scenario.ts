/** Network settings in cycles and numbers of machines: how links behave, who is cut off from whom, what happens when. */
import { CPU_HZ } from "../../map.js";
import type { LinkOptions, NetworkSettings, Side } from "./description.js";
import type { LinkTraits } from "./link.js";

const CYCLES = CPU_HZ / 1000;
const QUEUE = 64;

/** The cycle at which so many virtual milliseconds have passed. */
export function cycleAt(milliseconds: number): number {
  return Math.round(milliseconds * CYCLES);
}

/** Something that happens at a cycle. */
export interface Moment {
  cycle: number;
  what: "crash" | "restart" | "cut" | "heal";
  /** The machine's number, -1 where it is none's. */
  machine: number;
}

interface Partition {
  sides: readonly [ReadonlySet<number>, ReadonlySet<number>];
  from: number;
  until: number;
}

export class Scenario {
  /** What happens, in order. */
  readonly moments: readonly Moment[];
  readonly #names: readonly string[];
  readonly #common: LinkTraits;
  readonly #links = new Map<string, LinkTraits>();
  readonly #partitions: readonly Partition[];

  constructor(settings: NetworkSettings) {
    this.#names = Object.keys(settings.machines);
    this.#common = traitsOf(settings.link ?? {});
    for (const { between, ...options } of settings.links ?? []) {
      const [one, other] = between.map((name) => this.#number(name)) as [number, number];
      this.#links.set(pairOf(one, other), traitsOf({ ...settings.link, ...options }));
    }
    this.#partitions = (settings.partitions ?? []).map(({ between: [one, other], from = 0, until = Number.POSITIVE_INFINITY }) => ({
      sides: [this.#side(one), this.#side(other)],
      from: cycleAt(from),
      until: cycleAt(until),
    }));
    this.moments = this.#momentsOf(settings);
  }

  /** How the link between two machines behaves. */
  traits(one: number, other: number): LinkTraits {
    return this.#links.get(pairOf(one, other)) ?? this.#common;
  }

  /** Cycles that any packet is on its way at least. */
  get leastLatency(): number {
    return Math.min(this.#common.latency, ...[...this.#links.values()].map(({ latency }) => latency));
  }

  /** Cycles that a packet is on its way where nothing else is said. */
  get latency(): number {
    return this.#common.latency;
  }

  /** Whether nothing gets from one machine to the other at this cycle. */
  cut(one: number, other: number, cycle: number): boolean {
    for (const { sides, from, until } of this.#partitions) {
      if (cycle < from || cycle >= until) continue;
      const [left, right] = sides;
      if ((left.has(one) && right.has(other)) || (left.has(other) && right.has(one))) return true;
    }
    return false;
  }

  #number(name: string): number {
    return this.#names.indexOf(name);
  }

  #side(side: Side): ReadonlySet<number> {
    return new Set((typeof side === "string" ? [side] : side).map((name) => this.#number(name)));
  }

  #momentsOf({ crashes = [] }: NetworkSettings): Moment[] {
    const moments: Moment[] = [];
    for (const { from, until } of this.#partitions) {
      if (from > 0) moments.push({ cycle: from, what: "cut", machine: -1 });
      if (until < Number.POSITIVE_INFINITY) moments.push({ cycle: until, what: "heal", machine: -1 });
    }
    for (const { machine, at, restart } of crashes) {
      moments.push({ cycle: cycleAt(at), what: "crash", machine: this.#number(machine) });
      if (restart !== undefined) moments.push({ cycle: cycleAt(restart), what: "restart", machine: this.#number(machine) });
    }
    return moments.sort((a, b) => a.cycle - b.cycle || a.machine - b.machine);
  }
}

function pairOf(one: number, other: number): string {
  return `${Math.min(one, other)} ${Math.max(one, other)}`;
}

function traitsOf(options: LinkOptions): LinkTraits {
  return {
    latency: cycleAt(options.latency ?? 1),
    byteCycles: options.bandwidth === undefined ? 0 : CPU_HZ / options.bandwidth,
    loss: thousandths(options.loss),
    duplicate: thousandths(options.duplicate),
    reorder: thousandths(options.reorder),
    jitter: cycleAt(options.jitter ?? 0),
    queue: options.queue ?? QUEUE,
  };
}

/** A probability in thousandths; one that is not 0 stays so. */
function thousandths(probability = 0): number {
  return probability > 0 ? Math.max(1, Math.round(probability * 1000)) : 0;
}
