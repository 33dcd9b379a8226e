/**
 * The machine's end of the network: packets that are on their way to it, in order of arrival, and a horizon, at which the machine
 * stops because nobody knows yet what arrives behind it. Tasks use sockets; the registers are nobody's.
 *
 *     network -> [ arrivals ] -> packet buffer -> kernel        kernel -> packet buffer -> carrier -> network
 *
 * Packets of one cycle arrive in the order of their sources' numbers, so that it does not matter when the host learned of them.
 */
import { layout } from "../../../kernel/abi/host.js";
import { NEVER, PACKET_BYTES } from "../../map.js";
import { AppError } from "../errors.js";
import type { Machine } from "../machine.js";
import { register } from "../readout.js";
import { Device } from "./device.js";

const PACKET = register(layout.Cpu.packet);
const HEAD = layout.Packet.bytes;
const NO_LINE = -1;

/** A packet on its way. */
export interface Arrival {
  packet: Uint8Array;
  /** When it arrives. */
  cycle: number;
  /** The number of who sent it. */
  source: number;
}

/** A copy of the packet that stands where Order.PACKET leaves it. */
export function packetOf({ u8, u32 }: Machine): Uint8Array {
  const at = u32[PACKET] as number;
  return u8.slice(at, at + HEAD + (u32[(at + layout.Packet.length) >> 2] as number));
}

interface Saved {
  arrivals: { packet: number[]; cycle: number; source: number }[];
  horizon: number;
  reached: boolean;
}

export class Nic extends Device {
  #arrivals: Arrival[] = [];
  #horizon = NEVER;
  #reached = false;

  constructor(machine: Machine) {
    super(machine, "nic", NO_LINE);
  }

  /** A packet arrives at a cycle of the machine's; at once, if it is past. */
  arrive(packet: Uint8Array, cycle: number, source = 0): void {
    const queue = this.#arrivals;
    let place = queue.length;
    while (place > 0 && follows(queue[place - 1] as Arrival, cycle, source)) place--;
    queue.splice(place, 0, { packet, cycle, source });
    this.#plan();
  }

  /** Packets on their way to the machine. */
  get waiting(): number {
    return this.#arrivals.length;
  }

  /** Takes all packets that have not arrived: the machine is switched off. */
  unplug(): Arrival[] {
    const arrivals = this.#arrivals;
    this.#arrivals = [];
    this.#plan();
    return arrivals;
  }

  /** The machine may go on up to this cycle, and stops there. */
  goOn(horizon: number): void {
    this.#horizon = horizon;
    this.#reached = false;
    this.#plan();
  }

  /** Whether the machine stopped at its horizon. */
  get reached(): boolean {
    return this.#reached;
  }

  override fire(): void {
    const now = this.machine.cycles;
    const queue = this.#arrivals;
    let count = 0;
    // What else arrives at the horizon or behind it is not known before the machine goes on.
    for (; count < queue.length; count++) {
      const { packet, cycle } = queue[count] as Arrival;
      if (cycle > now || cycle >= this.#horizon) break;
      this.#deliver(packet);
    }
    queue.splice(0, count);
    if (this.#horizon <= now) {
      this.#reached = true;
      this.#horizon = NEVER;
      this.machine.hold();
    }
    this.#plan();
  }

  protected override load(): number {
    return this.#refuse();
  }

  protected override store(): void {
    this.#refuse();
  }

  #refuse(): never {
    throw new AppError("the network has no registers for tasks: use a socket");
  }

  override save(): Saved {
    const arrivals = this.#arrivals.map(({ packet, cycle, source }) => ({ packet: [...packet], cycle, source }));
    return { arrivals, horizon: this.#horizon, reached: this.#reached };
  }

  override restore(state: unknown): void {
    const { arrivals, horizon, reached } = state as Saved;
    this.#arrivals = arrivals.map(({ packet, cycle, source }) => ({ packet: Uint8Array.from(packet), cycle, source }));
    this.#horizon = horizon;
    this.#reached = reached;
    this.#plan();
  }

  /** Hands a packet to the kernel, which drops what is none. */
  #deliver(packet: Uint8Array): void {
    const { machine } = this;
    if (packet.length > HEAD + PACKET_BYTES) return;
    machine.u8.set(packet, machine.u32[PACKET] as number);
    machine.kernel.packet_arrive();
  }

  #plan(): void {
    const first = this.#arrivals[0];
    this.schedule(first === undefined ? this.#horizon : Math.min(first.cycle, this.#horizon));
  }
}

/** Whether a packet comes behind one that arrives at this cycle from this source. */
function follows(queued: Arrival, cycle: number, source: number): boolean {
  return queued.cycle > cycle || (queued.cycle === cycle && queued.source > source);
}
