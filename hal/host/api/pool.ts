/**
 * Block pools, and a block as its owner sees it.
 *
 * Whose a block is stands in kernel memory alone, and a view of a block asks there at every access: it throws as soon as the
 * block is somebody else's, however that came. Each place has one Block for each task that ever had it, so that handing blocks
 * around makes no new objects.
 */
import { Kind, layout, SWITCH } from "../../../kernel/abi/host.js";
import { CPU_PAGE } from "../../map.js";
import { type Call, type Spec, spec } from "../call.js";
import type { Machine } from "../machine.js";
import { type Lease, View } from "../view.js";
import { KernelObject } from "./object.js";
import { FOREVER, type Unmet } from "./results.js";
import { Task } from "./task.js";

export interface PoolOptions {
  name?: string;
  /** How many blocks; all pools together have at most 96, in the small kernel 24. */
  count: number;
  /** Bytes of a block, at most 1 MiB. */
  size: number;
}

/** A block that is the caller's from now on, or how the wait for one ended. */
export type Allocated = Block | Unmet;

const B = layout.Block;
const P = layout.MemPool;
const CURRENT = (CPU_PAGE + layout.Cpu.current) >> 2;
/** What Block.state says. */
const [OWNED, BROADCAST] = [2, 4];

const poolFree = spec("block.free", (k, address) => k.pool_free(address));

/** A number of blocks of one size. */
export class Pool extends KernelObject {
  readonly #alloc: Spec;

  constructor(machine: Machine, handle: number) {
    super(machine, handle);
    const blocks = blocksOf(machine);
    this.#alloc = {
      name: "pool.alloc",
      retry: (k, pool, timeout) => k.pool_alloc(pool, timeout),
      wrap: (r) => (r < 0 ? r : blocks.at(r)),
    };
  }

  /** A block of the caller's own, or a negative outcome. While none is free it waits; a freed block goes to the first who waits. */
  alloc(timeout = FOREVER): Call<Allocated> {
    const p = this.machine.enter();
    const r = this.machine.kernel.pool_alloc(this.handle, timeout);
    return r === SWITCH ? p.block(this.#alloc, this.handle, timeout) : p.settleWrapped(r, this.#alloc);
  }

  /** Blocks that nobody has. For reports and tests. */
  get free(): number {
    return this.u32(P.free);
  }

  /** Blocks it has in all. */
  get capacity(): number {
    return this.u32(P.count);
  }

  /** Bytes of a block as they were asked for. */
  get size(): number {
    return this.u32(P.asked);
  }
}

/** A block, as one task has it. It may have it again later: the same object then. */
export class Block {
  readonly address: number;
  /** Its bytes. Every access throws while the block is not this task's; a broadcast one may only be read. */
  readonly view: View;
  readonly #place: Place;
  readonly #lease: BlockLease;

  constructor(place: Place, lease: BlockLease) {
    this.#place = place;
    this.#lease = lease;
    this.address = place.address;
    this.view = new View(this.#lease, place.address, place.length);
  }

  /** Gives it back to its pool. A broadcast block is free when the last one who got it has freed it. */
  free(): Call<0> {
    const p = this.#place.machine.enter();
    const r = this.#place.machine.kernel.pool_free(this.address);
    return r === SWITCH ? p.block(poolFree, this.address) : p.settle(r, poolFree);
  }

  /** Whether it is this task's now, alone or shared. */
  get held(): boolean {
    return this.#lease.memory !== undefined;
  }

  /** Whether it was broadcast: others read the same bytes. */
  get shared(): boolean {
    return this.#place.state === BROADCAST;
  }

  /** The task that sent it; undefined when it was sent by an interrupt handler, or not at all. */
  get sender(): Task | undefined {
    return this.#place.sender;
  }
}

/** Where a block is: in memory, and in the kernel's table of blocks. */
class Place {
  readonly machine: Machine;
  readonly address: number;
  readonly length: number;
  /** The Block of each task that had it, by its slot. */
  readonly #handed: ({ block: Block; lease: BlockLease } | undefined)[] = [];
  readonly #blocks: Blocks;
  readonly #pool: number;
  readonly #handle: number;
  readonly #record: number;

