/**
 * Pipe: unstructured bytes, first in first out, fixed capacity.
 *
 *     writers' queue -> [ ring of `capacity` bytes ] -> readers' queue
 *
 * A small write (ATOMIC bytes, or the capacity) goes in whole or waits whole; a larger one goes in pieces. Whenever a queue's
 * head or the ring changed, `pipeServe` moves bytes until nothing moves. Capacity 0: bytes go from writer to reader.
 */
import { Call, Cause, Errno, Kind, Mode, Poll, Signal, SWITCH } from "../abi/constants";
import { Pipe, Queue, Task } from "../abi/records";
import { arenaGive } from "../arena";
import { ATOMIC, PIPES } from "../config";
import { copyBytes } from "../lib/copy";
import { linked } from "../lib/list";
import { ringAdvance, ringPut, ringTake } from "../lib/ring";
import { signalRaise } from "../signal";
import { inRam, inTask, kept, kernel } from "../state";
import { block, dismissAll, firstWaiter, outranked, Settle, wake } from "../wait";
import {
  mayUseAny,
  modeRefused,
  objectNew,
  objectRam,
  objectsInit,
  openForCreator,
  openToAny,
  openToOthers,
  secondQueue,
  slotAt,
  touched,
} from "./object";

const table: usize = memory.data(PIPES * offsetof<Pipe>(), 8);
const writerQueues: usize = memory.data(PIPES * offsetof<Queue>(), 8);

export function pipesInit(): void {
  objectsInit(Kind.PIPE, table, offsetof<Pipe>(), PIPES);
}

export function pipeAt(handle: i32): Pipe {
  return changetype<Pipe>(slotAt(table, offsetof<Pipe>(), PIPES, handle));
}

/** Those who wait to write; the pipe itself is the readers' queue. */
export function writersOf(pipe: Pipe): Queue {
  return changetype<Queue>(writerQueues + <usize>pipe.index * offsetof<Queue>());
}

export function pipeCreate(name: usize, capacity: i32, mode: i32, storage: u32): i32 {
  if (capacity < 0 || modeRefused(mode, Mode.READ | Mode.WRITE | Mode.PUBLIC, name)) return Errno.EINVAL;
  if (storage != 0 && !inRam(storage, capacity)) return Errno.EFAULT;
  storage = kept(storage);
  const slot = objectNew(Kind.PIPE, name);
  if (slot < 0) return slot;
  const pipe = changetype<Pipe>(slot);
  if (storage == 0 && capacity > 0) {
    const ram = objectRam(pipe, capacity);
    if (ram < 0) return ram;
    pipe.storage = ram;
  }
  pipe.buffer = storage != 0 ? storage : pipe.storage;
  pipe.capacity = capacity;
  pipe.trigger = 1;
  secondQueue(writersOf(pipe), pipe);
  openForCreator(pipe, mode);
  return pipe.handle;
}

/** Everyone who ever had it open to write has closed it. */
function ended(pipe: Pipe): bool {
  return (pipe.had & Mode.WRITE) != 0 && !openToAny(pipe, Mode.WRITE);
}

/** Everyone who ever had it open to read has closed it. */
function broken(pipe: Pipe): bool {
  return (pipe.had & Mode.READ) != 0 && !openToAny(pipe, Mode.READ);
}

/** Whether a wait for the other end could never end: an unnamed pipe, and nobody else has that end. */
function hopeless(pipe: Pipe, direction: u32, timeout: i32): bool {
  return timeout < 0 && pipe.name0 == 0 && !openToOthers(pipe, direction, kernel.current);
}

/** Whether a write of this length goes in whole or not at all. */
function atomic(pipe: Pipe, length: u32): bool {
  return length <= min(ATOMIC, pipe.capacity);
}

/** Moves what fits of `length` bytes into the ring. */
function fill(pipe: Pipe, from: usize, length: u32): u32 {
  const room = pipe.capacity - pipe.used;
  const count = min(room, length);
  if (count == 0) return 0;
  ringPut(pipe.buffer, pipe.capacity, pipe.head, pipe.used, from, count);
  pipe.used += count;
  touched(pipe);
  return count;
}

/** Moves at most `length` bytes out of the ring. */
function drain(pipe: Pipe, to: usize, length: u32): u32 {
  const count = min(pipe.used, length);
  if (count == 0) return 0;
  ringTake(pipe.buffer, pipe.capacity, pipe.head, to, count);
  pipe.head = ringAdvance(pipe.capacity, pipe.head, count);
  pipe.used -= count;
  touched(pipe);
  return count;
}

