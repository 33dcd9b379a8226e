/** The build step that makes compiled code preemptible: by hand, the shapes of code that are hard to cut, and modules that are none. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { firmware, type Grain } from "../hal/host/index.js";
import { br, brIf, call, get, i32, op, set, tee } from "../hal/preempt/build.js";
import { decode } from "../hal/preempt/decode.js";
import { encode } from "../hal/preempt/encode.js";
import { I32, I64, Op, type ValueType } from "../hal/preempt/ops.js";
import type { Control, Func, Node } from "../hal/preempt/tree.js";
import { compiled } from "./firmware.js";
import { BASE } from "./preempt/generate.js";
import { outcome, run } from "./preempt/runs.js";
import { agreed, assembledWithMap, booted, finds, moduleText, story, WORDS } from "./preempt/text.js";

const GRAINS: Grain[] = ["loop", "access"];
const one = { table: ["task"] };

/** Puts a value where the test finds it. */
function note(word: number, value: string): string {
  return `(i32.store (i32.const ${WORDS + 4 * word}) ${value})`;
}

function word(at: number): string {
  return `(i32.load (i32.const ${WORDS + 4 * at}))`;
}

test("a loop whose step is 0 goes on until something else ends it", () => {
  const text = `(func $task (param i32) (local $i i32) (local $turns i32) (local $step i32)
    (loop $l
      (local.set $i (i32.add (local.get $i) (local.get $step)))
      (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
      (if (i32.eq (local.get $turns) (i32.const 50)) (then (local.set $step (i32.const 9))))
      (br_if $l (i32.lt_s (local.get $i) (i32.const 30))))
    ${note(0, "(local.get $i)")} ${note(1, "(local.get $turns)")})`;
  finds(story(text, one), [36, 54]);
});

test("counters wrap, of 32 bits and of 64", () => {
  const text = `(func $task (param i32) (local $i i32) (local $j i64) (local $turns i32)
    (local.set $i (i32.const 0x7ffffff0)) (local.set $j (i64.const -20))
    (loop $l
      (local.set $turns (i32.add (local.get $turns) (i32.const 1)))
      (br_if $l (i32.gt_s (local.tee $i (i32.add (local.get $i) (i32.const 3))) (i32.const 0))))
    (loop $m
      (local.set $turns (i32.add (local.get $turns) (i32.const 100)))
      (br_if $m (i64.ge_u (local.tee $j (i64.add (local.get $j) (i64.const 7))) (i64.const 5))))
    ${note(0, "(local.get $i)")} ${note(1, "(i32.wrap_i64 (local.get $j))")} ${note(2, "(local.get $turns)")})`;
  finds(story(text, one), [-2147483646, 1, 306]);
});

test("break and continue in a nest lead where they say", () => {
  const text = `(func $task (param i32) (local $i i32) (local $j i32) (local $sum i32)
    (block $out (loop $outer
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $out (i32.gt_s (local.get $i) (i32.const 20)))
      (local.set $j (i32.const 0))
      (block $break (loop $inner
        (local.set $j (i32.add (local.get $j) (i32.const 1)))
        (br_if $break (i32.gt_s (local.get $j) (i32.const 10)))
        (br_if $outer (i32.eq (i32.mul (local.get $i) (local.get $j)) (i32.const 42)))
        (br_if $inner (i32.and (local.get $j) (i32.const 1)))
        (local.set $sum (i32.add (local.get $sum) (i32.add (local.get $i) (local.get $j))))
        (br_if $out (i32.gt_s (local.get $sum) (i32.const 900)))
        (br $inner)))
      (local.set $sum (i32.sub (local.get $sum) (i32.const 1)))
      (br $outer)))
    ${note(0, "(local.get $sum)")} ${note(1, "(local.get $i)")} ${note(2, "(local.get $j)")})`;
  let [i, j, sum] = [0, 0, 0];
  outer: for (;;) {
    if (++i > 20) break;
    for (j = 0; ; ) {
      if (++j > 10) break;
      if (i * j === 42) continue outer;
      if (j & 1) continue;
      sum += i + j;
      if (sum > 900) break outer;
    }
    sum--;
  }
  finds(story(text, one), [sum, i, j]);
});

