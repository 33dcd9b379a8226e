/** The firmware of tests/firmware/scenes.ts, at both grains. */
import { fileURLToPath } from "node:url";
import { boot, type Firmware, firmware, type Grain, type Machine, type MachineOptions } from "../hal/host/index.js";
import { compiled } from "./firmware.js";

const SOURCE = fileURLToPath(new URL("firmware/scenes.ts", import.meta.url));
const { wasm, map } = compiled(SOURCE);

/** The plain module. */
export const plain = wasm;

export function scenes(grain: Grain = "loop"): Firmware {
  return firmware(wasm, { map, name: "scenes.ts", grain });
}

/** A machine with a scene, on the debug kernel. */
export function scene(words: string, options: MachineOptions = {}, grain: Grain = "loop"): Machine {
  return boot(scenes(grain), { kernel: "debug", onFailure: "report", args: words.split(" "), ...options });
}
