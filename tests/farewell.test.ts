/** The ends of streams to another machine: closed, reset, silent; the test plays the other machine. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ECONNREFUSED, ECONNRESET, EPIPE, ETIMEDOUT } from "../hal/host/index.js";
import { clean, client, OTHER, reading, server } from "./far.js";
import { pieces } from "./probe.js";
import { accepted, heard, heardAll, listening, PORT } from "./talk.js";
import { ACK, FAR, FIN, PROBE, RST, STOP, SYN, said, UNREACHABLE, Wire } from "./wire.js";

const test = suite("farewell");
/** Ticks until a first packet is sent again. */
const RETRY = 20;

// The end

test("a close sends FIN and STOP behind the bytes; when both are acknowledged nothing is left", () => {
  const wire = server(function* (_self, socket) {
    yield* socket.send("bye");
    yield* socket.close();
  }, {});
  wire.pass();
  const remote = wire.connect(PORT);
  wire.pass();
  assert.equal(wire.connections, [1, 1]);
  const first = remote.expected;
  const sent = wire.take();
  assert.equal(
    sent.map((packet) => [said(packet), packet.sequence - first]),
    [
      ["ACK 3", 0],
      ["ACK|FIN|STOP", 3],
    ],
  );
  for (const part of [3, 4]) {
    remote.raw({ flags: ACK, acknowledged: first + part });
    wire.pass();
    assert.equal(wire.connections, [1, 1], `${part}`);
  }
  assert.equal(wire.heard(), []);
  wire.pass(RETRY * 2);
  const again = wire.take()[0];
  assert.equal(again && [said(again), again.sequence - first], ["ACK|STOP", 4]);
  remote.raw({ flags: ACK, acknowledged: first + 5 });
  wire.pass();
  clean(wire);
  wire.take();
  remote.raw({ flags: ACK | FIN });
  wire.pass();
  assert.equal(wire.heard(), ["ACK|RST"]);
});

test("a shutdown to write and a close behind it tell each its own, also when the first is not acknowledged yet", () => {
  for (const pause of [0, 5]) {
    const wire = server(function* (self, socket) {
      yield* socket.shutdown("write");
      if (pause > 0) yield* self.sleep(pause);
      yield* socket.close();
    });
    wire.pass();
    const remote = wire.connect(PORT);
    const first = remote.expected;
    wire.pass();
    if (pause > 0) assert.equal(remote.hear(), ["ACK|FIN"]);
    wire.pass(pause);
    const sent = wire.take();
    assert.equal(sent.map(said), pause > 0 ? ["ACK|STOP"] : ["ACK|FIN", "ACK|STOP"]);
    // A late answer to the FIN alone.
    remote.raw({ flags: ACK, acknowledged: first + 1 });
    wire.pass();
    assert.equal(wire.connections, [1, 1]);
    remote.raw({ flags: ACK, acknowledged: first + 2 });
    wire.pass();
    clean(wire);
  }
});

test("half a connection: after its FIN the machine still reads, after the other end's it still sends", () => {
  const log: unknown[] = [];
  const wire = server(function* (self, socket) {
    const view = self.buffer(16);
    yield* socket.shutdown("write");
    log.push(yield* socket.send("x"));
    log.push(...(yield* heardAll(socket, view)));
    yield* socket.close();
  });
  wire.pass();
  const remote = wire.connect(PORT);
  wire.pass();
  assert.equal(remote.hear(), ["ACK|FIN"]);
  remote.send(ACK, "still");
  wire.pass();
  remote.send(ACK | FIN, " here");
  wire.pass();
  assert.equal(log, [EPIPE, "still here", 0]);
  assert.equal(remote.hear(), ["ACK", "ACK", "ACK|STOP"]);
  wire.pass();
  clean(wire);

  const other: unknown[] = [];
  const next = server(function* (self, socket) {
    const view = self.buffer(16);
    other.push(...(yield* heardAll(socket, view)));
    other.push(yield* socket.send("still here"));
    yield* socket.close();
  });
  next.pass();
  const end = next.connect(PORT);
  end.send(ACK | FIN, "a");
  next.pass();
  assert.equal(end.hear(), ["ACK", "ACK 10", "ACK|FIN|STOP"]);
  next.pass();
  assert.equal(other, ["a", 0, 10]);
  clean(next);
});

