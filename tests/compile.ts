/**
 * Compiles firmware for processes that cannot wait for the compiler: `compile.ts FILE` one, and those beside it, which tests want, too;
 * `compile.ts --serve FOLDER` whatever KEY.request in that folder names, one after another, since only the first one takes long. One
 * that does not compile leaves KEY.failed there, with what the compiler said.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { compileHere, replaceWhole } from "./firmware.js";

const [first, folder] = process.argv.slice(2) as [string, string];
const REQUEST = /\.request$/;

async function serve(folder: string): Promise<never> {
  for (;;) {
    const requests = readdirSync(folder).filter((name) => REQUEST.test(name));
    for (const name of requests) await answer(folder, name);
    if (requests.length === 0) await sleep(10);
  }
}

async function answer(folder: string, name: string): Promise<void> {
  const key = name.replace(REQUEST, "");
  const request = join(folder, name);
  try {
    await compileHere(readFileSync(request, "utf8"));
  } catch (error) {
    replaceWhole(join(folder, `${key}.failed`), (error as Error).message);
  }
  rmSync(request, { force: true });
}

if (first === "--serve") {
  // It does not outlive the one who started it.
  process.on("disconnect", () => process.exit(0));
  await serve(folder);
} else {
  await compileHere(first);
  for (const name of readdirSync(dirname(first)).filter((each) => each.endsWith(".ts"))) {
    // What is only a part of others need not compile by itself.
    await compileHere(join(dirname(first), name)).catch(() => {});
  }
}
