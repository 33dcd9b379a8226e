/**
 * Random firmwares: modules that import their memory, spawn one to four tasks, and leave in memory what each of them found out. A
 * firmware comes from its seed alone; each ends by itself, as its loops are counted and its calls take fuel.
 *
 *     BASE   spawn record | semaphore | handles | AREA: a task's own: fuel, checksum, results, scratch | the next task's ... | handlers'
 */
import binaryen from "binaryen";
import { Stream } from "../../hal/host/oracle.js";
import { BASE, Body, type Callable, f32, f64, HANDLES, i32, i64, type Kit, none, SIGNAL, TYPES } from "./expression.js";

export { BASE };
/** Where the tasks' own areas begin, and how many bytes each has. */
export const AREA = BASE + 1024;
export const AREA_BYTES = 1024;
export const PAGES = 2;

/** What a firmware may be like. */
export interface Shape {
  tasks: number;
  /** Calls of the kernel. */
  kernel: boolean;
  /** Handlers of lines, of a timer and of a signal, and tasks that set them off. */
  events: boolean;
  /** Tasks share globals and see what the kernel answers: what they find out depends on the schedule. */
  shared: boolean;
  /** Binaryen's optimiser has been over it. */
  optimised: boolean;
  fuel: number;
}

export interface Generated {
  seed: number;
  shape: Shape;
  /** The plain module. */
  bytes: Uint8Array;
}

export const FEATURES =
  binaryen.Features.BulkMemory |
  binaryen.Features.BulkMemoryOpt |
  binaryen.Features.SignExt |
  binaryen.Features.MutableGlobals |
  binaryen.Features.NontrappingFPToInt |
  binaryen.Features.Multivalue;

const CALLS: [name: string, params: number][] = [
  ["task_self", 0],
  ["task_yield", 0],
  ["task_sleep", 1],
  ["task_spawn", 1],
  ["sem_create", 3],
  ["sem_give", 1],
  ["sem_take", 2],
  ["task_exit", 1],
  ["task_terminate", 1],
  ["irq_attach", 3],
  ["irq_raise", 1],
  ["signal_action", 3],
  ["signal_send", 2],
  ["device_write", 3],
];
const NESTING = 7;
const HANDLERS = ["first", "second", "expired", "caught"];
const OPTIMISE_LEVELS = [1, 2, 3];

/** The firmware of a seed. `wanted` says what is not left to chance. */
export function generate(seed: number, wanted: Partial<Shape> = {}): Generated {
  const chance = new Stream(seed, 77);
  const shape: Shape = {
    tasks: 1 + chance.below(4),
    kernel: chance.below(2) === 0,
    events: chance.below(3) === 0,
    shared: chance.below(4) === 0,
    optimised: chance.below(3) === 0,
    fuel: 5 + chance.below(60),
    ...wanted,
  };
  const m = new binaryen.Module();
  try {
    new Generator(m, chance, shape).run();
    if (!m.validate()) throw new Error(`the generator made an invalid module from seed ${seed}`);
    if (shape.optimised) {
      binaryen.setOptimizeLevel(OPTIMISE_LEVELS[chance.below(3)] as number);
      m.optimize();
    }
    return { seed, shape, bytes: m.emitBinary() };
  } finally {
    m.dispose();
  }
}

class Generator {
  readonly #m: binaryen.Module;
  readonly #chance: Stream;
  readonly #shape: Shape;
  readonly #globals: number[] = [];
  readonly #functions: Callable[] = [];

  constructor(m: binaryen.Module, chance: Stream, shape: Shape) {
    this.#m = m;
    this.#chance = chance;
    this.#shape = shape;
  }

