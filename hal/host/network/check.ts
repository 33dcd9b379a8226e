/** The sentences for network settings that make no sense; apps run without being type-checked. */
import { addressOf, addressText } from "../address.js";
import { knownOptions } from "../api/check.js";
import { AppError, MachineError } from "../errors.js";
import { Firmware } from "../firmware.js";
import { checkOptions } from "../options.js";
import type { BetweenOptions, CrashOptions, LinkOptions, NetworkSettings, PartitionOptions } from "./description.js";

const MOST = 256;
const TRAITS = ["latency", "bandwidth", "loss", "duplicate", "reorder", "jitter", "queue"] as const;

/** Throws AppError for the first setting that is unknown or makes no sense. */
export function checkSettings(settings: NetworkSettings): void {
  knownOptions("network", settings, ["machines", "link", "links", "partitions", "crashes", "console"]);
  const names = checkMachines(settings);
  if (settings.link !== undefined) checkLink("link", settings.link, []);
  checkLinks(list("links", settings.links), names);
  for (const [i, partition] of list("partitions", settings.partitions).entries()) checkPartition(`partitions[${i}]`, partition, names);
  checkCrashes(list("crashes", settings.crashes), names);
  if (settings.console !== undefined) checkName("console", settings.console, names);
}

function list<T>(what: string, value: readonly T[] | undefined): readonly T[] {
  if (value === undefined || Array.isArray(value)) return value ?? [];
  throw new AppError(`${what} of a network is a list: ${what}: [{ ... }]`);
}

// Machines

function checkMachines({ machines }: NetworkSettings): string[] {
  if (typeof machines !== "object" || machines === null || Array.isArray(machines)) {
    throw new AppError('a network needs machines by their names: machines: { alice: { address: "10.0.0.1", app }, ... }');
  }
  const names = Object.keys(machines);
  if (names.length === 0 || names.length > MOST) throw new AppError(`the network has ${names.length} machines: give 1 to ${MOST}`);
  const owners = new Map<number, string>();
  for (const name of names) {
    checkMachine(name, machines[name]);
    const address = addressOf(machines[name]?.address) ?? 0;
    const owner = owners.get(address);
    if (owner !== undefined) throw new AppError(`the machines "${owner}" and "${name}" have the same address ${addressText(address)}`);
    owners.set(address, name);
  }
  return names;
}

function checkMachine(name: string, machine: unknown): void {
  if (!/^[\w.-]{1,32}$/.test(name)) {
    throw new AppError(`a machine is named ${JSON.stringify(name)}: give 1 to 32 letters, digits, dots, "-" or "_"`);
  }
  if (typeof machine !== "object" || machine === null) throw new AppError(`the machine "${name}" needs an address and an app in braces`);
  const { app, ...options } = machine as { app?: unknown; address?: unknown };
  if (typeof app !== "function" && !(app instanceof Firmware)) {
    throw new AppError(`the machine "${name}" has no app: give a function (system) => void, or a firmware`);
  }
  if (options.address === undefined) throw new AppError(`the machine "${name}" has no address: give one, as in "10.0.0.1"`);
  try {
    checkOptions(options as object);
  } catch (error) {
    throw error instanceof MachineError ? new AppError(`the machine "${name}": ${error.message}`) : error;
  }
}

function checkName(what: string, name: unknown, names: readonly string[]): void {
  if (names.includes(name as string)) return;
  throw new AppError(`${what} names ${JSON.stringify(name)}, which is no machine of the network: there are ${names.join(", ")}`);
}

// Links

const isNumber = (value: unknown, least: number, most = Number.MAX_SAFE_INTEGER) =>
  typeof value === "number" && value >= least && value <= most;
/** In thousandths, because a fate is one of a thousand. */
const isProbability = (value: unknown) =>
  isNumber(value, 0, 1) && Math.abs((value as number) * 1000 - Math.round((value as number) * 1000)) < 1e-9;
/** A day of virtual milliseconds. */
const DAY = 86_400_000;

