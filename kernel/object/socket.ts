/**
 * Sockets: the calls, and what streams and datagrams share in their life. A stream is in one of these states:
 *
 *     NONE -> LISTENING                                          accepts others
 *     NONE -> CONNECTING -> CONNECTED                            connects; within the machine at once
 *             ARRIVING   -> CONNECTED                            made by a listener, in its backlog
 *                           CONNECTED -> LOST                    reset, or no sign of life: told once
 *
 * The last close of a connection to another machine leaves an orphan, which nobody can name: it brings what was sent to the other
 * end and then goes. Closing with bytes that nobody has read resets the connection instead, so that the other end hears of it.
 */
import { Cause, Connection, Errno, Kind, Mode, PacketFlag, Poll, SocketType } from "../abi/constants";
import { Socket } from "../abi/records";
import { arenaTake } from "../arena";
import { SOCKETS } from "../config";
import { linked, none } from "../lib/list";
import { cpu, inRam, kept, kernel } from "../state";
import { dismissAll } from "../wait";
import { datagramCanGo, datagramConnect, datagramHere, datagramReceive, datagramSend, datagramServe, HEADER } from "./datagram";
import { bindTo, isFar, isOwn, ringsGive, ringsTake, sendersFrom, sends, txPeek } from "./endpoint";
import { mayUseAny, modeRefused, nameField, nameStore, objectNew, objectUndone, openForCreator, openToAny, secondQueue } from "./object";
import {
  canReceive,
  canSend,
  endIn,
  endOut,
  forget,
  isOver,
  lose,
  partFromPeer,
  queuedAt,
  reset,
  streamAccept,
  streamConnect,
  streamFree,
  streamReceive,
  streamSend,
  streamServe,
  unread,
} from "./stream";

const MOST_BYTES: u32 = 1 << 20;
const PORTS: u32 = 65536;

export { socketAt, socketsInit } from "./endpoint";

export function socketCreate(name: usize, type: i32, receive: i32, transmit: i32, mode: i32, storage: u32): i32 {
  const datagram = type == SocketType.DATAGRAM;
  if (!datagram && type != SocketType.STREAM) return Errno.EINVAL;
  const least: u32 = datagram ? HEADER + 1 : 1;
  if (<u32>receive < least || <u32>receive > MOST_BYTES || <u32>transmit < least || <u32>transmit > MOST_BYTES) return Errno.EINVAL;
  if (modeRefused(mode, Mode.READ | Mode.WRITE, name)) return Errno.EINVAL;
  if (storage != 0 && !inRam(storage, receive + transmit)) return Errno.EFAULT;
  storage = kept(storage);
  const slot = objectNew(Kind.SOCKET, name);
  if (slot < 0) return slot;
  const socket = changetype<Socket>(slot);
  socket.type = type;
  socket.receive = receive;
  socket.transmit = transmit;
  socket.given = storage;
  if (datagram) {
    const rings = ringsTake(socket, true);
    if (rings < 0) {
      objectUndone(socket);
      return rings;
    }
  }
  secondQueue(sendersFrom(socket), socket);
  openForCreator(socket, mode);
  return socket.handle;
}

export function socketBind(socket: Socket, address: u32, port: i32): i32 {
  if (!mayUseAny(socket)) return Errno.EPERM;
  if (<u32>port >= PORTS || socket.bound || socket.port != 0) return Errno.EINVAL;
  if (address != 0 && !isOwn(address)) return Errno.EADDRNOTAVAIL;
  return bindTo(socket, address, port);
}

export function socketListen(socket: Socket, backlog: i32): i32 {
  if (!mayUseAny(socket)) return Errno.EPERM;
  if (socket.type == SocketType.DATAGRAM) return Errno.EOPNOTSUPP;
  if (!socket.bound || backlog < 1 || backlog > SOCKETS) return Errno.EINVAL;
  if (socket.state > Connection.LISTENING) return Errno.EISCONN;
  socket.state = Connection.LISTENING;
  socket.backlog = <u8>backlog;
  return 0;
}

export function socketAccept(socket: Socket, peer: usize, timeout: i32): i32 {
  return streamAccept(socket, peer, timeout);
}

export function socketConnect(socket: Socket, address: u32, port: i32, timeout: i32): i32 {
  if (!mayUseAny(socket)) return Errno.EPERM;
  if (<u32>(port - 1) >= PORTS - 1 || address == 0) return Errno.EINVAL;
  if (socket.type == SocketType.DATAGRAM) return datagramConnect(socket, address, port);
  return streamConnect(socket, address, port, timeout);
}

export function socketSend(socket: Socket, buffer: usize, length: i32, to: usize, timeout: i32): i32 {
  if (socket.type == SocketType.DATAGRAM) return datagramSend(socket, buffer, length, to, timeout);
  if (to != 0 && socket.state >= Connection.CONNECTED) return Errno.EISCONN;
  return streamSend(socket, buffer, length, timeout);
}

export function socketReceive(socket: Socket, buffer: usize, length: i32, from: usize, timeout: i32): i32 {
  if (socket.type == SocketType.DATAGRAM) return datagramReceive(socket, buffer, length, from, timeout);
  return streamReceive(socket, buffer, length, timeout);
}

export function socketShutdown(socket: Socket, how: i32): i32 {
  if (!mayUseAny(socket)) return Errno.EPERM;
  if (how == 0 || how & ~(Mode.READ | Mode.WRITE)) return Errno.EINVAL;
  if (socket.type == SocketType.DATAGRAM) return Errno.EOPNOTSUPP;
  if (socket.state != Connection.CONNECTED) return Errno.ENOTCONN;
  if (how & Mode.READ) endIn(socket);
  if (how & Mode.WRITE) endOut(socket);
  return 0;
}

