/** Streams within one machine. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  EADDRINUSE,
  EADDRNOTAVAIL,
  EAGAIN,
  EALREADY,
  ECONNREFUSED,
  EINPROGRESS,
  EISCONN,
  ENETUNREACH,
  ENOTCONN,
  ETIMEDOUT,
  type Self,
  Socket,
} from "../hal/host/index.js";
import { EBADF, Info, layout, Mode, SocketType } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { pieces, raw } from "./probe.js";
import { always, misuse, ORACLES, playOut } from "./support.js";
import { accepted, connected, HERE, heard, heardAll, listening, PORT, talk } from "./talk.js";

const test = suite("socket");
const OWN = "10.0.0.1";
const NET = { address: OWN };

// Connections

test("SOC-01a two tasks connect, send both ways, shut down and close", () => {
  always(
    (system, log) => {
      talk(
        system,
        function* (self, socket) {
          const view = self.buffer(32);
          log.push(yield* heard(socket, view), socket.state);
          yield* socket.send("pong");
          log.push(yield* heard(socket, view));
          yield* socket.close();
        },
        function* (self, socket) {
          const view = self.buffer(32);
          log.push(yield* socket.send("ping"), yield* heard(socket, view));
          yield* socket.shutdown("write");
          log.push(yield* heard(socket, view));
          yield* socket.close();
        },
        { priorities: [6, 5] },
      );
    },
    ["ping", "connected", 4, "pong", 0, 0],
  );
  for (const options of ORACLES) {
    const seen: unknown[][] = [[], []];
    playOut((system) => {
      const ends = [0, 1].map(
        (side) =>
          function* (self: Self, socket: Socket) {
            const view = self.buffer(8);
            yield* socket.send(side === 0 ? "from the server" : "from the client");
            yield* socket.shutdown("write");
            seen[side]?.push(...(yield* heardAll(socket, view)));
            yield* socket.close();
            seen[side]?.push(socket.record);
          },
      );
      talk(system, ends[0] as never, ends[1] as never, { priorities: [5, 5] });
    }, options);
    assert.equal(seen, [
      ["from the client", 0, -1],
      ["from the server", 0, -1],
    ]);
  }
});

test("SOC-01b a listener at all addresses is reached at any of the machine's, one at an address only there", () => {
  always(
    (system, log) => {
      system.task("server", { priority: 9 }, function* (self) {
        yield* listening(self, 80);
        yield* listening(self, 81, 8, {}, HERE);
        yield* listening(self, 82, 8, {}, OWN);
        yield* self.sleep(5);
      });
      system.task("client", { storage: 1024 }, function* (self) {
        for (const port of [80, 81, 82]) {
          for (const address of [HERE, "127.1.2.3", OWN]) {
            const socket = yield* self.create.socket();
            log.push(yield* socket.connect(address, port));
            log.push(socket.peer?.address ?? "none");
          }
        }
      });
    },
    [
      [0, HERE, 0, "127.1.2.3", 0, OWN],
      [0, HERE, ECONNREFUSED, "none", ECONNREFUSED, "none"],
      [ECONNREFUSED, "none", ECONNREFUSED, "none", 0, OWN],
    ].flat(),
    ORACLES.map((oracle) => ({ ...oracle, ...NET })),
  );
});

test("SOC-01b accept tells the address from which the other end came", () => {
  const log: unknown[] = [];
  playOut((system) => {
    system.task("server", { priority: 9 }, function* (self) {
      const listener = yield* listening(self);
      const peer = self.endpoint();
      for (let i = 0; i < 3; i++) {
        const socket = yield* listener.accept(-1, peer);
        assert.instance(socket, Socket);
        log.push(peer.address, peer.port, (socket as Socket).peer, (socket as Socket).local);
      }
    });
    system.task("client", { storage: 1024 }, function* (self) {
      yield* connected(self);
      yield* connected(self, PORT, {}, OWN);
      const bound = yield* self.create.socket();
      yield* bound.bind(7, OWN);
      yield* bound.connect(HERE, PORT);
    });
  }, NET);
  assert.equal(log, [
    ...[HERE, 49152, { address: HERE, port: 49152 }, { address: HERE, port: PORT }],
    ...[OWN, 49153, { address: OWN, port: 49153 }, { address: OWN, port: PORT }],
    ...[OWN, 7, { address: OWN, port: 7 }, { address: HERE, port: PORT }],
  ]);
});

// Bytes

/** Bytes of a conversation, the i-th of the n-th direction. */
const byte = (i: number, way: number) => (i * 7 + way * 101) % 251;

