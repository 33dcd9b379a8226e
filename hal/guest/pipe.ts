import { Buffer } from "./bytes";
import { pipe_create, pipe_read, pipe_reset, pipe_trigger, pipe_write } from "./calls";
import { Info } from "./constants";
import { BOTH, Channel, FOREVER, made, modeOf } from "./object";
import { Partial } from "./partial";
import { PIECE, slot } from "./slot";
import { dropName, encode, stageName } from "./text";
import { remaining, ticks } from "./time";

/** How a pipe is made. Directions are of Mode, or BOTH. */
export class PipeOptions {
  name: string = "";
  /** Bytes it holds; 0 is a rendezvous: bytes go straight from writer to reader. */
  capacity: i32 = 64;
  /** Everybody has it open in these directions: no end of file, no broken pipe there. */
  everybody: i32 = 0;
  /** In the description: the directions in which interrupt handlers have it open. */
  interrupts: i32 = 0;
  /** In a running task: the directions in which the creator has it open. */
  open: i32 = BOTH;
}

/** A stream of bytes with a fixed capacity. */
@unmanaged
export class Pipe extends Channel {
  /** Takes what is there, at most the buffer's length, and waits for a first byte. Answers how many; 0: no writer is left. */
  read(buffer: Buffer, timeout: i32 = FOREVER): i32 {
    return pipe_read(this.handle, buffer.address, buffer.length, timeout);
  }

  /** The same into `length` bytes at an address. */
  readInto(address: usize, length: i32, timeout: i32 = FOREVER): i32 {
    return pipe_read(this.handle, address, length, timeout);
  }

  /**
   * Puts text or a Buffer in. Up to 64 bytes of a buffer (or the capacity) go in whole, more in pieces as room appears; longer
   * text goes in pieces of PIECE bytes. Answers how many bytes went in, EPIPE when no reader is left, or another outcome.
   */
  write<T>(data: T, timeout: i32 = FOREVER): i32 {
    if (isString<T>()) return this.writeText(changetype<string>(data), timeout);
    if (data instanceof Buffer) {
      const buffer = changetype<Buffer>(data);
      return pipe_write(this.handle, buffer.address, buffer.length, timeout);
    }
    ERROR("a pipe takes text or a Buffer; writeFrom takes an address and a length");
    return 0;
  }

  /** The same from `length` bytes at an address. */
  writeFrom(address: usize, length: i32, timeout: i32 = FOREVER): i32 {
    return pipe_write(this.handle, address, length, timeout);
  }

  /** Forgets its bytes; blocked callers get ECANCELED. */
  reset(): i32 {
    return pipe_reset(this.handle);
  }

  /** A blocked reader wakes only at this many bytes. Answers the old level. */
  trigger(level: i32): i32 {
    return pipe_trigger(this.handle, level);
  }

  /** Bytes in it now. */
  get used(): i32 {
    return <i32>this.info(Info.COUNT);
  }

  private writeText(text: string, timeout: i32): i32 {
    const own = slot();
    const piece = own.take(PIECE);
    const start = ticks();
    let done = 0;
    let index = 0;
    do {
      const step = encode(text, index, piece, PIECE);
      const length = <i32>step;
      const count = pipe_write(this.handle, piece, length, remaining(timeout, start));
      if (count > 0) done += count;
      else if (done == 0) done = count;
      if (count != length) break;
      index = <i32>(step >> 32);
    } while (index < text.length);
    own.give(piece);
    return done;
  }
}

/** Makes a pipe; tasks of the description get it by `reads` and `writes`. */
export function pipe(options: Partial<PipeOptions> = {}): Pipe {
  const o = options as PipeOptions;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = pipe_create(name, o.capacity, modeOf(o.open, o.interrupts, o.everybody), 0);
  dropName(own, name);
  return changetype<Pipe>(made("pipe", o.name, handle));
}
