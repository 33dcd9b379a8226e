/**
 * Who did what when, from the words of trace records as they come: for every task, for every interrupt line and for idleness,
 * how many cycles it spent in which state in each of a bounded number of equal spans of time. When the run outgrows them, spans
 * double in width and neighbours are added up, so memory is bounded and nothing is lost but resolution.
 *
 *     lane "writer":   span 0        span 1        span 2
 *         RUNNING      [  900        [  120        [    0
 *         READY           100           300             0
 *         0x0901            0           580          1000      waiting for pipe 1
 */
import { callTable, Happening, Kind, objectText } from "../../hal/host/index.js";

export const SPANS = 512;
/** Tasks that have a lane of their own; beyond, the ended ones with the longest past share one. */
const LANES = 72;
const OTHERS = "(others)";
const WORD = 4294967296;

/** From here on numbers stand for tasks that are waited for. */
const JOINS = 0x10000;

/** What a lane's owner does; a larger number is what it waits for, most often the id (kind << 8 | index) of an object. */
export const Doing = { NOTHING: 0, RUNNING: 1, READY: 2, SUSPENDED: 3, SLEEPING: 4, SIGNALLED: 5 } as const;

/** Waits that are for no object, by their call. */
const waits: Record<string, string> = {
  signal_wait: "a signal",
  signal_suspend: "a signal",
  flags_wait: "thread flags",
  notify_wait: "a notification",
  object_poll: "several things",
};

export interface Lane {
  name: string;
  sort: "task" | "line" | "idle";
  /** Cycles in each span, by what was done. */
  readonly spent: Map<number, Float64Array>;
}

/** Whoever has a lane, as it is now. */
interface Actor {
  lane: Lane | undefined;
  doing: number;
  since: number;
  held: boolean;
}

const actor = (): Actor => ({ lane: undefined, doing: Doing.NOTHING, since: 0, held: false });

export class Timeline {
  readonly #nameOf: (id: number) => string;
  #width = 1;
  /** Cycle at which the machine was powered on. */
  #origin = 0;
  #high = 0;
  #end = 0;
  readonly #lanes = new Map<string, Lane>();
  /** Names of tasks that were waited for. */
  readonly #joined: string[] = [];
  readonly #tasks = Array.from({ length: 128 }, actor);
  readonly #lines = Array.from({ length: 128 }, actor);
  readonly #idle = actor();
  /** Who has the CPU below all handlers. */
  #current: Actor | undefined;
  /** The handlers that run, innermost last. */
  readonly #handlers: Actor[] = [];

  /** `nameOf` names an object by its id. */
  constructor(nameOf: (id: number) => string) {
    this.#nameOf = nameOf;
  }

  /** Cycles of a span. */
  get width(): number {
    return this.#width;
  }

  /** The last cycle that it knows of. */
  get end(): number {
    return this.#end;
  }

  /** Tasks in order of birth, lines in order of their first interrupt, idleness last. */
  get lanes(): Lane[] {
    const rank = { task: 0, line: 1, idle: 2 };
    return [...this.#lanes.values()].sort((a, b) => rank[a.sort] - rank[b.sort]);
  }

  /** The machine is powered on anew at this cycle: its records count from there, and all that was has ended. */
  begin(origin: number): void {
    for (const each of [...this.#tasks, ...this.#lines, this.#idle]) this.#enter(each, Doing.NOTHING, this.#end);
    this.#handlers.length = 0;
    this.#current = undefined;
    this.#origin = origin;
    this.#high = origin;
  }

  /** Takes a trace record's words. */
  record(cycles: number, what: number, first: number): void {
    const event = what & 0xff;
    // Calls are most of a trace. They have the larger numbers, and no call as such moves anyone.
    if (event > Happening.HOLD && event !== Happening.DELIVER) return;
    if (event === Happening.CARRY) {
      this.#high = this.#origin + first * WORD;
      return;
    }
    this.#happened(event, this.#high + cycles, (what >>> 8) & 0x7f, what >>> 16, first | 0);
  }

  #happened(event: number, now: number, who: number, object: number, first: number): void {
    const task = this.#tasks[who] as Actor;
    if (event === Happening.SWITCH) this.#switch(task, first, now);
    else if (event === Happening.BLOCK) this.#enter(task, this.#waiting(object), now);
    else if (event === Happening.WAKE) this.#enter(task, task.held ? Doing.SUSPENDED : Doing.READY, now);
    else if (event === Happening.IDLE) this.#rest(now);
    else if (event === Happening.INTERRUPT) this.#interrupt(object & 0x7f, now);
    else if (event === Happening.RETURN) this.#return(now);
    else if (event === Happening.SPAWN) this.#spawn(task, who, now);
    else if (event === Happening.END) this.#enter(task, Doing.NOTHING, now);
    else if (event === Happening.DELIVER) this.#signal(task, now);
    else if (event === Happening.HOLD) this.#hold(task, first !== 0, now);
  }

  /** The run goes no further than this cycle. */
  close(now: number): void {
    for (const each of [...this.#tasks, ...this.#lines, this.#idle]) this.#enter(each, each.doing, now);
    this.#end = Math.max(this.#end, now);
  }

  #switch(next: Actor, previous: number, now: number): void {
    if (previous >= 0) this.#givesUp(this.#tasks[previous & 0x7f] as Actor, now);
    this.#enter(this.#idle, Doing.NOTHING, now);
    this.#current = next;
    this.#enter(next, Doing.RUNNING, now);
  }

  /** What to call the wait: by the object's id, but for a task, whose slot may be another's later. */
  #waiting(object: number): number {
    if (object === 0) return Doing.SLEEPING;
    if (object >> 8 !== Kind.TASK) return object;
    const name = this.#nameOf(object);
    let known = this.#joined.indexOf(name);
    if (known < 0) known = this.#joined.length < LANES ? this.#joined.push(name) - 1 : LANES;
    return JOINS + known;
  }

  /** What a task waits for, as its kind and its name; for a number above SLEEPING. */
  waitedFor(doing: number): string {
    if (doing >= JOINS) return doing === JOINS + LANES ? "a task" : `task ${this.#joined[doing - JOINS]}`;
    if (doing < 256) return waits[callTable[doing]?.name ?? ""] ?? objectText(doing);
    const numbered = objectText(doing);
    const kind = numbered.slice(0, numbered.indexOf(" ") + 1);
    const name = this.#nameOf(doing);
    return name.startsWith(kind) ? name : kind + name;
  }

  #spawn(task: Actor, slot: number, now: number): void {
    task.held = false;
    task.lane = this.#laneOf("task", this.#nameOf((Kind.TASK << 8) | slot));
    this.#enter(task, Doing.READY, now);
  }

  #givesUp(task: Actor, now: number): void {
    if (task.doing === Doing.RUNNING) this.#enter(task, task.held ? Doing.SUSPENDED : Doing.READY, now);
  }

