/** What bytes HTTP/1.1 allows where (RFC 9110, RFC 9112, RFC 3986), and what a parser answers to one. */

/** What a parser answers to a byte: it wants more, the thing is complete, or a status of 400 and above refuses it. */
export const MORE: i32 = 0;
export const DONE: i32 = 1;

export const BAD_REQUEST: i32 = 400;
export const PAYLOAD_TOO_LARGE: i32 = 413;
export const TARGET_TOO_LONG: i32 = 414;
export const EXPECTATION_FAILED: i32 = 417;
export const FIELDS_TOO_LARGE: i32 = 431;
export const NOT_IMPLEMENTED: i32 = 501;
export const VERSION_NOT_SUPPORTED: i32 = 505;

export const TAB: i32 = 9;
export const LF: i32 = 10;
export const CR: i32 = 13;
export const SPACE: i32 = 32;
export const COMMA: i32 = 44;
export const SLASH: i32 = 47;
export const COLON: i32 = 58;
export const SEMICOLON: i32 = 59;
export const QUESTION: i32 = 63;
export const AT: i32 = 64;
const DELETE: i32 = 127;

/** A bit for each class that a byte is in. */
const TOKEN: u8 = 1;
const TARGET: u8 = 2;
const HOST: u8 = 4;
const classes: usize = memory.data(256);

function mark(members: string, bit: u8): void {
  for (let i = 0; i < members.length; i++) set(members.charCodeAt(i), bit);
  for (let byte = 48; byte <= 57; byte++) set(byte, bit);
  for (let byte = 65; byte <= 90; byte++) {
    set(byte, bit);
    set(byte | 32, bit);
  }
}

function set(byte: i32, bit: u8): void {
  store<u8>(classes + byte, load<u8>(classes + byte) | bit);
}

// Letters and digits are in all three.
mark("!#$%&'*+-.^_`|~", TOKEN);
mark("!$%&'()*+,-./:;=?@[]_~", TARGET);
mark("!$%&'()*+,-.:;=[]_~", HOST);

/** Bytes of a method and of a field's name: a token. */
export function isToken(byte: i32): bool {
  return (load<u8>(classes + byte) & TOKEN) != 0;
}

/** Bytes of a request's target. A fragment is never sent. */
export function isTarget(byte: i32): bool {
  return (load<u8>(classes + byte) & TARGET) != 0;
}

/** Bytes of the field Host. */
export function isHost(byte: i32): bool {
  return (load<u8>(classes + byte) & HOST) != 0;
}

/** Bytes of a field's value: all but control characters, tabs allowed; above 127 they mean nothing. */
export function isValue(byte: i32): bool {
  return byte == TAB || (byte >= SPACE && byte != DELETE);
}

/** The value of a decimal digit, -1 for none. */
export function digit(byte: i32): i32 {
  return byte >= 48 && byte <= 57 ? byte - 48 : -1;
}

/** The value of a hexadecimal digit, -1 for none. */
export function hexDigit(byte: i32): i32 {
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : digit(byte);
}

/** A letter in lower case, any other byte as it is. */
export function lower(byte: i32): i32 {
  return byte >= 65 && byte <= 90 ? byte | 32 : byte;
}

/** Whether so many bytes are this text of ASCII, capitals or not. */
export function isText(address: usize, length: i32, text: string): bool {
  return length == text.length && beginsWith(address, length, text);
}

/** Whether so many bytes begin with this text of ASCII, capitals or not. */
export function beginsWith(address: usize, length: i32, text: string): bool {
  if (length < text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (lower(load<u8>(address + i)) != lower(text.charCodeAt(i))) return false;
  }
  return true;
}
