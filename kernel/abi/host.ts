// Generated from kernel/abi/table.ts by `npm run abi`. Do not edit.

/** The caller may not simply go on; its result comes when it runs again. */
export const SWITCH = -2147483648;
/** The result that says: nothing was done yet, make the same call again. */
export const AGAIN = -2147483647;

/** The call is illegal in this context, or the object is not open to the caller in this direction. */
export const EPERM = -1;
/** No object of this kind has this name. */
export const ENOENT = -2;
/** No such task: it has ended, or never was. */
export const ESRCH = -3;
/** A caught signal ended the wait. */
export const EINTR = -4;
/** Not a live handle of this kind. */
export const EBADF = -9;
/** Nothing to join: the task is detached, or another joiner got its status. */
export const ECHILD = -10;
/** The call would block and the timeout is 0. */
export const EAGAIN = -11;
/** The RAM arena has no block of this size. */
export const ENOMEM = -12;
/** The memory named is not inside RAM, or is protected from the caller. */
export const EFAULT = -14;
/** Already taken by somebody else. */
export const EBUSY = -16;
/** An object of this kind has this name already. */
export const EEXIST = -17;
/** An argument is out of its range. */
export const EINVAL = -22;
/** The kernel's table of these objects is full. */
export const ENFILE = -23;
/** Nobody is left at the other end. */
export const EPIPE = -32;
/** The wait could never end. */
export const EDEADLK = -35;
/** A name is longer than 15 bytes. */
export const ENAMETOOLONG = -36;
/** The object was deleted while the caller waited. */
export const EIDRM = -43;
/** A counter is at its maximum. */
export const EOVERFLOW = -75;
/** The message is larger than the queue takes, or than the buffer. */
export const EMSGSIZE = -90;
/** A socket of this type does not do that. */
export const EOPNOTSUPP = -95;
/** The port is taken. */
export const EADDRINUSE = -98;
/** The address is not this machine's, or no port is free. */
export const EADDRNOTAVAIL = -99;
/** There is no way to this address. */
export const ENETUNREACH = -101;
/** The other end gave the connection up: what it had not received is lost. */
export const ECONNRESET = -104;
/** The socket is connected already. */
export const EISCONN = -106;
/** The socket is not connected. */
export const ENOTCONN = -107;
/** The timeout expired. */
export const ETIMEDOUT = -110;
/** Nobody listens there, or no more connections may wait. */
export const ECONNREFUSED = -111;
/** The connection is being made already. */
export const EALREADY = -114;
/** The connection is being made: a poll tells when the socket can be written. */
export const EINPROGRESS = -115;
/** The wait was cancelled by a reset or an abort. */
export const ECANCELED = -125;
/** The lock was obtained, its last owner ended while holding it. */
export const EOWNERDEAD = -130;
/** The lock was given up without being made consistent. */
export const ENOTRECOVERABLE = -131;

/** Every error: its number, whether a correct program may get it, what it means. */
export const errors = {
  EPERM: { errno: -1, sort: "misuse", means: "the call is illegal in this context, or the object is not open to the caller in this direction" },
  ENOENT: { errno: -2, sort: "outcome", means: "no object of this kind has this name" },
  ESRCH: { errno: -3, sort: "outcome", means: "no such task: it has ended, or never was" },
  EINTR: { errno: -4, sort: "outcome", means: "a caught signal ended the wait" },
  EBADF: { errno: -9, sort: "misuse", means: "not a live handle of this kind" },
  ECHILD: { errno: -10, sort: "outcome", means: "nothing to join: the task is detached, or another joiner got its status" },
  EAGAIN: { errno: -11, sort: "outcome", means: "the call would block and the timeout is 0" },
  ENOMEM: { errno: -12, sort: "outcome", means: "the RAM arena has no block of this size" },
  EFAULT: { errno: -14, sort: "misuse", means: "the memory named is not inside RAM, or is protected from the caller" },
  EBUSY: { errno: -16, sort: "outcome", means: "already taken by somebody else" },
  EEXIST: { errno: -17, sort: "outcome", means: "an object of this kind has this name already" },
  EINVAL: { errno: -22, sort: "misuse", means: "an argument is out of its range" },
  ENFILE: { errno: -23, sort: "outcome", means: "the kernel's table of these objects is full" },
  EPIPE: { errno: -32, sort: "outcome", means: "nobody is left at the other end" },
  EDEADLK: { errno: -35, sort: "misuse", means: "the wait could never end" },
  ENAMETOOLONG: { errno: -36, sort: "misuse", means: "a name is longer than 15 bytes" },
  EIDRM: { errno: -43, sort: "outcome", means: "the object was deleted while the caller waited" },
  EOVERFLOW: { errno: -75, sort: "outcome", means: "a counter is at its maximum" },
  EMSGSIZE: { errno: -90, sort: "outcome", means: "the message is larger than the queue takes, or than the buffer" },
  EOPNOTSUPP: { errno: -95, sort: "misuse", means: "a socket of this type does not do that" },
  EADDRINUSE: { errno: -98, sort: "outcome", means: "the port is taken" },
  EADDRNOTAVAIL: { errno: -99, sort: "outcome", means: "the address is not this machine's, or no port is free" },
  ENETUNREACH: { errno: -101, sort: "outcome", means: "there is no way to this address" },
  ECONNRESET: { errno: -104, sort: "outcome", means: "the other end gave the connection up: what it had not received is lost" },
  EISCONN: { errno: -106, sort: "outcome", means: "the socket is connected already" },
  ENOTCONN: { errno: -107, sort: "outcome", means: "the socket is not connected" },
  ETIMEDOUT: { errno: -110, sort: "outcome", means: "the timeout expired" },
  ECONNREFUSED: { errno: -111, sort: "outcome", means: "nobody listens there, or no more connections may wait" },
  EALREADY: { errno: -114, sort: "outcome", means: "the connection is being made already" },
  EINPROGRESS: { errno: -115, sort: "outcome", means: "the connection is being made: a poll tells when the socket can be written" },
  ECANCELED: { errno: -125, sort: "outcome", means: "the wait was cancelled by a reset or an abort" },
  EOWNERDEAD: { errno: -130, sort: "outcome", means: "the lock was obtained, its last owner ended while holding it" },
  ENOTRECOVERABLE: { errno: -131, sort: "outcome", means: "the lock was given up without being made consistent" },
} as const;

export type ErrorName = keyof typeof errors;

export const Kind = {
  TASK: 1,
  SEM: 2,
  MUTEX: 3,
  COND: 4,
  EVENT: 5,
  BARRIER: 6,
  RWLOCK: 7,
  TIMER: 8,
  PIPE: 9,
  QUEUE: 10,
  MAILBOX: 11,
  REGION: 12,
  POOL: 13,
  SOCKET: 14,
  LINE: 15,
} as const;

export const Context = {
  TASK: 1,
  HANDLER: 2,
  INTERRUPT: 4,
  LOCKED: 8,
  CALLBACK: 16,
  SYSTEM: 32,
} as const;

export const Signal = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
} as const;

/** The line was hung up. By default it ends the task. */
export const SIGHUP = 1;
/** Ctrl-C. By default it ends the task. */
export const SIGINT = 2;
/** Ctrl-\. By default it ends the task. */
export const SIGQUIT = 3;
/** Illegal instruction. By default it ends the task. */
export const SIGILL = 4;
/** Breakpoint. By default it ends the task. */
export const SIGTRAP = 5;
/** The task gave up on itself. By default it ends the task. */
export const SIGABRT = 6;
/** Bad address. By default it ends the task. */
export const SIGBUS = 7;
/** Bad arithmetic. By default it ends the task. */
export const SIGFPE = 8;
/** Cannot be caught, ignored or masked. By default it ends the task. */
export const SIGKILL = 9;
/** The program's own. By default it ends the task. */
export const SIGUSR1 = 10;
/** Memory that is not the task's. By default it ends the task. */
export const SIGSEGV = 11;
/** The program's own. By default it ends the task. */
export const SIGUSR2 = 12;
/** Written where nobody reads any more. By default it ends the task. */
export const SIGPIPE = 13;
/** Task_alarm. By default it ends the task. */
export const SIGALRM = 14;
/** Please end. By default it ends the task. */
export const SIGTERM = 15;
/** Stack fault. By default it ends the task. */
export const SIGSTKFLT = 16;
/** A child ended, stopped or went on. By default it nothing. */
export const SIGCHLD = 17;
/** Goes on even where it is masked or ignored. By default it lets the task go on. */
export const SIGCONT = 18;
/** Cannot be caught, ignored or masked. By default it stops the task. */
export const SIGSTOP = 19;
/** Ctrl-Z. By default it stops the task. */
export const SIGTSTP = 20;
/** A background task read the console. By default it stops the task. */
export const SIGTTIN = 21;
/** A background task wrote to the console. By default it stops the task. */
export const SIGTTOU = 22;
/** Urgent data. By default it nothing. */
export const SIGURG = 23;
/** CPU time used up. By default it ends the task. */
export const SIGXCPU = 24;
/** Too large. By default it ends the task. */
export const SIGXFSZ = 25;
/** A timer of CPU time. By default it ends the task. */
export const SIGVTALRM = 26;
/** A timer for profiling. By default it ends the task. */
export const SIGPROF = 27;
/** The window changed. By default it nothing. */
export const SIGWINCH = 28;
/** Something is ready. By default it ends the task. */
export const SIGIO = 29;
/** Power fails. By default it ends the task. */
export const SIGPWR = 30;
/** No such call. By default it ends the task. */
export const SIGSYS = 31;
/** Names of the signals, by number. */
export const signalNames: Record<number, string> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  10: "SIGUSR1",
  11: "SIGSEGV",
  12: "SIGUSR2",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  16: "SIGSTKFLT",
  17: "SIGCHLD",
  18: "SIGCONT",
  19: "SIGSTOP",
  20: "SIGTSTP",
  21: "SIGTTIN",
  22: "SIGTTOU",
  23: "SIGURG",
  24: "SIGXCPU",
  25: "SIGXFSZ",
  26: "SIGVTALRM",
  27: "SIGPROF",
  28: "SIGWINCH",
  29: "SIGIO",
  30: "SIGPWR",
  31: "SIGSYS",
};

