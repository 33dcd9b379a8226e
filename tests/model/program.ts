/**
 * Programs for kernel and model: what the description makes, tasks, handlers, and when lines are raised. An argument is a small
 * number, whose meaning comes from the type of the parameter (the n-th mutex that was made, one of a few timeouts), so that a
 * program shrinks well and a counter-example can be read.
 */
import { C, CALLS, type CallName, E, KINDS, type Kind } from "./abi.js";

/** A call with its small arguments. Missing ones are 0. */
export type Op = [call: CallName | "trap", ...args: number[]];

export interface TaskPlan {
  priority: number;
  /** Above the priority by so much. */
  threshold: number;
  slice: number;
  /** TaskFlag. */
  flags: number;
  /** What it has open: two bits (Mode) for each channel that the description made. */
  opens: number;
  ops: Op[];
}

export interface Program {
  /** The small kernel, with its small tables. */
  small?: boolean;
  /** Bytes of RAM that can be given out; all there is, where it is not said. */
  arena?: number | undefined;
  /** Cycles a tick, and the number of the first. */
  period: number;
  first: number;
  /** What the system description calls. */
  setup: Op[];
  tasks: TaskPlan[];
  /** What signal handlers and interrupt handlers call. */
  handlers: Op[][];
  /** Priorities of the lines 0, 1 … */
  lines: number[];
  /** Lines raised by a device, each so many cycles behind the one before; from 5 on a signal for a task instead. */
  events: [cycles: number, line: number][];
  /** What the schedule oracle chooses, over and over: thousandths of how many choices there are. Without it the rules are the default ones. */
  choices?: number[] | undefined;
}

/** Where things are in the firmware's data. */
export const PLACES = { names: 0, buffers: 64, outs: 1600, words: 1728, own: 1792, each: 96, bytes: 1792 + 68 * 96 };
const BUFFERS = 12;
const BUFFER = 128;
export const NAMES = ["a", "b", "c"];
const TIMEOUTS = [-1, 3, 0, 1, 5, 2, 8, -1, 13, -2];
const SIGNALS = [10, 12, 14, 17, 15, 18, 19, 20, 13, 9, 2, 1, 0, 31];
const SETS = [(1 << 10) | (1 << 12), 1 << 10, 0, 1 << 12, 1 << 14, 1 << 17, -1, 0x7fffffff, (1 << 20) | (1 << 18)];
const CAPACITIES = [4, 0, 1, 8, 16, 64, 70, 130];
const pick = <V>(list: readonly V[], n: number): V => list[Math.abs(n) % list.length] as V;

/** What a program has got hold of so far. */
export class Things {
  readonly made = new Map<Kind, number[]>();
  readonly tasks: number[] = [];
  readonly blocks: number[] = [];
  /** What each caller got last: blocks, and mutexes that it locked. */
  readonly own = new Map<number, { blocks: number[]; locked: number[]; sockets: number[] }>();
  /** What each task was given or has opened, for a direction of a kind: "3 pipe:read". */
  readonly opened = new Map<string, number[]>();
  readonly regions: number[] = [];
  readonly ram: number[] = [];

  /** The n-th of a list; what is beyond it is no such thing, or an old one. */
  static nth(list: readonly number[], n: number, stray: number): number {
    if (n === 15) return stray;
    return list.length === 0 ? 0 : (list[n % list.length] as number);
  }

  ofKind(kind: Kind, n: number): number {
    return Things.nth(this.made.get(kind) ?? [], n, (KINDS[kind] << 8) | 7);
  }

  task(n: number): number {
    return Things.nth(this.tasks, n, (1 << 13) | (KINDS.TASK << 8) | 40);
  }

  any(n: number): number {
    const all = [...this.made.values()].flat();
    return Things.nth(all, n, 0);
  }

  ownOf(slot: number): { blocks: number[]; locked: number[]; sockets: number[] } {
    const own = this.own.get(slot) ?? { blocks: [], locked: [], sockets: [] };
    this.own.set(slot, own);
    return own;
  }

