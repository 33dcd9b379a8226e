/** Thread-Metric, basic processing: one thread that only computes. What the other results are compared with. */
import { print } from "talea/firmware";
import { alive, reporter, resume, thread } from "./tm";

const WORDS: usize = 1024;
const array: usize = memory.data(1024 * 4, 4);

let counter: u32 = 0;

thread(0, 10, () => {
  for (let i: usize = 0; i < WORDS; i++) store<u32>(array + (i << 2), 0);
  for (;;) {
    for (let i: usize = 0; i < WORDS; i++) {
      const word = load<u32>(array + (i << 2));
      store<u32>(array + (i << 2), (word + counter) ^ word);
    }
    counter++;
  }
});

resume(0);
reporter(2, () => {
  print("counter {}\n", counter);
  alive(counter);
});
