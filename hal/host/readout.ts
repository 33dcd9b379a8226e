/** Kernel memory as the host reads it: the CPU page and the records, by the generated layouts. Reading changes nothing. */
import { Connection, callTable, type KernelExports, Kind, layout, Place, State, signalNames } from "../../kernel/abi/host.js";
import { CPU_PAGE } from "../map.js";
import { addressText } from "./address.js";
import type { Image } from "./image.js";

const C = layout.Cpu;
/** Index of a register of the CPU page in an array of 32-bit words. */
export const register = (offset: number) => (CPU_PAGE + offset) >> 2;
const DUE = register(C.due);
const CURRENT = register(C.current);
const LEFT = register(C.left);
const TICK = register(C.tick);
const TASKS_AT = register(C.tasks);
const POOLS_AT = register(C.pools);
const TRACE_AT = register(C.trace);
const PIECES_AT = register(C.pieces);
const SLOTS = register(C.slots);
const KERNEL_AT = register(C.kernel);
const BLOCKS_AT = register(C.blocks);
const DEADLINES_AT = register(C.deadlines);
const ADDRESS = register(C.address);
/** Addresses that begin so are the machine itself. */
const LOOPBACK = 127;
const WORD = 4294967296;
/** Bytes that the kernel keeps of a name. */
const NAME_BYTES = 16;
const decoder = new TextDecoder();

/** What tasks wait for that is no object. */
export const placeNames: Record<number, string> = { [Place.WORD]: "a word", [Place.RAM]: "RAM" };
const kindNames = Object.fromEntries(Object.entries(Kind).map(([name, n]) => [n, name.toLowerCase()])) as Record<number, string>;

export class Readout {
  readonly kernel: KernelExports;
  readonly image: Image;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  /** Names given to objects, by kind << 8 | index. */
  protected readonly names = new Map<number, string>();

  constructor(image: Image) {
    this.image = image;
    this.kernel = image.kernel;
    this.u8 = image.u8;
    this.i32 = image.i32;
    this.u32 = image.u32;
  }

  /** Ticks served. */
  get tick(): number {
    return this.u32[TICK] as number;
  }

  /** Cycles since power-on. */
  get cycles(): number {
    return this.due - (this.i32[LEFT] as number);
  }

  /** The cycle of the next event. */
  protected get due(): number {
    return this.u64(DUE << 2);
  }

  /** Trace records made so far, kept or not. */
  get events(): number {
    return this.u64((this.u32[TRACE_AT] as number) + layout.Trace.events);
  }

  /** Trace records that the full ring did not take: the hash has them, no listener was told of them. */
  get dropped(): number {
    return this.u32[(this.traceAt + layout.Trace.dropped) >> 2] as number;
  }

  /** The rolling hash as 16 hexadecimal digits. */
  protected get rollingHash(): string {
    const word = (offset: number) => (this.u32[(this.traceAt + offset) >> 2] as number).toString(16).padStart(8, "0");
    return (word(layout.Trace.hash1) + word(layout.Trace.hash0)).toUpperCase();
  }

  protected get traceAt(): number {
    return this.u32[TRACE_AT] as number;
  }

  /** The 64-bit word at an address, exact below 2^53. */
  u64(address: number): number {
    return (this.u32[address >> 2] as number) + (this.u32[(address >> 2) + 1] as number) * WORD;
  }

  /** Address of the sentinel of the arena's pieces. */
  get arenaAt(): number {
    return this.u32[PIECES_AT] as number;
  }

  /** How many tasks the kernel has room for. */
  get taskCount(): number {
    return this.u32[SLOTS] as number;
  }

  /** Address of a task's record by its slot. */
  taskRecord(index: number): number {
    return (this.u32[TASKS_AT] as number) + index * layout.Task.bytes;
  }

  /** Address of the record of a block by its number among those of all pools. */
  blockRecord(index: number): number {
    return (this.u32[BLOCKS_AT] as number) + index * layout.Block.bytes;
  }

