/** Thread-Metric, interrupt processing: a thread raises an interrupt, whose handler gives the semaphore that the thread takes then. */
import { interrupt, NO_WAIT, print, self, semaphore } from "talea/firmware";
import { alive, near, reporter, resume, thread } from "./tm";

const LINE: i32 = 0;

const given = semaphore({ initial: 1, maximum: 1 });
let threadCounter: u32 = 0;
let handlerCounter: u32 = 0;
let failure: i32 = 0;

interrupt(LINE, {}, () => {
  handlerCounter++;
  given.give();
});

thread(0, 10, () => {
  failure = given.take(NO_WAIT);
  while (failure == 0) {
    // The interrupt was served when this returns.
    self.raise(LINE);
    failure = given.take(NO_WAIT);
    threadCounter++;
  }
});

resume(0);
reporter(2, () => {
  const total = threadCounter + handlerCounter;
  const average = total / 2;
  print("counter {}\n", total);
  alive(total);
  near(0, threadCounter, average);
  near(1, handlerCounter, average);
  if (failure != 0) print("error: the thread found no unit of the semaphore ({})\n", failure);
});
