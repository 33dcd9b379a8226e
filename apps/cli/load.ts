/**
 * From the name of a file to an app. What it imports says which kind it is: a firmware imports from "talea/firmware" and is compiled
 * (firmware.ts). All else is scripted, TypeScript that needs neither package nor installation around it (modules.ts).
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type App, Firmware, NetworkDescription, siteText } from "../../hal/host/index.js";
import { checkFile } from "./file.js";
import { compiledApp, type How, isModule, isSource, KINDS, readModule } from "./firmware.js";
import { prepareModules } from "./modules.js";
import { shortPath, sourceLines } from "./place.js";
import { messageOf, siteOfError } from "./reason.js";
import { UsageError } from "./status.js";
import type { World } from "./world.js";

/** What can be run. */
export type Loaded = App | Firmware | NetworkDescription;
/** Sees to it that nobody takes a compiler at work for an app that never ends. */
type Aside = <T>(work: () => Promise<T>) => Promise<T>;

/** Whether a file is a firmware, a module or what asc is to compile. */
export function isCompiled(file: string): boolean {
  return isModule(file) || isSource(file);
}

/**
 * An app from its file: a scripted one's default export, or a firmware, compiled, made as `how` says. Throws
 * UsageError for whatever keeps it from being one.
 */
export async function loadApp(file: string, how: How, aside: Aside, world: World): Promise<Loaded> {
  checkFile(file);
  if (isCompiled(file)) return loadCompiled(file, how, aside, world);
  const option = how.grain !== undefined ? "--grain" : how.protect ? "--protect" : undefined;
  if (option) throw new UsageError(`${option} is for firmware, and ${file} is a scripted app: ${KINDS}`);
  return loadScripted(file);
}

/** A scripted app from its file, and the firmware that runs beside it. Throws UsageError where that cannot be. */
export async function loadBoth(file: string, firmware: string, how: How, aside: Aside, world: World): Promise<[App, Firmware]> {
  checkFile(file);
  checkFile(firmware);
  if (isCompiled(file)) throw new UsageError(`--firmware goes with a scripted app, and ${file} is a firmware itself: leave one out`);
  if (!isCompiled(firmware)) throw new UsageError(`--firmware names ${firmware}, which is a scripted app: ${KINDS}`);
  const app = await loadScripted(file);
  if (app instanceof Firmware) throw new UsageError(`${file} exports a firmware itself: leave out --firmware`);
  if (app instanceof NetworkDescription) {
    throw new UsageError(`${file} is a network, whose machines name their firmware themselves: { address, app, firmware }`);
  }
  return [app, await loadCompiled(firmware, how, aside, world)];
}

async function loadCompiled(file: string, how: How, aside: Aside, world: World): Promise<Firmware> {
  return aside(async () => (isModule(file) ? readModule(file, how) : compiledApp(file, how, world)));
}

async function loadScripted(file: string): Promise<Loaded> {
  prepareModules();
  let app: unknown;
  try {
    ({ default: app } = await import(pathToFileURL(resolve(file)).href));
  } catch (error) {
    throw new UsageError(importProblem(error, file));
  }
  return checkApp(app, file);
}

const SHAPE = "write export default (system: System) => { ... }";

function checkApp(app: unknown, file: string): Loaded {
  if (app instanceof NetworkDescription || app instanceof Firmware) return app;
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
