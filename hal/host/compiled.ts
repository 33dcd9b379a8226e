/**
 * The CPU of compiled tasks: the firmware's module on the machine's own memory. Its runtime (hal/preempt/runtime.ts) carries out
 * the kernel's orders for compiled contexts by itself and comes back here for all others.
 */
import { callTable, EFAULT, EINVAL, ENOENT, type KernelExports, layout, SIGSEGV, SWITCH } from "../../kernel/abi/host.js";
import { SCRATCH_BYTES } from "../map.js";
import type { System } from "./api/system.js";
import type { Device } from "./device/device.js";
import { UartControl, UartRegister } from "./device/uart.js";
import { MachineError, type Site } from "./errors.js";
import type { Firmware } from "./firmware.js";
import { sentenceOf } from "./intrusion.js";
import type { Machine } from "./machine.js";
import { register } from "./readout.js";
import { Fault, placeOf, TrapError, trapOf } from "./trap.js";

const CURRENT = register(layout.Cpu.current);
const ENTRY = register(layout.Cpu.entry);
const LEFT = register(layout.Cpu.left);
const LINES = register(layout.Cpu.lines);
const SCRATCH = register(layout.Cpu.scratch);
const OWN_START = register(layout.Cpu.ownStart);
const OWN_END = register(layout.Cpu.ownEnd);
const NOBODY = -1;
/** What tasks may call of the kernel: not what is the board's. */
const CALLS = Object.values(callTable).map(({ name }) => name as keyof KernelExports);
const LINE_ACTOR = 128;
const WORD = 4294967296;

/** What run() answers besides an order: dispatch; the cycle to be observed has come; what ran trapped. */
export const NONE = 100;
export const OBSERVED = 101;
export const TRAPPED = 102;

/** Devices by the numbers that a firmware has for them. */
const CONSOLE = 1;
const DEVICES: Record<number, (system: System) => Device> = {
  [CONSOLE]: (system) => system.console().uart,
  2: (system) => system.gpio(),
  3: (system) => system.hardwareTimer(),
  4: (system) => system.motor(),
};

interface Exports {
  power(): void;
  describe(): void;
  create(): void;
  signal(): void;
  interrupt(): void;
  run(): number;
  abandon(): void;
  fault: WebAssembly.Global<"i32">;
  fault_address: WebAssembly.Global<"i32">;
  fault_bytes: WebAssembly.Global<"i32">;
}

// Of the runtime's records Stack and Segment (hal/preempt/runtime.ts).
const STACK_RECORD = 32;
const STACK_BASE = 8;
const STACK_TOP = 12;
const SEGMENT_PHASE = 20;
const SUSPENDED = 1;

type Imports = Record<string, Record<string, unknown>>;

export class CompiledCpu {
  readonly firmware: Firmware;
  /** What compiled code trapped with last. */
  error: unknown;
  readonly #machine: Machine;
  readonly #exports: Exports;
  #system: System | undefined;
  #running = false;

  constructor(machine: Machine, firmware: Firmware) {
    this.#machine = machine;
    this.firmware = firmware;
    const { pages } = firmware.manifest;
    if (pages > machine.image.pages) {
      throw new MachineError(
        `${firmware.name} takes ${pages} pages of memory as its own, and the machine has ${machine.image.pages}: give the machine more, with memory: ${pages + 1}`,
      );
    }
    if (firmware.manifest.guarded !== 0 && machine.options.kernel === "small") {
      throw new MachineError(`${firmware.name} is protected, and the small kernel protects no memory: use another, or build it without`);
    }
    const imports = this.#imports();
    for (const { module, name } of WebAssembly.Module.imports(firmware.module)) {
      if (imports[module] === undefined || !(name in (imports[module] as object)))
        throw new MachineError(missing(firmware.name, module, name));
    }
    let instance: WebAssembly.Instance;
    try {
      instance = new WebAssembly.Instance(firmware.module, imports as WebAssembly.Imports);
    } catch (error) {
      throw new MachineError(
        `${firmware.name} does not fit this machine: ${(error as Error).message.replace(/^WebAssembly\.Instance\(\): /, "")}`,
      );
    }
    this.#exports = instance.exports as unknown as Exports;
  }

