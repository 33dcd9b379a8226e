/** Faults that change nothing that a program could see, with the reason. One of them that a test notices fails the run. */
import type { Kind, Mutant } from "./plant.js";

export interface Equivalent {
  /** A function, or all of a pattern. */
  func: string | RegExp;
  kind: Kind;
  /** The source line as it stands, without its indentation; or a pattern of lines. */
  line: string | RegExp;
  /** What is changed there, where the line has several of the kind: all of them where it is left out. */
  change?: string | RegExp;
  /** What the line has from the column of the fault on, where the change is not enough to tell. */
  at?: RegExp;
  reason: string;
}

const ZERO = "memory is zero at power-on";
const GUARD = "the record at address 0 is the guard below the CPU page: all zero, and so nobody's";

/** The line of every call in the generated face that decides whether it may be made. */
const GATE = /^(?:const|let) gate = SMALL \|\| kernel\.context & /;

export const equivalent: readonly Equivalent[] = [
  {
    func: /^kernel\/index\//,
    kind: "constant",
    line: GATE,
    change: /^-\d+ becomes -\d+$/,
    reason: "a task's calls are asked further, by enter(), which lets in what the short way does",
  },
  {
    func: /^kernel\/index\//,
    kind: "constant",
    line: GATE,
    change: "0 becomes 1",
    at: /^0 \? /,
    reason: "with one cycle left late() finds no event that is due, and lets the call in as well",
  },
  {
    func: /^kernel\/index\//,
    kind: "constant",
    line: /^(?:const|let) gate = SMALL \|\| kernel\.context & 0xffffffe0 \? /,
    at: /^\d+, \d+\) : /,
    reason: "where all contexts are legal only the system description and a repeat come to enter(), and neither is charged",
  },
  {
    func: /^kernel\/object\//,
    kind: "compare",
    line: "if (slot < 0) return slot;",
    reason: "a slot is an address, and none is 0",
  },
  {
    func: /^kernel\//,
    kind: "compare",
    line: /^(?!.*[<>]).*\bm(?:in|ax)\(/,
    change: /^i32\.[lg]t_[su] becomes i32\.[lg]e_[su]$/,
    reason: "of two equal values it does not matter which is the smaller or larger one",
  },
  {
    func: "kernel/sched/readyFirst",
    kind: "constant",
    line: "kernel.look = 1;",
    reason: "whoever calls it has set it before, or is dispatch, which looks anyway",
  },
  {
    func: "kernel/object/pipe/pipeEnd",
    kind: "constant",
    line: "if (pipe.storage != 0) arenaGive(pipe.storage);",
    reason: "no piece of RAM begins at address 0: giving that back does nothing",
  },
  {
    func: "kernel/object/pipe/hopeless",
    kind: "constant",
    line: "return timeout < 0 && pipe.name0 == 0 && !openToOthers(pipe, direction, kernel.current);",
    change: "0 becomes 1",
    at: /^0 && pipe/,
    reason: "whether a wait is without hope is asked for none with timeout 0",
  },
  {
    func: "kernel/object/stream/unread",
    kind: "constant",
    line: "return socket.rxUsed > 0 && !socket.deaf;",
    change: "255 becomes 256",
    reason: "an end that reads no more keeps no bytes",
  },
  {
    func: "kernel/inspect/handleOf",
    kind: "call",
    line: "return none(task) ? 0 : task.handle;",
    reason: GUARD,
  },
  {
    func: "kernel/object/condition/wakeFirst",
    kind: "constant",
    line: "endWait(firstWaiter(cond), 0, Cause.HANDOFF);",
    change: "0 becomes 1",
    at: /^Cause/,
    reason:
      "a waiter that must have its mutex back first is asked only whether a signal or chance woke it, and its wake is traced by the mutex",
  },
  {
    func: "kernel/object/barrier/barrierWait",
    kind: "store",
    line: "barrier.waiting = 0;",
    reason: "who wakes waiters has the barrier served before the call ends, and then they are counted",
  },
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
  {
    func: "kernel/control/taskSleep",
    kind: "constant",
    line: "if (<i32>ticks < 0) return Errno.EINVAL;",
    change: "0 becomes 1",
    reason: "a sleep of no tick is answered before",
  },
  {
    func: "kernel/object/object/openForCreator",
    kind: "constant",
    line: "const own = mode & (Mode.READ | Mode.WRITE);",
    change: "2 becomes 3",
    reason: "1 and 3 are the same two bits as 1 and 2",
  },
  {
    func: "kernel/index/taskSliceCall",
    kind: "call",
    line: "if (none(at_task)) return Errno.ESRCH;",
    reason: `${GUARD}: it is no task that lives, and taskSlice says ESRCH as well`,
  },
  {
    func: "kernel/object/socket/orphan",
    kind: "constant",
    line: "nameStore(nameField(socket), 0, 0);",
    change: "0 becomes 1",
    at: /^0\);/,
    reason: `${GUARD}: a name of one byte of it is as empty as one of none`,
  },
  {
    func: "kernel/object/datagram/datagramServe",
    kind: "call",
    line: "touched(socket);",
    reason: "a datagram for another machine leaves its ring before a task runs again, so nobody polls for room in it",
  },
  {
    func: "kernel/object/pipe/pipeServe",
    kind: "constant",
    line: "if (serveWriters(pipe)) moved = true;",
    reason: "a writer waits only at a full pipe, and at that no reader does: what writers put in serves nobody",
  },
  {
    func: "kernel/tick/waitsExpire",
    kind: "constant",
    line: "else if (task.cause == Cause.SPURIOUS) endWait(task, 0, Cause.SPURIOUS);",
    change: "6 becomes 7",
    at: /^Cause\.SPURIOUS\);/,
    reason: "a condition's waiter is woken by its mutex, whatever ended its wait",
  },
  {
    func: "kernel/object/endpoint/ringsGive",
    kind: "store",
    line: "socket.rxUsed = 0;",
    reason: "the record is cleared when it is taken again, and a stream that goes on without its rings was never connected",
  },
  {
    func: "kernel/object/stream/begin",
    kind: "store",
    line: "socket.spread = 0;",
    reason: "the record is cleared when it is taken, and an attempt to connect that failed has measured nothing",
  },
  {
    func: "kernel/delivery/waitOn",
    kind: "constant",
    line: "task.settle = Settle.OBJECT;",
    reason: "its object settles the wait before anything else asks how it ends",
  },
  {
    func: "kernel/panic/panic",
    kind: "constant",
    line: "if (cpu.panic == 0) cpu.panic = code;",
    reason: "the kernel stops itself only where it has a bug",
  },
  {
    func: /^kernel\/index\//,
    kind: "logic",
    line: GATE,
    change: "i32.and becomes i32.or",
    reason: "all calls are asked further then, by enter(), which lets in what the short way does",
  },
  {
    func: "kernel/task/tasksInit",
    kind: "constant",
    line: "for (let i = 0; i < TASKS; i++) taskOf(i).index = <u8>i;",
    change: "0 becomes 1",
    reason: `${ZERO}, and 0 is the first one's index`,
  },
  {
    func: "kernel/trace/traceInit",
    kind: "constant",
    line: "trace.on = options & (Option.TRACE | Option.HASH);",
    change: "2 becomes 3",
    reason: "1 and 3 are the same two bits as 1 and 2",
  },
  {
    func: "kernel/segment/measure",
    kind: "compare",
    line: "socket.spread += (error < 0 ? -error : error) - (socket.spread >> 2);",
    reason: "0 and -0 are the same",
  },
  {
    func: "kernel/object/queue/slotOf",
    kind: "compare",
    line: /number < queue\.capacity/,
    reason: "the numbers of slots end below the capacity",
  },
  {
    func: "kernel/object/memory/memoryAlloc",
    kind: "compare",
    line: "if (address > 0) return address;",
    reason: "no RAM begins at address 0",
  },
  {
    func: "kernel/object/socket/orphan",
    kind: "constant",
    line: "socket.system = 0;",
    reason: "nobody has a handle of it, by which it would be asked",
  },
];

function fits(wanted: string | RegExp | undefined, found: string): boolean {
  return wanted === undefined || (typeof wanted === "string" ? wanted === found : wanted.test(found));
}

/** The entry that this fault is listed in. `from` is what the line has from its column on. */
export function equivalentTo({ func, kind, change }: Mutant, line: string, list = equivalent, from = ""): Equivalent | undefined {
  return list.find(
    (entry) =>
      entry.kind === kind && fits(entry.func, func) && fits(entry.line, line) && fits(entry.change, change) && fits(entry.at, from),
  );
}
