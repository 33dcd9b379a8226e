import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type App,
  AppError,
  addressText,
  boot,
  bootNetwork,
  ECONNRESET,
  ENETUNREACH,
  ETIMEDOUT,
  type LinkOptions,
  MachineError,
  type MachineOptions,
  type Network,
  type NetworkDescription,
  type NetworkNode,
  type NetworkSettings,
  NODE_LATENCY,
  network,
  parseAddress,
  type Socket,
} from "../hal/host/index.js";
import { layout, PacketFlag } from "../kernel/abi/host.js";
import { firmwareFrom } from "./firmware.js";
import { CLIENT, client, gathered, type Noted, PORT, patternAt, playNetwork, poured, SERVER, server } from "./netsupport.js";

const test = suite("network");

const MILLISECOND = 16_000;
const HEAD = layout.Packet.bytes;
const SEEDS: MachineOptions[] = [{}, ...Array.from({ length: 10 }, (_, i) => ({ seed: i + 1 }))];
const BAD: LinkOptions = { latency: 1.5, loss: 0.1, duplicate: 0.1, reorder: 0.2, jitter: 1 };

/** A machine without a task that counts. */
const nobody: App = () => {};

function sleeper(ticks: number): App {
  return (system) => {
    system.task("sleeper", {}, function* (self) {
      yield* self.sleep(ticks);
    });
  };
}

function pair(one: App, other: App, more: Partial<NetworkSettings> = {}, options: MachineOptions = {}): NetworkDescription {
  return network({
    machines: { server: { address: SERVER, app: one, ...options }, client: { address: CLIENT, app: other, ...options } },
    ...more,
  });
}

// Links

/** Sends datagrams of these lengths, so many ticks apart. */
function shouts(lengths: readonly number[], pause = 0): App {
  return (system) => {
    system.task("client", { storage: 2048 }, function* (self) {
      const socket = yield* self.create.socket({ type: "datagram", transmit: 8192 });
      const to = self.endpoint(SERVER, PORT);
      const view = self.buffer(1024);
      yield* self.sleep(1);
      for (const length of lengths) {
        yield* socket.sendTo(view.slice(0, length), to);
        if (pause > 0) yield* self.sleep(pause);
      }
    });
  };
}

/** Takes datagrams until none came for a while. */
function hears(heard: (bytes: Uint8Array) => void, patience = 100): App {
  return (system) => {
    system.task("server", { storage: 2048 }, function* (self) {
      const socket = yield* self.create.socket({ type: "datagram", receive: 8192 });
      yield* socket.bind(PORT);
      const view = self.buffer(1024);
      for (let n = yield* socket.receive(view, patience); n >= 0; n = yield* socket.receive(view, patience)) heard(view.bytes(n).slice());
    });
  };
}

function cyclesOf(net: Network, event: string): number[] {
  return net.trace.filter((record) => record.event === event).map((record) => record.cycles);
}

test("SOC-10a a link's latency and bandwidth are kept to the cycle", () => {
  for (const latency of [0.05, 1, 3.7]) {
    const net = playNetwork(
      pair(
        hears(() => {}),
        shouts([10, 500, 1], 2),
        { link: { latency } },
      ),
    );
    const [left, came] = [cyclesOf(net, "SEND"), cyclesOf(net, "ARRIVE")];
    assert.is(left.length, 3);
    assert.equal(
      came,
      left.map((cycle) => cycle + latency * MILLISECOND),
    );
  }
  const bandwidth = 16_000;
  const net = playNetwork(
    pair(
      hears(() => {}),
      shouts([68, 168, 18]),
      { link: { latency: 2, bandwidth } },
    ),
  );
  const [first] = cyclesOf(net, "SEND") as [number];
  const bytes = [HEAD + 68, 2 * HEAD + 68 + 168, 3 * HEAD + 68 + 168 + 18];
  assert.equal(
    cyclesOf(net, "ARRIVE"),
    bytes.map((sum) => first + sum * 1000 + 2 * MILLISECOND),
  );
});

test("links may differ, and differ both ways alike", () => {
  const settings = { link: { latency: 5 }, links: [{ between: ["client", "server"] as const, latency: 1 }] };
  const net = playNetwork(
    pair(
      hears(() => {}),
      shouts([1]),
      settings,
    ),
  );
  assert.is((cyclesOf(net, "ARRIVE")[0] as number) - (cyclesOf(net, "SEND")[0] as number), MILLISECOND);
});

