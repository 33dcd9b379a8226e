/** What the host writes to the CPU page before power-on: what the machine is like. */
import { layout, Option } from "../../kernel/abi/host.js";
import { GIVE_UP, NETMASK, PORT_COUNT, PORT_FIRST, SCRATCH_BYTES, TICK_CYCLES } from "../map.js";
import { parseAddress } from "./address.js";
import type { Image } from "./image.js";
import type { MachineOptions } from "./options.js";
import { Stream } from "./oracle.js";
import { register } from "./readout.js";

const C = layout.Cpu;
/** The stream of numbers that tasks draw from; a machine with an address has its own, or all of a network would draw the same. */
const CHANCE = 2;

/** The tasks' Math.random. */
export function chanceOf({ seed = 0, address }: MachineOptions): Stream {
  return new Stream(seed, CHANCE + (address === undefined ? 0 : parseAddress(address)));
}

/** In an entry: it is the board's own, scripted. */
export const SCRIPTED = 0x80000000;

/** Writes it. `statics` are the bytes for the firmware's data, `asks` whether the oracle is asked, `lives` how often it was on before. */
export function preparePower({ i32, bytes }: Image, options: MachineOptions, statics: number, asks: boolean, lives: number): void {
  const guarded = options.firmware?.manifest.guarded ?? 0;
  const write = (field: number, value: number) => {
    i32[register(field)] = value;
  };
  const kept = (options.trace === false ? 0 : Option.TRACE) | (options.hash === false ? 0 : Option.HASH);
  const [firstPort, lastPort] = options.ephemeralPorts ?? [PORT_FIRST, PORT_FIRST + PORT_COUNT - 1];
  write(C.memory, bytes);
  write(C.scratch, SCRATCH_BYTES);
  write(C.statics, statics);
  write(C.guarded, guarded === 0 ? 0 : 1);
  write(C.mark, options.firmware ? SCRIPTED | 0 : 0);
  write(C.data, statics === 0 ? 0 : guarded);
  write(C.period, options.tickCycles ?? TICK_CYCLES);
  write(C.first, options.firstTick ?? 0);
  write(C.options, kept | (asks ? Option.ORACLE : 0));
  write(C.address, options.address === undefined ? 0 : parseAddress(options.address));
  write(C.netmask, parseAddress(options.netmask ?? NETMASK));
  write(C.portFirst, firstPort);
  write(C.portCount, lastPort - firstPort + 1);
  write(C.lives, lives);
  write(C.giveUp, options.giveUp ?? GIVE_UP);
}
