/** From a Tree to the bytes of a module, and where in it each instruction went. */
import { F32, F64, I32, I64, isLoad, isStore, Op, type ValueType } from "./ops.js";
import {
  type Control,
  type Data,
  type Func,
  type FuncType,
  type Global,
  type Instr,
  isControl,
  type Node,
  type Tree,
  walk,
} from "./tree.js";

/** Told where each function begins (`from` is -1), and of each instruction that was read from somewhere: where it is now, where it was. */
export type Placed = (to: number, from: number, origin: string) => void;

const utf8 = new TextEncoder();
const FUNCREF = 0x70;
const EMPTY_BLOCK = 0x40;

/** Bytes that grow. */
class Writer {
  bytes = new Uint8Array(1024);
  length = 0;

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#grow(this.length * 2);
    this.bytes[this.length++] = value;
  }

  #grow(size: number): void {
    const bytes = new Uint8Array(size);
    bytes.set(this.bytes);
    this.bytes = bytes;
  }

  put(bytes: ArrayLike<number>): void {
    if (this.length + bytes.length > this.bytes.length) this.#grow((this.length + bytes.length) * 2);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  u32(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest & 127) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  s32(value: number): void {
    let rest = value | 0;
    for (;;) {
      const byte = rest & 127;
      rest >>= 7;
      if ((rest === 0 && !(byte & 64)) || (rest === -1 && byte & 64)) {
        this.byte(byte);
        return;
      }
      this.byte(byte | 128);
    }
  }

  name(text: string): void {
    const bytes = utf8.encode(text);
    this.u32(bytes.length);
    this.put(bytes);
  }

  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

/** Where a body's instructions went, within the body. */
type Marks = [to: number, from: number][];

/** Writes a module. `placed` is told of every instruction of its functions. */
export function encode(tree: Tree, placed: Placed = () => {}): Uint8Array {
  return new Encoder(tree).write(placed);
}

/** A module with one more custom section, its last. */
export function withCustom(module: Uint8Array, name: string, content: Uint8Array): Uint8Array {
  const section = new Writer();
  section.name(name);
  section.put(content);
  const out = new Writer();
  out.put(module);
  out.byte(0);
  out.u32(section.length);
  out.put(section.written);
  return out.written.slice();
}

class Encoder {
  readonly #tree: Tree;
  readonly #types: FuncType[] = [];
  readonly #typeNumbers = new Map<string, number>();
  readonly #funcs = new Map<Func, number>();
  readonly #globals = new Map<Global, number>();
  readonly #imports: Func[];
  readonly #own: Func[];

