/* Generated from kernel/abi/table.ts by `npm run abi`. Do not edit. */
#ifndef TALEA_H
#define TALEA_H
#include <stdint.h>

#if defined(__wasm__)
#define TALEA_CALL(name) __attribute__((import_module("talea"), import_name(#name)))
#else
#define TALEA_CALL(name) extern
#endif

#define TALEA_EPERM (-1)
#define TALEA_ENOENT (-2)
#define TALEA_ESRCH (-3)
#define TALEA_EINTR (-4)
#define TALEA_EBADF (-9)
#define TALEA_ECHILD (-10)
#define TALEA_EAGAIN (-11)
#define TALEA_ENOMEM (-12)
#define TALEA_EFAULT (-14)
#define TALEA_EBUSY (-16)
#define TALEA_EEXIST (-17)
#define TALEA_EINVAL (-22)
#define TALEA_ENFILE (-23)
#define TALEA_EPIPE (-32)
#define TALEA_EDEADLK (-35)
#define TALEA_ENAMETOOLONG (-36)
#define TALEA_EIDRM (-43)
#define TALEA_EOVERFLOW (-75)
#define TALEA_EMSGSIZE (-90)
#define TALEA_EOPNOTSUPP (-95)
#define TALEA_EADDRINUSE (-98)
#define TALEA_EADDRNOTAVAIL (-99)
#define TALEA_ENETUNREACH (-101)
#define TALEA_ECONNRESET (-104)
#define TALEA_EISCONN (-106)
#define TALEA_ENOTCONN (-107)
#define TALEA_ETIMEDOUT (-110)
#define TALEA_ECONNREFUSED (-111)
#define TALEA_EALREADY (-114)
#define TALEA_EINPROGRESS (-115)
#define TALEA_ECANCELED (-125)
#define TALEA_EOWNERDEAD (-130)
#define TALEA_ENOTRECOVERABLE (-131)
#define TALEA_KIND_TASK 1
#define TALEA_KIND_SEM 2
#define TALEA_KIND_MUTEX 3
#define TALEA_KIND_COND 4
#define TALEA_KIND_EVENT 5
#define TALEA_KIND_BARRIER 6
#define TALEA_KIND_RWLOCK 7
#define TALEA_KIND_TIMER 8
#define TALEA_KIND_PIPE 9
#define TALEA_KIND_QUEUE 10
#define TALEA_KIND_MAILBOX 11
#define TALEA_KIND_REGION 12
#define TALEA_KIND_POOL 13
#define TALEA_KIND_SOCKET 14
#define TALEA_KIND_LINE 15
#define TALEA_SIGHUP 1
#define TALEA_SIGINT 2
#define TALEA_SIGQUIT 3
#define TALEA_SIGILL 4
#define TALEA_SIGTRAP 5
#define TALEA_SIGABRT 6
#define TALEA_SIGBUS 7
#define TALEA_SIGFPE 8
#define TALEA_SIGKILL 9
#define TALEA_SIGUSR1 10
#define TALEA_SIGSEGV 11
#define TALEA_SIGUSR2 12
#define TALEA_SIGPIPE 13
#define TALEA_SIGALRM 14
#define TALEA_SIGTERM 15
#define TALEA_SIGSTKFLT 16
#define TALEA_SIGCHLD 17
#define TALEA_SIGCONT 18
#define TALEA_SIGSTOP 19
#define TALEA_SIGTSTP 20
#define TALEA_SIGTTIN 21
#define TALEA_SIGTTOU 22
#define TALEA_SIGURG 23
#define TALEA_SIGXCPU 24
#define TALEA_SIGXFSZ 25
#define TALEA_SIGVTALRM 26
#define TALEA_SIGPROF 27
#define TALEA_SIGWINCH 28
#define TALEA_SIGIO 29
#define TALEA_SIGPWR 30
#define TALEA_SIGSYS 31
#define TALEA_STATE_FREE 0
#define TALEA_STATE_ZOMBIE 1
#define TALEA_STATE_BLOCKED 2
#define TALEA_STATE_READY 3
#define TALEA_STATE_RUNNING 4
#define TALEA_HELD_SUSPENDED 1
#define TALEA_HELD_STOPPED 2
#define TALEA_MODE_READ 1
#define TALEA_MODE_WRITE 2
#define TALEA_MODE_PUBLIC_READ 4
#define TALEA_MODE_PUBLIC_WRITE 8
#define TALEA_MODE_PUBLIC 12
#define TALEA_TASK_FLAG_DETACHED 1
#define TALEA_TASK_FLAG_DAEMON 2
#define TALEA_MUTEX_FLAG_RECURSIVE 1
#define TALEA_MUTEX_FLAG_ROBUST 2
#define TALEA_MUTEX_FLAG_CEILING 4
#define TALEA_MUTEX_FLAG_PLAIN 8
#define TALEA_MUTEX_FLAG_CHECKED 16
#define TALEA_EVENT_WAIT_ANY 0
#define TALEA_EVENT_WAIT_ALL 1
#define TALEA_EVENT_WAIT_CLEAR 2
#define TALEA_ACTION_CALLBACK 0
#define TALEA_ACTION_SEM_GIVE 1
#define TALEA_ACTION_EVENT_SET 2
#define TALEA_ACTION_SIGNAL 3
#define TALEA_ACTION_FLAGS_SET 4
#define TALEA_DISPOSITION_DEFAULT 0
#define TALEA_DISPOSITION_IGNORE 1
#define TALEA_DISPOSITION_HANDLER 2
#define TALEA_SIG_FLAG_NOCLDSTOP 1
#define TALEA_SIG_FLAG_NOCLDWAIT 2
#define TALEA_SIG_FLAG_NODEFER 4
#define TALEA_SIG_FLAG_RESETHAND 8
#define TALEA_SIG_FLAG_RESTART 16
#define TALEA_MASK_HOW_BLOCK 0
#define TALEA_MASK_HOW_UNBLOCK 1
#define TALEA_MASK_HOW_SET 2
#define TALEA_NOTIFY_OVERWRITE 0
#define TALEA_NOTIFY_KEEP 1
#define TALEA_NOTIFY_INCREMENT 2
#define TALEA_DISCIPLINE_FIFO 0
#define TALEA_DISCIPLINE_LIFO 1
#define TALEA_DISCIPLINE_PRIORITY 2
#define TALEA_SEND_HOW_FRONT 256
#define TALEA_POLL_READ 1
#define TALEA_POLL_WRITE 2
#define TALEA_POLL_SIGNAL 4
#define TALEA_POLL_FLAGS 8
#define TALEA_POLL_NOTE 16
#define TALEA_POLL_CLOSED 32
#define TALEA_ORDER_IDLE 0
#define TALEA_ORDER_RESUME 1
#define TALEA_ORDER_START 2
#define TALEA_ORDER_SIGNAL 3
#define TALEA_ORDER_INTERRUPT 4
#define TALEA_ORDER_DEVICE 5
#define TALEA_ORDER_CHOOSE 6
#define TALEA_ORDER_PACKET 7
#define TALEA_SOCKET_TYPE_STREAM 1
#define TALEA_SOCKET_TYPE_DATAGRAM 2
#define TALEA_CONNECTION_NONE 0
#define TALEA_CONNECTION_LISTENING 1
#define TALEA_CONNECTION_CONNECTING 2
#define TALEA_CONNECTION_ARRIVING 3
#define TALEA_CONNECTION_CONNECTED 4
#define TALEA_CONNECTION_LOST 5
#define TALEA_PACKET_FLAG_SYN 1
#define TALEA_PACKET_FLAG_ACK 2
#define TALEA_PACKET_FLAG_FIN 4
#define TALEA_PACKET_FLAG_RST 8
#define TALEA_PACKET_FLAG_STOP 16
#define TALEA_PACKET_FLAG_PROBE 32
#define TALEA_PACKET_FLAG_REFUSED 64
#define TALEA_PACKET_FLAG_UNREACHABLE 128
#define TALEA_PACKET_FLAG_DATAGRAM 256
#define TALEA_CHOICE_SLICE 1
#define TALEA_CHOICE_ORDER 2
#define TALEA_CHOICE_SPURIOUS 3
#define TALEA_OPTION_TRACE 1
#define TALEA_OPTION_HASH 2
#define TALEA_OPTION_ORACLE 4
#define TALEA_PLACE_WORD 254
#define TALEA_PLACE_RAM 255
#define TALEA_OWNER_NOBODY 0
#define TALEA_OWNER_KERNEL 1
#define TALEA_OWNER_SYSTEM 2
#define TALEA_OWNER_TASKS 3
#define TALEA_BLOCK_STATE_NONE 0
#define TALEA_BLOCK_STATE_FREE 1
#define TALEA_BLOCK_STATE_OWNED 2
#define TALEA_BLOCK_STATE_LETTER 3
#define TALEA_BLOCK_STATE_BROADCAST 4
#define TALEA_CAUSE_HANDOFF 0
#define TALEA_CAUSE_TIMEOUT 1
#define TALEA_CAUSE_DELETED 2
#define TALEA_CAUSE_CANCELED 3
#define TALEA_CAUSE_CLOSED 4
#define TALEA_CAUSE_ENDED 5
#define TALEA_CAUSE_SPURIOUS 6
#define TALEA_CAUSE_SIGNAL 7
#define TALEA_END_EXIT 0
#define TALEA_END_TERMINATED 1
#define TALEA_END_FAULT 2
#define TALEA_END_SIGNAL 3
#define TALEA_INFO_STATE 1
#define TALEA_INFO_PRIORITY 2
#define TALEA_INFO_BASE 3
#define TALEA_INFO_THRESHOLD 4
#define TALEA_INFO_SLICE 5
#define TALEA_INFO_HELD 6
#define TALEA_INFO_CYCLES 7
#define TALEA_INFO_SWITCHES 8
#define TALEA_INFO_LATENCY 9
#define TALEA_INFO_STACK_SIZE 10
#define TALEA_INFO_STACK_USED 11
#define TALEA_INFO_WAITING_FOR 12
#define TALEA_INFO_WAITERS 13
#define TALEA_INFO_COUNT 14
#define TALEA_INFO_OWNER 15
#define TALEA_INFO_CAPACITY 16
#define TALEA_INFO_READERS 17
#define TALEA_INFO_WRITERS 18
#define TALEA_INFO_FLAGS 19
#define TALEA_INFO_PENDING 20
#define TALEA_INFO_MASK 21
#define TALEA_INFO_SIZE 22
#define TALEA_INFO_LOCAL 23
#define TALEA_INFO_PEER 24
#define TALEA_INFO_LOST 25

