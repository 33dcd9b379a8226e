/**
 * The timeline drawn in a terminal: a row a task, a column a stretch of time.
 *
 *     writer  ▇▇▇▅aaaaAaa░░▇▇     a block is as high as the share of the time that the task ran; a letter is what it waited for
 *     line 3   ▁  ▁               interrupts and idle time have rows too
 *     idle        ▇▇▇█▇▇▇
 */
import type { Colors } from "./color.js";
import { columns, shown } from "./table.js";
import { Doing, type Lane, type Timeline } from "./timeline.js";

const BLOCKS = "▁▂▃▄▅▆▇█";
const LETTERS = "abcdefghijklmnopqrstuvwxy";
const SLEEP = "z";
const OTHER = "*";
const READY = "░";
const SUSPENDED = "·";
const SIGNAL = "!";
/** Width of a name in front of a row, at most. */
const NAME = 15;
const GAP = 2;
const LEAST = 20;

export interface ChartOptions {
  /** Columns of the terminal. */
  width: number;
  /** Cycles of a virtual millisecond. */
  millisecond: number;
  /** The tick at which the run ended. */
  tick: number;
  color: Colors;
}

/** A sign and its colour. */
interface Cell {
  sign: string;
  paint: (text: string) => string;
}

/** A line of text for each row, the axis, and the legend. */
export function drawTimeline(timeline: Timeline, options: ChartOptions): string[] {
  const { color, width, millisecond, tick } = options;
  const { lanes } = timeline;
  const names = lanes.map((lane) => clipped(shown(lane.name)));
  const room = width - GAP - Math.max(0, ...names.map((name) => name.length));
  const count = Math.max(LEAST, Math.min(room, Math.ceil(timeline.end)));
  const cycles = timeline.end / count;
  const letters = lettersFor(lanes);
  const strips = lanes.map((lane) => stretch(lane, timeline, count).map((spent) => cellOf(lane, spent, cycles, letters, color)));
  const rows = strips.map((cells, i) => [names[i] as string, painted(cells)]);
  rows.push(["", color.dim(`tick 0${`tick ${tick}`.padStart(count - "tick 0".length)}`)]);
  const signs = new Set(strips.flat().map((cell) => cell.sign));
  const head = `timeline, one column is ${Number((cycles / millisecond).toPrecision(3))} ms`;
  return [head, ...columns(rows, ["left", "left"]), ...legend(signs, letters, timeline, width)];
}

function clipped(name: string): string {
  return name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name;
}

/** A letter for each thing that tasks wait for, in order of kind and number. */
function lettersFor(lanes: readonly Lane[]): Map<number, string> {
  const waits = new Set(lanes.flatMap((lane) => [...lane.spent.keys()]).filter((doing) => doing > Doing.SIGNALLED));
  const ordered = [...waits].sort((a, b) => a - b);
  return new Map([[Doing.SLEEPING, SLEEP], ...ordered.map((id, i): [number, string] => [id, LETTERS[i] ?? OTHER])]);
}

/** The spans of a lane as `count` columns: what was done for how long in each. */
function stretch(lane: Lane, timeline: Timeline, count: number): Map<number, number>[] {
  const result = Array.from({ length: count }, () => new Map<number, number>());
  const spansPerColumn = timeline.end / count / timeline.width;
  for (const [doing, spans] of lane.spent) {
    for (let column = 0; column < count; column++) {
      const cycles = sum(spans, column * spansPerColumn, (column + 1) * spansPerColumn);
      if (cycles > 0) (result[column] as Map<number, number>).set(doing, cycles);
    }
  }
  return result;
}

/** What is in the spans from `from` to `to`, which may be amid spans. */
function sum(spans: Float64Array, from: number, to: number): number {
  let total = 0;
  for (let span = Math.floor(from); span < to && span < spans.length; span++) {
    const overlap = Math.min(to, span + 1) - Math.max(from, span);
    total += (spans[span] as number) * overlap;
  }
  return total;
}

function cellOf(lane: Lane, spent: ReadonlyMap<number, number>, cycles: number, letters: Map<number, string>, color: Colors): Cell {
  const ran = (spent.get(Doing.RUNNING) ?? 0) / cycles;
  if (lane.sort !== "task") return { sign: ran > 0 ? block(ran) : " ", paint: lane.sort === "line" ? color.magenta : color.dim };
  if (spent.has(Doing.SIGNALLED)) return { sign: SIGNAL, paint: color.red };
  if (ran >= 1 / BLOCKS.length) return { sign: block(ran), paint: color.green };
  return rested(spent, ran, cycles, letters, color);
}

/** Neighbours of one colour are painted together. */
function painted(cells: readonly Cell[]): string {
  let text = "";
  for (let i = 0; i < cells.length; ) {
    const { paint } = cells[i] as Cell;
    let signs = "";
    for (; cells[i]?.paint === paint; i++) signs += (cells[i] as Cell).sign;
    text += paint(signs);
  }
  return text;
}

function block(share: number): string {
  return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(share * BLOCKS.length))] as string;
}

/** A cell in which a task ran for a moment at most: what it did for most of the time. */
function rested(spent: ReadonlyMap<number, number>, ran: number, cycles: number, letters: Map<number, string>, color: Colors): Cell {
  let most: number = Doing.NOTHING;
  let longest = cycles - [...spent.values()].reduce((a, b) => a + b, 0);
  for (const [doing, time] of spent) {
    if (doing === Doing.RUNNING || time <= longest) continue;
    most = doing;
    longest = time;
  }
  const letter = letters.get(most);
  if (letter !== undefined) return { sign: ran > 0 ? letter.toUpperCase() : letter, paint: color.cyan };
  if (ran > 0) return { sign: block(0), paint: color.green };
  if (most === Doing.READY) return { sign: READY, paint: color.yellow };
  return { sign: most === Doing.SUSPENDED ? SUSPENDED : " ", paint: color.dim };
}

/** What the signs mean that occur, wrapped to the width. */
function legend(signs: ReadonlySet<string>, letters: Map<number, string>, timeline: Timeline, width: number): string[] {
  const items = ["▁..█ runs, by its share of the time"];
  if (signs.has(READY)) items.push(`${READY} ready`);
  if (signs.has(SUSPENDED)) items.push(`${SUSPENDED} suspended or stopped`);
  if (signs.has(SIGNAL)) items.push(`${SIGNAL} a signal's handler begins`);
  const waits = [...letters].filter(([, letter]) => letter !== OTHER && (signs.has(letter) || signs.has(letter.toUpperCase())));
  for (const [doing, letter] of waits)
    items.push(`${letter} ${doing === Doing.SLEEPING ? "sleeps" : `waits for ${shown(timeline.waitedFor(doing))}`}`);
  if (signs.has(OTHER)) items.push(`${OTHER} waits for something else`);
  if (waits.some(([, letter]) => signs.has(letter.toUpperCase()))) items.push("capital: and ran for a moment");
  return wrapped(items, width);
}

function wrapped(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines[lines.length - 1];
    if (last !== undefined && last.length + 3 + item.length <= width) lines[lines.length - 1] = `${last} | ${item}`;
    else lines.push(item);
  }
  return lines;
}
