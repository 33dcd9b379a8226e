/** What the host throws: typed, one sentence each. Outcomes of calls (a timeout, a closed pipe) are results and never thrown. */
import { type ErrorName, errors } from "../../kernel/abi/host.js";
import { hintFor } from "./hints.js";

const byNumber = new Map<number, ErrorName>((Object.keys(errors) as ErrorName[]).map((name) => [errors[name].errno, name]));

/** 1 at n where error -n is a misuse. */
export const misuse = new Uint8Array(256);
for (const { errno, sort } of Object.values(errors)) {
  if (sort === "misuse") misuse[-errno] = 1;
}

/** The name of an error number, as "ETIMEDOUT" for -110; "0" and above are no errors. */
export function errorName(code: number): ErrorName | "OK" {
  return code >= 0 ? "OK" : (byNumber.get(code) ?? "EINVAL");
}

/** Base of everything that Talea throws on purpose. */
export class TaleaError extends Error {
  override name = "TaleaError";
}

/**
 * A call was a misuse: a bad handle, an object not open in this direction, an argument out of range. It changed nothing.
 * `code` is the error's name, `call` what was called.
 */
export class CallError extends TaleaError {
  override name = "CallError";
  readonly code: ErrorName;
  readonly call: string;
  readonly errno: number;

  constructor(call: string, errno: number, hint = "") {
    const code = errorName(errno) as ErrorName;
    super(`${call}: ${code}, ${hintFor(call, code) || errors[code].means}${hint === "" ? "" : `; ${hint}`}`);
    this.code = code;
    this.call = call;
    this.errno = errno;
  }
}

/** An app is written in a way that cannot run: no default export, a forgotten `yield*`, a promise in a task. */
export class AppError extends TaleaError {
  override name = "AppError";
  /** The function or generator it is about, where no line of the app was running when it was found. */
  readonly about: object | undefined;

  constructor(message: string, about?: object) {
    super(message);
    this.about = about;
  }
}

/** The machine cannot be built or go on: bad options, a kernel panic. */
export class MachineError extends TaleaError {
  override name = "MachineError";
}

const OWN = new URL(".", import.meta.url).href;
const FRAME = /(?:^|[\s(@])((?:[A-Za-z][\w+.-]*:|\/).*?):(\d+):(\d+)\)?$/;

/** Where in the app something happened. */
export interface Site {
  /** URL or path of the file. */
  file: string;
  line: number;
  column: number;
  /** The function, where the stack names one. */
  within: string;
}

/** The first place of a stack that is neither Talea's nor Node's own. */
export function siteOf(stack: string | undefined): Site | undefined {
  for (const row of (stack ?? "").split("\n")) {
    const found = FRAME.exec(row.trim());
    if (!found) continue;
    const [, file, line, column] = found as unknown as [string, string, string, string];
    if (file.startsWith(OWN) || `file://${file}`.startsWith(OWN) || file.startsWith("node:")) continue;
    const within = /at (?:async )?([^\s<]+) \(/.exec(row)?.[1] ?? "";
    return { file, line: Number(line), column: Number(column), within };
  }
  return undefined;
}

let shorten = (file: string) => file;
/** How files are shown in messages; the command line shows them relative to where it was started. */
export function shortenFilesWith(how: (file: string) => string): void {
  shorten = how;
}

/** "app.ts:12", or "" when there is no place to name. */
export function siteText(site: Site | undefined): string {
  return site ? `${shorten(site.file)}:${site.line}` : "";
}
