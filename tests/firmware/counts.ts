/** The same program as counts.c: the calls of the one are those of the other. */
import { mutex, self, semaphore, task } from "talea/firmware";

const lock = mutex({ name: "lock" });
const items = semaphore({ name: "items" });
let sum: i32 = 0;

task("makes", { priority: 6, argument: 5 }, (count) => {
  for (let i = 0; i < count; i++) {
    lock.lock();
    sum += i;
    lock.unlock();
    items.give();
    self.sleep(1);
  }
});

task("takes", { priority: 7, argument: 5 }, (count) => {
  for (let i = 0; i < count; i++) {
    items.take();
    self.compute(500);
  }
  self.exit(sum);
});
