/** Pipes: bytes first in first out. The model holds what is in one as a plain array. */
import * as A from "./abi.js";
import { C, E } from "./abi.js";
import { modeRefused, openForCreator } from "./life.js";
import type { Model } from "./model.js";
import { signalRaise } from "./signal.js";
import type { Task, Wait } from "./task.js";
import { Channel } from "./thing.js";

const { Mode, Poll } = C;
const SIGPIPE = 13;

export class Pipe extends Channel {
  bytes: number[] = [];
  capacity = 0;
  trigger = 1;
  storage = 0;

  get room(): number {
    return this.capacity - this.bytes.length;
  }

  /** Whether a write of this length goes in whole or not at all. */
  isAtomic(length: number): boolean {
    return length <= Math.min(A.ATOMIC, this.capacity);
  }
}

const pipeAt = (m: Model, handle: number) => m.thingAt("PIPE", handle) as Pipe;

export function pipeCreate(m: Model, [name = 0, capacity = 0, mode = 0, storage = 0]: number[]): number {
  if (capacity < 0 || modeRefused(m, mode, Mode.READ | Mode.WRITE | Mode.PUBLIC, name)) return E.EINVAL;
  if (storage !== 0 && !m.inRam(storage >>> 0, capacity)) return E.EFAULT;
  const pipe = m.create("PIPE", name, (...base) => new Pipe(...base));
  if (typeof pipe === "number") return pipe;
  if (storage === 0 && capacity > 0) {
    const taken = m.arena.take(capacity, "kernel");
    if (taken === undefined) {
      m.undo(pipe);
      return E.ENOMEM;
    }
    pipe.storage = taken;
  }
  pipe.capacity = capacity;
  openForCreator(m, pipe, mode);
  return pipe.handle;
}

/** How many bytes of a waiting writer are not in yet, from where on. */
function rest({ wait }: Task): { from: number; count: number } {
  const { data, moved } = wait as Wait;
  return { from: (data.pointer as number) + moved, count: (data.length as number) - moved };
}

/** Whether a wait for the other end, without end and on a pipe that nobody else has, could never end. */
function hopeless(m: Model, pipe: Pipe, direction: "read" | "write", timeout: number): boolean {
  return timeout < 0 && pipe.name === "" && !pipe.openTo(direction, m.current);
}

function fill(m: Model, pipe: Pipe, from: number, length: number): number {
  const count = Math.min(pipe.room, length);
  if (count === 0) return 0;
  pipe.bytes.push(...m.bytes(from, count));
  m.touched(pipe);
  return count;
}

function drain(m: Model, pipe: Pipe, to: number, length: number): number {
  const count = Math.min(pipe.bytes.length, length);
  if (count === 0) return 0;
  m.setBytes(to, pipe.bytes.splice(0, count));
  m.touched(pipe);
  return count;
}

/** Without a buffer bytes go from writers that wait to a reader. */
function fromWriters(m: Model, pipe: Pipe, to: number, length: number): number {
  let count = 0;
  for (const writer of pipe.senders.inOrder) {
    if (count === length) break;
    const { from, count: left } = rest(writer);
    const step = Math.min(length - count, left);
    m.setBytes(to + count, m.bytes(from, step));
    count += step;
    const wait = writer.wait as Wait;
    wait.moved += step;
    if (step === left) m.wake(writer, wait.moved);
  }
  return count;
}

/** And from a writer to readers that wait. */
function toReaders(m: Model, pipe: Pipe, from: number, length: number): number {
  let count = 0;
  for (const reader of pipe.waiters.inOrder) {
    if (count === length) break;
    const { pointer = 0, length: room = 0 } = (reader.wait as Wait).data;
    const step = Math.min(length - count, room);
    m.setBytes(pointer, m.bytes(from + count, step));
    count += step;
    m.wake(reader, step);
  }
  return count;
}

/** Whether a waiting reader has what it waits for; `pressed`: a writer has to wait for it. */
function satisfied(pipe: Pipe, reader: Task, pressed: boolean): boolean {
  const there = pipe.bytes.length;
  if (there === 0) return false;
  return pressed || there >= Math.min(pipe.trigger, reader.wait?.data.length ?? 0) || pipe.room === 0 || pipe.ended;
}

function serveReaders(m: Model, pipe: Pipe, pressed: boolean): boolean {
  let moved = false;
  for (const reader of pipe.waiters.inOrder) {
    const { pointer = 0, length = 0 } = (reader.wait as Wait).data;
    if (pipe.capacity === 0 && !pipe.senders.empty) m.wake(reader, fromWriters(m, pipe, pointer, length));
    else if (satisfied(pipe, reader, pressed)) m.wake(reader, drain(m, pipe, pointer, length));
    else if (pipe.bytes.length === 0 && pipe.ended) m.wake(reader, 0);
    else break;
    moved = true;
  }
  return moved;
}

