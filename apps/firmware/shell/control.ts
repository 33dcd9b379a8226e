/** Jobs: starting them, seeing what becomes of them, waiting for the one in the foreground, and sending signals. */
import {
  calls,
  console,
  EEXIST,
  ENFILE,
  ENOMEM,
  Held,
  Info,
  Mode,
  NO_WAIT,
  Pipe,
  PipeOptions,
  pipe,
  SIGCHLD,
  SIGCONT,
  SIGINT,
  SIGTSTP,
  SpawnRecord,
  State,
  self,
  signalSet,
  Task,
  TaskBody,
} from "talea/firmware";
import { bringForward, Fate, freeJob, isForeground, JOBS, Job, jobAt, latestJob, makeCurrent, object, Stage, shell } from "./job";
import { bytes, complain, flush, number, put, same, settled, spaces, text } from "./stream";

/** What the shell's own priority is; commands have less. */
export const SHELL: i32 = 20;
/** Bytes of a command's stack. */
const STACK: u32 = 1536;
/** Bytes of a pipe between two commands. */
const CAPACITY: i32 = 128;
/** Bytes of a name that begins like a command's and ends like "-63". */
const NAME: i32 = 15;
const NEWLINE: i32 = 10;
const PERCENT: i32 = 37;
const DASH: i32 = 45;
const ZERO: i32 = 48;
/** Statuses: ended by a signal, and by which. */
export const SIGNALLED: i32 = 128;
const SIGPIPE: i32 = 13;
/** Bytes of "Stopped   ". */
const WORD: i32 = 10;

const plain = new PipeOptions();
plain.capacity = CAPACITY;
const spawn = changetype<SpawnRecord>(memory.data(36, 8));
const nameBytes: usize = memory.data(16);

// Starting

/** Starts a job's commands, joined by pipes, each with `body`; 0, or an error when one cannot be started: then none is. */
export function start(job: Job, body: TaskBody): i32 {
  let before = 0;
  for (let i = 0; i < job.stages; i++) {
    const stage = job.stage(i);
    const last = i == job.stages - 1;
    const next = last ? 0 : pipe(plain).handle;
    stage.input = before;
    stage.output = next;
    const task = next < 0 ? next : spawned(stage, body);
    if (task > 0) join(stage, task);
    if (before != 0) object<Pipe>(before).close();
    if (task < 0) {
      if (next > 0) object<Pipe>(next).close();
      undo(job, i);
      return task;
    }
    before = next;
  }
  return 0;
}

/** Gives the task its two pipes. None of them runs before the shell waits: it is more urgent. */
function join(stage: Stage, task: i32): void {
  stage.task = task;
  if (stage.input != 0) calls.object_grant(stage.input, task, Mode.READ);
  if (stage.output != 0) calls.object_grant(stage.output, task, Mode.WRITE);
}

function undo(job: Job, stages: i32): void {
  for (let i = 0; i < stages; i++) end(job.stage(i));
}

function end(stage: Stage): void {
  if (stage.task == 0) return;
  const task = object<Task>(stage.task);
  task.terminate();
  task.join(NO_WAIT);
  stage.task = 0;
}

/** Makes a stage's task. It is named after the command; names are unique, so others of it are "yes-2", "yes-3", ... */
function spawned(stage: Stage, body: TaskBody): i32 {
  spawn.name = <u32>nameBytes;
  spawn.entry = body.index;
  spawn.argument = changetype<i32>(stage);
  spawn.priority = stage.priority;
  spawn.threshold = -1;
  spawn.slice = 1;
  spawn.flags = 0;
  spawn.stack = 0;
  spawn.stackSize = STACK;
  let task = EEXIST;
  for (let turn = 1; task == EEXIST; turn++) {
    nameOfTurn(stage.word(0), turn);
    task = calls.task_spawn(changetype<usize>(spawn));
  }
  return task;
}

function nameOfTurn(command: usize, turn: i32): void {
  let length = 0;
  for (; length < NAME - 3 && load<u8>(command + length) != 0; length++) store<u8>(nameBytes + length, load<u8>(command + length));
  if (turn > 1) store<u8>(nameBytes + length++, <u8>DASH);
  if (turn > 9) store<u8>(nameBytes + length++, <u8>(ZERO + turn / 10));
  if (turn > 1) store<u8>(nameBytes + length++, <u8>(ZERO + (turn % 10)));
  store<u8>(nameBytes + length, 0);
}

