/** What the kernel orders besides letting a context go on, and what it wants the host to see to: contexts to forget, its trace. */
import { layout, Order } from "../../kernel/abi/host.js";
import { Cpus } from "./cpus.js";
import { packetOf } from "./device/nic.js";
import type { Keeper, Listener } from "./keeper.js";
import type { Machine } from "./machine.js";
import type { Question } from "./oracle.js";
import { register } from "./readout.js";
import { type Ring, ringAt } from "./report.js";

const C = layout.Cpu;
const CURRENT = register(C.current);
const ENTRY = register(C.entry);
const ARGUMENT = register(C.argument);
const ORIGIN = register(C.origin);
const CYCLE = register(C.cycle);
const CHOICES = register(C.choices);
const CHOICE = register(C.choice);
const DROPS = register(C.drops);
const ATTENTION = register(C.attention);
const BUSY = register(C.busy);

/** Rings of waiting tasks that are kept. */
const RINGS = 16;

export abstract class Orders extends Cpus {
  protected abstract keeper: Keeper;
  /** Told of the four words of every trace record as the ring is drained. */
  onRecord: Listener | undefined;
  /** Takes the packets that leave, and the cycle at which they do; without one they are lost, as without a cable. */
  carrier: ((packet: Uint8Array, cycle: number) => void) | undefined;
  /** A network takes the machine along: it goes on when all its tasks have ended, and does not run by itself. */
  networked = false;
  #rings: Ring[] = [];

  /** No ring of waiting tasks has closed. */
  protected clearOrders(): void {
    this.#rings = [];
  }

  /** Carries out an order that is no resume; whether a context runs then. */
  protected carryOut(this: Machine, order: number): boolean {
    const { i32 } = this;
    if (order === Order.START) {
      this.create(i32[CURRENT] as number, i32[ENTRY] as number, i32[ARGUMENT] as number);
      return true;
    }
    if (order === Order.INTERRUPT) {
      this.interrupt(i32[ARGUMENT] as number);
      return true;
    }
    if (order === Order.SIGNAL) {
      this.signal(i32[CURRENT] as number, i32[ENTRY] as number, i32[ARGUMENT] as number, i32[ORIGIN] as number);
      return true;
    }
    if (order === Order.CHOOSE) i32[CHOICE] = this.oracle.choose(i32[CHOICE] as Question, i32[CHOICES] as number);
    if (order === Order.DEVICE) this.fireDevices();
    if (order === Order.PACKET) this.carrier?.(packetOf(this), this.cycles);
    return false;
  }

  /** Rare things: contexts to forget, a trace ring to empty. Whether every task that counts has ended. */
  protected attend(this: Machine): boolean {
    this.i32[ATTENTION] = 0;
    if (this.i32[DROPS] !== 0) this.forgetContexts();
    if ((this.i32[CYCLE] as number) >= 0) this.#ringClosed();
    this.drain();
    return this.i32[BUSY] === 0 && !this.networked;
  }

  #ringClosed(this: Machine): void {
    if (this.#rings.length < RINGS) this.#rings.push(ringAt(this, this.i32[CYCLE] as number));
    this.i32[CYCLE] = -1;
  }

  /** Tells onRecord of what is in the kernel's trace ring. */
  drain(): void {
    this.keeper.drain(this.traceAt, this.onRecord);
  }

  /** The rings of waiting tasks that closed so far. */
  get rings(): readonly Ring[] {
    return this.#rings;
  }
}
