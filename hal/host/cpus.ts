/**
 * The machine's two CPUs as one: contexts of scripted and of compiled tasks begin, go on, end and fail. Which of the two it is, the
 * entry tells that the kernel has of it.
 */
import { End, Kind, layout } from "../../kernel/abi/host.js";
import { Came, type Contexts } from "../port.js";
import type { CompiledCpu } from "./compiled.js";
import { Desk } from "./desk.js";
import type { Site } from "./errors.js";
import type { Failure } from "./options.js";
import { register } from "./readout.js";
import { failureOf, TrapError } from "./trap.js";

const CURRENT = register(layout.Cpu.current);
/** What task_trap is told: what compiled code used since it was charged last is not known. */
const EXCEPTION = 1;
const TRAP = 2;

const LINE_ACTOR = 128;

export abstract class Cpus extends Desk implements Contexts {
  /** The firmware as it runs, where there is one: which tasks are compiled, how much of the heap is used. */
  abstract readonly compiled: CompiledCpu | undefined;
  #failures: Failure[] = [];
  /** What tasks did that only run their handler for it any more. */
  readonly #lastWords = new Map<number, Failure>();

  /** No context is left, and nobody has failed. */
  protected clearCpus(): void {
    this.#failures = [];
    this.#lastWords.clear();
  }

  create(task: number, entry: number, argument: number): void {
    const handle = this.i32[(this.taskRecord(task) + layout.Task.handle) >> 2] as number;
    // Its maker may not have got the handle yet: a more urgent child runs first.
    this.roster.born(handle, this.nameOf((Kind.TASK << 8) | task));
    if (this.compiled?.starts) this.compiled.create();
    else this.cpu.create(task, entry, argument);
  }

  interrupt(line: number): void {
    if (this.compiled?.starts) this.compiled.interrupt();
    else this.cpu.interrupt(line);
  }

  signal(task: number, entry: number, signal: number, origin: number): void {
    if (this.compiled?.starts) this.compiled.signal();
    else this.cpu.signal(task, entry, signal, origin);
  }

  resume(): Came {
    return this.cpu.resume();
  }

  destroy(task: number): void {
    const failure = this.#lastWords.get(task);
    if (failure && this.#lastWords.delete(task) && this.u8[this.taskRecord(task) + layout.Task.how] !== End.EXIT)
      this.#failures.push(failure);
    this.roster.ended(task);
    try {
      this.cpu.destroy(task);
    } catch (error) {
      this.#fail(this.nameOf((Kind.TASK << 8) | task), error);
    }
  }

  /** Tasks ended: their contexts are forgotten, and what is known of them is kept for the report. */
  protected forgetContexts(): void {
    for (let task = this.kernel.dropped(); task >= 0; task = this.kernel.dropped()) this.destroy(task);
    this.pending = this.nobody;
  }

  /** Compiled code did what ends it; false when that ends the run. */
  protected trapped(compiled: CompiledCpu): boolean {
    const inHandler = this.kernelWord(layout.Kernel.depth) > 0;
    const current = this.i32[CURRENT] as number;
    const { error } = compiled;
    const signal = error instanceof TrapError && !inHandler ? error.signal : 0;
    const failure = failureOf(this.#compiledName(), error, inHandler ? "" : this.handlerOf(current));
    if (signal === 0) {
      this.#failures.push(failure);
      if (!inHandler) this.kernel.task_trap(TRAP);
      return !inHandler;
    }
    if (this.kernel.task_fault(signal) === 0) {
      this.#failures.push(failure);
      return true;
    }
    // Its handler has the last word; what is said of the task then is for its end.
    compiled.abandon();
    this.#lastWords.set(current, failure);
    return true;
  }

  /** A context is over: a handler returned, a task exits or trapped; false when that ends the run. */
  protected contextOver(came: Came): boolean {
    const inHandler = this.cpu.interrupted;
    if (came === Came.TRAPPED) {
      this.#fail(this.running ?? "a task", this.cpu.error, inHandler ? "" : this.handlerOf(this.i32[CURRENT] as number));
      if (inHandler) return false;
      this.kernel.task_trap(EXCEPTION);
      return true;
    }
    if (inHandler) {
      this.cpu.leaveHandler();
      this.kernel.irq_return();
    } else if (this.cpu.signalled(this.i32[CURRENT] as number)) {
      this.cpu.leaveSignal(this.i32[CURRENT] as number);
      this.kernel.signal_return();
    } else {
      this.kernel.task_exit(0);
    }
    return true;
  }

  #fail(task: string, error: unknown, handler = ""): void {
    this.#failures.push(failureOf(task, error, handler));
  }

  /** Who runs at this moment, as failures name it; undefined between steps. */
  get running(): string | undefined {
    if (this.compiled?.running) return this.#compiledName();
    return this.cpu.nameOf(this.pending);
  }

  /** Who of the compiled runs, as failures name it. */
  #compiledName(): string {
    if (this.kernelWord(layout.Kernel.depth) > 0) return `the handler of line ${this.kernelWord(layout.Kernel.actor) - LINE_ACTOR}`;
    return this.nameOf((Kind.TASK << 8) | (this.i32[CURRENT] as number));
  }

  /** Failures so far. */
  get failures(): readonly Failure[] {
    return this.#failures;
  }

  /** Where a task is parked: file and line of its innermost yield*. */
  siteOfTask(index: number): Site | undefined {
    return this.compiled?.isCompiled(index) ? this.compiled.site(index) : this.cpu.site(index);
  }
}
