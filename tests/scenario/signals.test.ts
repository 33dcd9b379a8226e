import { suite } from "uvu";
import * as assert from "uvu/assert";
import signals from "../../apps/scripted/signals.js";
import { ORACLES, playOut } from "../support.js";

const test = suite("signals");

const LINES = [
  "tick 2: worker has done 0 so far",
  "tick 6: worker has done 1 so far",
  "tick 8: worker was told to stop waiting, with 1 done",
  "tick 13: worker gave up by its alarm",
  "tick 20: parent hears from its worker",
  "tick 30: the stopped worker computed 0 rounds",
  "tick 30: parent hears from its worker",
  "tick 40: the worker computes again",
  "tick 40: parent hears from its worker",
  "tick 40: the worker ended with 143",
];

test("each signal does what the page says, whatever the schedule", () => {
  for (const options of ORACLES) {
    const { machine } = playOut(signals, options);
    assert.equal(machine.output.trimEnd().split("\n"), LINES);
  }
});

test("nothing is left: the worker ends by a signal and is reaped", () => {
  const { machine } = playOut(signals);
  assert.is(machine.task("worker").state, "signalled");
  assert.equal(
    machine.report().left.filter((text) => !text.includes("console")),
    [],
  );
});

test.run();
