/**
 * Shared memory for scripted tasks: a region, the views through which tasks use it, and its words. A view costs no time and is
 * checked at every access against the kernel's record of who is attached, so it can do no more and no longer than its task.
 */
import { EBADF, type KernelExports, layout, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, type Pending, type Spec, spec } from "../call.js";
import { CallError, TaleaError } from "../errors.js";
import type { Machine } from "../machine.js";
import { type Lease, View } from "../view.js";
import { Channel } from "./object.js";
import { FOREVER, type Waited } from "./results.js";

export interface RegionOptions {
  name?: string;
  /** Bytes, 1 to 16 MiB. */
  size: number;
  /** In a task: how the creator is attached, default to write, which includes reading. */
  open?: "read" | "write";
}

const WORD = 4;
const EVERYBODY = 0x7fffffff;

const wordWait = spec("region.wait", (k, address, expected, timeout) => k.word_wait(address, expected, timeout));
const wordWake = spec("region.wake", (k, address, count) => k.word_wake(address, count));

/** Memory of a fixed size, at the same address for every task that is attached to it. */
export class Region extends Channel {
  // What these answer is the word that the kernel stores in the caller's RAM.
  readonly #add = this.#storing("region.add", (k, address, value, _, old) => k.word_add(address, value, old));
  readonly #exchange = this.#storing("region.exchange", (k, address, value, _, old) => k.word_exchange(address, value, old));
  readonly #compareExchange = this.#storing("region.compareExchange", (k, address, expected, value, old) =>
    k.word_compare_exchange(address, expected, value, old),
  );

  /**
   * The region as the caller may use it: to read, and to store if it is attached to write. It throws from the moment on at
   * which the caller detaches or ends, or the region does. Throws EPERM for a task that is not attached.
   */
  view(): Call<View> {
    const p = this.machine.enter();
    const retry = (k: KernelExports) => k.region_address(this.handle);
    const lease = () => new Attachment(this.machine, this.handle, this.machine.caller);
    return p.make("region.view", retry, (address) => new View(lease(), address, this.size));
  }

  /** Waits for a wake of the word at byte `index`, if it holds `expected`; answers EAGAIN at once if it does not. */
  wait(index: number, expected: number, timeout = FOREVER): Call<Waited> {
    const p = this.machine.enter();
    const address = this.#word(index, "region.wait");
    const r = this.machine.kernel.word_wait(address, expected, timeout);
    return r === SWITCH ? p.block(wordWait, address, expected, timeout) : p.settle(r, wordWait);
  }

  /** Wakes at most `count` of the tasks that wait for the word, most urgent first; answers how many. */
  wake(index: number, count = 1): Call<number> {
    const p = this.machine.enter();
    const address = this.#word(index, "region.wake");
    const r = this.machine.kernel.word_wake(address, count);
    return r === SWITCH ? p.block(wordWake, address, count) : p.settle(r, wordWake);
  }

  /** Wakes every task that waits for the word; answers how many. */
  wakeAll(index: number): Call<number> {
    return this.wake(index, EVERYBODY);
  }

  /** Adds to the word in one step; answers what it was, signed. */
  add(index: number, value: number): Call<number> {
    const p = this.machine.enter();
    const address = this.#word(index, "region.add");
    const old = this.machine.stageBytes(WORD);
    const r = this.machine.kernel.word_add(address, value, old);
    return r === SWITCH ? p.block(this.#add, address, value, 0, old) : this.#settle(p, r, this.#add);
  }

  /** Sets the word in one step; answers what it was, signed. */
  exchange(index: number, value: number): Call<number> {
    const p = this.machine.enter();
    const address = this.#word(index, "region.exchange");
    const old = this.machine.stageBytes(WORD);
    const r = this.machine.kernel.word_exchange(address, value, old);
    return r === SWITCH ? p.block(this.#exchange, address, value, 0, old) : this.#settle(p, r, this.#exchange);
  }

  /** Sets the word if it holds `expected`, in one step; answers what it was, signed: it was set if that is `expected`. */
  compareExchange(index: number, expected: number, value: number): Call<number> {
    const p = this.machine.enter();
    const address = this.#word(index, "region.compareExchange");
    const old = this.machine.stageBytes(WORD);
    const r = this.machine.kernel.word_compare_exchange(address, expected, value, old);
    return r === SWITCH ? p.block(this.#compareExchange, address, expected, value, old) : this.#settle(p, r, this.#compareExchange);
  }

  get size(): number {
    return this.u32(layout.Region.size);
  }

  /** The address of the word at byte `index`. Its place is checked here: behind the region lies somebody else's memory. */
  #word(index: number, call: string): number {
    if (this.record < 0) throw new CallError(call, EBADF);
    const { size } = this;
    if (!Number.isInteger(index) || index < 0 || index + WORD > size) {
      throw new TaleaError(`${call}: the word at byte ${index} is outside this region of ${size} bytes`);
    }
    return this.u32(layout.Region.address) + index;
  }

  #storing(name: string, retry: Spec["retry"]): Spec {
    return { name, retry, wrap: () => this.#stored() };
  }

  #settle(p: Pending, result: number, call: Spec): Call<number> {
    p.settle(result, call);
    p.value = this.#stored() as never;
    return p;
  }

  /** Where a call was told to store: behind the caller's buffers, the same place until its next call. */
  #stored(): number {
    return this.machine.i32[this.machine.stageBytes(WORD) >> 2] as number;
  }
}

/** A region as long and as far as a task has it attached; task 0 is an interrupt handler, which is attached to all. */
class Attachment implements Lease {
  readonly #machine: Machine;
  readonly #region: number;
  readonly #task: number;
  #revoked = false;

  constructor(machine: Machine, region: number, task: number) {
    this.#machine = machine;
    this.#region = region;
    this.#task = task;
  }

  get memory(): Uint8Array | undefined {
    return !this.#revoked && this.#open(layout.Channel.readers) ? this.#machine.u8 : undefined;
  }

  set memory(_: undefined) {
    this.#revoked = true;
  }

  get writable(): boolean {
    return this.#open(layout.Channel.writers);
  }

  /** Whether the task is in the set of the region's record at this offset. */
  #open(set: number): boolean {
    const machine = this.#machine;
    const task = this.#task;
    const record = machine.recordOf(this.#region);
    if (record < 0 || task === 0) return record >= 0;
    const index = task & 0xff;
    const bits = machine.u32[((record + set) >> 2) + (index >> 5)] as number;
    return ((bits >>> (index & 31)) & 1) === 1 && machine.isAlive(task);
  }
}
