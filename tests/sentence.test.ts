/** What is refused with a sentence that says what was wrong, for apps that nobody type-checked. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { deadlockSentences, failureSentences } from "../apps/cli/reason.js";
import {
  type App,
  AppError,
  type Block,
  boot,
  CallError,
  EINTR,
  MachineError,
  recordText,
  type Self,
  SIGUSR1,
  SIGUSR2,
  type System,
} from "../hal/host/index.js";
import { play } from "./support.js";

const test = suite("sentence");

/** What is wrong on purpose, as somebody who writes JavaScript may. */
// biome-ignore lint/suspicious/noExplicitAny: wrong types are what these tests are about
const wrong = (value: unknown): any => value;

function refuses(describe: (system: System) => unknown, part: string): void {
  const app: App = (system) => {
    describe(system);
  };
  assert.throws(
    () => boot(app),
    (error: unknown) => error instanceof AppError && error.message.includes(part),
    part,
  );
}

/** The message with which a call of a task is refused. */
function refused(call: (self: Self, system: System) => unknown, kind: typeof AppError | typeof CallError): string {
  let message = "";
  play((system) => {
    system.task("caller", { storage: 1024 }, function* (self) {
      try {
        call(self, system);
      } catch (error) {
        assert.instance(error, kind);
        message = (error as Error).message;
      }
      yield* self.exit();
    });
  });
  return message;
}

test("an option that there is not is refused, with those that there are", () => {
  refuses((system) => system.queue(wrong({ cout: 4 })), 'a queue has no option "cout": there are count, size, discipline');
  refuses((system) => system.semaphore(wrong({ init: 1 })), 'a semaphore has no option "init"');
  refuses((system) => system.mailbox(wrong("box")), "a mailbox takes options in braces: { name");
  refuses((system) => system.task("w", wrong({ prio: 5 }), function* () {}), 'task "w" has no option "prio": there are priority');
  refuses((system) => system.interrupt(3, wrong({ level: 1 }), function* () {}), 'interrupt 3 has no option "level"');
  refuses((system) => system.queue(wrong({ discipline: "prio" })), 'discipline is "prio": give "fifo" or "lifo" or "priority"');
  assert.throws(
    () => boot(() => {}, wrong({ sed: 3 })),
    (error: unknown) => error instanceof MachineError && error.message.includes('"sed"'),
  );
});

test("what a task is given to read and write is a list of what can be opened", () => {
  for (const reads of [["pipe"], {}, [undefined]]) {
    refuses((system) => system.task("w", wrong({ reads }), function* () {}), 'task "w": reads and writes list pipes, queues, mailboxes');
  }
});

test("a timer that signals needs the task", () => {
  refuses((system) => system.timer(wrong({ signal: SIGUSR1 })), "a timer that signals or sets flags needs the task");
});

test("what cannot be sent is refused before the kernel is asked", () => {
  play((system) => {
    const pipe = system.pipe({ public: "both" });
    const queue = system.queue({ public: "both" });
    const box = system.mailbox();
    const console = system.console();
    system.task("receiver", { reads: [box] }, function* (self) {
      yield* self.sleep(1);
    });
    system.task("caller", { writes: [box] }, function* (self) {
      const says = (call: () => unknown, part: string) =>
        assert.throws(call, (error: unknown) => error instanceof AppError && error.message.includes(part));
      says(() => pipe.write(wrong(5)), "pipe.write takes text, bytes (Uint8Array) or a View, not number");
      says(() => queue.send(wrong(undefined)), "queue.send takes text");
      says(() => queue.overwrite(wrong(null)), "not null");
      says(() => console.write(wrong(5)), "console.write takes text");
      says(() => box.send(wrong(self.buffer(4)) as Block), "mailbox.send takes a Block");
      says(() => box.broadcast(wrong(undefined)), "mailbox.broadcast takes a Block");
      const set = self.pollSet([{ read: queue }]);
      says(() => set.ready(1), "this poll watches 1 things: there is no number 1");
      says(() => self.signals.handle(SIGUSR1, function* () {}, wrong({ restrat: true })), 'has no option "restrat"');
      says(() => self.signals.handle(SIGUSR1, function* () {}, wrong({ mask: 5 })), "mask is a list of signals");
      yield* self.yield();
    });
  });
});

