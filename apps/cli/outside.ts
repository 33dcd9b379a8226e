/** What comes to the process from outside the run: Ctrl-C, and failures of the app that no task is to blame for. */
import { siteText } from "../../hal/host/index.js";
import type { Bell } from "./bell.js";
import { messageOf, siteOfError } from "./reason.js";
import { Status } from "./status.js";

export class Outside {
  #interrupts = 0;
  readonly #strays: string[] = [];
  /** A run is under way, which can be ended in order. */
  running = false;

  /** `bell` rings when something came. */
  constructor(bell: Bell) {
    process.on("SIGINT", () => {
      // The second one waits for nothing any more.
      if (!this.running || this.#interrupts++ > 0) process.exit(Status.INTERRUPTED);
      bell.ring();
    });
    const stray = (error: unknown) => {
      const site = siteOfError(error);
      this.#strays.push(`the app failed outside of its tasks${site ? ` at ${siteText(site)}` : ""}: ${messageOf(error)}`);
      bell.ring();
    };
    process.on("uncaughtException", stray);
    process.on("unhandledRejection", stray);
  }

  get interrupted(): boolean {
    return this.#interrupts > 0;
  }

  /** Sentences about exceptions in host callbacks and rejected promises. */
  get strays(): readonly string[] {
    return this.#strays;
  }
}
