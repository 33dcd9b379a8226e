/**
 * The normal form of a function that may be suspended: wherever it may be, the operand stack is empty, so that all it knows is in
 * its locals. Blocks have no parameters and no results, code that is never reached is gone, every end is a return.
 *
 *     (i32.add (local.get 0) (call $waits (i32.const 7)))
 *     ->  local 2 = local 0; local 3 = 7; SITE $waits(local 3) -> local 4; (i32.add (local.get 2) (local.get 4))
 *
 * An instruction at which the function may be suspended becomes a Site. Code between sites keeps its shape.
 */
import { bytesOfAccess, I32, isEnd, isLoad, isStore, Op, type Signature, signatureOf, type ValueType } from "./ops.js";
import { type Control, control, type Func, type FuncType, type Global, type Instr, instr, isControl, type Node } from "./tree.js";

/** Pseudo instructions of the build step, which lowering turns into real ones. */
export const Pseudo = { SITE: 0x10001, CHARGE: 0x10002, CHECK: 0x10003, GUARD: 0x10004 } as const;

/** What a site calls. */
export type Callee =
  | { kind: "func"; func: Func } // a function that may be suspended
  | { kind: "kernel"; func: Func; parked: Func } // a call that may answer SWITCH, and what then waits for its result
  | { kind: "indirect"; type: FuncType; index: number } // through the table; `index` is the local that says which
  | { kind: "leaf"; func: Func }; // a hook: it suspends, and whoever goes on goes on behind it

export interface Site {
  op: typeof Pseudo.SITE;
  at: number;
  callee: Callee;
  /** Locals. */
  args: number[];
  results: number[];
  /** Its number in its function, from 1. */
  id: number;
}

/** Virtual cycles pass. */
export interface Charge {
  op: typeof Pseudo.CHARGE;
  at: number;
  cost: number;
}

/** The function may be preempted here if an event's time has come; of what was charged, `lag` cycles have not passed yet. */
export interface Check {
  op: typeof Pseudo.CHECK;
  at: number;
  lag: number;
  /** It is that of a loop, at its beginning. */
  header: boolean;
  id: number;
}

/** It is asked whether the task may touch memory (guard.ts): `bytes` at `offset` from a local's value, or as many as `length` has. */
export interface Guard {
  op: typeof Pseudo.GUARD;
  at: number;
  local: number;
  offset: number;
  bytes: number;
  write: boolean;
  /** A local with the number of bytes. */
  length?: number;
}

export type FlatNode = Node | Site | Charge | Check | Guard;

export function isSite(node: FlatNode | Node): node is Site {
  return node.op === Pseudo.SITE;
}
export function isCharge(node: FlatNode | Node): node is Charge {
  return node.op === Pseudo.CHARGE;
}
export function isCheck(node: FlatNode | Node): node is Check {
  return node.op === Pseudo.CHECK;
}

export function isGuard(node: FlatNode | Node): node is Guard {
  return node.op === Pseudo.GUARD;
}

/** Lists of a function in normal form hold pseudo instructions too. */
export function flat(list: Node[]): FlatNode[] {
  return list as FlatNode[];
}

/** What the normal form depends on. */
export interface Points {
  /** What an instruction calls if it may suspend the function. */
  callee(node: Instr): "func" | "kernel" | "indirect" | undefined;
  /** What waits for the result of a kernel call. */
  parked(call: Func): Func;
  /** Whether every access to memory is a preemption point. */
  access: boolean;
  /** Whether it is asked for accesses that are not known to be the task's own; of whole ranges those that a call touches. */
  guarded: boolean;
  ranges(node: Instr): readonly Range[];
}

/** Memory that an instruction touches: which of its operands say where and how much, and whether it writes. */
export interface Range {
  address: number;
  length: number;
  write: boolean;
}

