/**
 * The seal of a built module: its last section, a custom one with a digest of all that stands before it. A built module is run as it is,
 * without another look at its code, so one that has changed since must not run at all.
 *
 *     module ... | 0 | 17 | 12 | "talea.digest" | digest u32 |
 */
const HEAD = Uint8Array.from([0, 17, 12, ...new TextEncoder().encode("talea.digest")]);
const BYTES = HEAD.length + 4;

/** The module with its seal. */
export function sealed(module: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(module.length + BYTES);
  bytes.set(module);
  bytes.set(HEAD, module.length);
  new DataView(bytes.buffer).setUint32(module.length + HEAD.length, digestOf(module), true);
  return bytes;
}

/** Whether the module is as it was when it was sealed. */
export function intact(bytes: Uint8Array): boolean {
  const end = bytes.length - BYTES;
  if (end < 0 || !HEAD.every((byte, i) => bytes[end + i] === byte)) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(end + HEAD.length, true) === digestOf(bytes.subarray(0, end));
}

/** FNV-1a of 32 bits. */
function digestOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
