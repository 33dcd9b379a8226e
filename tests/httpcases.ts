/** Requests, and what a server is to make of them: one table for the parser of the scripted server and for both servers on the wire. */

export interface Case {
  what: string;
  /** Of the answer that refuses it, 0 for one that is taken. */
  status: number;
  request: string;
}

/** A request with these lines besides Host, complete. */
export function get(...lines: string[]): string {
  return ["GET / HTTP/1.1", "Host: a", ...lines, "", ""].join("\r\n");
}

const takenRows: [what: string, request: string][] = [
  ["an absolute target", "GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a target of the whole server", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["host and port to connect to", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"],
  ["an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n"],
  ["an address of IPv6 as host", "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"],
  ["a later minor version", "GET / HTTP/1.9\r\nHost: a\r\n\r\n"],
  ["HTTP/1.0 without a host", "GET / HTTP/1.0\r\n\r\n"],
  ["no space behind the colon, and too much", get("A:b", "C: \t d \t")],
  ["a field without a value", get("A:")],
  ["bytes above 127 in a value", get("A: \u00e9")],
  ["a length of 0", get("Content-Length: 0")],
  ["a length with zeros in front", get("Content-Length: 000")],
  ["a coding in capitals", `${get("Transfer-Encoding: CHUNKED")}0\r\n\r\n`],
  ["a method of no RFC", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["an expectation without a body", get("Expect: 100-Continue")],
];

const refusedRows: [what: string, status: number, request: string][] = [
  // What lets two parsers see two requests.
  ["a line that ends in LF alone", 400, "GET / HTTP/1.1\nHost: a\n\n"],
  ["a field that ends in LF alone", 400, "GET / HTTP/1.1\r\nHost: a\n\r\n"],
  ["a head that ends in LF alone", 400, "GET / HTTP/1.1\r\nHost: a\r\n\n"],
  ["a CR without LF in a value", 400, get("A: b\rc")],
  ["a CR without LF behind the version", 400, "GET / HTTP/1.1\rHost: a\r\n\r\n"],
  ["a folded line", 400, get("A: b", " c")],
  ["a folded line by a tab", 400, get("A: b", "\tc")],
  ["a folded line behind the request line", 400, "GET / HTTP/1.1\r\n Host: a\r\n\r\n"],
  ["a space before the colon", 400, get("Content-Length : 5")],
  ["a tab before the colon", 400, get("Transfer-Encoding\t: chunked")],
  ["a length and a coding", 400, get("Content-Length: 5", "Transfer-Encoding: chunked")],
  ["a coding and a length", 400, get("Transfer-Encoding: chunked", "Content-Length: 5")],
  ["two lengths", 400, get("Content-Length: 5", "Content-Length: 6")],
  ["the same length twice", 400, get("Content-Length: 5", "Content-Length: 5")],
  ["a list of lengths", 400, get("Content-Length: 5, 5")],
  ["a length with a sign", 400, get("Content-Length: +5")],
  ["a negative length", 400, get("Content-Length: -5")],
  ["a hexadecimal length", 400, get("Content-Length: 0x5")],
  ["an empty length", 400, get("Content-Length:")],
  ["a coding with HTTP/1.0", 400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["two codings", 400, get("Transfer-Encoding: chunked", "Transfer-Encoding: chunked")],
  ["a chunk without a size", 400, `${get("Transfer-Encoding: chunked")}\r\n`],
  ["a chunk's size with a sign", 400, `${get("Transfer-Encoding: chunked")}+5\r\n`],
  ["a chunk's size behind a space", 400, `${get("Transfer-Encoding: chunked")} 5\r\n`],
  ["a chunk's size before a space", 400, `${get("Transfer-Encoding: chunked")}5 \r\n`],
  ["a chunk's size that ends in LF alone", 400, `${get("Transfer-Encoding: chunked")}5\nhello\r\n`],
  ["a chunk that is longer than its size", 400, `${get("Transfer-Encoding: chunked")}3\r\nhello\r\n`],
  ["a chunk that ends in LF alone", 400, `${get("Transfer-Encoding: chunked")}5\r\nhello\n`],
  ["a chunk's extension with a CR", 400, `${get("Transfer-Encoding: chunked")}5;a\rb\r\n`],
  ["a folded trailer", 400, `${get("Transfer-Encoding: chunked")}0\r\n a: b\r\n`],
  // The request line.
  ["two spaces before the target", 400, "GET  / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["two spaces before the version", 400, "GET /  HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a space in the target", 400, "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a space behind the version", 400, "GET / HTTP/1.1 \r\nHost: a\r\n\r\n"],
  ["a tab instead of a space", 400, "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["no version", 400, "GET /\r\n\r\n"],
  ["a version in small letters", 400, "GET / http/1.1\r\nHost: a\r\n\r\n"],
  ["a version of two digits", 400, "GET / HTTP/1.10\r\nHost: a\r\n\r\n"],
  ["another protocol's version", 400, "GET / RTSP/1.0\r\n\r\n"],
  ["HTTP/2's opening", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["HTTP/0.9 by number", 505, "GET / HTTP/0.9\r\n\r\n"],
  ["a fragment", 400, "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a byte above 127 in the target", 400, "GET /\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a zero byte in the target", 400, "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a target that is no path", 400, "GET index.html HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a URL of another kind", 400, "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a URL with a user", 400, "GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a star that is no OPTIONS", 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["a path to connect to", 400, "CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["two empty lines in front", 400, "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["an opening of TLS", 400, "\x16\x03\x01\x02\x00\x01"],
  ["a method that has no end", 501, "A".repeat(17)],
  ["a target that has no end", 414, `GET /${"a".repeat(1024)}`],
  // The fields.
  ["no host", 400, "GET / HTTP/1.1\r\n\r\n"],
  ["two hosts", 400, get("Host: b")],
  ["two hosts with HTTP/1.0", 400, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"],
  ["a host with a path", 400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"],
  ["a host with a space", 400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"],
  ["a field without a name", 400, get(": b")],
  ["a field without a colon", 400, get("Accept")],
  ["a zero byte in a value", 400, get("A: \0")],
  ["a control character in a value", 400, get("A: \x7f")],
  ["too many fields", 431, get(...Array.from({ length: 64 }, () => "A: b"))],
  ["a name that has no end", 431, `GET / HTTP/1.1\r\n${"A".repeat(8193)}`],
  ["a value that has no end", 431, `GET / HTTP/1.1\r\nA: ${"b".repeat(8190)}`],
  ["a host that has no end", 431, `GET / HTTP/1.1\r\nHost: ${"b".repeat(257)}`],
  ["a coding that nobody knows", 501, get("Transfer-Encoding: gzip, chunked")],
  ["an expectation that nobody knows", 417, get("Expect: a-miracle")],
  // The body.
  ["a body that is too long", 413, get("Content-Length: 4097")],
  ["a body that is far too long", 413, get(`Content-Length: ${"9".repeat(200)}`)],
  ["a chunk that is too long", 413, `${get("Transfer-Encoding: chunked")}1001`],
  ["a chunk's size that has no end", 413, `${get("Transfer-Encoding: chunked")}${"f".repeat(100)}`],
  ["zeros that have no end", 413, `${get("Transfer-Encoding: chunked")}${"0".repeat(40_000)}`],
  ["an extension that has no end", 413, `${get("Transfer-Encoding: chunked")}1;${"a".repeat(40_000)}`],
  ["chunks that have no end", 413, get("Transfer-Encoding: chunked") + "800\r\n".concat("a".repeat(0x800), "\r\n").repeat(3)],
  ["trailers that have no end", 431, `${get("Transfer-Encoding: chunked")}0\r\n${"A: b\r\n".repeat(300)}`],
];

export const taken: readonly Case[] = takenRows.map(([what, request]) => ({ what, status: 0, request }));
export const refused: readonly Case[] = refusedRows.map(([what, status, request]) => ({ what, status, request }));
