/**
 * The suite, what each of its tests passes and costs, and a trial of a fault by it: those tests run that come where the fault is, the
 * cheapest first, in a process of their own, until one fails or the budget is spent. An endless loop is ended by a limit of CPU time:
 * how busy the machine is decides nothing.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "../../hal/preempt/encode.js";
import { cache } from "../built.js";
import { withCounters } from "../cover/counters.js";
import { plainKernel } from "../cover/plain.js";
import { bundle, suiteFiles } from "./bundle.js";
import type { Answer, Job, Ran } from "./job.js";
import { isLong } from "./long.js";
import { type Mutant, planted } from "./plant.js";

/** Milliseconds of CPU time that a trial may take before no further test begins. */
export const BUDGET = 3000;
/** A test that takes longer than this by itself is not in the suite. */
const LONGEST = 1000;
/** How the names of the tests in field.test.ts and mesh.test.ts begin: they look at everything that comes of a run. */
const RECORDED = /^(?:field|mesh): /;
/** Those in face.test.ts look at nothing but the generated face, for every call. */
const FACE = "face: ";
/** Seconds of CPU time after which a process has hung. */
const HANGS = 8;
/** The same where all tests run. */
const AGES = 3600;

export interface Verdict {
  mutant: Mutant;
  outcome: "noticed" | "timed out" | "survived";
  /** Of one that was noticed, the test and how it failed; of one that survived, what was tried. */
  by: string;
  /** Tests that ran. */
  tests: number;
  /** Milliseconds of CPU time; of one that timed out, all that it may take. */
  took: number;
}

const running = new Set<ChildProcess>();

/** Ends what runs. */
export function stopTrials(): void {
  for (const child of running) child.kill("SIGKILL");
}

interface Ended {
  answer?: Answer;
  signal: string | null;
  status: number | null;
}

/** A test's suite: what its name begins with. */
function suiteOf({ name }: Ran): string {
  return name.slice(0, name.indexOf(": "));
}

/** How many tests each suite has. */
function sizes(tests: readonly Ran[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const test of tests) sizes.set(suiteOf(test), (sizes.get(suiteOf(test)) ?? 0) + 1);
  return sizes;
}

/**
 * The cheapest first, by what a test costs for each part of its suite that comes there: what most tests of a suite do is what the suite
 * is about. Rounds of programs, recorded runs of whole kernels, which notice most for their time, for faults in the generated face the
 * tests of it, and all others get an equal share of it: none of them uses up the budget alone.
 */
function inOrder(tests: readonly Ran[], all: ReadonlyMap<string, number>, inFace: boolean): Ran[] {
  const here = sizes(tests);
  const share = (test: Ran) => (here.get(suiteOf(test)) ?? 0) / (all.get(suiteOf(test)) ?? 1);
  const spent = new Map<string, number>();
  const ranked = tests.map((test) => ({ test, rank: test.cost / share(test) }));
  const ends = ranked
    .sort((a, b) => a.rank - b.rank || a.test.number - b.test.number)
    .map(({ test }) => {
      const [kind = ""] = inFace && test.name.startsWith(FACE) ? [FACE] : (RECORDED.exec(test.name) ?? []);
      const end = (spent.get(kind) ?? 0) + test.cost;
      spent.set(kind, end);
      return { test, end };
    });
  return ends.sort((a, b) => a.end - b.end || a.test.number - b.test.number).map(({ test }) => test);
}

