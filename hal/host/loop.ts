/**
 * The machine's loop, which carries out the kernel's orders, and what stops it.
 *
 *     [ dispatch -> order -> run until the CPU is given up ] ... -> end
 *
 * A step is made whenever a context goes on or time jumps. The host may stop between any two, and amid compiled code: no task can
 * tell, and what comes from outside has its point by steps alone, however far the host lets the run go at a time.
 */
import { layout, Order } from "../../kernel/abi/host.js";
import { NEVER } from "../map.js";
import { Came, type Port } from "../port.js";
import { type CompiledCpu, NONE, OBSERVED, TRAPPED } from "./compiled.js";
import { MachineError } from "./errors.js";
import type { Machine } from "./machine.js";
import type { Limits, Reason } from "./options.js";
import { Orders } from "./orders.js";
import { register } from "./readout.js";
import { inhabit } from "./realm.js";
import { MOST, Stops } from "./stops.js";

const C = layout.Cpu;
const CURRENT = register(C.current);
const ATTENTION = register(C.attention);
const BUSY = register(C.busy);
const WAITING = register(C.waiting);
const CONNECTIONS = register(C.connections);
const PANIC = register(C.panic);
const OBSERVE = register(C.observe);
const QUOTA = register(C.quota);
const DUE = register(C.due);
const LEFT = register(C.left);
const WORD = 4294967296;

/** When the machine is to stop: not at all, before its next step, at once. */
const GO = 0;
const NEXT_STEP = 1;
const AT_ONCE = 2;

export abstract class Loop extends Orders implements Port {
  /** Counts resumed contexts, for a watchdog. */
  beat: Int32Array | undefined;
  /** Steps made so far: it is the same at the same point of the same run, wherever and however often the host stopped it. */
  steps = 0;
  /** What the steps are when the machine stops, -1 for never, and what it says then, for whoever plays a recording back. */
  breakpoint = -1;
  breaks: "point" | "held" = "point";
  #over: Reason | undefined;
  #stopping = GO;
  /** Nothing was served yet since power-on, or since the machine was allowed to go on. */
  #fresh = true;
  /** Compiled code was left amid a step, to be looked at. */
  #looked = false;
  /** The cycle at which it is to be. */
  #lookAt = NEVER;
  /** The host stopped the machine behind a dispatch, which comes again: the question ahead of it was asked, and is not again. */
  #repeats = false;

  /** Nothing was served, and the run can go on. */
  protected clearLoop(): void {
    this.#over = undefined;
    this.#stopping = GO;
    this.#fresh = true;
    this.#looked = false;
    this.#repeats = false;
  }

  /** Runs within limits and says why it stopped. Never throws what a task threw. */
  advance(this: Machine, limits: Limits): Reason {
    if (this.networked) throw new MachineError("the machine is one of a network: run the network, which takes its machines along");
    const leave = inhabit(this);
    try {
      this.i32[ATTENTION] = 1;
      return this.proceed(limits, new Stops(limits));
    } finally {
      this.drain();
      leave();
    }
  }

