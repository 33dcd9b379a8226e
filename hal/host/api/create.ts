/**
 * Making objects and tasks: one recipe a kind, used at once by the system description and, as a call, by running tasks.
 */
import { Action, EINVAL, type KernelExports, layout, TaskFlag } from "../../../kernel/abi/host.js";
import type { Call, Retry } from "../call.js";
import { AppError, CallError } from "../errors.js";
import type { Machine } from "../machine.js";
import { Barrier } from "./barrier.js";
import { knownName, knownOptions, knownWord, switches, wholeNumber, wholeOptions } from "./check.js";
import { Condition } from "./condition.js";
import { EventFlags, type EventFlagsOptions } from "./event.js";
import { Mailbox, type MailboxOptions } from "./mailbox.js";
import { Mutex, type MutexOptions, mutexFlags } from "./mutex.js";
import { handleOf, modeOf } from "./object.js";
import { Pipe, type PipeOptions } from "./pipe.js";
import { Pool, type PoolOptions } from "./pool.js";
import { disciplineOf, Queue, type QueueOptions } from "./queue.js";
import { Region, type RegionOptions } from "./region.js";
import { RwLock } from "./rwlock.js";
import { Semaphore, type SemaphoreOptions } from "./semaphore.js";
import { Socket, type SocketOptions, socketMode, typeOf } from "./socket.js";
import type { Task, TaskBody } from "./task.js";
import { Timer, type TimerOptions } from "./timer.js";

const MAXIMUM = 0x7fffffff;
/** Bytes of RAM that a scripted task gets for its buffers and the text it writes. */
const STORAGE = 256;
/** Bytes of a socket's buffers. */
const BUFFER = 1024;

export interface TaskOptions {
  /** 0..63, 63 is the most urgent; default 8. */
  priority?: number;
  /** Ticks it runs before an equal does, 0 for no limit; default 1. */
  slice?: number;
  /** Only tasks above this priority preempt it; default its priority. */
  threshold?: number;
  /** Nobody will join it. */
  detached?: boolean;
  /** The run does not wait for its end, and its waiting is no deadlock. */
  daemon?: boolean;
  /** Bytes of RAM for its buffers and the text it writes, default 256. */
  storage?: number;
  /** Handed to its body. */
  argument?: number;
}

/** How something is made: the call, and what its result stands for. */
export interface Recipe<T> {
  name: string;
  retry: Retry;
  wrap: (result: number) => T;
}

/** A name alone, for kinds that have no options. */
export interface Named {
  name?: string;
}

export function semaphoreRecipe(m: Machine, o: SemaphoreOptions): Recipe<Semaphore> {
  knownOptions("a semaphore", o, ["name", "initial", "maximum"]);
  wholeOptions("a semaphore", o, ["initial", "maximum"]);
  return {
    name: "create.semaphore",
    retry: (k) => k.sem_create(m.stageName(o.name), o.initial ?? 0, o.maximum ?? MAXIMUM),
    wrap: (r) => new Semaphore(m, m.named(handleOf(r, "create.semaphore"), o.name)),
  };
}

export function mutexRecipe(m: Machine, o: MutexOptions): Recipe<Mutex> {
  knownOptions("a mutex", o, ["name", "recursive", "robust", "ceiling", "inherit", "checked"]);
  wholeOptions("a mutex", o, ["ceiling"]);
  switches("a mutex", o, ["recursive", "robust", "inherit", "checked"]);
  return {
    name: "create.mutex",
    retry: (k) => k.mutex_create(m.stageName(o.name), mutexFlags(o), o.ceiling ?? 0),
    wrap: (r) => new Mutex(m, m.named(handleOf(r, "create.mutex"), o.name)),
  };
}

export function conditionRecipe(m: Machine, o: Named): Recipe<Condition> {
  knownOptions("a condition", o, ["name"]);
  return {
    name: "create.condition",
    retry: (k) => k.cond_create(m.stageName(o.name)),
    wrap: (r) => new Condition(m, m.named(handleOf(r, "create.condition"), o.name)),
  };
}

