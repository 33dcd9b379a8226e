/**
 * Runs of the apps that come with the project, and what they are to come to on every host: hashes.json, which `npm run hashes` writes.
 * Nothing here needs Node: the same code runs in a page.
 */
import {
  type App,
  bootNetwork,
  type Firmware,
  type Grain,
  type MachineOptions,
  type Network,
  type NetworkDescription,
  network,
  Socket,
  type System,
} from "talea";
import chat from "../../apps/scripted/chat.js";
import counter from "../../apps/scripted/counter.js";
import dispatch from "../../apps/scripted/dispatch.js";
import finger from "../../apps/scripted/finger.js";
import { serve } from "../../apps/scripted/http/server.js";
import lease from "../../apps/scripted/lease.js";
import parcels from "../../apps/scripted/parcels.js";
import philosophers from "../../apps/scripted/philosophers.js";
import priorities from "../../apps/scripted/priorities.js";
import signals from "../../apps/scripted/signals.js";
import tour from "../../apps/scripted/tour.js";
import wordcount from "../../apps/scripted/wordcount.js";

/** A firmware below apps/firmware, made preemptible as it is asked for. */
export type Make = (app: string, how?: { grain?: Grain; protect?: boolean }) => Firmware;

export interface Run {
  /** The run as a command line would have it; the key of hashes.json. */
  name: string;
  /** The firmware that it takes, below apps/firmware. */
  firmware: string | undefined;
  boot(make: Make): Network;
}

/** What a run came to. */
export interface Outcome {
  /** The trace hash. */
  hash: string | undefined;
  /** How it ended, and at which cycle. */
  ending: string;
  cycles: number;
  events: number;
  /** FNV-1a of what its consoles said. */
  output: string;
}

export function outcomeOf(run: Run, make: Make): Outcome {
  const net = run.boot(make);
  const ending = net.run();
  const said = net.names.map((name) => `${name}: ${net.output(name)}`).join("\n");
  return { hash: net.hash, ending, cycles: net.cycles, events: net.events, output: digest(said) };
}

function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (hash >>> 0).toString(16).toUpperCase().padStart(8, "0");
}

function words(options: MachineOptions): string {
  const { args = [], seed, input } = options;
  return [...args, ...(seed === undefined ? [] : [`--seed ${seed}`]), ...(input === undefined ? [] : ["< input"])].join(" ");
}

function scripted(name: string, app: App | NetworkDescription, options: MachineOptions = {}): Run {
  return { name: `scripted/${name} ${words(options)}`.trim(), firmware: undefined, boot: () => bootNetwork(app, options) };
}

interface How {
  grain?: Grain;
  protect?: boolean;
}

function compiled(name: string, how: How, options: MachineOptions = {}): Run {
  const { grain = "loop", protect = false } = how;
  const marks = `--grain ${grain} ${protect ? "--protect " : ""}`;
  return {
    name: `firmware/${name} ${marks}${words(options)}`.trim(),
    firmware: name,
    boot: (make) => bootNetwork(make(name, how), options),
  };
}

/** Lines, words, and letters of more than one byte: some kilobytes, which take the console a virtual second. */
const TEXT = Array.from({ length: 200 }, (_, i) => `${"word ".repeat(i % 7)}${"\u00fcber ".repeat(i % 3)}${i}\n`).join("");

const SHELL_LINES = `seq 20 | wc
echo one two | upper; ps | wc -l
spin 0.01 &
jobs; sleep 0.02
false; echo $?
`;

/** A client that asks the server for its pages, two of them in one connection, and shows what it answers. */
function client(system: System): void {
  const out = system.console({ outCapacity: 4096 });
  system.task("client", { storage: 1024 }, function* (self) {
    const view = self.buffer(256);
    // Until the server listens.
    yield* self.sleep(50);
    for (const paths of [["/"], ["/system", "/tasks.json"], ["/nowhere"]]) {
      const socket = yield* self.create.socket({ receive: 512 });
      if (!(socket instanceof Socket)) return;
      const answer = yield* socket.connect("10.0.0.1", 80);
      if (answer < 0) throw new Error(`nobody serves: ${answer}`);
      for (const [i, path] of paths.entries()) {
        const last = i === paths.length - 1 ? "Connection: close\r\n" : "";
        yield* socket.send(`GET ${path} HTTP/1.1\r\nHost: talea\r\n${last}\r\n`);
      }
      for (let n = yield* socket.receive(view); n > 0; n = yield* socket.receive(view)) yield* out.write(view.slice(0, n));
      yield* socket.close();
    }
  });
}

/** A server of either kind, and a client, over a link that loses and is late. */
function served(name: string, firmware: string | undefined, seed: number): Run {
  const link = { latency: 1, loss: 0.05, jitter: 0.5 };
  const scripted = { app: (system: System) => serve(system, { daemon: true }) };
  const boot = (make: Make) => {
    const server = firmware === undefined ? scripted : { app: make(firmware), args: ["--daemon"], memory: 8 };
    const machines = { server: { address: "10.0.0.1", ...server }, client: { address: "10.0.0.2", app: client } };
    return bootNetwork(network({ machines, link, console: "client" }), { seed });
  };
  return { name: `${name} and a client --seed ${seed}`, firmware, boot };
}

function pressed(presses: string, seed: number | undefined): Run {
  const options: MachineOptions = seed === undefined ? { args: [presses] } : { args: [presses], seed };
  return {
    name: `scripted/finger ${words(options)} --firmware button`,
    firmware: "button",
    boot: (make) => bootNetwork(finger, { ...options, firmware: make("button") }),
  };
}

export const runs: readonly Run[] = [
  scripted("wordcount", wordcount, { input: TEXT }),
  scripted("wordcount", wordcount, { input: TEXT, seed: 7 }),
  scripted("priorities", priorities),
  scripted("priorities", priorities, { seed: 2 }),
  scripted("philosophers", philosophers),
  scripted("philosophers", philosophers, { args: ["--ordered"], seed: 5 }),
  scripted("counter", counter, { seed: 3 }),
  scripted("dispatch", dispatch, { seed: 4 }),
  scripted("parcels", parcels, { seed: 1 }),
  scripted("signals", signals),
  scripted("signals", signals, { seed: 11 }),
  scripted("tour", tour),
  scripted("tour", tour, { seed: 1 }),
  scripted("tour", tour, { seed: 4294967295 }),
  scripted("chat", chat, { seed: 6 }),
  scripted("lease", lease, { seed: 1 }),
  served("scripted/http", undefined, 9),
  served("firmware/http", "http", 9),
  pressed("3", undefined),
  pressed("2", 8),
  compiled("priorities", {}),
  compiled("philosophers", {}),
  compiled("producer", { grain: "access" }, { seed: 2 }),
  compiled("producer", { protect: true }, { seed: 2 }),
  compiled("counter", { grain: "access" }),
  compiled("counter", { grain: "access" }, { seed: 3 }),
  compiled("counter", { grain: "access", protect: true }, { seed: 3 }),
  compiled("control", {}, { args: ["--disturb"] }),
  compiled("control", {}, { seed: 5 }),
  compiled("sampler", {}, { args: ["30000"], seed: 1 }),
  compiled("shell", {}, { args: ["--no-prompt"], input: SHELL_LINES }),
  compiled("shell", { protect: true }, { args: ["--no-prompt"], input: SHELL_LINES, seed: 12 }),
];