test("SOC-02a bytes come in order and without boundaries, both ways at once, however often the rings wrap", () => {
  for (const [receive, piece] of [
    [1, 5],
    [7, 3],
    [64, 100],
    [100, 64],
  ] as const) {
    for (const options of ORACLES.slice(0, 6)) {
      const total = 1000;
      const seen: number[][] = [[], []];
      playOut((system) => {
        const socket: Socket[] = [];
        const sender = (way: number) =>
          function* (self: Self) {
            while (socket[way] === undefined) yield* self.sleep(1);
            const view = self.buffer(piece);
            for (let sent = 0; sent < total; ) {
              const length = Math.min(1 + ((sent * 13) % piece), total - sent);
              for (let i = 0; i < length; i++) view.set(i, byte(sent + i, way));
              assert.is(yield* (socket[way] as Socket).send(view.slice(0, length)), length);
              sent += length;
            }
            yield* (socket[way] as Socket).shutdown("write");
          };
        const receiver = (way: number) =>
          function* (self: Self, own: Socket) {
            socket[1 - way] = own;
            yield* own.grant(senders[1 - way] as never, "write");
            const view = self.buffer(90);
            for (;;) {
              const got = yield* own.receive(view.slice(0, 1 + (((seen[way]?.length ?? 0) * 17) % 90)));
              if (got === 0) return;
              seen[way]?.push(...view.bytes(got));
            }
          };
        const senders = [0, 1].map((way) => system.task(`sender ${way}`, { priority: 5, storage: 512 }, sender(way)));
        talk(system, receiver(0), receiver(1), { server: { receive }, client: { receive }, priorities: [5, 5] });
      }, options);
      for (const way of [0, 1]) {
        assert.equal(
          seen[way],
          Array.from({ length: total }, (_, i) => byte(i, way)),
          `${receive} ${piece} ${way}`,
        );
      }
    }
  }
});

test("SOC-02b a direction that is full does not block the other", () => {
  always(
    (system, log) => {
      talk(
        system,
        function* (self, socket) {
          const view = self.buffer(16);
          for (let i = 0; i < 20; i++) yield* socket.send("reply", 5);
          log.push(socket.used, yield* heard(socket, view));
        },
        function* (self, socket) {
          while ((yield* socket.send("x".repeat(7), 0)) > 0);
          log.push(yield* socket.send("y", 0));
          const view = self.buffer(8);
          for (let i = 0; i < 20; i++) log.push(yield* heard(socket, view.slice(0, 5)));
        },
        { server: { receive: 16 }, client: { receive: 8 }, priorities: [5, 6] },
      );
    },
    [EAGAIN, ...Array.from({ length: 20 }, () => "reply"), 16, "xxxxxxxxxxxxxxxx"],
  );
});

test("SOC-02c a full peer blocks the sender, and room lets it go on", () => {
  always(
    (system, log) => {
      talk(
        system,
        function* (self, socket) {
          const view = self.buffer(10);
          yield* self.sleep(5);
          log.push(socket.used);
          for (const length of [3, 10, 10]) log.push(yield* heard(socket, view.slice(0, length)), self.tick);
          log.push(yield* heard(socket, view));
        },
        function* (self, socket) {
          log.push(yield* socket.send("0123456789abcdefgh", 0));
          log.push(yield* socket.send("ABCDEF", 2), self.tick);
          log.push(yield* socket.send("0123456789", -1), self.tick);
        },
        { server: { receive: 10 } },
      );
    },
    [10, ETIMEDOUT, 3, 10, "012", 6, "3456789012", 6, "3456789", 6, 10, 6, 0],
  );
});

