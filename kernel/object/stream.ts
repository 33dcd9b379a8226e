/**
 * Streams: bytes in order, both ways. A connection within the machine is two sockets that know each other:
 *
 *     send -> [ the peer's receive ring ] -> receive        and the same the other way
 *
 * A connection to another machine has a transmit ring too, from which kernel/segment.ts sends and which keeps what has not been
 * acknowledged. A new connection stands in its listener's backlog until it is accepted; connect does not wait for that.
 * What becomes of a connection (reset, refused, timed out) is told once, behind what can still be read.
 */
import { Call, Cause, Connection, Errno, Kind, Mode, PacketFlag, Signal, SocketType, SWITCH } from "../abi/constants";
import { Endpoint, Socket, Task } from "../abi/records";
import { PACKET_BYTES, SOCKETS } from "../config";
import { linked, none } from "../lib/list";
import { signalRaise } from "../signal";
import { cpu, kernel } from "../state";
import { block, firstWaiter, outranked, Settle, wake } from "../wait";
import {
  addressTowards,
  bindTo,
  broken,
  hasRoute,
  isFar,
  isOwn,
  NO_SOCKET,
  reply,
  ringsGive,
  ringsTake,
  rxDrop,
  rxPut,
  rxRoom,
  rxTake,
  sendersFrom,
  sends,
  socketOf,
  told,
  txPut,
  txRoom,
  waitWith,
} from "./endpoint";
import { objectFree, objectNew, objectUndone, openFor, secondQueue, touched } from "./object";

/** Bytes that a new stream lets be on their way at once. */
const FIRST_FLIGHT: u32 = 4 * PACKET_BYTES;
/** First numbers are far apart, so that a packet of an old connection between the same ports is known as one. */
const STREAM_STEP: u32 = 0x9e3779b1;

// Beginning

/** The socket that listens at this address and port. */
export function listenerAt(address: u32, port: u32): Socket {
  for (let i = 0; i < SOCKETS; i++) {
    const socket = socketOf(i);
    if (socket.handle == 0 || socket.state != Connection.LISTENING || socket.port != <u16>port) continue;
    if (socket.address == 0 || socket.address == address) return socket;
  }
  return NO_SOCKET;
}

/** The connection from this port to another machine's. */
export function connectionTo(address: u32, peerPort: u32, port: u32): Socket {
  for (let set = kernel.timing; set != 0; set &= set - 1) {
    const socket = socketOf(ctz(set));
    if (socket.peerAddress == address && socket.peerPort == <u16>peerPort && socket.port == <u16>port) return socket;
  }
  return NO_SOCKET;
}

/** Whether the connection waits to be accepted, or is on its way there. */
function inBacklogOf(socket: Socket, listener: Socket): bool {
  return socket.handle != 0 && socket.listener === listener;
}

function backlogUsed(listener: Socket): u32 {
  let count: u32 = 0;
  for (let i = 0; i < SOCKETS; i++) {
    if (inBacklogOf(socketOf(i), listener)) count++;
  }
  return count;
}

/** The connection that has waited longest to be accepted. */
function oldest(listener: Socket): Socket {
  let found = NO_SOCKET;
  for (let i = 0; i < SOCKETS; i++) {
    const socket = socketOf(i);
    if (!inBacklogOf(socket, listener) || socket.state == Connection.ARRIVING) continue;
    if (none(found) || <i32>(socket.order - found.order) < 0) found = socket;
  }
  return found;
}

/** This machine's end of a connection that comes to a listener; none if it has no room for one. */
export function arriving(listener: Socket, address: u32, peerAddress: u32, peerPort: u32, far: bool): Socket {
  if (backlogUsed(listener) >= listener.backlog) return NO_SOCKET;
  const slot = objectNew(Kind.SOCKET, 0);
  if (slot < 0) return NO_SOCKET;
  const socket = changetype<Socket>(slot);
  socket.system = 0;
  socket.type = SocketType.STREAM;
  socket.receive = listener.receive;
  socket.transmit = listener.transmit;
  if (ringsTake(socket, far) < 0) {
    objectUndone(socket);
    return NO_SOCKET;
  }
  secondQueue(sendersFrom(socket), socket);
  socket.address = address;
  socket.port = listener.port;
  socket.peerAddress = peerAddress;
  socket.peerPort = <u16>peerPort;
  socket.listener = listener;
  socket.order = kernel.streams;
  socket.state = Connection.ARRIVING;
  if (far) begin(socket);
  return socket;
}

