/**
 * The page of the task table. It is made at one instant, as a whole, in a block of a pool: there are few of them, and who finds none
 * waits for one. A block of a task that ends goes back by itself.
 */
import { calls, Info, KernelObject, Kind, nameOf, next, Pool, State, self } from "talea/firmware";

/** Bytes of a table, and how many there can be at once. */
export const TABLE: i32 = 6144;
export const TABLES: i32 = 2;

const ZERO: i32 = 48;
const QUOTE: i32 = 34;
const ESCAPE: i32 = 92;
const SPACE: i32 = 32;
const NAME: i32 = 16;
/** Bytes of the longest row, and of the end of the table. */
const ROW: i32 = 240;
const END: i32 = 16;
const SLOT: i32 = 0xff;
const KINDS: i32 = 0x1f;

const kinds: string[] = [
  "",
  "task",
  "sem",
  "mutex",
  "cond",
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

/** The table's storage, for a pool of it. */
export const storage: usize = memory.data(TABLES * TABLE, 8);

/** A text that grows in a block; its first word is how long it is. */
@unmanaged
class Growing {
  length: i32;

  byte(value: i32): void {
    store<u8>(changetype<usize>(this) + offsetof<Growing>() + this.length, <u8>value);
    this.length++;
  }

  text(what: string): this {
    for (let i = 0; i < what.length; i++) this.byte(what.charCodeAt(i));
    return this;
  }

  number(value: i64): this {
    let unit: i64 = 1;
    while (value / unit >= 10) unit *= 10;
    for (; unit > 0; unit /= 10) this.byte(ZERO + <i32>((value / unit) % 10));
    return this;
  }

  get room(): i32 {
    return TABLE - <i32>offsetof<Growing>() - this.length;
  }
}

/** A block with the table in it, or an error when none was free in time. */
export function tableIn(tables: Pool, timeout: i32): usize {
  const block = calls.pool_alloc(tables.handle, timeout);
  if (block < 0) return block;
  // At one instant: nobody runs meanwhile.
  self.lockScheduler();
  fill(changetype<Growing>(<usize>block));
  self.unlockScheduler();
  return block;
}

/** Where its text is, and how long that is. */
export function textOf(block: usize): usize {
  return block + offsetof<Growing>();
}
export function lengthOf(block: usize): i32 {
  return changetype<Growing>(block).length;
}

function fill(into: Growing): void {
  into.length = 0;
  into.text('{\n  "tick": ').number(self.tick).text(',\n  "tasks": [\n');
  let rows = 0;
  for (let task = next(Kind.TASK); task > 0 && into.room > ROW + END; task = next(Kind.TASK, task)) {
    if (rows++ > 0) into.text(",\n");
    row(into, task);
  }
  into.text("\n  ]\n}\n");
}

function fact(handle: i32, field: i32): i64 {
  return changetype<KernelObject>(handle).info(field);
}

function row(into: Growing, task: i32): void {
  into.text('    {"name":"');
  name(into, task);
  into.text('","handle":').number(task);
  into
    .text(',"state":"')
    .text(stateOf(<i32>fact(task, Info.STATE)))
    .text('","waitsFor":"');
  const waitsFor = <i32>fact(task, Info.WAITING_FOR);
  if (waitsFor > SLOT) name(into, waitsFor);
  into.text('","priority":').number(fact(task, Info.PRIORITY));
  into.text(',"base":').number(fact(task, Info.BASE));
  into.text(',"cycles":').number(fact(task, Info.CYCLES));
  into.text(',"switches":').number(fact(task, Info.SWITCHES));
  into.text(',"latency":').number(fact(task, Info.LATENCY)).text("}");
}

const scratch: usize = memory.data(NAME);

/** The name of a task or an object, as JSON has it; or its kind and number. Nobody else runs, so there is one place for it. */
function name(into: Growing, id: i32): void {
  const length = nameOf(id, scratch);
  for (let i = 0; i < length; i++) {
    const byte: i32 = load<u8>(scratch + i);
    if (byte == QUOTE || byte == ESCAPE) into.byte(ESCAPE);
    into.byte(byte < SPACE ? SPACE : byte);
  }
  if (length == 0)
    into
      .text(unchecked(kinds[min((id >> 8) & KINDS, kinds.length - 1)]))
      .text(" ")
      .number(id & SLOT);
}

function stateOf(state: i32): string {
  if (state == State.BLOCKED) return "blocked";
  if (state == State.READY) return "ready";
  return state == State.RUNNING ? "running" : "ended";
}
