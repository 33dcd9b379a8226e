/**
 * Where virtual cycles are charged, and how many. A *region* is the code from one charge to the next: it begins at the head of a
 * loop, behind a site, behind a block that holds one of these, or where a function begins; all of it is charged at its beginning,
 * by its longest path. So what a program is charged depends on the way it takes and on nothing else, never on where it was cut.
 *
 *     loop                     region 1: as far as the inner loop
 *       ... loop ... end       region 2: one turn of the inner loop
 *       ... waits() ...        region 3: behind the inner loop, up to the call; region 4: behind the call
 *     end
 *
 * Where whoever is charged will come to the next charge in the same list, they are joined and made at the first, unless accesses
 * are preemption points and must know what time it is: both count the same.
 */
import { type Charge, type Check, type FlatNode, flat, isCheck, isGuard, isSite, Pseudo, type Site } from "./flat.js";
import type { Graph } from "./graph.js";
import { cyclesOf, Op } from "./ops.js";
import { type Control, type Func, type FuncType, type Instr, isControl, type Node } from "./tree.js";

const ENDED = -1;

interface Region {
  total: number;
  /** Longest way to where a label is left for. */
  exits: Map<Control, number>;
  checks: Check[];
}

export class Charges {
  readonly #graph: Graph;
  readonly #access: boolean;
  readonly #entry = new Map<Func, number>();
  readonly #bounds = new Map<Node, boolean>();

  constructor(graph: Graph, access: boolean) {
    this.#graph = graph;
    this.#access = access;
  }

  /** Cycles that whoever calls a function is charged for it: all of it, or in one that charges itself what comes first. */
  ofCall(func: Func): number {
    if (func.imported || this.#graph.recurses(func)) return 0;
    return this.entryOf(func);
  }

  /** Cycles of a function before its first charge. */
  entryOf(func: Func): number {
    const known = this.#entry.get(func);
    if (known !== undefined) return known;
    if (this.#graph.suspends(func)) return this.place(func);
    this.#entry.set(func, 0);
    const { total } = this.#region(flat(func.body), 0);
    this.#entry.set(func, total);
    return total;
  }

  /** Puts charges, and the checks of loops, into a function in normal form, once, what it calls first; answers entryOf(). */
  place(func: Func): number {
    const known = this.#entry.get(func);
    if (known !== undefined) return known;
    this.#entry.set(func, 0);
    const before = this.#cut;
    this.#cut = true;
    const { total, checks } = this.#region(flat(func.body), 0);
    lags(checks, total);
    const entry: Charge = { op: Pseudo.CHARGE, at: -1, cost: total };
    // Who calls it is charged for its beginning on every way of a region, also on one that does not call it: nothing is joined with that.
    const own = this.#graph.recurses(func) && !this.#access ? entry : undefined;
    func.body = this.#list(flat(func.body), own) as Node[];
    this.#entry.set(func, entry.cost);
    this.#cut = before;
    return entry.cost;
  }

  /** A list with its charges; `joined` is the charge just before it. */
  #list(list: FlatNode[], joined: Charge | undefined): FlatNode[] {
    const out: FlatNode[] = [];
    let anchor = joined;
    for (const [i, node] of list.entries()) {
      const holds = this.#holds(node);
      if (isControl(node as Node) && holds) this.#inner(node as Control);
      out.push(node);
      if (!isStraight(node as Node)) anchor = undefined;
      if (!holds) continue;
      const { total, checks } = this.#region(list, i + 1);
      lags(checks, total);
      if (total === 0) continue;
      if (anchor) anchor.cost += total;
      else {
        const charge: Charge = { op: Pseudo.CHARGE, at: -1, cost: total };
        out.push(charge);
        anchor = this.#access ? undefined : charge;
      }
    }
    return out;
  }

  #inner(node: Control): void {
    if (node.op !== Op.LOOP) {
      node.body = this.#list(flat(node.body), undefined) as Node[];
      if (node.orelse) node.orelse = this.#list(flat(node.orelse), undefined) as Node[];
      return;
    }
    const { total, checks } = this.#region(flat(node.body), 0);
    lags(checks, total);
    const charge: Charge = { op: Pseudo.CHARGE, at: -1, cost: Math.max(1, total) };
    const check: Check = { op: Pseudo.CHECK, at: -1, lag: 0, header: true, id: 0 };
    node.body = [check, charge, ...this.#list(flat(node.body), this.#access ? undefined : charge)] as Node[];
  }

  /** Whether a region begins in the node or behind it. */
  #holds(node: FlatNode): boolean {
    if (isSite(node)) return this.#ends(node);
    if (!isControl(node as Node)) return false;
    const block = node as Control;
    const known = this.#bounds.get(block);
    if (known !== undefined) return known;
    const inList = (list: Node[]) => list.some((each) => this.#holds(each));
    const holds = block.op === Op.LOOP || inList(block.body) || inList(block.orelse ?? []);
    this.#bounds.set(block, holds);
    return holds;
  }

  /** Whether a region ends with the site. A call of what does not charge itself is part of the one that it is in. */
  #ends({ callee }: Site): boolean {
    if (callee.kind === "func") return this.#graph.charges(callee.func);
    return callee.kind !== "indirect" || this.#graph.candidates(callee.type).some((func) => this.#graph.charges(func));
  }

