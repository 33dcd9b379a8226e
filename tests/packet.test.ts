/** Packets that nobody in his right mind sends, and what a stream keeps when its owner is gone. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EADDRNOTAVAIL, EAGAIN, ECONNREFUSED, EINPROGRESS, type Self, SIGPIPE, SIGUSR1, Socket, type View } from "../hal/host/index.js";
import { Stream } from "../hal/host/oracle.js";
import { EINVAL, Kind, layout, Mode, SocketType } from "../kernel/abi/host.js";
import { cpuWord, pieces, raw } from "./probe.js";
import { PORTS, riot } from "./rioter.js";
import { seeds } from "./seed.js";
import { accepted, HERE, listening, PORT, type Steps } from "./talk.js";
import { ACK, DATAGRAM, FAR, FIN, NEAR, type Packet, PROBE, REFUSED, Remote, RST, STOP, SYN, said, UNREACHABLE, Wire } from "./wire.js";

const test = suite("packet");
const OTHER = "10.0.0.2";

/** How many sockets there are. */
function sockets(wire: Wire): number {
  const pools = cpuWord(wire.machine, layout.Cpu.pools);
  return wire.machine.u32[(pools + Kind.SOCKET * layout.Pool.bytes + layout.Pool.live) >> 2] as number;
}

test("what is no packet for this machine is refused, and nothing comes of it", () => {
  const wire = new Wire((system) => {
    system.task("server", { storage: 1024 }, function* (self) {
      yield* listening(self);
      yield* (yield* self.create.socket({ type: "datagram" })).bind(PORT);
      yield* self.sleepUntil(100);
    });
  });
  wire.pass();
  const syn = { sourcePort: 7, destinationPort: PORT, flags: SYN };
  for (const wrong of [
    { length: 1025 },
    { length: 0xffffffff },
    { length: 0x80000000 },
    { flags: SYN | 512 },
    { flags: 0x80000000 },
    { source: 0 },
    { source: NEAR },
    { source: 0x7f000001 },
    { destination: FAR },
    { destination: 0 },
    { destination: 0x7f000001 },
    { destination: 0xffffffff },
    { sourcePort: 0 },
    { destinationPort: 0 },
    { window: (1 << 20) + 1 },
    { window: 0xffffffff },
    { flags: DATAGRAM, sourcePort: 0 },
    { flags: DATAGRAM, length: 1025 },
  ]) {
    assert.is(wire.put({ ...syn, ...wrong }), EINVAL, JSON.stringify(wrong));
    wire.pass();
    assert.equal([wire.heard(), wire.connections, sockets(wire)], [[], [0, 0], 2]);
  }
  assert.is(wire.put(syn), 0);
  wire.pass();
  assert.equal(wire.heard(), ["SYN|ACK"]);
});

test("a machine without an address takes no packet", () => {
  const wire = new Wire(
    (system) => {
      system.task("server", { storage: 1024 }, function* (self) {
        yield* listening(self);
        yield* self.sleepUntil(10);
      });
    },
    { address: undefined as never },
  );
  wire.pass();
  for (const destination of [0, NEAR]) {
    assert.is(wire.put({ destination, sourcePort: 7, destinationPort: PORT, flags: SYN }), EINVAL);
  }
});

/** Brings a connection to each of its states; the other end of it. */
const states: Record<string, (wire: Wire) => Remote> = {
  listening: (wire) => new Remote(wire, 5000, PORT, 1000, 100),
  connecting: (wire) => {
    wire.until(5);
    const [syn] = wire.take();
    assert.ok(syn);
    const remote = new Remote(wire, syn.destinationPort, syn.sourcePort, 1000, 100);
    remote.meet(syn);
    return remote;
  },
  arriving: (wire) => {
    const remote = new Remote(wire, 5000, PORT, 1000, 100);
    remote.send(SYN);
    wire.pass();
    remote.meet(wire.one());
    return remote;
  },
  connected: (wire) => wire.connect(PORT),
  "half closed here": (wire) => {
    const remote = wire.connect(PORT, 1000, 5001);
    wire.pass();
    remote.hear();
    return remote;
  },
  "half closed there": (wire) => {
    const remote = wire.connect(PORT);
    remote.send(ACK | FIN, "abc");
    wire.pass();
    return remote;
  },
  "closed there": (wire) => {
    const remote = wire.connect(PORT);
    remote.send(ACK | FIN | STOP, "abc");
    wire.pass();
    return remote;
  },
  orphan: (wire) => {
    const remote = wire.connect(PORT, 1000, 5002, 0);
    wire.pass();
    return remote;
  },
};

