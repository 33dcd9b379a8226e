/** Sockets within one machine: streams, datagrams, addresses and ports. The machine has no network. */
import * as A from "./abi.js";
import { C, E } from "./abi.js";
import { modeRefused, openFor, openForCreator } from "./life.js";
import type { Model } from "./model.js";
import { signalRaise } from "./signal.js";
import type { Queue, Task, Wait } from "./task.js";
import { Channel } from "./thing.js";

const { Mode, SocketType, Poll } = C;
const SIGPIPE = 13;
const MOST_BYTES = 1 << 20;
const LONGEST_DATAGRAM = 1024;
/** Bytes that a datagram takes in a buffer besides its own. */
const HEADER = 8;
const PORT_FIRST = 49152;
const PORT_COUNT = 16384;

interface Datagram {
  bytes: Uint8Array;
  address: number;
  port: number;
}

export class Socket extends Channel {
  type = 0;
  state: "none" | "listening" | "arriving" | "connected" | "lost" = "none";
  bound = false;
  address = 0;
  port = 0;
  peerAddress = 0;
  peerPort = 0;
  backlog = 0;
  listener: Socket | undefined;
  order = 0;
  peer: Socket | undefined;
  /** What became of the connection, told once. */
  error = 0;
  sentAll = false;
  gotAll = false;
  deaf = false;
  stopped = false;
  receive = 0;
  transmit = 0;
  given = 0;
  storage = 0;
  bytes: number[] = [];
  datagrams: Datagram[] = [];
  lost = 0;

  get isDatagram(): boolean {
    return this.type === SocketType.DATAGRAM;
  }

  /** No more bytes come behind those that are here. */
  get isOver(): boolean {
    return this.gotAll || this.deaf || this.state === "lost";
  }

  /** What is sent reaches nobody any more. */
  get unheard(): boolean {
    return this.sentAll || this.stopped || this.state === "lost";
  }

  get isOpen(): boolean {
    return this.state === "connected" || this.state === "lost";
  }

  get datagramBytes(): number {
    return this.datagrams.reduce((sum, { bytes }) => sum + HEADER + bytes.length, 0);
  }
}

const sockets = (m: Model) => m.thingsOf("SOCKET") as Socket[];
const socketAt = (m: Model, handle: number) => m.thingAt("SOCKET", handle) as Socket;
const isOwn = (address: number) => address >>> 24 === 127;

// Making one

export function socketCreate(m: Model, [name = 0, type = 0, receive = 0, transmit = 0, mode = 0, storage = 0]: number[]): number {
  if (type !== SocketType.DATAGRAM && type !== SocketType.STREAM) return E.EINVAL;
  const least = type === SocketType.DATAGRAM ? HEADER + 1 : 1;
  if (receive < least || receive > MOST_BYTES || transmit < least || transmit > MOST_BYTES) return E.EINVAL;
  if (modeRefused(m, mode, Mode.READ | Mode.WRITE, name)) return E.EINVAL;
  if (storage !== 0 && !m.inRam(storage >>> 0, receive + transmit)) return E.EFAULT;
  const socket = m.create("SOCKET", name, (...base) => new Socket(...base));
  if (typeof socket === "number") return socket;
  Object.assign(socket, { type, receive, transmit, given: storage });
  if (type === SocketType.DATAGRAM && !takeBuffers(m, socket, true)) {
    m.undo(socket);
    return E.ENOMEM;
  }
  openForCreator(m, socket, mode);
  return socket.handle;
}

/** A stream within the machine does without a buffer for what it sends. */
function takeBuffers(m: Model, socket: Socket, both: boolean): boolean {
  if (socket.given !== 0) return true;
  const taken = m.arena.take(socket.receive + (both ? socket.transmit : 0), "kernel");
  if (taken !== undefined) socket.storage = taken;
  return taken !== undefined;
}

function giveBuffers(m: Model, socket: Socket): void {
  if (socket.storage !== 0) m.freeRam(() => m.arena.give(socket.storage));
  socket.storage = 0;
  socket.bytes = [];
  socket.datagrams = [];
}

