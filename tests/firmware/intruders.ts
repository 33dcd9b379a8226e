/** Tasks that touch what is not theirs, each by the words of the command line; for the tests of memory protection. */
import { args, Buffer, calls, interrupt, Kind, Mode, mailbox, pipe, pool, print, region, self, task } from "talea/firmware";

const SIGUSR1: i32 = 10;
const SIGSEGV: i32 = 11;
const DATA: u32 = 114688;
const ODD: u8 = 0xa5;
const own = memory.data(64, 8);
const blocks = pool({ name: "blocks", count: 4, size: 32 });
const box = mailbox({ name: "box" });
const shared = region({ name: "shared", size: 64 });
const bytes = pipe({ name: "bytes", capacity: 8 });
const nobodys = memory.data(8, 8);

/** An address that the compiler does not know. */
function hidden(address: u32): u32 {
  store<u32>(own, address);
  return load<u32>(own);
}

function addressOf(view: usize): u32 {
  return <u32>view;
}

/** The others go on. */
task("witness", { priority: 1 }, () => {
  self.sleep(20);
  print("the witness is well\n");
});

if (args.includes("load")) {
  task("intruder", {}, () => {
    const at = hidden(<u32>args.number(1, 0));
    const word = load<i32>(at);
    print("it was let in, and found {}\n", word);
  });
}

if (args.includes("store")) {
  task("intruder", {}, () => {
    const at = hidden(<u32>args.number(1, 0));
    store<u8>(at, ODD);
    print("it was let in\n");
  });
}

// Every kind of access, in a loop that calls nothing, from the last word of the data on.
if (args.includes("runs")) {
  task("intruder", {}, () => {
    const end = hidden(<u32>args.number(1, 0));
    for (let at: u32 = end - 64; ; at += 4) store<i32>(own, load<i32>(at));
  });
}

if (args.includes("copies")) {
  task("intruder", {}, () => {
    memory.copy(hidden(DATA + 40000), hidden(<u32>args.number(1, 0)), <usize>args.number(2, 8));
    print("it was let in\n");
  });
}

if (args.includes("fills")) {
  task("intruder", {}, () => {
    memory.fill(hidden(<u32>args.number(1, 0)), 7, <usize>args.number(2, 8));
    print("it was let in\n");
  });
}

if (args.includes("region")) {
  task("writer", { priority: 9, writes: [shared] }, () => {
    const at = addressOf(changetype<usize>(shared.view()));
    store<i32>(at + 8, 41);
    store<u8>(at + 63, 1);
    store<i32>(nobodys, at);
    print("the writer has {}\n", load<i32>(at + 8));
    self.sleep(5);
    store<i32>(at + 8, load<i32>(at + 8) + 1);
    shared.close();
    store<i32>(at + 8, 0);
  });
  task("reader", { priority: 8, reads: [shared] }, () => {
    const at = addressOf(changetype<usize>(shared.view()));
    print("the reader has {}\n", load<i32>(at + 8));
    store<i32>(at + 8, 0);
  });
  task("stranger", { priority: 7 }, () => {
    load<i32>(load<i32>(nobodys) + 8);
  });
  task("later", { priority: 2, reads: [shared] }, () => {
    self.sleep(10);
    print("it is {}\n", load<i32>(addressOf(changetype<usize>(shared.view())) + 8));
  });
}

if (args.includes("block")) {
  task("sender", { priority: 5, writes: [box] }, () => {
    const block = blocks.alloc();
    const at = addressOf(changetype<usize>(block));
    store<i32>(at, 7);
    store<u8>(at + 31, 1);
    box.send(block);
    print("it has been sent\n");
    store<i32>(at, 8);
  });
  task("receiver", { priority: 4, reads: [box] }, () => {
    const block = box.receive();
    const at = addressOf(changetype<usize>(block));
    print("the receiver has {}\n", load<i32>(at));
    store<i32>(at, 9);
    block.free();
    load<i32>(at);
  });
}

if (args.includes("broadcast")) {
  task("receiver", { priority: 9, reads: [box] }, () => {
    const block = box.receive();
    const at = addressOf(changetype<usize>(block));
    print("it has {}\n", load<i32>(at));
    store<i32>(at, 9);
  });
  task("sender", { priority: 5, writes: [box] }, () => {
    const block = blocks.alloc();
    store<i32>(changetype<usize>(block), 7);
    box.broadcast(block);
  });
}

if (args.includes("ram")) {
  task("owner", { priority: 9 }, () => {
    const at = addressOf(changetype<usize>(self.alloc(40)));
    store<i32>(at + 36, 5);
    store<i32>(nobodys, at);
    self.sleep(5);
    print("the owner has {}\n", load<i32>(at + 36));
    self.free(changetype<Buffer>(at));
    load<i32>(at + 36);
  });
  task("thief", { priority: 8 }, () => {
    store<i32>(load<i32>(nobodys) + 36, 6);
  });
}

// What a call is handed is asked for, too: the kernel neither reads nor writes where the caller may not.
if (args.includes("calls")) {
  task("caller", { priority: 9, reads: [bytes], writes: [bytes] }, () => {
    const kernel: u32 = 4096;
    const stack: u32 = <u32>args.number(1, 0);
    print("{} {}\n", bytes.writeFrom(kernel, 4), bytes.writeFrom(DATA, 4));
    print("{} {}\n", bytes.readInto(stack, 4), bytes.readInto(kernel, 4));
    print("{}\n", bytes.readInto(DATA + 64, 4));
  });
}

