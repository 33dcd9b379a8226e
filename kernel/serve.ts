/**
 * The way into and out of every system call. In: the charge, what is due first, the legal contexts. Out: whatever was put on
 * the to-do sets below is done here, where every kind is known; then the trace; then whether the caller may simply go on.
 */
import { AGAIN, Call, Context, End, Errno, Kind, SWITCH } from "./abi/constants";
import { Barrier, Cond, Mutex, Pipe, Rwlock, Socket, Task } from "./abi/records";
import { charge, eventDue, standStill } from "./clock";
import { ringSought } from "./deadlock";
import { signalDue, signalRepeats } from "./delivery";
import { frameFree } from "./frame";
import { irqPending, runningLine } from "./irq";
import { lowest, only } from "./lib/bits";
import { none } from "./lib/list";
import { poolSlot } from "./lib/pool";
import { endTask } from "./life";
import { barrierServe } from "./object/barrier";
import { condServe, condSettle } from "./object/condition";
import { mailboxSettle } from "./object/mailbox";
import { memoryServe } from "./object/memory";
import { mutexServe } from "./object/mutex";
import { objectHandle, poolOf } from "./object/object";
import { pipeServe, pipeSettle } from "./object/pipe";
import { pollServe } from "./object/poll";
import { rwlockServe } from "./object/rwlock";
import { socketServe } from "./object/socket";
import { Panic, panic } from "./panic";
import { equalReady, mustSwitch } from "./sched";
import { signalAct, suspendSettle } from "./signal";
import { ABSENT, cpu, kernel, REPEAT, trace } from "./state";
import { taskOf } from "./task";
import { emit, emitMore } from "./trace";
import { precedes, takeChanged } from "./wait";

const ROUNDS: i32 = 10000;
/** The status of a task that a signal ended: this and the signal's number, as shells have it. */
export const SIGNALLED: i32 = 128;

/**
 * Begins a call: 0 go on; AGAIN an event must be served first and the call is to be repeated; EPERM it is illegal here.
 * The common case, a legal call of a task or handler with no event due, is decided in the face (index.ts) with one mask and one
 * subtraction, and only a small kernel comes here for it. The system description's time does not pass, and a repeat was charged
 * already.
 */
export function enter(cost: i32, legal: u32): i32 {
  const context = kernel.context;
  if (absent()) return Errno.EPERM;
  kernel.context = context & ~REPEAT;
  if (context & Context.SYSTEM) standStill();
  if (context & REPEAT && kernel.depth == 0 && signalRepeats(kernel.current)) {
    kernel.restarting = 1;
    kernel.look = 1;
  }
  if (!(context & (Context.SYSTEM | REPEAT)) && charge(cost)) return postponed();
  return context & ~(legal | REPEAT) ? Errno.EPERM : 0;
}

/** Whether nobody runs who could call; then there is nobody to whom anything but EPERM could be answered. */
function absent(): bool {
  if (kernel.context != 0 && !(kernel.context & ABSENT)) return false;
  kernel.look = 0;
  return true;
}

/** A legal call was charged and `left` ran out: as `enter`. Written out, so that it stays one function beside every call. */
export function late(): i32 {
  // Before power-on.
  if (kernel.context == 0) return Errno.EPERM;
  if (!eventDue()) return 0;
  kernel.look = 1;
  kernel.context &= ~REPEAT;
  if (kernel.depth > 0) {
    const line = runningLine();
    line.result = AGAIN;
    line.repeat = 1;
    return AGAIN;
  }
  const task = kernel.current;
  task.result = AGAIN;
  task.repeat = 1;
  return AGAIN;
}

/** Whether a call that `enter` let in may wait: where it may not, only timeout 0 is legal. 0, EPERM or EINVAL. */
export function mayWait(waits: u32, timeout: i32): i32 {
  if (kernel.context & ~waits) return Errno.EPERM;
  return timeout < -1 ? Errno.EINVAL : 0;
}

/** The answer of `enter` for a call that does nothing yet; `leave` turns it into SWITCH. */
function postponed(): i32 {
  kernel.look = 1;
  postpone();
  return AGAIN;
}

/** The caller makes the same call again when it next runs; also when it was resumed and had no time to. */
export function postpone(): i32 {
  kernel.context &= ~REPEAT;
  answer(AGAIN, 1);
  return SWITCH;
}

/** Keeps a result for the caller until it runs again. */
function answer(result: i32, repeat: u8): void {
  if (kernel.depth > 0) {
    const line = runningLine();
    line.result = result;
    line.repeat = repeat;
    return;
  }
  kernel.current.result = result;
  kernel.current.repeat = repeat;
}

/** The rest of the arguments of a call, for the trace. */
export function more(first: u32, second: u32): void {
  emitMore(first, second);
}

/** Ends a call, or one that `enter` did not let in: serves the to-do sets, traces, and answers the result or SWITCH. */
export function leave(call: u32, object: u32, word: u32, result: i32): i32 {
  if (kernel.look == 0) {
    if (trace.on != 0) emit(call, object & 0x1fff, word, result);
    return result;
  }
  let given = SWITCH;
  if (result != AGAIN) {
    // What a wait that goes on after a handler was for is gone: it was deleted under a waiter.
    if (kernel.restarting && (result == Errno.EBADF || result == Errno.EFAULT)) result = Errno.EIDRM;
    kernel.restarting = 0;
    if (kernel.todo != 0) settleAll();
    if (result == SWITCH && !none(kernel.current) && kernel.current.timeout < 0) ringSought(kernel.current);
    if (trace.on != 0) emit(call, object & 0x1fff, word, result);
    given = yieldOr(result);
  }
  if (given == SWITCH) kernel.context |= ABSENT;
  return given;
}

