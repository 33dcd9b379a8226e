import { suite } from "uvu";
import * as assert from "uvu/assert";
import { plainKernel } from "./cover/plain.js";
import { suiteFiles } from "./mutate/bundle.js";
import { type Mutant, mutantsOf, planted } from "./mutate/plant.js";
import { contradictions, judged, noticedShare, sentences, tableOf } from "./mutate/report.js";
import { sample } from "./mutate/sample.js";
import { Suite, type Verdict } from "./mutate/trial.js";

const test = suite("mutate");

let known: Mutant[] | undefined;

async function all(): Promise<Mutant[]> {
  known ??= mutantsOf(await plainKernel("debug"));
  return known;
}

/** The faults of a function of the semaphore's of one kind. */
async function faults(func: string, kind: string): Promise<Mutant[]> {
  const found = (await all()).filter((mutant) => mutant.func === `kernel/object/semaphore/${func}` && mutant.kind === kind);
  assert.ok(found.length > 0, `${func} ${kind}`);
  return found;
}

test("known faults are noticed, by the test that says so, and one where no test comes is not", async () => {
  const files = await Suite.prepared(["tests/semaphore.test.ts"], 1);
  assert.ok(files.size > 10);
  assert.equal(files.broken, []);
  for (const [func, kind] of [
    ["semTake", "compare"],
    ["semGive", "store"],
    ["semGive", "negate"],
  ] as const) {
    const [mutant] = (await faults(func, kind)) as [Mutant];
    const verdict = await files.trial(mutant);
    assert.is.not(verdict.outcome, "survived", `${mutant.id}: ${verdict.by}`);
  }
  const [elsewhere] = (await all()).filter(({ func }) => func === "kernel/object/barrier/barrierWait") as [Mutant];
  const verdict = await files.trial(elsewhere);
  assert.equal([verdict.outcome, verdict.by, verdict.tests], ["survived", "no test of the suite comes there", 0]);
});

test("a fault has a name, a place in the source, and makes a module that WebAssembly allows", async () => {
  const mutants = await all();
  assert.ok(mutants.length > 10_000);
  assert.is(new Set(mutants.map(({ id }) => id)).size, mutants.length);
  const [flip] = (await faults("semTake", "compare")) as [Mutant];
  assert.is(flip.file, "kernel/object/semaphore.ts");
  assert.match(flip.change, /^i32\.\w+ becomes i32\.\w+$/);
  for (const kind of new Set(mutants.map((mutant) => mutant.kind))) {
    const [one] = mutants.filter((mutant) => mutant.kind === kind) as [Mutant];
    assert.ok(WebAssembly.validate(planted(await plainKernel("debug"), one.id) as BufferSource), one.id);
  }
  const plain = await plainKernel("debug");
  assert.throws(() => planted(plain, "kernel/none#call1"), /has no mutant kernel\/none#call1/);
});

test("the same seed chooses the same faults, another one others, and every function has its share", async () => {
  const mutants = await all();
  const ids = (count: number, seed: number) => sample(mutants, count, seed).map(({ id }) => id);
  assert.equal(ids(500, 1), ids(500, 1));
  assert.is(ids(500, 1).length, 500);
  assert.not.equal(ids(500, 1), ids(500, 2));
  const functions = new Set(mutants.map(({ func }) => func));
  assert.is(new Set(sample(mutants, functions.size, 1).map(({ func }) => func)).size, functions.size);
});

test("the report counts by kind and file, leaves out what is listed as equivalent, and says where a list is wrong", async () => {
  const [mutant] = (await faults("semTake", "compare")) as [Mutant];
  const verdict = (outcome: Verdict["outcome"]): Verdict => ({ mutant, outcome, by: "12 tests come there and pass", tests: 12, took: 1 });
  const entry = { func: mutant.func, kind: mutant.kind, line: "the line", reason: "it is the same" };
  const three = [
    judged(verdict("survived"), "another line", [entry]),
    judged(verdict("noticed"), "", []),
    judged(verdict("timed out"), "", []),
  ];
  assert.is(Math.floor(noticedShare(three)), 66);
  const listed = judged(verdict("survived"), "the line", [entry]);
  assert.is(listed.reason, "it is the same");
  assert.is(noticedShare([...three.slice(1), listed]), 100);
  assert.equal(contradictions([listed]), []);
  assert.is(contradictions([judged(verdict("noticed"), "the line", [entry])]).length, 1);
  assert.match(tableOf(three), /all .* 3 .* 1 .* 1 .* 1 .* 0 .* 66\.6/);
  assert.match(sentences(three[0] as (typeof three)[number]), /semaphore\.ts:\d+:\d+ semTake: i32.*\n {4}another line\n.*\n {4}--mutant '/);
});

test("the suite has the tests of the kernel, and none that starts a process or compiles", () => {
  const files = suiteFiles();
  for (const file of ["tests/mutex.test.ts", "tests/scenario/tour.test.ts", "tests/face.test.ts"]) assert.ok(files.includes(file), file);
  for (const file of ["tests/cli.test.ts", "tests/protect.test.ts", "tests/mutate.test.ts"]) assert.not.ok(files.includes(file), file);
});

test.run();