/** A machine that listens, connects at tick 4, and does with a connection what its port says. */
function manners(): Wire {
  return new Wire(
    (system) => {
      system.task("keeper", { priority: 1 }, function* (self) {
        yield* self.sleepUntil(90);
      });
      system.task("server", { priority: 9, daemon: true, storage: 2048 }, function* (self) {
        yield* self.signals.ignore(SIGPIPE);
        const listener = yield* listening(self);
        for (;;) {
          const socket = yield* accepted(listener);
          if (socket.peer?.port === 5001) yield* socket.shutdown("write");
          if (socket.peer?.port === 5002) {
            yield* socket.send("what is left");
            yield* socket.close();
          }
        }
      });
      system.task("client", { priority: 9, daemon: true, storage: 1024 }, function* (self) {
        yield* self.sleepUntil(4);
        const socket = yield* self.create.socket();
        yield* socket.connect(OTHER, PORT);
        yield* self.sleep(1000);
      });
    },
    { giveUp: 30 },
  );
}

test("every combination of flags, with and without bytes and sense, in every state of a connection, breaks nothing", () => {
  for (const [name, begin] of Object.entries(states)) {
    for (let flags = 0; flags < 512; flags += name === "connected" ? 1 : 5) {
      const wire = manners();
      wire.pass(2);
      const remote = begin(wire);
      wire.take();
      remote.raw({ flags });
      remote.raw({ flags, text: "bytes" });
      wire.pass();
      remote.raw({ flags, text: "bytes", sequence: remote.next + 5, acknowledged: remote.expected + 1, window: 0 });
      remote.raw({ flags, sequence: remote.next - 1, acknowledged: remote.expected - 1, window: 1 << 20 });
      wire.pass();
      assert.ok(wire.heard().length < 12, `${name} ${flags}`);
      // The listener is the only one that stays, however the connections went.
      wire.until(80);
      assert.equal(wire.connections, [0, 0], `${name} ${flags}`);
    }
  }
});

test("bytes that a closed stream has still to send are those that it was given, also from the caller's memory", () => {
  const wire = new Wire((system) => {
    system.task("server", { priority: 9, storage: 1024 }, function* (self) {
      const { machine } = self;
      const before = pieces(machine);
      const memory = self.buffer(40);
      const stream = yield* raw(machine, "socket_create", 0, SocketType.STREAM, 20, 20, Mode.READ | Mode.WRITE, memory.address);
      const socket = new Socket(machine, stream);
      yield* self.sleep(1);
      const connecting = yield* socket.connect(OTHER, PORT);
      assert.is(connecting, 0);
      yield* self.sleep(1);
      yield* socket.send("0123456789");
      yield* self.sleep(2);
      yield* socket.send("abcdefghijkl");
      yield* socket.close();
      for (let i = 0; i < 40; i++) memory.set(i, 0x58);
      yield* self.sleep(10);
      assert.equal(pieces(machine), before);
    });
  });
  wire.until(1);
  const remote = wire.accept(1000, 10);
  wire.pass();
  const text = () =>
    wire
      .take()
      .map((packet) => packet.text)
      .join("");
  assert.is(text(), "0123456789");
  remote.expected += 10;
  remote.window = 4;
  remote.raw({ flags: ACK });
  wire.pass(2);
  assert.is(text(), "abcd");
  assert.equal(wire.connections, [1, 1]);
  remote.expected += 4;
  remote.window = 100;
  remote.raw({ flags: ACK });
  wire.pass();
  assert.is(text(), "efghijkl");
  remote.expected += 10;
  remote.raw({ flags: ACK });
  wire.finish();
  assert.equal(wire.connections, [0, 0]);
});

