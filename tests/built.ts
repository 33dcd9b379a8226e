/** Where things are, and the built command, for tests that start it: made anew when its sources are newer. */
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");
export const command = join(root, "dist/apps/cli/talea.js");
/** What may be deleted at any time. */
export const cache = join(root, "node_modules/.cache/talea");

function newest(directory: string): number {
  const files = readdirSync(join(root, directory), { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
  return Math.max(...files.map((file) => statSync(join(root, directory, file)).mtimeMs));
}

/** Builds it unless it is newer than what it is made of. */
export function ensureBuilt(): void {
  const built = statSync(command, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built >= Math.max(newest("apps"), newest("hal"), newest("kernel/abi"))) return;
  execFileSync("npm", ["run", "build:host", "--silent"], { cwd: root, stdio: "inherit" });
}
