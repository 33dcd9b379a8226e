/**
 * Where everything from outside comes in, whether it happens now or is played back from a recording: typed bytes, the beginning of
 * pacing, Ctrl-C and Ctrl-Z, real clients. Each takes effect between two steps, and whoever keeps a recording is told of the point.
 */
import { SIGINT } from "../../kernel/abi/host.js";
import type { Machine } from "./machine.js";
import type { Gateway, GatewayEvent } from "./network/gateway.js";
import type { Network } from "./network/network.js";
import type { Entry, MachineEvent } from "./recording.js";

export class Entrance {
  readonly #network: Network;
  readonly #gateway: Gateway | undefined;
  /** Told of everything, before it takes effect. */
  onEntry: ((entry: Entry) => void) | undefined;

  /** `gateway` is where real clients come in; it joins the network. */
  constructor(network: Network, gateway?: Gateway) {
    this.#network = network;
    this.#gateway = gateway;
    if (!gateway) return;
    gateway.attach(network);
    network.attach(gateway);
  }

  /** Bytes come to the console, which has taken what came before. */
  type(bytes: Uint8Array): void {
    this.#take({ event: "type", bytes });
  }

  /** Nothing more will be typed. */
  close(): void {
    this.#take({ event: "close" });
  }

  /** From here on time passes while nobody types. */
  pace(): void {
    if (!this.#network.console.input.paced) this.#take({ event: "paced" });
  }

  /** Ctrl-C, or with SIGTSTP Ctrl-Z: for a foreground task, that of the console's machine before others; false when there is none. */
  interrupt(signal = SIGINT): boolean {
    return this.#machineNames.some((name) => this.#interrupts(name, signal));
  }

  /** Whether interrupt() would find a task. */
  interruptible(signal: number): boolean {
    return this.#machineNames.some((name) => this.#network.isUp(name) && this.#network.machine(name).interruptible(signal));
  }

  /** A task claimed to be the foreground: Ctrl-C is its own, however often it comes. */
  get claimed(): boolean {
    return this.#machineNames.some((name) => this.#network.isUp(name) && this.#network.machine(name).foregroundClaimed);
  }

  #interrupts(name: string, signal: number): boolean {
    const machine = this.#network.machine(name);
    const { steps } = machine;
    if (!this.#network.isUp(name) || !machine.interruptForeground(signal)) return false;
    this.onEntry?.({ machine: name, step: steps, what: signal === SIGINT ? { event: "interrupt" } : { event: "interrupt", signal } });
    return true;
  }

  /** That of the console first. */
  get #machineNames(): string[] {
    return [this.#consoleName, ...this.#network.names.filter((name) => name !== this.#consoleName)];
  }

  /** Something happens to a real client. */
  visit(what: GatewayEvent): void {
    this.#visit(what, this.#network.window);
  }

  /** Bytes that a real client may bring now. */
  room(client: number): number {
    return this.#gateway?.room(client) ?? 0;
  }

  /** Plays something back. The network is at its point. */
  again(entry: Entry): void {
    if ("cycle" in entry) this.#visit(entry.what, entry.cycle);
    else if (entry.what.event === "interrupt") this.#interrupts(entry.machine, entry.what.signal ?? SIGINT);
    else this.#take(entry.what);
  }

  #visit(what: GatewayEvent, cycle: number): void {
    this.onEntry?.({ cycle, what });
    this.#gateway?.take(what, cycle);
  }

  #take(what: MachineEvent): void {
    const { console } = this.#network;
    if (what.event !== "paced" && !console.input.open) return;
    this.onEntry?.({ machine: this.#consoleName, step: console.steps, what });
    if (what.event === "type") console.type(what.bytes);
    else if (what.event === "close") console.endInput();
    else if (what.event === "paced") pace(console);
  }

  get #consoleName(): string {
    const { names, console } = this.#network;
    return names.find((name) => this.#network.machine(name) === console) as string;
  }
}

/** What waited for a byte waits no more. */
function pace({ input }: Machine): void {
  input.paced = true;
  input.onArrival?.();
}
