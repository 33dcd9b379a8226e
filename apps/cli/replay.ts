/** What comes from outside as a recording has it: no stdin, no clock, no network; as fast as the host can. */
import { basename } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Entrance,
  type Grain,
  type Network,
  type NetworkLimits,
  Playback,
  type Reason,
  type Recording,
} from "../../hal/host/index.js";
import type { Source } from "./loop.js";
import { type Ending, endings, UsageError } from "./status.js";

export class Replay implements Source {
  readonly #network: Network;
  readonly #recording: Recording;
  readonly #playback: Playback;
  /** Its end was seen: that of the run, or of the recording. */
  #seen = false;

  constructor(network: Network, entrance: Entrance, recording: Recording) {
    this.#network = network;
    this.#recording = recording;
    this.#playback = new Playback(network, entrance, recording);
  }

  limits(): NetworkLimits {
    return this.#playback.limits;
  }

  async rest(reason: Reason): Promise<Ending | undefined> {
    if (this.#playback.feed()) return undefined;
    if (this.#playback.done) {
      this.#seen = true;
      return this.#recording.close.ending as Ending;
    }
    if (reason === "until") return "until";
    if ((reason !== "budget" && reason !== "observed") || this.#playback.astray) return "astray";
    await nextTurn();
    return undefined;
  }

  /** When it is over: whether it was the same run, in words; undefined when it was stopped before. */
  verdict(ending: Ending): { same: boolean; text: string } | undefined {
    const { entries, close } = this.#recording;
    const whole = this.#seen || this.#network.over !== "stopped";
    if (!whole && ending !== "astray") return undefined;
    if (whole && this.#network.hash === close.hash) {
      const count = entries.length === 1 ? "1 event" : `${entries.length} events`;
      return { same: true, text: `replayed with ${count} from outside: the same run as recorded` };
    }
    const text = `the replay is not the run that was recorded, with trace hash 0x${close.hash}: the app or talea has changed since`;
    return { same: false, text };
  }

  /** The ending that counts: what stopped the recorded run from outside did not happen now. */
  outcome(ending: Ending): Ending {
    return this.#seen && (ending === "interrupted" || ending === "closed" || ending === "unusable") ? "until" : ending;
  }
}

/** What of the command line a recording brings with it. */
interface Given {
  seed?: number;
  firmware?: string;
  grain?: Grain;
  protect?: boolean;
  args: readonly string[];
  realtime?: boolean;
  forward?: readonly unknown[];
  record?: string;
}

/** Throws UsageError when the command line asks for another run than that of the recording. */
export function checkReplay(name: string, recording: Recording, file: string, given: Given): void {
  const { app, firmware, grain, protect, seed, args, close } = recording;
  const refuse = (why: string) => {
    throw new UsageError(why);
  };
  if (app !== basename(file)) refuse(`the recording ${name} is of ${app}, not of ${basename(file)}`);
  const beside = given.firmware === undefined ? undefined : basename(given.firmware);
  if (beside !== firmware) {
    const made = firmware === undefined ? "without --firmware: leave it out" : `with --firmware ${firmware}: give it, too`;
    refuse(`the recording ${name} was made ${made}`);
  }
  // Older recordings do not say it.
  if (grain !== undefined && given.grain !== undefined && given.grain !== grain) {
    refuse(`the recording ${name} was made with --grain ${grain}: leave out --grain`);
  }
  if (given.protect && !protect) refuse(`the recording ${name} was made without --protect: leave it out`);
  if (given.forward) refuse("--replay goes without --forward: what came from clients is in the recording");
  if (given.realtime) refuse("--replay goes without --realtime: it runs as fast as it can");
  if (given.record !== undefined) refuse("--replay goes without --record: it would be the same recording");
  if (given.seed !== undefined && given.seed !== seed) {
    refuse(`the recording ${name} was made with ${seed === undefined ? "no seed" : `--seed ${seed}`}: leave out --seed`);
  }
  if (given.args.length > 0 && JSON.stringify(given.args) !== JSON.stringify(args)) {
    refuse(`the recording ${name} was made with ${args.length === 0 ? "no arguments" : `the arguments ${args.join(" ")}`}: leave them out`);
  }
  if (!endings.some((ending) => ending === close.ending)) refuse(`the recording ${name} ended with "${close.ending}", as no run does`);
}
