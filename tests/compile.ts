/** Compiles a firmware, and those beside it, which tests want, too, and keeps them: for a process that cannot wait for the compiler. */
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { compiled } from "./firmware.js";

const file = process.argv[2] as string;
await compiled(file);
for (const name of readdirSync(dirname(file)).filter((each) => each.endsWith(".ts"))) {
  // What is only a part of others need not compile by itself.
  await compiled(join(dirname(file), name)).catch(() => {});
}
