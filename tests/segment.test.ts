/** Streams to another machine, packet by packet: the test plays the other machine, and never as a friend. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ECONNREFUSED, ECONNRESET, ENETUNREACH, ETIMEDOUT } from "../hal/host/index.js";
import { CPU_PAGE } from "../hal/map.js";
import { layout } from "../kernel/abi/host.js";
import { clean, client, type Ends, OTHER, reading, server } from "./far.js";
import { pieces } from "./probe.js";
import { accepted, heard, listening, PORT } from "./talk.js";
import { ACK, FAR, FIN, PROBE, REFUSED, type Remote, RST, STOP, SYN, said, UNREACHABLE, Wire } from "./wire.js";

const test = suite("segment");
/** Ticks until a first SYN or a first byte is sent again. */
const RETRY = 20;
const MAX = 0xffffffff;

/** The distances between these ticks. */
function pausesOf(ticks: readonly number[]): number[] {
  return ticks.slice(1).map((tick, i) => tick - (ticks[i] as number));
}

// The beginning

test("SYN, SYN|ACK, ACK: a connection is accepted when the third packet is here, and not before", () => {
  const log: unknown[] = [];
  const wire = server(function* (self, socket) {
    log.push(socket.peer, socket.local, self.tick);
    yield* self.sleep(1000);
  });
  wire.pass(2);
  wire.hand({ sourcePort: 7, destinationPort: PORT, flags: SYN, sequence: 41, window: 9 });
  wire.pass();
  const answer = wire.one();
  assert.equal(
    [said(answer), answer.acknowledged, answer.window, answer.sourcePort, answer.destinationPort],
    ["SYN|ACK", 42, 1024, PORT, 7],
  );
  assert.equal(wire.connections, [1, 0]);
  wire.pass(5);
  assert.equal(log, []);
  wire.hand({ sourcePort: 7, destinationPort: PORT, flags: ACK, sequence: 42, acknowledged: answer.sequence + 1, window: 9 });
  wire.pass();
  assert.equal(log, [{ address: OTHER, port: 7 }, { address: "10.0.0.1", port: PORT }, 8]);
  wire.finish();
});

test("a SYN without an answer is sent again, later each time, until the attempt is given up at its tick", () => {
  const log: unknown[] = [];
  const wire = client(
    (self, socket, result) => {
      log.push(result, self.tick, socket.state);
    },
    { options: { giveUp: 1600 } },
    2000,
  );
  wire.finish();
  const sent = wire.take();
  assert.ok(sent.every((packet) => said(packet) === "SYN"));
  assert.equal(
    sent.slice(0, 4).map(({ tick }) => tick),
    [0, RETRY, 3 * RETRY, 7 * RETRY],
  );
  const pauses = pausesOf(sent.map(({ tick }) => tick));
  assert.equal(
    pauses,
    [...pauses].sort((x, y) => x - y),
  );
  assert.is(new Set(sent.map(({ sequence }) => sequence)).size, 1);
  assert.equal(log, [ETIMEDOUT, 1600, "none"]);
  clean(wire);
});

test("a refusal ends an attempt only when it knows what it refuses", () => {
  for (const [flags, expected] of [
    [RST | ACK | REFUSED, ECONNREFUSED],
    [RST | ACK, ECONNRESET],
  ] as const) {
    const log: unknown[] = [];
    const wire = client((_self, _socket, result) => {
      log.push(result);
    });
    wire.pass();
    const syn = wire.one();
    const back = { sourcePort: PORT, destinationPort: syn.sourcePort };
    for (const wrong of [syn.sequence, syn.sequence + 2, 0, MAX]) wire.hand({ ...back, flags, acknowledged: wrong });
    wire.hand({ ...back, flags: flags & ~ACK, acknowledged: syn.sequence + 1 });
    wire.hand({ ...back, flags, acknowledged: syn.sequence + 1, sourcePort: PORT + 1 });
    wire.hand({ ...back, flags, acknowledged: syn.sequence + 1, source: FAR + 1 });
    wire.pass();
    assert.equal([log, wire.heard()], [[], []]);
    wire.hand({ ...back, flags, acknowledged: syn.sequence + 1 });
    wire.pass();
    assert.equal(log, [expected]);
    clean(wire);
  }
});

