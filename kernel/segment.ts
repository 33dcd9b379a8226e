/**
 * Streams and datagrams between machines: packets out and in, and what time does to them. The port carries a packet whenever
 * dispatch answers Order.PACKET, and hands in one that came with packet_arrive().
 *
 * The protocol is TCP's in small (RFC 9293), without its options:
 *
 *     SYN ->    <- SYN|ACK    ACK ->        bytes and acknowledgements, the window is the room in the receive ring
 *     FIN: the sender sends no more; STOP: it reads no more either; RST: the connection is no more
 *
 * SYN, FIN and STOP take a number each, in this order around the bytes, so that each is acknowledged like a byte.
 *
 * The receiver takes bytes in order only and acknowledges each packet that has any; the sender goes back to the oldest byte that is
 * not acknowledged when its time is up or the same acknowledgement came four times (go-back-N). The time follows the measured way
 * there and back, and doubles each time until that is measured anew (RFC 6298). How much may be on its way at once grows with what
 * is acknowledged and falls with what is lost (RFC 5681: slow start and congestion avoidance). A quiet connection is probed; one from which nothing came
 * for `giveUp` ticks is lost at both ends.
 *
 * An orphan is freed when its STOP is acknowledged. The other end may then still send a FIN of its own and be answered
 * RST; as it has seen FIN and STOP and all of its bytes are acknowledged, it loses nothing by that and says nothing.
 */
import { Connection, Errno, Happening, Mode, PacketFlag, SocketType } from "./abi/constants";
import { Packet, Socket } from "./abi/records";
import { before } from "./clock";
import { PACKET_BYTES, SOCKETS } from "./config";
import { none } from "./lib/list";
import { datagramArrives, datagramNext } from "./object/datagram";
import { isFar, isOwn, NO_SOCKET, reply, replyAt, rxPut, rxRoom, sends, socketOf, txDrop, txPeek } from "./object/endpoint";
import { objectId, openToAny } from "./object/object";
import { arrived, arriving, connected, connectionTo, failed, forget, listenerAt, lose, streamFree, streamServe } from "./object/stream";
import { cpu, kernel, trace } from "./state";
import { emit } from "./trace";

/** Least ticks until something is sent again; the ticks before any way there and back was measured. */
const LEAST_RETRY: u32 = 20;
/** Part of `giveUp` that is the longest pause between two attempts, and after which a quiet connection is probed. */
const ATTEMPTS: u32 = 16;
const PROBES: u32 = 4;
/** Equal acknowledgements after which a packet counts as lost. */
const REPEATED: u32 = 3;
const KNOWN: u32 = 511;
/** No buffer has more room. */
const MOST_ROOM: u32 = 1 << 20;
const ENDS: u32 = PacketFlag.FIN | PacketFlag.STOP;

const packet: Packet = changetype<Packet>(memory.data(offsetof<Packet>() + PACKET_BYTES, 8));
const bytes: usize = changetype<usize>(packet) + offsetof<Packet>();

export function segmentsInit(): void {
  cpu.packet = <u32>changetype<usize>(packet);
}

// Out

/** Puts the next packet where the port finds it; whether there is one. */
export function packetNext(): bool {
  if (kernel.replies > 0) {
    nextReply();
    return true;
  }
  while (kernel.sending != 0) {
    const socket = socketOf(ctz(kernel.sending));
    packet.flags = 0;
    packet.length = 0;
    const made = socket.type == SocketType.DATAGRAM ? datagramOut(socket) : segmentOut(socket);
    if (!made) continue;
    traced(Happening.SEND, objectId(socket));
    return true;
  }
  return false;
}

function nextReply(): void {
  memory.copy(changetype<usize>(packet), changetype<usize>(replyAt(0)), offsetof<Packet>());
  kernel.replies--;
  memory.copy(changetype<usize>(replyAt(0)), changetype<usize>(replyAt(1)), kernel.replies * offsetof<Packet>());
  traced(Happening.SEND, 0);
}

function datagramOut(socket: Socket): bool {
  if (!datagramNext(socket, packet)) {
    kernel.sending &= ~(1 << socket.index);
    return false;
  }
  packet.flags = PacketFlag.DATAGRAM;
  packet.sequence = 0;
  packet.acknowledged = 0;
  packet.window = 0;
  return true;
}

