/** The API: what an app, a test and a tool import as "talea". */
import { useKernel } from "./boot.js";
import { useParts } from "./firmware.js";
import { readKernel, readParts } from "./node.js";

useKernel(readKernel);
useParts(readParts);

export * from "./api.js";
