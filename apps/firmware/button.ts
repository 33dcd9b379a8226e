/**
 * A lamp that a button switches. Contacts bounce: a press is a dozen edges within a few milliseconds, and what is shorter than 20 ms
 * is none at all. So every edge starts the wait anew, and what counts is the level when it is over.
 *
 *     pin 0, the button --> edges, line 25 --> handler --> semaphore --> task "button" --> pin 8, the lamp
 *
 *     talea run apps/scripted/finger.ts 3 --firmware apps/firmware/button.ts   a finger that presses it three times
 */
import { args, GpioRegister, gpio, interrupt, print, self, semaphore, task } from "talea/firmware";

const BUTTON: u32 = 1 << 0;
const LAMP: u32 = 1 << 8;
/** Ticks without an edge after which the level counts. */
const QUIET: i32 = 20;

/** Presses after which it ends; without a number it goes on. */
const presses = args.number(0, i32.MAX_VALUE);
const edges = semaphore({ name: "edges", maximum: 1 });

interrupt(25, {}, () => {
  gpio.write(GpioRegister.PENDING, BUTTON);
  edges.give();
});

task("button", { priority: 10 }, () => {
  gpio.write(GpioRegister.RISE, BUTTON);
  gpio.write(GpioRegister.FALL, BUTTON);
  let down: u32 = 0;
  for (let count = 0; count < presses; ) {
    edges.take();
    while (edges.take(QUIET) == 0);
    const now = gpio.read(GpioRegister.IN) & BUTTON;
    if (now == down) continue;
    down = now;
    if (down == 0) continue;
    count++;
    const lamp = gpio.read(GpioRegister.OUT) ^ LAMP;
    gpio.write(GpioRegister.OUT, lamp);
    print("{} ms: press {}, the lamp is {}\n", self.tick, count, lamp == 0 ? 0 : 1);
  }
});
