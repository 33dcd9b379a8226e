/** The API in a browser: the same, but for where kernel.wasm comes from: call useKernel(bytes) first. */
export * from "./api.js";
