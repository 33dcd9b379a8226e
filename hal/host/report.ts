/**
 * What is known of a run at its end, or in between: how each task fares, what failed, who waits for what and who could end that
 * wait, what was left open. Read from kernel memory by the generated layouts; asking changes nothing.
 */
import { Call, Connection, callTable, Held, Kind, layout, Owner, Place, Poll, State, signalNames } from "../../kernel/abi/host.js";
import type { Site } from "./errors.js";
import type { Machine } from "./machine.js";
import type { Failure, Reason } from "./options.js";
import type { TaskInfo } from "./roster.js";

/** A task that waits. */
export interface Blocked {
  task: string;
  /** The call it waits in, as the kernel names it: "mutex_lock". */
  call: string;
  /** The object by its name, "" for a sleep. */
  object: string;
  /** What of it, or without an object: the bits, the signals, the names of all that is polled; "" where that says nothing. */
  wanted: string;
  /** Who could end the wait: the owner of a lock, the tasks at the other end, attached to a region, with RAM, to be joined. */
  holders: string[];
  /** The tick at which it gives up; undefined when it waits for ever. */
  deadline: number | undefined;
  site: Site | undefined;
  daemon: boolean;
  /** The signal whose handler it is in, as "SIGUSR1"; "" for none. */
  handler: string;
}

/** Tasks each of which only the next can let go on, as they were when the ring closed. */
export interface Ring {
  tick: number;
  tasks: Blocked[];
}

export interface Report {
  /** Undefined while the run can go on. */
  reason: Reason | undefined;
  tick: number;
  cycles: number;
  events: number;
  hash: string | undefined;
  tasks: readonly TaskInfo[];
  failures: readonly Failure[];
  blocked: Blocked[];
  /** Names of tasks that wait for one another in a ring, empty where there is none. */
  cycle: string[];
  /** Every ring that closed while the run went on, whatever became of it. */
  rings: readonly Ring[];
  /** Locks that are held, channels that are open, blocks and RAM that tasks have, by name. */
  left: string[];
  /** Cycles nobody could run, and cycles of the kernel itself and of interrupt handlers. */
  idle: number;
  kernel: number;
  interrupts: number;
}

const T = layout.Task;

/** The report of a machine as it is now. */
export function reportOf(m: Machine): Report {
  const blocked = blockedTasks(m);
  const cycles64 = (offset: number) => m.kernelWord(offset) + m.kernelWord(offset + 4) * 4294967296;
  return {
    reason: m.over,
    tick: m.tick,
    cycles: m.cycles,
    events: m.events,
    hash: m.hash,
    tasks: m.tasks,
    failures: m.failures,
    blocked,
    cycle: ringOf(blocked),
    rings: m.rings,
    left: leftOver(m),
    idle: cycles64(layout.Kernel.idleCycles),
    kernel: cycles64(layout.Kernel.kernelCycles),
    interrupts: cycles64(layout.Kernel.lineCycles),
  };
}

/** The ring that the wait of the task in this slot has just closed. */
export function ringAt(m: Machine, index: number): Ring {
  const blocked = blockedTasks(m);
  const first = m.nameOf((Kind.TASK << 8) | index);
  const tasks: Blocked[] = [];
  for (let name = first; ; ) {
    const next = blocked.find(({ task }) => task === name);
    if (!next || tasks.includes(next)) return { tick: m.tick, tasks };
    tasks.push(next);
    name = next.holders.find((holder) => holder === first || blocked.some(({ task }) => task === holder)) ?? "";
  }
}

function blockedTasks(m: Machine): Blocked[] {
  const blocked: Blocked[] = [];
  for (let index = 0; index < m.taskCount; index++) {
    const task = m.taskRecord(index);
    const state = m.i32[(task + T.state) >> 2];
    const held = state === State.READY ? (m.u8[task + T.held] as number) : 0;
    if (state !== State.BLOCKED && held === 0) continue;
    blocked.push(blockedTask(m, index, task, held));
  }
  return blocked;
}

