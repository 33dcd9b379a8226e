/**
 * The kernel-only suite as one file of JavaScript, made once, so that a mutant costs no compilation: the tests that start no process
 * and compile no firmware, and what they import.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "esbuild";
import { root } from "../built.js";

/** Those that would, but look at something else than the kernel. */
const OTHER = [
  "tests/cover.test.ts",
  "tests/mutate.test.ts",
  "tests/house.test.ts",
  "tests/conformance.test.ts",
  "tests/sentence.test.ts",
  // It runs its systems while it is loaded, before the suite asks.
  "tests/scenario/counter.test.ts",
];
/** What a test imports that starts a process or compiles. */
const FOREIGN = /child_process|worker_threads|\.\/(?:\.\.\/)?(?:firmware|built|compile|terminal)\.js|apps\/cli|preempt\/|node:net/;

/** The files of the suite, as paths from the root of the project. */
export function suiteFiles(): string[] {
  const found = ["tests", "tests/scenario"].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((file) => file.endsWith(".test.ts"))
      .map((file) => `${folder}/${file}`),
  );
  const kernelOnly = found.filter((file) => !OTHER.includes(file) && !FOREIGN.test(readFileSync(join(root, file), "utf8")));
  return kernelOnly.sort();
}

/** In a bundle a file is where it was: `import.meta.url` is a text that says so. uvu is collect.ts. */
const inPlace: Plugin = {
  name: "in place",
  setup(builder) {
    builder.onResolve({ filter: /^uvu$/ }, () => ({ path: join(root, "tests/mutate/collect.ts") }));
    builder.onLoad({ filter: /\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, "utf8").replaceAll("import.meta.url", JSON.stringify(pathToFileURL(path).href)),
      loader: "ts",
    }));
  },
};

/** Writes the bundle. */
export async function bundle(outfile: string, files: readonly string[]): Promise<void> {
  const order = ["tests/mutate/kernel.ts", ...files, "tests/mutate/child.ts"];
  const contents = order.map((file) => `import ${JSON.stringify(`./${file}`)};`).join("\n");
  await build({
    stdin: { contents, resolveDir: root, loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["source"],
    // Some tests ask at which line of theirs a call stands.
    sourcemap: "linked",
    sourcesContent: false,
    plugins: [inPlace],
    banner: { js: 'import { createRequire as requireHere } from "node:module"; const require = requireHere(import.meta.url);' },
    logLevel: "error",
  });
}
