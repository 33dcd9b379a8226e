/**
 * Modules as they come out of a bad disk or a bad compiler: built ones cut off and changed anywhere, sections moved, doubled and
 * miscounted, debug information and source maps that are none. A sentence says what is wrong, or it runs.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, firmware, TaleaError } from "../hal/host/index.js";
import { Stream } from "../hal/host/oracle.js";
import { cache, command, ensureBuilt } from "./built.js";

const test = suite("damaged");
const RUNS = Number(process.env.HOSTILE_RUNS ?? 1);
/** What a damaged module may do before it is left. */
const PATIENCE = 20_000;

const TEXT = `(global $g (mut i64) (i64.const 300)) (data (i32.const 115000) "abc")
  (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
  (func $task (param i32) (local $i i32)
    (loop $l (i32.store (i32.const 115712) (call $twice (local.get $i))) (global.set $g (i64.add (global.get $g) (i64.const 1)))
      (if (i32.and (local.get $i) (i32.const 1)) (then (drop (call $task_yield))))
      (br_if $l (i32.lt_s (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 9)))))`;

/** A small module with a bit of everything; whoever assembles takes longer to load than all of this to run, so it is kept. */
async function assembled(): Promise<Uint8Array> {
  const file = join(cache, `damaged-${createHash("sha256").update(TEXT).digest("hex").slice(0, 24)}.wasm`);
  if (!existsSync(file)) {
    const { story } = await import("./preempt/text.js");
    mkdirSync(cache, { recursive: true });
    writeFileSync(`${file}.${process.pid}`, story(TEXT, { table: ["task", "twice"] }));
    renameSync(`${file}.${process.pid}`, file);
  }
  return new Uint8Array(readFileSync(file));
}

const PLAIN = await assembled();

/** Loads it and lets it run for a while; the sentence with which it is refused, "" when it is not. Throws what must not come. */
function tried(bytes: Uint8Array, options: { map?: string } = {}): string {
  try {
    const app = firmware(bytes.slice(), { name: "it", ...options });
    boot(app, { onFailure: "report", keep: 0 }).advance({ cycle: PATIENCE });
    return "";
  } catch (error) {
    if (error instanceof TaleaError && error.message.length > 10 && !error.message.includes("undefined")) return error.message;
    throw error;
  }
}

