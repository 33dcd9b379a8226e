/**
 * Virtual time by the host's clock: 1000 ticks a second. It may lag a little, when the host is busy, and catches up; what it lost
 * beyond that (the process was stopped, the machine waited for input) is forgotten, or time would race.
 */

/** Milliseconds between two looks at the clock. */
export const FRAME = 4;
/** Milliseconds that are caught up. */
const LAG = 250;

export class Pace {
  readonly #cyclesPerMillisecond: number;
  /** The cycle at the host's time 0. */
  #origin: number;

  /** From cycle `cycles` on, now; `hz` cycles are a second. */
  constructor(hz: number, cycles: number) {
    this.#cyclesPerMillisecond = hz / 1000;
    this.#origin = cycles - performance.now() * this.#cyclesPerMillisecond;
  }

  /** The cycle that virtual time may reach now, when it is at `cycles`. */
  limit(cycles: number): number {
    const now = this.#origin + performance.now() * this.#cyclesPerMillisecond;
    const lost = now - cycles - LAG * this.#cyclesPerMillisecond;
    if (lost <= 0) return now;
    this.#origin -= lost;
    return now - lost;
  }
}
