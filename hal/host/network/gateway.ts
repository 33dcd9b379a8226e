/**
 * Where real clients enter the network: a node that has an address, no tasks and no kernel. For each client it speaks the kernel's
 * stream protocol, as the end that connects.
 *
 *     real socket --event--> gateway --packet--> kernel        all that it does follows from events and packets, and the
 *     real socket <--Outer-- gateway <--packet-- kernel        cycles at which they came: the same ones, the same run
 *
 * It keeps no bytes: a client's are asked for as the kernel makes room, the kernel's are handed on at once.
 */
import { PacketFlag } from "../../../kernel/abi/host.js";
import { addressText } from "../address.js";
import { Client, type Farewell, type Said } from "./client.js";
import type { NetworkNode } from "./node.js";
import { packetOf, type Segment, segmentOf } from "./segment.js";

const { FIN, STOP, PROBE, SYN, ACK, RST, REFUSED, DATAGRAM } = PacketFlag;
const FIRST_PORT = 49152;
const PORTS = 16384;
/** Numbers between the beginnings of two streams. */
const STRIDE = 0x10000;
const PACKET_BYTES = 1024;
/** The part of an address that neighbours share, and the highest of the other part that is one machine's. */
const HOSTS = 0xffffff00;
const LAST_HOST = 254;
const NOTHING = new Uint8Array(0);

/** What happened outside. Clients have numbers, each of its own. */
export type GatewayEvent =
  | { event: "open"; client: number; address: number; port: number } // it connects to a machine's port
  | { event: "data"; client: number; bytes: Uint8Array } // it sent bytes; they are kept, and must not change
  | { event: "finish"; client: number } // it sends no more
  | { event: "reset"; client: number } // it vanished
  | { event: "full"; client: number } // it does not read as fast as the kernel sends
  | { event: "drained"; client: number }; // it does again

/** What real clients are told. */
export interface Outer {
  /** Bytes for the client, to be used or copied before this returns. */
  deliver(client: number, bytes: Uint8Array): void;
  /** Nothing more comes for the client, which may go on to send. */
  end(client: number): void;
  /** The connection is over; its number is forgotten. */
  over(client: number, how: Farewell): void;
}

/** What the gateway needs of the network. */
export interface Wire {
  transmit(packet: Uint8Array, cycle: number): void;
}

/** The highest address beside `near` that nobody has: that of a gateway. */
export function freeAddress(near: number, taken: readonly number[]): number {
  let last = LAST_HOST;
  while (last > 0 && taken.includes(((near & HOSTS) | last) >>> 0)) last--;
  return ((near & HOSTS) | last) >>> 0;
}

/** Nobody is outside: for a run that is replayed. */
export const nobody: Outer = { deliver() {}, end() {}, over() {} };

interface Visit {
  client: Client;
  number: number;
  /** The machine that it is connected to. */
  address: number;
  destinationPort: number;
  /** The port that the gateway gave it. */
  port: number;
}

export interface GatewayOptions {
  /** Most bytes of a packet, default 1024. */
  packetBytes?: number;
}

export class Gateway implements NetworkNode {
  /** Its own, as the machines see it. */
  readonly address: number;
  /** Somebody may always come. */
  readonly open = true;
  readonly #outer: Outer;
  readonly #packetBytes: number;
  readonly #byNumber = new Map<number, Visit>();
  readonly #byPort = new Map<number, Visit>();
  #wire: Wire | undefined;
  #cycle = 0;
  #opened = 0;

  constructor(address: number, outer: Outer = nobody, options: GatewayOptions = {}) {
    this.address = address;
    this.#outer = outer;
    this.#packetBytes = options.packetBytes ?? PACKET_BYTES;
  }

  get addresses(): string[] {
    return [addressText(this.address)];
  }

  attach(wire: Wire): void {
    this.#wire = wire;
  }

  /** Clients that are connected or connect. */
  get clients(): number {
    return this.#byNumber.size;
  }

