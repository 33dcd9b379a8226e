/**
 * The console's driver, as a firmware would have it: an interrupt handler between the UART and two pipes.
 *
 *     UART -> handler -> console.in  -> readers          writers -> console.out -> handler -> UART
 *
 * When console.in is full the handler switches its interrupt off, the FIFO fills, and flow control holds the sender back; the
 * next read switches it on again. Likewise the handler stops when console.out is empty, and the next write starts it. Which
 * interrupts are on, only the UART knows: a task may be preempted, or end, between a decision and the access that carries it out.
 * What is still in console.out at the end of the run is not lost: it goes out with it.
 */
import { EAGAIN, ETIMEDOUT, layout } from "../../kernel/abi/host.js";
import { sendable } from "./api/check.js";
import type { Pipe } from "./api/pipe.js";
import { FOREVER } from "./api/results.js";
import type { System } from "./api/system.js";
import type { Task } from "./api/task.js";
import { type Call, composed, type Parked } from "./call.js";
import { Uart, UartControl, type UartOptions, UartRegister, UartStatus } from "./device/uart.js";
import { systemPipe } from "./driver.js";
import { AppError } from "./errors.js";
import type { Machine } from "./machine.js";
import { View } from "./view.js";

export interface ConsoleOptions extends UartOptions {
  /** Bytes between the handler and readers, default 256. */
  inCapacity?: number;
  /** Bytes between writers and the handler, default 256. */
  outCapacity?: number;
}

/** Reads and writes answer bytes, or a negative outcome. */
type Transfer = Generator<Parked, number, unknown>;
type Steps = Generator<Parked, void, unknown>;

const LINE = 24;
const PRIORITY = 128;
const CAPACITY = 256;
const CHUNK = 64;
const HALF = CHUNK / 2;

const encoder = new TextEncoder();

export class Console {
  readonly uart: Uart;
  /** Bytes received and not read. Only read() switches the receiver on. */
  readonly in: Pipe;
  /** Bytes written and not sent. Only write() starts the transmitter. */
  readonly out: Pipe;
  readonly #machine: Machine;
  readonly #buffer: View;
  /** As they were when the handler last began to carry bytes over. */
  #used = 0;
  #accepted = 0;
  #ended = false;

