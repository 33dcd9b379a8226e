/**
 * What each task has of its own in the firmware's static memory, so that no call needs the heap: a small stack of frames for
 * names, text on its way out and results, and what some calls tell besides their result. The description and all interrupt
 * handlers share the last slot.
 *
 *     | top before | start before | bytes of the frame ... | top before | ...
 *                                   ^ start           top ^
 *
 * A handler, of a signal or of an interrupt, may come between any two accesses. It leaves frames behind as it found them, and
 * `take` and `give` change `top` and `start` in an order that makes a handler's frame lie above all that is in use. There is room
 * for two frames of PIECE bytes; what is deeper takes the place of what lies at the bottom.
 */
import { CpuRecord } from "./records";

/** Bytes of text that go out in one piece at most. */
export const PIECE: i32 = 56;
/** Bytes of all frames, and of each one's header. */
const FRAMES: u32 = 128;
const HEADER: u32 = 8;
/** Bytes of the longest text that fits at all. */
export const LONGEST: i32 = 120;
/** Slots of tasks. */
const TASKS: i32 = 64;
/** Slices of buffers that a task has at once. */
const SLICES: u32 = 2;
const SLICE_BYTES: u32 = 8;

/** The CPU page. */
export const cpu: CpuRecord = changetype<CpuRecord>(64);

/** A task's own memory. */
@unmanaged
export class Slot {
  /** The task, by its handle: another one in the same slot begins anew. */
  owner: i32;
  /** Where the next frame goes, and where the innermost one begins. */
  top: u32;
  start: u32;
  /** Which slice is the next. */
  turn: u32;
  /** Whom it joined last, and with which status that ended. */
  joined: i32;
  status: i32;
  /** Who sent the signal that it took last. */
  origin: i32;
  /** Of the letter that it received last: a Letter record. */
  sender: i32;
  size: u32;
  shared: u32;

  /** A frame of so many bytes: its address, a multiple of 8. */
  take(bytes: u32): usize {
    const top = this.top;
    let header = (top + 7) & ~7;
    if (header + HEADER + bytes > FRAMES) header = 0;
    const at = this.frames + header;
    store<u32>(at, top);
    store<u32>(at, this.start, 4);
    this.top = header + HEADER + bytes;
    this.start = header + HEADER;
    return at + HEADER;
  }

  /** The innermost frame, at this address, is done with. */
  give(frame: usize): void {
    const top = load<u32>(frame - HEADER);
    this.start = load<u32>(frame - HEADER, 4);
    this.top = top;
  }

  /** Where the innermost frame is. */
  get frame(): usize {
    return this.frames + this.start;
  }

  /** Bytes of the innermost frame. */
  get length(): i32 {
    return this.top - this.start;
  }

  /** Whether a byte more would be more than a piece, or has no room. */
  get full(): bool {
    return this.length >= PIECE || this.top >= FRAMES;
  }

  /** Puts a byte behind the innermost frame, which is not full. */
  put(byte: u32): void {
    store<u8>(this.frames + this.top, <u8>byte);
    this.top++;
  }

  /** The innermost frame is empty again. */
  empty(): void {
    this.top = this.start;
  }

  /** The record of a slice, good until as many more were made as there are. */
  slice(): usize {
    const turn = this.turn;
    this.turn = (turn + 1) % SLICES;
    return changetype<usize>(this) + offsetof<Slot>() + turn * SLICE_BYTES;
  }

  private get frames(): usize {
    return changetype<usize>(this) + offsetof<Slot>() + SLICES * SLICE_BYTES;
  }
}

const STRIDE: usize = offsetof<Slot>() + SLICES * SLICE_BYTES + FRAMES;
const table: usize = memory.data((TASKS + 1) * (offsetof<Slot>() + SLICES * SLICE_BYTES + FRAMES), 8);

/** The slot of whoever runs. */
export function slot(): Slot {
  if (interrupting() || cpu.current < 0) return changetype<Slot>(table + <usize>TASKS * STRIDE);
  const own = changetype<Slot>(table + <usize>cpu.current * STRIDE);
  const handle = cpu.self;
  if (own.owner != handle) {
    own.owner = handle;
    own.top = 0;
    own.start = 0;
  }
  return own;
}

/** Whether an interrupt handler runs. */
export function interrupting(): bool {
  return cpu.depth > 0;
}

/** Whether this is the system description: no task has run yet. */
export function describing(): bool {
  return cpu.current < 0 && cpu.depth == 0;
}

/** Whether a call may wait here. */
export function waiting(): bool {
  return cpu.current >= 0 && !interrupting();
}
