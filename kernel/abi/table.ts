/**
 * The ABI of the kernel, as plain data: the one source of its calls, errors, contexts, costs, trace events and record layouts.
 * `generate.ts` turns it into the kernel's constants, records and exports, the host's types, the C header and docs/abi.md.
 * A call's number, an error's number, an event's number never change; new ones go at the end of their group.
 */

/** An outcome is an answer that a correct program handles; a misuse is the caller's bug. Numbers are Linux's, negated. */
// biome-ignore format: a table reads as rows
export const errors = {
  EPERM: [1, "misuse", "the call is illegal in this context, or the object is not open to the caller in this direction"],
  ENOENT: [2, "outcome", "no object of this kind has this name"],
  ESRCH: [3, "outcome", "no such task: it has ended, or never was"],
  EINTR: [4, "outcome", "a caught signal ended the wait"],
  EBADF: [9, "misuse", "not a live handle of this kind"],
  ECHILD: [10, "outcome", "nothing to join: the task is detached, or another joiner got its status"],
  EAGAIN: [11, "outcome", "the call would block and the timeout is 0"],
  ENOMEM: [12, "outcome", "the RAM arena has no block of this size"],
  EFAULT: [14, "misuse", "the memory named is not inside RAM"],
  EBUSY: [16, "outcome", "already taken by somebody else"],
  EEXIST: [17, "outcome", "an object of this kind has this name already"],
  EINVAL: [22, "misuse", "an argument is out of its range"],
  ENFILE: [23, "outcome", "the kernel's table of these objects is full"],
  EPIPE: [32, "outcome", "nobody is left at the other end"],
  EDEADLK: [35, "misuse", "the wait could never end"],
  ENAMETOOLONG: [36, "misuse", "a name is longer than 15 bytes"],
  EIDRM: [43, "outcome", "the object was deleted while the caller waited"],
  EOVERFLOW: [75, "outcome", "a counter is at its maximum"],
  ETIMEDOUT: [110, "outcome", "the timeout expired"],
  ECANCELED: [125, "outcome", "the wait was cancelled by a reset or an abort"],
  EOWNERDEAD: [130, "outcome", "the lock was obtained, its last owner ended while holding it"],
  ENOTRECOVERABLE: [131, "outcome", "the lock was given up without being made consistent"],
} as const;

/** Kinds of kernel objects; the kind is part of every handle. A line is no object, it has a kind for the trace. */
// biome-ignore format: a table reads as rows
export const kinds = {
  TASK: 1,
  SEM: 2,
  MUTEX: 3,
  COND: 4,
  EVENT: 5,
  BARRIER: 6,
  RWLOCK: 7,
  TIMER: 8,
  PIPE: 9,
  LINE: 15,
} as const;

/** Where a caller can be; a call is legal when every bit of the caller's context is legal for it. */
// biome-ignore format: a table reads as rows
export const contexts = {
  TASK: [1, "T", "a task"],
  HANDLER: [2, "H", "a signal handler"],
  INTERRUPT: [4, "I", "an interrupt handler"],
  LOCKED: [8, "L", "a task that has locked the scheduler or the interrupts"],
  CALLBACK: [16, "C", "a timer's callback"],
  SYSTEM: [32, "S", "the system description, before any task runs"],
} as const;

/** Named constants of the ABI, a group each. */
// biome-ignore format: a table reads as rows
export const constants = {
  State: { FREE: 0, ZOMBIE: 1, BLOCKED: 2, READY: 3, RUNNING: 4 },
  Held: { SUSPENDED: 1, STOPPED: 2 },
  Mode: { READ: 1, WRITE: 2, PUBLIC_READ: 4, PUBLIC_WRITE: 8, PUBLIC: 12 },
  TaskFlag: { DETACHED: 1, DAEMON: 2 },
  MutexFlag: { RECURSIVE: 1, ROBUST: 2, CEILING: 4, PLAIN: 8 },
  EventWait: { ANY: 0, ALL: 1, CLEAR: 2 },
  Action: { CALLBACK: 0, SEM_GIVE: 1, EVENT_SET: 2 },
  Order: { IDLE: 0, RESUME: 1, START: 2, SIGNAL: 3, INTERRUPT: 4, DEVICE: 5, CHOOSE: 6 },
  Choice: { SLICE: 1, ORDER: 2, SPURIOUS: 3 },
  Option: { TRACE: 1, HASH: 2, ORACLE: 4 },
  Cause: { HANDOFF: 0, TIMEOUT: 1, DELETED: 2, CANCELED: 3, CLOSED: 4, ENDED: 5, SPURIOUS: 6 },
  End: { EXIT: 0, TERMINATED: 1, FAULT: 2, SIGNAL: 3 },
  Info: {
    STATE: 1,
    PRIORITY: 2,
    BASE: 3,
    THRESHOLD: 4,
    SLICE: 5,
    HELD: 6,
    CYCLES: 7,
    SWITCHES: 8,
    LATENCY: 9,
    STACK_SIZE: 10,
    STACK_USED: 11,
    WAITING_FOR: 12,
    WAITERS: 13,
    COUNT: 14,
    OWNER: 15,
    CAPACITY: 16,
    READERS: 17,
    WRITERS: 18,
    FLAGS: 19,
  },
} as const;