/** Rendezvous: moves bytes from waiting writers to `to`, at most `length`. */
function drainWriters(pipe: Pipe, to: usize, length: u32): u32 {
  const writers = writersOf(pipe);
  let count: u32 = 0;
  while (count < length && linked(writers)) {
    const writer = firstWaiter(writers);
    const step = min(length - count, writer.length - writer.progress);
    copyBytes(to + count, writer.pointer + writer.progress, step);
    count += step;
    writer.progress += step;
    if (writer.progress == writer.length) wake(writer, <i32>writer.length, Cause.HANDOFF);
  }
  return count;
}

/** Whether a blocked reader has waited long enough; `pressed`: a writer has to wait for it. */
function satisfied(pipe: Pipe, reader: Task, pressed: bool): bool {
  if (pipe.used == 0) return false;
  return pressed || pipe.used >= min(pipe.trigger, reader.length) || pipe.used == pipe.capacity || ended(pipe);
}

/** Lets blocked readers take what they wait for; whether any did. */
function serveReaders(pipe: Pipe, pressed: bool): bool {
  let moved: bool = false;
  while (linked(pipe)) {
    const reader = firstWaiter(pipe);
    if (pipe.capacity == 0 && linked(writersOf(pipe))) {
      const count = drainWriters(pipe, reader.pointer, reader.length);
      wake(reader, <i32>count, Cause.HANDOFF);
    } else if (satisfied(pipe, reader, pressed)) {
      wake(reader, <i32>drain(pipe, reader.pointer, reader.length), Cause.HANDOFF);
    } else if (pipe.used == 0 && ended(pipe)) {
      wake(reader, 0, Cause.CLOSED);
    } else {
      break;
    }
    moved = true;
  }
  return moved;
}

/** Lets blocked writers put in what fits; whether any did. */
function serveWriters(pipe: Pipe): bool {
  const writers = writersOf(pipe);
  let moved: bool = false;
  while (linked(writers)) {
    const writer = firstWaiter(writers);
    if (broken(pipe)) {
      wake(writer, writer.progress > 0 ? <i32>writer.progress : Errno.EPIPE, Cause.CLOSED);
      if (writer.progress == 0) signalRaise(writer, Signal.PIPE, pipe.handle);
      continue;
    }
    const left = writer.length - writer.progress;
    if (pipe.capacity - pipe.used < left && atomic(pipe, writer.length)) break;
    const count = fill(pipe, writer.pointer + writer.progress, left);
    if (count == 0) break;
    moved = true;
    writer.progress += count;
    if (writer.progress < writer.length) break;
    wake(writer, <i32>writer.length, Cause.HANDOFF);
  }
  return moved;
}

/** Moves bytes until nothing moves: after any change of the ring, of a queue's head, of who has it open. */
export function pipeServe(pipe: Pipe): void {
  touched(pipe);
  let moved: bool = true;
  while (moved) {
    moved = serveReaders(pipe, linked(writersOf(pipe)));
    if (serveWriters(pipe)) moved = true;
  }
}

export function pipeRead(pipe: Pipe, buffer: usize, length: i32, timeout: i32): i32 {
  if (length == 0) return 0;
  if (!outranked(pipe)) {
    const count = pipe.capacity == 0 ? drainWriters(pipe, buffer, length) : drain(pipe, buffer, length);
    if (count > 0) {
      if (linked(writersOf(pipe))) pipeServe(pipe);
      return <i32>count;
    }
    if (ended(pipe)) return 0;
  }
  if (timeout == 0) return Errno.EAGAIN;
  if (hopeless(pipe, Mode.WRITE, timeout)) return Errno.EDEADLK;
  const task = kernel.current;
  task.pointer = <u32>buffer;
  task.length = length;
  task.aside = <u32>changetype<usize>(pipe);
  touched(pipe);
  return block(pipe, timeout, Call.PIPE_READ, Settle.OBJECT);
}

/** A reader's wait ended: at its timeout it gets what is there, which its trigger level kept from it. */
export function pipeSettle(task: Task): void {
  const pipe = changetype<Pipe>(task.aside);
  const count = task.outcome == Errno.ETIMEDOUT ? drain(pipe, task.pointer, task.length) : 0;
  wake(task, count > 0 ? <i32>count : task.outcome, task.cause);
}

