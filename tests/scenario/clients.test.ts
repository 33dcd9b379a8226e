/** The firmware's HTTP server, and real clients over a real port: curl, and autocannon, which asks as fast as it can. */
import { execFile, spawnSync } from "node:child_process";
import { promisify } from "node:util";
import autocannon, { type Result } from "autocannon";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { root } from "../built.js";
import { endAll, Here } from "../command.js";
import { wasmFile } from "../firmware.js";

const test = suite("clients scenario");

test.after.each(endAll);
const http = wasmFile("http");

const hasCurl = spawnSync("curl", ["--version"]).status === 0;
if (!hasCurl) console.log("skipped: no curl here to ask the server with");

const run = promisify(execFile);

/** Its time is the host's, and a client that is busy is not to be given up: each of its limits is an hour. */
const HOUR = 3_600_000;
const PATIENT = ["--request", "--idle", "--answer", "--linger"].flatMap((name) => [name, String(HOUR)]);

/** The server at a port of its own, and where it is. */
async function opened(): Promise<[server: Here, url: string]> {
  const server = new Here(["run", http, "--forward", "0=10.0.0.1:80", "--quiet", ...PATIENT], { cwd: root });
  const [port] = await server.ports();
  return [server, `http://127.0.0.1:${port}`];
}

(hasCurl ? test : test.skip)("curl reads pages, sends bodies in chunks, and keeps its connection", async () => {
  const [server, url] = await opened();
  const curl = async (...args: string[]) => (await run("curl", ["-sS", ...args])).stdout;
  try {
    assert.match(await curl(`${url}/`), /^<!doctype html>[\s\S]*<\/html>\n$/);
    assert.is(await curl(`${url}/robots.txt`), "User-agent: *\nDisallow: /tasks.json\n");
    const { tasks } = JSON.parse(await curl(`${url}/tasks.json`)) as { tasks: { name: string }[] };
    assert.is(tasks.filter(({ name }) => name.startsWith("worker ")).length, 12);
    assert.match(await curl("-I", `${url}/system`), /^HTTP\/1\.1 200 OK\r\n/);
    const code = (...args: string[]) => curl("-o", "/dev/null", "-w", "%{http_code}", ...args);
    assert.is(await code(`${url}/nowhere`), "404");
    assert.is(await code("-d", "a=b", `${url}/`), "405");
    assert.is(await code("-H", "Transfer-Encoding: chunked", "-d", "x".repeat(2000), `${url}/`), "405");
    assert.is(await code("-d", "x".repeat(5000), `${url}/`), "413");
    assert.is(await code("-X", "BREW", `${url}/`), "501");
    assert.is(await code("-H", `X: ${"y".repeat(9000)}`, `${url}/`), "431");
    assert.is(await code(`${url}/${"z".repeat(2000)}`), "414");
    assert.is(await curl("-w", "%{num_connects} ", "-o", "/dev/null", `${url}/`, "-o", "/dev/null", `${url}/system`), "1 0 ");
  } finally {
    assert.is((await server.interrupt()).status, 130);
  }
});

test("autocannon: every answer of thousands is whole and right, over many connections and with pipelining", async () => {
  const [server, url] = await opened();
  try {
    const shoot = (more: object): Promise<Result> =>
      new Promise((resolve, reject) =>
        autocannon(
          { url: `${url}/robots.txt`, expectBody: "User-agent: *\nDisallow: /tasks.json\n", timeout: HOUR / 1000, ...more },
          (error, result) => (error ? reject(error) : resolve(result)),
        ),
      );
    for (const { pipelining = 1, ...more } of [
      // As many as the backlog holds: however close together they come, none is refused.
      { connections: 6, amount: 2000 },
      { connections: 4, amount: 2000, pipelining: 8 },
    ]) {
      const result = await shoot({ ...more, pipelining });
      // Of the last requests in a pipeline autocannon does not wait for the answers.
      const answered = more.amount - more.connections * (pipelining - 1);
      assert.ok(result["2xx"] >= answered && result["2xx"] <= more.amount, `${result["2xx"]} of ${more.amount}`);
      assert.is(result.non2xx + result.errors + result.timeouts + result.mismatches, 0);
    }
  } finally {
    assert.is((await server.interrupt()).status, 130);
  }
});

test.run();
