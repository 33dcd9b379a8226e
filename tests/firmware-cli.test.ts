/** Firmware at the command line, as a shell sees it: run, build, bench. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { tableText } from "../apps/cli/bench.js";
import { assemble } from "../apps/cli/wat.js";
import { boot, firmware } from "../hal/host/index.js";
import { ensureBuilt, root } from "./built.js";
import { type Ended, endAll, Here, Started } from "./command.js";
import { firmwareFrom, firmwareOf } from "./firmware.js";

const test = suite("firmware-cli");
/** An empty folder somewhere else: no package.json, no node_modules. */
const folder = mkdtempSync(join(tmpdir(), "talea-firmware-cli-"));

test.before(ensureBuilt);
test.after.each(endAll);
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the command in the empty folder, in this process. */
function talea(args: string[]): Promise<Ended> {
  return new Here(args, { cwd: folder }).endInput().ended;
}

function file(name: string, source: string | Uint8Array): string {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), source);
  return name;
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) as string;
}

/** Everything that is never said to a user. */
function saysNoInternals({ stderr }: Ended): void {
  assert.not.match(stderr, /\n\s+at /);
  assert.not.match(stderr, /node:|dist\/|node_modules|internal error|report it/);
}

/** A sentence, exit status 2, and nothing else. */
function refused(ended: Ended, sentence: RegExp): void {
  assert.is(ended.stdout, "");
  assert.is(ended.status, 2, ended.stderr);
  assert.match(ended.stderr, sentence);
  assert.is(ended.stderr.trimEnd().split("\n").length, 1);
  saysNoInternals(ended);
}

const BLINK = file(
  "apps/blink.ts",
  `import { args, console, print, self, semaphore, task } from "talea/firmware";
const blinks = args.number(0, 2);
const pressed = semaphore({ name: "pressed" });
task("led", { priority: 10 }, () => {
  for (let i = 1; i <= blinks; i++) {
    pressed.take();
    print("tick {}: blink {}\\n", self.tick, i);
  }
});
task("button", { priority: 5 }, () => {
  for (let i = 0; i < blinks; i++) {
    self.sleep(10);
    pressed.give();
  }
});
`,
);

// Run

test("run compiles what imports from talea/firmware, and the report has stacks and the heap", async () => {
  const run = await talea(["run", BLINK, "3"]);
  assert.is(run.status, 0, run.stderr);
  assert.is(run.stdout, "tick 10: blink 1\ntick 20: blink 2\ntick 30: blink 3\n");
  assert.match(run.stderr, /^led +10 +exited 0 +[\d.]+% +\d+ +[1-9]\d*\/1024 /m);
  assert.match(run.stderr, /^heap: [1-9]\d* of [1-9]\d* bytes used, at most$/m);
  assert.match(lastLine(run.stderr), /^finished at tick 30 after \d+ events, trace hash 0x[0-9A-F]{16}$/);
  assert.ok(run.stderr.split("\n").every((line) => [...line].length <= 80));
});

test("a built one is the same run, from every folder, with every option", async () => {
  const built = await talea(["build", BLINK]);
  assert.is(built.status, 0, built.stderr);
  assert.match(built.stdout, /^wrote blink\.wasm: \d+ bytes, grain loop, 3 pages of memory\n$/);
  const source = talea(["run", BLINK, "--seed", "7"]);
  const module = await talea(["run", "blink.wasm", "--seed", "7", "--trace", "one.txt", "--record", "run.rec"]);
  assert.is(module.status, 0, module.stderr);
  assert.is(module.stdout, "tick 10: blink 1\ntick 20: blink 2\n");
  assert.is(lastLine((await source).stderr), lastLine(module.stderr));
  const machine = boot(firmware(readFileSync(join(folder, "blink.wasm"))), { seed: 7, input: "open" });
  machine.run();
  assert.match(lastLine(module.stderr), new RegExp(`0x${machine.hash}$`));
  assert.match(readFileSync(join(folder, "one.txt"), "utf8"), /^\d+ led SWITCH /m);
  const again = await talea(["run", "blink.wasm", "--replay", "run.rec", "--quiet"]);
  assert.equal(again, { stdout: module.stdout, stderr: "", status: 0 });
});