test("an interrupt handler that makes up the handle of a stream that nobody has open cannot end it twice", () => {
  let tried = 0;
  const wire = new Wire((system) => {
    let record = 0;
    const { machine } = system.semaphore();
    system.interrupt(1, {}, function* () {
      const handle = machine.u32[(record + layout.Socket.handle) >> 2] as number;
      for (const call of ["object_delete", "object_close", "socket_send", "socket_receive", "socket_shutdown"] as const) {
        yield* raw(machine, call, handle, 3, 0, 0, 0);
        tried++;
      }
    });
    system.task("server", { priority: 9, storage: 1024 }, function* (self) {
      const socket = yield* accepted(yield* listening(self));
      record = socket.record;
      yield* socket.close();
      yield* self.raise(1);
      yield* self.sleep(20);
    });
  });
  wire.pass();
  const remote = wire.connect(PORT);
  wire.pass(2);
  assert.equal([tried, wire.connections], [5, [1, 1]]);
  remote.hear();
  wire.pass();
  assert.equal(wire.connections, [0, 0]);
  wire.finish();
});

test("between the same two ends there is one connection at a time, also while the old one is nobody's", () => {
  const log: unknown[] = [];
  const wire = new Wire((system) => {
    system.task("client", { storage: 1024 }, function* (self) {
      const first = yield* self.create.socket();
      yield* first.bind(99);
      log.push(yield* first.connect(OTHER, PORT));
      yield* first.send("rest");
      yield* first.close();
      const second = yield* self.create.socket();
      log.push(yield* second.bind(99), yield* second.connect(OTHER, PORT), yield* second.connect(OTHER, PORT + 1, 0));
      yield* self.sleep(3);
      const third = yield* self.create.socket();
      yield* second.close();
      log.push(yield* third.bind(99), yield* third.connect(OTHER, PORT, 0));
      yield* self.sleep(3);
    });
  });
  wire.pass();
  const remote = wire.accept();
  assert.equal(log, [0, 99, EADDRNOTAVAIL, EINPROGRESS]);
  remote.expected += 6;
  remote.raw({ flags: ACK });
  wire.finish();
  assert.equal(log.slice(4), [99, EINPROGRESS]);
});

test("all who wait for an attempt are told that it failed", () => {
  const log: unknown[] = [];
  const wire = new Wire((system) => {
    const socket = system.socket();
    const first = system.task("first", { priority: 7, reads: [socket], writes: [socket] }, function* (self) {
      yield* self.signals.handle(
        SIGUSR1,
        function* (me) {
          yield* me.sleep(5);
        },
        { restart: true },
      );
      log.push("first", yield* socket.connect(OTHER, PORT));
    });
    system.task("second", { priority: 6, reads: [socket], writes: [socket] }, function* (self) {
      yield* self.sleepUntil(1);
      yield* first.signal(SIGUSR1);
      yield* self.sleepUntil(4);
      log.push(yield* socket.connect(OTHER, PORT));
      log.push("second", yield* socket.connect(OTHER, PORT));
    });
  });
  wire.until(2);
  const refuse = () => {
    const syn = wire.one();
    wire.hand({
      sourcePort: PORT,
      destinationPort: syn.sourcePort,
      flags: RST | ACK | REFUSED,
      acknowledged: syn.sequence + 1,
    });
  };
  refuse();
  wire.until(10);
  assert.equal(log, [ECONNREFUSED]);
  refuse();
  wire.finish();
  assert.equal(log.slice(1), ["first", ECONNREFUSED, "second", ECONNREFUSED]);
});

// Datagrams

test("datagrams from another machine are received with their sender, dropped where there is no room or nobody, and answered", () => {
  const log: unknown[] = [];
  const wire = new Wire((system) => {
    system.task("server", { storage: 1024 }, function* (self) {
      const socket = yield* self.create.socket({ type: "datagram", receive: 24 });
      yield* socket.bind(PORT);
      const from = self.sender();
      const view = self.buffer(8);
      yield* self.sleepUntil(5);
      log.push(socket.lost);
      const got = yield* socket.receive(view, -1, from);
      log.push(view.text(got), from.address, from.port, from.size, yield* socket.sendTo("back", from));
    });
  });
  wire.pass();
  for (const [port, text] of [
    [PORT, "0123456789"],
    [PORT, "lost"],
    [PORT + 1, "nobody's"],
  ] as const) {
    wire.hand({ flags: DATAGRAM, sourcePort: 7, destinationPort: port, text });
  }
  wire.finish();
  assert.equal(log, [1, "01234567", OTHER, 7, 10, 4]);
  const answer = wire.one();
  assert.equal(
    [said(answer), answer.text, answer.destination, answer.destinationPort, answer.sourcePort],
    ["DATAGRAM 4", "back", FAR, 7, PORT],
  );
});