/** Why a job cannot be started. */
export function reasonOf(error: i32): string {
  if (error == ENOMEM) return "there is not enough RAM for its stacks and pipes";
  if (error == ENFILE) return "there are too many tasks or pipes";
  return "the kernel refuses it";
}

// What becomes of them

/** Looks at every job: who ended, and who stopped. */
export function survey(): void {
  for (let number = 1; number <= JOBS; number++) {
    if (jobAt(number).number != 0) surveyJob(jobAt(number));
  }
}

function surveyJob(job: Job): void {
  let alive = 0;
  let stopped = 0;
  for (let i = 0; i < job.stages; i++) {
    const stage = job.stage(i);
    if (stage.task != 0) look(stage);
    if (stage.task == 0) continue;
    alive++;
    if (stage.stopped) stopped++;
  }
  const fate = alive == 0 ? Fate.ENDED : stopped == alive ? Fate.STOPPED : Fate.RUNS;
  if (fate == job.fate) return;
  if (fate == Fate.STOPPED) makeCurrent(job);
  job.fate = fate;
  job.told = false;
  job.status = job.stage(job.stages - 1).status;
}

function look(stage: Stage): void {
  const task = object<Task>(stage.task);
  if (<i32>task.info(Info.STATE) == State.ZOMBIE) {
    if (task.join(NO_WAIT) == 0) stage.status = task.status;
    stage.task = 0;
    return;
  }
  stage.stopped = (<i32>task.info(Info.HELD) & Held.STOPPED) != 0;
  // A stopped task keeps its place among those who wait, and would be handed what is typed for others.
  if (stage.stopped && <i32>task.info(Info.WAITING_FOR) == (console.input & 0x1fff)) task.abort();
}

/** Sends a signal to all commands of a job. */
export function send(job: Job, signal: i32): void {
  for (let i = 0; i < job.stages; i++) {
    if (job.stage(i).task != 0) object<Task>(job.stage(i).task).signal(signal);
  }
}

/** Ctrl-C came while the last job had the foreground: what stands behind it in its line is not done either. */
export let cancelled: bool = false;

/** Lets a job go on in the foreground until it ends or stops; answers its status. Ctrl-C and Ctrl-Z are handed to all its commands. */
export function attendTo(job: Job): i32 {
  bringForward(job);
  send(job, SIGCONT);
  survey();
  while (job.fate == Fate.RUNS) {
    const signal = self.signals.wait(signalSet(SIGINT, SIGTSTP, SIGCHLD));
    if (signal == SIGINT) cancelled = true;
    if (signal == SIGINT || signal == SIGTSTP) send(job, signal);
    survey();
  }
  bringForward(null);
  const status = job.fate == Fate.STOPPED ? SIGNALLED + SIGTSTP : job.status;
  sayOfForeground(job);
  return status;
}

/** A job that stopped is told of; one that a signal ended leaves a word; the others go without. */
function sayOfForeground(job: Job): void {
  if (job.fate == Fate.STOPPED) {
    put(shell, NEWLINE);
    sayOf(job);
    return;
  }
  const signal = job.status - SIGNALLED;
  if (signal == SIGINT) put(shell, NEWLINE);
  else if (signal > 0 && signal <= 31 && signal != SIGPIPE) put(sayFate(job), NEWLINE);
  flush(shell);
  job.number = 0;
}

/** Tells of jobs of the background that stopped or ended since the last time; those that ended are forgotten. */
export function tell(): void {
  survey();
  for (let number = 1; number <= JOBS; number++) {
    const job = jobAt(number);
    if (job.number == 0 || job.told || job.fate == Fate.RUNS) continue;
    sayOf(job);
    if (job.fate == Fate.ENDED) job.number = 0;
  }
}

function sayOf(job: Job): void {
  job.told = true;
  flush(describe(shell, job));
}