export function eventRecipe(m: Machine, o: EventFlagsOptions): Recipe<EventFlags> {
  knownOptions("an event", o, ["name", "bits"]);
  wholeOptions("an event", o, ["bits"]);
  return {
    name: "create.event",
    retry: (k) => k.event_create(m.stageName(o.name), o.bits ?? 0),
    wrap: (r) => new EventFlags(m, m.named(handleOf(r, "create.event"), o.name)),
  };
}

export function barrierRecipe(m: Machine, count: number, o: Named): Recipe<Barrier> {
  knownOptions("a barrier", o, ["name"]);
  wholeNumber("a barrier: count", count);
  return {
    name: "create.barrier",
    retry: (k) => k.barrier_create(m.stageName(o.name), count),
    wrap: (r) => new Barrier(m, m.named(handleOf(r, "create.barrier"), o.name)),
  };
}

export function rwlockRecipe(m: Machine, o: Named): Recipe<RwLock> {
  knownOptions("a readers-writer lock", o, ["name"]);
  return {
    name: "create.rwlock",
    retry: (k) => k.rwlock_create(m.stageName(o.name)),
    wrap: (r) => new RwLock(m, m.named(handleOf(r, "create.rwlock"), o.name)),
  };
}

/** The Mode of a channel that is created: what its creator has open, and what everybody has. */
function creationMode(m: Machine, o: PipeOptions | QueueOptions): number {
  const own = o.interrupts === undefined ? 0 : modeOf(o.interrupts);
  const open = m.describing ? own : modeOf(o.open ?? "both");
  return open | (o.public === undefined ? 0 : modeOf(o.public) << 2);
}

export function pipeRecipe(m: Machine, o: PipeOptions): Recipe<Pipe> {
  knownOptions("a pipe", o, ["capacity", "name", "public", "interrupts", "open"]);
  wholeOptions("a pipe", o, ["capacity"]);
  const mode = creationMode(m, o);
  return {
    name: "create.pipe",
    retry: (k) => k.pipe_create(m.stageName(o.name), o.capacity ?? 64, mode, 0),
    wrap: (r) => new Pipe(m, m.named(handleOf(r, "create.pipe"), o.name)),
  };
}

export function queueRecipe(m: Machine, o: QueueOptions): Recipe<Queue> {
  knownOptions("a queue", o, ["count", "size", "discipline", "name", "public", "interrupts", "open"]);
  wholeOptions("a queue", o, ["count", "size"]);
  knownWord("a queue", "discipline", o.discipline, ["fifo", "lifo", "priority"]);
  const mode = creationMode(m, o);
  return {
    name: "create.queue",
    retry: (k) => k.queue_create(m.stageName(o.name), o.count ?? 8, o.size ?? 32, disciplineOf(o), mode, 0),
    wrap: (r) => new Queue(m, m.named(handleOf(r, "create.queue"), o.name)),
  };
}

export function poolRecipe(m: Machine, o: PoolOptions): Recipe<Pool> {
  knownOptions("a pool", o, ["name", "count", "size"]);
  wholeNumber("a pool: count", o.count);
  wholeNumber("a pool: size", o.size);
  return {
    name: "create.pool",
    retry: (k) => k.pool_create(m.stageName(o.name), o.count, o.size, 0),
    wrap: (r) => new Pool(m, m.named(handleOf(r, "create.pool"), o.name)),
  };
}

export function mailboxRecipe(m: Machine, o: MailboxOptions): Recipe<Mailbox> {
  knownOptions("a mailbox", o, ["name", "interrupts", "open"]);
  const own = o.interrupts === undefined ? 0 : modeOf(o.interrupts);
  const mode = m.describing ? own : modeOf(o.open ?? "read");
  return {
    name: "create.mailbox",
    retry: (k) => k.mailbox_create(m.stageName(o.name), mode),
    wrap: (r) => new Mailbox(m, m.named(handleOf(r, "create.mailbox"), o.name)),
  };
}

