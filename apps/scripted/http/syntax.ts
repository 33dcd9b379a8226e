/** What bytes HTTP/1.1 allows where (RFC 9110, RFC 9112, RFC 3986), and what a parser answers to one. */

/** What a parser answers to a byte: it wants more, the thing is complete, or a status of 400 and above refuses it. */
export type Verdict = number;
export const MORE = 0;
export const DONE = 1;

export const BAD_REQUEST = 400;
export const PAYLOAD_TOO_LARGE = 413;
export const TARGET_TOO_LONG = 414;
export const EXPECTATION_FAILED = 417;
export const FIELDS_TOO_LARGE = 431;
export const NOT_IMPLEMENTED = 501;
export const VERSION_NOT_SUPPORTED = 505;

export const TAB = 9;
export const LF = 10;
export const CR = 13;
export const SPACE = 32;
export const COLON = 58;
export const SEMICOLON = 59;
const DELETE = 127;

/** Bytes of a method and of a field's name: a token. */
export const isToken = classOf("!#$%&'*+-.^_`|~0-9A-Za-z");
/** Bytes of a request's target. A fragment is never sent. */
export const isTarget = classOf("!$%&'()*+,-./:;=?@[]_~0-9A-Za-z");
/** Bytes of the field Host. */
export const isHost = classOf("!$%&'()*+,-.:;=[]_~0-9A-Za-z");

/** Bytes of a field's value: all but control characters, tabs allowed; above 127 they mean nothing. */
export function isValue(byte: number): boolean {
  return byte === TAB || (byte >= SPACE && byte !== DELETE);
}

/** The value of a hexadecimal digit, -1 for none. */
export function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Whether a byte is one of these; 0-9, A-Z and a-z are ranges. */
function classOf(members: string): (byte: number) => boolean {
  const table = new Uint8Array(256);
  const single = members.replace(/0-9|A-Z|a-z/g, "");
  for (let i = 0; i < single.length; i++) table[single.charCodeAt(i)] = 1;
  for (const range of members.match(/0-9|A-Z|a-z/g) ?? []) table.fill(1, range.charCodeAt(0), range.charCodeAt(2) + 1);
  return (byte) => table[byte] === 1;
}
