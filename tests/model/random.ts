/** Random programs, which shrink. */
import fc from "fast-check";
import { CALLS, type CallName } from "./abi.js";
import type { Op, Program, TaskPlan } from "./program.js";

/** How often each call is drawn, where that is not once. */
const WEIGHTS: Partial<Record<CallName, number>> = {
  task_sleep: 6,
  task_compute: 8,
  task_yield: 3,
  task_priority: 3,
  signal_send: 6,
  signal_action: 5,
  signal_mask: 2,
  sem_take: 4,
  sem_give: 4,
  mutex_lock: 8,
  mutex_unlock: 8,
  pipe_read: 5,
  pipe_write: 6,
  queue_send: 5,
  queue_receive: 4,
  pool_alloc: 6,
  pool_free: 4,
  mailbox_send: 4,
  mailbox_send_sync: 4,
  mailbox_receive: 7,
  mailbox_broadcast: 2,
  socket_connect: 5,
  socket_accept: 4,
  socket_listen: 3,
  socket_bind: 3,
  socket_send: 6,
  socket_receive: 6,
  object_poll: 4,
  object_grant: 5,
  object_open: 4,
  word_wait: 5,
  word_wake: 3,
  timer_start: 3,
  irq_raise: 1,
  cond_wait: 8,
  cond_signal: 5,
  signal_wait: 3,
  signal_suspend: 2,
  flags_wait: 3,
  flags_set: 3,
  notify_wait: 3,
  notify_send: 3,
  barrier_wait: 4,
  event_wait: 4,
  event_set: 4,
  rwlock_read: 4,
  rwlock_write: 3,
  rwlock_unlock: 6,
  task_join: 3,
  memory_alloc: 4,
  memory_free: 3,
};

/** Calls of one field, so that programs are about something: what is drawn comes from the chosen fields, mostly. */
const FIELDS: Record<string, RegExp> = {
  sync: /^(sem|event|barrier|rwlock)_/,
  mutex: /^(mutex|cond)_|^task_priority|^wait_abort/,
  pipe: /^pipe_/,
  queue: /^queue_/,
  mailbox: /^(mailbox|pool)_/,
  memory: /^(region|word|memory)_/,
  socket: /^socket_/,
  signal: /^signal_|^task_alarm|^flags_|^notify_/,
  time: /^timer_/,
  objects: /^object_/,
  life: /^task_|^wait_|^scheduler_|^interrupt_|^irq_/,
};

