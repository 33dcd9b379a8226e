/**
 * The state of the kernel and that of the model, in the same words: a list of lines, so that a difference reads well.
 * What the kernel keeps in linked lists is read from its memory by the layouts of the ABI.
 */
import { CPU_PAGE } from "../../hal/map.js";
import { layout } from "../../kernel/abi/host.js";
import { calls, records } from "../../kernel/abi/table.js";
import { C, type CallName, KINDS, type Kind } from "./abi.js";
import { allBlocks, type Block, type Mailbox, type Pool } from "./block.js";
import { STATES, waitingFor } from "./info.js";
import type { Kernel } from "./kernel.js";
import type { Model } from "./model.js";
import type { Pipe } from "./pipe.js";
import type { MessageQueue } from "./queue.js";
import type { Region } from "./region.js";
import type { Socket } from "./socket.js";
import type { Barrier, Condition, Events, Mutex, Rwlock, Semaphore } from "./sync.js";
import type { Queue, Task } from "./task.js";
import { Channel, type Thing } from "./thing.js";
import type { Timer } from "./timer.js";

type Value = number | string | boolean | undefined | Value[];
type Facts = Record<string, Value>;

const RECORDS: Partial<Record<Kind, keyof typeof records>> = {
  SEM: "Sem",
  MUTEX: "Mutex",
  COND: "Cond",
  EVENT: "Event",
  BARRIER: "Barrier",
  RWLOCK: "Rwlock",
  TIMER: "Timer",
  PIPE: "Pipe",
  QUEUE: "MsgQueue",
  MAILBOX: "Mailbox",
  REGION: "Region",
  POOL: "MemPool",
  SOCKET: "Socket",
};
export const OBJECTS = Object.keys(RECORDS) as Kind[];
const numberOf = Object.fromEntries(Object.entries(calls).map(([name, { n }]) => [n, name])) as Record<number, CallName>;

function line(name: string, facts: Facts): string {
  return `${name} ${JSON.stringify(facts)}`;
}

function members(set: Iterable<Task>): Value {
  return [...set].map(({ index }) => index).sort((a, b) => a - b);
}

// The model

function queueName(queue: Queue | undefined): string {
  if (!queue) return "";
  const task = [...queue.members][0];
  return task ? `${waitingFor(task)}:${queue.side}` : "";
}

function modelTask(task: Task): Facts {
  const { handle, base, priority, threshold, slice, sliceLeft, started, switches, cycles, worst, flags, note, detached, daemon } = task;
  const blocked = task.state === "blocked";
  const deadline = blocked ? task.wait?.deadline : undefined;
  return {
    handle,
    state: STATES[task.state],
    held: (task.suspended ? 1 : 0) | (task.stopped ? 2 : 0),
    base,
    priority,
    threshold,
    level: task.state === "ready" || task.state === "running" ? task.level : undefined,
    slice,
    sliceLeft: task.alive && !blocked ? sliceLeft : undefined,
    started,
    switches,
    cycles,
    worst,
    pending: task.pending,
    mask: task.alive ? task.mask : undefined,
    ignored: task.alive ? task.ignored : undefined,
    caught: task.caught,
    flags,
    note: note ?? "none",
    detached,
    daemon,
    schedulerLocks: task.schedulerLocks,
    interruptLocks: task.interruptLocks,
    status: task.alive ? undefined : task.status,
    name: task.name,
    parent: task.parent?.handle ?? 0,
    handlers: [...task.handlers]
      .map(([signal, { entry, mask, flags: how }]) => [signal, entry, mask, how])
      .sort((a, b) => (a[0] as number) - (b[0] as number)),
    frames: task.frames.map(({ signal, mask }) => [signal, mask]),
    spare: task.spare,
    callback: { no: 0, runs: 1, called: 2 }[task.callback],
    waitsIn: blocked ? task.wait?.call : undefined,
    waitsFor: waitingFor(task),
    deadline: deadline === undefined ? undefined : deadline >>> 0,
  };
}

