/** A partition that lasts: connections that say nothing hear of it, however late it begins. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bootNetwork, ETIMEDOUT, network, type PartitionOptions, Socket, type System } from "../hal/host/index.js";

const test = suite("partition");

const GIVE_UP = 500;

/** Two machines with a connection on which nobody says anything; what both ends hear in the end, and when. */
function silence(partitions: PartitionOptions[], seed: number): { reason: string; heard: number[]; end: number } {
  const heard: number[] = [];
  const server = (system: System) => {
    const listener = system.socket();
    system.task("server", { reads: [listener] }, function* (self) {
      yield* listener.bind(80);
      yield* listener.listen();
      const connection = yield* listener.accept();
      if (connection instanceof Socket) heard.push(yield* connection.receive(self.buffer(1)));
    });
  };
  const client = (system: System) => {
    system.task("client", {}, function* (self) {
      const socket = yield* self.create.socket();
      while ((yield* socket.connect("10.0.0.1", 80)) !== 0) yield* self.sleep(10);
      heard.push(yield* socket.receive(self.buffer(1)));
    });
  };
  const machines = {
    server: { address: "10.0.0.1", app: server, giveUp: GIVE_UP },
    client: { address: "10.0.0.2", app: client, giveUp: GIVE_UP },
  };
  const net = bootNetwork(network({ machines, link: { latency: 2, jitter: 1, loss: 0.05 }, partitions }), { seed, keep: 0 });
  return { reason: net.run(), heard, end: net.milliseconds };
}

test("both ends hear of a partition that begins soon, or after they were silent for long", () => {
  for (const from of [100, 900, 5000]) {
    for (let seed = 0; seed < 10; seed++) {
      const { reason, heard, end } = silence([{ between: ["server", "client"], from }], seed);
      assert.is(reason, "finished", `from ${from}, seed ${seed}`);
      assert.equal(heard, [ETIMEDOUT, ETIMEDOUT]);
      assert.ok(end >= from + GIVE_UP - GIVE_UP / 2 && end < from + 3 * GIVE_UP, `from ${from}, seed ${seed}: over at ${end}`);
    }
  }
});

test("two who wait for one another on a sound connection are a deadlock", () => {
  assert.is(silence([], 1).reason, "deadlock");
  assert.is(silence([{ between: ["server", "client"], from: 900, until: 950 }], 1).reason, "deadlock");
});

test.run();
