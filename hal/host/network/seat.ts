/**
 * A machine's place on the network: its own clock begins when it is powered on, so the network's cycle is `origin` more. What
 * earlier lives of a machine that crashed left behind is kept here.
 */
import { layout, PacketFlag } from "../../../kernel/abi/host.js";
import { GIVE_UP, NEVER, TICK_CYCLES } from "../../map.js";
import { parseAddress } from "../address.js";
import type { Machine } from "../machine.js";
import type { Limits, Reason } from "../options.js";
import { register } from "../readout.js";
import { Stops } from "../stops.js";
import type { TraceRecord } from "../trace.js";
import { flagsOf } from "./packet.js";

const C = layout.Cpu;
const CURRENT = register(C.current);
const BUSY = register(C.busy);
const WAITING = register(C.waiting);
const LINGERING = register(C.lingering);

const K = layout.Kernel;
/** Words that are 0 where nobody is ready, and no handler runs or is about to. */
const STIRRING = [K.bitmap, K.bitmap + 4, K.pending, K.depth];

/** What is left of a machine that crashed. */
interface Life {
  hash: string | undefined;
  output: string;
  trace: readonly TraceRecord[];
  events: number;
  origin: number;
}

export class Seat {
  readonly name: string;
  readonly number: number;
  readonly machine: Machine;
  /** Its address, 0 for none. */
  readonly address: number;
  /** Cycle of the network at which the machine was powered on. */
  origin = 0;
  /** Whether the machine is on. */
  up = true;
  /** Crashes so far. */
  crashes = 0;
  /** The machine is at the end of the window under way. */
  arrived = false;
  readonly #lives: Life[] = [];
  /** As they were asked for, and by the machine's own clock. */
  #asked: Limits = {};
  #limits: Limits = {};
  #stops = new Stops(this.#limits);

  constructor(name: string, number: number, machine: Machine) {
    this.name = name;
    this.number = number;
    this.machine = machine;
    this.address = machine.options.address === undefined ? 0 : parseAddress(machine.options.address);
  }

  /** The machine is on the network from now on; `carry` takes the packets that leave it, at the network's cycle. */
  join(carry: (packet: Uint8Array, cycle: number, source: number) => void): void {
    this.machine.networked = true;
    this.machine.carrier = (packet, cycle) => carry(packet, cycle + this.origin, this.number);
  }

  /** What stops the machine besides the end of the window. */
  limit(limits: Limits): void {
    const { cycle } = limits;
    this.#asked = limits;
    this.#limits = cycle === undefined ? limits : { ...limits, cycle: cycle - this.origin };
    this.#stops = new Stops(this.#limits);
  }

  /** The machine may go on to this cycle. */
  goOn(horizon: number): void {
    this.arrived = !this.up;
    if (this.up) this.machine.nic.goOn(horizon - this.origin);
  }

  /** Lets the machine run; undefined when it got to the end of the window. */
  play(): Reason | undefined {
    const reason = this.machine.proceed(this.#limits, this.#stops);
    this.arrived = reason === "stopped" && this.machine.nic.reached;
    return this.arrived ? undefined : reason;
  }

  /** A packet arrives at a cycle of the network; it is lost where the machine is off. */
  arrive(packet: Uint8Array, cycle: number, source: number): void {
    if (this.up) this.machine.nic.arrive(packet, cycle - this.origin, source);
  }

  /** Of the packets on their way from a machine that starts anew, only what the network itself says of it still arrives. */
  forget(source: number): void {
    const { nic } = this.machine;
    const arrivals = this.up ? nic.unplug() : [];
    for (const { packet, cycle, source: from } of arrivals) {
      if (from !== source || flagsOf(packet) & PacketFlag.UNREACHABLE) nic.arrive(packet, cycle, from);
    }
  }

  /** The machine stops amid whatever it does. */
  crash(): void {
    const { machine, origin } = this;
    machine.nic.unplug();
    this.crashes++;
    this.up = false;
    this.#lives.push({ hash: machine.hash, output: machine.output, trace: machine.trace, events: machine.events, origin });
  }

  /** The machine is powered on anew. */
  restart(cycle: number): void {
    this.machine.lives = this.crashes;
    this.machine.start();
    this.up = true;
    this.origin = cycle;
    this.limit(this.#asked);
  }

  /** Whether the machine still has something to do: a task that counts, or the end of a stream to send. */
  get busy(): boolean {
    const { i32 } = this.machine;
    return this.up && (i32[BUSY] !== 0 || i32[LINGERING] !== 0);
  }

  /** Whether nobody on it can run before a packet comes. */
  get stuck(): boolean {
    const { machine } = this;
    if (!this.up) return true;
    if ((machine.i32[CURRENT] as number) >= 0 || machine.i32[WAITING] !== 0 || machine.wantsInput) return false;
    if (STIRRING.some((word) => machine.kernelWord(word) !== 0)) return false;
    return machine.devices.every((device) => device === machine.nic || device.next === NEVER);
  }

  /** Whether nobody runs, and no packet is on its way to it. */
  get resting(): boolean {
    return !this.up || ((this.machine.i32[CURRENT] as number) < 0 && this.machine.nic.waiting === 0);
  }

  /** Whether its kernel will send nothing of itself, and nothing is on its way to it. */
  get silent(): boolean {
    const { machine } = this;
    if (!this.up) return true;
    const active = machine.kernelWord(K.timing) | machine.kernelWord(K.sending) | machine.kernelWord(K.replies);
    return active === 0 && machine.nic.waiting === 0;
  }

  /** Cycles after which a connection that hears nothing is certainly lost: its kernel looks only now and then. */
  get patience(): number {
    const { giveUp = GIVE_UP, tickCycles = TICK_CYCLES } = this.machine.options;
    return 2 * giveUp * tickCycles;
  }

  /** Hashes of all its lives, the last one too. */
  get hashes(): (string | undefined)[] {
    const earlier = this.#lives.map(({ hash }) => hash);
    return this.up ? [...earlier, this.machine.hash] : earlier;
  }

  /** What its console sent in all its lives. */
  get output(): string {
    const earlier = this.#lives.map(({ output }) => output).join("");
    return this.up ? earlier + this.machine.output : earlier;
  }

  /** Events of all its lives. */
  get events(): number {
    const earlier = this.#lives.reduce((sum, { events }) => sum + events, 0);
    return this.up ? earlier + this.machine.events : earlier;
  }

  /** Trace records of all its lives, at the network's cycles. */
  get trace(): (TraceRecord & { machine: string })[] {
    const lives = this.up ? [...this.#lives, { trace: this.machine.trace, origin: this.origin }] : this.#lives;
    return lives.flatMap(({ trace, origin }) => trace.map((record) => ({ ...record, cycles: record.cycles + origin, machine: this.name })));
  }
}
