/**
 * Datagrams: messages with their boundaries, each with the address it comes from. In both rings a message stands behind a header:
 *
 *     length u16 | port u16 | address u32 | bytes        the other end's port and address
 *
 * What finds no room at its receiver is dropped and counted there. The headers are RAM, and a stray task may have written there:
 * a length is cut to what the ring holds.
 */
import { Call, Cause, Connection, Errno, SocketType } from "../abi/constants";
import { Endpoint, Packet, Sender, Socket, Task } from "../abi/records";
import { PACKET_BYTES, SOCKETS } from "../config";
import { linked, none } from "../lib/list";
import { cpu } from "../state";
import { firstWaiter, outranked, wake } from "../wait";
import {
  addressTowards,
  bindTo,
  hasRoute,
  isOwn,
  NO_SOCKET,
  rxDrop,
  rxPut,
  rxRoom,
  rxTake,
  sendersFrom,
  sends,
  socketOf,
  txDrop,
  txPeek,
  txPut,
  txRoom,
  waitWith,
} from "./endpoint";
import { touched } from "./object";

/** Bytes of the header in a ring. */
export const HEADER: u32 = 8;

/** Where a header is put together. */
const header: usize = memory.data(8, 8);
const PORT: u32 = 2;
const ADDRESS: u32 = 4;

function headerOf(length: u32, port: u32, address: u32): void {
  store<u16>(header, <u16>length);
  store<u16>(header + PORT, <u16>port);
  store<u32>(header + ADDRESS, address);
}

/** The socket that gets what is sent to this address and port from there. */
function receiverAt(address: u32, port: u32, from: u32, fromPort: u32): Socket {
  for (let i = 0; i < SOCKETS; i++) {
    const socket = socketOf(i);
    if (socket.handle == 0 || socket.type != SocketType.DATAGRAM || socket.port != <u16>port || !socket.bound) continue;
    if (socket.address != 0 && socket.address != address) continue;
    if (socket.peerPort == 0 || (socket.peerAddress == from && socket.peerPort == <u16>fromPort)) return socket;
  }
  return NO_SOCKET;
}

/** Cuts the message to the buffer, and tells who sent it; the bytes stored. */
function cut(length: u32, room: u32, tell: usize, port: u32, address: u32): u32 {
  if (tell != 0) {
    const sender = changetype<Sender>(tell);
    sender.address = address;
    sender.port = port;
    sender.size = length;
  }
  return min(length, room);
}

/** A datagram comes: to the first who waits for it, or into the ring, or nowhere. */
export function datagramArrives(address: u32, port: u32, from: u32, fromPort: u32, bytes: usize, length: u32): void {
  const socket = receiverAt(address, port, from, fromPort);
  if (none(socket)) return;
  if (linked(socket)) {
    const task = firstWaiter(socket);
    const count = cut(length, task.length, task.aside, fromPort, from);
    memory.copy(task.pointer, bytes, count);
    wake(task, <i32>count, Cause.HANDOFF);
    return;
  }
  if (rxRoom(socket) < HEADER + length) {
    socket.lost++;
    return;
  }
  headerOf(length, fromPort, from);
  rxPut(socket, header, HEADER);
  if (length > 0) rxPut(socket, bytes, length);
}

export function datagramReceive(socket: Socket, buffer: usize, length: u32, tell: usize, timeout: i32): i32 {
  if (socket.rxUsed >= HEADER) {
    rxTake(socket, header, HEADER);
    const size = min(<u32>load<u16>(header), socket.rxUsed);
    const count = cut(size, length, tell, load<u16>(header + PORT), load<u32>(header + ADDRESS));
    rxTake(socket, buffer, count);
    rxDrop(socket, size - count);
    return <i32>count;
  }
  if (timeout == 0) return Errno.EAGAIN;
  return waitWith(socket, buffer, length, 0, tell, timeout, Call.SOCKET_RECEIVE);
}

