/**
 * The end of a stream that stands for a real client, and opened it: over a link that loses nothing, so nothing is sent twice.
 *
 *     real client -> queue -> packets within the kernel's window -> kernel
 *     real client <- deliver <- packets within the own window <- kernel
 *
 * The own window is closed while the real client is slow. What the kernel sends more than once is acknowledged once more, and
 * delivered once.
 */
import { PacketFlag } from "../../../kernel/abi/host.js";
import type { Segment } from "./segment.js";

const { SYN, ACK, FIN, RST, STOP, PROBE, REFUSED, UNREACHABLE } = PacketFlag;
/** Bytes that the kernel may send ahead of their acknowledgement. */
const WINDOW = 16384;
/** What carries a number or asks for an answer. */
const ANSWERED = SYN | FIN | STOP | PROBE;
const NOTHING = new Uint8Array(0);

/** How a connection is over: both ends have said all, or the kernel's end is no more, never was, or cannot be reached. */
export type Farewell = "done" | "reset" | "refused" | "unreachable";

/** A packet without its addresses. */
export type Said = Pick<Segment, "flags" | "sequence" | "acknowledged" | "window" | "bytes">;

/** What a connection does to both sides. */
export interface Sides {
  /** A packet for the kernel. */
  send(said: Said): void;
  /** Bytes for the real client, which are not to be kept as they stand. */
  deliver(bytes: Uint8Array): void;
  /** Nothing more comes for the real client. */
  end(): void;
}

/** How far `a` is ahead of `b`, across the wrap of the numbers. */
function ahead(a: number, b: number): number {
  return (a - b) | 0;
}

export class Client {
  readonly #sides: Sides;
  readonly #packetBytes: number;
  /** Number of the oldest byte that is not acknowledged, of the next to be sent, and of the first that the kernel has no room for. */
  #unacked: number;
  #next: number;
  #edge: number;
  /** Number of the byte that is expected next, and of the first that was not offered room. */
  #expected = 0;
  #offered = 0;
  #open = false;
  /** Bytes of the client that are not sent. */
  #queue: Uint8Array[] = [];
  #queued = 0;
  /** The client sends no more; the kernel was told. */
  #ended = false;
  #finished = false;
  /** The kernel sends no more. */
  #gotAll = false;
  /** The kernel reads no more. */
  #unread = false;
  #full = false;
  #acknowledges = false;
  #farewell: Farewell | undefined;

  /** Asks for a connection; its first number is `initial`, and a packet has at most `packetBytes`. */
  constructor(sides: Sides, initial: number, packetBytes: number) {
    this.#sides = sides;
    this.#packetBytes = packetBytes;
    this.#unacked = initial >>> 0;
    this.#next = initial >>> 0;
    this.#edge = (initial + 1) >>> 0;
    this.#emit(SYN, NOTHING);
    this.#next = this.#edge;
  }

  /** How it is over, undefined while it is not. */
  get farewell(): Farewell | undefined {
    return this.#farewell;
  }

