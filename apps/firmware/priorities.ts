/**
 * Priority inversion, as it reset the Mars Pathfinder: a task of high priority waits for one of low priority, which cannot go on
 * because one in the middle computes. Two rounds of the same, the second with a mutex that lends its owner the waiter's priority.
 * low takes the bus at tick 0, high wants it at tick 1, medium wakes at tick 2; who runs, tick by tick:
 *
 *     plain mutex   low  low  medium  medium  ... 20 ticks ...  low  low  low  high
 *     inheritance   low  low  low     low     low  high  medium  medium  ... 20 ticks ...
 */
import { Mutex, mutex, out, self, task } from "talea/firmware";

/** Cycles of a tick. */
const TICK: u32 = 16_000;
/** Ticks from one round to the next. */
const ROUND: u32 = 40;

const names: string[] = ["plain mutex", "inheritance"];
const buses: Mutex[] = [mutex({ name: "plain bus", inherit: false }), mutex({ name: "inheriting bus" })];

task("low", { priority: 10 }, () => {
  for (let round = 0; round < buses.length; round++) {
    const bus = buses[round];
    self.sleepUntil(round * ROUND);
    bus.lock();
    self.compute(5 * TICK);
    bus.unlock();
  }
});

// It has nothing to do with the bus; that is the point.
task("medium", { priority: 20 }, () => {
  for (let round = 0; round < buses.length; round++) {
    self.sleepUntil(round * ROUND + 2);
    self.compute(20 * TICK);
  }
});

task("high", { priority: 30 }, () => {
  for (let round = 0; round < buses.length; round++) {
    const bus = buses[round];
    self.sleepUntil(round * ROUND + 1);
    const asked = self.tick;
    bus.lock();
    const waited = self.tick - asked;
    bus.unlock();
    out().text(names[round]).text(": high waited ").int(waited).text(" ticks for the bus\n").end();
  }
});
