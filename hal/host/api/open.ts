/** Opening by name what another task or the system description made. Throws CallError ENOENT where nothing has the name. */
import { Kind } from "../../../kernel/abi/host.js";
import type { Call } from "../call.js";
import type { Machine } from "../machine.js";
import { Barrier } from "./barrier.js";
import { Condition } from "./condition.js";
import { EventFlags } from "./event.js";
import { Mailbox } from "./mailbox.js";
import { Mutex } from "./mutex.js";
import { type Direction, handleOf, type KernelObject, modeOf } from "./object.js";
import { Pipe } from "./pipe.js";
import { Pool } from "./pool.js";
import { Queue } from "./queue.js";
import { Region } from "./region.js";
import { RwLock } from "./rwlock.js";
import { Semaphore } from "./semaphore.js";
import { Socket } from "./socket.js";
import type { Task } from "./task.js";
import { Timer } from "./timer.js";

type Wrapper<T> = new (machine: Machine, handle: number) => T;

/** Opens objects by name while the system runs: `const text = yield* self.open.pipe("text", "read")`. */
export class Opener {
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  semaphore(name: string): Call<Semaphore> {
    return this.#open("open.semaphore", Kind.SEM, name, 0, Semaphore);
  }

  mutex(name: string): Call<Mutex> {
    return this.#open("open.mutex", Kind.MUTEX, name, 0, Mutex);
  }

  condition(name: string): Call<Condition> {
    return this.#open("open.condition", Kind.COND, name, 0, Condition);
  }

  event(name: string): Call<EventFlags> {
    return this.#open("open.event", Kind.EVENT, name, 0, EventFlags);
  }

  barrier(name: string): Call<Barrier> {
    return this.#open("open.barrier", Kind.BARRIER, name, 0, Barrier);
  }

  rwlock(name: string): Call<RwLock> {
    return this.#open("open.rwlock", Kind.RWLOCK, name, 0, RwLock);
  }

  timer(name: string): Call<Timer> {
    return this.#open("open.timer", Kind.TIMER, name, 0, Timer);
  }

  /** The caller reads it, writes it, or both from now on. */
  pipe(name: string, direction: Direction): Call<Pipe> {
    return this.#open("open.pipe", Kind.PIPE, name, modeOf(direction), Pipe);
  }

  /** The caller receives from it, sends to it, or both from now on. */
  queue(name: string, direction: Direction): Call<Queue> {
    return this.#open("open.queue", Kind.QUEUE, name, modeOf(direction), Queue);
  }

  /** The caller receives from it, or sends to it, from now on. */
  mailbox(name: string, direction: "read" | "write"): Call<Mailbox> {
    return this.#open("open.mailbox", Kind.MAILBOX, name, modeOf(direction), Mailbox);
  }

  pool(name: string): Call<Pool> {
    return this.#open("open.pool", Kind.POOL, name, 0, Pool);
  }

  /** The caller is attached to it from now on; to write includes to read. */
  region(name: string, direction: "read" | "write"): Call<Region> {
    return this.#open("open.region", Kind.REGION, name, modeOf(direction), Region);
  }

  /** The caller receives or accepts from it, sends to it, or both from now on. */
  socket(name: string, direction: Direction): Call<Socket> {
    return this.#open("open.socket", Kind.SOCKET, name, modeOf(direction), Socket);
  }

  /** A task that has not ended. */
  task(name: string): Call<Task> {
    const m = this.#machine;
    return this.#make("open.task", Kind.TASK, name, 0, (handle) => m.born(handle, name));
  }

  #open<T extends KernelObject>(call: string, kind: number, name: string, mode: number, wrapper: Wrapper<T>): Call<T> {
    const m = this.#machine;
    return this.#make(call, kind, name, mode, (handle) => new wrapper(m, m.named(handle, name)));
  }

  #make<T>(call: string, kind: number, name: string, mode: number, wrap: (handle: number) => T): Call<T> {
    const m = this.#machine;
    return m.enter().make(
      call,
      (k) => k.object_open(kind, m.stageName(name), mode),
      (r) => wrap(handleOf(r, call)),
    );
  }
}
