/**
 * The kernel as a WebAssembly module, and one instance of it with its memory. Power-on is a copy of the pristine memory, so a
 * second run in one process starts in microseconds and cannot see anything of the first. The memory of a new instance is pristine: its
 * first run needs no copy, and all instances of one module share what the others copy.
 */
import type { KernelExports } from "../../kernel/abi/host.js";
import { PAGE } from "../map.js";
import { MachineError } from "./errors.js";

/** The release kernel, the one with assertions and `check()`, or the one with small tables for little memory. */
export type KernelFlavour = "release" | "debug" | "small";

/** What the debug kernel exports besides. */
export interface DebugExports {
  check(): number;
  polls_hold(): number;
  layout_holds(): number;
}

const MEMORY_SECTION = 5;

/** A compiled kernel, and what the memory of its instances holds before the first power-on, up to the last byte that is not 0. */
interface Compiled {
  module: WebAssembly.Module;
  pristine?: Uint8Array;
}

const compiled = new Map<string, Compiled>();

/** A memory up to its last word that is not 0. */
function contentOf(memory: Uint32Array): Uint8Array {
  let words = memory.length;
  while (words > 0 && memory[words - 1] === 0) words--;
  return new Uint8Array(memory.slice(0, words).buffer);
}

function leb(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const more = rest > 127;
    bytes.push((rest & 127) | (more ? 128 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
}

function readLeb(bytes: Uint8Array, at: number): [value: number, next: number] {
  let value = 0;
  let shift = 0;
  let next = at;
  for (;;) {
    const byte = bytes[next++] as number;
    value |= (byte & 127) << shift;
    if (byte < 128) return [value >>> 0, next];
    shift += 7;
  }
}

/** The same module with a memory of exactly this many pages: its size is fixed, so it is part of the module. */
export function withMemory(bytes: Uint8Array, pages: number): Uint8Array {
  for (let at = 8; at < bytes.length; ) {
    const [size, body] = readLeb(bytes, at + 1);
    if (bytes[at] !== MEMORY_SECTION) {
      at = body + size;
      continue;
    }
    const section = [1, 1, ...leb(pages), ...leb(pages)];
    const patched = [MEMORY_SECTION, ...leb(section.length), ...section];
    const out = new Uint8Array(at + patched.length + bytes.length - body - size);
    out.set(bytes.subarray(0, at));
    out.set(patched, at);
    out.set(bytes.subarray(body + size), at + patched.length);
    return out;
  }
  throw new MachineError("kernel.wasm has no memory section: build it again with npm run build:kernel");
}

/** One instance of the kernel. */
export class Image {
  readonly kernel: KernelExports;
  readonly debug: DebugExports | undefined;
  readonly pages: number;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  #pristine: Uint8Array;
  #used = false;

  /** `bytes` is kernel.wasm, `key` names it in the cache of compiled modules. Throws MachineError when it does not fit. */
  constructor(bytes: Uint8Array, key: string, pages: number) {
    if (!Number.isInteger(pages) || pages < 1 || pages > 1024) {
      throw new MachineError(`memory is ${pages} pages: give a whole number of 64 KiB pages from 1 to 1024`);
    }
    const cacheKey = `${key}:${pages}`;
    let known = compiled.get(cacheKey);
    if (!known) {
      known = { module: new WebAssembly.Module(withMemory(bytes, pages) as BufferSource) };
      compiled.set(cacheKey, known);
    }
    const instance = new WebAssembly.Instance(known.module, { env: { abort } });
    // A plain object: looking a function up in the frozen exports is slower.
    this.kernel = { ...instance.exports } as unknown as KernelExports;
    this.debug = "check" in instance.exports ? (instance.exports as unknown as DebugExports) : undefined;
    this.pages = pages;
    const { buffer } = this.kernel.memory;
    this.u8 = new Uint8Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.u32 = new Uint32Array(buffer);
    known.pristine ??= contentOf(this.u32);
    this.#pristine = known.pristine;
  }

  /** From now on power-on begins with the memory as it is: a firmware's data are in it. */
  keep(): void {
    this.#pristine = contentOf(this.u32);
  }

  /** The whole memory as it was before the first power-on, which it is when this is called for the first time. */
  restore(): void {
    if (this.#used) {
      this.u8.set(this.#pristine);
      this.u8.fill(0, this.#pristine.length);
    }
    this.#used = true;
  }

  get bytes(): number {
    return this.pages * PAGE;
  }
}

function abort(_message: number, _file: number, line: number, column: number): never {
  throw new MachineError(`the kernel's own assertion failed at ${line}:${column}; this is a bug of Talea, please report it`);
}
