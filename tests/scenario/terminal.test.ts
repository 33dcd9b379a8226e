/** The command on a real terminal, with a person's keys: the shell, and Ctrl-Z where no task takes it. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ensureBuilt } from "../built.js";
import { started } from "../command.js";
import { wasmFile } from "../firmware.js";
import { noTerminal, Terminal } from "../terminal.js";

const test = suite("terminal scenario");

ensureBuilt();
const shell = wasmFile("shell");
const folder = mkdtempSync(join(tmpdir(), "talea-terminal-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
if (noTerminal) console.log(noTerminal);
const onTerminal = noTerminal ? test.skip : test;

/** The keys that the terminal makes signals of. */
const [CTRL_C, CTRL_D, CTRL_Z] = ["\x03", "\x04", "\x1a"];

/** The command on a terminal of its own. */
async function opened(args: string[], body: (terminal: Terminal) => Promise<void>): Promise<number | null> {
  const terminal = new Terminal([...started, "run", ...args], folder);
  try {
    await body(terminal);
    return await terminal.ended;
  } finally {
    terminal.close();
  }
}

/** Has a command run that says nothing: when the word before it has appeared, the shell is past its line. */
async function launched(t: Terminal, line: string): Promise<void> {
  t.type(`echo go; ${line}\n`);
  await t.until("\ngo\n");
}

onTerminal("a session: pipelines, Ctrl-C, Ctrl-Z, jobs, bg, fg, and exit", async () => {
  const status = await opened([shell, "--quiet"], async (t) => {
    await t.until("$ ");
    t.type("echo hi | upper\n");
    assert.is(await t.until("$ "), "echo hi | upper\nHI\n$ ");
    await launched(t, "spin");
    // More than one Ctrl-C: none of them ends the run.
    t.type(CTRL_C);
    assert.is(await t.until("$ "), "^C\n$ ");
    t.type("echo $?\n");
    assert.is(await t.until("$ "), "echo $?\n130\n$ ");
    t.type(CTRL_C);
    assert.is(await t.until("$ "), "^C\n$ ");
    await launched(t, "sleep 1000");
    t.type(CTRL_Z);
    assert.is(await t.until("$ "), "^Z\n[1]+ Stopped   sleep 1000\n$ ");
    t.type("jobs\n");
    assert.is(await t.until("$ "), "jobs\n[1]+ Stopped   sleep 1000\n$ ");
    t.type("bg\n");
    assert.is(await t.until("$ "), "bg\n[1] sleep 1000 &\n$ ");
    t.type("jobs\n");
    assert.is(await t.until("$ "), "jobs\n[1]+ Running   sleep 1000\n$ ");
    t.type("fg\n");
    assert.is(await t.until("1000\n"), "fg\nsleep 1000\n");
    t.type(CTRL_C);
    assert.is(await t.until("$ "), "^C\n$ ");
    t.type("yes | upper\n");
    await t.until("Y\nY\n");
    t.type(CTRL_C);
    await t.until("\n$ ");
    t.type("top\n");
    await t.until("CPU %");
    t.type("q\n");
    await t.until("$ ");
    t.type("exit 3\n");
  });
  assert.is(status, 0);
});

onTerminal("Ctrl-D ends the shell, and Ctrl-C what reads the terminal", async () => {
  const status = await opened([shell, "--quiet"], async (t) => {
    await t.until("$ ");
    t.type("cat | upper\n");
    await t.until("upper\n");
    t.type("hello\n");
    assert.is(await t.until("HELLO\n"), "hello\nHELLO\n");
    t.type(CTRL_C);
    await t.until("$ ");
    t.type(CTRL_D);
    await t.until("exit\n");
  });
  assert.is(status, 0);
});

onTerminal("what was typed on a terminal, Ctrl-C and Ctrl-Z is recorded, and plays back to the same run", async () => {
  const file = join(folder, "session.json");
  await opened([shell, "--record", file], async (t) => {
    await t.until("$ ");
    await launched(t, "spin");
    t.type(CTRL_Z);
    await t.until("[1]+ Stopped   spin\n$ ");
    t.type("fg\n");
    await t.until("spin\n");
    t.type(CTRL_C);
    await t.until("$ ");
    t.type("exit\n");
  });
  const text = readFileSync(file, "utf8");
  assert.match(text, /"event":"interrupt","signal":20\}/);
  assert.match(text, /"event":"interrupt"\}/);
  const status = await opened([shell, "--replay", file], async (t) => {
    await t.until("[1]+ Stopped   spin\n");
    await t.until("the same run as recorded");
  });
  assert.is(status, 0);
});

const NOBODY = `import type { System } from "talea";
export default (system: System) => {
  const out = system.console();
  system.task("only", {}, function* (self) {
    for (;;) {
      yield* out.write("alive\\n");
      yield* self.sleep(100);
    }
  });
};
`;

const BASH = "/bin/bash";

(existsSync(BASH) ? onTerminal : test.skip)("where no task is in the foreground, Ctrl-Z stops talea as it stops any program", async () => {
  writeFileSync(join(folder, "nobody.ts"), NOBODY);
  const terminal = new Terminal([BASH, "--norc", "--noprofile", "--noediting", "-i"], folder);
  try {
    terminal.type(`${started.map((word) => `'${word}'`).join(" ")} run nobody.ts --realtime --quiet\n`);
    await terminal.until("alive\n");
    terminal.type(CTRL_Z);
    await terminal.until(/Stopped.*--quiet\n/);
    for (let i = 0; i < 2; i++) {
      terminal.type("fg\n");
      // bash says what it brings forward before it does so.
      await terminal.until("alive\n");
      terminal.type(CTRL_Z);
      await terminal.until(/Stopped.*--quiet\n/);
    }
    terminal.type("kill %1; fg; echo status $?\n");
    await terminal.until(/^status 143$/m);
    terminal.type("exit\n");
    await terminal.ended;
  } finally {
    terminal.close();
  }
});

test.run();
