/** Waits of streams and datagrams: what ends them and when, who is served first, and full tables. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  ECANCELED,
  ECONNREFUSED,
  EIDRM,
  EINTR,
  ENOMEM,
  ETIMEDOUT,
  type Self,
  SIGPIPE,
  SIGUSR1,
  SIGUSR2,
  Socket,
  type System,
} from "../hal/host/index.js";
import { noting, pieces, room } from "./probe.js";
import { always, misuse, playOut } from "./support.js";
import { accepted, connected, HERE, heard, listening, PORT, type Steps, talk } from "./talk.js";
import { ACK, Wire } from "./wire.js";

const test = suite("stream");

/** The tick at which the waits below time out. */
const DEADLINE = 6;

/** A wait of the client's, and what of the server's ends it well. */
interface Wait {
  prepare?: (socket: Socket, self: Self) => Steps;
  wait: (socket: Socket, self: Self, ticks: number) => Steps<number>;
  end: (socket: Socket, self: Self) => Steps;
  good: number;
}

const waits: Record<string, Wait> = {
  receive: {
    *wait(socket, self, ticks) {
      return yield* socket.receive(self.buffer(4), ticks);
    },
    *end(socket) {
      yield* socket.send("abc");
    },
    good: 3,
  },
  "receive the end": {
    *wait(socket, self, ticks) {
      return yield* socket.receive(self.buffer(4), ticks);
    },
    *end(socket) {
      yield* socket.shutdown("write");
    },
    good: 0,
  },
  send: {
    *prepare(socket) {
      yield* socket.send("full");
    },
    *wait(socket, _self, ticks) {
      return yield* socket.send("ab", ticks);
    },
    *end(socket, self) {
      yield* socket.receive(self.buffer(4));
    },
    good: 2,
  },
};

for (const [name, { prepare, wait, end, good }] of Object.entries(waits)) {
  test(`a wait to ${name} that is ended a tick before its deadline, at it and behind it`, () => {
    for (const [at, urgent, expected] of [
      [DEADLINE - 1, false, [good, DEADLINE - 1]],
      [DEADLINE, false, [ETIMEDOUT, DEADLINE]],
      [DEADLINE, true, [ETIMEDOUT, DEADLINE]],
      [DEADLINE + 1, false, [ETIMEDOUT, DEADLINE]],
    ] as const) {
      always(
        (system, log) => {
          talk(
            system,
            function* (self, socket) {
              yield* self.sleepUntil(at);
              yield* end(socket, self);
              yield* self.sleepUntil(9);
            },
            function* (self, socket) {
              yield* self.signals.ignore(SIGPIPE);
              yield* prepare?.(socket, self) ?? [];
              yield* self.sleepUntil(2);
              log.push(yield* wait(socket, self, DEADLINE - 2), self.tick);
            },
            { server: { receive: 4 }, priorities: urgent ? [9, 5] : [5, 9] },
          );
        },
        [...expected],
      );
    }
  });
}

test("a wait to accept or for a datagram that is ended a tick before its deadline, at it and behind it", () => {
  for (const kind of ["accept", "datagram"] as const) {
    for (const [at, expected] of [
      [DEADLINE - 1, ["got it", DEADLINE - 1]],
      [DEADLINE, [ETIMEDOUT, DEADLINE]],
      [DEADLINE + 1, [ETIMEDOUT, DEADLINE]],
    ] as const) {
      always(
        (system, log) => {
          system.task("waiter", { priority: 9 }, function* (self) {
            const socket = yield* self.create.socket(kind === "accept" ? {} : { type: "datagram" });
            yield* socket.bind(PORT);
            if (kind === "accept") yield* socket.listen();
            const got = kind === "accept" ? yield* socket.accept(DEADLINE) : yield* socket.receive(self.buffer(1), DEADLINE);
            log.push(got instanceof Socket || got > 0 ? "got it" : got, self.tick);
            yield* self.sleepUntil(9);
          });
          system.task("other", {}, function* (self) {
            yield* self.sleepUntil(at);
            if (kind === "accept") yield* connected(self);
            else yield* (yield* self.create.socket({ type: "datagram" })).sendTo("x", self.endpoint(HERE, PORT));
          });
        },
        [...expected],
      );
    }
  }
});

