import { suite } from "uvu";
import * as assert from "uvu/assert";
import dispatch from "../../apps/scripted/dispatch.js";
import { ORACLES, play } from "../support.js";

const test = suite("dispatch");

/** The urgencies as they came to the office, and who does what with which urgency, in order. */
function told(output: string): { came: number[]; done: { worker: string; job: string; urgency: number }[] } {
  const [first = "", ...lines] = output.trimEnd().split("\n");
  const came = /^urgencies as they came: ([\d ]+)$/.exec(first)?.[1]?.split(" ").map(Number) ?? [];
  const done = lines.map((line) => {
    const [, worker = "", job = "", urgency] = /^(ann|ben): (.+) \((\d+)\)$/.exec(line) ?? [];
    return { worker, job, urgency: Number(urgency) };
  });
  return { came, done };
}

test("by the default rules it says this", () => {
  const { machine } = play(dispatch);
  const expected = [
    "urgencies as they came: 1 9 5 2 3 5 1 2 3",
    "ann: smell of gas! (9)",
    "ben: lamp is out (5)",
    "ben: heating is cold (5)",
    "ann: lock jams (3)",
    "ann: bell is mute (3)",
    "ben: door sticks (2)",
    "ann: gutter is full (2)",
    "ben: tap drips (1)",
    "ben: fence leans (1)",
    "",
  ];
  assert.equal(machine.output.split("\n"), expected);
  assert.equal(machine.report().left, []);
});

test("under every schedule each job is done once, and each worker's jobs are in the order of their urgency", () => {
  for (const oracle of ORACLES) {
    const { came, done } = told(play(dispatch, oracle).machine.output);
    assert.is(new Set(done.map(({ job }) => job)).size, 9);
    assert.equal([...came].sort(), done.map(({ urgency }) => urgency).sort());
    for (const name of ["ann", "ben"]) {
      const mine = done.filter(({ worker }) => worker === name).map(({ urgency }) => urgency);
      assert.ok(mine.length > 0);
      assert.equal(
        mine,
        [...mine].sort((a, b) => b - a),
      );
    }
  }
});

test("the inbox is too small for what the branches report: they wait in its send queue, and the urgent report overtakes", () => {
  const { machine } = play(dispatch);
  const inbox = machine.trace.find(({ event }) => event === "queue_send")?.object;
  const waited = machine.trace.filter(({ event, object }) => event === "BLOCK" && object === inbox);
  const names = machine.tasks.map(({ name }) => name);
  assert.ok(waited.some(({ task }) => names[task] === "south"));
  assert.ok(waited.some(({ task }) => names[task] === "west"));
  assert.is(told(machine.output).came.indexOf(9), 1);
});

test.run();
