/** From what the processes of a run have passed to what of the kernel's source was reached. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KernelFlavour } from "../../hal/host/image.js";
import { root } from "../built.js";
import type { Counter, Outcome } from "./counters.js";
import { PASSED, type Passed } from "./entry.js";
import { FLAVOURS } from "./plain.js";
import type { Unreachable } from "./unreachable.js";

/** A way that a branch can go, over all kernels and all copies that the compiler made of it. */
export interface Way extends Outcome {
  /** The source from where the branch begins to the end of the line. */
  text: string;
  reached: boolean;
  /** Listed as unreachable. */
  excused: boolean;
}

/** What of a file was reached. */
export interface FileCover {
  file: string;
  ways: Way[];
  lines: Map<number, boolean>;
}

export interface Cover {
  /** What every kernel consists of, by name. */
  files: FileCover[];
  /** What only the debug kernel has: the checks of invariants, most of whose outcomes say that the kernel is broken. */
  checks: FileCover[];
  /** What is wrong with the list of the unreachable. */
  problems: string[];
}

const sources = new Map<string, string[]>();

/** A line of a source file, from 1. */
function lineOf(file: string, line: number): string {
  const lines = sources.get(file) ?? readFileSync(join(root, file), "utf8").split("\n");
  sources.set(file, lines);
  return lines[line - 1] ?? "";
}

class Gathering {
  readonly #files = new Map<string, FileCover>();
  readonly #ways = new Map<string, Way>();

  add(counter: Counter, reached: boolean): void {
    for (const line of counter.lines) if (!line.startsWith("kernel/abi/")) this.#line(line, reached);
    if (counter.outcome) this.#way(counter.outcome, reached);
  }

  /** Whether there is such a line. */
  has(file: string, line: number): boolean {
    return this.#files.get(file)?.lines.has(line) ?? false;
  }

  get files(): FileCover[] {
    const byName = [...this.#files.values()].sort((a, b) => (a.file < b.file ? -1 : 1));
    for (const { ways } of byName) ways.sort((a, b) => a.line - b.line || a.column - b.column || a.nth - b.nth);
    return byName;
  }

  #line(place: string, reached: boolean): void {
    const [file, line] = place.split(":") as [string, string];
    const { lines } = this.#file(file);
    lines.set(Number(line), (lines.get(Number(line)) ?? false) || reached);
  }

  #way(outcome: Outcome, reached: boolean): void {
    const { file, line, column, nth } = outcome;
    const key = [file, line, column, nth, outcome.outcome].join(":");
    const known = this.#ways.get(key);
    if (known) known.reached ||= reached;
    else {
      const way = { ...outcome, text: lineOf(file, line).slice(column - 1), reached, excused: false };
      this.#ways.set(key, way);
      this.#file(file).ways.push(way);
    }
  }

  #file(file: string): FileCover {
    const known = this.#files.get(file) ?? { file, ways: [], lines: new Map() };
    this.#files.set(file, known);
    return known;
  }
}

/** What was passed of a kernel, by all processes. */
function passedIn(folder: string): Record<KernelFlavour, Set<number>> {
  const all = { release: new Set<number>(), debug: new Set<number>(), small: new Set<number>() };
  for (const file of readdirSync(folder).filter((name) => name.endsWith(PASSED))) {
    const told = JSON.parse(readFileSync(join(folder, file), "utf8")) as Passed;
    for (const flavour of FLAVOURS) for (const counter of told[flavour] ?? []) all[flavour].add(counter);
  }
  return all;
}

/** Notes what is listed as unreachable, and says what is wrong with the list. */
function excuse(files: FileCover[], listed: readonly Unreachable[]): string[] {
  return listed.flatMap((entry) => {
    const text = entry.at ?? entry.line;
    const fits = (way: Way) => {
      const line = lineOf(way.file, way.line).trim();
      if (entry.above !== undefined && lineOf(way.file, way.line - 1).trim() !== entry.above) return false;
      return line === entry.line && way.text.startsWith(text) && way.outcome === entry.outcome;
    };
    const found = files.find(({ file }) => file === entry.file)?.ways.filter(fits) ?? [];
    for (const way of found) way.excused = true;
    const named = `${entry.file}: "${entry.line}"${entry.at ? ` at "${entry.at}"` : ""}`;
    if (found.length === 0) return [`unreachable.ts lists ${named}, where no branch is that can be ${entry.outcome}`];
    if (found.length > 1)
      return [`unreachable.ts lists ${named}, which says of ${found.length} branches that one is never ${entry.outcome}`];
    return found[0]?.reached ? [`unreachable.ts lists ${named} as never ${entry.outcome}, but it was`] : [];
  });
}

/** What a run has reached, whose folder this is. */
export function coverIn(folder: string, listed: readonly Unreachable[]): Cover {
  const passed = passedIn(folder);
  const kernel = new Gathering();
  const checks = new Gathering();
  const counters = (flavour: KernelFlavour) => JSON.parse(readFileSync(join(folder, `${flavour}.json`), "utf8")) as Counter[];
  for (const flavour of ["release", "small"] as const) {
    for (const [i, counter] of counters(flavour).entries()) kernel.add(counter, passed[flavour].has(i));
  }
  for (const [i, counter] of counters("debug").entries()) {
    const reached = passed.debug.has(i);
    const at = (line: string): [string, number] => [line.split(":")[0] as string, Number(line.split(":")[1])];
    const own = counter.outcome
      ? kernel.has(counter.outcome.file, counter.outcome.line)
      : counter.lines.some((line) => kernel.has(...at(line)));
    (own ? kernel : checks).add(counter, reached);
  }
  const files = kernel.files;
  const problems = excuse(files, listed);
  return { files, checks: checks.files, problems };
}
