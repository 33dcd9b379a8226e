/**
 * One run of an app, from its file to the exit status. stdout carries what the app's console sends and nothing else; all that is
 * said about the run goes to stderr, when the output is out, so that `talea run app.ts | wc` counts what the app wrote.
 */
import { closeSync } from "node:fs";
import { type App, boot, type Machine, SIGINT, shortenFilesWith, siteText } from "../../hal/host/index.js";
import { Bell } from "./bell.js";
import { colorsFor } from "./color.js";
import { loadApp } from "./load.js";
import { Loop } from "./loop.js";
import { Output, RETRY } from "./output.js";
import { Outside } from "./outside.js";
import { shortPath, siteAt } from "./place.js";
import { messageOf, siteOfError } from "./reason.js";
import { Refusals } from "./refusal.js";
import { crashes, lastLine, overview, reasons } from "./report.js";
import { type Ending, Status, statusOf, UsageError } from "./status.js";
import { Stdin } from "./stdin.js";
import { Timeline } from "./timeline.js";
import { TraceFile } from "./tracefile.js";
import { type PausedFrame, Watchdog } from "./watchdog.js";

export interface RunOptions {
  seed?: number;
  /** The tick at which to stop. */
  until?: number;
  mustFinish?: boolean;
  /** The file for the trace. */
  trace?: string;
  quiet?: boolean;
  realtime?: boolean;
  /** What the app is told. */
  args: readonly string[];
}

/** Columns where there is no terminal. */
const WIDTH = 80;
/** Milliseconds for which a reader of the output may take nothing before it is left behind, when there is no time to wait. */
const PATIENCE = 1000;

/** Runs the app in a file and answers the exit status. Throws UsageError when there is nothing to run. */
export function run(file: string, options: RunOptions): Promise<Status> {
  shortenFilesWith(shortPath);
  return new Run(file, options).play();
}

class Run {
  readonly #file: string;
  readonly #options: RunOptions;
  readonly #stdout = new Output(1);
  readonly #stderr = new Output(2);
  readonly #bell = new Bell();
  readonly #stdin = new Stdin(this.#bell);
  readonly #outside = new Outside(this.#bell);
  readonly #watchdog: Watchdog;
  #machine: Machine | undefined;
  readonly #timeline = new Timeline((id) => this.#nameOf(id));
  readonly #refusals = new Refusals((id) => this.#nameOf(id));
  #traceFile: TraceFile | undefined;
  /** The last byte of the output; it begins at the start of a line. */
  #last = 10;

  constructor(file: string, options: RunOptions) {
    this.#file = file;
    this.#options = options;
    const progress = () => this.#machine?.events ?? 0;
    this.#watchdog = new Watchdog(progress, (frame, calls) => this.#endless(frame, calls));
  }

