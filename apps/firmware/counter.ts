/**
 * The lost update: two tasks count to 40000 together in one word of shared memory. Each loads it and stores it plus one; whoever is
 * preempted in between stores over all that the other one counted meanwhile. Three rounds:
 *
 *     no lock    load, store
 *     mutex      the same, with a mutex around it
 *     one step   region.add
 *
 *     talea run apps/firmware/counter.ts                  nothing is lost: tasks are preempted where loops begin their next turn
 *     talea run apps/firmware/counter.ts --grain access   they are preempted between a load and its store, too: the first round loses
 *     talea run apps/firmware/counter.ts --grain access --seed 3   other updates, the same ones each time
 */
import { Bytes, Mode, mutex, open, out, region, TaskBody, TaskOptions, task } from "talea/firmware";

const EACH: i32 = 20_000;

const lock = mutex({ name: "lock" });
const shared = region({ name: "count", size: 4 });
/** Made here: what a running task makes of the heap is never given back. */
const plain = new TaskOptions();

function unlocked(count: Bytes): void {
  count.setWord(0, count.word(0) + 1);
}

/** The region as a task sees it that was made while the system runs, and so attaches to it by its name. */
function attached(): Bytes {
  return open.region("count", Mode.WRITE).view();
}

function countUnlocked(_argument: i32): void {
  const count = attached();
  for (let i = 0; i < EACH; i++) unlocked(count);
}

function countLocked(_argument: i32): void {
  const count = attached();
  for (let i = 0; i < EACH; i++) {
    lock.lock();
    unlocked(count);
    lock.unlock();
  }
}

function countInOneStep(_argument: i32): void {
  attached();
  for (let i = 0; i < EACH; i++) shared.add(0, 1);
}

function round(name: string, counting: TaskBody): void {
  const count = shared.view();
  count.setWord(0, 0);
  const one = task("one", plain, counting);
  const other = task("other", plain, counting);
  one.join();
  other.join();
  out()
    .text(name)
    .text("  expected ")
    .int(2 * EACH)
    .text(", got ")
    .int(count.word(0))
    .text("\n")
    .end();
}

task("main", { writes: [shared] }, () => {
  round("no lock ", countUnlocked);
  round("mutex   ", countLocked);
  round("one step", countInOneStep);
});
