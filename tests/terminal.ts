/**
 * A real terminal for tests: a pseudo-terminal with the line discipline of the system, in which Ctrl-C and Ctrl-Z are signals. Node
 * has none; python3 and util-linux's script have, and stand between the test's pipes and the program.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";

/** Milliseconds in which something must come; nothing is ever decided by how long it took. */
const PATIENCE = 600_000;

const PYTHON = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";

/** What makes a terminal here, undefined where nothing does. */
const maker: ((argv: string[]) => [file: string, args: string[]]) | undefined = (() => {
  const works = (file: string, args: string[]) => spawnSync(file, args, { stdio: ["ignore", "pipe", "ignore"] }).status === 0;
  if (works("python3", ["-c", "import pty"])) return (argv) => ["python3", ["-c", PYTHON, ...argv]];
  if (works("script", ["-qec", "true", "/dev/null"])) {
    const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
    return (argv) => ["script", ["-qefc", argv.map(quoted).join(" "), "/dev/null"]];
  }
  return undefined;
})();

/** Why there is no terminal to test with, undefined where there is one. */
export const noTerminal = maker ? undefined : "skipped: no python3 and no util-linux script here to make a terminal with";

export class Terminal {
  readonly #child: ChildProcess;
  /** All that appeared, what was typed included. */
  #screen = "";
  #seen = 0;
  #waiting: (() => void) | undefined;
  readonly ended: Promise<number | null>;

  /** A program on a terminal of its own. */
  constructor(argv: string[], cwd: string) {
    if (!maker) throw new Error(noTerminal);
    const [file, args] = maker(argv);
    this.#child = spawn(file, args, { cwd, env: { ...process.env, TERM: "xterm", NO_COLOR: "1" }, stdio: ["pipe", "pipe", "inherit"] });
    this.#child.stdout?.on("data", (bytes: Buffer) => {
      this.#screen += bytes.toString("utf8").replaceAll("\r\n", "\n");
      this.#waiting?.();
    });
    // Who types when the program has gone is not told.
    this.#child.stdin?.on("error", () => {});
    this.ended = new Promise((resolve) => this.#child.on("close", resolve));
  }

  /** Keys as they are: "ls\n", "\x03" for Ctrl-C, "\x1a" for Ctrl-Z, "\x04" for Ctrl-D. */
  type(keys: string): void {
    this.#child.stdin?.write(keys);
  }

  /** What appeared up to this text, from where the last one ended. */
  async until(text: string | RegExp): Promise<string> {
    const limit = Date.now() + PATIENCE;
    for (;;) {
      const rest = this.#screen.slice(this.#seen);
      const at = typeof text === "string" ? rest.indexOf(text) : rest.search(text);
      if (at >= 0) {
        const length = typeof text === "string" ? text.length : (text.exec(rest)?.[0].length ?? 0);
        this.#seen += at + length;
        return rest.slice(0, at + length);
      }
      if (Date.now() > limit) throw new Error(`${text} did not appear behind ${JSON.stringify(rest)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 1000);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** What appeared that nobody asked for yet. */
  get rest(): string {
    return this.#screen.slice(this.#seen);
  }

  /** Closes the terminal, whatever is on it. */
  close(): void {
    this.#child.kill("SIGKILL");
  }
}
