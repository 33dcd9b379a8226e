/**
 * The board on a host: one kernel, its memory, its devices, scripted tasks, and the loop that carries out the kernel's orders.
 *
 *     power on -> system description -> [ dispatch -> order -> run until the CPU is given up ] ... -> end
 *
 * Nothing here needs Node. All chance comes from the oracle, all time from the kernel's cycle counter.
 */
import { AGAIN, Happening, type KernelExports, Kind, layout, Mode, Option, Order, State, SWITCH } from "../../kernel/abi/host.js";
import { CPU_HZ, CPU_PAGE, DEFAULT_PAGES, NEVER, SCRATCH_BYTES, TICK_CYCLES } from "../map.js";
import { Pipe } from "./api/pipe.js";
import { type App, System } from "./api/system.js";
import { type HandlerBody, Self, Task, type TaskBody } from "./api/task.js";
import type { TimerAction } from "./api/timer.js";
import { Pending } from "./call.js";
import type { Device } from "./device/device.js";
import { AppError, CallError, MachineError, type Site, siteOf, siteText } from "./errors.js";
import { Came, Frame, forgotten, type Storage } from "./frame.js";
import { Image, type KernelFlavour } from "./image.js";
import { Input } from "./input.js";
import { defaultOracle, type Oracle, RandomOracle, Stream } from "./oracle.js";
import { inhabit } from "./realm.js";
import { type Report, reportOf } from "./report.js";
import { TraceReader, type TraceRecord } from "./trace.js";
import { View } from "./view.js";

/** How a machine is built and what it is fed. All of it is part of a run's identity but for `trace`, `hash`, `keep`, `kernel`. */
export interface MachineOptions {
  /** Seed of the schedule oracle and of the tasks' Math.random; without one the default rules hold. */
  seed?: number;
  /** An oracle of one's own instead of a seed. */
  oracle?: Oracle;
  /** What the console receives. "open": more may come through type(), until endInput(). Default: nothing. */
  input?: string | Uint8Array | "open";
  /** Memory in 64 KiB pages, default 4. */
  memory?: number;
  /** Cycles a tick, default 16000. */
  tickCycles?: number;
  /** Number of the first tick, default 0. */
  firstTick?: number;
  /** Keep trace records, default true. */
  trace?: boolean;
  /** Keep the rolling hash, default true. */
  hash?: boolean;
  /** How many of the last records `trace` answers, default 65536. */
  keep?: number;
  /** What system.args holds. */
  args?: readonly string[];
  /** What a task that fails does to run(): "throw" (default) after the run has ended, or only "report". */
  onFailure?: "throw" | "report";
  /** "debug" is the kernel with assertions and check(); same schedule, same trace. */
  kernel?: KernelFlavour;
}

/** Why the machine stopped. */
export type Reason =
  | "finished" // every task that is no daemon has ended
  | "deadlock" // nobody can ever run
  | "until" // the tick or the predicate was reached
  | "input" // it must know the next byte of the input, or that there is none
  | "pace" // virtual time would run ahead of the host's clock
  | "budget" // as many dispatches as were asked for
  | "failed" // an interrupt handler failed
  | "stopped"; // stop() was called

/** A task that failed, and why. */
export interface Failure {
  task: string;
  message: string;
  site: Site | undefined;
  error: unknown;
}

/** What is known of a task, alive or ended. */
export interface TaskInfo {
  name: string;
  handle: number;
  index: number;
  priority: number;
  state: "ready" | "running" | "blocked" | "suspended" | "exited" | "terminated" | "failed";
  daemon: boolean;
  /** Exit status once it ended. */
  status: number | undefined;
  cycles: number;
  switches: number;
  /** Most cycles between ready and running. */
  latency: number;
  /** Bytes of stack used at most; undefined for a scripted task. */
  stack: number | undefined;
}

/** Limits of one advance(); each stops the machine between two steps and none is seen by a task. */
export interface Limits {
  /** Stop when this tick was served. */
  tick?: number;
  until?: (machine: Machine) => boolean;
  dispatches?: number;
  /** Do not let virtual time pass this cycle. */
  cycle?: number;
}

