/** The HTTP server as firmware: the same tests as of its scripted sister, and that it takes no more memory than it says. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ServerOptions } from "../../apps/scripted/http/server.js";
import { type App, boot, type MachineOptions, SIGPIPE } from "../../hal/host/index.js";
import { firmwareOf } from "../firmware.js";
import { wireTests } from "../httpwire.js";
import { room } from "../probe.js";

const test = suite("http firmware");

const http = firmwareOf("http");
/** Pages of a machine in which clients have room, too. */
const MEMORY = 8;

/** The words of the command line for these options. */
function argsOf({ port, workers, times = {} }: ServerOptions): string[] {
  const numbers = Object.entries({ port, workers, ...times }).filter(([, value]) => value !== undefined);
  return ["--daemon", ...numbers.flatMap(([name, value]) => [`--${name}`, String(value)])];
}

function server(options: ServerOptions, clients: App): [App, MachineOptions] {
  return [clients, { firmware: http, args: argsOf(options), memory: MEMORY }];
}

wireTests(test, server, 20);

/** Bytes of the firmware's heap that are taken. */
function heapOf(machine: ReturnType<typeof boot>): number {
  return machine.compiled?.heap ?? Number.NaN;
}

/** The end of a page, and of the table of tasks. */
const WHOLE = /(<\/html>|\]\n\})\n$/;
/** The buffers of a connection. */
const CONNECTION = 1024 + 1024 + 16;

test("the server needs no more than its limits say: all workers and a full backlog at once, in a machine of 256 KiB", () => {
  const machine = boot(http);
  assert.is(machine.run(), "deadlock", "nobody comes");
  assert.is(machine.options.memory ?? 4, 4);
  assert.equal(machine.report().blocked.find(({ task }) => task === "acceptor")?.object, "http");
  // A connection of each worker, those of the backlog, and the one on its way from the one to the other.
  assert.ok(room(machine) >= (12 + 6 + 1) * CONNECTION, `${room(machine)} bytes in a row are free`);
});

test("two thousand requests over two hundred connections leave heap and RAM as they were", () => {
  const seen: [heap: number, room: number][] = [];
  const client: App = (system) => {
    system.task("client", { priority: 10, storage: 1500 }, function* (self) {
      yield* self.signals.ignore(SIGPIPE);
      const view = self.buffer(1200);
      for (let i = 0; i < 200; i++) {
        const socket = yield* self.create.socket();
        while ((yield* socket.connect("127.0.0.1", 80)) !== 0) yield* self.sleep(1);
        for (let j = 0; j < 10; j++) {
          const close = j === 9 ? "Connection: close\r\n" : "";
          yield* socket.send(`GET ${j % 2 ? "/" : "/tasks.json"} HTTP/1.1\r\nHost: a\r\n${close}\r\n`);
          let text = "";
          while (!WHOLE.test(text)) text += view.text(yield* socket.receive(view));
          assert.match(text, /^HTTP\/1\.1 200 OK/);
        }
        yield* socket.close();
        yield* self.sleep(5);
        if (i % 50 === 1) seen.push([heapOf(machine), room(machine)]);
      }
    });
  };
  const [app, options] = server({ workers: 4 }, client);
  const machine = boot(app, { ...options, keep: 0 });
  assert.is(machine.run(), "finished");
  assert.is(seen.length, 4);
  for (const each of seen) assert.equal(each, seen[0]);
});

test("what the command line says wrong is told in a sentence", () => {
  const why = (...args: string[]): string => {
    try {
      boot(http, { args });
    } catch (error) {
      return (error as Error).message;
    }
    return "none";
  };
  assert.match(why("--prot", "80"), /"--prot" is no option: there are --port, --workers, .*, each with a number, and --daemon/);
  assert.match(why("--workers", "13"), /--workers takes a number from 1 to 12/);
  assert.match(why("--port"), /--port takes a number from 1 to 65535/);
});

test.run();