/* What task_spawn is told. */
typedef struct {
  uint32_t name; /* address of the name, 0 = none */
  uint32_t entry; /* what it runs */
  int32_t argument; /* handed to the entry */
  int32_t priority; /* 0..63, 63 is the most urgent */
  int32_t threshold; /* preemption threshold, -1 = the priority */
  int32_t slice; /* ticks, 0 = none */
  uint32_t flags; /* TaskFlag */
  uint32_t stack; /* address of its stack, 0 = from the arena */
  uint32_t stack_size; /* bytes */
} talea_spawn_t;

/* What timer_service answers. */
typedef struct {
  int32_t timer; /* its handle */
  uint32_t entry; /* what to run */
  int32_t argument; /* handed to it */
} talea_callback_t;

/* What a signal does to a task. */
typedef struct {
  uint32_t disposition; /* Disposition */
  uint32_t entry; /* HANDLER: what to run */
  uint32_t mask; /* HANDLER: what is masked besides while it runs */
  uint32_t flags; /* SigFlag */
} talea_sigaction_t;

/* What mailbox_receive tells of a block. */
typedef struct {
  int32_t sender; /* handle of the task that sent it, 0 for an interrupt */
  uint32_t size; /* bytes of the block */
  uint32_t shared; /* 1: a broadcast, read-only */
} talea_letter_t;