test("SOC-02c a send that timed out answers the bytes that went in", () => {
  always(
    (system, log) => {
      talk(
        system,
        function* (self) {
          yield* self.sleep(9);
        },
        function* (self, socket) {
          log.push(yield* socket.send("0123456789abcdefgh", 3), self.tick);
          log.push(yield* socket.send("x", 3), self.tick);
        },
        { server: { receive: 10 } },
      );
    },
    [10, 4, ETIMEDOUT, 7],
  );
});

// Refusals

test("SOC-03a where nobody listens a connection is refused, and the socket can try again", () => {
  always(
    (system, log) => {
      system.task("client", {}, function* (self) {
        const socket = yield* self.create.socket();
        log.push(yield* socket.connect(HERE, PORT), socket.state);
        const bound = yield* self.create.socket();
        yield* bound.bind(PORT);
        log.push(yield* socket.connect(HERE, PORT));
        yield* bound.listen();
        log.push(yield* socket.connect(HERE, PORT), socket.state);
        yield* bound.close();
        log.push(socket.state);
      });
    },
    [ECONNREFUSED, "none", ECONNREFUSED, 0, "connected", "lost"],
  );
});

test("SOC-03b SOC-03c a taken port is EADDRINUSE; at another address or for the other type it is fine", () => {
  always(
    (system, log) => {
      system.task("t", {}, function* (self) {
        const stream = () => self.create.socket();
        const datagram = () => self.create.socket({ type: "datagram" });
        const first = yield* stream();
        log.push(yield* first.bind(80, OWN), yield* (yield* stream()).bind(80, OWN));
        log.push(yield* (yield* stream()).bind(80));
        const second = yield* stream();
        log.push(yield* second.bind(80, HERE), yield* (yield* stream()).bind(80, "127.0.0.2"));
        log.push(yield* (yield* datagram()).bind(80), yield* (yield* datagram()).bind(80, HERE));
        yield* first.close();
        yield* second.close();
        log.push(yield* (yield* stream()).bind(80, OWN), yield* (yield* stream()).bind(80, HERE));
      });
    },
    [80, EADDRINUSE, EADDRINUSE, 80, 80, 80, EADDRINUSE, 80, 80],
    [NET, { ...NET, seed: 1 }],
  );
});

test("SOC-03d without a route a connection or a datagram is ENETUNREACH", () => {
  for (const [options, address] of [
    [{}, "10.0.0.2"],
    [NET, "10.0.1.2"],
    [{ ...NET, netmask: "255.255.255.252" }, "10.0.0.4"],
  ] as const) {
    always(
      (system, log) => {
        system.task("t", {}, function* (self) {
          const socket = yield* self.create.socket();
          log.push(yield* socket.connect(address, 1), yield* socket.connect(address, 1, 0), socket.state, socket.local);
          const datagram = yield* self.create.socket({ type: "datagram" });
          log.push(yield* datagram.sendTo("x", self.endpoint(address, 1)), yield* datagram.connect(address, 1));
        });
      },
      [ENETUNREACH, ENETUNREACH, "none", undefined, ENETUNREACH, ENETUNREACH],
      [options],
    );
  }
});

test("SOC-03e ephemeral ports are given out in a fixed order, around the range, past those that are taken", () => {
  always(
    (system, log) => {
      system.task("t", {}, function* (self) {
        const taken = yield* self.create.socket();
        yield* taken.bind(1002);
        for (let i = 0; i < 7; i++) {
          const socket = yield* self.create.socket();
          log.push(yield* socket.bind(0));
          if (i !== 0) yield* socket.close();
        }
        const other = yield* self.create.socket({ type: "datagram" });
        log.push(yield* other.bind(0));
      });
    },
    [1000, 1001, 1003, 1001, 1003, 1001, 1003, 1000],
    [{ ephemeralPorts: [1000, 1003] }, { ephemeralPorts: [1000, 1003], seed: 3 }],
  );
});

