/**
 * Protection: before each load and store of a firmware it is asked whether the memory is the caller's. Nearly all accesses are to
 * the firmware's data, which is one stretch at a known place, so the question is one comparison, and only what lies elsewhere (a C
 * stack, regions, blocks, a stray pointer) is a call:
 *
 *     (i32.load offset=8 (local.get $p))
 *     ->  if ($p - (data - 8) > size of data - 4) guard($p, 8, 4)        the comparison is unsigned
 *         (i32.load offset=8 (local.get $p))
 *
 * A call in a hot loop costs all its registers, also where it is never made. So in nests (nest.ts) the question leads out of the
 * loop instead, to the guarded copy of a turn, where the call is.
 *
 * It is not asked again what was asked already: of a local that has kept its value, for bytes that lie within, as long as nothing
 * happened that could take memory away: a call, a signal's handler at a preemption point. Constant addresses within the data are
 * not asked for at all, nor are loads of the CPU's registers by theirs. No question changes a charge or a preemption point.
 */
import { layout } from "../../kernel/abi/host.js";
import { CPU_PAGE } from "../map.js";
import { call, get, i32, op, set, tee, when } from "./build.js";
import { type Guard, Pseudo } from "./flat.js";
import { bytesOfAccess, I32, isBulk, isLoad, isStore, Op, signatureOf, type ValueType } from "./ops.js";
import { type Control, type Func, type FuncType, type Instr, isControl, type Node, walk } from "./tree.js";

export interface Protection {
  /** The firmware's data: their first address, and that behind them. */
  start: number;
  end: number;
  /** The hooks: one access; address, length and direction of a copy or fill. */
  guard: Func;
  guardRange: Func;
}

/** In what the hook is told: the access is a store. */
const STORE = -2147483648;

/** On the stack: whether an access is not to the firmware's data. */
export function outside({ start, end }: Protection, { local, offset, bytes }: Guard): Node[] {
  if (end - offset - bytes < 0 || end - start - bytes < 0) return [i32(1)];
  // What an address that wraps around comes to is below the data, or else the offset alone is not.
  if (offset >= start) return [get(local), i32((end - offset - bytes) | 0), op(Op.I32_GT_U)];
  return [get(local), i32(start - offset), op(Op.I32_SUB), i32(end - start - bytes), op(Op.I32_GT_U)];
}

/** Asks the kernel. */
export function asked({ guard, guardRange }: Protection, { at, local, offset, bytes, write, length }: Guard): Node[] {
  if (length !== undefined) return [get(local), get(length), i32(write ? 1 : 0), call(guardRange, at)];
  return [get(local), i32(offset | 0), i32(write ? STORE | bytes : bytes), call(guard, at)];
}

/** The whole question, where it stands. */
export function question(by: Protection, guard: Guard): Node[] {
  return guard.length === undefined ? [...outside(by, guard), when(asked(by, guard))] : asked(by, guard);
}

// What need not be asked

/** What is known of a value on the operand stack: it is that of a local, which has not changed since, or a constant. */
type Known = { local: number } | { constant: number } | undefined;

/** Bytes from a local's value on that may be touched. */
interface Fact {
  local: number;
  from: number;
  to: number;
  write: boolean;
}

/** What a block may do to what is known: the locals that it sets, and whether something in it may take memory away. */
interface Effects {
  locals: Set<number>;
  takes: boolean;
}

/** How a function is looked at. */
export interface Surroundings {
  start: number;
  end: number;
  /** Whether a call can take no memory away from its caller. */
  harmless(func: Func): boolean;
  /** Whether a signal's handler may run at a loop's beginning, or even at each access. */
  cut: "never" | "loops" | "accesses";
}

/** Marks the accesses of a function, as it was compiled, that need no question. */
export function settle(func: Func, around: Surroundings): void {
  new Settler(around).list(func.body, []);
}

class Settler {
  readonly #around: Surroundings;
  readonly #effects = new Map<Control, Effects>();
  #facts: Fact[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** `stack` is what is known of the operand stack before the list, and has what it leaves afterwards. */
  list(nodes: readonly Node[], stack: Known[]): void {
    for (const node of nodes) {
      if (isControl(node)) this.#control(node, stack);
      else this.#instr(node, stack);
    }
  }

