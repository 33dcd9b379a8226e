/** What `talea run` says when a run is over: the tasks, the timeline, what went wrong, and as the last line how it ended. */
import {
  type NetworkReport,
  type Report,
  SIGABRT,
  SIGALRM,
  SIGBUS,
  SIGFPE,
  SIGILL,
  SIGPIPE,
  SIGSEGV,
  SIGSYS,
  SIGTRAP,
  signalNames,
  type TaskInfo,
} from "../../hal/host/index.js";
import { drawTimeline } from "./chart.js";
import type { Colors } from "./color.js";
import type { Member } from "./member.js";
import { DEADLOCK, failureSentences, ringSentences, waitSentences } from "./reason.js";
import { type Ending, endingWord } from "./status.js";
import { shown, taskTable } from "./table.js";

/** Bytes of a page of memory. */
const PAGE = 65536;

/** A machine and what is known of it now. */
export interface Reported {
  member: Member;
  report: Report;
}

export interface Facts {
  machines: readonly Reported[];
  ending: Ending;
  /** The tick of the run, 1000 a virtual second where there are several machines. */
  tick: number;
  mustFinish: boolean;
  /** Sentences about what went wrong around the machines. */
  troubles: readonly string[];
}

/** Why the run did not end well: a line each, none when it did. */
export function reasons(facts: Facts): string[] {
  const { machines, ending, tick, mustFinish, troubles } = facts;
  const lines = [...machines.flatMap(failed), ...troubles];
  if (ending === "deadlock") {
    lines.push(DEADLOCK);
    for (const { member, report } of machines) lines.push(...waitSentences(report).map((line) => `  ${on(member)}${line}`));
  } else lines.push(...machines.flatMap(({ member, report }) => ringSentences(report).map((line) => on(member) + line)));
  if (ending === "interrupted") lines.push(`interrupted at tick ${tick}`);
  if (mustFinish && ending === "until") lines.push(unfinished(machines, tick));
  return lines.map((line) => (line.startsWith(" ") ? line : `talea: ${line}`));
}

/** "alice: " where there are several machines. */
function on(member: Member): string {
  return member.name === "" ? "" : `${member.name}: `;
}

function failed({ member, report }: Reported): string[] {
  const told = (task: TaskInfo) => report.failures.some((failure) => failure.task === task.name);
  const crashed = crashes(report)
    .filter((task) => !told(task))
    .map((task) => `task "${shown(task.name)}" was ended by ${signalNames[task.signal]}`);
  const { firmware } = member.machine.options;
  return [...failureSentences(report.failures, member.refusals, firmware), ...crashed].map((line) => on(member) + line);
}

const CRASHES = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS];

/** Tasks that ended by a signal which says that something is wrong with them. */
export function crashes(report: Report): TaskInfo[] {
  return report.tasks.filter((task) => CRASHES.includes(task.signal));
}

function unfinished(machines: readonly Reported[], tick: number): string {
  const left = machines.flatMap(({ member, report }) => {
    const tasks = report.tasks.filter((task) => task.status === undefined && !task.daemon);
    return tasks.map((task) => `${on(member)}"${shown(task.name)}"`);
  });
  return `--must-finish: not finished at tick ${tick}, ${left.join(", ")} ${left.length === 1 ? "has" : "have"} not ended`;
}

/** The tasks and the timeline of a machine, for `width` columns. */
export function overview({ member, report }: Reported, width: number, color: Colors): string[] {
  const { timeline, machine, origin } = member;
  timeline.close(origin + report.cycles);
  const tick = origin === 0 ? report.tick : tickAt(member, origin + report.cycles);
  const chart = drawTimeline(timeline, { width, millisecond: machine.hz / 1000, tick, color });
  const left = report.left.length > 0 && report.reason === "finished" ? [`left behind: ${report.left.map(shown).join("; ")}`, ""] : [];
  return ["", ...taskTable(report, color), ...heap(member), "", ...chart, "", ...left, ...surprises(report)];
}

/** How much of a firmware's heap was used, where that is known. */
function heap({ machine: { compiled } }: Member): string[] {
  if (compiled?.heap === undefined) return [];
  const { pages, heapBase } = compiled.firmware.manifest;
  return [`heap: ${compiled.heap} of ${pages * PAGE - heapBase} bytes used, at most`];
}

/** The tick of the run at a cycle. */
function tickAt({ machine }: Member, cycle: number): number {
  return Math.floor((cycle * 1000) / machine.hz);
}

/** The heading of one of several machines. */
export function heading({ member, report }: Reported, up: boolean, lives: number, color: Colors): string[] {
  const { address = "" } = member.machine.options;
  const again = lives > 1 ? `, powered on ${lives} times, last at tick ${tickAt(member, member.origin)}` : "";
  const off = up ? "" : `, off since tick ${tickAt(member, member.origin + report.cycles)}`;
  return ["", `${color.bold(member.name)} (${address})${again}${off}`];
}

/** What became of the packets between machines. */
export function traffic({ packets }: NetworkReport): string {
  const told = Object.entries({
    lost: packets.lost,
    "lost in full queues": packets.overflowed,
    doubled: packets.duplicated,
    "held back": packets.reordered,
    "cut off": packets.cut,
    "for nobody": packets.unreachable,
  }).filter(([, count]) => count > 0);
  return [`packets between machines: ${packets.sent}`, ...told.map(([what, count]) => `${count} ${what}`)].join(", ");
}

/** Tasks that ended by a signal that nobody sent on purpose, because they said nothing about it. */
function surprises(report: Report): string[] {
  const why: Record<number, string> = {
    [SIGPIPE]: "it wrote where nobody reads any more",
    [SIGALRM]: "its alarm came, and it has no handler for it",
  };
  return report.tasks
    .filter(({ signal }) => why[signal])
    .map(({ name, signal }) => `note: task "${shown(name)}" was ended by ${signalNames[signal]}: ${why[signal]}`);
}

/** "finished at tick 12 after 345 events, trace hash 0x0123456789ABCDEF". */
export function lastLine(ending: Ending, tick: number, { events, hash }: NetworkReport): string {
  return `${endingWord(ending)} at tick ${tick} after ${events} events, trace hash 0x${hash}`;
}
