/**
 * Where the tests begin that draw what they try: TALEA_SEED, a whole number, so that each of them fails again as it failed; 1 where
 * nobody says.
 */

const LARGEST = 2 ** 32 - 1;

export const SEED = seedIn(process.env.TALEA_SEED);

/** So many seeds from there on. */
export function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (SEED + i) % (LARGEST + 1));
}

function seedIn(text = "1"): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= LARGEST) return value;
  // No trace of calls around the sentence: whoever typed it is no stranger to it.
  console.error(`TALEA_SEED is a whole number from 0 to ${LARGEST}, not ${text}`);
  process.exit(2);
}
