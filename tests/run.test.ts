/** The runner of the test files, by folders of files that pass, fail, end their process, hang, and have no tests. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cache, root } from "./built.js";
import { planned, Refusal } from "./plan.js";

const test = suite("run", { folder: "" });

/** Below the project, so that uvu is found. */
test.before.each((context) => {
  mkdirSync(cache, { recursive: true });
  context.folder = mkdtempSync(join(cache, "runner-"));
});

test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const GOOD = `import { test } from "uvu"; test("good", () => {}); test.run();`;
const BAD = `import { test } from "uvu"; test("good", () => {}); test("bad one", () => { throw new Error("no"); }); test.run();`;
const EMPTY = `import { test } from "uvu"; test("never run", () => {});`;
const SKIPPED = `import { test } from "uvu"; test("good", () => {}); test.skip("later", () => {}); test.run();`;
const CRASHES = `import { test } from "uvu"; test("crashes", () => process.exit(0)); test.run();`;
const THROWS = `throw new Error("before any test");`;
const FORGETS = `import { test } from "uvu"; test("waits for nothing", () => new Promise(() => {})); test.run();`;
const HANGS = `import { test } from "uvu"; test("hangs", () => { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); }); test.run();`;

interface Ended {
  stdout: string;
  stderr: string;
  status: number | null;
}

function runner(folder: string, files: Record<string, string>, ...args: string[]): Promise<Ended> {
  return runnerIn({}, folder, files, ...args);
}

/** The same with these variables. */
function runnerIn(variables: NodeJS.ProcessEnv, folder: string, files: Record<string, string>, ...args: string[]): Promise<Ended> {
  for (const [name, source] of Object.entries(files)) {
    const file = join(folder, `${name}.test.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, source);
  }
  const { FORCE_COLOR: _, TALEA_TESTED: __, TALEA_SEED: ___, ...env } = process.env;
  const command = [...process.execArgv, "tests/run.ts", "--in", folder, ...args];
  const child = spawn(process.execPath, command, { cwd: root, env: { ...env, NO_COLOR: "1", ...variables } });
  const ended: Ended = { stdout: "", stderr: "", status: null };
  child.stdout.on("data", (bytes) => {
    ended.stdout += bytes;
  });
  child.stderr.on("data", (bytes) => {
    ended.stderr += bytes;
  });
  return new Promise((resolve) => child.on("close", (status) => resolve({ ...ended, status })));
}

/** The summary's numbers. */
function counted({ stdout }: Ended): [total: number, passed: number, skipped: number] {
  const found = /\n {2}Total: {5}(\d+)\n {2}Passed: {4}(\d+)\n {2}Skipped: {3}(\d+)\n {2}Duration: {2}[\d.]+ s\n\n$/.exec(stdout);
  assert.ok(found, stdout);
  return found.slice(1).map(Number) as [number, number, number];
}

test("all that matches a pattern is run and shown in the order of names, with the sums, the longest and the seed; the status is 0", async ({
  folder,
}) => {
  const files = { "pipe/b": GOOD, "pipe/a": SKIPPED, "pipe/deep/c": GOOD, mailbox: BAD };
  const ended = await runnerIn({ TALEA_SEED: "77" }, folder, files, "^pipe", "--slowest", "2");
  assert.is(ended.status, 0, ended.stderr);
  assert.is(ended.stderr, "");
  assert.equal(counted(ended), [3, 3, 1]);
  const names = ended.stdout.split("\n").filter((line) => /^[^ ].*\.test\.ts$/.test(line));
  assert.equal(names, ["pipe/a.test.ts", "pipe/b.test.ts", "pipe/deep/c.test.ts"]);
  assert.match(
    ended.stdout,
    /^TALEA_SEED=77: what fails with it fails again by TALEA_SEED=77 npm run test:only -- NAME\n\npipe\/a\.test\.ts\n/,
  );
  const [, lines] = /\n((?: +\d+\.\d s +\d+\.\d s CPU {2}pipe\/\S+\.test\.ts\n)+)\n {2}Total:/.exec(ended.stdout) ?? [];
  const seconds = lines?.trimEnd().split("\n").map(Number.parseFloat) ?? [];
  assert.is(seconds.length, 2);
  assert.ok((seconds[0] as number) >= (seconds[1] as number));
});

test("a test that fails is shown and named again at the end, and so is a file without tests; the others run", async ({ folder }) => {
  const ended = await runner(folder, { a: BAD, b: GOOD, d: EMPTY });
  assert.is(ended.status, 1);
  assert.equal(counted(ended), [4, 2, 0]);
  assert.match(ended.stdout, / FAIL {2}"bad one"\n {4}no\n/);
  assert.match(ended.stdout, /\n {2}a\.test\.ts: 1 of 2 failed\n {2}d\.test\.ts: has no tests\n\n {2}Total:/);
});

test("a file that ends the process, throws or waits for nothing fails, and so do those behind it that it kept from running", async ({
  folder,
}) => {
  // Names of files that take long: the first two have a process of their own, and the others share one.
  const files = { a: GOOD, c: CRASHES, ca: GOOD, cli: THROWS, clj: GOOD, "firmware-cli": FORGETS, g: GOOD };
  const ended = await runner(folder, files, "--share", "12");
  assert.is(ended.status, 1);
  assert.equal(counted(ended), [7, 3, 0]);
  const problems = /((?: {2}.*\n)+)\n {2}Total/.exec(ended.stdout)?.[1]?.trimEnd().split("\n") ?? [];
  assert.equal(problems.toSorted(), [
    "  c.test.ts: ended before its tests did",
    "  cli.test.ts: ended with status 1",
    "  firmware-cli.test.ts: ended before its tests did",
    "  g.test.ts: did not run: firmware-cli.test.ts comes before it in one process",
  ]);
});

test("a file that hangs is ended and named", async ({ folder }) => {
  const ended = await runner(folder, { a: HANGS }, "--limit", "1");
  assert.is(ended.status, 1);
  assert.equal(counted(ended), [1, 0, 0]);
  assert.match(ended.stdout, /\n {2}a\.test\.ts: no test of it ended within 1 seconds\n/);
});

test("a pattern that no file matches, and what makes no sense, is refused in a sentence", async ({ folder }) => {
  for (const [args, sentence] of [
    [["nothing"], /^no test file matches nothing$/],
    [["("], /^Invalid regular expression/],
    [["--jobs", "0"], /^--jobs is a whole number from 1, not 0$/],
    [["--what"], /^Unknown option '--what'/],
  ] as [string[], RegExp][]) {
    assert.throws(
      () => planned(args, false),
      (error: unknown) => error instanceof Refusal && sentence.test(error.message),
    );
  }
  const { status, stdout, stderr } = await runner(folder, { pipe: GOOD }, "nothing");
  assert.equal([status, stdout], [2, ""]);
  assert.match(stderr, /^no test file matches nothing\nusage: npm run test:only/);
});

test("a seed that is none is refused in a sentence", async ({ folder }) => {
  const { status, stdout, stderr } = await runnerIn({ TALEA_SEED: "x7" }, folder, { pipe: GOOD });
  assert.equal([status, stdout, stderr], [2, "", "TALEA_SEED is a whole number from 0 to 4294967295, not x7\n"]);
});

test.run();
