/** Block pools, and mailboxes, through which the address of a block travels. */
import { C, E } from "./abi.js";
import { modeRefused, openForCreator } from "./life.js";
import type { Model } from "./model.js";
import { signalRaise, ticketDone } from "./signal.js";
import type { Task, Wait } from "./task.js";
import { Channel, Thing } from "./thing.js";

const { Mode, Poll } = C;
const LARGEST = 1 << 20;

/** Where a block is: with nobody, with a task (none: with the interrupts), in a mailbox, or with many. */
export class Block {
  state: "free" | "owned" | "letter" | "broadcast" = "free";
  owner: Task | undefined;
  /** Handle of who sent it last. */
  from = 0;
  /** Handle of the task it is for, 0 = anyone. */
  to = 0;
  box: Mailbox | undefined;
  readonly due = new Set<Task>();
  readonly holders = new Set<Task>();
  /** The synchronous send that waits for what becomes of it. */
  sync: { task: Task; ticket: number } | undefined;

  constructor(
    readonly pool: Pool,
    readonly address: number,
  ) {}
}

export class Pool extends Thing {
  /** Number of its first record in the table of all blocks. */
  record = 0;
  size = 0;
  asked = 0;
  blocks: Block[] = [];
  /** The one freed longest ago first. */
  free: Block[] = [];
  storage = 0;

  get start(): number {
    return this.blocks[0]?.address ?? 0;
  }

  get bytes(): number {
    return this.blocks.length * this.size;
  }
}

export class Mailbox extends Channel {
  letters: Block[] = [];
  /** The signal by which a receiver is told of what comes. */
  readonly signals = new Map<Task, number>();
}

const pools = (m: Model) => m.thingsOf("POOL") as Pool[];
const blockAt = (m: Model, address: number) =>
  pools(m)
    .flatMap(({ blocks }) => blocks)
    .find((block) => block.address === address >>> 0);

/** All blocks, in the order of their records. */
export function allBlocks(m: Model): Block[] {
  return pools(m)
    .sort((a, b) => a.record - b.record)
    .flatMap(({ blocks }) => blocks);
}

// Pools

export function poolCreate(m: Model, [name = 0, count = 0, size = 0, storage = 0]: number[]): number {
  const most = m.options.limits.blocks;
  if (count < 1 || count > most || size < 1 || size > LARGEST || storage & 7) return E.EINVAL;
  const stride = Math.ceil(size / 8) * 8;
  const bytes = stride * count;
  const overlaps = (address: number) => pools(m).some((pool) => address < pool.start + pool.bytes && pool.start < address + bytes);
  if (storage !== 0) {
    if (!m.inRam(storage >>> 0, bytes)) return E.EFAULT;
    if (overlaps(storage >>> 0)) return E.EINVAL;
  }
  const used = new Set(pools(m).flatMap(({ record, blocks }) => blocks.map((_, i) => record + i)));
  let record = 0;
  while (record + count <= most && Array.from({ length: count }, (_, i) => record + i).some((each) => used.has(each))) record++;
  if (record + count > most) return E.ENFILE;
  const pool = m.create("POOL", name, (...base) => new Pool(...base));
  if (typeof pool === "number") return pool;
  if (storage === 0) {
    const taken = m.arena.take(bytes, "kernel");
    if (taken !== undefined && overlaps(taken)) m.freeRam(() => m.arena.give(taken));
    if (taken === undefined || overlaps(taken)) {
      m.undo(pool);
      return E.ENOMEM;
    }
    pool.storage = taken;
  }
  const start = storage !== 0 ? storage >>> 0 : pool.storage;
  Object.assign(pool, { record, size: stride, asked: size });
  pool.blocks = Array.from({ length: count }, (_, i) => new Block(pool, start + i * stride));
  pool.free = [...pool.blocks];
  return pool.handle;
}

function own(block: Block, task: Task | undefined): void {
  block.state = "owned";
  block.owner = task;
}

export function poolAlloc(m: Model, [handle = 0, timeout = 0]: number[]): number {
  const pool = m.thingAt("POOL", handle) as Pool;
  const block = pool.free.shift();
  if (!block) return m.blockOr("pool_alloc", pool.waiters, timeout, "plain");
  own(block, m.caller);
  return block.address;
}

