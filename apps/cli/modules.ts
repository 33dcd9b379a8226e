/**
 * How modules of apps are loaded: tsx compiles TypeScript, every .ts file is a module whatever package.json says, and "talea" is the API
 * of the command that runs.
 */
import { register } from "node:module";
import { register as registerTsx } from "tsx/esm/api";

const API = new URL("../../hal/host/index.js", import.meta.url).href;

const INDIRECT = 'a scripted app cannot use "talea/firmware"; for a firmware, import from it in the file that is run, too';

/**
 * Runs ahead of tsx: it answers "talea", undoes what tsx makes of a .ts file in a package that is not marked as a module, and keeps the
 * compiler's megabytes of JavaScript from it, over which it would take seconds.
 */
const HOOK = `
import { readFile } from "node:fs/promises";
export async function load(url, context, next) {
  if (!/[/]node_modules[/](assemblyscript|binaryen|long)[/][^?]*[.]js$/.test(url)) return next(url, context);
  return { format: "module", source: await readFile(new URL(url)), shortCircuit: true };
}
export async function resolve(specifier, context, next) {
  if (specifier === "talea/firmware") throw new Error(${JSON.stringify(INDIRECT)});
  if (specifier === "talea") return next(${JSON.stringify(API)}, context);
  const found = await next(specifier, context);
  const url = found.url.replace(/(%3F|\\?)tsx-.*/, "");
  return /^file:[^?]*\\.tsx?$/.test(url) ? { ...found, url, format: "module" } : found;
}`;

/** Whether this runs from its own sources: there tsx is at work already. */
export const fromSources = import.meta.url.endsWith(".ts");
let prepared = false;

/** From here on the process takes scripted apps as modules. */
export function prepareModules(): void {
  if (prepared) return;
  prepared = true;
  if (!fromSources) registerTsx({ tsconfig: false });
  register(`data:text/javascript,${encodeURIComponent(HOOK)}`);
}
