/* Generated from kernel/abi/table.ts by `npm run abi`. Do not edit. */
#include <talea.h>

const char *talea_error(int32_t error) {
  switch (error) {
  case TALEA_EPERM:
    return "EPERM, the call is illegal in this context, or the object is not open to the caller in this direction";
  case TALEA_ENOENT:
    return "ENOENT, no object of this kind has this name";
  case TALEA_ESRCH:
    return "ESRCH, no such task: it has ended, or never was";
  case TALEA_EINTR:
    return "EINTR, a caught signal ended the wait";
  case TALEA_EBADF:
    return "EBADF, not a live handle of this kind";
  case TALEA_ECHILD:
    return "ECHILD, nothing to join: the task is detached, or another joiner got its status";
  case TALEA_EAGAIN:
    return "EAGAIN, the call would block and the timeout is 0";
  case TALEA_ENOMEM:
    return "ENOMEM, the RAM arena has no block of this size";
  case TALEA_EFAULT:
    return "EFAULT, the memory named is not inside RAM, or is protected from the caller";
  case TALEA_EBUSY:
    return "EBUSY, already taken by somebody else";
  case TALEA_EEXIST:
    return "EEXIST, an object of this kind has this name already";
  case TALEA_EINVAL:
    return "EINVAL, an argument is out of its range";
  case TALEA_ENFILE:
    return "ENFILE, the kernel's table of these objects is full";
  case TALEA_EPIPE:
    return "EPIPE, nobody is left at the other end";
  case TALEA_EDEADLK:
    return "EDEADLK, the wait could never end";
  case TALEA_ENAMETOOLONG:
    return "ENAMETOOLONG, a name is longer than 15 bytes";
  case TALEA_EIDRM:
    return "EIDRM, the object was deleted while the caller waited";
  case TALEA_EOVERFLOW:
    return "EOVERFLOW, a counter is at its maximum";
  case TALEA_EMSGSIZE:
    return "EMSGSIZE, the message is larger than the queue takes, or than the buffer";
  case TALEA_EOPNOTSUPP:
    return "EOPNOTSUPP, a socket of this type does not do that";
  case TALEA_EADDRINUSE:
    return "EADDRINUSE, the port is taken";
  case TALEA_EADDRNOTAVAIL:
    return "EADDRNOTAVAIL, the address is not this machine's, or no port is free";
  case TALEA_ENETUNREACH:
    return "ENETUNREACH, there is no way to this address";
  case TALEA_ECONNRESET:
    return "ECONNRESET, the other end gave the connection up: what it had not received is lost";
  case TALEA_EISCONN:
    return "EISCONN, the socket is connected already";
  case TALEA_ENOTCONN:
    return "ENOTCONN, the socket is not connected";
  case TALEA_ETIMEDOUT:
    return "ETIMEDOUT, the timeout expired";
  case TALEA_ECONNREFUSED:
    return "ECONNREFUSED, nobody listens there, or no more connections may wait";
  case TALEA_EALREADY:
    return "EALREADY, the connection is being made already";
  case TALEA_EINPROGRESS:
    return "EINPROGRESS, the connection is being made: a poll tells when the socket can be written";
  case TALEA_ECANCELED:
    return "ECANCELED, the wait was cancelled by a reset or an abort";
  case TALEA_EOWNERDEAD:
    return "EOWNERDEAD, the lock was obtained, its last owner ended while holding it";
  case TALEA_ENOTRECOVERABLE:
    return "ENOTRECOVERABLE, the lock was given up without being made consistent";
  }
  return "an error that has no name";
}
