import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { boot, type System } from "../hal/host/index.js";
import { cache } from "./built.js";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** What `npm pack` says of the tarball that it made. */
interface Packed {
  filename: string;
  files: { path: string }[];
}

const APP = `import { ETIMEDOUT, type System } from "talea";

export default function app(system: System): void {
  const console = system.console();
  const pipe = system.pipe({ name: "p", capacity: 8 });
  system.task("writer", { writes: [pipe] }, function* (self) {
    yield* pipe.write("hello");
    yield* self.sleep(2);
  });
  system.task("reader", { reads: [pipe] }, function* (self) {
    const view = self.buffer(16);
    const count = yield* pipe.read(view, 10);
    if (count === ETIMEDOUT) return;
    yield* console.write(\`\${view.text(count)} from the package\\n\`);
  });
}
`;

const SCRIPT = `import { boot } from "talea";

const m = boot((system) => {
  const sem = system.semaphore({ name: "s" });
  system.task("gives", { priority: 3 }, function* (self) {
    yield* self.sleep(5);
    yield* sem.give();
  });
  system.task("takes", { priority: 4 }, function* () {
    yield* sem.take();
  });
}, { seed: 7 });
process.stdout.write(JSON.stringify({ reason: m.run(), tick: m.tick, hash: m.hash }));
`;

const FIRMWARE = `import { print, task } from "talea/firmware";

task("greeter", { priority: 5 }, () => {
  print("hello from a compiled task\\n");
});
`;

const FIRMWARE_SCRIPT = `import { readFileSync } from "node:fs";
import { boot, firmware } from "talea";

const m = boot(firmware(readFileSync("hello.wasm")));
m.run();
process.stdout.write(m.output);
`;

/** The same as SCRIPT describes, from the sources. */
function described(system: System): void {
  const sem = system.semaphore({ name: "s" });
  system.task("gives", { priority: 3 }, function* (self) {
    yield* self.sleep(5);
    yield* sem.give();
  });
  system.task("takes", { priority: 4 }, function* () {
    yield* sem.take();
  });
}

const TSCONFIG = {
  compilerOptions: {
    module: "NodeNext",
    moduleResolution: "NodeNext",
    target: "ES2022",
    strict: true,
    noEmit: true,
    types: [],
    skipLibCheck: false,
  },
};

const test = suite("package", { folder: "", packed: { filename: "", files: [] } as Packed });

function npm(folder: string, ...args: string[]): string {
  return execFileSync("npm", args, {
    cwd: folder,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
}

/** An empty folder with the packed project installed, as a user has it. dist/ is built by `npm test` before. */
test.before((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "talea-package-"));
  const [packed] = JSON.parse(npm(ROOT, "pack", "--json", "--ignore-scripts", "--pack-destination", context.folder)) as [Packed];
  context.packed = packed;
  writeFileSync(join(context.folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }));
  npm(context.folder, "install", "--prefer-offline", "--no-audit", "--no-fund", join(context.folder, packed.filename));
  mkdirSync(join(context.folder, "apps"));
  writeFileSync(join(context.folder, "apps", "app.ts"), APP);
  writeFileSync(join(context.folder, "script.mjs"), SCRIPT);
});

test.after((context) => {
  rmSync(context.folder, { recursive: true, force: true });
});

test("the package has what runs and what a reader of the kernel wants, and nothing that only the project needs", ({ packed }) => {
  const paths = packed.files.map(({ path }) => path);
  for (const needed of [
    "package.json",
    "LICENSE",
    "README.md",
    "dist/kernel.wasm",
    "dist/kernel.debug.wasm",
    "dist/hal/host/index.js",
    "dist/hal/host/index.d.ts",
    "dist/apps/cli/talea.js",
    "kernel/index.ts",
    "kernel/abi/table.ts",
    "dist/runtime.wasm",
    "dist/support.wasm",
    "hal/guest/talea.h",
    "hal/guest/index.ts",
    "hal/guest/partial/index.ts",
    "apps/firmware/threadmetric/tm.ts",
  ]) {
    assert.ok(paths.includes(needed), needed);
  }
  assert.equal(
    paths.filter((path) => /^(tests|docs|node_modules|coverage)\/|^\.|\.tgz$|package-lock/.test(path)),
    [],
  );
});

