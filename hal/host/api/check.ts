/** What TypeScript would have refused: apps run without being type-checked. */
import { AppError } from "../errors.js";
import { View } from "../view.js";

/** Throws AppError for an option that `what` does not have. */
export function knownOptions(what: string, options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new AppError(`${what} takes options in braces: { ${names.join(", ")} }`);
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new AppError(`${what} has no option "${unknown}": there are ${names.join(", ")}`);
}

/** Throws AppError for an option whose word is none of these; undefined is the default. */
export function knownWord(what: string, option: string, word: unknown, words: readonly string[]): void {
  if (word === undefined || words.includes(word as string)) return;
  throw new AppError(`${what}: ${option} is ${JSON.stringify(word)}: give ${words.map((each) => `"${each}"`).join(" or ")}`);
}

/** Throws AppError for what is no view, into which something is to be stored. */
export function storable(what: string, view: unknown): void {
  if (view instanceof View) return;
  throw new AppError(`${what} stores into a View of the task: const buffer = self.buffer(64)`);
}

/** Throws AppError for what is neither text nor bytes. */
export function sendable(what: string, data: unknown): void {
  if (typeof data === "string" || data instanceof Uint8Array || data instanceof View) return;
  throw new AppError(`${what} takes text, bytes (Uint8Array) or a View, not ${data === null ? "null" : typeof data}`);
}
