/**
 * What is between the machines: who has which address, the links, and the packets of the window under way, which are put on the
 * links when it is over.
 */
import { addressText, parseAddress } from "../address.js";
import type { Arrival } from "../device/nic.js";
import { AppError } from "../errors.js";
import type { Oracle } from "../oracle.js";
import { Link, type LinkCounts } from "./link.js";
import { type NetworkNode, NODE_LATENCY } from "./node.js";
import { destinationOf, isNews, reset, unreachable } from "./packet.js";
import type { Scenario } from "./scenario.js";
import type { Seat } from "./seat.js";

/** What became of the packets of machines. */
export interface PacketCounts extends LinkCounts {
  /** Packets that a partition kept from arriving. */
  cut: number;
  /** Packets for an address that nobody has, or whose machine is off. */
  unreachable: number;
}

/** A node and its place among the sources. */
interface Attached {
  node: NetworkNode;
  number: number;
}

function inOrder(a: Arrival, b: Arrival): number {
  return a.cycle - b.cycle || a.source - b.source;
}

export class Wire {
  readonly #seats: readonly Seat[];
  readonly #scenario: Scenario;
  readonly #oracle: Oracle;
  readonly #owners = new Map<number, Seat | Attached>();
  /** By sender * machines + receiver. */
  readonly #links: Link[] = [];
  readonly #nodes: Attached[] = [];
  /** Packets that left machines in this window; the cycle is when. */
  #leaving: Arrival[] = [];
  /** Packets of nodes, which may leave in a later window. */
  #fromNodes: Arrival[] = [];
  /** Packets on their way to nodes. */
  #toNodes: Arrival[] = [];
  #cut = 0;
  #unreachable = 0;
  /** Cycle at which a packet last leaves or arrives that can change what a task sees. */
  lastNews = 0;

  constructor(seats: readonly Seat[], scenario: Scenario, oracle: Oracle) {
    this.#seats = seats;
    this.#scenario = scenario;
    this.#oracle = oracle;
    for (const seat of seats) this.#owners.set(seat.address, seat);
  }

