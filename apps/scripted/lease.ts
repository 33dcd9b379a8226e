/**
 * Who has the lease may write. A machine that cannot reach the lease server cannot tell whether its last renewal got there: "the
 * answer was lost, so I still have it" is a guess, and here a wrong one.
 *
 *     one ----X---- leases ---- two         from 100 to 300 ms nothing gets from one to the leases and back
 *      |                         |
 *      +-------- store ----------+          both reach the store all the time
 *
 * One asks to renew, hears nothing, and goes on writing. Its lease runs out, and two gets it: now both write. Two counts its lease
 * from the moment at which it asked for it, and stops when that time is up. But one's mistake can only be caught where the writes
 * arrive: each lease has a number, greater than all before, and a store that refuses smaller numbers than it has seen is safe from
 * whoever is late, for whatever reason. The store keeps two files, one that looks at the numbers and one that does not.
 */
import { type Endpoint, network, type Parked, type Self, type Socket, type System, type View } from "talea";

const [LEASES, STORE] = ["10.0.0.1", "10.0.0.2"];
const PORT = 100;
/** Milliseconds for which a lease is given. */
const LEASE = 60;
/** Milliseconds between two attempts to get one, and between two writes. */
const [RETRY, STEP] = [20, 10];
const WRITES = 30;
/** A write at every step, a renewal at every so manieth. */
const RENEW = 3;
/** The store gives its report when so long nothing has come. */
const SILENCE = 500;
/** Words of a datagram: the lease's number, and which question is asked or answered. */
const [NUMBER, QUESTION, BYTES] = [0, 4, 8];

/** Gives the lease to one at a time. Who has it and asks again has it for longer; who has it not gets no answer. */
function leases(system: System): void {
  const socket = system.socket({ name: "leases", type: "datagram" });
  system.task("leases", { priority: 10, daemon: true, reads: [socket], writes: [socket] }, function* (self) {
    yield* socket.bind(PORT);
    const from = self.sender();
    const holder = self.endpoint();
    const answer = self.buffer(BYTES);
    let [number, end] = [0, 0];
    for (;;) {
      yield* socket.receive(answer, undefined, from);
      const renewed = from.equals(holder) && self.tick < end;
      if (!renewed && self.tick < end) continue;
      if (!renewed) number++;
      holder.set(from.address, from.port);
      end = self.tick + LEASE;
      answer.setWord(NUMBER, number);
      yield* socket.sendTo(answer, from);
    }
  });
}

function store(system: System): void {
  const console = system.console();
  const socket = system.socket({ name: "store", type: "datagram" });
  system.task("store", { priority: 10, reads: [socket] }, function* (self) {
    yield* socket.bind(PORT);
    const write = self.buffer(BYTES);
    let newest = 0;
    let late = 0;
    let all = 0;
    for (let patience = -1; (yield* socket.receive(write, patience)) === BYTES; patience = SILENCE) {
      all++;
      if (write.word(NUMBER) < newest) late++;
      else newest = write.word(NUMBER);
    }
    yield* console.write(`the file that takes every write: ${all} writes, ${late} of them by an old lease among those of a new one\n`);
    yield* console.write(`the file that looks at the numbers: ${all - late} writes, ${late} refused\n`);
  });
}

/** A lease as its holder sees it. */
interface Held {
  number: number;
  /** The tick at which it surely still is. */
  until: number;
}

/**
 * Asks once for the lease, or to keep it; undefined when no answer came in time. It is counted from the question on, so an answer
 * that comes late must not be taken for one to a later question.
 */
function* ask(self: Self, socket: Socket, server: Endpoint, message: View): Generator<Parked, Held | undefined, unknown> {
  const asked = self.tick;
  message.setWord(QUESTION, asked);
  yield* socket.sendTo(message, server);
  while (self.tick < asked + RETRY) {
    const length = yield* socket.receive(message, asked + RETRY - self.tick);
    if (length === BYTES && message.word(QUESTION) === asked) return { number: message.word(NUMBER), until: asked + LEASE };
  }
  return undefined;
}

/** Writes so many times while it has the lease. Only who is careful looks at the clock before each. */
function writer(name: string, careful: boolean): (system: System) => void {
  return (system) => {
    const console = system.console();
    const socket = system.socket({ name, type: "datagram" });
    system.task(name, { priority: 8, reads: [socket], writes: [socket], storage: 512 }, function* (self) {
      const server = self.endpoint(LEASES, PORT);
      const file = self.endpoint(STORE, PORT);
      const message = self.buffer(BYTES);
      let held: Held | undefined;
      let unanswered = 0;
      for (let i = 0; i < WRITES; ) {
        if (!held || (careful && self.tick >= held.until)) {
          held = yield* ask(self, socket, server, message);
          if (held) yield* console.write(`lease ${held.number} from ${self.tick} ms on\n`);
          continue;
        }
        if (i % RENEW === 0) {
          const renewed = yield* ask(self, socket, server, message);
          if (renewed) held = renewed;
          else unanswered++;
        }
        message.setWord(NUMBER, held.number);
        yield* socket.sendTo(message, file);
        i++;
        yield* self.sleep(STEP);
      }
      yield* console.write(`${WRITES} writes until ${self.tick} ms, ${unanswered} questions were not answered\n`);
    });
  };
}

export default network({
  machines: {
    leases: { address: LEASES, app: leases },
    store: { address: STORE, app: store },
    one: { address: "10.0.0.3", app: writer("one", false) },
    two: { address: "10.0.0.4", app: writer("two", true) },
  },
  link: { latency: 2 },
  partitions: [{ between: ["one", "leases"], from: 100, until: 300 }],
});
