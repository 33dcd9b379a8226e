import binaryen from "binaryen";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, EAGAIN, firmware, type Grain, type Machine, type MachineOptions, SIGUSR1, type View } from "../hal/host/index.js";
import { layout } from "../kernel/abi/host.js";
import { firmwareFrom } from "./firmware.js";
import { scene, scenes } from "./scenes.js";

const test = suite("compiled");

const GRAINS: Grain[] = ["loop", "access"];
/** Cycles between two observations; the last is without any. */
const BUDGETS = [7, 200, Number.POSITIVE_INFINITY];
const TICK = 16000;

/** Runs to the end, looked at after every so many cycles. */
function play(m: Machine, cycles: number): Machine {
  if (cycles === Number.POSITIVE_INFINITY) {
    m.run();
    return m;
  }
  while (m.advance({ cycles }) === "observed") assert.is(m.check(), 0);
  return m;
}

/** The same scene whenever it is looked at: hash, output and time do not know of it. */
function same(words: string, options: MachineOptions = {}, grain: Grain = "loop"): Machine {
  const [first, ...others] = BUDGETS.map((cycles) => play(scene(words, options, grain), cycles)) as [Machine, ...Machine[]];
  for (const other of others) {
    assert.is(other.hash, first.hash);
    assert.is(other.output, first.output);
    assert.is(other.cycles, first.cycles);
    assert.is(other.steps, first.steps);
  }
  assert.is(first.check(), 0);
  return first;
}

test("TSK-13a sixty tasks that never make a call share the CPU within a slice, and a more urgent one wakes within a few cycles of its tick", () => {
  const m = scene("spin");
  assert.is(m.run(), "finished");
  const spinners = m.tasks.filter(({ priority }) => priority === 5).map(({ cycles }) => cycles);
  assert.is(spinners.length, 60);
  assert.ok(Math.min(...spinners) > 8 * TICK);
  assert.ok(Math.max(...spinners) - Math.min(...spinners) <= TICK + 500, `${Math.min(...spinners)} to ${Math.max(...spinners)}`);
  assert.ok(Number(m.output) < 1000, `woke ${m.output.trim()} cycles behind the tick`);
});

test("TSK-13a the same under every seed, and whether it is looked at or not", () => {
  for (const seed of [1, 2]) {
    const whole = scene("spin", { seed });
    const looked = scene("spin", { seed });
    whole.runUntil(40);
    while (looked.advance({ cycles: 777, tick: 40, patient: true }) === "observed") assert.is(looked.check(), 0);
    assert.is(looked.hash, whole.hash);
  }
});

const TRAPS: [word: string, message: RegExp][] = [
  ["divide", /^it divided by zero$/],
  ["unreachable", /^it came to code that must not be reached$/],
  ["outside", /^it touched memory outside the machine$/],
  ["pointer", /^it called a function by a number that names none$/],
  ["recurse", /^stack overflow: its stack has 2048 bytes$/],
  ["abort", /^zero is no longer one$/],
  ["heap", /./],
];

