/** What was reached, of the kernel as counted in the wasm and of the host as counted by c8, as one table. */
import CliTable from "cli-table3";
import pc from "picocolors";
import type { FileCover, Way } from "./merge.js";

/** How much there is of something, and how much of it was reached. */
export interface Share {
  reached: number;
  all: number;
}

/** A row: a file, a folder, or all. */
export interface Row {
  name: string;
  branches: Share;
  lines: Share;
  /** Lines that were not reached, as ranges. */
  missing: string;
}

const NOTHING: Share = { reached: 0, all: 0 };

export function percent({ reached, all }: Share): number {
  return all === 0 ? 100 : (100 * reached) / all;
}

/** Rounded down: what is not 100 % is not called so. */
export function shown(share: Share): string {
  return (Math.floor(percent(share) * 100) / 100).toFixed(2);
}

function plus(a: Share, b: Share): Share {
  return { reached: a.reached + b.reached, all: a.all + b.all };
}

export function total(name: string, rows: readonly Row[]): Row {
  const sum = (of: (row: Row) => Share) => rows.map(of).reduce(plus, NOTHING);
  return { name, branches: sum((row) => row.branches), lines: sum((row) => row.lines), missing: "" };
}

/** Numbers in order as ranges: "3, 7-9". */
export function ranges(numbers: readonly number[]): string {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}

/** The row of a file of the kernel; what is listed as unreachable does not count. */
export function rowOf({ file, ways, lines }: FileCover): Row {
  const counted = ways.filter(({ excused }) => !excused);
  const all = [...lines].sort(([a], [b]) => a - b);
  return {
    name: file,
    branches: { reached: counted.filter(({ reached }) => reached).length, all: counted.length },
    lines: { reached: all.filter(([, reached]) => reached).length, all: all.length },
    missing: ranges(all.filter(([, reached]) => !reached).map(([line]) => line)),
  };
}

/** A way that no test went, in a line. */
export function sentence({ file, line, outcome, text }: Way): string {
  const never = outcome === "case" ? "never this one" : outcome === "default" ? "never none of them" : `never ${outcome}`;
  return `${file}:${line} ${never}: ${text}`;
}

/** Groups of rows, each ended by its sum. */
export function tableOf(groups: readonly { name: string; rows: readonly Row[] }[]): string {
  const table = new CliTable({
    head: ["file", "branches %", "lines %", "lines not reached"],
    colAligns: ["left", "right", "right", "left"],
    colWidths: [34, null, null, 50],
    wordWrap: true,
    style: { head: [], border: [], compact: true },
  });
  for (const { name, rows } of groups) {
    for (const row of rows) table.push([row.name, shown(row.branches), shown(row.lines), row.missing]);
    const sum = total(name, rows);
    table.push([pc.bold(sum.name), pc.bold(shown(sum.branches)), pc.bold(shown(sum.lines)), ""]);
  }
  return table.toString();
}
