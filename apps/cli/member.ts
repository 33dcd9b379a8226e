/** What the command knows of one machine of the run: what it did when, and which call of a task was refused last. */
import { Happening, type Machine, type Network } from "../../hal/host/index.js";
import { Refusals } from "./refusal.js";
import { Timeline } from "./timeline.js";
import type { TraceFile } from "./tracefile.js";

export class Member {
  /** "" for the machine of a plain app. */
  readonly name: string;
  readonly machine: Machine;
  readonly timeline: Timeline;
  readonly refusals: Refusals;
  readonly #origin: () => number;

  constructor(network: Network, name: string) {
    this.name = network.plain ? "" : name;
    this.machine = network.machine(name);
    this.#origin = () => network.origin(name);
    const nameOf = (id: number) => this.machine.nameOf(id);
    this.timeline = new Timeline(nameOf);
    this.refusals = new Refusals(nameOf);
  }

  /** Cycle of the run at which the machine was last powered on. */
  get origin(): number {
    return this.#origin();
  }

  /** Follows the machine's trace from now on. */
  follow(traceFile: TraceFile | undefined, drawn: boolean): void {
    const records = traceFile?.source(this.name, (id) => this.machine.nameOf(id));
    this.machine.onRecord = (cycles, what, first, second) => {
      if ((what & 0xff) === Happening.POWER && this.origin > 0) {
        this.timeline.begin(this.origin);
        records?.begin(this.origin);
      }
      this.refusals.record(what, second);
      if (drawn) this.timeline.record(cycles, what, first);
      records?.record(cycles, what, first, second);
    };
  }
}
