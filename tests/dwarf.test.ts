/** Line tables of DWARF, written by hand: what a reader of versions 2 to 5 must make of them, and of damaged ones. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { positionsOfDwarf } from "../hal/preempt/dwarf.js";
import type { Positions } from "../hal/preempt/positions.js";

const test = suite("dwarf");

/** Where the code section of the tests' module begins. */
const CODE = 1000;

const text = (value: string) => [...new TextEncoder().encode(value), 0];
const u16 = (value: number) => [value & 255, value >> 8];
const u32 = (value: number) => [0, 8, 16, 24].map((shift) => (value >>> shift) & 255);
const sized = (bytes: number[]) => [...u32(bytes.length), ...bytes];

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)];
}

const COPY = [1];
const address = (value: number) => [0, 5, 2, ...u32(value)];
const END = [0, 1, 1];
const pc = (by: number) => [2, ...leb(by)];
/** Forward, by less than 64. */
const line = (by: number) => [3, by & 127];
const file = (number: number) => [4, ...leb(number)];
const column = (number: number) => [5, ...leb(number)];

const LENGTHS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
/** Of a unit: one byte an instruction; a special opcode moves the line by -5 and on, 14 of them an address. */
const STEP = (version: number) => [1, ...(version >= 4 ? [1] : []), 1, 0xfb, 14, 13];

/** A unit of version 2, 3 or 4. */
function old(version: number, folders: string[], files: [name: string, folder: number][], program: number[]): number[] {
  const tables = [...folders.flatMap(text), 0, ...files.flatMap(([name, folder]) => [...text(name), folder, 0, 0]), 0];
  const head = [...STEP(version), ...LENGTHS, ...tables];
  return sized([...u16(version), ...sized(head), ...program]);
}

/** A unit of version 5, whose names are in .debug_line_str and whose files have a digest. */
function five(strings: string[], folders: number[], files: [name: number, folder: number][], program: number[]): number[] {
  const offsets = strings.map((_, i) => strings.slice(0, i).reduce((sum, each) => sum + text(each).length, 0));
  const name = (i: number) => u32(offsets[i] as number);
  const digest = new Array(16).fill(7);
  const tables = [
    ...[1, 1, 0x1f, folders.length, ...folders.flatMap(name)],
    ...[3, 1, 0x1f, 2, 0x0b, 5, 0x1e, files.length, ...files.flatMap(([at, folder]) => [...name(at), folder, ...digest])],
  ];
  return sized([...u16(5), 4, 0, ...sized([...STEP(5), ...LENGTHS, ...tables]), ...program]);
}

function lines(sections: Record<string, number[]>): Positions {
  return positionsOfDwarf(new Map(Object.entries(sections).map(([name, bytes]) => [name, Uint8Array.from(bytes)])), CODE);
}

/** "file:line:column" at an address of the code, undefined for none. */
function at(positions: Positions, address: number): string | undefined {
  const found = positions.find(CODE + address);
  return found && `${positions.sources[found.source]}:${found.line}:${found.column}`;
}

/** Line 11 at 32, line 12 at 40, line 7 of another file at 44, nothing from 50 on. */
const PROGRAM = [
  ...address(32),
  ...[...line(10), ...column(3), ...COPY],
  ...[...pc(8), ...line(1), ...COPY],
  ...[...pc(4), ...file(2), 3, 0x7b, ...column(9), ...COPY],
  ...[...pc(6), ...END],
];

test("versions 2, 3 and 4 name files by folders that they list, from 1 on", () => {
  for (const version of [2, 3, 4]) {
    const found = lines({
      ".debug_line": old(
        version,
        ["/src"],
        [
          ["app.c", 1],
          ["other.h", 0],
        ],
        PROGRAM,
      ),
    });
    assert.is(at(found, 31), undefined);
    assert.is(at(found, 32), "/src/app.c:11:3");
    assert.is(at(found, 39), "/src/app.c:11:3");
    assert.is(at(found, 40), "/src/app.c:12:3");
    assert.is(at(found, 44), "other.h:7:9");
    assert.is(at(found, 49), "other.h:7:9");
    assert.is(at(found, 50), undefined);
  }
});

test("version 5 names them from 0 on, in strings of another section, beneath the folder of the unit", () => {
  const strings = ["/work", "lib", "app.c", "util.c"];
  const unit = five(
    strings,
    [0, 1],
    [
      [2, 0],
      [2, 0],
      [3, 1],
    ],
    PROGRAM,
  );
  const found = lines({ ".debug_line": unit, ".debug_line_str": strings.flatMap(text) });
  assert.is(at(found, 32), "/work/app.c:11:3");
  assert.is(at(found, 44), "/work/lib/util.c:7:9");
});

test("up to version 4 the folder of a unit is in .debug_info", () => {
  const abbreviations = [1, 0x11, 1, ...[0x25, 0x0e], ...[0x13, 0x05], ...[0x10, 0x17], ...[0x1b, 0x08], 0, 0, 0];
  const entry = [1, ...u32(0), ...u16(12), ...u32(0), ...text("/home/app")];
  const found = lines({
    ".debug_line": old(
      4,
      ["inc"],
      [
        ["app.c", 0],
        ["x.h", 1],
      ],
      PROGRAM,
    ),
    ".debug_info": sized([...u16(4), ...u32(0), 4, ...entry]),
    ".debug_abbrev": abbreviations,
    ".debug_str": text("clang"),
  });
  assert.is(at(found, 32), "/home/app/app.c:11:3");
  assert.is(at(found, 44), "/home/app/inc/x.h:7:9");
});

