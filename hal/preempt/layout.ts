/** Where what the build step adds to a firmware is in memory. */

/** Where a firmware's own data begin: behind the kernel's, the drivers', and what the build step adds. */
export const BASE = 0x1c000;
/** Bytes of a global's cell. */
export const I32_CELL = 8;
/** Bytes of a record of the stacks' table: one for the lines, one for each task. */
const STACK_RECORD = 32;
const TASKS = 64;
/** Bytes of the stack on which lines' handlers run. */
const LINES_SIZE = 4096;
const PAGE = 65536;

export interface Layout {
  /** Functions that a task, a handler or a callback can be. */
  entries: number;
  stacks: number;
  lines: number;
  linesSize: number;
  /** Where the cells of globals begin. */
  cells: number;
  /** The lowest address of all this. */
  start: number;
}

/** Room for `globals` cells, the lines' stack and the stacks' table, right below the firmware's data. */
export function layoutFor(globals: number, entries: number): Layout {
  const cells = BASE - globals * I32_CELL;
  const lines = (cells - LINES_SIZE) & -16;
  const stacks = lines - STACK_RECORD * (TASKS + 1);
  return { entries, stacks, lines, linesSize: LINES_SIZE, cells, start: stacks };
}

/** Bytes of the memory of so many pages. */
export function bytesOfPages(pages: number): number {
  return pages * PAGE;
}