test("SOC-03f with all ports taken: EADDRNOTAVAIL, and again one when one is free", () => {
  always(
    (system, log) => {
      system.task("t", { storage: 512 }, function* (self) {
        const listener = yield* listening(self);
        const first = yield* connected(self);
        const second = yield* self.create.socket();
        log.push(yield* second.bind(0));
        const third = yield* self.create.socket();
        log.push(yield* third.bind(0), yield* third.connect(HERE, PORT), third.state);
        const datagram = yield* self.create.socket({ type: "datagram" });
        const more = yield* self.create.socket({ type: "datagram" });
        const last = yield* self.create.socket({ type: "datagram" });
        log.push(yield* datagram.bind(0), yield* more.bind(0), yield* last.sendTo("x", self.endpoint(HERE, 1)));
        yield* first.close();
        log.push(yield* third.connect(HERE, PORT), third.local?.port);
        yield* listener.close();
      });
    },
    [1001, EADDRNOTAVAIL, EADDRNOTAVAIL, "none", 1000, 1001, EADDRNOTAVAIL, 0, 1000],
    [{ ephemeralPorts: [1000, 1001] }],
  );
});

test("SOC-03g an address that is not the machine's cannot be bound, and none at all without a network", () => {
  always(
    (system, log) => {
      system.task("t", {}, function* (self) {
        const socket = yield* self.create.socket();
        log.push(yield* socket.bind(80, "10.0.0.2"), yield* socket.bind(80, "1.2.3.4"), socket.local);
        log.push(yield* socket.bind(80, OWN), socket.local);
      });
    },
    [EADDRNOTAVAIL, EADDRNOTAVAIL, undefined, 80, { address: OWN, port: 80 }],
    [NET],
  );
  always(
    (system, log) => {
      system.task("t", {}, function* (self) {
        const socket = yield* self.create.socket();
        log.push(yield* socket.bind(80, OWN), yield* socket.bind(80, "127.9.9.9"));
      });
    },
    [EADDRNOTAVAIL, 80],
  );
});

test("SOC-03g a socket bound to loopback reaches no other machine, and to its own address no loopback takes it for another", () => {
  always(
    (system, log) => {
      system.task("t", {}, function* (self) {
        const socket = yield* self.create.socket();
        yield* socket.bind(80, HERE);
        log.push(yield* socket.connect("10.0.0.2", 80), socket.state);
      });
    },
    [EADDRNOTAVAIL, "none"],
    [NET],
  );
});

// The backlog

test("SOC-04a SOC-04b so many connections as the backlog says wait, the next is refused; accept takes the oldest", () => {
  for (const backlog of [1, 2, 5]) {
    always(
      (system, log) => {
        system.task("server", { priority: 9, storage: 512 }, function* (self) {
          const listener = yield* listening(self, PORT, backlog);
          const view = self.buffer(8);
          yield* self.sleep(3);
          for (let i = 0; i < backlog; i++) log.push(yield* heard(yield* accepted(listener), view));
          log.push(yield* listener.accept(0), listener.state);
          yield* self.sleep(3);
          log.push(yield* heard(yield* accepted(listener), view));
        });
        system.task("client", { storage: 512 }, function* (self) {
          yield* self.sleep(1);
          for (let i = 0; i < backlog; i++) yield* (yield* connected(self)).send(`${i}`);
          const late = yield* self.create.socket();
          log.push(yield* late.connect(HERE, PORT));
          yield* self.sleep(3);
          log.push(yield* late.connect(HERE, PORT));
          yield* late.send("late");
          yield* self.sleep(9);
        });
      },
      [ECONNREFUSED, ...Array.from({ length: backlog }, (_, i) => `${i}`), EAGAIN, 0, "late"].flatMap((x) =>
        x === EAGAIN ? [x, "listening"] : [x],
      ),
    );
  }
});

