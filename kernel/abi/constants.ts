// Generated from kernel/abi/table.ts by `npm run abi`. Do not edit.

/** The caller may not simply go on; its result will be in its PCB when it runs again. */
export const SWITCH: i32 = i32.MIN_VALUE;
/** The result that says: nothing was done yet, make the same call again. */
export const AGAIN: i32 = i32.MIN_VALUE + 1;

export const enum Errno {
  EPERM = -1,
  ENOENT = -2,
  ESRCH = -3,
  EINTR = -4,
  EBADF = -9,
  ECHILD = -10,
  EAGAIN = -11,
  ENOMEM = -12,
  EFAULT = -14,
  EBUSY = -16,
  EEXIST = -17,
  EINVAL = -22,
  ENFILE = -23,
  EPIPE = -32,
  EDEADLK = -35,
  ENAMETOOLONG = -36,
  EIDRM = -43,
  EOVERFLOW = -75,
  EMSGSIZE = -90,
  EOPNOTSUPP = -95,
  EADDRINUSE = -98,
  EADDRNOTAVAIL = -99,
  ENETUNREACH = -101,
  ECONNRESET = -104,
  EISCONN = -106,
  ENOTCONN = -107,
  ETIMEDOUT = -110,
  ECONNREFUSED = -111,
  EALREADY = -114,
  EINPROGRESS = -115,
  ECANCELED = -125,
  EOWNERDEAD = -130,
  ENOTRECOVERABLE = -131,
}

export const enum Kind {
  TASK = 1,
  SEM = 2,
  MUTEX = 3,
  COND = 4,
  EVENT = 5,
  BARRIER = 6,
  RWLOCK = 7,
  TIMER = 8,
  PIPE = 9,
  QUEUE = 10,
  MAILBOX = 11,
  REGION = 12,
  POOL = 13,
  SOCKET = 14,
  LINE = 15,
}

export const enum Context {
  TASK = 1,
  HANDLER = 2,
  INTERRUPT = 4,
  LOCKED = 8,
  CALLBACK = 16,
  SYSTEM = 32,
}

export const enum Signal {
  HUP = 1,
  INT = 2,
  QUIT = 3,
  ILL = 4,
  TRAP = 5,
  ABRT = 6,
  BUS = 7,
  FPE = 8,
  KILL = 9,
  USR1 = 10,
  SEGV = 11,
  USR2 = 12,
  PIPE = 13,
  ALRM = 14,
  TERM = 15,
  STKFLT = 16,
  CHLD = 17,
  CONT = 18,
  STOP = 19,
  TSTP = 20,
  TTIN = 21,
  TTOU = 22,
  URG = 23,
  XCPU = 24,
  XFSZ = 25,
  VTALRM = 26,
  PROF = 27,
  WINCH = 28,
  IO = 29,
  PWR = 30,
  SYS = 31,
}

export const enum State {
  FREE = 0,
  ZOMBIE = 1,
  BLOCKED = 2,
  READY = 3,
  RUNNING = 4,
}

export const enum Held {
  SUSPENDED = 1,
  STOPPED = 2,
}

export const enum Mode {
  READ = 1,
  WRITE = 2,
  PUBLIC_READ = 4,
  PUBLIC_WRITE = 8,
  PUBLIC = 12,
}

export const enum TaskFlag {
  DETACHED = 1,
  DAEMON = 2,
}

export const enum MutexFlag {
  RECURSIVE = 1,
  ROBUST = 2,
  CEILING = 4,
  PLAIN = 8,
  CHECKED = 16,
}

export const enum EventWait {
  ANY = 0,
  ALL = 1,
  CLEAR = 2,
}

export const enum Action {
  CALLBACK = 0,
  SEM_GIVE = 1,
  EVENT_SET = 2,
  SIGNAL = 3,
  FLAGS_SET = 4,
}

export const enum Disposition {
  DEFAULT = 0,
  IGNORE = 1,
  HANDLER = 2,
}

export const enum SigFlag {
  NOCLDSTOP = 1,
  NOCLDWAIT = 2,
  NODEFER = 4,
  RESETHAND = 8,
  RESTART = 16,
}