/** Why the caller may not send or free it as its own. */
function notOwn(m: Model, block: Block | undefined): number {
  // A send that goes on behind a handler had a block: its pool is deleted.
  if (!block && m.restarting) return E.EIDRM;
  if (!block || block.state === "free") return E.EINVAL;
  return block.state === "owned" && block.owner === m.caller ? 0 : E.EPERM;
}

/** It goes to the first who waits for one, or among the free. */
function freeBlock(m: Model, block: Block): void {
  finish(m, block, 0);
  Object.assign(block, { owner: undefined, box: undefined, from: 0 });
  const waiter = block.pool.waiters.first;
  if (waiter) {
    own(block, waiter);
    m.wake(waiter, block.address);
    return;
  }
  block.state = "free";
  block.pool.free.push(block);
  m.touched(block.pool);
}

export function poolFree(m: Model, [address = 0]: number[]): number {
  const block = blockAt(m, address);
  const task = m.caller;
  if (block?.state === "broadcast") {
    if (!task || !block.holders.has(task)) return E.EPERM;
    leave(m, block, task);
    return 0;
  }
  const refusal = notOwn(m, block);
  if (refusal === 0) freeBlock(m, block as Block);
  return refusal;
}

/** The synchronous send that waits for it, if one does, has its result. */
function finish(m: Model, block: Block, result: number): void {
  const sync = block.sync;
  if (!sync) return;
  forget(block);
  const { task, ticket } = sync;
  if (m.waitsIn(task, "mailbox_send_sync") && task.wait?.ticket === ticket) m.wake(task, result);
  else ticketDone(task, ticket, result);
}

/** Nobody waits any more for what becomes of it. */
function forget(block: Block): void {
  block.sync = undefined;
  if (block.state === "owned") block.box = undefined;
}

function takeOut(block: Block): void {
  const letters = block.box?.letters;
  const at = letters?.indexOf(block) ?? -1;
  if (at >= 0) letters?.splice(at, 1);
}

/** A task has no part any more in a broadcast; behind the last one it is free. */
function leave(m: Model, block: Block, task: Task): void {
  block.due.delete(task);
  block.holders.delete(task);
  ifOver(m, block);
}

function ifOver(m: Model, block: Block): void {
  if (block.due.size > 0) return;
  takeOut(block);
  if (block.holders.size === 0) freeBlock(m, block);
}

/** A task ends: its blocks go back to their pools, or to who sent them synchronously. */
export function blocksReleased(m: Model, task: Task): void {
  for (const block of allBlocks(m)) {
    if (block.sync?.task === task) forget(block);
    if (block.state === "broadcast") {
      if (block.due.has(task) || block.holders.has(task)) leave(m, block, task);
    } else if (block.state === "owned" && block.owner === task) {
      const sender = block.sync?.task;
      if (!sender) freeBlock(m, block);
      else {
        own(block, sender);
        finish(m, block, E.EOWNERDEAD);
      }
    }
  }
}

export function dismissPool(m: Model, thing: Thing): void {
  const pool = thing as Pool;
  m.dismiss(pool.waiters, E.EIDRM, "deleted");
  m.dismissInto(pool.start, pool.bytes);
  for (const block of pool.blocks) {
    if (block.state === "letter" || block.state === "broadcast") takeOut(block);
    finish(m, block, E.EIDRM);
    block.box = undefined;
  }
  if (pool.storage !== 0) m.freeRam(() => m.arena.give(pool.storage));
}

// Mailboxes

const boxAt = (m: Model, handle: number) => m.thingAt("MAILBOX", handle) as Mailbox;

export function mailboxCreate(m: Model, [name = 0, mode = 0]: number[]): number {
  if (mode === (Mode.READ | Mode.WRITE) || modeRefused(m, mode, Mode.READ | Mode.WRITE, name)) return E.EINVAL;
  const box = m.create("MAILBOX", name, (...base) => new Mailbox(...base));
  if (typeof box === "number") return box;
  openForCreator(m, box, mode);
  return box.handle;
}