test("that there is no way to the other machine ends an attempt, and no connection", () => {
  const log: unknown[] = [];
  const wire = client(function* (self, socket, result) {
    log.push(result, socket.state);
    log.push(yield* socket.connect(OTHER, PORT), socket.state);
    yield* heard(socket, self.buffer(1));
  });
  wire.pass();
  const first = wire.one();
  wire.hand({ sourcePort: PORT, destinationPort: first.sourcePort, flags: RST | UNREACHABLE });
  wire.pass();
  const remote = wire.accept();
  remote.raw({ flags: RST | UNREACHABLE });
  wire.pass();
  assert.equal(log, [ENETUNREACH, "none", 0, "connected"]);
  assert.equal(wire.connections, [1, 0]);
});

test("an answer that acknowledges another SYN is answered with a reset, and the attempt goes on", () => {
  const log: unknown[] = [];
  const wire = client((_self, _socket, result) => {
    log.push(result);
  });
  wire.pass();
  const syn = wire.one();
  const back = { sourcePort: PORT, destinationPort: syn.sourcePort };
  wire.hand({ ...back, flags: SYN | ACK, sequence: 77, acknowledged: syn.sequence + 9 });
  wire.hand({ ...back, flags: ACK, sequence: 77, acknowledged: syn.sequence + 1 });
  wire.pass();
  assert.equal(
    wire.take().map((packet) => [said(packet), packet.sequence]),
    [
      ["ACK|RST", (syn.sequence + 9) >>> 0],
      ["ACK|RST", (syn.sequence + 1) >>> 0],
    ],
  );
  assert.equal([log, wire.connections], [[], [1, 0]]);
});

test("two ends that connect to one another refuse one another: nobody listens", () => {
  const log: unknown[] = [];
  const wire = client((_self, _socket, result) => {
    log.push(result);
  });
  wire.pass();
  const syn = wire.one();
  wire.hand({ sourcePort: PORT, destinationPort: syn.sourcePort, flags: SYN, sequence: 77 });
  wire.pass();
  const answer = wire.one();
  assert.equal([said(answer), answer.acknowledged], ["ACK|RST|REFUSED", 78]);
});

test("a SYN for nobody is refused, and so is one for which the backlog has no room", () => {
  const wire = server(
    function* (self) {
      yield* self.sleep(1000);
    },
    { backlog: 2 },
  );
  wire.pass();
  wire.hand({ sourcePort: 7, destinationPort: PORT + 1, flags: SYN, sequence: 41 });
  wire.pass();
  const refused = wire.one();
  assert.equal([said(refused), refused.acknowledged], ["ACK|RST|REFUSED", 42]);
  for (const own of [1, 2, 3]) wire.hand({ sourcePort: own, destinationPort: PORT, flags: SYN });
  wire.pass();
  assert.equal(wire.heard().sort(), ["ACK|RST|REFUSED", "SYN|ACK", "SYN|ACK"]);
  assert.equal(wire.connections, [2, 0]);
});

test("a packet of no connection is answered with a reset that fits it, and a reset with nothing", () => {
  const wire = server(function* () {});
  wire.pass();
  for (const flags of [ACK, ACK | FIN, ACK | PROBE, SYN | ACK, 0, FIN | STOP]) {
    wire.hand({ sourcePort: 7, destinationPort: PORT, flags, sequence: 41, acknowledged: 99, text: "abc" });
    wire.pass();
    const answer = wire.one();
    assert.equal([said(answer), answer.sequence, answer.acknowledged], ["ACK|RST", 99, flags & SYN ? 45 : 44]);
  }
  wire.hand({ sourcePort: 7, destinationPort: PORT, flags: RST | ACK, sequence: 41, acknowledged: 99 });
  wire.pass();
  assert.equal(wire.heard(), []);
  clean(wire);
});

test("a flood of SYNs takes the backlog, no more, and is given up", () => {
  const log: unknown[] = [];
  const wire = server(
    (self, socket) => {
      log.push(socket.peer?.port, self.tick);
    },
    { backlog: 3, options: { giveUp: 100 } },
  );
  wire.pass();
  const before = pieces(wire.machine);
  for (let i = 0; i < 50; i++) {
    wire.hand({ sourcePort: 100 + i, destinationPort: PORT, flags: SYN, sequence: i });
    wire.hand({ sourcePort: 100, destinationPort: PORT, flags: SYN, sequence: 0 });
    if (i % 10 === 0) wire.pass();
  }
  assert.equal(wire.connections, [3, 0]);
  wire.until(99);
  assert.equal(wire.connections, [3, 0]);
  wire.until(110);
  clean(wire);
  assert.equal(pieces(wire.machine), before);
  wire.take();
  wire.connect(PORT).hear();
  wire.pass();
  assert.is(log.length, 2);
});