/** A queue's head changed, or a waiter left. */
export function socketServe(socket: Socket): void {
  if (socket.type == SocketType.DATAGRAM) datagramServe(socket);
  else if (socket.state != Connection.LISTENING) streamServe(socket);
}

// The end

/** Tasks closed it, and others still have it open or will open it by name: without a sender the other end reads the end. */
export function socketClosed(socket: Socket): void {
  if (socket.type != SocketType.STREAM || socket.state != Connection.CONNECTED) return;
  if (socket.had & Mode.WRITE && !openToAny(socket, Mode.WRITE)) endOut(socket);
}

/** Ends it: waiters get EIDRM, the other end is told. True: the slot stays taken by an orphan until all is sent. */
export function socketEnd(socket: Socket): bool {
  if (socket.orphan) return true;
  dismissAll(socket, Errno.EIDRM, Cause.DELETED);
  dismissAll(sendersFrom(socket), Errno.EIDRM, Cause.DELETED);
  if (socket.state == Connection.LISTENING) refuseQueued(socket);
  if (!none(socket.peer)) partFromPeer(socket);
  if (socket.type == SocketType.STREAM && socket.state == Connection.CONNECTED && isFar(socket)) {
    const over = (socket.gotAll & socket.stopped) != 0;
    if (unread(socket) || (!over && !keepRest(socket))) reset(socket, 0);
    else if (!over) {
      orphan(socket);
      return true;
    }
  }
  forget(socket);
  ringsGive(socket);
  return false;
}

/** Whoever waits to be accepted is refused. */
function refuseQueued(listener: Socket): void {
  for (let socket = queuedAt(listener); !none(socket); socket = queuedAt(listener)) {
    const peer = socket.peer;
    if (!none(peer)) lose(peer, Errno.ECONNREFUSED);
    else if (isFar(socket) && socket.state != Connection.LOST) reset(socket, PacketFlag.REFUSED);
    streamFree(socket);
  }
}

/** The caller has its memory back: what is not acknowledged is copied. False where there is no RAM for it. */
function keepRest(socket: Socket): bool {
  if (socket.given == 0) return true;
  const rest = arenaTake(socket.txUsed);
  if (rest < 0) return false;
  txPeek(socket, 0, rest, socket.txUsed);
  socket.storage = rest;
  socket.txBuffer = rest;
  socket.txHead = 0;
  socket.transmit = max(socket.txUsed, 1);
  return true;
}

/** Nobody can name it any more; it sends what there is to send, then its ends. */
function orphan(socket: Socket): void {
  socket.generation++;
  socket.handle = ((socket.generation & 0x3ffff) << 13) | (Kind.SOCKET << 8) | socket.index;
  socket.orphan = 1;
  socket.bound = 0;
  socket.system = 0;
  socket.readers = 0;
  socket.writers = 0;
  socket.own = 0;
  nameStore(nameField(socket), 0, 0);
  socket.sentAll = 1;
  sends(socket, 0);
  cpu.lingering++;
}

// What others ask

/** What a poll of the socket sees. */
export function socketReady(socket: Socket): u32 {
  if (socket.type == SocketType.DATAGRAM) return (datagramHere(socket) ? Poll.READ : 0) | (datagramCanGo(socket) ? Poll.WRITE : 0);
  const ready = (canReceive(socket) ? Poll.READ : 0) | (canSend(socket) ? Poll.WRITE : 0);
  return isOver(socket) ? ready | Poll.CLOSED : ready;
}

/** Its own address and port, as one number: address << 16 | port. */
export function socketLocal(socket: Socket): u64 {
  return ((<u64>socket.address) << 16) | socket.port;
}

/** The other end's. */
export function socketPeer(socket: Socket): u64 {
  return socket.peerPort == 0 ? 0 : ((<u64>socket.peerAddress) << 16) | socket.peerPort;
}

/** Rings in bounds, peers of one another, clocks only where there is another machine, and nobody waits for what is there. */
export function socketHolds(socket: Socket): bool {
  if (socket.rxUsed > socket.receive || socket.txUsed > socket.transmit) return false;
  if (socket.rxHead >= socket.receive || socket.txHead >= socket.transmit) return false;
  const peer = socket.peer;
  if (!none(peer) && (peer.peer !== socket || peer.state != Connection.CONNECTED || socket.state != Connection.CONNECTED)) return false;
  const far = socket.type == SocketType.STREAM && isFar(socket);
  const timed = (kernel.timing & (1 << socket.index)) != 0;
  if (timed && (!far || socket.state < Connection.CONNECTING || socket.state == Connection.LOST)) return false;
  const over = (socket.gotAll & socket.stopped) != 0;
  if (!timed && far && !over && socket.state >= Connection.CONNECTING && socket.state < Connection.LOST) return false;
  if (!none(socket.listener) && socket.listener.state != Connection.LISTENING) return false;
  if (linked(socket) && socketReady(socket) & Poll.READ) return false;
  return sendersHold(socket);
}

function sendersHold(socket: Socket): bool {
  const senders = sendersFrom(socket);
  if (!linked(senders)) return true;
  if (socket.type == SocketType.DATAGRAM || socket.state == Connection.CONNECTING) return true;
  return (socketReady(socket) & Poll.WRITE) == 0;
}
