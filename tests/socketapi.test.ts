/** Sockets as scripted tasks have them: options, endpoints, what reports say of them. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { waitSentences } from "../apps/cli/reason.js";
import {
  type App,
  AppError,
  addressText,
  boot,
  CallError,
  ECONNREFUSED,
  EISCONN,
  parseAddress,
  type Self,
  Sender,
  Socket,
  type System,
} from "../hal/host/index.js";
import { misuse, play } from "./support.js";

const test = suite("socketapi");

/** What is wrong on purpose, as somebody who writes JavaScript may. */
// biome-ignore lint/suspicious/noExplicitAny: wrong types are what these tests are about
const wrong = (value: unknown): any => value;

/** What one task does, played. */
function alone(body: (self: Self) => Generator<never, void, unknown> | ReturnType<Parameters<System["task"]>[2]>) {
  return play((system) => {
    system.task("alone", { storage: 1024 }, wrong(body));
  }).machine;
}

function message(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    assert.ok(error instanceof AppError || error instanceof CallError, String(error));
    return (error as Error).message;
  }
  return "nothing was refused";
}

test("addresses are four numbers, each written one way", () => {
  assert.is(parseAddress("10.0.0.1"), 0x0a000001);
  assert.is(parseAddress("255.255.255.255"), 0xffffffff);
  for (const text of ["0.0.0.0", "127.0.0.1", "192.168.7.255"]) assert.is(addressText(parseAddress(text)), text);
  assert.is(addressText(-1), "255.255.255.255");
  for (const text of ["", "10.0.0", "10.0.0.256", "10.0.0.01", "10.0.0.1 ", "10.0.0.1.2", "localhost", "1e1.0.0.1", "-1.0.0.1", wrong(7)]) {
    assert.match(
      message(() => parseAddress(text)),
      "is no address: give four numbers of 0 to 255",
      String(text),
    );
  }
});

test("options that there are not are refused, with those that there are", () => {
  const refused = (options: unknown) =>
    message(() =>
      boot((system) => {
        system.socket(wrong(options));
      }),
    );
  assert.is(refused({ kind: "tcp" }), 'a socket has no option "kind": there are type, name, receive, transmit, interrupts');
  assert.is(refused({ type: "tcp" }), 'a socket: type is "tcp": give "stream" or "datagram"');
  assert.is(refused({ interrupts: "all" }), 'a socket: interrupts is "all": give "read" or "write" or "both"');
  assert.is(refused("stream"), "a socket takes options in braces: { type, name, receive, transmit, interrupts }");
  assert.match(refused({ receive: 0 }), "create.socket: EINVAL, receive and transmit are");
});

test("a misuse says what to do instead", () => {
  alone(function* (self) {
    const socket = yield* self.create.socket();
    const box = yield* self.create.socket({ type: "datagram" });
    const sentence = (make: () => unknown) => message(make);
    assert.is(
      sentence(() => socket.listen()),
      "socket.listen: EINVAL, it is bound to a port first: bind(80), and the backlog is 1 to 32",
    );
    assert.is(
      sentence(() => socket.accept()),
      "socket.accept: EINVAL, it does not listen: only a stream that did bind(80), then listen() accepts; or the timeout is less than -1",
    );
    assert.is(
      sentence(() => box.shutdown("write")),
      "socket.shutdown: EOPNOTSUPP, a datagram socket has no stream that could end",
    );
    assert.is(
      sentence(() => socket.shutdown(wrong("out"))),
      'socket.shutdown: the direction is "out": give "read" or "write" or "both"',
    );
    assert.match(
      sentence(() => socket.shutdown(wrong(undefined))),
      "takes the direction that ends",
    );
    assert.match(
      sentence(() => socket.connect("10.0.0", 80)),
      '"10.0.0" is no address',
    );
    assert.match(
      sentence(() => socket.connect("127.0.0.1", 0)),
      "socket.connect: EINVAL, it listens, the address is 0.0.0.0, the port is not 1 to 65535, or the timeout is less than -1",
    );
    assert.match(
      sentence(() => socket.send(wrong(7))),
      "socket.send takes text, bytes (Uint8Array) or a View, not number",
    );
    assert.match(
      sentence(() => box.sendTo("a", wrong("10.0.0.1"))),
      'takes an endpoint: self.endpoint("10.0.0.2", 53)',
    );
    assert.match(
      sentence(() => box.receive(self.buffer(4), 0, wrong(self.endpoint()))),
      "const from = self.sender()",
    );
    assert.match(
      sentence(() => self.endpoint("10.0.0.1", 65536)),
      "port 65536: ports are 0 to 65535",
    );
  });
});

