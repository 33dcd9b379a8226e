/** Whom Ctrl-C and Ctrl-Z are for. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, type Machine, SIGCONT, SIGINT, SIGTSTP, type System, signalSet } from "../hal/host/index.js";
import { firmwareFrom } from "./firmware.js";

const test = suite("foreground");

/** A task that reads the console and says which signals come to it. */
function reader(system: System, name: string): void {
  const out = system.console();
  system.task(name, { priority: 8 }, function* (self) {
    yield* self.signals.handle(SIGINT, function* () {
      yield* out.write(`${name}: INT\n`);
    });
    const view = self.buffer(8);
    for (let n = yield* out.read(view); n !== 0; n = yield* out.read(view)) if (n > 0) yield* out.write(`${name}: ${view.text(n)}`);
  });
}

/** A machine that has come so far that it waits for input. */
function waiting(app: (system: System) => void): Machine {
  const machine = boot(app, { input: "open" });
  machine.input.paced = true;
  assert.is(machine.run(), "input");
  return machine;
}

test("the foreground is who read the console last, or whom the description names", () => {
  const last = waiting((system) => reader(system, "last"));
  assert.ok(last.interruptForeground());
  assert.is(last.run(), "input");
  assert.is(last.output, "last: INT\n");
  const named = waiting((system) => {
    reader(system, "reads");
    const out = system.console();
    const other = system.task("named", {}, function* (self) {
      yield* self.signals.mask(SIGINT);
      yield* self.signals.wait(signalSet(SIGINT));
      yield* out.write("named: INT\n");
    });
    system.foreground(other);
  });
  assert.ok(named.interruptForeground());
  assert.is(named.run(), "input");
  assert.is(named.output, "named: INT\n");
});

/** A task that claims the foreground at tick 1 and gives it up at tick 5. */
function claims(system: System): void {
  reader(system, "reads");
  const out = system.console();
  system.task("claims", { priority: 9 }, function* (self) {
    yield* self.signals.mask(SIGINT);
    yield* self.sleepUntil(1);
    yield* out.foreground(self);
    yield* self.sleepUntil(3);
    const got = yield* self.signals.wait(signalSet(SIGINT), 0);
    yield* out.write(`claims: ${got}\n`);
    yield* self.sleepUntil(5);
    yield* out.foreground("reader");
  });
}

test("a running task claims the foreground, whoever reads, and gives it up again", () => {
  const machine = boot(claims, { input: "open" });
  machine.input.paced = true;
  machine.runUntil(2);
  assert.ok(machine.foregroundClaimed);
  assert.is(machine.foreground, machine.task("claims").handle);
  assert.ok(machine.interruptForeground());
  machine.runUntil(6);
  assert.not(machine.foregroundClaimed);
  machine.type("x\n");
  machine.runUntil(8);
  assert.ok(machine.interruptForeground());
  machine.runUntil(9);
  assert.is(machine.output, "claims: 2\nreads: x\nreads: INT\n");
});

test("who claimed the foreground has to take a Ctrl-C before it gets the next one: this is how a run that hangs can be ended", () => {
  const machine = boot(claims, { input: "open" });
  machine.input.paced = true;
  machine.runUntil(2);
  assert.ok(machine.interruptForeground());
  assert.not(machine.interruptForeground());
  assert.ok(machine.interruptForeground(SIGTSTP), "another signal is another matter");
  machine.sendSignal("claims", SIGCONT);
  machine.runUntil(4);
  assert.ok(machine.interruptForeground());
});

test("Ctrl-Z stops a foreground task that says nothing about it", () => {
  const machine = waiting((system) => reader(system, "last"));
  assert.ok(machine.interruptForeground(SIGTSTP));
  machine.type("x\n");
  machine.runUntil(20);
  assert.is(machine.output, "");
  machine.sendSignal("last", SIGCONT);
  assert.is(machine.run(), "input");
  assert.is(machine.output, "last: x\n");
});

test("a task that polls the console, among other things, waits for input and is in no deadlock", () => {
  const machine = waiting((system) => {
    const out = system.console();
    system.task("polls", {}, function* (self) {
      const view = self.buffer(8);
      yield* out.read(view);
      yield* self.signals.mask(SIGINT);
      yield* self.pollSet([{ read: out.in }, { signals: signalSet(SIGINT) }]).wait();
      yield* out.write("ready\n");
    });
  });
  machine.type("x");
  assert.is(machine.run(), "input");
  machine.type("y");
  assert.is(machine.run(), "finished");
  assert.is(machine.output, "ready\n");
});

const FIRMWARE = `
import { console, print, self, SIGINT, signalSet, Task, task } from "talea/firmware";

task("claims", { priority: 5 }, () => {
  self.signals.mask(signalSet(SIGINT));
  console.foreground(self.task);
  const first = console.poll(signalSet(SIGINT));
  const signal = self.signals.wait(signalSet(SIGINT), 0);
  print("{} {}\\n", first, signal);
  print("{}\\n", console.poll(signalSet(SIGINT)));
  print("{} {}\\n", console.poll(0), console.poll(0, 3));
  console.foreground(changetype<Task | null>(0));
});
`;

test("firmware claims the foreground, and polls the console and signals at once", () => {
  const machine = boot(firmwareFrom("claims", FIRMWARE), { input: "open" });
  machine.input.paced = true;
  assert.is(machine.run(), "input");
  assert.is(machine.foreground, machine.task("claims").handle);
  assert.ok(machine.interruptForeground());
  assert.is(machine.run(), "input");
  assert.is(machine.output, "0 2\n");
  machine.type("x");
  assert.is(machine.run(), "finished");
  assert.is(machine.output, "0 2\n1\n1 1\n");
  assert.is(machine.foreground, 0);
});

test.run();
