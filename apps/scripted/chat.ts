/**
 * Three machines talk over links that lose, double and re-order packets: two guests, and the room between them.
 *
 *     ann -- stream --> room -- stream --> ann and ben        every line, numbered: both hear the same conversation
 *     ann -- datagrams --> room                               a wave with every line: what is lost is lost, and counted
 *
 * A stream turns loss into delay. Of a datagram that never came nobody is told: only who numbers them can know.
 */
import { network, type Parked, type Self, Socket, type System, type Task, type View } from "talea";

type Steps<T> = Generator<Parked, T, unknown>;

const ROOM = "10.0.0.1";
const [LINES, WAVES] = [23, 24];
const GUESTS = ["ann", "ben"];
const SAID = ["hello", "it is late here", "do you hear me?", "yes", "say that again", "the line is bad", "no matter", "good night"];
/** What a wave says: whose it is, and the how manieth. */
const [WHO, NUMBER, WAVE_BYTES] = [0, 4, 8];
/** Waves that are on their way come before this many ticks of silence. */
const SILENCE = 200;

/** Lines out of a stream, in whatever pieces they come. */
class Lines {
  readonly #socket: Socket;
  readonly #view: View;
  #text = "";

  constructor(self: Self, socket: Socket) {
    this.#socket = socket;
    this.#view = self.buffer(64);
  }

  /** The next line, undefined when no more come. */
  *next(): Steps<string | undefined> {
    while (!this.#text.includes("\n")) {
      const count = yield* this.#socket.receive(this.#view);
      if (count <= 0) return undefined;
      this.#text += this.#view.text(count);
    }
    const end = this.#text.indexOf("\n");
    const line = this.#text.slice(0, end);
    this.#text = this.#text.slice(end + 1);
    return line;
  }
}

function room(system: System): void {
  const console = system.console();
  const door = system.socket({ name: "door" });
  const waves = system.socket({ name: "waves", type: "datagram" });
  const floor = system.mutex({ name: "floor" });
  let count = 0;

  system.task("host", { priority: 12, reads: [door] }, function* (self) {
    yield* door.bind(LINES);
    yield* door.listen();
    const guests: Socket[] = [];
    while (guests.length < GUESTS.length) {
      const guest = yield* door.accept();
      if (guest instanceof Socket) guests.push(guest);
    }
    const relays: Task[] = [];
    for (const guest of guests) {
      const relay = yield* self.create.task(`relay ${relays.length + 1}`, { priority: 10, storage: 512 }, (own) =>
        relaying(own, guest, guests),
      );
      for (const each of guests) yield* each.grant(relay, each === guest ? "both" : "write");
      relays.push(relay);
    }
    for (const relay of relays) yield* relay.join();
    // The last one who has them open to write: the guests read the end.
    for (const guest of guests) yield* guest.close();
    yield* console.write(`${count} lines were said\n`);
  });

  /** Passes on what one guest says. Who has the floor is heard by all at once, so all hear the same. */
  function* relaying(self: Self, guest: Socket, guests: Socket[]): Steps<void> {
    const lines = new Lines(self, guest);
    for (let line = yield* lines.next(); line !== undefined; line = yield* lines.next()) {
      yield* floor.lock();
      count++;
      for (const each of guests) yield* each.send(`${count} ${line}\n`);
      yield* floor.unlock();
    }
  }

  system.task("waiter", { priority: 14, reads: [waves] }, function* (self) {
    yield* waves.bind(WAVES);
    const wave = self.buffer(WAVE_BYTES);
    const seen = GUESTS.map(() => new Set<number>());
    let twice = 0;
    for (let patience = -1; (yield* waves.receive(wave, patience)) === WAVE_BYTES; patience = SILENCE) {
      const known = seen[wave.word(WHO)];
      if (known?.has(wave.word(NUMBER))) twice++;
      known?.add(wave.word(NUMBER));
    }
    for (const [i, name] of GUESTS.entries()) {
      const came = seen[i]?.size ?? 0;
      yield* console.write(`of ${name}'s ${SAID.length} waves ${came} came, ${SAID.length - came} were lost\n`);
    }
    yield* console.write(`waves that came again: ${twice}\n`);
  });
}

function guest(who: number): (system: System) => void {
  const name = GUESTS[who] as string;
  return (system) => {
    const console = system.console();
    const line = system.socket({ name: "line" });
    const waves = system.socket({ name: "waves", type: "datagram" });
    const connected = system.event({ name: "connected" });

    system.task("mouth", { priority: 10, reads: [line], writes: [line, waves] }, function* (self) {
      // The room's machine may be there before its door is open.
      while ((yield* line.connect(ROOM, LINES)) !== 0) yield* self.sleep(10);
      yield* connected.set(1);
      const window = self.endpoint(ROOM, WAVES);
      const wave = self.buffer(WAVE_BYTES);
      wave.setWord(WHO, who);
      for (const [i, text] of SAID.entries()) {
        yield* self.compute(10_000, 400_000);
        yield* line.send(`${name}: ${text}\n`);
        wave.setWord(NUMBER, i);
        yield* waves.sendTo(wave, window);
      }
      yield* line.shutdown("write");
    });

    system.task("ear", { priority: 12, reads: [line], storage: 512 }, function* (self) {
      yield* connected.wait(1);
      const lines = new Lines(self, line);
      for (let heard = yield* lines.next(); heard !== undefined; heard = yield* lines.next()) yield* console.write(`${heard}\n`);
    });
  };
}

export default network({
  machines: {
    room: { address: ROOM, app: room },
    ann: { address: "10.0.0.2", app: guest(0) },
    ben: { address: "10.0.0.3", app: guest(1) },
  },
  link: { latency: 5, jitter: 3, loss: 0.2, duplicate: 0.1, reorder: 0.1 },
});
