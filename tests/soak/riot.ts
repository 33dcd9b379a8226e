/**
 * Random programs on the kernel itself, without the host's machine: tasks, signal handlers and interrupt handlers that make every call
 * of the ABI table with random arguments. A context here is no generator but the call under way, so most of the time is the kernel's.
 *
 *     janitor   task 0: notes what there is, keeps some tasks alive, at last ends them, deletes what is left, and looks again
 *     others    make call after call until their number is up, or somebody ends them
 *
 * Whoever cleans up is never drawn as a victim.
 */
import { Image } from "../../hal/host/image.js";
import { errorName, type KernelFlavour, kernelBytes } from "../../hal/host/index.js";
import { RandomOracle, Stream } from "../../hal/host/oracle.js";
import { preparePower } from "../../hal/host/power.js";
import { register } from "../../hal/host/readout.js";
import { DEFAULT_PAGES, SCRATCH_BYTES } from "../../hal/map.js";
import { AGAIN, Info, type KernelExports, Kind, layout, Mode, Order, SWITCH, TaskFlag } from "../../kernel/abi/host.js";
import { calls as table } from "../../kernel/abi/table.js";
import { Draw, type Drawn, NAMES, OWN_BYTES, SHARED_BYTES } from "./draw.js";
import { type Lap, SoakError } from "./program.js";

const C = layout.Cpu;
const CURRENT = register(C.current);
const RESULT = register(C.result);
const CHOICE = register(C.choice);
const CHOICES = register(C.choices);
const DROPS = register(C.drops);
const ATTENTION = register(C.attention);
const BUSY = register(C.busy);
const SCRATCH = register(C.scratch);
const DEVICE = register(C.device);
const TASKS_AT = register(C.tasks);
const POOLS_AT = register(C.pools);
const PANIC = register(C.panic);
const CONNECTIONS = register(C.connections);
const LINGERING = register(C.lingering);
const TICK = register(C.tick);

/** Calls of a lap before the janitor cleans up. */
const LAP = 100_000;
/** Tasks that the janitor keeps alive, ticks between two of its looks, and ticks that connections have to end. */
const CROWD = 8;
const ROUND = 3;
const PATIENCE = 20_000;
/** Slots of tasks that have memory of their own, the lines' behind them. */
const OWNERS = 64;
/** Calls of a task at most, of a handler at most. */
const [TASK_CALLS, HANDLER_CALLS] = [2000, 6];
/** Steps between two looks of the debug kernel's check(). */
const CHECKED = 50;
const LINES = 32;
const GIVE_UP = 10;
const PORTS = [2000, 2031] as const;

type Function = (...args: number[]) => number;
/** Calls that are made by name: their place in the table, or behind it. */
const names = Object.keys(table);
const EXIT = names.indexOf("task_exit");
const SERVICE = names.indexOf("timer_service");

/** A task's own flow, or a handler. */
interface Context {
  /** Calls until it is over. */
  left: number;
  /** The call under way. */
  call: number;
  readonly args: number[];
  parked: boolean;
  readonly own: number;
  /** What the janitor does. */
  readonly steps: Steps | undefined;
}

type Steps = Generator<[name: keyof typeof table, ...args: number[]], void, number>;

/** What is there, in numbers: the same before and behind. */
type Facts = Record<string, number>;

export interface RiotOptions {
  kernel?: KernelFlavour;
  /** Keep trace and hash. */
  hash?: boolean;
  /** Calls of a lap. */
  calls?: number;
  /** A kind of objects that the janitor leaves where they are, to see that it is noticed. */
  spares?: number;
}

export class Riot {
  readonly #image: Image;
  readonly #kernel: KernelExports;
  readonly #i32: Int32Array;
  readonly #u32: Uint32Array;
  readonly #functions: Function[];
  readonly #draw: Draw;
  readonly #options: RiotOptions;
  readonly #tasks: Context[][] = Array.from({ length: OWNERS }, () => []);
  readonly #lines: Context[] = [];
  #oracle = new RandomOracle(0);
  #start = 0;
  #calls = 0;
  #steps = 0;
  #most = LAP;
  #facts: Facts = {};
  #after: Facts | undefined;

