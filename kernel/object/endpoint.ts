/**
 * What streams and datagrams have in common: the table of sockets, addresses and ports, the two rings, and the way out of a
 * packet, which is a bit: kernel/segment.ts makes the packet when the port comes for it.
 *
 *     receivers' queue <- [ receive ring ] <-          senders' queue -> [ transmit ring ] ->
 *
 * A socket within the machine has no use for its transmit ring: what its peer sends goes straight into its receive ring.
 * The rings are RAM, and a stray task may have written there; where they begin and end is kernel memory.
 */
import { Errno, Kind, Signal } from "../abi/constants";
import { Packet, Queue, Socket } from "../abi/records";
import { arenaGive, arenaTake } from "../arena";
import { REPLIES, SOCKETS } from "../config";
import { ringAdvance, ringPut, ringTake } from "../lib/ring";
import { signalRaise } from "../signal";
import { cpu, inTask, kernel } from "../state";
import { block, Settle } from "../wait";
import { objectsInit, slotAt, touched } from "./object";

/** 127.0.0.0/8 is this machine. */
const LOOPBACK_NET: u32 = 127;
export const NO_SOCKET: Socket = changetype<Socket>(0);

const table: usize = memory.data(SOCKETS * offsetof<Socket>(), 8);
const replies: usize = memory.data(REPLIES * offsetof<Packet>(), 8);
const senderQueues: usize = memory.data(SOCKETS * offsetof<Queue>(), 8);

export function socketsInit(): void {
  objectsInit(Kind.SOCKET, table, offsetof<Socket>(), SOCKETS);
  kernel.nextPort = cpu.portFirst;
  kernel.streams = cpu.lives << 20;
}

export function socketAt(handle: i32): Socket {
  return changetype<Socket>(slotAt(table, offsetof<Socket>(), SOCKETS, handle));
}

/** The record in a slot, free or not. */
export function socketOf(index: u32): Socket {
  return changetype<Socket>(table + <usize>index * offsetof<Socket>());
}

/** Those who wait to send or for their connection; the socket itself is the queue of those who receive or accept. */
export function sendersFrom(socket: Socket): Queue {
  return changetype<Queue>(senderQueues + <usize>socket.index * offsetof<Queue>());
}

// Addresses and ports

/** Whether the address is this machine itself. */
export function isOwn(address: u32): bool {
  return address >>> 24 == LOOPBACK_NET || (address != 0 && address == cpu.address);
}

/** Whether packets to another machine's address can leave at all. */
export function hasRoute(address: u32): bool {
  return cpu.address != 0 && ((address ^ cpu.address) & cpu.netmask) == 0;
}

/** Whether the connection is to another machine. */
export function isFar(socket: Socket): bool {
  return socket.peerPort != 0 && !isOwn(socket.peerAddress);
}

/** The address under which this machine is known there. */
export function addressTowards(destination: u32): u32 {
  return isOwn(destination) ? destination : cpu.address;
}

function portTaken(socket: Socket, address: u32, port: u32): bool {
  for (let i = 0; i < SOCKETS; i++) {
    const other = socketOf(i);
    if (other.handle == 0 || !other.bound || other.port != <u16>port || other.type != socket.type || other === socket) continue;
    if (address == 0 || other.address == 0 || other.address == address) return true;
  }
  return false;
}

/** The next free port of the machine's range, in a fixed order; 0 when all are taken. */
function freePort(socket: Socket, address: u32): u32 {
  for (let i: u32 = 0; i < cpu.portCount; i++) {
    const port = kernel.nextPort;
    kernel.nextPort = port + 1 < cpu.portFirst + cpu.portCount ? port + 1 : cpu.portFirst;
    if (!portTaken(socket, address, port)) return port;
  }
  return 0;
}

/** Gives an unbound socket its address and port (0: the next free one): the port, or why not. */
export function bindTo(socket: Socket, address: u32, port: u32): i32 {
  if (port == 0) {
    port = freePort(socket, address);
    if (port == 0) return Errno.EADDRNOTAVAIL;
  } else if (portTaken(socket, address, port)) {
    return Errno.EADDRINUSE;
  }
  socket.address = address;
  socket.port = <u16>port;
  socket.bound = 1;
  return <i32>port;
}

// The rings

