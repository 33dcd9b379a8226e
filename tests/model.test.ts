/**
 * The kernel against its model: random programs run on both at once, and every result, every turn and every state must be the same.
 * TALEA_SEED draws other programs, TALEA_PROGRAMS says how many. What was found once stands below as a program of its own.
 */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Divergence, lockstep } from "./model/lockstep.js";
import type { Program } from "./model/program.js";
import { anyProgram } from "./model/random.js";
import { SEED } from "./seed.js";

const test = suite("model");
const seed = SEED;
const numRuns = count(process.env.TALEA_PROGRAMS ?? "150");

function count(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`TALEA_PROGRAMS is a whole number from 1 on, not ${text}`);
}

/** The rest of a program of which only a few things matter. */
function program(part: Partial<Program>): Program {
  return { period: 2000, first: 0, setup: [], tasks: [], handlers: [], lines: [], events: [], ...part };
}

test(`random programs do on the kernel what they do on the model (seed ${seed})`, () => {
  const outcome = fc.check(
    fc.property(anyProgram, (drawn) => lockstep(drawn)),
    { seed, numRuns },
  );
  if (!outcome.failed) return;
  const [smallest] = outcome.counterexample ?? [];
  const error = outcome.errorInstance as Error;
  // The shortest one that still fails: as it stands it can become a test in this file.
  throw new Error(`${error.message}\n(seed ${seed}, after ${outcome.numShrinks} shrinks)`, { cause: smallest });
});

test("a difference is told with the program that shows it, as a test to be pasted", () => {
  const odd = program({ tasks: [{ priority: 1, threshold: 0, slice: 1, flags: 0, opens: 0, ops: [["task_yield"]] }] });
  try {
    lockstep(odd, { wrong: "task_yield" });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, Divergence);
    const { message } = error as Divergence;
    assert.match(message, /^step \d+: task_yield\(\) answers/);
    const [, written] = message.split("lockstep(") as [string, string];
    assert.match(written, '["task_yield"]');
    assert.match(message, 'test("');
  }
});

test("TSK-16a what a tick costs is nobody's when its alarm ends the task that ran", () => {
  lockstep(
    program({
      tasks: [{ priority: 0, threshold: 0, slice: 1, flags: 0, opens: 0, ops: [["task_alarm", 1], ["irq_raise"], ["task_compute"]] }],
      handlers: [[["task_compute", 17]], []],
      lines: [0],
    }),
  );
});

test.run();
