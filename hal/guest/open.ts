/** Opening by name what others made: `open.pipe("text", Mode.READ)`. In a running task `error` says why there is none (ENOENT). */
import { Barrier } from "./barrier";
import { object_open } from "./calls";
import { Condition } from "./condition";
import { Kind } from "./constants";
import { EventFlags } from "./event";
import { Mailbox } from "./mailbox";
import { Mutex } from "./mutex";
import { made } from "./object";
import { Pipe } from "./pipe";
import { Pool } from "./pool";
import { Queue } from "./queue";
import { Region } from "./region";
import { RwLock } from "./rwlock";
import { Semaphore } from "./semaphore";
import { slot } from "./slot";
import { Socket } from "./socket";
import { Task } from "./task";
import { dropName, stageName } from "./text";
import { Timer } from "./timer";

function opened(what: string, kind: i32, name: string, mode: i32): i32 {
  const own = slot();
  const staged = stageName(own, name);
  const handle = object_open(kind, staged, mode);
  dropName(own, staged);
  return made(what, name, handle);
}

/** Opens objects by name. Directions are of Mode, or BOTH. */
export namespace open {
  /** A semaphore. */
  export function semaphore(name: string): Semaphore {
    return changetype<Semaphore>(opened("semaphore", Kind.SEM, name, 0));
  }

  /** A mutex. */
  export function mutex(name: string): Mutex {
    return changetype<Mutex>(opened("mutex", Kind.MUTEX, name, 0));
  }

  /** A condition variable. */
  export function condition(name: string): Condition {
    return changetype<Condition>(opened("condition", Kind.COND, name, 0));
  }

  /** Event flags. */
  export function event(name: string): EventFlags {
    return changetype<EventFlags>(opened("event", Kind.EVENT, name, 0));
  }

  /** A barrier. */
  export function barrier(name: string): Barrier {
    return changetype<Barrier>(opened("barrier", Kind.BARRIER, name, 0));
  }

  /** A readers-writer lock. */
  export function rwlock(name: string): RwLock {
    return changetype<RwLock>(opened("readers-writer lock", Kind.RWLOCK, name, 0));
  }

  /** A timer. */
  export function timer(name: string): Timer {
    return changetype<Timer>(opened("timer", Kind.TIMER, name, 0));
  }

  /** A pipe: the caller reads it, writes it, or both from now on. */
  export function pipe(name: string, direction: i32): Pipe {
    return changetype<Pipe>(opened("pipe", Kind.PIPE, name, direction));
  }

  /** A message queue: the caller receives from it, sends to it, or both from now on. */
  export function queue(name: string, direction: i32): Queue {
    return changetype<Queue>(opened("queue", Kind.QUEUE, name, direction));
  }

  /** A mailbox: the caller receives from it, or sends to it, from now on. */
  export function mailbox(name: string, direction: i32): Mailbox {
    return changetype<Mailbox>(opened("mailbox", Kind.MAILBOX, name, direction));
  }

  /** A pool. */
  export function pool(name: string): Pool {
    return changetype<Pool>(opened("pool", Kind.POOL, name, 0));
  }

  /** A region: the caller is attached to it from now on; to write includes to read. */
  export function region(name: string, direction: i32): Region {
    return changetype<Region>(opened("region", Kind.REGION, name, direction));
  }

  /** A socket: the caller receives or accepts from it, sends to it, or both from now on. */
  export function socket(name: string, direction: i32): Socket {
    return changetype<Socket>(opened("socket", Kind.SOCKET, name, direction));
  }

  /** A task that has not ended. */
  export function task(name: string): Task {
    return changetype<Task>(opened("task", Kind.TASK, name, 0));
  }
}
