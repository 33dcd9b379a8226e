/**
 * What the frames of a suspended task mean, for whoever reads memory: a table of the functions that may be suspended, beside the
 * code, and the walk from a context's outermost function to where it waits.
 */
import type { Callee } from "./flat.js";
import type { Positions } from "./positions.js";
import type { Func } from "./tree.js";
import type { Suspendable } from "./unwind.js";

/** Nothing further: a hook. */
const LEAF = -1;
/** A call through the table: whom, a word of the frame says. */
const INDIRECT = -2;

/** What is called at a site (a number of a function, LEAF or INDIRECT), where in the frame the table's index is, source and line. */
type SiteRow = readonly [callee: number, slot: number, source: number, line: number];

export interface Frames {
  /** By function: bytes of its frame, and its sites in order. */
  functions: readonly { frame: number; sites: readonly SiteRow[] }[];
  /** By entry: the function that starts it, and the one that a call through the table reaches; -1 for none. */
  starts: readonly number[];
  table: readonly number[];
}

/** The table of a firmware's functions. */
export function framesOf(
  suspendables: ReadonlyMap<Func, Suspendable>,
  starts: readonly (Func | undefined)[],
  table: readonly (Func | undefined)[],
  positions: Positions,
): Frames {
  const numbers = new Map([...suspendables.keys()].map((func, i) => [func, i]));
  const number = (func: Func | undefined) => (func && numbers.get(func)) ?? LEAF;
  const calleeOf = (callee: Callee | undefined) => {
    if (callee?.kind === "func") return number(callee.func);
    if (callee?.kind === "kernel") return number(callee.parked);
    return callee?.kind === "indirect" ? INDIRECT : LEAF;
  };
  const functions = [...suspendables.values()].map((each) => ({
    frame: each.frame,
    sites: each.sites.map(({ callee, at }): SiteRow => {
      const place = at < 0 || each.func.origin !== "" ? undefined : positions.findOwn(at, each.first);
      const slot = callee?.kind === "indirect" ? each.slotOf(callee.index) : -1;
      return [calleeOf(callee), slot, place?.source ?? -1, place?.line ?? 0];
    }),
  }));
  return { functions, starts: starts.map(number), table: table.map(number) };
}

/** Where a context is suspended: the sites from its outermost function inwards that have a place in the source. */
export function walkFrames(
  frames: Frames,
  entry: number,
  top: number,
  word: (address: number) => number,
): { source: number; line: number }[] {
  const found: { source: number; line: number }[] = [];
  let at = top;
  let func = frames.starts[entry] ?? LEAF;
  while (func >= 0) {
    const { frame, sites } = frames.functions[func] as Frames["functions"][number];
    at -= frame;
    const site = sites[word(at) - 1];
    if (!site) break;
    const [callee, slot, source, line] = site;
    if (source >= 0) found.push({ source, line });
    func = callee === INDIRECT ? (frames.table[word(at + slot)] ?? LEAF) : callee;
  }
  return found;
}