  private open(slot: number, handle: number, mode: number): void {
    const [kind] = Object.entries(KINDS).find(([, number]) => number === ((handle >> 8) & 31)) ?? [];
    for (const [bit, direction] of [
      [1, "read"],
      [2, "write"],
    ] as const) {
      if (!(mode & bit)) continue;
      const key = `${slot} ${kind?.toLowerCase()}:${direction}`;
      this.opened.set(key, [...(this.opened.get(key) ?? []), handle]);
    }
  }

  /** The result of a call may be something that later calls use. */
  learn(call: CallName, args: number[], result: number, slot: number): void {
    const own = this.ownOf(slot);
    if (call === "mutex_lock" && (result === 0 || result === E.EOWNERDEAD)) own.locked.unshift(args[0] as number);
    if (call === "socket_connect" && (result === 0 || result === E.EINPROGRESS)) own.sockets.unshift(args[0] as number);
    if (call === "socket_accept" && result > 0) own.sockets.unshift(result);
    if (call === "mutex_unlock" && result === 0) own.locked.splice(own.locked.indexOf(args[0] as number), 1);
    if (call === "object_grant" && result === 0) this.open((args[1] as number) & 0xff, args[0] as number, args[2] as number);
    if (result <= 0) return;
    if (call === "object_open") this.open(slot, result, args[2] as number);
    if (call === "socket_accept") this.open(slot, result, 3);
    if (call === "pool_alloc" || call === "mailbox_receive") own.blocks.unshift(result);
    const add = (list: number[], value = result) => {
      if (!list.includes(value)) list.push(value);
    };
    const [noun, verb] = call.split("_") as [string, string];
    if (call === "task_spawn") add(this.tasks);
    else if (call === "pool_alloc" || call === "mailbox_receive") add(this.blocks);
    else if (call === "memory_alloc") add(this.ram);
    else if (call === "region_address") add(this.regions);
    else if (call === "socket_accept") add(this.listOf("SOCKET"));
    else if (verb === "create") add(this.listOf(noun.toUpperCase() as Kind));
    else if (call === "object_open" && args[0] === KINDS.TASK) add(this.tasks);
    else if (call === "object_open") {
      const [kind] = Object.entries(KINDS).find(([, number]) => number === args[0]) ?? [];
      if (kind) add(this.listOf(kind as Kind));
    }
  }

  private listOf(kind: Kind): number[] {
    const list = this.made.get(kind) ?? [];
    this.made.set(kind, list);
    return list;
  }
}

/** Who calls, as far as arguments depend on it. */
export interface Caller {
  /** Slot of the task, or 64 for an interrupt, 65 for the description. */
  slot: number;
  tick: number;
  /** Where the firmware's data begin. */
  data: number;
}

/** The arguments that the kernel is given, and what must stand in memory for them. */
export interface Prepared {
  args: number[];
  words: [address: number, value: number][];
}