export const State = {
  FREE: 0,
  ZOMBIE: 1,
  BLOCKED: 2,
  READY: 3,
  RUNNING: 4,
} as const;

export const Held = {
  SUSPENDED: 1,
  STOPPED: 2,
} as const;

export const Mode = {
  READ: 1,
  WRITE: 2,
  PUBLIC_READ: 4,
  PUBLIC_WRITE: 8,
  PUBLIC: 12,
} as const;

export const TaskFlag = {
  DETACHED: 1,
  DAEMON: 2,
} as const;

export const MutexFlag = {
  RECURSIVE: 1,
  ROBUST: 2,
  CEILING: 4,
  PLAIN: 8,
  CHECKED: 16,
} as const;

export const EventWait = {
  ANY: 0,
  ALL: 1,
  CLEAR: 2,
} as const;

export const Action = {
  CALLBACK: 0,
  SEM_GIVE: 1,
  EVENT_SET: 2,
  SIGNAL: 3,
  FLAGS_SET: 4,
} as const;

export const Disposition = {
  DEFAULT: 0,
  IGNORE: 1,
  HANDLER: 2,
} as const;

export const SigFlag = {
  NOCLDSTOP: 1,
  NOCLDWAIT: 2,
  NODEFER: 4,
  RESETHAND: 8,
  RESTART: 16,
} as const;

export const MaskHow = {
  BLOCK: 0,
  UNBLOCK: 1,
  SET: 2,
} as const;

export const Notify = {
  OVERWRITE: 0,
  KEEP: 1,
  INCREMENT: 2,
} as const;

export const Discipline = {
  FIFO: 0,
  LIFO: 1,
  PRIORITY: 2,
} as const;

export const SendHow = {
  FRONT: 256,
} as const;

export const Poll = {
  READ: 1,
  WRITE: 2,
  SIGNAL: 4,
  FLAGS: 8,
  NOTE: 16,
  CLOSED: 32,
} as const;

export const Order = {
  IDLE: 0,
  RESUME: 1,
  START: 2,
  SIGNAL: 3,
  INTERRUPT: 4,
  DEVICE: 5,
  CHOOSE: 6,
  PACKET: 7,
} as const;

export const SocketType = {
  STREAM: 1,
  DATAGRAM: 2,
} as const;

export const Connection = {
  NONE: 0,
  LISTENING: 1,
  CONNECTING: 2,
  ARRIVING: 3,
  CONNECTED: 4,
  LOST: 5,
} as const;

export const PacketFlag = {
  SYN: 1,
  ACK: 2,
  FIN: 4,
  RST: 8,
  STOP: 16,
  PROBE: 32,
  REFUSED: 64,
  UNREACHABLE: 128,
  DATAGRAM: 256,
} as const;

export const Choice = {
  SLICE: 1,
  ORDER: 2,
  SPURIOUS: 3,
} as const;

export const Option = {
  TRACE: 1,
  HASH: 2,
  ORACLE: 4,
} as const;

export const Place = {
  WORD: 254,
  RAM: 255,
} as const;

export const Owner = {
  NOBODY: 0,
  KERNEL: 1,
  SYSTEM: 2,
  TASKS: 3,
} as const;

export const BlockState = {
  NONE: 0,
  FREE: 1,
  OWNED: 2,
  LETTER: 3,
  BROADCAST: 4,
} as const;

export const Cause = {
  HANDOFF: 0,
  TIMEOUT: 1,
  DELETED: 2,
  CANCELED: 3,
  CLOSED: 4,
  ENDED: 5,
  SPURIOUS: 6,
  SIGNAL: 7,
} as const;

export const End = {
  EXIT: 0,
  TERMINATED: 1,
  FAULT: 2,
  SIGNAL: 3,
} as const;

export const Info = {
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
  PENDING: 20,
  MASK: 21,
  SIZE: 22,
  LOCAL: 23,
  PEER: 24,
  LOST: 25,
  NAME0: 26,
  NAME1: 27,
  WAITING_ON: 28,
  WAITING_IN: 29,
  RAM: 30,
  RAM_FREE: 31,
  RAM_LARGEST: 32,
  IDLE: 33,
  DATA_END: 34,
} as const;

/** Trace events that are no calls, by number. */
export const eventTable: Record<number, { name: string; first: string; second: string }> = {
  1: { name: "CARRY", first: "cycles_high", second: "tick" },
  2: { name: "MORE", first: "argument", second: "argument" },
  3: { name: "BLOCK", first: "deadline", second: "timeout" },
  4: { name: "WAKE", first: "cause", second: "result" },
  5: { name: "SWITCH", first: "previous", second: "latency" },
  6: { name: "IDLE", first: "previous", second: "unused" },
  7: { name: "TICK", first: "tick", second: "unused" },
  8: { name: "INTERRUPT", first: "latency", second: "depth" },
  9: { name: "RETURN", first: "depth", second: "unused" },
  10: { name: "SPAWN", first: "entry", second: "priority" },
  11: { name: "END", first: "how", second: "status" },
  12: { name: "HOLD", first: "held", second: "previous" },
  13: { name: "PRIORITY", first: "priority", second: "previous" },
  14: { name: "EXPIRE", first: "expiries", second: "overruns" },
  15: { name: "RAISE", first: "pending", second: "unused" },
  16: { name: "DEVICE", first: "register", second: "value" },
  17: { name: "PASS", first: "from", second: "mutex" },
  19: { name: "POWER", first: "memory", second: "period" },
  20: { name: "SIGNAL", first: "signal", second: "origin" },
  21: { name: "DELIVER", first: "signal", second: "origin" },
  22: { name: "SIGRETURN", first: "signal", second: "frames" },
  23: { name: "CYCLE", first: "tasks", second: "object" },
  24: { name: "SEND", first: "flags", second: "digest" },
  25: { name: "ARRIVE", first: "flags", second: "digest" },
  18: { name: "CHOICE", first: "kind", second: "choice" },
};

/** Calls as the trace names them, by number: which arguments the record and its MORE record keep. */
export const callTable: Record<number, { name: string; words: string[] }> = {
  32: { name: "task_spawn", words: [] },
  33: { name: "task_exit", words: ["status"] },
  34: { name: "task_join", words: [] },
  35: { name: "task_detach", words: [] },
  36: { name: "task_terminate", words: [] },
  37: { name: "task_self", words: [] },
  38: { name: "task_yield", words: [] },
  39: { name: "task_sleep", words: ["ticks"] },
  40: { name: "task_sleep_until", words: ["tick"] },
  41: { name: "task_suspend", words: [] },
  42: { name: "task_resume", words: [] },
  43: { name: "task_priority", words: ["priority"] },
  44: { name: "task_slice", words: ["ticks"] },
  45: { name: "task_threshold", words: ["threshold"] },
  46: { name: "task_compute", words: ["cycles"] },
  47: { name: "wait_abort", words: [] },
  48: { name: "scheduler_lock", words: [] },
  49: { name: "scheduler_unlock", words: [] },
  50: { name: "interrupt_lock", words: [] },
  51: { name: "interrupt_unlock", words: [] },
  52: { name: "irq_attach", words: ["line","entry","priority"] },
  53: { name: "irq_detach", words: ["line"] },
  54: { name: "irq_raise", words: ["line"] },
  56: { name: "object_open", words: ["kind","mode"] },
  57: { name: "object_close", words: ["mode"] },
  58: { name: "object_grant", words: ["task","mode"] },
  59: { name: "object_unlink", words: [] },
  60: { name: "object_delete", words: [] },
  61: { name: "object_info", words: ["field"] },
  62: { name: "object_enumerate", words: ["kind","previous"] },
  64: { name: "sem_create", words: ["initial","maximum"] },
  65: { name: "sem_take", words: [] },
  66: { name: "sem_give", words: [] },
  67: { name: "sem_reset", words: ["count"] },
  68: { name: "mutex_create", words: ["flags","ceiling"] },
  69: { name: "mutex_lock", words: [] },
  70: { name: "mutex_unlock", words: [] },
  71: { name: "mutex_consistent", words: [] },
  72: { name: "cond_create", words: [] },
  73: { name: "cond_wait", words: ["mutex"] },
  74: { name: "cond_signal", words: [] },
  75: { name: "cond_broadcast", words: [] },
  76: { name: "event_create", words: ["bits"] },
  77: { name: "event_wait", words: ["bits","how"] },
  78: { name: "event_set", words: ["bits"] },
  79: { name: "event_clear", words: ["bits"] },
  80: { name: "barrier_create", words: ["count"] },
  81: { name: "barrier_wait", words: [] },
  82: { name: "rwlock_create", words: [] },
  83: { name: "rwlock_read", words: [] },
  84: { name: "rwlock_write", words: [] },
  85: { name: "rwlock_unlock", words: [] },
  86: { name: "timer_create", words: ["action","target","value"] },
  87: { name: "timer_start", words: ["first","period"] },
  88: { name: "timer_stop", words: [] },
  89: { name: "timer_count", words: [] },
  90: { name: "timer_overruns", words: [] },
  91: { name: "timer_service", words: [] },
  92: { name: "pipe_create", words: ["capacity","mode","storage"] },
  93: { name: "pipe_read", words: ["length"] },
  94: { name: "pipe_write", words: ["length"] },
  95: { name: "pipe_reset", words: [] },
  96: { name: "pipe_trigger", words: ["level"] },
  97: { name: "signal_send", words: ["signal"] },
  98: { name: "signal_action", words: ["signal"] },
  99: { name: "signal_mask", words: ["how","set"] },
  100: { name: "signal_wait", words: ["set"] },
  101: { name: "signal_suspend", words: ["mask"] },
  102: { name: "signal_pending", words: [] },
  103: { name: "task_alarm", words: ["ticks"] },
  104: { name: "flags_set", words: ["bits"] },
  105: { name: "flags_clear", words: ["bits"] },
  106: { name: "flags_wait", words: ["bits","how"] },
  107: { name: "notify_send", words: ["how","value"] },
  108: { name: "notify_wait", words: [] },
  109: { name: "queue_create", words: ["count","size","discipline"] },
  110: { name: "queue_send", words: ["length","how"] },
  111: { name: "queue_receive", words: ["length"] },
  112: { name: "queue_peek", words: ["length"] },
  113: { name: "queue_overwrite", words: ["length"] },
  114: { name: "queue_reset", words: [] },
  115: { name: "queue_notify", words: ["signal"] },
  116: { name: "pool_create", words: ["count","size","storage"] },
  117: { name: "pool_alloc", words: [] },
  118: { name: "pool_free", words: ["block"] },
  119: { name: "memory_alloc", words: ["bytes"] },
  120: { name: "memory_free", words: ["address"] },
  121: { name: "mailbox_create", words: ["mode"] },
  122: { name: "mailbox_send", words: ["destination","block"] },
  123: { name: "mailbox_send_sync", words: ["destination","block"] },
  124: { name: "mailbox_broadcast", words: ["block"] },
  125: { name: "mailbox_receive", words: ["source"] },
  126: { name: "mailbox_notify", words: ["signal"] },
  127: { name: "region_create", words: ["bytes","mode","storage"] },
  128: { name: "region_address", words: [] },
  129: { name: "word_wait", words: ["address","expected"] },
  130: { name: "word_wake", words: ["address","count"] },
  131: { name: "word_add", words: ["address","value"] },
  132: { name: "word_exchange", words: ["address","value"] },
  133: { name: "word_compare_exchange", words: ["address","expected","value"] },
  134: { name: "object_poll", words: ["count"] },
  135: { name: "socket_create", words: ["type","receive","transmit"] },
  136: { name: "socket_bind", words: ["address","port"] },
  137: { name: "socket_listen", words: ["backlog"] },
  138: { name: "socket_accept", words: [] },
  139: { name: "socket_connect", words: ["address","port"] },
  140: { name: "socket_send", words: ["length"] },
  141: { name: "socket_receive", words: ["length"] },
  142: { name: "socket_shutdown", words: ["how"] },
};

