import { suite } from "uvu";
import * as assert from "uvu/assert";
import { drawTimeline } from "../apps/cli/chart.js";
import { colorsFor } from "../apps/cli/color.js";
import { Doing, type Lane, SPANS, Timeline } from "../apps/cli/timeline.js";
import { type App, boot, Happening, Kind, type Machine, type MachineOptions } from "../hal/host/index.js";

const test = suite("timeline");
const plain = colorsFor({ terminal: undefined }, {});

/** A run of an app and its timeline. */
function played(app: App, options: MachineOptions = {}): { timeline: Timeline; machine: Machine } {
  const machine = boot(app, { keep: 0, ...options });
  const timeline = new Timeline((id) => machine.nameOf(id));
  machine.onRecord = (cycles, what, first) => timeline.record(cycles, what, first);
  machine.run();
  timeline.close(machine.cycles);
  return { timeline, machine };
}

function laneOf(timeline: Timeline, name: string): Lane {
  return timeline.lanes.find((lane) => lane.name === name) as Lane;
}

/** Cycles that a lane's owner spent on something, in all. */
function total(lane: Lane, doing: number): number {
  return (lane.spent.get(doing) ?? new Float64Array(0)).reduce((sum, cycles) => sum + cycles, 0);
}

/** Feeds records one by one: who is named by slot, `at` in cycles. */
class Script {
  readonly timeline: Timeline;

  constructor(names: (id: number) => string = (id) => `${id >> 8 === Kind.LINE ? "line" : "task"} ${id & 0xff}`) {
    this.timeline = new Timeline(names);
  }

  tell(at: number, event: number, who: number, first = 0, object = 0): this {
    this.timeline.record(at, event | (who << 8) | (object << 16), first);
    return this;
  }

  spawn(at: number, slot: number): this {
    return this.tell(at, Happening.SPAWN, slot, 0, (Kind.TASK << 8) | slot);
  }
}

const NOBODY = 255;
const SEM = Kind.SEM << 8;
const LINE = Kind.LINE << 8;

test("a task's time goes to what it did: ready, running, waiting for an object, asleep", () => {
  const { timeline } = new Script()
    .spawn(0, 1)
    .tell(100, Happening.SWITCH, 1, -1)
    .tell(150, Happening.BLOCK, 1, 0, SEM | 3)
    .tell(150, Happening.IDLE, NOBODY, 1)
    .tell(400, Happening.WAKE, 1, 0, SEM | 3)
    .tell(410, Happening.SWITCH, 1, -1)
    .tell(420, Happening.BLOCK, 1, 5)
    .tell(420, Happening.IDLE, NOBODY, 1);
  timeline.close(1000);
  const lane = laneOf(timeline, "task 1");
  assert.is(total(lane, Doing.READY), 110);
  assert.is(total(lane, Doing.RUNNING), 60);
  assert.is(total(lane, SEM | 3), 250);
  assert.is(total(lane, Doing.SLEEPING), 580);
  assert.is(total(laneOf(timeline, "idle"), Doing.RUNNING), 260 + 580);
});

test("a preempted task is ready, a suspended one neither ready nor running until it is resumed", () => {
  const { timeline } = new Script()
    .spawn(0, 1)
    .spawn(0, 2)
    .tell(0, Happening.SWITCH, 1, -1)
    .tell(10, Happening.SWITCH, 2, 1)
    .tell(30, Happening.HOLD, 1, 1, (Kind.TASK << 8) | 1)
    .tell(70, Happening.HOLD, 1, 0, (Kind.TASK << 8) | 1)
    .tell(100, Happening.END, 2)
    .tell(100, Happening.SWITCH, 1, -1);
  timeline.close(150);
  const lane = laneOf(timeline, "task 1");
  assert.is(total(lane, Doing.RUNNING), 10 + 50);
  assert.is(total(lane, Doing.READY), 20 + 30);
  assert.is(total(lane, Doing.SUSPENDED), 40);
});