/** Bytes that may go now: there, and the other end has room for them. */
function sendable(socket: Socket): u32 {
  if (socket.state != Connection.CONNECTED || socket.endsSent) return 0;
  const left = socket.unacked + socket.txUsed - socket.upcoming;
  const flight = socket.unacked + socket.flight;
  const room = <i32>((<i32>(socket.edge - flight) < 0 ? socket.edge : flight) - socket.upcoming);
  return room <= 0 ? 0 : min(min(left, <u32>room), PACKET_BYTES);
}

function segmentOut(socket: Socket): bool {
  const count = sendable(socket);
  const ends = endsDue(socket, count);
  const bit: u32 = 1 << socket.index;
  if ((kernel.timing & bit) == 0 || (count == 0 && ends == 0 && socket.due == 0)) {
    kernel.sending &= ~bit;
    return false;
  }
  const opening = socket.state < Connection.CONNECTED;
  socket.offered = socket.expected + rxRoom(socket);
  packet.source = socket.address != 0 ? socket.address : cpu.address;
  packet.destination = socket.peerAddress;
  packet.sourcePort = socket.port;
  packet.destinationPort = socket.peerPort;
  packet.flags =
    (opening ? PacketFlag.SYN : 0) |
    (socket.state == Connection.CONNECTING ? 0 : PacketFlag.ACK) |
    (ends > 0 && !socket.endsSent ? PacketFlag.FIN : 0) |
    (ends > 0 && socket.orphan ? PacketFlag.STOP : 0) |
    (socket.due & PacketFlag.PROBE);
  packet.sequence = socket.upcoming;
  packet.acknowledged = socket.expected;
  packet.window = socket.offered - socket.expected;
  packet.length = count;
  if (count > 0) txPeek(socket, socket.upcoming - socket.unacked, bytes, count);
  socket.due = 0;
  advance(socket, count + ends);
  socket.endsSent += <u8>ends;
  return true;
}

/** How many of the stream's ends go with the next `count` bytes. */
function endsDue(socket: Socket, count: u32): u32 {
  const wanted: u32 = <u32>socket.sentAll + socket.orphan;
  if (socket.state != Connection.CONNECTED || wanted == socket.endsSent) return 0;
  return socket.endsSent || socket.upcoming + count == socket.unacked + socket.txUsed ? wanted - socket.endsSent : 0;
}

/** So many numbers are on their way now. */
function advance(socket: Socket, count: u32): void {
  const quiet = socket.upcoming == socket.unacked;
  socket.upcoming += count;
  const opening = socket.state < Connection.CONNECTED;
  if (count == 0 && !opening) return;
  // What is sent twice is not timed: nobody knows which of the two was acknowledged.
  const fresh = opening ? socket.retry == 0 : <i32>(socket.upcoming - socket.highest) > 0;
  if (fresh && socket.timedAt == 0) {
    socket.timed = socket.upcoming;
    socket.timedAt = cpu.tick + 1;
  }
  if (<i32>(socket.upcoming - socket.highest) > 0) socket.highest = socket.upcoming;
  if (quiet) again(socket);
}

// Time

/** Ticks until it sends again, as measured. */
function firstRetry(socket: Socket): u32 {
  return max((socket.trip >> 3) + socket.spread, LEAST_RETRY);
}

/** Longest pause between two attempts. */
function longestRetry(): u32 {
  return cpu.giveUp / ATTEMPTS + 1;
}

/** Whether something is on its way or waits for room at the other end. */
function unfinished(socket: Socket): bool {
  if (socket.state < Connection.CONNECTED || socket.upcoming != socket.unacked || socket.txUsed > 0) return true;
  return socket.endsSent < socket.sentAll + socket.orphan;
}

/** Sets when it does something if nothing comes. */
function again(socket: Socket): void {
  if (socket.retry == 0) socket.retry = firstRetry(socket);
  const when = cpu.tick + (unfinished(socket) ? min(socket.retry, longestRetry()) : cpu.giveUp / PROBES + 1);
  const last = socket.heard + cpu.giveUp;
  socket.when = before(last, when) ? last : when;
}

/** Does what time demands of connections to other machines; once a tick. */
export function segmentsExpire(): void {
  for (let set = kernel.timing; set != 0; set &= set - 1) {
    const socket = socketOf(ctz(set));
    if (!before(cpu.tick, socket.when)) expire(socket);
  }
}

