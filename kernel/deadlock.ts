/**
 * Rings of tasks each of which only the next can let go on. Looked for when a wait without a timeout begins: from the one that
 * waits to the only task that can end its wait, and on, until somebody does not wait or the ring closes.
 */
import { Happening, Kind, State } from "./abi/constants";
import { Block, Channel, Mutex, Queue, Rwlock, Socket, Task } from "./abi/records";
import { TASKS } from "./config";
import { lowest, only } from "./lib/bits";
import { none } from "./lib/list";
import { poolSlot } from "./lib/pool";
import { isChannel, poolOf } from "./object/object";
import { cpu, NO_TASK } from "./state";
import { taskAt, taskOf } from "./task";
import { emitFor } from "./trace";

/** Reports the ring that the wait of this task, which has just begun, closes. */
export function ringSought(task: Task): void {
  let next = blockerOf(task);
  for (let length = 1; length <= TASKS && !none(next); length++) {
    if (next === task) {
      emitFor(Happening.CYCLE, task.index, task.queue.id, length, 0);
      cpu.cycle = task.index;
      cpu.attention = 1;
      return;
    }
    next = blockerOf(next);
  }
}

/** The one task that can end this wait; none if it ends by itself, or several could, or nobody in particular. */
function blockerOf(task: Task): Task {
  if (task.state != State.BLOCKED || task.timeout > 0 || none(task.queue)) return NO_TASK;
  const queue = task.queue;
  const kind: u32 = queue.id >> 8;
  if (kind == Kind.MUTEX) return changetype<Mutex>(queue).owner;
  if (kind == Kind.TASK) return taskOf(queue.id & 0xff);
  if (kind == Kind.RWLOCK) {
    const lock = changetype<Rwlock>(queue);
    return none(lock.writer) ? onlyOne(lock.readers, task) : lock.writer;
  }
  if (!isChannel(kind) || kind == Kind.REGION) return NO_TASK;
  const channel = changetype<Channel>(poolSlot(poolOf(kind), queue.id & 0xff));
  if (kind == Kind.MAILBOX) return mailer(task, queue, channel);
  if (kind == Kind.SOCKET) {
    const peer = changetype<Socket>(channel).peer;
    return none(peer) ? NO_TASK : otherEnd(peer, queue.side, task);
  }
  return otherEnd(channel, queue.side, task);
}

/** The only task at the other end: who can write for a first queue, who can read for a second. */
function otherEnd(channel: Channel, side: u32, task: Task): Task {
  const direction: u32 = side == 0 ? 2 : 1;
  if (((<u32>channel.everyone >> 2) | channel.own) & direction) return NO_TASK;
  return onlyOne(side == 0 ? channel.writers : channel.readers, task);
}

/** The only member of a set besides this task. */
function onlyOne(tasks: u64, task: Task): Task {
  const others = tasks & ~only(task.index);
  return others != 0 && (others & (others - 1)) == 0 ? taskOf(lowest(others)) : NO_TASK;
}

/** Whom a receiver waits for, or a synchronous sender: the one it named, who has its block, or the only one there. */
function mailer(task: Task, queue: Queue, box: Channel): Task {
  if (queue.side == 0) return task.aside != 0 ? taskAt(task.aside) : otherEnd(box, 0, task);
  const block = changetype<Block>(task.aside);
  if (task.progress != 0) return block.owner;
  return block.to != 0 ? taskAt(block.to) : otherEnd(box, 1, task);
}
