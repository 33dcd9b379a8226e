/**
 * A function that may be suspended becomes two: a fast copy, which is called, and a resume copy, in which it goes on after it was
 * suspended. Neither knows of the other's frames but by memory:
 *
 *     suspended at site 3:   the hook sets `unwinding`; each function on the way out stores a frame at `sp` and returns
 *     its frame:             [ 3 | the locals that are still wanted ], innermost function first
 *     resumed:               the resume copy of the outermost function takes its frame, goes to site 3 and calls the resume copy
 *                            of what it called there, and so on, until the innermost goes on behind the hook
 *
 * The fast copy pays one test of a flag behind each site. In the resume copy every run of code that holds no site is guarded:
 * skipped while it is on its way (`k` names the site). Loops that call nothing suspendable, with the loops in them, are *nests*
 * (nest.ts): in them cycles are counted in a local, and they are entered anew at their beginning, so inside they are as fast in
 * the one copy as in the other.
 *
 * Why not Binaryen's Asyncify: it flattens and guards the one copy that there is, so hot code pays for being suspendable, and its
 * frames' sizes are not known beforehand, which bounded stacks need. And why not Binaryen's tree for all this: it neither reads a
 * source map nor tells where its nodes came from, so a trap could not name a line.
 */
import { block, br, brIf, bytesOf, call, callIndirect, get, globalGet, globalSet, i32, load, op, set, store, tee, when } from "./build.js";
import { zero } from "./encode.js";
import { type Callee, type Charge, type Check, type FlatNode, flat, isCharge, isCheck, isGuard, isSite, type Site } from "./flat.js";
import type { Graph } from "./graph.js";
import { type Protection, question } from "./guard.js";
import { Liveness, members } from "./live.js";
import { lowerNest, type NestKit } from "./nest.js";
import { I32, Op, type ValueType } from "./ops.js";
import { type Control, Func, type Global, type Instr, isControl, type Node } from "./tree.js";

/** The result by which a kernel call says that its caller must give up the CPU. */
export const SWITCH = -2147483648;
/** The table of the functions that go on, start, and go on after a start. */
export const RESUME_TABLE = 1;
/** Bytes that a function which can recurse is charged at least, of its task's stack: so the host's own stack lasts longer. */
const LEAST_FRAME = 32;
const ALIGN = 8;

/** What the runtime gives: globals and hooks (runtime.ts). */
export interface Runtime {
  unwinding: Global;
  sp: Global;
  depth: Global;
  high: Global;
  /** Called when the stack is deeper than it ever was. */
  deeper: Func;
  /** Called where a task may be preempted, when its cycles are spent; its argument are the cycles that have not passed yet. */
  spent: Func;
  /** Address of the word with the cycles left. */
  left: number;
  /** What is asked before accesses to memory; undefined where nothing is. */
  protection: Protection | undefined;
}

/** Where in its function a node's sites are: their least and greatest number. */
type Range = readonly [least: number, greatest: number];

/** A function in normal form with its charges, and the two that become of it. */
export class Suspendable {
  readonly func: Func;
  readonly resumed: Func;
  /** Bytes of its frame. */
  readonly frame: number;
  /** Where its code began in the module that it was read from. */
  readonly first: number;
  /** Bytes of its task's stack that it takes while it runs, where it accounts for itself; else 0. */
  claim = 0;
  readonly callees: Callee[] = [];
  /** Where it may be suspended, by number from 1: what it calls there, and where in the source that is. */
  readonly sites: { callee: Callee | undefined; at: number }[] = [];
  readonly #runtime: Runtime;
  readonly #body: FlatNode[];
  readonly #nests = new Set<Node>();
  readonly #ranges = new Map<FlatNode, Range>();
  readonly #slots: { local: number; type: ValueType; offset: number }[] = [];
  readonly #k: number;
  readonly #p: number;
  readonly #kit: NestKit;