function expire(socket: Socket): void {
  if (cpu.tick - socket.heard >= cpu.giveUp) {
    giveUp(socket, Errno.ETIMEDOUT);
    return;
  }
  if (socket.state < Connection.CONNECTED) sends(socket, PacketFlag.SYN);
  else if (socket.upcoming != socket.unacked) {
    goBack(socket);
    socket.flight = PACKET_BYTES;
  } else sends(socket, PacketFlag.PROBE);
  if (unfinished(socket)) socket.retry = min(max(socket.retry, 1) << 1, longestRetry());
  socket.timedAt = 0;
  again(socket);
}

/** Everything from the oldest byte that is not acknowledged on is sent again. */
function goBack(socket: Socket): void {
  socket.calm = max((socket.upcoming - socket.unacked) >> 1, 2 * PACKET_BYTES);
  socket.flight = socket.calm;
  socket.upcoming = socket.unacked;
  socket.endsSent = socket.endsAcked;
  socket.timedAt = 0;
  sends(socket, PacketFlag.ACK);
}

/** The connection is no more: whoever has this end is told, an orphan or one in a backlog goes. */
function giveUp(socket: Socket, error: i32): void {
  if (socket.orphan || socket.state == Connection.ARRIVING) streamFree(socket);
  else if (socket.state == Connection.CONNECTING) failed(socket, error);
  else lose(socket, error);
}

// In

/** Takes the packet that the port has put in its place; EINVAL when it is none for this machine. */
export function packetArrived(): i32 {
  if (packet.length > PACKET_BYTES || packet.window > MOST_ROOM || packet.flags & ~KNOWN) return Errno.EINVAL;
  if (isOwn(packet.source) || packet.source == 0) return Errno.EINVAL;
  if (cpu.address == 0 || packet.destination != cpu.address) return Errno.EINVAL;
  if (packet.flags & PacketFlag.UNREACHABLE) {
    traced(Happening.ARRIVE, 0);
    if (packet.sourcePort == 0) machineDown(packet.source);
    else unreachable(connectionOf());
    return 0;
  }
  if (packet.sourcePort == 0 || packet.destinationPort == 0) return Errno.EINVAL;
  if (packet.flags & PacketFlag.DATAGRAM) {
    traced(Happening.ARRIVE, 0);
    datagramArrives(packet.destination, packet.destinationPort, packet.source, packet.sourcePort, bytes, packet.length);
    return 0;
  }
  const socket = connectionOf();
  traced(Happening.ARRIVE, none(socket) ? 0 : objectId(socket));
  if (none(socket)) stranger();
  else if (socket.state == Connection.CONNECTING) answered(socket);
  else segmentIn(socket);
  return 0;
}

/** The connection that the packet belongs to. */
function connectionOf(): Socket {
  return connectionTo(packet.source, packet.sourcePort, packet.destinationPort);
}

/** A packet of no connection: somebody connects, or is told that there is none. */
function stranger(): void {
  const flags = packet.flags;
  if (flags & PacketFlag.RST) return;
  if ((flags & (PacketFlag.SYN | PacketFlag.ACK)) != PacketFlag.SYN) {
    refuse(0);
    return;
  }
  const listener = listenerAt(packet.destination, packet.destinationPort);
  const socket = none(listener) ? NO_SOCKET : arriving(listener, packet.destination, packet.source, packet.sourcePort, true);
  if (none(socket)) {
    refuse(PacketFlag.REFUSED);
    return;
  }
  socket.expected = packet.sequence + 1;
}

/** Answers the packet with a reset. */
function refuse(flags: u32): void {
  const reset = PacketFlag.RST | PacketFlag.ACK | flags;
  const length = packet.length + (packet.flags & PacketFlag.SYN ? 1 : 0);
  const expected = packet.sequence + length;
  reply(packet.destination, packet.destinationPort, packet.source, packet.sourcePort, reset, packet.acknowledged, expected);
}

