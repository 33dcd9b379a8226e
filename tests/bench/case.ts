import type { App } from "../../hal/host/index.js";

/** One figure: `ops` operations a run. */
export interface Case {
  name: string;
  ops: number;
  run: () => void;
  /** What it boots, where the heap is to be looked at. */
  app?: App;
  /** Bytes that an operation moves, where they are what counts. */
  bytes?: number;
}
