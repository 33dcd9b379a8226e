/** Memory protection of compiled tasks: what is not a task's is not touched, and who tries is ended alone. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assemble } from "../apps/cli/wat.js";
import {
  boot,
  type Failure,
  type Firmware,
  firmware,
  type Grain,
  type Machine,
  type MachineOptions,
  SIGSEGV,
  TrapError,
} from "../hal/host/index.js";
import { readParts } from "../hal/host/node.js";
import { preemptible } from "../hal/preempt/preempt.js";
import { layout } from "../kernel/abi/host.js";
import { root } from "./built.js";
import { compiled, firmwareOf } from "./firmware.js";

const test = suite("protect");

const SOURCE = fileURLToPath(new URL("firmware/intruders.ts", import.meta.url));
const { wasm, map } = compiled(SOURCE);
const GRAINS: Grain[] = ["loop", "access"];
const DATA = 114688;
const END = 3 * 65536;
const ODD = 0xa5;
const BUDGETS = [7, 200, Number.POSITIVE_INFINITY];

function machine(words: string, options: MachineOptions = {}, grain: Grain = "loop"): Machine {
  const app = firmware(wasm, { map, name: "intruders.ts", protect: true, grain });
  return boot(app, { kernel: "debug", onFailure: "report", args: words.split(" "), ...options });
}

/** Runs it to the end, looked at now and then: always the same. */
function play(words: string, grain: Grain = "loop", options: MachineOptions = {}): Machine {
  const [first, ...others] = BUDGETS.map((cycles) => {
    const m = machine(words, options, grain);
    if (cycles === Number.POSITIVE_INFINITY) m.run();
    else while (m.advance({ cycles }) === "observed") assert.is(m.check(), 0);
    assert.is(m.check(), 0);
    return m;
  }) as [Machine, ...Machine[]];
  for (const other of others) {
    assert.is(other.hash, first.hash);
    assert.is(other.output, first.output);
  }
  return first;
}

/** The line of the source that has this text. */
function lineOf(text: string): number {
  return (
    readFileSync(SOURCE, "utf8")
      .split("\n")
      .findIndex((line) => line.includes(text)) + 1
  );
}

function told({ task, message, site }: Failure): string {
  return `${task}:${site?.line}: ${message}`;
}

/** The one task that failed, with its sentence; everybody else is well. */
function only(m: Machine, task: string): string {
  assert.is(m.over, "finished");
  assert.equal(
    m.failures.map((failure) => failure.task),
    [task],
  );
  assert.match(m.output, /the witness is well\n$/);
  const info = m.tasks.find(({ name }) => name === task);
  assert.is(info?.signal, SIGSEGV);
  assert.is(info?.status, 128 + SIGSEGV);
  const { error, message } = m.failures[0] as Failure;
  assert.ok(error instanceof TrapError);
  return message;
}

const KINDS: [word: string, text: string, direction: string][] = [
  ["load", "const word = load<i32>(at);", "loaded 4 bytes"],
  ["store", "store<u8>(at, ODD);", "stored a byte"],
];

test("SHM-05a no access reaches a page that is not the firmware's, wherever in it and however it is made", () => {
  const size = machine("none").u8.length;
  const places: number[] = [
    0,
    1,
    63,
    64,
    4095,
    4096,
    DATA - 1,
    DATA - 4,
    END,
    size - 1,
    size,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 4,
    2 ** 32 - 1,
  ];
  for (let at = 0; at < size; at += 4096) if (at < DATA - 4096 || at >= END) places.push(at + 2048);
  for (const [word, text, direction] of KINDS) {
    const line = lineOf(text);
    for (const at of places) {
      const m = machine(`${word} ${at > 2 ** 31 - 1 ? at - 2 ** 32 : at}`);
      const before = m.u8.slice(0, DATA);
      const kept = m.u8.slice(END);
      m.run();
      const message = only(m, "intruder");
      assert.ok(message.startsWith(`SIGSEGV: it ${direction} at 0x${at.toString(16).toUpperCase().padStart(8, "0")}, `), message);
      assert.is(m.failures[0]?.site?.line, line);
      assert.is(m.failures[0]?.site?.file, SOURCE.slice(SOURCE.indexOf("tests/")));
      if (word === "store" && at < m.u8.length)
        assert.ok(m.u8[at] !== ODD || (at < DATA ? before[at] : kept[at - END]) === ODD, `byte ${at} was written`);
    }
  }
});

