/**
 * A module as objects: functions, globals and labels are named by reference, so that functions can be added, copied and moved
 * between modules without renumbering; encode.ts gives them numbers.
 */
import { Op, type ValueType } from "./ops.js";

export interface FuncType {
  params: readonly ValueType[];
  results: readonly ValueType[];
}

/** An instruction without a body. Which of the fields it has follows from its opcode. */
export interface Instr {
  op: number;
  /** Offset in the module that it was read from, -1 for none. */
  at: number;
  /** A local's number, a data segment's. */
  index?: number;
  /** A constant: a number for i32, else its bytes as they stand. */
  value?: number | Uint8Array;
  align?: number;
  offset?: number;
  /** An access to memory that is known to be there for it: a cell of a global, a constant address. */
  settled?: boolean;
  func?: Func;
  global?: Global;
  type?: FuncType;
  /** CALL_INDIRECT: which table. */
  table?: number;
  label?: Control;
  /** BR_TABLE: the default comes last. */
  labels?: Control[];
  /** SELECT_TYPED. */
  result?: ValueType;
}

/** A block, loop or if; a branch names it as its label. */
export interface Control {
  op: typeof Op.BLOCK | typeof Op.LOOP | typeof Op.IF;
  at: number;
  type: FuncType;
  body: Node[];
  orelse: Node[] | undefined;
  /** Of an if in normal form: the local with its condition. */
  condition?: number;
}

export type Node = Instr | Control;

export interface Import {
  module: string;
  name: string;
}

export class Func {
  name: string;
  type: FuncType;
  readonly imported: Import | undefined;
  /** Types of its locals behind the parameters. */
  locals: ValueType[] = [];
  body: Node[] = [];
  /** Which of several modules it is from, and where its code begins in that. */
  origin = "";
  first = 0;

  constructor(name: string, type: FuncType, imported?: Import) {
    this.name = name;
    this.type = type;
    this.imported = imported;
  }

  /** The type of a local or parameter. */
  typeOf(index: number): ValueType {
    const { params } = this.type;
    return (index < params.length ? params[index] : this.locals[index - params.length]) as ValueType;
  }

  /** A new local. */
  local(type: ValueType): number {
    return this.type.params.length + this.locals.push(type) - 1;
  }
}

export interface Global {
  name: string;
  type: ValueType;
  mutable: boolean;
  imported: Import | undefined;
  /** Its first value: one instruction. */
  init: Instr[];
}

export interface Data {
  /** Where it goes at the start: constant; undefined for one that an instruction puts somewhere. */
  offset: Instr[] | undefined;
  bytes: Uint8Array;
}

export interface Elements {
  offset: Instr[];
  funcs: (Func | undefined)[];
  table: number;
}

export type Exported = { name: string; func: Func } | { name: string; global: Global } | { name: string; kind: "memory" | "table" };

export interface Tree {
  funcs: Func[];
  globals: Global[];
  /** Pages of its memory, and where that is from. */
  memory: { imported: Import | undefined; min: number; max: number | undefined } | undefined;
  /** How many functions each table has room for. */
  tables: { min: number; imported: boolean }[];
  elements: Elements[];
  datas: Data[];
  exports: Exported[];
  start: Func | undefined;
  /** Where the contents of its code section begin in the module that it was read from. */
  code: number;
  /** Bytes of its custom sections, by name. */
  customs: Map<string, Uint8Array>;
}

export const VOID: FuncType = { params: [], results: [] };

export function isControl(node: Node): node is Control {
  return node.op === Op.BLOCK || node.op === Op.LOOP || node.op === Op.IF;
}

export function sameType(a: FuncType, b: FuncType): boolean {
  return a.params.join() === b.params.join() && a.results.join() === b.results.join();
}

/** An instruction of the build step's own. */
export function instr(op: number, fields: Omit<Instr, "op" | "at"> = {}): Instr {
  return { op, at: -1, ...fields };
}

export function control(op: Control["op"], body: Node[], orelse?: Node[]): Control {
  return { op, at: -1, type: VOID, body, orelse };
}

/** Calls `visit` for every instruction of a list and of what is in it, in order. */
export function walk(list: readonly Node[], visit: (node: Node) => void): void {
  for (const node of list) {
    visit(node);
    if (!isControl(node)) continue;
    walk(node.body, visit);
    if (node.orelse) walk(node.orelse, visit);
  }
}

/** A copy of a list, whose branches lead to the copies of their labels. */
export function copied(list: readonly Node[], labels = new Map<Control, Control>()): Node[] {
  const to = (label: Control) => labels.get(label) ?? label;
  return list.map((node) => {
    if (!isControl(node)) {
      return { ...node, label: node.label && to(node.label), labels: node.labels?.map(to) };
    }
    const made = { ...node };
    labels.set(node, made);
    made.body = copied(node.body, labels);
    made.orelse = node.orelse && copied(node.orelse, labels);
    return made;
  });
}

/** The value of an i32 that is constant, undefined when it is no plain number. */
export function constant(init: readonly Instr[]): number | undefined {
  const [only] = init;
  return init.length === 1 && only?.op === Op.I32_CONST ? (only.value as number) : undefined;
}
