/**
 * Lines from DWARF, as clang and rustc write it into a module: the line tables of `.debug_line`, versions 2 to 5, become the same
 * Positions that a source map gives. Their addresses count from the contents of the code section on.
 *
 *     unit:      header | folders | files | program: opcodes that move (address, file, line, column) and emit it as a row
 *     sequence:  rows of ascending address, and where the code behind the last one ends
 *
 * Lines are for people: a unit that is damaged has none, and nothing here throws.
 */
import { FirmwareError, Reader } from "./decode.js";
import { type Mapping, NOWHERE, Positions } from "./positions.js";

const LINE = ".debug_line";

const Standard = {
  COPY: 1,
  ADVANCE_PC: 2,
  ADVANCE_LINE: 3,
  SET_FILE: 4,
  SET_COLUMN: 5,
  CONST_ADD_PC: 8,
  FIXED_ADVANCE_PC: 9,
} as const;
const Extended = { END_SEQUENCE: 1, SET_ADDRESS: 2 } as const;
const Content = { PATH: 1, FOLDER: 2 } as const;
const Form = {
  ADDR: 0x01,
  BLOCK2: 0x03,
  BLOCK4: 0x04,
  DATA2: 0x05,
  DATA4: 0x06,
  DATA8: 0x07,
  STRING: 0x08,
  BLOCK: 0x09,
  BLOCK1: 0x0a,
  DATA1: 0x0b,
  FLAG: 0x0c,
  SDATA: 0x0d,
  STRP: 0x0e,
  UDATA: 0x0f,
  SEC_OFFSET: 0x17,
  EXPRLOC: 0x18,
  FLAG_PRESENT: 0x19,
  STRX: 0x1a,
  ADDRX: 0x1b,
  DATA16: 0x1e,
  LINE_STRP: 0x1f,
  IMPLICIT_CONST: 0x21,
  STRX1: 0x25,
  STRX2: 0x26,
  STRX3: 0x27,
  STRX4: 0x28,
} as const;
const Attribute = { STMT_LIST: 0x10, COMP_DIR: 0x1b } as const;

/** Libraries, however they were installed: rustc's own and hal/guest. A trap in them is told at the line that called. */
const LIBRARIES: [path: RegExp, name: string][] = [
  [/^.*[\\/]rustc[-\\/][^\\/]*[\\/](?:library|src)[\\/]/, "~lib/rust/"],
  [/^.*[\\/]\.cargo[\\/]registry[\\/]/, "~lib/cargo/"],
  [/^(?:.*[\\/])?hal[\\/]guest[\\/](?=talea)/, "~lib/"],
];

type Sections = ReadonlyMap<string, Uint8Array>;

/** The lines of a module whose code section's contents begin at `code`; none without DWARF that can be read. */
export function positionsOfDwarf(sections: Sections, code: number): Positions {
  const bytes = sections.get(LINE);
  const table = new Table(code);
  if (bytes) units(bytes, sections, (unit) => table.take(unit));
  return table.positions();
}

/** Calls `take` for every unit of .debug_line that can be read. */
function units(bytes: Uint8Array, sections: Sections, take: (unit: Unit) => void): void {
  const folders = foldersOf(sections);
  const all = new Cursor(bytes);
  const whole = () => {
    const start = all.at;
    const part = all.part();
    readable(() => take(new Unit(part, sections, folders.get(start) ?? "")));
  };
  readable(() => {
    while (!all.done) whole();
  });
}

/** Does something with bytes that may be damaged; whether they were not. */
function readable(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof FirmwareError || error instanceof RangeError) return false;
    throw error;
  }
}

function damaged(): never {
  throw new FirmwareError("its debug information is damaged");
}

/** Reads what DWARF is made of. */
class Cursor extends Reader {
  /** A number of so many bytes, the lowest first. */
  fixed(size: number): number {
    let value = 0;
    for (const [i, byte] of this.take(size).entries()) value += byte * 2 ** (8 * i);
    return value;
  }

  s8(): number {
    return (this.byte() << 24) >> 24;
  }

