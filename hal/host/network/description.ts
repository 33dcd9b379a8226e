/**
 * A network as an app describes it: machines, the links between them, and what happens to them when. Times are virtual
 * milliseconds, probabilities 0 to 1 in steps of a thousandth.
 *
 *     export default network({
 *       machines: {
 *         server: { address: "10.0.0.1", app: server },
 *         client: { address: "10.0.0.2", app: client },
 *       },
 *       link: { latency: 2, loss: 0.1 },
 *       crashes: [{ machine: "server", at: 500, restart: 800 }],
 *     });
 */
import type { App } from "../api/system.js";
import type { Firmware } from "../firmware.js";
import type { MachineOptions } from "../options.js";
import { checkSettings } from "./check.js";

/** A machine of a network: its address, its app, and whatever else boot() takes. */
export interface NetworkMachine extends MachineOptions {
  address: string;
  app: App | Firmware;
}

/** How a link behaves, each way. */
export interface LinkOptions {
  /** Milliseconds that a packet is on its way, default 1; at least 0.01. */
  latency?: number;
  /** Bytes a second, each way; default: no limit. */
  bandwidth?: number;
  /** Probability that a packet is lost, default 0. */
  loss?: number;
  /** Probability that a packet arrives twice, default 0. */
  duplicate?: number;
  /** Probability that a packet is held back for another latency, so that later ones overtake it; default 0. */
  reorder?: number;
  /** Milliseconds by which a packet may be late, default 0; this alone changes no order. */
  jitter?: number;
  /** Packets that wait for their turn where the bandwidth is limited, default 64; further ones are lost. */
  queue?: number;
}

/** The link between two machines, where it differs from the others. */
export interface BetweenOptions extends LinkOptions {
  between: readonly [one: string, other: string];
}

/** One machine or several. */
export type Side = string | readonly string[];

/** No packet gets from one side to the other. */
export interface PartitionOptions {
  between: readonly [one: Side, other: Side];
  /** Default 0. */
  from?: number;
  /** Default: for ever. */
  until?: number;
}

/** A machine stops amid whatever it does; it starts anew if it is told to. */
export interface CrashOptions {
  machine: string;
  at: number;
  restart?: number;
}

export interface NetworkSettings {
  /** The machines by their names, in the order that decides where times are equal. */
  machines: Readonly<Record<string, NetworkMachine>>;
  /** How every link behaves. */
  link?: LinkOptions;
  /** Links that differ from it. */
  links?: readonly BetweenOptions[];
  partitions?: readonly PartitionOptions[];
  crashes?: readonly CrashOptions[];
  /** The machine whose console has the input, default the first. */
  console?: string;
}

/** What network() answers: settings that were checked. */
export class NetworkDescription {
  readonly settings: NetworkSettings;

  constructor(settings: NetworkSettings) {
    this.settings = settings;
  }
}

/** Describes a network, as the default export of an app or for bootNetwork(). Throws AppError for settings that make no sense. */
export function network(settings: NetworkSettings): NetworkDescription {
  checkSettings(settings);
  return new NetworkDescription(settings);
}
