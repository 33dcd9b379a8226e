#!/usr/bin/env node
/** The command `talea`: its commands, their options, and what --help says. As a function it runs in whatever world it is given. */
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { BenchOptions } from "./bench.js";
import type { BuildOptions } from "./build.js";
import { Output } from "./output.js";
import type { RunOptions } from "./run.js";
import { CompileError, Status, UsageError } from "./status.js";
import { processWorld, type World } from "./world.js";

const LARGEST = 4294967295;
/** Columns of --help where there is no terminal. */
const WIDTH = 80;

const STATUSES = `
Exit status:
    0  every task ended, or the tick of --until was reached
    1  a task, an interrupt handler or a bench failed, or a replay differed
    2  wrong usage: no such file, no app in it, an error in its description or
       for the compiler, a bad option, a file or port that cannot be used
    3  deadlock: nobody can ever run again
    4  --must-finish, and a task had not ended when the run was over
  130  Ctrl-C ended the run, or the foreground task
  141  nobody reads stdout any more
  143  SIGTERM ended the run; 129 for SIGHUP
  Where several apply: 143, 129, 130, 2, 1, 141, 3, 4.
`;

const OVERVIEW = `
An app is a TypeScript file whose default export describes a system, once,
before any task runs:

    import type { System } from "talea";
    export default (system: System) => {
      const out = system.console();
      system.task("hello", { priority: 5 }, function* (self) {
        yield* out.write("hello\\n");
        yield* self.sleep(10);
      });
    };

Save it as hello.ts, anywhere, and:

    talea run hello.ts             run it; what it writes is on stdout
    talea run hello.ts --seed 7    with another schedule; the same seed is the
                                   same run, event for event
    talea run --help               all about running
    talea diff one.txt two.txt     where two traces (run --trace) differ first

An app that imports from "talea/firmware" is a firmware: it is compiled, and
its tasks are preempted wherever they are, not only where they make a call;
every other app is scripted. An app in C or in WebAssembly text is one, too.

    talea run blink.ts             compile a firmware and run it
    talea run blink.c              the same in C, with clang and lld installed
    talea build blink.ts           compile it to blink.wasm, for talea run or
                                   boot(); also takes a .wasm of other compilers
    talea bench                    how fast the kernel is: Thread-Metric
${STATUSES}`;

