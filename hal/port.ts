/**
 * What a board owes the kernel. The host's machine is one board, a Cortex-M in C will be another.
 * The loop is always the same: dispatch, carry out the order, dispatch.
 */
export interface Port {
  /** Makes the context in which a task begins: its entry and argument, nothing run yet. */
  create(task: number, entry: number, argument: number): void;
  /**
   * Lets the innermost context of a task go on until it gives up the CPU. `result` is what its call returns; `budget` bounds
   * the run for the observer only. Answers whether it trapped or spent the budget, else nothing.
   */
  resume(task: number, result: number, budget: number): "trap" | "spent" | undefined;
  /** Pushes an interrupt handler on top of whatever runs, nobody included. */
  interrupt(line: number, entry: number): void;
  /** Forgets a task's contexts: it ended. */
  destroy(task: number): void;
  /** Nobody can run before this cycle. */
  idle(until: number): void;
  /** The cycle of the next device event. */
  pending(): number;
  /** The run is over. */
  halt(reason: string): void;
}