test("an interrupt handler sends datagrams until the transmit buffer is full; all leave when it returns", () => {
  const log: unknown[] = [];
  const wire = new Wire((system) => {
    const socket = system.socket({ type: "datagram", transmit: 40, interrupts: "write" });
    system.interrupt(1, {}, function* (irq) {
      const to = irq.endpoint(OTHER, 7);
      for (const text of ["one", "two", "three", "four"]) log.push(yield* socket.sendTo(text, to, 0));
    });
    system.task("raiser", {}, function* (self) {
      yield* self.raise(1);
      yield* self.sleep(1);
    });
  });
  wire.finish();
  assert.equal(log, [3, 3, 5, EAGAIN]);
  assert.equal(
    wire.take().map(({ text, tick }) => [text, tick]),
    [
      ["one", 0],
      ["two", 0],
      ["three", 0],
    ],
  );
});

// Anything at all

const PATIENCE = 40;

const OFTEN = [ACK, ACK, ACK, ACK | FIN, ACK | FIN | STOP, ACK | PROBE, SYN, SYN | ACK, SYN | ACK, RST | ACK, RST | ACK | REFUSED];

/** What somebody answers to a packet, who mostly knows the protocol, sometimes errs, and sometimes lies. */
function reaction(packet: Packet, dice: Stream): Partial<Packet> {
  const numbers = packet.length + [SYN, FIN, STOP].filter((flag) => packet.flags & flag).length;
  const errs = dice.below(4) === 0;
  const error = () => (errs ? [1, -1, 5, -5, 1000, 0x7fffffff, 0x80000000][dice.below(7)] : 0) as number;
  const flags = packet.flags === SYN && dice.below(3) > 0 ? SYN | ACK : (OFTEN[dice.below(OFTEN.length)] as number);
  return {
    sourcePort: packet.destinationPort,
    destinationPort: packet.sourcePort,
    flags: dice.below(30) === 0 ? dice.below(512) & ~UNREACHABLE : flags,
    sequence: packet.acknowledged + error(),
    acknowledged: packet.sequence + numbers + error(),
    window: dice.below(5) === 0 ? 0 : dice.below(100),
    text: dice.below(3) === 0 ? "x".repeat(dice.below(60)) : "",
  };
}

/** Plays a bad network for a while. */
function harass(wire: Wire, dice: Stream, ticks: number): void {
  const seen: Packet[] = [];
  const sent: Partial<Packet>[] = [];
  const hand = (packet: Partial<Packet>) => {
    sent.push(packet);
    wire.hand(packet);
  };
  for (let tick = 0; tick < ticks; tick++) {
    wire.pass();
    seen.push(...wire.take());
    seen.splice(0, Math.max(0, seen.length - 12));
    for (let i = dice.below(5); i > 0; i--) {
      const packet = seen[dice.below(seen.length || 1)];
      const old = sent[sent.length - 1 - dice.below(20)];
      const kind = dice.below(20);
      if (kind < 13 && packet) hand(reaction(packet, dice));
      else if (kind < 15 && old) wire.hand(old);
      else if (kind < 18)
        hand({
          sourcePort: 1 + dice.below(4),
          destinationPort: PORTS[dice.below(3)] as number,
          flags: SYN,
          sequence: dice.below(99),
          window: 50,
        });
      else if (kind < 19)
        hand({ sourcePort: 80, destinationPort: PORTS[dice.below(3)] as number, flags: DATAGRAM, text: "y".repeat(dice.below(60)) });
      else if (dice.below(10) === 0) hand({ flags: RST | UNREACHABLE });
    }
  }
}

