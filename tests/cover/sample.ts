/** Runs a few systems on a kernel and prints what they came to: the same lines, whether the kernel has counters or not. */
import { createHash } from "node:crypto";
import chat from "../../apps/scripted/chat.js";
import philosophers from "../../apps/scripted/philosophers.js";
import signals from "../../apps/scripted/signals.js";
import tour from "../../apps/scripted/tour.js";
import { boot, bootNetwork, type KernelFlavour } from "../../hal/host/index.js";

for (const kernel of ["release", "debug", "small"] satisfies KernelFlavour[]) {
  for (const app of [tour, signals, philosophers]) {
    for (const seed of [undefined, 1, 2]) {
      try {
        const m = boot(app, { kernel, ...(seed === undefined ? {} : { seed }), onFailure: "report", input: "hello\n" });
        const reason = m.run();
        console.log(kernel, seed, reason, m.cycles, m.hash, createHash("sha256").update(m.u8).digest("hex"));
      } catch (error) {
        console.log(kernel, seed, (error as Error).message);
      }
    }
  }
}
const net = bootNetwork(chat, { seed: 3 });
console.log(net.run(), net.cycles, net.hash);