test("a FIN or a STOP that comes again is acknowledged again", () => {
  const log: unknown[] = [];
  const [wire, remote] = reading(log, {}, 1000, 3);
  const first = remote.next;
  for (let i = 0; i < 3; i++) {
    remote.raw({ flags: ACK | FIN, sequence: first, text: "ab" });
    wire.pass();
    assert.equal(
      wire.take().map(({ acknowledged }) => acknowledged - first),
      [3],
    );
    remote.raw({ flags: ACK | FIN, sequence: first + 2 });
    wire.pass();
    assert.equal(
      wire.take().map(({ acknowledged }) => acknowledged - first),
      [3],
    );
  }
  remote.raw({ flags: ACK, sequence: first + 3, text: "behind the end" });
  wire.pass();
  assert.equal(
    wire.take().map(({ acknowledged }) => acknowledged - first),
    [3],
  );
  assert.equal(log, ["ab", 0]);
});

test("both ends close at once: both FINs cross, and nothing is left", () => {
  const wire = server(function* (_self, socket) {
    yield* socket.close();
  });
  wire.pass();
  const remote = wire.connect(PORT);
  wire.pass();
  assert.equal(wire.heard(), ["ACK|FIN|STOP"]);
  remote.send(ACK | FIN | STOP);
  wire.pass();
  assert.equal([wire.heard(), wire.connections], [["ACK"], [1, 1]]);
  remote.expected += 2;
  remote.raw({ flags: ACK });
  wire.pass();
  clean(wire);
});

test("the other end's close: what it sent is read, then 0; a send is EPIPE at once", () => {
  const log: unknown[] = [];
  const wire = server(function* (self, socket) {
    const view = self.buffer(16);
    yield* self.sleep(3);
    const poll = self.pollSet([{ read: socket }, { write: socket }]);
    log.push(yield* poll.wait(0), poll.closed(0));
    log.push(yield* socket.send("x"), ...(yield* heardAll(socket, view)), yield* socket.send("x"));
    yield* socket.close();
  });
  wire.pass();
  const remote = wire.connect(PORT);
  remote.send(ACK | FIN | STOP, "bye");
  wire.pass(5);
  assert.equal(log, [2, true, EPIPE, "bye", 0, EPIPE]);
  clean(wire);
});

test("the other end was closed and forgets the connection: its reset tells this end nothing new, unless bytes were lost", () => {
  for (const lost of [false, true]) {
    const log: unknown[] = [];
    const wire = server(function* (self, socket) {
      const view = self.buffer(16);
      if (lost) yield* socket.send("never acknowledged");
      yield* self.sleep(9);
      log.push(...(yield* heardAll(socket, view)), yield* socket.send("x"), yield* socket.send("x"));
    });
    wire.pass();
    const remote = wire.connect(PORT);
    wire.pass();
    remote.send(ACK | FIN | STOP, "bye");
    wire.pass();
    remote.raw({ flags: RST | ACK });
    wire.pass(9);
    assert.equal(log, lost ? ["bye", ECONNRESET, EPIPE, EPIPE] : ["bye", 0, EPIPE, EPIPE]);
    clean(wire);
  }
});

test("bytes for an end that is closed reset the connection", () => {
  const wire = server(function* (_self, socket) {
    yield* socket.send("unsent".repeat(4));
    yield* socket.close();
  });
  wire.pass();
  const remote = wire.connect(PORT, 1000, 5000, 0);
  wire.pass();
  assert.equal(wire.connections, [1, 1]);
  wire.take();
  remote.raw({ flags: ACK | FIN });
  wire.pass();
  assert.equal([wire.heard(), wire.connections], [["ACK"], [1, 1]]);
  remote.next++;
  remote.raw({ flags: ACK, text: "late", sequence: remote.next - 1 });
  wire.pass();
  assert.equal(wire.heard(), ["ACK|RST"]);
  clean(wire);
});

