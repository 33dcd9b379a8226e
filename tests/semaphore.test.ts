import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EAGAIN } from "../hal/host/index.js";
import { play } from "./support.js";

const test = suite("semaphore");

test("SYN-01a a give hands the unit to the first waiter without raising the count", () => {
  const log: string[] = [];
  play((system) => {
    const sem = system.semaphore();
    system.task("low", { priority: 3 }, function* () {
      yield* sem.take();
      log.push("low");
    });
    system.task("high", { priority: 5 }, function* () {
      yield* sem.take();
      log.push("high");
    });
    system.task("giver", { priority: 1 }, function* () {
      yield* sem.give();
      assert.is(sem.count, 0);
      assert.is(yield* sem.take(0), EAGAIN);
      yield* sem.give();
    });
  });
  assert.equal(log, ["high", "low"]);
});

test.run();