// A buffer that is taken away under who waits for it to be filled.
if (args.includes("taken")) {
  task("waiter", { priority: 9, writes: [shared], reads: [bytes] }, () => {
    print("it was answered {}\n", bytes.readInto(changetype<usize>(shared.view()), 8));
  });
  task("deleter", { priority: 8, reads: [bytes], writes: [shared, bytes] }, () => {
    shared.delete();
    const other = self.alloc(64);
    store<i64>(changetype<usize>(other), 0);
    bytes.write("ABCDEFGH");
    print("{}\n", load<i64>(changetype<usize>(other)) == 0 ? 1 : 0);
  });
}

// The same in waits that stand in no object's queue.
if (args.includes("noqueue")) {
  task("notified", { priority: 9, writes: [shared] }, () => {
    print("notify {}\n", calls.notify_wait(changetype<usize>(shared.view()), -1));
  });
  task("signalled", { priority: 9, writes: [shared] }, () => {
    calls.signal_mask(0, 1 << SIGUSR1, 0);
    print("signal {}\n", calls.signal_wait(1 << SIGUSR1, changetype<usize>(shared.view()) + 4, -1));
  });
  task("polls", { priority: 9, reads: [bytes], writes: [shared] }, () => {
    const item = changetype<usize>(shared.view()) + 16;
    store<i32>(item, bytes.handle);
    store<i32>(item, 1, 4);
    print("poll {}\n", calls.object_poll(item, 1, -1));
  });
  task("deleter", { priority: 8, reads: [bytes], writes: [shared, bytes] }, () => {
    shared.delete();
    const other = self.alloc(64);
    memory.fill(changetype<usize>(other), 0, 64);
    bytes.write("A");
    let all: i64 = 0;
    for (let i: usize = 0; i < 64; i += 8) all |= load<i64>(changetype<usize>(other) + i);
    print("{}\n", all == 0 ? 1 : 0);
  });
}

// A task that comes to write what it had only to read, in a call whose name lies in the region itself.
if (args.includes("grown")) {
  task("grows", { priority: 9, reads: [shared, bytes], writes: [bytes] }, () => {
    const at = addressOf(changetype<usize>(shared.view()));
    store<i32>(nobodys, at);
    self.sleep(3);
    bytes.write("ABCD");
    const opened = calls.object_open(Kind.REGION, at, Mode.WRITE);
    print("{} {}\n", opened > 0 ? 1 : 0, bytes.readInto(at, 4));
  });
  task("names", { priority: 8, writes: [shared] }, () => {
    const at = addressOf(changetype<usize>(shared.view()));
    store<u64>(at, 0x646572616873);
  });
}

// An entry that is the board's own is none for a firmware.
if (args.includes("forges")) {
  task("forger", {}, () => {
    const spawn = memory.data(36, 4);
    store<u32>(spawn, 0x80000000, 4);
    store<i32>(spawn, -1, 16);
    print("{} {}\n", calls.irq_attach(3, 0x80000000, 1), calls.task_spawn(spawn));
  });
}

// A more urgent task is ready when the handler of a fault is to begin, and may end its task before.
if (args.includes("outranked")) {
  task("urgent", { priority: 20 }, () => {
    self.sleep(1);
    if (args.includes("kills")) calls.task_terminate(load<i32>(own));
  });
  task("intruder", {}, () => {
    store<i32>(own, self.task.handle);
    self.signals.handle(SIGSEGV, () => {
      print("last words\n");
    });
    load<i32>(nobodys - DATA + 8);
  });
}

if (args.includes("handled")) {
  task("intruder", {}, () => {
    self.signals.handle(SIGSEGV, (signal, from) => {
      print("signal {} from {}\n", signal, from);
      self.sleep(3);
      if (args.includes("exits")) self.exit(7);
      if (args.includes("again")) load<i32>(hidden(4));
    });
    self.signals.handle(SIGUSR1, () => {
      load<i32>(hidden(8));
    });
    if (args.includes("nested")) self.task.signal(SIGUSR1);
    load<i32>(hidden(0));
    print("it went on\n");
  });
}

if (args.includes("line")) {
  interrupt(3, {}, () => {
    load<i32>(hidden(16));
  });
  task("raiser", {}, () => {
    self.sleep(2);
  });
}

// A region as the memory of a loop that calls nothing, which has all kinds of turns.
if (args.includes("busy")) {
  task("busy", { writes: [shared] }, () => {
    const at = addressOf(changetype<usize>(shared.view()));
    let sum: i32 = 0;
    for (let i = 0; i < 2000; i++) {
      for (let j = 0; j < 16; j++) store<i32>(at + ((i + j) & 15) * 4, load<i32>(at + j * 4) + i * j);
      if ((i & 3) == 1) continue;
      for (let j = 15; j >= 0; j -= 3) sum ^= load<i32>(at + j * 4);
    }
    print("{}\n", sum);
  });
}

if (args.includes("adds")) {
  const refused = calls.word_add(own, 1, 99264);
  store<i32>(nobodys, refused);
  task("teller", { priority: 2 }, () => {
    print("{}\n", load<i32>(nobodys));
  });
}

if (args.includes("describes")) load<i32>(hidden(8));
