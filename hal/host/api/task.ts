/** A task by its handle, and the task that runs as it sees itself. */
import { type KernelExports, SWITCH } from "../../../kernel/abi/host.js";
import type { Call, Parked } from "../call.js";
import type { Machine } from "../machine.js";
import { Question } from "../oracle.js";
import type { View } from "../view.js";
import { type Creator, creations } from "./create.js";
import type { Done, Joined } from "./results.js";
import { FOREVER } from "./results.js";

/** What a task runs: `function* (self) { ... }`. */
export type TaskBody = (self: Self, argument: number) => Generator<Parked, unknown, unknown>;

const taskTerminate = (k: KernelExports, handle: number) => k.task_terminate(handle);
const taskDetach = (k: KernelExports, handle: number) => k.task_detach(handle);
const taskSuspend = (k: KernelExports, handle: number) => k.task_suspend(handle);
const taskResume = (k: KernelExports, handle: number) => k.task_resume(handle);
const taskPriority = (k: KernelExports, handle: number, priority: number) => k.task_priority(handle, priority);
const taskSlice = (k: KernelExports, handle: number, ticks: number) => k.task_slice(handle, ticks);
const taskThreshold = (k: KernelExports, handle: number, threshold: number) => k.task_threshold(handle, threshold);
const waitAbort = (k: KernelExports, handle: number) => k.wait_abort(handle);
const taskYield = (k: KernelExports) => k.task_yield();
const taskSleep = (k: KernelExports, ticks: number) => k.task_sleep(ticks);
const taskSleepUntil = (k: KernelExports, tick: number) => k.task_sleep_until(tick);
const taskCompute = (k: KernelExports, cycles: number) => k.task_compute(cycles);
const taskExit = (k: KernelExports, status: number) => k.task_exit(status);
const schedulerLock = (k: KernelExports) => k.scheduler_lock();
const schedulerUnlock = (k: KernelExports) => k.scheduler_unlock();
const interruptLock = (k: KernelExports) => k.interrupt_lock();
const interruptUnlock = (k: KernelExports) => k.interrupt_unlock();
const irqRaise = (k: KernelExports, line: number) => k.irq_raise(line);

/** Any task, by its handle. */
export class Task {
  readonly machine: Machine;
  readonly handle: number;
  readonly name: string;
  /** The exit status that join() got. */
  status: number | undefined;

  constructor(machine: Machine, handle: number, name: string) {
    this.machine = machine;
    this.handle = handle;
    this.name = name;
  }

  /** Waits until it has ended; then `status` is its exit status. ECHILD: detached, or somebody else got the status. */
  join(timeout = FOREVER): Call<Joined> {
    const p = this.machine.enter();
    const out = this.machine.stageBytes(4);
    const retry = (k: KernelExports) => k.task_join(this.handle, out, timeout);
    return p.make("task.join", retry, (r) => {
      if (r === 0) this.status = this.machine.i32[out >> 2];
      return r as Joined;
    });
  }

  /** Nobody will join it. */
  detach(): Call<Joined> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_detach(this.handle);
    return r === SWITCH ? p.block("task.detach", taskDetach, this.handle) : p.settle(r, "task.detach");
  }

  /** Ends it, whatever it does, with status -1. */
  terminate(): Call<Done> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_terminate(this.handle);
    return r === SWITCH ? p.block("task.terminate", taskTerminate, this.handle) : p.settle(r, "task.terminate");
  }

  /** Keeps it from running; what it waits for goes on. */
  suspend(): Call<Done> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_suspend(this.handle);
    return r === SWITCH ? p.block("task.suspend", taskSuspend, this.handle) : p.settle(r, "task.suspend");
  }

  /** Lets it run again. */
  resume(): Call<Done> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_resume(this.handle);
    return r === SWITCH ? p.block("task.resume", taskResume, this.handle) : p.settle(r, "task.resume");
  }

  /** Changes its base priority (0..63); answers the old one. */
  setPriority(priority: number): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_priority(this.handle, priority);
    return r === SWITCH ? p.block("task.setPriority", taskPriority, this.handle, priority) : p.settle(r, "task.setPriority");
  }

  /** Changes its time slice in ticks, 0 for none; answers the old one. */
  setSlice(ticks: number): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_slice(this.handle, ticks);
    return r === SWITCH ? p.block("task.setSlice", taskSlice, this.handle, ticks) : p.settle(r, "task.setSlice");
  }

  /** Only tasks above this priority preempt it from now on; answers the old threshold. */
  setThreshold(threshold: number): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_threshold(this.handle, threshold);
    return r === SWITCH ? p.block("task.setThreshold", taskThreshold, this.handle, threshold) : p.settle(r, "task.setThreshold");
  }

  /** Makes what it waits for return ECANCELED; throws EINVAL when it does not wait. */
  abort(): Call<Done> {
    const p = this.machine.enter();
    const r = this.machine.kernel.wait_abort(this.handle);
    return r === SWITCH ? p.block("task.abort", waitAbort, this.handle) : p.settle(r, "task.abort");
  }
}