test("tasks that fail do so alone, with cause and line, and the exit status is 1", async () => {
  const app = file(
    "apps/trap.ts",
    `import { print, self, task } from "talea/firmware";
let zero = 0;
function deep(n: i32): i32 {
  return n == 0 ? 0 : deep(n + 1) + 1;
}
task("divides", { priority: 5 }, () => {
  print("{}\\n", 7 / zero);
});
task("overflows", { priority: 6, stack: 512 }, () => {
  print("{}\\n", deep(1));
});
task("aborts", { priority: 7 }, () => {
  abort("the valve is stuck");
});
task("lives", { priority: 4 }, () => {
  self.sleep(3);
  print("still here\\n");
});
`,
  );
  const run = await talea(["run", app]);
  assert.is(run.status, 1, run.stderr);
  assert.is(run.stdout, "still here\n");
  assert.match(run.stderr, /^talea: task "divides" failed at apps\/trap\.ts:7: it divided by zero$/m);
  assert.match(run.stderr, /^talea: task "overflows" failed at apps\/trap\.ts:\d+: stack overflow: its stack has 512 bytes$/m);
  assert.match(run.stderr, /^talea: task "aborts" failed at apps\/trap\.ts:13: the valve is stuck$/m);
  assert.match(run.stderr, /^lives +4 +exited 0 /m);
  saysNoInternals(run);
});

test("a description that fails names its line", async () => {
  const app = file(
    "apps/twice.ts",
    `import { mutex } from "talea/firmware";
mutex({ name: "same" });
mutex({ name: "same" });
`,
  );
  refused(await talea(["run", app]), /^talea: apps\/twice\.ts:3: the mutex "same" cannot be had: EEXIST/);
});

test("Ctrl-C ends code that never makes a call and locks the interrupts", async () => {
  const spinning = firmwareFrom(
    "spinning",
    `import { print, self, task } from "talea/firmware";
let n: u32 = 0;
task("spins", {}, () => {
  print("spinning\\n");
  while (self.tick < 20) n++;
  self.lockInterrupts();
  for (;;) n++;
});
`,
  );
  writeFileSync(join(folder, "spinning.wasm"), spinning.bytes);
  const run = new Started(["run", "spinning.wasm"], { cwd: folder });
  await run.prints("spinning\n");
  const { status, stderr } = await run.interrupt();
  assert.is(status, 130, stderr);
});

// Beside a scripted app

const HARNESS = file(
  "harness.ts",
  `import type { System } from "talea";
export default (system: System) => {
  const count = Number(system.args[0] ?? 2);
  const console = system.console();
  system.task("finger", { priority: 20 }, function* (self) {
    const pressed = yield* self.open.semaphore("pressed");
    yield* console.write("harness\\n");
    for (let i = 0; i < count; i++) {
      yield* self.sleep(3);
      yield* pressed.give();
    }
  });
};
`,
);

const LISTENER = file(
  "apps/listener.ts",
  `import { args, print, self, semaphore, task } from "talea/firmware";
const presses = args.number(0, 2);
const pressed = semaphore({ name: "pressed" });
task("led", { priority: 10 }, () => {
  for (let i = 1; i <= presses; i++) {
    pressed.take();
    print("tick {}: press {}\\n", self.tick, i);
  }
});
`,
);

test("--firmware runs a firmware beside a scripted app, from its source or built", async () => {
  const source = await talea(["run", HARNESS, "3", "--firmware", LISTENER]);
  assert.is(source.status, 0, source.stderr);
  assert.is(source.stdout, "harness\ntick 3: press 1\ntick 6: press 2\ntick 9: press 3\n");
  assert.match(source.stderr, /^led +10 +exited 0 +[\d.]+% +\d+ +[1-9]\d*\/1024 /m);
  assert.match(source.stderr, /^finger +20 +exited 0 +[\d.]+% +\d+ +- /m);
  await talea(["build", LISTENER]);
  const built = await talea(["run", HARNESS, "3", "--firmware", "listener.wasm"]);
  assert.is(lastLine(built.stderr), lastLine(source.stderr));
});