/* What object_poll looks at. */
typedef struct {
  int32_t handle; /* an object, a task, or the caller itself for SIGNAL, FLAGS and NOTE */
  uint32_t events; /* Poll: what is waited for */
  uint32_t bits; /* event flags, signals or thread flags: which of them */
  uint32_t ready; /* Poll: what is ready */
} talea_pollitem_t;

/* An address on the network. */
typedef struct {
  uint32_t address; /* IPv4, the first number in the highest byte */
  uint32_t port; /* 0..65535 */
} talea_endpoint_t;

/* What socket_receive tells of a datagram. */
typedef struct {
  uint32_t address; /* who sent it */
  uint32_t port; /* from which port */
  uint32_t size; /* bytes it had */
} talea_sender_t;

/* Makes a task that is ready to run and returns its handle. The stack is `stack_size` bytes at `stack`, or from the arena when `stack` is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
TALEA_CALL(task_spawn) int32_t task_spawn(const talea_spawn_t *parameters);

/* Ends the calling task. Everything it held is released in a fixed order and everyone who waits on it is told. */
TALEA_CALL(task_exit) int32_t task_exit(int32_t status);

/* Waits until the task has ended and stores its exit status; the first joiner gets it. Errors: ECHILD EDEADLK EAGAIN ETIMEDOUT EINTR ECANCELED. */
TALEA_CALL(task_join) int32_t task_join(int32_t task, int32_t *status, int32_t timeout);

/* Nobody will join the task: it leaves no zombie. Joiners that wait already are still served. Errors: ECHILD. */
TALEA_CALL(task_detach) int32_t task_detach(int32_t task);

/* Ends a task, in whatever state it is, with status -1. */
TALEA_CALL(task_terminate) int32_t task_terminate(int32_t task);

/* The handle of the calling task. */
TALEA_CALL(task_self) int32_t task_self(void);

/* Lets the ready tasks of the same priority run first. */
TALEA_CALL(task_yield) int32_t task_yield(void);

