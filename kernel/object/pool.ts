/**
 * Block pools: memory blocks of one size that are handed out, owned, sent through mailboxes, and given back.
 *
 *     free -- alloc --> owned -- send --> letter -- receive --> owned by its receiver
 *      ^                  |  \\
 *      +------ free ------+   +-- broadcast --> shared, until the last of those it is for has freed it
 *
 * The pools share one table of blocks; each has consecutive records of it, so a block is known by its address. A freed block
 * goes straight to the first waiter: while anyone waits, none is free. Mailboxes link blocks and take them out; what must be
 * right here without knowing any mailbox (a task's end, a pool's) goes by the fields of the block.
 */
import { BlockState, Call, Cause, Errno, Kind, Poll, State } from "../abi/constants";
import { Block, Link, Mailbox, MemPool, Task } from "../abi/records";
import { arenaGive } from "../arena";
import { BLOCKS, POOLS } from "../config";
import { ticketDone } from "../frame";
import { lowest, only } from "../lib/bits";
import { linked, listInit, listInsert, listLength, listRemove, none } from "../lib/list";
import { inRam, inTask, kept, kernel, NO_TASK, unreach } from "../state";
import { alive, taskOf } from "../task";
import { dismissAll, dismissInto, firstWaiter, waitOr, waitsIn, wake } from "../wait";
import { objectNew, objectRam, objectsInit, objectUndone, slotAt, touched } from "./object";

/** Bytes of a block at most. */
const LARGEST: i32 = 1 << 20;
export const NO_BLOCK: Block = changetype<Block>(0);
export const NO_BOX: Mailbox = changetype<Mailbox>(0);

const table: usize = memory.data(POOLS * offsetof<MemPool>(), 8);
const freeLists: usize = memory.data(POOLS * offsetof<Link>(), 8);
const blocks: usize = memory.data(BLOCKS * offsetof<Block>(), 8);

export function poolsInit(): void {
  objectsInit(Kind.POOL, table, offsetof<MemPool>(), POOLS);
}

export function poolAt(handle: i32): MemPool {
  return changetype<MemPool>(slotAt(table, offsetof<MemPool>(), POOLS, handle));
}

function poolIn(slot: u32): MemPool {
  return changetype<MemPool>(table + <usize>slot * offsetof<MemPool>());
}

/** The blocks that are free, the one freed longest ago first. */
function freeIn(pool: MemPool): Link {
  return changetype<Link>(freeLists + <usize>pool.index * offsetof<Link>());
}

/** The pool in which the last block was found: the next is likely to be there. */
const recent: usize = memory.data(4);

/** The block with this number in the table of all blocks. */
export function blockOf(index: u32): Block {
  return changetype<Block>(blocks + <usize>index * offsetof<Block>());
}

/** The block that begins at this address, whatever its state; none where no live pool has one. */
export function blockAt(address: u32): Block {
  const last = blockIn(poolIn(load<u32>(recent)), address);
  if (!none(last)) return last;
  for (let i = 0; i < POOLS; i++) {
    const block = blockIn(poolIn(i), address);
    if (none(block)) continue;
    store<u32>(recent, i);
    return block;
  }
  return NO_BLOCK;
}

/** The block of this pool that begins at the address; none where none does, or the pool is not alive. */
function blockIn(pool: MemPool, address: u32): Block {
  const offset = address - pool.buffer;
  if (pool.handle == 0 || offset >= pool.count * pool.size) return NO_BLOCK;
  const number = offset / pool.size;
  return number * pool.size == offset ? blockOf(pool.first + number) : NO_BLOCK;
}

/** The pool of a block. */
export function poolOfBlock(block: Block): MemPool {
  return poolIn(block.pool);
}

/** Where the block is. */
export function addressOf(block: Block): u32 {
  const pool = poolOfBlock(block);
  const number = <u32>((changetype<usize>(block) - blocks) / offsetof<Block>());
  return pool.buffer + (number - pool.first) * pool.size;
}

/** Whose the blocks are that the caller gets: its own, nobody's for interrupts and the system description. */
export function acting(): Task {
  return inTask() ? kernel.current : NO_TASK;
}

/** Why the caller may not send or free what begins at this address as its own, 0 if it may. */
export function notOwn(block: Block): i32 {
  // A send that goes on after a handler had a block: its pool is deleted.
  if (none(block) && kernel.restarting) return Errno.EIDRM;
  if (none(block) || block.state == BlockState.FREE) return Errno.EINVAL;
  return block.state == BlockState.OWNED && block.owner === acting() ? 0 : Errno.EPERM;
}

