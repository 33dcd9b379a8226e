/**
 * From a source in C or C++ to a WebAssembly module: the clang and the wasm-ld that are installed, with one set of options, and
 * hal/guest as <talea.h>. The library around it, hal/guest/talea, is compiled along, once for apps that are compiled again; the linker
 * leaves out what nobody calls.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { GUEST, MEMORY_BASE } from "./compile.js";
import { Output } from "./output.js";
import { sourceLines } from "./place.js";
import { CompileError, Status, UsageError } from "./status.js";
import type { World } from "./world.js";

const SOURCE = /\.(?:c|cc|cpp|cxx)$/;
/** What is compiled or linked beside the app. */
const BESIDE = /\.(?:c|cc|cpp|cxx|o|a)$/;
/** A line of the source that has more for clang: `// clang: -DFAST motor.c`. */
const MORE = /^\s*(?:\/\/|\/\*|\*)\s*clang:\s*(.+?)\s*(?:\*\/)?\s*$/gm;

const LIBRARY = join(GUEST, "talea");
const LIBRARY_FILES = readdirSync(LIBRARY)
  .filter((name) => name.endsWith(".c"))
  .sort();

// biome-ignore format: an option a line
const OPTIONS = [
  "--target=wasm32",
  "-mcpu=mvp", "-mbulk-memory", "-msign-ext",
  "-O2",
  "-g",
  // What is at address 0 is a fault and not undefined.
  "-fno-delete-null-pointer-checks",
  "-nostdlib", "-nostdlibinc",
  "-I", GUEST, "-isystem", join(LIBRARY, "libc"),
  "-Wall", "-Wextra",
  "-Werror=implicit-function-declaration",
];

/** Of C++ what needs no runtime of its own. */
const PLUS_PLUS = ["-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics", "-fno-c++-static-destructors"];

// biome-ignore format: an option a line
const LINKING = [
  "--no-entry",
  "--import-memory",
  `--global-base=${MEMORY_BASE}`,
  "--export-table",
  // Each task has its C stack in its own.
  "-z", "stack-size=16",
];

/** Where installers put LLVM without telling the shell. */
const FOLDERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["/opt/homebrew/opt/llvm/bin", "/opt/homebrew/opt/lld/bin", "/usr/local/opt/llvm/bin", "/usr/local/opt/lld/bin"],
  win32: ["C:\\Program Files\\LLVM\\bin"],
};

/** How to get clang and wasm-ld, by platform. */
const INSTALL: Partial<Record<NodeJS.Platform, string>> = {
  darwin: "brew install llvm lld",
  win32: "winget install LLVM.LLVM",
};

/** Whether a file is C or C++, by its name. */
export function isC(file: string): boolean {
  return SOURCE.test(file);
}

/** The programs that compile C. */
export interface Tools {
  clang: string;
  linker: string;
}

/** Where they are; undefined where one is not installed. */
export function cTools(environment = process.env): Tools | undefined {
  const clang = installed("clang", environment);
  const linker = installed("wasm-ld", environment);
  return clang !== undefined && linker !== undefined ? { clang, linker } : undefined;
}

/** Compiles and links an app, with its debug information. Warnings go to stderr. Throws CompileError with what clang or wasm-ld says. */
export async function compileC(file: string, world: World): Promise<Uint8Array> {
  const { events, env } = world;
  const { clang, linker } = tools(env);
  const folder = mkdtempSync(join(tmpdir(), "talea-"));
  const to = join(folder, "firmware.wasm");
  const more = moreFor(file);
  const options = [...OPTIONS, ...(file.endsWith(".c") ? [] : PLUS_PLUS)];
  const around = [...options, ...more.filter((word) => word.startsWith("-") || !BESIDE.test(word))];
  const linking = [...LINKING.map((word) => `-Wl,${word}`), `-fuse-ld=${linker}`];
  const words = [...options, ...linking, "-o", to, file, ...more, "-x", "none", ...LIBRARY_FILES.map((name) => objectIn(folder, name))];
  // Ctrl-C reaches the compiler, too: it ends, and what it wrote is cleared away, whoever ends this process.
  const patient = () => {};
  const clear = () => rmSync(folder, { recursive: true, force: true });
  events.on("SIGINT", patient);
  events.on("exit", clear);
  let ended: Ended;
  let module: Uint8Array | undefined;
  try {
    ended = await libraryIn(folder, clang, around, env);
    if (ended.ok) ended = await started(clang, words, env);
    if (ended.ok) module = readFileSync(to);
  } finally {
    events.off("SIGINT", patient);
    events.off("exit", clear);
    clear();
  }
  if (ended.interrupted) world.exit(Status.INTERRUPTED);
  const text = readable(ended.said, file);
  if (!module) throw new CompileError(text);
  const warnings = new Output(world.stderr);
  warnings.write(text === "" ? "" : `${text}\n`);
  await warnings.drain();
  return module;
}

/** What a source asks for besides; other sources and objects lie beside it. */
function moreFor(file: string): string[] {
  const words = [...readFileSync(file, "utf8").matchAll(MORE)].flatMap(([, text]) => (text as string).split(/\s+/));
  return words.map((word) => (!word.startsWith("-") && BESIDE.test(word) ? join(dirname(file), word) : word));
}

/** The objects of the library, by all that they depend on, but for the folder in which they were made. */
const libraries = new Map<string, Promise<Library>>();

interface Library {
  ended: Ended;
  /** In the order of LIBRARY_FILES. */
  objects: Uint8Array[];
}

