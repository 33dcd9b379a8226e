/**
 * Every invariant of the kernel, for tests to ask after every step. 0 when all hold, else the number of the one that does not
 * in the upper bits and where (a slot, a level) in the lower 8.
 */
import { Kind, State } from "./abi/constants";
import {
  Barrier,
  Channel,
  Cond,
  Event,
  Extent,
  Mailbox,
  MemPool,
  MsgQueue,
  Mutex,
  Obj,
  Pipe,
  Queue,
  Region,
  Rwlock,
  Sem,
  Socket,
  Task,
  Timer,
} from "./abi/records";
import { alarmHolds } from "./alarm";
import { pieces } from "./arena";
import { before, now } from "./clock";
import { EXTENTS, LINES, PRIORITIES, TASKS } from "./config";
import { framesHold } from "./frame";
import { only } from "./lib/bits";
import { linked, none } from "./lib/list";
import { barrierHolds } from "./object/barrier";
import { condHolds } from "./object/condition";
import { eventHolds } from "./object/event";
import { flagsHold } from "./object/flags";
import { mailboxHolds } from "./object/mailbox";
import { memoryHolds } from "./object/memory";
import { dueBy, mutexHolds } from "./object/mutex";
import { isChannel, poolOf } from "./object/object";
import { pipeHolds } from "./object/pipe";
import { pollHolds } from "./object/poll";
import { poolHolds } from "./object/pool";
import { queueHolds } from "./object/queue";
import { regionHolds, wordsHold } from "./object/region";
import { rwlockHolds } from "./object/rwlock";
import { semHolds } from "./object/semaphore";
import { socketHolds } from "./object/socket";
import { timerHolds } from "./object/timer";
import { reachHolds } from "./reach";
import { levelHolds, runLevel } from "./sched";
import { segmentsHold } from "./segment";
import { handlersHold, signalsHold } from "./signal";
import { cpu, kernel, lineAt } from "./state";
import { alive, deadlineOf, taskOf, taskOfLink } from "./task";

const enum Rule {
  READY_LISTS = 1,
  CURRENT = 2,
  PLACE = 3,
  PRIORITY = 4,
  DEADLINE = 5,
  QUEUE = 6,
  OBJECT = 7,
  OPEN_SETS = 8,
  ARENA = 9,
  CYCLES = 10,
  UNSERVED = 11,
  COUNTS = 12,
  SIGNALS = 13,
  REACH = 14,
}

function broken(rule: u32, where: u32): i32 {
  return <i32>((rule << 8) | (where & 0xff));
}

/** 0, or which invariant does not hold. */
export function check(): i32 {
  for (let level = 0; level < PRIORITIES; level++) {
    if (!levelHolds(level)) return broken(Rule.READY_LISTS, level);
  }
  let living: u64 = 0;
  let busy: u32 = 0;
  for (let i = 0; i < TASKS; i++) {
    const task = taskOf(i);
    if (task.handle != 0 && !alarmHolds(task, alive(task))) return broken(Rule.DEADLINE, i);
    if (task.handle == 0 || !alive(task)) continue;
    living |= only(i);
    if (!(task.flags & 2)) busy++;
    const rule = taskRule(task);
    if (rule != 0) return broken(rule, i);
  }
  if (busy != cpu.busy) return broken(Rule.COUNTS, 0);
  if (kernel.changed != 0 || kernel.settling != 0 || kernel.killed != 0 || kernel.polled != 0) return broken(Rule.UNSERVED, 0);
  if (!framesHold() || !handlersHold()) return broken(Rule.SIGNALS, 255);
  const object = objectsRule(living);
  if (object != 0) return object;
  if (!segmentsHold()) return broken(Rule.COUNTS, Kind.SOCKET);
  if (!wordsHold()) return broken(Rule.QUEUE, 0);
  if (!arenaHolds() || !memoryHolds()) return broken(Rule.ARENA, 0);
  if (!reachHolds()) return broken(Rule.REACH, 0);
  return cyclesHold() ? 0 : broken(Rule.CYCLES, 0);
}

/** A task is in exactly one place, with the priority that its base and what it holds give it. */
function taskRule(task: Task): u32 {
  const current = kernel.current === task;
  if (current != (task.state == State.RUNNING) && !(current && task.state != State.RUNNING)) return Rule.CURRENT;
  if (task.priority != dueBy(task)) return Rule.PRIORITY;
  if (!signalsHold(task)) return Rule.SIGNALS;
  if (!flagsHold(task)) return Rule.UNSERVED;
  const deadline = deadlineOf(task);
  if (linked(deadline) && (task.state != State.BLOCKED || deadline.owner !== task)) return Rule.DEADLINE;
  if (linked(deadline) && before(deadline.when, cpu.tick)) return Rule.DEADLINE;
  if (task.state == State.READY) {
    if (linked(task) != (task.held == 0)) return Rule.PLACE;
    return none(task.queue) ? 0 : Rule.PLACE;
  }
  if (task.state == State.RUNNING) return linked(task) || !none(task.queue) || task.level != runLevel(task) ? Rule.PLACE : 0;
  if (none(task.queue)) return linked(task) ? Rule.PLACE : 0;
  return inQueue(task, task.queue) ? 0 : Rule.QUEUE;
}

