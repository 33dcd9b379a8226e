/** A task by its handle, and the task that runs as it sees itself. */
import { EventWait, type KernelExports, layout, Notify, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, type Parked, spec } from "../call.js";
import { AppError } from "../errors.js";
import type { Machine } from "../machine.js";
import { Question } from "../oracle.js";
import { carve, type Storage } from "../storage.js";
import type { View } from "../view.js";
import { wholeNumber } from "./check.js";
import { type Creator, creations } from "./create.js";
import type { EventWaitOptions } from "./event.js";
import { type TaskFacts, taskTable } from "./inspect.js";
import { allocate, release } from "./memory.js";
import { Opener } from "./open.js";
import { PollSet, type Watched } from "./poll.js";
import type { Done, Joined, Unmet } from "./results.js";
import { FOREVER } from "./results.js";
import { Signals } from "./signal.js";
import { Endpoint, Sender } from "./socket.js";

/** What a task runs: `function* (self) { ... }`. */
export type TaskBody = (self: Self, argument: number) => Generator<Parked, unknown, unknown>;

const taskTerminate = spec("task.terminate", (k, handle) => k.task_terminate(handle));
const taskDetach = spec("task.detach", (k, handle) => k.task_detach(handle));
const taskSuspend = spec("task.suspend", (k, handle) => k.task_suspend(handle));
const taskResume = spec("task.resume", (k, handle) => k.task_resume(handle));
const taskPriority = spec("task.setPriority", (k, handle, priority) => k.task_priority(handle, priority));
const taskSlice = spec("task.setSlice", (k, handle, ticks) => k.task_slice(handle, ticks));
const taskThreshold = spec("task.setThreshold", (k, handle, threshold) => k.task_threshold(handle, threshold));
const waitAbort = spec("task.abort", (k, handle) => k.wait_abort(handle));
const taskYield = spec("yield", (k) => k.task_yield());
const taskSleep = spec("sleep", (k, ticks) => k.task_sleep(ticks));
const taskSleepUntil = spec("sleepUntil", (k, tick) => k.task_sleep_until(tick));
const taskCompute = spec("compute", (k, cycles) => k.task_compute(cycles));
const taskExit = spec("exit", (k, status) => k.task_exit(status));
const schedulerLock = spec("lockScheduler", (k) => k.scheduler_lock());
const schedulerUnlock = spec("unlockScheduler", (k) => k.scheduler_unlock());
const interruptLock = spec("lockInterrupts", (k) => k.interrupt_lock());
const interruptUnlock = spec("unlockInterrupts", (k) => k.interrupt_unlock());
const signalSend = spec("task.signal", (k, handle, signal) => k.signal_send(handle, signal));
const taskAlarm = spec("alarm", (k, ticks) => k.task_alarm(ticks));
const flagsSet = spec("task.setFlags", (k, handle, bits) => k.flags_set(handle, bits));
const flagsClear = spec("task.clearFlags", (k, handle, bits) => k.flags_clear(handle, bits));
const flagsWait = spec("waitFlags", (k, bits, how, timeout) => k.flags_wait(bits, how, timeout));
const notifySend = spec("task.notify", (k, handle, how, value) => k.notify_send(handle, how, value));
const irqRaise = spec("raise", (k, line) => k.irq_raise(line));

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
    return r === SWITCH ? p.block(taskDetach, this.handle) : p.settle(r, taskDetach);
  }

  /** Ends it, whatever it does, with status -1. */
  terminate(): Call<Done> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_terminate(this.handle);
    return r === SWITCH ? p.block(taskTerminate, this.handle) : p.settle(r, taskTerminate);
  }

  /** Keeps it from running; what it waits for goes on. */
  suspend(): Call<Done> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_suspend(this.handle);
    return r === SWITCH ? p.block(taskSuspend, this.handle) : p.settle(r, taskSuspend);
  }

  /** Lets it run again. */
  resume(): Call<Done> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_resume(this.handle);
    return r === SWITCH ? p.block(taskResume, this.handle) : p.settle(r, taskResume);
  }

  /** Changes its base priority (0..63); answers the old one. */
  setPriority(priority: number): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_priority(this.handle, priority);
    return r === SWITCH ? p.block(taskPriority, this.handle, priority) : p.settle(r, taskPriority);
  }

  /** Changes its time slice in ticks, 0 for none; answers the old one. */
  setSlice(ticks: number): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_slice(this.handle, ticks);
    return r === SWITCH ? p.block(taskSlice, this.handle, ticks) : p.settle(r, taskSlice);
  }

  /** Only tasks above this priority preempt it from now on; answers the old threshold. */
  setThreshold(threshold: number): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_threshold(this.handle, threshold);
    return r === SWITCH ? p.block(taskThreshold, this.handle, threshold) : p.settle(r, taskThreshold);
  }

  /** Sends it a signal (1..31); 0 only asks whether it exists. ESRCH: it has ended. */
  signal(signal: number): Call<Done> {
    const p = this.machine.enter();
    const r = this.machine.kernel.signal_send(this.handle, signal);
    return r === SWITCH ? p.block(signalSend, this.handle, signal) : p.settle(r, signalSend);
  }

  /** Sets thread flags (bits 0..30) of it; answers its flags. */
  setFlags(bits: number): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.flags_set(this.handle, bits);
    return r === SWITCH ? p.block(flagsSet, this.handle, bits) : p.settle(r, flagsSet);
  }

  /** Clears thread flags of it; answers them as they were before. */
  clearFlags(bits: number): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.flags_clear(this.handle, bits);
    return r === SWITCH ? p.block(flagsClear, this.handle, bits) : p.settle(r, flagsClear);
  }

  /** Writes its notification value: over an unread one, not then ("keep": EAGAIN), or adds to it. */
  notify(value = 1, how: NotifyHow = "overwrite"): Call<Unmet | 0 | -3> {
    const p = this.machine.enter();
    const r = this.machine.kernel.notify_send(this.handle, notifyHow[how], value);
    return r === SWITCH ? p.block(notifySend, this.handle, notifyHow[how], value) : p.settle(r, notifySend);
  }

  /** Makes what it waits for return ECANCELED; throws EINVAL when it does not wait. */
  abort(): Call<Done> {
    const p = this.machine.enter();
    const r = this.machine.kernel.wait_abort(this.handle);
    return r === SWITCH ? p.block(waitAbort, this.handle) : p.settle(r, waitAbort);
  }
}