test("a return leaves two loops", () => {
  const text = `(func $find (param $x i32) (result i32) (local $i i32) (local $j i32)
    (loop $a (local.set $j (i32.const 0))
      (loop $b
        (if (i32.eq (i32.add (i32.mul (local.get $i) (i32.const 10)) (local.get $j)) (local.get $x))
          (then (return (i32.add (i32.mul (local.get $j) (i32.const 100)) (local.get $i)))))
        (br_if $b (i32.lt_s (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 10))))
      (br_if $a (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10))))
    (i32.const -1))
  (func $task (param i32) ${note(0, "(call $find (i32.const 73))")} ${note(1, "(call $find (i32.const 0))")} ${note(2, "(call $find (i32.const 100))")})`;
  finds(story(text, one), [307, 0, -1]);
});

test("recursion inside of loops", () => {
  const text = `(func $tree (param $depth i32) (param $at i64) (result i64) (local $i i32) (local $sum i64)
    (if (i32.eqz (local.get $depth)) (then (return (local.get $at))))
    (loop $l
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 3))
        (call $tree (i32.sub (local.get $depth) (i32.const 1)) (i64.add (local.get $at) (i64.extend_i32_u (local.get $i))))))
      (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3))))
    (local.get $sum))
  (func $task (param i32) (local $x i64) (local.set $x (call $tree (i32.const 4) (i64.const 5)))
    ${note(0, "(i32.wrap_i64 (local.get $x))")} ${note(1, "(i32.wrap_i64 (i64.shr_u (local.get $x) (i64.const 32)))")})`;
  const tree = (depth: number, at: bigint): bigint => {
    if (depth === 0) return at;
    return [0n, 1n, 2n].reduce((sum, i) => sum * 3n + tree(depth - 1, at + i), 0n);
  };
  const x = tree(4, 5n);
  finds(story(text, one), [Number(x & 0xffffffffn), Number(x >> 32n)]);
});

test("locals of all types live across calls that wait, and values beneath them", () => {
  const text = `(func $wait (result f64) (drop (call $task_yield)) (f64.const 0.5))
  (func $task (param i32) (local $a i64) (local $b f64) (local $c f32) (local $n i32)
    (local.set $a (i64.const 0x123456789abcdef)) (local.set $b (f64.const 1.25)) (local.set $c (f32.const 3.5))
    (loop $l
      (local.set $b (f64.add (f64.mul (local.get $b) (f64.const 1.5)) (f64.add (local.get $b) (call $wait))))
      (local.set $a (i64.add (i64.rotl (local.get $a) (i64.const 7)) (i64.trunc_f64_s (local.get $b))))
      (local.set $c (f32.add (local.get $c) (f32.mul (f32.demote_f64 (call $wait)) (local.get $c))))
      (br_if $l (i32.lt_s (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 8))))
    (i64.store (i32.const ${WORDS}) (local.get $a)) (f64.store (i32.const ${WORDS + 8}) (local.get $b)) (f32.store (i32.const ${WORDS + 16}) (local.get $c)))`;
  let [a, b, c] = [0x123456789abcdefn, 1.25, 3.5];
  for (let n = 0; n < 8; n++) {
    b = b * 1.5 + (b + 0.5);
    a = BigInt.asUintN(64, ((a << 7n) | (a >> 57n)) & 0xffffffffffffffffn) + BigInt(Math.trunc(b));
    a = BigInt.asUintN(64, a);
    c = Math.fround(c + Math.fround(Math.fround(0.5) * c));
  }
  const view = new DataView(new ArrayBuffer(20));
  view.setBigUint64(0, a, true);
  view.setFloat64(8, b, true);
  view.setFloat32(16, c, true);
  finds(
    story(text, one),
    [0, 4, 8, 12, 16].map((at) => view.getInt32(at, true)),
  );
});

