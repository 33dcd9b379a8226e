/**
 * The board on a host: one kernel, its memory, its devices, scripted and compiled tasks, and the loop that carries out the kernel's
 * orders.
 *
 *     power on -> system description -> loop -> end
 *
 * Each layer is a file and stands on the one before it:
 *
 *     readout -> board -> desk -> cpus -> orders -> loop -> bench -> machine
 *     memory     devices  calls   contexts                  outside  power-on
 *
 * Nothing here needs Node. All chance comes from the oracle, all time from the kernel's cycle counter.
 */
import { layout } from "../../kernel/abi/host.js";
import { DEFAULT_PAGES, SCRATCH_BYTES, TICK_CYCLES } from "../map.js";
import { type App, System } from "./api/system.js";
import { Bench } from "./bench.js";
import { Pending } from "./call.js";
import { CompiledCpu } from "./compiled.js";
import { Gpio } from "./device/gpio.js";
import { Motor } from "./device/motor.js";
import { Nic } from "./device/nic.js";
import { AppError, MachineError } from "./errors.js";
import { forgotten } from "./frame.js";
import { Image } from "./image.js";
import { Keeper } from "./keeper.js";
import { Objects } from "./objects.js";
import type { MachineOptions } from "./options.js";
import { defaultOracle, RandomOracle } from "./oracle.js";
import { chanceOf, preparePower, SCRIPTED } from "./power.js";
import { register } from "./readout.js";
import { inhabit } from "./realm.js";
import { Roster } from "./roster.js";
import { ScriptedCpu } from "./scripted.js";
import { type Storage, storage } from "./storage.js";

const SCRATCH = register(layout.Cpu.scratch);

/** Records that `trace` answers unless `keep` says otherwise. */
const KEEP = 65536;
/** RAM for handlers and for what the description stages. */
const STATICS = 4096;
const NO_STORAGE = storage(0, 0);

export class Machine extends Bench {
  readonly app: App;
  readonly options: MachineOptions;
  readonly compiled: CompiledCpu | undefined;
  pending: Pending;
  /** How often it was on before, in the network that it is of. */
  lives = 0;
  protected readonly nobody: Pending;
  protected readonly mark: number;
  protected cpu: ScriptedCpu;
  protected roster = new Roster(this);
  protected keeper: Keeper;
  /** Where RAM begins, once that is needed. */
  #ramStart = 0;

  /** `bytes` is kernel.wasm (or the debug kernel) and `app` the system description. Powers on. */
  constructor(bytes: Uint8Array, app: App, options: MachineOptions = {}) {
    super(new Image(bytes, options.kernel ?? "release", options.memory ?? DEFAULT_PAGES), options.output !== false);
    this.app = app;
    this.options = options;
    this.nobody = new Pending(this, NO_STORAGE);
    this.nobody.armed = true;
    this.pending = this.nobody;
    this.keeper = new Keeper(this.image, 0);
    this.compiled = options.firmware && new CompiledCpu(this, options.firmware);
    this.mark = this.compiled ? SCRIPTED : 0;
    if (this.compiled) this.image.keep();
    this.cpu = new ScriptedCpu(this, this.mark);
    this.start();
  }

  // Power-on

  /** Starts anew from a copy of the pristine memory: same app, same options, same run. */
  powerOn(): void {
    if (this.networked) throw new MachineError("the machine is one of a network: boot the network anew");
    this.start();
  }

  /** The same, also within a network. */
  start(): void {
    const { options } = this;
    this.#forgetRun();
    this.oracle = options.oracle ?? (options.seed === undefined ? defaultOracle : new RandomOracle(options.seed));
    const statics = this.compiled ? this.#firmwareStatics(this.compiled) : STATICS;
    this.image.restore();
    preparePower(this.image, options, statics, this.oracle.asks, this.lives);
    if (this.kernel.power_on() !== 0) {
      const asked = `${this.image.pages} pages of memory and ${options.tickCycles ?? TICK_CYCLES} cycles a tick`;
      throw new MachineError(`the machine does not power on with ${asked}: give it more memory, or 61 to 268435456 cycles`);
    }
    this.cpu = new ScriptedCpu(this, this.mark);
    const ram = (this.u32[SCRATCH] as number) + SCRATCH_BYTES;
    const own = storage(ram, ram + STATICS);
    this.supplyDesk(chanceOf(options), own);
    this.input.start(options.input);
    this.#describe(own);
  }

  /** Bytes behind RAM's start that belong to the host and the firmware. Where RAM starts, only the kernel can tell. */
  #firmwareStatics(compiled: CompiledCpu): number {
    if (this.#ramStart === 0) {
      this.image.restore();
      preparePower(this.image, this.options, 0, false, 0);
      this.kernel.power_on();
      this.#ramStart = this.u32[SCRATCH] as number;
      if (this.#ramStart + SCRATCH_BYTES + STATICS > compiled.start) {
        throw new MachineError(`${compiled.firmware.name} begins at byte ${compiled.start}, where the kernel's data are: build it again`);
      }
    }
    return compiled.statics(this.#ramStart);
  }

  #forgetRun(): void {
    this.clearBoard();
    this.clearDesk();
    this.clearCpus();
    this.clearOrders();
    this.clearLoop();
    this.roster = new Roster(this);
    this.keeper = new Keeper(this.image, this.options.keep ?? KEEP);
  }

  #describe(own: Storage): void {
    if (typeof this.app !== "function") throw new AppError("an app is a function (system) => void, its module's default export");
    const description = new Pending(this, own);
    const leave = inhabit(this);
    this.describing = true;
    this.pending = description;
    try {
      const system = new System(this, this.options.args ?? []);
      if (this.compiled) {
        system.console();
        this.compiled.describe(system);
      }
      const answer: unknown = this.app(system);
      if (answer instanceof Object && "then" in answer) {
        throw new AppError("the system description is async: it must make everything at once, without await");
      }
      if (description.armed) throw forgotten(description.spec.name);
    } finally {
      this.describing = false;
      this.pending = this.nobody;
      leave();
    }
    this.kernel.system_done();
  }

  // What it has

  /** Kernel objects by name. */
  get objects(): Objects {
    return new Objects(this);
  }

  /** Where packets from other machines come in. */
  get nic(): Nic {
    return this.once("nic", () => new Nic(this));
  }

  /** Its port of 32 pins. */
  get gpio(): Gpio {
    return this.once("gpio", () => new Gpio(this, {}));
  }

  /** Its motor. */
  get motor(): Motor {
    return this.once("motor", () => new Motor(this, this.gpio, {}));
  }
}
