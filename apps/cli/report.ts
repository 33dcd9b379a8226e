/** What `talea run` says when a run is over: the tasks, the timeline, what went wrong, and as the last line how it ended. */
import {
  type Machine,
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
import { deadlockSentences, failureSentences, ringSentences } from "./reason.js";
import type { Refusals } from "./refusal.js";
import { type Ending, endingWord } from "./status.js";
import { shown, taskTable } from "./table.js";
import type { Timeline } from "./timeline.js";

export interface Facts {
  machine: Machine;
  ending: Ending;
  refusals: Refusals;
  mustFinish: boolean;
  /** Sentences about what went wrong around the machine. */
  troubles: readonly string[];
}

/** Why the run did not end well: a line each, none when it did. */
export function reasons(facts: Facts, report: Report): string[] {
  const { ending, mustFinish } = facts;
  const crashed = crashes(report).map((task) => `task "${shown(task.name)}" was ended by ${signalNames[task.signal]}`);
  const lines = [...failureSentences(report.failures, facts.refusals), ...crashed, ...facts.troubles];
  if (ending === "deadlock") lines.push(...deadlockSentences(report));
  else lines.push(...ringSentences(report));
  if (ending === "interrupted") lines.push(`interrupted at tick ${report.tick}`);
  if (mustFinish && ending === "until") lines.push(unfinished(report));
  return lines.map((line) => (line.startsWith(" ") ? line : `talea: ${line}`));
}

const CRASHES = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS];

/** Tasks that ended by a signal which says that something is wrong with them. */
export function crashes(report: Report): TaskInfo[] {
  return report.tasks.filter((task) => CRASHES.includes(task.signal));
}

function unfinished(report: Report): string {
  const left = report.tasks.filter((task) => task.status === undefined && !task.daemon).map((task) => `"${shown(task.name)}"`);
  return `--must-finish: not finished at tick ${report.tick}, ${left.join(", ")} ${left.length === 1 ? "has" : "have"} not ended`;
}

/** The tasks and the timeline, for `width` columns. */
export function overview(machine: Machine, timeline: Timeline, report: Report, width: number, color: Colors): string[] {
  timeline.close(report.cycles);
  const chart = drawTimeline(timeline, { width, millisecond: machine.hz / 1000, tick: report.tick, color });
  const left = report.left.length > 0 && report.reason === "finished" ? [`left behind: ${report.left.map(shown).join("; ")}`, ""] : [];
  return ["", ...taskTable(report, color), "", ...chart, "", ...left, ...surprises(report)];
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
export function lastLine(ending: Ending, report: Report): string {
  return `${endingWord(ending)} at tick ${report.tick} after ${report.events} events, trace hash 0x${report.hash}`;
}
