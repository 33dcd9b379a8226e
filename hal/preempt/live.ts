/** Which locals are still wanted where a function may be suspended: those go into its frame. Backwards, to a fixed point in loops. */
import { type FlatNode, flat, isCharge, isCheck, isGuard, isSite } from "./flat.js";
import { Op } from "./ops.js";
import { type Control, type Instr, isControl, type Node } from "./tree.js";

/** A set of locals, a bit each. */
type Locals = bigint;

export class Liveness {
  /** Wanted at the beginning of each loop, and where accesses to memory are asked for. */
  readonly at = new Map<FlatNode, Locals>();
  /** Wanted behind a site, a check, or at the beginning of a nest. */
  readonly wanted = new Map<FlatNode, Locals>();
  readonly #labels = new Map<Control, Locals>();
  readonly #nests: ReadonlySet<Node>;

  constructor(body: FlatNode[], nests: ReadonlySet<Node>) {
    this.#nests = nests;
    this.#list(body, 0n);
  }

  #list(list: FlatNode[], behind: Locals): Locals {
    let live = behind;
    for (let i = list.length - 1; i >= 0; i--) live = this.#node(list[i] as FlatNode, live);
    return live;
  }

  #node(node: FlatNode, live: Locals): Locals {
    if (isCharge(node)) return live;
    if (isGuard(node)) {
      const asked = live | bit(node.local) | (node.length === undefined ? 0n : bit(node.length));
      this.at.set(node, asked);
      return asked;
    }
    if (isCheck(node)) {
      this.#want(node, live);
      return live;
    }
    if (isSite(node)) {
      const kept = node.callee.kind === "indirect" ? bit(node.callee.index) : 0n;
      const through = (live & ~bits(node.results)) | kept;
      this.#want(node, through);
      return through | bits(node.args);
    }
    return isControl(node as Node) ? this.#control(node as Control, live) : this.#instr(node as Instr, live);
  }

  #want(node: FlatNode, live: Locals): void {
    this.wanted.set(node, (this.wanted.get(node) ?? 0n) | live);
  }

  #control(node: Control, live: Locals): Locals {
    if (node.op === Op.LOOP) return this.#loop(node, live);
    this.#labels.set(node, live);
    const then = this.#list(flat(node.body), live);
    if (node.op === Op.BLOCK) return then;
    const other = node.orelse ? this.#list(flat(node.orelse), live) : live;
    return then | other | bit(node.condition as number);
  }

  #loop(node: Control, live: Locals): Locals {
    for (;;) {
      const known = this.#labels.get(node) ?? 0n;
      this.#labels.set(node, known);
      const found = known | this.#list(flat(node.body), live);
      if (found === known) break;
      this.#labels.set(node, found);
    }
    const found = this.#labels.get(node) as Locals;
    this.at.set(node, found);
    // A nest is entered anew at its beginning, on the way to any of its loops.
    if (this.#nests.has(node)) this.#want(node, this.#within(node));
    return found;
  }

  /** What is wanted where any of the loops of a nest begins. */
  #within(node: Control): Locals {
    const own = node.op === Op.LOOP ? (this.#labels.get(node) ?? 0n) : 0n;
    return [...node.body, ...(node.orelse ?? [])].reduce((all, each) => (isControl(each) ? all | this.#within(each) : all), own);
  }

  #instr(node: Instr, live: Locals): Locals {
    const to = (label: Control) => this.#labels.get(label) ?? 0n;
    switch (node.op) {
      case Op.LOCAL_GET:
        return live | bit(node.index as number);
      case Op.LOCAL_SET:
      case Op.LOCAL_TEE:
        return live & ~bit(node.index as number);
      case Op.BR:
        return to(node.label as Control);
      case Op.BR_IF:
        return live | to(node.label as Control);
      case Op.BR_TABLE:
        return (node.labels as Control[]).reduce((all, label) => all | to(label), 0n);
      case Op.RETURN:
      case Op.UNREACHABLE:
        return 0n;
    }
    return live;
  }
}

/** The locals of a set, in order. */
export function members(set: Locals): number[] {
  const list: number[] = [];
  for (let rest = set, i = 0; rest !== 0n; rest >>= 1n, i++) if (rest & 1n) list.push(i);
  return list;
}

function bit(local: number): Locals {
  return 1n << BigInt(local);
}

function bits(locals: readonly number[]): Locals {
  return locals.reduce((set, local) => set | bit(local), 0n);
}