function portTaken(m: Model, socket: Socket, address: number, port: number): boolean {
  return sockets(m).some(
    (other) =>
      other !== socket &&
      other.bound &&
      other.port === port &&
      other.type === socket.type &&
      (address === 0 || other.address === 0 || other.address === address),
  );
}

/** The port that it gets, or why it gets none. */
function bindTo(m: Model, socket: Socket, address: number, asked: number): number {
  let port = asked;
  if (asked === 0) {
    for (let i = 0; i < PORT_COUNT && port === 0; i++) {
      if (!portTaken(m, socket, address, m.nextPort)) port = m.nextPort;
      m.nextPort = m.nextPort + 1 < PORT_FIRST + PORT_COUNT ? m.nextPort + 1 : PORT_FIRST;
    }
    if (port === 0) return E.EADDRNOTAVAIL;
  } else if (portTaken(m, socket, address, port)) return E.EADDRINUSE;
  Object.assign(socket, { address, port, bound: true });
  return port;
}

export function socketBind(m: Model, [handle = 0, address = 0, port = 0]: number[]): number {
  const socket = socketAt(m, handle);
  if (!m.mayUseAny(socket)) return E.EPERM;
  // An accepted connection has a port, though it is not bound to it.
  if (port < 0 || port > 0xffff || socket.bound || socket.port !== 0) return E.EINVAL;
  if (address !== 0 && !isOwn(address)) return E.EADDRNOTAVAIL;
  return bindTo(m, socket, address >>> 0, port);
}

// Streams

export function socketListen(m: Model, [handle = 0, backlog = 0]: number[]): number {
  const socket = socketAt(m, handle);
  if (!m.mayUseAny(socket)) return E.EPERM;
  if (socket.isDatagram) return E.EOPNOTSUPP;
  if (!socket.bound || backlog < 1 || backlog > m.options.limits.objects) return E.EINVAL;
  if (socket.isOpen) return E.EISCONN;
  socket.state = "listening";
  socket.backlog = backlog;
  return 0;
}

const inBacklog = (m: Model, listener: Socket) => sockets(m).filter((socket) => socket.listener === listener);
const oldest = (m: Model, listener: Socket) => inBacklog(m, listener).sort((a, b) => a.order - b.order)[0];

function give(m: Model, socket: Socket, task: Task, tell: number): number {
  socket.listener = undefined;
  openFor(socket, task, true, true);
  if (tell !== 0) {
    m.setWord(tell, socket.peerAddress);
    m.setWord(tell + 4, socket.peerPort);
  }
  return socket.handle;
}

export function socketAccept(m: Model, [handle = 0, tell = 0, timeout = 0]: number[]): number {
  const listener = socketAt(m, handle);
  if (listener.state !== "listening") return E.EINVAL;
  const socket = oldest(m, listener);
  if (socket) return give(m, socket, m.current as Task, tell);
  return m.blockOr("socket_accept", listener.waiters, timeout, "plain", { pointer: tell });
}

function told(socket: Socket): number {
  const { error } = socket;
  socket.error = 0;
  return error;
}

export function socketConnect(m: Model, [handle = 0, address = 0, port = 0, timeout = 0]: number[]): number {
  const socket = socketAt(m, handle);
  if (!m.mayUseAny(socket)) return E.EPERM;
  if (port < 1 || port > 0xffff || address === 0) return E.EINVAL;
  const to = address >>> 0;
  if (socket.isDatagram) {
    const refusal = reachable(m, socket, to);
    if (refusal < 0) return refusal;
    Object.assign(socket, { peerAddress: to, peerPort: port, state: "connected" });
    return 0;
  }
  if (socket.state === "listening") return E.EINVAL;
  if (socket.error !== 0) return told(socket);
  if (socket.isOpen) return m.restarting ? 0 : E.EISCONN;
  const refusal = connect(m, socket, to, port);
  return refusal !== 0 ? refusal : timeout === 0 ? E.EINPROGRESS : 0;
}