/** The file of kernel/ in which a call's own code is: by its name, else by the first word of its name. */
export const homes: Record<string, string> = {
  task: "control",
  task_spawn: "life",
  task_exit: "life",
  task_join: "life",
  task_detach: "life",
  task_terminate: "life",
  wait: "control",
  scheduler: "irq",
  interrupt: "irq",
  irq: "irq",
  object: "life",
  object_info: "inspect",
  object_enumerate: "inspect",
  sem: "object/semaphore",
  mutex: "object/mutex",
  cond: "object/condition",
  event: "object/event",
  barrier: "object/barrier",
  rwlock: "object/rwlock",
  timer: "object/timer",
  pipe: "object/pipe",
};

/** Trace events that are no calls: number, [first word, second word], meaning. A call's record has the call's number. */
// biome-ignore format: a table reads as rows
export const events = {
  CARRY: [1, ["cycles_high", "tick"], "the upper half of the cycle counter, written before the first record that has it"],
  MORE: [2, ["argument", "argument"], "further arguments of the call whose record comes next"],
  BLOCK: [3, ["deadline", "timeout"], "the task waits for the object; the deadline is a tick, the timeout -1 for ever"],
  WAKE: [4, ["cause", "result"], "the wait ended"],
  SWITCH: [5, ["previous", "latency"], "the task runs; who ran before (-1 nobody), and cycles since it was ready"],
  IDLE: [6, ["previous", "unused"], "nobody can run"],
  TICK: [7, ["tick", "unused"], "a tick was served"],
  INTERRUPT: [8, ["latency", "depth"], "a line's handler starts"],
  RETURN: [9, ["depth", "unused"], "a line's handler ended"],
  SPAWN: [10, ["entry", "priority"], "the task exists"],
  END: [11, ["how", "status"], "the task ended"],
  HOLD: [12, ["held", "previous"], "the task was suspended or resumed"],
  PRIORITY: [13, ["priority", "previous"], "the task's current priority changed: set, inherited, or back"],
  EXPIRE: [14, ["expiries", "overruns"], "the timer expired"],
  RAISE: [15, ["pending", "unused"], "the line was raised by a device or the bench"],
  DEVICE: [16, ["register", "value"], "a device register was read (register >= 0) or written (its complement)"],
  PASS: [17, ["from", "mutex"], "a mutex that is not robust went on from an owner that ended"],
  POWER: [19, ["memory", "period"], "power-on: where RAM ends, cycles a tick"],
  CHOICE: [18, ["kind", "choice"], "the schedule oracle chose"],
} as const;

/** What an argument is, and so how the kernel's face checks it before the call's own code sees it. */
export type ArgumentType =
  | "task" // a task's handle, else ESRCH
  | "sem"
  | "mutex"
  | "cond"
  | "event"
  | "barrier"
  | "rwlock"
  | "timer" // its handle, else EBADF
  | "pipe:read"
  | "pipe:write"
  | "pipe" // and open to the caller in this direction, else EPERM
  | "handle" // of any kind; the call looks it up
  | "name" // address of up to 15 bytes of UTF-8 that end in a zero byte; 0 = no name
  | "bytes" // address and length of memory in RAM: two parameters
  | "out32"
  | "out64"
  | "out32?"
  | "spawn"
  | "callback" // address of a record in RAM; 0 is allowed with "?"
  | "timeout" // ticks; 0 = do not block, -1 = for ever, less: EINVAL
  | "i32"
  | "u32";

export type Call = {
  /** Its number in the trace, for ever. */
  n: number;
  /** Virtual cycles it takes. */
  cost: number;
  /** Letters of the contexts in which it is legal; in lower case: only with timeout 0. */
  in: string;
  args: readonly (readonly [name: string, type: ArgumentType])[];
  does: string;
  errors: string;
};

