/** What comes to the process from outside the run: Ctrl-C, Ctrl-Z, SIGTERM, SIGHUP, and failures of the app that no task is to blame for. */
import { SIGINT, SIGTSTP, siteText } from "../../hal/host/index.js";
import type { Bell } from "./bell.js";
import { messageOf, siteOfError } from "./reason.js";
import { Status } from "./status.js";
import type { World } from "./world.js";

/** For whom a Ctrl-C was: no task, a task that gets one and no second, or one that claimed to be the foreground and gets them all. */
export type Taker = "nobody" | "task" | "shell";

export class Outside {
  readonly #bell: Bell;
  readonly #world: World;
  #ending = false;
  #sent = false;
  #terminated: Status | undefined;
  readonly #strays: string[] = [];
  /** A run is under way, which can be ended in order. */
  running = false;
  /** Sends SIGINT or SIGTSTP to the foreground task. */
  onInterrupt: ((signal: number) => Taker) | undefined;

  /** `bell` rings when something came. */
  constructor(bell: Bell, world: World) {
    this.#bell = bell;
    this.#world = world;
    const { events } = world;
    events.on("SIGINT", () => {
      // Once the run ends, the next one waits for nothing any more.
      if (!this.running || this.#ending) world.exit(Status.INTERRUPTED);
      const taker = this.#sent ? "nobody" : (this.onInterrupt?.(SIGINT) ?? "nobody");
      this.#ending = taker === "nobody";
      this.#sent = taker === "task";
      bell.ring();
    });
    this.#watchStop(bell, world);
    const end = (status: Status) => {
      if (!this.running || this.#ending) world.exit(status);
      this.#ending = true;
      this.#terminated = status;
      bell.ring();
    };
    events.on("SIGTERM", () => end(Status.TERMINATED));
    events.on("SIGHUP", () => end(Status.HUNG_UP));
    const stray = (error: unknown) => {
      const site = siteOfError(error);
      this.#strays.push(`the app failed outside of its tasks${site ? ` at ${siteText(site)}` : ""}: ${messageOf(error)}`);
      bell.ring();
    };
    events.on("uncaughtException", stray);
    events.on("unhandledRejection", stray);
  }

  /** Ctrl-Z: SIGTSTP for the foreground task; where there is none, this process stops as any other does. */
  #watchStop(bell: Bell, { events }: World): void {
    const stop = () => {
      if (this.running && !this.#ending && (this.onInterrupt?.(SIGTSTP) ?? "nobody") !== "nobody") {
        bell.ring();
        return;
      }
      events.off("SIGTSTP", stop);
      events.once("SIGCONT", () => events.on("SIGTSTP", stop));
      this.#world.signal("SIGTSTP");
    };
    if (process.platform !== "win32") events.on("SIGTSTP", stop);
  }

  /** Ends the run at once, as Ctrl-C does where no task takes it. */
  end(): void {
    this.#ending = true;
    this.#bell.ring();
  }

  /** The run is to end: there is no task that Ctrl-C is for, or it came again. */
  get interrupted(): boolean {
    return this.#ending;
  }

  /** The status of a run that SIGTERM or SIGHUP ended. */
  get terminated(): Status | undefined {
    return this.#terminated;
  }

  /** Sentences about exceptions in host callbacks and rejected promises. */
  get strays(): readonly string[] {
    return this.#strays;
  }
}
