/**
 * What a worker has: a request, the bytes that came and were not parsed, the bytes of an answer on their way. One record of a fixed
 * size for each, and so whoever connects takes no memory.
 *
 *     | fields | request | input | output |
 */
import { calls } from "talea/firmware";
import { KEPT, REQUEST_BYTES, Request } from "./request";

/** Workers there can be. The kernel has 32 sockets: one listens, some are in the backlog, one is on its way from the one to the other. */
export const WORKERS: i32 = 12;
/** Bytes that are parsed at a time, and that go out at a time. */
export const INPUT: i32 = 256;
export const OUTPUT: i32 = 512;

@unmanaged
export class Worker {
  /** The connection that it serves, a handle. */
  socket: i32;
  /** The bytes of the input that are not parsed yet. */
  from: i32;
  to: i32;
  /** The tick at which the answer has to be taken. */
  deadline: u32;
  /** Bytes on their way out. */
  length: i32;
  /** The client does not take the answer. */
  lost: bool;

  get request(): Request {
    return changetype<Request>(changetype<usize>(this) + offsetof<Worker>());
  }

  get input(): usize {
    return changetype<usize>(this) + offsetof<Worker>() + REQUEST_BYTES;
  }

  get output(): usize {
    return this.input + INPUT;
  }
}

const STRIDE: usize = (offsetof<Worker>() + REQUEST_BYTES + INPUT + OUTPUT + 7) & ~7;
const table: usize = memory.data(WORKERS * ((offsetof<Worker>() + offsetof<Request>() + KEPT + INPUT + OUTPUT + 7) & ~7), 8);

/** The record of a worker, from 0 on. */
export function workerAt(index: i32): Worker {
  return changetype<Worker>(table + <usize>index * STRIDE);
}

// What it sends

/** Begins an answer, which is to be taken by then. */
export function begin(worker: Worker, deadline: u32): void {
  worker.deadline = deadline;
  worker.length = 0;
  worker.lost = false;
}

/** Sends so many bytes as they lie; false when the client did not take them in time. */
export function send(worker: Worker, address: usize, length: i32, now: u32): bool {
  if (length == 0 || worker.lost) return !worker.lost;
  const left = max(0, <i32>(worker.deadline - now));
  worker.lost = calls.socket_send(worker.socket, address, length, 0, left) != length;
  return !worker.lost;
}
