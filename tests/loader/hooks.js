/** How modules are found and loaded: see register.js. */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const cache = join(root, "node_modules/.cache/talea/js");
const require = createRequire(import.meta.url);
const { version } = require("esbuild/package.json");
const OPTIONS = { loader: "ts", format: "esm", target: "node20", sourcemap: "inline", sourcesContent: false };
const OURS = createHash("sha256")
  .update(version + JSON.stringify(OPTIONS))
  .digest("hex");
const SOURCE = /^file:[^?#]*\.m?ts(?=$|[?#])/;

mkdirSync(cache, { recursive: true });

/** A source names what another one is compiled to, or leaves the ending out. */
export function resolve(specifier, context, next) {
  if (/^(?:\.\.?\/|file:)/.test(specifier)) {
    const url = new URL(specifier, context.parentURL);
    const source = new URL(`${url.href.replace(/\.js$/, "")}.ts`);
    if (!existsSync(url) && existsSync(source)) return { url: source.href, format: "module", shortCircuit: true };
  }
  return next(specifier, context);
}

/** What esbuild makes of a source. Its failure tells file, line and reason. */
export async function load(url, context, next) {
  if (!SOURCE.test(url)) return next(url, context);
  const file = source(url);
  if (file.kept === undefined) keep(file, (await (await import("esbuild")).transform(file.text, file.options)).code);
  return { format: "module", source: file.kept, shortCircuit: true };
}

/** The same where it is asked for at once, which takes longer for each that is not kept. */
export function loadSync(url, context, next) {
  if (!SOURCE.test(url)) return next(url, context);
  const file = source(url);
  if (file.kept === undefined) keep(file, require("esbuild").transformSync(file.text, file.options).code);
  return { format: "module", source: file.kept, shortCircuit: true };
}

/** A source, and what was made of it if that is kept. */
function source(url) {
  const path = fileURLToPath(url);
  const text = readFileSync(path, "utf8");
  const key = createHash("sha256").update(`${OURS}\0${path}\0${text}`).digest("hex").slice(0, 32);
  const place = path.startsWith(root) ? join(cache, `${key}.js`) : undefined;
  const kept = place !== undefined && existsSync(place) ? readFileSync(place) : undefined;
  return { text, place, kept, options: { ...OPTIONS, sourcefile: path } };
}

/** Remembers what was made of a source, for good if it is one of the project's. */
function keep(file, code) {
  file.kept = code;
  if (file.place === undefined) return;
  const partial = `${file.place}.${randomUUID()}`;
  writeFileSync(partial, code);
  renameSync(partial, file.place);
}