  #control(node: Control, stack: Known[]): void {
    if (node.op === Op.IF) stack.pop();
    drop(stack, node.type.params.length);
    const effects = this.#effectsOf(node);
    // A loop begins its later turns with what its earlier ones left.
    if (node.op === Op.LOOP) this.#forget(effects);
    const before = this.#facts;
    for (const list of [node.body, node.orelse ?? []]) {
      this.list(
        list,
        node.type.params.map((): Known => undefined),
      );
      this.#facts = before;
    }
    this.#forget(effects);
    for (let i = 0; i < stack.length; i++) if (isLocalOf(stack[i], effects.locals)) stack[i] = undefined;
    push(stack, node.type.results.length);
  }

  #effectsOf(node: Control): Effects {
    const known = this.#effects.get(node);
    if (known) return known;
    const { cut } = this.#around;
    const effects: Effects = { locals: new Set(), takes: false };
    const visit = (each: Node) => {
      if (each.op === Op.LOOP && cut !== "never") effects.takes = true;
      if (isControl(each)) return;
      if (each.op === Op.LOCAL_SET || each.op === Op.LOCAL_TEE) effects.locals.add(each.index as number);
      effects.takes ||= this.#takes(each);
    };
    walk([node], visit);
    this.#effects.set(node, effects);
    return effects;
  }

  #takes(node: Instr): boolean {
    return node.op === Op.CALL_INDIRECT || (node.op === Op.CALL && !this.#around.harmless(node.func as Func));
  }

  #forget({ locals, takes }: Effects): void {
    this.#facts = takes ? [] : this.#facts.filter(({ local }) => !locals.has(local));
  }

  #instr(node: Instr, stack: Known[]): void {
    const { op: code } = node;
    if (code === Op.LOCAL_GET) {
      stack.push({ local: node.index as number });
    } else if (code === Op.I32_CONST) {
      stack.push({ constant: (node.value as number) >>> 0 });
    } else if (code === Op.LOCAL_SET || code === Op.LOCAL_TEE) {
      const value = stack.pop();
      this.#changed(node.index as number, stack);
      if (code === Op.LOCAL_TEE) stack.push(value && "constant" in value ? value : { local: node.index as number });
    } else if (isLoad(code)) {
      this.#access(node, stack.pop(), false);
      stack.push(undefined);
    } else if (isStore(code)) {
      stack.pop();
      this.#access(node, stack.pop(), true);
    } else {
      const [takes, leaves] = arity(node);
      drop(stack, takes);
      push(stack, leaves);
      if (this.#takes(node)) this.#facts = [];
    }
  }

  /** A local has another value now. */
  #changed(local: number, stack: Known[]): void {
    if (this.#facts.some((fact) => fact.local === local)) this.#facts = this.#facts.filter((fact) => fact.local !== local);
    const one = new Set([local]);
    for (let i = 0; i < stack.length; i++) if (isLocalOf(stack[i], one)) stack[i] = undefined;
  }

  #access(node: Instr, address: Known, write: boolean): void {
    if (!address || node.settled) return;
    const from = node.offset as number;
    const to = from + bytesOfAccess(node.op);
    const { start, end, cut } = this.#around;
    if ("constant" in address) {
      const within = (least: number, most: number) => address.constant + from >= least && address.constant + to <= most;
      node.settled = within(start, end) || (!write && within(CPU_PAGE, CPU_PAGE + layout.Cpu.bytes));
      return;
    }
    const { local } = address;
    node.settled = this.#facts.some((fact) => fact.local === local && fact.from <= from && fact.to >= to && (fact.write || !write));
    if (!node.settled && cut !== "accesses") this.#facts = [...this.#facts, { local, from, to, write }];
  }
}

/** How many values an instruction takes and leaves. */
function arity(node: Instr): [takes: number, leaves: number] {
  const signature = signatureOf(node.op);
  if (signature) return [signature.takes.length, signature.leaves.length];
  if (node.op === Op.CALL || node.op === Op.CALL_INDIRECT) {
    const { params, results } = node.op === Op.CALL ? (node.func as Func).type : (node.type as FuncType);
    return [params.length + (node.op === Op.CALL ? 0 : 1), results.length];
  }
  if (node.op === Op.SELECT || node.op === Op.SELECT_TYPED) return [3, 1];
  if (node.op === Op.GLOBAL_GET) return [0, 1];
  return node.op === Op.DROP || node.op === Op.GLOBAL_SET || node.op === Op.BR_IF || node.op === Op.BR_TABLE ? [1, 0] : [0, 0];
}

function isLocalOf(value: Known, locals: ReadonlySet<number>): boolean {
  return value !== undefined && "local" in value && locals.has(value.local);
}

function drop(stack: Known[], count: number): void {
  stack.length = Math.max(0, stack.length - count);
}

function push(stack: Known[], count: number): void {
  for (let i = 0; i < count; i++) stack.push(undefined);
}

// Functions that are never cut

/** Puts the questions into a function that is not in normal form. */
export function protect(func: Func, by: Protection): void {
  const temporaries = new Map<string, number>();
  const temporary = (use: string, type: ValueType = I32): number => {
    const key = `${use}${type}`;
    const local = temporaries.get(key) ?? func.local(type);
    temporaries.set(key, local);
    return local;
  };
  const list = (nodes: readonly Node[]): Node[] =>
    nodes.flatMap((node) => {
      if (!isControl(node)) return instruction(node);
      node.body = list(node.body);
      node.orelse = node.orelse && list(node.orelse);
      return [node];
    });
  const instruction = (node: Instr): Node[] => {
    const { op: code, at } = node;
    if (isBulk(code)) {
      const [to, from, length] = ["to", "from", "length"].map((use) => temporary(use)) as [number, number, number];
      const range = (local: number, write: boolean): Guard => ({ ...NO_GUARD, at, local, length, write });
      const reads = code === Op.MEMORY_COPY ? question(by, range(from, false)) : [];
      return [set(length), set(from), set(to), ...question(by, range(to, true)), ...reads, get(to), get(from), get(length), node];
    }
    if (node.settled || !(isLoad(code) || isStore(code))) return [node];
    const local = temporary("address");
    const guard: Guard = { ...NO_GUARD, at, local, offset: node.offset as number, bytes: bytesOfAccess(code), write: isStore(code) };
    if (isLoad(code)) return [tee(local), ...question(by, guard), node];
    const value = temporary("value", signatureOf(code)?.takes[1] as ValueType);
    return [set(value), tee(local), ...question(by, guard), get(value), node];
  };
  func.body = list(func.body);
}

const NO_GUARD: Guard = { op: Pseudo.GUARD, at: -1, local: 0, offset: 0, bytes: 0, write: false };
