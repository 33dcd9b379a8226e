/** From the bytes of a module to a Tree. What Talea does not run is refused with a sentence that says what it is. */
import { CALLS, separate } from "./graph.js";
import { I32, Op, signatureOf, type ValueType } from "./ops.js";
import {
  type Control,
  constant,
  type Elements,
  Func,
  type FuncType,
  type Global,
  type Import,
  type Instr,
  type Node,
  type Tree,
  VOID,
} from "./tree.js";

/** The module cannot be a firmware; the message says why. */
export class FirmwareError extends Error {
  override name = "FirmwareError";
}

const Section = { TYPE: 1, IMPORT: 2, FUNCTION: 3, TABLE: 4, MEMORY: 5, GLOBAL: 6, EXPORT: 7, START: 8, ELEMENT: 9, CODE: 10, DATA: 11 };
const VALUE_TYPES = [0x7f, 0x7e, 0x7d, 0x7c];
const FUNCREF = 0x70;
const EMPTY_BLOCK = 0x40;
const MANY_LOCALS = 50_000;
const MANY_ENTRIES = 65_536;
/** Blocks in each other; the build step goes down them by recursion. */
const MANY_NESTED = 1000;
const text = new TextDecoder("utf-8", { fatal: true });

export class Reader {
  at: number;
  readonly bytes: Uint8Array;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.at >= this.end) throw new FirmwareError(`it is cut off at byte ${this.at}`);
    return this.bytes[this.at++] as number;
  }

  take(count: number): Uint8Array {
    if (count > this.end - this.at) throw new FirmwareError(`it is cut off at byte ${this.end}`);
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** An unsigned LEB128 number of 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) {
        if (value > 0xffffffff) break;
        return value;
      }
    }
    throw new FirmwareError(`it is damaged: byte ${this.at - 1} is no number`);
  }

  /** A signed one of up to 33 bits. */
  s32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 127) * 2 ** shift;
      if (byte >= 128) continue;
      return byte & 64 ? value - 2 ** (shift + 7) : value;
    }
    throw new FirmwareError(`it is damaged: byte ${this.at - 1} is no number`);
  }

  /** The bytes of a LEB128 number, as they stand. */
  leb(): Uint8Array {
    const start = this.at;
    for (let i = 0; i < 10; i++) if (this.byte() < 128) return this.bytes.slice(start, this.at);
    throw new FirmwareError(`it is damaged: byte ${start} is no number`);
  }

  name(): string {
    const bytes = this.take(this.u32());
    try {
      return text.decode(bytes);
    } catch {
      throw new FirmwareError("it is damaged: a name in it is no text");
    }
  }

  list<T>(read: () => T): T[] {
    const count = this.u32();
    if (count > this.end - this.at) throw new FirmwareError(`it is damaged: byte ${this.at} counts more than there is`);
    return Array.from({ length: count }, read);
  }
}

/** Reads a module. Throws FirmwareError. */
export function decode(bytes: Uint8Array): Tree {
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  if (head.some((byte, i) => bytes[i] !== byte)) throw new FirmwareError("it is no WebAssembly module");
  const tree = new Decoder(bytes).read();
  separate(tree);
  return tree;
}

/** Whether a module has a custom section of this name; of a damaged one, before what is damaged. */
export function hasCustom(bytes: Uint8Array, name: string): boolean {
  const input = new Reader(bytes, 8);
  try {
    while (!input.done) {
      const id = input.byte();
      const size = input.u32();
      const from = input.at;
      input.take(size);
      if (id === 0 && new Reader(bytes, from, from + size).name() === name) return true;
    }
  } catch (error) {
    if (!(error instanceof FirmwareError)) throw error;
  }
  return false;
}

