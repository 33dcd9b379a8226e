/**
 * The way into a handler and out of it: which signal is due when its task gets the CPU (port.ts), and what becomes of the wait that
 * it interrupted when no handler is left to run.
 */
import { AGAIN, Call, Cause, Happening, SigFlag, State } from "./abi/constants";
import { Frame, Task } from "./abi/records";
import { frameFree, frameRestore, frameSave, frameSpared, framesDropped, frameTake, REPEATED, Restart } from "./frame";
import { only } from "./lib/bits";
import { none } from "./lib/list";
import { handlerOf, originOf, signalAct, signalDefault, signalFatal, signalRaise, UNMASKABLE } from "./signal";
import { cpu, kernel } from "./state";
import { taskId } from "./task";
import { emitFor } from "./trace";
import { Settle } from "./wait";

/**
 * Whether a handler of the task is to begin before it goes on. Without a frame it does not, and the task is looked at again when
 * there is one: it may be waiting by then.
 */
export function signalDue(task: Task): bool {
  if ((task.pending & ~task.mask & task.caught) == 0) return false;
  if (!none(task.spare) || frameFree()) return true;
  kernel.starved |= only(task.index);
  return false;
}

/**
 * The task leaves what it was doing for the handler of its lowest signal that is due: entry, number and origin are in the CPU
 * page. The others that are due count as masked until this handler returns, so they run one after another.
 */
export function signalDeliver(task: Task): void {
  const due = task.pending & ~task.mask & task.caught;
  const signal = ctz(due);
  const bit: u32 = 1 << signal;
  const handler = handlerOf(task, signal);
  const frame = none(task.spare) ? frameTake(task) : task.spare;
  const flags: u32 = handler.flags;
  task.spare = changetype<Frame>(0);
  task.pending &= ~bit;
  frameSave(task, frame, flags);
  frame.signal = signal;
  task.mask = (task.mask | handler.mask | (due & ~bit) | (flags & SigFlag.NODEFER ? 0 : bit)) & ~UNMASKABLE;
  cpu.entry = handler.entry;
  cpu.argument = signal;
  cpu.origin = originOf(task, signal);
  if (flags & SigFlag.RESETHAND) signalDefault(task, bit);
  emitFor(Happening.DELIVER, task.index, taskId(task), signal, cpu.origin);
}

/** The innermost handler of the task has returned: the task is where it was, with the mask it had. */
export function signalReturn(task: Task): void {
  const signal = task.frames.signal;
  frameRestore(task);
  emitFor(Happening.SIGRETURN, task.index, taskId(task), signal, none(task.frames) ? 0 : 1);
  if (task.dying != 0 && none(task.frames) && !(task.pending & (1 << (<u32>task.dying)))) signalFatal(task, task.dying);
  signalAct(task);
  kernel.look = 1;
}

/**
 * The current task did what the signal is for, and cannot go on: its handler may still say so, on a task that does nothing else.
 * Whether there is one that may run: not while it is masked, as it is in itself, and not a second time.
 */
export function signalLast(task: Task, signal: u32): bool {
  const bit: u32 = 1 << signal;
  if (task.dying != 0 || !(task.caught & bit) || task.mask & bit) return false;
  framesDropped(task);
  task.spare = frameTake(task);
  if (none(task.spare)) return false;
  task.dying = <u8>signal;
  signalRaise(task, signal, 0);
  return true;
}

/** Whether the task must still be told what becomes of the wait that a signal interrupted. */
export function signalPutOff(task: Task): bool {
  return task.restart != 0 && !(task.restart & REPEATED);
}

/** No handler is left to run: the interrupted wait ends, or goes on. The task may be blocked again then. */
export function signalResume(task: Task): void {
  const restart: u32 = task.restart;
  task.restart = <u8>Restart.NONE;
  frameSpared(task);
  if (restart == Restart.MAYBE || restart == Restart.ALWAYS) {
    task.restart = <u8>(restart | REPEATED);
    task.result = AGAIN;
    task.repeat = 1;
  } else if (restart == Restart.LOCK || restart == Restart.TAKEN) {
    waitOn(task, restart == Restart.LOCK ? Call.COND_WAIT : Call.MAILBOX_SEND_SYNC);
  } else if (restart == Restart.SUSPEND) {
    task.mask = task.aside;
    signalAct(task);
  }
}

/** Its object says how the wait goes on: as if it had just ended with the result that was put off. */
function waitOn(task: Task, call: u32): void {
  task.outcome = task.result;
  task.state = State.BLOCKED;
  task.call = <u8>call;
  task.settle = Settle.OBJECT;
  task.cause = <u8>Cause.SIGNAL;
  kernel.settling |= only(task.index);
  kernel.todo = 1;
  kernel.look = 1;
}

/** The caller repeats the call whose wait a signal interrupted: it goes on to the same deadline. */
export function signalRepeats(task: Task): bool {
  if (!(task.restart & REPEATED)) return false;
  task.restart = <u8>Restart.NONE;
  return true;
}
