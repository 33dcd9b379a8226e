/** Runs a program on the kernel and on the model at once, and compares them after every step. */
import { AGAIN, type CallName, FULL, KINDS, type Kind, SMALL, SWITCH } from "./abi.js";
import { UNKNOWN } from "./info.js";
import { Kernel } from "./kernel.js";
import { Model, type Turn } from "./model.js";
import { NAMES, type Op, PLACES, type Program, prepare, Things, written } from "./program.js";
import { stateIn, stateOf, usePools } from "./state.js";

const CHANNELS: Kind[] = ["PIPE", "QUEUE", "MAILBOX", "REGION", "SOCKET"];
const SCRATCH = 64;
const PAGES = 4;
/** Steps after which a program is ended: handlers can go on for ever. */
const MOST_STEPS = 1500;
/** Ticks in which nobody runs, at most. */
const MOST_IDLE = 120;

/** Kernel and model disagree. The message says where, and has the program as a test. */
export class Divergence extends Error {}

/** What somebody is in the midst of: its ops, how far it is, the call that it has to make again. */
interface Flow {
  ops: Op[];
  at: number;
  call: { name: CallName; args: number[] } | undefined;
}

export interface Course {
  steps: number;
  calls: number;
  /** How often each call was answered with each result below 0, or with success. */
  results: Map<string, number>;
  /** The hash of the trace of the run that came last, where one was asked for. */
  hash?: string;
}

export interface LockstepOptions {
  /** Compare the state after every step, or only now and then. */
  every?: number;
  /** Another kernel than that of dist/: one with a fault. */
  kernel?: Uint8Array;
  course?: Course;
  /** The kernel traces what it does, and the course is told the hash. */
  hash?: boolean;
  /** The model is made to answer this call wrongly: to see what comes of that. */
  wrong?: CallName;
}

class Run {
  readonly kernel: Kernel;
  readonly model: Model;
  readonly things = new Things();
  readonly data: number;
  readonly flows = new Map<number, Flow[]>();
  readonly lineFlows: Flow[] = [];
  readonly log: string[] = [];
  turn: Turn | undefined;
  readonly events: [at: number, line: number][] = [];
  /** What the kernel asked the oracle, and what the model did. */
  readonly asked: [string[], string[]] = [[], []];
  steps = 0;
  idle = 0;

  constructor(
    readonly program: Program,
    readonly options: LockstepOptions,
  ) {
    const { small, arena, period, first, choices } = program;
    const chooser = (asked: string[]) => choices && chosenFrom(choices, asked);
    this.kernel = new Kernel(
      small ? "small" : "debug",
      { period, first, scratch: SCRATCH, statics: PLACES.bytes, pages: PAGES, arena, choose: chooser(this.asked[0]), hash: options.hash },
      options.kernel,
    );
    const { ram } = this.kernel;
    this.data = ram + SCRATCH;
    for (const [i, name] of NAMES.entries()) this.kernel.memory.set(new TextEncoder().encode(name), this.data + PLACES.names + 4 * i);
    for (let i = 0; i < 1536; i++) this.kernel.memory[this.data + PLACES.buffers + i] = 33 + (i % 90);
    usePools(this.kernel);
    this.model = new Model({
      limits: small ? SMALL : FULL,
      memory: this.kernel.memory.slice(),
      ram,
      data: [this.data, this.data + PLACES.bytes],
      period,
      first,
      choose: chooser(this.asked[1]),
    });
  }

  write(address: number, value: number): void {
    this.kernel.view.setInt32(address, value, true);
    this.model.setWord(address, value);
  }

  describe(): void {
    const { setup, tasks, lines } = this.program;
    for (const op of setup) this.make(op, 65);
    for (const [i, { priority, threshold, slice, flags }] of tasks.entries()) {
      this.make(["task_spawn", i, priority, threshold === 0 ? 0 : threshold + 1, slice, flags, i], 65);
    }
    const channels = CHANNELS.flatMap((kind) => this.things.made.get(kind) ?? []);
    for (const [i, { opens }] of tasks.entries()) {
      for (const [j, channel] of channels.entries()) {
        const mode = (opens >> ((2 * j) % 30)) & 3;
        // A mailbox is opened to send or to receive.
        if (mode !== 0)
          this.raw("object_grant", [
            channel,
            this.things.task(i),
            ((channel >> 8) & 31) === KINDS.MAILBOX && mode === 3 ? 1 + ((i + j) & 1) : mode,
          ]);
      }
    }
    for (const [line, priority] of lines.entries()) this.make(["irq_attach", line, line, priority], 65);
    this.kernel.image.kernel.system_done();
    this.model.settle();
    this.model.booted = true;
    let at = 0;
    for (const [cycles, line] of this.program.events) {
      at += Math.max(1, cycles);
      this.events.push([at, line]);
    }
    this.setDevice();
    this.compare("after the description");
  }

