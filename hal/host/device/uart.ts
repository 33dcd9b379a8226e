/**
 * A UART: bytes arrive and leave at a baud rate through a FIFO each way. With flow control the sender pauses while the receive
 * FIFO is full; without, what does not fit is lost and counted.
 *
 *     input -> [ receive FIFO ] -> DATA      DATA -> [ transmit FIFO ] -> output
 *
 * Bytes move lazily: their times are arithmetic, and an event is scheduled only for the cycle at which an interrupt is due.
 */
import { NEVER } from "../../map.js";
import type { Call } from "../call.js";
import { AppError } from "../errors.js";
import type { Machine } from "../machine.js";
import type { View } from "../view.js";
import { Device } from "./device.js";

/** LEVEL: bytes received and not read; QUEUED: bytes not yet sent; OVERRUNS: bytes lost. */
export const UartRegister = { DATA: 0, STATUS: 1, CONTROL: 2, OVERRUNS: 3, LEVEL: 4, QUEUED: 5 } as const;
/** Bits of STATUS: bytes to read; room to write; the input has ended and is drained; the transmitter is done. */
export const UartStatus = { RECEIVED: 1, ROOM: 2, ENDED: 4, SENT: 8 } as const;
/** Bits of CONTROL: the receiver listens; interrupt when bytes are there, when there is room. */
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

export class Uart extends Device {
  readonly #byteCycles: number;
  readonly #flow: "rts" | "none";
  readonly #received: number[] = [];
  readonly #sending: number[] = [];
  #control = 0;
  #overruns = 0;
  /** Cycle at which the next byte of the input is complete. */
  #arrives = NEVER;
  #lastArrival = 0;
  /** Cycle at which the byte now on the wire has left. */
  #leaves = NEVER;
  /** Which conditions have raised the line and still hold. */
  #asserted = 0;

  constructor(machine: Machine, line: number, options: UartOptions) {
    super(machine, "uart", line);
    const baud = options.baud ?? 115200;
    if (!(baud >= 1 && baud <= machine.hz)) throw new AppError(`baud is ${baud}: give a number of bits a second from 1 to ${machine.hz}`);
    if (options.flow !== undefined && options.flow !== "rts" && options.flow !== "none") {
      throw new AppError(`flow is "${options.flow}": give "rts" or "none"`);
    }
    this.#byteCycles = Math.max(1, Math.round((machine.hz * BITS_A_BYTE) / baud));
    this.#flow = options.flow ?? "rts";
    machine.input.onArrival = () => this.#inputCame();
  }

  /** Bytes lost because the FIFO was full. */
  get overruns(): number {
    return this.#overruns;
  }

