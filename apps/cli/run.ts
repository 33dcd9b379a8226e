/**
 * One run of an app, from its file to the exit status. stdout carries what the app's console sends and nothing else; all that is
 * said about the run goes to stderr, when the output is out, so that `talea run app.ts | wc` counts what the app wrote.
 */
import { closeSync } from "node:fs";
import { basename } from "node:path";
import {
  bootNetwork,
  Entrance,
  Firmware,
  freeAddress,
  Gateway,
  type Grain,
  type MachineOptions,
  type MachineReport,
  type Network,
  NetworkDescription,
  type NetworkReport,
  type Recording,
  type Setting,
  SIGINT,
  shortenFilesWith,
  siteText,
} from "../../hal/host/index.js";
import { Bell } from "./bell.js";
import { type Colors, colorsFor } from "./color.js";
import type { How } from "./firmware.js";
import { Forward } from "./forward.js";
import { Lines } from "./lines.js";
import { Live } from "./live.js";
import { isCompiled, type Loaded, loadApp, loadBoth } from "./load.js";
import { Loop, type Source } from "./loop.js";
import { Member } from "./member.js";
import { Output, RETRY } from "./output.js";
import { Outside } from "./outside.js";
import { shortPath, siteAt } from "./place.js";
import { messageOf, siteOfError } from "./reason.js";
import { loadRecording, Recorder } from "./recorder.js";
import { checkReplay, Replay } from "./replay.js";
import { crashes, heading, lastLine, overview, type Reported, reasons, traffic } from "./report.js";
import { type Ending, Status, statusOf, UsageError } from "./status.js";
import { Stdin } from "./stdin.js";
import { addressesWith, type Forwarding, parseForward, soleAddress } from "./target.js";
import { same, TraceFile } from "./tracefile.js";
import { checkWatch, Watch } from "./watch.js";
import { type PausedFrame, Watchdog } from "./watchdog.js";
import type { World } from "./world.js";

export interface RunOptions {
  seed?: number;
  /** The tick at which to stop. */
  until?: number;
  mustFinish?: boolean;
  /** The file for the trace. */
  trace?: string;
  quiet?: boolean;
  realtime?: boolean;
  /** The run is drawn while it goes on. */
  watch?: boolean;
  /** Virtual seconds a second of the host, where it is drawn. */
  speed?: number;
  /** Ports of the host that lead to ports of machines, as parseForward() reads them. */
  forward?: readonly string[];
  /** The file in which all that comes from outside is to be kept. */
  record?: string;
  /** The file from which it comes again. */
  replay?: string;
  /** The file of a firmware that runs beside the app. */
  firmware?: string;
  /** Where a firmware's tasks may be preempted. */
  grain?: Grain;
  /** Whether a firmware's tasks are kept from memory that is not theirs. */
  protect?: boolean;
  /** What the app is told. */
  args: readonly string[];
}

/** Columns where there is no terminal. */
const WIDTH = 80;
/** Pages of a machine's memory, unless it needs more. */
const PAGES = 4;
/** Milliseconds for which a reader of the output may take nothing before it is left behind, when there is no time to wait. */
const PATIENCE = 1000;

/** Runs the app in a file and answers the exit status. Throws UsageError when there is nothing to run. */
export function run(file: string, options: RunOptions, world: World): Promise<Status> {
  shortenFilesWith(shortPath);
  return new Run(file, options, world).play();
}

