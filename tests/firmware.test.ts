import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileFirmware } from "../apps/cli/compile.js";
import { compiled } from "./firmware.js";

const test = suite("firmware");
const SOURCE = fileURLToPath(new URL("../apps/firmware/producer.ts", import.meta.url));

test("what tests have of the compiler is what it makes now", async () => {
  const { wasm, map } = await compileFirmware(SOURCE);
  const kept = compiled(SOURCE);
  assert.is(Buffer.compare(kept.wasm, wasm), 0);
  assert.is(kept.map, map);
});

test.run();
