/**
 * Who runs: a ready list a level, a bitmap of the lists that hold a task, and the current task, which is on no list.
 * A task's level is its priority, or its preemption threshold from when it gets the CPU until it blocks or yields;
 * so a preempted task waits at the head of its threshold's list, and nobody up to the threshold comes before it.
 * A held task is READY but on no list.
 */
import { Happening, State } from "./abi/constants";
import { Link, Task } from "./abi/records";
import { PRIORITIES } from "./config";
import { highest, only } from "./lib/bits";
import { linked, listInit, listInsert, listRemove, none } from "./lib/list";
import { cpu, kernel, NO_TASK } from "./state";
import { taskId, taskOfLink } from "./task";
import { emitFor } from "./trace";

const lists: usize = memory.data(PRIORITIES * offsetof<Link>(), 8);
function listOf(level: u32): Link {
  return changetype<Link>(lists + <usize>level * offsetof<Link>());
}

export function schedInit(): void {
  for (let i = 0; i < PRIORITIES; i++) listInit(listOf(i));
}

/** The most urgent level with a ready task, -1 if there is none. */
export function topLevel(): i32 {
  return highest(kernel.bitmap);
}

/** Takes the first ready task off its list and makes it the running one; none if nobody is ready. */
export function takeTop(): Task {
  const level = topLevel();
  if (level < 0) return NO_TASK;
  const list = listOf(level);
  const task = taskOfLink(list.next);
  listRemove(task);
  if (!linked(list)) kernel.bitmap &= ~only(level);
  task.state = State.RUNNING;
  task.level = runLevel(task);
  task.kept = 1;
  return task;
}

/** Whether another task of this level is ready. */
export function equalReady(task: Task): bool {
  return linked(listOf(task.level));
}

/** The level a task runs at while it has the CPU. */
export function runLevel(task: Task): u8 {
  return max(task.priority, task.threshold);
}

/** Puts a ready task, which is on no list, at the end of its level's list; a held one stays off. */
export function readyLast(task: Task): void {
  if (task.held) return;
  kernel.look = 1;
  listInsert(task, listOf(task.level));
  kernel.bitmap |= only(task.level);
}

/** The same at the head: it was preempted and lost nothing. */
export function readyFirst(task: Task): void {
  if (task.held) return;
  kernel.look = 1;
  listInsert(task, listOf(task.level).next);
  kernel.bitmap |= only(task.level);
}

/** Takes a ready task off its list, if it is on one. */
export function unready(task: Task): void {
  if (!linked(task)) return;
  listRemove(task);
  if (!linked(listOf(task.level))) kernel.bitmap &= ~only(task.level);
}

/** The one gate into READY from BLOCKED or from nothing: a fresh level, a full slice, the end of the list. */
export function makeReady(task: Task): void {
  task.state = State.READY;
  task.level = task.priority;
  task.kept = 0;
  task.sliceLeft = task.slice;
  task.readyAt = cpu.due - <u64>(<i64>cpu.left);
  readyLast(task);
}

/** The current task lets its equals run: to the end of its list, threshold given up. */
export function stepBack(task: Task): void {
  task.state = State.READY;
  task.level = task.priority;
  task.kept = 0;
  task.sliceLeft = task.slice;
  task.readyAt = cpu.due - <u64>(<i64>cpu.left);
  readyLast(task);
}

/** Changes what keeps the task from running; a ready one leaves the lists, or comes to the end of its own. */
export function hold(task: Task, held: u32): void {
  emitFor(Happening.HOLD, task.index, taskId(task), held, task.held);
  const before = task.held;
  task.held = <u8>held;
  kernel.look = 1;
  if (task.state != State.READY) return;
  if (before == 0) unready(task);
  if (held != 0) return;
  task.readyAt = cpu.due - <u64>(<i64>cpu.left);
  readyLast(task);
}

/** Whether the current task must make room: ended, blocked, held, or somebody ready is above its level. */
export function mustSwitch(): bool {
  const task = kernel.current;
  if (none(task)) return true;
  if (task.state != State.RUNNING) return true;
  if (task.schedulerLocks | task.interruptLocks) return false;
  return task.held != 0 || topLevel() > <i32>task.level;
}

/**
 * Changes the current priority to another and puts the task where it then belongs among the ready:
 * raised at the end of its new list, lowered at the head; a running task stays ahead of its equals.
 * A blocked one is for wait.ts to put in order.
 */
export function applyPriority(task: Task, priority: u8): void {
  const before = task.priority;
  emitFor(Happening.PRIORITY, task.index, 0, priority, before);
  kernel.look = 1;
  if (task.state != State.READY) {
    task.priority = priority;
    if (task.state == State.RUNNING) task.level = runLevel(task);
    return;
  }
  unready(task);
  task.priority = priority;
  task.level = task.kept ? runLevel(task) : priority;
  if (priority > before) readyLast(task);
  else readyFirst(task);
}

/** The threshold of a task changed: where it holds the task moves to its new level, ahead of its equals there. */
export function applyThreshold(task: Task): void {
  if (!task.kept) return;
  kernel.look = 1;
  if (task.state == State.RUNNING) task.level = runLevel(task);
  if (task.state != State.READY) return;
  unready(task);
  task.level = runLevel(task);
  readyFirst(task);
}

/** A level's bit is set exactly while a task is on its list, and every task there is READY, not held, and of this level. */
export function levelHolds(level: u32): bool {
  const list = listOf(level);
  if (linked(list) != ((kernel.bitmap & only(level)) != 0)) return false;
  for (let link = list.next; link !== list; link = link.next) {
    const task = taskOfLink(link);
    if (task.state != State.READY || task.held || task.level != level) return false;
  }
  return true;
}