  run(): void {
    const m = this.#m;
    m.setFeatures(FEATURES);
    m.setMemory(PAGES, PAGES, null, [{ offset: m.i32.const(BASE), data: new Uint8Array(64) }]);
    m.addMemoryImport("0", "env", "memory");
    for (const [name, count] of CALLS) {
      m.addFunctionImport(name, "talea", name, binaryen.createType(new Array(count).fill(i32)), i32);
    }
    if (this.#shape.shared || this.#shape.tasks === 1) this.#makeGlobals();
    this.#helpers();
    this.#declare();
    for (const [i, made] of this.#functions.entries()) this.#function(made, i);
    const names = [...this.#tasks(), ...(this.#shape.events ? this.#handlers() : [])];
    const inTable = this.#functions.filter(({ entry }) => entry >= 0).map(({ name }) => name);
    m.addTable("table", names.length + inTable.length, names.length + inTable.length);
    m.addActiveElementSegment("table", "elements", [...names, ...inTable], m.i32.const(0));
    m.addTableExport("table", "table");
    this.#initialize();
  }

  #makeGlobals(): void {
    const m = this.#m;
    for (const type of TYPES) {
      if (this.#chance.below(2) === 0) continue;
      const first = { [i32]: m.i32.const(7), [i64]: m.i64.const(-5n), [f32]: m.f32.const(1.5), [f64]: m.f64.const(-0.5) }[type];
      m.addGlobal(`g${this.#globals.push(type) - 1}`, type, true, first as number);
    }
  }

  /** Functions that neither loop nor call: they get no code of the build step's own. */
  #helpers(): void {
    const m = this.#m;
    const x = (type: number) => m.local.get(0, type);
    const same32 = () => m.f32.eq(x(f32), x(f32));
    const same64 = () => m.f64.eq(x(f64), x(f64));
    m.addFunction("number32", f32, f32, [], m.select(same32(), x(f32), m.f32.const(0)));
    m.addFunction("number64", f64, f64, [], m.select(same64(), x(f64), m.f64.const(0)));
    const bits32 = m.i64.extend_u(m.i32.reinterpret(x(f32)));
    m.addFunction("bits32", f32, i64, [], m.if(same32(), bits32, m.i64.const(1n)));
    m.addFunction("bits64", f64, i64, [], m.select(same64(), m.i64.reinterpret(x(f64)), m.i64.const(1n)));
    const value = m.i64.xor(m.i64.rotl(m.i64.load(8, 8, x(i32)), m.i64.const(5n)), m.local.get(1, i64));
    const mixed = m.i64.mul(value, m.i64.const(-0x61c88647_80b583ebn));
    m.addFunction("mix", binaryen.createType([i32, i64]), none, [], m.i64.store(8, 8, x(i32), mixed));
  }

  #declare(): void {
    const chance = this.#chance;
    const kinds = Array.from({ length: 1 + chance.below(3) }, () => ({
      params: [i32, i32, ...Array.from({ length: chance.below(4) }, () => TYPES[chance.below(4)] as number)],
      result: Array.from({ length: [1, 1, 1, 1, 1, 0, 2, 3][chance.below(8)] as number }, () => TYPES[chance.below(4)] as number),
    }));
    let entry = this.#shape.tasks + (this.#shape.events ? HANDLERS.length : 0);
    for (let i = 2 + chance.below(6); i > 0; i--) {
      const kind = kinds[chance.below(kinds.length)] as { params: number[]; result: number[] };
      const inTable = kind.result.length === 1 && chance.below(2) === 0;
      this.#functions.push({ name: `f${this.#functions.length}`, ...kind, entry: inTable ? entry++ : -1 });
    }
  }

  #function(made: Callable, index: number): void {
    const m = this.#m;
    const chance = this.#chance;
    const leaf = chance.below(5) === 0;
    const kit: Kit = {
      m,
      chance,
      callees: leaf ? [] : chance.below(3) > 0 ? this.#functions.slice(0, index) : this.#functions,
      globals: this.#globals,
      loops: !leaf,
      kernel: this.#shape.kernel && !leaf,
      events: this.#shape.events ? this.#shape.tasks : 0,
      raw: this.#shape.shared,
    };
    const body = new Body(kit, made.params, made.result, leaf ? 25 : 60 + chance.below(120));
    const zero = { [i32]: m.i32.const(0), [i64]: m.i64.const(0n), [f32]: m.f32.const(0), [f64]: m.f64.const(0) };
    const zeros = made.result.map((type) => m.copyExpression(zero[type] as number));
    const nothing = zeros.length > 1 ? m.tuple.make(zeros) : zeros[0];
    const code = [...this.#entry(leaf, nothing), ...body.statements(5, 5), ...digest(m, body)];
    const result = body.result(3);
    if (result !== undefined) code.push(m.return(result));
    m.addFunction(made.name, binaryen.createType(made.params), binaryen.createType(made.result), body.vars, m.block(null, code, none));
  }

  /** A call takes one of the task's fuel; without any, or too deep, it answers at once. */
  #entry(leaf: boolean, nothing: number | undefined): number[] {
    const m = this.#m;
    const left = () => m.i32.load(0, 4, m.local.get(0, i32));
    const deep = m.i32.le_s(m.local.get(1, i32), m.i32.const(0));
    if (leaf) return [];
    const empty = m.i32.le_s(left(), m.i32.const(0));
    return [m.if(m.i32.or(deep, empty), m.return(nothing)), m.i32.store(0, 4, m.local.get(0, i32), m.i32.sub(left(), m.i32.const(1)))];
  }