/** What the small arguments of an op stand for. */
export function prepare([name, ...small]: Op, things: Things, { slot, tick, data }: Caller): Prepared {
  const call = name as CallName;
  const own = data + PLACES.own + slot * PLACES.each;
  const out = (n: number) => data + PLACES.outs + (n % 16) * 8;
  const words: [number, number][] = [];
  let at = 0;
  const next = () => small[at++] ?? 0;
  if (call === "task_spawn") {
    const [plan, priority, over, slice, flags, stack] = [next(), next(), next(), next(), next(), next()];
    const values = [
      next() % 4 === 1 ? data + PLACES.names + 4 : 0,
      plan,
      plan,
      priority % 66,
      over === 0 ? -1 : (priority % 66) + over - 1,
      slice,
      flags & 3,
      0,
      (stack % 4) * 500,
    ];
    return { args: [own], words: values.map((value, i) => [own + 4 * i, value]) };
  }
  if (call === "object_poll") {
    const count = 1 + (next() % 3);
    const timeout = pick(TIMEOUTS, next());
    for (let i = 0; i < count; i++) {
      const n = next();
      // A task in between: the caller's own flags and signals, or the end of another.
      const handle = n % 4 === 3 ? things.task(n >> 2) : things.any(n >> 2);
      for (const [j, value] of [handle, next() & 31, pick(SETS, next()) | 7, 0].entries()) words.push([own + i * 16 + j * 4, value]);
    }
    return { args: [own, count, timeout], words };
  }
  const args: number[] = [];
  for (const [name, type] of CALLS[call].args) {
    switch (type) {
      case "task":
        args.push(things.task(next()));
        break;
      case "task?": {
        const n = next();
        args.push(n === 14 ? 0 : things.task(n));
        break;
      }
      case "handle":
        args.push(call === "object_info" && small[0] === 14 ? 0 : handleFor(things, next(), call, slot));
        break;
      case "name": {
        const n = next();
        args.push(n % 4 === 0 && call !== "object_open" ? 0 : data + PLACES.names + 4 * (n % NAMES.length));
        break;
      }
      case "bytes": {
        const buffer = next();
        args.push(data + PLACES.buffers + (buffer % BUFFERS) * BUFFER, next() % (BUFFER + 1));
        break;
      }
      case "out32?": {
        const n = next();
        args.push(n % 3 === 0 ? 0 : out(n));
        break;
      }
      case "out32":
      case "out64":
        args.push(out(next()));
        break;
      case "callback":
        args.push(own + 64);
        break;
      case "letter?":
      case "sender?": {
        const n = next();
        args.push(n % 2 === 0 ? 0 : own + 48);
        break;
      }
      case "sigaction?": {
        if (name === "old") {
          args.push(next() % 2 === 0 ? 0 : own + 32);
          break;
        }
        const kind = next();
        const { HANDLER, IGNORE, DEFAULT } = C.Disposition;
        const values = [
          pick([HANDLER, HANDLER, HANDLER, HANDLER, IGNORE, HANDLER, DEFAULT, HANDLER], kind),
          next(),
          pick(SETS, next()),
          next() & 31,
        ];
        for (const [i, value] of values.entries()) words.push([own + 4 * i, value]);
        args.push(kind === 3 ? 0 : own);
        break;
      }
      case "endpoint?": {
        const n = next();
        if (name === "peer") args.push(n % 2 === 0 ? 0 : own + 48);
        else {
          args.push(n === 0 ? 0 : own);
          words.push([own, 0x7f000001], [own + 4, 80 + (n % 4)]);
        }
        break;
      }
      case "timeout":
        args.push(pick(TIMEOUTS, next()));
        break;
      case "i32":
      case "u32":
        args.push(numberOf(call, name, next(), things, tick, data, slot));
        break;
      default: {
        const [kind] = type.split(":") as [string];
        const n = next();
        const { locked, sockets } = things.ownOf(slot);
        if (n < 12 && sockets.length > 0 && /^socket_(send|receive|shutdown)/.test(call)) {
          args.push(sockets[n % sockets.length] as number);
          break;
        }
        const opened = things.opened.get(`${slot} ${type}`);
        if (n < 12 && opened && opened.length > 0) {
          args.push(opened[n % opened.length] as number);
          break;
        }
        // Mostly what the caller has locked, where that is what the call is about.
        const unlocks = call === "mutex_unlock" || call === "mutex_consistent" || (call === "cond_wait" && kind === "mutex");
        args.push(
          unlocks && n < 12 && locked.length > 0 ? (locked[n % locked.length] as number) : things.ofKind(kind.toUpperCase() as Kind, n),
        );
      }
    }
  }
  return { args, words };
}

/** Objects that are opened for what is about opening, any for the rest. */
function handleFor(things: Things, n: number, call: CallName, slot: number): number {
  const { sockets } = things.ownOf(slot);
  if (call === "object_close" && n % 4 === 3 && sockets.length > 0) return sockets[0] as number;
  if (call === "object_info" && n % 3 === 0) return things.task(n);
  return things.any(n);
}

