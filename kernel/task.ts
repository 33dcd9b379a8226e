/** The PCBs, their deadlines and their joiners' queues: three tables with one index. Accessors only. */
import { Kind, State } from "./abi/constants";
import { Deadline, Link, Pool, Queue, Task } from "./abi/records";
import { TASKS } from "./config";
import { listInit } from "./lib/list";
import { poolGive, poolInit, poolSlot, poolTake } from "./lib/pool";
import { NO_TASK } from "./state";

export const taskPool: Pool = changetype<Pool>(memory.data(offsetof<Pool>(), 8));
const tasks: usize = memory.data(TASKS * offsetof<Task>(), 8);
const deadlines: usize = memory.data(TASKS * offsetof<Deadline>(), 8);
const joiners: usize = memory.data(TASKS * offsetof<Queue>(), 8);

/** Makes every PCB free. */
export function tasksInit(): void {
  poolInit(taskPool, tasks, offsetof<Task>(), TASKS);
  for (let i = 0; i < TASKS; i++) taskOf(i).index = <u8>i;
}

/** The PCB in a slot; the caller has checked the number. */
export function taskOf(index: u32): Task {
  return changetype<Task>(tasks + <usize>index * offsetof<Task>());
}

/** The live task (or zombie) that the handle names, none if it is stale or forged. */
export function taskAt(handle: i32): Task {
  const slot = poolSlot(taskPool, handle & 0xff);
  if (slot == 0 || handle == 0 || changetype<Task>(slot).handle != handle) return NO_TASK;
  return changetype<Task>(slot);
}

/** A fresh PCB with a handle, everything else zero; none when all are taken. */
export function taskNew(): Task {
  const slot = poolTake(taskPool);
  if (slot == 0) return NO_TASK;
  const task = changetype<Task>(slot);
  const index = task.index;
  const generation = task.generation;
  memory.fill(slot, 0, offsetof<Task>());
  task.index = index;
  task.generation = generation;
  task.handle = ((generation & 0x3ffff) << 13) | (Kind.TASK << 8) | index;
  listInit(task);
  const deadline = deadlineOf(task);
  listInit(deadline);
  deadline.owner = task;
  const queue = joinersOf(task);
  listInit(queue);
  queue.id = ((<u16>Kind.TASK) << 8) | index;
  return task;
}

/** Gives the PCB back; its handle is stale from now on. */
export function taskFree(task: Task): void {
  task.handle = 0;
  task.state = State.FREE;
  task.generation++;
  poolGive(taskPool, task);
}

/** Where the task stands among the deadlines. */
export function deadlineOf(task: Task): Deadline {
  return changetype<Deadline>(deadlines + <usize>task.index * offsetof<Deadline>());
}

/** Those who wait for the task's end. */
export function joinersOf(task: Task): Queue {
  return changetype<Queue>(joiners + <usize>task.index * offsetof<Queue>());
}

/** Whether the task's slot is in use by a task that has not ended. */
export function alive(task: Task): bool {
  return task.state >= State.BLOCKED;
}

/** The task's id as the trace has it. */
export function taskId(task: Task): u32 {
  return (Kind.TASK << 8) | <u32>task.index;
}

/** A queue's element as the task it is. */
export function taskOfLink(link: Link): Task {
  return changetype<Task>(changetype<usize>(link));
}