  /** Cycles that any packet is on its way at least. */
  get leastLatency(): number {
    return Math.min(this.#scenario.leastLatency, this.#nodes.length > 0 ? NODE_LATENCY : Number.POSITIVE_INFINITY);
  }

  /** Whether a node may send by itself, or has yet to receive something. */
  get open(): boolean {
    return this.#toNodes.length + this.#fromNodes.length > 0 || this.#nodes.some(({ node }) => node.open);
  }

  /** Whether no packet is on its way to a node; those to machines are with them. */
  get quiet(): boolean {
    return this.#toNodes.length === 0 && this.#leaving.length === 0;
  }

  attach(node: NetworkNode): void {
    const attached = { node, number: this.#seats.length + this.#nodes.length };
    for (const text of node.addresses) {
      const address = parseAddress(text);
      if (this.#owners.has(address)) throw new AppError(`the address ${addressText(address)} is taken: give the node another one`);
      this.#owners.set(address, attached);
    }
    this.#nodes.push(attached);
  }

  /** A packet leaves a machine. */
  carry(packet: Uint8Array, cycle: number, source: number): void {
    this.#leaving.push({ packet, cycle, source });
  }

  /** A packet leaves the node that has its source's address. */
  transmit(packet: Uint8Array, cycle: number, address: number): void {
    const sender = this.#owners.get(address);
    if (sender === undefined || !("node" in sender)) {
      throw new AppError(`no node has the address ${addressText(address)} from which this packet comes: attach it first`);
    }
    this.#fromNodes.push({ packet, cycle, source: sender.number });
  }

  /** The window that ends at this cycle is over: what left in it is on its way, what arrived at nodes is theirs. */
  settle(end: number): void {
    if (this.#toNodes.length > 0) this.#tellNodes(end);
    if (this.#fromNodes.length > 0) this.#takeFromNodes(end);
    const leaving = this.#leaving;
    if (leaving.length === 0) return;
    this.#leaving = [];
    for (const { packet, cycle, source } of leaving.sort(inOrder)) this.#route(packet, cycle, source);
  }

  #takeFromNodes(end: number): void {
    this.#leaving.push(...this.#fromNodes.filter(({ cycle }) => cycle < end));
    this.#fromNodes = this.#fromNodes.filter(({ cycle }) => cycle >= end);
  }

  /** A machine starts anew: what its earlier life sent does not come any more, or it could be taken for its own. */
  forget(reborn: Seat): void {
    for (const seat of this.#seats) seat.forget(reborn.number);
  }

  /** A machine has crashed: the others that can be reached learn of it. */
  announce(gone: Seat, cycle: number): void {
    for (const seat of this.#seats) {
      if (seat === gone || !seat.up || this.#scenario.cut(gone.number, seat.number, cycle)) continue;
      const { latency } = this.#scenario.traits(gone.number, seat.number);
      this.#arrive(seat, reset(gone.address, seat.address), cycle + latency, gone.number);
    }
    for (const { node } of this.#nodes) {
      for (const text of node.addresses) this.#toNode(reset(gone.address, parseAddress(text)), cycle + NODE_LATENCY, gone.number);
    }
  }

  get counts(): PacketCounts {
    const total = { sent: 0, lost: 0, overflowed: 0, duplicated: 0, reordered: 0, cut: this.#cut, unreachable: this.#unreachable };
    for (const link of this.#links) {
      if (link === undefined) continue;
      for (const [name, count] of Object.entries(link.counts) as [keyof LinkCounts, number][]) total[name] += count;
    }
    return total;
  }

  #route(packet: Uint8Array, cycle: number, source: number): void {
    this.#heed(packet, cycle);
    const owner = this.#owners.get(destinationOf(packet));
    if (owner === undefined || ("up" in owner && !owner.up)) this.#refuse(packet, cycle, source);
    else if ("node" in owner) this.#toNode(packet, cycle + NODE_LATENCY, source);
    else if (source >= this.#seats.length) this.#arrive(owner, packet, cycle + NODE_LATENCY, source);
    else this.#send(packet, cycle, source, owner);
  }

  #send(packet: Uint8Array, cycle: number, source: number, to: Seat): void {
    if (this.#scenario.cut(source, to.number, cycle)) {
      this.#cut++;
      return;
    }
    for (const arrival of this.#link(source, to.number).send(packet.length, cycle)) this.#arrive(to, packet, arrival, source);
  }

  #link(from: number, to: number): Link {
    const place = from * this.#seats.length + to;
    this.#links[place] ??= new Link(this.#scenario.traits(from, to), this.#oracle);
    return this.#links[place];
  }

  #arrive(to: Seat, packet: Uint8Array, cycle: number, source: number): void {
    this.#heed(packet, cycle);
    to.arrive(packet, cycle, source);
  }

  #heed(packet: Uint8Array, cycle: number): void {
    if (cycle > this.lastNews && isNews(packet)) this.lastNews = cycle;
  }

  /** The sender learns that there is no way, after the time there and back. */
  #refuse(packet: Uint8Array, cycle: number, source: number): void {
    this.#unreachable++;
    const answer = unreachable(packet);
    if (answer === undefined) return;
    const seat = this.#seats[source];
    if (seat?.up) this.#arrive(seat, answer, cycle + 2 * this.#scenario.latency, source);
    else if (seat === undefined) this.#toNode(answer, cycle + 2 * NODE_LATENCY, source);
  }

  #toNode(packet: Uint8Array, cycle: number, source: number): void {
    this.#toNodes.push({ packet, cycle, source });
  }

  #tellNodes(end: number): void {
    const arrived = this.#toNodes.filter(({ cycle }) => cycle < end).sort(inOrder);
    this.#toNodes = this.#toNodes.filter(({ cycle }) => cycle >= end);
    for (const { packet, cycle } of arrived) {
      const owner = this.#owners.get(destinationOf(packet));
      if (owner !== undefined && "node" in owner) owner.node.receive(packet, cycle);
    }
  }
}
