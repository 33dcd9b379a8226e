/** What comes from outside while it happens: stdin, the host's clock, real clients, Ctrl-C and Ctrl-Z. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Entrance, Network, NetworkLimits, Reason } from "../../hal/host/index.js";
import type { Bell } from "./bell.js";
import type { Forward } from "./forward.js";
import type { Source } from "./loop.js";
import type { Taker } from "./outside.js";
import { FRAME, Pace } from "./pace.js";
import type { Ending } from "./status.js";
import type { Stdin } from "./stdin.js";

/** Milliseconds by which virtual time may be ahead of the host's clock while real clients are served. */
const LEAD = 50;

export class Live implements Source {
  readonly #network: Network;
  readonly #entrance: Entrance;
  readonly #bell: Bell;
  readonly #stdin: Stdin;
  readonly #forward: Forward | undefined;
  #pace: Pace | undefined;
  /** What came while compiled code was amid a step, and is to take effect behind it: Ctrl-C, Ctrl-Z, bytes or the end of stdin. */
  readonly #signals: number[] = [];
  #typed = false;

  /** `realtime` paces from the beginning; `forward` is where real clients are. */
  constructor(network: Network, entrance: Entrance, around: { bell: Bell; stdin: Stdin }, realtime: boolean, forward?: Forward) {
    this.#network = network;
    this.#entrance = entrance;
    this.#bell = around.bell;
    this.#stdin = around.stdin;
    this.#forward = forward;
    if (realtime) this.#beginPace();
    // A task runs when it is told: the process looks at stdin only between two steps.
    network.console.input.onListen = () => network.stop();
  }

  /**
   * Ctrl-C or Ctrl-Z, as SIGINT or SIGTSTP for the foreground task: who took it. It has a time of the host's, so from here on the
   * input has, too: or else the task would not run before the next byte is known.
   */
  interrupt(signal: number): Taker {
    if (this.#network.amid) {
      if (this.#signals.includes(signal) || !this.#entrance.interruptible(signal)) return "nobody";
      this.#signals.push(signal);
    } else if (!this.#interrupts(signal)) return "nobody";
    return this.#entrance.claimed ? "shell" : "task";
  }

  #interrupts(signal: number): boolean {
    if (!this.#entrance.interrupt(signal)) return false;
    if (this.#network.console.input.awaited) this.#beginPace();
    return true;
  }

  limits(): NetworkLimits {
    const entrance = this.#entrance;
    const held = this.#signals.length > 0 || this.#typed;
    // Compiled code goes on to the end of its step first, a tick at most: only there has what comes a point that a recording knows.
    if (held && this.#network.amid) return { dispatches: 1 };
    for (const signal of this.#signals.splice(0)) this.#interrupts(signal);
    if (this.#typed) this.#feed();
    this.#typed = false;
    for (const event of this.#forward?.take((client) => entrance.room(client)) ?? []) entrance.visit(event);
    if (!this.#pace) return {};
    const now = this.#pace.limit(this.#network.cycles);
    if (this.#network.alone) return { cycle: now };
    return { rest: now, lead: this.#forward ? (LEAD * this.#network.hz) / 1000 : 0 };
  }

  async rest(reason: Reason): Promise<Ending | undefined> {
    if (reason === "until") return "until";
    const { input } = this.#network.console;
    if (input.listening) this.#listen();
    if (reason === "pace" && !this.#forward?.waits((client) => this.#entrance.room(client))) await this.#bell.wait(FRAME);
    else if (reason === "input" && !this.#feed()) await this.#bell.wait();
    else await nextTurn();
    while (input.paced && input.available === 0 && !this.#network.amid && this.#feed());
    this.#typed = input.paced && input.available === 0 && input.open && this.#stdin.ready;
    return undefined;
  }

  /** A task reads the console: only now is stdin touched, and a person who types makes time real. */
  #listen(): void {
    this.#stdin.start();
    if (this.#stdin.terminal && !this.#pace) this.#beginPace();
  }

  #beginPace(): void {
    this.#pace = new Pace(this.#network.hz, this.#network.cycles);
    this.#entrance.pace();
  }

  /** Hands the machine what came next, or the end; false when neither is known. */
  #feed(): boolean {
    if (!this.#network.console.input.open) return false;
    const next = this.#stdin.take();
    if (next === undefined) return false;
    if (next === "end") this.#entrance.close();
    else this.#entrance.type(next);
    return true;
  }
}