  constructor(options: RiotOptions = {}) {
    const flavour = options.kernel ?? "release";
    this.#options = options;
    this.#image = new Image(kernelBytes(flavour), flavour, DEFAULT_PAGES);
    this.#kernel = this.#image.kernel;
    this.#i32 = this.#image.i32;
    this.#u32 = this.#image.u32;
    const functions = this.#kernel as unknown as Record<string, Function>;
    this.#functions = names.map((name) => functions[name] as Function);
    this.#draw = new Draw(this.#u32, new Stream(0, 0));
  }

  /** How often each call of the table was made with success, in all laps. */
  readonly succeeded = new Uint32Array(names.length);

  /** Bytes of the memory that all laps share. */
  get bytes(): number {
    return this.#kernel.memory.buffer.byteLength;
  }

  /** The trace hash of the last lap, where it is kept. */
  get hash(): string {
    const at = (this.#u32[register(C.trace)] as number) >> 2;
    const word = (offset: number) => (this.#u32[at + (offset >> 2)] as number).toString(16).padStart(8, "0");
    return (word(layout.Trace.hash1) + word(layout.Trace.hash0)).toUpperCase();
  }

  /** A whole life of the kernel, from power-on to the end of its last task. */
  lap(seed: number): Lap {
    this.#begin(seed);
    this.#run();
    const { bytes } = this;
    if (!this.#after) throw new SoakError("the janitor was ended before it had cleaned up");
    for (const [what, before] of Object.entries(this.#facts)) {
      const after = this.#after[what];
      if (after !== before) throw new SoakError(`${what} is ${after} at the end, and was ${before} at the beginning`);
    }
    if (bytes !== this.bytes) throw new SoakError(`the memory has ${this.bytes} bytes, and had ${bytes}`);
    return { calls: this.#calls, cycles: this.#cycles };
  }

  get #cycles(): number {
    const due = (this.#u32[register(C.due)] as number) + (this.#u32[register(C.due) + 1] as number) * 4294967296;
    return due - (this.#i32[register(C.left)] as number);
  }

  #begin(seed: number): void {
    const kept = this.#options.hash ?? false;
    const dice = new Stream(seed, 1);
    this.#oracle = new RandomOracle(seed, 2);
    this.#image.restore();
    const statics = (OWNERS + 1) * OWN_BYTES + SHARED_BYTES;
    const power = { trace: kept, hash: kept, giveUp: GIVE_UP, ephemeralPorts: PORTS };
    preparePower(this.#image, power, statics, seed % 2 === 1, 0);
    if (this.#kernel.power_on() !== 0) throw new SoakError("the kernel does not power on");
    this.#start = (this.#u32[SCRATCH] as number) + SCRATCH_BYTES;
    const at = this.#start + (OWNERS + 1) * OWN_BYTES;
    for (let i = 0; i < NAMES; i++) this.#image.u8.set([0x61 + i, 0], at + 8 * i);
    this.#draw.begin(dice, at, this.#u32[TASKS_AT] as number);
    for (const stack of this.#tasks) stack.length = 0;
    this.#lines.length = 0;
    this.#calls = 0;
    this.#steps = 0;
    this.#most = this.#options.calls ?? LAP;
    this.#facts = {};
    this.#after = undefined;
    // No device has anything to do, ever.
    this.#u32[DEVICE] = 0xffffffff;
    this.#u32[DEVICE + 1] = 0xffffffff;
    this.#spawn(this.#start, 63, 0);
    if (this.#kernel.task_spawn(this.#start) < 0) throw new SoakError("the janitor cannot be had");
    this.#kernel.system_done();
  }

  #spawn(at: number, priority: number, flags: number): number {
    const S = layout.Spawn;
    const values = { [S.name]: 0, [S.entry]: 0, [S.argument]: 0, [S.priority]: priority, [S.threshold]: -1, [S.slice]: 1 };
    for (const [offset, value] of Object.entries({ ...values, [S.flags]: flags, [S.stack]: 0, [S.stackSize]: 128 })) {
      this.#u32[(at + Number(offset)) >> 2] = value >>> 0;
    }
    return at;
  }

  // The loop

  #run(): void {
    const i32 = this.#i32;
    const { dispatch, idle } = this.#kernel;
    const { debug } = this.#image;
    for (;;) {
      const order = dispatch();
      if (i32[ATTENTION] !== 0 && this.#attend()) return;
      if (debug && this.#steps++ % CHECKED === 0) this.#check();
      switch (order) {
        case Order.RESUME:
          break;
        case Order.START:
          this.#starts(i32[CURRENT] as number);
          break;
        case Order.SIGNAL:
          (this.#tasks[i32[CURRENT] as number] as Context[]).push(this.#context(i32[CURRENT] as number, HANDLER_CALLS, undefined));
          break;
        case Order.INTERRUPT:
          this.#lines.push(this.#context(OWNERS, HANDLER_CALLS, undefined));
          break;
        case Order.CHOOSE:
          i32[CHOICE] = this.#oracle.choose(i32[CHOICE] as 1, i32[CHOICES] as number);
          continue;
        case Order.IDLE:
          if (i32[PANIC] !== 0) throw new SoakError(`the kernel panicked with code ${i32[PANIC]}`);
          idle();
          continue;
        default:
          // A packet that leaves the machine is lost.
          continue;
      }
      this.#go();
    }
  }

  /** Whether every task that counts has ended. */
  #attend(): boolean {
    const i32 = this.#i32;
    i32[ATTENTION] = 0;
    if (i32[DROPS] !== 0) {
      for (let task = this.#kernel.dropped(); task >= 0; task = this.#kernel.dropped()) (this.#tasks[task] as Context[]).length = 0;
    }
    this.#kernel.trace_drain();
    return i32[BUSY] === 0;
  }

  #check(): void {
    const broken = this.#image.debug?.check() ?? 0;
    if (broken !== 0) throw new SoakError(`check() answers ${broken} after ${this.#calls} calls`);
  }

  #context(owner: number, most: number, steps: Steps | undefined): Context {
    const left = steps ? Number.POSITIVE_INFINITY : this.#draw.below(most);
    return { left, call: -1, args: [0, 0, 0, 0, 0, 0], parked: false, own: this.#start + owner * OWN_BYTES, steps };
  }

  #starts(task: number): void {
    const steps = task === 0 ? this.#janitor() : undefined;
    const context = this.#context(task, TASK_CALLS, steps);
    this.#draw.forget(context.own);
    (this.#tasks[task] as Context[]).push(context);
  }

  /** The innermost context makes calls until one does not let it go on. */
  #go(): void {
    const context = this.#lines.at(-1) ?? (this.#tasks[this.#i32[CURRENT] as number] as Context[]).at(-1);
    if (!context) throw new SoakError("the kernel resumes a task that has no context");
    let result = 0;
    if (context.parked) {
      result = this.#i32[RESULT] as number;
      if (result === AGAIN) result = this.#make(context);
    }
    for (;;) {
      if (result === SWITCH) {
        context.parked = true;
        return;
      }
      context.parked = false;
      if (!this.#next(context, result)) return;
      result = this.#make(context);
    }
  }

  #make({ call, args }: Context): number {
    const [a, b, c, d, e, f] = args as [number, number, number, number, number, number];
    return (this.#functions[call] as Function)(a, b, c, d, e, f);
  }

  /** Sees to a call's result and decides what comes next; false when a handler is over, which the kernel was told. */
  #next(context: Context, result: number): boolean {
    const { steps, args } = context;
    if (steps) return this.#nextStep(context, steps, result);
    if (context.call >= 0 && result >= 0) {
      (this.succeeded[context.call] as number)++;
      // From here on it is in a timer's callback, where much is illegal.
      if (context.call === SERVICE) context.left = Math.min(context.left, HANDLER_CALLS);
      if (result > 0) this.#draw.made(this.#draw.drawn[context.call] as Drawn, context.own, result);
    }
    if (context.left-- <= 0 || this.#calls >= this.#most) return this.#over(context);
    this.#calls++;
    const next = this.#draw.next();
    context.call = next;
    const { makers } = this.#draw.drawn[next] as Drawn;
    for (let i = 0; i < makers.length; i++) args[i] = (makers[i] as (own: number) => number)(context.own);
    return true;
  }

  #over(context: Context): boolean {
    if (this.#lines.at(-1) === context) {
      this.#lines.pop();
      this.#kernel.irq_return();
      return false;
    }
    const stack = this.#tasks[this.#i32[CURRENT] as number] as Context[];
    if (stack.length > 1) {
      stack.pop();
      this.#kernel.signal_return();
      return false;
    }
    context.call = EXIT;
    context.args[0] = 0;
    this.#calls++;
    return true;
  }

  #nextStep(context: Context, steps: Steps, result: number): boolean {
    const next = steps.next(result);
    if (next.done) return this.#over(context);
    const [name, ...args] = next.value;
    this.#calls++;
    context.call = names.indexOf(name);
    for (let i = 0; i < context.args.length; i++) context.args[i] = args[i] ?? 0;
    return true;
  }

  // The janitor

  *#janitor(): Steps {
    this.#facts = yield* this.#look();
    while (this.#calls < this.#most) {
      for (let count = this.#crowd; count <= CROWD; count++) {
        this.#spawn(this.#start, this.#draw.below(63), TaskFlag.DETACHED);
        // There may be no slot or no RAM.
        if ((yield ["task_spawn", this.#start]) < 0) break;
      }
      yield ["task_sleep", ROUND];
      // Some wait for what never comes; what ended and was never joined takes a slot.
      const handle = this.#handleAt(1 + this.#draw.below(OWNERS - 1));
      if (handle !== 0) yield [this.#draw.below(2) === 0 ? "task_terminate" : "task_detach", handle];
    }
    yield* this.#clean();
    const limit = this.#tick + PATIENCE;
    while (this.#busy && this.#tick < limit) yield ["task_sleep", ROUND];
    this.#after = yield* this.#look();
  }

  /** Tasks that have begun and not ended. */
  get #crowd(): number {
    return this.#tasks.reduce((sum, stack) => sum + Math.min(1, stack.length), 0);
  }

  #handleAt(task: number): number {
    return this.#i32[((this.#u32[TASKS_AT] as number) + task * layout.Task.bytes + layout.Task.handle) >> 2] as number;
  }

  get #tick(): number {
    return this.#u32[TICK] as number;
  }

  /** Connections take their time to end. */
  get #busy(): boolean {
    return this.#i32[CONNECTIONS] !== 0 || this.#i32[LINGERING] !== 0 || this.#live(Kind.SOCKET) > 0;
  }

  #live(kind: number): number {
    return this.#u32[((this.#u32[POOLS_AT] as number) + kind * layout.Pool.bytes + layout.Pool.live) >> 2] as number;
  }

  /** Ends all others, and deletes whatever is there; what is open to nobody has a name. */
  *#clean(): Steps {
    for (let task = 1; task < OWNERS; task++) {
      const handle = this.#handleAt(task);
      if (handle === 0) continue;
      yield ["task_terminate", handle];
      yield ["task_detach", handle];
    }
    for (let line = 0; line < LINES; line++) yield ["irq_detach", line];
    for (let kind: number = Kind.SEM; kind <= Kind.SOCKET; kind++) {
      if (kind === this.#options.spares) continue;
      for (let name = 0; name < NAMES; name++) {
        for (const mode of [0, Mode.READ, Mode.WRITE]) yield ["object_open", kind, this.#start + (OWNERS + 1) * OWN_BYTES + 8 * name, mode];
      }
      let handle = 0;
      for (;;) {
        handle = yield ["object_enumerate", kind, handle];
        if (handle <= 0) break;
        yield ["object_delete", handle];
      }
    }
  }

  /** How many objects of each kind there are, and how much RAM is free, in one piece too. */
  *#look(): Generator<[name: keyof typeof table, ...args: number[]], Facts, number> {
    let tasks = 0;
    for (let task = 0; task < OWNERS; task++) if (this.#handleAt(task) !== 0) tasks++;
    const facts: Facts = { "the number of tasks": tasks };
    for (const [name, kind] of Object.entries(Kind)) {
      if (kind !== Kind.TASK && kind <= Kind.SOCKET) facts[`the number of objects of the kind ${name}`] = this.#live(kind);
    }
    for (const field of ["RAM_FREE", "RAM_LARGEST"] as const) {
      const result: number = yield ["object_info", 0, Info[field], this.#start];
      if (result < 0) throw new SoakError(`object_info of ${field} answers ${errorName(result)}`);
      facts[field] = this.#u32[this.#start >> 2] as number;
    }
    return facts;
  }
}
