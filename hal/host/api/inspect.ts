/** The kernel's task table as a task sees it: by calls, one fact each. */
import { Info, Kind, State } from "../../../kernel/abi/host.js";
import { type Call, composed, type Parked } from "../call.js";
import { CallError } from "../errors.js";
import type { Machine } from "../machine.js";
import { room } from "../storage.js";

/** What is known of a task at the instant of the calls. */
export interface TaskFacts {
  name: string;
  handle: number;
  state: "ended" | "blocked" | "ready" | "running";
  /** What it waits for, "" for nothing or a sleep. */
  waitsFor: string;
  /** The priority it runs at, and its own. */
  priority: number;
  base: number;
  /** Cycles it ran. */
  cycles: number;
  /** Times it got the CPU. */
  switches: number;
  /** Most cycles between ready and running. */
  latency: number;
}

type Steps<T> = Generator<Parked, T, unknown>;

/** Kind and slot of a handle. */
const ID = 0x1fff;
const TWO_WORDS = 8;
const WORD = 4294967296;
const states: Record<number, TaskFacts["state"]> = {
  [State.ZOMBIE]: "ended",
  [State.BLOCKED]: "blocked",
  [State.READY]: "ready",
  [State.RUNNING]: "running",
};

/** All tasks, in order of their slots; see Self.tasks. */
export function taskTable(machine: Machine): Call<TaskFacts[]> {
  return composed(machine.enter(), "tasks", steps(machine));
}

function* steps(m: Machine): Steps<TaskFacts[]> {
  const table: TaskFacts[] = [];
  for (let handle = yield* next(m, 0); handle > 0; handle = yield* next(m, handle)) {
    try {
      table.push(yield* facts(m, handle));
    } catch (error) {
      // It ended between two calls.
      if (!(error instanceof CallError && error.code === "EBADF")) throw error;
    }
  }
  return table;
}

function next(m: Machine, previous: number): Call<number> {
  return m.enter().make(
    "tasks",
    (k) => k.object_enumerate(Kind.TASK, previous),
    (r) => r,
  );
}

function* facts(m: Machine, handle: number): Steps<TaskFacts> {
  const name = m.nameOf(handle & ID);
  const waitsFor = yield* fact(m, handle, Info.WAITING_FOR);
  return {
    name,
    handle,
    state: states[yield* fact(m, handle, Info.STATE)] ?? "ended",
    waitsFor: waitsFor === 0 ? "" : m.nameOf(waitsFor),
    priority: yield* fact(m, handle, Info.PRIORITY),
    base: yield* fact(m, handle, Info.BASE),
    cycles: yield* fact(m, handle, Info.CYCLES),
    switches: yield* fact(m, handle, Info.SWITCHES),
    latency: yield* fact(m, handle, Info.LATENCY),
  };
}

function fact(m: Machine, handle: number, field: number): Call<number> {
  const p = m.enter();
  const out = room(p.storage, TWO_WORDS, TWO_WORDS);
  return p.make(
    "tasks",
    (k) => k.object_info(handle, field, out),
    () => (m.u32[out >> 2] as number) + (m.u32[(out >> 2) + 1] as number) * WORD,
  );
}
