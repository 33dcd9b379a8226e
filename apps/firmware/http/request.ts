/**
 * Requests of HTTP/1.1 and 1.0, a byte at a time, strictly by RFC 9112: the sister of apps/scripted/http/request.ts, which says why it
 * is written at all. All that is kept of a request lies in one record of a fixed size.
 *
 *     request line -> fields -> [ body: sized, or chunks and trailers ] -> DONE, or a status that refuses it
 */
import {
  AT,
  BAD_REQUEST,
  beginsWith,
  COLON,
  COMMA,
  CR,
  DONE,
  digit,
  EXPECTATION_FAILED,
  FIELDS_TOO_LARGE,
  hexDigit,
  isHost,
  isTarget,
  isText,
  isToken,
  isValue,
  LF,
  MORE,
  NOT_IMPLEMENTED,
  PAYLOAD_TOO_LARGE,
  QUESTION,
  SEMICOLON,
  SLASH,
  SPACE,
  TAB,
  TARGET_TOO_LONG,
  VERSION_NOT_SUPPORTED,
} from "./syntax";

/** Bytes of a method, a target, all fields, a body; and how many fields. */
const METHOD: i32 = 16;
const TARGET: i32 = 1024;
const FIELD_BYTES: i32 = 8192;
const FIELDS: i32 = 64;
const BODY: i32 = 4096;
/** The same of the trailers behind a body in chunks. */
const TRAILER_BYTES: i32 = 1024;
const TRAILERS: i32 = 16;
/** Bytes that are kept of a field's name, and of a value that is wanted. */
const NAME: i32 = 24;
const VALUE: i32 = 256;
/** HTTP/1.1 */
const VERSION: i32 = 8;
/** Bytes that a body in chunks may have on the wire for each of its own: short chunks cost more than they bring. */
const OVERHEAD: i32 = 8;
/** Bytes that are kept of a request. */
export const KEPT: i32 = METHOD + TARGET + VERSION + NAME + VALUE;
const POINT: i32 = 46;
const LAST_CAPITAL: i32 = 90;
/** Bytes of "http://". */
const SCHEME: i32 = 7;
/** No length was told. */
const NONE: i32 = -1;

/** What the next byte is of. */
const enum Part {
  START,
  EMPTY_LINE,
  FIRST,
  METHOD,
  TARGET,
  VERSION,
  END_OF_LINE,
  FIELD,
  NAME,
  BEFORE_VALUE,
  VALUE,
  END_OF_FIELD,
  LAST_LINE,
  SIZED,
  SIZE,
  EXTENSION,
  END_OF_SIZE,
  IN_CHUNK,
  END_OF_CHUNK,
  LINE_OF_CHUNK,
}

/** A field that somebody wants. */
const enum Wanted {
  NO,
  HOST,
  LENGTH,
  CODING,
  CONNECTION,
  EXPECT,
}

const enum Coding {
  NONE,
  CHUNKED,
  OTHER,
}

@unmanaged
export class Request {
  /** The version is HTTP/1 and this. */
  minor: i32;
  /** A first byte of the request has come. */
  begun: bool;
  /** The client sends the body when it is told "100 Continue"; whoever tells it sets this back. */
  awaitsWord: bool;
  methodLength: i32;
  targetLength: i32;
  private part: i32;
  private versionLength: i32;
  private hosts: i32;
  private length: i32;
  private coding: i32;
  private close: bool;
  private keep: bool;
  private expects: bool;
  // The fields, or the trailers behind the body.
  private trailing: bool;
  private fieldBytes: i32;
  private fields: i32;
  private nameLength: i32;
  private valueLength: i32;
  private wanted: i32;
  // The body.
  private left: i32;
  private digits: i32;
  private bytes: i32;
  private taken: i32;

  /** Ready for a request. */
  reset(): void {
    memory.fill(changetype<usize>(this), 0, offsetof<Request>());
    this.length = NONE;
  }

  /** The method, as it was sent. */
  get method(): usize {
    return changetype<usize>(this) + offsetof<Request>();
  }

  /** The target, as it was sent. */
  get target(): usize {
    return this.method + METHOD;
  }

  private get version(): usize {
    return this.target + TARGET;
  }

  private get name(): usize {
    return this.version + VERSION;
  }

  private get value(): usize {
    return this.name + NAME;
  }

  /** Whether the method is this one. */
  isMethod(method: string): bool {
    // Methods tell capitals from others.
    for (let i = 0; i < this.methodLength; i++) if (<i32>load<u8>(this.method + i) > LAST_CAPITAL) return false;
    return isText(this.method, this.methodLength, method);
  }

