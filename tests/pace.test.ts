import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type App, boot } from "../hal/host/index.js";

const test = suite("pace");

const reader: App = (system) => {
  const console = system.console();
  system.task("reader", {}, function* (self) {
    const view = self.buffer(8);
    yield* console.read(view);
    yield* console.write(`${self.tick}`);
  });
};

test("while nobody types, paced time passes up to the cycle that it may reach", () => {
  const machine = boot(reader, { input: "open" });
  machine.input.paced = true;
  assert.is(machine.advance({ cycle: 160_000 }), "pace");
  assert.is(machine.tick, 10);
  machine.type("x");
  machine.endInput();
  assert.is(machine.advance({}), "finished");
  assert.is(machine.output, "10");
});

test("without a pace, time stands still while the machine waits to be told what is typed", () => {
  const machine = boot(reader, { input: "open" });
  assert.is(machine.advance({ cycle: 160_000 }), "input");
  assert.is(machine.tick, 0);
});

test.run();
