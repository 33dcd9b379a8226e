/**
 * From an interrupt to a result without losing a sample, up to a rate; above it, what is lost is counted.
 *
 *     timer -- line 26 --> handler -- queue of 64 --> worker -- blocks of 32, by mailbox --> consumer --> console
 *
 * A sample is its number and the cycle at which it was taken. The handler never waits: a sample that finds the queue full is lost,
 * and so are those of expiries that came while the one before was still being served. The consumer looks for what is missing, so
 * that in the end three numbers must agree: samples made = samples taken + samples lost.
 *
 *     talea run apps/firmware/sampler.ts               4000 samples at 10000 a second, none lost, as up to 20000 a second
 *     talea run apps/firmware/sampler.ts 30000         at 30000 a second the worker does not keep up
 *     talea run apps/firmware/sampler.ts 50000 20000   20000 samples at 50000: the handler leaves nobody any time
 */
import {
  args,
  Block,
  buffer,
  hardwareTimer,
  interrupt,
  Mode,
  mailbox,
  NO_WAIT,
  pool,
  print,
  queue,
  self,
  TimerRegister,
  task,
} from "talea/firmware";

const HZ: u32 = 16_000_000;
/** The timer's fastest: an expiry a hundred cycles. */
const FASTEST: u32 = 160_000;
/** Samples that wait for the worker, samples of a block, blocks that there are. */
const WAITING: i32 = 64;
const BLOCK: i32 = 32;
const BLOCKS: i32 = 4;
/** Bytes of a sample: its number, and the lower half of the cycle. */
const SAMPLE: i32 = 8;
/** Bytes of a block in front of its samples: how many they are. */
const HEAD: i32 = 8;
/** Blocks from one line of statistics to the next. */
const LINE: i32 = 25;

const rate = <u32>args.number(0, 10_000);
const total = <u32>args.number(1, 4_000);
if (rate - 1 >= FASTEST) abort(`the rate is ${<i32>rate}: give 1 to ${FASTEST} samples a second`);
if (total - 1 >= <u32>i32.MAX_VALUE) abort(`the samples are ${<i32>total}: give 1 to ${i32.MAX_VALUE}`);
/** Ticks without a sample after which the worker looks whether there will be more. */
const silence = <i32>(2_000 / rate + 2);

// The handler's own, which others read when it has come to its end.
/** The number of the last sample that it saw. */
let seen: u32 = 0;
let taken: u32 = 0;
/** Lost because the queue was full, and because the handler was still at the one before. */
let full: u32 = 0;
let merged: u32 = 0;
let over = false;

const samples = queue({ name: "samples", count: WAITING, size: SAMPLE, interrupts: Mode.WRITE });
const blocks = pool({ name: "blocks", count: BLOCKS, size: HEAD + BLOCK * SAMPLE });
const results = mailbox({ name: "results" });
const fresh = buffer(SAMPLE);
const moved = buffer(SAMPLE);

interrupt(26, { priority: 10 }, () => {
  // The expiries that there were are the samples that there are.
  const number = min(hardwareTimer.read(TimerRegister.COUNT), total);
  if (over || number == seen) return;
  merged += number - seen - 1;
  seen = number;
  fresh.setWord(0, number);
  fresh.setWord(4, <i32>self.cycles);
  if (samples.send(fresh, 0, NO_WAIT) == 0) taken++;
  else full++;
  if (number < total) return;
  hardwareTimer.write(TimerRegister.CONTROL, 0);
  over = true;
});

task("worker", { priority: 20, reads: [samples], writes: [results] }, () => {
  hardwareTimer.write(TimerRegister.PERIOD, HZ / rate);
  hardwareTimer.write(TimerRegister.CONTROL, 1);
  let block = blocks.alloc();
  let count = 0;
  for (;;) {
    if (samples.receive(moved, silence) < 0) {
      if (over) break;
      continue;
    }
    store<u64>(block.address + HEAD + count * SAMPLE, load<u64>(moved.address));
    if (++count < BLOCK) continue;
    pass(block, count);
    block = blocks.alloc();
    count = 0;
  }
  pass(block, count);
});

/** A block goes to the consumer, whose it is then. */
function pass(block: Block, count: i32): void {
  block.setWord(0, count);
  results.send(block);
}

task("consumer", { priority: 10, reads: [results] }, () => {
  let number: u32 = 0;
  let cycle: u32 = 0;
  let missing: u32 = 0;
  let got: u32 = 0;
  let least: u32 = u32.MAX_VALUE;
  let most: u32 = 0;
  for (let n = 1; ; n++) {
    const block = results.receive();
    // The worker has ended, and all that it sent is here.
    if (block.error < 0) break;
    const count = block.word(0);
    for (let i = 0; i < count; i++) {
      const next = <u32>block.word(HEAD + i * SAMPLE);
      const at = <u32>block.word(HEAD + i * SAMPLE + 4);
      missing += next - number - 1;
      // Between two of which none is missing, once there is a first one.
      if (next == number + 1 && got > 0) {
        least = min(least, at - cycle);
        most = max(most, at - cycle);
      }
      number = next;
      cycle = at;
      got++;
    }
    block.free();
    if (n % LINE == 0) print("{} samples, {} missing\n", got, missing);
  }
  missing += total - number;
  print("{} made, {} taken, {} lost: the queue was full for {}, {} came too quickly\n", total, taken, full + merged, full, merged);
  if (least <= most) print("at {} a second, {} to {} cycles apart\n", rate, least, most);
  if (got != taken || missing != full + merged || taken + missing != total) abort("samples are gone that nobody counted");
});
