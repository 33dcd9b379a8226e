/** The small profile: the same kernel with smaller tables. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type App, boot, CallError, kernelBytes } from "../hal/host/index.js";
import { layout } from "../kernel/abi/host.js";

const test = suite("small");

const app: App = (system) => {
  const pipe = system.pipe({ name: "p", capacity: 16 });
  const lock = system.mutex();
  system.task("writer", { priority: 4, writes: [pipe] }, function* (self) {
    for (let i = 0; i < 20; i++) {
      yield* lock.lock();
      yield* self.compute(5000);
      yield* pipe.write("0123456789");
      yield* lock.unlock();
    }
  });
  system.task("reader", { priority: 6, reads: [pipe] }, function* (self) {
    const view = self.buffer(7);
    while ((yield* pipe.read(view)) > 0) yield* self.sleep(1);
  });
};

test("the small kernel runs in one page of 64 KiB, with more than half of it left", () => {
  const machine = boot(app, { kernel: "small", memory: 1 });
  assert.is(machine.run(), "finished");
  const ram = machine.u32[(64 + layout.Cpu.scratch) >> 2] as number;
  assert.ok(ram <= 20 * 1024, `the small kernel's own memory is ${ram} bytes`);
});

test("the small kernel has the schedule of the large one", () => {
  for (const seed of [undefined, 1, 2, 3]) {
    const options = seed === undefined ? {} : { seed };
    const large = boot(app, { ...options, memory: 1 });
    const small = boot(app, { ...options, memory: 1, kernel: "small" });
    large.run();
    small.run();
    assert.is(small.hash, large.hash, `seed ${seed}`);
  }
});

test("the small kernel's tables end where the profile says", () => {
  assert.throws(
    () =>
      boot(
        (system) => {
          for (let i = 0; i < 9; i++) system.semaphore();
          system.task("none", {}, function* () {});
        },
        { kernel: "small" },
      ),
    (error: unknown) => error instanceof CallError && error.code === "ENFILE",
  );
});

test("the sizes that the README names are true", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const [, module, data] = /at most (\d+) KiB as a module, and its data take\s+(\d+) KiB/.exec(readme) as unknown as string[];
  assert.ok(kernelBytes("release").length <= Number(module) * 1024);
  const machine = boot(app);
  const ram = machine.u32[(64 + layout.Cpu.scratch) >> 2] as number;
  assert.ok(ram <= Number(data) * 1024 && ram > (Number(data) - 4) * 1024, `the kernel's own memory is ${ram} bytes`);
});

test.run();