/** Whether it is for this task (none: the interrupts) and from the source (0: anyone) that it wants. */
function matches(letter: Block, task: Task | undefined, source: number): boolean {
  if (source !== 0 && letter.from !== source) return false;
  if (letter.state === "broadcast") return task !== undefined && letter.due.has(task);
  return letter.to === 0 || letter.to === task?.handle;
}

/** It is the task's from now on. */
function hand(m: Model, letter: Block, task: Task | undefined, record: number): number {
  const shared = letter.state === "broadcast";
  if (shared && task) {
    letter.due.delete(task);
    letter.holders.add(task);
    if (letter.due.size === 0) takeOut(letter);
  } else {
    takeOut(letter);
    own(letter, task);
    taken(m, letter);
  }
  if (record !== 0) {
    m.setWord(record, letter.from);
    m.setWord(record + 4, letter.pool.asked);
    m.setWord(record + 8, shared ? 1 : 0);
  }
  return letter.address;
}

/** Its synchronous sender waits on, now without a deadline, for what the receiver does with it. */
function taken(m: Model, letter: Block): void {
  if (!letter.sync) {
    letter.box = undefined;
    return;
  }
  const { task } = letter.sync;
  if (!m.waitsIn(task, "mailbox_send_sync")) return;
  const wait = task.wait as Wait;
  wait.deadline = undefined;
  wait.timeout = -1;
  wait.moved = 1;
}

/** Puts it in: those who wait for it have it at once, whoever does not is notified. */
function post(m: Model, box: Mailbox, letter: Block, to: number): void {
  Object.assign(letter, { owner: undefined, from: m.caller?.handle ?? 0, to, box });
  box.letters.push(letter);
  for (const receiver of box.waiters.inOrder) {
    if (!box.letters.includes(letter)) break;
    const { source = 0, pointer = 0 } = (receiver.wait as Wait).data;
    if (matches(letter, receiver, source)) m.wake(receiver, hand(m, letter, receiver, pointer));
  }
  if (!box.letters.includes(letter)) return;
  for (const task of [...box.readers].sort((a, b) => a.index - b.index)) {
    const signal = box.signals.get(task) ?? 0;
    if (signal !== 0 && matches(letter, task, 0)) signalRaise(m, task, signal, box.handle);
  }
  m.touched(box);
}

function refusal(m: Model, box: Mailbox, to: number, letter: Block | undefined): number {
  const error = notOwn(m, letter);
  if (error !== 0) return error;
  if (to === 0) return box.openTo("read") ? 0 : E.ESRCH;
  const task = m.taskAt(to);
  return task && box.readers.has(task) ? 0 : E.ESRCH;
}

export function mailboxSend(m: Model, [handle = 0, to = 0, address = 0]: number[]): number {
  const box = boxAt(m, handle);
  const letter = blockAt(m, address) as Block;
  const error = refusal(m, box, to, letter);
  if (error !== 0) return error;
  finish(m, letter, 0);
  letter.state = "letter";
  post(m, box, letter, to);
  return 0;
}

export function mailboxSendSync(m: Model, [handle = 0, to = 0, address = 0, timeout = 0]: number[]): number {
  const box = boxAt(m, handle);
  const letter = blockAt(m, address) as Block;
  const error = refusal(m, box, to, letter);
  if (error !== 0) return error;
  if (timeout === 0) return E.EAGAIN;
  finish(m, letter, 0);
  const answer = m.block("mailbox_send_sync", box.senders, timeout, "object", { pointer: address, block: letter });
  if (answer === E.ETIMEDOUT) return answer;
  const task = m.current as Task;
  const ticket = ++m.tickets;
  (task.wait as Wait).ticket = ticket;
  letter.sync = { task, ticket };
  letter.state = "letter";
  post(m, box, letter, to);
  return answer;
}

export function mailboxBroadcast(m: Model, [handle = 0, address = 0]: number[]): number {
  const box = boxAt(m, handle);
  const letter = blockAt(m, address);
  const error = notOwn(m, letter);
  if (error !== 0) return error;
  const block = letter as Block;
  const count = box.readers.size;
  if (count === 0) return 0;
  finish(m, block, 0);
  for (const reader of box.readers) block.due.add(reader);
  block.state = "broadcast";
  post(m, box, block, 0);
  return count;
}

