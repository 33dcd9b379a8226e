/** The machine as a test bench: what runs it, drives it from outside, and asks what became of it. */
import { layout, SIGINT } from "../../kernel/abi/host.js";
import { TICK_CYCLES } from "../map.js";
import { checkPin, type Gpio, type PinChange } from "./device/gpio.js";
import { errorName, MachineError } from "./errors.js";
import { Loop } from "./loop.js";
import type { Machine } from "./machine.js";
import type { DriveOptions, MachineOptions, Reason } from "./options.js";
import { type Report, reportOf } from "./report.js";
import type { TaskInfo } from "./roster.js";
import type { TraceRecord } from "./trace.js";

/** Ticks are counted in 32 bits. */
const WORD = 4294967296;

/** Throws MachineError for what is no tick. */
function checkTick(tick: unknown): void {
  if (Number.isInteger(tick) && (tick as number) >= 0 && (tick as number) < WORD) return;
  throw new MachineError(
    `the tick is ${typeof tick === "string" ? JSON.stringify(tick) : tick}: give a whole number from 0 to ${WORD - 1}`,
  );
}

export abstract class Bench extends Loop {
  abstract readonly options: MachineOptions;

  /** Runs to the end. Throws the first task failure when the run is over, unless `onFailure` is "report". */
  run(this: Machine): Reason {
    return this.#conclude(this.advance({}));
  }

  /**
   * Runs until a tick was served or a predicate holds, or to the end. To a tick, time passes also when nobody can run any more, so
   * that the bench can raise a line or send a signal then. With `by`, a predicate has up to the tick `by` to hold: "until"; else
   * it is "late".
   */
  runUntil(this: Machine, until: number | ((machine: Machine) => boolean), by?: number): Reason {
    for (const tick of [until, by]) if (tick !== undefined && typeof tick !== "function") checkTick(tick);
    if (typeof until === "number") return this.#conclude(this.advance({ tick: until, patient: true }));
    if (by === undefined) return this.#conclude(this.advance({ until }));
    // Where handlers leave no time for ticks, the cycle ends the wait.
    const cycle = this.#cycleOf(by) + (this.options.tickCycles ?? TICK_CYCLES);
    const reason = this.#conclude(this.advance({ until, tick: by, cycle, patient: true }));
    return (reason === "until" && !until(this)) || reason === "pace" ? "late" : reason;
  }

  /** Runs until the console's output contains a text, or matches; the rest as runUntil. What it contains already counts. */
  runUntilOutput(this: Machine, text: string | RegExp, by?: number): Reason {
    let seen = -1;
    let found = false;
    const contains = () => {
      if (this.sent === seen) return found;
      seen = this.sent;
      found = typeof text === "string" ? this.output.includes(text) : this.output.search(text) >= 0;
      return found;
    };
    const reason = contains() ? "until" : this.runUntil(contains, by);
    // At the end of a run what is on its way out goes out.
    return contains() ? "until" : reason;
  }

  /** Runs until an output pin has a level, or had it for a moment on the way; the rest as runUntil. */
  runUntilLevel(this: Machine, pin: number, level: boolean, by?: number): Reason {
    const count = () => this.#port?.changeCount(pin) ?? 0;
    const before = count();
    return this.level(pin) === level ? "until" : this.runUntil(() => count() > before, by);
  }

  /** One step: a task or handler runs until it gives up the CPU, or time jumps to the next event. */
  step(this: Machine): Reason {
    return this.#conclude(this.advance({ dispatches: 1 }));
  }

  /** Ends the run here, for a bench that goes no further: what is on its way out goes out. */
  end(): void {
    if (!this.over) this.halt("stopped");
  }

