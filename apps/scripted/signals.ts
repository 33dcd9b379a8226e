/**
 * Signals: what a parent can say to its worker without sharing anything with it, and what the worker makes of it.
 *
 *     parent -- SIGUSR1 --> worker    "how far are you?": a handler answers, and the wait that it interrupted goes on (restart)
 *     parent -- SIGUSR2 --> worker    "stop waiting": an empty handler, and the wait answers EINTR
 *     worker -- SIGALRM --> worker    a deadline of its own for a wait that has none
 *     parent -- SIGSTOP, SIGCONT --> worker    these need nobody's consent
 *     parent -- SIGTERM --> worker    "please end": it has no handler for it, so it does
 *     worker -- SIGCHLD --> parent    "I stopped, I go on, I am gone"
 */
import { EINTR, SIGALRM, SIGCHLD, SIGCONT, SIGSTOP, SIGTERM, SIGUSR1, SIGUSR2, type System, type TaskBody } from "talea";

export default function signals(system: System): void {
  const console = system.console();
  const jobs = system.semaphore({ name: "jobs" });
  let rounds = 0;

  const worker: TaskBody = function* (self) {
    let done = 0;
    yield* self.signals.handle(
      SIGUSR1,
      function* (me) {
        yield* console.write(`tick ${me.tick}: worker has done ${done} so far\n`);
      },
      { restart: true },
    );
    // A handler that does nothing is not the same as ignoring the signal: it ends a wait.
    yield* self.signals.handle(SIGUSR2, function* () {});
    while ((yield* jobs.take()) !== EINTR) done++;
    yield* console.write(`tick ${self.tick}: worker was told to stop waiting, with ${done} done\n`);

    yield* self.signals.handle(SIGALRM, function* () {});
    yield* self.alarm(5);
    if ((yield* jobs.take()) === EINTR) yield* console.write(`tick ${self.tick}: worker gave up by its alarm\n`);

    for (;;) {
      yield* self.compute(16_000);
      rounds++;
    }
  };

  system.task("parent", { priority: 20 }, function* (self) {
    yield* self.signals.handle(SIGCHLD, function* (me) {
      yield* console.write(`tick ${me.tick}: parent hears from its worker\n`);
    });
    const child = yield* self.create.task("worker", { priority: 10 }, worker);

    yield* self.sleepUntil(2);
    yield* child.signal(SIGUSR1);
    yield* self.sleepUntil(4);
    yield* jobs.give();
    yield* self.sleepUntil(6);
    yield* child.signal(SIGUSR1);
    yield* self.sleepUntil(8);
    yield* child.signal(SIGUSR2);

    yield* self.sleepUntil(20);
    yield* child.signal(SIGSTOP);
    const before = rounds;
    yield* self.sleepUntil(30);
    yield* console.write(`tick ${self.tick}: the stopped worker computed ${rounds - before} rounds\n`);
    yield* child.signal(SIGCONT);
    yield* self.sleepUntil(40);
    yield* console.write(`tick ${self.tick}: the worker computes ${rounds > before ? "again" : "no more"}\n`);
    yield* child.signal(SIGTERM);
    yield* child.join();
    yield* console.write(`tick ${self.tick}: the worker ended with ${child.status}\n`);
  });
}