  constructor(func: Func, runtime: Runtime) {
    this.func = func;
    this.#runtime = runtime;
    this.#body = flat(func.body);
    this.first = func.first;
    this.#number(this.#body, { next: 1 });
    const inner = new Map<Node, number>();
    for (const nest of this.#nests) if (waysInto(nest as Control) > 1) inner.set(nest, func.local(I32));
    const f = this.#nests.size > 0 ? func.local(I32) : -1;
    const { wanted, at } = new Liveness(this.#body, this.#nests);
    let all = 0n;
    for (const [node, locals] of wanted) if (this.#ranges.has(node)) all |= locals;
    for (const local of inner.values()) all |= 1n << BigInt(local);
    let offset = 4;
    for (const local of members(all).sort((a, b) => bytesOf(func.typeOf(a)) - bytesOf(func.typeOf(b)))) {
      const type = func.typeOf(local);
      const size = bytesOf(type);
      offset = (offset + size - 1) & -size;
      this.#slots.push({ local, type, offset });
      offset += size;
    }
    this.frame = (offset + ALIGN - 1) & -ALIGN;
    this.#k = func.local(I32);
    this.#p = func.local(I32);
    this.resumed = new Func(func.name, { params: [], results: func.type.results });
    const local = () => (f < 0 ? -1 : func.local(I32));
    this.#kit = {
      f,
      inner,
      left: runtime.left,
      protection: runtime.protection,
      live: (node) => at.get(node) ?? 0n,
      typeOf: (index) => func.typeOf(index),
      strip: { turns: local(), limit: local(), from: local() },
    };
  }

  /** Numbers sites, checks and nests in order, and finds which they are. */
  #number(list: FlatNode[], ids: { next: number }): Range | undefined {
    let least = 0;
    const first = ids.next;
    for (const node of list) {
      const range = this.#numberNode(node, ids);
      if (!range) continue;
      this.#ranges.set(node, range);
      least = least === 0 ? range[0] : least;
    }
    return least === 0 ? undefined : [first, ids.next - 1];
  }

  #numberNode(node: FlatNode, ids: { next: number }): Range | undefined {
    if (isSite(node) || isCheck(node)) {
      if (isSite(node)) this.callees.push(node.callee);
      this.sites.push({ callee: isSite(node) ? node.callee : undefined, at: node.at });
      node.id = ids.next++;
      return [node.id, node.id];
    }
    if (!isControl(node as Node)) return undefined;
    const control = node as Control;
    if (control.op === Op.LOOP && isNest(control)) {
      this.#nests.add(control);
      this.sites.push({ callee: undefined, at: control.at });
      const id = ids.next++;
      return [id, id];
    }
    const first = ids.next;
    this.#number(flat(control.body), ids);
    if (control.orelse) this.#number(flat(control.orelse), ids);
    return ids.next > first ? [first, ids.next - 1] : undefined;
  }

