/** One connection, from its first request to its end, as the worker that has it serves it. */
import { calls, EAGAIN, EINTR, ETIMEDOUT, Mode, Pool, self } from "talea/firmware";
import { flush, methodStatus, say, sendHead, tellToGoOn } from "./answer";
import { JSON_TYPE, pageAt, pageCount, TASKS_PATH } from "./pages";
import { Request } from "./request";
import { DONE, MORE } from "./syntax";
import { lengthOf, tableIn, textOf } from "./tasks";
import { begin, INPUT, send, Worker } from "./worker";

/** A worker that waits for a request looks so often whether somebody needs it more. */
const ROUND: i32 = 250;
/** Bytes that are read behind the last answer. */
const LINGER_BYTES: i32 = 16_384;
const TOO_SLOW: i32 = 408;
const UNAVAILABLE: i32 = 503;

/** Limits in ticks, which are milliseconds, and what all workers share. */
export class Served {
  /** A request has to be complete so long after its first byte. */
  request: i32 = 5000;
  /** A client may be silent so long between two requests. */
  idle: i32 = 5000;
  /** An answer has to be taken in so long. */
  answer: i32 = 5000;
  /** What a client still sends is read so long behind the last answer. */
  linger: i32 = 500;
  /** Where the pages are. */
  pages: usize = 0;
  /** Blocks for tables of tasks. */
  tables: Pool = changetype<Pool>(0);
  /** Whether somebody waits for a worker; who is told so gives way. */
  givesWay: () => bool = never;
}

function never(): bool {
  return false;
}

/** What the server is made with. */
export const served: Served = new Served();

/** Serves request after request, and closes. */
export function serve(worker: Worker): void {
  worker.from = 0;
  worker.to = 0;
  let goesOn: bool = true;
  while (goesOn) {
    worker.request.reset();
    goesOn = oneRequest(worker);
  }
  calls.object_close(worker.socket, Mode.READ | Mode.WRITE);
}

/** One request and its answer; whether the connection goes on. */
function oneRequest(worker: Worker): bool {
  const verdict = readRequest(worker);
  if (verdict == MORE) return false;
  begin(worker, self.tick + served.answer);
  // Behind a request that was refused nobody knows where the next one begins.
  const goesOn = verdict == DONE ? answer(worker, worker.request) : say(worker, verdict, false);
  if (!goesOn) linger(worker);
  return goesOn;
}

// Reading

/** Up to the end of a request, or its refusal; MORE when none comes any more. */
function readRequest(worker: Worker): i32 {
  const request = worker.request;
  const beginning = self.tick;
  let first: u32 = 0;
  let began: bool = false;
  let came = 1;
  while (came != 0) {
    const verdict = parse(worker);
    if (verdict != MORE) return verdict;
    if (request.awaitsWord) goOn(worker);
    if (request.begun && !began) first = self.tick;
    began = request.begun;
    const left = began ? <i32>(first + served.request - self.tick) : <i32>(beginning + served.idle - self.tick);
    if (left <= 0) return began ? TOO_SLOW : MORE;
    came = receive(worker, began ? left : min(left, ROUND));
    if (came < 0 && !began && served.givesWay()) return MORE;
  }
  return MORE;
}

/** Bytes that came, 0 when none will, or below that after a while without any. */
function receive(worker: Worker, ticks: i32): i32 {
  const count = calls.socket_receive(worker.socket, worker.input, INPUT, 0, ticks);
  if (count < 0) return count == ETIMEDOUT || count == EAGAIN || count == EINTR ? count : 0;
  worker.from = 0;
  worker.to = count;
  return count;
}

function parse(worker: Worker): i32 {
  const request = worker.request;
  while (worker.from < worker.to) {
    const verdict = request.push(load<u8>(worker.input + worker.from));
    worker.from++;
    if (verdict != MORE) return verdict;
  }
  return MORE;
}

function goOn(worker: Worker): void {
  worker.request.awaitsWord = false;
  tellToGoOn(worker, self.tick + served.answer);
}

// Answering

/** The answer to a request that was understood. */
function answer(worker: Worker, request: Request): bool {
  const keeps = request.keepsAlive;
  if (!request.isMethod("GET") && !request.isMethod("HEAD")) return say(worker, methodStatus(worker), keeps);
  if (request.isPath(TASKS_PATH)) return putTasks(worker, keeps);
  for (let i = 0; i < pageCount(); i++) {
    const page = pageAt(i);
    if (request.isPath(page.path)) return put(worker, page.type, served.pages + page.start, page.length, keeps);
  }
  return say(worker, 404, keeps);
}

function putTasks(worker: Worker, keeps: bool): bool {
  const block = tableIn(served.tables, served.answer);
  if (<i32>block < 0) return say(worker, UNAVAILABLE, keeps);
  begin(worker, self.tick + served.answer);
  const goesOn = put(worker, JSON_TYPE, textOf(block), lengthOf(block), keeps);
  calls.pool_free(<u32>block);
  return goesOn;
}

/** Sends an answer as it lies; whether the connection goes on. */
function put(worker: Worker, type: string, address: usize, length: i32, keeps: bool): bool {
  const sent = sendHead(worker, 200, type, length, keeps);
  if (!sent || worker.request.isMethod("HEAD")) return sent && keeps;
  return send(worker, address, length, self.tick) && keeps;
}

/**
 * The end of the answer, then what the client still sends is read and dropped, a while: to close with bytes that nobody has read would
 * reset the connection, and the client might never see the answer.
 */
function linger(worker: Worker): void {
  flush(worker);
  calls.socket_shutdown(worker.socket, Mode.WRITE);
  const end = self.tick + served.linger;
  let bytes = 0;
  let came = 1;
  while (came != 0 && bytes < LINGER_BYTES && <i32>(end - self.tick) > 0) {
    came = receive(worker, <i32>(end - self.tick));
    bytes += max(0, came);
  }
}
