/** Heads of answers, and the short texts of those that refuse. There is no Date: a machine in virtual time has no such clock. */

const reasons: Record<number, string> = {
  200: "OK",
  400: "Bad Request",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  414: "URI Too Long",
  417: "Expectation Failed",
  431: "Request Header Fields Too Large",
  501: "Not Implemented",
  505: "HTTP Version Not Supported",
};

const sentences: Record<number, string> = {
  400: "the request is not by the rules of HTTP/1.1",
  404: "there is no such page: / and /tasks.json are there",
  405: "pages are read: GET or HEAD",
  408: "the request took too long to come",
  413: "a body is at most 4096 bytes",
  414: "a target is at most 1024 bytes",
  417: "nothing but 100-continue can be expected",
  431: "the fields are at most 8192 bytes in 64 lines",
  501: "nobody here knows this method or coding",
  505: "this server speaks HTTP/1.1",
};

/** Methods that there are; the others are not implemented. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]);

export const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/** The status for a method that is neither GET nor HEAD. */
export function methodStatus(method: string): number {
  return METHODS.has(method) ? 405 : 501;
}

/** What a refusal says. */
export function sentenceOf(status: number): string {
  return `${status}: ${sentences[status] ?? reasons[status] ?? "refused"}\n`;
}

export interface Head {
  status: number;
  type: string;
  length: number;
  /** Whether the connection stays open, and whether a client of HTTP/1.0 has to be told so. */
  keeps: boolean;
  minor: number;
}

/** The head of an answer, the empty line included. */
export function headText({ status, type, length, keeps, minor }: Head): string {
  const lines = [
    `HTTP/1.1 ${status} ${reasons[status] ?? "Unknown"}`,
    "Server: Talea",
    `Content-Type: ${type}`,
    `Content-Length: ${length}`,
  ];
  if (status === 405) lines.push("Allow: GET, HEAD");
  if (type === "application/json") lines.push("Cache-Control: no-store");
  if (!keeps) lines.push("Connection: close");
  else if (minor === 0) lines.push("Connection: keep-alive");
  return `${lines.join("\r\n")}\r\n\r\n`;
}
