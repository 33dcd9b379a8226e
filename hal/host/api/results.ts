/**
 * What calls answer. Success is 0 or a count; an outcome (a timeout, a deleted object) is one of the negative constants, with
 * the numbers of POSIX on Linux, so `if (r < 0)` and `if (r === ETIMEDOUT)` both read as they do in C.
 * A misuse (a bad handle, a direction that is not open) is no result: it throws CallError.
 */
import type {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  EALREADY,
  EBUSY,
  ECANCELED,
  ECHILD,
  ECONNREFUSED,
  ECONNRESET,
  EIDRM,
  EINPROGRESS,
  EINTR,
  EISCONN,
  EMSGSIZE,
  ENETUNREACH,
  ENOMEM,
  ENOTCONN,
  ENOTRECOVERABLE,
  EOVERFLOW,
  EOWNERDEAD,
  EPIPE,
  ESRCH,
  ETIMEDOUT,
} from "../../../kernel/abi/host.js";

/** How a wait can end otherwise than well. */
export type Unmet = typeof EAGAIN | typeof ETIMEDOUT | typeof EINTR | typeof EIDRM | typeof ECANCELED;
/** 0, or how the wait ended. */
export type Waited = 0 | Unmet;
/** 0 or EOWNERDEAD: the lock is the caller's. ENOTRECOVERABLE or another: it is not. */
export type Locked = Waited | typeof EOWNERDEAD | typeof ENOTRECOVERABLE;
/** 0, or ECHILD: nothing to join, or ESRCH: it has ended already. */
export type Joined = Waited | typeof ECHILD | typeof ESRCH;
/** 0, or ESRCH: the task has ended. */
export type Done = 0 | typeof ESRCH;
/** 0, or EOVERFLOW: the semaphore is at its maximum. */
export type Given = 0 | typeof EOVERFLOW;
/** Bytes, or a negative outcome: Unmet, EPIPE where nobody is left at the other end, EMSGSIZE where a message is longer than the view. */
export type Count = number;
/** 0, or EMSGSIZE: the message is longer than the queue takes; or how the wait to send ended. */
export type Sent = Waited | typeof EMSGSIZE;
/** 0, or EBUSY: another task is registered. */
export type Registered = 0 | typeof EBUSY;
/** The port, EADDRINUSE, or EADDRNOTAVAIL. */
export type Bound = number;
/** 0, or EISCONN: it is an end of a connection. */
export type Listening = 0 | typeof EISCONN;
/** 0, or ENOTCONN: there is no connection to end. */
export type Shut = 0 | typeof ENOTCONN;
/** 0, or what came of the connection: refused, no way there, no port or RAM for it, lost while it was made; or it is made already. */
export type Connected =
  | Waited
  | typeof ECONNREFUSED
  | typeof ECONNRESET
  | typeof ENETUNREACH
  | typeof EADDRINUSE
  | typeof EADDRNOTAVAIL
  | typeof ENOMEM
  | typeof EINPROGRESS
  | typeof EALREADY
  | typeof EISCONN;
export type { EPIPE };

/** Do not wait at all. */
export const NO_WAIT = 0;
/** Wait as long as it takes. */
export const FOREVER = -1;
