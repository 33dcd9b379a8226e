/** Runs of a firmware, whole or cut anywhere, and what they must agree on. */
import { boot, type Firmware, firmware, type Grain, type Machine, type MachineOptions, type Reason } from "../../hal/host/index.js";
import { readParts } from "../../hal/host/node.js";
import type { Stream } from "../../hal/host/oracle.js";
import { preemptible } from "../../hal/preempt/preempt.js";
import { AREA, AREA_BYTES, type Generated, PAGES } from "./generate.js";

/** Cycles after which compiled code is stopped to be looked at: never, each time as many, or each time others. */
export type Budget = "unlimited" | number | Stream;

export interface Ran {
  machine: Machine;
  reason: Reason;
  hash: string | undefined;
  cycles: number;
  /** How often it was cut. */
  cuts: number;
  failures: string[];
}

/** More than any run here needs; who takes more does not end. */
const MOST_CYCLES = 100_000_000;
const MOST_CUTS = 2_000_000;

/** Boots a firmware and runs it to its end, stopping as the budget says. */
export function run(app: Firmware, budget: Budget = "unlimited", options: MachineOptions = {}): Ran {
  const machine = boot(app, { kernel: "debug", onFailure: "report", keep: 0, ...options });
  let cuts = 0;
  let reason: Reason;
  for (;;) {
    const cycles = budget === "unlimited" ? MOST_CYCLES : typeof budget === "number" ? budget : 1 + budget.below(1 << budget.below(12));
    reason = machine.advance({ cycles });
    if (reason !== "observed" || machine.cycles > MOST_CYCLES || cuts > MOST_CUTS) break;
    cuts++;
  }
  const failures = machine.failures.map(({ task, message }) => `${task}: ${message}`);
  const broken = machine.image.debug ? machine.check() : 0;
  if (broken !== 0) throw new Error(`invariant ${broken >> 8} is broken (at ${broken & 255})`);
  return { machine, reason, hash: machine.hash, cycles: machine.cycles, cuts, failures };
}

/** What must be the same however often the run was cut. */
export function outcome({ reason, hash, cycles, failures }: Ran): string {
  return `${reason} ${hash} ${cycles} ${failures.join("; ")}`;
}

/** What the tasks found out: their own areas. */
export function found({ machine }: Ran, tasks: number): string {
  return areas(machine.u8, tasks);
}

/** The same as a plain module finds it, each of its tasks called as a function. The kernel answers 0 there. */
export function plain({ bytes, shape }: Generated): string {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const talea = new Proxy({}, { get: () => () => 0 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { env: { memory }, talea });
  const exports = instance.exports as Record<string, (argument?: number) => void>;
  exports._initialize?.();
  for (let i = 0; i < shape.tasks; i++) exports[`task${i}`]?.(i);
  return areas(new Uint8Array(memory.buffer), shape.tasks);
}

function areas(memory: Uint8Array, tasks: number): string {
  return Buffer.from(memory.subarray(AREA, AREA + tasks * AREA_BYTES)).toString("base64");
}

/** A copy of the bytes, so that the firmware is built anew. */
export function built(bytes: Uint8Array, grain: Grain): Firmware {
  return firmware(bytes.slice(), { grain, name: "it" });
}

/** The same with protection, for which only the first `near` bytes of the data have a short question. */
export function guarded(bytes: Uint8Array, grain: Grain, near: number): Firmware {
  return firmware(preemptible(bytes, { grain, protect: true, near, parts: readParts() }), { name: "it" });
}
