/** Heads of answers, and the short texts of those that refuse. There is no Date: a machine in virtual time has no such clock. */
import { self } from "talea/firmware";
import { begin, OUTPUT, send, Worker } from "./worker";

const ZERO: i32 = 48;
export const TEXT: string = "text/plain; charset=utf-8";
const METHODS: string[] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];

/** The status for a method that is neither GET nor HEAD: 405, or 501 for one that there is not. */
export function methodStatus(worker: Worker): i32 {
  for (let i = 0; i < METHODS.length; i++) if (worker.request.isMethod(unchecked(METHODS[i]))) return 405;
  return 501;
}

function reasonOf(status: i32): string {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 417:
      return "Expectation Failed";
    case 431:
      return "Request Header Fields Too Large";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
  }
  return "HTTP Version Not Supported";
}

function sentenceOf(status: i32): string {
  switch (status) {
    case 400:
      return ": the request is not by the rules of HTTP/1.1\n";
    case 404:
      return ": there is no such page: / and /tasks.json are there\n";
    case 405:
      return ": pages are read: GET or HEAD\n";
    case 408:
      return ": the request took too long to come\n";
    case 413:
      return ": a body is at most 4096 bytes\n";
    case 414:
      return ": a target is at most 1024 bytes\n";
    case 417:
      return ": nothing but 100-continue can be expected\n";
    case 431:
      return ": the fields are at most 8192 bytes in 64 lines\n";
    case 501:
      return ": nobody here knows this method or coding\n";
    case 503:
      return ": too many ask for the table of tasks at once\n";
  }
  return ": this server speaks HTTP/1.1\n";
}

// Text on its way

/** Sends what is collected. */
export function flush(worker: Worker): bool {
  const length = worker.length;
  worker.length = 0;
  return send(worker, worker.output, length, self.tick);
}

/** Adds a text of ASCII. */
function text(worker: Worker, what: string): void {
  for (let i = 0; i < what.length; i++) {
    if (worker.length == OUTPUT) flush(worker);
    store<u8>(worker.output + worker.length, <u8>what.charCodeAt(i));
    worker.length++;
  }
}

function number(worker: Worker, value: i32): void {
  let unit = 1;
  while (value / unit >= 10) unit *= 10;
  for (; unit > 0; unit /= 10) {
    if (worker.length == OUTPUT) flush(worker);
    store<u8>(worker.output + worker.length, <u8>(ZERO + ((value / unit) % 10)));
    worker.length++;
  }
}

/** Tells a client that waits for a word to go on. */
export function tellToGoOn(worker: Worker, until: u32): void {
  begin(worker, until);
  text(worker, "HTTP/1.1 100 Continue\r\n\r\n");
  flush(worker);
}

/** Sends the head of an answer, the empty line included; false when it was not taken. */
export function sendHead(worker: Worker, status: i32, type: string, length: i32, keeps: bool): bool {
  head(worker, status, type, length, keeps);
  return flush(worker);
}

function head(worker: Worker, status: i32, type: string, length: i32, keeps: bool): void {
  text(worker, "HTTP/1.1 ");
  number(worker, status);
  text(worker, " ");
  text(worker, reasonOf(status));
  text(worker, "\r\nServer: Talea\r\nContent-Type: ");
  text(worker, type);
  text(worker, "\r\nContent-Length: ");
  number(worker, length);
  if (status == 405) text(worker, "\r\nAllow: GET, HEAD");
  if (type == "application/json") text(worker, "\r\nCache-Control: no-store");
  if (!keeps) text(worker, "\r\nConnection: close");
  else if (worker.request.minor == 0) text(worker, "\r\nConnection: keep-alive");
  text(worker, "\r\n\r\n");
}

/** Sends a whole answer that is a sentence; whether the connection goes on. */
export function say(worker: Worker, status: i32, keeps: bool): bool {
  const sentence = sentenceOf(status);
  head(worker, status, TEXT, 3 + sentence.length, keeps);
  if (!worker.request.isMethod("HEAD")) {
    number(worker, status);
    text(worker, sentence);
  }
  return flush(worker) && keeps;
}
