/** Faults that change nothing that a program could see, with the reason. One of them that a test notices fails the run. */
import type { Kind, Mutant } from "./plant.js";

export interface Equivalent {
  func: string;
  kind: Kind;
  /** The source line as it stands, without its indentation. */
  line: string;
  /** What is changed there, where the line has several of the kind: all of them where it is left out. */
  change?: string;
  reason: string;
}

export const equivalent: readonly Equivalent[] = [];

/** The entry that this fault is listed in. */
export function equivalentTo({ func, kind, change }: Mutant, line: string, list = equivalent): Equivalent | undefined {
  return list.find(
    (entry) => entry.func === func && entry.kind === kind && entry.line === line && (entry.change === undefined || entry.change === change),
  );
}
