/**
 * The one virtual time of several machines. It goes in windows that are no longer than a packet's way: in a window each machine runs
 * by itself, one after another, and stops exactly at its end; then what was sent is put on the links. So nothing can arrive in a
 * window that was not known at its beginning.
 *
 *     alice  |--->----------|--------*-----|        > a packet leaves
 *     bob    |--------------|----*---------|        * a packet arrives
 *            0            window         window
 *
 * Where windows end is settled by the description alone, never by what machines do or when the host stops: a machine's schedule
 * knows that it was stopped, so this must be the same in every run. Packets meet their fates in order of the cycles at which they
 * left, equal ones in order of their senders, whichever machine ran first.
 */
import { NEVER, TICK_CYCLES } from "../../map.js";
import type { Machine } from "../machine.js";
import type { Limits, Reason } from "../options.js";
import type { Moment } from "./scenario.js";
import type { Seat } from "./seat.js";
import type { Wire } from "./wire.js";

/** How far time may pass. */
export interface Reach {
  /** Not behind this cycle. */
  cycle: number;
  /** Behind this one only while something happens, and no further than `lead` cycles. */
  rest: number;
  lead: number;
}

export class Windows {
  readonly #seats: readonly Seat[];
  readonly #wire: Wire;
  readonly #moments: readonly Moment[];
  /** Moments that are past. */
  #past = 0;
  /** Up to here all machines have got, perhaps amid a window. */
  #known = 0;
  /** The window under way. */
  #from = 0;
  #end = -1;
  /** The machine whose turn it is in the window. */
  #turn = 0;
  #running: Machine;
  #over: Reason | undefined;
  #stopping = false;
  /** Why the steps ended. */
  #why: Reason | undefined;
  /** Cycle since which nobody could run. */
  #quiet = 0;

  constructor(seats: readonly Seat[], wire: Wire, moments: readonly Moment[]) {
    this.#seats = seats;
    this.#wire = wire;
    this.#moments = moments;
    this.#running = (seats[0] as Seat).machine;
  }

  /** Whether the first window has begun. */
  get begun(): boolean {
    return this.#end >= 0;
  }

  /** Where the window under way began. */
  get from(): number {
    return this.#from;
  }

  /** Up to which cycle everything is known. */
  get known(): number {
    return Math.max(this.#from, this.#known);
  }

  /** The machine that runs, or ran last. */
  get running(): Machine {
    return this.#running;
  }

  /** Why the run is over, undefined while it can go on. */
  get over(): Reason | undefined {
    return this.#over;
  }

  /** Stops at the next step. */
  stop(): void {
    this.#stopping = true;
    this.#running.stop();
  }

  /**
   * Lets the machines run as far as they may, which is "pace", or until `enough`, asked before every step, says why they stop.
   * A patient run goes on though nobody can ever run.
   */
  go(reach: Reach, enough: (() => Reason | undefined) | undefined, patient: boolean): Reason {
    const { cycle } = reach;
    this.#stopping = false;
    this.#limit(cycle, enough);
    if (!this.begun) this.#begin();
    for (;;) {
      if (this.known > cycle || this.#ahead(reach)) return "pace";
      const reason = this.#window();
      if (reason === "pace") this.#known = Math.floor(cycle);
      if (reason === "failed") this.finish("failed");
      if (reason) return reason;
      const over = this.#windowOver(patient);
      if (over) return over;
    }
  }

  #limit(cycle: number, enough: (() => Reason | undefined) | undefined): void {
    const limits: Limits = {};
    if (cycle < NEVER) limits.cycle = cycle;
    if (enough) {
      limits.until = () => {
        this.#why = enough();
        return this.#why !== undefined;
      };
    }
    for (const seat of this.#seats) seat.limit(limits);
  }

  /** Lets every machine go to the end of the window; says why not, if one did not get there. */
  #window(): Reason | undefined {
    let waits: "pace" | "held" | undefined;
    for (; this.#turn < this.#seats.length; this.#turn++) {
      const seat = this.#seats[this.#turn] as Seat;
      if (seat.arrived) continue;
      this.#running = seat.machine;
      const reason = seat.play();
      if (reason === "pace" || reason === "held") waits = waits === "held" ? waits : reason;
      else if (reason !== undefined) return reason === "until" ? this.#why : reason;
      if (this.#stopping) return "stopped";
    }
    this.#turn = 0;
    return waits;
  }

  /** Whether the next window is not for now. Asked only between windows: so the order in which machines run is always the same. */
  #ahead({ rest, lead }: Reach): boolean {
    if (this.#turn > 0 || this.#from <= rest) return false;
    return this.#from > rest + lead || (this.#wire.quiet && this.#seats.every((seat) => seat.resting));
  }

  #begin(): void {
    this.#happen();
    this.#open();
  }

  /** What was sent goes on its way, what the scenario has for this cycle happens, and the next window begins. */
  #windowOver(patient: boolean): Reason | undefined {
    this.#wire.settle(this.#end);
    this.#from = this.#end;
    this.#happen();
    const over = this.#ended(patient);
    if (over) return this.finish(over);
    this.#open();
    return undefined;
  }

  /** Windows end half a window from their multiples, so that none ends where a tick begins, and at what happens. */
  #open(): void {
    const length = Math.min(this.#wire.leastLatency, TICK_CYCLES);
    const half = length >> 1;
    const grid = half + length * (Math.floor((this.#from - half) / length) + 1);
    this.#end = Math.min(grid, this.#moments[this.#past]?.cycle ?? NEVER);
    for (const seat of this.#seats) seat.goOn(this.#end);
  }

  #happen(): void {
    for (; this.#past < this.#moments.length; this.#past++) {
      const { cycle, what, machine } = this.#moments[this.#past] as Moment;
      if (cycle > this.#from) return;
      this.#quiet = cycle;
      const seat = this.#seats[machine];
      if (seat && what === "crash") {
        seat.crash();
        this.#wire.announce(seat, cycle);
      } else if (seat && what === "restart") {
        this.#wire.forget(seat);
        seat.restart(cycle);
      }
    }
  }

  /** Why the run is over, if it is. */
  #ended(patient: boolean): Reason | undefined {
    const restarts = this.#moments.some(({ what }, i) => i >= this.#past && what === "restart");
    if (!restarts && !this.#seats.some((seat) => seat.busy)) return "finished";
    return !patient && this.#isDead() ? "deadlock" : undefined;
  }

  /**
   * Whether nobody can ever run. Where connections exist their kernels go on talking, so that is known only when nothing new was
   * said and nothing happened for longer than it takes to give up.
   */
  #isDead(): boolean {
    if (!this.#seats.every((seat) => seat.stuck)) {
      this.#quiet = this.#from;
      return false;
    }
    if (this.#past < this.#moments.length || this.#wire.open) return false;
    if (this.#seats.every((seat) => seat.silent)) return true;
    const patience = Math.max(...this.#seats.map((seat) => seat.patience));
    return this.#from - Math.max(this.#quiet, this.#wire.lastNews) > patience;
  }

  /** The run is over: what is on its way out goes out. */
  finish(reason: Reason): Reason {
    this.#over = reason;
    for (const { machine, up } of this.#seats) if (up && !machine.over) machine.halt(reason);
    return reason;
  }
}
