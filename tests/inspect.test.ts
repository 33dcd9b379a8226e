import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Connection,
  EBADF,
  EINPROGRESS,
  EINVAL,
  Info,
  type KernelExports,
  Kind,
  Mode,
  Order,
  SocketType,
  SWITCH,
} from "../kernel/abi/host.js";
import { calls } from "../kernel/abi/table.js";
import { Bare } from "./bare.js";

const test = suite("inspect");

const BOTH = Mode.READ | Mode.WRITE;

/** A fact as a number, or the error. */
function fact(m: Bare, handle: number, field: number): number {
  const out = m.get("scratch");
  const result = m.kernel.object_info(handle, field, out);
  return result < 0 ? result : (m.u32[out >> 2] as number) + (m.u32[(out >> 2) + 1] as number) * 2 ** 32;
}

test("of a task its pending signals, its mask and whom it joins", () => {
  const m = new Bare();
  const waits = m.task(9);
  const asks = m.task(5);
  m.start();
  m.kernel.signal_mask(0, 1 << 10, 0);
  assert.is(m.kernel.task_join(asks, 0, -1), SWITCH);
  m.next(Order.START);
  assert.is(fact(m, waits, Info.WAITING_ON), asks);
  assert.is(fact(m, asks, Info.WAITING_ON), 0);
  assert.is(fact(m, asks, Info.WAITERS), 1);
  assert.is(fact(m, waits, Info.MASK), 1 << 10);
  assert.is(fact(m, waits, Info.PENDING), 0);
  assert.is(m.kernel.signal_send(waits, 10), 0);
  assert.is(fact(m, waits, Info.PENDING), 1 << 10);
  assert.is(fact(m, asks ^ 0x100, Info.STATE), EBADF);
});

test("who waits to write, to send or for a receiver counts among an object's waiters", () => {
  const kinds: Record<string, [make: (k: KernelExports) => number, send: (m: Bare, handle: number) => number]> = {
    pipe: [(k) => k.pipe_create(0, 4, BOTH, 0), (m, pipe) => m.kernel.pipe_write(pipe, m.get("scratch"), 5, 100)],
    queue: [
      (k) => k.queue_create(0, 1, 4, 0, BOTH, 0),
      (m, queue) => {
        assert.is(m.kernel.queue_send(queue, m.get("scratch"), 4, 0, 0), 0);
        return m.kernel.queue_send(queue, m.get("scratch"), 4, 0, 100);
      },
    ],
    mailbox: [
      (k) => k.mailbox_create(0, Mode.READ),
      (m, box) => m.kernel.mailbox_send_sync(box, 0, m.kernel.pool_alloc(m.kernel.pool_create(0, 1, 8, 0), 0), 100),
    ],
  };
  for (const [kind, [make, send]] of Object.entries(kinds)) {
    const m = new Bare();
    const sender = m.task(9);
    const other = m.task(5);
    const handle = make(m.kernel);
    assert.ok(handle > 0, kind);
    assert.is(m.kernel.object_grant(handle, sender, Mode.WRITE), 0);
    assert.is(m.kernel.object_grant(handle, other, Mode.READ), 0);
    m.start();
    assert.is(fact(m, handle, Info.WAITERS), 0);
    assert.is(send(m, handle), SWITCH, kind);
    m.next(Order.START);
    assert.is(fact(m, handle, Info.WAITERS), 1, kind);
    assert.is(m.kernel.check(), 0);
  }
});

test("of a socket its state, bytes, room, address and the other end's", () => {
  const m = new Bare({ address: 0x0a000001, netmask: 0xffffff00 });
  m.task(9);
  m.start();
  const socket = m.kernel.socket_create(0, SocketType.DATAGRAM, 64, 32, BOTH, 0);
  assert.ok(socket > 0);
  assert.is(m.kernel.socket_bind(socket, 0, 80), 80);
  assert.is(fact(m, socket, Info.LOCAL), 80);
  assert.is(fact(m, socket, Info.PEER), 0);
  assert.is(m.kernel.socket_connect(socket, 0x0a000001, 80, 0), 0);
  assert.is(fact(m, socket, Info.PEER), 0x0a000001 * 65536 + 80);
  assert.is(fact(m, socket, Info.COUNT), 0);
  assert.is(m.kernel.socket_send(socket, m.get("scratch"), 5, 0, 0), 5);
  assert.is(fact(m, socket, Info.COUNT), 5 + 8);
  assert.is(fact(m, socket, Info.CAPACITY), 64);
  assert.is(fact(m, socket, Info.LOST), 0);
  assert.is(fact(m, socket, Info.STATE), Connection.CONNECTED);
  assert.is(fact(m, socket, Info.WAITERS), 0);
  assert.is(fact(m, socket, Info.OWNER), EINVAL);
});

