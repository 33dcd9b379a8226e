/**
 * What a hostile caller has in its hands: for each call of the table every odd value of every argument, what the table lets the kernel
 * answer, and a look at the memory that says whether a refusal has changed anything.
 */
import type { Machine, Socket, System } from "../hal/host/index.js";
import { CPU_PAGE } from "../hal/map.js";
import { errors, Kind, layout, Mode } from "../kernel/abi/host.js";
import { type ArgumentType, type Call, calls } from "../kernel/abi/table.js";
import { type CallName, cpuWord, noting } from "./probe.js";

export const MAX = 0x7fffffff;
export const MIN = -0x80000000;

/** Every call of the table. */
export const table = Object.entries(calls) as [CallName, Call][];

/** The wasm arguments that a call takes, with the type of each; names stand for types where the name says more. */
export function parameters(call: Call): string[] {
  const network = call.args.some(([, type]) => type === "socket");
  return call.args.flatMap(([name, type]) => {
    if (type === "bytes" || type === "items") return [type, "length"];
    if (name === "block" || name === "storage") return [name];
    if (name === "address") return [network ? "place" : "address"];
    return [network && name === "port" ? "port" : type];
  });
}

/** Whether the call has something that decides if it may wait. */
export function waits(name: CallName, call: Call): boolean {
  return name === "task_sleep" || call.args.some(([, type]) => type === "timeout");
}

/** What the table's column says of a caller whose context has these letters; nobody has none. */
export function legality(call: Call, letters: string): "always" | "without waiting" | "never" {
  const has = (letter: string) => call.in.includes(letter);
  if (letters === "") return "never";
  if ([...letters].every(has)) return "always";
  return [...letters].every((letter) => has(letter) || has(letter.toLowerCase())) ? "without waiting" : "never";
}

export const numberOf = (name: string) => (errors as Record<string, { errno: number }>)[name]?.errno as number;
export const nameOf = (errno: number) => Object.entries(errors).find(([, row]) => row.errno === errno)?.[0] ?? String(errno);

/** What an argument of this type can be refused with, whatever the call. */
function refusals(type: ArgumentType): string[] {
  const [kind, direction] = type.split(":") as [string, string | undefined];
  if (type === "task" || type === "task?") return ["ESRCH"];
  if (direction) return ["EBADF", "EPERM"];
  if (kind in kinds || kind === "handle") return ["EBADF"];
  if (type === "timeout") return ["EINVAL"];
  if (type === "bytes" || type === "items") return ["EINVAL", "EFAULT"];
  return /^(name|out|spawn|callback|sigaction|letter|endpoint|sender)/.test(type) ? ["EFAULT"] : [];
}

/** The errors that a call may answer where it is legal: those of its row and those of its arguments' types. */
export function mayAnswer(call: Call): ReadonlySet<number> {
  const known = answers.get(call);
  if (known) return known;
  const names = [...call.errors.split(" ").filter((name) => name !== ""), ...call.args.flatMap(([, type]) => refusals(type))];
  const found = new Set(names.map(numberOf));
  answers.set(call, found);
  return found;
}
const answers = new Map<Call, ReadonlySet<number>>();

/** Errors that tell of something that happened; all others are refusals, and refusals change nothing. */
export const HAPPENED = new Set(
  ["ETIMEDOUT", "ECANCELED", "EIDRM", "EINTR", "EPIPE", "EOWNERDEAD", "ECONNREFUSED", "ECONNRESET", "EINPROGRESS"].map(numberOf),
);

const kinds = Object.fromEntries(
  Object.keys(Kind)
    .filter((name) => name !== "LINE")
    .map((name) => [name.toLowerCase(), true]),
);
const KINDS = Object.keys(kinds);

/** What a hostile caller may pass. */
export interface Armoury {
  handles: Record<string, number[]>;
  pointers: number[];
  /** Where blocks of pools are, or might be. */
  blocks: number[];
  /** Where nobody stores but object_poll: nine items that may be polled. */
  items: number;
}

/** 127.0.0.1, the machine's own address, and one to which there is a way. */
const PLACES = [0x7f000001, 0x0a000001, 0x0a000002];
/** The edges of i32, and what lies beside powers of two; some of them are bits, signals, priorities, modes or sizes. */
const EDGES = [0, 1, 2, 3, 9, 16, 31, 32, 63, 64, 255, 256, 65535, 65536, 0x3fffffff, 0x40000000, MAX, MIN, MIN + 1, -1, -2];