/* Waits n ticks: until the start of tick now + n. 0 returns at once. Errors: EINVAL EINTR ECANCELED. */
TALEA_CALL(task_sleep) int32_t task_sleep(uint32_t ticks);

/* Waits for the start of a tick. Returns 0, or 1 at once when that tick is past. Errors: EINTR ECANCELED. */
TALEA_CALL(task_sleep_until) int32_t task_sleep_until(uint32_t tick);

/* Keeps the task from running until task_resume. What it waits for goes on. Suspending twice is suspending once. */
TALEA_CALL(task_suspend) int32_t task_suspend(int32_t task);

/* Lets a suspended task run again. */
TALEA_CALL(task_resume) int32_t task_resume(int32_t task);

/* Changes the base priority (0..63, 63 is the most urgent) and returns the old one. Errors: EINVAL. */
TALEA_CALL(task_priority) int32_t task_priority(int32_t task, int32_t priority);

/* Changes the time slice (0 = none, at most 65535) from its next refill on and returns the old one. Errors: EINVAL. */
TALEA_CALL(task_slice) int32_t task_slice(int32_t task, int32_t ticks);

/* Changes the preemption threshold: only tasks above it preempt this one. Returns the old one. Errors: EINVAL. */
TALEA_CALL(task_threshold) int32_t task_threshold(int32_t task, int32_t threshold);

/* Uses the CPU for a number of cycles; interrupts, ticks and more urgent tasks cut it anywhere. Errors: EINVAL. */
TALEA_CALL(task_compute) int32_t task_compute(uint32_t cycles);

/* Makes the wait of a task return ECANCELED. Errors: EINVAL. */
TALEA_CALL(wait_abort) int32_t wait_abort(int32_t task);

/* No other task runs until as many unlocks. Returns the depth. Interrupts and ticks go on. Errors: EOVERFLOW. */
TALEA_CALL(scheduler_lock) int32_t scheduler_lock(void);

/* Undoes one lock and returns the depth; at 0 a more urgent task runs. Errors: EPERM. */
TALEA_CALL(scheduler_unlock) int32_t scheduler_unlock(void);

/* Delays interrupts, ticks and switches until as many unlocks. Returns the depth. Errors: EOVERFLOW. */
TALEA_CALL(interrupt_lock) int32_t interrupt_lock(void);

/* Undoes one lock and returns the depth; at 0 what came meanwhile is served. Errors: EPERM. */
TALEA_CALL(interrupt_unlock) int32_t interrupt_unlock(void);

/* The handler `entry` serves the line from now on. Priority 0..255, 255 is the most urgent; a more urgent line interrupts a handler. Errors: EINVAL EBUSY. */
TALEA_CALL(irq_attach) int32_t irq_attach(int32_t line, uint32_t entry, int32_t priority);

/* Nobody serves the line; what is pending on it is forgotten. Errors: EINVAL. */
TALEA_CALL(irq_detach) int32_t irq_detach(int32_t line);

/* Makes the line pending. Raised twice before its handler starts is raised once. Errors: EINVAL. */
TALEA_CALL(irq_raise) int32_t irq_raise(int32_t line);

/* The handle of the object of this kind and name, opened for the caller to READ, WRITE or both; mode 0 where nothing is to be opened: tasks, synchronisation objects, timers. Errors: ENOENT EINVAL ENAMETOOLONG EFAULT EPERM. */
TALEA_CALL(object_open) int32_t object_open(int32_t kind, const char *name, int32_t mode);

/* The caller no longer reads, writes, or either. The last close of an unnamed or unlinked object ends it. Errors: EBADF EINVAL EPERM. */
TALEA_CALL(object_close) int32_t object_close(int32_t object, int32_t mode);

/* Whoever has the object open, in any direction, opens it for another task. Errors: EBADF EINVAL EPERM. */
TALEA_CALL(object_grant) int32_t object_grant(int32_t object, int32_t task, int32_t mode);

/* Takes the object's name away at once; the object goes at its last close. Errors: EBADF EINVAL EPERM. */
TALEA_CALL(object_unlink) int32_t object_unlink(int32_t object);

/* Ends the object at once: waiters get EIDRM, later calls EBADF. Errors: EBADF EINVAL EPERM. */
TALEA_CALL(object_delete) int32_t object_delete(int32_t object);

/* Stores one fact about the object (Info) as 64 bits. Errors: EBADF EINVAL. */
TALEA_CALL(object_info) int32_t object_info(int32_t object, int32_t field, uint64_t *out);

/* The handle of the first live object of this kind behind `previous` (0 = from the start), 0 at the end. Errors: EINVAL. */
TALEA_CALL(object_enumerate) int32_t object_enumerate(int32_t kind, int32_t previous);