  /** Takes up to `most` received bytes into the view at once, as a DMA channel would; answers how many. */
  receive(view: View, most = view.length): Call<number> {
    const cost = BURST_COST + Math.min(this.#received.length, most);
    let count = 0;
    const call = this.access("uart.receive", UartRegister.DATA, cost, () => {
      this.#advance();
      count = Math.min(this.#received.length, most);
      const bytes = this.#received.splice(0, count);
      for (let i = 0; i < count; i++) view.set(i, bytes[i] as number);
      this.#madeRoom();
      this.#update();
      return digest(bytes);
    });
    return mapped(call, () => count);
  }

  /** Puts up to `count` bytes of the view into the transmit FIFO at once; answers how many fitted. */
  send(view: View, count = view.length): Call<number> {
    let sent = 0;
    const call = this.access("uart.send", ~UartRegister.DATA, BURST_COST + count, () => {
      this.#advance();
      sent = Math.min(FIFO - this.#sending.length, count);
      const bytes: number[] = [];
      for (let i = 0; i < sent; i++) bytes.push(view.get(i));
      this.#transmit(bytes);
      this.#update();
      return digest(bytes);
    });
    return mapped(call, () => sent);
  }

  override fire(): void {
    this.#advance();
    this.#update();
  }

  protected override load(register: number): number {
    this.#advance();
    switch (register) {
      case UartRegister.DATA: {
        const byte = this.#received.shift() ?? 0;
        this.#madeRoom();
        this.#update();
        return byte;
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
    }
    throw new AppError(`the UART has no register ${register}`);
  }

  protected override store(register: number, value: number): void {
    this.#advance();
    if (register === UartRegister.DATA) {
      if (this.#sending.length < FIFO) this.#transmit([value & 0xff]);
    } else if (register === UartRegister.CONTROL) {
      const before = this.#control;
      this.#control = value;
      // Switching an interrupt on raises it anew if its condition holds.
      this.#asserted &= before & value;
      if (value & UartControl.LISTEN && !(before & UartControl.LISTEN)) {
        this.machine.input.listen();
        this.#arrives = this.machine.cycles + this.#byteCycles;
      }
    } else {
      throw new AppError(`the UART's register ${register} cannot be written`);
    }
    this.#update();
  }

  override save(): unknown {
    return {
      received: [...this.#received],
      sending: [...this.#sending],
      control: this.#control,
      overruns: this.#overruns,
      arrives: this.#arrives,
      lastArrival: this.#lastArrival,
      leaves: this.#leaves,
      asserted: this.#asserted,
      next: this.next,
    };
  }

  override restore(state: unknown): void {
    const s = state as Record<string, number> & { received: number[]; sending: number[] };
    this.#received.splice(0, this.#received.length, ...s.received);
    this.#sending.splice(0, this.#sending.length, ...s.sending);
    this.#control = s.control as number;
    this.#overruns = s.overruns as number;
    this.#arrives = s.arrives as number;
    this.#lastArrival = s.lastArrival as number;
    this.#leaves = s.leaves as number;
    this.#asserted = s.asserted as number;
    this.schedule(s.next as number);
  }

  override finish(): void {
    this.machine.emitOutput(this.#sending.splice(0));
  }

  #status(): number {
    const ended = this.machine.input.drained && this.#received.length === 0;
    return (
      (this.#received.length > 0 ? UartStatus.RECEIVED : 0) |
      (this.#sending.length < FIFO ? UartStatus.ROOM : 0) |
      (ended ? UartStatus.ENDED : 0) |
      (this.#sending.length === 0 ? UartStatus.SENT : 0)
    );
  }

  /** Moves every byte whose time has come. */
  #advance(): void {
    const now = this.machine.cycles;
    const { input } = this.machine;
    while (this.#control & UartControl.LISTEN && this.#arrives <= now && input.available > 0) {
      if (this.#received.length === FIFO && this.#flow === "rts") break;
      const byte = input.take();
      if (this.#received.length === FIFO) this.#overruns++;
      else this.#received.push(byte);
      this.#lastArrival = this.#arrives;
      this.#arrives += this.#byteCycles;
    }
    const done: number[] = [];
    while (this.#sending.length > 0 && this.#leaves <= now) {
      done.push(this.#sending.shift() as number);
      this.#leaves += this.#byteCycles;
    }
    if (done.length > 0) this.machine.emitOutput(done);
  }

  #transmit(bytes: number[]): void {
    if (this.#sending.length === 0) this.#leaves = this.machine.cycles + this.#byteCycles;
    this.#sending.push(...bytes);
  }

  /** The FIFO has room again: a sender that paused goes on from now. */
  #madeRoom(): void {
    const now = this.machine.cycles;
    if (this.#arrives <= now) this.#arrives = now + this.#byteCycles;
  }

  /** The host learned of more input, or of its end. */
  #inputCame(): void {
    if (!(this.#control & UartControl.LISTEN)) return;
    const now = this.machine.cycles;
    if (this.#arrives < now) this.#arrives = now + this.#byteCycles;
    this.#update();
  }

  /** Raises the line for conditions that newly hold and schedules the cycle at which the next will. */
  #update(): void {
    const holds = this.#holds();
    const fresh = holds & this.#control & ~this.#asserted;
    this.#asserted = holds & this.#control & (this.#asserted | fresh);
    if (fresh !== 0) this.raise();
    this.schedule(Math.min(this.#receiveEvent(), this.#roomEvent()));
  }

  #holds(): number {
    const { input } = this.machine;
    const silent = this.#received.length > 0 && this.machine.cycles >= this.#lastArrival + SILENCE * this.#byteCycles;
    const receive = this.#received.length >= TRIGGER || silent || (input.drained && this.machine.cycles >= this.#arrives);
    const room = this.#sending.length <= FIFO - TRIGGER;
    return (receive ? UartControl.ON_RECEIVE : 0) | (room ? UartControl.ON_ROOM : 0);
  }

  #receiveEvent(): number {
    const wanted = UartControl.LISTEN | UartControl.ON_RECEIVE;
    if ((this.#control & wanted) !== wanted || this.#asserted & UartControl.ON_RECEIVE) return NEVER;
    const { input } = this.machine;
    const missing = TRIGGER - this.#received.length;
    const coming = Math.min(missing, input.available);
    const last = coming > 0 ? this.#arrives + (coming - 1) * this.#byteCycles : this.#lastArrival;
    if (coming === missing) return last;
    const unknown = this.#arrives + coming * this.#byteCycles;
    // Silence, the end, or the first byte that the host does not know of yet.
    const next = input.awaited ? unknown : NEVER;
    if (this.#received.length + coming === 0) return input.drained ? unknown : next;
    return Math.min(last + SILENCE * this.#byteCycles, next);
  }

  #roomEvent(): number {
    if (!(this.#control & UartControl.ON_ROOM) || this.#asserted & UartControl.ON_ROOM) return NEVER;
    return this.#leaves + (this.#sending.length - (FIFO - TRIGGER) - 1) * this.#byteCycles;
  }

  /** Whether the run must wait for the host: the next byte could have arrived by now, and nobody knows whether it did. */
  override get starved(): boolean {
    const { input } = this.machine;
    return (
      (this.#control & UartControl.LISTEN) !== 0 &&
      input.awaited &&
      input.available === 0 &&
      this.#received.length < FIFO &&
      this.#arrives <= this.machine.cycles
    );
  }
}

/** What the trace keeps of bytes that went through at once: FNV-1a. */
function digest(bytes: readonly number[]): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash | 0;
}

/** The same call with another result. */
function mapped<T>(call: Call<number>, value: () => T): Call<T> {
  return {
    [Symbol.iterator]() {
      const inner = call[Symbol.iterator]();
      return {
        next() {
          const step = inner.next();
          return step.done ? { done: true, value: value() } : step;
        },
      };
    },
  };
}
