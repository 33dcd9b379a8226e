/**
 * Puts a firmware and what it needs into one module: the runtime (runtime.ts) and long copies (support.ts) join its functions, its
 * mutable globals move to memory, so that a copy of the memory is the whole machine, and it sees no more memory than its own.
 *
 *     kernel's data | port's scratch | drivers | stacks' table | lines' stack | globals | BASE: data, heap of the firmware | arena
 */

import { get, i32, load, op, set, store } from "./build.js";
import { decode, FirmwareError } from "./decode.js";
import { zero } from "./encode.js";
import { isCritical } from "./graph.js";
import { BASE, I32_CELL, type Layout } from "./layout.js";
import { I32, Op } from "./ops.js";
import { constant, type Func, type Global, type Instr, isControl, type Node, type Tree, walk } from "./tree.js";

/** The register of a C module's own stack, which belongs to each task. */
const STACK_POINTER = "__stack_pointer";
/** AssemblyScript's stub runtime: where the next allocation goes. */
const HEAP_OFFSET = /~lib\/rt\/stub\/offset$/;
/** Bytes of a copy or fill that is known to be short enough to stay one instruction. */
const SHORT = 256;

/** The runtime's functions and globals, by the names under which it exports them. */
export class Parts {
  readonly #funcs = new Map<string, Func>();
  readonly #globals = new Map<string, Global>();

  constructor(tree: Tree) {
    for (const exported of tree.exports) {
      if ("func" in exported) this.#funcs.set(exported.name, exported.func);
      if ("global" in exported) this.#globals.set(exported.name, exported.global);
    }
  }

  func(name: string): Func {
    return this.#funcs.get(name) as Func;
  }

  global(name: string): Global {
    return this.#globals.get(name) as Global;
  }
}

/** Replaces instructions of a list and of what is in it; `change` answers what stands there instead, undefined for no change. */
export function rewrite(list: Node[], change: (node: Instr, before: Node | undefined) => Node[] | undefined): Node[] {
  const out: Node[] = [];
  for (const node of list) {
    if (isControl(node)) {
      node.body = rewrite(node.body, change);
      if (node.orelse) node.orelse = rewrite(node.orelse, change);
      out.push(node);
      continue;
    }
    const instead = change(node, out.at(-1));
    if (instead) out.push(...instead);
    else out.push(node);
  }
  return out;
}