/** The number of the first of `count` records in a row that are no pool's. */
function recordsFor(count: u32): i32 {
  let run: u32 = 0;
  for (let i: i32 = 0; i < BLOCKS; i++) {
    run = blockOf(i).state == BlockState.NONE ? run + 1 : 0;
    if (run == count) return i + 1 - <i32>count;
  }
  return Errno.ENFILE;
}

/** Whether a live pool has its blocks there: an address would be of two blocks. */
function overlaps(address: u32, bytes: u32): bool {
  for (let i = 0; i < POOLS; i++) {
    const pool = poolIn(i);
    if (pool.handle == 0) continue;
    if (address < pool.buffer + pool.count * pool.size && pool.buffer < address + bytes) return true;
  }
  return false;
}

export function poolCreate(name: usize, count: i32, size: i32, storage: u32): i32 {
  if (count < 1 || count > BLOCKS || size < 1 || size > LARGEST || storage & 7) return Errno.EINVAL;
  const stride: u32 = (size + 7) & ~7;
  const bytes = stride * count;
  if (storage != 0) {
    if (!inRam(storage, bytes)) return Errno.EFAULT;
    if (overlaps(storage, bytes)) return Errno.EINVAL;
    storage = kept(storage);
  }
  const first = recordsFor(count);
  if (first < 0) return first;
  const slot = objectNew(Kind.POOL, name);
  if (slot < 0) return slot;
  const pool = changetype<MemPool>(slot);
  if (storage == 0) {
    const ram = objectRam(pool, bytes);
    if (ram < 0) return ram;
    // As for a region: a block is known by its address.
    if (overlaps(ram, bytes)) {
      arenaGive(ram);
      objectUndone(pool);
      return Errno.ENOMEM;
    }
    pool.storage = ram;
  }
  pool.buffer = storage != 0 ? storage : pool.storage;
  pool.size = stride;
  pool.asked = size;
  pool.count = count;
  pool.first = first;
  listInit(freeIn(pool));
  for (let i = 0; i < count; i++) {
    const block = blockOf(first + i);
    memory.fill(changetype<usize>(block), 0, offsetof<Block>());
    block.pool = pool.index;
    addFree(pool, block);
  }
  return pool.handle;
}

function addFree(pool: MemPool, block: Block): void {
  unreach();
  block.state = BlockState.FREE;
  listInsert(block, freeIn(pool));
  pool.free++;
}

/** The block, which is on no list, is this task's (none: the interrupts') from now on. */
export function blockOwn(block: Block, task: Task): void {
  unreach();
  block.state = BlockState.OWNED;
  block.owner = task;
}

export function poolAlloc(pool: MemPool, timeout: i32): i32 {
  if (pool.free == 0) return waitOr(pool, timeout, Call.POOL_ALLOC);
  const block = changetype<Block>(freeIn(pool).next);
  listRemove(block);
  pool.free--;
  blockOwn(block, acting());
  return addressOf(block);
}

/** The block, which is on no list, goes to the first task that waits for one, or among the free ones. */
export function blockFree(block: Block): void {
  blockDone(block, 0, Cause.HANDOFF);
  block.owner = NO_TASK;
  block.box = NO_BOX;
  block.from = 0;
  const pool = poolOfBlock(block);
  const waiter = firstWaiter(pool);
  if (none(waiter)) {
    addFree(pool, block);
    touched(pool);
    return;
  }
  blockOwn(block, waiter);
  wake(waiter, addressOf(block), Cause.HANDOFF);
}

export function poolFree(address: u32): i32 {
  const block = blockAt(address);
  const task = acting();
  if (!none(block) && block.state == BlockState.BROADCAST) {
    if (none(task) || !(block.holders & only(task.index))) return Errno.EPERM;
    blockRelease(block, only(task.index));
    return 0;
  }
  const refusal = notOwn(block);
  if (refusal == 0) blockFree(block);
  return refusal;
}

/** Nobody waits any more for what becomes of the block; one that is in a mailbox stays there. */
export function blockForget(block: Block): void {
  block.ticket = 0;
  block.waiter = NO_TASK;
  if (block.state == BlockState.OWNED) block.box = NO_BOX;
}

