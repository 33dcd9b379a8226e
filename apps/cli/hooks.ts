/**
 * How modules of apps are found and loaded, ahead of tsx: "talea" is the API of the command that runs, every .ts file is a module
 * whatever tsx makes of one in a package that is not marked as one, and the compiler's megabytes of JavaScript are kept from tsx, over
 * which it would take seconds. Node asks with promises or without.
 */
import { readFileSync } from "node:fs";
import type { LoadFnOutput, LoadHookContext, ResolveFnOutput, ResolveHookContext } from "node:module";

type Answer<T> = T | Promise<T>;

const API = new URL("../../hal/host/index.js", import.meta.url).href;
const INDIRECT = 'a scripted app cannot use "talea/firmware"; for a firmware, import from it in the file that is run, too';
const COMPILERS = /[/]node_modules[/](assemblyscript|binaryen|long)[/][^?]*[.]js$/;

export function resolve(
  specifier: string,
  context: ResolveHookContext,
  next: (specifier: string, context?: ResolveHookContext) => Answer<ResolveFnOutput>,
): Answer<ResolveFnOutput> {
  if (specifier === "talea/firmware") throw new Error(INDIRECT);
  if (specifier === "talea") return next(API, context);
  const found = next(specifier, context);
  return found instanceof Promise ? found.then(asModule) : asModule(found);
}

function asModule(found: ResolveFnOutput): ResolveFnOutput {
  const url = found.url.replace(/(%3F|\?)tsx-.*/, "");
  return /^file:[^?]*\.tsx?$/.test(url) ? { ...found, url, format: "module" } : found;
}

export function load(
  url: string,
  context: LoadHookContext,
  next: (url: string, context?: LoadHookContext) => Answer<LoadFnOutput>,
): Answer<LoadFnOutput> {
  if (!COMPILERS.test(url)) return next(url, context);
  return { format: "module", source: readFileSync(new URL(url)), shortCircuit: true };
}
