/**
 * What `--watch` shows: time, the tasks, what objects hold, the timeline, the last lines of the output, and the keys, in as many rows
 * and columns as there are. What has no room is left out: the timeline first, then levels, output, and tasks that have ended.
 */
import type { Level, Report, TaskInfo } from "../../hal/host/index.js";
import { drawTimeline } from "./chart.js";
import type { Colors } from "./color.js";
import { columns, shown, stateOf, waitsIn } from "./table.js";
import type { Timeline } from "./timeline.js";

/** A machine as it is now. */
export interface Seen {
  /** "" for the machine of a plain app. */
  name: string;
  up: boolean;
  report: Report;
  levels: readonly Level[];
  timeline: Timeline;
  /** Cycles of each task, by handle, and of the machine, when it was drawn before. */
  before: { cycles: number; tasks: ReadonlyMap<number, number> };
  /** Cycles of a virtual millisecond. */
  millisecond: number;
}

export interface Scene {
  app: string;
  tick: number;
  milliseconds: number;
  /** "running", "paused", "waiting for input". */
  doing: string;
  /** Virtual seconds a second of the host; 1 is as fast as real time. */
  speed: number;
  machines: readonly Seen[];
  /** The last lines of the output; undefined where it goes elsewhere. */
  output: readonly string[] | undefined;
  /** What else there is to say, as where real clients come in. */
  notes: readonly string[];
  /** Keys are listened to. */
  keys: boolean;
}

export interface Size {
  columns: number;
  rows: number;
}

const KEYS = "q quit | space pause | s one tick | + - speed";
const NO_KEYS = "Ctrl-C ends it";
const HEAD = ["task", "prio", "now", "CPU", "state", "stack"];
const ALIGNMENTS = ["left", "right", "right", "right", "left", "right"] as const;
/** Rows that a timeline needs to say anything. */
const LEAST = 4;
/** Rows of output that are kept where there are many tasks. */
const PANE = 4;

/** So many lines as there are rows, or fewer. */
export function drawScene(scene: Scene, { columns: width, rows }: Size, color: Colors): string[] {
  const top = [heading(scene, color), ...scene.notes];
  const bottom = [color.dim(scene.keys ? KEYS : NO_KEYS)];
  let left = Math.max(0, rows - top.length - bottom.length);
  const take = (lines: readonly string[]) => {
    const taken = lines.slice(0, left);
    left -= taken.length;
    return taken;
  };
  const wanted = scene.output === undefined || scene.output.length === 0 ? 0 : scene.output.length + 1;
  const pane = paneOf(scene.output, Math.min(wanted, Math.max(PANE, left >> 2), left >> 1), color);
  left -= pane.length;
  const tables = take(tablesOf(scene, left, color));
  const levels = take(scene.machines.flatMap((machine) => levelsText(machine, width)));
  const charts = scene.machines.flatMap((machine) => (left < LEAST ? [] : take(chartOf(machine, width, color))));
  return [...top, ...tables, ...levels, ...charts, ...pane, ...bottom].slice(0, rows).map((line) => cut(line, width));
}

function heading({ app, tick, milliseconds, doing, speed }: Scene, color: Colors): string {
  const time = `tick ${tick}, ${(milliseconds / 1000).toFixed(3)} s`;
  return `${color.bold(shown(app))}  ${time}  ${doing === "running" ? color.green(doing) : color.yellow(doing)}  speed ${speed}`;
}

/** The tables of all machines, in so many rows: where there are too few, each machine has as many. */
function tablesOf({ machines }: Scene, rows: number, color: Colors): string[] {
  const share = Math.floor(rows / machines.length);
  return machines.flatMap((machine) => {
    const head = machine.name === "" ? [] : [color.bold(`${shown(machine.name)}${machine.up ? "" : " is off"}`)];
    return [...head, ...tableOf(machine, Math.max(0, share - head.length), color)].slice(0, share);
  });
}

function tableOf(machine: Seen, rows: number, color: Colors): string[] {
  const { report, before } = machine;
  const passed = report.cycles - before.cycles;
  const waits = waitsIn(report);
  // Names and shares of what is nobody's are one row.
  const tasks = chosen(report.tasks, rows - 2);
  const lines = tasks.map((task) => [
    shown(task.name),
    String(task.priority),
    share(task.cycles - (before.tasks.get(task.handle) ?? 0), passed),
    share(task.cycles, report.cycles),
    stateOf(task, waits, color),
    task.stack === undefined ? "-" : `${task.stack}/${task.stackSize}`,
  ]);
  const left = report.tasks.length - tasks.length;
  const nobody = `interrupts ${share(report.interrupts, report.cycles)}, kernel ${share(report.kernel, report.cycles)}, idle ${share(report.idle, report.cycles)}`;
  const more = left > 0 ? `, and ${left} more ${left === 1 ? "task" : "tasks"}` : "";
  return [...columns([HEAD.map(color.bold), ...lines], ALIGNMENTS), color.dim(nobody + more)];
}

function share(part: number, whole: number): string {
  return whole <= 0 ? "-" : `${((100 * Math.max(0, part)) / whole).toFixed(1)}%`;
}

/** So many of the tasks, in their order: the living first. */
function chosen(tasks: readonly TaskInfo[], count: number): readonly TaskInfo[] {
  if (tasks.length <= count) return tasks;
  const living = tasks.filter((task) => task.status === undefined);
  const ended = tasks.filter((task) => task.status !== undefined).reverse();
  const set = new Set([...living, ...ended].slice(0, Math.max(0, count)));
  return tasks.filter((task) => set.has(task));
}

/** "pipe words 12/64 | queue jobs 3/8 messages", in as many lines as it takes. */
function levelsText({ name: machine, levels }: Seen, width: number): string[] {
  const lines: string[] = [];
  for (const { name, used, capacity, unit } of levels) {
    const head = machine !== "" && lines.length === 0 ? `${shown(machine)}: ` : "";
    const item = `${head}${shown(name)} ${used}/${capacity}${unit === "bytes" ? "" : ` ${unit}`}`;
    const last = lines.at(-1);
    if (last !== undefined && last.length + 3 + item.length <= width) lines[lines.length - 1] = `${last} | ${item}`;
    else lines.push(item);
  }
  return lines;
}

function chartOf({ name, timeline, report, millisecond }: Seen, width: number, color: Colors): string[] {
  if (timeline.lanes.length === 0 || timeline.end <= 0) return [];
  const [head, ...lines] = drawTimeline(timeline, { width, millisecond, tick: report.tick, color });
  return [`${name === "" ? "" : `${shown(name)}: `}${head}`, ...lines];
}

function paneOf(output: readonly string[] | undefined, rows: number, color: Colors): string[] {
  if (output === undefined || output.length === 0 || rows <= 0) return [];
  return [color.dim("output"), ...output.slice(-Math.max(1, rows - 1)).map(shown)];
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are such characters
const PIECE = /\x1b\[[\d;]*m|[^\x1b]/gu;

/** The first so many columns of a line, with its colours. */
export function cut(line: string, width: number): string {
  let room = width;
  let text = "";
  for (const [piece] of line.matchAll(PIECE)) {
    if (piece.startsWith("\x1b")) text += piece;
    else if (room-- > 0) text += piece;
  }
  return text;
}
