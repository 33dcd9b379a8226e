// Generated from kernel/abi/table.ts by `npm run abi`. Do not edit.
/** The calls as the firmware imports them. Each answers 0 or more for success, or an error below 0. */

/** Makes a task that is ready to run and returns its handle. The stack is `stack_size` bytes at `stack`, or from the arena when `stack` is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_spawn")
export declare function task_spawn(parameters: usize): i32;

/** Ends the calling task. Everything it held is released in a fixed order and everyone who waits on it is told. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_exit")
export declare function task_exit(status: i32): i32;

/** Waits until the task has ended and stores its exit status; the first joiner gets it. Errors: ECHILD EDEADLK EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_join")
export declare function task_join(task: i32, status: usize, timeout: i32): i32;

/** Nobody will join the task: it leaves no zombie. Joiners that wait already are still served. Errors: ECHILD. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_detach")
export declare function task_detach(task: i32): i32;

/** Ends a task, in whatever state it is, with status -1. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_terminate")
export declare function task_terminate(task: i32): i32;

/** The handle of the calling task. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_self")
export declare function task_self(): i32;

/** Lets the ready tasks of the same priority run first. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_yield")
export declare function task_yield(): i32;

/** Waits n ticks: until the start of tick now + n. 0 returns at once. Errors: EINVAL EINTR ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_sleep")
export declare function task_sleep(ticks: u32): i32;

/** Waits for the start of a tick. Returns 0, or 1 at once when that tick is past. Errors: EINTR ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_sleep_until")
export declare function task_sleep_until(tick: u32): i32;

/** Keeps the task from running until task_resume. What it waits for goes on. Suspending twice is suspending once. Errors: EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_suspend")
export declare function task_suspend(task: i32): i32;

/** Lets a suspended task run again. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_resume")
export declare function task_resume(task: i32): i32;

/** Changes the base priority (0..63, 63 is the most urgent) and returns the old one. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_priority")
export declare function task_priority(task: i32, priority: i32): i32;

/** Changes the time slice (0 = none, at most 65535) from its next refill on and returns the old one. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_slice")
export declare function task_slice(task: i32, ticks: i32): i32;

/** Changes the preemption threshold: only tasks above it preempt this one. Returns the old one. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_threshold")
export declare function task_threshold(task: i32, threshold: i32): i32;

/** Uses the CPU for a number of cycles; interrupts, ticks and more urgent tasks cut it anywhere. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_compute")
export declare function task_compute(cycles: u32): i32;

/** Makes the wait of a task return ECANCELED. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "wait_abort")
export declare function wait_abort(task: i32): i32;

/** No other task runs until as many unlocks. Returns the depth. Interrupts and ticks go on. Errors: EOVERFLOW. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "scheduler_lock")
export declare function scheduler_lock(): i32;

/** Undoes one lock and returns the depth; at 0 a more urgent task runs. Errors: EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "scheduler_unlock")
export declare function scheduler_unlock(): i32;

/** Delays interrupts, ticks and switches until as many unlocks. Returns the depth. Errors: EOVERFLOW. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "interrupt_lock")
export declare function interrupt_lock(): i32;

/** Undoes one lock and returns the depth; at 0 what came meanwhile is served. Errors: EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "interrupt_unlock")
export declare function interrupt_unlock(): i32;

/** The handler `entry` serves the line from now on. Priority 0..255, 255 is the most urgent; a more urgent line interrupts a handler. Errors: EINVAL EBUSY. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "irq_attach")
export declare function irq_attach(line: i32, entry: u32, priority: i32): i32;

/** Nobody serves the line; what is pending on it is forgotten. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "irq_detach")
export declare function irq_detach(line: i32): i32;

/** Makes the line pending. Raised twice before its handler starts is raised once. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "irq_raise")
export declare function irq_raise(line: i32): i32;

/** The handle of the object of this kind and name, opened for the caller to READ, WRITE or both; mode 0 where nothing is to be opened: tasks, synchronisation objects, timers. Errors: ENOENT EINVAL ENAMETOOLONG EFAULT EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "object_open")
export declare function object_open(kind: i32, name: usize, mode: i32): i32;

/** The caller no longer reads, writes, or either. The last close of an unnamed or unlinked object ends it. Errors: EBADF EINVAL EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "object_close")
export declare function object_close(object: i32, mode: i32): i32;

/** Whoever has the object open, in any direction, opens it for another task. Errors: EBADF EINVAL EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "object_grant")
export declare function object_grant(object: i32, task: i32, mode: i32): i32;

/** Takes the object's name away at once; the object goes at its last close. Errors: EBADF EINVAL EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "object_unlink")
export declare function object_unlink(object: i32): i32;

/** Ends the object at once: waiters get EIDRM, later calls EBADF. Errors: EBADF EINVAL EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "object_delete")
export declare function object_delete(object: i32): i32;

/** Stores one fact about the object (Info) as 64 bits; of the system where `object` is 0: RAM, RAM_FREE, RAM_LARGEST, IDLE, DATA_END. Errors: EBADF EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "object_info")
export declare function object_info(object: i32, field: i32, out: usize): i32;

/** The handle of the first live object of this kind behind `previous` (0 = from the start), 0 at the end. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "object_enumerate")
export declare function object_enumerate(kind: i32, previous: i32): i32;

/** A counting semaphore. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "sem_create")
export declare function sem_create(name: usize, initial: i32, maximum: i32): i32;

/** Takes one unit, waits for it if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "sem_take")
export declare function sem_take(sem: i32, timeout: i32): i32;

/** Hands one unit to the first waiter, or counts it. Errors: EOVERFLOW. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "sem_give")
export declare function sem_give(sem: i32): i32;

/** Waiters get ECANCELED, then the count is set. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "sem_reset")
export declare function sem_reset(sem: i32, count: i32): i32;

/** A mutex with priority inheritance; MutexFlag: RECURSIVE, ROBUST, CEILING (raises the owner to `ceiling` at once), PLAIN (no inheritance), CHECKED (a lock that could never be had is EDEADLK). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "mutex_create")
export declare function mutex_create(name: usize, flags: i32, ceiling: i32): i32;

/** Locks the mutex, waits for it if another task owns it. EOWNERDEAD: locked, and what it protects may be half done. Errors: EAGAIN ETIMEDOUT EIDRM ECANCELED EDEADLK EINVAL EOVERFLOW EOWNERDEAD ENOTRECOVERABLE. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "mutex_lock")
export declare function mutex_lock(mutex: i32, timeout: i32): i32;

/** Undoes one lock; the last hands the mutex to the first waiter. Errors: EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "mutex_unlock")
export declare function mutex_unlock(mutex: i32): i32;

/** After EOWNERDEAD: what the mutex protects is whole again. Errors: EPERM EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "mutex_consistent")
export declare function mutex_consistent(mutex: i32): i32;

/** A condition variable. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "cond_create")
export declare function cond_create(name: usize): i32;

/** Releases the mutex and waits in one step; owns the mutex again when it returns, with whatever result. May wake for no reason. Errors: EPERM EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EOWNERDEAD ENOTRECOVERABLE. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "cond_wait")
export declare function cond_wait(cond: i32, mutex: i32, timeout: i32): i32;

/** Wakes the first waiter; without one it is lost. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "cond_signal")
export declare function cond_signal(cond: i32): i32;

/** Wakes every waiter, in order. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "cond_broadcast")
export declare function cond_broadcast(cond: i32): i32;

/** 31 event flags (bits 0..30). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "event_create")
export declare function event_create(name: usize, bits: i32): i32;

/** Waits for ANY or ALL of the bits and returns the flags as they were then; CLEAR takes the bits waited for. Errors: EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "event_wait")
export declare function event_wait(event: i32, bits: i32, how: i32, timeout: i32): i32;

/** Sets bits; every waiter is tested against the same flags, then what the satisfied ones clear is cleared. Returns the flags left. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "event_set")
export declare function event_set(event: i32, bits: i32): i32;

/** Clears bits and returns the flags as they were before. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "event_clear")
export declare function event_clear(event: i32, bits: i32): i32;

/** A barrier for `count` tasks. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "barrier_create")
export declare function barrier_create(name: usize, count: i32): i32;

/** Waits until `count` tasks are here. Returns 1 to the last arrival, 0 to the others. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "barrier_wait")
export declare function barrier_wait(barrier: i32, timeout: i32): i32;

/** A lock for many readers or one writer. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "rwlock_create")
export declare function rwlock_create(name: usize): i32;

/** Locks for reading; a waiting writer that is at least as urgent goes first. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "rwlock_read")
export declare function rwlock_read(rwlock: i32, timeout: i32): i32;

/** Locks for writing. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "rwlock_write")
export declare function rwlock_write(rwlock: i32, timeout: i32): i32;

/** Gives up the caller's read or write lock. Errors: EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "rwlock_unlock")
export declare function rwlock_unlock(rwlock: i32): i32;

/** A stopped timer. At each expiry: CALLBACK runs entry `target` with argument `value` in the timer service, SEM_GIVE gives `target`, EVENT_SET sets the bits `value` of `target`. Errors: EINVAL EBADF ESRCH ENAMETOOLONG EEXIST ENFILE EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "timer_create")
export declare function timer_create(name: usize, action: i32, target: i32, value: i32): i32;

/** First expiry after `first` ticks (at least 1), then every `period` ticks; period 0: once. A running timer starts anew. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "timer_start")
export declare function timer_start(timer: i32, first: i32, period: i32): i32;

/** The timer does not expire any more; a callback that has not begun is withdrawn. Returns 1 if it was running, else 0. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "timer_stop")
export declare function timer_stop(timer: i32): i32;

/** Expiries since the last query. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "timer_count")
export declare function timer_count(timer: i32): i32;

/** Expiries since the last query whose callback found the one before not begun. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "timer_overruns")
export declare function timer_overruns(timer: i32): i32;

/** For the timer service: ends the callback that ran, waits for the next and stores it. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EBUSY. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "timer_service")
export declare function timer_service(out: usize, timeout: i32): i32;

/** A byte stream of fixed capacity (0 = rendezvous), opened for the creator by `mode`. Its buffer is at `storage`, or from the arena when that is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "pipe_create")
export declare function pipe_create(name: usize, capacity: i32, mode: i32, storage: u32): i32;

/** Takes what is there, at most the length; waits for a first byte. 0: no writer is left and the pipe is drained. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EDEADLK EPERM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "pipe_read")
export declare function pipe_read(pipe: i32, buffer: usize, length: i32, timeout: i32): i32;

/** Puts bytes in. Up to 64 (or the capacity) go in whole or not at all; more go in pieces as room appears. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE EDEADLK EPERM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "pipe_write")
export declare function pipe_write(pipe: i32, buffer: usize, length: i32, timeout: i32): i32;

/** Forgets the bytes; blocked callers get ECANCELED. Errors: EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "pipe_reset")
export declare function pipe_reset(pipe: i32): i32;

/** A blocked reader wakes only when this many bytes are there (1..capacity). Returns the old level. Errors: EINVAL EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "pipe_trigger")
export declare function pipe_trigger(pipe: i32, level: i32): i32;

/** Sends a signal (1..31) to a task, or with task 0 to every child of the caller. Signal 0 only tells whether the task exists. Errors: ESRCH EINVAL EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "signal_send")
export declare function signal_send(task: i32, signal: i32): i32;

/** Says what the signal does to the caller: the default, nothing, or a handler; stores what it did before. Errors: EINVAL EFAULT ENFILE. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "signal_action")
export declare function signal_action(signal: i32, action: usize, old: usize): i32;

/** Masks signals (MaskHow): they stay pending. What gets unmasked is delivered before the call returns. Errors: EINVAL EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "signal_mask")
export declare function signal_mask(how: i32, set: u32, old: usize): i32;

/** Takes the lowest pending signal of the set, waits for one if there is none, and returns its number; no handler runs for it. Errors: EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "signal_wait")
export declare function signal_wait(set: u32, origin: usize, timeout: i32): i32;

/** Waits with this mask until a handler has run, then the old mask is back. Returns EINTR. Errors: EINTR ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "signal_suspend")
export declare function signal_suspend(mask: u32): i32;

/** Stores the set of signals that are pending for the caller. Errors: EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "signal_pending")
export declare function signal_pending(set: usize): i32;

/** SIGALRM after so many ticks (0 = none) instead of the alarm before; returns the ticks that were left of that one. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "task_alarm")
export declare function task_alarm(ticks: u32): i32;

/** Sets thread flags (bits 0..30) of the task and returns its flags; a task that waits for them wakes. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "flags_set")
export declare function flags_set(task: i32, bits: i32): i32;

/** Clears thread flags of the task and returns them as they were before. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "flags_clear")
export declare function flags_clear(task: i32, bits: i32): i32;

/** Waits for ANY or ALL of its own thread flags and returns them as they were then; CLEAR takes the bits waited for. Errors: EINVAL EAGAIN ETIMEDOUT EINTR ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "flags_wait")
export declare function flags_wait(bits: i32, how: i32, timeout: i32): i32;

/** Writes the task's notification value: OVERWRITE, KEEP (EAGAIN while one is unread), INCREMENT by the value. Errors: EINVAL EAGAIN. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "notify_send")
export declare function notify_send(task: i32, how: i32, value: u32): i32;

/** Waits for its notification, stores the value and sets it to 0. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "notify_wait")
export declare function notify_wait(value: usize, timeout: i32): i32;

/** A queue of at most `count` messages of at most `size` bytes (Discipline), opened for the creator by `mode`. Storage: 2 * count rounded up to 8, and count * (8 + size rounded up to 4) bytes. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "queue_create")
export declare function queue_create(name: usize, count: i32, size: i32, discipline: i32, mode: i32, storage: u32): i32;

/** Copies a message in, waits while the queue is full. `how`: the priority (0..255), plus FRONT for ahead of its equals. Errors: EMSGSIZE EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "queue_send")
export declare function queue_send(queue: i32, message: usize, length: i32, how: i32, timeout: i32): i32;

/** Copies the first message out and returns its length, waits while the queue is empty. A buffer too small leaves the message. Errors: EMSGSIZE EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "queue_receive")
export declare function queue_receive(queue: i32, buffer: usize, length: i32, priority: usize, timeout: i32): i32;

/** The same, and the message stays. Errors: EMSGSIZE EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "queue_peek")
export declare function queue_peek(queue: i32, buffer: usize, length: i32, priority: usize, timeout: i32): i32;

/** Replaces the message of a queue of one, or puts it in; never waits. Errors: EINVAL EMSGSIZE EPERM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "queue_overwrite")
export declare function queue_overwrite(queue: i32, message: usize, length: i32): i32;

/** Drops the messages; blocked senders get ECANCELED, receivers wait on. Errors: EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "queue_reset")
export declare function queue_reset(queue: i32): i32;

/** Sends the caller this signal, once, when a message comes into the empty queue and nobody waits for it; 0 withdraws. Errors: EINVAL EBUSY EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "queue_notify")
export declare function queue_notify(queue: i32, signal: i32): i32;

/** A pool of `count` blocks of `size` bytes (rounded up to 8), at `storage` or from the arena. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "pool_create")
export declare function pool_create(name: usize, count: i32, size: i32, storage: u32): i32;

/** The address of a free block, which is the caller's from now on; waits for one if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "pool_alloc")
export declare function pool_alloc(pool: i32, timeout: i32): i32;

/** Gives the block back to its pool, or to the first task that waits for one. A broadcast block is free when its last holder freed it. Errors: EINVAL EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "pool_free")
export declare function pool_free(block: u32): i32;

/** The address of RAM of the caller's own (8-aligned), from the arena; waits for it if there is not enough. It goes back when the task ends. Errors: EINVAL EAGAIN ETIMEDOUT EINTR ECANCELED ENOMEM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "memory_alloc")
export declare function memory_alloc(bytes: i32, timeout: i32): i32;

/** Gives it back; who waits for RAM gets it in order. Errors: EINVAL EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "memory_free")
export declare function memory_free(address: u32): i32;

/** A mailbox, opened for the creator to send (WRITE) or to receive (READ), not both. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "mailbox_create")
export declare function mailbox_create(name: usize, mode: i32): i32;

/** The block goes to the destination (a task, 0 = whoever receives first) and is no longer the caller's. No byte is copied. Errors: ESRCH EINVAL EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "mailbox_send")
export declare function mailbox_send(mailbox: i32, destination: i32, block: u32): i32;

/** The same, and returns when the receiver has freed or forwarded the block. The timeout is for its being taken. Errors: ESRCH EINVAL EPERM EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EOWNERDEAD. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "mailbox_send_sync")
export declare function mailbox_send_sync(mailbox: i32, destination: i32, block: u32, timeout: i32): i32;

/** Every task that has the mailbox open to receive gets the same block, read-only. Returns how many; 0: the caller keeps it. Errors: EINVAL EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "mailbox_broadcast")
export declare function mailbox_broadcast(mailbox: i32, block: u32): i32;

/** The address of the first block from the source (a task, 0 = anyone) for the caller, waits for one if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE ESRCH EPERM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "mailbox_receive")
export declare function mailbox_receive(mailbox: i32, source: i32, letter: usize, timeout: i32): i32;

/** Sends the caller this signal at every arrival for it that it does not wait for; 0 = none. Errors: EINVAL EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "mailbox_notify")
export declare function mailbox_notify(mailbox: i32, signal: i32): i32;

/** A shared region, zeroed, attached for the creator by `mode`: READ, or WRITE, which includes it. Its memory is at `storage` (8-aligned), or from the arena when that is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "region_create")
export declare function region_create(name: usize, bytes: i32, mode: i32, storage: u32): i32;

/** Where the region is: the same address for every task that has it attached. Errors: EPERM. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "region_address")
export declare function region_address(region: i32): i32;

/** Waits for word_wake of this word if it holds the expected value, in one step; else EAGAIN at once. Errors: EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "word_wait")
export declare function word_wait(address: u32, expected: u32, timeout: i32): i32;

/** Wakes at most `count` of the tasks that wait for this word; returns how many. Errors: EINVAL EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "word_wake")
export declare function word_wake(address: u32, count: i32): i32;

/** Adds to the word in one step and stores what it was. Errors: EINVAL EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "word_add")
export declare function word_add(address: u32, value: u32, old: usize): i32;

/** Sets the word in one step and stores what it was. Errors: EINVAL EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "word_exchange")
export declare function word_exchange(address: u32, value: u32, old: usize): i32;

/** Sets the word if it holds the expected value, in one step, and stores what it was. Returns 1 if it was set, else 0. Errors: EINVAL EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "word_compare_exchange")
export declare function word_compare_exchange(address: u32, expected: u32, value: u32, old: usize): i32;

/** Waits until at least one of up to 64 items (PollItem) is ready, marks which, and returns how many. Nothing is acquired. Errors: EBADF EPERM EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "object_poll")
export declare function object_poll(items: usize, count: i32, timeout: i32): i32;

/** An endpoint (SocketType), opened for the creator by `mode`. Its two buffers, of `receive` and `transmit` bytes, are at `storage`, or come from the arena when that is 0: a stream's when it is connected. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "socket_create")
export declare function socket_create(name: usize, type: i32, receive: i32, transmit: i32, mode: i32, storage: u32): i32;

/** Gives the socket its own address (0 = all of this machine's) and port (0 = the next free one of the machine's range). Returns the port. Errors: EPERM EINVAL EADDRINUSE EADDRNOTAVAIL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "socket_bind")
export declare function socket_bind(socket: i32, address: u32, port: i32): i32;

/** Streams may connect to the bound socket; so many wait to be accepted (1..32), the next is refused. Errors: EPERM EINVAL EOPNOTSUPP EISCONN. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "socket_listen")
export declare function socket_listen(socket: i32, backlog: i32): i32;

/** The oldest waiting connection as a socket of its own, opened for the caller both ways; stores the other end's address. Waits for one if there is none. Errors: EPERM EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "socket_accept")
export declare function socket_accept(socket: i32, peer: usize, timeout: i32): i32;

/** Connects a stream and waits until that is done; timeout 0 only begins it. A timeout or a signal ends the wait, not the attempt. An unbound socket gets a port, and keeps it whatever comes of the attempt. A datagram socket gets the one end that it talks to from now on. Errors: EPERM EINVAL EISCONN EALREADY EINPROGRESS ECONNREFUSED ENETUNREACH EADDRNOTAVAIL ENOMEM ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "socket_connect")
export declare function socket_connect(socket: i32, address: u32, port: i32, timeout: i32): i32;

/** Stream: puts bytes in as the other end makes room, and returns how many. Datagram: one message to `to`, or to the connected end. Errors: EPERM EFAULT ENOTCONN EISCONN EMSGSIZE EPIPE ECONNRESET ECONNREFUSED ENETUNREACH EADDRNOTAVAIL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "socket_send")
export declare function socket_send(socket: i32, buffer: usize, length: i32, to: usize, timeout: i32): i32;

/** Stream: takes what is there, waits for a first byte; 0: the other end sends no more. Datagram: takes one; what does not fit is cut off, `from` tells who sent it and how long it was. Errors: EPERM EFAULT ENOTCONN ECONNRESET ECONNREFUSED EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "socket_receive")
export declare function socket_receive(socket: i32, buffer: usize, length: i32, from: usize, timeout: i32): i32;

/** Ends a direction of a connection for everybody here (Mode): WRITE: the other end reads what was sent, then 0; READ: later receives answer 0. Errors: EPERM EINVAL EOPNOTSUPP ENOTCONN. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "socket_shutdown")
export declare function socket_shutdown(socket: i32, how: i32): i32;

/** Stores the 32-bit value of a register. Errors: EINVAL EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "device_read")
export declare function device_read(device: i32, register: i32, out: usize): i32;

/** Writes a register. Errors: EINVAL. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "device_write")
export declare function device_write(device: i32, register: i32, value: u32): i32;

/** Any 32-bit word, of the run's own chance. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "random")
export declare function random(): u32;

/** Copies the index-th word of the command line, cut at the length, and returns how many bytes. Errors: ENOENT EFAULT. */
// @ts-ignore: a decorator of AssemblyScript
@external("talea", "argument")
export declare function argument(index: i32, buffer: usize, length: i32): i32;
