/** A context of a scripted task or handler: its generator, the call it is in, and the RAM it may use. */
import { signalNames } from "../../kernel/abi/host.js";
import type { SignalBody } from "./api/signal.js";
import type { HandlerBody, TaskBody } from "./api/task.js";
import { type Caller, Pending } from "./call.js";
import { AppError, type Site, siteOf } from "./errors.js";
import type { Storage } from "./storage.js";

export type Body = TaskBody | HandlerBody | SignalBody;
type Steps = Generator<unknown, unknown, unknown>;

/** How a resumed generator came back. */
export enum Came {
  PARKED = 0,
  DONE = 1,
}

const AsyncFunction = (async () => {}).constructor;
const AsyncGeneratorFunction = async function* () {}.constructor;

export class Frame {
  readonly pending: Pending;
  /** Its body returned; only the kernel does not know yet. */
  returned = false;
  /** The frame of the same task that it interrupted, for a signal's handler. */
  below: Frame | undefined;
  /** The frame for a handler on top of it, once there was one. */
  above: Frame | undefined;
  /** How its task sees itself in it, for a handler. */
  self: unknown;
  #steps: Steps | undefined;
  #body: Body | undefined;

  constructor(caller: Caller, storage: Storage) {
    this.pending = new Pending(caller, storage);
  }

  /** Makes the generator; nothing of the body runs yet. `what` names it in messages, "" for a signal's handler. */
  begin(body: Body, self: { name: string }, argument: number, what: string, origin = 0): void {
    if (body instanceof AsyncFunction || body instanceof AsyncGeneratorFunction) {
      throw new AppError(
        `${what || handlerText(self, argument)} is async: write a plain function*, which waits with yield*, not with await`,
        body,
      );
    }
    this.#body = body;
    const steps = (body as (self: unknown, argument: number, origin: number) => unknown)(self, argument, origin);
    if (typeof (steps as Steps | undefined)?.next !== "function" || steps instanceof Pending) {
      throw new AppError(`${what || handlerText(self, argument)} is no generator: write function* (self) { ... }`, body);
    }
    this.#steps = steps as Steps;
  }

  /** Lets the body go on until it gives up the CPU (true) or returns (false). What it throws comes through. */
  step(): boolean {
    const step = (this.#steps as Steps).next();
    if ((step as unknown) === this.pending) return true;
    if (step.done) {
      if (this.pending.armed) throw forgotten(this.pending.spec.name, this.#body);
      return false;
    }
    if (step.value instanceof Object && "then" in step.value) {
      throw new AppError("a task yielded a promise: a task waits with yield* on calls only", this.#steps);
    }
    throw new AppError("a task yielded something that is no call: write yield* (with the star) and a call behind it", this.#steps);
  }

  /** Where the body is parked: file and line of its innermost `yield*`. */
  site(): Site | undefined {
    if (!this.#steps || this.pending.done) return undefined;
    this.pending.probe = "";
    try {
      this.#steps.next();
      return siteOf(this.pending.probe);
    } catch {
      return undefined;
    } finally {
      this.pending.probe = undefined;
    }
  }

  /** The body is over: `finally` blocks run if it ended itself, and calls in them are refused. */
  end(exiting: boolean): void {
    const steps = this.#steps;
    this.#steps = undefined;
    if (exiting && steps) steps.return(undefined);
  }
}

function handlerText(task: { name: string }, signal: number): string {
  return `the handler of ${signalNames[signal]} in task "${task.name}"`;
}

/** A call whose result nobody waited for; `body` is given where the task ended without another call. */
export function forgotten(name: string, body?: Body): AppError {
  return new AppError(`the result of ${name === "" ? "a call" : `${name}()`} was never taken: write yield* in front of the call`, body);
}
