/** The small profile: the same kernel with smaller tables. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type App, boot, CallError, kernelBytes, type Machine } from "../hal/host/index.js";
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

/** Bytes of the kernel's tables and state, without the trace ring. */
function ownMemory(machine: Machine): number {
  const at = machine.u32[(64 + layout.Cpu.trace) >> 2] as number;
  const records = machine.u32[(at + layout.Trace.capacity) >> 2] as number;
  return (machine.u32[(64 + layout.Cpu.scratch) >> 2] as number) - records * layout.Record.bytes;
}

test("the small kernel runs in one page of 64 KiB, with more than half of it left", () => {
  const machine = boot(app, { kernel: "small", memory: 1 });
  assert.is(machine.run(), "finished");
  const own = ownMemory(machine);
  assert.ok(own <= 24 * 1024, `the small kernel's own memory is ${own} bytes`);
});

test("the small kernel has the schedule of the large one", () => {
  for (const seed of [undefined, 1, 2, 3]) {
    const options = seed === undefined ? {} : { seed };
    const large = boot(app, { ...options, memory: 2 });
    const small = boot(app, { ...options, memory: 2, kernel: "small" });
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
  const own = ownMemory(machine);
  assert.ok(own <= Number(data) * 1024 && own > (Number(data) - 4) * 1024, `the kernel's own memory is ${own} bytes`);
});

test.run();
