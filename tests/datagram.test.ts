/** Datagrams within one machine. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, EADDRNOTAVAIL, EAGAIN, EISCONN, EMSGSIZE, ENOTCONN, type Self, type Socket } from "../hal/host/index.js";
import { Info, layout, Mode, Order, SocketType, SWITCH } from "../kernel/abi/host.js";
import { Bare } from "./bare.js";
import { info, pieces } from "./probe.js";
import { always, misuse, playOut } from "./support.js";
import { HERE, heard, PORT } from "./talk.js";

const test = suite("datagram");
const OWN = "10.0.0.1";
const HEADER = 8;

/** A datagram socket of the caller's with a port. */
function* place(self: Self, port: number, options: { receive?: number; transmit?: number } = {}, address?: string) {
  const socket = yield* self.create.socket({ type: "datagram", ...options });
  const bound = yield* address === undefined ? socket.bind(port) : socket.bind(port, address);
  assert.is(bound, port);
  return socket;
}

test("SOC-09a datagrams keep their boundaries, empty ones too, and tell who sent them", () => {
  always(
    (system, log) => {
      system.task("server", { priority: 9, storage: 512 }, function* (self) {
        const socket = yield* place(self, PORT);
        const view = self.buffer(16);
        const from = self.sender();
        for (let i = 0; i < 4; i++) log.push(yield* heard(socket, view, -1));
        const got = yield* socket.receive(view, -1, from);
        log.push(view.text(got), from.address, from.port, from.size);
        log.push(yield* socket.sendTo("back", from));
      });
      system.task("client", { storage: 512 }, function* (self) {
        yield* self.sleep(1);
        yield* self.lockScheduler();
        const socket = yield* place(self, 99);
        const to = self.endpoint(HERE, PORT);
        for (const text of ["a", "", "bcd", "efghijkl", "last"]) yield* socket.sendTo(text, to, 0);
        yield* self.unlockScheduler();
        const from = self.sender();
        const view = self.buffer(16);
        log.push(view.text(yield* socket.receive(view, -1, from)), from.address, from.port, from.size);
      });
    },
    ["a", 0, "bcd", "efghijkl", "last", HERE, 99, 4, 4, "back", HERE, PORT, 4],
  );
});

test("SOC-09a each keeps its sender and its size while it waits, around the end of the ring", () => {
  always(
    (system, log) => {
      system.task("t", { storage: 1024 }, function* (self) {
        const socket = yield* place(self, PORT, { receive: 61 });
        const senders = [yield* place(self, 1), yield* place(self, 2, {}, "127.0.0.2")];
        const to = self.endpoint(HERE, PORT);
        const from = self.sender();
        const view = self.buffer(64);
        const wrong: unknown[] = [];
        const text = (i: number, n: number) => `${i}${"x".repeat((i * 5 + n * 3) % 20)}`;
        for (let i = 0; i < 60; i++) {
          for (const [n, sender] of senders.entries()) yield* sender.sendTo(text(i, n), to);
          for (const [n] of senders.entries()) {
            const got = view.text(yield* socket.receive(view, 0, from));
            if (got !== text(i, n) || from.size !== got.length || from.port !== n + 1) wrong.push([i, n, got, from.size, from.port]);
            if (from.address !== (n === 0 ? HERE : "127.0.0.2")) wrong.push(from.address);
          }
        }
        log.push(wrong, socket.used, socket.lost);
      });
    },
    [[], 0, 0],
  );
});

test("SOC-09a datagrams are delivered to who waits for them, the more urgent first", () => {
  always(
    (system, log) => {
      const socket = system.socket({ type: "datagram" });
      for (const [name, priority] of [
        ["a", 7],
        ["b", 8],
        ["c", 9],
      ] as const) {
        system.task(name, { priority, reads: [socket] }, function* (self) {
          if (name === "c") yield* socket.bind(PORT);
          const from = self.sender();
          const view = self.buffer(3);
          const got = yield* socket.receive(view, -1, from);
          log.push(name, view.text(got), from.size);
        });
      }
      system.task("sender", {}, function* (self) {
        yield* self.lockScheduler();
        const own = yield* self.create.socket({ type: "datagram" });
        const to = self.endpoint(HERE, PORT);
        for (const text of ["one", "second", "3"]) yield* own.sendTo(text, to, 0);
        yield* self.unlockScheduler();
      });
    },
    ["c", "one", 3, "b", "sec", 6, "a", "3", 1],
  );
});

test("SOC-09b what does not fit into the buffer is cut off and its length is told, and the next one is whole", () => {
  always(
    (system, log) => {
      system.task("t", { storage: 1024 }, function* (self) {
        const socket = yield* place(self, PORT);
        const own = yield* place(self, 1);
        const to = self.endpoint(HERE, PORT);
        const from = self.sender();
        const view = self.buffer(4);
        for (const text of ["0123456789", "ab", "0123456789", "cd"]) yield* own.sendTo(text, to);
        for (let i = 0; i < 2; i++) log.push(view.text(yield* socket.receive(view, 0, from)), from.size);
        log.push(yield* socket.receive(view.slice(0, 0), 0, from), from.size);
        log.push(yield* heard(socket, view, 0), yield* heard(socket, view, 0));
      });
    },
    ["0123", 10, "ab", 2, 0, 10, "cd", EAGAIN],
  );
});