/** Every system call. `in`: T task, H signal handler, I interrupt, L locked, C timer callback, S system description. */
// biome-ignore format: a table reads as rows
export const calls = {
  // tasks
  task_spawn: { n: 32, cost: 240, in: "THLS", args: [["parameters", "spawn"]],
    does: "Makes a task that is ready to run and returns its handle. The stack is `stack_size` bytes at `stack`, or from the arena when `stack` is 0.",
    errors: "EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT" },
  task_exit: { n: 33, cost: 160, in: "THLC", args: [["status", "i32"]],
    does: "Ends the calling task. Everything it held is released in a fixed order and everyone who waits on it is told.", errors: "" },
  task_join: { n: 34, cost: 60, in: "THils", args: [["task", "task"], ["status", "out32?"], ["timeout", "timeout"]],
    does: "Waits until the task has ended and stores its exit status; the first joiner gets it.", errors: "ECHILD EDEADLK EAGAIN ETIMEDOUT EINTR ECANCELED" },
  task_detach: { n: 35, cost: 40, in: "THLS", args: [["task", "task"]],
    does: "Nobody will join the task: it leaves no zombie. Joiners that wait already are still served.", errors: "ECHILD" },
  task_terminate: { n: 36, cost: 180, in: "THLS", args: [["task", "task"]],
    does: "Ends a task, in whatever state it is, with status -1.", errors: "" },
  task_self: { n: 37, cost: 12, in: "THLC", args: [],
    does: "The handle of the calling task.", errors: "" },
  task_yield: { n: 38, cost: 30, in: "TH", args: [],
    does: "Lets the ready tasks of the same priority run first.", errors: "" },
  task_sleep: { n: 39, cost: 50, in: "THl", args: [["ticks", "u32"]],
    does: "Waits n ticks: until the start of tick now + n. 0 returns at once.", errors: "EINVAL EINTR ECANCELED" },
  task_sleep_until: { n: 40, cost: 50, in: "TH", args: [["tick", "u32"]],
    does: "Waits for the start of a tick. Returns 0, or 1 at once when that tick is past.", errors: "EINTR ECANCELED" },
  task_suspend: { n: 41, cost: 50, in: "THLIS", args: [["task", "task"]],
    does: "Keeps the task from running until task_resume. What it waits for goes on. Suspending twice is suspending once.", errors: "" },
  task_resume: { n: 42, cost: 50, in: "THLIS", args: [["task", "task"]],
    does: "Lets a suspended task run again.", errors: "" },
  task_priority: { n: 43, cost: 60, in: "THLCS", args: [["task", "task"], ["priority", "i32"]],
    does: "Changes the base priority (0..63, 63 is the most urgent) and returns the old one.", errors: "EINVAL" },
  task_slice: { n: 44, cost: 30, in: "THLCS", args: [["task", "task"], ["ticks", "i32"]],
    does: "Changes the time slice (0 = none, at most 65535) from its next refill on and returns the old one.", errors: "EINVAL" },
  task_threshold: { n: 45, cost: 40, in: "THLCS", args: [["task", "task"], ["threshold", "i32"]],
    does: "Changes the preemption threshold: only tasks above it preempt this one. Returns the old one.", errors: "EINVAL" },
  task_compute: { n: 46, cost: 0, in: "THILC", args: [["cycles", "u32"]],
    does: "Uses the CPU for a number of cycles; interrupts, ticks and more urgent tasks cut it anywhere.", errors: "EINVAL" },
  wait_abort: { n: 47, cost: 50, in: "THILCS", args: [["task", "task"]],
    does: "Makes the wait of a task return ECANCELED.", errors: "EINVAL" },
  // scheduler and interrupts
  scheduler_lock: { n: 48, cost: 12, in: "THL", args: [],
    does: "No other task runs until as many unlocks. Returns the depth. Interrupts and ticks go on.", errors: "EOVERFLOW" },
  scheduler_unlock: { n: 49, cost: 16, in: "THL", args: [],
    does: "Undoes one lock and returns the depth; at 0 a more urgent task runs.", errors: "EPERM" },
  interrupt_lock: { n: 50, cost: 12, in: "THL", args: [],
    does: "Delays interrupts, ticks and switches until as many unlocks. Returns the depth.", errors: "EOVERFLOW" },
  interrupt_unlock: { n: 51, cost: 16, in: "THL", args: [],
    does: "Undoes one lock and returns the depth; at 0 what came meanwhile is served.", errors: "EPERM" },
  irq_attach: { n: 52, cost: 40, in: "THLS", args: [["line", "i32"], ["entry", "u32"], ["priority", "i32"]],
    does: "The handler `entry` serves the line from now on. Priority 0..255, 255 is the most urgent; a more urgent line interrupts a handler.", errors: "EINVAL EBUSY" },
  irq_detach: { n: 53, cost: 40, in: "THLS", args: [["line", "i32"]],
    does: "Nobody serves the line; what is pending on it is forgotten.", errors: "EINVAL" },
  irq_raise: { n: 54, cost: 20, in: "THILCS", args: [["line", "i32"]],
    does: "Makes the line pending. Raised twice before its handler starts is raised once.", errors: "EINVAL" },
  // objects of every kind
  object_open: { n: 56, cost: 80, in: "THLCS", args: [["kind", "i32"], ["name", "name"], ["mode", "i32"]],
    does: "The handle of the object of this kind and name, opened for the caller to READ, WRITE or both; mode 0 where nothing is to be opened: tasks, synchronisation objects, timers.", errors: "ENOENT EINVAL ENAMETOOLONG EFAULT EPERM" },
  object_close: { n: 57, cost: 80, in: "THILS", args: [["object", "handle"], ["mode", "i32"]],
    does: "The caller no longer reads, writes, or either. The last close of an unnamed or unlinked object ends it.", errors: "EBADF EINVAL EPERM" },
  object_grant: { n: 58, cost: 60, in: "THLS", args: [["object", "handle"], ["task", "task"], ["mode", "i32"]],
    does: "Whoever has the object open, in any direction, opens it for another task.", errors: "EBADF EINVAL EPERM" },
  object_unlink: { n: 59, cost: 60, in: "THLS", args: [["object", "handle"]],
    does: "Takes the object's name away at once; the object goes at its last close.", errors: "EBADF EINVAL EPERM" },
  object_delete: { n: 60, cost: 120, in: "THLS", args: [["object", "handle"]],
    does: "Ends the object at once: waiters get EIDRM, later calls EBADF.", errors: "EBADF EINVAL EPERM" },
  object_info: { n: 61, cost: 40, in: "THILCS", args: [["object", "handle"], ["field", "i32"], ["out", "out64"]],
    does: "Stores one fact about the object (Info) as 64 bits.", errors: "EBADF EINVAL" },
  object_enumerate: { n: 62, cost: 40, in: "THILCS", args: [["kind", "i32"], ["previous", "i32"]],
    does: "The handle of the first live object of this kind behind `previous` (0 = from the start), 0 at the end.", errors: "EINVAL" },
  // semaphore
  sem_create: { n: 64, cost: 100, in: "THLS", args: [["name", "name"], ["initial", "i32"], ["maximum", "i32"]],
    does: "A counting semaphore.", errors: "EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT" },
  sem_take: { n: 65, cost: 40, in: "THilcs", args: [["sem", "sem"], ["timeout", "timeout"]],
    does: "Takes one unit, waits for it if there is none.", errors: "EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED" },
  sem_give: { n: 66, cost: 40, in: "THILCS", args: [["sem", "sem"]],
    does: "Hands one unit to the first waiter, or counts it.", errors: "EOVERFLOW" },
  sem_reset: { n: 67, cost: 60, in: "THILCS", args: [["sem", "sem"], ["count", "i32"]],
    does: "Waiters get ECANCELED, then the count is set.", errors: "EINVAL" },
  // mutex
  mutex_create: { n: 68, cost: 100, in: "THLS", args: [["name", "name"], ["flags", "i32"], ["ceiling", "i32"]],
    does: "A mutex with priority inheritance; MutexFlag: RECURSIVE, ROBUST, CEILING (raises the owner to `ceiling` at once), PLAIN (no inheritance).", errors: "EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT" },
  mutex_lock: { n: 69, cost: 50, in: "THl", args: [["mutex", "mutex"], ["timeout", "timeout"]],
    does: "Locks the mutex, waits for it if another task owns it. EOWNERDEAD: locked, and what it protects may be half done.", errors: "EAGAIN ETIMEDOUT EIDRM ECANCELED EDEADLK EINVAL EOVERFLOW EOWNERDEAD ENOTRECOVERABLE" },
  mutex_unlock: { n: 70, cost: 50, in: "THL", args: [["mutex", "mutex"]],
    does: "Undoes one lock; the last hands the mutex to the first waiter.", errors: "EPERM" },
  mutex_consistent: { n: 71, cost: 30, in: "THL", args: [["mutex", "mutex"]],
    does: "After EOWNERDEAD: what the mutex protects is whole again.", errors: "EPERM EINVAL" },
  // condition
  cond_create: { n: 72, cost: 100, in: "THLS", args: [["name", "name"]],
    does: "A condition variable.", errors: "ENAMETOOLONG EEXIST ENFILE EFAULT" },
  cond_wait: { n: 73, cost: 70, in: "TH", args: [["cond", "cond"], ["mutex", "mutex"], ["timeout", "timeout"]],
    does: "Releases the mutex and waits in one step; owns the mutex again when it returns, with whatever result. May wake for no reason.", errors: "EPERM EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EOWNERDEAD ENOTRECOVERABLE" },
  cond_signal: { n: 74, cost: 50, in: "THLC", args: [["cond", "cond"]],
    does: "Wakes the first waiter; without one it is lost.", errors: "" },
  cond_broadcast: { n: 75, cost: 60, in: "THLC", args: [["cond", "cond"]],
    does: "Wakes every waiter, in order.", errors: "" },
  // event flags
  event_create: { n: 76, cost: 100, in: "THLS", args: [["name", "name"], ["bits", "i32"]],
    does: "31 event flags (bits 0..30).", errors: "EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT" },
  event_wait: { n: 77, cost: 50, in: "THilcs", args: [["event", "event"], ["bits", "i32"], ["how", "i32"], ["timeout", "timeout"]],
    does: "Waits for ANY or ALL of the bits and returns the flags as they were then; CLEAR takes the bits waited for.", errors: "EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED" },
  event_set: { n: 78, cost: 50, in: "THILCS", args: [["event", "event"], ["bits", "i32"]],
    does: "Sets bits; every waiter is tested against the same flags, then what the satisfied ones clear is cleared. Returns the flags left.", errors: "EINVAL" },
  event_clear: { n: 79, cost: 30, in: "THILCS", args: [["event", "event"], ["bits", "i32"]],
    does: "Clears bits and returns the flags as they were before.", errors: "EINVAL" },
  // barrier
  barrier_create: { n: 80, cost: 100, in: "THLS", args: [["name", "name"], ["count", "i32"]],
    does: "A barrier for `count` tasks.", errors: "EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT" },
  barrier_wait: { n: 81, cost: 50, in: "TH", args: [["barrier", "barrier"], ["timeout", "timeout"]],
    does: "Waits until `count` tasks are here. Returns 1 to the last arrival, 0 to the others.", errors: "EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED" },
  // readers-writer lock
  rwlock_create: { n: 82, cost: 100, in: "THLS", args: [["name", "name"]],
    does: "A lock for many readers or one writer.", errors: "ENAMETOOLONG EEXIST ENFILE EFAULT" },
  rwlock_read: { n: 83, cost: 50, in: "THl", args: [["rwlock", "rwlock"], ["timeout", "timeout"]],
    does: "Locks for reading; a waiting writer that is at least as urgent goes first.", errors: "EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED" },
  rwlock_write: { n: 84, cost: 50, in: "THl", args: [["rwlock", "rwlock"], ["timeout", "timeout"]],
    does: "Locks for writing.", errors: "EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED" },
  rwlock_unlock: { n: 85, cost: 50, in: "THL", args: [["rwlock", "rwlock"]],
    does: "Gives up the caller's read or write lock.", errors: "EPERM" },
  // timer
  timer_create: { n: 86, cost: 100, in: "THLCS", args: [["name", "name"], ["action", "i32"], ["target", "i32"], ["value", "i32"]],
    does: "A stopped timer. At each expiry: CALLBACK runs entry `target` with argument `value` in the timer service, SEM_GIVE gives `target`, EVENT_SET sets the bits `value` of `target`.", errors: "EINVAL EBADF ENAMETOOLONG EEXIST ENFILE EFAULT" },
  timer_start: { n: 87, cost: 60, in: "THILCS", args: [["timer", "timer"], ["first", "i32"], ["period", "i32"]],
    does: "First expiry after `first` ticks (at least 1), then every `period` ticks; period 0: once. A running timer starts anew.", errors: "EINVAL" },
  timer_stop: { n: 88, cost: 40, in: "THILCS", args: [["timer", "timer"]],
    does: "The timer does not expire any more; a callback that has not begun is withdrawn. Returns 1 if it was running, else 0.", errors: "" },
  timer_count: { n: 89, cost: 30, in: "THILCS", args: [["timer", "timer"]],
    does: "Expiries since the last query.", errors: "" },
  timer_overruns: { n: 90, cost: 30, in: "THILCS", args: [["timer", "timer"]],
    does: "Expiries since the last query whose callback found the one before not begun.", errors: "" },
  timer_service: { n: 91, cost: 40, in: "THC", args: [["out", "callback"], ["timeout", "timeout"]],
    does: "For the timer service: ends the callback that ran, waits for the next and stores it.", errors: "EAGAIN ETIMEDOUT EINTR ECANCELED EBUSY" },
  // pipe
  pipe_create: { n: 92, cost: 140, in: "THLS", args: [["name", "name"], ["capacity", "i32"], ["mode", "i32"], ["storage", "u32"]],
    does: "A byte stream of fixed capacity (0 = rendezvous), opened for the creator by `mode`. Its buffer is at `storage`, or from the arena when that is 0.", errors: "EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT" },
  pipe_read: { n: 93, cost: 60, in: "THilcs", args: [["pipe", "pipe:read"], ["buffer", "bytes"], ["timeout", "timeout"]],
    does: "Takes what is there, at most the length; waits for a first byte. 0: no writer is left and the pipe is drained.", errors: "EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EDEADLK EPERM EFAULT" },
  pipe_write: { n: 94, cost: 60, in: "THilcs", args: [["pipe", "pipe:write"], ["buffer", "bytes"], ["timeout", "timeout"]],
    does: "Puts bytes in. Up to 64 (or the capacity) go in whole or not at all; more go in pieces as room appears.", errors: "EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE EDEADLK EPERM EFAULT" },
  pipe_reset: { n: 95, cost: 80, in: "THILCS", args: [["pipe", "pipe"]],
    does: "Forgets the bytes; blocked callers get ECANCELED.", errors: "EPERM" },
  pipe_trigger: { n: 96, cost: 40, in: "THILCS", args: [["pipe", "pipe"], ["level", "i32"]],
    does: "A blocked reader wakes only when this many bytes are there (1..capacity). Returns the old level.", errors: "EINVAL EPERM" },
} as const satisfies Record<string, Call>;