  #conclude(reason: Reason): Reason {
    const failure = this.failures[0];
    if (this.over && failure && this.options.onFailure !== "report") {
      throw failure.error instanceof Error ? failure.error : new MachineError(failure.message);
    }
    return reason;
  }

  /** The rolling hash as 16 hexadecimal digits; undefined when the run keeps none. */
  get hash(): string | undefined {
    return this.options.hash === false ? undefined : this.rollingHash;
  }

  /** The last records (see `keep`). */
  get trace(): readonly TraceRecord[] {
    this.drain();
    return this.keeper.records();
  }

  /** Sends a signal to a task, as somebody at the console would, now. */
  sendSignal(name: string, signal: number): void {
    this.#ongoing();
    const result = this.kernel.signal_raise(this.task(name).handle, signal);
    if (result !== 0) throw new MachineError(`signal ${signal} cannot be sent to task "${name}": ${errorName(result)}`);
  }

  /** Raises an interrupt line, as a device would, now. */
  override raise(line: number): void {
    super.raise(line);
    this.#ongoing();
  }

  /** Throws when the run is over: nothing that comes from outside would change that. */
  #ongoing(): void {
    if (this.over)
      throw new MachineError(
        `the run is over (${this.over}): ${this.networked ? "boot the network anew" : "powerOn() starts it anew"}; runUntil stops before its end`,
      );
  }

  /** Drives an input pin from outside: now, or at a tick or a cycle, which the oracle may put off by up to `window` cycles. */
  drive(this: Machine, pin: number, level: boolean, { tick, cycle, window = 0 }: DriveOptions = {}): void {
    this.#ongoing();
    if (tick !== undefined && cycle !== undefined) throw new MachineError("drive() takes a tick or a cycle, and not both");
    this.gpio.drive(pin, level, cycle ?? (tick === undefined ? this.cycles : this.#cycleOf(tick)), window);
  }

  /** The level of an output pin. */
  level(pin: number): boolean {
    checkPin(pin);
    return this.#port?.level(pin) ?? false;
  }

  /** The last changes of output pins, at least 65536, in order; with a pin, those of this one. */
  changes(pin?: number): readonly PinChange[] {
    const changes = this.#port?.changes ?? [];
    return pin === undefined ? changes : changes.filter((change) => change.pin === pin);
  }

  /** The port, if anybody asked for it yet. */
  get #port(): Gpio | undefined {
    return this.had("gpio") as Gpio | undefined;
  }

  /** The cycle at which a tick begins. Ticks are 32 bits: one that is more than half of them ahead is past. */
  #cycleOf(tick: number): number {
    if (!Number.isInteger(tick)) throw new MachineError(`tick is ${tick}: give a whole number`);
    const { tickCycles = TICK_CYCLES, firstTick = 0 } = this.options;
    const ahead = (tick - this.tick) << 0;
    const served = (this.tick - firstTick) >>> 0;
    return Math.max(0, (served + ahead) * tickCycles);
  }

  /**
   * SIGINT for the foreground task, as Ctrl-C sends it, or another signal; false when there is none that lives. One that claimed to be
   * the foreground has to take the signal before it gets it again: until then this is false, too.
   */
  interruptForeground(signal = SIGINT): boolean {
    if (this.over !== undefined || (this.foregroundClaimed && this.#untaken(signal))) return false;
    return this.kernel.signal_raise(this.foreground, signal) === 0;
  }

  /** Whether interruptForeground() would find somebody. */
  interruptible(signal = SIGINT): boolean {
    return this.over === undefined && this.isAlive(this.foreground) && !(this.foregroundClaimed && this.#untaken(signal));
  }

  /** The signal is still pending for the foreground task. */
  #untaken(signal: number): boolean {
    if (!this.isAlive(this.foreground)) return false;
    const pending = this.u32[(this.taskRecord(this.foreground & 0xff) + layout.Task.pending) >> 2] as number;
    return (pending & (1 << signal)) !== 0;
  }

  /** What is known of the whole run, for people and for graders. */
  report(this: Machine): Report {
    return reportOf(this);
  }

  /** Every invariant of the kernel: 0 when all hold. Needs the debug kernel. */
  check(): number {
    if (!this.image.debug) throw new MachineError('check() needs the debug kernel: boot with kernel: "debug"');
    return this.image.debug.check();
  }

  /** All tasks that ever were, in order of birth. */
  get tasks(): readonly TaskInfo[] {
    return this.roster.all();
  }

  /** What is known of the task with this name (the last one, if several had it). */
  task(name: string): TaskInfo {
    const found = this.tasks.filter((task) => task.name === name).at(-1);
    if (found) return found;
    throw new MachineError(`no task is named "${name}": there are ${this.tasks.map((task) => task.name).join(", ")}`);
  }
}
