/**
 * The faults that can be planted in a kernel, one at a time. They are planted in the debug kernel as asc writes it without optimising:
 * what they change can be said in words of the source, and no function is there twice.
 */
import { i32, op } from "../../hal/preempt/build.js";
import { encode, zero } from "../../hal/preempt/encode.js";
import { isStore, Op, signatureOf } from "../../hal/preempt/ops.js";
import { type Control, type Func, type Instr, isControl, type Node } from "../../hal/preempt/tree.js";
import type { Place, Plain } from "../cover/plain.js";

export const KINDS = ["compare", "constant", "store", "call", "arithmetic", "logic", "negate"] as const;
export type Kind = (typeof KINDS)[number];

/** A fault. */
export interface Mutant extends Place {
  /** Names it for as long as its function stays as it is: "kernel/wait/enqueue#compare2". */
  id: string;
  func: string;
  kind: Kind;
  /** "i32.lt_u becomes i32.le_u". */
  change: string;
  /** Where its instruction stands in the module without it. */
  at: number;
}

/** A fault and how to plant it. */
interface Site {
  kind: Kind;
  change: string;
  node: Node;
  plant(): void;
}

/** Comparisons of both widths that differ for equal values only, or for all but those. */
const COMPARISONS: Record<number, [to: number, name: string]> = {};
/** Each operation and the one that stands for it. */
const ARITHMETIC: Record<number, [to: number, name: string]> = {};
const LOGIC: Record<number, [to: number, name: string]> = {};

function pair(table: typeof COMPARISONS, a: number, b: number, names: string): void {
  const [first, second] = names.split(" ");
  table[a] = [b, `${first} becomes ${second}`];
  table[b] = [a, `${second} becomes ${first}`];
}

for (const [bits, base] of [
  ["i32", 0x46],
  ["i64", 0x51],
] as const) {
  pair(COMPARISONS, base, base + 1, `${bits}.eq ${bits}.ne`);
  for (const [i, sign] of ["s", "u"].entries()) {
    pair(COMPARISONS, base + 2 + i, base + 6 + i, `${bits}.lt_${sign} ${bits}.le_${sign}`);
    pair(COMPARISONS, base + 4 + i, base + 8 + i, `${bits}.gt_${sign} ${bits}.ge_${sign}`);
  }
}
pair(ARITHMETIC, 0x6a, 0x6b, "i32.add i32.sub");
pair(ARITHMETIC, 0x7c, 0x7d, "i64.add i64.sub");
pair(LOGIC, 0x71, 0x72, "i32.and i32.or");
pair(LOGIC, 0x83, 0x84, "i64.and i64.or");

/** All faults of a kernel, in the order of its code. */
export function mutantsOf(plain: Plain): Mutant[] {
  return plain.tree.funcs.filter(({ imported }) => !imported).flatMap((func) => sitesOf(func, plain).map(({ mutant }) => mutant));
}

/** The kernel with one fault. `plain` is used up by it. */
export function planted(plain: Plain, id: string): Uint8Array {
  const name = id.slice(0, id.lastIndexOf("#"));
  const site = plain.tree.funcs
    .filter((func) => !func.imported && func.name === name)
    .flatMap((func) => sitesOf(func, plain))
    .find(({ mutant }) => mutant.id === id);
  if (!site) throw new Error(`the kernel has no mutant ${id}`);
  site.plant();
  return encode(plain.tree);
}

function sitesOf(func: Func, plain: Plain): { mutant: Mutant; plant: () => void }[] {
  const numbers = new Map<Kind, number>();
  const found: Site[] = [];
  collect(func.body, found);
  return found.flatMap(({ kind, change, node, plant }) => {
    const place = plain.placeOf(node, func.first);
    if (!place || place.file.startsWith("kernel/abi/")) return [];
    const number = (numbers.get(kind) ?? 0) + 1;
    numbers.set(kind, number);
    return [{ mutant: { id: `${func.name}#${kind}${number}`, func: func.name, kind, change, at: node.at, ...place }, plant }];
  });
}

