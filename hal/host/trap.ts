/** What ended compiled code, in a sentence with the line of its source. */

import { type Site, siteOf, TaleaError } from "./errors.js";
import type { Firmware } from "./firmware.js";
import type { Failure } from "./options.js";

/** Compiled code did what ends it: a trap, an overflow of its stack, abort(). */
export class TrapError extends TaleaError {
  override name = "TrapError";
  readonly site: Site | undefined;
  /** The signal that the task gets for it, 0 for none: it only ends. */
  readonly signal: number;

  constructor(message: string, site: Site | undefined, signal = 0) {
    super(message);
    this.site = site;
    this.signal = signal;
  }
}

/** What the runtime notes beside a trap (runtime.ts). */
export const Fault = { NONE: 0, OVERFLOW: 1, ENDLESS: 2, ENTRY: 3, LOAD: 4, STORE: 5 } as const;

/** How the compiler names the files of libraries. */
const LIBRARY = "~lib/";
const FRAME = /wasm-function\[\d+\]:0x([0-9a-f]+)/;
const NAMED = /at (\S+) \(/;

/** Engines word traps differently; by what they have in common. */
const causes: [pattern: RegExp, sentence: string][] = [
  [/null function or function signature/i, "it called a function by a number that names none, or one of another type"],
  [/divide by zero|division by zero/i, "it divided by zero"],
  [/divide result unrepresentable|integer overflow/i, "the result of its division is too large"],
  [/remainder by zero/i, "it divided by zero"],
  [/unrepresentable|truncat/i, "it converted a number that is out of range to an integer"],
  [
    /table index|undefined element|uninitialized element|null function|out of bounds table/i,
    "it called a function by a number that names none",
  ],
  [/signature|type incompatib|indirect call/i, "it called a function through a pointer of another type"],
  [/memory access|out of bounds/i, "it touched memory outside the machine"],
  [/unreachable/i, "it came to code that must not be reached"],
];

/** The sentence for what came out of compiled code; `stack` are the bytes of the stack that it ran on. */
export function trapOf(error: unknown, fault: number, firmware: Firmware, stack: number): unknown {
  if (error instanceof RangeError) {
    return new TrapError(
      "its calls are nested too deep for the host: give it a smaller stack, so that the same happens everywhere",
      placeOf(error, firmware),
    );
  }
  if (!(error instanceof WebAssembly.RuntimeError)) return error;
  const site = placeOf(error, firmware);
  if (fault === Fault.OVERFLOW) return new TrapError(`stack overflow: its stack has ${stack} bytes`, site);
  if (fault === Fault.ENDLESS) return new TrapError("the system description does not end: loops that go on belong into tasks", site);
  if (fault === Fault.ENTRY) return new TrapError("its entry is no function of the firmware's", site);
  const cause = causes.find(([pattern]) => pattern.test(error.message));
  return new TrapError(cause ? cause[1] : error.message, site);
}

/** The innermost line of the firmware's own source on the stack; of a library's, where there is no other. */
export function placeOf(error: Error, firmware: Firmware): Site | undefined {
  const sites: Site[] = [];
  for (const row of (error.stack ?? "").split("\n")) {
    const found = FRAME.exec(row);
    if (!found) continue;
    const within = (NAMED.exec(row)?.[1] ?? "").replace(/^.*\//, "");
    const site = firmware.siteAt(Number.parseInt(found[1] as string, 16), within);
    if (site) sites.push(site);
  }
  return sites.find(({ file }) => !file.startsWith(LIBRARY)) ?? sites[0];
}

/** What is reported of a task, or of an interrupt handler, that failed; `handler` is the signal in whose handler it was. */
export function failureOf(task: string, error: unknown, handler: string): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const site = error instanceof TrapError ? error.site : siteOf(error instanceof Error ? error.stack : undefined);
  return { task, handler, message, site, error };
}