test("br_table leads out of a nest, with a value and without", () => {
  const text = `(func $pick (param $x i32) (result i32) (local $n i32)
    (block $a (result i32) (block $b (result i32)
      (loop $l (result i32)
        (local.set $n (i32.add (local.get $n) (i32.const 1)))
        (drop (block $c (result i32)
          (br_table $c $c $b $a $c (i32.mul (local.get $n) (i32.const 10)) (i32.sub (local.get $n) (local.get $x)))))
        (br_if $l (i32.lt_s (local.get $n) (i32.const 40)))
        (i32.const -5)))
      (i32.add (i32.const 1)))
    (i32.add (i32.const 1000)))
  (func $task (param i32) ${note(0, "(call $pick (i32.const 3))")} ${note(1, "(call $pick (i32.const -3))")} ${note(2, "(call $pick (i32.const 60))")})`;
  finds(story(text, one), [1051, 996, 996]);
});

test("values wait beneath blocks and loops", () => {
  const text = `(func $task (param i32) (local $i i32)
    ${note(
      0,
      `(i32.add (i32.mul (i32.const 7) (call $task_yield)) (i32.sub (i32.const 100) (block $b (result i32)
        (loop $l (drop (br_if $b (local.get $i) (i32.gt_s (local.get $i) (i32.const 30))))
          (local.set $i (i32.add (local.get $i) (i32.const 4))) (drop (call $task_yield)) (br $l))
        (unreachable))))`,
    )})`;
  finds(story(text, one), [68]);
});

test("functions with several results are suspended and go on", () => {
  const text = `(func $three (param $n i32) (result i32 i64 f64) (local $i i32)
    (loop $l (drop (call $task_yield)) (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
    (tuple.make 3 (local.get $i) (i64.const 77) (f64.const 2.5)))
  (func $task (param i32) (local $t (tuple i32 i64 f64))
    (local.set $t (call $three (i32.const 9)))
    ${note(0, "(tuple.extract 3 0 (local.get $t))")} ${note(1, "(i32.wrap_i64 (tuple.extract 3 1 (local.get $t)))")}
    ${note(2, "(i32.trunc_f64_s (f64.mul (tuple.extract 3 2 (local.get $t)) (f64.const 4)))")})`;
  finds(story(text, one), [9, 77, 10]);
});

/** A block or loop that takes values from the stack and leaves some. */
function typed(code: Control["op"], params: ValueType[], results: ValueType[], body: (label: Control) => Node[]): Control {
  const made: Control = { op: code, at: 0, type: { params, results }, body: [], orelse: undefined };
  made.body = body(made);
  return made;
}

test("blocks and loops that take values, and branches that leave some behind", () => {
  const text = `(func $wait (result i32) (call $task_yield))
  (func $sum (param $n i32) (result i32) (local $i i32) (i32.add (local.get $n) (call $wait)))
  (func $task (param i32) ${note(0, "(call $sum (i32.const 10))")} ${note(1, "(call $sum (i32.const 3))")})`;
  const tree = decode(story(text, one));
  const named = (name: string) => tree.funcs.find((func) => func.name === name) as Func;
  const extend = op(Op.I64_EXTEND_I32_U);
  const [add64, wrap, lessThan] = [op(0x7c), op(0xa7), op(Op.I32_LT_S)];
  // n + (5 + 1 + 2 + ... up to n - 1), times 2 if that is less than 20: values lie beneath the loop and beneath the branches.
  const turns = typed(Op.LOOP, [I64, I32], [I64], (top) => [
    ...[set(1), get(1), extend, add64, call(named("wait")), op(Op.DROP)],
    ...[get(1), i32(1), op(Op.I32_ADD), tee(1), get(1), get(0), lessThan, brIf(top), op(Op.DROP)],
  ]);
  const twice = typed(Op.BLOCK, [I32], [I32, I32], (out) => [
    ...[tee(1), i32(7), get(1), i32(1), get(1), i32(20), lessThan, op(Op.I32_EQZ), brIf(out)],
    ...[op(Op.DROP), i32(2), i32(0), { op: Op.BR_TABLE, at: 0, labels: [out, out] } as Node, br(out)],
  ]);
  const { body } = (named("sum").body as [Control])[0];
  const five = { op: Op.I64_CONST, at: 0, value: Uint8Array.of(5) };
  body.splice(0, body.length, get(0), five, i32(1), turns, wrap, op(Op.I32_ADD), twice, op(Op.I32_MUL));
  const loop = (n: number) => {
    const x = n + 5 + (n * (n - 1)) / 2;
    return x < 20 ? x * 2 : x;
  };
  finds(encode(tree), [loop(10), loop(3)]);
});