/** Who runs, as it sees itself: a task, or the timer service in a callback. */
export class Self extends Task {
  /** Makes objects and tasks while the system runs: `const lock = yield* self.create.mutex()`. */
  readonly create: Creator;
  /** The bytes of RAM that are its own, for buffers and for the text it writes. */
  readonly #storage: { next: number; end: number };

  constructor(machine: Machine, handle: number, name: string, storage: { next: number; end: number }) {
    super(machine, handle, name);
    this.create = creations(machine);
    this.#storage = storage;
  }

  /** Lets ready tasks of the same priority run first. */
  yield(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_yield();
    return r === SWITCH ? p.block("yield", taskYield) : p.settle(r, "yield");
  }

  /** Sleeps for a number of ticks. */
  sleep(ticks: number): Call<0 | -4 | -125> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_sleep(ticks);
    return r === SWITCH ? p.block("sleep", taskSleep, ticks) : p.settle(r, "sleep");
  }

  /** Sleeps until the start of a tick; answers 1 at once if that tick is past. */
  sleepUntil(tick: number): Call<0 | 1 | -4 | -125> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_sleep_until(tick);
    return r === SWITCH ? p.block("sleepUntil", taskSleepUntil, tick) : p.settle(r, "sleepUntil");
  }

  /** Uses the CPU for `cycles`; with `most`, for a number of cycles between the two, which the oracle chooses. */
  compute(cycles: number, most = cycles): Call<0> {
    const p = this.machine.enter();
    const n = most > cycles ? cycles + this.machine.oracle.choose(Question.WINDOW, most - cycles + 1) : cycles;
    const r = this.machine.kernel.task_compute(n);
    return r === SWITCH ? p.block("compute", taskCompute, n) : p.settle(r, "compute");
  }

  /** Ends this task; `finally` blocks still run, calls in them are refused. */
  exit(status = 0): Call<never> {
    const p = this.machine.enter();
    this.machine.exiting();
    const r = this.machine.kernel.task_exit(status);
    return r === SWITCH ? p.block("exit", taskExit, status) : p.settle(r, "exit");
  }

  /** No other task runs until as many unlocks; answers the depth. */
  lockScheduler(): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.scheduler_lock();
    return r === SWITCH ? p.block("lockScheduler", schedulerLock) : p.settle(r, "lockScheduler");
  }

  unlockScheduler(): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.scheduler_unlock();
    return r === SWITCH ? p.block("unlockScheduler", schedulerUnlock) : p.settle(r, "unlockScheduler");
  }

  /** Interrupts, ticks and switches wait until as many unlocks; answers the depth. */
  lockInterrupts(): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.interrupt_lock();
    return r === SWITCH ? p.block("lockInterrupts", interruptLock) : p.settle(r, "lockInterrupts");
  }

  unlockInterrupts(): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.interrupt_unlock();
    return r === SWITCH ? p.block("unlockInterrupts", interruptUnlock) : p.settle(r, "unlockInterrupts");
  }

  /** Makes an interrupt line pending. */
  raise(line: number): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.irq_raise(line);
    return r === SWITCH ? p.block("raise", irqRaise, line) : p.settle(r, "raise");
  }

  /** `bytes` of this task's own RAM, zeroed, for as long as it lives. Needs no call. */
  buffer(bytes: number): View {
    return this.machine.carve(this.#storage, bytes, this.name);
  }

  /** The current tick. */
  get tick(): number {
    return this.machine.tick;
  }

  /** Cycles since power-on. */
  get cycles(): number {
    return this.machine.cycles;
  }
}

/** An interrupt handler as it sees itself: it may compute and raise lines; objects take calls with timeout 0. */
export interface Handler {
  compute(cycles: number, most?: number): Call<0>;
  raise(line: number): Call<0>;
  buffer(bytes: number): View;
  readonly tick: number;
  readonly cycles: number;
}

/** What an interrupt line runs: `function* (irq) { ... }`. */
export type HandlerBody = (irq: Handler, line: number) => Generator<Parked, unknown, unknown>;
