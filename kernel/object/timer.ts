/**
 * Timers, in order of expiry, equals in order of creation. An expiry does one thing: gives a semaphore, sets event flags, or
 * queues the callback for the timer service, a task that calls timer_service in a loop and runs what it is told.
 * A periodic timer's next expiry is the last one plus the period, so it never drifts.
 */
import { Action, AGAIN, Call, Cause, Context, Errno, Happening, Kind } from "../abi/constants";
import { Callback, Link, Queue, Timer } from "../abi/records";
import { before } from "../clock";
import { TIMERS } from "../config";
import { linked, listInit, listInsert, listRemove, none } from "../lib/list";
import { signalRaise } from "../signal";
import { cpu, kernel, NO_TASK } from "../state";
import { alive, deadlineOf, taskAt } from "../task";
import { emit } from "../trace";
import { firstWaiter, waitOr, wake } from "../wait";
import { eventAt, eventSet } from "./event";
import { flagsSet } from "./flags";
import { objectId, objectNew, objectsInit, slotAt, touched } from "./object";
import { semAt, semGive } from "./semaphore";

/** Task.callback: it runs one; it was woken to look for one. */
export const RUNS: u8 = 1;
const CALLED: u8 = 2;

const table: usize = memory.data(TIMERS * offsetof<Timer>(), 8);
/** Running timers in order of expiry, and each timer's place there. */
const running: Link = changetype<Link>(memory.data(offsetof<Link>(), 8));
const places: usize = memory.data(TIMERS * offsetof<Link>(), 8);
/** Callbacks that have not begun, in order of expiry, and each timer's place there. */
const due: Link = changetype<Link>(memory.data(offsetof<Link>(), 8));
const dueLinks: usize = memory.data(TIMERS * offsetof<Link>(), 8);
/** Where the timer service waits for a callback. */
const serviceQueue: Queue = changetype<Queue>(memory.data(offsetof<Queue>(), 8));

export function timersInit(): void {
  objectsInit(Kind.TIMER, table, offsetof<Timer>(), TIMERS);
  listInit(running);
  listInit(due);
  listInit(serviceQueue);
  serviceQueue.id = <u16>(Kind.TIMER << 8);
  serviceQueue.side = 1;
  for (let i = 0; i < TIMERS; i++) {
    listInit(changetype<Link>(places + i * offsetof<Link>()));
    listInit(changetype<Link>(dueLinks + i * offsetof<Link>()));
  }
}

export function timerAt(handle: i32): Timer {
  return changetype<Timer>(slotAt(table, offsetof<Timer>(), TIMERS, handle));
}

function placeOf(timer: Timer): Link {
  return changetype<Link>(places + <usize>timer.index * offsetof<Link>());
}

function dueLinkOf(timer: Timer): Link {
  return changetype<Link>(dueLinks + <usize>timer.index * offsetof<Link>());
}

function timerOf(link: Link, links: usize): Timer {
  const index = (changetype<usize>(link) - links) / offsetof<Link>();
  return changetype<Timer>(table + index * offsetof<Timer>());
}

export function timerCreate(name: usize, action: i32, target: i32, value: i32): i32 {
  if (action < Action.CALLBACK || action > Action.FLAGS_SET) return Errno.EINVAL;
  if (action == Action.SEM_GIVE && none(semAt(target))) return Errno.EBADF;
  if (action == Action.EVENT_SET && none(eventAt(target))) return Errno.EBADF;
  if (action >= Action.SIGNAL && none(taskAt(target))) return Errno.ESRCH;
  if ((action == Action.EVENT_SET || action == Action.FLAGS_SET) && value < 0) return Errno.EINVAL;
  if (action == Action.SIGNAL && (value < 1 || value > 31)) return Errno.EINVAL;
  const slot = objectNew(Kind.TIMER, name);
  if (slot < 0) return slot;
  const timer = changetype<Timer>(slot);
  timer.action = <u8>action;
  timer.target = target;
  timer.value = value;
  timer.born = kernel.births++;
  return timer.handle;
}

function insert(timer: Timer): void {
  let place = running;
  while (place.prev !== running) {
    const other = timerOf(place.prev, places);
    const earlier = before(other.when, timer.when) || (other.when == timer.when && <i32>(other.born - timer.born) < 0);
    if (earlier) break;
    place = place.prev;
  }
  listInsert(placeOf(timer), place);
  timer.running = 1;
  cpu.waiting++;
}

