/**
 * The reference model of the kernel: the same calls, the same rules, written for clarity. It shares no code with the kernel, only
 * the numbers of the ABI. Where the kernel keeps lists in order, the model looks for whom it wants; where the kernel adjusts, the
 * model works out anew.
 *
 *     call() -> what the caller hears, or SWITCH        advance() -> who runs next, and with what
 */
import * as A from "./abi.js";
import { CALLS, type CallName, E, KINDS, type Kind } from "./abi.js";
import { blocksReleased } from "./block.js";
import { bodies, serve, settleWait } from "./bodies.js";
import { endTask } from "./life.js";
import { pollServe } from "./poll.js";
import { ringFrom } from "./ring.js";
import { alarmsExpire, deliver, goOn, handlerDue, restore, signalAct, signalRaise } from "./signal.js";
import { settleMutexes } from "./sync.js";
import { precedence, type Queue, Task, type Wait } from "./task.js";
import type { Channel } from "./thing.js";
import { type Timer, timersExpire } from "./timer.js";
import { Waiting } from "./waiting.js";
import { type Line, PHASES } from "./world.js";
/** Who runs next: a task goes on with the result of its call or begins, a handler begins, or nobody can run. */
export type Turn =
  | { kind: "resume" | "start" | "line"; who: number; result: number }
  | { kind: "signal"; who: number; signal: number; entry: number; origin: number }
  | { kind: "interrupt"; who: number; entry: number }
  | { kind: "device" }
  | { kind: "idle" };
export class Model extends Waiting {
  // Calls

  /** Makes a call for whoever runs. SWITCH: the caller's turn is over, `advance` says who is next. */
  call(name: CallName, args: number[]): number {
    if (name === "task_compute") return this.compute(args[0] as number);
    const { cost, legal, waits, args: parameters } = CALLS[name];
    const line = this.line;
    const task = this.caller;
    const owner = line ?? task;
    const again = owner?.again ?? false;
    if (owner) owner.again = false;
    if (again && task?.repeats) {
      task.repeats = false;
      task.sequel = undefined;
      this.restarting = true;
    }
    if (owner && !again && this.spend(cost, task)) {
      owner.result = A.AGAIN;
      owner.again = true;
      return A.SWITCH;
    }
    let result = this.context & ~legal ? E.EPERM : 0;
    const timeout = parameters.some(([, type]) => type === "timeout") ? (args.at(-1) as number) : 0;
    if (result === 0 && timeout !== 0) result = this.context & ~waits ? E.EPERM : timeout < -1 ? E.EINVAL : 0;
    if (result === 0) result = this.checked(parameters, args);
    if (result === 0) result = bodies[name](this, args);
    if (this.restarting && (result === E.EBADF || result === E.EFAULT)) result = E.EIDRM;
    this.restarting = false;
    this.settle();
    if (result !== A.SWITCH && owner) owner.result = result;
    if (result === A.SWITCH) this.ring = ringFrom(this, this.current);
    return result;
  }

  /** What is wrong with an argument, looked at in their order. */
  private checked(parameters: A.CallEntry["args"], args: number[]): number {
    let at = 0;
    for (const [, type] of parameters) {
      const value = args[at++] as number;
      const length = type === "bytes" || type === "items" ? (args[at++] as number) : 0;
      const wrong = this.wrong(type, value, length);
      if (wrong !== 0) return wrong;
    }
    return 0;
  }

  private wrong(type: A.CallEntry["args"][number][1], value: number, length: number): number {
    const reaches = (bytes: number) => (this.inRam(value >>> 0, bytes) ? 0 : E.EFAULT);
    const optional = (bytes: number) => (value === 0 ? 0 : reaches(bytes));
    switch (type) {
      case "task":
        return this.taskAt(value) ? 0 : E.ESRCH;
      case "task?":
        return value === 0 || this.taskAt(value) ? 0 : E.ESRCH;
      case "bytes":
        return length < 0 ? E.EINVAL : reaches(length);
      case "items":
        return length < 1 || length > 64 ? E.EINVAL : reaches(length * A.bytesOf("PollItem"));
      case "out32":
        return reaches(4);
      case "out64":
        return reaches(8);
      case "out32?":
        return optional(4);
      case "spawn":
        return reaches(A.bytesOf("Spawn"));
      case "callback":
        return reaches(A.bytesOf("Callback"));
      case "sigaction?":
        return optional(A.bytesOf("SigAction"));
      case "letter?":
        return optional(A.bytesOf("Letter"));
      case "endpoint?":
        return optional(A.bytesOf("Endpoint"));
      case "sender?":
        return optional(A.bytesOf("Sender"));
      case "handle":
      case "name":
      case "timeout":
      case "i32":
      case "u32":
        return 0;
    }
    const [kind, direction] = type.split(":") as [string, "read" | "write" | undefined];
    const thing = this.thingAt(kind.toUpperCase() as Kind, value);
    if (!thing) return E.EBADF;
    return direction && !this.mayUse(thing as Channel, direction) ? E.EPERM : 0;
  }