test("a call that waits answers its result where the task goes on", () => {
  const text = `(func $task (param i32) (local $sem i32)
    (local.set $sem (call $sem_create (i32.const 0) (i32.const 0) (i32.const 5)))
    ${note(4, "(local.get $sem)")}
    ${note(0, `(i32.add (i32.mul (i32.const 1000) (i32.add (i32.const 1) (call $sem_take (local.get $sem) (i32.const 50)))) (i32.const 7))`)}
    ${note(1, "(call $sem_take (local.get $sem) (i32.const 2))")}
    ${note(2, "(call $sem_take (local.get $sem) (i32.const 0))")}
    ${note(3, `(i32.eq (call $task_self) (i32.load (i32.const ${BASE + 64})))`)})
  (func $other (param i32) (drop (call $task_sleep (i32.const 3))) (drop (call $sem_give ${word(4)})))`;
  finds(story(text, { table: ["task", "other"], tasks: 2 }), [1007, -110, -11, 1]);
});

test("calls through the table are suspended and go on, of functions that wait and of such that do not", () => {
  const text = `(type $f (func (param i32) (result i32)))
  (func $waits (param i32) (result i32) (drop (call $task_yield)) (i32.mul (local.get 0) (i32.const 3)))
  (func $loops (param i32) (result i32) (local $i i32)
    (loop $l (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 0)))) (i32.add (local.get $i) (i32.const 1)))
  (func $calm (param i32) (result i32) (i32.sub (local.get 0) (i32.const 1)))
  (func $task (param i32) (local $i i32) (local $x i32) (local.set $x (i32.const 5))
    (loop $l
      (local.set $x (i32.and (i32.const 1023) (i32.add (local.get $x)
        (call_indirect (type $f) (local.get $x) (i32.add (i32.const 1) (i32.rem_u (local.get $i) (i32.const 3)))))))
      (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))
    ${note(0, "(local.get $x)")})`;
  const functions = [(x: number) => x * 3, (x: number) => Math.max(1, x) + 1, (x: number) => x - 1];
  let x = 5;
  for (let i = 0; i < 20; i++) x = 1023 & (x + (functions[i % 3] as (x: number) => number)(x));
  finds(story(text, { table: ["task", "waits", "loops", "calm"] }), [x]);
});

test("a call of the kernel through the table waits as any other", () => {
  const text = `(type $f (func (param i32) (result i32)))
  (func $task (param i32) ${note(0, "(call_indirect (type $f) (i32.const 3) (i32.const 1))")} ${note(1, "(i32.const 1)")})`;
  finds(story(text, { table: ["task", "task_sleep"] }), [0, 1]);
});

test("what a call through the table is charged is the same for both grains", () => {
  const text = `(type $f (func (param i32) (result i32)))
  (func $calm (param i32) (result i32) (i32.load (local.get 0)))
  (func $task (param i32) ${note(0, `(call_indirect (type $f) (i32.const ${WORDS}) (i32.const 1))`)})`;
  const bytes = story(text, { table: ["task", "calm"] });
  const [loop, access] = GRAINS.map((grain) => agreed(bytes, grain).ran.cycles);
  assert.is(loop, access);
});