/** The result, or SWITCH with the result kept, when the caller may not simply go on. */
export function yieldOr(result: i32): i32 {
  if (kernel.look == 0) return result;
  if (kernel.depth > 0) {
    if (!irqPending()) return result;
    answer(result, 0);
    return SWITCH;
  }
  if (result == SWITCH || kernel.booted != 2) return result;
  const calm = !mustSwitch() && !irqPending() && cpu.left > 0 && (kernel.sending | kernel.replies) == 0;
  if (calm && !(kernel.undecided && equalReady(kernel.current)) && !signalDue(kernel.current)) {
    kernel.look = 0;
    return result;
  }
  if (!none(kernel.current)) answer(result, 0);
  return SWITCH;
}

/**
 * Does what waits on the to-do sets until they are empty: tasks that a signal ends, waits to settle, the objects, kind by kind,
 * tasks that wait for a signal frame, and behind all who is served directly, those who poll.
 */
export function settleAll(): void {
  for (let round = 0; round < ROUNDS; round++) {
    if (kernel.killed != 0) {
      const task = firstOf(kernel.killed);
      endTask(task, End.SIGNAL, SIGNALLED + task.fatal);
    } else if (kernel.settling != 0) {
      const task = firstOf(kernel.settling);
      kernel.settling &= ~only(task.index);
      settle(task);
    } else if (kernel.changed != 0) {
      serveKind(ctz(kernel.changed));
    } else if (kernel.starved != 0 && frameFree()) {
      // Without a frame it stays among them.
      const task = firstOf(kernel.starved);
      kernel.starved &= ~only(task.index);
      signalAct(task);
    } else if (kernel.polled != 0) {
      const task = firstOf(kernel.polled);
      kernel.polled &= ~only(task.index);
      pollServe(task);
    } else {
      kernel.todo = 0;
      return;
    }
  }
  panic(Panic.RESTLESS);
}

/** Of the tasks in a set the one that stood first: what they come back for is given in that order. */
function firstOf(tasks: u64): Task {
  let first = taskOf(lowest(tasks));
  for (let set = tasks & (tasks - 1); set != 0; set &= set - 1) {
    const task = taskOf(lowest(set));
    if (precedes(task, first)) first = task;
  }
  return first;
}

/** A wait that ended otherwise than by its object: its object says what becomes of it. */
function settle(task: Task): void {
  switch (<u32>task.call) {
    case Call.COND_WAIT:
      condSettle(task);
      break;
    case Call.PIPE_READ:
      pipeSettle(task);
      break;
    case Call.MAILBOX_SEND_SYNC:
      mailboxSettle(task);
      break;
    default:
      suspendSettle(task);
  }
  // What was sent meanwhile finds it ready, or waiting for its mutex.
  signalAct(task);
}

function serveKind(kind: u32): void {
  if (kind == 0) {
    takeChanged(0);
    memoryServe();
    return;
  }
  const pool = poolOf(kind);
  for (let set = takeChanged(kind); set != 0; set &= set - 1) {
    const slot = poolSlot(pool, ctz(set));
    if (slot == 0 || objectHandle(slot) == 0) continue;
    switch (kind) {
      case Kind.MUTEX:
        mutexServe(changetype<Mutex>(slot));
        break;
      case Kind.COND:
        condServe(changetype<Cond>(slot));
        break;
      case Kind.BARRIER:
        barrierServe(changetype<Barrier>(slot));
        break;
      case Kind.RWLOCK:
        rwlockServe(changetype<Rwlock>(slot));
        break;
      case Kind.PIPE:
        pipeServe(changetype<Pipe>(slot));
        break;
      case Kind.SOCKET:
        socketServe(changetype<Socket>(slot));
        break;
    }
  }
}

/** task_compute: uses up cycles; whatever is due in between is served at its cycle, and the rest goes on after it. */
export function compute(cycles: u32, legal: u32): i32 {
  const inHandler = kernel.depth > 0;
  if (absent() || kernel.context & ~(legal | REPEAT)) return leave(Call.TASK_COMPUTE, 0, cycles, Errno.EPERM);
  if (<i32>cycles < 0) return leave(Call.TASK_COMPUTE, 0, cycles, Errno.EINVAL);
  let left = cycles;
  if (kernel.context & REPEAT) {
    kernel.context &= ~REPEAT;
    left = inHandler ? runningLine().remaining : kernel.current.remaining;
  }
  while (left > 0) {
    const step = min(left, <u32>max(cpu.left, 1));
    left -= step;
    if (!charge(step)) continue;
    if (inHandler) runningLine().remaining = left;
    else kernel.current.remaining = left;
    return leave(Call.TASK_COMPUTE, 0, cycles, postponed());
  }
  return leave(Call.TASK_COMPUTE, 0, cycles, 0);
}
