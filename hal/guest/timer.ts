import { timer_count, timer_create, timer_overruns, timer_start, timer_stop } from "./calls";
import { Action, EINVAL, Info } from "./constants";
import { EventFlags } from "./event";
import { KernelObject, made } from "./object";
import { Partial } from "./partial";
import { Semaphore } from "./semaphore";
import { callbackService } from "./service";
import { slot } from "./slot";
import { Task, TaskBody } from "./task";
import { dropName, stageName } from "./text";

/** How a timer is made, and what it does at each expiry: exactly one of give, set, signal, flags and call. */
export class TimerOptions {
  name: string = "";
  /** Gives this semaphore. */
  give: Semaphore | null = null;
  /** Sets `bits` of these event flags. */
  set: EventFlags | null = null;
  bits: i32 = 0;
  /** Sends this signal to the task `to`. */
  signal: i32 = 0;
  /** Sets these thread flags of the task `to`. */
  flags: i32 = 0;
  to: Task | null = null;
  /** Runs this with `argument` in the timer service, a task above all others. */
  call: TaskBody | null = null;
  argument: i32 = 0;
}

/** A one-shot or periodic timer. */
@unmanaged
export class Timer extends KernelObject {
  /** First expiry after `first` ticks (at least 1), then every `period` ticks; without a period only once. */
  start(first: i32, period: i32 = 0): i32 {
    return timer_start(this.handle, first, period);
  }

  /** It does not expire any more. Answers 1 if it was running. */
  stop(): i32 {
    return timer_stop(this.handle);
  }

  /** Expiries since the last query. */
  expiries(): i32 {
    return timer_count(this.handle);
  }

  /** Expiries since the last query whose action could not be done. */
  overruns(): i32 {
    return timer_overruns(this.handle);
  }

  /** Whether it runs now. */
  get running(): bool {
    return this.info(Info.STATE) == 1;
  }
}

/** Makes a stopped timer. */
export function timer(options: Partial<TimerOptions>): Timer {
  const o = options as TimerOptions;
  const call = o.call;
  if (o.give !== null) return create(o.name, Action.SEM_GIVE, changetype<i32>(o.give), 0);
  if (o.set !== null) return create(o.name, Action.EVENT_SET, changetype<i32>(o.set), o.bits);
  if (o.signal != 0) return create(o.name, Action.SIGNAL, changetype<i32>(o.to), o.signal);
  if (o.flags != 0) return create(o.name, Action.FLAGS_SET, changetype<i32>(o.to), o.flags);
  if (call === null) {
    abort("a timer does one thing at each expiry: give, set, signal, flags or call");
    return changetype<Timer>(EINVAL);
  }
  callbackService();
  return create(o.name, Action.CALLBACK, call.index, o.argument);
}

function create(name: string, action: i32, target: i32, value: i32): Timer {
  const own = slot();
  const staged = stageName(own, name);
  const handle = timer_create(staged, action, target, value);
  dropName(own, staged);
  return changetype<Timer>(made("timer", name, handle));
}