/** Puts the objects of the library into a folder. */
async function libraryIn(folder: string, clang: string, words: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ended> {
  const key = JSON.stringify([clang, words, process.cwd()]);
  const making = libraries.get(key) ?? madeIn(folder, clang, words, environment);
  libraries.set(key, making);
  const { ended, objects } = await making;
  for (const [i, object] of objects.entries()) writeFileSync(objectIn(folder, LIBRARY_FILES[i] as string), object);
  // The next time may be better.
  if (!ended.ok) libraries.delete(key);
  return ended;
}

async function madeIn(folder: string, clang: string, words: readonly string[], environment: NodeJS.ProcessEnv): Promise<Library> {
  const each = await Promise.all(
    LIBRARY_FILES.map((name) => {
      // What the app has for the linker is of no use here.
      const more = ["-Wno-unused-command-line-argument", "-c", "-x", "c", join(LIBRARY, name), "-o", objectIn(folder, name)];
      return started(clang, [...words, ...more], environment);
    }),
  );
  const ended = each.find(({ ok }) => !ok) ?? (each[0] as Ended);
  return { ended, objects: ended.ok ? LIBRARY_FILES.map((name) => new Uint8Array(readFileSync(objectIn(folder, name)))) : [] };
}

/** The object of a source of the library, with a name such as clang gives to those between compiler and linker. */
function objectIn(folder: string, name: string): string {
  return join(folder, name.replace(/\.c$/, "-000000.o"));
}

interface Ended {
  ok: boolean;
  interrupted: boolean;
  /** What it wrote, to wherever. */
  said: string;
}

function started(command: string, words: readonly string[], environment: NodeJS.ProcessEnv): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(command, words, { maxBuffer: 1 << 26, env: { ...environment, PATH: path(environment) } }, (error, stdout, stderr) =>
      resolve({ ok: error === null, interrupted: error?.signal === "SIGINT", said: `${stdout}${stderr}` || (error?.message ?? "") }),
    );
  });
}

/** Folders for clang to look into: where it finds wasm-opt it runs it, and lines and names are lost. */
function path({ PATH = "" }: NodeJS.ProcessEnv): string {
  const folders = PATH.split(delimiter);
  return folders.filter((folder) => !isFile(join(folder, `wasm-opt${suffix()}`))).join(delimiter);
}

// What is installed

function tools(environment: NodeJS.ProcessEnv): Tools {
  const found = cTools(environment);
  if (found) return found;
  const missing = installed("clang", environment) === undefined ? "clang" : "wasm-ld";
  throw new UsageError(`C is compiled by ${missing}, which is not installed here: ${advice()}`);
}

function advice(): string {
  return INSTALL[process.platform] ?? "sudo apt-get install clang lld (Debian, Ubuntu; elsewhere the packages of clang and LLD)";
}

/** The path of a program: by its own name, else with the highest version behind it, as clang-14. */
function installed(name: string, { PATH = "" }: NodeJS.ProcessEnv): string | undefined {
  const folders = [...(FOLDERS[process.platform] ?? []), ...PATH.split(delimiter)].filter((folder) => folder !== "");
  const exact = folders.map((folder) => join(folder, name + suffix())).find(isFile);
  if (exact !== undefined) return exact;
  const pattern = new RegExp(`^${name}-(\\d+)$`);
  const found = folders.flatMap((folder) =>
    filesIn(folder).flatMap((file) => {
      const version = pattern.exec(file)?.[1];
      return version === undefined ? [] : [{ path: join(folder, file), version: Number(version) }];
    }),
  );
  return found.sort((a, b) => b.version - a.version)[0]?.path;
}

function suffix(): string {
  return process.platform === "win32" ? ".exe" : "";
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

// What they say

const NO_TARGET = /unable to create target|No available targets|unknown target triple/;
/** Objects between compiler and linker have names of no use to anybody. */
const OBJECT = /\S*[/\\]([^/\\\s]+)-[0-9a-f]{6,}\.o\b/g;
const LINKER = /^\S*wasm-ld(?:-\d+)?(?:\.exe)?: /gm;
const NO_MAIN = /^\S*wasm-ld\S*: error: start\.c: undefined symbol: (?:main|__main_void|__original_main)$/gm;
const UNDEFINED = /^\S*wasm-ld\S*: error: (\S+): undefined symbol: (.+)$/gm;
const NO_LIBRARY = /'(?:stdio|stdlib|unistd|pthread|assert|errno|math|time|iostream|c?string|vector)(?:\.h)?' file not found/;
const LIBRARY_HINT = "There is no C library: talea.h has talea_printf, talea_assert, memcpy, strlen and the like.";
const LAST_WORDS = /^clang(?:-\d+)?: error: (?:linker command failed|unable to execute command).*\n?/gm;

function readable(said: string, file: string): string {
  if (NO_TARGET.test(said)) throw new UsageError(`the clang that is installed here does not compile for WebAssembly: ${advice()}`);
  const name = basename(file).replace(SOURCE, "");
  const text = said
    .replace(LAST_WORDS, "")
    .replace(OBJECT, (_, object: string) => (object === name ? file : `${object}.c`))
    .replace(NO_MAIN, `${file}: error: it has no description, which makes its tasks: write int main(void) { ... }`)
    .replace(UNDEFINED, (_, source: string, symbol: string) => `${lineOf(source, symbol)}: error: undefined symbol: ${symbol}`)
    .replace(LINKER, "")
    .trim();
  return NO_LIBRARY.test(text) ? `${text}\n${LIBRARY_HINT}` : text;
}

/** Where a source first names a symbol, "app.c:7"; without a line where that is not found. */
function lineOf(source: string, symbol: string): string {
  const line = sourceLines(source).findIndex((text) => new RegExp(`\\b${symbol.replace(/\W.*/, "")}\\b`).test(text));
  return line < 0 ? source : `${source}:${line + 1}`;
}
