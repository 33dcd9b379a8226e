/**
 * `npm run mutate`: plants one fault at a time in the kernel and says which ones the suite does not notice. The same count and seed
 * plant the same faults.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { root } from "../built.js";
import { plainKernel } from "../cover/plain.js";
import { KINDS, type Mutant, mutantsOf } from "./plant.js";
import { contradictions, type Judged, judged, noticedShare, sentences, tableOf } from "./report.js";
import { sample } from "./sample.js";
import { BUDGET, Suite, stopTrials } from "./trial.js";

/** Percent of the faults that the suite is to notice. */
const AIM = 95;

const USAGE = `usage: npm run mutate -- [options]
  --count N        plant so many faults (default 1000), of every function its share
  --seed N         choose others (default 1)
  --only NAME      only of this kind (${KINDS.join(", ")}), or in functions or files whose name has this in it
  --mutant ID      plant this one, and say what notices it; may be given several times
  --budget SECONDS of CPU time for the tests of one fault (default ${BUDGET / 1000})
  --checks         plant in the checks of the debug kernel, which are left out else
  --jobs N         so many processes at once (default: as many as there are cores)
  --json FILE      write what became of each fault`;

function refuse(sentence: string): never {
  console.error(`${sentence}\n${USAGE}`);
  process.exit(2);
}

function whole(text: string, option: string, least = 1): number {
  return /^\d{1,9}$/.test(text) && Number(text) >= least
    ? Number(text)
    : refuse(`--${option} is a whole number from ${least}, not ${text}`);
}

function parsed() {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = {
    ...{ count: text, seed: text, only: text, budget: text, jobs: text, json: text },
    mutant: { type: "string", multiple: true } as const,
    ...{ checks: flag, help: { type: "boolean", short: "h" } as const },
  };
  try {
    return parseArgs({ options, allowPositionals: false }).values;
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** The faults that are asked for. */
async function asked(values: ReturnType<typeof parsed>): Promise<Mutant[]> {
  const all = mutantsOf(await plainKernel("debug"));
  const { mutant, only } = values;
  if (mutant !== undefined) {
    const unknown = mutant.find((wanted) => !all.some(({ id }) => id === wanted));
    return unknown === undefined ? all.filter(({ id }) => mutant.includes(id)) : refuse(`the kernel has no mutant ${unknown}`);
  }
  const release = new Set((await plainKernel("release")).tree.funcs.map(({ name }) => name));
  const kernel = all.filter(({ func }) => release.has(func) !== (values.checks ?? false));
  const fits = ({ kind, func, file }: Mutant) => only === undefined || kind === only || func.includes(only) || file.includes(only);
  const found = kernel.filter(fits);
  if (found.length === 0) refuse(`no kind, function or file is called ${only}`);
  return sample(found, whole(values.count ?? "1000", "count"), whole(values.seed ?? "1", "seed", 0));
}

function lineAt({ file, line }: Mutant): string {
  return readFileSync(join(root, file), "utf8").split("\n")[line - 1] ?? "";
}

/** A bar on a terminal, a line now and then elsewhere. */
function progress(total: number): { step(): void; end(): void } {
  if (!process.stdout.isTTY) {
    let done = 0;
    return { step: () => void (++done % 50 === 0 && console.log(`${done} of ${total}`)), end: () => {} };
  }
  const bar = new SingleBar({ format: "{bar} {value}/{total}, {eta_formatted} to go, {survived} survived", hideCursor: true });
  bar.start(total, 0, { survived: 0 });
  return {
    step: () => bar.increment(1, { survived: verdicts.filter(({ outcome }) => outcome === "survived").length }),
    end: () => bar.stop(),
  };
}

/** Prints what became of them; whether all is as it should be. */
function report(complete: boolean): boolean {
  const survivors = verdicts.filter(({ outcome, reason }) => outcome === "survived" && reason === undefined);
  for (const verdict of survivors) console.log(`\n${sentences(verdict)}`);
  const wrong = contradictions(verdicts);
  for (const verdict of wrong) console.log(`\n${sentences(verdict)}\n    but equivalent.ts lists it: ${verdict.reason}`);
  console.log(`\n${tableOf(verdicts)}`);
  const took = verdicts.reduce((sum, verdict) => sum + verdict.took, 0) / Math.max(1, verdicts.length);
  console.log(`${Math.round(took)} ms of CPU time a fault; ${AIM} % are to be noticed`);
  return complete && wrong.length === 0 && noticedShare(verdicts) >= AIM;
}

const values = parsed();
if (values.help) {
  console.log(USAGE);
  process.exit(0);
}
const mutants = await asked(values);
const jobs = whole(values.jobs ?? String(availableParallelism()), "jobs");
const budget = whole(values.budget ?? String(BUDGET / 1000), "budget") * 1000;
const verdicts: Judged[] = [];
let stopped = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    stopped = true;
    stopTrials();
  });
}
console.log("learning what each test passes; that takes a while when tests or kernel have changed");
const suite = await Suite.prepared(undefined, jobs).catch((error: unknown) => {
  if (!stopped) throw error;
  console.log("nothing is learned yet: no fault was planted");
  process.exit(130);
});
console.log(`${suite.size} tests, without ${suite.long.length} that take long and ${suite.broken.length} that do not hold in a bundle`);
const bar = progress(mutants.length);
let next = 0;
const worker = async () => {
  while (next < mutants.length && !stopped) {
    const mutant = mutants[next++] as Mutant;
    const verdict = await suite.trial(mutant, budget);
    if (stopped) break;
    verdicts.push(judged(verdict, lineAt(mutant)));
    bar.step();
  }
};
await Promise.all(Array.from({ length: jobs }, worker));
bar.end();
verdicts.sort((a, b) => mutants.indexOf(a.mutant) - mutants.indexOf(b.mutant));
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(verdicts, null, 1)}\n`);
if (values.mutant !== undefined) for (const verdict of verdicts) console.log(sentences(verdict));
const well = values.mutant !== undefined || report(!stopped);
process.exit(stopped ? 130 : well ? 0 : 1);
