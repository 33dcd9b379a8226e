/** What a task says about its own signals: handlers, the mask, waiting for one. */
import { Disposition, type KernelExports, layout, MaskHow, SigFlag, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, type Parked, spec } from "../call.js";
import { AppError, CallError } from "../errors.js";
import type { Machine } from "../machine.js";
import { knownOptions } from "./check.js";
import { FOREVER } from "./results.js";
import type { Self } from "./task.js";

/** A set of signals: bit s is signal s. */
export type SignalSet = number;

/** The set that holds these signals, each 1 to 31. */
export function signalSet(...signals: number[]): SignalSet {
  const wrong = signals.find((signal) => !Number.isInteger(signal) || signal < 1 || signal > 31);
  if (wrong !== undefined) throw new AppError(`there is no signal ${wrong}: give numbers from 1 to 31`);
  return signals.reduce((set, signal) => set | (1 << signal), 0) >>> 0;
}

/** Runs in the task, on top of what it was doing; `from` is the handle of the task or object that sent the signal, 0 for none. */
export type SignalBody = (self: Self, signal: number, from: number) => Generator<Parked, unknown, unknown>;

export interface SignalOptions {
  /** Signals that wait besides this one while the handler runs. */
  mask?: readonly number[];
  /** A wait that the signal interrupts goes on afterwards, instead of answering EINTR. */
  restart?: boolean;
  /** The same signal may interrupt its own handler. */
  nodefer?: boolean;
  /** The default is back as soon as the handler begins. */
  resethand?: boolean;
  /** SIGCHLD: not when a child stops or goes on. */
  nocldstop?: boolean;
  /** SIGCHLD: children leave no zombies. */
  nocldwait?: boolean;
}

/** What a signal did before: a handler with its options, "ignore", or "default". */
export type SignalAction = { body: SignalBody; options: SignalOptions } | "ignore" | "default";

const S = layout.SigAction;
const signalSuspend = spec("signals.suspend", (k, mask) => k.signal_suspend(mask));

/** The signals of the task that runs. */
export class Signals {
  readonly #machine: Machine;
  /** Who sent what wait() took last: a handle, 0 for none. */
  from = 0;

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** From now on the handler runs at each of these signals. Answers what the signal did before. */
  handle(signal: number, body: SignalBody, options: SignalOptions = {}): Call<SignalAction> {
    if (typeof body !== "function")
      throw new AppError(`the handler of signal ${signal} has no body: give a function* as the second argument`);
    return this.#act("signals.handle", signal, Disposition.HANDLER, this.#machine.entry(body), options);
  }

  /** The signal does nothing from now on. Answers what it did before. */
  ignore(signal: number, options: SignalOptions = {}): Call<SignalAction> {
    return this.#act("signals.ignore", signal, Disposition.IGNORE, 0, options);
  }

  /** The signal does what it does by default again. Answers what it did before. */
  restore(signal: number, options: SignalOptions = {}): Call<SignalAction> {
    return this.#act("signals.restore", signal, Disposition.DEFAULT, 0, options);
  }

  /** These signals wait until they are unmasked. Answers the mask before. */
  mask(...signals: number[]): Call<SignalSet> {
    return this.#masked(MaskHow.BLOCK, signalSet(...signals));
  }

  /** What is pending of these signals is delivered before this returns. Answers the mask before. */
  unmask(...signals: number[]): Call<SignalSet> {
    return this.#masked(MaskHow.UNBLOCK, signalSet(...signals));
  }

  /** Sets the whole mask. Answers the mask before. */
  setMask(mask: SignalSet): Call<SignalSet> {
    return this.#masked(MaskHow.SET, mask);
  }

  /** Takes the lowest pending signal of the set, or waits for one; no handler runs for it. `from` says who sent it. */
  wait(set: SignalSet, timeout = FOREVER): Call<number> {
    const p = this.#machine.enter();
    const out = this.#machine.stageBytes(4);
    const retry = (k: KernelExports) => k.signal_wait(set, out, timeout);
    return p.make("signals.wait", retry, (result) => {
      if (result > 0) this.from = this.#machine.i32[out >> 2] as number;
      return result;
    });
  }

  /** Waits with this mask until a handler has run; then the old mask is back. Answers EINTR. */
  suspend(mask: SignalSet): Call<-4 | -125> {
    const p = this.#machine.enter();
    const r = this.#machine.kernel.signal_suspend(mask);
    return r === SWITCH ? p.block(signalSuspend, mask) : p.settle(r, signalSuspend);
  }

  /** The signals that were sent and not delivered. */
  pending(): Call<SignalSet> {
    const p = this.#machine.enter();
    const out = this.#machine.stageBytes(4);
    const word = () => this.#machine.u32[out >> 2] as number;
    return p.make("signals.pending", (k) => k.signal_pending(out), word);
  }

  #masked(how: number, set: SignalSet): Call<SignalSet> {
    const p = this.#machine.enter();
    const out = this.#machine.stageBytes(4);
    const word = () => this.#machine.u32[out >> 2] as number;
    return p.make("signals.mask", (k) => k.signal_mask(how, set, out), word);
  }

  #act(call: string, signal: number, disposition: number, entry: number, options: SignalOptions): Call<SignalAction> {
    knownOptions("a signal's handler", options, ["mask", ...flagNames]);
    if (!Array.isArray(options.mask ?? [])) throw new AppError("a signal's handler: mask is a list of signals: mask: [SIGUSR1]");
    const m = this.#machine;
    const p = m.enter();
    const at = m.stageBytes(2 * S.bytes);
    const old = at + S.bytes;
    const flags = flagsOf(options);
    const mask = signalSet(...(options.mask ?? []));
    const retry = (k: KernelExports) => {
      m.i32[(at + S.disposition) >> 2] = disposition;
      m.i32[(at + S.entry) >> 2] = entry;
      m.i32[(at + S.mask) >> 2] = mask;
      m.i32[(at + S.flags) >> 2] = flags;
      return k.signal_action(signal, at, old);
    };
    return p.make(call, retry, (r) => {
      // As with everything that is made: no room for it is thrown.
      if (r < 0) throw new CallError(call, r);
      return this.#action(old);
    });
  }

  #action(at: number): SignalAction {
    const { u32 } = this.#machine;
    const word = (offset: number) => u32[(at + offset) >> 2] as number;
    const disposition = word(S.disposition);
    if (disposition === Disposition.DEFAULT) return "default";
    if (disposition === Disposition.IGNORE) return "ignore";
    return { body: this.#machine.body(word(S.entry)) as SignalBody, options: optionsOf(word(S.mask), word(S.flags)) };
  }
}

const names = {
  restart: SigFlag.RESTART,
  nodefer: SigFlag.NODEFER,
  resethand: SigFlag.RESETHAND,
  nocldstop: SigFlag.NOCLDSTOP,
  nocldwait: SigFlag.NOCLDWAIT,
} as const;
type FlagName = keyof typeof names;
const flagNames = Object.keys(names) as FlagName[];

function flagsOf(options: SignalOptions): number {
  return flagNames.reduce((flags, name) => (options[name] ? flags | names[name] : flags), 0);
}

function optionsOf(mask: number, flags: number): SignalOptions {
  const options: SignalOptions = { mask: Array.from({ length: 32 }, (_, signal) => signal).filter((signal) => (mask >>> signal) & 1) };
  for (const name of flagNames) options[name] = (flags & names[name]) !== 0;
  return options;
}
