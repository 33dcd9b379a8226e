/** The real kernel behind the same face as the model: calls, and who runs next. */
import { Image, type KernelFlavour } from "../../hal/host/image.js";
import { kernelBytes } from "../../hal/host/index.js";
import { CPU_PAGE, PAGE } from "../../hal/map.js";
import { layout } from "../../kernel/abi/host.js";
import { C, type CallName, SWITCH } from "./abi.js";
import type { Turn } from "./model.js";

const CPU = layout.Cpu;
const { Order } = C;

export interface PowerOptions {
  /** Cycles a tick, and the number of the first. */
  period: number;
  first: number;
  /** Bytes at RAM's start for the port and for the firmware's data, and 64 KiB pages of memory. */
  scratch: number;
  statics: number;
  pages: number;
  /** Bytes of RAM behind them that are left to be given out; without it all of it. */
  arena?: number | undefined;
  /** The schedule oracle, where one is asked: which of so many choices. */
  choose?: ((kind: number, choices: number) => number) | undefined;
  /** Whether the kernel keeps a hash of its trace. */
  hash?: boolean | undefined;
}

const images = new Map<Uint8Array, Map<number, Image>>();

/** The image of a kernel: one of each kernel and size in a process. */
function imageOf(bytes: Uint8Array, pages: number): Image {
  const known = images.get(bytes) ?? new Map<number, Image>();
  images.set(bytes, known);
  const image = known.get(pages) ?? new Image(bytes, `model:${images.size}`, pages);
  known.set(pages, image);
  return image;
}

/** Thrown when the kernel itself fails: it trapped, it panicked, an invariant does not hold. */
export class KernelFailure extends Error {}

export class Kernel {
  readonly image: Image;
  memory: Uint8Array;
  readonly view: DataView;
  /** Calls made, for those who count. */
  calls = 0;
  #answer: number | undefined;
  readonly #choose: PowerOptions["choose"];

  /** A kernel that has just been powered on: that of the flavour, or these bytes. */
  constructor(flavour: KernelFlavour, power: PowerOptions, bytes: Uint8Array = kernelBytes(flavour)) {
    const image = imageOf(bytes, power.pages);
    this.image = image;
    this.#choose = power.choose;
    image.restore();
    this.memory = image.u8.subarray(0, power.pages * PAGE);
    this.view = new DataView(image.u8.buffer);
    this.power(power, power.pages * PAGE);
    if (power.arena === undefined) return;
    // Where RAM begins only a kernel that was on can tell.
    const end = this.ram + power.scratch + power.statics + power.arena;
    image.restore();
    this.memory = image.u8.subarray(0, end);
    this.power(power, end);
  }

  private power({ scratch, statics, period, first, choose, hash }: PowerOptions, memory: number): void {
    const options = (choose ? C.Option.ORACLE : 0) | (hash ? C.Option.HASH : 0);
    const fields = { scratch, statics, period, first, memory, options, portFirst: 49152, portCount: 16384, giveUp: 100 };
    for (const [field, value] of Object.entries(fields)) this.set(CPU[field as "scratch"], value);
    if (this.image.kernel.power_on() !== 0) throw new KernelFailure("the kernel does not power on");
  }

  get(field: number): number {
    return this.view.getInt32(CPU_PAGE + field, true);
  }

  set(field: number, value: number): void {
    this.view.setInt32(CPU_PAGE + field, value, true);
  }

  /** Where RAM begins. */
  get ram(): number {
    return this.get(CPU.scratch);
  }

  get now(): number {
    return Number(this.view.getBigUint64(CPU_PAGE + CPU.due, true)) - this.get(CPU.left);
  }

  /** The hash of the trace so far, in hex. */
  get hash(): string {
    const trace = this.get(CPU.trace);
    const lanes = [layout.Trace.hash1, layout.Trace.hash0].map((lane) => this.view.getUint32(trace + lane, true));
    return lanes.map((lane) => lane.toString(16).toUpperCase().padStart(8, "0")).join("");
  }

