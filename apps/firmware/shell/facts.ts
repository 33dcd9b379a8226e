/** Commands that show the kernel at work: every fact comes from a call of the kernel or stands in its memory, for anyone to read. */
import {
  Held,
  heapSize,
  heapUsed,
  Info,
  idleCycles,
  KernelObject,
  Kind,
  nameOf,
  next,
  ram,
  State,
  self,
  waitsFor,
  waitsIn,
} from "talea/firmware";
import { SECOND, wrong } from "./filters";
import { isForeground, object, Stage } from "./job";
import { jobs as jobCount } from "./kill";
import { NO_NUMBER, number, numberIn, padded, put, read, same, spaces, text } from "./stream";

const NEWLINE: i32 = 10;
const POINT: i32 = 46;
const ZERO: i32 = 48;
const Q: i32 = 113;
/** Bytes of a name. */
const NAME: i32 = 16;
const SLOTS: i32 = 64;
const SLOT: i32 = 0xff;
const KINDS: i32 = 0x1f;
/** Columns. */
const NAMES: i32 = 16;
const STATES: i32 = 10;
const REASONS: i32 = 16;

/** Calls in which a task waits for no object; see docs/abi.md. */
const JOIN: i32 = 34;
const SLEEP: i32 = 39;
const SLEEP_UNTIL: i32 = 40;
const SIGNAL_WAIT: i32 = 100;
const SIGNAL_SUSPEND: i32 = 101;
const POLL: i32 = 134;

const kinds: string[] = [
  "",
  "task",
  "semaphore",
  "mutex",
  "condition",
  "event",
  "barrier",
  "rwlock",
  "timer",
  "pipe",
  "queue",
  "mailbox",
  "region",
  "pool",
  "socket",
  "line",
];

function fact(handle: i32, field: i32): i64 {
  return object<KernelObject>(handle).info(field);
}

// ps

export function ps(stage: Stage): i32 {
  if (stage.words > 1) return wrong(stage, "ps", "it takes no words: it lists every task");
  text(stage, "  PID NAME            PRI STATE     WAITS FOR             CYCLES      STACK\n");
  for (let task = next(Kind.TASK); task > 0; task = next(Kind.TASK, task)) {
    identity(stage, task);
    number(stage, fact(task, Info.CYCLES), 12);
    stack(stage, task);
    if (!put(stage, NEWLINE)) return 1;
  }
  return 0;
}

/** The columns that ps and top share. */
function identity(stage: Stage, task: i32): void {
  number(stage, task, 5);
  text(stage, " ");
  const length = name(stage, task);
  spaces(stage, NAMES - length);
  number(stage, fact(task, Info.PRIORITY), 3);
  text(stage, " ");
  padded(stage, stateOf(task), STATES);
  reason(stage, task);
}

/** Writes the name of a task or an object, or its kind and number; answers how many bytes that were. */
function name(stage: Stage, id: i32): i32 {
  const at = stage.came;
  const length = nameOf(id, at);
  if (length > 0) {
    for (let i = 0; i < length; i++) put(stage, load<u8>(at + i));
    return length;
  }
  const kind = unchecked(kinds[min((id >> 8) & KINDS, kinds.length - 1)]);
  const index = id & SLOT;
  number(text(text(stage, kind), " "), index);
  return kind.length + (index > 9 ? 3 : 2);
}

function stateOf(task: i32): string {
  const held = <i32>fact(task, Info.HELD);
  if (held & Held.STOPPED) return "stopped";
  if (held != 0) return "suspended";
  switch (<i32>fact(task, Info.STATE)) {
    case State.ZOMBIE:
      return "ended";
    case State.BLOCKED:
      return "waits";
    case State.READY:
      return "ready";
  }
  return "runs";
}

/** What a task waits for, in a column of its own. */
function reason(stage: Stage, task: i32): void {
  const object = waitsFor(task);
  if (object != 0) {
    const length = name(stage, object);
    spaces(stage, REASONS - length);
    return;
  }
  padded(stage, reasonOf(waitsIn(task)), REASONS);
}

function reasonOf(call: i32): string {
  switch (call) {
    case 0:
      return "";
    case JOIN:
      return "a task's end";
    case SLEEP:
    case SLEEP_UNTIL:
      return "a tick";
    case SIGNAL_WAIT:
    case SIGNAL_SUSPEND:
      return "a signal";
    case POLL:
      return "any of several";
  }
  return "something";
}

function stack(stage: Stage, task: i32): void {
  number(stage, fact(task, Info.STACK_USED), 6);
  text(stage, "/");
  number(stage, fact(task, Info.STACK_SIZE));
}

// top

/** What top remembers of each slot: whose it was, the cycles then, and what it is shown with now. */
@unmanaged
class Mark {
  task: i32;
  share: i32;
  cycles: u64;
}

/** Since when, and how long that is now. */
@unmanaged
class Span {
  since: u64;
  idle: u64;
  length: u64;
  idleLength: u64;
}

