/** Firmware in Rust: apps/firmware/rust, built by the command in its head. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, firmware, type Grain, TrapError } from "../hal/host/index.js";
import { root } from "./built.js";

const test = suite("rust");
const SOURCE = join(root, "apps/firmware/rust/collatz.rs");
const TARGET = "wasm32-unknown-unknown";
const text = readFileSync(SOURCE, "utf8");
const folder = mkdtempSync(join(tmpdir(), "talea-rust-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** A rustc with the target: the distribution's before those that lie in PATH. */
function compiler(): string | undefined {
  const folders = ["/usr/bin", ...(process.env.PATH ?? "").split(delimiter)];
  return folders
    .map((each) => join(each, "rustc"))
    .find((path) => {
      if (!existsSync(path)) return false;
      const { status, stdout } = spawnSync(path, ["--print", "target-libdir", "--target", TARGET], { encoding: "utf8" });
      return status === 0 && existsSync(stdout.trim());
    });
}

/** The words of the command in the source's head, without its own name. */
function words(): string[] {
  const [, lines] = /```sh\n\/\/! rustc ([\s\S]*?)\n\/\/! talea run/.exec(text) as unknown as [string, string];
  return lines
    .replaceAll("\\\n//!", "")
    .trim()
    .split(/\s+/)
    .map((word) => (word === "collatz.rs" ? SOURCE : word));
}

function place(part: string): string {
  return `collatz.rs:${text.split("\n").findIndex((line) => line.includes(part)) + 1}`;
}

const STEPS = "1 takes 0 steps\n6 takes 8 steps\n7 takes 16 steps\n27 takes 111 steps\n97 takes 118 steps\n871 takes 178 steps\n";

function installed(rustc: string): void {
  let module: Uint8Array;

  test.before(() => {
    execFileSync(rustc, words(), { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
    module = readFileSync(join(folder, "collatz.wasm"));
  });

  const made = (grain: Grain) => firmware(module, { grain, name: "collatz.wasm", place: (source) => source.replace(/^.*\//, "") });

  test("two tasks in Rust run under every schedule and grain, and the same whenever they are looked at", () => {
    for (const grain of ["loop", "access"] as Grain[]) {
      for (const seed of [1, 2, 3]) {
        const whole = boot(made(grain), { seed, kernel: "debug" });
        assert.is(whole.run(), "finished");
        assert.is(whole.output, STEPS);
        const looked = boot(made(grain), { seed, kernel: "debug" });
        while (looked.advance({ cycles: 501 }) === "observed") assert.is(looked.check(), 0);
        assert.is(looked.hash, whole.hash);
      }
    }
  });

  test("a panic and a wait without an end name their lines in the source", () => {
    const machine = boot(made("loop"), { args: ["7"], onFailure: "report" });
    assert.is(machine.run(), "deadlock");
    const error = machine.failures[0]?.error as TrapError;
    assert.instance(error, TrapError);
    assert.is(error.message, "it panicked");
    assert.is(`${error.site?.file.replace(/^.*\//, "")}:${error.site?.line}`, place("NUMBERS[i as usize]"));
    const [blocked] = machine.report().blocked;
    assert.is(`${blocked?.site?.file}:${blocked?.site?.line}`, place("talea::queue_receive(QUEUE"));
  });
}

const rustc = compiler();
if (rustc !== undefined) installed(rustc);
else test("firmware in Rust skipped: rustc for wasm32 is not installed", () => console.log("skipped: rustc for wasm32 is not installed"));

test.run();