function modelThing(thing: Thing): Facts {
  switch (thing.kind) {
    case "SEM": {
      const { count, maximum } = thing as Semaphore;
      return { count, maximum };
    }
    case "MUTEX": {
      const { owner, count, flags, ceiling, state } = thing as Mutex;
      return { owner: owner?.index, count, flags, ceiling, broken: { whole: 0, inconsistent: 1, lost: 2 }[state] };
    }
    case "COND":
      return { mutex: (thing as Condition).mutex?.index };
    case "EVENT":
      return { bits: (thing as Events).bits };
    case "BARRIER":
      return { count: (thing as Barrier).count, waiting: thing.waiters.members.size };
    case "RWLOCK": {
      const { readers, writer } = thing as Rwlock;
      return { readers: members(readers), writer: writer?.index };
    }
    case "TIMER": {
      const { when, period, action, target, value, expiries, overruns } = thing as Timer;
      return {
        running: when !== undefined,
        when: when === undefined ? undefined : when >>> 0,
        period,
        action,
        target,
        value,
        expiries,
        overruns,
      };
    }
    case "PIPE": {
      const { bytes, capacity, trigger } = thing as Pipe;
      return { bytes, capacity, trigger };
    }
    case "QUEUE": {
      const { messages, capacity, size, discipline, registrant, signal } = thing as MessageQueue;
      const shown = messages.map(({ bytes, priority }) => [priority, ...bytes]);
      return { messages: shown, capacity, size, discipline, registrant: registrant?.handle ?? 0, signal: registrant ? signal : undefined };
    }
    case "MAILBOX":
      return { letters: (thing as Mailbox).letters.map(({ address }) => address) };
    case "REGION": {
      const { address, size } = thing as Region;
      return { address, size };
    }
    case "POOL": {
      const { start, size, asked, blocks, free } = thing as Pool;
      return { start, size, asked, count: blocks.length, free: free.map(({ address }) => address) };
    }
    case "SOCKET": {
      const {
        type,
        state,
        bound,
        backlog,
        port,
        peerPort,
        address,
        peerAddress,
        peer,
        listener,
        error,
        sentAll,
        gotAll,
        deaf,
        stopped,
        lost,
      } = thing as Socket;
      const { bytes, datagrams, receive, transmit } = thing as Socket;
      const used = bytes.length + datagrams.reduce((sum, each) => sum + 8 + each.bytes.length, 0);
      const states = { none: 0, listening: 1, arriving: 3, connected: 4, lost: 5 };
      const connected = peerPort !== 0;
      return {
        type,
        state: states[state],
        bound,
        backlog: state === "listening" ? backlog : undefined,
        port,
        peerPort,
        address,
        peerAddress: connected ? peerAddress : undefined,
        peer: peer?.index,
        listener: listener?.index,
        error,
        sentAll,
        gotAll,
        deaf,
        stopped,
        lost,
        used,
        bytes,
        receive,
        transmit,
      };
    }
  }
  return {};
}

function opened(thing: Thing): Facts {
  if (!(thing instanceof Channel)) return {};
  const { publicRead, publicWrite, ownRead, ownWrite, hadRead, hadWrite } = thing;
  const mode = (read: boolean, write: boolean, shift = 0) => ((read ? 1 : 0) | (write ? 2 : 0)) << shift;
  return {
    readers: members(thing.readers),
    writers: members(thing.writers),
    everyone: mode(publicRead, publicWrite, 2),
    own: mode(ownRead, ownWrite),
    had: mode(hadRead, hadWrite),
  };
}

function modelBlock(block: Block): Facts {
  const { address, state, owner, from, to, due, holders, sync } = block;
  const there = state === "letter" || state === "broadcast";
  return {
    address,
    state: { free: 1, owned: 2, letter: 3, broadcast: 4 }[state],
    owner: owner?.index,
    from: state === "free" ? undefined : from,
    to: state === "letter" ? to : undefined,
    box: there && (state === "letter" || due.size > 0) ? block.box?.index : undefined,
    due: members(due),
    holders: members(holders),
    sync: sync?.task.index,
  };
}