export function top(stage: Stage): i32 {
  let frames: i64 = i64.MAX_VALUE;
  let plain = stage.output != 0;
  for (let i = 1; i < stage.words; i++) {
    if (same(stage.word(i), "-b")) plain = true;
    else if (same(stage.word(i), "-n") && i + 1 < stage.words) frames = numberIn(stage.word(++i));
    else frames = NO_NUMBER;
  }
  if (frames <= 0) return wrong(stage, "top", "it takes -n N, how often it draws, and -b, one picture below the other");
  const memory = self.alloc(SLOTS * <i32>offsetof<Mark>() + <i32>offsetof<Span>(), 0);
  if (memory.error != 0) return wrong(stage, "top", "there is no RAM for what it remembers");
  const span = changetype<Span>(memory.address + SLOTS * offsetof<Mark>());
  begin(memory.address, span);
  while (frames-- > 0) {
    if (!rests(stage)) return 0;
    measure(memory.address, span);
    if (!draw(stage, memory.address, span, plain)) return 1;
  }
  return 0;
}

/** Waits a second; false when somebody typed q. At the end of the input it goes on, for nobody can type. */
function rests(stage: Stage): bool {
  const until = self.tick + <u32>SECOND;
  while (isForeground(stage.job) && stage.input == 0) {
    const left = <i32>(until - self.tick);
    if (left <= 0) return true;
    const count = read(stage, stage.came, NAME, left);
    if (count == 0) break;
    if (count > 0 && (load<u8>(stage.came) | 32) == Q) return false;
  }
  self.sleepUntil(until);
  return true;
}

function markAt(marks: usize, index: i32): Mark {
  return changetype<Mark>(marks + <usize>index * offsetof<Mark>());
}

function begin(marks: usize, span: Span): void {
  memory.fill(marks, 0, SLOTS * offsetof<Mark>());
  span.since = self.cycles;
  span.idle = idleCycles();
  for (let task = next(Kind.TASK); task > 0; task = next(Kind.TASK, task)) {
    const mark = markAt(marks, task & SLOT);
    mark.task = task;
    mark.cycles = fact(task, Info.CYCLES);
  }
}

/** The share of each task since the last time, in thousandths. */
function measure(marks: usize, span: Span): void {
  const now = self.cycles;
  const idle = idleCycles();
  span.length = max(1, now - span.since);
  span.idleLength = idle - span.idle;
  span.since = now;
  span.idle = idle;
  for (let i = 0; i < SLOTS; i++) markAt(marks, i).share = -1;
  for (let task = next(Kind.TASK); task > 0; task = next(Kind.TASK, task)) {
    const mark = markAt(marks, task & SLOT);
    const cycles: u64 = fact(task, Info.CYCLES);
    const before = mark.task == task ? mark.cycles : 0;
    mark.task = task;
    mark.cycles = cycles;
    mark.share = <i32>(((cycles - before) * 1000) / span.length);
  }
}

function draw(stage: Stage, marks: usize, span: Span, plain: bool): bool {
  if (!plain) text(stage, "\x1b[H\x1b[2J");
  sayUptime(stage, <i32>((span.idleLength * 1000) / span.length));
  text(stage, "  PID NAME            PRI STATE     WAITS FOR          CPU %\n");
  for (let mark = largest(marks); mark !== null; mark = largest(marks)) {
    if (fact(mark.task, Info.STATE) >= 0) {
      identity(stage, mark.task);
      thousandths(spaces(stage, 3), mark.share, 4);
      if (!put(stage, NEWLINE)) return false;
    }
    mark.share = -1;
  }
  return plain ? put(stage, NEWLINE) : true;
}

/** The one with the largest share that was not yet drawn. */
function largest(marks: usize): Mark | null {
  let found: Mark | null = null;
  let most = -1;
  for (let i = 0; i < SLOTS; i++) {
    const mark = markAt(marks, i);
    if (mark.share <= most) continue;
    found = mark;
    most = mark.share;
  }
  return found;
}

/** "12.3" for 123. */
function thousandths(stage: Stage, share: i32, width: i32): Stage {
  number(stage, share / 10, width - 2);
  put(stage, POINT);
  put(stage, ZERO + (share % 10));
  return stage;
}

// free, uptime

export function free(stage: Stage): i32 {
  if (stage.words > 1) return wrong(stage, "free", "it takes no words");
  const size = ram.size();
  const left = ram.free();
  text(stage, "           total      used      free   largest\n");
  row(stage, "RAM   ", size, size - left, left);
  number(stage, ram.largest(), 10);
  put(stage, NEWLINE);
  const taken = heapUsed();
  row(stage, "heap  ", <u32>heapSize(), <u32>taken, <u32>(heapSize() - taken));
  put(stage, NEWLINE);
  return 0;
}

function row(stage: Stage, title: string, total: u32, used: u32, left: u32): void {
  number(number(number(text(stage, title), total, 10), used, 10), left, 10);
}

export function uptime(stage: Stage): i32 {
  if (stage.words > 1) return wrong(stage, "uptime", "it takes no words");
  sayUptime(stage, <i32>((idleCycles() * 1000) / self.cycles));
  return 0;
}

function sayUptime(stage: Stage, idle: i32): void {
  const seconds = <i64>(self.tick / <u32>SECOND);
  text(stage, "up ");
  number(stage, seconds / 3600);
  twoDigits(stage, (seconds / 60) % 60);
  twoDigits(stage, seconds % 60);
  let tasks = 0;
  for (let task = next(Kind.TASK); task > 0; task = next(Kind.TASK, task)) tasks++;
  number(text(stage, ", "), tasks);
  number(text(stage, " tasks, "), jobCount());
  text(stage, jobCount() == 1 ? " job, idle " : " jobs, idle ");
  thousandths(stage, idle, 0);
  text(stage, " %\n");
}

function twoDigits(stage: Stage, value: i64): void {
  text(stage, value < 10 ? ":0" : ":");
  number(stage, value);
}