export const Happening = {
  CARRY: 1,
  MORE: 2,
  BLOCK: 3,
  WAKE: 4,
  SWITCH: 5,
  IDLE: 6,
  TICK: 7,
  INTERRUPT: 8,
  RETURN: 9,
  SPAWN: 10,
  END: 11,
  HOLD: 12,
  PRIORITY: 13,
  EXPIRE: 14,
  RAISE: 15,
  DEVICE: 16,
  PASS: 17,
  POWER: 19,
  SIGNAL: 20,
  DELIVER: 21,
  SIGRETURN: 22,
  CYCLE: 23,
  SEND: 24,
  ARRIVE: 25,
  CHOICE: 18,
} as const;

export const Call = {
  TASK_SPAWN: 32,
  TASK_EXIT: 33,
  TASK_JOIN: 34,
  TASK_DETACH: 35,
  TASK_TERMINATE: 36,
  TASK_SELF: 37,
  TASK_YIELD: 38,
  TASK_SLEEP: 39,
  TASK_SLEEP_UNTIL: 40,
  TASK_SUSPEND: 41,
  TASK_RESUME: 42,
  TASK_PRIORITY: 43,
  TASK_SLICE: 44,
  TASK_THRESHOLD: 45,
  TASK_COMPUTE: 46,
  WAIT_ABORT: 47,
  SCHEDULER_LOCK: 48,
  SCHEDULER_UNLOCK: 49,
  INTERRUPT_LOCK: 50,
  INTERRUPT_UNLOCK: 51,
  IRQ_ATTACH: 52,
  IRQ_DETACH: 53,
  IRQ_RAISE: 54,
  OBJECT_OPEN: 56,
  OBJECT_CLOSE: 57,
  OBJECT_GRANT: 58,
  OBJECT_UNLINK: 59,
  OBJECT_DELETE: 60,
  OBJECT_INFO: 61,
  OBJECT_ENUMERATE: 62,
  SEM_CREATE: 64,
  SEM_TAKE: 65,
  SEM_GIVE: 66,
  SEM_RESET: 67,
  MUTEX_CREATE: 68,
  MUTEX_LOCK: 69,
  MUTEX_UNLOCK: 70,
  MUTEX_CONSISTENT: 71,
  COND_CREATE: 72,
  COND_WAIT: 73,
  COND_SIGNAL: 74,
  COND_BROADCAST: 75,
  EVENT_CREATE: 76,
  EVENT_WAIT: 77,
  EVENT_SET: 78,
  EVENT_CLEAR: 79,
  BARRIER_CREATE: 80,
  BARRIER_WAIT: 81,
  RWLOCK_CREATE: 82,
  RWLOCK_READ: 83,
  RWLOCK_WRITE: 84,
  RWLOCK_UNLOCK: 85,
  TIMER_CREATE: 86,
  TIMER_START: 87,
  TIMER_STOP: 88,
  TIMER_COUNT: 89,
  TIMER_OVERRUNS: 90,
  TIMER_SERVICE: 91,
  PIPE_CREATE: 92,
  PIPE_READ: 93,
  PIPE_WRITE: 94,
  PIPE_RESET: 95,
  PIPE_TRIGGER: 96,
  SIGNAL_SEND: 97,
  SIGNAL_ACTION: 98,
  SIGNAL_MASK: 99,
  SIGNAL_WAIT: 100,
  SIGNAL_SUSPEND: 101,
  SIGNAL_PENDING: 102,
  TASK_ALARM: 103,
  FLAGS_SET: 104,
  FLAGS_CLEAR: 105,
  FLAGS_WAIT: 106,
  NOTIFY_SEND: 107,
  NOTIFY_WAIT: 108,
  QUEUE_CREATE: 109,
  QUEUE_SEND: 110,
  QUEUE_RECEIVE: 111,
  QUEUE_PEEK: 112,
  QUEUE_OVERWRITE: 113,
  QUEUE_RESET: 114,
  QUEUE_NOTIFY: 115,
  POOL_CREATE: 116,
  POOL_ALLOC: 117,
  POOL_FREE: 118,
  MEMORY_ALLOC: 119,
  MEMORY_FREE: 120,
  MAILBOX_CREATE: 121,
  MAILBOX_SEND: 122,
  MAILBOX_SEND_SYNC: 123,
  MAILBOX_BROADCAST: 124,
  MAILBOX_RECEIVE: 125,
  MAILBOX_NOTIFY: 126,
  REGION_CREATE: 127,
  REGION_ADDRESS: 128,
  WORD_WAIT: 129,
  WORD_WAKE: 130,
  WORD_ADD: 131,
  WORD_EXCHANGE: 132,
  WORD_COMPARE_EXCHANGE: 133,
  OBJECT_POLL: 134,
  SOCKET_CREATE: 135,
  SOCKET_BIND: 136,
  SOCKET_LISTEN: 137,
  SOCKET_ACCEPT: 138,
  SOCKET_CONNECT: 139,
  SOCKET_SEND: 140,
  SOCKET_RECEIVE: 141,
  SOCKET_SHUTDOWN: 142,
} as const;

