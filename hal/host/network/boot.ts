/**
 * The test bench of a network, ready to run.
 *
 *     const net = bootNetwork(network({ machines: { alice: {...}, bob: {...} } }), { seed: 7 });
 *     net.run();
 *     assert.is(net.output("bob"), "HELLO\n");
 */
import type { App } from "../api/system.js";
import { boot } from "../boot.js";
import { MachineError } from "../errors.js";
import type { Firmware } from "../firmware.js";
import { checkOptions, type MachineOptions } from "../options.js";
import { RandomOracle } from "../oracle.js";
import { NetworkDescription, type NetworkMachine, type NetworkSettings } from "./description.js";
import { Network } from "./network.js";
import { Scenario } from "./scenario.js";
import { Seat } from "./seat.js";
import { Wire } from "./wire.js";

/** The name of a plain app's machine. */
const PLAIN = "app";
/** The oracle of packets draws from a stream of its own: 1 and 2 are the machines'. */
const PACKETS = 3;
/** Seeds of neighbours are this far apart. */
const APART = 0x9e3779b9;

/**
 * Powers on the machines of a network, or one machine with a plain app. `options` hold for every machine that does not say
 * otherwise; but `input` is for the console's machine only, `oracle` decides what becomes of packets (of a plain app, its
 * schedule), and every machine has a seed of its own, made from `seed`. Without a seed packets are lost as seed 0 has it.
 * Throws what a system description throws, AppError and MachineError for what makes no sense.
 */
export function bootNetwork(what: NetworkDescription | App | Firmware, options: MachineOptions = {}): Network {
  if (what instanceof NetworkDescription) return booted(what.settings, options);
  const machine = boot(what, options);
  const settings: NetworkSettings = { machines: {} };
  return joined([new Seat(PLAIN, 0, machine)], settings, options);
}

function booted(settings: NetworkSettings, options: MachineOptions): Network {
  checkOptions(options);
  if (options.address !== undefined) throw new MachineError("a network's machines have addresses already: leave out the option address");
  const console = settings.console ?? Object.keys(settings.machines)[0];
  const seats = Object.entries(settings.machines).map(([name, machine], number) => {
    const own = optionsOf(machine, number, options, name === console);
    return new Seat(name, number, boot(machine.app, own));
  });
  return joined(seats, settings, options);
}

function optionsOf(machine: NetworkMachine, number: number, common: MachineOptions, hasInput: boolean): MachineOptions {
  const { app: _, ...own } = machine;
  const { input, oracle: __, seed, ...shared } = common;
  const options: MachineOptions = { ...shared, ...own };
  if (hasInput && input !== undefined && own.input === undefined) options.input = input;
  if (seed !== undefined && own.seed === undefined) options.seed = (seed + Math.imul(number, APART)) | 0;
  return options;
}

function joined(seats: Seat[], settings: NetworkSettings, { seed = 0, oracle }: MachineOptions): Network {
  const scenario = new Scenario(settings);
  const wire = new Wire(seats, scenario, oracle ?? new RandomOracle(seed, PACKETS));
  for (const seat of seats) {
    if (seat.address !== 0) seat.join((packet, cycle, source) => wire.carry(packet, cycle, source));
  }
  const console = seats.find(({ name }) => name === settings.console) ?? (seats[0] as Seat);
  const plain = Object.keys(settings.machines).length === 0;
  return new Network(seats, wire, scenario.moments, console, plain);
}