test("SOC-09c a datagram without room at its receiver is dropped and counted, and the sender hears nothing of it", () => {
  always(
    (system, log) => {
      system.task("t", { storage: 1024 }, function* (self) {
        const socket = yield* place(self, PORT, { receive: 2 * HEADER + 8 });
        const own = yield* place(self, 1);
        const to = self.endpoint(HERE, PORT);
        const view = self.buffer(16);
        for (const text of ["abcd", "0123456789", "efgh", "i", ""]) log.push(yield* own.sendTo(text, to));
        log.push(socket.lost, yield* info(self.machine, socket.handle, Info.LOST), socket.used);
        for (let i = 0; i < 3; i++) log.push(yield* heard(socket, view, 0));
        log.push(yield* own.sendTo("x", self.endpoint(HERE, 2)), yield* own.sendTo("0123456789", to), yield* heard(socket, view, 0));
      });
    },
    [4, 10, 4, 1, 0, 3, 3, 24, "abcd", "efgh", EAGAIN, 1, 10, "0123456789"],
  );
});

test("SOC-09a a datagram goes to itself, too, and a connected one sends and receives with that end alone", () => {
  always(
    (system, log) => {
      system.task("t", { storage: 1024 }, function* (self) {
        const view = self.buffer(8);
        const a = yield* place(self, 1);
        const b = yield* place(self, 2);
        const c = yield* place(self, 3);
        const toA = self.endpoint(HERE, 1);
        yield* a.sendTo("self", toA);
        log.push(yield* heard(a, view, 0), yield* a.send("x"));
        log.push(yield* a.connect(HERE, 2), a.state, a.peer, yield* a.send("ab"), yield* a.sendTo("x", toA));
        log.push(yield* heard(b, view, 0));
        yield* c.sendTo("from c", toA);
        yield* b.sendTo("from b", toA);
        log.push(yield* heard(a, view, 0), yield* heard(a, view, 0));
        log.push(yield* a.connect(HERE, 3), yield* a.send("ac"), yield* heard(c, view, 0));
      });
    },
    ["self", ENOTCONN, 0, "connected", { address: HERE, port: 2 }, 2, EISCONN, "ab", "from b", EAGAIN, 0, 2, "ac"],
  );
});

test("SOC-09a a socket at an address gets what is sent there alone", () => {
  always(
    (system, log) => {
      system.task("t", { storage: 1024 }, function* (self) {
        const view = self.buffer(16);
        const from = self.sender();
        const everywhere = yield* place(self, 1);
        const [here, own] = [yield* place(self, 2, {}, HERE), yield* place(self, 2, {}, OWN)];
        const to = self.endpoint();
        const sender = yield* place(self, 9);
        for (const address of [HERE, OWN]) {
          for (const port of [1, 2]) yield* sender.sendTo(address, to.set(address, port));
        }
        for (const socket of [everywhere, everywhere, here, own, here, own] as Socket[]) {
          const got = yield* socket.receive(view, 0, from);
          log.push(got < 0 ? got : from.address);
        }
      });
    },
    [HERE, OWN, HERE, OWN, EAGAIN, EAGAIN],
    [{ address: OWN }],
  );
});

test("SOC-09a what is too long is EMSGSIZE, and to no port EADDRNOTAVAIL", () => {
  const most = 1024;
  for (const kernel of ["debug", "small"] as const) {
    const log: unknown[] = [];
    const machine = boot(
      (system) => {
        system.task("t", { storage: 2048 }, function* (self) {
          const socket = yield* place(self, PORT, { receive: 2048, transmit: 64 });
          const to = self.endpoint(HERE, PORT);
          const view = self.buffer(most + 1);
          log.push(yield* socket.sendTo(view, to), yield* socket.sendTo(view.slice(0, most), to), yield* socket.receive(view, 0));
          log.push(yield* socket.sendTo("x", to.set(HERE, 0)), yield* misuse(() => socket.connect(HERE, 0)));
          // To another machine it must fit into the transmit buffer, with its header.
          log.push(yield* socket.sendTo(view.slice(0, 57), to.set("10.0.0.2", 1)), yield* socket.sendTo(view.slice(0, 56), to));
        });
      },
      { kernel, address: OWN },
    );
    assert.is(machine.run(), "finished");
    assert.equal(log, [EMSGSIZE, most, most, EADDRNOTAVAIL, "EINVAL", EMSGSIZE, 56], kernel);
  }
});

test("a datagram socket's buffers come when it is created and go with it", () => {
  playOut((system) => {
    system.task("t", {}, function* (self) {
      const before = pieces(self.machine);
      const socket = yield* self.create.socket({ type: "datagram" });
      assert.is.not(pieces(self.machine).length, before.length);
      yield* socket.close();
      assert.equal(pieces(self.machine), before);
      assert.is(yield* misuse(() => self.create.socket({ type: "datagram", receive: HEADER })), "EINVAL");
      assert.is(yield* misuse(() => self.create.socket({ type: "datagram", receive: 1 << 20, transmit: 1 << 20 })), "ENOMEM");
      assert.equal(pieces(self.machine), before);
    });
  });
});

test("a datagram from a socket that is bound to the machine's address, or to any, says that it is from there", () => {
  for (const bound of [0, 0x0a000001]) {
    const m = new Bare({ address: 0x0a000001, netmask: 0xffffff00 });
    m.task(9);
    m.start();
    const socket = m.kernel.socket_create(0, SocketType.DATAGRAM, 64, 64, Mode.READ | Mode.WRITE, 0);
    assert.is(m.kernel.socket_bind(socket, bound, 80), 80);
    assert.is(m.kernel.socket_connect(socket, 0x0a000002, 90, 0), 0);
    assert.is(m.kernel.socket_send(socket, m.get("scratch"), 5, 0, 0), SWITCH);
    m.next(Order.PACKET);
    const word = (field: number) => m.u32[(m.get("packet") + field) >> 2];
    assert.is(word(layout.Packet.source), 0x0a000001);
    assert.is(word(layout.Packet.destination), 0x0a000002);
    m.next(Order.RESUME);
    assert.is(m.get("result"), 5);
  }
});

test.run();
