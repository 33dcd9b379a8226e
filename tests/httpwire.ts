/** What both HTTP servers, the scripted one and the firmware, are to do for clients: tasks of the same machine, over 127.0.0.1. */
import type { suite } from "uvu";
import * as assert from "uvu/assert";
import { pages } from "../apps/scripted/http/pages.js";
import type { ServerOptions } from "../apps/scripted/http/server.js";
import { type App, boot, type Machine, type MachineOptions, type Parked, type Self, SIGPIPE, type Socket } from "../hal/host/index.js";
import { type Case, refused, taken } from "./httpcases.js";
import { finish, play } from "./support.js";

/** A server, as a daemon, beside what `clients` describes. */
export type Server = (options: ServerOptions, clients: App) => [app: App, options: MachineOptions];

type Steps<T> = Generator<Parked, T, unknown>;

const ROOM = 600;
const TEXT = "text/plain; charset=utf-8";

/** A request for a path. */
function get(path: string, ...lines: string[]): string {
  return [`GET ${path} HTTP/1.1`, "Host: 127.0.0.1", ...lines, "", ""].join("\r\n");
}

interface Answer {
  status: number;
  fields: Map<string, string>;
  body: string;
}

/** The answers in what came, one behind the other; HEAD is asked by the caller, who knows that no bodies come. */
function answersIn(text: string, bodies = true): Answer[] {
  const answers: Answer[] = [];
  for (let rest = text; rest !== ""; ) {
    const end = rest.indexOf("\r\n\r\n");
    assert.ok(end > 0, `no head in ${JSON.stringify(rest)}`);
    const [line, ...lines] = rest.slice(0, end).split("\r\n") as [string, ...string[]];
    assert.match(line, /^HTTP\/1\.1 \d{3} [A-Z]/);
    const fields = new Map(lines.map((each) => each.split(": ") as [string, string]));
    const length = bodies ? Number(fields.get("Content-Length") ?? 0) : 0;
    const body = rest.slice(end + 4, end + 4 + length);
    assert.is(body.length, length, "the whole body came");
    answers.push({ status: Number(line.slice(9, 12)), fields, body });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

class Client {
  readonly self: Self;
  readonly socket: Socket;
  readonly #view: ReturnType<Self["buffer"]>;

  private constructor(self: Self, socket: Socket) {
    this.self = self;
    this.socket = socket;
    this.#view = self.buffer(ROOM);
  }

  /** Connected to the server. */
  static *connected(self: Self): Steps<Client> {
    yield* self.signals.ignore(SIGPIPE);
    const socket = yield* self.create.socket();
    // The server may not listen yet.
    while ((yield* socket.connect("127.0.0.1", 80)) !== 0) yield* self.sleep(1);
    return new Client(self, socket);
  }

  /** Sends it in pieces that fit into the task's RAM; whether all of it went. */
  *send(text: string): Steps<boolean> {
    for (let at = 0; at < text.length; at += ROOM) {
      const piece = text.slice(at, at + ROOM);
      if ((yield* this.socket.send(piece)) !== piece.length) return false;
    }
    return true;
  }

  /** One answer with its body. */
  *answer(): Steps<Answer> {
    let text = "";
    for (;;) {
      const end = text.indexOf("\r\n\r\n");
      const length = Number(/Content-Length: (\d+)/.exec(text)?.[1] ?? 0);
      if (end >= 0 && text.length >= end + 4 + length) return answersIn(text)[0] as Answer;
      const count = yield* this.socket.receive(this.#view);
      assert.ok(count > 0, `the connection ended with ${count} behind ${JSON.stringify(text)}`);
      text += this.#view.text(count);
    }
  }

  /** All that comes to the end. */
  *rest(): Steps<string> {
    let text = "";
    for (let count = yield* this.socket.receive(this.#view); count > 0; count = yield* this.socket.receive(this.#view)) {
      text += this.#view.text(count);
    }
    return text;
  }
}

/** A client task for each body. */
function clientsOf(bodies: readonly ((client: Client) => Steps<void>)[]): App {
  return (system) => {
    for (const [i, body] of bodies.entries()) {
      system.task(`client ${i}`, { priority: 10, storage: 1500 }, function* (self) {
        yield* body(yield* Client.connected(self));
      });
    }
  };
}

const CLOSE = "Connection: close";

/** The tests of a server; the last one plays so many seeds. */
export function wireTests(test: ReturnType<typeof suite>, server: Server, seeds: number): void {
  const served = (options: ServerOptions, ...bodies: ((client: Client) => Steps<void>)[]): Machine => {
    const [app, more] = server({ workers: 4, ...options }, clientsOf(bodies));
    return play(app, more).machine;
  };

  /** All that comes for this text, until the server closes. */
  const whole = (text: string, options: ServerOptions = {}): string => {
    let came = "";
    served(options, function* (client) {
      yield* client.send(text);
      came = yield* client.rest();
    });
    return came;
  };

  test("pages come out of the region, whole", () => {
    for (const [path, { type }] of pages) {
      const [answer] = answersIn(whole(get(path, CLOSE))) as [Answer];
      assert.is(answer.status, 200);
      assert.is(answer.fields.get("Content-Type"), type);
      assert.is(answer.fields.get("Connection"), "close");
      assert.ok(answer.body.length > 30);
      assert.match(answer.body, path === "/robots.txt" ? /^User-agent/ : /^<!doctype html>[\s\S]*<\/html>\n$/);
    }
  });

  test("the task table is JSON, and shows the worker that makes it", () => {
    const [answer] = answersIn(whole(get("/tasks.json", CLOSE))) as [Answer];
    assert.is(answer.fields.get("Content-Type"), "application/json");
    assert.is(answer.fields.get("Cache-Control"), "no-store");
    const { tick, tasks } = JSON.parse(answer.body) as { tick: number; tasks: { name: string; state: string; waitsFor: string }[] };
    assert.ok(tick >= 0);
    const named = (name: string) => tasks.find((task) => task.name === name);
    assert.is(tasks.filter(({ state }) => state === "running").length, 1);
    assert.is(named("acceptor")?.waitsFor, "http");
    assert.is(named("client 0")?.state, "ready");
  });

  test("HEAD has the head of GET and no body", () => {
    const text = whole(get("/", CLOSE).replace("GET", "HEAD"));
    const [answer] = answersIn(text, false) as [Answer];
    assert.is(answer.status, 200);
    assert.is(Number(answer.fields.get("Content-Length")), pages.get("/")?.length);
    assert.ok(text.endsWith("\r\n\r\n"));
  });

  test("what is not there, and what is not done", () => {
    const text = whole(
      [
        get("/missing"),
        get("/../etc/passwd"),
        get("/").replace("GET", "DELETE"),
        get("/").replace("GET", "BREW"),
        get("*").replace("GET", "OPTIONS"),
        get("/?x=1", CLOSE),
      ].join(""),
    );
    const answers = answersIn(text);
    assert.equal(
      answers.map(({ status }) => status),
      [404, 404, 405, 501, 405, 200],
    );
    assert.is(answers[2]?.fields.get("Allow"), "GET, HEAD");
    assert.is(answers[0]?.fields.get("Content-Type"), TEXT);
  });

  test("requests in a row are answered in order over one connection, however they are cut", () => {
    const requests = [
      get("/"),
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nGET`,
      get("/robots.txt"),
      get("/missing", CLOSE),
    ].join("");
    const expected = [200, 405, 200, 404];
    for (const step of [1, 2, 7, 1000]) {
      let text = "";
      served({}, function* (client) {
        for (let at = 0; at < requests.length; at += step) {
          yield* client.send(requests.slice(at, at + step));
          if (step > 1) yield* client.self.sleep(1);
        }
        text = yield* client.rest();
      });
      assert.equal(
        answersIn(text).map(({ status }) => status),
        expected,
        `pieces of ${step}`,
      );
    }
  });

  test("a client that keeps its connection asks two hundred times", () => {
    served({}, function* (client) {
      for (let i = 0; i < 200; i++) {
        yield* client.send(get(i % 2 === 0 ? "/robots.txt" : "/tasks.json"));
        const { status, fields } = yield* client.answer();
        assert.is(status, 200);
        assert.not(fields.has("Connection"));
      }
    });
  });

  test("HTTP/1.0 is closed behind the answer, unless it asks to stay", () => {
    assert.is(answersIn(whole("GET /robots.txt HTTP/1.0\r\n\r\n"))[0]?.fields.get("Connection"), "close");
    served({}, function* (client) {
      for (let i = 0; i < 3; i++) {
        yield* client.send("GET /robots.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assert.is((yield* client.answer()).fields.get("Connection"), "keep-alive");
      }
    });
  });

  test("a body is taken and let go, in chunks too; a client that waits for a word gets it", () => {
    served({}, function* (client) {
      yield* client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
      assert.is((yield* client.answer()).status, 100);
      yield* client.send("abc");
      assert.is((yield* client.answer()).status, 405);
      yield* client.send("PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
      assert.is((yield* client.answer()).status, 405);
    });
  });

  /** What is refused and ends the connection, with the status that says so. */
  const refusals: [what: string, status: number, text: string][] = [
    ["garbage", 400, "\0\x01\x02 garbage"],
    ["a bare LF", 400, "GET / HTTP/1.1\nHost: a\n\n"],
    ["a length and a coding", 400, get("/", "Content-Length: 3", "Transfer-Encoding: chunked")],
    ["a long body", 413, `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n${"x".repeat(5000)}`],
    ["a long target", 414, `GET /${"x".repeat(3000)} HTTP/1.1\r\n\r\n`],
    ["many fields", 431, get("/", ...Array.from({ length: 100 }, (_, i) => `X-${i}: y`))],
    ["an unknown coding", 501, get("/", "Transfer-Encoding: gzip")],
    ["a later version", 505, "GET / HTTP/3.0\r\n\r\n"],
    ["an unknown expectation", 417, get("/", "Expect: tea")],
  ];

  for (const [what, status, text] of refusals) {
    test(`${what}: ${status}, and the connection is closed behind the whole answer`, () => {
      // What stands behind it is not taken for a request.
      const answers = answersIn(whole(text + get("/robots.txt")));
      assert.equal(
        answers.map((answer) => answer.status),
        [status],
      );
      assert.is(answers[0]?.fields.get("Connection"), "close");
    });
  }

  test("a slow client gets 408 when its time is up, one byte at a time is no way around it", () => {
    served({ times: { request: 100 } }, function* (client) {
      const begin = client.self.tick;
      const request = get("/");
      for (const byte of request) {
        if (!(yield* client.send(byte))) break;
        yield* client.self.sleep(20);
      }
      const [answer] = answersIn(yield* client.rest()) as [Answer];
      assert.is(answer.status, 408);
      assert.ok(client.self.tick - begin < 100 + 20 * request.length);
    });
    served({ times: { request: 100 } }, function* (client) {
      const begin = client.self.tick;
      yield* client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
      assert.is(answersIn(yield* client.rest())[0]?.status, 408);
      assert.ok(client.self.tick - begin <= 110);
    });
  });

  test("a client that says nothing is closed without a word, before its first request and between two", () => {
    served({ times: { idle: 300 } }, function* (client) {
      const begin = client.self.tick;
      assert.is(yield* client.rest(), "");
      const waited = client.self.tick - begin;
      assert.ok(waited >= 300 && waited < 320, `${waited} ticks`);
    });
    served({ times: { idle: 300 } }, function* (client) {
      yield* client.send(get("/robots.txt"));
      assert.is((yield* client.answer()).status, 200);
      assert.is(yield* client.rest(), "");
    });
  });

  test("a client that does not read its answer loses it, and the worker serves the next one", () => {
    const machine = served(
      { workers: 1, times: { answer: 200, idle: 300 } },
      function* (client) {
        for (let i = 0; i < 5; i++) yield* client.socket.send(get("/"), 0);
        yield* client.self.sleep(1000);
      },
      function* (client) {
        yield* client.self.sleep(10);
        yield* client.send(get("/robots.txt"));
        assert.is((yield* client.answer()).status, 200);
        assert.ok(client.self.tick < 900, `answered at tick ${client.self.tick}`);
      },
    );
    assert.equal(machine.failures, []);
  });

  test("clients that vanish at any point harm nobody", () => {
    const request = get("/tasks.json");
    for (const cut of [0, 1, request.length >> 1, request.length]) {
      served(
        { workers: 2 },
        function* (client) {
          yield* client.send(request.slice(0, cut));
          yield* client.self.exit();
        },
        function* (client) {
          yield* client.send(request);
          yield* client.socket.delete();
        },
        function* (client) {
          yield* client.self.sleep(5);
          for (let i = 0; i < 5; i++) {
            yield* client.send(get("/"));
            assert.is((yield* client.answer()).status, 200);
          }
        },
      );
    }
  });

  test("more clients than workers: who only keeps a connection gives way to who waits", () => {
    const idler = function* (client: Client): Steps<void> {
      yield* client.send(get("/robots.txt"));
      assert.is((yield* client.answer()).status, 200);
      yield* client.rest();
    };
    const asker = function* (client: Client): Steps<void> {
      yield* client.self.sleep(20);
      yield* client.send(get("/robots.txt", CLOSE));
      assert.is((yield* client.answer()).status, 200);
      assert.ok(client.self.tick < 2000, `served at tick ${client.self.tick}`);
    };
    served({ workers: 3, times: { idle: 60_000 } }, idler, idler, idler, asker, asker);
  });

  const asking: ((client: Client) => Steps<void>)[] = Array.from({ length: 6 }, (_, i) => {
    return function* (client: Client): Steps<void> {
      for (let round = 0; round < 4; round++) {
        yield* client.self.compute(1000, 20_000);
        yield* client.send(get(round % 2 === 0 ? "/" : "/tasks.json", ...(i < 2 && round === 3 ? [CLOSE] : [])));
        const { status, body } = yield* client.answer();
        assert.is(status, 200);
        assert.is(body.length > 100, true);
      }
    };
  });

  test(`under ${seeds} seeds every client is answered, with all invariants at every step`, () => {
    const hashes = new Set<string>();
    const [app, options] = server({ workers: 4 }, clientsOf(asking));
    const machine = boot(app, { ...options, kernel: "debug", seed: 0, keep: 0 });
    for (let seed = 0; seed < seeds; seed++) {
      machine.options.seed = seed;
      machine.powerOn();
      assert.is(finish(machine), "finished", `seed ${seed}`);
      hashes.add(machine.hash as string);
    }
    assert.ok(hashes.size > seeds * 0.9, `${hashes.size} schedules`);
  });

  /** The statuses of all answers to these requests, each on a connection of its own, by the first of them. */
  const firstStatuses = (cases: readonly Case[]): [what: string, status: number][] =>
    cases.map(({ what, request }) => {
      let status = 0;
      served({ times: { request: 300, idle: 300, linger: 50 } }, function* (client) {
        yield* client.send(request);
        yield* client.socket.shutdown("write");
        status = Number(/^HTTP\/1\.1 (\d+)/.exec(yield* client.rest())?.[1] ?? 0);
      });
      return [what, status];
    });

  test("every request of the table that is taken is answered, and none with a refusal", () => {
    for (const [what, status] of firstStatuses(taken)) assert.ok([200, 404, 405, 501].includes(status), `${what}: ${status}`);
  });

  test("every request of the table that is refused is refused with its status", () => {
    assert.equal(
      firstStatuses(refused),
      refused.map(({ what, status }) => [what, status]),
    );
  });
}