export const enum MaskHow {
  BLOCK = 0,
  UNBLOCK = 1,
  SET = 2,
}

export const enum Notify {
  OVERWRITE = 0,
  KEEP = 1,
  INCREMENT = 2,
}

export const enum Discipline {
  FIFO = 0,
  LIFO = 1,
  PRIORITY = 2,
}

export const enum SendHow {
  FRONT = 256,
}

export const enum Poll {
  READ = 1,
  WRITE = 2,
  SIGNAL = 4,
  FLAGS = 8,
  NOTE = 16,
  CLOSED = 32,
}

export const enum Order {
  IDLE = 0,
  RESUME = 1,
  START = 2,
  SIGNAL = 3,
  INTERRUPT = 4,
  DEVICE = 5,
  CHOOSE = 6,
  PACKET = 7,
}

export const enum SocketType {
  STREAM = 1,
  DATAGRAM = 2,
}

export const enum Connection {
  NONE = 0,
  LISTENING = 1,
  CONNECTING = 2,
  ARRIVING = 3,
  CONNECTED = 4,
  LOST = 5,
}

export const enum PacketFlag {
  SYN = 1,
  ACK = 2,
  FIN = 4,
  RST = 8,
  STOP = 16,
  PROBE = 32,
  REFUSED = 64,
  UNREACHABLE = 128,
  DATAGRAM = 256,
}

export const enum Choice {
  SLICE = 1,
  ORDER = 2,
  SPURIOUS = 3,
}

export const enum Option {
  TRACE = 1,
  HASH = 2,
  ORACLE = 4,
}

export const enum Place {
  WORD = 254,
  RAM = 255,
}

export const enum Owner {
  NOBODY = 0,
  KERNEL = 1,
  SYSTEM = 2,
  TASKS = 3,
}

export const enum BlockState {
  NONE = 0,
  FREE = 1,
  OWNED = 2,
  LETTER = 3,
  BROADCAST = 4,
}

export const enum Cause {
  HANDOFF = 0,
  TIMEOUT = 1,
  DELETED = 2,
  CANCELED = 3,
  CLOSED = 4,
  ENDED = 5,
  SPURIOUS = 6,
  SIGNAL = 7,
}

export const enum End {
  EXIT = 0,
  TERMINATED = 1,
  FAULT = 2,
  SIGNAL = 3,
}

export const enum Info {
  STATE = 1,
  PRIORITY = 2,
  BASE = 3,
  THRESHOLD = 4,
  SLICE = 5,
  HELD = 6,
  CYCLES = 7,
  SWITCHES = 8,
  LATENCY = 9,
  STACK_SIZE = 10,
  STACK_USED = 11,
  WAITING_FOR = 12,
  WAITERS = 13,
  COUNT = 14,
  OWNER = 15,
  CAPACITY = 16,
  READERS = 17,
  WRITERS = 18,
  FLAGS = 19,
  PENDING = 20,
  MASK = 21,
  SIZE = 22,
  LOCAL = 23,
  PEER = 24,
  LOST = 25,
  NAME0 = 26,
  NAME1 = 27,
  WAITING_ON = 28,
  WAITING_IN = 29,
  RAM = 30,
  RAM_FREE = 31,
  RAM_LARGEST = 32,
  IDLE = 33,
  DATA_END = 34,
}

export const enum Happening {
  CARRY = 1,
  MORE = 2,
  BLOCK = 3,
  WAKE = 4,
  SWITCH = 5,
  IDLE = 6,
  TICK = 7,
  INTERRUPT = 8,
  RETURN = 9,
  SPAWN = 10,
  END = 11,
  HOLD = 12,
  PRIORITY = 13,
  EXPIRE = 14,
  RAISE = 15,
  DEVICE = 16,
  PASS = 17,
  POWER = 19,
  SIGNAL = 20,
  DELIVER = 21,
  SIGRETURN = 22,
  CYCLE = 23,
  SEND = 24,
  ARRIVE = 25,
  CHOICE = 18,
}

