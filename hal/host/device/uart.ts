/**
 * A UART: bytes arrive and leave at a baud rate through a FIFO each way. With flow control the sender pauses while the receive
 * FIFO is full; without, what does not fit is lost and counted.
 *
 *     input -> [ receive FIFO ] -> DATA      DATA -> [ transmit FIFO ] -> output
 *
 * Bytes move lazily: their times are arithmetic, and an event is scheduled only for the cycle at which an interrupt is due, at
 * which the last byte has left, or beyond which the host must first say what comes next. So a run does not depend on when the
 * host says it.
 */
import { NEVER } from "../../map.js";
import type { Call } from "../call.js";
import { AppError } from "../errors.js";
import type { Machine } from "../machine.js";
import type { View } from "../view.js";
import { Device } from "./device.js";
import { Fifo } from "./fifo.js";

/**
 * DATA: one byte, 0 when there is none, dropped when there is no room. LEVEL: bytes received and not read; QUEUED: bytes not yet
 * sent; OVERRUNS: bytes lost. ENABLE and DISABLE set and clear the bits of CONTROL that are written, so that a task and the
 * handler can each change their own; an interrupt that is enabled, even again, is raised if its condition holds. FOREGROUND: the
 * handle of the task that Ctrl-C and Ctrl-Z are for, 0 for the last that read the console.
 */
export const UartRegister = {
  DATA: 0,
  STATUS: 1,
  CONTROL: 2,
  OVERRUNS: 3,
  LEVEL: 4,
  QUEUED: 5,
  ENABLE: 6,
  DISABLE: 7,
  FOREGROUND: 8,
} as const;
const R = UartRegister;
/** Bits of STATUS: bytes to read; room to write; the input has ended and is drained; the transmitter is done. */
export const UartStatus = { RECEIVED: 1, ROOM: 2, ENDED: 4, SENT: 8 } as const;
/** Bits of CONTROL: the receiver listens; interrupt when bytes are there or the input has ended, when there is room. */
export const UartControl = { LISTEN: 1, ON_RECEIVE: 2, ON_ROOM: 4 } as const;

export interface UartOptions {
  /** Bits a second, 10 a byte; default 115200. */
  baud?: number;
  /** "rts": the sender waits while the FIFO is full. "none": what does not fit is lost and counted. Default "rts". */
  flow?: "rts" | "none";
}

const FIFO = 64;
const TRIGGER = 32;
/** Byte times of silence after which a few bytes raise the interrupt too. */
const SILENCE = 4;
const BURST_COST = 12;
const BITS_A_BYTE = 10;

interface Saved {
  received: number[];
  sending: number[];
  control: number;
  overruns: number;
  arrives: number;
  lastArrival: number;
  leaves: number;
  asserted: number;
}

export class Uart extends Device {
  protected override readonly reads = [R.DATA, R.STATUS, R.CONTROL, R.OVERRUNS, R.LEVEL, R.QUEUED, R.FOREGROUND];
  protected override readonly writes = [R.DATA, R.CONTROL, R.ENABLE, R.DISABLE, R.FOREGROUND];
  readonly #byteCycles: number;
  /** The sender obeys the receiver. */
  readonly #obeyed: boolean;
  readonly #received = new Fifo(FIFO);
  readonly #sending = new Fifo(FIFO);
  #control = 0;
  #accepted = 0;
  #overruns = 0;
  /** Cycle at which the next byte of the input, or its end, arrives; in the past while the sender pauses or has nothing. */
  #arrives = NEVER;
  #lastArrival = 0;
  /** Cycle at which the byte now on the wire has left. */
  #leaves = NEVER;
  /** Conditions that have raised the line and still hold. */
  #asserted = 0;

  constructor(machine: Machine, line: number, options: UartOptions) {
    super(machine, "uart", line);
    const baud = options.baud ?? 115200;
    if (!(baud >= 1 && baud <= machine.hz)) throw new AppError(`baud is ${baud}: give a number of bits a second from 1 to ${machine.hz}`);
    const flow = options.flow ?? "rts";
    if (flow !== "rts" && flow !== "none") throw new AppError(`flow is "${flow}": give "rts" or "none"`);
    this.#byteCycles = Math.round((machine.hz * BITS_A_BYTE) / baud);
    this.#obeyed = flow === "rts";
    machine.input.onArrival = () => this.#inputCame();
  }

  /** Cycles a byte takes on the wire. */
  get byteCycles(): number {
    return this.#byteCycles;
  }

  /** Bytes lost so far because the FIFO was full. */
  get overruns(): number {
    this.#advance();
    return this.#overruns;
  }

