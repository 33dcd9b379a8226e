import { suite } from "uvu";
import * as assert from "uvu/assert";
import parcels from "../../apps/scripted/parcels.js";
import { Kind, type Machine } from "../../hal/host/index.js";
import { layout } from "../../kernel/abi/host.js";
import { ORACLES, play } from "../support.js";

const test = suite("parcels");

/** What a task printed, in order. */
function said(machine: Machine, name: string): string[] {
  return machine.output.split("\n").filter((line) => line.startsWith(`${name}: `));
}

test("every picture reaches the display and the printer, in order, and the run ends, under every schedule", () => {
  for (const oracle of ORACLES) {
    const { machine } = play(parcels, oracle);
    assert.equal(
      said(machine, "worker"),
      [1, 2, 3].map((n) => `worker: picture ${n} goes to 2 displays`),
    );
    for (const name of ["display", "printer"]) {
      assert.equal(
        said(machine, name).map((line) => line.replace(/ at tick \d+$/, "")),
        [1, 2, 3].map((n) => `${name}: no. ${n}`),
      );
    }
  }
});

test("every block is back in the pool at the end, and nothing is left open", () => {
  for (const oracle of ORACLES) {
    const { machine } = play(parcels, oracle);
    const [pool] = machine.recordsOf(Kind.POOL) as [number];
    assert.is(machine.u32[(pool + layout.MemPool.free) >> 2], 2);
    assert.equal(machine.report().left, []);
  }
});

test("the camera waits for a block, because a picture is free only when the slower of the two has freed it", () => {
  for (const oracle of ORACLES) {
    const { machine } = play(parcels, oracle);
    const camera = machine.task("camera").index;
    const waits = machine.trace.filter(({ event, task, object }) => event === "BLOCK" && task === camera && object >> 8 === Kind.POOL);
    assert.is(waits.length, 1, "for the third picture, of which the pool has no block");
    const [printed] = said(machine, "printer").map((line) => Number(/\d+$/.exec(line)?.[0]));
    const [last] = said(machine, "worker")
      .slice(-1)
      .map((line) => machine.output.indexOf(line));
    assert.ok((printed as number) > 4);
    assert.ok((last as number) > machine.output.indexOf("printer: no. 1"));
  }
});

test.run();
