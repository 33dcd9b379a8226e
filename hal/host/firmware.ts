/**
 * A firmware: compiled tasks in one module that the build step (hal/preempt) has made preemptible. What it is like stands in a
 * section of the module itself.
 */
import { walkFrames } from "../preempt/backtrace.js";
import { FirmwareError, hasCustom } from "../preempt/decode.js";
import { Positions } from "../preempt/positions.js";
import { type Grain, MANIFEST, type Manifest, preemptible, VERSION } from "../preempt/preempt.js";
import { intact } from "../preempt/seal.js";
import { MachineError, type Site } from "./errors.js";

export type { Grain };

export interface FirmwareOptions {
  /** What it is called in messages, usually its file. */
  name?: string;
  /** Where its tasks may be preempted, for a module that is not preemptible yet; default "loop". */
  grain?: Grain;
  /** Whether accesses to memory that is not the task's own are caught, for a module that is not preemptible yet; default false. */
  protect?: boolean;
  /** The compiler's source map, for a module that is not preemptible yet; without it, its own debug information (DWARF) counts. */
  map?: string;
  /** What a source is called that the debug information names; the same, unless it is said. */
  place?: (source: string) => string;
}

/** What is linked into a firmware: runtime.wasm and support.wasm. */
export interface Parts {
  runtime: Uint8Array;
  support: Uint8Array;
}

let loadParts: (() => Parts) | undefined;

/** Says where the build step's own modules come from; on Node that is done already. */
export function useParts(load: () => Parts): void {
  loadParts = load;
}

const cache = new WeakMap<Uint8Array, Map<string, Firmware>>();

/**
 * A firmware from the bytes of a module: as `talea build` writes it, or as a compiler does, and then it is made preemptible here.
 * Throws MachineError for a module that is no firmware.
 */
export function firmware(bytes: Uint8Array, options: FirmwareOptions = {}): Firmware {
  const key = `${options.grain ?? "loop"}:${options.protect ?? false}:${options.name ?? ""}`;
  const known = cache.get(bytes)?.get(key);
  if (known) return known;
  const made = new Firmware(bytes, options);
  if (!cache.has(bytes)) cache.set(bytes, new Map());
  cache.get(bytes)?.set(key, made);
  return made;
}

export class Firmware {
  /** As the build step wrote it. */
  readonly bytes: Uint8Array;
  readonly module: WebAssembly.Module;
  readonly manifest: Manifest;
  readonly name: string;
  readonly #positions: Positions;

  constructor(bytes: Uint8Array, options: FirmwareOptions) {
    this.name = options.name ?? "the firmware";
    this.bytes = isPreemptible(bytes) ? bytes : this.#build(bytes, options);
    this.module = new WebAssembly.Module(this.bytes as BufferSource);
    const [section] = WebAssembly.Module.customSections(this.module, MANIFEST);
    this.manifest = manifestIn(section);
    if (this.manifest.version !== VERSION) {
      throw new MachineError(`${this.name} was built for another version of Talea: build it again`);
    }
    if (!intact(this.bytes)) throw new MachineError(`${this.name} was changed or damaged since talea build wrote it: build it again`);
    this.#positions = Positions.unpack(this.manifest.positions);
  }

  #build(bytes: Uint8Array, { grain, protect, map, place }: FirmwareOptions): Uint8Array {
    if (!loadParts) throw new MachineError("no build step is loaded: call useParts() first, or give a firmware that talea build wrote");
    try {
      return preemptible(bytes, { grain, protect, map, place, parts: loadParts() });
    } catch (error) {
      if (error instanceof FirmwareError) throw new MachineError(`${this.name} is no firmware that can run: ${error.message}`);
      if (error instanceof RangeError)
        throw new MachineError(`${this.name} is no firmware that can run: its functions are nested too deep`);
      throw error;
    }
  }

  /**
   * Where a suspended context waits, in the firmware's own source if possible and not in a library's: `entry` is what it began
   * with, `top` where its frames end.
   */
  siteOfFrames(entry: number, top: number, word: (address: number) => number): Site | undefined {
    const { frames, positions } = this.manifest;
    const sites = walkFrames(frames, entry, top, word).map(({ source, line }) => ({ file: positions.sources[source] ?? "", line }));
    const own = sites.findLast(({ file }) => !file.startsWith("~lib/")) ?? sites.at(-1);
    return own && { ...own, column: 0, within: "" };
  }

  /** Where in its source an offset of its code is from. */
  siteAt(offset: number, within = ""): Site | undefined {
    const found = this.#positions.findOwn(offset);
    const file = found && this.#positions.sources[found.source];
    return file === undefined ? undefined : { file, line: found?.line ?? 0, column: found?.column ?? 0, within };
  }
}

/** What the build step wrote; another's section of the same name is that of another version. */
function manifestIn(section: ArrayBuffer | undefined): Manifest {
  try {
    return JSON.parse(new TextDecoder().decode(section)) as Manifest;
  } catch {
    return { version: 0 } as Manifest;
  }
}

/** Whether the build step has been over a module: it has a manifest. Whether that is whole is seen later. */
function isPreemptible(bytes: Uint8Array): boolean {
  return hasCustom(bytes, MANIFEST) && WebAssembly.validate(bytes as BufferSource);
}
