/**
 * A line: reading it, and taking it to pieces.
 *
 *     line       pipeline { (";" | "&") pipeline } [ ";" | "&" ]         # and what follows is a remark
 *     pipeline   command { "|" command }
 *     command    word { word }              'as it is'   "as it is, but $? and \"   \x one character   $? the last status
 */
import { console, SIGCHLD, SIGINT, SIGTSTP, self, signalSet } from "talea/firmware";
import { survey } from "./control";
import { Job, LINE, STAGES } from "./job";
import { takeByte } from "./stream";

const NEWLINE: i32 = 10;
const TAB: i32 = 9;
const RETURN: i32 = 13;
const SPACE: i32 = 32;
const DOUBLE: i32 = 34;
const HASH: i32 = 35;
const DOLLAR: i32 = 36;
const AND: i32 = 38;
const SINGLE: i32 = 39;
const ZERO: i32 = 48;
const MINUS: i32 = 45;
const SEMICOLON: i32 = 59;
const LESS: i32 = 60;
const MORE: i32 = 62;
const QUESTION: i32 = 63;
const ESCAPE: i32 = 92;
const BAR: i32 = 124;
const NOTHING: i32 = 0;

/** What readLine answers besides a length. */
export const END: i32 = -1;
export const CANCELLED: i32 = -2;
export const TOO_LONG: i32 = -3;

/** What the shell has masked, and waits for. */
export const WATCHED: u32 = signalSet(SIGINT, SIGTSTP, SIGCHLD);

const line: usize = memory.data(LINE + 1);
let length: i32 = 0;

/** Reads a line into the place for it: its length; END; CANCELLED by Ctrl-C; TOO_LONG, and it was skipped. */
export function readLine(): i32 {
  length = 0;
  let skipped = false;
  let byte = awaited();
  for (; byte >= 0 && byte != NEWLINE; byte = awaited()) {
    if (byte == RETURN) continue;
    if (length == LINE) skipped = true;
    else store<u8>(line + length++, <u8>byte);
  }
  if (byte == CANCELLED) return CANCELLED;
  if (byte == END && length == 0) return END;
  return skipped ? TOO_LONG : length;
}

/** The next byte of the console, END, or CANCELLED by Ctrl-C. Meanwhile it sees to children that stop or end. */
function awaited(): i32 {
  let count = -1;
  while (count < 0) {
    const signal = self.signals.wait(WATCHED, 0);
    if (signal == SIGINT) return CANCELLED;
    if (signal == SIGCHLD) survey();
    else if (console.poll(WATCHED) == 1) count = takeByte(line + LINE);
  }
  return count == 0 ? END : load<u8>(line + LINE);
}

/** What is wrong with the line, when parse() says that something is. */
export let problem: string = "";
/** What stood behind the pipeline that was taken: "&", ";", or 0 at the end of the line. */
export let ender: i32 = NOTHING;

/** It goes on in the background. */
export function inBackground(): bool {
  return ender == AND;
}

function wrong(why: string): i32 {
  problem = why;
  return -1;
}

/** The byte of the line there, 0 behind its end. */
function byteAt(at: i32): i32 {
  return at < length ? load<u8>(line + at) : NOTHING;
}

function isBlank(byte: i32): bool {
  return byte == SPACE || byte == TAB;
}

/** Whether a word ends here. */
function isOperator(byte: i32): bool {
  return byte == NOTHING || byte == BAR || byte == SEMICOLON || byte == AND || byte == LESS || byte == MORE;
}

/** Where something begins at or behind a place of the line; its length when nothing does. */
export function skipBlanks(from: i32): i32 {
  let at = from;
  while (isBlank(byteAt(at))) at++;
  return byteAt(at) == HASH ? length : at;
}

/** Whether this is the line's end. */
export function isEnd(at: i32): bool {
  return at >= length;
}

/** Takes the pipeline from a place of the line into an empty job; answers where the next one begins, or -1 with a problem. */
export function parse(job: Job, from: i32, status: i32): i32 {
  job.stages = 1;
  job.stage(0).clear(job, 0);
  const start = skipBlanks(from);
  let at = start;
  while (at >= 0) {
    at = skipBlanks(at);
    const byte = byteAt(at);
    if (byte == LESS || byte == MORE) return wrong("there are no files, so nothing can be redirected");
    if (!isOperator(byte)) at = takeWord(job, at, status);
    else if (byte == BAR) at = takeBar(job, at);
    else return takeEnd(job, start, at);
  }
  return at;
}

