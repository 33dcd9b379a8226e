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

/** A property of the host's, and what a task finds in its place. */
interface Replacement {
  /** The object that has it itself: to give it to one that inherits it, and take it away again at every step, is slow. */
  target: object;
  name: string;
  value: unknown;
  /** How it was when it was last looked at. */
  host: PropertyDescriptor | undefined;
}

/** What was made for each machine; it is put in place at every step that is taken. */
const worlds = new WeakMap<Inhabitant, { host: DateConstructor; world: Replacement[] }>();

/** Puts the virtual world in place; the answer takes it away again. Safe to call on any host. */
export function inhabit(inhabitant: Inhabitant): () => void {
  const world = worldOf(inhabitant);
  const before = world.map(hostOf);
  for (let i = 0; i < world.length; i++) replace(world[i] as Replacement, before[i]);
  return () => {
    for (let i = world.length - 1; i >= 0; i--) restore(world[i] as Replacement, before[i]);
  };
}

/** The property as it is now. */
function hostOf(each: Replacement): PropertyDescriptor | undefined {
  const { target, name, host } = each;
  if (!host?.writable || host.value !== (target as Globals)[name]) each.host = Object.getOwnPropertyDescriptor(target, name);
  return each.host;
}

function replace({ target, name, value }: Replacement, before: PropertyDescriptor | undefined): void {
  if (before?.writable) (target as Globals)[name] = value;
  else if (!before || before.configurable) {
    Object.defineProperty(target, name, { value, configurable: true, writable: true, enumerable: before?.enumerable ?? false });
  }
}

function restore({ target, name }: Replacement, before: PropertyDescriptor | undefined): void {
  if (!before) delete (target as Globals)[name];
  else if (before.writable) (target as Globals)[name] = before.value;
  else if (before.configurable) Object.defineProperty(target, name, before);
}

/** Made anew where the host itself has replaced its clock since. */
function worldOf(inhabitant: Inhabitant): Replacement[] {
  const known = worlds.get(inhabitant);
  if (known?.host === Date) return known.world;
  const world = worldFor(inhabitant);
  worlds.set(inhabitant, { host: Date, world });
  return world;
}

function worldFor(inhabitant: Inhabitant): Replacement[] {
  const globals = globalThis as unknown as Globals;
  const now = () => EPOCH + Math.floor(inhabitant.milliseconds);
  const world: Replacement[] = [];
  const put = (object: object, name: string, value: unknown) => world.push({ target: ownerOf(object, name), name, value, host: undefined });
  put(Math, "random", () => inhabitant.random());
  put(globals, "Date", virtualDate(Date, now));
  const { performance, crypto } = globals as Record<string, object | undefined>;
  if (performance) put(performance, "now", () => inhabitant.milliseconds);
  if (crypto) {
    const seeded = "use Math.random, which is seeded by the run";
    put(crypto, "getRandomValues", () => refuse("crypto.getRandomValues", seeded));
    put(crypto, "randomUUID", () => refuse("crypto.randomUUID", seeded));
  }
  for (const [name, advice] of Object.entries(HOST_ONLY)) {
    if (name in globals) put(globals, name, refusing(name, advice));
  }
  return world;
}

/** The object, or the one from which it inherits a property. */
function ownerOf(object: object, name: string): object {
  for (let owner: object | null = object; owner !== null; owner = Object.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, name)) return owner;
  }
  return object;
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