test("what a function does behind its first call is charged only where it is called", () => {
  const text = `(func $spin (param $n i32) (loop $l (br_if $l (i32.gt_s (local.tee $n (i32.sub (local.get $n) (i32.const 1))) (i32.const 0)))))
  (func $long (param $x i32) (result i32) (call $spin (i32.const 2))
    (i32.div_u (i32.div_u (i32.div_u (i32.div_u (i32.const 9) (local.get $x)) (local.get $x)) (local.get $x)) (local.get $x)))
  (func $task (param $x i32) (if (local.get $x) (then (drop (call $long (local.get $x))))) ${note(0, "(i32.const 1)")})`;
  const bytes = story(text, one);
  const [loop, access] = GRAINS.map((grain) => agreed(bytes, grain).ran.cycles);
  assert.is(loop, access);
});

test("what a trap inside a nest is charged does not depend on where the code was cut", () => {
  const text = `(func $task (param i32) (local $i i32) (local $j i32)
    (loop $a (local.set $j (i32.const 0))
      (loop $b ${note(0, `(i32.div_u (i32.const 100) (i32.sub (i32.const 37) (local.get $i)))`)}
        (br_if $b (i32.lt_s (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 5))))
      (br_if $a (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50)))))
  (func $other (param i32) (local $i i32)
    (loop $l ${note(1, "(local.get $i)")} (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 300)))))`;
  const bytes = story(text, { table: ["task", "other"], tasks: 2 });
  for (const grain of GRAINS) {
    for (const tickCycles of [100, 1000, 100_000]) {
      const { ran, words } = agreed(bytes, grain, { tickCycles });
      assert.equal(ran.failures, ["task 0: it divided by zero"]);
      assert.is(words[1], 299);
    }
  }
});

test("long copies that overlap either way, and long fills, are right wherever they are cut", () => {
  const text = `(func $sum (result i32) (local $i i32) (local $x i32)
    (loop $l (local.set $x (i32.add (i32.mul (local.get $x) (i32.const 31)) (i32.load8_u offset=118784 (local.get $i))))
      (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000)))) (local.get $x))
  (func $task (param i32) (local $i i32) (local $n i32) (local.set $n (i32.const 2000))
    (loop $l (i32.store8 offset=118784 (local.get $i) (i32.mul (local.get $i) (i32.const 7)))
      (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 3000))))
    (memory.copy (i32.const 119094) (i32.const 118794) (local.get $n)) ${note(0, "(call $sum)")}
    (memory.copy (i32.const 118800) (i32.const 119001) (local.get $n)) ${note(1, "(call $sum)")}
    (memory.fill (i32.const 119000) (i32.const 0x1fe) (local.get $n)) ${note(2, "(call $sum)")}
    (memory.fill (i32.const 118784) (i32.const 3) (i32.const 0)) ${note(3, "(call $sum)")})`;
  const memory = Uint8Array.from({ length: 3000 }, (_, i) => i * 7);
  const sum = () => memory.reduce((x, byte) => (Math.imul(x, 31) + byte) | 0, 0);
  const sums = [
    memory.copyWithin(310, 10, 2010) && sum(),
    memory.copyWithin(16, 217, 2217) && sum(),
    memory.fill(0xfe, 216, 2216) && sum(),
    sum(),
  ];
  finds(story(text, one), sums);
});

test("recursion without an end is a stack overflow, as deep for every budget and grain", () => {
  const text = `(func $down (param $n i32) (result i32) ${note(0, "(local.get $n)")}
    (i32.add (call $down (i32.add (local.get $n) (i32.const 1))) (i32.const 1)))
  (func $task (param i32) (drop (call $down (i32.const 0))))`;
  const bytes = story(text, { ...one, stack: 2048 });
  const depths = GRAINS.flatMap((grain) =>
    [100, 16000].map((tickCycles) => {
      const { ran, words } = agreed(bytes, grain, { tickCycles });
      assert.equal(ran.failures, ["task 0: stack overflow: its stack has 2048 bytes"]);
      return words[0];
    }),
  );
  assert.is(new Set(depths).size, 1, `${depths}`);
});