const RUNNING = `
stdin and stdout are the app's console: what comes in is typed, what its tasks
write goes out. stdin is read only if a task reads the console.

Everything else goes to stderr when the run is over: a table of the tasks, a
timeline, why the run did not end well, and as the last line

    finished at tick T after E events, trace hash 0xHHHHHHHHHHHHHHHH

The first word is "finished" also when --until was reached, or when Ctrl-C
ended the foreground task and the others came to their end; else "deadlocked",
"failed" (an interrupt handler), or "stopped" (Ctrl-C for the second time or
where no task takes it, endless JavaScript, nobody reads stdout). The hash is
the run's identity: the same app, arguments, input and seed give the same.

The table has for each task its priority (63 is the most urgent), state, share
of the CPU, how often it got the CPU, stack used and there ("-" for scripted
tasks), and worst wake-up: most cycles between ready and running. Below it is
how much of a firmware's heap was used.

The timeline has a row for each task, for each interrupt line, and for idle
time. A block is as high as the share of the time that the task ran; a letter
is what it waited for, a capital one if it also ran for a moment; "!" is
where a signal's handler began.

Ctrl-C sends SIGINT to the foreground task: the one that the app names
(system.foreground), else the last that read the console. The second one, or
the first where there is no such task, ends the run with its report. A task
that claims the foreground itself, as a shell does (console.foreground), gets
every Ctrl-C; one that comes before it took the last ends the run. Ctrl-Z
sends SIGTSTP, which stops the task; where there is none, talea stops as any
program does.

The app may be a firmware: TypeScript that imports from "talea/firmware", C
(.c, .cpp: clang and lld must be installed) or WebAssembly text (.wat), which
are compiled, or a .wasm, as talea build or another compiler wrote it (its
debug information, or the map beside it, app.wasm.map, tells its lines). All
else is the same for both kinds. With --grain access its tasks may be preempted
before every access to memory, which is slow and finds races; with --grain
loop, the default, where they loop, recurse and make calls. With --protect a
task that loads or stores outside the firmware's data, its own stack and what
it has of regions, blocks and RAM gets SIGSEGV, with address and source line;
no firmware can then write into the kernel or another task's stack.

With --firmware a firmware runs beside a scripted app, on one kernel: the app
is its test, its other side, or whoever presses its buttons. The firmware's
description comes first; they open each other's objects by name, and the
devices are the same ones for both.

The default export may also be a network of machines, each with its own kernel
and an IP address: network({ machines: { alice: { address, app }, ... } }).
All run in one virtual time. A line on stdout then has its machine's name in
front; stdin goes to the first machine, or to the one that the network names
(console: "alice"); the report has a part for each machine; ticks are virtual
milliseconds; and the hash is one of all machines, in order.

Time is virtual: 16 MHz, 1000 ticks a second, as fast as the host can. With
--realtime, and from the first read of the console when stdin is a terminal,
it goes by the host's clock.

With --watch the tasks, what objects hold, the timeline and the last lines of
the output are shown on the terminal that stderr is, and drawn anew ten times
a second, while virtual time goes by the host's clock, or --speed times as
fast. The run is the same, event for event. Unless the app reads the console,
space pauses, s makes one tick, + and - change the speed, and q ends the run.

Real clients: --forward opens a port of this computer that leads to a port of
a machine, [HOST:]PORT=ADDRESS:PORT. HOST is 127.0.0.1 unless it is written
out; PORT 0 is any free one, and stderr says which. It may be given several
times. A plain app's machine gets the address that is named. The run goes on
while nobody comes.

A recording, made with --record, holds all that came from outside, and the
run's seed, arguments, --until, --grain and --protect. --replay runs the app
once more with it, and with its --firmware: the same run, as fast as the host
can, without stdin, clock or network. Where Ctrl-C ended the recorded run its
exit status is 0.

Options that talea does not know, and other words behind the app's name, are
for the app, as system.args; behind -- all are.

Examples:
    talea run app.ts
        Run it to its end.
    talea run app.ts --until 1000 --must-finish
        Fail if a task is still alive after 1000 ticks.
    talea run app.ts --seed 7 --trace run.txt
        One of many schedules, and every event of it as a line of text.
    talea run app.ts --trace run.jsonl --quiet
        The events as JSON; only the app's own output, on failure the reason.
    cat words.txt | talea run count.ts --ordered
        Its console reads words.txt; --ordered is for the app.
    talea run http.ts --forward 8080=10.0.0.1:80 --record day.rec
        A server for curl http://127.0.0.1:8080/, and what came in a file.
    talea run http.ts --replay day.rec --trace day.txt
        What happened there, event for event.
    talea run app.ts --watch --speed 0.01
        See who runs and who waits, a hundred times slower than it is.
    talea run blink.ts --grain access --seed 7
        A firmware whose tasks get in each other's way wherever they can.
    talea run app.c --protect
        One whose stray pointers harm nobody else.
    talea run harness.ts --firmware blink.ts
        A scripted system beside it.
${STATUSES}`;

const BUILDING = `
TypeScript is compiled by AssemblyScript, which is part of Talea, and .wat by
Binaryen. C and C++ (.c, .cc, .cpp, .cxx) are compiled by the clang and wasm-ld
of this computer, with <talea.h> and all warnings; on Debian and Ubuntu

    sudo apt-get install clang lld

installs them. A comment line in the source may have more for clang, such as
other sources beside it:

    // clang: -DSPEED=7 motor.c

What was made of TypeScript and .wat is kept in the system's folder for caches
(~/.cache/talea), and the same sources are not compiled again. TALEA_CACHE names
another folder; where it is empty nothing is kept.

Examples:
    talea build blink.c
        Writes blink.wasm.
    talea build app.ts -o out/app.wasm --grain access
        Preemptible before every access to memory.
    talea build app.c --protect
        With memory protection, which costs about a fifth of its speed.
`;

