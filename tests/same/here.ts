/** The runs under the Node that runs this, and what they were when they were recorded. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../built.js";
import { firmwareOf } from "../firmware.js";
import { type Make, type Outcome, outcomeOf, runs } from "./runs.js";

export const FILE = join(root, "tests/same/hashes.json");

const make: Make = (name, { grain, protect } = {}) => firmwareOf(name, grain, protect);

export function played(): Record<string, Outcome> {
  return Object.fromEntries(runs.map((run) => [run.name, outcomeOf(run, make)]));
}

export function recorded(): Record<string, Outcome> {
  return JSON.parse(readFileSync(FILE, "utf8")) as Record<string, Outcome>;
}
