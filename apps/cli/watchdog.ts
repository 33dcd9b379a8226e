/**
 * Finds JavaScript that never gives the CPU back, which nothing on its own thread can notice. A second thread watches a counter
 * that moves with every step of the run; when it has stood still for 2 seconds of this thread's CPU time (not of the wall clock: a
 * process may be stopped, and the computer busy; nor of other threads, which compile and collect garbage), it pauses this thread as a
 * debugger would and calls a function in the paused frame. Where the system does not tell a thread's time, the process's counts.
 *
 *     run: beat, beat, beat, while (true) {}        pause(frames) -> report, exit
 *     watch:    looks ....................... pauses ----^
 */
import { url as debugged } from "node:inspector";
import { Worker } from "node:worker_threads";
import { fromSources } from "./modules.js";
import { isOfApp, type Position } from "./place.js";

/** The name under which the second thread finds what to call. */
const HOOK = "talea.watchdog";

/** tsx, which runs sources, does not reach into another thread: it runs what was built. */
const WATCHER = new URL(fromSources ? "../../dist/apps/cli/watcher.js" : "./watcher.js", import.meta.url);

/** What the second thread is told. */
export interface Watched {
  beat: Int32Array;
  /** Microseconds of CPU time. */
  patience: number;
  hook: string;
}

/** A function on the stack of the paused thread. */
export interface PausedFrame extends Position {
  within: string;
}

/** Told of the app's innermost frame, and whether the code makes calls all the time and the kernel lets it go on. */
export type Endless = (frame: PausedFrame, calls: boolean) => void;

export class Watchdog {
  /** Whoever gets on adds to its first word; while the second one is not 0, nobody looks. */
  readonly beat = new Int32Array(new SharedArrayBuffer(8));
  readonly #endless: Endless;
  readonly #progress: () => number;
  #before: number | undefined;

  /**
   * `endless` is called in the middle of the endless code, and should not return.
   * `progress` counts what a run does between beats, so that calls which never end are told from no calls.
   * `patience` is in microseconds of CPU time without a beat; with 0 nobody looks.
   */
  constructor(progress: () => number, endless: Endless, patience: number) {
    this.#progress = progress;
    this.#endless = endless;
    // Under a debugger the one who pauses is a person.
    if (patience === 0 || debugged() !== undefined) return;
    Reflect.set(globalThis, Symbol.for(HOOK), (frames: PausedFrame[]) => this.#paused(frames));
    const workerData: Watched = { beat: this.beat, patience, hook: HOOK };
    const worker = new Worker(WATCHER, { workerData, execArgv: [] });
    worker.unref();
    worker.on("error", () => {});
  }

  /** Looks away meanwhile: it may take long, and comes to its end. */
  async ignoring<T>(work: () => Promise<T>): Promise<T> {
    Atomics.store(this.beat, 1, 1);
    try {
      return await work();
    } finally {
      Atomics.store(this.beat, 1, 0);
    }
  }

  /** True to be paused once more: whether calls are made meanwhile shows only then. */
  #paused(frames: PausedFrame[]): boolean {
    const frame = frames.find(({ url }) => isOfApp(url));
    if (frame === undefined) {
      this.#before = undefined;
      return false;
    }
    const progress = this.#progress();
    if (this.#before === undefined) {
      this.#before = progress;
      return true;
    }
    this.#endless(frame, progress !== this.#before);
    return false;
  }
}