/** The model's state. */
export function stateOf(m: Model): string[] {
  const lines = [
    line("time", { now: m.now, tick: m.tick >>> 0, pending: m.pending, depth: m.depth.length, current: m.current?.index ?? -1 }),
  ];
  const tasks = m.tasks.filter((task): task is Task => task !== undefined);
  for (const task of tasks) lines.push(line(`task ${task.index}`, modelTask(task)));
  const levels = new Map<number, number[]>();
  for (const { level, index } of m.candidates()) levels.set(level, [...(levels.get(level) ?? []), index]);
  for (const [level, ready] of levels) lines.push(`ready ${level}: ${ready}`);
  const queues = [m.ramWaiters, m.wordWaiters, m.serviceWaiters, ...tasks.map(({ joiners }) => joiners)];
  for (const kind of OBJECTS) for (const { waiters, senders } of m.thingsOf(kind)) queues.push(waiters, senders);
  for (const queue of queues) if (!queue.empty) lines.push(`queue ${queueName(queue)} ${queue.inOrder.map(({ index }) => index)}`);
  for (const kind of OBJECTS) {
    for (const thing of m.thingsOf(kind)) {
      lines.push(line(`${kind} ${thing.index}`, { handle: thing.handle, name: thing.name, ...opened(thing), ...modelThing(thing) }));
    }
  }
  for (const block of allBlocks(m)) lines.push(line("block", modelBlock(block)));
  for (const { address, size, owner } of m.arena.taken) {
    lines.push(`ram ${address} +${size} ${owner === "kernel" ? 1 : owner === "system" ? 2 : 3 + owner.index}`);
  }
  return lines;
}

// The kernel

const WIDTHS: Record<string, number> = { u8: 1, i8: 1, u16: 2, i16: 2, u64: 8 };

/** The fields of a record, those of what it extends included, with their offsets and types. */
function fieldsOf(name: keyof typeof records): [field: string, offset: number, type: string][] {
  const { fields, extends: base } = records[name] as {
    fields: readonly (readonly [string, string, string])[];
    extends?: keyof typeof records;
  };
  const offsets = layout[name as keyof typeof layout] as Record<string, number>;
  return [
    ...(base ? fieldsOf(base) : []),
    ...fields.map(([field, type]): [string, number, string] => [field, offsets[field] as number, type]),
  ];
}

type Row = Record<string, number> & { at: number };
type RowClass = new (view: DataView, at: number) => Row;
const rowClasses = new Map<string, RowClass>();

/** A class whose instances read the fields of a record. */
function rowOf(name: keyof typeof records): RowClass {
  class AnyRow {
    constructor(
      readonly view: DataView,
      readonly at: number,
    ) {}
  }
  for (const [field, offset, type] of fieldsOf(name)) {
    const width = WIDTHS[type] ?? 4;
    const read = (view: DataView, at: number) =>
      width === 1
        ? view.getUint8(at)
        : width === 2
          ? view.getUint16(at, true)
          : width === 8
            ? Number(view.getBigUint64(at, true))
            : type === "i32"
              ? view.getInt32(at, true)
              : view.getUint32(at, true);
    Object.defineProperty(AnyRow.prototype, field, {
      get(this: AnyRow) {
        return read(this.view, this.at + offset);
      },
    });
  }
  return AnyRow as unknown as RowClass;
}

class Reader {
  constructor(readonly view: DataView) {}

  u32(at: number): number {
    return this.view.getUint32(at, true);
  }

  i32(at: number): number {
    return this.view.getInt32(at, true);
  }

  bytes(at: number, count: number): number[] {
    return [...new Uint8Array(this.view.buffer, at, count)];
  }

