/**
 * Loops that call nothing suspendable, with the loops in them: hot code. Inside, cycles are counted in a local `f`, loaded where
 * the nest begins and stored where it is left; a loop whose cycles are spent notes which it is in `r` and goes to the nest's
 * beginning, where the one hook is called. From there the nest is entered anew: by way of a second, guarded copy of a turn of its
 * outermost loop, in which it finds its way back to where it was; the next turn is the first copy's again.
 *
 *     loop top
 *       f = left; if (f <= 0) { hook; again }
 *       if (r) { the rest of a turn, guarded by r as sites are by k in a resume copy }
 *       f -= cycles of a turn
 *       loop 1
 *         ...
 *         back to loop 1: if (f <= 0) { r = 1; left = f; to top }; f -= cycles of a turn
 *     left = f
 *
 * Branches within the nest stay as they are; those out of it go by a pad that stores f. Innermost loops that count up to a bound
 * are stripped (strip.ts): they run as many turns as the cycles allow without looking at f.
 *
 * Where accesses to memory are asked for (guard.ts), those that are not to the firmware's data leave the first copy as a spent loop
 * does, without the hook: the guarded copy asks the kernel and goes on from there. `r` names them as it names loops.
 */
import { block, br, brIf, get, i32, load, loop, op, set, store, when } from "./build.js";
import { zero } from "./encode.js";
import { type Charge, type FlatNode, flat, type Guard, isCharge, isCheck, isGuard } from "./flat.js";
import { outside, type Protection, question } from "./guard.js";
import { I32, Op, type ValueType } from "./ops.js";
import { before, counted, guard, made as madeTurns, type StripLocals } from "./strip.js";
import { type Control, type Instr, isControl, type Node, walk } from "./tree.js";

/** In the local that names where to go on: it is an access, not a loop. */
const ASKS = -2147483648;

export interface NestKit {
  /** The local that counts. */
  f: number;
  /** Locals for loops that are stripped. */
  strip: StripLocals;
  /** The local that names the loop to go on in, of each nest with more than one. */
  inner: ReadonlyMap<Node, number>;
  /** Address of the word with the cycles left. */
  left: number;
  protection: Protection | undefined;
  /** The locals, a bit each, that are wanted at the beginning of a loop, or where an access is asked for. */
  live(node: FlatNode): bigint;
  typeOf(local: number): ValueType;
}

export interface NestPlace {
  /** Calls the hook, and leaves the function if that says so. */
  hook: Node[];
  /** In a resume copy: the local that is not 0 while the nest is on its way to go on. */
  resumed: number | undefined;
  /** Labels around the nest, as they are in this copy. */
  labels: ReadonlyMap<Control, Control>;
  /** What comes before a return. */
  leave: Node[];
}

/** The code of a nest. */
export function lowerNest(nest: Control, kit: NestKit, place: NestPlace): Node[] {
  return new Lowering(nest, kit, place).code();
}

class Lowering {
  readonly #nest: Control;
  readonly #kit: NestKit;
  readonly #place: NestPlace;
  readonly #r: number | undefined;
  readonly #top = loop([]);
  #labels = new Map<Control, Control>();
  /** The code that is written is the guarded copy. */
  #guarded = false;
  /** Whether there are accesses that leave the hot copy. */
  readonly #asks: boolean;
  /** Locals that are set in the nest, and those that are wanted nowhere where its hot copy is left for its beginning. */
  readonly #assigned: number[];
  readonly #idle: number[];
  /** Where it is left for its beginning. */
  readonly #back = block([]);
  /** By labels around the nest: the pad that leads there. */
  readonly #pads = new Map<Control, Control>();
  /** Numbers of the loops and of the accesses that are asked for, from 1, with the greatest in each. */
  readonly #ranges = new Map<Node, readonly [own: number, greatest: number]>();

