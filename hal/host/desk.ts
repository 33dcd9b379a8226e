/**
 * The machine's desk: what the API asks of it for whoever makes calls now, the system description, a task or a handler. The call
 * under way, room for what calls stage, names, entries of bodies, the foreground.
 */
import { layout } from "../../kernel/abi/host.js";
import { type Callback, TimerService } from "./api/service.js";
import type { SignalBody } from "./api/signal.js";
import { type HandlerBody, Task, type TaskBody } from "./api/task.js";
import { Board } from "./board.js";
import type { Pending } from "./call.js";
import { AppError, CallError } from "./errors.js";
import { forgotten } from "./frame.js";
import type { Machine } from "./machine.js";
import type { Stream } from "./oracle.js";
import { chanceOf } from "./power.js";
import { register } from "./readout.js";
import type { Roster } from "./roster.js";
import type { ScriptedCpu } from "./scripted.js";
import { carve, room, type Storage, stage, storage } from "./storage.js";
import type { View } from "./view.js";

const C = layout.Cpu;
const CURRENT = register(C.current);
const SCRATCH = register(C.scratch);

const NAME_BYTES = 64;
const HANDLER_STORAGE = 64;

const encoder = new TextEncoder();

export abstract class Desk extends Board {
  /** The call under way of the context whose calls are made now. */
  abstract pending: Pending;
  /** That of nobody: none may be made. */
  protected abstract readonly nobody: Pending;
  protected abstract cpu: ScriptedCpu;
  protected abstract roster: Roster;
  /** What tells scripted entries from compiled ones, 0 where none is compiled. */
  protected abstract readonly mark: number;
  /** The system description runs. */
  describing = false;
  /** Handle of the task that Ctrl-C is for: named by the app, else the last that read the console; 0 for none. */
  foreground = 0;
  /** A task named the foreground while the system ran, as a shell does: every Ctrl-C is the app's. */
  foregroundClaimed = false;
  #named = false;
  #random = chanceOf({});
  #statics = storage(0, 0);

  /** No names, no foreground; calls are nobody's. */
  protected clearDesk(): void {
    this.names.clear();
    this.foreground = 0;
    this.foregroundClaimed = false;
    this.#named = false;
    this.pending = this.nobody;
  }

  /** Power is on: the tasks' chance, and the RAM of drivers and of what the description stages. */
  protected supplyDesk(random: Stream, statics: Storage): void {
    this.#random = random;
    this.#statics = statics;
  }

  /** The call under way of whoever runs; throws when nobody may call now. */
  enter(): Pending {
    const p = this.pending;
    if (p.armed) this.#refuse(p);
    return p;
  }

  #refuse(p: Pending): never {
    if (p === this.nobody) throw new AppError("calls are made in the system description, in tasks and in handlers; here nobody runs");
    if (p === this.cpu.ended) throw new AppError("the task has ended: a finally block makes no calls");
    throw forgotten(p.spec.name);
  }

  /** The next number of the tasks' own chance: 0 <= x < 1. */
  random(): number {
    return this.#random.unit();
  }

  /** Puts a name where the kernel reads it; its address, 0 for none. */
  stageName(name: string | undefined): number {
    if (name === undefined || name === "") return 0;
    const address = this.u32[SCRATCH] as number;
    const { written } = encoder.encodeInto(name, this.u8.subarray(address, address + NAME_BYTES - 1));
    this.u8[address + written] = 0;
    return address;
  }

  /** Where parameter records are put. */
  stageRecord(): number {
    return (this.u32[SCRATCH] as number) + NAME_BYTES;
  }

  /** Room for a result in the caller's own RAM, valid until its next call. */
  stageBytes(length: number): number {
    return room(this.pending.storage, length);
  }

  /** Text or bytes, copied into the caller's own RAM, valid until its next call. */
  stage(data: string | Uint8Array): View {
    return stage(this.u8, this.pending.storage, data);
  }

  /** RAM for a driver, for good. */
  staticBuffer(bytes: number): View {
    return carve(this.u8, this.#statics, bytes, "the system description");
  }

  /** Remembers an object's name for traces and reports. */
  named(handle: number, name: string | undefined): number {
    if (name) this.names.set(handle & 0x1fff, name);
    else this.names.delete(handle & 0x1fff);
    return handle;
  }

  /** Remembers a new task. */
  born(this: Machine, handle: number, name: string): Task {
    this.roster.born(this.named(handle, name), name);
    return new Task(this, handle, name);
  }

  /** The number of a body, as the kernel knows it. */
  entry(body: TaskBody | SignalBody): number {
    return this.cpu.entry(body);
  }

  /** The body with this number. */
  body(entry: number): TaskBody | SignalBody | undefined {
    return this.cpu.body(entry);
  }

  /** The task that Ctrl-C is for, whoever reads the console. */
  nameForeground(task: Task): void {
    this.foreground = task.handle;
    this.#named = true;
  }

  /** A running task says who the foreground is, by a handle; with 0 it is again the last that read the console. */
  claimForeground(handle: number): void {
    this.foreground = handle;
    this.foregroundClaimed = handle !== 0;
    this.#named = handle !== 0;
  }

  /** The task that runs reads the console. */
  consoleRead(): void {
    const current = this.i32[CURRENT] as number;
    if (this.#named || current < 0 || this.kernelWord(layout.Kernel.depth) > 0) return;
    this.foreground = this.i32[(this.taskRecord(current) + layout.Task.handle) >> 2] as number;
  }

  /** The number of a timer's callback; the first one brings the timer service. */
  callback(this: Machine, call: Callback): number {
    return this.once("timer service", () => new TimerService(this)).add(call);
  }

  /** Attaches a handler to a line. */
  attach(line: number, priority: number, body: HandlerBody): void {
    if (typeof body !== "function") throw new AppError(`the handler of line ${line} has no body: give a function* as the last argument`);
    const what = `interrupt ${line}`;
    const p = this.enter();
    const call = p.make(
      what,
      (k) => k.irq_attach(line, (line | this.mark) >>> 0, priority),
      (r) => r,
    );
    const result = p.take(call);
    if (result < 0) throw new CallError(what, result);
    const block = this.staticBuffer(HANDLER_STORAGE);
    this.cpu.attach(line, body, storage(block.address, block.address + HANDLER_STORAGE));
  }
}