  setDevice(): void {
    const at = this.events[0]?.[0] ?? Number.POSITIVE_INFINITY;
    this.kernel.device = at;
    this.model.device = at;
  }

  /** Makes a call on both; they must answer the same. */
  make(op: Op, slot: number, again?: { name: CallName; args: number[] }): { name: CallName; args: number[] } {
    let call = again;
    if (!call) {
      const { args, words } = prepare(op, this.things, { slot, tick: this.model.tick, data: this.data });
      for (const [address, value] of words) this.write(address, value);
      call = { name: op[0] as CallName, args };
    }
    this.raw(call.name, call.args, slot, again !== undefined);
    return call;
  }

  raw(name: CallName, args: number[], slot = 65, again = false): void {
    this.log.push(`${slot === 65 ? "description" : slot === 64 ? "line" : `task ${slot}`}: ${name}(${args})${again ? " again" : ""}`);
    const found = this.kernel.call(name, args);
    const answer = this.model.call(name, args);
    const wanted = name === this.options.wrong ? answer ^ 1 : answer;
    // SWITCH and a result are the same as long as nobody else runs: that is seen at the next turn.
    const ring = this.kernel.ring();
    const closed = this.model.ring?.index ?? -1;
    this.model.ring = undefined;
    if (ring !== closed) throw this.divergence(`the wait of task ${ring} closes a ring (-1: none does), and that of task ${closed} should`);
    const both = found !== SWITCH && wanted !== SWITCH;
    if (both && found !== wanted) throw this.divergence(`${name}(${args}) answers ${found}, and should answer ${wanted}`);
    if (slot === 65) this.learn({ name, args }, wanted, slot);
  }

  learn({ name, args }: { name: CallName; args: number[] }, result: number, slot: number): void {
    this.things.learn(name, args, result, slot);
    const { course } = this.options;
    if (!course) return;
    const key = `${name} ${Math.min(result, 0)}`;
    course.results.set(key, (course.results.get(key) ?? 0) + 1);
  }

  /** One turn; false when the program is over. */
  step(): boolean {
    if (this.steps++ > MOST_STEPS) return false;
    const before = this.turn;
    const wanted = this.advance();
    const found = this.kernel.advance(before);
    this.log.push(`-> ${told(wanted)} at ${this.model.now}`);
    const [here, there] = this.asked.map((list) => list.splice(0).join(", "));
    if (here !== there) throw this.divergence(`the oracle is asked (kind/choices) ${here}, and should be asked ${there}`);
    if (told(found) !== told(wanted)) throw this.divergence(`next is ${told(found)}, and should be ${told(wanted)}`);
    this.turn = wanted;
    if (this.steps % (this.options.every ?? 1) === 0) this.compare("");
    switch (wanted.kind) {
      case "device":
        this.raise();
        return true;
      case "idle":
        return this.rest();
      case "interrupt":
        this.lineFlows.push({ ops: this.handler(wanted.entry), at: 0, call: undefined });
        this.go(this.lineFlows, 64, undefined);
        return true;
      case "line":
        this.go(this.lineFlows, 64, wanted.result);
        return true;
      case "start":
        this.flows.set(wanted.who, [
          { ops: this.program.tasks[wanted.result % Math.max(1, this.program.tasks.length)]?.ops ?? [], at: 0, call: undefined },
        ]);
        this.go(this.flowsOf(wanted.who), wanted.who, undefined);
        return true;
      case "signal":
        if (!this.flows.has(wanted.who)) this.flows.set(wanted.who, []);
        this.flowsOf(wanted.who).push({ ops: this.handler(wanted.entry), at: 0, call: undefined });
        this.go(this.flowsOf(wanted.who), wanted.who, undefined);
        return true;
      case "resume":
        this.go(this.flowsOf(wanted.who), wanted.who, wanted.result);
        return true;
    }
  }

  private advance(): Turn {
    return this.model.advance();
  }

  flowsOf(task: number): Flow[] {
    return this.flows.get(task) as Flow[];
  }

  handler(entry: number): Op[] {
    const { handlers } = this.program;
    return handlers[(entry >>> 0) % Math.max(1, handlers.length)] ?? [];
  }

