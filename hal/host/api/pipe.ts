import { layout, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, spec } from "../call.js";
import { View } from "../view.js";
import { sendable } from "./check.js";
import { Channel } from "./object.js";
import { type Count, FOREVER } from "./results.js";

export interface PipeOptions {
  name?: string;
  /** Bytes it holds, default 64; 0 is a rendezvous: bytes go straight from writer to reader. */
  capacity?: number;
  /** Everybody has it open in these directions: no end of file, no broken pipe there. */
  public?: "read" | "write" | "both";
  /** In a system description: the directions in which interrupt handlers have it open, so that it is no end while they may write. */
  interrupts?: "read" | "write" | "both";
  /** In a task: the directions in which the creator has it open, default both. */
  open?: "read" | "write" | "both";
}

const pipeRead = spec("pipe.read", (k, handle, address, length, timeout) => k.pipe_read(handle, address, length, timeout));
const pipeWrite = spec("pipe.write", (k, handle, address, length, timeout) => k.pipe_write(handle, address, length, timeout));
const pipeReset = spec("pipe.reset", (k, handle) => k.pipe_reset(handle));
const pipeTrigger = spec("pipe.trigger", (k, handle, level) => k.pipe_trigger(handle, level));

/** A stream of bytes with a fixed capacity. */
export class Pipe extends Channel {
  /**
   * Takes what is there into `view`, at most its length, and waits for a first byte. Answers how many bytes, 0 when no writer
   * is left and the pipe is drained, or a negative outcome.
   */
  read(view: View, timeout = FOREVER): Call<Count> {
    const p = this.machine.enter();
    const { target: address, length } = view;
    const r = this.machine.kernel.pipe_read(this.handle, address, length, timeout);
    return r === SWITCH ? p.block(pipeRead, this.handle, address, length, timeout) : p.settle(r, pipeRead);
  }

  /**
   * Puts a view, bytes or text in. Up to 64 bytes (or the capacity) go in whole, more in pieces as room appears. Answers how
   * many bytes went in, EPIPE when no reader is left, or another negative outcome.
   */
  write(data: View | string | Uint8Array, timeout = FOREVER): Call<Count> {
    const p = this.machine.enter();
    if (!(data instanceof View)) sendable("pipe.write", data);
    const { source: address, length } = data instanceof View ? data : this.machine.stage(data);
    const r = this.machine.kernel.pipe_write(this.handle, address, length, timeout);
    return r === SWITCH ? p.block(pipeWrite, this.handle, address, length, timeout) : p.settle(r, pipeWrite);
  }

  /** Forgets its bytes; blocked callers get ECANCELED. */
  reset(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.pipe_reset(this.handle);
    return r === SWITCH ? p.block(pipeReset, this.handle) : p.settle(r, pipeReset);
  }

  /** A blocked reader wakes only at this many bytes. Answers the old level. */
  trigger(level: number): Call<number> {
    const p = this.machine.enter();
    const r = this.machine.kernel.pipe_trigger(this.handle, level);
    return r === SWITCH ? p.block(pipeTrigger, this.handle, level) : p.settle(r, pipeTrigger);
  }

  /** Bytes in it now. For reports and tests. */
  get used(): number {
    return this.u32(layout.Pipe.used);
  }

  get capacity(): number {
    return this.u32(layout.Pipe.capacity);
  }
}