/** The wait of a synchronous sender ended from outside: what was not taken is its own again. */
export function mailboxSettle(m: Model, task: Task): void {
  const wait = task.wait as Wait;
  const letter = allBlocks(m).find(({ sync }) => sync?.task === task && sync.ticket === wait.ticket);
  const wasTaken = letter?.state === "owned";
  if (letter && wasTaken && wait.cause === "signal") {
    // A handler was all that came between: it waits on.
    wait.timeout = -1;
    wait.deadline = undefined;
    m.leaveQueue(task);
    task.arrival = m.arrivals++;
    m.enqueue(task, (letter.box as Mailbox).senders);
    return;
  }
  if (letter) {
    if (!wasTaken) {
      takeOut(letter);
      own(letter, task);
    }
    forget(letter);
  }
  m.wake(task, wait.outcome);
}

/** Why nothing can come any more from the source. */
function hopeless(m: Model, box: Mailbox, source: number): number {
  if (box.ended) return E.EPIPE;
  return source === 0 || m.taskAt(source)?.alive ? 0 : E.ESRCH;
}

export function mailboxReceive(m: Model, [handle = 0, source = 0, record = 0, timeout = 0]: number[]): number {
  const box = boxAt(m, handle);
  const letter = box.letters.find((each) => matches(each, m.caller, source));
  if (letter) return hand(m, letter, m.caller, record);
  return hopeless(m, box, source) || m.blockOr("mailbox_receive", box.waiters, timeout, "plain", { pointer: record, source });
}

export function mailboxNotify(m: Model, [handle = 0, signal = 0]: number[]): number {
  if (signal < 0 || signal > 31) return E.EINVAL;
  boxAt(m, handle).signals.set(m.current as Task, signal);
  return 0;
}

/** It goes back to its synchronous sender, or to its pool. */
function undelivered(m: Model, letter: Block, result: number): void {
  takeOut(letter);
  if (!letter.sync) {
    freeBlock(m, letter);
    return;
  }
  own(letter, letter.sync.task);
  finish(m, letter, result);
}

export function mailboxClosed(m: Model, channel: Channel, task: Task | undefined, read: boolean): void {
  const box = channel as Mailbox;
  if (read) {
    const last = !box.openTo("read");
    if (task) box.signals.delete(task);
    for (const letter of allBlocks(m)) {
      if (letter.box !== box) continue;
      if (letter.state === "broadcast") {
        if (task && (letter.due.has(task) || letter.holders.has(task))) leave(m, letter, task);
      } else if (letter.state === "letter" && (letter.to === 0 ? last : letter.to === task?.handle)) undelivered(m, letter, E.ESRCH);
    }
  }
  if (!box.ended) return;
  m.dismiss(box.waiters, E.EPIPE, "closed");
  m.touched(box);
}

export function mailboxForgets(m: Model, channel: Channel, task: Task): void {
  const box = channel as Mailbox;
  for (const receiver of box.waiters.inOrder) if (receiver.wait?.data.source === task.handle) m.wake(receiver, E.ESRCH);
}

export function mailboxEnd(m: Model, channel: Channel): void {
  const box = channel as Mailbox;
  m.dismiss(box.waiters, E.EIDRM, "deleted");
  for (const letter of allBlocks(m)) {
    if (letter.box !== box) continue;
    if (letter.state === "letter") undelivered(m, letter, E.EIDRM);
    else if (letter.state === "owned") finish(m, letter, E.EIDRM);
    else {
      letter.due.clear();
      ifOver(m, letter);
    }
    letter.box = undefined;
  }
}

export function mailboxReady(channel: Channel, task: Task): number {
  const box = channel as Mailbox;
  if (box.letters.some((letter) => matches(letter, task, 0))) return Poll.READ;
  return box.ended ? Poll.CLOSED : 0;
}

export function poolReady(thing: Thing): number {
  return (thing as Pool).free.length > 0 ? Poll.READ : 0;
}