  #imports(): Imports {
    const m = this.#machine;
    const { kernel } = m;
    const calls = {
      ...Object.fromEntries(CALLS.map((name) => [name, kernel[name]])),
      device_read: (device: number, at: number, out: number) => this.#read(device, at, out),
      device_write: (device: number, at: number, value: number) => this.#write(device, at, value),
      random: () => (m.random() * WORD) | 0,
      argument: (index: number, buffer: number, length: number) => this.#argument(index, buffer, length),
    };
    const env = {
      memory: kernel.memory,
      abort: (message: number, file: number, line: number, column: number) => this.#abort(message, file, line, column),
      seed: () => Math.floor(m.random() * 2 ** 52),
    };
    return { talea: calls, kernel: { ...kernel }, env };
  }

  /** Where RAM may begin for the host: what it keeps must end below the firmware. */
  get start(): number {
    return this.firmware.manifest.start;
  }

  /** Bytes behind RAM's start that are the firmware's and the host's. */
  statics(ramStart: number): number {
    return this.firmware.manifest.pages * 65536 - ramStart - SCRATCH_BYTES;
  }

  /** Runs the firmware's system description. Throws what it traps with. */
  describe(system: System): void {
    this.#system = system;
    this.#exports.power();
    try {
      this.#exports.describe();
    } catch (error) {
      throw this.#trapped(error);
    }
  }

  // Orders

  create(): void {
    this.#exports.create();
  }
  signal(): void {
    this.#exports.signal();
  }
  interrupt(): void {
    this.#exports.interrupt();
  }

  /** Whether what an order is about to start is compiled. */
  get starts(): boolean {
    return (this.#machine.i32[ENTRY] as number) >= 0;
  }

  /** Whether the task in this slot is compiled. */
  isCompiled(task: number): boolean {
    const m = this.#machine;
    return (m.i32[(m.taskRecord(task) + layout.Task.entry) >> 2] as number) >= 0;
  }

  /** Whether the innermost context is compiled. */
  get innermost(): boolean {
    const m = this.#machine;
    if (m.kernelWord(layout.Kernel.depth) === 0) return this.isCompiled(m.i32[CURRENT] as number);
    const line = m.kernelWord(layout.Kernel.actor) - LINE_ACTOR;
    return (m.i32[((m.u32[LINES] as number) + line * layout.Line.bytes + layout.Line.entry) >> 2] as number) >= 0;
  }

  /** Whether compiled code runs at this moment. */
  get running(): boolean {
    return this.#running;
  }

  /** Lets the innermost context, which is compiled, go on, and those behind it: the order that is for the host, or one of the above. */
  run(): number {
    this.#running = true;
    try {
      return this.#exports.run();
    } catch (error) {
      this.error = this.#trapped(error);
      return TRAPPED;
    } finally {
      this.#running = false;
    }
  }

  #trapped(error: unknown): unknown {
    const m = this.#machine;
    const current = m.i32[CURRENT] as number;
    const inLine = m.kernelWord(layout.Kernel.depth) > 0 || current < 0;
    const stack = inLine ? 4096 : (m.u32[(m.taskRecord(current) + layout.Task.stackSize) >> 2] as number);
    const { fault } = this.#exports;
    const kind = fault.value;
    fault.value = 0;
    if (kind !== Fault.LOAD && kind !== Fault.STORE) return trapOf(error, kind, this.firmware, stack);
    const access = {
      address: this.#exports.fault_address.value >>> 0,
      bytes: this.#exports.fault_bytes.value >>> 0,
      write: kind === Fault.STORE,
    };
    const said = sentenceOf(m, access, inLine ? NOBODY : current, this.firmware.manifest.guarded);
    return new TrapError(said, placeOf(error as Error, this.firmware), SIGSEGV);
  }

  /** The running task's frames are gone: only handlers of it run from now on. */
  abandon(): void {
    this.#exports.abandon();
  }

  // What the board does for compiled code

  #device(number: number): Device | undefined {
    return this.#system && DEVICES[number]?.(this.#system);
  }

  #read(number: number, at: number, out: number): number {
    const m = this.#machine;
    const device = this.#device(number);
    if (!device?.readable(at)) return EINVAL;
    if (!this.#reaches(out, 4, true) || out & 3) return EFAULT;
    if (m.kernel.device_begin(device.cost) === SWITCH) return SWITCH;
    const word = device.peek(at);
    m.i32[out >> 2] = word;
    return m.kernel.device_end(device.number, at, word) === SWITCH ? SWITCH : 0;
  }

  #write(number: number, at: number, value: number): number {
    const m = this.#machine;
    const device = this.#device(number);
    if (!device?.writable(at)) return EINVAL;
    if (m.kernel.device_begin(device.cost) === SWITCH) return SWITCH;
    device.poke(at, value >>> 0);
    if (number === CONSOLE && at !== UartRegister.DATA && value & UartControl.LISTEN) m.consoleRead();
    return m.kernel.device_end(device.number, ~at, value) === SWITCH ? SWITCH : 0;
  }

  #argument(index: number, buffer: number, length: number): number {
    const m = this.#machine;
    const text = (m.options.args ?? [])[index];
    if (text === undefined) return ENOENT;
    if (length < 0) return EINVAL;
    const bytes = new TextEncoder().encode(text).subarray(0, length);
    // Who asks for no byte only wants to know whether there is such a word.
    if (bytes.length > 0 && !this.#reaches(buffer >>> 0, bytes.length, true)) return EFAULT;
    m.u8.set(bytes, buffer >>> 0);
    return bytes.length;
  }

  /** Whether the code that calls may have this memory written. */
  #reaches(address: number, length: number, write: boolean): boolean {
    const m = this.#machine;
    if (address < (m.u32[SCRATCH] as number) || address + length > m.u8.length) return false;
    if (this.firmware.manifest.guarded === 0 || length === 0) return true;
    if (address >= (m.u32[OWN_START] as number) && address + length <= (m.u32[OWN_END] as number)) return true;
    return m.kernel.reach(address, length, write ? 1 : 0) !== 0;
  }

  /** AssemblyScript's abort: message and file are its strings. */
  #abort(message: number, file: number, line: number, column: number): never {
    const text = this.#text(message >>> 0) || "it gave up";
    const name = this.#text(file >>> 0);
    throw new TrapError(text, name === "" ? placeOf(new Error(text), this.firmware) : { file: name, line, column, within: "" });
  }

  /** A string of AssemblyScript's: UTF-16, its bytes counted in the word before it. */
  #text(address: number): string {
    const m = this.#machine;
    if (address < 4 || address & 1 || !this.#reaches(address - 4, 4, false)) return "";
    const bytes = m.u32[(address - 4) >> 2] as number;
    if (!this.#reaches(address, bytes, false)) return "";
    return new TextDecoder("utf-16le").decode(m.u8.slice(address, address + bytes));
  }

  /** Where a task is suspended, in its innermost context. */
  site(task: number): Site | undefined {
    const m = this.#machine;
    const stack = this.firmware.manifest.stacks + (task + 1) * STACK_RECORD;
    const base = m.u32[(stack + STACK_BASE) >> 2] as number;
    const top = m.u32[(stack + STACK_TOP) >> 2] as number;
    if (base === 0 || (m.u32[(base + SEGMENT_PHASE) >> 2] as number) !== SUSPENDED) return undefined;
    return this.firmware.siteOfFrames(m.u32[base >> 2] as number, top, (address) => m.u32[address >> 2] as number);
  }

  /** Cycles left until the next event, as compiled code counts them down. */
  get left(): number {
    return this.#machine.i32[LEFT] as number;
  }

  /** Bytes of the heap in use, which is the most that ever were; undefined where that is not known. */
  get heap(): number | undefined {
    const { heap, heapBase } = this.firmware.manifest;
    if (heap === 0) return undefined;
    const next = this.#machine.u32[heap >> 2] as number;
    return next === 0 ? 0 : Math.max(0, next - heapBase);
  }
}

function missing(firmware: string, module: string, name: string): string {
  const what = `${firmware} imports ${module}.${name}, and no board has that`;
  if (name === "console.log") return `${what}: use print() of talea/firmware`;
  if (name.startsWith("Date.")) return `${what}: use tick() of talea/firmware`;
  return module === "wasi_snapshot_preview1" ? `${what}: build it without WASI` : `${what}: calls are in module "talea", see docs/abi.md`;
}
