/** What is known of a network's run, at its end or in between. */
import type { Reason } from "../options.js";
import type { Report } from "../report.js";
import type { PacketCounts } from "./wire.js";

/** A machine of the network. */
export interface MachineReport {
  name: string;
  /** False while it is off: the report is of the moment when it crashed. */
  up: boolean;
  crashes: number;
  report: Report;
}

export interface NetworkReport {
  /** Undefined while the run can go on. */
  reason: Reason | undefined;
  cycles: number;
  /** Virtual milliseconds. */
  milliseconds: number;
  events: number;
  /** Of all machines in order; undefined when the run keeps none. */
  hash: string | undefined;
  machines: readonly MachineReport[];
  packets: PacketCounts;
}
