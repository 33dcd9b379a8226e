/** Real clients on 127.0.0.1, and recordings that bring them and everything else from outside again: as a shell sees it. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ensureBuilt, root } from "./built.js";
import { type Ended, endAll, Here, Started } from "./command.js";

const test = suite("forward");
const folder = mkdtempSync(join(tmpdir(), "talea-forward-"));
const HTTP = join(root, "apps/scripted/http.ts");
const WORDCOUNT = join(root, "apps/scripted/wordcount.ts");

test.before(ensureBuilt);
test.after.each(endAll);
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** The command in this process. */
function start(args: string[]): Here {
  return new Here(args, { cwd: folder });
}

function talea(args: string[], input: string | Uint8Array = ""): Promise<Ended> {
  return start(args).endInput(input).ended;
}

function app(file: string, source: string): string {
  writeFileSync(join(folder, file), source);
  return file;
}

function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1) as string;
}

/** A server at port 80 whose tasks do this with each `client`, one task a client, and say on the console how it ended. */
function server(file: string, body: string, extra = ""): string {
  return app(
    file,
    `import { errorName, SIGPIPE, Socket, type System, type Task } from "talea";
export default (system: System) => {
  const out = system.console();
  const listener = system.socket({ name: "door" });
  const served: any[] = [];
  const workers: Task[] = [0, 1, 2, 3].map((number) =>
    system.task("worker " + number, { daemon: true, storage: 2048, priority: 20 }, function* (self): any {
      yield* self.signals.ignore(SIGPIPE);
      const view = self.buffer(1024);
      for (;;) {
        yield* self.waitNotification();
        const client = served[number];
        let n = 0;
        ${body}
        yield* client.close();
        if (n < 0) yield* out.write(errorName(n) + "\\n");
        served[number] = undefined;
      }
    }),
  );
  ${extra}
  const door = system.task("door", { reads: [listener], priority: 30 }, function* (self): any {
    yield* listener.bind(80);
    yield* listener.listen(4);
    for (;;) {
      const client = yield* listener.accept();
      if (!(client instanceof Socket)) continue;
      let free = served.length < 4 ? served.length : -1;
      while (free < 0) {
        free = served.indexOf(undefined);
        if (free < 0) yield* self.sleep(1);
      }
      served[free] = client;
      yield* client.grant(workers[free]!, "both");
      yield* client.close();
      yield* workers[free]!.notify();
    }
  });
  system.foreground(door);
};
`,
  );
}

const ECHO = server(
  "echo.ts",
  `for (n = yield* client.receive(view); n > 0; n = yield* client.receive(view)) {
          if ((yield* client.send(view.slice(0, n))) < 0) break;
        }`,
);
const FORWARD = ["--forward", "0=10.0.0.1:80"];

/** Everything that a server sends, until its end or an error. */
function received(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("data", (data) => {
    text += data;
  });
  return new Promise((resolve) => {
    socket.on("end", () => resolve(text));
    socket.on("error", (error: NodeJS.ErrnoException) => resolve(`${text}${error.code}`));
  });
}

function client(port: number): Socket {
  return connect({ port, host: "127.0.0.1", allowHalfOpen: true });
}

/** Until the socket is connected, or refused. */
function opened(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once("connect", resolve).once("close", () => resolve()));
}

/** The run that was recorded comes again: same output, same last line, no network. */
async function replays(file: string, recording: string, { stdout, stderr }: Ended): Promise<void> {
  const again = await talea(["run", file, "--replay", recording]);
  assert.match(again.stderr, /^replayed with \d+ events? from outside: the same run as recorded$/m);
  assert.is(again.stdout, stdout);
  assert.is(lastLine(again.stderr), lastLine(stderr));
  assert.is(again.status, 0);
}

// Real clients

test("SOC-11a a browser's requests are answered by tasks, one after another and at once; Ctrl-C ends the server", async () => {
  const run = new Started(["run", HTTP, ...FORWARD, "--record", "http.rec"], { cwd: folder });
  const [port] = await run.ports();
  const url = `http://127.0.0.1:${port}/`;
  const page = await fetch(url);
  assert.is(page.status, 200);
  assert.match(await page.text(), /^<!doctype html>/);
  for (let i = 0; i < 50; i++) assert.is((await (await fetch(url)).text()).length, 1000);
  // As many at once as the backlog holds: however close together they come, none is refused.
  for (let turn = 0; turn < 4; turn++) {
    const all = await Promise.all(Array.from({ length: 6 }, async () => (await fetch(`${url}tasks.json`)).json()));
    assert.ok(all.every(({ tasks }) => tasks.length > 20));
  }
  assert.is((await fetch(`${url}none`)).status, 404);
  const ended = await run.interrupt();
  assert.is(ended.status, 130);
  assert.not.match(ended.stderr, /talea: /);
  await replays(HTTP, "http.rec", ended);
});