test("npx talea run runs an app that imports talea by name", ({ folder }) => {
  const { status, stdout, stderr } = spawnSync("npx", ["--no-install", "talea", "run", "apps/app.ts"], {
    cwd: folder,
    encoding: "utf8",
    input: "",
    shell: process.platform === "win32",
  });
  assert.is(status, 0, stderr);
  assert.match(stdout, /^hello from the package$/m);
});

test("a script boots a machine, and the run is that of the sources, byte for byte", ({ folder }) => {
  const printed = execFileSync(process.execPath, ["script.mjs"], { cwd: folder, encoding: "utf8" });
  const m = boot(described, { seed: 7 });
  assert.equal(JSON.parse(printed), { reason: m.run(), tick: m.tick, hash: m.hash });
});

test("its types resolve under NodeNext, hold by themselves, and refuse what is wrong", ({ folder }) => {
  writeFileSync(join(folder, "apps", "wrong.ts"), APP.replace("capacity: 8", 'capacity: "eight"'));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ ...TSCONFIG, files: ["apps/app.ts", "apps/wrong.ts"] }));
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const { status, stdout } = spawnSync(process.execPath, [tsc, "--pretty", "false", "-p", folder], { cwd: folder, encoding: "utf8" });
  assert.is.not(status, 0);
  assert.match(stdout, /^apps\/wrong\.ts\(5,\d+\): error TS2322: [^\n]*\n$/);
});

test("firmware is compiled, measured, and typed for editors, and what was built boots in a script", ({ folder }) => {
  mkdirSync(join(folder, "firmware"));
  writeFileSync(join(folder, "firmware", "hello.ts"), FIRMWARE);
  writeFileSync(join(folder, "firmware.mjs"), FIRMWARE_SCRIPT);
  // Its compiler runs once, and is not worth optimising.
  const command = ["--liftoff-only", join(folder, "node_modules", "talea", "dist", "apps", "cli", "talea.js")];
  const talea = (kept: string, ...args: string[]) => {
    const env = { ...process.env, TALEA_CACHE: kept };
    return spawnSync(process.execPath, [...command, ...args], { cwd: folder, encoding: "utf8", input: "", env });
  };
  const build = talea("", "build", "firmware/hello.ts");
  assert.is(build.status, 0, build.stderr);
  assert.is(execFileSync(process.execPath, ["firmware.mjs"], { cwd: folder, encoding: "utf8" }), "hello from a compiled task\n");
  // What was compiled from the repository's sources is found only if those of the package are the same.
  const bench = talea(cache, "bench", "--json", "--ticks", "20");
  assert.is(bench.status, 0, bench.stderr);
  assert.is(Object.keys(JSON.parse(bench.stdout)["thread-metric"]).length, 8);
  const compilerOptions = { noEmit: true, skipLibCheck: true, strictPropertyInitialization: false };
  const config = { extends: "assemblyscript/std/assembly.json", compilerOptions, files: ["hello.ts"] };
  writeFileSync(join(folder, "firmware", "tsconfig.json"), JSON.stringify(config));
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const check = spawnSync(process.execPath, [tsc, "--pretty", "false", "-p", join(folder, "firmware")], { cwd: folder, encoding: "utf8" });
  assert.is(check.status, 0, check.stdout);
});

test("the kernel is there by name, for those who run it elsewhere", ({ folder }) => {
  const show = 'process.stdout.write(import.meta.resolve("talea/kernel.wasm"))';
  const url = execFileSync(process.execPath, ["--input-type=module", "-e", show], { cwd: folder, encoding: "utf8" });
  const bytes = readFileSync(fileURLToPath(url));
  assert.equal(WebAssembly.Module.imports(new WebAssembly.Module(bytes)), []);
});

test("a browser's bundler finds the entry that needs no Node, and the modules of the build step", ({ folder }) => {
  const names = ["talea", "talea/runtime.wasm", "talea/support.wasm"];
  const show = `for (const name of ${JSON.stringify(names)}) console.log(import.meta.resolve(name))`;
  const args = ["--conditions=browser", "--input-type=module", "-e", show];
  const urls = execFileSync(process.execPath, args, { cwd: folder, encoding: "utf8" }).trim().split("\n");
  assert.ok(urls[0]?.endsWith("/dist/hal/host/browser.js"), urls[0]);
  for (const url of urls) assert.ok(statSync(fileURLToPath(url)).size > 0, url);
});

test("the build leaves the command executable, so that npx finds it runnable after every build", () => {
  assert.ok((statSync(new URL("../dist/apps/cli/talea.js", import.meta.url)).mode & 0o111) === 0o111);
});

test.run();