/** Where each field of each record is: offsets in bytes, `bytes` the record's size in a table. */
export const layout = {
  /** A place in a ring list; alone it points to itself. */
  Link: {
    bytes: 8,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
  },
  /** The CPU's registers, at address 64. A port reads them after dispatch and writes the power-on fields, `device` and `choice`. */
  Cpu: {
    bytes: 232,
    /** cycle of the next event (u64) */
    due: 0,
    /** cycles until it: now = due - left (i32) */
    left: 8,
    /** index of the task that runs, -1 for nobody (i32) */
    current: 12,
    /** START, INTERRUPT, SIGNAL: what to run (u32) */
    entry: 16,
    /** START: its argument; INTERRUPT: the line; SIGNAL: its number (i32) */
    argument: 20,
    /** RESUME: what the call that gave up the CPU returns (i32) */
    result: 24,
    /** CHOOSE: how many there are (u32) */
    choices: 28,
    /** CHOOSE: which kind; the port puts its choice here (u32) */
    choice: 32,
    /** ticks served (u32) */
    tick: 36,
    /** cycle of the next device event, by the port (u64) */
    device: 40,
    /** contexts the port has not yet dropped (u32) */
    drops: 48,
    /** set when a task ended or half the trace ring was filled; the port clears it (u32) */
    attention: 52,
    /** tasks alive that are not daemons (u32) */
    busy: 56,
    /** deadlines and timers that are running: 0 and IDLE means nobody can ever run, but for devices (u32) */
    waiting: 60,
    /** where the Kernel record is, from power-on on; the next six too (u32) */
    kernel: 64,
    /** where the Trace record is (u32) */
    trace: 68,
    /** where the table of tasks is (u32) */
    tasks: 72,
    /** how many tasks there is room for (u32) */
    slots: 76,
    /** where the table of their deadlines is (u32) */
    deadlines: 80,
    /** where the Pool records are, by kind (u32) */
    pools: 84,
    /** where the table of lines is (u32) */
    lines: 88,
    /** why the kernel stopped, 0 while it runs (u32) */
    panic: 92,
    /** power-on: where RAM ends (u32) */
    memory: 96,
    /** power-on: bytes at RAM's start that the port keeps for itself; set to where RAM starts (u32) */
    scratch: 100,
    /** power-on: bytes behind them for the firmware's data (u32) */
    statics: 104,
    /** power-on: cycles a tick (u32) */
    period: 108,
    /** power-on: number of the first tick (u32) */
    first: 112,
    /** power-on: Option (u32) */
    options: 116,
    /** SIGNAL: handle of the task or object that sent it, 0 for none (i32) */
    origin: 120,
    /** where the table of memory blocks is, from power-on on (u32) */
    blocks: 124,
    /** index of the task whose wait closed a ring of waits, -1 for none; the port clears it (i32) */
    cycle: 128,
    /** where the list of the arena's pieces is, from power-on on (u32) */
    pieces: 132,
    /** power-on: the machine's IPv4 address, 0 = it has no network (u32) */
    address: 136,
    /** power-on: addresses that agree with its own in these bits can be reached (u32) */
    netmask: 140,
    /** power-on: first of the ports that are given out (u32) */
    portFirst: 144,
    /** power-on: how many they are (u32) */
    portCount: 148,
    /** power-on: ticks without a sign of life after which a connection is lost (u32) */
    giveUp: 152,
    /** power-on: how often the machine was on before, so that its streams' first numbers differ (u32) */
    lives: 156,
    /** where packets are left, from power-on on: a Packet record and its bytes (u32) */
    packet: 160,
    /** connections that nobody has open any more and that still send (u32) */
    lingering: 164,
    /** connections to other machines (u32) */
    connections: 168,
    /** cycle at which the port wants to look at compiled code, by the port; it is no event (u64) */
    observe: 176,
    /** how often compiled code may be resumed before the port is asked, by the port (i32) */
    quota: 184,
    /** handle of the task `current` (i32) */
    self: 188,
    /** handlers of lines that run, one on top of the other (u32) */
    depth: 192,
    /** power-on: not 0 where memory is protected (u32) */
    guarded: 196,
    /** power-on: the bits that mark an entry as the port's own, which may touch all RAM; 0 where all are the same (u32) */
    mark: 200,
    /** the firmware describes the system, and not the port; by the port (u32) */
    describing: 204,
    /** power-on: where among the statics the data begin that every task may touch, 0 = with the first (u32) */
    data: 208,
    /** the part of its stack that the code which runs keeps data on, by the port (u32) */
    ownStart: 212,
    /** where it ends (u32) */
    ownEnd: 216,
    /** memory that reach() has found, until something takes it away (u32) */
    reachStart: 220,
    /** where it ends; 0 for none (u32) */
    reachEnd: 224,
    /** 1: to write, too (u32) */
    reachWrite: 228,
  },
  /** What task_spawn is told. */
  Spawn: {
    bytes: 36,
    /** address of the name, 0 = none (u32) */
    name: 0,
    /** what it runs (u32) */
    entry: 4,
    /** handed to the entry (i32) */
    argument: 8,
    /** 0..63, 63 is the most urgent (i32) */
    priority: 12,
    /** preemption threshold, -1 = the priority (i32) */
    threshold: 16,
    /** ticks, 0 = none (i32) */
    slice: 20,
    /** TaskFlag (u32) */
    flags: 24,
    /** address of its stack, 0 = from the arena (u32) */
    stack: 28,
    /** bytes (u32) */
    stackSize: 32,
  },
  /** What timer_service answers. */
  Callback: {
    bytes: 12,
    /** its handle (i32) */
    timer: 0,
    /** what to run (u32) */
    entry: 4,
    /** handed to it (i32) */
    argument: 8,
  },
  /** What a signal does to a task. */
  SigAction: {
    bytes: 16,
    /** Disposition (u32) */
    disposition: 0,
    /** HANDLER: what to run (u32) */
    entry: 4,
    /** HANDLER: what is masked besides while it runs (u32) */
    mask: 8,
    /** SigFlag (u32) */
    flags: 12,
  },
  /** What mailbox_receive tells of a block. */
  Letter: {
    bytes: 12,
    /** handle of the task that sent it, 0 for an interrupt (i32) */
    sender: 0,
    /** bytes of the block (u32) */
    size: 4,
    /** 1: a broadcast, read-only (u32) */
    shared: 8,
  },
  /** What object_poll looks at. */
  PollItem: {
    bytes: 16,
    /** an object, a task, or the caller itself for SIGNAL, FLAGS and NOTE (i32) */
    handle: 0,
    /** Poll: what is waited for (u32) */
    events: 4,
    /** event flags, signals or thread flags: which of them (u32) */
    bits: 8,
    /** Poll: what is ready (u32) */
    ready: 12,
  },
  /** An address on the network. */
  Endpoint: {
    bytes: 8,
    /** IPv4, the first number in the highest byte (u32) */
    address: 0,
    /** 0..65535 (u32) */
    port: 4,
  },
  /** What socket_receive tells of a datagram. */
  Sender: {
    bytes: 12,
    /** who sent it (u32) */
    address: 0,
    /** from which port (u32) */
    port: 4,
    /** bytes it had (u32) */
    size: 8,
  },
  /** What travels between machines; `length` bytes follow. */
  Packet: {
    bytes: 32,
    /** address (u32) */
    source: 0,
    /** address (u32) */
    destination: 4,
    /** 0..65535 (u16) */
    sourcePort: 8,
    /** 0..65535 (u16) */
    destinationPort: 10,
    /** PacketFlag (u32) */
    flags: 12,
    /** number of its first byte in the stream (u32) */
    sequence: 16,
    /** number of the byte that is expected next (u32) */
    acknowledged: 20,
    /** bytes there is room for behind that (u32) */
    window: 24,
    /** bytes that follow (u32) */
    length: 28,
  },
  /** A wait queue: the sentinel of a ring of tasks, most urgent first. */
  Queue: {
    bytes: 12,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
  },
  /** The PCB. Linked in one ready list or one wait queue, or alone. */
  Task: {
    bytes: 240,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** 0 while the slot is free (i32) */
    handle: 8,
    /** how often the slot was freed (u32) */
    generation: 12,
    /** State (i32) */
    state: 16,
    /** Held: it may not run though READY (u8) */
    held: 20,
    /** current priority: base, or raised by inheritance or a ceiling (u8) */
    priority: 21,
    /** its own priority (u8) */
    base: 22,
    /** as configured; at least base (u8) */
    threshold: 23,
    /** the ready list it belongs to: priority, or the threshold while it has the CPU or was preempted (u8) */
    level: 24,
    /** TaskFlag (i32) */
    flags: 28,
    /** its slot (u8) */
    index: 32,
    /** ticks, 0 = none (u16) */
    slice: 34,
    /** ticks left of the slice (u16) */
    sliceLeft: 36,
    /** what its call returns when it runs again (i32) */
    result: 40,
    /** what it runs (u32) */
    entry: 44,
    /** handed to the entry (i32) */
    argument: 48,
    /** whether it ever ran (u8) */
    started: 52,
    /** whether its threshold holds: it has the CPU, or had it and was preempted (u8) */
    kept: 53,
    /** its next call was charged already (u8) */
    repeat: 54,
    /** the call it waits in (u8) */
    call: 55,
    /** how a wait that ends must be settled by its object before the task is ready (i32) */
    settle: 56,
    /** wait: why it ended, kept while it settles (u8) */
    cause: 60,
    /** the wait queue it is in, 0 = none (Queue) */
    queue: 64,
    /** wait: address of the caller's memory (u32) */
    pointer: 68,
    /** wait: its length, or the bits, or the direction (u32) */
    length: 72,
    /** wait: bytes moved so far (u32) */
    progress: 76,
    /** wait: a second object or option (u32) */
    aside: 80,
    /** wait: order of arrival (u32) */
    arrival: 84,
    /** wait: the result kept while it settles (i32) */
    outcome: 88,
    /** wait: as it was asked for (i32) */
    timeout: 92,
    /** cycles left of its task_compute (u32) */
    remaining: 96,
    /** the timer service: 1 it runs a callback, 2 it was woken to look for one (u8) */
    callback: 100,
    /** depth (u16) */
    schedulerLocks: 102,
    /** depth (u16) */
    interruptLocks: 104,
    /** exit status of a zombie (i32) */
    status: 108,
    /** End: how it ended (u8) */
    how: 112,
    /** handle, 0 = none (i32) */
    parent: 116,
    /** address of its stack (u32) */
    stack: 120,
    /** bytes (u32) */
    stackSize: 124,
    /** most bytes of it ever used (u32) */
    stackUsed: 128,
    /** arena block of the stack, 0 = the caller's (u32) */
    storage: 132,
    /** times it got the CPU (u32) */
    switches: 136,
    /** most cycles between ready and running (u32) */
    worst: 140,
    /** when it became ready (u64) */
    readyAt: 144,
    /** cycles it used (u64) */
    cycles: 152,
    /** name, first 8 bytes (u64) */
    name0: 160,
    /** name, last 8 bytes (u64) */
    name1: 168,
    /** tasks that poll for its end, a bit each (u64) */
    pollers: 176,
    /** signals sent and not yet delivered, bit s is signal s (u32) */
    pending: 184,
    /** signals that wait until they are unmasked (u32) */
    mask: 188,
    /** signals it ignores (u32) */
    ignored: 192,
    /** signals it has a handler for (u32) */
    caught: 196,
    /** those handlers, 0 = none (Handler) */
    handlers: 200,
    /** the innermost signal frame, 0 = none (Frame) */
    frames: 204,
    /** the frame reserved for the handler that interrupted its wait, 0 = none (Frame) */
    spare: 208,
    /** what becomes of the wait that a signal interrupted (u8) */
    restart: 212,
    /** SigFlag of SIGCHLD: NOCLDSTOP, NOCLDWAIT (u8) */
    childFlags: 213,
    /** the signal that ends it, 0 = none (u8) */
    fatal: 214,
    /** the signal for what it did, which ends it when its handler has returned, 0 = none (u8) */
    dying: 215,
    /** whether its notification value is unread (u8) */
    noted: 216,
    /** tick at which the interrupted wait gives up (u32) */
    until: 220,
    /** which wait for a taken block was interrupted (u32) */
    ticket: 224,
    /** its thread flags (u32) */
    threadFlags: 228,
    /** its notification value (u32) */
    note: 232,
  },
  /** A task's handler for a signal. */
  Handler: {
    bytes: 24,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** the task's next one (Handler) */
    after: 8,
    /** what it runs (u32) */
    entry: 12,
    /** masked besides while it runs (u32) */
    mask: 16,
    /** SigFlag (u8) */
    flags: 20,
    /** for which (u8) */
    signal: 21,
  },
  /** What a task was doing when a signal's handler began, to be gone on with. */
  Frame: {
    bytes: 60,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** the frame of the handler that this one interrupted, 0 = none (Frame) */
    below: 8,
    /** whose handler runs (u32) */
    signal: 12,
    /** the mask as it will be again (u32) */
    mask: 16,
    /** what the interrupted call returns (i32) */
    result: 20,
    /** its next call was charged already (u8) */
    repeat: 24,
    /** what becomes of the wait that was interrupted (u8) */
    restart: 25,
    /** tick at which that wait gives up (u32) */
    until: 28,
    /** as it was asked for (i32) */
    timeout: 32,
    /** which wait for a taken block (u32) */
    ticket: 36,
    /** cycles left of its task_compute (u32) */
    remaining: 40,
    /** a condition's mutex: its handle (u32) */
    pointer: 44,
    /** a condition's mutex: its address (u32) */
    aside: 48,
    /** a condition's mutex: its recursion count (u32) */
    progress: 52,
    /** a condition's result (i32) */
    outcome: 56,
  },
  /** A place in the ordered list of deadlines. */
  Deadline: {
    bytes: 16,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** tick (u32) */
    when: 8,
    /** whose it is (Task) */
    owner: 12,
  },
  /** How every object but a task begins; the queue is its first wait queue, and its place among the free slots. */
  Obj: {
    bytes: 48,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
  },
  /** An object that is opened. */
  Channel: {
    bytes: 72,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** tasks that have it open to read or receive, a bit each (u64) */
    readers: 48,
    /** tasks that have it open to write or send (u64) */
    writers: 56,
    /** Mode: directions in which everybody has it open (u8) */
    everyone: 64,
    /** Mode: directions in which the system description and interrupts have it open (u8) */
    own: 65,
    /** Mode: directions in which anyone ever had it open (u8) */
    had: 66,
  },
  /** Counting semaphore: while a task waits, the count is 0. */
  Sem: {
    bytes: 56,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** units there (u32) */
    count: 48,
    /** at most (u32) */
    maximum: 52,
  },
  /** Mutex: while a task waits, it has an owner. */
  Mutex: {
    bytes: 56,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** 0 = free (Task) */
    owner: 48,
    /** locks of the owner (u16) */
    count: 52,
    /** priority (u8) */
    ceiling: 54,
    /** 1: the owner died and nobody made it consistent; 2: not recoverable (u8) */
    broken: 55,
  },
  /** Condition: all its waiters released the same mutex. */
  Cond: {
    bytes: 56,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** that mutex, 0 while nobody waits (Mutex) */
    mutex: 48,
  },
  /** Event flags: no waiter is satisfied by the flags as they are. */
  Event: {
    bytes: 56,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** flags 0..30 (u32) */
    bits: 48,
  },
  /** Barrier: fewer than `count` tasks wait. */
  Barrier: {
    bytes: 56,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** tasks that open it (u32) */
    count: 48,
    /** tasks that wait (u32) */
    waiting: 52,
  },
  /** Readers-writer lock: readers or a writer, never both. */
  Rwlock: {
    bytes: 64,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** tasks that hold it to read, a bit each (u64) */
    readers: 48,
    /** the task that holds it to write, 0 = none (Task) */
    writer: 56,
  },
  /** Timer: on the list of timers while it runs. */
  Timer: {
    bytes: 80,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** tick of the next expiry (u32) */
    when: 48,
    /** ticks, 0 = once (u32) */
    period: 52,
    /** Action (u8) */
    action: 56,
    /** whether it is on the list (u8) */
    running: 57,
    /** whether its callback waits for the timer service (u8) */
    queued: 58,
    /** handle, or entry of the callback (i32) */
    target: 60,
    /** bits, or argument of the callback (i32) */
    value: 64,
    /** since the last query (u32) */
    expiries: 68,
    /** since the last query (u32) */
    overruns: 72,
    /** order of creation (u32) */
    born: 76,
  },
  /** Pipe: `used` bytes from `head` on, around the ring's end. The second wait queue is the writers'. */
  Pipe: {
    bytes: 96,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** tasks that have it open to read or receive, a bit each (u64) */
    readers: 48,
    /** tasks that have it open to write or send (u64) */
    writers: 56,
    /** Mode: directions in which everybody has it open (u8) */
    everyone: 64,
    /** Mode: directions in which the system description and interrupts have it open (u8) */
    own: 65,
    /** Mode: directions in which anyone ever had it open (u8) */
    had: 66,
    /** address of its storage (u32) */
    buffer: 68,
    /** bytes (u32) */
    capacity: 72,
    /** offset of the first byte (u32) */
    head: 76,
    /** bytes in it (u32) */
    used: 80,
    /** bytes that wake a blocked reader (u32) */
    trigger: 84,
    /** arena block of the buffer, 0 = the caller's (u32) */
    storage: 88,
  },
  /** Message queue: `used` slots from `head` on in the ring `order`; the rest of the ring names the free slots. */
  MsgQueue: {
    bytes: 112,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** tasks that have it open to read or receive, a bit each (u64) */
    readers: 48,
    /** tasks that have it open to write or send (u64) */
    writers: 56,
    /** Mode: directions in which everybody has it open (u8) */
    everyone: 64,
    /** Mode: directions in which the system description and interrupts have it open (u8) */
    own: 65,
    /** Mode: directions in which anyone ever had it open (u8) */
    had: 66,
    /** address of its storage: the ring of slot numbers (u16), then the slots (u32) */
    buffer: 68,
    /** arena block of the buffer, 0 = the caller's (u32) */
    storage: 72,
    /** address of the first slot: length u32, priority u32, bytes (u32) */
    slots: 76,
    /** messages (u32) */
    capacity: 80,
    /** bytes of a message at most (u32) */
    size: 84,
    /** bytes of a slot (u32) */
    stride: 88,
    /** place of the first message in the ring (u32) */
    head: 92,
    /** messages in it (u32) */
    used: 96,
    /** Discipline (u8) */
    discipline: 100,
    /** signal of its notification, 0 = none (u8) */
    signal: 101,
    /** handle of the task that is notified, 0 = none (i32) */
    registrant: 104,
  },
  /** Block pool: its blocks are `count` records of the block table; while a task waits, none is free. */
  MemPool: {
    bytes: 80,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** address of the first block (u32) */
    buffer: 48,
    /** arena block of the buffer, 0 = the caller's (u32) */
    storage: 52,
    /** bytes of a block, a multiple of 8 (u32) */
    size: 56,
    /** bytes of a block as they were asked for (u32) */
    asked: 60,
    /** blocks (u32) */
    count: 64,
    /** number of its first record in the block table (u32) */
    first: 68,
    /** blocks that nobody has (u32) */
    free: 72,
  },
  /** A block of a pool. Linked among the pool's free blocks or in a mailbox, or alone. */
  Block: {
    bytes: 56,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** broadcast: tasks that have not received it, a bit each (u64) */
    due: 8,
    /** broadcast: tasks that have received it and not freed it (u64) */
    holders: 16,
    /** whose it is, 0 = nobody's or the interrupts' (Task) */
    owner: 24,
    /** handle of the task that sent it last, 0 for none or an interrupt (i32) */
    from: 28,
    /** in a mailbox: handle of the task it is for, 0 = anyone (i32) */
    to: 32,
    /** the mailbox it is in; also that of a broadcast until it is free, and that in which its synchronous sender waits (Mailbox) */
    box: 36,
    /** the synchronous send that waits for it (u32) */
    ticket: 40,
    /** the task of that send, 0 = none (Task) */
    waiter: 44,
    /** 0 no block, 1 free, 2 owned, 3 in a mailbox, 4 broadcast (u32) */
    state: 48,
    /** its pool's slot (u32) */
    pool: 52,
  },
  /** Mailbox. The second wait queue is the synchronous senders'. */
  Mailbox: {
    bytes: 72,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** tasks that have it open to read or receive, a bit each (u64) */
    readers: 48,
    /** tasks that have it open to write or send (u64) */
    writers: 56,
    /** Mode: directions in which everybody has it open (u8) */
    everyone: 64,
    /** Mode: directions in which the system description and interrupts have it open (u8) */
    own: 65,
    /** Mode: directions in which anyone ever had it open (u8) */
    had: 66,
    /** blocks in it (u32) */
    letters: 68,
  },
  /** Endpoint. A connection within the machine has a `peer`; one to another machine has segments under way. The second wait queue is the senders' and connectors'. */
  Socket: {
    bytes: 224,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** tasks that have it open to read or receive, a bit each (u64) */
    readers: 48,
    /** tasks that have it open to write or send (u64) */
    writers: 56,
    /** Mode: directions in which everybody has it open (u8) */
    everyone: 64,
    /** Mode: directions in which the system description and interrupts have it open (u8) */
    own: 65,
    /** Mode: directions in which anyone ever had it open (u8) */
    had: 66,
    /** SocketType (i32) */
    type: 68,
    /** Connection (i32) */
    state: 72,
    /** whether it has a port (u8) */
    bound: 76,
    /** listening: connections that may wait (u8) */
    backlog: 77,
    /** its own (u16) */
    port: 78,
    /** the other end's, 0 = none (u16) */
    peerPort: 80,
    /** what is to be sent beside bytes: PacketFlag SYN, ACK, FIN, PROBE (u8) */
    due: 82,
    /** acknowledgements in a row that acknowledged nothing new (u8) */
    repeats: 83,
    /** this end sends no more (u8) */
    sentAll: 84,
    /** the other end sends no more, and all it sent is here (u8) */
    gotAll: 85,
    /** this end reads no more: what comes is dropped (u8) */
    deaf: 86,
    /** the other end reads no more (u8) */
    stopped: 87,
    /** nobody has it open: it only brings the stream to its end (u8) */
    orphan: 88,
    /** how many of its ends were sent: FIN, then STOP (u8) */
    endsSent: 89,
    /** how many of them were acknowledged (u8) */
    endsAcked: 90,
    /** its own, 0 = all of the machine's (u32) */
    address: 92,
    /** the other end's (u32) */
    peerAddress: 96,
    /** the other end in this machine, 0 = none (Socket) */
    peer: 100,
    /** in whose backlog it is, 0 = none (Socket) */
    listener: 104,
    /** when it came into the backlog (u32) */
    order: 108,
    /** what became of the connection, told once; 0 = nothing to tell (i32) */
    error: 112,
    /** bytes of its receive buffer (u32) */
    receive: 116,
    /** bytes of its transmit buffer (u32) */
    transmit: 120,
    /** arena block of the buffers, 0 = none or the caller's (u32) */
    storage: 124,
    /** the caller's memory for them, 0 = none (u32) */
    given: 128,
    /** address of the receive ring, 0 = none yet (u32) */
    rxBuffer: 132,
    /** offset of its first byte (u32) */
    rxHead: 136,
    /** bytes in it (u32) */
    rxUsed: 140,
    /** address of the transmit ring, 0 = none (u32) */
    txBuffer: 144,
    /** offset of its first byte, the oldest that is not acknowledged (u32) */
    txHead: 148,
    /** bytes in it (u32) */
    txUsed: 152,
    /** number of the oldest byte that is not acknowledged (u32) */
    unacked: 156,
    /** number of the next byte to be sent (u32) */
    upcoming: 160,
    /** number behind the last byte that was ever sent (u32) */
    highest: 164,
    /** number of the first byte for which the other end has no room (u32) */
    edge: 168,
    /** number of the byte that is expected next (u32) */
    expected: 172,
    /** number of the first byte for which this end said it has no room (u32) */
    offered: 176,
    /** tick at which it does something if nothing comes (u32) */
    when: 180,
    /** tick of the last sign of life (u32) */
    heard: 184,
    /** ticks until it sends again (u32) */
    retry: 188,
    /** bytes that it lets be on their way at once (u32) */
    flight: 192,
    /** bytes from which on that number grows slowly (u32) */
    calm: 196,
    /** measured ticks there and back, times 8, 0 = not measured yet (i32) */
    trip: 200,
    /** by how much they vary, times 4 (i32) */
    spread: 204,
    /** number of the byte whose acknowledgement is timed (u32) */
    timed: 208,
    /** when it was sent, 0 = none is timed (u32) */
    timedAt: 212,
    /** datagrams dropped for want of room (u32) */
    lost: 216,
  },
  /** Shared region. Its wait queue is of those who wait for one of its words. */
  Region: {
    bytes: 80,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** kind << 8 | index of the object it belongs to (u16) */
    id: 8,
    /** 0 its first queue, 1 its second (u8) */
    side: 10,
    /** its slot (u8) */
    index: 11,
    /** 0 while the slot is free (i32) */
    handle: 12,
    /** how often the slot was freed (u32) */
    generation: 16,
    /** the kind's own (u16) */
    flags: 20,
    /** 1: the system description made it (u8) */
    system: 22,
    /** name, first 8 bytes (u64) */
    name0: 24,
    /** name, last 8 bytes (u64) */
    name1: 32,
    /** tasks that poll it, a bit each (u64) */
    pollers: 40,
    /** tasks that have it open to read or receive, a bit each (u64) */
    readers: 48,
    /** tasks that have it open to write or send (u64) */
    writers: 56,
    /** Mode: directions in which everybody has it open (u8) */
    everyone: 64,
    /** Mode: directions in which the system description and interrupts have it open (u8) */
    own: 65,
    /** Mode: directions in which anyone ever had it open (u8) */
    had: 66,
    /** where it is (u32) */
    address: 68,
    /** arena block, 0 = the caller's (u32) */
    storage: 72,
    /** bytes (u32) */
    size: 76,
  },
  /** An interrupt line. */
  Line: {
    bytes: 40,
    /** its handler (u32) */
    entry: 0,
    /** whether it has one (u8) */
    attached: 4,
    /** 255 is the most urgent (u8) */
    priority: 5,
    /** whether its handler runs (u8) */
    started: 6,
    /** its next call was charged already (u8) */
    repeat: 7,
    /** what its call returns when it runs again (i32) */
    result: 8,
    /** cycles left of its task_compute (u32) */
    remaining: 12,
    /** times its handler ran (u32) */
    served: 16,
    /** most cycles between raise and handler (u32) */
    worst: 20,
    /** when it was raised (u64) */
    raisedAt: 24,
    /** cycles its handler used (u64) */
    cycles: 32,
  },
  /** A piece of the arena, in order of address. */
  Extent: {
    bytes: 20,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** where it starts (u32) */
    address: 8,
    /** bytes (u32) */
    size: 12,
    /** Owner: NOBODY (it is free), the KERNEL (buffers, stacks), the SYSTEM description, or TASKS + slot of the task (u32) */
    used: 16,
  },
  /** A table of objects of one kind: the sentinel of its free slots, the one freed longest ago first. */
  Pool: {
    bytes: 24,
    /** the next link (Link) */
    next: 0,
    /** the link before (Link) */
    prev: 4,
    /** address of the first (u32) */
    base: 8,
    /** bytes each (u32) */
    size: 12,
    /** how many (u32) */
    count: 16,
    /** in use (u32) */
    live: 20,
  },
  /** One event of the trace. */
  Record: {
    bytes: 16,
    /** lower half of the cycle counter (u32) */
    cycles: 0,
    /** an event, or the number of a call (u8) */
    event: 4,
    /** index of the task, 255 for none, 128 + line for a handler (u8) */
    task: 5,
    /** kind << 8 | index, 0 for none (u16) */
    object: 6,
    /** see the table (u32) */
    first: 8,
    /** a call: its result (u32) */
    second: 12,
  },
  /** The trace ring's state. */
  Trace: {
    bytes: 48,
    /** records ever put in (u32) */
    head: 0,
    /** records ever taken out (u32) */
    tail: 4,
    /** records the full ring did not take (u32) */
    dropped: 8,
    /** rolling hash, lower lane (u32) */
    hash0: 12,
    /** rolling hash, upper lane (u32) */
    hash1: 16,
    /** upper half of the cycle counter at the last record (u32) */
    high: 20,
    /** records made, kept or dropped (u64) */
    events: 24,
    /** address of the records (u32) */
    ring: 32,
    /** records the ring holds, a power of two (u32) */
    capacity: 36,
    /** Option.TRACE and HASH as the run has them (u32) */
    on: 40,
  },
  /** The kernel's own state. */
  Kernel: {
    bytes: 232,
    /** levels with a ready task (u64) */
    bitmap: 0,
    /** the task that has the CPU, 0 = none (Task) */
    current: 8,
    /** where the caller is: Context, and 64 while its next call was charged already (u32) */
    context: 12,
    /** who the trace names: a task's index, 128 + line, 255 for the kernel (u32) */
    actor: 16,
    /** set when anything changed for which the caller might have to give up the CPU (u32) */
    look: 20,
    /** waits ever begun (u32) */
    arrivals: 24,
    /** cycle up to which time is accounted (u64) */
    nowCharged: 32,
    /** cycles of ticks, dispatches, interrupt entries (u64) */
    kernelCycles: 40,
    /** cycles in which nobody could run (u64) */
    idleCycles: 48,
    /** cycles of tasks whose slot is free again (u64) */
    endedCycles: 56,
    /** cycles of interrupt handlers (u64) */
    lineCycles: 64,
    /** cycle of the next tick (u64) */
    nextTick: 72,
    /** cycle at which the oracle ends the slice, all ones = not (u64) */
    cut: 80,
    /** what is still to be served at this tick (u32) */
    phase: 88,
    /** whether the tick being served was counted already (u32) */
    counted: 92,
    /** whether the oracle is still to be asked how long the slice lasts (u32) */
    undecided: 96,
    /** whether nobody ran since the last IDLE record (u32) */
    idling: 100,
    /** the Choice the port was asked for, 0 = none (u32) */
    asked: 104,
    /** index of the task that may wake for no reason, -1 = none (i32) */
    spurious: 108,
    /** lines that are raised, a bit each (u32) */
    pending: 112,
    /** whether the entry of a handler was charged, and which line's is not yet decided (u32) */
    entering: 116,
    /** handlers that run, one on top of another (u32) */
    depth: 120,
    /** priority of the innermost, -1 = none (i32) */
    level: 124,
    /** tasks whose context the port must forget (u64) */
    dropped: 128,
    /** kinds with objects to be served before the export ends, a bit each (u32) */
    changed: 136,
    /** tasks whose wait must be settled by its object (u64) */
    settling: 144,
    /** tasks whose poll must look again (u64) */
    polled: 152,
    /** tasks that a signal ends (u64) */
    killed: 160,
    /** tasks for which there was no signal frame (u64) */
    starved: 168,
    /** set when any of the sets above may hold something (u32) */
    todo: 176,
    /** the call that runs goes on with an interrupted wait (u32) */
    restarting: 180,
    /** where the firmware's data begin (u32) */
    dataStart: 184,
    /** and end (u32) */
    dataEnd: 188,
    /** where the port's own memory, with which RAM begins, ends (u32) */
    portEnd: 192,
    /** timers ever created (u32) */
    births: 196,
    /** synchronous sends ever begun (u32) */
    tickets: 200,
    /** the timer service's task, 0 = none (Task) */
    service: 204,
    /** sockets with a packet to send, a bit each (u32) */
    sending: 208,
    /** sockets with a tick at which they do something, a bit each (u32) */
    timing: 212,
    /** answers to packets for which there is no socket, not yet sent (u32) */
    replies: 216,
    /** the next port to be given out (u32) */
    nextPort: 220,
    /** streams ever begun, for their first numbers (u32) */
    streams: 224,
    /** 0 before power-on, 1 in the system description, 2 when tasks run (u32) */
    booted: 228,
  },
} as const;

