/**
 * The timeline drawn in a terminal: a row a task, a column a stretch of time.
 *
 *     writer  ▇▇▇▅aaaaAaa░░▇▇     a block is as high as the share of the time that the task ran; a letter is what it waited for
 *     line 24  ▁  ▁               interrupts and idle time have rows too
 *     idle        ▇▇▇█▇▇▇
 */
import { objectText } from "../../hal/host/index.js";
import type { Colors } from "./color.js";
import { columns, shown } from "./table.js";
import { Doing, type Lane, type Timeline } from "./timeline.js";

const BLOCKS = "▁▂▃▄▅▆▇█";
const LETTERS = "abcdefghijklmnopqrstuvwxy";
const SLEEP = "z";
const OTHER = "*";
const READY = "░";
const SUSPENDED = "·";
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
  nameOf: (id: number) => string;
  color: Colors;
}

/** A line of text for each row, the axis, and the legend. */
export function drawTimeline(timeline: Timeline, options: ChartOptions): string[] {
  const { color } = options;
  const { lanes } = timeline;
  const names = lanes.map((lane) => clipped(shown(lane.name)));
  const room = options.width - GAP - Math.max(0, ...names.map((name) => name.length));
  const count = Math.max(LEAST, Math.min(room, Math.ceil(timeline.end)));
  const letters = lettersFor(lanes);
  const rows = lanes.map((lane, i) => [
    names[i] as string,
    strip(lane, stretch(lane, timeline, count), timeline.end / count, letters, color),
  ]);
  const last = `tick ${options.tick}`;
  rows.push(["", color.dim(`tick 0${last.padStart(count - "tick 0".length)}`)]);
  const column = (timeline.end / count / options.millisecond).toPrecision(3);
  return [`timeline, one column is ${Number(column)} ms`, ...columns(rows, ["left", "left"]), ...legend(lanes, letters, options)];
}

function clipped(name: string): string {
  return name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name;
}

/** A letter for each thing that tasks wait for, in order of kind and number. */
function lettersFor(lanes: readonly Lane[]): Map<number, string> {
  const waits = new Set(lanes.flatMap((lane) => [...lane.spent.keys()]).filter((doing) => doing > Doing.SLEEPING));
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

function strip(lane: Lane, cells: Map<number, number>[], cycles: number, letters: Map<number, string>, color: Colors): string {
  const paint = lane.sort === "task" ? color.green : lane.sort === "line" ? color.magenta : color.dim;
  let text = "";
  for (const cell of cells) {
    const ran = (cell.get(Doing.RUNNING) ?? 0) / cycles;
    if (ran >= 1 / 8 || (ran > 0 && lane.sort !== "task")) text += paint(block(ran));
    else text += rested(cell, ran, cycles, letters, color);
  }
  return text;
}

function block(share: number): string {
  return BLOCKS[Math.min(BLOCKS.length - 1, Math.floor(share * BLOCKS.length))] as string;
}

/** A cell in which a task ran for a moment at most: what it did for most of the time. */
function rested(cell: Map<number, number>, ran: number, cycles: number, letters: Map<number, string>, color: Colors): string {
  let most: number = Doing.NOTHING;
  let longest = cycles - [...cell.values()].reduce((a, b) => a + b, 0);
  for (const [doing, spent] of cell) {
    if (doing === Doing.RUNNING || spent <= longest) continue;
    most = doing;
    longest = spent;
  }
  const letter = letters.get(most);
  if (letter !== undefined) return color.cyan(ran > 0 ? letter.toUpperCase() : letter);
  if (ran > 0) return color.green(block(0));
  if (most === Doing.READY) return color.yellow(READY);
  return most === Doing.SUSPENDED ? color.dim(SUSPENDED) : " ";
}

/** What the signs mean that may occur, wrapped to the width. */
function legend(lanes: readonly Lane[], letters: Map<number, string>, options: ChartOptions): string[] {
  const done = new Set(lanes.filter((lane) => lane.sort === "task").flatMap((lane) => [...lane.spent.keys()]));
  const signs = ["▁..█ runs, by its share of the time"];
  if (done.has(Doing.READY)) signs.push(`${READY} ready`);
  if (done.has(Doing.SUSPENDED)) signs.push(`${SUSPENDED} suspended`);
  const waits = [...letters].filter(([doing, letter]) => done.has(doing) && letter !== OTHER);
  for (const [doing, letter] of waits)
    signs.push(doing === Doing.SLEEPING ? `${letter} sleeps` : `${letter} waits for ${objectOf(doing, options)}`);
  if ([...letters.values()].includes(OTHER)) signs.push(`${OTHER} waits for something else`);
  if (waits.length > 0) signs.push("capital: and ran for a moment");
  return wrapped(signs, options.width);
}

/** "mutex fork 1", or "mutex 3" for one without a name. */
function objectOf(id: number, options: ChartOptions): string {
  const numbered = objectText(id);
  const name = shown(options.nameOf(id));
  return name === numbered ? numbered : `${numbered.slice(0, numbered.indexOf(" "))} ${name}`;
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
