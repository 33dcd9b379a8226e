/** Sockets: one end of a stream of bytes both ways, or a place to send datagrams from and to receive them at. */
import { Buffer } from "./bytes";
import {
  socket_accept,
  socket_bind,
  socket_connect,
  socket_create,
  socket_listen,
  socket_receive,
  socket_send,
  socket_shutdown,
} from "./calls";
import { EMSGSIZE, Info, SocketType } from "./constants";
import { Endpoint, parseAddress, Sender } from "./endpoint";
import { BOTH, Channel, FOREVER, made, modeOf } from "./object";
import { Partial } from "./partial";
import { PIECE, slot } from "./slot";
import { dropName, encode, stageName, stageText } from "./text";
import { remaining, ticks } from "./time";

/** How a socket is made. */
export class SocketOptions {
  name: string = "";
  type: i32 = SocketType.STREAM;
  /** Bytes that wait to be received. */
  receive: i32 = 1024;
  /** Bytes that wait to be sent to another machine. */
  transmit: i32 = 1024;
  /** In the description: the directions (Mode) in which interrupt handlers have it open. */
  interrupts: i32 = 0;
}

/** Opened to read, it accepts or receives; opened to write, it sends. */
@unmanaged
export class Socket extends Channel {
  /** Gives it a port of its own, 0 for the next free one, at one of the machine's addresses or at all of them. Answers the port. */
  bind(port: i32, address: string = "0.0.0.0"): i32 {
    return socket_bind(this.handle, parseAddress(address), port);
  }

  /** Streams may connect to it from now on; so many (1 to 32) wait to be accepted, the next is refused. It is bound before. */
  listen(backlog: i32 = 8): i32 {
    return socket_listen(this.handle, backlog);
  }

  /** Takes the oldest waiting connection, opened for the caller both ways, and waits for one. `peer` is told where it comes from. */
  accept(timeout: i32 = FOREVER, peer: Endpoint | null = null): Socket {
    return changetype<Socket>(socket_accept(this.handle, changetype<usize>(peer), timeout));
  }

  /** Connects a stream and waits until that is done; with timeout 0 it only begins (EINPROGRESS). A datagram socket gets its one end. */
  connect(address: string, port: i32, timeout: i32 = FOREVER): i32 {
    return socket_connect(this.handle, parseAddress(address), port, timeout);
  }

  /** Stream: puts text or a Buffer in as there is room, and answers how many bytes. Datagram: sends it, text of up to 56 bytes. */
  send<T>(data: T, timeout: i32 = FOREVER): i32 {
    if (isString<T>()) return this.sendText(changetype<string>(data), timeout);
    if (data instanceof Buffer) {
      const buffer = changetype<Buffer>(data);
      return socket_send(this.handle, buffer.address, buffer.length, 0, timeout);
    }
    ERROR("a socket takes text or a Buffer; sendFrom takes an address and a length");
    return 0;
  }

  /** The same from `length` bytes at an address. */
  sendFrom(address: usize, length: i32, timeout: i32 = FOREVER): i32 {
    return socket_send(this.handle, address, length, 0, timeout);
  }

  /** Sends one datagram to an endpoint, which may be the sender of another; text has at most 120 bytes. */
  sendTo<T>(data: T, to: Endpoint, timeout: i32 = FOREVER): i32 {
    if (isString<T>()) return this.sendTextTo(changetype<string>(data), to, timeout);
    if (data instanceof Buffer) {
      const buffer = changetype<Buffer>(data);
      return socket_send(this.handle, buffer.address, buffer.length, changetype<usize>(to), timeout);
    }
    ERROR("a socket takes text or a Buffer");
    return 0;
  }

  /** Takes what is there and waits for a first byte; answers how many, or 0 when the other end sends no more. Or takes one datagram. */
  receive(buffer: Buffer, timeout: i32 = FOREVER, from: Sender | null = null): i32 {
    return socket_receive(this.handle, buffer.address, buffer.length, changetype<usize>(from), timeout);
  }

  /** The same into `length` bytes at an address. */
  receiveInto(address: usize, length: i32, timeout: i32 = FOREVER): i32 {
    return socket_receive(this.handle, address, length, 0, timeout);
  }

  /** Ends a direction (Mode, or BOTH) of the connection for everybody here. */
  shutdown(how: i32): i32 {
    return socket_shutdown(this.handle, how);
  }

  /** What has become of it: a Connection. */
  get state(): i32 {
    return <i32>this.info(Info.STATE);
  }

  /** Bytes that wait to be received. */
  get used(): i32 {
    return <i32>this.info(Info.COUNT);
  }

  private sendText(text: string, timeout: i32): i32 {
    const own = slot();
    const piece = own.take(PIECE);
    const start = ticks();
    let done = 0;
    let index = 0;
    do {
      const step = encode(text, index, piece, PIECE);
      const length = <i32>step;
      const count = socket_send(this.handle, piece, length, 0, remaining(timeout, start));
      if (count > 0) done += count;
      else if (done == 0) done = count;
      if (count != length) break;
      index = <i32>(step >> 32);
    } while (index < text.length);
    own.give(piece);
    return done;
  }

  private sendTextTo(text: string, to: Endpoint, timeout: i32): i32 {
    const own = slot();
    const at = stageText(text);
    if (at == 0) return EMSGSIZE;
    const result = socket_send(this.handle, at, own.length, changetype<usize>(to), timeout);
    own.give(at);
    return result;
  }
}

/** Makes a socket; tasks of the description receive or accept from it by `reads` and send by `writes`, its creator does both. */
export function socket(options: Partial<SocketOptions> = {}): Socket {
  const o = options as SocketOptions;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = socket_create(name, o.type, o.receive, o.transmit, modeOf(BOTH, o.interrupts, 0), 0);
  dropName(own, name);
  return changetype<Socket>(made("socket", o.name, handle));
}
