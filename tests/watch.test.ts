/** `talea run --watch`: what a page shows, and the command on a terminal, which python3 makes where there is one. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cut, drawScene, type Scene, type Seen } from "../apps/cli/scene.js";
import { Timeline } from "../apps/cli/timeline.js";
import { boot, levelsOf, type Machine, type System } from "../hal/host/index.js";
import { ensureBuilt, root } from "./built.js";
import { type Ended, endAll, Here, type Run, Started, started } from "./command.js";

const test = suite("watch");
const folder = mkdtempSync(join(tmpdir(), "talea-watch-"));
test.before(ensureBuilt);
test.after.each(endAll);
test.after(() => rmSync(folder, { recursive: true, force: true }));

// Pages

const plain = pc.createColors(false);
const SIZE = { columns: 80, rows: 24 };

/** A queue with two of four messages, a pipe, and tasks that run, sleep and wait. */
function office(system: System): void {
  const jobs = system.queue({ name: "jobs", count: 4, size: 8 });
  const words = system.pipe({ name: "words", capacity: 32 });
  const pool = system.pool({ name: "buffers", count: 3, size: 8 });
  system.task("clerk", { priority: 9, writes: [jobs, words] }, function* (self) {
    yield* jobs.send("ab");
    yield* jobs.send("cd");
    yield* words.write("hello");
    yield* pool.alloc(0);
    yield* self.sleep(1000);
  });
  system.task("reader", { priority: 8, reads: [words] }, function* (self) {
    const view = self.buffer(64);
    for (;;) if ((yield* words.read(view)) === 0) return;
  });
  system.task("worker", { priority: 5 }, function* (self) {
    for (;;) yield* self.compute(1000);
  });
}

function seen(machine: Machine, name = ""): Seen {
  const timeline = new Timeline((id) => machine.nameOf(id));
  return {
    name,
    up: true,
    report: machine.report(),
    levels: levelsOf(machine),
    timeline,
    before: { cycles: 0, tasks: new Map() },
    millisecond: 16000,
  };
}

function scene(machines: Seen[], more: Partial<Scene> = {}): Scene {
  const time = { tick: 20, milliseconds: 20.5, doing: "running", speed: 1 };
  return { app: "office.ts", ...time, machines, output: undefined, notes: [], keys: true, ...more };
}

test("levels say what pipes, queues and pools hold, and asking changes nothing", () => {
  const machine = boot(office);
  machine.runUntil(3);
  const { hash } = machine;
  const own = levelsOf(machine).filter(({ name }) => !name.startsWith("console"));
  assert.equal(own, [
    { name: "words", used: 0, capacity: 32, unit: "bytes" },
    { name: "jobs", used: 2, capacity: 4, unit: "messages" },
    { name: "buffers", used: 1, capacity: 3, unit: "blocks" },
  ]);
  assert.is(machine.hash, hash);
});

test("a page has the time, each task with its state and its share of the CPU, and what objects hold", () => {
  const machine = boot(office);
  machine.runUntil(20);
  const lines = drawScene(scene([seen(machine)]), SIZE, plain);
  assert.is(lines[0], "office.ts  tick 20, 0.021 s  running  speed 1");
  assert.match(lines.join("\n"), /^clerk +9 +0\.\d% +0\.\d% +sleeps +-$/m);
  assert.match(lines.join("\n"), /^reader +8 .* waits for words +-$/m);
  assert.match(lines.join("\n"), /^worker +5 +9\d\.\d% +9\d\.\d% +(running|ready) +-$/m);
  assert.match(lines.join("\n"), /^words 0\/32 \| jobs 2\/4 messages \| buffers 1\/3 blocks$/m);
  assert.is(lines.at(-1), "q quit | space pause | s one tick | + - speed");
});

test("the share since the last page is of the time since then", () => {
  const machine = boot(office);
  machine.runUntil(10);
  const tasks = new Map(machine.tasks.map(({ handle, cycles }) => [handle, cycles]));
  const before = { cycles: machine.cycles, tasks };
  machine.runUntil(20);
  const [, , clerk] = drawScene(scene([{ ...seen(machine), before }]), SIZE, plain);
  assert.match(clerk as string, /^clerk +9 +0\.0% /);
});

test("however small the terminal is, a page is no larger", () => {
  const machine = boot(office);
  machine.runUntil(20);
  const output = Array.from({ length: 30 }, (_, i) => `line ${i} ${"x".repeat(100)}`);
  for (let rows = 1; rows <= 40; rows++) {
    for (const columns of [1, 7, 20, 80, 200]) {
      for (const machines of [[seen(machine)], [seen(machine, "alice"), seen(machine, "bob")]]) {
        const lines = drawScene(scene(machines, { output, notes: ["a note"] }), { columns, rows }, pc.createColors(true));
        assert.ok(lines.length <= rows, `${rows} rows`);
        for (const line of lines) assert.ok([...stripVTControlCharacters(line)].length <= columns, line);
      }
    }
  }
});