test("a handler takes the CPU from whoever has it and gives it back, nested too", () => {
  const { timeline } = new Script()
    .spawn(0, 1)
    .tell(0, Happening.SWITCH, 1, -1)
    .tell(10, Happening.INTERRUPT, 128 + 3, 0, LINE | 3)
    .tell(30, Happening.INTERRUPT, 128 + 4, 0, LINE | 4)
    .tell(35, Happening.RETURN, 128 + 4, 2, LINE | 4)
    .tell(40, Happening.RETURN, 128 + 3, 1, LINE | 3)
    .tell(50, Happening.BLOCK, 1, 0)
    .tell(50, Happening.IDLE, NOBODY, 1)
    .tell(80, Happening.INTERRUPT, 128 + 3, 0, LINE | 3)
    .tell(90, Happening.RETURN, 128 + 3, 1, LINE | 3);
  timeline.close(100);
  assert.is(total(laneOf(timeline, "task 1"), Doing.RUNNING), 20);
  assert.is(total(laneOf(timeline, "line 3"), Doing.RUNNING), 25 + 10);
  assert.is(total(laneOf(timeline, "line 4"), Doing.RUNNING), 5);
  assert.is(total(laneOf(timeline, "idle"), Doing.RUNNING), 40);
});

test("the upper half of the cycle counter comes from CARRY records", () => {
  const { timeline } = new Script()
    .spawn(0, 1)
    .tell(4294967290, Happening.SWITCH, 1, -1)
    .tell(0, Happening.CARRY, NOBODY, 1)
    .tell(4, Happening.END, 1);
  assert.is(total(laneOf(timeline, "task 1"), Doing.RUNNING), 10);
  assert.is(timeline.end, 4294967300);
});

test("spans double when the run outgrows them, and not a cycle is lost", () => {
  const script = new Script().spawn(0, 1);
  let at = 0;
  let ran = 0;
  for (let round = 1; round <= 5000; round++) {
    script.tell(at, Happening.SWITCH, 1, -1);
    at += round;
    ran += round;
    script.tell(at, Happening.BLOCK, 1, 0).tell(at, Happening.IDLE, NOBODY, 1);
    at += 7;
    script.tell(at, Happening.WAKE, 1);
  }
  const { timeline } = script;
  timeline.close(at);
  const lane = laneOf(timeline, "task 1");
  assert.is(total(lane, Doing.RUNNING), ran);
  assert.is(total(lane, Doing.SLEEPING), 5000 * 7);
  assert.ok(timeline.width * SPANS >= at && (timeline.width * SPANS) / 2 < at);
  const full = [...(lane.spent.get(Doing.RUNNING) as Float64Array)].map(
    (cycles, span) => cycles + ((lane.spent.get(Doing.SLEEPING) as Float64Array)[span] as number),
  );
  const spans = Math.floor(at / timeline.width);
  assert.equal(full.slice(0, spans), new Array(spans).fill(timeline.width));
});

test("memory is bounded: tasks that came and went beyond a number share a lane, their time is kept", () => {
  let born = 0;
  const script = new Script((id) => (id === ((Kind.TASK << 8) | 1) ? `round ${born}` : `task ${id & 0xff}`));
  for (let round = 0; round < 1000; round++) {
    born = round;
    script
      .spawn(round * 10, 1)
      .tell(round * 10, Happening.SWITCH, 1, -1)
      .tell(round * 10 + 10, Happening.END, 1);
  }
  const { lanes } = script.timeline;
  assert.ok(lanes.length < 100);
  assert.is(
    lanes.reduce((sum, lane) => sum + total(lane, Doing.RUNNING), 0),
    10_000,
  );
  assert.is(lanes.at(-1)?.name === "(others)" || lanes.some((lane) => lane.name === "(others)"), true);
  assert.ok(lanes.some((lane) => lane.name === "round 999"));
});

test("of a real run, every cycle has at most one owner, and each task's share is what the kernel accounts", () => {
  const { timeline, machine } = played((system) => {
    const sem = system.semaphore();
    system.interrupt(3, {}, function* (irq) {
      yield* irq.compute(500);
    });
    system.task("low", { priority: 2 }, function* (self) {
      for (let i = 0; i < 50; i++) {
        yield* self.compute(20_000);
        yield* sem.give();
      }
    });
    system.task("high", { priority: 9 }, function* (self) {
      for (let i = 0; i < 50; i++) {
        yield* sem.take();
        yield* self.compute(3000);
        yield* self.raise(3);
        yield* self.sleep(2);
      }
    });
  });
  const owners = timeline.lanes.map((lane) => lane.spent.get(Doing.RUNNING) ?? new Float64Array(SPANS));
  for (let span = 0; span < SPANS; span++) {
    assert.ok(owners.reduce((sum, spans) => sum + (spans[span] as number), 0) <= timeline.width);
  }
  // The kernel accounts ticks and switches to itself, the timeline to whoever they hit.
  const report = machine.report();
  const accounted = { low: machine.task("low").cycles, high: machine.task("high").cycles, idle: report.idle };
  for (const [name, cycles] of Object.entries(accounted)) {
    const ran = total(laneOf(timeline, name), Doing.RUNNING);
    assert.ok(ran >= cycles && ran - cycles <= report.kernel);
  }
});

