/**
 * Signal frames: what a task was doing when a handler began, to be gone on with. Few, for all tasks together: a signal for which
 * there is none stays pending, and its task is remembered as starved.
 *
 *     task.frames -> [ what the handler was doing ] -> [ what the task was doing ]      innermost first
 *     task.spare  -> [ reserved for the handler that has interrupted its wait ]
 */
import { Errno, SigFlag } from "./abi/constants";
import { Frame, Pool, Task } from "./abi/records";
import { FRAMES, TASKS } from "./config";
import { only } from "./lib/bits";
import { linked, none } from "./lib/list";
import { poolGive, poolInit, poolTake } from "./lib/pool";
import { kernel } from "./state";
import { alive, taskOf } from "./task";

/** What becomes of a wait that a signal interrupted, when the last handler has returned. */
export const enum Restart {
  NONE = 0,
  /** Its result stands: EINTR, or what it had moved. */
  NEVER = 1,
  /** It goes on if every handler had RESTART, else EINTR. */
  MAYBE = 2,
  /** It goes on. */
  ALWAYS = 3,
  /** The condition's mutex is still to be locked again. */
  LOCK = 4,
  /** The block is taken; the send returns when the receiver is done with it. */
  TAKEN = 5,
  /** signal_suspend: when nothing more is due under its mask, EINTR, and the mask before it is back. */
  SUSPEND = 6,
}
/** In Task.restart besides: the caller was told to repeat its call. */
export const REPEATED: u32 = 8;

const framePool: Pool = changetype<Pool>(memory.data(offsetof<Pool>(), 8));
const frames: usize = memory.data(FRAMES * offsetof<Frame>(), 8);
const NO_FRAME: Frame = changetype<Frame>(0);

export function framesInit(): void {
  poolInit(framePool, frames, offsetof<Frame>(), FRAMES);
}

/** Whether a frame is free. */
export function frameFree(): bool {
  return linked(framePool);
}

/** A frame for the task; none where there is none, and then the task is among the starved. */
export function frameTake(task: Task): Frame {
  const slot = poolTake(framePool);
  if (slot == 0) kernel.starved |= only(task.index);
  return changetype<Frame>(slot);
}

/** Gives a frame back; the starved hear of it before the export ends. */
export function frameGive(frame: Frame): void {
  poolGive(framePool, frame);
  if (kernel.starved == 0) return;
  kernel.todo = 1;
  kernel.look = 1;
}

/** What the task was doing goes into the frame, which becomes its innermost; `flags` are the handler's that begins. */
export function frameSave(task: Task, frame: Frame, flags: u32): void {
  let restart = <u32>task.restart & ~REPEATED;
  frame.mask = task.mask;
  if (restart == Restart.MAYBE && !(flags & SigFlag.RESTART)) {
    restart = Restart.NEVER;
    task.result = Errno.EINTR;
    task.repeat = 0;
  }
  frame.restart = <u8>restart;
  frame.result = task.result;
  frame.repeat = task.repeat;
  frame.until = task.until;
  frame.timeout = task.timeout;
  frame.ticket = task.ticket;
  frame.remaining = task.remaining;
  frame.pointer = task.pointer;
  frame.aside = task.aside;
  frame.progress = task.progress;
  frame.outcome = task.outcome;
  frame.below = task.frames;
  task.frames = frame;
  task.restart = <u8>Restart.NONE;
  task.repeat = 0;
}

/** The task is where it was when the handler of its innermost frame began, with the mask it had. The frame is free again. */
export function frameRestore(task: Task): void {
  const frame = task.frames;
  task.frames = frame.below;
  task.mask = frame.mask;
  task.restart = frame.restart;
  task.result = frame.result;
  task.repeat = frame.repeat;
  task.until = frame.until;
  task.timeout = frame.timeout;
  task.ticket = frame.ticket;
  task.remaining = frame.remaining;
  task.pointer = frame.pointer;
  task.aside = frame.aside;
  task.progress = frame.progress;
  task.outcome = frame.outcome;
  frameGive(frame);
}

/** Gives back the frame that was reserved for the task, if one was. */
export function frameSpared(task: Task): void {
  if (none(task.spare)) return;
  frameGive(task.spare);
  task.spare = NO_FRAME;
}

/** The task ends: its frames are free again. */
export function framesDropped(task: Task): void {
  while (!none(task.frames)) {
    const frame = task.frames;
    task.frames = frame.below;
    frameGive(frame);
  }
  frameSpared(task);
  task.restart = <u8>Restart.NONE;
  kernel.starved &= ~only(task.index);
}

/** The synchronous send with this ticket, which a handler of the task has put off, has its result. */
export function ticketDone(task: Task, ticket: u32, result: i32): void {
  if (task.restart == Restart.TAKEN && task.ticket == ticket) {
    task.restart = <u8>Restart.NEVER;
    task.result = result;
  }
  for (let frame = task.frames; !none(frame); frame = frame.below) {
    if (frame.restart != Restart.TAKEN || frame.ticket != ticket) continue;
    frame.restart = <u8>Restart.NEVER;
    frame.result = result;
  }
}

/** Every frame is free, or on the stack of one live task, or reserved for one; who goes without one does so because there is none. */
export function framesHold(): bool {
  let used: u32 = 0;
  for (let i = 0; i < TASKS; i++) {
    const task = taskOf(i);
    if (task.handle == 0) continue;
    if (!alive(task) && (!none(task.frames) || !none(task.spare))) return false;
    if (!none(task.spare)) used++;
    for (let frame = task.frames; !none(frame); frame = frame.below) used++;
  }
  return used == framePool.live && (kernel.starved == 0 || !frameFree());
}
