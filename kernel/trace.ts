/**
 * What happened, as 16-byte records in a ring that the host drains, and a rolling hash over every word of every record,
 * kept or dropped. Tracing never changes the schedule: nothing here is read by anything else in the kernel.
 *
 *     cycles u32 | event u8 | task u8 | object u16 | first u32 | second u32
 *
 * A call's record is made when the call has done its work, so it comes behind the records of what it caused.
 */
import { Happening, Option } from "./abi/constants";
import { Record } from "./abi/records";
import { TRACE_RECORDS } from "./config";
import { cpu, kernel, trace } from "./state";

const ring: usize = memory.data(TRACE_RECORDS * 16, 8);

/** Starts an empty trace; `options` says whether records and hash are kept. */
export function traceInit(options: u32): void {
  trace.on = options & (Option.TRACE | Option.HASH);
  trace.ring = <u32>ring;
  trace.capacity = TRACE_RECORDS;
  trace.hash0 = 0x811c9dc5;
  trace.hash1 = 0x9e3779b9;
}

/** An event of whoever acts now. */
export function emit(event: u32, object: u32, first: u32, second: u32): void {
  if (trace.on != 0) record(event, kernel.actor, object, first, second);
}

/** An event that happens to a task. */
export function emitFor(event: u32, task: u32, object: u32, first: u32, second: u32): void {
  if (trace.on != 0) record(event, task, object, first, second);
}

/** The arguments of a call that its own record has no room for. */
export function emitMore(first: u32, second: u32): void {
  if (trace.on != 0) record(Happening.MORE, kernel.actor, 0, first, second);
}

function record(event: u32, task: u32, object: u32, first: u32, second: u32): void {
  const now = cpu.due - <u64>(<i64>cpu.left);
  const high = <u32>(now >> 32);
  if (high != trace.high) {
    trace.high = high;
    put(0, Happening.CARRY | 0xff00, high, cpu.tick);
  }
  put(<u32>now, event | (task << 8) | (object << 16), first, second);
}

function put(cycles: u32, what: u32, first: u32, second: u32): void {
  trace.events++;
  if (trace.on & Option.HASH) {
    trace.hash0 = mix(mix(mix(mix(trace.hash0, cycles), what), first), second);
    trace.hash1 = stir(stir(stir(stir(trace.hash1, cycles), what), first), second);
  }
  if ((trace.on & Option.TRACE) == 0) return;
  const head = trace.head;
  if (head - trace.tail == TRACE_RECORDS) {
    trace.dropped++;
    return;
  }
  const slot = changetype<Record>(ring + <usize>((head & (TRACE_RECORDS - 1)) << 4));
  slot.cycles = cycles;
  store<u32>(changetype<usize>(slot), what, 4);
  slot.first = first;
  slot.second = second;
  trace.head = head + 1;
  if ((head & (TRACE_RECORDS / 2 - 1)) == 0) cpu.attention = 1;
}

// Both steps are bijective in the hash and in the word: one changed word always changes its lane at that point.
function mix(hash: u32, word: u32): u32 {
  return (hash ^ word) * 0x01000193;
}

function stir(hash: u32, word: u32): u32 {
  return (rotl<u32>(hash, 13) + word) * 0x85ebca6b;
}

/** Empties the ring; returns how many records it held. */
export function traceDrain(): i32 {
  const count = trace.head - trace.tail;
  trace.tail = trace.head;
  return count;
}