  /** task_compute, for whoever runs. */
  private compute(cycles: number): number {
    const result = this.computed(cycles);
    const owner = this.line ?? this.caller;
    if (result !== A.SWITCH && owner) owner.result = result;
    return result;
  }

  /** Every event that is due on the way is served at its cycle. */
  private computed(cycles: number): number {
    const line = this.line;
    const task = this.caller;
    const owner = line ?? task;
    if (!owner) return E.EPERM;
    let left = owner.again ? owner.remaining : cycles;
    if (!owner.again && cycles < 0) return E.EINVAL;
    owner.again = false;
    while (left > 0) {
      const event = Math.min(this.device, this.masked ? Number.POSITIVE_INFINITY : Math.min(this.nextTick, this.cut));
      const step = Math.min(left, Math.max(event - this.now, 1));
      left -= step;
      if (!this.spend(step, task)) continue;
      owner.remaining = left;
      owner.result = A.AGAIN;
      owner.again = true;
      return A.SWITCH;
    }
    return 0;
  }
  // What is left to do

  /** Does whatever the call or the tick has left to be done: ends, settlements, queues, handlers without a frame, polls. */
  settle(): void {
    for (let round = 0; ; round++) {
      if (round > 10000) throw new Error("the model does not come to rest");
      if (!this.settleOne()) return;
    }
  }

  private settleOne(): boolean {
    const killed = [...this.killed].sort(precedence)[0];
    if (killed) {
      endTask(this, killed, 128 + killed.fatal);
      return true;
    }
    const settling = [...this.settling].sort(precedence)[0];
    if (settling) {
      this.settling.delete(settling);
      settleWait(this, settling);
      signalAct(this, settling);
      return true;
    }
    if (this.changed.size > 0) {
      const kind = Math.min(...[...this.changed].map(kindOfQueue));
      const queues = [...this.changed].filter((queue) => kindOfQueue(queue) === kind).sort((a, b) => indexOfQueue(a) - indexOfQueue(b));
      for (const queue of queues) this.changed.delete(queue);
      // An object with two queues serves both at once.
      for (const thing of new Set(queues.map((queue) => queue.thing))) serve(this, thing);
      return true;
    }
    if (this.starved.size > 0 && this.frames < this.options.limits.frames) {
      const task = [...this.starved].sort(precedence)[0] as Task;
      this.starved.delete(task);
      signalAct(this, task);
      return true;
    }
    const polled = [...this.polled].sort(precedence)[0];
    if (polled) {
      this.polled.delete(polled);
      pollServe(this, polled);
      return true;
    }
    return false;
  }

  /** Priorities follow from what everybody holds and who waits for it: worked out anew until nothing changes. */
  inherit(): void {
    settleMutexes(this);
  }

  // Who runs next

  /** Serves what is due, and says who runs. */
  advance(): Turn {
    let paid = false;
    let entered = false;
    for (;;) {
      const due = this.serveDue();
      if (due) return due;
      const line = this.line;
      if (line) return { kind: "line", who: this.depth.at(-1) as number, result: line.result };
      if (this.mustSwitch()) {
        if (!paid && this.candidates().length > 0) {
          paid = true;
          if (this.spend(A.SWITCH_COST)) continue;
        }
        this.switch();
        if (!this.current) return { kind: "idle" };
      }
      this.decideSlice();
      const task = this.current as Task;
      if (handlerDue(this, task)) {
        if (!entered) {
          entered = true;
          if (this.spend(A.SIGNAL_COST)) continue;
        }
        return deliver(this, task);
      }
      if (task.sequel && !task.repeats) {
        goOn(this, task);
        this.settle();
        continue;
      }
      if (task.started) return { kind: "resume", who: task.index, result: task.result };
      task.started = true;
      return { kind: "start", who: task.index, result: task.argument };
    }
  }