/** The synchronous send that waits for the block, if there is one, has its result. */
export function blockDone(block: Block, result: i32, cause: u32): void {
  const ticket = block.ticket;
  if (ticket == 0) return;
  const sender = block.waiter;
  blockForget(block);
  if (!waitsIn(sender, Call.MAILBOX_SEND_SYNC) || sender.ticket != ticket) {
    ticketDone(sender, ticket, result);
    return;
  }
  sender.ticket = 0;
  wake(sender, result, cause);
}

/** Takes the block out of its mailbox; harmless if it is in none. Not for a free one. */
export function blockLeave(block: Block): void {
  if (!linked(block)) return;
  listRemove(block);
  block.box.letters--;
}

/** These tasks are due to get the broadcast no more, nor hold it; after the last of them it is free. */
export function blockRelease(block: Block, tasks: u64): void {
  unreach();
  block.due &= ~tasks;
  block.holders &= ~tasks;
  if (block.due != 0) return;
  blockLeave(block);
  if (block.holders == 0) blockFree(block);
}

/**
 * The blocks that a task which ends has go back to their pools, or to the synchronous sender. What it waits for itself stays
 * delivered, and nobody is told.
 */
export function blocksReleased(task: Task): void {
  for (let i = 0; i < BLOCKS; i++) {
    const block = blockOf(i);
    if (block.waiter === task) blockForget(block);
    if (block.state == BlockState.BROADCAST) {
      blockRelease(block, only(task.index));
    } else if (block.state == BlockState.OWNED && block.owner === task) {
      const sender = block.waiter;
      if (none(sender)) {
        blockFree(block);
        continue;
      }
      blockOwn(block, sender);
      blockDone(block, Errno.EOWNERDEAD, Cause.ENDED);
    }
  }
}

/** Waiters and synchronous senders of its blocks get EIDRM, letters leave their mailboxes, the memory goes back. */
export function poolEnd(pool: MemPool): void {
  unreach();
  dismissAll(pool, Errno.EIDRM, Cause.DELETED);
  dismissInto(pool.buffer, pool.count * pool.size);
  for (let i: u32 = 0; i < pool.count; i++) {
    const block = blockOf(pool.first + i);
    if (block.state > <u32>BlockState.OWNED) blockLeave(block);
    blockDone(block, Errno.EIDRM, Cause.DELETED);
    block.state = BlockState.NONE;
    block.box = NO_BOX;
  }
  if (pool.storage != 0) arenaGive(pool.storage);
}

/** Poll.READ while a block is free. */
export function poolReady(pool: MemPool): u32 {
  return pool.free > 0 ? Poll.READ : 0;
}

/** The free ones are counted, nobody waits while there are some, and each block is in one place. */
export function poolHolds(pool: MemPool): bool {
  let free: u32 = 0;
  for (let i: u32 = 0; i < pool.count; i++) {
    const block = blockOf(pool.first + i);
    if (block.pool != pool.index || !blockHolds(block)) return false;
    if (block.state == BlockState.FREE) free++;
  }
  if (free != pool.free || listLength(freeIn(pool), BLOCKS) != <i32>free) return false;
  return free == 0 || !linked(pool);
}

function blockHolds(block: Block): bool {
  if ((block.ticket != 0) != !none(block.waiter)) return false;
  if (block.ticket != 0 && !alive(block.waiter)) return false;
  if (block.state != BlockState.BROADCAST && (block.due | block.holders) != 0) return false;
  switch (block.state) {
    case BlockState.FREE:
      return linked(block) && none(block.owner) && none(block.box) && block.ticket == 0;
    case BlockState.OWNED:
      return !linked(block) && (none(block.owner) || alive(block.owner)) && none(block.box) == (block.ticket == 0);
    case BlockState.LETTER:
      if (!linked(block) || !none(block.owner) || none(block.box)) return false;
      return block.ticket == 0 || (block.waiter.state == State.BLOCKED && block.waiter.ticket == block.ticket);
    case BlockState.BROADCAST:
      if ((block.due | block.holders) == 0 || (block.due & block.holders) != 0 || linked(block) != (block.due != 0)) return false;
      return none(block.owner) && block.ticket == 0 && allAlive(block.due | block.holders);
  }
  return false;
}

function allAlive(tasks: u64): bool {
  for (let set = tasks; set != 0; set &= set - 1) {
    if (!alive(taskOf(lowest(set)))) return false;
  }
  return true;
}
