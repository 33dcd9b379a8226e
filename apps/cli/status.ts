/** How a run ended, and the number that the shell is told. */

/** Exit statuses. Where several apply the first counts: TERMINATED, HUNG_UP, INTERRUPTED, USAGE, FAILED, CLOSED, DEADLOCK, UNFINISHED, FINISHED. */
export const Status = {
  FINISHED: 0,
  FAILED: 1,
  USAGE: 2,
  DEADLOCK: 3,
  UNFINISHED: 4,
  INTERRUPTED: 130,
  CLOSED: 141,
  HUNG_UP: 129,
  TERMINATED: 143,
} as const;
export type Status = (typeof Status)[keyof typeof Status];

/** Why a run went no further. */
export const endings = [
  "finished", // every task that is no daemon has ended
  "until", // the tick of --until was reached
  "deadlock", // nobody can ever run
  "failed", // an interrupt handler failed
  "endless", // JavaScript that never gave the CPU back
  "interrupted", // Ctrl-C, where no task takes it, SIGTERM or SIGHUP
  "closed", // nobody reads stdout any more
  "unusable", // stdin, stdout, the trace file or the recording cannot be used
  "astray", // a replay that is another run than the one recorded
] as const;
export type Ending = (typeof endings)[number];

/** The first word of the last line. */
export function endingWord(ending: Ending): string {
  if (ending === "finished" || ending === "until") return "finished";
  if (ending === "deadlock") return "deadlocked";
  return ending === "failed" ? "failed" : "stopped";
}

/** What counts besides the ending. */
export interface Circumstances {
  /** A task or a handler failed. */
  failed: boolean;
  /** A file could not be used, as may show only when all is over. */
  unusable: boolean;
  /** Ctrl-C ended the foreground task. */
  interrupted: boolean;
  /** The status that stands for SIGTERM or SIGHUP, if one came. */
  terminated: Status | undefined;
  mustFinish: boolean;
}

export function statusOf(ending: Ending, { failed, unusable, interrupted, terminated, mustFinish }: Circumstances): Status {
  if (terminated !== undefined) return terminated;
  if (interrupted || ending === "interrupted") return Status.INTERRUPTED;
  if (unusable || ending === "unusable") return Status.USAGE;
  if (failed || ending === "failed" || ending === "endless" || ending === "astray") return Status.FAILED;
  if (ending === "closed") return Status.CLOSED;
  if (ending === "deadlock") return Status.DEADLOCK;
  return mustFinish && ending !== "finished" ? Status.UNFINISHED : Status.FINISHED;
}

/** The command line or the app is wrong, so there is no run: one sentence, exit status 2. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The app does not compile: what the compiler says, line by line. */
export class CompileError extends UsageError {
  override name = "CompileError";
}
