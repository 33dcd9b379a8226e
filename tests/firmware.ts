/**
 * Firmware for tests, built by the built command and only once: the compiler takes seconds. A folder that the environment names is
 * shared with other processes, and stays.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Firmware, firmware, type Grain } from "../hal/host/index.js";
import { command, ensureBuilt, root } from "./built.js";

const shared = process.env.TALEA_FIRMWARE;
const folder = shared ?? mkdtempSync(join(tmpdir(), "talea-firmware-"));
if (shared === undefined) process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const known = new Map<string, Firmware>();

/** The module of an app below apps/firmware, "counter" or "threadmetric/basic", as a file. */
export function wasmFile(app: string, grain: Grain = "loop"): string {
  return builtFile(app, `apps/firmware/${app}.ts`, grain);
}

/** The same as a firmware. */
export function firmwareOf(app: string, grain: Grain = "loop"): Firmware {
  return loaded(wasmFile(app, grain));
}

/** The firmware of a source that only this test has. */
export function firmwareFrom(name: string, source: string, grain: Grain = "loop"): Firmware {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}.ts`);
  if (!existsSync(file) || readFileSync(file, "utf8") !== source) {
    rmSync(join(folder, `${name}.${grain}.wasm`), { force: true });
    writeFileSync(file, source);
  }
  return loaded(builtFile(name, file, grain));
}

function builtFile(name: string, file: string, grain: Grain): string {
  const to = join(folder, `${name.replace("/", "-")}.${grain}.wasm`);
  if (existsSync(to)) return to;
  ensureBuilt();
  execFileSync(process.execPath, [command, "build", file, "-o", to, "--grain", grain], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return to;
}

function loaded(file: string): Firmware {
  const made = known.get(file) ?? firmware(readFileSync(file));
  known.set(file, made);
  return made;
}
