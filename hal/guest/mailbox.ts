/** Mailboxes: what travels is a block's address. */
import { mailbox_broadcast, mailbox_create, mailbox_notify, mailbox_receive, mailbox_send, mailbox_send_sync, object_grant } from "./calls";
import { Named } from "./condition";
import { Info, Mode } from "./constants";
import { Channel, FOREVER, made, modeOf } from "./object";
import { Partial } from "./partial";
import { Block } from "./pool";
import { Slot, slot } from "./slot";
import { Task } from "./task";
import { dropName, stageName } from "./text";

/** How a mailbox is made. A direction is one of Mode. */
export class MailboxOptions {
  name: string = "";
  /** In the description: the direction in which interrupt handlers have it open. */
  interrupts: i32 = 0;
  /** In a running task: the direction in which the creator has it open. */
  open: i32 = Mode.READ;
}

/** Opened to send (Mode.WRITE) or to receive (Mode.READ), by no task for both. */
@unmanaged
export class Mailbox extends Channel {
  /** The block goes to one task, or to whoever receives first. It is no longer the caller's. Never waits. */
  send(block: Block, to: Task | null = null): i32 {
    return mailbox_send(this.handle, changetype<i32>(to), changetype<u32>(block));
  }

  /** The same, and waits until the receiver has freed or forwarded the block. The timeout is for its being taken. */
  sendSync(block: Block, to: Task | null = null, timeout: i32 = FOREVER): i32 {
    return mailbox_send_sync(this.handle, changetype<i32>(to), changetype<u32>(block), timeout);
  }

  /** Every task that has it open to receive gets the same block, to read. Answers how many; at 0 the caller keeps it. */
  broadcast(block: Block): i32 {
    return mailbox_broadcast(this.handle, changetype<u32>(block));
  }

  /** The first block for the caller, from one task or from anyone; waits for it. `letter()` tells of it. */
  receive(from: Task | null = null, timeout: i32 = FOREVER): Block {
    const letter = changetype<usize>(slot()) + offsetof<Slot>("sender");
    return changetype<Block>(mailbox_receive(this.handle, changetype<i32>(from), letter, timeout));
  }

  /** Sends the caller this signal at every arrival for it while it does not wait in receive; 0 withdraws it. */
  notify(signal: i32): i32 {
    return mailbox_notify(this.handle, signal);
  }

  /** Blocks in it now. */
  get letters(): i32 {
    return <i32>this.info(Info.COUNT);
  }
}

/** What is known of the block that the caller received last. */
@unmanaged
export class Letter {
  /** The task that sent it, null for an interrupt handler. */
  get sender(): Task | null {
    return changetype<Task | null>(<usize>changetype<Slot>(this).sender);
  }

  /** Bytes of the block. */
  get size(): u32 {
    return changetype<Slot>(this).size;
  }

  /** Whether it was broadcast: others read the same bytes. */
  get shared(): bool {
    return changetype<Slot>(this).shared != 0;
  }
}

/** What is known of the block that the caller received last. */
export function letter(): Letter {
  return changetype<Letter>(changetype<usize>(slot()));
}

/** Makes a mailbox; tasks of the description receive from it by `reads` and send to it by `writes`, no task both. */
export function mailbox(options: Partial<MailboxOptions> = {}): Mailbox {
  const o = options as MailboxOptions;
  const own = slot();
  const name = stageName(own, o.name);
  const handle = mailbox_create(name, modeOf(o.open, o.interrupts, 0));
  dropName(own, name);
  return changetype<Mailbox>(made("mailbox", o.name, handle));
}

/** One end of a pair of mailboxes. */
export class End {
  out: Mailbox;
  in: Mailbox;

  constructor(to: Mailbox, from: Mailbox) {
    this.out = to;
    this.in = from;
  }
}

/** A pair of mailboxes between two tasks, as each sees it. */
export class Duplex {
  a: End;
  b: End;

  constructor(a: End, b: End) {
    this.a = a;
    this.b = b;
  }
}

/** Two mailboxes, one each way, opened for the two tasks. Their names are the given one with ".ab" and ".ba" behind it. */
export function duplex(a: Task, b: Task, options: Partial<Named> = {}): Duplex {
  const name = (options as Named).name;
  const ab = mailbox({ name: name.length == 0 ? "" : `${name}.ab` });
  const ba = mailbox({ name: name.length == 0 ? "" : `${name}.ba` });
  made("duplex", name, object_grant(ab.handle, a.handle, Mode.WRITE));
  made("duplex", name, object_grant(ab.handle, b.handle, Mode.READ));
  made("duplex", name, object_grant(ba.handle, b.handle, Mode.WRITE));
  made("duplex", name, object_grant(ba.handle, a.handle, Mode.READ));
  return new Duplex(new End(ab, ba), new End(ba, ab));
}