  /** A record's fields by name, read when they are asked for. */
  record(name: keyof typeof records, at: number): Row {
    const known = rowClasses.get(name) ?? rowOf(name);
    rowClasses.set(name, known);
    return new known(this.view, at);
  }

  set(at: number): number[] {
    const list: number[] = [];
    for (const base of [0, 32]) {
      const half = this.u32(at + base / 8);
      for (let i = 0; half >>> i !== 0 && i < 32; i++) if ((half >>> i) & 1) list.push(base + i);
    }
    return list;
  }

  /** The elements of a ring list behind its sentinel. */
  list(sentinel: number): number[] {
    const found: number[] = [];
    for (let at = this.u32(sentinel); at !== sentinel && found.length < 500; at = this.u32(at)) found.push(at);
    return found;
  }

  name(at: number): string {
    return String.fromCharCode(...this.bytes(at, 16).filter((byte) => byte !== 0));
  }
}

/** The state of the kernel. */
export function stateIn(kernel: Kernel): string[] {
  const r = new Reader(kernel.view);
  const cpu = r.record("Cpu" as never, CPU_PAGE);
  const own = r.record("Kernel", cpu.kernel as number);
  const { Task: T, Deadline: D } = layout;
  const taskAt = (index: number) => (cpu.tasks as number) + index * T.bytes;
  const indexOf = (at: number) => (at === 0 ? undefined : (at - (cpu.tasks as number)) / T.bytes);
  const lines = [
    line("time", {
      now: kernel.now,
      tick: cpu.tick,
      pending: (own.pending as number) | 0,
      depth: own.depth,
      current: indexOf(own.current as number) ?? -1,
    }),
  ];
  const rows: Row[] = [];
  for (let i = 0; i < (cpu.slots as number); i++) {
    if (r.i32(taskAt(i) + T.handle) !== 0) rows.push(r.record("Task", taskAt(i)));
  }
  for (const row of rows) {
    const index = row.index as number;
    const alive = (row.state as number) >= 2;
    const blocked = row.state === STATES.blocked;
    const deadline = (cpu.deadlines as number) + index * D.bytes;
    const running = r.u32(deadline) !== deadline;
    const queue = row.queue as number;
    lines.push(
      line(`task ${index}`, {
        handle: row.handle,
        state: row.state,
        held: row.held,
        base: row.base,
        priority: row.priority,
        threshold: row.threshold,
        level: row.state === STATES.ready || row.state === STATES.running ? row.level : undefined,
        slice: row.slice,
        sliceLeft: alive && !blocked ? row.sliceLeft : undefined,
        started: row.started !== 0,
        switches: row.switches,
        // What the one who acts has used is added up only when somebody else acts.
        cycles: (row.cycles as number) + (own.actor === index && own.current === row.at ? kernel.now - (own.nowCharged as number) : 0),
        worst: row.worst,
        pending: (row.pending as number) | 0,
        mask: alive ? (row.mask as number) | 0 : undefined,
        ignored: alive ? (row.ignored as number) | 0 : undefined,
        caught: (row.caught as number) | 0,
        flags: row.threadFlags,
        note: row.noted ? (row.note as number) | 0 : "none",
        detached: ((row.flags as number) & 1) !== 0,
        daemon: ((row.flags as number) & 2) !== 0,
        schedulerLocks: row.schedulerLocks,
        interruptLocks: row.interruptLocks,
        status: alive ? undefined : row.status,
        name: r.name(row.at + T.name0),
        parent: row.parent,
        handlers: handlersIn(r, row.handlers as number),
        frames: framesIn(r, row.frames as number),
        spare: row.spare !== 0,
        callback: row.callback,
        waitsIn: blocked ? numberOf[row.call as number] : undefined,
        waitsFor: queue === 0 ? 0 : r.view.getUint16(queue + layout.Queue.id, true),
        deadline: running ? r.u32(deadline + D.when) : undefined,
      }),
    );
  }
  lines.push(...readyIn(r, rows), ...queuesIn(r, rows));
  const boxes = new Map<number, number>();
  const pools: Row[] = [];
  const block = (number: number) => (cpu.blocks as number) + number * layout.Block.bytes;
  const P = layout.Pool;
  for (const kind of OBJECTS) {
    const name = RECORDS[kind] as keyof typeof records;
    const pool = (cpu.pools as number) + KINDS[kind] * P.bytes;
    const [base, size, count] = [r.u32(pool + P.base), r.u32(pool + P.size), r.u32(pool + P.count)];
    for (let i = 0; i < count; i++) {
      const at = base + i * size;
      if (r.i32(at + layout.Obj.handle) === 0) continue;
      const row = r.record(name, at);
      if (kind === "MAILBOX") boxes.set(at, i);
      if (kind === "POOL") pools.push(row);
      lines.push(
        line(`${kind} ${i}`, {
          handle: row.handle,
          name: r.name(at + layout.Obj.name0),
          ...openedIn(r, kind, row),
          ...thingIn(r, kind, row, base, size, indexOf, block),
        }),
      );
    }
  }
  for (const pool of pools.sort((a, b) => (a.first as number) - (b.first as number))) {
    for (let i = 0; i < (pool.count as number); i++)
      lines.push(
        line("block", blockIn(r, block((pool.first as number) + i), (pool.buffer as number) + i * (pool.size as number), boxes, indexOf)),
      );
  }
  for (const at of r.list(cpu.pieces as number)) {
    const { address, size, used } = r.record("Extent", at);
    if (used !== 0) lines.push(`ram ${address} +${size} ${used}`);
  }
  return lines;
}

