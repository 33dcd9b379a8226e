/** What is left of a task that has ended, and of a whole system that is taken down: nothing may be. */
import type { Machine } from "../hal/host/index.js";
import { CPU_PAGE } from "../hal/map.js";
import { Kind, layout, Owner, State, SWITCH } from "../kernel/abi/host.js";
import { type CallName, cpuWord, pieces } from "./probe.js";

const C = layout.Cpu;
const K = layout.Kernel;
const T = layout.Task;
/** The context of the system description, which may do everything but wait. */
const DESCRIPTION = 32;
const CHANNELS: number[] = [Kind.PIPE, Kind.QUEUE, Kind.MAILBOX, Kind.REGION, Kind.SOCKET];

/** Whether a set of tasks at this address has the task in it. */
function has({ u32 }: Machine, address: number, index: number): boolean {
  return (((u32[(address >> 2) + (index >> 5)] as number) >>> (index & 31)) & 1) === 1;
}

/**
 * Where a task that has ended is still named by what lives, in words. Sets of pollers do not count: whoever stands in one and polls no
 * more is passed over when it is served, and a bit there says that somebody may have to look, not who.
 */
export function remainsOf(machine: Machine, handle: number): string[] {
  const { u32, i32 } = machine;
  const index = handle & 0xff;
  const record = machine.taskRecord(index);
  const found: string[] = [];
  const at = (address: number) => u32[address >> 2] as number;
  const says = (wrong: boolean, what: string) => wrong && found.push(what);
  // Its slot may be another's already.
  const free = i32[(record + T.handle) >> 2] === 0 || i32[(record + T.state) >> 2] === State.ZOMBIE;
  for (let i = 0; i < machine.taskCount; i++) {
    const other = machine.taskRecord(i);
    if (i32[(other + T.handle) >> 2] === 0 || (i32[(other + T.state) >> 2] as number) <= State.ZOMBIE) continue;
    if (free)
      says(at(other + layout.Link.next) === record || at(other + layout.Link.prev) === record, `a list with ${machine.taskNameAt(other)}`);
    says(i32[(other + T.parent) >> 2] === handle, `the parent of ${machine.taskNameAt(other)}`);
  }
  if (free) says(at(record + T.queue) !== 0, "its own wait");
  const deadline = cpuWord(machine, C.deadlines) + index * layout.Deadline.bytes;
  if (free) says(at(deadline + layout.Link.next) !== deadline, "the list of deadlines");
  for (let kind: number = Kind.SEM; kind < Kind.LINE; kind++) {
    for (const object of machine.recordsOf(kind)) {
      const name = `${machine.nameOf(i32[(object + layout.Obj.handle) >> 2] as number & 0x1fff)}`;
      if (!free) continue;
      says(CHANNELS.includes(kind) && has(machine, object + layout.Channel.readers, index), `the readers of ${name}`);
      says(CHANNELS.includes(kind) && has(machine, object + layout.Channel.writers, index), `the writers of ${name}`);
      says(kind === Kind.MUTEX && at(object + layout.Mutex.owner) === record, `the owner of ${name}`);
      says(kind === Kind.RWLOCK && at(object + layout.Rwlock.writer) === record, `the writer of ${name}`);
      says(kind === Kind.RWLOCK && has(machine, object + layout.Rwlock.readers, index), `the readers of ${name}`);
    }
  }
  for (const queue of machine.recordsOf(Kind.QUEUE))
    says(i32[(queue + layout.MsgQueue.registrant) >> 2] === handle, "a queue's notification");
  const B = layout.Block;
  for (const pool of machine.recordsOf(Kind.POOL)) {
    for (let i = 0; i < at(pool + layout.MemPool.count); i++) {
      const block = cpuWord(machine, C.blocks) + (at(pool + layout.MemPool.first) + i) * B.bytes;
      says(i32[(block + B.to) >> 2] === handle, "the address of a letter");
      if (!free) continue;
      says(at(block + B.owner) === record || at(block + B.waiter) === record, "the owner of a block");
      says(has(machine, block + B.due, index) || has(machine, block + B.holders, index), "a broadcast");
    }
  }
  if (free)
    says(
      pieces(machine).some(({ used }) => used === Owner.TASKS + index),
      "a piece of RAM",
    );
  const kernel = cpuWord(machine, C.kernel);
  if (free) says(at(kernel + K.service) === record, "the timer service");
  for (const set of [K.settling, K.polled, K.killed, K.starved])
    if (free) says(has(machine, kernel + set, index), "the kernel's to-do sets");
  return found;
}

/** A call as the system description makes it, whatever the run has come to. */
function described(machine: Machine, call: CallName, ...args: number[]): number {
  machine.u32[(cpuWord(machine, C.kernel) + K.context) >> 2] = DESCRIPTION;
  const left = cpuWord(machine, C.left);
  const result = (machine.kernel[call] as (...args: number[]) => number)(...args);
  // In a description no time passes, and it begins at 0.
  machine.u32[(CPU_PAGE + C.left) >> 2] = left;
  return result;
}

/**
 * Ends every task of a run that is over, deletes every object and gives back all RAM, and says what is left then, in words. The RAM must be
 * one free piece, and every table as empty as at power-on.
 */
export function takeDown(machine: Machine): string[] {
  const found: string[] = [];
  const { i32, u32 } = machine;
  for (let i = 0; i < machine.taskCount; i++) {
    const record = machine.taskRecord(i);
    const handle = i32[(record + T.handle) >> 2] as number;
    if (handle === 0) continue;
    described(machine, "task_terminate", handle);
    described(machine, "task_detach", handle);
    if (i32[(record + T.handle) >> 2] !== 0) found.push(`task ${machine.nameOf(handle & 0x1fff)} does not go`);
  }
  for (let kind: number = Kind.SEM; kind < Kind.LINE; kind++) {
    for (const record of machine.recordsOf(kind)) {
      const handle = i32[(record + layout.Obj.handle) >> 2] as number;
      const result = handle === 0 ? 0 : described(machine, "object_delete", handle);
      if (result < 0 && result !== SWITCH) found.push(`${machine.nameOf(handle & 0x1fff)} cannot be deleted: ${result}`);
    }
    // A stream goes when the other end has heard of it.
    if (kind !== Kind.SOCKET && machine.recordsOf(kind).length > 0) found.push(`objects of kind ${kind}`);
  }
  for (const { address, used } of pieces(machine)) if (used === Owner.SYSTEM) described(machine, "memory_free", address);
  const broken = machine.image.debug ? machine.check() : 0;
  if (broken !== 0) found.push(`invariant ${broken >> 8} at ${broken & 255}`);
  const left = pieces(machine).filter(({ used }) => used !== Owner.NOBODY);
  if (left.length > 0) found.push(`RAM: ${left.map(({ size, used }) => `${size} bytes of ${used}`).join(", ")}`);
  else if (pieces(machine).length !== 1) found.push(`RAM in ${pieces(machine).length} pieces`);
  for (let kind: number = Kind.TASK; kind < Kind.LINE; kind++) {
    const pool = cpuWord(machine, C.pools) + kind * layout.Pool.bytes;
    const live = u32[(pool + layout.Pool.live) >> 2] as number;
    if (live !== 0) found.push(`${live} slots of kind ${kind}`);
  }
  if (cpuWord(machine, C.waiting) !== 0) found.push(`${cpuWord(machine, C.waiting)} deadlines`);
  if (cpuWord(machine, C.busy) !== 0) found.push(`${cpuWord(machine, C.busy)} tasks counted`);
  return found;
}