test("a socket that a task was not given is not for it", () => {
  play((system) => {
    const socket = system.socket();
    system.task("stranger", {}, function* (self) {
      assert.is(yield* misuse(() => socket.bind(80)), "EPERM");
      assert.is(yield* misuse(() => socket.send("a")), "EPERM");
      assert.is(yield* misuse(() => socket.receive(self.buffer(1))), "EPERM");
      assert.is(yield* misuse(() => socket.accept()), "EPERM");
    });
  });
});

test("a description's listener is served by the task that has it, names and ends are known to reports", () => {
  const names: string[] = [];
  play((system) => {
    const listener = system.socket({ name: "door", receive: 64 });
    system.task("server", { priority: 9, reads: [listener] }, function* (self) {
      assert.is(listener.local, undefined);
      assert.is(yield* listener.bind(80), 80);
      assert.is(yield* listener.listen(2), 0);
      assert.equal([listener.state, listener.local], ["listening", { address: "0.0.0.0", port: 80 }]);
      const peer = self.endpoint();
      const connection = yield* listener.accept(undefined, peer);
      if (!(connection instanceof Socket)) throw new Error("no connection");
      assert.equal([peer.address, peer.port], ["127.0.0.1", 49152]);
      assert.equal([connection.state, connection.peer], ["connected", { address: "127.0.0.1", port: 49152 }]);
      assert.equal(connection.local, { address: "127.0.0.1", port: 80 });
      const view = self.buffer(16);
      assert.is(yield* connection.receive(view), 5);
      assert.is(view.text(5), "hello");
      yield* connection.send(view.slice(0, 5));
      names.push(self.machine.nameOf(listener.handle & 0x1fff), self.machine.nameOf(connection.handle & 0x1fff));
      assert.is(yield* connection.receive(view), 0);
    });
    system.task("client", {}, function* (self) {
      const socket = yield* self.create.socket();
      assert.is(yield* socket.connect("127.0.0.1", 81), ECONNREFUSED);
      assert.is(socket.state, "none");
      assert.is(yield* socket.connect("127.0.0.1", 80), 0);
      assert.is(yield* socket.connect("127.0.0.1", 80), EISCONN);
      yield* socket.send("hello");
      const view = self.buffer(8);
      assert.is(yield* socket.receive(view), 5);
      names.push(self.machine.nameOf(socket.handle & 0x1fff));
      yield* socket.shutdown("write");
    });
  });
  // A port was given out for the first attempt, and stays.
  assert.equal(names.sort(), ["door", "socket 127.0.0.1:80 <- 127.0.0.1:49152", "socket 127.0.0.1:49152 -> 127.0.0.1:80"].sort());
});

test("datagrams: who sent it is an endpoint to answer to, and its size tells what was cut off", () => {
  play((system) => {
    const box = system.socket({ type: "datagram", name: "box" });
    system.task("echo", { priority: 9, reads: [box], writes: [box] }, function* (self) {
      yield* box.bind(7);
      const view = self.buffer(4);
      const from = self.sender();
      assert.is(yield* box.receive(view, undefined, from), 4);
      assert.equal([from.address, from.port, from.size], ["127.0.0.1", 49152, 6]);
      assert.is(yield* box.sendTo(view, from), 4);
    });
    system.task("asker", {}, function* (self) {
      const socket = yield* self.create.socket({ type: "datagram" });
      const server = self.endpoint("127.0.0.1", 7);
      assert.is(yield* socket.sendTo("abcdef", server), 6);
      const view = self.buffer(8);
      const from = self.sender();
      assert.ok(from instanceof Sender);
      assert.is(yield* socket.receive(view, undefined, from), 4);
      assert.is(view.text(4), "abcd");
      assert.ok(from.equals(server));
    });
  });
});

test("sockets are opened by name, granted, polled", () => {
  const log: unknown[] = [];
  play((system) => {
    system.socket({ name: "door" });
    const worker = system.task("worker", { priority: 7, storage: 512 }, function* (self) {
      const handle = yield* self.waitNotification();
      const connection = new Socket(self.machine, handle);
      const set = self.pollSet([{ read: connection }, { write: connection }]);
      assert.is(yield* set.wait(), 1);
      assert.equal([set.ready(0), set.ready(1)], [false, true]);
      yield* connection.send("hi");
      log.push(self.machine.nameOf(connection.handle & 0x1fff));
    });
    system.task("server", { priority: 9 }, function* (self) {
      const door = yield* self.open.socket("door", "read");
      yield* door.bind(80);
      yield* door.listen();
      const connection = yield* door.accept();
      if (!(connection instanceof Socket)) throw new Error("no connection");
      yield* connection.grant(worker, "both");
      yield* connection.close();
      yield* worker.notify(connection.handle);
    });
    system.task("client", { priority: 5 }, function* (self) {
      const socket = yield* self.create.socket({ name: "client" });
      yield* socket.connect("127.0.0.1", 80);
      const view = self.buffer(8);
      log.push(yield* socket.receive(view), yield* socket.receive(view));
    });
  });
  assert.equal(log, ["socket 127.0.0.1:80 <- 127.0.0.1:49152", 2, 0]);
});