test("a recording keeps the firmware's name and its grain, and is replayed with both", async () => {
  const recorded = await talea(["run", HARNESS, "--firmware", LISTENER, "--grain", "access", "--seed", "5", "--record", "both.rec"]);
  assert.is(recorded.status, 0, recorded.stderr);
  const [first] = readFileSync(join(folder, "both.rec"), "utf8").split("\n");
  const { app, firmware: beside, grain } = JSON.parse(first as string);
  assert.equal([app, beside, grain], ["harness.ts", "listener.ts", "access"]);
  const replayed = await talea(["run", HARNESS, "--firmware", LISTENER, "--replay", "both.rec"]);
  assert.is(replayed.status, 0, replayed.stderr);
  assert.is(replayed.stdout, recorded.stdout);
  assert.match(replayed.stderr, /^replayed with 0 events from outside: the same run as recorded$/m);
  const [without, other, coarse] = await Promise.all([
    talea(["run", HARNESS, "--replay", "both.rec"]),
    talea(["run", HARNESS, "--firmware", BLINK, "--replay", "both.rec"]),
    talea(["run", HARNESS, "--firmware", LISTENER, "--replay", "both.rec", "--grain", "loop"]),
  ]);
  refused(without, /^talea: the recording both\.rec was made with --firmware listener\.ts: give it, too$/m);
  refused(other, /^talea: the recording both\.rec was made with --firmware listener\.ts: give it, too$/m);
  refused(coarse, /^talea: the recording both\.rec was made with --grain access: leave out --grain$/m);
});

test("a recording of a firmware keeps its grain, too: --replay needs no --grain", async () => {
  const recorded = await talea(["run", BLINK, "--grain", "access", "--record", "fine.rec"]);
  assert.is(recorded.status, 0, recorded.stderr);
  const replayed = await talea(["run", BLINK, "--replay", "fine.rec"]);
  assert.is(replayed.status, 0, replayed.stderr);
  assert.is(lastLine(replayed.stderr), lastLine(recorded.stderr));
  const beside = await talea(["run", BLINK, "--firmware", LISTENER, "--replay", "fine.rec"]);
  refused(beside, /^talea: the recording fine\.rec was made without --firmware: leave it out$/m);
});

test("a task of a firmware beside a scripted app that fails is told with its line", async () => {
  const app = file(
    "apps/beside.ts",
    `import { task } from "talea/firmware";
task("aborts", {}, () => {
  abort("the valve is stuck");
});
`,
  );
  const harness = file("idle.ts", `export default () => {};\n`);
  const run = await talea(["run", harness, "--firmware", app]);
  assert.is(run.status, 1, run.stderr);
  assert.match(run.stderr, /^talea: task "aborts" failed at apps\/beside\.ts:3: the valve is stuck$/m);
  saysNoInternals(run);
});

test("what cannot run beside each other is refused in a sentence", async () => {
  const scripted = file("other.ts", `export default () => {};\n`);
  const net = file(
    "net.ts",
    `import { network } from "talea";
export default network({ machines: { a: { address: "10.0.0.1", app: () => {} } } });
`,
  );
  const cases: [args: string[], sentence: RegExp][] = [
    [[HARNESS, "--firmware", "none.wasm"], /^talea: there is no file none\.wasm$/m],
    [[HARNESS, "--firmware", scripted], /^talea: --firmware names other\.ts, which is a scripted app: a firmware is an app that imports/],
    [
      [BLINK, "--firmware", LISTENER],
      /^talea: --firmware goes with a scripted app, and apps\/blink\.ts is a firmware itself: leave one out$/m,
    ],
    [[HARNESS, "--firmware", HARNESS], /^talea: --firmware harness\.ts is the app itself: name another file$/m],
    [[net, "--firmware", LISTENER], /^talea: net\.ts is a network, whose machines name their firmware themselves: /],
    [[HARNESS, "--firmware", LISTENER, "--record", LISTENER], /^talea: apps\/listener\.ts is the firmware itself: write to another file$/m],
  ];
  for (const [args, sentence] of cases) refused(await talea(["run", ...args]), sentence);
});