for (const [word, message] of TRAPS) {
  test(`TSK-14b a trap ends only its task, with cause and line: ${word}`, () => {
    for (const grain of GRAINS) {
      const m = same(`trap ${word}`, {}, grain);
      assert.is(m.over, "finished");
      assert.is(m.failures.length, 1);
      const [failure] = m.failures;
      assert.is(failure?.task, "victim");
      assert.match(failure?.message ?? "", message);
      assert.match(failure?.site?.file ?? "", /scenes\.ts$|^~lib\//);
      assert.ok((failure?.site?.line ?? 0) > 0);
      assert.is(m.task("victim").state, "failed");
      assert.is(m.task("other").state, "exited");
      // How deep a recursion gets does not depend on when it is looked at: same() compares it.
      assert.match(m.output, word === "recurse" ? /^the other goes on \d\d\n$/ : /^the other goes on 0\n$/);
    }
  });
}

test("TSK-14d a trap in a compiled interrupt handler ends the run, with line, handler and place", () => {
  const m = scene("lines broken");
  m.runUntil(2);
  m.raise(3);
  assert.is(m.run(), "failed");
  assert.is(m.failures[0]?.task, "the handler of line 3");
  assert.match(m.failures[0]?.site?.file ?? "", /scenes\.ts$/);
});

test("TSK-16g the high-water mark follows what a task uses of its stack", () => {
  const m = scene("trap recurse");
  m.run();
  assert.ok((m.task("victim").stack ?? 0) > 1900);
  assert.ok((m.task("other").stack ?? 0) > 0);
  assert.ok((m.task("other").stack ?? 0) < 400);
});

test("SHM-04a at grain access a counter that two compiled tasks share loses updates, the same ones every time; at grain loop it does not", () => {
  const lost = same("race", {}, "access").output;
  assert.ok(Number(lost) < 6000, lost);
  assert.is(scene("race", {}, "access").run(), "finished");
  assert.is(same("race").output, "6000\n");
});

test("SHM-04b with a mutex no schedule loses any", () => {
  for (const seed of [undefined, 1, 2, 3]) {
    const m = scene("race locked", seed === undefined ? {} : { seed }, "access");
    m.run();
    assert.is(m.output, "6000\n");
  }
});

/** Raises lines at the start of ticks, through to the end. */
function raised(words: string, lines: readonly number[], cycles: number): Machine {
  const m = scene(words);
  lines.forEach((line, i) => {
    const tick = i + 2;
    while (m.advance(cycles === Number.POSITIVE_INFINITY ? { tick } : { tick, cycles }) === "observed") assert.is(m.check(), 0);
    m.raise(line);
  });
  return play(m, cycles);
}

test("IRQ-02a a compiled handler runs on the frames of whom it interrupts, also when it is looked at amid both", () => {
  for (const words of ["lines", "lines busy"]) {
    const [first, ...others] = BUDGETS.map((cycles) => raised(words, [3, 3, 3], cycles)) as [Machine, ...Machine[]];
    assert.is(first.output, "served 3 0 blocked 0\n");
    for (const other of others) assert.is(other.hash, first.hash);
  }
});

test("IRQ-03b a more urgent line nests amid the loops of a compiled handler", () => {
  const hashes = BUDGETS.map((cycles) => {
    const m = scene("lines busy");
    m.runUntil(2);
    m.raise(3);
    // The handler of line 3 takes more than a tick; line 5 comes into it.
    const depth = () => m.kernelWord(layout.Kernel.depth);
    while (depth() < 1) m.advance({ cycles: 900 });
    m.raise(5);
    m.raise(3);
    m.runUntil(60);
    m.raise(3);
    play(m, cycles);
    assert.is(m.output, "served 3 1 blocked 0\n");
    const depths = m.trace.filter(({ event }) => event === "INTERRUPT").map(({ object, second }) => [object & 0xff, second]);
    assert.equal(depths.filter(([line]) => line === 3 || line === 5).slice(0, 2), [
      [3, 1],
      [5, 2],
    ]);
    return m.hash;
  });
  assert.is(new Set(hashes).size, 1);
});

test("IRQ-02b a compiled handler that wants to wait is refused", () => {
  const m = raised("lines", [6, 3, 3, 3], Number.POSITIVE_INFINITY);
  assert.is(m.output, "served 3 0 blocked -1\n");
});

test("SIG-05a a handler of a compiled task runs above its suspended frames, waits in it, and the task goes on where it was", () => {
  const m = same("signals");
  assert.match(m.output, /^-?\d+ after 4 handlers\n$/);
  assert.is(same("signals", {}, "access").output, m.output);
});

test("CLK-06a a timer's callback of a compiled app runs in the timer service", () => {
  assert.is(same("timers").output, "21\n");
});

test("every kind of object works between compiled tasks", () => {
  for (const grain of GRAINS) assert.is(same("kinds", {}, grain).output, "12 bytes, 303 in messages, 4711 in a block, 5 shared\n");
});

test("scripted and compiled tasks run in one system and open each other's objects by name", () => {
  const results: number[] = [];
  const m = boot(
    (system) => {
      system.task("asker", { priority: 5 }, function* (self) {
        const input = yield* self.open.pipe("input", "write");
        const output = yield* self.open.queue("output", "read");
        if (typeof input === "number" || typeof output === "number") throw new Error("not there");
        const view: View = self.buffer(4);
        for (const n of [1, 20, 300]) {
          view.setWord(0, n);
          yield* input.write(view);
          yield* output.receive(view);
          results.push(view.word(0));
        }
        yield* self.signals.handle(SIGUSR1, function* () {});
        assert.is(yield* output.receive(view, 0), EAGAIN);
      });
    },
    { firmware: scenes(), args: ["double"], kernel: "debug", seed: 4 },
  );
  assert.is(m.run(), "finished");
  assert.equal(results, [2, 40, 600]);
  assert.match(m.output, /^-?\d+\n$/);
  assert.is(m.check(), 0);
});

test("no time passes in the system description, whatever it computes", () => {
  const m = scene("kinds");
  assert.ok(m.trace.length > 10);
  assert.equal(
    m.trace.filter(({ cycles }) => cycles !== 0),
    [],
  );
  assert.is(m.cycles, 0);
});

test("a limit of cycles holds behind time in which nobody could run", () => {
  // The hog sleeps first.
  const endless = scene("hog");
  assert.is(endless.advance({ cycles: 500 }), "observed");
  assert.ok(endless.tick >= 2);
  for (let i = 0; i < 20; i++) {
    const before = endless.cycles;
    assert.is(endless.advance({ cycles: 500 }), "observed");
    assert.ok(endless.cycles - before < 3000, `${endless.cycles - before} cycles`);
  }
});

test("code that locks the interrupts and never ends is left now and then by whoever counts steps", () => {
  const m = scene("hog");
  assert.is(m.advance({ dispatches: 1_000_000 }), "budget");
  const { steps } = m;
  assert.is(m.advance({ dispatches: 1_000_000 }), "budget");
  assert.is(m.steps, steps);
});

test("a second power-on of a firmware is the same run", () => {
  const m = scene("kinds");
  m.run();
  const { hash, output } = m;
  m.powerOn();
  m.run();
  assert.is(m.hash, hash);
  assert.is(m.output, output);
});

test("compiled tasks run the same with and without trace, and step by step", () => {
  const whole = scene("signals");
  whole.run();
  const quiet = scene("signals", { trace: false, hash: false });
  quiet.run();
  const stepped = scene("signals");
  while (!stepped.over) stepped.step();
  assert.is(quiet.cycles, whole.cycles);
  assert.is(quiet.output, whole.output);
  assert.is(stepped.hash, whole.hash);
  assert.is(stepped.steps, whole.steps);
});

test("a module with a section of Talea's name that is not Talea's is refused with a sentence", () => {
  const section = [0, 8, 5, ...new TextEncoder().encode("talea"), 0x7b, 0x7b];
  assert.throws(() => firmware(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...section])), /was built for another version of Talea/);
});