test("SOC-09d the network loses, doubles and re-orders datagrams as the scenario says, and never alters one", () => {
  const count = 200;
  const numbered: App = (system) => {
    system.task("client", {}, function* (self) {
      const socket = yield* self.create.socket({ type: "datagram" });
      const to = self.endpoint(SERVER, PORT);
      const view = self.buffer(64);
      for (let i = 0; i < count; i++) {
        view.copy(Uint8Array.from({ length: 64 }, (_, at) => i + at));
        yield* socket.sendTo(view, to);
        yield* self.sleep(1);
      }
    });
  };
  const run = (link: LinkOptions) => {
    const heard: number[] = [];
    const listener = hears((bytes) => {
      assert.equal(
        [...bytes],
        Array.from({ length: 64 }, (_, at) => ((bytes[0] as number) + at) & 255),
      );
      heard.push(bytes[0] as number);
    });
    const { packets } = playNetwork(pair(listener, numbered, { link }), { seed: 3 }).report();
    return { heard, packets };
  };
  const sorted = (heard: readonly number[]) => heard.every((each, i) => i === 0 || each >= (heard[i - 1] as number));
  const plain = run({});
  assert.equal(
    plain.heard,
    Array.from({ length: count }, (_, i) => i),
  );
  const lossy = run({ loss: 0.2 });
  assert.is(lossy.heard.length, count - lossy.packets.lost);
  assert.ok(lossy.packets.lost > 20 && lossy.packets.lost < 60 && sorted(lossy.heard));
  const doubled = run({ duplicate: 0.2 });
  assert.is(doubled.heard.length, count + doubled.packets.duplicated);
  assert.ok(doubled.packets.duplicated > 20 && sorted(doubled.heard));
  const mixed = run({ reorder: 0.2, latency: 3 });
  assert.equal(
    mixed.heard.toSorted((a, b) => a - b),
    plain.heard,
  );
  assert.ok(mixed.packets.reordered > 20 && !sorted(mixed.heard));
});

// Streams

interface Story {
  connected: number;
  sent: number;
  server: Noted;
  client: Noted;
}

/** The client sends so many bytes and the end, the server the same back. */
function story(
  total: number,
  more: Partial<NetworkSettings> = {},
  options: MachineOptions = {},
): { told: Story; description: NetworkDescription } {
  const told = {} as Story;
  const serve = server(1, function* (self, socket) {
    told.server = yield* gathered(self, socket);
    if (told.server.ended === 0) yield* poured(self, socket, total);
  });
  const ask = client(function* (self, socket, connected) {
    told.connected = connected;
    if (connected !== 0) return;
    told.sent = yield* poured(self, socket, total);
    if (told.sent < 0) return;
    yield* socket.shutdown("write");
    told.client = yield* gathered(self, socket);
  });
  return { told, description: pair(serve, ask, more, options) };
}

test("SOC-10b loss, duplication and re-ordering delay a stream and change nothing of it", () => {
  const total = 6000;
  const plain = story(total);
  const quick = playNetwork(plain.description).milliseconds;
  for (const options of SEEDS) {
    const { told, description } = story(total, { link: BAD });
    const net = playNetwork(description, options);
    for (const { bytes, right, ended } of [told.server, told.client]) assert.equal([bytes, right, ended], [total, true, 0]);
    assert.ok(net.milliseconds > 1.5 * quick, `${net.milliseconds} ms`);
    const { lost, duplicated, reordered } = net.report().packets;
    assert.ok(Math.min(lost, duplicated, reordered) > 0);
  }
});

test("SOC-10c a partition shorter than the machines' patience delays a stream, a longer one is ETIMEDOUT at both ends", () => {
  const total = 20_000;
  const partition = (until?: number) => [{ between: ["client", "server"] as const, from: 10, ...(until === undefined ? {} : { until }) }];
  for (const options of SEEDS.slice(0, 4)) {
    const short = story(total, { partitions: partition(400) }, { giveUp: 500 });
    const net = playNetwork(short.description, options);
    assert.equal([short.told.server.bytes, short.told.client.bytes, short.told.client.right], [total, total, true]);
    assert.ok(short.told.client.tick > 400);
    assert.ok(net.report().packets.cut > 0);

    const long = story(total, { partitions: partition() }, { giveUp: 500 });
    playNetwork(long.description, options);
    assert.is(long.told.sent, ETIMEDOUT);
    assert.is(long.told.server.ended, ETIMEDOUT);
    assert.ok(long.told.server.right && long.told.server.bytes < total);
  }
});

test("a partition cuts a machine off from those on the other side alone", () => {
  const told: number[] = [];
  const serve = server(1, function* () {});
  const ask = client(function* (self, _socket, connected) {
    told.push(connected);
    yield* self.yield();
  });
  const description = network({
    machines: {
      server: { address: SERVER, app: serve },
      near: { address: CLIENT, app: ask },
      far: { address: "10.0.0.3", app: sleeper(50) },
    },
    partitions: [{ between: ["far", ["server", "near"]] }],
  });
  playNetwork(description);
  assert.equal(told, [0]);
});