function blockedTask(m: Machine, index: number, task: number, held: number): Blocked {
  const queue = m.u32[(task + T.queue) >> 2] as number;
  const id = queue === 0 ? 0 : (m.u8[queue + layout.Queue.id] as number) | ((m.u8[queue + layout.Queue.id + 1] as number) << 8);
  const side = queue === 0 ? 0 : (m.u8[queue + layout.Queue.side] as number);
  const timeout = m.i32[(task + T.timeout) >> 2] as number;
  const call = m.u8[task + T.call] as number;
  return {
    task: m.nameOf((Kind.TASK << 8) | index),
    call: held !== 0 ? heldWord(held) : (callTable[call]?.name ?? "a call"),
    object: id === 0 ? "" : m.nameOf(id),
    wanted: held !== 0 ? "" : wanted(m, task, call, id),
    holders: held !== 0 || id === 0 ? [] : holdersOf(m, id, queue, side, index),
    deadline: held === 0 && timeout > 0 ? m.deadlineOf(index) : undefined,
    site: m.siteOfTask(index),
    handler: m.handlerOf(index),
    daemon: ((m.i32[(task + T.flags) >> 2] as number) & 2) !== 0,
  };
}

function heldWord(held: number): string {
  return held & Held.STOPPED ? "stopped" : "suspended";
}

/** What the task waits for, where its object does not say it. */
function wanted(m: Machine, task: number, call: number, id: number): string {
  const word = (offset: number) => m.u32[(task + offset) >> 2] as number;
  switch (call) {
    case Call.SIGNAL_WAIT:
      return signalsIn(word(T.length));
    case Call.EVENT_WAIT:
    case Call.FLAGS_WAIT:
      return `bits 0x${word(T.length).toString(16)}`;
    case Call.WORD_WAIT:
      return wordAt(m, word(T.pointer));
    case Call.MEMORY_ALLOC:
      return `${word(T.length)} bytes`;
    case Call.OBJECT_POLL:
      return polledBy(m, word(T.pointer), word(T.length));
    case Call.SOCKET_CONNECT:
    case Call.SOCKET_SEND:
    case Call.SOCKET_RECEIVE:
      return otherEnd(m, id);
  }
  return "";
}

/** Whom the task talks to, where the socket's name does not say it. */
function otherEnd(m: Machine, id: number): string {
  const peer = id >> 8 === Kind.SOCKET ? m.peerOf(m.recordOfId(id)) : "";
  return peer === "" || m.nameOf(id).endsWith(peer) ? "" : peer;
}

/** A word by its place in its region, where it is in one. */
function wordAt(m: Machine, address: number): string {
  const R = layout.Region;
  for (const region of m.recordsOf(Kind.REGION)) {
    const offset = address - (m.u32[(region + R.address) >> 2] as number);
    if (offset >= 0 && offset < (m.u32[(region + R.size) >> 2] as number)) return `the word at byte ${offset}`;
  }
  return `the word at ${address}`;
}

const MANY = 8;

function signalsIn(set: number): string {
  const names = Object.entries(signalNames)
    .filter(([signal]) => (set >>> Number(signal)) & 1)
    .map(([, name]) => name);
  return names.length > MANY ? `any of ${names.length} signals` : names.join(" or ");
}

function polledBy(m: Machine, items: number, count: number): string {
  const I = layout.PollItem;
  const names = Array.from({ length: count }, (_, i) => {
    const word = (offset: number) => m.u32[(items + i * I.bytes + offset) >> 2] as number;
    const events = word(I.events);
    if (events & Poll.SIGNAL) return signalsIn(word(I.bits));
    if (events & Poll.FLAGS) return `flags 0x${word(I.bits).toString(16)}`;
    return events & Poll.NOTE ? "a notification" : m.nameOf(word(I.handle) & 0x1fff);
  });
  return names.join(" or ");
}

