/** What --forward names: where the command listens, and the port of a machine to which it leads. */
import { addressText, isMachineAddress, type Network, parseAddress, type Target } from "../../hal/host/index.js";
import { UsageError } from "./status.js";

const HERE = "127.0.0.1";
const FORM = /^(?:(\[[\da-fA-F:.]+\]|[\w.-]+):)?(\d{1,5})=([\d.]+):(\d{1,5})$/;
const LAST_PORT = 65535;

export interface Forwarding {
  /** Where it listens: only here, unless another place was written out. */
  host: string;
  /** 0: any free one. */
  port: number;
  /** The machine's address and port. */
  to: Target;
}

/** Reads "[HOST:]PORT=ADDRESS:PORT". Throws UsageError for anything else. */
export function parseForward(text: string): Forwarding {
  const [, host = HERE, port, address, targetPort] = FORM.exec(text) ?? [];
  if (address === undefined) throw wrong(text, "it is not of the form [HOST:]PORT=ADDRESS:PORT");
  if (Number(port) > LAST_PORT) throw wrong(text, `there is no port ${port}`);
  if (Number(targetPort) > LAST_PORT || Number(targetPort) === 0) throw wrong(text, `a machine has no port ${targetPort}`);
  return { host: host.replace(/[[\]]/g, ""), port: Number(port), to: { address: addressOf(text, address), port: Number(targetPort) } };
}

function addressOf(text: string, address: string): number {
  if (!isMachineAddress(address)) throw wrong(text, `${address} is no address of a machine`);
  return parseAddress(address);
}

function wrong(text: string, why: string): UsageError {
  return new UsageError(`--forward ${text}: ${why}; write, for example, ${HERE}:8080=10.0.0.1:80`);
}

/** "127.0.0.1:8080", "[::1]:8080". */
export function placeText(host: string, port: number): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** The one machine address that all name, for an app that is one machine. Throws UsageError when they name several. */
export function soleAddress(targets: readonly Target[]): string | undefined {
  const addresses = [...new Set(targets.map(({ address }) => addressText(address)))];
  if (addresses.length < 2) return addresses[0];
  throw new UsageError(`the app is one machine and has one address, but --forward names ${addresses.join(" and ")}: give the same one`);
}

/** The addresses of a network's machines. Throws UsageError when a target is not among them. */
export function addressesWith(network: Network, targets: readonly Target[]): number[] {
  const machines = network.names.map((name) => ({ name, address: network.machine(name).options.address ?? "" }));
  const addresses = machines.map(({ address }) => parseAddress(address));
  const missing = targets.find(({ address }) => !addresses.includes(address));
  if (missing === undefined) return addresses;
  const known = machines.map(({ name, address }) => `${address} (${name})`).join(", ");
  throw new UsageError(`--forward: no machine has the address ${addressText(missing.address)}: there are ${known}`);
}
