/**
 * What the command has of the process around it: its streams, its signals, its end. All that it does to a process goes through here, so
 * that a test can play another one, in a process of its own.
 */
import { fstatSync, writeSync } from "node:fs";
import type { Readable } from "node:stream";
import type { Status } from "./status.js";

const PATIENCE = 2_000_000;

/** Something that is written to, and never waited for. */
export interface Sink {
  /** The terminal that it is, undefined where it is none. */
  readonly terminal: number | string | undefined;
  /** Columns and rows of the terminal, where it says how many. */
  readonly columns: number | undefined;
  readonly rows: number | undefined;
  /** Writes, and answers how many of the bytes were taken now. Throws what makes it impossible, EPIPE when the reader has gone. */
  put(bytes: Uint8Array): number;
  /** "error": it cannot be written any more; "resize": of the terminal. */
  on(event: "error" | "resize", listener: (error: NodeJS.ErrnoException) => void): unknown;
  off(event: "error" | "resize", listener: (error: NodeJS.ErrnoException) => void): unknown;
}

/** What is typed: a stream, or a terminal whose keys may come one by one. */
export type Input = Readable & { isTTY?: boolean; setRawMode?(raw: boolean): unknown };

export interface World {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: Input;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Signals, "exit", "beforeExit", and what nobody caught. */
  readonly events: Pick<NodeJS.EventEmitter, "on" | "once" | "off">;
  /** Sends a signal to the process itself. */
  signal(name: "SIGINT" | "SIGTSTP"): void;
  /** Ends it at once. */
  exit(status: Status): never;
  /** Microseconds of CPU time for which code may give no sign of life, before a second thread looks where it is; 0: nobody looks. */
  readonly patience: number;
}

/** The process's own. */
export function processWorld(): World {
  return {
    env: process.env,
    // Whoever only asks for it touches what is typed.
    get stdin() {
      return process.stdin;
    },
    stdout: new Descriptor(1, process.stdout),
    stderr: new Descriptor(2, process.stderr),
    events: process,
    signal: (name) => process.kill(process.pid, name),
    exit: (status) => process.exit(status),
    patience: PATIENCE,
  };
}

/** A file descriptor. Node has made a pipe non-blocking when its stream was asked for. */
class Descriptor implements Sink {
  readonly #fd: number;
  readonly #stream: NodeJS.WriteStream;

  constructor(fd: 1 | 2, stream: NodeJS.WriteStream) {
    this.#fd = fd;
    this.#stream = stream;
  }

  get terminal(): number | string | undefined {
    if (this.#stream.isTTY !== true) return undefined;
    try {
      return fstatSync(this.#fd).rdev;
    } catch {
      return "unknown";
    }
  }

  get columns(): number | undefined {
    return this.#stream.columns;
  }

  get rows(): number | undefined {
    return this.#stream.rows;
  }

  put(bytes: Uint8Array): number {
    try {
      return writeSync(this.#fd, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return 0;
      throw error;
    }
  }

  on(event: "error" | "resize", listener: (error: NodeJS.ErrnoException) => void): void {
    this.#stream.on(event, listener);
  }

  off(event: "error" | "resize", listener: (error: NodeJS.ErrnoException) => void): void {
    this.#stream.off(event, listener);
  }
}