// Who is served first

test("receivers of one stream are served by their urgency, then in order; so are senders, each whole before the next", () => {
  always(
    (system, log) => {
      const socket = system.socket({ receive: 4 });
      const worker = (name: string, priority: number, act: (self: Self) => Steps) =>
        system.task(name, { priority, reads: [socket], writes: [socket], storage: 512 }, function* (self) {
          yield* self.sleepUntil(2);
          log.push(name, yield* act(self));
        });
      const receive = (self: Self) => heard(socket, self.buffer(2));
      worker("a", 7, receive);
      worker("b", 8, receive);
      worker("c", 7, receive);
      system.task("other end", { priority: 6, storage: 512, reads: [socket], writes: [socket] }, function* (self) {
        const listener = yield* listening(self, PORT, 1, { receive: 4 });
        yield* socket.connect(HERE, PORT);
        const end = yield* accepted(listener);
        yield* self.sleepUntil(3);
        yield* end.send("112233");
        yield* self.sleepUntil(5);
        const view = self.buffer(20);
        let all = "";
        while (all.length < 16) all += yield* heard(end, view);
        log.push(all);
      });
      for (const [name, priority] of [
        ["d", 7],
        ["e", 8],
        ["f", 7],
      ] as const) {
        system.task(name, { priority, writes: [socket], storage: 512 }, function* (self) {
          // The first is full of the others' bytes when the more urgent one comes.
          yield* self.sleepUntil(name === "e" ? 4 : 3);
          yield* socket.send(name.repeat(name === "f" ? 4 : 6));
        });
      }
    },
    ["b", "11", "a", "22", "c", "33", "ddddeeeeeeddffff"],
    [{}],
  );
});

// What ends a wait

test("deleting a socket ends every wait at it with EIDRM, and the other end reads the end", () => {
  always(
    (system, log) => {
      const [socket, door] = [system.socket({ receive: 4 }), system.socket()];
      const both = { reads: [socket, door], writes: [socket, door], storage: 512 };
      system.task("receiver", { priority: 9, ...both }, function* (self) {
        yield* self.sleepUntil(1);
        log.push("receive", yield* socket.receive(self.buffer(4)), self.tick);
      });
      system.task("sender", { priority: 8, ...both }, function* (self) {
        yield* self.sleepUntil(1);
        log.push("send", yield* socket.send("0123456789"), self.tick);
      });
      system.task("acceptor", { priority: 7, ...both }, function* (self) {
        yield* self.sleepUntil(1);
        log.push("accept", yield* door.accept(), self.tick);
      });
      system.task("owner", { priority: 6, ...both }, function* (self) {
        yield* door.bind(PORT);
        yield* door.listen();
        const other = yield* listening(self, 81, 1, { receive: 4 });
        yield* socket.connect(HERE, 81);
        const end = yield* accepted(other);
        yield* self.sleepUntil(3);
        yield* socket.delete();
        yield* door.delete();
        const view = self.buffer(16);
        log.push(yield* heard(end, view), yield* heard(end, view), yield* misuse(() => socket.send("x")));
      });
    },
    ["receive", EIDRM, 3, "send", EIDRM, 3, "accept", EIDRM, 3, "0123", 0, "EBADF"],
  );
});

test("an abort ends every wait at a socket with ECANCELED; a send that moved bytes answers them", () => {
  always(
    (system, log) => {
      talk(
        system,
        function* (self, socket) {
          const me = self;
          const helper = yield* self.create.task("helper", { priority: 3 }, function* (h) {
            yield* h.sleepUntil(4);
            yield* me.abort();
            yield* h.sleepUntil(5);
            yield* me.abort();
          });
          log.push(yield* socket.receive(self.buffer(4)), self.tick, yield* socket.send("0123456"), self.tick);
          yield* helper.join();
        },
        function* (self) {
          yield* self.sleepUntil(9);
        },
        { client: { receive: 4 } },
      );
    },
    [ECANCELED, 4, 4, 5],
  );
});

