/** What a task says about its own signals: handlers, the mask, waiting for one. */
import { signal_action, signal_mask, signal_pending, signal_suspend, signal_wait } from "./calls";
import { Disposition, MaskHow } from "./constants";
import { FOREVER } from "./object";
import { SigActionRecord } from "./records";
import { Slot, slot } from "./slot";

/** Runs in the task, on top of what it was doing; `origin` is the handle of the task or object that sent the signal, 0 for none. */
export type SignalBody = (signal: i32, origin: i32) => void;

/** The set that holds these signals, each 1 to 31; 0 is none. */
export function signalSet(first: i32, second: i32 = 0, third: i32 = 0, fourth: i32 = 0): u32 {
  return ((1 << first) | (1 << second) | (1 << third) | (1 << fourth)) & ~1;
}

/** The signals of the task that runs. A set has bit s for signal s. */
@unmanaged
export class Signals {
  /**
   * From now on the handler runs at each of these signals. `flags` are of SigFlag (RESTART: a wait that it interrupts goes on
   * afterwards instead of answering EINTR), `mask` is the set of signals that wait besides this one while it runs.
   */
  handle(signal: i32, body: SignalBody, flags: u32 = 0, mask: u32 = 0): i32 {
    return act(signal, Disposition.HANDLER, body.index, flags, mask);
  }

  /** The signal does nothing from now on. */
  ignore(signal: i32, flags: u32 = 0): i32 {
    return act(signal, Disposition.IGNORE, 0, flags, 0);
  }

  /** The signal does what it does by default again. */
  restore(signal: i32, flags: u32 = 0): i32 {
    return act(signal, Disposition.DEFAULT, 0, flags, 0);
  }

  /** The signals of the set wait until they are unmasked. Answers the mask before. */
  mask(set: u32): u32 {
    return masked(MaskHow.BLOCK, set);
  }

  /** What is pending of the set is delivered before this returns. Answers the mask before. */
  unmask(set: u32): u32 {
    return masked(MaskHow.UNBLOCK, set);
  }

  /** Sets the whole mask. Answers the mask before. */
  setMask(set: u32): u32 {
    return masked(MaskHow.SET, set);
  }

  /** Takes the lowest pending signal of the set, or waits for one; no handler runs for it. `from` says who sent it. */
  wait(set: u32, timeout: i32 = FOREVER): i32 {
    return signal_wait(set, changetype<usize>(slot()) + offsetof<Slot>("origin"), timeout);
  }

  /** Who sent what wait() took last: a handle, 0 for none. */
  get from(): i32 {
    return slot().origin;
  }

  /** Waits with this mask until a handler has run; then the old mask is back. Answers EINTR. */
  suspend(mask: u32): i32 {
    return signal_suspend(mask);
  }

  /** The signals that were sent and not delivered. */
  pending(): u32 {
    const own = slot();
    const out = own.take(4);
    signal_pending(out);
    const set = load<u32>(out);
    own.give(out);
    return set;
  }
}

function act(signal: i32, disposition: u32, entry: u32, flags: u32, mask: u32): i32 {
  const own = slot();
  const at = own.take(offsetof<SigActionRecord>());
  const action = changetype<SigActionRecord>(at);
  action.disposition = disposition;
  action.entry = entry;
  action.mask = mask;
  action.flags = flags;
  const result = signal_action(signal, at, 0);
  own.give(at);
  return result;
}

function masked(how: i32, set: u32): u32 {
  const own = slot();
  const out = own.take(4);
  signal_mask(how, set, out);
  const before = load<u32>(out);
  own.give(out);
  return before;
}