test("SHM-05a the same for whole ranges, of which not a byte is moved", () => {
  for (const [words, message] of [
    ["copies 4096 8", "it loaded 8 bytes at 0x00001000, in the kernel's memory"],
    [`copies ${END - 4} 8`, "it loaded 8 bytes at 0x0002FFFC, across the end of the program's memory"],
    ["fills 4096 8", "it stored 8 bytes at 0x00001000, in the kernel's memory"],
    ["fills 120000 200000", "it stored 200000 bytes at 0x0001D4C0, across the end of memory"],
    ["fills 120000 -1", "it stored 4294967295 bytes at 0x0001D4C0, across the end of memory"],
    [`fills ${DATA - 1} 1`, "it stored a byte at 0x0001BFFF, in the board's memory, in front of the program's data"],
  ] as const) {
    const m = machine(words);
    const before = m.u8.slice(120000, END);
    m.run();
    assert.is(only(m, "intruder"), `SIGSEGV: ${message}`);
    if (words.startsWith("fills 120000")) assert.ok(m.u8.slice(120000, 120100).every((byte, i) => byte === before[i]));
  }
  for (const words of ["copies 4096 0", "fills 4096 0", `copies ${DATA} 20000`, "fills 160000 30000"]) {
    const m = machine(words);
    m.run();
    assert.equal(m.failures, [], words);
    assert.match(m.output, /it was let in/);
  }
});

test("SHM-05a a loop is ended at the very access that leaves the data, by whatever it is cut before", () => {
  for (const grain of GRAINS) {
    const m = play(`runs ${END}`, grain);
    assert.is(only(m, "intruder"), "SIGSEGV: it loaded 4 bytes at 0x00030000, in RAM of a kernel object");
  }
});

test("SHM-05a a region that is not attached, or only to read, faults only the offender", () => {
  const written = lineOf("store<i32>(at + 8, 0);");
  for (const grain of GRAINS) {
    const m = play("region", grain);
    assert.is(m.output, "the writer has 41\nthe reader has 41\nit is 42\nthe witness is well\n");
    assert.equal(
      m.failures.map(({ task, message }) => `${task} ${message.replace(/0x[0-9A-F]{8}/, "@")}`),
      [
        'reader SIGSEGV: it stored 4 bytes at @, in region "shared", which it has attached only to read',
        'stranger SIGSEGV: it loaded 4 bytes at @, in region "shared", which it has not attached',
        'writer SIGSEGV: it stored 4 bytes at @, in region "shared", which it has not attached',
      ],
    );
    assert.ok((m.failures[2]?.site?.line as number) >= written);
  }
});

test("MBX-03c the old owner of a block that was sent, and who has freed one, fault", () => {
  for (const grain of GRAINS) {
    const m = play("block", grain);
    assert.is(m.output, "it has been sent\nthe receiver has 7\nthe witness is well\n");
    assert.equal(
      m.failures.map(({ task, message }) => `${task} ${message.replace(/0x[0-9A-F]{8}/, "@")}`),
      [
        'sender SIGSEGV: it stored 4 bytes at @, in block 0 of pool "blocks", which has been sent and not been received',
        'receiver SIGSEGV: it loaded 4 bytes at @, in block 0 of pool "blocks", which is free',
      ],
    );
  }
});

test("a broadcast is read-only for who has it", () => {
  const m = play("broadcast");
  assert.is(m.output, "it has 7\nthe witness is well\n");
  assert.match(
    only(m, "receiver"),
    /^SIGSEGV: it stored 4 bytes at 0x\w{8}, in block 0 of pool "blocks", a broadcast, which is read-only$/,
  );
});

test("RAM of a task's own is another's no more than when it is free", () => {
  const m = play("ram");
  assert.equal(
    m.failures.map(({ task, message }) => `${task} ${message.replace(/0x[0-9A-F]{8}/, "@")}`),
    [
      'thief SIGSEGV: it stored 4 bytes at @, in RAM that task "owner" has allocated',
      "owner SIGSEGV: it loaded 4 bytes at @, in RAM that is nobody's",
    ],
  );
  assert.match(m.output, /the owner has 5\n/);
});

test("another task's stack is told by its task", () => {
  const probe = machine("load 0");
  const at = probe.u32[(probe.taskRecord(0) + layout.Task.stack) >> 2] as number;
  const m = machine(`load ${at + 8}`);
  m.run();
  assert.match(only(m, "intruder"), /^SIGSEGV: it loaded 4 bytes at 0x\w{8}, in the stack of task "witness"$/);
});