  /** Bytes that data() may bring now. */
  get room(): number {
    if (!this.#open || this.#ended || this.#farewell) return 0;
    return Math.max(0, ahead(this.#edge, this.#next) - this.#queued);
  }

  /** The client sent bytes. */
  data(bytes: Uint8Array): void {
    if (this.#ended || bytes.length === 0) return;
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    this.#pump();
  }

  /** The client sends no more. */
  end(): void {
    this.#ended = true;
    this.#pump();
    this.#conclude();
  }

  /** The client is no more. */
  reset(): void {
    if (this.#farewell) return;
    this.#farewell = "reset";
    this.#emit(RST | ACK, NOTHING);
  }

  /** The client is slow: no more room is offered. */
  full(): void {
    this.#full = true;
  }

  /** The client is slow no more. */
  drained(): void {
    this.#full = false;
    if (this.#open && !this.#farewell && !this.#gotAll) this.#emit(ACK, NOTHING);
  }

  /** A packet of the kernel. */
  receive(segment: Segment): void {
    const { flags } = segment;
    if (this.#farewell) return;
    if (flags & (RST | UNREACHABLE)) this.#rejected(flags);
    else if (this.#open || this.#opens(segment)) this.#heard(segment);
  }

  #heard(segment: Segment): void {
    const { flags } = segment;
    this.#acknowledges = segment.bytes.length > 0 || (flags & ANSWERED) !== 0;
    if (flags & ACK) this.#acknowledged(segment);
    if (!(flags & SYN)) this.#take(segment);
    this.#pump();
    if (this.#acknowledges) this.#emit(ACK, NOTHING);
    this.#conclude();
  }

  /** The kernel's end is no more, or the network knows no way; an open connection survives the latter. */
  #rejected(flags: number): void {
    if (flags & REFUSED) this.#farewell = "refused";
    else if (flags & UNREACHABLE && !this.#open) this.#farewell = "unreachable";
    else if (flags & RST) this.#farewell = "reset";
  }

  /** Whether it is the kernel's consent. */
  #opens({ flags, acknowledged, sequence }: Segment): boolean {
    if (!(flags & SYN) || !(flags & ACK) || acknowledged !== this.#next) return false;
    this.#open = true;
    this.#expected = (sequence + 1) >>> 0;
    this.#offered = this.#expected;
    return true;
  }

  #acknowledged({ acknowledged, window }: Segment): void {
    if (ahead(acknowledged, this.#unacked) < 0 || ahead(acknowledged, this.#next) > 0) return;
    this.#unacked = acknowledged;
    const edge = (acknowledged + window) >>> 0;
    if (ahead(edge, this.#edge) > 0) this.#edge = edge;
  }

  /** What of the segment is new, and is expected next, goes to the client. */
  #take({ sequence, bytes, flags }: Segment): void {
    const known = ahead(this.#expected, sequence);
    if (known < 0) return;
    const fresh = bytes.subarray(known, known + Math.max(0, ahead(this.#offered, this.#expected)));
    if (!this.#gotAll) this.#expected = (this.#expected + fresh.length) >>> 0;
    if (fresh.length > 0) this.#sides.deliver(fresh);
    this.#takeEnds(flags, (sequence + bytes.length) >>> 0);
  }

  /** The kernel sends no more, then: it reads no more. Each takes a number behind the last byte. */
  #takeEnds(flags: number, behind: number): void {
    if (flags & FIN && this.#expected === behind && !this.#gotAll) {
      this.#expected = (this.#expected + 1) >>> 0;
      this.#gotAll = true;
      this.#sides.end();
    }
    const number = flags & FIN ? (behind + 1) >>> 0 : behind;
    if (!(flags & STOP) || this.#expected !== number || this.#unread) return;
    this.#expected = (this.#expected + 1) >>> 0;
    this.#stop();
  }

  /** The kernel's end was closed: nobody reads what the client says, and it would be answered with a reset. */
  #stop(): void {
    this.#unread = true;
    this.#queue = [];
    this.#queued = 0;
    this.#ended = true;
  }

  /** Sends what there is room for, and behind the last byte the end. */
  #pump(): void {
    if (!this.#open || this.#farewell) return;
    for (let room = ahead(this.#edge, this.#next); this.#queued > 0 && room > 0; room = ahead(this.#edge, this.#next)) {
      const bytes = this.#dequeue(Math.min(room, this.#packetBytes));
      this.#emit(ACK, bytes);
      this.#next = (this.#next + bytes.length) >>> 0;
    }
    if (!this.#ended || this.#unread || this.#queued > 0 || this.#finished) return;
    this.#finished = true;
    this.#emit(FIN | ACK, NOTHING);
    this.#next = (this.#next + 1) >>> 0;
  }

  /** At most so many bytes from the front of the queue. */
  #dequeue(most: number): Uint8Array {
    const first = this.#queue[0] as Uint8Array;
    const bytes = first.subarray(0, most);
    if (bytes.length === first.length) this.#queue.shift();
    else this.#queue[0] = first.subarray(most);
    this.#queued -= bytes.length;
    return bytes;
  }

  #emit(flags: number, bytes: Uint8Array): void {
    if (!this.#full) this.#offered = (this.#expected + WINDOW) >>> 0;
    const acknowledged = this.#open ? this.#expected : 0;
    const window = Math.max(0, ahead(this.#offered, this.#expected));
    this.#acknowledges = false;
    this.#sides.send({ flags, sequence: this.#next, acknowledged, window, bytes });
  }

  /** Both ends have said all; one that was closed is forgotten there when it is acknowledged. */
  #conclude(): void {
    const said = this.#unread || (this.#finished && this.#unacked === this.#next);
    if (this.#gotAll && said) this.#farewell ??= "done";
  }
}