function serveWriters(m: Model, pipe: Pipe): boolean {
  let moved = false;
  for (const writer of pipe.senders.inOrder) {
    const wait = writer.wait as Wait;
    if (pipe.broken) {
      const none = wait.moved === 0;
      m.wake(writer, none ? E.EPIPE : wait.moved);
      if (none) signalRaise(m, writer, SIGPIPE, pipe.handle);
      continue;
    }
    const { from, count: left } = rest(writer);
    if (pipe.room < left && pipe.isAtomic(wait.data.length as number)) break;
    const count = fill(m, pipe, from, left);
    if (count === 0) break;
    moved = true;
    wait.moved += count;
    if (count < left) break;
    m.wake(writer, wait.moved);
  }
  return moved;
}

/** Moves bytes until nothing moves. */
export function pipeServe(m: Model, pipe: Pipe): void {
  m.touched(pipe);
  for (let moved = true; moved; ) {
    moved = serveReaders(m, pipe, !pipe.senders.empty);
    moved = serveWriters(m, pipe) || moved;
  }
}

export function pipeRead(m: Model, [handle = 0, buffer = 0, length = 0, timeout = 0]: number[]): number {
  const pipe = pipeAt(m, handle);
  if (length === 0) return 0;
  if (!m.outranked(pipe.waiters)) {
    const count = pipe.capacity === 0 ? fromWriters(m, pipe, buffer, length) : drain(m, pipe, buffer, length);
    if (count > 0) {
      if (!pipe.senders.empty) pipeServe(m, pipe);
      return count;
    }
    if (pipe.ended) return 0;
  }
  if (timeout === 0) return E.EAGAIN;
  if (hopeless(m, pipe, "write", timeout)) return E.EDEADLK;
  m.touched(pipe);
  return m.block("pipe_read", pipe.waiters, timeout, "object", { pointer: buffer, length, thing: pipe });
}

/** At its timeout a reader gets what its trigger level kept from it. */
export function pipeSettle(m: Model, task: Task): void {
  const { data, outcome } = task.wait as Wait;
  const late = outcome === E.ETIMEDOUT ? drain(m, data.thing as Pipe, data.pointer as number, data.length as number) : 0;
  m.wake(task, late > 0 ? late : outcome);
}

/** What of a write goes in now, with what readers take out meanwhile. */
function put(m: Model, pipe: Pipe, from: number, length: number): number {
  if (pipe.capacity === 0) return toReaders(m, pipe, from, length);
  if (pipe.isAtomic(length)) {
    if (pipe.room < length) serveReaders(m, pipe, true);
    if (pipe.room < length) return 0;
  }
  let count = 0;
  for (let moving = true; moving && count < length; ) {
    count += fill(m, pipe, from + count, length - count);
    moving = serveReaders(m, pipe, count < length);
  }
  return count;
}

export function pipeWrite(m: Model, [handle = 0, buffer = 0, length = 0, timeout = 0]: number[]): number {
  const pipe = pipeAt(m, handle);
  if (length === 0) return 0;
  if (pipe.broken) {
    if (m.caller) signalRaise(m, m.caller, SIGPIPE, pipe.handle);
    return E.EPIPE;
  }
  const count = m.outranked(pipe.senders) ? 0 : put(m, pipe, buffer, length);
  if (count === length) return length;
  if (timeout === 0 || hopeless(m, pipe, "read", timeout)) return count > 0 ? count : timeout === 0 ? E.EAGAIN : E.EDEADLK;
  m.touched(pipe);
  const answer = m.block("pipe_write", pipe.senders, timeout, "partial", { pointer: buffer, length });
  if (answer === A.SWITCH) ((m.current as Task).wait as Wait).moved = count;
  if (!pipe.waiters.empty) pipeServe(m, pipe);
  return answer !== A.SWITCH && count > 0 ? count : answer;
}

export function pipeReset(m: Model, [handle = 0]: number[]): number {
  const pipe = pipeAt(m, handle);
  if (!m.mayUseAny(pipe)) return E.EPERM;
  pipe.bytes = [];
  m.dismiss(pipe.waiters, E.ECANCELED, "canceled");
  m.dismiss(pipe.senders, E.ECANCELED, "canceled");
  m.touched(pipe);
  return 0;
}

export function pipeTrigger(m: Model, [handle = 0, level = 0]: number[]): number {
  const pipe = pipeAt(m, handle);
  if (!m.mayUseAny(pipe)) return E.EPERM;
  if (level < 1 || level > pipe.capacity) return E.EINVAL;
  const before = pipe.trigger;
  pipe.trigger = level;
  pipeServe(m, pipe);
  return before;
}

export function pipeEnd(m: Model, pipe: Pipe): void {
  m.dismiss(pipe.waiters, E.EIDRM, "deleted");
  m.dismiss(pipe.senders, E.EIDRM, "deleted");
  if (pipe.storage !== 0) m.freeRam(() => m.arena.give(pipe.storage));
}

export function pipeReady(pipe: Pipe): number {
  const direct = pipe.capacity === 0;
  let ready = 0;
  if (pipe.bytes.length > 0 || (direct && !pipe.senders.empty)) ready |= Poll.READ;
  if (pipe.room > 0 || (direct && !pipe.waiters.empty)) ready |= Poll.WRITE;
  if (pipe.ended) ready |= Poll.READ | Poll.CLOSED;
  if (pipe.broken) ready |= Poll.WRITE | Poll.CLOSED;
  return ready;
}