  /** The records of the live objects of a kind, with their ids. */
  *objectsOf(kind: number): Generator<{ record: number; id: number }> {
    const pool = (this.u32[POOLS_AT] as number) + kind * layout.Pool.bytes;
    const word = (at: number) => this.u32[at >> 2] as number;
    for (let index = 0; index < word(pool + layout.Pool.count); index++) {
      const record = word(pool + layout.Pool.base) + index * word(pool + layout.Pool.size);
      if (word(record + layout.Obj.handle) !== 0) yield { record, id: (kind << 8) | index };
    }
  }

  /** The handle of the task that makes calls now; 0 where a handler or the system description does. */
  get caller(): number {
    const current = this.i32[CURRENT] as number;
    if (current < 0 || this.kernelWord(layout.Kernel.depth) > 0) return 0;
    return this.i32[(this.taskRecord(current) + layout.Task.handle) >> 2] as number;
  }

  /** The name of the signal whose handler is the task's innermost, "" when it is in none. */
  handlerOf(index: number): string {
    const frame = this.u32[(this.taskRecord(index) + layout.Task.frames) >> 2] as number;
    return frame === 0 ? "" : (signalNames[this.u32[(frame + layout.Frame.signal) >> 2] as number] ?? "");
  }

  /** Whether the task has not ended. */
  isAlive(handle: number): boolean {
    const record = this.taskRecord(handle & 0xff);
    if (this.i32[(record + layout.Task.handle) >> 2] !== handle) return false;
    return (this.i32[(record + layout.Task.state) >> 2] as number) >= State.BLOCKED;
  }

  /** Address of an object's record, -1 when the handle is stale. */
  recordOf(handle: number): number {
    const record = this.recordOfId(handle & 0x1fff);
    return this.i32[(record + layout.Obj.handle) >> 2] === handle ? record : -1;
  }

  /** Address of the record in a slot, by kind << 8 | index. */
  recordOfId(id: number): number {
    const pool = this.#pool(id >> 8);
    return (this.u32[(pool + layout.Pool.base) >> 2] as number) + (id & 0xff) * (this.u32[(pool + layout.Pool.size) >> 2] as number);
  }

  /** Addresses of all live records of a kind. */
  recordsOf(kind: number): number[] {
    const count = this.u32[(this.#pool(kind) + layout.Pool.count) >> 2] as number;
    const records = Array.from({ length: count }, (_, i) => this.recordOfId((kind << 8) | i));
    return records.filter((record) => this.i32[(record + layout.Obj.handle) >> 2] !== 0);
  }

  #pool(kind: number): number {
    return (this.u32[POOLS_AT] as number) + kind * layout.Pool.bytes;
  }

  /** The tick at which a waiting task gives up. */
  deadlineOf(index: number): number {
    const deadlines = this.u32[DEADLINES_AT] as number;
    return this.u32[(deadlines + index * layout.Deadline.bytes + layout.Deadline.when) >> 2] as number;
  }

  /** How many tasks wait in the queue at this address. */
  waitersAt(queue: number): number {
    let count = 0;
    for (let i = 0; i < this.taskCount; i++) {
      const task = this.taskRecord(i);
      const blocked = this.i32[(task + layout.Task.state) >> 2] === State.BLOCKED;
      if (blocked && this.u32[(task + layout.Task.queue) >> 2] === queue) count++;
    }
    return count;
  }

  /** How many tasks wait in the second queue of the object with this handle: those that want to send. */
  secondWaiters(handle: number): number {
    let count = 0;
    for (let i = 0; i < this.taskCount; i++) {
      const task = this.taskRecord(i);
      const queue = this.u32[(task + layout.Task.queue) >> 2] as number;
      if (this.i32[(task + layout.Task.state) >> 2] !== State.BLOCKED || queue === 0) continue;
      const id = (this.u8[queue + layout.Queue.id] as number) | ((this.u8[queue + layout.Queue.id + 1] as number) << 8);
      if (id === (handle & 0x1fff) && this.u8[queue + layout.Queue.side] === 1) count++;
    }
    return count;
  }

  /** A 32-bit word of the kernel's own state. */
  kernelWord(offset: number): number {
    return this.u32[((this.u32[KERNEL_AT] as number) + offset) >> 2] as number;
  }

  /** The name of the task whose record is at this address. */
  taskNameAt(record: number): string {
    return this.nameOf((Kind.TASK << 8) | (this.u8[record + layout.Task.index] as number));
  }

  /** The name of an object by its id (kind << 8 | index), or kind and number. */
  nameOf(id: number): string {
    if (id >> 8 === Kind.SOCKET) return this.#socketName(this.recordOfId(id)) || `socket ${id & 0xff}`;
    const name = id >> 8 === Kind.TASK ? this.#textAt(this.taskRecord(id & 0xff) + layout.Task.name0) : this.#objectName(id);
    return name || placeNames[id] || (id < 256 && callTable[id]?.name) || `${kindNames[id >> 8] ?? "object"} ${id & 0xff}`;
  }

  /** What the host knows as an object's name, or for one that compiled code made the kernel. */
  #objectName(id: number): string {
    const known = this.names.get(id);
    const kind = id >> 8;
    if (known !== undefined || kind <= Kind.TASK || kind >= Kind.LINE) return known ?? "";
    return this.#textAt(this.recordOfId(id) + layout.Obj.name0);
  }

