/**
 * `--watch`: the run is drawn while it goes on, at most ten times a second of the host, on the terminal that stderr is. Virtual time
 * passes by the host's clock, times a speed, or not at all: the network is told how far it may go, which never changes a run. What
 * tasks are fed, and when, is the source's, as without.
 */
import { levelsOf, type Network, type NetworkLimits, type Reason } from "../../hal/host/index.js";
import type { Bell } from "./bell.js";
import { type Colors, colorsFor } from "./color.js";
import type { Source } from "./loop.js";
import type { Member } from "./member.js";
import type { Output } from "./output.js";
import type { Outside } from "./outside.js";
import { FRAME, Pace } from "./pace.js";
import { drawScene, type Seen } from "./scene.js";
import { type Ending, UsageError } from "./status.js";
import { Terminal } from "./terminal.js";
import type { World } from "./world.js";

/** Milliseconds between two pages. */
const REDRAW = 100;
const FASTEST = 1024;
const SLOWEST = 1 / 1024;
/** Milliseconds for which a run is to be seen, however short it is. */
const SEEN = 1500;
/** Bytes of output that are shown again when the page is closed; of more, the last. */
const KEPT = 1 << 20;
/** Lines of output that a page may show. */
const LINES = 200;
const CTRL_C = "\x03";
const CTRL_Z = "\x1a";

export interface WatchOptions {
  app: string;
  world: World;
  bell: Bell;
  outside: Outside;
  stderr: Output;
  /** What was said before the run began. */
  notes: readonly string[];
  /** Virtual seconds a second of the host, to begin with. */
  speed: number;
  /** The source is a recording, which knows nothing of a pace. */
  replayed: boolean;
}

/** Throws UsageError where there is nothing to draw on. */
export function checkWatch({ stderr, env }: World): void {
  if (stderr.terminal === undefined)
    throw new UsageError("--watch draws on stderr, which is no terminal: leave it out, or do not redirect stderr");
  if (env.TERM === "dumb") throw new UsageError("--watch needs a terminal that can be drawn on, and TERM is dumb");
}

export class Watch implements Source {
  readonly #network: Network;
  readonly #members: readonly Member[];
  readonly #source: Source;
  readonly #options: WatchOptions;
  readonly #terminal: Terminal;
  readonly #color: Colors;
  /** The output goes to the same terminal: it is kept, and shown in a pane. */
  readonly holds: boolean;
  #kept: Uint8Array[] = [];
  #bytes = 0;
  #cut = false;
  #pace: Pace;
  #speed: number;
  #paused = false;
  /** The cycle to which a single step goes, while one is made. */
  #step: number | undefined;
  /** The source's own limit is further away. */
  #mine = true;
  #doing = "running";
  readonly #began = performance.now();
  #drawn = Number.NEGATIVE_INFINITY;
  #pressed = false;
  /** Something else than time asks for a new page. */
  #stale = true;
  readonly #shares = new Map<Member, { last: Seen["before"]; before: Seen["before"] }>();

  /** `source` is where what comes from outside is from. */
  constructor(network: Network, members: readonly Member[], source: Source, options: WatchOptions) {
    this.#network = network;
    this.#members = members;
    this.#source = source;
    this.#options = options;
    const { stdin, stdout, stderr, env } = options.world;
    this.#terminal = new Terminal(options.world);
    this.#color = colorsFor(stderr, env);
    this.holds = stdout.terminal !== undefined && stdout.terminal === stderr.terminal;
    this.#speed = options.speed;
    this.#pace = this.#newPace();
    this.#terminal.open(() => this.#refresh());
    if (stdin.isTTY === true) this.#terminal.listen((key) => this.#press(key));
    this.#draw();
  }

  /** Output of the app, where it goes to the same terminal. */
  take(bytes: Uint8Array): void {
    this.#kept.push(bytes.slice());
    this.#bytes += bytes.length;
    while (this.#bytes - (this.#kept[0] as Uint8Array).length >= KEPT) {
      this.#bytes -= (this.#kept.shift() as Uint8Array).length;
      this.#cut = true;
    }
  }

