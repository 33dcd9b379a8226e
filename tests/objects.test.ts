/** Kernel objects by name, as the bench looks at them: those of scripted tasks and of compiled ones. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, MachineError, type System } from "../hal/host/index.js";
import { firmwareFrom } from "./firmware.js";

const test = suite("objects");

function all(system: System): void {
  const queue = system.queue({ name: "queue", count: 3, size: 4 });
  const pipe = system.pipe({ name: "pipe", capacity: 8 });
  const mailbox = system.mailbox({ name: "mailbox" });
  const region = system.region({ name: "region", size: 24 });
  const socket = system.socket({ name: "socket" });
  const mutex = system.mutex({ name: "mutex" });
  const pool = system.pool({ name: "pool", count: 4, size: 16 });
  const timer = system.timer({ name: "timer", give: system.semaphore({ name: "semaphore", initial: 2 }) });
  system.condition({ name: "condition" });
  system.event({ name: "event", bits: 5 });
  system.barrier(3, { name: "barrier" });
  system.rwlock({ name: "rwlock" });
  system.task("user", { writes: [queue, pipe, mailbox, region], reads: [socket] }, function* (self) {
    yield* mutex.lock();
    yield* queue.send("abc");
    yield* pipe.write("hello");
    yield* pool.alloc();
    yield* timer.start(100);
    yield* socket.bind(80);
    yield* self.sleep(50);
  });
  system.task("waiter", { priority: 3 }, function* () {
    yield* mutex.lock(20);
  });
}

test("every kind is found by its name, and tells about itself while the system runs", () => {
  const m = boot(all);
  m.runUntil(10);
  const { objects } = m;
  assert.is(objects.semaphore("semaphore").count, 2);
  assert.is(objects.mutex("mutex").owner, "user");
  assert.is(objects.mutex("mutex").waiters, 1);
  assert.is(objects.condition("condition").waiters, 0);
  assert.is(objects.event("event").bits, 5);
  assert.is(objects.barrier("barrier").waiters, 0);
  assert.is(objects.rwlock("rwlock").waiters, 0);
  assert.is(objects.timer("timer").running, true);
  assert.is(objects.pipe("pipe").used, 5);
  assert.equal([objects.queue("queue").used, objects.queue("queue").capacity], [1, 3]);
  assert.is(objects.mailbox("mailbox").letters, 0);
  assert.is(objects.region("region").size, 24);
  assert.is(objects.pool("pool").free, 3);
  assert.is(objects.socket("socket").local?.port, 80);
});

test("looking changes nothing", () => {
  const undisturbed = boot(all);
  undisturbed.run();
  const m = boot(all);
  while (m.advance({ dispatches: 1 }) === "budget") void [m.objects.queue("queue").used, m.objects.mutex("mutex").owner];
  assert.is(m.hash, undisturbed.hash);
});

test("a name that there is not is refused with those that there are, and calls are for tasks", () => {
  const m = boot(all);
  assert.throws(
    () => m.objects.queue("mutex"),
    (error: unknown) => error instanceof MachineError && error.message === 'no queue is named "mutex": there are queue',
  );
  const none = boot(() => {});
  assert.throws(() => none.objects.pipe("x"), /^no pipe is named "x": there is none at all$/);
  assert.throws(() => m.objects.semaphore("semaphore").give(), /here nobody runs/);
});

test("those of a firmware are found, too", () => {
  const app = firmwareFrom(
    "objects",
    `import { mutex, queue, self, semaphore, task } from "talea/firmware";
const lock = mutex({ name: "lock" });
semaphore({ name: "permits", initial: 7 });
const samples = queue({ name: "samples", count: 4, size: 8 });
task("user", { writes: [samples] }, () => {
  lock.lock();
  samples.send("one");
  samples.send("two");
  self.sleep(20);
});
`,
  );
  const m = boot(app);
  assert.is(
    m.runUntil(() => m.objects.queue("samples").used === 2, 5),
    "until",
  );
  assert.is(m.objects.mutex("lock").owner, "user");
  assert.is(m.objects.semaphore("permits").count, 7);
});

test.run();
