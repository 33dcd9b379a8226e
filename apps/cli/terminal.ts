/**
 * A terminal as a page: what was on it comes back when the page is closed, however the process ends. And its keys one by one, for as
 * long as nobody else reads them.
 *
 *     open  -> other screen, no cursor, no wrapping     close -> all as it was
 */
import type { World } from "./world.js";

const OPEN = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const CLOSE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
/** Between these a terminal that can shows nothing half drawn. */
const BEGIN = "\x1b[?2026h\x1b[H";
const END = "\x1b[J\x1b[?2026l";
/** Where a terminal does not say how large it is. */
const SIZE = { columns: 80, rows: 24 };

export class Terminal {
  readonly #world: World;
  #open = false;
  #keys: ((bytes: Uint8Array) => void) | undefined;
  readonly #leave = () => this.close();
  readonly #back = () => this.#resume();
  #resized = () => {};

  /** The one that stderr is. */
  constructor(world: World) {
    this.#world = world;
  }

  /** Columns and rows now. */
  get size(): { columns: number; rows: number } {
    const { columns, rows } = this.#world.stderr;
    return { columns: columns || SIZE.columns, rows: rows || SIZE.rows };
  }

  /** `resized` is called when the size changes. */
  open(resized: () => void): void {
    this.#open = true;
    this.#resized = resized;
    this.#world.events.on("exit", this.#leave);
    this.#world.events.on("SIGCONT", this.#back);
    this.#world.stderr.on("resize", resized);
    this.#put(OPEN);
  }

  /** The page with these lines, as text for the terminal. */
  page(lines: readonly string[]): string {
    return `${BEGIN}${lines.map((line) => `${line}\x1b[K`).join("\r\n")}${END}`;
  }

  /** Each key goes to `press`, also Ctrl-C, which is no signal then. */
  listen(press: (key: string) => void): void {
    this.#keys = (bytes) => {
      for (const key of Buffer.from(bytes).toString("latin1")) press(key);
    };
    const { stdin } = this.#world;
    stdin.setRawMode?.(true);
    stdin.on("data", this.#keys);
    stdin.resume();
  }

  /** Keys are somebody else's. */
  ignore(): void {
    if (!this.#keys) return;
    const { stdin } = this.#world;
    stdin.off("data", this.#keys);
    this.#keys = undefined;
    stdin.setRawMode?.(false);
    stdin.pause();
  }

  /** Ctrl-Z: the process stops, and the terminal is the shell's until it goes on. */
  suspend(): void {
    if (this.#keys) this.#world.stdin.setRawMode?.(false);
    this.#put(CLOSE);
    this.#world.signal("SIGTSTP");
    // It goes on, or nobody could have made it do so, and it was not stopped.
    this.#resume();
  }

  #resume(): void {
    if (this.#keys) this.#world.stdin.setRawMode?.(true);
    this.#put(OPEN);
    this.#resized();
  }

  /** Whether keys come here. */
  get listens(): boolean {
    return this.#keys !== undefined;
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#world.events.off("exit", this.#leave);
    this.#world.events.off("SIGCONT", this.#back);
    this.#world.stderr.off("resize", this.#resized);
    this.ignore();
    this.#put(CLOSE);
  }

  #put(text: string): void {
    try {
      this.#world.stderr.put(Buffer.from(text));
    } catch {
      // Nobody looks any more.
    }
  }
}