/** A stream to another machine gets its first number and its clocks. */
function begin(socket: Socket): void {
  const first = ++kernel.streams * STREAM_STEP;
  socket.unacked = first;
  socket.upcoming = first;
  socket.edge = first;
  socket.heard = cpu.tick;
  socket.trip = 0;
  socket.spread = 0;
  socket.flight = FIRST_FLIGHT;
  socket.calm = u32.MAX_VALUE;
  socket.retry = 0;
  socket.timedAt = 0;
  socket.repeats = 0;
  socket.endsSent = 0;
  socket.endsAcked = 0;
  socket.when = cpu.tick;
  kernel.timing |= 1 << socket.index;
  cpu.connections++;
  sends(socket, PacketFlag.SYN);
}

/** The connection stands: whoever waits to accept gets it, or it waits for that. */
export function arrived(socket: Socket): void {
  const listener = socket.listener;
  socket.state = Connection.CONNECTED;
  socket.order = ++kernel.streams;
  const task = firstWaiter(listener);
  if (none(task)) {
    touched(listener);
    return;
  }
  wake(task, give(socket, task, task.pointer), Cause.HANDOFF);
}

/** Opens an accepted connection for a task, and tells where it comes from. */
function give(socket: Socket, task: Task, tell: usize): i32 {
  socket.listener = NO_SOCKET;
  openFor(socket, task, Mode.READ | Mode.WRITE);
  if (tell != 0) {
    const peer = changetype<Endpoint>(tell);
    peer.address = socket.peerAddress;
    peer.port = socket.peerPort;
  }
  return socket.handle;
}

export function streamAccept(listener: Socket, tell: usize, timeout: i32): i32 {
  if (listener.state != Connection.LISTENING) return Errno.EINVAL;
  const socket = oldest(listener);
  if (!none(socket)) return give(socket, kernel.current, tell);
  if (timeout == 0) return Errno.EAGAIN;
  kernel.current.pointer = <u32>tell;
  return block(listener, timeout, Call.SOCKET_ACCEPT, Settle.PLAIN);
}

export function streamConnect(socket: Socket, address: u32, port: u32, timeout: i32): i32 {
  if (socket.state == Connection.LISTENING) return Errno.EINVAL;
  if (socket.error != 0) return told(socket);
  if (socket.state >= Connection.CONNECTED) return kernel.restarting ? 0 : Errno.EISCONN;
  if (socket.state == Connection.NONE) {
    const begun = connecting(socket, address, port);
    if (begun < 0) return begun;
    if (timeout == 0) return Errno.EINPROGRESS;
    if (begun == Connection.CONNECTED) return 0;
  } else if (!kernel.restarting) {
    return Errno.EALREADY;
  }
  return block(sendersFrom(socket), timeout, Call.SOCKET_CONNECT, Settle.PLAIN);
}

/** Begins a connection: CONNECTING, or within the machine at once CONNECTED; or why not. */
function connecting(socket: Socket, address: u32, port: u32): i32 {
  const near = isOwn(address);
  if (!near && !hasRoute(address)) return Errno.ENETUNREACH;
  const from = addressTowards(address);
  if (socket.address != 0 && (near ? !isOwn(socket.address) : socket.address != from)) return Errno.EADDRNOTAVAIL;
  if (!socket.bound) {
    const bound = bindTo(socket, 0, 0);
    if (bound < 0) return bound;
  }
  // An old connection from here to there is not over.
  if (!near && !none(connectionTo(address, port, socket.port))) return Errno.EADDRNOTAVAIL;
  const listener = near ? listenerAt(address, port) : NO_SOCKET;
  if (near && none(listener)) return Errno.ECONNREFUSED;
  const rings = ringsTake(socket, !near);
  if (rings < 0) return rings;
  socket.peerAddress = address;
  socket.peerPort = <u16>port;
  fresh(socket);
  if (!near) {
    socket.state = Connection.CONNECTING;
    begin(socket);
    return Connection.CONNECTING;
  }
  const other = arriving(listener, address, socket.address != 0 ? socket.address : from, socket.port, false);
  if (none(other)) {
    unconnected(socket);
    return Errno.ECONNREFUSED;
  }
  socket.state = Connection.CONNECTED;
  socket.peer = other;
  other.peer = socket;
  arrived(other);
  touched(socket);
  return Connection.CONNECTED;
}

/** Nothing is left of a connection before. */
function fresh(socket: Socket): void {
  socket.sentAll = 0;
  socket.gotAll = 0;
  socket.deaf = 0;
  socket.stopped = 0;
  socket.due = 0;
}

/** The socket is as it was before it was connected. */
function unconnected(socket: Socket): void {
  ringsGive(socket);
  socket.state = Connection.NONE;
  socket.peerPort = 0;
  socket.peer = NO_SOCKET;
}

/** An attempt to connect came to nothing: whoever waits for it is told, else the next call. */
export function failed(socket: Socket, error: i32): void {
  const waiters = sendersFrom(socket);
  forget(socket);
  unconnected(socket);
  if (!linked(waiters)) socket.error = error;
  while (linked(waiters)) wake(firstWaiter(waiters), error, Cause.HANDOFF);
  touched(socket);
}

