/** Firmwares written by hand, in WebAssembly's text format. */
import binaryen from "binaryen";
import { boot, type Firmware, firmware, type Grain, type MachineOptions } from "../../hal/host/index.js";
import { AREA, BASE, FEATURES } from "./generate.js";
import { type Budget, outcome, type Ran, run } from "./runs.js";

/** Where tests keep what their tasks find out: words from here on. */
export const WORDS = AREA;

const CALLS = {
  task_spawn: 1,
  task_exit: 1,
  task_terminate: 1,
  task_self: 0,
  task_yield: 0,
  task_sleep: 1,
  sem_create: 3,
  sem_give: 1,
  sem_take: 2,
  irq_attach: 3,
  irq_raise: 1,
  signal_action: 3,
  signal_send: 2,
};

export interface Story {
  /** Names of the functions in the table; the first ones are tasks. */
  table: readonly string[];
  /** How many of them are tasks; default 1. */
  tasks?: number;
  /** Their priorities, their slices in ticks; default 8 and 1 each. */
  priorities?: readonly number[];
  slice?: number;
  stack?: number;
  /** What the description does besides. */
  first?: string;
}

/** A module: functions, globals and data as given, and around them what a firmware needs. Handles of the tasks are at BASE + 64. */
export function moduleText(text: string, { table, tasks = 1, priorities = [], slice = 1, stack = 4096, first = "" }: Story): string {
  const imports = Object.entries(CALLS).map(
    ([name, count]) => `(import "talea" "${name}" (func $${name} ${"(param i32) ".repeat(count)}(result i32)))`,
  );
  const word = (at: number, value: number) => `(i32.store (i32.const ${BASE + at}) (i32.const ${value}))`;
  const spawn = (i: number) => `${word(4, i)} ${word(8, i)} ${word(12, priorities[i] ?? 8)} ${word(16, -1)} ${word(20, slice)}
    ${word(32, stack)} (i32.store (i32.const ${BASE + 64 + 4 * i}) (call $task_spawn (i32.const ${BASE})))`;
  return `(module
    (import "env" "memory" (memory 2))
    ${imports.join("\n    ")}
    (table $table (export "table") ${table.length} funcref)
    (elem (i32.const 0) ${table.map((name) => `$${name}`).join(" ")})
    ${text}
    (func $_initialize (export "_initialize") ${first} ${Array.from({ length: tasks }, (_, i) => spawn(i)).join("\n    ")}))`;
}

/** The bytes of a module, with the names of its functions. */
export function assembled(text: string): Uint8Array {
  const m = parsed(text);
  binaryen.setDebugInfo(true);
  try {
    return m.emitBinary();
  } finally {
    binaryen.setDebugInfo(false);
    m.dispose();
  }
}

/** The same with a source map, for text with `;;@ file:line:column`. */
export function assembledWithMap(text: string): { bytes: Uint8Array; map: string } {
  const m = parsed(text);
  binaryen.setDebugInfo(true);
  try {
    const { binary, sourceMap } = m.emitBinary("it.map");
    return { bytes: binary, map: sourceMap ?? "" };
  } finally {
    binaryen.setDebugInfo(false);
    m.dispose();
  }
}

function parsed(text: string): binaryen.Module {
  let m: binaryen.Module;
  try {
    m = binaryen.parseText(text);
  } catch (error) {
    throw new Error(`the text is no module: ${String((error as { message?: string }).message ?? error)}`);
  }
  m.setFeatures(FEATURES);
  return m;
}

/** The plain module of a story. */
export function story(text: string, about: Story): Uint8Array {
  return assembled(moduleText(text, about));
}

export interface Agreed {
  app: Firmware;
  ran: Ran;
  /** Words of memory from WORDS on. */
  words: number[];
}

const BUDGETS: Budget[] = [1, 7, 200];
const GRAINS: Grain[] = ["loop", "access"];

/** One grain: the same outcome for every budget. */
export function agreed(bytes: Uint8Array, grain: Grain, options: MachineOptions = {}, budgets = BUDGETS): Agreed {
  const app = firmware(bytes.slice(), { grain, name: "it" });
  const ran = run(app, "unlimited", options);
  for (const budget of budgets) {
    const cut = outcome(run(app, budget, options));
    if (cut !== outcome(ran)) throw new Error(`grain ${grain}, budget ${budget}: "${cut}" instead of "${outcome(ran)}"`);
  }
  return { app, ran, words: wordsOf(ran) };
}

function wordsOf({ machine }: Ran): number[] {
  return Array.from({ length: 16 }, (_, i) => machine.i32[(WORDS >> 2) + i] as number);
}

/** Both grains, with ticks that preempt often and seldom: each time the tasks find the words out that are expected. */
export function finds(bytes: Uint8Array, expected: readonly number[], options: MachineOptions = {}): Agreed {
  let last: Agreed | undefined;
  for (const grain of GRAINS) {
    for (const tickCycles of [100, 16000]) {
      last = agreed(bytes, grain, { tickCycles, ...options });
      const { ran, words } = last;
      const got = words.slice(0, expected.length);
      const wanted = expected.map((word) => word | 0);
      if (ran.reason !== "finished" || ran.failures.length > 0)
        throw new Error(`grain ${grain}: ${ran.reason}, ${ran.failures.join("; ")}`);
      if (got.join() !== wanted.join()) throw new Error(`grain ${grain}: found ${got.join()} instead of ${wanted.join()}`);
    }
  }
  return last as Agreed;
}

/** Boots a plain module. */
export function booted(bytes: Uint8Array, options: MachineOptions = {}) {
  return boot(firmware(bytes.slice(), { name: "it" }), { kernel: "debug", onFailure: "report", ...options });
}
