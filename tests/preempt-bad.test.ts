/** Modules that are no firmware, damaged ones, and ones that use what Talea does not run: a sentence says so, and nothing else happens. */
import binaryen from "binaryen";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { boot, firmware, MachineError, TaleaError } from "../hal/host/index.js";
import { moduleText, story } from "./preempt/text.js";
import { SEED } from "./seed.js";

const GRAINS = ["loop", "access"] as const;
/** What a damaged module may do before it is left. */
const PATIENCE = 20_000;

const SMALL = story(
  `(global $g (mut i64) (i64.const 300)) (data (i32.const 115000) "abc")
  (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $task (param i32) (local $i i32)
    (loop $l (i32.store (i32.const 115712) (call $twice (local.get $i))) (global.set $g (i64.add (global.get $g) (i64.const 1)))
      (if (i32.and (local.get $i) (i32.const 1)) (then (drop (call $task_yield))))
      (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9)))))`,
  { table: ["task", "twice"] },
);

/** Builds it and lets it run for a while; the message with which it is refused, "" when it is not. Throws what must not come. */
function tried(bytes: Uint8Array, grain: (typeof GRAINS)[number] = "loop"): string {
  try {
    const app = firmware(bytes.slice(), { grain, name: "it" });
    boot(app, { onFailure: "report", keep: 0 }).advance({ cycle: PATIENCE });
    return "";
  } catch (error) {
    if (error instanceof TaleaError && error.message.length > 10) return error.message;
    throw error;
  }
}

test("a module that is cut off anywhere is refused in a sentence", () => {
  for (let length = 0; length < SMALL.length; length++) {
    const bytes = SMALL.subarray(0, length);
    const said = tried(bytes);
    // Without its last sections, which name things, it is whole.
    if (!WebAssembly.validate(bytes as BufferSource)) assert.match(said, /^it is no firmware that can run: it /, `${length} bytes`);
  }
});

test("a module with any byte changed is refused in a sentence, or runs", () => {
  for (let at = 0; at < SMALL.length; at++) {
    // All its bits or one: another seed has the other.
    const change = (at + SEED) & 1 ? 0xff : 1 << (at & 7);
    const bytes = SMALL.slice();
    bytes[at] = (bytes[at] as number) ^ change;
    try {
      tried(bytes, GRAINS[(at >> 1) & 1]);
    } catch (error) {
      throw new Error(`byte ${at} changed by ${change}: ${(error as Error).stack}`);
    }
  }
});

/** A module in text, with features that Talea does not run. */
function other(text: string): Uint8Array {
  const m = binaryen.parseText(text);
  m.setFeatures(binaryen.Features.All);
  try {
    return m.emitBinary();
  } finally {
    m.dispose();
  }
}

const one = { table: ["task"] };
const MEMORY = '(import "env" "memory" (memory 2))';
const INIT = '(func (export "_initialize"))';

