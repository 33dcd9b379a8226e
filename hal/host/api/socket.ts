/** Sockets: one end of a stream of bytes both ways, or a place to send datagrams from and to receive them at. */
import { Connection, layout, Mode, SocketType, SWITCH } from "../../../kernel/abi/host.js";
import { addressText, parseAddress } from "../address.js";
import { type Call, type Spec, spec } from "../call.js";
import { AppError } from "../errors.js";
import type { Machine } from "../machine.js";
import { View } from "../view.js";
import { knownWord, sendable, storable } from "./check.js";
import { Channel, modeOf } from "./object.js";
import { type Bound, type Connected, type Count, FOREVER, type Listening, type Shut, type Unmet } from "./results.js";

export interface SocketOptions {
  name?: string;
  /** Default "stream". */
  type?: "stream" | "datagram";
  /** Bytes that wait to be received, default 1024. */
  receive?: number;
  /** Bytes that wait to be sent to another machine, default 1024; within the machine they go straight to the other end. */
  transmit?: number;
  /** In a system description: the directions in which interrupt handlers have it open. */
  interrupts?: "read" | "write" | "both";
}

/** An address and a port, as reports and tests show them. */
export interface Place {
  address: string;
  port: number;
}

/** A connection of its own, or how the wait for one ended. */
export type Accepted = Socket | Unmet;

/** What becomes of a stream; a datagram socket is "none", or "connected" to the one end that it talks to. */
export type SocketState = "none" | "listening" | "connecting" | "arriving" | "connected" | "lost";

const S = layout.Socket;
const E = layout.Endpoint;
const PORTS = 65536;

const states: Record<number, SocketState> = {
  [Connection.NONE]: "none",
  [Connection.LISTENING]: "listening",
  [Connection.CONNECTING]: "connecting",
  [Connection.ARRIVING]: "arriving",
  [Connection.CONNECTED]: "connected",
  [Connection.LOST]: "lost",
};

const socketBind = spec("socket.bind", (k, handle, address, port) => k.socket_bind(handle, address, port));
const socketListen = spec("socket.listen", (k, handle, backlog) => k.socket_listen(handle, backlog));
const socketConnect = spec("socket.connect", (k, handle, address, port, timeout) => k.socket_connect(handle, address, port, timeout));
const socketSend = spec("socket.send", (k, handle, address, length, to, timeout) => k.socket_send(handle, address, length, to, timeout));
const socketSendTo = spec("socket.sendTo", (k, handle, address, length, to, timeout) =>
  k.socket_send(handle, address, length, to, timeout),
);
const socketReceive = spec("socket.receive", (k, handle, address, length, from, timeout) =>
  k.socket_receive(handle, address, length, from, timeout),
);
const socketShutdown = spec("socket.shutdown", (k, handle, how) => k.socket_shutdown(handle, how));

/** Opened to read, it accepts or receives; opened to write, it sends. */
export class Socket extends Channel {
  readonly #accept: Spec;

