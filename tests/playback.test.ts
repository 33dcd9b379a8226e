/** What came from outside comes again: the same run, wherever the host stopped either of the two. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type App,
  bootNetwork,
  Entrance,
  type Entry,
  type Firmware,
  Gateway,
  type GatewayEvent,
  type MachineOptions,
  type Network,
  type NetworkDescription,
  network,
  Playback,
  parseAddress,
  type Reason,
  type Recording,
  RecordingWriter,
  readRecording,
  SIGTSTP,
  Socket,
  type System,
} from "../hal/host/index.js";
import { firmwareFrom } from "./firmware.js";
import { seeds } from "./seed.js";

const test = suite("playback");

const SERVER = "10.0.0.1";
const TO = { address: parseAddress(SERVER), port: 80 };
const OPTIONS: MachineOptions = { input: "open", onFailure: "report" };
/** Virtual cycles of a millisecond. */
const MS = 16000;

/** Echoes what clients say, in capitals, one after another, until one says "q". */
function echo(system: System): void {
  const out = system.console();
  const listener = system.socket({ name: "door", receive: 64, transmit: 64 });
  const server = system.task("server", { reads: [listener] }, function* (self) {
    yield* listener.bind(80);
    yield* listener.listen(2);
    const view = self.buffer(32);
    for (let last = ""; last !== "q"; ) {
      const client = yield* listener.accept();
      if (!(client instanceof Socket)) return;
      for (let n = yield* client.receive(view); n > 0; n = yield* client.receive(view)) {
        last = view.text(n);
        yield* self.compute(500 * n);
        yield* client.send(last.toUpperCase());
      }
      yield* client.close();
      yield* out.write(`${self.tick} served\n`);
    }
  });
  system.foreground(server);
}

/** Shows what is typed, and whether Ctrl-C came; a second task counts ticks beside it. */
function typist(system: System): void {
  const out = system.console();
  const reader = system.task("reader", {}, function* (self) {
    yield* self.signals.handle(2, function* () {
      yield* out.write(`[^C ${self.tick}]`);
    });
    yield* self.signals.handle(SIGTSTP, function* () {
      yield* out.write(`[^Z ${self.tick}]`);
    });
    const view = self.buffer(8);
    for (let n = yield* out.read(view); n !== 0; n = yield* out.read(view)) {
      if (n > 0) yield* out.write(`${self.tick} ${view.text(n)}`);
    }
  });
  system.foreground(reader);
  system.task("clock", { priority: 40, daemon: true }, function* (self) {
    for (;;) yield* self.sleep(3);
  });
}

/** Numbers that are the same in every run of the tests. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2654435761;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * sides);
  };
}

/** A run, all that clients were told, and what came from outside. */
class Stage {
  readonly network: Network;
  readonly entrance: Entrance;
  readonly told: string[] = [];
  readonly entries: Entry[] = [];

  constructor(app: App | Firmware | NetworkDescription, options: MachineOptions, clients: boolean) {
    this.network = bootNetwork(app, options);
    const outer = {
      deliver: (client: number, bytes: Uint8Array) => void this.told.push(`${client} gets ${new TextDecoder().decode(bytes)}`),
      end: (client: number) => void this.told.push(`${client} ends`),
      over: (client: number, how: string) => void this.told.push(`${client} ${how}`),
    };
    this.entrance = new Entrance(this.network, clients ? new Gateway(parseAddress("10.0.0.254"), outer) : undefined);
    this.entrance.onEntry = (entry) => void this.entries.push(entry);
  }

  /** The file of what came, read again. */
  record(): Recording {
    const writer = new RecordingWriter();
    const {
      network: { steps, hash = "", over },
    } = this;
    const lines = [
      writer.setting({ app: "app.ts", seed: undefined, until: undefined, args: [], forward: [] }),
      ...this.entries.map((entry) => writer.entry(entry)),
      writer.close({ ending: over ?? "cut", steps, hash, ...(this.network.amid ? { cycles: this.network.cycles } : {}) }),
    ];
    return readRecording(Uint8Array.from(lines.flatMap((line) => [...line])));
  }

