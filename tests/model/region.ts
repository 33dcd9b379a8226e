/** Shared regions, the words in them and in the firmware's data, and RAM of a task's own. */
import { C, E } from "./abi.js";
import type { Owner } from "./arena.js";
import { modeRefused, openForCreator } from "./life.js";
import type { Model } from "./model.js";
import type { Queue, Task, Wait } from "./task.js";
import { Channel, type Thing } from "./thing.js";

const { Mode } = C;
const MOST = 1 << 24;

export class Region extends Channel {
  address = 0;
  size = 0;
  storage = 0;

  has(address: number, bytes: number): boolean {
    return address >= this.address && address + bytes <= this.address + this.size;
  }

  touches(address: number, bytes: number): boolean {
    return address < this.address + this.size && this.address < address + bytes;
  }
}

export function regionCreate(m: Model, [name = 0, bytes = 0, mode = 0, storage = 0]: number[]): number {
  if (bytes < 1 || bytes > MOST || storage & 7 || modeRefused(m, mode, Mode.READ | Mode.WRITE, name)) return E.EINVAL;
  const overlaps = (address: number) => (m.thingsOf("REGION") as Region[]).some((region) => region.touches(address, bytes));
  if (storage !== 0) {
    if (!m.inRam(storage >>> 0, bytes)) return E.EFAULT;
    if (overlaps(storage >>> 0)) return E.EINVAL;
  }
  const region = m.create("REGION", name, (...base) => new Region(...base));
  if (typeof region === "number") return region;
  if (storage === 0) {
    const taken = m.arena.take(bytes, "kernel");
    if (taken !== undefined && overlaps(taken)) m.freeRam(() => m.arena.give(taken));
    if (taken === undefined || overlaps(taken)) {
      m.undo(region);
      return E.ENOMEM;
    }
    region.storage = taken;
  }
  region.address = storage !== 0 ? storage >>> 0 : region.storage;
  region.size = bytes;
  m.memory.fill(0, region.address, region.address + bytes);
  openForCreator(m, region, mode);
  return region.handle;
}

export function regionAddress(m: Model, [handle = 0]: number[]): number {
  return (m.thingAt("REGION", handle) as Region).address;
}

export function regionEnd(m: Model, thing: Thing): void {
  const region = thing as Region;
  m.dismiss(region.waiters, E.EIDRM, "deleted");
  m.dismissInto(region.address, region.size);
  if (region.storage !== 0) m.freeRam(() => m.arena.give(region.storage));
}

// Words

function inData(m: Model, address: number): boolean {
  const [start, end] = m.options.data;
  return address >= start && address < Math.floor(end / 4) * 4;
}

/** Who waits for the word, or why the caller may not use it so. */
function waitersFor(m: Model, signed: number, direction: "read" | "write"): Queue | number {
  const address = signed >>> 0;
  if (address & 3) return E.EINVAL;
  if (inData(m, address)) return m.wordWaiters;
  // The lowest slot that touches the word is asked, as no two regions share a byte.
  const region = (m.thingsOf("REGION") as Region[]).find((each) => each.touches(address, 4));
  if (!region?.has(address, 4)) return E.EFAULT;
  return m.mayUse(region, direction) ? region.waiters : E.EFAULT;
}

export function wordWait(m: Model, [address = 0, expected = 0, timeout = 0]: number[]): number {
  const queue = waitersFor(m, address, "read");
  if (typeof queue === "number") return queue;
  if (timeout === 0 || m.word(address >>> 0) !== (expected | 0)) return E.EAGAIN;
  return m.block("word_wait", queue, timeout, "plain", { bits: address });
}

export function wordWake(m: Model, [address = 0, count = 0]: number[]): number {
  const queue = waitersFor(m, address, "read");
  if (typeof queue === "number") return queue;
  if (count < 0) return E.EINVAL;
  const woken = queue.inOrder.filter(({ wait }) => wait?.data.bits === address).slice(0, count);
  for (const task of woken) m.wake(task, 0);
  return woken.length;
}

/** Puts a new value where a word was, and what was there to `old`. */
function change(m: Model, address: number, old: number, value: (before: number) => number): number {
  const refused = waitersFor(m, address, "write");
  if (typeof refused === "number") return refused;
  const before = m.word(address >>> 0);
  m.setWord(address >>> 0, value(before) | 0);
  if (old !== 0) m.setWord(old >>> 0, before);
  return 0;
}

export function wordAdd(m: Model, [address = 0, value = 0, old = 0]: number[]): number {
  return change(m, address, old, (before) => before + value);
}

export function wordExchange(m: Model, [address = 0, value = 0, old = 0]: number[]): number {
  return change(m, address, old, () => value);
}

export function wordCompareExchange(m: Model, [address = 0, expected = 0, value = 0, old = 0]: number[]): number {
  let equal = false;
  const refused = change(m, address, old, (before) => {
    equal = before === (expected | 0);
    return equal ? value : before;
  });
  return refused !== 0 ? refused : equal ? 1 : 0;
}

// RAM

export function memoryAlloc(m: Model, [bytes = 0, timeout = 0]: number[]): number {
  if (bytes < 1 || bytes > MOST) return E.EINVAL;
  if (bytes > m.arena.size) return E.ENOMEM;
  const owner: Owner = m.caller ?? "system";
  if (!m.outranked(m.ramWaiters)) {
    const address = m.arena.take(bytes, owner);
    if (address !== undefined) return address;
  }
  return m.blockOr("memory_alloc", m.ramWaiters, timeout, "plain", { length: bytes });
}

export function memoryFree(m: Model, [address = 0]: number[]): number {
  const owner = m.arena.ownerOf(address >>> 0);
  if (owner === undefined || owner === "kernel") return E.EINVAL;
  if (owner !== (m.caller ?? "system")) return E.EPERM;
  m.freeRam(() => m.arena.give(address >>> 0));
  return 0;
}

/** In strict order: up to the first who must wait on. */
export function memoryServe(m: Model): void {
  for (const task of m.ramWaiters.inOrder) {
    const address = m.arena.take((task.wait as Wait).data.length as number, task as Task);
    if (address === undefined) return;
    m.wake(task, address);
  }
}
