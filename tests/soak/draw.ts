/**
 * Random arguments for every call of the ABI table, valid more often than not: handles of objects that are there or were, addresses
 * in the caller's own memory, timeouts that end; and now and then a number from the edge of what there is.
 */
import type { Stream } from "../../hal/host/oracle.js";
import { Kind, layout, Mode, Poll } from "../../kernel/abi/host.js";
import { type ArgumentType, type Call, calls } from "../../kernel/abi/table.js";

/** Bytes of memory of each task's own, and where in it is what. */
export const OWN_BYTES = 256;
const OUT = 0;
const SPAWN = 16;
const ACTION = 56;
const ITEMS = 72;
const ENDPOINT = 136;
const RECORD = 144;
const DATA = 160;
const DATA_BYTES = 64;
const NAME_BYTES = 8;
export const NAMES = 4;
/** Bytes of names, and of two words behind them that all share. */
export const SHARED_BYTES = NAMES * NAME_BYTES + 8;

const LOOPBACK = 0x7f000001;
const PORTS = 1000;
const EDGES = [-1, 0, 1, 0x7fffffff, -0x80000000, 0x10000, 63, 64];
/** One number of so many is from the edges. */
const RARELY = 64;
/** Of handles of each kind, so many of the last are remembered. */
const REMEMBERED = 8;
/** Slots of tasks from which one is drawn, behind that of the one who cleans up, 0. */
const SLOTS = 63;
const MODES = [Mode.READ, Mode.WRITE, Mode.READ | Mode.WRITE, Mode.READ | Mode.WRITE, Mode.PUBLIC, 0];

/** Of each owner's own, so many of each kind are remembered; and how many owners are told apart. */
const KEPT = 3;
const PLACES = 128;

/** Beside the kinds: any of them, blocks, RAM. */
const [ANY, BLOCK, RAM, SORTS] = [0, 16, 17, 18];
const GIVES: Partial<Record<string, number>> = {
  object_open: ANY,
  pool_alloc: BLOCK,
  mailbox_receive: BLOCK,
  memory_alloc: RAM,
  region_address: RAM,
};

/** Where an owner's handles of a kind begin. */
function placeOf(own: number, kind: number): number {
  return (((own / OWN_BYTES) & (PLACES - 1)) * SORTS + kind) * KEPT;
}

/** The kinds whose handles a call takes, by the type of its argument. */
const KINDS: Partial<Record<string, number>> = {
  sem: Kind.SEM,
  mutex: Kind.MUTEX,
  cond: Kind.COND,
  event: Kind.EVENT,
  barrier: Kind.BARRIER,
  rwlock: Kind.RWLOCK,
  timer: Kind.TIMER,
  pipe: Kind.PIPE,
  queue: Kind.QUEUE,
  mailbox: Kind.MAILBOX,
  region: Kind.REGION,
  pool: Kind.POOL,
  socket: Kind.SOCKET,
};

/** Numbers from `least` on, `span` of them, by the name of an argument. */
const RANGES: Record<string, [least: number, span: number]> = {
  priority: [0, 63],
  threshold: [0, 64],
  ticks: [0, 6],
  tick: [0, 40],
  line: [0, 8],
  entry: [0, 100],
  kind: [1, 15],
  field: [1, 34],
  initial: [0, 4],
  maximum: [1, 8],
  count: [1, 6],
  flags: [0, 32],
  ceiling: [0, 63],
  bits: [0, 16],
  how: [0, 4],
  action: [0, 5],
  target: [0, 100],
  value: [0, 16],
  first: [0, 8],
  period: [0, 8],
  capacity: [1, 64],
  level: [0, 32],
  signal: [0, 32],
  set: [0, 65536],
  mask: [0, 65536],
  size: [1, 32],
  discipline: [0, 3],
  bytes: [1, 200],
  expected: [0, 3],
  type: [1, 2],
  receive: [1, 64],
  transmit: [1, 64],
  port: [0, 2],
  backlog: [1, 4],
  status: [0, 100],
  previous: [0, 1],
};

/**
 * How much more seldom than the others a call is drawn: what ends or stops tasks, or keeps others from running. What makes room in the
 * kernel's tables comes more often, and what succeeds only behind several others.
 */
const SELDOM: Partial<Record<string, number>> = {
  task_exit: 8,
  task_terminate: 6,
  task_suspend: 3,
  scheduler_lock: 8,
  interrupt_lock: 8,
  irq_raise: 3,
  signal_suspend: 3,
  timer_service: 8,
  object_delete: 2,
  object_close: 2,
  pool_free: 0.5,
  pool_alloc: 0.5,
  mailbox_create: 0.5,
  mailbox_send: 0.5,
  mailbox_send_sync: 0.5,
  mailbox_receive: 0.5,
  object_grant: 0.5,
  object_open: 0.25,
  socket_create: 0.5,
  socket_bind: 0.5,
  socket_listen: 0.5,
  socket_connect: 0.5,
  socket_accept: 0.5,
  irq_detach: 3,
};

