/**
 * `node --import ./tests/loader/register.js`: TypeScript runs as it is, as with tsx, in half the time. What esbuild made of the project's
 * sources is kept, and nothing looks through the JavaScript of packages.
 */
import * as node from "node:module";
import { loadSync, resolve } from "./hooks.js";

process.setSourceMapsEnabled(true);
// Newer ones have it, and warn of the other way.
if (node.registerHooks) node.registerHooks({ resolve, load: loadSync });
else node.register("./hooks.js", import.meta.url);
