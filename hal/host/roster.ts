/** Every task that ever was in a run: what reports say of it, kept beyond its end. */
import { End, Held, Kind, layout, State, TaskFlag } from "../../kernel/abi/host.js";
import type { CompiledCpu } from "./compiled.js";
import type { Readout } from "./readout.js";

/** What is known of a task, alive or ended. */
export interface TaskInfo {
  name: string;
  handle: number;
  index: number;
  /** Its base priority. */
  priority: number;
  state: "ready" | "running" | "blocked" | "suspended" | "stopped" | "exited" | "terminated" | "signalled" | "failed";
  /** The signal that ended it, 0 for none. */
  signal: number;
  daemon: boolean;
  /** Exit status once it ended. */
  status: number | undefined;
  cycles: number;
  /** Times it got the CPU. */
  switches: number;
  /** Most cycles between ready and running. */
  latency: number;
  /** Bytes of stack used at most; undefined for a scripted task. */
  stack: number | undefined;
  /** Bytes of stack that it has; undefined for a scripted task. */
  stackSize: number | undefined;
}

/** Where tasks are read from, and which of them are compiled: of those nobody tells when they begin. */
interface Source extends Readout {
  readonly compiled?: Pick<CompiledCpu, "isCompiled"> | undefined;
}

const T = layout.Task;
/** Bits of a handle that say how often its slot was used before. */
const GENERATIONS = 0x3ffff;

const states: Record<number, TaskInfo["state"]> = {
  [End.EXIT]: "exited",
  [End.TERMINATED]: "terminated",
  [End.SIGNAL]: "signalled",
  [End.FAULT]: "failed",
};

export class Roster {
  readonly #memory: Source;
  readonly #known: TaskInfo[] = [];
  /** The last task of each slot, alive or ended. */
  readonly #latest = new Map<number, TaskInfo>();

  constructor(memory: Source) {
    this.#memory = memory;
  }

  /** A task exists: told when it starts and when its maker knows its handle, in either order. */
  born(handle: number, name: string): void {
    this.#discover();
    this.#enter(handle, name);
  }

  #enter(handle: number, name: string): void {
    const index = handle & 0xff;
    const before = this.#latest.get(index);
    if (before?.handle === handle) return;
    // Its slot is in use again before anybody looked: so quickly only a task goes that was terminated.
    if (before && before.status === undefined) Object.assign(before, { state: "terminated", status: -1 });
    const known: TaskInfo = {
      name,
      handle,
      index,
      priority: 0,
      state: "ready",
      daemon: false,
      status: undefined,
      signal: 0,
      cycles: 0,
      switches: 0,
      latency: 0,
      stack: undefined,
      stackSize: undefined,
    };
    this.#known.push(known);
    this.#latest.set(index, known);
    this.#look(known);
  }

  /** The task in this slot ended; its record still says how, unless the slot is another's already. */
  ended(index: number): void {
    this.#discover();
    const known = this.#latest.get(index);
    const record = this.#memory.taskRecord(index);
    if (!known || known.status !== undefined || (this.#memory.i32[(record + T.state) >> 2] as number) >= State.BLOCKED) return;
    this.#look(known);
    known.status = this.#memory.i32[(record + T.status) >> 2] as number;
    const how = this.#memory.u8[record + T.how] as number;
    known.state = states[how] ?? "failed";
    if (how === End.SIGNAL) known.signal = this.#memory.u8[record + T.fatal] as number;
  }

  /** All of them as they are now, in order of birth. */
  all(): readonly TaskInfo[] {
    this.#discover();
    for (const known of this.#latest.values()) {
      if (known.status === undefined) this.#look(known);
    }
    return this.#known;
  }

  /** Tasks that began within compiled code, in order of their slots, also those that nobody can name any more. */
  #discover(): void {
    if (!this.#memory.compiled) return;
    for (let index = 0; index < this.#memory.taskCount; index++) {
      const handle = this.#handleAt(index);
      if (handle !== 0) this.#enter(handle, this.#memory.nameOf((Kind.TASK << 8) | index));
    }
  }

  /** The handle of the task that is in a slot, or was last; 0 where there was none. */
  #handleAt(index: number): number {
    const record = this.#memory.taskRecord(index);
    const handle = this.#memory.i32[(record + T.handle) >> 2] as number;
    const generation = this.#memory.u32[(record + T.generation) >> 2] as number;
    if (handle !== 0 || generation === 0) return handle;
    return (((generation - 1) & GENERATIONS) << 13) | (Kind.TASK << 8) | index;
  }

  #look(known: TaskInfo): void {
    const { u8, i32, u32 } = this.#memory;
    const record = this.#memory.taskRecord(known.index);
    known.priority = u8[record + T.base] as number;
    known.daemon = ((i32[(record + T.flags) >> 2] as number) & TaskFlag.DAEMON) !== 0;
    known.cycles = this.#memory.u64(record + T.cycles);
    known.switches = u32[(record + T.switches) >> 2] as number;
    known.latency = u32[(record + T.worst) >> 2] as number;
    if (this.#memory.compiled?.isCompiled(known.index)) {
      known.stack = u32[(record + T.stackUsed) >> 2] as number;
      known.stackSize = u32[(record + T.stackSize) >> 2] as number;
    }
    const state = i32[(record + T.state) >> 2];
    if (state === State.RUNNING) known.state = "running";
    else if (state === State.BLOCKED) known.state = "blocked";
    else if (state === State.READY) known.state = u8[record + T.held] === 0 ? "ready" : heldState(u8[record + T.held] as number);
  }
}

function heldState(held: number): "suspended" | "stopped" {
  return held & Held.STOPPED ? "stopped" : "suspended";
}