test("SOC-06e a machine's crash resets its connections on the others", () => {
  const noted: number[] = [];
  const serve = server(1, function* (self, socket) {
    const view = self.buffer(4);
    yield* self.sleep(20);
    for (let i = 0; i < 4; i++) noted.push(yield* socket.receive(view));
  });
  const ask = client(function* (self, socket) {
    yield* socket.send("12345678");
    yield* self.sleep(100);
  });
  const description = pair(serve, ask, { crashes: [{ machine: "client", at: 10 }] });
  for (const options of SEEDS) {
    noted.length = 0;
    const net = playNetwork(description, options);
    assert.equal(noted, [4, 4, ECONNRESET, 0]);
    assert.is(net.report().machines[1]?.up, false);
  }
});

test("a machine that crashed starts anew, and is reached again", () => {
  const served: string[] = [];
  const describe: App = (system) => {
    const out = system.console();
    system.task("server", { daemon: true }, function* (self) {
      yield* out.write("up\n");
      const listener = yield* self.create.socket();
      yield* listener.bind(PORT);
      yield* listener.listen();
      for (;;) {
        const socket = (yield* listener.accept()) as Socket;
        const view = self.buffer(8);
        const count = yield* socket.receive(view);
        if (count > 0) served.push(`${self.tick}`);
        yield* socket.close();
      }
    });
  };
  const results: number[] = [];
  const ask: App = (system) => {
    system.task("client", { storage: 1024 }, function* (self) {
      for (let i = 0; i < 3; i++) {
        const socket = yield* self.create.socket();
        const connected = yield* socket.connect(SERVER, PORT);
        results.push(connected);
        if (connected === 0) yield* socket.send("x");
        yield* self.sleep(40);
        yield* socket.close();
      }
    });
  };
  const net = playNetwork(pair(describe, ask, { crashes: [{ machine: "server", at: 20, restart: 75 }] }));
  assert.equal(results, [0, ENETUNREACH, 0]);
  assert.is(served.length, 2);
  assert.is(net.output("server"), "up\nup\n");
  assert.is(net.origin("server"), 75 * MILLISECOND);
  const [report] = net.report().machines;
  assert.equal([report?.up, report?.crashes], [true, 1]);
  const powered = net.trace.filter(({ event, machine }) => event === "POWER" && machine === "server").map(({ cycles }) => cycles);
  assert.equal(powered, [0, 75 * MILLISECOND]);
});

test("what a machine sent before it crashed is never taken for what it sends when it is up again", () => {
  const total = 4000;
  let whole = 0;
  for (let seed = 1; seed <= 60; seed++) {
    const noted: Noted[] = [];
    const serve: App = (system) => {
      system.task("server", { storage: 4096 }, function* (self) {
        const listener = yield* self.create.socket({ receive: 512 });
        yield* listener.bind(PORT);
        yield* listener.listen();
        for (let socket = yield* listener.accept(300); typeof socket !== "number"; socket = yield* listener.accept(300)) {
          noted.push(yield* gathered(self, socket));
          yield* socket.close();
        }
      });
    };
    const ask = client(function* (self, socket, connected) {
      if (connected === 0) yield* poured(self, socket, total);
    });
    const at = 8 + (seed % 13);
    const crashes = [{ machine: "client", at, restart: at + 0.2 + (seed % 4) }];
    const link = { latency: 3, jitter: 3, reorder: 0.3, duplicate: 0.2 };
    const net = bootNetwork(pair(serve, ask, { link, crashes }, { giveUp: 200 }), { seed });
    assert.is(net.run(), "finished");
    assert.ok(
      noted.length > 0 && noted.every(({ right, bytes, ended }) => right && (ended !== 0 || bytes === total)),
      JSON.stringify(noted),
    );
    if (noted.at(-1)?.ended === 0) whole++;
  }
  assert.is(whole, 60);
});

test("an address that nobody has, or that is off, is ENETUNREACH", () => {
  const results: number[] = [];
  const ask: App = (system) => {
    system.task("client", {}, function* (self) {
      const socket = yield* self.create.socket();
      for (const address of ["10.0.0.77", "10.0.1.1", SERVER]) results.push(yield* socket.connect(address, PORT));
    });
  };
  const net = playNetwork(pair(nobody, ask, { crashes: [{ machine: "server", at: 0 }] }));
  assert.equal(results, [ENETUNREACH, ENETUNREACH, ENETUNREACH]);
  assert.is(net.report().packets.unreachable, 2);
});

test("a machine that is on no network finds nobody there", () => {
  const results: number[] = [];
  const app: App = (system) => {
    system.task("client", {}, function* (self) {
      const socket = yield* self.create.socket();
      results.push(yield* socket.connect("10.0.0.9", PORT, 50));
    });
  };
  boot(app, { address: SERVER }).run();
  boot(app).run();
  assert.equal(results, [ETIMEDOUT, ENETUNREACH]);
});

// The same run

