import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type App, boot } from "../hal/host/index.js";

const test = suite("forgotten");

function complaints(app: App, input = ""): string[] {
  const machine = boot(app, { input, onFailure: "report" });
  machine.run();
  return machine.failures.map((failure) => failure.message);
}

const sentence = (call: string) => `the result of ${call}() was never taken: write yield* in front of the call`;

test("a console write without yield* fails its task at the next call", () => {
  const found = complaints((system) => {
    const console = system.console();
    system.task("writer", {}, function* (self) {
      console.write("lost");
      yield* self.sleep(1);
    });
  });
  assert.equal(found, [sentence("console.write")]);
});

test("a console read without yield* fails its task when it ends", () => {
  const found = complaints((system) => {
    const console = system.console();
    system.task("reader", {}, function* (self) {
      const view = self.buffer(8);
      yield* console.read(view);
      console.read(view);
    });
  }, "text");
  assert.equal(found, [sentence("console.read")]);
});

test("console calls with yield* are made once each, in order", () => {
  const machine = boot(
    (system) => {
      const console = system.console();
      system.task("echo", {}, function* (self) {
        const view = self.buffer(8);
        for (let count = yield* console.read(view); count > 0; count = yield* console.read(view)) {
          yield* console.write("<");
          yield* console.write(view.slice(0, count));
        }
      });
    },
    { input: "text" },
  );
  machine.run();
  assert.is(machine.output, "<text");
});

test.run();
