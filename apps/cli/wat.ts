/**
 * From WebAssembly text to a module and its source map, by Binaryen. Each line of the text is marked with its number on a line of its
 * own above it, as Binaryen's parser reads such marks; so its own line numbers are twice ours.
 */
import { createRequire, SourceMap, type SourceMapPayload } from "node:module";
import { Cache, type Compiled, digestOf } from "./cache.js";
import { CompileError } from "./status.js";

/** Whether a file is WebAssembly text, by its name. */
export function isText(file: string): boolean {
  return file.endsWith(".wat");
}

/** Assembles a text, unless it is in the cache. Throws CompileError with the line of what is wrong. */
export async function assemble(file: string, text: string, cache = new Cache(undefined)): Promise<Compiled> {
  const key = `wat-${digestOf(assembler(), file, text)}`;
  const known = cache.find(key, () => null);
  if (known) return known;
  const made = await assembledBy(file, text);
  cache.keep(key, new Map(), made);
  return made;
}

/** Which Binaryen it is: asc's own. */
function assembler(): string {
  return (createRequire(import.meta.url)("assemblyscript/package.json") as { version: string }).version;
}

async function assembledBy(file: string, text: string): Promise<Compiled> {
  // It is large, and only text needs it.
  const { default: binaryen } = await import("assemblyscript/binaryen");
  const lines = text.split(/\r?\n/);
  const marked = lines.flatMap((line, i) => [`;;@ ${file}:${i + 1}:1`, line]).join("\n");
  binaryen.setDebugInfo(true);
  const module = parsed(file, () => binaryen.parseText(marked));
  const { Features } = binaryen;
  module.setFeatures(Features.MutableGlobals | Features.BulkMemory | Features.SignExt | Features.NontrappingFPToInt | Features.Multivalue);
  const { binary, sourceMap } = module.emitBinary(`${file}.map`);
  module.dispose();
  if (sourceMap === null) throw new CompileError(`${file}: Binaryen told no lines`);
  check(file, binary, sourceMap);
  return { wasm: binary, map: sourceMap };
}

function parsed<T>(file: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const { message } = error as { message: string };
    const [, line, column, what] = /^(\d+):(\d+): error: ([\s\S]*)$/.exec(message) ?? [];
    if (line === undefined) throw new CompileError(`${file}: error: ${message}`);
    throw new CompileError(`${file}:${Math.ceil(Number(line) / 2)}:${Number(column) + 1}: error: ${what}`);
  }
}

/** What is well-formed may still be wrong: the engine says at which byte. */
function check(file: string, binary: Uint8Array, map: string): void {
  try {
    new WebAssembly.Module(binary as BufferSource);
  } catch (error) {
    const message = (error as Error).message.replace(/^WebAssembly\.Module\(\): /, "");
    const [, what, offset] = /^(?:Compiling function .*? failed: )?(.*?)(?: @\+(\d+))?$/s.exec(message) ?? [];
    const entry = offset === undefined ? {} : new SourceMap(JSON.parse(map) as SourceMapPayload).findEntry(0, Number(offset));
    const line = "originalLine" in entry ? `:${Number(entry.originalLine) + 1}` : "";
    throw new CompileError(`${file}${line}: error: ${what ?? message}`);
  }
}
