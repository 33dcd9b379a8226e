/** What the one who prepares a run with coverage and the processes of that run agree on. */
import { createHash } from "node:crypto";
import type { KernelFlavour } from "../../hal/host/image.js";

/** The file in which the kernels with counters are listed. */
export const MANIFEST = "manifest.json";
/** Marks a file with what a process has passed, of each kernel the numbers of the counters. */
export const PASSED = ".passed.json";
/** The pages of memory with which a kernel is known by its digest: how many it has is part of the module. */
export const PAGES = 4;

/** A kernel with counters. */
export interface Entry {
  flavour: KernelFlavour;
  file: string;
  /** How many it has. */
  counters: number;
  /** The digest of the kernel in whose stead it is. */
  instead: string;
}

export type Passed = Partial<Record<KernelFlavour, number[]>>;

export function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