  constructor(blocks: Blocks, address: number, pool: number) {
    const { machine } = blocks;
    const field = (offset: number) => machine.u32[(pool + offset) >> 2] as number;
    const number = pool < 0 ? 0 : field(P.first) + (address - field(P.buffer)) / field(P.size);
    this.machine = machine;
    this.address = address;
    this.length = pool < 0 ? 0 : field(P.asked);
    this.#blocks = blocks;
    this.#pool = pool;
    this.#handle = pool < 0 ? 0 : field(P.handle);
    this.#record = machine.blockRecord(number);
  }

  /** It as the task in this slot has it: a view that was revoked is good again. */
  handedTo(slot: number): Block {
    let known = this.#handed[slot];
    if (known === undefined) {
      const lease = new BlockLease(this, slot);
      known = { block: new Block(this, lease), lease };
      this.#handed[slot] = known;
    }
    known.lease.revoked = false;
    return known.block;
  }

  /** Whether its pool is still there. */
  get live(): boolean {
    return this.#pool >= 0 && this.machine.u32[(this.#pool + P.handle) >> 2] === this.#handle;
  }

  get state(): number {
    return this.live ? (this.machine.u32[(this.#record + B.state) >> 2] as number) : 0;
  }

  /** Whether the task in this slot has it; who stands behind the last slot is nobody: the interrupts and the description. */
  heldBy(slot: number): boolean {
    const { machine, state } = this;
    if (state === OWNED) {
      const owner = machine.u32[(this.#record + B.owner) >> 2];
      return owner === (slot === machine.taskCount ? 0 : machine.taskRecord(slot));
    }
    if (state !== BROADCAST || slot === machine.taskCount) return false;
    const word = machine.u32[((this.#record + B.holders) >> 2) + (slot >> 5)] as number;
    return ((word >>> (slot & 31)) & 1) === 1;
  }

  get sender(): Task | undefined {
    const handle = this.live ? (this.machine.i32[(this.#record + B.from) >> 2] as number) : 0;
    return handle === 0 ? undefined : this.#blocks.task(handle);
  }
}

/** Lends a block's memory to a task for as long as the kernel says that the block is its. */
class BlockLease implements Lease {
  revoked = false;
  readonly #place: Place;
  readonly #holder: number;

  constructor(place: Place, holder: number) {
    this.#place = place;
    this.#holder = holder;
  }

  get memory(): Uint8Array | undefined {
    return !this.revoked && this.#place.heldBy(this.#holder) ? this.#place.machine.u8 : undefined;
  }

  set memory(memory: Uint8Array | undefined) {
    this.revoked = memory === undefined;
  }

  get writable(): boolean {
    return this.#place.state === OWNED;
  }
}

/** The blocks of a machine by their addresses. */
export class Blocks {
  readonly machine: Machine;
  readonly #places = new Map<number, Place>();
  /** The last task seen in each slot. */
  readonly #tasks: (Task | undefined)[] = [];

  constructor(machine: Machine) {
    this.machine = machine;
  }

  /** The block at an address, for whoever runs. */
  at(address: number): Block {
    let place = this.#places.get(address);
    if (place === undefined || !place.live) {
      place = new Place(this, address, this.#poolAround(address));
      this.#places.set(address, place);
    }
    return place.handedTo(this.#runs());
  }

  /** The task with this handle, which was alive when it sent something. */
  task(handle: number): Task {
    const known = this.#tasks[handle & 0xff];
    if (known?.handle === handle) return known;
    const name = this.machine.tasks.find((task) => task.handle === handle)?.name ?? this.machine.nameOf(handle & 0x1fff);
    const task = new Task(this.machine, handle, name);
    this.#tasks[handle & 0xff] = task;
    return task;
  }

  /** The slot of the task that runs, the one behind the last for a handler and for the description. */
  #runs(): number {
    const { machine } = this;
    const current = machine.i32[CURRENT] as number;
    return current < 0 || machine.kernelWord(layout.Kernel.depth) > 0 ? machine.taskCount : current;
  }

  /** The record of the pool that has a block at this address; -1 when it is gone. */
  #poolAround(address: number): number {
    const { machine } = this;
    const around = (pool: number) => {
      const field = (offset: number) => machine.u32[(pool + offset) >> 2] as number;
      const offset = address - field(P.buffer);
      return offset >= 0 && offset < field(P.count) * field(P.size);
    };
    return machine.recordsOf(Kind.POOL).find(around) ?? -1;
  }
}

/** The blocks of the machine, one for all its pools and mailboxes. */
export function blocksOf(machine: Machine): Blocks {
  return machine.once("blocks", () => new Blocks(machine));
}
