/**
 * The build step: from a plain firmware to one whose tasks can be preempted anywhere. Same bytes in, same bytes out.
 *
 *     decode -> link runtime and support -> normal form -> charges -> two copies of what may be suspended -> tables -> encode
 *
 * Under protection (guard.ts) the normal form has questions before accesses to memory, and the other functions get theirs at the end.
 *
 * What may be suspended is found from the call graph: functions that wait, loop or recurse, and what calls them. All others, and
 * the language's runtime, stay as they are.
 */
import { type Frames, framesOf } from "./backtrace.js";
import { block, brIf, call, get, i32, load, loop, op, set, tee, when } from "./build.js";
import { Charges } from "./charge.js";
import { decode, FirmwareError } from "./decode.js";
import { positionsOfDwarf } from "./dwarf.js";
import { encode, withCustom, zero } from "./encode.js";
import { type Callee, flatten, Pseudo, type Range, type Site } from "./flat.js";
import { CALLS, Graph, isCall } from "./graph.js";
import { protect, settle } from "./guard.js";
import { BASE, bytesOfPages, type Layout, layoutFor } from "./layout.js";
import { countStack, dataBounds, dropUnused, join, lengthen, limitMemory, type Parts, settleGlobals, settleRuntime } from "./link.js";
import { I32, isBulk, Op } from "./ops.js";
import { Carrier, Positions } from "./positions.js";
import { sealed } from "./seal.js";
import { type Control, Func, type Global, type Instr, instr, type Node, type Tree, VOID } from "./tree.js";
import { claims, type Runtime, Suspendable, SWITCH } from "./unwind.js";

/** Where a task may be preempted besides its calls: at loops and recursion, or before every access to memory too. */
export type Grain = "loop" | "access";

export interface PreemptOptions {
  grain?: Grain;
  /** Whether accesses to memory that is not the task's own are caught. */
  protect?: boolean;
  /** Bytes of the data for which the short question of protection is enough; for tests: all of them. */
  near?: number;
  /** The compiler's source map, so that a trap names its line; without it, the module's own debug information (DWARF) does. */
  map?: string;
  /** What a source is called that the debug information names; the same, unless it is said. */
  place?: (source: string) => string;
  /** runtime.wasm and support.wasm of this package. */
  parts: { runtime: Uint8Array; support: Uint8Array };
}

/** What is written beside the code, for whoever runs it. */
export interface Manifest {
  /** Changes when what a firmware and a board owe each other does. */
  version: number;
  grain: Grain;
  /** Where the data begin that all its tasks may touch, if accesses to memory of others are caught; 0 if not. */
  guarded: number;
  /** Pages of memory that it takes as its own. */
  pages: number;
  /** The lowest address it uses. */
  start: number;
  /** Where its heap's next allocation is noted, and where its heap begins; 0 without a heap that is known. */
  heap: number;
  heapBase: number;
  /** Calls of the kernel and the board that it imports. */
  calls: readonly string[];
  positions: { sources: readonly string[]; mappings: readonly number[] };
  /** Where the table of the stacks is, and what the frames on them mean. */
  stacks: number;
  frames: Frames;
}

export const MANIFEST = "talea";
export const VERSION = 3;
/** Names of what a board calls. */
export const exportNames = ["power", "describe", "create", "signal", "interrupt", "run", "abandon"] as const;
const exportGlobals = ["fault", "fault_address", "fault_bytes"];
const LEFT = 72;
const RESULT = 88;
const AGAIN = SWITCH + 1;
/** Modules from which only the runtime imports. */
const RESERVED = ["kernel", "firmware"];
/** Exports by which a firmware says how its description begins, in their order. */
const DESCRIPTIONS = ["_initialize", "_start", "main"];

/** Makes a firmware preemptible. Throws FirmwareError for a module that is none. */
export function preemptible(bytes: Uint8Array, options: PreemptOptions): Uint8Array {
  return new Step(bytes, options).run();
}

