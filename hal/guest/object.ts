/**
 * What every kernel object has for a firmware. The reference to an object is its handle, so that it takes no memory and a method
 * is the bare call. Where there is none, because it could not be made, the "handle" is the error.
 */
import { object_close, object_delete, object_enumerate, object_grant, object_info, object_unlink } from "./calls";
import { errorText, Info, Kind, Mode } from "./constants";
import { describing, slot } from "./slot";

/** Wait as long as it takes. */
export const FOREVER: i32 = -1;
/** Do not wait at all. */
export const NO_WAIT: i32 = 0;
/** To read and to write. */
export const BOTH: i32 = Mode.READ | Mode.WRITE;

/** A kernel object by its handle. */
@unmanaged
export class KernelObject {
  /** A number that no later object has. */
  get handle(): i32 {
    return changetype<i32>(this);
  }

  /** 0, or why a running task could not make or open it. */
  get error(): i32 {
    return min(changetype<i32>(this), 0);
  }

  /** One fact about it (Info), or a negative error. */
  info(field: i32): i64 {
    const own = slot();
    const out = own.take(8);
    const result = object_info(this.handle, field, out);
    const fact = result < 0 ? <i64>result : load<i64>(out);
    own.give(out);
    return fact;
  }

  /** How many tasks wait for it. */
  get waiters(): i32 {
    return <i32>this.info(Info.WAITERS);
  }

  /** Ends it at once: waiters get EIDRM, later calls EBADF. */
  delete(): i32 {
    return object_delete(this.handle);
  }

  /** Takes its name away at once; the object goes at its last close. */
  unlink(): i32 {
    return object_unlink(this.handle);
  }
}

/** An object that is opened to read (receive) or to write (send). */
@unmanaged
export class Channel extends KernelObject {
  /** The caller no longer uses it in this direction (Mode). */
  close(direction: i32 = BOTH): i32 {
    return object_close(this.handle, direction);
  }

  /** Opens it for another task; the caller has it open in some direction, and keeps that. */
  grant(task: KernelObject, direction: i32): i32 {
    return object_grant(this.handle, task.handle, direction);
  }
}

/** The handle of the first live object of this kind behind `previous`, 0 at the end: `for (let h = next(Kind.TASK); h > 0; h = next(Kind.TASK, h))`. */
export function next(kind: Kind, previous: i32 = 0): i32 {
  return object_enumerate(kind, previous);
}

/** Passes a handle on; in the description, where nobody looks at errors, an error ends the run with a sentence. */
export function made(what: string, name: string, handle: i32): i32 {
  if (handle < 0 && describing()) refuse(what, name, handle);
  return handle;
}

function refuse(what: string, name: string, error: i32): void {
  const which = name.length == 0 ? `a ${what}` : `the ${what} "${name}"`;
  abort(`${which} cannot be had: ${errorText(error)}`);
}

/** The Mode of a channel that is made: what a task, or with the description the interrupts, has open, and what everybody has. */
export function modeOf(open: i32, interrupts: i32, everybody: i32): i32 {
  return (describing() ? interrupts : open) | (everybody << 2);
}
