/** Firmware in C: the header, the library around it, and what tasks of another compiler than asc must do all the same. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileC, cTools, type Tools } from "../apps/cli/clang.js";
import { processWorld } from "../apps/cli/world.js";
import { boot, type Firmware, firmware, type Grain, type Machine, type MachineOptions, type System, TrapError } from "../hal/host/index.js";
import { decode } from "../hal/preempt/decode.js";
import { positionsOfDwarf } from "../hal/preempt/dwarf.js";
import { encode } from "../hal/preempt/encode.js";
import { layout } from "../kernel/abi/host.js";
import { calls } from "../kernel/abi/table.js";
import { root } from "./built.js";
import { type Ended, endAll, Here } from "./command.js";
import { firmwareOf } from "./firmware.js";

const test = suite("c");
const SCENES = "tests/firmware/scenes.c";
const GRAINS: Grain[] = ["loop", "access"];
const WASM = ["--target=wasm32", "-nostdlibinc", "-I", join(root, "hal/guest")];

const tools = cTools();
const { clang, linker } = tools ?? ({ clang: "", linker: "" } satisfies Tools);

/** A folder somewhere else. */
const folder = mkdtempSync(join(tmpdir(), "talea-c-"));
test.after.each(endAll);
test.after(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  mkdirSync(join(folder, name, ".."), { recursive: true });
  writeFileSync(join(folder, name), text);
  return name;
}

/** Runs the command there, in this process. */
function talea(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Here(args, { cwd: folder, env }).endInput().ended;
}

const lines = readFileSync(join(root, SCENES), "utf8").split("\n");

/** The place in the scenes' source where a text is. */
function place(text: string): string {
  const line = lines.findIndex((each) => each.includes(text)) + 1;
  assert.ok(line > 0, text);
  return `${SCENES}:${line}`;
}

/** The sources of C that several tests run, each compiled once. */
const COMPILED = [SCENES, "tests/firmware/counts.c", ...["blink", "philosophers", "producer", "shared", "signals"].map(exampleFile)];
const modules = new Map(
  tools ? await Promise.all(COMPILED.map(async (path) => [path, await compileC(join(root, path), processWorld())] as const)) : [],
);
const known = new Map<string, Firmware>();

function exampleFile(name: string): string {
  return `apps/firmware/c/${name}.c`;
}

/** One of them as a firmware; its sources are named from the root of the project. */
function made(path: string, grain: Grain = "loop"): Firmware {
  const key = `${path} ${grain}`;
  const app = known.get(key) ?? firmware(modules.get(path) as Uint8Array, { name: path, grain, place: (source) => sourceOf(path, source) });
  known.set(key, app);
  return app;
}

function sourceOf(path: string, source: string): string {
  return relative(root, resolve(root, dirname(path), source));
}

function scene(words: string, options: MachineOptions = {}, grain: Grain = "loop"): Machine {
  return boot(made(SCENES, grain), { kernel: "debug", onFailure: "report", args: words.split(" "), ...options });
}

/** What a scene writes when it is run to its end. */
function said(words: string, options: MachineOptions = {}): string {
  const machine = scene(words, options);
  assert.is(machine.run(), "finished");
  assert.equal(machine.failures, []);
  assert.is(machine.check(), 0);
  return machine.output;
}

// The header

/** What clang says of a text with every warning, which is an error. */
function complaints(words: string[], text: string): string {
  const all = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", ...WASM, ...words, "-"];
  const { status, stderr } = spawnSync(clang, all, { input: text, encoding: "utf8" });
  return status === 0 ? "" : stderr;
}

const USES = `#include <talea.h>
static void task(void) { talea_printf("%d", 1); }
static void other(int32_t argument) { talea_assert(argument == 1); }
TALEA_STACK(stack, 4096);
TALEA_QUEUE_STORAGE(room, 4, 6);
`;