test("random packets and random calls break no invariant, and in the end nothing is left of them", () => {
  for (const seed of seeds(12)) {
    const dice = new Stream(seed, 5);
    const wire = new Wire(
      (system) => {
        system.task("keeper", { priority: 1 }, function* (self) {
          yield* self.sleepUntil(400 + 3 * PATIENCE);
        });
        for (let i = 0; i < 4; i++) {
          system.task(`rioter ${i}`, { priority: 5 + 2 * (i % 3), daemon: true, detached: true, storage: 1024 }, function* (self) {
            yield* self.signals.ignore(SIGPIPE);
            const own = new Stream(seed, 20 + i);
            for (;;) {
              const rioter = yield* self.create.task(`${i}`, { priority: 4 + i, storage: 1024 }, function* (me) {
                yield* me.signals.ignore(SIGPIPE);
                yield* riot(me, own, 60, OTHER);
              });
              if (own.below(2) === 0) {
                yield* self.sleep(own.below(40));
                yield* rioter.terminate();
              }
              yield* rioter.join();
              if (self.tick > 350) return;
            }
          });
        }
      },
      { giveUp: PATIENCE, ephemeralPorts: [1000, 1030], ...(seed % 3 === 0 ? {} : { seed }) },
    );
    harass(wire, dice, 340);
    wire.until(400 + 2 * PATIENCE);
    assert.equal([wire.connections, sockets(wire)], [[0, 0], 0], `seed ${seed}`);
    const left = pieces(wire.machine).filter(({ used }) => used !== 0);
    assert.ok(left.length <= 1, `seed ${seed}: ${left.length} pieces`);
    wire.finish();
  }
});

test("a task that writes into the buffers of sockets harms what is in them, and nothing else", () => {
  for (const seed of seeds(6)) {
    const dice = new Stream(seed, 7);
    const wire = new Wire(
      (system) => {
        const sockets = [system.socket({ type: "datagram", receive: 60, transmit: 60, name: "a" }), system.socket({ name: "b" })];
        const [datagram, stream] = sockets as [Socket, Socket];
        system.task("vandal", { priority: 9, daemon: true }, function* (self) {
          const { u8, u32 } = self.machine;
          for (;;) {
            yield* self.compute(500);
            for (const { record } of sockets) {
              if (record < 0) continue;
              for (const [field, bytes] of [
                [layout.Socket.rxBuffer, layout.Socket.receive],
                [layout.Socket.txBuffer, layout.Socket.transmit],
              ] as const) {
                const at = u32[(record + field) >> 2] as number;
                const length = u32[(record + bytes) >> 2] as number;
                if (at !== 0) for (let i = 0; i < 6; i++) u8[at + dice.below(length)] = dice.below(256);
              }
            }
            if (dice.below(6) === 0) yield* self.sleep(1);
          }
        });
        const talker = (name: string, act: (self: Self, view: View) => Steps) =>
          system.task(name, { storage: 1024, reads: sockets, writes: sockets }, function* (self) {
            yield* self.signals.ignore(SIGPIPE);
            yield* self.lockScheduler();
            if (name === "one") yield* datagram.bind(PORT);
            if (name === "one") yield* stream.connect(OTHER, PORT, 0);
            yield* self.unlockScheduler();
            const view = self.buffer(64);
            while (self.tick < 60) yield* act(self, view);
          });
        talker("one", function* (self, view) {
          yield* datagram.receive(view, 1, self.tick < 2 ? self.sender() : undefined);
          yield* stream.receive(view, 1);
        });
        talker("two", function* (self, view) {
          const to = self.tick < 2 ? self.endpoint(dice.below(2) === 0 ? HERE : OTHER, PORT) : undefined;
          if (to) yield* datagram.sendTo(view.slice(0, dice.below(50)), to, 0);
          yield* stream.send(view.slice(0, dice.below(64)), 1);
          yield* self.compute(3000);
        });
      },
      seed === 0 ? {} : { seed },
    );
    const seen: Packet[] = [];
    for (let tick = 0; tick < 50; tick++) {
      wire.pass();
      seen.push(...wire.take());
      for (const packet of seen.splice(0, 3)) wire.hand({ ...reaction(packet, dice), ...(dice.below(2) === 0 ? { flags: ACK } : {}) });
      wire.hand({ flags: DATAGRAM, sourcePort: 7, destinationPort: PORT, text: "x".repeat(dice.below(50)) });
    }
    wire.finish();
  }
});

test.run();
