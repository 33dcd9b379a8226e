/**
 * The run loop: the machines go on for a few milliseconds of the host at a time, and in between the process sees to stdin, stdout,
 * real clients and Ctrl-C. What a machine is fed, and when, never depends on how long a slice was, so neither does the run.
 */
import type { Network, NetworkLimits, Reason } from "../../hal/host/index.js";
import type { Bell } from "./bell.js";
import type { Lines } from "./lines.js";
import { type Output, RETRY } from "./output.js";
import type { Outside } from "./outside.js";
import type { Recorder } from "./recorder.js";
import type { Ending } from "./status.js";
import type { Stdin } from "./stdin.js";
import type { TraceFile } from "./tracefile.js";

/** Milliseconds that a slice should take. */
const SLICE = 5;
const FEWEST = 16;
const MOST = 1 << 24;
/** Cycles for which compiled code may go on by itself: it makes no steps while it computes and locks the interrupts. */
const CYCLES = 1 << 24;

export interface Surroundings {
  bell: Bell;
  stdin: Stdin;
  stdout: Output;
  outside: Outside;
  traceFile: TraceFile | undefined;
  recorder: Recorder | undefined;
  /** The output is to be the same in a replay, or is that of one. */
  recorded: boolean;
  /** The lines of several consoles. */
  lines: Lines | undefined;
  /** Whoever gets on adds to its first word. */
  beat: Int32Array;
}

/** Where what comes from outside is from: it happens now, or is played back. */
export interface Source {
  /** Before a slice: what came takes effect; how far the slice may go. */
  limits(): NetworkLimits;
  /** Behind it: sees to what the network stopped for; says why the run must not go on, if so. */
  rest(reason: Reason): Promise<Ending | undefined>;
}

export class Loop {
  readonly #network: Network;
  readonly #around: Surroundings;
  readonly #source: Source;
  readonly #until: number | undefined;
  /** Steps of a slice. */
  #steps = 1024;

  /** `until` is the tick at which to stop. */
  constructor(network: Network, around: Surroundings, source: Source, until: number | undefined) {
    this.#network = network;
    this.#around = around;
    this.#source = source;
    this.#until = until;
  }

  /** Runs until the run is over or must not go on. */
  async play(): Promise<Ending> {
    for (;;) {
      const started = performance.now();
      const reason = this.#network.advance(this.#limits());
      const { over } = this.#network;
      if (over === "finished" || over === "deadlock" || over === "failed") return over;
      if (reason === "budget") this.#measure(performance.now() - started);
      this.#tell(reason);
      const cut = await this.#unblock();
      if (cut) return cut;
      const ending = await this.#source.rest(reason);
      if (ending) return ending;
      Atomics.add(this.#around.beat, 0, 1);
    }
  }

  #limits(): NetworkLimits {
    const limits: NetworkLimits = { dispatches: this.#steps, ...this.#source.limits() };
    limits.cycles = Math.min(limits.cycles ?? CYCLES, CYCLES);
    if (this.#until !== undefined) limits.tick = this.#until;
    return limits;
  }

  #measure(took: number): void {
    if (took < SLICE / 2) this.#steps = Math.min(this.#steps * 2, MOST);
    else if (took > SLICE * 2) this.#steps = Math.max(this.#steps >> 1, FEWEST);
  }

  #tell(reason: Reason): void {
    const { traceFile, recorder, lines } = this.#around;
    traceFile?.settle(this.#network.cycles);
    if (reason === "input" || reason === "pace") recorder?.settle();
    // Whoever waits, or looks at a clock, sees also what is no whole line yet; but a replay has no clock.
    if (reason === "input" || (reason === "pace" && !this.#around.recorded)) lines?.flush();
  }

  /** Waits for a slow reader of stdout; says why the run must not go on, if so. */
  async #unblock(): Promise<Ending | undefined> {
    const { stdout, outside, bell, stdin, traceFile, recorder } = this.#around;
    while (!stdout.flush() && !outside.interrupted) await bell.wait(RETRY);
    if (outside.interrupted) return "interrupted";
    if (stdout.problem) return stdout.problem.code === "EPIPE" ? "closed" : "unusable";
    if (traceFile?.problem || recorder?.problem || stdin.problem) return "unusable";
    return outside.strays.length > 0 ? "failed" : undefined;
  }
}
