/** A kernel without a host around it: the test is the port. What it does not set is as in a machine of four pages with no tasks. */
import { type KernelFlavour, kernelBytes } from "../hal/host/index.js";
import { CPU_PAGE, PAGE, SCRATCH_BYTES, TICK_CYCLES } from "../hal/map.js";
import { AGAIN, type KernelExports, layout, Order, SWITCH } from "../kernel/abi/host.js";

type Register = Exclude<keyof typeof layout.Cpu, "bytes">;
export type Settings = Partial<Record<Register, number>>;

const PAGES = 4;
const modules = new WeakMap<Uint8Array, WebAssembly.Module>();

function moduleOf(bytes: Uint8Array): WebAssembly.Module {
  const module = modules.get(bytes) ?? new WebAssembly.Module(bytes as BufferSource);
  modules.set(bytes, module);
  return module;
}

/** A record of the trace. */
export interface Traced {
  /** Its four words. */
  words: readonly number[];
  event: number;
  object: number;
  first: number;
  second: number;
}

export class Bare {
  readonly kernel: KernelExports & { check(): number };
  readonly u8: Uint8Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  /** What power_on answered. */
  readonly powered: number;
  #free = 0;

  constructor(settings: Settings = {}, flavour: KernelFlavour = "debug") {
    const abort = () => {
      throw new Error("an assertion of the kernel's failed");
    };
    const { exports } = new WebAssembly.Instance(moduleOf(kernelBytes(flavour)), { env: { abort } });
    this.kernel = exports as unknown as KernelExports & { check(): number };
    const { buffer } = this.kernel.memory;
    this.u8 = new Uint8Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    const before = { memory: PAGES * PAGE, scratch: SCRATCH_BYTES, statics: 4096, period: TICK_CYCLES, portFirst: 49152, portCount: 99 };
    for (const [register, value] of Object.entries({ ...before, ...settings })) this.set(register as Register, value);
    this.powered = this.kernel.power_on();
    this.#free = this.get("scratch") + SCRATCH_BYTES;
  }

  get(register: Register): number {
    return this.u32[(CPU_PAGE + layout.Cpu[register]) >> 2] as number;
  }

  set(register: Register, value: number): void {
    this.u32[(CPU_PAGE + layout.Cpu[register]) >> 2] = value;
  }

  /** Bytes of the statics that nobody has yet. */
  bytes(length: number): number {
    const at = this.#free;
    this.#free += (length + 7) & ~7;
    return at;
  }

  /** A text of the statics that ends in a zero. */
  text(text: string): number {
    const at = this.bytes(text.length + 1);
    this.u8.set(new TextEncoder().encode(text), at);
    return at;
  }

  /** A task that the system has, with so many bytes of storage; it does what the test does while it is the current one. */
  task(priority: number, stackSize = 256, threshold = -1): number {
    const record = this.bytes(layout.Spawn.bytes);
    const fields = { priority, threshold, stackSize, entry: 1 };
    for (const [field, value] of Object.entries(fields)) this.i32[(record + layout.Spawn[field as keyof typeof fields]) >> 2] = value;
    const handle = this.kernel.task_spawn(record);
    if (handle <= 0) throw new Error(`there is no task: ${handle}`);
    return handle;
  }

  /** The description is over, and the most urgent task runs. */
  start(): void {
    this.kernel.system_done();
    this.next(Order.START);
  }

  /** Lets the kernel say what runs next, which is to be this. */
  next(order: number): void {
    const said = this.kernel.dispatch();
    if (said !== order) throw new Error(`dispatch says ${said} and not ${order}`);
  }

  /** Time passes until a task goes on. */
  resume(): void {
    let order = this.kernel.dispatch();
    for (; order === Order.IDLE; order = this.kernel.dispatch()) this.kernel.idle();
    if (order !== Order.RESUME) throw new Error(`dispatch says ${order}`);
  }

  /** The cycle that it is. */
  get now(): number {
    return this.get("due") - (this.get("left") | 0);
  }

  /** The records since this was asked last. */
  records(): Traced[] {
    const at = (this.get("trace") + layout.Trace.ring) >> 2;
    const head = this.u32[(this.get("trace") + layout.Trace.head) >> 2] as number;
    const capacity = this.u32[(this.get("trace") + layout.Trace.capacity) >> 2] as number;
    const count = this.kernel.trace_drain();
    return Array.from({ length: count }, (_, i) => {
      const record = (this.u32[at] as number) + ((head - count + i) % capacity) * layout.Record.bytes;
      const word = (field: number) => this.u32[(record + field) >> 2] as number;
      const what = word(layout.Record.event);
      return {
        words: [0, 4, 8, 12].map(word),
        event: what & 0xff,
        object: what >>> 16,
        first: word(layout.Record.first),
        second: word(layout.Record.second),
      };
    });
  }

  /** Makes a call of the current task's to its end, while nobody else wants to run. */
  call(make: () => number): number {
    for (let result = make(); ; result = make()) {
      if (result !== SWITCH) return result;
      this.resume();
      const answer = this.get("result") | 0;
      if (answer !== AGAIN) return answer;
    }
  }

  /** Where the storage of a task begins. */
  storageOf(task: number): number {
    const at = this.get("tasks") + (task & 0xff) * layout.Task.bytes;
    return this.u32[(at + layout.Task.storage) >> 2] as number;
  }
}
