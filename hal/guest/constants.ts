// Generated from kernel/abi/table.ts by `npm run abi`. Do not edit.

/** The call is illegal in this context, or the object is not open to the caller in this direction. */
export const EPERM: i32 = -1;
/** No object of this kind has this name. */
export const ENOENT: i32 = -2;
/** No such task: it has ended, or never was. */
export const ESRCH: i32 = -3;
/** A caught signal ended the wait. */
export const EINTR: i32 = -4;
/** Not a live handle of this kind. */
export const EBADF: i32 = -9;
/** Nothing to join: the task is detached, or another joiner got its status. */
export const ECHILD: i32 = -10;
/** The call would block and the timeout is 0. */
export const EAGAIN: i32 = -11;
/** The RAM arena has no block of this size. */
export const ENOMEM: i32 = -12;
/** The memory named is not inside RAM, or is protected from the caller. */
export const EFAULT: i32 = -14;
/** Already taken by somebody else. */
export const EBUSY: i32 = -16;
/** An object of this kind has this name already. */
export const EEXIST: i32 = -17;
/** An argument is out of its range. */
export const EINVAL: i32 = -22;
/** The kernel's table of these objects is full. */
export const ENFILE: i32 = -23;
/** Nobody is left at the other end. */
export const EPIPE: i32 = -32;
/** The wait could never end. */
export const EDEADLK: i32 = -35;
/** A name is longer than 15 bytes. */
export const ENAMETOOLONG: i32 = -36;
/** The object was deleted while the caller waited. */
export const EIDRM: i32 = -43;
/** A counter is at its maximum. */
export const EOVERFLOW: i32 = -75;
/** The message is larger than the queue takes, or than the buffer. */
export const EMSGSIZE: i32 = -90;
/** A socket of this type does not do that. */
export const EOPNOTSUPP: i32 = -95;
/** The port is taken. */
export const EADDRINUSE: i32 = -98;
/** The address is not this machine's, or no port is free. */
export const EADDRNOTAVAIL: i32 = -99;
/** There is no way to this address. */
export const ENETUNREACH: i32 = -101;
/** The other end gave the connection up: what it had not received is lost. */
export const ECONNRESET: i32 = -104;
/** The socket is connected already. */
export const EISCONN: i32 = -106;
/** The socket is not connected. */
export const ENOTCONN: i32 = -107;
/** The timeout expired. */
export const ETIMEDOUT: i32 = -110;
/** Nobody listens there, or no more connections may wait. */
export const ECONNREFUSED: i32 = -111;
/** The connection is being made already. */
export const EALREADY: i32 = -114;
/** The connection is being made: a poll tells when the socket can be written. */
export const EINPROGRESS: i32 = -115;
/** The wait was cancelled by a reset or an abort. */
export const ECANCELED: i32 = -125;
/** The lock was obtained, its last owner ended while holding it. */
export const EOWNERDEAD: i32 = -130;
/** The lock was given up without being made consistent. */
export const ENOTRECOVERABLE: i32 = -131;

/** The line was hung up. By default it ends the task. */
export const SIGHUP: i32 = 1;
/** Ctrl-C. By default it ends the task. */
export const SIGINT: i32 = 2;
/** Ctrl-\. By default it ends the task. */
export const SIGQUIT: i32 = 3;
/** Illegal instruction. By default it ends the task. */
export const SIGILL: i32 = 4;
/** Breakpoint. By default it ends the task. */
export const SIGTRAP: i32 = 5;
/** The task gave up on itself. By default it ends the task. */
export const SIGABRT: i32 = 6;
/** Bad address. By default it ends the task. */
export const SIGBUS: i32 = 7;
/** Bad arithmetic. By default it ends the task. */
export const SIGFPE: i32 = 8;
/** Cannot be caught, ignored or masked. By default it ends the task. */
export const SIGKILL: i32 = 9;
/** The program's own. By default it ends the task. */
export const SIGUSR1: i32 = 10;
/** Memory that is not the task's. By default it ends the task. */
export const SIGSEGV: i32 = 11;
/** The program's own. By default it ends the task. */
export const SIGUSR2: i32 = 12;
/** Written where nobody reads any more. By default it ends the task. */
export const SIGPIPE: i32 = 13;
/** Task_alarm. By default it ends the task. */
export const SIGALRM: i32 = 14;
/** Please end. By default it ends the task. */
export const SIGTERM: i32 = 15;
/** Stack fault. By default it ends the task. */
export const SIGSTKFLT: i32 = 16;
/** A child ended, stopped or went on. By default it nothing. */
export const SIGCHLD: i32 = 17;
/** Goes on even where it is masked or ignored. By default it lets the task go on. */
export const SIGCONT: i32 = 18;
/** Cannot be caught, ignored or masked. By default it stops the task. */
export const SIGSTOP: i32 = 19;
/** Ctrl-Z. By default it stops the task. */
export const SIGTSTP: i32 = 20;
/** A background task read the console. By default it stops the task. */
export const SIGTTIN: i32 = 21;
/** A background task wrote to the console. By default it stops the task. */
export const SIGTTOU: i32 = 22;
/** Urgent data. By default it nothing. */
export const SIGURG: i32 = 23;
/** CPU time used up. By default it ends the task. */
export const SIGXCPU: i32 = 24;
/** Too large. By default it ends the task. */
export const SIGXFSZ: i32 = 25;
/** A timer of CPU time. By default it ends the task. */
export const SIGVTALRM: i32 = 26;
/** A timer for profiling. By default it ends the task. */
export const SIGPROF: i32 = 27;
/** The window changed. By default it nothing. */
export const SIGWINCH: i32 = 28;
/** Something is ready. By default it ends the task. */
export const SIGIO: i32 = 29;
/** Power fails. By default it ends the task. */
export const SIGPWR: i32 = 30;
/** No such call. By default it ends the task. */
export const SIGSYS: i32 = 31;

