/** What another host is given: all code in one file, made as a user's bundler makes it, and the modules. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { ensureBuilt, root } from "../built.js";
import { compiled } from "../firmware.js";
import type { Job } from "./elsewhere.js";
import { runs } from "./runs.js";

/** The code, as a module that exports `play`. "talea" is what the package says a browser gets. */
export async function bundled(): Promise<string> {
  ensureBuilt();
  const { outputFiles } = await build({
    entryPoints: [join(root, "tests/same/elsewhere.ts")],
    bundle: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

export async function job(): Promise<Job> {
  const names = new Set(runs.flatMap(({ firmware }) => firmware ?? []));
  const modules: Job["modules"] = {};
  for (const name of names) {
    const { wasm, map } = await compiled(join(root, `apps/firmware/${name}.ts`));
    modules[name] = { wasm: Buffer.from(wasm).toString("base64"), map };
  }
  const built = (name: string) => readFileSync(join(root, "dist", name)).toString("base64");
  return { kernel: built("kernel.wasm"), runtime: built("runtime.wasm"), support: built("support.wasm"), modules };
}