/** Within the machine a connection is made at once, or refused. */
function connect(m: Model, socket: Socket, address: number, port: number): number {
  if (!isOwn(address)) return E.ENETUNREACH;
  if (socket.address !== 0 && !isOwn(socket.address)) return E.EADDRNOTAVAIL;
  if (!socket.bound) {
    const bound = bindTo(m, socket, 0, 0);
    if (bound < 0) return bound;
  }
  const listener = sockets(m).find(
    (each) => each.state === "listening" && each.port === port && (each.address === 0 || each.address === address),
  );
  if (!listener) return E.ECONNREFUSED;
  if (!takeBuffers(m, socket, false)) return E.ENOMEM;
  Object.assign(socket, { peerAddress: address, peerPort: port, sentAll: false, gotAll: false, deaf: false, stopped: false });
  const other = arriving(m, listener, address, socket.address !== 0 ? socket.address : address, socket.port);
  if (!other) {
    giveBuffers(m, socket);
    Object.assign(socket, { state: "none", peerPort: 0, peer: undefined });
    return E.ECONNREFUSED;
  }
  socket.state = "connected";
  socket.peer = other;
  other.peer = socket;
  other.state = "connected";
  other.order = ++m.streams;
  const task = listener.waiters.first;
  if (task) m.wake(task, give(m, other, task, task.wait?.data.pointer ?? 0));
  else m.touched(listener);
  m.touched(socket);
  return 0;
}

/** This end of a connection that comes to a listener, if there is room for one. */
function arriving(m: Model, listener: Socket, address: number, peerAddress: number, peerPort: number): Socket | undefined {
  if (inBacklog(m, listener).length >= listener.backlog) return;
  const socket = m.create("SOCKET", 0, (kind, index, handle, name) => new Socket(kind, index, handle, name, false));
  if (typeof socket === "number") return;
  const { receive, transmit, port } = listener;
  Object.assign(socket, { type: SocketType.STREAM, receive, transmit, address, port, peerAddress, peerPort, listener, state: "arriving" });
  if (takeBuffers(m, socket, false)) return socket;
  m.undo(socket);
  return;
}

/** Straight into the other end's buffer; what nobody will read is taken and dropped. */
function fill(m: Model, socket: Socket, from: number, length: number): number {
  const peer = socket.peer as Socket;
  if (peer.deaf) return length;
  const count = Math.min(length, peer.receive - peer.bytes.length);
  if (count === 0) return 0;
  peer.bytes.push(...m.bytes(from, count));
  m.touched(peer);
  return count;
}

function drain(m: Model, socket: Socket, to: number, length: number): number {
  const count = Math.min(socket.bytes.length, length);
  if (count === 0) return 0;
  m.setBytes(to, socket.bytes.splice(0, count));
  if (socket.peer) m.touched(socket.peer);
  return count;
}

function serveReceivers(m: Model, socket: Socket): boolean {
  let moved = false;
  for (const task of socket.waiters.inOrder) {
    const { pointer = 0, length = 0 } = (task.wait as Wait).data;
    if (socket.bytes.length > 0) m.wake(task, drain(m, socket, pointer, length));
    else if (socket.isOver) m.wake(task, told(socket));
    else break;
    moved = true;
  }
  return moved;
}

function serveSenders(m: Model, socket: Socket): boolean {
  let moved = false;
  for (const task of socket.senders.inOrder) {
    const wait = task.wait as Wait;
    if (socket.unheard) {
      turnAway(m, socket, task, wait.moved);
      continue;
    }
    const { pointer = 0, length = 0 } = wait.data;
    const count = fill(m, socket, pointer + wait.moved, length - wait.moved);
    if (count === 0) break;
    moved = true;
    wait.moved += count;
    if (wait.moved < length) break;
    m.wake(task, length);
  }
  return moved;
}

function turnAway(m: Model, socket: Socket, task: Task, moved: number): void {
  if (moved > 0) m.wake(task, moved);
  else if (socket.error !== 0) m.wake(task, told(socket));
  else {
    m.wake(task, E.EPIPE);
    signalRaise(m, task, SIGPIPE, socket.handle);
  }
}

function flowIn(m: Model, socket: Socket): void {
  for (let moved = true; moved; ) {
    moved = serveReceivers(m, socket);
    if (socket.peer && serveSenders(m, socket.peer)) moved = true;
  }
}

/** Moves what can move, both ways. */
function serve(m: Model, socket: Socket): void {
  m.touched(socket);
  flowIn(m, socket);
  if (!socket.peer) {
    serveSenders(m, socket);
    return;
  }
  m.touched(socket.peer);
  flowIn(m, socket.peer);
}