test("a refusal of the kernel says what it means for this call", () => {
  const said = (call: (self: Self) => unknown) => refused(call, CallError);
  assert.match(
    said((self) => self.sleep(-1)),
    /^sleep: EINVAL, ticks are 0 to 2147483647$/,
  );
  assert.match(
    said((self) => self.signals.handle(9, function* () {})),
    /^signals\.handle: EINVAL, SIGKILL and SIGSTOP cannot be caught/,
  );
  assert.match(
    said((self) => self.signals.ignore(19)),
    /^signals\.ignore: EINVAL, SIGKILL and SIGSTOP/,
  );
  assert.match(
    said((self) => self.signal(32)),
    /^task\.signal: EINVAL, signals are 1 to 31, 0 asks/,
  );
  assert.match(
    said((self) => self.waitFlags(0)),
    /^waitFlags: EINVAL, flags are bits 0 to 30/,
  );
  assert.match(
    said((self) => self.create.barrier(0)),
    /^create\.barrier: EINVAL, count is 1 or more$/,
  );
  assert.match(
    said((self) => self.create.queue({ count: 0 })),
    /^create\.queue: EINVAL, count is 1 to 65535/,
  );
});

test("a body that returns a call instead of being a generator is refused, and does not run for ever", () => {
  const machine = boot(
    (system) => {
      system.task(
        "t",
        {},
        wrong((self: Self) => self.sleep(5)),
      );
      system.task("s", {}, function* (self) {
        yield* self.signals.handle(
          SIGUSR1,
          wrong((me: Self) => me.sleep(5)),
        );
        yield* self.signal(SIGUSR1);
      });
    },
    { onFailure: "report" },
  );
  assert.is(machine.run(), "finished");
  assert.match(machine.failures[0]?.message ?? "", /^task "t" is no generator/);
  assert.match(machine.failures[1]?.message ?? "", /^the handler of SIGUSR1 in task "s" is no generator/);
});

test("what goes wrong in a signal's handler is said to be there", () => {
  const machine = boot(
    (system) => {
      const never = system.semaphore({ name: "never" });
      system.task("throws", {}, function* (self) {
        // biome-ignore lint/correctness/useYield: it fails at once
        yield* self.signals.handle(SIGUSR1, function* () {
          throw new Error("broken");
        });
        yield* self.signal(SIGUSR1);
      });
      system.task("waits", {}, function* (self) {
        yield* self.signals.handle(SIGUSR2, function* () {
          yield* never.take();
        });
        yield* self.signal(SIGUSR2);
      });
    },
    { onFailure: "report" },
  );
  assert.is(machine.run(), "deadlock");
  const refusals = { sentence: () => "" } as unknown as Parameters<typeof failureSentences>[1];
  assert.match(failureSentences(machine.failures, refusals)[0] ?? "", /^task "throws" failed in its handler of SIGUSR1 at .*: broken$/);
  assert.match(deadlockSentences(machine.report())[1] ?? "", /task "waits" waits in sem_take on "never" in its handler of SIGUSR2 at /);
  const sent = machine.trace.find(({ event }) => event === "signal_send");
  assert.match(sent ? recordText(sent, (id) => machine.nameOf(id)) : "", /signal_send throws signal=SIGUSR1 -> 0$/);
});

test("the bench may act at a tick at which nobody can run, and not when the run is over", () => {
  const log: unknown[] = [];
  const machine = boot((system) => {
    const empty = system.semaphore();
    system.interrupt(7, {}, function* () {
      yield* empty.give();
    });
    system.task("taker", {}, function* (self) {
      yield* self.signals.handle(SIGUSR1, function* () {});
      log.push(yield* empty.take(), self.tick);
      log.push((yield* empty.take()) === EINTR, self.tick);
    });
  });
  assert.is(machine.runUntil(5), "until");
  machine.raise(7);
  assert.is(machine.runUntil(10), "until");
  machine.sendSignal("taker", SIGUSR1);
  assert.is(machine.run(), "finished");
  assert.equal(log, [0, 5, true, 10]);
  for (const act of [() => machine.raise(7), () => machine.sendSignal("taker", SIGUSR1)]) {
    assert.throws(act, (error: unknown) => error instanceof MachineError && error.message.startsWith("the run is over (finished)"));
  }
  assert.not(machine.interruptForeground());
});

test("nobody being able to run is a deadlock for whoever runs to the end", () => {
  const machine = boot((system) => {
    const empty = system.semaphore();
    system.task("taker", {}, function* () {
      yield* empty.take();
    });
  });
  assert.is(machine.runUntil(3), "until");
  assert.is(machine.tick, 3);
  assert.is(machine.run(), "deadlock");
});

test.run();