/** Writes "[1]+ Stopped   sleep 100". */
export function describe(to: Stage, job: Job): Stage {
  number(text(to, "["), job.number);
  const current = latestJob();
  const mark = current === job ? "]+ " : latestJob(current) === job ? "]- " : "]  ";
  text(to, mark);
  const length = fate(to, job);
  spaces(to, max(1, WORD - length));
  bytes(to, job.typed, job.length);
  put(to, NEWLINE);
  return to;
}

function sayFate(job: Job): Stage {
  fate(shell, job);
  return shell;
}

/** Writes what became of it; answers how many bytes that were. */
function fate(to: Stage, job: Job): i32 {
  if (job.fate == Fate.RUNS) return said(to, "Running");
  if (job.fate == Fate.STOPPED) return said(to, "Stopped");
  if (job.status == 0) return said(to, "Done");
  const signal = job.status - SIGNALLED;
  if (signal > 0 && signal <= 31) return said(to, endOf(signal));
  number(text(to, "Exit "), job.status);
  return job.status > 9 ? 7 : 6;
}

function said(to: Stage, what: string): i32 {
  text(to, what);
  return what.length;
}

function endOf(signal: i32): string {
  if (signal == SIGINT) return "Interrupted";
  if (signal == 1) return "Hangup";
  if (signal == 9) return "Killed";
  if (signal == 15) return "Terminated";
  return signal == SIGPIPE ? "Broken pipe" : "Ended by a signal";
}

// Which one

/** The job that a word names: "%2", "2", "%+", "%%", "%-"; null when there is none. */
export function jobNamed(word: usize): Job | null {
  const digits = word + (load<u8>(word) == PERCENT ? 1 : 0);
  if (same(digits, "+") || same(digits, "%") || same(digits, "")) return latestJob();
  if (same(digits, "-")) return latestJob(latestJob());
  const which = <i32>load<u8>(digits) - ZERO;
  if (which < 1 || which > JOBS || load<u8>(digits + 1) != 0) return null;
  // The job in the foreground is the one that asks.
  return jobAt(which).number == 0 || isForeground(jobAt(which)) ? null : jobAt(which);
}

/** The job that the only word behind a command names, the current one without; null, and a complaint, when there is none. */
function chosen(stage: Stage, name: string): Job | null {
  if (stage.words > 2) {
    settled(text(complain(shell, name), "give one job, as in %1"), 1);
    return null;
  }
  const job = stage.words == 1 ? latestJob() : jobNamed(stage.word(1));
  if (job !== null && job.fate != Fate.ENDED) return job;
  settled(text(complain(shell, name), stage.words == 1 ? "there is no job" : "there is no such job: jobs lists them"), 1);
  return null;
}

/** fg: brings a job to the foreground and waits for it. */
export function foreground(stage: Stage): i32 {
  const job = chosen(stage, "fg");
  if (job === null) return 1;
  makeCurrent(job);
  bytes(shell, job.typed, job.length);
  put(shell, NEWLINE);
  return attendTo(job);
}

/** bg: lets a stopped job go on in the background. */
export function background(stage: Stage): i32 {
  const job = chosen(stage, "bg");
  if (job === null) return 1;
  send(job, SIGCONT);
  survey();
  makeCurrent(job);
  number(text(shell, "["), job.number);
  text(bytes(text(shell, "] "), job.typed, job.length), " &\n");
  return 0;
}

/** A job's record to take a pipeline into, null and a complaint when all are taken. */
export function newJob(): Job | null {
  cancelled = false;
  // Those that ended and that the user does not know of have their places, too.
  if (freeJob() === null) tell();
  const job = freeJob();
  if (job === null) settled(text(complain(shell, "shell"), "there are 8 jobs, and no more can be: fg, or kill"), 1);
  else job.clear();
  return job;
}

/** How many jobs are stopped. */
export function stoppedJobs(): i32 {
  let count = 0;
  for (let number = 1; number <= JOBS; number++) {
    if (jobAt(number).number != 0 && jobAt(number).fate == Fate.STOPPED) count++;
  }
  return count;
}

/** Ends all jobs. */
export function endAll(): void {
  for (let number = 1; number <= JOBS; number++) {
    const job = jobAt(number);
    if (job.number == 0) continue;
    undo(job, job.stages);
    job.number = 0;
  }
}
