/**
 * The test bench: an app on a machine, ready to run.
 *
 *     const m = boot(app, { input: "hello\n" });
 *     m.run();
 *     assert.is(m.output, "HELLO\n");
 */
import type { App } from "./api/system.js";
import { MachineError } from "./errors.js";
import { Firmware } from "./firmware.js";
import type { KernelFlavour } from "./image.js";
import { Machine } from "./machine.js";
import { checkOptions, type MachineOptions } from "./options.js";

let load: ((flavour: KernelFlavour) => Uint8Array) | undefined;
const loaded = new Map<KernelFlavour, Uint8Array>();

/** Says where kernel.wasm comes from; on Node that is done already. */
export function useKernel(source: Uint8Array | ((flavour: KernelFlavour) => Uint8Array)): void {
  loaded.clear();
  load = source instanceof Uint8Array ? () => source : source;
}

/** The bytes of the kernel. */
export function kernelBytes(flavour: KernelFlavour = "release"): Uint8Array {
  const known = loaded.get(flavour);
  if (known) return known;
  if (!load) throw new MachineError("no kernel is loaded: call useKernel(bytes of kernel.wasm) first");
  const bytes = load(flavour);
  loaded.set(flavour, bytes);
  return bytes;
}

/** Powers on a machine with an app, scripted or a firmware. Throws what the system description throws, and MachineError for options that make no sense. */
export function boot(app: App | Firmware, options: MachineOptions = {}): Machine {
  checkOptions(options);
  const bytes = kernelBytes(options.kernel);
  if (!(app instanceof Firmware)) return new Machine(bytes, app, options);
  if (options.firmware !== undefined) throw new MachineError("the app is a firmware itself: leave out the option firmware");
  return new Machine(bytes, () => {}, { ...options, firmware: app });
}