export function regionRecipe(m: Machine, o: RegionOptions): Recipe<Region> {
  knownOptions("a region", o, ["name", "size", "open"]);
  wholeNumber("a region: size", o.size);
  const mode = m.describing ? 0 : modeOf(o.open ?? "write");
  return {
    name: "create.region",
    retry: (k) => k.region_create(m.stageName(o.name), o.size, mode, 0),
    wrap: (r) => new Region(m, m.named(handleOf(r, "create.region"), o.name)),
  };
}

export function socketRecipe(m: Machine, o: SocketOptions): Recipe<Socket> {
  knownOptions("a socket", o, ["type", "name", "receive", "transmit", "interrupts"]);
  wholeOptions("a socket", o, ["receive", "transmit"]);
  knownWord("a socket", "type", o.type, ["stream", "datagram"]);
  knownWord("a socket", "interrupts", o.interrupts, ["read", "write", "both"]);
  const mode = socketMode(o, m.describing);
  return {
    name: "create.socket",
    retry: (k) => k.socket_create(m.stageName(o.name), typeOf(o), o.receive ?? BUFFER, o.transmit ?? BUFFER, mode, 0),
    wrap: (r) => new Socket(m, m.named(handleOf(r, "create.socket"), o.name)),
  };
}

export function timerRecipe(m: Machine, o: TimerOptions): Recipe<Timer> {
  knownOptions("a timer", o, ["name", "give", "set", "bits", "signal", "flags", "to", "call"]);
  for (const [what, value] of Object.entries(o)) if (NUMBERS.includes(what)) wholeNumber(`a timer: ${what}`, value);
  if (("signal" in o || "flags" in o) && !o.to)
    throw new AppError("a timer that signals or sets flags needs the task: { signal, to: task }");
  let action: number = Action.CALLBACK;
  let target = 0;
  let value = 0;
  if ("give" in o) {
    action = Action.SEM_GIVE;
    target = o.give.handle;
  } else if ("set" in o) {
    action = Action.EVENT_SET;
    target = o.set.handle;
    value = o.bits;
  } else if ("signal" in o) {
    action = Action.SIGNAL;
    target = o.to.handle;
    value = o.signal;
  } else if ("flags" in o) {
    action = Action.FLAGS_SET;
    target = o.to.handle;
    value = o.flags;
  } else if (typeof o.call === "function") {
    target = m.callback(o.call);
  } else {
    throw new AppError(
      "a timer does one thing at each expiry: { give: semaphore }, { set: event, bits }, { signal, to: task }, { flags, to: task }, or { call: function* }",
    );
  }
  return {
    name: "create.timer",
    retry: (k) => k.timer_create(m.stageName(o.name), action, target, value),
    wrap: (r) => new Timer(m, m.named(handleOf(r, "create.timer"), o.name)),
  };
}

export function taskRecipe(m: Machine, name: string, o: TaskOptions, body: TaskBody): Recipe<Task> {
  knownOptions(`task "${name}"`, o, TASK_OPTIONS);
  knownName("a task", name);
  wholeOptions(`task "${name}"`, o, ["storage", "argument"]);
  switches(`task "${name}"`, o, ["detached", "daemon"]);
  if (typeof body !== "function") throw new AppError(`task "${name}" has no body: give a function* as the last argument`);
  const range = taskMisuse(o);
  if (range !== "") throw new CallError(`task "${name}"`, EINVAL, range);
  const entry = m.entry(body);
  const flags = (o.detached ? TaskFlag.DETACHED : 0) | (o.daemon ? TaskFlag.DAEMON : 0);
  const priority = o.priority ?? 8;
  const S = layout.Spawn;
  const retry = (k: KernelExports) => {
    const at = m.stageRecord();
    const i32 = m.i32;
    i32[(at + S.name) >> 2] = m.stageName(name);
    i32[(at + S.entry) >> 2] = entry;
    i32[(at + S.argument) >> 2] = o.argument ?? 0;
    i32[(at + S.priority) >> 2] = priority;
    i32[(at + S.threshold) >> 2] = o.threshold ?? -1;
    i32[(at + S.slice) >> 2] = o.slice ?? 1;
    i32[(at + S.flags) >> 2] = flags;
    i32[(at + S.stack) >> 2] = 0;
    i32[(at + S.stackSize) >> 2] = o.storage ?? STORAGE;
    return k.task_spawn(at);
  };
  return {
    name: `task "${name}"`,
    retry,
    wrap: (r) => m.born(handleOf(r, `task "${name}"`), name),
  };
}

