/** The limits of one advance(), counted down; each stops the machine between two steps and none is seen by a task. */
import { layout } from "../../kernel/abi/host.js";
import type { Machine } from "./machine.js";
import type { Limits, Reason } from "./options.js";
import { register } from "./readout.js";

/** Steps that compiled code makes before the host looks up. */
export const MOST = 1 << 20;
const TICK = register(layout.Cpu.tick);

export class Stops {
  /** Whether there are limits at all. */
  readonly any: boolean;
  readonly #limits: Limits;
  #dispatches: number;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.any = Object.keys(limits).length > 0;
    this.#dispatches = limits.dispatches ?? Number.POSITIVE_INFINITY;
  }

  /** How often compiled code may be resumed before the limits must be looked at again. */
  get quota(): number {
    const { tick, until } = this.#limits;
    return tick !== undefined || until !== undefined ? 0 : Math.max(0, Math.min(this.#dispatches, MOST));
  }

  /** It was resumed so often. */
  spend(count: number): void {
    this.#dispatches -= count;
  }

  /** The limit that is reached before the next step, if one is. */
  reached(machine: Machine): Reason | undefined {
    const { tick, until, cycle } = this.#limits;
    if (this.#dispatches-- <= 0) return "budget";
    if (tick !== undefined && ((machine.i32[TICK] as number) - tick) << 0 >= 0) return "until";
    if (until?.(machine)) return "until";
    if (cycle !== undefined && machine.cycles > cycle) return "pace";
    return undefined;
  }
}
