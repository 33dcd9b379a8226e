/** What stands around the CPU: devices and their next event, the console's two ends, the lines they raise. */
import { layout } from "../../kernel/abi/host.js";
import { CPU_HZ, NEVER } from "../map.js";
import type { Pipe } from "./api/pipe.js";
import type { Device } from "./device/device.js";
import { MachineError } from "./errors.js";
import type { Image } from "./image.js";
import { Input } from "./input.js";
import { defaultOracle, type Oracle } from "./oracle.js";
import { Readout, register } from "./readout.js";

const DEVICE = register(layout.Cpu.device);
const LINES = 32;
const WORD = 4294967296;
/** Devices of which a machine has one, by their numbers from 1 on, and the number of the first of all others. */
const KNOWN = ["uart", "gpio", "timer", "motor", "nic"];
const FURTHER = 16;
/** More than a dispatch takes by itself: a tick, a switch, the entry of a handler. */
const DISPATCH_CYCLES = 256;

const encoder = new TextEncoder();

export class Board extends Readout {
  readonly input = new Input();
  /** Cycles a virtual second. */
  readonly hz = CPU_HZ;
  oracle: Oracle = defaultOracle;
  /** Told of output as it leaves the machine. */
  onOutput: ((bytes: Uint8Array) => void) | undefined;
  #devices: Device[] = [];
  #singles = new Map<string, unknown>();
  #finishers: (() => void)[] = [];
  #showers: (() => Uint8Array)[] = [];
  #output: number[] = [];
  /** Bytes that were shown before their virtual time came. */
  #ahead = 0;
  readonly #keepsOutput: boolean;

  constructor(image: Image, keepsOutput: boolean) {
    super(image);
    this.#keepsOutput = keepsOutput;
  }

  /** No devices, no output: as before power-on. */
  protected clearBoard(): void {
    this.#devices = [];
    this.#singles = new Map();
    this.#finishers = [];
    this.#showers = [];
    this.#output = [];
    this.#ahead = 0;
  }

  /** The run is over: what is on its way out goes out. */
  protected finishBoard(): void {
    for (const device of this.#devices) device.finish();
    for (const finish of this.#finishers) finish();
  }

  /** Virtual milliseconds since power-on. */
  get milliseconds(): number {
    return (this.cycles * 1000) / this.hz;
  }

  /** What the console sent so far, as text; "" with the option output: false. */
  get output(): string {
    return new TextDecoder().decode(new Uint8Array(this.#output));
  }

  /** Bytes of it. */
  get sent(): number {
    return this.#output.length;
  }

  /** Puts bytes or text on the console's input, now. */
  type(bytes: string | Uint8Array): void {
    if (!this.input.open) throw new MachineError('the input has ended: boot with input: "open" to type later');
    this.input.feed(typeof bytes === "string" ? encoder.encode(bytes) : bytes);
  }

  /** Nothing more will be typed. */
  endInput(): void {
    this.input.end();
  }

  /** Raises an interrupt line, as a device would, now. */
  raise(line: number): void {
    if (this.kernel.line_raise(line) !== 0) throw new MachineError(`there is no interrupt line ${line}: give 0 to ${LINES - 1}`);
  }

  // What devices use

  /** What there is one of, made at first use. */
  once<T>(name: string, make: () => T): T {
    if (!this.#singles.has(name)) this.#singles.set(name, make());
    return this.#singles.get(name) as T;
  }

  /** The same, if it is there. */
  protected had(name: string): unknown {
    return this.#singles.get(name);
  }

  /** Called when the run is over. */
  onFinish(finish: () => void): void {
    this.#finishers.push(finish);
  }

  /** Tells what is written and on no device yet, for showAhead(). */
  shows(written: () => Uint8Array): void {
    this.#showers.push(written);
  }

  /**
   * A device joins the board; its number in the trace, which is the one that firmware has for it. Events of one cycle come in order
   * of these numbers, so that it does not matter who asked for a device first, a task or the bench.
   */
  plug(device: Device): number {
    const known = KNOWN.indexOf(device.name) + 1;
    const free = (number: number) => this.#devices.every((other) => other.number !== number);
    let number = known;
    if (known === 0 || !free(known)) for (number = FURTHER; !free(number); ) number++;
    const before = this.#devices.findIndex((other) => other.number > number);
    this.#devices.splice(before < 0 ? this.#devices.length : before, 0, device);
    return number;
  }

  get devices(): readonly Device[] {
    return this.#devices;
  }

  /** A device's next event changed: the kernel is told the earliest of all. */
  deviceMoved(): void {
    const next = this.pendingEvent();
    this.u32[DEVICE] = next >>> 0;
    this.u32[DEVICE + 1] = Math.floor(next / WORD);
  }

  /** Output leaves the machine. */
  emitOutput(bytes: Iterable<number>): void {
    const out = Uint8Array.from(bytes);
    if (out.length === 0) return;
    const shown = Math.min(this.#ahead, out.length);
    this.#ahead -= shown;
    if (shown < out.length) this.onOutput?.(out.subarray(shown));
    if (!this.#keepsOutput) return;
    for (const byte of out) this.#output.push(byte);
  }

  /**
   * The run waits for the host, who may be waiting for a prompt: what is on its way out is shown now, ahead of its virtual time.
   * `output` gets it in its time all the same.
   */
  protected showAhead(): void {
    const unsent = [...this.#devices.map((device) => device.unsent()), ...this.#showers.map((written) => written())];
    const bytes = unsent.flatMap((piece) => [...piece]);
    if (bytes.length > this.#ahead) this.onOutput?.(Uint8Array.from(bytes.slice(this.#ahead)));
    this.#ahead = Math.max(this.#ahead, bytes.length);
  }

  /** The cycle of the next device event, NEVER for none. */
  pendingEvent(): number {
    let next = NEVER;
    for (const device of this.#devices) next = Math.min(next, device.next);
    return next;
  }

  /** Fires every device whose event is due. */
  protected fireDevices(): void {
    const now = this.cycles;
    for (const device of this.#devices) {
      if (device.next <= now) device.fire();
    }
    this.deviceMoved();
  }

  /**
   * Whether a device must first be told what comes next. Asked ahead of every dispatch, by as much as one may take: so the kernel
   * never serves an instant of which not everything is known.
   */
  protected starved(): boolean {
    const before = this.cycles + DISPATCH_CYCLES;
    return this.#devices.some((device) => device.starved(before));
  }

  /** Whether a task waits for input of the console that may still come. */
  get wantsInput(): boolean {
    if (!this.input.open) return false;
    const console = this.#singles.get("console") as { in: Pipe } | undefined;
    return console !== undefined && (console.in.waiters > 0 || this.#isPolled(console.in));
  }

  /** Whether a task polls it, perhaps beside other things. */
  #isPolled({ record }: Pipe): boolean {
    return record >= 0 && this.u64(record + layout.Obj.pollers) !== 0;
  }
}