  /** What of the run is to be the same. */
  get outcome(): unknown {
    const { network, told } = this;
    const output = network.names.map((name) => network.output(name));
    return { hash: network.hash, steps: network.steps, over: network.over, events: network.events, output, told };
  }
}

/** Plays it back in slices of some steps; whether it got to its end. */
function replay(stage: Stage, recording: Recording, roll: (sides: number) => number, slice: Slice = "any", amid = false): boolean {
  const playback = new Playback(stage.network, stage.entrance, recording);
  while (!playback.done && !stage.network.over) {
    const limits = { ...playback.limits, ...stepsOf(slice, roll), ...(amid ? { cycles: 1 + roll(3000) } : {}) };
    const reason: Reason = stage.network.advance(limits);
    if (!playback.feed() && reason !== "budget" && reason !== "observed" && !playback.done) break;
    if (playback.astray) return false;
  }
  return playback.done || stage.network.over !== undefined;
}

/** Records a run that `drive` drives, and plays it back three times. */
function proves(
  app: App | Firmware | NetworkDescription,
  options: MachineOptions,
  clients: boolean,
  drive: (stage: Stage) => void,
  name: string,
  prepare: (stage: Stage) => void = () => {},
): Stage {
  const stage = new Stage(app, { ...OPTIONS, ...options }, clients);
  drive(stage);
  const recording = stage.record();
  for (let i = 1; i <= 3; i++) {
    const again = new Stage(app, { ...OPTIONS, ...options }, clients);
    prepare(again);
    assert.ok(replay(again, recording, dice(i)), name);
    assert.equal(again.outcome, stage.outcome, name);
    for (const point of ["step", "cycle"]) {
      const [ours, theirs] = [again, stage].map(({ entries }) => entries.filter((entry) => point in entry));
      assert.equal(ours, theirs, name);
    }
  }
  return stage;
}

/** Clients that come, talk, stop reading and vanish as the dice fall; the run is stopped wherever. */
function crowd(roll: (sides: number) => number) {
  return ({ network, entrance }: Stage): void => {
    let [count, now] = [0, 0];
    const text = () => new TextEncoder().encode("abcdefghijklmnopqrstuvwxyz".repeat(8).slice(0, 1 + roll(200)));
    const acts: ((client: number) => GatewayEvent)[] = [
      () => ({ event: "open", client: ++count, ...TO }),
      (client) => ({ event: "data", client, bytes: text().subarray(0, entrance.room(client)) }),
      (client) => ({ event: "data", client, bytes: text().subarray(0, entrance.room(client)) }),
      (client) => ({ event: "finish", client }),
      (client) => ({ event: "reset", client }),
      (client) => ({ event: "full", client }),
      (client) => ({ event: "drained", client }),
    ];
    entrance.pace();
    for (let i = 0; i < 150 && !network.over; i++) {
      now += roll(2 * MS);
      // Cut anywhere, as a host that is busy does.
      if (roll(3) === 0) network.advance({ rest: now, lead: 0, dispatches: 1 + roll(30) });
      else network.advance({ rest: now, lead: roll(4) * MS });
      for (let j = network.over ? 0 : roll(4); j > 0; j--)
        entrance.visit((acts[roll(acts.length)] as (typeof acts)[0])(1 + roll(count + 1)));
      if (i === 140) entrance.interrupt();
    }
  };
}

test("SOC-11b what real clients did comes again at its points: the same run, under 30 schedules of clients and of the kernel", () => {
  let heard = 0;
  for (const seed of seeds(30)) {
    const options = seed % 2 ? { address: SERVER, seed } : { address: SERVER };
    heard += proves(echo, options, true, crowd(dice(seed)), `seed ${seed}`).told.filter((line) => line.includes(" gets ")).length;
  }
  assert.ok(heard > 100, `${heard}`);
});

