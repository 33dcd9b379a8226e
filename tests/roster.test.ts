import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot } from "../hal/host/index.js";

const test = suite("roster");

test("a child that runs before its parent's spawn returned is known by its own name, and so is its end", () => {
  let seen = "";
  const machine = boot(
    (system) => {
      system.task("parent", { priority: 5 }, function* (self) {
        yield* self.create.task("child", { priority: 9 }, function* (me) {
          seen = me.name;
          yield* me.yield();
          throw new Error("broken");
        });
      });
    },
    { onFailure: "report" },
  );
  machine.run();
  assert.is(seen, "child");
  assert.equal(
    machine.failures.map((failure) => failure.task),
    ["child"],
  );
  assert.equal(
    machine.tasks.map((task) => [task.name, task.state, task.status]),
    [
      ["parent", "exited", 0],
      ["child", "failed", 1],
    ],
  );
});

test("a slot that is used again is known by the new task's name, though nobody has told it yet", () => {
  const seen: string[] = [];
  const machine = boot((system) => {
    system.task("parent", { priority: 5 }, function* (self) {
      for (let round = 0; round < 130; round++) {
        yield* self.create.task(`round ${round}`, { priority: 9, detached: true }, function* (me) {
          seen.push(me.name);
          yield* me.yield();
        });
      }
    });
  });
  machine.run();
  assert.equal(
    seen,
    Array.from({ length: 130 }, (_, round) => `round ${round}`),
  );
  assert.equal(
    machine.tasks.filter((task) => task.status === undefined),
    [],
  );
});

test.run();
