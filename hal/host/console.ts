/**
 * The console's driver, as a firmware would have it: an interrupt handler between the UART and two pipes.
 *
 *     UART -> handler -> console.in  -> readers          writers -> console.out -> handler -> UART
 *
 * When console.in is full the handler stops listening, the FIFO fills, and flow control holds the sender back; the next read
 * switches it on again. What is still in console.out at the end of the run is not lost: it goes out with it.
 */
import { layout } from "../../kernel/abi/host.js";
import type { Pipe } from "./api/pipe.js";
import { FOREVER } from "./api/results.js";
import type { System } from "./api/system.js";
import type { Parked } from "./call.js";
import { Uart, UartControl, type UartOptions, UartRegister, UartStatus } from "./device/uart.js";
import type { Machine } from "./machine.js";
import { View } from "./view.js";

export interface ConsoleOptions extends UartOptions {
  /** Bytes between the handler and readers, default 256. */
  inCapacity?: number;
  /** Bytes between writers and the handler, default 256. */
  outCapacity?: number;
}

/** What reads and writes answer: bytes, or a negative outcome. */
export type Transfer = Generator<Parked, number, unknown>;

const LINE = 24;
const PRIORITY = 128;
const CHUNK = 64;

const encoder = new TextEncoder();

export class Console {
  readonly uart: Uart;
  /** Bytes received and not read. */
  readonly in: Pipe;
  /** Bytes written and not sent. */
  readonly out: Pipe;
  readonly #machine: Machine;
  #control = 0;
  /** The handler found console.in full. */
  #stalled = false;
  #inClosed = false;
  readonly #buffer: View;

  constructor(machine: Machine, system: System, options: ConsoleOptions) {
    this.#machine = machine;
    this.uart = new Uart(machine, LINE, options);
    this.in = machine.systemPipe("console.in", options.inCapacity ?? 256, "write", "read");
    this.out = machine.systemPipe("console.out", options.outCapacity ?? 256, "read", "write");
    this.#buffer = machine.staticBuffer(CHUNK);
    const console = this;
    system.interrupt(LINE, { priority: PRIORITY }, function* () {
      yield* console.#serve();
    });
    machine.onFinish(() => this.#flush());
  }

  /** Reads what has come, at most the view's length; waits for a first byte. 0: the input has ended. */
  *read(view: View, timeout = FOREVER): Transfer {
    yield* this.#listen();
    const count = yield* this.in.read(view, timeout);
    if (this.#stalled) yield* this.#listen();
    return count;
  }

  /**
   * Writes text, bytes or a view; waits while console.out is full. Pieces of up to 64 bytes are never mixed with another
   * task's. Answers how many bytes went in, or a negative outcome.
   */
  *write(data: string | Uint8Array | View, timeout = FOREVER): Transfer {
    const bytes = typeof data === "string" ? encoder.encode(data) : data instanceof View ? data.bytes() : data;
    const deadline = this.#machine.tick + timeout;
    let done = 0;
    do {
      const left = timeout <= 0 ? timeout : Math.max(0, deadline - this.#machine.tick);
      yield* this.#send();
      const count = yield* this.out.write(bytes.subarray(done, done + CHUNK), left);
      if (count < 0) return done > 0 ? done : count;
      done += count;
      yield* this.#send();
    } while (done < bytes.length);
    return done;
  }

  *#listen(): Generator<Parked, void, unknown> {
    const wanted = UartControl.LISTEN | UartControl.ON_RECEIVE;
    if (this.#inClosed || ((this.#control & wanted) === wanted && !this.#stalled)) return;
    this.#stalled = false;
    this.#control |= wanted;
    yield* this.uart.write(UartRegister.CONTROL, this.#control);
  }

  *#send(): Generator<Parked, void, unknown> {
    if (this.#control & UartControl.ON_ROOM || this.out.used === 0) return;
    this.#control |= UartControl.ON_ROOM;
    yield* this.uart.write(UartRegister.CONTROL, this.#control);
  }

  *#serve(): Generator<Parked, void, unknown> {
    const buffer = this.#buffer;
    const status = yield* this.uart.read(UartRegister.STATUS);
    if (this.#control & UartControl.ON_RECEIVE) yield* this.#receive(buffer, status);
    if (this.#control & UartControl.ON_ROOM) yield* this.#transmit(buffer);
  }

  *#receive(buffer: View, status: number): Generator<Parked, void, unknown> {
    let level = (status & UartStatus.RECEIVED) !== 0;
    while (level) {
      const room = this.in.capacity - this.in.used;
      if (room === 0) {
        this.#stalled = true;
        this.#control &= ~UartControl.ON_RECEIVE;
        yield* this.uart.write(UartRegister.CONTROL, this.#control);
        return;
      }
      const count = yield* this.uart.receive(buffer, Math.min(room, CHUNK));
      if (count > 0) yield* this.in.write(buffer.slice(0, count), 0);
      level = count === CHUNK || count === room;
    }
    const now = yield* this.uart.read(UartRegister.STATUS);
    if (!(now & UartStatus.ENDED) || this.#inClosed) return;
    this.#inClosed = true;
    this.#control &= ~UartControl.ON_RECEIVE;
    yield* this.uart.write(UartRegister.CONTROL, this.#control);
    yield* this.in.close("write");
  }

  /** Fills the transmit FIFO from console.out; with nothing left, the next writer switches the interrupt on again. */
  *#transmit(buffer: View): Generator<Parked, void, unknown> {
    const piece = buffer.slice(0, CHUNK / 2);
    while ((yield* this.uart.read(UartRegister.QUEUED)) <= CHUNK / 2) {
      const count = yield* this.out.read(piece, 0);
      if (count <= 0) {
        this.#control &= ~UartControl.ON_ROOM;
        yield* this.uart.write(UartRegister.CONTROL, this.#control);
        return;
      }
      yield* this.uart.send(piece, count);
    }
  }

  /** What writers had written when the run ended. */
  #flush(): void {
    this.uart.finish();
    const m = this.#machine;
    const at = this.out.record;
    if (at < 0) return;
    const word = (offset: number) => m.u32[(at + offset) >> 2] as number;
    const [buffer, capacity, head, used] = [
      word(layout.Pipe.buffer),
      word(layout.Pipe.capacity),
      word(layout.Pipe.head),
      word(layout.Pipe.used),
    ];
    const rest: number[] = [];
    for (let i = 0; i < used; i++) rest.push(m.u8[buffer + ((head + i) % capacity)] as number);
    m.emitOutput(rest);
  }
}
