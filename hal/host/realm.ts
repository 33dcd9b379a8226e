/**
 * What a task finds where a host program has clocks, chance and promises. While the machine runs, Math.random is the run's own
 * stream, Date and performance.now the virtual clock, and whatever would let the host decide an order throws and says what to use.
 */
import { AppError } from "./errors.js";

/** What the realm needs of a machine. */
export interface Inhabitant {
  random(): number;
  /** Virtual milliseconds since power-on. */
  readonly milliseconds: number;
}

type Globals = Record<string, unknown>;

const HOST_ONLY: Record<string, string> = {
  setTimeout: "use yield* self.sleep(ticks) or a timer",
  setInterval: "use a periodic timer of the system",
  setImmediate: "use yield* self.yield()",
  queueMicrotask: "use yield* self.yield()",
  Promise: "calls are waited for with yield*, not with promises",
  fetch: "a task talks to the world through its devices",
};

/** The day on which virtual time begins: cycle 0. */
const EPOCH = Date.UTC(2000, 0, 1);

/** Puts the virtual world in place; the answer takes it away again. Safe to call on any host. */
export function inhabit(inhabitant: Inhabitant): () => void {
  const globals = globalThis as unknown as Globals;
  const undo: (() => void)[] = [];
  const replace = (target: object, name: string, value: unknown) => {
    const before = Object.getOwnPropertyDescriptor(target, name);
    if (before && !before.configurable) return;
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: before?.enumerable ?? false });
    undo.push(() => {
      if (before) Object.defineProperty(target, name, before);
      else delete (target as Globals)[name];
    });
  };
  const HostDate = Date;
  const now = () => EPOCH + Math.floor(inhabitant.milliseconds);
  replace(Math, "random", () => inhabitant.random());
  replace(globals, "Date", virtualDate(HostDate, now));
  if (globals.performance) replace(globals.performance as object, "now", () => inhabitant.milliseconds);
  if (globals.crypto) {
    replace(globals.crypto as object, "getRandomValues", () =>
      refuse("crypto.getRandomValues", "use Math.random, which is seeded by the run"),
    );
    replace(globals.crypto as object, "randomUUID", () => refuse("crypto.randomUUID", "use Math.random, which is seeded by the run"));
  }
  for (const [name, advice] of Object.entries(HOST_ONLY)) {
    if (name in globals) replace(globals, name, refusing(name, advice));
  }
  return () => {
    for (const restore of undo.reverse()) restore();
  };
}

function refuse(name: string, advice: string): never {
  throw new AppError(`${name} is the host's, and a task has none: ${advice}`);
}

function refusing(name: string, advice: string): unknown {
  // Only a function that is no arrow can be called with `new`.
  return new Proxy(function refused() {}, {
    apply: () => refuse(name, advice),
    construct: () => refuse(name, advice),
    get: () => refuse(name, advice),
  });
}

function virtualDate(HostDate: DateConstructor, now: () => number): unknown {
  return new Proxy(HostDate, {
    apply: () => new HostDate(now()).toString(),
    construct: (target, args: unknown[]) => (args.length === 0 ? new target(now()) : Reflect.construct(target, args)),
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
}