/** A conversation with a bit of everything, consoles and chance too. */
function lively(): NetworkDescription {
  const talk: App = (system) => {
    const out = system.console();
    system.task("noise", { priority: 3 }, function* (self) {
      for (let i = 0; i < 10; i++) {
        yield* self.compute(1000, 50_000);
        yield* out.write(`${Math.floor(Math.random() * 1000)}\n`);
        yield* self.sleep(1);
      }
    });
  };
  const total = 3000;
  const serve: App = (system) => {
    talk(system);
    server(2, function* (self, socket) {
      yield* gathered(self, socket);
    })(system);
  };
  const ask: App = (system) => {
    talk(system);
    client(function* (self, socket, connected) {
      if (connected === 0) yield* poured(self, socket, total);
    })(system);
  };
  return network({
    machines: {
      server: { address: SERVER, app: serve, giveUp: 300 },
      one: { address: CLIENT, app: ask, giveUp: 300 },
      two: { address: "10.0.0.3", app: ask, giveUp: 300 },
    },
    link: BAD,
    links: [{ between: ["server", "two"], latency: 0.3, bandwidth: 200_000, loss: 0.05 }],
    partitions: [{ between: ["server", ["one", "two"]], from: 20, until: 40 }],
    crashes: [{ machine: "one", at: 33.3, restart: 60 }],
  });
}

/** Everything that tells runs apart. */
function identity(net: Network): unknown[] {
  const { hash, events, cycles } = net;
  return [net.over, hash, events, cycles, net.trace.length, ...net.names.map((name) => net.output(name)), net.report().packets];
}

const ways: [name: string, run: (net: Network) => void][] = [
  [
    "step by step",
    (net) => {
      while (!net.over) net.step();
    },
  ],
  [
    "in pieces of time",
    (net) => {
      for (let at = 0.13; !net.over; at += 0.37) net.runUntil(at);
    },
  ],
  [
    "ahead and on",
    (net) => {
      net.runUntil(31.7);
      net.runUntil(12);
      net.run();
    },
  ],
  [
    "by a predicate",
    (net) => {
      for (let n = 0; !net.over; ) net.runUntil(() => n++ % 11 === 5);
    },
  ],
  [
    "with stops from within",
    (net) => {
      for (const name of net.names) net.machine(name).onOutput = () => net.stop();
      while (!net.over) net.run();
    },
  ],
];

test("SOC-10d the same scenario and seed give the same run, and another seed another one", () => {
  const seen = new Set<string | undefined>();
  for (const options of SEEDS) {
    const [one, other] = [bootNetwork(lively(), options), bootNetwork(lively(), options)];
    one.run();
    other.run();
    assert.equal(identity(one), identity(other));
    seen.add(one.hash);
  }
  assert.is(seen.size, SEEDS.length);
});

test("stopping and stepping never change a run", () => {
  for (const options of SEEDS.slice(0, 5)) {
    const whole = bootNetwork(lively(), options);
    whole.run();
    for (const [name, run] of ways) {
      const net = bootNetwork(lively(), options);
      run(net);
      assert.equal(identity(net), identity(whole), `${name} ${JSON.stringify(options)}`);
    }
  }
});

test("the trace of all machines is in order of time, and says whose each record is", () => {
  const net = bootNetwork(lively());
  net.run();
  const { trace } = net;
  assert.ok(trace.every(({ cycles }, i) => i === 0 || cycles >= (trace[i - 1]?.cycles as number)));
  assert.equal(new Set(trace.map(({ machine }) => machine)), new Set(["server", "one", "two"]));
});

