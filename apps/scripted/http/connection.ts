/** One connection, from its first request to its end, as the worker that has it serves it. */
import { EAGAIN, EINTR, ETIMEDOUT, type Parked, type Self, type Socket, type View } from "talea";
import { CONTINUE, headText, methodStatus, sentenceOf } from "./answer.js";
import { JSON_TYPE, pages, TASKS_PATH, tasksPage } from "./pages.js";
import { RequestParser } from "./request.js";
import { DONE, MORE, type Verdict } from "./syntax.js";

/** Limits in ticks, which are milliseconds. */
export interface Times {
  /** A request has to be complete so long after its first byte, default 5000. */
  request: number;
  /** A client may be silent so long between two requests, default 5000. */
  idle: number;
  /** An answer has to be taken in so long, default 5000. */
  answer: number;
  /** What a client still sends is read so long behind the last answer, default 500. */
  linger: number;
}

export const TIMES: Times = { request: 5000, idle: 5000, answer: 5000, linger: 500 };

/** A worker that waits for a request looks so often whether somebody needs it more. */
const ROUND = 250;
/** Bytes of a piece of an answer that does not come from the region. */
const PIECE = 512;
/** Bytes that are read behind the last answer. */
const LINGER_BYTES = 16_384;
const TOO_SLOW = 408;
const TEXT = "text/plain; charset=utf-8";

const encoder = new TextEncoder();

type Steps<T> = Generator<Parked, T, unknown>;

export interface Served {
  self: Self;
  /** What is received, the worker's own. */
  input: View;
  /** The pages. */
  region: View;
  times: Times;
  /** Whether somebody waits for a worker; who is told so gives way. */
  givesWay: () => Steps<boolean>;
}

export class Connection {
  readonly #socket: Socket;
  readonly #served: Served;
  readonly #parser = new RequestParser();
  /** The bytes of the input that are not parsed yet. */
  #from = 0;
  #to = 0;
  /** The tick at which an answer has to be taken. */
  #deadline = 0;

  constructor(socket: Socket, served: Served) {
    this.#socket = socket;
    this.#served = served;
  }

  /** Serves request after request, and closes. */
  *serve(): Steps<void> {
    while (yield* this.#request()) this.#parser.reset();
    yield* this.#socket.close();
  }

  /** One request and its answer; whether the connection goes on. */
  *#request(): Steps<boolean> {
    const verdict = yield* this.#read();
    if (verdict === MORE) return false;
    const goesOn = yield* verdict === DONE ? this.#answer() : this.#refuse(verdict);
    if (!goesOn) yield* this.#linger();
    return goesOn;
  }

  // Reading

  /** Up to the end of a request, or its refusal; MORE when none comes any more. */
  *#read(): Steps<Verdict> {
    const { self, times } = this.#served;
    const begin = self.tick;
    let first = -1;
    for (;;) {
      const verdict = this.#parse();
      if (verdict !== MORE) return verdict;
      if (this.#parser.awaitsWord) yield* this.#tellToGoOn();
      const { begun } = this.#parser;
      if (begun && first < 0) first = self.tick;
      const left = begun ? first + times.request - self.tick : begin + times.idle - self.tick;
      if (left <= 0) return begun ? TOO_SLOW : MORE;
      const came = yield* this.#receive(begun ? left : Math.min(left, ROUND));
      if (came === 0) return MORE;
      if (came < 0 && !begun && (yield* this.#served.givesWay())) return MORE;
    }
  }

  /** Bytes that came, 0 when none will, or below that after a while without any. */
  *#receive(ticks: number): Steps<number> {
    const { input } = this.#served;
    const count = yield* this.#socket.receive(input, ticks);
    if (count < 0) return isOver(count) ? 0 : count;
    this.#from = 0;
    this.#to = count;
    return count;
  }

  #parse(): Verdict {
    const { input } = this.#served;
    while (this.#from < this.#to) {
      const verdict = this.#parser.push(input.get(this.#from++));
      if (verdict !== MORE) return verdict;
    }
    return MORE;
  }

  *#tellToGoOn(): Steps<void> {
    this.#parser.awaitsWord = false;
    this.#deadline = this.#served.self.tick + this.#served.times.answer;
    yield* this.#send(CONTINUE);
  }

  // Answering

  /** The answer to a request that was understood. */
  *#answer(): Steps<boolean> {
    const { method, path } = this.#parser;
    if (method !== "GET" && method !== "HEAD") return yield* this.#say(methodStatus(method), this.#parser.keepsAlive);
    if (path === TASKS_PATH) return yield* this.#tasks();
    const page = pages.get(path);
    if (!page) return yield* this.#say(404, this.#parser.keepsAlive);
    const { type, start, length } = page;
    return yield* this.#put(200, type, length, this.#parser.keepsAlive, this.#served.region.slice(start, length));
  }

  *#tasks(): Steps<boolean> {
    const { self } = this.#served;
    const text = tasksPage(self.tick, yield* self.tasks());
    const body = encoder.encode(text);
    return yield* this.#put(200, JSON_TYPE, body.length, this.#parser.keepsAlive, body);
  }

  /** Behind a request that was refused nobody knows where the next one begins. */
  #refuse(status: number): Steps<boolean> {
    return this.#say(status, false);
  }

  *#say(status: number, keeps: boolean): Steps<boolean> {
    const body = encoder.encode(sentenceOf(status));
    return yield* this.#put(status, TEXT, body.length, keeps, body);
  }

  /** Sends an answer; whether the connection goes on. */
  *#put(status: number, type: string, length: number, keeps: boolean, body: View | Uint8Array): Steps<boolean> {
    const { method, minor } = this.#parser;
    this.#deadline = this.#served.self.tick + this.#served.times.answer;
    const sent = yield* this.#send(headText({ status, type, length, keeps, minor }));
    if (!sent || method === "HEAD") return sent && keeps;
    return (yield* this.#sendBody(body)) && keeps;
  }

  /** Text in pieces that find room in the worker's RAM; a page as it lies. */
  *#sendBody(body: View | Uint8Array): Steps<boolean> {
    if (!(body instanceof Uint8Array)) return yield* this.#send(body);
    for (let at = 0; at < body.length; at += PIECE) {
      if (!(yield* this.#send(body.subarray(at, at + PIECE)))) return false;
    }
    return true;
  }

  /** Whether all of it went in time. */
  *#send(data: View | string | Uint8Array): Steps<boolean> {
    const left = this.#deadline - this.#served.self.tick;
    return (yield* this.#socket.send(data, Math.max(0, left))) === data.length;
  }

  /**
   * The end of the answer, then what the client still sends is read and dropped, a while: to close with bytes that nobody has read
   * would reset the connection, and the client might never see the answer.
   */
  *#linger(): Steps<void> {
    const { self, times } = this.#served;
    yield* this.#socket.shutdown("write");
    const end = self.tick + times.linger;
    for (let bytes = 0; bytes < LINGER_BYTES && self.tick < end; ) {
      const came = yield* this.#receive(end - self.tick);
      if (came === 0) return;
      if (came > 0) bytes += came;
    }
  }
}

/** Whether nothing comes behind this outcome of a receive. */
function isOver(outcome: number): boolean {
  return outcome !== ETIMEDOUT && outcome !== EAGAIN && outcome !== EINTR;
}