  /** Whether the connection stays open behind this request. */
  get keepsAlive(): bool {
    return !this.close && (this.minor > 0 || this.keep);
  }

  /** Whether the target without its query is this path. */
  isPath(path: string): bool {
    const end = this.pathEnd;
    const start = min(this.pathStart, end);
    if (start == end) return this.targetLength > 0 && path == "/";
    if (end - start != path.length) return false;
    for (let i = 0; i < path.length; i++) if (load<u8>(this.target + start + i) != path.charCodeAt(i)) return false;
    return true;
  }

  /** Behind the "http://host" of a whole URL. */
  private get pathStart(): i32 {
    return beginsWith(this.target, this.targetLength, "http://") ? this.authorityEnd : 0;
  }

  private get pathEnd(): i32 {
    let end = 0;
    while (end < this.targetLength && load<u8>(this.target + end) != QUESTION) end++;
    return end;
  }

  private get authorityEnd(): i32 {
    let at = SCHEME;
    while (at < this.targetLength && load<u8>(this.target + at) != SLASH && load<u8>(this.target + at) != QUESTION) at++;
    return at;
  }

  /** One byte more: MORE, DONE, or the status of the answer that refuses the request. Behind those two comes reset() or nothing. */
  push(byte: i32): i32 {
    if (this.part >= Part.SIZED) return this.pushBody(byte);
    if (this.part >= Part.FIELD) return this.pushField(byte);
    return this.pushLine(byte);
  }

  private to(part: i32): i32 {
    this.part = part;
    return MORE;
  }

  // The request line

  private pushLine(byte: i32): i32 {
    switch (this.part) {
      case Part.START:
        // One empty line before a request is forgiven, as the RFC asks.
        return byte == CR ? this.to(Part.EMPTY_LINE) : this.first(byte);
      case Part.EMPTY_LINE:
        return byte == LF ? this.to(Part.FIRST) : BAD_REQUEST;
      case Part.FIRST:
        return this.first(byte);
      case Part.METHOD:
        return this.inMethod(byte);
      case Part.TARGET:
        return this.inTarget(byte);
      case Part.VERSION:
        return this.inVersion(byte);
    }
    if (byte != LF || !this.isTargetWhole) return BAD_REQUEST;
    return this.to(Part.FIELD);
  }

  private first(byte: i32): i32 {
    if (!isToken(byte)) return BAD_REQUEST;
    this.begun = true;
    this.part = Part.METHOD;
    return this.inMethod(byte);
  }

  private inMethod(byte: i32): i32 {
    if (byte == SPACE) return this.to(Part.TARGET);
    if (!isToken(byte)) return BAD_REQUEST;
    if (this.methodLength == METHOD) return NOT_IMPLEMENTED;
    store<u8>(this.method + this.methodLength, <u8>byte);
    this.methodLength++;
    return MORE;
  }

  private inTarget(byte: i32): i32 {
    if (byte == SPACE && this.targetLength > 0) return this.to(Part.VERSION);
    if (!isTarget(byte)) return BAD_REQUEST;
    if (this.targetLength == TARGET) return TARGET_TOO_LONG;
    store<u8>(this.target + this.targetLength, <u8>byte);
    this.targetLength++;
    return MORE;
  }

  private inVersion(byte: i32): i32 {
    if (byte == CR) return this.endOfVersion();
    if (this.versionLength == VERSION) return BAD_REQUEST;
    store<u8>(this.version + this.versionLength, <u8>byte);
    this.versionLength++;
    return MORE;
  }

  private endOfVersion(): i32 {
    const at = this.version;
    if (this.versionLength != VERSION || !isExactly(at, "HTTP/") || load<u8>(at + 6) != POINT) return BAD_REQUEST;
    const major = digit(load<u8>(at + 5));
    const minor = digit(load<u8>(at + 7));
    if (major < 0 || minor < 0) return BAD_REQUEST;
    if (major != 1) return VERSION_NOT_SUPPORTED;
    this.minor = minor;
    return this.to(Part.END_OF_LINE);
  }

  /** A path, a whole URL, "*" for OPTIONS, host and port for CONNECT. */
  private get isTargetWhole(): bool {
    const target = this.target;
    const length = this.targetLength;
    if (this.isMethod("CONNECT")) return this.isHostAndPort;
    if (isText(target, length, "*")) return this.isMethod("OPTIONS");
    if (load<u8>(target) == SLASH) return true;
    if (!beginsWith(target, length, "http://") || this.authorityEnd == SCHEME) return false;
    for (let i = SCHEME; i < this.authorityEnd; i++) if (load<u8>(target + i) == AT) return false;
    return true;
  }