test("the last lines of the output are shown, and no command to the terminal among them", () => {
  const machine = boot(office);
  machine.runUntil(5);
  const output = Array.from({ length: 30 }, (_, i) => `line ${i}\x1b[2J`);
  const text = drawScene(scene([seen(machine)], { output }), SIZE, plain).join("\n");
  assert.match(text, /\nline 28\?\[2J\nline 29\?\[2J\nq quit/);
  assert.not.match(text, /line 3\?/);
});

test("a line is cut at a column, and keeps its colours", () => {
  assert.is(cut("\x1b[1mhello\x1b[22m world", 7), "\x1b[1mhello\x1b[22m w");
  assert.is(cut("▁▂▃▄", 2), "▁▂");
});

// The command

/** A terminal of 24 rows and 80 columns: what comes to stdin is typed, what is shown goes to stdout, the status is the command's. */
const TERMINAL = `
import fcntl, os, pty, select, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
typing = True
while True:
    ready = select.select([fd, 0] if typing else [fd], [], [])[0]
    if fd in ready:
        try: data = os.read(fd, 65536)
        except OSError: data = b""
        if not data: break
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    elif typing:
        data = os.read(0, 1024)
        typing = len(data) > 0
        os.write(fd, data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
`;

const python = spawnSync("python3", ["-c", "import pty, termios; pty.fork"]).status === 0;
if (!python) console.log("watch: there is no python3 to make a terminal with, so the command is not tried on one");
const onTerminal = (python ? test : test.skip) as typeof test;

/** A run that is watched, on a terminal that the test plays, or on one of the system's. */
class Screen {
  readonly run: Run;

  constructor(args: string[], real = false) {
    const python = ["python3", "-c", TERMINAL, ...started];
    this.run = real
      ? new Started(args, { cwd: folder, env: { TERM: "xterm" } }, python)
      : new Here(args, { cwd: folder, env: {}, terminal: true });
  }

  get ended(): Promise<Ended> {
    return this.run.ended;
  }

  get text(): string {
    return this.run.stdout.replaceAll("\r", "");
  }

  /** Pages so far. */
  get pages(): string[] {
    const pages = this.text.split("\x1b[?2026h").slice(1);
    return pages.map((page) => stripVTControlCharacters(page.split("\x1b[?2026l")[0] as string));
  }

  /** What was shown when the pages were gone. */
  get after(): string {
    return this.text.split("\x1b[?1049l").at(-1) as string;
  }

  /** The first page, of those to come and the last, in which this is. */
  async shows(pattern: RegExp): Promise<string> {
    for (let from = Math.max(0, this.pages.length - 1); ; ) {
      const found = this.pages.slice(from).find((page) => pattern.test(page));
      if (found !== undefined) return found;
      if (this.run.over) assert.unreachable(`it ended: ${this.text}`);
      await this.run.more();
    }
  }

  type(keys: string): void {
    this.run.type(keys);
  }
}

function app(file: string, body: string): string {
  writeFileSync(
    join(folder, file),
    `import type { System } from "talea";
export default (system: System) => {
  const out = system.console();
  const jobs = system.queue({ name: "jobs", count: 4, size: 8 });
  system.task("only", { priority: 5, writes: [jobs] }, function* (self): any {
${body}
  });
};
`,
  );
  return file;
}

const FOREVER = app("forever.ts", `    yield* jobs.send("ab");\n    yield* out.write("begins\\n");\n    for (;;) yield* self.sleep(10);`);
const ECHO = app(
  "echo.ts",
  `    const view = self.buffer(64);
    for (let n = yield* out.read(view); n > 0; n = yield* out.read(view)) yield* out.write(view.slice(0, n));`,
);

/** The last line of a run, as it is without --watch. */
async function lastLine(...args: string[]): Promise<string> {
  const run = await new Here(["run", ...args], { cwd: folder }).endInput().ended;
  return run.stderr.trimEnd().split("\n").at(-1) as string;
}

test("a run that is watched is the same run: output, report and hash, when its terminal is as it was before", async () => {
  for (const file of ["priorities", "chat", "philosophers"].map((name) => join(root, `apps/scripted/${name}.ts`))) {
    const screen = new Screen(["run", file, "--watch", "--speed", "1000"]);
    await screen.shows(/over: /);
    screen.type(" ");
    await screen.ended;
    assert.ok(screen.text.startsWith("\x1b[?1049h"), screen.text.slice(0, 200));
    assert.is(screen.after.trimEnd().split("\n").at(-1), await lastLine(file));
    assert.ok(screen.text.includes("\x1b[?25h\x1b[?1049l"));
    assert.match(screen.pages.at(-1) as string, /over: (finished|deadlock)/);
  }
});

test("what the app wrote is in a pane, and on the terminal when all is over", async () => {
  const screen = new Screen(["run", join(root, "apps/scripted/priorities.ts"), "--watch"]);
  await screen.shows(/over: /);
  screen.type(" ");
  const { status } = await screen.ended;
  assert.is(status, 0);
  assert.match(screen.pages.at(-1) as string, /output\n.*\ninheritance: high waited 4 ticks for the bus\n/);
  assert.match(screen.after, /^plain mutex: high waited 24 ticks for the bus\ninheritance: high waited 4 ticks for the bus\n\ntask /);
});

test("space pauses, s makes a tick, + and - change the speed, q ends the run with its report", async () => {
  const screen = new Screen(["run", FOREVER, "--watch"]);
  const tick = (page: string) => Number(/tick (\d+)/.exec(page)?.[1]);
  // The task has begun: its message is in the queue.
  await screen.shows(/jobs 1\/4 messages/);
  screen.type(" ");
  const paused = tick(await screen.shows(/ paused /));
  screen.type("s");
  await screen.shows(new RegExp(`tick ${paused + 1}, .* paused `));
  screen.type("+");
  await screen.shows(/ speed 2\n/);
  screen.type("--");
  await screen.shows(/ speed 0\.5\n/);
  screen.type(" ");
  await screen.shows(/ running /);
  screen.type("q");
  const { status } = await screen.ended;
  assert.is(status, 130);
  assert.match(screen.after, /^begins\n(.*\n)*talea: interrupted at tick \d+\nstopped at tick /);
});

/** On both kinds of terminals. */
function onBoth(claim: string, body: (opened: (args: string[]) => Screen) => Promise<void>): void {
  test(claim, () => body((args) => new Screen(args)));
  onTerminal(`on a real terminal ${claim}`, () => body((args) => new Screen(args, true)));
}

onBoth("Ctrl-C ends it as ever, also while it pauses", async (opened) => {
  const screen = opened(["run", FOREVER, "--watch"]);
  // It listens from its first page on.
  await screen.shows(/ running /);
  screen.type(" ");
  await screen.shows(/ paused /);
  screen.type("\x03");
  assert.is((await screen.ended).status, 130);
  assert.match(screen.after, /\ntalea: interrupted at tick /);
  assert.ok(screen.text.startsWith("\x1b[?1049h") && screen.text.includes("\x1b[?25h\x1b[?1049l"));
});

test("Ctrl-Z gives the terminal back while it is stopped, and takes it again", async () => {
  const screen = new Screen(["run", FOREVER, "--watch"]);
  const run = screen.run as Here;
  await screen.shows(/ running /);
  assert.is(run.raw, true);
  const opens = () => screen.text.split("\x1b[?1049h").length - 1;
  screen.type("\x1a");
  while (run.stops === 0) await run.more();
  await screen.shows(/ running /);
  assert.equal([run.stops, opens(), run.raw], [1, 2, true]);
  run.signal("SIGCONT");
  assert.is(opens(), 3);
  screen.type("q");
  assert.is((await screen.ended).status, 130);
  assert.is(run.raw, false);
});

test("--replay is watched at its pace, too, and a network has all its machines on the page", async () => {
  const chat = join(root, "apps/scripted/chat.ts");
  await new Here(["run", chat, "--record", "chat.rec", "--quiet"], { cwd: folder }).endInput().ended;
  const screen = new Screen(["run", chat, "--replay", "chat.rec", "--watch", "--speed", "1000"]);
  await screen.shows(/over: finished/);
  screen.type(" ");
  assert.is((await screen.ended).status, 0);
  assert.match(screen.after, /^replayed with 0 events from outside: the same run as recorded$/m);
  assert.is(screen.after.trimEnd().split("\n").at(-1), await lastLine(chat));
});

onTerminal("an app that reads the console gets what is typed", async () => {
  const screen = new Screen(["run", ECHO, "--watch"], true);
  await screen.shows(/waits for console\.in/);
  screen.type("quick\n");
  await screen.shows(/output\nquick/);
  screen.type("\x04");
  assert.is((await screen.ended).status, 0);
  assert.match(screen.after, /^quick\n\ntask /);
});

onTerminal("output that goes elsewhere goes there at once, and no page has it", async () => {
  const file = join(folder, "out.txt");
  const words = [...started, "run", join(root, "apps/scripted/priorities.ts"), "--watch"].map((word) => `"${word}"`);
  const shell = `exec ${words.join(" ")} > "${file}"`;
  const { status, stdout: text } = await new Started([], { cwd: folder, env: { TERM: "xterm" } }, [
    ...["python3", "-c", TERMINAL],
    ...["/bin/sh", "-c", shell],
  ]).ended;
  assert.is(status, 0, text);
  assert.is(readFileSync(file, "utf8").split("\n")[1], "inheritance: high waited 4 ticks for the bus");
  assert.not.match(text, /inheritance: high/);
});

test("without a terminal, and --speed without --watch, it is refused in a sentence", async () => {
  for (const [args, sentence] of [
    [["--watch"], /^talea: --watch draws on stderr, which is no terminal: /],
    [["--speed", "2"], /^talea: --speed is for --watch/],
    [["--watch", "--speed", "0"], /^talea: option '--speed <FACTOR>' argument '0' is invalid\. Give a number from 0\.001 to 1000\.$/m],
  ] as [string[], RegExp][]) {
    const { status, stdout, stderr } = await new Here(["run", FOREVER, ...args], { cwd: folder }).ended;
    assert.is(status, 2);
    assert.is(stdout, "");
    assert.match(stderr, sentence);
  }
});

test.run();
