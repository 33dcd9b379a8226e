/**
 * The console: two pipes that everybody has open, and the driver's protocol with the UART. The driver's handler switches its
 * interrupts off when console.out is empty, when console.in is full, and for good at the end of the input; who writes or reads
 * switches them on again.
 */
import { Buffer } from "./bytes";
import { interrupt_lock, interrupt_unlock, object_open, object_poll, pipe_read, pipe_write, task_self } from "./calls";
import { EAGAIN, ETIMEDOUT, Kind, Mode, Poll } from "./constants";
import { UartControl, UartRegister, uart } from "./device";
import { FOREVER, made, NO_WAIT } from "./object";
import { PollItemRecord } from "./records";
import { PIECE, slot } from "./slot";
import { Task } from "./task";
import { dropName, encode, stageName } from "./text";
import { remaining, ticks } from "./time";

/** Bytes that the driver takes over whole. */
const CHUNK: i32 = 64;

const into: i32 = opened("console.out", Mode.WRITE);
const from: i32 = opened("console.in", Mode.READ);

/** All input was read. */
let ended: bool = false;

function opened(name: string, mode: i32): i32 {
  const own = slot();
  const staged = stageName(own, name);
  const handle = object_open(Kind.PIPE, staged, mode);
  dropName(own, staged);
  return made("pipe", name, handle);
}

/** What the machine says and is told. */
@unmanaged
export class Console {
  /**
   * Writes text or a Buffer; waits while console.out is full. Pieces, of up to 64 bytes of a buffer and 56 of text, are never
   * mixed with another task's. Answers how many bytes went in, or a negative outcome.
   */
  write<T>(data: T, timeout: i32 = FOREVER): i32 {
    if (isString<T>()) return writeText(changetype<string>(data), timeout);
    if (data instanceof Buffer) {
      const buffer = changetype<Buffer>(data);
      return this.writeFrom(buffer.address, buffer.length, timeout);
    }
    ERROR("the console takes text or a Buffer; writeFrom takes an address and a length");
    return 0;
  }

  /** The same from `length` bytes at an address. */
  writeFrom(address: usize, length: i32, timeout: i32 = FOREVER): i32 {
    const start = ticks();
    let done = 0;
    do {
      const part = min(length - done, CHUNK);
      const count = writePiece(address + done, part, remaining(timeout, start));
      if (count > 0) done += count;
      else if (done == 0) return timeout > 0 && count == EAGAIN ? ETIMEDOUT : count;
      if (count != part) break;
    } while (done < length);
    return done;
  }

  /** Reads what has come, at most the buffer's length; waits for a first byte. 0: the input has ended. For tasks. */
  read(buffer: Buffer, timeout: i32 = FOREVER): i32 {
    return this.readInto(buffer.address, buffer.length, timeout);
  }

  /** The same into `length` bytes at an address. */
  readInto(address: usize, length: i32, timeout: i32 = FOREVER): i32 {
    listen();
    const count = pipe_read(from, address, length, timeout);
    listen();
    return count;
  }

  /**
   * Waits until there is something to read, or a signal of the set is pending for the caller, which has masked it: 1 when read() would
   * not wait, else 0 for a signal, or a negative outcome. Nothing is taken. For tasks.
   */
  poll(signals: u32, timeout: i32 = FOREVER): i32 {
    listen();
    const own = slot();
    const at = own.take(2 * offsetof<PollItemRecord>());
    watch(at, from, Poll.READ, 0);
    watch(at + offsetof<PollItemRecord>(), task_self(), Poll.SIGNAL, signals);
    const result = object_poll(at, signals == 0 ? 1 : 2, timeout);
    const readable = changetype<PollItemRecord>(at).ready != 0;
    own.give(at);
    return result < 0 ? result : readable ? 1 : 0;
  }

  /** The handle of what readers wait for; its lower 13 bits are what Info.WAITING_FOR says of them. */
  get input(): i32 {
    return from;
  }

  /** Ctrl-C and Ctrl-Z are for this task from now on, whoever reads the console; without one, for the last that read it. */
  foreground(task: Task | null): i32 {
    return uart.write(UartRegister.FOREGROUND, changetype<i32>(task));
  }
}

/** The console: `console.write("hello\n")`. */
export const console: Console = changetype<Console>(1);

function writeText(text: string, timeout: i32): i32 {
  const own = slot();
  const piece = own.take(PIECE);
  const start = ticks();
  let done = 0;
  let index = 0;
  do {
    const step = encode(text, index, piece, PIECE);
    const length = <i32>step;
    const count = writePiece(piece, length, remaining(timeout, start));
    if (count > 0) done += count;
    else if (done == 0) done = timeout > 0 && count == EAGAIN ? ETIMEDOUT : count;
    if (count != length) break;
    index = <i32>(step >> 32);
  } while (index < text.length);
  own.give(piece);
  return done;
}

/** Puts up to CHUNK bytes into console.out. Before a wait and after a write the transmitter is on. */
export function writePiece(address: usize, length: i32, timeout: i32): i32 {
  let count = pipe_write(into, address, length, NO_WAIT);
  if (count == EAGAIN) {
    transmit();
    if (timeout != 0) count = pipe_write(into, address, length, timeout);
  }
  if (count > 0) transmit();
  return count;
}

function transmit(): void {
  if ((uart.read(UartRegister.CONTROL) & UartControl.ON_ROOM) == 0) uart.write(UartRegister.ENABLE, UartControl.ON_ROOM);
}

/** Switches the receiver on, unless the input has ended: the driver's handler has closed its end of the pipe then, for good. */
function listen(): void {
  if (ended || (uart.read(UartRegister.CONTROL) & UartControl.ON_RECEIVE) != 0) return;
  // The handler must not see the end between the question and its consequence.
  interrupt_lock();
  if (closed()) ended = true;
  else uart.write(UartRegister.ENABLE, UartControl.LISTEN | UartControl.ON_RECEIVE);
  interrupt_unlock();
}

function closed(): bool {
  const own = slot();
  const at = own.take(offsetof<PollItemRecord>());
  watch(at, from, Poll.READ, 0);
  object_poll(at, 1, NO_WAIT);
  const gone = (changetype<PollItemRecord>(at).ready & Poll.CLOSED) != 0;
  own.give(at);
  return gone;
}

function watch(at: usize, handle: i32, events: u32, bits: u32): void {
  const item = changetype<PollItemRecord>(at);
  item.handle = handle;
  item.events = events;
  item.bits = bits;
  item.ready = 0;
}