/** What comes to a socket that connects: its peer's SYN|ACK, a refusal, or something old. */
function answered(socket: Socket): void {
  const flags = packet.flags;
  if (!(flags & PacketFlag.ACK)) {
    // It connects to this one, where nobody listens.
    if ((flags & (PacketFlag.SYN | PacketFlag.RST)) == PacketFlag.SYN) refuse(PacketFlag.REFUSED);
    return;
  }
  if (packet.acknowledged != socket.unacked + 1) {
    if (!(flags & PacketFlag.RST)) refuse(0);
    return;
  }
  if (flags & PacketFlag.RST) {
    failed(socket, flags & PacketFlag.REFUSED ? Errno.ECONNREFUSED : Errno.ECONNRESET);
    return;
  }
  if (!(flags & PacketFlag.SYN)) {
    refuse(0);
    return;
  }
  socket.expected = packet.sequence + 1;
  opened(socket);
  sends(socket, PacketFlag.ACK);
  connected(socket);
}

/** The other end has this end's SYN. */
function opened(socket: Socket): void {
  socket.heard = cpu.tick;
  measure(socket, packet.acknowledged);
  socket.unacked++;
  socket.upcoming = socket.unacked;
  socket.highest = socket.unacked;
  socket.edge = packet.acknowledged + packet.window;
  socket.retry = 0;
  again(socket);
}

/** Takes the time there and back from an acknowledgement (RFC 6298, 2). */
function measure(socket: Socket, acknowledged: u32): void {
  if (socket.timedAt == 0 || <i32>(acknowledged - socket.timed) < 0) return;
  const ticks = <i32>(cpu.tick + 1 - socket.timedAt) + 1;
  if (socket.trip == 0) {
    socket.trip = ticks << 3;
    socket.spread = ticks << 1;
  } else {
    const error = ticks - (socket.trip >> 3);
    socket.trip += error;
    socket.spread += (error < 0 ? -error : error) - (socket.spread >> 2);
  }
  socket.retry = 0;
  socket.timedAt = 0;
}

/** A packet of a connection that stands, or that a listener made. */
function segmentIn(socket: Socket): void {
  const flags = packet.flags;
  if (flags & PacketFlag.RST) {
    resetBy(socket);
    return;
  }
  if (flags & PacketFlag.SYN) {
    // The answer to it was lost, or it is an old one: either way the other end learns from an answer where this end is.
    sends(socket, socket.state == Connection.ARRIVING ? PacketFlag.SYN : PacketFlag.ACK);
    return;
  }
  if (!(flags & PacketFlag.ACK)) return;
  if (socket.state == Connection.ARRIVING) {
    if (packet.acknowledged != socket.unacked + 1) {
      refuse(0);
      return;
    }
    opened(socket);
    arrived(socket);
  }
  socket.heard = cpu.tick;
  acknowledge(socket);
  if (socket.endsAcked == 2) {
    streamFree(socket);
    return;
  }
  if (!take(socket)) return;
  if (flags & PacketFlag.PROBE) sends(socket, PacketFlag.ACK);
  if (socket.upcoming == socket.unacked) again(socket);
  streamServe(socket);
}

/** What the other end has is let go, and its room may have grown. */
function acknowledge(socket: Socket): void {
  const gained = packet.acknowledged - socket.unacked;
  if (gained > socket.highest - socket.unacked) return;
  const edge = packet.acknowledged + packet.window;
  if (gained == 0) {
    repeated(socket, edge);
  } else {
    measure(socket, packet.acknowledged);
    const count = min(gained, socket.txUsed);
    txDrop(socket, count);
    socket.unacked += gained;
    socket.endsAcked += <u8>(gained - count);
    if (<i32>(socket.upcoming - socket.unacked) < 0) {
      socket.upcoming = socket.unacked;
      socket.endsSent = socket.endsAcked;
    }
    socket.repeats = 0;
    grow(socket, count);
    again(socket);
  }
  if (<i32>(edge - socket.edge) > 0) {
    socket.edge = edge;
    // Room came while it was only asked for: nothing was lost.
    if (socket.upcoming == socket.unacked) socket.retry = 0;
  }
  sends(socket, 0);
}

/** Bytes were acknowledged: more may be on their way, but no more than there can ever be. */
function grow(socket: Socket, count: u32): void {
  const step = socket.flight < socket.calm ? count : (PACKET_BYTES * count) / socket.flight;
  socket.flight = min(socket.flight + step, socket.transmit + PACKET_BYTES);
}

/** The same again: the packet behind what it acknowledges is missing there. */
function repeated(socket: Socket, edge: u32): void {
  if (socket.upcoming == socket.unacked || packet.length > 0 || edge != socket.edge || packet.flags & (ENDS | PacketFlag.PROBE)) return;
  if (++socket.repeats == REPEATED) goBack(socket);
}

