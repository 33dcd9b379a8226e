/**
 * Strip-mining: an innermost loop that counts up to a bound needs no counter of its own. Before it runs, the cycles left say how
 * many turns may pass, and the loop runs to the nearer of that and its bound; behind it the turns are charged at once.
 *
 *     loop                                   again: if (f <= 0) spent
 *       if (f <= 0) spent                      k = turns that f allows; limit = min(bound, i + k * step); from = i
 *       f -= c                        ->       while (i < limit) { ...; i += step }
 *       if (i < bound) {                       n = (i - from) / step; f -= n * c
 *         ...; i += step; continue             if (n == k) again
 *       }                                      f -= c
 *
 * It is cut at exactly the turn at which the plain loop would be, so what a slice was makes no difference. Whoever leaves the
 * loop within a turn is charged for that turn, too.
 */
import { get, i32, op, set, tee } from "./build.js";
import { type FlatNode, isCharge, isCheck, isGuard, isSite } from "./flat.js";
import { Op } from "./ops.js";
import { type Control, type Instr, isControl, type Node } from "./tree.js";

const LARGEST = 0x7fffffff;

/** A loop that counts up to a bound. */
export interface Counted {
  /** Cycles of a turn. */
  cost: number;
  /** The local that counts, and what it is compared with: a local's or a constant's instruction. */
  index: number;
  bound: Instr;
  signed: boolean;
  step: Instr;
  /** A turn, but for the increment and the way back. */
  body: FlatNode[];
  /** What else must hold when it begins: nothing, or that the index cannot wrap. */
  guarded: boolean;
  /** What is in the loop: a branch to something else leaves it. */
  within: ReadonlySet<Control>;
}

/** The loop as one that counts; undefined where it is none. `rest` is its body behind the check. */
export function counted(loop: Control, rest: readonly FlatNode[]): Counted | undefined {
  const [charge, index, bound, compare, condition, turn, ...more] = rest as Node[];
  if (!charge || !isCharge(charge) || !turn || more.length > 0 || !isControl(turn) || turn.op !== Op.IF || turn.orelse) return undefined;
  const i = local(index);
  if (i === undefined || !isOperand(bound) || !condition || turn.condition !== (condition as Instr).index) return undefined;
  if (condition.op !== Op.LOCAL_SET || !compare || (compare.op !== Op.I32_LT_S && compare.op !== Op.I32_LT_U)) return undefined;
  const back = turn.body.at(-1) as Instr | undefined;
  const [one, other, add, store] = turn.body.slice(-5, -1) as (Instr | undefined)[];
  if (back?.op !== Op.BR || back.label !== loop || add?.op !== Op.I32_ADD || store?.op !== Op.LOCAL_SET || store.index !== i)
    return undefined;
  const step = local(one) === i ? other : local(other) === i ? one : undefined;
  if (!isOperand(step) || local(step) === i || local(bound) === i) return undefined;
  const body = turn.body.slice(0, -5) as FlatNode[];
  const kept = [i, local(bound), local(step)].filter((each) => each !== undefined) as number[];
  const within = new Set<Control>([turn]);
  if (!isPlain(body, loop, kept, within)) return undefined;
  const signed = compare.op === Op.I32_LT_S;
  const guarded = needsGuard(step as Instr, bound as Instr, signed);
  if (guarded === undefined) return undefined;
  return { cost: charge.cost, index: i, bound: bound as Instr, signed, step: step as Instr, body, guarded, within };
}

function local(node: Node | undefined): number | undefined {
  return node?.op === Op.LOCAL_GET ? (node as Instr).index : undefined;
}

function isOperand(node: Node | undefined): boolean {
  return node?.op === Op.LOCAL_GET || node?.op === Op.I32_CONST;
}

/** Whether a turn leaves these locals alone and goes back in one way only. Collects the blocks in it. */
function isPlain(list: readonly FlatNode[], loop: Control, kept: readonly number[], within: Set<Control>): boolean {
  return list.every((node) => {
    if (isGuard(node)) return node.length === undefined;
    if (isCharge(node) || isCheck(node) || isSite(node) || node.op === Op.LOOP) return false;
    if (isControl(node as Node)) {
      const block = node as Control;
      within.add(block);
      return isPlain(block.body as FlatNode[], loop, kept, within) && isPlain((block.orelse ?? []) as FlatNode[], loop, kept, within);
    }
    const { op: code, index, label, labels } = node as Instr;
    if (code === Op.LOCAL_SET || code === Op.LOCAL_TEE) return !kept.includes(index as number);
    if (code === Op.BR_TABLE) return (labels as Control[]).every((each) => within.has(each));
    return label !== loop;
  });
}

/** Whether it must be asked that the index cannot wrap; undefined where it is known that it can. */
function needsGuard(step: Instr, bound: Instr, signed: boolean): boolean | undefined {
  if (step.op !== Op.I32_CONST) return true;
  const by = step.value as number;
  if (by < 1) return undefined;
  if (by === 1) return false;
  if (bound.op !== Op.I32_CONST) return true;
  const value = signed ? (bound.value as number) : (bound.value as number) >>> 0;
  return value <= (signed ? LARGEST : 0xffffffff) - by ? false : undefined;
}

/** On the stack: whether the step is at least 1 and the bound so far from the end of the numbers that the index cannot wrap. */
export function guard({ step, bound, signed }: Counted): Node[] {
  const [least, most] = signed ? [Op.I32_GT_S, LARGEST] : [Op.I32_GT_S, -1];
  return [step, i32(0), op(least), bound, i32(most), step, op(Op.I32_SUB), op(signed ? Op.I32_LE_S : Op.I32_LE_U), op(Op.I32_AND)];
}

/** Locals that a stripped loop needs. */
export interface StripLocals {
  turns: number;
  limit: number;
  from: number;
}

/** How many turns may pass, and up to where. */
export function before({ cost, index, bound, signed, step }: Counted, f: number, { turns, limit, from }: StripLocals): Node[] {
  const less = op(signed ? Op.I32_LT_S : Op.I32_LT_U);
  const isOne = step.op === Op.I32_CONST && step.value === 1;
  const allowed = [get(f), i32(cost - 1), op(Op.I32_ADD), ...(cost === 1 ? [] : [i32(cost), op(Op.I32_DIV_U)])];
  const most = [i32(LARGEST), step, op(Op.I32_DIV_U)];
  // Without this the turns times the step might be too large a number.
  const capped = isOne ? [] : [set(turns), get(turns), ...most, get(turns), ...most, op(Op.I32_LT_U), op(Op.SELECT)];
  const span = isOne ? [] : [step, op(Op.I32_MUL)];
  return [
    ...allowed,
    ...capped,
    set(turns),
    ...[get(index), tee(from), get(turns), ...span, op(Op.I32_ADD)],
    bound,
    ...[get(index), bound, less, get(turns), ...span, bound, get(index), op(Op.I32_SUB), op(Op.I32_LT_U), op(Op.I32_AND)],
    ...[op(Op.SELECT), set(limit)],
  ];
}

/** Behind the loop, or where it is left within a turn: the turns that were made, on the stack. */
export function made({ index, step }: Counted, { from }: StripLocals): Node[] {
  const isOne = step.op === Op.I32_CONST && step.value === 1;
  return [get(index), get(from), op(Op.I32_SUB), ...(isOne ? [] : [step, op(Op.I32_DIV_U)])];
}