test("SOC-11a curl gets a page", async () => {
  if (spawnSync("curl", ["--version"]).error) return;
  const run = start(["run", HTTP, ...FORWARD]);
  const [port] = await run.ports();
  const curl = spawn("curl", ["-si", "--max-time", "300", `http://127.0.0.1:${port}/`]);
  let text = "";
  curl.stdout.on("data", (data) => {
    text += data;
  });
  assert.is(await new Promise((resolve) => curl.on("close", resolve)), 0);
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n/);
  await run.interrupt();
});

test("SOC-11a a client that sends no more still gets all that it is sent, however slowly it reads", async () => {
  const run = start(["run", ECHO, ...FORWARD, "--record", "echo.rec"]);
  const [port] = await run.ports();
  const text = Array.from({ length: 200_000 }, (_, i) => String.fromCharCode(97 + ((i * 7) % 26))).join("");
  const eager = client(port as number);
  const lazy = client(port as number).pause();
  const answers = [received(eager), received(lazy)];
  lazy.pause();
  lazy.end("q".repeat(5000));
  eager.end(text);
  assert.ok((await answers[0]) === text);
  lazy.resume();
  assert.is(await answers[1], "q".repeat(5000));
  const ended = await run.interrupt();
  await replays(ECHO, "echo.rec", ended);
});

test("SOC-11a clients that vanish, say nothing or talk nonsense harm nobody else", async () => {
  const run = start(["run", ECHO, ...FORWARD, "--record", "harm.rec"]);
  const [port] = (await run.ports()) as [number];
  const quiet = client(port);
  const silence = received(quiet);
  await opened(quiet);
  const gone = client(port);
  gone.on("error", () => {});
  gone.write("x".repeat(3000));
  await new Promise((resolve) => gone.once("data", resolve));
  gone.resetAndDestroy();
  await run.prints(/ECONNRESET\n/);
  const good = client(port);
  const answer = received(good);
  good.end("hello");
  assert.is(await answer, "hello");
  const ended = await run.interrupt();
  assert.is(await silence, "ECONNRESET");
  await replays(ECHO, "harm.rec", ended);
});

test("SOC-11a where nobody listens, and where the backlog is full, a client is refused", async () => {
  const run = start(["run", HTTP, "--forward", "0=10.0.0.1:81"]);
  const [port] = await run.ports();
  assert.is(await received(client(port as number)), "ECONNRESET");
  await run.interrupt();

  const shut = app(
    "shut.ts",
    `import type { System } from "talea";
export default (system: System) => {
  const listener = system.socket();
  const only = system.task("only", { reads: [listener] }, function* (self): any {
    yield* listener.bind(80);
    yield* listener.listen(1);
    yield* self.suspend();
  });
  system.foreground(only);
};
`,
  );
  const full = start(["run", shut, ...FORWARD]);
  const [door] = (await full.ports()) as [number];
  const answers = [1, 2, 3].map(() => received(client(door)));
  assert.is(
    await Promise.any([
      Promise.all([answers[0], answers[1]]),
      Promise.all([answers[0], answers[2]]),
      Promise.all([answers[1], answers[2]]),
    ]).then((both) => both.join()),
    "ECONNRESET,ECONNRESET",
  );
  await full.interrupt();
  assert.equal(await Promise.all(answers), ["ECONNRESET", "ECONNRESET", "ECONNRESET"]);
});

test("SOC-11a a run that ends lets its clients have what they were sent", async () => {
  const last = app(
    "last.ts",
    `import { Socket, type System } from "talea";
export default (system: System) => {
  const listener = system.socket();
  system.task("once", { reads: [listener] }, function* (): any {
    yield* listener.bind(80);
    yield* listener.listen();
    const client = yield* listener.accept();
    if (client instanceof Socket) yield* client.send("bye");
  });
};
`,
  );
  const run = start(["run", last, ...FORWARD]);
  const [port] = await run.ports();
  assert.is(await received(client(port as number)), "bye");
  const ended = await run.ended;
  assert.is(ended.status, 0);
  assert.match(lastLine(ended.stderr), /^finished at tick \d+ /);
});