/** One call with random arguments; how many it takes is in its makers. */
export interface Drawn {
  readonly name: string;
  /** What it answers: an object of this kind, one of any (0), a block, RAM; undefined for nothing that is remembered. */
  readonly kind: number | undefined;
  readonly makers: readonly ((own: number) => number)[];
}

export class Draw {
  /** Every call of the table, by its place in it. */
  readonly drawn: readonly Drawn[];
  readonly #order: readonly number[];
  readonly #u32: Uint32Array;
  #dice: Stream;
  #names = 0;
  /** Handles of tasks stand in their records. */
  #tasks = 0;
  readonly #handles: Int32Array;
  readonly #made: Int32Array;
  /** The same of each owner's own, by the place of its memory. */
  readonly #owned = new Int32Array(PLACES * SORTS * KEPT);

  constructor(u32: Uint32Array, dice: Stream) {
    this.#u32 = u32;
    this.#dice = dice;
    this.#handles = new Int32Array(SORTS * REMEMBERED);
    this.#made = new Int32Array(SORTS);
    const table = Object.entries(calls) as [string, Call][];
    this.drawn = table.map(([name, call]) => this.#drawnOf(name, call));
    const most = 8;
    this.#order = table.flatMap(([name], i) => Array<number>(Math.max(1, Math.round(most / (SELDOM[name] ?? 1)))).fill(i));
  }

  /** Nothing was made yet. `names` is where the names are, `tasks` where the records of tasks. */
  begin(dice: Stream, names: number, tasks: number): void {
    this.#dice = dice;
    this.#names = names;
    this.#tasks = tasks;
    this.#handles.fill(0);
    this.#made.fill(0);
    this.#owned.fill(0);
  }

  /** Another task has this memory now. */
  forget(own: number): void {
    this.#owned.fill(0, placeOf(own, 0), placeOf(own, SORTS));
  }

  /** The place of the next call in the table. */
  next(): number {
    return this.#order[this.#dice.below(this.#order.length)] as number;
  }

  below(choices: number): number {
    return this.#dice.below(choices);
  }

  /** A call made something: a handle, or a block. */
  made({ kind }: Drawn, own: number, result: number): void {
    if (kind === undefined) return;
    const sort = kind === ANY ? (result >> 8) & 31 : kind;
    const place = placeOf(own, sort);
    this.#owned.copyWithin(place + 1, place, place + KEPT - 1);
    this.#owned[place] = result;
    const count = this.#made[sort] as number;
    this.#made[sort] = count + 1;
    this.#handles[sort * REMEMBERED + (count & (REMEMBERED - 1))] = result;
  }

  #drawnOf(name: string, call: Call): Drawn {
    const [noun = "", verb = ""] = name.split("_");
    const kind = GIVES[name] ?? (verb === "create" || name === "socket_accept" ? KINDS[noun] : undefined);
    return { name, kind, makers: call.args.flatMap(([argument, type]) => this.#makersOf(name, argument, type)) };
  }

  #makersOf(call: string, name: string, type: ArgumentType): ((own: number) => number)[] {
    const kind = KINDS[type.split(":", 1)[0] as string];
    if (kind !== undefined) return [(own) => this.#handle(kind, own)];
    switch (type) {
      case "task":
      case "task?":
        return [() => this.#task()];
      case "handle":
        return [(own) => (this.#dice.below(8) === 0 ? this.#task() : this.#handle(1 + this.#dice.below(14), own))];
      case "name":
        return [() => (call === "object_open" || this.#dice.below(3) === 0 ? this.#names + NAME_BYTES * this.#dice.below(NAMES) : 0)];
      case "bytes":
        return [(own) => own + DATA, () => this.#dice.below(DATA_BYTES)];
      case "items":
        return [(own) => this.#items(own), () => 1 + this.#dice.below(4)];
      case "spawn":
        return [(own) => this.#spawn(own)];
      case "sigaction?":
        return [(own) => (this.#dice.below(4) === 0 ? 0 : this.#action(own))];
      case "endpoint?":
        return [(own) => this.#endpoint(own)];
      case "letter?":
      case "sender?":
      case "callback":
        return [(own) => own + RECORD];
      case "out32":
      case "out32?":
      case "out64":
        return [(own) => own + OUT];
      case "timeout":
        return [() => this.#timeout()];
    }
    if (name === "block") return [(own) => this.#handle(BLOCK, own)];
    if (call === "memory_free") return [(own) => this.#handle(RAM, own)];
    if (name === "address") return [(own) => (call.startsWith("word_") ? this.#word(own) : this.#edge(LOOPBACK))];
    if (call === "object_open" && name === "kind") return [() => (this.#dice.below(2) === 0 ? Kind.MAILBOX : 1 + this.#dice.below(15))];
    if (call === "mailbox_create" && name === "mode") return [() => this.#edge(1 + this.#dice.below(2))];
    if (name === "mode") return [() => this.#edge(MODES[this.#dice.below(MODES.length)] as number)];
    if (name === "storage") return [() => (this.#dice.below(16) === 0 ? this.#edge(0) : 0)];
    // Much of it is only a long time without calls.
    if (name === "cycles") return [() => (this.#dice.below(RARELY) === 0 ? this.#edge(50_000) : this.#dice.below(3000))];
    if (name === "destination" || name === "source") return [() => (this.#dice.below(4) > 0 ? 0 : this.#task())];
    const [least, span] = RANGES[name] ?? [0, 100];
    if (name === "port") return [() => this.#edge(this.#dice.below(16) === 0 ? 0 : PORTS + this.#dice.below(span))];
    return [() => this.#edge(least + this.#dice.below(span))];
  }

  #edge(value: number): number {
    return this.#dice.below(RARELY) === 0 ? (EDGES[this.#dice.below(EDGES.length)] as number) : value;
  }

  #timeout(): number {
    const sort = this.#dice.below(16);
    return sort < 7 ? 0 : sort < 15 ? sort - 6 : this.#edge(-1);
  }

  /** Of those that the caller made itself, as a rule: they are open to it. */
  #handle(kind: number, own: number): number {
    if (kind === Kind.TASK) return this.#task();
    if (this.#dice.below(4) > 0) {
      const handle = this.#owned[placeOf(own, kind) + this.#dice.below(KEPT)] as number;
      if (handle !== 0) return handle;
    }
    return this.#edge(this.#handles[kind * REMEMBERED + this.#dice.below(REMEMBERED)] as number);
  }

  /** That of a task in most cases, though there are few; else whatever stands in a slot. */
  #task(): number {
    let slot = this.#dice.below(SLOTS);
    if (this.#dice.below(4) > 0) for (let i = 1; i < SLOTS && this.#handleAt(slot) === 0; i++) slot = (slot + 1) % SLOTS;
    return this.#edge(this.#handleAt(slot));
  }

  #handleAt(slot: number): number {
    return this.#u32[(this.#tasks + (1 + slot) * layout.Task.bytes + layout.Task.handle) >> 2] as number;
  }

  /** A word that all share, of the caller's own, or of what was given out. */
  #word(own: number): number {
    const sort = this.#dice.below(4);
    if (sort < 2) return this.#names + NAMES * NAME_BYTES + 4 * sort;
    return sort === 2 ? own + DATA + 4 * this.#dice.below(4) : this.#handle(RAM, own);
  }

  #put(at: number, offset: number, value: number): void {
    this.#u32[(at + offset) >> 2] = value >>> 0;
  }

  #spawn(own: number): number {
    const at = own + SPAWN;
    const S = layout.Spawn;
    this.#put(at, S.name, this.#dice.below(8) === 0 ? this.#names + NAME_BYTES * this.#dice.below(NAMES) : 0);
    this.#put(at, S.entry, this.#dice.below(100));
    this.#put(at, S.argument, this.#dice.next());
    this.#put(at, S.priority, this.#edge(this.#dice.below(63)));
    this.#put(at, S.threshold, this.#dice.below(4) === 0 ? this.#dice.below(64) : -1);
    this.#put(at, S.slice, this.#edge(this.#dice.below(4)));
    this.#put(at, S.flags, this.#dice.below(4));
    this.#put(at, S.stack, 0);
    this.#put(at, S.stackSize, this.#edge(this.#dice.below(512)));
    return at;
  }

  #action(own: number): number {
    const at = own + ACTION;
    const A = layout.SigAction;
    this.#put(at, A.disposition, this.#edge(this.#dice.below(3)));
    this.#put(at, A.entry, this.#dice.below(100));
    this.#put(at, A.mask, this.#dice.next());
    this.#put(at, A.flags, this.#dice.below(32));
    return at;
  }

  #items(own: number): number {
    const at = own + ITEMS;
    const I = layout.PollItem;
    for (let i = 0; i < 4; i++) {
      this.#put(at + i * I.bytes, I.handle, this.#handle(1 + this.#dice.below(14), own));
      this.#put(at + i * I.bytes, I.events, this.#dice.below(4) === 0 ? this.#dice.below(64) : Poll.READ);
      this.#put(at + i * I.bytes, I.bits, this.#dice.below(16));
    }
    return at;
  }

  #endpoint(own: number): number {
    if (this.#dice.below(2) === 0) return 0;
    const at = own + ENDPOINT;
    this.#put(at, layout.Endpoint.address, this.#edge(LOOPBACK));
    this.#put(at, layout.Endpoint.port, PORTS + this.#dice.below(2));
    return at;
  }
}