  #rest(now: number): void {
    if (this.#current) this.#givesUp(this.#current, now);
    this.#idle.lane ??= this.#laneOf("idle", "idle");
    this.#current = this.#idle;
    this.#enter(this.#idle, Doing.RUNNING, now);
  }

  /** A mark of one cycle: a handler of the task begins. */
  #signal(task: Actor, now: number): void {
    if (task.lane) this.#spend(task.lane, Doing.SIGNALLED, now, now + 1);
  }

  #hold(task: Actor, held: boolean, now: number): void {
    task.held = held;
    if (held && task.doing === Doing.READY) this.#enter(task, Doing.SUSPENDED, now);
    if (!held && task.doing === Doing.SUSPENDED) this.#enter(task, Doing.READY, now);
  }

  /** Whoever has the CPU loses it to a handler, and has it again when the handler returns. */
  #interrupt(number: number, now: number): void {
    const below = this.#handlers[this.#handlers.length - 1] ?? this.#current;
    if (below?.doing === Doing.RUNNING) this.#enter(below, below === this.#idle ? Doing.NOTHING : Doing.READY, now);
    const line = this.#lines[number] as Actor;
    line.lane ??= this.#laneOf("line", this.#nameOf((Kind.LINE << 8) | number));
    this.#handlers.push(line);
    this.#enter(line, Doing.RUNNING, now);
  }

  #return(now: number): void {
    const line = this.#handlers.pop();
    if (line) this.#enter(line, Doing.NOTHING, now);
    const below = this.#handlers[this.#handlers.length - 1] ?? this.#current;
    if (!below || below.held) return;
    if (below.doing === Doing.READY || below === this.#idle) this.#enter(below, Doing.RUNNING, now);
  }

  #enter(actor: Actor, doing: number, now: number): void {
    if (actor.lane && actor.doing !== Doing.NOTHING && now > actor.since) this.#spend(actor.lane, actor.doing, actor.since, now);
    actor.doing = doing;
    actor.since = now;
    if (now > this.#end) this.#end = now;
  }

  #spend(lane: Lane, doing: number, from: number, to: number): void {
    while (to > SPANS * this.#width) this.#widen();
    let spans = lane.spent.get(doing);
    if (!spans) {
      spans = new Float64Array(SPANS);
      lane.spent.set(doing, spans);
    }
    const width = this.#width;
    let span = Math.floor(from / width);
    for (let start = from; start < to; ) {
      const end = Math.min(to, (span + 1) * width);
      spans[span] = (spans[span] as number) + end - start;
      span++;
      start = end;
    }
  }

  #widen(): void {
    this.#width *= 2;
    for (const lane of this.#lanes.values()) for (const spans of lane.spent.values()) halve(spans);
  }

  /** Tasks that have the same name, one after another, share a lane. */
  #laneOf(sort: Lane["sort"], name: string): Lane {
    const key = `${sort} ${name}`;
    const known = this.#lanes.get(key);
    if (known) return known;
    if (this.#lanes.size >= LANES) this.#merge();
    const lane = { name, sort, spent: new Map() };
    this.#lanes.set(key, lane);
    return lane;
  }

  /** The lane of the task that ended first goes into the common one. */
  #merge(): void {
    const alive = new Set(this.#tasks.filter((task) => task.doing !== Doing.NOTHING).map((task) => task.lane));
    const rest = this.#lanes.get(OTHERS) ?? { name: "(others)", sort: "task" as const, spent: new Map<number, Float64Array>() };
    for (const [key, lane] of this.#lanes) {
      if (lane.sort !== "task" || lane === rest || alive.has(lane)) continue;
      this.#lanes.delete(key);
      for (const [doing, spans] of lane.spent) add(rest.spent, doing, spans);
      break;
    }
    this.#lanes.set(OTHERS, rest);
  }
}

/** Neighbours are added up, into the lower half. */
function halve(spans: Float64Array): void {
  for (let i = 0; i < SPANS / 2; i++) spans[i] = (spans[2 * i] as number) + (spans[2 * i + 1] as number);
  spans.fill(0, SPANS / 2);
}

function add(spent: Map<number, Float64Array>, doing: number, spans: Float64Array): void {
  const sum = spent.get(doing);
  if (!sum) spent.set(doing, spans);
  else for (let i = 0; i < SPANS; i++) sum[i] = (sum[i] as number) + (spans[i] as number);
}