  #region(list: FlatNode[], from: number): Region {
    const region: Region = { total: 0, exits: new Map(), checks: [] };
    this.#walk(region, list, from, 0);
    return region;
  }

  /** The longest way from the beginning of the region to the end of a list, ENDED when that is not reached. */
  #walk(region: Region, list: FlatNode[], from: number, start: number): number {
    let at = start;
    for (let i = from; i < list.length; i++) {
      const node = list[i] as FlatNode;
      if (isCheck(node)) {
        if (node.header) continue;
        node.lag = at;
        region.checks.push(node);
        continue;
      }
      if (isGuard(node)) continue;
      if (isSite(node)) {
        at += this.#siteCycles(node);
        region.total = Math.max(region.total, at);
        if (this.#ends(node)) return ENDED;
        continue;
      }
      at = isControl(node as Node) ? this.#control(region, node as Control, at) : this.#instr(region, node as Instr, at);
      if (at === ENDED) return ENDED;
      region.total = Math.max(region.total, at);
    }
    return at;
  }

  #control(region: Region, node: Control, start: number): number {
    const at = start + ownCycles(node);
    region.total = Math.max(region.total, at);
    const holds = this.#holds(node);
    // In code that is never cut, a loop counts as one turn.
    if (node.op === Op.LOOP && holds && this.#cut) return ENDED;
    const reached = [this.#walk(region, flat(node.body), 0, at)];
    if (node.op === Op.IF) reached.push(node.orelse ? this.#walk(region, flat(node.orelse), 0, at) : at);
    if (node.op !== Op.LOOP) reached.push(region.exits.get(node) ?? ENDED);
    return holds && this.#cut ? ENDED : Math.max(...reached);
  }

  /** Whether the function whose regions are looked at is one that is cut: in normal form. */
  #cut = true;

  #instr(region: Region, node: Instr, start: number): number {
    const at = start + this.#cycles(node);
    region.total = Math.max(region.total, at);
    if (node.op === Op.RETURN || node.op === Op.UNREACHABLE) return ENDED;
    for (const label of node.labels ?? (node.label ? [node.label] : [])) {
      region.exits.set(label, Math.max(region.exits.get(label) ?? ENDED, at));
    }
    return node.op === Op.BR || node.op === Op.BR_TABLE ? ENDED : at;
  }

  #cycles(node: Instr): number {
    const own = ownCycles(node);
    if (node.op === Op.CALL) return own + this.#whole(node.func as Func);
    return node.op === Op.CALL_INDIRECT ? own + this.#anyOf(node.type as FuncType) : own;
  }

  /** Cycles of the longest of the functions that a call through the table may come to, but for those that charge themselves. */
  #anyOf(type: FuncType): number {
    const others = this.#graph.candidates(type).filter((func) => !this.#graph.charges(func));
    return others.reduce((most, func) => Math.max(most, this.#whole(func)), 0);
  }

  /** Cycles of a function that is never cut. */
  #whole(func: Func): number {
    if (func.imported) return 0;
    const before = this.#cut;
    this.#cut = this.#graph.suspends(func);
    const cycles = this.ofCall(func);
    this.#cut = before;
    return cycles;
  }

  #siteCycles({ callee }: Site): number {
    if (callee.kind === "leaf") return 0;
    const own = cyclesOf(Op.CALL);
    if (callee.kind === "func") return own + this.#whole(callee.func);
    return callee.kind === "indirect" ? own + this.#anyOf(callee.type) : own;
  }
}

/** What the normal form adds is free, so that it costs the same to be in it. */
function ownCycles({ op, at }: Node): number {
  return at < 0 ? 0 : cyclesOf(op);
}

function lags(checks: readonly Check[], total: number): void {
  for (const check of checks) check.lag = total - check.lag;
}

/** Whether whoever comes to a node goes on behind it in the same list, sooner or later. */
function isStraight(node: Node): boolean {
  if (isSite(node) || isGuard(node)) return true;
  if (!isControl(node)) return node.op !== Op.BR && node.op !== Op.BR_IF && node.op !== Op.BR_TABLE && node.op !== Op.RETURN;
  return !leaves(node, [node]);
}

/** Whether a block may be left for somewhere else than behind it. */
function leaves(node: Control, open: readonly Control[]): boolean {
  const inList = (list: readonly Node[]): boolean =>
    list.some((each) => {
      if (isControl(each)) return leaves(each, [...open, each]);
      if (each.op === Op.RETURN) return true;
      const labels = each.labels ?? (each.label ? [each.label] : []);
      return labels.some((label) => !open.includes(label));
    });
  return inList(node.body) || inList(node.orelse ?? []);
}