test("a firmware that needs more memory than the machine has is refused with a sentence", () => {
  assert.throws(() => scene("kinds", { memory: 2 }), /takes 3 pages of memory as its own, and the machine has 2/);
});

/** A firmware by hand: two tasks hand a unit to and fro, and the second writes what it counted into a pipe of the console's. */
const BY_HAND = `(module
  (import "env" "memory" (memory 2))
  (import "talea" "task_spawn" (func $spawn (param i32) (result i32)))
  (import "talea" "sem_create" (func $create (param i32 i32 i32) (result i32)))
  (import "talea" "sem_take" (func $take (param i32 i32) (result i32)))
  (import "talea" "sem_give" (func $give (param i32) (result i32)))
  (import "talea" "object_open" (func $open (param i32 i32 i32) (result i32)))
  (import "talea" "pipe_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (table 2 funcref)
  (elem (i32.const 0) $ping $pong)
  (global $unit (mut i32) (i32.const 0))
  (data (i32.const 114688) "console.out\\00")
  (data (i32.const 114704) "0 turns\\n")
  (func $task (param $entry i32)
    (i32.store (i32.const 114720) (i32.const 0))
    (i32.store (i32.const 114724) (local.get $entry))
    (i32.store (i32.const 114732) (i32.const 5))
    (i32.store (i32.const 114736) (i32.const -1))
    (i32.store (i32.const 114740) (i32.const 1))
    (i32.store (i32.const 114752) (i32.const 512))
    (drop (call $spawn (i32.const 114720))))
  (func (export "main")
    (global.set $unit (call $create (i32.const 0) (i32.const 0) (i32.const 9)))
    (call $task (i32.const 0))
    (call $task (i32.const 1)))
  (func $ping
    (local $i i32)
    (loop $again
      (drop (call $give (global.get $unit)))
      (br_if $again (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 7)))))
  (func $pong (param $argument i32)
    (local $i i32)
    (loop $again
      (drop (call $take (global.get $unit) (i32.const -1)))
      (br_if $again (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 7))))
    (i32.store8 (i32.const 114704) (i32.add (i32.const 48) (local.get $i)))
    (drop (call $write (call $open (i32.const 9) (i32.const 114688) (i32.const 2)) (i32.const 114704) (i32.const 8) (i32.const -1)))))`;

test("a firmware counts the words of its command line", () => {
  const source = `import { args, print, task } from "talea/firmware";
task("counts", {}, () => print("{} {}\\n", args.length(), args.includes("b") ? 1 : 0));
`;
  const counts = firmwareFrom("counts", source);
  const said = (...args: string[]) => {
    const m = boot(counts, { args });
    m.run();
    return m.output;
  };
  assert.equal([said(), said("a"), said("a", "b", "")], ["0 0\n", "1 0\n", "3 1\n"]);
});

test("the ABI is plain wasm: a firmware written by hand runs", () => {
  const m = boot(firmware(binaryen.parseText(BY_HAND).emitBinary()), { kernel: "debug" });
  assert.is(m.run(), "finished");
  assert.is(m.output, "7 turns\n");
});

test.run();