  /** The same for a network, which has put the virtual world in place and takes the trace when it wants it. */
  proceed(this: Machine, limits: Limits, stops: Stops): Reason {
    if (this.#over) return this.#over;
    // What is left amid a step has not got there yet.
    if (this.breakpoint >= 0 && this.steps >= this.breakpoint && !this.amid) return this.breaks;
    if (this.#fresh) this.steps++;
    this.#fresh = false;
    if (this.compiled) {
      this.#lookAt = limits.cycles === undefined ? NEVER : this.cycles + limits.cycles;
      this.#watch(limits);
    }
    try {
      return this.#loop(limits, stops);
    } finally {
      this.pending = this.nobody;
    }
  }

  #loop(this: Machine, limits: Limits, stops: Stops): Reason {
    const { i32, beat } = this;
    const { dispatch } = this.kernel;
    const cpu = this.cpu;
    const compiled = this.compiled;
    // An input that is all known cannot open again.
    const { awaited } = this.input;
    let order = NONE;
    for (;;) {
      if (order === NONE) {
        if (awaited && i32[BUSY] !== 0 && !this.#repeats && this.starved()) return this.#awaitInput();
        this.#repeats = false;
        order = dispatch();
      }
      if (i32[ATTENTION] !== 0 && this.attend()) return this.#finish("finished");
      const runs = order === Order.RESUME || this.carryOut(order);
      if (this.#stopping !== GO && (runs || order === Order.IDLE || this.#stopping === AT_ONCE)) {
        return this.#pause(runs || order === Order.IDLE);
      }
      if (!runs) {
        const reason = order === Order.IDLE ? this.#idleOr(limits, stops) : undefined;
        if (reason) return reason;
        order = NONE;
        continue;
      }
      // Compiled code that was only looked at goes on within its step.
      if (this.#looked) this.#looked = false;
      else {
        const reason = this.#stopped(stops);
        if (reason) return reason;
        this.steps++;
        if (beat !== undefined) (beat[0] as number)++;
      }
      if (compiled?.innermost) {
        order = this.#runCompiled(compiled, stops);
        if (order !== TRAPPED && order !== OBSERVED) continue;
        const looked = order === OBSERVED;
        order = NONE;
        if (looked) {
          const reason = this.#observed(limits);
          if (reason) return reason;
          continue;
        }
        if (!this.trapped(compiled)) return this.#finish("failed");
        continue;
      }
      order = NONE;
      const came = cpu.resume();
      if (came !== Came.PARKED && !this.contextOver(came)) return this.#finish("failed");
    }
  }

  /** The limit that keeps the next step from being made, if one does. The dispatch ahead of it comes again. */
  #stopped(this: Machine, stops: Stops, paced = false): Reason | undefined {
    let reason = stops.any ? stops.reached(this) : undefined;
    if (!reason && paced) reason = "pace";
    if (!reason && this.breakpoint >= 0 && this.steps >= this.breakpoint) reason = this.breaks;
    this.#repeats = reason !== undefined;
    return reason;
  }

  /** Nobody can run: time jumps to the next event, or the machine stops. */
  #idleOr(this: Machine, limits: Limits, stops: Stops): Reason | undefined {
    const panic = this.i32[PANIC];
    if (panic !== 0)
      throw new MachineError(`the kernel panicked with code ${panic}: this is a bug of Talea, please report it with the trace`);
    const timed = this.i32[WAITING] !== 0 || this.i32[CONNECTIONS] !== 0;
    if (!timed && this.pendingEvent() === NEVER && !limits.patient) {
      if (!this.wantsInput) return this.#finish("deadlock");
      // Paced, time passes while nobody types.
      if (!this.input.paced || limits.cycle === undefined) return this.#awaitInput();
    }
    const reason = this.#stopped(stops, limits.cycle !== undefined && this.due > limits.cycle);
    if (reason) return reason;
    this.steps++;
    this.idle();
    if (this.compiled) this.#watch(limits);
    return undefined;
  }

  /** Compiled code is to be left at the cycle up to which the limits let it go: a waypoint of the clock, and no event. */
  #watch({ cycle }: Limits): void {
    const { u32 } = this;
    const now = this.cycles;
    const last = Math.min(cycle === undefined ? NEVER : Math.floor(cycle) + 1, this.#lookAt);
    u32[OBSERVE] = last === NEVER ? WORD - 1 : last >>> 0;
    u32[OBSERVE + 1] = last === NEVER ? WORD - 1 : Math.floor(last / WORD);
    const due = Math.max(last, now + 1);
    if (due >= this.due) return;
    u32[DUE] = due >>> 0;
    u32[DUE + 1] = Math.floor(due / WORD);
    u32[LEFT] = due - now;
  }

  /** Lets compiled code go on by itself as long as nothing is the host's to do. */
  #runCompiled(compiled: CompiledCpu, stops: Stops): number {
    const { i32 } = this;
    const left = this.breakpoint < 0 ? MOST : Math.max(0, this.breakpoint - this.steps);
    const quota = Math.min(stops.any ? stops.quota : MOST, left);
    i32[QUOTA] = quota;
    const order = compiled.run();
    const made = quota - (i32[QUOTA] as number);
    this.steps += made;
    stops.spend(made);
    return order;
  }

  /** Why compiled code is left alone here, if it is. It was left at a waypoint of the clock, which need not be one of the limits. */
  #observed({ cycle, cycles, dispatches }: Limits): Reason | undefined {
    this.#looked = true;
    this.#repeats = true;
    if (cycle !== undefined && this.cycles > cycle) return "pace";
    if (cycles !== undefined && this.cycles >= this.#lookAt) return "observed";
    // It may have locked the interrupts and never come to an end: whoever counts steps looks up now and then.
    return dispatches === undefined ? undefined : "budget";
  }

  /** Stops at the next step; the machine can go on. */
  stop(): void {
    this.#stopping = NEXT_STEP;
  }

  /** Stops at once: what is due now is served when the machine goes on. */
  hold(): void {
    this.#stopping = AT_ONCE;
    this.#fresh = true;
  }

  idle(): void {
    this.kernel.idle();
  }

  halt(reason: Reason): void {
    this.finishBoard();
    this.#over = reason;
  }

  #finish(reason: Reason): Reason {
    this.halt(reason);
    return reason;
  }

  #awaitInput(): Reason {
    this.showAhead();
    return "input";
  }

  #pause(repeats: boolean): Reason {
    this.#stopping = GO;
    this.#repeats = repeats;
    return "stopped";
  }

  /** Why the run is over, undefined while it can go on. */
  get over(): Reason | undefined {
    return this.#over;
  }

  /** Compiled code was left amid a step: what comes now has no point in a recording, that is between two steps. */
  get amid(): boolean {
    return this.#looked && ((this.i32[CURRENT] as number) >= 0 || this.kernelWord(layout.Kernel.depth) > 0);
  }
}
