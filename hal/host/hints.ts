/** What a refusal means for the call that was refused, where the error's own sentence says less: by the call's name and the error. */
import type { ErrorName } from "../../kernel/abi/host.js";

const TO_READ = "the task was not given it to read: reads: [...]";
const TO_WRITE = "the task was not given it to write: writes: [...]";
const UNOPENED = "the task was not given it: reads: [...] or writes: [...]";
const SIGNALS = "signals are 1 to 31";
const FLAGS = "flags are bits 0 to 30, at least one of them";
const WORD = {
  EINVAL: "the place of a word is a multiple of 4",
  EFAULT: "the task is not attached to the region for this: reads: [...] to wait and wake, writes: [...] to change",
};
const SENT = {
  EPERM: `the block is no longer this task's, it was sent or freed, or ${TO_WRITE}`,
  EINVAL: "there is no such block any more",
};

const UNCAUGHT = { EINVAL: `SIGKILL and SIGSTOP cannot be caught or ignored; ${SIGNALS}` };

const hints: Record<string, Partial<Record<ErrorName, string>>> = {
  "pipe.read": { EPERM: TO_READ },
  "pipe.write": { EPERM: TO_WRITE },
  "pipe.trigger": { EINVAL: "the level is 1 to its capacity" },
  "queue.send": { EPERM: TO_WRITE, EINVAL: "the priority of a message is 0 to 255" },
  "queue.receive": { EPERM: TO_READ },
  "queue.peek": { EPERM: TO_READ },
  "queue.overwrite": { EPERM: TO_WRITE, EINVAL: "only a queue of one message (count: 1) can be overwritten" },
  "queue.notify": { EPERM: TO_READ, EINVAL: `${SIGNALS}, 0 withdraws` },
  "mailbox.send": SENT,
  "mailbox.sendSync": SENT,
  "mailbox.broadcast": SENT,
  "mailbox.receive": { EPERM: TO_READ },
  "mailbox.notify": { EPERM: TO_READ, EINVAL: `${SIGNALS}, 0 withdraws` },
  "socket.bind": {
    EPERM: UNOPENED,
    EINVAL: "it has a port already, or the port is not 0 to 65535",
  },
  "socket.listen": {
    EPERM: UNOPENED,
    EINVAL: "it is bound to a port first: bind(80), and the backlog is 1 to 32",
    EOPNOTSUPP: "a datagram socket has no connections: bind it and receive",
  },
  "socket.accept": {
    EPERM: TO_READ,
    EINVAL: "it does not listen: only a stream that did bind(80), then listen() accepts; or the timeout is less than -1",
  },
  "socket.connect": {
    EPERM: UNOPENED,
    EINVAL: "it listens, the address is 0.0.0.0, the port is not 1 to 65535, or the timeout is less than -1",
  },
  "socket.send": { EPERM: TO_WRITE },
  "socket.sendTo": { EPERM: TO_WRITE },
  "socket.receive": { EPERM: TO_READ },
  "socket.shutdown": {
    EPERM: UNOPENED,
    EOPNOTSUPP: "a datagram socket has no stream that could end",
  },
  "block.free": { EPERM: "the block is another task's, or on its way to one", EINVAL: "the block was freed already, or its pool is gone" },
  "region.view": { EPERM: "the task is not attached: reads: [...] or writes: [...]" },
  "region.wait": WORD,
  "region.wake": WORD,
  "region.add": WORD,
  "region.exchange": WORD,
  "region.compareExchange": WORD,
  "mutex.unlock": { EPERM: "this task does not own it" },
  "mutex.consistent": { EPERM: "this task does not own it", EINVAL: "no owner has ended while holding it" },
  "mutex.lock": { EDEADLK: "this task owns it already, or its owner waits for this task" },
  "rwlock.unlock": { EPERM: "this task does not hold it" },
  "condition.wait": { EPERM: "this task does not own the mutex", EINVAL: "others wait with another mutex" },
  "task.signal": { EINVAL: `${SIGNALS}, 0 asks whether the task exists`, EPERM: "who has locked the scheduler cannot stop itself" },
  "signals.handle": UNCAUGHT,
  "signals.ignore": UNCAUGHT,
  "signals.restore": UNCAUGHT,
  "signals.wait": { EINVAL: "the set has no signal that can be waited for: signalSet(SIGUSR1, ...)" },
  "task.setFlags": { EINVAL: FLAGS },
  "task.clearFlags": { EINVAL: FLAGS },
  waitFlags: { EINVAL: FLAGS },
  poll: {
    EPERM: "one of the things is not open to this task in that direction",
    EINVAL: "one of the things is never ready (no region, condition, barrier or readers-writer lock is), or they are not 1 to 64",
    EBADF: "one of the things is gone",
  },
  sleep: { EINVAL: "ticks are 0 to 2147483647" },
  alarm: { EINVAL: "ticks are 0 to 2147483647" },
  alloc: { EINVAL: "bytes are 1 to 16777216" },
  free: { EINVAL: "it was freed already, or is not of alloc()" },
  raise: { EINVAL: "lines are 0 to 31" },
  interrupt: { EINVAL: "lines are 0 to 31, priorities 0 to 255" },
  grant: {
    EPERM: "only who has it open may grant it",
    EINVAL: "a task opens a mailbox to send or to receive, not both; and nobody grants to itself",
  },
  "create.semaphore": { EINVAL: "maximum is 1 or more, initial 0 to maximum" },
  "create.mutex": { EINVAL: "ceiling is 0 to 63" },
  "create.event": { EINVAL: "bits are 0 to 30" },
  "create.barrier": { EINVAL: "count is 1 or more" },
  "create.pipe": { EINVAL: "capacity is 0 bytes or more" },
  "create.queue": { EINVAL: "count is 1 to 65535, size 0 to 1048576 bytes" },
  "create.pool": { EINVAL: "count is 1 to 96, size 1 to 1048576 bytes", ENOMEM: "the RAM arena has no room for its blocks" },
  "create.mailbox": { EINVAL: "a mailbox is opened to send or to receive, not both" },
  "create.socket": { EINVAL: "receive and transmit are 1 to 1048576 bytes", ENOMEM: "the RAM arena has no room for its buffers" },
  "create.region": { EINVAL: "size is 1 to 16777216 bytes" },
};

/** What the error means for this call, "" where there is nothing to say beyond the error itself. */
export function hintFor(call: string, code: ErrorName): string {
  return (hints[call] ?? hints[call.split(" ")[0] as string])?.[code] ?? "";
}
