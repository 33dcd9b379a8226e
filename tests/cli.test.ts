/** The command `talea`, as a shell sees it: what goes to stdout and to stderr, and the exit status. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ensureBuilt, root } from "./built.js";
import { type Ended, endAll, Here, impatient, Started } from "./command.js";

const test = suite("cli");
/** An empty folder somewhere else: no package.json, no node_modules. */
const folder = mkdtempSync(join(tmpdir(), "talea-cli-"));

test.before(ensureBuilt);
test.after.each(endAll);
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** The command as a process of its own. */
function start(args: string[]): Started {
  return new Started(args, { cwd: folder });
}

/** The command in this process, in the empty folder. */
function here(args: string[]): Here {
  return new Here(args, { cwd: folder });
}

/** Runs it there with this input, or none. */
function talea(args: string[], input: string | Uint8Array = "", cwd = folder): Promise<Ended> {
  return new Here(args, { cwd }).endInput(input).ended;
}

/** Writes an app to the empty folder. */
function app(file: string, source: string): string {
  writeFileSync(join(folder, file), source);
  return file;
}

/** The lines of a file in the folder. */
function linesIn(file: string): string[] {
  return readFileSync(join(folder, file), "utf8").trimEnd().split("\n");
}

/** An app whose only task has this body; its first line is line 5. */
function task(file: string, body: string): string {
  return app(
    file,
    `import type { System } from "talea";
export default (system: System) => {
  const out = system.console();
  system.task("only", { priority: 5 }, function* (self): any {
${body}
  });
};
`,
  );
}

const HELLO = task("hello.ts", `    yield* out.write("hello\\n");\n    yield* self.sleep(10);`);
const ECHO = task(
  "echo.ts",
  `    const view = self.buffer(64);
    for (let n = yield* out.read(view); n > 0; n = yield* out.read(view)) yield* out.write(view.slice(0, n));`,
);
const FOREVER = task("forever.ts", `    yield* out.write("ready\\n");\n    for (;;) yield* self.sleep(10);`);

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) as string;
}

/** Everything that is never said to a user. */
function saysNoInternals({ stderr }: Ended): void {
  assert.not.match(stderr, /\n\s+at /);
  assert.not.match(stderr, /node:|dist\/|node_modules|internal error/);
}

// What a run prints

test("stdout is what the app writes; the tasks, the timeline and the last line are on stderr", async () => {
  const run = await talea(["run", HELLO]);
  assert.is(run.status, 0);
  assert.is(run.stdout, "hello\n");
  assert.match(run.stderr, /^only +5 +exited 0 .* - +80 cycles$/m);
  assert.match(run.stderr, /^timeline, one column is [\d.]+ ms\nonly +\S*z{9}/m);
  assert.match(run.stderr, /^idle .*█████/m);
  assert.match(lastLine(run.stderr), /^finished at tick 10 after \d+ events, trace hash 0x[0-9A-F]{16}$/);
});

test("every line of the report fits 80 columns where there is no terminal", async () => {
  const { stderr } = await talea(["run", HELLO]);
  assert.equal(
    stderr.split("\n").filter((line) => [...line].length > 80),
    [],
  );
});

test("--quiet prints nothing but the app's output", async () => {
  const run = await talea(["run", HELLO, "--quiet"]);
  assert.equal(run, { stdout: "hello\n", stderr: "", status: 0 });
});

test("the same seed is the same run, another seed another one", async () => {
  const file = app(
    "chance.ts",
    `import type { System } from "talea";
export default (system: System) => {
  const out = system.console();
  for (const name of ["a", "b"]) {
    system.task(name, {}, function* (self) {
      for (let i = 0; i < 20; i++) {
        yield* self.compute(5000);
        yield* out.write(name);
      }
    });
  }
};
`,
  );
  const [first, again, other] = await Promise.all(["1", "1", "2"].map((seed) => talea(["run", file, "--seed", seed])));
  assert.equal(first, again);
  assert.is.not(lastLine(first?.stderr as string), lastLine(other?.stderr as string));
});

test("--until stops at the tick, lets out what the console still holds, and counts as finished", async () => {
  const run = await talea(["run", FOREVER, "--until", "0"]);
  assert.is(run.status, 0);
  assert.is(run.stdout, "");
  const later = await talea(["run", task("late.ts", `    for (;;) yield* out.write("x".repeat(200));`), "--until", "5"]);
  assert.match(lastLine(later.stderr), /^finished at tick 5 after /);
  // 5 ticks at 115200 baud are 57 bytes; the rest was in the driver.
  assert.ok(later.stdout.length > 200);
});

test("--must-finish turns an unfinished run into status 4 and names who is left", async () => {
  const run = await talea(["run", FOREVER, "--until", "100", "--must-finish", "--quiet"]);
  assert.is(run.status, 4);
  assert.is(run.stderr, 'talea: --must-finish: not finished at tick 100, "only" has not ended\n');
  assert.is((await talea(["run", HELLO, "--must-finish"])).status, 0);
});