test("SOC-11a several ports lead to the machines of a network; the console goes on beside them", async () => {
  const file = app(
    "two.ts",
    `import { network, Socket, type System } from "talea";
const says = (word: string) => (system: System) => {
  const out = system.console();
  const listener = system.socket();
  system.task(word, { reads: [listener] }, function* (): any {
    yield* listener.bind(80);
    yield* listener.listen();
    const client = yield* listener.accept();
    if (!(client instanceof Socket)) return;
    yield* client.send(word);
    yield* client.shutdown("write");
    yield* out.write(word + "\\n");
  });
};
export default network({
  machines: { one: { address: "10.0.0.1", app: says("uno") }, two: { address: "10.0.0.2", app: says("due") } },
});
`,
  );
  const run = start(["run", file, "--forward", "127.0.0.1:0=10.0.0.1:80", "--forward", "0=10.0.0.2:80", "--record", "two.rec"]);
  const ports = await run.ports(2);
  assert.equal(await Promise.all(ports.map((port) => received(client(port)))), ["uno", "due"]);
  const ended = await run.ended;
  assert.equal([ended.status, ended.stdout.split("\n").toSorted()], [0, ["", "one | uno", "two | due"]]);
  await replays(file, "two.rec", ended);
});

test("SOC-11a it listens on 127.0.0.1 only, unless another place is written out", async () => {
  if (process.platform !== "linux") return;
  const run = start(["run", ECHO, ...FORWARD, "--forward", "127.0.0.2:0=10.0.0.1:80"]);
  const [port] = (await run.ports(2)) as [number];
  assert.is(await received(connect({ port, host: "127.0.0.3" })), "ECONNREFUSED");
  const other = Number(/127\.0\.0\.2:(\d+) to/.exec(run.stderr)?.[1]);
  const guest = connect({ port: other, host: "127.0.0.2", allowHalfOpen: true });
  const answer = received(guest);
  guest.end("hi");
  assert.is(await answer, "hi");
  await run.interrupt();
});

// Clients that mean it no good

/** Bytes of memory that a process has, where the host tells. */
function residentBytes(pid: number): number {
  if (process.platform !== "linux") return 0;
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
}

/** Thousands with HOSTILE_RUNS, hundreds in every run of the tests. */
const CROWD = process.env.HOSTILE_RUNS === undefined ? 400 : 3500;
const RESIDENT = 600_000_000;

test("SOC-11a a crowd that connects and says nothing is refused where there is no room, takes bounded memory, and keeps nobody out for good", async () => {
  const run = new Started(["run", ECHO, ...FORWARD, "--record", "crowd.rec"], { cwd: folder });
  const [port] = (await run.ports()) as [number];
  const crowd: Socket[] = [];
  const told: Promise<string>[] = [];
  for (let i = 0; i < CROWD; i++) {
    const one = client(port);
    crowd.push(one);
    told.push(received(one));
    if (i % 50 === 49) await opened(one);
  }
  // Four are served, five more may wait: who came behind them is told so, and nobody is told anything else.
  const refused: number[] = [];
  await new Promise<void>((enough) => {
    for (const [i, answer] of told.entries()) {
      void answer.then((text) => {
        assert.is(text, "ECONNRESET");
        if (refused.push(i) === CROWD - 9) enough();
      });
    }
  });
  assert.ok(residentBytes(run.child.pid as number) < RESIDENT);
  for (const one of crowd) one.destroy();
  // The quiet ones are gone; the next who comes is refused only while their ends are on the way.
  let answer = "";
  for (let tries = 0; answer !== "hello" && tries < 200; tries++) {
    const good = client(port);
    const text = received(good);
    good.end("hello");
    answer = await text;
  }
  assert.is(answer, "hello");
  const ended = await run.interrupt();
  assert.is(ended.status, 130);
  assert.not.match(ended.stderr, /talea: /);
  await replays(ECHO, "crowd.rec", ended);
});

