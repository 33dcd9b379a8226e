/** RAM that a context may use: buffers are taken from its front for good, what a call stages lies behind them until the next. */
import { AppError } from "./errors.js";
import { View } from "./view.js";

const ALIGN = 8;
const encoder = new TextEncoder();

/** A piece of RAM: `next` is where the free part begins, `top` where what the last call staged ends. */
export interface Storage {
  next: number;
  top: number;
  end: number;
}

/** The RAM from `start` to `end`. */
export function storage(start: number, end: number): Storage {
  return { next: start, top: start, end };
}

/** Takes `bytes` of the storage for good, zeroed; throws AppError when they do not fit. */
export function carve(memory: Uint8Array, storage: Storage, bytes: number, who: string): View {
  const start = (storage.next + ALIGN - 1) & -ALIGN;
  if (!Number.isInteger(bytes) || bytes < 0 || start + bytes > storage.end) {
    const left = Math.max(0, storage.end - start);
    throw new AppError(`${who} asks for a buffer of ${bytes} bytes and has ${left} left: give it more with the option storage`);
  }
  storage.next = start + bytes;
  memory.fill(0, start, start + bytes);
  return new View(memory, start, bytes);
}

/** Copies text or bytes behind the buffers, where they stay until the next call. */
export function stage(memory: Uint8Array, storage: Storage, data: string | Uint8Array): View {
  const { next } = storage;
  if (typeof data === "string") {
    const { read, written } = encoder.encodeInto(data, memory.subarray(next, storage.end));
    room(storage, read === data.length ? written : encoder.encode(data).length, 1);
    return new View(memory, next, written);
  }
  memory.set(data, room(storage, data.length, 1));
  return new View(memory, next, data.length);
}

/** The address of room for `bytes` behind the buffers. */
export function room(storage: Storage, bytes: number, align = 4): number {
  const start = (storage.next + align - 1) & -align;
  if (start + bytes <= storage.end) {
    storage.top = start + bytes;
    return start;
  }
  const left = storage.end - storage.next;
  throw new AppError(
    `${bytes} bytes do not fit into the ${left} that are left of this task's storage: give it more with the option storage`,
  );
}