function collect(list: Node[], found: Site[]): void {
  for (const [i, node] of list.entries()) {
    if (isControl(node)) {
      const always = list[i - 1]?.op === Op.I32_CONST;
      if (node.op === Op.IF && !isAssertion(node) && !always) found.push(...ofIf(list, node));
      if (!isAssertion(node)) collect(node.body, found);
      if (node.orelse) collect(node.orelse, found);
    } else found.push(...ofInstr(list, node));
  }
}

/** Whether an `if` only stops the machine: what the compiler makes of `assert`. */
function isAssertion(node: Control): boolean {
  return node.op === Op.IF && node.body.some((each) => !isControl(each) && each.op === Op.CALL && each.func?.imported !== undefined);
}

/** Replaces a node where it stands by others. */
function replace(list: Node[], node: Node, by: Node[]): void {
  list.splice(list.indexOf(node), 1, ...by);
}

const isConstant = (list: readonly Node[] | undefined, value: number) =>
  list?.length === 1 && list[0]?.op === Op.I32_CONST && (list[0] as Instr).value === value;

function ofIf(list: Node[], node: Control): Site[] {
  const negate = () => void list.splice(list.indexOf(node), 0, op(Op.I32_EQZ));
  const sites: Site[] = [{ kind: "negate", change: "the condition is negated", node, plant: negate }];
  const swap = (body: Node[], orelse: Node[]) => () => {
    node.body = body;
    node.orelse = orelse;
  };
  if (isConstant(node.orelse, 0)) sites.push({ kind: "logic", change: "&& becomes ||", node, plant: swap([i32(1)], node.body) });
  else if (isConstant(node.body, 1) && node.orelse) {
    sites.push({ kind: "logic", change: "|| becomes &&", node, plant: swap(node.orelse, [i32(0)]) });
  }
  return sites;
}

function ofInstr(list: Node[], node: Instr): Site[] {
  if (node.op === Op.BR_IF || node.op === Op.SELECT) {
    const negate = () => void list.splice(list.indexOf(node), 0, op(Op.I32_EQZ));
    return [{ kind: "negate", change: "the condition is negated", node, plant: negate }];
  }
  if (node.op === Op.I32_CONST) {
    const value = node.value as number;
    // A 2 where a 1 was is as true as that.
    const to = value === 1 ? 0 : (value + 1) | 0;
    const plant = () => {
      node.value = to;
    };
    return [{ kind: "constant", change: `${value} becomes ${to}`, node, plant }];
  }
  if (isStore(node.op)) {
    const plant = () => replace(list, node, [op(Op.DROP), op(Op.DROP)]);
    return [{ kind: "store", change: "the store is dropped", node, plant }];
  }
  if (node.op === Op.CALL) return node.func?.imported ? [] : ofCall(list, node);
  return ofOperation(node);
}

/** How the compiler names what reads or writes a field of a record: to the source these are no calls. */
const FIELD = /(\w+)#([gs]et):(\w+)$/;

function ofCall(list: Node[], node: Instr): Site[] {
  const { name, type } = node.func as Func;
  const [, record, access, field] = FIELD.exec(name) ?? [];
  if (access === "get") return [];
  const result = type.results[0];
  const plant = () => replace(list, node, [...type.params.map(() => op(Op.DROP)), ...(result === undefined ? [] : [{ ...zero[result] }])]);
  if (access === "set") return [{ kind: "store", change: `the store of ${record}.${field} is dropped`, node, plant }];
  const short = name.replace(/<.*/, "").replace(/.*\//, "");
  return [{ kind: "call", change: `the call of ${short} is dropped${result === undefined ? "" : ", its value is 0"}`, node, plant }];
}

function ofOperation(node: Instr): Site[] {
  if (!signatureOf(node.op)) return [];
  const tables = { compare: COMPARISONS, arithmetic: ARITHMETIC, logic: LOGIC } as const;
  return Object.entries(tables).flatMap(([kind, table]) => {
    const [to, change] = table[node.op] ?? [];
    if (to === undefined || change === undefined) return [];
    const plant = () => {
      node.op = to;
    };
    return [{ kind: kind as Kind, change, node, plant }];
  });
}