  /** Bytes up to a zero, as text. */
  text(): string {
    const end = this.bytes.indexOf(0, this.at);
    if (end < 0 || end >= this.end) damaged();
    const text = new TextDecoder().decode(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }

  /** What begins with its own length in 32 bits. */
  part(): Cursor {
    const length = this.fixed(4);
    const { at } = this;
    this.take(length);
    return new Cursor(this.bytes, at, at + length);
  }
}

/** Text of a section by its offset. */
function textAt(sections: Sections, name: string, offset: number): string {
  const bytes = sections.get(name);
  if (!bytes || offset >= bytes.length) damaged();
  return new Cursor(bytes as Uint8Array, offset).text();
}

/** A value as its form says: text, a number, or undefined for what nobody here asks for. */
function formed(form: number, input: Cursor, sections: Sections): string | number | undefined {
  switch (form) {
    case Form.STRING:
      return input.text();
    case Form.LINE_STRP:
      return textAt(sections, ".debug_line_str", input.fixed(4));
    case Form.STRP:
      return textAt(sections, ".debug_str", input.fixed(4));
    case Form.UDATA:
    case Form.STRX:
    case Form.ADDRX:
      return input.u32();
    case Form.DATA1:
    case Form.FLAG:
    case Form.STRX1:
      return input.byte();
    case Form.DATA2:
    case Form.STRX2:
      return input.fixed(2);
    case Form.STRX3:
      return input.fixed(3);
    case Form.DATA4:
    case Form.SEC_OFFSET:
    case Form.ADDR:
    case Form.STRX4:
      return input.fixed(4);
    case Form.FLAG_PRESENT:
    case Form.IMPLICIT_CONST:
      return undefined;
    case Form.SDATA:
      input.leb();
      return undefined;
    default:
      input.take(lengthOf(form, input));
      return undefined;
  }
}

function lengthOf(form: number, input: Cursor): number {
  if (form === Form.DATA8) return 8;
  if (form === Form.DATA16) return 16;
  if (form === Form.BLOCK || form === Form.EXPRLOC) return input.u32();
  if (form === Form.BLOCK1) return input.byte();
  if (form === Form.BLOCK2) return input.fixed(2);
  if (form === Form.BLOCK4) return input.fixed(4);
  return damaged();
}

interface Row {
  address: number;
  file: number;
  line: number;
  column: number;
  /** The code behind the sequence begins here. */
  end: boolean;
}

/** What the line program of a unit moves. */
const FIRST: Row = { address: 0, file: 1, line: 1, column: 0, end: false };

/** A unit of .debug_line. Throws FirmwareError when it is damaged. */
class Unit {
  /** By the number that its rows have for them. */
  readonly files = new Map<number, string>();
  /** Each of ascending address. */
  readonly sequences: Row[][] = [];
  readonly #sections: Sections;
  readonly #folder: string;
  #step = { instruction: 1, base: 0, range: 1, opcodes: 0 };
  #lengths: number[] = [];

