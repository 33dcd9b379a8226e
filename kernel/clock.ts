/**
 * Cycles, the tick, the ordered deadlines. now = due - left: a charge is one subtraction, and only when `left` runs out
 * somebody looks at what is due. `due` may also be a mere waypoint, because `left` is 32 bits wide.
 * No knowledge of why a task waits.
 */
import { Deadline, Link } from "./abi/records";
import { linked, listInit, listInsert, listRemove, none } from "./lib/list";
import { cpu, kernel } from "./state";

const FAR: u64 = 1 << 30;
/** No such event. */
export const NEVER: u64 = u64.MAX_VALUE;

const waits: Link = changetype<Link>(memory.data(offsetof<Link>(), 8));
const alarms: Link = changetype<Link>(memory.data(offsetof<Link>(), 8));

/** Starts virtual time at cycle 0, the first tick one period later. */
export function clockInit(): void {
  listInit(waits);
  listInit(alarms);
  cpu.tick = cpu.first;
  kernel.nextTick = cpu.period;
  kernel.cut = NEVER;
  cpu.device = NEVER;
  cpu.observe = NEVER;
  cpu.due = 0;
  cpu.left = 0;
  arm();
}

/** Cycles since power-on. */
export function now(): u64 {
  return cpu.due - <u64>(<i64>cpu.left);
}

/** Whether tick `a` comes before tick `b`; right across the wrap of the counter. */
export function before(a: u32, b: u32): bool {
  return <i32>(a - b) < 0;
}

/** Whether ticks must wait: a handler runs, or the current task has locked the interrupts. */
export function ticksMasked(): bool {
  if (kernel.depth > 0) return true;
  const task = kernel.current;
  return !none(task) && task.interruptLocks > 0;
}

/** Sets `due` to the next thing that can happen, or that should have happened by now. To be called when any of them changed. */
export function arm(): void {
  const at = now();
  // An observation is no event: whoever comes to it goes on, and is looked at where compiled code can be left.
  let due = min(min(at + FAR, cpu.device), max(cpu.observe, at + 1));
  if (!ticksMasked()) due = min(due, min(kernel.nextTick, kernel.cut));
  if (due <= at) {
    due = at;
    kernel.look = 1;
  }
  cpu.due = due;
  cpu.left = <i32>(due - at);
}

/** Whether an event's time has come that the caller must let pass first. */
export function eventDue(): bool {
  const at = now();
  if (cpu.device <= at) return true;
  if (!ticksMasked() && (kernel.nextTick <= at || kernel.cut <= at)) return true;
  arm();
  return false;
}

/** In the system description it is cycle 0, whatever compiled code has counted down. */
export function standStill(): void {
  cpu.left = <i32>cpu.due;
}

/**
 * Time is that of the next event that has not been served: what compiled code did since it was charged last is not known, nor whether
 * it has come to a point yet at which it is looked whether the event is due.
 */
export function passUntilEvent(): void {
  const next = min(cpu.device, min(kernel.nextTick, kernel.cut));
  if (next < kernel.nowCharged || next == NEVER) return;
  cpu.due = next;
  cpu.left = 0;
}

/** Lets cycles pass; true when an event's time has come by then. */
export function charge(cycles: i32): bool {
  cpu.left -= cycles;
  return cpu.left <= 0 && eventDue();
}

/** Adds the cycles since the last accounting to whoever had them; returns them. */
export function accounted(): u64 {
  const at = now();
  const elapsed = at - kernel.nowCharged;
  kernel.nowCharged = at;
  return elapsed;
}

/** Puts the deadline of a wait `ticks` from now in its place, behind the equal ones. */
export function deadlineStart(deadline: Deadline, ticks: u32): void {
  insert(deadline, ticks, waits);
}

/** The same for an alarm. */
export function alarmStart(alarm: Deadline, ticks: u32): void {
  insert(alarm, ticks, alarms);
}

function insert(deadline: Deadline, ticks: u32, list: Link): void {
  const when = cpu.tick + ticks;
  deadline.when = when;
  let place = list;
  while (place.prev !== list && before(when, changetype<Deadline>(place.prev).when)) place = place.prev;
  listInsert(deadline, place);
  cpu.waiting++;
}

/** Takes a deadline out, if it is running. */
export function deadlineStop(deadline: Deadline): void {
  if (!linked(deadline)) return;
  listRemove(deadline);
  cpu.waiting--;
}

function firstDue(list: Link, tick: u32): Deadline {
  const first = changetype<Deadline>(list.next);
  return !linked(list) || before(tick, first.when) ? changetype<Deadline>(0) : first;
}

/** The first deadline of a wait that has come by this tick, none if there is none. */
export function deadlineDue(tick: u32): Deadline {
  return firstDue(waits, tick);
}

/** The first alarm that has come by this tick, none if there is none. */
export function alarmDue(tick: u32): Deadline {
  return firstDue(alarms, tick);
}