/** A task's handlers by signal: entry, mask, flags. */
function handlersIn(r: Reader, first: number): number[][] {
  const { after, signal, entry, mask, flags } = layout.Handler;
  const found: number[][] = [];
  for (let at = first; at !== 0 && found.length < 32; at = r.u32(at + after)) {
    found.push([r.view.getUint8(at + signal), r.u32(at + entry), r.i32(at + mask), r.view.getUint8(at + flags)]);
  }
  return found.sort((a, b) => (a[0] as number) - (b[0] as number));
}

/** What its handlers interrupted, the outermost first: whose handler it is, and the mask that comes back. */
function framesIn(r: Reader, innermost: number): number[][] {
  const { below, signal, mask } = layout.Frame;
  const found: number[][] = [];
  for (let at = innermost; at !== 0 && found.length < 64; at = r.u32(at + below)) found.unshift([r.u32(at + signal), r.i32(at + mask)]);
  return found;
}

/** Follows the links between tasks: chains of them, each from the first task behind a sentinel on. */
function chains(r: Reader, rows: Row[]): { sentinel: number; tasks: Row[] }[] {
  const byAddress = new Map(rows.map((row): [number, Row] => [row.at, row]));
  const found: { sentinel: number; tasks: Row[] }[] = [];
  for (const row of rows) {
    if (row.next === row.at || byAddress.has(row.prev as number)) continue;
    const tasks: Row[] = [];
    for (let at = row.at; byAddress.has(at) && tasks.length < 100; at = r.u32(at)) tasks.push(byAddress.get(at) as Row);
    found.push({ sentinel: row.prev as number, tasks });
  }
  return found;
}

function readyIn(r: Reader, rows: Row[]): string[] {
  const ready = chains(r, rows).filter(({ tasks }) => tasks[0]?.state === STATES.ready);
  const level = ({ tasks }: { tasks: Row[] }) => tasks[0]?.level as number;
  return ready.sort((a, b) => level(b) - level(a)).map((chain) => `ready ${level(chain)}: ${chain.tasks.map(({ index }) => index)}`);
}

