/** The API in a browser: the same, but nothing is read from the package: call useKernel(bytes) first, and useParts() to build firmware. */
export * from "./api.js";
