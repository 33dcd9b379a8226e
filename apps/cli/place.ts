/** Places in the app's source, as people read them: found from what the engine knows of functions, generators and frames. */
import { readFileSync } from "node:fs";
import { Session } from "node:inspector";
import { findSourceMap } from "node:module";
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { Site } from "../../hal/host/index.js";

/** A position in what was compiled; lines and columns count from 0. */
export interface Position {
  url: string;
  line: number;
  column: number;
}

/** The directories whose code is Talea's own. */
const OWN = ["./", "../../hal/", "../../kernel/"].map((directory) => fileURLToPath(new URL(directory, import.meta.url)));

/** The path of a file or URL, from where the command was started. */
export function shortPath(file: string): string {
  const path = pathOf(file);
  return relative(process.cwd(), path) || path;
}

function pathOf(file: string): string {
  return file.startsWith("file:") ? fileURLToPath(file) : file;
}

/** Whether a file is the app's, and not Talea's or Node's own. */
export function isOfApp(file: string): boolean {
  if (!file.startsWith("file:") && !isAbsolute(file)) return false;
  const path = pathOf(file);
  return !OWN.some((directory) => path.startsWith(directory));
}

/** The line of the source that a position was compiled from. */
export function siteAt({ url, line, column }: Position, within = ""): Site {
  const entry = (findSourceMap(url) ?? findSourceMap(pathOf(url)))?.findEntry(line, column);
  if (entry && "originalLine" in entry) {
    return { file: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn + 1, within };
  }
  return { file: url, line: line + 1, column: column + 1, within };
}

const SUBJECT = Symbol.for("talea.subject");

interface Located {
  internalProperties?: { name: string; value?: { value?: { scriptId: string; lineNumber: number; columnNumber?: number } } }[];
}

/** Where a function stands, or a generator is parked: the engine's own debugger knows. */
export function siteOfCode(code: object): Site | undefined {
  const session = new Session();
  const urls = new Map<string, string>();
  let position: Position | undefined;
  session.connect();
  session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
  session.post("Debugger.enable");
  Reflect.set(globalThis, SUBJECT, code);
  session.post("Runtime.evaluate", { expression: `globalThis[Symbol.for("talea.subject")]` }, (_, { result }) => {
    session.post("Runtime.getProperties", { objectId: result.objectId as string, ownProperties: true }, (_, found: Located) => {
      const at = found.internalProperties?.find(({ name }) => name === "[[GeneratorLocation]]" || name === "[[FunctionLocation]]");
      const place = at?.value?.value;
      if (place) position = { url: urls.get(place.scriptId) ?? "", line: place.lineNumber, column: place.columnNumber ?? 0 };
    });
  });
  Reflect.deleteProperty(globalThis, SUBJECT);
  session.disconnect();
  return position && isOfApp(position.url) ? siteAt(position) : undefined;
}

/** The lines of a source without its comments; none when it cannot be read. */
export function sourceLines(file: string): string[] {
  try {
    const text = readFileSync(pathOf(file), "utf8");
    const blank = (comment: string) => comment.replace(/[^\n]/g, " ");
    return text
      .replace(/\/\*[\s\S]*?\*\//g, blank)
      .replace(/(^|[^:])\/\/.*$/gm, "$1")
      .split("\n");
  } catch {
    return [];
  }
}