  /** The cycle of the next event of a device. */
  set device(cycle: number) {
    const value = cycle === Number.POSITIVE_INFINITY ? 0xffffffffffffffffn : BigInt(cycle);
    this.view.setBigUint64(CPU_PAGE + CPU.device, value, true);
  }

  /** Makes a call for whoever runs. */
  call(name: CallName, args: number[]): number {
    this.calls++;
    this.#answer = (this.image.kernel[name] as (...args: number[]) => number)(...args);
    if (this.#answer !== SWITCH && this.get(CPU.panic) !== 0) throw new KernelFailure(`panic ${this.get(CPU.panic)} in ${name}`);
    return this.#answer;
  }

  /** Who runs next. A call that was answered at once has changed nothing about that. */
  advance(before: Turn | undefined): Turn {
    const answer = this.#answer;
    this.#answer = undefined;
    if (before && answer !== undefined && answer !== SWITCH) return this.sameAgain(before, answer);
    let order = this.image.kernel.dispatch();
    while (order === Order.CHOOSE) {
      this.set(CPU.choice, (this.#choose as (kind: number, choices: number) => number)(this.get(CPU.choice), this.get(CPU.choices)));
      order = this.image.kernel.dispatch();
    }
    while (this.image.kernel.dropped() >= 0);
    if (this.get(CPU.panic) !== 0) throw new KernelFailure(`panic ${this.get(CPU.panic)}`);
    const depth = this.get(CPU.depth);
    const who = this.get(CPU.current);
    switch (order) {
      case Order.IDLE:
        return { kind: "idle" };
      case Order.RESUME:
        return { kind: depth > 0 ? "line" : "resume", who: depth > 0 ? this.line(depth) : who, result: this.get(CPU.result) };
      case Order.START:
        return { kind: "start", who, result: this.get(CPU.argument) };
      case Order.SIGNAL:
        return { kind: "signal", who, signal: this.get(CPU.argument), entry: this.get(CPU.entry), origin: this.get(CPU.origin) };
      case Order.INTERRUPT:
        this.#lines.push(this.get(CPU.argument));
        return { kind: "interrupt", who: this.get(CPU.argument), entry: this.get(CPU.entry) };
      case Order.DEVICE:
        return { kind: "device" };
    }
    throw new KernelFailure(`order ${order} was not expected`);
  }

  readonly #lines: number[] = [];
  private line(depth: number): number {
    return this.#lines[depth - 1] as number;
  }

  private sameAgain(before: Turn, result: number): Turn {
    if (before.kind === "line" || before.kind === "interrupt") return { kind: "line", who: before.who, result };
    if (before.kind === "idle" || before.kind === "device") throw new KernelFailure("nobody made this call");
    return { kind: "resume", who: before.who, result };
  }

  /** The task whose wait closed a ring, told once; -1 for none. */
  ring(): number {
    const index = this.get(CPU.cycle);
    this.set(CPU.cycle, -1);
    return index;
  }

  /** The running task trapped. */
  trap(status: number): void {
    this.image.kernel.task_trap(status);
    this.#answer = undefined;
  }

  leaveLine(): void {
    this.image.kernel.irq_return();
    this.#lines.pop();
    this.#answer = undefined;
  }

  leaveHandler(): void {
    this.image.kernel.signal_return();
    this.#answer = undefined;
  }

  /** Everything that the debug kernel can say about itself. */
  check(): void {
    if (this.memory.subarray(0, CPU_PAGE).some((byte) => byte !== 0))
      throw new KernelFailure("something is stored in the guard at address 0");
    const broken = this.image.debug?.check() ?? 0;
    if (broken !== 0) throw new KernelFailure(`invariant ${broken >> 8} does not hold (at ${broken & 255})`);
    if ((this.image.debug?.layout_holds() ?? 1) !== 1) throw new KernelFailure("the layouts of records do not hold");
  }
}