/** The same, naming what was done to it when it throws what must not come. */
function survives(bytes: Uint8Array, what: string, options: { map?: string } = {}): string {
  try {
    return tried(bytes, options);
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).stack}`);
  }
}

const built = {
  loop: firmware(PLAIN.slice(), { grain: "loop" }).bytes,
  access: firmware(PLAIN.slice(), { grain: "access" }).bytes,
  protected: firmware(PLAIN.slice(), { protect: true }).bytes,
};

test("a built module runs, and one that is cut off anywhere is refused in a sentence", () => {
  for (const [how, bytes] of Object.entries(built)) {
    assert.is(tried(bytes), "", how);
    for (let length = 0; length < bytes.length; length += RUNS > 1 ? 1 : 61) {
      assert.match(
        survives(bytes.subarray(0, length), `${how}, ${length} bytes`),
        /^it (is no firmware that can run|was)/,
        `${how}, ${length}`,
      );
    }
    for (let length = bytes.length - 30; length < bytes.length; length++) {
      assert.is.not(survives(bytes.subarray(0, length), `${how}, ${length} bytes`), "", `${how}, ${length}`);
    }
  }
});

test("a built module with any byte changed is refused in a sentence: what it would do nobody knows", () => {
  for (const [how, bytes] of Object.entries(built)) {
    for (let at = 0; at < bytes.length; at += RUNS > 1 ? 1 : 53) {
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ (1 << (at & 7));
      assert.is.not(survives(changed, `${how}, byte ${at}`), "", `${how}, byte ${at}`);
    }
  }
  assert.is.not(tried(Uint8Array.from([...built.loop, 0, 2, 1, 65])), "", "with more behind it");
});

test("a plain module with a handful of bytes changed at random is refused in a sentence, or runs", () => {
  const dice = new Stream(7, 7);
  for (let i = 0; i < 60 * RUNS; i++) {
    const changed = PLAIN.slice();
    const changes = Array.from({ length: 1 + dice.below(5) }, () => [dice.below(changed.length), dice.below(256)] as const);
    for (const [at, byte] of changes) changed[at] = byte;
    survives(changed, `bytes ${changes.join(" ")}`);
  }
});

interface Section {
  id: number;
  start: number;
  body: number;
  end: number;
}

/** The sections of a module; all of its numbers are short ones. */
function sectionsOf(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  for (let at = 8; at < bytes.length; ) {
    let [size, body] = [0, at + 1];
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[body++] as number;
      size += (byte & 127) << shift;
      if (byte < 128) break;
    }
    sections.push({ id: bytes[at] as number, start: at, body, end: body + size });
    at = body + size;
  }
  return sections;
}

function joined(...parts: (Uint8Array | number[])[]): Uint8Array {
  return Buffer.concat(parts.map((part) => Uint8Array.from(part)));
}

const HUGE = [0xff, 0xff, 0xff, 0xff, 0x0f];

test("sections that are moved, doubled, left out, too large or count more than there is are refused in a sentence, or run", () => {
  const head = PLAIN.subarray(0, 8);
  const sections = sectionsOf(PLAIN);
  const whole = sections.map(({ start, end }) => PLAIN.subarray(start, end));
  let refused = 0;
  const put = (what: string, ...parts: (Uint8Array | number[])[]) => {
    if (survives(joined(head, ...parts), what) !== "") refused++;
  };
  for (const [i, { id, body, end }] of sections.entries()) {
    const section = whole[i] as Uint8Array;
    const others = (...here: (Uint8Array | number[])[]) => [...whole.slice(0, i), ...here, ...whole.slice(i + 1)];
    put(`section ${id} left out`, ...others());
    put(`section ${id} twice`, ...others(section, section));
    put(`section ${id} last`, ...others(), section);
    put(`section ${id} first`, section, ...others());
    put(`section ${id} of an id that is none`, ...others([id + 100, ...section.subarray(1)]));
    put(`section ${id} that never ends`, ...others([id, ...HUGE, ...PLAIN.subarray(body, end)]));
    const inside = [...HUGE, ...PLAIN.subarray(body + 1, end)];
    put(`section ${id} that counts too much`, ...others([id, ...leb(inside.length), ...inside]));
    put(`section ${id} that is empty`, ...others([id, 0]));
  }
  assert.ok(refused > sections.length * 4, `${refused} refused`);
});

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

function custom(name: string, content: ArrayLike<number>): number[] {
  const inside = [name.length, ...new TextEncoder().encode(name), ...Array.from(content)];
  return [0, ...leb(inside.length), ...inside];
}

test("a module that is enormous is refused in a sentence, or runs, and does not use up the host's memory", () => {
  const before = process.memoryUsage().rss;
  const size = 2_000_000;
  const padding = [Uint8Array.from([0, ...leb(size + 4), 3, 112, 97, 100]), new Uint8Array(size)];
  assert.is(survives(joined(PLAIN, ...padding), "two megabytes of nothing"), "");
  const sections = sectionsOf(PLAIN);
  const code = sections.find(({ id }) => id === 10) as Section;
  // A function that says it has four thousand million locals.
  const body = [1, ...HUGE, 0x7f, 0x0b];
  const inside = [1, ...leb(body.length), ...body];
  const parts = [PLAIN.subarray(0, code.start), [10, ...leb(inside.length), ...inside], PLAIN.subarray(code.end)];
  assert.is.not(survives(joined(...parts), "locals"), "");
  assert.ok(process.memoryUsage().rss - before < 500_000_000);
});

test("debug information that is none takes nothing but the lines from a module", () => {
  const dice = new Stream(3, 3);
  const names = [".debug_line", ".debug_info", ".debug_abbrev", ".debug_str", ".debug_line_str", "name", "sourceMappingURL", "producers"];
  for (let i = 0; i < 60 * RUNS; i++) {
    const chosen = names.filter(() => dice.below(2) === 0);
    const junk = chosen.map((name) =>
      custom(
        name,
        Array.from({ length: dice.below(80) }, () => (dice.below(3) === 0 ? 0xff : dice.below(6))),
      ),
    );
    assert.is(survives(joined(PLAIN, ...junk), `${chosen}, number ${i}`), "", `${chosen}, number ${i}`);
  }
});

test("a source map that is none is named as what is wrong, or gives no lines", () => {
  const good = { version: 3, sources: ["a.ts"], names: [], mappings: "AAAA" };
  const maps: string[] = [
    "",
    "{",
    "null",
    "7",
    "[]",
    "{}",
    "\u0000",
    JSON.stringify({ ...good, mappings: 7 }),
    JSON.stringify({ ...good, sources: 7 }),
  ];
  for (const mappings of ["!!!!", "zzzzzzzzzzzzzzzzzzzz", "AAAA;AAAA", "////////", ",,,,", "A".repeat(9999)])
    maps.push(JSON.stringify({ ...good, mappings }));
  maps.push(JSON.stringify({ ...good, sources: [null, 7, {}] }), JSON.stringify({ ...good, version: 1e99 }), JSON.stringify(good));
  for (const map of maps) survives(PLAIN, `the map ${map.slice(0, 60)}`, { map });
});

test("the command says the same in a sentence, with status 2 and no stack", () => {
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), "talea-damaged-"));
  try {
    const changed = built.protected.slice();
    changed[200] = (changed[200] as number) ^ 1;
    const files: Record<string, [bytes: Uint8Array | string, says: RegExp]> = {
      "changed.wasm": [
        changed,
        /^talea: changed\.wasm (was changed or damaged since talea build wrote it: build it again|is no firmware that can run: .*)\n$/,
      ],
      "cut.wasm": [PLAIN.subarray(0, 99), /^talea: cut\.wasm is no firmware that can run: it is .*\n$/],
    };
    for (const [name, [bytes, says]] of Object.entries(files)) {
      writeFileSync(join(folder, name), bytes);
      for (const verb of name === "cut.wasm" ? ["run", "build"] : ["run"]) {
        const args = verb === "build" ? [verb, name, "-o", "out.wasm"] : [verb, name];
        const { status, stderr, stdout } = spawnSync(process.execPath, [command, ...args], {
          cwd: folder,
          encoding: "utf8",
          env: { ...process.env, NO_COLOR: "1" },
        });
        assert.equal([status, stdout], [2, ""], stderr);
        assert.match(stderr, says);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();
