/** Rings of tasks each of which only the next can let go on. */
import type { Block, Mailbox } from "./block.js";
import type { Model } from "./model.js";
import type { Socket } from "./socket.js";
import type { Mutex, Rwlock } from "./sync.js";
import { type Queue, Task, type Wait } from "./task.js";
import type { Channel } from "./thing.js";

/** The task, if its wait leads over those who alone can end the next wait back to it. */
export function ringFrom(m: Model, task: Task | undefined): Task | undefined {
  const seen = new Set<Task>();
  for (let next = task && blocker(m, task); next && !seen.has(next); next = blocker(m, next)) {
    if (next === task) return task;
    seen.add(next);
  }
  return;
}

/** The one task that can end its wait; none if it ends by itself, or several could, or nobody in particular. */
function blocker(m: Model, task: Task): Task | undefined {
  const wait = task.wait as Wait;
  const queue = task.state === "blocked" ? wait.queue : undefined;
  if (!queue || wait.timeout > 0) return;
  const thing = queue.thing;
  if (!thing || thing instanceof Task) return thing;
  switch (thing.kind) {
    case "MUTEX":
      return (thing as Mutex).owner;
    case "RWLOCK": {
      const { writer, readers } = thing as Rwlock;
      return writer ?? only(readers, task);
    }
    case "MAILBOX":
      return correspondent(m, task, wait, queue, thing as Mailbox);
    case "SOCKET": {
      const { peer } = thing as Socket;
      return peer && otherEnd(peer, queue, task);
    }
    case "PIPE":
    case "QUEUE":
      return otherEnd(thing as Channel, queue, task);
  }
  return;
}

/** The only one of them besides this task. */
function only(tasks: Iterable<Task>, task: Task): Task | undefined {
  const others = [...tasks].filter((each) => each !== task);
  return others.length === 1 ? others[0] : undefined;
}

/** The only task at the other end: who can write, for those who wait to read. */
function otherEnd(channel: Channel, { side }: Queue, task: Task): Task | undefined {
  const direction = side === 0 ? "write" : "read";
  const { publicRead, publicWrite, ownRead, ownWrite } = channel;
  if (direction === "write" ? publicWrite || ownWrite : publicRead || ownRead) return;
  return only(channel.set(direction), task);
}

/** Whom a receiver waits for, or a synchronous sender: the one it named, who has its block, or the only one there. */
function correspondent(m: Model, task: Task, wait: Wait, queue: Queue, box: Mailbox): Task | undefined {
  if (queue.side === 0) {
    const { source = 0 } = wait.data;
    return source !== 0 ? m.taskAt(source) : otherEnd(box, queue, task);
  }
  const block = wait.data.block as Block;
  if (wait.moved > 0) return block.owner;
  return block.to !== 0 ? m.taskAt(block.to) : otherEnd(box, queue, task);
}