test("a call that is handed memory which is not the caller's is EFAULT, and neither reads nor writes there", () => {
  const probe = machine("calls 0");
  const stack = probe.u32[(probe.taskRecord(0) + layout.Task.stack) >> 2] as number;
  const m = machine(`calls ${stack}`);
  m.run();
  assert.is(m.output, "-14 4\n-14 -14\n4\nthe witness is well\n");
  assert.equal(m.failures, []);
});

test("SHM-06g a buffer that is taken away under who waits for it to be filled is EIDRM, and nothing is written to it", () => {
  const m = play("taken");
  assert.is(m.output, "it was answered -43\n1\nthe witness is well\n");
});

test("SIGSEGV can be handled: the handler has the last word, and then its task ends", () => {
  for (const [words, output, failed] of [
    ["handled", "signal 11 from 0\n", 1],
    ["handled again", "signal 11 from 0\n", 2],
    ["handled nested", "signal 11 from 0\n", 1],
    ["handled exits", "signal 11 from 0\n", 0],
  ] as const) {
    const m = play(words);
    assert.is(m.output, `${output}the witness is well\n`, words);
    assert.is(m.failures.length, failed, words);
    assert.is(m.tasks.find(({ name }) => name === "intruder")?.status, failed === 0 ? 7 : 139, words);
  }
});

test("in an interrupt handler and in the description it ends the run, with line and handler", () => {
  const m = machine("line");
  m.runUntil(1);
  m.raise(3);
  assert.is(m.run(), "failed");
  assert.match(m.failures.map(told).join(), /^the handler of line 3:\d+: SIGSEGV: it loaded 4 bytes at 0x00000010, a null pointer$/);
  assert.throws(() => machine("describes"), /^SIGSEGV: it loaded 4 bytes at 0x00000008, a null pointer$/);
});

test("protection changes no cycle and no schedule: the hash is that of the unprotected run", () => {
  for (const grain of GRAINS) {
    const unprotected = boot(firmware(wasm, { map, name: "intruders.ts", grain }), { args: ["busy"] });
    unprotected.run();
    for (const near of [undefined, 0, 40, 4096]) {
      const bytes = preemptible(wasm, { grain, protect: true, near, parts: readParts() });
      for (const cycles of BUDGETS) {
        const m = boot(firmware(bytes), { args: ["busy"] });
        if (cycles === Number.POSITIVE_INFINITY) m.run();
        else while (m.advance({ cycles: cycles * 100 }) === "observed");
        assert.is(m.output, unprotected.output);
        assert.is(m.hash, unprotected.hash);
      }
    }
  }
});

/** What a run came to, but for addresses and for the stacks: frames have a little more in them. */
function seen(m: Machine): unknown {
  const tasks = m.tasks.map(({ name, state, status, cycles, switches, latency }) => ({ name, state, status, cycles, switches, latency }));
  return { cycles: m.cycles, events: m.events, tasks };
}

function withoutStacks(text: string): string {
  return text.replace(/\d+\/(?=1536|2048)/g, "");
}

test("SHM-06g so it is where the wait stands in no object's queue", () => {
  const m = play("noqueue");
  assert.is(m.output, "notify -43\nsignal -43\npoll -43\n1\nthe witness is well\n");
});

test("a task may touch what it has opened a moment ago", () => {
  assert.is(play("grown").output, "1 4\nthe witness is well\n");
});

test("a firmware cannot name entries that are the board's, nor have it write into memory of the board's", () => {
  assert.is(play("forges").output, "-22 -22\nthe witness is well\n");
  assert.is(play("adds").output, "-14\nthe witness is well\n");
});

test("a fault is told when its task is ended before its handler could speak", () => {
  const spoken = play("outranked");
  assert.is(spoken.output, "last words\nthe witness is well\n");
  assert.equal(
    spoken.failures.map(({ task }) => task),
    ["intruder"],
  );
  const killed = play("outranked kills");
  assert.is(killed.output, "the witness is well\n");
  assert.equal(
    killed.failures.map(({ task }) => task),
    ["intruder"],
  );
});

test("the small kernel, which protects no memory, refuses a protected firmware", () => {
  assert.throws(() => machine("none", { kernel: "small" }), /^intruders\.ts is protected, and the small kernel protects no memory/);
});

