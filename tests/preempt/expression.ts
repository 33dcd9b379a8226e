/** Random expressions and statements on Binaryen's JS API, for one function of a random firmware. All of them end, and none traps. */
import binaryen from "binaryen";
import type { Stream } from "../../hal/host/oracle.js";

export const { i32, i64, f32, f64, none } = binaryen;
export const TYPES = [i32, i64, f32, f64] as const;

type Ref = number;
type Type = number;

/** A function that others may call. Its first parameters are the scratch area of the task and how deep calls may still go. */
export interface Callable {
  name: string;
  params: Type[];
  result: Type[];
  /** Where it is in the table, -1 for not there. */
  entry: number;
}

/** What a function may use. */
export interface Kit {
  m: binaryen.Module;
  chance: Stream;
  /** May call these. */
  callees: readonly Callable[];
  /** Types of the mutable globals: g0, g1, ... */
  globals: readonly Type[];
  loops: boolean;
  kernel: boolean;
  /** Lines are raised, signals sent: to so many tasks. */
  events: number;
  /** Answers of the kernel count, and so the schedule does. */
  raw: boolean;
}

/** Where in a scratch area random loads and stores go: behind the fuel, the checksum, the results. */
export const SCRATCH = 64;
const MASK = 511;
/** Where the handles of the tasks are, behind BASE. */
export const HANDLES = 64;
/** Ignored until a task has a handler for it. */
export const SIGNAL = 28;
const FUEL = 0;

/** A label that code may branch to. */
interface Label {
  name: string;
  /** Of the value that goes along. */
  type: Type;
}

export class Body {
  readonly #kit: Kit;
  readonly #locals: Type[];
  readonly #reserved = new Set<number>();
  readonly #results: readonly Type[];
  readonly vars: Type[] = [];
  #labels: Label[] = [];
  #names = 0;
  /** Nodes that may still be made. */
  #budget: number;
  #nesting = 0;

  constructor(kit: Kit, params: readonly Type[], results: readonly Type[], budget: number) {
    this.#kit = kit;
    this.#locals = [...params];
    this.#results = results;
    this.#reserved.add(0).add(1);
    this.#budget = budget;
    for (let i = kit.chance.below(6); i > 0; i--) this.local(this.#type());
  }

  get locals(): readonly Type[] {
    return this.#locals;
  }

  local(type: Type): number {
    this.vars.push(type);
    return this.#locals.push(type) - 1;
  }

  #below(bound: number): number {
    return this.#kit.chance.below(bound);
  }

  #one<T>(list: readonly T[]): T {
    return list[this.#below(list.length)] as T;
  }

