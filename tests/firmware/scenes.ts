/** Small scenes for the tests of compiled tasks; the first word of the command line says which is played. */
import {
  args,
  EventWait,
  event,
  interrupt,
  Mode,
  mailbox,
  mutex,
  open,
  pipe,
  pool,
  print,
  queue,
  region,
  self,
  semaphore,
  task,
  timer,
} from "talea/firmware";

const SIGUSR1: i32 = 10;
const SPINNERS: i32 = 60;
const counts = memory.data(64 * 4, 8);
const scratch = memory.data(256, 8);
let total: i32 = 0;
let depth: i32 = 0;
let zero: i32 = 0;
let blocked: i32 = 0;
const lock = mutex();
const unit = semaphore();
const bytes = pipe({ name: "bytes", capacity: 8 });
const notes = queue({ name: "notes", count: 2, size: 8 });
const blocks = pool({ name: "blocks", count: 2, size: 16 });
const box = mailbox({ name: "box" });
const shared = region({ name: "shared", size: 16 });
const ready = event({ name: "ready" });
const busy = args.includes("busy");
const broken = args.includes("broken");

/** Numbers that only a loop can find. */
function digest(turns: i32): i32 {
  let value: i32 = 1;
  for (let i = 0; i < turns; i++) {
    for (let j = 0; j < 50; j++) value = value * 31 + (i ^ j);
  }
  return value;
}

function spin(which: i32): void {
  for (;;) store<i32>(counts + which * 4, load<i32>(counts + which * 4) + 1);
}

if (args.includes("spin")) {
  for (let i = 0; i < SPINNERS; i++) task("", { priority: 5, argument: i, daemon: true, stack: 256 }, spin);
  task("clock", { priority: 9 }, () => {
    let late: u64 = 0;
    for (let i = 0; i < 600; i++) {
      self.sleep(1);
      const now = self.cycles % 16000;
      if (now > late) late = now;
    }
    print("{}\n", late);
  });
}

function recurse(n: i32): i32 {
  depth = n;
  return recurse(n + 1) + n;
}

function pause(_: i32): void {
  for (let i = 0; i < 3; i++) self.sleep(2);
  print("the other goes on {}\n", depth);
}

if (args.includes("trap")) {
  task("other", { priority: 4 }, pause);
  task("victim", { priority: 5, stack: 2048 }, () => {
    digest(20);
    if (args.includes("divide")) total = 1 / zero;
    if (args.includes("unreachable")) unreachable();
    if (args.includes("outside")) total = load<i32>(0x7ffffff0);
    if (args.includes("pointer")) call_indirect<void>(9999);
    if (args.includes("recurse")) total = recurse(1);
    if (args.includes("abort")) assert(zero == 1, "zero is no longer one");
    if (args.includes("heap")) for (;;) total += <i32>changetype<usize>(heap.alloc(4096));
  });
}

if (args.includes("race")) {
  const locked = args.includes("locked");
  for (let i = 0; i < 2; i++) {
    task("", { priority: 5, argument: locked ? 1 : 0 }, (safe) => {
      for (let n = 0; n < 3000; n++) {
        if (safe == 1) lock.lock();
        total++;
        if (safe == 1) lock.unlock();
      }
    });
  }
  task("judge", { priority: 1 }, () => print("{}\n", total));
}

if (args.includes("lines")) {
  interrupt(3, { priority: 1 }, () => {
    counting(0);
    if (busy) digest(400);
    if (broken) unreachable();
    unit.give();
  });
  interrupt(5, { priority: 9 }, () => counting(1));
  interrupt(6, { priority: 1 }, () => {
    blocked = unit.take();
  });
  task("server", { priority: 9 }, () => {
    for (let i = 0; i < 3; i++) unit.take();
    print("served {} {} blocked {}\n", load<i32>(counts), load<i32>(counts + 4), blocked);
  });
  task("worker", { priority: 2, daemon: true }, () => {
    for (;;) digest(1000);
  });
}

function counting(which: i32): void {
  store<i32>(counts + which * 4, load<i32>(counts + which * 4) + 1);
}

if (args.includes("signals")) {
  task("target", { priority: 3 }, () => {
    self.signals.handle(SIGUSR1, (_signal, _origin) => {
      total += digest(10) & 0xff;
      self.sleep(1);
      depth++;
    });
    print("{} after {} handlers\n", digest(2000), depth);
  });
  task("sender", { priority: 5 }, () => {
    for (let i = 0; i < 4; i++) {
      self.sleep(3);
      open.task("target").signal(SIGUSR1);
    }
  });
}

if (args.includes("hog")) {
  task("spins", {}, () => {
    self.sleep(2);
    self.lockInterrupts();
    spin(0);
  });
}

if (args.includes("timers")) {
  const ticker = timer({
    call: (value) => {
      total += value;
    },
    argument: 7,
  });
  task("main", {}, () => {
    self.sleep(10);
    print("{}\n", total);
  });
  ticker.start(2, 3);
}

if (args.includes("kinds")) {
  task("left", { priority: 5, writes: [bytes, notes, box, shared] }, left);
  task("right", { priority: 5, reads: [bytes, notes, box], writes: [shared] }, right);
}

function left(_: i32): void {
  bytes.write("twelve bytes");
  for (let i = 0; i < 3; i++) {
    store<i32>(scratch, 100 + i);
    notes.sendFrom(scratch, 4);
  }
  const block = blocks.alloc();
  block.setWord(0, 4711);
  box.send(block);
  shared.add(0, 5);
  ready.set(2);
}

function right(_: i32): void {
  let count = 0;
  while (count < 12) count += bytes.readInto(scratch + 64, 5);
  let sum = 0;
  for (let i = 0; i < 3; i++) {
    notes.receiveInto(scratch + 128, 8);
    sum += load<i32>(scratch + 128);
  }
  const block = box.receive();
  const word = block.word(0);
  block.free();
  ready.wait(2, EventWait.ALL);
  print("{} bytes, {} in messages, {} in a block, {} shared\n", count, sum, word, shared.add(0, 1));
}

/** For scripted tasks beside it: doubles numbers that come by a pipe and sends them back by a queue. */
if (args.includes("double")) {
  const input = pipe({ name: "input", capacity: 16 });
  const output = queue({ name: "output", count: 4, size: 4 });
  task("doubler", { priority: 6, reads: [input], writes: [output] }, () => {
    const from = open.pipe("input", Mode.READ);
    const to = open.queue("output", Mode.WRITE);
    for (let n = from.readInto(scratch, 4); n == 4; n = from.readInto(scratch, 4)) {
      store<i32>(scratch, load<i32>(scratch) * 2);
      to.sendFrom(scratch, 4);
    }
    print("{}\n", digest(100));
  });
}
