/** What is so of an argument of its type, whichever call of the table it is handed to: handles, and addresses up to the ends of RAM. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { EBADF, EFAULT, ESRCH, type KernelExports, layout, Mode, SocketType } from "../kernel/abi/host.js";
import { calls } from "../kernel/abi/table.js";
import { Bare } from "./bare.js";

const test = suite("argument");

const BOTH = Mode.READ | Mode.WRITE;
const ANY = 16;
/** Bytes of what an address of each type is of, and whether the kernel stores there; of "bytes" each call says. */
const POINTED: Record<string, [bytes: number, stored: boolean]> = {
  out32: [4, true],
  out64: [8, true],
  callback: [layout.Callback.bytes, true],
  letter: [layout.Letter.bytes, true],
  sender: [layout.Sender.bytes, true],
  spawn: [layout.Spawn.bytes, false],
  items: [layout.PollItem.bytes, true],
};
const RECEIVES = /_(?:read|receive|peek)$/;

type Values = Record<string, number>;

/** One of each kind; a task that runs has all of them open. */
function armed(guarded = 0): { m: Bare; values: Values } {
  const m = new Bare({ guarded });
  const task = m.task(9);
  const other = m.task(5);
  m.start();
  const { kernel } = m;
  const socket = kernel.socket_create(0, SocketType.DATAGRAM, 64, 64, BOTH, 0);
  const pool = kernel.pool_create(0, 2, 16, 0);
  const values = {
    task: other,
    sem: kernel.sem_create(0, 1, 1),
    mutex: kernel.mutex_create(0, 0, 0),
    cond: kernel.cond_create(0),
    event: kernel.event_create(0, 0),
    barrier: kernel.barrier_create(0, 2),
    rwlock: kernel.rwlock_create(0),
    timer: kernel.timer_create(0, 0, 1, 0),
    pipe: kernel.pipe_create(0, 16, BOTH, 0),
    queue: kernel.queue_create(0, 2, ANY, 0, BOTH, 0),
    pool,
    "mailbox:write": kernel.mailbox_create(0, Mode.WRITE),
    "mailbox:read": kernel.mailbox_create(0, Mode.READ),
    region: kernel.region_create(0, 64, BOTH, 0),
    socket,
    handle: socket,
    self: task,
  };
  for (const [kind, handle] of Object.entries(values)) assert.ok(handle > 0, `${kind}: ${handle}`);
  return { m, values };
}

/** The parameters as the export has them, and what is passed where nothing is tried. */
function flat(name: string, values: Values): { type: string; value: number }[] {
  return (calls[name as keyof typeof calls].args as readonly (readonly [string, string])[]).flatMap(([, full]) => {
    const type = full.replace("?", "");
    const value = values[type] ?? values[type.replace(/:.*/, "")] ?? 0;
    if (type === "bytes")
      return [
        { type, value: 0 },
        { type: "length", value: ANY },
      ];
    if (type === "items")
      return [
        { type, value: 0 },
        { type: "count", value: 1 },
      ];
    return [{ type: full, value: type === "i32" ? 1 : value }];
  });
}

function make(m: Bare, name: string, args: number[]): number {
  return (m.kernel[name as keyof KernelExports] as unknown as (...args: number[]) => number)(...args);
}

const KINDS = /^(?:task|sem|mutex|cond|event|barrier|rwlock|timer|pool|socket|handle|pipe|queue|mailbox|region)\b(?!\?)/;

test("a handle that is nobody's, or of another kind, is EBADF or ESRCH in every call that takes one", () => {
  let tried = 0;
  for (const name of Object.keys(calls)) {
    const { m, values } = armed();
    const good = m.bytes(64);
    const params = flat(name, { ...values, out64: good });
    for (const [i, { type }] of params.entries()) {
      if (!KINDS.test(type)) continue;
      const right = params[i]?.value ?? 0;
      // What object_info asks of no kind is of the machine.
      const none = name === "object_info" ? 0x7fffff00 : 0;
      for (const wrong of [none, none || 7, 0x7fffff00, right + 0x2000, right ^ 0x100]) {
        const args = params.map(({ value }, at) => (at === i ? wrong : value));
        assert.is(make(m, name, args), type === "task" ? ESRCH : EBADF, `${name}(${args}) with ${wrong} as ${type}`);
        tried++;
      }
    }
  }
  assert.ok(tried > 200);
});

/** The calls that take an address of such a type, with the place of that argument, its bytes, and whether the kernel stores there. */
function* pointers(): Generator<{ name: string; i: number; bytes: number; stored: boolean; optional: boolean }> {
  for (const name of Object.keys(calls)) {
    for (const [i, { type }] of flat(name, {}).entries()) {
      const plain = type.replace("?", "");
      if (plain === "sigaction" || plain === "endpoint") {
        const stored = name !== "socket_send" && !(plain === "sigaction" && i === 1);
        yield { name, i, bytes: (plain === "endpoint" ? layout.Endpoint : layout.SigAction).bytes, stored, optional: true };
      } else if (type === "bytes") yield { name, i, bytes: ANY, stored: RECEIVES.test(name), optional: false };
      else if (POINTED[plain]) {
        const [bytes, stored] = POINTED[plain] as [number, boolean];
        yield { name, i, bytes, stored, optional: type.endsWith("?") };
      }
    }
  }
}

test("an address is good up to the last byte of RAM, and no further; 0 where it may be left out", () => {
  let tried = 0;
  for (const { name, i, bytes, optional } of pointers()) {
    const answer = (address: number) => {
      const { m, values } = armed();
      const good = m.bytes(64);
      const args = flat(name, values).map(({ type, value }, at) =>
        at === i ? address : type in POINTED || type === "bytes" ? good : value,
      );
      if (name.startsWith("word_")) args[0] = good;
      return make(m, name, args);
    };
    const end = 4 * 65536;
    assert.is.not(answer(end - bytes), EFAULT, `${name}: argument ${i} up to the end`);
    assert.is(answer(end - bytes + 1), EFAULT, `${name}: argument ${i} a byte behind the end`);
    assert.is(answer(end - bytes + 4), EFAULT, `${name}: argument ${i} a word behind the end`);
    assert.is(answer(64), EFAULT, `${name}: argument ${i} before RAM`);
    assert.is(answer(1), EFAULT, `${name}: argument ${i} at 1`);
    if (optional) assert.is.not(answer(0), EFAULT, `${name}: argument ${i} left out`);
    else assert.is(answer(0), EFAULT, `${name}: argument ${i} at 0`);
    tried++;
  }
  assert.ok(tried > 25, `${tried}`);
});

test("under protection what the kernel stores goes to what the caller may write, and what it reads may be only to read", () => {
  for (const { name, i, stored } of pointers()) {
    const { m, values } = armed(1);
    const { kernel } = m;
    const own = kernel.memory_alloc(64, 0);
    const shown = kernel.region_create(0, 64, BOTH, 0);
    const region = kernel.region_address(shown);
    assert.ok(own > 0 && region > 0);
    assert.is(kernel.object_close(shown, Mode.WRITE), 0);
    const args = flat(name, values).map(({ type, value }, at) => (at === i ? region : type in POINTED || type === "bytes" ? own : value));
    assert.is(make(m, name, args) === EFAULT, stored, `${name}(${args}): argument ${i}`);
  }
});

test.run();
