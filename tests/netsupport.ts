/** What the tests of networks share: apps that talk, and a run that asks for every invariant after every step. */
import {
  type App,
  bootNetwork,
  type MachineOptions,
  type Network,
  type NetworkDescription,
  type Parked,
  type Reason,
  type Self,
  type Socket,
} from "../hal/host/index.js";

export const PORT = 80;
export const SERVER = "10.0.0.1";
export const CLIENT = "10.0.0.2";

/** Byte `at` of every stream of the tests. */
export function patternAt(at: number): number {
  return (at * 7 + (at >> 8)) & 255;
}

/** What one end of a stream noted: what came, and how it ended (0: the end of the stream). */
export interface Noted {
  bytes: number;
  /** All bytes were those of the pattern. */
  right: boolean;
  ended: number;
  tick: number;
}

/** Reads the pattern to its end. */
export function* gathered(self: Self, socket: Socket, chunk = 200): Generator<Parked, Noted, unknown> {
  const view = self.buffer(chunk);
  const noted: Noted = { bytes: 0, right: true, ended: 0, tick: 0 };
  for (;;) {
    const count = yield* socket.receive(view);
    if (count <= 0) return { ...noted, ended: count, tick: self.tick };
    for (const byte of view.bytes(count)) if (byte !== patternAt(noted.bytes++)) noted.right = false;
  }
}

/** Writes so many bytes of the pattern; answers how many went, or the error. */
export function* poured(self: Self, socket: Socket, total: number, chunk = 150): Generator<Parked, number, unknown> {
  const view = self.buffer(chunk);
  for (let at = 0; at < total; ) {
    const length = Math.min(chunk, total - at);
    view.copy(Uint8Array.from({ length }, (_, i) => patternAt(at + i)));
    const count = yield* socket.send(view.slice(0, length));
    if (count < 0) return count;
    at += count;
  }
  return total;
}

/** Makes a listening socket and answers connections with `serve`, so many. */
export function server(count: number, serve: (self: Self, socket: Socket) => Generator<Parked, void, unknown>): App {
  return (system) => {
    system.task("server", { storage: 4096 }, function* (self) {
      const listener = yield* self.create.socket({ receive: 2048 });
      yield* listener.bind(PORT);
      yield* listener.listen();
      for (let i = 0; i < count; i++) {
        const socket = yield* listener.accept();
        if (typeof socket === "number") throw new Error(`accept answered ${socket}`);
        yield* serve(self, socket);
        yield* socket.close();
      }
    });
  };
}

/** Connects, or notes why not. */
export function client(talk: (self: Self, socket: Socket, connected: number) => Generator<Parked, void, unknown>, wait = 0): App {
  return (system) => {
    system.task("client", { storage: 4096 }, function* (self) {
      if (wait > 0) yield* self.sleep(wait);
      const socket = yield* self.create.socket({ transmit: 2048 });
      const connected = yield* socket.connect(SERVER, PORT);
      yield* talk(self, socket, connected);
      yield* socket.close();
    });
  };
}

/** Runs a network to its end on the debug kernel, checking the invariants of the machine that ran after every step. */
export function playNetwork(description: NetworkDescription, options: MachineOptions = {}, ends: Reason = "finished"): Network {
  const net = bootNetwork(description, { kernel: "debug", ...options });
  for (;;) {
    const reason = net.advance({ dispatches: 1 });
    const broken = net.running.check();
    if (broken !== 0) throw new Error(`invariant ${broken >> 8} is broken (at ${broken & 255}) at cycle ${net.cycles}`);
    const failure = net.failures[0];
    if (failure) throw failure.error;
    if (reason === "budget") continue;
    if (reason !== ends) throw new Error(`the run ended with "${reason}" instead of "${ends}" at ${net.milliseconds} ms`);
    return net;
  }
}
