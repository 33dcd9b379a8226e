/**
 * The CPU of scripted tasks: a context is a generator, handlers stand on top of one another and of whatever task was running.
 * Bodies and handlers are known to the kernel by numbers.
 */
import { Kind, layout } from "../../kernel/abi/host.js";
import { Came, type Contexts } from "../port.js";
import { type HandlerBody, Self, type TaskBody } from "./api/task.js";
import { Pending } from "./call.js";
import type { Site } from "./errors.js";
import { Frame } from "./frame.js";
import type { Machine } from "./machine.js";
import { register } from "./readout.js";
import type { Storage } from "./storage.js";

const CURRENT = register(layout.Cpu.current);
const NO_STORAGE: Storage = { next: 0, end: 0 };

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
  readonly #frames: (Frame | undefined)[];
  readonly #handlers: Frame[] = [];
  /** The line of each handler that runs. */
  readonly #serving: number[] = [];
  readonly #lines: (Line | undefined)[] = [];
  readonly #bodies: TaskBody[] = [];
  readonly #entries = new Map<TaskBody, number>();

  constructor(machine: Machine) {
    this.#machine = machine;
    this.#i32 = machine.i32;
    this.#frames = new Array(machine.taskCount).fill(undefined);
    this.ended = new Pending(machine, NO_STORAGE);
    this.ended.armed = true;
  }

  /** The number of a body, as the kernel knows it. */
  entry(body: TaskBody): number {
    const known = this.#entries.get(body);
    if (known !== undefined) return known;
    this.#entries.set(body, this.#bodies.length);
    return this.#bodies.push(body) - 1;
  }

  /** What serves a line, and the RAM its handler may use. */
  attach(line: number, body: HandlerBody, storage: Storage): void {
    this.#lines[line] = { body, storage };
  }

  create(task: number, entry: number, argument: number): void {
    const m = this.#machine;
    const record = m.taskRecord(task);
    const stack = m.u32[(record + layout.Task.stack) >> 2] as number;
    const storage = { next: stack, end: stack + (m.u32[(record + layout.Task.stackSize) >> 2] as number) };
    const handle = m.i32[(record + layout.Task.handle) >> 2] as number;
    const name = m.nameOf((Kind.TASK << 8) | task);
    const frame = new Frame(m, storage);
    this.#frames[task] = frame;
    this.#begin(frame, this.#bodies[entry] as TaskBody, new Self(m, handle, name, storage), argument, `task "${name}"`);
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
  #begin(frame: Frame, body: TaskBody | HandlerBody, self: Self, argument: number, what: string): void {
    this.#machine.pending = frame.pending;
    try {
      frame.begin(body, self, argument, what);
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

  /** The innermost handler has returned. */
  leaveHandler(): void {
    this.#handlers.pop();
    this.#serving.pop();
  }

  /** The task's `finally` blocks run if it ended itself; what they throw comes through. */
  destroy(task: number): void {
    const frame = this.#frames[task];
    this.#frames[task] = undefined;
    this.#machine.pending = this.ended;
    frame?.end();
  }

  /** Who the context of these calls is, as failures name it: a task by its name, a handler by its line; undefined for neither. */
  nameOf(pending: Pending): string | undefined {
    const handler = this.#handlers.findIndex((frame) => frame.pending === pending);
    if (handler >= 0) return `the handler of line ${this.#serving[handler]}`;
    const task = this.#frames.findIndex((frame) => frame?.pending === pending);
    return task < 0 ? undefined : this.#machine.nameOf((Kind.TASK << 8) | task);
  }

  /** Where a task is parked: file and line of its innermost yield*. */
  site(task: number): Site | undefined {
    return this.#frames[task]?.site();
  }
}

/** A body that throws at its first step. */
function failing(error: unknown): TaskBody {
  // biome-ignore lint/correctness/useYield: a body that never gets to its first yield
  return function* () {
    throw error;
  };
}
