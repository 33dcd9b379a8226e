/**
 * What every kernel object but a task has: a slot, a handle, a name, a first wait queue, and for those that are opened
 * a set of tasks for each direction. Knows no kind by name; the tables register themselves here.
 */
import { Context, Errno, Kind, Mode } from "../abi/constants";
import { Channel, Obj, Pool, Queue, Task } from "../abi/records";
import { arenaTake } from "../arena";
import { only } from "../lib/bits";
import { listInit, listInsert } from "../lib/list";
import { poolGive, poolInit, poolSlot, poolTake } from "../lib/pool";
import { inRam, inTask, kernel, unreach } from "../state";
import { alive, taskOf, taskPool } from "../task";
import { polledAgain } from "../wait";

const KINDS: i32 = 16;
const NAME_BYTES: u32 = 16;
export const NO_OBJECT: Obj = changetype<Obj>(0);

const pools: usize = memory.data(KINDS * offsetof<Pool>(), 8);

/** The table of a kind; one with no slots where there is no such kind. */
export function poolOf(kind: u32): Pool {
  return changetype<Pool>(pools + <usize>(kind & (KINDS - 1)) * offsetof<Pool>());
}

/** Makes the table of a kind: `count` free records of `size` bytes at `base`. */
export function objectsInit(kind: u32, base: usize, size: u32, count: u32): void {
  poolInit(poolOf(kind), base, size, count);
  for (let i: u32 = 0; i < count; i++) changetype<Obj>(base + i * size).index = <u8>i;
}

/** The kind in a handle. */
export function kindOf(handle: i32): u32 {
  return (handle >> 8) & 31;
}

/** The live object of this kind that the handle names; none if it is stale, forged or of another kind. */
export function objectAt(kind: u32, handle: i32): Obj {
  const pool = poolOf(kind);
  return slotAt(pool.base, pool.size, pool.count, handle);
}

/**
 * The same in a table whose place and size the caller knows; the count is a power of two. Only the handle in the slot itself is
 * that of its object: one that names no slot finds another's there.
 */
export function slotAt(base: usize, size: u32, count: u32, handle: i32): Obj {
  const object = changetype<Obj>(base + (handle & (count - 1)) * size);
  return object.handle == handle && handle != 0 ? object : NO_OBJECT;
}

/** The object's id as the trace has it. */
export function objectId(object: Obj): u32 {
  return object.handle & 0x1fff;
}

/** The length of the name at `address` (0 with no address), ENAMETOOLONG, or EFAULT when it leaves RAM. */
export function nameLength(address: usize): i32 {
  if (address == 0) return 0;
  for (let length: u32 = 0; length < NAME_BYTES; length++) {
    if (!inRam(address + length, 1)) return Errno.EFAULT;
    if (load<u8>(address + length) == 0) return length;
  }
  return Errno.ENAMETOOLONG;
}

/** Stores a checked name into the 16 bytes of a record. */
export function nameStore(field: usize, address: usize, length: u32): void {
  memory.fill(field, 0, NAME_BYTES);
  memory.copy(field, address, length);
}

/** Whether the 16 bytes of a record hold this name. */
export function nameIs(field: usize, address: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(field + i) != load<u8>(address + i)) return false;
  }
  return load<u8>(field + length) == 0;
}

/** Where an object's record has its name. */
export function nameField(object: Obj): usize {
  return changetype<usize>(object) + offsetof<Obj>("name0");
}

/** The live object of this kind and (checked, not empty) name. */
export function objectNamed(kind: u32, address: usize, length: u32): Obj {
  const pool = poolOf(kind);
  for (let i: u32 = 0; i < pool.count; i++) {
    const object = changetype<Obj>(poolSlot(pool, i));
    if (object.handle != 0 && nameIs(nameField(object), address, length)) return object;
  }
  return NO_OBJECT;
}

/** A fresh object of `size` bytes, zero behind its header: its address, or the error of its name or table. */
export function objectNew(kind: u32, name: usize): i32 {
  const length = nameLength(name);
  if (length < 0) return length;
  if (length > 0 && changetype<usize>(objectNamed(kind, name, length)) != 0) return Errno.EEXIST;
  const pool = poolOf(kind);
  const slot = poolTake(pool);
  if (slot == 0) return Errno.ENFILE;
  const object = changetype<Obj>(slot);
  const index = object.index;
  const generation = object.generation;
  memory.fill(slot, 0, pool.size);
  listInit(object);
  object.id = <u16>((kind << 8) | index);
  object.index = index;
  object.generation = generation;
  object.handle = ((generation & 0x3ffff) << 13) | (kind << 8) | index;
  object.system = (kernel.context & Context.SYSTEM) != 0 ? 1 : 0;
  if (length > 0) nameStore(nameField(object), name, length);
  return <i32>slot;
}