  constructor(nest: Control, kit: NestKit, place: NestPlace) {
    this.#nest = nest;
    this.#kit = kit;
    this.#place = place;
    this.#r = kit.inner.get(nest);
    const ids = { next: 1 };
    this.#number(nest, ids);
    this.#asks = [...this.#ranges.keys()].some((node) => isGuard(node));
    const { turns, limit, from } = kit.strip;
    this.#assigned = [...new Set([...assignedIn(nest), turns, limit, from])];
    let wanted = 0n;
    for (const node of this.#ranges.keys()) if (isGuard(node) || node.op === Op.LOOP) wanted |= kit.live(node);
    this.#idle = this.#assigned.filter((local) => !has(wanted, local));
  }

  #number(node: Control, ids: { next: number }): void {
    const own = node.op === Op.LOOP ? ids.next++ : 0;
    const first = ids.next;
    for (const each of [...node.body, ...(node.orelse ?? [])]) {
      if (isControl(each)) this.#number(each, ids);
      else if (isGuard(each) && this.#leaves(each)) this.#ranges.set(each as unknown as Node, [ids.next, ids.next++]);
    }
    if (own > 0) this.#ranges.set(node, [own, ids.next - 1]);
    else if (ids.next > first) this.#ranges.set(node, [first, ids.next - 1]);
  }

  /** Whether the hot copy is left for what an access asks. */
  #leaves(guard: Guard): boolean {
    return guard.length === undefined;
  }

