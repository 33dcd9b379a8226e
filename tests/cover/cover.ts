/**
 * `npm run cover -- [PATTERN...]`: runs the tests once, with the kernel's counters and under c8, prints one table of both, and fails
 * where a test fails or less is reached than thresholds.ts wants. With patterns only those test files run, and nothing is wanted.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cache, root } from "../built.js";
import { hostRows } from "./host.js";
import { coverIn } from "./merge.js";
import { covered, prepare } from "./prepare.js";
import { percent, rowOf, type Share, sentence, shown, tableOf, total } from "./table.js";
import { thresholds } from "./thresholds.js";
import { unreachable } from "./unreachable.js";

/** The status of tests/run.ts for what it does not understand. */
const USAGE = 2;

/** Runs the tests; the status with which they ended. */
function runTests(folder: string, patterns: string[]): number {
  const c8 = join(dirname(createRequire(import.meta.url).resolve("c8/package.json")), "bin/c8.js");
  const tests = [process.execPath, "--import", "./tests/loader/register.js", "--conditions=source", "tests/run.ts", ...patterns];
  const { status } = spawnSync(process.execPath, [c8, ...tests], { cwd: root, stdio: "inherit", env: covered(folder) });
  return status ?? 1;
}

/** Prints the table; what less than wanted was reached of, as sentences. */
function report(folder: string): string[] {
  const { files, checks, problems } = coverIn(folder, unreachable);
  const kernel = files.map(rowOf);
  const host = hostRows();
  console.log(
    tableOf([
      { name: "kernel", rows: kernel },
      { name: "checks of the debug kernel", rows: [total("what check() asks", checks.map(rowOf))] },
      { name: "host (c8)", rows: host },
    ]),
  );
  for (const { ways } of files) for (const way of ways) if (!way.reached && !way.excused) console.log(sentence(way));
  console.log(`\n${unreachable.length} outcomes that cannot be reached are left out (tests/cover/unreachable.ts)`);
  const wanted = (what: string, share: Share, least: number) =>
    percent(share) < least ? [`${shown(share)} % of ${what} were reached, ${least} % are wanted (tests/cover/thresholds.ts)`] : [];
  return [
    ...problems,
    ...wanted("the kernel's branches", total("", kernel).branches, thresholds.kernelBranches),
    ...wanted("the host's lines", total("", host).lines, thresholds.hostLines),
  ];
}

const patterns = process.argv.slice(2);
const folder = join(cache, `cover-${process.pid}`);
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
await prepare(folder);
const status = runTests(folder, patterns);
// No file matches: it has said so.
if (status === USAGE) process.exit(USAGE);
const lacking = report(folder);
if (patterns.length === 0) for (const problem of lacking) console.error(problem);
process.exitCode = status !== 0 ? status : patterns.length === 0 && lacking.length > 0 ? 1 : 0;
