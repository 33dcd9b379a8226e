/** The shell, typed at as over a serial line: text in, text out, under any schedule. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, type Machine, type MachineOptions, SIGINT, SIGTSTP } from "../../hal/host/index.js";
import { firmwareOf } from "../firmware.js";
import { type Piece, pieces } from "../probe.js";
import { finish } from "../support.js";

const test = suite("shell scenario");

const shell = firmwareOf("shell");
const QUIET = ["--no-prompt"];

/** What the shell says to these lines, to the end of the input. */
function said(lines: string, options: MachineOptions = {}): string {
  const machine = boot(shell, { args: QUIET, input: lines, keep: 0, ...options });
  assert.is(machine.run(), "finished", lines);
  return machine.output;
}

/** A shell at which somebody sits. */
class Session {
  readonly machine: Machine;
  #seen = 0;

  constructor(options: MachineOptions = {}) {
    this.machine = boot(shell, { args: QUIET, input: "open", keep: 0, ...options });
    this.machine.input.paced = true;
    this.settle(10);
  }

  /** Lets so many ticks pass; answers what appeared. */
  settle(ticks: number): string {
    this.machine.runUntil(this.machine.tick + ticks);
    const text = this.machine.output.slice(this.#seen);
    this.#seen += text.length;
    return text;
  }

  type(text: string, ticks = 60): string {
    this.machine.type(text);
    return this.settle(ticks);
  }

  press(signal: number, ticks = 20): string {
    assert.ok(this.machine.interruptForeground(signal));
    return this.settle(ticks);
  }

  /** The end of the input, and of the shell; what it said, and its exit status. */
  leave(): { text: string; status: number | undefined } {
    this.machine.endInput();
    assert.is(this.machine.run(), "finished");
    return { text: this.machine.output.slice(this.#seen), status: this.machine.task("shell").status };
  }
}

const lines: [line: string, output: string][] = [
  ["echo hi | upper", "HI\n"],
  ["echo -n a; echo b  c", "ab c\n"],
  ["echo 'a  |;&#b' \"c  'd' \\\" \\\\ \\x\" e\\ f\\|", "a  |;&#b c  'd' \" \\ \\x e f|\n"],
  ["echo a#b # c | d", "a#b\n"],
  ["echo ''x\"\" ''", "x \n"],
  ["   \t ", ""],
  ["", ""],
  ["# only a remark", ""],
  ["true; echo $?; false; echo \"<$?>\" '$?'", "0\n<1> $?\n"],
  ["yes | head -3", "y\ny\ny\n"],
  ["yes no way | head -n 2 | upper", "NO WAY\nNO WAY\n"],
  ["seq 3", "1\n2\n3\n"],
  ["seq 5 -2 -3; seq 3 1; seq 2 2 6", "5\n3\n1\n-1\n-3\n2\n4\n6\n"],
  ["seq 1000 | wc", "   1000    1000    3893\n"],
  ["seq 20 | wc -l; echo a b | wc -w; echo abc | wc -c", "20\n2\n4\n"],
  ["seq 20 | head | head -n 9 | wc -l", "9\n"],
  ["seq 5 | head -0 | wc", "      0       0       0\n"],
  ["seq 200 | cat | cat | cat | cat | wc -l", "200\n"],
  ["seq 9 | upper | cat | head -7 | cat | cat | cat | wc -c", "14\n"],
  ["yes | cat | cat | cat | cat | cat | cat | head -1", "y\n"],
  ["sleep 0.01; sleep 0; echo $?", "0\n"],
  ["spin 0.01; echo done", "done\n"],
  ["nice spin 0.01; nice -5 echo a; nice -n 9 echo b; nice --9 echo c", "a\nb\nc\n"],
  ["false | true; echo $?; true | false; echo $?", "0\n1\n"],
  ["jobs", ""],
  ["kill -l | wc -w", "31\n"],
  ["kill -KILL nobody; kill -0 shell; echo $?", "kill: nobody is no pid, name or job: ps and jobs list them\n0\n"],
  ["exit 7; echo never", ""],
];

test("commands, pipelines and quotes say what they say everywhere", () => {
  for (const [line, output] of lines) assert.is(said(`${line}\n`), output, line);
});

test("all of them in one session, under 20 seeds, say the same", () => {
  // But for the line that ends the shell.
  const all = lines.slice(0, -1);
  const text = all.map(([line]) => `${line}\n`).join("");
  const expected = all.map(([, output]) => output).join("");
  for (let seed = 1; seed <= 20; seed++) assert.is(said(text, { seed }), expected, `seed ${seed}`);
});

const LONG = "x".repeat(256);

const mistakes: [line: string, output: string, status: number][] = [
  ["nosuch", "shell: nosuch is no command: help lists them\n", 127],
  ["echo a | nosuch | cat", "shell: nosuch is no command: help lists them\n", 127],
  ["echo 'a", "shell: the quote ' is not closed\n", 2],
  ['echo "a', 'shell: the quote " is not closed\n', 2],
  ["echo a\\", "shell: nothing stands behind the last \\\n", 2],
  ["| |", "shell: there is no command before |\n", 2],
  ["| cat", "shell: there is no command before |\n", 2],
  ["echo a |", "shell: there is no command behind |\n", 2],
  ["echo a | | cat", "shell: there is no command before |\n", 2],
  ["echo never; ; echo a", "shell: there is no command before ;\n", 2],
  ["& echo", "shell: there is no command before &\n", 2],
  ["true && echo a", "shell: && is not known here: ; runs one after another, & in the background\n", 2],
  ["true || echo a", "shell: || is not known here: ; runs one after another, | joins them\n", 2],
  ["echo a > b", "shell: there are no files, so nothing can be redirected\n", 2],
  [`echo ${"a ".repeat(32)}`, "shell: a pipeline has at most 32 words\n", 2],
  [Array(9).fill("cat").join("|"), "shell: a pipeline has at most 8 commands\n", 2],
  [LONG, "shell: the line is longer than 255 bytes\n", 2],
  ["fg", "fg: there is no job\n", 1],
  ["bg", "bg: there is no job\n", 1],
  ["fg %3", "fg: there is no such job: jobs lists them\n", 1],
  ["fg 1 2", "fg: give one job, as in %1\n", 1],
  ["fg | cat", "shell: fg stands alone: no pipe, no &\n", 2],
  ["exit &", "shell: exit stands alone: no pipe, no &\n", 2],
  ["exit x", "exit: it takes a status, 0 to 255, or nothing\n", 2],
  ["exit 256", "exit: it takes a status, 0 to 255, or nothing\n", 2],
  ["kill", "kill: it takes -SIGNAL or -NUMBER, then pids, names and %jobs; kill -l lists the signals\n", 2],
  ["kill -9", "kill: it takes -SIGNAL or -NUMBER, then pids, names and %jobs; kill -l lists the signals\n", 2],
  ["kill -FOO 1", "kill: -FOO is no signal: kill -l lists them\n", 1],
  ["kill -32 1", "kill: -32 is no signal: kill -l lists them\n", 1],
  ["kill 99999", "kill: 99999 is no pid, name or job: ps and jobs list them\n", 1],
  ["kill %1", "kill: %1 is no pid, name or job: ps and jobs list them\n", 1],
  ["nice", "nice: it takes a command, and before it -N, -9 to 9: nice -5 spin\n", 2],
  ["nice -10 true", "nice: it takes a command, and before it -N, -9 to 9: nice -5 spin\n", 2],
  ["nice nice true", "nice: it takes a command, and before it -N, -9 to 9: nice -5 spin\n", 2],
  ["cat file", "cat: there are no files: it copies what it reads\n", 2],
  ["upper x", "upper: it takes no words: echo hi | upper\n", 2],
  ["wc -x", "wc: it takes -l, -w, -c or nothing, and no files\n", 2],
  ["head -x", "head: it takes -N or -n N, a number of lines, and no files\n", 2],
  ["head x", "head: it takes -N or -n N, a number of lines, and no files\n", 2],
  ["seq", "seq: it takes LAST, FIRST LAST or FIRST STEP LAST, whole numbers, the step not 0\n", 2],
  ["seq 1 0 3", "seq: it takes LAST, FIRST LAST or FIRST STEP LAST, whole numbers, the step not 0\n", 2],
  ["seq 1x", "seq: it takes LAST, FIRST LAST or FIRST STEP LAST, whole numbers, the step not 0\n", 2],
  ["sleep", "sleep: it takes a number of seconds, as 2 or 0.5\n", 2],
  ["sleep -1", "sleep: it takes a number of seconds, as 2 or 0.5\n", 2],
  ["spin x", "spin: it takes a number of seconds, or nothing for as long as it may\n", 2],
  ["ps x", "ps: it takes no words: it lists every task\n", 2],
  ["top -n 0", "top: it takes -n N, how often it draws, and -b, one picture below the other\n", 2],
  ["free x", "free: it takes no words\n", 2],
  ["uptime x", "uptime: it takes no words\n", 2],
  ["jobs x", "jobs: it takes no words\n", 2],
  ["help x", "help: x is no command\n", 1],
  ["help a b", "help: it takes one command, or nothing\n", 2],
];

test("every mistake is answered by a sentence and a status, and the shell goes on", () => {
  for (const [line, output, status] of mistakes) assert.is(said(`${line}\necho $?\n`), `${output}${status}\n`, line);
});

test("a complaint of a command in a pipeline goes to the console, not to its neighbour", () => {
  assert.is(said("wc -x | upper\n"), "wc: it takes -l, -w, -c or nothing, and no files\n");
});

test("bytes of any kind go through, and what stands behind the last line's end counts", () => {
  assert.is(said("echo \u00e4\u{1f600}\r\necho last"), "\u00e4\u{1f600}\nlast\n");
});

test("the shell ends with the status of the last command, or the one that is asked for", () => {
  const status = (input: string) => {
    const machine = boot(shell, { args: QUIET, input });
    assert.is(machine.run(), "finished");
    return machine.task("shell").status;
  };
  assert.equal(["", "true\n", "false\n", "nosuch\n", "exit\n", "false\nexit\n", "exit 42\n"].map(status), [0, 0, 1, 127, 0, 1, 42]);
});

test("with a prompt it asks before each line, and says goodbye at the end", () => {
  assert.is(said("echo a\n\n", { args: [] }), "$ a\n$ $ exit\n");
});

test("what a command reads of the console is what stands behind its line, a line at a time", () => {
  assert.is(said("head -2 | upper\none\ntwo\necho three\nwc\na b\nc\n"), "ONE\nTWO\nthree\n      2       3       6\n");
});

// The kernel, seen from inside

test("ps lists tasks with what they wait for; stacks and cycles are those of the report", () => {
  const text = said("sleep 5 | cat & \nyes | cat > x\nspin &\nps\n");
  assert.match(text, /^\[1\] (\d+)\n/);
  assert.match(text, /^ +PID NAME +PRI STATE +WAITS FOR +CYCLES +STACK$/m);
  assert.match(text, /^ +\d+ shell +20 waits +a signal +\d+ +\d+\/2048$/m);
  assert.match(text, /^ +\d+ sleep +10 waits +a tick +\d+ +\d+\/1536$/m);
  assert.match(text, /^ +\d+ cat +10 waits +pipe \d +\d+ +\d+\/1536$/m);
  assert.match(text, /^ +\d+ spin +10 ready +\d+ +\d+\/1536$/m);
  assert.match(text, /^ +\d+ ps +10 runs +\d+ +\d+\/1536$/m);
});

test("names are unique: a second task of a command has a number behind it, and kill by name finds both", () => {
  const session = new Session();
  session.type("sleep 100 & sleep 100 | sleep 100 &\n");
  assert.ok(session.type("ps\n").match(/ sleep {2,}| sleep-2 | sleep-3 /g)?.length === 3);
  session.type("kill sleep\n");
  assert.is(session.type("jobs\n\n"), "");
  assert.is(session.leave().status, 0);
});

test("top shows shares of the CPU that add up, most first, as often as it is told", () => {
  const session = new Session();
  session.type("spin &\n");
  const text = session.type("top -b -n 2\n", 2200);
  const pictures = text.split("\n\n").filter((picture) => picture !== "");
  assert.is(pictures.length, 2);
  for (const picture of pictures) {
    assert.match(picture, /^up 0:00:0\d, 3 tasks, 1 job, idle 0\.0 %\n/);
    const shares = [...picture.matchAll(/ (\d+\.\d)$/gm)].map(([, share]) => Number(share));
    assert.is(shares.length, 3);
    assert.ok((shares[0] as number) > 95 && shares.reduce((sum, share) => sum + share, 0) <= 100, picture);
    assert.match(picture, /^ +PID .*\n +\d+ spin /m);
  }
  assert.is(session.type("top\n", 1500).startsWith("\u001b[H\u001b[2Jup "), true);
  session.type("x\n", 100);
  session.type("q\n", 100);
  assert.is(session.type("echo back\n"), "back\n");
});

test("free and uptime count: RAM of a job is used while it lives", () => {
  const session = new Session();
  const used = (text: string) => Number(/^RAM +\d+ +(\d+)/m.exec(text)?.[1]);
  const before = used(session.type("free\n"));
  session.type("sleep 100 | sleep 100 &\n");
  const during = used(session.type("free\n"));
  assert.is(during - before, 2 * 1536 + 128);
  session.type("kill %1\n\n");
  assert.is(used(session.type("free\n")), before);
  assert.match(session.type("uptime\n"), /^up 0:00:0\d, 2 tasks, 0 jobs, idle \d+\.\d %\n$/);
});

test("help lists every command, and says how each is called", () => {
  const text = said("help\nhelp kill\n");
  for (const name of "bg cat echo exit false fg free head help jobs kill nice ps seq sleep spin top true upper uptime wc yes".split(" ")) {
    assert.match(text, new RegExp(`^${name}( |$)`, "m"));
  }
  assert.match(text, /^kill \[-SIGNAL\] PID \| NAME \| %JOB \.\.\. +sends a signal, TERM unless it is said\n$/m);
});

// Job control

test("Ctrl-C ends the whole job in the foreground, and at the prompt only the line", () => {
  for (const options of [{}, { seed: 3 }, { seed: 4 }]) {
    const session = new Session({ ...options, args: [] });
    assert.is(session.type("spin | cat | spin\n", 100), "");
    assert.is(session.press(SIGINT), "\n$ ");
    assert.is(session.type("echo $?\n"), "130\n$ ");
    assert.is(session.press(SIGINT), "\n$ ");
    assert.is(session.press(SIGINT), "\n$ ");
    assert.is(session.type("jobs\n"), "$ ");
    assert.is(session.machine.task("shell").state, "blocked");
    assert.equal(session.leave(), { text: "exit\n", status: 0 });
  }
});

test("Ctrl-C ends the rest of the line, too; Ctrl-Z does not", () => {
  const session = new Session({ args: [] });
  session.type("sleep 9; echo never\n");
  assert.is(session.press(SIGINT), "\n$ ");
  assert.match(session.type("sleep 0.01 & echo on\n"), /^\[1\] \d+\non\n/);
  session.type("\nsleep 9; echo next\n");
  assert.is(session.press(SIGTSTP), "\n[1]+ Stopped   sleep 9\nnext\n$ ");
  assert.is(session.type("true; echo again\n"), "again\n$ ");
  session.leave();
});

test("Ctrl-Z stops the job; jobs, bg and fg let it go on", () => {
  const session = new Session({ args: [] });
  session.type("sleep 1 | cat | upper\n");
  assert.is(session.press(SIGTSTP), "\n[1]+ Stopped   sleep 1 | cat | upper\n$ ");
  assert.is(session.type("echo $?\n"), "148\n$ ");
  assert.is(session.type("jobs\n"), "[1]+ Stopped   sleep 1 | cat | upper\n$ ");
  assert.is(session.type("bg\n"), "[1] sleep 1 | cat | upper &\n$ ");
  assert.is(session.type("jobs\n"), "[1]+ Running   sleep 1 | cat | upper\n$ ");
  session.settle(1200);
  assert.is(session.type("\n"), "[1]+ Done      sleep 1 | cat | upper\n$ ");
  session.type("spin\n");
  session.press(SIGTSTP);
  session.type("sleep 100 &\n");
  assert.is(session.type("jobs\n"), "[1]- Stopped   spin\n[2]+ Running   sleep 100\n$ ");
  assert.is(session.type("fg %1\n"), "spin\n");
  assert.is(session.press(SIGTSTP), "\n[1]+ Stopped   spin\n$ ");
  assert.is(session.type("kill %1 %2\n"), "[1]+ Terminated spin\n[2]+ Terminated sleep 100\n$ ");
  assert.is(session.press(SIGTSTP), "", "at the prompt it does nothing");
  assert.is(session.type("echo a\n"), "a\n$ ");
  session.leave();
});

test("a job that was stopped while it read gets nothing of what is typed for others, and goes on reading with fg", () => {
  const session = new Session({ args: [] });
  session.type("cat | upper\n");
  assert.is(session.type("one\n"), "ONE\n");
  assert.is(session.press(SIGTSTP), "\n[1]+ Stopped   cat | upper\n$ ");
  assert.is(session.type("cat\n"), "");
  assert.is(session.type("two\n"), "two\n");
  session.press(SIGINT);
  assert.is(session.type("bg\n"), "[1] cat | upper &\n$ ");
  assert.is(session.type("echo three\n"), "three\n[1]+ Stopped   cat | upper\n$ ");
  assert.is(session.type("fg\n"), "cat | upper\n");
  assert.is(session.type("four\n"), "FOUR\n");
  session.press(SIGINT);
  assert.is(session.type("jobs\n"), "$ ");
  session.leave();
});

test("a command in the background that reads the console stops", () => {
  const session = new Session();
  session.type("cat &\n");
  assert.is(session.type("\n"), "[1]+ Stopped   cat\n");
  assert.match(session.type("jobs\n"), /^\[1\]\+ Stopped {3}cat\n$/);
  session.leave();
});

test("the middle of a pipeline is killed: the one before gets SIGPIPE, the one behind the end", () => {
  const session = new Session();
  session.type("yes | cat | wc -l &\n", 200);
  const text = session.type("kill -KILL cat\n", 300);
  assert.match(session.type("\n") + text, /\d+\n/);
  const tasks = session.machine.tasks.filter(({ name }) => ["yes", "cat", "wc"].includes(name));
  assert.equal(
    tasks.map(({ name, signal, status }) => [name, signal, status]),
    [
      ["yes", 13, 141],
      ["cat", 9, 137],
      ["wc", 0, 0],
    ],
  );
  session.leave();
});

test("what ends a job is told: Done, Exit, Killed, Hangup, Terminated", () => {
  const session = new Session({ args: [] });
  session.type("sleep 9 &\nsleep 9 &\nsleep 9 &\nfalse &\n", 100);
  const text = session.type("kill -9 %1; kill -HUP %2; kill %3\n", 100);
  assert.match(text, /\[1\] {2}Killed {4}sleep 9\n\[2\] {2}Hangup {4}sleep 9\n\[3\]\S? +Terminated sleep 9\n/);
  assert.is(session.type("spin\n"), "");
  session.machine.sendSignal("spin", 15);
  assert.is(session.settle(20), "Terminated\n$ ");
  session.leave();
});

test("at most eight jobs; there is room for the next when one has ended", () => {
  const session = new Session();
  session.type("sleep 100 & ".repeat(8).concat("\n"), 200);
  assert.is(session.type("echo a\n"), "shell: there are 8 jobs, and no more can be: fg, or kill\n");
  session.leave();
});

test("tasks or RAM run out: what was begun is undone, and the shell goes on", () => {
  const session = new Session();
  const eight = Array(8).fill("sleep 100").join("|");
  const text = session.type(`${eight} & ${eight} &\n${eight} & ${eight} &\n`, 400) + session.type(`${eight} & ${eight} &\n`, 400);
  assert.match(text, /^shell: there (are too many tasks or pipes|is not enough RAM for its stacks and pipes)$/m);
  const free = session.type("kill sleep\n", 400) + session.type("seq 3 | wc -l\n");
  assert.match(free, /^3$/m);
  session.leave();
});

test("exit warns once of stopped jobs; the end of the shell ends them all", () => {
  const session = new Session();
  session.type("spin\n");
  session.press(SIGTSTP);
  assert.is(session.type("exit\n"), "shell: there are stopped jobs: exit once more ends them\n");
  session.machine.type("spin & \nexit 3\nexit 3\n");
  assert.is(session.machine.run(), "finished");
  assert.is(session.machine.task("shell").status, 3);
});

test("the shell ignores what would end or stop it, but not SIGKILL", () => {
  const session = new Session();
  for (const signal of ["TERM", "QUIT", "TTIN", "TTOU", "INT"]) session.type(`kill -${signal} shell\n`);
  assert.is(session.type("echo here\n").endsWith("here\n"), true);
  session.machine.type("kill -KILL shell\n");
  assert.is(session.machine.run(), "finished");
});

// Memory

function held(machine: Machine): Piece[] {
  return pieces(machine).filter(({ used }) => used !== 0);
}

test("a thousand commands leave nothing behind: heap, RAM, tasks and pipes are as they were", () => {
  const session = new Session();
  const { machine } = session;
  const round =
    "echo hi | upper | wc\nyes | head -2 | cat\nseq 9 | cat | cat | cat | cat | wc\nsleep 0.001 &\nnosuch\ncat x\nfree | head -0\n";
  session.type(round, 300);
  session.type("\n");
  const before = { heap: machine.compiled?.heap, held: held(machine), pipes: machine.recordsOf(9).length };
  // 16 tasks a round, and a command that is none.
  for (let i = 0; i < 60; i++) session.type(round, 400);
  session.type("\n");
  assert.is(machine.tasks.filter(({ priority }) => priority === 10).length, 61 * 16);
  assert.equal({ heap: machine.compiled?.heap, held: held(machine), pipes: machine.recordsOf(9).length }, before);
  assert.equal(
    machine.tasks.filter(({ state }) => state === "blocked").map(({ name }) => name),
    ["shell"],
  );
  session.leave();
});

test("every invariant of the kernel holds at every step of a busy session", () => {
  const input = "yes | head -3 | upper\nsleep 0.01 | cat &\nkill %1\nseq 30 | cat | wc\nps | wc -l\njobs\nexit 5\n";
  for (const seed of [1, 2, 3]) {
    const machine = boot(shell, { args: QUIET, input, kernel: "debug", seed, keep: 0 });
    assert.is(finish(machine), "finished");
    assert.is(machine.task("shell").status, 5);
  }
});

test.run();