/** Takes the memory of the rings; a stream within the machine does without the second. 0, or ENOMEM. */
export function ringsTake(socket: Socket, both: bool): i32 {
  let base = socket.given;
  if (base == 0) {
    const taken = arenaTake(socket.receive + (both ? socket.transmit : 0));
    if (taken < 0) return taken;
    socket.storage = taken;
    base = taken;
  }
  socket.rxBuffer = base;
  socket.txBuffer = base + socket.receive;
  return 0;
}

export function ringsGive(socket: Socket): void {
  if (socket.storage != 0) arenaGive(socket.storage);
  socket.storage = 0;
  socket.rxBuffer = 0;
  socket.rxHead = 0;
  socket.rxUsed = 0;
  socket.txHead = 0;
  socket.txUsed = 0;
}

/** Bytes for which the receive ring has room. */
export function rxRoom(socket: Socket): u32 {
  return socket.receive - socket.rxUsed;
}

/** Bytes for which the transmit ring has room. */
export function txRoom(socket: Socket): u32 {
  return socket.transmit - socket.txUsed;
}

/** Puts bytes into the receive ring, for which there is room. */
export function rxPut(socket: Socket, from: usize, count: u32): void {
  ringPut(socket.rxBuffer, socket.receive, socket.rxHead, socket.rxUsed, from, count);
  socket.rxUsed += count;
  touched(socket);
}

/** Takes bytes that are there out of the receive ring. */
export function rxTake(socket: Socket, to: usize, count: u32): void {
  ringTake(socket.rxBuffer, socket.receive, socket.rxHead, to, count);
  rxDrop(socket, count);
}

export function rxDrop(socket: Socket, count: u32): void {
  socket.rxHead = ringAdvance(socket.receive, socket.rxHead, count);
  socket.rxUsed -= count;
}

/** Puts bytes into the transmit ring, for which there is room. */
export function txPut(socket: Socket, from: usize, count: u32): void {
  ringPut(socket.txBuffer, socket.transmit, socket.txHead, socket.txUsed, from, count);
  socket.txUsed += count;
}

/** Copies bytes that are there, `skip` from the front, out of the transmit ring, and leaves them. */
export function txPeek(socket: Socket, skip: u32, to: usize, count: u32): void {
  ringTake(socket.txBuffer, socket.transmit, ringAdvance(socket.transmit, socket.txHead, skip), to, count);
}

export function txDrop(socket: Socket, count: u32): void {
  socket.txHead = ringAdvance(socket.transmit, socket.txHead, count);
  socket.txUsed -= count;
}

// Answers without a socket

/** The head of the n-th answer that waits to be sent. */
export function replyAt(index: u32): Packet {
  return changetype<Packet>(replies + <usize>index * offsetof<Packet>());
}

/** Sends a packet without bytes that no socket will send; when too many wait it is lost, and what it answers comes again. */
export function reply(from: u32, port: u32, to: u32, toPort: u32, flags: u32, sequence: u32, acknowledged: u32): void {
  if (kernel.replies == REPLIES) return;
  const packet = replyAt(kernel.replies++);
  packet.source = from;
  packet.sourcePort = <u16>port;
  packet.destination = to;
  packet.destinationPort = <u16>toPort;
  packet.flags = flags;
  packet.sequence = sequence;
  packet.acknowledged = acknowledged;
  packet.window = 0;
  packet.length = 0;
  kernel.look = 1;
}

// What calls of both have in common

/** The socket has a packet for another machine: this, or bytes. The caller gives up the CPU so that it leaves at this cycle. */
export function sends(socket: Socket, what: u32): void {
  socket.due |= <u8>what;
  kernel.sending |= 1 << socket.index;
  kernel.look = 1;
}

/** The result of what became of the connection, which is told once. */
export function told(socket: Socket): i32 {
  const error = socket.error;
  socket.error = 0;
  return error;
}

/** Nobody reads there any more. */
export function broken(socket: Socket): i32 {
  if (inTask()) signalRaise(kernel.current, Signal.PIPE, socket.handle);
  return Errno.EPIPE;
}

/** The caller waits in the queue with its memory. */
export function waitWith(queue: Queue, buffer: usize, length: u32, progress: u32, aside: usize, timeout: i32, call: u32): i32 {
  const task = kernel.current;
  task.pointer = <u32>buffer;
  task.length = length;
  task.progress = progress;
  task.aside = <u32>aside;
  return block(queue, timeout, call, Settle.PARTIAL);
}