const BENCHING = `Runs the eight tests of the Thread-Metric suite, which count what an RTOS does in
a period of time: each for about a second of host time, its median of several
runs after a warm-up. The counts are those of the suite.`;

/** A file's name; what looks like an option is none, or the option's own name was forgotten. */
function fileName(text: string): string {
  if (text.startsWith("-")) throw new InvalidArgumentError(`Give a file's name, or ./${text} if that is its name.`);
  return text;
}

/** A whole number from the least, 0, to the largest of 32 bits. */
function whole(what: string, least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= LARGEST) return value;
    throw new InvalidArgumentError(`Give ${what} from ${least} to ${LARGEST}.`);
  };
}

/** A speed that can be watched. */
function speed(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value >= 0.001 && value <= 1000) return value;
  throw new InvalidArgumentError("Give a number from 0.001 to 1000.");
}

/** --grain; which grains there are stands in its help. */
function grain(): Option {
  return new Option("--grain <GRAIN>", "where a firmware's tasks may be preempted besides their calls").choices(["loop", "access"]);
}

/** --protect. */
function protect(): Option {
  return new Option("--protect", "end a firmware's task that touches memory which is not its own, with SIGSEGV");
}

/** One more --forward. */
function another(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** What is said, on its way out. */
interface Outputs {
  stdout: Output;
  stderr: Output;
}

const { version } = createRequire(import.meta.url)("talea/package.json") as { version: string };

/** The commands; `told` is called with the exit status. What stands behind "--" is the app's, whatever it looks like. */
function program(world: World, { stdout, stderr }: Outputs, untouched: readonly string[], told: (status: Status) => void): Command {
  const talea = new Command("talea");
  talea.description("Runs programs for the Talea RTOS kernel, deterministically.");
  talea.version(version, "--version", "print the version").helpOption("--help", "print this help");
  talea.helpCommand(false).addHelpText("after", OVERVIEW);
  talea.exitOverride().configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    outputError: (text, write) => write(complaint(text)),
    getOutHelpWidth: () => world.stdout.columns ?? WIDTH,
    getErrHelpWidth: () => world.stderr.columns ?? WIDTH,
  });
  talea
    .command("run")
    .summary("run an app")
    .description("Runs an app until all its tasks have ended, or it is stopped.")
    .argument("<app>", "the app's file: .ts, or a firmware's .c, .wat or .wasm")
    .argument("[args...]", "handed to the app as system.args")
    .helpOption("--help", "print this help")
    .option("--seed <N>", "draw the schedule and the tasks' Math.random from this seed", whole("a whole number"))
    .option("--until <TICK>", "stop when this tick is served", whole("a tick"))
    .option("--must-finish", "fail if the run is over before every task has ended")
    .option("--trace <FILE>", "write every event to a file, as JSON lines if its name ends in .jsonl", fileName)
    .option("--quiet", "print no report, only the reason of a failure")
    .option("--realtime", "let virtual time pass as the host's clock does")
    .option("--watch", "show tasks and timeline while it runs, on stderr, at the speed of the host's clock")
    .option("--speed <FACTOR>", "with --watch: virtual seconds a second, 0.01 for a hundredth", speed)
    .option("--forward <PLACE=TARGET>", "let real clients in, as 127.0.0.1:8080=10.0.0.1:80; implies --realtime", another)
    .option("--record <FILE>", "keep all that comes from outside: what is typed, Ctrl-C, Ctrl-Z, clients", fileName)
    .option("--replay <FILE>", "run once more with what came from outside in a recorded run", fileName)
    .option("--firmware <FILE>", "a firmware that runs beside the app, on the same kernel: .ts, .c, .wat or .wasm", fileName)
    .addOption(grain())
    .addOption(protect())
    .allowUnknownOption()
    .addHelpText("after", RUNNING)
    .action(async (file: string, args: string[], options: Omit<RunOptions, "args">) => {
      if (file.startsWith("-")) throw new UsageError(`there is no option ${file}: options of the app come behind its name`);
      // Loaded here, so that --help and mistakes are answered at once.
      const { run } = await import("./run.js");
      told(await run(file, { ...options, args: [...args, ...untouched] }, world));
    });
  talea
    .command("build")
    .summary("compile a firmware to a .wasm")
    .description("Compiles a firmware, makes its tasks preemptible, and writes it as one module,\nwhich talea run and boot() take.")
    .argument("<app>", "the firmware's file: .ts, .c, .wat, or the plain .wasm of another compiler")
    .helpOption("--help", "print this help")
    .option("-o, --output <FILE>", "where to; default: the app's name with .wasm, here", fileName)
    .addOption(grain())
    .addOption(protect())
    .addHelpText("after", BUILDING)
    .action(async (file: string, options: BuildOptions) => {
      const { build } = await import("./build.js");
      stdout.write(`${await build(file, options, world)}\n`);
    });
  talea
    .command("bench")
    .summary("measure the kernel with the Thread-Metric suite")
    .description(BENCHING)
    .helpOption("--help", "print this help")
    .option("--json", "print one JSON object: counts a second of host time")
    .option("--with-trace", "with trace records, which are off by default")
    .option("--with-hash", "with the rolling hash, which is off by default")
    .option("--ticks <N>", "one run of so many virtual ticks each, instead of about a second each", whole("a number of ticks", 1))
    .action(async (options: BenchOptions) => {
      const { bench } = await import("./bench.js");
      told(await bench(options, world));
    });
  talea
    .command("diff")
    .summary("find where two runs differ")
    .description(
      "Prints the first event in which two traces differ, behind the last that they share.\nThey are written by talea run --trace. Exit status 0: the same, 1: they differ.",
    )
    .argument("<one>", "a trace file")
    .argument("<other>", "another one, as text or JSON lines like the first")
    .helpOption("--help", "print this help")
    .action(async (one: string, other: string) => {
      const { compareTraces } = await import("./diff.js");
      const { same, text } = compareTraces(one, other);
      stdout.write(text);
      told(same ? Status.FINISHED : Status.FAILED);
    });
  return talea;
}

