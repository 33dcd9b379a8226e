/** What sockets cost: within a machine, between two, and what a virtual second of many machines takes. */
import {
  type App,
  boot,
  bootNetwork,
  type Machine,
  type Network,
  network,
  type Parked,
  type Self,
  type Socket,
} from "../../hal/host/index.js";
import type { Case } from "./case.js";

const ROUND_TRIPS = 2_000;
const WRITES = 100;
const WRITE_BYTES = 65536;
const CONNECTIONS = 2_000;
const PORT = 7;
const LOOPBACK = "127.0.0.1";
const SERVER = "10.0.0.1";
const CLIENT = "10.0.0.2";
const SECOND = 1000;
/** Ticks between two messages of a pair. */
const PAUSE = 5;
const quiet = { trace: false, hash: false, keep: 0 };

/** What one side of a conversation does, as a task. */
type Side = (system: Parameters<App>[0]) => void;

function* accepted(self: Self): Generator<Parked, Socket, unknown> {
  const listener = yield* self.create.socket({ receive: 16384 });
  yield* listener.bind(PORT);
  yield* listener.listen();
  const socket = yield* listener.accept();
  if (typeof socket === "number") throw new Error(`accept answered ${socket}`);
  return socket;
}

function* connected(self: Self, address: string, transmit = 16384): Generator<Parked, Socket, unknown> {
  const socket = yield* self.create.socket({ transmit });
  const result = yield* socket.connect(address, PORT);
  if (result !== 0) throw new Error(`connect answered ${result}`);
  return socket;
}

const echoes: Side = (system) => {
  system.task("server", { slice: 0, priority: 9 }, function* (self) {
    const socket = yield* accepted(self);
    const buffer = self.buffer(64);
    for (let n = yield* socket.receive(buffer); n > 0; n = yield* socket.receive(buffer)) yield* socket.send(buffer.slice(0, n));
  });
};

const asks =
  (address: string): Side =>
  (system) => {
    system.task("client", { slice: 0 }, function* (self) {
      const socket = yield* connected(self, address);
      const buffer = self.buffer(64);
      for (let i = 0; i < ROUND_TRIPS; i++) {
        yield* socket.send(buffer);
        yield* socket.receive(buffer);
      }
    });
  };

const swallows: Side = (system) => {
  system.task("server", { slice: 0, priority: 9, storage: WRITE_BYTES + 8 }, function* (self) {
    const socket = yield* accepted(self);
    const buffer = self.buffer(WRITE_BYTES);
    while ((yield* socket.receive(buffer)) > 0);
  });
};

const pours =
  (address: string): Side =>
  (system) => {
    system.task("client", { slice: 0, storage: WRITE_BYTES + 8 }, function* (self) {
      const socket = yield* connected(self, address);
      const buffer = self.buffer(WRITE_BYTES);
      for (let i = 0; i < WRITES; i++) yield* socket.send(buffer);
    });
  };

const greets: Side = (system) => {
  system.task("server", { slice: 0, priority: 9 }, function* (self) {
    const listener = yield* self.create.socket();
    yield* listener.bind(PORT);
    yield* listener.listen();
    for (let i = 0; i < CONNECTIONS; i++) {
      const socket = yield* listener.accept();
      if (typeof socket === "number") throw new Error(`accept answered ${socket}`);
      yield* socket.close();
    }
  });
};

const visits =
  (address: string): Side =>
  (system) => {
    system.task("client", { slice: 0 }, function* (self) {
      for (let i = 0; i < CONNECTIONS; i++) {
        const socket = yield* connected(self, address, 64);
        yield* socket.close();
      }
    });
  };

/** Both sides in one machine, powered on anew for every run. */
function within(server: Side, client: (address: string) => Side): () => void {
  let machine: Machine | undefined;
  const app: App = (system) => {
    server(system);
    client(LOOPBACK)(system);
  };
  return () => {
    if (machine) machine.powerOn();
    else machine = boot(app, { ...quiet, memory: 8 });
    expectFinished(machine.run());
  };
}

/** Each side in a machine of its own. */
function between(server: Side, client: (address: string) => Side): () => void {
  const description = network({
    machines: {
      server: { address: SERVER, app: server, memory: 8 },
      client: { address: CLIENT, app: client(SERVER), memory: 8 },
    },
  });
  return () => expectFinished(bootNetwork(description, quiet).run());
}

function expectFinished(reason: string): void {
  if (reason !== "finished") throw new Error(`the run ended with ${reason}`);
}

/** A machine that answers, and asks its partner every few ticks, for ever. */
const partner =
  (address: string): App =>
  (system) => {
    echoes(system);
    system.task("client", { slice: 0 }, function* (self) {
      yield* self.sleep(1);
      const socket = yield* connected(self, address);
      const buffer = self.buffer(64);
      for (;;) {
        yield* socket.send(buffer);
        yield* socket.receive(buffer);
        yield* self.sleep(PAUSE);
      }
    });
  };

/** A virtual second of so many machines that talk in pairs, one alone to itself. */
function seconds(count: number): () => void {
  let net: Network | undefined;
  let until = 0;
  const addressOf = (i: number) => `10.0.0.${i + 1}`;
  const partnerOf = (i: number) => (count === 1 ? LOOPBACK : addressOf(i ^ 1));
  return () => {
    if (net === undefined) {
      const machines = Object.fromEntries(
        Array.from({ length: count }, (_, i) => [`m${i}`, { address: addressOf(i), app: partner(partnerOf(i)) }]),
      );
      net = bootNetwork(network({ machines }), quiet);
    }
    until += SECOND;
    net.runUntil(until);
  };
}

export const networkCases: Case[] = [
  { name: "socket: round trip of 64 bytes within a machine", ops: ROUND_TRIPS, run: within(echoes, asks) },
  { name: "socket: round trip of 64 bytes between two machines", ops: ROUND_TRIPS, run: between(echoes, asks) },
  { name: "socket: write of 64 KiB within a machine", ops: WRITES, bytes: WRITE_BYTES, run: within(swallows, pours) },
  { name: "socket: write of 64 KiB between two machines", ops: WRITES, bytes: WRITE_BYTES, run: between(swallows, pours) },
  { name: "socket: connect, accept, close within a machine", ops: CONNECTIONS, run: within(greets, visits) },
  { name: "socket: connect, accept, close between two machines", ops: CONNECTIONS, run: between(greets, visits) },
  ...[1, 10, 50].map((n) => ({ name: `virtual second of a machine among ${n}, in pairs`, ops: n, run: seconds(n) })),
];
