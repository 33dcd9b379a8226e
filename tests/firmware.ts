/**
 * Firmware for tests and benches. The compiler takes seconds to begin, so what it made is kept in node_modules/.cache/talea, by the
 * command's own cache: never stale, and shared by processes. It may be deleted at any time. Under tests/run.ts one process compiles for
 * all (compile.ts); by itself a test file starts one for itself.
 */
import { execFileSync } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Cache, type Compiled } from "../apps/cli/cache.js";
import { compileFirmware, keptFirmware, keyOf } from "../apps/cli/compile.js";
import { prepareModules } from "../apps/cli/modules.js";
import { type Firmware, firmware, type Grain } from "../hal/host/index.js";
import { cache, root } from "./built.js";

// As the command does: apps import "talea".
prepareModules();

const kept = new Cache(cache);
const known = new Map<string, Firmware>();
const modules = new Map<string, Compiled>();

/** The module of a source, not yet preemptible. It may import what is in its own folder and "talea/firmware". */
export function compiled(file: string): Compiled {
  const module = modules.get(file) ?? keptFirmware(file, kept) ?? compiledElsewhere(file);
  modules.set(file, module);
  return module;
}

/** Compiles a source in this process, unless it is kept already. */
export async function compileHere(file: string): Promise<void> {
  await compileFirmware(file, kept);
}

/** The compiler answers later, and who asks here cannot wait: another process does. */
function compiledElsewhere(file: string): Compiled {
  const folder = process.env.TALEA_COMPILER;
  if (folder !== undefined) askFor(file, folder);
  // Its code runs once, and is not worth optimising.
  else {
    const command = ["--liftoff-only", ...process.execArgv, join(root, "tests/compile.ts"), resolve(file)];
    execFileSync(process.execPath, command, { cwd: root, stdio: "inherit" });
  }
  const module = keptFirmware(file, kept);
  if (!module) throw new Error(`${file} was compiled, and is not in ${cache}`);
  return module;
}

/** Asks the process that compiles for all, by a file in its folder, and waits. */
function askFor(file: string, folder: string): void {
  const key = keyOf(resolve(file));
  const [request, failed, over] = [join(folder, `${key}.request`), join(folder, `${key}.failed`), join(folder, "over")];
  const clock = new Int32Array(new SharedArrayBuffer(4));
  replaceWhole(request, file);
  while (existsSync(request)) {
    if (existsSync(over)) throw new Error(`the process that compiles has ended, before it compiled ${file}`);
    Atomics.wait(clock, 0, 0, 5);
  }
  if (existsSync(failed)) throw new Error(readFileSync(failed, "utf8"));
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
  const folder = join(cache, hash.slice(0, 24));
  const file = join(folder, `${name}.ts`);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(file)) replaceWhole(file, source);
  return made(file, grain);
}

function made(file: string, grain: Grain, protect = false): Firmware {
  const key = `${file} ${grain} ${protect}`;
  const before = known.get(key);
  if (before) return before;
  const { wasm, map } = compiled(file);
  const app = firmware(wasm, { map, name: file, grain, protect });
  known.set(key, app);
  return app;
}

/** Writes a file so that whoever reads it meanwhile finds all of it or nothing. */
export function replaceWhole(file: string, content: string | Uint8Array): void {
  const partial = `${file}.${randomUUID()}`;
  writeFileSync(partial, content);
  renameSync(partial, file);
}
