/** Event flags. One set is tested against one snapshot for all waiters; then what the satisfied ones clear is cleared. */
import { Call, Cause, Errno, EventWait, Kind } from "../abi/constants";
import { Event } from "../abi/records";
import { EVENTS } from "../config";
import { kernel } from "../state";
import { taskOfLink } from "../task";
import { block, Settle, wake, wakeAll } from "../wait";
import { objectNew, objectsInit, slotAt, touched } from "./object";

const table: usize = memory.data(EVENTS * offsetof<Event>(), 8);
export function eventsInit(): void {
  objectsInit(Kind.EVENT, table, offsetof<Event>(), EVENTS);
}

export function eventAt(handle: i32): Event {
  return changetype<Event>(slotAt(table, offsetof<Event>(), EVENTS, handle));
}

export function eventCreate(name: usize, bits: i32): i32 {
  if (bits < 0) return Errno.EINVAL;
  const slot = objectNew(Kind.EVENT, name);
  if (slot < 0) return slot;
  const event = changetype<Event>(slot);
  event.bits = bits;
  return event.handle;
}

function satisfies(bits: u32, wanted: u32, how: u32): bool {
  return how & EventWait.ALL ? (bits & wanted) == wanted : (bits & wanted) != 0;
}

export function eventWait(event: Event, bits: i32, how: i32, timeout: i32): i32 {
  if (bits <= 0 || how & ~(EventWait.ALL | EventWait.CLEAR)) return Errno.EINVAL;
  const snapshot = event.bits;
  if (satisfies(snapshot, bits, how)) {
    if (how & EventWait.CLEAR) event.bits &= ~(<u32>bits);
    return <i32>snapshot;
  }
  if (timeout == 0) return Errno.EAGAIN;
  const task = kernel.current;
  task.length = bits;
  task.aside = how;
  return block(event, timeout, Call.EVENT_WAIT, Settle.PLAIN);
}

export function eventSet(event: Event, bits: i32): i32 {
  if (bits < 0) return Errno.EINVAL;
  event.bits |= bits;
  const snapshot = event.bits;
  let clears: u32 = 0;
  for (let link = event.next; link !== event; ) {
    const task = taskOfLink(link);
    link = link.next;
    if (!satisfies(snapshot, task.length, task.aside)) continue;
    if (task.aside & EventWait.CLEAR) clears |= task.length;
    wake(task, <i32>snapshot, Cause.HANDOFF);
  }
  event.bits &= ~clears;
  touched(event);
  return <i32>event.bits;
}

export function eventClear(event: Event, bits: i32): i32 {
  if (bits < 0) return Errno.EINVAL;
  const snapshot = event.bits;
  event.bits &= ~(<u32>bits);
  return <i32>snapshot;
}

export function eventEnd(event: Event): void {
  wakeAll(event, Errno.EIDRM, Cause.DELETED);
}

/** No waiter is satisfied by the flags as they are. */
export function eventHolds(event: Event): bool {
  for (let link = event.next; link !== event; link = link.next) {
    const task = taskOfLink(link);
    if (satisfies(event.bits, task.length, task.aside)) return false;
  }
  return event.bits >> 31 == 0;
}
