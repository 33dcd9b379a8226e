/**
 * Priority inversion, as it reset the Mars Pathfinder: a task of high priority waits for one of low priority, which cannot go on
 * because one in the middle computes. Two rounds of the same, the second with a mutex that lends its owner the waiter's priority.
 * low takes the bus at tick 0, high wants it at tick 1, medium wakes at tick 2; who runs, tick by tick:
 *
 *     plain mutex   low  low  medium  medium  ... 20 ticks ...  low  low  low  high
 *     inheritance   low  low  low     low     low  high  medium  medium  ... 20 ticks ...
 */
import type { System } from "talea";

/** Cycles of a tick. */
const TICK = 16_000;
/** Ticks from one round to the next. */
const ROUND = 40;

export default function priorities(system: System): void {
  const console = system.console();
  const rounds = [
    { name: "plain mutex", bus: system.mutex({ name: "plain bus", inherit: false }) },
    { name: "inheritance", bus: system.mutex({ name: "inheriting bus" }) },
  ];

  system.task("low", { priority: 10 }, function* (self) {
    for (const [round, { bus }] of rounds.entries()) {
      yield* self.sleepUntil(round * ROUND);
      yield* bus.lock();
      yield* self.compute(5 * TICK);
      yield* bus.unlock();
    }
  });

  // It has nothing to do with the bus; that is the point.
  system.task("medium", { priority: 20 }, function* (self) {
    for (const round of rounds.keys()) {
      yield* self.sleepUntil(round * ROUND + 2);
      yield* self.compute(20 * TICK);
    }
  });

  system.task("high", { priority: 30 }, function* (self) {
    for (const [round, { name, bus }] of rounds.entries()) {
      yield* self.sleepUntil(round * ROUND + 1);
      const asked = self.tick;
      yield* bus.lock();
      const waited = self.tick - asked;
      yield* bus.unlock();
      yield* console.write(`${name}: high waited ${waited} ticks for the bus\n`);
    }
  });
}
