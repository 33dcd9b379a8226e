/** Which faults of all are planted: by a seed, and so that every function has its share. */
import type { Mutant } from "./plant.js";

/** Numbers from 0 below 1 that depend on the seed alone. */
export function chance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const out = [...list];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

/** So many faults, at most: one of every function first, then of each as many as it has code. In the order of the code. */
export function sample(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const random = chance(seed);
  const byFunction = grouped(mutants);
  const ranked = [...byFunction.values()].flatMap((list) =>
    shuffled(list, random).map((mutant, i) => ({ mutant, rank: i / list.length, tie: random() })),
  );
  ranked.sort((a, b) => a.rank - b.rank || a.tie - b.tie);
  const chosen = new Set(ranked.slice(0, count).map(({ mutant }) => mutant));
  return mutants.filter((mutant) => chosen.has(mutant));
}

function grouped(mutants: readonly Mutant[]): Map<string, Mutant[]> {
  const found = new Map<string, Mutant[]>();
  for (const mutant of mutants) found.set(mutant.func, [...(found.get(mutant.func) ?? []), mutant]);
  return found;
}
