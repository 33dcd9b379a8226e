/** The clauses of MSG-13: poll. */
import type { Clauses } from "../support.js";

export const poll: Clauses = {
  "MSG-13a": "a poll waits until one of several things is ready, tells which, and acquires nothing",
  "MSG-13b": "all that are ready are told, and counted",
  "MSG-13c": "it watches pipes",
  "MSG-13d": "semaphores and mutexes",
  "MSG-13e": "event flags",
  "MSG-13f": "timers",
  "MSG-13g": "tasks",
  "MSG-13h": "the caller's signals",
  "MSG-13i": "its thread flags and its notification",
  "MSG-13j": "a unit handed to a direct waiter wakes no poller",
  "MSG-13k": "an end that is gone and an object that is deleted are told as closed",
  "MSG-13l": "it ends with EINTR, ECANCELED or ETIMEDOUT as any wait, and nothing wakes it afterwards",
  "MSG-13m": "several pollers are all told",
  "MSG-13n": "a held poller is told, too",
  "MSG-13o": "what cannot be polled is refused",
  "MSG-13p": "it watches queues",
  "MSG-13q": "it watches mailboxes",
  "MSG-13r": "it watches sockets",
};