/** Kinds of kernel objects. */
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

/** See docs/abi.md. */
export const enum State {
  FREE = 0,
  ZOMBIE = 1,
  BLOCKED = 2,
  READY = 3,
  RUNNING = 4,
}

/** See docs/abi.md. */
export const enum Held {
  SUSPENDED = 1,
  STOPPED = 2,
}

/** See docs/abi.md. */
export const enum Mode {
  READ = 1,
  WRITE = 2,
  PUBLIC_READ = 4,
  PUBLIC_WRITE = 8,
  PUBLIC = 12,
}

/** See docs/abi.md. */
export const enum TaskFlag {
  DETACHED = 1,
  DAEMON = 2,
}

/** See docs/abi.md. */
export const enum MutexFlag {
  RECURSIVE = 1,
  ROBUST = 2,
  CEILING = 4,
  PLAIN = 8,
  CHECKED = 16,
}

/** See docs/abi.md. */
export const enum EventWait {
  ANY = 0,
  ALL = 1,
  CLEAR = 2,
}

/** See docs/abi.md. */
export const enum Action {
  CALLBACK = 0,
  SEM_GIVE = 1,
  EVENT_SET = 2,
  SIGNAL = 3,
  FLAGS_SET = 4,
}

/** See docs/abi.md. */
export const enum Disposition {
  DEFAULT = 0,
  IGNORE = 1,
  HANDLER = 2,
}

/** See docs/abi.md. */
export const enum SigFlag {
  NOCLDSTOP = 1,
  NOCLDWAIT = 2,
  NODEFER = 4,
  RESETHAND = 8,
  RESTART = 16,
}

/** See docs/abi.md. */
export const enum MaskHow {
  BLOCK = 0,
  UNBLOCK = 1,
  SET = 2,
}

/** See docs/abi.md. */
export const enum Notify {
  OVERWRITE = 0,
  KEEP = 1,
  INCREMENT = 2,
}

/** See docs/abi.md. */
export const enum Discipline {
  FIFO = 0,
  LIFO = 1,
  PRIORITY = 2,
}

/** See docs/abi.md. */
export const enum SendHow {
  FRONT = 256,
}

/** See docs/abi.md. */
export const enum Poll {
  READ = 1,
  WRITE = 2,
  SIGNAL = 4,
  FLAGS = 8,
  NOTE = 16,
  CLOSED = 32,
}

/** See docs/abi.md. */
export const enum SocketType {
  STREAM = 1,
  DATAGRAM = 2,
}

/** See docs/abi.md. */
export const enum Connection {
  NONE = 0,
  LISTENING = 1,
  CONNECTING = 2,
  ARRIVING = 3,
  CONNECTED = 4,
  LOST = 5,
}

/** See docs/abi.md. */
export const enum BlockState {
  NONE = 0,
  FREE = 1,
  OWNED = 2,
  LETTER = 3,
  BROADCAST = 4,
}

/** See docs/abi.md. */
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

/** What an error of a call that makes or opens something means. */
export function errorText(error: i32): string {
  switch (error) {
    case EPERM:
      return "EPERM, the call is illegal in this context, or the object is not open to the caller in this direction";
    case ENOENT:
      return "ENOENT, no object of this kind has this name";
    case ESRCH:
      return "ESRCH, no such task: it has ended, or never was";
    case EBADF:
      return "EBADF, not a live handle of this kind";
    case ENOMEM:
      return "ENOMEM, the RAM arena has no block of this size";
    case EFAULT:
      return "EFAULT, the memory named is not inside RAM, or is protected from the caller";
    case EBUSY:
      return "EBUSY, already taken by somebody else";
    case EEXIST:
      return "EEXIST, an object of this kind has this name already";
    case EINVAL:
      return "EINVAL, an argument is out of its range";
    case ENFILE:
      return "ENFILE, the kernel's table of these objects is full";
    case ENAMETOOLONG:
      return "ENAMETOOLONG, a name is longer than 15 bytes";
  }
  return `error ${error}`;
}