/* A counting semaphore. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(sem_create) int32_t sem_create(const char *name, int32_t initial, int32_t maximum);

/* Takes one unit, waits for it if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(sem_take) int32_t sem_take(int32_t sem, int32_t timeout);

/* Hands one unit to the first waiter, or counts it. Errors: EOVERFLOW. */
TALEA_CALL(sem_give) int32_t sem_give(int32_t sem);

/* Waiters get ECANCELED, then the count is set. Errors: EINVAL. */
TALEA_CALL(sem_reset) int32_t sem_reset(int32_t sem, int32_t count);

/* A mutex with priority inheritance; MutexFlag: RECURSIVE, ROBUST, CEILING (raises the owner to `ceiling` at once), PLAIN (no inheritance), CHECKED (a lock that could never be had is EDEADLK). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(mutex_create) int32_t mutex_create(const char *name, int32_t flags, int32_t ceiling);

/* Locks the mutex, waits for it if another task owns it. EOWNERDEAD: locked, and what it protects may be half done. Errors: EAGAIN ETIMEDOUT EIDRM ECANCELED EDEADLK EINVAL EOVERFLOW EOWNERDEAD ENOTRECOVERABLE. */
TALEA_CALL(mutex_lock) int32_t mutex_lock(int32_t mutex, int32_t timeout);

/* Undoes one lock; the last hands the mutex to the first waiter. Errors: EPERM. */
TALEA_CALL(mutex_unlock) int32_t mutex_unlock(int32_t mutex);

/* After EOWNERDEAD: what the mutex protects is whole again. Errors: EPERM EINVAL. */
TALEA_CALL(mutex_consistent) int32_t mutex_consistent(int32_t mutex);

/* A condition variable. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(cond_create) int32_t cond_create(const char *name);

/* Releases the mutex and waits in one step; owns the mutex again when it returns, with whatever result. May wake for no reason. Errors: EPERM EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EOWNERDEAD ENOTRECOVERABLE. */
TALEA_CALL(cond_wait) int32_t cond_wait(int32_t cond, int32_t mutex, int32_t timeout);

/* Wakes the first waiter; without one it is lost. */
TALEA_CALL(cond_signal) int32_t cond_signal(int32_t cond);

/* Wakes every waiter, in order. */
TALEA_CALL(cond_broadcast) int32_t cond_broadcast(int32_t cond);

/* 31 event flags (bits 0..30). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(event_create) int32_t event_create(const char *name, int32_t bits);

/* Waits for ANY or ALL of the bits and returns the flags as they were then; CLEAR takes the bits waited for. Errors: EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(event_wait) int32_t event_wait(int32_t event, int32_t bits, int32_t how, int32_t timeout);

/* Sets bits; every waiter is tested against the same flags, then what the satisfied ones clear is cleared. Returns the flags left. Errors: EINVAL. */
TALEA_CALL(event_set) int32_t event_set(int32_t event, int32_t bits);

/* Clears bits and returns the flags as they were before. Errors: EINVAL. */
TALEA_CALL(event_clear) int32_t event_clear(int32_t event, int32_t bits);

/* A barrier for `count` tasks. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(barrier_create) int32_t barrier_create(const char *name, int32_t count);

/* Waits until `count` tasks are here. Returns 1 to the last arrival, 0 to the others. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(barrier_wait) int32_t barrier_wait(int32_t barrier, int32_t timeout);

/* A lock for many readers or one writer. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(rwlock_create) int32_t rwlock_create(const char *name);

/* Locks for reading; a waiting writer that is at least as urgent goes first. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
TALEA_CALL(rwlock_read) int32_t rwlock_read(int32_t rwlock, int32_t timeout);

/* Locks for writing. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
TALEA_CALL(rwlock_write) int32_t rwlock_write(int32_t rwlock, int32_t timeout);

/* Gives up the caller's read or write lock. Errors: EPERM. */
TALEA_CALL(rwlock_unlock) int32_t rwlock_unlock(int32_t rwlock);

/* A stopped timer. At each expiry: CALLBACK runs entry `target` with argument `value` in the timer service, SEM_GIVE gives `target`, EVENT_SET sets the bits `value` of `target`. Errors: EINVAL EBADF ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(timer_create) int32_t timer_create(const char *name, int32_t action, int32_t target, int32_t value);

/* First expiry after `first` ticks (at least 1), then every `period` ticks; period 0: once. A running timer starts anew. Errors: EINVAL. */
TALEA_CALL(timer_start) int32_t timer_start(int32_t timer, int32_t first, int32_t period);

/* The timer does not expire any more; a callback that has not begun is withdrawn. Returns 1 if it was running, else 0. */
TALEA_CALL(timer_stop) int32_t timer_stop(int32_t timer);

