/** Waiting for several things at once. */
import { reserve } from "./bytes";
import { object_poll, task_self } from "./calls";
import { Poll } from "./constants";
import { EventFlags } from "./event";
import { FOREVER, KernelObject } from "./object";
import { Partial } from "./partial";
import { PollItemRecord } from "./records";
import { Task } from "./task";

/** One thing to wait for: exactly one of these. */
export class Watched {
  /** A unit, a message, a letter, bytes, a block, a free mutex, an expired timer, a connection. */
  read: KernelObject | null = null;
  /** Room, also of a socket whose connection is made. */
  write: KernelObject | null = null;
  /** Any of the flags `bits`. */
  event: EventFlags | null = null;
  bits: u32 = 0;
  /** The end of a task. */
  ended: Task | null = null;
  /** Any signal of this set, pending for the caller. */
  signals: u32 = 0;
  /** Any of these thread flags of the caller. */
  flags: u32 = 0;
  /** The caller's notification. */
  notification: bool = false;
}

/** What one task waits for at once, up to 64 things. It can be waited for again and again. */
@unmanaged
export class PollSet {
  private count: i32;

  /** Waits until something is ready; answers how many things are, or a negative outcome. Nothing is taken. */
  wait(timeout: i32 = FOREVER): i32 {
    for (let i = 0; i < this.count; i++) {
      const item = this.item(i);
      if (item.handle == 0) item.handle = task_self();
    }
    return object_poll(changetype<usize>(this.item(0)), this.count, timeout);
  }

  /** Whether the n-th thing was ready, also because its other end is gone. */
  ready(index: i32): bool {
    return this.item(index).ready != 0;
  }

  /** Whether nothing can come to it any more: the other end is gone, or the object is. */
  closed(index: i32): bool {
    return (this.item(index).ready & Poll.CLOSED) != 0;
  }

  private item(index: i32): PollItemRecord {
    if (<u32>index >= <u32>this.count) abort(`this poll watches ${this.count} things: there is no number ${index}`);
    return changetype<PollItemRecord>(changetype<usize>(this) + offsetof<PollSet>() + <usize>index * offsetof<PollItemRecord>());
  }
}

/** What to wait for at once. Made in the description: `const things = pollSet([{ read: words }, { notification: true }])`. */
export function pollSet(watched: Partial<Watched>[]): PollSet {
  const count = watched.length;
  const set = reserve(<i32>offsetof<PollSet>() + count * <i32>offsetof<PollItemRecord>());
  store<i32>(set, count);
  const items = set + offsetof<PollSet>();
  for (let i = 0; i < count; i++) put(items + <usize>i * offsetof<PollItemRecord>(), watched[i] as Watched);
  return changetype<PollSet>(set);
}

function put(at: usize, one: Watched): void {
  const item = changetype<PollItemRecord>(at);
  const ended = changetype<i32>(one.ended);
  // Handle 0 stands for whoever waits.
  item.handle = changetype<i32>(one.read) | changetype<i32>(one.write) | changetype<i32>(one.event) | ended;
  item.bits = one.bits | one.signals | one.flags;
  item.events = eventsOf(one);
}

function eventsOf(one: Watched): u32 {
  if (one.write !== null) return Poll.WRITE;
  if (one.signals != 0) return Poll.SIGNAL;
  if (one.flags != 0) return Poll.FLAGS;
  return one.notification ? Poll.NOTE : Poll.READ;
}
