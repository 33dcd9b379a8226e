/** Why a run did not end well, in sentences: what failed and where, who waits for what, who holds it. */
import {
  AppError,
  type Blocked,
  CallError,
  type Failure,
  type Firmware,
  type Report,
  type Site,
  siteOf,
  siteText,
  TaleaError,
  TrapError,
} from "../../hal/host/index.js";
import { isOfApp, siteOfCode, sourceLines } from "./place.js";
import type { Refusals } from "./refusal.js";
import { siteOfTrap } from "./trap.js";

/** Sentences of one kind that are printed before the rest is only counted. */
const MOST = 20;

/** Of a machine's failures; `firmware` is what it has of compiled tasks. */
export function failureSentences(failures: readonly Failure[], refusals: Refusals, firmware?: Firmware): string[] {
  const sentences = failures.slice(0, MOST).map((failure) => failureSentence(failure, refusals, firmware));
  if (failures.length > MOST) sentences.push(`and ${failures.length - MOST} more tasks failed`);
  return sentences;
}

function failureSentence(failure: Failure, refusals: Refusals, firmware: Firmware | undefined): string {
  const { task, error } = failure;
  const who = task.startsWith("the handler of ") ? task : `task "${task}"`;
  const message = error instanceof CallError ? refusals.sentence(task, error) : messageOf(error);
  return `${who} failed${failure.handler === "" ? "" : ` in its handler of ${failure.handler}`}${at(siteOfError(error, firmware))}: ${message}`;
}

/** What an error says; one that is not Talea's own with its kind. */
export function messageOf(error: unknown): string {
  if (error instanceof TaleaError) return error.message;
  if (!(error instanceof Error)) return `it threw ${JSON.stringify(error) ?? String(error)}`;
  return error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
}

function at(site: Site | undefined): string {
  return site ? ` at ${siteText(site)}` : "";
}

/** The line of the app that an error is about, which is not always where it was found. */
export function siteOfError(error: unknown, firmware?: Firmware): Site | undefined {
  if (error instanceof TrapError) return siteOfTrap(error, firmware);
  const found = siteOf(error instanceof Error ? error.stack : undefined);
  let site = found && isOfApp(found.file) ? found : undefined;
  if (!site && error instanceof AppError && error.about) site = siteOfCode(error.about);
  const call = error instanceof AppError ? /^the result of (.+)\(\) was never taken/.exec(error.message)?.[1] : undefined;
  return site && call ? (forgottenCall(site, call) ?? site) : site;
}

/**
 * The call without a `yield*`. It was noticed at the task's next call, `site`, and is most likely above it, else on its line or,
 * in a loop, below it; or it was noticed when the task ended, whose body begins at `site`. Looks no further than the function.
 */
function forgottenCall(site: Site, call: string): Site | undefined {
  const method = call.startsWith("task ") ? "task" : call.slice(call.lastIndexOf(".") + 1);
  const lines = sourceLines(site.file);
  const text = (line: number) => lines[line - 1] ?? "";
  const starts = (line: number) => /function\s*\*/.test(text(line));
  let top = site.line;
  while (top > 1 && !starts(top)) top--;
  let end = site.line + 1;
  while (end <= lines.length && !starts(end)) end++;
  const upwards = Array.from({ length: site.line - top }, (_, i) => site.line - 1 - i);
  const downwards = Array.from({ length: end - site.line }, (_, i) => site.line + i);
  const called = new RegExp(`\\.${method}\\s*\\(`);
  const line = [...upwards, ...downwards].find((each) => called.test(text(each)) && !/\byield\b/.test(text(each)));
  return line === undefined ? undefined : { ...site, line };
}

export const DEADLOCK = "deadlock: nobody can ever run again";

/** A deadlock of one machine. */
export function deadlockSentences(report: Report): string[] {
  return [DEADLOCK, ...waitSentences(report).map((sentence) => `  ${sentence}`)];
}

