/** The preemption tax: the same compute kernels plain and preemptible, in turn, in one process; the time ratio of each. */
import { boot, firmware } from "../../hal/host/index.js";
import { compiled } from "../firmware.js";

const NAMES = ["crc", "matmul", "sieve", "parse", "interpret", "quicksort", "fib"] as const;
/** Those without recursion come first. */
const LOOPS = 5;
/** Runs of a kernel in a measurement, so that it takes tens of milliseconds. */
const TIMES = [40, 40, 60, 30, 25, 20, 20];
const PAIRS = 9;
const SOURCE = new URL("firmware/tax.ts", import.meta.url).pathname;

interface Tax {
  name: string;
  /** Milliseconds a run, plain. */
  plain: number;
  /** Of the times, to that. */
  ratio: number;
  /** The same with memory protection. */
  guarded: number;
}

function milliseconds(run: () => void): number {
  const start = performance.now();
  run();
  return performance.now() - start;
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

/** The kernels as an ordinary module: nothing of it is a task. */
function plainKernels(wasm: Uint8Array): Record<string, () => number> {
  const module = new WebAssembly.Module(wasm as BufferSource);
  const imports: Record<string, Record<string, unknown>> = {};
  for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    (imports[from] as Record<string, unknown>)[name] = kind === "memory" ? new WebAssembly.Memory({ initial: 4 }) : () => 0;
  }
  return new WebAssembly.Instance(module, imports as WebAssembly.Imports).exports as unknown as Record<string, () => number>;
}

/** Measures every kernel. Throws when a preemptible one computes something else than the plain one. */
export async function measureTax(): Promise<{ taxes: Tax[]; size: number; guardedSize: number }> {
  const { wasm } = compiled(SOURCE);
  const images = [firmware(wasm), firmware(wasm, { protect: true })] as const;
  const plain = plainKernels(wasm);
  const taxes = NAMES.map((name, which) => {
    const times = TIMES[which] as number;
    const machines = images.map((image) => boot(image, { trace: false, hash: false, keep: 0, args: [String(which), String(times)] }));
    for (const machine of machines) machine.run();
    const run = plain[name] as () => number;
    const prepare = plain.prepare as () => number;
    prepare();
    const expected = `${run()}\n`;
    for (const { output } of machines) {
      if (output !== expected) throw new Error(`${name} answers ${output.trim()}, plain ${expected.trim()}`);
    }
    const ratios: [number[], number[]] = [[], []];
    const plains: number[] = [];
    for (let pair = 0; pair < PAIRS; pair++) {
      const one = milliseconds(() => {
        for (let i = 0; i < times; i++) {
          prepare();
          run();
        }
      });
      plains.push(one / times);
      for (const [i, machine] of machines.entries()) {
        machine.powerOn();
        (ratios[i] as number[]).push(milliseconds(() => machine.run()) / one);
      }
    }
    return { name, plain: median(plains), ratio: median(ratios[0]), guarded: median(ratios[1]) };
  });
  const [size, guardedSize] = images.map(({ bytes }) => bytes.length / wasm.length) as [number, number];
  return { taxes, size, guardedSize };
}

function meanOf(taxes: readonly Tax[], of: (tax: Tax) => number): string {
  return Math.exp(taxes.reduce((sum, tax) => sum + Math.log(of(tax)), 0) / taxes.length).toFixed(2);
}

/** The table for `npm run bench`. */
export async function printTax(): Promise<void> {
  const { taxes, size, guardedSize } = await measureTax();
  console.log("preemption tax: time of a compute kernel as a task that can be preempted at every loop, to that of the plain code;");
  console.log("behind it the same with --protect");
  for (const { name, plain, ratio, guarded } of taxes) {
    const figures = [ratio, guarded].map((each) => each.toFixed(2).padStart(10)).join("");
    console.log(`${name.padEnd(54)} ${(plain * 1e6).toFixed(0).padStart(9)} ns ${figures} x plain`);
  }
  const loops = taxes.slice(0, LOOPS);
  const means = `${meanOf(loops, ({ ratio }) => ratio)} and ${meanOf(loops, ({ guarded }) => guarded)}`;
  console.log(`geometric mean of the first ${LOOPS} ${means}, size of the module ${size.toFixed(2)} and ${guardedSize.toFixed(2)} x plain`);
}
