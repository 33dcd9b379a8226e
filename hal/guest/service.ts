/** The timer service: a task of priority 63 that runs the callbacks of timers, in order of expiry. */
import { timer_service } from "./calls";
import { FOREVER } from "./object";
import { CallbackRecord } from "./records";
import { describing } from "./slot";
import { task } from "./task";

const PRIORITY: i32 = 63;
const out: usize = memory.data(offsetof<CallbackRecord>(), 4);

let running: bool = false;

/** Sees to it that somebody runs callbacks. */
export function callbackService(): void {
  if (running) return;
  if (!describing()) abort("the first timer with a callback must be made in the system description: it brings the timer service");
  running = true;
  task("timer service", { priority: PRIORITY, slice: 0, daemon: true }, serve);
}

function serve(_argument: i32): void {
  for (;;) {
    // A handler that a callback installed has run, or somebody aborted the wait.
    if (timer_service(out, FOREVER) < 0) continue;
    const due = changetype<CallbackRecord>(out);
    call_indirect(due.entry, due.argument);
  }
}