  #type(): Type {
    return this.#one([i32, i32, i64, f32, f64]);
  }

  #name(): string {
    return `l${this.#names++}`;
  }

  // Expressions

  constant(type: Type): Ref {
    const { m } = this.#kit;
    const small = this.#below(3) > 0;
    const n = small ? this.#below(20) - 4 : this.#kit.chance.next() | 0;
    if (type === i32) return m.i32.const(n);
    if (type === i64) return m.i64.const(small ? BigInt(n) : (BigInt(n) << 32n) | BigInt(this.#kit.chance.next()));
    if (type === f32) return m.f32.const(small ? n / 4 : this.#one([0, -0, Infinity, -Infinity, 1e30, 0.1]));
    return m.f64.const(small ? n / 8 : this.#one([0, -0, Infinity, -Infinity, 1e300, 0.1]));
  }

  #get(type: Type): Ref {
    const fitting = this.#locals.flatMap((each, i) => (each === type && i > 1 ? [i] : []));
    return fitting.length === 0 ? this.constant(type) : this.#kit.m.local.get(this.#one(fitting), type);
  }

  /** A local that may be written. */
  #target(type: Type): number {
    const fitting = this.#locals.flatMap((each, i) => (each === type && !this.#reserved.has(i) ? [i] : []));
    return fitting.length === 0 || this.#below(12) === 0 ? this.local(type) : this.#one(fitting);
  }

  expression(type: Type, depth = 4): Ref {
    this.#budget--;
    if (depth <= 0 || this.#budget < 0) return this.#below(3) === 0 ? this.constant(type) : this.#get(type);
    const { m } = this.#kit;
    const kind = this.#below(24);
    if (kind < 3) return this.#get(type);
    if (kind < 4) return this.constant(type);
    if (kind < 11) return this.#arithmetic(type, depth);
    if (kind < 13) return this.#load(type, depth);
    if (kind < 14) return this.#tee(type, depth);
    if (kind < 15) return m.select(this.expression(i32, depth - 2), this.expression(type, depth - 1), this.expression(type, depth - 1));
    if (kind < 17) return this.#ifValue(type, depth);
    if (kind < 19) return this.#blockValue(type, depth);
    if (kind < 20) return this.#leaveWith(type, depth);
    if (kind < 21 && this.#kit.globals.includes(type)) return this.#global(type);
    if (kind < 22 && type === i32 && this.#kit.kernel) return this.#kernelCall();
    if (kind < 22 && this.#kit.loops && this.#nesting < 2) return this.#loopValue(type, depth);
    return this.#call(type, depth);
  }

  #tee(type: Type, depth: number): Ref {
    const local = this.#target(type);
    return this.#kit.m.local.tee(local, this.expression(type, depth - 1), type);
  }

  #global(type: Type): Ref {
    const fitting = this.#kit.globals.flatMap((each, i) => (each === type ? [i] : []));
    return this.#kit.m.global.get(`g${this.#one(fitting)}`, type);
  }

  /** An address in the scratch area of the task. */
  address(depth: number): Ref {
    const { m } = this.#kit;
    return m.i32.add(m.local.get(0, i32), m.i32.and(this.expression(i32, depth - 1), m.i32.const(MASK)));
  }

  #load(type: Type, depth: number): Ref {
    const { m } = this.#kit;
    const at = SCRATCH + this.#below(64);
    const from = this.address(depth);
    if (type === i32) {
      const kind = this.#one(["load", "load8_s", "load8_u", "load16_s", "load16_u"] as const);
      return m.i32[kind](at, 1, from);
    }
    if (type === i64) {
      const kind = this.#one(["load", "load8_s", "load8_u", "load16_s", "load16_u", "load32_s", "load32_u"] as const);
      return m.i64[kind](at, 1, from);
    }
    return type === f32 ? m.f32.load(at, 1, from) : m.f64.load(at, 1, from);
  }

  #ifValue(type: Type, depth: number): Ref {
    return this.#kit.m.if(this.expression(i32, depth - 1), this.#valued(type, depth - 1), this.#valued(type, depth - 1));
  }

  /** A few statements and a value. */
  #valued(type: Type, depth: number): Ref {
    const { m } = this.#kit;
    const before = this.#below(3) === 0 ? [this.statement(depth - 1)] : [];
    return m.block(null, [...before, this.expression(type, depth)], type);
  }

  #blockValue(type: Type, depth: number): Ref {
    const { m } = this.#kit;
    const name = this.#name();
    this.#labels.push({ name, type });
    const body: Ref[] = [];
    for (let i = this.#below(3); i > 0; i--) body.push(this.statement(depth - 1));
    if (this.#below(2) === 0) body.push(m.drop(m.br(name, this.expression(i32, depth - 2), this.expression(type, depth - 1))));
    body.push(this.expression(type, depth - 1));
    this.#labels.pop();
    return m.block(name, body, type);
  }

  /** Branches out of the middle of an expression, with a value, or stays there with it. */
  #leaveWith(type: Type, depth: number): Ref {
    const { m } = this.#kit;
    const fitting = this.#labels.filter((label) => label.type === type);
    if (fitting.length === 0) return this.expression(type, depth - 1);
    const value = this.expression(type, depth - 1);
    return m.br(this.#one(fitting).name, this.expression(i32, depth - 2), value);
  }

  #kernelCall(): Ref {
    const { m, raw } = this.#kit;
    const made = this.#oneCall();
    return raw ? made : m.i32.and(made, m.i32.const(0));
  }

  #oneCall(): Ref {
    const { m } = this.#kit;
    const sem = m.i32.load(56, 4, m.i32.const(BASE));
    const { events, raw } = this.#kit;
    if (events > 0 && this.#below(3) === 0) return this.#event(events);
    if (raw && this.#below(40) === 0) return m.call("task_exit", [m.i32.const(3)], i32);
    switch (this.#below(6)) {
      case 0:
        return m.call("task_self", [], i32);
      case 1:
        return m.call("sem_give", [sem], i32);
      case 2:
        return m.call("sem_take", [sem, m.i32.const(0)], i32);
      case 3:
        return m.call("task_sleep", [m.i32.const(this.#below(3))], i32);
      default:
        return m.call("task_yield", [], i32);
    }
  }

  #event(tasks: number): Ref {
    const { m, raw } = this.#kit;
    const task = m.i32.load(HANDLES + 4 * this.#below(tasks), 4, m.i32.const(BASE));
    if (raw && this.#below(30) === 0) return m.call("task_terminate", [task], i32);
    if (this.#below(2) === 0) return m.call("irq_raise", [m.i32.const(1 + this.#below(2))], i32);
    return m.call("signal_send", [task, m.i32.const(SIGNAL)], i32);
  }

  #call(type: Type, depth: number): Ref {
    const { m } = this.#kit;
    const fitting = this.#kit.callees.filter(({ result }) => result.includes(type));
    if (fitting.length === 0) return this.#arithmetic(type, depth);
    const callee = this.#one(fitting);
    const args = this.#arguments(callee, depth);
    if (callee.result.length > 1) {
      const made = m.call(callee.name, args, binaryen.createType(callee.result));
      return m.tuple.extract(made, callee.result.indexOf(type));
    }
    if (callee.entry < 0 || this.#below(2) === 0) return m.call(callee.name, args, type);
    const same = this.#kit.callees.filter(
      (each) => each.entry >= 0 && each.result.join() === callee.result.join() && each.params.join() === callee.params.join(),
    );
    const other = this.#one(same);
    const index = m.select(this.expression(i32, 1), m.i32.const(callee.entry), m.i32.const(other.entry));
    return m.call_indirect("table", index, args, binaryen.createType(callee.params), type);
  }

  #arguments({ params }: Callable, depth: number): Ref[] {
    const { m } = this.#kit;
    return params.map((type, i) => {
      if (i === 0) return m.local.get(0, i32);
      if (i === 1) return m.i32.sub(m.local.get(1, i32), m.i32.const(1));
      return this.expression(type, depth - 2);
    });
  }

  #arithmetic(type: Type, depth: number): Ref {
    const { m } = this.#kit;
    const a = (of: Type = type) => this.expression(of, depth - 1);
    const kind = this.#below(8);
    if (type === i32) {
      if (kind === 0) return this.#comparison(depth);
      if (kind === 1) return this.#toI32(depth);
      if (kind === 2) return m.i32[this.#one(["clz", "ctz", "popcnt", "eqz", "extend8_s", "extend16_s"] as const)](a());
      if (kind === 3) return m.i32[this.#one(["div_u", "rem_u", "rem_s"] as const)](a(), m.i32.or(a(), m.i32.const(1)));
      return m.i32[this.#one(["add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "shr_s", "rotl", "rotr"] as const)](a(), a());
    }
    if (type === i64) {
      if (kind === 0) return m.i64[this.#one(["extend_s", "extend_u"] as const)](a(i32));
      if (kind === 1) return this.#below(2) === 0 ? m.i64.trunc_s_sat.f32(a(f32)) : m.i64.trunc_u_sat.f64(a(f64));
      if (kind === 2) return m.i64[this.#one(["clz", "ctz", "popcnt", "extend8_s", "extend16_s", "extend32_s"] as const)](a());
      if (kind === 3) return m.i64[this.#one(["div_u", "rem_u", "rem_s"] as const)](a(), m.i64.or(a(), m.i64.const(1n)));
      return m.i64[this.#one(["add", "sub", "mul", "and", "or", "xor", "shl", "shr_u", "shr_s", "rotl", "rotr"] as const)](a(), a());
    }
    return this.#float(type, kind, depth);
  }

  #float(type: Type, kind: number, depth: number): Ref {
    const { m } = this.#kit;
    const own = type === f32 ? m.f32 : m.f64;
    const a = (of: Type = type) => this.expression(of, depth - 1);
    if (kind === 0) return own[this.#one(["convert_s", "convert_u"] as const)].i32(a(i32));
    if (kind === 1) return own[this.#one(["convert_s", "convert_u"] as const)].i64(a(i64));
    if (kind === 2) return type === f32 ? m.f32.demote(a(f64)) : m.f64.promote(a(f32));
    if (kind === 3) return own[this.#one(["neg", "abs", "ceil", "floor", "trunc", "nearest", "sqrt"] as const)](a());
    return own[this.#one(["add", "sub", "mul", "div", "min", "max"] as const)](a(), a());
  }

  #comparison(depth: number): Ref {
    const { m } = this.#kit;
    const type = this.#one(TYPES);
    const a = this.expression(type, depth - 1);
    const b = this.expression(type, depth - 1);
    if (type === f32) return m.f32[this.#one(["eq", "ne", "lt", "gt", "le", "ge"] as const)](a, b);
    if (type === f64) return m.f64[this.#one(["eq", "ne", "lt", "gt", "le", "ge"] as const)](a, b);
    const kind = this.#one(["eq", "ne", "lt_s", "lt_u", "gt_s", "gt_u", "le_s", "le_u", "ge_s", "ge_u"] as const);
    return type === i32 ? m.i32[kind](a, b) : m.i64[kind](a, b);
  }

  #toI32(depth: number): Ref {
    const { m } = this.#kit;
    switch (this.#below(4)) {
      case 0:
        return m.i32.wrap(this.expression(i64, depth - 1));
      case 1:
        return m.i32.trunc_s_sat.f64(this.expression(f64, depth - 1));
      case 2:
        return m.i32.trunc_u_sat.f32(this.expression(f32, depth - 1));
      default:
        return m.i64.eqz(this.expression(i64, depth - 1));
    }
  }

  /** What a value is as bits; every not-a-number is the same, as engines are free there. */
  bits(value: Ref, type: Type): Ref {
    const { m } = this.#kit;
    if (type === i32) return m.i64.extend_u(value);
    if (type === i64) return value;
    return m.call(type === f32 ? "bits32" : "bits64", [value], i64);
  }

  // Statements

  statement(depth = 4): Ref {
    this.#budget--;
    const { m } = this.#kit;
    if (depth <= 0 || this.#budget < 0) return this.#set(1);
    const kind = this.#below(26);
    if (kind < 6) return this.#set(depth);
    if (kind < 9) return this.#store(depth);
    if (kind < 12) return this.#if(depth);
    if (kind < 14) return this.#block(depth);
    if (kind < 16) return this.#branch(depth);
    if (kind < 17) return this.#switch(depth);
    if (kind < 18) return this.#return(depth);
    if (kind < 19) return m.drop(this.expression(this.#type(), depth - 1));
    if (kind < 20) return this.#memory(depth);
    if (kind < 21 && this.#kit.globals.length > 0) return this.#setGlobal(depth);
    if (kind < 22 && this.#kit.kernel) return m.drop(this.#oneCall());
    if (this.#kit.loops && this.#nesting < 4) return this.#below(2) === 0 ? this.#counting(depth) : this.#loop(depth);
    return this.#set(depth);
  }

  statements(depth: number, most = 4): Ref[] {
    const out: Ref[] = [];
    for (let i = 1 + this.#below(most); i > 0; i--) out.push(this.statement(depth));
    return out;
  }

  #set(depth: number): Ref {
    const type = this.#type();
    const local = this.#target(type);
    return this.#kit.m.local.set(local, this.expression(type, depth));
  }

  #setGlobal(depth: number): Ref {
    const index = this.#below(this.#kit.globals.length);
    return this.#kit.m.global.set(`g${index}`, this.expression(this.#kit.globals[index] as Type, depth - 1));
  }

  #store(depth: number): Ref {
    const { m } = this.#kit;
    const at = SCRATCH + this.#below(64);
    const type = this.#type();
    const to = this.address(depth);
    const value = this.expression(type, depth - 1);
    if (type === i32) return m.i32[this.#one(["store", "store8", "store16"] as const)](at, 1, to, value);
    if (type === i64) return m.i64[this.#one(["store", "store8", "store16", "store32"] as const)](at, 1, to, value);
    if (type === f32) return m.f32.store(at, 1, to, m.call("number32", [value], f32));
    return m.f64.store(at, 1, to, m.call("number64", [value], f64));
  }

  #if(depth: number): Ref {
    const { m } = this.#kit;
    const condition = this.expression(i32, depth - 1);
    const then = m.block(null, this.statements(depth - 1, 2));
    return this.#below(2) === 0 ? m.if(condition, then) : m.if(condition, then, m.block(null, this.statements(depth - 1, 2)));
  }

  #block(depth: number): Ref {
    const { m } = this.#kit;
    const name = this.#name();
    this.#labels.push({ name, type: none });
    const body = this.statements(depth - 1);
    this.#labels.pop();
    return m.block(name, body, none);
  }

  #branch(depth: number): Ref {
    const { m } = this.#kit;
    if (this.#labels.length === 0) return this.#set(depth);
    const { name, type } = this.#one(this.#labels);
    if (type !== none) {
      const made = m.br(name, this.#below(4) === 0 ? undefined : this.expression(i32, depth - 1), this.expression(type, depth - 1));
      return binaryen.getExpressionType(made) === type ? m.drop(made) : made;
    }
    if (this.#below(4) > 0) return m.br(name, this.expression(i32, depth - 1));
    return m.if(this.expression(i32, depth - 1), m.br(name));
  }

  #switch(depth: number): Ref {
    const { m } = this.#kit;
    const type = this.#labels.length > 0 ? this.#one(this.#labels).type : none;
    const fitting = this.#labels.filter((label) => label.type === type);
    if (fitting.length === 0) return this.#set(depth);
    const names = Array.from({ length: 1 + this.#below(5) }, () => this.#one(fitting).name);
    const value = type === none ? undefined : this.expression(type, depth - 1);
    const made = m.switch(names, this.#one(fitting).name, this.expression(i32, depth - 1), value);
    // Seldom at once: what is behind it would never be reached.
    return this.#below(4) === 0 ? made : m.if(this.expression(i32, depth - 2), made);
  }

  #return(depth: number): Ref {
    const { m } = this.#kit;
    return m.if(m.i32.eq(this.expression(i32, depth - 1), this.constant(i32)), m.return(this.result(depth - 1)));
  }

  /** What the function answers. */
  result(depth: number): Ref | undefined {
    const { m } = this.#kit;
    const values = this.#results.map((type) => this.expression(type, depth));
    if (values.length === 0) return undefined;
    return values.length === 1 ? values[0] : m.tuple.make(values);
  }

  #memory(depth: number): Ref {
    const { m } = this.#kit;
    const length = () =>
      this.#below(3) === 0 ? m.i32.const(this.#below(300)) : m.i32.and(this.expression(i32, depth - 2), m.i32.const(MASK));
    return this.#below(2) === 0
      ? m.memory.fill(this.#place(depth), this.expression(i32, depth - 2), length())
      : m.memory.copy(this.#place(depth), this.#place(depth), length());
  }

  #place(depth: number): Ref {
    const { m } = this.#kit;
    const from = m.i32.add(m.local.get(0, i32), m.i32.const(SCRATCH));
    return m.i32.add(from, m.i32.and(this.expression(i32, depth - 2), m.i32.const(255)));
  }

  /** A loop of at most so many turns, or as long as there is fuel; `continue` and `break` may go to it. */
  #loop(depth: number, value?: { local: number; type: Type }): Ref {
    const { m } = this.#kit;
    const again = this.#name();
    const out = this.#name();
    const fuelled = this.#below(3) === 0;
    const count = this.local(i32);
    this.#reserved.add(count);
    this.#nesting++;
    this.#labels.push({ name: out, type: none }, { name: again, type: none });
    const body: Ref[] = fuelled ? this.#fuel(out) : [];
    const turn = m.local.tee(count, m.i32.sub(m.local.get(count, i32), m.i32.const(1)), i32);
    body.push(m.br(out, m.i32.lt_s(turn, m.i32.const(0))));
    body.push(...this.statements(depth - 1));
    if (value) body.push(m.local.set(value.local, this.expression(value.type, depth - 1)));
    const last = this.#below(3);
    if (last === 0) body.push(m.br(again));
    else if (last === 1) body.push(m.br(again, this.expression(i32, depth - 1)));
    else body.push(m.br(again, m.i32.gt_s(m.local.get(count, i32), m.i32.const(0))));
    this.#labels.pop();
    this.#labels.pop();
    this.#nesting--;
    const turns = fuelled ? 40 : 5 - this.#nesting;
    return m.block(null, [
      m.local.set(count, m.i32.const(1 + this.#below(turns))),
      m.block(out, [m.loop(again, m.block(null, body, none))], none),
    ]);
  }

  /** A loop that counts up to a bound, by 1 or otherwise: as compilers write `for`. Its index may wrap. */
  #counting(depth: number): Ref {
    const { m } = this.#kit;
    const [again, out] = [this.#name(), this.#name()];
    const [index, bound, step, turns] = [this.local(i32), this.local(i32), this.local(i32), this.local(i32)];
    for (const each of [index, bound, step, turns]) this.#reserved.add(each);
    const local = (each: number) => m.local.get(each, i32);
    const [wraps, signed] = [this.#below(6) === 0, this.#below(2) === 0];
    const end = wraps ? (signed ? 0x7fffffff : -1) : 1 + this.#below(12);
    const by = this.#one([1, 1, 1, 2, 3, 7]);
    const first = m.i32.and(this.expression(i32, depth - 2), m.i32.const(3));
    this.#nesting++;
    this.#labels.push({ name: out, type: none });
    const body: Ref[] = [];
    if (wraps) {
      body.push(m.local.set(turns, m.i32.add(local(turns), m.i32.const(1))));
      body.push(m.br(out, m.i32.gt_s(local(turns), m.i32.const(this.#below(12)))));
    }
    body.push(...this.statements(depth - 1, 3));
    this.#labels.pop();
    this.#nesting--;
    const counts = this.#below(2) === 0 ? m.i32.const(by) : local(step);
    const until = this.#below(2) === 0 ? m.i32.const(end) : local(bound);
    body.push(m.local.set(index, m.i32.add(local(index), counts)), m.br(again));
    const going = signed ? m.i32.lt_s(local(index), until) : m.i32.lt_u(local(index), until);
    return m.block(null, [
      m.local.set(index, wraps ? m.i32.sub(m.i32.const(end - 6), first) : m.i32.sub(first, m.i32.const(signed ? 2 : 0))),
      m.local.set(bound, m.i32.const(end)),
      m.local.set(step, m.i32.const(by)),
      m.local.set(turns, m.i32.const(0)),
      m.block(out, [m.loop(again, m.if(going, m.block(null, body)))], none),
    ]);
  }

  #loopValue(type: Type, depth: number): Ref {
    const { m } = this.#kit;
    const local = this.local(type);
    return m.block(null, [this.#loop(depth - 1, { local, type }), m.local.get(local, type)], type);
  }

  /** Takes one of the task's fuel, or leaves. */
  #fuel(out: string): Ref[] {
    const { m } = this.#kit;
    const base = () => m.local.get(0, i32);
    const left = () => m.i32.load(FUEL, 4, base());
    return [m.br(out, m.i32.le_s(left(), m.i32.const(0))), m.i32.store(FUEL, 4, base(), m.i32.sub(left(), m.i32.const(1)))];
  }
}

/** Where the firmware's data begin. */
export const BASE = 114688;
