/**
 * Shared region: named memory that several tasks have at the same address; and the words of shared memory, on which they wait.
 *
 *     task A, attached to write --\
 *                                  > [ word word word ... ] -> those who wait for one of its words
 *     task B, attached to read ---/
 *
 * A word has one queue: its region's, or for the words of the firmware's data, which are everybody's, one for them all. Who
 * waits for which word stands in the waiter's `pointer`, and a wake tries each waiter in order. No two regions share a byte.
 */
import { Call, Cause, Errno, Kind, Mode, Owner, Place } from "../abi/constants";
import { Queue, Region } from "../abi/records";
import { arenaGive, arenaOwner } from "../arena";
import { REGIONS } from "../config";
import { only } from "../lib/bits";
import { listInit, none } from "../lib/list";
import { inRam, kept, kernel, unreach } from "../state";
import { taskOfLink } from "../task";
import { block, dismissAll, dismissInto, Settle, wake } from "../wait";
import { mayUse, modeRefused, objectNew, objectRam, objectsInit, objectUndone, openForCreator, slotAt } from "./object";

const MOST: i32 = 1 << 24;
const WORD: u32 = 4;

const table: usize = memory.data(REGIONS * offsetof<Region>(), 8);
/** Those who wait for a word of the firmware's data. */
const dataWaiters: Queue = changetype<Queue>(memory.data(offsetof<Queue>(), 8));

export function regionsInit(): void {
  objectsInit(Kind.REGION, table, offsetof<Region>(), REGIONS);
  listInit(dataWaiters);
  dataWaiters.id = <u16>Place.WORD;
}

export function regionAt(handle: i32): Region {
  return changetype<Region>(slotAt(table, offsetof<Region>(), REGIONS, handle));
}

/** The live region that has any of these bytes, none if none has. */
function regionOver(address: u32, bytes: u32): Region {
  for (let i = 0; i < REGIONS; i++) {
    const region = changetype<Region>(table + <usize>i * offsetof<Region>());
    if (region.handle != 0 && address < region.address + region.size && region.address < address + bytes) return region;
  }
  return changetype<Region>(0);
}

export function regionCreate(name: usize, bytes: i32, mode: i32, storage: u32): i32 {
  if (bytes < 1 || bytes > MOST || storage & 7 || modeRefused(mode, Mode.READ | Mode.WRITE, name)) return Errno.EINVAL;
  if (storage != 0) {
    if (!inRam(storage, bytes)) return Errno.EFAULT;
    if (!none(regionOver(storage, bytes))) return Errno.EINVAL;
    // The program's own data cannot be kept from its tasks.
    if (kept(storage) == 0) return Errno.EPERM;
  }
  const slot = objectNew(Kind.REGION, name);
  if (slot < 0) return slot;
  const region = changetype<Region>(slot);
  if (storage == 0) {
    const ram = objectRam(region, bytes);
    if (ram < 0) return ram;
    // Whoever gave a region RAM of its own and then gave that back has taken this from everybody until the region is gone.
    if (!none(regionOver(ram, bytes))) {
      arenaGive(ram);
      objectUndone(region);
      return Errno.ENOMEM;
    }
    region.storage = ram;
  }
  region.address = storage != 0 ? storage : region.storage;
  region.size = bytes;
  memory.fill(region.address, 0, bytes);
  openForCreator(region, mode);
  return region.handle;
}

export function regionAddress(region: Region): i32 {
  return region.address;
}

/** Why the caller may not use the word at this address in this direction: 0 when it may. */
function wordRefused(address: u32, direction: u32): i32 {
  if (address & (WORD - 1)) return Errno.EINVAL;
  if (inData(address)) return 0;
  const region = regionOver(address, WORD);
  if (none(region) || address < region.address || region.address + region.size - address < WORD) return Errno.EFAULT;
  return mayUse(region, direction) ? 0 : Errno.EFAULT;
}

function inData(address: u32): bool {
  return address >= kernel.dataStart && address < (kernel.dataEnd & ~(WORD - 1));
}

/** The queue of those who wait for this word, which is one. */
function waitersFor(address: u32): Queue {
  return inData(address) ? dataWaiters : regionOver(address, WORD);
}

export function wordWait(address: u32, expected: u32, timeout: i32): i32 {
  const refused = wordRefused(address, Mode.READ);
  if (refused != 0) return refused;
  if (timeout == 0 || load<u32>(address) != expected) return Errno.EAGAIN;
  kernel.current.pointer = address;
  return block(waitersFor(address), timeout, Call.WORD_WAIT, Settle.PLAIN);
}

export function wordWake(address: u32, count: i32): i32 {
  const refused = wordRefused(address, Mode.READ);
  if (refused != 0) return refused;
  if (count < 0) return Errno.EINVAL;
  const queue = waitersFor(address);
  let woken = 0;
  for (let link = queue.next; link !== queue && woken < count; ) {
    const task = taskOfLink(link);
    link = link.next;
    if (task.pointer != address) continue;
    wake(task, 0, Cause.HANDOFF);
    woken++;
  }
  return woken;
}

/** Puts a value where a word was, and what was there to `old`, if that is an address. */
function replace(address: u32, value: u32, old: usize): void {
  const before = load<u32>(address);
  store<u32>(address, value);
  if (old != 0) store<u32>(old, before);
}

export function wordAdd(address: u32, value: u32, old: usize): i32 {
  const refused = wordRefused(address, Mode.WRITE);
  if (refused == 0) replace(address, load<u32>(address) + value, old);
  return refused;
}

export function wordExchange(address: u32, value: u32, old: usize): i32 {
  const refused = wordRefused(address, Mode.WRITE);
  if (refused == 0) replace(address, value, old);
  return refused;
}

export function wordCompareExchange(address: u32, expected: u32, value: u32, old: usize): i32 {
  const refused = wordRefused(address, Mode.WRITE);
  if (refused != 0) return refused;
  const before = load<u32>(address);
  replace(address, before == expected ? value : before, old);
  return before == expected ? 1 : 0;
}

/** Waiters get EIDRM, the memory goes back. */
export function regionEnd(region: Region): void {
  unreach();
  dismissAll(region, Errno.EIDRM, Cause.DELETED);
  dismissInto(region.address, region.size);
  if (region.storage != 0) arenaGive(region.storage);
}

/** It is in RAM, who writes reads, and its waiters are attached and wait for words of it. */
export function regionHolds(region: Region): bool {
  if (region.address & 7 || region.size == 0 || !inRam(region.address, region.size)) return false;
  if (region.storage != 0 && arenaOwner(region.storage) != Owner.KERNEL) return false;
  if (region.writers & ~region.readers) return false;
  for (let link = region.next; link !== region; link = link.next) {
    const task = taskOfLink(link);
    if (task.call != Call.WORD_WAIT || !(region.readers & only(task.index))) return false;
    if (inData(task.pointer) || waitersFor(task.pointer) !== region) return false;
  }
  return true;
}

/** Those who wait for a word of the firmware's data wait for one. */
export function wordsHold(): bool {
  for (let link = dataWaiters.next; link !== dataWaiters; link = link.next) {
    const task = taskOfLink(link);
    if (task.call != Call.WORD_WAIT || !inData(task.pointer)) return false;
  }
  return true;
}