/** Who could end a wait in this queue. */
function holdersOf(m: Machine, id: number, queue: number, side: number, waiter: number): string[] {
  switch (id >> 8) {
    case Kind.TASK:
      return [m.nameOf(id)];
    case Kind.MUTEX: {
      const owner = m.u32[(queue + layout.Mutex.owner) >> 2] as number;
      return owner === 0 ? [] : [m.taskNameAt(owner)];
    }
    case Kind.RWLOCK: {
      const writer = m.u32[(queue + layout.Rwlock.writer) >> 2] as number;
      return writer === 0 ? namesIn(m, queue + layout.Rwlock.readers, -1) : [m.taskNameAt(writer)];
    }
    case Kind.PIPE:
    case Kind.QUEUE: {
      const channel = m.recordOfId(id);
      return namesIn(m, channel + (side === 0 ? layout.Channel.writers : layout.Channel.readers), waiter);
    }
    case Kind.MAILBOX:
      return side === 0 ? sendersFor(m, queue, waiter) : receiversFor(m, waiter);
    case Kind.POOL:
      return [...new Set(blocksOf(m, queue).flatMap((block) => ownersOf(m, block)))];
    case Kind.REGION:
      return namesIn(m, queue + layout.Channel.readers, waiter);
    case Kind.SOCKET:
      return othersAt(m, m.recordOfId(id), side, waiter);
  }
  if (id !== Place.RAM) return [];
  return [...ramOfTasks(m).keys()].filter((index) => index !== waiter).map((index) => m.nameOf((Kind.TASK << 8) | index));
}

/**
 * Who has the other end of a connection within the machine, to send (side 0) or to receive; while it waits to be accepted, those
 * who may do that. Nobody in particular where the other end is elsewhere, or anybody may connect or send.
 */
function othersAt(m: Machine, socket: number, side: number, waiter: number): string[] {
  const S = layout.Socket;
  const peer = m.u32[(socket + S.peer) >> 2] as number;
  if (peer === 0 || m.u8[socket + S.state] === Connection.LISTENING) return [];
  const listener = m.u32[(peer + S.listener) >> 2] as number;
  if (listener !== 0) return namesIn(m, listener + S.readers, waiter);
  return namesIn(m, peer + (side === 0 ? S.writers : S.readers), waiter);
}

/** Bytes of RAM that tasks have asked for and not given back, by slot. */
function ramOfTasks(m: Machine): Map<number, number> {
  const bytes = new Map<number, number>();
  const sentinel = m.arenaAt;
  const next = (link: number) => m.u32[(link + layout.Link.next) >> 2] as number;
  for (let piece = next(sentinel); piece !== sentinel; piece = next(piece)) {
    const index = (m.u32[(piece + layout.Extent.used) >> 2] as number) - Owner.TASKS;
    if (index < 0) continue;
    bytes.set(index, (bytes.get(index) ?? 0) + (m.u32[(piece + layout.Extent.size) >> 2] as number));
  }
  return bytes;
}

/** Who may send what a receiver waits for: the source it wants, or all who have the mailbox open to send. */
function sendersFor(m: Machine, box: number, waiter: number): string[] {
  const source = m.u32[(m.taskRecord(waiter) + T.aside) >> 2] as number;
  return source === 0 ? namesIn(m, box + layout.Channel.writers, -1) : [m.nameOf(source & 0x1fff)];
}

/** Who keeps a synchronous sender waiting: those who may take its block or, once it is taken, its owner. */
function receiversFor(m: Machine, waiter: number): string[] {
  const block = m.u32[(m.taskRecord(waiter) + T.aside) >> 2] as number;
  const owners = ownersOf(m, block);
  if (owners.length > 0) return owners;
  const to = m.u32[(block + layout.Block.to) >> 2] as number;
  if (to !== 0) return [m.nameOf(to & 0x1fff)];
  return namesIn(m, (m.u32[(block + layout.Block.box) >> 2] as number) + layout.Channel.readers, -1);
}

