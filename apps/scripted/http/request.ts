/**
 * Requests of HTTP/1.1 and 1.0, a byte at a time, strictly by RFC 9112.
 *
 *     request line -> fields -> [ body: sized, or chunks and trailers ] -> DONE, or a status that refuses it
 *
 * It is written here and is no library. Those there are for JavaScript are one of three things: bound to Node's buffers and asserts
 * and tolerant on purpose (http-parser-js: a field that it cannot read is dropped, a line has no end), parsers of a whole text that is
 * in memory already, or a WebAssembly module with a memory of its own. A task with a few hundred bytes of RAM in front of anybody's
 * client needs the opposite: bounds on all that is kept, and one reading only. Where two parsers could disagree on where a request
 * ends, the request is refused and the connection closed.
 */
import { BodyParser } from "./body.js";
import { FieldParser } from "./fields.js";
import {
  BAD_REQUEST,
  CR,
  DONE,
  EXPECTATION_FAILED,
  isHost,
  isTarget,
  isToken,
  LF,
  MORE,
  NOT_IMPLEMENTED,
  SPACE,
  TARGET_TOO_LONG,
  VERSION_NOT_SUPPORTED,
  type Verdict,
} from "./syntax.js";

export interface RequestLimits {
  /** Bytes of the target, default 1024. */
  target: number;
  /** Bytes of all fields, default 8192. */
  fieldBytes: number;
  /** Fields, default 64. */
  fields: number;
  /** Bytes of the body, default 4096. */
  body: number;
}

const DEFAULTS: RequestLimits = { target: 1024, fieldBytes: 8192, fields: 64, body: 4096 };
const METHOD_BYTES = 16;
const WANTED = ["host", "content-length", "transfer-encoding", "connection", "expect"];
/** HTTP/1.1 */
const VERSION_BYTES = 8;

export class RequestParser {
  /** As it was sent; both are there as far as they came when a request is refused. */
  method = "";
  target = "";
  /** The version is HTTP/1 and this. */
  minor = 0;
  /** The client sends the body when it is told "100 Continue"; whoever tells it sets this back. */
  awaitsWord = false;
  /** A first byte of the request has come. */
  begun = false;
  readonly #limits: RequestLimits;
  readonly #fields: FieldParser;
  readonly #body: BodyParser;
  #next = this.#start;
  #version = "";
  #hosts = 0;
  #length = -1;
  #coding = "";
  #connection = "";
  #expects = false;