test("SOC-06d a close with unread bytes resets the other end; its reset leaves what came, then ECONNRESET once, then 0 and EPIPE", () => {
  const wire = server(function* (self, socket) {
    yield* self.sleep(3);
    yield* socket.close();
  });
  wire.pass();
  const remote = wire.connect(PORT);
  remote.send(ACK, "unread");
  wire.pass(5);
  const sent = wire.take();
  assert.equal(sent.map(said), ["ACK", "ACK|RST"]);
  assert.equal([sent[1]?.sequence, sent[1]?.acknowledged], [remote.expected, remote.next]);
  clean(wire);

  const log: unknown[] = [];
  const [other, end] = reading(log, {}, 1000, 10);
  end.send(ACK, "abc");
  end.raw({ flags: RST | ACK });
  other.pass(12);
  assert.equal(log, ["abc", ECONNRESET]);
  clean(other);
});

test("a reset is taken only from who knows where this end is", () => {
  const log: unknown[] = [];
  const [wire, remote] = reading(log, { receive: 100 }, 1000, 10);
  const { next, expected } = remote;
  for (const [sequence, acknowledged] of [
    [next - 1, expected + 1],
    [next + 101, expected - 1],
    [0, 0],
    [next + 0x7fffffff, expected + 0x7fffffff],
  ] as const) {
    remote.raw({ flags: RST | ACK, sequence, acknowledged });
    wire.pass();
    assert.equal([wire.connections, wire.heard()], [[1, 0], []]);
  }
  remote.raw({ flags: RST | ACK, acknowledged: expected + 50, sequence: next + 100 });
  wire.pass();
  clean(wire);
  wire.until(20);
  assert.equal(log, ["", ECONNRESET]);
});

test("a reset behind a full window and an end is judged as any other", () => {
  const log: unknown[] = [];
  const [wire, remote] = reading(log, { receive: 4 }, 1000, 30);
  remote.send(ACK | FIN, "full");
  wire.pass();
  remote.raw({ flags: RST | ACK, sequence: remote.next + 5000, acknowledged: remote.expected + 5000 });
  remote.raw({ flags: RST | ACK, sequence: remote.next - 5000, acknowledged: remote.expected + 5000 });
  wire.pass();
  assert.equal(wire.connections, [1, 0]);
});

test("a reset in a backlog, before and behind the third packet", () => {
  const log: unknown[] = [];
  const wire = new Wire((system) => {
    system.task("server", { storage: 1024 }, function* (self) {
      const listener = yield* listening(self);
      yield* self.sleepUntil(20);
      const socket = yield* accepted(listener);
      log.push(socket.peer?.port, ...(yield* heardAll(socket, self.buffer(8))));
      log.push(yield* listener.accept(0));
    });
  });
  wire.pass();
  const gone = wire.connect(PORT, 1000, 7);
  gone.send(ACK, "abc");
  wire.pass();
  gone.raw({ flags: RST | ACK });
  wire.hand({ sourcePort: 8, destinationPort: PORT, flags: SYN, sequence: 41 });
  wire.pass();
  wire.take();
  wire.hand({ sourcePort: 8, destinationPort: PORT, flags: RST | ACK, sequence: 42, acknowledged: 1 });
  wire.pass();
  clean(wire);
  wire.finish();
  assert.equal(log, [7, "abc", ECONNRESET, -11]);
});

test("SOC-08a closing a listener refuses who waits, on another machine too, accepted half or whole", () => {
  const wire = new Wire((system) => {
    system.task("server", { storage: 1024 }, function* (self) {
      const listener = yield* listening(self);
      yield* self.sleepUntil(10);
      yield* listener.close();
      yield* self.sleepUntil(20);
    });
  });
  wire.pass();
  const whole = wire.connect(PORT, 1000, 7);
  wire.hand({ sourcePort: 8, destinationPort: PORT, flags: SYN, sequence: 41 });
  wire.pass();
  wire.take();
  wire.until(12);
  const sent = wire.take().map((packet) => [said(packet), packet.destinationPort, packet.acknowledged]);
  assert.equal(sent, [
    ["ACK|RST|REFUSED", 7, whole.next],
    ["ACK|RST|REFUSED", 8, 42],
  ]);
  clean(wire);
});

// Silence

