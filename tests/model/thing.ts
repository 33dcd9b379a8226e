/** What all kernel objects but tasks have in common. */
import type { Kind } from "./abi.js";
import { Queue, type Task } from "./task.js";

export class Thing {
  readonly waiters: Queue = new Queue(this);
  /** Those who wait to put something in, where the object has two queues. */
  readonly senders: Queue = new Queue(this, 1);
  readonly pollers = new Set<Task>();
  gone = false;

  constructor(
    readonly kind: Kind,
    readonly index: number,
    public handle: number,
    public name: string,
    /** Made by the system description: its last close does not end it. */
    readonly system: boolean,
  ) {}
}

/** What is opened: a set of tasks a direction. */
export class Channel extends Thing {
  readonly readers = new Set<Task>();
  readonly writers = new Set<Task>();
  /** Directions in which everybody has it open. */
  publicRead = false;
  publicWrite = false;
  /** Those of the system description and the interrupts. */
  ownRead = false;
  ownWrite = false;
  /** Whether anyone ever had it open so. */
  hadRead = false;
  hadWrite = false;

  set(direction: "read" | "write"): Set<Task> {
    return direction === "read" ? this.readers : this.writers;
  }

  /** Whether anybody at all, but perhaps for this task, has it open so. */
  openTo(direction: "read" | "write", but?: Task): boolean {
    if (direction === "read" ? this.publicRead || this.ownRead : this.publicWrite || this.ownWrite) return true;
    return [...this.set(direction)].some((task) => task !== but);
  }

  /** Whether a task may use it so. */
  mayUse(direction: "read" | "write", task: Task): boolean {
    return (direction === "read" ? this.publicRead : this.publicWrite) || this.set(direction).has(task);
  }

  /** Everyone who ever had it open to write has closed it: nothing more comes. */
  get ended(): boolean {
    return this.hadWrite && !this.openTo("write");
  }

  /** Everyone who ever had it open to read has closed it. */
  get broken(): boolean {
    return this.hadRead && !this.openTo("read");
  }
}