const refused: [what: string, bytes: () => Uint8Array, says: RegExp][] = [
  ["SIMD", () => other(moduleText("(func $task (param i32) (drop (i32x4.splat (local.get 0))))", one)), /uses SIMD/],
  ["values of SIMD", () => other(moduleText("(func $task (param i32) (local v128))", one)), /uses SIMD/],
  [
    "atomic instructions",
    () => other(moduleText("(func $task (param i32) (drop (i32.atomic.load (i32.const 115712))))", one)),
    /atomic instructions of threads/,
  ],
  ["shared memory", () => other(`(module (import "env" "memory" (memory 2 4 shared)) ${INIT})`), /shared between threads/],
  ["tail calls", () => other(moduleText("(func $task (param i32) (return_call $task (local.get 0)))", one)), /tail calls/],
  ["exceptions", () => other(moduleText("(tag $e) (func $task (param i32) (throw $e))", one)), /exceptions/],
  ["a memory of 64 bits", () => other(`(module (import "env" "memory" (memory i64 2)) ${INIT})`), /64 bits|no valid module/],
  ["no memory", () => other(`(module ${INIT})`), /has no memory/],
  ["a memory of its own", () => other(`(module (memory 2) ${INIT})`), /memory of its own/],
  ["data where the kernel's are", () => other(`(module ${MEMORY} (data (i32.const 114687) "a") ${INIT})`), /its data begin at 114687/],
  ["data behind its memory", () => other(`(module ${MEMORY} (data (i32.const 131070) "abcd") ${INIT})`), /data end at 131074/],
  [
    "a call that is the board's",
    () => other(`(module ${MEMORY} (import "talea" "dispatch" (func (result i32))) (func (export "_initialize") (drop (call 0))))`),
    /imports talea\.dispatch, and no board has that/,
  ],
  [
    "a call of the runtime's",
    () => other(`(module ${MEMORY} (import "kernel" "task_exit" (func (param i32) (result i32))) ${INIT})`),
    /imports kernel\.task_exit, which is not for tasks/,
  ],
  ["too little memory", () => other(`(module (import "env" "memory" (memory 1)) ${INIT})`), /imports 1 pages/],
  ["no beginning", () => other(`(module ${MEMORY} (func (export "run")))`), /does not say how it begins/],
  ["a table that is imported", () => other(`(module ${MEMORY} (import "env" "table" (table 1 funcref)) ${INIT})`), /imports its table/],
  [
    "several tables",
    () => other(`(module ${MEMORY} (table $a (export "a") 1 funcref) (table $b (export "b") 1 funcref) ${INIT})`),
    /several/,
  ],
  [
    "a table that changes",
    () =>
      other(
        `(module ${MEMORY} (table $t 2 funcref) (func $f (table.set $t (i32.const 0) (ref.null func))) (func (export "_initialize") (call $f)))`,
      ),
    /table|instruction/,
  ],
  ["references", () => other(`(module ${MEMORY} (func (export "_initialize") (drop (ref.null func))))`), /instruction 0xd0/],
  [
    "garbage collection",
    () => other(`(module ${MEMORY} (type $s (struct (field i32))) (func (export "_initialize") (drop (struct.new $s (i32.const 1)))))`),
    /./,
  ],
  [
    "a mutable global of others",
    () => other(`(module ${MEMORY} (import "env" "g" (global (mut i32))) (func (export "_initialize") (global.set 0 (i32.const 1))))`),
    /mutable global/,
  ],
  [
    "a global of others",
    () => other(`(module ${MEMORY} (import "env" "g" (global i32)) (func (export "_initialize") (drop (global.get 0))))`),
    /no board has/,
  ],
  [
    "a function that no board has",
    () => other(`(module ${MEMORY} (import "env" "f" (func)) (func (export "_initialize") (call 0)))`),
    /no board has/,
  ],
  [
    "a call that answers nothing",
    () => other(`(module ${MEMORY} (import "talea" "task_yield" (func)) (func (export "_initialize") (call 0)))`),
    /does not answer an i32/,
  ],
  [
    "a call of another type",
    () =>
      other(
        `(module ${MEMORY} (import "talea" "task_yield" (func (param f64) (result i32))) (func (export "_initialize") (drop (call 0 (f64.const 1)))))`,
      ),
    /does not fit|no board/,
  ],
  ["a table that is too large", () => other(`(module ${MEMORY} (table (export "t") 9000000 funcref) ${INIT})`), /room for 9000000/],
  [
    "a table filled behind its end",
    () => other(`(module ${MEMORY} (table (export "t") 2 funcref) (elem (i32.const 2) $f) (func $f (export "_initialize")))`),
    /behind its end|out of bounds/,
  ],
  ["more memory than there is", () => other(`(module (import "env" "memory" (memory 900)) ${INIT})`), /900 pages/],
  ["a description without an end", () => other(`(module ${MEMORY} (func (export "_initialize") (loop $l (br $l))))`), /does not end/],
  ["a description that traps", () => other(`(module ${MEMORY} (func (export "_initialize") (unreachable)))`), /must not be reached/],
];

for (const [what, bytes, says] of refused) {
  test(`refused: ${what}`, () => {
    for (const grain of GRAINS) assert.match(tried(bytes(), grain), says);
  });
}

test("not bytes of a module at all", () => {
  for (const bytes of [new Uint8Array(0), new Uint8Array(100), new TextEncoder().encode("(module)")]) {
    assert.throws(
      () => firmware(bytes),
      (error: unknown) => error instanceof MachineError,
    );
  }
});

test("blocks in blocks in blocks: built, or refused in a sentence", () => {
  for (const depth of [300, 900, 5000, 50_000]) {
    const deep = nested(depth);
    const said = tried(deep);
    if (depth < 1000) assert.is(said, "", `${depth} deep`);
    else assert.match(said, /more than 1000 blocks in each other/);
  }
});

/** A description with so many blocks in each other, and a loop inside. */
function nested(depth: number): Uint8Array {
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
  const section = (id: number, content: number[]) => [id, ...leb(content.length), ...content];
  const open = Array.from({ length: depth }, () => [0x02, 0x40]).flat();
  const body = [0, ...open, 0x03, 0x40, 0x0b, ...new Array(depth).fill(0x0b), 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(2, [1, ...name("env"), ...name("memory"), 2, 0, 2]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name("_initialize"), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

test.run();
