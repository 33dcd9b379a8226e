/**
 * The run loop: the machine goes on for a few milliseconds of the host at a time, and in between the process sees to stdin, stdout
 * and Ctrl-C. What the machine is fed, and when, never depends on how long a slice was, so neither does the run.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Limits, Machine, Reason } from "../../hal/host/index.js";
import type { Bell } from "./bell.js";
import { type Output, RETRY } from "./output.js";
import type { Outside } from "./outside.js";
import { FRAME, Pace } from "./pace.js";
import type { Ending } from "./status.js";
import type { Stdin } from "./stdin.js";
import type { TraceFile } from "./tracefile.js";

/** Milliseconds that a slice should take. */
const SLICE = 5;
const FEWEST = 16;
const MOST = 1 << 24;

export interface Surroundings {
  bell: Bell;
  stdin: Stdin;
  stdout: Output;
  outside: Outside;
  traceFile: TraceFile | undefined;
  /** Whoever gets on adds to its first word. */
  beat: Int32Array;
}

export class Loop {
  readonly #machine: Machine;
  readonly #around: Surroundings;
  readonly #until: number | undefined;
  #pace: Pace | undefined;
  /** Steps of a slice. */
  #steps = 1024;

  /** `until` is the tick at which to stop, `realtime` paces from the beginning. */
  constructor(machine: Machine, around: Surroundings, until: number | undefined, realtime: boolean) {
    this.#machine = machine;
    this.#around = around;
    this.#until = until;
    if (realtime) this.#beginPace();
    // A task runs when it is told: the process looks at stdin only between two steps.
    machine.input.onListen = () => machine.stop();
  }

  /**
   * Ctrl-C: SIGINT for the foreground task; false when there is none. It has a time of the host's, so from here on the input has,
   * too: or else the task would not run before the next byte is known.
   */
  interrupt(): boolean {
    if (!this.#machine.interruptForeground()) return false;
    if (this.#machine.input.awaited) this.#beginPace();
    this.#machine.input.onArrival?.();
    return true;
  }

  /** Runs until the run is over or must not go on. */
  async play(): Promise<Ending> {
    for (;;) {
      const started = performance.now();
      const reason = this.#machine.advance(this.#limits());
      const { over } = this.#machine;
      if (over === "finished" || over === "deadlock" || over === "failed") return over;
      if (reason === "until") return "until";
      if (reason === "budget") this.#measure(performance.now() - started);
      const cut = await this.#unblock();
      if (cut) return cut;
      await this.#rest(reason);
      Atomics.add(this.#around.beat, 0, 1);
    }
  }

  #limits(): Limits {
    const limits: Limits = { dispatches: this.#steps };
    if (this.#until !== undefined) limits.tick = this.#until;
    if (this.#pace) limits.cycle = this.#pace.limit(this.#machine.cycles);
    return limits;
  }

  #measure(took: number): void {
    if (took < SLICE / 2) this.#steps = Math.min(this.#steps * 2, MOST);
    else if (took > SLICE * 2) this.#steps = Math.max(this.#steps >> 1, FEWEST);
  }

  /** Waits for a slow reader of stdout; says why the run must not go on, if so. */
  async #unblock(): Promise<Ending | undefined> {
    const { stdout, outside, bell, stdin, traceFile } = this.#around;
    while (!stdout.flush() && !outside.interrupted) await bell.wait(RETRY);
    if (outside.interrupted) return "interrupted";
    if (stdout.problem) return stdout.problem.code === "EPIPE" ? "closed" : "unusable";
    if (traceFile?.problem || stdin.problem) return "unusable";
    return outside.strays.length > 0 ? "failed" : undefined;
  }

  /** Sees to what the machine stopped for. */
  async #rest(reason: Reason): Promise<void> {
    const { input } = this.#machine;
    if (input.listening) this.#listen();
    if (reason === "pace") await this.#around.bell.wait(FRAME);
    else if (reason === "input" && !this.#feed()) await this.#around.bell.wait();
    else await nextTurn();
    while (input.paced && input.available === 0 && this.#feed());
  }

  /** A task reads the console: only now is stdin touched, and a person who types makes time real. */
  #listen(): void {
    this.#around.stdin.start();
    if (this.#around.stdin.terminal && !this.#pace) this.#beginPace();
  }

  #beginPace(): void {
    this.#pace = new Pace(this.#machine.hz, this.#machine.cycles);
    this.#machine.input.paced = true;
  }

  /** Hands the machine what came next, or the end; false when neither is known. */
  #feed(): boolean {
    if (!this.#machine.input.open) return false;
    const next = this.#around.stdin.take();
    if (next === undefined) return false;
    if (next === "end") this.#machine.endInput();
    else this.#machine.type(next);
    return true;
  }
}