/** What a timer does with its target. */
const NUMBERS = ["bits", "signal", "flags"];
const TASK_OPTIONS = ["priority", "slice", "threshold", "detached", "daemon", "storage", "argument", "reads", "writes"];
const PRIORITIES = 64;
const SLICES = 65536;

/** What the kernel would refuse, with the number that is wrong; "" when nothing is. */
function taskMisuse({ priority = 8, threshold = priority, slice = 1 }: TaskOptions): string {
  const within = (value: number, least: number, end: number) => Number.isInteger(value) && value >= least && value < end;
  if (!within(priority, 0, PRIORITIES)) return `its priority is ${priority}: give 0 to 63, 63 is the most urgent`;
  if (!within(threshold, priority, PRIORITIES)) return `its threshold is ${threshold}: give its priority, ${priority}, or more, up to 63`;
  return within(slice, 0, SLICES) ? "" : `its slice is ${slice}: give 0 to 65535 ticks, 0 for no limit`;
}

/** Makes objects and tasks from a running task; in the system description the same calls answer at once. */
export class Creator {
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  semaphore(options: SemaphoreOptions = {}): Call<Semaphore> {
    return this.#make(semaphoreRecipe(this.#machine, options));
  }

  mutex(options: MutexOptions = {}): Call<Mutex> {
    return this.#make(mutexRecipe(this.#machine, options));
  }

  condition(options: Named = {}): Call<Condition> {
    return this.#make(conditionRecipe(this.#machine, options));
  }

  event(options: EventFlagsOptions = {}): Call<EventFlags> {
    return this.#make(eventRecipe(this.#machine, options));
  }

  barrier(count: number, options: Named = {}): Call<Barrier> {
    return this.#make(barrierRecipe(this.#machine, count, options));
  }

  rwlock(options: Named = {}): Call<RwLock> {
    return this.#make(rwlockRecipe(this.#machine, options));
  }

  timer(options: TimerOptions): Call<Timer> {
    return this.#make(timerRecipe(this.#machine, options));
  }

  pipe(options: PipeOptions = {}): Call<Pipe> {
    return this.#make(pipeRecipe(this.#machine, options));
  }

  queue(options: QueueOptions = {}): Call<Queue> {
    return this.#make(queueRecipe(this.#machine, options));
  }

  pool(options: PoolOptions): Call<Pool> {
    return this.#make(poolRecipe(this.#machine, options));
  }

  mailbox(options: MailboxOptions = {}): Call<Mailbox> {
    return this.#make(mailboxRecipe(this.#machine, options));
  }

  /** Shared memory, zeroed. */
  region(options: RegionOptions): Call<Region> {
    return this.#make(regionRecipe(this.#machine, options));
  }

  /** A socket, opened both ways for the caller. */
  socket(options: SocketOptions = {}): Call<Socket> {
    return this.#make(socketRecipe(this.#machine, options));
  }

  /** A new task, ready to run; this one is its parent and may join it. */
  task(name: string, options: TaskOptions, body: TaskBody): Call<Task> {
    return this.#make(taskRecipe(this.#machine, name, options, body));
  }

  #make<T>(recipe: Recipe<T>): Call<T> {
    return this.#machine.enter().make(recipe.name, recipe.retry, recipe.wrap);
  }
}

/** The creator of a machine's tasks. */
export function creations(machine: Machine): Creator {
  return new Creator(machine);
}