/** Takes the bytes that come next, and the ends behind them; false when the connection is no more. */
function take(socket: Socket): bool {
  const ends = packet.flags & ENDS;
  if (packet.length == 0 && ends == 0) return true;
  sends(socket, PacketFlag.ACK);
  const known = socket.expected - packet.sequence;
  // Behind a gap.
  if (<i32>known < 0) return true;
  if (known < packet.length && !takeBytes(socket, known)) return false;
  let number = packet.sequence + packet.length;
  if (ends & PacketFlag.FIN) {
    if (socket.expected == number && !socket.gotAll) {
      socket.expected++;
      socket.gotAll = 1;
    }
    number++;
  }
  if (ends & PacketFlag.STOP && socket.expected == number && !socket.stopped) {
    socket.expected++;
    socket.stopped = 1;
  }
  return true;
}

/** Takes as many of the packet's new bytes as there is room for; false when nobody is here to read them. */
function takeBytes(socket: Socket, known: u32): bool {
  if (socket.orphan) {
    refuse(0);
    streamFree(socket);
    return false;
  }
  if (socket.gotAll) return true;
  const fresh = packet.length - known;
  const count = socket.deaf ? fresh : min(fresh, rxRoom(socket));
  if (count > 0 && !socket.deaf) rxPut(socket, bytes + known, count);
  socket.expected += count;
  return true;
}

/** The other end says that the connection is no more. */
function resetBy(socket: Socket): void {
  // An old one, or one that somebody made up: it does not know where this end is.
  const offset = packet.sequence - socket.expected;
  const window = <u32>max(<i32>(socket.offered - socket.expected), 1);
  const knows = offset <= window || packet.acknowledged - socket.unacked <= socket.upcoming - socket.unacked;
  if (!knows) return;
  const clean = (socket.gotAll & socket.stopped) != 0 && socket.txUsed == 0;
  if (clean && !socket.orphan) {
    forget(socket);
    return;
  }
  giveUp(socket, packet.flags & PacketFlag.REFUSED ? Errno.ECONNREFUSED : Errno.ECONNRESET);
}

/** The network knows no way to the other end: that ends an attempt, and is left to time otherwise. */
function unreachable(socket: Socket): void {
  if (!none(socket) && socket.state == Connection.CONNECTING) failed(socket, Errno.ENETUNREACH);
}

/** The network says that a machine is off. */
function machineDown(address: u32): void {
  for (let i = 0; i < SOCKETS; i++) {
    const socket = socketOf(i);
    if (!(kernel.timing & (1 << i)) || socket.peerAddress != address) continue;
    giveUp(socket, socket.state == Connection.CONNECTING ? Errno.ECONNREFUSED : Errno.ECONNRESET);
  }
}

// The trace

/** A digest of the whole packet, so that the hash covers what was sent and what came. */
function traced(event: u32, object: u32): void {
  if (trace.on == 0) return;
  let digest: u32 = 0x811c9dc5;
  const end = bytes + packet.length;
  let at = changetype<usize>(packet);
  while (at + 4 <= end) {
    digest = (rotl<u32>(digest, 5) ^ load<u32>(at)) * 0x9e3779b1;
    at += 4;
  }
  while (at < end) digest = (rotl<u32>(digest, 5) ^ load<u8>(at++)) * 0x9e3779b1;
  emit(event, object, packet.flags | (packet.length << 16), digest);
}

/** Whether every connection to another machine has its clock, and nothing else has; only what lives sends, and all orphans are counted. */
export function segmentsHold(): bool {
  let connections: u32 = 0;
  let orphans: u32 = 0;
  for (let i = 0; i < SOCKETS; i++) {
    const socket = socketOf(i);
    const bit: u32 = 1 << i;
    if (socket.handle == 0 && (kernel.timing | kernel.sending) & bit) return false;
    if (socket.handle == 0) continue;
    if (kernel.timing & bit && !isFar(socket)) return false;
    if (kernel.timing & bit) connections++;
    if (!socket.orphan) continue;
    if ((kernel.timing & bit) == 0 || socket.state != Connection.CONNECTED || openToAny(socket, Mode.READ) || openToAny(socket, Mode.WRITE))
      return false;
    orphans++;
  }
  return connections == cpu.connections && orphans == cpu.lingering;
}
