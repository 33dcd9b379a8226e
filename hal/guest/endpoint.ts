/** Addresses on the network. */
import { reserve } from "./bytes";
import { EndpointRecord, SenderRecord } from "./records";

const DOT: i32 = 46;
const ZERO: i32 = 48;

/** An address and a port, for sendTo() or for accept() to fill in. */
@unmanaged
export class Endpoint {
  /** IPv4, the first number in the highest byte. */
  address: u32;
  port: u32;

  /** Makes it another one. */
  set(address: string, port: u32): this {
    this.address = parseAddress(address);
    this.port = port;
    return this;
  }

  /** Whether it is the same place. */
  equals(other: Endpoint): bool {
    return this.address == other.address && this.port == other.port;
  }
}

/** Who sent a datagram, as receive() tells it; an endpoint, so that it can be answered. */
@unmanaged
export class Sender extends Endpoint {
  /** Bytes the datagram had, also when fewer were stored. */
  size: u32;
}

/** An address and a port in memory of their own. */
export function endpoint(address: string = "0.0.0.0", port: u32 = 0): Endpoint {
  return changetype<Endpoint>(reserve(offsetof<EndpointRecord>())).set(address, port);
}

/** Where receive() tells who sent a datagram. */
export function sender(): Sender {
  return changetype<Sender>(reserve(offsetof<SenderRecord>()));
}

/** The number of an address such as "10.0.0.1". Ends the caller for anything but four numbers of 0 to 255. */
export function parseAddress(text: string): u32 {
  let address: u32 = 0;
  let number = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit == DOT && number >= 0) {
      address = (address << 8) | number;
      number = -1;
      dots++;
    } else {
      number = max(number, 0) * 10 + (unit - ZERO);
    }
    if (unit != DOT && (unit < ZERO || unit > ZERO + 9)) dots = 4;
    if (number > 255 || dots > 3) break;
  }
  if (dots != 3 || number < 0 || number > 255) abort(`"${text}" is no address: give four numbers, as in "10.0.0.1"`);
  return (address << 8) | number;
}
