/**
 * Firmware for tests and benches. The compiler takes seconds to begin, so what it made is kept in node_modules/.cache/talea, under a name
 * made of all that it depends on: never stale, and shared by processes, since a file gets its name when it is whole. It may be deleted
 * at any time. Under tests/run.ts one process compiles for all (compile.ts); by itself a test file starts one for itself.
 */
import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { type Compiled, compileFirmware } from "../apps/cli/compile.js";
import { prepareModules } from "../apps/cli/modules.js";
import { type Firmware, firmware, type Grain } from "../hal/host/index.js";
import { cache, root } from "./built.js";

// Keeps the compiler from tsx, as the command does.
prepareModules();

const known = new Map<string, Firmware>();

/** The module of a source, not yet preemptible. It may import what is in its own folder and "talea/firmware". */
export function compiled(file: string): Compiled {
  const key = keyOf(file);
  if (!existsSync(entry(key))) compileElsewhere(key, file);
  return kept(key);
}

/** Compiles a source in this process, unless it is kept already. */
export async function compileHere(file: string, key = keyOf(file)): Promise<void> {
  if (!existsSync(entry(key))) keep(key, await compileFirmware(file));
}

/** The compiler answers later, and who asks here cannot wait: another process does. */
function compileElsewhere(key: string, file: string): void {
  const folder = process.env.TALEA_COMPILER;
  if (folder !== undefined) askFor(key, file, folder);
  // Its code runs once, and is not worth optimising.
  else execFileSync(process.execPath, ["--liftoff-only", ...process.execArgv, join(root, "tests/compile.ts"), file], { stdio: "inherit" });
}

/** Asks the process that compiles for all, by a file in its folder, and waits. */
function askFor(key: string, file: string, folder: string): void {
  const [failed, over] = [join(folder, `${key}.failed`), join(folder, "over")];
  const clock = new Int32Array(new SharedArrayBuffer(4));
  replaceWhole(join(folder, `${key}.request`), file);
  while (!existsSync(entry(key))) {
    if (existsSync(failed)) throw new Error(readFileSync(failed, "utf8"));
    if (existsSync(over)) throw new Error(`the process that compiles has ended, before it compiled ${file}`);
    Atomics.wait(clock, 0, 0, 5);
  }
}

/** The firmware of an app below apps/firmware, "counter" or "threadmetric/basic". */
export function firmwareOf(app: string, grain: Grain = "loop", protect = false): Firmware {
  return made(join(root, `apps/firmware/${app}.ts`), grain, protect);
}

/** The module of an app below apps/firmware as a file, as `talea build` writes it. */
export function wasmFile(app: string, grain: Grain = "loop"): string {
  const { bytes } = firmwareOf(app, grain);
  const hash = createHash("sha256").update(bytes).digest("hex");
  const file = join(cache, `${app.replaceAll("/", "-")}-${hash.slice(0, 24)}.wasm`);
  if (!existsSync(file)) replaceWhole(file, bytes);
  return file;
}

/** The firmware of a source that only this test has. */
export function firmwareFrom(name: string, source: string, grain: Grain = "loop"): Firmware {
  const hash = createHash("sha256").update(source).digest("hex");
  const file = join(cache, hash.slice(0, 24), `${name}.ts`);
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file)) replaceWhole(file, source);
  return made(file, grain);
}

function made(file: string, grain: Grain, protect = false): Firmware {
  const key = keyOf(file);
  const before = known.get(key + grain + protect);
  if (before) return before;
  const { wasm, map } = compiled(file);
  const app = firmware(wasm, { map, name: file, grain, protect });
  known.set(key + grain + protect, app);
  return app;
}

/** All that a module and its map depend on: the compiler, how it is called and where, the library, the sources below the file's folder. */
function keyOf(file: string): string {
  const hash = createHash("sha256").update(process.cwd());
  const compiler = createRequire(import.meta.url).resolve("assemblyscript/package.json");
  const own = ["compile.ts", "place.ts"].map((name) => join(root, "apps/cli", name));
  const around = [compiler, ...own, ...sourcesBelow(join(root, "hal/guest")), ...sourcesBelow(dirname(file))];
  for (const path of [file, ...around]) hash.update(`${path}\0`).update(readFileSync(path)).update("\0");
  return `${basename(file, ".ts")}-${hash.digest("hex").slice(0, 24)}`;
}

function sourcesBelow(directory: string): string[] {
  const files = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return files.sort().map((file) => join(directory, file));
}

function entry(key: string): string {
  return join(cache, `${key}.json`);
}

function keep(key: string, { wasm, map }: Compiled): void {
  mkdirSync(cache, { recursive: true });
  replaceWhole(entry(key), JSON.stringify({ wasm: Buffer.from(wasm).toString("base64"), map }));
}

function kept(key: string): Compiled {
  const { wasm, map } = JSON.parse(readFileSync(entry(key), "utf8")) as { wasm: string; map: string };
  return { wasm: new Uint8Array(Buffer.from(wasm, "base64")), map };
}

/** Writes a file so that whoever reads it meanwhile finds all of it or nothing. */
export function replaceWhole(file: string, content: string | Uint8Array): void {
  const partial = `${file}.${randomUUID()}`;
  writeFileSync(partial, content);
  renameSync(partial, file);
}
