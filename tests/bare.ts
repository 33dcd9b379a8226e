/** A kernel without a host around it: the test is the port. What it does not set is as in a machine of four pages with no tasks. */
import { type KernelFlavour, kernelBytes } from "../hal/host/index.js";
import { CPU_PAGE, PAGE, SCRATCH_BYTES, TICK_CYCLES } from "../hal/map.js";
import { type KernelExports, layout, Order } from "../kernel/abi/host.js";

type Register = Exclude<keyof typeof layout.Cpu, "bytes">;
export type Settings = Partial<Record<Register, number>>;

const PAGES = 4;

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
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernelBytes(flavour) as BufferSource), { env: { abort } });
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
  task(priority: number, stackSize = 256): number {
    const record = this.bytes(layout.Spawn.bytes);
    const fields = { priority, threshold: -1, stackSize, entry: 1 };
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

  /** Where the storage of a task begins. */
  storageOf(task: number): number {
    const at = this.get("tasks") + (task & 0xff) * layout.Task.bytes;
    return this.u32[(at + layout.Task.storage) >> 2] as number;
  }
}
