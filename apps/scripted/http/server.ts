/**
 * The tasks of the server: an acceptor, workers that are granted the connections, and one that binds the pages.
 *
 *     listener -> acceptor -- seat, grant, notification --> worker -- its number --> queue of free workers -> acceptor
 */
import { EAGAIN, type Parked, SIGPIPE, Socket, type System, type Task, type View } from "talea";
import { Connection, TIMES, type Times } from "./connection.js";
import { PAGE_BYTES, pageTexts } from "./pages.js";

export interface ServerOptions {
  /** Default 80. */
  port?: number;
  /** Default 24. The kernel has 32 sockets: one listens, some are in the backlog, one is on its way from the one to the other. */
  workers?: number;
  /** The run does not wait for the server's end, for tests; default false. */
  daemon?: boolean;
  times?: Partial<Times>;
}

const BACKLOG = 6;
/** Bytes of a connection's buffers: a request comes in pieces, an answer goes in pieces. */
export const [RECEIVE, TRANSMIT] = [1024, 2048];
/** Bytes that a worker parses at a time. */
const INPUT = 256;
/** A worker's input, a head or a piece of an answer, and room for what its calls tell. */
const STORAGE = 1024;
/** The urgency of who accepts is above that of who serves. */
const [BINDER, ACCEPTOR, WORKER] = [30, 21, 20];
/** So often the acceptor asks again for a worker to give way. */
const ROUND = 50;
const SOMEBODY_WAITS = 1;

export function serve(system: System, { port = 80, workers = 24, daemon = false, times }: ServerOptions = {}): void {
  const listener = system.socket({ name: "http", receive: RECEIVE, transmit: TRANSMIT });
  const pages = system.region({ name: "pages", size: PAGE_BYTES });
  const free = system.queue({ name: "free workers", count: workers, size: 4 });
  const need = system.event({ name: "need" });
  const bound = system.barrier(workers + 2, { name: "pages bound" });
  /** The connection of each worker, from the acceptor's hand to its own. */
  const seats: (Socket | undefined)[] = [];
  const limits = { ...TIMES, ...times };

  system.task("binder", { priority: BINDER, daemon: true, writes: [pages] }, function* () {
    const view = yield* pages.view();
    for (const [{ start }, text] of pageTexts()) view.copy(text, start);
    yield* bound.wait();
  });

  function* givesWay(): Generator<Parked, boolean, unknown> {
    return (yield* need.wait(SOMEBODY_WAITS, { clear: true }, 0)) > 0;
  }

  const team: Task[] = Array.from({ length: workers }, (_, number) =>
    system.task(
      `worker ${number + 1}`,
      { priority: WORKER, daemon: true, storage: STORAGE, reads: [pages], writes: [free] },
      function* (self) {
        yield* self.signals.ignore(SIGPIPE);
        const region = yield* pages.view();
        const served = { self, input: self.buffer(INPUT), region, times: limits, givesWay };
        const own = self.buffer(4);
        own.setWord(0, number);
        yield* bound.wait();
        for (;;) {
          yield* free.send(own);
          yield* self.waitNotification();
          const socket = seats[number];
          if (socket) yield* new Connection(socket, served).serve();
        }
      },
    ),
  );

  /** The number of a worker that is free. While there is none, one that only waits for a next request is asked to give way. */
  function* freeWorker(number: View): Generator<Parked, number, unknown> {
    let answer = yield* free.receive(number, 0);
    while (answer < 0) {
      if (answer === EAGAIN) yield* need.set(SOMEBODY_WAITS);
      answer = yield* free.receive(number, ROUND);
      if (answer < 0) yield* need.set(SOMEBODY_WAITS);
    }
    yield* need.clear(SOMEBODY_WAITS);
    return number.word(0);
  }

  const acceptor = system.task("acceptor", { priority: ACCEPTOR, daemon, reads: [listener, free] }, function* (self) {
    const number = self.buffer(4);
    yield* bound.wait();
    yield* listener.bind(port);
    yield* listener.listen(BACKLOG);
    for (;;) {
      const connection = yield* listener.accept();
      if (!(connection instanceof Socket)) continue;
      const worker = yield* freeWorker(number);
      seats[worker] = connection;
      yield* connection.grant(team[worker] as Task, "both");
      yield* connection.close();
      yield* (team[worker] as Task).notify();
    }
  });
  if (!daemon) system.foreground(acceptor);
}