/** What a description makes of each field. */
const MADE: Record<string, Op[]> = {
  sync: [
    ["sem_create", 0, 0, 2],
    ["sem_create", 0, 1, 4],
    ["event_create", 0, 0],
    ["barrier_create", 0, 2],
    ["barrier_create", 0, 3],
    ["rwlock_create", 0],
  ],
  mutex: [
    ["mutex_create", 0, 0],
    ["mutex_create", 0, 1],
    ["mutex_create", 0, 2],
    ["mutex_create", 0, 4, 30],
    ["mutex_create", 0, 16],
    ["cond_create", 0],
  ],
  pipe: [
    ["pipe_create", 0, 0, 12],
    ["pipe_create", 1, 3, 0],
    ["pipe_create", 0, 1, 0],
    ["pipe_create", 2, 5, 0],
    ["pipe_create", 0, 7, 0],
  ],
  queue: [
    ["queue_create", 0, 1, 8, 0, 12],
    ["queue_create", 0, 2, 8, 1, 0],
    ["queue_create", 1, 3, 12, 2, 0],
    ["queue_create", 2, 1, 4, 0, 3],
  ],
  mailbox: [
    ["pool_create", 0, 2, 0],
    ["pool_create", 0, 4, 2],
    ["mailbox_create", 1, 0],
    ["mailbox_create", 2, 0],
    ["mailbox_create", 0, 2],
  ],
  memory: [
    ["region_create", 1, 4, 1, 0],
    ["region_create", 2, 8, 0, 0],
    ["memory_alloc", 63],
  ],
  socket: [
    ["socket_create", 1, 1, 2, 2, 0],
    ["socket_bind", 0, 1, 0],
    ["socket_listen", 0, 2],
    ["socket_create", 2, 1, 5, 5, 0],
    ["socket_create", 0, 1, 1, 1, 0],
    ["socket_create", 3, 2, 30, 30, 0],
    ["socket_bind", 3, 1, 0],
    ["socket_create", 0, 2, 30, 30, 0],
  ],
  signal: [],
  time: [
    ["sem_create", 0, 0, 4],
    ["timer_create", 0, 1, 1, 1],
    ["timer_create", 0, 0, 4, 1],
    ["timer_create", 0, 3, 3, 1],
  ],
  objects: [
    ["sem_create", 1, 1, 3],
    ["event_create", 2, 1],
    ["pipe_create", 1, 3, 3],
    ["queue_create", 2, 2, 8, 0, 3],
  ],
  life: [],
};
/** What belongs together: ops in a row. A letter in an op's place of an argument is drawn, the same in the whole phrase. */
const PHRASES: Record<string, string[]> = {
  sync: [
    "sem_take a t; task_compute c; sem_give a",
    "sem_give a",
    "event_wait 0 b h t",
    "event_set 0 b",
    "barrier_wait 0 t",
    "barrier_wait 1 t",
    "rwlock_read 0 t; task_compute c; rwlock_unlock 0",
    "rwlock_write 0 t; task_sleep a; rwlock_unlock 0",
  ],
  mutex: [
    "mutex_lock a t; task_compute c; mutex_unlock 0",
    "mutex_lock a t; task_sleep 4; mutex_unlock 0",
    "mutex_lock 1 t; mutex_lock 1 t; mutex_lock 1 t; mutex_lock 1 t; cond_wait 0 0 t; mutex_unlock 0; mutex_unlock 0",
    "mutex_lock a t; mutex_lock b t; task_sleep 1; mutex_unlock a; mutex_unlock 0",
    "mutex_lock a t; cond_wait 0 0 t; mutex_unlock 0",
    "mutex_lock a t; cond_signal 0; mutex_unlock 0",
    "mutex_lock a t; cond_broadcast 0; task_exit 0",
    "mutex_lock 2 t; mutex_consistent 0; mutex_unlock 0",
    "mutex_lock 1 t; mutex_lock 1 t; cond_wait 0 0 t; mutex_unlock 0; mutex_unlock 0",
    "task_priority a b",
  ],
  pipe: [
    "pipe_write a b m t",
    "pipe_read a b m t",
    "pipe_read a b 40 t; pipe_write b a m t",
    "pipe_write a b 100 t",
    "object_close a 1",
    "pipe_trigger a c",
  ],
  queue: [
    "queue_send a b m h t",
    "queue_receive a b 40 c t",
    "queue_peek a b 40 c t",
    "queue_notify a 0; task_sleep b",
    "queue_overwrite 3 b c",
    "queue_send a b c 17 t",
  ],
  mailbox: [
    "pool_alloc o t; mailbox_send p 0 0",
    "pool_alloc o t; mailbox_send p c 0",
    "mailbox_receive p 0 b t; pool_free 0",
    "mailbox_receive p c b t; mailbox_send o 0 0",
    "pool_alloc o t; mailbox_send_sync p 0 0 t",
    "pool_alloc o t; mailbox_broadcast p 0",
    "mailbox_notify p 0; task_sleep b; mailbox_receive p 0 1 2; pool_free 0",
    "mailbox_receive p 0 b t; task_sleep a; pool_free 0",
    "object_close 2 3",
    "object_close 3 3",
  ],
  memory: [
    "region_address a; word_wait b c t",
    "region_address a; word_add b c 1",
    "word_wait a 0 t",
    "word_exchange a b 1; word_wake a c",
    "word_wake a 2",
    "memory_alloc m t; task_sleep b; memory_free 0",
    "memory_alloc 60 t",
  ],
  socket: [
    "socket_connect 1 0 0 t; socket_send 0 c m 0 t; socket_receive 0 c 40 0 t; object_close 3 3",
    "socket_connect 2 0 0 t; socket_shutdown 0 2; socket_receive 0 c 40 0 t",
    "socket_accept 0 1 t; socket_receive 0 c 40 0 t; socket_send 0 c m 0 t; object_close 3 3",
    "socket_accept 0 0 t; socket_send 0 c 60 0 t",
    "socket_connect 1 0 0 t; socket_send 0 c 90 0 t; socket_send 0 c 90 0 t",
    "socket_connect 2 0 0 2; socket_receive 0 c 40 0 t",
    "socket_accept 0 0 t; socket_shutdown 0 1; socket_send 0 c m 0 t",
    "socket_send 4 c m 1 t",
    "socket_receive 3 c 40 1 t",
    "socket_send 0 c m 0 t; socket_receive 0 c 40 0 t",
    "socket_send a c m 1 t",
    "socket_receive a c 40 1 t",
    "object_poll a t b 3 c",
    "socket_listen 0 2; socket_accept 0 0 t; object_delete 0",
  ],
  signal: [
    "signal_action a 0 b c d",
    "signal_action a 0 b 2 16",
    "signal_send a b",
    "signal_send a b; task_compute c",
    "signal_mask 0 a 1; task_sleep b; signal_mask 1 a 1",
    "signal_wait a 1 t",
    "signal_suspend 2",
    "task_alarm a; task_sleep 5",
    "flags_wait b h t",
    "flags_set a b",
    "notify_wait 1 t",
    "notify_send a h b",
  ],
  time: ["timer_start a b c", "timer_service t", "timer_stop a", "sem_take 0 t", "timer_service t; timer_start a b c"],
  objects: [
    "object_poll a t b 3 c b 1 c",
    "object_open 2 1 0",
    "object_open 9 a 3",
    "object_grant a b c",
    "object_close a 3",
    "object_unlink a",
    "object_delete a",
  ],
  life: [
    "task_join a 1 t",
    "task_spawn a b 0 1 0 c",
    "task_suspend a; task_sleep b; task_resume a",
    "task_priority a b",
    "task_threshold a b",
    "task_yield",
    "task_exit a",
    "scheduler_lock; task_compute c; scheduler_unlock",
    "interrupt_lock; task_compute 40; interrupt_unlock",
    "wait_abort a",
    "task_terminate a",
  ],
};
export const FIELD_NAMES = Object.keys(FIELDS);

