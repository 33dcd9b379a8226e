/** What every kernel object has for a scripted task: a handle, a name, and the calls that every kind knows. */
import { Mode, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, spec } from "../call.js";
import { CallError, MachineError } from "../errors.js";
import type { Machine } from "../machine.js";
import type { Task } from "./task.js";

const objectDelete = spec("delete", (k, handle) => k.object_delete(handle));
const objectUnlink = spec("unlink", (k, handle) => k.object_unlink(handle));
const objectClose = spec("close", (k, handle, mode) => k.object_close(handle, mode));
const objectGrant = spec("grant", (k, handle, task, mode) => k.object_grant(handle, task, mode));

/** The directions of an object that is opened. */
export type Direction = "read" | "write" | "both";

/** The kernel's Mode for a direction. */
export function modeOf(direction: Direction): number {
  return direction === "read" ? Mode.READ : direction === "write" ? Mode.WRITE : Mode.READ | Mode.WRITE;
}

/** A kernel object by its handle. */
export abstract class KernelObject {
  readonly machine: Machine;
  readonly handle: number;

  constructor(machine: Machine, handle: number) {
    this.machine = machine;
    this.handle = handle;
  }

  /** Its record in kernel memory, for reports and tests; -1 when it is gone. Read only. */
  get record(): number {
    return this.machine.recordOf(this.handle);
  }

  /** How many tasks wait in its first queue (readers, takers, lockers). */
  get waiters(): number {
    return this.machine.waitersAt(this.record);
  }

  /** Ends it at once: waiters get EIDRM, later calls throw EBADF. */
  delete(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.object_delete(this.handle);
    return r === SWITCH ? p.block(objectDelete, this.handle) : p.settle(r, objectDelete);
  }

  /** Takes its name away at once; the object goes at its last close. */
  unlink(): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.object_unlink(this.handle);
    return r === SWITCH ? p.block(objectUnlink, this.handle) : p.settle(r, objectUnlink);
  }

  protected u32(offset: number): number {
    const at = this.record;
    if (at < 0) throw new MachineError(`the object with handle ${this.handle} is gone`);
    return this.machine.u32[(at + offset) >> 2] as number;
  }
}

/** An object that is opened to read (receive) or to write (send). */
export abstract class Channel extends KernelObject {
  /** The caller no longer uses it in this direction. */
  close(direction: Direction = "both"): Call<0> {
    const p = this.machine.enter();
    const mode = modeOf(direction);
    const r = this.machine.kernel.object_close(this.handle, mode);
    return r === SWITCH ? p.block(objectClose, this.handle, mode) : p.settle(r, objectClose);
  }

  /** Opens it for another task; the caller has it open in some direction, and keeps that. */
  grant(task: Task, direction: Direction): Call<0> {
    const p = this.machine.enter();
    const mode = modeOf(direction);
    const r = this.machine.kernel.object_grant(this.handle, task.handle, mode);
    return r === SWITCH ? p.block(objectGrant, this.handle, task.handle, mode) : p.settle(r, objectGrant);
  }
}

/** The handle that a create call answered; throws CallError when there is none, because there is no object to return. */
export function handleOf(result: number, call: string): number {
  if (result > 0) return result;
  throw new CallError(call, result);
}
