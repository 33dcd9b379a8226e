/** Thread-Metric, synchronization processing: a thread takes a semaphore and gives it back. */
import { NO_WAIT, print, semaphore } from "talea/firmware";
import { alive, reporter, resume, thread } from "./tm";

const unit = semaphore({ initial: 1, maximum: 1 });
let counter: u32 = 0;
let failure: i32 = 0;

thread(0, 10, () => {
  for (;;) {
    failure = unit.take(NO_WAIT);
    if (failure != 0) break;
    failure = unit.give();
    if (failure != 0) break;
    counter++;
  }
});

resume(0);
reporter(2, () => {
  print("counter {}\n", counter);
  alive(counter);
  if (failure != 0) print("error: the semaphore answered {}\n", failure);
});