test("500 seeds of loss, duplication, re-ordering, a partition and a crash: what is delivered is right, an error is at both ends, nothing hangs", () => {
  const total = 2000;
  let [whole, broken] = [0, 0];
  for (let seed = 1; seed <= 500; seed++) {
    const until = 30 + 20 * (seed % 12);
    const told: Story[] = [{}, {}] as Story[];
    const serve: App = (system) => {
      for (const [i, each] of told.entries()) {
        system.task(`server ${i}`, { storage: 2048 }, function* (self) {
          const listener = yield* self.create.socket();
          yield* listener.bind(PORT + i);
          yield* listener.listen();
          const socket = yield* listener.accept(400);
          if (typeof socket === "number") return;
          each.server = yield* gathered(self, socket);
          yield* socket.send(`${each.server.bytes}`);
          yield* socket.close();
        });
      }
    };
    const ask =
      (i: number): App =>
      (system) => {
        const each = told[i] as Story;
        system.task("client", { storage: 1024 }, function* (self) {
          const socket = yield* self.create.socket();
          each.connected = yield* socket.connect(SERVER, PORT + i);
          if (each.connected !== 0) return;
          each.sent = yield* poured(self, socket, total);
          if (each.sent < 0) return;
          yield* socket.shutdown("write");
          const view = self.buffer(8);
          each.client = { bytes: yield* socket.receive(view), right: false, ended: 0, tick: self.tick };
          each.client.right = each.client.bytes === 4;
          yield* socket.close();
        });
      };
    const options = { giveUp: 150, trace: false };
    const description = network({
      machines: {
        server: { address: SERVER, app: serve, ...options },
        one: { address: CLIENT, app: ask(0), ...options },
        two: { address: "10.0.0.3", app: ask(1), ...options },
      },
      link: { loss: (seed % 5) / 20, duplicate: 0.1, reorder: 0.1, jitter: 2 },
      partitions: [{ between: ["server", ["one", "two"]], from: 10, until }],
      crashes: seed % 7 === 0 ? [{ machine: "two", at: 5 + (seed % 20) }] : [],
    });
    const net = bootNetwork(description, { seed });
    assert.is(net.run(), "finished", `seed ${seed}`);
    for (const [i, each] of told.entries()) {
      const what = `seed ${seed}, client ${i}: ${JSON.stringify(each)}`;
      const { server: at, client: back } = each;
      const crashed = i === 1 && seed % 7 === 0;
      if (at) assert.ok(at.right && at.bytes <= total, what);
      if (at?.ended === 0) assert.is(at.bytes, total, what);
      if (back?.right) assert.equal([at?.bytes, at?.ended], [total, 0], what);
      if (each.connected < 0 || each.sent < 0) assert.is.not(at?.ended, 0, what);
      if (at && at.ended < 0) assert.ok(crashed || each.connected < 0 || each.sent < 0 || back?.right === false, what);
      if (each.client?.right) whole++;
      else broken++;
    }
  }
  assert.ok(whole > 300 && broken > 100, `${whole} ${broken}`);
});

// The end of a run

test("a network is over when all tasks that count have ended and their streams too", () => {
  const net = playNetwork(pair(sleeper(3), sleeper(40)));
  assert.ok(net.milliseconds >= 40 && net.milliseconds < 42);
  assert.equal(
    net.names.map((name) => net.machine(name).over),
    ["finished", "finished"],
  );
  const noted: Noted[] = [];
  const serve = server(1, function* (self, socket) {
    yield* self.sleep(30);
    noted.push(yield* gathered(self, socket));
  });
  const ask = client(function* (self, socket) {
    yield* poured(self, socket, 2000);
  });
  playNetwork(pair(serve, ask, {}, {}));
  assert.equal([noted[0]?.bytes, noted[0]?.right], [2000, true]);
});

test("a network in which nobody can ever run is a deadlock, at once or when its connections have nothing to say any more", () => {
  const waits: App = (system) => {
    const never = system.semaphore();
    system.task("waits", {}, function* () {
      yield* never.take();
    });
  };
  assert.ok(playNetwork(pair(waits, nobody), {}, "deadlock").milliseconds < 2);
  const stares = server(1, function* (self, socket) {
    yield* socket.receive(self.buffer(1));
  });
  const staresToo = client(function* (self, socket) {
    yield* socket.receive(self.buffer(1));
  });
  const net = bootNetwork(pair(stares, staresToo, {}, { giveUp: 300 }));
  assert.is(net.run(), "deadlock");
  assert.ok(net.milliseconds > 300 && net.milliseconds < 700, `${net.milliseconds}`);
  assert.equal(
    net.report().machines.map(({ report }) => report.blocked.map(({ call }) => call)),
    [["socket_receive"], ["socket_receive"]],
  );
});

test("a machine of a network is not powered on by itself, and runUntil takes a time or a predicate", () => {
  const net = bootNetwork(pair(sleeper(1), sleeper(500)));
  net.runUntil(30);
  assert.throws(() => net.machine("server").powerOn(), /one of a network: boot the network anew/);
  assert.throws(() => net.runUntil(Number.NaN), /virtual milliseconds or a predicate, and not NaN/);
  assert.is(net.run(), "finished");
});

test("time passes to a millisecond also when nobody can run", () => {
  const net = bootNetwork(pair(sleeper(1), sleeper(500)));
  assert.is(net.runUntil(100), "until");
  assert.equal(
    net.names.map((name) => net.machine(name).tick),
    [100, 100],
  );
});

test("a failing task fails the run at its end, unless it is only reported", () => {
  const fails: App = (system) => {
    system.task("fails", {}, function* (self) {
      yield* self.sleep(1);
      throw new Error("on purpose");
    });
  };
  assert.throws(() => bootNetwork(pair(fails, sleeper(2))).run(), /on purpose/);
  const net = bootNetwork(pair(fails, sleeper(2)), { onFailure: "report" });
  assert.is(net.run(), "finished");
  assert.is(net.failures.length, 1);
  const handler: App = (system) => {
    sleeper(5)(system);
    system.hardwareTimer({ line: 3 });
    system.interrupt(3, {}, function* (self) {
      yield* self.compute(10);
      throw new Error("in a handler");
    });
  };
  const other = bootNetwork(pair(handler, sleeper(9)), { onFailure: "report" });
  other.runUntil(1);
  other.machine("server").raise(3);
  assert.is(other.run(), "failed");
});

