/** object_info: one fact about a task, an object, or the system. */
import { C, E, KINDS } from "./abi.js";
import type { Mailbox, Pool } from "./block.js";
import type { Model } from "./model.js";
import type { Pipe } from "./pipe.js";
import type { MessageQueue } from "./queue.js";
import type { Region } from "./region.js";
import type { Socket } from "./socket.js";
import type { Barrier, Events, Mutex, Rwlock, Semaphore } from "./sync.js";
import { Task } from "./task.js";
import { Channel, type Thing } from "./thing.js";
import type { Timer } from "./timer.js";

type Field = keyof typeof C.Info;
type Facts = Partial<Record<Field, number | bigint>>;

const NAMES = Object.fromEntries(Object.entries(C.Info).map(([name, number]) => [number, name])) as Record<number, Field>;
export const STATES = { zombie: 1, blocked: 2, ready: 3, running: 4 } as const;

export function setOf(tasks: Iterable<Task>): bigint {
  let set = 0n;
  for (const { index } of tasks) set |= 1n << BigInt(index);
  return set;
}

function names(name: string): Facts {
  const bytes = new DataView(new ArrayBuffer(16));
  for (let i = 0; i < name.length; i++) bytes.setUint8(i, name.charCodeAt(i));
  return { NAME0: bytes.getBigUint64(0, true), NAME1: bytes.getBigUint64(8, true) };
}

/** Kind and slot of what a task waits for, as one number. */
export function waitingFor(task: Task): number {
  const queue = task.state === "blocked" ? task.wait?.queue : undefined;
  if (!queue) return 0;
  if (queue.name === "ram") return 255;
  if (queue.name === "word") return 254;
  if (queue.name === "service") return KINDS.TIMER << 8;
  const thing = queue.thing as Task | Thing;
  return ((thing instanceof Task ? KINDS.TASK : KINDS[thing.kind]) << 8) | thing.index;
}

import { calls } from "../../kernel/abi/table.js";

function waitingOn(m: Model, task: Task): number {
  const id = waitingFor(task);
  if (id >> 8 === 0) return 0;
  if (id >> 8 === KINDS.TASK) return m.tasks[id & 0xff]?.handle ?? 0;
  for (const kind of m.things.keys()) if (KINDS[kind] === id >> 8) return m.things.get(kind)?.[id & 0xff]?.handle ?? 0;
  return 0;
}

function taskFacts(m: Model, task: Task): Facts {
  const call = task.state === "blocked" ? task.wait?.call : undefined;
  return {
    STATE: STATES[task.state],
    PRIORITY: task.priority,
    BASE: task.base,
    THRESHOLD: task.threshold,
    SLICE: task.slice,
    HELD: (task.suspended ? 1 : 0) | (task.stopped ? 2 : 0),
    CYCLES: task.cycles,
    SWITCHES: task.switches,
    LATENCY: task.worst,
    WAITING_FOR: waitingFor(task),
    WAITING_ON: waitingOn(m, task),
    WAITING_IN: call ? calls[call].n : 0,
    WAITERS: task.joiners.members.size,
    FLAGS: (task.detached ? 1 : 0) | (task.daemon ? 2 : 0),
    PENDING: task.pending >>> 0,
    MASK: task.mask >>> 0,
    ...names(task.name),
  };
}

function thingFacts(thing: Thing): Facts {
  switch (thing.kind) {
    case "SEM": {
      const { count, maximum } = thing as Semaphore;
      return { COUNT: count, CAPACITY: maximum };
    }
    case "MUTEX": {
      const { count, owner, flags } = thing as Mutex;
      return { COUNT: count, OWNER: owner?.handle ?? 0, FLAGS: flags };
    }
    case "EVENT":
      return { COUNT: (thing as Events).bits };
    case "BARRIER":
      return { COUNT: thing.waiters.members.size, CAPACITY: (thing as Barrier).count };
    case "RWLOCK": {
      const { readers, writer } = thing as Rwlock;
      return { READERS: setOf(readers), OWNER: writer?.handle ?? 0 };
    }
    case "TIMER": {
      const { when, expiries } = thing as Timer;
      return { STATE: when === undefined ? 0 : 1, COUNT: expiries };
    }
    case "POOL": {
      const { free, blocks, asked } = thing as Pool;
      return { COUNT: free.length, CAPACITY: blocks.length, SIZE: asked };
    }
    case "PIPE": {
      const { bytes, capacity } = thing as Pipe;
      return { COUNT: bytes.length, CAPACITY: capacity };
    }
    case "QUEUE": {
      const { messages, capacity, size } = thing as MessageQueue;
      return { COUNT: messages.length, CAPACITY: capacity, SIZE: size };
    }
    case "MAILBOX":
      return { COUNT: (thing as Mailbox).letters.length };
    case "REGION":
      return { SIZE: (thing as Region).size };
    case "SOCKET": {
      const { state, receive, address, port, peerAddress, peerPort, lost } = thing as Socket;
      const socket = thing as Socket;
      const end = (at: number, number: number) => (BigInt(at >>> 0) << 16n) | BigInt(number);
      return {
        STATE: { none: 0, listening: 1, arriving: 3, connected: 4, lost: 5 }[state],
        COUNT: socket.isDatagram ? socket.datagramBytes : socket.bytes.length,
        CAPACITY: receive,
        LOCAL: end(address, port),
        PEER: peerPort === 0 ? 0 : end(peerAddress, peerPort),
        LOST: lost,
      };
    }
  }
  return {};
}

/** What object_info can say of it. */
export function facts(thing: Thing): Facts {
  const both = thing instanceof Channel ? { READERS: setOf(thing.readers), WRITERS: setOf(thing.writers) } : {};
  return {
    WAITERS: thing.waiters.members.size + thing.senders.members.size,
    FLAGS: 0,
    ...names(thing.name),
    ...both,
    ...thingFacts(thing),
  };
}

function systemFacts(m: Model): Facts {
  const free = m.arena.gaps.map(({ size }) => size);
  return {
    RAM: m.arena.size,
    RAM_FREE: free.reduce((sum, size) => sum + size, 0),
    RAM_LARGEST: Math.max(0, ...free),
    DATA_END: m.options.data[1],
  };
}

/** Facts that follow from how the kernel works and not from what it does: the model does not know them. */
export const UNKNOWN: number[] = [C.Info.STACK_SIZE, C.Info.STACK_USED, C.Info.IDLE];

export function info(m: Model, [handle = 0, field = 0, out = 0]: number[]): number {
  const name = NAMES[field] as Field;
  let known: Facts;
  if (handle === 0) {
    known = systemFacts(m);
    if (known[name] === undefined) return E.EBADF;
  } else if (((handle >> 8) & 31) === KINDS.TASK) {
    const task = m.taskAt(handle);
    if (!task) return E.EBADF;
    known = taskFacts(m, task);
  } else {
    const thing = m.anyAt(handle);
    if (!thing) return E.EBADF;
    known = facts(thing);
  }
  const value = known[name];
  if (value === undefined) return E.EINVAL;
  m.view.setBigUint64(out, BigInt(value), true);
  return 0;
}