/* Expiries since the last query. */
TALEA_CALL(timer_count) int32_t timer_count(int32_t timer);

/* Expiries since the last query whose callback found the one before not begun. */
TALEA_CALL(timer_overruns) int32_t timer_overruns(int32_t timer);

/* For the timer service: ends the callback that ran, waits for the next and stores it. Errors: EAGAIN ETIMEDOUT EINTR ECANCELED EBUSY. */
TALEA_CALL(timer_service) int32_t timer_service(talea_callback_t *out, int32_t timeout);

/* A byte stream of fixed capacity (0 = rendezvous), opened for the creator by `mode`. Its buffer is at `storage`, or from the arena when that is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
TALEA_CALL(pipe_create) int32_t pipe_create(const char *name, int32_t capacity, int32_t mode, uint32_t storage);

/* Takes what is there, at most the length; waits for a first byte. 0: no writer is left and the pipe is drained. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EDEADLK EPERM EFAULT. */
TALEA_CALL(pipe_read) int32_t pipe_read(int32_t pipe, void *buffer, int32_t length, int32_t timeout);

/* Puts bytes in. Up to 64 (or the capacity) go in whole or not at all; more go in pieces as room appears. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE EDEADLK EPERM EFAULT. */
TALEA_CALL(pipe_write) int32_t pipe_write(int32_t pipe, const void *buffer, int32_t length, int32_t timeout);

/* Forgets the bytes; blocked callers get ECANCELED. Errors: EPERM. */
TALEA_CALL(pipe_reset) int32_t pipe_reset(int32_t pipe);

/* A blocked reader wakes only when this many bytes are there (1..capacity). Returns the old level. Errors: EINVAL EPERM. */
TALEA_CALL(pipe_trigger) int32_t pipe_trigger(int32_t pipe, int32_t level);

/* Sends a signal (1..31) to a task, or with task 0 to every child of the caller. Signal 0 only tells whether the task exists. Errors: ESRCH EINVAL EPERM. */
TALEA_CALL(signal_send) int32_t signal_send(int32_t task, int32_t signal);

/* Says what the signal does to the caller: the default, nothing, or a handler; stores what it did before. Errors: EINVAL EFAULT ENFILE. */
TALEA_CALL(signal_action) int32_t signal_action(int32_t signal, const talea_sigaction_t *action, talea_sigaction_t *old);

/* Masks signals (MaskHow): they stay pending. What gets unmasked is delivered before the call returns. Errors: EINVAL EFAULT. */
TALEA_CALL(signal_mask) int32_t signal_mask(int32_t how, uint32_t set, int32_t *old);

/* Takes the lowest pending signal of the set, waits for one if there is none, and returns its number; no handler runs for it. Errors: EINVAL EAGAIN ETIMEDOUT EINTR ECANCELED. */
TALEA_CALL(signal_wait) int32_t signal_wait(uint32_t set, int32_t *origin, int32_t timeout);

/* Waits with this mask until a handler has run, then the old mask is back. Returns EINTR. Errors: EINTR ECANCELED. */
TALEA_CALL(signal_suspend) int32_t signal_suspend(uint32_t mask);

/* Stores the set of signals that are pending for the caller. Errors: EFAULT. */
TALEA_CALL(signal_pending) int32_t signal_pending(int32_t *set);

/* SIGALRM after so many ticks (0 = none) instead of the alarm before; returns the ticks that were left of that one. Errors: EINVAL. */
TALEA_CALL(task_alarm) int32_t task_alarm(uint32_t ticks);

/* Sets thread flags (bits 0..30) of the task and returns its flags; a task that waits for them wakes. Errors: EINVAL. */
TALEA_CALL(flags_set) int32_t flags_set(int32_t task, int32_t bits);

/* Clears thread flags of the task and returns them as they were before. Errors: EINVAL. */
TALEA_CALL(flags_clear) int32_t flags_clear(int32_t task, int32_t bits);

/* Waits for ANY or ALL of its own thread flags and returns them as they were then; CLEAR takes the bits waited for. Errors: EINVAL EAGAIN ETIMEDOUT EINTR ECANCELED. */
TALEA_CALL(flags_wait) int32_t flags_wait(int32_t bits, int32_t how, int32_t timeout);

/* Writes the task's notification value: OVERWRITE, KEEP (EAGAIN while one is unread), INCREMENT by the value. Errors: EINVAL EAGAIN. */
TALEA_CALL(notify_send) int32_t notify_send(int32_t task, int32_t how, uint32_t value);

/* Waits for its notification, stores the value and sets it to 0. Errors: EAGAIN ETIMEDOUT EINTR ECANCELED EFAULT. */
TALEA_CALL(notify_wait) int32_t notify_wait(int32_t *value, int32_t timeout);

