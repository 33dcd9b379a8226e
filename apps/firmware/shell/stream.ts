/**
 * What a command reads and writes: the pipe to its neighbour, or the console. Text is collected in the command's buffer and goes out
 * when that is full or a line ends.
 */
import { calls, console, ECANCELED, FOREVER, NO_WAIT, SIGTTIN, self } from "talea/firmware";
import { isForeground, Job, PIECE, Stage } from "./job";

const NEWLINE: i32 = 10;
const ZERO: i32 = 48;
const MINUS: i32 = 45;
const SPACE: i32 = 32;

/** Writes all of it; false when nobody wants it any more. A writer into a broken pipe does not even get here: SIGPIPE ends it. */
export function writeAll(stage: Stage, address: usize, length: i32): bool {
  const pipe = stage.complains ? 0 : stage.output;
  for (let done = 0; done < length; ) {
    const count =
      pipe == 0
        ? console.writeFrom(address + done, length - done)
        : calls.pipe_write(pipe, address + done, min(length - done, PIECE), FOREVER);
    if (count <= 0) return false;
    done += count;
  }
  return true;
}

/** Sends what waits. */
export function flush(stage: Stage): bool {
  const length = stage.length;
  stage.length = 0;
  return writeAll(stage, stage.out, length);
}

/** Puts a byte. False when nobody wants it any more, as for all that follow. */
export function put(stage: Stage, byte: i32): bool {
  store<u8>(stage.out + stage.length, <u8>byte);
  stage.length++;
  return stage.length < PIECE && byte != NEWLINE ? true : flush(stage);
}

/** Puts a text of ASCII. */
export function text(stage: Stage, what: string): Stage {
  for (let i = 0; i < what.length; i++) put(stage, what.charCodeAt(i));
  return stage;
}

/** Puts bytes up to a zero byte. */
export function word(stage: Stage, address: usize): Stage {
  for (let at = address; load<u8>(at) != 0; at++) put(stage, load<u8>(at));
  return stage;
}

/** Puts so many bytes. */
export function bytes(stage: Stage, address: usize, length: i32): Stage {
  for (let i = 0; i < length; i++) put(stage, load<u8>(address + i));
  return stage;
}

/** Puts a whole number, with spaces in front up to `width`. */
export function number(stage: Stage, value: i64, width: i32 = 0): Stage {
  const size: u64 = value < 0 ? 0 - <u64>value : <u64>value;
  let unit: u64 = 1;
  let digits = 1;
  for (; size / unit >= 10; digits++) unit *= 10;
  spaces(stage, width - digits - (value < 0 ? 1 : 0));
  if (value < 0) put(stage, MINUS);
  for (; unit > 0; unit /= 10) put(stage, ZERO + <i32>((size / unit) % 10));
  return stage;
}

/** Puts so many spaces, none for a negative number. */
export function spaces(stage: Stage, count: i32): Stage {
  for (let i = 0; i < count; i++) put(stage, SPACE);
  return stage;
}

/** Puts a text, with spaces behind it up to `width`. */
export function padded(stage: Stage, what: string, width: i32): Stage {
  return spaces(text(stage, what), width - what.length);
}

/** Begins a complaint, "head: ", which goes to the console wherever the command writes; settled() ends it. */
export function complain(stage: Stage, what: string): Stage {
  flush(stage);
  stage.complains = true;
  return text(text(stage, what), ": ");
}

/** The complaint is over; answers `status`. */
export function settled(stage: Stage, status: i32): i32 {
  put(stage, NEWLINE);
  stage.complains = false;
  return status;
}

/** Reads at most so many bytes, of the console at most a line; answers how many, 0 at the end. */
export function read(stage: Stage, address: usize, length: i32, timeout: i32 = FOREVER): i32 {
  if (stage.input != 0) return calls.pipe_read(stage.input, address, length, timeout);
  let done = 0;
  while (done < length) {
    const count = readByte(stage, address + done, done == 0 ? timeout : FOREVER);
    if (count <= 0) return done > 0 ? done : count;
    done += count;
    if (load<u8>(address + done - 1) == NEWLINE) break;
  }
  return done;
}

/** A byte at a time, so that what is typed behind the line is left for who reads next. */
function readByte(stage: Stage, address: usize, timeout: i32): i32 {
  let count = ECANCELED;
  // The shell undoes the wait of one that was stopped: what is typed meanwhile is not for it.
  while (count == ECANCELED) {
    // In the background the whole job stops here, until fg brings it back.
    while (!isForeground(stage.job)) stop(stage.job);
    count = console.readInto(address, 1, timeout);
  }
  return count;
}

/** SIGTTIN for all of a job, the caller last: it goes no further. */
function stop(job: Job): void {
  for (let i = 0; i < job.stages; i++) {
    const task = job.stage(i).task;
    if (task != 0 && task != self.handle) calls.signal_send(task, SIGTTIN);
  }
  self.task.signal(SIGTTIN);
}

/** Reads a byte of the console if there is one; otherwise a negative outcome, 0 at the end of the input. */
export function takeByte(address: usize): i32 {
  return console.readInto(address, 1, NO_WAIT);
}

/** Whether the bytes up to a zero byte are this text. */
export function same(address: usize, what: string): bool {
  for (let i = 0; i < what.length; i++) {
    if (load<u8>(address + i) != what.charCodeAt(i)) return false;
  }
  return load<u8>(address + what.length) == 0;
}

/** What is no number. */
export const NO_NUMBER: i64 = i64.MIN_VALUE;

/** The whole number that the bytes up to a zero byte are, at most 12 digits; NO_NUMBER for anything else. */
export function numberIn(address: usize): i64 {
  const negative = load<u8>(address) == MINUS;
  let at = address + (negative ? 1 : 0);
  let value: i64 = 0;
  let digits = 0;
  for (; load<u8>(at) != 0; at++) {
    const digit = <i32>load<u8>(at) - ZERO;
    if (digit < 0 || digit > 9 || digits == 12) return NO_NUMBER;
    value = value * 10 + digit;
    digits++;
  }
  if (digits == 0) return NO_NUMBER;
  return negative ? -value : value;
}
