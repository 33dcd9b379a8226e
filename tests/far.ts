/** Machines under test whose only other machine is the test. */
import * as assert from "uvu/assert";
import { type MachineOptions, type Self, SIGPIPE, type Socket } from "../hal/host/index.js";
import { accepted, heardAll, listening, PORT, type Steps } from "./talk.js";
import { type Remote, Wire } from "./wire.js";

/** The address that the test plays. */
export const OTHER = "10.0.0.2";

export interface Ends {
  options?: MachineOptions;
  /** Bytes of the socket's buffers. */
  receive?: number;
  transmit?: number;
  backlog?: number;
}

/** A machine whose task listens, accepts one connection after another, and does this with each; it lives on for `life` ticks. */
export function server(
  each: (self: Self, socket: Socket) => Steps | undefined,
  { options, receive, transmit, backlog = 4 }: Ends = {},
  life = 400,
): Wire {
  return new Wire((system) => {
    system.task("keeper", { priority: 1 }, function* (self) {
      yield* self.sleepUntil(life);
    });
    system.task("server", { priority: 9, daemon: true, storage: 4096 }, function* (self) {
      yield* self.signals.ignore(SIGPIPE);
      const sizes = { ...(receive === undefined ? {} : { receive }), ...(transmit === undefined ? {} : { transmit }) };
      const listener = yield* listening(self, PORT, backlog, sizes);
      for (;;) yield* each(self, yield* accepted(listener)) ?? [];
    });
  }, options);
}

/** A machine whose task connects to the test and goes on with the socket. */
export function client(
  then: (self: Self, socket: Socket, result: number) => Steps | undefined,
  { options, receive, transmit }: Ends = {},
  life = 400,
): Wire {
  return new Wire((system) => {
    system.task("keeper", { priority: 1 }, function* (self) {
      yield* self.sleepUntil(life);
    });
    system.task("client", { priority: 9, daemon: true, storage: 4096 }, function* (self) {
      yield* self.signals.ignore(SIGPIPE);
      const sizes = { ...(receive === undefined ? {} : { receive }), ...(transmit === undefined ? {} : { transmit }) };
      const socket = yield* self.create.socket(sizes);
      yield* then(self, socket, yield* socket.connect(OTHER, PORT)) ?? [];
    });
  }, options);
}

/** Nothing is left of any connection. */
export function clean(wire: Wire): void {
  assert.equal(wire.connections, [0, 0]);
}

/** A machine that reads all that comes into `log` from tick 50 on, and its other end. */
export function reading(log: unknown[], options: Ends = {}, sequence = 1000, from = 50): [Wire, Remote] {
  const wire = server(function* (self, socket) {
    const view = self.buffer(64);
    yield* self.sleepUntil(from);
    log.push(...(yield* heardAll(socket, view)));
  }, options);
  wire.pass();
  const remote = wire.connect(PORT, sequence);
  wire.pass();
  return [wire, remote];
}
