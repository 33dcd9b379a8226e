/** The scripted HTTP server. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { RECEIVE, serve, TRANSMIT } from "../../apps/scripted/http/server.js";
import { wireTests } from "../httpwire.js";
import { pieces } from "../probe.js";
import { play } from "../support.js";

const test = suite("http scenario");

wireTests(
  test,
  (options, clients) => [
    (system) => {
      serve(system, { daemon: true, ...options });
      clients(system);
    },
    {},
  ],
  100,
);

test("the server needs no more than its limits say: all workers at once, in a machine of 256 KiB", () => {
  const machine = play((system) => serve(system), {}, "deadlock").machine;
  assert.is(machine.options.memory ?? 4, 4);
  const report = machine.report();
  assert.equal(report.blocked.find(({ task }) => task === "acceptor")?.object, "http");
  assert.is(report.blocked.length, 25);
  const free = pieces(machine).filter(({ used }) => used === 0);
  const largest = Math.max(...free.map(({ size }) => size));
  assert.ok(largest >= 31 * (RECEIVE + TRANSMIT + 16), `${largest} bytes in a row are free`);
});

test.run();