  #nameOf(id: number): string {
    return this.#machine?.nameOf(id) ?? "";
  }

  async play(): Promise<Status> {
    const stuck = () => {
      this.#stderr.write(`talea: ${shortPath(this.#file)} never finishes loading: it awaits something that does not come\n`);
      this.#stderr.flushNow(PATIENCE);
      process.exit(Status.USAGE);
    };
    process.once("beforeExit", stuck);
    const app = await loadApp(this.#file);
    process.off("beforeExit", stuck);
    const machine = this.#boot(app);
    this.#outside.running = true;
    const { until, realtime } = this.#options;
    const around = {
      bell: this.#bell,
      stdin: this.#stdin,
      stdout: this.#stdout,
      outside: this.#outside,
      traceFile: this.#traceFile,
      beat: this.#watchdog.beat,
    };
    const loop = new Loop(machine, around, until, realtime === true);
    this.#outside.onInterrupt = () => loop.interrupt();
    const ending = await loop.play();
    return this.#conclude(machine, ending);
  }

  #boot(app: App): Machine {
    const { seed, args, trace, quiet } = this.#options;
    const options = { args, input: "open", onFailure: "report", keep: 0, output: false } as const;
    const machine = described(this.#file, () => boot(app, seed === undefined ? options : { ...options, seed }));
    this.#machine = machine;
    if (trace !== undefined) this.#traceFile = new TraceFile(trace, this.#file, (id) => machine.nameOf(id));
    machine.beat = this.#watchdog.beat;
    machine.onOutput = (bytes) => {
      this.#last = bytes[bytes.length - 1] as number;
      this.#stdout.write(bytes);
    };
    machine.onRecord = (cycles, what, first, second) => {
      this.#refusals.record(what, second);
      if (!quiet) this.#timeline.record(cycles, what, first);
      this.#traceFile?.record(cycles, what, first, second);
    };
    return machine;
  }

  async #conclude(machine: Machine, ending: Ending): Promise<Status> {
    machine.end();
    await this.#drain(this.#stdout);
    const { text, status } = this.#epilogue(machine, ending, []);
    this.#stderr.write(text);
    await this.#drain(this.#stderr);
    return status;
  }

  async #drain(output: Output): Promise<void> {
    for (let waited = 0; !output.flush(); waited += RETRY) {
      if (this.#outside.interrupted && waited > PATIENCE) return;
      await this.#bell.wait(RETRY);
    }
  }

  /** What is said of the run on stderr, and its status. */
  #epilogue(machine: Machine, ending: Ending, found: readonly string[]): { text: string; status: Status } {
    const { quiet, mustFinish = false } = this.#options;
    // Empties the trace ring, so that whoever listens knows all.
    void machine.trace;
    this.#traceFile?.close();
    const report = machine.report();
    const troubles = [...found, ...this.#troubles(machine, ending)];
    const color = colorsFor(process.stderr, process.env);
    const why = reasons({ machine, ending, refusals: this.#refusals, mustFinish, troubles }, report).map(color.red);
    const width = process.stderr.columns || WIDTH;
    const lines = quiet ? why : [...overview(machine, this.#timeline, report, width, color), ...why, lastLine(ending, report)];
    const text = lines.map((line) => `${line}\n`).join("");
    const failed = report.failures.length + this.#outside.strays.length + crashes(report).length > 0;
    const interrupted = machine.tasks.some(({ handle, signal }) => handle === machine.foreground && signal === SIGINT);
    const status = statusOf(ending, { failed, unusable: this.#unusable, interrupted, mustFinish });
    return { text: this.#amidLine && text !== "" ? `\n${text}` : text, status };
  }

  /** The output ends amid a line of the terminal on which the report is to appear. */
  get #amidLine(): boolean {
    return this.#last !== 10 && process.stdout.isTTY === true && process.stderr.isTTY === true;
  }

  get #unusable(): boolean {
    const unwritten = this.#stdout.problem !== undefined && this.#stdout.problem.code !== "EPIPE";
    return unwritten || this.#stdin.problem !== undefined || this.#traceFile?.problem !== undefined;
  }

  /** What went wrong around the machine. */
  #troubles(machine: Machine, ending: Ending): string[] {
    const troubles = [...this.#outside.strays];
    const { problem } = this.#stdout;
    if (ending === "closed" && !this.#options.quiet) troubles.push("nobody reads stdout any more: the run was stopped");
    else if (problem && problem.code !== "EPIPE") troubles.push(`stdout cannot be written: ${problem.message}`);
    if (this.#stdin.problem) troubles.push(`stdin cannot be read: ${this.#stdin.problem.message}`);
    if (this.#traceFile?.problem) troubles.push(this.#traceFile.problem);
    if (this.#traceFile && machine.dropped > 0) {
      troubles.push(`the trace file lacks ${machine.dropped} records: a task made more in one step than the kernel has room for`);
    }
    return troubles;
  }

  /** Called in the middle of code that never ends: what can be said is said, and the process ends here. */
  #endless({ within, ...position }: PausedFrame, calls: boolean): never {
    const place = siteText(siteAt(position, within));
    const machine = this.#machine;
    if (machine === undefined) {
      this.#stderr.write(`talea: ${place} ran for 2 s of CPU time while the app was loaded: endless JavaScript\n`);
    } else {
      const running = machine.running ?? "";
      const who = running.startsWith("the handler of ") ? running : `task "${running}"`;
      const what = calls
        ? `without giving up the CPU: it locks the interrupts, at ${place}`
        : `without a call: endless JavaScript at ${place}`;
      machine.end();
      this.#stdout.flushNow(PATIENCE);
      this.#stderr.write(this.#epilogue(machine, "endless", [`${who} ran for 2 s of CPU time ${what}`]).text);
    }
    this.#stderr.flushNow(PATIENCE);
    // Node would say there that it waits for the debugger that paused it.
    closeSync(2);
    process.exit(machine === undefined ? Status.USAGE : Status.FAILED);
  }
}

/** Powers on. Whatever the system description throws is a UsageError that names the line. */
function described(file: string, powerOn: () => Machine): Machine {
  try {
    return powerOn();
  } catch (error) {
    const site = siteOfError(error);
    throw new UsageError(`${site ? siteText(site) : shortPath(file)}: ${messageOf(error)}`);
  }
}