  code(): Node[] {
    const { f, left } = this.#kit;
    const { hook, resumed } = this.#place;
    const r = this.#r;
    const after = block([]);
    const rest = r === undefined ? [] : this.#rest(r, after);
    this.#labels = new Map();
    this.#top.body = [
      ...(resumed === undefined ? [] : [i32(0), set(resumed)]),
      ...[i32(0), load(I32, left), set(f)],
      ...[get(f), i32(0), op(Op.I32_LE_S), ...this.#unlessAsking(), when([...hook, br(this.#top)])],
      ...(r === undefined || !this.#asks ? [] : [get(r), i32(~ASKS), op(Op.I32_AND), set(r)]),
      this.#back,
      ...this.#cleared(this.#idle),
      ...this.#store(),
      br(this.#top),
    ];
    this.#back.body = [...rest, ...this.#node(this.#nest), ...this.#store(), br(after)];
    let inner: Node[] = [this.#top];
    for (const [label, pad] of this.#pads) {
      pad.body = inner;
      inner = [pad, ...this.#store(), br(label)];
    }
    after.body = inner;
    if (r === undefined) return [after];
    const fresh: Node[] = [i32(0), set(r)];
    return resumed === undefined ? [...fresh, after] : [get(resumed), op(Op.I32_EQZ), when(fresh), after];
  }

  /** An access that has left the hot copy is no point at which the task may be preempted. */
  #unlessAsking(): Node[] {
    return this.#r === undefined || !this.#asks ? [] : [get(this.#r), i32(0), op(Op.I32_GE_S), op(Op.I32_AND)];
  }

  /** What is left of a turn of the outermost loop for who is on the way into it; then the loop goes on behind this. */
  #rest(r: number, after: Control): Node[] {
    const again = block([]);
    this.#labels.set(this.#nest, again);
    this.#guarded = true;
    const [, , ...turn] = flat(this.#nest.body);
    this.#backs.set(again, this.#check(this.#nest));
    again.body = [...this.#list(turn), ...this.#store(), br(after)];
    this.#guarded = false;
    // At its own head nothing of a turn was done.
    return [get(r), i32(1), op(Op.I32_GT_U), when([again]), i32(0), set(r)];
  }

  #store(): Node[] {
    return [i32(0), get(this.#kit.f), store(I32, this.#kit.left)];
  }

  #list(list: readonly FlatNode[]): Node[] {
    const r = this.#r;
    const last = !this.#guarded ? -1 : list.findLastIndex((node) => this.#isPoint(node));
    if (r === undefined || last < 0) return list.flatMap((node) => this.#node(node));
    const out: Node[] = [];
    let run: Node[] = [];
    for (const [i, node] of list.entries()) {
      if (!this.#isPoint(node)) {
        run.push(...this.#node(node));
        continue;
      }
      if (run.length > 0) out.push(get(r), op(Op.I32_EQZ), when(run));
      run = [];
      const code = this.#node(node);
      if (i === last) out.push(...code);
      else out.push(get(r), i32(this.#greatest(node)), op(Op.I32_LE_U), when(code));
    }
    return [...out, ...run];
  }

  /** Whether the way to a loop may lead there. */
  #isPoint(node: FlatNode): boolean {
    return this.#greatest(node) > 0;
  }

  #greatest(node: FlatNode): number {
    return this.#ranges.get(node as Node)?.[1] ?? 0;
  }

  #node(node: FlatNode): Node[] {
    if (isCharge(node)) return this.#charge(node);
    if (isCheck(node)) return [];
    if (isGuard(node)) return this.#guard(node);
    if (!isControl(node as Node)) return this.#instr(node as Instr);
    const control = node as Control;
    const made: Control = { op: control.op, at: control.at, type: control.type, body: [], orelse: undefined };
    this.#labels.set(control, made);
    if (control.op === Op.LOOP) return this.#loop(control, made);
    made.body = this.#list(flat(control.body));
    if (control.orelse) made.orelse = this.#list(flat(control.orelse));
    return control.op === Op.IF ? [...this.#condition(control), made] : [made];
  }

  #loop(node: Control, made: Control): Node[] {
    const r = this.#r;
    const [own, greatest] = this.#ranges.get(node) as readonly [number, number];
    const [, charge, ...turn] = flat(node.body) as [FlatNode, Charge, ...FlatNode[]];
    const points = own !== greatest;
    const check = this.#check(node);
    const stripped = !(this.#guarded && points) ? this.#stripped(node, [charge, ...turn], check) : undefined;
    const begin = this.#charge(charge);
    this.#backs.set(made, [...check, ...begin]);
    made.body = this.#list(turn);
    const code = stripped ?? [...begin, made];
    if (r === undefined || !this.#guarded) return code;
    if (!points) return [i32(0), set(r), ...code];
    // Who comes here on the way to the loop itself begins a turn, and looks at f where the first copy does, which is stripped; who
    // goes further has begun it.
    const found = counted(node, [charge, ...turn]);
    const first = !found ? [] : found.guarded ? [...guard(found), when(check)] : check;
    return [get(r), i32(own), op(Op.I32_LE_U), when([i32(0), set(r), ...first, ...begin]), made];
  }

  /**
   * Locals are 0. Without this the engine must keep their last values through the hot loops, for a copy that never looks at them.
   */
  #cleared(locals: readonly number[]): Node[] {
    return locals.flatMap((local) => [zero[this.#kit.typeOf(local)], set(local)]);
  }

  /** To the nest's beginning, to come back to this place: a loop, or an access. */
  #leave(place: FlatNode, id: number): Node[] {
    const r = this.#r;
    const live = this.#kit.live(place);
    const others = this.#assigned.filter((local) => !has(live, local) && !this.#idle.includes(local));
    return [...(r === undefined ? [] : [i32(id), set(r)]), ...this.#cleared(others), br(this.#back)];
  }

  /** To the nest's beginning when the cycles are spent, to come back to this loop. */
  #check(loop: Control): Node[] {
    const [own] = this.#ranges.get(loop) as readonly [number, number];
    return [get(this.#kit.f), i32(0), op(Op.I32_LE_S), when(this.#leave(loop, own))];
  }

  /** What comes before the way back to a loop. */
  readonly #backs = new Map<Control, Node[]>();

  /** A loop that counts up to a bound, without a counter of its own; undefined for another. */
  #stripped(node: Control, rest: readonly FlatNode[], check: Node[]): Node[] | undefined {
    const found = counted(node, rest);
    if (!found) return undefined;
    const { f, strip } = this.#kit;
    const plain = this.#labels.get(node) as Control;
    const again = loop([]);
    const inner = loop([]);
    this.#labels.set(node, inner);
    this.#leaving = {
      within: found.within,
      charge: [get(f), ...madeTurns(found, strip), ...this.#times(found.cost), op(Op.I32_SUB), i32(found.cost), op(Op.I32_SUB), set(f)],
    };
    const turn = this.#list(found.body);
    this.#leaving = undefined;
    this.#labels.set(node, plain);
    const { index, step, signed, cost } = found;
    inner.body = [
      ...[get(index), get(strip.limit), op(signed ? Op.I32_LT_S : Op.I32_LT_U)],
      when([...turn, get(index), step, op(Op.I32_ADD), set(index), br(inner)]),
    ];
    again.body = [
      ...check,
      ...before(found, f, strip),
      inner,
      ...[...madeTurns(found, strip), set(strip.from)],
      ...[get(f), get(strip.from), ...this.#times(cost), op(Op.I32_SUB), set(f)],
      ...[get(strip.from), get(strip.turns), op(Op.I32_EQ), brIf(again)],
      ...[get(f), i32(cost), op(Op.I32_SUB), set(f)],
    ];
    return found.guarded ? [...guard(found), when([again], [get(f), i32(cost), op(Op.I32_SUB), set(f), plain])] : [again];
  }

  #times(cost: number): Node[] {
    return cost === 1 ? [] : [i32(cost), op(Op.I32_MUL)];
  }

  /** Within a stripped loop: what is in it, and what is charged where it is left within a turn. */
  #leaving: { within: ReadonlySet<Control>; charge: Node[] } | undefined;

  #condition(node: Control): Node[] {
    const c = get(node.condition as number);
    const r = this.#r;
    if (r === undefined || !this.#guarded) return [c];
    const most = (list: readonly Node[]) => flat([...list]).reduce((found, each) => Math.max(found, this.#greatest(each)), 0);
    const then = most(node.body);
    const other = most(node.orelse ?? []);
    if (then === 0 && other === 0) return [c];
    if (other === 0) return [c, get(r), op(Op.I32_OR)];
    if (then === 0) return [c, i32(0), get(r), op(Op.I32_EQZ), op(Op.SELECT)];
    return [c, get(r), i32(then), op(Op.I32_LE_U), get(r), op(Op.I32_EQZ), op(Op.SELECT)];
  }

  #guard(guard: Guard): Node[] {
    const by = this.#kit.protection as Protection;
    const id = this.#greatest(guard);
    const r = this.#r;
    if (id === 0 || r === undefined) return question(by, guard);
    if (this.#guarded) return [i32(0), set(r), ...question(by, guard)];
    const charge = this.#leaving?.charge ?? [];
    return [...outside(by, guard), when([...charge, ...this.#leave(guard, id | ASKS)])];
  }

  #charge({ cost }: Charge): Node[] {
    const { f } = this.#kit;
    return cost === 0 ? [] : [get(f), i32(cost), op(Op.I32_SUB), set(f)];
  }

  #instr(node: Instr): Node[] {
    const charge = this.#leaving?.charge ?? [];
    if (node.op === Op.RETURN) return [...charge, ...this.#store(), ...this.#place.leave, node];
    const leaves = (label: Control) => this.#leaving !== undefined && !this.#leaving.within.has(label);
    if (node.op === Op.BR) {
      const label = node.label as Control;
      const within = this.#labels.get(label);
      const first = leaves(label) ? charge : [];
      return within
        ? [...first, ...(this.#backs.get(within) ?? []), { ...node, label: within }]
        : [...first, ...this.#store(), { ...node, label: this.#outside(label) }];
    }
    const to = (label: Control) => this.#labels.get(label) ?? this.#pad(label);
    if (node.op === Op.BR_IF) {
      const label = node.label as Control;
      const back = this.#backs.get(to(label));
      if (back) return [when([...(leaves(label) ? charge : []), ...back, { ...node, op: Op.BR, label: to(label) }])];
      return leaves(label) ? [when([...charge, { ...node, op: Op.BR, label: to(label) }])] : [{ ...node, label: to(label) }];
    }
    if (node.op === Op.BR_TABLE) return this.#branchTable(node, to);
    return [node];
  }

  /** Ways back to loops go by blocks of their own. */
  #branchTable(node: Instr, to: (label: Control) => Control): Node[] {
    const labels = (node.labels as Control[]).map(to);
    const backs = [...new Set(labels)].filter((label) => this.#backs.has(label));
    const pads = new Map(backs.map((label) => [label, block([])]));
    const table: Instr = { ...node, labels: labels.map((label) => pads.get(label) ?? label) };
    if (backs.length === 0) return [table];
    // Where to stands on the stack, and comes into the innermost block by a local.
    const index = this.#kit.strip.turns;
    let inner: Node[] = [get(index), table];
    for (const [label, pad] of pads) {
      pad.body = inner;
      inner = [pad, ...(this.#backs.get(label) as Node[]), br(label)];
    }
    return [set(index), ...inner];
  }

  #outside(label: Control): Control {
    return this.#place.labels.get(label) as Control;
  }

  #pad(label: Control): Control {
    const outside = this.#outside(label);
    const known = this.#pads.get(outside);
    if (known) return known;
    const pad = block([]);
    this.#pads.set(outside, pad);
    return pad;
  }
}

/** The locals that are set in a block. */
function assignedIn(node: Control): number[] {
  const found: number[] = [];
  walk([node], (each) => {
    if (each.op === Op.LOCAL_SET || each.op === Op.LOCAL_TEE) found.push((each as Instr).index as number);
  });
  return found;
}

function has(locals: bigint, local: number): boolean {
  return ((locals >> BigInt(local)) & 1n) === 1n;
}
