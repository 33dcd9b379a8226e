/** The cache of what compilers made: what is in it is what would be made, or it is not used; and it never fails a command. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Cache, type Compiled, cacheFolder } from "../apps/cli/cache.js";
import { compileFirmware, keptFirmware, keyOf } from "../apps/cli/compile.js";
import { assemble } from "../apps/cli/wat.js";
import { cache as place } from "./built.js";
import { Here } from "./command.js";
import { firmwareFrom } from "./firmware.js";

const test = suite("cache", { folder: "" });

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "talea-cache-"));
});

test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

const MADE: Compiled = { wasm: Uint8Array.of(0, 97, 115, 109), map: '{"version":3}' };
const SOURCES: Record<string, string | null> = { "app.ts": "app", "part.ts": "part", "part/index.ts": null };

function read(changed: Record<string, string | null> = {}): (name: string) => string | null {
  return (name) => ({ ...SOURCES, ...changed })[name] ?? null;
}

/** A cache with one entry, and its file. */
function filled(folder: string): [Cache, string] {
  const cache = new Cache(folder);
  cache.keep("app-1", new Map(Object.entries(SOURCES)), MADE);
  const [file] = readdirSync(folder);
  return [cache, join(folder, file as string)];
}

test("an entry is found for as long as all that was asked for is answered as it was", ({ folder }) => {
  const [cache] = filled(folder);
  assert.equal(cache.find("app-1", read()), MADE);
  assert.equal(new Cache(folder).find("app-1", read()), MADE);
  assert.is(cache.find("app-2", read()), undefined);
  assert.is(cache.find("app-1", read({ "part.ts": "changed" })), undefined);
  assert.is(cache.find("app-1", read({ "part.ts": null })), undefined);
  assert.is(cache.find("app-1", read({ "part/index.ts": "new, and comes first" })), undefined);
});

test("a damaged entry is none, and the next one replaces it", ({ folder }) => {
  const [cache, file] = filled(folder);
  const whole = readFileSync(file);
  for (let at = 0; at < whole.length; at++) {
    writeFileSync(file, whole.subarray(0, at));
    assert.is(cache.find("app-1", read()), undefined, `${at} bytes`);
    const bytes = Uint8Array.from(whole);
    bytes[at] = (whole[at] as number) ^ 1;
    writeFileSync(file, bytes);
    const found = cache.find("app-1", read());
    if (found) assert.equal(found, MADE, `byte ${at}`);
  }
  for (const text of ["null", "[]", '{"reads":3}', '{"reads":[],"wasm":4,"map":null}']) {
    writeFileSync(file, text);
    assert.is(cache.find("app-1", read()), undefined, text);
  }
  filled(folder);
  assert.equal(cache.find("app-1", read()), MADE);
});

test("where nothing can be kept nothing is, and nothing is said", ({ folder }) => {
  writeFileSync(join(folder, "file"), "");
  for (const place of [undefined, join(folder, "file"), join(folder, "file", "in")]) {
    const cache = new Cache(place);
    cache.keep("app-1", new Map(), MADE);
    assert.is(cache.find("app-1", read()), undefined);
  }
  assert.equal(readdirSync(folder), ["file"]);
});

test("the entries that were used last stay", ({ folder }) => {
  const cache = new Cache(folder);
  for (let i = 0; i < 205; i++) {
    cache.keep(`app-${i}`, new Map(), MADE);
    const file = readdirSync(folder).find((name) => name.startsWith(`app-${i}.`)) as string;
    utimesSync(join(folder, file), i, i);
    // The first is used again, as often as it gets old.
    assert.ok(cache.find("app-0", read()));
  }
  assert.is(readdirSync(folder).length, 200);
  assert.ok(cache.find("app-0", read()));
  assert.is(cache.find("app-4", read()), undefined);
  assert.ok(cache.find("app-204", read()));
});

test("it is in the folder that the system has for it, where TALEA_CACHE says, or nowhere", () => {
  const home = { HOME: "/home/me" };
  assert.is(cacheFolder(home, "linux"), "/home/me/.cache/talea");
  assert.is(cacheFolder({ ...home, XDG_CACHE_HOME: "/var/mine" }, "linux"), "/var/mine/talea");
  assert.is(cacheFolder(home, "darwin"), "/home/me/Library/Caches/talea");
  assert.is(cacheFolder({ ...home, LOCALAPPDATA: "/local" }, "win32"), "/local/talea/cache");
  assert.is(cacheFolder({ ...home, TALEA_CACHE: "/there" }, "linux"), "/there");
  assert.is(cacheFolder({ ...home, TALEA_CACHE: "" }, "linux"), undefined);
  for (const platform of ["linux", "darwin", "win32"] as const) assert.is(cacheFolder({}, platform), undefined);
});

const APP = `import { print, task } from "talea/firmware";
task("t", {}, () => {
  print("kept\\n");
});
`;

test("firmware is compiled once, wherever it lies; what it imports counts", async ({ folder }) => {
  // Elsewhere it is compiled once for all tests.
  const { bytes } = firmwareFrom("kept", APP);
  assert.ok(bytes.length > 0);
  const cache = new Cache(place);
  mkdirSync(join(folder, "deep"));
  const file = join(folder, "deep", "kept.ts");
  writeFileSync(file, APP);
  const found = keptFirmware(file, cache);
  assert.ok(found);
  assert.equal(await compileFirmware(file, cache), found);
  assert.match(found?.map as string, /deep\/kept\.ts"/);
  writeFileSync(file, `${APP}\n`);
  assert.is(keptFirmware(file, cache), undefined);
  assert.is.not(keyOf(file), keyOf(join(folder, "kept.ts")));
});

test("the command keeps what it compiled where TALEA_CACHE says, and runs it from there", async ({ folder }) => {
  const kept = join(folder, "kept");
  writeFileSync(join(folder, "text.wat"), TEXT);
  const run = (env: NodeJS.ProcessEnv) => new Here(["run", "text.wat"], { cwd: folder, env }).endInput().ended;
  const none = await run({ TALEA_CACHE: "" });
  assert.is(none.status, 0, none.stderr);
  assert.not.ok(existsSync(kept));
  const first = await run({ TALEA_CACHE: kept });
  const files = readdirSync(kept);
  assert.is(files.length, 1);
  assert.equal(await run({ TALEA_CACHE: kept }), first);
  assert.equal(first, none);
  assert.equal(readdirSync(kept), files);
  assert.equal(await assemble("text.wat", TEXT, new Cache(kept)), await assemble("text.wat", TEXT));
});

/** No tasks: only a description. */
const TEXT = `(module (import "env" "memory" (memory 2)) (func (export "_initialize")))\n`;

test.run();