const C = layout.Cpu;
const at = (offset: number) => (CPU_PAGE + offset) >> 2;
const DUE = at(C.due);
const LEFT = at(C.left);
const CURRENT = at(C.current);
const ENTRY = at(C.entry);
const ARGUMENT = at(C.argument);
const RESULT = at(C.result);
const CHOICES = at(C.choices);
const CHOICE = at(C.choice);
const TICK = at(C.tick);
const DEVICE = at(C.device);
const DROPS = at(C.drops);
const BUSY = at(C.busy);
const WAITING = at(C.waiting);
const PANIC = at(C.panic);
const TASKS_AT = at(C.tasks);
const POOLS_AT = at(C.pools);
const TRACE_AT = at(C.trace);
const KERNEL_AT = at(C.kernel);
const DEADLINES_AT = at(C.deadlines);

const NAME_BYTES = 64;
/** Records that `trace` answers unless `keep` says otherwise. */
const KEEP = 65536;
/** RAM for handlers and for what the description stages. */
const STATICS = 4096;
const HANDLER_STORAGE = 64;
const LINES = 32;
const WORD = 4294967296;

const encoder = new TextEncoder();

export class Machine {
  readonly kernel: KernelExports;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly image: Image;
  readonly app: App;
  readonly options: MachineOptions;
  readonly input = new Input();
  readonly hz = CPU_HZ;
  oracle: Oracle = defaultOracle;
  /** The context whose calls are made now. */
  pending: Pending;
  /** The system description runs. */
  describing = false;
  /** Counts resumed contexts, for a watchdog. */
  beat: Int32Array | undefined;
  /** Told of output as it leaves the machine. */
  onOutput: ((bytes: Uint8Array) => void) | undefined;
  /** Told of the four words of every trace record as the ring is drained; TraceReader puts them together. */
  onRecord: ((cycles: number, what: number, first: number, second: number) => void) | undefined;

  readonly #nobody: Pending;
  readonly #ended: Pending;
  #frames: (Frame | undefined)[] = [];
  #handlers: Frame[] = [];
  #lines: { frame: Frame; body: HandlerBody }[] = [];
  #bodies: TaskBody[] = [];
  #entries = new Map<TaskBody, number>();
  #callbacks: Extract<TimerAction, { call: unknown }>["call"][] = [];
  #devices: Device[] = [];
  #singles = new Map<string, unknown>();
  #finishers: (() => void)[] = [];
  #names = new Map<number, string>();
  #tasks = new Map<number, TaskInfo>();
  #output: number[] = [];
  /** The last records, as words, in a ring; the upper half of the cycle counter at each. */
  #kept = new Uint32Array(0);
  #keptCount = 0;
  #statics: Storage = { next: 0, end: 0 };
  #random = new Stream(0, 2);
  #failures: Failure[] = [];
  #over: Reason | undefined;
  #stopping = false;
  #running: Frame | undefined;

  /** `bytes` is kernel.wasm (or the debug kernel) and `app` the system description. Powers on. */
  constructor(bytes: Uint8Array, app: App, options: MachineOptions = {}) {
    this.image = new Image(bytes, options.kernel ?? "release", options.memory ?? DEFAULT_PAGES);
    this.kernel = this.image.kernel;
    this.u8 = this.image.u8;
    this.i32 = this.image.i32;
    this.u32 = this.image.u32;
    this.app = app;
    this.options = options;
    this.#nobody = new Pending(this);
    this.#ended = new Pending(this);
    this.#nobody.armed = true;
    this.#ended.armed = true;
    this.pending = this.#nobody;
    this.powerOn();
  }

  // Power-on

  /** Starts anew from a copy of the pristine memory: same app, same options, same run. */
  powerOn(): void {
    const { options } = this;
    this.#forgetRun();
    this.oracle = options.oracle ?? (options.seed === undefined ? defaultOracle : new RandomOracle(options.seed));
    this.#random = new Stream(options.seed ?? 0, 2);
    this.image.restore();
    const { i32, kernel } = this;
    i32[at(C.memory)] = this.image.bytes;
    i32[at(C.scratch)] = SCRATCH_BYTES;
    i32[at(C.statics)] = STATICS;
    i32[at(C.period)] = options.tickCycles ?? TICK_CYCLES;
    i32[at(C.first)] = options.firstTick ?? 0;
    const kept = (options.trace === false ? 0 : Option.TRACE) | (options.hash === false ? 0 : Option.HASH);
    i32[at(C.options)] = kept | (this.oracle.asks ? Option.ORACLE : 0);
    if (kernel.power_on() !== 0) {
      throw new MachineError(
        `the machine does not power on with ${this.image.pages} pages of memory and ${options.tickCycles ?? TICK_CYCLES} cycles a tick: more memory, or 1 to 268435456 cycles`,
      );
    }
    const ram = this.u32[at(C.scratch)] as number;
    this.#statics = { next: ram + SCRATCH_BYTES, end: ram + SCRATCH_BYTES + STATICS };
    this.#feedInput(options.input);
    this.#describe();
  }

