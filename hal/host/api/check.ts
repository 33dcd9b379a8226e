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
  if ("name" in options) knownName(what, options.name);
}

const WORD = 4294967296;
const LINES = 32;

/** Throws AppError for what is no whole number of 32 bits: the kernel would get another one. */
export function wholeNumber(what: string, value: unknown): void {
  if (Number.isInteger(value) && (value as number) >= -WORD / 2 && (value as number) < WORD) return;
  throw new AppError(`${what} is ${shown(value)}: give a whole number of 32 bits`);
}

/** The same for those options that are there. */
export function wholeOptions<T extends object>(what: string, options: T, names: readonly (keyof T & string)[]): void {
  for (const name of names) if (options[name] !== undefined) wholeNumber(`${what}: ${name}`, options[name]);
}

/** Throws AppError for a line that there is not: a device would raise nothing. */
export function knownLine(what: string, line: unknown): void {
  if (line === undefined || (Number.isInteger(line) && (line as number) >= 0 && (line as number) < LINES)) return;
  throw new AppError(`${what}: line is ${shown(line)}: give a line from 0 to ${LINES - 1}`);
}

/** Throws AppError for switches that are neither on nor off: "no" would be on. */
export function switches<T extends object>(what: string, options: T, names: readonly (keyof T & string)[]): void {
  for (const name of names) {
    const value = options[name];
    if (value !== undefined && typeof value !== "boolean") throw new AppError(`${what}: ${name} is ${shown(value)}: give true or false`);
  }
}

/** Throws AppError for what is no name: other than text, or text that would end amid it. */
export function knownName(what: string, name: unknown): void {
  if (name === undefined || (typeof name === "string" && !name.includes("\0"))) return;
  throw new AppError(`${what}: its name is ${shown(name)}: give text of up to 15 bytes without a zero byte`);
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
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
