/** The parser of the HTTP server, without a server: what it takes, and what it refuses with which status. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RequestParser } from "../apps/scripted/http/request.js";
import { DONE, MORE } from "../apps/scripted/http/syntax.js";
import { get, refused, taken } from "./httpcases.js";

const test = suite("http");

const encoder = new TextEncoder();

/** The verdict on the first request of the text, and how many bytes it took. */
function read(parser: RequestParser, text: string | Uint8Array): { verdict: number; used: number } {
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  for (let i = 0; i < bytes.length; i++) {
    const verdict = parser.push(bytes[i] as number);
    if (verdict !== MORE) return { verdict, used: i + 1 };
  }
  return { verdict: MORE, used: bytes.length };
}

function verdict(text: string | Uint8Array): number {
  return read(new RequestParser(), text).verdict;
}

function parsed(text: string): RequestParser {
  const parser = new RequestParser();
  assert.is(read(parser, text).verdict, DONE, JSON.stringify(text));
  return parser;
}

test("a request is complete with its last byte, not before", () => {
  const text = "GET /tasks.json?x=1 HTTP/1.1\r\nHost: 10.0.0.1\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\n\r\n";
  for (let cut = 0; cut < text.length; cut++) assert.is(verdict(text.slice(0, cut)), MORE, `${cut} bytes`);
  const { method, target, path, minor, keepsAlive } = parsed(text);
  assert.equal(
    { method, target, path, minor, keepsAlive },
    { method: "GET", target: "/tasks.json?x=1", path: "/tasks.json", minor: 1, keepsAlive: true },
  );
});

test("requests that stand in a row are told apart, with and without bodies", () => {
  const parser = new RequestParser();
  let rest = encoder.encode(
    [
      get(),
      "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /",
      "PUT /b HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n",
      "\r\nHEAD /c HTTP/1.0\r\n\r\n",
    ].join(""),
  );
  const seen: string[] = [];
  while (rest.length > 0) {
    parser.reset();
    const { verdict, used } = read(parser, rest);
    assert.is(verdict, DONE);
    seen.push(`${parser.method} ${parser.path}`);
    rest = rest.subarray(used);
  }
  assert.equal(seen, ["GET /", "POST /a", "PUT /b", "HEAD /c"]);
});

for (const { what, request } of taken) {
  test(`taken: ${what}`, () => {
    const { verdict, used } = read(new RequestParser(), request);
    assert.is(verdict, DONE);
    assert.is(used, encoder.encode(request).length);
  });
}

for (const { what, status, request } of refused) {
  test(`refused with ${status}: ${what}`, () => {
    assert.is(verdict(request), status);
  });
}

test("who stays connected: the version decides, Connection overrules it, close overrules keep-alive", () => {
  const keeps = (minor: number, ...lines: string[]) =>
    parsed([`GET / HTTP/1.${minor}`, "Host: a", ...lines, "", ""].join("\r\n")).keepsAlive;
  assert.ok(keeps(1));
  assert.not(keeps(0));
  assert.not(keeps(1, "Connection: close"));
  assert.not(keeps(1, "Connection: Keep-Alive, Close"));
  assert.not(keeps(1, "Connection: x", "Connection: close"));
  assert.ok(keeps(0, "Connection: Keep-Alive"));
  assert.ok(keeps(1, "Connection: closely"));
});

test("a client that waits for a word before its body is seen, one of HTTP/1.0 is not told", () => {
  const head = (minor: number) => `POST / HTTP/1.${minor}\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n`;
  const parser = new RequestParser();
  assert.is(read(parser, head(1)).verdict, MORE);
  assert.ok(parser.awaitsWord);
  assert.is(read(parser, "abc").verdict, DONE);
  parser.reset();
  assert.not(parser.awaitsWord);
  assert.is(read(parser, head(0)).verdict, MORE);
  assert.not(parser.awaitsWord);
});

test("paths: the query is cut off, a whole URL is its path, an empty one is the root", () => {
  const path = (target: string) => parsed(`GET ${target} HTTP/1.1\r\nHost: a\r\n\r\n`).path;
  assert.equal(["/", "/?a/b", "/a/../b", "//a", "http://h", "http://h?q", "HTTP://h:1/x?y", "/%2e"].map(path), [
    "/",
    "/",
    "/a/../b",
    "//a",
    "/",
    "/",
    "/x",
    "/%2e",
  ]);
});

/** A pseudo-random byte stream, the same every time. */
function* noise(seed: number): Generator<number> {
  for (let x = seed; ; ) {
    x = (Math.imul(x, 1664525) + 1013904223) >>> 0;
    yield x >>> 24;
  }
}

test("garbage is refused soon, and what is kept of it is short", () => {
  for (let seed = 0; seed < 500; seed++) {
    const parser = new RequestParser();
    let count = 0;
    let verdict = MORE;
    for (const byte of noise(seed)) {
      verdict = parser.push(byte);
      if (verdict !== MORE || ++count > 100) break;
    }
    assert.ok(verdict >= 400, `seed ${seed}`);
  }
});

test("a request with one byte changed is taken or refused, and never takes more than its own bytes and the limits", () => {
  const request = encoder.encode(`${get("Transfer-Encoding: chunked", "Connection: close")}5\r\nhello\r\n0\r\n\r\n`);
  const random = noise(7);
  const next = () => random.next().value as number;
  for (let round = 0; round < 3000; round++) {
    const bytes = request.slice();
    bytes[next() % bytes.length] = next();
    const parser = new RequestParser();
    let { verdict } = read(parser, bytes);
    // What still waits gets an endless rest of the kind that it waits for.
    for (let i = 0; verdict === MORE && i < 100_000; i++) verdict = parser.push(97);
    assert.is.not(verdict, MORE, `round ${round}`);
    assert.ok(parser.method.length <= 16 && parser.target.length <= 1024);
  }
});

test.run();