test("a free lock has no owner, and each kind has its own fields only", () => {
  const m = new Bare();
  const owner = m.task(9);
  m.start();
  const mutex = m.kernel.mutex_create(0, 0, 0);
  assert.is(fact(m, mutex, Info.OWNER), 0);
  m.kernel.mutex_lock(mutex, 0);
  assert.is(fact(m, mutex, Info.OWNER), owner);
  const rwlock = m.kernel.rwlock_create(0);
  assert.is(fact(m, rwlock, Info.OWNER), 0);
  m.kernel.rwlock_write(rwlock, 0);
  assert.is(fact(m, rwlock, Info.OWNER), owner);
  for (const handle of [mutex, rwlock]) assert.is(fact(m, handle, Info.SIZE), EINVAL);
  const pipe = m.kernel.pipe_create(0, 4, BOTH, 0);
  assert.is(fact(m, pipe, Info.OWNER), EINVAL);
  assert.is(fact(m, pipe, Info.READERS), 1);
  assert.is(m.kernel.object_enumerate(Kind.PIPE, 0), pipe);
  assert.is(m.kernel.object_enumerate(Kind.PIPE, pipe), 0);
});

test("who waits for RAM waits for no object", () => {
  const m = new Bare();
  const waits = m.task(9);
  m.task(5);
  m.start();
  const most = fact(m, 0, Info.RAM_LARGEST);
  assert.ok(m.kernel.memory_alloc(most, 0) > 0);
  assert.is(m.kernel.memory_alloc(64, 100), SWITCH);
  m.next(Order.START);
  assert.is(fact(m, waits, Info.WAITING_ON), 0);
  assert.ok(fact(m, waits, Info.WAITING_IN) > 0);
});

test("of a task that waits on what, and in which call", () => {
  const waits: Record<string, [make: (m: Bare) => number, wait: (m: Bare, handle: number) => number]> = {
    sem_take: [(m) => m.kernel.sem_create(0, 0, 1), (m, sem) => m.kernel.sem_take(sem, 100)],
    event_wait: [(m) => m.kernel.event_create(0, 0), (m, event) => m.kernel.event_wait(event, 1, 0, 100)],
    barrier_wait: [(m) => m.kernel.barrier_create(0, 2), (m, barrier) => m.kernel.barrier_wait(barrier, 100)],
    rwlock_read: [(m) => m.kernel.rwlock_create(0), (m, lock) => m.kernel.rwlock_read(lock, 100)],
    rwlock_write: [(m) => m.kernel.rwlock_create(0), (m, lock) => m.kernel.rwlock_write(lock, 100)],
    mutex_lock: [(m) => m.kernel.mutex_create(0, 0, 0), (m, mutex) => m.kernel.mutex_lock(mutex, 100)],
    pipe_read: [(m) => m.kernel.pipe_create(0, 8, 7, 0), (m, pipe) => m.kernel.pipe_read(pipe, m.get("scratch"), 8, 100)],
    queue_receive: [
      (m) => m.kernel.queue_create(0, 1, 8, 0, 7, 0),
      (m, queue) => m.kernel.queue_receive(queue, m.get("scratch"), 8, 0, 100),
    ],
    queue_peek: [(m) => m.kernel.queue_create(0, 1, 8, 0, 7, 0), (m, queue) => m.kernel.queue_peek(queue, m.get("scratch"), 8, 0, 100)],
  };
  for (const [name, [make, wait]] of Object.entries(waits)) {
    const m = new Bare();
    const other = m.task(9);
    const waiter = m.task(5);
    const handle = make(m);
    m.start();
    if (name.startsWith("rwlock")) assert.is(m.kernel.rwlock_write(handle, 0), 0);
    if (name.startsWith("mutex")) assert.is(m.kernel.mutex_lock(handle, 0), 0);
    assert.is(m.kernel.task_sleep(1), SWITCH);
    m.next(Order.START);
    assert.is(m.kernel.task_self(), waiter);
    assert.is(wait(m, handle), SWITCH, name);
    m.resume();
    assert.is(m.kernel.task_self(), other);
    assert.is(fact(m, handle, Info.WAITERS), 1, name);
    assert.is(fact(m, waiter, Info.WAITING_ON), handle, name);
    assert.is(fact(m, waiter, Info.WAITING_IN), calls[name as keyof typeof calls].n, name);
  }
});

test("of a stream who waits to send counts among its waiters", () => {
  const m = new Bare();
  const sender = m.task(9);
  m.task(5);
  m.start();
  const stream = () => m.kernel.socket_create(0, SocketType.STREAM, 16, 16, BOTH, 0);
  const [listener, socket] = [stream(), stream()];
  assert.is(m.kernel.socket_bind(listener, 0, 80), 80);
  assert.is(m.kernel.socket_listen(listener, 1), 0);
  assert.is(m.kernel.socket_connect(socket, 0x7f000001, 80, 0), EINPROGRESS);
  assert.ok(m.kernel.socket_accept(listener, 0, 0) > 0);
  assert.is(m.kernel.socket_send(socket, m.get("scratch"), 100, 0, 100), SWITCH);
  m.next(Order.START);
  assert.is(fact(m, socket, Info.WAITERS), 1);
  assert.is(fact(m, sender, Info.WAITING_ON), socket);
});

test.run();
