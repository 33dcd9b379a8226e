/** The clauses of the TFL rows: thread flags and the notification value. */
import type { Clauses } from "../support.js";

export const tfl: Clauses = {
  "TFL-01a": "a task has 31 flags, that anybody sets and clears",
  "TFL-01b": "a wait is for any or for all of those it names, and takes or leaves them",
  "TFL-01c": "it times out",
  "TFL-01d": "interrupts set and clear them",
  "TFL-01e": "a flag stays until it is taken or cleared",
  "TFL-01f": "a task that has ended has none",
  "TFL-02a": "a task waits for its notification, or finds it, and takes it once",
  "TFL-02b": "it is written over, kept (EAGAIN while it is unread), or added to",
  "TFL-02c": "interrupts notify",
};