/** A firmware of one task, by hand; its stack has 2048 bytes. */
async function byHand(text: string): Promise<Firmware> {
  const spawn = `(data (i32.const 114724) "only\\00") (data (i32.const 114688)
    "\\24\\c0\\01\\00" "\\01\\00\\00\\00" "\\00\\00\\00\\00" "\\08\\00\\00\\00" "\\ff\\ff\\ff\\ff" "\\01\\00\\00\\00" "\\00\\00\\00\\00" "\\00\\00\\00\\00" "\\00\\08\\00\\00")`;
  const whole = `(module (import "env" "memory" (memory 2))
    (import "talea" "task_spawn" (func $task_spawn (param i32) (result i32)))
    (import "talea" "task_self" (func $self (result i32)))
    (import "talea" "signal_send" (func $send (param i32 i32) (result i32)))
    (import "talea" "signal_action" (func $action (param i32 i32 i32) (result i32)))
    ${text} ${spawn}
    (func (export "_initialize") (drop (call $task_spawn (i32.const 114688)))))`;
  const { wasm, map } = await assemble("only.wat", whole);
  return firmware(wasm, { map, name: "only.wat", protect: true });
}

test("the time of a fault does not depend on how a run is watched, wherever in a nest of loops it is", async () => {
  for (const turn of [2, 6, 11, 29, 35, 46]) {
    const app = await byHand(`(table 3 funcref) (elem (i32.const 1) $task)
      (func $task (param i32) (local $i i32) (local $j i32) (local $n i32)
        (loop $outer (local.set $j (i32.const 0))
          (loop $inner
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (i32.store (select (i32.const 200) (i32.const 115000) (i32.eq (local.get $n) (i32.const ${turn})))
              (i32.div_u (i32.div_u (i32.div_u (local.get $n) (i32.const 3)) (i32.const 3)) (i32.const 3)))
            (br_if $inner (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (i32.const 8))))
          (br_if $outer (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 8)))))`);
    const hashes = [1e9, 7, 29].map((cycles) => {
      const m = boot(app, { onFailure: "report", tickCycles: 300 });
      while (m.advance({ cycles }) === "observed");
      return m.hash;
    });
    assert.is(new Set(hashes).size, 1, `turn ${turn}: ${hashes}`);
  }
});

test("a C stack that begins anywhere covers nothing of what the runtime keeps on a task's stack", async () => {
  const odd = "(global.set $__stack_pointer (i32.sub (global.get $__stack_pointer) (i32.const 1)))";
  for (let taken = 1100; taken < 1400; taken += 4) {
    // Handlers one on top of the other, each on a stack that begins at an odd address; the last takes all that is left, and wipes it.
    const app = await byHand(`(global $__stack_pointer (mut i32) (i32.const 116000)) (table 4 funcref) (elem (i32.const 1) $task $mid $last)
      (func $act (param $signal i32) (param $entry i32)
        (i32.store (i32.const 115000) (i32.const 2)) (i32.store (i32.const 115004) (local.get $entry))
        (drop (call $action (local.get $signal) (i32.const 115000) (i32.const 0))))
      (func $task (param i32)
        (call $act (i32.const 10) (i32.const 2)) (call $act (i32.const 12) (i32.const 3))
        ${odd} (drop (call $send (call $self) (i32.const 10))) (i32.store (i32.const 115120) (i32.const 77)))
      (func $mid (param i32) ${odd} (drop (call $send (call $self) (i32.const 12))))
      (func $last (param i32)
        (global.set $__stack_pointer (i32.sub (global.get $__stack_pointer) (i32.const ${taken})))
        (memory.fill (i32.sub (global.get $__stack_pointer) (i32.const 128)) (i32.const 255) (i32.const 128)))`);
    const m = boot(app, { kernel: "debug", onFailure: "report" });
    m.run();
    assert.is(m.check(), 0);
    // Either there was room, and all goes on, or the stack overflows.
    const [failure] = m.failures;
    if (failure) assert.is(failure.message, "stack overflow: its stack has 2048 bytes", `${taken} bytes`);
    else assert.is(m.u32[115120 >> 2], 77, `${taken} bytes`);
  }
});

const APPS = readdirSync(join(root, "apps/firmware")).filter((name) => name.endsWith(".ts"));

test("the examples never touch what is not theirs: protected they do what they do, event for event", () => {
  for (const name of APPS) {
    const options = { input: "ps\nfree\nseq 9 | head -3\nsleep 5 &\nkill %1\nexit\n", address: "10.0.0.1" };
    const app = name.replace(".ts", "");
    const [plain, guarded] = [false, true].map((protect) => {
      const m = boot(firmwareOf(app, "loop", protect), options);
      m.runUntil(1000);
      return m;
    }) as [Machine, Machine];
    assert.equal(guarded.failures, [], name);
    assert.is(withoutStacks(guarded.output), withoutStacks(plain.output), name);
    // Addresses differ where an app brings storage of its own.
    assert.equal(seen(guarded), seen(plain), name);
  }
});

test.run();
