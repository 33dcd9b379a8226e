/** The shell itself: it asks, takes lines to pieces, and has what stands in them done. */
import { args, console, SIGQUIT, SIGTERM, SIGTTIN, SIGTTOU, self } from "talea/firmware";
import { commandNamed, isOwn, perform } from "./commands";
import { attendTo, background, cancelled, endAll, foreground, newJob, reasonOf, SHELL, start, stoppedJobs, tell } from "./control";
import { JOBS, Job, jobAt, makeCurrent, Stage, shell } from "./job";
import { CANCELLED, END, inBackground, isEnd, parse, problem, readLine, skipBlanks, TOO_LONG, WATCHED } from "./line";
import { complain, flush, NO_NUMBER, number, numberIn, same, settled, text, word } from "./stream";

const DASH: i32 = 45;
/** Of commands, unless nice says otherwise, and by how much it does. */
const PRIORITY: i32 = 10;
const NICE: i64 = 5;
/** Statuses, as every shell has them. */
const MISUSE: i32 = 2;
const CANNOT_START: i32 = 126;
const UNKNOWN: i32 = 127;
const INTERRUPTED: i32 = 130;

const asks = !args.includes("--no-prompt");

let status: i32 = 0;
let leaves = false;
/** It has said that there are stopped jobs; the next exit is meant. */
let warned = false;

/** Asks for lines until there are no more, or one says exit. */
export function converse(): void {
  self.signals.mask(WATCHED);
  self.signals.ignore(SIGTERM);
  self.signals.ignore(SIGQUIT);
  self.signals.ignore(SIGTTIN);
  self.signals.ignore(SIGTTOU);
  console.foreground(self.task);
  shell.clear(jobAt(JOBS + 1), 0);
  while (!leaves) turn();
  endAll();
  flush(shell);
  self.exit(status);
}

/** One line. */
function turn(): void {
  tell();
  if (asks) flush(text(shell, "$ "));
  const length = readLine();
  if (length == CANCELLED) {
    status = INTERRUPTED;
    if (asks) text(shell, "\n");
  } else if (length == TOO_LONG) {
    status = wrong("the line is longer than 255 bytes", MISUSE);
  } else if (length == END) {
    leaves = true;
    if (asks) text(shell, "exit\n");
  } else if (isWellFormed()) {
    let at = skipBlanks(0);
    while (!isEnd(at) && !leaves) at = skipBlanks(runNext(at));
  }
}

function wrong(why: string, becomes: i32): i32 {
  return settled(text(complain(shell, "shell"), why), becomes);
}

/** Looks at the whole line before any of it is done. */
function isWellFormed(): bool {
  const scratch = jobAt(JOBS + 1);
  for (let at = skipBlanks(0); !isEnd(at); at = skipBlanks(at)) {
    scratch.clear();
    at = parse(scratch, at, status);
    if (at >= 0) continue;
    status = wrong(problem, MISUSE);
    return false;
  }
  return true;
}

/** Does the pipeline at a place of the line; answers where the next one begins. */
function runNext(at: i32): i32 {
  const job = newJob();
  if (job === null) {
    status = 1;
    return i32.MAX_VALUE;
  }
  const next = parse(job, at, status);
  // With another status in the place of $? it may have become too long.
  if (next < 0) {
    status = wrong(problem, MISUSE);
    return i32.MAX_VALUE;
  }
  status = run(job, inBackground());
  return cancelled ? i32.MAX_VALUE : next;
}

function run(job: Job, behind: bool): i32 {
  for (let i = 0; i < job.stages; i++) {
    const failed = resolve(job.stage(i));
    if (failed != 0) return failed;
  }
  for (let i = 0; i < job.stages; i++) {
    if (!isOwn(job.stage(i).command)) continue;
    if (job.stages == 1 && !behind) return performOwn(job.stage(0));
    return settled(text(word(complain(shell, "shell"), job.stage(i).word(0)), " stands alone: no pipe, no &"), MISUSE);
  }
  const error = start(job, perform);
  if (error < 0) return wrong(reasonOf(error), CANNOT_START);
  job.number = numberOf(job);
  if (!behind) {
    warned = false;
    return attendTo(job);
  }
  makeCurrent(job);
  text(number(text(number(text(shell, "["), job.number), "] "), job.stage(job.stages - 1).task), "\n");
  return 0;
}

function numberOf(job: Job): i32 {
  for (let number = 1; number <= JOBS; number++) if (jobAt(number) === job) return number;
  return 0;
}

/** Finds the command of a stage, and how urgent it is to be; 0, or the status when there is none. */
function resolve(stage: Stage): i32 {
  stage.priority = PRIORITY;
  if (same(stage.word(0), "nice")) {
    const failed = soften(stage);
    if (failed != 0) return failed;
  }
  stage.command = commandNamed(stage.word(0));
  if (stage.command >= 0) return 0;
  return settled(text(word(complain(shell, "shell"), stage.word(0)), " is no command: help lists them"), UNKNOWN);
}

/** Takes nice and its number from the words of a stage. */
function soften(stage: Stage): i32 {
  let by = NICE;
  let taken = 1;
  if (stage.words > 1 && load<u8>(stage.word(1)) == DASH) {
    taken = 2;
    if (!same(stage.word(1), "-n")) by = numberIn(stage.word(1) + 1);
    else if (stage.words > 2) by = numberIn(stage.word(taken++));
  }
  const fits = by != NO_NUMBER && by > PRIORITY - SHELL && by < PRIORITY && stage.words > taken;
  if (!fits || same(stage.word(taken), "nice")) {
    return settled(text(complain(shell, "nice"), "it takes a command, and before it -N, -9 to 9: nice -5 spin"), MISUSE);
  }
  stage.first += taken;
  stage.words -= taken;
  stage.priority = PRIORITY - <i32>by;
  return 0;
}

/** What the shell does itself. */
function performOwn(stage: Stage): i32 {
  if (same(stage.word(0), "fg")) return foreground(stage);
  if (same(stage.word(0), "bg")) return background(stage);
  return leave(stage);
}

function leave(stage: Stage): i32 {
  const asked: i64 = stage.words == 1 ? status : stage.words == 2 ? numberIn(stage.word(1)) : NO_NUMBER;
  if (asked < 0 || asked > 255) return settled(text(complain(shell, "exit"), "it takes a status, 0 to 255, or nothing"), MISUSE);
  if (stoppedJobs() > 0 && !warned) {
    warned = true;
    return wrong("there are stopped jobs: exit once more ends them", 1);
  }
  leaves = true;
  return <i32>asked;
}