/** What kernel.wasm exports: the system calls, and what a port owes and uses. */
export interface KernelExports {
  readonly memory: WebAssembly.Memory;
  /** Makes a task that is ready to run and returns its handle. The stack is `stack_size` bytes at `stack`, or from the arena when `stack` is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
  task_spawn(parameters: number): number;
  /** Ends the calling task. Everything it held is released in a fixed order and everyone who waits on it is told. */
  task_exit(status: number): number;
  /** Waits until the task has ended and stores its exit status; the first joiner gets it. Errors: ECHILD EDEADLK EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
  task_join(task: number, status: number, timeout: number): number;
  /** Nobody will join the task: it leaves no zombie. Joiners that wait already are still served. Errors: ECHILD. */
  task_detach(task: number): number;
  /** Ends a task, in whatever state it is, with status -1. */
  task_terminate(task: number): number;
  /** The handle of the calling task. */
  task_self(): number;
  /** Lets the ready tasks of the same priority run first. */
  task_yield(): number;
  /** Waits n ticks: until the start of tick now + n. 0 returns at once. Errors: EINVAL EINTR ECANCELED. */
  task_sleep(ticks: number): number;
  /** Waits for the start of a tick. Returns 0, or 1 at once when that tick is past. Errors: EINTR ECANCELED. */
  task_sleep_until(tick: number): number;
  /** Keeps the task from running until task_resume. What it waits for goes on. Suspending twice is suspending once. Errors: EPERM. */
  task_suspend(task: number): number;
  /** Lets a suspended task run again. */
  task_resume(task: number): number;
  /** Changes the base priority (0..63, 63 is the most urgent) and returns the old one. Errors: EINVAL. */
  task_priority(task: number, priority: number): number;
  /** Changes the time slice (0 = none, at most 65535) from its next refill on and returns the old one. Errors: EINVAL. */
  task_slice(task: number, ticks: number): number;
  /** Changes the preemption threshold: only tasks above it preempt this one. Returns the old one. Errors: EINVAL. */
  task_threshold(task: number, threshold: number): number;
  /** Uses the CPU for a number of cycles; interrupts, ticks and more urgent tasks cut it anywhere. Errors: EINVAL. */
  task_compute(cycles: number): number;
  /** Makes the wait of a task return ECANCELED. Errors: EINVAL. */
  wait_abort(task: number): number;
  /** No other task runs until as many unlocks. Returns the depth. Interrupts and ticks go on. Errors: EOVERFLOW. */
  scheduler_lock(): number;
  /** Undoes one lock and returns the depth; at 0 a more urgent task runs. Errors: EPERM. */
  scheduler_unlock(): number;
  /** Delays interrupts, ticks and switches until as many unlocks. Returns the depth. Errors: EOVERFLOW. */
  interrupt_lock(): number;
  /** Undoes one lock and returns the depth; at 0 what came meanwhile is served. Errors: EPERM. */
  interrupt_unlock(): number;
  /** The handler `entry` serves the line from now on. Priority 0..255, 255 is the most urgent; a more urgent line interrupts a handler. Errors: EINVAL EBUSY. */
  irq_attach(line: number, entry: number, priority: number): number;
  /** Nobody serves the line; what is pending on it is forgotten. Errors: EINVAL. */
  irq_detach(line: number): number;
  /** Makes the line pending. Raised twice before its handler starts is raised once. Errors: EINVAL. */
  irq_raise(line: number): number;
  /** The handle of the object of this kind and name, opened for the caller to READ, WRITE or both; mode 0 where nothing is to be opened: tasks, synchronisation objects, timers. Errors: ENOENT EINVAL ENAMETOOLONG EFAULT EPERM. */
  object_open(kind: number, name: number, mode: number): number;
  /** The caller no longer reads, writes, or either. The last close of an unnamed or unlinked object ends it. Errors: EBADF EINVAL EPERM. */
  object_close(object: number, mode: number): number;
  /** Whoever has the object open, in any direction, opens it for another task. Errors: EBADF EINVAL EPERM. */
  object_grant(object: number, task: number, mode: number): number;
  /** Takes the object's name away at once; the object goes at its last close. Errors: EBADF EINVAL EPERM. */
  object_unlink(object: number): number;
  /** Ends the object at once: waiters get EIDRM, later calls EBADF. Errors: EBADF EINVAL EPERM. */
  object_delete(object: number): number;
  /** Stores one fact about the object (Info) as 64 bits; of the system where `object` is 0: RAM, RAM_FREE, RAM_LARGEST, IDLE, DATA_END. Errors: EBADF EINVAL. */
  object_info(object: number, field: number, out: number): number;
  /** The handle of the first live object of this kind behind `previous` (0 = from the start), 0 at the end. Errors: EINVAL. */
  object_enumerate(kind: number, previous: number): number;
  /** A counting semaphore. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
  sem_create(name: number, initial: number, maximum: number): number;
  /** Takes one unit, waits for it if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
  sem_take(sem: number, timeout: number): number;
  /** Hands one unit to the first waiter, or counts it. Errors: EOVERFLOW. */
  sem_give(sem: number): number;
  /** Waiters get ECANCELED, then the count is set. Errors: EINVAL. */
  sem_reset(sem: number, count: number): number;
  /** A mutex with priority inheritance; MutexFlag: RECURSIVE, ROBUST, CEILING (raises the owner to `ceiling` at once), PLAIN (no inheritance), CHECKED (a lock that could never be had is EDEADLK). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
  mutex_create(name: number, flags: number, ceiling: number): number;
  /** Locks the mutex, waits for it if another task owns it. EOWNERDEAD: locked, and what it protects may be half done. Errors: EAGAIN ETIMEDOUT EIDRM ECANCELED EDEADLK EINVAL EOVERFLOW EOWNERDEAD ENOTRECOVERABLE. */
  mutex_lock(mutex: number, timeout: number): number;
  /** Undoes one lock; the last hands the mutex to the first waiter. Errors: EPERM. */
  mutex_unlock(mutex: number): number;
  /** After EOWNERDEAD: what the mutex protects is whole again. Errors: EPERM EINVAL. */
  mutex_consistent(mutex: number): number;
  /** A condition variable. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
  cond_create(name: number): number;
  /** Releases the mutex and waits in one step; owns the mutex again when it returns, with whatever result. May wake for no reason. Errors: EPERM EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EOWNERDEAD ENOTRECOVERABLE. */
  cond_wait(cond: number, mutex: number, timeout: number): number;
  /** Wakes the first waiter; without one it is lost. */
  cond_signal(cond: number): number;
  /** Wakes every waiter, in order. */
  cond_broadcast(cond: number): number;
  /** 31 event flags (bits 0..30). Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
  event_create(name: number, bits: number): number;
  /** Waits for ANY or ALL of the bits and returns the flags as they were then; CLEAR takes the bits waited for. Errors: EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
  event_wait(event: number, bits: number, how: number, timeout: number): number;
  /** Sets bits; every waiter is tested against the same flags, then what the satisfied ones clear is cleared. Returns the flags left. Errors: EINVAL. */
  event_set(event: number, bits: number): number;
  /** Clears bits and returns the flags as they were before. Errors: EINVAL. */
  event_clear(event: number, bits: number): number;
  /** A barrier for `count` tasks. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
  barrier_create(name: number, count: number): number;
  /** Waits until `count` tasks are here. Returns 1 to the last arrival, 0 to the others. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
  barrier_wait(barrier: number, timeout: number): number;
  /** A lock for many readers or one writer. Errors: ENAMETOOLONG EEXIST ENFILE EFAULT. */
  rwlock_create(name: number): number;
  /** Locks for reading; a waiting writer that is at least as urgent goes first. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
  rwlock_read(rwlock: number, timeout: number): number;
  /** Locks for writing. Errors: EDEADLK EAGAIN ETIMEDOUT EIDRM ECANCELED. */
  rwlock_write(rwlock: number, timeout: number): number;
  /** Gives up the caller's read or write lock. Errors: EPERM. */
  rwlock_unlock(rwlock: number): number;
  /** A stopped timer. At each expiry: CALLBACK runs entry `target` with argument `value` in the timer service, SEM_GIVE gives `target`, EVENT_SET sets the bits `value` of `target`. Errors: EINVAL EBADF ESRCH ENAMETOOLONG EEXIST ENFILE EFAULT. */
  timer_create(name: number, action: number, target: number, value: number): number;
  /** First expiry after `first` ticks (at least 1), then every `period` ticks; period 0: once. A running timer starts anew. Errors: EINVAL. */
  timer_start(timer: number, first: number, period: number): number;
  /** The timer does not expire any more; a callback that has not begun is withdrawn. Returns 1 if it was running, else 0. */
  timer_stop(timer: number): number;
  /** Expiries since the last query. */
  timer_count(timer: number): number;
  /** Expiries since the last query whose callback found the one before not begun. */
  timer_overruns(timer: number): number;
  /** For the timer service: ends the callback that ran, waits for the next and stores it. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EBUSY. */
  timer_service(out: number, timeout: number): number;
  /** A byte stream of fixed capacity (0 = rendezvous), opened for the creator by `mode`. Its buffer is at `storage`, or from the arena when that is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
  pipe_create(name: number, capacity: number, mode: number, storage: number): number;
  /** Takes what is there, at most the length; waits for a first byte. 0: no writer is left and the pipe is drained. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EDEADLK EPERM EFAULT. */
  pipe_read(pipe: number, buffer: number, length: number, timeout: number): number;
  /** Puts bytes in. Up to 64 (or the capacity) go in whole or not at all; more go in pieces as room appears. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE EDEADLK EPERM EFAULT. */
  pipe_write(pipe: number, buffer: number, length: number, timeout: number): number;
  /** Forgets the bytes; blocked callers get ECANCELED. Errors: EPERM. */
  pipe_reset(pipe: number): number;
  /** A blocked reader wakes only when this many bytes are there (1..capacity). Returns the old level. Errors: EINVAL EPERM. */
  pipe_trigger(pipe: number, level: number): number;
  /** Sends a signal (1..31) to a task, or with task 0 to every child of the caller. Signal 0 only tells whether the task exists. Errors: ESRCH EINVAL EPERM. */
  signal_send(task: number, signal: number): number;
  /** Says what the signal does to the caller: the default, nothing, or a handler; stores what it did before. Errors: EINVAL EFAULT ENFILE. */
  signal_action(signal: number, action: number, old: number): number;
  /** Masks signals (MaskHow): they stay pending. What gets unmasked is delivered before the call returns. Errors: EINVAL EFAULT. */
  signal_mask(how: number, set: number, old: number): number;
  /** Takes the lowest pending signal of the set, waits for one if there is none, and returns its number; no handler runs for it. Errors: EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
  signal_wait(set: number, origin: number, timeout: number): number;
  /** Waits with this mask until a handler has run, then the old mask is back. Returns EINTR. Errors: EINTR ECANCELED. */
  signal_suspend(mask: number): number;
  /** Stores the set of signals that are pending for the caller. Errors: EFAULT. */
  signal_pending(set: number): number;
  /** SIGALRM after so many ticks (0 = none) instead of the alarm before; returns the ticks that were left of that one. Errors: EINVAL. */
  task_alarm(ticks: number): number;
  /** Sets thread flags (bits 0..30) of the task and returns its flags; a task that waits for them wakes. Errors: EINVAL. */
  flags_set(task: number, bits: number): number;
  /** Clears thread flags of the task and returns them as they were before. Errors: EINVAL. */
  flags_clear(task: number, bits: number): number;
  /** Waits for ANY or ALL of its own thread flags and returns them as they were then; CLEAR takes the bits waited for. Errors: EINVAL EAGAIN ETIMEDOUT EINTR ECANCELED. */
  flags_wait(bits: number, how: number, timeout: number): number;
  /** Writes the task's notification value: OVERWRITE, KEEP (EAGAIN while one is unread), INCREMENT by the value. Errors: EINVAL EAGAIN. */
  notify_send(task: number, how: number, value: number): number;
  /** Waits for its notification, stores the value and sets it to 0. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EFAULT. */
  notify_wait(value: number, timeout: number): number;
  /** A queue of at most `count` messages of at most `size` bytes (Discipline), opened for the creator by `mode`. Storage: 2 * count rounded up to 8, and count * (8 + size rounded up to 4) bytes. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
  queue_create(name: number, count: number, size: number, discipline: number, mode: number, storage: number): number;
  /** Copies a message in, waits while the queue is full. `how`: the priority (0..255), plus FRONT for ahead of its equals. Errors: EMSGSIZE EINVAL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
  queue_send(queue: number, message: number, length: number, how: number, timeout: number): number;
  /** Copies the first message out and returns its length, waits while the queue is empty. A buffer too small leaves the message. Errors: EMSGSIZE EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
  queue_receive(queue: number, buffer: number, length: number, priority: number, timeout: number): number;
  /** The same, and the message stays. Errors: EMSGSIZE EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPERM EFAULT. */
  queue_peek(queue: number, buffer: number, length: number, priority: number, timeout: number): number;
  /** Replaces the message of a queue of one, or puts it in; never waits. Errors: EINVAL EMSGSIZE EPERM EFAULT. */
  queue_overwrite(queue: number, message: number, length: number): number;
  /** Drops the messages; blocked senders get ECANCELED, receivers wait on. Errors: EPERM. */
  queue_reset(queue: number): number;
  /** Sends the caller this signal, once, when a message comes into the empty queue and nobody waits for it; 0 withdraws. Errors: EINVAL EBUSY EPERM. */
  queue_notify(queue: number, signal: number): number;
  /** A pool of `count` blocks of `size` bytes (rounded up to 8), at `storage` or from the arena. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
  pool_create(name: number, count: number, size: number, storage: number): number;
  /** The address of a free block, which is the caller's from now on; waits for one if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
  pool_alloc(pool: number, timeout: number): number;
  /** Gives the block back to its pool, or to the first task that waits for one. A broadcast block is free when its last holder freed it. Errors: EINVAL EPERM. */
  pool_free(block: number): number;
  /** The address of RAM of the caller's own (8-aligned), from the arena; waits for it if there is not enough. It goes back when the task ends. Errors: EINVAL EAGAIN ETIMEDOUT EINTR ECANCELED ENOMEM. */
  memory_alloc(bytes: number, timeout: number): number;
  /** Gives it back; who waits for RAM gets it in order. Errors: EINVAL EPERM. */
  memory_free(address: number): number;
  /** A mailbox, opened for the creator to send (WRITE) or to receive (READ), not both. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE EFAULT. */
  mailbox_create(name: number, mode: number): number;
  /** The block goes to the destination (a task, 0 = whoever receives first) and is no longer the caller's. No byte is copied. Errors: ESRCH EINVAL EPERM. */
  mailbox_send(mailbox: number, destination: number, block: number): number;
  /** The same, and returns when the receiver has freed or forwarded the block. The timeout is for its being taken. Errors: ESRCH EINVAL EPERM EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EOWNERDEAD. */
  mailbox_send_sync(mailbox: number, destination: number, block: number, timeout: number): number;
  /** Every task that has the mailbox open to receive gets the same block, read-only. Returns how many; 0: the caller keeps it. Errors: EINVAL EPERM. */
  mailbox_broadcast(mailbox: number, block: number): number;
  /** The address of the first block from the source (a task, 0 = anyone) for the caller, waits for one if there is none. Errors: EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED EPIPE ESRCH EPERM EFAULT. */
  mailbox_receive(mailbox: number, source: number, letter: number, timeout: number): number;
  /** Sends the caller this signal at every arrival for it that it does not wait for; 0 = none. Errors: EINVAL EPERM. */
  mailbox_notify(mailbox: number, signal: number): number;
  /** A shared region, zeroed, attached for the creator by `mode`: READ, or WRITE, which includes it. Its memory is at `storage` (8-aligned), or from the arena when that is 0. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT EPERM. */
  region_create(name: number, bytes: number, mode: number, storage: number): number;
  /** Where the region is: the same address for every task that has it attached. Errors: EPERM. */
  region_address(region: number): number;
  /** Waits for word_wake of this word if it holds the expected value, in one step; else EAGAIN at once. Errors: EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
  word_wait(address: number, expected: number, timeout: number): number;
  /** Wakes at most `count` of the tasks that wait for this word; returns how many. Errors: EINVAL EFAULT. */
  word_wake(address: number, count: number): number;
  /** Adds to the word in one step and stores what it was. Errors: EINVAL EFAULT. */
  word_add(address: number, value: number, old: number): number;
  /** Sets the word in one step and stores what it was. Errors: EINVAL EFAULT. */
  word_exchange(address: number, value: number, old: number): number;
  /** Sets the word if it holds the expected value, in one step, and stores what it was. Returns 1 if it was set, else 0. Errors: EINVAL EFAULT. */
  word_compare_exchange(address: number, expected: number, value: number, old: number): number;
  /** Waits until at least one of up to 64 items (PollItem) is ready, marks which, and returns how many. Nothing is acquired. Errors: EBADF EPERM EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
  object_poll(items: number, count: number, timeout: number): number;
  /** An endpoint (SocketType), opened for the creator by `mode`. Its two buffers, of `receive` and `transmit` bytes, are at `storage`, or come from the arena when that is 0: a stream's when it is connected. Errors: EINVAL ENAMETOOLONG EEXIST ENFILE ENOMEM EFAULT. */
  socket_create(name: number, type: number, receive: number, transmit: number, mode: number, storage: number): number;
  /** Gives the socket its own address (0 = all of this machine's) and port (0 = the next free one of the machine's range). Returns the port. Errors: EPERM EINVAL EADDRINUSE EADDRNOTAVAIL. */
  socket_bind(socket: number, address: number, port: number): number;
  /** Streams may connect to the bound socket; so many wait to be accepted (1..32), the next is refused. Errors: EPERM EINVAL EOPNOTSUPP EISCONN. */
  socket_listen(socket: number, backlog: number): number;
  /** The oldest waiting connection as a socket of its own, opened for the caller both ways; stores the other end's address. Waits for one if there is none. Errors: EPERM EINVAL EFAULT EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
  socket_accept(socket: number, peer: number, timeout: number): number;
  /** Connects a stream and waits until that is done; timeout 0 only begins it. A timeout or a signal ends the wait, not the attempt. An unbound socket gets a port, and keeps it whatever comes of the attempt. A datagram socket gets the one end that it talks to from now on. Errors: EPERM EINVAL EISCONN EALREADY EINPROGRESS ECONNREFUSED ENETUNREACH EADDRNOTAVAIL ENOMEM ETIMEDOUT EINTR EIDRM ECANCELED. */
  socket_connect(socket: number, address: number, port: number, timeout: number): number;
  /** Stream: puts bytes in as the other end makes room, and returns how many. Datagram: one message to `to`, or to the connected end. Errors: EPERM EFAULT ENOTCONN EISCONN EMSGSIZE EPIPE ECONNRESET ECONNREFUSED ENETUNREACH EADDRNOTAVAIL EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
  socket_send(socket: number, buffer: number, length: number, to: number, timeout: number): number;
  /** Stream: takes what is there, waits for a first byte; 0: the other end sends no more. Datagram: takes one; what does not fit is cut off, `from` tells who sent it and how long it was. Errors: EPERM EFAULT ENOTCONN ECONNRESET ECONNREFUSED EAGAIN ETIMEDOUT EINTR EIDRM ECANCELED. */
  socket_receive(socket: number, buffer: number, length: number, from: number, timeout: number): number;
  /** Ends a direction of a connection for everybody here (Mode): WRITE: the other end reads what was sent, then 0; READ: later receives answer 0. Errors: EPERM EINVAL EOPNOTSUPP ENOTCONN. */
  socket_shutdown(socket: number, how: number): number;
  /** Starts the kernel anew from the power-on fields of the CPU page. Returns 0, or EINVAL when they make no sense. */
  power_on(): number;
  /** The system description is complete: tasks may run. */
  system_done(): void;
  /** Serves what is due and says what to run: an Order, its details in the CPU page. */
  dispatch(): number;
  /** After Order.IDLE: lets time jump to the next event. */
  idle(): void;
  /** Compiled code has used up `left`: 1 when an event's time has come, and it must be dispatched; 0: `left` is set anew. */
  overdue(): number;
  /** The innermost handler has returned. 1: dispatch next; 0: no handler was running. */
  irq_return(): number;
  /** The bench or the console sends a signal to a task: 0, ESRCH or EINVAL. */
  signal_raise(task: number, signal: number): number;
  /** The running task's innermost signal handler has returned. 1: dispatch next; 0: no handler was running. */
  signal_return(): number;
  /** A packet came, which the port has put where Order.PACKET leaves them: 0, or EINVAL when it is none. */
  packet_arrive(): number;
  /** A device or the bench raises an interrupt line. */
  line_raise(line: number): number;
  /** A task or handler is about to touch a device register: 0, or SWITCH (do nothing; repeat when it runs again). */
  device_begin(cost: number): number;
  /** The register was touched: traces it and answers the value, or SWITCH. */
  device_end(device: number, register: number, value: number): number;
  /** The running task did what ends it: ends it, status `cause`: 1 an exception, 2 a trap of compiled code, which takes until the next event. */
  task_trap(cause: number): void;
  /** The running task did what this signal is for, and what it was doing cannot go on. 1: its handler runs once more, on a stack without anything else, and then it ends; 0: it has ended. Takes until the next event. */
  task_fault(signal: number): number;
  /** Whether the code that runs may touch these bytes, which are not on its stack: 1, and `reachStart` to `reachEnd` around them hold as well; else 0. */
  reach(address: number, length: number, write: number): number;
  /** The index of a task whose context the port must forget, -1 when there is none left. */
  dropped(): number;
  /** Empties the trace ring and returns how many records it held, from the ring's tail on. */
  trace_drain(): number;
}
