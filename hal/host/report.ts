/**
 * What is known of a run at its end, or in between: how each task fares, what failed, who waits for what and who could end that
 * wait, what was left open. Read from kernel memory by the generated layouts; asking changes nothing.
 */
import { callTable, Held, Kind, layout, State } from "../../kernel/abi/host.js";
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
  /** Who could end the wait: the owner of a lock, the tasks at the other end of a pipe, the task it joins. */
  holders: string[];
  /** The tick at which it gives up; undefined when it waits for ever. */
  deadline: number | undefined;
  site: Site | undefined;
  daemon: boolean;
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
  /** Locks that are held and channels that are open, by name. */
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
    left: leftOver(m),
    idle: cycles64(layout.Kernel.idleCycles),
    kernel: cycles64(layout.Kernel.kernelCycles),
    interrupts: cycles64(layout.Kernel.lineCycles),
  };
}

function blockedTasks(m: Machine): Blocked[] {
  const blocked: Blocked[] = [];
  for (let index = 0; index < m.taskCount; index++) {
    const task = m.taskRecord(index);
    const state = m.i32[(task + T.state) >> 2];
    const suspended = state === State.READY && ((m.u8[task + T.held] as number) & Held.SUSPENDED) !== 0;
    if (state !== State.BLOCKED && !suspended) continue;
    blocked.push(blockedTask(m, index, task, suspended));
  }
  return blocked;
}

function blockedTask(m: Machine, index: number, task: number, suspended: boolean): Blocked {
  const queue = m.u32[(task + T.queue) >> 2] as number;
  const id = queue === 0 ? 0 : (m.u8[queue + layout.Queue.id] as number) | ((m.u8[queue + layout.Queue.id + 1] as number) << 8);
  const side = queue === 0 ? 0 : (m.u8[queue + layout.Queue.side] as number);
  const timeout = m.i32[(task + T.timeout) >> 2] as number;
  return {
    task: m.nameOf((Kind.TASK << 8) | index),
    call: suspended ? "suspended" : (callTable[m.u8[task + T.call] as number]?.name ?? "a call"),
    object: id === 0 ? "" : m.nameOf(id),
    holders: suspended || id === 0 ? [] : holdersOf(m, id, queue, side, index),
    deadline: !suspended && timeout > 0 ? m.deadlineOf(index) : undefined,
    site: m.siteOfTask(index),
    daemon: ((m.i32[(task + T.flags) >> 2] as number) & 2) !== 0,
  };
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
    case Kind.PIPE: {
      const pipe = m.recordOfId(id);
      return namesIn(m, pipe + (side === 0 ? layout.Channel.writers : layout.Channel.readers), waiter);
    }
  }
  return [];
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
  for (const kind of [Kind.MUTEX, Kind.RWLOCK, Kind.PIPE]) {
    for (const record of m.recordsOf(kind)) {
      const id = (m.i32[(record + layout.Obj.handle) >> 2] as number) & 0x1fff;
      if (kind === Kind.MUTEX) {
        const owner = m.u32[(record + layout.Mutex.owner) >> 2] as number;
        if (owner !== 0) left.push(`${m.nameOf(id)} is locked by ${m.taskNameAt(owner)}`);
        continue;
      }
      const users =
        kind === Kind.RWLOCK
          ? namesIn(m, record + layout.Rwlock.readers, -1)
          : [...new Set([...namesIn(m, record + layout.Channel.readers, -1), ...namesIn(m, record + layout.Channel.writers, -1)])];
      const writer = kind === Kind.RWLOCK ? (m.u32[(record + layout.Rwlock.writer) >> 2] as number) : 0;
      if (writer !== 0) users.push(m.taskNameAt(writer));
      if (users.length > 0) left.push(`${m.nameOf(id)} is ${kind === Kind.RWLOCK ? "held" : "open"} by ${users.join(", ")}`);
    }
  }
  return left;
}
