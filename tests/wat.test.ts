/** Firmware in WebAssembly text: assembled, run, and told of by the line. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, firmware } from "../hal/host/index.js";
import { root } from "./built.js";
import { type Ended, Here } from "./command.js";

const test = suite("wat");
const folder = mkdtempSync(join(tmpdir(), "talea-wat-"));

test.after(() => rmSync(folder, { recursive: true, force: true }));

function talea(args: string[], cwd = folder): Promise<Ended> {
  return new Here(args, { cwd }).endInput().ended;
}

/** A firmware with one task, whose body this is, as lines 8 and on of a file. */
function task(name: string, body: string): string {
  const text = `(module
  (import "env" "memory" (memory 2))
  (import "talea" "task_spawn" (func $task_spawn (param i32) (result i32)))
  (import "talea" "sem_create" (func $sem_create (param i32 i32 i32) (result i32)))
  (import "talea" "sem_take" (func $sem_take (param i32 i32) (result i32)))
  (table 2 funcref) (elem (i32.const 1) $task)
  (func $task (local $i i32)
${body})
  (data (i32.const 114724) "only\\00")
  (data (i32.const 114688)
    "\\24\\c0\\01\\00" "\\01\\00\\00\\00" "\\00\\00\\00\\00" "\\08\\00\\00\\00" "\\ff\\ff\\ff\\ff" "\\01\\00\\00\\00" "\\00\\00\\00\\00" "\\00\\00\\00\\00" "\\00\\04\\00\\00")
  (func (export "_initialize")
    (drop (call $task_spawn (i32.const 114688)))))
`;
  writeFileSync(join(folder, name), text);
  return name;
}

test("apps/firmware/shout.wat: two tasks and a pipe, as text and as the module that talea build makes of it", async () => {
  const said = "NO LOOP OF MINE GOES ON FOR EVER.\nTHE KERNEL SEES TO THAT!\n";
  const run = await talea(["run", "apps/firmware/shout.wat"], root);
  assert.is(run.stdout, said);
  assert.match(run.stderr, /^whisperer +5 +exited 0 /m);
  const built = await talea(["build", join(root, "apps/firmware/shout.wat"), "--grain", "access"]);
  assert.match(built.stdout, /^wrote shout\.wasm: \d+ bytes, grain access, 2 pages of memory\n$/);
  for (const seed of [1, 2, 3]) {
    const machine = boot(firmware(readFileSync(join(folder, "shout.wasm"))), { seed });
    assert.is(machine.run(), "finished");
    assert.is(machine.output, said);
  }
});

test("the module by hand of docs/firmware.md sleeps for 5 ticks and exits with status 7", async () => {
  const [, text] = /```wat\n([\s\S]*?)```/.exec(readFileSync(join(root, "docs/firmware.md"), "utf8")) as unknown as [string, string];
  writeFileSync(join(folder, "napper.wat"), text);
  const run = await talea(["run", "napper.wat"]);
  assert.match(run.stderr, /^napper +8 +exited 7 /m);
  assert.match(run.stderr, /^finished at tick 5 /m);
});

test("a trap and a deadlock name their lines, in a folded expression the line on which it stands", async () => {
  const traps = await talea([
    "run",
    task("trap.wat", "    (drop\n      (i32.div_s\n        (i32.const 7)\n        (local.get $i)))"),
    "--quiet",
  ]);
  assert.is(traps.stderr, 'talea: task "only" failed at trap.wat:9: it divided by zero\n');
  assert.is(traps.status, 1);
  const waits = await talea([
    "run",
    task(
      "wait.wat",
      "    (; a comment of\n    two lines ;)\n    (drop (call $sem_take (call $sem_create (i32.const 0) (i32.const 0) (i32.const 1)) (i32.const -1)))",
    ),
    "--quiet",
  ]);
  assert.is(waits.status, 3);
  assert.match(waits.stderr, /task "only" waits in sem_take on "[^"]*" at wait\.wat:10: /);
});

test("what is no text of a module is refused with line and column, what does not fit together with its line", async () => {
  const refusals: [body: string, said: RegExp][] = [
    ["    (drop (i32.ad (i32.const 1)))", /^bad\.wat:8:\d+: error: unrecognized instruction\n$/],
    ["    nop\n    (call $nobody)", /^bad\.wat:9:\d+: error: function \$nobody does not exist\n$/],
    ["    nop\n    (drop\n      (i64.add (i32.const 1) (i64.const 1)))", /^bad\.wat:10: error: .*i64.*i32\n$/],
  ];
  for (const [body, said] of refusals) {
    for (const word of ["run", "build"]) {
      const ended = await talea([word, task("bad.wat", body)]);
      assert.is(ended.status, 2);
      assert.match(ended.stderr, said);
      assert.is(ended.stdout, "");
    }
  }
  writeFileSync(join(folder, "none.wat"), "not a module");
  assert.match((await talea(["run", "none.wat"])).stderr, /^none\.wat:1:\d+: error: /);
  writeFileSync(join(folder, "own.wat"), '(module (memory 2) (func (export "_initialize")))');
  assert.match((await talea(["run", "own.wat"])).stderr, /^talea: own\.wat is no firmware that can run: it has a memory of its own/);
});

test.run();