function remove(timer: Timer): void {
  if (!timer.running) return;
  listRemove(placeOf(timer));
  timer.running = 0;
  cpu.waiting--;
}

function withdraw(timer: Timer): void {
  listRemove(dueLinkOf(timer));
  timer.queued = 0;
}

export function timerStart(timer: Timer, first: i32, period: i32): i32 {
  if (first < 1 || period < 0) return Errno.EINVAL;
  remove(timer);
  withdraw(timer);
  timer.when = cpu.tick + first;
  timer.period = period;
  insert(timer);
  return 0;
}

export function timerStop(timer: Timer): i32 {
  const was = timer.running;
  remove(timer);
  withdraw(timer);
  return was;
}

export function timerCount(timer: Timer): i32 {
  const count = timer.expiries;
  timer.expiries = 0;
  return <i32>(count & i32.MAX_VALUE);
}

export function timerOverruns(timer: Timer): i32 {
  const count = timer.overruns;
  timer.overruns = 0;
  return <i32>(count & i32.MAX_VALUE);
}

/** Whether a timer expires at this tick. */
export function timerDueAt(tick: u32): bool {
  return linked(running) && !before(tick, timerOf(running.next, places).when);
}

/** Every timer whose tick has come does what it is for. */
export function timersExpire(): void {
  while (timerDueAt(cpu.tick)) {
    const timer = timerOf(running.next, places);
    remove(timer);
    if (timer.period > 0) {
      timer.when += timer.period;
      insert(timer);
    }
    timer.expiries++;
    touched(timer);
    act(timer);
    emit(Happening.EXPIRE, objectId(timer), timer.expiries, timer.overruns);
  }
}

function act(timer: Timer): void {
  if (timer.action == Action.SEM_GIVE) {
    const sem = semAt(timer.target);
    if (none(sem) || semGive(sem) < 0) timer.overruns++;
  } else if (timer.action == Action.EVENT_SET) {
    const event = eventAt(timer.target);
    if (none(event)) timer.overruns++;
    else eventSet(event, timer.value);
  } else if (timer.action >= <u8>Action.SIGNAL) {
    const task = taskAt(timer.target);
    if (none(task) || !alive(task)) timer.overruns++;
    else if (timer.action == Action.SIGNAL) signalRaise(task, timer.value, timer.handle);
    else flagsSet(task, timer.value);
  } else if (timer.queued) {
    timer.overruns++;
  } else {
    timer.queued = 1;
    listInsert(dueLinkOf(timer), due);
    callService();
  }
}

/** Until the service looks again a callback has not begun and can be withdrawn: so it is not handed one, it repeats its call. */
function callService(): void {
  const service = firstWaiter(serviceQueue);
  if (none(service)) return;
  service.callback = CALLED;
  // A signal's handler that comes before it looks may wait in between.
  service.until = deadlineOf(service).when;
  service.repeat = 1;
  wake(service, AGAIN, Cause.HANDOFF);
}

/** Stores the first callback for the service. */
function hand(out: usize): void {
  const timer = timerOf(due.next, dueLinks);
  withdraw(timer);
  const callback = changetype<Callback>(out);
  callback.timer = timer.handle;
  callback.entry = timer.target;
  callback.argument = timer.value;
  kernel.service.callback = RUNS;
}

export function timerService(out: usize, timeout: i32): i32 {
  const task = kernel.current;
  if (!none(kernel.service) && kernel.service !== task) return Errno.EBUSY;
  kernel.service = task;
  const called = task.callback == CALLED;
  task.callback = 0;
  kernel.context &= ~Context.CALLBACK;
  if (linked(due)) {
    hand(out);
    kernel.context |= Context.CALLBACK;
    return 0;
  }
  if (called && timeout > 0) {
    // What it was called for was withdrawn: it waits on, until the tick it had in mind.
    timeout = <i32>(task.until - cpu.tick);
    if (timeout <= 0) return Errno.ETIMEDOUT;
  }
  return waitOr(serviceQueue, timeout, Call.TIMER_SERVICE);
}

/** The timer service's task ends: another may take its place. */
export function timerServiceEnded(): void {
  kernel.service = NO_TASK;
}

export function timerEnd(timer: Timer): void {
  remove(timer);
  withdraw(timer);
}

/** On the list exactly while it runs, among the due callbacks exactly while queued. */
export function timerHolds(timer: Timer): bool {
  return linked(placeOf(timer)) == (timer.running != 0) && linked(dueLinkOf(timer)) == (timer.queued != 0);
}
