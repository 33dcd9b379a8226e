import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EFAULT, ENAMETOOLONG, EPERM, Info, type KernelExports, Kind, Mode, Order } from "../kernel/abi/host.js";
import { calls } from "../kernel/abi/table.js";
import { Bare } from "./bare.js";

const test = suite("reach");

/** A machine whose memory is protected, on which a task runs: 64 bytes that it has, and where another's storage is. */
function guarded() {
  const m = new Bare({ guarded: 1 });
  m.task(9);
  const others = m.storageOf(m.task(5));
  m.start();
  const own = m.kernel.memory_alloc(64, 0);
  assert.ok(own > 0);
  return { m, own, others };
}

test("a name may lie where its caller reads, up to its end; else every call that takes one is EFAULT", () => {
  const { m, own, others } = guarded();
  const named = Object.entries(calls).filter(([, { args }]) => args.some(([, type]) => type === "name"));
  assert.ok(named.length >= 13);
  for (const [call, { args }] of named) {
    const make = (name: number) => {
      const values = args.map(([, type]) => (type === "name" ? name : 0));
      return (m.kernel[call as keyof KernelExports] as unknown as (...values: number[]) => number)(...values);
    };
    assert.is(make(others), EFAULT, call);
    assert.is.not(make(own), EFAULT, call);
  }
  const long = m.text("sixteen bytes and more");
  assert.is(m.kernel.sem_create(long, 0, 1), ENAMETOOLONG);
  assert.is(m.kernel.check(), 0);
});

test("a name that runs from the caller's memory into another's is EFAULT, one that ends before is not", () => {
  const { m, own } = guarded();
  const end = own + 64;
  m.u8.set([97, 98, 99, 0], end - 4);
  assert.ok(m.kernel.sem_create(end - 4, 0, 1) > 0);
  m.u8[end - 1] = 100;
  assert.is(m.kernel.sem_create(end - 3, 0, 1), EFAULT);
});

test("a pointer may go to the part of the stack that the port names, also where nothing else is known of it", () => {
  const { m, others } = guarded();
  const ask = (out: number) => m.kernel.object_info(0, Info.RAM, out);
  assert.is(ask(others), EFAULT);
  m.set("ownStart", others + 8);
  m.set("ownEnd", others + 24);
  assert.is(ask(others + 8), 0);
  assert.is(ask(others + 16), 0);
  assert.is(ask(others), EFAULT, "before it");
  assert.is(ask(others + 24), EFAULT, "behind it");
});

test("what the system description took is everybody's, what a task took its own, and a handler's is neither", () => {
  const m = new Bare({ guarded: 1 });
  m.task(9);
  const systems = m.kernel.memory_alloc(64, 0);
  assert.ok(systems > 0);
  m.kernel.irq_attach(3, 1, 1);
  m.start();
  const mine = m.kernel.memory_alloc(64, 0);
  assert.ok(mine > 0);
  assert.is(m.kernel.reach(systems, 64, 1), 1);
  assert.is(m.kernel.reach(systems, 65, 0), 0, "up to its end");
  assert.is(m.kernel.reach(mine, 64, 1), 1);
  assert.is(m.kernel.check(), 0);
  m.kernel.line_raise(3);
  m.next(Order.INTERRUPT);
  assert.is(m.kernel.reach(systems, 64, 1), 1);
  assert.is(m.kernel.reach(mine, 4, 0), 0);
  m.kernel.irq_return();
  m.next(Order.RESUME);
  assert.is(m.kernel.reach(mine, 4, 0), 1);
});

test("nothing is reached by an address that overflows, in no piece, or in a free one", () => {
  const { m, own } = guarded();
  assert.is(m.kernel.reach(own, 4, 0), 1);
  assert.is(m.kernel.reach(own, 0xffffffff, 0), 0);
  assert.is(m.kernel.reach(0xfffffffc, 8, 0), 0);
  assert.is(m.kernel.reach(0xfffffffc, 4, 0), 0);
  assert.is(m.kernel.reach(4 * 65536 - 64, 4, 0), 0);
  assert.is(m.kernel.reach(0, 4, 0), 0);
});

test("a region is reached by who has it open, in that direction; a block of a pool by its owner", () => {
  const m = new Bare({ guarded: 1 });
  m.task(9);
  const region = m.kernel.region_create(m.text("r"), 64, Mode.READ, 0);
  assert.ok(region > 0);
  const pool = m.kernel.pool_create(0, 2, 16, 0);
  m.start();
  assert.is(m.kernel.region_address(region), EPERM);
  assert.is(m.kernel.object_open(Kind.REGION, m.text("r"), Mode.READ), region);
  const address = m.kernel.region_address(region);
  assert.ok(address > 0);
  assert.is(m.kernel.reach(address, 64, 0), 1);
  assert.is(m.kernel.reach(address, 64, 1), 0);
  assert.is(m.kernel.reach(address + 60, 8, 0), 0);
  const block = m.kernel.pool_alloc(pool, 0);
  assert.ok(block > 0);
  assert.is(m.kernel.reach(block, 16, 1), 1);
  const free = m.kernel.pool_alloc(pool, 0);
  assert.is(m.kernel.pool_free(free), 0);
  assert.is(m.kernel.reach(free, 4, 0), 0);
});

test("a region that is open to read holds names and what is written from it, and takes no results", () => {
  const m = new Bare({ guarded: 1 });
  m.task(9);
  const name = m.text("r");
  const region = m.kernel.region_create(name, 64, Mode.READ, 0);
  m.start();
  const at = () => m.kernel.region_address(region);
  assert.is(m.kernel.object_open(Kind.REGION, name, Mode.READ), region);
  const address = at();
  m.u8.set([97, 0], address);
  assert.ok(m.kernel.sem_create(address, 0, 1) > 0);
  assert.is(m.kernel.object_info(0, Info.RAM, address), EFAULT);
  const pipe = m.kernel.pipe_create(0, 8, Mode.READ | Mode.WRITE, 0);
  assert.is(m.kernel.pipe_write(pipe, address, 4, 0), 4);
  assert.is(m.kernel.pipe_read(pipe, address, 4, 0), EFAULT);
  assert.is(m.kernel.object_close(region, Mode.READ), 0);
  assert.is(m.kernel.pipe_write(pipe, address, 4, 0), EFAULT, "it is closed");
  assert.is(m.kernel.check(), 0);
});

test("what is freed is reached no more, whatever was found before", () => {
  const { m, own } = guarded();
  assert.is(m.kernel.object_info(0, Info.RAM, own), 0);
  assert.is(m.kernel.memory_free(own), 0);
  assert.is(m.kernel.object_info(0, Info.RAM, own), EFAULT);
});

test("while a firmware describes the system it may touch what tasks may, and the port all RAM", () => {
  const m = new Bare({ guarded: 1 });
  const others = m.storageOf(m.task(5));
  assert.is(m.kernel.object_info(0, Info.RAM, others), 0);
  m.set("describing", 1);
  assert.is(m.kernel.object_info(0, Info.RAM, others), EFAULT);
  assert.is(m.kernel.object_info(0, Info.RAM, m.bytes(8)), 0);
});

test.run();
