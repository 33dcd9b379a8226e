/**
 * Kernel objects by name, for the bench: what scripted tasks, compiled ones and the description made. What they answer about
 * themselves can be asked at any time and changes nothing; their calls are for tasks.
 *
 *     assert.is(machine.objects.queue("samples").used, 3);
 */
import { Kind, layout } from "../../kernel/abi/host.js";
import { Barrier } from "./api/barrier.js";
import { Condition } from "./api/condition.js";
import { EventFlags } from "./api/event.js";
import { Mailbox } from "./api/mailbox.js";
import { Mutex } from "./api/mutex.js";
import { Pipe } from "./api/pipe.js";
import { Pool } from "./api/pool.js";
import { Queue } from "./api/queue.js";
import { Region } from "./api/region.js";
import { RwLock } from "./api/rwlock.js";
import { Semaphore } from "./api/semaphore.js";
import { Socket } from "./api/socket.js";
import { Timer } from "./api/timer.js";
import { MachineError } from "./errors.js";
import type { Machine } from "./machine.js";

/** Kind and slot of a handle. */
const ID = 0x1fff;

type Wrapper<T> = new (machine: Machine, handle: number) => T;

/** Each answers the object of this kind that has this name, and throws MachineError when there is none. */
export class Objects {
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  semaphore(name: string): Semaphore {
    return this.#named("semaphore", Kind.SEM, name, Semaphore);
  }

  mutex(name: string): Mutex {
    return this.#named("mutex", Kind.MUTEX, name, Mutex);
  }

  condition(name: string): Condition {
    return this.#named("condition", Kind.COND, name, Condition);
  }

  event(name: string): EventFlags {
    return this.#named("event", Kind.EVENT, name, EventFlags);
  }

  barrier(name: string): Barrier {
    return this.#named("barrier", Kind.BARRIER, name, Barrier);
  }

  rwlock(name: string): RwLock {
    return this.#named("readers-writer lock", Kind.RWLOCK, name, RwLock);
  }

  timer(name: string): Timer {
    return this.#named("timer", Kind.TIMER, name, Timer);
  }

  pipe(name: string): Pipe {
    return this.#named("pipe", Kind.PIPE, name, Pipe);
  }

  queue(name: string): Queue {
    return this.#named("queue", Kind.QUEUE, name, Queue);
  }

  mailbox(name: string): Mailbox {
    return this.#named("mailbox", Kind.MAILBOX, name, Mailbox);
  }

  region(name: string): Region {
    return this.#named("region", Kind.REGION, name, Region);
  }

  pool(name: string): Pool {
    return this.#named("pool", Kind.POOL, name, Pool);
  }

  socket(name: string): Socket {
    return this.#named("socket", Kind.SOCKET, name, Socket);
  }

  #named<T>(what: string, kind: number, name: string, wrapper: Wrapper<T>): T {
    const m = this.#machine;
    const handles = m.recordsOf(kind).map((record) => m.i32[(record + layout.Obj.handle) >> 2] as number);
    const named = new Map(handles.map((handle) => [m.nameOf(handle & ID), handle]));
    const handle = named.get(name);
    if (handle !== undefined) return new wrapper(m, handle);
    const others = [...named.keys()].join(", ");
    throw new MachineError(`no ${what} is named "${name}": ${others === "" ? "there is none at all" : `there are ${others}`}`);
  }
}