/** Rendezvous: hands bytes to waiting readers. */
function feedReaders(pipe: Pipe, from: usize, length: u32): u32 {
  let count: u32 = 0;
  while (count < length && linked(pipe)) {
    const reader = firstWaiter(pipe);
    const step = min(length - count, reader.length);
    copyBytes(reader.pointer, from + count, step);
    count += step;
    wake(reader, <i32>step, Cause.HANDOFF);
  }
  return count;
}

/** Puts in what goes in now, letting readers make room. */
function put(pipe: Pipe, from: usize, length: u32): u32 {
  if (pipe.capacity == 0) return feedReaders(pipe, from, length);
  if (atomic(pipe, length)) {
    if (pipe.capacity - pipe.used < length) serveReaders(pipe, true);
    if (pipe.capacity - pipe.used < length) return 0;
  }
  let count: u32 = 0;
  let moving: bool = true;
  while (moving && count < length) {
    const step = fill(pipe, from + count, length - count);
    count += step;
    moving = linked(pipe) && serveReaders(pipe, count < length);
  }
  return count;
}

export function pipeWrite(pipe: Pipe, buffer: usize, length: i32, timeout: i32): i32 {
  if (length == 0) return 0;
  if (broken(pipe)) {
    if (inTask()) signalRaise(kernel.current, Signal.PIPE, pipe.handle);
    return Errno.EPIPE;
  }
  const writers = writersOf(pipe);
  const count: u32 = outranked(writers) ? 0 : put(pipe, buffer, length);
  if (count == <u32>length) return length;
  if (timeout == 0 || hopeless(pipe, Mode.READ, timeout)) {
    if (count > 0) return <i32>count;
    return timeout == 0 ? Errno.EAGAIN : Errno.EDEADLK;
  }
  const task = kernel.current;
  task.pointer = <u32>buffer;
  task.length = length;
  task.progress = count;
  touched(pipe);
  const answer = block(writers, timeout, Call.PIPE_WRITE, Settle.PARTIAL);
  if (linked(pipe)) pipeServe(pipe);
  return answer != SWITCH && count > 0 ? <i32>count : answer;
}

export function pipeReset(pipe: Pipe): i32 {
  if (!mayUseAny(pipe)) return Errno.EPERM;
  pipe.head = 0;
  pipe.used = 0;
  dismissAll(pipe, Errno.ECANCELED, Cause.CANCELED);
  dismissAll(writersOf(pipe), Errno.ECANCELED, Cause.CANCELED);
  touched(pipe);
  return 0;
}

export function pipeTrigger(pipe: Pipe, level: i32): i32 {
  if (!mayUseAny(pipe)) return Errno.EPERM;
  if (level < 1 || <u32>level > pipe.capacity) return Errno.EINVAL;
  const before = pipe.trigger;
  pipe.trigger = level;
  pipeServe(pipe);
  return <i32>before;
}

/** Waiters get EIDRM, the buffer goes back. */
export function pipeEnd(pipe: Pipe): void {
  dismissAll(pipe, Errno.EIDRM, Cause.DELETED);
  dismissAll(writersOf(pipe), Errno.EIDRM, Cause.DELETED);
  if (pipe.storage != 0) arenaGive(pipe.storage);
}

/** What a poll of the pipe sees: bytes or room there, or an end that is gone. */
export function pipeReady(pipe: Pipe): u32 {
  const rendezvous = pipe.capacity == 0;
  let ready: u32 = 0;
  if (pipe.used > 0 || (rendezvous && linked(writersOf(pipe)))) ready |= Poll.READ;
  if (pipe.used < pipe.capacity || (rendezvous && linked(pipe))) ready |= Poll.WRITE;
  if (ended(pipe)) ready |= Poll.READ | Poll.CLOSED;
  if (broken(pipe)) ready |= Poll.WRITE | Poll.CLOSED;
  return ready;
}

/** The ring is in bounds, and nobody waits for what is there. */
export function pipeHolds(pipe: Pipe): bool {
  if (pipe.used > pipe.capacity || (pipe.capacity > 0 && pipe.head >= pipe.capacity)) return false;
  const writers = writersOf(pipe);
  if (linked(pipe) && (satisfied(pipe, firstWaiter(pipe), linked(writers)) || ended(pipe))) return false;
  if (!linked(writers)) return true;
  const writer = firstWaiter(writers);
  if (broken(pipe) || (pipe.capacity == 0 && linked(pipe))) return false;
  const room = pipe.capacity - pipe.used;
  return room == 0 || (atomic(pipe, writer.length) && room < writer.length);
}
