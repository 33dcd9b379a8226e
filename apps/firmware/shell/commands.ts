/** What there is to be called: one table, which help shows. */
import { self } from "talea/firmware";
import { free, ps, top, uptime } from "./facts";
import { cat, echo, fail, head, seq, sleep, spin, succeed, upper, wc, wrong, yes } from "./filters";
import { Stage } from "./job";
import { kill, listJobs } from "./kill";
import { complain, flush, padded, same, settled, text, word } from "./stream";

/** Does what a command does, and answers its exit status. */
export type Body = (stage: Stage) => i32;

/** A command by its name. */
class Entry {
  constructor(
    readonly name: string,
    readonly usage: string,
    readonly does: string,
    readonly body: Body,
    /** The shell does it itself, not a task. */
    readonly own: bool,
  ) {}
}

/** What the shell does itself has no task to do it. */
function nothing(_stage: Stage): i32 {
  return 0;
}

/** Filled below: help is in it, and looks at it. */
const table: Entry[] = [];
/** Width of the column of names. */
const USAGE: i32 = 38;

function add(name: string, usage: string, does: string, body: Body, own: bool = false): void {
  table.push(new Entry(name, usage, does, body, own));
}

add("bg", "bg [%JOB]", "lets a stopped job go on in the background", nothing, true);
add("cat", "cat", "copies what it reads", cat);
add("echo", "echo [-n] [WORD ...]", "says the words", echo);
add("exit", "exit [STATUS]", "ends the shell, and all jobs", nothing, true);
add("false", "false", "fails", fail);
add("fg", "fg [%JOB]", "brings a job to the foreground", nothing, true);
add("free", "free", "RAM and heap, in bytes", free);
add("head", "head [-N]", "copies the first 10 or N lines", head);
add("help", "help [COMMAND]", "lists commands", help);
add("jobs", "jobs", "lists the jobs that are not in the foreground", listJobs);
add("kill", "kill [-SIGNAL] PID | NAME | %JOB ...", "sends a signal, TERM unless it is said", kill);
add("nice", "nice [-N] COMMAND ...", "runs it less urgently, by 5 or N; --N is more urgently", nothing);
add("ps", "ps", "lists every task", ps);
add("seq", "seq [FIRST [STEP]] LAST", "counts", seq);
add("sleep", "sleep SECONDS", "waits", sleep);
add("spin", "spin [SECONDS]", "uses the CPU", spin);
add("top", "top [-b] [-n N]", "shows who uses the CPU, every second, until q or Ctrl-C", top);
add("true", "true", "does nothing, well", succeed);
add("upper", "upper", "copies in capitals", upper);
add("uptime", "uptime", "since when the system runs", uptime);
add("wc", "wc [-l | -w | -c]", "counts lines, words and bytes", wc);
add("yes", "yes [WORD ...]", "says y, or the words, for ever", yes);

/** The place of a command in the table, -1 for none. */
export function commandNamed(name: usize): i32 {
  for (let i = 0; i < table.length; i++) if (same(name, unchecked(table[i]).name)) return i;
  return -1;
}

/** Whether the shell does it itself. */
export function isOwn(command: i32): bool {
  return unchecked(table[command]).own;
}

/** What the task of a command runs: its stage is the argument. */
export function perform(at: i32): void {
  const stage = changetype<Stage>(at);
  const status = unchecked(table[stage.command]).body(stage);
  flush(stage);
  self.exit(status);
}

function help(stage: Stage): i32 {
  if (stage.words > 2) return wrong(stage, "help", "it takes one command, or nothing");
  if (stage.words == 2) return helpOn(stage);
  for (let i = 0; i < table.length; i++) say(stage, unchecked(table[i]));
  text(stage, "\ncommand | command    joins up to 8 by pipes          ;   one after another\n");
  text(stage, "command &            runs it in the background       #   a remark\n");
  text(stage, "'a b'  \"a b\"  a\\ b   one word                        $?  the last status\n");
  text(stage, "Ctrl-C ends, Ctrl-Z stops the job in the foreground\n");
  return 0;
}

function helpOn(stage: Stage): i32 {
  const command = commandNamed(stage.word(1));
  if (command < 0) return settled(text(word(complain(stage, "help"), stage.word(1)), " is no command"), 1);
  say(stage, unchecked(table[command]));
  return 0;
}

function say(stage: Stage, entry: Entry): void {
  text(text(padded(stage, entry.usage, USAGE), entry.does), "\n");
}