/** Numbers that are the same in every run of the tests. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2654435761;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 4294967296) * sides);
  };
}

test("SOC-11a garbage, half requests, and clients that vanish amid them leave a web server as it was, for the slow ones, too", async () => {
  const run = new Started(["run", HTTP, ...FORWARD, "--record", "garbage.rec"], { cwd: folder });
  const [port] = (await run.ports()) as [number];
  const roll = dice(5);
  for (let i = 0; i < 40; i++) {
    const one = client(port);
    const answer = received(one);
    const bytes = Uint8Array.from({ length: 1 + roll(3000) }, () =>
      i % 3 === 0 ? roll(256) : "GET / HTTP/1.1\r\n: x".charCodeAt(roll(19)),
    );
    one.write(bytes);
    if (i % 4 === 0) {
      await opened(one);
      one.resetAndDestroy();
    } else if (i % 4 === 1) one.destroy();
    else {
      one.end();
      // A sentence of HTTP, or nothing: never half of one.
      assert.match(await answer, /^(HTTP\/1\.1 (4|5|2)\d\d [\s\S]*\r\n\r\n[\s\S]*|ECONNRESET)?$/);
    }
  }
  const slow = client(port);
  const page = received(slow);
  for (const byte of "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") {
    slow.write(byte);
    await new Promise((resolve) => setImmediate(resolve));
  }
  slow.pause();
  await new Promise((resolve) => setImmediate(resolve));
  slow.resume();
  assert.match(await page, /^HTTP\/1\.1 200 OK\r\n[\s\S]*<!doctype html>/);
  assert.is((await fetch(`http://127.0.0.1:${port}/none`)).status, 404);
  assert.ok(residentBytes(run.child.pid as number) < RESIDENT);
  const ended = await run.interrupt();
  assert.is(ended.status, 130);
  assert.not.match(ended.stderr, /talea: /);
  await replays(HTTP, "garbage.rec", ended);
});

test("SOC-11a clients that come before the app listens, and behind its end, are refused; who is connected then gets the rest, and the end", async () => {
  const late = app(
    "late.ts",
    `import { Socket, type System } from "talea";
export default (system: System) => {
  const listener = system.socket();
  const out = system.console();
  const view = { bytes: 64 };
  system.task("late", { storage: 512, reads: [listener] }, function* (self): any {
    const buffer = self.buffer(view.bytes);
    yield* listener.bind(80);
    const n = yield* out.read(buffer);
    yield* listener.listen(2);
    yield* out.write("open " + buffer.text(n));
    const client = yield* listener.accept();
    if (!(client instanceof Socket)) return;
    yield* client.receive(buffer);
    yield* client.send("so far");
  });
};
`,
  );
  const run = start(["run", late, ...FORWARD]);
  const [port] = (await run.ports()) as [number];
  assert.equal(await Promise.all([1, 2, 3].map(() => received(client(port)))), ["ECONNRESET", "ECONNRESET", "ECONNRESET"]);
  run.type("now\n");
  await run.prints(/open now\n/);
  const waiting = client(port);
  await opened(waiting);
  const first = received(waiting);
  waiting.write("x");
  const ended = await run.ended;
  assert.is(ended.status, 0);
  assert.is(await first, "so far");
  assert.is(await received(client(port)), "ECONNREFUSED");
  assert.not.match(ended.stderr, /talea: /);
});

// What is refused

test("SOC-11a a --forward that makes no sense, a taken port and a machine that is not there are wrong usage", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const { port } = taken.address() as { port: number };
  const net = app(
    "net.ts",
    `import { network } from "talea";
export default network({ machines: { bob: { address: "10.0.0.1", app: () => {} }, eve: { address: "10.0.0.2", app: () => {} } } });
`,
  );
  const example = "; write, for example, 127.0.0.1:8080=10.0.0.1:80";
  const form = `it is not of the form [HOST:]PORT=ADDRESS:PORT${example}`;
  const wrong: [args: string[], says: string][] = [
    [[ECHO, "--forward", "8080"], `--forward 8080: ${form}`],
    [[ECHO, "--forward", "=10.0.0.1:80"], `--forward =10.0.0.1:80: ${form}`],
    [[ECHO, "--forward", "80=10.0.0.1"], `--forward 80=10.0.0.1: ${form}`],
    [[ECHO, "--forward", "99999=10.0.0.1:80"], `--forward 99999=10.0.0.1:80: there is no port 99999${example}`],
    [[ECHO, "--forward", "0=10.0.0.1:0"], `--forward 0=10.0.0.1:0: a machine has no port 0${example}`],
    [[ECHO, "--forward", "0=10.0.0.256:80"], `--forward 0=10.0.0.256:80: 10.0.0.256 is no address of a machine${example}`],
    [[ECHO, "--forward", "0=127.0.0.1:80"], `--forward 0=127.0.0.1:80: 127.0.0.1 is no address of a machine${example}`],
    [[ECHO, "--forward", `${port}=10.0.0.1:80`], `127.0.0.1:${port} is taken: give another port, or 0 for any free one`],
    [[ECHO, "--forward", "203.0.113.9:0=10.0.0.1:80"], "203.0.113.9:0 is not an address of this computer: give 127.0.0.1"],
    [[net, "--forward", "0=10.0.0.9:80"], "--forward: no machine has the address 10.0.0.9: there are 10.0.0.1 (bob), 10.0.0.2 (eve)"],
    [
      [ECHO, "--forward", "0=10.0.0.1:80", "--forward", "0=10.0.0.2:80"],
      "the app is one machine and has one address, but --forward names 10.0.0.1 and 10.0.0.2: give the same one",
    ],
  ];
  const runs = await Promise.all(wrong.map(([args]) => talea(["run", ...args])));
  for (const [i, [, says]] of wrong.entries()) assert.equal(runs[i], { stdout: "", stderr: `talea: ${says}\n`, status: 2 });
  taken.close();
});

// Recordings of other apps

test("SOC-11b a run with input from a file replays without it, with the seed and the arguments that it had", async () => {
  const input = "some words\nand more\n".repeat(500);
  const run = await talea(["run", WORDCOUNT, "--seed", "5", "--record", "words.rec", "an argument"], input);
  assert.is(run.status, 0);
  await replays(WORDCOUNT, "words.rec", run);
  assert.is((await talea(["run", WORDCOUNT, "--replay", "words.rec", "--seed", "5", "--quiet"])).stderr, "");
  const head = JSON.parse(readFileSync(join(folder, "words.rec"), "utf8").split("\n")[0] as string);
  assert.equal(head, { talea: "recording", version: 1, app: "wordcount.ts", seed: 5, args: ["an argument"], forward: [] });
});

const TYPED = app(
  "typed.ts",
  `import { EINTR, SIGINT, type System } from "talea";
export default (system: System) => {
  const out = system.console();
  system.task("reader", {}, function* (self): any {
    yield* self.signals.handle(SIGINT, function* () {
      yield* out.write("[Ctrl-C at " + self.tick + "]\\n");
    });
    yield* out.write("ready\\n");
    const view = self.buffer(16);
    for (let n = yield* out.read(view); n !== 0; n = yield* out.read(view)) {
      if (n !== EINTR) yield* out.write(self.tick + " " + view.text(n));
    }
  });
};
`,
);

test("SOC-11b what is typed while time passes, and Ctrl-C, replay to the tick", async () => {
  // Without --realtime, time begins to pass with the Ctrl-C.
  for (const [options, first] of [
    [["--realtime"], "one\n"],
    [[], ""],
  ] as const) {
    const run = start(["run", TYPED, "--record", "typed.rec", ...options]);
    await run.prints(/ready\n/);
    run.type(first);
    if (first !== "") await run.prints(/one\n/);
    run.signal("SIGINT");
    await run.prints(/Ctrl-C at \d+\]\n/);
    run.type("two\n");
    await run.prints(/two\n/);
    run.endInput("three\n");
    const ended = await run.ended;
    assert.match(ended.stdout, /^ready\n(\d+ one\n)?\[Ctrl-C at \d+\]\n\d+ two\n\d+ three\n$/);
    assert.is(ended.status, 0);
    await replays(TYPED, "typed.rec", ended);
  }
});

test("SOC-11b a run that Ctrl-C, --until or a reader that left cut short replays to that point", async () => {
  const forever = app(
    "forever.ts",
    `import type { System } from "talea";
export default (system: System) => {
  const out = system.console();
  system.task("only", {}, function* (self) {
    for (let i = 0; ; i++) {
      yield* out.write("line " + i + "\\n");
      yield* self.sleep(2);
    }
  });
};
`,
  );
  const cut = start(["run", forever, "--record", "cut.rec", "--realtime"]);
  await cut.prints(/line 5\n/);
  const ended = await cut.interrupt();
  assert.is(ended.status, 130);
  await replays(forever, "cut.rec", ended);
  const until = await talea(["run", forever, "--record", "until.rec", "--until", "40"]);
  assert.match(lastLine(until.stderr), /^finished at tick 40 /);
  await replays(forever, "until.rec", until);
  const sooner = await talea(["run", forever, "--replay", "until.rec", "--until", "20"]);
  assert.is(sooner.status, 0);
  assert.match(lastLine(sooner.stderr), /^finished at tick 20 /);
  assert.not.match(sooner.stderr, /replay/);
});

test("SOC-11b an app that has changed since is told from the recorded one", async () => {
  assert.is((await talea(["run", TYPED, "--record", "changing.rec"], "abc\n")).status, 0);
  mkdirSync(join(folder, "later"));
  const file = app("later/typed.ts", readFileSync(join(folder, TYPED), "utf8").replace("ready", "READY!"));
  const run = await talea(["run", file, "--replay", "changing.rec", "--quiet"]);
  assert.is(run.status, 1);
  assert.match(
    run.stderr,
    /^talea: the replay is not the run that was recorded, with trace hash 0x[0-9A-F]{16}: the app or talea has changed since\n$/,
  );
});

test("SOC-11b files that are no recording, and command lines that do not fit one, are refused in a sentence", async () => {
  await talea(["run", TYPED, "--seed", "3", "--record", "good.rec", "a", "b"], "abc\n");
  const good = readFileSync(join(folder, "good.rec"));
  mkdirSync(join(folder, "directory.rec"));
  const file = (name: string, bytes: string | Uint8Array) => {
    writeFileSync(join(folder, name), bytes);
    return name;
  };
  const refused: [args: string[], says: RegExp][] = [
    [["--replay", file("empty.rec", "")], /^the recording empty\.rec is empty$/],
    [["--replay", file("foreign.rec", readFileSync(HTTP))], /^the recording foreign\.rec is no recording of talea run: its first line/],
    [["--replay", file("short.rec", good.subarray(0, -20))], /^the recording short\.rec is cut off: its last line does not say how/],
    [["--replay", file("garbled.rec", good.toString().replace("abc", "abd"))], /^the recording garbled\.rec was changed or damaged: /],
    [["--replay", file("newer.rec", good.toString().replace('"version":1', '"version":9'))], /^the recording newer\.rec has version 9 of/],
    [["--replay", "none.rec"], /^the recording none\.rec cannot be read: ENOENT/],
    [["--replay", "directory.rec"], /^the recording directory\.rec cannot be read: EISDIR/],
    [["--replay", "good.rec", "--seed", "4"], /^the recording good\.rec was made with --seed 3: leave out --seed$/],
    [["--replay", "good.rec", "c"], /^the recording good\.rec was made with the arguments a b: leave them out$/],
    [["--replay", "good.rec", "--realtime"], /^--replay goes without --realtime: /],
    [["--replay", "good.rec", "--forward", "0=10.0.0.1:80"], /^--replay goes without --forward: /],
    [["--replay", "good.rec", "--record", "other.rec"], /^--replay goes without --record: /],
    [["--replay", "good.rec", "--trace", "./good.rec"], /^--trace and --replay name the same file, \.\/good\.rec: give each its own$/],
    [["--record", "x.rec", "--trace", "x.rec"], /^--trace and --record name the same file, x\.rec: give each its own$/],
    [["--record", "--quiet"], /^option '--record <FILE>' argument '--quiet' is invalid\. Give a file's name, or \.\/--quiet if/],
    [["--record", TYPED], /^the recording typed\.ts is the app itself$/],
    [["--record", "nowhere/x.rec"], /^the recording nowhere\/x\.rec cannot be written: ENOENT/],
  ];
  const runs = await Promise.all(refused.map(([args]) => talea(["run", TYPED, ...args])));
  for (const [i, [args, says]] of refused.entries()) {
    const { stdout, stderr, status } = runs[i] as Ended;
    assert.equal([stdout, status, stderr.trimEnd().split("\n").length], ["", 2, 1], args.join(" "));
    assert.match(stderr.trimEnd().replace(/^talea: /, ""), says);
  }
  const other = await talea(["run", ECHO, "--replay", "good.rec"]);
  assert.equal([other.status, other.stderr], [2, "talea: the recording good.rec is of typed.ts, not of echo.ts\n"]);
});

test("SOC-11b what came is in the file before the run is over: a recording whose process was killed is refused as cut off", async () => {
  const recorder = new Started(["run", WORDCOUNT, "--record", "killed.rec"], { cwd: folder });
  recorder.type("one two\n");
  const file = join(folder, "killed.rec");
  // It comes in time, whenever that is.
  while (!recorder.over && !(existsSync(file) && readFileSync(file, "utf8").includes("one two")))
    await new Promise((resolve) => setTimeout(resolve, 10));
  recorder.signal("SIGKILL");
  assert.is((await recorder.ended).status, "SIGKILL");
  assert.match(readFileSync(file, "utf8"), /one two/);
  const replayed = await talea(["run", WORDCOUNT, "--replay", "killed.rec"]);
  assert.is(replayed.status, 2);
  assert.match(replayed.stderr, /the recording killed\.rec is cut off/);
});

test.run();