export function socketServe(m: Model, socket: Socket): void {
  if (socket.isDatagram) m.touched(socket);
  else if (socket.state !== "listening") serve(m, socket);
}

function waitIn(
  m: Model,
  queue: Queue,
  call: "socket_send" | "socket_receive",
  timeout: number,
  data: Wait["data"],
  moved: number,
): number {
  const answer = m.block(call, queue, timeout, "partial", data);
  if (answer === A.SWITCH) ((m.current as Task).wait as Wait).moved = moved;
  return answer !== A.SWITCH && moved > 0 ? moved : answer;
}

export function socketSend(m: Model, [handle = 0, buffer = 0, length = 0, to = 0, timeout = 0]: number[]): number {
  const socket = socketAt(m, handle);
  if (socket.isDatagram) return datagramSend(m, socket, buffer, length, to);
  if (to !== 0 && socket.isOpen) return E.EISCONN;
  if (socket.error !== 0) return told(socket);
  if (!socket.isOpen) return E.ENOTCONN;
  if (socket.unheard) {
    if (m.caller) signalRaise(m, m.caller, SIGPIPE, socket.handle);
    return E.EPIPE;
  }
  if (length === 0) return 0;
  let count = 0;
  if (!m.outranked(socket.senders)) {
    for (let step = 1; step > 0 && count < length; ) {
      step = fill(m, socket, buffer + count, length - count);
      count += step;
      if (!serveReceivers(m, socket.peer as Socket)) break;
    }
  }
  if (count === length) return length;
  if (timeout === 0) return count > 0 ? count : E.EAGAIN;
  return waitIn(m, socket.senders, "socket_send", timeout, { pointer: buffer, length, tell: 0 }, count);
}

export function socketReceive(m: Model, [handle = 0, buffer = 0, length = 0, tell = 0, timeout = 0]: number[]): number {
  const socket = socketAt(m, handle);
  if (socket.isDatagram) return datagramReceive(m, socket, buffer, length, tell, timeout);
  if (!socket.isOpen) return socket.error !== 0 ? told(socket) : E.ENOTCONN;
  if (length === 0) return 0;
  if (!m.outranked(socket.waiters)) {
    const count = drain(m, socket, buffer, length);
    if (count > 0) {
      if (socket.peer) flowIn(m, socket);
      return count;
    }
    if (socket.isOver) return told(socket);
  }
  if (timeout === 0) return E.EAGAIN;
  return waitIn(m, socket.waiters, "socket_receive", timeout, { pointer: buffer, length, tell: 0 }, 0);
}

export function socketShutdown(m: Model, [handle = 0, how = 0]: number[]): number {
  const socket = socketAt(m, handle);
  if (!m.mayUseAny(socket)) return E.EPERM;
  if (how === 0 || how & ~(Mode.READ | Mode.WRITE)) return E.EINVAL;
  if (socket.isDatagram) return E.EOPNOTSUPP;
  if (socket.state !== "connected") return E.ENOTCONN;
  if (how & Mode.READ && !socket.deaf) {
    socket.deaf = true;
    socket.bytes = [];
    serve(m, socket);
  }
  if (how & Mode.WRITE) endOut(m, socket);
  return 0;
}

function endOut(m: Model, socket: Socket): void {
  if (socket.sentAll) return;
  socket.sentAll = true;
  if (socket.peer) socket.peer.gotAll = true;
  serve(m, socket);
}

/** Tasks closed it and others still have it: without a sender the other end reads the end. */
export function socketClosed(m: Model, socket: Socket): void {
  if (!socket.isDatagram && socket.state === "connected" && socket.ended) endOut(m, socket);
}

function lose(m: Model, socket: Socket, error: number): void {
  Object.assign(socket, { state: "lost", peer: undefined, error });
  serve(m, socket);
}

