/**
 * The tour (apps/scripted/tour.ts) on the host's machine, power-on after power-on, each time under another schedule. At its end RAM and
 * objects are as they were at the end of the first lap.
 */
import { boot, type Machine, type Oracle } from "talea";
import tour from "../../apps/scripted/tour.js";
import { RandomOracle } from "../../hal/host/oracle.js";
import { callTable, Kind, Owner } from "../../kernel/abi/host.js";
import { pieces } from "../probe.js";
import { type Lap, SoakError } from "./program.js";

const EVENT = 0xff;

export class Tour {
  readonly #machine: Machine;
  #oracle: Oracle = new RandomOracle(0);
  #calls = 0;
  #facts = "";

  constructor(kernel: "release" | "debug" = "release") {
    const oracle: Oracle = { asks: true, choose: (question, choices) => this.#oracle.choose(question, choices) };
    this.#machine = boot(tour, { oracle, kernel, hash: false });
    this.#machine.onRecord = (_, what) => {
      if ((what & EVENT) in callTable) this.#calls++;
    };
    this.#facts = this.#played(0);
  }

  /** Bytes of the memory that all laps share. */
  get bytes(): number {
    return this.#machine.image.kernel.memory.buffer.byteLength;
  }

  lap(seed: number): Lap {
    const before = this.bytes;
    this.#calls = 0;
    const facts = this.#played(seed);
    if (facts !== this.#facts) throw new SoakError(`the tour ended with ${facts}, and always before with ${this.#facts}`);
    if (this.bytes !== before) throw new SoakError(`the memory has ${this.bytes} bytes, and had ${before}`);
    return { calls: this.#calls, cycles: this.#machine.cycles };
  }

  #played(seed: number): string {
    const m = this.#machine;
    this.#oracle = new RandomOracle(seed);
    m.powerOn();
    const reason = m.image.debug ? this.#stepped() : m.run();
    if (reason !== "finished") throw new SoakError(`the tour ended with ${reason}`);
    const kinds = Object.entries(Kind).filter(([, kind]) => kind !== Kind.TASK && kind <= Kind.SOCKET);
    const objects = kinds.map(([name, kind]) => `${name} ${m.recordsOf(kind).length}`).join(" ");
    const free = pieces(m).filter(({ used }) => used === Owner.NOBODY);
    return `${objects}, pieces of RAM free: ${free.map(({ size }) => size).join(" ")}`;
  }

  /** With a look at every invariant after each step. */
  #stepped(): string {
    const m = this.#machine;
    for (;;) {
      const reason = m.step();
      const broken = m.check();
      if (broken !== 0) throw new SoakError(`check() answers ${broken} after ${this.#calls} calls`);
      if (reason !== "budget") return reason;
    }
  }
}