/* A queue of at most `count` messages of at most `size` bytes (Discipline), opened for the creator by `mode`. Storage: 2 * count rounded up to 8, and count * (8 + size rounded up to 4) bytes. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
TALEA_CALL(queue_create) int32_t queue_create(const char *name, int32_t count, int32_t size, int32_t discipline, int32_t mode, uint32_t storage);

/* Copies a message in, waits while the queue is full. `how`: the priority (0..255), plus FRONT for ahead of its equals. Errors: EMSGSIZE EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
TALEA_CALL(queue_send) int32_t queue_send(int32_t queue, const void *message, int32_t length, int32_t how, int32_t timeout);

/* Copies the first message out and returns its length, waits while the queue is empty. A buffer too small leaves the message. Errors: EMSGSIZE EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
TALEA_CALL(queue_receive) int32_t queue_receive(int32_t queue, void *buffer, int32_t length, int32_t *priority, int32_t timeout);

/* The same, and the message stays. Errors: EMSGSIZE EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
TALEA_CALL(queue_peek) int32_t queue_peek(int32_t queue, void *buffer, int32_t length, int32_t *priority, int32_t timeout);

/* Replaces the message of a queue of one, or puts it in; never waits. Errors: EINVAL EMSGSIZE EPERM EFAULT. */
TALEA_CALL(queue_overwrite) int32_t queue_overwrite(int32_t queue, const void *message, int32_t length);

/* Drops the messages; blocked senders get ECANCELED, receivers wait on. Errors: EPERM. */
TALEA_CALL(queue_reset) int32_t queue_reset(int32_t queue);

/* Sends the caller this signal, once, when a message comes into the empty queue and nobody waits for it; 0 withdraws. Errors: EINVAL EBUSY EPERM. */
TALEA_CALL(queue_notify) int32_t queue_notify(int32_t queue, int32_t signal);

/* A pool of `count` blocks of `size` bytes (rounded up to 8), at `storage` or from the arena. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
TALEA_CALL(pool_create) int32_t pool_create(const char *name, int32_t count, int32_t size, uint32_t storage);

/* The address of a free block, which is the caller's from now on; waits for one if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(pool_alloc) int32_t pool_alloc(int32_t pool, int32_t timeout);

/* Gives the block back to its pool, or to the first task that waits for one. A broadcast block is free when its last holder freed it. Errors: EINVAL EPERM. */
TALEA_CALL(pool_free) int32_t pool_free(uint32_t block);

/* The address of RAM of the caller's own (8-aligned), from the arena; waits for it if there is not enough. It goes back when the task ends. Errors: EINVAL EAGAIN ETIMEDOUT EINTR ECANCELED ENOMEM. */
TALEA_CALL(memory_alloc) int32_t memory_alloc(int32_t bytes, int32_t timeout);

/* Gives it back; who waits for RAM gets it in order. Errors: EINVAL EPERM. */
TALEA_CALL(memory_free) int32_t memory_free(uint32_t address);

/* A mailbox, opened for the creator to send (WRITE) or to receive (READ), not both. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
TALEA_CALL(mailbox_create) int32_t mailbox_create(const char *name, int32_t mode);

/* The block goes to the destination (a task, 0 = whoever receives first) and is no longer the caller's. No byte is copied. Errors: ESRCH EINVAL EPERM. */
TALEA_CALL(mailbox_send) int32_t mailbox_send(int32_t mailbox, int32_t destination, uint32_t block);

/* The same, and returns when the receiver has freed or forwarded the block. The timeout is for its being taken. Errors: ESRCH EINVAL EPERM EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EOWNERDEAD. */
TALEA_CALL(mailbox_send_sync) int32_t mailbox_send_sync(int32_t mailbox, int32_t destination, uint32_t block, int32_t timeout);

/* Every task that has the mailbox open to receive gets the same block, read-only. Returns how many; 0: the caller keeps it. Errors: EINVAL EPERM. */
TALEA_CALL(mailbox_broadcast) int32_t mailbox_broadcast(int32_t mailbox, uint32_t block);

/* The address of the first block from the source (a task, 0 = anyone) for the caller, waits for one if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE ESRCH EPERM EFAULT. */
TALEA_CALL(mailbox_receive) int32_t mailbox_receive(int32_t mailbox, int32_t source, talea_letter_t *letter, int32_t timeout);

/* Sends the caller this signal at every arrival for it that it does not wait for; 0 = none. Errors: EINVAL EPERM. */
TALEA_CALL(mailbox_notify) int32_t mailbox_notify(int32_t mailbox, int32_t signal);

