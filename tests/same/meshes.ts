/**
 * Runs in which whole kernels have to do with each other, always the same: tasks of two or three machines that do with sockets whatever
 * comes to their mind, conversations over links that lose, double and re-order, and a town in which every kind of object is in use. What
 * their traces were when `npm run hashes` recorded them is in meshes.json.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type App, boot, bootNetwork, type LinkOptions, network, SIGPIPE, type System } from "../../hal/host/index.js";
import { Stream } from "../../hal/host/oracle.js";
import { CLIENT, client, gathered, poured, SERVER, server } from "../netsupport.js";
import { riot } from "../rioter.js";
import { found, REAPER, type Town } from "../town.js";

export const MESHES_FILE = fileURLToPath(new URL("meshes.json", import.meta.url));

const THIRD = "10.0.0.3";
/** Nobody has it. */
const NOBODY = "10.0.0.9";
const BAD: LinkOptions = { latency: 1.2, loss: 0.1, duplicate: 0.05, reorder: 0.1, jitter: 1 };
/** So far that what is sent again waits for as long as was measured. */
const FAR: LinkOptions = { latency: 18, jitter: 6, loss: 0.15 };
const LINKS: LinkOptions[] = [{}, BAD, { latency: 3, loss: 0.3 }, { latency: 0.4, jitter: 4, duplicate: 0.3, reorder: 0.3 }, FAR];
/** Calls that a task of a riot makes. */
const CALLS = 120;
const RIOTS = 40;
const TALKS = 24;
const BULKS = 10;
/** Bytes of a ring, and of all that goes through. */
const WIDE = 16_384;
const BULK = 40_000;
const TOWNS = 40;

/** A run, and what is kept of it. */
export interface Mesh {
  name: string;
  play(): unknown[];
}

function rioters(seed: number, others: readonly string[]): App {
  return (system) => {
    for (let i = 0; i < 3; i++) {
      const other = others[(seed + i) % others.length] as string;
      system.task(`rioter ${i}`, { priority: 5 + i, storage: 1024 }, function* (self) {
        yield* self.signals.ignore(SIGPIPE);
        yield* riot(self, new Stream(seed, 30 + i), CALLS, other);
      });
    }
  };
}

function riotIn(seed: number): unknown[] {
  const giveUp = [60, 200, 35][seed % 3] as number;
  const [link, third] = [LINKS[seed % LINKS.length] as LinkOptions, seed % 4 === 3];
  const machines: Parameters<typeof network>[0]["machines"] = {
    server: { address: SERVER, app: rioters(seed, [CLIENT, third ? THIRD : NOBODY, CLIENT]), giveUp },
    client: { address: CLIENT, app: rioters(seed + 50, [SERVER, SERVER, third ? THIRD : NOBODY]), giveUp },
    ...(third ? { third: { address: THIRD, app: rioters(seed + 90, [SERVER, CLIENT]), giveUp } } : {}),
  };
  const partitions = seed % 5 === 0 ? [{ between: ["server", "client"] as [string, string], from: 20, until: 60 }] : [];
  const crashes = third ? [{ machine: "third", at: 8 + (seed % 7), ...(seed % 8 === 3 ? { restart: 16 } : {}) }] : [];
  return outcomeOf(bootNetwork(network({ machines, link, partitions, crashes }), { kernel: "debug", seed }));
}

function talkIn(seed: number): unknown[] {
  const giveUp = seed % 2 === 0 ? 150 : 2000;
  const [receive, transmit] = [
    [2048, 2048],
    [7, 64],
    [64, 300],
  ][seed % 3] as [number, number];
  const told: unknown[] = [];
  const answers: App = (system) =>
    server(2, function* (self, socket) {
      told.push(yield* gathered(self, socket, 100), self.tick);
      told.push(yield* poured(self, socket, 200, 90), self.tick);
    })(system);
  const asks: App = client(function* (self, socket, connected) {
    told.push(connected, self.tick, yield* poured(self, socket, 600), self.tick);
    yield* socket.shutdown("write");
    told.push(yield* gathered(self, socket, 50), self.tick);
    const second = yield* self.create.socket({ receive, transmit });
    told.push(yield* second.connect(SERVER, 80), self.tick, yield* poured(self, second, 300, 40), self.tick);
    if (seed % 3 === 0) yield* second.shutdown("write");
    told.push(yield* gathered(self, second, 50), self.tick);
    yield* second.close();
  }, 2);
  const machines = { server: { address: SERVER, app: answers, giveUp }, client: { address: CLIENT, app: asks, giveUp } };
  const net = bootNetwork(network({ machines, link: LINKS[seed % LINKS.length] as LinkOptions }), { kernel: "debug", seed });
  return [...outcomeOf(net), ...told];
}

/** Many bytes through wide windows: as many are on their way at once as get through. */
function bulkIn(seed: number): unknown[] {
  const told: unknown[] = [];
  const takes: App = (system) => {
    system.task("takes", { storage: 8192 }, function* (self) {
      const listener = yield* self.create.socket({ receive: WIDE });
      yield* listener.bind(80);
      yield* listener.listen();
      const socket = yield* listener.accept();
      if (typeof socket !== "number") told.push(yield* gathered(self, socket, 2000), self.tick);
    });
  };
  const gives: App = (system) => {
    system.task("gives", { storage: 8192 }, function* (self) {
      yield* self.sleep(2);
      const socket = yield* self.create.socket({ transmit: WIDE });
      told.push(yield* socket.connect(SERVER, 80), yield* poured(self, socket, BULK, 2500), self.tick);
      yield* socket.close();
    });
  };
  const machines = { server: { address: SERVER, app: takes }, client: { address: CLIENT, app: gives } };
  const net = bootNetwork(network({ machines, link: LINKS[seed % LINKS.length] as LinkOptions }), { kernel: "debug", seed });
  return [...outcomeOf(net), ...told];
}

/** Long after all is said. */
const LATE = 12_000;

function outcomeOf(net: ReturnType<typeof bootNetwork>): unknown[] {
  const reason = net.advance({ tick: LATE });
  const broken = net.names.map((name) => net.machine(name).check());
  return [reason, net.milliseconds, net.hash, ...broken, ...net.failures.map(({ error }) => String(error))];
}

function townIn(seed: number): unknown[] {
  const town: Town = { people: [], doomed: seed };
  const machine = boot((system: System) => found(system, town), { kernel: "debug", seed, onFailure: "report", keep: 0 });
  town.doomed %= town.people.length;
  machine.advance({ cycle: 16_000 * 4 + 977 * seed });
  machine.raise(REAPER);
  const reason = machine.advance({ tick: 400 });
  return [reason, machine.tick, machine.hash, machine.check(), ...machine.failures.map(({ error }) => String(error))];
}

function numbered(what: string, count: number, play: (seed: number) => unknown[]): Mesh[] {
  return Array.from({ length: count }, (_, i) => ({ name: `${what} ${i + 1}`, play: () => play(i + 1) }));
}

export const meshes: readonly Mesh[] = [
  ...numbered("riot of machines", RIOTS, riotIn),
  ...numbered("conversation", TALKS, talkIn),
  ...numbered("stream of many bytes", BULKS, bulkIn),
  ...numbered("town", TOWNS, townIn),
];

/** A digest of a run. */
export function playMesh({ play }: Mesh): string {
  return createHash("sha256").update(JSON.stringify(play())).digest("hex").slice(0, 16).toUpperCase();
}

export function recordedMeshes(): Record<string, string> {
  return existsSync(MESHES_FILE) ? (JSON.parse(readFileSync(MESHES_FILE, "utf8")) as Record<string, string>) : {};
}
