/** Thread-Metric, interrupt preemption: a thread raises an interrupt, whose handler resumes a more urgent thread. */
import { interrupt, print, self } from "talea/firmware";
import { alive, near, reporter, resume, suspend, thread } from "./tm";

const LINE: i32 = 0;

let counter0: u32 = 0;
let counter1: u32 = 0;
let handlerCounter: u32 = 0;

thread(1, 2, () => {
  for (;;) {
    counter1++;
    suspend(1);
  }
});

interrupt(LINE, {}, () => {
  handlerCounter++;
  resume(1);
});

thread(0, 3, () => {
  for (;;) {
    // The handler and the other thread have run when this returns.
    self.raise(LINE);
    counter0++;
  }
});

resume(0);
reporter(1, () => {
  const total = counter0 + counter1 + handlerCounter;
  const average = total / 3;
  print("counter {}\n", total);
  alive(total);
  near(0, counter0, average);
  near(1, counter1, average);
  near(2, handlerCounter, average);
});