// What cannot be run

test("compile errors are shown as the compiler shows them, with exit status 2", async () => {
  const app = file("apps/bad.ts", `import { print, task } from "talea/firmware";\ntask("t", {}, () => {\n  print(nothing);\n});\n`);
  const ended = await new Started(["build", app], { cwd: folder }).ended;
  assert.is(ended.status, 2);
  assert.is(ended.stdout, "");
  assert.match(ended.stderr, /^ERROR TS2304: Cannot find name 'nothing'\.$/m);
  assert.match(ended.stderr, /└─ in apps\/bad\.ts\(3,9\)$/m);
  assert.match(lastLine(ended.stderr), /^FAILURE 1 compile error/);
  saysNoInternals(ended);
  assert.not.ok(existsSync(join(folder, "bad.wasm")));
});

test("what is no firmware is refused in a sentence", async () => {
  // (module), and one with imports that nobody has.
  const empty = file("empty.wasm", Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  const text = file("text.wasm", "hello\n");
  const [none, module, noModule] = await Promise.all([talea(["run", "none.wasm"]), talea(["run", empty]), talea(["run", text])]);
  refused(none, /^talea: there is no file none\.wasm$/m);
  refused(module, /^talea: empty\.wasm is no firmware that can run: it has no memory/);
  refused(noModule, /^talea: text\.wasm is no firmware that can run: it is no WebAssembly module/);
});

test("an import that no board has is named", async () => {
  const lacking = firmwareFrom(
    "lacking",
    `import { task } from "talea/firmware";
@external("talea", "warp_drive")
declare function warp(): i32;
task("t", {}, () => {
  warp();
});
`,
  );
  writeFileSync(join(folder, "lacking.wasm"), lacking.bytes);
  refused(await talea(["run", "lacking.wasm"]), /^talea: lacking\.wasm imports talea\.warp_drive, and no board has that/);
});

test("a scripted app is told from firmware, and firmware that another file imports is none", async () => {
  const scripted = file("scripted.ts", `export default () => {};\n`);
  const indirect = file("indirect.ts", `import "./apps/blink.js";\nexport default () => {};\n`);
  const [grain, build, outside] = await Promise.all([
    talea(["run", scripted, "--grain", "access"]),
    talea(["build", scripted]),
    talea(["run", indirect]),
  ]);
  refused(grain, /^talea: --grain is for firmware, and scripted\.ts is a scripted app: a firmware is an app that imports from "talea/);
  refused(build, /^talea: scripted\.ts is a scripted app, and runs as it is: a firmware is an app that imports from "talea/);
  refused(outside, /^talea: .*a scripted app cannot use "talea\/firmware"/);
});

// Build

test("the grain is built in", async () => {
  file("fine.wasm", firmwareOf("priorities", "access").bytes);
  const [same, none, other, wrong] = await Promise.all([
    talea(["run", "fine.wasm", "--grain", "access", "--quiet"]),
    talea(["run", "fine.wasm", "--quiet"]),
    talea(["run", "fine.wasm", "--grain", "loop"]),
    talea(["run", "fine.wasm", "--grain", "coarse"]),
  ]);
  assert.is(same.status, 0, same.stderr);
  assert.match(same.stdout, /^inheritance: high waited 4 ticks for the bus$/m);
  assert.equal(none, same);
  refused(other, /^talea: fine\.wasm was built with --grain access: build it again with --grain loop$/m);
  assert.is(wrong.status, 2);
  assert.match(wrong.stderr, /^talea: .*Allowed choices are loop, access/);
});

test("a plain module of another compiler is run, and built, and its lines are known by the map beside it", async () => {
  file("plain.wasm", await plain());
  file("plain.wasm.map", JSON.stringify({ version: 3, sources: ["plain.c"], names: [], mappings: "AAAA" }));
  const [run, build] = await Promise.all([talea(["run", "plain.wasm"]), talea(["build", "plain.wasm", "-o", "made.wasm"])]);
  assert.is(run.status, 0, run.stderr);
  assert.match(run.stderr, /^napper +8 +exited 7 /m);
  assert.is(build.status, 0, build.stderr);
  assert.match(build.stdout, /^wrote made\.wasm: \d+ bytes, grain loop, 2 pages of memory\n$/);
  const [again, itself, twice] = await Promise.all([
    talea(["run", "made.wasm"]),
    talea(["build", "plain.wasm"]),
    talea(["build", "made.wasm", "-o", "more.wasm"]),
  ]);
  assert.is(lastLine(again.stderr), lastLine(run.stderr));
  refused(itself, /^talea: the output plain\.wasm is the app itself: name another file with -o$/m);
  refused(twice, /^talea: made\.wasm was built already: talea run made\.wasm runs it$/m);
});

test("what cannot be read or written is said", async () => {
  const [missing, unwritable] = await Promise.all([
    talea(["build", "none.ts"]),
    talea(["build", "plain.wasm", "-o", "no/such/folder.wasm"]),
  ]);
  refused(missing, /^talea: there is no file none\.ts$/m);
  refused(unwritable, /^talea: no\/such\/folder\.wasm cannot be written: ENOENT/);
});

// Bench

const NAMES = ["basic", "cooperative", "preemptive", "interrupt", "interrupt-preemption", "message", "synchronization", "memory"];

test("bench --json prints one object with the counts of the suite's eight tests", async () => {
  const { status, stdout, stderr } = await talea(["bench", "--json", "--ticks", "20"]);
  assert.is(status, 0, stderr);
  assert.is(stderr, "");
  assert.is(stdout.trimEnd().split("\n").length, 1);
  const found = JSON.parse(stdout) as Record<string, Record<string, number>>;
  assert.equal(Object.keys(found), ["thread-metric"]);
  const counts = found["thread-metric"] ?? {};
  assert.equal(Object.keys(counts), NAMES);
  for (const [name, count] of Object.entries(counts)) assert.ok(Number.isInteger(count) && count > 0, `${name}: ${count}`);
});

test("without --json they stand in a table", () => {
  const lines = tableText(NAMES.map((name, i) => [name, { perSecond: 1234567.8 * (i + 1), perMillion: 12.345 }])).split("\n");
  assert.match(lines[0] as string, /^test +counts a second +counts a million cycles$/);
  assert.match(lines[1] as string, /^basic +1,234,568 +12\.3$/);
  assert.is(lines.length, NAMES.length + 2);
});

// Help

test("--help has the commands, and says how an app says which kind it is", async () => {
  const [all, run, build, bench] = await Promise.all(
    [["--help"], ["run", "--help"], ["build", "--help"], ["bench", "--help"]].map((args) => talea(args)),
  );
  for (const help of [all, run, build, bench]) assert.is(help?.status, 0);
  assert.match(all?.stdout as string, /^An app that imports from "talea\/firmware" is a firmware/m);
  for (const each of ["run", "build", "bench", "diff"]) assert.match(all?.stdout as string, new RegExp(`^ {2}${each} `, "m"));
  assert.match(run?.stdout as string, /--grain <GRAIN>/);
  assert.match(build?.stdout as string, /-o, --output <FILE>[\s\S]*--grain <GRAIN>/);
  assert.match(bench?.stdout as string, /--json[\s\S]*--with-trace[\s\S]*--with-hash/);
  const meant = await talea(["blink.wasm"]);
  assert.match(meant.stderr, /^Did you mean: talea run blink\.wasm\?$/m);
  assert.ok([all, run, build, bench].every((help) => help?.stdout.split("\n").every((line) => line.length <= 80)));
});

/** A task that naps and exits with 7, written by hand: see docs/firmware.md. */
async function plain(): Promise<Uint8Array> {
  const text = /```wat\n([\s\S]*?)```/.exec(readFileSync(join(root, "docs/firmware.md"), "utf8"))?.[1] as string;
  return (await assemble("plain.wat", text)).wasm;
}

test.run();