  private get isHostAndPort(): bool {
    let at = this.targetLength;
    while (at > 0 && digit(load<u8>(this.target + at - 1)) >= 0) at--;
    if (at == this.targetLength || at < 2 || load<u8>(this.target + at - 1) != COLON) return false;
    for (let i = 0; i < at - 1; i++) {
      const byte: i32 = load<u8>(this.target + i);
      if (byte == SLASH || byte == QUESTION || byte == AT) return false;
    }
    return true;
  }

  // Fields, up to the empty line. What lets two parsers see two messages is refused: a bare CR or LF, a folded line, a space before ":".

  private pushField(byte: i32): i32 {
    if (++this.fieldBytes > (this.trailing ? TRAILER_BYTES : FIELD_BYTES)) return FIELDS_TOO_LARGE;
    switch (this.part) {
      case Part.FIELD:
        return this.beginField(byte);
      case Part.NAME:
        return this.inName(byte);
      case Part.BEFORE_VALUE:
        if (byte == SPACE || byte == TAB) return MORE;
        this.part = Part.VALUE;
        return this.inValue(byte);
      case Part.VALUE:
        return this.inValue(byte);
      case Part.END_OF_FIELD:
        return this.endOfField(byte);
    }
    if (byte != LF) return BAD_REQUEST;
    return this.trailing ? DONE : this.endOfHead();
  }

  private beginField(byte: i32): i32 {
    if (byte == CR) return this.to(Part.LAST_LINE);
    if (!isToken(byte)) return BAD_REQUEST;
    if (++this.fields > (this.trailing ? TRAILERS : FIELDS)) return FIELDS_TOO_LARGE;
    this.nameLength = 0;
    this.part = Part.NAME;
    return this.inName(byte);
  }

  private inName(byte: i32): i32 {
    if (byte == COLON) {
      this.wanted = this.trailing ? Wanted.NO : wantedNamed(this.name, this.nameLength);
      this.valueLength = 0;
      return this.to(Part.BEFORE_VALUE);
    }
    if (!isToken(byte)) return BAD_REQUEST;
    if (this.nameLength == NAME) return MORE;
    store<u8>(this.name + this.nameLength, <u8>byte);
    this.nameLength++;
    return MORE;
  }

  private inValue(byte: i32): i32 {
    if (byte == CR) return this.to(Part.END_OF_FIELD);
    if (!isValue(byte)) return BAD_REQUEST;
    if (this.wanted == Wanted.NO) return MORE;
    if (this.valueLength == VALUE) return FIELDS_TOO_LARGE;
    store<u8>(this.value + this.valueLength, <u8>byte);
    this.valueLength++;
    return MORE;
  }

  private endOfField(byte: i32): i32 {
    if (byte != LF) return BAD_REQUEST;
    this.part = Part.FIELD;
    while (this.valueLength > 0 && isBlank(load<u8>(this.value + this.valueLength - 1))) this.valueLength--;
    switch (this.wanted) {
      case Wanted.HOST:
        return this.takeHost();
      case Wanted.LENGTH:
        return this.takeLength();
      case Wanted.CODING:
        return this.takeCoding();
      case Wanted.CONNECTION:
        return this.takeConnection();
      case Wanted.EXPECT:
        if (!isText(this.value, this.valueLength, "100-continue")) return EXPECTATION_FAILED;
        this.expects = true;
    }
    return MORE;
  }

  private takeHost(): i32 {
    if (++this.hosts > 1) return BAD_REQUEST;
    for (let i = 0; i < this.valueLength; i++) if (!isHost(load<u8>(this.value + i))) return BAD_REQUEST;
    return MORE;
  }

  private takeLength(): i32 {
    if (this.length != NONE || this.valueLength == 0) return BAD_REQUEST;
    let length = 0;
    for (let i = 0; i < this.valueLength; i++) {
      const value = digit(load<u8>(this.value + i));
      if (value < 0) return BAD_REQUEST;
      // More than a body may have is as much as any.
      length = min(length * 10 + value, BODY + 1);
    }
    this.length = length;
    return MORE;
  }

