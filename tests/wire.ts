/** Another machine, played by hand: takes the packets that a machine sends, and sends it whatever the test makes up. */
import * as assert from "uvu/assert";
import { type App, boot, type Machine, type MachineOptions, type Reason } from "../hal/host/index.js";
import { CPU_PAGE } from "../hal/map.js";
import { layout, PacketFlag } from "../kernel/abi/host.js";

const P = layout.Packet;
const TEXT = new TextEncoder();
const OPEN: Reason = "budget";

export const { SYN, ACK, FIN, RST, STOP, PROBE, REFUSED, UNREACHABLE, DATAGRAM } = PacketFlag;

/** 10.0.0.1 is the machine, 10.0.0.2 who the test plays. */
export const NEAR = 0x0a000001;
export const FAR = 0x0a000002;

export interface Packet {
  source: number;
  destination: number;
  sourcePort: number;
  destinationPort: number;
  flags: number;
  sequence: number;
  acknowledged: number;
  window: number;
  length: number;
  text: string;
  /** When it was sent. */
  tick: number;
}

/** What a packet says in short: "SYN|ACK 5 bytes". */
export function said({ flags, length }: Pick<Packet, "flags" | "length">): string {
  const names = Object.entries(PacketFlag).filter(([, flag]) => flags & flag);
  return [names.map(([name]) => name).join("|"), ...(length > 0 ? [`${length}`] : [])].join(" ");
}

function decoded(packet: Uint8Array, tick: number): Packet {
  const view = new DataView(packet.buffer, packet.byteOffset);
  const u32 = (at: number) => view.getUint32(at, true);
  const u16 = (at: number) => view.getUint16(at, true);
  return {
    source: u32(P.source),
    destination: u32(P.destination),
    sourcePort: u16(P.sourcePort),
    destinationPort: u16(P.destinationPort),
    flags: u32(P.flags),
    sequence: u32(P.sequence),
    acknowledged: u32(P.acknowledged),
    window: u32(P.window),
    length: u32(P.length),
    text: new TextDecoder().decode(packet.subarray(P.bytes)),
    tick,
  };
}

function encoded(packet: Omit<Packet, "tick">): Uint8Array {
  const bytes = TEXT.encode(packet.text);
  const out = new Uint8Array(P.bytes + bytes.length);
  const view = new DataView(out.buffer);
  for (const field of ["source", "destination", "flags", "sequence", "acknowledged", "window", "length"] as const) {
    view.setUint32(P[field], packet[field] >>> 0, true);
  }
  view.setUint16(P.sourcePort, packet.sourcePort, true);
  view.setUint16(P.destinationPort, packet.destinationPort, true);
  out.set(bytes, P.bytes);
  return out;
}

/** A packet to the machine, with nothing in what is not given. */
function whole(packet: Partial<Packet>): Packet {
  const { text = "" } = packet;
  const ends = { source: FAR, destination: NEAR, sourcePort: 0, destinationPort: 0 };
  return { ...ends, flags: 0, sequence: 0, acknowledged: 0, window: 0, length: text.length, text, tick: 0, ...packet };
}

/** The machine under test and its cable. Every invariant is asked for after every step. */
export class Wire {
  readonly machine: Machine;
  readonly #sent: Packet[] = [];
  #over: Reason | undefined;

  constructor(app: App, options: MachineOptions = {}) {
    this.machine = boot(app, { kernel: "debug", address: "10.0.0.1", ...options });
    this.machine.carrier = (packet) => this.#sent.push(decoded(packet, this.machine.tick));
  }