test("a plain app is a network of one, and runs as it does alone", () => {
  const app: App = (system) => {
    const out = system.console();
    system.task("a", {}, function* (self) {
      for (let i = 0; i < 5; i++) {
        yield* out.write(`${Math.random()}\n`);
        yield* self.compute(100, 40_000);
      }
    });
    system.task("b", {}, function* (self) {
      for (let i = 0; i < 5; i++) yield* self.compute(100, 40_000);
    });
  };
  for (const options of SEEDS) {
    const [machine, net] = [boot(app, options), bootNetwork(app, options)];
    assert.is(machine.run(), net.run());
    assert.equal([net.hash, net.output("app"), net.events], [machine.hash, machine.output, machine.events]);
    const other = bootNetwork(app, options);
    while (!other.over) other.step();
    assert.is(other.hash, machine.hash);
  }
  assert.throws(() => bootNetwork(app).attach(new Echo()), /has no address/);
});

test("a firmware is a machine's app as a function is", () => {
  const source =
    'import { print, self, task } from "talea/firmware";\ntask("t", {}, () => { self.sleep(3); print("tick {}\\n", self.tick); });\n';
  const app = firmwareFrom("sleeper", source);
  const net = bootNetwork(network({ machines: { one: { address: CLIENT, app }, two: { address: SERVER, app } } }));
  assert.is(net.run(), "finished");
  assert.equal([net.output("one"), net.output("two")], ["tick 3\n", "tick 3\n"]);
});

test("the input is the console's machine's, the first or the one that is named", () => {
  const echo: App = (system) => {
    const console = system.console();
    system.task("echo", {}, function* (self) {
      const view = self.buffer(16);
      const count = yield* console.read(view);
      yield* console.write(`${count}`);
    });
  };
  const first = playNetwork(pair(echo, echo), { input: "hello" });
  assert.equal([first.output("server"), first.output("client")], ["5", "0"]);
  const second = playNetwork(pair(echo, echo, { console: "client" }), { input: "hello" });
  assert.equal([second.output("server"), second.output("client")], ["0", "5"]);
  const open = bootNetwork(pair(echo, echo), { input: "open" });
  assert.is(open.run(), "input");
  open.console.type("abc");
  open.console.endInput();
  assert.is(open.run(), "finished");
  assert.is(open.output("server"), "3");
});

test("Ctrl-C goes to the foreground task of the console's machine, else to the first there is", () => {
  const waits: App = (system) => {
    const task = system.task("waits", {}, function* (self) {
      yield* self.sleep(1000);
    });
    system.foreground(task);
  };
  const both = bootNetwork(pair(waits, waits, { console: "client" }));
  both.runUntil(5);
  assert.is(both.interruptForeground(), true);
  both.runUntil(6);
  assert.equal(
    both.names.map((name) => both.machine(name).tasks[0]?.state),
    ["blocked", "signalled"],
  );
  const none = bootNetwork(pair(sleeper(10), nobody));
  none.runUntil(5);
  assert.is(none.interruptForeground(), false);
});

test("machines of a network draw different numbers, with and without a seed, and run only with it", () => {
  const draws: App = (system) => {
    const out = system.console();
    system.task("draws", {}, function* () {
      yield* out.write(`${Math.random()}`);
    });
  };
  for (const options of [{}, { seed: 5 }]) {
    const net = playNetwork(pair(draws, draws), options);
    assert.is.not(net.output("server"), net.output("client"));
  }
  const machine = bootNetwork(pair(draws, draws)).machine("server");
  assert.throws(() => machine.run(), /run the network/);
  assert.throws(() => bootNetwork(pair(draws, draws)).machine("nobody"), /no machine is named "nobody": there are server, client/);
});

// Nodes that are no machines

/** Sends every datagram back. */
class Echo implements NetworkNode {
  readonly addresses = ["10.0.0.99"];
  readonly open = false;
  readonly received: [packet: Uint8Array, cycle: number][] = [];
  network: Network | undefined;

  receive(packet: Uint8Array, cycle: number): void {
    this.received.push([packet.slice(), cycle]);
    const back = packet.slice();
    const { source, destination, sourcePort, destinationPort } = layout.Packet;
    back.set(packet.subarray(destination, destination + 4), source);
    back.set(packet.subarray(source, source + 4), destination);
    back.set(packet.subarray(destinationPort, destinationPort + 2), sourcePort);
    back.set(packet.subarray(sourcePort, sourcePort + 2), destinationPort);
    this.network?.transmit(back, cycle);
  }
}

