import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "./built.js";
import { withCounters } from "./cover/counters.js";
import { coverIn, type FileCover } from "./cover/merge.js";
import { plainOf } from "./cover/plain.js";
import { covered, prepare } from "./cover/prepare.js";
import { ranges, rowOf, sentence, shown, total } from "./cover/table.js";

const test = suite("cover", { folder: "" });

test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "talea-cover-"));
});

test.after(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const SNIPPET = `export function choose(a: i32, b: i32): i32 {
  if (a > 0 && b > 0 && a != b) return 1;
  for (let i = 0; i < b; i++) {
    if (i == 7) break;
  }
  switch (a) {
    case -1:
      return 2;
    case -2:
      return b == 0 ? 3 : 4;
    default:
      return 5;
  }
}
`;

/** What calls of choose() reach of the snippet: "2 if true", in order of the source. */
async function reached(...calls: [number, number][]): Promise<string[]> {
  const { main } = await import("assemblyscript/asc");
  const files = new Map<string, string | Uint8Array>();
  const { error } = await main(
    ["kernel/snippet.ts", "--config", "none", "--debug", "--sourceMap", "--outFile", "s.wasm", "--runtime", "stub"],
    {
      readFile: (name) => (name === "kernel/snippet.ts" ? SNIPPET : null),
      writeFile: (name, contents) => void files.set(name, contents),
    },
  );
  assert.is(error, null);
  const { wasm, counters } = withCounters(plainOf(files.get("s.wasm") as Uint8Array, files.get("s.wasm.map") as string));
  const passed = new Set<number>();
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm as BufferSource), {
    cover: { hit: (counter: number) => passed.add(counter) },
  });
  for (const [a, b] of calls) (exports.choose as (a: number, b: number) => number)(a, b);
  const ways = counters.flatMap(({ outcome }, i) => (outcome && passed.has(i) ? [outcome] : []));
  ways.sort((a, b) => a.line - b.line || a.column - b.column || a.nth - b.nth || (a.outcome < b.outcome ? 1 : -1));
  return ways.map(({ line, column, nth, outcome }) => `${line}:${column}${nth > 0 ? ` (${nth})` : ""} ${outcome}`);
}

test("every way of an if, of each && in it, of a loop and of a switch has a counter", async () => {
  assert.equal(await reached([1, 0]), ["2:3 false", "2:7 true", "2:7 (1) false", "3:19 false", "9:10 default"]);
  assert.equal(await reached([1, 2]), ["2:3 true", "2:7 true", "2:7 (1) true"]);
  assert.equal(await reached([-1, 1]), ["2:3 false", "2:7 false", "2:7 (1) false", "3:19 true", "3:19 false", "4:5 false", "7:10 case"]);
  assert.equal(await reached([-2, 8]), [
    ...["2:3 false", "2:7 false", "2:7 (1) false", "3:19 true", "4:5 true", "4:5 false", "9:10 case", "10:14 false"],
  ]);
});

/** What the sample prints, with the environment of a run with coverage or without. */
function sample(env: NodeJS.ProcessEnv): string {
  const command = ["--import", "./tests/loader/register.js", "--conditions=source", "tests/cover/sample.ts"];
  return execFileSync(process.execPath, command, { cwd: root, encoding: "utf8", env });
}

function wayOf(files: FileCover[], file: string, text: string, outcome: string) {
  const way = files.find((each) => each.file === file)?.ways.find((each) => each.text.startsWith(text) && each.outcome === outcome);
  if (!way) throw new Error(`${file} has no "${text}" that can be ${outcome}`);
  return way;
}

test("a kernel with counters has the cycles, the trace and the memory of the one without, and tells what was reached", async ({
  folder,
}) => {
  const { TALEA_COVER: _, NODE_OPTIONS: __, FORCE_COLOR: ___, ...plain } = process.env;
  await prepare(folder);
  assert.is(sample(covered(folder, plain)), sample(plain));
  const { files, checks, problems } = coverIn(folder, []);
  assert.equal(problems, []);
  assert.is(wayOf(files, "kernel/choice.ts", "if (choices < 2)", "false").reached, true);
  assert.is(wayOf(files, "kernel/panic.ts", "if (cpu.panic == 0)", "true").reached, false);
  assert.is(
    files.some(({ file }) => file === "kernel/check.ts"),
    false,
  );
  assert.is(checks.find(({ file }) => file === "kernel/check.ts")?.lines.size === 0, false);
  const line = { file: "kernel/panic.ts", line: "if (cpu.panic == 0) cpu.panic = code;", reason: "no kernel is broken" };
  const known = { file: "kernel/choice.ts", line: "if (choices < 2) return 0;", reason: "wrong" };
  const excused = coverIn(folder, [
    { ...line, outcome: "true" },
    { ...line, outcome: "case" },
    { ...known, outcome: "false" },
    { ...line, line: "if (no) such();", outcome: "true" },
  ]);
  assert.equal(excused.problems, [
    'unreachable.ts lists kernel/panic.ts: "if (cpu.panic == 0) cpu.panic = code;", where no branch is that can be case',
    'unreachable.ts lists kernel/choice.ts: "if (choices < 2) return 0;" as never false, but it was',
    'unreachable.ts lists kernel/panic.ts: "if (no) such();", where no branch is that can be true',
  ]);
  assert.is(wayOf(excused.files, "kernel/panic.ts", "if (cpu.panic == 0)", "true").excused, true);
  const panic = (list: FileCover[]) => rowOf(list.find(({ file }) => file === "kernel/panic.ts") as FileCover);
  assert.equal(panic(files).branches, { reached: 0, all: 2 });
  assert.equal(panic(excused.files).branches, { reached: 0, all: 1 });
});

test("the table rounds down, sums by what there is, and names lines as ranges", () => {
  assert.is(shown({ reached: 2999, all: 3000 }), "99.96");
  assert.is(shown({ reached: 0, all: 0 }), "100.00");
  assert.is(ranges([3, 7, 8, 9, 11]), "3, 7-9, 11");
  const row = (reached: number, all: number) => ({ name: "", branches: { reached, all }, lines: { reached: 1, all: 1 }, missing: "" });
  assert.equal(total("both", [row(1, 1), row(1, 3)]), {
    name: "both",
    branches: { reached: 2, all: 4 },
    lines: { reached: 2, all: 2 },
    missing: "",
  });
  const way = { file: "kernel/a.ts", line: 3, column: 1, nth: 0, text: "if (a) b();", reached: false, excused: false } as const;
  assert.is(sentence({ ...way, outcome: "false" }), "kernel/a.ts:3 never false: if (a) b();");
});

test.run();