  /**
   * A socket by the name that the kernel keeps (the host knows nothing of those that the kernel makes for a listener), or else by
   * its ends: "socket 10.0.0.1:80 <- 10.0.0.2:49152" is the end that was connected to. "" for one without a port.
   */
  #socketName(record: number): string {
    const name = this.#textAt(record + layout.Socket.name0);
    const place = this.localOf(record);
    if (name !== "" || place === "") return name;
    const local = `socket ${place}`;
    if (this.u8[record + layout.Socket.state] === Connection.LISTENING) return `${local} (listening)`;
    const peer = this.peerOf(record);
    if (peer === "") return local;
    return `${local} ${this.u32[(record + layout.Socket.order) >> 2] === 0 ? "->" : "<-"} ${peer}`;
  }

  /**
   * The socket's own end, as "10.0.0.1:80"; "" without a port. One that is connected from all of the machine's addresses has the one
   * by which the other end knows it; unconnected, that is "0.0.0.0".
   */
  localOf(record: number): string {
    const S = layout.Socket;
    const own = this.u32[(record + S.address) >> 2] as number;
    const peer = this.u32[(record + S.peerAddress) >> 2] as number;
    const machine = this.u32[ADDRESS] as number;
    const within = peer >>> 24 === LOOPBACK || peer === machine;
    const address = own !== 0 || this.peerOf(record) === "" ? own : within ? peer : machine;
    return this.#place(address, record + S.port);
  }

  /** The other end of the socket with this record, as "10.0.0.2:49152"; "" while there is none. */
  peerOf(record: number): string {
    return this.#place(this.u32[(record + layout.Socket.peerAddress) >> 2] as number, record + layout.Socket.peerPort);
  }

  /** "10.0.0.1:80" for an address and the port of 16 bits that stands there; "" for port 0. */
  #place(address: number, port: number): string {
    const number = (this.u8[port] as number) | ((this.u8[port + 1] as number) << 8);
    return number === 0 ? "" : `${addressText(address)}:${number}`;
  }

  /** A name as the kernel keeps it: a task may run before its maker knows that it exists. */
  #textAt(at: number): string {
    const bytes = this.u8.subarray(at, at + NAME_BYTES);
    const end = bytes.indexOf(0);
    return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
  }
}
