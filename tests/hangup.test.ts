/** The ends of streams within one machine: closed, shut down by half, reset. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Call,
  EAGAIN,
  ECONNREFUSED,
  ECONNRESET,
  EISCONN,
  ENOTCONN,
  EPIPE,
  type Self,
  SIGKILL,
  SIGPIPE,
  type Socket,
} from "../hal/host/index.js";
import { doing } from "./probe.js";
import { always, misuse, playFailing } from "./support.js";
import { connected, HERE, heard, heardAll, listening, PORT, type Steps, talk } from "./talk.js";

const test = suite("hangup");

/** Counts the SIGPIPEs that the task gets. */
function* countingPipes(self: Self, told: { pipes: number }) {
  yield* self.signals.handle(
    SIGPIPE,
    doing(() => {
      told.pipes++;
    }),
  );
}

// The end of a connection

/** How the server ends while its three bytes are on their way. */
const endings: Record<string, (self: Self, socket: Socket) => Steps | Call<unknown>> = {
  close: (_self, socket) => socket.close(),
  exit: (self) => self.exit(3),
  return: function* () {},
  kill: (self) => self.signal(SIGKILL),
  delete: (_self, socket) => socket.delete(),
};

for (const [name, end] of Object.entries(endings)) {
  test(`SOC-06a SOC-06b after the peer's ${name} what it sent is read, then 0; a send raises SIGPIPE and answers EPIPE`, () => {
    always(
      (system, log) => {
        const told = { pipes: 0 };
        talk(
          system,
          function* (self, socket) {
            yield* socket.send("abc");
            yield* end(self, socket);
          },
          function* (self, socket) {
            yield* countingPipes(self, told);
            const view = self.buffer(2);
            yield* self.sleep(2);
            const poll = self.pollSet([{ read: socket }, { write: socket }]);
            log.push(yield* poll.wait(0), poll.closed(0), poll.closed(1));
            log.push(yield* heard(socket, view), yield* heard(socket, view), yield* heard(socket, view), yield* heard(socket, view));
            log.push(yield* socket.send("x"), told.pipes, yield* socket.send("x", 0), told.pipes, socket.state);
            log.push(yield* socket.shutdown("both"), yield* socket.connect(HERE, PORT));
          },
        );
      },
      [2, true, true, "ab", "c", 0, 0, EPIPE, 1, EPIPE, 2, "connected", 0, EISCONN],
    );
  });
}

test("SOC-06a after the peer's failure what it sent is read, then 0", () => {
  const log: unknown[] = [];
  playFailing((system) => {
    talk(
      system,
      function* (_self, socket) {
        yield* socket.send("abc");
        throw new Error("on purpose");
      },
      function* (self, socket) {
        log.push(...(yield* heardAll(socket, self.buffer(2))));
      },
    );
  });
  assert.equal(log, ["abc", 0]);
});

test("SOC-06b a sender that waits for room is answered what went in, or EPIPE and SIGPIPE", () => {
  always(
    (system, log) => {
      const told = { pipes: 0 };
      talk(
        system,
        function* (self, socket) {
          yield* self.sleep(3);
          yield* socket.shutdown("read");
          yield* socket.close();
        },
        function* (self, socket) {
          yield* countingPipes(self, told);
          log.push(yield* socket.send("0123456789"), told.pipes, self.tick);
          log.push(yield* socket.send("x"), told.pipes);
        },
        { server: { receive: 4 } },
      );
    },
    [10, 0, 4, EPIPE, 1],
  );
  always(
    (system, log) => {
      talk(
        system,
        function* (self) {
          yield* self.sleep(3);
        },
        function* (self, socket) {
          yield* self.signals.ignore(SIGPIPE);
          log.push(yield* socket.send("0123456789"), self.tick, yield* socket.send("x"), yield* socket.send("x"));
        },
        { server: { receive: 4 } },
      );
    },
    [4, 4, ECONNRESET, EPIPE],
  );
});

test("SOC-06c a close with unread bytes resets: what was received stays readable, then ECONNRESET once, then 0 and EPIPE", () => {
  always(
    (system, log) => {
      const told = { pipes: 0 };
      talk(
        system,
        function* (self, socket) {
          yield* socket.send("abc");
          yield* self.sleep(1);
          log.push(socket.used);
          yield* socket.close();
        },
        function* (self, socket) {
          yield* countingPipes(self, told);
          const view = self.buffer(8);
          log.push(yield* socket.send("unread"));
          yield* self.sleep(5);
          const poll = self.pollSet([{ read: socket }, { write: socket }]);
          log.push(socket.state, yield* poll.wait(0), poll.closed(0));
          log.push(yield* heard(socket, view), yield* heard(socket, view), yield* heard(socket, view), told.pipes);
          log.push(yield* socket.send("x"), told.pipes, yield* socket.shutdown("write"));
        },
      );
    },
    [6, 6, "lost", 2, true, "abc", ECONNRESET, 0, 0, EPIPE, 1, ENOTCONN],
    [{}],
  );
});

test("SOC-06c a reset is told once, to whoever waits or calls next", () => {
  for (const way of ["waits to receive", "waits to send", "sends", "connects"] as const) {
    always(
      (system, log) => {
        talk(
          system,
          function* (self, socket) {
            yield* self.sleep(2);
            yield* socket.close();
          },
          function* (self, socket) {
            yield* self.signals.ignore(SIGPIPE);
            const view = self.buffer(8);
            log.push(yield* socket.send("full"));
            if (way === "waits to receive") log.push(yield* heard(socket, view));
            if (way === "waits to send") log.push(yield* socket.send("more"));
            yield* self.sleep(4);
            if (way === "sends") log.push(yield* socket.send("more"));
            if (way === "connects") log.push(yield* socket.connect(HERE, PORT));
            log.push(yield* heard(socket, view), yield* socket.send("x"), yield* socket.connect(HERE, PORT));
          },
          { server: { receive: 4 } },
        );
      },
      [4, ECONNRESET, 0, EPIPE, EISCONN],
    );
  }
});

