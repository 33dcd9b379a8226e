/** What the watchdog for endless JavaScript counts; that it finds it is in cli.test.ts. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { command, ensureBuilt } from "./built.js";

const test = suite("watchdog");

/** The app's own code waits, and computes nothing, until another thread has used more CPU time than the watchdog is patient for. */
const WAITS = `import { Worker } from "node:worker_threads";
import type { System } from "talea";

const flag = new Int32Array(new SharedArrayBuffer(4));
const BURNS = "const { flag, most } = require('worker_threads').workerData; const used = () => { const { user, system } = process.cpuUsage(); return user + system; };" +
  "const start = used(); while (used() - start < most); Atomics.store(flag, 0, 1);";
new Worker(BURNS, { eval: true, workerData: { flag, most: 2_800_000 } });

export default (system: System) => {
  const console = system.console();
  system.task("waits", {}, function* () {
    while (Atomics.load(flag, 0) === 0) Atomics.wait(flag, 0, 0, 50);
    yield* console.write("it has waited\\n");
  });
};
`;

const onLinux = process.platform === "linux" ? test : test.skip;

onLinux("code that waits is not endless, whatever CPU time passes elsewhere meanwhile", async () => {
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), "talea-watchdog-"));
  try {
    const file = join(folder, "waits.ts");
    writeFileSync(file, WAITS);
    const child = spawn(process.execPath, [command, "run", file], { stdio: ["ignore", "pipe", "pipe"] });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (bytes: Buffer) => {
      stdout += bytes.toString();
    });
    child.stderr.on("data", (bytes: Buffer) => {
      stderr += bytes.toString();
    });
    const status = await new Promise((resolve) => child.on("close", resolve));
    assert.equal([status, stdout], [0, "it has waited\n"], stderr);
    assert.not.match(stderr, /endless/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
