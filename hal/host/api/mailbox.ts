/** Mailboxes: what travels is a block's address. */
import { type EOWNERDEAD, type EPIPE, type ESRCH, Kind, layout, State, SWITCH } from "../../../kernel/abi/host.js";
import { type Call, type Spec, spec } from "../call.js";
import { AppError } from "../errors.js";
import type { Machine } from "../machine.js";
import { Channel } from "./object.js";
import { Block, blocksOf } from "./pool.js";
import { FOREVER, type Unmet, type Waited } from "./results.js";
import type { Task } from "./task.js";

export interface MailboxOptions {
  name?: string;
  /** In a system description: the direction in which interrupt handlers have it open. */
  interrupts?: "read" | "write";
  /** In a task: the direction in which the creator has it open, default "read": it receives. */
  open?: "read" | "write";
}

/** A pair of mailboxes between two tasks, as each sees it. */
export interface Duplex {
  a: { out: Mailbox; in: Mailbox };
  b: { out: Mailbox; in: Mailbox };
}

/** 0: the block is on its way. ESRCH: nobody there can receive it, and the sender keeps it. */
export type Mailed = 0 | typeof ESRCH;
/** 0: the receiver has freed or forwarded it. EOWNERDEAD and what ended the wait before it was taken: it is the sender's again. */
export type Settled = Waited | typeof ESRCH | typeof EOWNERDEAD;
/** A block, or why none came: EPIPE without a sender, ESRCH when the one that was asked for has ended. */
export type Received = Block | Unmet | typeof EPIPE | typeof ESRCH;

const T = layout.Task;
const send = spec("mailbox.send", (k, box, to, block) => k.mailbox_send(box, to, block));
const sendSync = spec("mailbox.sendSync", (k, box, to, block, timeout) => k.mailbox_send_sync(box, to, block, timeout));
const broadcast = spec("mailbox.broadcast", (k, box, block) => k.mailbox_broadcast(box, block));
const notify = spec("mailbox.notify", (k, box, signal) => k.mailbox_notify(box, signal));

/** Opened to send ("write") or to receive ("read"), by no task for both. */
export class Mailbox extends Channel {
  readonly #receive: Spec;

  constructor(machine: Machine, handle: number) {
    super(machine, handle);
    const blocks = blocksOf(machine);
    this.#receive = {
      name: "mailbox.receive",
      retry: (k, box, from, timeout) => k.mailbox_receive(box, from, 0, timeout),
      wrap: (r) => (r < 0 ? r : blocks.at(r)),
    };
  }

  /** The block goes to one task, or to whoever receives first. It is no longer the caller's. Never waits. */
  send(block: Block, to?: Task): Call<Mailed> {
    addressed("mailbox.send", block);
    const p = this.machine.enter();
    const task = to === undefined ? 0 : to.handle;
    const r = this.machine.kernel.mailbox_send(this.handle, task, block.address);
    return r === SWITCH ? p.block(send, this.handle, task, block.address) : p.settle(r, send);
  }

  /**
   * The same, and waits until the receiver has freed or forwarded the block. The timeout is for its being taken; after that the
   * wait lasts as long as the receiver does. With timeout 0 nothing is sent, and it answers EAGAIN.
   */
  sendSync(block: Block, to?: Task, timeout = FOREVER): Call<Settled> {
    addressed("mailbox.sendSync", block);
    const p = this.machine.enter();
    const task = to === undefined ? 0 : to.handle;
    const r = this.machine.kernel.mailbox_send_sync(this.handle, task, block.address, timeout);
    return r === SWITCH ? p.block(sendSync, this.handle, task, block.address, timeout) : p.settle(r, sendSync);
  }

  /** Every task that has it open to receive gets the same block, to read. Answers how many; at 0 the caller keeps it. */
  broadcast(block: Block): Call<number> {
    addressed("mailbox.broadcast", block);
    const p = this.machine.enter();
    const r = this.machine.kernel.mailbox_broadcast(this.handle, block.address);
    return r === SWITCH ? p.block(broadcast, this.handle, block.address) : p.settle(r, broadcast);
  }

  /** The first block for the caller, from one task or from anyone; waits for it. */
  receive(from?: Task, timeout = FOREVER): Call<Received> {
    const p = this.machine.enter();
    const task = from === undefined ? 0 : from.handle;
    const r = this.machine.kernel.mailbox_receive(this.handle, task, 0, timeout);
    return r === SWITCH ? p.block(this.#receive, this.handle, task, timeout) : p.settleWrapped(r, this.#receive);
  }

  /** Sends the caller this signal at every arrival for it while it does not wait in receive; 0 withdraws it. */
  notify(signal: number): Call<0> {
    const p = this.machine.enter();
    const r = this.machine.kernel.mailbox_notify(this.handle, signal);
    return r === SWITCH ? p.block(notify, this.handle, signal) : p.settle(r, notify);
  }

  /** Blocks in it now. For reports and tests. */
  get letters(): number {
    return this.u32(layout.Mailbox.letters);
  }

  /** How many synchronous senders wait, for their block to be taken or to be done with. */
  get senders(): number {
    const { machine, handle } = this;
    let count = 0;
    for (let slot = 0; slot < machine.taskCount; slot++) {
      const task = machine.taskRecord(slot);
      if (machine.i32[(task + T.state) >> 2] !== State.BLOCKED) continue;
      const queue = machine.u32[(task + T.queue) >> 2] as number;
      if (queue === 0 || machine.u8[queue + layout.Queue.side] !== 1) continue;
      const [low, kind] = [machine.u8[queue + layout.Queue.id], machine.u8[queue + layout.Queue.id + 1]];
      if (kind === Kind.MAILBOX && low === (handle & 0xff)) count++;
    }
    return count;
  }
}

function addressed(call: string, block: unknown): void {
  if (!(block instanceof Block)) throw new AppError(`${call} takes a Block, as pool.alloc() and mailbox.receive() answer it`);
}