test("an interrupt handler sends and receives without waiting, with endpoints of its own", () => {
  const log: unknown[] = [];
  play((system) => {
    const box = system.socket({ type: "datagram", interrupts: "both" });
    system.interrupt(3, {}, function* (irq) {
      const view = irq.buffer(8);
      const from = irq.sender();
      log.push(yield* box.receive(view, 0, from), from.port);
      log.push(yield* box.sendTo(view.slice(0, 2), irq.endpoint("127.0.0.1", from.port), 0));
    });
    system.task("asker", { priority: 5 }, function* (self) {
      assert.is(yield* misuse(() => box.bind(9)), "EPERM");
      const socket = yield* self.create.socket({ type: "datagram" });
      yield* socket.bind(10);
      yield* socket.connect("127.0.0.1", 9);
      yield* socket.send("hi!");
      yield* self.raise(3);
      const view = self.buffer(8);
      log.push(yield* socket.receive(view), view.text(2));
    });
    system.task("owner", { priority: 9, reads: [box] }, function* (self) {
      yield* box.bind(9);
      yield* self.sleep(2);
    });
  });
  assert.equal(log, [3, 10, 2, 2, "hi"]);
});

/** The sentences about a run that ends in a deadlock. */
function stuck(app: App): { sentences: string[]; cycle: string[]; left: string[] } {
  const { machine } = play(app, {}, "deadlock");
  const report = machine.report();
  return { sentences: waitSentences(report), cycle: report.cycle, left: report.left };
}

test("a deadlock over sockets is explained: who could send, who could make room, who could accept", () => {
  const { sentences, cycle, left } = stuck((system) => {
    const door = system.socket({ name: "door" });
    system.task("server", { priority: 9, reads: [door] }, function* (self) {
      yield* door.bind(80);
      yield* door.listen();
      const connection = yield* door.accept();
      if (connection instanceof Socket) yield* connection.receive(self.buffer(1));
    });
    system.task("client", { priority: 5 }, function* (self) {
      const socket = yield* self.create.socket({ name: "c" });
      yield* socket.connect("127.0.0.1", 80);
      yield* socket.receive(self.buffer(1));
    });
    system.task("late", { priority: 4 }, function* (self) {
      const socket = yield* self.create.socket();
      yield* socket.connect("127.0.0.1", 80);
      yield* socket.receive(self.buffer(1));
    });
    system.task("other", { priority: 3 }, function* (self) {
      const listener = yield* self.create.socket();
      yield* listener.bind(81);
      yield* listener.listen();
      yield* listener.accept();
    });
  });
  assert.equal(cycle, ["server", "client"]);
  const [server, client, late, other] = sentences.map((sentence) => sentence.replace(/ at [^ ]+:\d+:/, ":").trim());
  assert.is(
    server,
    'task "server" waits in socket_receive on "socket 127.0.0.1:80 <- 127.0.0.1:49152": something could be sent by "client"',
  );
  assert.is(client, 'task "client" waits in socket_receive on "c" for 127.0.0.1:80: something could be sent by "server"');
  assert.is(late, 'task "late" waits in socket_receive on "socket 127.0.0.1:49153 -> 127.0.0.1:80": something could be sent by "server"');
  assert.is(other, 'task "other" waits in socket_accept on "socket 0.0.0.0:81 (listening)": nobody is left to connect');
  assert.ok(left.includes("door is open by server"));
  assert.ok(left.includes("socket 127.0.0.1:80 <- 127.0.0.1:49152 is open by server"));
});

test("the task table tells of every task by calls", () => {
  play((system) => {
    const gate = system.semaphore({ name: "gate" });
    system.task("waiter", { priority: 9 }, function* () {
      yield* gate.take();
    });
    system.task("looker", { priority: 5, storage: 512 }, function* (self) {
      const table = yield* self.tasks();
      assert.equal(
        table.map(({ name, state, waitsFor, priority, base }) => ({ name, state, waitsFor, priority, base })),
        [
          { name: "waiter", state: "blocked", waitsFor: "gate", priority: 9, base: 9 },
          { name: "looker", state: "running", waitsFor: "", priority: 5, base: 5 },
        ],
      );
      assert.ok(table.every(({ cycles, switches }) => cycles > 0 && switches === 1));
      yield* gate.give();
    });
  });
});

test.run();
