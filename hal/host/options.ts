/** How a machine is built and limited, and why it stops. */

import { isMachineAddress, isNetmask } from "./address.js";
import { MachineError, type Site } from "./errors.js";
import { Firmware } from "./firmware.js";
import type { KernelFlavour } from "./image.js";
import type { Machine } from "./machine.js";
import type { Oracle } from "./oracle.js";

/** All of it is part of a run's identity but for `trace`, `hash`, `keep`, `output`, `onFailure` and `kernel`. */
export interface MachineOptions {
  /** Seed of the schedule oracle and of the tasks' Math.random; without one the default rules hold. */
  seed?: number;
  /** An oracle of one's own instead of a seed. */
  oracle?: Oracle;
  /** What the console receives. "open": more may come through type(), until endInput(). Default: nothing. */
  input?: string | Uint8Array | "open";
  /** Memory in 64 KiB pages, default 4. */
  memory?: number;
  /** Cycles a tick, default 16000; more than serving one costs, so at least 61. */
  tickCycles?: number;
  /** Number of the first tick, default 0. */
  firstTick?: number;
  /** Keep trace records, default true. */
  trace?: boolean;
  /** Keep the rolling hash, default true. */
  hash?: boolean;
  /** How many of the last records `trace` answers, default 65536. */
  keep?: number;
  /** Keep what the console sends, for `output`, default true. */
  output?: boolean;
  /** What system.args holds. */
  args?: readonly string[];
  /** What a task that fails does to run(): "throw" (default) after the run has ended, or only "report". */
  onFailure?: "throw" | "report";
  /** "debug" is the kernel with assertions and check(), "small" the one for little memory; same schedule, same trace. */
  kernel?: KernelFlavour;
  /** Compiled tasks that run beside the app's; an app that is itself a firmware needs none. */
  firmware?: Firmware;
  /** Its IPv4 address, "10.0.0.1"; default none: it has no network but itself. */
  address?: string;
  /** Addresses that agree with its own in these bits can be reached, default "255.255.255.0". */
  netmask?: string;
  /** Ticks without a sign of life after which a connection is lost, default 10000. */
  giveUp?: number;
  /** First and last of the ports that are given out, default [49152, 65535]. */
  ephemeralPorts?: readonly [first: number, last: number];
}

/** Why the machine stopped. */
export type Reason =
  | "finished" // every task that is no daemon has ended
  | "deadlock" // nobody can ever run
  | "until" // the tick or the predicate was reached
  | "late" // the predicate did not hold by its tick
  | "input" // it must know the next byte of the input, or that there is none
  | "pace" // virtual time would run ahead of the host's clock
  | "observed" // compiled code used as many cycles as were asked for
  | "budget" // as many dispatches as were asked for
  | "point" // it got to its breakpoint
  | "held" // so it did, and other machines of its network may go on
  | "failed" // an interrupt handler failed
  | "stopped"; // stop() was called

/** A task or handler that failed, and why. */
export interface Failure {
  task: string;
  /** The signal whose handler it was in, as "SIGUSR1"; "" for none. */
  handler: string;
  message: string;
  site: Site | undefined;
  error: unknown;
}

/** Limits of one advance(); each stops the machine between two steps and none is seen by a task. */
export interface Limits {
  /** Stop when this tick was served. */
  tick?: number;
  until?: (machine: Machine) => boolean;
  dispatches?: number;
  /** Nobody being able to run is no end: time goes on, up to `tick`. */
  patient?: boolean;
  /** Do not let virtual time pass this cycle. */
  cycle?: number;
  /** Stop when so many cycles have passed, also amid the code of a compiled task: no task can tell. */
  cycles?: number;
}

/** When a pin is driven; without tick and cycle, now. */
export interface DriveOptions {
  /** At the start of this tick. */
  tick?: number;
  cycle?: number;
  /** At this cycle or one of so many behind it, by the oracle's choice. */
  window?: number;
}

const WORD = 4294967296;

function whole(least: number, most: number): (value: unknown) => boolean {
  return (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** Options that the machine would otherwise round or ignore; `memory` and the length of a tick are checked where they are used. */
const checks: [name: keyof MachineOptions, fits: (value: unknown) => boolean, give: string][] = [
  ["seed", whole(-WORD / 2, WORD - 1), "a whole number of 32 bits"],
  ["keep", whole(0, WORD / 4), "a whole number of records, 0 or more"],
  ["firstTick", whole(-WORD / 2, WORD - 1), "a whole number of 32 bits"],
  ["tickCycles", (value) => typeof value === "number" && !(value % 1), "a whole number of cycles"],
  ["input", (value) => typeof value === "string" || value instanceof Uint8Array, 'text, bytes or "open"'],
  ["onFailure", (value) => value === "throw" || value === "report", '"throw" or "report"'],
  ["kernel", (value) => value === "release" || value === "debug" || value === "small", '"release", "debug" or "small"'],
  ["address", isMachineAddress, 'four numbers from 0 to 255, the first one of 1 to 223 and not 127, as in "10.0.0.1"'],
  ["firmware", (value) => value instanceof Firmware, "what firmware() answers"],
  ["netmask", isNetmask, 'ones, then zeros, as in "255.255.255.0"'],
  ["giveUp", whole(1, WORD / 4), "a whole number of ticks, 1 or more"],
  ["ephemeralPorts", isRange, "the first and the last port, from 1 to 65535, as in [49152, 65535]"],
];

function isRange(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  return value.every(whole(1, 65535)) && value[0] <= value[1];
}

const known: string[] = [
  "seed",
  "oracle",
  "input",
  "memory",
  "tickCycles",
  "firstTick",
  "trace",
  "hash",
  "keep",
  "output",
  "args",
  "onFailure",
  "kernel",
  "address",
  "netmask",
  "giveUp",
  "ephemeralPorts",
  "firmware",
] satisfies (keyof MachineOptions)[];

/** Throws MachineError for the first option that is unknown or makes no sense. */
export function checkOptions(options: MachineOptions): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new MachineError(`boot has no option "${unknown}": there are ${known.join(", ")}`);
  for (const [name, fits, give] of checks) {
    const value = options[name];
    if (value !== undefined && !fits(value)) throw new MachineError(`${name} is ${value}: give ${give}`);
  }
}