test("SIG-08h a send that moved k bytes answers k when a signal is caught, also with RESTART; a receive goes on or is EINTR", () => {
  for (const restart of [false, true]) {
    always(
      (system, log) => {
        const told: number[] = [];
        talk(
          system,
          function* (self) {
            yield* self.sleepUntil(9);
          },
          function* (self, socket) {
            yield* self.signals.handle(SIGUSR1, noting(told, 1), { restart });
            yield* self.alarm(0);
            const me = self;
            const helper = yield* self.create.task("helper", { priority: 3 }, function* (h) {
              for (const tick of [3, 4]) {
                yield* h.sleepUntil(tick);
                yield* me.signal(SIGUSR1);
              }
            });
            log.push(yield* socket.send("012345"), self.tick, yield* socket.receive(self.buffer(4), 4), self.tick, told.length);
            yield* helper.join();
          },
          { server: { receive: 4 }, priorities: [5, 6] },
        );
      },
      [4, 3, ...(restart ? [ETIMEDOUT, 7] : [EINTR, 4]), 2],
    );
  }
});

test("SIG-08b a connect to another machine that a caught signal interrupts goes on being made, with RESTART also the wait for it", () => {
  for (const restart of [false, true]) {
    const log: unknown[] = [];
    const wire = new Wire((system: System) => {
      const task = system.task("client", { priority: 9, storage: 1024 }, function* (self) {
        yield* self.signals.handle(
          SIGUSR2,
          function* (me) {
            yield* me.sleep(3);
          },
          { restart },
        );
        const socket = yield* self.create.socket();
        log.push(yield* socket.connect("10.0.0.2", PORT), self.tick, socket.state);
        log.push(yield* socket.connect("10.0.0.2", PORT));
      });
      system.task("signaller", {}, function* (self) {
        yield* self.sleepUntil(2);
        yield* task.signal(SIGUSR2);
        yield* self.sleepUntil(9);
      });
    });
    wire.until(2);
    wire.accept().send(ACK);
    wire.finish();
    assert.equal(log, restart ? [0, 5, "connected", -106] : [EINTR, 5, "connected", -106]);
  }
});

// Full tables

test("without a socket left, or RAM for its buffers, a connection within the machine is refused, and nothing stays of it", () => {
  playOut((system) => {
    system.task("t", { storage: 2048 }, function* (self) {
      const { machine } = self;
      yield* listening(self, PORT, 32, { receive: 64 });
      const client = yield* self.create.socket({ receive: 64 });
      const others: Socket[] = [];
      while (others.length < 30) others.push(yield* self.create.socket());
      assert.is(yield* misuse(() => self.create.socket()), "ENFILE");
      const before = pieces(machine);
      assert.is(yield* client.connect(HERE, PORT), ECONNREFUSED);
      assert.equal(pieces(machine), before);
      assert.is(client.state, "none");
      yield* (others.pop() as Socket).close();

      const most = yield* self.alloc(room(machine) - 200, 0);
      assert.is.not(typeof most, "number");
      const big = others.pop() as Socket;
      const taken = pieces(machine);
      // Its own buffer does not fit.
      assert.is(yield* big.connect(HERE, PORT), ENOMEM);
      assert.equal([pieces(machine), big.state], [taken, "none"]);
      // Its own does, and the other end's does not.
      const second = yield* self.alloc(room(machine) - 72, 0);
      assert.is.not(typeof second, "number");
      const full = pieces(machine);
      assert.is(yield* client.connect(HERE, PORT), ECONNREFUSED);
      assert.equal([pieces(machine), client.state], [full, "none"]);
      if (typeof second !== "number") yield* self.free(second);
      assert.is(yield* client.connect(HERE, PORT), 0);
      assert.is(yield* client.send("x"), 1);
    });
  });
});

test.run();
