/** The soak of `npm run soak`, for a moment: that it makes every call, that it is the same again, and that it sees what is left behind. */
import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Kind } from "../kernel/abi/host.js";
import { calls } from "../kernel/abi/table.js";
import { root } from "./built.js";
import { Riot } from "./soak/riot.js";
import { Tour } from "./soak/tour.js";

const test = suite("soak");

test("100000 calls of random programs leave nothing behind, on the debug kernel with every invariant, and are the same again", () => {
  const run = () => {
    const riot = new Riot({ kernel: "debug", hash: true, calls: 25_000 });
    return [1, 2, 3, 4].map((seed) => ({ ...riot.lap(seed), hash: riot.hash }));
  };
  const laps = run();
  assert.ok(laps.reduce((sum, lap) => sum + lap.calls, 0) >= 100_000);
  assert.is(new Set(laps.map(({ hash }) => hash)).size, 4);
  assert.equal(run(), laps);
});

test("the release kernel does the same as the debug kernel", () => {
  const hashes = (["release", "debug"] as const).map((kernel) => {
    const riot = new Riot({ kernel, hash: true, calls: 10_000 });
    return [5, 6].map((seed) => ({ ...riot.lap(seed), hash: riot.hash }));
  });
  assert.equal(hashes[0], hashes[1]);
});

test("random programs make every call of the table with success", () => {
  const riot = new Riot();
  for (let seed = 1; seed <= 10; seed++) riot.lap(seed);
  // These never do: one does not answer, the other answers EINTR.
  const others = ["task_exit", "signal_suspend"];
  const never = Object.keys(calls).filter((name, i) => !others.includes(name) && riot.succeeded[i] === 0);
  assert.equal(never, []);
});

test("what is left behind is noticed, of whatever kind", () => {
  for (let kind: number = Kind.SEM; kind <= Kind.SOCKET; kind++) {
    const riot = new Riot({ calls: 10_000, spares: kind });
    assert.throws(() => {
      for (let seed = 1; seed <= 20; seed++) riot.lap(seed);
    }, /^(the number of objects of the kind [A-Z]+|RAM_\w+) is \d+ at the end, and was \d+ at the beginning$/);
  }
});

test("the tour ends under every schedule with the RAM and the objects of its first time", () => {
  for (const kernel of ["release", "debug"] as const) {
    const tour = new Tour(kernel);
    for (let seed = 1; seed <= 10; seed++) assert.ok(tour.lap(seed).calls > 100);
  }
});

test("npm run soak says what it made, and refuses what makes no sense", () => {
  const soak = (...args: string[]) =>
    spawnSync(process.execPath, [...process.execArgv, "tests/soak/soak.ts", ...args], { cwd: root, encoding: "utf8" });
  const made = soak("--calls", "1", "--seed", "7", "--only", "riot");
  assert.is(made.status, 0, made.stderr);
  assert.match(made.stdout, /^100\d{3} kernel calls in 1 laps from seed 7 on: 100\d{3} of random programs, 0 of the tour\n/);
  assert.match(
    made.stdout,
    /\nbehind every lap there were the tasks, objects and RAM of its beginning, and the memory's size was the same\n$/,
  );
  const refused = soak("--calls", "many");
  assert.is(refused.status, 2);
  assert.match(refused.stderr, /^--calls is a whole number from 1 to \d+, not many\nusage: npm run soak/);
});

test.run();
