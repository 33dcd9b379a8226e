/** Timers, and the service that runs their callbacks. */
import * as A from "./abi.js";
import { C, E } from "./abi.js";
import type { Model } from "./model.js";
import { flagsSet, signalRaise } from "./signal.js";
import { type Events, give, type Semaphore, set } from "./sync.js";
import type { Task } from "./task.js";
import { Thing } from "./thing.js";

const { Action } = C;

export class Timer extends Thing {
  /** Tick of its next expiry while it runs. */
  when: number | undefined;
  period = 0;
  action = 0;
  target = 0;
  value = 0;
  expiries = 0;
  overruns = 0;
  born = 0;
}

const timerAt = (m: Model, handle: number) => m.thingAt("TIMER", handle) as Timer;

export function timerCreate(m: Model, [name = 0, action = 0, target = 0, value = 0]: number[]): number {
  if (action < Action.CALLBACK || action > Action.FLAGS_SET) return E.EINVAL;
  if (action === Action.SEM_GIVE && !m.thingAt("SEM", target)) return E.EBADF;
  if (action === Action.EVENT_SET && !m.thingAt("EVENT", target)) return E.EBADF;
  if (action >= Action.SIGNAL && !m.taskAt(target)) return E.ESRCH;
  if ((action === Action.EVENT_SET || action === Action.FLAGS_SET) && value < 0) return E.EINVAL;
  if (action === Action.SIGNAL && (value < 1 || value > 31)) return E.EINVAL;
  const timer = m.create("TIMER", name, (...base) => new Timer(...base));
  if (typeof timer === "number") return timer;
  Object.assign(timer, { action, target, value, born: m.births++ });
  return timer.handle;
}

function withdraw(m: Model, timer: Timer): void {
  const at = m.dueCallbacks.indexOf(timer);
  if (at >= 0) m.dueCallbacks.splice(at, 1);
}

export function timerStart(m: Model, [handle = 0, first = 0, period = 0]: number[]): number {
  const timer = timerAt(m, handle);
  if (first < 1 || period < 0) return E.EINVAL;
  withdraw(m, timer);
  timer.when = m.tick + first;
  timer.period = period;
  return 0;
}

export function timerStop(m: Model, [handle = 0]: number[]): number {
  const timer = timerAt(m, handle);
  const ran = timer.when !== undefined;
  timerEnd(m, timer);
  return ran ? 1 : 0;
}

export function timerEnd(m: Model, timer: Timer): void {
  withdraw(m, timer);
  timer.when = undefined;
}

export function timerCount(m: Model, [handle = 0]: number[]): number {
  const timer = timerAt(m, handle);
  const count = timer.expiries;
  timer.expiries = 0;
  return count;
}

export function timerOverruns(m: Model, [handle = 0]: number[]): number {
  const timer = timerAt(m, handle);
  const count = timer.overruns;
  timer.overruns = 0;
  return count;
}

/** In order of expiry, equals in order of creation. A periodic one goes on from when it was due. */
export function timersExpire(m: Model): void {
  for (;;) {
    const due = (m.thingsOf("TIMER") as Timer[]).filter(({ when }) => when !== undefined && when <= m.tick);
    const [timer] = due.sort((a, b) => (a.when as number) - (b.when as number) || a.born - b.born);
    if (!timer) return;
    timer.when = timer.period > 0 ? (timer.when as number) + timer.period : undefined;
    timer.expiries++;
    m.touched(timer);
    if (!act(m, timer)) timer.overruns++;
  }
}

/** Does what the timer is for; whether that came to something. */
function act(m: Model, timer: Timer): boolean {
  const { action, target, value } = timer;
  switch (action) {
    case Action.SEM_GIVE: {
      const sem = m.thingAt("SEM", target) as Semaphore | undefined;
      return sem !== undefined && give(m, sem) === 0;
    }
    case Action.EVENT_SET: {
      const event = m.thingAt("EVENT", target) as Events | undefined;
      if (event) set(m, event, value);
      return event !== undefined;
    }
    case Action.SIGNAL:
    case Action.FLAGS_SET: {
      const task = m.taskAt(target);
      if (!task?.alive) return false;
      if (action === Action.SIGNAL) signalRaise(m, task, value, timer.handle);
      else flagsSet(m, [target, value]);
      return true;
    }
  }
  if (m.dueCallbacks.includes(timer)) return false;
  m.dueCallbacks.push(timer);
  callService(m);
  return true;
}

/** The service is not handed a callback, which could still be withdrawn: it looks again. */
function callService(m: Model): void {
  const task = m.serviceWaiters.first;
  if (!task) return;
  const deadline = task.wait?.deadline;
  m.wake(task, A.AGAIN);
  task.callback = "called";
  task.again = true;
  task.until = deadline ?? 0;
}

export function timerService(m: Model, [out = 0, timeout = 0]: number[]): number {
  const task = m.current as Task;
  if (m.service && m.service !== task) return E.EBUSY;
  m.service = task;
  const called = task.callback === "called";
  task.callback = "no";
  const timer = m.dueCallbacks.shift() as Timer | undefined;
  if (timer) {
    m.setWord(out, timer.handle);
    m.setWord(out + 4, timer.target);
    m.setWord(out + 8, timer.value);
    task.callback = "runs";
    return 0;
  }
  let ticks = timeout;
  if (called && timeout > 0) {
    // What it was called for was withdrawn: it waits on, until the tick it had in mind.
    ticks = task.until - m.tick;
    if (ticks <= 0) return E.ETIMEDOUT;
  }
  return m.blockOr("timer_service", m.serviceWaiters, ticks, "plain", { pointer: out });
}