  /** Bytes that the client may bring now; 0 for one that is unknown. */
  room(client: number): number {
    return this.#byNumber.get(client)?.client.room ?? 0;
  }

  /** Something happened outside. What an unknown client does is nothing. */
  take(event: GatewayEvent, cycle: number): void {
    this.#cycle = Math.max(this.#cycle, cycle);
    if (event.event === "open") this.#enter(event.client, event.address, event.port);
    const visit = this.#byNumber.get(event.client);
    if (!visit) return;
    const { client } = visit;
    if (event.event === "data") client.data(event.bytes);
    else if (event.event === "finish") client.end();
    else if (event.event === "reset") client.reset();
    else if (event.event === "full") client.full();
    else if (event.event === "drained") client.drained();
    this.#leave(visit);
  }

  /** A packet of a machine came. */
  receive(packet: Uint8Array, cycle: number): void {
    this.#cycle = Math.max(this.#cycle, cycle);
    const segment = segmentOf(packet);
    if (!segment || segment.flags & DATAGRAM) return;
    // What the network says of a whole machine has no port.
    if (segment.flags & RST && segment.sourcePort === 0) this.#lost(segment);
    else this.#hear(segment);
  }

  #hear(segment: Segment): void {
    const visit = this.#byPort.get(segment.destinationPort);
    if (visit?.address === segment.source && visit.destinationPort === segment.sourcePort) {
      visit.client.receive(segment);
      this.#leave(visit);
    } else this.#refuse(segment);
  }

  #enter(number: number, address: number, destinationPort: number): void {
    if (this.#byNumber.has(number)) return;
    const port = this.#freePort();
    if (port === undefined) {
      this.#outer.over(number, "refused");
      return;
    }
    const ends = { source: this.address, destination: address, sourcePort: port, destinationPort };
    const sides = {
      send: (said: Said) => this.#send({ ...ends, ...said }),
      deliver: (bytes: Uint8Array) => this.#outer.deliver(number, bytes),
      end: () => this.#outer.end(number),
    };
    const client = new Client(sides, this.#opened * STRIDE, this.#packetBytes);
    const visit = { client, number, address, destinationPort, port };
    this.#byNumber.set(number, visit);
    this.#byPort.set(port, visit);
  }

  /** The next port that no connection has, in a fixed order. */
  #freePort(): number | undefined {
    if (this.#byPort.size >= PORTS) return undefined;
    for (;;) {
      const port = FIRST_PORT + (this.#opened++ % PORTS);
      if (!this.#byPort.has(port)) return port;
    }
  }

  #leave({ client, number, port }: Visit): void {
    if (client.farewell === undefined || !this.#byNumber.delete(number)) return;
    this.#byPort.delete(port);
    this.#outer.over(number, client.farewell);
  }

  /** A machine crashed: so did all connections to it. */
  #lost(segment: Segment): void {
    for (const visit of [...this.#byNumber.values()]) {
      if (visit.address !== segment.source) continue;
      visit.client.receive(segment);
      this.#leave(visit);
    }
  }

  /** Nobody is here to connect to, and bytes for a client that has gone are told so. */
  #refuse({ source, destination, sourcePort, destinationPort, flags, sequence, acknowledged, bytes }: Segment): void {
    const asks = (flags & SYN) !== 0 && (flags & ACK) === 0;
    if (flags & RST || !(asks || bytes.length > 0 || flags & (FIN | STOP | PROBE))) return;
    this.#send({
      source: destination,
      destination: source,
      sourcePort: destinationPort,
      destinationPort: sourcePort,
      flags: RST | ACK | (asks ? REFUSED : 0),
      sequence: acknowledged,
      acknowledged: (sequence + bytes.length + (asks ? 1 : 0)) >>> 0,
      window: 0,
      bytes: NOTHING,
    });
  }

  #send(segment: Segment): void {
    this.#wire?.transmit(packetOf(segment), this.#cycle);
  }
}
