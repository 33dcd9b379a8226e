/** The face of the kernel, kernel/index.ts: what is so of every call of the table, whatever it does. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Action, AGAIN, callTable, EINVAL, type KernelExports, layout, Option, Order, SWITCH } from "../kernel/abi/host.js";
import { calls } from "../kernel/abi/table.js";
import { Bare } from "./bare.js";

const test = suite("face");

const MORE = 2;
const HANDLES = /^(?:task|sem|mutex|cond|event|barrier|rwlock|timer|pool|socket|handle)\??$|:|^(?:pipe|queue|mailbox|region)$/;

interface Made {
  name: string;
  number: number;
  cost: number;
  /** Parameters as the export has them. */
  params: { name: string; handle: boolean; value: number }[];
  make(m: Bare): number;
}

/**
 * Every call, with arguments that differ, and that mean nothing: no handle, no address. Timeouts are 0. Without task_compute, which takes
 * as long as it is told.
 */
const made: Made[] = Object.entries(calls)
  .filter(([name]) => name !== "task_compute")
  .map(([name, { n, cost, args }]) => {
    const flat = args.flatMap(([arg, type]): [string, string][] =>
      type === "bytes"
        ? [
            [arg, type],
            ["length", "i32"],
          ]
        : type === "items"
          ? [
              [arg, type],
              ["count", "i32"],
            ]
          : [[arg, type]],
    );
    const params = flat.map(([param, type], i) => ({
      name: param,
      handle: HANDLES.test(type),
      value: type === "timeout" ? 0 : 0x1105 + 0x11 * i,
    }));
    const make = (m: Bare) =>
      (m.kernel[name as keyof KernelExports] as unknown as (...args: number[]) => number)(...params.map(({ value }) => value));
    return { name, number: n, cost, params, make };
  });

function running(options = 0): Bare {
  const m = new Bare({ options });
  m.task(9);
  m.start();
  m.records();
  return m;
}

test("a call takes the cycles that the table says", () => {
  assert.ok(made.length > 100);
  for (const { name, cost, make } of made) {
    const m = running();
    const before = m.now;
    make(m);
    assert.is(m.now - before, cost, name);
  }
});

test("TRC-01a a call's record has its number, its first handle, its words in the table's order, and its result", () => {
  for (const { name, number, params, make } of made) {
    const m = running(Option.TRACE);
    const result = make(m);
    const records = m.records();
    const [record] = records.filter(({ event }) => event === number);
    if (name === "task_exit") continue;
    assert.ok(record, name);
    const words = (callTable[number] as { words: string[] }).words.map((word) => params.find((param) => param.name === word)?.value);
    assert.is(record?.object, (params.find(({ handle }) => handle)?.value ?? 0) & 0x1fff, `${name}: object`);
    assert.is(record?.first, words[0] ?? 0, `${name}: first word`);
    if (result !== SWITCH) assert.is((record?.second ?? 0) | 0, result, `${name}: result`);
    const more = records.filter(({ event }) => event === MORE).map(({ first, second }) => [first, second]);
    assert.equal(more, words.length < 2 ? [] : [[words[1], words[2] ?? 0]], `${name}: more words`);
  }
});

test("a call whose end meets an event does nothing yet, and is made again behind it; one that ends a cycle before is made", () => {
  for (const { name, number, cost, make } of made) {
    const met = running(Option.TRACE);
    met.set("left", cost);
    assert.is(make(met), SWITCH, name);
    assert.equal(
      met.records().filter(({ event }) => event === number),
      [],
      name,
    );
    met.next(Order.RESUME);
    assert.is(met.get("result") | 0, AGAIN, name);
    const now = met.now;
    make(met);
    assert.is(met.now, now, `${name} is charged once`);
    assert.is(met.records().filter(({ event }) => event === number).length, 1, name);
    const before = running(Option.TRACE);
    before.set("left", cost + 1);
    make(before);
    assert.is(before.records().filter(({ event }) => event === number).length, 1, name);
  }
});

test("the same in contexts for which the face asks further: under a lock, in a handler, and in a callback", () => {
  const inside = {
    lock: (m: Bare) => assert.is(m.kernel.scheduler_lock(), 1),
    handler: (m: Bare) => {
      m.kernel.line_raise(3);
      m.next(Order.INTERRUPT);
    },
    callback: (m: Bare) => {
      m.kernel.timer_start(m.kernel.timer_create(0, Action.CALLBACK, 1, 0), 1, 0);
      const out = m.bytes(layout.Callback.bytes);
      assert.is(
        m.call(() => m.kernel.timer_service(out, -1)),
        0,
      );
    },
  };
  for (const [where, enter] of Object.entries(inside)) {
    for (const { name, cost, make } of made) {
      const m = new Bare();
      m.task(9);
      m.kernel.irq_attach(3, 1, 1);
      m.start();
      enter(m);
      const before = m.now;
      make(m);
      // It is no callback any more that asks for the next one, nor is anything a task's that has ended.
      if (name !== "task_exit") assert.is(m.now - before, cost, `${name} in a ${where}`);
      if (where === "handler") continue;
      const met = new Bare();
      met.task(9);
      met.start();
      enter(met);
      met.set("left", cost);
      assert.is(make(met), SWITCH, name);
      met.next(Order.RESUME);
      assert.is(met.get("result") | 0, AGAIN, name);
    }
  }
});