const small = fc.oneof({ weight: 3, arbitrary: fc.nat(3) }, { weight: 2, arbitrary: fc.nat(15) }, { weight: 1, arbitrary: fc.nat(63) });

/** An op of these fields; of all of them now and then. */
function opOf(fields: readonly string[], inHandler = false): fc.Arbitrary<Op> {
  // Handlers of lines that raise lines have no end.
  const calls = (Object.keys(CALLS) as CallName[]).filter((call) => !(inHandler && call === "irq_raise"));
  const draw = (list: CallName[]) => fc.oneof(...list.map((call) => ({ weight: WEIGHTS[call] ?? 1, arbitrary: fc.constant(call) })));
  const wanted = calls.filter((call) => fields.some((field) => FIELDS[field]?.test(call)));
  const passing = draw(["task_sleep", "task_compute", "task_yield", "task_sleep_until"]);
  const call = fc.oneof({ weight: 3, arbitrary: draw(wanted) }, { weight: 1, arbitrary: draw(calls) }, { weight: 1, arbitrary: passing });
  return fc.tuple(call, fc.array(small, { minLength: 0, maxLength: 6, size: "max" })).map(([name, args]): Op => [name, ...args]);
}

function phrase(text: string): fc.Arbitrary<Op[]> {
  const letters = {
    o: fc.nat(1),
    p: fc.nat(1),
    a: fc.nat(3),
    b: fc.nat(3),
    c: fc.nat(15),
    d: fc.nat(31),
    h: fc.nat(3),
    m: fc.nat(40),
    t: fc.nat(8),
  };
  return fc.record(letters).map((drawn) =>
    text.split("; ").map((op): Op => {
      const [name, ...args] = op.split(" ") as [CallName, ...string[]];
      return [name, ...args.map((arg) => drawn[arg as "a"] ?? Number(arg))];
    }),
  );
}