/** In the order in which the model lists its queues: those of no object first, then the tasks', then the objects' by kind and slot. */
function queuesIn(r: Reader, rows: Row[]): string[] {
  const Q = layout.Queue;
  const queues = chains(r, rows)
    .filter(({ tasks }) => tasks[0]?.state === STATES.blocked)
    .map(({ sentinel, tasks }) => ({
      id: r.view.getUint16(sentinel + Q.id, true),
      side: r.view.getUint8(sentinel + Q.side),
      tasks: tasks.map(({ index }) => index),
    }));
  const rank = ({ id, side }: { id: number; side: number }) =>
    id === 255 ? -3 : id === 254 ? -2 : id === KINDS.TIMER << 8 && side === 1 ? -1 : id * 2 + side;
  return queues.sort((a, b) => rank(a) - rank(b)).map(({ id, side, tasks }) => `queue ${id}:${side} ${tasks}`);
}

function openedIn(r: Reader, kind: Kind, row: Row): Facts {
  if (!["PIPE", "QUEUE", "MAILBOX", "REGION", "SOCKET"].includes(kind)) return {};
  const { readers, writers } = layout.Channel;
  return { readers: r.set(row.at + readers), writers: r.set(row.at + writers), everyone: row.everyone, own: row.own, had: row.had };
}

function thingIn(
  r: Reader,
  kind: Kind,
  row: Row,
  base: number,
  size: number,
  task: (at: number) => number | undefined,
  block: (n: number) => number,
): Facts {
  const slot = (at: number) => (at === 0 ? undefined : (at - base) / size);
  switch (kind) {
    case "SEM":
      return { count: row.count, maximum: row.maximum };
    case "MUTEX":
      return { owner: task(row.owner as number), count: row.count, flags: row.flags, ceiling: row.ceiling, broken: row.broken };
    case "COND": {
      const mutexes = layout.Mutex;
      const at = row.mutex as number;
      return { mutex: at === 0 ? undefined : r.view.getUint8(at + mutexes.index) };
    }
    case "EVENT":
      return { bits: row.bits };
    case "BARRIER":
      return { count: row.count, waiting: row.waiting };
    case "RWLOCK":
      return { readers: r.set(row.at + layout.Rwlock.readers), writer: task(row.writer as number) };
    case "TIMER":
      return {
        running: row.running !== 0,
        when: row.running ? row.when : undefined,
        period: row.period,
        action: row.action,
        target: row.target,
        value: row.value,
        expiries: row.expiries,
        overruns: row.overruns,
      };
    case "PIPE":
      return {
        bytes: ring(r, row.buffer as number, row.capacity as number, row.head as number, row.used as number),
        capacity: row.capacity,
        trigger: row.trigger,
      };
    case "QUEUE": {
      const messages: number[][] = [];
      for (let i = 0; i < (row.used as number); i++) {
        const number = r.view.getUint16((row.buffer as number) + (((row.head as number) + i) % (row.capacity as number)) * 2, true);
        const at = (row.slots as number) + number * (row.stride as number);
        messages.push([r.u32(at + 4), ...r.bytes(at + 8, r.u32(at))]);
      }
      const { capacity, size: most, discipline, registrant, signal } = row;
      return { messages, capacity, size: most, discipline, registrant, signal: registrant ? signal : undefined };
    }
    case "MAILBOX": {
      // Letters are linked with one another: the first is the one before which there is none.
      return { letters: lettersIn(r, row, block) };
    }
    case "REGION":
      return { address: row.address, size: row.size };
    case "POOL": {
      const { buffer, size: stride, asked, count, first, free } = row as Record<string, number>;
      const states = Array.from({ length: count as number }, (_, i) => i).filter(
        (i) => r.u32(block((first as number) + i) + layout.Block.state) === C.BlockState.FREE,
      );
      const inOrder = linkedInOrder(
        r,
        states.map((i) => block((first as number) + i)),
      );
      const addresses = inOrder.map((at) => (buffer as number) + (slotOfBlock(at, block) - (first as number)) * (stride as number));
      if (addresses.length !== free) addresses.push(-1);
      return { start: buffer, size: stride, asked, count, free: addresses };
    }
    case "SOCKET":
      return {
        type: row.type,
        state: row.state,
        bound: row.bound !== 0,
        backlog: row.state === C.Connection.LISTENING ? row.backlog : undefined,
        port: row.port,
        peerPort: row.peerPort,
        address: row.address,
        peerAddress: row.peerPort !== 0 ? row.peerAddress : undefined,
        peer: slot(row.peer as number),
        listener: slot(row.listener as number),
        error: row.error,
        sentAll: row.sentAll !== 0,
        gotAll: row.gotAll !== 0,
        deaf: row.deaf !== 0,
        stopped: row.stopped !== 0,
        lost: row.lost,
        used: row.rxUsed,
        bytes:
          row.type === C.SocketType.STREAM && row.rxUsed !== 0
            ? ring(r, row.rxBuffer as number, row.receive as number, row.rxHead as number, row.rxUsed as number)
            : [],
        receive: row.receive,
        transmit: row.transmit,
      };
  }
  return {};
}