class Run {
  readonly #file: string;
  readonly #options: RunOptions;
  readonly #world: World;
  readonly #stdout: Output;
  readonly #stderr: Output;
  readonly #bell = new Bell();
  readonly #stdin: Stdin;
  readonly #outside: Outside;
  readonly #watchdog: Watchdog;
  /** What the run is started with: from the command line, or from the recording that is played back. */
  #setting: Setting;
  readonly #recording: Recording | undefined;
  readonly #forwards: readonly Forwarding[];
  readonly #forward: Forward | undefined;
  /** What is compiled: the app, or the firmware beside it. */
  #firmware: Firmware | undefined;
  #network: Network | undefined;
  #members: Member[] = [];
  #traceFile: TraceFile | undefined;
  #recorder: Recorder | undefined;
  #replay: Replay | undefined;
  #watch: Watch | undefined;
  /** What was said before the run began. */
  readonly #notes: string[] = [];
  /** The consoles of several machines. */
  #lines: Lines | undefined;
  /** The last byte of the output; it begins at the start of a line. */
  #last = 10;

  constructor(file: string, options: RunOptions, world: World) {
    const { replay, seed, until, args } = options;
    const forwards = (options.forward ?? []).map(parseForward);
    checkFiles(file, options);
    if (options.watch) checkWatch(world);
    else if (options.speed !== undefined) throw new UsageError("--speed is for --watch: --realtime is as fast as the host's clock");
    this.#file = file;
    this.#options = options;
    this.#world = world;
    this.#stdout = new Output(world.stdout);
    this.#stderr = new Output(world.stderr);
    this.#stdin = new Stdin(this.#bell, world);
    this.#outside = new Outside(this.#bell, world);
    this.#recording = replay === undefined ? undefined : loadRecording(replay);
    if (this.#recording) checkReplay(replay as string, this.#recording, file, options);
    this.#setting = this.#recording ?? { app: basename(file), seed, until, args, forward: forwards.map(({ to }) => to) };
    this.#forwards = forwards;
    this.#forward = forwards.length > 0 ? new Forward(this.#bell) : undefined;
    const progress = () => this.#network?.events ?? 0;
    this.#watchdog = new Watchdog(progress, (frame, calls) => this.#endless(frame, calls), world.patience);
  }

  async play(): Promise<Status> {
    const stuck = () => {
      this.#stderr.write(`talea: ${shortPath(this.#file)} never finishes loading: it awaits something that does not come\n`);
      this.#stderr.flushNow(PATIENCE);
      this.#world.exit(Status.USAGE);
    };
    this.#world.events.once("beforeExit", stuck);
    const app = await this.#load();
    this.#world.events.off("beforeExit", stuck);
    const network = this.#boot(app);
    this.#network = network;
    const entrance = new Entrance(network, this.#gateway(network));
    await this.#open(entrance);
    this.#outside.running = true;
    const around = {
      bell: this.#bell,
      stdin: this.#stdin,
      stdout: this.#stdout,
      outside: this.#outside,
      traceFile: this.#traceFile,
      recorder: this.#recorder,
      recorded: this.#recorder !== undefined || this.#recording !== undefined,
      lines: this.#lines,
      beat: this.#watchdog.beat,
    };
    const until = this.#options.until ?? this.#setting.until;
    const loop = new Loop(network, around, this.#watched(network, this.#source(network, entrance)), until);
    try {
      const ending = await loop.play();
      if (ending !== "interrupted") await this.#watch?.linger(ending);
      return await this.#conclude(network, ending);
    } finally {
      this.#unwatch();
    }
  }

  async #load(): Promise<Loaded> {
    const { firmware } = this.#options;
    const how = { grain: this.#options.grain ?? this.#setting.grain, protect: this.#options.protect ?? this.#setting.protect };
    const aside = <T>(work: () => Promise<T>) => this.#watchdog.ignoring(work);
    if (firmware === undefined) {
      const app = await loadApp(this.#file, how, aside, this.#world);
      if (app instanceof Firmware) this.#firmware = app;
      if (app instanceof Firmware && isCompiled(this.#file)) this.#setting = { ...this.#setting, ...howMade(app) };
      return app;
    }
    const [app, beside] = await loadBoth(this.#file, firmware, how, aside, this.#world);
    this.#firmware = beside;
    this.#setting = { ...this.#setting, firmware: basename(firmware), ...howMade(beside) };
    return app;
  }

  #boot(app: Loaded): Network {
    const { trace } = this.#options;
    const options = this.#machineOptions(app);
    const network = described(this.#file, this.#firmware, () => bootNetwork(app, options));
    if (trace !== undefined) this.#traceFile = new TraceFile(trace, this.#file);
    if (!network.plain) this.#lines = new Lines(network.names, (bytes) => this.#show(bytes));
    this.#members = network.names.map((name) => this.#member(network, name));
    return network;
  }

  #machineOptions(app: Loaded): MachineOptions {
    const { seed, args, forward } = this.#setting;
    const options: MachineOptions = { args, input: "open", onFailure: "report", keep: 0, output: false };
    if (seed !== undefined) options.seed = seed;
    // A firmware that takes more memory than a machine has leaves a page for stacks and objects.
    const firmware = this.#firmware;
    if (firmware && firmware.manifest.pages >= PAGES) options.memory = firmware.manifest.pages + 1;
    if (firmware && firmware !== app) options.firmware = firmware;
    // A plain app has the address at which real clients look for it.
    const address = app instanceof NetworkDescription ? undefined : soleAddress(forward);
    if (address !== undefined) options.address = address;
    return options;
  }

  /** Where real clients come in, now or in the recording. */
  #gateway(network: Network): Gateway | undefined {
    const { forward } = this.#setting;
    const [first] = forward;
    if (!first) return undefined;
    return new Gateway(freeAddress(first.address, addressesWith(network, forward)), this.#forward);
  }

  /** Lets real clients come, and keeps what comes. */
  async #open(entrance: Entrance): Promise<void> {
    const { record } = this.#options;
    for (const line of (await this.#forward?.listen(this.#forwards)) ?? []) this.#notes.push(line);
    for (const line of this.#notes) this.#stderr.write(`${line}\n`);
    this.#stderr.flushNow(PATIENCE);
    if (record === undefined) return;
    const recorder = new Recorder(record, this.#file, this.#setting);
    entrance.onEntry = (entry) => recorder.entry(entry);
    this.#recorder = recorder;
  }

  #source(network: Network, entrance: Entrance): Source {
    if (this.#recording) {
      this.#replay = new Replay(network, entrance, this.#recording);
      return this.#replay;
    }
    const around = { bell: this.#bell, stdin: this.#stdin };
    const realtime = this.#options.realtime === true || this.#forward !== undefined;
    const live = new Live(network, entrance, around, realtime, this.#forward);
    this.#outside.onInterrupt = (signal) => live.interrupt(signal);
    return live;
  }

  /** The source, at the pace at which the run is watched. */
  #watched(network: Network, source: Source): Source {
    if (!this.#options.watch) return source;
    this.#watch = new Watch(network, this.#members, source, {
      app: basename(this.#file),
      world: this.#world,
      bell: this.#bell,
      outside: this.#outside,
      stderr: this.#stderr,
      notes: this.#notes,
      speed: this.#options.speed ?? 1,
      replayed: this.#replay !== undefined,
    });
    return this.#watch;
  }

  /** What a machine of the run tells goes where it belongs. */
  #member(network: Network, name: string): Member {
    const member = new Member(network, name);
    const { machine } = member;
    machine.beat = this.#watchdog.beat;
    machine.onOutput = (bytes) => {
      if (this.#lines) this.#lines.take(name, bytes);
      else this.#show(bytes);
    };
    member.follow(this.#traceFile, !this.#options.quiet || this.#options.watch === true);
    return member;
  }

  /** Output goes to stdout. */
  #show(bytes: Uint8Array): void {
    this.#last = bytes[bytes.length - 1] as number;
    if (this.#watch?.holds) this.#watch.take(bytes);
    else this.#stdout.write(bytes);
  }

  async #conclude(network: Network, ending: Ending): Promise<Status> {
    this.#end(network);
    await this.#drain(this.#stdout);
    await this.#forward?.close(PATIENCE);
    const { text, status } = this.#epilogue(network, ending, []);
    this.#stderr.write(text);
    await this.#drain(this.#stderr);
    return status;
  }

  /** What is on its way out goes out. */
  #end(network: Network): void {
    network.end();
    this.#lines?.flush();
    this.#unwatch();
  }

  /** The terminal is as it was before, with the output that was held back. */
  #unwatch(): void {
    const watch = this.#watch;
    this.#watch = undefined;
    if (!watch) return;
    this.#stderr.flushNow(PATIENCE);
    this.#stdout.write(watch.close());
  }

  async #drain(output: Output): Promise<void> {
    for (let waited = 0; !output.flush(); waited += RETRY) {
      if (this.#outside.interrupted && waited > PATIENCE) return;
      await this.#bell.wait(RETRY);
    }
  }

  /** What is said of the run on stderr, and its status. */
  #epilogue(network: Network, ending: Ending, found: readonly string[]): { text: string; status: Status } {
    const { quiet, mustFinish = false } = this.#options;
    this.#closeFiles(network, ending);
    const verdict = this.#replay?.verdict(ending);
    const report = network.report();
    const machines = report.machines.map(({ report }, i) => ({ member: this.#members[i] as Member, report }));
    const astray = verdict?.same === false ? [verdict.text] : [];
    const troubles = [...found, ...this.#troubles(ending), ...astray];
    const color = colorsFor(this.#world.stderr, this.#world.env);
    const why = reasons({ machines, ending, tick: network.tick, mustFinish, troubles }).map(color.red);
    const praise = verdict?.same === true ? [verdict.text] : [];
    const lines = quiet ? why : [...this.#overview(report, machines, color), ...why, ...praise, lastLine(ending, network.tick, report)];
    const text = lines.map((line) => `${line}\n`).join("");
    const failures = machines.some(({ report }) => report.failures.length + crashes(report).length > 0);
    const failed = failures || this.#outside.strays.length + astray.length > 0;
    const circumstances = {
      failed,
      unusable: this.#unusable,
      interrupted: this.#interrupted,
      terminated: this.#outside.terminated,
      mustFinish,
    };
    const status = statusOf(this.#replay?.outcome(ending) ?? ending, circumstances);
    return { text: this.#amidLine && text !== "" ? `\n${text}` : text, status };
  }

  #closeFiles(network: Network, ending: Ending): void {
    // Empties the trace rings, so that whoever listens knows all.
    for (const { machine } of this.#members) machine.drain();
    this.#traceFile?.close();
    const cut = network.amid ? { cycles: network.cycles } : {};
    this.#recorder?.close({ ending, steps: network.steps, hash: network.hash ?? "", ...cut });
  }

  /** The tasks and timelines of all machines. */
  #overview(report: NetworkReport, machines: readonly Reported[], color: Colors): string[] {
    const width = this.#world.stderr.columns || WIDTH;
    const [only] = machines;
    if (this.#lines === undefined && only) return overview(only, width, color);
    const parts = machines.map((each, i) => {
      const { up, crashes } = report.machines[i] as MachineReport;
      return [...heading(each, up, up ? crashes + 1 : crashes, color), ...overview(each, width, color)];
    });
    return [...parts.flat(), traffic(report), ""];
  }

  /** Ctrl-C ended a foreground task. */
  get #interrupted(): boolean {
    if (this.#replay) return false;
    return this.#members.some(({ machine }) =>
      machine.tasks.some(({ handle, signal }) => handle === machine.foreground && signal === SIGINT),
    );
  }

  /** The output ends amid a line of the terminal on which the report is to appear. */
  get #amidLine(): boolean {
    const { stdout, stderr } = this.#world;
    return this.#last !== 10 && stdout.terminal !== undefined && stderr.terminal !== undefined;
  }

  get #unusable(): boolean {
    const unwritten = this.#stdout.problem !== undefined && this.#stdout.problem.code !== "EPIPE";
    const problems = [this.#stdin.problem, this.#traceFile?.problem, this.#recorder?.problem];
    return unwritten || problems.some((problem) => problem !== undefined);
  }

  /** What went wrong around the machines. */
  #troubles(ending: Ending): string[] {
    const troubles = [...this.#outside.strays];
    const { problem } = this.#stdout;
    if (ending === "closed" && !this.#options.quiet) troubles.push("nobody reads stdout any more: the run was stopped");
    else if (problem && problem.code !== "EPIPE") troubles.push(`stdout cannot be written: ${problem.message}`);
    if (this.#stdin.problem) troubles.push(`stdin cannot be read: ${this.#stdin.problem.message}`);
    if (this.#traceFile?.problem) troubles.push(this.#traceFile.problem);
    if (this.#recorder?.problem) troubles.push(this.#recorder.problem);
    const dropped = this.#members.reduce((sum, { machine }) => sum + machine.dropped, 0);
    if (this.#traceFile && dropped > 0) {
      troubles.push(`the trace file lacks ${dropped} records: a task made more in one step than the kernel has room for`);
    }
    return troubles;
  }

  get #long(): string {
    return `ran for ${this.#world.patience / 1e6} s of CPU time`;
  }

  /** Called in the middle of code that never ends: what can be said is said, and the process ends here. */
  #endless({ within, ...position }: PausedFrame, calls: boolean): never {
    const place = siteText(siteAt(position, within));
    const network = this.#network;
    if (network === undefined) {
      this.#stderr.write(`talea: ${place} ${this.#long} while the app was loaded: endless JavaScript\n`);
    } else {
      const running = network.running.running ?? "";
      const who = running.startsWith("the handler of ") ? running : `task "${running}"`;
      const what = calls
        ? `without giving up the CPU: it locks the interrupts, at ${place}`
        : `without a call: endless JavaScript at ${place}`;
      this.#end(network);
      this.#stdout.flushNow(PATIENCE);
      this.#stderr.write(this.#epilogue(network, "endless", [`${who} ${this.#long} ${what}`]).text);
    }
    this.#stderr.flushNow(PATIENCE);
    // Node would say there that it waits for the debugger that paused it.
    closeSync(2);
    return this.#world.exit(network === undefined ? Status.USAGE : Status.FAILED);
  }
}

/** The files that a run names are different ones. */
function checkFiles(file: string, { firmware, trace, record, replay }: RunOptions): void {
  if (firmware !== undefined && same(firmware, file)) throw new UsageError(`--firmware ${firmware} is the app itself: name another file`);
  for (const written of [trace, record]) {
    const lost = firmware !== undefined && written !== undefined && same(written, firmware);
    if (lost) throw new UsageError(`${written} is the firmware itself: write to another file`);
  }
  const named = Object.entries({ "--trace": trace, "--record": record, "--replay": replay });
  for (const [i, [option, file]] of named.entries()) {
    const other = named.slice(i + 1).find(([, another]) => file !== undefined && another !== undefined && same(file, another));
    if (other) throw new UsageError(`${option} and ${other[0]} name the same file, ${file}: give each its own`);
  }
}

/** Powers on. Whatever the system description throws is a UsageError that names the line. */
function described(file: string, firmware: Firmware | undefined, powerOn: () => Network): Network {
  try {
    return powerOn();
  } catch (error) {
    const site = siteOfError(error, firmware);
    const message = messageOf(error);
    if (!site && message.startsWith(`${file} `)) throw new UsageError(message);
    throw new UsageError(`${site ? siteText(site) : shortPath(file)}: ${message}`);
  }
}

/** How a firmware was made, as a recording keeps it. */
function howMade({ manifest }: Firmware): How {
  return { grain: manifest.grain, ...(manifest.guarded === 0 ? {} : { protect: true }) };
}
