/** How modules are found and loaded: see register.js. */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const cache = join(root, "node_modules/.cache/talea/js");
const { version } = createRequire(import.meta.url)("esbuild/package.json");
const OPTIONS = { loader: "ts", format: "esm", target: "node20", sourcemap: "inline", sourcesContent: false };
const OURS = createHash("sha256")
  .update(version + JSON.stringify(OPTIONS))
  .digest("hex");
const SOURCE = /^file:[^?#]*\.m?ts(?=$|[?#])/;

mkdirSync(cache, { recursive: true });

/** A source names what another one is compiled to, or leaves the ending out. */
export async function resolve(specifier, context, next) {
  if (/^(?:\.\.?\/|file:)/.test(specifier)) {
    const url = new URL(specifier, context.parentURL);
    const source = new URL(`${url.href.replace(/\.js$/, "")}.ts`);
    if (!existsSync(url) && existsSync(source)) return { url: source.href, format: "module", shortCircuit: true };
  }
  return next(specifier, context);
}

export async function load(url, context, next) {
  if (!SOURCE.test(url)) return next(url, context);
  return { format: "module", source: await compiled(fileURLToPath(url)), shortCircuit: true };
}

/** What esbuild makes of a file. Its failure tells file, line and reason. */
async function compiled(path) {
  const text = readFileSync(path, "utf8");
  const key = createHash("sha256").update(`${OURS}\0${path}\0${text}`).digest("hex").slice(0, 32);
  const kept = join(cache, `${key}.js`);
  const mine = path.startsWith(root);
  if (mine && existsSync(kept)) return readFileSync(kept);
  const { transform } = await import("esbuild");
  const { code } = await transform(text, { ...OPTIONS, sourcefile: path });
  if (!mine) return code;
  const partial = `${kept}.${randomUUID()}`;
  writeFileSync(partial, code);
  renameSync(partial, kept);
  return code;
}