test("SOC-11b a network of three machines with a lossy link and a crash replays, clients and all", () => {
  const peer: App = (system) => {
    const out = system.console();
    system.task("peer", {}, function* (self) {
      const view = self.buffer(16);
      for (let i = 0; i < 8; i++) {
        const socket = yield* self.create.socket();
        const answer = yield* socket.connect(SERVER, 80, 60);
        if (answer === 0) {
          yield* socket.send(`peer ${i}`);
          yield* socket.receive(view, 40);
        }
        yield* out.write(`${answer} at ${self.tick}\n`);
        yield* socket.close();
        yield* self.sleep(2);
      }
    });
  };
  const app = network({
    machines: {
      server: { address: SERVER, app: echo },
      one: { address: "10.0.0.2", app: peer },
      two: { address: "10.0.0.3", app: peer },
    },
    link: { latency: 0.7, loss: 0.2, duplicate: 0.1, jitter: 0.5 },
    crashes: [{ machine: "server", at: 60, restart: 70 }],
  });
  for (const seed of seeds(10)) proves(app, { seed }, true, crowd(dice(seed)), `seed ${seed}`);
});

test("SOC-11b what is typed, its end, Ctrl-C and Ctrl-Z come again, whether time waits for them or goes on", () => {
  for (const seed of seeds(40)) {
    const roll = dice(seed);
    const drive = ({ network, entrance }: Stage): void => {
      let now = 0;
      const { input } = network.console;
      if (seed % 3 === 0) entrance.pace();
      for (let i = 0; i < 60 && !network.over; i++) {
        now += roll(3 * MS);
        const limits = { dispatches: 1 + roll(60) };
        const reason = network.advance(input.paced ? { ...limits, cycle: now } : limits);
        if (reason === "input" || (input.paced && input.available === 0 && roll(3) === 0)) {
          if (i > 50) entrance.close();
          else entrance.type(new TextEncoder().encode("typed text".slice(0, 1 + roll(10))));
        }
        if (i === 20 + roll(10) && entrance.interrupt() && input.awaited) entrance.pace();
        if (i === 35 && entrance.interrupt(SIGTSTP) && input.awaited) entrance.pace();
      }
    };
    proves(typist, seed % 2 ? { seed } : {}, false, drive, `seed ${seed}`);
  }
});

/** How far a host lets a run go at a time: so many steps, or as the dice fall. */
const SLICES = ["whole", 1, 2, 3, 7, 40, "any"] as const;
type Slice = (typeof SLICES)[number];

function stepsOf(slice: Slice, roll: (sides: number) => number): { dispatches?: number } {
  if (slice === "whole") return {};
  return { dispatches: slice === "any" ? 1 + roll(60) : slice };
}

/** The same, while two more tasks hand the CPU to each other all the time: so dispatches come close to the cycle of any byte. */
function busyTypist(system: System): void {
  typist(system);
  for (const cycles of [40, 97]) {
    system.task(`busy ${cycles}`, { priority: 3, daemon: true }, function* (self) {
      for (;;) {
        yield* self.compute(cycles);
        yield* self.yield();
      }
    });
  }
}

/** Types whenever a run waits for it, what the seed says, and at last says that no more comes. */
function typing(seed: number, slice: Slice, amid = false) {
  return ({ network, entrance }: Stage): void => {
    const [what, where] = [dice(seed), dice(seed + 1000)];
    let left = 10 + what(20);
    while (!network.over) {
      const limits = stepsOf(slice, where);
      // Also looked at amid the code that computes, as one who paces or watches does.
      const reason = network.advance(amid ? { ...limits, cycles: 1 + where(3000) } : limits);
      if (reason !== "input") continue;
      if (left-- > 0) entrance.type(new TextEncoder().encode("typed text".slice(0, 1 + what(10))));
      else entrance.close();
    }
  };
}

/** Records it in slices of every length, and plays each back so: what was typed, at which steps, and the run are the same. */
function provesSlices(app: App | Firmware, options: MachineOptions, seed: number, amid: boolean): void {
  const record = (slice: Slice, looks: boolean): Stage => {
    const stage = new Stage(app, options, false);
    typing(seed, slice, looks)(stage);
    return stage;
  };
  const whole = record("whole", false);
  for (const slice of SLICES) {
    const name = `seed ${seed}, slices of ${slice}`;
    const stage = record(slice, amid);
    assert.equal(stage.outcome, whole.outcome, name);
    assert.equal(stage.entries, whole.entries, name);
    const again = new Stage(app, options, false);
    assert.ok(replay(again, stage.record(), dice(seed), slice, amid), name);
    assert.equal(again.outcome, whole.outcome, name);
  }
}

