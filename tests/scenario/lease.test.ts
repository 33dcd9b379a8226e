/** The leases: in a partition two write at once, and only the lease's number can tell. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import lease from "../../apps/scripted/lease.js";
import { bootNetwork, type Network } from "../../hal/host/index.js";

const test = suite("lease");

function numbers(text: string, pattern: RegExp): number[] {
  const found = pattern.exec(text);
  assert.ok(found, `${pattern} in\n${text}`);
  return (found as RegExpExecArray).slice(1).map(Number);
}

function told(net: Network, what: string): void {
  const store = net.output("store");
  const [all, late] = numbers(store, /every write: (\d+) writes, (\d+) of them/) as [number, number];
  assert.equal([all, late], [60, late], what);
  assert.ok(late > 0, `${what}: the old lease wrote among the writes of the new one`);
  assert.equal(numbers(store, /numbers: (\d+) writes, (\d+) refused/), [60 - late, late]);
  // Who got the lease later got it when the first one's time was up, not when the partition was over.
  const [first] = numbers(net.output("one"), /^lease 1 from (\d+) ms on$/m) as [number];
  const [second] = numbers(net.output("two"), /^lease 2 from (\d+) ms on$/m) as [number];
  assert.ok(first < 20 && second > 100 && second < 200, `${what}: ${first} and ${second}`);
  assert.ok((numbers(net.output("one"), /(\d+) questions were not answered/)[0] as number) > 0);
}

test("one goes on writing with a lease that is another's by then; the numbers give it away", () => {
  for (let seed = 0; seed < 20; seed++) {
    const net = bootNetwork(lease, { kernel: "debug", seed });
    assert.is(net.run(), "finished", `seed ${seed}`);
    told(net, `seed ${seed}`);
    for (const name of net.names) assert.is(net.machine(name).check(), 0, name);
  }
});

test("no lease is given twice: each holder has a number of its own", () => {
  const net = bootNetwork(lease);
  net.run();
  const given = ["one", "two"].flatMap((name) => [...net.output(name).matchAll(/^lease (\d+)/gm)].map(([, number]) => number));
  assert.is(new Set(given).size, given.length);
});

test.run();
