/**
 * A device: registers that tasks and handlers touch through charged calls, an interrupt line, events at virtual cycles, and a
 * state that is plain data, so that it can be saved and put back.
 */
import { SWITCH } from "../../../kernel/abi/host.js";
import { NEVER } from "../../map.js";
import type { Call } from "../call.js";
import type { Machine } from "../machine.js";

/** Cycles of one access to a register. */
const ACCESS_COST = 8;

const NOTHING = new Uint8Array(0);

export abstract class Device {
  readonly machine: Machine;
  readonly name: string;
  /** The interrupt line it raises. */
  readonly line: number;
  /** Its number in the trace. */
  readonly number: number;
  #next = NEVER;

  constructor(machine: Machine, name: string, line: number) {
    this.machine = machine;
    this.name = name;
    this.line = line;
    this.number = machine.plug(this);
  }

  /** The cycle of its next event. */
  get next(): number {
    return this.#next;
  }

  /** Sets the cycle of the next event; NEVER for none. */
  protected schedule(cycle: number): void {
    this.#next = cycle;
    this.machine.deviceMoved();
  }

  /** Registers that can be read, and those that can be written, by whoever names them with a number that may be none. */
  protected readonly reads: readonly number[] = [];
  protected readonly writes: readonly number[] = [];
  /** Cycles of one access. */
  readonly cost = ACCESS_COST;

  readable(register: number): boolean {
    return this.reads.includes(register);
  }
  writable(register: number): boolean {
    return this.writes.includes(register);
  }
  /** The access of compiled code, when its charge has ended. */
  peek(register: number): number {
    return this.load(register) | 0;
  }
  poke(register: number, value: number): void {
    this.store(register, value);
  }

  /** Its event is due. */
  abstract fire(): void;
  /** The value of a register, as a task reads it now. */
  protected abstract load(register: number): number;
  /** A task writes a register. */
  protected abstract store(register: number, value: number): void;
  /** Its state as plain data, which JSON keeps whole. */
  abstract save(): unknown;
  /** Puts a saved state back. */
  abstract restore(state: unknown): void;
  /** Whether the run must wait for the host: it cannot be known yet what happens before this cycle. */
  starved(_before: number): boolean {
    return false;
  }
  /** Output that is on its way and that nothing can hold back any more. */
  unsent(): Uint8Array {
    return NOTHING;
  }
  /** The run is over: whatever is still on its way out goes out. */
  finish(): void {}

  /** Reads a register: an unsigned 32-bit word. */
  read(register: number): Call<number> {
    return this.access(`${this.name}.read`, register, ACCESS_COST, () => this.load(register) >>> 0);
  }

  /** Writes the lower 32 bits of `value` to a register; answers them. */
  write(register: number, value: number): Call<number> {
    const word = value >>> 0;
    const act = () => {
      this.store(register, word);
      return word;
    };
    return this.access(`${this.name}.write`, ~register, ACCESS_COST, act);
  }

  /**
   * One charged and traced access. What it does happens once, when its charge ends: `act` answers the word that the trace
   * keeps, `result` what the caller gets, which is that word unless it says otherwise.
   */
  protected access(name: string, register: number, cost: number, act: () => number, result?: () => number): Call<number> {
    let word = 0;
    return this.machine.enter().make(
      name,
      (k) => {
        if (k.device_begin(cost) === SWITCH) return SWITCH;
        word = act();
        return k.device_end(this.number, register, word);
      },
      () => (result === undefined ? word : result()),
    );
  }

  protected raise(): void {
    this.machine.raise(this.line);
  }
}