test("globals of all types are shared between tasks", () => {
  const text = `(global $i (mut i32) (i32.const 5)) (global $j (mut i64) (i64.const -3)) (global $x (mut f32) (f32.const 0.5)) (global $y (mut f64) (f64.const -1.5))
  (func $step (global.set $i (i32.add (global.get $i) (i32.const 1))) (global.set $j (i64.sub (global.get $j) (i64.const 1)))
    (global.set $x (f32.add (global.get $x) (f32.const 1))) (global.set $y (f64.add (global.get $y) (f64.const 1))))
  (func $task (param i32) (local $n i32)
    (loop $l (call $step) (drop (call $task_yield)) (br_if $l (i32.lt_s (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 10))))
    (if (i32.eq (global.get $i) (i32.const 25)) (then
      ${note(0, "(global.get $i)")} ${note(1, "(i32.wrap_i64 (global.get $j))")}
      ${note(2, "(i32.trunc_f32_s (f32.mul (global.get $x) (f32.const 2)))")} ${note(3, "(i32.trunc_f64_s (f64.mul (global.get $y) (f64.const 2)))")})))`;
  const bytes = story(text, { table: ["task", "task"], tasks: 2 });
  for (const seed of [undefined, 1, 2]) {
    const { words } = agreed(bytes, "loop", { tickCycles: 16000, ...(seed === undefined ? {} : { seed }) });
    assert.equal(words.slice(0, 4), [25, -23, 41, 37]);
  }
});

/** A task that counts in a function of the runtime, and one that looks, every tick, how far it is. */
function peeking(count: string, others = ""): Uint8Array {
  const text = `${others} (func $~lib/rt/count (param $n i32) (local $i i32) ${count})
  (func $task (param i32) (local $k i32)
    (loop $l (call $~lib/rt/count (i32.const 400)) (br_if $l (i32.lt_s (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 10)))) ${note(3, "(i32.const 1)")})
  (func $peek (param i32)
    (loop $l (drop (call $task_sleep (i32.const 1)))
      (if (i32.rem_u ${word(0)} (i32.const 400)) (then ${note(1, `(i32.add ${word(1)} (i32.const 1))`)}))
      (br_if $l (i32.eqz ${word(3)}))))`;
  return story(text, { table: ["task", "peek"], tasks: 2, priorities: [8, 9] });
}

test("a function of the language's runtime is never cut", () => {
  const count = `(loop $l ${note(0, `(i32.add ${word(0)} (i32.const 1))`)} (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))`;
  finds(peeking(count), [4000, 0], { tickCycles: 1000 });
});

test("what a function of the runtime calls is not cut either", () => {
  const help = `(func $copying (param $n i32) (local $i i32)
    (loop $l ${note(0, `(i32.add ${word(0)} (i32.const 1))`)} (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n)))))`;
  finds(peeking("(call $copying (local.get $n))", help), [4000, 0], { tickCycles: 1000 });
});

test("a function of the runtime may be called through a table by what is cut", () => {
  const text = `(type $f (func (param i32) (result i32)))
  (func $malloc (param i32) (result i32) (local $i i32)
    (loop $l (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 60)))) (local.get $i))
  (func $waits (param i32) (result i32) (drop (call $task_yield)) (i32.const 7))
  (func $task (param i32) (local $k i32)
    (loop $l ${note(0, `(i32.add ${word(0)} (call_indirect (type $f) (i32.const 0) (i32.add (i32.const 1) (i32.and (local.get $k) (i32.const 1)))))`)}
      (br_if $l (i32.lt_s (local.tee $k (i32.add (local.get $k) (i32.const 1))) (i32.const 10)))))`;
  finds(story(text, { table: ["task", "malloc", "waits"] }), [335]);
});

