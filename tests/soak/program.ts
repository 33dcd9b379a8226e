/** What a soak runs, lap by lap. A lap depends on its seed alone, so one that fails can be had again. */

/** A lap of a program that ended as it began. */
export interface Lap {
  /** Kernel calls that were made. */
  calls: number;
  /** Virtual cycles that passed. */
  cycles: number;
}

/** Throws SoakError when something is not as it was at the lap's beginning. */
export type Program = (seed: number) => Lap;

/** What was not as it ought to be. */
export class SoakError extends Error {
  override name = "SoakError";
}