  constructor(machine: Machine, handle: number) {
    super(machine, handle);
    this.#accept = {
      name: "socket.accept",
      retry: (k, listener, peer, timeout) => k.socket_accept(listener, peer, timeout),
      wrap: (r) => (r < 0 ? r : new Socket(machine, machine.named(r, undefined))),
    };
  }

  /**
   * Gives it a port of its own, 0 for the next free one, at one of the machine's addresses or, by default, at all of them.
   * Answers the port, EADDRINUSE, or EADDRNOTAVAIL where the address is not this machine's or no port is free.
   */
  bind(port: number, address = ANY): Call<Bound> {
    const p = this.machine.enter();
    const own = parseAddress(address) | 0;
    const r = this.machine.kernel.socket_bind(this.handle, own, port);
    return r === SWITCH ? p.block(socketBind, this.handle, own, port) : p.settle(r, socketBind);
  }

  /** Streams may connect to it from now on; so many (1 to 32) wait to be accepted, the next is refused. It is bound before. */
  listen(backlog = 8): Call<Listening> {
    const p = this.machine.enter();
    const r = this.machine.kernel.socket_listen(this.handle, backlog);
    return r === SWITCH ? p.block(socketListen, this.handle, backlog) : p.settle(r, socketListen);
  }

  /** Takes the oldest waiting connection, opened for the caller both ways, and waits for one. `peer` is told where it comes from. */
  accept(timeout = FOREVER, peer?: Endpoint): Call<Accepted> {
    const p = this.machine.enter();
    const told = peer === undefined ? 0 : toldAt("socket.accept", peer);
    const r = this.machine.kernel.socket_accept(this.handle, told, timeout);
    return r === SWITCH ? p.block(this.#accept, this.handle, told, timeout) : p.settleWrapped(r, this.#accept);
  }

  /**
   * Connects a stream and waits until that is done. Answers 0 or what came of it. With timeout 0 it only begins and answers
   * EINPROGRESS: a poll for { write } tells when it is done. A timeout or a signal ends the wait alone; called again it answers
   * EALREADY while it goes on, EISCONN when it stands. A datagram socket has from then on the one end that it talks to.
   */
  connect(address: string, port: number, timeout = FOREVER): Call<Connected> {
    const p = this.machine.enter();
    const to = parseAddress(address) | 0;
    const r = this.machine.kernel.socket_connect(this.handle, to, port, timeout);
    return r === SWITCH ? p.block(socketConnect, this.handle, to, port, timeout) : p.settle(r, socketConnect);
  }

  /**
   * Stream: puts bytes in as there is room, and answers how many. Datagram: sends one message to the end that it is connected to.
   * Answers a negative outcome otherwise: EPIPE where the other end reads no more, ECONNRESET, EMSGSIZE for too long a message.
   */
  send(data: View | string | Uint8Array, timeout = FOREVER): Call<Count> {
    const p = this.machine.enter();
    if (!(data instanceof View)) sendable("socket.send", data);
    const { source: address, length } = data instanceof View ? data : this.machine.stage(data);
    const r = this.machine.kernel.socket_send(this.handle, address, length, 0, timeout);
    return r === SWITCH ? p.block(socketSend, this.handle, address, length, 0, timeout) : p.settle(r, socketSend);
  }

  /** Sends one datagram to an endpoint, which may be the sender of another: `socket.sendTo(reply, from)`. */
  sendTo(data: View | string | Uint8Array, to: Endpoint, timeout = FOREVER): Call<Count> {
    const p = this.machine.enter();
    if (!(data instanceof View)) sendable("socket.sendTo", data);
    if (!(to instanceof Endpoint)) throw new AppError('socket.sendTo takes an endpoint: self.endpoint("10.0.0.2", 53), or the sender');
    const { source: address, length } = data instanceof View ? data : this.machine.stage(data);
    const end = to.source;
    const r = this.machine.kernel.socket_send(this.handle, address, length, end, timeout);
    return r === SWITCH ? p.block(socketSendTo, this.handle, address, length, end, timeout) : p.settle(r, socketSendTo);
  }

  /**
   * Stream: takes what is there into `view`, waits for a first byte, and answers how many, or 0 when the other end sends no more.
   * Datagram: takes one and answers the bytes that were stored; `from` is told who sent it and how long it was.
   */
  receive(view: View, timeout = FOREVER, from?: Sender): Call<Count> {
    const p = this.machine.enter();
    storable("socket.receive", view);
    const { target: address, length } = view;
    const told = from === undefined ? 0 : toldOf(from);
    const r = this.machine.kernel.socket_receive(this.handle, address, length, told, timeout);
    return r === SWITCH ? p.block(socketReceive, this.handle, address, length, told, timeout) : p.settle(r, socketReceive);
  }

  /** Ends a direction of the connection for everybody here: "write": the other end reads what was sent, then 0; "read": receives answer 0. */
  shutdown(how: "read" | "write" | "both"): Call<Shut> {
    const p = this.machine.enter();
    if (how === undefined) throw new AppError('socket.shutdown takes the direction that ends: "read", "write" or "both"');
    knownWord("socket.shutdown", "the direction", how, ["read", "write", "both"]);
    const mode = modeOf(how);
    const r = this.machine.kernel.socket_shutdown(this.handle, mode);
    return r === SWITCH ? p.block(socketShutdown, this.handle, mode) : p.settle(r, socketShutdown);
  }

  /** Its own address and port, undefined while it has none; "0.0.0.0" is all of the machine's. For reports and tests, as the rest. */
  get local(): Place | undefined {
    return placeOf(this.machine.localOf(this.#live));
  }

  /** The other end's, undefined while there is none. */
  get peer(): Place | undefined {
    return placeOf(this.machine.peerOf(this.#live));
  }

  get state(): SocketState {
    return states[this.machine.u8[this.#live + S.state] as number] ?? "none";
  }

  /** Datagrams that were dropped because there was no room to receive them. */
  get lost(): number {
    return this.u32(S.lost);
  }

  /** Bytes that wait to be received. */
  get used(): number {
    return this.u32(S.rxUsed);
  }

  /** How many tasks wait to send or to be connected; `waiters` are those that wait to receive or to accept. */
  get senders(): number {
    return this.machine.secondWaiters(this.handle);
  }

  /** Its record; throws when it is gone. */
  get #live(): number {
    this.u32(S.handle);
    return this.record;
  }
}

const ANY = "0.0.0.0";

/** "10.0.0.1:80" as its parts. */
function placeOf(text: string): Place | undefined {
  const [address = "", port = ""] = text.split(":");
  return text === "" ? undefined : { address, port: Number(port) };
}

/** The kernel's number for a socket's type. */
export function typeOf({ type = "stream" }: SocketOptions): number {
  return type === "stream" ? SocketType.STREAM : SocketType.DATAGRAM;
}

/** The Mode in which a socket is created. */
export function socketMode(o: SocketOptions, describing: boolean): number {
  if (!describing) return Mode.READ | Mode.WRITE;
  return o.interrupts === undefined ? 0 : modeOf(o.interrupts);
}

/** An address and a port in a task's own RAM. */
export class Endpoint {
  /** Where the kernel reads it. */
  readonly view: View;

  constructor(view: View) {
    this.view = view;
  }

  /** Makes it another one. */
  set(address: string, port: number): this {
    if (!Number.isInteger(port) || port < 0 || port >= PORTS) throw new AppError(`port ${port}: ports are 0 to 65535`);
    this.view.setWord(E.address, parseAddress(address));
    this.view.setWord(E.port, port);
    return this;
  }

  get address(): string {
    return addressText(this.view.word(E.address));
  }

  get port(): number {
    return this.view.word(E.port);
  }

  /** Its address for a call that reads it. */
  get source(): number {
    return this.view.source;
  }

  /** Whether it is the same place. Makes no text. */
  equals(other: Endpoint): boolean {
    return this.view.word(E.address) === other.view.word(E.address) && this.port === other.port;
  }
}

/** Who sent a datagram, as receive() tells it; an endpoint, so that it can be answered. */
export class Sender extends Endpoint {
  /** Bytes the datagram had, also when fewer were stored. */
  get size(): number {
    return this.view.word(layout.Sender.size);
  }
}

function toldAt(call: string, endpoint: Endpoint): number {
  if (endpoint instanceof Endpoint) return endpoint.view.target;
  throw new AppError(`${call} tells an endpoint of the task: const peer = self.endpoint()`);
}

function toldOf(sender: Sender): number {
  if (sender instanceof Sender) return sender.view.target;
  throw new AppError("socket.receive tells a sender of the task: const from = self.sender()");
}