/** How a notification value is written. */
export type NotifyHow = "overwrite" | "keep" | "increment";
const notifyHow = { overwrite: Notify.OVERWRITE, keep: Notify.KEEP, increment: Notify.INCREMENT } as const;

/** Who runs, as it sees itself: a task, or the timer service in a callback. */
export class Self extends Task {
  /** Makes objects and tasks while the system runs: `const lock = yield* self.create.mutex()`. */
  readonly create: Creator;
  /** Its signals: handlers, the mask, waiting for one. */
  readonly signals: Signals;
  /** Opens by name what others made: `const lock = yield* self.open.mutex("bus")`. */
  readonly open: Opener;
  /** The bytes of RAM that are its own, for buffers and for the text it writes. */
  readonly #storage: Storage;

  constructor(machine: Machine, handle: number, name: string, storage: Storage) {
    super(machine, handle, name);
    this.create = creations(machine);
    this.signals = new Signals(machine);
    this.open = new Opener(machine);
    this.#storage = storage;
  }

  /** Lets ready tasks of the same priority run first. */
  yield(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.task_yield();
    return r === SWITCH ? p.block(taskYield) : p.settle(r, taskYield);
  }

  /** Sleeps for a number of ticks. */
  sleep(ticks: number): Call<0 | -4 | -125> {
    wholeNumber("sleep: its number of ticks", ticks);
    const p = this.machine.enter();
    const r = this.machine.kernel.task_sleep(ticks);
    return r === SWITCH ? p.block(taskSleep, ticks) : p.settle(r, taskSleep);
  }

  /** Sleeps until the start of a tick; answers 1 at once if that tick is past. */
  sleepUntil(tick: number): Call<0 | 1 | -4 | -125> {
    wholeNumber("sleepUntil: its tick", tick);
    const p = this.machine.enter();
    const r = this.machine.kernel.task_sleep_until(tick);
    return r === SWITCH ? p.block(taskSleepUntil, tick) : p.settle(r, taskSleepUntil);
  }

  /** Uses the CPU for `cycles`; with `most`, for a number of cycles between the two, which the oracle chooses. */
  compute(cycles: number, most = cycles): Call<0> {
    wholeNumber("compute: its number of cycles", cycles);
    wholeNumber("compute: its largest number of cycles", most);
    const p = this.machine.enter();
    const n = most > cycles ? cycles + this.machine.oracle.choose(Question.WINDOW, most - cycles + 1) : cycles;
    const r = this.machine.kernel.task_compute(n);
    return r === SWITCH ? p.block(taskCompute, n) : p.settle(r, taskCompute);
  }

  /** Ends this task; `finally` blocks still run, calls in them are refused. */
  exit(status = 0): Call<never> {
    const p = this.machine.enter();
    p.exiting = true;
    const r = this.machine.kernel.task_exit(status);
    return r === SWITCH ? p.block(taskExit, status) : p.settle(r, taskExit);
  }