/** A connection to another machine was made: whoever waits for it goes on. */
export function connected(socket: Socket): void {
  socket.state = Connection.CONNECTED;
  streamServe(socket);
}

// Moving bytes

/** Whether no more bytes come behind those that are here. */
function ended(socket: Socket): bool {
  return (socket.gotAll | socket.deaf) != 0 || socket.state == Connection.LOST;
}

/** Whether what is sent reaches nobody any more. */
function unheard(socket: Socket): bool {
  return (socket.sentAll | socket.stopped) != 0 || socket.state == Connection.LOST;
}

/** Puts in what there is room for: within the machine straight into the peer's receive ring. */
function fill(socket: Socket, from: usize, length: u32): u32 {
  const peer = socket.peer;
  if (none(peer)) {
    const count = min(length, txRoom(socket));
    if (count == 0) return 0;
    txPut(socket, from, count);
    sends(socket, 0);
    return count;
  }
  if (peer.deaf) return length;
  const count = min(length, rxRoom(peer));
  if (count > 0) rxPut(peer, from, count);
  return count;
}

/** Takes at most `length` bytes that are here. */
function drain(socket: Socket, to: usize, length: u32): u32 {
  const count = min(socket.rxUsed, length);
  if (count == 0) return 0;
  rxTake(socket, to, count);
  if (none(socket.peer)) roomMade(socket);
  else touched(socket.peer);
  return count;
}

/** Another machine is told of room only when that is worth a packet: half the ring. */
function roomMade(socket: Socket): void {
  if (!isFar(socket) || socket.state != Connection.CONNECTED || ended(socket)) return;
  const offer = socket.expected + rxRoom(socket);
  if ((offer - socket.offered) << 1 >= socket.receive) sends(socket, PacketFlag.ACK);
}

/** Lets those who wait to receive take what is here, or the end; whether any did. */
function serveReceivers(socket: Socket): bool {
  let moved: bool = false;
  while (linked(socket)) {
    const task = firstWaiter(socket);
    if (socket.rxUsed > 0) wake(task, <i32>drain(socket, task.pointer, task.length), Cause.HANDOFF);
    else if (ended(socket)) wake(task, told(socket), Cause.CLOSED);
    else break;
    moved = true;
  }
  return moved;
}

/** Lets those who wait to send put in what there is room for, or hear that nobody reads; whether any bytes moved. */
function serveSenders(socket: Socket): bool {
  const senders = sendersFrom(socket);
  let moved: bool = false;
  while (linked(senders)) {
    const task = firstWaiter(senders);
    if (task.call == <u8>Call.SOCKET_CONNECT) {
      if (socket.state == Connection.CONNECTING) break;
      wake(task, 0, Cause.HANDOFF);
      continue;
    }
    if (unheard(socket)) {
      turnAway(socket, task);
      continue;
    }
    const count = fill(socket, task.pointer + task.progress, task.length - task.progress);
    if (count == 0) break;
    moved = true;
    task.progress += count;
    if (task.progress < task.length) break;
    wake(task, <i32>task.length, Cause.HANDOFF);
  }
  return moved;
}

/** A sender whose rest reaches nobody: what went is its result, else why. */
function turnAway(socket: Socket, task: Task): void {
  if (task.progress > 0) {
    wake(task, <i32>task.progress, Cause.CLOSED);
    return;
  }
  if (socket.error != 0) {
    wake(task, told(socket), Cause.CLOSED);
    return;
  }
  wake(task, Errno.EPIPE, Cause.CLOSED);
  signalRaise(task, Signal.PIPE, socket.handle);
}

/** Moves bytes towards this socket until nothing moves. */
function flowIn(socket: Socket): void {
  let moved: bool = true;
  while (moved) {
    moved = serveReceivers(socket);
    if (!none(socket.peer) && serveSenders(socket.peer)) moved = true;
  }
}

/** After any change of the rings, of a queue's head, of the connection: moves what can move. */
export function streamServe(socket: Socket): void {
  touched(socket);
  flowIn(socket);
  const peer = socket.peer;
  if (none(peer)) {
    serveSenders(socket);
    return;
  }
  touched(peer);
  flowIn(peer);
}

export function streamSend(socket: Socket, buffer: usize, length: u32, timeout: i32): i32 {
  if (socket.error != 0) return told(socket);
  if (socket.state < Connection.CONNECTED) return Errno.ENOTCONN;
  if (unheard(socket)) return broken(socket);
  if (length == 0) return 0;
  const senders = sendersFrom(socket);
  const count = outranked(senders) ? 0 : put(socket, buffer, length);
  if (count == length) return <i32>length;
  if (timeout == 0) return count > 0 ? <i32>count : Errno.EAGAIN;
  const answer = waitWith(senders, buffer, length, count, 0, timeout, Call.SOCKET_SEND);
  return answer != SWITCH && count > 0 ? <i32>count : answer;
}

