/**
 * Condition variable. A waiter has released its mutex, recursion and all; whatever ends its wait moves it to the mutex's
 * queue, where it inherits like any waiter, and it returns owning the mutex. All waiters of one moment share one mutex.
 */
import { Call, Cause, Choice, Errno, Kind, Option } from "../abi/constants";
import { Cond, Mutex, Task } from "../abi/records";
import { CONDS } from "../config";
import { linked, none } from "../lib/list";
import { cpu, kernel } from "../state";
import { block, endWait, firstWaiter, Settle, wake, wakeAll } from "../wait";
import { reacquire, release } from "./mutex";
import { objectNew, objectsInit, slotAt } from "./object";

const table: usize = memory.data(CONDS * offsetof<Cond>(), 8);
const NO_MUTEX: Mutex = changetype<Mutex>(0);

export function condsInit(): void {
  objectsInit(Kind.COND, table, offsetof<Cond>(), CONDS);
}

export function condAt(handle: i32): Cond {
  return changetype<Cond>(slotAt(table, offsetof<Cond>(), CONDS, handle));
}

export function condCreate(name: usize): i32 {
  const slot = objectNew(Kind.COND, name);
  return slot < 0 ? slot : changetype<Cond>(slot).handle;
}

export function condWait(cond: Cond, mutex: Mutex, timeout: i32): i32 {
  const task = kernel.current;
  if (mutex.owner !== task) return Errno.EPERM;
  if (linked(cond) && cond.mutex !== mutex) return Errno.EINVAL;
  if (timeout == 0) return Errno.EAGAIN;
  cond.mutex = mutex;
  task.aside = <u32>changetype<usize>(mutex);
  task.pointer = mutex.handle;
  task.progress = mutex.count;
  task.outcome = 0;
  const answer = block(cond, timeout, Call.COND_WAIT, Settle.OBJECT);
  release(mutex);
  if (cpu.options & Option.ORACLE) kernel.spurious = task.index;
  return answer;
}

/** The wait in the condition is over, `task.outcome` is its result: now for the mutex. */
export function condSettle(task: Task): void {
  const mutex = changetype<Mutex>(task.aside);
  if (mutex.handle != task.pointer) wake(task, Errno.EIDRM, Cause.DELETED);
  else reacquire(mutex, task);
}

function wakeFirst(cond: Cond): void {
  endWait(firstWaiter(cond), 0, Cause.HANDOFF);
}

export function condSignal(cond: Cond): i32 {
  if (linked(cond)) wakeFirst(cond);
  return 0;
}

export function condBroadcast(cond: Cond): i32 {
  wakeAll(cond, 0, Cause.HANDOFF);
  return 0;
}

/** Whether this choice is asked for now: a task that just began to wait may wake for no reason. */
export function condChoice(): u32 {
  return kernel.spurious >= 0 ? Choice.SPURIOUS : 0;
}

/** A waiter left: with the last one the condition forgets its mutex. */
export function condServe(cond: Cond): void {
  if (!linked(cond)) cond.mutex = NO_MUTEX;
}

export function condEnd(cond: Cond): void {
  wakeAll(cond, Errno.EIDRM, Cause.DELETED);
}

/** Whether the mutex is the one that waiters of this condition will need. */
export function condUses(mutex: Mutex): bool {
  for (let i = 0; i < CONDS; i++) {
    const cond = changetype<Cond>(table + i * offsetof<Cond>());
    if (cond.handle != 0 && linked(cond) && cond.mutex === mutex) return true;
  }
  return false;
}

/** A condition's waiters whose mutex is being deleted have nothing to come back to: they get EIDRM at once. */
export function condMutexGone(mutex: Mutex): void {
  for (let i = 0; i < CONDS; i++) {
    const cond = changetype<Cond>(table + i * offsetof<Cond>());
    if (cond.handle == 0 || !linked(cond) || cond.mutex !== mutex) continue;
    while (linked(cond)) {
      const task = firstWaiter(cond);
      task.settle = Settle.PLAIN;
      endWait(task, Errno.EIDRM, Cause.DELETED);
    }
    cond.mutex = NO_MUTEX;
  }
}

/** A condition without waiters names no mutex. */
export function condHolds(cond: Cond): bool {
  return linked(cond) == !none(cond.mutex);
}
