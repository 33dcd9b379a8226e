/** How modules of apps are loaded: tsx compiles TypeScript, and hooks.ts says what else is special about them. */
import * as node from "node:module";
import { register as registerTsx } from "tsx/esm/api";
import * as hooks from "./hooks.js";

/** Whether this runs from its own sources: there whoever compiles them is at work already. */
export const fromSources = import.meta.url.endsWith(".ts");
let prepared = false;

/** From here on the process takes scripted apps as modules. */
export function prepareModules(): void {
  if (prepared) return;
  prepared = true;
  if (!fromSources) registerTsx({ tsconfig: false });
  // Newer ones have it, and warn of the other way.
  const { registerHooks } = node as { registerHooks?: (ours: typeof hooks) => void };
  if (registerHooks) registerHooks(hooks);
  else node.register(fromSources ? "./hooks.ts" : "./hooks.js", import.meta.url);
}