/** Odd values for a parameter of this type; the first one is good. */
export function odd(type: string, armoury: Armoury): number[] {
  const kind = type.split(":")[0] as string;
  if (kind in kinds) return armoury.handles[kind] as number[];
  if (type === "task?") return armoury.handles.task as number[];
  if (type === "handle") return KINDS.flatMap((name) => (armoury.handles[name] as number[]).slice(0, 2)).concat(0, -1, MAX, MIN);
  if (type === "items") return [armoury.items, armoury.items + 16, ...armoury.pointers];
  if (type === "timeout") return [0, 1, -1, -2, MAX, MIN];
  if (type === "length") return [8, 0, 1, 9, 65, 0x20000, -1, MAX, MIN];
  if (type === "place") return [...PLACES, 0, 1, -1, MAX, MIN];
  if (type === "port") return [63, 64, 0, 1, 65535, 65536, -1, MAX, MIN];
  if (type === "block") return [...armoury.blocks, ...armoury.pointers];
  if (type === "address") return [...armoury.pointers, ...armoury.blocks];
  if (type === "storage") return [0, ...armoury.pointers];
  if (type === "i32" || type === "u32") return EDGES;
  return armoury.pointers;
}

/** Lists of arguments in which each value of each argument meets each value of each other one. */
export function pairwise(lists: readonly (readonly number[])[]): number[][] {
  const sizes = lists.map((list) => list.length);
  const size = (at: number) => sizes[at] ?? 1;
  // The two longest lists in full, the others beside them, each in steps of its own.
  const order = sizes.map((_, at) => at).sort((a, b) => size(b) - size(a));
  const [first = -1, second = -1] = order;
  const rows: number[][] = [];
  const met = new Set<number>();
  const meeting = (a: number, i: number, b: number, j: number) => ((a * 8 + b) * 64 + i) * 64 + j;
  const meet = (row: number[]) => {
    rows.push(row);
    for (const [a, i] of row.entries()) for (const [b, j] of row.slice(0, a).entries()) met.add(meeting(a, i, b, j));
  };
  for (let i = 0; i < size(first); i++) {
    for (let j = 0; j < size(second); j++) {
      meet(sizes.map((count, at) => (at === first ? i : at === second ? j : (i + order.indexOf(at) * j) % count)));
    }
  }
  for (let a = 0; a < sizes.length; a++) {
    for (let b = 0; b < a; b++) {
      for (let i = 0; i < size(a); i++) {
        for (let j = 0; j < size(b); j++) {
          if (!met.has(meeting(a, i, b, j))) meet(sizes.map((_, at) => (at === a ? i : at === b ? j : 0)));
        }
      }
    }
  }
  return rows.map((row) => row.map((value, at) => lists[at]?.[value] as number));
}

/** All combinations of one value from each list. */
export function product(lists: readonly (readonly number[])[]): number[][] {
  return lists.reduce<number[][]>((rows, list) => rows.flatMap((row) => list.map((value) => [...row, value])), [[]]);
}

/** Objects of all kinds, of which tasks may have some and not others, and the handles of what is not any more or never was. */
export interface Arms {
  machine: Machine;
  armoury: Armoury;
  /** What a caller's task is to have open. */
  open: { reads: Socket[]; writes: Socket[] };
}

