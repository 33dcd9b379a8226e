/**
 * The instructions that a firmware may use, by opcode: what each takes from the operand stack and leaves there, and the virtual
 * cycles it takes. WebAssembly 1.0 with sign extension, non-trapping conversions, bulk memory and several results; a module with
 * other instructions is refused by name. An opcode behind a prefix byte is `prefix << 8 | opcode`.
 */

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export type ValueType = typeof I32 | typeof I64 | typeof F32 | typeof F64;

export const Op = {
  UNREACHABLE: 0x00,
  NOP: 0x01,
  BLOCK: 0x02,
  LOOP: 0x03,
  IF: 0x04,
  ELSE: 0x05,
  END: 0x0b,
  BR: 0x0c,
  BR_IF: 0x0d,
  BR_TABLE: 0x0e,
  RETURN: 0x0f,
  CALL: 0x10,
  CALL_INDIRECT: 0x11,
  DROP: 0x1a,
  SELECT: 0x1b,
  SELECT_TYPED: 0x1c,
  LOCAL_GET: 0x20,
  LOCAL_SET: 0x21,
  LOCAL_TEE: 0x22,
  GLOBAL_GET: 0x23,
  GLOBAL_SET: 0x24,
  I32_LOAD: 0x28,
  I64_LOAD: 0x29,
  F32_LOAD: 0x2a,
  F64_LOAD: 0x2b,
  I64_LOAD32_U: 0x35,
  I32_STORE: 0x36,
  I64_STORE: 0x37,
  F32_STORE: 0x38,
  F64_STORE: 0x39,
  I64_STORE32: 0x3e,
  MEMORY_SIZE: 0x3f,
  MEMORY_GROW: 0x40,
  I32_CONST: 0x41,
  I64_CONST: 0x42,
  F32_CONST: 0x43,
  F64_CONST: 0x44,
  I32_EQZ: 0x45,
  I32_EQ: 0x46,
  I32_NE: 0x47,
  I32_LT_S: 0x48,
  I32_LT_U: 0x49,
  I32_GT_S: 0x4a,
  I32_GT_U: 0x4b,
  I32_LE_S: 0x4c,
  I32_LE_U: 0x4d,
  I32_GE_S: 0x4e,
  I32_GE_U: 0x4f,
  I64_EXTEND_I32_U: 0xad,
  I32_ADD: 0x6a,
  I32_SUB: 0x6b,
  I32_MUL: 0x6c,
  I32_DIV_U: 0x6e,
  I32_AND: 0x71,
  I32_OR: 0x72,
  MEMORY_INIT: 0xfc08,
  DATA_DROP: 0xfc09,
  MEMORY_COPY: 0xfc0a,
  MEMORY_FILL: 0xfc0b,
} as const;

/** What an instruction takes and leaves. */
export interface Signature {
  takes: readonly ValueType[];
  leaves: readonly ValueType[];
}

const signatures = new Map<number, Signature>();

function define(from: number, to: number, takes: ValueType[], leaves: ValueType[]): void {
  for (let op = from; op <= to; op++) signatures.set(op, { takes, leaves });
}