  /** CONTROL as it is, as a driver's own copy would have it: looking costs nothing. */
  get control(): number {
    return this.#control;
  }

  /** Bytes ever put into the transmit FIFO. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Takes up to `most` received bytes into the view at once, as a DMA channel would; answers how many. */
  receive(view: View, most = view.length): Call<number> {
    this.#advance();
    const planned = Math.min(this.#received.length, most);
    let count = 0;
    const act = () => {
      this.#advance();
      const bytes = this.#takeReceived(planned);
      count = view.copy(bytes);
      this.#update();
      return digest(bytes);
    };
    return this.access("uart.receive", UartRegister.DATA, BURST_COST + planned, act, () => count);
  }

  /** Puts up to `count` bytes of the view into the transmit FIFO at once; answers how many fitted. */
  send(view: View, count = view.length): Call<number> {
    let sent = 0;
    const act = () => {
      this.#advance();
      const bytes = view.bytes(Math.min(this.#sending.room, count));
      sent = bytes.length;
      this.#transmit(bytes);
      this.#update();
      return digest(bytes);
    };
    return this.access("uart.send", ~UartRegister.DATA, BURST_COST + count, act, () => sent);
  }

  override fire(): void {
    this.#advance();
    this.#update();
  }

  protected override load(register: number): number {
    this.#advance();
    switch (register) {
      case UartRegister.DATA: {
        const [byte] = this.#takeReceived(1);
        this.#update();
        return byte ?? 0;
      }
      case UartRegister.STATUS:
        return this.#status();
      case UartRegister.CONTROL:
        return this.#control;
      case UartRegister.OVERRUNS:
        return this.#overruns;
      case UartRegister.LEVEL:
        return this.#received.length;
      case UartRegister.QUEUED:
        return this.#sending.length;
      case UartRegister.FOREGROUND:
        return this.machine.foreground;
    }
    throw new AppError(`the UART's register ${register} cannot be read`);
  }

  protected override store(register: number, value: number): void {
    this.#advance();
    if (register === UartRegister.DATA) this.#transmit([value & 0xff]);
    else if (register === UartRegister.FOREGROUND) this.machine.claimForeground(value);
    else if (register === UartRegister.CONTROL) this.#command(value, value & ~this.#control);
    else if (register === UartRegister.ENABLE) this.#command(this.#control | value, value);
    else if (register === UartRegister.DISABLE) this.#command(this.#control & ~value, 0);
    else throw new AppError(`the UART's register ${register} cannot be written`);
    this.#update();
  }

  override save(): Saved {
    this.#advance();
    return {
      received: this.#received.save(),
      sending: this.#sending.save(),
      control: this.#control,
      overruns: this.#overruns,
      arrives: this.#arrives,
      lastArrival: this.#lastArrival,
      leaves: this.#leaves,
      asserted: this.#asserted,
    };
  }

  override restore(state: unknown): void {
    const saved = state as Saved;
    this.#received.restore(saved.received);
    this.#sending.restore(saved.sending);
    this.#control = saved.control;
    this.#overruns = saved.overruns;
    this.#arrives = saved.arrives;
    this.#lastArrival = saved.lastArrival;
    this.#leaves = saved.leaves;
    this.#asserted = saved.asserted;
    this.schedule(this.#nextEvent());
  }

  override finish(): void {
    this.#advance();
    this.machine.emitOutput(this.#sending.take(FIFO));
  }

  override unsent(): Uint8Array {
    return Uint8Array.from(this.#sending.save());
  }

  /** Whether the next byte could arrive before this cycle, and the host has not yet said whether it does. */
  override starved(before: number): boolean {
    return this.#unknown() < before;
  }

  #status(): number {
    return (
      (this.#received.length > 0 ? UartStatus.RECEIVED : 0) |
      (this.#sending.room > 0 ? UartStatus.ROOM : 0) |
      (this.#ended() && this.#received.length === 0 ? UartStatus.ENDED : 0) |
      (this.#sending.length === 0 ? UartStatus.SENT : 0)
    );
  }

  /** The end of the input takes its turn behind the last byte. */
  #ended(): boolean {
    return this.machine.input.drained && this.machine.cycles >= this.#arrives;
  }

  /** CONTROL becomes `value`; the interrupts in `anew` are raised if their conditions hold. */
  #command(value: number, anew: number): void {
    const before = this.#control;
    this.#control = value;
    this.#asserted &= ~anew;
    if (value & UartControl.LISTEN && !(before & UartControl.LISTEN)) {
      this.machine.input.listen();
      this.#arrives = this.machine.cycles + this.#byteCycles;
    }
  }

  /** Moves every byte whose time has come. */
  #advance(): void {
    const now = this.machine.cycles;
    const { input } = this.machine;
    while (this.#control & UartControl.LISTEN && this.#arrives <= now && input.available > 0 && !this.#full()) {
      if (!this.#received.put(input.take())) this.#overruns++;
      this.#lastArrival = this.#arrives;
      this.#arrives += this.#byteCycles;
    }
    if (this.#sending.length === 0 || this.#leaves > now) return;
    const gone = this.#sending.take(1 + Math.floor((now - this.#leaves) / this.#byteCycles));
    this.#leaves += gone.length * this.#byteCycles;
    this.machine.emitOutput(gone);
  }

  /** Whether the sender must pause. */
  #full(): boolean {
    return this.#obeyed && this.#received.room === 0;
  }

  /** Reads the FIFO; a sender that paused begins its next byte now. */
  #takeReceived(count: number): Uint8Array {
    const now = this.machine.cycles;
    const paused = this.#full() && this.#arrives <= now;
    const bytes = this.#received.take(count);
    if (paused && bytes.length > 0) this.#arrives = now + this.#byteCycles;
    return bytes;
  }

  #transmit(bytes: Iterable<number>): void {
    if (this.#sending.length === 0) this.#leaves = this.machine.cycles + this.#byteCycles;
    for (const byte of bytes) {
      if (this.#sending.put(byte)) this.#accepted++;
    }
  }

  /** The host learned of more input, or of its end. Nothing happens before the event that this may bring forward. */
  #inputCame(): void {
    if (!(this.#control & UartControl.LISTEN)) return;
    const now = this.machine.cycles;
    // Typed at a terminal: on the wire from now on. Otherwise the run was stopped in time, and the byte is where it belongs.
    if (this.machine.input.paced && this.#arrives < now) this.#arrives = now + this.#byteCycles;
    this.schedule(this.#nextEvent());
  }

  /** Raises the line for conditions that newly hold and schedules the next event. */
  #update(): void {
    const holds = this.#holds() & this.#control;
    const fresh = holds & ~this.#asserted;
    this.#asserted = holds;
    if (fresh !== 0) this.raise();
    this.schedule(this.#nextEvent());
  }

  #holds(): number {
    const silent = this.#received.length > 0 && this.machine.cycles >= this.#lastArrival + SILENCE * this.#byteCycles;
    const receive = this.#received.length >= TRIGGER || silent || this.#ended();
    const room = this.#sending.room >= TRIGGER;
    return (receive ? UartControl.ON_RECEIVE : 0) | (room ? UartControl.ON_ROOM : 0);
  }

  #nextEvent(): number {
    return Math.min(this.#receiveEvent(), this.#roomEvent(), this.#sentEvent(), this.#unknown());
  }

  /** When the trigger level is reached, a few bytes are followed by silence, or the input ends. */
  #receiveEvent(): number {
    const wanted = UartControl.LISTEN | UartControl.ON_RECEIVE;
    if ((this.#control & wanted) !== wanted || this.#asserted & UartControl.ON_RECEIVE) return NEVER;
    const { input } = this.machine;
    const missing = TRIGGER - this.#received.length;
    const coming = Math.min(missing, input.available);
    const next = this.#arrives + coming * this.#byteCycles;
    if (coming === missing) return next - this.#byteCycles;
    const end = input.open ? NEVER : next;
    if (this.#received.length + coming === 0) return end;
    const last = coming > 0 ? next - this.#byteCycles : this.#lastArrival;
    return Math.min(last + SILENCE * this.#byteCycles, end);
  }

  #roomEvent(): number {
    if (!(this.#control & UartControl.ON_ROOM) || this.#asserted & UartControl.ON_ROOM) return NEVER;
    return this.#leaves + (TRIGGER - this.#sending.room - 1) * this.#byteCycles;
  }

  #sentEvent(): number {
    return this.#sending.length === 0 ? NEVER : this.#leaves + (this.#sending.length - 1) * this.#byteCycles;
  }

  /** When the first byte that the host does not know of could arrive. */
  #unknown(): number {
    const { input } = this.machine;
    if (!(this.#control & UartControl.LISTEN) || !input.awaited) return NEVER;
    if (this.#obeyed && input.available >= this.#received.room) return NEVER;
    return this.#arrives + input.available * this.#byteCycles;
  }
}

/** What the trace keeps of bytes that went through at once: FNV-1a. */
function digest(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}
