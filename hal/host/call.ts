/**
 * What every API call returns: one reusable iterable a context, so that a call allocates nothing. It is its own iterator and its
 * own iterator result, and a call that did not block is done before `yield*` asks for the first time:
 *
 *     const n = yield* pipe.read(view);
 *
 * The call is made when the method is called; `yield*` waits for its result. A blocked call yields the iterable itself, which
 * is how the machine knows that the task gave up the CPU. When it is resumed with AGAIN, the same call is made again.
 */
import { AGAIN, type KernelExports, layout, SWITCH } from "../../kernel/abi/host.js";
import { CPU_PAGE } from "../map.js";
import { CallError, misuse } from "./errors.js";
import type { Storage } from "./storage.js";

/** How a call is made; one constant function a call. */
export type Retry = (kernel: KernelExports, a: number, b: number, c: number, d: number, e: number) => number;

/** A call as the host knows it: its name for messages, how to make it again, and what its result stands for. */
export interface Spec {
  readonly name: string;
  readonly retry: Retry;
  readonly wrap: ((result: number) => unknown) | undefined;
}

/** The constant description of a call whose result is a number. */
export function spec(name: string, retry: Retry): Spec {
  return { name, retry, wrap: undefined };
}

/** What a task's generator yields while it is blocked. */
export type Parked = Pending;

/** A call under way: `yield*` it to get its result. */
export interface Call<T> {
  [Symbol.iterator](): Iterator<Parked, T, unknown>;
}

/** A call that is made of other calls: it begins at `yield*`, and without that it is missed like any other. */
export function composed<T>(pending: Pending, name: string, steps: Iterator<Parked, T, unknown>): Call<T> {
  pending.announce(spec(name, NOTHING.retry));
  return {
    [Symbol.iterator]() {
      pending.armed = false;
      return steps;
    },
  };
}

/** What the resumed call returns stands in the CPU page. */
const RESULT = (CPU_PAGE + layout.Cpu.result) >> 2;
const NOTHING = spec("", () => 0);

/** What a pending call needs of its machine. */
export interface Caller {
  readonly kernel: KernelExports;
  readonly i32: Int32Array;
}

export class Pending {
  done = true;
  // The result of whatever call is under way: a number for most, an object for those that make one.
  value: never = undefined as never;
  /** A call was made and nobody has waited for it with `yield*` yet. */
  armed = false;
  /** Set while only the stack of the parked call is wanted. */
  probe: string | undefined = undefined;
  spec: Spec = NOTHING;
  /** RAM of the context for what its calls stage. */
  readonly storage: Storage;
  /** The context called exit(): its `finally` blocks run when it is dropped. */
  exiting = false;
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;
  #e = 0;
  readonly #caller: Caller;
  readonly #i32: Int32Array;

  constructor(caller: Caller, storage: Storage) {
    this.#caller = caller;
    this.#i32 = caller.i32;
    this.storage = storage;
  }

  [Symbol.iterator](): Iterator<Pending, never, unknown> {
    return this as unknown as Iterator<Pending, never, unknown>;
  }

  /** For `yield*`: this object is its own result, `done` and `value`. Small, so that it is inlined into the task. */
  next(): this {
    if (this.armed) {
      this.armed = false;
      return this;
    }
    return this.#resumed();
  }

  #resumed(): this {
    if (this.probe !== undefined) {
      this.probe = new Error("here").stack ?? "";
      return this;
    }
    let result = this.#i32[RESULT] as number;
    if (result === AGAIN) result = this.spec.retry(this.#caller.kernel, this.#a, this.#b, this.#c, this.#d, this.#e);
    if (result !== SWITCH) this.#finish(result);
    return this;
  }

  /** A call is about to be made. */
  announce(call: Spec): void {
    this.spec = call;
    this.done = true;
    this.armed = true;
  }

  /** The call is done: its result for `yield*`. Throws CallError for a misuse. */
  settle(result: number, call: Spec): this {
    if (result < 0) refuseMisuse(result, call);
    this.spec = call;
    this.value = result as never;
    this.done = true;
    this.armed = true;
    return this;
  }

  /** The call is done, and its result stands for what `wrap` makes of it. */
  settleWrapped(result: number, call: Spec): this {
    this.spec = call;
    this.#finish(result);
    this.armed = true;
    return this;
  }

  /** The call answered SWITCH: the context gives up the CPU at `yield*`. */
  block(call: Spec, a = 0, b = 0, c = 0, d = 0, e = 0): this {
    this.spec = call;
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#d = d;
    this.#e = e;
    this.done = false;
    this.armed = true;
    return this;
  }

  /** A call that is not in any hot loop: made through `retry`, its result turned into an object by `wrap`. */
  make<T>(name: string, retry: Retry, wrap: (result: number) => T): Call<T> {
    const call = { name, retry, wrap };
    const result = retry(this.#caller.kernel, 0, 0, 0, 0, 0);
    if (result === SWITCH) return this.block(call) as Call<T>;
    this.spec = call;
    this.#finish(result);
    this.armed = true;
    return this as Call<T>;
  }

  /** The result of a call that cannot block: for the system description. */
  take<T>(call: Call<T>): T {
    this.armed = false;
    return (call as unknown as { value: T }).value;
  }

  #finish(result: number): void {
    this.done = true;
    const { wrap } = this.spec;
    if (result < 0) refuseMisuse(result, this.spec);
    this.value = (wrap === undefined ? result : wrap(result)) as never;
  }
}

function refuseMisuse(result: number, call: Spec): void {
  if (misuse[-result] === 1) throw new CallError(call.name, result);
}