test("SOC-04b tasks that wait to accept get connections in order of their urgency, then of their coming", () => {
  always(
    (system, log) => {
      const listener = system.socket();
      const acceptor = (name: string, priority: number) =>
        system.task(name, { priority, reads: [listener], writes: [listener] }, function* (self) {
          if (name === "c") yield* listener.bind(PORT);
          if (name === "c") yield* listener.listen();
          const view = self.buffer(4);
          log.push(name, yield* heard(yield* accepted(listener), view));
        });
      acceptor("c", 9);
      acceptor("a", 7);
      acceptor("b", 8);
      system.task("client", { storage: 512 }, function* (self) {
        yield* self.lockScheduler();
        for (let i = 0; i < 3; i++) {
          const socket = yield* self.create.socket();
          yield* socket.connect(HERE, PORT, 0);
          yield* socket.send(`${i}`, 0);
        }
        yield* self.unlockScheduler();
        yield* self.sleep(5);
      });
    },
    ["c", "0", "b", "1", "a", "2"],
  );
});

test("SOC-04b a connection that was closed before it is accepted is accepted, and what it sent is read", () => {
  always(
    (system, log) => {
      system.task("t", { storage: 512 }, function* (self) {
        const listener = yield* listening(self);
        const client = yield* connected(self);
        yield* client.send("bye");
        yield* client.close();
        const view = self.buffer(8);
        const socket = yield* accepted(listener);
        log.push(socket.state, yield* heard(socket, view), yield* heard(socket, view), yield* heard(socket, view));
      });
    },
    ["connected", "bye", 0, 0],
  );
});

test("SOC-04c accept on a socket that does not listen is EINVAL, listen without a port too, and on a connection EISCONN", () => {
  always(
    (system, log) => {
      system.task("t", { storage: 512 }, function* (self) {
        const socket = yield* self.create.socket();
        log.push(yield* misuse(() => socket.accept(0)), yield* misuse(() => socket.listen()));
        yield* socket.bind(PORT);
        log.push(yield* misuse(() => socket.accept()), yield* misuse(() => socket.listen(0)), yield* misuse(() => socket.listen(33)));
        log.push(yield* socket.listen(32), yield* socket.listen(1), yield* misuse(() => socket.connect(HERE, PORT)));
        const client = yield* connected(self);
        yield* misuse(() => client.accept());
        const bound = yield* self.create.socket();
        yield* bound.bind(0);
        yield* accepted(socket);
        log.push(yield* bound.connect(HERE, PORT), yield* bound.listen(), yield* misuse(() => bound.accept()));
        log.push(yield* misuse(() => bound.bind(9)));
      });
    },
    ["EINVAL", "EINVAL", "EINVAL", "EINVAL", "EINVAL", 0, 0, "EINVAL", 0, EISCONN, "EINVAL", "EINVAL"],
  );
});

// Connecting without waiting

test("SOC-05a SOC-05c connect with timeout 0 answers EINPROGRESS, a poll to write tells when it is done, again it is EISCONN", () => {
  always(
    (system, log) => {
      system.task("t", { storage: 512 }, function* (self) {
        yield* listening(self);
        const socket = yield* self.create.socket();
        log.push(yield* socket.connect(HERE, PORT, 0));
        log.push(yield* self.pollSet([{ write: socket }]).wait(5), yield* socket.send("x", 0));
        log.push(yield* socket.connect(HERE, PORT, 0), yield* socket.connect(HERE, PORT), yield* socket.connect(HERE, 1));
      });
    },
    [EINPROGRESS, 1, 1, EISCONN, EISCONN, EISCONN],
  );
});

