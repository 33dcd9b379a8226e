/** Runs a compute kernel as a task: argument 0 names it by its number, argument 1 says how often. Prints the digest. */
import { args, print, task } from "talea/firmware";
import { crc, fib, interpret, matmul, parse, prepare, quicksort, sieve } from "./kernels";

export { crc, fib, interpret, matmul, parse, prepare, quicksort, sieve };

function compute(which: i32): i32 {
  if (which == 0) return crc();
  if (which == 1) return matmul();
  if (which == 2) return sieve();
  if (which == 3) return parse();
  if (which == 4) return interpret();
  if (which == 5) return quicksort();
  return fib();
}

const which = args.number(0, 0);
const times = args.number(1, 1);

task("compute", { priority: 5, stack: 8192 }, () => {
  let digest = 0;
  for (let i = 0; i < times; i++) {
    prepare();
    digest = compute(which);
  }
  print("{}\n", digest);
});