const describes = {
  c: `TALEA_DESCRIPTION {
  talea_task("task", task, .priority = 1, .stack = stack, .stack_size = sizeof stack);
  talea_task("other", other, .priority = 1, .argument = 1);
  talea_interrupt(3, task, 1);
  talea_interrupt(4, other, 1);
  timer_start(talea_timer("t", other, 1), 1, (int32_t)sizeof room);
  timer_start(talea_timer("u", task, 1), room[0], 1);
}
`,
  "c++": `TALEA_DESCRIPTION {
  talea_options_t options = {};
  options.stack = stack;
  options.stack_size = sizeof stack;
  talea_task("task", task, options);
  talea_task("other", other, {});
  talea_interrupt(3, task, 1);
  talea_interrupt(4, other, 1);
  timer_start(talea_timer("t", other, 1), 1, (int32_t)sizeof room);
  timer_start(talea_timer("u", task, 1), room[0], 1);
}
`,
};

function installed(): void {
  test("the header and what it declares are C11, C17 and C++17 without a warning", () => {
    for (const standard of ["c11", "c17"]) assert.is(complaints(["-x", "c", `-std=${standard}`], USES + describes.c), "");
    assert.is(complaints(["-x", "c++", "-std=c++17"], USES + describes["c++"]), "");
    for (const name of readdirSync(join(root, "hal/guest/talea")).filter((each) => each.endsWith(".c")))
      assert.is(complaints(["-x", "c", "-std=c11"], `#include "${join(root, "hal/guest/talea", name)}"\n`), "");
  });

  test("every record of the header lies as the kernel's does", () => {
    const records = ["Spawn", "Callback", "SigAction", "Letter", "PollItem", "Endpoint", "Sender", "Cpu", "Kernel", "Task"] as const;
    const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const claims = records.flatMap((name) => {
      const { bytes, ...fields } = layout[name];
      const type = `talea_${name.toLowerCase()}_t`;
      const places = Object.entries(fields).map(([field, offset]) => `offsetof(${type}, ${snake(field)}) == ${offset}`);
      return [`sizeof(${type}) == ${bytes}`, ...places];
    });
    assert.ok(claims.length > 100);
    const text = claims.map((claim) => `_Static_assert(${claim}, "");`).join("\n");
    assert.is(complaints(["-x", "c", "-std=c11"], `#include <talea.h>\n${text}\n`), "");
    assert.match(complaints(["-x", "c"], '#include <talea.h>\n_Static_assert(sizeof(talea_spawn_t) == 1, "");\n'), /static.?assert/);
  });

  test("every call of the table links, and a machine has it", async () => {
    const names = [...Object.keys(calls), "device_read", "device_write", "talea_random", "talea_argument"];
    const entries = names.map((name) => `(void (*)(void))${name}`).join(", ");
    const app = file(
      "all.c",
      `#include <talea.h>\nstatic void (*volatile all[])(void) = {${entries}};\nint main(void) { return all[0] == 0; }\n`,
    );
    const built = await talea(["build", app]);
    assert.is(built.status, 0, built.stderr);
    assert.is(built.stderr, "");
    const run = await talea(["run", "all.wasm"]);
    assert.is(run.status, 0, run.stderr);
    const imported = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(join(folder, "all.wasm")))).filter(
      ({ module }) => module === "talea",
    );
    assert.is(imported.length, names.length);
  });

  // What the library does

  test("talea_printf does what printf does", () => {
    assert.equal(said("prints").split("\n"), [
      "-5 7 4000000000|beef BEEF 10|ok|text|%",
      "   42|42   |-0042|+42| 42|007|    -007",
      "0xff 010 000000ff ff      | 0x1c000",
      "-2147483647 4294967295 1 -9223372036854775807 18446744073709551615 8 3",
      "     right|left      |cu|   w|l   |x|(null)",
      "1.500000 2.00 2     -3.1 3.1     | -003.142 +1.0",
      "1.000 1e15 or more nan 0.123456789",
      "%y %",
      "13 of 'longer '",
      "a line",
      "a text of more than sixty-four bytes is written in pieces, one behind the other, and none is lost",
      "",
    ]);
  });

  test("memory and text are copied, filled and compared", () => {
    assert.equal(said("remembers").split("\n"), [
      "010123456789 0123456789 xxxxx56789 0123456789",
      "1 0 1 1 0 0 4 0",
      "ab 0 0 leftright right 1 2",
      "",
    ]);
  });

  test("lines are read as they come, a long one in pieces, to the end of the input", () => {
    const output = said("echoes second", { input: "one\ntwo words and more\n\nlast" });
    assert.is(output, "4[one\n]9[two words]9[ and more]1[\n]1[\n]4[last]6 -2 second\n");
  });

  test("what the program lends the kernel is as large as the kernel wants it, and no larger", () => {
    assert.is(said("fills"), "-11 13 -11 1 1 56 13 64 1\n");
  });

  test("signal handlers, timer callbacks and interrupt handlers are functions of C", () => {
    const signals = scene("signals");
    signals.run();
    assert.is(signals.output, "signal 10 from itself: 1\n");
    assert.is(signals.task("signals").signal, 10);
    assert.is(said("timers"), "103\n");
    assert.is(said("raises"), "line 3\n");
  });

  test("a pin that the bench drives interrupts, and pins that the firmware drives are seen", () => {
    const pins: number[] = [];
    const outside = (system: System) => {
      const gpio = system.gpio();
      for (const at of [5, 9]) {
        gpio.drive(4, true, at * 16000 + 100);
        gpio.drive(4, false, (at + 2) * 16000);
      }
      system.task("eye", { priority: 1 }, function* (self) {
        for (const tick of [4, 6, 10]) {
          yield* self.sleepUntil(tick);
          pins.push([0, 1, 2, 3].filter((pin) => gpio.level(pin)).reduce((sum, pin) => sum + 2 ** pin, 0));
        }
      });
    };
    const machine = boot(outside, { firmware: made(SCENES), args: ["lights"] });
    assert.is(machine.run(), "finished");
    assert.is(machine.output, "tick 5: pin 4 is 1\ntick 9: pin 4 is 1\n");
    assert.equal(pins, [0, 2, 4]);
  });

  // What ends a task, and what it is told with

  const lineOf = (machine: Machine, task: string) => {
    const error = machine.failures.find((failure) => failure.task === task)?.error;
    assert.instance(error, TrapError);
    const { site, message } = error as TrapError;
    return `${site?.file}:${site?.line}: ${message}`;
  };

  test("TSK-14b a trap names its line in the source of C, at every grain, and the other tasks go on", () => {
    for (const grain of GRAINS) {
      const machine = scene("traps", {}, grain);
      assert.is(machine.run(), "finished");
      assert.is(lineOf(machine, "divides"), `${place("count = 7 / zero")}: it divided by zero`);
      assert.is(lineOf(machine, "checks"), `${place("talea_assert(zero == 1)")}: it does not hold: zero == 1`);
      assert.is(
        lineOf(machine, "must"),
        `${place("TALEA_MUST(sem_take(77")}: sem_take(77, TALEA_NO_WAIT): EBADF, not a live handle of this kind`,
      );
      assert.is(lineOf(machine, "traps"), `${place("__builtin_trap()")}: it came to code that must not be reached`);
      assert.match(lineOf(machine, "jumps"), new RegExp(`^${place("(zero + 99)")}: it called a function by a number that names none`));
    }
  });

  test("frames and the C stack share a task's stack: recursion and one large frame overflow it, and nobody else is touched", () => {
    for (const grain of GRAINS) {
      const machine = scene("dives", {}, grain);
      assert.is(machine.run(), "finished");
      assert.is(machine.failures.length, 2);
      assert.is(lineOf(machine, "dives"), `${place("return n == 0 ? 0 : deep")}: stack overflow: its stack has 4096 bytes`);
      assert.is(lineOf(machine, "spreads"), `${place("static void spreads(void)")}: stack overflow: its stack has 4096 bytes`);
      assert.is(machine.output, "1: 91a5e7\n");
      assert.ok((machine.task("little")?.stack ?? 1536) < 1536);
    }
  });

  test("on a stack of whatever size a task either finds what is right or overflows", () => {
    const right = { 0: "561e9709", 1: "91a5e7", 2: "2b3eb2c5" };
    const ended = { whole: 0, overflowed: 0 };
    for (let bytes = 256; bytes <= 1536; bytes += 40) {
      const machine = scene(`fits ${bytes}`, { seed: bytes });
      assert.is(machine.run(), "finished");
      assert.is(machine.check(), 0);
      const found = machine.output.split("\n").filter((line) => line !== "");
      for (const line of found) assert.is(line, `${line[0]}: ${right[line[0] as "0"]}`);
      ended[machine.failures.length === 0 ? "whole" : "overflowed"]++;
      assert.is(found.length, machine.failures.length === 0 ? 3 : 2);
    }
    assert.ok(ended.whole > 3 && ended.overflowed > 3, JSON.stringify(ended));
  });

  test("with protected memory C runs as without, and whoever touches what is not its own ends with SIGSEGV at its line", async () => {
    const plain = modules.get(SCENES) as Uint8Array;
    for (const grain of GRAINS) {
      const app = firmware(plain, {
        grain,
        protect: true,
        name: `scenes, ${grain}`,
        place: (source) => source.replace(/^.*(?=tests\/)/, ""),
      });
      for (const words of ["prints", "remembers", "signals", "timers", "raises", "echoes second", "storm"]) {
        const options = { args: words.split(" "), kernel: "debug", input: "one\ntwo\n", seed: 3 } as const;
        const guarded = boot(app, options);
        guarded.run();
        assert.equal(guarded.failures, []);
        assert.is(guarded.check(), 0);
        const open = scene(words, options, grain);
        open.run();
        assert.is(guarded.output, open.output);
      }
      const intruders = boot(app, { args: ["strays"], kernel: "debug", onFailure: "report" });
      assert.is(intruders.run(), "finished");
      assert.match(
        lineOf(intruders, "null"),
        new RegExp(`^${place("volatile int32_t *nothing")}: SIGSEGV: it stored 4 bytes at 0x00000000, a null`),
      );
      assert.match(lineOf(intruders, "stray"), new RegExp(`^${place("*hers = 1")}: SIGSEGV: it stored 4 bytes at 0x`));
      assert.is(intruders.output, "hers is 7\n");
    }
  });

  test("bad firmware: the right task ends at the right line, for the right reason, and nothing else moves", async () => {
    const file = "tests/firmware/bad.c";
    const source = readFileSync(join(root, file), "utf8").split("\n");
    const plain = await compileC(join(root, file), processWorld());
    const wrong: [task: string, text: string, why: RegExp][] = [
      ["wild", "*(volatile int32_t *)somewhere", /^SIGSEGV: it stored 4 bytes at 0x00002000, in the kernel's memory$/],
      ["null_load", "argument + *nowhere", /^SIGSEGV: it loaded 4 bytes at 0x00000000, a null pointer$/],
      ["stack_overrun", "i++) here[i]", /^SIGSEGV: it stored a byte at 0x\w{8}, in (the stack of task "\w+"|RAM)/],
      ["stack_underrun", "i--) here[i]", /^SIGSEGV: it stored 4 bytes at 0x\w{8}, in its own stack, which is full: it has 4096 bytes$/],
      [
        "read_only",
        "shared[0] = (uint8_t)",
        /^SIGSEGV: it stored a byte at 0x\w{8}, in region "shared", which it has attached only to read$/,
      ],
      ["bad_index", "(uintptr_t)index", /^it called a function by a number that names none/],
      ["bad_type", "(uintptr_t)actions[0]", /^it called a function by a number that names none, or one of another type$/],
      ["endless", "deeper(n + 1)", /^stack overflow: its stack has 4096 bytes$/],
    ];
    for (const grain of GRAINS) {
      const machine = boot(firmware(plain, { grain, protect: true, name: `bad, ${grain}` }), { kernel: "debug", onFailure: "report" });
      assert.is(machine.run(), "finished");
      assert.is(machine.check(), 0);
      assert.equal(
        machine.failures.map(({ task }) => task),
        wrong.map(([task]) => task),
      );
      for (const [i, [task, text, why]] of wrong.entries()) {
        const { message, site } = machine.failures[i] ?? {};
        assert.match(message as string, why, task);
        const line = source[(site?.line ?? 0) - 1] as string;
        assert.ok(line.includes(text) || (task === "endless" && /deeper|pad/.test(line)), `${task}: line ${site?.line}, ${line}`);
      }
      assert.match(machine.output, /^-1 5\n(task \d is well at tick \d+\n){6}$/);
    }
  });

  test("a deadlock names the lines of C, of the app and of a header of its own", () => {
    for (const grain of GRAINS) {
      const machine = scene("deadlock", {}, grain);
      assert.is(machine.run(), "deadlock");
      const sites = machine.report().blocked.map(({ task, site }) => `${task} ${site?.file}:${site?.line}`);
      assert.equal(sites, [`waits ${place("static void waits(void)")}`, "below tests/firmware/scenes.h:6"]);
    }
  });

  // Preemption

  test("TSK-13a a loop without a call is preempted", () => {
    for (const grain of GRAINS) {
      const machine = scene("spins", {}, grain);
      machine.run();
      assert.is(machine.output, "it was preempted\n");
    }
  });

  test("however it is looked at, a run of C is the same, and its stacks hold what they held", () => {
    const right = "0: 561e9709\n1: 91a5e7\n2: 2b3eb2c5\n3: e4bd83a3\n";
    for (const grain of GRAINS) {
      for (const seed of [undefined, 5]) {
        const options = seed === undefined ? {} : { seed };
        const whole = scene("digests", options, grain);
        whole.run();
        assert.equal([...whole.output.split("\n")].sort(), right.split("\n").sort());
        for (const cycles of grain === "loop" ? [911, 20_000] : [9_973]) {
          const looked = scene("digests", options, grain);
          while (looked.advance({ cycles }) === "observed") assert.is(looked.check(), 0);
          assert.is(looked.hash, whole.hash);
          assert.is(looked.output, whole.output);
        }
      }
    }
  });

  test("interrupt handlers and signal handlers of C amid tasks of C: each has its own part of a stack, whatever is cut where", () => {
    for (const grain of GRAINS) {
      const outputs = new Set<string>();
      for (const seed of [1, 2]) {
        const whole = scene("storm", { seed }, grain);
        assert.is(whole.run(), "finished");
        assert.equal(whole.failures, []);
        outputs.add(whole.output);
        const looked = scene("storm", { seed }, grain);
        while (looked.advance({ cycles: 4_999 }) === "observed") assert.is(looked.check(), 0);
        assert.is(looked.hash, whole.hash);
      }
      assert.equal([...outputs], ["0 wrong of many\n"]);
    }
  });

  test("the same program in C and in AssemblyScript makes the same calls in the same order", () => {
    const [c, as] = [made("tests/firmware/counts.c"), firmwareOf("../../tests/firmware/counts")].map((app) => {
      const machine = boot(app);
      assert.is(machine.run(), "finished");
      assert.is(machine.task("takes").status, 10);
      // How long a switch took is cycles.
      return machine.trace.map(({ cycles: _, event, second, ...rest }) => ({ event, ...rest, second: event === "SWITCH" ? 0 : second }));
    }) as [object[], object[]];
    assert.ok(c.length > 50);
    assert.equal(c, as);
  });

  // The examples

  const example = (name: string, options: MachineOptions = {}, grain: Grain = "loop") => {
    const machine = boot(made(exampleFile(name), grain), options);
    const over = machine.run();
    return { over, output: machine.output, machine };
  };

  test("apps/firmware/c: a light that blinks, a queue of their own storage, signals amid work", () => {
    assert.match(
      example("blink").output,
      /^tick 1000: press 1 after 2 changes of the light\n.*\ntick 3000: press 3 after 10 changes of the light\n$/,
    );
    const { output } = example("producer");
    assert.is(output.split("\n").length, 11);
    assert.match(output, /^tick {2}0: boiler {2}80 degrees, urgency 7\ntick {2}2: room {4}19 degrees, urgency 1\n/);
    assert.match(
      example("signals").output,
      /^worker: more than 1000 turns, 2 alarms so far\n[\s\S]*chief: the worker ended with status 7\n$/,
    );
  });

  test("apps/firmware/c: a race that grain access finds, under seeds of its own, and a mutex ends", () => {
    const counts = (grain: Grain, seed?: number) =>
      [...example("shared", seed === undefined ? {} : { seed }, grain).output.matchAll(/got (\d+)/g)].map(([, count]) => Number(count));
    assert.equal(counts("loop"), [40000, 40000]);
    const found = [undefined, 3].map((seed) => counts("access", seed));
    for (const [raced, locked] of found) {
      assert.ok((raced as number) < 39000);
      assert.is(locked, 40000);
    }
    assert.is.not(found[0]?.[0], found[1]?.[0]);
    assert.equal(counts("access", 3), found[1]);
  });

  test("apps/firmware/c: philosophers who are lucky, who deadlock under a seed, at a line of C, and who keep an order", () => {
    assert.is(example("philosophers").over, "finished");
    const { over, machine } = example("philosophers", { seed: 8 });
    assert.is(over, "deadlock");
    const report = machine.report();
    assert.is(report.cycle.length, 5);
    for (const { site } of report.blocked) assert.is(`${site?.file}:${site?.line}`, "apps/firmware/c/philosophers.c:24");
    assert.is(example("philosophers", { seed: 8, args: ["--ordered"] }).over, "finished");
  });

  // The command

  test("talea run names what the compiler says as the user named the file, and what is missing", async () => {
    const broken = file("sub/broken.c", "#include <talea.h>\nint main(void) {\n  int x = y;\n  nothing();\n}\n");
    const ended = await talea(["run", broken]);
    assert.is(ended.status, 2);
    assert.match(ended.stderr, /^sub\/broken\.c:3:11: error: use of undeclared identifier 'y'$/m);
    assert.match(ended.stderr, /^sub\/broken\.c:4:3: error: .*'nothing'/m);
    assert.not.match(ended.stderr, /^clang|please report/m);
    const unlinked = await talea([
      "run",
      file("sub/unlinked.c", "#include <talea.h>\nvoid missing(void);\n\nint main(void) { missing(); }\n"),
    ]);
    assert.is(unlinked.status, 2);
    assert.is(unlinked.stderr, "sub/unlinked.c:2: error: undefined symbol: missing\n");
    const undescribed = await talea(["run", file("empty.c", "#include <talea.h>\n")]);
    assert.is(undescribed.status, 2);
    assert.is(undescribed.stderr, "empty.c: error: it has no description, which makes its tasks: write int main(void) { ... }\n");
    const hosted = await talea(["build", file("hosted.c", "#include <stdio.h>\n")]);
    assert.match(hosted.stderr, /'stdio\.h' file not found[\s\S]*\nThere is no C library: talea\.h has talea_printf, /);
    assert.match((await talea(["run", "nosuch.c"])).stderr, /^talea: there is no file nosuch\.c\n$/);
  });

  test("the app of docs/c.md does what the page says", async () => {
    const page = readFileSync(join(root, "docs/c.md"), "utf8");
    const [, app, output] = /```c\n([\s\S]*?)```\n+```\n([\s\S]*?)```/.exec(page) as unknown as [string, string, string];
    const run = await talea(["run", file("blink.c", app), "--quiet"]);
    assert.is(run.stderr, "");
    assert.is(run.stdout, output);
  });

  test("warnings are shown, and the run goes on; sources and headers beside the app are found, and a line may have more for clang", async () => {
    file("motor/motor.h", "int speed(void);\n");
    file("motor/motor.c", '#include "motor.h"\nint speed(void) { return SPEED; }\n');
    const app = file(
      "motor/app.c",
      '// clang: -DSPEED=7 motor.c\n#include <talea.h>\n#include "motor.h"\nstatic void runs(int32_t unused) { talea_printf("%d\\n", speed()); }\nint main(void) { talea_task("runs", runs, .priority = 1); }\n',
    );
    const run = await talea(["run", app, "--quiet"]);
    assert.is(run.status, 0, run.stderr);
    assert.is(run.stdout, "7\n");
    assert.match(run.stderr, /^motor\/app\.c:4:\d+: warning: unused parameter 'unused'/);
    const built = await talea(["build", app, "-o", "motor.wasm", "--grain", "access"]);
    assert.match(built.stdout, /^wrote motor\.wasm: \d+ bytes, grain access, 2 pages of memory\n$/);
    assert.is((await talea(["run", "motor.wasm", "--quiet"])).stdout, "7\n");
  });

  test("C++ is compiled too, with what it makes before main", async () => {
    const app = file(
      "made.cpp",
      '#include <talea.h>\nstruct Made { int n; Made() : n(talea_describing() ? 5 : 0) {} };\nstatic Made made;\nstatic void tells() { talea_printf("%d\\n", made.n); }\nint main() {\n  talea_options_t options = {};\n  talea_task("tells", tells, options);\n}\n',
    );
    const run = await talea(["run", app, "--quiet"]);
    assert.is(run.stdout, "5\n", run.stderr);
    assert.is(run.stderr, "");
  });

  test("a module without names keeps a C stack for each task", async () => {
    const tree = decode(modules.get(SCENES) as Uint8Array);
    for (const each of [...tree.funcs, ...tree.globals]) each.name = "";
    tree.customs = new Map();
    const machine = boot(firmware(encode(tree)), { args: ["prints"], onFailure: "report" });
    machine.run();
    assert.is(machine.output, said("prints"));
  });

  test("a module that was compiled by hand, as docs/c.md says, has its lines from its own DWARF, of version 4 and of 5", async () => {
    file(
      "by/hand.c",
      '#include <talea.h>\nstatic volatile int zero;\nstatic void task(void) {\n  talea_printf("%d\\n", 7 / zero);\n}\nint main(void) { talea_task("task", task, .priority = 1); }\n',
    );
    const library = readdirSync(join(root, "hal/guest/talea")).filter((name) => name.endsWith(".c"));
    for (const version of [4, 5]) {
      execFileSync(
        clang,
        [
          ...["--target=wasm32", "-O2", `-gdwarf-${version}`, "-nostdlib", "-nostdlibinc", "-mbulk-memory", "-I", join(root, "hal/guest")],
          ...[
            `-fuse-ld=${linker}`,
            "-Wl,--no-entry",
            "-Wl,--import-memory",
            "-Wl,--global-base=114688",
            "-Wl,--export-table",
            "-Wl,-z,stack-size=16",
          ],
          ...["hand.c", ...library.map((name) => join(root, "hal/guest/talea", name)), "-o", "hand.wasm"],
        ],
        // Where it finds wasm-opt, as npm has it in the path, clang runs it, and the lines are lost.
        { cwd: join(folder, "by"), env: { ...process.env, PATH: dirname(clang) } },
      );
      const run = await talea(["run", "by/hand.wasm", "--quiet"]);
      assert.is(run.stderr, 'talea: task "task" failed at by/hand.c:4: it divided by zero\n', `DWARF ${version}`);
    }
  });

  test("DWARF of clang's, with bytes changed, throws nothing", () => {
    execFileSync(clang, [...WASM, "-isystem", join(root, "hal/guest/talea/libc"), "-g", "-c", join(root, SCENES), "-o", "scenes.o"], {
      cwd: folder,
    });
    const bytes = execFileSync("cat", [join(folder, "scenes.o")]);
    const module = new WebAssembly.Module(bytes);
    const names = [".debug_line", ".debug_info", ".debug_abbrev", ".debug_str"];
    const sections = new Map(
      names.map((name) => [name, new Uint8Array(WebAssembly.Module.customSections(module, name)[0] as ArrayBuffer)]),
    );
    const whole = positionsOfDwarf(sections, 100);
    assert.ok(whole.sources.some((source) => source.endsWith("scenes.c")));
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let i = 0; i < 300; i++) {
      const changed = new Map([...sections].map(([name, section]) => [name, section.slice()]));
      for (let flips = 0; flips < 8; flips++) {
        const section = changed.get(names[random(names.length)] as string) as Uint8Array;
        section[random(section.length)] = random(256);
      }
      positionsOfDwarf(changed, 100);
    }
  });

  test("programs of which only a version with a number is installed are found", async () => {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    symlinkSync(clang, join(bin, "clang-99"));
    symlinkSync(linker, join(bin, "wasm-ld-99"));
    const run = await talea(["run", file("ok.c", "int main(void) { return 0; }\n"), "--quiet"], { PATH: bin });
    assert.is(run.status, 0, run.stderr);
  });
}

test("without clang or wasm-ld one message says how to get them", async () => {
  const nowhere = join(folder, "nowhere");
  mkdirSync(nowhere);
  for (const word of ["run", "build"]) {
    const ended = await talea([word, file("app.c", "int main(void) { return 0; }\n")], { PATH: nowhere });
    assert.is(ended.status, 2);
    assert.match(ended.stderr, /^talea: C is compiled by clang, which is not installed here: \S.*\n$/);
    if (process.platform === "linux") assert.match(ended.stderr, /sudo apt-get install clang lld/);
  }
});

if (tools) installed();
else test("firmware in C skipped: clang and wasm-ld are not installed", () => console.log("skipped: clang and wasm-ld are not installed"));

test.run();
