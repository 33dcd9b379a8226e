/**
 * The CPU of scripted tasks: a context is a generator, handlers stand on top of one another and of whatever task was running.
 * Bodies and handlers are known to the kernel by numbers.
 */
import { End, Kind, layout } from "../../kernel/abi/host.js";
import { Came, type Contexts } from "../port.js";
import type { SignalBody } from "./api/signal.js";
import { type HandlerBody, Self, type TaskBody } from "./api/task.js";
import { Pending } from "./call.js";
import type { Site } from "./errors.js";
import { type Body, Frame } from "./frame.js";
import type { Machine } from "./machine.js";
import { register } from "./readout.js";
import { type Storage, storage } from "./storage.js";

const CURRENT = register(layout.Cpu.current);
const NO_STORAGE = storage(0, 0);

interface Line {
  body: HandlerBody;
  storage: Storage;
}

export class ScriptedCpu implements Contexts {
  /** What the context that trapped last had thrown. */
  error: unknown;
  /** Stands for a task that ended: its `finally` blocks make no calls. */
  readonly ended: Pending;
  readonly #machine: Machine;
  readonly #i32: Int32Array;
  /** The innermost frame of each task. */
  readonly #frames: (Frame | undefined)[];
  readonly #handlers: Frame[] = [];
  /** The line of each handler that runs. */
  readonly #serving: number[] = [];
  readonly #lines: (Line | undefined)[] = [];
  readonly #bodies: (TaskBody | SignalBody)[] = [];
  readonly #entries = new Map<TaskBody | SignalBody, number>();
  /** What tells its entries from those of compiled code, where there is any. */
  readonly #mark: number;

  constructor(machine: Machine, mark: number) {
    this.#machine = machine;
    this.#mark = mark;
    this.#i32 = machine.i32;
    this.#frames = new Array(machine.taskCount).fill(undefined);
    this.ended = new Pending(machine, NO_STORAGE);
    this.ended.armed = true;
  }

  /** The number of a body, as the kernel knows it. */
  entry(body: TaskBody | SignalBody): number {
    const known = this.#entries.get(body);
    if (known !== undefined) return known;
    const entry = (this.#bodies.length | this.#mark) >>> 0;
    this.#entries.set(body, entry);
    this.#bodies.push(body);
    return entry;
  }

  /** The body with this number. */
  body(entry: number): TaskBody | SignalBody | undefined {
    return this.#bodies[(entry & ~this.#mark) >>> 0];
  }

  /** What serves a line, and the RAM its handler may use. */
  attach(line: number, body: HandlerBody, storage: Storage): void {
    this.#lines[line] = { body, storage };
  }

  create(task: number, entry: number, argument: number): void {
    const m = this.#machine;
    const record = m.taskRecord(task);
    const stack = m.u32[(record + layout.Task.stack) >> 2] as number;
    const own = storage(stack, stack + (m.u32[(record + layout.Task.stackSize) >> 2] as number));
    const handle = m.i32[(record + layout.Task.handle) >> 2] as number;
    const name = m.nameOf((Kind.TASK << 8) | task);
    const frame = new Frame(m, own);
    this.#frames[task] = frame;
    this.#begin(frame, this.body(entry) as TaskBody, new Self(m, handle, name, own), argument, `task "${name}"`);
  }

  signal(task: number, entry: number, signal: number, origin: number): void {
    const below = this.#frames[task] as Frame;
    const { pending } = below;
    const frame = below.above ?? this.#frameAbove(below, task);
    // A call that is to be made again still needs what it staged.
    const start = pending.done ? pending.storage.next : pending.storage.top;
    frame.pending.storage.next = start;
    frame.pending.storage.top = start;
    frame.returned = false;
    this.#frames[task] = frame;
    this.#begin(frame, this.body(entry) as SignalBody, frame.self as Self, signal, "", origin);
  }

  /** The frame of a handler on top of this one; it is used again for the next. */
  #frameAbove(below: Frame, task: number): Frame {
    const m = this.#machine;
    const own = storage(0, below.pending.storage.end);
    const frame = new Frame(m, own);
    const handle = m.i32[(m.taskRecord(task) + layout.Task.handle) >> 2] as number;
    frame.self = new Self(m, handle, m.nameOf((Kind.TASK << 8) | task), own);
    frame.below = below;
    below.above = frame;
    return frame;
  }

