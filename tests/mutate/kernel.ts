/** Which kernel the suite runs on: the first file of the bundle, so that no other is loaded before. */
import { readFileSync } from "node:fs";
import { useKernel } from "../../hal/host/index.js";
import type { Job } from "./job.js";

const [jobFile, answer] = process.argv.slice(2) as [string, string];
export const answerFile = answer;
export const job = JSON.parse(readFileSync(jobFile, "utf8")) as Job;

const kernel = readFileSync(job.kernel);
const small = readFileSync(job.small);
useKernel((flavour) => (flavour === "small" ? small : kernel));

let made = 0;
let passed = new Set<number>();

/** From now on the counters that are passed, where the kernel has some, are noted in this set. */
export function passedBy(set: Set<number>): void {
  passed = set;
}

/** How many instances of kernels there were. */
export function instances(): number {
  return made;
}

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, [module, imports]: [WebAssembly.Module, WebAssembly.Imports?], instance) {
    made++;
    const cover = { hit: (counter: number) => passed.add(counter) };
    return Reflect.construct(target, [module, { ...imports, cover }], instance);
  },
});