test("the chart says for each column who ran, who was ready, and who waited for what", () => {
  const script = new Script((id) => (id === (SEM | 3) ? "done" : id === (SEM | 4) ? "sem 4" : `task ${id & 0xff}`))
    .spawn(0, 1)
    .spawn(0, 2)
    .tell(0, Happening.SWITCH, 1, -1)
    .tell(500, Happening.BLOCK, 1, 0, SEM | 3)
    .tell(500, Happening.SWITCH, 2, 1)
    .tell(1000, Happening.BLOCK, 2, 0, SEM | 4)
    .tell(1000, Happening.IDLE, NOBODY, 2)
    .tell(1500, Happening.WAKE, 1, 0, SEM | 3)
    .tell(1500, Happening.SWITCH, 1, -1)
    .tell(1502, Happening.BLOCK, 1, 5)
    .tell(1502, Happening.IDLE, NOBODY, 1);
  script.timeline.close(2000);
  assert.equal(drawTimeline(script.timeline, { width: 28, millisecond: 16_000, tick: 0, color: plain }), [
    "timeline, one column is 0.00625 ms",
    "task 1  █████aaaaaaaaaaZzzzz",
    "task 2  ░░░░░█████bbbbbbbbbb",
    "idle              ██████████",
    "        tick 0        tick 0",
    "▁..█ runs, by its share of the time",
    "░ ready | z sleeps",
    "a waits for sem done",
    "b waits for sem 4",
    "capital: and ran for a moment",
  ]);
});

test("a block is as high as the share of the column that the task ran", () => {
  const script = new Script().spawn(0, 1);
  for (let column = 0; column < 20; column++) {
    script
      .tell(column * 160, Happening.SWITCH, 1, -1)
      .tell(column * 160 + column * 8, Happening.BLOCK, 1, 0)
      .tell(column * 160 + column * 8, Happening.IDLE, NOBODY, 1)
      .tell(column * 160 + 160, Happening.WAKE, 1);
  }
  script.timeline.close(3200);
  const [, row] = drawTimeline(script.timeline, { width: 28, millisecond: 16_000, tick: 0, color: plain });
  assert.is(row, "task 1  zZZ▂▂▃▃▃▄▄▅▅▅▆▆▇▇▇██");
});

test("the chart fits the width, whatever the names, and shows no control characters", () => {
  const names = ["\u001b[2J", "a name of fifteen characters or more", "b"];
  const script = new Script((id) => names[id & 0xff] as string);
  for (const slot of [0, 1, 2]) script.spawn(0, slot).tell(slot * 9999, Happening.SWITCH, slot, slot - 1);
  script.timeline.close(100_000);
  for (const width of [40, 80, 200]) {
    const lines = drawTimeline(script.timeline, { width, millisecond: 16_000, tick: 6, color: plain });
    assert.equal(
      lines.filter((line) => line.length > width),
      [],
    );
    assert.is(lines[1]?.slice(0, 17), "?[2J             ");
    assert.is(lines[2]?.slice(0, 17), "a name of fift…  ");
    assert.equal(
      lines.slice(1, 4).map((line) => line.length),
      [width, width, width],
    );
  }
});

test("a wait for a task's end is named as it was then, though the slot is another task's later", () => {
  let name = "first";
  const script = new Script((id) => (id === ((Kind.TASK << 8) | 2) ? name : "joiner"))
    .spawn(0, 1)
    .spawn(0, 2)
    .tell(0, Happening.SWITCH, 1, -1)
    .tell(10, Happening.BLOCK, 1, 0, (Kind.TASK << 8) | 2)
    .tell(900, Happening.END, 2)
    .tell(900, Happening.WAKE, 1)
    .tell(900, Happening.END, 1);
  name = "second";
  script.spawn(900, 2);
  script.timeline.close(1000);
  const lines = drawTimeline(script.timeline, { width: 60, millisecond: 16_000, tick: 0, color: plain });
  assert.ok(lines.some((line) => line.includes("a waits for task first")));
});

test.run();
