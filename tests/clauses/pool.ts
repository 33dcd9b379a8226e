/** The clauses of SHM-07 about block pools. */
import type { Clauses } from "../support.js";

export const pool: Clauses = {
  "SHM-07a": "who waits for a block is served most urgent first, first come first served among equals",
  "SHM-07b": "a freed block goes straight to the first waiter: nobody who comes in between gets it",
  "SHM-07c": "a double free is EINVAL",
};