  constructor(input: Cursor, sections: Sections, folder: string) {
    this.#sections = sections;
    this.#folder = folder;
    const version = input.fixed(2);
    if (version < 2 || version > 5) return;
    if (version === 5 && input.fixed(2) !== 4) damaged();
    const program = input.fixed(4) + input.at;
    const instruction = input.byte();
    // Operations of an instruction, and whether rows are statements: every row counts here.
    input.take(version >= 4 ? 2 : 1);
    this.#step = { instruction, base: input.s8(), range: input.byte(), opcodes: input.byte() };
    if (this.#step.range === 0 || this.#step.opcodes === 0) damaged();
    this.#lengths = [...input.take(this.#step.opcodes - 1)];
    if (version === 5) this.#filesOf5(input);
    else this.#filesOf4(input);
    if (program > input.end) damaged();
    input.at = program;
    this.#run(input);
  }

  #filesOf4(input: Cursor): void {
    const folders = [this.#folder];
    for (let name = input.text(); name !== ""; name = input.text()) folders.push(joined(this.#folder, name));
    let number = 1;
    for (let name = input.text(); name !== ""; name = input.text()) {
      this.files.set(number++, joined(folders[input.u32()] ?? "", name));
      input.u32();
      input.u32();
    }
  }

  #filesOf5(input: Cursor): void {
    const folders: string[] = [];
    for (const { path } of this.#entries(input)) folders.push(joined(folders[0] ?? "", path));
    for (const [i, { path, folder }] of this.#entries(input).entries()) this.files.set(i, joined(folders[folder] ?? "", path));
  }

  /** A table of version 5: first what each entry has, then the entries. */
  #entries(input: Cursor): { path: string; folder: number }[] {
    const formats = Array.from({ length: input.byte() }, () => ({ content: input.u32(), form: input.u32() }));
    const count = input.u32();
    if (formats.length === 0 || count > input.end - input.at) return count === 0 ? [] : damaged();
    return Array.from({ length: count }, () => {
      const entry = { path: "", folder: 0 };
      for (const { content, form } of formats) {
        const value = formed(form, input, this.#sections);
        if (content === Content.PATH) entry.path = String(value ?? "");
        else if (content === Content.FOLDER) entry.folder = Number(value);
      }
      return entry;
    });
  }

  #run(input: Cursor): void {
    const { instruction, base, range, opcodes } = this.#step;
    let row = { ...FIRST };
    let rows: Row[] = [];
    const emit = () => rows.push({ ...row });
    while (!input.done) {
      const opcode = input.byte();
      if (opcode >= opcodes) {
        const special = opcode - opcodes;
        row.address += Math.floor(special / range) * instruction;
        row.line += base + (special % range);
        emit();
      } else if (opcode === 0) {
        const length = input.u32();
        const inner = new Cursor(input.bytes, input.at, input.at + length);
        input.take(length);
        const kind = inner.byte();
        if (kind === Extended.SET_ADDRESS) row.address = inner.fixed(4);
        if (kind !== Extended.END_SEQUENCE) continue;
        row.end = true;
        emit();
        this.sequences.push(rows);
        row = { ...FIRST };
        rows = [];
      } else this.#standard(opcode, input, row, emit);
    }
  }

  #standard(opcode: number, input: Cursor, row: Row, emit: () => void): void {
    const { instruction, range, opcodes } = this.#step;
    if (opcode === Standard.COPY) emit();
    else if (opcode === Standard.ADVANCE_PC) row.address += input.u32() * instruction;
    else if (opcode === Standard.ADVANCE_LINE) row.line += input.s32();
    else if (opcode === Standard.SET_FILE) row.file = input.u32();
    else if (opcode === Standard.SET_COLUMN) row.column = input.u32();
    else if (opcode === Standard.CONST_ADD_PC) row.address += Math.floor((255 - opcodes) / range) * instruction;
    else if (opcode === Standard.FIXED_ADVANCE_PC) row.address += input.fixed(2);
    else for (let i = this.#lengths[opcode - 1] ?? 0; i > 0; i--) input.leb();
  }
}

/** A path that stands in a folder, unless it begins at a root. */
function joined(folder: string, path: string): string {
  if (folder === "" || folder === "." || path === folder || /^(?:[/\\]|[A-Za-z]:|~lib\/)/.test(path)) return path;
  return `${folder.replace(/[/\\]$/, "")}/${path}`;
}

/** Collects the rows of all units as mappings. */
class Table {
  readonly #code: number;
  readonly #sources: string[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #mappings: Mapping[] = [];

  constructor(code: number) {
    this.#code = code;
  }

  take({ files, sequences }: Unit): void {
    for (const rows of sequences) {
      const first = rows[0]?.address ?? 0;
      const ascending = rows.every(({ address }, i) => address >= (rows[i - 1]?.address ?? 0));
      // The linker names functions that it left out by no address: 0, or one behind all.
      if (first > 0 && ascending && (rows.at(-1)?.address ?? 0) < 0x7fffffff) for (const row of rows) this.#row(row, files);
    }
  }

  #row({ address, file, line, column, end }: Row, files: ReadonlyMap<number, string>): void {
    const path = files.get(file);
    const offset = this.#code + address;
    if (end || path === undefined) this.#mappings.push({ offset, source: NOWHERE, line: 0, column: 0 });
    // Line 0 is code that is of no line: what was before it is nearest.
    else if (line > 0 && line < 0x7fffffff) this.#mappings.push({ offset, source: this.#source(path), line, column });
  }

  #source(path: string): number {
    const name = LIBRARIES.reduce((text, [pattern, library]) => text.replace(pattern, library), path);
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#sources.length);
    return this.#sources.push(name) - 1;
  }

  positions(): Positions {
    // Where a sequence ends another may begin: what begins counts.
    const order = (mapping: Mapping) => (mapping.source === NOWHERE ? 0 : 1);
    this.#mappings.sort((a, b) => a.offset - b.offset || order(a) - order(b));
    return new Positions(this.#sources, this.#mappings);
  }
}

/** The folder in which each unit was compiled, by the offset of its line table: versions up to 4 say so in .debug_info alone. */
function foldersOf(sections: Sections): Map<number, string> {
  const folders = new Map<number, string>();
  const info = sections.get(".debug_info");
  const abbreviations = sections.get(".debug_abbrev");
  if (!info || !abbreviations) return folders;
  const all = new Cursor(info);
  const whole = () => {
    const unit = all.part();
    readable(() => {
      const found = unitFolder(unit, abbreviations, sections);
      if (found) folders.set(found.line, found.folder);
    });
  };
  readable(() => {
    while (!all.done) whole();
  });
  return folders;
}

/** Of a unit of .debug_info: what its first entry says of its folder and line table. */
function unitFolder(unit: Cursor, abbreviations: Uint8Array, sections: Sections): { line: number; folder: string } | undefined {
  const version = unit.fixed(2);
  if (version < 2 || version > 4) return undefined;
  const table = new Cursor(abbreviations, unit.fixed(4));
  unit.byte();
  if (table.u32() !== unit.u32()) return undefined;
  table.u32();
  table.byte();
  let line: unknown;
  let folder: unknown;
  for (;;) {
    const attribute = table.u32();
    const form = table.u32();
    if (attribute === 0 && form === 0) break;
    const value = formed(form, unit, sections);
    if (attribute === Attribute.STMT_LIST) line = value;
    if (attribute === Attribute.COMP_DIR) folder = value;
  }
  return typeof line === "number" && typeof folder === "string" ? { line, folder } : undefined;
}