export const enum Call {
  TASK_SPAWN = 32,
  TASK_EXIT = 33,
  TASK_JOIN = 34,
  TASK_DETACH = 35,
  TASK_TERMINATE = 36,
  TASK_SELF = 37,
  TASK_YIELD = 38,
  TASK_SLEEP = 39,
  TASK_SLEEP_UNTIL = 40,
  TASK_SUSPEND = 41,
  TASK_RESUME = 42,
  TASK_PRIORITY = 43,
  TASK_SLICE = 44,
  TASK_THRESHOLD = 45,
  TASK_COMPUTE = 46,
  WAIT_ABORT = 47,
  SCHEDULER_LOCK = 48,
  SCHEDULER_UNLOCK = 49,
  INTERRUPT_LOCK = 50,
  INTERRUPT_UNLOCK = 51,
  IRQ_ATTACH = 52,
  IRQ_DETACH = 53,
  IRQ_RAISE = 54,
  OBJECT_OPEN = 56,
  OBJECT_CLOSE = 57,
  OBJECT_GRANT = 58,
  OBJECT_UNLINK = 59,
  OBJECT_DELETE = 60,
  OBJECT_INFO = 61,
  OBJECT_ENUMERATE = 62,
  SEM_CREATE = 64,
  SEM_TAKE = 65,
  SEM_GIVE = 66,
  SEM_RESET = 67,
  MUTEX_CREATE = 68,
  MUTEX_LOCK = 69,
  MUTEX_UNLOCK = 70,
  MUTEX_CONSISTENT = 71,
  COND_CREATE = 72,
  COND_WAIT = 73,
  COND_SIGNAL = 74,
  COND_BROADCAST = 75,
  EVENT_CREATE = 76,
  EVENT_WAIT = 77,
  EVENT_SET = 78,
  EVENT_CLEAR = 79,
  BARRIER_CREATE = 80,
  BARRIER_WAIT = 81,
  RWLOCK_CREATE = 82,
  RWLOCK_READ = 83,
  RWLOCK_WRITE = 84,
  RWLOCK_UNLOCK = 85,
  TIMER_CREATE = 86,
  TIMER_START = 87,
  TIMER_STOP = 88,
  TIMER_COUNT = 89,
  TIMER_OVERRUNS = 90,
  TIMER_SERVICE = 91,
  PIPE_CREATE = 92,
  PIPE_READ = 93,
  PIPE_WRITE = 94,
  PIPE_RESET = 95,
  PIPE_TRIGGER = 96,
  SIGNAL_SEND = 97,
  SIGNAL_ACTION = 98,
  SIGNAL_MASK = 99,
  SIGNAL_WAIT = 100,
  SIGNAL_SUSPEND = 101,
  SIGNAL_PENDING = 102,
  TASK_ALARM = 103,
  FLAGS_SET = 104,
  FLAGS_CLEAR = 105,
  FLAGS_WAIT = 106,
  NOTIFY_SEND = 107,
  NOTIFY_WAIT = 108,
  QUEUE_CREATE = 109,
  QUEUE_SEND = 110,
  QUEUE_RECEIVE = 111,
  QUEUE_PEEK = 112,
  QUEUE_OVERWRITE = 113,
  QUEUE_RESET = 114,
  QUEUE_NOTIFY = 115,
  POOL_CREATE = 116,
  POOL_ALLOC = 117,
  POOL_FREE = 118,
  MEMORY_ALLOC = 119,
  MEMORY_FREE = 120,
  MAILBOX_CREATE = 121,
  MAILBOX_SEND = 122,
  MAILBOX_SEND_SYNC = 123,
  MAILBOX_BROADCAST = 124,
  MAILBOX_RECEIVE = 125,
  MAILBOX_NOTIFY = 126,
  REGION_CREATE = 127,
  REGION_ADDRESS = 128,
  WORD_WAIT = 129,
  WORD_WAKE = 130,
  WORD_ADD = 131,
  WORD_EXCHANGE = 132,
  WORD_COMPARE_EXCHANGE = 133,
  OBJECT_POLL = 134,
  SOCKET_CREATE = 135,
  SOCKET_BIND = 136,
  SOCKET_LISTEN = 137,
  SOCKET_ACCEPT = 138,
  SOCKET_CONNECT = 139,
  SOCKET_SEND = 140,
  SOCKET_RECEIVE = 141,
  SOCKET_SHUTDOWN = 142,
}