  #forgetRun(): void {
    this.#frames = new Array(64).fill(undefined);
    this.#handlers = [];
    this.#lines = [];
    this.#bodies = [];
    this.#entries.clear();
    this.#callbacks = [];
    this.#devices = [];
    this.#singles.clear();
    this.#finishers = [];
    this.#names.clear();
    this.#tasks.clear();
    this.#output = [];
    this.#keptCount = 0;
    this.#failures = [];
    this.#over = undefined;
    this.#stopping = false;
    this.#running = undefined;
    this.pending = this.#nobody;
  }

  #feedInput(input: string | Uint8Array | undefined): void {
    this.input.reset(input === "open");
    if (input === undefined || input === "open") return;
    this.input.feed(typeof input === "string" ? encoder.encode(input) : input);
  }

  #describe(): void {
    if (typeof this.app !== "function") throw new AppError("an app is a function (system) => void, its module's default export");
    const description = new Pending(this);
    const leave = inhabit(this);
    this.describing = true;
    this.pending = description;
    try {
      const answer: unknown = this.app(new System(this, this.options.args ?? []));
      if (answer instanceof Object && "then" in answer) {
        throw new AppError("the system description is async: it must make everything at once, without await");
      }
      if (description.armed) throw forgotten(description.name);
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

  /** Runs until a tick was served or a predicate holds, or to the end. */
  runUntil(until: number | ((machine: Machine) => boolean)): Reason {
    return this.#conclude(this.advance(typeof until === "number" ? { tick: until } : { until }));
  }

  /** One step: a task or handler runs until it gives up the CPU, or time jumps to the next event. */
  step(): Reason {
    return this.#conclude(this.advance({ dispatches: 1 }));
  }

  /** Stops at the next step; the machine can go on. */
  stop(): void {
    this.#stopping = true;
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
    if (this.#over) return this.#over;
    const leave = inhabit(this);
    try {
      return this.#loop(limits);
    } finally {
      this.pending = this.#nobody;
      this.#running = undefined;
      this.#drain();
      leave();
    }
  }

  #loop(limits: Limits): Reason {
    const { i32, kernel } = this;
    let left = limits.dispatches ?? -1;
    for (;;) {
      const order = kernel.dispatch();
      if (i32[DROPS] !== 0) this.#forgetContexts();
      if (this.#ringHalfFull()) this.#drain();
      if (i32[BUSY] === 0) return this.#finish("finished");
      let frame: Frame;
      switch (order) {
        case Order.RESUME:
          frame = this.#innermost();
          break;
        case Order.START:
          frame = this.#create(i32[CURRENT] as number);
          break;
        case Order.INTERRUPT:
          frame = this.#interrupt(i32[ARGUMENT] as number);
          break;
        case Order.DEVICE:
          if (this.#fireDevices()) continue;
          return "input";
        case Order.CHOOSE:
          i32[CHOICE] = this.oracle.choose(i32[CHOICE] as 1, i32[CHOICES] as number);
          continue;
        default: {
          if (left === 0) return "budget";
          if (this.#stopping) return this.#pause();
          const reason = this.#idle(limits);
          if (reason) return reason;
          left--;
          continue;
        }
      }
      if (left === 0) return "budget";
      if (this.#stopping) return this.#pause();
      if (limits.tick !== undefined && ((i32[TICK] as number) - limits.tick) << 0 >= 0) return "until";
      if (limits.until?.(this)) return "until";
      if (limits.cycle !== undefined && this.cycles > limits.cycle) return "pace";
      left--;
      if (!this.#resume(frame)) return this.#finish("failed");
    }
  }

  #innermost(): Frame {
    const handler = this.#handlers[this.#handlers.length - 1];
    return handler ?? (this.#frames[this.i32[CURRENT] as number] as Frame);
  }

  /** Lets a context run until it gives up the CPU; false when that ends the run. */
  #resume(frame: Frame): boolean {
    this.pending = frame.pending;
    this.#running = frame;
    if (this.beat) Atomics.add(this.beat, 0, 1);
    try {
      if (!frame.returned && frame.step() === Came.PARKED) return true;
      return this.#returned(frame);
    } catch (error) {
      return this.#failed(frame, error);
    } finally {
      this.pending = this.#nobody;
      this.#running = undefined;
    }
  }

  /** A body ran to its end: the handler returns, or the task exits. */
  #returned(frame: Frame): boolean {
    if (this.#handlers.length > 0) {
      this.#handlers.pop();
      this.kernel.irq_return();
      return true;
    }
    frame.returned = true;
    this.kernel.task_exit(0);
    return true;
  }

  #failed(frame: Frame, error: unknown): boolean {
    const site = siteOf(error instanceof Error ? error.stack : undefined) ?? undefined;
    const inHandler = this.#handlers.length > 0;
    const line = inHandler ? this.#lines.findIndex((l) => l?.frame === frame) : -1;
    const name = inHandler ? `the handler of line ${line}` : this.#currentName();
    this.#failures.push({ task: name, message: messageOf(error), site, error });
    if (inHandler) return false;
    this.kernel.task_trap(1);
    return true;
  }

  #currentName(): string {
    return this.#names.get((Kind.TASK << 8) | (this.i32[CURRENT] as number)) ?? "a task";
  }

  #create(index: number): Frame {
    const task = this.taskRecord(index);
    const stack = this.u32[(task + layout.Task.stack) >> 2] as number;
    const size = this.u32[(task + layout.Task.stackSize) >> 2] as number;
    const frame = new Frame(this, { next: stack, end: stack + size });
    this.#frames[index] = frame;
    const name = this.#currentName();
    const handle = this.i32[(task + layout.Task.handle) >> 2] as number;
    const body = this.#bodies[this.i32[ENTRY] as number] as TaskBody;
    const self = new Self(this, handle, name, frame.storage);
    this.#begin(frame, body, self, this.i32[ARGUMENT] as number, `task "${name}"`);
    return frame;
  }

  #interrupt(line: number): Frame {
    const { frame: first, body } = this.#lines[line] as { frame: Frame; body: HandlerBody };
    const frame = new Frame(this, first.storage);
    (this.#lines[line] as { frame: Frame }).frame = frame;
    this.#handlers.push(frame);
    this.#begin(frame, body, new Self(this, 0, `line ${line}`, { ...frame.storage }), line, `the handler of line ${line}`);
    return frame;
  }

  /** A body that cannot begin is one that throws at its first step. */
  #begin(frame: Frame, body: TaskBody | HandlerBody, self: Self, argument: number, what: string): void {
    try {
      this.pending = frame.pending;
      frame.begin(body, self, argument, what);
    } catch (error) {
      frame.begin(failing(error), self, argument, what);
    } finally {
      this.pending = this.#nobody;
    }
  }

  /** Tasks ended: their contexts are forgotten, and what is known of them is kept for the report. */
  #forgetContexts(): void {
    for (let index = this.kernel.dropped(); index >= 0; index = this.kernel.dropped()) {
      this.#noteEnd(index);
      const frame = this.#frames[index];
      this.#frames[index] = undefined;
      if (!frame) continue;
      this.pending = this.#ended;
      try {
        frame.end();
      } catch (error) {
        const task = this.#names.get((Kind.TASK << 8) | index) ?? "a task";
        this.#failures.push({ task, message: messageOf(error), site: siteOf((error as Error).stack), error });
      } finally {
        this.pending = this.#nobody;
      }
    }
  }

  #fireDevices(): boolean {
    const now = this.cycles;
    for (const device of this.#devices) {
      if (device.next <= now) device.fire();
    }
    this.deviceMoved();
    return !this.#devices.some((device) => "starved" in device && device.starved === true);
  }

  /** Nobody can run: the end, a wait for the host, or a jump to the next event. */
  #idle(limits: Limits): Reason | undefined {
    const { i32 } = this;
    if (i32[PANIC] !== 0)
      throw new MachineError(`the kernel panicked with code ${i32[PANIC]}: this is a bug of Talea, please report it with the trace`);
    const events = this.#nextDevice() !== NEVER;
    if (i32[WAITING] === 0 && !events) {
      if (this.input.open && this.#readsInput()) return "input";
      return this.#finish("deadlock");
    }
    if (limits.tick !== undefined && ((i32[TICK] as number) - limits.tick) << 0 >= 0) return "until";
    if (limits.until?.(this)) return "until";
    if (limits.cycle !== undefined && this.#due > limits.cycle) return "pace";
    this.kernel.idle();
    return undefined;
  }

  #readsInput(): boolean {
    const console = this.#singles.get("console") as { in: Pipe } | undefined;
    return console !== undefined && console.in.waiters > 0;
  }

  #finish(reason: Reason): Reason {
    for (const finish of this.#finishers) finish();
    this.#over = reason;
    return reason;
  }

  #pause(): Reason {
    this.#stopping = false;
    return "stopped";
  }

  // What the bench asks

  /** Why the run is over, undefined while it can go on. */
  get over(): Reason | undefined {
    return this.#over;
  }

  /** Ticks served. */
  get tick(): number {
    return this.u32[TICK] as number;
  }

  /** Cycles since power-on. */
  get cycles(): number {
    return this.#due - (this.i32[LEFT] as number);
  }

  get #due(): number {
    return (this.u32[DUE] as number) + (this.u32[DUE + 1] as number) * WORD;
  }

  get milliseconds(): number {
    return (this.cycles * 1000) / this.hz;
  }

  /** The rolling hash as 16 hexadecimal digits; undefined when the run keeps none. */
  get hash(): string | undefined {
    if (this.options.hash === false) return undefined;
    const word = (offset: number) => (this.u32[((this.u32[TRACE_AT] as number) + offset) >> 2] as number).toString(16).padStart(8, "0");
    return (word(layout.Trace.hash1) + word(layout.Trace.hash0)).toUpperCase();
  }

  /** Trace records made so far, kept or not. */
  get events(): number {
    const t = ((this.u32[TRACE_AT] as number) + layout.Trace.events) >> 2;
    return (this.u32[t] as number) + (this.u32[t + 1] as number) * WORD;
  }

  /** The last records (see `keep`). */
  get trace(): readonly TraceRecord[] {
    this.#drain();
    const keep = this.#kept.length >> 2;
    const reader = new TraceReader();
    const records: TraceRecord[] = [];
    for (let i = Math.max(0, this.#keptCount - keep); i < this.#keptCount; i++) {
      const [cycles, what, first, second] = this.#kept.subarray((i % keep) << 2, ((i % keep) << 2) + 4) as unknown as number[];
      const record = reader.read(cycles as number, what as number, first as number, second as number);
      if (record) records.push(record);
    }
    return records;
  }

  /** What the console sent so far, as text. */
  get output(): string {
    return new TextDecoder().decode(new Uint8Array(this.#output));
  }

  /** Failures so far. */
  get failures(): readonly Failure[] {
    return this.#failures;
  }

  /** Raises an interrupt line, as a device would, now. */
  raise(line: number): void {
    if (this.kernel.line_raise(line) !== 0) throw new MachineError(`there is no interrupt line ${line}: give 0 to ${LINES - 1}`);
  }

  /** Puts bytes or text on the console's input, now. */
  type(bytes: string | Uint8Array): void {
    if (!this.input.open) throw new MachineError('the input has ended: boot with input: "open" to type later');
    this.input.feed(typeof bytes === "string" ? encoder.encode(bytes) : bytes);
  }

  /** Nothing more will be typed. */
  endInput(): void {
    this.input.end();
  }

  /** Every invariant of the kernel: 0 when all hold. Needs the debug kernel. */
  check(): number {
    if (!this.image.debug) throw new MachineError('check() needs the debug kernel: boot with kernel: "debug"');
    return this.image.debug.check();
  }

  /** Where a task is parked: file and line of its innermost yield*. */
  siteOfTask(index: number): Site | undefined {
    const before = this.pending;
    try {
      return this.#frames[index]?.site();
    } finally {
      this.pending = before;
    }
  }

  /** All tasks that ever were, in order of birth. */
  get tasks(): readonly TaskInfo[] {
    for (const [handle, known] of this.#tasks) {
      const record = this.taskRecord(handle & 0xff);
      if ((this.i32[(record + layout.Task.handle) >> 2] as number) === handle && known.status === undefined) this.#look(known, record);
    }
    return [...this.#tasks.values()];
  }

  /** What is known of the task with this name (the last one, if several had it). */
  task(name: string): TaskInfo {
    const found = this.tasks.filter((t) => t.name === name).at(-1);
    if (!found) throw new MachineError(`no task is named "${name}": there are ${[...this.#tasks.values()].map((t) => t.name).join(", ")}`);
    return found;
  }

  // What reports and the API read

  taskRecord(index: number): number {
    return (this.u32[TASKS_AT] as number) + index * layout.Task.bytes;
  }

  /** Address of an object's record, -1 when the handle is stale. */
  recordOf(handle: number): number {
    const pool = (this.u32[POOLS_AT] as number) + ((handle >> 8) & 31) * layout.Pool.bytes;
    const base = this.u32[(pool + layout.Pool.base) >> 2] as number;
    const size = this.u32[(pool + layout.Pool.size) >> 2] as number;
    const record = base + (handle & 0xff) * size;
    return this.i32[(record + layout.Obj.handle) >> 2] === handle ? record : -1;
  }

  /** What is known of the whole run, for people and for graders. */
  report(): Report {
    return reportOf(this);
  }

  /** Address of the record in a slot, by kind << 8 | index. */
  recordOfId(id: number): number {
    const pool = (this.u32[POOLS_AT] as number) + (id >> 8) * layout.Pool.bytes;
    return (this.u32[(pool + layout.Pool.base) >> 2] as number) + (id & 0xff) * (this.u32[(pool + layout.Pool.size) >> 2] as number);
  }

  /** Addresses of all live records of a kind. */
  recordsOf(kind: number): number[] {
    const pool = (this.u32[POOLS_AT] as number) + kind * layout.Pool.bytes;
    const count = this.u32[(pool + layout.Pool.count) >> 2] as number;
    const records = Array.from({ length: count }, (_, i) => this.recordOfId((kind << 8) | i));
    return records.filter((r) => this.i32[(r + layout.Obj.handle) >> 2] !== 0);
  }

  /** The tick at which a waiting task gives up. */
  deadlineOf(index: number): number {
    return this.u32[((this.u32[DEADLINES_AT] as number) + index * layout.Deadline.bytes + layout.Deadline.when) >> 2] as number;
  }

  /** How many tasks wait in the queue at this address. */
  waitersAt(queue: number): number {
    let count = 0;
    for (let i = 0; i < 64; i++) {
      const task = this.taskRecord(i);
      if (this.i32[(task + layout.Task.state) >> 2] === State.BLOCKED && this.u32[(task + layout.Task.queue) >> 2] === queue) count++;
    }
    return count;
  }

  /** The name of the task whose record is at this address. */
  taskNameAt(record: number): string {
    return this.nameOf((Kind.TASK << 8) | (this.u8[record + layout.Task.index] as number));
  }

  /** The name of an object by its id (kind << 8 | index), or kind and number. */
  nameOf(id: number): string {
    const kind =
      Object.entries(Kind)
        .find(([, n]) => n === id >> 8)?.[0]
        .toLowerCase() ?? "object";
    const name = this.#names.get(id);
    return name ?? `${kind} ${id & 0xff}`;
  }

  /** A word of the kernel's own state. */
  kernelWord(offset: number): number {
    return this.u32[((this.u32[KERNEL_AT] as number) + offset) >> 2] as number;
  }

  // What the API and the devices use

  /** The call under way of whoever runs; throws when nobody may call now. */
  enter(): Pending {
    const p = this.pending;
    if (p.armed) this.#refuse(p);
    return p;
  }

  #refuse(p: Pending): never {
    if (p === this.#nobody) throw new AppError("calls are made in the system description, in tasks and in handlers; here nobody runs");
    if (p === this.#ended) throw new AppError("the task has ended: a finally block makes no calls");
    throw forgotten(p.name);
  }

  /** What the resumed call returns. */
  get result(): number {
    return this.i32[RESULT] as number;
  }

  /** The next number of the tasks' own chance: 0 <= x < 1. */
  random(): number {
    return this.#random.unit();
  }

  /** The running task asked to exit. */
  exiting(): void {
    if (this.#running) this.#running.exiting = true;
  }

  /** Puts a name where the kernel reads it; its address, 0 for none. */
  stageName(name: string | undefined): number {
    if (name === undefined || name === "") return 0;
    const address = this.u32[at(C.scratch)] as number;
    const bytes = encoder.encode(name).subarray(0, NAME_BYTES - 1);
    this.u8.set(bytes, address);
    this.u8[address + bytes.length] = 0;
    return address;
  }

  /** Where parameter records are put. */
  stageRecord(): number {
    return (this.u32[at(C.scratch)] as number) + NAME_BYTES;
  }

  /** Room for a result in the caller's own RAM, valid until its next call. */
  stageBytes(length: number): number {
    const { next, end } = this.#running?.storage ?? this.#statics;
    const aligned = (next + 3) & ~3;
    if (aligned + length > end) throw this.#tooSmall(length, end - next);
    return aligned;
  }

  /** Text or bytes, copied into the caller's own RAM, valid until its next call. */
  stage(data: string | Uint8Array): View {
    const { next, end } = this.#running?.storage ?? this.#statics;
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    if (next + bytes.length > end) throw this.#tooSmall(bytes.length, end - next);
    this.u8.set(bytes, next);
    return new View(this.u8, next, bytes.length);
  }

  #tooSmall(wanted: number, left: number): AppError {
    return new AppError(
      `${wanted} bytes do not fit into the ${left} that are left of this task's storage: give it more with the option storage`,
    );
  }

  /** Takes `bytes` of a context's RAM for good. */
  carve(storage: Storage, bytes: number, who: string): View {
    const start = (storage.next + 7) & ~7;
    if (!Number.isInteger(bytes) || bytes < 0 || start + bytes > storage.end) {
      throw new AppError(
        `${who} asks for a buffer of ${bytes} bytes and has ${Math.max(0, storage.end - start)} left: give it more with the option storage`,
      );
    }
    storage.next = start + bytes;
    this.u8.fill(0, start, start + bytes);
    return new View(this.u8, start, bytes);
  }

  /** RAM for a driver. */
  staticBuffer(bytes: number): View {
    return this.carve(this.#statics, bytes, "the system description");
  }

  /** Remembers an object's name for traces and reports. */
  named(handle: number, name: string | undefined): number {
    if (name) this.#names.set(handle & 0x1fff, name);
    else this.#names.delete(handle & 0x1fff);
    return handle;
  }

  /** Remembers a new task. */
  born(handle: number, name: string): Task {
    this.named(handle, name);
    const index = handle & 0xff;
    const record = this.taskRecord(index);
    const known: TaskInfo = {
      name,
      handle,
      index,
      priority: 0,
      state: "ready",
      daemon: false,
      status: undefined,
      cycles: 0,
      switches: 0,
      latency: 0,
      stack: undefined,
    };
    this.#look(known, record);
    this.#tasks.set(handle, known);
    return new Task(this, handle, name);
  }

  /** The number of a body, as the kernel knows it. */
  entry(body: TaskBody): number {
    const known = this.#entries.get(body);
    if (known !== undefined) return known;
    this.#entries.set(body, this.#bodies.length);
    return this.#bodies.push(body) - 1;
  }

  /** The number of a timer's callback; the first one brings the timer service. */
  callback(call: Extract<TimerAction, { call: unknown }>["call"]): number {
    this.once("timer service", () => {
      if (!this.describing)
        throw new AppError("the first timer with a callback must be made in the system description: it brings the timer service");
      const machine = this;
      return new System(this, []).task("timer service", { priority: 63, slice: 0, daemon: true }, function* (self) {
        yield* machine.#serveTimers(self);
      });
    });
    return this.#callbacks.push(call) - 1;
  }

  *#serveTimers(self: Self) {
    const B = layout.Callback;
    const out = self.buffer(B.bytes);
    for (;;) {
      const p = this.enter();
      yield* p.make(
        "timer service",
        (k) => k.timer_service(out.address, -1),
        (r) => r,
      );
      const steps = this.#callbacks[out.word(B.entry)]?.(self);
      if (steps) yield* steps;
    }
  }

  /** A pipe of a driver: the driver has one end as the system's own, everybody the other. */
  systemPipe(name: string, capacity: number, own: "read" | "write", everyone: "read" | "write"): Pipe {
    const mode = (own === "read" ? Mode.READ : Mode.WRITE) | (everyone === "read" ? Mode.PUBLIC_READ : Mode.PUBLIC_WRITE);
    const p = this.enter();
    return p.take(
      p.make(
        `pipe "${name}"`,
        (k) => k.pipe_create(this.stageName(name), capacity, mode, 0),
        (r) => {
          if (r < 0) throw new CallError(`pipe "${name}"`, r);
          return new Pipe(this, this.named(r, name));
        },
      ),
    );
  }

  /** Attaches a handler to a line. */
  attach(line: number, priority: number, body: HandlerBody): void {
    const p = this.enter();
    if (typeof body !== "function") throw new AppError(`the handler of line ${line} has no body: give a function* as the last argument`);
    const p2 = p.make(
      `interrupt ${line}`,
      (k) => k.irq_attach(line, line, priority),
      (r) => r,
    );
    const result = p.take(p2);
    if (result < 0) throw new CallError(`interrupt ${line}`, result);
    const block = this.staticBuffer(HANDLER_STORAGE);
    this.#lines[line] = { frame: new Frame(this, { next: block.address, end: block.address + HANDLER_STORAGE }), body };
  }

  /** What there is one of, made at first use. */
  once<T>(name: string, make: () => T): T {
    if (!this.#singles.has(name)) this.#singles.set(name, make());
    return this.#singles.get(name) as T;
  }

  /** Called when the run is over. */
  onFinish(finish: () => void): void {
    this.#finishers.push(finish);
  }

  /** A device joins the board; its number in the trace. */
  plug(device: Device): number {
    return this.#devices.push(device);
  }

  get devices(): readonly Device[] {
    return this.#devices;
  }

  /** A device's next event changed: the kernel is told the earliest of all. */
  deviceMoved(): void {
    const next = this.#nextDevice();
    this.u32[DEVICE] = next >>> 0;
    this.u32[DEVICE + 1] = Math.floor(next / WORD);
  }

  #nextDevice(): number {
    let next = NEVER;
    for (const device of this.#devices) next = Math.min(next, device.next);
    return next;
  }

  emitOutput(bytes: readonly number[]): void {
    if (bytes.length === 0) return;
    this.onOutput?.(Uint8Array.from(bytes));
    for (const byte of bytes) this.#output.push(byte);
  }

  // The trace and the report

  #ringHalfFull(): boolean {
    const t = (this.u32[TRACE_AT] as number) >> 2;
    const T = layout.Trace;
    const held = ((this.u32[t + (T.head >> 2)] as number) - (this.u32[t + (T.tail >> 2)] as number)) >>> 0;
    return held * 2 > (this.u32[t + (T.capacity >> 2)] as number);
  }

  #drain(): void {
    const t = (this.u32[TRACE_AT] as number) >> 2;
    const T = layout.Trace;
    const tail = this.u32[t + (T.tail >> 2)] as number;
    const ring = (this.u32[t + (T.ring >> 2)] as number) >> 2;
    const mask = (this.u32[t + (T.capacity >> 2)] as number) - 1;
    const count = this.kernel.trace_drain();
    const keep = this.options.keep ?? KEEP;
    if (count === 0 || (keep === 0 && !this.onRecord)) return;
    if (this.#kept.length !== keep * 4) this.#kept = new Uint32Array(keep * 4);
    const { u32 } = this;
    const kept = this.#kept;
    for (let i = 0; i < count; i++) {
      const r = ring + (((tail + i) & mask) << 2);
      this.onRecord?.(u32[r] as number, u32[r + 1] as number, u32[r + 2] as number, u32[r + 3] as number);
      if (keep === 0) continue;
      const to = (this.#keptCount++ % keep) << 2;
      kept[to] = u32[r] as number;
      kept[to + 1] = u32[r + 1] as number;
      kept[to + 2] = u32[r + 2] as number;
      kept[to + 3] = u32[r + 3] as number;
    }
  }

  #look(known: TaskInfo, record: number): void {
    const T = layout.Task;
    known.priority = this.u8[record + T.base] as number;
    known.daemon = ((this.i32[(record + T.flags) >> 2] as number) & 2) !== 0;
    known.cycles = (this.u32[(record + T.cycles) >> 2] as number) + (this.u32[((record + T.cycles) >> 2) + 1] as number) * WORD;
    known.switches = this.u32[(record + T.switches) >> 2] as number;
    known.latency = this.u32[(record + T.worst) >> 2] as number;
    const state = this.i32[(record + T.state) >> 2] as number;
    const held = (this.u8[record + T.held] as number) !== 0;
    if (state === State.RUNNING) known.state = "running";
    else if (state === State.BLOCKED) known.state = "blocked";
    else if (state === State.READY) known.state = held ? "suspended" : "ready";
  }

  #noteEnd(index: number): void {
    const record = this.taskRecord(index);
    const known = [...this.#tasks.values()].filter((t) => t.index === index && t.status === undefined)[0];
    if (!known) return;
    this.#look(known, record);
    known.status = this.i32[(record + layout.Task.status) >> 2] as number;
    const how = this.u8[record + layout.Task.how] as number;
    known.state = how === 0 ? "exited" : how === 1 ? "terminated" : "failed";
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A body that throws at its first step. */
function failing(error: unknown): TaskBody {
  // biome-ignore lint/correctness/useYield: a body that never gets to its first yield
  return function* () {
    throw error;
  };
}

export { AGAIN, Happening, SWITCH, siteText };
