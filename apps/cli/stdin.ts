/**
 * The console's input: what the command reads, held back until the machine asks for it. Nothing is read before a task listens,
 * so a program that never does leaves stdin to others; and reading pauses while much is waiting, so memory stays bounded.
 */
import type { Bell } from "./bell.js";
import type { Input, World } from "./world.js";

/** Bytes that may wait before reading pauses. */
const AHEAD = 1 << 18;

export class Stdin {
  readonly #bell: Bell;
  readonly #world: World;
  #waiting: Uint8Array[] = [];
  #bytes = 0;
  #ended = false;
  #problem: NodeJS.ErrnoException | undefined;
  #started = false;

  /** `bell` rings when something came. */
  constructor(bell: Bell, world: World) {
    this.#bell = bell;
    this.#world = world;
  }

  /** Whether a person types it. */
  get terminal(): boolean {
    return this.#source.isTTY === true;
  }

  get #source(): Input {
    return this.#world.stdin;
  }

  /** Why it could not be read; it then counts as ended. */
  get problem(): NodeJS.ErrnoException | undefined {
    return this.#problem;
  }

  /** Whether take() would answer something. */
  get ready(): boolean {
    return this.#waiting.length > 0 || this.#ended;
  }

  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#source.on("data", (bytes: Uint8Array) => {
      this.#waiting.push(bytes);
      this.#bytes += bytes.length;
      if (this.#bytes >= AHEAD) this.#source.pause();
      this.#bell.ring();
    });
    this.#source.on("end", () => this.#end());
    this.#source.on("error", (error) => this.#end(error));
    // Whoever looked for keys before has paused it.
    this.#source.resume();
  }

  #end(problem?: NodeJS.ErrnoException): void {
    this.#ended = true;
    this.#problem ??= problem;
    this.#bell.ring();
  }

  /** The next bytes that came, "end", or undefined when that is not known yet. */
  take(): Uint8Array | "end" | undefined {
    const bytes = this.#waiting.shift();
    if (bytes === undefined) return this.#ended ? "end" : undefined;
    this.#bytes -= bytes.length;
    if (this.#bytes < AHEAD && this.#source.isPaused()) this.#source.resume();
    return bytes;
  }
}