const traits: Record<(typeof TRAITS)[number], [fits: (value: unknown) => boolean, give: string]> = {
  latency: [(value) => isNumber(value, 0.01, DAY), "0.01 milliseconds or more"],
  bandwidth: [(value) => isNumber(value, 1), "1 byte a second or more"],
  loss: [isProbability, "a probability from 0 to 1, in steps of 0.001"],
  duplicate: [isProbability, "a probability from 0 to 1, in steps of 0.001"],
  reorder: [isProbability, "a probability from 0 to 1, in steps of 0.001"],
  jitter: [(value) => isNumber(value, 0, DAY), "0 milliseconds or more"],
  queue: [(value) => Number.isInteger(value) && isNumber(value, 1, 65536), "a whole number of packets from 1 to 65536"],
};

function checkLink(what: string, link: LinkOptions, besides: readonly string[]): void {
  knownOptions(what, link, [...besides, ...TRAITS]);
  for (const trait of TRAITS) {
    const value = link[trait];
    const [fits, give] = traits[trait];
    if (value !== undefined && !fits(value)) throw new AppError(`${what}: ${trait} is ${value}: give ${give}`);
  }
}

function checkLinks(links: readonly BetweenOptions[], names: readonly string[]): void {
  const seen = new Set<string>();
  for (const [i, link] of links.entries()) {
    const what = `links[${i}]`;
    checkLink(what, link, ["between"]);
    const pair = checkPair(what, link.between);
    for (const name of pair) checkName(what, name, names);
    if (pair[0] === pair[1]) throw new AppError(`${what} is between "${pair[0]}" and itself: name two machines`);
    const key = [...pair].sort().join(" ");
    if (seen.has(key)) throw new AppError(`${what}: the link between "${pair[0]}" and "${pair[1]}" was given before`);
    seen.add(key);
  }
}

function checkPair<T>(what: string, between: readonly [T, T]): readonly [T, T] {
  if (Array.isArray(between) && between.length === 2) return between;
  throw new AppError(`${what} does not say between which machines: between: ["alice", "bob"]`);
}

// What happens when

function checkTime(what: string, value: unknown): void {
  if (!isNumber(value, 0)) throw new AppError(`${what} is ${value}: give virtual milliseconds, 0 or more`);
}

function checkPartition(what: string, partition: PartitionOptions, names: readonly string[]): void {
  knownOptions(what, partition, ["between", "from", "until"]);
  const { from = 0, until } = partition;
  const [one, other] = checkPair(what, partition.between).map((side) => (Array.isArray(side) ? side : [side])) as [string[], string[]];
  for (const name of [...one, ...other]) checkName(what, name, names);
  const shared = one.find((name) => other.includes(name));
  if (shared !== undefined) throw new AppError(`${what} has "${shared}" on both sides`);
  checkTime(`${what}: from`, from);
  if (until === undefined) return;
  checkTime(`${what}: until`, until);
  if (until <= from) throw new AppError(`${what} ends at ${until} ms, before it begins at ${from} ms`);
}

function checkCrashes(crashes: readonly CrashOptions[], names: readonly string[]): void {
  const down: { machine: string; at: number; restart: number }[] = [];
  for (const [i, crash] of crashes.entries()) {
    const what = `crashes[${i}]`;
    knownOptions(what, crash, ["machine", "at", "restart"]);
    const { machine, at, restart } = crash;
    checkName(what, machine, names);
    checkTime(`${what}: at`, at);
    if (restart !== undefined) checkTime(`${what}: restart`, restart);
    if (restart !== undefined && restart <= at)
      throw new AppError(`${what} restarts at ${restart} ms, and crashes at ${at} ms: give a later time`);
    const end = restart ?? Number.POSITIVE_INFINITY;
    const other = down.find((each) => each.machine === machine && at <= each.restart && each.at <= end);
    if (other !== undefined) throw new AppError(`${what}: "${machine}" is down ${span(other)} already`);
    down.push({ machine, at, restart: end });
  }
}

function span({ at, restart }: { at: number; restart: number }): string {
  return restart === Number.POSITIVE_INFINITY ? `from ${at} ms on` : `from ${at} to ${restart} ms`;
}