/** RAM from the arena for a fresh object: its address; or why there is none, and then the object is none either. */
export function objectRam(object: Obj, bytes: u32): i32 {
  const address = arenaTake(bytes);
  if (address < 0) objectUndone(object);
  return address;
}

/** Makes the second wait queue of a fresh object. */
export function secondQueue(queue: Queue, object: Obj): void {
  listInit(queue);
  queue.id = object.id;
  queue.side = 1;
}

/** Whether a channel may not be made with this mode: beyond what its kind allows, or for nobody without a name to open it by. */
export function modeRefused(mode: u32, allowed: u32, name: usize): bool {
  return (mode & ~allowed) != 0 || (mode == 0 && nameLength(name) == 0 && inTask());
}

/** The handle of the record in a slot, 0 while it is free. */
export function objectHandle(slot: usize): i32 {
  return changetype<Obj>(slot).handle;
}

/** Gives the slot back; the handle is stale from now on. Waiters and storage are the kind's to have released. */
export function objectFree(object: Obj): void {
  const pool = poolOf(object.id >> 8);
  listInit(object);
  object.handle = 0;
  object.generation++;
  poolGive(pool, object);
}

/** A fresh object is none after all: nobody has its handle, and the next one gets its slot. */
export function objectUndone(object: Obj): void {
  const pool = poolOf(object.id >> 8);
  object.handle = 0;
  listInsert(object, pool.next);
  pool.live--;
}

/** Whether the kind is opened, and so has sets of tasks. */
export function isChannel(kind: u32): bool {
  return (kind >= <u32>Kind.PIPE && kind <= <u32>Kind.REGION) || kind == Kind.SOCKET;
}

/** Whether the caller may use the channel in this direction. Interrupts and the system description belong to no task. */
export function mayUse(channel: Channel, direction: u32): bool {
  if (!inTask() || (<u32>channel.everyone & (direction << 2)) != 0) return true;
  const set = direction == Mode.READ ? channel.readers : channel.writers;
  return (set & only(kernel.current.index)) != 0;
}

/** Whether the caller may use it in any direction. */
export function mayUseAny(channel: Channel): bool {
  return mayUse(channel, Mode.READ) || mayUse(channel, Mode.WRITE);
}

/** Tells who polls the object that it may have become ready. */
export function touched(object: Obj): void {
  if (object.pollers == 0) return;
  polledAgain(object.pollers);
  object.pollers = 0;
}

/** The directions in which the task has the channel open. */
export function openModes(channel: Channel, task: Task): u32 {
  let open: u32 = 0;
  if (channel.readers & only(task.index)) open |= Mode.READ;
  if (channel.writers & only(task.index)) open |= Mode.WRITE;
  return open;
}

/** Whether the task may not have these directions too: a mailbox is opened to send or to receive. */
export function bothWays(channel: Channel, task: Task, mode: u32): bool {
  return channel.id >> 8 == Kind.MAILBOX && (openModes(channel, task) | mode) == (Mode.READ | Mode.WRITE);
}

/** Opens the channel in the directions of `mode` for a task; who may write to a region reads it too. */
export function openFor(channel: Channel, task: Task, mode: u32): void {
  unreach();
  if (channel.id >> 8 == Kind.REGION && mode & Mode.WRITE) mode |= Mode.READ;
  if (mode & Mode.READ) channel.readers |= only(task.index);
  if (mode & Mode.WRITE) channel.writers |= only(task.index);
  channel.had |= <u8>(mode & (Mode.READ | Mode.WRITE));
}

/** Opens the channel for whoever creates it: a task, or the system description and with it the interrupts. */
export function openForCreator(channel: Channel, mode: u32): void {
  channel.everyone = <u8>(mode & Mode.PUBLIC);
  if (inTask()) {
    openFor(channel, kernel.current, mode);
    return;
  }
  const own = mode & (Mode.READ | Mode.WRITE);
  channel.own = <u8>own;
  channel.had = <u8>own;
}

/** Whether anybody at all has the channel open in this direction. */
export function openToAny(channel: Channel, direction: u32): bool {
  if ((<u32>channel.everyone & (direction << 2)) != 0 || (<u32>channel.own & direction) != 0) return true;
  return (direction == Mode.READ ? channel.readers : channel.writers) != 0;
}

/** Whether anybody but this task has it open in this direction. */
export function openToOthers(channel: Channel, direction: u32, task: Task): bool {
  if ((<u32>channel.everyone & (direction << 2)) != 0 || (<u32>channel.own & direction) != 0) return true;
  const set = direction == Mode.READ ? channel.readers : channel.writers;
  return (set & ~only(task.index)) != 0;
}

/** The live task with this (checked, not empty) name. */
export function taskNamed(address: usize, length: u32): Task {
  for (let i: u32 = 0; i < taskPool.count; i++) {
    const task = taskOf(i);
    if (alive(task) && nameIs(changetype<usize>(task) + offsetof<Task>("name0"), address, length)) return task;
  }
  return changetype<Task>(0);
}
