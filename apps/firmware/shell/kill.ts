/** kill, and the list of jobs. */
import { calls, Kind, nameOf, next, SIGCONT, SIGTERM, self } from "talea/firmware";
import { describe, jobNamed, send } from "./control";
import { wrong } from "./filters";
import { Fate, isForeground, JOBS, Job, jobAt, Stage } from "./job";
import { complain, numberIn, put, same, settled, text, word } from "./stream";

const DASH: i32 = 45;
const PERCENT: i32 = 37;
const NEWLINE: i32 = 10;
const SPACE: i32 = 32;
const SIGNALS: i32 = 31;
const PREFIX: string = "SIG";
const USAGE: string = "it takes -SIGNAL or -NUMBER, then pids, names and %jobs; kill -l lists the signals";

/** By their numbers, without SIG. */
const names: string[] = [
  "EXISTS",
  "HUP",
  "INT",
  "QUIT",
  "ILL",
  "TRAP",
  "ABRT",
  "BUS",
  "FPE",
  "KILL",
  "USR1",
  "SEGV",
  "USR2",
  "PIPE",
  "ALRM",
  "TERM",
  "STKFLT",
  "CHLD",
  "CONT",
  "STOP",
  "TSTP",
  "TTIN",
  "TTOU",
  "URG",
  "XCPU",
  "XFSZ",
  "VTALRM",
  "PROF",
  "WINCH",
  "IO",
  "PWR",
  "SYS",
];

export function kill(stage: Stage): i32 {
  if (stage.words == 1) return wrong(stage, "kill", USAGE);
  if (same(stage.word(1), "-l")) return list(stage);
  const given = load<u8>(stage.word(1)) == DASH;
  const signal = given ? signalIn(stage.word(1) + 1) : SIGTERM;
  if (signal < 0) return unknown(stage, stage.word(1), " is no signal: kill -l lists them");
  if (given && stage.words == 2) return wrong(stage, "kill", USAGE);
  let status = 0;
  for (let i = given ? 2 : 1; i < stage.words; i++) {
    if (!strike(stage.word(i), signal)) status = unknown(stage, stage.word(i), " is no pid, name or job: ps and jobs list them");
  }
  return status;
}

function unknown(stage: Stage, what: usize, why: string): i32 {
  return settled(text(word(complain(stage, "kill"), what), why), 1);
}

function list(stage: Stage): i32 {
  for (let signal = 1; signal <= SIGNALS; signal++) {
    text(stage, unchecked(names[signal]));
    put(stage, signal % 8 == 0 || signal == SIGNALS ? NEWLINE : SPACE);
  }
  return 0;
}

/** The number of a signal that is named with or without SIG, or by its number; -1 for none. */
function signalIn(what: usize): i32 {
  const value = numberIn(what);
  if (value >= 0 && value <= SIGNALS) return <i32>value;
  const bare = begins(what, PREFIX) ? what + PREFIX.length : what;
  for (let signal = 1; signal <= SIGNALS; signal++) {
    if (same(bare, unchecked(names[signal]))) return signal;
  }
  return -1;
}

function begins(what: usize, prefix: string): bool {
  for (let i = 0; i < prefix.length; i++) if (load<u8>(what + i) != prefix.charCodeAt(i)) return false;
  return true;
}

/** Sends the signal to whoever the word names; false when that is nobody. */
function strike(what: usize, signal: i32): bool {
  if (load<u8>(what) == PERCENT) {
    const job = jobNamed(what);
    if (job === null || job.fate == Fate.ENDED) return false;
    send(job, signal);
    // As every shell does, or else a stopped job would end only when it goes on.
    if (signal == SIGTERM) send(job, SIGCONT);
    return true;
  }
  const pid = numberIn(what);
  if (pid > 0 && pid <= i32.MAX_VALUE) return calls.signal_send(<i32>pid, signal) == 0;
  return strikeNamed(what, signal);
}

/** All tasks of this name, and all that the shell runs this command in. */
function strikeNamed(what: usize, signal: i32): bool {
  let found = false;
  for (let task = next(Kind.TASK); task > 0; task = next(Kind.TASK, task)) {
    if (task == self.handle || !isNamed(task, what)) continue;
    if (calls.signal_send(task, signal) == 0) found = true;
  }
  return found;
}

const scratch: usize = memory.data(17);

function isNamed(task: i32, what: usize): bool {
  const command = commandOf(task);
  if (command != 0) return sameBytes(command, what);
  const length = nameOf(task, scratch);
  for (let i = 0; i < length; i++) if (load<u8>(scratch + i) != load<u8>(what + i)) return false;
  return length > 0 && load<u8>(what + length) == 0;
}

/** The name of the command that a task of a job runs, 0 for other tasks. */
function commandOf(task: i32): usize {
  for (let number = 1; number <= JOBS; number++) {
    const job = jobAt(number);
    if (job.number == 0) continue;
    for (let i = 0; i < job.stages; i++) if (job.stage(i).task == task) return job.stage(i).word(0);
  }
  return 0;
}

function sameBytes(one: usize, other: usize): bool {
  let at: usize = 0;
  while (load<u8>(one + at) == load<u8>(other + at)) {
    if (load<u8>(one + at) == 0) return true;
    at++;
  }
  return false;
}

/** How many jobs there are, but for the one in the foreground. */
export function jobs(): i32 {
  let count = 0;
  for (let number = 1; number <= JOBS; number++) if (isListed(jobAt(number))) count++;
  return count;
}

function isListed(job: Job): bool {
  return job.number != 0 && !isForeground(job);
}

export function listJobs(stage: Stage): i32 {
  if (stage.words > 1) return wrong(stage, "jobs", "it takes no words");
  for (let number = 1; number <= JOBS; number++) {
    if (isListed(jobAt(number))) describe(stage, jobAt(number));
  }
  return 0;
}