  constructor(tree: Tree) {
    this.#tree = tree;
    this.#imports = tree.funcs.filter((func) => func.imported);
    this.#own = tree.funcs.filter((func) => !func.imported);
    for (const func of [...this.#imports, ...this.#own]) this.#funcs.set(func, this.#funcs.size);
    const globals = [...tree.globals].sort((a, b) => Number(b.imported !== undefined) - Number(a.imported !== undefined));
    for (const global of globals) this.#globals.set(global, this.#globals.size);
  }

  write(placed: Placed): Uint8Array {
    const tree = this.#tree;
    const bodies = this.#own.map((func) => this.#body(func));
    const out = new Writer();
    out.put([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const imports = this.#importEntries();
    const functions = this.#own.map((func) => (w: Writer) => w.u32(this.#typeOf(func.type)));
    this.#section(out, 1, this.#types, (w, type) => {
      w.byte(0x60);
      for (const list of [type.params, type.results]) {
        w.u32(list.length);
        w.put(list);
      }
    });
    this.#section(out, 2, imports, (w, entry) => entry(w));
    this.#section(out, 3, functions, (w, entry) => entry(w));
    this.#section(
      out,
      4,
      tree.tables.filter(({ imported }) => !imported),
      (w, { min }) => {
        w.byte(FUNCREF);
        w.byte(1);
        w.u32(min);
        w.u32(min);
      },
    );
    if (tree.memory && !tree.memory.imported) this.#section(out, 5, [tree.memory], (w, { min, max }) => limits(w, min, max));
    const globals = [...this.#globals.keys()].filter(({ imported }) => !imported);
    this.#section(out, 6, globals, (w, global) => {
      w.byte(global.type);
      w.byte(global.mutable ? 1 : 0);
      this.#expression(w, global.init);
    });
    this.#section(out, 7, tree.exports, (w, exported) => {
      w.name(exported.name);
      if ("func" in exported) {
        w.byte(0);
        w.u32(this.#funcs.get(exported.func) as number);
      } else if ("global" in exported) {
        w.byte(3);
        w.u32(this.#globals.get(exported.global) as number);
      } else {
        w.byte(exported.kind === "table" ? 1 : 2);
        w.u32(0);
      }
    });
    if (tree.start) {
      const start = this.#funcs.get(tree.start) as number;
      this.#raw(out, 8, (w) => w.u32(start));
    }
    this.#section(out, 9, tree.elements, (w, { offset, funcs, table }) => {
      const holes = funcs.includes(undefined);
      w.u32((table > 0 ? 2 : 0) | (holes ? 4 : 0));
      if (table > 0) w.u32(table);
      this.#expression(w, offset);
      if (table > 0) w.byte(holes ? FUNCREF : 0);
      w.u32(funcs.length);
      for (const func of funcs) {
        if (!holes) {
          w.u32(this.#funcs.get(func as Func) as number);
          continue;
        }
        if (func) {
          w.byte(0xd2);
          w.u32(this.#funcs.get(func) as number);
        } else w.put([0xd0, FUNCREF]);
        w.byte(Op.END);
      }
    });
    if (this.#own.some(({ body }) => namesData(body))) this.#raw(out, 12, (w) => w.u32(tree.datas.length));
    this.#code(out, bodies, placed);
    this.#section(out, 11, tree.datas, (w, data) => this.#data(w, data));
    this.#names(out);
    for (const [name, bytes] of tree.customs) {
      this.#raw(out, 0, (w) => {
        w.name(name);
        w.put(bytes);
      });
    }
    return out.written.slice();
  }

  #importEntries(): ((w: Writer) => void)[] {
    const { memory } = this.#tree;
    const entries = this.#imports.map((func) => {
      const type = this.#typeOf(func.type);
      return (w: Writer) => {
        w.name(func.imported?.module ?? "");
        w.name(func.imported?.name ?? "");
        w.byte(0);
        w.u32(type);
      };
    });
    if (memory?.imported) {
      const { imported, min, max } = memory;
      entries.push((w) => {
        w.name(imported.module);
        w.name(imported.name);
        w.byte(2);
        limits(w, min, max);
      });
    }
    for (const { imported, type, mutable } of this.#globals.keys()) {
      if (!imported) continue;
      entries.push((w) => {
        w.name(imported.module);
        w.name(imported.name);
        w.byte(3);
        w.byte(type);
        w.byte(mutable ? 1 : 0);
      });
    }
    return entries;
  }

  #raw(out: Writer, id: number, fill: (w: Writer) => void): void {
    const section = new Writer();
    fill(section);
    out.byte(id);
    out.u32(section.length);
    out.put(section.written);
  }

  #section<T>(out: Writer, id: number, list: readonly T[], entry: (w: Writer, item: T) => void): void {
    if (list.length === 0) return;
    this.#raw(out, id, (w) => {
      w.u32(list.length);
      for (const item of list) entry(w, item);
    });
  }

  #code(out: Writer, bodies: { bytes: Uint8Array; marks: Marks; func: Func }[], placed: Placed): void {
    if (bodies.length === 0) return;
    const section = new Writer();
    section.u32(bodies.length);
    const starts = bodies.map(({ bytes }) => {
      section.u32(bytes.length);
      const start = section.length;
      section.put(bytes);
      return start;
    });
    out.byte(10);
    out.u32(section.length);
    const base = out.length;
    out.put(section.written);
    for (const [i, { marks, func }] of bodies.entries()) {
      const start = base + (starts[i] as number);
      placed(start, -1, func.origin);
      for (const [to, from] of marks) placed(start + to, from, func.origin);
    }
  }

  #data(w: Writer, { offset, bytes }: Data): void {
    w.u32(offset ? 0 : 1);
    if (offset) this.#expression(w, offset);
    w.u32(bytes.length);
    w.put(bytes);
  }

  #names(out: Writer): void {
    const functions = new Writer();
    functions.u32(this.#funcs.size);
    for (const [func, index] of this.#funcs) {
      functions.u32(index);
      functions.name(func.name);
    }
    this.#raw(out, 0, (w) => {
      w.name("name");
      w.byte(1);
      w.u32(functions.length);
      w.put(functions.written);
    });
  }

  #typeOf(type: FuncType): number {
    const key = `${type.params.join()}>${type.results.join()}`;
    const known = this.#typeNumbers.get(key);
    if (known !== undefined) return known;
    this.#typeNumbers.set(key, this.#types.length);
    return this.#types.push(type) - 1;
  }

  #expression(w: Writer, list: readonly Instr[]): void {
    const marks: Marks = [];
    for (const node of list) this.#instr(w, node, [], marks);
    w.byte(Op.END);
  }

  #body(func: Func): { bytes: Uint8Array; marks: Marks; func: Func } {
    this.#typeOf(func.type);
    const w = new Writer();
    const marks: Marks = [];
    const groups: [count: number, type: ValueType][] = [];
    for (const type of func.locals) {
      const last = groups.at(-1);
      if (last?.[1] === type) last[0]++;
      else groups.push([1, type]);
    }
    w.u32(groups.length);
    for (const [count, type] of groups) {
      w.u32(count);
      w.byte(type);
    }
    // A block around everything is the function's own label.
    const [only] = func.body;
    const root = func.body.length === 1 && only?.op === Op.BLOCK ? (only as Control) : undefined;
    this.#list(w, root ? root.body : func.body, root ? [root] : [], marks);
    w.byte(Op.END);
    return { bytes: w.written.slice(), marks, func };
  }

  #list(w: Writer, list: readonly Node[], open: Control[], marks: Marks): void {
    for (const node of list) {
      if (isControl(node)) this.#control(w, node, open, marks);
      else this.#instr(w, node, open, marks);
    }
  }

  #control(w: Writer, node: Control, open: Control[], marks: Marks): void {
    if (node.at >= 0) marks.push([w.length, node.at]);
    w.byte(node.op);
    const { params, results } = node.type;
    if (params.length === 0 && results.length < 2) w.byte(results[0] ?? EMPTY_BLOCK);
    else w.s32(this.#typeOf(node.type));
    open.push(node);
    this.#list(w, node.body, open, marks);
    if (node.orelse) {
      w.byte(Op.ELSE);
      this.#list(w, node.orelse, open, marks);
    }
    open.pop();
    w.byte(Op.END);
  }

  #instr(w: Writer, node: Instr, open: readonly Control[], marks: Marks): void {
    const { op } = node;
    if (node.at >= 0) marks.push([w.length, node.at]);
    if (op > 0xff) {
      w.byte(op >> 8);
      w.u32(op & 0xff);
    } else w.byte(op);
    switch (op) {
      case Op.BR:
      case Op.BR_IF:
        w.u32(depthOf(node.label as Control, open));
        break;
      case Op.BR_TABLE: {
        const labels = node.labels as Control[];
        w.u32(labels.length - 1);
        for (const label of labels) w.u32(depthOf(label, open));
        break;
      }
      case Op.CALL:
        w.u32(this.#funcs.get(node.func as Func) as number);
        break;
      case Op.CALL_INDIRECT:
        w.u32(this.#typeOf(node.type as FuncType));
        w.u32(node.table ?? 0);
        break;
      case Op.SELECT_TYPED:
        w.u32(1);
        w.byte(node.result as number);
        break;
      case Op.LOCAL_GET:
      case Op.LOCAL_SET:
      case Op.LOCAL_TEE:
      case Op.DATA_DROP:
        w.u32(node.index as number);
        break;
      case Op.GLOBAL_GET:
      case Op.GLOBAL_SET:
        w.u32(this.#globals.get(node.global as Global) as number);
        break;
      case Op.MEMORY_SIZE:
      case Op.MEMORY_GROW:
      case Op.MEMORY_FILL:
        w.byte(0);
        break;
      case Op.MEMORY_COPY:
        w.put([0, 0]);
        break;
      case Op.MEMORY_INIT:
        w.u32(node.index as number);
        w.byte(0);
        break;
      case Op.I32_CONST:
        w.s32(node.value as number);
        break;
      case Op.I64_CONST:
      case Op.F32_CONST:
      case Op.F64_CONST:
        w.put(node.value as Uint8Array);
        break;
    }
    if (isLoad(op) || isStore(op)) {
      w.u32(node.align ?? 0);
      w.u32(node.offset ?? 0);
    }
  }
}

/** How many blocks inside the one that is branched to are open. */
function depthOf(label: Control, open: readonly Control[]): number {
  const found = open.lastIndexOf(label);
  if (found < 0) throw new Error("a branch to a block that is not open");
  return open.length - 1 - found;
}

function limits(w: Writer, min: number, max: number | undefined): void {
  w.byte(max === undefined ? 0 : 1);
  w.u32(min);
  if (max !== undefined) w.u32(max);
}

/** Whether code names data by their number: then how many there are must be known before it. */
function namesData(body: readonly Node[]): boolean {
  let found = false;
  walk(body, ({ op }) => {
    found ||= op === Op.MEMORY_INIT || op === Op.DATA_DROP;
  });
  return found;
}

/** Constants of each type: zero. */
export const zero: Record<ValueType, Instr> = {
  [I32]: { op: Op.I32_CONST, at: -1, value: 0 },
  [I64]: { op: Op.I64_CONST, at: -1, value: Uint8Array.of(0) },
  [F32]: { op: Op.F32_CONST, at: -1, value: new Uint8Array(4) },
  [F64]: { op: Op.F64_CONST, at: -1, value: new Uint8Array(8) },
};