/** Puts in what goes in now; who waits at the other end makes room. */
function put(socket: Socket, from: usize, length: u32): u32 {
  let count: u32 = 0;
  let step: u32 = 1;
  while (step > 0 && count < length) {
    step = fill(socket, from + count, length - count);
    count += step;
    if (none(socket.peer) || !serveReceivers(socket.peer)) break;
  }
  return count;
}

export function streamReceive(socket: Socket, buffer: usize, length: u32, timeout: i32): i32 {
  if (socket.state < Connection.CONNECTED) return socket.error != 0 ? told(socket) : Errno.ENOTCONN;
  if (length == 0) return 0;
  if (!outranked(socket)) {
    const count = drain(socket, buffer, length);
    if (count > 0) {
      if (!none(socket.peer)) flowIn(socket);
      return <i32>count;
    }
    if (ended(socket)) return told(socket);
  }
  if (timeout == 0) return Errno.EAGAIN;
  return waitWith(socket, buffer, length, 0, 0, timeout, Call.SOCKET_RECEIVE);
}

// Ending

/** This end sends no more: the other one reads what was sent, then the end. */
export function endOut(socket: Socket): void {
  if (socket.sentAll) return;
  socket.sentAll = 1;
  if (!none(socket.peer)) socket.peer.gotAll = 1;
  else if (isFar(socket)) sends(socket, 0);
  streamServe(socket);
}

/** This end reads no more: what is here and what still comes is dropped. */
export function endIn(socket: Socket): void {
  if (socket.deaf) return;
  socket.deaf = 1;
  rxDrop(socket, socket.rxUsed);
  if (isFar(socket) && socket.state == Connection.CONNECTED) sends(socket, PacketFlag.ACK);
  streamServe(socket);
}

/** The connection is no more, for this reason: told behind what can still be read. */
export function lose(socket: Socket, error: i32): void {
  forget(socket);
  socket.state = Connection.LOST;
  socket.peer = NO_SOCKET;
  socket.error = error;
  streamServe(socket);
}

/** No packets any more from this socket. */
export function forget(socket: Socket): void {
  const bit: u32 = 1 << socket.index;
  if (kernel.timing & bit) cpu.connections--;
  kernel.timing &= ~bit;
  kernel.sending &= ~bit;
  socket.due = 0;
}

/** Whether this end is closed with bytes that nobody has read, which the other end must hear of. */
export function unread(socket: Socket): bool {
  return socket.rxUsed > 0 && !socket.deaf;
}

/** Lets go of a peer in this machine. */
export function partFromPeer(socket: Socket): void {
  const peer = socket.peer;
  socket.peer = NO_SOCKET;
  peer.peer = NO_SOCKET;
  if (unread(socket)) {
    lose(peer, Errno.ECONNRESET);
    return;
  }
  peer.gotAll = 1;
  peer.stopped = 1;
  streamServe(peer);
}

/** Tells the other machine that this connection is no more. */
export function reset(socket: Socket, flags: u32): void {
  const from = socket.address != 0 ? socket.address : cpu.address;
  reply(from, socket.port, socket.peerAddress, socket.peerPort, flags | PacketFlag.RST | PacketFlag.ACK, socket.upcoming, socket.expected);
}

/** The slot of a connection that is over is free again. */
export function streamFree(socket: Socket): void {
  forget(socket);
  if (socket.orphan) cpu.lingering--;
  ringsGive(socket);
  objectFree(socket);
}

/** Connections in the listener's backlog, one after another; none when there is none left. */
export function queuedAt(listener: Socket): Socket {
  for (let i = 0; i < SOCKETS; i++) {
    if (inBacklogOf(socketOf(i), listener)) return socketOf(i);
  }
  return NO_SOCKET;
}

/** What a poll of a stream sees. */
export function canReceive(socket: Socket): bool {
  if (socket.state == Connection.LISTENING) return !none(oldest(socket));
  if (socket.state == Connection.NONE) return socket.error != 0;
  return socket.state >= Connection.CONNECTED && (socket.rxUsed > 0 || ended(socket));
}

export function canSend(socket: Socket): bool {
  if (socket.state == Connection.NONE) return socket.error != 0;
  if (socket.state < Connection.CONNECTED) return false;
  if (unheard(socket)) return true;
  const peer = socket.peer;
  return none(peer) ? txRoom(socket) > 0 : rxRoom(peer) > 0 || peer.deaf != 0;
}

/** Whether the other end is gone. */
export function isOver(socket: Socket): bool {
  if (socket.state == Connection.NONE) return socket.error != 0;
  return socket.state == Connection.LOST || (socket.gotAll & socket.stopped) != 0;
}