/** A value on the operand stack, or meant to be there and kept in a local. */
interface Entry {
  type: ValueType;
  local: number;
  /** The local is free again once the value is taken. */
  temporary: boolean;
  /** It is the value of a local of the function's own, which has not been read yet. */
  lazy?: boolean;
  /** It is this constant. */
  constant?: Instr;
}

const ON_STACK = -1;

/** Brings a function into normal form. */
export function flatten(func: Func, points: Points): void {
  new Flattener(func, points).run();
}

class Flattener {
  readonly #func: Func;
  readonly #points: Points;
  readonly #free = new Map<ValueType, number[]>();
  readonly #labels = new Map<Control, { target: Control | undefined; values: number[] }>();
  #stack: Entry[] = [];
  #out: Node[] = [];

  constructor(func: Func, points: Points) {
    this.#func = func;
    this.#points = points;
  }

  run(): void {
    const func = this.#func;
    const [root] = func.body as [Control];
    this.#labels.set(root, { target: undefined, values: [] });
    const reached = this.#list(root.body);
    if (reached) {
      this.#want(func.type.results.length);
      this.#emit(instr(Op.RETURN));
    }
    func.body = this.#out;
  }

  #emit(node: Node): void {
    this.#out.push(node);
  }

  // Locals for values

  #temporary(type: ValueType): number {
    return this.#free.get(type)?.pop() ?? this.#func.local(type);
  }

  #release({ type, local, temporary }: Entry): void {
    if (!temporary || local < 0) return;
    const free = this.#free.get(type) ?? [];
    this.#free.set(type, free);
    free.push(local);
  }

  #releaseAll(entries: readonly Entry[]): void {
    for (const entry of entries) this.#release(entry);
  }

  #push(type: ValueType): void {
    this.#stack.push({ type, local: ON_STACK, temporary: false });
  }

  /** Takes everything from entry `from` on off the operand stack and into locals of its own. */
  #spill(from = 0): void {
    this.#unload(from);
    for (let i = this.#stack.length - 1; i >= from; i--) this.#fix(this.#stack[i] as Entry);
  }

  /** The same, but for what is not there yet: constants and unread locals. */
  #unload(from = 0): void {
    for (let i = this.#stack.length - 1; i >= from; i--) {
      const entry = this.#stack[i] as Entry;
      if (entry.local !== ON_STACK || entry.constant) continue;
      entry.local = this.#temporary(entry.type);
      entry.temporary = true;
      this.#emit(instr(Op.LOCAL_SET, { index: entry.local }));
    }
  }

  /** Brings a constant or an unread local into a local of its own. */
  #fix(entry: Entry): void {
    if (!entry.lazy && !entry.constant) return;
    this.#emit(read(entry));
    entry.local = this.#temporary(entry.type);
    entry.temporary = true;
    entry.lazy = false;
    entry.constant = undefined;
    this.#emit(instr(Op.LOCAL_SET, { index: entry.local }));
  }

  /** Brings the top `count` values onto the operand stack, in order; they are no longer tracked. */
  #want(count: number): void {
    const from = this.#stack.length - count;
    const kept = this.#stack.findIndex(({ local, constant }, i) => i >= from && (local !== ON_STACK || constant !== undefined));
    if (kept >= 0) {
      // What lies above a value that is in a local must wait for it.
      this.#unload(kept);
      for (const entry of this.#stack.slice(kept)) this.#emit(read(entry));
    }
    for (const entry of this.#stack.splice(from)) this.#release(entry);
  }

  /** The top `count` values in locals, no longer tracked; they are free again when `done` is called. */
  #inLocals(count: number): { locals: number[]; done: () => void } {
    this.#spill(this.#stack.length - count);
    const entries = this.#stack.splice(this.#stack.length - count);
    return { locals: entries.map(({ local }) => local), done: () => this.#releaseAll(entries) };
  }

  /** The top `count` values go to these locals. */
  #assign(locals: readonly number[]): void {
    this.#want(locals.length);
    for (const local of [...locals].reverse()) this.#emit(instr(Op.LOCAL_SET, { index: local }));
  }

  // Code

  /** A list; whether its end is reached. */
  #list(list: readonly Node[]): boolean {
    for (const node of list) {
      const reached = isControl(node) ? this.#control(node) : this.#instr(node);
      if (!reached) return false;
    }
    return true;
  }

  #control(node: Control): boolean {
    const { params, results } = node.type;
    let condition: { locals: number[]; done: () => void } | undefined;
    if (node.op === Op.IF) condition = this.#inLocals(1);
    this.#spill();
    const given = this.#stack.splice(this.#stack.length - params.length);
    const beneath = this.#stack;
    const isLoop = node.op === Op.LOOP;
    const taken = (isLoop ? params : results).map((type) => this.#func.local(type));
    const exits = isLoop ? results.map((type) => this.#func.local(type)) : taken;
    const made = control(node.op, []);
    made.at = node.at;
    this.#labels.set(node, { target: made, values: taken });
    if (isLoop && params.length > 0) {
      this.#stack = given;
      this.#assign(taken);
    }
    const entries = isLoop
      ? params.map((type, i) => ({ type, local: taken[i] as number, temporary: false }))
      : given.map((entry) => ({ ...entry, temporary: false }));
    const outer = this.#out;
    let reached = this.#arm(made.body, node.body, entries, exits);
    if (node.op === Op.IF) {
      made.orelse = [];
      const other = this.#arm(made.orelse, node.orelse ?? [], entries, exits);
      if (made.orelse.length === 0) made.orelse = undefined;
      reached = reached || other;
    }
    this.#out = outer;
    if (condition) {
      made.condition = condition.locals[0] as number;
      condition.done();
    }
    this.#emit(made);
    for (const entry of given) this.#release(entry);
    this.#stack = beneath;
    this.#stack.push(...results.map((type, i) => ({ type, local: exits[i] as number, temporary: false })));
    const left = !isLoop && targets(made, made);
    if (reached || left) return true;
    this.#emit(instr(Op.UNREACHABLE));
    return false;
  }

  /** One body of a block: from `entries` to `exits`. */
  #arm(into: Node[], list: readonly Node[], entries: Entry[], exits: readonly number[]): boolean {
    this.#out = into;
    this.#stack = entries.map((entry) => ({ ...entry }));
    const reached = this.#list(list);
    if (reached && exits.length > 0) this.#assign(exits);
    return reached;
  }

  /** One instruction; whether what is behind it is reached. */
  #instr(node: Instr): boolean {
    const { op } = node;
    switch (op) {
      case Op.NOP:
        return true;
      case Op.BR:
        this.#branchValues(node.label as Control);
        this.#branch(node.label as Control, node.at);
        return false;
      case Op.BR_IF:
        this.#branchIf(node);
        return true;
      case Op.BR_TABLE:
        this.#branchTable(node);
        return false;
      case Op.RETURN:
        this.#want(this.#func.type.results.length);
        this.#emit(node);
        return false;
      case Op.UNREACHABLE:
        this.#emit(node);
        return false;
    }
    this.#plain(node);
    return !isEnd(op);
  }

  #branchValues(label: Control): void {
    const { target, values } = this.#labels.get(label) as { target: Control | undefined; values: number[] };
    if (target) this.#assign(values);
    else this.#want(this.#func.type.results.length);
  }

  #branch(label: Control, at = -1): void {
    const { target } = this.#labels.get(label) as { target: Control | undefined };
    this.#emit(target ? { op: Op.BR, at, label: target } : { op: Op.RETURN, at });
  }

  #branchIf(node: Instr): void {
    const label = node.label as Control;
    const { target, values } = this.#labels.get(label) as { target: Control | undefined; values: number[] };
    const count = target ? values.length : this.#func.type.results.length;
    if (target && count === 0) {
      this.#want(1);
      this.#emit({ op: Op.BR_IF, at: node.at, label: target });
      return;
    }
    // The values stay for who does not branch.
    const condition = this.#inLocals(1);
    this.#spill(this.#stack.length - count);
    const branch = control(Op.IF, []);
    branch.at = node.at;
    const outer = this.#out;
    this.#out = branch.body;
    const kept = this.#stack;
    this.#stack = kept.map((entry) => ({ ...entry, temporary: false }));
    this.#branchValues(label);
    this.#branch(label);
    this.#stack = kept;
    this.#out = outer;
    branch.condition = condition.locals[0] as number;
    this.#emit(branch);
    condition.done();
  }

  #branchTable(node: Instr): void {
    const labels = node.labels as Control[];
    const found = labels.map((label) => this.#labels.get(label) as { target: Control | undefined; values: number[] });
    const plain = found.every(({ target, values }) => target && values.length === 0);
    if (plain) {
      this.#want(1);
      this.#emit({ op: Op.BR_TABLE, at: node.at, labels: found.map(({ target }) => target as Control) });
      return;
    }
    // A block for every label, behind which its values are handed over.
    const index = this.#inLocals(1);
    const distinct = [...new Set(labels)];
    const pads = new Map(distinct.map((label) => [label, control(Op.BLOCK, [])]));
    const count = this.#labels.get(labels[0] as Control)?.target
      ? (found[0] as { values: number[] }).values.length
      : this.#func.type.results.length;
    this.#spill(this.#stack.length - count);
    const jump: Node[] = [
      instr(Op.LOCAL_GET, { index: index.locals[0] as number }),
      { op: Op.BR_TABLE, at: node.at, labels: labels.map((label) => pads.get(label) as Control) },
    ];
    let inner: Node[] = jump;
    const outer = this.#out;
    const kept = this.#stack;
    for (const label of distinct) {
      const pad = pads.get(label) as Control;
      pad.body = inner;
      this.#out = [pad];
      this.#stack = kept.map((entry) => ({ ...entry, temporary: false }));
      this.#branchValues(label);
      this.#branch(label);
      inner = this.#out;
    }
    this.#stack = kept;
    this.#out = outer;
    for (const each of inner) this.#emit(each);
    index.done();
  }

  #plain(node: Instr): void {
    const callee = this.#points.callee(node);
    if (callee) {
      this.#site(node, callee);
      return;
    }
    if (this.#points.guarded && this.#lazily(node)) return;
    const { takes, leaves } = this.#signature(node);
    const isAccess = isLoad(node.op) || isStore(node.op);
    if (this.#points.access && isAccess) {
      this.#spill();
      this.#emit({ op: Pseudo.CHECK, at: node.at, lag: 0, header: false, id: 0 } as unknown as Node);
    }
    if (this.#points.guarded) this.#guard(node, isAccess && !node.settled, takes.length);
    this.#want(takes.length);
    this.#emit(node);
    for (const type of leaves) this.#push(type);
  }

  /** A constant, or a local's value, is not there before it is wanted: a question before that would have to put it away. */
  #lazily(node: Instr): boolean {
    const { op, index } = node;
    if (op === Op.LOCAL_GET) {
      this.#stack.push({ type: this.#func.typeOf(index as number), local: index as number, temporary: false, lazy: true });
      return true;
    }
    if (op >= Op.I32_CONST && op <= Op.F64_CONST) {
      const [type] = (signatureOf(op) as Signature).leaves as [ValueType];
      this.#stack.push({ type, local: ON_STACK, temporary: false, constant: node });
      return true;
    }
    // The local gets another value.
    if (op === Op.LOCAL_SET || op === Op.LOCAL_TEE) {
      for (const entry of this.#stack.slice(0, -1)) if (entry.lazy && entry.local === index) this.#fix(entry);
    }
    return false;
  }

  /** Asks, with all operands in locals. */
  #guard({ at, op, offset = 0 }: Instr, access: boolean, takes: number): void {
    const ranges = this.#points.ranges({ at, op });
    if (!access && ranges.length === 0) return;
    this.#unload();
    const operand = (index: number) => {
      const entry = this.#stack[this.#stack.length - takes + index] as Entry;
      if (entry.constant) this.#fix(entry);
      return entry.local;
    };
    const write = isStore(op);
    if (access) this.#ask({ op: Pseudo.GUARD, at, local: operand(0), offset, bytes: bytesOfAccess(op), write });
    for (const { address, length, write: writes } of ranges) {
      this.#ask({ op: Pseudo.GUARD, at, local: operand(address), offset: 0, bytes: 0, write: writes, length: operand(length) });
    }
  }

  #ask(guard: Guard): void {
    this.#emit(guard as unknown as Node);
  }

  #site(node: Instr, kind: "func" | "kernel" | "indirect"): void {
    const type = (node.op === Op.CALL ? node.func?.type : node.type) as FuncType;
    const index = kind === "indirect" ? this.#inLocals(1) : undefined;
    const args = this.#inLocals(type.params.length);
    this.#spill();
    if (this.#points.guarded) {
      for (const { address, length, write } of this.#points.ranges(node)) {
        const [local, bytes] = [args.locals[address] as number, args.locals[length] as number];
        this.#ask({ op: Pseudo.GUARD, at: node.at, local, offset: 0, bytes: 0, write, length: bytes });
      }
    }
    const callee: Callee =
      kind === "indirect"
        ? { kind, type, index: index?.locals[0] as number }
        : kind === "kernel"
          ? { kind, func: node.func as Func, parked: this.#points.parked(node.func as Func) }
          : { kind, func: node.func as Func };
    const results = type.results.map((each) => this.#temporary(each));
    const site: Site = { op: Pseudo.SITE, at: node.at, callee, args: args.locals, results, id: 0 };
    this.#emit(site as unknown as Node);
    index?.done();
    args.done();
    this.#stack.push(...type.results.map((each, i) => ({ type: each, local: results[i] as number, temporary: true })));
  }

  #signature(node: Instr): { takes: readonly ValueType[]; leaves: readonly ValueType[] } {
    const { op } = node;
    const top = (below = 0) => (this.#stack[this.#stack.length - 1 - below] as Entry).type;
    switch (op) {
      case Op.LOCAL_GET:
        return { takes: [], leaves: [this.#func.typeOf(node.index as number)] };
      case Op.LOCAL_SET:
        return { takes: [I32], leaves: [] };
      case Op.LOCAL_TEE:
        return { takes: [I32], leaves: [this.#func.typeOf(node.index as number)] };
      case Op.GLOBAL_GET:
        return { takes: [], leaves: [(node.global as Global).type] };
      case Op.GLOBAL_SET:
        return { takes: [I32], leaves: [] };
      case Op.DROP:
        return { takes: [I32], leaves: [] };
      case Op.SELECT:
      case Op.SELECT_TYPED:
        return { takes: [I32, I32, I32], leaves: [top(1)] };
      case Op.CALL: {
        const { params, results } = (node.func as Func).type;
        return { takes: params, leaves: results };
      }
      case Op.CALL_INDIRECT: {
        const { params, results } = node.type as FuncType;
        return { takes: [...params, I32], leaves: results };
      }
    }
    return signatureOf(op) as { takes: readonly ValueType[]; leaves: readonly ValueType[] };
  }
}

/** What brings a value that is not on the operand stack there. */
function read({ local, constant }: Entry): Instr {
  return constant ? { ...constant } : instr(Op.LOCAL_GET, { index: local });
}

/** Whether something in a block branches to it. */
function targets(node: Control, label: Control): boolean {
  const inList = (list: readonly Node[]): boolean =>
    list.some((each) => {
      if (isControl(each)) return inList(each.body) || (each.orelse !== undefined && inList(each.orelse));
      return each.label === label || (each.labels?.includes(label) ?? false);
    });
  return inList(node.body) || (node.orelse !== undefined && inList(node.orelse));
}
