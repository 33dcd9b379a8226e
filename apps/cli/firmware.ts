/**
 * From a file to a firmware: a source that asc or clang compiles, WebAssembly text, or a module, as `talea build` wrote it or plain
 * from any compiler.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { type Firmware, firmware, type Grain, MachineError } from "../../hal/host/index.js";
import { Cache, cacheFolder } from "./cache.js";
import { compileC, isC } from "./clang.js";
import { compileFirmware, isFirmware, replaced } from "./compile.js";
import { bytesIn } from "./file.js";
import { shortPath } from "./place.js";
import { UsageError } from "./status.js";
import { assemble, isText } from "./wat.js";
import { processWorld } from "./world.js";

/** How an app says which kind it is. */
export const KINDS = 'a firmware is an app that imports from "talea/firmware", or is written in C or WebAssembly text';

/** How a firmware is made of a module. */
export interface How {
  /** Where tasks may be preempted besides their calls. */
  grain?: Grain | undefined;
  /** Whether accesses to memory that is not a task's own are caught. */
  protect?: boolean | undefined;
}

/** Where tasks may be preempted besides their calls. */
export const grains: readonly Grain[] = ["loop", "access"];

/** Whether a file is a module, by its name. */
export function isModule(file: string): boolean {
  return file.endsWith(".wasm");
}

/** Whether a file is the source of a firmware: by its name, or TypeScript by what it imports. */
export function isSource(file: string): boolean {
  if (file.endsWith(".rs")) throw new UsageError(`${file} is Rust: compile it with rustc, as docs/c.md says, and give its .wasm`);
  return isC(file) || isText(file) || isFirmware(new TextDecoder().decode(bytesIn(file)));
}

/** Compiles an app, and makes it preemptible; warnings go to the stderr of `world`. Throws UsageError when that cannot be. */
export async function compiledApp(file: string, how: How = {}, world = processWorld()): Promise<Firmware> {
  if (isC(file)) return made(file, await compileC(file, world), undefined, how);
  const cache = new Cache(cacheFolder(world.env));
  const text = () => new TextDecoder().decode(bytesIn(file));
  const { wasm, map } = isText(file) ? await assemble(file, text(), cache) : await compileFirmware(file, cache);
  return made(file, wasm, map, how);
}

/** Reads a module, and makes it preemptible where it is plain. Throws UsageError when that cannot be. */
export function readModule(file: string, how: How = {}): Firmware {
  const { grain, protect } = how;
  const found = made(file, bytesIn(file), mapBeside(file), how);
  const built = found.manifest.grain;
  if (protect && found.manifest.guarded === 0) {
    throw new UsageError(`${file} was built without --protect: build it again with it`);
  }
  if (grain === undefined || grain === built) return found;
  throw new UsageError(`${file} was built with --grain ${built}: build it again with --grain ${grain}`);
}

function made(file: string, bytes: Uint8Array, map: string | undefined, { grain, protect }: How): Firmware {
  const place = (source: string) => placed(source, dirname(file));
  try {
    return firmware(bytes, {
      name: file,
      place,
      ...(map === undefined ? {} : { map }),
      ...(grain === undefined ? {} : { grain }),
      ...(protect ? { protect } : {}),
    });
  } catch (error) {
    if (error instanceof MachineError) throw new UsageError(error.message);
    throw error;
  }
}

/** A source that is there is named from where the command was started. */
function placed(source: string, folder: string): string {
  const path = resolve(folder, source);
  return existsSync(path) ? shortPath(path) : source;
}

/** The source map beside a module. */
function mapBeside(file: string): string | undefined {
  const name = `${file}.map`;
  if (!existsSync(name)) return undefined;
  try {
    return replaced(readFileSync(name, "utf8"), (source) => placed(source, dirname(file)));
  } catch (error) {
    throw new UsageError(`the source map ${name} cannot be read: ${(error as Error).message}`);
  }
}
