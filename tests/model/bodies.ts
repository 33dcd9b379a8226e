/** Which code is each call's. */
import type { CallName } from "./abi.js";
import { E } from "./abi.js";
import * as block from "./block.js";
import { info } from "./info.js";
import * as life from "./life.js";
import type { Model } from "./model.js";
import * as pipe from "./pipe.js";
import { poll } from "./poll.js";
import * as queue from "./queue.js";
import * as region from "./region.js";
import * as signal from "./signal.js";
import * as socket from "./socket.js";
import * as sync from "./sync.js";
import { Task } from "./task.js";
import type { Thing } from "./thing.js";
import * as timer from "./timer.js";

type Body = (m: Model, args: number[]) => number;

function lockScheduler(m: Model): number {
  return ++(m.current as Task).schedulerLocks;
}

function unlockScheduler(m: Model): number {
  const task = m.current as Task;
  return task.schedulerLocks === 0 ? E.EPERM : --task.schedulerLocks;
}

function lockInterrupts(m: Model): number {
  return ++(m.current as Task).interruptLocks;
}

function unlockInterrupts(m: Model): number {
  const task = m.current as Task;
  return task.interruptLocks === 0 ? E.EPERM : --task.interruptLocks;
}

function attach(m: Model, [index = 0, entry = 0, priority = 0]: number[]): number {
  const line = m.lines[index];
  if (!line || priority < 0 || priority > 255) return E.EINVAL;
  if (line.attached) return E.EBUSY;
  Object.assign(line, { attached: true, entry, priority });
  return 0;
}

function detach(m: Model, [index = 0]: number[]): number {
  const line = m.lines[index];
  if (!line?.attached) return E.EINVAL;
  line.attached = false;
  m.pending &= ~(1 << index);
  return 0;
}

function raise(m: Model, [index = 0]: number[]): number {
  if (!m.lines[index]) return E.EINVAL;
  m.raise(index);
  return 0;
}

export const bodies: Record<CallName, Body> = {
  task_spawn: life.spawn,
  task_exit: life.exit,
  task_join: life.join,
  task_detach: life.detach,
  task_terminate: life.terminate,
  task_self: (m) => (m.current as Task).handle,
  task_yield: life.yieldCpu,
  task_sleep: life.sleep,
  task_sleep_until: life.sleepUntil,
  task_suspend: life.suspend,
  task_resume: life.resume,
  task_priority: life.priority,
  task_slice: life.slice,
  task_threshold: life.threshold,
  task_compute: () => 0,
  wait_abort: life.abort,
  scheduler_lock: lockScheduler,
  scheduler_unlock: unlockScheduler,
  interrupt_lock: lockInterrupts,
  interrupt_unlock: unlockInterrupts,
  irq_attach: attach,
  irq_detach: detach,
  irq_raise: raise,
  object_open: life.open,
  object_close: life.close,
  object_grant: life.grant,
  object_unlink: life.unlink,
  object_delete: life.remove,
  object_info: info,
  object_enumerate: life.enumerate,
  sem_create: sync.semCreate,
  sem_take: sync.semTake,
  sem_give: sync.semGive,
  sem_reset: sync.semReset,
  mutex_create: sync.mutexCreate,
  mutex_lock: sync.mutexLock,
  mutex_unlock: sync.mutexUnlock,
  mutex_consistent: sync.mutexConsistent,
  cond_create: sync.condCreate,
  cond_wait: sync.condWait,
  cond_signal: sync.condSignal,
  cond_broadcast: sync.condBroadcast,
  event_create: sync.eventCreate,
  event_wait: sync.eventWait,
  event_set: sync.eventSet,
  event_clear: sync.eventClear,
  barrier_create: sync.barrierCreate,
  barrier_wait: sync.barrierWait,
  rwlock_create: sync.rwlockCreate,
  rwlock_read: (m, args) => sync.rwlockLock(m, args, "read"),
  rwlock_write: (m, args) => sync.rwlockLock(m, args, "write"),
  rwlock_unlock: sync.rwlockUnlock,
  timer_create: timer.timerCreate,
  timer_start: timer.timerStart,
  timer_stop: timer.timerStop,
  timer_count: timer.timerCount,
  timer_overruns: timer.timerOverruns,
  timer_service: timer.timerService,
  pipe_create: pipe.pipeCreate,
  pipe_read: pipe.pipeRead,
  pipe_write: pipe.pipeWrite,
  pipe_reset: pipe.pipeReset,
  pipe_trigger: pipe.pipeTrigger,
  signal_send: signal.signalSend,
  signal_action: signal.signalAction,
  signal_mask: signal.signalMask,
  signal_wait: signal.signalWait,
  signal_suspend: signal.signalSuspend,
  signal_pending: signal.signalPending,
  task_alarm: signal.alarm,
  flags_set: signal.flagsSet,
  flags_clear: signal.flagsClear,
  flags_wait: signal.flagsWait,
  notify_send: signal.notifySend,
  notify_wait: signal.notifyWait,
  queue_create: queue.queueCreate,
  queue_send: queue.queueSend,
  queue_receive: (m, args) => queue.queueReceive(m, args, "queue_receive"),
  queue_peek: (m, args) => queue.queueReceive(m, args, "queue_peek"),
  queue_overwrite: queue.queueOverwrite,
  queue_reset: queue.queueReset,
  queue_notify: queue.queueNotify,
  pool_create: block.poolCreate,
  pool_alloc: block.poolAlloc,
  pool_free: block.poolFree,
  memory_alloc: region.memoryAlloc,
  memory_free: region.memoryFree,
  mailbox_create: block.mailboxCreate,
  mailbox_send: block.mailboxSend,
  mailbox_send_sync: block.mailboxSendSync,
  mailbox_broadcast: block.mailboxBroadcast,
  mailbox_receive: block.mailboxReceive,
  mailbox_notify: block.mailboxNotify,
  region_create: region.regionCreate,
  region_address: region.regionAddress,
  word_wait: region.wordWait,
  word_wake: region.wordWake,
  word_add: region.wordAdd,
  word_exchange: region.wordExchange,
  word_compare_exchange: region.wordCompareExchange,
  object_poll: poll,
  socket_create: socket.socketCreate,
  socket_bind: socket.socketBind,
  socket_listen: socket.socketListen,
  socket_accept: socket.socketAccept,
  socket_connect: socket.socketConnect,
  socket_send: socket.socketSend,
  socket_receive: socket.socketReceive,
  socket_shutdown: socket.socketShutdown,
};

/** A wait that somebody else than its object ended: the object says what comes of it. */
export function settleWait(m: Model, task: Task): void {
  switch (task.wait?.call) {
    case "cond_wait":
      sync.condSettle(m, task);
      break;
    case "pipe_read":
      pipe.pipeSettle(m, task);
      break;
    case "mailbox_send_sync":
      block.mailboxSettle(m, task);
      break;
    case "signal_suspend":
      signal.suspendSettle(m, task);
      break;
  }
}

/** A queue's head changed, or a waiter left: its object serves it again. */
export function serve(m: Model, thing: Thing | Task | undefined): void {
  if (thing === undefined) region.memoryServe(m);
  if (thing === undefined || thing instanceof Task || thing.gone) return;
  switch (thing.kind) {
    case "MUTEX":
      m.inherit();
      break;
    case "RWLOCK":
      sync.rwlockServe(m, thing as sync.Rwlock);
      break;
    case "PIPE":
      pipe.pipeServe(m, thing as pipe.Pipe);
      break;
    case "SOCKET":
      socket.socketServe(m, thing as socket.Socket);
      break;
  }
}
