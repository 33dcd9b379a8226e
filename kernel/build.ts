/**
 * Compiles what asconfig.json has targets for: the kernel's profiles, and what the build step of firmware links in. One process does
 * it, in which the compiler is warm from the second target on; and what was made of the same sources by the same compiler is left.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareModules } from "../apps/cli/modules.js";

const root = fileURLToPath(new URL("../", import.meta.url));
/** Says of what the files of dist/ were made, and what they were then. */
const STAMP = join(root, "node_modules/.cache/talea/kernel.json");

const TARGETS: [entry: string, target: string][] = [
  ["kernel/index.ts", "release"],
  ["kernel/debug.ts", "debug"],
  ["kernel/index.ts", "small"],
  ["hal/preempt/runtime.ts", "runtime"],
  ["hal/preempt/support.ts", "support"],
];

function hashOf(files: string[]): string {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(existsSync(file) ? readFileSync(file) : "")
      .update("\0");
  return hash.digest("hex");
}

function sourcesBelow(directory: string): string[] {
  const files = readdirSync(join(root, directory), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts"))
    .sort()
    .map((file) => join(root, directory, file));
}

/** What is compiled, and how; this file, too. */
function inputs(): string[] {
  const compiler = createRequire(import.meta.url).resolve("assemblyscript/package.json");
  return [compiler, join(root, "asconfig.json"), ...sourcesBelow("kernel"), ...sourcesBelow("hal/preempt")];
}

function outputs(): string[] {
  const config = JSON.parse(readFileSync(join(root, "asconfig.json"), "utf8")) as {
    targets: Record<string, { outFile: string; sourceMap?: boolean }>;
  };
  return Object.values(config.targets).flatMap(({ outFile, sourceMap }) => {
    const file = join(root, outFile);
    return sourceMap ? [file, `${file}.map`] : [file];
  });
}

/** A line that is the same for as long as nothing changes, neither what is compiled nor what came of it. */
function state(): string {
  return JSON.stringify({ from: hashOf(inputs()), to: hashOf(outputs()) });
}

async function compile(): Promise<boolean> {
  prepareModules();
  const { main } = await import("assemblyscript/asc");
  for (const [entry, target] of TARGETS) {
    const { error } = await main([entry, "--target", target], { stdout: process.stdout, stderr: process.stderr });
    if (error) return false;
  }
  return true;
}

process.chdir(root);
const before = existsSync(STAMP) ? readFileSync(STAMP, "utf8") : "";
if (before !== state()) {
  if (await compile()) {
    mkdirSync(dirname(STAMP), { recursive: true });
    writeFileSync(STAMP, state());
  } else process.exitCode = 1;
}
