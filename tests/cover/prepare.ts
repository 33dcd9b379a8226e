/**
 * A folder for one run with coverage: kernels with counters, what each counter stands for, and what a process loads first so that it
 * takes them for the built ones. Environment variables tell of it, so that it is so in every process that the run starts.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { buildSync } from "esbuild";
import { withMemory } from "../../hal/host/image.js";
import { readKernel } from "../../hal/host/node.js";
import { root } from "../built.js";
import { withCounters } from "./counters.js";
import { digest, type Entry, MANIFEST, PAGES } from "./entry.js";
import { FLAVOURS, plainKernel } from "./plain.js";

/** Empties the folder, and makes it ready. */
export async function prepare(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const entries: Entry[] = [];
  for (const flavour of FLAVOURS) {
    const { wasm, counters } = withCounters(await plainKernel(flavour));
    const file = `${flavour}.wasm`;
    writeFileSync(join(folder, file), wasm);
    writeFileSync(join(folder, `${flavour}.json`), JSON.stringify(counters));
    entries.push({ flavour, file, counters: counters.length, instead: digest(withMemory(readKernel(flavour), PAGES)) });
  }
  writeFileSync(join(folder, MANIFEST), JSON.stringify(entries));
  const entryPoints = [join(root, "tests/cover/load.ts")];
  buildSync({ entryPoints, outfile: join(folder, "load.mjs"), bundle: true, platform: "node", format: "esm", target: "node20" });
}

/** The environment of a run with coverage; `folder` is what prepare() made. */
export function covered(folder: string, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const load = `--import=${pathToFileURL(join(folder, "load.mjs")).href}`;
  return { ...env, TALEA_COVER: folder, NODE_OPTIONS: [env.NODE_OPTIONS, load].filter(Boolean).join(" ") };
}

/** The manifest of a folder. */
export function entriesIn(folder: string): Entry[] {
  return JSON.parse(readFileSync(join(folder, MANIFEST), "utf8")) as Entry[];
}