  /** SIGALRM after so many ticks, instead of the alarm before; 0 for none. Answers the ticks that one had left. */
  alarm(ticks: number): Call<number> {
    wholeNumber("alarm: its number of ticks", ticks);
    const p = this.machine.enter();
    const r = this.machine.kernel.task_alarm(ticks);
    return r === SWITCH ? p.block(taskAlarm, ticks) : p.settle(r, taskAlarm);
  }

  /** Sends a signal to every child. ESRCH: there is none. */
  signalChildren(signal: number): Call<Done> {
    const p = this.machine.enter();
    const r = this.machine.kernel.signal_send(0, signal);
    return r === SWITCH ? p.block(signalSend, 0, signal) : p.settle(r, signalSend);
  }

  /** Waits for any (or all) of its own thread flags; answers them as they were then, or a negative outcome. */
  waitFlags(bits: number, options: EventWaitOptions = {}, timeout = FOREVER): Call<number> {
    const p = this.machine.enter();
    const how = (options.all ? EventWait.ALL : EventWait.ANY) | (options.clear ? EventWait.CLEAR : 0);
    const r = this.machine.kernel.flags_wait(bits, how, timeout);
    return r === SWITCH ? p.block(flagsWait, bits, how, timeout) : p.settle(r, flagsWait);
  }

  /** Waits for its notification and sets it back; answers the value (0 to 2^32 - 1), or a negative outcome. */
  waitNotification(timeout = FOREVER): Call<number> {
    const p = this.machine.enter();
    const out = this.machine.stageBytes(4);
    const retry = (k: KernelExports) => k.notify_wait(out, timeout);
    return p.make("waitNotification", retry, (r) => (r < 0 ? r : (this.machine.u32[out >> 2] as number)));
  }

  /** What to wait for at once, kept in this task's own RAM: `const n = yield* set.wait()`. */
  pollSet(watched: readonly Watched[]): PollSet {
    return new PollSet(this.machine, this.handle, this.buffer(watched.length * layout.PollItem.bytes), watched);
  }

  /** An address and a port in this task's own RAM, for sendTo() or for accept() to fill in. */
  endpoint(address = "0.0.0.0", port = 0): Endpoint {
    return new Endpoint(this.buffer(layout.Endpoint.bytes)).set(address, port);
  }

  /** Where receive() tells who sent a datagram, in this task's own RAM. */
  sender(): Sender {
    return new Sender(this.buffer(layout.Sender.bytes));
  }

  /** All tasks as the kernel knows them: the table that a shell or a status page shows. */
  tasks(): Call<TaskFacts[]> {
    return taskTable(this.machine);
  }

  /** No other task runs until as many unlocks; answers the depth. */
  lockScheduler(): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.scheduler_lock();
    return r === SWITCH ? p.block(schedulerLock) : p.settle(r, schedulerLock);
  }

  unlockScheduler(): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.scheduler_unlock();
    return r === SWITCH ? p.block(schedulerUnlock) : p.settle(r, schedulerUnlock);
  }

  /** Interrupts, ticks and switches wait until as many unlocks; answers the depth. */
  lockInterrupts(): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.interrupt_lock();
    return r === SWITCH ? p.block(interruptLock) : p.settle(r, interruptLock);
  }

  unlockInterrupts(): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.interrupt_unlock();
    return r === SWITCH ? p.block(interruptUnlock) : p.settle(r, interruptUnlock);
  }

  /** Makes an interrupt line pending. */
  raise(line: number): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.irq_raise(line);
    return r === SWITCH ? p.block(irqRaise, line) : p.settle(r, irqRaise);
  }

  /** `bytes` of this task's own RAM, zeroed, for as long as it lives. Needs no call. */
  buffer(bytes: number): View {
    const { storage } = this.machine.pending;
    if (storage !== this.#storage && storage.end === this.#storage.end) {
      throw new AppError(`${this.name}: a signal's handler takes buffers of its own self, they go when it returns`);
    }
    return carve(this.machine.u8, this.#storage, bytes, this.name);
  }

  /**
   * `bytes` of RAM beyond its storage, not zeroed, its own until it gives them back or ends; waits while there is not enough.
   * Answers a view, or a negative outcome: ENOMEM where there could never be enough, EAGAIN, ETIMEDOUT, EINTR, ECANCELED.
   */
  alloc(bytes: number, timeout = FOREVER): Call<View | number> {
    return allocate(this.machine, bytes, timeout);
  }

  /** Gives the RAM of a view from alloc() back; the view and its slices throw from now on. */
  free(view: View): Call<0> {
    return release(this.machine, view);
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
  endpoint(address?: string, port?: number): Endpoint;
  sender(): Sender;
  readonly tick: number;
  readonly cycles: number;
}

/** What an interrupt line runs: `function* (irq) { ... }`. */
export type HandlerBody = (irq: Handler, line: number) => Generator<Parked, unknown, unknown>;