export function socketEnd(m: Model, socket: Socket): void {
  m.dismiss(socket.waiters, E.EIDRM, "deleted");
  m.dismiss(socket.senders, E.EIDRM, "deleted");
  if (socket.state === "listening") {
    for (const queued of inBacklog(m, socket)) {
      const { peer } = queued;
      if (peer) lose(m, peer, E.ECONNREFUSED);
      giveBuffers(m, queued);
      m.discard(queued);
    }
  }
  const { peer } = socket;
  if (peer) {
    socket.peer = undefined;
    peer.peer = undefined;
    // The other end hears that something it sent was never read.
    if (socket.bytes.length > 0 && !socket.deaf) lose(m, peer, E.ECONNRESET);
    else {
      peer.gotAll = true;
      peer.stopped = true;
      serve(m, peer);
    }
  }
  giveBuffers(m, socket);
}

// Datagrams

function reachable(m: Model, socket: Socket, address: number): number {
  if (!isOwn(address)) return E.ENETUNREACH;
  return socket.bound ? 0 : bindTo(m, socket, 0, 0);
}

function datagramSend(m: Model, socket: Socket, buffer: number, length: number, to: number): number {
  let address = socket.peerAddress;
  let port = socket.peerPort;
  if (to !== 0) {
    if (port !== 0) return E.EISCONN;
    address = m.word(to) >>> 0;
    port = m.word(to + 4) >>> 0;
    if (port < 1 || port > 0xffff) return E.EADDRNOTAVAIL;
  } else if (port === 0) return E.ENOTCONN;
  if (length > LONGEST_DATAGRAM || (!isOwn(address) && length + HEADER > socket.transmit)) return E.EMSGSIZE;
  const refusal = reachable(m, socket, address);
  if (refusal < 0) return refusal;
  const from = socket.address !== 0 ? socket.address : address;
  arrive(m, address, port, { bytes: m.bytes(buffer, length), address: from, port: socket.port });
  return length;
}

/** To the first who waits for it, or where there is room, or nowhere. */
function arrive(m: Model, address: number, port: number, datagram: Datagram): void {
  const socket = sockets(m).find(
    (each) =>
      each.isDatagram &&
      each.bound &&
      each.port === port &&
      (each.address === 0 || each.address === address) &&
      (each.peerPort === 0 || (each.peerAddress === datagram.address && each.peerPort === datagram.port)),
  );
  const task = socket?.waiters.first;
  if (!socket) return;
  if (task) {
    const { pointer = 0, length = 0, tell = 0 } = (task.wait as Wait).data;
    m.wake(task, cut(m, datagram, pointer, length, tell));
  } else if (socket.datagramBytes + HEADER + datagram.bytes.length > socket.receive) socket.lost++;
  else {
    socket.datagrams.push(datagram);
    m.touched(socket);
  }
}

function cut(m: Model, { bytes, address, port }: Datagram, buffer: number, room: number, tell: number): number {
  if (tell !== 0) {
    m.setWord(tell, address);
    m.setWord(tell + 4, port);
    m.setWord(tell + 8, bytes.length);
  }
  const part = bytes.slice(0, room);
  m.setBytes(buffer, part);
  return part.length;
}

function datagramReceive(m: Model, socket: Socket, buffer: number, length: number, tell: number, timeout: number): number {
  const datagram = socket.datagrams.shift();
  if (datagram) return cut(m, datagram, buffer, length, tell);
  if (timeout === 0) return E.EAGAIN;
  return waitIn(m, socket.waiters, "socket_receive", timeout, { pointer: buffer, length, tell }, 0);
}

// What a poll sees

export function socketReady(m: Model, socket: Socket): number {
  const { state, error, peer } = socket;
  // What goes to this machine needs no room here.
  if (socket.isDatagram) return (socket.datagrams.length > 0 ? Poll.READ : 0) | (socket.transmit >= HEADER ? Poll.WRITE : 0);
  if (state === "none") return error !== 0 ? Poll.READ | Poll.WRITE | Poll.CLOSED : 0;
  if (state === "listening") return oldest(m, socket) ? Poll.READ : 0;
  let ready = socket.bytes.length > 0 || socket.isOver ? Poll.READ : 0;
  if (socket.unheard || !peer || peer.deaf || peer.bytes.length < peer.receive) ready |= Poll.WRITE;
  if (state === "lost" || (socket.gotAll && socket.stopped)) ready |= Poll.CLOSED;
  return ready;
}
