/** A packet of a stream as numbers, and back: what stands in a Packet record and the bytes behind it. */
import { layout } from "../../../kernel/abi/host.js";

const P = layout.Packet;

export interface Segment {
  source: number;
  destination: number;
  sourcePort: number;
  destinationPort: number;
  /** PacketFlag. */
  flags: number;
  /** Number of its first byte. */
  sequence: number;
  /** Number of the byte that its sender expects next. */
  acknowledged: number;
  /** Bytes that its sender has room for behind that. */
  window: number;
  bytes: Uint8Array;
}

/** The packet that says it. */
export function packetOf(segment: Segment): Uint8Array {
  const packet = new Uint8Array(P.bytes + segment.bytes.length);
  const view = new DataView(packet.buffer);
  view.setUint32(P.source, segment.source, true);
  view.setUint32(P.destination, segment.destination, true);
  view.setUint16(P.sourcePort, segment.sourcePort, true);
  view.setUint16(P.destinationPort, segment.destinationPort, true);
  view.setUint32(P.flags, segment.flags, true);
  view.setUint32(P.sequence, segment.sequence, true);
  view.setUint32(P.acknowledged, segment.acknowledged, true);
  view.setUint32(P.window, segment.window, true);
  view.setUint32(P.length, segment.bytes.length, true);
  packet.set(segment.bytes, P.bytes);
  return packet;
}

/** What a packet says; undefined when it is none. Its bytes are the packet's own. */
export function segmentOf(packet: Uint8Array): Segment | undefined {
  if (packet.length < P.bytes) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
  const length = view.getUint32(P.length, true);
  if (P.bytes + length !== packet.length) return undefined;
  return {
    source: view.getUint32(P.source, true),
    destination: view.getUint32(P.destination, true),
    sourcePort: view.getUint16(P.sourcePort, true),
    destinationPort: view.getUint16(P.destinationPort, true),
    flags: view.getUint32(P.flags, true),
    sequence: view.getUint32(P.sequence, true),
    acknowledged: view.getUint32(P.acknowledged, true),
    window: view.getUint32(P.window, true),
    bytes: packet.subarray(P.bytes),
  };
}
