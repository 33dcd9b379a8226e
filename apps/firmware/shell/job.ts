/**
 * Jobs and the commands in them, in tables of a fixed size: whatever is typed, nothing comes from the heap. All tasks of the firmware
 * share its memory, so a command finds its words and its pipes here, and `jobs` the table of the shell.
 *
 *     Job    | fields | where each word begins | words, a zero byte behind each | the line as typed |
 *     Stage  | fields | bytes on their way out | bytes that came in |
 *
 * The shell alone writes a job and the fields of its stages; it is more urgent than every command. The two buffers are the command's.
 */
import { KernelObject } from "talea/firmware";

/** Pipelines at once, the one in the foreground included. */
export const JOBS: i32 = 8;
/** Commands of a pipeline, and words of all of them together. */
export const STAGES: i32 = 8;
export const WORDS: i32 = 32;
/** Bytes of a line. */
export const LINE: i32 = 255;
/** Bytes of each of a command's two buffers. A piece of this size is never mixed with another task's. */
export const PIECE: i32 = 64;

const WORD_BYTES: i32 = LINE + WORDS;

/** What becomes of a job. */
export const enum Fate {
  RUNS = 1,
  STOPPED = 2,
  ENDED = 3,
}

/** A pipeline. */
@unmanaged
export class Job {
  /** 1 to JOBS, 0 while the record is free. */
  number: i32;
  /** How many commands it has. */
  stages: i32;
  /** Words so far, and bytes of them. */
  words: i32;
  bytes: i32;
  /** Bytes of it as typed. */
  length: i32;
  fate: i32;
  /** The exit status of its last command. */
  status: i32;
  /** The later it was stopped or sent to the background, the more it is; the largest is the current job. */
  stamp: u32;
  /** The user knows of its fate. */
  told: bool;

  /** One of its commands. */
  stage(index: i32): Stage {
    const own = (<i32>(changetype<usize>(this) - jobTable) / <i32>JOB_STRIDE) * STAGES;
    return changetype<Stage>(stageTable + <usize>(own + index) * STAGE_STRIDE);
  }

  /** Where its words are. */
  get text(): usize {
    return changetype<usize>(this) + offsetof<Job>() + 2 * WORDS;
  }

  /** Where the line is as typed. */
  get typed(): usize {
    return this.text + WORD_BYTES;
  }

  /** A word: bytes with a zero byte behind them. */
  word(index: i32): usize {
    return this.text + load<u16>(changetype<usize>(this) + offsetof<Job>() + 2 * <usize>index);
  }

  /** Begins another word; false when there are too many. */
  begin(): bool {
    if (this.words == WORDS) return false;
    store<u16>(changetype<usize>(this) + offsetof<Job>() + 2 * <usize>this.words, <u16>this.bytes);
    this.words++;
    return true;
  }

  /** Adds a byte to the last word; false when there is no room. */
  add(byte: i32): bool {
    if (this.bytes == WORD_BYTES) return false;
    store<u8>(this.text + this.bytes, <u8>byte);
    this.bytes++;
    return true;
  }

  /** Empties it. */
  clear(): void {
    this.stages = 0;
    this.words = 0;
    this.bytes = 0;
    this.length = 0;
    this.fate = Fate.RUNS;
    this.status = 0;
    this.stamp = 0;
    this.told = false;
  }
}

/** A command of a job, or the shell itself as one that writes. */
@unmanaged
export class Stage {
  job: Job;
  /** Its place in the table of commands. */
  command: i32;
  priority: i32;
  /** The first of its words, which names it, and how many there are. */
  first: i32;
  words: i32;
  /** Handle of its task, 0 before it has one and when it has ended. */
  task: i32;
  /** Its task was stopped when the shell looked last. */
  stopped: bool;
  status: i32;
  /** Handles of pipes, 0 for the console. */
  input: i32;
  output: i32;
  /** Bytes on their way out. */
  length: i32;
  /** What it writes now is a complaint, which goes to the console. */
  complains: bool;

  /** A word behind its name, from 1 on; 0 names it. */
  word(index: i32): usize {
    return this.job.word(this.first + index);
  }

  /** Its bytes on their way out. */
  get out(): usize {
    return changetype<usize>(this) + offsetof<Stage>();
  }

  /** Its bytes that came in. */
  get came(): usize {
    return changetype<usize>(this) + offsetof<Stage>() + PIECE;
  }

  /** Nothing of it is on its way. */
  clear(job: Job, first: i32): void {
    this.job = job;
    this.first = first;
    this.words = 0;
    this.task = 0;
    this.stopped = false;
    this.status = 0;
    this.input = 0;
    this.output = 0;
    this.length = 0;
    this.complains = false;
  }
}

// One job more than there can be: in it a line is looked at before any of it runs. And the shell's own stage.
const JOB_STRIDE: usize = (offsetof<Job>() + 2 * WORDS + WORD_BYTES + LINE + 7) & ~7;
const STAGE_STRIDE: usize = (offsetof<Stage>() + 2 * PIECE + 7) & ~7;
const jobTable: usize = memory.data((JOBS + 1) * ((offsetof<Job>() + 2 * WORDS + WORD_BYTES + LINE + 7) & ~7), 8);
const stageTable: usize = memory.data(((JOBS + 1) * STAGES + 1) * ((offsetof<Stage>() + 2 * PIECE + 7) & ~7), 8);

/** The shell as one that writes to the console. */
export const shell: Stage = changetype<Stage>(stageTable + <usize>((JOBS + 1) * STAGES) * STAGE_STRIDE);

/** A job's record by its number, 1 to JOBS; the last one, JOBS + 1, is only for looking. */
export function jobAt(number: i32): Job {
  return changetype<Job>(jobTable + <usize>(number - 1) * JOB_STRIDE);
}

/** A record that is free, null when there is none. */
export function freeJob(): Job | null {
  for (let number = 1; number <= JOBS; number++) {
    if (jobAt(number).number == 0) return jobAt(number);
  }
  return null;
}

let stamps: u32 = 0;

/** Makes it the current one. */
export function makeCurrent(job: Job): void {
  stamps++;
  job.stamp = stamps;
}

/** The current job, or the one before it; null when there is none. */
export function latestJob(but: Job | null = null): Job | null {
  let found: Job | null = null;
  let most: u32 = 0;
  for (let number = 1; number <= JOBS; number++) {
    const job = jobAt(number);
    if (job.number == 0 || job.stamp <= most || changetype<usize>(job) == changetype<usize>(but)) continue;
    found = job;
    most = job.stamp;
  }
  return found;
}

/** The job that has the console: Ctrl-C and Ctrl-Z are for it, and only it reads. */
let foreground: Job | null = null;

/** Gives a job the console, or null for the shell. */
export function bringForward(job: Job | null): void {
  foreground = job;
}

/** Whether it has the console. */
export function isForeground(job: Job): bool {
  return changetype<usize>(job) == changetype<usize>(foreground);
}

/** A kernel object by a handle that is kept in a table. */
export function object<T extends KernelObject>(handle: i32): T {
  return changetype<T>(handle);
}
