/**
 * Loaded first in every process of a run with coverage (TALEA_COVER says where its folder is). Who makes an instance of a kernel
 * gets one of the kernel with counters instead, with as much memory; everything else is as it was. What was passed is written when the
 * process or the worker ends; one that is killed tells nothing.
 */
import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withMemory } from "../../hal/host/image.js";
import { digest, type Entry, MANIFEST, PAGES, PASSED, type Passed } from "./entry.js";

/** Fewer bytes are no kernel. */
const LEAST = 16 * 1024;
const MEMORY_SECTION = 5;

const folder = process.env.TALEA_COVER as string;
const entries = JSON.parse(readFileSync(join(folder, MANIFEST), "utf8")) as Entry[];
const kernels = new Map<string, Uint8Array>();
const passed = new Map(entries.map(({ flavour, counters }) => [flavour, new Uint8Array(counters)]));

function number(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  for (let shift = 0, next = at; ; shift += 7) {
    const byte = bytes[next++] as number;
    value |= (byte & 127) << shift;
    if (byte < 128) return [value >>> 0, next];
  }
}

/** The pages of its memory with which a module begins, undefined for one that has none of its own. */
function pagesOf(bytes: Uint8Array): number | undefined {
  for (let at = 8; at < bytes.length; ) {
    const [size, body] = number(bytes, at + 1);
    if (bytes[at] === MEMORY_SECTION) return number(bytes, body + 2)[0];
    at = body + size;
  }
  return undefined;
}

/** Of which kernel these bytes are, and the module that it is with counters. */
function counted(bytes: Uint8Array): { entry: Entry; wasm: Uint8Array } | undefined {
  const pages = bytes.length < LEAST ? undefined : pagesOf(bytes);
  if (pages === undefined) return undefined;
  const known = digest(withMemory(bytes, PAGES));
  const entry = entries.find(({ instead }) => instead === known);
  if (!entry) return undefined;
  const kernel = kernels.get(entry.file) ?? readFileSync(join(folder, entry.file));
  kernels.set(entry.file, kernel);
  return { entry, wasm: withMemory(kernel, pages) };
}

function bytesOf(source: unknown): Uint8Array | undefined {
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
  return undefined;
}

/** Modules that are kernels: with counters, and the counters that their instances pass. */
const countedFor = new WeakMap<WebAssembly.Module, { module: WebAssembly.Module; numbers: Uint8Array }>();

WebAssembly.Module = new Proxy(WebAssembly.Module, {
  construct(target, args: [unknown], made) {
    const module = Reflect.construct(target, args, made) as WebAssembly.Module;
    const bytes = bytesOf(args[0]);
    const found = bytes && counted(bytes);
    if (!found) return module;
    const numbers = passed.get(found.entry.flavour) as Uint8Array;
    countedFor.set(module, { module: Reflect.construct(target, [found.wasm], target) as WebAssembly.Module, numbers });
    return module;
  },
});

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, [module, imports]: [WebAssembly.Module, WebAssembly.Imports?], made) {
    const found = countedFor.get(module);
    if (!found) return Reflect.construct(target, [module, imports], made);
    const hit = (counter: number) => {
      found.numbers[counter] = 1;
    };
    return Reflect.construct(target, [found.module, { ...imports, cover: { hit } }], made);
  },
});

process.on("exit", () => {
  const told: Passed = {};
  for (const [flavour, numbers] of passed) {
    const list = [...numbers.keys()].filter((counter) => numbers[counter] === 1);
    if (list.length > 0) told[flavour] = list;
  }
  if (Object.keys(told).length > 0) writeFileSync(join(folder, `${randomUUID()}${PASSED}`), JSON.stringify(told));
});