test("SOC-05b SOC-05d to another machine: EALREADY while the connection is made; that it failed is told once, then it can try again", () => {
  always(
    (system, log) => {
      system.task("other", { priority: 9, storage: 512 }, function* (self) {
        const box = yield* self.create.socket({ name: "s" });
        log.push(yield* box.connect("10.0.0.2", PORT, 0), yield* box.connect("10.0.0.2", PORT, 0), box.state);
        log.push(yield* box.connect("10.0.0.2", PORT), yield* box.listen());
        log.push(yield* box.send("x", 0), yield* box.receive(self.buffer(1), 0), yield* box.shutdown("both"));
        const poll = self.pollSet([{ write: box }, { read: box }]);
        log.push(yield* poll.wait(0), yield* poll.wait(), self.tick, poll.closed(0));
        log.push(box.state, yield* box.connect("10.0.0.2", PORT, 0));
        log.push(yield* poll.wait(0), yield* box.connect("10.0.0.2", PORT, 0), yield* box.connect("10.0.0.2", PORT, 0));
        log.push(yield* poll.wait(), yield* box.send("x"), yield* box.send("x"));
        log.push(yield* box.connect("10.0.0.2", PORT, 5), yield* box.connect("10.0.0.2", PORT, 5), self.tick);
        log.push(yield* poll.wait(), yield* box.receive(self.buffer(1)), yield* box.receive(self.buffer(1), 0), self.tick);
        log.push(yield* box.connect("10.0.0.2", PORT), self.tick);
        yield* listening(self);
        log.push(yield* box.connect(HERE, PORT), box.state);
      });
    },
    [
      ...[EINPROGRESS, EALREADY, "connecting"],
      ...[EALREADY, EISCONN],
      ...[ENOTCONN, ENOTCONN, ENOTCONN],
      ...[EAGAIN, 2, 100, true],
      ...["none", ETIMEDOUT],
      ...[EAGAIN, EINPROGRESS, EALREADY],
      ...[2, ETIMEDOUT, ENOTCONN],
      ...[ETIMEDOUT, EALREADY, 205],
      ...[2, ETIMEDOUT, ENOTCONN, 300],
      ...[ETIMEDOUT, 400],
      ...[0, "connected"],
    ],
    [
      { ...NET, giveUp: 100 },
      { ...NET, giveUp: 100, seed: 5 },
    ],
  );
});

// Sharing

test("SOC-12a a socket that one task accepted is served by another that it was granted to", () => {
  always(
    (system, log) => {
      system.task("server", { priority: 9, storage: 512 }, function* (self) {
        const listener = yield* listening(self);
        for (let i = 0; i < 3; i++) {
          const socket = yield* accepted(listener);
          const worker = yield* self.create.task(`worker ${i}`, { priority: 7 }, function* (me) {
            const view = me.buffer(8);
            const question = yield* heard(socket, view);
            yield* socket.send(`${question}!`);
            yield* socket.close();
          });
          yield* socket.grant(worker, "both");
          yield* socket.close();
          log.push(yield* misuse(() => socket.send("x")));
        }
      });
      system.task("client", { storage: 1024 }, function* (self) {
        yield* self.sleep(1);
        for (let i = 0; i < 3; i++) {
          const socket = yield* connected(self);
          yield* socket.send(`${i}`);
          log.push(yield* heardAll(socket, self.buffer(8)));
        }
      });
    },
    ["EPERM", ["0!", 0], "EPERM", ["1!", 0], "EPERM", ["2!", 0]],
  );
});

test("a named socket is opened by others, and stays until it is unlinked and closed", () => {
  always(
    (system, log) => {
      system.task("server", { priority: 9, storage: 512 }, function* (self) {
        const listener = yield* listening(self, PORT, 8, { name: "door" });
        yield* self.sleep(5);
        log.push(listener.state, yield* listener.unlink(), listener.state, yield* listener.close(), listener.record);
      });
      system.task("porter", { priority: 7 }, function* (self) {
        yield* self.sleep(1);
        const door = yield* self.open.socket("door", "read");
        assert.instance(door, Socket);
        const socket = yield* accepted(door as Socket);
        log.push(yield* heard(socket, self.buffer(4)));
        yield* (door as Socket).close("read");
      });
      system.task("client", {}, function* (self) {
        yield* self.sleep(2);
        yield* (yield* connected(self)).send("in");
        yield* self.sleep(9);
      });
    },
    ["in", "listening", 0, "listening", 0, -1],
  );
});

