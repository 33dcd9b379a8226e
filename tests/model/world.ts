/** What the model is made of: memory, tasks, objects, lines, time, and who calls. No rules of who waits and who runs. */
import * as A from "./abi.js";
import { E, KINDS, type Kind, type Limits } from "./abi.js";
import { Arena } from "./arena.js";
import { Queue, type Task } from "./task.js";
import type { Channel, Thing } from "./thing.js";

export interface Line {
  attached: boolean;
  entry: number;
  priority: number;
  result: number;
  again: boolean;
  remaining: number;
  served: number;
}
/** Slots of one kind: the one freed longest ago is used first. */
export class Slots {
  readonly free: number[];
  readonly generations: number[];

  constructor(count: number) {
    this.free = Array.from({ length: count }, (_, i) => i);
    this.generations = new Array(count).fill(0);
  }

  handle(kind: number, index: number): number {
    return (((this.generations[index] as number) & 0x3ffff) << 13) | (kind << 8) | index;
  }

  give(index: number): void {
    (this.generations[index] as number)++;
    this.free.push(index);
  }
}

export interface ModelOptions {
  limits: Limits;
  /** The machine's memory, of which the model has its own copy. */
  memory: Uint8Array;
  /** Where RAM begins, how many bytes of it are the port's and the firmware's, where they begin. */
  ram: number;
  data: [start: number, end: number];
  /** Cycles a tick, and the number of the first. */
  period: number;
  first: number;
  /** The schedule oracle, where one is asked: which of so many choices. */
  choose?: ((kind: number, choices: number) => number) | undefined;
}
export const PHASES = ["devices", "timers", "waits", "slice"] as const;
export class World {
  readonly memory: Uint8Array;
  readonly view: DataView;
  readonly arena: Arena;
  readonly tasks: (Task | undefined)[] = [];
  /** Those that are there, zombies too. */
  present: Task[] = [];
  readonly slots: Slots;
  readonly things = new Map<Kind, (Thing | undefined)[]>();
  readonly alive = new Map<Kind, Thing[]>();
  readonly tables = new Map<Kind, Slots>();
  readonly lines: Line[];
  /** Those who wait for RAM, for a word of the firmware's data, for a callback. */
  readonly ramWaiters = new Queue(undefined, 0, "ram");
  readonly wordWaiters = new Queue(undefined, 0, "word");
  readonly serviceWaiters = new Queue(undefined, 1, "service");

  now = 0;
  /** Unlike the kernel's counter it does not wrap. */
  tick: number;
  nextTick: number;
  /** Cycle of the next event of a device. */
  device = Number.POSITIVE_INFINITY;
  phases: (typeof PHASES)[number][] = [];
  counted = false;
  /** The entry of a handler is paid for, and which line's is not yet decided. */
  entering = false;
  pending = 0;
  readonly depth: number[] = [];

  // What the oracle has a say in.
  /** The cycle at which the slice ends early. */
  cut = Number.POSITIVE_INFINITY;
  undecided = false;
  /** A task that has begun to wait for a condition, and may wake for no reason. */
  spurious: Task | undefined;
  /** The task whose wait closed a ring of tasks that wait for one another for ever. */
  ring: Task | undefined;

  booted = false;
  current: Task | undefined;
  /** A call that goes on with a wait which a handler interrupted. */
  restarting = false;
  arrivals = 0;
  serials = 0;
  tail = 0;
  head = 0;
  frames = 0;
  handlers = 0;
  tickets = 0;
  streams = 0;
  nextPort = 49152;
  births = 0;
  service: Task | undefined;
  readonly dueCallbacks: Thing[] = [];

  // What is still to be done before a call ends.
  readonly killed = new Set<Task>();
  readonly settling = new Set<Task>();
  readonly changed = new Set<Queue>();
  readonly starved = new Set<Task>();
  readonly polled = new Set<Task>();

  constructor(readonly options: ModelOptions) {
    const { limits, memory, ram, data, first, period } = options;
    this.memory = memory;
    this.view = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
    this.arena = new Arena(data[1], memory.length, limits.pieces);
    this.slots = new Slots(limits.tasks);
    this.tasks = new Array(limits.tasks).fill(undefined);
    for (const kind of Object.keys(KINDS) as Kind[]) {
      this.things.set(kind, new Array(limits.objects).fill(undefined));
      this.tables.set(kind, new Slots(limits.objects));
    }
    this.lines = Array.from({ length: 32 }, () => ({
      attached: false,
      entry: 0,
      priority: 0,
      result: 0,
      again: false,
      remaining: 0,
      served: 0,
    }));
    this.tick = first;
    this.nextTick = period;
    this.ramStart = ram;
  }

  readonly ramStart: number;

  // Memory

  inRam(address: number, length: number): boolean {
    return address >= this.ramStart && address <= this.memory.length && length <= this.memory.length - address;
  }

  word(address: number): number {
    return this.view.getInt32(address, true);
  }

  setWord(address: number, value: number): void {
    this.view.setInt32(address, value, true);
  }

  bytes(address: number, length: number): Uint8Array {
    return this.memory.slice(address, address + length);
  }

  setBytes(address: number, bytes: Uint8Array | number[]): void {
    this.memory.set(bytes, address);
  }

  // Who calls

