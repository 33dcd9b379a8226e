/** The tasks of a run as a table: one row each, then what was nobody's. */
import CliTable from "cli-table3";
import { type Blocked, type Report, signalNames, type TaskInfo } from "../../hal/host/index.js";
import type { Colors } from "./color.js";

/** Rows of a table before the ended tasks are only counted. */
const MOST = 80;

/** Columns side by side without lines, as wide as they must be; cells may be coloured. */
export function columns(rows: readonly (readonly string[])[], alignments: readonly ("left" | "right")[]): string[] {
  const nothing = Object.fromEntries(
    ["top", "bottom", "left", "right", "mid"].flatMap((side) => ["", "-mid", "-left", "-right"].map((part) => [side + part, ""])),
  );
  const table = new CliTable({
    chars: { ...nothing, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colAligns: [...alignments],
  });
  table.push(...rows.map((row) => [...row]));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}

/** A name as it may be shown: without what a terminal would take for a command. */
export function shown(name: string): string {
  return name.replace(/\p{Cc}/gu, "?");
}

const HEAD = ["task", "priority", "state", "CPU", "switches", "stack", "worst wake-up"];
const ALIGNMENTS = ["left", "right", "left", "right", "right", "right", "right"] as const;

/** A line of text for each row. Wake-ups are in cycles from ready to running, stacks in bytes, used / there, "-" for scripted tasks. */
export function taskTable(report: Report, color: Colors): string[] {
  const share = (cycles: number) => `${((100 * cycles) / Math.max(1, report.cycles)).toFixed(1)}%`;
  const waits = waitsIn(report);
  const tasks = selected(report.tasks);
  const rows = tasks.map((task) => [
    shown(task.name),
    String(task.priority),
    stateOf(task, waits, color),
    share(task.cycles),
    String(task.switches),
    task.stack === undefined ? "-" : `${task.stack}/${task.stackSize}`,
    task.switches === 0 ? "-" : `${task.latency} cycles`,
  ]);
  const others = (name: string, cycles: number) => [color.dim(name), "", "", color.dim(share(cycles)), "", "", ""];
  rows.push(others("(interrupts)", report.interrupts), others("(kernel)", report.kernel), others("(idle)", report.idle));
  const lines = columns([HEAD.map(color.bold), ...rows], ALIGNMENTS);
  const left = report.tasks.length - tasks.length;
  return left > 0 ? [...lines, `and ${left} more tasks, which have ended`] : lines;
}

/** All of them, or the living, those that failed, and the last ended ones. */
function selected(tasks: readonly TaskInfo[]): readonly TaskInfo[] {
  if (tasks.length <= MOST) return tasks;
  const first = tasks.filter((task) => task.status === undefined || task.state === "failed").slice(0, MOST);
  const rest = tasks.filter((task) => !first.includes(task)).slice(first.length - MOST);
  const chosen = new Set([...first, ...(first.length < MOST ? rest : [])]);
  return tasks.filter((task) => chosen.has(task));
}

/** What each task that waits does so for, by its name. */
export function waitsIn(report: Report): ReadonlyMap<string, string> {
  return new Map(report.blocked.map((blocked) => [blocked.task, waitOf(blocked)]));
}

function waitOf({ call, object, handler }: Blocked): string {
  const inside = handler === "" ? "" : ` in a handler of ${handler}`;
  if (object !== "") return `waits for ${object}${inside}`;
  return call.startsWith("task_sleep") ? `sleeps${inside}` : `waits in ${call}${inside}`;
}

/** A task's state in words; `waits` is what waitsIn() says. */
export function stateOf(task: TaskInfo, waits: ReadonlyMap<string, string>, color: Colors): string {
  const daemon = task.daemon ? " (daemon)" : "";
  if (task.state === "failed") return color.red("failed");
  if (task.state === "signalled") return color.red(`ended by ${signalNames[task.signal]}`);
  if (task.state === "exited") return `exited ${task.status}${daemon}`;
  if (task.state === "blocked") return `${shown(waits.get(task.name) ?? "blocked")}${daemon}`;
  return `${task.state}${daemon}`;
}
