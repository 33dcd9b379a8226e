/** Source positions: read from a source map of the compiler's, carried through the build step, looked up when something traps. */

/** A place in the source that an offset in a module came from. */
export interface Mapping {
  offset: number;
  source: number;
  line: number;
  column: number;
}

/** The source of code that came from none. */
export const NOWHERE = -1;
/** How the compiler names the files of libraries. */
const LIBRARY = "~lib/";
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const values = new Map([...DIGITS].map((digit, i) => [digit, i]));

/** Offsets of a module and the lines they came from. */
export class Positions {
  readonly sources: readonly string[];
  /** In order of offset; four numbers each: how much further the offset is, source, line, column. */
  readonly #mappings: Mapping[];

  constructor(sources: readonly string[], mappings: Mapping[]) {
    this.sources = sources;
    this.#mappings = mappings;
  }

  /** What a source map (version 3, of one generated line) says. None when it cannot be read. */
  static fromSourceMap(text: string): Positions {
    try {
      const { sources, mappings } = JSON.parse(text) as { sources: string[]; mappings: string };
      return new Positions(sources, decodeMappings(mappings));
    } catch {
      return new Positions([], []);
    }
  }

  /** The same places, with the sources, but those of libraries, called as `place` says. */
  renamed(place: ((source: string) => string) | undefined): Positions {
    if (!place) return this;
    return new Positions(
      this.sources.map((source) => (source.startsWith(LIBRARY) ? source : place(source))),
      this.#mappings,
    );
  }

  /** The mapping at or before an offset, undefined for none. */
  find(offset: number): Mapping | undefined {
    const found = this.#mappings[this.#before(offset)];
    return found?.source === NOWHERE ? undefined : found;
  }

  /**
   * The same, but where a library's code was put into the firmware's own function, the place in that: what was before it. Looks no
   * further back than `first`, where the function begins.
   */
  findOwn(offset: number, first = 0): Mapping | undefined {
    const at = this.#before(offset);
    for (let i = at; i >= 0; i--) {
      const mapping = this.#mappings[i] as Mapping;
      if (mapping.source === NOWHERE || mapping.offset < first) break;
      if (!this.sources[mapping.source]?.startsWith(LIBRARY)) return mapping;
    }
    return this.find(offset);
  }

  /** The index of the mapping at or before an offset, -1 for none. */
  #before(offset: number): number {
    const list = this.#mappings;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((list[middle] as Mapping).offset <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** As numbers for a custom section, and back. */
  pack(): { sources: readonly string[]; mappings: number[] } {
    let last = 0;
    const mappings = this.#mappings.flatMap(({ offset, source, line, column }) => {
      const step = offset - last;
      last = offset;
      return [step, source, line, column];
    });
    return { sources: this.sources, mappings };
  }

  static unpack({ sources, mappings }: { sources: readonly string[]; mappings: readonly number[] }): Positions {
    const list: Mapping[] = [];
    let offset = 0;
    for (let i = 0; i + 3 < mappings.length; i += 4) {
      offset += mappings[i] as number;
      list.push({ offset, source: mappings[i + 1] as number, line: mappings[i + 2] as number, column: mappings[i + 3] as number });
    }
    return new Positions(sources, list);
  }
}

function decodeMappings(text: string): Mapping[] {
  const mappings: Mapping[] = [];
  const now = [0, 0, 0, 0];
  for (const segment of text.split(/[,;]/)) {
    if (segment === "") continue;
    const fields = decodeFields(segment);
    for (const [i, field] of fields.slice(0, 4).entries()) now[i] = (now[i] as number) + field;
    if (fields.length < 4) continue;
    const [offset, source, line, column] = now as [number, number, number, number];
    mappings.push({ offset, source, line: line + 1, column: column + 1 });
  }
  return mappings;
}

function decodeFields(segment: string): number[] {
  const fields: number[] = [];
  let value = 0;
  let shift = 0;
  for (const digit of segment) {
    const bits = values.get(digit) ?? 0;
    value += (bits & 31) * 2 ** shift;
    shift += 5;
    if (bits & 32) continue;
    fields.push(value & 1 ? -Math.floor(value / 2) : Math.floor(value / 2));
    value = 0;
    shift = 0;
  }
  return fields;
}

/** Collects where instructions went, and makes of it the positions of the module that was written. */
export class Carrier {
  readonly #from: Positions;
  readonly #found: Mapping[] = [];

  constructor(from: Positions) {
    this.#from = from;
  }

  /** An instruction that was at `from` is at `to` now. */
  place(to: number, from: number): void {
    const found = this.#from.find(from);
    if (found) this.#found.push({ ...found, offset: to });
  }

  /** From `to` on is code that came from no source. */
  blank(to: number): void {
    this.#found.push({ offset: to, source: NOWHERE, line: 0, column: 0 });
  }

  positions(): Positions {
    const sorted = this.#found.sort((a, b) => a.offset - b.offset);
    const changes = sorted.filter(({ source, line, column }, i) => {
      const before = sorted[i - 1];
      return !before || before.source !== source || before.line !== line || before.column !== column;
    });
    return new Positions(this.#from.sources, changes);
  }
}
