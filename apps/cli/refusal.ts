/** Which object a task's last refused call was about: the error that the task got does not name it. */
import { type CallError, Happening } from "../../hal/host/index.js";

const FIRST_CALL = 32;
const SWITCH = -2147483648;

export class Refusals {
  readonly #nameOf: (id: number) => string;
  /** By slot: the object of the last refused call. */
  readonly #objects = new Uint16Array(256);
  readonly #byTask = new Map<string, string>();

  constructor(nameOf: (id: number) => string) {
    this.#nameOf = nameOf;
  }

  /** Takes a trace record's words. */
  record(what: number, second: number): void {
    const event = what & 0xff;
    const result = second | 0;
    if (event >= FIRST_CALL && result < 0 && result !== SWITCH) this.#objects[(what >>> 8) & 0xff] = what >>> 16;
    else if (event === Happening.END) this.#ended((what >>> 8) & 0xff);
    else if (event === Happening.SPAWN) this.#objects[(what >>> 8) & 0xff] = 0;
  }

  #ended(slot: number): void {
    const object = this.#objects[slot] as number;
    if (object !== 0) this.#byTask.set(this.#nameOf(0x100 | slot), this.#nameOf(object));
  }

  /** The error's sentence with the object in it. */
  sentence(task: string, error: CallError): string {
    const object = error.code === "EBADF" ? undefined : this.#byTask.get(task);
    return object === undefined ? error.message : error.message.replace(error.call, () => `${error.call} on "${object}"`);
  }
}
