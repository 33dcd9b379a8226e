/**
 * What a board owes the kernel. The host's machine is one board, a Cortex-M in C will be another. The loop is always the same:
 * dispatch, carry out the order, dispatch. What a resumed call returns stands in the CPU page (`result`), and so does who is
 * current: the contexts read it there, so that nothing is handed over twice.
 */

/** How a context that was resumed came back. */
export const Came = {
  /** A call answered SWITCH: its context keeps its place. */
  PARKED: 0,
  /** Its body is over: a task exits, a handler returns. */
  RETURNED: 1,
  /** It did what ends it: an exception, a trap. */
  TRAPPED: 2,
} as const;
export type Came = (typeof Came)[keyof typeof Came];

/** The part of a port that a kind of CPU brings: contexts of tasks, and of handlers on top of whatever runs. */
export interface Contexts {
  /** Order.START: makes the context of a task; nothing of it runs yet. */
  create(task: number, entry: number, argument: number): void;
  /** Order.INTERRUPT: pushes a handler on top of whatever runs, nobody included. */
  interrupt(line: number, entry: number): void;
  /** Order.SIGNAL: pushes a signal's handler on top of what the task was doing. */
  signal(task: number, entry: number, signal: number, origin: number): void;
  /** Lets the innermost context go on until it gives up the CPU. */
  resume(): Came;
  /** Forgets a task's context: it ended. */
  destroy(task: number): void;
}

/** The part that a board brings. */
export interface Port extends Contexts {
  /** The cycle of the next device event, NEVER for none. */
  pendingEvent(): number;
  /** Nobody can run: lets time jump to the next event. */
  idle(): void;
  /** The run is over. */
  halt(reason: string): void;
}
