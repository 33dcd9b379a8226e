/**
 * Thread-Metric, preemptive scheduling: five threads, each more urgent than the one before. The least urgent resumes the next one,
 * which preempts it at once and does the same; each counts and suspends itself, back to the first.
 */
import { print } from "talea/firmware";
import { alive, near, reporter, resume, suspend, thread } from "./tm";

let counter0: u32 = 0;
let counter1: u32 = 0;
let counter2: u32 = 0;
let counter3: u32 = 0;
let counter4: u32 = 0;

thread(4, 6, () => {
  for (;;) {
    counter4++;
    suspend(4);
  }
});

thread(3, 7, () => {
  for (;;) {
    resume(4);
    counter3++;
    suspend(3);
  }
});

thread(2, 8, () => {
  for (;;) {
    resume(3);
    counter2++;
    suspend(2);
  }
});

thread(1, 9, () => {
  for (;;) {
    resume(2);
    counter1++;
    suspend(1);
  }
});

thread(0, 10, () => {
  for (;;) {
    resume(1);
    counter0++;
  }
});

resume(0);
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
