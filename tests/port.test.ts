import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EINVAL, ENOMEM, ESRCH, Info, layout, Mode, Order, State, SWITCH } from "../kernel/abi/host.js";
import { Bare, type Settings } from "./bare.js";

const test = suite("port");

/** Where RAM starts in this kernel. */
const ramStart = () => new Bare().get("scratch");
const MOST = 4 * 65536;

test("power-on refuses a machine that cannot be, and only that", () => {
  const start = ramStart();
  const refused: Settings[] = [
    { data: start + 64 },
    { data: start + 128 + 4096 + 4 },
    { data: start + 128 + 2 },
    { period: 60 },
    { period: 0x10000001 },
    { memory: MOST + 1 },
    { memory: start - 1 },
    { scratch: 0xffffff00, statics: 0x200 },
    { statics: MOST - start - 128 + 1 },
  ];
  for (const settings of refused) assert.is(new Bare(settings).powered, EINVAL, JSON.stringify(settings));
  const taken: Settings[] = [
    { data: start + 128 },
    { data: start + 128 + 4096 },
    { period: 61 },
    { period: 0x10000000 },
    { memory: MOST },
    { memory: start, scratch: 0, statics: 0 },
    { statics: MOST - start - 128 },
  ];
  for (const settings of taken) assert.is(new Bare(settings).powered, 0, JSON.stringify(settings));
});

test("a machine that is on is not powered on again: its memory is", () => {
  const m = new Bare();
  assert.is(m.kernel.power_on(), EINVAL);
});

test("without RAM there is an arena of nothing: what needs some is refused, what needs none is not", () => {
  const m = new Bare({ statics: MOST - ramStart() - 128 });
  const out = m.bytes(8);
  for (const field of [Info.RAM, Info.RAM_FREE, Info.RAM_LARGEST]) {
    m.u32[out >> 2] = 7;
    assert.is(m.kernel.object_info(0, field, out), 0);
    assert.is(m.u32[out >> 2], 0);
  }
  assert.is(m.kernel.pipe_create(0, 8, Mode.READ, 0), ENOMEM);
  assert.ok(m.kernel.sem_create(0, 1, 1) > 0);
  assert.is(m.kernel.check(), 0);
});

test("a kernel that has stopped itself runs nobody any more", () => {
  const m = new Bare();
  m.task(5);
  m.kernel.system_done();
  m.set("panic", 2);
  assert.is(m.kernel.dispatch(), Order.IDLE);
  m.set("panic", 0);
  m.next(Order.START);
});

test("the end of a handler, of a signal's handler, a trap and a fault mean nothing where none can be", () => {
  const m = new Bare();
  const task = m.task(5);
  assert.is(m.kernel.irq_return(), 0);
  assert.is(m.kernel.signal_return(), 0);
  m.kernel.task_trap(1);
  assert.is(m.kernel.task_fault(11), 0);
  m.start();
  assert.is(m.kernel.overdue(), 0);
  assert.is(m.kernel.irq_return(), 0);
  assert.is(m.kernel.signal_return(), 0);
  for (const signal of [0, -1, 32]) assert.is(m.kernel.task_fault(signal), 0);
  assert.is(m.kernel.irq_attach(3, 1, 1), 0);
  assert.is(m.kernel.line_raise(3), 0);
  m.next(Order.INTERRUPT);
  m.kernel.task_trap(1);
  assert.is(m.kernel.task_fault(11), 0);
  assert.is(m.kernel.signal_return(), 0);
  assert.is(m.kernel.irq_return(), 1);
  m.next(Order.RESUME);
  const state = m.u8[m.get("tasks") + (task & 0xff) * layout.Task.bytes + layout.Task.state];
  assert.is(state, State.RUNNING);
  assert.is(m.kernel.check(), 0);
  assert.is(m.kernel.task_fault(11), 0);
  assert.is(m.kernel.dispatch(), Order.IDLE);
});

test("the port raises signals 1 to 31 for tasks that are, and lines 0 to 31", () => {
  const m = new Bare();
  const task = m.task(5);
  m.start();
  for (const signal of [0, -1, 32]) assert.is(m.kernel.signal_raise(task, signal), EINVAL);
  assert.is(m.kernel.signal_raise(task ^ 0x100, 10), ESRCH);
  for (const line of [-1, 32]) assert.is(m.kernel.line_raise(line), EINVAL);
  assert.is(m.kernel.line_raise(31), 0);
  assert.is(m.kernel.signal_raise(task, 31), 0);
  assert.is(m.kernel.signal_raise(task, 1), 0);
  assert.is(m.kernel.dispatch(), Order.IDLE, "its default is the task's end");
});

test("locks are counted up to 65535, and no further", () => {
  const m = new Bare({ period: 0x10000000 });
  m.task(5);
  m.start();
  for (const lock of [() => m.kernel.scheduler_lock(), () => m.kernel.interrupt_lock()]) {
    for (let count = 1; count <= 0xffff; count++) assert.is(lock(), count);
    assert.is(lock(), -75);
    assert.is(lock(), -75);
  }
  assert.is(m.kernel.check(), 0);
  assert.is(m.kernel.scheduler_unlock(), 0xfffe);
  assert.is(m.kernel.interrupt_unlock(), 0xfffe);
});

test("an event that is due goes first also where the call changes a slice or overwrites a message", () => {
  const m = new Bare({ period: 61 });
  const task = m.task(5);
  const queue = m.kernel.queue_create(0, 1, 4, 0, Mode.READ | Mode.WRITE, 0);
  assert.ok(queue > 0);
  m.start();
  for (let calls = 0; calls < 40; calls++) {
    for (const call of [() => m.kernel.task_slice(task, 1), () => m.kernel.queue_overwrite(queue, m.get("scratch"), 4)]) {
      if (call() === SWITCH) m.next(Order.RESUME);
    }
  }
  assert.is(m.kernel.check(), 0);
});

test.run();