test("a task that is ended amid its code leaves nothing behind, and its stack is another's", () => {
  const text = `(func $dies (param i32) (local $i i32) (drop (call $irq_attach (i32.const 4) (i32.const 2) (i32.const 1)))
    (loop $l ${note(0, "(local.get $i)")} (if (i32.eq (local.get $i) (i32.const 3)) (then (drop (call $irq_raise (i32.const 4)))))
      (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 1000000)))))
  (func $other (param i32) (local $n i32) (drop (call $task_sleep (i32.const 2)))
    (loop $l ${note(1, `(i32.add ${word(1)} (local.get $n))`)} (br_if $l (i32.lt_s (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100))))
    (drop (call $task_terminate (i32.load (i32.const ${BASE + 64})))))
  (func $handler (param i32) (local $n i32)
    (loop $l ${note(2, `(i32.add ${word(2)} (local.get $n))`)} (br_if $l (i32.lt_s (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 100)))))`;
  const bytes = story(text, { table: ["dies", "other", "handler"], tasks: 2, priorities: [8, 9] });
  for (const grain of GRAINS) {
    for (const tickCycles of [1000, 3000]) {
      const { ran, words } = agreed(bytes, grain, { tickCycles });
      assert.is(ran.reason, "finished");
      assert.equal(ran.failures, []);
      assert.equal(words.slice(1, 3), [4950, 4950]);
    }
  }
});

test("a task exits from amid its calls, and a handler traps above its frames", () => {
  const text = `(func $deep (param $n i32) (if (i32.eqz (local.get $n)) (then (drop (call $task_exit (i32.const 5))))) (call $deep (i32.sub (local.get $n) (i32.const 1))))
  (func $exits (param i32) (call $deep (i32.const 6)) ${note(0, "(i32.const 1)")})
  (func $traps (param i32) (local $i i32)
    (i32.store (i32.const ${BASE + 96}) (i32.const 2)) (i32.store (i32.const ${BASE + 100}) (i32.const 2))
    (drop (call $signal_action (i32.const 10) (i32.const ${BASE + 96}) (i32.const 0)))
    (loop $l ${note(1, "(local.get $i)")} (if (i32.eq (local.get $i) (i32.const 30)) (then (drop (call $signal_send (call $task_self) (i32.const 10)))))
      (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100)))))
  (func $caught (param i32) (param i32) (local $n i32)
    (loop $l ${note(2, "(local.get $n)")} (br_if $l (i32.lt_s (local.tee $n (i32.add (local.get $n) (i32.const 1))) (i32.const 40)))) (unreachable))`;
  const bytes = story(text, { table: ["exits", "traps", "caught"], tasks: 2 });
  for (const grain of GRAINS) {
    for (const tickCycles of [100, 1000, 16000]) {
      const { ran, words } = agreed(bytes, grain, { tickCycles });
      assert.is(ran.reason, "finished");
      assert.equal(ran.failures, ["task 1: it came to code that must not be reached"]);
      assert.equal(words.slice(0, 3), [0, 30, 39]);
    }
  }
});

