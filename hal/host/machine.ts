/**
 * The board on a host: one kernel, its memory, its devices, scripted tasks, and the loop that carries out the kernel's orders.
 *
 *     power on -> system description -> [ dispatch -> order -> run until the CPU is given up ] ... -> end
 *
 * Nothing here needs Node. All chance comes from the oracle, all time from the kernel's cycle counter.
 */
import { End, Kind, layout, Order, SIGINT } from "../../kernel/abi/host.js";
import { DEFAULT_PAGES, NEVER, SCRATCH_BYTES, TICK_CYCLES } from "../map.js";
import { Came, type Port } from "../port.js";
import { type Callback, TimerService } from "./api/service.js";
import type { SignalBody } from "./api/signal.js";
import { type App, System } from "./api/system.js";
import { type HandlerBody, Task, type TaskBody } from "./api/task.js";
import { Board } from "./board.js";
import { Pending } from "./call.js";
import { CompiledCpu, NONE, OBSERVED, TRAPPED } from "./compiled.js";
import { checkPin, Gpio, type PinChange } from "./device/gpio.js";
import { Motor } from "./device/motor.js";
import { Nic, packetOf } from "./device/nic.js";
import { AppError, CallError, errorName, MachineError, type Site } from "./errors.js";
import { forgotten } from "./frame.js";
import { Image } from "./image.js";
import { Keeper, type Listener } from "./keeper.js";
import { Objects } from "./objects.js";
import type { DriveOptions, Failure, Limits, MachineOptions, Reason } from "./options.js";
import { defaultOracle, type Question, RandomOracle } from "./oracle.js";
import { chanceOf, preparePower, SCRIPTED } from "./power.js";
import { register } from "./readout.js";
import { inhabit } from "./realm.js";
import { type Report, type Ring, reportOf, ringAt } from "./report.js";
import { Roster, type TaskInfo } from "./roster.js";
import { ScriptedCpu } from "./scripted.js";
import { MOST, Stops } from "./stops.js";
import { carve, room, stage, storage } from "./storage.js";
import type { TraceRecord } from "./trace.js";
import { failureOf, TrapError } from "./trap.js";
import type { View } from "./view.js";

const C = layout.Cpu;
const CURRENT = register(C.current);
const ENTRY = register(C.entry);
const ARGUMENT = register(C.argument);
const ORIGIN = register(C.origin);
const CYCLE = register(C.cycle);
const CHOICES = register(C.choices);
const CHOICE = register(C.choice);
const DROPS = register(C.drops);
const ATTENTION = register(C.attention);
const BUSY = register(C.busy);
const WAITING = register(C.waiting);
const CONNECTIONS = register(C.connections);
const PANIC = register(C.panic);
const SCRATCH = register(C.scratch);
const OBSERVE = register(C.observe);
const QUOTA = register(C.quota);
const DUE = register(C.due);
const LEFT = register(C.left);
/** What task_trap is told: what compiled code used since it was charged last is not known. */
const EXCEPTION = 1;
const TRAP = 2;
const WORD = 4294967296;

const LINE_ACTOR = 128;
const NAME_BYTES = 64;
/** Rings of waiting tasks that are kept. */
const RINGS = 16;
/** Records that `trace` answers unless `keep` says otherwise. */
const KEEP = 65536;
/** RAM for handlers and for what the description stages. */
const STATICS = 4096;
const HANDLER_STORAGE = 64;
const NO_STORAGE = storage(0, 0);
/** When the machine is to stop: not at all, before its next step, at once. */
const GO = 0;
const NEXT_STEP = 1;
const AT_ONCE = 2;

const encoder = new TextEncoder();

/** Throws MachineError for what is no tick. */
function checkTick(tick: unknown): void {
  if (Number.isInteger(tick) && (tick as number) >= 0 && (tick as number) < WORD) return;
  throw new MachineError(
    `the tick is ${typeof tick === "string" ? JSON.stringify(tick) : tick}: give a whole number from 0 to ${WORD - 1}`,
  );
}

