/**
 * From the name of a file to an app. Apps are TypeScript and need neither package nor installation around them: tsx compiles
 * them, every .ts file is a module whatever package.json says, and "talea" is the API of the command that runs.
 */
import { statSync } from "node:fs";
import { register } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { register as registerTsx } from "tsx/esm/api";
import { type App, NetworkDescription, siteText } from "../../hal/host/index.js";
import { shortPath, sourceLines } from "./place.js";
import { messageOf, siteOfError } from "./reason.js";
import { UsageError } from "./status.js";

const API = new URL("../../hal/host/index.js", import.meta.url).href;

/** Runs ahead of tsx: it answers "talea", and undoes what tsx makes of a .ts file in a package that is not marked as a module. */
const HOOK = `
export async function resolve(specifier, context, next) {
  if (specifier === "talea") return next(${JSON.stringify(API)}, context);
  const found = await next(specifier, context);
  const url = found.url.replace(/(%3F|\\?)tsx-.*/, "");
  return /^file:[^?]*\\.tsx?$/.test(url) ? { ...found, url, format: "module" } : found;
}`;

let registered = false;

/** The default export of an app's file: an app, or a network of machines. Throws UsageError for whatever keeps it from being one. */
export async function loadApp(file: string): Promise<App | NetworkDescription> {
  checkFile(file);
  if (!registered) {
    registerTsx({ tsconfig: false });
    register(`data:text/javascript,${encodeURIComponent(HOOK)}`);
    registered = true;
  }
  let app: unknown;
  try {
    ({ default: app } = await import(pathToFileURL(resolve(file)).href));
  } catch (error) {
    throw new UsageError(importProblem(error, file));
  }
  return checkApp(app, file);
}

function checkFile(file: string): void {
  let directory: boolean;
  try {
    directory = statSync(file).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(code === "ENOENT" || code === "ENOTDIR" ? `there is no file ${file}` : `${file} cannot be read (${code})`);
  }
  if (directory)
    throw new UsageError(`${file} is a directory: give the file of an app in it, for example ${file.replace(/\/$/, "")}/app.ts`);
}

const SHAPE = "write export default (system: System) => { ... }";

function checkApp(app: unknown, file: string): App | NetworkDescription {
  if (app instanceof NetworkDescription) return app;
  const name = shortPath(resolve(file));
  if (app === undefined) throw new UsageError(`${name} has no default export: ${SHAPE}`);
  if (typeof app !== "function")
    throw new UsageError(`the default export of ${name} is no function but ${kindOf(app)}: ${SHAPE}, or network({ ... })`);
  const sort = app.constructor.name;
  if (sort === "GeneratorFunction") throw new UsageError(`the default export of ${name} is a function*, and only tasks are: ${SHAPE}`);
  if (sort !== "Function") throw new UsageError(`the default export of ${name} is async, and must make everything at once: ${SHAPE}`);
  return app as App;
}

function kindOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** One sentence, with file and line, for what import() threw. */
function importProblem(error: unknown, file: string): string {
  const name = shortPath(resolve(file));
  const message = error instanceof Error ? error.message : "";
  const known = syntaxProblem(message) ?? missingModule(message) ?? missingExport(message, resolve(file));
  const site = siteOfError(error);
  return known ?? `${site ? siteText(site) : name}: ${messageOf(error)}`;
}

/** What esbuild says: "/path/app.ts:5:4: ERROR: text", a line for each error. */
function syntaxProblem(message: string): string | undefined {
  const rows = [...message.matchAll(/^(.+):(\d+):\d+: ERROR: (.*)$/gm)];
  if (rows.length === 0) return undefined;
  const sentences = rows.map(([, at, line, text]) => `${shortPath(at as string)}:${line}: ${text}${advice(text as string)}`);
  return sentences.join("\n");
}

function advice(text: string): string {
  return text.startsWith('"await"') ? "; a task is a function* and waits with yield*, not with await" : "";
}

function missingModule(message: string): string | undefined {
  const found = /^Cannot find (module|package) '([^']+)' imported from '?([^']+?)'?$/m.exec(message);
  if (!found) return undefined;
  const [, sort, target, importer] = found as unknown as [string, string, string, string];
  const last = target.replace(/.*\//, "").replace(/\.\w+$/, "");
  return `${importLine(importer, last)} imports a ${sort} that does not exist: ${sort === "module" ? shortPath(target) : target}`;
}

function missingExport(message: string, file: string): string | undefined {
  const found = /module '([^']+)' does not provide an export named '([^']+)'/.exec(message);
  if (!found) return undefined;
  const [, module, name] = found as unknown as [string, string, string];
  return `${importLine(file, name)} imports ${name}, which ${module} does not export`;
}

/** "app.ts:3": the line of a file that imports something of this name; without a line when there is no such line. */
function importLine(file: string, name: string): string {
  const lines = sourceLines(file);
  const first = lines.findIndex((line) => line.includes(name) && /\b(import|export|from)\b/.test(line));
  return first < 0 ? shortPath(file) : `${shortPath(file)}:${first + 1}`;
}
