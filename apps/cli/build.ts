/** `talea build`: a firmware as one module that any board of this version runs, and what is said of it. */
import { writeFileSync } from "node:fs";
import { basename } from "node:path";
import type { Firmware, Grain } from "../../hal/host/index.js";
import { bytesIn, checkFile } from "./file.js";
import { compiledApp, type How, isModule, isSource, KINDS, readModule } from "./firmware.js";
import { UsageError } from "./status.js";
import { same } from "./tracefile.js";
import type { World } from "./world.js";

export interface BuildOptions {
  /** The file that is written; default: the app's name with .wasm, where the command was started. */
  output?: string;
  grain?: Grain;
  protect?: boolean;
}

/** Builds the app in a file and answers what there is to say. Throws UsageError when that cannot be. */
export async function build(file: string, { output, ...how }: BuildOptions, world: World): Promise<string> {
  checkFile(file);
  const to = output ?? `${basename(file).replace(/\.[^.]*$/, "")}.wasm`;
  if (same(to, file)) throw new UsageError(`the output ${to} is the app itself: name another file with -o`);
  const { bytes, manifest } = await built(file, how, world);
  try {
    writeFileSync(to, bytes);
  } catch (error) {
    throw new UsageError(`${to} cannot be written: ${(error as Error).message}`);
  }
  return `wrote ${to}: ${bytes.length} bytes, grain ${manifest.grain},${manifest.guarded === 0 ? "" : " protected,"} ${manifest.pages} pages of memory`;
}

async function built(file: string, how: How, world: World): Promise<Firmware> {
  const bytes = bytesIn(file);
  if (!isModule(file)) {
    if (isSource(file)) return compiledApp(file, how, world);
    throw new UsageError(`${file} is a scripted app, and runs as it is: ${KINDS}`);
  }
  const made = readModule(file, how);
  if (Buffer.compare(made.bytes, bytes) === 0) throw new UsageError(`${file} was built already: talea run ${file} runs it`);
  return made;
}
