/** What random programs seldom come to, on the kernel and on its model: moments between a signal and its handler, ends under way. */
import { suite } from "uvu";
import { lockstep } from "./model/lockstep.js";
import type { Op, Program } from "./model/program.js";

const test = suite("rare");

/** A program of tasks with these priorities and ops, all of which have open what the description made. */
function runs(part: Partial<Program>, ...tasks: [priority: number, ...ops: Op[]][]): void {
  lockstep({
    period: 2000,
    first: 0,
    setup: [],
    handlers: [[]],
    lines: [],
    events: [],
    ...part,
    tasks: tasks.map(([priority, ...ops]) => ({ priority, threshold: 0, slice: 1, flags: 0, opens: -1, ops })),
  });
}

/** SIGUSR1 runs the handler with this number, with these flags (16 is RESTART). */
function catches(handler: number, flags = 0): Op {
  return ["signal_action", 0, 0, handler, 2, flags];
}
/** Timeouts as programs have them. */
const EVER = 0;
const TWO = 5;

const BOX: Op[] = [
  ["pool_create", 0, 2, 0],
  ["mailbox_create", 1, 0],
];

// Whoever is first sends, the second receives: a mailbox is open to them in turn.
test("MBX-11e a block that was taken is freed between the signal for its sender and the handler", () => {
  for (const flags of [0, 16]) {
    runs(
      { setup: BOX, handlers: [[["task_compute", 3]]] },
      [5, ["mailbox_receive", 0, 0, 0, EVER], ["task_sleep", 1], ["signal_send", 1, 0], ["pool_free"], ["task_sleep", 2]],
      [1, catches(0, flags), ["pool_alloc", 0], ["mailbox_send_sync", 0, 0, 0, EVER], ["task_sleep", 1]],
    );
  }
});

test("MBX-11e a block that was taken is freed while the handler of its sender runs, or blocks", () => {
  runs(
    { setup: BOX, handlers: [[["task_sleep", 3]]] },
    [5, ["mailbox_receive", 0, 0, 0, EVER], ["signal_send", 1, 0], ["task_sleep", 1], ["pool_free"], ["task_sleep", 4]],
    [1, catches(0), ["pool_alloc", 0], ["mailbox_send_sync", 0, 0, 0, EVER], ["task_sleep", 1]],
  );
});

test("MBX-11e a handler that sends synchronously itself does not end the wait that it interrupted", () => {
  runs(
    {
      setup: BOX,
      handlers: [
        [
          ["pool_alloc", 0],
          ["mailbox_send_sync", 0, 0, 0, 3],
        ],
      ],
    },
    [5, ["mailbox_receive", 0, 0, 0, EVER], ["task_sleep", 1], ["signal_send", 1, 0], ["task_sleep", 4], ["pool_free"], ["task_sleep", 2]],
    [1, catches(0), ["pool_alloc", 0], ["mailbox_send_sync", 0, 0, 0, EVER], ["task_sleep", 1]],
  );
});

test("CLK-06f the timer service that was called and has not looked yet runs no callback: a handler of it may wait", () => {
  runs(
    { setup: [["timer_create", 0, 0, 4, 1]], handlers: [[["task_sleep", 1]]] },
    [5, catches(0), ["timer_start", 0, 0, 0], ["timer_service", 6], ["task_sleep", 1]],
    [9, ["task_sleep", 1], ["signal_send", 0, 0], ["timer_stop", 0]],
  );
});

test("SIG-20e a write that goes on behind its deadline has one try, and what that moves is its result", () => {
  runs(
    { setup: [["pipe_create", 0, 3, 3]], handlers: [[["task_sleep", 4]]] },
    [1, catches(0, 16), ["pipe_write", 0, 0, 8, EVER], ["pipe_write", 0, 0, 100, TWO], ["task_sleep", 1]],
    [5, ["task_sleep", 1], ["signal_send", 0, 0], ["task_sleep", 2], ["pipe_read", 0, 1, 3, EVER], ["task_sleep", 5]],
  );
});

test("TFL-02a a notification wakes whoever does not want its value", () => {
  runs({}, [5, ["notify_wait", 0, EVER], ["notify_wait", 0, EVER]], [1, ["notify_send", 0, 0, 7], ["notify_send", 0, 2, 3]]);
});

test("where no piece more can be described, RAM of just the size is given out all the same", () => {
  const now = 2;
  const rest: Op[] = Array.from({ length: 38 }, () => ["memory_alloc", 1, now]);
  const setup: Op[] = [
    ["memory_alloc", 2, now],
    ...rest,
    ["memory_free", 0],
    ["memory_free", 2],
    ["memory_alloc", 1, now],
    ["memory_alloc", 1, now],
  ];
  runs({ small: true, setup }, [1, ["memory_alloc", 1, TWO]]);
});

test("a timer whose task has ended overruns", () => {
  runs({ setup: [["task_spawn", 0, 3]] }, [
    5,
    ["timer_create", 0, 3, 3, 10],
    ["timer_create", 0, 4, 3, 10],
    ["timer_start", 0, 0, 1],
    ["timer_start", 1, 0, 1],
    ["task_terminate", 0],
    ["task_sleep", 3],
    ["timer_overruns", 0],
    ["timer_overruns", 1],
  ]);
});

test("an interrupt that sends where nobody reads gets EPIPE, and no task a signal", () => {
  runs(
    {
      setup: [
        ["socket_create", 1, 1, 2, 2, 3],
        ["socket_bind", 0, 1, 0],
        ["socket_listen", 0, 2],
        ["socket_create", 2, 1, 5, 5, 3],
      ],
      handlers: [[["socket_send", 1, 0, 4, 0, 2]]],
      lines: [1],
    },
    [5, ["socket_connect", 1, 0, 0, EVER], ["socket_accept", 0, 0, EVER], ["object_close", 3, 3], ["irq_raise", 0], ["task_sleep", 1]],
  );
});

test.run();