  /** Whoever runs goes on: with the call that it has to make again, the next one, or its end. */
  go(flows: Flow[], slot: number, result: number | undefined): void {
    const flow = flows.at(-1);
    if (!flow) throw this.divergence(`${slot} has nothing to go on with`);
    if (flow.call && result === AGAIN) {
      this.make(["task_self"], slot, flow.call);
      return;
    }
    if (flow.call && result !== undefined) this.learn(flow.call, result, slot);
    flow.call = undefined;
    const op = flow.ops[flow.at++];
    if (op?.[0] === "trap" && slot < 64) {
      this.kernel.trap(1);
      this.model.trap(1);
      return;
    }
    if (op && op[0] !== "trap" && !isUnknown(op)) {
      flow.call = this.make(op, slot);
      return;
    }
    if (op) {
      flow.call = this.make(["task_compute", 1], slot);
      return;
    }
    if (slot === 64) {
      flows.pop();
      this.kernel.leaveLine();
      this.model.leaveLine();
    } else if (this.model.tasks[slot]?.frames.length) {
      flows.pop();
      this.kernel.leaveHandler();
      this.model.leaveHandler();
    } else flow.call = this.make(["task_exit", slot], slot);
  }

  private raise(): void {
    while ((this.events[0]?.[0] ?? Number.POSITIVE_INFINITY) <= this.model.now) {
      const [, line] = this.events.shift() as [number, number];
      if (line < 5) {
        this.kernel.image.kernel.line_raise(line);
        this.model.raise(line);
        continue;
      }
      const handle = this.things.task(line - 5);
      this.kernel.image.kernel.signal_raise(handle, 10);
      const task = this.model.taskAt(handle);
      if (task) this.model.signal(task, 10);
    }
    this.setDevice();
  }

  /** Nobody runs: time goes on, while something can still happen. */
  private rest(): boolean {
    const { model } = this;
    const waiting = model
      .living()
      .some(({ alarm, wait, state }) => alarm !== undefined || (state === "blocked" && wait?.deadline !== undefined));
    const timers = model.thingsOf("TIMER").some((timer) => (timer as { when?: number }).when !== undefined);
    if (this.idle++ > MOST_IDLE || (!waiting && !timers && this.events.length === 0)) return false;
    this.kernel.image.kernel.idle();
    model.idle();
    return true;
  }

  compare(when: string): void {
    this.kernel.check();
    const found = stateIn(this.kernel);
    const wanted = stateOf(this.model);
    if (found.join("\n") !== wanted.join("\n")) {
      const extra = found.filter((line) => !wanted.includes(line)).map((line) => `  kernel ${line}`);
      const missing = wanted.filter((line) => !found.includes(line)).map((line) => `  model  ${line}`);
      throw this.divergence(`${when === "" ? "the states differ" : `the states differ ${when}`}\n${[...extra, ...missing].join("\n")}`);
    }
    const end = this.data + PLACES.bytes;
    if (Buffer.compare(this.kernel.memory.subarray(this.data, end), this.model.memory.subarray(this.data, end)) === 0) return;
    const at = this.model.memory.findIndex((byte, i) => i >= this.data && i < end && byte !== this.kernel.memory[i]);
    throw this.divergence(
      `what stands in the tasks' memory differs ${when} (byte ${at - this.data} of the data: ${this.kernel.memory[at]}, and should be ${this.model.memory[at]})`,
    );
  }

  divergence(what: string): Divergence {
    const before = this.log.slice(-12).map((line) => `  ${line}`);
    const test = ['test("what this shows", () => {', `  lockstep(${written(this.program).replaceAll("\n", "\n  ")});`, "});"];
    return new Divergence([`step ${this.steps}: ${what}`, "before that:", ...before, "as a test:", ...test].join("\n"));
  }
}

/** The oracle of a program: its choices over and over; what it is asked is noted. */
function chosenFrom(choices: number[], asked: string[]): (kind: number, count: number) => number {
  let at = 0;
  return (kind, count) => {
    asked.push(`${kind}/${count}`);
    return Math.floor((((choices[at++ % choices.length] ?? 0) % 1000) * count) / 1000);
  };
}

/** Ops about facts that the model does not know. */
function isUnknown([call, , field = 0]: Op): boolean {
  return call === "object_info" && UNKNOWN.includes(field % 36);
}

function told(turn: Turn): string {
  switch (turn.kind) {
    case "idle":
    case "device":
      return turn.kind;
    case "interrupt":
      return `interrupt of line ${turn.who}`;
    case "signal":
      return `signal ${turn.signal} from ${turn.origin} for task ${turn.who} (handler ${turn.entry})`;
  }
  return `${turn.kind === "line" ? "the handler of line" : "task"} ${turn.who}, ${turn.kind === "start" ? "begins with" : "gets"} ${turn.result}`;
}

/** Runs the program on both. Throws Divergence, or KernelFailure, when they disagree. */
export function lockstep(program: Program, options: LockstepOptions = {}): void {
  const run = new Run(program, options);
  try {
    run.describe();
    while (run.step());
    run.compare("at the end");
  } catch (error) {
    if (error instanceof Divergence) throw error;
    throw Object.assign(run.divergence(String(error)), { cause: error });
  } finally {
    if (options.course) {
      options.course.steps += run.steps;
      options.course.calls += run.kernel.calls;
      if (options.hash) options.course.hash = run.kernel.hash;
    }
  }
}