  private serveDue(): Turn | undefined {
    for (;;) {
      const phase = this.entering ? "devices" : this.tickPhase();
      if (phase === "served") {
        this.settle();
        continue;
      }
      if (this.device <= this.now) return { kind: "device" };
      const line = this.urgentLine();
      if (line !== undefined) {
        if (!this.entering) {
          this.entering = true;
          if (this.spend(A.INTERRUPT_COST)) continue;
        }
        return this.enterLine(line);
      }
      if (this.depth.length > 0) return;
      if (phase === "devices") {
        this.phases.shift();
        continue;
      }
      this.decideSpurious();
      this.settle();
      return;
    }
  }

  private ask(kind: number, choices: number): number {
    return choices < 2 ? 0 : (this.options.choose as (kind: number, choices: number) => number)(kind, choices);
  }

  /** How long the slice of the running task lasts, where that matters. */
  private decideSlice(): void {
    const task = this.current as Task;
    if (!this.undecided || !this.hasEqual(task) || !isSliced(task)) return;
    const left = Math.max(task.sliceLeft - 1, 0) * this.options.period + this.nextTick - this.now;
    const choice = this.ask(A.C.Choice.SLICE, left);
    this.undecided = false;
    this.cut = choice === 0 ? Number.POSITIVE_INFINITY : this.now + choice;
  }

  /** Whether a condition's waiter wakes for no reason: at once, or at the start of a tick unless it was to wake before. */
  private decideSpurious(): void {
    const task = this.spurious;
    if (!task) return;
    const choice = this.ask(A.C.Choice.SPURIOUS, 9);
    this.spurious = undefined;
    const wait = task.wait as Wait;
    if (choice === 0 || task.state !== "blocked" || wait.settling !== "object" || this.settling.has(task)) return;
    const ticks = choice - 1;
    if (ticks === 0) this.endWait(task, 0, "spurious");
    else if (wait.timeout <= 0 || wait.timeout > ticks) {
      this.setDeadline(wait, this.tick + ticks);
      wait.cause = "spurious";
    }
  }

  /** The order in which what is due at a tick is served: the oracle's, where there is something to choose. */
  private order(): typeof this.phases {
    if (!this.options.choose) return [...PHASES];
    const tick = this.tick + 1;
    const task = this.current;
    const timers = this.thingsOf("TIMER") as Timer[];
    const kinds = [
      this.device <= this.now || this.urgentLine() !== undefined,
      timers.some(({ when }) => when !== undefined && when <= tick) ||
        this.living().some(({ alarm }) => alarm !== undefined && alarm <= tick),
      this.living().some(({ state, wait }) => state === "blocked" && wait?.deadline !== undefined && wait.deadline <= tick),
      task?.state === "running" && isSliced(task) && task.sliceLeft <= 1 && this.hasEqual(task),
    ];
    if (kinds.filter(Boolean).length < 2) return [...PHASES];
    return permutations([...PHASES])[this.ask(A.C.Choice.ORDER, 24)] as typeof this.phases;
  }

  /** The next phase of a tick that is due. That of devices is the caller's to serve. */
  private tickPhase(): "none" | "devices" | "served" {
    if (this.phases.length === 0) {
      if (this.masked) return "none";
      if (this.cut <= this.now && this.cut < this.nextTick) {
        this.cut = Number.POSITIVE_INFINITY;
        this.endSlice();
        return "served";
      }
      if (this.nextTick > this.now) return "none";
      this.phases = this.order();
      this.counted = false;
    }
    if (this.phases[0] === "devices") return "devices";
    if (!this.counted) {
      this.counted = true;
      this.tick++;
      this.nextTick += this.options.period;
      this.cut = Number.POSITIVE_INFINITY;
      this.spend(A.TICK_COST);
    }
    const phase = this.phases.shift();
    if (phase === "timers") {
      timersExpire(this);
      alarmsExpire(this);
    } else if (phase === "waits") this.waitsExpire();
    else this.sliceTick();
    return "served";
  }

