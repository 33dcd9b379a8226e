/** Commands that read, write, or only take their time. Each answers its exit status. */
import { self } from "talea/firmware";
import { PIECE, Stage } from "./job";
import { complain, flush, NO_NUMBER, number, numberIn, put, read, same, settled, text, word, writeAll } from "./stream";

/** Ticks of a second. */
export const SECOND: i64 = 1000;
const LINES: i64 = 10;
const NEWLINE: i32 = 10;
const SPACE: i32 = 32;
const DASH: i32 = 45;
const POINT: i32 = 46;
const ZERO: i32 = 48;
const DELETE: i32 = 127;
/** What sleep takes at most, in seconds. */
const LONGEST: i64 = 1_000_000;

/** A complaint of a command, and the status for it. */
export function wrong(stage: Stage, name: string, why: string): i32 {
  return settled(text(complain(stage, name), why), 2);
}

/** The words from one on, with spaces between them, and the line's end. */
function sayWords(stage: Stage, from: i32, newline: bool): bool {
  for (let i = from; i < stage.words; i++) {
    if (i > from) put(stage, SPACE);
    word(stage, stage.word(i));
  }
  return newline ? put(stage, NEWLINE) : flush(stage);
}

export function echo(stage: Stage): i32 {
  const bare = stage.words > 1 && same(stage.word(1), "-n");
  sayWords(stage, bare ? 2 : 1, !bare);
  return 0;
}

export function yes(stage: Stage): i32 {
  if (stage.words == 1) while (text(stage, "y\n") === stage) {}
  while (sayWords(stage, 1, true)) {}
  return 1;
}

export function cat(stage: Stage): i32 {
  if (stage.words > 1) return wrong(stage, "cat", "there are no files: it copies what it reads");
  for (let count = read(stage, stage.came, PIECE); count > 0; count = read(stage, stage.came, PIECE)) {
    if (!writeAll(stage, stage.came, count)) return 1;
  }
  return 0;
}

export function upper(stage: Stage): i32 {
  if (stage.words > 1) return wrong(stage, "upper", "it takes no words: echo hi | upper");
  for (let count = read(stage, stage.came, PIECE); count > 0; count = read(stage, stage.came, PIECE)) {
    for (let at = stage.came; at < stage.came + count; at++) {
      const byte = <i32>load<u8>(at);
      if (byte >= 97 && byte <= 122) store<u8>(at, <u8>(byte - 32));
    }
    if (!writeAll(stage, stage.came, count)) return 1;
  }
  return 0;
}

export function wc(stage: Stage): i32 {
  const which = stage.words == 1 ? 0 : option(stage.word(1));
  if (stage.words > 2 || which < 0) return wrong(stage, "wc", "it takes -l, -w, -c or nothing, and no files");
  let lines: i64 = 0;
  let words: i64 = 0;
  let bytes: i64 = 0;
  let inside = false;
  for (let count = read(stage, stage.came, PIECE); count > 0; count = read(stage, stage.came, PIECE)) {
    bytes += count;
    for (let at = stage.came; at < stage.came + count; at++) {
      const byte = <i32>load<u8>(at);
      if (byte == NEWLINE) lines++;
      const visible = byte > SPACE && byte != DELETE;
      if (visible && !inside) words++;
      inside = visible;
    }
  }
  if (which == 0) number(number(number(stage, lines, 7), words, 8), bytes, 8);
  else number(stage, which == 1 ? lines : which == 2 ? words : bytes);
  put(stage, NEWLINE);
  return 0;
}

function option(what: usize): i32 {
  return same(what, "-l") ? 1 : same(what, "-w") ? 2 : same(what, "-c") ? 3 : -1;
}

export function head(stage: Stage): i32 {
  let left = LINES;
  if (stage.words == 2 && load<u8>(stage.word(1)) == DASH) left = numberIn(stage.word(1) + 1);
  else if (stage.words == 3 && same(stage.word(1), "-n")) left = numberIn(stage.word(2));
  else if (stage.words > 1) left = NO_NUMBER;
  if (left < 0) return wrong(stage, "head", "it takes -N or -n N, a number of lines, and no files");
  while (left > 0) {
    const count = read(stage, stage.came, PIECE);
    if (count <= 0) break;
    let length = 0;
    while (length < count && left > 0) if (load<u8>(stage.came + length++) == NEWLINE) left--;
    if (!writeAll(stage, stage.came, length)) return 1;
  }
  return 0;
}

export function seq(stage: Stage): i32 {
  const words = stage.words;
  const first: i64 = words > 2 ? numberIn(stage.word(1)) : 1;
  const step: i64 = words > 3 ? numberIn(stage.word(2)) : 1;
  const last = words > 1 ? numberIn(stage.word(words - 1)) : NO_NUMBER;
  const fits = words <= 4 && first != NO_NUMBER && step != NO_NUMBER && last != NO_NUMBER;
  if (!fits || step == 0) return wrong(stage, "seq", "it takes LAST, FIRST LAST or FIRST STEP LAST, whole numbers, the step not 0");
  for (let value = first; step > 0 ? value <= last : value >= last; value += step) {
    if (!put(number(stage, value), NEWLINE)) return 1;
  }
  return 0;
}

export function sleep(stage: Stage): i32 {
  const ticks = stage.words == 2 ? ticksIn(stage.word(1)) : NO_NUMBER;
  if (ticks < 0) return wrong(stage, "sleep", "it takes a number of seconds, as 2 or 0.5");
  self.sleep(<u32>ticks);
  return 0;
}

export function spin(stage: Stage): i32 {
  const ticks = stage.words == 1 ? i64.MAX_VALUE : stage.words == 2 ? ticksIn(stage.word(1)) : NO_NUMBER;
  if (ticks < 0) return wrong(stage, "spin", "it takes a number of seconds, or nothing for as long as it may");
  const begin = self.tick;
  while (<i64>(self.tick - begin) < ticks) {}
  return 0;
}

/** Ticks of a number of seconds, with or without decimals. */
function ticksIn(what: usize): i64 {
  let value: i64 = 0;
  let digits = 0;
  let decimals = -1;
  for (let at = what; load<u8>(at) != 0; at++) {
    const byte = <i32>load<u8>(at);
    if (byte == POINT && decimals < 0) {
      decimals = 0;
      continue;
    }
    const digit = byte - ZERO;
    if (digit < 0 || digit > 9 || digits == 12) return NO_NUMBER;
    digits++;
    if (decimals == 3) continue;
    value = value * 10 + digit;
    if (decimals >= 0) decimals++;
  }
  if (digits == 0) return NO_NUMBER;
  for (let places = max(decimals, 0); places < 3; places++) value *= 10;
  return value > LONGEST * SECOND ? NO_NUMBER : value;
}

export function succeed(_stage: Stage): i32 {
  return 0;
}

export function fail(_stage: Stage): i32 {
  return 1;
}
