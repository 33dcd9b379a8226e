/**
 * Puts counters into a kernel: where a function begins, on both outcomes of every branch, and behind whatever may have gone elsewhere.
 * A counter is a global of the module's own that is set, and told of by the call `hit`, when it is passed for the first time: memory and
 * cycles, and so traces, are those of the kernel without counters.
 *
 *     if (a && b) x();      a  -> if [true: b] [false]       position of `a`,  its first operator
 *                              -> if [true: x()] [false]     position of `if`
 */
import { br, call, globalGet, globalSet, i32, op, when } from "../../hal/preempt/build.js";
import { encode } from "../../hal/preempt/encode.js";
import { I32, isEnd, Op } from "../../hal/preempt/ops.js";
import { type Control, Func, type Global, type Instr, isControl, type Node } from "../../hal/preempt/tree.js";
import type { Place, Plain } from "./plain.js";

/** The import through which a kernel tells of its counters, by number. */
export const HIT = { module: "cover", name: "hit" } as const;

/** One way that a branch of the source can go. */
export interface Outcome extends Place {
  /** Which of those that begin at this place, from 0: of `a && b && c` the first operator, the second. */
  nth: number;
  outcome: "true" | "false" | "case" | "default";
}

/** What passing a counter proves. */
export interface Counter {
  outcome?: Outcome;
  /** "kernel/wait.ts:57". */
  lines: string[];
}

export interface Counted {
  wasm: Uint8Array;
  counters: Counter[];
  /** By where an instruction stood in the module without counters: the counter that is passed on the way to it. */
  counterAt: Map<number, number>;
}

/** The kernel with counters. The tree of `plain` is used up by it. */
export function withCounters(plain: Plain): Counted {
  return new Counting(plain).run();
}

class Counting {
  readonly #plain: Plain;
  readonly #counters: Counter[] = [];
  readonly #counterAt = new Map<number, number>();
  readonly #hit = new Func("hit", { params: [I32], results: [] }, HIT);
  /** Of the function that is being read: where it begins, labels that a branch leads to, branches by place. */
  #first = 0;
  #targets = new Set<Control>();
  #seen = new Map<string, number>();
  /** The counter that was passed last on the way here; none where no way leads. */
  #now: Counter | undefined;
  #number = 0;

  constructor(plain: Plain) {
    this.#plain = plain;
  }

  run(): Counted {
    const { tree } = this.#plain;
    for (const func of tree.funcs) {
      if (func.imported) continue;
      this.#first = func.first;
      this.#targets = new Set();
      this.#seen = new Map();
      const [body] = func.body as [Control];
      body.body = [...this.#count(), ...this.#list(body.body)];
    }
    tree.funcs.unshift(this.#hit);
    return { wasm: encode(tree), counters: this.#counters, counterAt: this.#counterAt };
  }

  /** A new counter, which is passed from here on. */
  #count(outcome?: Outcome): Node[] {
    const number = this.#counters.length;
    this.#number = number;
    this.#now = { lines: [], ...(outcome ? { outcome } : {}) };
    this.#counters.push(this.#now);
    const passed: Global = { name: `counter ${number}`, type: I32, mutable: true, imported: undefined, init: [i32(0)] };
    this.#plain.tree.globals.push(passed);
    return [globalGet(passed), op(Op.I32_EQZ), when([i32(1), globalSet(passed), i32(number), call(this.#hit)])];
  }

  #note(node: Node): void {
    if (node.at >= 0) this.#counterAt.set(node.at, this.#number);
    const place = this.#plain.placeOf(node, this.#first);
    if (!place || !this.#now) return;
    const line = `${place.file}:${place.line}`;
    if (!this.#now.lines.includes(line)) this.#now.lines.push(line);
  }

  /** A list with its counters. Behind it `#now` says whether its end is reached. */
  #list(list: readonly Node[]): Node[] {
    const out: Node[] = [];
    for (const [i, node] of list.entries()) {
      if (!this.#now) {
        out.push(node);
        continue;
      }
      this.#note(node);
      if (!isControl(node)) out.push(...this.#instr(node, list[i + 1]));
      else if (node.op === Op.IF) out.push(...this.#if(node, list[i - 1]));
      else out.push(...this.#block(node));
    }
    return out;
  }

  #instr(node: Instr, next: Node | undefined): Node[] {
    for (const label of [node.label, ...(node.labels ?? [])]) if (label) this.#targets.add(label);
    if (node.op === Op.BR_TABLE) throw new Error("a jump by a table: an optimiser was here");
    if (node.op === Op.BR_IF) return this.#case(node, next);
    if (isEnd(node.op)) this.#now = undefined;
    return [node];
  }

  /** One of a `switch`: the last one has the default behind it. */
  #case(node: Instr, next: Node | undefined): Node[] {
    const label = node.label as Control;
    if (label.op !== Op.LOOP && label.type.results.length > 0) throw new Error("a branch with a value");
    const site = this.#site(node);
    const taken = [...this.#count(site && { ...site, outcome: "case" }), br(label)];
    const last = next !== undefined && !isControl(next) && next.op === Op.BR;
    return [when(taken), ...this.#count(last && site ? { ...site, outcome: "default" } : undefined)];
  }

  #if(node: Control, condition: Node | undefined): Node[] {
    if (isAssertion(node)) return [node];
    const always = condition?.op === Op.I32_CONST;
    const site = always ? undefined : this.#site(node);
    const body = [...this.#count(site && { ...site, outcome: "true" }), ...this.#list(node.body)];
    const first = this.#now !== undefined;
    if (always) this.#now = undefined;
    const orelse = always ? (node.orelse ?? []) : [...this.#count(site && { ...site, outcome: "false" }), ...this.#list(node.orelse ?? [])];
    const second = this.#now !== undefined;
    node.body = body;
    node.orelse = orelse;
    return [node, ...this.#behind(node, first || second)];
  }

  #block(node: Control): Node[] {
    node.body = this.#list(node.body);
    return [node, ...this.#behind(node, this.#now !== undefined)];
  }

  /** Behind a block, if anything comes there: from its end, or by a branch to its label. */
  #behind(node: Control, falls: boolean): Node[] {
    if (falls || (node.op !== Op.LOOP && this.#targets.has(node))) return this.#count();
    this.#now = undefined;
    return [];
  }

  #site(node: Node): Omit<Outcome, "outcome"> | undefined {
    const place = this.#plain.placeOf(node, this.#first);
    if (!place) return undefined;
    const key = `${place.file}:${place.line}:${place.column}`;
    const nth = this.#seen.get(key) ?? 0;
    this.#seen.set(key, nth + 1);
    return { ...place, nth };
  }
}

/** Whether an `if` only stops the machine: what the compiler makes of `assert`. */
function isAssertion(node: Control): boolean {
  return node.body.some((each) => !isControl(each) && each.op === Op.CALL && each.func?.imported?.name === "abort");
}