export class Machine extends Board implements Port {
  readonly app: App;
  readonly options: MachineOptions;
  /** The call under way of the context whose calls are made now. */
  pending: Pending;
  /** The system description runs. */
  describing = false;
  /** Handle of the task that Ctrl-C is for: named by the app, else the last that read the console; 0 for none. */
  foreground = 0;
  /** A task named the foreground while the system ran, as a shell does: every Ctrl-C is the app's. */
  foregroundClaimed = false;
  /** Counts resumed contexts, for a watchdog. */
  beat: Int32Array | undefined;
  /** Steps made so far: it is the same at the same point of the same run, wherever and however often the host stopped it. */
  steps = 0;
  /** What the steps are when the machine stops, -1 for never, and what it says then, for whoever plays a recording back. */
  breakpoint = -1;
  breaks: "point" | "held" = "point";
  /** Told of the four words of every trace record as the ring is drained. */
  onRecord: Listener | undefined;
  /** Takes the packets that leave, and the cycle at which they do; without one they are lost, as without a cable. */
  carrier: ((packet: Uint8Array, cycle: number) => void) | undefined;
  /** A network takes the machine along: it goes on when all its tasks have ended, and does not run by itself. */
  networked = false;
  /** How often it was on before, in the network that it is of. */
  lives = 0;

  readonly #nobody: Pending;
  readonly #compiled: CompiledCpu | undefined;
  /** What tells scripted entries from compiled ones, 0 where none is compiled. */
  readonly #mark: number;
  /** Where RAM begins, once that is needed. */
  #ramStart = 0;
  #cpu: ScriptedCpu;
  #roster = new Roster(this);
  #keeper: Keeper;
  #statics = NO_STORAGE;
  #random = chanceOf({});
  #failures: Failure[] = [];
  #rings: Ring[] = [];
  #over: Reason | undefined;
  #named = false;
  #stopping = GO;
  /** Nothing was served yet since power-on, or since the machine was allowed to go on. */
  #fresh = true;
  /** Compiled code was left amid a step, to be looked at. */
  #looked = false;
  /** The cycle at which it is to be. */
  #lookAt = NEVER;