// Half a connection

test("SOC-07a after shutdown to write the peer reads what was sent, then 0, and can still send", () => {
  always(
    (system, log) => {
      talk(
        system,
        function* (self, socket) {
          const view = self.buffer(8);
          log.push(yield* heardAll(socket, view), yield* socket.send("still"));
        },
        function* (self, socket) {
          yield* self.signals.ignore(SIGPIPE);
          const view = self.buffer(8);
          yield* socket.send("abc");
          log.push(yield* socket.shutdown("write"), yield* socket.shutdown("write"), yield* socket.send("x"), socket.state);
          log.push(yield* heardAll(socket, view));
        },
        { priorities: [5, 6] },
      );
    },
    [0, 0, EPIPE, "connected", ["abc", 0], 5, ["still", 0]],
  );
});

test("SOC-07a the last close to write is a shutdown to write, also of one of two tasks that had it open", () => {
  always(
    (system, log) => {
      talk(
        system,
        function* (self, socket) {
          const view = self.buffer(8);
          log.push(yield* heardAll(socket, view), self.tick, yield* socket.send("still"));
          yield* self.sleep(1);
        },
        function* (self, socket) {
          const other = yield* self.create.task("other", { priority: 3 }, function* (me) {
            yield* me.sleepUntil(5);
            yield* socket.send("two");
          });
          yield* socket.grant(other, "write");
          yield* socket.send("one");
          yield* socket.close("write");
          log.push(yield* misuse(() => socket.send("x")));
          yield* self.sleep(7);
          log.push(yield* heard(socket, self.buffer(8)));
        },
      );
    },
    ["EPERM", ["onetwo", 0], 5, 5, "still"],
  );
});

test("SOC-07b after shutdown to read later receives answer 0, and what still comes is dropped", () => {
  always(
    (system, log) => {
      talk(
        system,
        function* (self, socket) {
          const view = self.buffer(8);
          yield* self.sleep(2);
          log.push(socket.used, yield* socket.shutdown("read"), socket.used, yield* heard(socket, view), yield* heard(socket, view, 0));
          yield* self.sleep(2);
          log.push(yield* heard(socket, view), socket.used, yield* socket.send("answer"));
        },
        function* (self, socket) {
          yield* socket.send("dropped");
          yield* self.sleep(3);
          for (let i = 0; i < 10; i++) log.push(yield* socket.send("x".repeat(30)));
          log.push(yield* heard(socket, self.buffer(8)));
        },
        { server: { receive: 16 } },
      );
    },
    [7, 0, 0, 0, 0, ...Array.from({ length: 10 }, () => 30), 0, 0, 6, "answer"],
  );
});

test("SOC-07b a shutdown to read ends a receive that waits, and lets a full sender go on", () => {
  always(
    (system, log) => {
      talk(
        system,
        function* (self, socket) {
          const other = yield* self.create.task("other", { priority: 9 }, function* (me) {
            yield* me.sleepUntil(2);
            log.push(yield* heard(socket, me.buffer(4)), me.tick);
          });
          yield* socket.grant(other, "read");
          yield* self.sleepUntil(4);
          log.push(yield* socket.shutdown("read"));
        },
        function* (self) {
          yield* self.sleepUntil(9);
        },
      );
    },
    [0, 4, 0],
  );
});

test("SOC-07c send, receive and shutdown without a connection are ENOTCONN", () => {
  always(
    (system, log) => {
      system.task("t", {}, function* (self) {
        const view = self.buffer(4);
        const socket = yield* self.create.socket();
        const all = function* () {
          log.push(yield* socket.send("x"), yield* socket.receive(view), yield* socket.shutdown("both"));
        };
        yield* all();
        yield* socket.connect(HERE, PORT);
        yield* all();
        const listener = yield* listening(self, 81);
        log.push(yield* listener.send("x"), yield* listener.receive(view), yield* listener.shutdown("read"));
        const datagram = yield* self.create.socket({ type: "datagram" });
        log.push(yield* datagram.send("x"));
      });
    },
    Array.from({ length: 10 }, () => ENOTCONN),
    [{}],
  );
});

test("SOC-08a closing a listener refuses the connections that wait, and ends the wait of who accepts", () => {
  always(
    (system, log) => {
      system.task("server", { priority: 9, storage: 512 }, function* (self) {
        const listener = yield* listening(self);
        yield* self.sleep(3);
        yield* listener.close();
        yield* self.sleep(3);
        const again = yield* listening(self);
        log.push(again.state, yield* again.accept(0));
      });
      system.task("client", { storage: 512 }, function* (self) {
        yield* self.signals.ignore(SIGPIPE);
        yield* self.sleep(1);
        const first = yield* connected(self);
        const second = yield* connected(self);
        yield* first.send("lost");
        log.push(yield* heard(first, self.buffer(4)), yield* heard(first, self.buffer(4)), yield* first.send("x"));
        log.push(yield* second.send("x"), yield* second.send("x"), second.state);
        const third = yield* self.create.socket();
        log.push(yield* third.connect(HERE, PORT));
        yield* self.sleep(9);
      });
    },
    [ECONNREFUSED, 0, EPIPE, ECONNREFUSED, EPIPE, "lost", ECONNREFUSED, "listening", EAGAIN],
  );
});

test.run();
