/** RAM that a task asks for while it runs: its own until it gives it back or ends. */
import type { KernelExports } from "../../../kernel/abi/host.js";
import type { Call } from "../call.js";
import type { Machine } from "../machine.js";
import { type Lease, View } from "../view.js";

/** A view of RAM of the caller's own, or how the wait for it ended; see Self.alloc. */
export function allocate(machine: Machine, bytes: number, timeout: number): Call<View | number> {
  const p = machine.enter();
  const retry = (k: KernelExports) => k.memory_alloc(bytes, timeout);
  return p.make("alloc", retry, (r) => (r < 0 ? r : new View(new Owned(machine, machine.caller), r, bytes)));
}

/** Gives it back and takes the view away; see Self.free. */
export function release(machine: Machine, view: View): Call<0> {
  const p = machine.enter();
  const retry = (k: KernelExports) => k.memory_free(view.address);
  return p.make("free", retry, () => {
    view.revoke();
    return 0;
  });
}

/** RAM as long as the task lives that has it; task 0 is the system description, whose RAM is for good. */
class Owned implements Lease {
  readonly writable = true;
  readonly #machine: Machine;
  readonly #task: number;
  #revoked = false;

  constructor(machine: Machine, task: number) {
    this.#machine = machine;
    this.#task = task;
  }

  get memory(): Uint8Array | undefined {
    const gone = this.#revoked || (this.#task !== 0 && !this.#machine.isAlive(this.#task));
    return gone ? undefined : this.#machine.u8;
  }

  set memory(_: undefined) {
    this.#revoked = true;
  }
}
