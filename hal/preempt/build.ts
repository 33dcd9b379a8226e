/** Short words for the instructions that the build step writes itself. */
import { F32, F64, I32, I64, Op, type ValueType } from "./ops.js";
import type { Control, Func, FuncType, Global, Instr, Node } from "./tree.js";

const NATURAL: Record<ValueType, number> = { [I32]: 2, [I64]: 3, [F32]: 2, [F64]: 3 };
const LOADS: Record<ValueType, number> = { [I32]: Op.I32_LOAD, [I64]: Op.I64_LOAD, [F32]: Op.F32_LOAD, [F64]: Op.F64_LOAD };
const STORES: Record<ValueType, number> = { [I32]: Op.I32_STORE, [I64]: Op.I64_STORE, [F32]: Op.F32_STORE, [F64]: Op.F64_STORE };

export const get = (index: number): Instr => ({ op: Op.LOCAL_GET, at: -1, index });
export const set = (index: number): Instr => ({ op: Op.LOCAL_SET, at: -1, index });
export const tee = (index: number): Instr => ({ op: Op.LOCAL_TEE, at: -1, index });
export const i32 = (value: number): Instr => ({ op: Op.I32_CONST, at: -1, value });
export const op = (code: number): Instr => ({ op: code, at: -1 });
export const call = (func: Func, at = -1): Instr => ({ op: Op.CALL, at, func });
export const callIndirect = (type: FuncType, table: number, at = -1): Instr => ({ op: Op.CALL_INDIRECT, at, type, table });
export const globalGet = (global: Global): Instr => ({ op: Op.GLOBAL_GET, at: -1, global });
export const globalSet = (global: Global): Instr => ({ op: Op.GLOBAL_SET, at: -1, global });
export const br = (label: Control): Instr => ({ op: Op.BR, at: -1, label });
export const brIf = (label: Control): Instr => ({ op: Op.BR_IF, at: -1, label });

/** A load from the address on the stack, and a store of the value above it. */
export const load = (type: ValueType, offset: number): Instr => ({ op: LOADS[type], at: -1, align: NATURAL[type], offset });
export const store = (type: ValueType, offset: number): Instr => ({ op: STORES[type], at: -1, align: NATURAL[type], offset });

export const bytesOf = (type: ValueType): number => 1 << (NATURAL[type] as number);

export function block(body: Node[], results: readonly ValueType[] = []): Control {
  return { op: Op.BLOCK, at: -1, type: { params: [], results }, body, orelse: undefined };
}
export function loop(body: Node[]): Control {
  return { op: Op.LOOP, at: -1, type: { params: [], results: [] }, body, orelse: undefined };
}
/** Behind a condition on the stack. */
export function when(body: Node[], orelse?: Node[], results: readonly ValueType[] = []): Control {
  return { op: Op.IF, at: -1, type: { params: [], results }, body, orelse };
}