  private waitsExpire(): void {
    for (;;) {
      const waiting = this.living().filter(
        (task) => task.state === "blocked" && (task.wait?.deadline ?? Number.POSITIVE_INFINITY) <= this.tick,
      );
      const order = (task: Task) => task.wait as Wait & { deadline: number };
      const [task] = waiting.sort((a, b) => order(a).deadline - order(b).deadline || order(a).serial - order(b).serial);
      if (!task) return;
      const { settling, cause } = task.wait as Wait;
      const inTime = settling === "sleep" || cause === "spurious";
      this.endWait(task, inTime ? 0 : E.ETIMEDOUT, cause === "spurious" ? "spurious" : "timeout");
    }
  }

  /** The tick is charged to whoever ran when it came, if slices count for it. */
  private sliceTick(): void {
    const task = this.current;
    if (task?.state !== "running" || !isSliced(task)) return;
    if (task.sliceLeft > 1) task.sliceLeft--;
    else this.endSlice();
    if (this.options.choose) this.undecided = true;
  }

  /** To the end of its list; alone on its level it just gets a fresh slice. */
  private endSlice(): void {
    const task = this.current;
    if (task?.state !== "running" || !isSliced(task)) return;
    if (this.hasEqual(task)) this.ready(task);
    else task.sliceLeft = task.slice;
  }

  private switch(): void {
    const before = this.current;
    if (before?.state === "running") {
      before.state = "ready";
      before.readyAt = this.now;
      this.first(before);
    }
    const next = this.candidates()[0];
    this.current = next;
    this.cut = Number.POSITIVE_INFINITY;
    if (!next) return;
    this.undecided = this.options.choose !== undefined;
    next.state = "running";
    next.level = Math.max(next.priority, next.threshold);
    next.kept = true;
    next.switches++;
    next.worst = Math.max(next.worst, this.now - next.readyAt);
  }

  // Interrupts

  /** The most urgent pending line that may be served now: above the one that runs, equals in line order. */
  urgentLine(): number | undefined {
    if (this.depth.length === 0 && (this.current?.interruptLocks ?? 0) > 0) return;
    if (this.pending === 0) return;
    const above = this.line?.priority ?? -1;
    const ready = this.lines
      .map((line, index) => ({ ...line, index }))
      .filter(({ attached, priority, index }) => attached && priority > above && (this.pending >>> index) & 1);
    return ready.sort((a, b) => b.priority - a.priority || a.index - b.index)[0]?.index;
  }

  raise(line: number): void {
    this.pending |= 1 << line;
  }

  private enterLine(index: number): Turn {
    const line = this.lines[index] as Line;
    this.pending &= ~(1 << index);
    this.entering = false;
    line.served++;
    line.again = false;
    line.result = 0;
    this.depth.push(index);
    return { kind: "interrupt", who: index, entry: line.entry };
  }

  /** The innermost handler has returned. */
  leaveLine(): void {
    this.depth.pop();
    this.spend(A.INTERRUPT_COST);
  }

  /** The innermost handler of a signal has returned. */
  leaveHandler(): void {
    const task = this.current as Task;
    restore(this, task);
    signalAct(this, task);
    this.spend(A.SIGNAL_COST, task);
    this.settle();
  }

  /** The running task trapped. */
  trap(status: number): void {
    endTask(this, this.current as Task, status);
    this.settle();
  }

  /** The bench sends a signal. */
  signal(task: Task, signal: number): void {
    signalRaise(this, task, signal, 0);
    this.settle();
  }

  /** What a task that ends had of blocks and RAM goes back. */
  release(task: Task): void {
    blocksReleased(this, task);
    this.freeRam(() => this.arena.giveAll(task));
  }
}

/** Whether slices count for the task as it runs. */
function isSliced(task: Task): boolean {
  return task.slice > 0 && task.level === task.priority && !task.locked;
}

/** All orders of a list, by the place of their first, then of their second, and so on. */
function permutations<V>(list: V[]): V[][] {
  if (list.length === 0) return [[]];
  return list.flatMap((first, i) => permutations(list.filter((_, j) => j !== i)).map((rest) => [first, ...rest]));
}
/** Queues are served kind by kind, and those of a kind in the order of their slots; those for RAM and words come first. */
function kindOfQueue({ thing, name }: Queue): number {
  if (thing instanceof Task) return KINDS.TASK;
  if (thing) return KINDS[thing.kind];
  return name === "service" ? KINDS.TIMER : 0;
}

function indexOfQueue({ thing }: Queue): number {
  return thing?.index ?? 0;
}
