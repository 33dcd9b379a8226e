/** Thread-Metric, memory allocation: a thread takes a block of 128 bytes from a pool and gives it back. */
import { NO_WAIT, pool, print } from "talea/firmware";
import { alive, reporter, resume, thread } from "./tm";

const blocks = pool({ count: 16, size: 128 });
let counter: u32 = 0;
let failure: i32 = 0;

thread(0, 10, () => {
  for (;;) {
    const block = blocks.alloc(NO_WAIT);
    failure = block.error;
    if (failure != 0) break;
    failure = block.free();
    if (failure != 0) break;
    counter++;
  }
});

resume(0);
reporter(2, () => {
  print("counter {}\n", counter);
  alive(counter);
  if (failure != 0) print("error: the pool answered {}\n", failure);
});
