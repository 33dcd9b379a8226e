/** One hash of several: the same two lanes over 32-bit words as the kernel's trace has them. */

const rotate = (word: number, by: number) => (word << by) | (word >>> (32 - by));

function mix(hash: number, word: number): number {
  return Math.imul(hash ^ word, 0x01000193);
}

function stir(hash: number, word: number): number {
  return Math.imul(rotate(hash, 13) + word, 0x85ebca6b);
}

/** Hashes of 16 hexadecimal digits, in order, as one such hash; undefined when one is missing. */
export function combinedHash(hashes: readonly (string | undefined)[]): string | undefined {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (const hash of hashes) {
    if (hash === undefined) return undefined;
    for (const word of [Number.parseInt(hash.slice(8), 16), Number.parseInt(hash.slice(0, 8), 16)]) {
      low = mix(low, word);
      high = stir(high, word);
    }
  }
  return [high, low].map((word) => (word >>> 0).toString(16).padStart(8, "0").toUpperCase()).join("");
}
