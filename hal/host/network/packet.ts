/** Packets as the network reads them: the head that kernel/abi/table.ts lays out, and its bytes. */
import { layout, PacketFlag } from "../../../kernel/abi/host.js";

const P = layout.Packet;
/** Bytes of a packet's head. */
export const HEAD_BYTES = P.bytes;

/** The unsigned 32-bit word at an offset. */
function word(packet: Uint8Array, offset: number): number {
  const [a, b, c, d] = [packet[offset], packet[offset + 1], packet[offset + 2], packet[offset + 3]] as [number, number, number, number];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}

function writeWord(packet: Uint8Array, offset: number, value: number): void {
  for (let i = 0; i < 4; i++) packet[offset + i] = value >>> (8 * i);
}

/** The address that sent it. */
export function sourceOf(packet: Uint8Array): number {
  return word(packet, P.source);
}

/** The address that it is for. */
export function destinationOf(packet: Uint8Array): number {
  return word(packet, P.destination);
}

export function flagsOf(packet: Uint8Array): number {
  return word(packet, P.flags);
}

/** Whether these bytes are a packet: a head, and as many bytes behind it as it says. */
export function isPacket(packet: Uint8Array): boolean {
  return packet.length >= HEAD_BYTES && word(packet, P.length) === packet.length - HEAD_BYTES;
}

const TELLS = PacketFlag.SYN | PacketFlag.FIN | PacketFlag.RST | PacketFlag.DATAGRAM;

/** Whether it can change what a task sees: it is no mere probe or acknowledgement. */
export function isNews(packet: Uint8Array): boolean {
  return packet.length > HEAD_BYTES || (flagsOf(packet) & TELLS) !== 0;
}

/** What the network answers to a packet that cannot get where it is to go; undefined where it answers nothing. */
export function unreachable(packet: Uint8Array): Uint8Array | undefined {
  if (flagsOf(packet) & (PacketFlag.RST | PacketFlag.DATAGRAM)) return undefined;
  const answer = reset(destinationOf(packet), sourceOf(packet));
  answer.set(packet.subarray(P.destinationPort, P.destinationPort + 2), P.sourcePort);
  answer.set(packet.subarray(P.sourcePort, P.sourcePort + 2), P.destinationPort);
  return answer;
}

/** What the network tells a machine when the one with the address `gone` has crashed. */
export function reset(gone: number, told: number): Uint8Array {
  const packet = new Uint8Array(HEAD_BYTES);
  writeWord(packet, P.source, gone);
  writeWord(packet, P.destination, told);
  writeWord(packet, P.flags, PacketFlag.RST | PacketFlag.UNREACHABLE);
  return packet;
}