/* A shared region, zeroed, attached for the creator by `mode`: READ, or WRITE, which includes it. Its memory is at `storage` (8-aligned), or from the arena when that is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
TALEA_CALL(region_create) int32_t region_create(const char *name, int32_t bytes, int32_t mode, uint32_t storage);

/* Where the region is: the same address for every task that has it attached. Errors: EPERM. */
TALEA_CALL(region_address) int32_t region_address(int32_t region);

/* Waits for word_wake of this word if it holds the expected value, in one step; else EAGAIN at once. Errors: EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(word_wait) int32_t word_wait(uint32_t address, uint32_t expected, int32_t timeout);

/* Wakes at most `count` of the tasks that wait for this word; returns how many. Errors: EINVAL EFAULT. */
TALEA_CALL(word_wake) int32_t word_wake(uint32_t address, int32_t count);

/* Adds to the word in one step and stores what it was. Errors: EINVAL EFAULT. */
TALEA_CALL(word_add) int32_t word_add(uint32_t address, uint32_t value, int32_t *old);

/* Sets the word in one step and stores what it was. Errors: EINVAL EFAULT. */
TALEA_CALL(word_exchange) int32_t word_exchange(uint32_t address, uint32_t value, int32_t *old);

/* Sets the word if it holds the expected value, in one step, and stores what it was. Returns 1 if it was set, else 0. Errors: EINVAL EFAULT. */
TALEA_CALL(word_compare_exchange) int32_t word_compare_exchange(uint32_t address, uint32_t expected, uint32_t value, int32_t *old);

/* Waits until at least one of up to 64 items (PollItem) is ready, marks which, and returns how many. Nothing is acquired. Errors: EBADF EPERM EINVAL EFAULT EAGAIN ETIMEDOUT EINTR ECANCELED. */
TALEA_CALL(object_poll) int32_t object_poll(talea_pollitem_t *items, int32_t count, int32_t timeout);

/* An endpoint (SocketType), opened for the creator by `mode`. Its two buffers, of `receive` and `transmit` bytes, are at `storage`, or come from the arena when that is 0: a stream's when it is connected. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
TALEA_CALL(socket_create) int32_t socket_create(const char *name, int32_t type, int32_t receive, int32_t transmit, int32_t mode, uint32_t storage);

/* Gives the socket its own address (0 = all of this machine's) and port (0 = the next free one of the machine's range). Returns the port. Errors: EPERM EINVAL EADDRINUSE EADDRNOTAVAIL. */
TALEA_CALL(socket_bind) int32_t socket_bind(int32_t socket, uint32_t address, int32_t port);

/* Streams may connect to the bound socket; so many wait to be accepted (1..32), the next is refused. Errors: EPERM EINVAL EOPNOTSUPP EISCONN. */
TALEA_CALL(socket_listen) int32_t socket_listen(int32_t socket, int32_t backlog);

/* The oldest waiting connection as a socket of its own, opened for the caller both ways; stores the other end's address. Waits for one if there is none. Errors: EPERM EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(socket_accept) int32_t socket_accept(int32_t socket, talea_endpoint_t *peer, int32_t timeout);

/* Connects a stream and waits until that is done; timeout 0 only begins it. A timeout or a signal ends the wait, not the attempt. A datagram socket gets the one end that it talks to from now on. Errors: EPERM EINVAL EISCONN EALREADY EINPROGRESS ECONNREFUSED ENETUNREACH EADDRNOTAVAIL ENOMEM ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(socket_connect) int32_t socket_connect(int32_t socket, uint32_t address, int32_t port, int32_t timeout);

/* Stream: puts bytes in as the other end makes room, and returns how many. Datagram: one message to `to`, or to the connected end. Errors: EPERM EFAULT ENOTCONN EISCONN EMSGSIZE EPIPE ECONNRESET ECONNREFUSED ENETUNREACH EADDRNOTAVAIL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(socket_send) int32_t socket_send(int32_t socket, void *buffer, int32_t length, const talea_endpoint_t *to, int32_t timeout);

/* Stream: takes what is there, waits for a first byte; 0: the other end sends no more. Datagram: takes one; what does not fit is cut off, `from` tells who sent it and how long it was. Errors: EPERM EFAULT ENOTCONN ECONNRESET ECONNREFUSED EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
TALEA_CALL(socket_receive) int32_t socket_receive(int32_t socket, void *buffer, int32_t length, talea_sender_t *from, int32_t timeout);

/* Ends a direction of a connection for everybody here (Mode): WRITE: the other end reads what was sent, then 0; READ: later receives answer 0. Errors: EPERM EINVAL EOPNOTSUPP ENOTCONN. */
TALEA_CALL(socket_shutdown) int32_t socket_shutdown(int32_t socket, int32_t how);

#endif