/** What a module is joined with: its functions, but for imports that are found among `given`. */
export function join(tree: Tree, bytes: Uint8Array, origin: string): Parts {
  const part = decode(bytes);
  for (const func of part.funcs) {
    func.origin = origin;
    if (!func.imported) func.name = func.name.replace(/^.*\//, `${origin}.`);
  }
  tree.funcs.push(...part.funcs);
  tree.globals.push(...part.globals);
  return new Parts(part);
}

/** Copies and fills of a length that is not known to be short go by the functions that take time for it. */
export function lengthen(funcs: readonly Func[], support: Parts): void {
  const instead: Record<number, Func> = { [Op.MEMORY_COPY]: support.func("copy"), [Op.MEMORY_FILL]: support.func("fill") };
  for (const func of funcs) {
    if (isCritical(func)) continue;
    func.body = rewrite(func.body, (node, before) => {
      const by = instead[node.op];
      if (!by) return undefined;
      const length = before && !isControl(before) && before.op === Op.I32_CONST ? (before.value as number) >>> 0 : SHORT + 1;
      return length <= SHORT ? undefined : [{ op: Op.CALL, at: node.at, func: by }];
    });
  }
}

/** What is known of a firmware's globals once they are in memory. */
export interface Cells {
  /** The C stack's register, if there is one. */
  stackPointer: Global | undefined;
  /** Address of the word that says where the heap's next allocation goes, 0 for none. */
  heap: number;
  /** Bytes of the cells. */
  bytes: number;
}

/** Moves the mutable globals of a firmware to memory, from `address` on. */
export function settleGlobals(tree: Tree, globals: readonly Global[], funcs: readonly Func[], address: number): Cells {
  const cells: Cells = { stackPointer: undefined, heap: 0, bytes: 0 };
  const places = new Map<Global, number>();
  for (const global of globals) {
    if (!global.mutable) continue;
    if (global.imported && global.imported.name !== STACK_POINTER) {
      throw new FirmwareError(`it imports the mutable global ${global.name}, and no board has one`);
    }
    if (global.type === I32 && (global.name.endsWith(STACK_POINTER) || isUnnamedStack(global, globals, funcs))) {
      cells.stackPointer = global;
      continue;
    }
    const place = address + cells.bytes;
    places.set(global, place);
    cells.bytes += I32_CELL;
    if (HEAP_OFFSET.test(global.name)) cells.heap = place;
    tree.datas.push({ offset: [{ ...i32(place) }], bytes: firstValue(global) });
  }
  tree.globals = tree.globals.filter((global) => !places.has(global));
  tree.exports = tree.exports.filter((exported) => !("global" in exported && places.has(exported.global)));
  for (const func of funcs) {
    const scratch = new Map<number, number>();
    func.body = rewrite(func.body, (node) => {
      const place = node.global ? places.get(node.global) : undefined;
      if (place === undefined) return undefined;
      const { type } = node.global as Global;
      if (node.op === Op.GLOBAL_GET) return [i32(0), { ...load(type, place), at: node.at, settled: true }];
      const local = scratch.get(type) ?? func.local(type);
      scratch.set(type, local);
      return [set(local), i32(0), get(local), { ...store(type, place), at: node.at, settled: true }];
    });
  }
  return cells;
}

/**
 * Whether the first global of a module without names is the register of a C stack, as linkers put it there: it begins at a multiple
 * of 16 in the data, and functions take multiples of 16 from it where they begin. Tools that strip a module drop its names.
 */
function isUnnamedStack(global: Global, globals: readonly Global[], funcs: readonly Func[]): boolean {
  if (global !== globals[0] || /[^\d]/.test(global.name) || global.imported) return false;
  const first = constant(global.init) ?? 0;
  return first >= BASE && first % 16 === 0 && funcs.some((func) => lowers(func.body, global));
}

/** Whether a function begins by taking a multiple of 16 from a global, and keeps what comes of that. */
function lowers(body: readonly Node[], global: Global): boolean {
  const [head] = body;
  if (head && isControl(head)) return lowers(head.body, global);
  const at = body.findIndex((node) => !isControl(node) && node.op === Op.GLOBAL_SET && node.global === global);
  const [get, by, sub, tee] = at < 4 ? [] : (body.slice(at - 4, at) as Instr[]);
  return (
    get?.op === Op.GLOBAL_GET &&
    get.global === global &&
    by?.op === Op.I32_CONST &&
    (by.value as number) % 16 === 0 &&
    sub?.op === Op.I32_SUB &&
    tee?.op === Op.LOCAL_TEE
  );
}

function firstValue({ init, type, name }: Global): Uint8Array {
  const only = init.length === 1 ? init[0] : undefined;
  const bytes = new Uint8Array(8);
  if (only?.op === Op.I32_CONST) new DataView(bytes.buffer).setInt32(0, only.value as number, true);
  else if (only?.op === Op.I64_CONST) new DataView(bytes.buffer).setBigInt64(0, signed(only.value as Uint8Array), true);
  else if (only?.op === Op.F32_CONST || only?.op === Op.F64_CONST) bytes.set(only.value as Uint8Array);
  else if (init.length > 0 || zero[type] === undefined)
    throw new FirmwareError(`its global ${name} begins with something that is no constant`);
  return bytes;
}

/** A LEB128 number of 64 bits. */
function signed(bytes: Uint8Array): bigint {
  let value = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
  }
  return BigInt.asIntN(64, BigInt.asIntN(Number(shift), value));
}