  constructor(limits: Partial<RequestLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
    this.#fields = new FieldParser({ bytes: this.#limits.fieldBytes, count: this.#limits.fields }, WANTED, (name, value) =>
      this.#field(name, value),
    );
    this.#body = new BodyParser(this.#limits.body);
  }

  /** Ready for the next request of the connection. */
  reset(): void {
    this.method = "";
    this.target = "";
    this.minor = 0;
    this.awaitsWord = false;
    this.begun = false;
    this.#next = this.#start;
    this.#version = "";
    this.#hosts = 0;
    this.#length = -1;
    this.#coding = "";
    this.#connection = "";
    this.#expects = false;
    this.#fields.reset();
  }

  /** One byte more: MORE, DONE, or the status of the answer that refuses the request. Behind those two comes reset() or nothing. */
  push(byte: number): Verdict {
    return this.#next(byte);
  }

  /** Whether the connection stays open behind this request. */
  get keepsAlive(): boolean {
    const words = this.#connection.toLowerCase().split(/[ \t]*,[ \t]*/);
    return this.minor > 0 ? !words.includes("close") : words.includes("keep-alive") && !words.includes("close");
  }

  /** The target without its query; "" for one that is no path. */
  get path(): string {
    const [path] = this.target.replace(/^http:\/\/[^/?]+/i, "").split("?") as [string];
    if (path === "" && this.target !== "") return "/";
    return path.startsWith("/") ? path : "";
  }

  /** One empty line before a request is forgiven, as the RFC asks. */
  #start(byte: number): Verdict {
    if (byte === CR) return this.#to(this.#emptyLine);
    return this.#first(byte);
  }

  #emptyLine(byte: number): Verdict {
    return byte === LF ? this.#to(this.#first) : BAD_REQUEST;
  }

  #first(byte: number): Verdict {
    if (!isToken(byte)) return BAD_REQUEST;
    this.begun = true;
    this.#next = this.#inMethod;
    return this.#inMethod(byte);
  }

  #inMethod(byte: number): Verdict {
    if (byte === SPACE) return this.#to(this.#inTarget);
    if (!isToken(byte)) return BAD_REQUEST;
    if (this.method.length === METHOD_BYTES) return NOT_IMPLEMENTED;
    this.method += String.fromCharCode(byte);
    return MORE;
  }

  #inTarget(byte: number): Verdict {
    if (byte === SPACE && this.target !== "") return this.#to(this.#inVersion);
    if (!isTarget(byte)) return BAD_REQUEST;
    if (this.target.length === this.#limits.target) return TARGET_TOO_LONG;
    this.target += String.fromCharCode(byte);
    return MORE;
  }

  #inVersion(byte: number): Verdict {
    if (byte === CR) return this.#endOfVersion();
    if (this.#version.length === VERSION_BYTES) return BAD_REQUEST;
    this.#version += String.fromCharCode(byte);
    return MORE;
  }

  #endOfVersion(): Verdict {
    const version = /^HTTP\/(\d)\.(\d)$/.exec(this.#version);
    if (!version) return BAD_REQUEST;
    if (version[1] !== "1") return VERSION_NOT_SUPPORTED;
    this.minor = Number(version[2]);
    return this.#to(this.#endOfLine);
  }

  #endOfLine(byte: number): Verdict {
    if (byte !== LF) return BAD_REQUEST;
    return this.#isTargetWhole() ? this.#to(this.#inFields) : BAD_REQUEST;
  }

  /** A path, a whole URL, "*" for OPTIONS, host and port for CONNECT. */
  #isTargetWhole(): boolean {
    if (this.method === "CONNECT") return /^[^/?@]+:\d+$/.test(this.target);
    if (this.target === "*") return this.method === "OPTIONS";
    return /^\/|^http:\/\/[^/?@]+([/?]|$)/i.test(this.target);
  }

  #inFields(byte: number): Verdict {
    const verdict = this.#fields.push(byte);
    return verdict === DONE ? this.#endOfHead() : verdict;
  }

  #field(name: string, value: string): Verdict {
    if (name === "host") return this.#host(value);
    if (name === "content-length") return this.#contentLength(value);
    if (name === "transfer-encoding") return this.#transferEncoding(value);
    if (name === "expect") return this.#expect(value);
    this.#connection = this.#connection === "" ? value : `${this.#connection},${value}`;
    return MORE;
  }

  #host(value: string): Verdict {
    if (++this.#hosts > 1) return BAD_REQUEST;
    for (let i = 0; i < value.length; i++) if (!isHost(value.charCodeAt(i))) return BAD_REQUEST;
    return MORE;
  }

  #contentLength(value: string): Verdict {
    if (this.#length >= 0 || !/^\d+$/.test(value)) return BAD_REQUEST;
    this.#length = Number(value);
    return MORE;
  }

  #transferEncoding(value: string): Verdict {
    if (this.#coding !== "" || value === "") return BAD_REQUEST;
    this.#coding = value.toLowerCase();
    return MORE;
  }

  #expect(value: string): Verdict {
    if (value.toLowerCase() !== "100-continue") return EXPECTATION_FAILED;
    this.#expects = true;
    return MORE;
  }

  #endOfHead(): Verdict {
    if (this.minor > 0 && this.#hosts === 0) return BAD_REQUEST;
    if (this.#coding === "") return this.#length > 0 ? this.#beginBody(this.#body.beginSized(this.#length)) : DONE;
    if (this.#length >= 0 || this.minor === 0) return BAD_REQUEST;
    return this.#coding === "chunked" ? this.#beginBody(this.#body.beginChunked()) : NOT_IMPLEMENTED;
  }

  #beginBody(verdict: Verdict): Verdict {
    if (verdict !== MORE) return verdict;
    this.awaitsWord = this.#expects && this.minor > 0;
    return this.#to(this.#inBody);
  }

  #inBody(byte: number): Verdict {
    return this.#body.push(byte);
  }

  #to(next: (byte: number) => Verdict): Verdict {
    this.#next = next;
    return MORE;
  }
}
