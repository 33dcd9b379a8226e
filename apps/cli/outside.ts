/** What comes to the process from outside the run: Ctrl-C, and failures of the app that no task is to blame for. */
import { siteText } from "../../hal/host/index.js";
import type { Bell } from "./bell.js";
import { messageOf, siteOfError } from "./reason.js";
import { Status } from "./status.js";

export class Outside {
  #ending = false;
  #sent = false;
  readonly #strays: string[] = [];
  /** A run is under way, which can be ended in order. */
  running = false;
  /** Sends SIGINT to the foreground task; false when there is none. */
  onInterrupt: (() => boolean) | undefined;

  /** `bell` rings when something came. */
  constructor(bell: Bell) {
    process.on("SIGINT", () => {
      // Once the run ends, the next one waits for nothing any more.
      if (!this.running || this.#ending) process.exit(Status.INTERRUPTED);
      this.#ending = this.#sent || this.onInterrupt?.() !== true;
      this.#sent = true;
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

  /** The run is to end: there is no task that Ctrl-C is for, or it came again. */
  get interrupted(): boolean {
    return this.#ending;
  }

  /** Sentences about exceptions in host callbacks and rejected promises. */
  get strays(): readonly string[] {
    return this.#strays;
  }
}