test("a node gets what is for its addresses, and answers, without loss and with its own latency", () => {
  const noted: unknown[] = [];
  const asks: App = (system) => {
    system.task("asks", {}, function* (self) {
      const socket = yield* self.create.socket({ type: "datagram" });
      const from = self.sender();
      yield* socket.sendTo("ping", self.endpoint("10.0.0.99", 7));
      const view = self.buffer(16);
      noted.push(yield* socket.receive(view, 100, from), view.text(4), from.address, from.port);
    });
  };
  const run = (way: (net: Network) => void) => {
    const net = bootNetwork(pair(asks, nobody, { link: { loss: 1 } }), { seed: 1 });
    const echo = new Echo();
    echo.network = net;
    net.attach(echo);
    way(net);
    const [left, came] = [cyclesOf(net, "SEND")[0] as number, cyclesOf(net, "ARRIVE")[0] as number];
    assert.is(echo.received[0]?.[1], left + NODE_LATENCY);
    assert.is(came, left + 2 * NODE_LATENCY);
    return net.hash;
  };
  const hash = run((net) => net.run());
  assert.equal(noted, [4, "ping", "10.0.0.99", 7]);
  for (const [name, way] of ways) assert.is(run(way), hash, name);
});

/** A datagram as a node sends it. */
function datagram(from: string, to: string, text: string): Uint8Array {
  const packet = new Uint8Array(HEAD + text.length);
  const view = new DataView(packet.buffer);
  const P = layout.Packet;
  view.setUint32(P.source, parseAddress(from), true);
  view.setUint32(P.destination, parseAddress(to), true);
  view.setUint16(P.sourcePort, 9, true);
  view.setUint16(P.destinationPort, PORT, true);
  view.setUint32(P.flags, PacketFlag.DATAGRAM, true);
  view.setUint32(P.length, text.length, true);
  packet.set(new TextEncoder().encode(text), HEAD);
  return packet;
}

test("when the host hands in a node's packet does not matter, only its cycle", () => {
  const sendings = [0, 0.4, 0.9, 7.31, 7.31, 20].map((at) => Math.round(at * MILLISECOND));
  const run = (seed: number, feed: (net: Network, send: (i: number) => void) => void) => {
    const heard: string[] = [];
    const net = bootNetwork(
      pair(
        hears((bytes) => heard.push(new TextDecoder().decode(bytes)), 30),
        sleeper(25),
        { link: BAD },
      ),
      { seed },
    );
    net.attach({ addresses: ["10.0.0.99"], open: true, receive: () => {} });
    feed(net, (i) => net.transmit(datagram("10.0.0.99", SERVER, `${i}`), sendings[i] as number));
    net.run();
    assert.equal(heard, ["0", "1", "2", "3", "4", "5"]);
    return net.hash;
  };
  for (const seed of [1, 2, 3]) {
    const ahead = run(seed, (_net, send) => {
      for (const i of sendings.keys()) send(i);
    });
    const inTime = run(seed, (net, send) => {
      for (const [i, cycle] of sendings.entries()) {
        net.runUntil(() => net.cycles + 1600 > cycle);
        send(i);
      }
    });
    assert.is(inTime, ahead);
  }
});

test("what a node may not do is said in a sentence", () => {
  const net = bootNetwork(pair(sleeper(5), sleeper(5)));
  assert.throws(() => net.attach({ addresses: [SERVER], open: false, receive: () => {} }), /10\.0\.0\.1 is taken/);
  net.attach(new Echo());
  assert.throws(() => net.transmit(datagram("10.0.0.98", SERVER, ""), 0), /no node has the address 10\.0\.0\.98/);
  assert.throws(() => net.transmit(new Uint8Array(8), 0), /no packet/);
  net.runUntil(3);
  assert.throws(() => net.transmit(datagram("10.0.0.99", SERVER, ""), 0), /cycle 0 is past: give one from \d+ on/);
  assert.throws(() => net.attach(new Echo()), /runs already/);
});

test("garbage on the wire harms nobody", () => {
  const net = bootNetwork(
    pair(
      hears(() => {}, 20),
      sleeper(10),
    ),
    { kernel: "debug" },
  );
  net.attach({ addresses: ["10.0.0.99"], open: false, receive: () => {} });
  for (let i = 0; i < 500; i++) {
    const packet = datagram("10.0.0.99", SERVER, "x".repeat(i % 40 === 0 ? 1500 : i % 60));
    for (let at = 8; at < 28; at++) packet[at] = patternAt(i * 31 + at);
    net.transmit(packet, i * 300);
  }
  assert.is(net.run(), "finished");
  assert.is(net.machine("server").check(), 0);
});

// The machine's end

