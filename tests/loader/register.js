/**
 * `node --import ./tests/loader/register.js`: TypeScript runs as it is, as with tsx, in half the time. What esbuild made of the project's
 * sources is kept, and nothing looks through the JavaScript of packages.
 */
import { register } from "node:module";

process.setSourceMapsEnabled(true);
register("./hooks.js", import.meta.url);