test("SOC-11b what is typed comes at the same steps however far the host lets the run go at a time, and is played back so", () => {
  for (let seed = 1; seed <= 15; seed++) {
    const chance = seed % 2 ? { seed } : {};
    provesSlices(busyTypist, { ...OPTIONS, ...chance }, seed, false);
    if (seed % 5 === 0) provesSlices(busyTypist, { ...OPTIONS, ...chance, address: SERVER }, seed, false);
  }
});

const READS = `
import { buffer, console, print, self, task } from "talea/firmware";

let turns = 0;
task("reads", { priority: 9 }, () => {
  const line = buffer(8);
  for (let n = console.read(line); n > 0; n = console.read(line)) {
    print("{} ", self.tick);
    console.write(line.slice(0, n));
  }
});
task("busy", { priority: 3, daemon: true }, () => {
  for (;;) {
    for (let i = 0; i < 5; i++) turns++;
    self.yield();
  }
});
task("computes", { priority: 3, daemon: true }, () => {
  for (;;) turns++;
});
`;

test("SOC-11b the same for compiled code, which the host also looks at amid its steps", () => {
  for (let seed = 1; seed <= 5; seed++) {
    provesSlices(firmwareFrom("reads", READS), { ...OPTIONS, ...(seed % 2 ? { seed } : {}) }, seed, true);
  }
});

const SPINS = `
import { print, self, SIGINT, task } from "talea/firmware";

let turns = 0;
let caught = 0;
task("spins", { priority: 5 }, () => {
  self.signals.handle(SIGINT, () => {
    caught++;
    print("{}: {}\\n", self.tick, turns);
  });
  while (caught < 4) turns++;
});
`;

test("SOC-11b Ctrl-C takes effect behind the step of the code that computes when it comes, and so comes again at its point", () => {
  let amid = 0;
  const drive = ({ network, entrance }: Stage): void => {
    entrance.pace();
    network.console.foreground = network.console.task("spins").handle;
    for (let i = 1; i <= 4; i++) {
      network.advance({ cycle: i * 40_777 });
      for (; network.amid; amid++) network.advance({ dispatches: 1 });
      assert.ok(entrance.interrupt());
    }
    network.advance({});
  };
  const again = ({ network }: Stage): void => {
    network.console.foreground = network.console.task("spins").handle;
  };
  const stage = proves(firmwareFrom("spins", SPINS), {}, false, drive, "spins", again);
  assert.is(stage.network.over, "finished");
  assert.is(stage.network.console.output.match(/^\d+: \d+$/gm)?.length, 4);
  assert.ok(amid > 0);
});

const LOCKS = `
import { mutex, task } from "talea/firmware";

let turns: u32 = 0;
const lock = mutex({ name: "lock" });
task("locks", { priority: 5 }, () => {
  for (;;) {
    turns++;
    if (turns % 50 != 0) continue;
    lock.lock();
    lock.unlock();
  }
});
`;

test("SOC-11b a run that was cut amid the calls of a compiled task replays to that cycle, and no further", () => {
  let amid = 0;
  for (let seed = 1; seed <= 10; seed++) {
    const roll = dice(seed);
    const drive = ({ network }: Stage): void => {
      for (let i = 0; i < 5; i++) network.advance({ cycles: 1 + roll(40_000) });
      if (network.amid) amid++;
    };
    proves(firmwareFrom("locks", LOCKS), {}, false, drive, `seed ${seed}`);
  }
  assert.ok(amid > 0);
});

test("SOC-11b a run that ended by itself, without anything from outside, replays", () => {
  const app: App = (system) => {
    const out = system.console();
    system.task("only", {}, function* (self) {
      yield* self.sleep(5);
      yield* out.write("done");
    });
  };
  proves(app, {}, false, ({ network }) => void network.advance({}), "alone");
  proves(app, { address: SERVER }, true, ({ network }) => void network.advance({}), "networked");
});

