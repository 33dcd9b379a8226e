/** The same program, inputs and seed give the same hash: as it was recorded, under this Node and under a newer one. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { command, ensureBuilt, root } from "./built.js";
import { wasmFile } from "./firmware.js";
import { bundled, job } from "./same/bundle.js";
import { played, recorded } from "./same/here.js";
import { MISSING, newerNode } from "./same/newer.js";
import { type Outcome, runs } from "./same/runs.js";

const test = suite("same");

const ADVICE = "a changed hash is a change of behaviour: if it is meant, npm run hashes records it, and CHANGELOG.md tells of it";

test("TRC-02d every recorded run has the same hash and end under the Node that runs the tests", () => {
  const [now, before] = [played(), recorded()];
  assert.equal(Object.keys(now), Object.keys(before), "npm run hashes records runs that are new");
  for (const [name, outcome] of Object.entries(now)) assert.equal(outcome, before[name], `${name}: ${ADVICE}`);
});

test("the recorded runs are different ones, of scripted and compiled tasks, alone and on networks, with and without a seed", () => {
  const names = runs.map(({ name }) => name);
  assert.is(new Set(names).size, runs.length);
  for (const part of ["scripted/", "firmware/", "--grain loop", "--grain access", "--protect", "--seed", "chat", "http", "--firmware"]) {
    assert.ok(
      names.some((name) => name.includes(part)),
      part,
    );
  }
  const outcomes = Object.values(recorded());
  assert.equal(new Set(outcomes.map(({ ending }) => ending)), new Set(["finished", "deadlock"]));
  assert.ok(outcomes.every(({ hash }) => /^[0-9A-F]{16}$/.test(hash ?? "")));
});

/** What plays a job from a file, in a Node that has neither a loader nor the sources. */
const SCRIPT = `
import { readFileSync } from "node:fs";
import { play } from "./bundle.mjs";
process.stdout.write(JSON.stringify(play(JSON.parse(readFileSync("job.json", "utf8")))));
`;

function installed(node: string): void {
  const version = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  const folder = mkdtempSync(join(tmpdir(), "talea-same-"));
  test.after(() => rmSync(folder, { recursive: true, force: true }));

  test("TRC-02d every recorded run has the same hash and end under a newer Node", async () => {
    writeFileSync(join(folder, "bundle.mjs"), await bundled());
    writeFileSync(join(folder, "job.json"), JSON.stringify(await job()));
    writeFileSync(join(folder, "script.mjs"), SCRIPT);
    const printed = execFileSync(node, ["script.mjs"], { cwd: folder, encoding: "utf8", maxBuffer: 1 << 26 });
    const outcomes = JSON.parse(printed) as Record<string, Outcome>;
    assert.equal(outcomes, recorded(), version);
  });

  test("the command runs under a newer Node, to the hashes that are recorded", () => {
    ensureBuilt();
    for (const [name, ...args] of [
      ["scripted/tour --seed 1", "apps/scripted/tour.ts", "--seed", "1"],
      ["firmware/counter --grain access --seed 3", wasmFile("counter", "access"), "--seed", "3"],
    ] as const) {
      const { status, stderr } = spawnSync(node, [command, "run", ...args], { cwd: root, encoding: "utf8", input: "" });
      assert.is(status, 0, stderr);
      assert.not.match(stderr, /Warning/);
      assert.ok(stderr.includes(`trace hash 0x${recorded()[name]?.hash}`), `${version}: ${stderr}`);
    }
  });
}

const node = newerNode();
if (node !== undefined) installed(node);
else test("runs under a newer Node skipped: there is none", () => console.log(MISSING));

test.run();