export class Suite {
  readonly #folder: string;
  /** By counter: the tests that pass it. */
  readonly #passing = new Map<number, Ran[]>();
  #counterAt = new Map<number, number>();
  #sizes = new Map<string, number>();
  /** Tests that do not hold on the kernel without a fault, as it is here: nothing is asked of them. */
  readonly broken: string[] = [];
  /** Tests that take too long. */
  readonly long: string[] = [];
  /** How many tests there are. */
  size = 0;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Bundles the suite and learns what its tests pass, if that is not known from before. `jobs` processes do it. */
  static async prepared(files = suiteFiles(), jobs = 2): Promise<Suite> {
    const folder = join(cache, `mutate-${process.pid}`);
    mkdirSync(folder, { recursive: true });
    process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
    const suite = new Suite(folder);
    await suite.#build(files);
    suite.#learn(await suite.#profile(jobs));
    return suite;
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  async #build(files: readonly string[]): Promise<void> {
    await bundle(this.#path("suite.mjs"), files);
    const counted = withCounters(await plainKernel("debug"));
    this.#counterAt = counted.counterAt;
    writeFileSync(this.#path("counted.wasm"), counted.wasm);
    writeFileSync(this.#path("small.wasm"), encode((await plainKernel("small")).tree));
  }

  async #profile(jobs: number): Promise<Ran[]> {
    const hash = createHash("sha256");
    for (const name of ["suite.mjs", "counted.wasm", "small.wasm"]) hash.update(readFileSync(this.#path(name)));
    const known = join(cache, `profile-${hash.digest("hex").slice(0, 24)}.json`);
    if (existsSync(known)) return JSON.parse(readFileSync(known, "utf8")) as Ran[];
    const job = (tests?: number[]): Job => ({
      kernel: this.#path("counted.wasm"),
      small: this.#path("small.wasm"),
      ...(tests ? { tests } : {}),
      all: true,
      budget: Number.MAX_VALUE,
    });
    const { answer, status, signal } = await this.#run({ ...job([]), tests: [] }, AGES, "inherit");
    if (!answer) throw new Error(`the suite does not load (status ${status}, signal ${signal})`);
    const short = [...answer.names.keys()].filter((number) => !isLong(answer.names[number] as string));
    this.long.push(...answer.names.filter(isLong));
    const shares = Array.from({ length: jobs }, (_, i) => short.filter((_, n) => n % jobs === i));
    const ended = await Promise.all(shares.map((tests) => this.#run(job(tests), AGES, "inherit")));
    const ran = ended.flatMap(({ answer, status, signal }) => {
      if (!answer) throw new Error(`the suite did not run to its end (status ${status}, signal ${signal})`);
      return answer.ran;
    });
    writeFileSync(known, JSON.stringify(ran));
    return ran;
  }

  #learn(tests: readonly Ran[]): void {
    this.size = tests.length;
    this.#sizes = sizes(tests);
    for (const test of tests) {
      if (test.failed !== undefined) this.broken.push(test.name);
      else if (test.cost > LONGEST) this.long.push(test.name);
      else for (const counter of test.passed) this.#passing.set(counter, [...(this.#passing.get(counter) ?? []), test]);
    }
  }

  /** The tests that come where the fault is, in the order in which they are to run. */
  testsFor({ at, file }: Mutant): readonly Ran[] {
    const counter = this.#counterAt.get(at);
    return inOrder((counter === undefined ? undefined : this.#passing.get(counter)) ?? [], this.#sizes, file === "kernel/index.ts");
  }

  /** Plants the fault and lets the suite look for it. */
  async trial(mutant: Mutant, budget = BUDGET): Promise<Verdict> {
    const tests = this.testsFor(mutant);
    let took = 0;
    const verdict = (outcome: Verdict["outcome"], by: string, count: number): Verdict => ({ mutant, outcome, by, tests: count, took });
    if (tests.length === 0) return verdict("survived", "no test of the suite comes there", 0);
    const kernel = this.#path(`${randomUUID()}.wasm`);
    const wasm = planted(await plainKernel("debug"), mutant.id);
    if (!WebAssembly.validate(wasm as BufferSource)) throw new Error(`${mutant.id} is no module that WebAssembly allows`);
    writeFileSync(kernel, wasm);
    const job = { kernel, small: this.#path("small.wasm"), tests: tests.map(({ number }) => number), all: false, budget };
    const limit = Math.ceil(budget / 1000) + HANGS - BUDGET / 1000;
    const { answer, signal, status } = await this.#run(job, limit);
    rmSync(kernel);
    took = answer?.spent ?? 1000 * limit;
    if (!answer) {
      const slow = signal === "SIGXCPU" || signal === "SIGKILL";
      return slow ? verdict("timed out", "it goes on and on", 0) : verdict("noticed", `the process ended with ${signal ?? status}`, 0);
    }
    const last = answer.ran.at(-1);
    if (last?.failed !== undefined) return verdict("noticed", `${last.name}: ${last.failed}`, answer.ran.length);
    const left = answer.left > 0 ? `, of ${tests.length} within ${budget / 1000} s` : "";
    return verdict("survived", `${answer.ran.length} tests come there and pass${left}`, answer.ran.length);
  }

  /** A process of the suite that may take so many seconds of CPU time. */
  #run(job: Job, seconds: number, stderr: "ignore" | "inherit" = "ignore"): Promise<Ended> {
    const place = this.#path(randomUUID());
    writeFileSync(`${place}.job`, JSON.stringify(job));
    const command = ["--enable-source-maps", "--max-old-space-size=512", this.#path("suite.mjs"), `${place}.job`, `${place}.answer`];
    const child = spawn("sh", ["-c", `ulimit -t ${seconds}; exec "$0" "$@"`, process.execPath, ...command], {
      stdio: ["ignore", "ignore", stderr],
    });
    running.add(child);
    return new Promise((settle, fail) => {
      child.on("error", fail);
      child.on("exit", (status, signal) => {
        running.delete(child);
        const done = existsSync(`${place}.answer`);
        const answer = done ? (JSON.parse(readFileSync(`${place}.answer`, "utf8")) as Answer) : undefined;
        for (const end of ["job", "answer"]) rmSync(`${place}.${end}`, { force: true });
        settle({ status, signal, ...(answer ? { answer } : {}) });
      });
    });
  }
}
