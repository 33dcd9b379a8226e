/** What tests of sockets share: ends of connections within a machine, and text through them. */
import * as assert from "uvu/assert";
import { type Parked, type Self, Socket, type SocketOptions, type System, type View } from "../hal/host/index.js";

export type Steps<T = unknown> = Generator<Parked, T, unknown>;

export const HERE = "127.0.0.1";
export const PORT = 80;

/** A socket of the caller's that listens. */
export function* listening(self: Self, port = PORT, backlog = 8, options: SocketOptions = {}, address?: string): Steps<Socket> {
  const socket = yield* self.create.socket(options);
  assert.is(yield* address === undefined ? socket.bind(port) : socket.bind(port, address), port);
  assert.is(yield* socket.listen(backlog), 0);
  return socket;
}

/** The connection that comes; that none comes fails the test. */
export function* accepted(listener: Socket): Steps<Socket> {
  const socket = yield* listener.accept();
  if (socket instanceof Socket) return socket;
  throw new Error(`no connection came, but ${socket}`);
}

/** A socket of the caller's that is connected. */
export function* connected(self: Self, port = PORT, options: SocketOptions = {}, address = HERE): Steps<Socket> {
  const socket = yield* self.create.socket(options);
  assert.is(yield* socket.connect(address, port), 0);
  return socket;
}

/** Receives once: the text, or the outcome; 0 is the end. */
export function* heard(socket: Socket, view: View, timeout = -1): Steps<string | number> {
  const got = yield* socket.receive(view, timeout);
  return got > 0 ? view.text(got) : got;
}

/** Receives up to the end or an outcome: the text, and how it ended. */
export function* heardAll(socket: Socket, view: View): Steps<[string, number]> {
  let all = "";
  for (;;) {
    const got = yield* heard(socket, view);
    if (typeof got === "number") return [all, got];
    all += got;
  }
}

/** One end of a conversation. */
export type End = (self: Self, socket: Socket) => Steps;

export interface Talk {
  server?: SocketOptions;
  client?: SocketOptions;
  /** Priorities of the two, 6 and 5. */
  priorities?: [server: number, client: number];
}

/** Two tasks and their connection: the server accepts it, and so the client connects. */
export function talk(system: System, server: End, client: End, { priorities: [s, c] = [6, 5], ...options }: Talk = {}): void {
  system.task("server", { priority: s, storage: 2048 }, function* (self) {
    const listener = yield* listening(self, PORT, 1, options.server);
    const socket = yield* accepted(listener);
    yield* listener.close();
    yield* server(self, socket);
  });
  system.task("client", { priority: c, storage: 2048 }, function* (self) {
    yield* self.sleep(1);
    yield* client(self, yield* connected(self, PORT, options.client));
  });
}
