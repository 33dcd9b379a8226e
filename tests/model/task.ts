/** What the model knows of a task, of what it waits for and of what a signal's handler interrupted. No rules here. */
import type { CallName } from "./abi.js";
import type { Thing } from "./thing.js";

export type Cause = "handed" | "timeout" | "deleted" | "canceled" | "closed" | "ended" | "spurious" | "signal";

/** How a wait ends that somebody else ends than the object itself. */
export type Settling =
  /** With the result that it is given. */
  | "plain"
  /** With what was moved so far, if that is something. */
  | "partial"
  /** The object has a word in it. */
  | "object"
  /** Its deadline is its success. */
  | "sleep";

/** Those who wait for one thing in one direction. Who comes first follows from priorities and arrivals whenever it is asked. */
export class Queue {
  readonly members = new Set<Task>();

  constructor(
    /** Whose it is: none for the queue of those who wait for RAM or for a word of the data. */
    readonly thing: Thing | Task | undefined,
    readonly side: 0 | 1 = 0,
    readonly name = "",
  ) {}

  get inOrder(): Task[] {
    return [...this.members].sort(precedence);
  }

  get first(): Task | undefined {
    return this.inOrder[0];
  }

  get empty(): boolean {
    return this.members.size === 0;
  }
}

/** The more urgent first, first come first served among equals. */
export function precedence(a: Task, b: Task): number {
  return b.priority - a.priority || a.arrival - b.arrival || a.index - b.index;
}

/** One wait of a task, from the call that began it on; it is kept when it is over, because a handler may have interrupted it. */
export class Wait {
  /** Tick at which it ends by itself, and which of those of one tick it is. */
  deadline: number | undefined;
  serial = 0;
  queue: Queue | undefined;
  /** Bytes moved, of a transfer; 1 when a synchronous send was taken. */
  moved = 0;
  /** The result that is kept while its object settles it. */
  outcome = 0;
  cause: Cause | undefined;
  ticket = 0;

  constructor(
    readonly call: CallName,
    public timeout: number,
    public settling: Settling,
    /** Address and length of the caller's memory, or what else it needs. */
    readonly data: {
      pointer?: number;
      length?: number;
      tell?: number;
      bits?: number;
      how?: number;
      source?: number;
      thing?: Thing;
      block?: unknown;
      mask?: number;
    } = {},
  ) {}
}

/** What becomes of a wait that a signal interrupted, when the last handler has returned. */
export type Sequel =
  /** Its result stands. */
  | "stands"
  /** It goes on if every handler had RESTART. */
  | "may go on"
  | "goes on"
  /** The condition's mutex is still to be locked. */
  | "mutex"
  /** The block was taken: its receiver's end of it is still to come. */
  | "taken"
  /** The mask before signal_suspend comes back. */
  | "mask";

export interface Handler {
  entry: number;
  mask: number;
  flags: number;
}

/** What a task was doing when a handler began. */
export interface Frame {
  signal: number;
  mask: number;
  result: number;
  again: boolean;
  sequel: Sequel | undefined;
  until: number;
  wait: Wait | undefined;
  remaining: number;
}

export class Task {
  state: "ready" | "running" | "blocked" | "zombie" = "ready";
  suspended = false;
  stopped = false;
  priority: number;
  /** Where it stands among the ready of its level: the lowest first. */
  place = 0;
  level: number;
  /** Whether its threshold holds. */
  kept = false;
  sliceLeft: number;
  started = false;
  switches = 0;
  cycles = 0;
  readyAt = 0;
  worst = 0;

  result = 0;
  /** Its next call was charged already. */
  again = false;
  remaining = 0;
  wait: Wait | undefined;
  /** When it came to where it waits, or waited last: one more for each wait ever begun. */
  arrival = 0;
  /** A wait that a handler interrupted goes on to this tick. */
  until = 0;

  pending = 0;
  mask = 0;
  ignored = 0;
  readonly handlers = new Map<number, Handler>();
  readonly origins = new Map<number, number>();
  childFlags = 0;
  frames: Frame[] = [];
  /** A frame is reserved for the handler that interrupted its wait. */
  spare = false;
  sequel: Sequel | undefined;
  /** It was told to make its call again, with which the wait goes on. */
  repeats = false;
  fatal = 0;
  alarm: number | undefined;
  alarmSerial = 0;

  flags = 0;
  note: number | undefined;
  schedulerLocks = 0;
  interruptLocks = 0;
  /** The timer service: it runs a callback, or was woken to look for one. */
  callback: "no" | "runs" | "called" = "no";
  status = 0;
  /** Mutexes that it holds, in order of locking. */
  readonly held: Thing[] = [];
  readonly joiners: Queue;
  readonly pollers = new Set<Task>();

  constructor(
    readonly index: number,
    readonly handle: number,
    readonly name: string,
    public base: number,
    public threshold: number,
    public slice: number,
    public detached: boolean,
    readonly daemon: boolean,
    public parent: Task | undefined,
    readonly entry: number,
    readonly argument: number,
    /** Address of its stack in the arena, 0 for none. */
    public stack: number,
  ) {
    this.priority = base;
    this.level = base;
    this.sliceLeft = slice;
    this.joiners = new Queue(this);
  }

  get alive(): boolean {
    return this.state !== "zombie";
  }

  get isHeld(): boolean {
    return this.suspended || this.stopped;
  }

  get locked(): boolean {
    return this.schedulerLocks > 0 || this.interruptLocks > 0;
  }

  get caught(): number {
    let set = 0;
    for (const signal of this.handlers.keys()) set |= 1 << signal;
    return set;
  }
}