test("the answer to a SYN that was lost is sent again, by time and when the SYN comes again", () => {
  const wire = server(function* (self) {
    yield* self.sleep(1000);
  });
  wire.pass();
  const syn = { sourcePort: 7, destinationPort: PORT, flags: SYN, sequence: 41, window: 9 };
  wire.hand(syn);
  wire.pass();
  const first = wire.one();
  wire.hand(syn);
  wire.pass();
  assert.equal({ ...wire.one(), tick: 0 }, { ...first, tick: 0 });
  wire.until(1 + RETRY);
  assert.equal({ ...wire.one(), tick: 0 }, { ...first, tick: 0 });
  wire.hand({ ...syn, flags: ACK, sequence: 42, acknowledged: first.sequence + 1 });
  wire.hand(syn);
  wire.pass();
  assert.equal(wire.heard(), ["ACK"]);
  assert.equal(wire.connections, [1, 0]);
});

test("what acknowledges another answer to a SYN is refused, and the connection still waits for its own", () => {
  const wire = server(function* (self) {
    yield* self.sleep(1000);
  });
  wire.pass();
  wire.hand({ sourcePort: 7, destinationPort: PORT, flags: SYN, sequence: 41, window: 9 });
  wire.pass();
  const first = wire.one();
  for (const wrong of [2, -1, 0]) {
    const acknowledged = (first.sequence + 1 + wrong) >>> 0;
    wire.hand({ sourcePort: 7, destinationPort: PORT, flags: ACK, sequence: 42, acknowledged, window: 9 });
    wire.pass();
    const answers = wire.take().map((packet) => [said(packet), packet.sequence]);
    assert.equal(answers, wrong === 0 ? [] : [["ACK|RST", acknowledged]]);
  }
});

test("who connects anew with another number finds that the old half of a connection goes", () => {
  const wire = server(function* (self) {
    yield* self.sleep(1000);
  });
  wire.pass();
  const syn = { sourcePort: 7, destinationPort: PORT, flags: SYN, sequence: 41, window: 9 };
  wire.hand(syn);
  wire.pass();
  wire.take();
  wire.hand({ ...syn, sequence: 5000 });
  wire.pass();
  const old = wire.one();
  assert.is(old.acknowledged, 42);
  // As a kernel answers to what does not acknowledge its SYN.
  wire.hand({ ...syn, flags: RST | ACK, sequence: old.acknowledged });
  wire.pass();
  clean(wire);
});

// Bytes in

test("bytes are taken in order once: behind a gap none, twice none, of an overlap the new ones; each packet is acknowledged", () => {
  for (const sequence of [1000, MAX - 3, MAX, 0x7ffffffe]) {
    const log: unknown[] = [];
    const [wire, remote] = reading(log, {}, sequence);
    const first = remote.next;
    for (const [at, text, has] of [
      [0, "abc", 3],
      [5, "f", 3],
      [0, "abc", 3],
      [1, "bcde", 5],
      [4, "ef", 6],
      [-1, "?", 6],
      [-3, "???abcdefg", 7],
      [8, "", 7],
      [0x7fffffff, "far", 7],
      [-0x80000000, "far", 7],
    ] as const) {
      remote.raw({ flags: ACK, sequence: first + at, text });
      wire.pass();
      if (text === "") assert.equal(wire.heard(), []);
      else assert.is(wire.one().acknowledged, (first + has) >>> 0, `${at} ${text}`);
    }
    remote.next = (first + 7) >>> 0;
    remote.send(ACK | FIN);
    wire.pass();
    assert.is(wire.one().acknowledged, (first + 8) >>> 0);
    wire.until(60);
    assert.equal(log, ["abcdefg", 0]);
  }
});

test("no more bytes are taken than there is room for, and the end behind them only with the last", () => {
  const log: unknown[] = [];
  const [wire, remote] = reading(log, { receive: 8 });
  const first = remote.next;
  remote.raw({ flags: ACK | FIN, text: "0123456789" });
  wire.pass();
  const answer = wire.one();
  assert.equal([answer.acknowledged, answer.window], [first + 8, 0]);
  remote.raw({ flags: ACK | FIN, sequence: first + 8, text: "89" });
  wire.pass();
  assert.is(wire.one().acknowledged, first + 8);
  wire.until(60);
  const room = wire.one();
  assert.equal([room.acknowledged, room.window, room.tick], [first + 8, 8, 50]);
  remote.raw({ flags: ACK | FIN, sequence: first + 8, text: "89" });
  wire.pass();
  assert.is(wire.one().acknowledged, first + 11);
  assert.equal(log, ["0123456789", 0]);
});

