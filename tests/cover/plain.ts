/**
 * The kernels as asc writes them without optimising: there every `if`, `&&`, `||`, `?:`, loop condition and `case` of the source is a
 * branch of its own, and the source map has the place of each instruction. All else is as in asconfig.json, so that the data lie where
 * they lie in the kernels of dist/, and a run has the same cycles, memory and trace.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { KernelFlavour } from "../../hal/host/image.js";
import { decode } from "../../hal/preempt/decode.js";
import { Positions } from "../../hal/preempt/positions.js";
import type { Instr, Node, Tree } from "../../hal/preempt/tree.js";
import { cache, root } from "../built.js";

export const FLAVOURS: readonly KernelFlavour[] = ["release", "debug", "small"];

/** A place in a source file; lines and columns from 1. */
export interface Place {
  file: string;
  line: number;
  column: number;
}

/** A kernel as a tree, and where its instructions are from. */
export interface Plain {
  tree: Tree;
  /** The place of an instruction, undefined for what the compiler made up. `first` is where its function begins. */
  placeOf(node: Node, first: number): Place | undefined;
}

/** What asc is told about speed and size, and about files: all that is not left as it is. */
const OWN = ["outFile", "textFile", "sourceMap", "debug", "optimizeLevel", "shrinkLevel", "converge"];

type Setting = string | number | boolean | string[];
interface Config {
  options: Record<string, Setting>;
  targets: Record<string, Record<string, Setting>>;
}

/** The command line of asc for a target of asconfig.json, without optimising. */
function argumentsFor(flavour: KernelFlavour): string[] {
  const config = JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8")) as Config;
  const settings = Object.entries({ ...config.options, ...config.targets[flavour] }).filter(([name]) => !OWN.includes(name));
  const given = settings.flatMap(([name, value]) => {
    if (value === false || (Array.isArray(value) && value.length === 0)) return [];
    return value === true ? [`--${name}`] : [`--${name}`, ...[value].flat().map(String)];
  });
  const entry = flavour === "debug" ? "kernel/debug.ts" : "kernel/index.ts";
  return [entry, "--config", "none", "--debug", "--sourceMap", "--outFile", "kernel.wasm", ...given];
}

/** Compiled into memory. */
async function compile(flavour: KernelFlavour): Promise<{ wasm: Uint8Array; map: string }> {
  const { main } = await import("assemblyscript/asc");
  const files = new Map<string, string | Uint8Array>();
  const writeFile = (name: string, contents: string | Uint8Array) => void files.set(name, contents);
  const readFile = (name: string, base: string) => {
    const path = join(base, name);
    return existsSync(path) ? readFileSync(path, "utf8") : null;
  };
  const { error } = await main([...argumentsFor(flavour), "--baseDir", root], { writeFile, readFile, stderr: process.stderr });
  if (error) throw error;
  return { wasm: files.get("kernel.wasm") as Uint8Array, map: files.get("kernel.wasm.map") as string };
}

/** Says from what a kernel is made. */
function keyOf(flavour: KernelFlavour): string {
  const sources = readdirSync(join(root, "kernel"), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  const hash = createHash("sha256").update(argumentsFor(flavour).join("\0"));
  hash.update(readFileSync(createRequire(import.meta.url).resolve("assemblyscript/package.json")));
  for (const file of sources.sort()) hash.update(`\0${file}\0`).update(readFileSync(join(root, "kernel", file)));
  return hash.digest("hex").slice(0, 24);
}

/** The module and its source map; kept for as long as its sources stay as they are. */
async function compiled(flavour: KernelFlavour): Promise<{ wasm: Uint8Array; map: string }> {
  const place = join(cache, `plain-${flavour}-${keyOf(flavour)}`);
  if (existsSync(`${place}.map`)) return { wasm: readFileSync(`${place}.wasm`), map: readFileSync(`${place}.map`, "utf8") };
  const made = await compile(flavour);
  mkdirSync(cache, { recursive: true });
  writeFileSync(`${place}.wasm`, made.wasm);
  writeFileSync(`${place}.map`, made.map);
  return made;
}

/** A module that asc wrote without optimising, with its source map. */
export function plainOf(wasm: Uint8Array, map: string): Plain {
  const positions = Positions.fromSourceMap(map);
  const placeOf = (node: Node, first: number) => {
    const found = (node as Instr).at < 0 ? undefined : positions.findOwn(node.at, first);
    if (!found || found.offset < first) return undefined;
    const file = positions.sources[found.source] as string;
    return file.startsWith("kernel/") ? { file, line: found.line, column: found.column } : undefined;
  };
  const tree = decode(wasm);
  // Memory is zero as it is, and a module with zeros in it needs more pages: the optimiser leaves them out, too.
  tree.datas = tree.datas.filter(({ bytes }) => bytes.some((byte) => byte !== 0));
  return { tree, placeOf };
}

/** A kernel, compiled anew or from before. */
export async function plainKernel(flavour: KernelFlavour): Promise<Plain> {
  const { wasm, map } = await compiled(flavour);
  return plainOf(wasm, map);
}
