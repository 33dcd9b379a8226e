/** The API: what an app, a test and a tool import as "talea". */
import { useKernel } from "./boot.js";
import { readKernel } from "./node.js";

useKernel(readKernel);

export * from "./api.js";