function numberOf(call: CallName, name: string, n: number, things: Things, tick: number, data: number, slot: number): number {
  switch (name) {
    case "ticks":
      return call === "task_slice" ? n % 5 : n === 9 ? -1 : n % 6;
    case "tick":
      return (tick + (n % 7) - 1) | 0;
    case "cycles":
      return n === 99 ? -1 : n * 100;
    case "priority":
      return call === "irq_attach" ? n : n % 66;
    case "threshold":
      return n % 66;
    case "first":
      return n === 9 ? 0 : 1 + (n % 4);
    case "period":
      return n % 4;
    case "line":
      return n % 5;
    case "signal":
      return pick(SIGNALS, n);
    case "set":
    case "mask":
      return pick(SETS, n);
    case "capacity":
      return pick(CAPACITIES, n);
    case "size":
      return call === "pool_create" ? 8 + n * 12 : n % 40;
    case "count":
      return call === "word_wake" ? pick([1, 2, 3, 0, -1], n) : call === "sem_reset" ? n % 4 : n % 6;
    case "mode":
      return n % 16;
    case "storage":
      return 0;
    case "bytes":
      return call === "memory_alloc" ? n * 700 : 4 + (n % 30);
    case "kind":
      return n % 17;
    case "action":
      return n % 6;
    case "target":
      // A callback's entry, or what the other actions are for.
      return n % 4 === 0 ? n : n % 4 === 3 ? things.task(n >> 2) : things.ofKind(n % 4 === 1 ? "SEM" : "EVENT", n >> 2);
    case "block": {
      const { blocks } = things.ownOf(slot);
      return n < 12 && blocks.length > 0 ? (blocks[n % blocks.length] as number) : Things.nth(things.blocks, n, 12);
    }
    case "destination":
    case "source":
      return n % 3 === 0 ? 0 : things.task(n);
    case "address":
      if (call === "memory_free") return Things.nth(things.ram, n, data);
      if (call.startsWith("socket")) return n % 4 === 0 ? 0x7f000001 : n % 4 === 1 ? 0 : n % 4 === 2 ? 0x7f000002 : 0x0a000001;
      return n % 3 === 0 || things.regions.length === 0
        ? data + PLACES.words + 4 * (n % 4) + (n === 15 ? 2 : 0)
        : Things.nth(things.regions, n, data + 1) + 4 * (n % 3);
    case "port":
      return call === "socket_bind" && n % 5 === 4 ? 0 : 80 + (n % 4);
    case "type":
      return (n % 3) + (n % 3 === 0 ? 1 : 0);
    case "receive":
    case "transmit":
      return 9 + (n % 50);
    case "maximum":
      return n % 5;
    case "expected":
    case "value":
      return n % 8;
    case "flags":
      return n % 33;
    case "ceiling":
      return n % 66;
    case "how":
      return call === "queue_send" ? (n % 4) + (n & 16 ? 256 : 0) : n % 4;
    case "field":
      return n % 36;
    case "previous":
      return n % 2 === 0 ? 0 : things.any(n);
  }
  return n;
}

/** A program as a line of code. */
export function written(program: Program): string {
  const ops = (list: Op[]) => `[${list.map((op) => JSON.stringify(op)).join(", ")}]`;
  const { tasks, handlers, setup, lines, events, choices, small, arena, period, first } = program;
  const plans = tasks.map(
    ({ ops: own, ...rest }) =>
      `    { ${Object.entries(rest)
        .map(([key, value]) => `${key}: ${value}`)
        .join(", ")}, ops: ${ops(own)} },`,
  );
  return [
    "{",
    ...(small ? ["  small: true,"] : []),
    ...(arena === undefined ? [] : [`  arena: ${arena},`]),
    `  period: ${period}, first: ${first},`,
    `  setup: ${ops(setup)},`,
    "  tasks: [",
    ...plans,
    "  ],",
    `  handlers: [${handlers.map(ops).join(", ")}],`,
    `  lines: ${JSON.stringify(lines)}, events: ${JSON.stringify(events)},`,
    ...(choices ? [`  choices: ${JSON.stringify(choices)},`] : []),
    "}",
  ].join("\n");
}