  /** `bytes` is kernel.wasm (or the debug kernel) and `app` the system description. Powers on. */
  constructor(bytes: Uint8Array, app: App, options: MachineOptions = {}) {
    super(new Image(bytes, options.kernel ?? "release", options.memory ?? DEFAULT_PAGES), options.output !== false);
    this.app = app;
    this.options = options;
    this.#nobody = new Pending(this, NO_STORAGE);
    this.#nobody.armed = true;
    this.pending = this.#nobody;
    this.#keeper = new Keeper(this.image, 0);
    this.#compiled = options.firmware && new CompiledCpu(this, options.firmware);
    this.#mark = this.#compiled ? SCRIPTED : 0;
    if (this.#compiled) this.image.keep();
    this.#cpu = new ScriptedCpu(this, this.#mark);
    this.start();
  }

  // Power-on

  /** Starts anew from a copy of the pristine memory: same app, same options, same run. */
  powerOn(): void {
    if (this.networked) throw new MachineError("the machine is one of a network: boot the network anew");
    this.start();
  }

  /** The same, also within a network. */
  start(): void {
    const { options } = this;
    this.#forgetRun();
    this.oracle = options.oracle ?? (options.seed === undefined ? defaultOracle : new RandomOracle(options.seed));
    this.#random = chanceOf(options);
    const statics = this.#compiled ? this.#firmwareStatics(this.#compiled) : STATICS;
    this.image.restore();
    preparePower(this.image, options, statics, this.oracle.asks, this.lives);
    if (this.kernel.power_on() !== 0) {
      const asked = `${this.image.pages} pages of memory and ${options.tickCycles ?? TICK_CYCLES} cycles a tick`;
      throw new MachineError(`the machine does not power on with ${asked}: give it more memory, or 61 to 268435456 cycles`);
    }
    this.#cpu = new ScriptedCpu(this, this.#mark);
    const ram = (this.u32[SCRATCH] as number) + SCRATCH_BYTES;
    this.#statics = storage(ram, ram + STATICS);
    this.input.start(options.input);
    this.#describe();
  }

  /** Bytes behind RAM's start that belong to the host and the firmware. Where RAM starts, only the kernel can tell. */
  #firmwareStatics(compiled: CompiledCpu): number {
    if (this.#ramStart === 0) {
      this.image.restore();
      preparePower(this.image, this.options, 0, false, 0);
      this.kernel.power_on();
      this.#ramStart = this.u32[SCRATCH] as number;
      if (this.#ramStart + SCRATCH_BYTES + STATICS > compiled.start) {
        throw new MachineError(`${compiled.firmware.name} begins at byte ${compiled.start}, where the kernel's data are: build it again`);
      }
    }
    return compiled.statics(this.#ramStart);
  }

  #forgetRun(): void {
    this.clearBoard();
    this.names.clear();
    this.#roster = new Roster(this);
    this.#keeper = new Keeper(this.image, this.options.keep ?? KEEP);
    this.#failures = [];
    this.#lastWords.clear();
    this.#rings = [];
    this.#over = undefined;
    this.#stopping = GO;
    this.#fresh = true;
    this.#looked = false;
    this.foreground = 0;
    this.foregroundClaimed = false;
    this.#named = false;
    this.pending = this.#nobody;
  }

  #describe(): void {
    if (typeof this.app !== "function") throw new AppError("an app is a function (system) => void, its module's default export");
    const description = new Pending(this, this.#statics);
    const leave = inhabit(this);
    this.describing = true;
    this.pending = description;
    try {
      const system = new System(this, this.options.args ?? []);
      if (this.#compiled) {
        system.console();
        this.#compiled.describe(system);
      }
      const answer: unknown = this.app(system);
      if (answer instanceof Object && "then" in answer) {
        throw new AppError("the system description is async: it must make everything at once, without await");
      }
      if (description.armed) throw forgotten(description.spec.name);
    } finally {
      this.describing = false;
      this.pending = this.#nobody;
      leave();
    }
    this.kernel.system_done();
  }

  // The loop

  /** Runs to the end. Throws the first task failure when the run is over, unless `onFailure` is "report". */
  run(): Reason {
    return this.#conclude(this.advance({}));
  }

  /**
   * Runs until a tick was served or a predicate holds, or to the end. To a tick, time passes also when nobody can run any more, so
   * that the bench can raise a line or send a signal then. With `by`, a predicate has up to the tick `by` to hold: "until"; else
   * it is "late".
   */
  runUntil(until: number | ((machine: Machine) => boolean), by?: number): Reason {
    for (const tick of [until, by]) if (tick !== undefined && typeof tick !== "function") checkTick(tick);
    if (typeof until === "number") return this.#conclude(this.advance({ tick: until, patient: true }));
    if (by === undefined) return this.#conclude(this.advance({ until }));
    // Where handlers leave no time for ticks, the cycle ends the wait.
    const cycle = this.#cycleOf(by) + (this.options.tickCycles ?? TICK_CYCLES);
    const reason = this.#conclude(this.advance({ until, tick: by, cycle, patient: true }));
    return (reason === "until" && !until(this)) || reason === "pace" ? "late" : reason;
  }