  /** The tasks' functions: each calls some of the others and notes what they answer. */
  #tasks(): string[] {
    const m = this.#m;
    const chance = this.#chance;
    return Array.from({ length: this.#shape.tasks }, (_, index) => {
      const name = `task${index}`;
      const area = m.i32.add(m.i32.const(AREA), m.i32.mul(m.local.get(0, i32), m.i32.const(AREA_BYTES)));
      const kit: Kit = {
        m,
        chance,
        callees: this.#functions,
        globals: this.#globals,
        loops: true,
        kernel: this.#shape.kernel,
        events: this.#shape.events ? this.#shape.tasks : 0,
        raw: this.#shape.shared,
      };
      const body = new Body(kit, [i32, i32], [], 60);
      const code = [
        m.local.set(0, area),
        m.i32.store(0, 4, m.local.get(0, i32), m.i32.const(this.#shape.fuel)),
        m.local.set(1, m.i32.const(NESTING)),
        ...(this.#shape.events ? this.#catch() : []),
        ...body.statements(4, 3),
      ];
      for (const type of TYPES) code.push(m.call("mix", [m.local.get(0, i32), body.bits(body.expression(type), type)], none));
      code.push(...digest(m, body), m.i32.store(16, 4, m.local.get(0, i32), m.i32.const(1)));
      m.addFunction(name, i32, none, [i32, ...body.vars], m.block(null, code, none));
      m.addFunctionExport(name, name);
      return name;
    });
  }

  /** The task has a handler for the signal. */
  #catch(): number[] {
    const m = this.#m;
    const word = (at: number, value: number) => m.i32.store(at, 4, m.i32.const(BASE), m.i32.const(value));
    const action = [word(96, 2), word(100, this.#shape.tasks + HANDLERS.indexOf("caught")), word(104, 0), word(108, 0)];
    return [...action, m.drop(m.call("signal_action", [m.i32.const(SIGNAL), m.i32.const(BASE + 96), m.i32.const(0)], i32))];
  }

  /** Handlers of two lines, of the timer's, and of a signal. Each has an area of its own and little fuel. */
  #handlers(): string[] {
    const m = this.#m;
    for (const [i, name] of HANDLERS.entries()) {
      const kit: Kit = {
        m,
        chance: this.#chance,
        callees: this.#callable(),
        globals: [],
        loops: true,
        kernel: false,
        events: 0,
        raw: false,
      };
      const body = new Body(kit, [i32, i32], [], 40);
      const base = AREA + AREA_BYTES * (this.#shape.tasks + i);
      const code = [
        m.local.set(0, m.i32.const(base)),
        m.i32.store(0, 4, m.local.get(0, i32), m.i32.const(3)),
        m.local.set(1, m.i32.const(3)),
        ...(name === "expired" ? this.#fewTimes(base) : []),
        ...body.statements(3, 3),
        ...digest(m, body),
      ];
      m.addFunction(name, binaryen.createType([i32, i32]), none, body.vars, m.block(null, code, none));
    }
    return HANDLERS;
  }

  /** The timer fires a few times only: its handler may take longer than its period. */
  #fewTimes(base: number): number[] {
    const m = this.#m;
    const count = () => m.i32.load(20, 4, m.i32.const(base));
    const stop = m.drop(m.call("device_write", [m.i32.const(3), m.i32.const(1), m.i32.const(0)], i32));
    return [m.i32.store(20, 4, m.i32.const(base), m.i32.add(count(), m.i32.const(1))), m.if(m.i32.eq(count(), m.i32.const(9)), stop)];
  }

  /** What handlers may call: what makes no calls of the kernel. */
  #callable(): Callable[] {
    return this.#shape.kernel ? [] : this.#functions;
  }

  #initialize(): void {
    const m = this.#m;
    const { tasks, events } = this.#shape;
    const word = (at: number, value: number) => m.i32.store(at, 4, m.i32.const(BASE), m.i32.const(value));
    const create = m.call("sem_create", [m.i32.const(0), m.i32.const(1), m.i32.const(4)], i32);
    const code = [m.i32.store(56, 4, m.i32.const(BASE), create)];
    for (let i = 0; i < tasks; i++) {
      code.push(word(4, i), word(8, i), word(12, 5 + this.#chance.below(2)), word(16, -1), word(20, this.#chance.below(3)));
      code.push(word(32, 8192));
      code.push(m.i32.store(HANDLES + 4 * i, 4, m.i32.const(BASE), m.call("task_spawn", [m.i32.const(BASE)], i32)));
    }
    const call = (name: string, ...args: number[]) =>
      m.drop(
        m.call(
          name,
          args.map((each) => m.i32.const(each)),
          i32,
        ),
      );
    if (events) {
      code.push(call("irq_attach", 1, tasks, 1), call("irq_attach", 2, tasks + 1, 2), call("irq_attach", 26, tasks + 2, 3));
      code.push(call("device_write", 3, 0, 300 + this.#chance.below(3000)), call("device_write", 3, 1, 1));
    }
    m.addFunction("_initialize", none, none, [], m.block(null, code, none));
    m.addFunctionExport("_initialize", "_initialize");
  }
}

/** Every local of a function goes into the checksum of the task. */
function digest(m: binaryen.Module, body: Body): number[] {
  return body.locals.flatMap((type, i) =>
    i < 2 ? [] : [m.call("mix", [m.local.get(0, i32), body.bits(m.local.get(i, type), type)], none)],
  );
}
