/**
 * From the source of a firmware to a WebAssembly module: asc with one set of options, and hal/guest as "talea/firmware". Neither
 * the app's folder nor those around it need a package, an installation or a configuration, and none there is looked at.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Cache, type Compiled, digestOf } from "./cache.js";
import { shortPath } from "./place.js";
import { CompileError } from "./status.js";

/** Where firmware's memory begins: behind the kernel's. */
export const MEMORY_BASE = 114688;
const PAGES = 3;
const OUT = "firmware.wasm";

// biome-ignore format: an option a line
const OPTIONS = [
  "--outFile", OUT,
  "--sourceMap",
  "--debug",
  "--runtime", "stub",
  "--importMemory",
  "--initialMemory", String(PAGES),
  "--memoryBase", String(MEMORY_BASE),
  "--exportStart", "_initialize",
  "--exportTable",
  "--stackSize", "0",
  "--noColors",
  "-O3",
];

const IMPORT = /^\s*(?:import|export)\b[^;"'`]*?["']talea\/firmware["']/m;

/** Whether the text of an app is that of a firmware: it imports from "talea/firmware". */
export function isFirmware(source: string): boolean {
  return IMPORT.test(source);
}

/**
 * Compiles an app, unless it is in the cache; in its map sources are named from where the command was started, those of the library
 * "~lib/talea/...". Throws CompileError with what the compiler says, each time with file and line, when it cannot.
 */
export async function compileFirmware(file: string, cache = new Cache(undefined)): Promise<Compiled> {
  const known = keptFirmware(file, cache);
  if (known) return known;
  const path = resolve(file);
  const answers = new Map<string, string | null>();
  const read = (name: string) => {
    const text = readSource(name, dirname(path));
    answers.set(name, text);
    return text;
  };
  const made = await compiledBy(path, read);
  cache.keep(keyOf(path), answers, made);
  return placed(made, path);
}

/** What compileFirmware makes, if the cache has it. */
export function keptFirmware(file: string, cache: Cache): Compiled | undefined {
  const path = resolve(file);
  const made = cache.find(keyOf(path), (name) => readSource(name, dirname(path)));
  return made && placed(made, path);
}

/** What an entry of the cache is found by: all that the compiler is given but for what it asks for. */
export function keyOf(path: string): string {
  const { version } = createRequire(import.meta.url)("assemblyscript/package.json") as { version: string };
  return `${basename(path, ".ts")}-${digestOf(version, basename(path), ...OPTIONS, textIn(path) ?? "")}`;
}

function placed({ wasm, map }: Compiled, path: string): Compiled {
  return { wasm, map: replaced(map, (source) => shortPath(resolve(dirname(path), source))) };
}

/** Runs the compiler; its map names sources as it names them. */
async function compiledBy(path: string, read: (name: string) => string | null): Promise<Compiled> {
  // It is large, and only firmware needs it.
  const { main } = await import("assemblyscript/asc");
  const written = new Map<string, string | Uint8Array>();
  const said: string[] = [];
  const listen = { write: (text: string | Uint8Array) => said.push(String(text)) };
  const { error } = await main([basename(path), "--baseDir", dirname(path), ...OPTIONS], {
    stdout: listen,
    stderr: listen,
    readFile: read,
    writeFile: (name, contents) => void written.set(name, contents),
    listFiles: () => [],
  });
  const wasm = written.get(OUT);
  const map = written.get(`${OUT}.map`);
  if (!error && wasm instanceof Uint8Array && typeof map === "string") return { wasm, map };
  const text = said.join("").trim() || (error?.message ?? "asc made nothing");
  const place = (source: string) => (ofLibrary(source) ? source : shortPath(resolve(dirname(path), source)));
  throw new CompileError(text.replace(PLACE, (_, before, source) => `${before}${place(source)}`));
}

/** Where asc names a file. */
const PLACE = /(└─ in )([^\n]+?)(?=\(\d+,\d+\))/g;

/** A source map whose sources are named as `place` says, but for those of the library. */
export function replaced(map: string, place: (source: string) => string): string {
  const content = JSON.parse(map) as { sources: string[] };
  const sources = content.sources.map((source) => (ofLibrary(source) ? source : place(source)));
  return JSON.stringify({ ...content, sources });
}

/** Whether a source is asc's own or of hal/guest. */
export function ofLibrary(source: string): boolean {
  return source.startsWith("~lib/");
}

/** How asc asks for a package: in each node_modules from the app's folder up. */
const PACKAGE = /(?:^|[\\/])node_modules[\\/]talea[\\/](.+)$/;
/** hal/guest: what firmware is compiled with. */
export const GUEST = guestFolder();

/** What asc may read: sources, and the library under its name; no configuration. */
function readSource(name: string, folder: string): string | null {
  const [, part] = PACKAGE.exec(name) ?? [];
  if (part === undefined && !name.endsWith(".ts")) return null;
  return textIn(part === undefined ? resolve(folder, name) : join(GUEST, part === "firmware.ts" ? "index.ts" : part));
}

/** What is in a file, null where there is none. */
function textIn(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** hal/guest, which the compiled command has beside dist/. */
function guestFolder(): string {
  const candidates = ["../../hal/guest/", "../../../hal/guest/"].map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return candidates.find((folder) => existsSync(join(folder, "index.ts"))) ?? (candidates[0] as string);
}
