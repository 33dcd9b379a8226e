/**
 * A terminal as a page: what was on it comes back when the page is closed, however the process ends. And its keys one by one, for as
 * long as nobody else reads them.
 *
 *     open  -> other screen, no cursor, no wrapping     close -> all as it was
 */
import { writeSync } from "node:fs";

const OPEN = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
const CLOSE = "\x1b[?7h\x1b[?25h\x1b[?1049l";
/** Between these a terminal that can shows nothing half drawn. */
const BEGIN = "\x1b[?2026h\x1b[H";
const END = "\x1b[J\x1b[?2026l";
/** Where a terminal does not say how large it is. */
const SIZE = { columns: 80, rows: 24 };

export class Terminal {
  #open = false;
  #keys: ((bytes: Uint8Array) => void) | undefined;
  readonly #leave = () => this.close();
  readonly #back = () => this.#resume();
  #resized = () => {};

  /** Columns and rows now. */
  get size(): { columns: number; rows: number } {
    return { columns: process.stderr.columns || SIZE.columns, rows: process.stderr.rows || SIZE.rows };
  }

  /** `resized` is called when the size changes. */
  open(resized: () => void): void {
    this.#open = true;
    this.#resized = resized;
    process.on("exit", this.#leave);
    process.on("SIGCONT", this.#back);
    process.stderr.on("resize", resized);
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
    process.stdin.setRawMode(true);
    process.stdin.on("data", this.#keys);
    process.stdin.resume();
  }

  /** Keys are somebody else's. */
  ignore(): void {
    if (!this.#keys) return;
    process.stdin.off("data", this.#keys);
    this.#keys = undefined;
    process.stdin.setRawMode(false);
    process.stdin.pause();
  }

  /** Ctrl-Z: the process stops, and the terminal is the shell's until it goes on. */
  suspend(): void {
    if (this.#keys) process.stdin.setRawMode(false);
    this.#put(CLOSE);
    process.kill(process.pid, "SIGTSTP");
    // It goes on, or nobody could have made it do so, and it was not stopped.
    this.#resume();
  }

  #resume(): void {
    if (this.#keys) process.stdin.setRawMode(true);
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
    process.off("exit", this.#leave);
    process.off("SIGCONT", this.#back);
    process.stderr.off("resize", this.#resized);
    this.ignore();
    this.#put(CLOSE);
  }

  #put(text: string): void {
    try {
      writeSync(2, text);
    } catch {
      // Nobody looks any more.
    }
  }
}
