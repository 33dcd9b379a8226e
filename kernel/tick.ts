/**
 * The tick, the least urgent line. What is due at its instant is served in phases: by default device events with their
 * handlers, timers, expired waits, slice end; another order only when the oracle chooses one.
 * Ticks that handlers or interrupt locks held up are served one by one.
 */
import { Cause, Choice, Errno, Happening, Option, State } from "./abi/constants";
import { Task } from "./abi/records";
import { alarmsExpire } from "./alarm";
import { ask } from "./choice";
import { alarmDue, arm, charge, deadlineDue, deadlineStart, deadlineStop, NEVER, now, ticksMasked } from "./clock";
import { TICK_COST } from "./config";
import { irqPending } from "./irq";
import { none } from "./lib/list";
import { timerDueAt, timersExpire } from "./object/timer";
import { equalReady, stepBack } from "./sched";
import { segmentsExpire } from "./segment";
import { cpu, kernel } from "./state";
import { deadlineOf } from "./task";
import { emit } from "./trace";
import { endWait, Settle } from "./wait";

export const enum Phase {
  /** Nothing of a tick is left to serve. */
  NONE = 0,
  DEVICES = 1,
  TIMERS = 2,
  WAITS = 3,
  SLICE = 4,
  /** One phase was served; there may be more. */
  SERVED = 5,
  /** The port must be asked for the order first. */
  ASK = 6,
}

/** The default order, three bits a phase, the next one lowest; 0 when all are served. */
const DEFAULT_ORDER: u32 = Phase.DEVICES | (Phase.TIMERS << 3) | (Phase.WAITS << 6) | (Phase.SLICE << 9);
const ORDERS: u32 = 24;

/** Serves the next phase of a tick that is due; DEVICES is the caller's to serve, and NONE when no tick is. */
export function tickServe(): u32 {
  if (kernel.phase == 0) {
    if (ticksMasked()) return Phase.NONE;
    if (kernel.cut <= now() && kernel.cut < kernel.nextTick) return cutSlice();
    if (kernel.nextTick > now()) return Phase.NONE;
    const order = chosenOrder();
    if (order == 0) return Phase.ASK;
    kernel.phase = order;
    kernel.counted = 0;
  }
  const phase = kernel.phase & 7;
  if (phase == Phase.DEVICES) return Phase.DEVICES;
  if (!kernel.counted) count();
  phaseServed();
  if (phase == Phase.TIMERS) {
    timersExpire();
    alarmsExpire();
    segmentsExpire();
  } else if (phase == Phase.WAITS) waitsExpire();
  else sliceTick();
  return Phase.SERVED;
}

/** The next phase's turn. */
export function phaseServed(): void {
  kernel.phase >>= 3;
}

/** The tick is counted behind the handlers of its instant: they still see the one before. */
function count(): void {
  kernel.counted = 1;
  cpu.tick++;
  kernel.nextTick += cpu.period;
  kernel.cut = NEVER;
  charge(TICK_COST);
  arm();
  emit(Happening.TICK, 0, cpu.tick, 0);
}

/** The order of this tick's phases, 0 when the port must be asked. */
function chosenOrder(): u32 {
  if (!(cpu.options & Option.ORACLE)) return DEFAULT_ORDER;
  const tick = cpu.tick + 1;
  let kinds: u32 = cpu.device <= now() || irqPending() ? 1 : 0;
  if (timerDueAt(tick) || !none(alarmDue(tick))) kinds++;
  if (!none(deadlineDue(tick))) kinds++;
  if (sliceEnds()) kinds++;
  if (kinds < 2) return DEFAULT_ORDER;
  const choice = ask(Choice.ORDER, ORDERS);
  return choice < 0 ? 0 : permutation(choice);
}

/** The n-th order of the four phases, the default one first. */
function permutation(choice: u32): u32 {
  let rest = DEFAULT_ORDER;
  let order: u32 = 0;
  let size: u32 = 6;
  for (let i: u32 = 0; i < 4; i++) {
    const at = 3 * (choice / size);
    choice %= size;
    if (i < 2) size /= 3 - i;
    order |= ((rest >> at) & 7) << (3 * i);
    rest = (rest & ((1 << at) - 1)) | ((rest >> (at + 3)) << at);
  }
  return order;
}

function waitsExpire(): void {
  for (let first = deadlineDue(cpu.tick); !none(first); first = deadlineDue(cpu.tick)) {
    const task = first.owner;
    if (task.settle == Settle.SLEEP) endWait(task, 0, Cause.TIMEOUT);
    else if (task.cause == Cause.SPURIOUS) endWait(task, 0, Cause.SPURIOUS);
    else endWait(task, Errno.ETIMEDOUT, Cause.TIMEOUT);
  }
}

/** Whether time slices count for the task as it runs: not above its own priority, not while it locks. */
export function sliced(task: Task): bool {
  return task.slice > 0 && task.level == task.priority && (task.schedulerLocks | task.interruptLocks) == 0;
}

function sliceEnds(): bool {
  const task = kernel.current;
  return !none(task) && task.state == State.RUNNING && sliced(task) && task.sliceLeft <= 1 && equalReady(task);
}

/** This tick is charged to the task that ran when it came. */
function sliceTick(): void {
  const task = kernel.current;
  if (none(task) || task.state != State.RUNNING || !sliced(task)) return;
  if (task.sliceLeft > 1) task.sliceLeft--;
  else endSlice(task);
  if (cpu.options & Option.ORACLE) kernel.undecided = 1;
}

/** To the end of its list; alone on its level it just gets a fresh slice. */
function endSlice(task: Task): void {
  if (equalReady(task)) stepBack(task);
  else task.sliceLeft = task.slice;
}

/** The oracle ends the slice early. */
function cutSlice(): u32 {
  kernel.cut = NEVER;
  arm();
  const task = kernel.current;
  if (!none(task) && task.state == State.RUNNING && sliced(task)) endSlice(task);
  return Phase.SERVED;
}

/** The oracle lets a condition's waiter wake for no reason: now, or at the start of a tick unless it was to wake before. */
export function wakeSpuriously(task: Task, ticks: i32): void {
  if (task.state != State.BLOCKED || task.settle != Settle.OBJECT) return;
  if (ticks == 0) {
    endWait(task, 0, Cause.SPURIOUS);
    return;
  }
  if (task.timeout > 0 && task.timeout <= ticks) return;
  deadlineStop(deadlineOf(task));
  deadlineStart(deadlineOf(task), ticks);
  task.cause = <u8>Cause.SPURIOUS;
}