test("room is told when half the ring is free, not for each byte", () => {
  const wire = server(
    function* (self, socket) {
      const view = self.buffer(1);
      for (;;) {
        yield* self.sleep(10);
        yield* socket.receive(view);
      }
    },
    { receive: 8 },
  );
  wire.pass();
  const remote = wire.connect(PORT);
  remote.send(ACK, "01234567");
  wire.pass(2);
  assert.equal(
    wire.take().map(({ window }) => window),
    [0],
  );
  wire.until(39);
  assert.equal(wire.heard(), []);
  wire.until(49);
  assert.equal(
    wire.take().map(({ window }) => window),
    [4],
  );
});

// Bytes out

/** A machine that sends this when it is connected to, and its other end. */
function sending(text: string, log: unknown[] = [], options: Ends = {}, window = 1000, life = 400): [Wire, Remote] {
  const wire = server(
    function* (self, socket) {
      log.push(yield* socket.send(text), self.tick);
      yield* self.sleep(life);
    },
    options,
    life,
  );
  wire.pass();
  const remote = wire.connect(PORT, 1000, 5000, window);
  wire.pass();
  return [wire, remote];
}

test("bytes go up to the other end's room, and are sent again from the oldest one that is not acknowledged", () => {
  const log: unknown[] = [];
  const [wire, remote] = sending("0123456789", log, {}, 4);
  const first = remote.expected;
  assert.equal(
    wire.take().map(({ text, sequence }) => [text, sequence - first]),
    [["0123", 0]],
  );
  wire.until(2 + RETRY);
  assert.equal(
    wire.take().map(({ text, tick }) => [text, tick]),
    [["0123", 2 + RETRY]],
  );
  remote.raw({ flags: ACK, acknowledged: first + 2 });
  wire.pass();
  assert.equal(
    wire.take().map(({ text, sequence }) => [text, sequence - first]),
    [["45", 4]],
  );
  remote.raw({ flags: ACK, acknowledged: first + 6 });
  wire.pass();
  assert.equal(
    wire.take().map(({ text, sequence }) => [text, sequence - first]),
    [["6789", 6]],
  );
  remote.raw({ flags: ACK, acknowledged: first + 10 });
  wire.pass(60);
  assert.equal([wire.heard(), log], [[], [10, 2]]);
});

test("what was never sent cannot be acknowledged, and an old acknowledgement takes nothing back", () => {
  const log: unknown[] = [];
  const [wire, remote] = sending("0123456789", log, { transmit: 10 }, 4);
  const first = remote.expected;
  wire.take();
  for (const wrong of [5, 6, 0x7fffffff, -0x80000000, -1, -1000]) remote.raw({ flags: ACK, acknowledged: first + wrong, window: 1000 });
  wire.pass();
  assert.equal(wire.heard(), []);
  remote.raw({ flags: ACK, acknowledged: first + 4, window: 2 });
  wire.pass();
  assert.equal(
    wire.take().map(({ text }) => text),
    ["45"],
  );
  remote.raw({ flags: ACK, acknowledged: first + 3, window: 1000 });
  remote.raw({ flags: ACK, acknowledged: first + 4, window: 0 });
  wire.pass();
  assert.equal(wire.heard(), []);
});

test("the same acknowledgement four times sends again at once, and once", () => {
  const [wire, remote] = sending("0123456789", [], {}, 4);
  wire.take();
  remote.window = 1000;
  remote.raw({ flags: ACK });
  wire.pass();
  assert.equal(
    wire.take().map(({ text }) => text),
    ["456789"],
  );
  for (let i = 0; i < 3; i++) remote.raw({ flags: ACK });
  wire.pass();
  assert.equal(
    wire.take().map(({ text }) => text),
    ["0123456789"],
  );
  for (let i = 0; i < 3; i++) remote.raw({ flags: ACK });
  wire.pass();
  assert.equal(wire.heard(), []);
});

