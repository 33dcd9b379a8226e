/** The clauses of the TRC rows: traces and runs. */
import type { Clauses } from "../support.js";

export const trc: Clauses = {
  "TRC-01a": "one record a call, with object, arguments and result",
  "TRC-01b": "one a block",
  "TRC-01c": "one a wake, with its cause",
  "TRC-01d": "one a switch",
  "TRC-01e": "one a tick",
  "TRC-01f": "one for the start and one for the end of a handler",
  "TRC-01g": "one for the delivery of a signal",
  "TRC-01h": "one for every change of a task's state",
  "TRC-02a": "same program, inputs and seed: same hash; else another",
  "TRC-02b": "also for two runs in one process",
  "TRC-02c": "also for both builds of the kernel",
  "TRC-02d": "also on every other host",
  "TRC-02e": "the first event in which two runs differ can be printed",
  "TRC-03a": "traced or not: the same schedule",
  "TRC-03b": "inspected or not: the same schedule",
  "TRC-03c": "stepped or not: the same schedule",
  "TRC-04a": "a full ring counts what it drops",
  "TRC-04b": "the hash covers what was dropped, too",
  "TRC-04c": "changing any field changes the hash",
  "TRC-04d": "swapping two records changes the hash",
  "TRC-05a": "the exit report tells how each task ended",
  "TRC-05b": "it tells what is left open or held",
  "TRC-05c": "in a deadlock it tells the ring, with call and source line of each task",
  "TRC-05d": "where no task in particular could end a wait, it tells what is waited for",
};