function slotOfBlock(at: number, block: (n: number) => number): number {
  return (at - block(0)) / layout.Block.bytes;
}

function ring(r: Reader, buffer: number, capacity: number, head: number, used: number): number[] {
  return Array.from({ length: used }, (_, i) => r.view.getUint8(buffer + ((head + i) % capacity)));
}

/** These links, in the order in which they hang together. */
function linkedInOrder(r: Reader, links: number[]): number[] {
  const all = new Set(links);
  const first = links.find((at) => r.u32(at) !== at && !all.has(r.u32(at + 4)));
  const found: number[] = [];
  for (let at = first; at !== undefined && all.has(at) && found.length <= links.length; at = r.u32(at)) found.push(at);
  return found;
}

function lettersIn(r: Reader, box: Row, block: (n: number) => number): number[] {
  const inBox: number[] = [];
  for (let i = 0; i < 96; i++) {
    const at = block(i);
    const state = r.u32(at + layout.Block.state);
    const linked = r.u32(at) !== at;
    if ((state === C.BlockState.LETTER || state === C.BlockState.BROADCAST) && linked && r.u32(at + layout.Block.box) === box.at)
      inBox.push(at);
  }
  return linkedInOrder(r, inBox).map((at) => addressOfBlock(r, at, block));
}

let poolBase = 0;
/** Where the pools' table is, for addresses of blocks. */
export function usePools(kernel: Kernel): void {
  const r = new Reader(kernel.view);
  const cpu = r.record("Cpu" as never, CPU_PAGE);
  poolBase = r.u32((cpu.pools as number) + KINDS.POOL * layout.Pool.bytes + layout.Pool.base);
}

function addressOfBlock(r: Reader, at: number, block: (n: number) => number): number {
  const pool = poolBase + r.u32(at + layout.Block.pool) * layout.MemPool.bytes;
  const number = slotOfBlock(at, block) - r.u32(pool + layout.MemPool.first);
  return r.u32(pool + layout.MemPool.buffer) + number * r.u32(pool + layout.MemPool.size);
}

function blockIn(r: Reader, at: number, address: number, boxes: Map<number, number>, task: (at: number) => number | undefined): Facts {
  const { due, holders } = layout.Block;
  const row = r.record("Block", at);
  const linked = row.next !== row.at;
  const { BlockState } = C;
  const there = row.state === BlockState.LETTER || (row.state === BlockState.BROADCAST && linked);
  return {
    address,
    state: row.state,
    owner: row.state === BlockState.OWNED ? task(row.owner as number) : undefined,
    from: row.state === BlockState.FREE ? undefined : row.from,
    to: row.state === BlockState.LETTER ? row.to : undefined,
    box: there ? boxes.get(row.box as number) : undefined,
    due: r.set(at + due),
    holders: r.set(at + holders),
    sync: task(row.waiter as number),
  };
}
