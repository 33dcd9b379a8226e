/**
 * Real clients: listens on the host, and carries what its sockets say to the gateway and back. Nothing is read from a socket
 * before the kernel has room for it, and a socket that is slow closes the kernel's window, so memory stays bounded.
 *
 *     socket --readable, end, error--> events, in order of arrival --take()--> gateway
 *     socket <--write, end, reset------------------------------------Outer---- gateway
 */
import { createServer, type Server, type Socket } from "node:net";
// The gateway speaks amid a run, in which the global one is not to be had.
import { setTimeout as later } from "node:timers";
import { type Farewell, type GatewayEvent, type Outer, type Target, targetText } from "../../hal/host/index.js";
import type { Bell } from "./bell.js";
import { UsageError } from "./status.js";
import { type Forwarding, placeText } from "./target.js";

/** Clients at a time; the kernel takes far fewer. */
const MOST = 4096;
/** Milliseconds for which what a client still sends is thrown away, or for which it may take what it was sent, when all is over. */
const LINGER = 5000;

interface Visitor {
  number: number;
  socket: Socket;
  /** It has bytes that were not read. */
  readable: boolean;
  /** It was told of as slow. */
  full: boolean;
  /** The gateway forgot it. */
  over: boolean;
}

export class Forward implements Outer {
  readonly #bell: Bell;
  readonly #servers: Server[] = [];
  readonly #visitors = new Map<number, Visitor>();
  /** Those that have bytes, in order of arrival. */
  readonly #readable = new Set<Visitor>();
  #events: GatewayEvent[] = [];
  #count = 0;

  /** `bell` rings when something came. */
  constructor(bell: Bell) {
    this.#bell = bell;
  }

  /** Listens; the ports that it got, in words. Throws UsageError when one cannot be had. */
  async listen(forwards: readonly Forwarding[]): Promise<string[]> {
    const lines: string[] = [];
    for (const forward of forwards) {
      const port = await this.#listenAt(forward);
      const { to, host } = forward;
      lines.push(`forwarding ${placeText(host, port)} to ${targetText(to)}`);
    }
    return lines;
  }

  async #listenAt({ host, port, to }: Forwarding): Promise<number> {
    const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => this.#open(socket, to));
    server.maxConnections = MOST;
    this.#servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => reject(new UsageError(listenProblem(placeText(host, port), error))));
      server.listen({ host, port }, resolve);
    });
    // A client that could not be taken, for want of file descriptors: it will come again.
    server.on("error", () => {});
    const bound = server.address();
    return bound !== null && typeof bound === "object" ? bound.port : port;
  }

  #open(socket: Socket, { address, port }: Target): void {
    const number = ++this.#count;
    const visitor = { number, socket, readable: false, full: false, over: false };
    this.#visitors.set(number, visitor);
    this.#tell({ event: "open", client: number, address, port });
    socket.on("readable", () => this.#mark(visitor));
    socket.on("end", () => this.#tellOf(visitor, "finish"));
    socket.on("drain", () => this.#drained(visitor));
    // What went wrong is seen when it closes.
    socket.on("error", () => {});
    socket.on("close", () => this.#gone(visitor));
  }

  #mark(visitor: Visitor): void {
    this.#readable.add(visitor);
    this.#bell.ring();
  }

  #tell(event: GatewayEvent): void {
    this.#events.push(event);
    this.#bell.ring();
  }

  #tellOf({ number, over }: Visitor, event: "finish" | "reset" | "full" | "drained"): void {
    if (!over) this.#tell({ event, client: number });
  }

  #drained(visitor: Visitor): void {
    if (visitor.full) this.#tellOf(visitor, "drained");
    visitor.full = false;
  }

  /** The socket closed: in order, or because the client vanished. */
  #gone(visitor: Visitor): void {
    this.#visitors.delete(visitor.number);
    this.#readable.delete(visitor);
    this.#tellOf(visitor, "reset");
  }

  /** Whether somebody has bytes for which there is room. */
  waits(room: (client: number) => number): boolean {
    for (const visitor of this.#readable) {
      if (room(visitor.number) > 0) return true;
    }
    return false;
  }

  /** What happened since the last time; of each client's bytes as many as `room` says that the kernel takes. */
  take(room: (client: number) => number): GatewayEvent[] {
    for (const visitor of this.#readable) this.#read(visitor, room(visitor.number));
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #read(visitor: Visitor, room: number): void {
    const { socket, number } = visitor;
    const count = Math.min(room, socket.readableLength);
    const bytes: Buffer | null = count > 0 ? socket.read(count) : null;
    if (bytes !== null) this.#events.push({ event: "data", client: number, bytes });
    if (socket.readableLength > 0) return;
    this.#readable.delete(visitor);
    // The end shows only to who reads on.
    socket.read(0);
  }

  // What the gateway says

  deliver(client: number, bytes: Uint8Array): void {
    const visitor = this.#visitors.get(client);
    if (!visitor || visitor.socket.write(bytes) || visitor.full) return;
    visitor.full = true;
    this.#tellOf(visitor, "full");
  }

  end(client: number): void {
    this.#visitors.get(client)?.socket.end();
  }

  over(client: number, how: Farewell): void {
    const visitor = this.#visitors.get(client);
    if (!visitor) return;
    visitor.over = true;
    this.#readable.delete(visitor);
    if (how === "done") leave(visitor.socket);
    else resetWhenSent(visitor.socket);
  }

  /** Listens no more; whoever is still connected gets what was sent, and a reset. Until that is done, or for a while. */
  async close(patience: number): Promise<void> {
    for (const server of this.#servers) server.close();
    const closed = [...this.#visitors.values()].map(({ socket }) => new Promise((resolve) => socket.once("close", resolve)));
    for (const visitor of [...this.#visitors.values()]) {
      if (visitor.over) visitor.socket.destroySoon();
      else this.over(visitor.number, "reset");
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, patience);
    });
    await Promise.race([Promise.all(closed), late]);
    clearTimeout(timer);
    for (const { socket } of this.#visitors.values()) socket.destroy();
  }
}

/** Nobody reads what the client still sends; it gets the end, and is not cut off amid what it was sent. */
function leave(socket: Socket): void {
  socket.removeAllListeners("readable");
  socket.resume();
  socket.end();
  later(() => socket.destroy(), LINGER).unref();
}

function resetWhenSent(socket: Socket): void {
  socket.removeAllListeners("readable");
  socket.resume();
  if (socket.writableLength === 0) socket.resetAndDestroy();
  else if (socket.writableEnded) socket.once("finish", () => socket.resetAndDestroy());
  else socket.write("", () => socket.resetAndDestroy());
  later(() => socket.destroy(), LINGER).unref();
}

const problems: Record<string, string> = {
  EADDRINUSE: "is taken: give another port, or 0 for any free one",
  EACCES: "is not for you to listen at: give a port from 1024 on",
  EADDRNOTAVAIL: "is not an address of this computer: give 127.0.0.1",
  ENOTFOUND: "is not an address of this computer: give 127.0.0.1",
};

function listenProblem(place: string, error: NodeJS.ErrnoException): string {
  return `${place} ${problems[error.code ?? ""] ?? `cannot be listened at: ${error.message}`}`;
}