  /** Runs to the end of this tick. */
  until(tick: number): this {
    while (this.#over === undefined && this.machine.tick <= tick) this.#step(tick + 1);
    return this;
  }

  /** Runs so many ticks. */
  pass(ticks = 1): this {
    return this.until(this.machine.tick + ticks - 1);
  }

  /** Runs to the end, which must be that all tasks have ended. */
  finish(): Machine {
    for (let i = 0; this.#over === undefined; i++) {
      if (i > 100_000) throw new Error("the machine does not come to an end");
      this.#step();
    }
    assert.is(this.#over, "finished");
    return this.machine;
  }

  get over(): Reason | undefined {
    return this.#over;
  }

  #step(tick?: number): void {
    const { machine } = this;
    const reason = machine.advance({ dispatches: 1, ...(tick === undefined ? {} : { tick, patient: true }) });
    const { debug } = machine.image;
    const broken = debug === undefined ? 0 : machine.check();
    if (debug?.polls_hold() === 0) throw new Error(`somebody polls for what is ready at tick ${machine.tick}`);
    if (broken !== 0) throw new Error(`invariant ${broken >> 8} is broken (at ${broken & 255}) at tick ${machine.tick}`);
    const failure = machine.failures[0];
    if (failure) throw failure.error;
    if (reason !== OPEN && reason !== "until") this.#over = reason;
  }

  /** A packet arrives, now. */
  hand(packet: Partial<Packet>): void {
    this.machine.nic.arrive(encoded(whole(packet)), this.machine.cycles);
  }

  /** Puts a packet before the kernel, as the port does, and answers what it says to it. */
  put(packet: Partial<Packet>): number {
    const { u8, u32, kernel } = this.machine;
    u8.set(encoded(whole(packet)), u32[(CPU_PAGE + layout.Cpu.packet) >> 2] as number);
    return kernel.packet_arrive();
  }

  /** The packets that the machine sent since the last time. */
  take(): Packet[] {
    return this.#sent.splice(0);
  }

  /** The same, in short. */
  heard(): string[] {
    return this.take().map(said);
  }

  /** The only packet that was sent since the last time. */
  one(): Packet {
    const packets = this.take();
    assert.is(packets.length, 1, `these were sent: ${packets.map(said).join(", ")}`);
    return packets[0] as Packet;
  }

  /** The other end of a connection that is made to a port of the machine's; the SYN has this number. */
  connect(port: number, sequence = 1000, own = 5000, window = 1000): Remote {
    const remote = new Remote(this, own, port, sequence, window);
    remote.send(SYN);
    this.pass();
    const answer = this.one();
    assert.is(said(answer), "SYN|ACK");
    assert.is(answer.acknowledged, (sequence + 1) >>> 0);
    remote.meet(answer);
    remote.send(ACK);
    return remote;
  }

  /** The other end of a connection that the machine has just begun. */
  accept(sequence = 1000, window = 1000): Remote {
    const syn = this.one();
    assert.is(said(syn), "SYN");
    const remote = new Remote(this, syn.destinationPort, syn.sourcePort, sequence, window);
    remote.meet(syn);
    remote.send(SYN | ACK);
    this.pass();
    const [answer] = this.take();
    assert.is(answer && said(answer), "ACK");
    return remote;
  }

  /** What the kernel counts: streams to other machines, and those that nobody has open. */
  get connections(): [connections: number, lingering: number] {
    const cpu = (offset: number) => this.machine.u32[(CPU_PAGE + offset) >> 2] as number;
    return [cpu(layout.Cpu.connections), cpu(layout.Cpu.lingering)];
  }
}

/** The other end of a stream, without any habits of its own: what it sends and acknowledges is what the test says. */
export class Remote {
  readonly port: number;
  readonly other: number;
  window: number;
  /** Number of the next byte it sends. */
  next: number;
  /** Number of the byte it expects. */
  expected = 0;
  readonly #wire: Wire;

  constructor(wire: Wire, port: number, other: number, sequence: number, window: number) {
    this.#wire = wire;
    this.port = port;
    this.other = other;
    this.next = sequence;
    this.window = window;
  }

  /** Takes the machine's first number from its SYN. */
  meet({ sequence }: Packet): void {
    this.expected = (sequence + 1) >>> 0;
  }

  /** Sends, and counts what takes a number. */
  send(flags: number, text = ""): void {
    this.raw({ flags, text });
    const ends = (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0) + (flags & STOP ? 1 : 0);
    this.next = (this.next + text.length + ends) >>> 0;
  }

  /** Sends a packet of this connection with other fields. */
  raw(packet: Partial<Packet>): void {
    this.#wire.hand({
      sourcePort: this.port,
      destinationPort: this.other,
      sequence: this.next,
      acknowledged: this.expected,
      window: this.window,
      ...packet,
    });
  }

  /** Takes what the machine sent, in order, as expected: bytes and ends; acknowledges it unless told otherwise. */
  hear(acknowledge = true): string[] {
    const packets = this.#wire.take();
    for (const { sequence, length, flags } of packets) {
      if (sequence !== this.expected || flags & (SYN | RST)) continue;
      this.expected = (this.expected + length + (flags & FIN ? 1 : 0) + (flags & STOP ? 1 : 0)) >>> 0;
    }
    if (acknowledge && packets.some(({ length, flags }) => length > 0 || flags & (FIN | STOP | PROBE))) this.raw({ flags: ACK });
    return packets.map(said);
  }
}