test("a quiet connection is asked for a sign of life, and lost at the tick at which it is silent for too long", () => {
  const log: unknown[] = [];
  const wire = server(
    function* (self, socket) {
      const view = self.buffer(16);
      log.push(yield* heard(socket, view), yield* heard(socket, view), self.tick, yield* heard(socket, view), yield* socket.send("x"));
    },
    { options: { giveUp: 100 } },
  );
  wire.pass();
  const remote = wire.connect(PORT);
  remote.send(ACK, "abc");
  wire.pass();
  wire.take();
  wire.until(40);
  assert.equal(
    wire.take().map((packet) => [said(packet), packet.tick]),
    [["ACK|PROBE", 28]],
  );
  wire.until(50);
  remote.raw({ flags: ACK });
  wire.until(300);
  assert.equal(
    wire.take().map((packet) => said(packet)),
    ["ACK|PROBE", "ACK|PROBE", "ACK|PROBE"].slice(0, 3),
  );
  assert.equal(log, ["abc", ETIMEDOUT, 151, 0, EPIPE]);
  clean(wire);
});

test("a machine answers to a probe at once", () => {
  const [wire, remote] = reading([]);
  remote.raw({ flags: ACK | PROBE });
  wire.pass();
  assert.equal(wire.heard(), ["ACK"]);
});

test("unacknowledged bytes: the sender is told ETIMEDOUT at the tick, an orphan goes at it", () => {
  const log: unknown[] = [];
  const wire = server(
    function* (self, socket) {
      log.push(yield* socket.send("0123456789"), self.tick, yield* socket.send("more", 0), yield* socket.send("more"), self.tick);
    },
    { transmit: 4, options: { giveUp: 100 } },
  );
  wire.pass();
  wire.connect(PORT);
  wire.until(200);
  // A send of which a part went in answers that part; why the rest did not is told next.
  assert.equal(log, [4, 102, ETIMEDOUT, EPIPE, 102]);
  clean(wire);

  const orphans = server(
    function* (_self, socket) {
      yield* socket.send("0123456789");
      yield* socket.close();
    },
    { options: { giveUp: 100 } },
  );
  orphans.pass();
  const before = pieces(orphans.machine);
  orphans.connect(PORT);
  orphans.until(100);
  assert.equal(orphans.connections, [1, 1]);
  orphans.until(101);
  clean(orphans);
  assert.equal(pieces(orphans.machine), before);
});

test("SOC-06e the network says that a machine is off: all that is connected to it is reset, and nothing else", () => {
  const log: unknown[] = [];
  const wire = server(function* (self, socket) {
    const other = yield* self.create.task(`${socket.peer?.port}`, { priority: 9, daemon: true }, function* (me) {
      yield* me.sleep(2);
      log.push(socket.peer?.port, ...(yield* heardAll(socket, me.buffer(8))));
    });
    yield* socket.grant(other, "read");
    yield* other.detach();
  });
  wire.pass();
  for (const own of [7, 8]) {
    wire.connect(PORT, 1000, own).send(ACK, "abc");
    wire.pass();
    wire.take();
  }
  wire.hand({ sourcePort: 9, destinationPort: PORT, flags: SYN, source: FAR + 1 });
  wire.pass(5);
  assert.equal(wire.connections, [3, 0]);
  wire.hand({ flags: RST | UNREACHABLE });
  wire.pass();
  assert.equal(wire.connections, [1, 0]);
  assert.equal(log, [7, "abc", ECONNRESET, 8, "abc", ECONNRESET]);
});

test("a machine that is off ends an attempt to connect to it, and an orphan", () => {
  const log: unknown[] = [];
  const wire = client(function* (self, socket, result) {
    log.push(result);
    log.push(yield* socket.connect(OTHER, PORT));
    yield* socket.close();
    yield* self.sleep(1);
  });
  wire.pass();
  wire.take();
  wire.hand({ flags: RST | UNREACHABLE });
  wire.pass();
  wire.accept();
  assert.equal(wire.connections, [1, 1]);
  wire.hand({ flags: RST | UNREACHABLE });
  wire.pass();
  clean(wire);
  assert.equal(log, [ECONNREFUSED, 0]);
});

test.run();