/** What the port calls; not charged and not part of what a task may call. */
export const portCalls = {
  power_on: {
    args: [],
    returns: "i32",
    does: "Starts the kernel anew from the power-on fields of the CPU page. Returns 0, or EINVAL when they make no sense.",
  },
  system_done: { args: [], returns: "void", does: "The system description is complete: tasks may run." },
  dispatch: { args: [], returns: "i32", does: "Serves what is due and says what to run: an Order, its details in the CPU page." },
  idle: { args: [], returns: "void", does: "After Order.IDLE: lets time jump to the next event." },
  irq_return: { args: [], returns: "i32", does: "The innermost handler has returned. 1: dispatch next; 0: no handler was running." },
  line_raise: { args: ["line"], returns: "i32", does: "A device or the bench raises an interrupt line." },
  device_begin: {
    args: ["cost"],
    returns: "i32",
    does: "A task or handler is about to touch a device register: 0, or SWITCH (do nothing; repeat when it runs again).",
  },
  device_end: {
    args: ["device", "register", "value"],
    returns: "i32",
    does: "The register was touched: traces it and answers the value, or SWITCH.",
  },
  task_trap: {
    args: ["cause"],
    returns: "void",
    does: "The running task did what ends it (an exception, a trap): ends it, status `cause`.",
  },
  dropped: { args: [], returns: "i32", does: "The index of a task whose context the port must forget, -1 when there is none left." },
  trace_drain: { args: [], returns: "i32", does: "Empties the trace ring and returns how many records it held, from the ring's tail on." },
} as const;

