/** The process that runs the suite on a kernel: the last file of the bundle. The job comes in a file, the answer goes to one. */
import { writeFileSync } from "node:fs";
import { collected } from "./collect.js";
import type { Answer, Ran } from "./job.js";
import { answerFile, instances, job, passedBy } from "./kernel.js";

function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function run(number: number): Promise<Ran> {
  const { name, run: body } = collected[number] as (typeof collected)[number];
  const passed = new Set<number>();
  passedBy(passed);
  const from = spent();
  let failed: string | undefined;
  try {
    await body();
  } catch (error) {
    failed = error instanceof Error ? error.message : String(error);
  }
  return { number, name, ...(failed === undefined ? {} : { failed }), cost: spent() - from, passed: [...passed] };
}

if (instances() > 0) throw new Error("a test of the suite runs a machine while it is loaded");
const answer: Answer = { ran: [], left: 0, spent: 0, names: job.tests?.length === 0 ? collected.map(({ name }) => name) : [] };
const order = job.tests ?? [...collected.keys()];
for (const [i, number] of order.entries()) {
  if (spent() > job.budget) {
    answer.left = order.length - i;
    break;
  }
  const ran = await run(number);
  answer.ran.push(ran);
  if (ran.failed !== undefined && !job.all) break;
}
answer.spent = spent();
writeFileSync(answerFile, JSON.stringify(answer));
process.exit(0);