test("TRC-03b a cycle at which the port wants to look is no event: the call that meets it is made", () => {
  for (const locked of [false, true]) {
    const m = new Bare();
    m.task(9);
    m.start();
    if (locked) m.kernel.scheduler_lock();
    m.set("observe", m.now + 60);
    m.kernel.interrupt_lock();
    m.kernel.interrupt_unlock();
    const sem = m.kernel.sem_create(0, 3, 3);
    assert.ok(sem > 0, `${sem}`);
    for (let i = 0; i < 3; i++) assert.is(m.kernel.sem_take(sem, 0), 0);
  }
});

test("in the system description no time passes, whatever compiled code has counted down", () => {
  const m = new Bare();
  m.set("left", m.get("left") - 500);
  assert.ok(m.kernel.sem_create(0, 0, 1) > 0);
  assert.is(m.now, 0);
});

test("the hash is of every word of every record, in order", () => {
  const m = new Bare({ options: Option.TRACE | Option.HASH });
  m.task(9);
  m.start();
  const brief = made.filter(({ name }) => /^(sem|mutex|event|object|pipe|queue)_/.test(name));
  for (const { make } of [...brief, ...brief]) assert.is.not(make(m), SWITCH);
  const words = m.records().flatMap((record) => record.words);
  assert.ok(words.length > 200);
  const rotated = (hash: number) => ((hash << 13) | (hash >>> 19)) >>> 0;
  const mixed = words.reduce((hash, word) => Math.imul(hash ^ word, 0x01000193), 0x811c9dc5) >>> 0;
  const stirred = words.reduce((hash, word) => Math.imul(rotated(hash) + word, 0x85ebca6b) >>> 0, 0x9e3779b9);
  const at = (field: number) => m.u32[(m.get("trace") + field) >> 2];
  assert.equal([at(layout.Trace.hash0), at(layout.Trace.hash1)], [mixed, stirred]);
});

test("the port is told each time that half of the trace's ring is full", () => {
  const m = new Bare({ options: Option.TRACE });
  m.task(9);
  m.start();
  m.records();
  const head = () => m.u32[(m.get("trace") + layout.Trace.head) >> 2] as number;
  for (let i = 0; i < 1500; i++) {
    m.set("attention", 0);
    const before = head();
    assert.is(
      m.call(() => m.kernel.object_close(0, 1)),
      -9,
    );
    const passed = Math.floor((head() - 1) / 512) !== Math.floor((before - 1) / 512);
    assert.is(m.get("attention"), passed ? 1 : 0, `${before}`);
    m.kernel.trace_drain();
  }
});

test("what changes nothing for its caller is answered at once, also where an equal is ready", () => {
  const m = new Bare();
  const own = m.task(9);
  m.task(9);
  m.start();
  const { kernel } = m;
  const mutex = kernel.mutex_create(0, 0, 0);
  const sem = kernel.sem_create(0, 0, 9);
  for (const [name, make] of Object.entries({
    lock: () => kernel.mutex_lock(mutex, 0),
    unlock: () => kernel.mutex_unlock(mutex),
    suspend: () => kernel.scheduler_lock(),
    resume: () => kernel.scheduler_unlock(),
    mask: () => kernel.interrupt_lock(),
    unmask: () => kernel.interrupt_unlock(),
    give: () => kernel.sem_give(sem),
    priority: () => kernel.task_priority(own, 9),
    threshold: () => kernel.task_threshold(own, 10),
    "threshold back": () => kernel.task_threshold(own, 9),
    signal: () => kernel.signal_mask(0, 1 << 10, 0),
    send: () => kernel.signal_send(own, 10),
  })) {
    assert.is.not(make(), SWITCH, name);
  }
});

test("to compute past a cycle at which the port wants to look is done at once, and a wrong number of cycles is traced", () => {
  const m = running(Option.TRACE);
  m.set("observe", m.now + 60);
  m.kernel.interrupt_lock();
  m.kernel.interrupt_unlock();
  m.records();
  assert.is(m.kernel.task_compute(500), 0);
  assert.is(m.kernel.task_compute(-1), EINVAL);
  const of = calls.task_compute.n;
  assert.equal(
    m.records().map(({ event, first, second }) => [event, first, second | 0]),
    [
      [of, 500, 0],
      [of, 0xffffffff, EINVAL],
    ],
  );
});

test.run();