// Loads and stores: the address first.
define(0x28, 0x28, [I32], [I32]);
define(0x29, 0x29, [I32], [I64]);
define(0x2a, 0x2a, [I32], [F32]);
define(0x2b, 0x2b, [I32], [F64]);
define(0x2c, 0x2f, [I32], [I32]);
define(0x30, 0x35, [I32], [I64]);
define(0x36, 0x36, [I32, I32], []);
define(0x37, 0x37, [I32, I64], []);
define(0x38, 0x38, [I32, F32], []);
define(0x39, 0x39, [I32, F64], []);
define(0x3a, 0x3b, [I32, I32], []);
define(0x3c, 0x3e, [I32, I64], []);
define(0x3f, 0x3f, [], [I32]);
define(0x40, 0x40, [I32], [I32]);
define(0x41, 0x41, [], [I32]);
define(0x42, 0x42, [], [I64]);
define(0x43, 0x43, [], [F32]);
define(0x44, 0x44, [], [F64]);
// Comparisons.
define(0x45, 0x45, [I32], [I32]);
define(0x46, 0x4f, [I32, I32], [I32]);
define(0x50, 0x50, [I64], [I32]);
define(0x51, 0x5a, [I64, I64], [I32]);
define(0x5b, 0x60, [F32, F32], [I32]);
define(0x61, 0x66, [F64, F64], [I32]);
// Arithmetic.
define(0x67, 0x69, [I32], [I32]);
define(0x6a, 0x78, [I32, I32], [I32]);
define(0x79, 0x7b, [I64], [I64]);
define(0x7c, 0x8a, [I64, I64], [I64]);
define(0x8b, 0x91, [F32], [F32]);
define(0x92, 0x98, [F32, F32], [F32]);
define(0x99, 0x9f, [F64], [F64]);
define(0xa0, 0xa6, [F64, F64], [F64]);
// Conversions.
define(0xa7, 0xa7, [I64], [I32]);
define(0xa8, 0xa9, [F32], [I32]);
define(0xaa, 0xab, [F64], [I32]);
define(0xac, 0xad, [I32], [I64]);
define(0xae, 0xaf, [F32], [I64]);
define(0xb0, 0xb1, [F64], [I64]);
define(0xb2, 0xb3, [I32], [F32]);
define(0xb4, 0xb5, [I64], [F32]);
define(0xb6, 0xb6, [F64], [F32]);
define(0xb7, 0xb8, [I32], [F64]);
define(0xb9, 0xba, [I64], [F64]);
define(0xbb, 0xbb, [F32], [F64]);
define(0xbc, 0xbc, [F32], [I32]);
define(0xbd, 0xbd, [F64], [I64]);
define(0xbe, 0xbe, [I32], [F32]);
define(0xbf, 0xbf, [I64], [F64]);
define(0xc0, 0xc1, [I32], [I32]);
define(0xc2, 0xc4, [I64], [I64]);
define(0xfc00, 0xfc01, [F32], [I32]);
define(0xfc02, 0xfc03, [F64], [I32]);
define(0xfc04, 0xfc05, [F32], [I64]);
define(0xfc06, 0xfc07, [F64], [I64]);
define(0xfc08, 0xfc08, [I32, I32, I32], []);
define(0xfc09, 0xfc09, [], []);
define(0xfc0a, 0xfc0b, [I32, I32, I32], []);

/** What an instruction takes and leaves, where that follows from its opcode alone. */
export function signatureOf(op: number): Signature | undefined {
  return signatures.get(op);
}

export function isLoad(op: number): boolean {
  return op >= Op.I32_LOAD && op <= Op.I64_LOAD32_U;
}

export function isStore(op: number): boolean {
  return op >= Op.I32_STORE && op <= Op.I64_STORE32;
}

/** Bytes that an instruction loads or stores. */
export function bytesOfAccess(code: number): number {
  if (code >= 0x2c && code <= 0x35) return [1, 1, 2, 2, 1, 1, 2, 2, 4, 4][code - 0x2c] as number;
  if (code >= 0x3a && code <= 0x3e) return [1, 2, 1, 2, 4][code - 0x3a] as number;
  return [4, 8, 4, 8][code - (isLoad(code) ? Op.I32_LOAD : Op.I32_STORE)] as number;
}

/** Whether an instruction touches memory of any length. */
export function isBulk(code: number): boolean {
  return code === Op.MEMORY_COPY || code === Op.MEMORY_FILL || code === Op.MEMORY_INIT;
}

/** Whether nothing behind it in its list is reached. */
export function isEnd(op: number): boolean {
  return op === Op.UNREACHABLE || op === Op.BR || op === Op.BR_TABLE || op === Op.RETURN;
}

const FREE = new Set<number>([Op.NOP, Op.BLOCK, Op.LOOP, Op.DROP, Op.LOCAL_GET, Op.LOCAL_SET, Op.LOCAL_TEE, Op.UNREACHABLE]);
const CALL = 4;
const BRANCH = 2;
const MEMORY = 2;
const DIVISION = 8;
const FLOAT = 2;
const ROOT = 14;

/**
 * Virtual cycles of an instruction, in the manner of a Cortex-M4: what lives in registers is free, memory, branches and floats
 * take 2, a division 8, a call 4 besides what it calls.
 */
export function cyclesOf(op: number): number {
  if (FREE.has(op) || (op >= Op.I32_CONST && op <= Op.F64_CONST)) return 0;
  if (op === Op.CALL || op === Op.CALL_INDIRECT) return CALL;
  if (op === Op.BR || op === Op.BR_IF || op === Op.BR_TABLE || op === Op.RETURN || op === Op.IF) return BRANCH;
  if (isLoad(op) || isStore(op) || op === Op.GLOBAL_GET || op === Op.GLOBAL_SET) return MEMORY;
  if ((op >= 0x6d && op <= 0x70) || (op >= 0x7f && op <= 0x82)) return DIVISION;
  if (op === 0x91 || op === 0x95 || op === 0x9f || op === 0xa3) return ROOT;
  if (op >= 0x5b && op <= 0x66) return FLOAT;
  if (op >= 0x8b && op <= 0xa6) return FLOAT;
  if (op >= 0xa8 && op <= 0xbb && op !== 0xac && op !== 0xad) return FLOAT;
  return 1;
}
