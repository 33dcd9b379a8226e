/**
 * `npm run soak`: kernel calls by the hundred million, lap after lap of random programs (riot.ts) and of the tour (tour.ts). Every lap
 * ends with a look at what is left; some run on the debug kernel, which looks at every invariant on the way. What a lap does follows from
 * its seed alone, so one that fails can be had again.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { type Lap, type Program, SoakError } from "./program.js";
import { Riot } from "./riot.js";
import { Tour } from "./tour.js";

const USAGE = `usage: npm run soak -- [--calls N] [--seed S] [--only riot|tour]
Makes kernel calls at random until there were N (1e9 unless you say otherwise), and looks at what is left behind every 100,000.
Lap i has the seed S + i, S is 1 unless you say otherwise. Ctrl-C ends it with what is known so far.`;

/** Every so manieth lap is on the debug kernel; every so manieth is the tour, and so many laps of it at once. */
const DEBUGGED = 16;
const TOURED = 8;
const TOURS = 20;
/** Laps until everything is compiled and warm, and bytes by which the process may grow from there. */
const WARM = 40;
const GROWTH = 256 * 1024 * 1024;
/** Milliseconds between two looks at the clock and the keyboard. */
const FRAME = 200;

/** The same where there is no terminal: it prints a line each time. */
const QUIET = 10_000;

const HZ = 16_000_000;
const MEGA = 1_000_000;

/** The programs, by what --only calls them. Made when they are first wanted: those of a kernel share its memory. */
function programs(): Record<string, Program> {
  const made = new Map<string, Riot | Tour>();
  const lapOf = (name: string, make: (kernel: "release" | "debug") => Riot | Tour) => (seed: number) => {
    const kernel = seed % DEBUGGED === 0 ? "debug" : "release";
    const key = `${name} ${kernel}`;
    const program = made.get(key) ?? make(kernel);
    made.set(key, program);
    return program.lap(seed);
  };
  const tour = lapOf("tour", (kernel) => new Tour(kernel));
  return {
    riot: lapOf("riot", (kernel) => new Riot({ kernel })),
    tour: (seed) => summed(Array.from({ length: TOURS }, (_, i) => tour(seed + i * 0x10000))),
  };
}

function summed(laps: Lap[]): Lap {
  return laps.reduce((sum, { calls, cycles }) => ({ calls: sum.calls + calls, cycles: sum.cycles + cycles }), { calls: 0, cycles: 0 });
}

interface Wanted {
  calls: number;
  seed: number;
  only: string | undefined;
}

function refuse(sentence: string): never {
  console.error(`${sentence}\n${USAGE}`);
  process.exit(2);
}

/** A whole number, also as 1e9. */
function whole(text: string, option: string, least: number, most: number): number {
  const value = /^\d+(\.\d+)?(e\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  return Number.isInteger(value) && value >= least && value <= most
    ? value
    : refuse(`${option} is a whole number from ${least} to ${most}, not ${text}`);
}

function wanted(args: string[]): Wanted {
  const text = { type: "string" } as const;
  const options = { calls: text, seed: text, only: text, help: { type: "boolean", short: "h" } } as const;
  try {
    const { values } = parseArgs({ args, options });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const { only } = values;
    if (only !== undefined && only !== "riot" && only !== "tour") refuse(`--only is riot or tour, not ${only}`);
    return { calls: whole(values.calls ?? "1e9", "--calls", 1, 1e15), seed: whole(values.seed ?? "1", "--seed", 0, 0xffffffff), only };
  } catch (error) {
    return refuse((error as Error).message);
  }
}

class Soak {
  readonly #wanted: Wanted;
  readonly #programs = programs();
  readonly #bar: SingleBar;
  readonly #calls: Record<string, number> = { riot: 0, tour: 0 };
  #laps = 0;
  #cycles = 0;
  #warm = 0;
  #most = 0;
  readonly #began = performance.now();

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
    const format = "{bar} {percentage} % | {millions} million calls, {rate} million a second | {hours} virtual hours | {memory} MB";
    this.#bar = new SingleBar({ format, hideCursor: true, clearOnComplete: true, noTTYOutput: true, notTTYSchedule: QUIET });
  }

  get #sum(): number {
    return Object.values(this.#calls).reduce((sum, calls) => sum + calls, 0);
  }

  /** The exit status. */
  async run(): Promise<number> {
    let interrupted = false;
    const interrupt = () => {
      interrupted = true;
    };
    process.once("SIGINT", interrupt);
    this.#bar.start(this.#wanted.calls, 0, this.#shown);
    let looked = performance.now();
    let problem: string | undefined;
    while (this.#sum < this.#wanted.calls && !interrupted && problem === undefined) {
      problem = this.#lap();
      if (performance.now() - looked < FRAME) continue;
      looked = performance.now();
      this.#bar.update(Math.min(this.#sum, this.#wanted.calls), this.#shown);
      await nextTurn();
    }
    this.#bar.stop();
    process.removeListener("SIGINT", interrupt);
    console.log(this.#summary);
    if (problem === undefined)
      console.log("behind every lap there were the tasks, objects and RAM of its beginning, and the memory's size was the same");
    else console.error(problem);
    return problem !== undefined ? 1 : interrupted ? 130 : 0;
  }

  /** The next lap; says what is wrong, and how to have it again. */
  #lap(): string | undefined {
    const seed = (this.#wanted.seed + this.#laps) >>> 0;
    const name = this.#wanted.only ?? (this.#laps % TOURED === TOURED - 1 ? "tour" : "riot");
    try {
      const { calls, cycles } = (this.#programs[name] as Program)(seed);
      this.#calls[name] = (this.#calls[name] as number) + calls;
      this.#cycles += cycles;
    } catch (error) {
      const what = error instanceof SoakError ? error.message : (error as Error).stack;
      return `${name} with seed ${seed}: ${what}\nagain: npm run soak -- --only ${name} --seed ${seed} --calls 1`;
    }
    this.#laps++;
    return this.#grown();
  }

  #grown(): string | undefined {
    const { rss } = process.memoryUsage();
    this.#most = Math.max(this.#most, rss);
    if (this.#laps <= WARM) this.#warm = Math.max(this.#warm, rss);
    else if (rss > this.#warm + GROWTH) {
      return `the process has ${megabytes(rss)} MB after ${this.#laps} laps, and had ${megabytes(this.#warm)} MB after ${WARM}: something is kept`;
    }
    return undefined;
  }

  get #seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  get #shown(): object {
    const calls = this.#sum;
    return {
      millions: (calls / MEGA).toFixed(1),
      rate: (calls / MEGA / Math.max(this.#seconds, 0.001)).toFixed(2),
      hours: (this.#cycles / HZ / 3600).toFixed(2),
      memory: megabytes(process.memoryUsage.rss()),
    };
  }

  get #summary(): string {
    const { riot = 0, tour = 0 } = this.#calls;
    const cpu = process.cpuUsage();
    const seconds = (cpu.user + cpu.system) / MEGA;
    return [
      `${this.#sum} kernel calls in ${this.#laps} laps from seed ${this.#wanted.seed} on: ${riot} of random programs, ${tour} of the tour`,
      `${(this.#cycles / HZ).toFixed(1)} virtual seconds in ${this.#seconds.toFixed(1)} of the host's, ${(this.#sum / MEGA / seconds).toFixed(2)} million calls a second of CPU time`,
      `the process had ${megabytes(this.#warm)} MB when warm, ${megabytes(this.#most)} MB at most`,
    ].join("\n");
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1024 / 1024).toFixed(0);
}

process.exitCode = await new Soak(wanted(process.argv.slice(2))).run();
