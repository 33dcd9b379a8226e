/** The tour: every kind at work in one system, under a thousand schedules. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import tour from "../../apps/scripted/tour.js";
import { boot, type Machine } from "../../hal/host/index.js";
import { Kind, layout } from "../../kernel/abi/host.js";
import { pieces } from "../probe.js";
import { finish, play } from "../support.js";

const test = suite("tour");

const LINES = [
  /^interrupt: the probe set a thread flag, the meter runs$/,
  /^message queue: 5 messages were sent, at most 2 wait in it$/,
  /^shared region: the mean of 5 samples is 26\.6$/,
  /^sockets: "how many\? 5 samples", said port 7 of 127\.0\.0\.1, and hung up with 0$/,
  /^broadcast: picture 1 hangs in 2 frames, one copy for all$/,
  /^broadcast: picture 2 hangs in 2 frames, one copy for all$/,
  /^mailbox: both pictures were taken over, not a byte copied$/,
  /^signals: the kite was stopped in the storm, 3 SIGCHLD told so$/,
  /^poll: 2 pictures, \d+ alarms, then the keeper went home$/,
  /^pipe: nobody is left to write, so the story ends here$/,
];

/** Every kind says its line, once, and nothing else is said. */
function told(machine: Machine): void {
  const lines = machine.output.trimEnd().split("\n");
  assert.is(lines.length, LINES.length, machine.output);
  for (const line of LINES) assert.is(lines.filter((each) => line.test(each)).length, 1, `${line} in\n${machine.output}`);
  assert.match(lines[lines.length - 1] as string, LINES[LINES.length - 1] as RegExp);
}

/** The pieces of the arena that are in use, but for the tasks' stacks: what the description's objects keep. */
function kept(machine: Machine): string[] {
  const stacks = new Set<number>();
  for (let i = 0; i < machine.taskCount; i++) stacks.add(machine.u32[(machine.taskRecord(i) + layout.Task.storage) >> 2] as number);
  return pieces(machine)
    .filter(({ address, used }) => used !== 0 && !stacks.has(address))
    .map(({ address, size }) => `${size} bytes at ${address}`);
}

test("every kind says its line, whatever the schedule", () => {
  const { machine } = play(tour);
  told(machine);
  const calls = new Set(machine.trace.map(({ event }) => event));
  const kinds = ["pipe_write", "queue_send", "mailbox_send_sync", "mailbox_broadcast", "pool_alloc", "region_address", "word_wait"];
  for (const call of [...kinds, "socket_accept", "socket_send", "object_poll", "flags_wait", "signal_send", "task_alarm", "DELIVER"])
    assert.ok(calls.has(call), call);
});

test("a thousand seeds: each finishes, with all invariants at every step, the arena as it was, and nearly all schedules differ", () => {
  const hashes = new Set<string>();
  const machine = boot(tour, { kernel: "debug", seed: 0, keep: 0 });
  const before = kept(machine);
  assert.ok(before.length > 5);
  for (let seed = 0; seed < 1000; seed++) {
    machine.options.seed = seed;
    machine.powerOn();
    assert.is(finish(machine), "finished", `seed ${seed}`);
    told(machine);
    assert.equal(kept(machine), before, `seed ${seed}`);
    const pool = machine.recordsOf(Kind.POOL)[0] as number;
    assert.is(machine.u32[(pool + layout.MemPool.free) >> 2], 2, `seed ${seed}`);
    hashes.add(machine.hash as string);
  }
  assert.ok(hashes.size >= 900, `${hashes.size} different hashes`);
});

test.run();