  /** Writes the two copies. `claim` must be set, and the frames of all functions known. */
  lower(resumes: (func: Func) => Func): void {
    const { func, resumed } = this;
    const fast = this.#copy(false, resumes);
    const slow = this.#copy(true, resumes);
    resumed.locals = [...func.type.params, ...func.locals];
    resumed.origin = func.origin;
    func.body = [...this.#enter(), ...fast];
    resumed.body = [...this.#restore(), ...slow];
  }

  /** A function that accounts for its stack takes its part of it. */
  #enter(): Node[] {
    const { depth, high, deeper } = this.#runtime;
    if (this.claim === 0) return [];
    return [
      ...[globalGet(depth), i32(this.claim), op(Op.I32_ADD), tee(this.#p), globalSet(depth)],
      ...[get(this.#p), globalGet(high), op(Op.I32_GT_U), when([call(deeper)])],
    ];
  }

  #restore(): Node[] {
    const { sp } = this.#runtime;
    const { frame } = this;
    return [
      ...[globalGet(sp), i32(frame), op(Op.I32_SUB), tee(this.#p), globalSet(sp)],
      ...this.#slots.flatMap(({ local, type, offset }) => [get(this.#p), load(type, offset), set(local)]),
      ...[get(this.#p), load(I32, 0), set(this.#k)],
    ];
  }

  #copy(resuming: boolean, resumes: (func: Func) => Func): Node[] {
    const { unwinding, sp } = this.#runtime;
    const { frame } = this;
    const unwind = block([]);
    const copy = new Copy(this, this.#runtime, resuming, unwind, resumes);
    unwind.body = copy.list(this.#body);
    const save: Node[] = [
      ...[globalGet(sp), tee(this.#p), get(this.#k), store(I32, 0)],
      ...this.#slots.flatMap(({ local, type, offset }) => [get(this.#p), get(local), store(type, offset)]),
      ...[get(this.#p), i32(frame), op(Op.I32_ADD), globalSet(sp)],
    ];
    const dummies = this.func.type.results.map((type) => zero[type]);
    return [unwind, globalGet(unwinding), i32(1), op(Op.I32_EQ), when(save), ...dummies];
  }

  /** Where in its frame a local is; -1 where it is not. */
  slotOf(local: number): number {
    return this.#slots.find((slot) => slot.local === local)?.offset ?? -1;
  }

  // What a copy asks

  get k(): number {
    return this.#k;
  }
  /** A local for what is needed at once. */
  get p(): number {
    return this.#p;
  }
  get kit(): NestKit {
    return this.#kit;
  }
  range(node: FlatNode): Range | undefined {
    return this.#ranges.get(node);
  }
  isNest(node: FlatNode): boolean {
    return this.#nests.has(node as Node);
  }
}

/** Whether a loop holds nothing but code, checks of loops and charges: no site, and no access that may be preempted. */
function isNest(node: Control): boolean {
  const plain = (list: FlatNode[]): boolean =>
    list.every((each) => {
      if (isSite(each)) return false;
      if (isCheck(each)) return each.header;
      if (isGuard(each)) return true;
      if (!isControl(each as Node)) return true;
      const { body, orelse } = each as Control;
      return plain(flat(body)) && plain(flat(orelse ?? []));
    });
  const [head] = flat(node.body);
  return head !== undefined && isCheck(head) && plain(flat(node.body));
}

/** Where a nest may be gone on with: its loops, and the accesses to memory for which the hot copy does not ask. */
function waysInto(node: Control): number {
  const count = (list: Node[]): number =>
    list.reduce((sum, each) => {
      if (isGuard(each)) return sum + 1;
      return isControl(each) ? sum + Number(each.op === Op.LOOP) + count(each.body) + count(each.orelse ?? []) : sum;
    }, 0);
  return 1 + count(node.body) + count(node.orelse ?? []);
}

/** One of the two copies of a function, as it is written. */
class Copy {
  readonly #of: Suspendable;
  readonly #runtime: Runtime;
  readonly #resuming: boolean;
  readonly #unwind: Control;
  readonly #resumes: (func: Func) => Func;
  readonly #labels = new Map<Control, Control>();

  constructor(of: Suspendable, runtime: Runtime, resuming: boolean, unwind: Control, resumes: (func: Func) => Func) {
    this.#of = of;
    this.#runtime = runtime;
    this.#resuming = resuming;
    this.#unwind = unwind;
    this.#resumes = resumes;
  }

  list(nodes: readonly FlatNode[]): Node[] {
    const list = this.#joined(nodes);
    if (!this.#resuming) return list.flatMap((node) => this.#node(node));
    const { k } = this.#of;
    const last = list.findLastIndex((node) => this.#of.range(node));
    if (last < 0) return list.flatMap((node) => this.#node(node));
    const out: Node[] = [];
    let run: Node[] = [];
    for (const [i, node] of list.entries()) {
      const range = this.#of.range(node);
      if (!range) {
        run.push(...this.#node(node));
        continue;
      }
      if (run.length > 0) out.push(get(k), op(Op.I32_EQZ), when(run));
      run = [];
      const code = this.#node(node);
      if (i === last) out.push(...code);
      else out.push(get(k), i32(range[1]), op(Op.I32_LE_U), when(code));
    }
    return [...out, ...run];
  }

  /** A charge behind a check is made with it. */
  #joined(list: readonly FlatNode[]): readonly FlatNode[] {
    const [head, next] = list;
    if (!head || !next || !isCheck(head) || !isCharge(next) || !this.#of.range(head) || head.lag !== 0) return list;
    this.#charged.set(head, next.cost);
    return [head, ...list.slice(2)];
  }

  /** What is charged together with a check. */
  readonly #charged = new Map<Check, number>();

  #node(node: FlatNode): Node[] {
    if (isCharge(node)) return this.#charge(node);
    if (isCheck(node)) return this.#charged.has(node) ? this.#checkAndCharge(node) : this.#check(node);
    if (isSite(node)) return this.#site(node);
    if (isGuard(node)) return question(this.#runtime.protection as Protection, node);
    if (!isControl(node as Node)) return this.#instr(node as Instr);
    return this.#of.isNest(node) ? this.#nest(node as Control) : this.#control(node as Control);
  }

  #control(node: Control): Node[] {
    const made: Control = { op: node.op, at: node.at, type: node.type, body: [], orelse: undefined };
    this.#labels.set(node, made);
    made.body = this.list(flat(node.body));
    if (node.orelse) made.orelse = this.list(flat(node.orelse));
    if (node.op !== Op.IF) return [made];
    return [...this.#condition(node), made];
  }

  /** Which arm: as its condition says, or on its way to a site that which holds it. */
  #condition(node: Control): Node[] {
    const c = get(node.condition as number);
    const { k } = this.#of;
    if (!this.#resuming) return [c];
    const then = this.#greatest(node.body);
    const other = this.#greatest(node.orelse ?? []);
    if (then === 0 && other === 0) return [c];
    if (other === 0) return [c, get(k), op(Op.I32_OR)];
    if (then === 0) return [c, i32(0), get(k), op(Op.I32_EQZ), op(Op.SELECT)];
    return [c, get(k), i32(then), op(Op.I32_LE_U), get(k), op(Op.I32_EQZ), op(Op.SELECT)];
  }

  #greatest(list: readonly Node[]): number {
    return flat([...list]).reduce((most, node) => Math.max(most, this.#of.range(node)?.[1] ?? 0), 0);
  }

  #instr(node: Instr): Node[] {
    if (node.op === Op.RETURN) return [...this.#leave(), node];
    if (!node.label && !node.labels) return [node];
    const made = { ...node };
    if (node.label) made.label = this.#labels.get(node.label) as Control;
    if (node.labels) made.labels = node.labels.map((label) => this.#labels.get(label) as Control);
    return [made];
  }

  /** What the function took of its task's stack is free again. */
  #leave(): Node[] {
    const { claim } = this.#of;
    const { depth } = this.#runtime;
    return claim === 0 ? [] : [globalGet(depth), i32(claim), op(Op.I32_SUB), globalSet(depth)];
  }

  #charge({ cost }: Charge): Node[] {
    if (cost === 0) return [];
    const { left } = this.#runtime;
    return [i32(0), i32(0), load(I32, left), i32(cost), op(Op.I32_SUB), store(I32, left)];
  }

  /** Away, if the hook wants it: this site is where the function goes on. */
  #unwound(id: number): Node[] {
    const { unwinding } = this.#runtime;
    const { k } = this.#of;
    // In the fast copy nobody else looks at k.
    if (!this.#resuming) return [i32(id), set(k), globalGet(unwinding), brIf(this.#unwind)];
    return [globalGet(unwinding), when([i32(id), set(k), br(this.#unwind)])];
  }

  #check({ lag, id }: Check): Node[] {
    const { left, spent } = this.#runtime;
    const test: Node[] = [i32(0), load(I32, left), ...(lag === 0 ? [] : [i32(lag), op(Op.I32_ADD)]), i32(0), op(Op.I32_LE_S)];
    const hook = when([i32(lag), call(spent), ...this.#unwound(id)]);
    if (!this.#resuming) return [...test, hook];
    const { k } = this.#of;
    return [get(k), when([i32(0), set(k)], [...test, hook])];
  }

  /** The cycles left are looked at and written with one load: `p` has them. */
  #checkAndCharge(check: Check): Node[] {
    const { left, spent } = this.#runtime;
    const { k, p } = this.#of;
    const cost = this.#charged.get(check) as number;
    const reload: Node[] = [i32(0), load(I32, left), set(p)];
    const hook = when([i32(0), call(spent), ...this.#unwound(check.id), ...reload]);
    const test: Node[] = [i32(0), load(I32, left), tee(p), i32(0), op(Op.I32_LE_S), hook];
    const charge: Node[] = [i32(0), get(p), i32(cost), op(Op.I32_SUB), store(I32, left)];
    if (!this.#resuming) return [...test, ...charge];
    return [get(k), when([i32(0), set(k), ...reload], test), ...charge];
  }

  #site(site: Site): Node[] {
    const { callee, args, results, id, at } = site;
    const { k } = this.#of;
    const given = args.map(get);
    const taken = [...results].reverse().map(set);
    if (callee.kind === "kernel") return this.#kernelCall(site, callee.func, callee.parked);
    if (callee.kind === "leaf") {
      const hook = [...given, call(callee.func, at), ...this.#unwound(id)];
      return this.#resuming ? [get(k), when([i32(0), set(k)], hook)] : hook;
    }
    const types = results.map((local) => this.#of.func.typeOf(local));
    const index = callee.kind === "indirect" ? [get(callee.index)] : [];
    const fresh: Node[] = [...given, ...index, callee.kind === "func" ? call(callee.func, at) : callIndirect(callee.type, 0, at)];
    if (!this.#resuming) return [...fresh, ...taken, ...this.#unwound(id)];
    const again =
      callee.kind === "func" ? call(this.#resumes(callee.func), at) : callIndirect({ params: [], results: types }, RESUME_TABLE, at);
    return [get(k), when([i32(0), set(k), ...index, again], fresh, types), ...taken, ...this.#unwound(id)];
  }

  #kernelCall({ args, results, id, at }: Site, func: Func, parked: Func): Node[] {
    const { k } = this.#of;
    const given = args.map(get);
    const [result] = results as [number];
    const wait = [...given, call(parked, at), set(result), ...this.#unwound(id)];
    const fresh: Node[] = [...given, call(func, at), tee(result), i32(SWITCH)];
    if (!this.#resuming) return [...fresh, op(Op.I32_EQ), when(wait)];
    const behind = block([]);
    behind.body = [
      get(k),
      when(
        [i32(0), set(k), call(this.#resumes(parked), at), set(result)],
        [...fresh, op(Op.I32_NE), brIf(behind), ...given, call(parked, at), set(result)],
      ),
      ...this.#unwound(id),
    ];
    return [behind];
  }

  #nest(node: Control): Node[] {
    const { kit, k } = this.#of;
    const id = (this.#of.range(node) as Range)[0];
    const hook = [i32(0), call(this.#runtime.spent), ...this.#unwound(id)];
    const resumed = this.#resuming ? k : undefined;
    return lowerNest(node, kit, { hook, resumed, labels: this.#labels, leave: this.#leave() });
  }
}

/** Says how much of its task's stack each function takes that accounts for itself: its frame, and those of what it calls that does not. */
export function claims(suspendables: ReadonlyMap<Func, Suspendable>, graph: Graph, entries: ReadonlySet<Func>): void {
  const needs = new Map<Func, number>();
  const below = (s: Suspendable): number => {
    let most = 0;
    for (const callee of s.callees) {
      const func = callee.kind === "func" ? callee.func : callee.kind === "kernel" ? callee.parked : undefined;
      if (func && !graph.recurses(func)) most = Math.max(most, need(func));
    }
    return most;
  };
  const need = (func: Func): number => {
    const known = needs.get(func);
    if (known !== undefined) return known;
    const s = suspendables.get(func);
    const found = s ? s.frame + below(s) : 0;
    needs.set(func, found);
    return found;
  };
  for (const [func, s] of suspendables) {
    if (graph.recurses(func)) s.claim = Math.max(LEAST_FRAME, s.frame + below(s));
    else if (entries.has(func)) s.claim = s.frame + below(s);
  }
}
