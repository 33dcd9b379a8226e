/** IPv4 addresses, as people write them and as the kernel keeps them: 32 bits, the first number in the highest byte. */
import { AppError } from "./errors.js";

const FORM = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/;
const BYTE = 256;
const LOOPBACK = 127;
/** From here on addresses are of groups, or nobody's. */
const GROUPS = 224;

/** The number of an address such as "10.0.0.1". Throws AppError for anything but four numbers of 0 to 255. */
export function parseAddress(text: string): number {
  const address = addressOf(text);
  if (address !== undefined) return address;
  throw new AppError(`${JSON.stringify(text)} is no address: give four numbers of 0 to 255, as in "10.0.0.1"`);
}

/** The same, undefined for what is no address. */
export function addressOf(text: unknown): number | undefined {
  const numbers = typeof text === "string" ? (FORM.exec(text)?.slice(1).map(Number) ?? []) : [];
  if (numbers.length !== 4 || numbers.some((n) => n >= BYTE)) return undefined;
  return numbers.reduce((address, n) => address * BYTE + n, 0);
}

/** "10.0.0.1" for its number, signed or not. */
export function addressText(address: number): string {
  return [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join(".");
}

/** Whether it is an address that a machine may have: not its loopback, nor one of a group, nor 0.x. */
export function isMachineAddress(text: unknown): boolean {
  const first = (addressOf(text) ?? 0) >>> 24;
  return first !== 0 && first !== LOOPBACK && first < GROUPS;
}

/** Whether it is a netmask: ones, then zeros. */
export function isNetmask(text: unknown): boolean {
  const mask = addressOf(text);
  if (mask === undefined) return false;
  const zeros = ~mask >>> 0;
  return mask !== 0 && (zeros & (zeros + 1)) === 0;
}