test("against a window of 0 the other end is asked, less often each time, and goes on being asked as long as it answers", () => {
  const log: unknown[] = [];
  const [wire, remote] = sending("abc", log, { options: { giveUp: 1600 } }, 0, 2000);
  const asked: number[] = [];
  while (wire.machine.tick < 1800) {
    for (const packet of wire.take()) {
      assert.is(said(packet), "ACK|PROBE");
      asked.push(packet.tick);
      remote.raw({ flags: ACK });
    }
    wire.pass();
  }
  const pauses = pausesOf(asked);
  assert.equal(
    pauses,
    [...pauses].sort((x, y) => x - y),
  );
  assert.ok((pauses.at(-1) as number) > 2 * RETRY, pauses.join());
  assert.equal(wire.connections, [1, 0]);
  remote.raw({ flags: ACK, window: 2 });
  wire.pass();
  assert.equal(
    wire.take().map(({ text }) => text),
    ["ab"],
  );
});

test("a window beyond any buffer is no window", () => {
  for (const window of [MAX, 0x80000000, 0x7fffffff, (1 << 20) + 1]) {
    const [wire, remote] = sending("0123456789", [], {}, 4);
    wire.take();
    remote.raw({ flags: ACK, window, acknowledged: remote.expected + 4 });
    wire.pass();
    assert.equal(wire.heard(), [], `${window}`);
    remote.raw({ flags: ACK, window: 3, acknowledged: remote.expected + 4 });
    wire.pass();
    assert.equal(
      wire.take().map(({ text }) => text),
      ["456"],
    );
  }
});

test("numbers wrap around at both ends, in the middle of bytes and at the end of a stream", () => {
  for (let before = 0; before < 9; before++) {
    const log: unknown[] = [];
    const wire = new Wire((system) => {
      system.task("server", { storage: 1024 }, function* (self) {
        const socket = yield* accepted(yield* listening(self));
        log.push(yield* socket.send("abc"), yield* socket.send("def"));
        yield* socket.close();
        yield* self.sleep(50);
      });
    });
    wire.pass();
    firstNumber(wire, -before);
    const remote = wire.connect(PORT, (-before >>> 0) - 1);
    wire.pass();
    assert.is(remote.expected, (1 - before) >>> 0);
    for (let i = 0; i < 5; i++) {
      remote.hear();
      wire.pass();
    }
    assert.equal(log, [3, 3]);
    assert.is(remote.expected, (1 - before + 8) >>> 0);
    clean(wire);
  }
});

test("ticks wrap around under a connection: it is asked for a sign of life and given up as ever", () => {
  for (const before of [0, 1, 20, 30, 60, 99, 101, 110]) {
    const log: unknown[] = [];
    const first = -before >>> 0;
    const wire = new Wire(
      (system) => {
        system.task("client", { storage: 1024 }, function* (self) {
          const socket = yield* self.create.socket();
          log.push(yield* socket.connect(OTHER, PORT), (self.tick - first) >>> 0);
          log.push(yield* socket.connect(OTHER, PORT), (self.tick - first) >>> 0);
          log.push(yield* socket.receive(self.buffer(4)), (self.tick - first) >>> 0);
        });
      },
      { firstTick: first, giveUp: 100 },
    );
    let met = false;
    for (let i = 0; i < 2000 && wire.over === undefined; i++) {
      wire.machine.advance({ dispatches: 1 });
      assert.is(wire.machine.check(), 0);
      if (log.length < 2 || met) continue;
      const syn = wire.take().at(-1);
      if (syn === undefined) continue;
      met = true;
      wire.hand({ sourcePort: PORT, destinationPort: syn.sourcePort, flags: SYN | ACK, acknowledged: syn.sequence + 1, window: 9 });
      if (wire.machine.over) break;
    }
    assert.equal(log, [ETIMEDOUT, 100, 0, 100, ETIMEDOUT, 200], `${before} ticks before`);
  }
});

/** Makes the machine's next connection begin with this number. */
function firstNumber({ machine }: Wire, number: number): void {
  const at = (machine.u32[(CPU_PAGE + layout.Cpu.kernel) >> 2] as number) + layout.Kernel.streams;
  // The inverse of the distance between two.
  let inverse = 1;
  for (let i = 0; i < 5; i++) inverse = Math.imul(inverse, 2 - Math.imul(0x9e3779b1, inverse));
  machine.u32[at >> 2] = (Math.imul(number, inverse) - 1) >>> 0;
}

test.run();