  constructor(machine: Machine, system: System, options: ConsoleOptions) {
    this.#machine = machine;
    this.uart = new Uart(machine, LINE, options);
    this.in = systemPipe(machine, "console.in", capacityOf("inCapacity", options.inCapacity), "write", "read");
    this.out = systemPipe(machine, "console.out", capacityOf("outCapacity", options.outCapacity), "read", "write");
    this.#buffer = machine.staticBuffer(CHUNK);
    const console = this;
    system.interrupt(LINE, { priority: PRIORITY }, function* () {
      yield* console.#serve();
    });
    machine.onFinish(() => machine.emitOutput(this.#written()));
    machine.shows(() => this.#written());
  }

  /** Reads what has come, at most the view's length; waits for a first byte. 0: the input has ended. */
  read(view: View, timeout = FOREVER): Call<number> {
    return composed(this.#machine.enter(), "console.read", this.#read(view, timeout));
  }

  *#read(view: View, timeout: number): Transfer {
    this.#machine.consoleRead();
    if (this.#deaf) yield* this.uart.write(UartRegister.ENABLE, UartControl.LISTEN | UartControl.ON_RECEIVE);
    const count = yield* this.in.read(view, timeout);
    if (this.#deaf) yield* this.uart.write(UartRegister.ENABLE, UartControl.LISTEN | UartControl.ON_RECEIVE);
    return count;
  }

  /**
   * Writes text, bytes or a view; waits while console.out is full. Pieces of up to 64 bytes are never mixed with another
   * task's. Answers how many bytes went in, or a negative outcome.
   */
  write(data: string | Uint8Array | View, timeout = FOREVER): Call<number> {
    sendable("console.write", data);
    return composed(this.#machine.enter(), "console.write", this.#write(data, timeout));
  }

  *#write(data: string | Uint8Array | View, timeout: number): Transfer {
    const bytes = typeof data === "string" ? encoder.encode(data) : data;
    const piece = Math.min(CHUNK, this.out.capacity);
    const start = this.#machine.tick;
    let done = 0;
    do {
      const waited = (this.#machine.tick - start) | 0;
      if (this.#idle) yield* this.uart.write(UartRegister.ENABLE, UartControl.ON_ROOM);
      const count = yield* this.out.write(part(bytes, done, piece), timeout > 0 ? Math.max(0, timeout - waited) : timeout);
      if (count < 0) return done > 0 ? done : timeout > 0 && count === EAGAIN ? ETIMEDOUT : count;
      done += count;
      if (this.#idle) yield* this.uart.write(UartRegister.ENABLE, UartControl.ON_ROOM);
    } while (done < bytes.length);
    return done;
  }

  /** Ctrl-C and Ctrl-Z are for this task from now on, whoever reads the console; "reader": for the last that read it. */
  foreground(task: Task | "reader"): Call<number> {
    return this.uart.write(UartRegister.FOREGROUND, task === "reader" ? 0 : task.handle);
  }

  /** The receiver is off though more may come. */
  get #deaf(): boolean {
    return !this.#ended && (this.uart.control & UartControl.ON_RECEIVE) === 0;
  }

  /** The transmitter is off though there is something to send. */
  get #idle(): boolean {
    return (this.uart.control & UartControl.ON_ROOM) === 0 && this.out.used > 0;
  }

  *#serve(): Steps {
    if (this.uart.control & UartControl.ON_RECEIVE) yield* this.#receive();
    if (this.uart.control & UartControl.ON_ROOM) yield* this.#transmit();
  }

  /** FIFO to console.in, until the one is empty or the other full. */
  *#receive(): Steps {
    const buffer = this.#buffer;
    let asked: number;
    let count: number;
    do {
      asked = Math.min(this.in.capacity - this.in.used, CHUNK);
      if (asked === 0) {
        yield* this.uart.write(UartRegister.DISABLE, UartControl.ON_RECEIVE);
        return;
      }
      count = yield* this.uart.receive(buffer, asked);
      if (count > 0) yield* this.in.write(buffer.slice(0, count), 0);
    } while (count === asked);
    const status = yield* this.uart.read(UartRegister.STATUS);
    if (!(status & UartStatus.ENDED)) return;
    this.#ended = true;
    yield* this.uart.write(UartRegister.DISABLE, UartControl.ON_RECEIVE);
    yield* this.in.close("write");
  }

  /** console.out to FIFO, until the one is empty or the other full enough. */
  *#transmit(): Steps {
    const piece = this.#buffer.slice(0, HALF);
    while ((yield* this.uart.read(UartRegister.QUEUED)) <= HALF) {
      this.#used = this.out.used;
      this.#accepted = this.uart.accepted;
      const count = yield* this.out.read(piece, 0);
      if (count <= 0) {
        yield* this.uart.write(UartRegister.DISABLE, UartControl.ON_ROOM);
        return;
      }
      yield* this.uart.send(piece, count);
    }
  }

  /** What writers wrote and the UART does not have yet: what the handler is carrying over, then what is in console.out. */
  #written(): Uint8Array {
    const m = this.#machine;
    const at = this.out.record;
    if (at < 0) return new Uint8Array(0);
    const word = (offset: number) => m.u32[(at + offset) >> 2] as number;
    const [buffer, capacity, head] = [word(layout.Pipe.buffer), word(layout.Pipe.capacity), word(layout.Pipe.head)];
    const waiting = Array.from({ length: this.out.used }, (_, i) => m.u8[buffer + ((head + i) % capacity)] as number);
    return Uint8Array.from([...this.#buffer.bytes(this.#carried), ...waiting]);
  }

  /** Bytes that the handler has read from console.out and not sent: it may be interrupted in between. */
  get #carried(): number {
    const taken = this.out.used < this.#used && this.uart.accepted === this.#accepted;
    return taken ? Math.min(HALF, this.#used) : 0;
  }
}

function capacityOf(option: string, bytes = CAPACITY): number {
  if (Number.isInteger(bytes) && bytes >= 1) return bytes;
  throw new AppError(`${option} is ${bytes}: give a whole number of bytes, 1 or more`);
}

function part(bytes: Uint8Array | View, start: number, most: number): Uint8Array | View {
  const length = Math.min(most, bytes.length - start);
  return bytes instanceof View ? bytes.slice(start, length) : bytes.subarray(start, start + length);
}