/** So many phrases of these fields at most. */
function phrasesOf(fields: readonly string[], most: number): fc.Arbitrary<Op[]> {
  const phrases = fields.flatMap((field) => PHRASES[field] ?? []).map(phrase);
  return fc.array(fc.oneof(...phrases), { minLength: 1, maxLength: most }).map((parts) => parts.flat());
}

/** What tasks are about: phrases of these fields, and single ops between them. */
function talkOf(fields: readonly string[]): fc.Arbitrary<Op[]> {
  const single = opOf(fields).map((op) => [op]);
  const part = fc.oneof({ weight: 3, arbitrary: phrasesOf(fields, 1) }, { weight: 2, arbitrary: single });
  return fc.array(part, { minLength: 1, maxLength: 14, size: "max" }).map((parts) => parts.flat());
}

const flags = fc.constantFrom(0, 16, 16, 4, 8, 20);
const handles = (signal: fc.Arbitrary<number>) =>
  fc
    .tuple(signal, fc.nat(3), fc.constantFrom(2, 2, 2, 0, 1), flags)
    .map(([each, entry, mask, how]): Op => ["signal_action", each, 0, entry, mask, how, 0]);
/** Handlers that it installs first: for what most signals that are sent are, or for some. */
const catches = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(...[0, 1, 2].map((each) => handles(fc.constant(each)))) },
  { weight: 1, arbitrary: fc.array(handles(fc.nat(4)), { maxLength: 3 }) },
);

function planOf(fields: readonly string[]): fc.Arbitrary<TaskPlan> {
  return fc.record({
    priority: fc.oneof({ weight: 4, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.nat(63) }),
    threshold: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(4) }),
    slice: fc.constantFrom(1, 0, 1, 2),
    flags: fc.constantFrom(0, 0, 0, 1, 2),
    opens: fc.oneof({ weight: 1, arbitrary: fc.integer() }, { weight: 3, arbitrary: fc.constant(-1) }),
    ops: fc
      .tuple(fc.oneof({ weight: 2, arbitrary: catches }, { weight: 1, arbitrary: fc.constant([]) }), talkOf(fields))
      .map(([first, rest]) => [...first, ...rest]),
  });
}

/** One kind of things or two, mostly with what comes in between. */
const someFields = fc
  .tuple(fc.uniqueArray(fc.constantFrom(...FIELD_NAMES), { minLength: 1, maxLength: 2 }), fc.subarray(["signal", "life", "time"]))
  .map(([about, between]) => [...new Set([...about, ...between])]);

/** A program about these kinds of things. */
export function programAbout(fields: readonly string[]): fc.Arbitrary<Program> {
  const made = fields.flatMap((field) => MADE[field] ?? []);
  return fc.record({
    small: fc.constantFrom(false, false, true),
    arena: fc.option(fc.constantFrom(4000, 1200, 400, 40), { nil: undefined, freq: 2 }),
    period: fc.constantFrom(2000, 700, 16000),
    first: fc.constantFrom(0, 0, -3),
    setup: fc
      .tuple(fc.oneof(fc.constant(made), fc.shuffledSubarray(made)), fc.array(opOf(fields), { maxLength: 2 }))
      .map(([first, rest]) => [...first, ...rest]),
    tasks: fc.array(planOf(fields), { minLength: 1, maxLength: 5, size: "max" }),
    handlers: fc.array(
      fc.oneof(
        { weight: 2, arbitrary: fc.array(opOf([...fields, "signal"], true), { maxLength: 3 }) },
        { weight: 1, arbitrary: phrasesOf(fields, 2) },
      ),
      { minLength: 1, maxLength: 3 },
    ),
    lines: fc.array(fc.nat(3), { maxLength: 4 }),
    events: fc.array(fc.tuple(fc.oneof(fc.nat(400), fc.nat(5000)), fc.nat(8)), { maxLength: 6 }),
    choices: fc.option(fc.array(fc.nat(999), { minLength: 1, maxLength: 12 }), { nil: undefined, freq: 1 }),
  });
}

/** Programs about one or two kinds of things. Small ones are not preferred: they are what a counter-example shrinks to. */
export const anyProgram = fc.noBias(someFields.chain(programAbout));