test("SOC-11b another app does not pass for the recorded one", () => {
  const stage = new Stage(echo, { ...OPTIONS, address: SERVER }, true);
  crowd(dice(5))(stage);
  const recording = stage.record();
  const slower: App = (system) => {
    echo(system);
    system.task("more", { priority: 50 }, function* (self) {
      for (let i = 0; i < 100; i++) yield* self.sleep(1);
    });
  };
  const short: App = (system) => {
    system.task("short", {}, function* () {});
  };
  for (const other of [slower, short]) {
    const again = new Stage(other, { ...OPTIONS, address: SERVER }, true);
    const got = replay(again, recording, dice(1));
    assert.not(got && again.network.hash === recording.close.hash);
  }
});

test("SOC-11b a recording of a longer run is not done when its app ends earlier", () => {
  const app: App = (system) => {
    system.task("only", {}, function* (self) {
      yield* self.sleep(system.args.length > 0 ? 100 : 5);
    });
  };
  const stage = new Stage(app, { ...OPTIONS, args: ["long"] }, false);
  stage.network.advance({ tick: 50 });
  stage.entrance.type(Uint8Array.of(1));
  stage.network.advance({});
  const again = new Stage(app, OPTIONS, false);
  const playback = new Playback(again.network, again.entrance, stage.record());
  while (again.network.advance(playback.limits) !== "finished") playback.feed();
  assert.not(playback.done);
});

test("SOC-11b a recording that somebody wrote, with numbers that no run has, is played as far as it makes sense, and never throws", () => {
  const HUGE = Number.MAX_SAFE_INTEGER;
  const machine = "app";
  const open = (client: number, port = 80): Entry => ({ cycle: 0, what: { event: "open", client, address: TO.address, port } });
  const much = new Uint8Array(100_000).fill(97);
  const written: Record<string, Entry[]> = {
    "a step that never comes": [{ machine, step: HUGE, what: { event: "paced" } }],
    "a cycle that never comes": [open(1), { cycle: HUGE, what: { event: "reset", client: 1 } }],
    "a client of any number": [open(HUGE), { cycle: 1, what: { event: "data", client: HUGE, bytes: much.subarray(0, 9) } }],
    "one client twice": [open(1), open(1)],
    "clients that nobody opened": (["finish", "reset", "full", "drained"] as const).map((event) => ({
      cycle: 5,
      what: { event, client: 7 },
    })),
    "a port that there is not": [open(1, 0), open(2, 65535)],
    "more bytes than there is room for": [open(1), { cycle: 50_000, what: { event: "data", client: 1, bytes: much } }],
    "data behind its end": [
      open(1),
      ...(["finish", "finish", "reset", "reset"] as const).map((event): Entry => ({ cycle: 60_000, what: { event, client: 1 } })),
    ],
    "no bytes": [{ machine, step: 0, what: { event: "type", bytes: much.subarray(0, 0) } }],
    "typed behind the end of all input": [
      { machine, step: 0, what: { event: "close" } },
      { machine, step: 0, what: { event: "type", bytes: much.subarray(0, 5) } },
      { machine, step: 0, what: { event: "close" } },
    ],
    "signals for nobody": [1, 9, 19, 31].map((signal): Entry => ({ machine, step: 0, what: { event: "interrupt", signal } })),
  };
  const close = { ending: "interrupted", steps: { app: HUGE }, hash: "00" };
  for (const [what, entries] of Object.entries(written)) {
    const stage = new Stage(echo, { ...OPTIONS, address: SERVER }, true);
    const recording: Recording = { app: "app.ts", seed: undefined, until: undefined, args: [], forward: [TO], entries, close };
    const playback = new Playback(stage.network, stage.entrance, recording);
    // A recording of any length may be played; that it can be stopped at any time is all that is asked of one that never ends.
    for (let i = 0; i < 300 && !playback.done && !playback.astray && !stage.network.over; i++) {
      const reason = stage.network.advance({ ...playback.limits, dispatches: 100 });
      if (!playback.feed() && reason !== "budget") break;
    }
    assert.is(stage.network.over === undefined || stage.network.over === "finished", true, what);
  }
});

test.run();