test("a machine's arrivals are plain data, in order of their cycles and sources, and can be put back", () => {
  const { nic } = boot(nobody, { address: SERVER });
  const packet = datagram(CLIENT, SERVER, "hello");
  nic.arrive(packet, 900, 2);
  nic.arrive(packet, 500, 1);
  nic.arrive(packet, 900, 1);
  nic.goOn(700);
  const saved = JSON.parse(JSON.stringify(nic.save()));
  assert.equal(
    saved.arrivals.map(({ cycle, source }: { cycle: number; source: number }) => [cycle, source]),
    [
      [500, 1],
      [900, 1],
      [900, 2],
    ],
  );
  const other = boot(nobody, { address: SERVER }).nic;
  other.restore(saved);
  assert.equal(other.save(), nic.save());
  assert.is(other.next, 500);
  assert.is(other.waiting, 3);
  assert.equal([other.unplug().length, other.waiting, other.next], [3, 0, 700]);
});

test("a machine's network options are checked", () => {
  const refused = (options: MachineOptions, message: RegExp) => assert.throws(() => boot(nobody, options), message);
  for (const address of ["", "10.0.0", "10.0.0.256", "10.0.0.01", "0.1.2.3", "127.0.0.1", "224.0.0.1"]) {
    refused({ address }, /^MachineError: address is .*: give four numbers|address is/);
  }
  refused({ netmask: "255.0.255.0" }, /netmask is 255\.0\.255\.0: give ones, then zeros/);
  refused({ giveUp: 0 }, /giveUp is 0/);
  refused({ ephemeralPorts: [5, 4] }, /ephemeralPorts is 5,4/);
  assert.is(addressText(parseAddress("255.254.3.0")), "255.254.3.0");
  assert.throws(() => parseAddress("localhost"), /"localhost" is no address: give four numbers/);
});

// Settings that make no sense

test("a network's settings that make no sense are refused with a sentence", () => {
  const machines = { a: { address: SERVER, app: nobody }, b: { address: CLIENT, app: nobody } };
  const refused = (settings: unknown, message: RegExp) =>
    assert.throws(
      () => network(settings as NetworkSettings),
      (error: Error) => error instanceof AppError && message.test(error.message),
    );
  refused({}, /needs machines by their names/);
  refused({ machines: {} }, /has 0 machines/);
  refused({ machines, speed: 1 }, /no option "speed": there are machines, link/);
  refused({ machines: { "a b": machines.a } }, /named "a b"/);
  refused({ machines: { a: { address: SERVER } } }, /"a" has no app/);
  refused({ machines: { a: { app: nobody } } }, /"a" has no address: give one/);
  refused({ machines: { a: { address: "10.0.0.300", app: nobody } } }, /"a": address is 10\.0\.0\.300/);
  refused({ machines: { a: { address: SERVER, app: nobody, colour: 1 } } }, /"a": boot has no option "colour"/);
  refused({ machines: { a: machines.a, b: machines.a } }, /"a" and "b" have the same address 10\.0\.0\.1/);
  refused({ machines, link: { loss: 2 } }, /link: loss is 2: give a probability from 0 to 1/);
  refused({ machines, link: { latency: 0 } }, /link: latency is 0: give 0\.01 milliseconds or more/);
  refused({ machines, link: { queue: 0.5 } }, /link: queue is 0\.5/);
  refused({ machines, links: {} }, /links of a network is a list/);
  refused({ machines, links: [{ loss: 0.1 }] }, /links\[0\] does not say between which machines/);
  refused({ machines, links: [{ between: ["a", "c"] }] }, /links\[0\] names "c", which is no machine of the network: there are a, b/);
  refused({ machines, links: [{ between: ["a", "a"] }] }, /between "a" and itself/);
  refused({ machines, links: [{ between: ["a", "b"] }, { between: ["b", "a"] }] }, /links\[1\].*was given before/);
  refused({ machines, partitions: [{ between: ["a", ["a", "b"]] }] }, /has "a" on both sides/);
  refused({ machines, partitions: [{ between: ["a", "b"], from: 5, until: 5 }] }, /ends at 5 ms, before it begins at 5 ms/);
  refused({ machines, partitions: [{ between: ["a", "b"], from: -1 }] }, /from is -1: give virtual milliseconds/);
  refused({ machines, crashes: [{ machine: "z", at: 1 }] }, /crashes\[0\] names "z"/);
  refused({ machines, crashes: [{ machine: "a" }] }, /at is undefined/);
  refused({ machines, crashes: [{ machine: "a", at: 5, restart: 2 }] }, /restarts at 2 ms, and crashes at 5 ms/);
  const crashes = [
    { machine: "a", at: 5, restart: 9 },
    { machine: "a", at: 7 },
  ];
  refused({ machines, crashes }, /crashes\[1\]: "a" is down from 5 to 9 ms already/);
  refused({ machines, console: "c" }, /console names "c"/);
  assert.throws(
    () => bootNetwork(network({ machines }), { address: "10.0.0.5" }),
    (error: Error) => error instanceof MachineError && /have addresses already/.test(error.message),
  );
});

test.run();