/** The one end that this socket talks to from now on. */
export function datagramConnect(socket: Socket, address: u32, port: u32): i32 {
  const refusal = addressed(socket, address);
  if (refusal < 0) return refusal;
  socket.peerAddress = address;
  socket.peerPort = <u16>port;
  socket.state = Connection.CONNECTED;
  return 0;
}

/** Whether the socket can send there; it gets a port if it has none. */
function addressed(socket: Socket, address: u32): i32 {
  if (!isOwn(address) && !hasRoute(address)) return Errno.ENETUNREACH;
  return socket.bound ? 0 : bindTo(socket, 0, 0);
}

export function datagramSend(socket: Socket, buffer: usize, length: u32, to: usize, timeout: i32): i32 {
  let address = socket.peerAddress;
  let port: u32 = socket.peerPort;
  if (to != 0) {
    if (port != 0) return Errno.EISCONN;
    const end = changetype<Endpoint>(to);
    address = end.address;
    port = end.port;
    if (port - 1 >= 0xffff) return Errno.EADDRNOTAVAIL;
  } else if (port == 0) {
    return Errno.ENOTCONN;
  }
  if (length > PACKET_BYTES || (!isOwn(address) && length + HEADER > socket.transmit)) return Errno.EMSGSIZE;
  const refusal = addressed(socket, address);
  if (refusal < 0) return refusal;
  if (isOwn(address)) {
    const from = socket.address != 0 ? socket.address : addressTowards(address);
    datagramArrives(address, port, from, socket.port, buffer, length);
    return <i32>length;
  }
  const senders = sendersFrom(socket);
  if (!outranked(senders) && leaves(socket, buffer, length, port, address)) return <i32>length;
  if (timeout == 0) return Errno.EAGAIN;
  return waitWith(senders, buffer, length, 0, to, timeout, Call.SOCKET_SEND);
}

/** Puts a datagram into the transmit ring, if there is room. */
function leaves(socket: Socket, buffer: usize, length: u32, port: u32, address: u32): bool {
  if (txRoom(socket) < HEADER + length) return false;
  headerOf(length, port, address);
  txPut(socket, header, HEADER);
  if (length > 0) txPut(socket, buffer, length);
  sends(socket, 0);
  return true;
}

/** Makes the packet of the first datagram in the transmit ring; whether there was one. */
export function datagramNext(socket: Socket, packet: Packet): bool {
  if (socket.txUsed < HEADER) return false;
  txPeek(socket, 0, header, HEADER);
  txDrop(socket, HEADER);
  const length = min(min(<u32>load<u16>(header), socket.txUsed), PACKET_BYTES);
  packet.source = socket.address != 0 ? socket.address : cpu.address;
  packet.destination = load<u32>(header + ADDRESS);
  packet.sourcePort = socket.port;
  packet.destinationPort = load<u16>(header + PORT);
  packet.length = length;
  txPeek(socket, 0, changetype<usize>(packet) + offsetof<Packet>(), length);
  txDrop(socket, length);
  datagramServe(socket);
  return true;
}

/** Lets those who wait to send put in what there is room for. */
export function datagramServe(socket: Socket): void {
  const senders = sendersFrom(socket);
  while (linked(senders)) {
    const task = firstWaiter(senders);
    if (!waitingLeaves(socket, task)) break;
    wake(task, <i32>task.length, Cause.HANDOFF);
  }
  touched(socket);
}

function waitingLeaves(socket: Socket, task: Task): bool {
  if (task.aside == 0) return leaves(socket, task.pointer, task.length, socket.peerPort, socket.peerAddress);
  const end = changetype<Endpoint>(task.aside);
  return leaves(socket, task.pointer, task.length, end.port & 0xffff, end.address);
}

/** Whether a datagram is here. */
export function datagramHere(socket: Socket): bool {
  return socket.rxUsed >= HEADER;
}

/** Whether at least an empty one could go. */
export function datagramCanGo(socket: Socket): bool {
  return txRoom(socket) >= HEADER;
}