  /** Runs until the console's output contains a text, or matches; the rest as runUntil. What it contains already counts. */
  runUntilOutput(text: string | RegExp, by?: number): Reason {
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
  runUntilLevel(pin: number, level: boolean, by?: number): Reason {
    const count = () => this.#port?.changeCount(pin) ?? 0;
    const before = count();
    return this.level(pin) === level ? "until" : this.runUntil(() => count() > before, by);
  }

  /** One step: a task or handler runs until it gives up the CPU, or time jumps to the next event. */
  step(): Reason {
    return this.#conclude(this.advance({ dispatches: 1 }));
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

  /** Ends the run here, for a bench that goes no further: what is on its way out goes out. */
  end(): void {
    if (!this.#over) this.#finish("stopped");
  }

  #conclude(reason: Reason): Reason {
    const failure = this.#failures[0];
    if (this.#over && failure && this.options.onFailure !== "report") {
      throw failure.error instanceof Error ? failure.error : new MachineError(failure.message);
    }
    return reason;
  }

  /** Runs within limits and says why it stopped. Never throws what a task threw. */
  advance(limits: Limits): Reason {
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
  proceed(limits: Limits, stops: Stops): Reason {
    if (this.#over) return this.#over;
    if (this.breakpoint >= 0 && this.steps >= this.breakpoint) return this.breaks;
    if (this.#fresh) this.steps++;
    this.#fresh = false;
    if (this.#compiled) {
      this.#lookAt = limits.cycles === undefined ? NEVER : this.cycles + limits.cycles;
      this.#watch(limits);
    }
    try {
      return this.#loop(limits, stops);
    } finally {
      this.pending = this.#nobody;
    }
  }

  /** Tells onRecord of what is in the kernel's trace ring. */
  drain(): void {
    this.#keeper.drain(this.traceAt, this.onRecord);
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

  #loop(limits: Limits, stops: Stops): Reason {
    const { i32, beat } = this;
    const { dispatch } = this.kernel;
    const cpu = this.#cpu;
    const compiled = this.#compiled;
    // An input that is all known cannot open again.
    const { awaited } = this.input;
    let order = NONE;
    for (;;) {
      if (order === NONE) {
        if (awaited && i32[BUSY] !== 0 && this.starved()) return this.#awaitInput();
        order = dispatch();
      }
      if (i32[ATTENTION] !== 0 && this.#attend()) return this.#finish("finished");
      const runs = order === Order.RESUME || this.#carryOut(order);
      if (this.#stopping !== GO && (runs || order === Order.IDLE || this.#stopping === AT_ONCE)) return this.#pause();
      if (!runs) {
        const reason = order === Order.IDLE ? this.#idleOr(limits, stops) : undefined;
        if (reason) return reason;
        order = NONE;
        continue;
      }
      // Compiled code that was only looked at goes on within its step.
      if (this.#looked) this.#looked = false;
      else {
        if (stops.any) {
          const reason = stops.reached(this);
          if (reason) return reason;
        }
        if (this.breakpoint >= 0 && this.steps >= this.breakpoint) return this.breaks;
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
        if (!this.#trapped(compiled)) return this.#finish("failed");
        continue;
      }
      order = NONE;
      const came = cpu.resume();
      if (came !== Came.PARKED && !this.#contextOver(came)) return this.#finish("failed");
    }
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
    if (cycle !== undefined && this.cycles > cycle) return "pace";
    if (cycles !== undefined && this.cycles >= this.#lookAt) return "observed";
    // It may have locked the interrupts and never come to an end: whoever counts steps looks up now and then.
    return dispatches === undefined ? undefined : "budget";
  }

  /** Compiled code did what ends it; false when that ends the run. */
  #trapped(compiled: CompiledCpu): boolean {
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

  /** What tasks did that only run their handler for it any more. */
  readonly #lastWords = new Map<number, Failure>();

  /** Who of the compiled runs, as failures name it. */
  #compiledName(): string {
    if (this.kernelWord(layout.Kernel.depth) > 0) return `the handler of line ${this.kernelWord(layout.Kernel.actor) - LINE_ACTOR}`;
    return this.nameOf((Kind.TASK << 8) | (this.i32[CURRENT] as number));
  }

  /** A context is over: a handler returned, a task exits or trapped; false when that ends the run. */
  #contextOver(came: Came): boolean {
    const inHandler = this.#cpu.interrupted;
    if (came === Came.TRAPPED) {
      this.#fail(this.running ?? "a task", this.#cpu.error, inHandler ? "" : this.handlerOf(this.i32[CURRENT] as number));
      if (inHandler) return false;
      this.kernel.task_trap(EXCEPTION);
      return true;
    }
    if (inHandler) {
      this.#cpu.leaveHandler();
      this.kernel.irq_return();
    } else if (this.#cpu.signalled(this.i32[CURRENT] as number)) {
      this.#cpu.leaveSignal(this.i32[CURRENT] as number);
      this.kernel.signal_return();
    } else {
      this.kernel.task_exit(0);
    }
    return true;
  }

  #fail(task: string, error: unknown, handler = ""): void {
    this.#failures.push(failureOf(task, error, handler));
  }

  /** Rare things: contexts to forget, a trace ring to empty. Whether every task that counts has ended. */
  #attend(): boolean {
    this.i32[ATTENTION] = 0;
    if (this.i32[DROPS] !== 0) this.#forgetContexts();
    if ((this.i32[CYCLE] as number) >= 0) this.#ringClosed();
    this.drain();
    return this.i32[BUSY] === 0 && !this.networked;
  }

  #ringClosed(): void {
    if (this.#rings.length < RINGS) this.#rings.push(ringAt(this, this.i32[CYCLE] as number));
    this.i32[CYCLE] = -1;
  }

  /** Carries out an order that is no resume; whether a context runs then. */
  #carryOut(order: number): boolean {
    const { i32 } = this;
    if (order === Order.START) {
      this.create(i32[CURRENT] as number, i32[ENTRY] as number, i32[ARGUMENT] as number);
      return true;
    }
    if (order === Order.INTERRUPT) {
      this.interrupt(i32[ARGUMENT] as number);
      return true;
    }
    if (order === Order.SIGNAL) {
      this.signal(i32[CURRENT] as number, i32[ENTRY] as number, i32[ARGUMENT] as number, i32[ORIGIN] as number);
      return true;
    }
    if (order === Order.CHOOSE) i32[CHOICE] = this.oracle.choose(i32[CHOICE] as Question, i32[CHOICES] as number);
    if (order === Order.DEVICE) this.fireDevices();
    if (order === Order.PACKET) this.carrier?.(packetOf(this), this.cycles);
    return false;
  }

  /** Nobody can run: time jumps to the next event, or the machine stops. */
  #idleOr(limits: Limits, stops: Stops): Reason | undefined {
    const panic = this.i32[PANIC];
    if (panic !== 0)
      throw new MachineError(`the kernel panicked with code ${panic}: this is a bug of Talea, please report it with the trace`);
    const timed = this.i32[WAITING] !== 0 || this.i32[CONNECTIONS] !== 0;
    if (!timed && this.pendingEvent() === NEVER && !limits.patient) {
      if (!this.wantsInput) return this.#finish("deadlock");
      // Paced, time passes while nobody types.
      if (!this.input.paced || limits.cycle === undefined) return this.#awaitInput();
    }
    const reason = stops.any ? stops.reached(this) : undefined;
    if (reason) return reason;
    if (limits.cycle !== undefined && this.due > limits.cycle) return "pace";
    if (this.breakpoint >= 0 && this.steps >= this.breakpoint) return this.breaks;
    this.steps++;
    this.idle();
    if (this.#compiled) this.#watch(limits);
    return undefined;
  }

  #finish(reason: Reason): Reason {
    this.halt(reason);
    return reason;
  }

  // What a port owes

  create(task: number, entry: number, argument: number): void {
    const handle = this.i32[(this.taskRecord(task) + layout.Task.handle) >> 2] as number;
    // Its maker may not have got the handle yet: a more urgent child runs first.
    this.#roster.born(handle, this.nameOf((Kind.TASK << 8) | task));
    if (this.#compiled?.starts) this.#compiled.create();
    else this.#cpu.create(task, entry, argument);
  }

  interrupt(line: number): void {
    if (this.#compiled?.starts) this.#compiled.interrupt();
    else this.#cpu.interrupt(line);
  }

  signal(task: number, entry: number, signal: number, origin: number): void {
    if (this.#compiled?.starts) this.#compiled.signal();
    else this.#cpu.signal(task, entry, signal, origin);
  }

  resume(): Came {
    return this.#cpu.resume();
  }

  destroy(task: number): void {
    const failure = this.#lastWords.get(task);
    if (failure && this.#lastWords.delete(task) && this.u8[this.taskRecord(task) + layout.Task.how] !== End.EXIT)
      this.#failures.push(failure);
    this.#roster.ended(task);
    try {
      this.#cpu.destroy(task);
    } catch (error) {
      this.#fail(this.nameOf((Kind.TASK << 8) | task), error);
    }
  }

  idle(): void {
    this.kernel.idle();
  }

  halt(reason: Reason): void {
    this.finishBoard();
    this.#over = reason;
  }

  #awaitInput(): Reason {
    this.showAhead();
    return "input";
  }

  #pause(): Reason {
    this.#stopping = GO;
    return "stopped";
  }

  /** Tasks ended: their contexts are forgotten, and what is known of them is kept for the report. */
  #forgetContexts(): void {
    for (let task = this.kernel.dropped(); task >= 0; task = this.kernel.dropped()) this.destroy(task);
    this.pending = this.#nobody;
  }

  // What the bench asks

  /** Why the run is over, undefined while it can go on. */
  get over(): Reason | undefined {
    return this.#over;
  }

  /** The rolling hash as 16 hexadecimal digits; undefined when the run keeps none. */
  get hash(): string | undefined {
    return this.options.hash === false ? undefined : this.rollingHash;
  }

  /** The last records (see `keep`). */
  get trace(): readonly TraceRecord[] {
    this.drain();
    return this.#keeper.records();
  }

  /** Who runs at this moment, as failures name it; undefined between steps. */
  get running(): string | undefined {
    if (this.#compiled?.running) return this.#compiledName();
    return this.#cpu.nameOf(this.pending);
  }

  /** The rings of waiting tasks that closed so far. */
  get rings(): readonly Ring[] {
    return this.#rings;
  }

  /** Failures so far. */
  get failures(): readonly Failure[] {
    return this.#failures;
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
    if (this.#over)
      throw new MachineError(
        `the run is over (${this.#over}): ${this.networked ? "boot the network anew" : "powerOn() starts it anew"}; runUntil stops before its end`,
      );
  }

  /** Drives an input pin from outside: now, or at a tick or a cycle, which the oracle may put off by up to `window` cycles. */
  drive(pin: number, level: boolean, { tick, cycle, window = 0 }: DriveOptions = {}): void {
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

  /** Kernel objects by name. */
  get objects(): Objects {
    return new Objects(this);
  }

  /**
   * SIGINT for the foreground task, as Ctrl-C sends it, or another signal; false when there is none that lives. One that claimed to be
   * the foreground has to take the signal before it gets it again: until then this is false, too.
   */
  interruptForeground(signal = SIGINT): boolean {
    if (this.#over !== undefined || (this.foregroundClaimed && this.#untaken(signal))) return false;
    return this.kernel.signal_raise(this.foreground, signal) === 0;
  }

  /** Whether interruptForeground() would find somebody. */
  interruptible(signal = SIGINT): boolean {
    return this.#over === undefined && this.isAlive(this.foreground) && !(this.foregroundClaimed && this.#untaken(signal));
  }

  /** Compiled code was left amid a step: what comes now has no point in a recording, that is between two steps. */
  get amid(): boolean {
    return this.#looked && (this.i32[CURRENT] as number) >= 0;
  }

  /** The signal is still pending for the foreground task. */
  #untaken(signal: number): boolean {
    if (!this.isAlive(this.foreground)) return false;
    const pending = this.u32[(this.taskRecord(this.foreground & 0xff) + layout.Task.pending) >> 2] as number;
    return (pending & (1 << signal)) !== 0;
  }

  /** What is known of the whole run, for people and for graders. */
  report(): Report {
    return reportOf(this);
  }

  /** Every invariant of the kernel: 0 when all hold. Needs the debug kernel. */
  check(): number {
    if (!this.image.debug) throw new MachineError('check() needs the debug kernel: boot with kernel: "debug"');
    return this.image.debug.check();
  }

  /** Where a task is parked: file and line of its innermost yield*. */
  siteOfTask(index: number): Site | undefined {
    return this.#compiled?.isCompiled(index) ? this.#compiled.site(index) : this.#cpu.site(index);
  }

  /** The firmware as it runs, where there is one: which tasks are compiled, how much of the heap is used. */
  get compiled(): CompiledCpu | undefined {
    return this.#compiled;
  }

  /** All tasks that ever were, in order of birth. */
  get tasks(): readonly TaskInfo[] {
    return this.#roster.all();
  }

  /** What is known of the task with this name (the last one, if several had it). */
  task(name: string): TaskInfo {
    const found = this.tasks.filter((task) => task.name === name).at(-1);
    if (found) return found;
    throw new MachineError(`no task is named "${name}": there are ${this.tasks.map((task) => task.name).join(", ")}`);
  }

  /** Where packets from other machines come in. */
  get nic(): Nic {
    return this.once("nic", () => new Nic(this));
  }

  /** Its port of 32 pins. */
  get gpio(): Gpio {
    return this.once("gpio", () => new Gpio(this, {}));
  }

  /** Its motor. */
  get motor(): Motor {
    return this.once("motor", () => new Motor(this, this.gpio, {}));
  }

  // What the API uses

  /** The call under way of whoever runs; throws when nobody may call now. */
  enter(): Pending {
    const p = this.pending;
    if (p.armed) this.#refuse(p);
    return p;
  }

  #refuse(p: Pending): never {
    if (p === this.#nobody) throw new AppError("calls are made in the system description, in tasks and in handlers; here nobody runs");
    if (p === this.#cpu.ended) throw new AppError("the task has ended: a finally block makes no calls");
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
    const bytes = encoder.encode(name).subarray(0, NAME_BYTES - 1);
    this.u8.set(bytes, address);
    this.u8[address + bytes.length] = 0;
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
  born(handle: number, name: string): Task {
    this.#roster.born(this.named(handle, name), name);
    return new Task(this, handle, name);
  }

  /** The number of a body, as the kernel knows it. */
  entry(body: TaskBody | SignalBody): number {
    return this.#cpu.entry(body);
  }

  /** The body with this number. */
  body(entry: number): TaskBody | SignalBody | undefined {
    return this.#cpu.body(entry);
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
  callback(call: Callback): number {
    return this.once("timer service", () => new TimerService(this)).add(call);
  }

  /** Attaches a handler to a line. */
  attach(line: number, priority: number, body: HandlerBody): void {
    if (typeof body !== "function") throw new AppError(`the handler of line ${line} has no body: give a function* as the last argument`);
    const what = `interrupt ${line}`;
    const p = this.enter();
    const call = p.make(
      what,
      (k) => k.irq_attach(line, (line | this.#mark) >>> 0, priority),
      (r) => r,
    );
    const result = p.take(call);
    if (result < 0) throw new CallError(what, result);
    const block = this.staticBuffer(HANDLER_STORAGE);
    this.#cpu.attach(line, body, storage(block.address, block.address + HANDLER_STORAGE));
  }
}
