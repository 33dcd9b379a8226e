/** The task that runs, as it sees itself. */
import { Buffer, buffer, bufferIn } from "./bytes";
import {
  flags_wait,
  interrupt_lock,
  interrupt_unlock,
  irq_raise,
  memory_alloc,
  memory_free,
  notify_wait,
  random,
  scheduler_lock,
  scheduler_unlock,
  signal_send,
  task_alarm,
  task_compute,
  task_exit,
  task_priority,
  task_self,
  task_sleep,
  task_sleep_until,
  task_slice,
  task_threshold,
  task_yield,
} from "./calls";
import { EventWait } from "./constants";
import { FOREVER } from "./object";
import { Signals } from "./signal";
import { cpu, slot } from "./slot";
import { Task } from "./task";

/** Who runs. An interrupt handler has raise, compute, tick and cycles of it. */
@unmanaged
export class Self {
  /** The task by its handle. */
  get task(): Task {
    return changetype<Task>(task_self());
  }

  /** A number that no later task has. */
  get handle(): i32 {
    return task_self();
  }

  /** Its signals: handlers, the mask, waiting for one. */
  get signals(): Signals {
    return changetype<Signals>(changetype<usize>(this));
  }

  /** The current tick. */
  get tick(): u32 {
    return cpu.tick;
  }

  /** Cycles since power-on, after a call of 12 cycles. */
  get cycles(): u64 {
    task_self();
    return cpu.due - <u64>(<i64>cpu.left);
  }

  /** Lets ready tasks of the same priority run first. */
  yield(): i32 {
    return task_yield();
  }

  /** Sleeps for a number of ticks. */
  sleep(ticks: u32): i32 {
    return task_sleep(ticks);
  }

  /** Sleeps until the start of a tick; answers 1 at once if that tick is past. */
  sleepUntil(tick: u32): i32 {
    return task_sleep_until(tick);
  }

  /** Uses the CPU for `cycles` besides those of its code; with `most`, for a number of cycles between the two, by chance. */
  compute(cycles: u32, most: u32 = 0): i32 {
    return task_compute(most > cycles ? cycles + (random() % (most - cycles + 1)) : cycles);
  }

  /** Ends this task. */
  exit(status: i32 = 0): i32 {
    return task_exit(status);
  }

  /** SIGALRM after so many ticks, instead of the alarm before; 0 for none. Answers the ticks that one had left. */
  alarm(ticks: u32): i32 {
    return task_alarm(ticks);
  }

  /** Sends a signal to every child. ESRCH: there is none. */
  signalChildren(signal: i32): i32 {
    return signal_send(0, signal);
  }

  /** Changes its priority; answers the old one. */
  setPriority(priority: i32): i32 {
    return task_priority(task_self(), priority);
  }

  /** Changes its time slice from the next refill on; answers the old one. */
  setSlice(ticks: i32): i32 {
    return task_slice(task_self(), ticks);
  }

  /** Only tasks above this priority preempt it from now on; answers the old threshold. */
  setThreshold(threshold: i32): i32 {
    return task_threshold(task_self(), threshold);
  }

  /** Waits for any of its own thread flags, or as `how` (EventWait) says; answers them as they were then, or a negative outcome. */
  waitFlags(bits: i32, how: i32 = EventWait.ANY, timeout: i32 = FOREVER): i32 {
    return flags_wait(bits, how, timeout);
  }

  /** Waits for its notification and sets it back; answers the value, 0 to 2^32 - 1, or a negative outcome. */
  waitNotification(timeout: i32 = FOREVER): i64 {
    const own = slot();
    const out = own.take(4);
    const result = notify_wait(out, timeout);
    const value = result < 0 ? <i64>result : <i64>load<u32>(out);
    own.give(out);
    return value;
  }

  /** No other task runs until as many unlocks; answers the depth. */
  lockScheduler(): i32 {
    return scheduler_lock();
  }

  /** Undoes one lock; answers the depth. */
  unlockScheduler(): i32 {
    return scheduler_unlock();
  }

  /** Interrupts, ticks and switches wait until as many unlocks; answers the depth. */
  lockInterrupts(): i32 {
    return interrupt_lock();
  }

  /** Undoes one lock; answers the depth. */
  unlockInterrupts(): i32 {
    return interrupt_unlock();
  }

  /** Makes an interrupt line pending. */
  raise(line: i32): i32 {
    return irq_raise(line);
  }

  /** `bytes` of RAM of its own, zeroed, for as long as it lives. */
  buffer(bytes: i32): Buffer {
    return buffer(bytes);
  }

  /** `bytes` of RAM, not zeroed, its own until free() or its end; waits while there is not enough. `error` says why there is none. */
  alloc(bytes: i32, timeout: i32 = FOREVER): Buffer {
    const at = memory_alloc(bytes + <i32>offsetof<Buffer>(), timeout);
    return at < 0 ? changetype<Buffer>(at) : bufferIn(at, bytes);
  }

  /** Gives back what alloc() answered. */
  free(buffer: Buffer): i32 {
    return memory_free(changetype<u32>(buffer));
  }
}

/** Who runs: `self.sleep(1)`. */
export const self: Self = changetype<Self>(64);
