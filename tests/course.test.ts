/** The exercise of docs/course.md as a course would grade it, and that the grader finds what students do wrong. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import finger from "../apps/scripted/finger.js";
import { boot, type Firmware, type Machine, type MachineOptions } from "../hal/host/index.js";
import { root } from "./built.js";
import { firmwareFrom, firmwareOf } from "./firmware.js";

const test = suite("course");

const BUTTON = 0;
const LAMP = 8;

/** Presses and lets go, with bounces; the oracle says when exactly they come. */
function press(m: Machine, tick: number, held = 60): void {
  for (const [at, level] of [
    [tick, true],
    [tick + held, false],
  ] as const) {
    for (let i = 0; i < 5; i++) m.drive(BUTTON, i % 2 === 0 ? level : !level, { tick: at + i, window: 8000 });
  }
}

/** Grades a solution: three presses, a flicker between them, under every schedule. */
function grade(button: Firmware, schedules: readonly MachineOptions[]): void {
  for (const options of schedules) {
    const m = boot(button, { ...options, args: ["3"] });
    for (const tick of [100, 200, 300]) press(m, tick);
    m.drive(BUTTON, true, { tick: 250 });
    m.drive(BUTTON, false, { tick: 265 });
    assert.is(m.runUntilLevel(LAMP, true, 150), "until", "the lamp goes on");
    assert.ok(m.tick >= 120 && m.tick <= 126, `it does 20 ms after the last bounce, and not at ${m.tick}`);
    assert.is(m.runUntilLevel(LAMP, false, 195), "late", "letting go changes nothing");
    assert.is(m.runUntilOutput("press 3", 400), "until", "the third press is told");
    assert.is(m.runUntilOutput("press 4", 600), "finished", "it ends after three presses");
    assert.equal(
      m.changes(LAMP).map(({ level }) => level),
      [true, false, true],
      "every press switches the lamp, and nothing else",
    );
  }
}

const SCHEDULES: MachineOptions[] = [{}, ...Array.from({ length: 20 }, (_, i) => ({ seed: i + 1 }))];

test("the solution passes, under every schedule and at both grains", () => {
  grade(firmwareOf("button"), SCHEDULES);
  grade(firmwareOf("button", "access"), SCHEDULES.slice(0, 6));
});

test("a finger of a scripted task presses it on the same board", () => {
  for (const options of SCHEDULES) {
    const m = boot(finger, { ...options, firmware: firmwareOf("button"), args: ["4"] });
    assert.is(m.runUntilOutput(/press 2, the lamp is 0/, 1000), "until");
    assert.is(m.level(LAMP), false);
    assert.is(m.run(), "finished");
    assert.is(m.changes(LAMP).length, 4);
  }
});

const SOLUTION = readFileSync(`${root}/apps/firmware/button.ts`, "utf8");

/** What students do, and what the grader says of it. */
const MISTAKES: [name: string, from: string, to: string, verdict: RegExp][] = [
  ["nothing is debounced", "while (edges.take(QUIET) == 0);", "", /20 ms after the last bounce/],
  ["letting go counts, too", "    if (down == 0) continue;\n", "", /letting go changes nothing/],
  ["a task that locks the interrupts for ever", "    edges.take();\n", "    self.lockInterrupts();\n    for (;;);\n", /the lamp goes on/],
  ["a handler that never lets go of the CPU", "edges.give();", "self.raise(25);", /the lamp goes on/],
];

/** What the grader says. */
function verdictOn(button: Firmware): string {
  try {
    grade(button, SCHEDULES.slice(0, 2));
    return "passed";
  } catch (error) {
    return (error as Error).message;
  }
}

for (const [name, from, to, verdict] of MISTAKES) {
  test(`the grader finds it: ${name}`, () => {
    assert.ok(SOLUTION.includes(from));
    const wrong = firmwareFrom(`button-${name.replace(/\W+/g, "-")}`, SOLUTION.replace(from, to));
    assert.match(verdictOn(wrong), verdict);
  });
}

test.run();
