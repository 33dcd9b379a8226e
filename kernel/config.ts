/**
 * The size of every table of the kernel. Nothing else in the kernel is a size.
 * A set of tasks is one u64 and the to-do sets are one u32 a kind: at most 64 tasks and 32 of each object.
 * The `small` profile (asc --use SMALL_PROFILE=...) is for boards with 64 KiB and less.
 */
export const SMALL: bool = isDefined(SMALL_PROFILE);

export const TASKS: i32 = SMALL ? 16 : 64;
export const SEMS: i32 = SMALL ? 8 : 32;
export const MUTEXES: i32 = SMALL ? 8 : 32;
export const CONDS: i32 = SMALL ? 8 : 32;
export const EVENTS: i32 = SMALL ? 8 : 32;
export const BARRIERS: i32 = SMALL ? 8 : 32;
export const RWLOCKS: i32 = SMALL ? 8 : 32;
export const TIMERS: i32 = SMALL ? 8 : 32;
export const PIPES: i32 = SMALL ? 8 : 32;
export const QUEUES: i32 = SMALL ? 8 : 32;
export const MAILBOXES: i32 = SMALL ? 8 : 32;
export const REGIONS: i32 = SMALL ? 8 : 32;
export const POOLS: i32 = SMALL ? 8 : 32;
export const SOCKETS: i32 = SMALL ? 8 : 32;

/** Blocks of all pools together. */
export const BLOCKS: i32 = SMALL ? 24 : 96;
/** Signal handlers of all tasks together, and how many can be under way at once. */
export const HANDLERS: i32 = SMALL ? 16 : 64;
export const FRAMES: i32 = SMALL ? 8 : 32;

/** Bytes of a packet behind its header, and so of the longest datagram. */
export const PACKET_BYTES: u32 = 1024;
/** Answers to packets for which there is no socket that can wait to be sent; what is more is lost, and asked again. */
export const REPLIES: u32 = 8;

/** Interrupt lines; a set of them is one u32. */
export const LINES: i32 = 32;
/** Pieces of the arena, free ones included. */
export const EXTENTS: i32 = SMALL ? 40 : 160;
/** Records in the trace ring, a power of two. */
export const TRACE_RECORDS: i32 = SMALL ? 256 : 1024;

/** Priorities 0..63, 63 is the most urgent. */
export const PRIORITIES: i32 = 64;
/** Writes to a pipe of at most this many bytes are never interleaved. */
export const ATOMIC: u32 = 64;

/** Cycles of what no call pays for: a tick, a switch of tasks, entering and leaving a handler. */
export const TICK_COST: i32 = 60;
export const SWITCH_COST: i32 = 80;
export const INTERRUPT_COST: i32 = 30;
export const SIGNAL_COST: i32 = 60;