class Decoder {
  readonly #in: Reader;
  readonly #types: FuncType[] = [];
  readonly #tree: Tree = {
    funcs: [],
    globals: [],
    memory: undefined,
    tables: [],
    elements: [],
    datas: [],
    exports: [],
    start: undefined,
    code: 0,
    customs: new Map(),
  };
  #bodies: Func[] = [];
  readonly #bodied = new Map<Func, Func>();

  constructor(bytes: Uint8Array) {
    this.#in = new Reader(bytes, 8);
  }

  read(): Tree {
    const input = this.#in;
    while (!input.done) {
      const id = input.byte();
      const size = input.u32();
      const from = input.at;
      input.take(size);
      this.#section(id, new Reader(input.bytes, from, from + size));
    }
    if (this.#bodies.length > 0) throw new FirmwareError("it is damaged: functions without code");
    this.#named();
    for (const elements of this.#tree.elements) elements.funcs = elements.funcs.map((func) => func && this.#embodied(func));
    return this.#tree;
  }

  /** What stands in the table has a body: a call of the board's through the table waits as any other does. */
  #embodied(func: Func): Func {
    if (!func.imported) return func;
    const known = this.#bodied.get(func);
    if (known) return known;
    const made = new Func(func.name, func.type);
    const args = func.type.params.map((_, index) => ({ op: Op.LOCAL_GET, at: -1, index }));
    const body: Node[] = [...args, { op: Op.CALL, at: -1, func }];
    made.body = [{ op: Op.BLOCK, at: -1, type: { params: [], results: func.type.results }, body, orelse: undefined }];
    this.#bodied.set(func, made);
    this.#tree.funcs.push(made);
    return made;
  }

  #section(id: number, input: Reader): void {
    const tree = this.#tree;
    switch (id) {
      case 0:
        tree.customs.set(input.name(), input.take(input.end - input.at));
        break;
      case Section.TYPE:
        this.#types.push(...input.list(() => this.#type(input)));
        break;
      case Section.IMPORT:
        input.list(() => this.#import(input));
        break;
      case Section.FUNCTION:
        this.#bodies = input.list(() => new Func("", this.#typeAt(input.u32())));
        tree.funcs.push(...this.#bodies);
        break;
      case Section.TABLE:
        tree.tables.push(...input.list(() => this.#table(input, false)));
        break;
      case Section.MEMORY:
        input.list(() => {
          tree.memory = { imported: undefined, ...this.#limits(input) };
        });
        break;
      case Section.GLOBAL:
        input.list(() => tree.globals.push({ ...this.#globalType(input), name: "", imported: undefined, init: this.#init(input) }));
        break;
      case Section.EXPORT:
        input.list(() => this.#export(input));
        break;
      case Section.START:
        tree.start = this.#func(input.u32());
        break;
      case Section.ELEMENT:
        input.list(() => this.#elements(input));
        break;
      case 12:
        break;
      case Section.CODE:
        tree.code = input.at;
        this.#code(input);
        break;
      case Section.DATA:
        input.list(() => this.#data(input));
        break;
      default:
        throw new FirmwareError(id === 13 ? "it uses exceptions: build it without" : `it has a section ${id} that Talea does not know`);
    }
  }

  #type(input: Reader): FuncType {
    if (input.byte() !== 0x60) throw new FirmwareError("it uses types of garbage collection: build it without");
    const params = input.list(() => this.#valueType(input));
    return { params, results: input.list(() => this.#valueType(input)) };
  }

  #typeAt(index: number): FuncType {
    const type = this.#types[index];
    if (!type) throw new FirmwareError(`it is damaged: it has no type ${index}`);
    return type;
  }

  #valueType(input: Reader): ValueType {
    const byte = input.byte();
    if (VALUE_TYPES.includes(byte)) return byte as ValueType;
    if (byte === 0x7b) throw new FirmwareError("it uses SIMD: build it without");
    throw new FirmwareError(`it uses values of type 0x${byte.toString(16)}, which Talea does not run`);
  }

  #import(input: Reader): void {
    const tree = this.#tree;
    const from: Import = { module: input.name(), name: input.name() };
    const kind = input.byte();
    if (kind === 0) {
      const type = this.#typeAt(input.u32());
      if (from.module === CALLS && type.results.join() !== `${I32}`)
        throw new FirmwareError(`it imports ${from.module}.${from.name} as a function that does not answer an i32`);
      tree.funcs.push(new Func(`${from.module}.${from.name}`, type, from));
    } else if (kind === 1) {
      tree.tables.push(this.#table(input, true));
    } else if (kind === 2) {
      tree.memory = { imported: from, ...this.#limits(input) };
    } else if (kind === 3) {
      tree.globals.push({ ...this.#globalType(input), name: `${from.module}.${from.name}`, imported: from, init: [] });
    } else throw new FirmwareError(`it imports ${from.module}.${from.name}, which is nothing that Talea knows`);
  }

  #limits(input: Reader): { min: number; max: number | undefined } {
    const flags = input.byte();
    if (flags & 2) throw new FirmwareError("its memory is shared between threads of the host: build it without");
    if (flags & 4) throw new FirmwareError("it has addresses of 64 bits: build it for wasm32");
    const min = input.u32();
    return { min, max: flags & 1 ? input.u32() : undefined };
  }

  #table(input: Reader, imported: boolean): { min: number; imported: boolean } {
    if (input.byte() !== FUNCREF) throw new FirmwareError("it has a table that is not of functions");
    const { min } = this.#limits(input);
    if (min > MANY_ENTRIES) throw new FirmwareError(`its table has room for ${min} functions: Talea takes ${MANY_ENTRIES} at most`);
    return { min, imported };
  }

  #globalType(input: Reader): { type: ValueType; mutable: boolean } {
    return { type: this.#valueType(input), mutable: input.byte() === 1 };
  }

  #func(index: number): Func {
    const func = this.#tree.funcs[index];
    if (!func) throw new FirmwareError(`it is damaged: it has no function ${index}`);
    return func;
  }

  #global(index: number): Global {
    const global = this.#tree.globals[index];
    if (!global) throw new FirmwareError(`it is damaged: it has no global ${index}`);
    return global;
  }

  #export(input: Reader): void {
    const name = input.name();
    const kind = input.byte();
    const index = input.u32();
    const { exports } = this.#tree;
    if (kind === 0) exports.push({ name, func: this.#func(index) });
    else if (kind === 3) exports.push({ name, global: this.#global(index) });
    else exports.push({ name, kind: kind === 1 ? "table" : "memory" });
  }

  #init(input: Reader): Instr[] {
    const list = new BodyReader(input, this.#kit()).constant();
    return list;
  }

  #elements(input: Reader): void {
    const flags = input.u32();
    const passive = (flags & 1) !== 0;
    if (passive && (flags & 2) === 0) throw new FirmwareError("it fills its table while it runs: build it without");
    const table = !passive && flags & 2 ? input.u32() : 0;
    const offset = passive ? [] : this.#init(input);
    if (flags & 3) input.byte();
    const funcs = input.list(() => (flags & 4 ? this.#element(input) : this.#func(input.u32())));
    const elements: Elements = { offset, funcs, table };
    if (passive) return;
    const end = (constant(offset) ?? 0) + funcs.length;
    if (offset.length > 1 || (constant(offset) ?? 0) < 0 || end > (this.#tree.tables[table]?.min ?? 0))
      throw new FirmwareError("it fills its table behind its end, or from an index that is no number");
    this.#tree.elements.push(elements);
  }

  #element(input: Reader): Func | undefined {
    const op = input.byte();
    const func = op === 0xd2 ? this.#func(input.u32()) : undefined;
    if (op === 0xd0) input.byte();
    input.byte();
    return func;
  }

  #code(input: Reader): void {
    const bodies = this.#bodies;
    if (input.u32() !== bodies.length) throw new FirmwareError("it is damaged: functions without code");
    for (const func of bodies) {
      const size = input.u32();
      const from = input.at;
      input.take(size);
      const body = new Reader(input.bytes, from, from + size);
      func.first = from;
      body.list(() => {
        const count = body.u32();
        if (count + func.locals.length > MANY_LOCALS) throw new FirmwareError("it is damaged: a function has too many locals");
        const type = this.#valueType(body);
        for (let i = 0; i < count; i++) func.locals.push(type);
      });
      func.body = new BodyReader(body, this.#kit()).function(func);
    }
    this.#bodies = [];
  }

  #kit(): Kit {
    return {
      func: (index) => this.#func(index),
      global: (index) => this.#global(index),
      type: (index) => this.#typeAt(index),
    };
  }

  #data(input: Reader): void {
    const flags = input.u32();
    if (flags === 2) input.u32();
    const offset = flags === 1 ? undefined : this.#init(input);
    this.#tree.datas.push({ offset, bytes: input.take(input.u32()) });
  }

  /** Names of functions and globals, from the name section. */
  #named(): void {
    const { funcs, globals, customs } = this.#tree;
    for (const [i, func] of funcs.entries()) if (func.name === "") func.name = `function ${i}`;
    for (const exported of this.#tree.exports) {
      if ("func" in exported && exported.func.name.startsWith("function ")) exported.func.name = exported.name;
      if ("global" in exported && exported.global.name === "") exported.global.name = exported.name;
    }
    const section = customs.get("name");
    if (!section) return;
    try {
      const input = new Reader(section);
      while (!input.done) {
        const id = input.byte();
        const part = new Reader(input.take(input.u32()));
        if (id !== 1 && id !== 7) continue;
        part.list(() => {
          const index = part.u32();
          const name = part.name();
          const named = id === 1 ? funcs[index] : globals[index];
          if (named && !named.imported) named.name = name;
        });
      }
    } catch (error) {
      // Names are for people: a damaged section names nothing.
      if (!(error instanceof FirmwareError)) throw error;
    }
  }
}

/** What a body names by numbers. */
interface Kit {
  func(index: number): Func;
  global(index: number): Global;
  type(index: number): FuncType;
}

const SINGLE: Record<number, FuncType> = Object.fromEntries(
  VALUE_TYPES.map((type) => [type, { params: [], results: [type as ValueType] }]),
);

class BodyReader {
  readonly #in: Reader;
  readonly #kit: Kit;
  /** Blocks that are open, the innermost last. */
  readonly #open: Control[] = [];

  constructor(input: Reader, kit: Kit) {
    this.#in = input;
    this.#kit = kit;
  }

  /** The instructions of a constant expression. */
  constant(): Instr[] {
    const { list } = this.#list();
    return list as Instr[];
  }

  /** The body of a function. A branch out of it is a return. */
  function(func: Func): Node[] {
    const root: Control = { op: Op.BLOCK, at: -1, type: { params: [], results: func.type.results }, body: [], orelse: undefined };
    this.#open.push(root);
    root.body = this.#list().list;
    if (!this.#in.done) throw new FirmwareError(`it is damaged: code behind the end of a function, at byte ${this.#in.at}`);
    return [root];
  }

  /** Up to the end of a block, or to its else. */
  #list(): { list: Node[]; closed: number } {
    const input = this.#in;
    const list: Node[] = [];
    for (;;) {
      const at = input.at;
      let op = input.byte();
      if (op === Op.END || op === Op.ELSE) return { list, closed: op };
      if (op === 0xfc) op = 0xfc00 | input.u32();
      list.push(op === Op.BLOCK || op === Op.LOOP || op === Op.IF ? this.#control(op, at) : this.#instr(op, at));
    }
  }

  #control(op: Control["op"], at: number): Control {
    const node: Control = { op, at, type: this.#blockType(), body: [], orelse: undefined };
    if (this.#open.push(node) > MANY_NESTED)
      throw new FirmwareError(`a function of it has more than ${MANY_NESTED} blocks in each other: split it`);
    const { list, closed } = this.#list();
    node.body = list;
    if (closed === Op.ELSE) node.orelse = this.#list().list;
    this.#open.pop();
    return node;
  }

  #blockType(): FuncType {
    const first = this.#in.bytes[this.#in.at] as number;
    if (first === EMPTY_BLOCK || SINGLE[first]) {
      this.#in.byte();
      return SINGLE[first] ?? VOID;
    }
    return this.#kit.type(this.#in.s32());
  }

  #label(): Control {
    const depth = this.#in.u32();
    const label = this.#open[this.#open.length - 1 - depth];
    if (!label) throw new FirmwareError(`it is damaged: a branch to nowhere at byte ${this.#in.at}`);
    return label;
  }

  #instr(op: number, at: number): Instr {
    const input = this.#in;
    const node: Instr = { op, at };
    switch (op) {
      case Op.UNREACHABLE:
      case Op.NOP:
      case Op.RETURN:
      case Op.DROP:
      case Op.SELECT:
        return node;
      case Op.BR:
      case Op.BR_IF:
        node.label = this.#label();
        return node;
      case Op.BR_TABLE:
        node.labels = input.list(() => this.#label());
        node.labels.push(this.#label());
        return node;
      case Op.CALL:
        node.func = this.#kit.func(input.u32());
        return node;
      case Op.CALL_INDIRECT:
        node.type = this.#kit.type(input.u32());
        node.table = input.u32();
        return node;
      case Op.SELECT_TYPED:
        node.result = input.list(() => input.byte() as ValueType)[0] ?? I32;
        return node;
      case Op.LOCAL_GET:
      case Op.LOCAL_SET:
      case Op.LOCAL_TEE:
        node.index = input.u32();
        return node;
      case Op.GLOBAL_GET:
      case Op.GLOBAL_SET:
        node.global = this.#kit.global(input.u32());
        return node;
      case Op.MEMORY_SIZE:
      case Op.MEMORY_GROW:
      case Op.MEMORY_FILL:
        input.byte();
        return node;
      case Op.MEMORY_COPY:
        input.take(2);
        return node;
      case Op.MEMORY_INIT:
        node.index = input.u32();
        input.byte();
        return node;
      case Op.DATA_DROP:
        node.index = input.u32();
        return node;
      case Op.I32_CONST:
        node.value = input.s32() | 0;
        return node;
      case Op.I64_CONST:
        node.value = input.leb();
        return node;
      case Op.F32_CONST:
        node.value = input.take(4).slice();
        return node;
      case Op.F64_CONST:
        node.value = input.take(8).slice();
        return node;
    }
    if (!signatureOf(op)) throw new FirmwareError(`${unknown(op)}: build it without`);
    if (op >= Op.I32_LOAD && op <= Op.I64_STORE32) {
      node.align = input.u32();
      node.offset = input.u32();
    }
    return node;
  }
}

function unknown(op: number): string {
  if (op === 0xfd) return "it uses SIMD";
  if (op === 0xfe) return "it uses atomic instructions of threads";
  if (op === 0x12 || op === 0x13) return "it uses tail calls";
  if (op === 0x06 || op === 0x07 || op === 0x08 || op === 0x09 || op === 0x18 || op === 0x19 || op === 0x1f) return "it uses exceptions";
  if (op >= 0xfc0c && op <= 0xfc11) return "it changes its table while it runs";
  return `it uses the instruction 0x${op.toString(16)}`;
}
