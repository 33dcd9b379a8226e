/** The runs on another host, which has no files: what it needs comes in a job, and this file is the entry of its one bundle. */
import { firmware, type Parts, useKernel, useParts } from "talea";
import { type Make, type Outcome, outcomeOf, runs } from "./runs.js";

/** Modules as text in base64. */
export interface Job {
  kernel: string;
  runtime: string;
  support: string;
  /** Firmware as the compiler wrote it, by its name below apps/firmware, with its source map. */
  modules: Record<string, { wasm: string; map: string }>;
}

/** What every run comes to there, by its name. */
export function play(job: Job): Record<string, Outcome> {
  const parts: Parts = { runtime: bytesOf(job.runtime), support: bytesOf(job.support) };
  useKernel(bytesOf(job.kernel));
  useParts(() => parts);
  const modules = Object.entries(job.modules).map(([name, { wasm, map }]) => [name, { bytes: bytesOf(wasm), map }] as const);
  const known = new Map(modules);
  const make: Make = (name, how) => {
    const module = known.get(name);
    if (!module) throw new Error(`the job has no firmware ${name}`);
    return firmware(module.bytes, { name, map: module.map, ...how });
  };
  return Object.fromEntries(runs.map((run) => [run.name, outcomeOf(run, make)]));
}

function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
