/**
 * What a firmware imports as "talea/firmware": the same names, options and methods as a scripted task's, without `yield*`.
 * Calls answer 0 or more for success and a negative number otherwise; they take nothing from the heap, which never gets anything
 * back. What makes things takes a few bytes for its options, and ends the run with a sentence when it fails in the description;
 * in a running task the `error` of what it answers says why.
 */
import * as calls from "./calls";

export { args } from "./argument";
export { Barrier, barrier } from "./barrier";
export { Buffer, Bytes, buffer, bufferAt } from "./bytes";
export { random } from "./calls";
export { Condition, condition, Named } from "./condition";
export { Console, console } from "./console";
export * from "./constants";
export {
  Device,
  GpioRegister,
  gpio,
  hardwareTimer,
  MotorPin,
  MotorRegister,
  motor,
  TimerRegister,
  UartControl,
  UartRegister,
  UartStatus,
  uart,
} from "./device";
export { Endpoint, endpoint, Sender, sender } from "./endpoint";
export { EventFlags, EventFlagsOptions, event } from "./event";
export { heapSize, heapUsed, idleCycles, nameOf, ram, waitsFor, waitsIn } from "./inspect";
export { HandlerBody, InterruptOptions, interrupt, release } from "./interrupt";
export { Duplex, duplex, Letter, letter, Mailbox, MailboxOptions, mailbox } from "./mailbox";
export { Mutex, MutexOptions, mutex } from "./mutex";
export { BOTH, Channel, FOREVER, KernelObject, NO_WAIT, next } from "./object";
export { open } from "./open";
export { Pipe, PipeOptions, pipe } from "./pipe";
export { PollSet, pollSet, Watched } from "./poll";
export { Block, Pool, PoolOptions, pool } from "./pool";
export { Out, out, print } from "./print";
export { Queue, QueueOptions, queue } from "./queue";
export { SpawnRecord } from "./records";
export { Region, RegionOptions, region } from "./region";
export { RwLock, rwlock } from "./rwlock";
export { Self, self } from "./self";
export { Semaphore, SemaphoreOptions, semaphore } from "./semaphore";
export { SignalBody, Signals, signalSet } from "./signal";
export { Socket, SocketOptions, socket } from "./socket";
export { Task, TaskBody, TaskOptions, task } from "./task";
export { Timer, TimerOptions, timer } from "./timer";
/** The bare calls. */
export { calls };
