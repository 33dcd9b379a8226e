/** Faults that change nothing that a program could see, with the reason. One of them that a test notices fails the run. */
import type { Kind, Mutant } from "./plant.js";

export interface Equivalent {
  func: string;
  kind: Kind;
  /** The source line as it stands, without its indentation. */
  line: string;
  /** What is changed there, where the line has several of the kind: all of them where it is left out. */
  change?: string;
  reason: string;
}

const ZERO = "memory is zero at power-on";
const GUARD = "the record at address 0 is the guard below the CPU page: all zero, and so nobody's";

export const equivalent: readonly Equivalent[] = [
  { func: "kernel/clock/clockInit", kind: "store", line: "cpu.left = 0;", reason: ZERO },
  { func: "kernel/clock/clockInit", kind: "store", line: "cpu.due = 0;", reason: ZERO },
  {
    func: "kernel/task/taskAt",
    kind: "constant",
    line: "if (slot == 0 || handle == 0 || changetype<Task>(slot).handle != handle) return NO_TASK;",
    change: "1 becomes 0",
    reason: GUARD,
  },
  { func: "kernel/arena/arenaOwner", kind: "call", line: "return none(piece) ? Owner.NOBODY : piece.used;", reason: GUARD },
  {
    func: "kernel/wait/leaveQueue",
    kind: "call",
    line: "if (none(task.queue)) return;",
    change: "the call of none is dropped, its value is 0",
    reason: "to take a task off no list, and to say that it is in no queue, changes nothing for one that is in none",
  },
  {
    func: "kernel/wait/forgetWait",
    kind: "constant",
    line: "task.call = 0;",
    reason: "the task is about to be a zombie, and only of one that is blocked anybody asks in which call",
  },
  {
    func: "kernel/frame/framesDropped",
    kind: "logic",
    line: "kernel.starved &= ~only(task.index);",
    reason: "whoever is taken for starved without need is looked at once and forgotten, before the export ends",
  },
];

/** The entry that this fault is listed in. */
export function equivalentTo({ func, kind, change }: Mutant, line: string, list = equivalent): Equivalent | undefined {
  return list.find(
    (entry) => entry.func === func && entry.kind === kind && entry.line === line && (entry.change === undefined || entry.change === change),
  );
}
