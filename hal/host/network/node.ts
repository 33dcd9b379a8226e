/** Something on the network that is no machine: a gateway to the host, or a test. */

/**
 * A node has addresses, gets the packets that are for them, and sends with `network.transmit(packet, cycle)`. Its link to every
 * machine loses nothing, keeps the order, and takes NODE_LATENCY each way.
 */
export interface NetworkNode {
  /** IPv4 addresses that no machine has. */
  readonly addresses: readonly string[];
  /** It may still send by itself, so that a network in which nobody can run is no deadlock. */
  readonly open: boolean;
  /** A packet came: a copy, to be kept. `cycle` is when it arrived; an answer may leave at once. */
  receive(packet: Uint8Array, cycle: number): void;
}

/** Cycles between a node and any machine: a tenth of a millisecond. */
export const NODE_LATENCY = 1600;