/** What commander says of a wrong command line, and for an app without the word "run" what was meant. */
function complaint(text: string): string {
  const app = /unknown command '(.+\.(?:[cm]?[jt]s|wasm|wat|c|cpp))'/.exec(text)?.[1];
  return `${text.replace(/^error: /, "talea: ")}${app === undefined ? "" : `Did you mean: talea run ${app}?\n`}`;
}

/** What is said of a mistake, on stderr, and its exit status. */
function mistake(error: unknown, stderr: Output): Status {
  if (error instanceof CommanderError) return error.exitCode === 0 ? Status.FINISHED : Status.USAGE;
  if (error instanceof UsageError) {
    stderr.write(`${error instanceof CompileError ? error.message : error.message.replace(/^/gm, "talea: ")}\n`);
    return Status.USAGE;
  }
  const message = error instanceof Error ? error.message : String(error);
  const request = message.includes("please report") ? "" : "; this is a bug of Talea, please report it";
  stderr.write(`talea: ${message}${request}\n`);
  return Status.FAILED;
}

/** Runs a command line, the words behind the command's name, and answers the exit status when all is written. */
export async function main(words: readonly string[], world: World): Promise<Status> {
  const outputs = { stdout: new Output(world.stdout), stderr: new Output(world.stderr) };
  const end = words.indexOf("--");
  const [own, untouched] = end < 0 ? [words, []] : [words.slice(0, end), words.slice(end + 1)];
  let status: Status = Status.FINISHED;
  const told = (found: Status) => {
    status = found;
  };
  try {
    await program(world, outputs, untouched, told).parseAsync(own, { from: "user" });
  } catch (error) {
    status = mistake(error, outputs.stderr);
  }
  await outputs.stdout.drain();
  const { problem } = outputs.stdout;
  if (problem !== undefined && problem.code !== "EPIPE") {
    outputs.stderr.write(`talea: stdout cannot be written: ${problem.message}\n`);
    status = Status.USAGE;
  }
  await outputs.stderr.drain();
  return status;
}

// As a command it is what the process was started for; else only main() is wanted.
const [, file = ""] = process.argv;
if (existsSync(file) && realpathSync(file) === fileURLToPath(import.meta.url)) {
  process.exit(await main(process.argv.slice(2), processWorld()));
}