/** Of a deadlock, every task that waits, and the ring of those who wait for one another. */
export function waitSentences(report: Report): string[] {
  const held = new Set(report.blocked.flatMap((blocked) => blocked.holders));
  const concerned = report.blocked.filter((blocked) => !blocked.daemon || held.has(blocked.task));
  const sentences = concerned.map(blockedSentence);
  if (report.cycle.length > 0) {
    const since = report.rings.find(
      ({ tasks }) => tasks.length === report.cycle.length && tasks.every(({ task }) => report.cycle.includes(task)),
    );
    if (report.cycle.length === 1) sentences.push(`"${report.cycle[0]}" waits for itself`);
    else sentences.push(`they wait for one another in a ring${since ? ` since tick ${since.tick}` : ""}: ${ringText(report.cycle)}`);
  }
  return sentences;
}

/** "a" -> "b" -> "a". */
function ringText(names: readonly string[]): string {
  return [...names, names[0]].map((name) => `"${name}"`).join(" -> ");
}

/** Rings that closed during the run and are still closed at its end. */
export function ringSentences(report: Report): string[] {
  const waiting = (task: string, call: string) => report.blocked.some((blocked) => blocked.task === task && blocked.call === call);
  const closed = report.rings.filter(({ tasks }) => tasks.every(({ task, call }) => waiting(task, call)));
  return closed.map(({ tick, tasks }) => `these wait for one another since tick ${tick}: ${ringText(tasks.map(({ task }) => task))}`);
}

function blockedSentence(blocked: Blocked): string {
  const { task, call, object, wanted, holders, site, handler } = blocked;
  const inside = handler === "" ? "" : ` in its handler of ${handler}`;
  if (call === "suspended") return `task "${task}" is suspended${inside}${at(site)}, and nobody is left to resume it`;
  if (call === "stopped") return `task "${task}" is stopped${inside}${at(site)}, and nobody is left to send it SIGCONT`;
  const what = `${object === "" ? "" : ` on "${object}"`}${wanted === "" ? "" : ` for ${wanted}`}`;
  const names = holders.map((name) => `"${name}"`).join(", ");
  return `task "${task}" waits in ${call}${what}${inside}${at(site)}: ${names === "" ? lacking(call) : `${relation(call)} ${names}`}`;
}

const relations: Record<string, string> = {
  pipe_read: "it could be written by",
  pipe_write: "it could be read by",
  queue_receive: "a message could come from",
  queue_peek: "a message could come from",
  queue_send: "room could be made by",
  mailbox_receive: "a block could come from",
  mailbox_send_sync: "the block could be received and freed by",
  pool_alloc: "its blocks are owned by",
  memory_alloc: "RAM is held by",
  word_wait: "it could be woken by",
  socket_receive: "something could be sent by",
  socket_send: "room could be made by",
  task_join: "which has not ended:",
};

function relation(call: string): string {
  return relations[call] ?? "held by";
}

/** Who would have to end a wait that nobody in particular can end. */
const missing: Record<string, string> = {
  pipe_read: "nobody else has it open to write",
  pipe_write: "nobody else has it open to read",
  queue_receive: "nobody else has it open to send",
  queue_peek: "nobody else has it open to send",
  queue_send: "nobody else has it open to receive",
  mailbox_receive: "nobody else has it open to send",
  mailbox_send_sync: "nobody is left to receive it",
  pool_alloc: "nobody is left to free a block",
  memory_alloc: "nobody else has any to give back",
  word_wait: "nobody else is left to wake it",
  socket_accept: "nobody is left to connect",
  socket_connect: "nothing comes from there",
  socket_receive: "nobody is left to send",
  socket_send: "nobody is left to receive",
  sem_take: "nobody is left to give",
  cond_wait: "nobody is left to signal",
  event_wait: "nobody is left to set the bits",
  flags_wait: "nobody is left to set them",
  notify_wait: "nobody is left to notify it",
  signal_wait: "nobody is left to send it",
  signal_suspend: "nobody is left to send it a signal",
  object_poll: "nobody is left to make any of them ready",
  barrier_wait: "too few tasks are left to arrive",
};

function lacking(call: string): string {
  return missing[call] ?? "nobody is left to end it";
}
