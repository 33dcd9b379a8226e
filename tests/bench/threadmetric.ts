/** The Thread-Metric suite as figures: an operation is one count of the suite's. */
import { countOf, type Keeping, type Metric, metricMachine, metrics } from "../../apps/cli/threadmetric.js";
import type { Machine } from "../../hal/host/index.js";
import { firmwareOf } from "../firmware.js";
import type { Case } from "./case.js";

/** Virtual milliseconds of a run: some of the host's. */
const TICKS = 1000;
const KEPT: [text: string, keeping: Keeping][] = [
  ["", { trace: false, hash: false }],
  [", trace", { trace: true, hash: false }],
  [", trace + hash", { trace: true, hash: true }],
];

export const threadMetricCases: Case[] = metrics.flatMap((metric) =>
  KEPT.map(([text, keeping]) => caseOf(metric, `Thread-Metric: ${metric}${text}`, keeping)),
);

function caseOf(metric: Metric, name: string, keeping: Keeping): Case {
  let machine: Machine | undefined;
  const run = () => {
    if (machine) machine.powerOn();
    else machine = metricMachine(firmwareOf(`threadmetric/${metric}`), TICKS, keeping);
    return countOf(machine);
  };
  return {
    name,
    // Whoever only lists the cases needs no compiler.
    get ops() {
      return run();
    },
    run: () => void run(),
  };
}