type FieldType = "u8" | "u16" | "i32" | "u32" | "u64" | "Link" | "Queue" | "Task" | "Mutex";
type Field = readonly [name: string, type: FieldType, does: string];
type Layout = { extends?: string; does: string; fields: readonly Field[] };

/** Records in memory, in this order, naturally aligned. A field whose type is a record holds its address (u32), 0 for none. */
// biome-ignore format: a table reads as rows
export const records = {
  Link: { does: "A place in a ring list; alone it points to itself.", fields: [
    ["next", "Link", "the next link"],
    ["prev", "Link", "the link before"],
  ] },
  Cpu: { does: "The CPU's registers, at address 64. A port reads them after dispatch and writes the power-on fields, `device` and `choice`.", fields: [
    ["due", "u64", "cycle of the next event"],
    ["left", "i32", "cycles until it: now = due - left"],
    ["current", "i32", "index of the task that runs, -1 for nobody"],
    ["entry", "u32", "START, INTERRUPT: what to run"],
    ["argument", "i32", "START: its argument; INTERRUPT: the line"],
    ["result", "i32", "RESUME: what the call that gave up the CPU returns"],
    ["choices", "u32", "CHOOSE: how many there are"],
    ["choice", "u32", "CHOOSE: which kind; the port puts its choice here"],
    ["tick", "u32", "ticks served"],
    ["device", "u64", "cycle of the next device event, by the port"],
    ["drops", "u32", "contexts the port has not yet dropped"],
    ["attention", "u32", "set when a task ended or half the trace ring was filled; the port clears it"],
    ["busy", "u32", "tasks alive that are not daemons"],
    ["waiting", "u32", "deadlines and timers that are running: 0 and IDLE means nobody can ever run, but for devices"],
    ["kernel", "u32", "where the Kernel record is, from power-on on; the next six too"],
    ["trace", "u32", "where the Trace record is"],
    ["tasks", "u32", "where the table of tasks is"],
    ["slots", "u32", "how many tasks there is room for"],
    ["deadlines", "u32", "where the table of their deadlines is"],
    ["pools", "u32", "where the Pool records are, by kind"],
    ["lines", "u32", "where the table of lines is"],
    ["panic", "u32", "why the kernel stopped, 0 while it runs"],
    ["memory", "u32", "power-on: where RAM ends"],
    ["scratch", "u32", "power-on: bytes at RAM's start that the port keeps for itself; set to where RAM starts"],
    ["statics", "u32", "power-on: bytes behind them for the firmware's data"],
    ["period", "u32", "power-on: cycles a tick"],
    ["first", "u32", "power-on: number of the first tick"],
    ["options", "u32", "power-on: Option"],
  ] },
  Spawn: { does: "What task_spawn is told.", fields: [
    ["name", "u32", "address of the name, 0 = none"],
    ["entry", "u32", "what it runs"],
    ["argument", "i32", "handed to the entry"],
    ["priority", "i32", "0..63, 63 is the most urgent"],
    ["threshold", "i32", "preemption threshold, -1 = the priority"],
    ["slice", "i32", "ticks, 0 = none"],
    ["flags", "u32", "TaskFlag"],
    ["stack", "u32", "address of its stack, 0 = from the arena"],
    ["stackSize", "u32", "bytes"],
  ] },
  Callback: { does: "What timer_service answers.", fields: [
    ["timer", "i32", "its handle"],
    ["entry", "u32", "what to run"],
    ["argument", "i32", "handed to it"],
  ] },
  Queue: { extends: "Link", does: "A wait queue: the sentinel of a ring of tasks, most urgent first.", fields: [
    ["id", "u16", "kind << 8 | index of the object it belongs to"],
    ["side", "u8", "0 its first queue, 1 its second"],
  ] },
  Task: { extends: "Link", does: "The PCB. Linked in one ready list or one wait queue, or alone.", fields: [
    ["handle", "i32", "0 while the slot is free"],
    ["generation", "u32", "how often the slot was freed"],
    ["state", "i32", "State"],
    ["held", "u8", "Held: it may not run though READY"],
    ["priority", "u8", "current priority: base, or raised by inheritance or a ceiling"],
    ["base", "u8", "its own priority"],
    ["threshold", "u8", "as configured; at least base"],
    ["level", "u8", "the ready list it belongs to: priority, or the threshold while it has the CPU or was preempted"],
    ["flags", "i32", "TaskFlag"],
    ["index", "u8", "its slot"],
    ["slice", "u16", "ticks, 0 = none"],
    ["sliceLeft", "u16", "ticks left of the slice"],
    ["result", "i32", "what its call returns when it runs again"],
    ["entry", "u32", "what it runs"],
    ["argument", "i32", "handed to the entry"],
    ["started", "u8", "whether it ever ran"],
    ["kept", "u8", "whether its threshold holds: it has the CPU, or had it and was preempted"],
    ["repeat", "u8", "its next call was charged already"],
    ["call", "u8", "the call it waits in"],
    ["settle", "i32", "how a wait that ends must be settled by its object before the task is ready"],
    ["cause", "u8", "wait: why it ended, kept while it settles"],
    ["queue", "Queue", "the wait queue it is in, 0 = none"],
    ["pointer", "u32", "wait: address of the caller's memory"],
    ["length", "u32", "wait: its length, or the bits, or the direction"],
    ["progress", "u32", "wait: bytes moved so far"],
    ["aside", "u32", "wait: a second object or option"],
    ["arrival", "u32", "wait: order of arrival"],
    ["outcome", "i32", "wait: the result kept while it settles"],
    ["timeout", "i32", "wait: as it was asked for"],
    ["remaining", "u32", "cycles left of its task_compute"],
    ["callback", "u8", "the timer service: 1 it runs a callback, 2 it was woken to look for one"],
    ["schedulerLocks", "u16", "depth"],
    ["interruptLocks", "u16", "depth"],
    ["status", "i32", "exit status of a zombie"],
    ["how", "u8", "End: how it ended"],
    ["parent", "i32", "handle, 0 = none"],
    ["stack", "u32", "address of its stack"],
    ["stackSize", "u32", "bytes"],
    ["stackUsed", "u32", "most bytes of it ever used"],
    ["storage", "u32", "arena block of the stack, 0 = the caller's"],
    ["switches", "u32", "times it got the CPU"],
    ["worst", "u32", "most cycles between ready and running"],
    ["readyAt", "u64", "when it became ready"],
    ["cycles", "u64", "cycles it used"],
    ["name0", "u64", "name, first 8 bytes"],
    ["name1", "u64", "name, last 8 bytes"],
  ] },
  Deadline: { extends: "Link", does: "A place in the ordered list of deadlines.", fields: [
    ["when", "u32", "tick"],
    ["owner", "Task", "whose it is"],
  ] },
  Obj: { extends: "Queue", does: "How every object but a task begins; the queue is its first wait queue, and its place among the free slots.", fields: [
    ["index", "u8", "its slot"],
    ["handle", "i32", "0 while the slot is free"],
    ["generation", "u32", "how often the slot was freed"],
    ["flags", "u32", "the kind's own, or Mode of what is public"],
    ["system", "u32", "1: the system description made it; 2: its name was taken away"],
    ["name0", "u64", "name, first 8 bytes"],
    ["name1", "u64", "name, last 8 bytes"],
  ] },
  Channel: { extends: "Obj", does: "An object that is opened.", fields: [
    ["readers", "u64", "tasks that have it open to read or receive, a bit each"],
    ["writers", "u64", "tasks that have it open to write or send"],
    ["everyone", "u8", "Mode: directions in which everybody has it open"],
    ["own", "u8", "Mode: directions in which the system description and interrupts have it open"],
    ["had", "u8", "Mode: directions in which anyone ever had it open"],
  ] },
  Sem: { extends: "Obj", does: "Counting semaphore: while a task waits, the count is 0.", fields: [
    ["count", "u32", "units there"],
    ["maximum", "u32", "at most"],
  ] },
  Mutex: { extends: "Obj", does: "Mutex: while a task waits, it has an owner.", fields: [
    ["owner", "Task", "0 = free"],
    ["count", "u16", "locks of the owner"],
    ["ceiling", "u8", "priority"],
    ["broken", "u8", "1: the owner died and nobody made it consistent; 2: not recoverable"],
  ] },
  Cond: { extends: "Obj", does: "Condition: all its waiters released the same mutex.", fields: [
    ["mutex", "Mutex", "that mutex, 0 while nobody waits"],
  ] },
  Event: { extends: "Obj", does: "Event flags: no waiter is satisfied by the flags as they are.", fields: [
    ["bits", "u32", "flags 0..30"],
  ] },
  Barrier: { extends: "Obj", does: "Barrier: fewer than `count` tasks wait.", fields: [
    ["count", "u32", "tasks that open it"],
    ["waiting", "u32", "tasks that wait"],
  ] },
  Rwlock: { extends: "Obj", does: "Readers-writer lock: readers or a writer, never both.", fields: [
    ["readers", "u64", "tasks that hold it to read, a bit each"],
    ["writer", "Task", "the task that holds it to write, 0 = none"],
  ] },
  Timer: { extends: "Obj", does: "Timer: on the list of timers while it runs.", fields: [
    ["when", "u32", "tick of the next expiry"],
    ["period", "u32", "ticks, 0 = once"],
    ["action", "u8", "Action"],
    ["running", "u8", "whether it is on the list"],
    ["queued", "u8", "whether its callback waits for the timer service"],
    ["target", "i32", "handle, or entry of the callback"],
    ["value", "i32", "bits, or argument of the callback"],
    ["expiries", "u32", "since the last query"],
    ["overruns", "u32", "since the last query"],
    ["born", "u32", "order of creation"],
  ] },
  Pipe: { extends: "Channel", does: "Pipe: `used` bytes from `head` on, around the ring's end. The second wait queue is the writers'.", fields: [
    ["buffer", "u32", "address of its storage"],
    ["capacity", "u32", "bytes"],
    ["head", "u32", "offset of the first byte"],
    ["used", "u32", "bytes in it"],
    ["trigger", "u32", "bytes that wake a blocked reader"],
    ["storage", "u32", "arena block of the buffer, 0 = the caller's"],
  ] },
  Line: { does: "An interrupt line.", fields: [
    ["entry", "u32", "its handler"],
    ["attached", "u8", "whether it has one"],
    ["priority", "u8", "255 is the most urgent"],
    ["started", "u8", "whether its handler runs"],
    ["repeat", "u8", "its next call was charged already"],
    ["result", "i32", "what its call returns when it runs again"],
    ["remaining", "u32", "cycles left of its task_compute"],
    ["served", "u32", "times its handler ran"],
    ["worst", "u32", "most cycles between raise and handler"],
    ["raisedAt", "u64", "when it was raised"],
    ["cycles", "u64", "cycles its handler used"],
  ] },
  Extent: { extends: "Link", does: "A piece of the arena, in order of address.", fields: [
    ["address", "u32", "where it starts"],
    ["size", "u32", "bytes"],
    ["used", "u32", "0 free, 1 in use"],
  ] },
  Pool: { extends: "Link", does: "A table of objects of one kind: the sentinel of its free slots, the one freed longest ago first.", fields: [
    ["base", "u32", "address of the first"],
    ["size", "u32", "bytes each"],
    ["count", "u32", "how many"],
    ["live", "u32", "in use"],
  ] },
  Record: { does: "One event of the trace.", fields: [
    ["cycles", "u32", "lower half of the cycle counter"],
    ["event", "u8", "an event, or the number of a call"],
    ["task", "u8", "index of the task, 255 for none, 128 + line for a handler"],
    ["object", "u16", "kind << 8 | index, 0 for none"],
    ["first", "u32", "see the table"],
    ["second", "u32", "a call: its result"],
  ] },
  Trace: { does: "The trace ring's state.", fields: [
    ["head", "u32", "records ever put in"],
    ["tail", "u32", "records ever taken out"],
    ["dropped", "u32", "records the full ring did not take"],
    ["hash0", "u32", "rolling hash, lower lane"],
    ["hash1", "u32", "rolling hash, upper lane"],
    ["high", "u32", "upper half of the cycle counter at the last record"],
    ["events", "u64", "records made, kept or dropped"],
    ["ring", "u32", "address of the records"],
    ["capacity", "u32", "records the ring holds, a power of two"],
    ["on", "u32", "Option.TRACE and HASH as the run has them"],
  ] },
  Kernel: { does: "The kernel's own state.", fields: [
    ["bitmap", "u64", "levels with a ready task"],
    ["current", "Task", "the task that has the CPU, 0 = none"],
    ["context", "u32", "where the caller is: Context, and 64 while its next call was charged already"],
    ["actor", "u32", "who the trace names: a task's index, 128 + line, 255 for the kernel"],
    ["look", "u32", "set when anything changed for which the caller might have to give up the CPU"],
    ["arrivals", "u32", "waits ever begun"],
    ["nowCharged", "u64", "cycle up to which time is accounted"],
    ["kernelCycles", "u64", "cycles of ticks, dispatches, interrupt entries"],
    ["idleCycles", "u64", "cycles in which nobody could run"],
    ["endedCycles", "u64", "cycles of tasks whose slot is free again"],
    ["lineCycles", "u64", "cycles of interrupt handlers"],
    ["nextTick", "u64", "cycle of the next tick"],
    ["cut", "u64", "cycle at which the oracle ends the slice, all ones = not"],
    ["phase", "u32", "what is still to be served at this tick"],
    ["counted", "u32", "whether the tick being served was counted already"],
    ["undecided", "u32", "whether the oracle is still to be asked how long the slice lasts"],
    ["idling", "u32", "whether nobody ran since the last IDLE record"],
    ["asked", "u32", "the Choice the port was asked for, 0 = none"],
    ["spurious", "i32", "index of the task that may wake for no reason, -1 = none"],
    ["pending", "u32", "lines that are raised, a bit each"],
    ["entering", "u32", "whether the entry of a handler was charged, and which line's is not yet decided"],
    ["depth", "u32", "handlers that run, one on top of another"],
    ["level", "i32", "priority of the innermost, -1 = none"],
    ["dropped", "u64", "tasks whose context the port must forget"],
    ["changed", "u32", "kinds with objects to be served before the export ends, a bit each"],
    ["settling", "u64", "tasks whose wait must be settled by its object"],
    ["births", "u32", "timers ever created"],
    ["service", "Task", "the timer service's task, 0 = none"],
    ["booted", "u32", "0 before power-on, 1 in the system description, 2 when tasks run"],
  ] },
} as const satisfies Record<string, Layout>;