/** 1 when nobody polls for what is ready already. No rule of check(): what is polled for stands in RAM, where anybody may write. */
export function pollsHold(): i32 {
  for (let i = 0; i < TASKS; i++) {
    if (!pollHolds(taskOf(i))) return 0;
  }
  return 1;
}

/** The queue is in order and the task in it. */
function inQueue(task: Task, queue: Queue): bool {
  let found = false;
  for (let link = queue.next; link !== queue; link = link.next) {
    const waiter = taskOfLink(link);
    if (waiter === task) found = true;
    if (waiter.queue !== queue || waiter.state != State.BLOCKED) return false;
    if (link.next === queue) continue;
    const next = taskOfLink(link.next);
    if (next.priority > waiter.priority) return false;
    if (next.priority == waiter.priority && <i32>(next.arrival - waiter.arrival) < 0) return false;
  }
  return found;
}

function objectsRule(living: u64): i32 {
  for (let kind: u32 = Kind.SEM; kind < 16; kind++) {
    const pool = poolOf(kind);
    let live: u32 = 0;
    let slot = <usize>pool.base;
    for (let i: u32 = 0; i < pool.count; i++, slot += pool.size) {
      const object = changetype<Obj>(slot);
      if (object.handle == 0) continue;
      live++;
      if (!objectHolds(kind, object)) return broken(Rule.OBJECT, (kind << 4) | i);
      if (!isChannel(kind)) continue;
      const channel = changetype<Channel>(object);
      if ((channel.readers | channel.writers) & ~living) return broken(Rule.OPEN_SETS, i);
    }
    if (live != pool.live) return broken(Rule.COUNTS, kind);
  }
  return 0;
}

function objectHolds(kind: u32, object: Obj): bool {
  switch (kind) {
    case Kind.SEM:
      return semHolds(changetype<Sem>(object));
    case Kind.MUTEX:
      return mutexHolds(changetype<Mutex>(object));
    case Kind.COND:
      return condHolds(changetype<Cond>(object));
    case Kind.EVENT:
      return eventHolds(changetype<Event>(object));
    case Kind.BARRIER:
      return barrierHolds(changetype<Barrier>(object));
    case Kind.RWLOCK:
      return rwlockHolds(changetype<Rwlock>(object));
    case Kind.TIMER:
      return timerHolds(changetype<Timer>(object));
    case Kind.PIPE:
      return pipeHolds(changetype<Pipe>(object));
    case Kind.QUEUE:
      return queueHolds(changetype<MsgQueue>(object));
    case Kind.MAILBOX:
      return mailboxHolds(changetype<Mailbox>(object));
    case Kind.REGION:
      return regionHolds(changetype<Region>(object));
    case Kind.POOL:
      return poolHolds(changetype<MemPool>(object));
    case Kind.SOCKET:
      return socketHolds(changetype<Socket>(object));
  }
  return true;
}

/** Pieces follow one another without a gap, from the end of the firmware's data to that of RAM, and two free ones never do. */
function arenaHolds(): bool {
  let end = (kernel.dataEnd + 7) & ~7;
  let free = false;
  let count = 0;
  for (let link = pieces.next; link !== pieces; link = link.next) {
    const piece = changetype<Extent>(link);
    if (piece.address != end) return false;
    if (piece.size == 0 || (free && !piece.used)) return false;
    end = piece.address + piece.size;
    free = !piece.used;
    if (++count > EXTENTS) return false;
  }
  return count == 0 || end == (cpu.memory & ~7);
}

/** The cycles of tasks, handlers, kernel and idle add up to the time that was accounted. */
function cyclesHold(): bool {
  let sum = kernel.kernelCycles + kernel.idleCycles + kernel.endedCycles + kernel.lineCycles;
  for (let i = 0; i < TASKS; i++) {
    if (taskOf(i).handle != 0) sum += taskOf(i).cycles;
  }
  let lines: u64 = 0;
  for (let i = 0; i < LINES; i++) lines += lineAt(i).cycles;
  return sum == kernel.nowCharged && lines == kernel.lineCycles && kernel.nowCharged <= now();
}