  get context(): number {
    if (!this.booted) return A.S;
    if (this.depth.length > 0) return A.I;
    const task = this.current as Task;
    return A.T | (task.frames.length > 0 ? A.H : 0) | (task.locked ? A.L : 0) | (task.callback === "runs" ? A.CALLBACK : 0);
  }

  /** The task that calls; none for the system description and for interrupts, which belong to no task. */
  get caller(): Task | undefined {
    return this.booted && this.depth.length === 0 ? this.current : undefined;
  }

  get line(): Line | undefined {
    const index = this.depth.at(-1);
    return index === undefined ? undefined : this.lines[index];
  }

  /** Tasks that have not ended, in order of their slots. */
  living(): Task[] {
    return this.present.filter((task) => task.alive);
  }

  /** A task is there, or its slot is free again. */
  seat(index: number, task: Task | undefined): void {
    this.tasks[index] = task;
    this.present = this.tasks.filter((each): each is Task => each !== undefined);
  }

  taskAt(handle: number): Task | undefined {
    const task = this.tasks[handle & 0xff];
    return task?.handle === handle ? task : undefined;
  }

  thingAt(kind: Kind, handle: number): Thing | undefined {
    return this.thingsOf(kind).find((thing) => thing.handle === handle);
  }

  /** The live objects of a kind, in order of their slots. */
  thingsOf(kind: Kind): Thing[] {
    return this.alive.get(kind) ?? [];
  }

  /** The object of whatever kind but a task that the handle names. */
  anyAt(handle: number): Thing | undefined {
    const kind = kindOf(handle);
    return kind === undefined ? undefined : this.thingAt(kind, handle);
  }

  mayUse(channel: Channel, direction: "read" | "write"): boolean {
    const task = this.caller;
    return task === undefined || channel.mayUse(direction, task);
  }

  mayUseAny(channel: Channel): boolean {
    return this.mayUse(channel, "read") || this.mayUse(channel, "write");
  }

  // Time

  get masked(): boolean {
    return this.depth.length > 0 || (this.current?.interruptLocks ?? 0) > 0;
  }

  get eventDue(): boolean {
    return this.device <= this.now || (!this.masked && Math.min(this.nextTick, this.cut) <= this.now);
  }

  /** Lets cycles pass, on somebody's account; whether the time of an event has come by then. */
  spend(cycles: number, task?: Task): boolean {
    this.now += cycles;
    if (task) task.cycles += cycles;
    return this.eventDue;
  }

  /** Nobody runs: time goes on to the next event. */
  idle(): void {
    this.now = Math.max(this.now, Math.min(this.device, this.nextTick));
  }
  // Names and objects

  /** The name at an address ("" for none), or what is wrong with it. */
  name(address: number): string | number {
    if (address === 0) return "";
    let name = "";
    for (let i = 0; i < 16; i++) {
      if (!this.inRam((address >>> 0) + i, 1)) return E.EFAULT;
      const byte = this.memory[(address >>> 0) + i] as number;
      if (byte === 0) return name;
      name += String.fromCharCode(byte);
    }
    return E.ENAMETOOLONG;
  }

  /** A slot for a new object, or why there is none. The object itself is made by `make` from what it is given. */
  create<O extends Thing>(kind: Kind, nameAt: number, make: (...base: [Kind, number, number, string, boolean]) => O): O | number {
    const name = this.name(nameAt);
    if (typeof name === "number") return name;
    if (name !== "" && this.thingsOf(kind).some((thing) => thing.name === name)) return E.EEXIST;
    const slots = this.tables.get(kind) as Slots;
    const index = slots.free.shift();
    if (index === undefined) return E.ENFILE;
    const thing = make(kind, index, slots.handle(KINDS[kind], index), name, !this.booted);
    this.place(kind, index, thing);
    return thing;
  }

  /** What was just made is nothing after all: there is no room for what it needs, and the next one gets its slot. */
  undo(thing: Thing): void {
    this.place(thing.kind, thing.index, undefined);
    (this.tables.get(thing.kind) as Slots).free.unshift(thing.index);
  }

  /** The object is no more: its slot is free, its handle stale. */
  discard(thing: Thing): void {
    thing.gone = true;
    this.place(thing.kind, thing.index, undefined);
    (this.tables.get(thing.kind) as Slots).give(thing.index);
  }

  private place(kind: Kind, index: number, thing: Thing | undefined): void {
    const all = this.things.get(kind) as (Thing | undefined)[];
    all[index] = thing;
    this.alive.set(
      kind,
      all.filter((each): each is Thing => each !== undefined),
    );
  }

  /** Whoever polls it looks again. */
  touched(thing: { pollers: Set<Task> }): void {
    for (const task of thing.pollers) this.polled.add(task);
    thing.pollers.clear();
  }
  /** RAM that comes back lets those who wait for it be served. */
  freeRam(give: () => boolean): void {
    if (give() && !this.ramWaiters.empty) this.changed.add(this.ramWaiters);
  }
}

/** The kind of object in a handle, none if there is no such kind. */
export function kindOf(handle: number): Kind | undefined {
  const number = (handle >> 8) & 31;
  const [kind] = Object.entries(KINDS).find(([, n]) => n === number) ?? [];
  return kind === "TASK" || kind === "LINE" ? undefined : (kind as Kind | undefined);
}
