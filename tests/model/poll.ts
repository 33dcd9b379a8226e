/** Waiting for several things at once. */

import { bytesOf, C, E, KINDS } from "./abi.js";
import { mailboxReady, poolReady } from "./block.js";
import type { Model } from "./model.js";
import { type Pipe, pipeReady } from "./pipe.js";
import { type MessageQueue, queueReady } from "./queue.js";
import { type Socket, socketReady } from "./socket.js";
import type { Events, Mutex, Semaphore } from "./sync.js";
import type { Task } from "./task.js";
import { Channel, type Thing } from "./thing.js";
import type { Timer } from "./timer.js";
import { kindOf } from "./world.js";

const { Poll } = C;

interface Item {
  handle: number;
  events: number;
  bits: number;
  /** Where it is told that it is ready. */
  out: number;
}

/** What is polled for stands in the caller's memory, and is read anew whenever it matters. */
function itemsAt(m: Model, at: number, count: number): Item[] {
  const size = bytesOf("PollItem");
  return Array.from({ length: count }, (_, i) => {
    const item = at + i * size;
    return { handle: m.word(item), events: m.word(item + 4), bits: m.word(item + 8), out: item + 12 };
  });
}

const isTask = (handle: number) => ((handle >> 8) & 31) === KINDS.TASK;

/** What is ready of it; undefined when there is no such thing. */
function readiness(m: Model, task: Task, { handle, bits }: Item): number | undefined {
  if (isTask(handle)) {
    const other = m.taskAt(handle);
    if (other !== task) return other && (other.alive ? 0 : Poll.READ);
    return (task.note !== undefined ? Poll.NOTE : 0) | (task.pending & bits ? Poll.SIGNAL : 0) | (task.flags & bits ? Poll.FLAGS : 0);
  }
  const thing = m.anyAt(handle);
  switch (thing?.kind) {
    case "SEM":
      return (thing as Semaphore).count > 0 ? Poll.READ : 0;
    case "MUTEX":
      return (thing as Mutex).owner ? 0 : Poll.READ;
    case "EVENT":
      return (thing as Events).bits & bits ? Poll.READ : 0;
    case "TIMER":
      return (thing as Timer).expiries > 0 ? Poll.READ : 0;
    case "PIPE":
      return pipeReady(thing as Pipe);
    case "QUEUE":
      return queueReady(thing as MessageQueue);
    case "MAILBOX":
      return mailboxReady(thing as Channel, task);
    case "POOL":
      return poolReady(thing);
    case "SOCKET":
      return socketReady(m, thing as Socket);
  }
}

/** What of this can be asked for. */
function askable(task: Task, handle: number): number {
  if (handle === task.handle) return Poll.SIGNAL | Poll.FLAGS | Poll.NOTE;
  const kind = kindOf(handle);
  return kind === "PIPE" || kind === "QUEUE" || kind === "SOCKET" ? Poll.READ | Poll.WRITE : Poll.READ;
}

function misuse(m: Model, task: Task, item: Item): number {
  if (item.events & ~askable(task, item.handle)) return E.EINVAL;
  if (isTask(item.handle)) return m.taskAt(item.handle) ? 0 : E.EBADF;
  const thing = m.anyAt(item.handle);
  if (!thing) return E.EBADF;
  if (readiness(m, task, item) === undefined) return E.EINVAL;
  if (!(thing instanceof Channel)) return 0;
  if (item.events & Poll.READ && !m.mayUse(thing, "read")) return E.EPERM;
  return item.events & Poll.WRITE && !m.mayUse(thing, "write") ? E.EPERM : 0;
}

/** Marks what is ready; how many are. What is gone is ready, too. */
function look(m: Model, task: Task, at: number, count: number): number {
  let found = 0;
  for (const item of itemsAt(m, at, count)) {
    const state = readiness(m, task, item);
    const ready = state === undefined ? Poll.CLOSED : state & (item.events | Poll.CLOSED);
    m.setWord(item.out, ready);
    if (ready !== 0) found++;
  }
  return found;
}

function join(m: Model, task: Task, at: number, count: number): void {
  for (const { handle } of itemsAt(m, at, count)) {
    const thing: Task | Thing | undefined = isTask(handle) ? m.taskAt(handle) : m.anyAt(handle);
    thing?.pollers.add(task);
  }
}

export function poll(m: Model, [at = 0, count = 0, timeout = 0]: number[]): number {
  const task = m.current as Task;
  for (const item of itemsAt(m, at, count)) {
    const refusal = misuse(m, task, item);
    if (refusal !== 0) return refusal;
  }
  const ready = look(m, task, at, count);
  if (ready > 0) return ready;
  if (timeout === 0) return E.EAGAIN;
  join(m, task, at, count);
  return m.block("object_poll", undefined, timeout, "plain", { pointer: at, length: count });
}

/** Something that the task polls may have become ready. */
export function pollServe(m: Model, task: Task): void {
  if (!m.waitsIn(task, "object_poll")) return;
  const { pointer = 0, length = 0 } = task.wait?.data ?? {};
  const ready = look(m, task, pointer, length);
  if (ready > 0) m.wake(task, ready);
  else join(m, task, pointer, length);
}
