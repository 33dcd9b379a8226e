/**
 * The command `talea` for tests: in this process, with a world that the test plays, or as a process of its own, where it is the process
 * that is tested. Nothing here waits for a time: only for what is printed, and for the end.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";
import { prepareModules } from "../apps/cli/modules.js";
import { Status } from "../apps/cli/status.js";
import { main } from "../apps/cli/talea.js";
import type { Sink, World } from "../apps/cli/world.js";
import { shortenFilesWith } from "../hal/host/index.js";
import { cache, command, root } from "./built.js";

/** How a run came out. */
export interface Ended {
  stdout: string;
  stderr: string;
  /** The exit status, or the name of the signal that ended the process. */
  status: number | string | null;
}

const PIECE = 65536;

// Before the first app is loaded, so that the compiler is loaded as it is.
prepareModules();

type Output = "stdout" | "stderr";

/** Those that have not ended. */
const underWay = new Set<Run>();

/** Ends what a test left behind that failed. */
export function endAll(): void {
  for (const run of underWay) run.abandon();
}

/** A run under way. */
export abstract class Run {
  stdout = "";
  stderr = "";
  over = false;
  /** Resolves with how it came out. */
  abstract readonly ended: Promise<Ended>;
  #watchers: (() => void)[] = [];

  abstract type(text: string | Uint8Array): void;
  /** The end of stdin, behind this. */
  abstract endInput(text?: string | Uint8Array): this;
  abstract signal(name: NodeJS.Signals): void;
  /** Ends it, whatever it is at. */
  abstract abandon(): void;

  constructor() {
    underWay.add(this);
  }

  /** Ctrl-C, and how it ends. */
  interrupt(): Promise<Ended> {
    this.signal("SIGINT");
    return this.ended;
  }

  /** Until it has printed this. */
  async prints(pattern: RegExp | string, output: Output = "stdout"): Promise<string> {
    for (;;) {
      const text = this[output];
      const [found] = typeof pattern === "string" ? (text.includes(pattern) ? [pattern] : []) : (pattern.exec(text) ?? []);
      if (found !== undefined) return found;
      if (this.over) throw new Error(`it ended, and ${pattern} was not printed: ${this.stdout}${this.stderr}`);
      await this.more();
    }
  }

