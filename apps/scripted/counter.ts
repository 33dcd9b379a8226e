/**
 * The lost update: two tasks count to 100 together in one word of shared memory. Each loads it, computes, and stores it plus one;
 * whoever is preempted in between stores over all that the other one counted meanwhile. Three rounds:
 *
 *     no lock    load, compute, store
 *     mutex      the same, with a mutex around it
 *     one step   region.add
 *
 *     talea run apps/scripted/counter.ts            nothing is lost: by the default rules the tasks happen to run one by one
 *     talea run apps/scripted/counter.ts --seed 3   the first round loses updates, under this schedule every time
 */
import type { Parked, Self, System, View } from "talea";

const EACH = 50;
/** Cycles between load and store; all of a round without a lock is less than a tick, so no slice ends in it by itself. */
const WORK = 100;

export default function counter(system: System): void {
  const console = system.console();
  const lock = system.mutex({ name: "lock" });
  const shared = system.region({ name: "count", size: 4 });

  function* unlocked(self: Self, count: View) {
    const before = count.word(0);
    yield* self.compute(WORK);
    count.setWord(0, before + 1);
  }

  function* locked(self: Self, count: View) {
    yield* lock.lock();
    yield* unlocked(self, count);
    yield* lock.unlock();
  }

  function* inOneStep(self: Self) {
    yield* self.compute(WORK);
    yield* shared.add(0, 1);
  }

  /** A task that counts up 50 times. It is made while the system runs, so it attaches to the region by its name. */
  function counting(increment: (self: Self, count: View) => Generator<Parked, void, unknown>) {
    return function* (self: Self) {
      const count = yield* (yield* self.open.region("count", "write")).view();
      for (let i = 0; i < EACH; i++) yield* increment(self, count);
    };
  }

  system.task("main", { writes: [shared] }, function* (self) {
    const count = yield* shared.view();
    for (const [name, increment] of Object.entries({ "no lock": unlocked, mutex: locked, "one step": inOneStep })) {
      count.setWord(0, 0);
      const one = yield* self.create.task("one", {}, counting(increment));
      const other = yield* self.create.task("other", {}, counting(increment));
      yield* one.join();
      yield* other.join();
      yield* console.write(`${name.padEnd(8)}  expected ${2 * EACH}, got ${count.word(0)}\n`);
    }
  });
}