test("the C stack of a handler begins below that of the code that it interrupts", () => {
  const frame = (name: string, value: number, inner: string) => `(func $${name} (param i32 i32) (local $sp i32) (local $i i32)
    (global.set $__stack_pointer (local.tee $sp (i32.sub (global.get $__stack_pointer) (i32.const 64))))
    (memory.fill (local.get $sp) (i32.const ${value}) (i32.const 64))
    ${inner}
    (loop $l (drop (call $task_self)) (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50))))
    (if (i32.ne (i32.load (local.get $sp)) (i32.const ${value * 0x01010101})) (then ${note(0, `(i32.const ${value})`)}))
    (global.set $__stack_pointer (i32.add (local.get $sp) (i32.const 64))))`;
  const action = `(i32.store (i32.const ${BASE + 96}) (i32.const 2)) (i32.store (i32.const ${BASE + 100}) (i32.const 1))
    (drop (call $signal_action (i32.const 10) (i32.const ${BASE + 96}) (i32.const 0))) (drop (call $signal_send (call $task_self) (i32.const 10)))`;
  const text = `(global $__stack_pointer (mut i32) (i32.const 120000))
  ${frame("inner", 2, "")}
  ${frame("outer", 1, action)}
  (func $task (param i32) (call $outer (i32.const 0) (i32.const 0)) ${note(1, "(i32.const 1)")})`;
  finds(story(text, { table: ["task", "inner"] }), [0, 1]);
});

test("a trap names the line that it came from, in either copy of a function", () => {
  const text = moduleText(
    `(func $sum (param $n i32) (result i32) (local $i i32)
      (loop $l (drop (call $task_yield))
        ;;@ app.c:17:9
        (drop (i32.div_s (i32.const 1) (i32.sub (local.get $n) (local.get $i))))
        ;;@ app.c:18:3
        (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 20))))
      (local.get $i))
    (func $task (param i32)
      ;;@ app.c:30:5
      (drop (call $sum (i32.const 7))))`,
    one,
  );
  const { bytes, map } = assembledWithMap(text);
  for (const grain of GRAINS) {
    const app = firmware(bytes.slice(), { grain, map, name: "it" });
    for (const budget of ["unlimited", 1, 7] as const) {
      const [failure] = run(app, budget).machine.failures;
      assert.is(failure?.message, "it divided by zero");
      assert.is(`${failure?.site?.file}:${failure?.site?.line}:${failure?.site?.column}`, "app.c:17:10");
    }
  }
});

test("the build step makes the examples' code at most 6.5 times as large: nearly all of it are calls that wait", async () => {
  const folder = new URL("../apps/firmware/", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".ts"))) {
    const { wasm } = compiled(fileURLToPath(new URL(name, folder)));
    const [plain, made] = [codeBytes(wasm), codeBytes(firmware(wasm, { name: "it" }).bytes)];
    assert.ok(made < 6.5 * plain, `${name}: ${plain} bytes became ${made}`);
  }
});

/** Bytes of a module's code section. */
function codeBytes(bytes: Uint8Array): number {
  const number = (at: number): [value: number, next: number] => {
    for (let i = at, value = 0, shift = 0; ; i++, shift += 7) {
      value += ((bytes[i] as number) & 127) * 2 ** shift;
      if ((bytes[i] as number) < 128) return [value, i + 1];
    }
  };
  for (let at = 8; at < bytes.length; ) {
    const id = bytes[at];
    const [size, from] = number(at + 1);
    if (id === 10) return size;
    at = from + size;
  }
  return 0;
}

test("power on again is the same run", () => {
  const text = `(global $g (mut i32) (i32.const 3)) (data $d (i32.const ${WORDS + 32}) "\\05\\00\\00\\00")
  (func $task (param i32) (global.set $g (i32.add (global.get $g) (i32.load (i32.const ${WORDS + 32})))) (i32.store (i32.const ${WORDS + 32}) (i32.const 9)) ${note(0, "(global.get $g)")}
    (memory.init $p (i32.const ${WORDS + 64}) (i32.const 0) (i32.const 2)) (data.drop $p))
  (data $p "ab")`;
  const m = booted(story(text, one));
  m.run();
  const first = outcome({ machine: m, reason: "finished", hash: m.hash, cycles: m.cycles, cuts: 0, failures: [] });
  m.powerOn();
  m.run();
  assert.is(m.failures.length, 0);
  assert.is(outcome({ machine: m, reason: "finished", hash: m.hash, cycles: m.cycles, cuts: 0, failures: [] }), first);
  assert.is(m.i32[WORDS >> 2], 8);
});

test.run();