  interrupt(line: number): void {
    const { body, storage } = this.#lines[line] as Line;
    const own = { ...storage };
    const frame = new Frame(this.#machine, own);
    this.#handlers.push(frame);
    this.#serving.push(line);
    this.#begin(frame, body, new Self(this.#machine, 0, `line ${line}`, own), line, `the handler of line ${line}`);
  }

  /** A body that cannot begin is one that throws at its first step. */
  #begin(frame: Frame, body: Body, self: Self, argument: number, what: string, origin = 0): void {
    this.#machine.pending = frame.pending;
    try {
      frame.begin(body, self, argument, what, origin);
    } catch (error) {
      frame.begin(failing(error), self, argument, what);
    }
  }

  resume(): Came {
    const handlers = this.#handlers;
    const innermost = handlers.length === 0 ? this.#frames[this.#i32[CURRENT] as number] : handlers[handlers.length - 1];
    const frame = innermost as Frame;
    this.#machine.pending = frame.pending;
    try {
      if (!frame.returned && frame.step()) return Came.PARKED;
    } catch (error) {
      this.error = error;
      return Came.TRAPPED;
    }
    // When an event is due first, the kernel resumes a task that has returned, and it exits again.
    frame.returned = true;
    return Came.RETURNED;
  }

  /** Whether a handler is innermost. */
  get interrupted(): boolean {
    return this.#handlers.length > 0;
  }

  /** Whether the task's innermost context is a signal's handler. */
  signalled(task: number): boolean {
    return this.#frames[task]?.below !== undefined;
  }

  /** The task's innermost signal handler has returned. */
  leaveSignal(task: number): void {
    this.#frames[task] = this.#frames[task]?.below;
  }

  /** The innermost handler has returned. */
  leaveHandler(): void {
    this.#handlers.pop();
    this.#serving.pop();
  }

  /** The task's `finally` blocks run, innermost context first, if it ended itself; the first thing that one throws comes through. */
  destroy(task: number): void {
    const m = this.#machine;
    const innermost = this.#frames[task];
    this.#frames[task] = undefined;
    m.pending = this.ended;
    // Its exit() may have been put off for an event that then ended it otherwise.
    const exiting = innermost?.pending.exiting === true && m.u8[m.taskRecord(task) + layout.Task.how] === End.EXIT;
    const thrown: unknown[] = [];
    for (let frame = innermost; frame; frame = frame.below) {
      try {
        frame.end(exiting);
      } catch (error) {
        thrown.push(error);
      }
    }
    if (thrown.length > 0) throw thrown[0];
  }

  /** Who the context of these calls is, as failures name it: a task by its name, a handler by its line; undefined for neither. */
  nameOf(pending: Pending): string | undefined {
    const handler = this.#handlers.findIndex((frame) => frame.pending === pending);
    if (handler >= 0) return `the handler of line ${this.#serving[handler]}`;
    const task = this.#frames.findIndex((frame) => frame !== undefined && holds(frame, pending));
    return task < 0 ? undefined : this.#machine.nameOf((Kind.TASK << 8) | task);
  }

  /** Where a task is parked: file and line of its innermost yield*. */
  site(task: number): Site | undefined {
    return this.#frames[task]?.site();
  }
}

/** Whether one of a task's contexts makes these calls. */
function holds(innermost: Frame, pending: Pending): boolean {
  for (let frame: Frame | undefined = innermost; frame; frame = frame.below) {
    if (frame.pending === pending) return true;
  }
  return false;
}

/** A body that throws at its first step. */
function failing(error: unknown): TaskBody {
  // biome-ignore lint/correctness/useYield: a body that never gets to its first yield
  return function* () {
    throw error;
  };
}