/** The firmware's memory is what it imports of it, and does not grow; data are never gone, as they are wanted at the next power-on. */
export function limitMemory(funcs: readonly Func[], pages: number): void {
  for (const func of funcs) {
    func.body = rewrite(func.body, (node) => {
      if (node.op === Op.MEMORY_SIZE) return [i32(pages)];
      if (node.op === Op.MEMORY_GROW) return [op(Op.DROP), i32(-1)];
      if (node.op === Op.DATA_DROP) return [];
      return undefined;
    });
  }
}

/** What the runtime was not told when it was compiled. */
export function settleRuntime(tree: Tree, runtime: readonly Func[], layout: Layout, describe: Func, cells: Cells): void {
  const values: Record<string, number> = {
    starts: layout.entries,
    entries: layout.entries,
    stacks: layout.stacks,
    lines: layout.lines,
    lines_size: layout.linesSize,
    has_c_stack: cells.stackPointer ? 1 : 0,
  };
  const pointer = cells.stackPointer;
  for (const func of runtime) {
    func.body = rewrite(func.body, (node) => {
      const from = node.op === Op.GLOBAL_GET ? node.global?.imported : node.op === Op.CALL ? node.func?.imported : undefined;
      if (node.op === Op.CALL_INDIRECT) return [{ ...node, table: 1 }];
      if (from?.module !== "firmware") return undefined;
      if (from.name === "describe") return [{ ...node, func: describe }];
      if (from.name === "c_stack") return [pointer ? { op: Op.GLOBAL_GET, at: -1, global: pointer } : i32(0)];
      if (from.name === "set_c_stack") return [pointer ? { op: Op.GLOBAL_SET, at: -1, global: pointer } : op(Op.DROP)];
      return [i32(values[from.name] as number)];
    });
  }
  tree.funcs = tree.funcs.filter(({ imported }) => imported?.module !== "firmware");
  tree.globals = tree.globals.filter(({ imported }) => imported?.module !== "firmware");
}

/** A firmware sets the register of its C stack by way of the runtime, which counts what that takes of the task's stack. */
export function countStack(funcs: readonly Func[], { stackPointer }: Cells, lower: Func): void {
  for (const func of stackPointer ? funcs : []) {
    func.body = rewrite(func.body, (node) =>
      node.op === Op.GLOBAL_SET && node.global === stackPointer ? [{ op: Op.CALL, at: node.at, func: lower }] : undefined,
    );
  }
}

/** Functions that nobody can call are left out. */
export function dropUnused(tree: Tree): void {
  const used = new Set<Func>();
  const open = [
    ...tree.exports.flatMap((exported) => ("func" in exported ? [exported.func] : [])),
    ...tree.elements.flatMap(({ funcs }) => funcs.filter((func) => func !== undefined)),
  ];
  for (let func = open.pop(); func; func = open.pop()) {
    if (used.has(func)) continue;
    used.add(func);
    walk(func.body, (node) => {
      if (!isControl(node) && node.func) open.push(node.func);
    });
  }
  tree.funcs = tree.funcs.filter((func) => func.imported !== undefined || used.has(func));
}

/** The lowest and the highest address that a module's data take; undefined without any. */
export function dataBounds(tree: Tree): { lowest: number; highest: number } | undefined {
  let bounds: { lowest: number; highest: number } | undefined;
  for (const { offset, bytes } of tree.datas) {
    if (!offset || bytes.length === 0) continue;
    const start = constant(offset);
    if (start === undefined) throw new FirmwareError("its data begin at an address that is no number: link it without relocation");
    const from = start >>> 0;
    bounds = { lowest: Math.min(bounds?.lowest ?? from, from), highest: Math.max(bounds?.highest ?? 0, from + bytes.length) };
  }
  return bounds;
}
