import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot } from "../hal/host/index.js";
import { calls, portCalls } from "../kernel/abi/table.js";

const test = suite("house");

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** An import: from which file, of what. */
interface Edge {
  from: string;
  to: string;
}

/** The TypeScript files below a directory of the repository, as paths from its root. */
function filesIn(directory: string): string[] {
  return readdirSync(ROOT + directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /(?<!\.d)\.ts$/.test(entry.name))
    .map((entry) => relative(ROOT, `${entry.parentPath}/${entry.name}`).replaceAll("\\", "/"))
    .sort();
}

/** What a file imports and re-exports, types and dynamic imports too: relative paths as paths from the root, packages as they stand. */
function edgesOf(from: string): Edge[] {
  const source = readFileSync(ROOT + from, "utf8");
  const pattern = /^(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']|^import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;
  return [...source.matchAll(pattern)].map((found) => {
    const name = (found[1] ?? found[2] ?? found[3]) as string;
    if (!name.startsWith(".")) return { from, to: name };
    return { from, to: `${posix.join(dirname(from), name).replace(/\.js$/, "")}.ts` };
  });
}

function text({ from, to }: Edge): string {
  return `${from} imports ${to}`;
}

function refuse(edges: Edge[]): void {
  assert.equal(edges.map(text), []);
}

// The kernel

/** From left to right; a file imports only from its left. Those of one entry do not know each other, but for config, abi and lib. */
const ORDER = [
  "config",
  "abi",
  "lib",
  "state",
  "trace",
  "panic",
  "task",
  "sched",
  "clock",
  "wait",
  "frame",
  "signal",
  "delivery|alarm",
  "irq",
  "arena",
  "object",
  "reach",
  "control|life|inspect|deadlock",
  "choice",
  "segment",
  "tick",
  "serve",
  "port",
  "index",
  "check",
  "debug",
].map((entry) => entry.split("|"));

/** What of kernel/ asc never sees: the table, its generator, what they make for the host, and what calls asc. */
const NOT_COMPILED = ["kernel/abi/table.ts", "kernel/abi/generate.ts", "kernel/abi/host.ts", "kernel/build.ts"];
const COMPILED = filesIn("kernel").filter((file) => !NOT_COMPILED.includes(file));

/** What objects may import of each other, besides object/object. */
const OBJECTS: Record<string, string[]> = {
  condition: ["mutex"],
  datagram: ["endpoint"],
  mailbox: ["pool"],
  poll: ["event", "mailbox", "mutex", "pipe", "pool", "queue", "semaphore", "socket", "timer"],
  socket: ["datagram", "endpoint", "stream"],
  stream: ["endpoint"],
  timer: ["event", "flags", "semaphore"],
};

function place(file: string): number {
  const noun = (file.split("/")[1] as string).replace(/\.ts$/, "");
  return ORDER.findIndex((entry) => entry.includes(noun));
}

function objectName(file: string): string | undefined {
  return /^kernel\/object\/(\w+)\.ts$/.exec(file)?.[1];
}

function allowedInKernel({ from, to }: Edge): boolean {
  if (!COMPILED.includes(to)) return false;
  const [object, other] = [objectName(from), objectName(to)];
  if (object && other) return other === "object" || (OBJECTS[object]?.includes(other) ?? false);
  const inside = dirname(from) === dirname(to) && dirname(from) !== "kernel";
  return inside || place(to) < place(from);
}

test("every file of the kernel has its place in the order", () => {
  assert.equal(
    COMPILED.filter((file) => place(file) < 0),
    [],
  );
});

test("a file of the kernel imports only from its left, and nothing from outside the kernel", () => {
  const edges = COMPILED.flatMap(edgesOf);
  assert.ok(edges.length > 100);
  refuse(edges.filter((edge) => !allowedInKernel(edge)));
});

test("the files of the kernel are those that its two entries reach", () => {
  const reached = new Set(["kernel/index.ts", "kernel/debug.ts"]);
  for (const file of reached) for (const { to } of edgesOf(file)) reached.add(to);
  assert.equal([...reached].sort(), COMPILED);
});

test("the walk sees an edge that breaks the order", () => {
  const broken: Edge[] = [
    { from: "kernel/wait.ts", to: "kernel/life.ts" },
    { from: "kernel/object/pipe.ts", to: "kernel/object/mutex.ts" },
    { from: "kernel/object/object.ts", to: "kernel/object/pipe.ts" },
    { from: "kernel/life.ts", to: "kernel/control.ts" },
    { from: "kernel/lib/list.ts", to: "kernel/state.ts" },
    { from: "kernel/port.ts", to: "hal/map.ts" },
    { from: "kernel/port.ts", to: "node:fs" },
  ];
  for (const edge of broken) assert.not(allowedInKernel(edge), text(edge));
});

// Around it

/** The same ABI, for what of hal is AssemblyScript itself. */
const COMPILED_ABI = ["kernel/abi/constants.ts", "kernel/abi/records.ts"];

test("hal knows of the kernel only its generated ABI", () => {
  const edges = filesIn("hal").flatMap(edgesOf);
  assert.ok(edges.some(({ to }) => to === "kernel/abi/host.ts"));
  const abi = ({ from, to }: Edge) => to === "kernel/abi/host.ts" || (from === "hal/preempt/runtime.ts" && COMPILED_ABI.includes(to));
  refuse(edges.filter((edge) => edge.to.startsWith("kernel/") && !abi(edge)));
  refuse(edges.filter(({ to }) => to.startsWith("apps/") || to.startsWith("tests/")));
});

test("what firmware is compiled with imports nothing but itself", () => {
  const edges = filesIn("hal/guest").flatMap(edgesOf);
  assert.ok(edges.length > 50);
  refuse(edges.filter(({ to }) => !to.startsWith("hal/guest/")));
});

test("the generated ABI imports nothing", () => {
  refuse(edgesOf("kernel/abi/host.ts"));
});

test("the host board needs Node only in node.ts, and no package at all", () => {
  const edges = filesIn("hal").flatMap(edgesOf);
  refuse(edges.filter(({ from, to }) => !to.endsWith(".ts") && from !== "hal/host/node.ts"));
  const node = edges.filter(({ from }) => from === "hal/host/node.ts");
  refuse(node.filter(({ to }) => !to.endsWith(".ts") && !to.startsWith("node:")));
});

test("what a browser loads does not reach Node", () => {
  const reached = new Set(["hal/host/browser.ts"]);
  for (const file of reached) for (const { to } of edgesOf(file)) reached.add(to);
  assert.ok(reached.size > 20);
  assert.ok(reached.has("hal/preempt/preempt.ts"));
  assert.equal(
    [...reached].filter((file) => file.startsWith("node:") || file === "hal/host/node.ts"),
    [],
  );
});

test("apps for the machine import only talea or talea/firmware and files of their own; the command line only the API, Node and libraries", () => {
  const scripted = filesIn("apps/scripted").flatMap(edgesOf);
  assert.ok(scripted.length >= 3);
  // http.ts has its files in http/, shell.ts in shell/.
  const apps = ["apps/scripted", "apps/firmware"];
  const folder = (from: string) => (apps.includes(posix.dirname(from)) ? from.replace(/\.ts$/, "/") : `${posix.dirname(from)}/`);
  refuse(scripted.filter(({ from, to }) => to !== "talea" && !to.startsWith(folder(from))));
  const firmware = filesIn("apps/firmware").flatMap(edgesOf);
  assert.ok(firmware.length >= 10);
  refuse(firmware.filter(({ from, to }) => to !== "talea/firmware" && !to.startsWith(folder(from))));
  const around = filesIn("apps").filter((file) => !/^apps\/(scripted|firmware)\//.test(file));
  const edges = around.flatMap(edgesOf);
  const own = ({ from, to }: Edge) => to.startsWith(`${from.split("/").slice(0, 2).join("/")}/`) || to === "hal/host/index.ts";
  refuse(edges.filter((edge) => edge.to.endsWith(".ts") && !own(edge)));
});

// The closed kernel

const KERNELS = ["kernel.wasm", "kernel.small.wasm"];

function bytesOf(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(`${ROOT}dist/${name}`));
}

/** A module as text, by the disassembler that comes with the compiler. */
function disassembled(name: string): string {
  const compiler = createRequire(createRequire(import.meta.url).resolve("assemblyscript/package.json"));
  return execFileSync(process.execPath, [compiler.resolve("binaryen/bin/wasm-dis"), `${ROOT}dist/${name}`], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
}

test("promise 3: a release kernel imports nothing, has no start function, no mutable global, and never grows its memory", () => {
  for (const name of KERNELS) {
    const text = disassembled(name);
    assert.match(text, /i32\.store/);
    assert.equal(WebAssembly.Module.imports(new WebAssembly.Module(bytesOf(name))), []);
    assert.not.match(text, /\(import /);
    assert.not.match(text, /\(start /);
    assert.not.match(text, /\(global \S+ \(mut/);
    assert.not.match(text, /memory\.grow/);
    const [, initial, maximum] = /\(memory \S+ (\d+) (\d+)\)/.exec(text) ?? [];
    assert.ok(Number(initial) > 0);
    assert.is(maximum, initial);
  }
});

test("promise 3: a release kernel, which is built for speed, has at most 86 KiB, the small one 54", () => {
  for (const [name, most] of [
    ["kernel.wasm", 86],
    ["kernel.small.wasm", 54],
  ] as const) {
    const { length } = bytesOf(name);
    assert.ok(length > 8 && length <= most * 1024, `${name}: ${length} bytes`);
  }
});

test("a kernel exports its memory, the calls of the table, and no more", () => {
  for (const name of KERNELS) {
    const names = WebAssembly.Module.exports(new WebAssembly.Module(bytesOf(name))).map((each) => each.name);
    assert.equal(names.sort(), ["memory", ...Object.keys(calls), ...Object.keys(portCalls)].sort());
  }
});

test("the records that the host reads are laid out as the compiler laid them out", () => {
  const m = boot((system) => void system.semaphore(), { kernel: "debug" });
  assert.is(m.image.debug?.layout_holds(), 1);
});

test.run();
