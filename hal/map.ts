/**
 * The memory map: one fixed memory that kernel and tasks share.
 *
 *     0        64          256             RAM                                     end of memory
 *     | guard  | CPU page  | kernel data   | port's scratch | statics | arena ...  |
 */

/** Bytes of a WebAssembly page. */
export const PAGE = 65536;
/** Pages of a machine unless it asks for others. */
export const DEFAULT_PAGES = 4;
/** Where the CPU's registers are. */
export const CPU_PAGE = 64;
/** Bytes at RAM's start in which the host puts names and parameters for the kernel to read. */
export const SCRATCH_BYTES = 128;
/** Cycles of a tick unless a system asks for others: 16 MHz, 1 kHz. */
export const TICK_CYCLES = 16000;
/** Cycles of a virtual second unless a system asks for others. */
export const CPU_HZ = 16_000_000;
/** Addresses that agree with a machine's own in these bits can be reached, unless it says otherwise. */
export const NETMASK = "255.255.255.0";
/** The ports that are given out, unless a machine asks for others. */
export const PORT_FIRST = 49152;
export const PORT_COUNT = 16384;
/** Ticks without a sign of life after which a connection is lost, unless a machine asks for others. */
export const GIVE_UP = 10_000;
/** A cycle that never comes. */
export const NEVER = Number.MAX_SAFE_INTEGER;
/** Bytes that a packet carries at most. */
export const PACKET_BYTES = 1024;