/** A live object of each kind, one that only another task has, a stale handle, a forged generation, another kind's, and what is none. */
export function arm(system: System): Arms {
  const sem = system.semaphore({ initial: 1 });
  const { machine } = sem;
  const { kernel } = machine;
  const lock = system.mutex({ recursive: true });
  const listener = system.socket();
  const sockets = [system.socket(), listener, system.socket({ type: "datagram" })];
  kernel.socket_bind(listener.handle, 0, 63);
  kernel.socket_listen(listener.handle, 3);
  const theirs = { pipe: system.pipe({ capacity: 8 }), queue: system.queue({ count: 1, size: 8 }), socket: system.socket() };
  const kept = { mailbox: system.mailbox({ name: "theirs" }), region: system.region({ name: "theirs", size: 8 }) };
  const pool = system.pool({ count: 3, size: 8 });
  const live: Record<string, number> = {
    sem: sem.handle,
    socket: (sockets[0] as Socket).handle,
    mutex: lock.handle,
    cond: system.condition().handle,
    event: system.event({ bits: 1 }).handle,
    barrier: system.barrier(2).handle,
    rwlock: system.rwlock().handle,
    timer: system.timer({ give: sem }).handle,
    pipe: system.pipe({ capacity: 8, public: "both" }).handle,
    queue: system.queue({ count: 2, size: 8, public: "both" }).handle,
    mailbox: system.mailbox({ name: "box" }).handle,
    region: system.region({ name: "region", size: 8 }).handle,
    pool: pool.handle,
    task: system.task(
      "victim",
      { priority: 1, daemon: true, reads: [theirs.pipe, theirs.queue, theirs.socket, kept.mailbox] },
      function* (self) {
        for (;;) yield* self.sleep(1000);
      },
    ).handle,
  };
  const stale = system.event().handle;
  kernel.object_delete(stale);
  const others: Record<string, number> = Object.fromEntries(
    Object.entries({ ...theirs, ...kept }).map(([kind, { handle }]) => [kind, handle]),
  );
  const handles = Object.fromEntries(
    KINDS.map((kind) => {
      const own = live[kind] as number;
      const other = live[kind === "sem" ? "mutex" : "sem"] as number;
      return [kind, [own, others[kind] ?? own ^ (1 << 12), other, stale, own ^ (1 << 13), own ^ 0xff, own | MIN, 0, 1, -1, MAX, MIN]];
    }),
  );
  handles.socket?.splice(1, 0, ...sockets.slice(1).map(({ handle }) => handle));
  for (let line = 0; line < 3; line++) system.interrupt(line, {}, noting([], 0));
  const start = cpuWord(machine, layout.Cpu.scratch);
  const end = machine.image.bytes;
  const inside = start + 2048;
  const items = start + 3072;
  const polled = [live.sem, live.pipe, live.queue, live.event, live.timer, live.task, live.pool, live.mutex, live.sem] as number[];
  for (const [i, handle] of polled.entries()) machine.u32.set([handle, 1, 1, 0], (items >> 2) + 4 * i);
  // A name, too.
  machine.u8.set([0x6e, 0x65, 0x77, 0], inside);
  const block = kernel.pool_alloc(pool.handle, 0);
  const ram = kernel.memory_alloc(16, 0);
  return {
    machine,
    open: { reads: sockets, writes: sockets },
    armoury: {
      handles,
      items,
      blocks: [block, block + 8, block + 1, block + 4, block - 8, ram, ram + 8],
      pointers: [
        inside,
        inside + 1,
        inside + 4,
        start,
        start - 1,
        start - 4,
        end - 16,
        end - 4,
        end - 1,
        end,
        end + 1,
        0,
        1,
        64,
        CPU_PAGE + 128,
        -1,
        -4,
        MAX,
        MIN,
      ],
    },
  };
}

/** Opens for the running task what a description cannot give it; the rest of what it is to have. */
export function armCaller(machine: Machine, { handles, blocks }: Armoury): void {
  const { kernel } = machine;
  kernel.object_open(Kind.MAILBOX, machine.stageName("box"), Mode.WRITE);
  kernel.object_open(Kind.REGION, machine.stageName("region"), Mode.WRITE);
  const block = kernel.pool_alloc(handles.pool?.[0] ?? 0, 0);
  if (block > 0) blocks.unshift(block);
}

/** In a context: the next call was charged already. */
export const REPEAT = 64;
const LEFT = CPU_PAGE + layout.Cpu.left;

/** The whole memory as it was. */
export class Snapshot {
  readonly #machine: Machine;
  readonly #bytes: Buffer;
  readonly #look: number;
  readonly #context: number;
  #copy = Buffer.alloc(0);

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#bytes = Buffer.from(machine.u8.buffer);
    const kernel = cpuWord(machine, layout.Cpu.kernel);
    this.#look = kernel + layout.Kernel.look;
    this.#context = kernel + layout.Kernel.context;
    this.take();
  }

  take(): void {
    this.#copy = Buffer.from(this.#bytes);
  }

  /** Nothing has changed but the cycles that are left, whether the kernel must look at whom to run, and whether a call is a repeat. */
  get same(): boolean {
    const { u32 } = this.#machine;
    const [left, look, context] = [LEFT, this.#look, this.#context].map((at) => u32[at >> 2]) as [number, number, number];
    for (const at of [LEFT, this.#look]) u32[at >> 2] = this.#copy.readUInt32LE(at);
    u32[this.#context >> 2] = context | (this.#copy.readUInt32LE(this.#context) & REPEAT);
    if (this.#copy.equals(this.#bytes)) return true;
    u32[LEFT >> 2] = left;
    u32[this.#look >> 2] = look;
    u32[this.#context >> 2] = context;
    return false;
  }

  /** The addresses of bytes that have changed, but for those. */
  changed(): number[] {
    const may = [LEFT, this.#look].flatMap((word) => [word, word + 1, word + 2, word + 3]);
    return [...this.#copy.keys()].filter((at) => this.#copy[at] !== this.#bytes[at] && !may.includes(at));
  }

  restore(): void {
    this.#bytes.set(this.#copy);
  }
}