/** Addresses of the records of a pool's blocks. */
function blocksOf(m: Machine, pool: number): number[] {
  const field = (offset: number) => m.u32[(pool + offset) >> 2] as number;
  const first = m.blockRecord(field(layout.MemPool.first));
  return Array.from({ length: field(layout.MemPool.count) }, (_, i) => first + i * layout.Block.bytes);
}

/** Names of the tasks that have a block, one or those who share it; none of a block that is free or on its way. */
function ownersOf(m: Machine, block: number): string[] {
  const owner = m.u32[(block + layout.Block.owner) >> 2] as number;
  return owner === 0 ? namesIn(m, block + layout.Block.holders, -1) : [m.taskNameAt(owner)];
}

/** Names of the tasks in the 64-bit set at this address, without one. */
function namesIn(m: Machine, address: number, without: number): string[] {
  const names: string[] = [];
  for (let index = 0; index < m.taskCount; index++) {
    const word = m.u32[(address >> 2) + (index >> 5)] as number;
    if (index !== without && (word >>> (index & 31)) & 1) names.push(m.nameOf((Kind.TASK << 8) | index));
  }
  return names;
}

/** The first ring of tasks each of which only the next can let go on. */
function ringOf(blocked: readonly Blocked[]): string[] {
  const next = new Map(blocked.filter((b) => b.holders.length === 1).map((b) => [b.task, b.holders[0] as string]));
  for (const start of next.keys()) {
    const path = [start];
    let at = next.get(start);
    while (at !== undefined && !path.includes(at)) {
      path.push(at);
      at = next.get(at);
    }
    if (at !== undefined) return path.slice(path.indexOf(at));
  }
  return [];
}

function leftOver(m: Machine): string[] {
  const left: string[] = [];
  for (const record of m.recordsOf(Kind.MUTEX)) {
    const owner = m.u32[(record + layout.Mutex.owner) >> 2] as number;
    if (owner !== 0) left.push(`${nameAt(m, record)} is locked by ${m.taskNameAt(owner)}`);
  }
  for (const record of m.recordsOf(Kind.RWLOCK)) {
    const writer = m.u32[(record + layout.Rwlock.writer) >> 2] as number;
    const users = namesIn(m, record + layout.Rwlock.readers, -1);
    if (writer !== 0) users.push(m.taskNameAt(writer));
    if (users.length > 0) left.push(`${nameAt(m, record)} is held by ${users.join(", ")}`);
  }
  for (const kind of [Kind.PIPE, Kind.QUEUE, Kind.MAILBOX, Kind.REGION, Kind.SOCKET]) {
    for (const record of m.recordsOf(kind)) {
      // What nobody has open any more only brings its stream to the end.
      if (kind === Kind.SOCKET && m.u8[record + layout.Socket.orphan] !== 0) continue;
      const ends = [layout.Channel.readers, layout.Channel.writers].flatMap((set) => namesIn(m, record + set, -1));
      if (ends.length > 0) left.push(`${nameAt(m, record)} is open by ${[...new Set(ends)].join(", ")}`);
    }
  }
  for (const record of m.recordsOf(Kind.POOL)) {
    const owners = blocksOf(m, record).flatMap((block) => ownersOf(m, block));
    if (owners.length > 0) left.push(`blocks of ${nameAt(m, record)} are owned by ${[...new Set(owners)].join(", ")}`);
  }
  for (const [index, bytes] of ramOfTasks(m)) left.push(`${bytes} bytes of RAM are kept by ${m.nameOf((Kind.TASK << 8) | index)}`);
  return left;
}

/** The name of the object whose record is at this address. */
function nameAt(m: Machine, record: number): string {
  return m.nameOf((m.i32[(record + layout.Obj.handle) >> 2] as number) & 0x1fff);
}