class Step {
  readonly #tree: Tree;
  readonly #grain: Grain;
  readonly #protect: boolean;
  readonly #near: number | undefined;
  readonly #positions: Positions;
  /** The firmware's own functions and globals. */
  readonly #own: Func[];
  readonly #globals: Global[];
  readonly #runtime: Parts;
  readonly #runtimeFuncs: Func[];
  readonly #support: Parts;
  readonly #parked = new Map<Func, Func>();
  readonly #suspendables = new Map<Func, Suspendable>();
  readonly #entries: (Func | undefined)[];

  constructor(bytes: Uint8Array, { grain = "loop", protect = false, near, map, place, parts }: PreemptOptions) {
    if (grain !== "loop" && grain !== "access") throw new FirmwareError(`grain is "${grain}": give "loop" or "access"`);
    if (!WebAssembly.validate(bytes as BufferSource)) invalid(bytes);
    this.#grain = grain;
    this.#protect = protect;
    this.#near = near;
    this.#tree = decode(bytes);
    checkFirmware(this.#tree);
    const { customs, code } = this.#tree;
    this.#positions = map === undefined ? positionsOfDwarf(customs, code).renamed(place) : Positions.fromSourceMap(map);
    this.#entries = tableOf(this.#tree);
    this.#own = this.#tree.funcs.filter(({ imported }) => !imported);
    this.#globals = [...this.#tree.globals];
    this.#support = join(this.#tree, parts.support, "support");
    const before = this.#tree.funcs.length;
    this.#runtime = join(this.#tree, parts.runtime, "runtime");
    this.#runtimeFuncs = this.#tree.funcs.slice(before).filter(({ imported }) => !imported);
  }

  run(): Uint8Array {
    const tree = this.#tree;
    const support = tree.funcs.filter(({ origin, imported }) => origin === "support" && !imported);
    const firmware = [...this.#own, ...support];
    lengthen(this.#own, this.#support);
    const pages = (tree.memory as { min: number }).min;
    const bounds = dataBounds(tree);
    checkData(bounds, pages);
    const mutable = this.#globals.filter((global) => global.mutable).length;
    const layout = layoutFor(mutable, this.#entries.length);
    const cells = settleGlobals(tree, this.#globals, this.#own, layout.cells);
    limitMemory(this.#own, pages);
    this.#dataEnd = this.#near === undefined ? bytesOfPages(pages) : BASE + this.#near;
    const describe = this.#describe();
    settleRuntime(tree, this.#runtimeFuncs, layout, describe, cells);
    this.#starts = this.#instrument(firmware);
    const resumed = [...this.#suspendables.values()].map((each) => each.resumed);
    countStack([...this.#own, ...resumed], cells, this.#runtime.func("lower"));
    this.#tables(this.#starts);
    this.#seal(pages);
    return this.#write({ pages, layout, cells, heapBase: align(bounds?.highest ?? BASE) });
  }

  /** What the description does: the module's start, then what it exports for it. */
  #describe(): Func {
    const tree = this.#tree;
    const described = new Func("describe", VOID);
    const begin = (func: Func): Node[] => [
      ...func.type.params.map((type) => zero[type]),
      call(func),
      ...func.type.results.map(() => op(Op.DROP)),
    ];
    if (tree.start) described.body.push(...begin(tree.start));
    tree.start = undefined;
    for (const name of DESCRIPTIONS) {
      const found = tree.exports.find((exported) => exported.name === name);
      if (found && "func" in found) described.body.push(...begin(found.func));
    }
    described.body = [{ ...block(described.body), type: VOID }];
    tree.funcs.push(described);
    return described;
  }

  // Instrumentation

  /** The start functions, by entry. */
  #instrument(firmware: readonly Func[]): (Func | undefined)[] {
    const tree = this.#tree;
    const access = this.#grain === "access";
    const graph = new Graph(tree, access);
    const charges = new Charges(graph, access);
    const suspended = firmware.filter((func) => graph.suspends(func));
    if (this.#protect) this.#settle(firmware, graph);
    const points = {
      callee: (node: Instr) => this.#callee(node, graph),
      parked: (func: Func) => this.#parkedFor(func),
      access,
      guarded: this.#protect,
      ranges: rangesOf,
    };
    for (const func of suspended) flatten(func, points);
    for (const func of suspended) charges.place(func);
    for (const func of suspended.filter((each) => graph.recurses(each))) this.#chargeEntry(func, charges.entryOf(func));
    const runtime = this.#hooks();
    const add = (func: Func) => this.#suspendables.set(func, new Suspendable(func, runtime));
    for (const func of suspended) add(func);
    for (const func of this.#parked.values()) add(func);
    const entries = new Set<Func>();
    const wrapped = this.#entries.map((func) => func && this.#indirect(func, graph, charges, entries, add));
    const starts = this.#entries.map((func) => func && this.#start(func, graph, charges, entries, add));
    claims(this.#suspendables, graph, entries);
    const resumes = (func: Func) => (this.#suspendables.get(func) as Suspendable).resumed;
    for (const each of this.#suspendables.values()) each.lower(resumes);
    for (const { func, resumed } of this.#suspendables.values()) {
      if (!tree.funcs.includes(func)) tree.funcs.push(func);
      tree.funcs.push(resumed);
    }
    for (const start of starts) if (start && !tree.funcs.includes(start)) tree.funcs.push(start);
    const { protection } = runtime;
    if (protection) for (const func of firmware) if (!graph.suspends(func)) protect(func, protection);
    this.#wrapped = wrapped;
    return starts;
  }

  /** Finds which accesses to memory need not be asked for. */
  #settle(firmware: readonly Func[], graph: Graph): void {
    const harmless = (func: Func) => !func.imported && !graph.suspends(func);
    const points = this.#grain === "access" ? "accesses" : "loops";
    for (const func of firmware) {
      settle(func, { start: BASE, end: this.#dataEnd, harmless, cut: graph.suspends(func) ? points : "never" });
    }
  }

  /** Where the firmware's data and heap end. */
  #dataEnd = 0;

  /** The start functions, by entry. */
  #starts: (Func | undefined)[] = [];
  /** What stands in the table for each entry, as calls through it find it. */
  #wrapped: (Func | undefined)[] = [];

  #callee(node: Instr, graph: Graph): "func" | "kernel" | "indirect" | undefined {
    if (node.op === Op.CALL) {
      const func = node.func as Func;
      if (isCall(func)) return "kernel";
      return graph.suspends(func) ? "func" : undefined;
    }
    if (node.op !== Op.CALL_INDIRECT) return undefined;
    return graph.calls(node).some((func) => graph.suspends(func)) ? "indirect" : undefined;
  }

  /** A function that recurses charges itself, and may be preempted where it begins. */
  #chargeEntry(func: Func, cost: number): void {
    const check = { op: Pseudo.CHECK, at: -1, lag: 0, header: false, id: 0 };
    const charge = { op: Pseudo.CHARGE, at: -1, cost };
    func.body = [check, charge, ...func.body] as unknown as Node[];
  }

  #hooks(): Runtime {
    const r = this.#runtime;
    return {
      unwinding: r.global("unwinding"),
      sp: r.global("sp"),
      depth: r.global("depth"),
      high: r.global("high"),
      deeper: r.func("deeper"),
      spent: r.func("spent"),
      left: LEFT,
      protection: this.#protect
        ? { start: BASE, end: this.#dataEnd, guard: r.func("guard"), guardRange: r.func("guard_range") }
        : undefined,
    };
  }

  /** What waits for the result of a call that answered SWITCH: again, when the kernel says so. */
  #parkedFor(func: Func): Func {
    const known = this.#parked.get(func);
    if (known) return known;
    const parked = new Func(func.imported?.name ?? "", func.type);
    parked.origin = "runtime";
    const result = parked.local(I32);
    const args = func.type.params.map((_, i) => get(i));
    const site: Site = { op: Pseudo.SITE, at: -1, callee: leaf(this.#runtime.func("park")), args: [], results: [], id: 0 };
    const condition = parked.local(I32);
    const again = loop([]);
    const repeat: Control = { ...when([...args, call(func), tee(result), i32(SWITCH), op(Op.I32_EQ), brIf(again)]), condition };
    again.body = [
      site as unknown as Node,
      ...[i32(0), load(I32, RESULT), tee(result), i32(AGAIN), op(Op.I32_EQ), set(condition)],
      repeat,
      ...[get(result), instr(Op.RETURN)],
    ];
    parked.body = [again, instr(Op.UNREACHABLE)];
    this.#parked.set(func, parked);
    return parked;
  }

  /** A function as it is called through the table: it charges itself, and accounts for its stack, as its callers cannot. */
  #indirect(func: Func, graph: Graph, charges: Charges, entries: Set<Func>, add: (func: Func) => void): Func {
    if (!graph.suspends(func) || graph.recurses(func)) return func;
    const wrapper = new Func(func.name, func.type);
    wrapper.origin = "runtime";
    const results = func.type.results.map((type) => wrapper.local(type));
    const site: Site = {
      op: Pseudo.SITE,
      at: -1,
      callee: { kind: "func", func },
      args: func.type.params.map((_, i) => i),
      results,
      id: 0,
    };
    // What does not charge itself is part of its caller's charge, also by way of the table.
    const charge = { op: Pseudo.CHARGE, at: -1, cost: graph.charges(func) ? charges.entryOf(func) : 0 };
    wrapper.body = [charge, site, ...results.map(get), instr(Op.RETURN)] as unknown as Node[];
    entries.add(wrapper);
    add(wrapper);
    return wrapper;
  }

  /** A task, a handler or a callback begins: `func` with as many of the argument and the origin as it takes; undefined if it cannot be one. */
  #start(func: Func, graph: Graph, charges: Charges, entries: Set<Func>, add: (func: Func) => void): Func | undefined {
    const { params, results } = func.type;
    if (params.length > 2 || params.some((type) => type !== I32)) return undefined;
    const start = new Func(func.name, { params: [I32, I32], results: [] });
    start.origin = "runtime";
    const cost = graph.recurses(func) ? 0 : charges.entryOf(func);
    const charge = { op: Pseudo.CHARGE, at: -1, cost };
    if (!graph.suspends(func)) {
      const charged = cost === 0 ? [] : chargeNow(cost);
      start.body = [...charged, ...params.map((_, i) => get(i)), call(func), ...results.map(() => op(Op.DROP))];
      return start;
    }
    const dropped = results.map((type) => start.local(type));
    const site: Site = { op: Pseudo.SITE, at: -1, callee: { kind: "func", func }, args: params.map((_, i) => i), results: dropped, id: 0 };
    start.body = [charge, site, instr(Op.RETURN)] as unknown as Node[];
    entries.add(start);
    add(start);
    return start;
  }

  // The module around it

  #tables(starts: readonly (Func | undefined)[]): void {
    const tree = this.#tree;
    const count = this.#entries.length;
    const resumed = (func: Func | undefined) => func && this.#suspendables.get(func)?.resumed;
    tree.tables = [
      { min: Math.max(1, count), imported: false },
      { min: Math.max(1, 3 * count), imported: false },
    ];
    tree.elements = [];
    const fill = (table: number, at: number, funcs: (Func | undefined)[]) => {
      if (funcs.length > 0) tree.elements.push({ offset: [i32(at)], funcs, table });
    };
    fill(0, 0, this.#wrapped);
    fill(1, 0, this.#wrapped.map(resumed));
    fill(1, count, [...starts]);
    fill(1, 2 * count, starts.map(resumed));
  }

  #seal(pages: number): void {
    const tree = this.#tree;
    tree.memory = { imported: { module: "env", name: "memory" }, min: pages, max: 65536 };
    tree.exports = exportNames.map((name) => ({ name, func: this.#runtime.func(name) }));
    for (const name of exportGlobals) tree.exports.push({ name, global: this.#runtime.global(name) });
    dropUnused(tree);
  }

  #write(facts: { pages: number; layout: Layout; cells: { heap: number }; heapBase: number }): Uint8Array {
    const tree = this.#tree;
    const carrier = new Carrier(this.#positions);
    tree.customs = new Map();
    const code = encode(tree, (to, from, origin) => {
      if (origin === "" && from >= 0) carrier.place(to, from);
      else if (from < 0) carrier.blank(to);
    });
    const calls = tree.funcs.flatMap(({ imported }) => (imported?.module === CALLS ? [imported.name] : []));
    const manifest: Manifest = {
      version: VERSION,
      grain: this.#grain,
      guarded: this.#protect ? BASE : 0,
      pages: facts.pages,
      start: facts.layout.start,
      heap: facts.cells.heap,
      heapBase: facts.heapBase,
      calls,
      positions: carrier.positions().pack(),
      stacks: facts.layout.stacks,
      frames: framesOf(this.#suspendables, this.#starts, this.#wrapped, this.#positions),
    };
    // Custom sections come last, so the offsets stay as they are.
    return sealed(withCustom(code, MANIFEST, new TextEncoder().encode(JSON.stringify(manifest))));
  }
}

/** Memory that an instruction touches over a length of its own. */
function rangesOf({ op: code, func }: Instr): readonly Range[] {
  const to: Range = { address: 0, length: 2, write: true };
  const copies = func?.origin === "support" ? func.name.endsWith("copy") : code === Op.MEMORY_COPY;
  if (copies) return [to, { address: 1, length: 2, write: false }];
  return func?.origin === "support" || isBulk(code) ? [to] : [];
}

function leaf(func: Func): Callee {
  return { kind: "leaf", func };
}

function chargeNow(cost: number): Node[] {
  return [i32(0), i32(0), load(I32, LEFT), i32(cost), op(Op.I32_SUB), { op: Op.I32_STORE, at: -1, align: 2, offset: LEFT }];
}

function align(address: number): number {
  return (address + 15) & -16;
}

function invalid(bytes: Uint8Array): never {
  decode(bytes);
  try {
    new WebAssembly.Module(bytes as BufferSource);
  } catch (error) {
    throw new FirmwareError(`it is no valid module: ${(error as Error).message.replace(/^WebAssembly\.Module\(\): /, "")}`);
  }
  throw new FirmwareError("it is no valid module");
}

function checkFirmware({ funcs, memory, exports, start, tables }: Tree): void {
  for (const { imported } of funcs) {
    if (imported && RESERVED.includes(imported.module))
      throw new FirmwareError(`it imports ${imported.module}.${imported.name}, which is not for tasks: calls are in module "talea"`);
  }
  if (!memory) throw new FirmwareError("it has no memory, so it is no firmware");
  if (!memory.imported) {
    throw new FirmwareError(
      'it has a memory of its own, where a firmware uses the machine\'s: import it as "env" "memory" (asc --importMemory, wasm-ld --import-memory)',
    );
  }
  if (tables.some(({ imported }) => imported) || tables.length > 1)
    throw new FirmwareError("it imports its table, or has several: build it with one of its own");
  const described = start !== undefined || exports.some(({ name }) => DESCRIPTIONS.includes(name));
  if (!described)
    throw new FirmwareError(`it does not say how it begins, so it is no firmware: it exports none of ${DESCRIPTIONS.join(", ")}`);
}

/** The functions in its table, by number. */
function tableOf({ elements, tables }: Tree): (Func | undefined)[] {
  const found: (Func | undefined)[] = new Array(tables[0]?.min ?? 0).fill(undefined);
  for (const { offset, funcs } of elements) {
    const at = offset[0]?.op === Op.I32_CONST ? (offset[0].value as number) : undefined;
    if (at === undefined) throw new FirmwareError("its table is filled from an index that is no number: link it without relocation");
    for (const [i, func] of funcs.entries()) found[at + i] = func;
  }
  return found;
}

function checkData(bounds: { lowest: number; highest: number } | undefined, pages: number): void {
  const end = bytesOfPages(pages);
  if (bounds && bounds.lowest < BASE) {
    throw new FirmwareError(
      `its data begin at ${bounds.lowest}, where the kernel's are: link it to begin at ${BASE} (asc --memoryBase ${BASE}, wasm-ld --global-base=${BASE})`,
    );
  }
  if (end < BASE)
    throw new FirmwareError(`it imports ${pages} pages of memory, and its own begins at byte ${BASE}: let it import at least 2`);
  if (bounds && bounds.highest > end)
    throw new FirmwareError(`its data end at ${bounds.highest}, behind the ${pages} pages of memory that it imports`);
}
