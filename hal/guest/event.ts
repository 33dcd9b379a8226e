import { event_clear, event_create, event_set, event_wait } from "./calls";
import { EventWait, Info } from "./constants";
import { FOREVER, KernelObject, made } from "./object";
import { Partial } from "./partial";
import { slot } from "./slot";
import { dropName, stageName } from "./text";

/** How event flags are made. */
export class EventFlagsOptions {
  name: string = "";
  /** Flags at the start (bits 0..30). */
  bits: i32 = 0;
}

/** 31 event flags. */
@unmanaged
export class EventFlags extends KernelObject {
  /** Waits for any of `bits`, or as `how` (EventWait) says; answers the flags as they were then, or a negative outcome. */
  wait(bits: i32, how: i32 = EventWait.ANY, timeout: i32 = FOREVER): i32 {
    return event_wait(this.handle, bits, how, timeout);
  }

  /** Sets bits, wakes who is satisfied, answers the flags left. */
  set(bits: i32): i32 {
    return event_set(this.handle, bits);
  }

  /** Clears bits, answers the flags as they were before. */
  clear(bits: i32): i32 {
    return event_clear(this.handle, bits);
  }

  /** The flags now. */
  get bits(): i32 {
    return <i32>this.info(Info.COUNT);
  }
}

/** Makes event flags. */
export function event(options: Partial<EventFlagsOptions> = {}): EventFlags {
  const o = options as EventFlagsOptions;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = event_create(name, o.bits);
  dropName(own, name);
  return changetype<EventFlags>(made("event", o.name, handle));
}
