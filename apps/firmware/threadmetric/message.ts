/** Thread-Metric, message processing: a thread sends a message of four words, here 32 bytes, and receives it again. */
import { NO_WAIT, print, queue } from "talea/firmware";
import { alive, reporter, resume, thread } from "./tm";

const BYTES: i32 = 32;
/** Where the last word is, which counts the messages. */
const LAST: usize = 24;

const messages = queue({ count: 10, size: BYTES, everybody: 3 });
const sent: usize = memory.data(32, 8);
const received: usize = memory.data(32, 8);
let counter: u32 = 0;
let failed: bool = false;

thread(0, 10, () => {
  store<u64>(sent, 0x1111_2222);
  store<u64>(sent, 0x3333_4444, 8);
  store<u64>(sent, 0x5555_6666, 16);
  store<u64>(sent, 0x7777_8888, 24);
  for (;;) {
    messages.sendFrom(sent, BYTES, 0, NO_WAIT);
    messages.receiveInto(received, BYTES, NO_WAIT);
    if (load<u64>(received + LAST) != load<u64>(sent + LAST)) break;
    store<u64>(sent + LAST, load<u64>(sent + LAST) + 1);
    counter++;
  }
  failed = true;
});

resume(0);
reporter(2, () => {
  print("counter {}\n", counter);
  alive(counter);
  if (failed) print("error: a message came back that is not the one that was sent\n");
});