  private takeCoding(): i32 {
    if (this.coding != Coding.NONE || this.valueLength == 0) return BAD_REQUEST;
    this.coding = isText(this.value, this.valueLength, "chunked") ? Coding.CHUNKED : Coding.OTHER;
    return MORE;
  }

  /** Words with commas between them. */
  private takeConnection(): i32 {
    for (let from = 0; from <= this.valueLength; ) {
      let end = from;
      while (end < this.valueLength && load<u8>(this.value + end) != COMMA) end++;
      let start = from;
      let last = end;
      while (start < last && isBlank(load<u8>(this.value + start))) start++;
      while (last > start && isBlank(load<u8>(this.value + last - 1))) last--;
      if (isText(this.value + start, last - start, "close")) this.close = true;
      if (isText(this.value + start, last - start, "keep-alive")) this.keep = true;
      from = end + 1;
    }
    return MORE;
  }

  private endOfHead(): i32 {
    if (this.minor > 0 && this.hosts == 0) return BAD_REQUEST;
    if (this.coding == Coding.NONE) return this.length > 0 ? this.beginSized() : DONE;
    if (this.length != NONE || this.minor == 0) return BAD_REQUEST;
    if (this.coding != Coding.CHUNKED) return NOT_IMPLEMENTED;
    this.beginBody();
    return this.beginChunk();
  }

  // The body, which no page here wants: counted, checked and let go

  private beginBody(): void {
    this.awaitsWord = this.expects && this.minor > 0;
  }

  private beginSized(): i32 {
    if (this.length > BODY) return PAYLOAD_TOO_LARGE;
    this.left = this.length;
    this.beginBody();
    return this.to(Part.SIZED);
  }

  private pushBody(byte: i32): i32 {
    switch (this.part) {
      case Part.SIZED:
        return --this.left == 0 ? DONE : MORE;
      case Part.SIZE:
        return this.inSize(byte);
      case Part.EXTENSION:
        return this.inExtension(byte);
      case Part.END_OF_SIZE:
        return this.endOfSize(byte);
      case Part.IN_CHUNK:
        return --this.left == 0 ? this.to(Part.END_OF_CHUNK) : MORE;
      case Part.END_OF_CHUNK:
        return byte == CR ? this.to(Part.LINE_OF_CHUNK) : BAD_REQUEST;
    }
    return byte == LF ? this.beginChunk() : BAD_REQUEST;
  }

  private beginChunk(): i32 {
    this.left = 0;
    this.digits = 0;
    return this.to(Part.SIZE);
  }

  private inSize(byte: i32): i32 {
    const value = hexDigit(byte);
    if (value < 0) {
      if (this.digits == 0 || (byte != CR && byte != SEMICOLON)) return BAD_REQUEST;
      this.part = Part.EXTENSION;
      return this.inExtension(byte);
    }
    this.digits++;
    this.left = this.left * 16 + value;
    return this.bytes + this.left > BODY ? PAYLOAD_TOO_LARGE : this.overhead();
  }

  private inExtension(byte: i32): i32 {
    if (byte == CR) return this.to(Part.END_OF_SIZE);
    return isValue(byte) ? this.overhead() : BAD_REQUEST;
  }

  private endOfSize(byte: i32): i32 {
    if (byte != LF) return BAD_REQUEST;
    this.bytes += this.left;
    if (this.left > 0) return this.to(Part.IN_CHUNK);
    this.trailing = true;
    this.fieldBytes = 0;
    this.fields = 0;
    return this.to(Part.FIELD);
  }

  /** A byte that is none of the body's. */
  private overhead(): i32 {
    return ++this.taken > OVERHEAD * BODY ? PAYLOAD_TOO_LARGE : MORE;
  }
}

/** Bytes of a request's record with all that it keeps. */
export const REQUEST_BYTES: usize = offsetof<Request>() + KEPT;

function isBlank(byte: i32): bool {
  return byte == SPACE || byte == TAB;
}

function wantedNamed(name: usize, length: i32): i32 {
  if (isText(name, length, "host")) return Wanted.HOST;
  if (isText(name, length, "connection")) return Wanted.CONNECTION;
  if (isText(name, length, "content-length")) return Wanted.LENGTH;
  if (isText(name, length, "transfer-encoding")) return Wanted.CODING;
  return isText(name, length, "expect") ? Wanted.EXPECT : Wanted.NO;
}

/** Whether the bytes there are this text, as it is written. */
function isExactly(address: usize, text: string): bool {
  for (let i = 0; i < text.length; i++) if (load<u8>(address + i) != text.charCodeAt(i)) return false;
  return true;
}
