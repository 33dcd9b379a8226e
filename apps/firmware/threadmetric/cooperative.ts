/** Thread-Metric, cooperative scheduling: five threads of one priority that count and let the next one run. */
import { print, self } from "talea/firmware";
import { alive, near, reporter, resume, thread } from "./tm";

const PRIORITY: i32 = 3;

let counter0: u32 = 0;
let counter1: u32 = 0;
let counter2: u32 = 0;
let counter3: u32 = 0;
let counter4: u32 = 0;

thread(0, PRIORITY, () => {
  for (;;) {
    self.yield();
    counter0++;
  }
});

thread(1, PRIORITY, () => {
  for (;;) {
    self.yield();
    counter1++;
  }
});

thread(2, PRIORITY, () => {
  for (;;) {
    self.yield();
    counter2++;
  }
});

thread(3, PRIORITY, () => {
  for (;;) {
    self.yield();
    counter3++;
  }
});

thread(4, PRIORITY, () => {
  for (;;) {
    self.yield();
    counter4++;
  }
});

resume(0);
resume(1);
resume(2);
resume(3);
resume(4);
reporter(2, () => {
  const total = counter0 + counter1 + counter2 + counter3 + counter4;
  const average = total / 5;
  print("counter {}\n", total);
  alive(total);
  near(0, counter0, average);
  near(1, counter1, average);
  near(2, counter2, average);
  near(3, counter3, average);
  near(4, counter4, average);
});
