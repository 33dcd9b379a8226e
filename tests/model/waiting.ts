/** Who is ready, in which order; how a wait begins and ends. */
import * as A from "./abi.js";
import { type CallName, E } from "./abi.js";
import { type Cause, type Queue, type Settling, type Task, Wait } from "./task.js";
import { World } from "./world.js";

export class Waiting extends World {
  // Ready

  ready(task: Task): void {
    task.state = "ready";
    task.level = task.priority;
    task.kept = false;
    task.sliceLeft = task.slice;
    task.readyAt = this.now;
    this.last(task);
  }

  last(task: Task): void {
    task.place = ++this.tail;
  }

  first(task: Task): void {
    task.place = --this.head;
  }

  /** Those who could run, the next one first. */
  candidates(): Task[] {
    const ready = this.living().filter((task) => task.state === "ready" && !task.isHeld);
    return ready.sort((a, b) => b.level - a.level || a.place - b.place);
  }

  hasEqual(task: Task): boolean {
    return this.candidates().some(({ level }) => level === task.level);
  }

  mustSwitch(): boolean {
    const task = this.current;
    if (task?.state !== "running") return true;
    if (task.locked) return false;
    const next = this.candidates()[0];
    return task.isHeld || (next !== undefined && next.level > task.level);
  }

  /** Holds a task, or lets it go: it comes to the end of its list when nothing holds it any more. */
  hold(task: Task, suspended: boolean, stopped: boolean): void {
    const was = task.isHeld;
    task.suspended = suspended;
    task.stopped = stopped;
    if (task.state !== "ready" || task.isHeld || !was) return;
    task.readyAt = this.now;
    this.last(task);
  }

  /** Another current priority: raised it goes behind its new equals, lowered before them. */
  setPriority(task: Task, priority: number): void {
    const before = task.priority;
    if (before === priority) return;
    task.priority = priority;
    if (task.state === "running") task.level = Math.max(priority, task.threshold);
    if (task.state === "blocked" && task.wait?.queue) this.changed.add(task.wait.queue);
    if (task.state !== "ready") return;
    task.level = task.kept ? Math.max(priority, task.threshold) : priority;
    if (task.isHeld) return;
    if (priority > before) this.last(task);
    else this.first(task);
  }

  // Waiting

  /** Whether the task waits in this call and nothing has ended that wait. */
  waitsIn(task: Task, call: CallName): boolean {
    return task.state === "blocked" && task.wait?.call === call && !this.settling.has(task);
  }

  /** The running task waits. SWITCH; or ETIMEDOUT for a wait that goes on behind a handler and is past its time. */
  block(call: CallName, queue: Queue | undefined, timeout: number, settling: Settling, data: Wait["data"] = {}): number {
    const task = this.current as Task;
    let ticks = timeout;
    if (this.restarting && timeout > 0) {
      ticks = task.until - this.tick;
      if (ticks <= 0) return E.ETIMEDOUT;
    }
    const wait = new Wait(call, ticks, settling, data);
    task.arrival = this.arrivals++;
    if (ticks > 0) this.setDeadline(wait, this.tick + ticks);
    task.wait = wait;
    task.state = "blocked";
    this.enqueue(task, queue);
    return A.SWITCH;
  }

  /** Waits, or with timeout 0 says that it would have to. */
  blockOr(call: CallName, queue: Queue | undefined, timeout: number, settling: Settling, data: Wait["data"] = {}): number {
    return timeout === 0 ? E.EAGAIN : this.block(call, queue, timeout, settling, data);
  }

  setDeadline(wait: Wait, tick: number): void {
    wait.deadline = tick;
    wait.serial = this.serials++;
  }

  enqueue(task: Task, queue: Queue | undefined): void {
    (task.wait as Wait).queue = queue;
    queue?.members.add(task);
  }

  leaveQueue(task: Task): void {
    const wait = task.wait as Wait;
    wait.queue?.members.delete(task);
    wait.queue = undefined;
  }

  /** The wait is over, with this result. */
  wake(task: Task, result: number): void {
    this.leaveQueue(task);
    (task.wait as Wait).deadline = undefined;
    this.settling.delete(task);
    task.result = result;
    this.ready(task);
  }

  /** Somebody else than the object ends the wait: the object may have a word in what comes of it. */
  endWait(task: Task, result: number, cause: Cause): void {
    const wait = task.wait as Wait;
    if (wait.queue) this.changed.add(wait.queue);
    if (wait.settling !== "object") {
      this.wake(task, wait.settling === "partial" && wait.moved > 0 ? wait.moved : result);
      return;
    }
    this.leaveQueue(task);
    wait.deadline = undefined;
    wait.outcome = result;
    wait.cause = cause;
    this.settling.add(task);
  }

  /** Every waiter gets exactly this result. */
  dismiss(queue: Queue, result: number, cause: Cause): void {
    for (const task of queue.inOrder) {
      (task.wait as Wait).settling = "plain";
      this.endWait(task, result, cause);
    }
  }

  /** Whether somebody waits there who is at least as urgent as the caller; nobody is as urgent as an interrupt. */
  outranked(queue: Queue): boolean {
    const task = this.caller;
    return task !== undefined && !queue.empty && (queue.first as Task).priority >= task.priority;
  }

  /** Memory is gone: whoever was to be given bytes there, or to have them taken from there, hears that it was deleted. */
  dismissInto(start: number, bytes: number): void {
    for (const task of this.living()) {
      if (task.state !== "blocked" || this.settling.has(task)) continue;
      const wait = task.wait as Wait;
      const { pointer, tell } = wait.data;
      const inside = [pointer, tell].some((at) => at !== undefined && at >>> 0 >= start && at >>> 0 < start + bytes);
      if (!inside) continue;
      wait.settling = "plain";
      this.endWait(task, E.EIDRM, "deleted");
    }
  }
}