  limits(): NetworkLimits {
    const limits = this.#source.limits();
    const mine = this.#step ?? this.#pace.limit(this.#network.cycles);
    const { cycle, rest, lead = 0 } = limits;
    this.#mine = mine < Math.min(cycle ?? Number.POSITIVE_INFINITY, rest === undefined ? Number.POSITIVE_INFINITY : rest + lead);
    if (!this.#mine) return limits;
    return this.#network.alone ? { ...limits, cycle: mine } : { ...limits, rest: mine, lead: 0 };
  }

  async rest(reason: Reason): Promise<Ending | undefined> {
    this.#does(reason === "input" ? "waiting for input" : "running");
    if (this.#network.console.input.listening) this.#keysGo();
    if (reason === "pace" && this.#mine && this.#step !== undefined) this.#pause(true);
    this.#look();
    const ending = await this.#rest(reason);
    if (ending) return ending;
    while (this.#paused && !this.#options.outside.interrupted) {
      this.#does("paused");
      this.#look();
      await this.#options.bell.wait(REDRAW);
    }
    return undefined;
  }

  async #rest(reason: Reason): Promise<Ending | undefined> {
    if (reason !== "pace" || !this.#options.replayed) return this.#source.rest(reason);
    await this.#options.bell.wait(FRAME);
    return undefined;
  }

  /** The last page, for a moment where the run was over before anybody could see it. A key ends that. */
  async linger(ending: Ending): Promise<void> {
    this.#does(`over: ${ending}`);
    this.#paused = false;
    this.#look();
    const { bell, outside } = this.#options;
    for (let left = SEEN; left > 0 && !outside.interrupted && !this.#pressed; left = this.#began + SEEN - performance.now()) {
      await bell.wait(Math.min(left, REDRAW));
      this.#look();
    }
  }

  /** Gives the terminal back; what there was of the output since, nothing where it went elsewhere. */
  close(): Uint8Array {
    this.#terminal.close();
    const kept = Buffer.concat([...(this.#cut ? [Buffer.from("...\n")] : []), ...this.#kept]);
    this.#kept = [];
    return kept;
  }

  /** Cycles of virtual time that pass in a second of the host. */
  #newPace(): Pace {
    return new Pace(this.#network.hz * this.#speed, this.#network.cycles);
  }

  #does(doing: string): void {
    if (doing !== this.#doing) this.#stale = true;
    this.#doing = doing;
  }

  /** A task reads the console: what is typed is for it. */
  #keysGo(): void {
    if (this.#terminal.listens) this.#stale = true;
    this.#terminal.ignore();
  }

  #press(key: string): void {
    this.#pressed = true;
    if (key === "q" || key === "Q") this.#options.outside.end();
    else if (key === CTRL_C) this.#options.world.signal("SIGINT");
    else if (key === CTRL_Z) this.#terminal.suspend();
    else if (key === " ") this.#pause(!this.#paused);
    else if (key === "s" || key === "S") this.#stepOn();
    else if (key === "+" || key === "=") this.#goAt(this.#speed * 2);
    else if (key === "-" || key === "_") this.#goAt(this.#speed / 2);
    this.#refresh();
  }

  #pause(paused: boolean): void {
    this.#paused = paused;
    this.#step = undefined;
    this.#pace = this.#newPace();
  }

  /** To the beginning of the next tick, and there it pauses. */
  #stepOn(): void {
    const tick = this.#network.hz / 1000;
    this.#step = (Math.floor(this.#network.cycles / tick) + 1) * tick;
    this.#paused = false;
  }

  #goAt(speed: number): void {
    this.#speed = Math.min(FASTEST, Math.max(SLOWEST, speed));
    this.#pace = this.#newPace();
  }

  #refresh(): void {
    this.#stale = true;
    this.#options.bell.ring();
  }

  /** A new page when it is time for one. */
  #look(): void {
    const now = performance.now();
    if (!this.#stale && now - this.#drawn < REDRAW) return;
    // One that the terminal has not taken yet is finished first.
    if (!this.#options.stderr.flush()) return;
    this.#drawn = now;
    this.#stale = false;
    this.#draw();
  }

  #draw(): void {
    const report = this.#network.report();
    const machines = report.machines.map(({ up, report }, i) => this.#seen(this.#members[i] as Member, up, report));
    const scene = {
      app: this.#options.app,
      tick: this.#network.tick,
      milliseconds: this.#network.milliseconds,
      doing: this.#doing,
      speed: this.#speed,
      machines,
      output: this.holds ? this.#lastLines() : undefined,
      notes: this.#options.notes,
      keys: this.#terminal.listens,
    };
    const { stderr } = this.#options;
    stderr.write(this.#terminal.page(drawScene(scene, this.#terminal.size, this.#color)));
    stderr.flush();
  }

  #seen(member: Member, up: boolean, report: Seen["report"]): Seen {
    const { name, machine, timeline } = member;
    machine.drain();
    timeline.close(member.origin + report.cycles);
    const before = this.#since(member, report);
    return { name, up, report, levels: levelsOf(machine), timeline, before, millisecond: this.#network.hz / 1000 };
  }

  /** What a machine's tasks had used when time last began to pass; a machine that was powered on anew had nothing. */
  #since(member: Member, { cycles, tasks }: Seen["report"]): Seen["before"] {
    const nothing = { cycles: 0, tasks: new Map<number, number>() };
    const { last, before } = this.#shares.get(member) ?? { last: nothing, before: nothing };
    if (cycles === last.cycles) return before;
    const now = { cycles, tasks: new Map(tasks.map((task) => [task.handle, task.cycles])) };
    const since = cycles < last.cycles ? nothing : last;
    this.#shares.set(member, { last: now, before: since });
    return since;
  }

  /** Of what was kept, the end. */
  #lastLines(): string[] {
    const pieces: Uint8Array[] = [];
    let lines = 0;
    for (let i = this.#kept.length - 1; i >= 0 && lines <= LINES; i--) {
      const piece = this.#kept[i] as Uint8Array;
      pieces.unshift(piece);
      for (const byte of piece) if (byte === 10) lines++;
    }
    const text = Buffer.concat(pieces).toString("utf8");
    return text === "" ? [] : text.replace(/\n$/, "").split("\n").slice(-LINES);
  }
}
