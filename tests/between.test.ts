/** Streams between two machines with real kernels at both ends, up to the worst that calls and links can do. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type App, type LinkOptions, type Machine, network, type Self, SIGPIPE, type Socket } from "../hal/host/index.js";
import { Stream } from "../hal/host/oracle.js";
import { Kind, layout } from "../kernel/abi/host.js";
import { CLIENT, client, gathered, type Noted, playNetwork, poured, SERVER, server } from "./netsupport.js";
import { cpuWord, pieces } from "./probe.js";
import { riot } from "./rioter.js";
import { seeds } from "./seed.js";
import { heard } from "./talk.js";

const test = suite("between");
const BAD: LinkOptions = { latency: 1.2, loss: 0.1, duplicate: 0.05, reorder: 0.1, jitter: 1 };

function pair(one: App, other: App, link: LinkOptions = {}, giveUp = 2000) {
  return network({ machines: { server: { address: SERVER, app: one, giveUp }, client: { address: CLIENT, app: other, giveUp } }, link });
}

test("SOC-01c two tasks of two machines connect and send both ways", () => {
  const log: unknown[] = [];
  playNetwork(
    pair(
      server(1, function* (self, socket) {
        log.push(socket.peer, yield* heard(socket, self.buffer(8)));
        yield* socket.send("pong");
      }),
      client(function* (self, socket, connected) {
        yield* socket.send("ping");
        log.push(connected, socket.peer, yield* heard(socket, self.buffer(8)), yield* heard(socket, self.buffer(8)));
      }, 2),
    ),
  );
  assert.equal(log, [{ address: CLIENT, port: 49152 }, "ping", 0, { address: SERVER, port: 80 }, "pong", 0]);
});

test("SOC-02d a full peer on another machine blocks the sender, and room lets it go on", () => {
  const log: number[] = [];
  playNetwork(
    pair(
      server(1, function* (self, socket) {
        const view = self.buffer(512);
        yield* self.sleepUntil(100);
        // The rings of both ends are full: 2048 bytes each.
        log.push(socket.used);
        for (let got = 0; got < 5000; ) got += yield* socket.receive(view);
        yield* self.sleepUntil(400);
      }),
      client(function* (self, socket) {
        const view = self.buffer(2500);
        log.push(yield* socket.send(view), self.tick);
        log.push(yield* socket.send(view), self.tick);
      }, 2),
    ),
  );
  const [first, firstTick, used, second, secondTick] = log as [number, number, number, number, number];
  assert.equal([first, used, second], [2500, 2048, 2500]);
  assert.ok(firstTick < 50 && secondTick > 100 && secondTick < 300, `${log}`);
});

test("SOC-02e bytes between machines come in order and without boundaries, both ways at once, whatever the rings and the link", () => {
  for (const [receive, transmit, chunk] of [
    [1, 1, 3],
    [7, 64, 50],
    [64, 7, 50],
    [2000, 2000, 300],
  ] as const) {
    for (const link of [{}, BAD]) {
      const total = receive === 1 ? 40 : 1500;
      const seen: Noted[] = [];
      const both = function* (self: Self, socket: Socket) {
        const writer = yield* self.create.task(`${self.name} writes`, { storage: 512 }, function* (me) {
          yield* poured(me, socket, total, chunk);
          yield* socket.shutdown("write");
        });
        yield* socket.grant(writer, "write");
        seen.push(yield* gathered(self, socket, chunk));
        yield* writer.join();
      };
      const ends = (name: string, connects: boolean): App => {
        return (system) => {
          system.task(name, { storage: 2048 }, function* (self) {
            if (connects) yield* self.sleep(2);
            const socket = yield* self.create.socket({ receive, transmit });
            if (!connects) {
              yield* socket.bind(80);
              yield* socket.listen();
              const got = yield* socket.accept();
              if (typeof got === "number") throw new Error(`accept answered ${got}`);
              yield* both(self, got);
              return;
            }
            assert.is(yield* socket.connect(SERVER, 80), 0);
            yield* both(self, socket);
          });
        };
      };
      playNetwork(pair(ends("server", false), ends("client", true), link, 20_000), { seed: 3 });
      assert.equal(
        seen.map(({ bytes, right, ended }) => [bytes, right, ended]),
        [
          [total, true, 0],
          [total, true, 0],
        ],
        `${receive} ${transmit} ${JSON.stringify(link)}`,
      );
    }
  }
});

/** Tasks that make calls at random, and one that goes on until they are forgotten. */
function rioters(seed: number, other: string, giveUp: number): App {
  return (system) => {
    for (let i = 0; i < 3; i++) {
      system.task(`rioter ${i}`, { priority: 5 + i, storage: 1024 }, function* (self) {
        yield* self.signals.ignore(SIGPIPE);
        yield* riot(self, new Stream(seed, 30 + i), 150, other);
      });
    }
    system.task("keeper", { priority: 1 }, function* (self) {
      yield* self.sleepUntil(1500 + 4 * giveUp);
    });
  };
}

/** What is left of connections in the machine: those that there are, those that nobody has, sockets, pieces of RAM. */
function left(machine: Machine): number[] {
  const cpu = (offset: number) => cpuWord(machine, offset);
  const used = pieces(machine).filter((piece) => piece.used !== 0).length;
  return [cpu(layout.Cpu.connections), cpu(layout.Cpu.lingering), machine.recordsOf(Kind.SOCKET).length, used];
}

test("two machines whose tasks make calls at random, over good links and bad ones: no invariant breaks, and nothing is left", () => {
  for (const seed of seeds(12)) {
    const link = seed % 3 === 0 ? {} : BAD;
    const giveUp = seed % 2 === 0 ? 60 : 200;
    const net = playNetwork(pair(rioters(seed, CLIENT, giveUp), rioters(seed + 50, SERVER, giveUp), link, giveUp), { seed });
    for (const name of net.names) assert.equal(left(net.machine(name)), [0, 0, 0, 0], `${name}, seed ${seed}`);
  }
});

test.run();