test("options stand before or behind the app's name; what talea does not know is the app's, and all behind --", async () => {
  const file = app(
    "args.ts",
    `import type { System } from "talea";
export default (system: System) => {
  const out = system.console();
  system.task("only", {}, function* () {
    yield* out.write(JSON.stringify(system.args));
  });
};
`,
  );
  const told = async (...args: string[]) => JSON.parse((await talea(["run", ...args])).stdout);
  assert.equal(await told(file), []);
  assert.equal(await told("--quiet", file, "x", "--ordered"), ["x", "--ordered"]);
  assert.equal(await told(file, "--ordered", "--seed", "7", "y", "--until", "9"), ["--ordered", "y"]);
  assert.equal(await told(file, "-x", "--", "--seed", "abc", "--"), ["-x", "--seed", "abc", "--"]);
});

// The trace

test("--trace writes one line of text for each event, or JSON when the file ends in .jsonl", async () => {
  const { stderr } = await talea(["run", HELLO, "--trace", "out.txt"]);
  await talea(["run", HELLO, "--trace", "out.jsonl"]);
  const lines = readFileSync(join(folder, "out.txt"), "utf8").trimEnd().split("\n");
  const records = readFileSync(join(folder, "out.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.is(lines.length, records.length);
  assert.is(lines[0], "0 kernel POWER memory=262144 period=16000");
  assert.equal(records[0], { cycles: 0, event: "POWER", memory: 262144, period: 16000 });
  const sleep = records.find((record) => record.event === "task_sleep");
  assert.equal({ ...sleep, cycles: 0 }, { cycles: 0, event: "task_sleep", task: "only", arguments: { ticks: 10 }, result: null });
  // MORE and CARRY are events of the hash that belong to other records.
  const events = Number(/after (\d+) events/.exec(stderr)?.[1]);
  assert.ok(lines.length <= events && lines.length > events / 2);
});

test("a trace file that cannot be written is wrong usage, from the start or at the end", async () => {
  const none = await talea(["run", HELLO, "--trace", "nowhere/out.txt", "--quiet"]);
  assert.is(none.status, 2);
  assert.match(none.stderr, /^talea: the trace file nowhere\/out\.txt cannot be written: ENOENT/);
  assert.is(none.stdout, "");
  const full = await talea(["run", HELLO, "--trace", "/dev/full", "--quiet"]);
  assert.is(full.status, 2);
  assert.match(full.stderr, /^talea: the trace file \/dev\/full cannot be written: ENOSPC/);
  const self = await talea(["run", HELLO, "--trace", "./hello.ts"]);
  assert.is(self.stderr, "talea: the trace file ./hello.ts is the app itself\n");
  assert.is((await talea(["run", HELLO])).status, 0);
});

// stdin and stdout

test("stdin is the console's input, the same run however it is cut into pieces", async () => {
  const text = "a line of text\n".repeat(2000);
  const whole = await talea(["run", ECHO], text);
  assert.is(whole.stdout, text);
  for (const run of [here(["run", ECHO]), start(["run", ECHO])]) {
    for (const piece of text.match(/[\s\S]{1,1013}/g) as string[]) {
      run.type(piece);
      await new Promise(setImmediate);
    }
    assert.equal(await run.endInput().ended, whole);
  }
});

test("ten megabytes go through in bounded memory", async () => {
  const file = app(
    "count.ts",
    `import type { System } from "talea";
export default (system: System) => {
  const console = system.console();
  system.task("only", { storage: 8192 }, function* (self) {
    const view = self.buffer(4096);
    let bytes = 0;
    let most = 0;
    for (let n = yield* console.read(view); n > 0; n = yield* console.read(view)) {
      bytes += n;
      most = Math.max(most, self.machine.input.available);
    }
    yield* console.write(bytes + " " + (most < 1000000));
  });
};
`,
  );
  const run = await talea(["run", file, "--quiet"], new Uint8Array(10_000_000).fill(120));
  assert.equal(run, { stdout: "10000000 true", stderr: "", status: 0 });
});

test("a slow reader of stdout slows the run and loses nothing", async () => {
  const file = task("much.ts", `    for (let i = 0; i < 20000; i++) yield* out.write(String(i).padStart(63) + "\\n");`);
  const numbers = Array.from({ length: 20000 }, (_, i) => i);
  const slow = start(["run", file, "--quiet"]).endInput();
  slow.child.stdout?.pause();
  // The pipe holds less than the app writes: the run has begun and cannot have ended when the reader begins.
  await new Promise((resolve) => slow.child.stdout?.once("readable", resolve));
  assert.is(slow.child.exitCode, null);
  slow.child.stdout?.resume();
  const played = here(["run", file, "--quiet"]);
  played.out.room = 100;
  const piecemeal = setInterval(() => {
    played.out.room += 300_000;
  }, 1);
  for (const { stdout, status } of [await slow.ended, await played.ended]) {
    assert.is(status, 0);
    assert.equal(stdout.trimEnd().split("\n").map(Number), numbers);
  }
  clearInterval(piecemeal);
});

test("a reader that goes away stops the run, quietly", async () => {
  const file = task("yes.ts", `    for (;;) yield* out.write("y\\n");`);
  const child = start(["run", file, "--quiet"]).endInput();
  await child.prints("y\n");
  child.child.stdout?.destroy();
  const run = await child.ended;
  assert.equal([run.status, run.stderr], [141, ""]);
  for (const [code, ended] of [
    ["EPIPE", { stderr: "", status: 141 }],
    ["EIO", { stderr: "talea: stdout cannot be written: it broke\n", status: 2 }],
  ] as const) {
    const broken = here(["run", file, "--quiet"]);
    await broken.prints("y\n");
    broken.out.problem = Object.assign(new Error("it broke"), { code });
    const { stderr, status } = await broken.ended;
    assert.equal({ stderr, status }, ended);
  }
});

test("an app that does not read its console leaves stdin alone, and its run ends though stdin is open", async () => {
  for (const run of [start(["run", HELLO, "--quiet"]), here(["run", HELLO, "--quiet"])]) {
    assert.equal(await run.ended, { stdout: "hello\n", stderr: "", status: 0 });
  }
});

test("Ctrl-C ends a run with its report", async () => {
  for (const forever of [start(["run", FOREVER]), here(["run", FOREVER])]) {
    await forever.prints("ready\n");
    const run = await forever.interrupt();
    assert.is(run.status, 130);
    assert.is(run.stdout, "ready\n");
    assert.match(run.stderr, /^only +5 +(sleeps|ready|running) /m);
    assert.match(run.stderr, /^talea: interrupted at tick \d+$/m);
    assert.match(lastLine(run.stderr), /^stopped at tick \d+ after \d+ events, trace hash 0x[0-9A-F]{16}$/, run.stderr);
  }
});

test("SIGTERM and SIGHUP end a run with its report", async () => {
  for (const [signal, status] of [
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const) {
    for (const forever of [start(["run", FOREVER]), here(["run", FOREVER])]) {
      await forever.prints("ready\n");
      forever.signal(signal);
      const run = await forever.ended;
      assert.is(run.status, status);
      assert.match(run.stderr, /^talea: interrupted at tick \d+$/m);
      assert.match(lastLine(run.stderr), /^stopped at tick \d+/);
    }
  }
});

test("Ctrl-C ends a run that waits for input, or for real time", async () => {
  const file = task("asks.ts", `    yield* out.write("?");\n    yield* out.read(self.buffer(8));`);
  const waiting = here(["run", file]);
  await waiting.prints("?");
  const run = await waiting.interrupt();
  assert.is(run.status, 130);
  assert.match(run.stderr, /^only +5 +ended by SIGINT/m);
  assert.match(lastLine(run.stderr), /^finished at tick/);
  const pacing = here(["run", FOREVER, "--realtime", "--quiet"]);
  await pacing.prints("ready\n");
  assert.is((await pacing.interrupt()).status, 130);
});

test("Ctrl-C is SIGINT for the foreground task, which may catch it; the second one ends the run", async () => {
  const file = app(
    "catches.ts",
    `import { SIGINT, type System } from "talea";
export default (system: System) => {
  const out = system.console();
  const named = system.task("named", { priority: 5 }, function* (self): any {
    yield* self.signals.handle(SIGINT, function* () { yield* out.write("caught\\n"); }, { restart: true });
    yield* out.write("ready\\n");
    for (;;) yield* self.sleep(10);
  });
  system.foreground(named);
};
`,
  );
  const catches = here(["run", file, "--realtime"]);
  await catches.prints("ready\n");
  catches.signal("SIGINT");
  await catches.prints("caught\n");
  const run = await catches.interrupt();
  assert.is(run.stdout, "ready\ncaught\n");
  assert.is(run.status, 130);
  assert.match(run.stderr, /^talea: interrupted at tick \d+$/m);
});

test("TRC-02e talea diff prints the first event in which two runs differ, behind the last that they share", async () => {
  const file = task("dice.ts", `    yield* self.sleep(1);\n    yield* self.compute(Math.floor(Math.random() * 1000));`);
  for (const [seed, name] of [
    ["1", "one.txt"],
    ["1", "same.txt"],
    ["2", "other.txt"],
  ] as const) {
    assert.is((await talea(["run", file, "--quiet", "--seed", seed, "--trace", name])).status, 0);
  }
  assert.equal(await talea(["diff", "one.txt", "same.txt"]), {
    stdout: `the same ${linesIn("one.txt").length} events\n`,
    stderr: "",
    status: 0,
  });
  const { stdout, stderr, status } = await talea(["diff", "one.txt", "other.txt"]);
  assert.is(status, 1);
  assert.is(stderr, "");
  const [one, other] = [linesIn("one.txt"), linesIn("other.txt")];
  const first = one.findIndex((line, i) => line !== other[i]);
  assert.ok(first > 3);
  assert.equal(stdout.split("\n"), [
    `event ${first + 1} is the first that differs (< one.txt, > other.txt):`,
    ...one.slice(first - 3, first).map((line) => `  ${line}`),
    `< ${one[first]}`,
    `> ${other[first]}`,
    "",
  ]);
  writeFileSync(join(folder, "cut.txt"), `${one.slice(0, 5).join("\n")}\n`);
  assert.match((await talea(["diff", "cut.txt", "one.txt"])).stdout, /^event 6 is the first .*\n(?: {2}.*\n){3}< \(the end\)\n> /);
  const missing = await talea(["diff", "one.txt", "missing.txt"]);
  assert.is(missing.status, 2);
  assert.match(missing.stderr, /^talea: the trace file missing.txt cannot be read: ENOENT/);
});

test("Ctrl-C reaches a task that waits for a pipe in which nothing comes; a second one ends the run", async () => {
  const file = app(
    "prompts.ts",
    `import { SIGINT, type System } from "talea";
export default (system: System) => {
  const out = system.console();
  system.task("shell", { priority: 5 }, function* (self): any {
    yield* self.signals.handle(SIGINT, function* () { yield* out.write("caught\\n"); }, { restart: true });
    yield* out.write("ready\\n");
    yield* out.read(self.buffer(8));
  });
};
`,
  );
  const prompts = here(["run", file, "--quiet"]);
  await prompts.prints("ready\n");
  prompts.signal("SIGINT");
  await prompts.prints("caught\n");
  const run = await prompts.interrupt();
  assert.is(run.stdout, "ready\ncaught\n");
  assert.is(run.status, 130);
});

// Networks of machines

/** Three machines: a server that shows what comes, a client that tells, and one that waits as long as it is told to. */
function chat(file: string, settings = "", third = "yield* self.sleep(5);"): string {
  return app(
    file,
    `import { network, type System } from "talea";
const server = (system: System) => {
  const out = system.console();
  system.task("host", { storage: 1024 }, function* (self): any {
    const door = yield* self.create.socket();
    yield* door.bind(80);
    yield* door.listen();
    const guest = yield* door.accept(50);
    const view = self.buffer(64);
    for (let n = yield* guest.receive(view); n > 0; n = yield* guest.receive(view)) yield* out.write(view.slice(0, n));
  });
};
const client = (system: System) => {
  const out = system.console();
  system.task("guest", { storage: 1024 }, function* (self): any {
    const socket = yield* self.create.socket();
    yield* out.write("I ");
    if ((yield* socket.connect("10.0.0.1", 80)) === 0) yield* out.write("am here\\n");
    yield* socket.send("hello\\nhow are you?\\n");
    yield* self.sleep(3);
    yield* socket.close();
  });
};
const third = (system: System) => {
  const out = system.console();
  system.task("third", {}, function* (self): any {
    ${third}
  });
};
export default network({
  machines: {
    bob: { address: "10.0.0.1", app: server },
    alice: { address: "10.0.0.2", app: client },
    eve: { address: "10.0.0.3", app: third },
  },
  ${settings}
});
`,
  );
}

test("the machines of a network run together: each line has its machine's name, the report has all of them, one hash", async () => {
  const file = chat("chat.ts", "link: { loss: 0.3 }");
  const [one, again, other] = await Promise.all([
    talea(["run", file, "--seed", "3"]),
    talea(["run", file, "--seed", "3"]),
    talea(["run", file, "--seed", "4", "--quiet"]),
  ]);
  assert.equal(one.stdout.split("\n").toSorted(), ["", "alice | I am here", "bob   | hello", "bob   | how are you?"]);
  assert.equal([one.status, again], [0, one]);
  assert.equal([other.status, other.stderr], [0, ""]);
  for (const row of ["bob (10.0.0.1)", "alice (10.0.0.2)", "eve (10.0.0.3)"]) assert.ok(one.stderr.split("\n").includes(row), row);
  for (const name of ["host", "guest", "third"]) assert.match(one.stderr, new RegExp(`^${name} +\\d+ +exited 0`, "m"));
  assert.match(one.stderr, /^packets between machines: \d+, \d+ lost$/m);
  assert.match(lastLine(one.stderr), /^finished at tick \d+ after \d+ events, trace hash 0x[0-9A-F]{16}$/);
  assert.equal(
    one.stderr.split("\n").filter((line) => line.length > 80),
    [],
  );
});

test("a network's trace file has the records of all machines in order of time", async () => {
  const file = chat("traced.ts", 'crashes: [{ machine: "eve", at: 1.5, restart: 4 }]');
  const [text, json] = await Promise.all([
    talea(["run", file, "--trace", "net.txt"]),
    talea(["run", file, "--trace", "net.jsonl", "--seed", "1", "--quiet"]),
  ]);
  assert.equal([text.status, json.status], [0, 0]);
  assert.match(text.stderr, /^eve \(10\.0\.0\.3\), powered on 2 times, last at tick 4$/m);
  const rows = linesIn("net.txt").map((line) => /^(bob|alice|eve) \| (\d+) /.exec(line) as RegExpExecArray);
  assert.ok(rows.every((row, i) => i === 0 || Number(row[2]) >= Number(rows[i - 1]?.[2])));
  assert.is(new Set(rows.map((row) => row[1])).size, 3);
  assert.is(linesIn("net.txt").filter((line) => /^eve \| (0|64000) kernel POWER/.test(line)).length, 2);
  const records = linesIn("net.jsonl").map((line) => JSON.parse(line) as { machine: string; cycles: number });
  assert.ok(records.every(({ cycles }, i) => i === 0 || cycles >= (records[i - 1]?.cycles as number)));
  assert.equal(new Set(records.map(({ machine }) => machine)), new Set(["bob", "alice", "eve"]));
});

test("what goes wrong on a machine of a network is said with its name", async () => {
  const [fails, dead, left] = await Promise.all([
    talea(["run", chat("fails.ts", "", 'throw new Error("broken");'), "--quiet"]),
    talea(["run", chat("dead.ts", "", 'yield* (yield* self.create.semaphore({ name: "never" })).take();'), "--quiet"]),
    talea(["run", chat("long.ts", "", "yield* self.sleep(500);"), "--quiet", "--until", "100", "--must-finish"]),
  ]);
  assert.equal([fails.status, fails.stderr], [1, 'talea: eve: task "third" failed at fails.ts:27: broken\n']);
  assert.is(dead.status, 3);
  assert.match(
    dead.stderr,
    /^talea: deadlock: nobody can ever run again\n {2}eve: task "third" waits in sem_take on "never" at dead\.ts:27/,
  );
  assert.equal([left.status, left.stderr], [4, 'talea: --must-finish: not finished at tick 100, eve: "third" has not ended\n']);
});

test("stdin goes to the first machine, or to the one that is named; a prompt is shown before its answer", async () => {
  const asks = `yield* out.write("name? "); const view = self.buffer(16);
    const n = yield* out.read(view); yield* out.write("hello "); yield* out.write(view.slice(0, n));`;
  const [named, first] = await Promise.all([
    talea(["run", chat("named.ts", 'console: "eve"', asks), "--quiet"], "Ann\n"),
    talea(["run", chat("first.ts", "", asks), "--quiet"], "Ann\n"),
  ]);
  assert.equal([named.status, first.status], [0, 0]);
  assert.ok(named.stdout.split("\n").includes("eve   | name? hello Ann"), named.stdout);
  assert.match(first.stdout, /^eve {3}\| name\? hello $/m);
  const asked = here(["run", "named.ts", "--quiet"]);
  await asked.prints(/name\? $/);
  const run = await asked.endInput("Bo\n").ended;
  assert.is(run.status, 0);
  assert.match(run.stdout, /hello Bo\n/);
});

test("Ctrl-C ends a network with its report", async () => {
  const file = chat("forever-net.ts", "", 'for (;;) { yield* self.sleep(100); yield* out.write("tick\\n"); }');
  const forever = here(["run", file, "--realtime"]);
  await forever.prints("eve   | ");
  const run = await forever.interrupt();
  assert.is(run.status, 130);
  assert.match(run.stderr, /^talea: interrupted at tick \d+$/m);
  assert.match(lastLine(run.stderr), /^stopped at tick \d+ after \d+/);
});

test("a network's settings that make no sense are wrong usage, with their line", async () => {
  const run = await talea(["run", chat("senseless.ts", "link: { loss: 7 }")]);
  assert.equal(
    [run.status, run.stderr],
    [2, "talea: senseless.ts:30: link: loss is 7: give a probability from 0 to 1, in steps of 0.001\n"],
  );
});

// How a run can go wrong

test("a task that ends by a signal which says that something is wrong with it is a failure, one that was asked to end is not", async () => {
  const aborts = task("aborts.ts", `    yield* self.signal(6);`);
  const aborted = await talea(["run", aborts]);
  assert.is(aborted.status, 1);
  assert.match(aborted.stderr, /^only +5 +ended by SIGABRT/m);
  assert.match(aborted.stderr, /^talea: task "only" was ended by SIGABRT$/m);
  const alarm = await talea(["run", task("alarm.ts", `    yield* self.alarm(1);\n    yield* self.sleep(9);`)]);
  assert.is(alarm.status, 0);
  assert.match(alarm.stderr, /^note: task "only" was ended by SIGALRM: its alarm came, and it has no handler for it$/m);
  const ends = task("ends.ts", `    yield* self.signal(15);`);
  const ended = await talea(["run", ends]);
  assert.is(ended.status, 0);
  assert.match(ended.stderr, /^only +5 +ended by SIGTERM/m);
});

test("TSK-14a a task that throws ends alone: the others go on, and the status is 1", async () => {
  const file = app(
    "throws.ts",
    `import type { System } from "talea";
export default (system: System) => {
  const out = system.console();
  system.task("bad", { priority: 5 }, function* (self) {
    yield* self.sleep(1);
    throw new RangeError("broken");
  });
  system.task("good", { priority: 4 }, function* (self) {
    yield* self.sleep(5);
    yield* out.write("still here\\n");
  });
};
`,
  );
  const run = await talea(["run", file]);
  assert.is(run.status, 1);
  assert.is(run.stdout, "still here\n");
  assert.match(run.stderr, /^bad +5 +failed/m);
  assert.match(run.stderr, /^talea: task "bad" failed at throws\.ts:6: RangeError: broken$/m);
  assert.match(lastLine(run.stderr), /^finished at tick 5 /);
  saysNoInternals(run);
});

test("TSK-14d a handler that throws ends the run, with status 1", async () => {
  const file = app(
    "handler.ts",
    `import type { System } from "talea";
export default (system: System) => {
  system.interrupt(3, {}, function* (irq) {
    yield* irq.compute(10);
    throw new Error("broken");
  });
  system.task("only", {}, function* (self) {
    yield* self.raise(3);
  });
};
`,
  );
  const run = await talea(["run", file]);
  assert.is(run.status, 1);
  assert.match(run.stderr, /^talea: the handler of line 3 failed at handler\.ts:5: broken$/m);
  assert.match(lastLine(run.stderr), /^failed at tick 0 /);
});

test("a deadlock is status 3 and says who waits for what, who holds it, and where", async () => {
  const file = app(
    "deadlock.ts",
    `import type { System } from "talea";
export default (system: System) => {
  const left = system.mutex({ name: "left" });
  const right = system.mutex({ name: "right" });
  const done = system.semaphore({ name: "done" });
  const pipe = system.pipe({ name: "pipe" });
  system.task("one", {}, function* (self) {
    yield* left.lock();
    yield* self.sleep(1);
    yield* right.lock();
  });
  system.task("two", { reads: [pipe] }, function* (self) {
    yield* right.lock();
    yield* self.sleep(1);
    yield* left.lock();
  });
  system.task("three", { writes: [pipe] }, function* () {
    yield* done.take();
  });
  system.task("four", { reads: [pipe] }, function* (self) {
    yield* pipe.read(self.buffer(4));
  });
  system.task("logger", { daemon: true }, function* () {
    yield* done.take();
  });
};
`,
  );
  const run = await talea(["run", file, "--must-finish", "--quiet"]);
  assert.is(run.status, 3);
  assert.is(
    run.stderr,
    `talea: deadlock: nobody can ever run again
  task "one" waits in mutex_lock on "right" at deadlock.ts:10: held by "two"
  task "two" waits in mutex_lock on "left" at deadlock.ts:15: held by "one"
  task "three" waits in sem_take on "done" at deadlock.ts:18: nobody is left to give
  task "four" waits in pipe_read on "pipe" at deadlock.ts:21: it could be written by "three"
  they wait for one another in a ring since tick 1: "one" -> "two" -> "one"
`,
  );
  assert.match(lastLine((await talea(["run", file])).stderr), /^deadlocked at tick 1 /);
});

test("a failed task counts more than the deadlock that it left", async () => {
  const file = app(
    "both.ts",
    `import type { System } from "talea";
export default (system: System) => {
  const done = system.semaphore();
  system.task("bad", {}, function* () {
    yield* done.take(0);
    throw new Error("broken");
  });
  system.task("waits", {}, function* () {
    yield* done.take();
  });
};
`,
  );
  const run = await talea(["run", file, "--quiet"]);
  assert.is(run.status, 1);
  assert.match(run.stderr, /^talea: task "bad" failed at both\.ts:6: broken\ntalea: deadlock: /);
});

test("TSK-14c endless JavaScript is found by CPU time and named with its line; nothing that was printed is lost", async () => {
  const spin = task(
    "spin.ts",
    `    interface Erased { x: number }
    yield* out.write("before\\n");
    const counter: Erased = { x: 0 };
    while (true) {
      counter.x++;
    }`,
  );
  const locked = task(
    "locked.ts",
    `    yield* self.lockInterrupts();\n    for (;;) {\n      yield* self.lockScheduler();\n      yield* self.unlockScheduler();\n    }`,
  );
  const soon = (args: string[], patience?: number) => new Started(args, { cwd: folder }, impatient(patience));
  const [task1, task2, described, loaded] = (await Promise.all([
    soon(["run", spin], 500_000).ended,
    soon(["run", locked, "--quiet"]).ended,
    soon(["run", app("describes.ts", `export default () => {\n  while (true) {}\n};\n`)]).ended,
    soon(["run", app("loads.ts", "\n\nwhile (true) {}\n")]).ended,
  ])) as [Ended, Ended, Ended, Ended];
  assert.is(task1.status, 1);
  assert.is(task1.stdout, "before\n");
  assert.match(task1.stderr, /^talea: task "only" ran for 0.5 s of CPU time without a call: endless JavaScript at spin\.ts:[89]$/m);
  assert.match(task1.stderr, /^only +5 +running/m);
  assert.match(lastLine(task1.stderr), /^stopped at tick 0 /);
  assert.is(task2.status, 1);
  assert.match(
    task2.stderr,
    /^talea: task "only" ran for 0.2 s of CPU time without giving up the CPU: it locks the interrupts, at locked\.ts:[678]\n$/,
  );
  assert.is(described.status, 2);
  assert.match(described.stderr, /^talea: describes\.ts:2 .*endless JavaScript\n$/);
  assert.is(loaded.status, 2);
  assert.match(loaded.stderr, /^talea: loads\.ts:3 .*endless JavaScript\n$/);
});

test("what fails outside of all tasks is a failure with its line", async () => {
  const file = app(
    "outside.ts",
    `import type { System } from "talea";
async function later() {
  await 0;
  throw new Error("broken");
}
export default (system: System) => {
  system.task("only", {}, function* (self) {
    later();
    for (;;) yield* self.sleep(1);
  });
};
`,
  );
  const run = await start(["run", file, "--quiet"]).ended;
  assert.equal(run, { stdout: "", stderr: "talea: the app failed outside of its tasks at outside.ts:4: broken\n", status: 1 });
});

// Mistakes in an app: [what it is, the body of its only task, what is said of it]

const mistakes: [claim: string, body: string, said: RegExp][] = [
  [
    "a forgotten yield* before another call",
    "    out.write('x');\n    yield* self.sleep(1);",
    /failed at \S+:5: the result of console\.write\(\) was never taken: write yield\* in front of the call/,
  ],
  [
    "a forgotten yield* at the end",
    "    yield* self.sleep(1);\n    self.sleep(1);",
    /failed at \S+:6: the result of sleep\(\) was never taken: write yield\* in front of the call/,
  ],
  [
    "a promise that is yielded",
    "    yield (async () => 1)();",
    /failed at \S+:5: a task yielded a promise: a task waits with yield\* on calls only/,
  ],
  ["a yield of something else", "    yield 5;", /failed at \S+:5: a task yielded something that is no call/],
  ["setTimeout", "    setTimeout(() => {}, 1);", /failed at \S+:5: setTimeout is the host's, and a task has none: use yield\* self\.sleep/],
  ["new Promise", "    new Promise(() => {});", /failed at \S+:5: Promise is the host's, and a task has none/],
  ["Promise.resolve", "    Promise.resolve(1);", /failed at \S+:5: Promise is the host's, and a task has none/],
  [
    "a pipe that it has not opened",
    "    const pipe = yield* self.create.pipe({ name: 'log', open: 'read' });\n    yield* pipe.write('x');",
    /failed at \S+:6: pipe\.write on "log": EPERM, the task was not given it to write: writes: /,
  ],
  [
    "ten thousand tasks",
    "    for (let i = 0; i < 10000; i++)\n      yield* self.create.task('t' + i, { priority: 1 }, function* (me) { yield* me.sleep(9); });",
    /failed at \S+:6: task "t63": ENFILE, the kernel's table of these objects is full/,
  ],
  [
    "a negative priority",
    "    yield* self.create.task('low', { priority: -1 }, function* () {});",
    /failed at \S+:5: task "low": EINVAL, an argument is out of its range; its priority is -1: give 0 to 63/,
  ],
  ["something thrown that is no error", "    throw 'x';", /failed: it threw "x"/],
  [
    "endless recursion",
    "    const deeper = (): number => deeper() + 1;\n    deeper();",
    /failed at \S+:5: RangeError: Maximum call stack size exceeded/,
  ],
];

for (const [i, [claim, body, said]] of mistakes.entries()) {
  test(`a task with ${claim} fails with a sentence that names the line`, async () => {
    const run = await talea(["run", task(`mistake${i}.ts`, body), "--quiet"]);
    assert.match(run.stderr, said);
    assert.is(run.status, 1);
    saysNoInternals(run);
  });
}

test("a task that is async, or no generator, fails and the sentence names its line", async () => {
  const file = app(
    "async.ts",
    `export default (system: any) => {
  system.task("one", {}, async function* () {});
  system.task("two", {}, async () => {});
  system.task("three", {}, () => {});
};
`,
  );
  const run = await talea(["run", file, "--quiet"]);
  assert.is(run.status, 1);
  assert.match(run.stderr, /^talea: task "one" failed at async\.ts:2: task "one" is async: .* not with await$/m);
  assert.match(run.stderr, /^talea: task "two" failed at async\.ts:3: task "two" is async/m);
  assert.match(run.stderr, /^talea: task "three" failed at async\.ts:4: task "three" is no generator/m);
  saysNoInternals(run);
});

test("typing after the end of the input is an error of the bench, in a sentence", async () => {
  const run = await talea(["run", task("typed.ts", `    self.machine.endInput();\n    self.machine.type("x");`), "--quiet"]);
  assert.is(run.status, 1);
  assert.match(run.stderr, /failed at typed\.ts:6: the input has ended/);
});

// Files that are no app: [what it is, its text, what is said of it]

const files: [claim: string, source: string, said: string][] = [
  ["no default export", "export const x = 1;\n", "bad.ts has no default export: write export default (system: System) => { ... }"],
  [
    "a default export that is no function",
    "export default 5;\n",
    "the default export of bad.ts is no function but a number: write export default (system: System) => { ... }, or network({ ... })",
  ],
  [
    "a generator as default export",
    "export default function* () {}\n",
    "the default export of bad.ts is a function*, and only tasks are: write export default (system: System) => { ... }",
  ],
  [
    "an async default export",
    "export default async () => {};\n",
    "the default export of bad.ts is async, and must make everything at once: write export default (system: System) => { ... }",
  ],
  [
    "await in a task",
    "export default (system: any) => {\n  system.task('only', {}, function* (self: any) {\n    await self.sleep(1);\n  });\n};\n",
    'bad.ts:3: "await" can only be used inside an "async" function; a task is a function* and waits with yield*, not with await',
  ],
  ["a syntax error", "export default () => {\n  const = 5;\n};\n", 'bad.ts:2: Expected identifier but found "="'],
  [
    "an import of no module",
    'import { x } from "talea";\n\nimport y from "./nowhere.js";\nexport default () => y(x);\n',
    "bad.ts:3 imports a module that does not exist: nowhere.js",
  ],
  [
    "an import of no package",
    'import y from "nopackage";\nexport default () => y;\n',
    "bad.ts:1 imports a package that does not exist: nopackage",
  ],
  [
    "an import of no export",
    '\nimport { nothing } from "talea";\nexport default () => nothing;\n',
    "bad.ts:2 imports nothing, which talea does not export",
  ],
  [
    "code that throws when it is loaded",
    "\n\nnull.x;\nexport default () => {};\n",
    "bad.ts:3: TypeError: Cannot read properties of null (reading 'x')",
  ],
  [
    "code that never loads",
    "await new Promise(() => {});\nexport default () => {};\n",
    "bad.ts never finishes loading: it awaits something that does not come",
  ],
  ["a system description that throws", "export default () => {\n  throw new Error('broken');\n};\n", "bad.ts:2: broken"],
  [
    "a negative priority in its description",
    "export default (system: any) => {\n  system.task('low', { priority: -1 }, function* () {});\n};\n",
    'bad.ts:2: task "low": EINVAL, an argument is out of its range; its priority is -1: give 0 to 63, 63 is the most urgent',
  ],
  [
    "a name that is too long",
    "export default (system: any) => {\n  system.mutex({ name: 'a name of more than 15 bytes' });\n};\n",
    "bad.ts:2: create.mutex: ENAMETOOLONG, a name is longer than 15 bytes",
  ],
];

for (const [i, [claim, source, said]] of files.entries()) {
  const place = join(folder, `files${i}`);
  test(`a file with ${claim} is wrong usage`, async () => {
    mkdirSync(place);
    writeFileSync(join(place, "bad.ts"), source);
    // What waits for ever keeps no process from its end, and so shows only there.
    const run = source.startsWith("await") ? new Started(["run", "bad.ts"], { cwd: place }) : new Here(["run", "bad.ts"], { cwd: place });
    assert.equal(await run.ended, { stdout: "", stderr: `talea: ${said}\n`, status: 2 });
  });
}

test("a file that does not exist, or is a directory, is wrong usage", async () => {
  mkdirSync(join(folder, "apps"), { recursive: true });
  assert.equal(await talea(["run", "none.ts"]), { stdout: "", stderr: "talea: there is no file none.ts\n", status: 2 });
  const directory = "talea: apps is a directory: give the file of an app in it, for example apps/app.ts\n";
  assert.equal(await talea(["run", "apps"]), { stdout: "", stderr: directory, status: 2 });
});

test("an app may be of several files, whatever package.json and tsconfig.json around it say", async () => {
  const packaged = join(folder, "packaged");
  mkdirSync(packaged, { recursive: true });
  writeFileSync(join(packaged, "package.json"), '{ "type": "commonjs" }');
  writeFileSync(join(packaged, "tsconfig.json"), "{ broken");
  writeFileSync(join(packaged, "words.ts"), 'import { FOREVER } from "talea";\nexport const words = String(FOREVER);\n');
  writeFileSync(
    join(packaged, "app.ts"),
    `import type { System } from "talea";
import { words } from "./words";
import { words as same } from "./words.js";
export default (system: System) => {
  const out = system.console();
  system.task("only", {}, function* () {
    yield* out.write(words + same);
  });
};
`,
  );
  // As users run it, and as the tests do.
  const ended = await Promise.all([start(["run", "packaged/app.ts", "--quiet"]).ended, talea(["run", "packaged/app.ts", "--quiet"])]);
  for (const each of ended) assert.equal(each, { stdout: "-1-1", stderr: "", status: 0 });
});

// The command line

const lines: [args: string[], said: RegExp][] = [
  [["run", HELLO, "--seed", "abc"], /^talea: option '--seed <N>' argument 'abc' is invalid\. Give a whole number from 0 to 4294967295\./],
  [["run", "--seed", "-1", HELLO], /'-1' is invalid/],
  [["run", HELLO, "--until", "-1"], /^talea: option '--until <TICK>' argument '-1' is invalid\. Give a tick from 0 to 4294967295\./],
  [["run", HELLO, "--until", "1.5"], /'1\.5' is invalid/],
  [["run", HELLO, "--trace"], /^talea: option '--trace <FILE>' argument missing/],
  [["run"], /^talea: missing required argument 'app'/],
  [["run", "--bogus", HELLO], /^talea: there is no option --bogus: options of the app come behind its name/],
  [["bogus"], /^talea: unknown command 'bogus'/],
  [["hello.ts"], /Did you mean: talea run hello\.ts\?/],
  [[], /^Usage: talea/],
];

for (const [args, said] of lines) {
  test(`"talea ${args.join(" ")}" is wrong usage`, async () => {
    const run = await talea(args);
    assert.is(run.status, 2);
    assert.is(run.stdout, "");
    assert.match(run.stderr, said);
    saysNoInternals(run);
  });
}

test("--help tells how to write an app, how to run it, and what the exit status means, in 80 columns", async () => {
  for (const args of [["--help"], ["run", "--help"]]) {
    const help = await talea(args);
    assert.is(help.status, 0);
    assert.is(help.stderr, "");
    assert.match(help.stdout, /Exit status:\n +0 .*\n +1 .*\n +2 .*\n.*\n +3 .*\n +4 .*\n +130 .*\n +141 /);
    assert.equal(
      help.stdout.split("\n").filter((line) => line.length > 80),
      [],
    );
  }
  const { stdout } = await talea(["--help"]);
  const example = stdout.slice(stdout.indexOf("    import"), stdout.indexOf("    };") + 6);
  const run = await talea(["run", app("example.ts", example), "--quiet"]);
  assert.equal(run, { stdout: "hello\n", stderr: "", status: 0 });
});

test("what cannot be written is told, but for a reader that has gone", async () => {
  for (const [code, said, status] of [
    ["ENOSPC", "talea: stdout cannot be written: it is full\n", 2],
    ["EPIPE", "", 0],
  ] as const) {
    const run = here(["--help"]);
    run.out.problem = Object.assign(new Error("it is full"), { code });
    assert.equal(await run.ended, { stdout: "", stderr: said, status });
  }
});

test("--version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const run of [here(["--version"]), start(["--version"])])
    assert.equal(await run.ended, { stdout: `${version}\n`, stderr: "", status: 0 });
});

test.run();
