/** The edge to Node: where kernel.wasm is in the package, from the sources as from dist. */
import { existsSync, readFileSync } from "node:fs";
import { MachineError } from "./errors.js";
import type { Parts } from "./firmware.js";
import type { KernelFlavour } from "./image.js";

const FILES: Record<KernelFlavour, string> = {
  release: "kernel.wasm",
  debug: "kernel.debug.wasm",
  small: "kernel.small.wasm",
};

/** Reads a kernel of this package. */
export function readKernel(flavour: KernelFlavour): Uint8Array {
  return readModule(FILES[flavour]);
}

let parts: Parts | undefined;

/** Reads what the build step links into a firmware, once. */
export function readParts(): Parts {
  parts ??= { runtime: readModule("runtime.wasm"), support: readModule("support.wasm") };
  return parts;
}

function readModule(name: string): Uint8Array {
  for (const place of [`../../${name}`, `../../dist/${name}`]) {
    const url = new URL(place, import.meta.url);
    if (existsSync(url)) return readFileSync(url);
  }
  throw new MachineError(`${name} is not built: run npm run build:kernel`);
}