test("ERR-11m an unnamed socket goes at its last close, and with it its buffers", () => {
  for (const options of ORACLES) {
    let closed = 0;
    playOut((system) => {
      system.task("t", { storage: 512 }, function* (self) {
        const before = pieces(self.machine);
        const listener = yield* listening(self);
        const client = yield* connected(self);
        const server = yield* accepted(listener);
        const other = yield* self.create.task("other", { priority: 3 }, function* (me) {
          yield* me.sleep(1);
        });
        yield* server.grant(other, "read");
        for (const socket of [listener, client, server]) yield* socket.close();
        assert.equal([listener.record, client.record], [-1, -1]);
        assert.is.not(server.record, -1);
        yield* other.join();
        assert.is(server.record, -1);
        assert.is(yield* raw(self.machine, "object_close", server.handle, Mode.READ), EBADF);
        assert.equal(pieces(self.machine), before);
        closed++;
      });
    }, options);
    assert.is(closed, 1);
  }
});

test("when every port is taken there is none, and the next one is asked for where the last search ended", () => {
  const m = new Bare({ portFirst: 50000, portCount: 3 });
  m.task(9);
  m.start();
  const bound = () => {
    const socket = m.kernel.socket_create(0, SocketType.DATAGRAM, 32, 32, Mode.READ | Mode.WRITE, 0);
    assert.ok(socket > 0);
    return { socket, port: m.kernel.socket_bind(socket, 0, 0) };
  };
  const three = [bound(), bound(), bound()];
  assert.equal(
    three.map(({ port }) => port),
    [50000, 50001, 50002],
  );
  assert.is(bound().port, EADDRNOTAVAIL);
  for (const { socket } of three) assert.is(m.kernel.object_delete(socket), 0);
  assert.is(bound().port, 50000);
});

/** A stream socket that the running task has made. */
function stream(m: Bare): number {
  const socket = m.kernel.socket_create(0, SocketType.STREAM, 16, 16, Mode.READ | Mode.WRITE, 0);
  assert.ok(socket > 0);
  return socket;
}

const SELF = 0x7f000001;

test("connections are accepted in the order in which they were made, whatever slots they have", () => {
  // No tick comes between.
  const m = new Bare({ period: 1_000_000 });
  m.task(9);
  m.start();
  const listener = stream(m);
  assert.is(m.kernel.socket_bind(listener, 0, 80), 80);
  assert.is(m.kernel.socket_listen(listener, 4), 0);
  const peer = m.bytes(layout.Endpoint.bytes);
  const join = () => {
    const socket = stream(m);
    assert.is(
      m.call(() => m.kernel.socket_connect(socket, SELF, 80, 0)),
      EINPROGRESS,
    );
    const out = m.bytes(8);
    assert.is(m.kernel.object_info(socket, Info.LOCAL, out), 0);
    return { socket, port: (m.u32[out >> 2] as number) & 0xffff };
  };
  const accept = () => {
    const accepted = m.call(() => m.kernel.socket_accept(listener, peer, 0));
    assert.ok(accepted > 0, `${accepted}`);
    return { accepted, port: m.u32[(peer + layout.Endpoint.port) >> 2] as number };
  };
  // So many that slots are used again, each time two in the backlog.
  for (let i = 0; i < 40; i++) {
    const [first, second] = [join(), join()];
    const [one, other] = [accept(), accept()];
    assert.is(one.port & 0xffff, first.port, `${i}`);
    assert.is(other.port & 0xffff, second.port, `${i}`);
    for (const handle of i % 2
      ? [one.accepted, first.socket, second.socket, other.accepted]
      : [second.socket, other.accepted, one.accepted, first.socket]) {
      assert.is(
        m.call(() => m.kernel.object_delete(handle)),
        0,
      );
    }
  }
});

test.run();