test("special opcodes, the constant advance, the fixed one and opcodes of later versions move as they should", () => {
  const program = [
    ...[...address(10), ...line(20), 13 + 14 * 2 + 5 + 1],
    ...[8, ...COPY],
    ...[9, ...u16(100), ...COPY],
    ...[10, 12, 5, 0, 2, 0x80, 9, ...COPY],
    ...[...pc(2), ...END],
  ];
  const found = lines({ ".debug_line": old(4, [], [["a.c", 0]], program) });
  assert.is(at(found, 11), undefined);
  assert.is(at(found, 12), "a.c:22:0");
  assert.is(at(found, 12 + 17), "a.c:22:0");
  assert.is(at(found, 12 + 17 + 101), "a.c:22:0");
  assert.is(at(found, 12 + 17 + 102), undefined);
});

test("line 0 is code of no line: what was before it stands for it", () => {
  const program = [...address(10), ...line(4), ...COPY, ...pc(2), 3, 0x7b, ...COPY, ...pc(2), ...END];
  const found = lines({ ".debug_line": old(4, [], [["a.c", 0]], program) });
  assert.is(at(found, 13), "a.c:5:0");
});

test("what the linker left out names no line: its addresses are 0, or no addresses", () => {
  const gone = [...address(0), ...COPY, ...pc(400), ...END, ...address(0xffffffff), ...COPY, ...pc(1), ...END];
  const unit = old(4, [], [["a.c", 0]], [...gone, ...address(10), ...line(1), ...COPY, ...pc(2), ...END]);
  const found = lines({ ".debug_line": unit });
  assert.is(at(found, 5), undefined);
  assert.is(at(found, 10), "a.c:2:0");
  assert.is(at(found, 300), undefined);
});

test("sequences stand in any order, and a damaged unit leaves the others whole", () => {
  const later = [...address(60), ...line(5), ...COPY, ...pc(2), ...END, ...address(20), ...COPY, ...pc(2), ...END];
  const damaged = sized([...u16(4), ...sized([1, 1, 1, 0xfb, 0, 13]), 1, 1, 1]);
  const unknown = sized([...u16(9), 1, 2, 3]);
  const found = lines({
    ".debug_line": [...damaged, ...old(4, [], [["a.c", 0]], later), ...unknown, ...old(4, [], [["b.c", 0]], PROGRAM)],
  });
  assert.is(at(found, 20), "a.c:1:0");
  assert.is(at(found, 22), undefined);
  assert.is(at(found, 61), "a.c:6:0");
  assert.is(at(found, 32), "b.c:11:3");
});

test("libraries are named as such, wherever they lie", () => {
  const names = [
    "/usr/src/rustc-1.63.0/library/core/src/fmt/mod.rs",
    "/rustc/90c541806f23/library/core/src/x.rs",
    "/x/hal/guest/talea/print.c",
  ];
  const found = lines({ ".debug_line": names.flatMap((name) => old(4, [], [[name, 0]], PROGRAM)) });
  assert.equal(found.sources, ["~lib/rust/core/src/fmt/mod.rs", "~lib/rust/core/src/x.rs", "~lib/talea/print.c"]);
});

test("without a section, with an empty one, or with noise there are no lines", () => {
  assert.is(at(lines({}), 40), undefined);
  assert.is(at(lines({ ".debug_line": [] }), 40), undefined);
  for (const noise of [[1], [255, 255, 255, 255, 1, 2, 3], new Array(500).fill(0), new Array(500).fill(255)])
    assert.is(at(lines({ ".debug_line": noise }), 40), undefined);
});

test("cut off anywhere, or with any byte changed, it throws nothing and ends soon", () => {
  const strings = ["/work", "lib", "app.c", "util.c"];
  const names: [number, number][] = [
    [2, 0],
    [3, 1],
  ];
  const line = [...five(strings, [0, 1], names, PROGRAM), ...old(4, ["/src"], [["app.c", 1]], PROGRAM)];
  const others = {
    ".debug_line_str": strings.flatMap(text),
    ".debug_info": sized([...u16(4), ...u32(0), 4, 1, ...u32(0), ...text("/home")]),
    ".debug_abbrev": [1, 0x11, 0, 0x10, 0x17, 0x1b, 0x08, 0, 0],
  };
  for (let i = 0; i < line.length; i++) {
    lines({ ...others, ".debug_line": line.slice(0, i) });
    for (const byte of [0, 1, 127, 128, 255, (line[i] as number) ^ 16]) lines({ ...others, ".debug_line": line.with(i, byte) });
  }
  for (const [name, bytes] of Object.entries(others))
    for (let i = 0; i < bytes.length; i++) {
      lines({ ...others, ".debug_line": line, [name]: bytes.slice(0, i) });
      for (const byte of [0, 127, 255]) lines({ ...others, ".debug_line": line, [name]: bytes.with(i, byte) });
    }
});

test.run();