  /** Until it has printed something, or ended. */
  more(): Promise<void> {
    return new Promise((resolve) => this.#watchers.push(resolve));
  }

  /** The ports of 127.0.0.1 at which it listens. */
  async ports(count = 1): Promise<number[]> {
    const lines = await this.prints(new RegExp(`(?:forwarding .* to .*\n){${count}}`), "stderr");
    return [...lines.matchAll(/^forwarding 127\.0\.0\.1:(\d+) to 10\.0\.0\.\d+:\d+$/gm)].map((found) => Number(found[1]));
  }

  protected ends(): void {
    this.over = true;
    underWay.delete(this);
    this.told();
  }

  protected told(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}

// In this process

export interface Setting {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** stdin, stdout and stderr are one terminal of 80 columns and 24 rows; all that it shows is `stdout`. */
  terminal?: boolean;
}

/** What a played process does when it is to end at once: whoever is under way goes no further. */
class Exit extends Error {}

/** What takes all that is written, or as much as the test lets it. */
class Taker extends EventEmitter implements Sink {
  readonly terminal: string | undefined;
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  readonly #take: (text: string) => void;
  readonly #decoder = new TextDecoder();
  /** Bytes that it takes before it is full. */
  room = Number.POSITIVE_INFINITY;
  problem: NodeJS.ErrnoException | undefined;

  constructor(terminal: boolean, take: (text: string) => void) {
    super();
    this.terminal = terminal ? "played" : undefined;
    this.columns = terminal ? 80 : undefined;
    this.rows = terminal ? 24 : undefined;
    this.#take = take;
  }

  put(bytes: Uint8Array): number {
    if (this.problem) throw this.problem;
    const count = Math.min(bytes.length, this.room);
    this.room -= count;
    if (count > 0) this.#take(this.#decoder.decode(bytes.subarray(0, count), { stream: true }));
    return count;
  }
}

/** Where runs in this process are under way, and where it was before: one place at a time. */
const place = { runs: 0, here: "", before: "" };

function enter(cwd: string): void {
  if (place.runs > 0 && place.here !== cwd) throw new Error(`a run in ${cwd} beside one in ${place.here}: wait for its end`);
  if (place.runs++ > 0) return;
  place.before = process.cwd();
  place.here = cwd;
  process.chdir(cwd);
}

function leave(): void {
  if (--place.runs > 0) return;
  process.chdir(place.before);
  // It is the run's way to show them.
  shortenFilesWith((file) => file);
}

/** The command in this process. Its app is loaded once: one that is changed needs another name. */
export class Here extends Run {
  readonly stdin: PassThrough & { isTTY?: boolean; setRawMode?(raw: boolean): unknown } = new PassThrough();
  readonly events = new EventEmitter();
  readonly ended: Promise<Ended>;
  readonly out: Taker;
  readonly err: Taker;
  /** How the keys of its terminal come: one by one, or by the line. */
  raw = false;
  /** How often it stopped itself. */
  stops = 0;
  #settle: (status: Status) => void = () => {};

  constructor(args: readonly string[], { cwd, env = {}, terminal = false }: Setting) {
    super();
    const taking = (output: Output) => (text: string) => {
      this[output] += text;
      this.told();
    };
    this.out = new Taker(terminal, taking("stdout"));
    this.err = new Taker(terminal, taking(terminal ? "stdout" : "stderr"));
    if (terminal) {
      this.stdin.isTTY = true;
      this.stdin.setRawMode = (raw) => {
        this.raw = raw;
      };
    }
    this.ended = new Promise((resolve) => {
      this.#settle = (status) => {
        if (this.over) return;
        leave();
        resolve({ stdout: this.stdout, stderr: this.stderr, status });
        this.ends();
      };
    });
    enter(cwd);
    const world: World = {
      env: { PATH: process.env.PATH, NO_COLOR: "1", TERM: "xterm", TALEA_CACHE: cache, ...env },
      stdin: this.stdin,
      stdout: this.out,
      stderr: this.err,
      events: this.events,
      signal: (name) => this.signal(name),
      exit: (status) => this.#exit(status),
      patience: 0,
    };
    main(args, world).then(this.#settle);
  }

  #exit(status: Status): never {
    this.events.emit("exit");
    this.#settle(status);
    throw new Exit();
  }

  type(text: string | Uint8Array): void {
    this.stdin.write(text);
  }

  /** In pieces, as a pipe has them. */
  endInput(text: string | Uint8Array = ""): this {
    for (let at = 0; at < text.length; at += PIECE) this.stdin.write(text.slice(at, at + PIECE));
    this.stdin.end();
    return this;
  }

  /** What the system does with a signal: the process is told, or else stopped or ended. */
  signal(name: NodeJS.Signals): void {
    try {
      if (this.events.emit(name)) return;
      if (name === "SIGTSTP") this.stops++;
      else this.#exit(Status.INTERRUPTED);
    } catch (error) {
      if (!(error instanceof Exit)) throw error;
    }
  }

  abandon(): void {
    // The second one waits for nothing.
    for (let i = 0; i < 2; i++) this.signal("SIGTERM");
  }
}

// As a process

/** The command line of the built command, or of its sources where coverage is counted, which is of sources. */
export const started: readonly string[] =
  process.env.NODE_V8_COVERAGE === undefined
    ? [process.execPath, command]
    : [process.execPath, "--import", import.meta.resolve("./loader/register.js"), "--conditions=source", join(root, "apps/cli/talea.ts")];

/** The same, which loses patience with endless code after so many microseconds of CPU time, less than a user's command has. */
export function impatient(patience = 200_000): string[] {
  const [file, ...words] = started as [string, ...string[]];
  const module = (name: string) => JSON.stringify(pathToFileURL(words.at(-1) as string).href.replace(/talea(?=\.\ws$)/, name));
  const text = `const { main } = await import(${module("talea")}); const { processWorld } = await import(${module("world")});
    process.exit(await main(process.argv.slice(1), Object.assign(processWorld(), { patience: ${patience} })));`;
  return [file, ...words.slice(0, -1), "--input-type=module", "-e", text, "--"];
}

export class Started extends Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;

  constructor(args: readonly string[], { cwd, env = {} }: Setting, [file, ...words] = started) {
    super();
    const { FORCE_COLOR: _, NODE_OPTIONS: __, ...inherited } = process.env;
    this.child = spawn(file as string, [...words, ...args], { cwd, env: { ...inherited, NO_COLOR: "1", TALEA_CACHE: cache, ...env } });
    // One that ends before it has read its input is no failure of the test.
    this.child.stdin?.on("error", () => {});
    for (const output of ["stdout", "stderr"] as const) {
      this.child[output]?.setEncoding("utf8").on("data", (text: string) => {
        this[output] += text;
        this.told();
      });
    }
    this.ended = new Promise((resolve) => {
      this.child.on("close", (code, signal) => {
        resolve({ stdout: this.stdout, stderr: this.stderr, status: code ?? signal });
        this.ends();
      });
    });
  }

  type(text: string | Uint8Array): void {
    this.child.stdin?.write(text);
  }

  endInput(text: string | Uint8Array = ""): this {
    this.child.stdin?.end(text);
    return this;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  abandon(): void {
    this.child.kill("SIGKILL");
  }
}