function takeBar(job: Job, at: i32): i32 {
  if (byteAt(at + 1) == BAR) return wrong("|| is not known here: ; runs one after another, | joins them");
  if (job.stage(job.stages - 1).words == 0) return wrong("there is no command before |");
  if (job.stages == STAGES) return wrong("a pipeline has at most 8 commands");
  job.stage(job.stages).clear(job, job.words);
  job.stages++;
  return at + 1;
}

function takeEnd(job: Job, start: i32, at: i32): i32 {
  ender = byteAt(at);
  if (ender == AND && byteAt(at + 1) == AND) return wrong("&& is not known here: ; runs one after another, & in the background");
  const empty = job.stage(job.stages - 1).words == 0;
  if (empty && job.stages > 1) return wrong("there is no command behind |");
  if (empty && ender == SEMICOLON) return wrong("there is no command before ;");
  if (empty && ender == AND) return wrong("there is no command before &");
  keepTyped(job, start, at);
  return ender == NOTHING ? length : at + 1;
}

/** Keeps what was typed, for those who look at jobs. */
function keepTyped(job: Job, start: i32, end: i32): void {
  let last = end;
  while (last > start && isBlank(byteAt(last - 1))) last--;
  job.length = last - start;
  memory.copy(job.typed, line + start, job.length);
}

/** A word: its parts, quoted or not, up to a blank or an operator. */
function takeWord(job: Job, from: i32, status: i32): i32 {
  if (!job.begin()) return wrong("a pipeline has at most 32 words");
  job.stage(job.stages - 1).words++;
  let at = from;
  while (!isOperator(byteAt(at)) && !isBlank(byteAt(at))) {
    at = takePart(job, at, status);
    if (at < 0) return at;
  }
  return job.add(NOTHING) ? at : tooLong();
}

function tooLong(): i32 {
  return wrong("the line is too long with what $? stands for");
}

function takePart(job: Job, at: i32, status: i32): i32 {
  const byte = byteAt(at);
  if (byte == SINGLE) return takeQuoted(job, at + 1);
  if (byte == DOUBLE) return takeDouble(job, at + 1, status);
  if (byte == DOLLAR && byteAt(at + 1) == QUESTION) return addNumber(job, status) ? at + 2 : tooLong();
  if (byte != ESCAPE) return job.add(byte) ? at + 1 : tooLong();
  if (at + 1 >= length) return wrong("nothing stands behind the last \\");
  return job.add(byteAt(at + 1)) ? at + 2 : tooLong();
}

function takeQuoted(job: Job, from: i32): i32 {
  for (let at = from; at < length; at++) {
    if (byteAt(at) == SINGLE) return at + 1;
    if (!job.add(byteAt(at))) return tooLong();
  }
  return wrong("the quote ' is not closed");
}

function takeDouble(job: Job, from: i32, status: i32): i32 {
  for (let at = from; at < length; at++) {
    let byte = byteAt(at);
    if (byte == DOUBLE) return at + 1;
    if (byte == DOLLAR && byteAt(at + 1) == QUESTION) {
      if (!addNumber(job, status)) return tooLong();
      at++;
      continue;
    }
    if (byte == ESCAPE && isEscaped(byteAt(at + 1))) byte = byteAt(++at);
    if (!job.add(byte)) return tooLong();
  }
  return wrong('the quote " is not closed');
}

/** What a \ within double quotes takes its meaning from. */
function isEscaped(byte: i32): bool {
  return byte == DOUBLE || byte == ESCAPE || byte == DOLLAR;
}

function addNumber(job: Job, value: i32): bool {
  const size: u32 = value < 0 ? 0 - <u32>value : value;
  if (value < 0 && !job.add(MINUS)) return false;
  let unit: u32 = 1;
  while (size / unit >= 10) unit *= 10;
  for (; unit > 0; unit /= 10) if (!job.add(ZERO + <i32>((size / unit) % 10))) return false;
  return true;
}
